"""Rules that find each category of clause by its words: the symbolic baseline, and ``--classifier rules``."""

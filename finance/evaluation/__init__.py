"""Score contracts sets: one set a file, rows in the one form of ``core/evaluation``."""

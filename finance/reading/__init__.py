"""Read a contract file into a Document: one format a file, ``read`` chooses by content."""

"""The command line, one file a command group; commands parse, call one library function, and show."""

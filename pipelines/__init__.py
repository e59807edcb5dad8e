"""Batch jobs over any domain: run folder, executors, command line; the only place that knows all domains."""

"""The maintenance plan: what to service when, at least expected cost, with the crew, parts and windows there are."""

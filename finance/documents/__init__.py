"""What a review writes: pages, tables, calendar, JSON; one output a file."""

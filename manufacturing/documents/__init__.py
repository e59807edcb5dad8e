"""A run's pages and tables: fleet, machine, plan, data quality, workbook, requests."""

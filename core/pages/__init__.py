"""What every domain's pages and workbooks share: one look, safe text, self-contained HTML, safe spreadsheet cells. Knows no domain."""

"""The limits of every reader in one place: what is larger or denser than these is refused, never half read.

They bound memory and time against files from strangers; ``docs/plant-file.md`` quotes them. Sizes are bytes unless the name says otherwise.
"""

from __future__ import annotations

MEBIBYTE = 1 << 20
GIBIBYTE = 1 << 30

# Inputs.
MAX_FILES = 100_000
MAX_FOLDER_DEPTH = 64
MAX_FILE_NAME_PARTS = 64  # numbers in a name that count for the order

# Text: CSV and JSON lines.
MAX_TEXT_BYTES = 16 * GIBIBYTE  # unpacked
MAX_LINE_BYTES = MEBIBYTE
MAX_COLUMNS = 20_000
MAX_HEADER_LINES = 30  # lines above the header that a logger may have written
HEAD_BYTES = 256 * 1024  # looked at for encoding, separator and header
SAMPLE_LINES = 200  # looked at for the decimal sign
JSON_SAMPLE_LINES = 1_000  # looked at for the keys
MAX_NUL_SHARE = 0.01  # of a text file's bytes; a block of them is what a power cut leaves
MIN_NUL_BYTES = 64 * 1024  # so many are passed over whatever their share

# Parquet and DuckDB files.
MAX_PARQUET_BYTES = 16 * GIBIBYTE

# Excel workbooks: a zip of XML parts.
MAX_EXCEL_BYTES = 256 * MEBIBYTE
MAX_EXCEL_MEMBERS = 10_000
MAX_EXCEL_UNPACKED_BYTES = GIBIBYTE
MAX_EXCEL_RATIO = 500  # unpacked to packed, of a member above MIN_EXCEL_RATIO_BYTES
MIN_EXCEL_RATIO_BYTES = 4 * MEBIBYTE
MAX_SHEETS = 200
MAX_SHEET_CELLS = 20_000_000  # rows times columns up to the farthest cell

# Databases.
DATABASE_TRIES = 3
DATABASE_WAIT_S = 2.0  # before the second try; doubles
DATABASE_TIMEOUT_S = 300  # without an answer
DATABASE_ROWS_AT_ONCE = 10_000

# Content.
MAX_MACHINES = 100_000
MAX_NAME_CHARS = 200  # of a machine, a code, a component
MAX_NOTE_CHARS = 2_000
MAX_ROWS_A_MACHINE = 50_000_000
MAX_EVENTS = 5_000_000
MAX_UNUSABLE_SHARE = 0.2  # of a source's rows, without time or machine or with broken lines
MIN_UNUSABLE_ROWS = 5  # fewer never refuse a source that also has usable rows
FIRST_YEAR, LAST_YEAR = 1900, 2200  # of time stamps; others are unreadable

# Work space.
STORE_MEMORY = "384MB"  # of DuckDB
ROWS_AT_ONCE = 250_000
WORDS_KEPT = 200  # different words in number columns that are counted by name
FILES_NAMED = 20  # of a machine

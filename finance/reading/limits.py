"""The limits of every reader in one place: what is larger, deeper or denser than these is refused, never half read.

They bound memory and time against files from strangers. ``docs/reading.md`` quotes them; ``tests/attacks`` holds a
hostile file for each. Sizes are bytes unless the name says otherwise.
"""

from __future__ import annotations

MEBIBYTE = 1 << 20

# Any file. A file is refused by its size before it is hashed or opened.
MAX_PDF_BYTES = 256 * MEBIBYTE
MAX_DOCX_BYTES = 128 * MEBIBYTE
MAX_TEXT_BYTES = 64 * MEBIBYTE  # TXT and Markdown
MAX_HTML_BYTES = 64 * MEBIBYTE

# What is reviewed: one sentence that binds names two sides, a verb, a thing and a time, which takes twenty words and more.
# The shortest notices and amendments have about forty.
MIN_CONTRACT_WORDS = 20

# Folders.
MAX_FOLDER_DEPTH = 64

# PDF.
MAX_PDF_PAGES = 3_000
MAX_PDF_CHARS = 12_000_000
MAX_PDF_PAGE_CHARS = 200_000
MAX_PDF_PAGE_OBJECTS = 200_000  # drawn objects looked at on a page, for pictures and ruled lines
MAX_PDF_RULES = 4_000  # ruled lines of a page that may make tables; a page with more has its tables read as rows
MAX_PDF_PAGE_MEMORY_BYTES = 320 * MEBIBYTE  # taken while one page is read, besides the file's own size
MAX_PDF_MEMORY_BYTES = 1536 * MEBIBYTE  # of all pages, besides the file's own size
MAX_PDF_PAGE_SECONDS = 60
MAX_PDF_PICTURE_PIXELS = 1_500_000  # of the small picture that a suspicious page is compared with
MAX_PDF_ATTACHMENTS_NAMED = 100
MAX_PDF_ANNOTATIONS = 10_000  # of a page, looked at for comments

# Text of any format but PDF.
MAX_TEXT_CHARS = 24_000_000
MAX_TEXT_LINES = 1_000_000

# DOCX: a zip of XML parts.
MAX_DOCX_MEMBERS = 10_000
MAX_DOCX_PART_BYTES = 96 * MEBIBYTE  # one XML part, unpacked
MAX_DOCX_UNPACKED_BYTES = 1024 * MEBIBYTE  # all members as declared
MAX_DOCX_RATIO = 250  # unpacked to packed, of a member above MIN_DOCX_RATIO_BYTES
MIN_DOCX_RATIO_BYTES = 4 * MEBIBYTE
MAX_DOCX_TABLE_DEPTH = 20
MAX_DOCX_UNREAD_NAMED = 200  # embedded files and pictures listed one by one

# XML and HTML: nesting deeper than this is refused by the parser itself (libxml2 without its "huge" option).
MAX_XML_DEPTH = 256
MAX_XML_TAGS = 6_000_000  # of one part or page: each takes a hundred bytes and more once parsed

# Markdown: its parser takes seconds a megabyte; nesting is of lists and quotes.
MAX_MARKDOWN_CHARS = 4_000_000
MAX_MARKDOWN_DEPTH = 40

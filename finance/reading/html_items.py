"""What an HTML page is made of once its tags are gone: blocks of text and table rows, and the numbers of its lists.

Tables that only lay text out (a clause's number in a column of its own, signature blocks side by side) become blocks.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..document import BlockKind
from .assembly import Segment
from .docx_number_formats import formatted

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

BULLET = "•"
# Rows with longer cells are layout.
MAX_ROW_CHARS = 1_500
MAX_CELL_PARAGRAPHS = 2
_LIST_STYLE = re.compile(r"list-style(?:-type)?\s*:\s*[^;]*?([a-z]+(?:-[a-z]+)*)", re.IGNORECASE)
_LIST_FORMATS = {
    "1": "decimal",
    "a": "lowerLetter",
    "A": "upperLetter",
    "i": "lowerRoman",
    "I": "upperRoman",
    "decimal": "decimal",
    "decimal-leading-zero": "decimalZero",
    "lower-alpha": "lowerLetter",
    "lower-latin": "lowerLetter",
    "upper-alpha": "upperLetter",
    "upper-latin": "upperLetter",
    "lower-roman": "lowerRoman",
    "upper-roman": "upperRoman",
    "none": "none",
    "disc": "bullet",
    "circle": "bullet",
    "square": "bullet",
}
_MARKER = re.compile(
    r"\(?(?:[a-z]{1,2}|[ivxlc]{1,6}|\d{1,3})[.)]|\d{1,3}(?:\.\d{1,3})*\.?|§\s?\d*|[•▪●◦·*–—-]|(?:article|section)\s+[\divxlc.]+",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Block:
    """A block of text; ``page_before`` tells that a printed page ends before it, ``goes_on`` that it is a
    further row of the table that the block before belongs to."""

    segments: tuple[Segment, ...]
    kind: BlockKind = "paragraph"
    level: int | None = None
    prefix: str = ""
    number: str = ""
    page_before: bool = False
    goes_on: bool = False

    @property
    def text(self) -> str:
        """Its accepted text."""
        return "".join(segment.text for segment in self.segments if segment.accepted)


@dataclass(frozen=True)
class Row:
    """A table row that is shown as one line; ``table`` tells rows of different tables apart."""

    cells: tuple[tuple[Segment, ...], ...]
    table: int
    page_before: bool = False

    @property
    def text(self) -> str:
        """Its accepted text."""
        return " ".join("".join(segment.text for segment in cell) for cell in self.cells).strip()


Item = Block | Row


def row_items(cells: Sequence[list[Item]], table: int, page_before: bool, *, keep: bool = False) -> list[Item]:
    """A row as one line, or as blocks where the table only lays out text; ``keep`` a row with one filled cell a row."""
    filled = [cell for cell in cells if cell]
    if not filled:
        return []
    blocks = [item for cell in filled for item in cell if isinstance(item, Block)]
    nested = len(blocks) < sum(len(cell) for cell in filled)
    long = any(len(cell) > MAX_CELL_PARAGRAPHS for cell in filled)
    if len(filled) == 2 and not nested and len(filled[0]) == 1 and _MARKER.fullmatch(blocks[0].text):
        # A clause's number in a column of its own.
        space = blocks[1].segments[0]
        lead = (*blocks[0].segments, Segment(" ", space.paragraph, space.offset, space.mark))
        first = replace(blocks[1], segments=(*lead, *blocks[1].segments), page_before=page_before)
        return [first, *blocks[2:]]
    alone = len(filled) == 1 and not keep
    if alone or nested or long or sum(len(block.text) for block in blocks) > MAX_ROW_CHARS:
        flat: list[Item] = [item for cell in filled for item in cell]
        flat[0] = replace(flat[0], page_before=page_before)
        return flat
    joined: list[tuple[Segment, ...]] = []
    for cell in cells:
        segments = _one_line([item for item in cell if isinstance(item, Block)])
        shown = "".join(segment.text for segment in segments)
        last = "".join(segment.text for segment in joined[-1]) if joined else ""
        if joined and (shown in ("%", ")", ")%") or last in ("$", "€", "£", "US$")):
            joined[-1] = (*joined[-1], *segments)
        elif shown or not joined or last:  # of several empty cells in a row, which set widths, one stays
            joined.append(segments)
    return [Row(tuple(joined), table, page_before)]


def _one_line(blocks: Sequence[Block]) -> tuple[Segment, ...]:
    segments: list[Segment] = []
    for block in blocks:
        first = block.segments[0]
        if segments:
            segments.append(Segment(" ", first.paragraph, first.offset, first.mark))
        if block.prefix:
            segments.append(Segment(f"{block.prefix} ", first.paragraph, first.offset, first.mark))
        segments.extend(s._replace(text=s.text.replace("\n\n", " ").replace("\n", " ")) for s in block.segments)
    return tuple(segments)


def list_format(element: Element, style: str) -> str | None:
    """The number format that a list or its item names; None where it leaves it to its tag."""
    found = _LIST_STYLE.search(style)
    named = _LIST_FORMATS.get(found.group(1).lower()) if found else None
    return named or _LIST_FORMATS.get(element.get("type") or "")


def counted(number: int, form: str) -> str:
    """A list's number as browsers write it: after "z" comes "aa", then "ab"."""
    if form not in ("lowerLetter", "upperLetter") or number < 1:
        return formatted(number, form)
    letters = ""
    while number:
        number, index = divmod(number - 1, 26)
        letters = chr(ord("a") + index) + letters
    return letters if form == "lowerLetter" else letters.upper()


def integer(text: str | None) -> int | None:
    """The whole number that an attribute begins with; None without one."""
    found = re.match(r"\s*(-?\d{1,8})", text or "")
    return int(found.group(1)) if found else None

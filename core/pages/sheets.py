"""Tables of a spreadsheet: columns by kind, cells that are safe to open, a sheet that never outgrows its limits.

Each domain says which tables there are. Here a text becomes a cell: made visible, cut to size, never a formula.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .text import visible

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

MAX_CELL_CHARS = 8000
"""Excel allows 32,767 UTF-16 units; a cell this long is not read in a table anyway, and the page has the whole."""
MAX_ROWS = 1_048_575
MAX_LINKS = 60_000
"""Excel opens no sheet with more than 65,530 links."""
LINE_POINTS, MAX_LINES = 13, 14
_FORMULA_STARTS = "=+-@＝＋－＠"


@dataclass(frozen=True)
class Column:
    """One column: its heading, width in characters, and what its cells hold."""

    title: str
    width: float = 16
    kind: str = "text"  # text, wrap, date, number, share, level, link


@dataclass(frozen=True)
class Formats:
    """Cell formats of one workbook: headings, by kind of column, and by level."""

    heading: Format
    kinds: Mapping[str, Format]
    levels: Mapping[str, Format]
    words: Mapping[str, str]

    @classmethod
    def of(cls, workbook: Workbook, colours: Mapping[str, tuple[str, str]], words: Mapping[str, str]) -> Formats:
        """Add the formats to ``workbook``. ``colours`` are (fill, ink) by level, ``words`` what a level is called."""
        base = {"font_name": "Calibri", "font_size": 10, "valign": "top", "bottom": 1, "bottom_color": "#DEDBD2"}
        heading = workbook.add_format(
            {
                "bold": True,
                "font_size": 10,
                "valign": "vcenter",
                "text_wrap": True,
                "bg_color": "#1F3A56",
                "font_color": "#FFFFFF",
            }
        )
        kinds = {
            "text": workbook.add_format(base),
            "wrap": workbook.add_format(base | {"text_wrap": True}),
            "date": workbook.add_format(base | {"num_format": "yyyy-mm-dd", "align": "left"}),
            "number": workbook.add_format(base | {"align": "center"}),
            "share": workbook.add_format(base | {"num_format": "0%", "align": "center"}),
            "link": workbook.add_format(base | {"font_color": "#1F4E79", "underline": 1, "text_wrap": True}),
        }
        levels = {
            level: workbook.add_format(base | {"bg_color": fill, "font_color": ink, "bold": True})
            for level, (fill, ink) in colours.items()
        }
        return cls(heading, kinds, levels, words)


def cell_text(value: Any) -> str:
    """A string as it may stand in a cell: visible, without leading space, cut to size, never a formula.

    >>> cell_text("=1+1"), cell_text("plain")
    ("'=1+1", 'plain')
    """
    text = visible(str(value)).strip()
    if len(text) > MAX_CELL_CHARS:
        text = text[: MAX_CELL_CHARS - 1] + "…"
    return f"'{text}" if text[:1] and text[0] in _FORMULA_STARTS else text


class Sheet:
    """One table: heading row frozen, filters on, cells formatted by their column's kind."""

    def __init__(
        self,
        workbook: Workbook,
        formats: Formats,
        name: str,
        columns: Sequence[Column],
        *,
        frozen_columns: int = 1,
        overflow: str = "More rows than a sheet can hold",
    ) -> None:
        self.formats = formats
        self.columns = columns
        self.overflow = overflow
        self.sheet: Worksheet = workbook.add_worksheet(name)
        self.row = 0
        self.num_links = 0
        for index, column in enumerate(columns):
            self.sheet.set_column(index, index, column.width)
        self.sheet.freeze_panes(1, frozen_columns)
        self.sheet.set_landscape()
        self.sheet.set_paper(9)
        self.sheet.fit_to_pages(1, 0)
        self.sheet.repeat_rows(0)
        self.sheet.hide_gridlines(2)
        most = max(math.ceil(len(column.title) * 1.3 / column.width) for column in columns)
        self.sheet.set_row(0, min(most, 5) * LINE_POINTS + 6)
        for index, column in enumerate(columns):
            self.sheet.write_string(0, index, cell_text(column.title), formats.heading)

    def add(self, values: Sequence[Any], link: str = "") -> None:
        """Write the next row; what does not fit on a sheet is counted in its last row."""
        if self.row >= MAX_ROWS - 1:
            if self.row == MAX_ROWS - 1:
                self.row += 1
                self.sheet.write_string(self.row, 0, self.overflow)
            return
        self.row += 1
        self.sheet.set_row(self.row, self._height(values))
        for index, (column, value) in enumerate(zip(self.columns, values, strict=True)):
            self._write(index, column, value, link)

    def close(self) -> None:
        """Put the filters over what was written."""
        self.sheet.autofilter(0, 0, self.row, len(self.columns) - 1)

    def _height(self, values: Sequence[Any]) -> float:
        """Points that the longest wrapped cell needs: not every program works that out when it opens a file."""
        lines = 1
        for column, value in zip(self.columns, values, strict=True):
            if column.kind in ("wrap", "link") and isinstance(value, str):
                wrapped = (math.ceil(len(line) * 1.15 / column.width) for line in value[:MAX_CELL_CHARS].split("\n"))
                lines = max(lines, sum(max(1, num) for num in wrapped))
        return LINE_POINTS * min(lines, MAX_LINES) + 3

    def _write(self, index: int, column: Column, value: Any, link: str) -> None:
        plain = self.formats.kinds.get(column.kind, self.formats.kinds["text"])
        if value is None or value == "":
            self.sheet.write_blank(self.row, index, None, plain)
        elif column.kind in ("number", "share") and isinstance(value, int | float):
            self.sheet.write_number(self.row, index, value, plain)
        elif column.kind == "date" and (day := _day(value)):
            self.sheet.write_datetime(self.row, index, day, plain)
        elif column.kind == "level":
            shown = cell_text(self.formats.words.get(value, value))
            self.sheet.write_string(self.row, index, shown, self.formats.levels.get(value, plain))
        elif column.kind == "link" and link and self.num_links < MAX_LINKS:
            self.num_links += 1
            self.sheet.write_url(self.row, index, f"external:{link}", plain, cell_text(value)[:255])
        else:
            self.sheet.write_string(self.row, index, cell_text(value), plain)


def _day(value: Any) -> datetime.datetime | None:
    """The date to write as a date; None where the value is a word or lies before the spreadsheet's first day."""
    try:
        day = datetime.date.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return datetime.datetime.combine(day, datetime.time()) if day >= datetime.date(1900, 3, 1) else None

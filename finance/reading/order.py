"""The reading order of a page: lines top to bottom, column after column, and ruled tables row by row.

Second stage of the PDF reader, on boxes alone. A ruled table takes part in the search for columns as one block; then
its rows are written out where the block stands, the words of a cell together. A row with long cells is read cell by
cell as running text.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from .columns import column_order
from .graphics import Graphics
from .lines import Line, Segments, lines_of
from .page_text import PageWords
from .tables import Cell, Table, ruled_tables

if TYPE_CHECKING:
    import numpy as np

MAX_ROW_CELL_CHARS = 300
TABLE_MARK = "\ufffc"


def reading_order(words: PageWords, graphics: Graphics | None = None, *, first_region: int = 0) -> list[Line]:
    """Put the words of a page in reading order, as lines; their regions are numbered from ``first_region``.

    ``graphics`` gives the ruled lines; without it no table is looked for.
    """
    if not len(words):
        return []
    tables = ruled_tables(words, graphics) if graphics is not None else []
    flow, origin = _with_blocks(words, tables)
    segments = Segments(flow)
    lines: list[Line] = []
    region = first_region
    for leaf in column_order(segments):
        for line in lines_of(segments, leaf, region):
            numbers = origin[line.words]
            if (numbers >= 0).all():
                lines.append(replace(line, words=numbers, region=region))
                continue
            beside = numbers[numbers >= 0]
            if len(beside):
                lines.append(replace(line, words=beside, cells=(), region=region))
            for number in numbers[numbers < 0].tolist():
                region += 1
                rows, region = _table_lines(words, tables[-1 - number], -number, region)
                lines += rows
                region += 1
        region += 1
    return lines


def _with_blocks(words: PageWords, tables: list[Table]) -> tuple[PageWords, np.ndarray]:
    """The words outside tables and one block a table, and where each comes from: a word's index, or -1, -2, ... ."""
    import numpy as np

    if not tables:
        return words, np.arange(len(words))
    outside = np.ones(len(words), dtype=bool)
    for table in tables:
        for row in table.rows:
            for cell in row:
                outside[cell.words] = False
    kept = words.only(outside)
    em = float(np.median(words.sizes))
    boxes = np.array([table.box for table in tables], dtype=np.float32)
    count = len(tables)
    flow = PageWords(
        [*kept.texts, *[TABLE_MARK] * count],
        np.concatenate([kept.boxes, boxes]),
        np.concatenate([kept.frame, boxes]),
        np.concatenate([kept.baselines, boxes[:, 3] - em]).astype(np.float32),
        np.concatenate([kept.sizes, np.full(count, em)]).astype(np.float32),
        np.concatenate([kept.bold, np.zeros(count, dtype=bool)]),
        np.concatenate([kept.hidden, np.zeros(count, dtype=bool)]),
    )
    return flow, np.concatenate([np.flatnonzero(outside), -1 - np.arange(count)])


def _table_lines(words: PageWords, table: Table, number: int, region: int) -> tuple[list[Line], int]:
    """A table's rows as lines, and the last region number used."""
    lines: list[Line] = []
    for row in table.rows:
        if max(sum(len(words.texts[i]) + 1 for i in cell.words.tolist()) for cell in row) <= MAX_ROW_CELL_CHARS:
            lines.append(_row_line(words, table, row, number, region))
            continue
        for cell in row:
            region += 1
            lines += [replace(line, table=number) for line in _cell_lines(words, cell, region)]
        region += 1
    return lines, region


def _cell_lines(words: PageWords, cell: Cell, region: int) -> list[Line]:
    """The lines of one cell, as if it were a page."""
    import numpy as np

    inside = np.zeros(len(words), dtype=bool)
    inside[cell.words] = True
    numbers = np.flatnonzero(inside)
    segments = Segments(words.only(inside))
    return [replace(line, words=numbers[line.words]) for line in lines_of(segments, segments.all(), region)]


def _row_line(words: PageWords, table: Table, row: tuple[Cell, ...], number: int, region: int) -> Line:
    """A whole row as one line: the words of each cell in order, a wide gap before each cell but the first."""
    import numpy as np

    parts = [np.concatenate([line.words for line in _cell_lines(words, cell, region)]) for cell in row]
    members = np.concatenate(parts)
    frame, sizes = words.frame[members], words.sizes[members]
    return Line(
        words=members,
        cells=tuple(int(at) for at in np.cumsum([len(part) for part in parts])[:-1]),
        x0=float(frame[:, 0].min()),
        y0=float(frame[:, 1].min()),
        x1=float(frame[:, 2].max()),
        y1=float(frame[:, 3].max()),
        baseline=float(words.baselines[members].max()),
        size=float(np.median(sizes)),
        bold=bool(words.bold[members].all()),
        left=table.box[0],
        right=table.box[2],
        region=region,
        table=number,
        is_row=True,
    )

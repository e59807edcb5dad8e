"""Tables that a page rules with lines: which words stand in which cell.

Used by ``columns`` before it looks for reading order, since the lines of a cell that wraps belong together and not to
the words beside them. Rules that touch make a grid; a word's cell is what the nearest rules of its grid enclose, so
merged cells need no special case. Tables without lines are left to ``columns``, which keeps their rows.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .graphics import Graphics
from .page_text import PageWords

if TYPE_CHECKING:
    import numpy as np

TOUCH_POINTS = 3.0
MIN_TABLE_WORDS = 4

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Cell:
    """One cell: its edges in points, and the indices of its words into the page's words."""

    box: Box
    words: np.ndarray


@dataclass(frozen=True)
class Table:
    """A ruled table: rows of cells from the top, each row from the left; ``box`` is its outer edge."""

    box: Box
    rows: tuple[tuple[Cell, ...], ...]


def ruled_tables(words: PageWords, graphics: Graphics) -> list[Table]:
    """The tables of a page that have lines and at least two columns with words. Each word is in one table at most."""
    import numpy as np

    if not len(words) or len(graphics.horizontal) < 2 or len(graphics.vertical) < 2:
        return []
    if not np.array_equal(words.boxes, words.frame):
        return []
    middle = (words.frame[:, :2] + words.frame[:, 2:]) / 2
    free = np.ones(len(words), dtype=bool)
    tables: list[Table] = []
    for horizontal, vertical in sorted(_grids(graphics), key=_extent):
        table = _table(middle, free, horizontal, vertical)
        if table is not None:
            tables.append(table)
            for row in table.rows:
                for cell in row:
                    free[cell.words] = False
    return tables


def _extent(grid: tuple[np.ndarray, np.ndarray]) -> float:
    box = _outer(*grid)
    return (box[2] - box[0]) * (box[3] - box[1])


def _outer(horizontal: np.ndarray, vertical: np.ndarray) -> Box:
    return (
        float(min(horizontal[:, 0].min(), vertical[:, 0].min())),
        float(min(horizontal[:, 1].min(), vertical[:, 1].min())),
        float(max(horizontal[:, 2].max(), vertical[:, 2].max())),
        float(max(horizontal[:, 3].max(), vertical[:, 3].max())),
    )


def _grids(graphics: Graphics) -> list[tuple[np.ndarray, np.ndarray]]:
    """Groups of rules that touch each other, as (horizontal, vertical)."""
    import numpy as np
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    rules = np.concatenate([graphics.horizontal, graphics.vertical])
    pairs: list[np.ndarray] = []
    for start in range(0, len(rules), 500):
        part = rules[start : start + 500, None, :]
        touching = (
            (part[..., 0] <= rules[None, :, 2] + TOUCH_POINTS)
            & (part[..., 2] >= rules[None, :, 0] - TOUCH_POINTS)
            & (part[..., 1] <= rules[None, :, 3] + TOUCH_POINTS)
            & (part[..., 3] >= rules[None, :, 1] - TOUCH_POINTS)
        )
        pairs.append(np.argwhere(touching) + np.array([start, 0]))
    edges = np.concatenate(pairs)
    graph = coo_matrix((np.ones(len(edges), dtype=bool), (edges[:, 0], edges[:, 1])), shape=(len(rules), len(rules)))
    num_groups, group = connected_components(graph, directed=False)
    is_horizontal = np.arange(len(rules)) < len(graphics.horizontal)
    grids = []
    for number in range(num_groups):
        members = group == number
        horizontal, vertical = rules[members & is_horizontal], rules[members & ~is_horizontal]
        if len(horizontal) >= 2 and len(vertical) >= 2:
            grids.append((horizontal, vertical))
    return grids


def _table(middle: np.ndarray, free: np.ndarray, horizontal: np.ndarray, vertical: np.ndarray) -> Table | None:
    """The grid as a table; None where it frames text without dividing it into columns."""
    import numpy as np

    box = _outer(horizontal, vertical)
    inside = np.flatnonzero(
        free & (middle[:, 0] > box[0]) & (middle[:, 0] < box[2]) & (middle[:, 1] > box[1]) & (middle[:, 1] < box[3])
    )
    if len(inside) < MIN_TABLE_WORDS:
        return None
    across, down = _merged(horizontal, 1), _merged(vertical, 0)
    cells: dict[Box, list[int]] = defaultdict(list)
    for i in inside.tolist():
        x, y = float(middle[i, 0]), float(middle[i, 1])
        levels = across[(across[:, 0] <= x + TOUCH_POINTS) & (across[:, 2] >= x - TOUCH_POINTS)][:, 1]
        sides = down[(down[:, 1] <= y + TOUCH_POINTS) & (down[:, 3] >= y - TOUCH_POINTS)][:, 0]
        cell = (
            float(max(sides[sides <= x], default=box[0])),
            float(max(levels[levels <= y], default=box[1])),
            float(min(sides[sides > x], default=box[2])),
            float(min(levels[levels > y], default=box[3])),
        )
        cells[tuple(round(edge, 1) for edge in cell)].append(i)  # type: ignore[index]
    rows: dict[int, list[Cell]] = defaultdict(list)
    for edges, members in cells.items():
        rows[round(edges[3] / TOUCH_POINTS)].append(Cell(edges, np.array(members)))
    if max(len(row) for row in rows.values()) < 2:
        return None
    ordered = tuple(tuple(sorted(rows[top], key=lambda cell: cell.box[0])) for top in sorted(rows, reverse=True))
    return Table(box, ordered)


def _merged(rules: np.ndarray, axis: int) -> np.ndarray:
    """Rules drawn cell by cell joined to whole lines: those at one position (``axis`` 0: x, 1: y) that touch."""
    import numpy as np

    along = 1 - axis
    order = np.lexsort((rules[:, along], np.round(rules[:, axis] / TOUCH_POINTS)))
    lines: list[list[float]] = []
    for rule in rules[order].tolist():
        last = lines[-1] if lines else None
        same_line = last is not None and abs(rule[axis] - last[axis]) <= TOUCH_POINTS
        if last is not None and same_line and rule[along] <= last[along + 2] + TOUCH_POINTS:
            last[along + 2] = max(last[along + 2], rule[along + 2])
        else:
            lines.append(list(rule))
    return np.array(lines).reshape(-1, 4)

"""Columns: which parts of a page are set side by side, and in which order they are read.

Used by ``order`` on the segments of a page. A gutter is a strip that no segment crosses for several lines, with running
prose on both sides of it. Tables, centred headings and signature blocks have no prose on both sides, so their rows
stay rows. A table whose cells are prose (two languages side by side) is told from columns by its rows, which begin at
the same height; it is read cell by cell.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from .lines import Segments

if TYPE_CHECKING:
    import numpy as np

MIN_COLUMN_ROWS = 4
MIN_LAST_COLUMN_ROWS = 3
MIN_COLUMN_FILL = 0.6
MIN_COLUMN_CHARS = 16
MIN_LOWER_STARTS = 0.25
APART_PITCHES = 2.5
LINE_EM = 1.7
GUTTER_STEP_POINTS = 2.0
MAX_SEGMENTS = 4_000
MAX_SPLIT_DEPTH = 6


def column_order(segments: Segments) -> list[np.ndarray]:
    """The parts of a page in reading order, each an array of segment numbers that make one column (rows ascending)."""
    if len(segments.x0) > MAX_SEGMENTS:
        return [segments.all()]
    leaves: list[np.ndarray] = []
    _split(segments, segments.all(), leaves, 0)
    return leaves


@dataclass(frozen=True)
class _Gutter:
    x: float
    top_row: int
    bottom_row: int
    score: int


def _split(segments: Segments, part: np.ndarray, leaves: list[np.ndarray], depth: int) -> None:
    """Cut ``part`` (segment numbers, rows ascending) at its best gutter, again and again; leaves come in reading order."""
    import numpy as np

    gutter = _best_gutter(segments, part) if depth < MAX_SPLIT_DEPTH else None
    if gutter is None:
        if len(part):
            leaves.append(part)
        return
    rows = segments.row[part]
    above, below = part[rows < gutter.top_row], part[rows > gutter.bottom_row]
    inside = part[(rows >= gutter.top_row) & (rows <= gutter.bottom_row)]
    is_left = segments.x1[inside] <= gutter.x
    left, right = inside[is_left], inside[~is_left]
    _split(segments, above, leaves, depth + 1)
    cuts = _table_rows(segments, left, right)
    if cuts:
        edges = [-1.0, *cuts, float(segments.row[inside].max()) + 1]
        for low, high in pairwise(edges):
            for side in (left, right):
                cell = side[(segments.row[side] >= low) & (segments.row[side] < high)]
                if len(cell):
                    leaves.append(np.sort(cell))
    else:
        _split(segments, left, leaves, depth + 1)
        _split(segments, right, leaves, depth + 1)
    _split(segments, below, leaves, depth + 1)


def _best_gutter(segments: Segments, part: np.ndarray) -> _Gutter | None:
    """The gutter with the most lines on its shorter side, or None when the part is one column."""
    import numpy as np

    if len(part) < 2 * MIN_COLUMN_ROWS - 1:
        return None
    x0, x1 = segments.x0[part], segments.x1[part]
    low, high = float(x0.min()), float(x1.max())
    width = high - low
    if not 40 < width < 1e5:
        return None
    step = max(GUTTER_STEP_POINTS, width / 400)
    edges = np.arange(low + 0.15 * width, high - 0.15 * width, step)
    crossing = ((x0[None, :] < edges[:, None]) & (x1[None, :] > edges[:, None])).sum(axis=1)
    num_rows = len(np.unique(segments.row[part]))
    best: _Gutter | None = None
    for i in _valleys(crossing):
        if crossing[i] > max(num_rows - MIN_COLUMN_ROWS, 0):
            continue
        found = _run_at(segments, part, float(edges[i]))
        if found is not None and (best is None or found.score > best.score):
            best = found
    return best


def _valleys(counts: np.ndarray) -> list[int]:
    """Middles of the plateaus of ``counts`` that are lower than both neighbours, lowest first, at most a dozen."""
    valleys: list[tuple[int, int, int]] = []
    i = 0
    while i < len(counts):
        j = i
        while j + 1 < len(counts) and counts[j + 1] == counts[i]:
            j += 1
        lower_left = i == 0 or counts[i - 1] > counts[i]
        lower_right = j + 1 == len(counts) or counts[j + 1] > counts[i]
        if lower_left and lower_right:
            valleys.append((int(counts[i]), i - j, (i + j) // 2))
        i = j + 1
    return [middle for _, _, middle in sorted(valleys)[:12]]


def _run_at(segments: Segments, part: np.ndarray, x: float) -> _Gutter | None:
    """The longest stretch of rows without a segment across ``x`` that holds prose on both sides."""
    import numpy as np

    rows = segments.row[part]
    across = np.unique(rows[(segments.x0[part] < x) & (segments.x1[part] > x)])
    edges = np.concatenate([[rows.min() - 1], across, [rows.max() + 1]])
    best: _Gutter | None = None
    for above, below in pairwise(edges.tolist()):
        if below - above - 1 < MIN_COLUMN_ROWS:
            continue
        inside = part[(rows > above) & (rows < below)]
        is_left = segments.x1[inside] <= x
        left, right = inside[is_left], inside[~is_left]
        if not len(left) or not len(right):
            continue
        top, bottom = _prose_stretch(segments, left, right)
        left = left[(segments.row[left] >= top) & (segments.row[left] <= bottom)]
        right = right[(segments.row[right] >= top) & (segments.row[right] <= bottom)]
        if not len(left) or not len(right):
            continue
        bottom = _without_tail(segments, left, right, bottom)
        left = left[segments.row[left] <= bottom]
        if not len(left):
            continue
        gap = float(segments.x0[right].min() - segments.x1[left].max())
        em = float(np.median(segments.size[inside]))
        if gap < 0.6 * em:
            continue
        num_left = _prose_rows(segments, left, float(segments.x0[right].min()) - em)
        num_right = _prose_rows(segments, right, None)
        if min(num_left, num_right) < MIN_LAST_COLUMN_ROWS or max(num_left, num_right) < MIN_COLUMN_ROWS:
            continue
        score = min(num_left, num_right)
        if best is None or score > best.score:
            best = _Gutter(x, top, bottom, score)
    return best


def _prose_stretch(segments: Segments, left: np.ndarray, right: np.ndarray) -> tuple[int, int]:
    """The first and last row of the stretch in which both sides read most like columns.

    A row counts for its side when it begins at the column's edge and fills it, against it when it begins elsewhere;
    the stretch is the one with the highest sum, widened by the short lines at its ends that begin at an edge.
    """
    import numpy as np

    rows = np.unique(segments.row[np.concatenate([left, right])])
    scores = np.zeros(len(rows))
    fits = np.ones(len(rows), dtype=bool)
    for side in (left, right):
        order = side[np.argsort(segments.row[side], kind="stable")]
        own, first = np.unique(segments.row[order], return_index=True)
        x0 = np.minimum.reduceat(segments.x0[order], first)
        x1 = np.maximum.reduceat(segments.x1[order], first)
        em = float(np.median(segments.size[order]))
        values, counts = np.unique(np.round(x0 / 2), return_counts=True)
        edge = 2 * float(values[counts.argmax()])
        aligned = np.abs(x0 - edge) < 3 * em
        if not aligned.any():
            return int(rows[0]), int(rows[-1])
        end = float(np.percentile(x1[aligned], 90))
        aligned &= x1 < end + em
        full = aligned & (x1 - x0 > MIN_COLUMN_FILL * (end - edge))
        at = np.searchsorted(rows, own)
        scores[at] += np.where(full, 1.0, np.where(aligned, -0.2, -1.5))
        fits[at] &= aligned
    sums = np.concatenate([[0.0], np.cumsum(scores)])
    low = np.minimum.accumulate(sums[:-1])
    last = int((sums[1:] - low).argmax())
    first_row = int(sums[: last + 1].argmin())
    while first_row > 0 and fits[first_row - 1]:
        first_row -= 1
    # The last line of a paragraph is short; what is short on both sides, or stands apart, comes after the columns.
    both = np.intersect1d(segments.row[left], segments.row[right])
    members = np.concatenate([left, right])
    em = float(np.median(segments.size[members]))
    while last + 1 < len(rows) and fits[last + 1] and rows[last + 1] not in both:
        above, below = (
            float(segments.baseline[members[segments.row[members] == rows[last + i]]].max()) for i in (0, 1)
        )
        if above - below > LINE_EM * em:
            break
        last += 1
    return int(rows[first_row]), int(rows[last])


def _without_tail(segments: Segments, left: np.ndarray, right: np.ndarray, bottom: int) -> int:
    """The last row of the columns: lines far below both of them, short enough to stay left of the gutter, are
    what follows the columns."""
    import numpy as np

    rows = np.unique(segments.row[np.concatenate([left, right])])
    last = int(segments.row[right].max())
    baselines = {int(segments.row[i]): float(segments.baseline[i]) for i in (*left.tolist(), *right.tolist())}
    pitch = float(np.median(-np.diff([baselines[int(row)] for row in rows]))) if len(rows) > 1 else 0.0
    own_pitch = max(pitch, float(np.median(segments.size[left])))
    for above, row in pairwise(rows.tolist()):
        if row > last and baselines[above] - baselines[row] > APART_PITCHES * own_pitch:
            return int(above)
    return bottom


def _prose_rows(segments: Segments, side: np.ndarray, right_edge: float | None) -> int:
    """How many rows a side has if they read as prose (long lines that fill the column), else 0."""
    import numpy as np

    rows, first = np.unique(segments.row[side], return_index=True)
    order = np.argsort(segments.row[side], kind="stable")
    side, first = side[order], np.searchsorted(segments.row[side][order], rows)
    x0 = np.minimum.reduceat(segments.x0[side], first)
    x1 = np.maximum.reduceat(segments.x1[side], first)
    chars = np.add.reduceat(segments.chars[side], first)
    pieces = np.diff(np.append(first, len(side)))
    edge = float(x1.max()) if right_edge is None else max(float(np.median(x1)), min(right_edge, float(x1.max())))
    width = max(1.0, edge - float(x0.min()))
    if float(np.median((x1 - x0) / width)) < MIN_COLUMN_FILL or float(np.median(chars)) < MIN_COLUMN_CHARS:
        return 0
    if float(np.mean(pieces)) > 2.2:
        return 0
    # Wrapped sentences go on in lower case; the cells of a table and the lines of a signature block begin anew.
    opens = [segments.opening(int(side[i])) for i in first]
    goes_on = sum(1 for char in opens if char.islower() or (char.isalpha() and not char.isupper()))
    block_capitals = float(np.median((x1 - x0) / width)) > 0.85 and float(np.median(chars)) > 30
    return len(rows) if goes_on >= MIN_LOWER_STARTS * len(rows) or block_capitals else 0


def _table_rows(segments: Segments, left: np.ndarray, right: np.ndarray) -> list[float]:
    """Row numbers at which a table's next row begins in both cells at once; empty where the sides are columns."""
    import numpy as np

    def breaks(side: np.ndarray) -> np.ndarray:
        rows, first = np.unique(segments.row[side], return_index=True)
        baselines = segments.baseline[side][first]
        pitch = -np.diff(baselines)
        if len(pitch) == 0:
            return np.zeros(0, dtype=np.int64)
        return rows[1:][pitch > 1.3 * np.median(pitch)]

    in_left, in_right = breaks(left), breaks(right)
    shared = np.intersect1d(in_left, in_right)
    most = max(len(in_left), len(in_right))
    if len(shared) < 2 or len(shared) < 0.7 * most:
        return []
    return [float(row) for row in shared]

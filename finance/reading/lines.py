"""Words of a page to segments and lines: what stands on one baseline.

Shared by ``columns`` (which cuts a page into columns by its segments), and ``order`` (which puts the lines of all parts
of a page in reading order). Geometry is in the layout frame of ``page_text``, in points.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .page_text import PageWords

if TYPE_CHECKING:
    import numpy as np

SEGMENT_GAP_EM = 0.75
CELL_GAP_EM = 1.9
BASELINE_TOLERANCE_EM = 0.38


@dataclass(frozen=True)
class Line:
    """One line in reading order. ``words`` are indices into the page's words, ``cells`` the positions in ``words``
    at which a wide gap stands before the word. Geometry is in the layout frame, in points; ``left`` and ``right`` are
    the edges of the column or table that the line belongs to, ``region`` its number on the page. In a ruled table
    ``table`` is its number on the page, from 1, and ``is_row`` says that the line is a whole row of it."""

    words: np.ndarray
    cells: tuple[int, ...]
    x0: float
    y0: float
    x1: float
    y1: float
    baseline: float
    size: float
    bold: bool
    left: float
    right: float
    region: int
    table: int = 0
    is_row: bool = False


class Segments:
    """Runs of words on one baseline without a wide gap, as arrays; ``row`` numbers the baselines from the top."""

    def __init__(self, words: PageWords) -> None:
        import numpy as np

        self.words = words
        order = np.lexsort((words.frame[:, 0], -words.baselines))
        baselines, sizes = words.baselines[order], words.sizes[order]
        row_of = np.zeros(len(order), dtype=np.int64)
        row, reference, em = 0, float(baselines[0]), float(sizes[0])
        for i in range(1, len(order)):
            # A superscript is small and stands high: the larger of the two ems decides.
            if reference - float(baselines[i]) > BASELINE_TOLERANCE_EM * max(em, float(sizes[i])):
                row, reference, em = row + 1, float(baselines[i]), float(sizes[i])
            row_of[i] = row
        order = order[np.lexsort((words.frame[order, 0], row_of))]
        row_of = np.sort(row_of)
        x0, x1 = words.frame[order, 0], words.frame[order, 2]
        new = np.ones(len(order), dtype=bool)
        if len(order) > 1:
            em_between = np.maximum(words.sizes[order][1:], words.sizes[order][:-1])
            new[1:] = (np.diff(row_of) > 0) | (x0[1:] - x1[:-1] > SEGMENT_GAP_EM * em_between)
        starts = np.flatnonzero(new)
        self.order = order
        self.starts = starts
        self.ends = np.append(starts[1:], len(order))
        self.row = row_of[starts]
        self.x0 = x0[starts]
        self.x1 = np.maximum.reduceat(x1, starts)
        self.y0 = np.minimum.reduceat(words.frame[order, 1], starts)
        self.y1 = np.maximum.reduceat(words.frame[order, 3], starts)
        self.baseline = words.baselines[order][starts]
        self.size = np.maximum.reduceat(words.sizes[order], starts)
        lengths = np.array([len(words.texts[i]) + 1 for i in order], dtype=np.int64)
        self.chars = np.add.reduceat(lengths, starts)

    def all(self) -> np.ndarray:
        import numpy as np

        return np.arange(len(self.starts))

    def opening(self, segment: int) -> str:
        """The first character of a segment."""
        return self.words.texts[int(self.order[self.starts[segment]])][:1]

    def words_of(self, segment: int) -> np.ndarray:
        return self.order[self.starts[segment] : self.ends[segment]]


def lines_of(segments: Segments, leaf: np.ndarray, region: int) -> list[Line]:
    """The rows of one region as lines, words ordered along the row."""
    import numpy as np

    words = segments.words
    left, right = float(segments.x0[leaf].min()), float(segments.x1[leaf].max())
    lines: list[Line] = []
    rows = segments.row[leaf]
    starts = np.flatnonzero(np.diff(rows, prepend=-1))
    for start, end in zip(starts, np.append(starts[1:], len(leaf)), strict=True):
        row = leaf[start:end]
        members = np.concatenate([segments.words_of(int(segment)) for segment in row])
        right_to_left = _right_to_left(words, members)
        frame = words.frame[members]
        members = members[np.argsort(-frame[:, 2] if right_to_left else frame[:, 0], kind="stable")]
        frame, sizes = words.frame[members], words.sizes[members]
        weights = np.array([len(words.texts[i]) for i in members.tolist()])
        if right_to_left:
            gaps = frame[:-1, 0] - frame[1:, 2]
        else:
            gaps = frame[1:, 0] - frame[:-1, 2]
        wide = np.flatnonzero(gaps > CELL_GAP_EM * np.maximum(sizes[1:], sizes[:-1])) + 1
        lines.append(
            Line(
                words=members,
                cells=tuple(int(i) for i in wide),
                x0=float(frame[:, 0].min()),
                y0=float(frame[:, 1].min()),
                x1=float(frame[:, 2].max()),
                y1=float(frame[:, 3].max()),
                baseline=float(words.baselines[members[int(weights.argmax())]]),
                size=float((sizes * weights).sum() / weights.sum()),
                bold=bool(weights[words.bold[members]].sum() > 0.8 * weights.sum()),
                left=left,
                right=right,
                region=region,
            )
        )
    return lines


def _right_to_left(words: PageWords, members: np.ndarray) -> bool:
    """Whether most letters of a row belong to a right-to-left script."""
    import unicodedata

    strong = 0
    for i in members.tolist():
        text = words.texts[i]
        if text.isascii():
            strong -= sum(map(str.isalpha, text))
            continue
        for char in text:
            direction = unicodedata.bidirectional(char)
            strong += 1 if direction in ("R", "AL") else -1 if direction == "L" else 0
    return strong > 0

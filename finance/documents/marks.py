"""Lay marks over a text: findings, clause categories, facts and insertions overlap freely, HTML elements may not.

``laid_out`` cuts each paragraph at every place where a mark begins or ends. Each piece knows the marks that cover it, the
marks whose first words it holds (so that each mark gets one anchor), and the points (page breaks, clause starts,
deleted words) that stand before it. The number of pieces grows with the marks, never with the characters.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Literal


@dataclass(frozen=True)
class Mark:
    """A stretch of text that leads somewhere. ``key`` is what it leads to, ``anchor`` the HTML id of its first words."""

    kind: Literal["finding", "label", "fact", "insertion", "comment", "run_in"]
    key: Any
    start: int
    end: int
    anchor: str = ""


@dataclass(frozen=True)
class Point:
    """Something that stands between two characters: the start of a page or clause, deleted words, a bare link target."""

    kind: Literal["page", "clause", "deletion", "target"]
    at: int
    key: Any = None
    anchor: str = ""


@dataclass(frozen=True)
class Piece:
    """Characters ``start``..``end`` under one set of marks; ``opens`` holds those whose first words these are."""

    start: int
    end: int
    marks: tuple[Mark, ...]
    opens: tuple[Mark, ...]
    points: tuple[Point, ...]


def laid_out(spans: Sequence[tuple[int, int]], marks: Sequence[Mark], points: Sequence[Point]) -> list[list[Piece]]:
    """The pieces of each span. ``spans`` are in text order and do not overlap.

    Every mark opens once, on the first piece it covers, or on the next one where it covers no span at all; every point
    stands once, in the span that holds it, else at the start of the next one. What lies behind the last span stands at its end.
    """
    state = _State(sorted(marks, key=lambda mark: (mark.start, -mark.end)), sorted(points, key=lambda point: point.at))
    pieces = [state.span(start, end) for start, end in spans]
    if pieces:
        state.finish(pieces[-1], spans[-1][1])
    return pieces


@dataclass
class _State:
    """The sweep over the text: marks not yet begun, marks that cover the present position, points not yet placed."""

    marks: Sequence[Mark]
    points: Sequence[Point]
    next_mark: int = 0
    next_point: int = 0
    unopened: list[Mark] = field(default_factory=list)
    active: list[tuple[int, int, Mark]] = field(default_factory=list)

    def span(self, start: int, end: int) -> list[Piece]:
        self._begin(start)
        points = self._points(end)
        edges = {start, end}
        edges.update(point.at for point in points if start < point.at < end)
        edges.update(stop for stop, _, _ in self.active if start < stop < end)
        index = self.next_mark
        while index < len(self.marks) and self.marks[index].start < end:
            edges.add(self.marks[index].start)
            edges.add(min(self.marks[index].end, end))
            index += 1
        cuts = sorted(edge for edge in edges if start <= edge <= end)
        pieces: list[Piece] = []
        placed = 0
        for left, right in pairwise(cuts):
            self._begin(left)
            first = placed
            while placed < len(points) and points[placed].at <= left:
                placed += 1
            pieces.append(self._piece(left, right, tuple(points[first:placed])))
        if placed < len(points) or not pieces:
            pieces.append(self._piece(end, end, tuple(points[placed:])))
        return pieces

    def finish(self, pieces: list[Piece], end: int) -> None:
        """Hang whatever is left over behind the last piece, so that no link leads nowhere."""
        rest = [*self.unopened, *self.marks[self.next_mark :]]
        points = tuple(self.points[self.next_point :])
        if rest or points:
            pieces.append(Piece(end, end, (), tuple(rest), points))

    def _begin(self, position: int) -> None:
        while self.next_mark < len(self.marks) and self.marks[self.next_mark].start <= position:
            mark = self.marks[self.next_mark]
            self.unopened.append(mark)
            heapq.heappush(self.active, (mark.end, self.next_mark, mark))
            self.next_mark += 1
        while self.active and self.active[0][0] <= position:
            heapq.heappop(self.active)

    def _points(self, end: int) -> list[Point]:
        first = self.next_point
        while self.next_point < len(self.points) and self.points[self.next_point].at <= end:
            self.next_point += 1
        return list(self.points[first : self.next_point])

    def _piece(self, start: int, end: int, points: tuple[Point, ...]) -> Piece:
        marks = tuple(mark for _, _, mark in sorted(self.active, key=lambda entry: entry[1])) if end > start else ()
        opens = tuple(self.unopened)
        self.unopened.clear()
        return Piece(start, end, marks, opens, points)

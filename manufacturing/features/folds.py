"""Sums, minima and weighted sums over trailing windows of any length, in a time linear in rows and without cancellation.

Rows are joined by doubling: level ``k`` at row ``i`` holds the ``2**k`` rows that end at ``i``, and a window of ``L`` rows is read off the levels that
the binary digits of ``L`` name. Unlike differences of one long cumulative sum, no row outside of a window ever touches its
result, so that one wild value spoils no later window and a record cut short gives the same bits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    Query = tuple[np.ndarray, np.ndarray]
    """int64[queries] last rows, int64[queries] lengths; a length of 0 gives the identity."""


ALL = slice(None)
"""Every window: cheaper than a list of all of them."""


def fold(
    rows: np.ndarray, queries: Sequence[Query], join: Callable[..., np.ndarray], identity: float
) -> list[np.ndarray]:
    """Join the rows of each window by an associative function.

    Args:
        rows: float64[rows, channels], no NaN.
        queries: (last rows, lengths) of windows that lie inside ``rows``.
        join: ``np.add``, ``np.minimum`` or ``np.maximum``.
        identity: 0, infinity or minus infinity.

    Returns float64[queries, channels] for each query.
    """
    import numpy as np

    found = [np.full((len(ends), rows.shape[1]), identity) for ends, _ in queries]
    places = [ends.copy() for ends, _ in queries]
    level = rows
    for exponent in range(_digits(queries)):
        step = 1 << exponent
        if exponent:
            level = _doubled(level, step >> 1, join)
        for number, (_, lengths) in enumerate(queries):
            chosen = _with_digit(lengths, step)
            if chosen is None:
                continue
            result, place = found[number], places[number]
            if isinstance(chosen, slice):
                join(result, level.take(place, axis=0), out=result)
                place -= step
            else:
                picked = place[chosen]
                result[chosen] = join(result.take(chosen, axis=0), level.take(picked, axis=0))
                place[chosen] = picked - step
    return found


def weighted(rows: np.ndarray, query: Query, decay: float) -> np.ndarray:
    """Sum of each window's rows, the ``j``-th before the last weighing ``decay ** j``: float64[queries, channels]."""
    import numpy as np

    ends, lengths = query
    found = np.zeros((len(ends), rows.shape[1]))
    place = ends.copy()
    level = rows
    for exponent in range(_digits([query])):
        step = 1 << exponent
        if exponent:
            half = step >> 1
            older = np.zeros_like(level)
            older[half:] = level[:-half] * decay**half
            level = level + older
        chosen = _with_digit(lengths, step)
        if chosen is None:
            continue
        weights = decay ** (ends - place)[chosen].astype(np.float64)
        found[chosen] += weights[:, None] * level[place[chosen]]
        place[chosen] -= step
    return found


def _digits(queries: Sequence[Query]) -> int:
    longest = max((int(lengths.max()) for _, lengths in queries if len(lengths)), default=0)
    return longest.bit_length()


def _doubled(level: np.ndarray, half: int, join: Callable[..., np.ndarray]) -> np.ndarray:
    """The next level; its first rows are of no full window and are never read."""
    import numpy as np

    following = np.empty_like(level)
    following[:half] = level[:half]
    join(level[half:], level[:-half], out=following[half:])
    return following


def _with_digit(lengths: np.ndarray, step: int) -> np.ndarray | slice | None:
    """Which windows have this binary digit: None where none has, ``ALL`` where all have."""
    import numpy as np

    chosen = np.flatnonzero(lengths & step)
    if not len(chosen):
        return None
    return ALL if len(chosen) == len(lengths) else chosen


def blocks(number: int, size: int) -> Iterator[slice]:
    """Slices of ``size`` (the last shorter) that cover ``number`` things in order."""
    for start in range(0, number, size):
        yield slice(start, min(start + size, number))

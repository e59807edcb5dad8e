"""Which passages see each other: windows of passages, and each passage's place in its document."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

WINDOW = 64
"""Passages that see each other in the context layers."""

PLACE_BUCKETS = 24


def place_bucket(distance: int) -> int:
    """Distance in passages from the start or the end of the document, as a bucket 1..PLACE_BUCKETS - 1 (0 is padding): fine near, coarse far."""
    if distance < 8:
        return 1 + distance
    return min(PLACE_BUCKETS - 1, 9 + int(2 * math.log2(distance / 8)))


def places(total: int, first: int, last: int) -> np.ndarray:
    """Buckets from both ends of passages ``first``..``last`` of ``total``: int64[n, 2]."""
    import numpy as np

    return np.array([[place_bucket(i), place_bucket(total - 1 - i)] for i in range(first, last)], dtype=np.int64)


def overlapping(total: int) -> list[tuple[int, int, int, int]]:
    """Windows over ``total`` passages as (first, last, keep from, keep to): half a window apart, of each the middle half kept.

    >>> overlapping(100)
    [(0, 64, 0, 48), (32, 96, 48, 80), (36, 100, 80, 100)]
    """
    if total <= WINDOW:
        return [(0, total, 0, total)]
    step, edge = WINDOW // 2, WINDOW // 4
    windows: list[tuple[int, int, int, int]] = []
    first = 0
    while True:
        last = min(first + WINDOW, total)
        first = max(0, last - WINDOW)
        keep_from = windows[-1][3] if windows else 0
        keep_to = total if last == total else last - edge
        windows.append((first, last, keep_from, keep_to))
        if last == total:
            return windows
        first += step

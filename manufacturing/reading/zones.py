"""Local stamps without an offset become UTC: what the autumn clock change repeats is told apart by the order of rows, what spring leaves out is noted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..local_time import DAY, SECOND, LocalTime

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Moved:
    """``times`` int64[rows] in UTC; rows whose local time does not exist (clocks sprang over it); rows of a repeated hour that came only once."""

    times: np.ndarray
    num_nonexistent: int = 0
    num_ambiguous: int = 0


def to_utc(local: np.ndarray, zone: str, series: np.ndarray | None = None) -> Moved:
    """UTC of local stamps of one machine in their order of arrival; int64[rows] microseconds since 1970-01-01 00:00 local time.

    ``series`` int[rows] tells apart what is in order by itself (the tags of a long table). In the hour that comes twice, the first pass lasts until the clock
    of a series falls back, or repeats a stamp where it never falls back. A time that the clock sprang over is moved on by the change.
    """
    import numpy as np

    if zone == "UTC" or not len(local):
        return Moved(local)
    clock = LocalTime(zone)
    first, last = int(local.min()) - 2 * DAY, int(local.max()) + 2 * DAY
    changes = clock.changes(first, last)
    start = clock.offsets(np.array([first], np.int64))[0] // SECOND
    before = np.array([start, *(change[2] for change in changes)], np.int64) * SECOND
    begins = np.array([moment + max(old, new) * SECOND for moment, old, new in changes], np.int64)
    index = np.searchsorted(begins, local, side="right")
    times = local - before[index]
    nonexistent = ambiguous = 0
    for moment, old, new in changes:
        low, high = sorted((moment + old * SECOND, moment + new * SECOND))
        rows = np.flatnonzero((local >= low) & (local < high))
        if not len(rows):
            continue
        if new > old:
            nonexistent += len(rows)
            continue
        second = _second_pass(local, rows, series)
        times[second] = local[second] - new * SECOND
        ambiguous += len(rows) if not len(second) else 0
    return Moved(times, nonexistent, ambiguous)


def _second_pass(local: np.ndarray, rows: np.ndarray, series: np.ndarray | None) -> np.ndarray:
    """Those of ``rows`` (in a repeated hour) that belong to its second pass."""
    import numpy as np

    if series is not None:
        keys = series[rows]
        parts = [_second_pass(local, rows[keys == key], None) for key in np.unique(keys)]
        return np.concatenate(parts) if parts else rows[:0]
    steps = np.diff(local[rows])
    backwards = int((steps < 0).sum()) > int((steps > 0).sum())
    ordered = rows[::-1] if backwards else rows
    steps = np.diff(local[ordered])
    breaks = np.flatnonzero(steps < 0)
    if not len(breaks):
        breaks = np.flatnonzero(steps == 0)
    return ordered[breaks[0] + 1 :] if len(breaks) else rows[:0]

"""Whether production is on at a moment: the plant file's shifts and closed spans, in local time, over whole arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .local_time import DAY, SECOND, LocalTime
from .shifts import MINUTES_A_DAY, days_of, hours_of

if TYPE_CHECKING:
    import numpy as np

    from .plant import Shift, Span

MINUTES_A_WEEK = 7 * MINUTES_A_DAY
FIRST_WEEKDAY = 3
"""1970-01-01 was a Thursday."""


def open_minutes(shifts: Sequence[Shift]) -> np.ndarray:
    """bool[minutes of a week, Monday 00:00 first] that the shifts cover. Raises ValueError where a shift names no days or hours."""
    import numpy as np

    table = np.zeros(MINUTES_A_WEEK, bool)
    for shift in shifts:
        start, stop = hours_of(shift.hours)
        for day in days_of(shift.days):
            table[np.arange(day * MINUTES_A_DAY + start, day * MINUTES_A_DAY + stop) % MINUTES_A_WEEK] = True
    return table


def open_at(times: np.ndarray, shifts: Sequence[Shift], closed: Sequence[Span], clock: LocalTime) -> np.ndarray:
    """bool[rows]: a shift covers the moment (no shifts: always) and no closed span does; ``times`` int64[rows] in microseconds UTC."""
    import numpy as np

    local = clock.local(times)
    days = local // DAY
    if shifts:
        minute = (local - days * DAY) // (60 * SECOND)
        is_open = open_minutes(shifts)[((days + FIRST_WEEKDAY) % 7) * MINUTES_A_DAY + minute]
    else:
        is_open = np.ones(len(times), bool)
    for span in closed:
        first, last = (int(np.datetime64(day, "D").astype(np.int64)) for day in (span.first, span.last))
        is_open &= ~((days >= first) & (days <= last))
    return is_open

"""When a machine ran and when it should have: the time that gaps, stuck sensors, clocks and alarms are counted in.

A column, or a sensor above a level, says whether it runs; where neither does, planned stops, repairs and the production calendar do.
Idle nights and planned stops are no faults.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .history import Event
from .local_time import SECOND, LocalTime
from .production import open_at
from .rows import UNKNOWN, Rows

if TYPE_CHECKING:
    import numpy as np

    from .plant import Plant

HELD_S = 7200.0
"""So long the last known running state goes on when nothing tells (at least two intervals)."""


@dataclass(frozen=True)
class Running:
    """``running`` bool[rows] of the grid; ``expected`` bool[rows]: readings should be there; ``num_unknown``: rows in production time whose state nothing told."""

    running: np.ndarray
    expected: np.ndarray
    num_unknown: int


def of_rows(rows: Rows, plant: Plant) -> np.ndarray | None:
    """int8[rows] of the readings: 1, 0, ``UNKNOWN``, or None where the data do not tell.

    The plant's rule (sensor above a level) and the column must both say that it runs where both are there.
    """
    import numpy as np

    rule = plant.running
    if not rule.sensor:
        return rows.running
    value = rows.values[:, [sensor.name for sensor in plant.sensors].index(rule.sensor)]
    state = np.where(np.isnan(value), UNKNOWN, value > rule.above).astype(np.int8)
    return state if rows.running is None else np.where(rows.running == 0, 0, state).astype(np.int8)


def of_grid(state: np.ndarray | None, times: np.ndarray, plant: Plant, events: Sequence[Event]) -> Running:
    """Running state of each grid row (the interval that ends at its stamp).

    Args:
        state: int8[rows]: 1, 0 or ``UNKNOWN`` where no reading tells; None: nothing in the data tells.
        times: int64[rows], the grid.
    """
    import numpy as np

    interval_s = plant.readings.interval_s
    middle = times - int(interval_s * SECOND / 2)
    open_now = open_at(middle, plant.calendar.production, plant.calendar.closed, LocalTime(plant.time_zone))
    open_now &= ~standing(middle, events)
    if state is None:
        return Running(open_now, open_now, 0)
    known = state != UNKNOWN
    last = np.maximum.accumulate(np.where(known, np.arange(len(state)), -1))
    age = np.where(last >= 0, times - times[np.maximum(last, 0)], np.iinfo(np.int64).max)
    held = age <= max(HELD_S, 2 * interval_s) * SECOND
    # What is held may not run into a stop that is on record.
    running = held & (state[np.maximum(last, 0)] == 1) & (known | open_now)
    unknown = ~held & open_now
    return Running(running, running | unknown, int(unknown.sum()))


def standing(times: np.ndarray, events: Sequence[Event]) -> np.ndarray:
    """bool[rows]: a planned stop, a failure or a repair that lasts covers the moment."""
    import numpy as np

    stands = np.zeros(len(times), bool)
    for event in events:
        if event.until > event.time and event.kind in ("stop", "failure", "maintenance"):
            stands[np.searchsorted(times, event.time, "left") : np.searchsorted(times, event.until, "left")] = True
    return stands

"""From readings at any times to a regular grid whose row ``i`` holds what was known at its stamp, never later.

Row ``i`` covers the interval that ends at ``times[i]``. One reading in it is taken as it is; several are averaged (by time along steps or lines,
as the sensor's ``fill`` says; a counter takes the last). A row without a reading holds the last value for a bounded time; it is never
interpolated towards a reading that was still to come.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..core.errors import InputError
from .history import FLAGS
from .local_time import SECOND, span_text
from .rows import MIN_ROWS, UNKNOWN, Rows

if TYPE_CHECKING:
    import numpy as np

    from .plant import Plant, Sensor

MOST_ROWS = 5_000_000
"""A longer grid is refused: the interval is wrong, or a stamp is."""
FILLABLE = ("missing", "state", "bad_quality", "not_a_number")
"""Flags of values that the last one may stand in for; what was measured wrongly stays masked."""


@dataclass(frozen=True)
class Grid:
    """``times`` int64[rows]; ``values`` float32[rows, sensors]; ``flags`` uint8[rows, sensors]; ``read`` bool[rows]: a reading came in the interval.

    ``running`` int8[rows] or None, ``clock`` float64[rows] (NaN: none) or None.
    """

    times: np.ndarray
    values: np.ndarray
    flags: np.ndarray
    read: np.ndarray
    running: np.ndarray | None
    clock: np.ndarray | None


def regular(rows: Rows, running: np.ndarray | None, plant: Plant) -> Grid:
    """Lay the readings on a grid of ``interval_s``. ``running`` int8 of the readings, as ``running.of_rows`` gives it.

    Raises:
        InputError: the grid would be longer than ``MOST_ROWS``.
    """
    import numpy as np

    step = max(1, round(plant.readings.interval_s * SECOND))
    start = _start(rows.times, step)
    cell = np.maximum(-((start - rows.times) // step), 0)
    num = int(cell[-1]) + 1
    if num > MOST_ROWS:
        raise InputError(
            f"readings from end to end make {num:,} rows of {span_text(plant.readings.interval_s)}, more than {MOST_ROWS:,}",
            code="grid_too_long",
            remedy="Set readings.interval_s in the plant file to the step of the data, or mend the time stamps.",
        )
    times = start + np.arange(num, dtype=np.int64) * step
    read = np.zeros(num, bool)
    read[cell] = True
    values = np.full((num, rows.values.shape[1]), np.nan, np.float32)
    flags = np.full(values.shape, FLAGS["missing"], np.uint8)
    if len(cell) == int(read.sum()):
        values[cell], flags[cell] = rows.values, rows.flags
    else:
        flags[cell] = rows.flags
        for column, sensor in enumerate(plant.sensors):
            known = np.flatnonzero(~np.isnan(rows.values[:, column]))
            if len(known):
                at = cell[known]
                values[:, column] = _averaged(
                    rows.times[known], rows.values[known, column].astype(np.float64), at, times, sensor, step
                )
                flags[at, column] = FLAGS["ok"]
    return Grid(times, values, flags, read, _majority(running, cell, num), _last(rows.clock, cell, num))


def fill(grid: Grid, running: np.ndarray, plant: Plant) -> tuple[np.ndarray, np.ndarray]:
    """Values and flags with the last value held over what is missing, for at most ``fill_for_s`` of running time.

    While the machine stands, the last value is held for the same time by the clock on the wall.
    """
    import numpy as np

    values, flags = grid.values.copy(), grid.flags.copy()
    wall = (grid.times - grid.times[0]) / SECOND
    ran = np.cumsum(running) * plant.readings.interval_s
    index = np.arange(len(wall))
    fillable = [FLAGS[name] for name in FILLABLE]
    for column, sensor in enumerate(plant.sensors):
        if sensor.fill == "none" or sensor.fill_for_s == 0:
            continue
        empty = np.isnan(values[:, column])
        if not empty.any():
            continue
        last = np.maximum.accumulate(np.where(empty, -1, index))
        held = empty & (last >= 0) & np.isin(flags[:, column], fillable)
        rows = np.flatnonzero(held)
        since = last[rows]
        age = np.where(running[rows], ran[rows] - ran[since], wall[rows] - wall[since])
        rows, since = rows[age <= sensor.fill_for_s], since[age <= sensor.fill_for_s]
        values[rows, column] = values[since, column]
        flags[rows, column] = FLAGS["filled"]
    return values, flags


def _start(times: np.ndarray, step: int) -> int:
    """The first stamp of the grid: just behind the usual reading, so that stamps that tremble stay in their own interval.

    Only the first ``MIN_ROWS`` readings decide, so that what comes later moves nothing.
    """
    first = times[:MIN_ROWS]
    off = (first - first[0] + step // 2) % step - step // 2
    if abs(off).max() * 4 > step:
        return int(first[0])
    late = max(0, int(off.max()))
    tremble = int(off.max() - off.min())
    return int(first[0]) + min(late + tremble, step // 2)


def _averaged(
    times: np.ndarray, values: np.ndarray, cell: np.ndarray, grid: np.ndarray, sensor: Sensor, step: int
) -> np.ndarray:
    """float64[grid rows] of one sensor; ``cell`` is the row of each reading. NaN where none came."""
    import numpy as np

    out = np.full(len(grid), np.nan)
    out[cell] = values  # the last one wins
    first = np.flatnonzero(np.concatenate([[True], np.diff(cell) > 0]))
    last = np.append(first[1:], len(cell)) - 1
    many = first < last
    if sensor.role == "counter" or not many.any():
        return out
    first, last = first[many], last[many]
    rows = cell[first]
    if sensor.fill == "none":
        total = np.add.reduceat(values, np.stack([first, last + 1], 1).ravel().clip(max=len(values) - 1))[::2]
        # reduceat cannot end behind the array: the last group is summed apart.
        total[-1] = values[first[-1] : last[-1] + 1].sum()
        out[rows] = total / (last - first + 1)
        return out
    seconds = (times - times[0]) / SECOND
    end = (grid[rows] - times[0]) / SECOND
    begin = end - step / SECOND
    mean_of_step = (values[:-1] + values[1:]) / 2 if sensor.fill == "interpolate" else values[:-1]
    area = np.concatenate([[0.0], np.cumsum(mean_of_step * np.diff(seconds))])
    inner = area[last] - area[first]
    before = np.maximum(first - 1, 0)
    has_before = (first > 0) & (seconds[first] - seconds[before] <= max(sensor.fill_for_s, step / SECOND))
    head = np.where(has_before, seconds[first] - begin, 0.0)
    at_begin = values[before]
    if sensor.fill == "interpolate":
        gap = np.maximum(seconds[first] - seconds[before], 1e-9)
        slope = (values[first] - values[before]) / gap
        at_begin = (values[first] - slope * head + values[first]) / 2
    tail = end - seconds[last]
    length = head + seconds[last] - seconds[first] + tail
    out[rows] = (inner + at_begin * head + values[last] * tail) / length
    return out


def _majority(running: np.ndarray | None, cell: np.ndarray, num: int) -> np.ndarray | None:
    import numpy as np

    if running is None:
        return None
    out = np.full(num, UNKNOWN, np.int8)
    known = running != UNKNOWN
    if not known.any():
        return out
    told = np.bincount(cell[known], minlength=num)
    ran = np.bincount(cell[known], weights=running[known], minlength=num)
    at = told > 0
    out[at] = ran[at] * 2 >= told[at]
    return out


def _last(clock: np.ndarray | None, cell: np.ndarray, num: int) -> np.ndarray | None:
    import numpy as np

    if clock is None:
        return None
    out = np.full(num, np.nan)
    known = np.isfinite(clock)
    out[cell[known]] = clock[known]
    return out

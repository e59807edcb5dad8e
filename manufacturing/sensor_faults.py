"""Faults of sensors, not of machines: values outside physical limits, sensors that stand still, units that change overnight.

Each rule decides at a row from that row and earlier ones alone. What is found is masked (or, for units that the plant file names,
converted back): it lowers confidence and never reaches a model as a machine's fault.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .history import FLAGS
from .rows import Rows
from .units import alike, conversion, known

if TYPE_CHECKING:
    import numpy as np

    from .plant import Plant, Sensor

BASE_ROWS = 168
"""Running readings before a jump that say what is usual."""
LEAST_BASE_ROWS = 24
SAMPLE_STEP = 7
"""Of the readings before a candidate every so many are looked at first."""
CONFIRMED_ROWS = 12
"""So many readings in a row that only another unit explains, and the unit is taken as changed until the old level comes back."""
BACK_ROWS = 6
"""So many readings in a row on the old level, and the old unit is back."""
FAR, NEAR = 8.0, 4.0
"""In robust deviations from the usual level: farther is another level, nearer is the same."""
FLOOR = 0.02
"""The least deviation as a share of the level, so that a quiet sensor is not held to its noise."""
MOST_CANDIDATES = 20_000
"""Readings after steps of one sensor that are looked at."""


@dataclass(frozen=True)
class Conversion:
    """``new = factor * old + offset``, and what it turns into what."""

    name: str
    factor: float
    offset: float = 0.0


SCALES = tuple(
    Conversion(name, factor)
    for power in (10.0, 100.0, 1000.0)
    for name, factor in ((f"times {power:g}", power), (f"divided by {power:g}", 1 / power))
)
USUAL_MISTAKES = (
    *(("degC", "degF"), ("degF", "degC"), ("degC", "K"), ("K", "degC")),
    *(("psi", "kPa"), ("kPa", "psi"), ("bar", "psi"), ("psi", "bar")),
    *(("in", "mm"), ("mm", "in")),
)
"""What is looked for where the plant file tells no unit."""
LEAST_FACTOR = 1.7
"""A unit that changes values by less cannot be told from a machine that changed."""


def beyond_limits(rows: Rows, plant: Plant) -> np.ndarray:
    """bool[rows, sensors]: the value is outside the sensor's physical limits."""
    import numpy as np

    low = np.array([-np.inf if sensor.low is None else sensor.low for sensor in plant.sensors])
    high = np.array([np.inf if sensor.high is None else sensor.high for sensor in plant.sensors])
    return (rows.values < low) | (rows.values > high)


def stuck(values: np.ndarray, running: np.ndarray, interval_s: float, plant: Plant) -> np.ndarray:
    """bool[rows, sensors]: one same value has been read for ``stuck_after_s`` of running time or longer.

    ``values`` float32[rows, sensors] as read (NaN: nothing read, which neither ends nor lengthens the stretch). Counters and settings may stand
    still. The mask begins when the time is reached, not when the value first came.
    """
    import numpy as np

    found = np.zeros(values.shape, bool)
    for column, sensor in enumerate(plant.sensors):
        if sensor.role != "measure" or sensor.stuck_after_s <= 0:
            continue
        read = np.flatnonzero(~np.isnan(values[:, column]))
        if len(read) < 2:
            continue
        taken = values[read, column]
        ran = np.cumsum(running[read])
        starts = np.concatenate([[True], taken[1:] != taken[:-1]])
        before = (ran - running[read])[np.maximum.accumulate(np.where(starts, np.arange(len(read)), 0))]
        same_s = (ran - before - 1) * interval_s
        found[read, column] = (same_s >= sensor.stuck_after_s) & ~starts
    return found


@dataclass(frozen=True)
class UnitJump:
    """Rows of one sensor whose unit changed: from ``start`` (microseconds UTC), ``mask`` bool[rows of readings]; ``confirmed``: for long enough to be sure. ``back`` is set where the plant file names both units, so that they were converted back."""

    column: int
    start: int
    mask: np.ndarray
    conversion: Conversion
    back: bool
    confirmed: bool


def unit_jumps(
    rows: Rows, running: np.ndarray | None, plant: Plant, outside: np.ndarray | None = None
) -> tuple[UnitJump, ...]:
    """Stretches in which a sensor reads what it usually reads, in another unit.

    It begins with a step to a value far from the usual level that is near it when converted back, and at which no other sensor moved. From there
    on such rows count; after ``CONFIRMED_ROWS`` of them all rows do, until ``BACK_ROWS`` in a row are on the old level. The usual level is the median and the
    median deviation of the last ``BASE_ROWS`` running readings before the step.
    """
    import numpy as np

    runs = np.ones(len(rows.times), bool) if running is None else running == 1
    found: list[UnitJump] = []
    for column, sensor in enumerate(plant.sensors):
        if sensor.role == "counter":
            continue
        at = np.flatnonzero(runs & ~np.isnan(rows.values[:, column]))
        if len(at) <= LEAST_BASE_ROWS:
            continue
        taken = rows.values[at, column].astype(np.float64)
        usual = np.ones(len(at), bool)
        done = 0
        for candidate in _candidates(taken):
            if candidate < done:
                continue
            jump = _jump(taken, usual, int(candidate), sensor)
            if jump is None or _others_moved(rows, runs, plant, column, int(at[candidate])):
                continue
            rows_off, stop, changed = jump
            if len(rows_off) < CONFIRMED_ROWS and outside is not None:
                # Limits mask these readings anyway, and tell more of them.
                rows_off = rows_off[~outside[at[rows_off], column]]
            sure = len(rows_off) >= CONFIRMED_ROWS
            if not sensor.unit:
                # Of a unit that is not told, a few readings prove nothing.
                rows_off = rows_off[CONFIRMED_ROWS - 1 :]
            if not len(rows_off):
                continue
            usual[rows_off] = False
            done = stop
            mask = np.zeros(len(rows.times), bool)
            mask[at[rows_off]] = True
            if sure:
                # Idle readings between are in the new unit too.
                last = int(at[stop]) if stop < len(at) else len(mask)
                mask[int(at[rows_off[CONFIRMED_ROWS - 1 if sensor.unit else 0]]) : last] = True
            back = _told(sensor) == (changed.factor, changed.offset)
            found.append(
                UnitJump(
                    column,
                    int(rows.times[at[candidate]]),
                    mask & ~np.isnan(rows.values[:, column]),
                    changed,
                    back,
                    sure,
                )
            )
    return tuple(found)


def apply(rows: Rows, jumps: Sequence[UnitJump], outside: np.ndarray) -> Rows:
    """The rows with unit jumps converted back or masked; ``outside`` bool[rows, sensors] is masked as out of range (as read, before conversion)."""
    import numpy as np

    if not jumps and not outside.any():
        return rows
    values, flags = rows.values.copy(), rows.flags.copy()
    for jump in jumps:
        if jump.back:
            old = (values[jump.mask, jump.column].astype(np.float64) - jump.conversion.offset) / jump.conversion.factor
            values[jump.mask, jump.column] = old
        else:
            values[jump.mask, jump.column] = np.nan
            flags[jump.mask, jump.column] = FLAGS["unit_jump"]
    masked = outside & ~np.isnan(values)
    values[masked] = np.nan
    flags[masked] = FLAGS["out_of_range"]
    return Rows(rows.times, values, flags, rows.running, rows.clock)


def _candidates(taken: np.ndarray) -> np.ndarray:
    """Readings at which another unit may begin: after a step of half the level, and outside what was usual before.

    A pump that starts cold in the new unit shows it only once it is warm, so some readings behind the step count too.
    """
    import numpy as np

    step = np.abs(np.diff(taken)) > 0.5 * np.minimum(np.abs(taken[1:]), np.abs(taken[:-1]))
    near = np.convolve(step, np.ones(BACK_ROWS + 1))[: len(step)] > 0.5
    found = np.flatnonzero(near) + 1
    found = found[found >= LEAST_BASE_ROWS][:MOST_CANDIDATES]
    if not len(found):
        return found
    # Every seventh of the readings before is enough to leave out the thousands of steps that shifts make.
    back = np.arange(0, BASE_ROWS, SAMPLE_STEP)
    before = found[:, None] - 1 - back
    before = np.where(before >= 0, before, before % np.maximum(found[:, None], 1))
    tail = len(back) // 10
    ordered = np.partition(taken[before], (tail, len(back) - 1 - tail), axis=1)
    low, high = ordered[:, tail], ordered[:, -1 - tail]
    width = high - low
    return found[(taken[found] > high + width) | (taken[found] < low - width)]


def _level(taken: np.ndarray) -> tuple[float, float]:
    middle = _median(taken)
    spread = 1.4826 * _median(abs(taken - middle))
    return middle, max(spread, FLOOR * abs(middle), 1e-9)


def _median(taken: np.ndarray) -> float:
    """The upper median; much faster on short arrays than numpy's."""
    import numpy as np

    half = len(taken) // 2
    return float(np.partition(taken, half)[half])


def _jump(taken: np.ndarray, usual: np.ndarray, at: int, sensor: Sensor) -> tuple[np.ndarray, int, Conversion] | None:
    """Rows (of the running readings) that another unit explains from ``at`` on, where it ends, and the conversion."""
    import numpy as np

    base = taken[:at][usual[:at]][-BASE_ROWS:]
    if len(base) < LEAST_BASE_ROWS:
        return None
    middle, spread = _level(base)
    if abs(taken[at] - middle) <= FAR * spread:
        return None
    best: Conversion | None = None
    nearest = NEAR * spread
    for candidate in conversions(sensor):
        if not candidate.offset and abs(middle) < NEAR * spread:
            continue  # so near zero, any value is a multiple of any other
        distance = abs((taken[at] - candidate.offset) / candidate.factor - middle)
        if distance < nearest:
            best, nearest = candidate, distance
    if best is None:
        return None
    rest = taken[at:]
    # A reading on the old level, converted back, must not pass for the usual one, nor the other way round.
    apart = abs((middle - best.offset) / best.factor - middle) / 3
    fits = np.abs((rest - best.offset) / best.factor - middle) <= min(FAR * spread, apart)
    near = np.abs(rest - middle) <= min(NEAR * spread, abs(best.factor * middle + best.offset - middle) / 3)
    confirmed = np.flatnonzero(np.cumsum(fits) >= CONFIRMED_ROWS)
    lost = min(_first_run(~fits, BACK_ROWS), _first_run(near & ~fits, 1))
    if not fits[0]:
        return None
    if not len(confirmed) or lost <= confirmed[0]:
        rows = np.flatnonzero(fits[:lost])
        return at + rows, at + min(lost, len(rest)), best
    sure = int(confirmed[0])
    stop = sure + _first_run(near[sure:] & ~fits[sure:], BACK_ROWS)
    return np.concatenate([at + np.flatnonzero(fits[:sure]), np.arange(at + sure, at + stop)]), at + stop, best


def _first_run(marks: np.ndarray, length: int) -> int:
    """The row at which the first stretch of ``length`` marks is complete; the number of rows where there is none."""
    import numpy as np

    since = np.arange(len(marks)) - np.maximum.accumulate(np.where(marks, -1, np.arange(len(marks))))
    found = np.flatnonzero(marks & (since >= length))
    return int(found[0]) if len(found) else len(marks)


def conversions(sensor: Sensor) -> tuple[Conversion, ...]:
    """What the sensor's readings may have been turned into by mistake: powers of ten, and its unit's relatives."""
    pairs = [(sensor.unit, other) for other in alike(sensor.unit)] if known(sensor.unit) else USUAL_MISTAKES
    found: list[Conversion] = []
    line = _told(sensor)
    if line is not None:
        found.append(Conversion(f"{sensor.source_unit} to {sensor.unit} once too often", *line))
    for source, target in pairs:
        line = conversion(source, target)
        if line is not None and (line[1] or max(line[0], 1 / line[0]) >= LEAST_FACTOR):
            found.append(Conversion(f"{source} to {target}", *line))
    return (*found, *SCALES)


def _told(sensor: Sensor) -> tuple[float, float] | None:
    """The line from ``source_unit`` to ``unit`` where the plant file names both: what came in ``unit`` already was converted once too often."""
    if not sensor.source_unit or sensor.source_unit == sensor.unit:
        return None
    return conversion(sensor.source_unit, sensor.unit)


def _others_moved(rows: Rows, runs: np.ndarray, plant: Plant, column: int, row: int) -> bool:
    """Whether another measured sensor left its usual level at the same row: then the machine changed, not the unit."""
    import numpy as np

    first = max(0, row - 4 * BASE_ROWS)
    before = runs[first:row]
    for other, sensor in enumerate(plant.sensors):
        if other == column or sensor.role != "measure":
            continue
        value = float(rows.values[row, other])
        taken = rows.values[first:row, other][before]
        taken = taken[~np.isnan(taken)][-BASE_ROWS:]
        if np.isnan(value) or len(taken) < LEAST_BASE_ROWS:
            continue
        middle, spread = _level(taken.astype(np.float64))
        if abs(value - middle) > FAR * spread:
            return True
    return False

"""Features of one machine at chosen rows: statistics of its sensors over running time, logs, ages, traits.

Takes a ``Record`` and a ``FeatureSpec``, gives a ``FeatureTable`` for the models. Row ``i`` reads nothing behind ``at[i]``; where a part was renewed,
windows, baseline, logs and ages begin anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from ...core.errors import InputError, UsageError
from .regimes import assign, columns, normalise
from .statistics import names_of, sensor_columns
from .table import FeatureSpec, FeatureTable
from .windows import Windows, sensor_statistics

if TYPE_CHECKING:
    import numpy as np

    from ..history import Event, Record

MICROSECONDS_PER_HOUR = 3_600_000_000


def build(record: Record, spec: FeatureSpec, at: Sequence[int] | np.ndarray | None = None) -> FeatureTable:
    """The features of ``record`` at grid rows ``at`` (default: the last row alone), in the order of ``names_of(spec)``.

    A row in which the machine stands still has the features of its last running row; before the first running row of a life the sensors' are NaN.

    Raises:
        UsageError: the specification cannot be computed, or ``at`` leaves the record.
        InputError: the record has no rows (code ``no_rows``) or lacks a sensor (``missing_sensor``).
    """
    import numpy as np

    names = tuple(map(str, names_of(spec)))
    rows = len(record.times)
    if not rows:
        raise InputError(
            f"machine {record.machine} has no readings", code="no_rows", remedy="leave it out, or look at its files"
        )
    chosen = np.array([rows - 1]) if at is None else np.asarray(at, dtype=np.int64).ravel()
    if len(chosen) and (chosen.min() < 0 or chosen.max() >= rows):
        raise UsageError(f"machine {record.machine} has rows 0 to {rows - 1}; asked for {chosen.min()}-{chosen.max()}")
    first = _life_starts(record, _restarts(spec))
    life = np.searchsorted(first, chosen, side="right") - 1
    values = np.empty((len(chosen), len(names)), dtype=np.float32)
    filled = _sensors(values, record, spec, chosen, first, life)
    filled = _logs(values, filled, record, spec, chosen, first[life])
    filled = _ages(values, filled, record, spec, chosen)
    _traits(values, filled, record, spec)
    return FeatureTable(
        names=names,
        values=values,
        machines=np.full(len(chosen), record.machine, dtype=object),
        at=chosen,
        times=record.times[chosen],
        clock=record.clock[chosen].astype(np.float64),
    )


def concatenate(tables: Iterable[FeatureTable]) -> FeatureTable:
    """One table of several made with the same specification. Raises UsageError where there is none, or names differ."""
    import numpy as np

    parts = list(tables)
    if not parts:
        raise UsageError("no machine has features: there is no table to join")
    if any(part.names != parts[0].names for part in parts):
        raise UsageError("feature tables made with unlike specifications cannot be joined")
    return FeatureTable(
        names=parts[0].names,
        values=np.concatenate([part.values for part in parts]),
        machines=np.concatenate([part.machines for part in parts]),
        at=np.concatenate([part.at for part in parts]),
        times=np.concatenate([part.times for part in parts]),
        clock=np.concatenate([part.clock for part in parts]),
    )


def window_rows(record: Record, spec: FeatureSpec, at: int, window: int) -> tuple[int, int]:
    """First and last grid row that a window of ``window`` running rows (0: the life so far) at grid row ``at`` reads.

    Both are ``at`` where the machine has not run in this life.
    """
    import numpy as np

    first = _life_starts(record, _restarts(spec))
    start = int(first[np.searchsorted(first, at, side="right") - 1])
    running = start + np.flatnonzero(record.running[start : at + 1])
    if not len(running):
        return at, at
    return int(running[-window] if 0 < window <= len(running) else running[0]), int(running[-1])


def _restarts(spec: FeatureSpec) -> tuple[str, ...]:
    return ("", *spec.components) if spec.restarts is None else spec.restarts


def _life_starts(record: Record, components: Iterable[str]) -> np.ndarray:
    """int64[lives]: grid rows at which a life of one of ``components`` begins, rising, row 0 always among them."""
    import numpy as np

    wanted = set(components)
    starts = {max(0, life.start) for life in record.lives if life.component in wanted}
    return np.array(sorted({0} | {start for start in starts if start < len(record.times)}), dtype=np.int64)


def _sensors(
    into: np.ndarray, record: Record, spec: FeatureSpec, at: np.ndarray, first: np.ndarray, life: np.ndarray
) -> int:
    """Fill the columns of the sensors; return how many there are."""
    import numpy as np

    groups = sensor_columns(spec)
    width = len(spec.sensors)
    if not groups or not width:
        return 0
    running = np.flatnonzero(record.running)
    starts = np.searchsorted(running, first)
    ends = np.searchsorted(running, at, side="right") - 1
    so_far = np.maximum(ends - starts[life] + 1, 0)
    begin = _first_row_needed(spec, groups, starts[life], ends, so_far)
    rows = running[begin : int(ends.max(initial=-1)) + 1]
    lengths = {window: np.minimum(so_far, window) for window in spec.windows}
    windows = Windows(
        ends=np.maximum(ends - begin, 0),
        lengths={**lengths, 0: so_far},
        firsts=np.maximum(starts[life] - begin, 0),
        starts=_within(starts - begin, len(rows)),
        baseline_rows=spec.baseline_rows,
        interval_s=record.interval_s,
    )
    values = columns(record, spec.sensors, rows) if len(rows) else np.full((1, width), np.nan)
    if spec.regimes is not None and len(rows):
        settings = columns(record, spec.regimes.settings, rows)
        values = normalise(values, assign(settings, spec.regimes), spec.regimes)
    limits = None
    if spec.limits is not None and all(sensor in spec.limits for sensor in spec.sensors):
        limits = np.array([spec.limits[sensor] for sensor in spec.sensors]).T
    found = sensor_statistics(values, windows, groups, limits)
    for place, group in enumerate(groups):
        into[:, place * width : (place + 1) * width] = found[group]
    return len(groups) * width


def _first_row_needed(
    spec: FeatureSpec, groups: Sequence[tuple[str, int]], firsts: np.ndarray, ends: np.ndarray, so_far: np.ndarray
) -> int:
    """The first running row that any feature asked for reads: a whole life's, or the widest window's."""
    import numpy as np

    if not len(ends):
        return 0
    if any(window == 0 or name == "change" for name, window in groups):
        return max(0, int(np.where(so_far > 0, firsts, ends).min()))
    return max(0, int((ends - np.minimum(so_far, spec.windows[-1]) + 1).min()))


def _within(starts: np.ndarray, rows: int) -> np.ndarray:
    """Life starts counted from the first row kept: those within the rows, the one before them moved to row 0."""
    import numpy as np

    kept = np.unique(np.concatenate([[0], starts[(starts > 0) & (starts < rows)]]))
    return kept.astype(np.int64)


def _logs(
    into: np.ndarray, filled: int, record: Record, spec: FeatureSpec, at: np.ndarray, life_start: np.ndarray
) -> int:
    """Counts within hours and hours since the last event of each code; events of an earlier life are not seen."""
    import numpy as np

    now = record.times[at]
    # an event between two rows is known at the second of them
    before = np.where(life_start > 0, record.times[np.maximum(life_start - 1, 0)], np.iinfo(np.int64).min)
    for code in spec.codes:
        times = np.array(sorted(event.time for event in record.events if _is_of(event, code)), dtype=np.int64)
        seen = np.searchsorted(times, now, side="right")
        earlier = np.searchsorted(times, before, side="right")
        for hours in spec.log_windows_h:
            since = np.searchsorted(times, now - int(hours * MICROSECONDS_PER_HOUR), side="right")
            into[:, filled] = seen - np.minimum(np.maximum(since, earlier), seen)
            filled += 1
        last = times[np.maximum(seen - 1, 0)] if len(times) else np.zeros_like(now)
        into[:, filled] = np.where(seen > earlier, (now - last) / MICROSECONDS_PER_HOUR, np.nan)
        filled += 1
    return filled


def _is_of(event: Event, code: str) -> bool:
    kind, slash, rest = code.partition("/")
    if slash and kind in ("failure", "maintenance", "error", "stop", "order"):
        return event.kind == kind and event.code == rest
    return event.kind == "error" and event.code == code


def _ages(into: np.ndarray, filled: int, record: Record, spec: FeatureSpec, at: np.ndarray) -> int:
    """Clock units since the life of the machine and of each component began."""
    import numpy as np

    if not spec.clock:
        return filled
    now = record.clock[at]
    for component in ("", *(name for name in spec.components if name)):
        lives = sorted((life.start, life.age_at_start) for life in record.lives if life.component == component)
        age = now.astype(np.float64) if not component else np.full(len(at), np.nan)
        if lives:
            starts = np.array([start for start, _ in lives])
            place = np.searchsorted(starts, at, side="right") - 1
            begun = record.clock[np.clip(starts, 0, len(record.clock) - 1)]
            at_start = np.array([age for _, age in lives])
            age = np.where(place >= 0, now - begun[place] + at_start[place], np.nan if component else age)
        into[:, filled] = age
        filled += 1
    return filled


def _traits(into: np.ndarray, filled: int, record: Record, spec: FeatureSpec) -> None:
    import numpy as np

    for trait, words in (spec.traits or {}).items():
        value = record.traits.get(trait)
        if words:
            known = value is not None and value == value
            for word in words:
                into[:, filled] = float(str(value) == word) if known else np.nan
                filled += 1
            continue
        try:
            into[:, filled] = float(value) if value is not None else np.nan
        except ValueError:
            into[:, filled] = np.nan
        filled += 1

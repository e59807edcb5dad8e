"""Readings put in order of time: one row a stamp, what cannot be a stamp taken out, and remarks on how they came.

The first step of ``quality.check``. Sensors come out in the plant file's order, those that the data lack as columns without a value.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ..core.errors import InputError
from .history import FLAGS, Finding, History
from .local_time import DAY, HOUR, SECOND, LocalTime

if TYPE_CHECKING:
    import numpy as np

    from .plant import Plant

MIN_ROWS = 10
"""Fewer stamps than these say nothing about a machine; the grid's phase is taken from the first so many."""
LONGEST_SILENCE_US = 400 * DAY
"""Readings on the far side of a longer silence are taken for another machine's or a clock that was never set."""
HOUR_TOLERANCE = 0.1
"""How far a step may be from one hour, in hours, to be taken for a clock change."""
UNKNOWN = -1


@dataclass(frozen=True)
class Rows:
    """One row a stamp, rising. ``values`` float32[rows, sensors] by the plant's sensors, ``flags`` uint8[rows, sensors].

    ``running`` int8[rows]: 1, 0 or ``UNKNOWN``, or None where nothing in the data tells. ``clock`` float64[rows] or None.
    """

    times: np.ndarray
    values: np.ndarray
    flags: np.ndarray
    running: np.ndarray | None
    clock: np.ndarray | None


def in_order(history: History, plant: Plant, *, now: int | None = None) -> tuple[Rows, list[Finding]]:
    """Sort, drop what is there twice, and take out stamps that cannot be.

    Of readings with one stamp the last value that came counts, sensor by sensor. Stamps after ``now`` are dropped, and so is all
    but the largest part where readings lie more than ``LONGEST_SILENCE_US`` apart.

    Raises:
        InputError: arrays that do not fit each other, or too few readings.
    """
    import numpy as np

    zone = LocalTime(plant.time_zone)
    _fitting(history)
    findings: list[Finding] = []
    times = np.asarray(history.times, np.int64)
    values, flags = _by_plant(history, plant, findings)
    keep = np.ones(len(times), bool) if now is None else times <= now
    if not keep.all():
        late = times[~keep]
        findings.append(
            _rows("future", late, "masked", 0.02)(
                f"{len(late)} readings are dated after now ({zone.text(int(now or 0))}), the last {zone.text(int(late.max()))}; they are left out"
            )
        )
    arrived = times[keep]
    findings += _order_of_arrival(arrived, plant, zone)
    order = np.flatnonzero(keep)
    if len(arrived) > 1 and (np.diff(arrived) < 0).any():
        order = order[np.argsort(arrived, kind="stable")]
    order = _one_stretch(times, order, zone, findings)
    if len(order) == len(times) and bool((np.diff(order) == 1).all()):
        rows = Rows(times, values, flags, _running(history), history.clock)
    else:
        running = _running(history)
        rows = Rows(
            times[order],
            values[order],
            flags[order],
            None if running is None else running[order],
            None if history.clock is None else history.clock[order],
        )
    rows = _one_row_a_stamp(rows, zone, findings)
    if len(rows.times) < MIN_ROWS:
        raise InputError(
            f"machine {history.machine!r} has {len(rows.times)} readings with a time stamp of its own; at least {MIN_ROWS} are needed",
            code="too_few_rows",
            remedy="Give more of its past, or leave the machine out; if the data hold one row a machine and no time, this is no history.",
        )
    return rows, findings


def _fitting(history: History) -> None:
    rows, sensors = len(history.times), len(history.sensors)
    shapes = (history.values.shape, history.flags.shape)
    columns = (history.running, history.clock)
    if shapes != ((rows, sensors),) * 2 or any(column is not None and len(column) != rows for column in columns):
        raise InputError(
            f"machine {history.machine!r}: {rows} stamps and {sensors} sensors do not fit arrays of {shapes[0]} and {shapes[1]}",
            code="shape",
            remedy="Read the machine again; its columns must have one length.",
        )


def _running(history: History) -> np.ndarray | None:
    return None if history.running is None else history.running.astype("int8")


def _by_plant(history: History, plant: Plant, findings: list[Finding]) -> tuple[np.ndarray, np.ndarray]:
    """Columns in the plant's order; a sensor that the history lacks has no value."""
    import numpy as np

    names = tuple(sensor.name for sensor in plant.sensors)
    values = np.asarray(history.values, np.float32)
    flags = np.asarray(history.flags, np.uint8)
    if names != history.sensors:
        at = {name: column for column, name in enumerate(history.sensors)}
        ordered = np.full((len(values), len(names)), np.nan, np.float32)
        marks = np.full((len(values), len(names)), FLAGS["missing"], np.uint8)
        for column, name in enumerate(names):
            if name in at:
                ordered[:, column], marks[:, column] = values[:, at[name]], flags[:, at[name]]
        values, flags = ordered, marks
        if extra := [name for name in history.sensors if name not in names]:
            listed = ", ".join(extra[:5]) + (f" and {len(extra) - 5} more" if len(extra) > 5 else "")
            findings.append(
                Finding("unknown_sensor", "", 0, 0, 0, "noted", f"{listed}: not in the plant file, so not looked at")
            )
    odd = np.isinf(values)
    if odd.any():
        values, flags = np.where(odd, np.float32(np.nan), values), np.where(odd, FLAGS["not_a_number"], flags)
    unsaid = np.isnan(values) & ((flags == FLAGS["ok"]) | (flags == FLAGS["filled"]))
    if unsaid.any():
        flags = np.where(unsaid, FLAGS["missing"], flags)
    unusable = ~np.isnan(values) & (flags != FLAGS["ok"]) & (flags != FLAGS["filled"])
    if unusable.any():
        values = np.where(unusable, np.float32(np.nan), values)
    return values, flags.astype(np.uint8)


def _order_of_arrival(times: np.ndarray, plant: Plant, zone: LocalTime) -> list[Finding]:
    """Remarks on steps backwards, and on steps that a clock change explains."""
    import numpy as np

    findings: list[Finding] = []
    if len(times) < 2:
        return findings
    step = plant.readings.interval_s * SECOND
    steps = np.diff(times)
    back = np.flatnonzero(steps < 0)
    # A clock set back by an hour shows as one step of an hour less than the usual step.
    hourly = np.abs(step - steps[back] - HOUR) <= HOUR_TOLERANCE * HOUR if step <= HOUR else np.zeros(len(back), bool)
    set_back = back[hourly] if len(back) <= 4 else back[:0]
    if len(set_back):
        at = int(times[set_back[0]])
        findings.append(
            Finding(
                *("clock_back", "", at, int(times[set_back[-1]]), len(set_back), "repaired"),
                f"the clock that stamped the readings was set back by an hour at {zone.text(at)}: that hour is there twice, the second one counts",
                0.01,
            )
        )
    rest = np.setdiff1d(back, set_back)
    if len(rest):
        at = int(times[rest[0] + 1])
        findings.append(
            Finding(
                *("reordered", "", at, int(times[rest[-1] + 1]), len(rest), "repaired"),
                f"{len(rest)} times a reading came after a later one (first {zone.text(at)}); sorted by time stamp",
                min(0.05, len(rest) / len(times)),
            )
        )
    changes = zone.changes(int(times.min()), int(times.max())) if step < HOUR * 2 else ()
    for moment, before, after in changes:
        if after <= before:
            continue
        last, following = times[times < moment], times[times >= moment]
        if not len(last) or not len(following):
            continue
        silence = int(following.min()) - int(last.max())
        if abs(silence - step - HOUR) <= HOUR_TOLERANCE * HOUR and int(following.min()) - moment >= HOUR * (
            1 - HOUR_TOLERANCE
        ):
            findings.append(
                Finding(
                    *("clock_forward", "", moment, int(following.min()), 0, "noted"),
                    f"an hour is missing where summer time began ({zone.text(moment)}): the stamps are probably local time read as another",
                )
            )
    return findings


def _one_stretch(times: np.ndarray, order: np.ndarray, zone: LocalTime, findings: list[Finding]) -> np.ndarray:
    """The largest part of the readings between silences of more than a year."""
    import numpy as np

    breaks = np.flatnonzero(np.diff(times[order]) > LONGEST_SILENCE_US) + 1
    if not len(breaks):
        return order
    parts = np.split(order, breaks)
    best = max(range(len(parts)), key=lambda part: (len(parts[part]), part))
    lost = np.concatenate([part for index, part in enumerate(parts) if index != best])
    findings.append(
        _rows("far_away", times[lost], "masked", 0.05)(
            f"{len(lost)} readings lie more than a year away from the others (first {zone.text(int(times[lost].min()))}, last "
            f"{zone.text(int(times[lost].max()))}); they are left out as a clock that was not set"
        )
    )
    return parts[best]


def _one_row_a_stamp(rows: Rows, zone: LocalTime, findings: list[Finding]) -> Rows:
    import numpy as np

    num = len(rows.times)
    first = np.flatnonzero(np.concatenate([[True], np.diff(rows.times) > 0])) if num else np.zeros(0, np.int64)
    if len(first) == num:
        return rows
    index = np.arange(num)[:, None]
    known = ~np.isnan(rows.values)
    last_row = np.append(first[1:], num) - 1
    last_known = np.maximum.reduceat(np.where(known, index, -1), first, axis=0)
    taken = np.where(last_known >= 0, last_known, last_row[:, None])
    columns = np.arange(rows.values.shape[1])
    values, flags = rows.values[taken, columns], rows.flags[taken, columns]
    group = np.repeat(np.arange(len(first)), np.diff(np.append(first, num)))
    differs = (known & (rows.values != values[group])).any(axis=1)
    in_conflict = np.unique(group[differs])
    same = num - len(first) - int(differs.sum())
    extra = rows.times[np.setdiff1d(np.arange(num), last_row)]
    if same:
        findings.append(
            _rows("duplicate", extra, "repaired", 0.0)(
                f"{same} readings were there twice with the same values; one of each is kept"
            )
        )
    if len(in_conflict):
        stamps = rows.times[first[in_conflict]]
        findings.append(
            Finding(
                *("duplicate_differs", "", int(stamps[0]), int(stamps[-1]), len(in_conflict), "repaired"),
                f"{len(in_conflict)} time stamps carry several different readings (first {zone.text(int(stamps[0]))}); the last that came counts",
                min(0.1, len(in_conflict) / len(first)),
            )
        )
    return Rows(
        rows.times[first],
        values,
        flags,
        None if rows.running is None else rows.running[last_row],
        None if rows.clock is None else rows.clock[last_row],
    )


def _rows(
    code: str, stamps: np.ndarray, action: Literal["repaired", "masked"], weight: float
) -> Callable[[str], Finding]:
    """A finding on rows from the first to the last of ``stamps``."""
    return lambda sentence: Finding(
        code, "", int(stamps.min()), int(stamps.max()), len(stamps), action, sentence, weight
    )

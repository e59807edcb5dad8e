"""What lives are counted in, and the lives of each component.

The clock counts cycles, running hours or calendar hours, or follows a counter in the data through its resets and roll-overs. A failure ends a life and
begins a new one; a maintenance action does what the plant file says it restores, by default nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from .history import Event, Finding, Life
from .local_time import DAY, HOUR, SECOND, LocalTime

if TYPE_CHECKING:
    import numpy as np

    from .plant import Action, Plant

ROLL_OVERS = (1e4, 1e5, 1e6, 2.0**15, 2.0**16, 2.0**31, 2.0**32)
"""Where counters begin again at zero."""
RESET_SHARE = 0.1
"""A counter that falls below this share of its last value was reset."""
GLITCH_ROWS = 24
"""A counter that comes back to where it was within so many readings had a bad reading, no reset."""
AFTER_DATA_US = 7 * DAY
"""A failure logged later than this after the last reading says nothing about it."""
REPAIR_US = 7 * DAY
"""Work within so long after a failure, with next to no running time between, is its repair."""
TRIAL_RUN_S = 7200.0
"""Running time between a failure and its repair that is no life (at least two intervals)."""


def count(
    times: np.ndarray, running: np.ndarray, plant: Plant, column: np.ndarray | None, *, machine: str = ""
) -> tuple[np.ndarray, list[Finding]]:
    """float64[rows]: running time so far in the plant's clock unit, never falling; and remarks on the counter.

    Args:
        times, running: the grid and whether the machine ran in the interval that ends at each stamp.
        column: float64[rows], the counter as read (NaN: nothing read), or None.
    """
    import numpy as np

    step_h = plant.readings.interval_s / 3600
    unit = plant.clock.unit
    if column is not None and np.isfinite(column).any():
        return _followed(times, column, plant)
    if unit == "calendar_hours":
        clock = (times - times[0]) / HOUR + step_h
    else:
        clock = np.cumsum(running, dtype=np.float64) * (1.0 if unit == "cycles" else step_h)
    findings: list[Finding] = []
    if plant.clock.column:
        findings.append(
            Finding(
                *("no_counter", "", int(times[0]), int(times[-1]), len(times), "noted"),
                f"the counter {plant.clock.column!r} has no reading; {unit.replace('_', ' ')} are counted from the readings instead",
                0.05,
            )
        )
    return clock, findings


def _followed(times: np.ndarray, column: np.ndarray, plant: Plant) -> tuple[np.ndarray, list[Finding]]:
    """A counter's own steps, through resets, roll-overs and readings that cannot be."""
    import numpy as np

    zone = LocalTime(plant.time_zone)
    at = np.flatnonzero(np.isfinite(column))
    taken = column[at].astype(np.float64)
    steps = np.diff(taken)
    longest = np.diff(times[at]) / HOUR * 1.05 + 1.0
    if plant.clock.unit == "cycles":
        longest[:] = np.inf
    fell = np.flatnonzero(steps < 0)
    suspect = (steps < 0) | (steps > longest)
    for index in fell:
        # What rises by about as much soon after a fall is the old reading that comes back.
        after = slice(index + 1, index + 1 + GLITCH_ROWS)
        suspect[after] |= steps[after] >= -0.5 * steps[index]
    odd = np.flatnonzero(suspect)
    remarks: dict[str, list[int]] = {}
    before_drop, dropped_at = np.nan, -GLITCH_ROWS
    for index in odd:
        old, new = taken[index], taken[index + 1]
        if steps[index] < 0:
            modulus = next((size for size in ROLL_OVERS if 0.9 * size <= old <= size and new < 0.1 * size), None)
            if modulus is not None:
                steps[index] = modulus - old + new
                kind = "counter_rolled_over"
            elif new <= RESET_SHARE * old:
                # What ran since the reset is all that the new reading can say.
                steps[index] = new if 0 <= new <= longest[index] < np.inf else 0.0
                before_drop, dropped_at, kind = old, int(index), "counter_reset"
            else:
                steps[index], kind = 0.0, "counter_fell"
                before_drop, dropped_at = old, int(index)
        elif index - dropped_at <= GLITCH_ROWS and new >= before_drop:
            counted = float(steps[dropped_at:index].sum())
            steps[index], kind = max(0.0, new - before_drop - counted), "counter_glitch"
        elif steps[index] > longest[index]:
            steps[index], kind = float(longest[index]), "counter_leapt"
        else:
            continue
        remarks.setdefault(kind, []).append(int(times[at[index + 1]]))
    clock = np.full(len(times), taken[0])
    total = np.concatenate([[0.0], np.cumsum(steps)])
    clock[at] = taken[0] + total
    last = np.maximum.accumulate(np.where(np.isfinite(column), np.arange(len(column)), -1))
    clock = np.where(last >= 0, clock[np.maximum(last, 0)], taken[0])
    return clock, [_remark(kind, moments, zone) for kind, moments in remarks.items()]


_COUNTER_WORDS = {
    "counter_rolled_over": "the counter rolled over to zero; counting goes on",
    "counter_reset": "the counter was set back to zero; counting goes on from before",
    "counter_fell": "the counter fell without a reset; it is held until it rises again",
    "counter_glitch": "the counter had a bad reading and came back; the bad one is left out",
    "counter_leapt": "the counter rose faster than the clock on the wall; counted no faster than that",
}


def _remark(kind: str, moments: Sequence[int], zone: LocalTime) -> Finding:
    times = "once" if len(moments) == 1 else f"{len(moments)} times"
    return Finding(
        *(kind, "", moments[0], moments[-1], len(moments), "repaired"),
        f"{_COUNTER_WORDS[kind]} ({times}, first {zone.text(moments[0])})",
        0.0 if kind == "counter_rolled_over" else min(0.05, 0.01 * len(moments)),
    )


@dataclass(frozen=True)
class _Renewal:
    """What happened to a component at a moment: ``left`` is the share of its age that stays."""

    time: int
    end: Literal["failure", "replaced"]
    left: float


def lives(
    times: np.ndarray,
    clock: np.ndarray,
    running: np.ndarray,
    events: Sequence[Event],
    plant: Plant,
    *,
    counted: bool = False,
) -> tuple[tuple[Life, ...], list[Finding]]:
    """Lives of every component of the plant file; "" is the whole machine, which every failure ends.

    Rows up to and with the stamp of an event belong to the old life: a new one begins at the first row after it. Work that restores ``partly``
    begins a life at the rest of the age (a virtual age, as in Kijima's second model). ``counted``: the clock came from a counter, whose first
    reading is the age at the start.
    """
    import numpy as np

    zone = LocalTime(plant.time_zone)
    last = int(times[-1])
    found: list[Life] = []
    findings: list[Finding] = []
    named = [component.name for component in plant.components if component.name]
    relevant = sorted(event for event in events if event.kind in ("failure", "maintenance"))
    ran = np.concatenate([[0], np.cumsum(running)])
    for component in plant.components:
        renewals = [
            renewal
            for event in relevant
            if event.time <= last + AFTER_DATA_US
            and (renewal := _renewal(event, component.name, named, plant)) is not None
        ]
        found += _lives_of(component.name, renewals, times, clock, ran, plant, counted)
    failures = [event for event in relevant if event.kind == "failure"]
    late = [event for event in failures if event.time > last + AFTER_DATA_US]
    if late:
        findings.append(
            Finding(
                *("failure_after_data", "", late[0].time, late[-1].time, len(late), "noted"),
                f"{len(late)} failures are logged more than a week after the last reading (first {zone.text(late[0].time)}); they end no life",
            )
        )
    if len(named) > 1 and "" not in {component.name for component in plant.components}:
        unknown = [event for event in failures if event.component not in named]
        if unknown:
            findings.append(
                Finding(
                    *("failure_without_component", "", unknown[0].time, unknown[-1].time, len(unknown), "noted"),
                    f"{len(unknown)} failures name no component of the plant file (first {zone.text(unknown[0].time)}); they end no life",
                )
            )
    return tuple(found), findings


def _renewal(event: Event, component: str, named: Sequence[str], plant: Plant) -> _Renewal | None:
    """What the event does to the component, or None."""
    action = _action(event, component, plant.actions)
    if event.kind == "failure":
        concerns = not component or event.component == component or (not event.component and named == [component])
        if not concerns:
            return None
        left = 0.0 if action is None else _left(action)
        return _Renewal(event.time, "failure", left)
    if action is None or action.restores == "nothing":
        return None
    if event.component and component and event.component != component:
        return None
    if not component and (action.component or event.component in named):
        # Work on one part does not make the whole machine new.
        return None
    return _Renewal(event.time, "replaced", _left(action))


def _action(event: Event, component: str, actions: Sequence[Action]) -> Action | None:
    """The plant's word on it: for this component first, then for any. A failure may be named by its code or as ``failure``."""
    names = (event.code, "failure") if event.kind == "failure" else (event.code,)
    for name in names:
        for wanted in (event.component or component, ""):
            for action in actions:
                if action.name == name and action.component == wanted:
                    return action
    return None


def _left(action: Action) -> float:
    return {"new": 0.0, "partly": 1.0 - action.share, "nothing": 1.0}[action.restores]


def _lives_of(
    component: str,
    renewals: Sequence[_Renewal],
    times: np.ndarray,
    clock: np.ndarray,
    ran: np.ndarray,
    plant: Plant,
    counted: bool,
) -> list[Life]:
    import numpy as np

    found: list[Life] = []
    start, age = 0, float(clock[0]) if counted else 0.0
    earlier = [renewal for renewal in renewals if renewal.time < times[0]]
    for renewal in earlier:
        # Before the data begin, only a full renewal tells an age.
        if renewal.left == 0.0:
            age = _age_since(renewal.time, int(times[0]), plant)
    trial = max(2.0, TRIAL_RUN_S / plant.readings.interval_s)
    last: _Renewal | None = None
    for renewal in renewals[len(earlier) :]:
        stop = int(np.searchsorted(times, renewal.time, side="right"))
        if last is not None and (stop == start or start >= len(times)):
            # Between the same two readings: one end of life, a failure if any of them was one.
            if renewal.end == "failure":
                found[-1] = replace(found[-1], end="failure")
            age *= renewal.left
            last = renewal if renewal.end == "failure" else last
            continue
        repaired = last is not None and last.end == "failure" and renewal.time - last.time <= REPAIR_US
        if repaired and age == 0.0 and ran[stop] - ran[start] <= trial:
            continue
        reached = age + float(clock[stop - 1] - clock[start])
        found.append(Life(component, start, stop, renewal.end, age_at_start=age))
        start, age, last = stop, reached * renewal.left, renewal
    if start < len(times):
        found.append(Life(component, start, len(times), "running", age_at_start=age))
    return found


def _age_since(time: int, first: int, plant: Plant) -> float:
    """Age at the first reading of what was new at ``time``: by the plant's ``per_day``, else as if it had always run (an upper bound)."""
    days = (first - time) / DAY
    if plant.clock.unit == "calendar_hours":
        return days * 24
    usual = DAY / SECOND / plant.readings.interval_s if plant.clock.unit == "cycles" else 24.0
    return days * (plant.clock.per_day or usual)

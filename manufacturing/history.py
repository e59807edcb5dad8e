"""One machine's record as every stage sees it: readings on one time axis, the events beside them, what is known of the machine.

``reading`` makes a ``History`` of whatever lies in files or a database; ``quality.check`` turns it into a ``Record``: a regular grid, doubtful
values masked, running time counted, lives separated. Features and models read nothing but records.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import numpy as np

EventKind = Literal["failure", "maintenance", "error", "stop", "order"]
"""``stop`` is a planned stop of production; ``order`` a work order that is already open elsewhere."""


@dataclass(frozen=True, order=True)
class Event:
    """Something that was logged about a machine. ``time`` is microseconds since 1970 in UTC.

    ``code`` is the log's own word (an error's code, the name of a maintenance action); ``component`` what it concerns, "" where the log
    does not say. ``until`` ends what lasts (a stop, a repair), else equals ``time``.
    """

    time: int
    kind: EventKind
    code: str = ""
    component: str = ""
    until: int = 0
    note: str = ""


@dataclass(frozen=True)
class History:
    """One machine as read: rows in the order of time stamps as they came, units and states already mapped by the plant file.

    ``times`` int64[rows] microseconds since 1970 UTC, not necessarily sorted or regular; ``values`` float32[rows, sensors], NaN where nothing
    usable stood; ``flags`` uint8[rows, sensors], 0 or one of ``FLAGS``. ``running`` bool[rows] or None where no column
    tells. ``clock`` float64[rows] is the life counter as recorded, or None. ``traits`` are fixed facts (model, age, installation date).
    """

    machine: str
    sensors: tuple[str, ...]
    times: np.ndarray
    values: np.ndarray
    flags: np.ndarray
    running: np.ndarray | None = None
    clock: np.ndarray | None = None
    events: tuple[Event, ...] = ()
    traits: Mapping[str, str | float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


FLAGS: Mapping[str, int] = {
    "ok": 0,
    "missing": 1,
    "state": 2,
    "bad_quality": 3,
    "not_a_number": 4,
    "out_of_range": 5,
    "stuck": 6,
    "unit_jump": 7,
    "filled": 8,
}
"""Why a value is as it is: all but ``ok`` and ``filled`` are masked (NaN in the record); ``filled`` was held or interpolated."""


@dataclass(frozen=True)
class Finding:
    """One remark on the data of a machine: what, where, how much, and what was done about it.

    ``action`` is ``repaired``, ``masked``, ``refused`` or ``noted``; ``sensor`` is "" where it concerns the rows. ``weight`` in 0 to 1 is how much it
    lowers confidence; it never raises a machine's risk.
    """

    code: str
    sensor: str
    start: int
    end: int
    num_rows: int
    action: Literal["repaired", "masked", "refused", "noted"]
    sentence: str
    weight: float = 0.0


@dataclass(frozen=True)
class Life:
    """One life of one component: rows ``start`` to ``stop`` (exclusive) of the record, how it ended, and its age when it began.

    ``end`` is ``failure``, ``replaced`` (censored, informative) or ``running`` (censored by the end of the data).
    """

    component: str
    start: int
    stop: int
    end: Literal["failure", "replaced", "running"]
    age_at_start: float = 0.0


@dataclass(frozen=True)
class Record:
    """One machine, checked: a regular grid from first to last reading.

    ``times`` int64[rows] microseconds UTC, ``interval_s`` apart; ``values`` float32[rows, sensors], NaN where masked or missing; ``flags``
    uint8[rows, sensors]; ``running`` bool[rows]; ``clock`` float64[rows]: running time so far in the plant's clock unit, never falling.
    ``lives`` by component ("" is the whole machine). Row ``i`` holds what was known at ``times[i]``, never later.
    """

    machine: str
    sensors: tuple[str, ...]
    interval_s: float
    times: np.ndarray
    values: np.ndarray
    flags: np.ndarray
    running: np.ndarray
    clock: np.ndarray
    clock_unit: str
    lives: tuple[Life, ...] = ()
    events: tuple[Event, ...] = ()
    traits: Mapping[str, str | float] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()

    @property
    def confidence(self) -> float:
        """1 less what the findings take away, at least 0."""
        return max(0.0, 1.0 - sum(finding.weight for finding in self.findings))

    def column(self, sensor: str) -> np.ndarray:
        """float32[rows]: the values of one sensor. Raises KeyError with the known names."""
        if sensor not in self.sensors:
            raise KeyError(f"no sensor {sensor!r}; known: {', '.join(self.sensors)}")
        return self.values[:, self.sensors.index(sensor)]


def until(record: Record, row: int) -> Record:
    """The record as it stood after ``row`` rows: what a feature at row ``row - 1`` may know, and no more."""
    from dataclasses import replace

    last = int(record.times[row - 1]) if row else 0
    return replace(
        record,
        times=record.times[:row],
        values=record.values[:row],
        flags=record.flags[:row],
        running=record.running[:row],
        clock=record.clock[:row],
        lives=_lives_until(record.lives, row),
        events=tuple(event for event in record.events if event.time <= last),
    )


def _lives_until(lives: Sequence[Life], row: int) -> tuple[Life, ...]:
    from dataclasses import replace

    kept = [life for life in lives if life.start < row]
    # what ends a life that stops at the cut happens at its stop, which is not known yet
    return tuple(life if life.stop < row else replace(life, stop=row, end="running") for life in kept)

"""What planning takes and gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from ..outlook import Survival


@dataclass(frozen=True)
class Task:
    """A service that could be done: one component of one machine, its survival from today, and what it takes.

    ``renewal_rate`` is the cost per day of the best standing policy on such a component (what a day of its life is worth). ``new`` is the survival of a new one, None where no
    age model tells it. ``warned`` is the share of failures later than ``lead_days`` from now that the
    model is expected to announce in time, so that they cost planned work (0: none, or it has announced this one already). ``age_days`` is its age in days at its present pace.
    ``failure_cost`` has the production that a failure stops in it; ``planned_cost`` has not: that depends on the window.
    """

    machine: str
    component: str
    survival: Survival
    renewal_rate: float
    planned_cost: float
    failure_cost: float
    planned_hours: float
    failure_hours: float
    crew: int = 1
    skill: str = ""
    earliest: date | None = None
    group: str = ""
    basis: str = "model"
    covered_by: str = ""
    """Id of an open work order that covers it already."""
    new: Survival | None = None
    age_days: float = 0.0
    warned: float = 0.0
    lead_days: float = 0.0


@dataclass(frozen=True)
class Slot:
    """A window in which work is allowed: the date on which it begins, hours that machines may stand, crew hours of that day by skill.

    Windows of one day share its crew; an empty mapping sets no limit. ``begins`` is microseconds UTC (0: the whole day). ``idle_hours`` is the longest stretch in it without production, so
    much standstill loses none (None: all of it). ``machine``: only this one may be worked on, in a stop planned for it alone.
    """

    day: date
    hours: float
    crew_hours: Mapping[str, float]
    begins: int = 0
    idle_hours: float | None = None
    machine: str = ""


@dataclass(frozen=True)
class Visit:
    """Work on one machine in one window. ``first`` and ``last`` are the 10 % and 90 % dates (see ``plan/ranges.py``), never one date alone.

    ``expected_cost``: of a failure before it or the work itself; ``cost_of_waiting``: what a week longer is expected to cost more. ``fixed``: kept from the last plan
    because it lies in the frozen window.
    """

    machine: str
    components: tuple[str, ...]
    day: date
    first: date
    last: date
    crew_hours: float
    standstill_hours: float
    expected_cost: float
    cost_of_waiting: float
    reason: str
    fixed: bool = False


@dataclass(frozen=True)
class Change:
    """What differs from the last plan and why: ``new``, ``moved``, ``withdrawn`` or ``done``."""

    kind: str
    machine: str
    components: tuple[str, ...]
    before: date | None
    after: date | None
    reason: str


@dataclass(frozen=True)
class Priced:
    """What a policy is expected to cost over the horizon on the same machines, and how long they stand."""

    policy: str
    cost: float
    standstill_hours: float
    failures: float


@dataclass(frozen=True)
class Plan:
    """A schedule. ``gap`` is the solver's optimality gap of the schedule under these costs, a fraction; ``unplanned`` says what did not fit and what stopped it."""

    made_for: date
    horizon_days: int
    visits: tuple[Visit, ...]
    unplanned: tuple[tuple[str, str, str], ...] = ()
    policies: tuple[Priced, ...] = ()
    flips: tuple[tuple[float, int, float], ...] = ()
    """(failure cost over planned cost, number of visits, expected cost), from 2 to 20."""
    changes: tuple[Change, ...] = ()
    gap: float = 0.0
    solver: str = ""
    notes: tuple[str, ...] = field(default=())

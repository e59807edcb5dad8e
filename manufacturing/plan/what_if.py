"""What another cost or another crew would make of the plan: the plant file changed, the plan made again, the difference in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ...core.errors import UsageError
from .types import Plan
from .words import listed, money

if TYPE_CHECKING:
    from ..fleet import Fleet
    from ..plant import Plant


@dataclass(frozen=True)
class WhatIf:
    """What is changed. Factors multiply; ``crew_hours`` sets the hours a day of a skill (a new one works Monday to Friday), 0 takes it away.

    ``failure_cost`` and ``planned_cost`` are factors over all components; ``line_minute``, ``horizon_days`` and ``frozen_days`` replace the plant's.
    """

    failure_cost: float = 1.0
    planned_cost: float = 1.0
    line_minute: float | None = None
    crew_hours: Mapping[str, float] = field(default_factory=dict)
    horizon_days: float | None = None
    frozen_days: float | None = None


@dataclass(frozen=True)
class Compared:
    """The plan under the changed plant, the one before, and the differences in words, the most important first."""

    plan: Plan
    before: Plan
    sentences: tuple[str, ...]


def parsed(settings: Sequence[str]) -> WhatIf:
    """What ``KEY=NUMBER`` settings say; ``crew:SKILL=HOURS`` for crews.

    Raises:
        UsageError: an unknown key, or no number.

    >>> parsed(["failure_cost=2", "crew:mechanic=8"])
    WhatIf(failure_cost=2.0, planned_cost=1.0, line_minute=None, crew_hours={'mechanic': 8.0}, horizon_days=None, frozen_days=None)
    """
    keys = ("failure_cost", "planned_cost", "line_minute", "horizon_days", "frozen_days")
    values: dict[str, float] = {}
    crew: dict[str, float] = {}
    for setting in settings:
        key, _, text = setting.partition("=")
        try:
            number = float(text)
        except ValueError as error:
            raise UsageError(f"what-if {setting!r}: write KEY=NUMBER, as in failure_cost=2") from error
        if key.startswith("crew:"):
            crew[key.removeprefix("crew:")] = number
        elif key in keys:
            values[key] = number
        else:
            raise UsageError(f"what-if {key!r} is none of {', '.join(keys)}, crew:SKILL")
    return WhatIf(crew_hours=crew, **values)


def changed(plant: Plant, what: WhatIf) -> Plant:
    """The plant file with the change made; checked as if it had been written so.

    Raises:
        UsageError: a cost, factor or number of hours is below 0, or the frozen days are longer than the horizon.
    """
    import math

    from ..plant import Crew

    numbers = (what.failure_cost, what.planned_cost, *what.crew_hours.values())
    options = [value for value in (what.line_minute, what.horizon_days, what.frozen_days) if value is not None]
    if any(not math.isfinite(value) or value < 0 for value in (*numbers, *options)):
        raise UsageError("what-if: costs, factors, hours and days must be 0 or more")
    components = tuple(
        part.model_copy(
            update={
                "failure_cost": part.failure_cost * what.failure_cost,
                "planned_cost": part.planned_cost * what.planned_cost,
            }
        )
        for part in plant.components
    )
    crew = [part for part in plant.crew if part.skill not in what.crew_hours]
    for skill, hours in what.crew_hours.items():
        days = next((part.days for part in plant.crew if part.skill == skill), "Mon-Fri")
        # a crew without hours stays in the table, so that its work is refused and not done by nobody
        crew.append(Crew.model_construct(skill=skill, hours_per_day=hours, days=days))
    costs = (
        plant.costs if what.line_minute is None else plant.costs.model_copy(update={"line_minute": what.line_minute})
    )
    dates = {key: value for key in ("horizon_days", "frozen_days") if (value := getattr(what, key)) is not None}
    calendar = plant.calendar.model_copy(update=dates)
    if calendar.horizon_days <= 0 or calendar.frozen_days > calendar.horizon_days:
        raise UsageError("what-if: the horizon must be above 0 and at least as long as the frozen window")
    return plant.model_copy(
        update={"components": components, "crew": tuple(crew), "costs": costs, "calendar": calendar}
    )


def what_if(fleet: Fleet, what: WhatIf, make: Callable[[Fleet], Plan], before: Plan | None = None) -> Compared:
    """Make the plan again for a changed plant.

    Args:
        make: how plans of a fleet are made, the same for both.
        before: the plan without the change; made where left out.
    """
    base = make(fleet) if before is None else before
    plant = changed(fleet.plant, what)
    plan = make(replace(fleet, plant=plant))
    return Compared(plan, base, difference(base, plan, plant.costs.currency))


def difference(before: Plan, after: Plan, currency: str) -> tuple[str, ...]:
    """Two plans against each other in words: number of visits, cost where both are priced, what is new, gone and moved."""
    found = []
    old = {(visit.machine, part): visit.day for visit in before.visits for part in visit.components}
    new = {(visit.machine, part): visit.day for visit in after.visits for part in visit.components}
    found.append(f"{len(after.visits)} visits instead of {len(before.visits)}.")
    costs = [next((one.cost for one in plan.policies if one.policy == "ours"), None) for plan in (before, after)]
    if costs[0] is not None and costs[1] is not None:
        found.append(
            f"Expected cost over the horizon {money(costs[1], currency)} instead of {money(costs[0], currency)}."
        )
    for key in sorted(new.keys() - old.keys()):
        found.append(f"{listed(*key)}: planned now.")
    left = {(machine, part): why for machine, part, why in after.unplanned}
    for key in sorted(old.keys() - new.keys()):
        why = left.get(key)
        found.append(f"{listed(*key)}: no longer planned{': ' + why if why else ', waiting is cheaper'}.")
    for key in sorted(key for key in old.keys() & new.keys() if old[key] != new[key]):
        found.append(f"{listed(*key)}: {'sooner' if new[key] < old[key] else 'later'}.")
    return tuple(found)

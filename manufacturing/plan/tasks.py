"""From outlooks to tasks: for every component of every machine its survival from now, what service and failure cost, and what a day of its life is worth.

A model's survival is taken where it may be; where a model only ranks, or none fits, the age model's. A component about which neither says anything cannot be planned, and is
named.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from ..alarms import covering, minimum_days
from ..fleet import AGE_DAYS, pressing
from .calendar import line_loss, lost_hours
from .types import Task
from .value import after, mean_life, standing

if TYPE_CHECKING:
    from ..age import Weibull
    from ..fleet import Fleet
    from ..outlook import Outlook, Survival
    from ..plant import Component, Plant
    from ..stored import StoredMachine

DAY_US = 86_400_000_000
NEW_POINTS = 120
NEW_MEANS = 3.0
"""A new component's survival has so many points up to so many mean lives."""


def tasks(fleet: Fleet, *, now: int | None = None) -> tuple[tuple[Task, ...], tuple[tuple[str, str, str], ...]]:
    """The tasks of a fleet at ``now`` (microseconds UTC, default the fleet's last reading), and (machine, component, why) of what cannot be planned.

    A survival that starts earlier than ``now`` is carried on to it, given that no failure was reported since.
    """
    moment = fleet.as_of if now is None else now
    components = {component.name: component for component in fleet.plant.components}
    found: list[Task] = []
    left: list[tuple[str, str, str]] = []
    for machine in fleet.machines:
        for outlook in machine.outlooks:
            component = components.get(outlook.component)
            if component is None:
                left.append((machine.machine, outlook.component, "the plant file has no such component"))
                continue
            life, basis, why = _life(machine, outlook, fleet.ages)
            if life is None:
                left.append((machine.machine, outlook.component, why))
                continue
            new = _new(fleet.ages.get(component.name), machine.per_day)
            age = machine.age.get(component.name, 0.0) / machine.per_day
            ahead = after(life, max(0.0, (moment - outlook.as_of) / DAY_US))
            covered = covering(machine.events, component.name)
            share = _warned(fleet, component) if outlook.basis == "model" and outlook.threshold else 0.0
            made = task(machine.machine, component, ahead, new, fleet.plant, age, basis, covered, warned=share)
            found.append(replace(made, warned=0.0) if pressing(outlook) >= 1 else made)
    return tuple(found), tuple(left)


def task(
    machine: str,
    component: Component,
    life: Survival,
    new: Survival | None,
    plant: Plant,
    age_days: float = 0.0,
    basis: str = "model",
    covered_by: str = "",
    warned: float = 0.0,
) -> Task:
    """One task: the failure's cost with the production that it stops; what a day of life is worth from the best standing policy over ``new`` lives.

    ``warned`` is the share of failures that the model announces in time: they cost planned work, under the standing policy too. Without ``new`` a day is worth the failure's cost over the age so far and the mean life ahead: running to failure on lives like this one.
    """
    failure = component.failure_cost + line_loss(plant, lost_hours(plant, component.failure_hours))
    planned = component.planned_cost + plant.costs.open_cost
    made = Task(
        machine=machine,
        component=component.name,
        survival=life,
        renewal_rate=0.0,
        planned_cost=component.planned_cost,
        failure_cost=failure,
        planned_hours=component.planned_hours,
        failure_hours=component.failure_hours,
        crew=component.crew,
        skill=component.skill,
        group=component.group,
        basis=basis,
        covered_by=covered_by,
        new=new,
        age_days=age_days,
        warned=warned,
        lead_days=lead_days(plant, component),
    )
    failing = failure - warned * max(0.0, failure - planned)
    if new is not None:
        return replace(made, renewal_rate=standing(new, planned, failing).rate)
    whole = age_days + mean_life(life)
    return replace(made, renewal_rate=failing / whole if whole > 0 else 0.0)


def lead_days(plant: Plant, component: Component) -> float:
    """Days that work on a component takes to come about once a warning is there: its part, and a day for the next window; at least the alarms' own lead."""
    return max(plant.alarms.minimum_lead_hours / 24, minimum_days(plant, component.name) + 1.0)


def _warned(fleet: Fleet, component: Component) -> float:
    """Share of failures that the model's warnings announced early enough on machines set aside; none where their median lead is shorter than work takes."""
    lead = fleet.warning.get("median_lead_hours", 0.0) / 24
    share = fleet.warning.get("warned_24h", 0.0)
    return min(max(share, 0.0), 1.0) if lead >= lead_days(fleet.plant, component) else 0.0


def riskiest(every: Iterable[Task], count: int, horizon_days: float) -> tuple[Task, ...]:
    """The tasks of the ``count`` machines whose failures are expected to cost most within the horizon."""
    at_stake: dict[str, float] = {}
    listed = list(every)
    for one in listed:
        lost = one.failure_cost * (1 - one.survival.at(horizon_days))
        at_stake[one.machine] = at_stake.get(one.machine, 0.0) + lost
    chosen = set(sorted(at_stake, key=lambda machine: (-at_stake[machine], machine))[:count])
    return tuple(one for one in listed if one.machine in chosen)


def stops(fleet: Fleet) -> Mapping[str, list[tuple[int, int]]]:
    """Planned stops ahead by machine, for ``calendar.slots``."""
    found: dict[str, list[tuple[int, int]]] = {}
    for machine in fleet.machines:
        for event in machine.events:
            if event.kind == "stop" and event.until > max(event.time, fleet.as_of):
                found.setdefault(machine.machine, []).append((event.time, event.until))
    return found


def _life(machine: StoredMachine, outlook: Outlook, ages: Mapping[str, Weibull]) -> tuple[Survival | None, str, str]:
    """The survival to plan by and what it rests on, or None and why."""
    if outlook.basis in ("model", "age") and outlook.survival is not None:
        return outlook.survival, outlook.basis, ""
    life, now = ages.get(outlook.component), machine.age.get(outlook.component)
    if life is None:
        return None, "", "nothing tells how long it lasts: too few failures for a model or an age model"
    if now is None:
        return None, "", "its age is not known"
    return life.survival(now, machine.per_day, AGE_DAYS), "age", ""


def _new(life: Weibull | None, per_day: float) -> Survival | None:
    if life is None:
        return None
    import numpy as np

    return life.survival(0.0, per_day, tuple(np.linspace(0, NEW_MEANS * life.mean / per_day, NEW_POINTS)))

"""Alarm discipline: from today's outlooks and yesterday's incidents to today's incidents.

One incident for each cause (a machine's component). It opens where the score reaches the threshold, stays while the score does not fall well below, rests
after closing, and counts against a weekly budget over the whole plant; what the budget keeps back waits in a list, the most pressing first.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from .fleet import Fleet, pressing
from .outlook import Outlook
from .stored import StoredMachine

if TYPE_CHECKING:
    from .history import Event
    from .plant import Alarms, Plant

HOUR_US = 3_600_000_000
WEEK_US = 168 * HOUR_US
Status = Literal["open", "closed", "waiting"]
Outcome = Literal["", "confirmed", "no_fault_found", "replaced", "rejected"]


@dataclass(frozen=True)
class Incident:
    """One alarm about one cause. Times in microseconds UTC.

    ``pressing`` is the score over the threshold; ``rule`` names a plant rule that opened it, "" where the model did. ``covered_by`` is an open order of the
    maintenance system. ``needs_days``: how soon work could be done (part, service window); ``too_late``: chance that it fails before. ``ended`` says why it closed.
    """

    id: str
    machine: str
    component: str
    opened: int
    status: Status
    score: float
    pressing: float
    basis: str
    reason: str
    rule: str = ""
    closed: int | None = None
    ended: str = ""
    covered_by: str = ""
    needs_days: float = 0.0
    too_late: float | None = None
    outcome: Outcome = ""


def incident_id(plant: str, machine: str, component: str, opened: int) -> str:
    """A short name that stays the same as long as the incident lives."""
    key = "\n".join((plant, machine, component, str(opened)))
    return "I-" + hashlib.sha256(key.encode()).hexdigest()[:10]


def step(
    previous: Sequence[Incident], fleet: Fleet, *, needs_days: Mapping[tuple[str, str], float] | None = None
) -> tuple[Incident, ...]:
    """Today's incidents: those of ``previous`` carried on or closed, and new ones within the budget; waiting ones last.

    Args:
        previous: what the last ``step`` gave; waiting ones are judged anew.
        needs_days: by machine and component, how soon work could be done.
    """
    rules = fleet.plant.alarms
    now = fleet.as_of
    outlooks = {(machine.machine, outlook.component): (machine, outlook) for machine, outlook in fleet.attention()}
    kept = [incident for incident in previous if incident.status != "waiting"]
    carried = [_carried(incident, outlooks, now, rules) for incident in kept]
    taken = {(one.machine, one.component) for one in carried if one.status == "open"}
    resting = {
        (one.machine, one.component)
        for one in carried
        if one.closed is not None and now - one.closed < rules.cooldown_hours * HOUR_US
    }
    candidates = [
        (machine, outlook, rule)
        for cause, (machine, outlook) in outlooks.items()
        if cause not in taken and cause not in resting
        for rule in [_alarming(outlook)]
        if rule is not None or pressing(outlook) >= rules.on
    ]
    candidates.sort(key=lambda one: (one[2] is None, -pressing(one[1]), one[0].machine, one[1].component))
    room = rules.budget_per_week - sum(1 for one in carried if now - one.opened < WEEK_US)
    opened = [
        _new(machine, outlook, rule or "", fleet, "open" if place < room else "waiting")
        for place, (machine, outlook, rule) in enumerate(candidates)
    ]
    return tuple(_told(one, outlooks, needs_days or {}) for one in [*carried, *opened])


def _carried(
    incident: Incident,
    outlooks: Mapping[tuple[str, str], tuple[StoredMachine, Outlook]],
    now: int,
    rules: Alarms,
) -> Incident:
    """An incident of before: closed by an event or because its score fell, else as it is today."""
    if incident.status == "closed":
        return incident
    found = outlooks.get((incident.machine, incident.component))
    if found is None:
        return incident
    machine, outlook = found
    event = _ending(machine.events, incident)
    if event is not None:
        word = "it failed" if event.kind == "failure" else f"serviced: {event.code or 'maintenance'}"
        return replace(incident, status="closed", closed=event.time, ended=word)
    today = pressing(outlook)
    if today < rules.off and _alarming(outlook) is None:
        return replace(incident, status="closed", closed=now, ended="the score fell below the level that keeps it open")
    return replace(incident, score=outlook.score, pressing=today, reason=_reason(outlook))


def _ending(events: Iterable[Event], incident: Incident) -> Event | None:
    """The first failure or service of the incident's component after it opened."""
    return next(
        (
            event
            for event in events
            if event.kind in ("failure", "maintenance")
            and event.time > incident.opened
            and event.component in ("", incident.component)
        ),
        None,
    )


def _alarming(outlook: Outlook) -> str | None:
    """The plant rule that opens an incident by itself, where one holds."""
    return next((proof.rule for proof in outlook.rules if proof.rule.startswith(ALARM_MARK)), None)


ALARM_MARK = "alarm:"
"""Plant rules whose effect is an alarm carry their id behind this mark in their proof."""


def _new(machine: StoredMachine, outlook: Outlook, rule: str, fleet: Fleet, status: Status) -> Incident:
    return Incident(
        id=incident_id(fleet.plant.name, machine.machine, outlook.component, fleet.as_of),
        machine=machine.machine,
        component=outlook.component,
        opened=fleet.as_of,
        status=status,
        score=outlook.score,
        pressing=pressing(outlook),
        basis=outlook.basis,
        reason=_reason(outlook),
        rule=rule.removeprefix(ALARM_MARK),
    )


def _reason(outlook: Outlook) -> str:
    fired = next((proof.sentence for proof in outlook.rules if proof.rule.startswith(ALARM_MARK)), "")
    return fired or (outlook.reasons[0].sentence if outlook.reasons else "")


def _told(
    incident: Incident,
    outlooks: Mapping[tuple[str, str], tuple[StoredMachine, Outlook]],
    needs_days: Mapping[tuple[str, str], float],
) -> Incident:
    """With what covers it, how soon work could be done, and how likely that is too late."""
    cause = (incident.machine, incident.component)
    if incident.status == "closed" or cause not in outlooks:
        return incident
    machine, outlook = outlooks[cause]
    days = needs_days.get(cause, 0.0)
    late = 1 - outlook.survival.at(days) if outlook.survival is not None and outlook.basis == "model" else None
    return replace(incident, covered_by=covering(machine.events, incident.component), needs_days=days, too_late=late)


def covering(events: Iterable[Event], component: str) -> str:
    """The id of an open work order that covers a component already; "" where there is none."""
    orders = [event for event in events if event.kind == "order" and event.component in ("", component)]
    return next((event.code or event.note or "an open order" for event in orders), "")


def minimum_days(plant: Plant, component: str) -> float:
    """Days until a part is there: none where one is in stock or the plant file names no stock."""
    for part in plant.components:
        if part.name == component:
            return part.lead_days if part.stock == 0 else 0.0
    return 0.0

"""What a reader is told of each machine in one word, and which incident, request and visit belong to it.

Pages, workbook and ``alerts.json`` all read a ``Report``: the fleet with what alarms, requests and plan made of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from ...core.job import Refusal
from ..alarms import WEEK_US, Incident
from ..events import right_share
from ..fleet import Fleet, pressing
from ..local_time import DAY
from ..outlook import Outlook
from ..plan.types import Plan, Visit
from ..predict import item_id
from ..requests import Confirmed, Request, confirmed
from ..stored import StoredMachine
from .words import Moments

MAX_PAGES = 500
CLOSED_DAYS = 14
"""Incidents closed so many days ago are still told."""
SILENT_US = 3 * DAY
"""A machine whose readings end so long before the fleet's is silent: what is said of it is old."""
RATES = (0.01, 0.02, 0.1)
"""Failures a machine-month at which the share of right alarms is told where the user gave none."""
STATES: Mapping[str, tuple[str, str]] = {
    "open": ("Incident", "high"),
    "waiting": ("Waiting", "medium"),
    "watch": ("Watch", "medium"),
    "silent": ("Silent", "unjudged"),
    "quiet": ("No finding", "none"),
    "unjudged": ("Not judged", "unjudged"),
}
"""State -> (word, colour class), the most pressing first."""


@dataclass(frozen=True)
class Report:
    """All that the documents of one run are made of. ``what_ifs`` are (what was changed, the plan under it)."""

    fleet: Fleet
    plan: Plan | None = None
    incidents: tuple[Incident, ...] = ()
    requests: tuple[Request, ...] = ()
    notes: tuple[str, ...] = ()
    refused: tuple[Refusal, ...] = ()
    what_ifs: tuple[tuple[str, Plan], ...] = ()

    @property
    def moments(self) -> Moments:
        """Local time of the plant."""
        return Moments(self.fleet.plant.time_zone)

    @property
    def open(self) -> list[Incident]:
        """Open incidents: those that no work order covers first, then those of plant rules, then by score."""
        told = [one for one in self.incidents if one.status == "open"]
        return sorted(
            told, key=lambda one: (bool(one.covered_by), not one.rule, -one.score, one.machine, one.component)
        )

    @property
    def waiting(self) -> list[Incident]:
        """Incidents that the budget keeps back."""
        return [one for one in self.incidents if one.status == "waiting"]

    @property
    def closed(self) -> list[Incident]:
        """Incidents closed in the last days, the latest first."""
        since = self.fleet.as_of - CLOSED_DAYS * DAY
        told = [one for one in self.incidents if one.status == "closed" and (one.closed or 0) >= since]
        return sorted(told, key=lambda one: (-(one.closed or 0), one.id))

    def is_new(self, incident: Incident) -> bool:
        """Whether it opened with this run."""
        return incident.status == "open" and incident.opened == self.fleet.as_of

    @property
    def budget_used(self) -> int:
        """Incidents that opened within the last week."""
        return sum(1 for one in self.incidents if one.status != "waiting" and self.fleet.as_of - one.opened < WEEK_US)

    @property
    def confirmed(self) -> Confirmed | None:
        """The share of alarms that outcomes confirmed."""
        return confirmed(self.incidents)

    def right_shares(self) -> list[tuple[float, float]]:
        """(failures a machine-month, expected share of right alarms): at the user's own rate, else at a few; empty without measured warnings."""
        told = self.fleet.warning
        if "warned_24h" not in told or "false_alarms_per_machine_month" not in told:
            return []
        own = self.fleet.plant.alarms.failures_per_machine_month
        rates = (own,) if own is not None else RATES
        return [(rate, right_share(told["warned_24h"], told["false_alarms_per_machine_month"], rate)) for rate in rates]

    @cached_property
    def incident_of(self) -> Mapping[tuple[str, str], Incident]:
        """The open or waiting incident of a machine's component."""
        return {(one.machine, one.component): one for one in self.incidents if one.status != "closed"}

    @cached_property
    def visits_of(self) -> Mapping[str, Sequence[Visit]]:
        """The planned visits of a machine."""
        found: dict[str, list[Visit]] = {}
        for visit in self.plan.visits if self.plan is not None else ():
            found.setdefault(visit.machine, []).append(visit)
        return found

    def visit_of(self, machine: str, component: str) -> Visit | None:
        """The visit in which a component is serviced."""
        return next((visit for visit in self.visits_of.get(machine, ()) if component in visit.components), None)

    def is_silent(self, machine: StoredMachine) -> bool:
        """Whether its readings ended long before the fleet's."""
        return machine.as_of < self.fleet.as_of - SILENT_US

    def strange_since(self, machine: StoredMachine) -> int | None:
        """Since when it has been unlike its own past, where it is and that is no incident of its own; None otherwise."""
        found = machine.anomaly
        return found.since if found is not None and found.score >= found.threshold else None

    def unplanned_why(self, machine: str, component: str) -> str:
        """Why a component is not in the plan; "" where nothing is told."""
        left = self.plan.unplanned if self.plan is not None else ()
        return next((why for name, part, why in left if (name, part) == (machine, component)), "")

    def state_of(self, machine: StoredMachine, outlook: Outlook) -> str:
        """A word of ``STATES`` for one component."""
        incident = self.incident_of.get((machine.machine, outlook.component))
        if incident is not None:
            return incident.status if incident.status in STATES else "open"
        if self.is_silent(machine):
            return "silent"
        if outlook.basis == "none":
            return "unjudged"
        strange = outlook.anomaly is not None and outlook.anomaly.score >= outlook.anomaly.threshold
        near = pressing(outlook) >= self.fleet.plant.alarms.off or strange or bool(outlook.rules)
        return "watch" if near else "quiet"

    @cached_property
    def leading(self) -> list[tuple[StoredMachine, Outlook | None, str]]:
        """Each machine with its most pressing outlook and its state, the most pressing machine first; where nothing presses, the likeliest to fail."""
        order = list(STATES)
        first: dict[str, tuple[StoredMachine, Outlook | None, str]] = {}
        for machine, outlook in self.fleet.attention():
            state = self.state_of(machine, outlook)
            held = first.get(machine.machine)
            calm = state in ("quiet", "silent")
            likelier = calm and held is not None and held[2] == state and _chance(outlook) > _chance(held[1])
            if held is None or order.index(state) < order.index(held[2]) or likelier:
                first[machine.machine] = (machine, outlook, state)
        for machine in self.fleet.machines:
            first.setdefault(machine.machine, (machine, None, "silent" if self.is_silent(machine) else "unjudged"))
        place = {name: number for number, name in enumerate(dict.fromkeys(one.machine for one in self.open))}
        return sorted(first.values(), key=lambda one: (order.index(one[2]), place.get(one[0].machine, 0)))

    @cached_property
    def pages(self) -> Mapping[str, str]:
        """Address below the run's folder of each machine that gets a page: all up to ``MAX_PAGES``, else those that need attention."""
        machines = [
            machine.machine
            for machine, _, state in self.leading
            if len(self.fleet.machines) <= MAX_PAGES
            or state in ("open", "waiting")
            or machine.machine in self.visits_of
        ][: 4 * MAX_PAGES]
        found: dict[str, str] = {}
        taken: set[str] = set()
        for name in machines:
            plain = item_id(name)
            # on file systems that ignore case, P-1 and p-1 are one file
            address = plain if plain.casefold() not in taken else f"{plain}-{len(taken)}"
            taken.add(address.casefold())
            found[name] = f"machines/{address}.html"
        return found


def _chance(outlook: Outlook | None) -> float:
    """The chance of failure within a week; less than any where only a ranking stands."""
    within = outlook.risks.get(168.0) if outlook is not None else None
    return -1.0 if within is None else within


def report(
    fleet: Fleet,
    plan: Plan | None,
    incidents: Sequence[Incident],
    requests: Sequence[Request],
    notes: Sequence[str],
    *,
    refused: Sequence[Refusal] = (),
    what_ifs: Sequence[tuple[str, Plan]] = (),
) -> Report:
    """The report of a run."""
    return Report(fleet, plan, tuple(incidents), tuple(requests), tuple(notes), tuple(refused), tuple(what_ifs))

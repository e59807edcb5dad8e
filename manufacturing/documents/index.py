"""``index.html``: the fleet on one page: what needs attention today in plain words, how far alarms are to be believed, every machine, the plan's costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...core.pages.text import percent
from ..alarms import Incident
from ..fleet import pressing
from ..outlook import Outlook
from ..plan.types import Visit
from ..requests import Request
from ..stored import StoredMachine
from . import gantt, svg
from .machine import num_sensors
from .plan_page import gap_text, next_visits
from .quality_page import summary
from .state import STATES, Report
from .templating import render
from .words import BASES, CLOCK_UNITS, component_name, days_text, life_text, number

if TYPE_CHECKING:
    from markupsafe import Markup

MAX_ROWS = 1000
MAX_TOLD = 60
MAX_WATCH = 8
MAX_VISITS = 8
RISK_COLUMNS: Mapping[float, str] = {24.0: "24 h", 168.0: "7 days", 720.0: "30 days"}


@dataclass(frozen=True)
class IncidentView:
    """An incident with all that a planner asks of it."""

    incident: Incident
    outlook: Outlook | None
    new: bool
    headline: str
    life: str
    visit: Visit | None
    request: Request | None
    needs: str
    unplanned: str


@dataclass(frozen=True)
class RowView:
    """A machine as the table shows it, by its most pressing part."""

    machine: StoredMachine
    outlook: Outlook | None
    state: str
    order: int
    part: str
    basis: str
    risks: tuple[tuple[str, float | None], ...]
    life: str
    life_order: float
    spark: Markup | str


def index_html(report: Report, *, downloads: Sequence[tuple[str, str]] = ()) -> str:
    """The index as a string: the same stored machines give the same bytes."""
    plan, plant = report.plan, report.fleet.plant
    quality = summary(report)
    rows = [_row(report, place, *one) for place, one in enumerate(report.leading[:MAX_ROWS])]
    totals = dict.fromkeys(STATES, 0)
    for _, _, state in report.leading:
        totals[state] += 1
    watched = [
        _watched(machine, outlook)
        for machine, outlook in report.fleet.attention()
        if report.state_of(machine, outlook) == "watch"
    ]
    return render(
        "index",
        {
            "report": report,
            "plant": plant,
            "moments": report.moments,
            "fleet": report.fleet,
            "downloads": downloads,
            "totals": totals,
            "open": [_incident(report, one) for one in report.open[:MAX_TOLD]],
            "num_open": len(report.open),
            "waiting": [_incident(report, one) for one in report.waiting[:MAX_TOLD]],
            "num_waiting": len(report.waiting),
            "closed": report.closed[:MAX_TOLD],
            "watched": watched[:MAX_WATCH],
            "num_watched": len(watched),
            "rows": rows,
            "num_rows": len(report.leading),
            "risk_columns": RISK_COLUMNS,
            "warning": report.fleet.warning,
            "right_shares": report.right_shares(),
            "confirmed": report.confirmed,
            "quality": quality,
            "notes": [note for note in report.notes if note not in {one.sentence for one in quality.renamed}],
            "plan": plan,
            "costs": gantt.costs(plan.policies, plant.costs.currency) if plan is not None else [],
            "policy_name": gantt.policy_name,
            "flip_words": gantt.flip_words(plan) if plan is not None else "",
            "gap": gap_text(plan) if plan is not None else "",
            "next_visits": next_visits(plan, MAX_VISITS),
            "currency": plant.costs.currency,
            "nothing": _nothing(report),
        },
    )


def _outlook_of(report: Report, incident: Incident) -> tuple[StoredMachine | None, Outlook | None]:
    for machine in report.fleet.machines:
        if machine.machine == incident.machine:
            return machine, next((one for one in machine.outlooks if one.component == incident.component), None)
    return None, None


def _incident(report: Report, incident: Incident) -> IncidentView:
    machine, outlook = _outlook_of(report, incident)
    told = next((one for one in report.requests if one.id == incident.id), None)
    return IncidentView(
        incident=incident,
        outlook=outlook,
        new=report.is_new(incident),
        headline=headline(incident, outlook),
        life=life_text(outlook.life, machine.per_day)
        if machine is not None and outlook is not None and outlook.life
        else "",
        visit=report.visit_of(incident.machine, incident.component),
        request=told,
        needs=days_text(incident.needs_days),
        unplanned=report.unplanned_why(incident.machine, incident.component),
    )


def headline(incident: Incident, outlook: Outlook | None) -> str:
    """What an incident says, in the words its basis allows."""
    if incident.rule:
        return f"The plant rule {incident.rule} holds."
    if outlook is None:
        return "The machine sent no readings in this run; the incident stands as it was."
    within = outlook.risks.get(168.0)
    if outlook.basis == "model" and within is not None:
        soon = outlook.risks.get(24.0)
        words = f"{percent(within)} chance of failure within 7 days"
        return f"{words}, {percent(soon)} within 24 hours." if soon is not None else f"{words}."
    if outlook.basis == "ranking":
        return f"Ranks {number(incident.pressing, 2)} times the level at which an incident opens; too few failures of this kind to give a chance."
    if outlook.basis == "age":
        chance = f"{percent(within)} within 7 days " if within is not None else ""
        return f"Old for its kind: {chance}by age alone, not trained on your failures' signs."
    return "Unlike its own past; not trained on your failures, so it need not be a fault."


def _watched(machine: StoredMachine, outlook: Outlook) -> tuple[str, str, str]:
    """Machine, part, and why it is watched though no incident is open."""
    if outlook.rules:
        why = f"plant rule {outlook.rules[0].rule}: {outlook.rules[0].sentence}"
    elif outlook.anomaly is not None and outlook.anomaly.score >= outlook.anomaly.threshold:
        why = f"anomaly score {number(outlook.anomaly.score)}, threshold {number(outlook.anomaly.threshold)}"
    else:
        why = f"at {pressing(outlook) * 100:.0f} % of the level at which an incident opens"
        if outlook.reasons:
            why += f"; {outlook.reasons[0].sentence}"
    return machine.machine, component_name(outlook.component), why


def _row(report: Report, place: int, machine: StoredMachine, outlook: Outlook | None, state: str) -> RowView:
    if outlook is None:
        return RowView(
            machine,
            None,
            state,
            place,
            "",
            "nothing",
            tuple((name, None) for name in RISK_COLUMNS.values()),
            "",
            1e12,
            "",
        )
    course = next((one for one in machine.trends if one.component == outlook.component), None)
    life = outlook.life
    unit = CLOCK_UNITS.get(life.unit, life.unit) if life is not None else ""
    shown = ""
    if life is not None:
        more = " or more" if life.capped else ""
        shown = f"{number(life.median, 2)} {unit} ({number(life.low, 2)} to {number(life.high, 2)}{more})"
    said = f"score over the last weeks, now {number(outlook.score)}"
    return RowView(
        machine=machine,
        outlook=outlook,
        state=state,
        order=place,
        part=component_name(outlook.component),
        basis=BASES[outlook.basis],
        risks=tuple((name, outlook.risks.get(hours)) for hours, name in RISK_COLUMNS.items()),
        life=shown,
        life_order=life.median / machine.per_day if life is not None and machine.per_day > 0 else 1e12,
        spark=svg.spark(course.scores, outlook.threshold, said) if course is not None else "",
    )


def _nothing(report: Report) -> str:
    """What the first page says where no incident is open: what was looked at, and what came nearest."""
    fleet = report.fleet
    sensors = max(map(num_sensors, fleet.machines), default=0)
    words = f"No incident is open. Looked at: {len(fleet.machines)} machines with up to {sensors} sensors, readings until {report.moments.text(fleet.as_of)}"
    nearest = next(((machine, one) for machine, one in fleet.attention() if pressing(one) > 0), None)
    if nearest is None:
        return f"{words}. No score has a level at which an incident opens."
    machine, outlook = nearest
    return f"{words}. Nearest to an incident: {machine.machine}, {component_name(outlook.component)}, at {pressing(outlook) * 100:.0f} % of the level."

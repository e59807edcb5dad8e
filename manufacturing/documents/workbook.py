"""``plan.xlsx``: the plan as tables for those who work in a spreadsheet: visits, what is not planned and why, costs, changes, requests, machines, assumptions.

Every string is written as a string and none as a formula or a link; see ``core/pages/sheets.py``. The same plan gives the same bytes.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...core.files import replacing
from ...core.pages.sheets import Column, Formats, Sheet
from ..plan.types import Plan
from ..plan.what_if import difference
from . import gantt
from .plan_page import gap_text
from .state import STATES, Report
from .templating import DISCLAIMER
from .words import BASES, CLOCK_UNITS, component_name

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook

WORKBOOK_NAME = "plan.xlsx"
_CREATED = datetime.datetime(2000, 1, 1)
"""Fixed, so that the same plan gives the same bytes."""
COLOURS: Mapping[str, tuple[str, str]] = {
    "open": ("#FAE3DE", "#9B1C14"),
    "waiting": ("#FBECC8", "#7A4D00"),
    "watch": ("#FBECC8", "#7A4D00"),
    "quiet": ("#E0F0E4", "#23623A"),
    "silent": ("#ECEAE4", "#55534C"),
    "unjudged": ("#ECEAE4", "#55534C"),
}
VISITS = (
    Column("Machine", 24, "wrap"),
    Column("Part", 22, "wrap"),
    Column("Best from (10 %)", 13, "date"),
    Column("Best to (90 %)", 13, "date"),
    Column("Planned window", 13, "date"),
    Column("Fixed", 8),
    Column("Crew hours", 9, "number"),
    Column("Standstill hours", 10, "number"),
    Column("Expected cost", 12, "number"),
    Column("A week's waiting costs", 12, "number"),
    Column("Currency", 9),
    Column("Why", 60, "wrap"),
)
UNPLANNED = (Column("Machine", 24, "wrap"), Column("Part", 22, "wrap"), Column("What stopped it", 80, "wrap"))
COSTS = (
    Column("Policy", 26),
    Column("Expected cost", 14, "number"),
    Column("Currency", 9),
    Column("Standstill hours", 12, "number"),
    Column("Failures expected", 12, "number"),
)
FLIPS = (
    Column("Failure cost over planned cost", 16, "number"),
    Column("Visits", 9, "number"),
    Column("Expected cost", 14, "number"),
    Column("Currency", 9),
)
CHANGES = (
    Column("Change", 12),
    Column("Machine", 24, "wrap"),
    Column("Part", 22, "wrap"),
    Column("Window before", 13, "date"),
    Column("Window now", 13, "date"),
    Column("Why", 70, "wrap"),
)
WHAT_IFS = (Column("What if", 34, "wrap"), Column("Against this plan", 100, "wrap"))
REQUESTS = (
    Column("Id", 14),
    Column("Action", 11),
    Column("Machine", 24, "wrap"),
    Column("Part", 18, "wrap"),
    Column("Priority", 9, "number"),
    Column("Earliest", 13, "date"),
    Column("Latest", 13, "date"),
    Column("Crew hours", 9, "number"),
    Column("Standstill hours", 10, "number"),
    Column("Spare part", 20, "wrap"),
    Column("Why", 60, "wrap"),
)
MACHINES = (
    Column("Machine", 24, "wrap"),
    Column("State", 13, "level"),
    Column("Most pressing part", 18, "wrap"),
    Column("Failure within 24 h", 11, "share"),
    Column("Failure within 7 days", 11, "share"),
    Column("Failure within 30 days", 11, "share"),
    Column("Life, low", 10, "number"),
    Column("Life, middle", 10, "number"),
    Column("Life, high", 10, "number"),
    Column("Unit of life", 15),
    Column("Rests on", 14),
    Column("Confidence", 11, "share"),
    Column("Last reading (local)", 17),
    Column("First reason", 60, "wrap"),
)


def write_workbook(report: Report, path: Path) -> None:
    """Write the workbook to ``path``.

    Raises:
        DiskFullError: no space left.
    """
    import xlsxwriter

    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "nan_inf_to_errors": True,
    }
    with replacing(path) as written, xlsxwriter.Workbook(str(written), options) as workbook:
        workbook.set_properties({"created": _CREATED, "title": "Maintenance plan"})
        formats = Formats.of(workbook, COLOURS, {name: word for name, (word, _) in STATES.items()})
        for name, columns, rows in _tables(report):
            _write(workbook, formats, name, columns, rows)


def _write(
    workbook: Workbook, formats: Formats, name: str, columns: Sequence[Column], rows: Iterable[Sequence[Any]]
) -> None:
    sheet = Sheet(workbook, formats, name, columns, overflow="More rows than a sheet can hold: see predictions.parquet")
    for row in rows:
        sheet.add(row)
    sheet.close()


def _tables(report: Report) -> Iterable[tuple[str, Sequence[Column], Iterable[Sequence[Any]]]]:
    plan, currency = report.plan, report.fleet.plant.costs.currency
    if plan is not None:
        yield "Visits", VISITS, _visits(plan, currency)
        yield "Not planned", UNPLANNED, ((machine, component_name(part), why) for machine, part, why in plan.unplanned)
        yield (
            "Costs",
            COSTS,
            (
                (
                    gantt.policy_name(one.policy),
                    round(one.cost, 2),
                    currency,
                    round(one.standstill_hours, 1),
                    round(one.failures, 2),
                )
                for one in plan.policies
            ),
        )
        yield "Cost ratios", FLIPS, ((ratio, visits, round(cost, 2), currency) for ratio, visits, cost in plan.flips)
        yield "Changes", CHANGES, _changes(plan)
        if report.what_ifs:
            yield "What if", WHAT_IFS, _what_ifs(report, plan, currency)
    yield "Requests", REQUESTS, _requests(report)
    yield "Machines", MACHINES, _machines(report)
    yield "Assumptions", (Column("What", 34, "wrap"), Column("Value", 100, "wrap")), _assumptions(report)


def _visits(plan: Plan, currency: str) -> Iterable[Sequence[Any]]:
    for visit in sorted(plan.visits, key=lambda one: (one.day, one.machine, one.components)):
        yield (
            visit.machine,
            _parts(visit.components),
            visit.first.isoformat(),
            visit.last.isoformat(),
            visit.day.isoformat(),
            "fixed" if visit.fixed else "",
            visit.crew_hours,
            visit.standstill_hours,
            round(visit.expected_cost, 2),
            round(visit.cost_of_waiting, 2),
            currency,
            visit.reason,
        )


def _changes(plan: Plan) -> Iterable[Sequence[Any]]:
    for one in plan.changes:
        before = one.before.isoformat() if one.before is not None else None
        after = one.after.isoformat() if one.after is not None else None
        yield one.kind, one.machine, _parts(one.components), before, after, one.reason


def _what_ifs(report: Report, plan: Plan, currency: str) -> Iterable[Sequence[Any]]:
    for title, other in report.what_ifs:
        for words in difference(plan, other, currency):
            yield title, words


def _requests(report: Report) -> Iterable[Sequence[Any]]:
    for one in report.requests:
        yield (
            one.id,
            one.action,
            one.machine,
            component_name(one.component),
            one.priority,
            one.earliest.isoformat() if one.earliest is not None else None,
            one.latest.isoformat() if one.latest is not None else None,
            one.crew_hours,
            one.standstill_hours,
            one.part,
            one.reason,
        )


def _machines(report: Report) -> Iterable[Sequence[Any]]:
    moments = report.moments
    for machine, outlook, state in report.leading:
        life = outlook.life if outlook is not None else None
        yield (
            machine.machine,
            state,
            component_name(outlook.component) if outlook is not None else "",
            *((outlook.risks.get(hours) if outlook is not None else None) for hours in (24.0, 168.0, 720.0)),
            *((_round(life.low), _round(life.median), _round(life.high)) if life is not None else (None, None, None)),
            CLOCK_UNITS.get(life.unit, life.unit) if life is not None else "",
            BASES[outlook.basis] if outlook is not None else BASES["none"],
            machine.confidence,
            moments.text(machine.as_of),
            outlook.reasons[0].sentence if outlook is not None and outlook.reasons else "",
        )


def _round(value: float) -> float:
    return round(value, 1 if abs(value) < 100 else 0)


def _parts(components: Sequence[str]) -> str:
    return ", ".join(component_name(part) for part in components)


def _assumptions(report: Report) -> Iterable[Sequence[Any]]:
    plant, plan = report.fleet.plant, report.plan
    yield "Plant", plant.name
    yield "Time zone", plant.time_zone
    yield (
        "Readings until (local)",
        report.moments.text(report.fleet.as_of) if report.fleet.machines else "no machine was looked at",
    )
    yield "Model", report.fleet.model or "none trained on failures"
    if plan is None:
        yield "Plan", "none was made in this run"
    else:
        yield "Plan made for", plan.made_for.isoformat()
        yield "Days ahead", plan.horizon_days
        yield "Optimality gap", gap_text(plan)
        yield "Solver", plan.solver
        for note in plan.notes:
            yield "Note", note
    for part in plant.components:
        spare = "not limited" if part.stock is None else f"{part.stock} in stock, {part.lead_days:g} days to get one"
        yield (
            f"Part: {component_name(part.name)}",
            f"planned work {part.planned_cost:g} {plant.costs.currency}, {part.planned_hours:g} h, crew {part.crew} ({part.skill or 'any skill'}); "
            f"failure {part.failure_cost:g} {plant.costs.currency}, {part.failure_hours:g} h; spare: {spare}",
        )
    yield (
        "A minute of standstill",
        f"{plant.costs.line_minute:g} {plant.costs.currency} beyond {plant.costs.buffer_minutes:g} min",
    )
    yield (
        "Opening a machine",
        f"{plant.costs.open_hours:g} h and {plant.costs.open_cost:g} {plant.costs.currency}, once for all work in one window",
    )
    for crew in plant.crew:
        yield f"Crew: {crew.skill or 'any skill'}", f"{crew.hours_per_day:g} h a day, {crew.days}"
    for note in report.notes:
        yield "Note", note
    yield "Please note", DISCLAIMER

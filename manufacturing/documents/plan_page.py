"""``plan.html``: the maintenance plan: who is serviced when and why, against the crew there is, its costs beside plain policies, what changed and what does not fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..plan.types import Plan, Visit
from ..plan.what_if import difference
from . import gantt
from .state import Report
from .templating import render
from .words import number

if TYPE_CHECKING:
    from markupsafe import Markup

CHANGE_WORDS = {"new": "new", "moved": "moved", "withdrawn": "withdrawn", "done": "done"}


@dataclass(frozen=True)
class VisitView:
    """A visit with its row of the chart and the chances that stand behind it."""

    visit: Visit
    row: Markup


def plan_html(report: Report) -> str:
    """The page of the plan; says so where there is none."""
    plan, plant = report.plan, report.fleet.plant
    if plan is None:
        return render("plan", {"report": report, "plan": None, "plant": plant})
    axis = gantt.axis_of(plan)
    used, there = gantt.crew_hours(plan, plant), gantt.capacity(plan, plant)
    visits = sorted(plan.visits, key=lambda visit: (visit.day, visit.machine, visit.components))
    return render(
        "plan",
        {
            "report": report,
            "plan": plan,
            "plant": plant,
            "currency": plant.costs.currency,
            "head": gantt.head(axis),
            "visits": [VisitView(visit, gantt.row(axis, visit, plant.calendar.frozen_days)) for visit in visits],
            "loads": [
                (skill or "any skill", gantt.load(axis, used.get(skill, {}), there.get(skill, {}), skill))
                for skill in sorted({*used, *there})
            ],
            "costs": gantt.costs(plan.policies, plant.costs.currency),
            "policy_name": gantt.policy_name,
            "flip_words": gantt.flip_words(plan),
            "gap": gap_text(plan),
            "what_ifs": [(title, difference(plan, other, plant.costs.currency)) for title, other in report.what_ifs],
            "requests": report.requests,
            "change_words": CHANGE_WORDS,
        },
    )


def gap_text(plan: Plan) -> str:
    """The solver's gap with what it is a gap of."""
    return (
        f"{number(plan.gap * 100, 2)} % of the cost of this schedule under these costs; it says nothing of the savings"
    )


def next_visits(plan: Plan | None, count: int) -> Sequence[Visit]:
    """The next visits of a plan, in order."""
    return sorted(plan.visits, key=lambda visit: (visit.day, visit.machine))[:count] if plan is not None else ()

"""The plan as pictures: a row a visit over the horizon, crew hours by day against those there are, costs of policies, costs by cost ratio.

Letters stand at fixed size and places are percent of the width, so that the same drawing reads on a wall and on a phone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from ...core.pages.text import visible
from ..local_time import LocalTime
from ..plan.types import Plan, Priced, Visit
from . import svg
from .words import day_text, money, number, range_text

if TYPE_CHECKING:
    from markupsafe import Markup

    from ..plant import Plant

ROW_PX, LOAD_PX = 24, 84
MAX_TICKS = 6
MOST_FLIPS = 3
"""More changes than this are told by their ends alone; the table has them all."""


@dataclass(frozen=True)
class DayAxis:
    """The days of a plan as shares of a width."""

    first: date
    days: int

    def share(self, day: date, *, end: bool = False) -> float:
        """Where a day begins (or ends), 0 to 1."""
        return min(1.0, max(0.0, ((day - self.first).days + (1 if end else 0)) / self.days))

    def ticks(self) -> list[tuple[float, str]]:
        """Days to name, a week apart or more."""
        step = max(1, -(-self.days // MAX_TICKS))
        step = 7 if 4 <= step <= 7 else step
        days = [self.first + timedelta(days=number) for number in range(0, self.days, step)]
        return [(self.share(day), f"{day.day} {day:%b}") for day in days]


def axis_of(plan: Plan) -> DayAxis:
    """The plan's horizon, longer where a visit's range reaches beyond it."""
    last = max((visit.last for visit in plan.visits), default=plan.made_for)
    return DayAxis(plan.made_for, max(plan.horizon_days, (last - plan.made_for).days + 1, 1))


def head(axis: DayAxis) -> Markup:
    """The dates above the rows."""
    from markupsafe import Markup, escape

    names = "".join(
        f'<text x="{100 * share:.2f}%" y="12" text-anchor="{"start" if share < 0.05 else "middle"}">{escape(words)}</text>'
        for share, words in axis.ticks()
    )
    return Markup(f'<svg width="100%" height="16" aria-hidden="true">{names}</svg>')


def row(axis: DayAxis, visit: Visit, frozen_days: float) -> Markup:
    """One visit: the range in which its day belongs, and the window in which the plan has it."""
    from markupsafe import Markup, escape

    said = f"{visit.machine}: best between {range_text(visit.first, visit.last)}; planned window {day_text(visit.day)}"
    lines = "".join(
        f'<line class="grid-line" x1="{100 * share:.2f}%" x2="{100 * share:.2f}%" y1="0" y2="{ROW_PX}"/>'
        for share, _ in axis.ticks()
    )
    start, end = axis.share(visit.first), axis.share(visit.last, end=True)
    at, until = axis.share(visit.day), axis.share(visit.day, end=True)
    return Markup(
        f'<svg width="100%" height="{ROW_PX}" role="img" aria-label="{escape(visible(said))}"><title>{escape(visible(said))}</title>'
        f'<rect class="frozen" width="{100 * min(1.0, frozen_days / axis.days):.2f}%" height="{ROW_PX}"/>{lines}'
        f'<rect class="span" x="{100 * start:.2f}%" width="{100 * max(end - start, 0.004):.2f}%" y="6" height="12" rx="3"/>'
        f'<rect class="slot{" fixed" if visit.fixed else ""}" x="{100 * at:.2f}%" width="{100 * max(until - at, 0.008):.2f}%" y="3" height="18" rx="2"/></svg>'
    )


def crew_hours(plan: Plan, plant: Plant) -> Mapping[str, Mapping[date, float]]:
    """Planned crew hours by skill and day; a visit's hours are parted by what its components need."""
    parts = {component.name: component for component in plant.components}
    found: dict[str, dict[date, float]] = {}
    for visit in plan.visits:
        known = [parts[name] for name in visit.components if name in parts]
        weights = [part.planned_hours * part.crew for part in known]
        total = sum(weights)
        shares = (
            [(part.skill, weight / total) for part, weight in zip(known, weights, strict=True)]
            if total
            else [("", 1.0)]
        )
        for skill, share in shares:
            days = found.setdefault(skill, {})
            days[visit.day] = days.get(visit.day, 0.0) + visit.crew_hours * share
    return found


def capacity(plan: Plan, plant: Plant) -> Mapping[str, Mapping[date, float]]:
    """Crew hours there are, by skill and day, from the production calendar."""
    from datetime import datetime

    from ..plan.calendar import slots

    start = LocalTime(plant.time_zone).of(datetime(plan.made_for.year, plan.made_for.month, plan.made_for.day))
    found: dict[str, dict[date, float]] = {}
    for slot in slots(plant, start, horizon_days=axis_of(plan).days):
        for skill, hours in slot.crew_hours.items():
            days = found.setdefault(skill, {})
            days[slot.day] = max(days.get(slot.day, 0.0), hours)
    return found


def load(axis: DayAxis, used: Mapping[date, float], there: Mapping[date, float], skill: str) -> Markup:
    """Crew hours by day as bars against the hours there are (outline)."""
    scale = svg.scale([*used.values(), *there.values()], floor_at=0.0)
    width = axis.days * 10
    bars, over, rooms = [], [], []
    for step in range(axis.days):
        day = axis.first + timedelta(days=step)
        hours, room = used.get(day, 0.0), there.get(day)
        if room:
            rooms.append(f"M{step * 10} {scale.y(room)}h10")
        if hours > 0:
            too_much = room is not None and hours > room + 1e-6
            (over if too_much else bars).append(f"M{step * 10 + 2} {svg.TALL}V{scale.y(hours)}h6V{svg.TALL}z")
    drawing = f'<path class="cap" d="{"".join(rooms)}"/><path class="used" d="{"".join(bars)}"/><path class="over" d="{"".join(over)}"/>'
    who = skill or "all crew"
    said = f"crew hours by day, {who}: {number(sum(used.values()))} h planned of {number(sum(there.values()))} h there in the horizon"
    return svg.frame(
        drawing, width=width, height=LOAD_PX, label=said, y=scale, y_unit="crew hours", x_ticks=axis.ticks()
    )


def costs(policies: Sequence[Priced], currency: str) -> list[tuple[Priced, Markup, str]]:
    """Each policy with a bar of its cost against the dearest, and the cost in words."""
    most = max((one.cost for one in policies), default=0.0) or 1.0
    return [
        (
            one,
            svg.bar(one.cost / most, f"{policy_name(one.policy)}: {money(one.cost, currency)}"),
            money(one.cost, currency),
        )
        for one in policies
    ]


POLICY_NAMES: Mapping[str, str] = {
    "ours": "this plan",
    "run_to_failure": "run to failure",
    "fixed": "fixed interval",
    "age": "best age replacement",
    "foresight": "perfect foresight (a bound)",
}


def policy_name(policy: str) -> str:
    """A policy as people call it.

    >>> policy_name("run_to_failure"), policy_name("age")
    ('run to failure', 'best age replacement')
    """
    return POLICY_NAMES.get(policy, policy.replace("_", " "))


def flip_words(plan: Plan) -> str:
    """At which cost ratio the number of visits changes, in a sentence."""
    if len(plan.flips) < 2:
        return ""
    told = [
        f"at {number(after[0])} times from {before[1]} to {after[1]}"
        for before, after in zip(plan.flips, plan.flips[1:], strict=False)
        if before[1] != after[1]
    ]
    first, last = plan.flips[0], plan.flips[-1]
    if not told:
        return f"Between {number(first[0])} and {number(last[0])} times the cost of planned work the plan stays at {first[1]} visits."
    if len(told) > MOST_FLIPS:
        return f"If a failure costs {number(first[0])} times planned work the plan has {first[1]} visits, at {number(last[0])} times {last[1]}; the first change is {told[0]}."
    return f"If a failure costs more, against planned work, the number of visits changes {', '.join(told)}."

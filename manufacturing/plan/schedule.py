"""From tasks and windows to a plan: visits of least expected cost under crew, parts and windows, what was left out and which limit did it, and what changed since the last plan.

``make`` builds the tasks of a fleet and prices other policies beside; ``schedule`` alone takes tasks that are already there.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from ..local_time import LocalTime, to_us
from .candidates import LITTLE, Table, Unit, build, loss_of, tabulate
from .changes import changes
from .frozen import frozen
from .left_out import left_out
from .program import RELATIVE_GAP, Option, Solution, solve
from .ranges import date_range
from .types import Plan, Slot, Task, Visit
from .value import standing, task_value
from .words import listed, percent, reason

if TYPE_CHECKING:
    from ..plant import Plant

WEEK = 7.0


def schedule(
    tasks: Sequence[Task],
    slots: Sequence[Slot],
    plant: Plant,
    previous: Plan | None = None,
    *,
    now: int | None = None,
    done: Collection[tuple[str, str]] = (),
    horizon_days: float | None = None,
    time_limit: float = 14.0,
    gap: float = RELATIVE_GAP,
) -> Plan:
    """The schedule of least expected cost.

    Args:
        slots: windows in order, from ``calendar.slots``.
        previous: the last plan. Its visits within the plant's frozen days stay where they are, unless done, covered or no longer possible.
        now: microseconds UTC; default: midnight (UTC) of the first window's date.
        done: (machine, component) serviced or failed since the last plan.
        horizon_days: instead of the plant's.
        time_limit: seconds for the solver; the best schedule found by then is given with its gap.

    ``gap`` of the plan is of the schedule under these costs: how much more the best schedule could save, as a share of what this one saves.
    """
    moment = _moment(slots) if now is None else now
    today = LocalTime(plant.time_zone).moment(moment).date()
    days = plant.calendar.horizon_days if horizon_days is None else horizon_days
    table = tabulate(tasks, slots, plant, moment, today, days)
    kept, dropped = frozen(table, previous, done)
    solution = solve(build(table, dict(kept)), time_limit=time_limit, gap=gap)
    visits = tuple(
        sorted(
            (_visit(table, option, kept) for option in solution.options), key=lambda visit: (visit.day, visit.machine)
        )
    )
    return Plan(
        made_for=today,
        horizon_days=round(days),
        visits=visits,
        unplanned=left_out(table, solution.options),
        changes=changes(previous, visits, table, done, dropped),
        gap=solution.gap,
        solver="HiGHS (scipy.optimize.milp)",
        notes=_notes(table, solution, dropped),
    )


def _moment(slots: Sequence[Slot]) -> int:
    if not slots:
        return 0
    first = slots[0].day
    return to_us(datetime.fromisoformat(f"{first.isoformat()}T00:00:00+00:00"))


def _visit(table: Table, option: Option, kept: Collection[Unit]) -> Visit:
    costs, window = table.plant.costs, table.slots[option.slot]
    alive, expected, waited = 1.0, 0.0, 0.0
    for place in option.tasks:
        task, whole = table.tasks[place], float(table.alive[place, option.slot])
        alive *= whole
        expected += task.failure_cost * (1 - whole) + task.planned_cost * whole
        days = [table.ahead[option.slot], table.ahead[option.slot] + WEEK]
        own = task_value(task, days, task.planned_cost)
        waited += float(own[1] - own[0])
    expected += alive * (costs.open_cost * option.num_openings + loss_of(option.hours, window, table.plant))
    first, last = date_range(table, option.tasks, option.slot)
    fixed = any((place, option.slot) in kept for place in option.tasks)
    return Visit(
        machine=option.machine,
        components=tuple(sorted(table.tasks[place].component for place in option.tasks)),
        day=window.day,
        first=first,
        last=last,
        crew_hours=round(sum(option.crew.values()), 6),
        standstill_hours=round(option.hours, 6),
        expected_cost=expected,
        cost_of_waiting=waited,
        reason=reason(table, option.tasks, option.slot, fixed=fixed, num_openings=option.num_openings),
        fixed=fixed,
    )


def _notes(table: Table, solution: Solution, dropped: Sequence[tuple[str, str, date, str]]) -> tuple[str, ...]:
    found = []
    if not table.tasks:
        found.append("No machine has an outlook that could be planned by.")
    if table.tasks and not table.slots:
        found.append("The calendar has no window for work within the horizon: nothing can be planned.")
    if not solution.proven:
        found.append(
            f"The solver's time ran out; the schedule is the best found by then, at most {solution.gap:.1%} short of what the best could save."
        )
    for machine, component, day, why in dropped:
        found.append(f"{listed(machine, component)}: planned for {day}, in the frozen window, and not kept: {why}.")
    warned = max((task.warned for task in table.tasks), default=0.0)
    if warned:
        found.append(
            f"Of failures that nothing announces yet, {percent(warned)} are taken to be announced in time, as on machines set aside when the model was "
            "trained; they cost planned work, and waiting is priced so."
        )
    flat = sorted({task.component for task in table.tasks if _runs_to_failure(task, table.plant)})
    for component in flat:
        name = f"Component {component!r}" if component else "The whole machine"
        found.append(
            f"{name}: replacing by age does not pay (its failures do not come more often with age, or cost too little more), so the standing policy is to "
            "run to failure; work is planned only where a prediction stands out."
        )
    alone = table.own()
    if flat and len(table.slots) and not (alone < -LITTLE).any() and not table.impossible:
        found.append("Nothing warns of a failure within the horizon: the cheapest plan is to run to failure.")
    return tuple(found)


def _runs_to_failure(task: Task, plant: Plant) -> bool:
    return (
        task.new is not None
        and standing(task.new, task.planned_cost + plant.costs.open_cost, task.failure_cost).age is None
    )

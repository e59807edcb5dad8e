"""Which task could be done in which window and what that would change in expected cost: the step from tasks and windows to the program that is solved.

A task that no window can hold is named with the limit that forbids it, before anything is solved.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from .program import Option, Problem
from .types import Slot, Task
from .value import alive_at, task_later, task_value

if TYPE_CHECKING:
    import numpy as np

    from ..plant import Plant

DAY_US = 86_400_000_000
LITTLE = 1e-9
ALL_SETS = 5
"""On a machine with more tasks than this that could be done in one window, sets of up to ``LARGEST_SET`` are tried, and all together."""
LARGEST_SET = 2
Unit = tuple[int, int]
"""(place of a task, place of a slot)."""


@dataclass(frozen=True)
class Table:
    """Everything that planning computes once. Arrays float[tasks, slots]; ``ahead`` float[slots] days from now.

    ``value`` is V(d) of servicing in the window without opening and lost production, ``loss`` the production lost by this task alone, ``alive`` the chance that it has not
    failed before. ``later`` float[tasks] is the best that leaving it out of the horizon costs. ``allowed`` bool[tasks, slots].
    """

    tasks: Sequence[Task]
    slots: Sequence[Slot]
    plant: Plant
    now: int
    today: date
    horizon_days: float
    ahead: np.ndarray
    value: np.ndarray
    loss: np.ndarray
    alive: np.ndarray
    later: np.ndarray
    allowed: np.ndarray
    skill: Sequence[str]
    crew_hours: Sequence[float]
    impossible: Mapping[int, str]

    def own(self) -> np.ndarray:
        """float[tasks, slots]: change in cost of doing a task on its own visit; infinite where it may not be done."""
        import numpy as np

        alone = self.value + self.loss + self.plant.costs.open_cost * self.alive - self.later[:, None]
        return np.where(self.allowed, alone, np.inf)


def days_ahead(slots: Sequence[Slot], now: int, today: date) -> np.ndarray:
    """float[slots]: days from now to the beginning of each window; one without a moment counts in whole days."""
    import numpy as np

    return np.array(
        [max(0.0, (slot.begins - now) / DAY_US) if slot.begins else float((slot.day - today).days) for slot in slots]
    )


def tabulate(
    tasks: Sequence[Task], slots: Sequence[Slot], plant: Plant, now: int, today: date, horizon_days: float
) -> Table:
    """Price every task in every window, and say which tasks no window can hold."""
    import numpy as np

    ahead = days_ahead(slots, now, today)
    shape = (len(tasks), len(slots))
    values, loss, alive = np.zeros(shape), np.zeros(shape), np.ones(shape)
    allowed, later = np.zeros(shape, bool), np.zeros(len(tasks))
    skills = [_skill(task, plant) for task in tasks]
    crew = [task.planned_hours * task.crew + plant.costs.open_hours for task in tasks]
    impossible: dict[int, str] = {}
    for place, task in enumerate(tasks):
        alive[place] = alive_at(task.survival, ahead) if len(slots) else alive[place]
        values[place] = task_value(task, ahead, task.planned_cost)
        loss[place] = [loss_of(task.planned_hours + plant.costs.open_hours, slot, plant) for slot in slots]
        allowed[place], why = _allowed(task, skills[place], crew[place], slots, ahead, plant)
        least = float(loss[place][allowed[place]].min()) if allowed[place].any() else 0.0
        whole = task.planned_cost + plant.costs.open_cost + least
        later[place] = task_later(task, horizon_days, whole)
        if not allowed[place].any() and not task.covered_by:
            daily = np.arange(0.5, horizon_days, 0.5)
            if (task_value(task, daily, whole) - later[place]).min(initial=0.0) < -LITTLE:
                impossible[place] = why
    loss = loss * alive
    return Table(
        *(tasks, slots, plant, now, today, horizon_days, ahead, values, loss, alive, later, allowed, skills),
        [task.planned_hours * task.crew for task in tasks],
        impossible,
    )


def _skill(task: Task, plant: Plant) -> str:
    """The crew that does it. Work that names no skill goes to the crew without one, else to the one with most hours."""
    if task.skill or not plant.crew or any(not crew.skill for crew in plant.crew):
        return task.skill
    return max(plant.crew, key=lambda crew: (crew.hours_per_day, crew.skill)).skill


def loss_of(hours: float, slot: Slot, plant: Plant) -> float:
    """Money that a standstill of ``hours`` in a window loses: production minutes beyond the window's idle time and the buffer."""
    lost = 0.0 if slot.idle_hours is None else max(0.0, hours - slot.idle_hours)
    return max(0.0, lost * 60 - plant.costs.buffer_minutes) * plant.costs.line_minute


def _allowed(
    task: Task, skill: str, crew_hours: float, slots: Sequence[Slot], ahead: np.ndarray, plant: Plant
) -> tuple[np.ndarray, str]:
    """bool[slots], and where none is left the first limit that took the last ones."""
    import numpy as np

    left = np.ones(len(slots), bool)
    if task.covered_by:
        return ~left, f"covered by {task.covered_by}"
    hours = task.planned_hours + plant.costs.open_hours
    component = next((part for part in plant.components if part.name == task.component), None)
    wait = component.lead_days if component is not None and component.stock == 0 else 0.0
    known = not plant.crew or any(skill in slot.crew_hours for slot in slots)
    most_crew = max((slot.crew_hours.get(skill, 0.0) for slot in slots), default=0.0)
    longest = max((slot.hours for slot in slots if slot.machine in ("", task.machine)), default=0.0)
    crew_name = f"crew {skill!r}" if skill else "crew"
    limits = (
        (
            lambda slot, _: slot.machine in ("", task.machine),
            "the calendar has no window for work within the horizon",
        ),
        (
            lambda slot, _: task.earliest is None or slot.day >= task.earliest,
            f"it may not be done before {task.earliest}, and no window follows within the horizon",
        ),
        (
            lambda slot, _: hours <= slot.hours + LITTLE,
            f"service windows: it needs {hours:g} h of standstill, the longest window has {longest:g} h",
        ),
        (
            lambda slot, _: not slot.crew_hours or crew_hours <= slot.crew_hours.get(skill, 0.0) + LITTLE,
            f"crew: it needs {crew_hours:g} h of {crew_name} in one day, the most there is are {most_crew:g} h"
            if known
            else f"crew: there is no {crew_name}",
        ),
        (
            lambda _, days: days >= wait,
            f"parts: none in stock, the next comes in {wait:g} days, and no window follows within the horizon",
        ),
    )
    why = ""
    for holds, sentence in limits:
        keep = np.array([holds(slot, days) for slot, days in zip(slots, ahead, strict=True)], bool)
        left = left & keep
        if not left.any():
            why = sentence
            break
    return left, why


def build(table: Table, forced: Mapping[int, int] | None = None) -> Problem:
    """The program over the visits that can save something, and those with a task that is forced into a slot: task -> slot, by place."""
    kept = dict(forced or {})
    by_machine: dict[str, list[int]] = {}
    for place, task in enumerate(table.tasks):
        by_machine.setdefault(task.machine, []).append(place)
    options: list[Option] = []
    for machine, members in by_machine.items():
        for slot in range(len(table.slots)):
            stay = tuple(place for place in members if kept.get(place) == slot)
            free = [place for place in members if place not in kept and table.allowed[place, slot]]
            options.extend(_options(table, machine, slot, stay, free))
    day_of = {day: number for number, day in enumerate(sorted({slot.day for slot in table.slots}))}
    crew = {(day_of[slot.day], skill): hours for slot in table.slots for skill, hours in slot.crew_hours.items()}
    return Problem(options, [day_of[slot.day] for slot in table.slots], crew, _parts(table), kept)


def _options(table: Table, machine: str, slot: int, stay: tuple[int, ...], free: Sequence[int]) -> list[Option]:
    """Every set of ``free`` tasks with those that ``stay`` that fits the window and is better than the set without one of its tasks."""
    from itertools import combinations

    most = len(free) if len(free) <= ALL_SETS else LARGEST_SET
    priced: dict[tuple[int, ...], Option] = {}
    empty = _option(table, machine, slot, stay) if stay else None
    if empty is not None:
        priced[()] = empty
    sizes = list(range(1, most + 1)) + ([len(free)] if most < len(free) else [])
    for size in sizes:
        for added in combinations(free, size):
            option = _option(table, machine, slot, tuple(sorted((*stay, *added))))
            if option.hours > table.slots[slot].hours + LITTLE:
                continue
            without = [priced.get(added[:gone] + added[gone + 1 :]) for gone in range(size)]
            least = min((one.cost for one in without if one is not None), default=0.0)
            if option.cost < min(least, 0.0 if not stay else least) - LITTLE:
                priced[added] = option
    return list(priced.values())


def _option(table: Table, machine: str, slot: int, members: tuple[int, ...]) -> Option:
    costs = table.plant.costs
    num_openings = openings(table, members)
    hours = sum(table.tasks[place].planned_hours for place in members) + num_openings * costs.open_hours
    alive = 1.0
    crew: dict[str, float] = {}
    cost = 0.0
    for place in members:
        alive *= float(table.alive[place, slot])
        cost += float(table.value[place, slot] - table.later[place])
        crew[table.skill[place]] = crew.get(table.skill[place], 0.0) + table.crew_hours[place]
    if costs.open_hours:
        lead = table.skill[members[0]]
        crew[lead] += num_openings * costs.open_hours
    cost += alive * (num_openings * costs.open_cost + loss_of(hours, table.slots[slot], table.plant))
    return Option(machine, members, slot, cost, crew, hours, num_openings)


def openings(table: Table, members: Sequence[int]) -> int:
    """How often a machine is opened for this work: once for each named group; parts without a group share any opening."""
    if not table.plant.costs.open_hours and not table.plant.costs.open_cost:
        return 0
    return max(1, len({table.tasks[place].group for place in members} - {""}))


def _parts(table: Table) -> list[tuple[frozenset[int], frozenset[int], int]]:
    """Before the next parts come there are only those in stock."""
    found = []
    for component in table.plant.components:
        if component.stock is None:
            continue
        early = frozenset(s for s, days in enumerate(table.ahead) if days < component.lead_days - LITTLE)
        users = frozenset(place for place, task in enumerate(table.tasks) if task.component == component.name)
        if early and users:
            found.append((users, early, component.stock))
    return found

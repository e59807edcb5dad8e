"""Work that would pay and is not in the plan, with the limit that keeps it out.

Limits that no window can meet are known before solving (``candidates``). Of the rest it is looked up which limit is used up in the windows that would pay: that one more of it
would let the work in.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from .candidates import LITTLE, Table
from .program import Option
from .words import money


def left_out(table: Table, chosen: Sequence[Option]) -> tuple[tuple[str, str, str], ...]:
    """(machine, component, why): what no window can hold, then what costs most to leave out; what an open order covers stands last."""
    planned = {task for option in chosen for task in option.tasks}
    used = _Load(table, chosen)
    alone = table.own()
    found: list[tuple[float, tuple[str, str, str]]] = []
    for place, task in enumerate(table.tasks):
        if place in planned:
            continue
        if task.covered_by:
            found.append((1.0, (task.machine, task.component, f"open order {task.covered_by} covers it")))
        elif place in table.impossible:
            found.append((-1e18, (task.machine, task.component, table.impossible[place])))
        elif len(table.slots) and alone[place].min() < -LITTLE:
            saved = -float(alone[place].min())
            why = f"{used.why(place)}; planning it would save {money(saved, table.plant.costs.currency)}"
            found.append((-saved, (task.machine, task.component, why)))
    return tuple(entry for _, entry in sorted(found))


class _Load:
    """What the plan uses of each limit."""

    def __init__(self, table: Table, chosen: Sequence[Option]) -> None:
        self.table = table
        self.crew: dict[tuple[date, str], float] = {}
        self.visits = {(option.machine, option.slot): option for option in chosen}
        self.parts: dict[str, int] = {}
        for option in chosen:
            for skill, hours in option.crew.items():
                key = (table.slots[option.slot].day, skill)
                self.crew[key] = self.crew.get(key, 0.0) + hours
            for task in option.tasks:
                if self._early(task, option.slot):
                    name = table.tasks[task].component
                    self.parts[name] = self.parts.get(name, 0) + 1

    def _early(self, task: int, slot: int) -> bool:
        name = self.table.tasks[task].component
        part = next((one for one in self.table.plant.components if one.name == name), None)
        return part is not None and part.stock is not None and self.table.ahead[slot] < part.lead_days - LITTLE

    def why(self, place: int) -> str:
        """The limit that is used up most often in the windows where the work would pay."""
        import numpy as np

        table, task = self.table, self.table.tasks[place]
        skill = table.skill[place]
        alone = table.own()[place]
        paying = [int(slot) for slot in np.flatnonzero(alone < -LITTLE)]
        counts = {"crew": 0, "parts": 0, "window": 0}
        most_left = 0.0
        stock = next((one.stock for one in table.plant.components if one.name == task.component), None)
        for slot in paying:
            window = table.slots[slot]
            visit = self.visits.get((task.machine, slot))
            hours = 0.0 if visit is not None else table.plant.costs.open_hours
            if (visit.hours if visit is not None else 0.0) + task.planned_hours + hours > window.hours + LITTLE:
                counts["window"] += 1
            left = window.crew_hours.get(skill, float("inf")) - self.crew.get((window.day, skill), 0.0)
            if table.crew_hours[place] + hours > left + LITTLE:
                counts["crew"] += 1
                most_left = max(most_left, left)
            if stock is not None and self._early(place, slot) and self.parts.get(task.component, 0) >= stock:
                counts["parts"] += 1
        name = max(counts, key=lambda limit: counts[limit])
        where = (
            f"in {counts[name]} of {len(paying)} windows that would pay"
            if len(paying) > 1
            else "in the window that would pay"
        )
        need = table.crew_hours[place] + table.plant.costs.open_hours
        if counts[name] == 0:
            return "limits: it would fit, but saves less than the gap within which the schedule was solved"
        if name == "crew":
            who = f"crew {skill!r}" if skill else "the crew"
            return f"crew: {who} is taken up by work that is worth more {where} (needs {need:g} h, at most {most_left:g} h are left)"
        if name == "parts":
            return f"parts: those in stock ({stock}) go to machines where they are worth more, {where}"
        return f"service windows: other work on the machine fills them {where}"

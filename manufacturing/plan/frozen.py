"""What stays of the last plan: its visits within the frozen days, as long as they can still be done."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

from .candidates import LITTLE, Table, Unit
from .types import Plan

Dropped = tuple[str, str, date, str]


def frozen(
    table: Table, previous: Plan | None, done: Collection[tuple[str, str]]
) -> tuple[tuple[Unit, ...], tuple[Dropped, ...]]:
    """(task, slot) of every service that stays, and (machine, component, day, why) of those that cannot.

    A visit stays while its day lies from today to before today + frozen days. They are taken in the order of their days; one that no longer fits beside those before it,
    because crew, parts or the window became less, is dropped and planned anew. What is done or covered by an order is simply gone.
    """
    if previous is None:
        return (), ()
    place_of = {(task.machine, task.component): place for place, task in enumerate(table.tasks)}
    end = table.today + timedelta(days=table.plant.calendar.frozen_days)
    kept: list[Unit] = []
    dropped: list[Dropped] = []
    used = _Used(table)
    for visit in sorted(previous.visits, key=lambda one: (one.day, one.machine)):
        if not table.today <= visit.day < end:
            continue
        for component in visit.components:
            place = place_of.get((visit.machine, component))
            if place is None or (visit.machine, component) in done or table.tasks[place].covered_by:
                continue
            slots = [
                s for s, slot in enumerate(table.slots) if slot.day == visit.day and slot.machine in ("", visit.machine)
            ]
            if not slots:
                dropped.append((visit.machine, component, visit.day, "no window is left on that day"))
                continue
            fitting = next((s for s in slots if table.allowed[place, s] and not used.lacking(place, s)), None)
            if fitting is None:
                why = next((used.lacking(place, s) for s in slots if table.allowed[place, s]), "")
                dropped.append((visit.machine, component, visit.day, why or "it does not fit the day's window or crew"))
                continue
            used.take(place, fitting)
            kept.append((place, fitting))
    return tuple(kept), tuple(dropped)


class _Used:
    """Crew, standstill and parts that the kept visits take so far."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.crew: dict[tuple[date, str], float] = {}
        self.standing: dict[tuple[str, int], float] = {}
        self.opened: set[tuple[str, int, str]] = set()
        self.parts: dict[str, int] = {}

    def _more(self, place: int, slot: int) -> tuple[float, float]:
        """Standstill and crew hours that one more service takes, with its opening where it needs one."""
        table, task = self.table, self.table.tasks[place]
        opens = (task.machine, slot, task.group) not in self.opened
        if not task.group and any(key[:2] == (task.machine, slot) for key in self.opened):
            opens = False
        hours = table.plant.costs.open_hours if opens else 0.0
        return task.planned_hours + hours, table.crew_hours[place] + hours

    def lacking(self, place: int, slot: int) -> str:
        """Which limit one more service would break; "" where none."""
        table, task, window = self.table, self.table.tasks[place], self.table.slots[slot]
        hours, crew = self._more(place, slot)
        skill = table.skill[place]
        if self.standing.get((task.machine, slot), 0.0) + hours > window.hours + LITTLE:
            return "the window is too short for all work on the machine"
        if (
            window.crew_hours
            and self.crew.get((window.day, skill), 0.0) + crew > window.crew_hours.get(skill, 0.0) + LITTLE
        ):
            return (
                f"the crew {skill!r} has no hours left on that day"
                if skill
                else "the crew has no hours left on that day"
            )
        part = next((one for one in table.plant.components if one.name == task.component), None)
        early = part is not None and part.stock is not None and table.ahead[slot] < part.lead_days - LITTLE
        if early and part is not None and self.parts.get(part.name, 0) >= (part.stock or 0):
            return "no part is left"
        return ""

    def take(self, place: int, slot: int) -> None:
        """Count one more service."""
        table, task, window = self.table, self.table.tasks[place], self.table.slots[slot]
        hours, crew = self._more(place, slot)
        skill = table.skill[place]
        self.standing[(task.machine, slot)] = self.standing.get((task.machine, slot), 0.0) + hours
        self.crew[(window.day, skill)] = self.crew.get((window.day, skill), 0.0) + crew
        self.opened.add((task.machine, slot, task.group))
        part = next((one for one in table.plant.components if one.name == task.component), None)
        if part is not None and part.stock is not None and table.ahead[slot] < part.lead_days - LITTLE:
            self.parts[part.name] = self.parts.get(part.name, 0) + 1

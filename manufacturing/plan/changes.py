"""What differs from the last plan, and why: a planner sees each day only what moved."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from .candidates import Table
from .types import Change, Plan, Visit
from .words import TELL_DAYS, percent

Named = tuple[str, str]


def changes(
    previous: Plan | None,
    visits: Sequence[Visit],
    table: Table,
    done: Collection[Named],
    dropped: Sequence[tuple[str, str, date, str]],
) -> tuple[Change, ...]:
    """Changes from ``previous`` to ``visits`` by machine: parts of a machine with the same dates and reason stand in one. Empty without a last plan."""
    if previous is None:
        return ()
    before, after = _days(previous.visits), _days(visits)
    place_of = {(task.machine, task.component): place for place, task in enumerate(table.tasks)}
    lost = {(machine, component): why for machine, component, _, why in dropped}
    merged: dict[tuple[str, str, date | None, date | None, str], list[str]] = {}
    for key in sorted(set(before) | set(after)):
        found = _change(key, before.get(key), after.get(key), table, place_of.get(key), done, lost.get(key, ""))
        if found is not None:
            kind, why = found
            merged.setdefault((key[0], kind, before.get(key), after.get(key), why), []).append(key[1])
    return tuple(
        Change(kind, machine, tuple(components), old, new, why)
        for (machine, kind, old, new, why), components in merged.items()
    )


def _days(visits: Sequence[Visit]) -> Mapping[Named, date]:
    return {(visit.machine, component): visit.day for visit in visits for component in visit.components}


def _change(
    key: Named,
    old: date | None,
    new: date | None,
    table: Table,
    place: int | None,
    done: Collection[Named],
    lost: str,
) -> tuple[str, str] | None:
    if old is not None and key in done:
        return (
            ("done", "serviced, or it failed, since the last plan")
            if new is None
            else ("moved", "done since, and due again")
        )
    if old == new:
        return None
    if new is None:
        return "withdrawn", _why_gone(table, place, lost)
    risk = (
        ""
        if place is None
        else f"{percent(1 - table.tasks[place].survival.at(TELL_DAYS))} to fail within {TELL_DAYS:g} days"
    )
    if old is None:
        return "new", risk
    return "moved", _why_moved(old, new, table, place, lost, risk)


def _why_gone(table: Table, place: int | None, lost: str) -> str:
    if place is None:
        return "no outlook speaks of it any more"
    task = table.tasks[place]
    if task.covered_by:
        return f"open order {task.covered_by} covers it"
    if place in table.impossible:
        return table.impossible[place]
    if lost:
        return lost
    if len(table.slots) and table.own()[place].min() < 0:
        return "the hours or parts go to work that is worth more"
    risk = percent(1 - task.survival.at(TELL_DAYS))
    return f"waiting is cheaper now: {risk} to fail within {TELL_DAYS:g} days"


def _why_moved(old: date, new: date, table: Table, place: int | None, lost: str, risk: str) -> str:
    if lost:
        return lost
    if old < table.today:
        return f"not done on {old}"
    if place is None:
        return risk
    own = table.own()[place]
    costs = {
        day: min(own[s] for s, slot in enumerate(table.slots) if slot.day == day)
        for day in (old, new)
        if _has(table, day)
    }
    if old not in costs:
        return f"{old} has no window for work any more"
    if not costs[old] < float("inf"):
        return f"the work no longer fits the window or the crew of {old}"
    if costs[old] < costs[new]:
        return (
            f"{old} would suit this machine better, but its crew, parts or window serve work that is worth more; {risk}"
        )
    return f"{'sooner' if new < old else 'later'} is cheaper now: {risk}"


def _has(table: Table, day: date) -> bool:
    return any(slot.day == day for slot in table.slots)

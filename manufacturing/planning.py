"""From a fleet to its maintenance plan: tasks, windows, the last plan kept where it is frozen, the schedule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .plan.types import Plan

if TYPE_CHECKING:
    from .fleet import Fleet
    from .predict import PredictJob

MOST_MACHINES = 200
"""The machines at most that one schedule takes: those whose failures are expected to cost most."""
DAY_US = 86_400_000_000


def plan_fleet(fleet: Fleet, previous: Plan | None = None, *, previous_as_of: int | None = None) -> Plan:
    """The plan of a fleet as of its last reading.

    Args:
        previous: the last plan, made when the data ended at ``previous_as_of``.
    """
    from .plan.calendar import slots
    from .plan.policies import with_prices
    from .plan.schedule import schedule
    from .plan.tasks import riskiest, stops, tasks

    plant = fleet.plant
    every, left = tasks(fleet)
    chosen = riskiest(every, MOST_MACHINES, plant.calendar.horizon_days)
    windows = slots(plant, fleet.as_of, stops=stops(fleet))
    found = schedule(
        chosen,
        windows,
        plant,
        previous,
        now=fleet.as_of,
        done=_done(fleet, previous_as_of),
    )
    found = with_prices(found, chosen, windows, plant, now=fleet.as_of)
    notes = found.notes
    if len(chosen) < len(every):
        notes = (*notes, f"The schedule takes the {MOST_MACHINES} machines whose failures are expected to cost most.")
    return replace(found, unplanned=(*found.unplanned, *left), notes=notes)


def _done(fleet: Fleet, since: int | None) -> frozenset[tuple[str, str]]:
    """(machine, component) serviced or failed since the last plan."""
    if since is None:
        return frozenset()
    return frozenset(
        (machine.machine, component.name)
        for machine in fleet.machines
        for event in machine.events
        if event.kind in ("failure", "maintenance") and event.time > since
        for component in fleet.plant.components
        if event.component in ("", component.name)
    )


def needs_days(fleet: Fleet) -> Mapping[tuple[str, str], float]:
    """By machine and component, the days until work could be done: until its part is there and the next window after that begins."""
    from .alarms import minimum_days
    from .plan.calendar import slots
    from .plan.tasks import stops

    plant = fleet.plant
    windows = slots(plant, fleet.as_of, stops=stops(fleet))
    found = {}
    for machine in fleet.machines:
        own = [slot.begins for slot in windows if slot.machine in ("", machine.machine)]
        for outlook in machine.outlooks:
            ready = fleet.as_of + int(minimum_days(plant, outlook.component) * DAY_US)
            begin = next((begins for begins in own if begins >= ready), None)
            days = plant.calendar.horizon_days if begin is None else (begin - fleet.as_of) / DAY_US
            found[machine.machine, outlook.component] = float(days)
    return found


def fleet_in(folder: Path, job: PredictJob) -> Fleet:
    """The fleet of a finished prediction run, from what its folder keeps.

    Raises:
        UsageError: the folder keeps no machine.
    """
    from ..core.errors import UsageError
    from .closing import fleet_of_machines
    from .stored import FILE, load

    machines = [load(path.parent) for path in sorted((folder / "items").glob(f"*/{FILE}"))]
    if not machines:
        raise UsageError(f"{folder} keeps no machine: run the prediction first")
    return fleet_of_machines(job, machines)


def as_json(plan: Plan) -> dict[str, Any]:
    """A plan as plain JSON values."""
    from pydantic import TypeAdapter

    return TypeAdapter(Plan).dump_python(plan, mode="json")

"""Small plants, tasks and windows for the tests of planning."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from dsapp.manufacturing.outlook import Survival
from dsapp.manufacturing.plan.types import Slot, Task
from dsapp.manufacturing.plant import Component, Plant

TODAY = date(2026, 3, 2)
NOW = 1_772_409_600_000_000
"""2026-03-02 00:00 UTC, a Monday."""


def make_plant(**sections: object) -> Plant:
    """A plant that always runs and may always be worked on, with what ``sections`` says beside."""
    base: dict[str, object] = {
        "format": 1,
        "name": "test",
        "asset_class": "pump",
        "sensors": [{"name": "vibration"}],
    }
    return Plant.model_validate(base | sections)


def weibull(shape: float, scale: float, age: float = 0.0, last: float = 0.0) -> Survival:
    """Survival of a Weibull life of this age, in days, up to ``last`` or where next to none is left."""
    days = np.linspace(0, last or 3 * scale, 200)
    alive = np.exp(((age / scale) ** shape) - ((age + days) / scale) ** shape)
    return Survival(tuple(float(day) for day in days), tuple(float(share) for share in alive))


def make_task(machine: str = "A", component: str = "", **fields: object) -> Task:
    """A task whose failure is expected in about ten days."""
    base: dict[str, object] = {
        "machine": machine,
        "component": component,
        "survival": weibull(4.0, 10.0),
        "renewal_rate": 0.02,
        "planned_cost": 1.0,
        "failure_cost": 10.0,
        "planned_hours": 4.0,
        "failure_hours": 20.0,
    }
    return Task(**(base | fields))  # type: ignore[arg-type]


def make_slots(count: int = 10, hours: float = 8.0, crew: dict[str, float] | None = None) -> tuple[Slot, ...]:
    """One window a day from tomorrow on."""
    return tuple(Slot(TODAY + timedelta(days=1 + step), hours, crew or {}) for step in range(count))


def parts(*names: str, **fields: object) -> tuple[Component, ...]:
    """Components of these names with the same fields."""
    return tuple(Component.model_validate({"name": name} | fields) for name in names)

"""From a fleet to tasks: which survival is planned by, what a failure costs, and what cannot be planned."""

from __future__ import annotations

from dataclasses import replace

import pytest
from plan_cases import NOW, make_plant, weibull

from dsapp.manufacturing.age import Weibull
from dsapp.manufacturing.fleet import Fleet
from dsapp.manufacturing.history import Event
from dsapp.manufacturing.outlook import Outlook
from dsapp.manufacturing.plan.tasks import riskiest, stops, tasks
from dsapp.manufacturing.stored import StoredMachine

DAY = 86_400_000_000
PLANT = make_plant(
    components=[{"name": "seal", "planned_cost": 100, "failure_cost": 500, "failure_hours": 10}],
    costs={"line_minute": 2.0, "buffer_minutes": 60},
)
LIFE = weibull(3.0, 20.0)
AGES = {"seal": Weibull(3.0, 1200.0, 30, 40)}


def machine(name: str, outlook: Outlook, *events: Event) -> StoredMachine:
    return StoredMachine(
        name, NOW - 90 * DAY, NOW, 3600.0, "running_hours", 500.0, 20.0, (outlook,), age={"seal": 400.0}, events=events
    )


def outlook(basis: str = "model", **fields: object) -> Outlook:
    base: dict[str, object] = {"machine": "A", "component": "seal", "as_of": NOW, "basis": basis, "score": 0.2}
    return Outlook(**(base | {"survival": LIFE, "threshold": 0.5} | fields))  # type: ignore[arg-type]


def fleet(*machines: StoredMachine, **fields: object) -> Fleet:
    base: dict[str, object] = {"plant": PLANT, "as_of": NOW, "machines": machines, "ages": AGES, "warning": {}}
    return Fleet(**(base | fields))  # type: ignore[arg-type]


def test_a_model_is_planned_by_and_a_failure_costs_its_production() -> None:
    ((task,), left) = tasks(fleet(machine("A", outlook())))
    assert left == ()
    assert task.survival is LIFE and task.basis == "model"
    assert task.failure_cost == 500 + (600 - 60) * 2
    assert task.age_days == 20.0
    assert task.new is not None and task.new.at(60.0) == pytest.approx(float(AGES["seal"].alive(1200.0)), abs=0.01)
    assert 0 < task.renewal_rate < task.failure_cost / (AGES["seal"].mean / 20)


def test_a_ranking_is_planned_by_the_age_model() -> None:
    ((task,), _) = tasks(fleet(machine("A", outlook("ranking"))))
    assert task.basis == "age"
    assert task.survival.at(30.0) == pytest.approx(float(AGES["seal"].alive(1000.0) / AGES["seal"].alive(400.0)))


def test_what_nothing_tells_of_is_named() -> None:
    found, left = tasks(fleet(machine("A", outlook("none", survival=None)), ages={}))
    assert found == () and left[0][:2] == ("A", "seal") and "too few failures" in left[0][2]


def test_without_an_age_model_a_day_is_worth_the_failure_over_the_life_so_far_and_ahead() -> None:
    ((task,), _) = tasks(fleet(machine("A", outlook()), ages={}))
    assert task.new is None
    assert task.renewal_rate == pytest.approx(task.failure_cost / (20.0 + 20.0 * 0.893), rel=0.01)


def test_an_outlook_of_days_ago_is_carried_on_to_today() -> None:
    ((task,), _) = tasks(fleet(machine("A", outlook(as_of=NOW - 5 * DAY))))
    assert task.survival.at(4.0) == pytest.approx(LIFE.at(9.0) / LIFE.at(5.0), abs=0.01)


def test_open_orders_cover_and_stops_ahead_are_windows() -> None:
    order = Event(NOW - DAY, "order", "WO-3", "seal", NOW + DAY)
    stop = Event(NOW + DAY, "stop", "cleaning", "", NOW + 2 * DAY)
    past = Event(NOW - 9 * DAY, "stop", "", "", NOW - 8 * DAY)
    some = fleet(machine("A", outlook(), past, order, stop))
    assert tasks(some)[0][0].covered_by == "WO-3"
    assert stops(some) == {"A": [(NOW + DAY, NOW + 2 * DAY)]}


def test_warnings_count_where_they_come_in_time_and_not_for_what_is_warned_of() -> None:
    good = {"warned_24h": 0.8, "median_lead_hours": 90.0}
    calm, loud = machine("A", outlook(score=0.2)), machine("B", outlook(score=0.6))
    first, second = tasks(fleet(calm, loud, warning=good))[0]
    assert (first.warned, second.warned) == (0.8, 0.0)
    assert first.renewal_rate == second.renewal_rate < tasks(fleet(calm))[0][0].renewal_rate
    assert tasks(fleet(calm, warning=good | {"median_lead_hours": 20.0}))[0][0].warned == 0.0
    slow = PLANT.components[0].model_copy(update={"stock": 0, "lead_days": 9.0})
    waiting = fleet(calm, plant=PLANT.model_copy(update={"components": (slow,)}), warning=good)
    assert tasks(waiting)[0][0].warned == 0.0
    by_age = fleet(machine("A", outlook("age", threshold=None)), warning=good)
    assert tasks(by_age)[0][0].warned == 0.0


def test_the_riskiest_machines_come_with_all_their_tasks() -> None:
    every = [
        replace(tasks(fleet(machine(name, outlook(survival=weibull(3.0, scale)))))[0][0])
        for name, scale in (("A", 200.0), ("B", 10.0), ("C", 25.0))
    ]
    chosen = riskiest([*every, replace(every[0], machine="B")], 2, 30.0)
    assert sorted({task.machine for task in chosen}) == ["B", "C"]
    assert sum(task.machine == "B" for task in chosen) == 2

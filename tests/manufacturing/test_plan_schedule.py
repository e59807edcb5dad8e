"""The schedule keeps every limit, finds what brute force finds, and says what stopped the rest."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plan_cases import NOW, TODAY, make_plant, make_slots, make_task, weibull

from dsapp.manufacturing.outlook import Survival
from dsapp.manufacturing.plan.candidates import build, tabulate
from dsapp.manufacturing.plan.program import greedy, solve
from dsapp.manufacturing.plan.schedule import schedule
from dsapp.manufacturing.plan.types import Plan, Slot, Task
from dsapp.manufacturing.plant import Plant

ONE_CREW = make_plant(crew=[{"hours_per_day": 4, "days": "Mon-Sun"}])


def plan(
    tasks: list[Task], slots: tuple[Slot, ...], plant: Plant, previous: Plan | None = None, **more: object
) -> Plan:
    return schedule(tasks, slots, plant, previous, now=NOW, **more)  # type: ignore[arg-type]


def days(found: Plan) -> dict[str, int]:
    return {visit.machine: (visit.day - TODAY).days for visit in found.visits}


def best_by_brute_force(tasks: list[Task], slots: tuple[Slot, ...], plant: Plant) -> float:
    """The least cost over every assignment of tasks to windows that keeps crew and window hours; openings shared in a window."""
    table = tabulate(tasks, slots, plant, NOW, TODAY, plant.calendar.horizon_days)
    least = 0.0
    for chosen in product(range(-1, len(slots)), repeat=len(tasks)):
        cost, crew, fits = 0.0, dict.fromkeys(range(len(slots)), 0.0), True
        visits: dict[tuple[str, int], list[int]] = {}
        for task, slot in enumerate(chosen):
            if slot >= 0:
                visits.setdefault((tasks[task].machine, slot), []).append(task)
                cost += float(table.value[task, slot] - table.later[task])
        for (_, slot), members in visits.items():
            hours = plant.costs.open_hours + sum(tasks[task].planned_hours for task in members)
            crew[slot] += plant.costs.open_hours + sum(tasks[task].planned_hours * tasks[task].crew for task in members)
            fits = fits and hours <= slots[slot].hours
            alive = float(np.prod([table.alive[task, slot] for task in members]))
            idle = slots[slot].idle_hours
            lost = 0.0 if idle is None else max(0.0, (hours - idle) * 60 - plant.costs.buffer_minutes)
            cost += alive * (plant.costs.open_cost + lost * plant.costs.line_minute)
        if fits and all(
            not slots[slot].crew_hours or used <= slots[slot].crew_hours[""] for slot, used in crew.items()
        ):
            least = min(least, cost)
    return least


@pytest.mark.parametrize("seed", range(6))
def test_the_solver_finds_what_brute_force_finds(seed: int) -> None:
    draw = np.random.default_rng(seed)
    plant = make_plant(
        crew=[{"hours_per_day": 9, "days": "Mon-Sun"}],
        costs={"open_cost": 0.3, "open_hours": 1, "line_minute": 0.004, "buffer_minutes": 30},
    )
    tasks = [
        make_task(
            "ABC"[number % 3],
            str(number),
            survival=weibull(4.0, float(draw.uniform(3, 14))),
            crew=int(draw.integers(1, 3)),
        )
        for number in range(5)
    ]
    slots = tuple(replace(slot, idle_hours=float(draw.uniform(2, 8))) for slot in make_slots(4, 9.0, {"": 9.0}))
    problem = build(tabulate(tasks, slots, plant, NOW, TODAY, 30.0))
    found = solve(problem, gap=0.0)
    expected = best_by_brute_force(tasks, slots, plant)
    assert expected < -1.0, "the case says something"
    assert found.value == pytest.approx(expected, abs=1e-6)
    assert found.proven and found.gap == pytest.approx(0.0, abs=1e-6)
    assert expected - 1e-6 <= greedy(problem).value < 0.0


def test_work_is_planned_before_the_failure_and_not_long_before() -> None:
    found = plan([make_task()], make_slots(20), make_plant())
    (visit,) = found.visits
    assert 1 <= (visit.day - TODAY).days <= 6
    assert visit.first <= visit.day <= visit.last and visit.first < visit.last
    assert visit.cost_of_waiting > 0
    assert "to fail within 14 days" in visit.reason
    assert found.gap <= 0.01


def test_one_crew_serves_one_machine_a_day_the_most_urgent_first() -> None:
    tasks = [
        make_task(name, survival=weibull(4.0, scale)) for name, scale in (("slow", 12.0), ("fast", 3.0), ("mid", 6.0))
    ]
    found = days(plan(tasks, make_slots(12, crew={"": 4.0}), ONE_CREW))
    assert len(set(found.values())) == 3
    assert found["fast"] <= found["mid"] <= found["slow"]


def test_without_the_limit_of_crew_they_share_a_day() -> None:
    tasks = [make_task(name) for name in "ABC"]
    assert len(set(days(plan(tasks, make_slots(12), make_plant())).values())) == 1


def test_windows_of_one_day_share_its_crew() -> None:
    slots = tuple(
        Slot(TODAY + timedelta(days=1), 8.0, {"": 4.0}, begins=NOW + (24 + hour) * 3_600_000_000) for hour in (0, 12)
    )
    found = plan([make_task("A"), make_task("B")], slots, ONE_CREW)
    assert len(found.visits) == 1
    assert "crew" in found.unplanned[0][2]


def test_what_is_opened_together_is_done_together() -> None:
    plant = make_plant(costs={"open_cost": 2.0, "open_hours": 1.0})
    tasks = [make_task("A", name, survival=weibull(4.0, scale)) for name, scale in (("x", 8.0), ("y", 11.0))]
    (visit,) = plan(tasks, make_slots(20, hours=10.0), plant).visits
    assert visit.components == ("x", "y")
    assert visit.standstill_hours == 9.0
    assert "opened once" in visit.reason
    apart = plan(tasks, make_slots(20, hours=8.0), plant).visits
    assert [visit.standstill_hours for visit in apart] == [5.0, 5.0], "two in one window do not fit"


def test_two_named_groups_are_opened_twice() -> None:
    plant = make_plant(costs={"open_hours": 1.0})
    same = [make_task("A", name, group="wet end") for name in "xy"]
    other = [same[0], replace(same[1], group="drive")]
    slots = make_slots(1, hours=20.0)
    assert plan(same, slots, plant).visits[0].standstill_hours == 9.0
    assert plan(other, slots, plant).visits[0].standstill_hours == 10.0


def test_parts_in_stock_are_for_the_machine_that_needs_them_most() -> None:
    plant = make_plant(components=[{"name": "seal", "stock": 1, "lead_days": 5}])
    tasks = [make_task(name, "seal", survival=weibull(4.0, scale)) for name, scale in (("A", 5.0), ("B", 3.0))]
    found = days(plan(tasks, make_slots(10), plant))
    assert found["B"] < 5 <= found["A"]


def test_nothing_in_stock_waits_for_the_delivery_or_says_that_it_comes_too_late() -> None:
    plant = make_plant(components=[{"name": "seal", "stock": 0, "lead_days": 4}])
    assert days(plan([make_task("A", "seal")], make_slots(10), plant))["A"] >= 4
    late = plan([make_task("A", "seal")], make_slots(3), plant)
    assert not late.visits
    assert late.unplanned[0][2].startswith("parts: none in stock, the next comes in 4 days")


@pytest.mark.parametrize(
    ("task", "slots", "plant", "said"),
    [
        (make_task(planned_hours=9.0), make_slots(5), make_plant(), "service windows: it needs 9 h of standstill, the longest window has 8 h"),
        (make_task(crew=2), make_slots(5, crew={"": 4.0}), ONE_CREW, "crew: it needs 8 h of crew in one day, the most there is are 4 h"),
        (
            make_task(skill="welder"),
            make_slots(5, crew={"": 4.0}),
            ONE_CREW,
            "crew: there is no crew 'welder'",
        ),
        (make_task(earliest=TODAY + timedelta(days=9)), make_slots(5), make_plant(), "it may not be done before 2026-03-11"),
        (make_task(), (), make_plant(), "the calendar has no window"),
    ],
)  # fmt: skip
def test_an_impossible_task_names_the_limit_and_the_rest_is_planned(
    task: Task, slots: tuple[Slot, ...], plant: Plant, said: str
) -> None:
    found = plan([task, make_task("other")], slots, plant)
    assert said in {machine: why for machine, _, why in found.unplanned}["A"]
    assert [visit.machine for visit in found.visits] == (["other"] if slots else [])


def test_work_that_finds_no_crew_left_says_so_and_what_it_would_save() -> None:
    tasks = [make_task("A", survival=weibull(4.0, 3.0)), make_task("B", survival=weibull(4.0, 3.0))]
    found = plan(tasks, make_slots(1, crew={"": 4.0}), ONE_CREW)
    ((_, _, why),) = found.unplanned
    assert why.startswith("crew: the crew is taken up by work that is worth more") and "would save" in why


def test_an_open_order_covers_its_task() -> None:
    found = plan([make_task(covered_by="WO-7")], make_slots(5), make_plant())
    assert not found.visits
    assert found.unplanned == (("A", "", "open order WO-7 covers it"),)


def test_no_tasks_and_no_windows_give_an_empty_plan_with_a_note() -> None:
    empty = plan([], make_slots(3), make_plant())
    assert (empty.visits, empty.gap) == ((), 0.0) and empty.notes
    shut = plan([make_task()], (), make_plant())
    assert not shut.visits and any("no window" in note for note in shut.notes)


def test_a_healthy_machine_is_left_alone() -> None:
    found = plan([make_task(survival=Survival((0.0, 30.0, 60.0), (1.0, 0.999, 0.998)))], make_slots(25), make_plant())
    assert not found.visits and not found.unplanned


def test_where_the_hazard_is_flat_the_plan_says_to_run_to_failure() -> None:
    flat = weibull(1.0, 60.0)
    task = make_task(survival=flat, new=flat, renewal_rate=10.0 / 60.0)
    found = plan([task], make_slots(25), make_plant())
    assert not found.visits
    assert any("run to failure" in note and "Nothing warns" in note for note in found.notes)


def test_line_minutes_beyond_the_buffer_move_work_into_idle_time() -> None:
    plant = make_plant(costs={"line_minute": 0.05, "buffer_minutes": 30})
    first, *rest = make_slots(6)
    slots = (
        replace(first, idle_hours=0.0),
        *(replace(slot, idle_hours=0.0) for slot in rest[:-1]),
        replace(rest[-1], idle_hours=8.0),
    )
    assert days(plan([make_task()], slots, plant))["A"] == 6
    without = make_plant()
    assert days(plan([make_task()], slots, without))["A"] < 6


def test_a_stop_of_another_machine_is_no_window() -> None:
    own = replace(make_slots(1)[0], machine="B")
    assert not plan([make_task("A")], (own,), make_plant()).visits
    assert plan([make_task("B")], (own,), make_plant()).visits


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_no_plan_exceeds_crew_hours_window_hours_or_parts(data: st.DataObject) -> None:
    number = st.integers(1, 8)
    skills = ("m", "e")
    plant = make_plant(
        crew=[{"skill": skill, "hours_per_day": 8, "days": "Mon-Sun"} for skill in skills],
        costs={"open_cost": 0.2, "open_hours": data.draw(st.sampled_from([0.0, 1.0, 2.0]))},
        components=[{"name": name, "stock": 2, "lead_days": 3} for name in "xyz"],
    )
    tasks = [
        make_task(
            machine,
            component,
            survival=weibull(3.0, float(data.draw(st.integers(2, 30)))),
            planned_hours=float(data.draw(number)),
            crew=data.draw(st.integers(1, 2)),
            skill=data.draw(st.sampled_from(skills)),
            group=data.draw(st.sampled_from(["", "g", "h"])),
        )
        for machine in "ABCD"[: data.draw(st.integers(1, 4))]
        for component in "xyz"[: data.draw(st.integers(1, 3))]
    ]
    hours = [data.draw(st.sampled_from([0.0, 6.0, 12.0])) for _ in range(6)]
    slots = tuple(
        replace(slot, crew_hours={"m": hours[place], "e": 8.0}, hours=float(data.draw(st.integers(4, 16))))
        for place, slot in enumerate(make_slots(6))
    )
    found = plan(tasks, slots, plant)
    of = {(task.machine, task.component): task for task in tasks}
    by_day = {slot.day: slot for slot in slots}
    crew: dict[tuple[object, str], float] = {}
    early: dict[str, int] = {}
    seen: list[tuple[str, str]] = []
    for visit in found.visits:
        members = [of[(visit.machine, component)] for component in visit.components]
        seen += [(visit.machine, component) for component in visit.components]
        assert visit.standstill_hours <= by_day[visit.day].hours + 1e-6
        assert visit.standstill_hours >= sum(task.planned_hours for task in members)
        assert visit.first <= visit.day <= visit.last
        assert {visit.first, visit.last} <= set(by_day)
        for task in members:
            key = (visit.day, task.skill)
            crew[key] = crew.get(key, 0.0) + task.planned_hours * task.crew
            early[task.component] = early.get(task.component, 0) + ((visit.day - TODAY).days < 3)
    assert len(seen) == len(set(seen))
    assert all(used <= by_day[day].crew_hours[skill] + 1e-6 for (day, skill), used in crew.items())  # type: ignore[index]
    assert all(count <= 2 for count in early.values())


@pytest.mark.slow
def test_two_hundred_machines_are_planned_well() -> None:
    draw = np.random.default_rng(0)
    plant = make_plant(crew=[{"hours_per_day": 24, "days": "Mon-Sun"}], costs={"open_cost": 0.2, "open_hours": 1})
    tasks = [
        make_task(f"M{number:03d}", name, survival=weibull(3.0, float(draw.uniform(5, 120))))
        for number in range(200)
        for name in ("bearing", "seal")
    ]
    found = plan(tasks, make_slots(30, 12.0, {"": 24.0}), plant)
    assert len(found.visits) > 60
    assert found.gap < 0.05
    assert "HiGHS" in found.solver

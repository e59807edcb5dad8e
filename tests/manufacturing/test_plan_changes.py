"""What was planned for the next days stays; what changed since the last plan is listed with its reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from plan_cases import NOW, TODAY, make_plant, make_slots, make_task, weibull

from dsapp.manufacturing.outlook import Survival
from dsapp.manufacturing.plan.schedule import schedule
from dsapp.manufacturing.plan.types import Plan, Slot, Task
from dsapp.manufacturing.plant import Plant

DAY = 86_400_000_000
PLANT = make_plant(crew=[{"hours_per_day": 4, "days": "Mon-Sun"}])
HEALTHY = Survival((0.0, 30.0, 60.0), (1.0, 0.999, 0.998))
SLOTS = make_slots(20, crew={"": 4.0})


def plan(tasks: list[Task], previous: Plan | None = None, slots: tuple[Slot, ...] = SLOTS, plant: Plant = PLANT, now: int = NOW, **more: object) -> Plan:  # fmt: skip
    return schedule(tasks, slots, plant, previous, now=now, **more)  # type: ignore[arg-type]


def day_of(found: Plan, machine: str) -> int:
    return next((visit.day - TODAY).days for visit in found.visits if visit.machine == machine)


def test_a_first_plan_has_no_changes_and_the_same_again_has_none() -> None:
    first = plan([make_task()])
    assert first.changes == ()
    second = plan([make_task()], first)
    assert second.changes == () and second.visits[0].fixed == (day_of(first, "A") < 7)


def test_a_visit_in_the_frozen_window_stays_though_the_machine_looks_better() -> None:
    first = plan([make_task()])
    assert day_of(first, "A") < 7
    second = plan([make_task(survival=HEALTHY)], first)
    (visit,) = second.visits
    assert visit.fixed and visit.day == first.visits[0].day
    assert "frozen window" in visit.reason
    thawed = PLANT.model_copy(update={"calendar": PLANT.calendar.model_copy(update={"frozen_days": 0.0})})
    assert not plan([make_task(survival=HEALTHY)], first, plant=thawed).visits


def test_beyond_the_frozen_window_visits_move_and_say_why() -> None:
    late = make_task(survival=weibull(6.0, 18.0))
    first = plan([late])
    assert day_of(first, "A") >= 7
    sooner = plan([make_task(survival=weibull(4.0, 4.0))], first)
    (change,) = sooner.changes
    assert (change.kind, change.before) == ("moved", first.visits[0].day)
    assert change.after is not None and change.after < first.visits[0].day
    assert "sooner is cheaper now" in change.reason and "to fail within" in change.reason
    gone = plan([make_task(survival=HEALTHY)], first)
    assert [(change.kind, change.after) for change in gone.changes] == [("withdrawn", None)]
    assert "waiting is cheaper now" in gone.changes[0].reason


def test_new_done_and_covered_work_are_told_apart() -> None:
    first = plan([make_task("A"), make_task("B")])
    tasks = [make_task("A", survival=HEALTHY), make_task("B", covered_by="WO-1"), make_task("C")]
    second = plan(tasks, first, done={("A", "")})
    kinds = {change.machine: (change.kind, change.reason) for change in second.changes}
    assert kinds["A"][0] == "done"
    assert kinds["B"] == ("withdrawn", "open order WO-1 covers it")
    assert kinds["C"][0] == "new"
    assert [visit.machine for visit in second.visits] == ["C"]


def test_frozen_work_that_no_longer_fits_is_dropped_with_its_reason_and_the_rest_stays() -> None:
    wide = make_plant(crew=[{"hours_per_day": 8, "days": "Mon-Sun"}])
    first = plan([make_task("A"), make_task("B")], slots=make_slots(1, crew={"": 8.0}), plant=wide)
    assert len(first.visits) == 2
    second = plan([make_task("A"), make_task("B")], first)
    assert day_of(second, "A") == 1 and day_of(second, "B") > 1
    (change,) = second.changes
    assert change.machine == "B" and "no hours left" in change.reason
    assert any("B: planned for" in note and "frozen window" in note for note in second.notes)


def test_a_day_that_was_closed_since_moves_its_work() -> None:
    first = plan([make_task()])
    day = first.visits[0].day
    second = plan([make_task()], first, slots=tuple(slot for slot in SLOTS if slot.day != day))
    assert second.changes[0].kind == "moved"
    assert "no window" in second.changes[0].reason
    assert any("frozen window, and not kept" in note for note in second.notes)


def test_work_that_was_not_done_on_its_day_is_planned_again() -> None:
    first = plan([make_task()])
    later = NOW + 10 * DAY
    slots = tuple(replace(slot, day=slot.day + timedelta(days=10)) for slot in SLOTS)
    second = plan([make_task(survival=weibull(4.0, 3.0))], first, slots=slots, now=later)
    assert second.changes[0].reason == f"not done on {first.visits[0].day}"
    assert second.visits[0].day > TODAY + timedelta(days=10)


def test_an_urgent_machine_is_added_beside_frozen_work() -> None:
    first = plan([make_task("A")])
    second = plan([make_task("A"), make_task("B", survival=weibull(4.0, 2.0), failure_cost=50.0)], first)
    assert day_of(second, "A") == day_of(first, "A")
    assert day_of(second, "B") <= 2


def test_crew_that_goes_to_worthier_work_is_named_as_the_reason_to_move() -> None:
    plant = make_plant(crew=[{"hours_per_day": 4, "days": "Mon-Sun"}], calendar={"frozen_days": 0})
    slow = make_task("A", survival=weibull(6.0, 5.0))
    first = plan([slow], slots=make_slots(3, crew={"": 4.0}), plant=plant)
    rivals = [make_task(name, survival=weibull(6.0, 5.0), failure_cost=90.0) for name in "BC"]
    second = plan([slow, *rivals], first, slots=make_slots(3, crew={"": 4.0}), plant=plant)
    moved = next(change for change in second.changes if change.machine == "A")
    assert moved.kind == "moved" and "worth more" in moved.reason

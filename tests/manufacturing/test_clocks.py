"""Clocks through resets and roll-overs, and the lives that failures and work end."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from quality_cases import START, codes, history_of, noisy, plant_of

from dsapp.manufacturing.history import Event, Life, Record
from dsapp.manufacturing.local_time import DAY, HOUR
from dsapp.manufacturing.plant import Action, Clock, Component, Readings, Running, Sensor
from dsapp.manufacturing.quality import check

NUM = 1000
MINUTE = HOUR // 60
SEAL_NEW = Action(name="replace seal", component="seal", restores="new")
GREASE = Action(name="grease", component="bearing", restores="partly", share=0.25)
OVERHAUL = Action(name="overhaul", restores="new")


def failure(hour: float, component: str = "", lasts: float = 0.0, code: str = "broken") -> Event:
    begin = START + round(hour * HOUR)
    return Event(begin, "failure", code, component, begin + round(lasts * HOUR))


def work(hour: float, code: str, component: str = "", lasts: float = 0.0) -> Event:
    begin = START + round(hour * HOUR)
    return Event(begin, "maintenance", code, component, begin + round(lasts * HOUR))


def record_of(events: Sequence[Event], *actions: Action, **options) -> Record:
    return check(history_of(noisy(NUM), events=events), plant_of(actions=actions, **options))


def of(record: Record, component: str) -> list[tuple[int, int, str, float]]:
    return [
        (life.start, life.stop, life.end, round(life.age_at_start, 3))
        for life in record.lives
        if life.component == component
    ]


def clock_of(counter: Sequence[float], unit: str = "running_hours") -> Record:
    clock = Clock(unit=unit, column="hours")  # type: ignore[arg-type]
    return check(history_of(noisy(len(counter)), clock=np.asarray(counter, float)), plant_of(clock=clock))


@pytest.mark.parametrize(("unit", "at_end"), [("running_hours", 500.0), ("calendar_hours", 1000.0), ("cycles", 500.0)])
def test_a_clock_counts_what_its_unit_says(unit: str, at_end: float) -> None:
    values = np.stack([noisy(NUM), np.where(np.arange(NUM) % 2 == 0, 5.0, 0.0)], axis=1)
    plant = plant_of(running=Running(sensor="b", above=1.0), clock=Clock(unit=unit))  # type: ignore[arg-type]
    record = check(history_of(values), plant)
    assert record.clock[-1] == pytest.approx(at_end) and record.clock_unit == unit


def test_cycles_count_rows_whatever_an_interval_is() -> None:
    plant = plant_of(clock=Clock(unit="cycles"), readings=Readings(interval_s=60))
    record = check(history_of(noisy(30), times=START + np.arange(30) * MINUTE), plant)
    assert record.clock.tolist() == list(range(1, 31))


def test_a_reset_counter_goes_on_counting() -> None:
    counter = np.concatenate([500 + np.arange(50), np.arange(50)])
    record = clock_of(counter)
    assert record.clock[0] == 500 and record.clock[49] == 549 and record.clock[-1] == pytest.approx(598, abs=1)
    assert "counter_reset" in codes(record)
    assert record.lives[0].age_at_start == 500


def test_a_counter_that_rolls_over_goes_on_counting() -> None:
    counter = (9950 + np.arange(100)) % 10_000
    record = clock_of(counter)
    assert record.clock[-1] - record.clock[0] == 99
    assert codes(record) == ["counter_rolled_over"]


@pytest.mark.parametrize("unit", ["running_hours", "cycles"])
def test_one_bad_reading_of_a_counter_adds_nothing(unit: str) -> None:
    counter = 500.0 + np.arange(100)
    counter[40] = 0
    assert clock_of(counter, unit).clock[-1] == pytest.approx(599, abs=1.1)


def test_a_counter_never_runs_faster_than_time_nor_backwards() -> None:
    counter = 500.0 + np.arange(100)
    counter[60:] += 5000
    counter[80:] -= 100
    record = clock_of(counter)
    assert record.clock[-1] < 620 and (np.diff(record.clock) >= 0).all()
    assert {"counter_leapt", "counter_fell"} <= set(codes(record))


def test_gaps_of_a_counter_are_held_and_an_empty_one_is_replaced() -> None:
    counter = 500.0 + np.arange(100)
    counter[30:40] = np.nan
    record = clock_of(counter)
    assert record.clock[35] == 529 and record.clock[40] == 540
    empty = clock_of(np.full(100, np.nan))
    assert "no_counter" in codes(empty) and empty.clock[-1] == 100


def test_a_failure_ends_the_life_of_its_component_alone() -> None:
    record = record_of([failure(400.5, "bearing")])
    assert of(record, "bearing") == [(0, 401, "failure", 0.0), (401, NUM, "running", 0.0)]
    assert of(record, "seal") == [(0, NUM, "running", 0.0)]


def test_the_reading_at_the_very_moment_belongs_to_the_life_that_ends() -> None:
    record = record_of([failure(400, "bearing")])
    assert of(record, "bearing")[0][1] == 401
    assert record.times[400] == START + 400 * HOUR


def test_the_whole_machine_is_ended_by_any_failure() -> None:
    whole = (Component(),)
    record = record_of([failure(200.5, "bearing"), failure(500.5)], components=whole)
    assert [life[2] for life in of(record, "")] == ["failure", "failure", "running"]


def test_work_restores_only_what_the_plant_says() -> None:
    events = [work(300.5, "replace seal", "seal"), work(500.5, "inspect"), work(600.5, "paint", "bearing")]
    record = record_of(events, SEAL_NEW, Action(name="inspect"))
    assert of(record, "seal") == [(0, 301, "replaced", 0.0), (301, NUM, "running", 0.0)]
    assert of(record, "bearing") == [(0, NUM, "running", 0.0)]


def test_work_that_restores_partly_takes_its_share_of_the_age_off() -> None:
    record = record_of([work(400.5, "grease")], GREASE)
    assert of(record, "bearing") == [(0, 401, "replaced", 0.0), (401, NUM, "running", 400 * 0.75)]
    assert of(record, "seal") == [(0, NUM, "running", 0.0)]


def test_an_overhaul_makes_all_parts_new_and_a_part_not_the_machine() -> None:
    parts = (Component(), Component(name="bearing"), Component(name="seal"))
    record = record_of(
        [work(300.5, "overhaul"), work(600.5, "replace seal", "seal")], OVERHAUL, SEAL_NEW, components=parts
    )
    assert [len(of(record, name)) for name in ("", "bearing", "seal")] == [2, 2, 3]


def test_the_repair_after_a_failure_is_no_life_of_its_own() -> None:
    events = [failure(300.5, "seal", lasts=20), work(317, "replace seal", "seal", lasts=3)]
    values = noisy(NUM)
    record = check(
        history_of(values, events=events), plant_of(actions=(SEAL_NEW,), running=Running()), now=START + NUM * HOUR
    )
    assert of(record, "seal") == [(0, 301, "failure", 0.0), (301, NUM, "running", 0.0)]


def test_a_failure_soon_after_a_service_is_still_a_failure() -> None:
    record = record_of([work(400.5, "grease"), failure(401.5, "bearing")], GREASE)
    assert [life[2] for life in of(record, "bearing")] == ["replaced", "failure", "running"]
    same_hour = record_of([work(400.2, "grease"), failure(400.5, "bearing")], GREASE)
    assert [life[2] for life in of(same_hour, "bearing")] == ["failure", "running"]


def test_the_plant_may_say_that_a_failure_renews_nothing() -> None:
    patched = Action(name="broken", component="bearing", restores="nothing")
    record = record_of([failure(400.5, "bearing")], patched)
    assert of(record, "bearing") == [(0, 401, "failure", 0.0), (401, NUM, "running", 400.0)]


def test_a_failure_without_a_component_is_told() -> None:
    record = record_of([failure(400.5)])
    assert "failure_without_component" in codes(record) and {life.end for life in record.lives} == {"running"}
    only_one = record_of([failure(400.5)], components=(Component(name="bearing"),))
    assert [life[2] for life in of(only_one, "bearing")] == ["failure", "running"]


def test_a_failure_just_after_the_last_reading_ends_the_life_and_a_far_one_does_not() -> None:
    record = record_of([failure(NUM + 5, "bearing")])
    assert of(record, "bearing") == [(0, NUM, "failure", 0.0)]
    far = record_of([failure(NUM + 24 * 30, "bearing")])
    assert of(far, "bearing") == [(0, NUM, "running", 0.0)] and "failure_after_data" in codes(far)


@pytest.mark.parametrize(
    ("clock", "age"),
    [
        (Clock(unit="running_hours"), 240.0),
        (Clock(unit="running_hours", per_day=16.0), 160.0),
        (Clock(unit="calendar_hours"), 240.0),
        (Clock(unit="cycles"), 240.0),
    ],
)
def test_work_before_the_first_reading_gives_an_age(clock: Clock, age: float) -> None:
    event = Event(START - 10 * DAY, "maintenance", "replace seal", "seal", START - 10 * DAY)
    assert of(record_of([event], SEAL_NEW, clock=clock), "seal")[0][3] == pytest.approx(age)
    other = Sensor(name="a")
    assert check(history_of(noisy(50)), plant_of(other, Sensor(name="b"), clock=clock)).lives == (
        Life("bearing", 0, 50, "running"),
        Life("seal", 0, 50, "running"),
    )

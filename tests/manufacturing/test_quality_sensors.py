"""Sensors that lie: limits, stuck values, units that change; and idle time, which is no fault."""

from __future__ import annotations

import numpy as np
import pytest
from quality_cases import START, codes, history_of, noisy, plant_of

from dsapp.manufacturing.history import FLAGS, Event
from dsapp.manufacturing.local_time import HOUR
from dsapp.manufacturing.plant import Calendar, Running, Sensor, Shift
from dsapp.manufacturing.quality import check

WATCHED = Sensor(name="a", stuck_after_s=6 * 3600, low=-100, high=1000)
OTHER = Sensor(name="b", low=-100, high=1000)


def test_values_beyond_the_limits_are_masked_and_told_with_one_of_them() -> None:
    values = np.repeat(noisy(100)[:, None], 2, axis=1)
    values[40, 0] = -999
    record = check(history_of(values), plant_of())
    assert np.isnan(record.values[40, 0]) and record.flags[40, 0] == FLAGS["out_of_range"]
    (finding,) = record.findings
    assert finding.code == "out_of_range" and finding.action == "masked" and "-999" in finding.sentence
    assert record.values[40, 1] == np.float32(values[40, 1])


def test_a_stuck_sensor_is_masked_from_when_it_can_be_known() -> None:
    values = np.stack([noisy(200), noisy(200, 50)], axis=1)
    values[100:140, 0] = values[100, 0]
    record = check(history_of(values), plant_of(WATCHED, OTHER))
    masked = np.flatnonzero(record.flags[:, 0] == FLAGS["stuck"])
    assert masked.tolist() == list(range(106, 140))
    assert codes(record) == ["stuck"] and record.findings[0].sensor == "a"


@pytest.mark.parametrize("role", ["setting", "counter"])
def test_a_setting_or_counter_may_stand_still(role: str) -> None:
    values = np.stack([np.full(200, 3.0), noisy(200, 50)], axis=1)
    still = Sensor(name="a", stuck_after_s=6 * 3600, role=role)  # type: ignore[arg-type]
    assert codes(check(history_of(values), plant_of(still, OTHER))) == []


def test_idle_nights_are_neither_gaps_nor_stuck_sensors_nor_running_time() -> None:
    hour = np.arange(24 * 30) % 24
    on = (hour > 6) & (hour <= 22)
    values = np.stack([np.where(on, noisy(len(hour)), 0.0), np.where(on, noisy(len(hour), 50), np.nan)], axis=1)
    plant = plant_of(WATCHED, OTHER, running=Running(sensor="a", above=1.0))
    record = check(history_of(values), plant)
    assert codes(record) == []
    assert record.running.sum() == on.sum() and record.clock[-1] == on.sum()


def test_the_same_zeros_in_running_time_are_a_stuck_sensor() -> None:
    values = np.stack([noisy(300), noisy(300, 50)], axis=1)
    values[100:130, 0] = 0.0
    plant = plant_of(WATCHED, OTHER, running=Running(sensor="b", above=1.0))
    assert codes(check(history_of(values), plant)) == ["stuck"]


def test_a_planned_stop_and_a_closed_night_are_no_gap() -> None:
    plant = plant_of(calendar=Calendar(production=(Shift(days="Mon-Fri", hours="06:00-22:00"),)))
    times = START + np.arange(24 * 28) * HOUR
    day, hour = (np.arange(len(times)) // 24) % 7, np.arange(len(times)) % 24
    on = (day < 5) & (hour > 6) & (hour <= 22)
    stop = Event(int(times[24 * 8]), "stop", "revision", until=int(times[24 * 12]))
    there = on & ~((times > stop.time) & (times <= stop.until))
    record = check(history_of(noisy(int(there.sum())), times=times[there], events=[stop]), plant)
    assert codes(record) == []
    assert record.running.sum() == there.sum()
    unplanned = check(history_of(noisy(int(there.sum())), times=times[there]), plant)
    assert codes(unplanned) == ["gap"] and "no reading of any sensor" in unplanned.findings[0].sentence


def test_running_goes_on_for_a_bounded_time_when_nothing_tells() -> None:
    values = np.repeat(noisy(100)[:, None], 2, axis=1)
    values[50:60] = np.nan
    record = check(history_of(values), plant_of(running=Running(sensor="a", above=1.0)))
    assert record.running[50:60].tolist() == [True] * 2 + [False] * 8
    assert "running_unknown" in codes(record)


def _jumped(factor: float, offset: float, at: int = 300, unit: str = "degC", source: str = "") -> tuple:
    values = np.stack([noisy(600, 60, 1.5), noisy(600, 50)], axis=1)
    clean = values.copy()
    values[at:, 0] = values[at:, 0] * factor + offset
    sensor = Sensor(name="a", unit=unit, source_unit=source, low=-300, high=100_000)
    return check(history_of(values), plant_of(sensor, OTHER)), clean, sensor


@pytest.mark.parametrize(
    ("factor", "offset", "unit", "words"),
    [
        (1.8, 32, "degC", "degC to degF"),
        (1, 273.15, "degC", "degC to K"),
        (25.4, 0, "in/s", "in/s to mm/s"),
        (1 / 25.4, 0, "mm/s", "mm/s to in/s"),
        (6.894757, 0, "psi", "psi to kPa"),
        (100, 0, "bar", "bar to kPa"),
        (100, 0, "A", "times 100"),
        (0.1, 0, "A", "divided by 10"),
    ],
)
def test_a_change_of_unit_is_masked_from_its_first_row(factor: float, offset: float, unit: str, words: str) -> None:
    record, clean, _ = _jumped(factor, offset, unit=unit)
    assert np.isnan(record.values[300:, 0]).all() and (record.flags[300:, 0] == FLAGS["unit_jump"]).all()
    assert np.array_equal(record.values[:300, 0], clean[:300, 0].astype(np.float32))
    (finding,) = record.findings
    assert finding.code == "unit_jump" and finding.action == "masked" and words in finding.sentence
    assert record.confidence < 1


def test_of_a_unit_that_is_not_told_a_few_readings_prove_nothing() -> None:
    record, _, _ = _jumped(0.1, 0, unit="")
    assert np.flatnonzero(record.flags[:, 0] == FLAGS["unit_jump"]).tolist() == list(range(311, 600))
    values = np.stack([noisy(600, 60, 1.5), noisy(600, 50)], axis=1)
    values[300:305, 0] *= 10
    assert codes(check(history_of(values), plant_of(Sensor(name="a"), OTHER))) == []
    assert codes(check(history_of(values), plant_of(Sensor(name="a", unit="A"), OTHER))) == ["unit_jump"]


def test_a_change_between_the_two_units_that_the_plant_names_is_converted_back() -> None:
    # Data are said to come in degF; from row 300 on they come in degC and were converted once too often, which is a jump from C to (C - 32) / 1.8.
    record, clean, _ = _jumped(1 / 1.8, -32 / 1.8, unit="degC", source="degF")
    assert record.values[:, 0] == pytest.approx(clean[:, 0], abs=1e-3)
    assert record.findings[0].action == "repaired"


def test_the_old_unit_may_come_back() -> None:
    values = np.stack([noisy(600, 60, 1.5), noisy(600, 50)], axis=1)
    values[300:400, 0] *= 10
    record = check(history_of(values), plant_of(Sensor(name="a", unit="A"), OTHER))
    masked = np.flatnonzero(record.flags[:, 0] == FLAGS["unit_jump"])
    assert masked[0] == 300 and 400 <= masked[-1] + 1 <= 406


def test_a_machine_that_changes_is_no_change_of_unit() -> None:
    values = np.stack([noisy(600, 2, 0.1), noisy(600, 50, 1)], axis=1)
    values[300:] *= [10, 1.5]
    assert codes(check(history_of(values), plant_of())) == [], "another sensor moved with it"
    slow = np.stack([2 * np.exp(np.linspace(0, 4, 600)) + noisy(600, 0, 0.1), noisy(600, 50, 1)], axis=1)
    assert codes(check(history_of(slow), plant_of())) == [], "no step"
    odd = np.stack([noisy(600, 2, 0.05), noisy(600, 50, 1)], axis=1)
    odd[300:, 0] *= 5
    assert codes(check(history_of(odd), plant_of(Sensor(name="a", unit="mm/s"), OTHER))) == [], (
        "no unit is five times mm/s"
    )


def test_faults_of_today_weigh_more_than_those_of_last_year() -> None:
    old, new = (np.repeat(noisy(2000)[:, None], 2, axis=1) for _ in range(2))
    old[100:140, 0], new[1960:, 0] = old[100, 0], new[1960, 0]
    plant = plant_of(WATCHED, OTHER)
    assert check(history_of(new), plant).confidence < check(history_of(old), plant).confidence < 1

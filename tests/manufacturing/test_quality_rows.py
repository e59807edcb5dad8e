"""Stamps and rows: order, repetition, clock changes, grids, and what is held where nothing was read."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest
from quality_cases import START, codes, history_of, noisy, plant_of

from dsapp.core.errors import InputError
from dsapp.manufacturing.history import FLAGS
from dsapp.manufacturing.local_time import DAY, HOUR, LocalTime
from dsapp.manufacturing.plant import Readings, Sensor
from dsapp.manufacturing.quality import check


def test_rows_in_any_order_give_the_same_record() -> None:
    history = history_of(noisy(100))
    mixed = np.random.default_rng(1).permutation(100)
    other = history_of(history.values[mixed], times=history.times[mixed])
    a, b = check(history, plant_of()), check(other, plant_of())
    assert np.array_equal(a.values, b.values) and np.array_equal(a.times, b.times)
    assert codes(a) == [] and codes(b) == ["reordered"]


def test_a_row_that_stands_twice_is_dropped_and_one_that_differs_is_told() -> None:
    values = np.repeat(noisy(60)[:, None], 2, axis=1)
    times = START + np.arange(60) * HOUR
    twice = history_of(np.concatenate([values, values[10:11]]), times=np.append(times, times[10]))
    assert codes(check(twice, plant_of())) == ["reordered", "duplicate"]
    changed = values[10:11] + 5
    record = check(history_of(np.concatenate([values, changed]), times=np.append(times, times[10])), plant_of())
    assert "duplicate_differs" in codes(record)
    assert record.values[10] == pytest.approx(changed[0])


def test_rows_of_one_stamp_that_carry_different_sensors_are_joined() -> None:
    values = np.full((120, 2), np.nan)
    values[:60, 0], values[60:, 1] = noisy(60), noisy(60, level=5)
    times = START + np.tile(np.arange(60), 2) * HOUR
    record = check(history_of(values, times=times), plant_of())
    assert not np.isnan(record.values).any()
    assert "duplicate_differs" not in codes(record)


def test_stamps_after_now_are_left_out() -> None:
    times = START + np.arange(60) * HOUR
    times[-1] = LocalTime().of(datetime(2099, 1, 1))
    history = history_of(noisy(60), times=times)
    record = check(history, plant_of(), now=START + 100 * HOUR)
    assert record.times[-1] == START + 58 * HOUR
    assert codes(record) == ["future"]
    assert codes(check(history, plant_of())) == ["far_away"], "without a now, a stamp 70 years off is still no grid row"


def test_a_clock_set_back_an_hour_is_told_from_a_mix_up() -> None:
    step = 600_000_000
    first = START + np.arange(60) * step
    times = np.concatenate([first, first[-1] - HOUR + step + np.arange(60) * step])
    plant = plant_of(readings=Readings(interval_s=600))
    assert codes(check(history_of(noisy(120), times=times), plant)) == ["clock_back", "duplicate_differs"]


def test_an_hour_skipped_in_spring_is_told() -> None:
    zone = LocalTime("Europe/Berlin")
    change = zone.of(datetime(2025, 3, 30, 3))
    times = change + np.concatenate([np.arange(-40, 0), np.arange(1, 40)]) * HOUR
    record = check(history_of(noisy(79), times=times), plant_of(time_zone="Europe/Berlin"))
    assert codes(record) == ["clock_forward"]


def test_stamps_that_tremble_stay_in_their_own_hour() -> None:
    rng = np.random.default_rng(3)
    times = START + np.arange(500) * HOUR + rng.integers(-40, 40, 500) * 1_000_000
    record = check(history_of(noisy(500), times=times), plant_of())
    assert len(record.times) == 500 and not (record.flags == FLAGS["filled"]).any()
    assert (record.times >= times).all(), "a row never holds a reading from after its stamp"


def test_steps_are_averaged_by_the_time_they_stood() -> None:
    held = Sensor(name="a", fill="hold")
    lines = Sensor(name="b", fill="interpolate")
    hours = np.arange(12)
    times = np.concatenate([START + hours * HOUR, [START + 12 * HOUR - HOUR // 4, START + 12 * HOUR]])
    values = np.concatenate([np.zeros(12), [8.0, 8.0]])
    record = check(history_of(values, times=times), plant_of(held, lines))
    assert record.column("a")[12] == pytest.approx(8 * 0.25)
    assert record.column("b")[12] == pytest.approx(4 * 0.75 + 8 * 0.25)


def test_nothing_is_interpolated_towards_a_reading_to_come() -> None:
    values = noisy(50)
    times = START + np.arange(50) * HOUR
    keep = np.ones(50, bool)
    keep[30] = False
    plant = plant_of(Sensor(name="a", fill="interpolate"), Sensor(name="b", fill="none"))
    record = check(history_of(values[keep], times=times[keep]), plant)
    assert record.column("a")[30] == np.float32(values[29])
    assert np.isnan(record.column("b")[30])
    assert record.flags[30].tolist() == [FLAGS["filled"], FLAGS["missing"]]


def test_the_last_value_is_held_for_its_time_and_no_longer() -> None:
    values = noisy(60)
    values[30:50] = np.nan
    plant = plant_of(Sensor(name="a", fill_for_s=5 * 3600), Sensor(name="b", fill_for_s=0))
    record = check(history_of(values), plant)
    assert np.isnan(record.column("a")).sum() == 15
    assert np.isnan(record.column("b")).sum() == 20
    gaps = {finding.sensor: finding for finding in record.findings if finding.code == "gap"}
    assert gaps[""].num_rows == 15 and "15 h" in gaps[""].sentence
    assert gaps["b"].num_rows == 5, "what no sensor has is told once"


@pytest.mark.parametrize(
    ("rows", "code"),
    [(1, "too_few_rows"), (0, "too_few_rows"), (9, "too_few_rows")],
)
def test_a_machine_with_next_to_no_rows_is_refused(rows: int, code: str) -> None:
    with pytest.raises(InputError) as refused:
        check(history_of(noisy(rows)), plant_of())
    assert refused.value.code == code and refused.value.remedy


def test_a_machine_without_a_usable_value_is_refused() -> None:
    with pytest.raises(InputError) as refused:
        check(history_of(np.full(50, np.nan)), plant_of())
    assert refused.value.code == "no_values"
    with pytest.raises(InputError):
        check(history_of(np.full(50, 5000.0)), plant_of())


def test_an_interval_far_too_short_is_refused_and_one_too_short_is_told() -> None:
    with pytest.raises(InputError) as refused:
        check(history_of(noisy(50), times=START + np.arange(50) * 100 * DAY), plant_of(readings=Readings(interval_s=1)))
    assert refused.value.code == "grid_too_long"
    record = check(history_of(noisy(50), times=START + np.arange(50) * 4 * HOUR), plant_of())
    assert "interval" in codes(record)


def test_arrays_that_do_not_fit_are_refused() -> None:
    with pytest.raises(InputError) as refused:
        check(history_of(noisy(50), times=START + np.arange(49) * HOUR), plant_of())
    assert refused.value.code == "shape"


def test_sensors_come_in_the_plants_order_and_a_missing_one_is_told() -> None:
    history = history_of(np.stack([noisy(50, 5), noisy(50, 7)], axis=1), sensors=("other", "b"))
    record = check(history, plant_of())
    assert record.sensors == ("a", "b")
    assert np.isnan(record.column("a")).all() and record.column("b")[0] == np.float32(noisy(50, 7)[0])
    assert codes(record) == ["unknown_sensor", "sensor_missing"]
    assert record.confidence == pytest.approx(0.7)


def test_infinity_is_no_reading() -> None:
    values = np.repeat(noisy(50)[:, None], 2, axis=1)
    values[20, 0], values[21, 1] = np.inf, -np.inf
    record = check(history_of(values), plant_of(Sensor(name="a", fill="none"), Sensor(name="b", fill="none")))
    assert record.flags[20, 0] == record.flags[21, 1] == FLAGS["not_a_number"]
    assert np.isfinite(record.values[~np.isnan(record.values)]).all()

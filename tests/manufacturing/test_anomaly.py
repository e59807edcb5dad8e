"""Anomalies against a machine's own past: what is found, since when, which sensor leads; what is no anomaly: idle nights, stuck sensors, load, noise."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsapp.core.errors import InputError
from dsapp.manufacturing.anomaly import Detector, alarms, contributions, fit, residuals, score, steady_scores
from dsapp.manufacturing.history import FLAGS, Event, Life, Record, until
from dsapp.manufacturing.plant import Plant, Sensor
from dsapp.manufacturing.watch import FEWEST_ROWS, healthy_rows, watch

HOUR = 3_600_000_000
SENSORS = ("load", "temperature", "vibration", "pressure", "hours")
PLANT = Plant(
    format=1,
    name="hall",
    asset_class="pump",
    sensors=(
        Sensor(name="load", role="setting"),
        Sensor(name="temperature"),
        Sensor(name="vibration"),
        Sensor(name="pressure"),
        Sensor(name="hours", role="counter"),
    ),
)


def machine(count: int = 1600, seed: int = 0, *, nights: bool = False) -> Record:
    """A healthy pump: temperature follows the load, pressure and vibration are noise; at night it stands and everything is cold."""
    rng = np.random.default_rng(seed)
    running = np.ones(count, bool) if not nights else np.arange(count) % 24 < 16
    load = 60 + 15 * np.sin(np.arange(count) / 7) + rng.normal(0, 2, count)
    columns = [
        load,
        30 + 0.5 * load + rng.normal(0, 1, count),
        2 + rng.normal(0, 0.2, count),
        5 + rng.normal(0, 0.1, count),
        np.cumsum(running),
    ]
    values = np.stack(columns, axis=1)
    values[~running] = [0, 15, 0, 0, 0]
    return Record(
        machine="m",
        sensors=SENSORS,
        interval_s=3600.0,
        times=np.arange(count, dtype=np.int64) * HOUR,
        values=values.astype(np.float32),
        flags=np.zeros(values.shape, np.uint8),
        running=running,
        clock=np.cumsum(running).astype(float),
        clock_unit="running_hours",
    )


def changed(record: Record, sensor: str, start: int, by: float) -> Record:
    values = record.values.copy()
    values[start:, record.sensors.index(sensor)] += by
    return replace(record, values=values)


def detector(record: Record, rows: int = 500) -> Detector:
    return fit(record, np.arange(rows), settings=["load"], ignore=["hours"])


@pytest.mark.parametrize("sensor", ["temperature", "vibration", "pressure"])
def test_a_shift_is_found_with_its_sensor_and_its_hour(sensor: str) -> None:
    by = {"temperature": 5.0, "vibration": 1.0, "pressure": 0.5}[sensor]
    found = watch(changed(machine(), sensor, 1200, by), PLANT)
    assert found is not None and found.anomalous and found.now.since is not None
    assert 1195 <= found.now.since / HOUR <= 1230
    assert found.now.sensors[0][0] == sensor and found.now.sensors[0][1] > 0.8
    assert found.now.score > found.now.threshold


@pytest.mark.parametrize("seed", range(4))
def test_a_healthy_machine_is_none_and_few_of_its_rows_are_above_the_threshold(seed: int) -> None:
    seen = machine(3000, seed, nights=True)
    found = watch(seen, PLANT)
    assert found is not None and not found.anomalous
    later = found.scores[seen.running & (np.arange(3000) > 1200)]
    assert (later > found.detector.threshold).mean() < 0.03
    assert np.isnan(found.scores[~seen.running]).all()


def test_a_load_never_seen_before_is_no_anomaly_where_sensors_follow_it() -> None:
    seen = machine()
    higher = seen.values.copy()
    higher[1000:, 0] += 25
    higher[1000:, 1] += 12.5
    found = watch(replace(seen, values=higher), PLANT)
    assert found is not None and not found.anomalous
    cold = seen.values.copy()
    cold[1000:, 0] += 25
    wrong = watch(replace(seen, values=cold), PLANT)
    assert wrong is not None and wrong.anomalous and wrong.now.sensors[0][0] == "temperature"


def test_a_masked_sensor_is_left_out_and_the_rest_still_judges() -> None:
    seen = machine()
    values, flags = seen.values.copy(), seen.flags.copy()
    values[1000:, 2], flags[1000:, 2] = np.nan, FLAGS["stuck"]
    blind = replace(seen, values=values, flags=flags)
    found = watch(blind, PLANT)
    assert found is not None and not found.anomalous
    assert np.isfinite(found.scores[1100:]).all()
    broken = watch(changed(blind, "pressure", 1200, 0.8), PLANT)
    assert broken is not None and broken.anomalous and broken.now.sensors[0][0] == "pressure"
    assert "vibration" not in dict(broken.now.sensors)
    values[:, 2] = np.nan
    without = watch(replace(seen, values=values), PLANT)
    assert without is not None and without.detector.left_out == ("vibration",)


def test_readings_missing_here_and_there_cost_no_sensor() -> None:
    seen = changed(machine(), "pressure", 1200, 0.5)
    values = seen.values.copy()
    values[:, 1:][np.random.default_rng(1).random((1600, 4)) < 0.25] = np.nan
    found = watch(replace(seen, values=values), PLANT)
    assert found is not None and found.detector.left_out == ()
    assert found.anomalous and found.now.sensors[0][0] == "pressure"
    assert found.now.since is not None and 1195 <= found.now.since / HOUR <= 1230
    healthy = machine()
    values = np.where(np.isnan(values), np.nan, healthy.values)
    calm = watch(replace(healthy, values=values), PLANT)
    assert calm is not None and not calm.anomalous


def test_a_sensor_that_never_moves_and_a_counter_are_not_scored() -> None:
    seen = machine()
    values = seen.values.copy()
    values[:, 3] = 5.0
    found = watch(replace(seen, values=values), PLANT)
    assert found is not None
    assert found.detector.sensors == ("temperature", "vibration") and found.detector.left_out == ("pressure",)


def test_an_unknown_setting_leaves_the_score_unknown() -> None:
    seen = machine()
    values = seen.values.copy()
    values[900:950, 0] = np.nan
    scores = score(detector(seen), replace(seen, values=values))
    assert np.isnan(scores[910:950]).all() and np.isfinite(scores[960:]).all()


def test_shares_name_the_sensor_that_moved() -> None:
    seen = detector(machine())
    moved = residuals(seen, changed(machine(), "vibration", 1200, 2.0))[-1]
    shares = contributions(seen, moved)
    assert shares.sum() == pytest.approx(1) and shares.argmax() == seen.sensors.index("vibration")
    assert contributions(seen, np.full(3, np.nan)).sum() == 0


def test_a_new_part_begins_a_new_past() -> None:
    seen = changed(machine(2400), "vibration", 1200, 1.0)
    assert watch(seen, PLANT) is not None and watch(seen, PLANT).anomalous  # type: ignore[union-attr]
    lives = (Life("bearing", 0, 1200, "replaced"), Life("bearing", 1200, 2400, "running"))
    served = replace(seen, lives=lives)
    past = healthy_rows(served)
    assert past is not None and past.fit[0] == 1200 and past.level is None
    found = watch(served, PLANT)
    assert found is not None and not found.anomalous and np.isnan(found.scores[:1200]).all()


def test_soon_after_a_new_part_its_level_counts_and_a_change_of_it_is_found() -> None:
    seen = changed(machine(1700), "vibration", 1200, 1.0)
    lives = (Life("bearing", 0, 1200, "replaced"), Life("bearing", 1200, 1700, "running"))
    served = replace(seen, lives=lives)
    young = until(served, 1500)
    past = healthy_rows(young)
    assert past is not None and past.fit[-1] < 1200 and past.level is not None and past.level[0] == 1200
    found = watch(young, PLANT)
    assert found is not None and not found.anomalous and np.isnan(found.scores[:1200]).all()
    worse = watch(changed(young, "vibration", 1400, 1.0), PLANT)
    assert worse is not None and worse.anomalous and worse.now.sensors[0][0] == "vibration"
    assert watch(until(served, 1300), PLANT) is None


def test_what_leads_to_a_failure_is_not_taken_for_healthy() -> None:
    seen = machine(4000)
    failed = replace(seen, events=(Event(700 * HOUR, "failure", "", "", 700 * HOUR),))
    whole, before = healthy_rows(seen), healthy_rows(failed)
    assert whole is not None and before is not None
    assert len(whole.fit) == 1000 and before.fit[-1] < 700


def test_too_short_a_past_gives_no_detector() -> None:
    assert watch(machine(FEWEST_ROWS - 1), PLANT) is None
    assert watch(replace(machine(), running=np.zeros(1600, bool)), PLANT) is None
    assert watch(replace(machine(), values=np.full((1600, 5), np.nan, np.float32)), PLANT) is None
    with pytest.raises(InputError, match="too few"):
        fit(machine(), np.arange(50))
    with pytest.raises(InputError, match="no sensor"):
        fit(machine(), np.arange(500), ignore=SENSORS)
    with pytest.raises(InputError, match="vibration"):
        score(detector(machine()), replace(machine(), sensors=("load", "temperature", "x", "pressure", "hours")))


def test_a_detector_is_plain_numbers() -> None:
    seen, made = machine(), detector(machine())
    again = Detector.from_dict(json.loads(json.dumps(made.as_dict())))
    np.testing.assert_allclose(score(again, seen), score(made, seen))
    alone = fit(seen, np.arange(500), ignore=("load", "hours"))
    again = Detector.from_dict(json.loads(json.dumps(alone.as_dict())))
    np.testing.assert_allclose(score(again, seen), score(alone, seen))


@settings(max_examples=25, deadline=None)
@given(st.integers(501, 1600), st.integers(0, 3))
def test_no_score_looks_ahead(cut: int, seed: int) -> None:
    seen = machine(1600, seed, nights=True)
    made = detector(seen)
    whole, part = score(made, seen), score(made, until(seen, cut))
    np.testing.assert_allclose(part, whole[:cut], rtol=1e-6)
    np.testing.assert_array_equal(steady_scores(part), steady_scores(whole[:cut]))


@given(st.lists(st.sampled_from([0.0, 0.5, 0.8, 1.2, float("nan")]), max_size=40))
def test_alarms_open_above_and_end_well_below(scores: list[float]) -> None:
    told = alarms(np.array(scores), 1.0)
    state = False
    for value, alarm in zip(scores, told, strict=True):
        state = True if value > 1.0 else False if value < 0.7 else state
        assert alarm == state

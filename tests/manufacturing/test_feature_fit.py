"""A specification is fitted on training machines alone: what varies is kept, regimes are found, what is usual is measured within each."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from dsapp.core.errors import BundleFormatError, UsageError
from dsapp.manufacturing.features.build import build
from dsapp.manufacturing.features.fit import fit_spec
from dsapp.manufacturing.features.regimes import assign
from dsapp.manufacturing.features.statistics import names_of, read_spec
from dsapp.manufacturing.history import Event, Life, Record

SENSORS = ("load", "speed", "heat", "still", "torn")
CENTRES = ((0.0, 100.0), (10.0, 100.0), (10.0, 60.0))


def machine(number: int, rows: int = 300) -> Record:
    rng = np.random.default_rng(number)
    regime = rng.integers(0, 3, rows)
    settings = np.array(CENTRES)[regime] + rng.normal(scale=0.01, size=(rows, 2))
    heat = np.array([50.0, 80.0, 20.0])[regime] + rng.normal(size=rows) * np.array([1.0, 2.0, 3.0])[regime]
    still = np.array([5.0, 6.0, 7.0])[regime]
    torn = np.where(rng.random(rows) < 0.01, rng.normal(size=rows), np.nan)
    return Record(
        machine=f"m{number}",
        sensors=SENSORS,
        interval_s=3600.0,
        times=np.arange(rows, dtype=np.int64) * 3_600_000_000,
        values=np.column_stack([settings, heat, still, torn]).astype(np.float32),
        flags=np.zeros((rows, 5), np.uint8),
        running=np.ones(rows, bool),
        clock=np.arange(rows, dtype=float),
        clock_unit="running_hours",
        lives=(Life("", 0, rows, "running"), Life("pump", 0, rows, "running")),
        events=(Event(5, "error", "E1"), Event(6, "error", f"only {number}"), Event(7, "failure", "F1")),
        traits={"model": f"t{number % 2}", "age": number, "serial": f"n{number}"},
    )


MACHINES = [machine(number) for number in range(4)]


def test_regimes_are_found_and_what_is_usual_is_measured_within_each():
    spec = fit_spec(MACHINES, settings=("load", "speed"))
    assert spec.sensors == ("heat",)
    assert spec.regimes is not None
    found = sorted(zip(spec.regimes.centres, spec.regimes.mean, spec.regimes.spread, strict=True))
    assert np.allclose([centre for centre, _, _ in found], sorted(CENTRES), atol=0.1)
    assert np.allclose([mean[0] for _, mean, _ in found], [50, 20, 80], atol=0.5)
    assert np.allclose([spread[0] for _, _, spread in found], [1, 3, 2], atol=0.2)
    table = build(MACHINES[0], replace(spec, statistics=("last",)), range(300))
    assert abs(np.nanmean(table.values[:, 0])) < 0.2 and 0.8 < np.nanstd(table.values[:, 0]) < 1.2


def test_given_centres_give_the_same_regimes_as_those_found():
    given = fit_spec(MACHINES, settings=("load", "speed"), centres=CENTRES, scales=(1.0, 10.0)).regimes
    found = fit_spec(MACHINES, settings=("load", "speed")).regimes
    assert given is not None and found is not None and given.centres == CENTRES
    settings = MACHINES[0].values[:, :2].astype(float)
    left = np.array(given.centres)[assign(settings, given)]
    right = np.array(found.centres)[assign(settings, found)]
    assert np.allclose(left, right, atol=0.1)


def test_settings_that_are_noise_make_one_regime():
    rng = np.random.default_rng(0)
    noisy = [
        replace(made, values=np.column_stack([rng.normal(size=(300, 2)), made.values[:, 2:]]).astype(np.float32))
        for made in MACHINES
    ]
    regimes = fit_spec(noisy, settings=("load", "speed")).regimes
    assert regimes is not None and len(regimes.centres) == 1


def test_codes_components_and_traits_are_those_that_training_machines_share():
    spec = fit_spec(MACHINES, settings=("load", "speed"))
    assert spec.codes == ("E1",)
    assert spec.components == ("pump",)
    assert spec.traits == {"age": (), "model": ("t0", "t1")}
    assert spec.windows == (6, 24, 168)


def test_a_specification_survives_the_way_through_json():
    spec = fit_spec(MACHINES, settings=("load", "speed"), statistics=("mean", "change", "minutes_above"))
    again = read_spec(json.loads(json.dumps(spec.as_dict())), "bundle")
    assert again == spec and names_of(again) == names_of(spec)
    left, right = build(MACHINES[1], spec, range(50)), build(MACHINES[1], again, range(50))
    assert np.array_equal(left.values, right.values, equal_nan=True)


@pytest.mark.parametrize(
    "change",
    [
        {"sensors": "heat"},
        {"windows": [1.5]},
        {"windows": [-3]},
        {"statistics": ["no such"]},
        {"extra": 1},
        {"regimes": {"settings": []}},
        {"limits": {"heat": [1.0]}},
        {"limits": {"heat": [1.0, float("nan")]}},
        {"traits": ["model"]},
        {"baseline_rows": True},
        {"log_windows_h": [-1.0]},
    ],
)
def test_a_broken_specification_is_refused(change):
    content = {**json.loads(json.dumps(fit_spec(MACHINES).as_dict())), **change}
    with pytest.raises(BundleFormatError, match="feature specification"):
        read_spec(content, "bundle")


def test_data_that_teach_nothing_are_refused_in_words():
    with pytest.raises(UsageError, match="zero machines"):
        fit_spec([])
    idle = [replace(made, running=np.zeros(300, bool)) for made in MACHINES]
    with pytest.raises(UsageError, match="runs"):
        fit_spec(idle)
    with pytest.raises(UsageError, match="varies"):
        fit_spec(MACHINES, sensors=("still",), settings=("load", "speed"))
    with pytest.raises(UsageError, match="settings"):
        fit_spec(MACHINES, centres=[[1.0]])
    with pytest.raises(UsageError, match="one number a setting"):
        fit_spec(MACHINES, settings=("load",), centres=CENTRES)
    with pytest.raises(UsageError, match="cannot be found"):
        fit_spec(MACHINES, settings=("load", "speed"), num_regimes=10_000)


def test_of_thousands_of_sensors_those_are_kept_that_change_over_a_life():
    rng = np.random.default_rng(0)
    values = rng.normal(size=(200, 3000)).astype(np.float32)
    values[:, 1234] += np.linspace(0, 9, 200)
    wide = replace(
        MACHINES[0],
        sensors=tuple(f"s{number}" for number in range(3000)),
        values=values,
        flags=np.zeros((200, 3000), np.uint8),
        times=MACHINES[0].times[:200],
        running=np.ones(200, bool),
        clock=np.arange(200.0),
        lives=(Life("", 0, 200, "failure"),),
    )
    spec = fit_spec([wide], max_sensors=20)
    assert len(spec.sensors) == 20 and "s1234" in spec.sensors
    assert build(wide, spec).values.shape == (1, len(names_of(spec)))

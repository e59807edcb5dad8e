"""The sensor that moved a prediction is named with its window and value in words; a sensor at fault never is; past failures are found."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from dsapp.core.backends.trees import TreesProgram
from dsapp.core.errors import BundleFormatError, UsageError
from dsapp.core.files import write_json
from dsapp.core.train.trees import fit_trees, save
from dsapp.manufacturing.explain import reasons, usual_of
from dsapp.manufacturing.features.build import build, concatenate
from dsapp.manufacturing.features.fit import fit_spec
from dsapp.manufacturing.features.table import FeatureSpec
from dsapp.manufacturing.history import FLAGS, Event, Life, Record
from dsapp.manufacturing.similar import CASES_FILE, FailureIndex, build_index

HOUR = 3_600_000_000
SENSORS = ("vibration", "heat", "flow")
UNITS = {"vibration": "mm/s", "heat": "degC"}


def pump(number: int, wears: str = "vibration", rows: int = 200, clock_unit: str = "running_hours") -> Record:
    """One pump that runs to failure; what wears rises over its last 60 hours."""
    rng = np.random.default_rng(number)
    values = rng.normal(size=(rows, 3)) * [0.2, 1.0, 5.0] + [2.0, 60.0, 100.0]
    if wears:
        values[-60:, SENSORS.index(wears)] += np.linspace(0, 1, 60) * [3.0, 15.0, 80.0][SENSORS.index(wears)]
    stop = rows * HOUR + number * 1000 * HOUR
    return Record(
        machine=f"pump {number}",
        sensors=SENSORS,
        interval_s=3600.0,
        times=(np.arange(rows, dtype=np.int64) + number * 1000) * HOUR,
        values=values.astype(np.float32),
        flags=np.zeros((rows, 3), np.uint8),
        running=np.ones(rows, bool),
        clock=np.arange(rows, dtype=float),
        clock_unit=clock_unit,
        lives=(Life("", 0, rows, "failure" if wears else "running"),),
        events=(
            (Event(stop, "failure", "F"), Event(stop + HOUR, "maintenance", f"new {wears} part", note="by night"))
            if wears
            else ()
        ),
    )


PUMPS = [pump(number, wears) for number, wears in enumerate(["vibration", "heat", "vibration", "heat", "", ""] * 3)]


@cache
def learnt() -> tuple[FeatureSpec, str, dict[str, float]]:
    spec = fit_spec(PUMPS, windows=(6, 24), statistics=("mean", "std", "slope", "change"), baseline_rows=20)
    table = concatenate(build(made, spec, range(10, 200, 3)) for made in PUMPS)
    left = np.concatenate([200 - np.arange(10, 200, 3) for _ in PUMPS])
    fails = np.repeat([bool(made.events) for made in PUMPS], len(range(10, 200, 3)))
    text = fit_trees(
        table.values,
        fails & (left < 40),
        params={"objective": "binary", "min_data_in_leaf": 10},
        names=table.names,
        rounds=60,
    )
    return spec, text, usual_of(table.values, table.names, ~fails | (left > 80))


def told(record: Record, tmp_path: Path, **options):
    spec, text, usual = learnt()
    program = TreesProgram(tmp_path, save([[text]], tmp_path, output="contributions"), 1)
    table = build(record, spec)
    shares = program({"x": table.values})["contributions"][0]
    return reasons(shares, table, 0, spec, record, usual, units=UNITS, **options)


@pytest.mark.parametrize("wears", ["vibration", "heat"])
def test_the_sensor_that_wears_comes_first_in_words(tmp_path, wears):
    record = pump(99, wears)
    first = told(record, tmp_path)[0]
    assert first.sensor == wears and first.contribution > 0
    assert first.sentence.startswith(f"{wears}: ") and first.sentence.endswith("; raises the risk")
    assert first.end == record.times[-1]
    assert first.start == record.times[-first.window_rows] if first.window_rows else first.start == record.times[0]


def test_value_and_usual_are_in_the_sensors_own_unit(tmp_path):
    spec, _, usual = learnt()
    record = pump(99)
    table = build(record, spec)
    shares = np.zeros(len(table.names) + 1)
    shares[table.names.index("vibration|mean|24")] = 2.0
    shares[table.names.index("vibration|mean|6")] = 0.5
    shares[table.names.index("heat|change|6")] = -1.0
    shares[table.names.index("flow|slope|24")] = 0.7
    shares[table.names.index("clock|age|0")] = 0.6
    found = reasons(shares, table, 0, spec, record, usual, units=UNITS)
    assert [reason.sensor for reason in found] == ["vibration", "flow", "clock", "heat"]
    mean = float(record.values[-24:, 0].mean())
    assert found[0].value == pytest.approx(mean, rel=1e-4) and found[0].usual == pytest.approx(2.0, abs=0.1)
    assert found[0].contribution == 2.5
    assert (
        found[0].sentence
        == f"vibration: the mean of the last 24 running hours is {mean:.3g} mm/s, usual {found[0].usual:.3g}; raises the risk"
    )
    slope = np.polyfit(np.arange(24), record.values[-24:, 2], 1)[0]
    assert found[1].value == pytest.approx(slope, abs=1e-3)
    assert found[2].sentence.startswith("age of the machine: 199 running hours, usual ")
    assert "the last 6 running hours against its first 20 running hours" in found[3].sentence
    assert found[3].sentence.endswith("lowers the risk")


def test_of_a_life_the_signs_are_told_the_other_way_round():
    spec, _, usual = learnt()
    record = pump(99, clock_unit="cycles")
    table = build(record, spec)
    shares = np.zeros(len(table.names) + 1)
    shares[table.names.index("vibration|std|24")] = -9.0
    shares[table.names.index("heat|mean|6")] = 10.0
    found = reasons(shares, table, 0, spec, record, usual, target="life")
    assert found[0].sensor == "vibration" and found[0].sentence.endswith("shortens the life expected")
    assert "the spread within the last 24 cycles" in found[0].sentence
    assert found[1].sentence.endswith("lengthens the life expected")


@pytest.mark.parametrize("flag", ["stuck", "missing", "out_of_range", "unit_jump"])
def test_a_sensor_at_fault_is_never_a_reason(tmp_path, flag):
    record = pump(99)
    flags, values = record.flags.copy(), record.values.copy()
    flags[-12:, 0] = FLAGS[flag]
    values[-12:, 0] = np.nan
    masked = replace(record, flags=flags, values=values)
    assert "vibration" in {reason.sensor for reason in told(record, tmp_path)}
    assert "vibration" not in {reason.sensor for reason in told(masked, tmp_path)}


def test_words_for_logs_traits_and_several_regimes():
    made = [
        replace(
            record,
            events=tuple(Event(int(record.times[row]), "error", "E1") for row in (30, 180, 190)),
            traits={"model": f"m{number % 2}"},
        )
        for number, record in enumerate(PUMPS)
    ]
    spec = fit_spec(made, settings=("flow",), num_regimes=2, windows=(6,), statistics=("mean",))
    table = build(made[1], spec)
    shares = np.zeros(len(table.names) + 1)
    for name, share in (
        ("log:E1|count_24h|0", 3.0),
        ("trait:model=m1|is|0", 2.0),
        ("heat|mean|6", 1.0),
    ):
        shares[table.names.index(name)] = share
    found = reasons(shares, table, 0, spec, made[1], {"log:E1|count_24h|0": 0.0})
    assert found[0].sentence == "log E1: 2 entries in the last 24 hours, usual 0; raises the risk"
    assert found[0].start == found[0].end - 24 * HOUR
    assert found[1].sentence == "model is m1; raises the risk"
    assert "spreads from the usual in like operation" in found[2].sentence
    again = shares * 0
    again[table.names.index("log:E1|hours_since|0")] = 1.0
    assert reasons(again, table, 0, spec, made[1], {})[0].sentence == "log E1: last entry 9 hours ago; raises the risk"


def test_a_row_of_another_machine_is_refused():
    spec, _, usual = learnt()
    table = build(pump(99), spec)
    with pytest.raises(UsageError, match="pump 99"):
        reasons(np.zeros(len(table.names) + 1), table, 0, spec, pump(98), usual)
    with pytest.raises(UsageError, match="contributions"):
        reasons(np.zeros(3), table, 0, spec, pump(99), usual)


def test_the_nearest_failure_is_one_of_the_same_kind_with_what_was_done():
    spec, _, _ = learnt()
    index = build_index(PUMPS, spec)
    for wears in ("vibration", "heat"):
        found = index.nearest(build(pump(99, wears), spec), 0)
        assert len({(one.machine, one.time) for one in found}) == 3
        assert all(one.done == f"new {wears} part: by night" for one in found)
        assert [one.distance for one in found] == sorted(one.distance for one in found)
        assert all(0 <= one.days_before < 3 for one in found)


def test_a_machine_is_not_told_its_own_future_but_its_own_past():
    spec, _, _ = learnt()
    record = PUMPS[0]
    index = build_index(PUMPS, spec)
    table = build(record, spec, [199])
    assert record.machine not in {one.machine for one in index.nearest(table, 0, limit=100)}
    later = replace(record, times=record.times + 5000 * HOUR)
    assert index.nearest(build(later, spec), 0)[0].machine == record.machine


def test_an_index_survives_its_files_and_is_bounded(tmp_path):
    spec, _, _ = learnt()
    index = build_index(PUMPS, spec, max_cases=7)
    assert len(index.cases) == 7
    index.save(tmp_path)
    again = FailureIndex.load(tmp_path)
    table = build(pump(99), spec)
    assert [one.machine for one in again.nearest(table, 0)] == [one.machine for one in index.nearest(table, 0)]
    assert again.cases == index.cases
    assert sum(file.stat().st_size for file in tmp_path.iterdir()) < 20_000


def test_without_failures_nothing_is_similar():
    spec, _, _ = learnt()
    empty = build_index([pump(1, "")], spec)
    assert empty.nearest(build(pump(99), spec), 0) == ()


def test_a_broken_index_is_refused(tmp_path):
    spec, _, _ = learnt()
    index = build_index(PUMPS, spec)
    index.save(tmp_path)
    for content in (
        {"names": list(index.names), "cases": []},
        {"names": ["x"]},
        {
            "names": list(index.names),
            "cases": [{"machine": "m", "time": 1.5, "component": "", "days_before": 0, "done": ""}],
        },
        {
            "names": list(index.names),
            "cases": [{"machine": "m" * 999, "time": 1, "component": "", "days_before": 0, "done": ""}],
        },
    ):
        write_json(tmp_path / CASES_FILE, content)
        with pytest.raises(BundleFormatError):
            FailureIndex.load(tmp_path)
    index.save(tmp_path)
    (tmp_path / "similar.safetensors").write_bytes(b"\x10\0\0\0\0\0\0\0nonsense")
    with pytest.raises(BundleFormatError):
        FailureIndex.load(tmp_path)

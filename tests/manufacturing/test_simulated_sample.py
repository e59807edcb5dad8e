"""The sample plant is what its generator makes, and holds what its notes say."""

from __future__ import annotations

import hashlib
import importlib.util
import tomllib
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from dsapp.manufacturing.local_time import LocalTime
from dsapp.manufacturing.quality import check, renamed, summarise
from dsapp.manufacturing.simulate import SimulatedPlant, histories

SAMPLES = Path(__file__).resolve().parents[2] / "data_samples"
LIMIT_BYTES = 3_000_000


def _maker():
    spec = importlib.util.spec_from_file_location("make_sensors", SAMPLES / "make_sensors.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def plant() -> SimulatedPlant:
    return _maker().plant()


@pytest.fixture(scope="module")
def records(plant: SimulatedPlant):
    return {history.machine: check(history, plant.plant) for history in histories(plant)}


@pytest.fixture(scope="module")
def expected() -> dict:
    return tomllib.loads((SAMPLES / "sensors" / "expected.toml").read_text(encoding="utf-8"))


def test_the_committed_files_are_what_the_seed_gives(tmp_path: Path) -> None:
    made = _maker().make(tmp_path)
    digests = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in made}
    committed = {
        name: hashlib.sha256((SAMPLES / "sensors" / name).read_bytes()).hexdigest()
        for name in digests
        if (SAMPLES / "sensors" / name).exists()
    }
    assert committed == digests
    assert sum(path.stat().st_size for path in made) <= LIMIT_BYTES


def test_the_planted_parts_are_about_to_fail_and_no_other(plant: SimulatedPlant, expected: dict) -> None:
    failing = {(one["machine"], one["component"]): one["days_left"] for one in expected["failing"]}
    for machine in plant.machines:
        share_of_day = float(machine.running.mean()) * 24 * 0.75
        for part, hours in machine.truth.hours_left.items():
            days = hours / share_of_day
            if (machine.name, part) in failing:
                assert days == pytest.approx(failing[machine.name, part], abs=1.5)
                assert machine.truth.sign_at_end[part] > 0.3
            else:
                assert days > 120
                assert machine.truth.sign_at_end[part] == 0


def test_sensor_faults_are_found_and_said_of_no_other_pump(records, expected: dict) -> None:
    wanted = {(one["machine"], one["sensor"], one["code"]) for one in expected["sensor_fault"] if one["code"]}
    found = {
        (machine, finding.sensor, finding.code)
        for machine, record in records.items()
        for finding in record.findings
        if finding.sensor
    }
    assert found == wanted


def test_standing_by_plan_is_no_fault(records, expected: dict) -> None:
    for one in expected["idle"]:
        assert not [finding for finding in records[one["machine"]].findings if finding.code in ("gap", "stuck")]


def test_past_failures_end_lives_and_a_repair_is_no_life_of_its_own(records, expected: dict) -> None:
    zone = LocalTime("Europe/Berlin")
    for one in expected["past_failure"]:
        record = records[one["machine"]]
        lives = [life for life in record.lives if life.component == one["component"]]
        assert [life.end for life in lives] == ["failure", "running"]
        assert zone.text(int(record.times[lives[0].stop])).startswith(str(one["date"]))
    assert sum(life.end == "failure" for record in records.values() for life in record.lives) == 2


def test_the_renamed_pump_is_told_and_not_joined(records, expected: dict) -> None:
    told = renamed([summarise(record) for record in records.values()], time_zone="Europe/Berlin")
    assert [(one.old, one.new) for one in told] == [(one["old"], one["new"]) for one in expected["renamed"]]
    assert 'rename = { "P-07" = "P-07N" }' in told[0].sentence


def test_the_data_end_where_the_notes_say(plant: SimulatedPlant, expected: dict) -> None:
    last = LocalTime("Europe/Berlin").moment(plant.last)
    assert last == expected["last_reading"]
    assert last.tzinfo is not None and datetime(2025, 10, 26, 12, tzinfo=ZoneInfo("Europe/Berlin")) < last


def test_the_hour_of_the_clock_change_is_there_twice() -> None:
    lines = (SAMPLES / "sensors" / "readings_hall_1.csv").read_bytes().decode("cp1252").splitlines()
    assert sum(line.startswith("P-01;2025-10-26 02:00:00") for line in lines) == 2
    assert "0,0" in lines[1] and "°" in lines[0]

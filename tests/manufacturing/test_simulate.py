"""The simulator: same seed, same plant; wear that shows before it fails; files that read back as what was simulated."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from dsapp.manufacturing.local_time import HOUR
from dsapp.manufacturing.plant import load
from dsapp.manufacturing.quality import check
from dsapp.manufacturing.reading.staging import stage
from dsapp.manufacturing.simulate import SENSORS, SimulatedPlant, histories, history, seasons, simulate
from dsapp.manufacturing.simulated_files import write, write_tidy, write_truth
from dsapp.manufacturing.simulated_signals import SensorFault
from dsapp.manufacturing.simulated_wear import Fate


@pytest.fixture(scope="module")
def fleet() -> SimulatedPlant:
    return simulate(11, 12, 200)


def test_the_same_seed_gives_the_same_pumps_however_many_there_are(fleet: SimulatedPlant) -> None:
    again = simulate(11, 3, 200)
    for one, other in zip(again.machines, fleet.machines, strict=False):
        assert one.truth == other.truth and one.events == other.events
        assert all(np.array_equal(one.values[name], other.values[name], equal_nan=True) for name in one.values)
    assert simulate(12, 1, 200).machines[0].truth != fleet.machines[0].truth


def test_wear_shows_in_the_sensors_that_it_should(fleet: SimulatedPlant) -> None:
    moved = {"bearing": ("vibration", 1), "seal": ("flow", -1), "winding": ("current", 1)}
    for index, (part, (sensor, direction)) in enumerate(moved.items()):
        pump = simulate(
            40 + index, 1, 90, fates={0: [Fate(part, worn_at_end=0.97)]}, sensor_faults={}, stops={}
        ).machines[0]
        on = pump.running
        relative = pump.values[sensor][on] / (pump.values["load"][on] / 100)
        start, end = np.median(relative[:200]), np.median(relative[-40:])
        assert direction * (end / start - 1) > 0.03, part
        assert pump.truth.sign_at_end[part] > 0.6 and not pump.truth.failures


def test_a_fate_is_met_and_other_parts_stay_well() -> None:
    made = simulate(3, 2, 100, fates={0: [Fate("seal", fails_on_day=50)]}, sensor_faults={}, stops={})
    failed, well = made.machines
    ((part, moment, sudden),) = failed.truth.failures
    assert part == "seal" and not sudden and abs((moment - made.first) / HOUR / 24 - 50) < 4
    assert well.truth.failures == () and set(well.truth.sign_at_end.values()) == {0.0}
    down = [event for event in failed.events if event.kind == "failure"]
    stands = (failed.times > down[0].time) & (failed.times <= down[0].until)
    assert not failed.running[stands].any()


def test_lives_end_as_drawn_and_faults_of_sensors_change_no_course(fleet: SimulatedPlant) -> None:
    assert 10 <= sum(len(machine.truth.failures) for machine in fleet.machines) <= 60
    clean = simulate(11, 12, 200, sensor_faults={})
    broken = simulate(
        11, 12, 200, sensor_faults={index: [SensorFault("vibration", "stuck", 10)] for index in range(12)}
    )
    assert [one.truth.failures for one in clean.machines] == [one.truth.failures for one in broken.machines]


def test_every_failure_ends_a_life_of_its_part(fleet: SimulatedPlant) -> None:
    for machine, read in zip(fleet.machines, histories(fleet), strict=True):
        lives = check(read, fleet.plant).lives
        ended = sorted(life.component for life in lives if life.end == "failure")
        assert ended == sorted(part for part, _, _ in machine.truth.failures)


def test_production_hours_and_the_clock_change_are_kept() -> None:
    made = simulate(5, 1, 60, start=date(2025, 10, 1), fates={}, sensor_faults={}, stops={}, services=False)
    record = check(history(made.machines[0]), made.plant)
    wall = (record.times // HOUR + np.where(record.times < 1_761_440_400_000_000, 2, 1)) % 24
    assert set(np.unique(wall[record.running])) <= set(range(7, 23))


def test_the_untidy_files_read_back_as_what_was_simulated(tmp_path: Path) -> None:
    made = simulate(21, 4, 40, start=date(2025, 10, 10), renames={1: (20.0, "P-02 new")})
    write(made, tmp_path / "plant")
    plant = load(tmp_path / "plant" / "plant.toml")
    staged = stage(plant, [tmp_path / "plant"], tmp_path / "store")
    assert staged.refusals == ()
    wanted = {one.machine: one for one in histories(made)}
    assert {one.name for one in staged.machines()} == set(wanted)
    for name, simulated in wanted.items():
        read, own = check(staged.history(name), plant), check(simulated, plant)
        assert np.allclose(read.values, own.values, equal_nan=True) and np.array_equal(read.flags, own.flags)
        assert read.events == own.events and read.lives == own.lives and dict(read.traits) == dict(own.traits)


def test_tidy_parquet_holds_every_row(tmp_path: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    made = simulate(4, 5, 10, tidy=True)
    write_tidy(made, tmp_path)
    with duckdb.connect() as database:
        rows = database.execute(
            f"SELECT count(*), count(DISTINCT pump), min(\"vibration [mm/s]\") FROM '{tmp_path}/readings_*.parquet'"
        ).fetchone()
    assert rows[:2] == (5 * 240, 5) and rows[2] >= 0
    assert load(tmp_path / "plant.toml") == made.plant
    assert all(set(machine.values) == set(SENSORS) and not machine.irregular for machine in made.machines)


def test_a_fleet_to_train_on_begins_in_every_season_with_names_of_its_own() -> None:
    halls = seasons(1, 9, 30)
    names = [machine.name for hall in halls for machine in hall.machines]
    assert len(set(names)) == 9 and [len(hall.machines) for hall in halls] == [3, 2, 2, 2]
    warm = [float(np.mean(hall.machines[0].values["ambient"])) for hall in halls]
    assert max(warm) - min(warm) > 8
    with pytest.raises(ValueError, match="four"):
        seasons(1, 3, 30)


def test_the_truth_is_written_apart(fleet: SimulatedPlant, tmp_path: Path) -> None:
    write_truth(replace(fleet, machines=fleet.machines[:2]), tmp_path / "truth.json")
    assert '"P-01"' in (tmp_path / "truth.json").read_text(encoding="utf-8")


@pytest.mark.parametrize(("machines", "days"), [(0, 10), (1, 0)])
def test_an_empty_plant_is_refused(machines: int, days: int) -> None:
    with pytest.raises(ValueError, match="at least one machine"):
        simulate(1, machines, days)

"""Warning a day ahead: files joined over folders, nothing read from the future, exactly 24 hours count, and training to scoring on a small fleet of our own."""

from __future__ import annotations

import csv
import gzip
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsapp.core.errors import BundleFormatError, ConfigError, UsageError
from dsapp.manufacturing.early import OURS, EarlyModel, packed, unpacked
from dsapp.manufacturing.evaluation import azure_pdm, run
from dsapp.manufacturing.evaluation.azure_files import BEGIN, LOGS, SIGNALS, FleetMachine, read
from dsapp.manufacturing.events import tally
from dsapp.manufacturing.features import daily_logs
from dsapp.manufacturing.train import early as training
from dsapp.manufacturing.train import recipe_file

PARTS = ("comp1", "comp2")
CODES = {"comp1": "error1", "comp2": "error2"}
ANNOUNCES = (daily_logs.Announces("comp1", 0, 1.0, ("error1",)), daily_logs.Announces("comp2", 1, -1.0, ("error2",)))
LEVELS = daily_logs.Levels((170.0, 450.0, 100.0, 40.0), (3.0, 11.0, 2.0, 1.0))


def machine(number: int, num_days: int = 120) -> FleetMachine:
    """Failures at 06:00, an error exactly a day before, a shift of the signal two days before; errors and shifts without a failure too."""
    drawn = np.random.default_rng(number)
    daily = drawn.normal(LEVELS.middle, LEVELS.spread, (num_days, 4))
    failures: dict[str, list[int]] = {part: [] for part in PARTS}
    errors: dict[str, list[int]] = {code: [] for code in CODES.values()}
    for day in range(14 + number % 5, num_days - 2, 15):
        place = int(drawn.integers(2))
        part = PARTS[place]
        failures[part].append(day * 24 + 6)
        errors[CODES[part]].append(day * 24 - 18)
        daily[day - 2 : day, place] += (1, -1)[place] * np.array([4.0, 6.0]) * LEVELS.spread[place]
    for code in errors:
        errors[code] += [int(hour) for hour in drawn.integers(0, num_days * 24, 12)]
    repaired = {part: np.array(sorted([-24, *hours]), dtype=np.int64) for part, hours in failures.items()}
    return FleetMachine(
        str(number),
        np.arange(num_days),
        daily,
        {code: np.array(sorted(hours), dtype=np.int64) for code, hours in errors.items()},
        {part: np.array(hours, dtype=np.int64) for part, hours in failures.items() if hours},
        repaired,
        1.0 + number % 4,
        float(number),
    )


def written(folder: Path, machines: list[FleetMachine], days: range) -> Path:
    """The part of the machines that lies in ``days``, in the layout of the set."""
    import duckdb

    folder.mkdir(parents=True, exist_ok=True)
    rows = [
        (int(one.machine), BEGIN + timedelta(days=int(day)), *map(float, one.daily[place]))
        for one in machines
        for place, day in enumerate(one.days)
        if day in days
    ]
    with duckdb.connect() as connection:
        columns = ", ".join(f"{name} float" for name in SIGNALS)
        connection.execute(f"create table t (machineID smallint, date timestamp, {columns})")
        connection.executemany("insert into t values (?, ?, ?, ?, ?, ?)", rows)
        connection.execute(f"copy t to '{folder / 'telemetry_daily.parquet'}' (format parquet)")
    with open(folder / "machines.csv", "w") as stream:
        told = [(one.machine, f"model{one.model:.0f}", f"{one.age:.0f}") for one in machines]
        csv.writer(stream).writerows([("machineID", "model", "age"), *told])
    for name, column in LOGS.items():
        kinds = {"errors": "errors", "failures": "failures", "maint": "maintenance"}
        entries = [
            (BEGIN + timedelta(hours=int(hour)), one.machine, code)
            for one in machines
            for code, hours in getattr(one, kinds[name]).items()
            for hour in hours
            if hour // 24 in days or (hour < 0 and 0 in days)
        ]
        with gzip.open(folder / f"{name}.csv.gz", "wt") as stream:
            csv.writer(stream).writerows([("datetime", "machineID", column), *entries])
    return folder


@pytest.fixture(scope="module")
def fleet() -> list[FleetMachine]:
    return [machine(number) for number in range(24)]


@pytest.fixture(scope="module")
def trained(fleet, tmp_path_factory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("early")
    data = written(folder / "azure_pdm", fleet[:18], range(90))
    recipe = folder / "small.toml"
    text = (recipe_file.RECIPES / "fleet.toml").read_text().replace("rounds = 200", "rounds = 60")
    text = text.replace("learning_rate = 0.05", "learning_rate = 0.1").replace(
        "min_data_in_leaf = 20", "min_data_in_leaf = 5"
    )
    recipe.write_text(text.replace('name = "fleet"', 'name = "small"'))
    return data, training.train_early(recipe, data, folder / "small")


def test_two_folders_give_the_machine_that_was_cut_in_two(tmp_path, fleet):
    first = written(tmp_path / "a", fleet[:3], range(50))
    second = written(tmp_path / "b", fleet[1:4], range(50, 120))
    joined = {one.machine: one for one in read([first, second])}
    assert list(joined) == ["0", "1", "2", "3"]
    whole, found = fleet[1], joined["1"]
    assert found.days.tolist() == whole.days.tolist() and np.allclose(found.daily, whole.daily, rtol=1e-6)
    assert {code: hours.tolist() for code, hours in found.errors.items()} == {
        code: sorted(set(hours.tolist())) for code, hours in whole.errors.items()
    }
    assert {part: hours.tolist() for part, hours in found.failures.items()} == {
        part: hours.tolist() for part, hours in whole.failures.items()
    }
    assert (found.model, found.age) == (2.0, 1.0)
    assert joined["0"].days[-1] == 49 and joined["3"].days[0] == 50


def test_what_is_wrong_with_a_folder_is_said(tmp_path, fleet):
    with pytest.raises(UsageError, match="no folder"):
        read([tmp_path / "nowhere"])
    folder = written(tmp_path / "a", fleet[:1], range(20))
    (folder / "failures.csv.gz").unlink()
    with pytest.raises(UsageError, match=r"no failures\.csv"):
        read([folder])
    (folder / "failures.csv").write_text("datetime,machineID,failure\n2015-01-05 06:00:00,0,comp1\nyesterday,0,comp1\n")
    with pytest.raises(ConfigError, match="line 3"):
        read([folder])
    (folder / "failures.csv").write_text("datetime,machineID\n")
    with pytest.raises(ConfigError, match="no column 'failure'"):
        read([folder])
    whole = (folder / "telemetry_daily.parquet").read_bytes()
    (folder / "telemetry_daily.parquet").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ConfigError, match="cannot be read"):
        read([folder])


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 9), st.integers(5 * 8, 110 * 8))
def test_a_decision_knows_nothing_that_comes_after_it(number, step):
    whole, hour = machine(number), step * daily_logs.STEP_H
    cut = replace(
        whole,
        days=whole.days[whole.days < hour // 24],
        daily=whole.daily[whole.days < hour // 24],
        **{
            name: {code: hours[hours <= hour] for code, hours in getattr(whole, name).items()}
            for name in ("errors", "failures", "maintenance")
        },
    )
    at = np.array([hour])
    np.testing.assert_array_equal(
        daily_logs.build(whole, at, ANNOUNCES, LEVELS), daily_logs.build(cut, at, ANNOUNCES, LEVELS)
    )
    codes = tuple(CODES.values())
    np.testing.assert_array_equal(daily_logs.plain(whole, at, codes, PARTS), daily_logs.plain(cut, at, codes, PARTS))


def test_features_say_what_their_names_say():
    one = machine(1)
    part = next(iter(one.failures))
    failure = int(one.failures[part][0])
    place = PARTS.index(part)
    x = daily_logs.build(one, np.array([failure - 24, failure, failure + 27]), ANNOUNCES, LEVELS)[place]
    told = {name: x[:, column].tolist() for column, name in enumerate(daily_logs.NAMES)}
    # a day before, the code has just been logged and yesterday's mean is up the way that this part fails
    assert told["codes|newest_h"][0] == 0 and told["level|1"][0] > 2
    # the failure and its repair are known from their own hour on
    assert told["replaced_h"][1:] == [0.0, 27.0] and told["failed_h"][1:] == [0.0, 27.0]
    assert told["replaced_h"][0] == failure - 24 + 24
    assert told["hour"] == [6.0, 6.0, 9.0]


def test_a_warning_of_exactly_24_hours_counts_and_one_of_21_does_not():
    one = machine(1)
    hours = daily_logs.decision_hours(one)
    part = next(iter(one.failures))
    failure = int(one.failures[part][0])
    for lead, warned in ((24, 1), (21, 0), (168, 1), (171, 0)):
        scores = (hours == failure - lead).astype(float)
        found = tally(azure_pdm.decisions(one, hours, scores), 0.5)
        assert (found.num_warned, found.num_false) == (warned, int(lead == 171))


def test_failures_that_no_decision_could_be_early_for_are_not_counted():
    one = replace(machine(1), failures={"comp1": np.array([4 * 24 + 23, 5 * 24, 5 * 24 + 3, 119 * 24 + 23])})
    hours = daily_logs.decision_hours(one)
    assert hours[0] == 4 * 24 and hours[-1] == 119 * 24 + 21
    found = azure_pdm.decisions(one, hours, np.zeros(len(hours)))
    assert (found.failures // 3_600_000_000).tolist() == [5 * 24, 5 * 24 + 3, 119 * 24 + 23]
    assert found.observed_days == 116


def test_what_announces_a_component_is_learnt(fleet):
    found = training.announces_of(fleet, training.levels_of(fleet), 24, 27)
    assert [(one.component, one.signal, one.sign, one.codes) for one in found] == [
        ("comp1", 0, 1.0, ("error1",)),
        ("comp2", 1, -1.0, ("error2",)),
    ]


def test_training_to_scoring(trained, fleet, tmp_path):
    """A bundle trained on the open half is scored on new machines, on later days, and cross-fitted on its own: each in a split of its own."""
    data, bundle = trained
    model = EarlyModel.open(str(bundle))
    assert [one.codes for one in model.announces] == [("error1",), ("error2",)] and model.until == 89
    sealed = tmp_path / "azure_pdm"
    written(sealed, fleet[:18], range(90, 120))
    new = written(tmp_path / "new" / "azure_pdm", fleet[18:], range(120))
    said: list[str] = []
    rows = run.evaluate([data, sealed, new], bundle=str(bundle), say=said.append)
    table = {(row.split, row.system, row.metric): row for row in rows}
    assert {row.split for row in rows} == {"machines", "time", "cross-fitted"}
    for split, count in (("machines", 6), ("time", 18), ("cross-fitted", 18)):
        ours = table[split, model.name, "warned_24h_at_05"]
        # trees of a fold of this small fleet learn from few failures
        assert ours.num_groups == count and ours.value >= (0.3 if split == "cross-fitted" else 0.9)
        assert table[split, "random", "warned_24h_at_05"].value < 0.2
        assert table[split, model.name, "median_lead_hours"].value >= 24
        assert table[split, "rules", "false_alarms_per_machine_month"].value > 0.2
    assert any("share of right alarms" in line for line in said)
    # the later half alone is scored as well, and no machine of it counts as new
    alone = azure_pdm.evaluate([sealed], bundle=str(bundle), say=said.append)
    assert {row.split for row in alone} == {"time"}
    assert model.bundle.card["metrics"]["rows"] == [
        row.as_dict() for row in azure_pdm.evaluate([data], bundle=str(bundle), say=said.append)
    ]


def test_training_days_are_scored_by_trees_that_did_not_see_the_machine(trained, fleet):
    _, bundle = trained
    model = EarlyModel.open(str(bundle))
    (known, *_) = read([trained[0]])
    stored = model.seen_scores(known)
    fitted = model.by_component(known, stored["hours"]).max(axis=0)
    assert len(stored[OURS]) == len(fitted) == (90 - daily_logs.DAYS_BACK) * 8
    assert not np.allclose(stored[OURS], fitted, atol=1e-3)


def test_scores_keep_their_order_in_few_bytes():
    score = np.array([0.0, 1e-5, 0.2, 0.9, 0.995, 0.9999])
    back = unpacked(packed(score))
    assert packed(score).dtype == np.float16 and (np.diff(back) > 0).all()
    np.testing.assert_allclose(back, score, atol=2e-3)


def test_the_shipped_bundle_opens_and_knows_its_kind():
    model = EarlyModel.open("fleet")
    assert {one.component: one.codes for one in model.announces}["comp2"] == ("error2", "error3")
    with pytest.raises(BundleFormatError, match="no bundle of an early warning"):
        EarlyModel.open("milling")
    with pytest.raises(UsageError, match="no recipe"):
        training.load("fleets")

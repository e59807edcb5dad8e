"""The classifier of states: files read strictly, pairs of sensors, rules with proofs, thresholds, and the shipped bundle beside its baselines."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsapp.core.errors import BundleFormatError, ConfigError, UsageError
from dsapp.manufacturing.evaluation import ai4i, run
from dsapp.manufacturing.evaluation.ai4i_files import FAILURE, MODES, SENSORS, read, read_folder
from dsapp.manufacturing.features import pairs
from dsapp.manufacturing.plant import load
from dsapp.manufacturing.state import StateModel, best_threshold
from dsapp.manufacturing.train import failure as training

HEAD = ["UDI", "Product ID", "Type", *SENSORS.values(), FAILURE, *MODES]
PLANT = load(Path(ai4i.PLANTS) / "milling.toml")
CALM = (300.0, 310.0, 1500.0, 40.0, 50.0)


def line(number: int, readings: tuple[float, ...] = CALM, *, grade: str = "L", mode: str = "") -> list[object]:
    flags = [int(bool(mode)), *(int(name == mode) for name in MODES)]
    return [number, f"{grade}{number}", grade, *readings, *flags]


def written(folder: Path, lines: list[list[object]], *, name: str = "ai4i2020_new.csv", separator: str = ",") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    with gzip.open(path, "wt") if name.endswith(".gz") else open(path, "w") as stream:
        csv.writer(stream, delimiter=separator).writerows([HEAD, *lines])
    return path


def plausible(number: int, seed: int = 5) -> list[list[object]]:
    """Rows whose failures follow the physics, so that something can be learnt from them."""
    drawn = np.random.default_rng(seed)
    lines = []
    for place in range(number):
        air = drawn.normal(300, 2)
        readings = (
            air,
            air + drawn.normal(10, 1),
            drawn.normal(1540, 180),
            drawn.normal(40, 10),
            drawn.uniform(0, 250),
        )
        readings = tuple(round(float(value), 1) for value in readings)
        power = readings[2] * readings[3] * np.pi / 30
        hot = readings[1] - readings[0] < 8.6 - 1e-6 and readings[2] < 1380
        worn = readings[3] * readings[4] > 11000
        mode = "HDF" if hot else "PWF" if not 3500 < power < 9000 else "OSF" if worn else ""
        lines.append(line(place, readings, mode=mode))
    return lines


@pytest.mark.parametrize(("name", "separator"), [("ai4i2020_sealed.csv.gz", ","), ("ai4i2020_sealed.csv", "\t")])
def test_files_are_read_whatever_split_their_names_carry(tmp_path, name, separator):
    written(tmp_path, [line(1), line(2, grade="H", mode="TWF")], name=name, separator=separator)
    (states,) = read_folder(tmp_path)
    assert (states.name, len(states.rows)) == ("sealed", 2)
    assert states.failed.tolist() == [False, True] and states.modes["TWF"].tolist() == [False, True]
    assert states.grade.tolist() == [0, 2] and states.values[0].tolist() == list(CALM)


@pytest.mark.parametrize(
    ("place", "value", "told"),
    [(2, "X", "not one of L, M, H"), (5, "fast", "not a number"), (5, "inf", "finite"), (8, "2", "neither 0 nor 1")],
)
def test_a_wrong_row_is_refused_with_its_line(tmp_path, place, value, told):
    bad = line(2)
    bad[place] = value
    path = written(tmp_path, [line(1), bad])
    with pytest.raises(ConfigError, match=told) as error:
        read(path)
    assert "line 3" in str(error.value)


def test_what_is_no_such_file_is_refused(tmp_path):
    with pytest.raises(UsageError, match="no folder"):
        read_folder(tmp_path / "nowhere")
    with pytest.raises(UsageError, match="no CSV file"):
        read_folder(tmp_path)
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    with pytest.raises(ConfigError, match="not the AI4I 2020 layout"):
        read_folder(tmp_path)
    written(tmp_path, [], name="other.csv")
    with pytest.raises(ConfigError, match="no rows"):
        read_folder(tmp_path)


def test_a_row_is_known_again_in_another_file(tmp_path):
    first = read(written(tmp_path / "a", [line(1), line(2)]))
    second = read(written(tmp_path / "b", [line(2), line(1)], separator="\t"))
    assert first.digests.tolist() == second.digests.tolist()[::-1] and len(set(first.digests.tolist())) == 2


@given(st.lists(st.floats(-1e6, 1e6, width=32), min_size=3, max_size=3))
def test_every_pair_is_made_alike(row):
    built = pairs.build(np.array([row]), 3)[0]
    told = dict(zip(pairs.names(("a", "b", "c")), built.tolist(), strict=True))
    a, _, c = row
    assert told["a"] == pytest.approx(a) and told["product(a,c)"] == pytest.approx(a * c, rel=1e-5)
    assert told["difference(a,c)"] == pytest.approx(a - c, rel=1e-5, abs=1e-30)
    assert (
        np.isnan(told["ratio(a,c)"]) if abs(c) <= pairs.ZERO else told["ratio(a,c)"] == pytest.approx(a / c, rel=1e-5)
    )


def test_each_rule_of_physics_holds_on_its_side_of_the_limit(tmp_path):
    cases = [
        ((300.0, 308.5, 1379.0, 40.0, 0.0), "L", "heat-dissipation"),
        ((300.0, 308.5, 1380.0, 40.0, 0.0), "L", ""),
        ((300.0, 308.7, 1379.0, 40.0, 0.0), "L", ""),
        ((300.0, 310.0, 1500.0, 22.0, 0.0), "L", "power-low"),
        ((300.0, 310.0, 1500.0, 58.0, 0.0), "L", "power-high"),
        ((300.0, 310.0, 1500.0, 50.0, 221.0), "L", "overstrain-low-grade"),
        ((300.0, 310.0, 1500.0, 50.0, 221.0), "M", ""),
        ((300.0, 310.0, 1500.0, 50.0, 241.0), "M", "overstrain-medium-grade"),
        ((300.0, 310.0, 1500.0, 50.0, 261.0), "H", "overstrain-high-grade"),
    ]
    lines = [line(place, readings, grade=grade) for place, (readings, grade, _) in enumerate(cases)]
    states = read(written(tmp_path, lines))
    assert ai4i.fired(states, PLANT).tolist() == [bool(rule) for *_, rule in cases]
    for place, (*_, rule) in enumerate(cases):
        found = ai4i.proofs(states, place, PLANT)
        assert [conclusion.value.id for conclusion in found] == ([rule] if rule else [])
    (conclusion,) = ai4i.proofs(states, 3, PLANT)
    assert any("torque * speed = 3456 W (< 3500 W)" in piece.text for piece in conclusion.proof.evidence())


def test_the_threshold_is_the_one_of_the_best_f1():
    score = np.array([0.9, 0.8, 0.8, 0.4, 0.1])
    truth = np.array([True, True, False, False, False])
    assert 0.4 < best_threshold(score, truth) < 0.8
    assert best_threshold(score, np.zeros(5, dtype=bool)) == 1.0
    # among equal scores there is no threshold
    assert best_threshold(np.array([0.5, 0.5]), np.array([True, False])) <= 0.5


def test_the_shipped_bundle_tells_states_that_it_never_saw(tmp_path):
    """Rows drawn here, labelled by physics: the model was never told it, and comes near; nothing is left out."""
    folder = tmp_path / "ai4i"
    written(folder, plausible(1500))
    said: list[str] = []
    rows = run.evaluate([folder], say=said.append)
    table = {(row.system, row.metric): row for row in rows}
    systems = {system for system, _ in table}
    ours = next(system for system in systems if system.startswith("milling:"))
    assert systems == {ours, "rules", "boosting", "logistic", "majority"}
    assert {row.split for row in rows} == {"new"} and table[ours, "f1"].num_items == 1500
    assert table["rules", "f1"].value > 0.98
    assert table[ours, "f1"].value > 0.85 > table["logistic", "f1"].value
    assert table[ours, "auprc"].value > table["boosting", "auprc"].value
    assert table["majority", "f1"].value == 0 and table["majority", "accuracy"].value > 0.8
    assert "PWF" in said[-1]


def test_rows_of_training_are_scored_by_models_that_did_not_see_them(tmp_path):
    folder = tmp_path / "ai4i"
    written(folder, plausible(600, seed=3), name="ai4i2020_open.csv")
    recipe = tmp_path / "small.toml"
    text = (training.HERE / "recipes" / "milling.toml").read_text()
    text = text.replace("rounds = 100", "rounds = 10").replace("4095", "255").replace('"TWF", "HDF", ', "")
    recipe.write_text(text.replace('name = "milling"', 'name = "small"'))
    out = training.train_state(recipe, folder, tmp_path / "small")
    model = StateModel.open(str(out))
    rows = ai4i.evaluate([folder], bundle=str(out), say=lambda told: None)
    assert {row.split for row in rows} == {"open cross-fitted"}
    assert model.bundle.card["metrics"]["rows"] == [row.as_dict() for row in rows]
    states = read(folder / "ai4i2020_open.csv")
    ((_, answers),) = ai4i.answered(states, model, PLANT)
    fitted = model.probability(states.values, states.grade)
    assert not np.allclose(answers[model.name].probability, fitted)
    # beside new rows, those of training stand apart
    written(folder, [*plausible(600, seed=3), line(9000), line(9001, mode="TWF")], name="ai4i2020_open.csv")
    splits = {row.split: row.num_items for row in ai4i.evaluate([folder], bundle=str(out), say=lambda told: None)}
    assert splits == {"open": 2, "open cross-fitted": 600}


def test_a_bundle_of_another_kind_is_refused(tmp_path):
    with pytest.raises(BundleFormatError, match="no bundle of a state model"):
        StateModel.open("turbofan")
    model = StateModel.open("milling")
    with pytest.raises(UsageError, match="takes the 5 sensors"):
        model.by_mode(np.zeros((2, 4)), np.zeros(2))


def test_training_says_what_it_lacks(tmp_path):
    with pytest.raises(UsageError, match="no recipe"):
        training.load("mill")
    written(tmp_path / "calm", [line(1), line(2)])
    with pytest.raises(UsageError, match="nothing to tell apart"):
        training.train_state("milling", tmp_path / "calm", tmp_path / "out")
    written(tmp_path / "two", [line(1, mode="TWF")], name="a.csv")
    written(tmp_path / "two", [line(1, mode="TWF")], name="b.csv")
    with pytest.raises(UsageError, match="one is trained on"):
        training.train_state("milling", tmp_path / "two", tmp_path / "out")

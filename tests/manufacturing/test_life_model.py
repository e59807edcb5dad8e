"""The shipped life model on engines of our own making, through files as a plant would give them, and what it says of hostile bundles."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
from turbofan_cases import engine, write

from dsapp.core.bundle import CARD_FILE, Bundle, write_card
from dsapp.core.errors import BundleFormatError
from dsapp.manufacturing import out_of_fold
from dsapp.manufacturing.evaluation.cmapss_files import SENSORS, SETTINGS, read_engines
from dsapp.manufacturing.life import BUNDLES, LifeModel, survival
from dsapp.manufacturing.life_bins import BIN, CAP, NUM_BINS
from dsapp.manufacturing.plant import load
from dsapp.manufacturing.train.life import PLANTS


@pytest.fixture(scope="module")
def model():
    return LifeModel.open("turbofan", "torch-fp32")


@pytest.fixture(scope="module")
def record(tmp_path_factory):
    path = write(tmp_path_factory.mktemp("engine") / "train_FD001.txt", [engine(1, 200)])
    return read_engines(path, "FD001", failed=True)[0]


def test_life_shortens_towards_failure_and_the_interval_with_it(model, record):
    found = model.predict(model.table(record, [40, 120, 170, 195]))
    assert (np.diff(found.level) < 0).all()
    assert found.level[0] > 90 and found.level[-1] < 25
    assert (found.low <= found.level).all() and (found.level <= found.high).all()
    assert found.high[-1] - found.low[-1] < found.high[1] - found.low[1]
    assert (found.high <= CAP).all() and (found.low >= 0).all()


def test_forecasts_say_where_they_are_capped(model, record):
    early, late = model.forecasts(model.predict(model.table(record, [40, 195])))
    assert early.capped and early.high == CAP and early.unit == "cycles"
    assert not late.capped


def test_a_row_knows_nothing_of_later_rows(model, record, tmp_path):
    cut = read_engines(write(tmp_path / "test_FD001.txt", [engine(1, 200, 150)]), "FD001", failed=False)[0]
    whole, part = model.predict(model.table(record, [149])), model.predict(model.table(cut))
    assert whole.level[0] == pytest.approx(part.level[0], abs=1e-4)


def test_survival_falls_from_one_and_follows_the_clock(model, record):
    prediction = model.predict(model.table(record, [60, 190]))
    slow, fast = model.survivals(prediction, 1.0), model.survivals(prediction, 4.0)
    for life in slow:
        assert life.days[0] == 0 and life.alive[0] == 1
        assert (np.diff(life.days) > 0).all() and (np.diff(life.alive) <= 0).all()
    assert slow[0].at(30) > 0.95 > slow[1].at(30)
    assert fast[1].at(5) == pytest.approx(slow[1].at(20), abs=1e-6)


def test_the_survival_of_one_bin_falls_within_it():
    shares = np.zeros(NUM_BINS)
    shares[5] = 1
    life = survival(shares, 50.0, 1.0)
    assert life.at(5 * BIN) == 1 and life.at(6 * BIN) == 0 and life.at(1000) < 1e-9


def test_an_outlook_rests_on_the_model(model, record):
    (outlook,) = model.outlooks(record, 1.0)
    assert outlook.basis == "model" and outlook.component == "" and outlook.life is not None
    assert outlook.risks[168.0] == pytest.approx(outlook.score) and outlook.score > 0.5
    (early,) = model.outlooks(record, 1.0, at=50)
    assert early.score < 0.05 and early.as_of == record.times[50]


def test_baselines_stand_in_the_bundle(model, record):
    table = model.table(record, [40, 195])
    found = {name: model.baseline(name, table) for name in ("boosting", "linear", "age", "majority")}
    assert all(((values >= 0) & (values <= CAP)).all() for values in found.values())
    assert found["majority"][0] == found["majority"][1]
    assert all(found[name][0] > found[name][1] for name in ("boosting", "linear", "age"))


def test_files_of_a_plant_give_what_the_benchmark_files_give(model, record, tmp_path):
    from dsapp.manufacturing.quality import check
    from dsapp.manufacturing.reading import stage

    plant = load(PLANTS / "turbofan.toml")
    assert model.misfits(plant) == ()
    (tmp_path / "in").mkdir()
    header = ",".join(("unit", "cycle", *SETTINGS, *SENSORS))
    lines = [header, *(",".join(f"{value:.4f}" for value in row) for row in engine(1, 200))]
    (tmp_path / "in" / "fleet.csv").write_text("\n".join(line.replace("1.0000,", "1,", 1) for line in lines) + "\n")
    staged = stage(plant, [tmp_path / "in"], tmp_path / "store", now=4_000_000_000_000_000)
    assert not staged.refusals
    (machine,) = staged.machines()
    own = check(staged.history(machine.name), plant)
    rows = [60, 150, 199]
    mine, theirs = model.predict(model.table(own, rows)), model.predict(model.table(record, rows))
    np.testing.assert_allclose(mine.level, theirs.level, atol=1.0)


def test_another_plant_is_refused(model):
    plant = load(PLANTS / "turbofan.toml")
    other = plant.model_copy(update={"asset_class": "pump", "sensors": plant.sensors[:5]})
    told = " ".join(model.misfits(other))
    assert "pump" in told and "'T50'" in told


def changed(folder, change):
    shutil.copytree(BUNDLES / "turbofan", folder)
    config = json.loads((folder / "bundle.json").read_text())
    change(config)
    (folder / "bundle.json").write_text(json.dumps(config))
    card = json.loads((folder / CARD_FILE).read_text())
    write_card(folder, {key: value for key, value in card.items() if key != "files"})
    return folder


@pytest.mark.parametrize(
    "change",
    [
        lambda config: config.pop("life"),
        lambda config: config["life"].update(blend=1.5),
        lambda config: config["life"].update(temperature=0),
        lambda config: config["life"].update(bins=51),
        lambda config: config["life"].update(below="wide"),
        lambda config: config["features"].update(statistics=["median"]),
        lambda config: config["parts"][0]["config"].update(features=["x|mean|5"]),
        lambda config: config["parts"].pop(1),
    ],
)
def test_a_bundle_of_another_form_is_refused(tmp_path, change):
    with pytest.raises(BundleFormatError):
        LifeModel.open(str(changed(tmp_path / "bundle", change)), "torch-fp32")


def test_out_of_fold_lives_are_found_by_readings(model):
    kept = out_of_fold.read(model.bundle)
    assert kept is not None and len(kept.places) == 709
    digest = model.bundle.card["trained_on"][0]
    rows, lives = kept.of(digest)
    assert rows[1] - rows[0] == kept.step and len(rows) == len(lives)
    assert lives[-1][kept.levels.index(0.5)] < 15 < lives[0][kept.levels.index(0.5)]
    same, survivals = kept.survivals(digest, 1.0)
    assert np.array_equal(rows, same)
    assert survivals[0].at(20) > survivals[-1].at(20)
    assert kept.of("unknown") is None and kept.survivals("unknown", 1.0) is None


def test_broken_out_of_fold_lives_are_refused(tmp_path):
    folder = tmp_path / "bundle"
    shutil.copytree(BUNDLES / "turbofan", folder)
    path = folder / "folds" / "machines.json"
    content = json.loads(path.read_text())
    content["machines"].pop()
    path.write_text(json.dumps(content))
    card = json.loads((folder / CARD_FILE).read_text())
    write_card(folder, {key: value for key, value in card.items() if key != "files"})
    with pytest.raises(BundleFormatError, match="out-of-fold"):
        out_of_fold.read(Bundle.open(folder))

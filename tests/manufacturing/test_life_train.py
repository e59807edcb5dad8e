"""Training a life model: folds and weights, and a whole small training whose bundle opens and scores."""

from __future__ import annotations

import numpy as np
import pytest
from turbofan_cases import engine, folder, write

from dsapp.core.bundle import Bundle
from dsapp.core.errors import ConfigError, UsageError
from dsapp.manufacturing.features.table import FeatureTable
from dsapp.manufacturing.train.life import load, train_life
from dsapp.manufacturing.train.life_folds import cut_rmse, folds_of, make_rows, overall
from dsapp.manufacturing.train.recipe_file import RECIPES

SMALL = """
[trees]
rounds = 20
num_leaves = 7
min_data_in_leaf = 20
[network]
members = 2
width = 16
layers = 1
steps = 100
rate = 0.01
rows = 256
"""


def test_folds_are_even_within_each_set():
    names = [f"FD00{which}-{unit}" for which in (1, 4) for unit in range(23)]
    fold = folds_of(names, 5, 0)
    for which in (slice(0, 23), slice(23, 46)):
        counts = np.bincount(fold[which], minlength=5)
        assert counts.max() - counts.min() <= 1
    assert (fold == folds_of(names, 5, 0)).all() and (fold != folds_of(names, 5, 1)).any()


def test_each_engine_weighs_the_same_however_long_it_ran():
    at = np.concatenate([np.arange(200), np.arange(400)])
    machines = np.array(["FD001-1"] * 200 + ["FD002-7"] * 400, dtype=object)
    table = FeatureTable((), np.zeros((600, 0), np.float32), machines, at, at, at.astype(float))
    rows = make_rows(table, {"FD001-1": 199, "FD002-7": 399}, {"FD002": 185.0}, num_folds=2, seed=0)
    assert rows.life[0] == 199 and rows.life[199] == 0 and rows.life[-1] == 0
    for name, most in (("FD001", 150), ("FD002", 185)):
        own = rows.group == name
        assert rows.cut[own].sum() == pytest.approx(1)
        assert rows.life[own & (rows.cut > 0)].max() == most and rows.life[own & (rows.cut > 0)].min() == 5
    # always 10 cycles too high, where neither is at the cap
    low = np.minimum(rows.life, 115) + 10
    assert 8 < cut_rmse(rows, low)["FD001"] <= 10
    assert overall({"a": 3.0, "b": 4.0}) == pytest.approx((12.5) ** 0.5)


def test_the_shipped_recipe_is_the_one_of_the_bundle():
    recipe = load("turbofan")
    card = Bundle.open(RECIPES.parent / "bundles" / "turbofan").card
    assert card["recipe"] == recipe.model_dump(mode="json")
    assert recipe.settings().network.drop == 0.3


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("seed = 0", "seed = 0\nspeed = 3"), "speed"),
        (("num_folds = 5", "num_folds = 1"), "num_folds"),
        (("rounds = 400", "rounds = 0"), "rounds"),
    ],
)
def test_a_wrong_recipe_is_told_by_its_key(tmp_path, change, told):
    path = tmp_path / "mine.toml"
    path.write_text((RECIPES / "turbofan.toml").read_text().replace(*change))
    with pytest.raises(ConfigError, match=told):
        load(path)


def test_an_unknown_recipe_is_told():
    with pytest.raises(UsageError, match="no recipe 'engine'"):
        load("engine")


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    place = tmp_path_factory.mktemp("train")
    data = folder(place / "data", num=4)
    write(data / "train_FD001.txt", [engine(unit, 130 + 12 * unit, seed=2) for unit in range(1, 25)])
    shipped = (RECIPES / "turbofan.toml").read_text()
    recipe = place / "small.toml"
    recipe.write_text(shipped[: shipped.index("[trees]")].replace("num_folds = 5", "num_folds = 2") + SMALL)
    said: list[str] = []
    return train_life(recipe, data, place / "bundle", say=said.append), said, data


@pytest.mark.slow
def test_a_small_training_gives_a_bundle_that_scores(trained):
    path, said, _ = trained
    card = Bundle.open(path).card
    rows = {(row["system"], row["metric"]): row["value"] for row in card["metrics"]["rows"]}
    ours = next(system for system, _ in rows if ":" in system)
    assert rows[ours, "rmse"] < rows["majority", "rmse"]
    assert 0 <= rows[ours, "coverage_90"] <= 1
    assert set(card["cross_validation"]["rmse"]) == {"trees", "network", "joined"}
    assert len(card["trained_on"]) == 24
    assert any(line.startswith("network: step 100 of 100") for line in said)


def test_an_output_that_is_no_bundle_is_not_replaced(tmp_path):
    from dsapp.manufacturing.train.life_bundle import assemble

    (tmp_path / "precious.txt").write_text("mine")
    with pytest.raises(UsageError, match="holds no bundle"):
        assemble(None, [], tmp_path, {}, {})  # pyright: ignore[reportArgumentType]
    assert (tmp_path / "precious.txt").read_text() == "mine"


def test_a_folder_without_training_files_is_told(tmp_path):
    with pytest.raises(UsageError, match="no training file"):
        train_life("turbofan", folder(tmp_path / "data"), tmp_path / "out")

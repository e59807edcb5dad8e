"""Boosted trees answer as LightGBM itself does, one row or many, and no stranger's file of trees reaches the library unchecked."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsapp.core.backends import registry
from dsapp.core.backends.trees import TreesProgram
from dsapp.core.backends.trees_text import read_file, read_model, safe_name
from dsapp.core.bundle import Bundle, write_card
from dsapp.core.errors import BundleFormatError, UsageError
from dsapp.core.runtime import Runtime
from dsapp.core.train.trees import fit_trees, save

NAMES = ("vibration|mean|24", "log:E 7|count_24h|0", "Öl {bar}|std|6", 'quote"[x]|last|1')
RNG = np.random.default_rng(0)
X = RNG.normal(size=(400, 4)).astype(np.float32)
X[::7, 1] = np.nan
Y = X[:, 0] + np.nan_to_num(X[:, 1]) ** 2 + RNG.normal(scale=0.1, size=400)
SMALL = {"num_leaves": 7, "feature_fraction": 0.8}


def fitted(seed: int = 0, **params: Any) -> str:
    return fit_trees(X, Y, params={**SMALL, **params}, names=NAMES, rounds=12, seed=seed)


TEXT = fitted()


def opened(folder: Path, columns: list[list[str]], **config: Any) -> TreesProgram:
    return TreesProgram(folder, save(columns, folder, **config), threads=1)


def test_answers_are_those_of_lightgbm(tmp_path):
    program = opened(tmp_path, [[TEXT]])
    assert program.features == NAMES
    plain = lightgbm.train(
        {
            "objective": "regression",
            "learning_rate": 0.05,
            "min_data_in_leaf": 50,
            "bagging_fraction": 0.8,
            "bagging_freq": 1,
            "lambda_l2": 1.0,
            "seed": 0,
            "verbosity": -1,
            "num_threads": 2,
            **SMALL,
            "deterministic": True,
            "force_row_wise": True,
        },
        lightgbm.Dataset(X, Y),
        12,
    )
    assert np.array_equal(program({"x": X})["y"], np.asarray(plain.predict(X)).astype(np.float32))
    assert np.corrcoef(program({"x": X})["y"], Y)[0, 1] > 0.8


def test_a_batch_answers_as_each_row_alone_and_blocks_come_back_as_blocks(tmp_path):
    program = opened(tmp_path, [[TEXT, fitted(1)]])
    together = program({"x": X})["y"]
    assert np.array_equal(program([{"x": row} for row in X])["y"], together)
    assert np.array_equal(np.concatenate([program([{"x": row}])["y"] for row in X[:20]]), together[:20])
    mixed = program([{"x": X[:3]}, {"x": X[3]}, {"x": X[4:4]}])["y"]
    assert np.array_equal(mixed[0], together[:3]) and mixed[1] == together[3] and mixed[2].shape == (0,)
    assert program([])["y"].shape == (0,)


def test_an_ensemble_is_the_mean_of_its_members_and_columns_stand_beside_each_other(tmp_path):
    low, other = fitted(1, objective="quantile", alpha=0.1), fitted(2)
    first, second, third = (
        opened(tmp_path / name, [[text]])({"x": X})["y"] for name, text in zip("abc", (TEXT, other, low), strict=True)
    )
    both = opened(tmp_path / "d", [[TEXT, other], [low]])({"x": X})["y"]
    assert both.shape == (400, 2)
    assert np.allclose(both[:, 0], (first + second) / 2, atol=1e-6) and np.array_equal(both[:, 1], third)


def test_contributions_and_their_base_sum_to_the_raw_score(tmp_path):
    text = fit_trees(X, Y > 1, params={**SMALL, "objective": "binary"}, names=NAMES, rounds=12)
    shares = opened(tmp_path, [[text]], output="contributions")({"x": X})["contributions"]
    raw = opened(tmp_path, [[text]], raw_score=True)({"x": X})["y"]
    probability = opened(tmp_path, [[text]])({"x": X})["y"]
    assert shares.shape == (400, 5)
    assert np.allclose(shares.sum(axis=1), raw, atol=1e-5)
    assert np.allclose(1 / (1 + np.exp(-raw)), probability, atol=1e-6)


def test_two_fits_are_equal_and_early_stopping_keeps_fewer_trees():
    assert fitted() == TEXT
    assert fitted(seed=1) != TEXT
    noise = RNG.normal(size=400)
    stopped = fit_trees(
        X, noise, params=SMALL, names=NAMES, rounds=200, valid=(X[::-1], RNG.normal(size=400)), patience=5
    )
    assert read_model(stopped, "it").num_trees < 100


def test_a_bundle_of_trees_runs_in_the_runtime(tmp_path):
    config = save([[TEXT]], tmp_path / "life")
    parts = [
        {"name": "life", "backend": "trees", "folder": "life", "config": config},
        {"name": "reasons", "backend": "trees", "folder": "life", "config": {**config, "output": "contributions"}},
    ]
    (tmp_path / "bundle.json").write_text(json.dumps({"format": 1, "name": "toy", "version": "1", "parts": parts}))
    write_card(tmp_path, {})
    with Runtime.open(Bundle.open(tmp_path), "torch-fp32", threads=1) as runtime:
        rows = list(runtime.run("life", [{"x": row} for row in X], cost=lambda item: 1))
        blocks = list(runtime.run("life", [{"x": X[:300]}, {"x": X[300:]}], cost=lambda item: len(item["x"])))
        shares = list(runtime.run("reasons", [{"x": X[0]}], cost=lambda item: 1))
        with pytest.raises(UsageError, match="4 features"):
            list(runtime.run("life", [{"x": X[0, :3]}], cost=lambda item: 1))
    assert np.array_equal([row["y"] for row in rows], np.concatenate([block["y"] for block in blocks]))
    assert shares[0]["contributions"].shape == (5,)
    assert registry.get("trees").versions()["lightgbm"] == lightgbm.__version__


def changed(pattern: str, into: str) -> str:
    text, count = re.subn(pattern, into, TEXT, count=1, flags=re.M)
    assert count
    return text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not a model at all",
        TEXT[: len(TEXT) // 2],
        TEXT.replace("end of trees", ""),
        changed(r"^max_feature_idx=3", "max_feature_idx=30"),
        changed(r"^num_class=1", "num_class=3"),
        changed(r"^objective=.*", "objective=whatever"),
        changed(r"^split_feature=\d+", "split_feature=4"),
        changed(r"^split_feature=\d+", "split_feature=-1"),
        changed(r"^left_child=-?\d+", "left_child=999999"),
        changed(r"^left_child=-?\d+", "left_child=0"),
        changed(r"^threshold=\S+", "threshold=nan"),
        changed(r"^threshold=\S+", "threshold=1e999"),
        changed(r"^leaf_value=\S+ ", "leaf_value="),
        changed(r"^leaf_value=\S+", "leaf_value=inf"),
        changed(r"^decision_type=\d+", "decision_type=1"),
        changed(r"^num_cat=0", "num_cat=1"),
        changed(r"^num_leaves=\d+", "num_leaves=99999999"),
        changed(r"^leaf_count=\d+", "leaf_count=0"),
        changed(r"^is_linear=0", "is_linear=1"),
        changed(r"^Tree=1$", "Tree=7"),
        changed(r"^feature_names=\S+", "feature_names=a:b"),
        changed(r"^version=v4", "version=v4\nforcedsplits_filename=/etc/passwd"),
        changed(r"^version=v4", "version=v9"),
        changed(r"^shrinkage=1", "shrinkage=\u0661"),
    ],
)
def test_a_hostile_file_is_refused(tmp_path, text):
    (tmp_path / "trees.txt").write_text(text, encoding="utf-8")
    with pytest.raises(BundleFormatError):
        TreesProgram(tmp_path, {"columns": [["trees.txt"]]}, 1)


def test_a_giant_file_is_refused_before_it_is_read(tmp_path):
    with open(tmp_path / "trees.txt", "wb") as stream:
        stream.truncate(1 << 30)
    with pytest.raises(BundleFormatError, match="MiB"):
        read_file(tmp_path / "trees.txt")


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(TEXT) - 1), st.sampled_from(" =-0179.\ne"))
def test_one_wrong_character_never_crashes(place, character):
    text = TEXT[:place] + character + TEXT[place + 1 :]
    try:
        read = read_model(text, "it")
    except BundleFormatError:
        return
    booster = lightgbm.Booster(model_str=read.text)
    assert np.asarray(booster.predict(X[:3], num_threads=1)).shape == (3,)


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"columns": []},
        {"columns": [["../trees-0-0.txt"]]},
        {"columns": [["absent.txt"]]},
        {"columns": [["trees-0-0.txt"]], "features": 7},
        {"columns": [["trees-0-0.txt"]], "features": ["a", "b", "c", "d"]},
        {"columns": [["trees-0-0.txt"]], "output": "shell"},
        {"columns": [["trees-0-0.txt"]], "output": "contributions", "column": 1},
        {"columns": [["trees-0-0.txt"]], "raw_score": "yes"},
    ],
)
def test_a_config_that_does_not_fit_is_refused(tmp_path, config):
    save([[TEXT]], tmp_path)
    with pytest.raises(BundleFormatError):
        TreesProgram(tmp_path, config, 1)


def test_rows_and_names_that_do_not_fit_are_refused():
    with pytest.raises(UsageError, match="unlike names"):
        fit_trees(X, Y, names=NAMES[:3])
    with pytest.raises(UsageError, match="finite"):
        fit_trees(X, np.where(Y > 0, np.inf, Y), names=NAMES)
    with pytest.raises(UsageError, match="cannot be fitted"):
        fit_trees(X, Y, params={"objective": "tweedie", "tweedie_variance_power": 9}, names=NAMES)
    with pytest.raises(UsageError, match="at least one model"):
        save([[]], Path("unused"))


@given(st.lists(st.text(min_size=1, max_size=12), min_size=1, max_size=5, unique=True))
def test_any_name_survives(names):
    from urllib.parse import unquote

    assert [unquote(safe_name(name)) for name in names if name.isprintable()] == [n for n in names if n.isprintable()]
    assert all(
        safe_name(name).isascii() and not set('",:[]{} \n') & set(safe_name(name))
        for name in names
        if name.isprintable()
    )


def test_a_split_of_known_from_missing_values_is_kept(tmp_path):
    generator = np.random.default_rng(0)
    x = generator.normal(size=(500, 2)).astype(np.float32)
    x[generator.uniform(size=x.shape) < 0.5] = np.nan
    text = fit_trees(x, np.isnan(x[:, 0]).astype(float), names=["a", "b"], rounds=2, params={"num_leaves": 4})
    assert "threshold=inf" in text

"""Rows, intervals and calibration error: against values worked out by hand or known from theory."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsapp.core.evaluation import Row, bootstrap, expected_calibration_error


def row(**changes: object) -> Row:
    fields = {
        "set": "cuad", "split": "test", "task": "presence", "system": "contracts:int8", "metric": "accuracy",
        "value": 0.9, "low": 0.88, "high": 0.92, "num_items": 100, "num_groups": 10,
    }  # fmt: skip
    return Row(**{**fields, **changes})  # type: ignore[arg-type]


def test_a_row_is_the_json_that_readers_know() -> None:
    assert list(row().as_dict()) == [
        "set", "split", "task", "system", "metric", "value", "low", "high", "num_items", "num_groups",
    ]  # fmt: skip
    assert row(system="majority").system == "majority"


@pytest.mark.parametrize(
    "wrong", [{"metric": "acuracy"}, {"task": "nli"}, {"set": "mine"}, {"system": "ours"}, {"system": ""}]
)
def test_names_outside_the_list_are_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"listed|neither"):
        row(**wrong)


def test_the_interval_of_a_mean_is_the_one_of_theory() -> None:
    values = np.random.default_rng(1).normal(5, 2, 400)
    low, high = bootstrap(lambda chosen: float(values[chosen].mean()), range(400))
    half = 1.96 * values.std() / 20
    assert low == pytest.approx(values.mean() - half, abs=0.04)
    assert high == pytest.approx(values.mean() + half, abs=0.04)


def test_groups_are_drawn_whole() -> None:
    groups = ["a", "b", "a", "c", "b", "a"]
    seen = set()

    def metric(chosen: np.ndarray) -> float:
        counts = {name: sum(groups[index] == name for index in chosen) for name in "abc"}
        seen.add(tuple(counts.values()))
        assert counts["a"] % 3 == 0 and counts["b"] % 2 == 0
        assert counts["a"] // 3 + counts["b"] // 2 + counts["c"] == 3
        return 0.0

    bootstrap(metric, groups, num_resamples=200)
    assert len(seen) > 5


def test_resampling_groups_is_wider_than_resampling_items() -> None:
    generator = np.random.default_rng(2)
    groups = np.repeat(np.arange(20), 30)
    values = np.repeat(generator.normal(0, 1, 20), 30) + generator.normal(0, 0.1, 600)

    def mean(chosen: np.ndarray) -> float:
        return float(values[chosen].mean())

    by_group, by_item = bootstrap(mean, groups), bootstrap(mean, range(600))
    assert by_group[1] - by_group[0] > 3 * (by_item[1] - by_item[0])


def test_the_same_seed_gives_the_same_interval_and_nan_is_left_out() -> None:
    values = np.arange(10.0)

    def sometimes(chosen: np.ndarray) -> float:
        return float("nan") if 0 in chosen else float(values[chosen].mean())

    first = bootstrap(sometimes, range(10), seed=3)
    assert first == bootstrap(sometimes, range(10), seed=3)
    assert first != bootstrap(sometimes, range(10), seed=4)
    assert np.isfinite(first).all()


def test_calibration_error_by_hand() -> None:
    probabilities, outcomes = np.array([0.2, 0.2, 0.8, 0.8]), np.array([0, 0, 1, 0])
    assert expected_calibration_error(probabilities, outcomes, num_bins=2) == pytest.approx(0.5 * 0.2 + 0.5 * 0.3)
    assert expected_calibration_error(np.array([1.0, 0.0]), np.array([1, 0])) == 0
    assert expected_calibration_error(np.array([1.0, 1.0]), np.array([0, 0])) == 1
    assert np.isnan(expected_calibration_error(np.array([]), np.array([])))


def test_a_calibrated_model_has_almost_none_and_a_bold_one_much() -> None:
    generator = np.random.default_rng(0)
    truth = generator.uniform(0, 1, 20_000)
    outcomes = generator.uniform(0, 1, 20_000) < truth
    assert expected_calibration_error(truth, outcomes) < 0.02
    assert expected_calibration_error(np.round(truth), outcomes) > 0.2


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=60))
def test_calibration_error_is_a_fraction(pairs: list[tuple[float, bool]]) -> None:
    probabilities, outcomes = (np.array(side, float) for side in zip(*pairs, strict=True))
    assert 0 <= expected_calibration_error(probabilities, outcomes) <= 1

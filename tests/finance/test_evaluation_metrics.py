"""The arithmetic of the evaluation against slow, plain versions of itself and scikit-learn's."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, f1_score

from dsapp.core.evaluation import bootstrap
from dsapp.finance.evaluation import metrics
from dsapp.finance.evaluation.cuad import jaccard


@pytest.fixture
def random() -> np.random.Generator:
    return np.random.default_rng(5)


def test_decisions_are_what_scikit_learn_says(random: np.random.Generator) -> None:
    truth = random.random((60, 8)) < 0.3
    found = truth ^ (random.random((60, 8)) < 0.2)
    got = metrics.decisions(found, truth)
    assert got["accuracy"].value == pytest.approx((found == truth).mean())
    assert got["micro_f1"].value == pytest.approx(f1_score(truth, found, average="micro"))
    assert got["macro_f1"].value == pytest.approx(f1_score(truth, found, average="macro"))
    assert all(value.low < value.value < value.high for value in got.values())


def test_macro_f1_leaves_out_categories_that_the_truth_lacks() -> None:
    truth = np.array([[True, False], [True, False]])
    found = np.array([[True, True], [True, False]])
    assert metrics.decisions(found, truth)["macro_f1"].value == 1.0


def test_the_fast_interval_is_that_of_the_slow_bootstrap(random: np.random.Generator) -> None:
    truth = random.random((80, 5)) < 0.4
    found = truth ^ (random.random((80, 5)) < 0.25)
    fast = metrics.decisions(found, truth)["micro_f1"]
    slow = bootstrap(lambda index: f1_score(truth[index], found[index], average="micro"), range(80))
    assert (fast.low, fast.high) == pytest.approx(slow, abs=0.015)


def test_rankings_are_exact_and_their_intervals_hold_them(random: np.random.Generator) -> None:
    group = np.repeat(np.arange(40), 30)
    truth = random.random((1200, 4)) < 0.1
    scores = truth * 0.5 + random.random((1200, 4))
    got = metrics.rankings(scores, truth, group)
    expected = np.mean([average_precision_score(truth[:, k], scores[:, k]) for k in range(4)])
    assert got["mean_ap"].value == pytest.approx(expected)
    assert got["mean_ap"].low < expected < got["mean_ap"].high
    slow = bootstrap(
        lambda index: np.mean([average_precision_score(truth[index, k], scores[index, k]) for k in range(4)]),
        group,
        num_resamples=150,
    )
    assert (got["mean_ap"].low, got["mean_ap"].high) == pytest.approx(slow, abs=0.04)


def test_ties_are_one_step() -> None:
    truth = np.array([[True], [False], [False], [False]])
    got = metrics.rankings(np.zeros((4, 1)), truth, np.arange(4))
    assert got["mean_ap"].value == pytest.approx(0.25)


def test_precision_at_eighty_percent_recall() -> None:
    truth = np.array([1, 1, 0, 1, 1, 0, 1], dtype=bool).reshape(-1, 1)
    scores = np.arange(7, 0, -1, dtype=float).reshape(-1, 1)
    assert metrics.rankings(scores, truth, np.arange(7))["p_at_80r"].value == pytest.approx(4 / 5)


def test_pooled_ranking_counts_spans_that_are_never_found() -> None:
    right, wrong = np.zeros((2, 4)), np.zeros((2, 4))
    right[0, 0] = 1
    wrong[1, 1] = 1
    got = metrics.pooled_ranking(right, wrong, np.array([1.0, 1.0]))
    assert got["aupr"].value == pytest.approx(0.5)
    assert got["p_at_80r"].value == 0.0


def test_nothing_to_rank_is_no_number() -> None:
    got = metrics.rankings(np.zeros((3, 2)), np.zeros((3, 2), dtype=bool), np.arange(3))
    assert np.isnan(got["mean_ap"].value)


def test_shares_are_resampled_by_group() -> None:
    right = np.repeat([True, False] * 10, 50)
    by_item = metrics.share_right(right, list(range(1000)))
    by_group = metrics.share_right(right, np.repeat(np.arange(20), 50).tolist())
    assert by_item.value == by_group.value == 0.5
    assert by_group.high - by_group.low > 3 * (by_item.high - by_item.low)


def test_jaccard_of_stretches() -> None:
    assert jaccard((0, 10), (0, 10)) == 1
    assert jaccard((0, 10), (10, 20)) == 0
    assert jaccard((0, 10), (0, 20)) == 0.5

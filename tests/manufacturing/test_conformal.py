"""Conformal margins: the quantile by hand, coverage on machines never seen, and what too few machines can promise."""

from __future__ import annotations

import numpy as np
import pytest

from dsapp.core.errors import UsageError
from dsapp.manufacturing.conformal import Margins, fit_margins, group_quantile


def test_with_one_row_a_machine_it_is_the_usual_quantile():
    scores = np.arange(1.0, 20.0)  # 19 machines: the 90 % quantile is the ceil(20 * 0.9) = 18th
    assert group_quantile(scores, range(19), 0.9) == 18.0
    assert group_quantile(scores, range(19), 0.95) == 19.0


def test_too_few_machines_promise_nothing():
    assert group_quantile(np.arange(8.0), range(8), 0.9) == np.inf


def test_a_machine_counts_once_however_many_rows_it_has():
    scores = np.concatenate([np.full(1000, 50.0), np.arange(1.0, 20.0)])
    groups = ["long"] * 1000 + [f"m{place}" for place in range(19)]
    # 20 machines: the one with a thousand rows is the largest of them and weighs 1 / 21
    assert group_quantile(scores, groups, 0.9) == 19.0


def test_weights_share_a_machine_among_its_rows():
    scores = np.array([1.0, 9.0] * 20)
    groups = np.repeat(np.arange(20), 2)
    light, heavy = np.tile([1.0, 0.01], 20), np.tile([0.01, 1.0], 20)
    assert group_quantile(scores, groups, 0.8, light) == 1.0
    assert group_quantile(scores, groups, 0.8, heavy) == 9.0


@pytest.mark.parametrize(
    ("scores", "groups", "level", "weight"),
    [([], [], 0.9, None), ([1.0], [1], 1.0, None), ([1.0, 2.0], [1, 2], 0.9, [1.0, 0.0]), ([1.0], [1], 0.9, [-1.0])],
)
def test_what_cannot_be_is_refused(scores, groups, level, weight):
    with pytest.raises(UsageError):
        group_quantile(np.array(scores), groups, level, None if weight is None else np.array(weight))


def test_intervals_cover_new_machines_whose_rows_hang_together():
    generator = np.random.default_rng(3)
    covered = []
    for _ in range(200):
        machines = np.repeat(np.arange(80), 12)
        own = generator.standard_t(4, 80)[machines]  # an error that a machine keeps
        difficulty = generator.uniform(0.5, 2.0, len(machines))
        truth = 50 + difficulty * (own + 0.3 * generator.normal(size=len(machines)))
        margins = fit_margins(truth, np.full(len(truth), 50.0), difficulty, machines)
        fresh = generator.uniform(0.5, 2.0)
        new = 50 + fresh * (generator.standard_t(4) + 0.3 * generator.normal())
        low, high = margins.interval(np.array([50.0]), np.array([fresh]))
        covered.append(low[0] <= new <= high[0])
    # 200 draws of a 90 % interval: 95 % of such means lie in 0.855 to 0.94
    assert 0.84 <= np.mean(covered) <= 0.97


def test_rows_taken_for_machines_would_cover_too_little_where_each_misses_its_own_way():
    generator = np.random.default_rng(4)
    machines = np.concatenate([np.repeat(np.arange(30), 2), np.repeat(np.arange(30, 33), 400)])
    wide = machines < 30
    truth = np.where(wide, generator.normal(0, 10, len(machines)), generator.normal(0, 0.1, len(machines)))
    ones = np.ones(len(machines))
    by_machine = fit_margins(truth, 0 * truth, ones, machines)
    by_row = fit_margins(truth, 0 * truth, ones, np.arange(len(machines)))
    assert by_machine.above > 5 * by_row.above


def test_a_life_is_never_below_zero():
    low, high = Margins(2.0, 1.0, 0.9).interval(np.array([3.0]), np.array([5.0]))
    assert (low[0], high[0]) == (0.0, 8.0)


def test_a_difficulty_must_be_above_zero():
    with pytest.raises(UsageError, match="difficulty"):
        fit_margins(np.ones(3), np.ones(3), np.array([1.0, 0.0, 1.0]), range(3))

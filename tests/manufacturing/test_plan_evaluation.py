"""Policies on known lives: hand-made cases whose cost can be counted on fingers, and lives drawn from a law."""

from __future__ import annotations

import numpy as np
import pytest
from plan_cases import weibull

from dsapp.core.errors import UsageError
from dsapp.manufacturing.age import Weibull
from dsapp.manufacturing.evaluation.policies import LifeTrace, cross_fitted, outcomes, policy_rows, soon, stop_at
from dsapp.manufacturing.outlook import Survival

LAW = Weibull(3.0, 100.0, 50, 50)


def knowing(left: float) -> Survival:
    """A forecast that is sure of the life left to half a day."""
    left = max(left, 1.0)
    return Survival((0.0, left - 0.5, left + 0.5, left + 20), (1.0, 1.0, 0.001, 0.0))


def traces(count: int = 60, *, blind: bool = False, seed: int = 0) -> list[LifeTrace]:
    lives = np.ceil(100 * np.random.default_rng(seed).weibull(3.0, count)) + 2
    return [
        LifeTrace(
            f"m{number}",
            np.arange(1.0, end + 1),
            [
                weibull(3.0, 100.0, age=age, last=200.0) if blind else knowing(end - age)
                for age in np.arange(1.0, end + 1)
            ],
            float(end),
        )
        for number, end in enumerate(lives)
    ]


def test_a_forecast_that_knows_stops_just_before_the_failure() -> None:
    (life,) = traces(1)
    stop = stop_at(life, rate=0.02, ratio=5, delay=1.0, step=1.0)
    assert life.end - 4 <= stop < life.end


def test_a_machine_that_is_stopped_too_late_has_failed() -> None:
    (known,) = traces(1)
    hopeful = [knowing(known.end - time + 3.0) for time in known.times]
    life = LifeTrace(known.machine, known.times, hopeful, known.end)
    found = outcomes([life], {(life.machine, ""): LAW}, 5)
    assert found["ours"].failed[0] and found["ours"].cost[0] == 5.0


def test_costs_of_plain_policies_can_be_counted() -> None:
    lives = [LifeTrace("a", np.array([]), (), 30.0), LifeTrace("b", np.array([]), (), 200.0)]
    ages = {("a", ""): LAW, ("b", ""): LAW}
    found = outcomes(lives, ages, 5)
    assert found["run_to_failure"].cost.tolist() == [5.0, 5.0]
    assert found["run_to_failure"].hours.tolist() == [20.0, 20.0]
    assert found["foresight"].cost.tolist() == [1.0, 1.0]
    assert found["age"].cost.tolist() == [5.0, 1.0]
    assert found["age"].lived[0] == 30.0 and 40 < found["age"].lived[1] < 70
    assert found["ours"].cost.tolist() == [5.0, 5.0], "without a prediction nothing is stopped"


def test_a_censored_life_costs_nothing_after_its_end() -> None:
    lives = [LifeTrace("a", np.array([]), (), 30.0, failed=False), LifeTrace("b", np.array([]), (), 90.0, begin=80.0)]
    found = outcomes(lives, {("a", ""): LAW, ("b", ""): LAW}, 5)
    assert found["run_to_failure"].cost.tolist() == [0.0, 5.0]
    assert found["run_to_failure"].lived.tolist() == [30.0, 10.0]
    assert (found["age"].cost[1], found["age"].lived[1]) == (0.0, 0.0), "it would have been replaced before it was seen"


def test_rows_hold_every_metric_and_the_targets_for_a_forecast_that_knows() -> None:
    rows = policy_rows("cmapss", "FD001", traces(), system="turbofan:fp32")
    ours = {row.metric: row for row in rows if row.system == "turbofan:fp32"}
    assert set(ours) == {
        *(f"cost_ratio_k{ratio}" for ratio in (3, 5, 10)),
        *(f"cost_ratio_to_age_k{ratio}" for ratio in (3, 5, 10)),
        "downtime_ratio",
    }
    assert ours["cost_ratio_k3"].value == pytest.approx(1 / 3, rel=0.1)
    assert ours["cost_ratio_to_age_k5"].high < 1.0
    assert ours["downtime_ratio"].value == pytest.approx(0.2, rel=0.1)
    assert all(row.low <= row.value <= row.high and row.num_groups == 60 for row in rows)
    assert {row.system for row in rows} == {"turbofan:fp32", "age", "run_to_failure", "foresight"}
    never = [row.value for row in rows if row.system == "run_to_failure"]
    assert never == pytest.approx([1.0] * len(never))


def test_forecasts_that_know_only_the_age_do_as_age_replacement_does() -> None:
    lives = traces(120, blind=True)
    ages = {(life.machine, ""): LAW for life in lives}
    found = outcomes(lives, ages, 5)
    rate = {name: one.cost.sum() / one.lived.sum() for name, one in found.items()}
    assert rate["ours"] == pytest.approx(rate["age"], rel=0.06)
    assert rate["foresight"] < rate["ours"] < rate["run_to_failure"]


def test_the_life_of_a_machine_is_told_by_the_others() -> None:
    lives = traces(40)
    odd = [LifeTrace("odd", np.array([]), (), 100_000.0), *lives]
    ages = cross_fitted(odd)
    assert ages[("odd", "")].scale < 200
    assert max(found.scale for found in ages.values()) > 200


def test_without_failures_nothing_is_priced_and_too_few_are_refused() -> None:
    quiet = [LifeTrace(f"m{n}", np.array([]), (), 50.0, failed=False) for n in range(5)]
    assert policy_rows("cmapss", "FD001", quiet, system="a:b") == []
    with pytest.raises(UsageError, match="too few failures"):
        cross_fitted([*quiet, LifeTrace("x", np.array([]), (), 60.0)])
    assert cross_fitted(quiet, fallback=LAW)[("m0", "")] is LAW


def test_forecasts_read_together_say_what_each_says_alone() -> None:
    days = (0.0, 0.5, 1.0, 3.0, 9.0)
    draw = np.random.default_rng(0)
    forecasts = [Survival(days, (1.0, *np.sort(draw.random(4))[::-1].tolist())) for _ in range(7)]
    life = LifeTrace("a", np.arange(7.0), forecasts, 40.0)
    together = soon(life, 0.7, 1.4)
    for place, forecast in enumerate(forecasts):
        alone = soon(LifeTrace("a", np.array([0.0]), [forecast], 40.0), 0.7, 1.4)
        for which in (0, 1):
            assert together.alive[which][place] == pytest.approx(alone.alive[which][0])
            assert together.lived[which][place] == pytest.approx(alone.lived[which][0])
            assert together.alive[which][place] == pytest.approx(forecast.at((0.7, 2.1)[which]))

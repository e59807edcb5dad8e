"""What a day of waiting is worth: against simulation, against the best age, and at its edges."""

from __future__ import annotations

import numpy as np
import pytest
from plan_cases import weibull

from dsapp.manufacturing.age import Weibull, best_replacement
from dsapp.manufacturing.outlook import Survival
from dsapp.manufacturing.plan.value import after, alive_at, lived_by, mean_life, standing, value, value_later


def test_area_below_the_survival_is_the_life_expected_by_a_day() -> None:
    life = weibull(2.5, 40.0)
    drawn = 40.0 * np.random.default_rng(0).weibull(2.5, 200_000)
    for day in (3.0, 25.0, 60.0, 150.0):
        assert lived_by(life, [day])[0] == pytest.approx(np.minimum(drawn, day).mean(), rel=0.01)
    assert mean_life(life) == pytest.approx(drawn.mean(), rel=0.01)


def test_beyond_its_last_point_a_survival_goes_on_as_the_outlook_says() -> None:
    life = Survival((0.0, 5.0, 10.0), (1.0, 0.9, 0.7))
    days = [0.0, 2.0, 7.5, 10.0, 18.0, 40.0]
    assert alive_at(life, days) == pytest.approx([life.at(day) for day in days])
    fine = np.linspace(0, 40, 40_001)
    assert lived_by(life, [40.0])[0] == pytest.approx(np.trapezoid(alive_at(life, fine), fine), rel=1e-5)


def test_value_differs_between_days_as_the_cost_of_a_long_simulation_does() -> None:
    """Service a machine at day d, follow the best age from then on: the costs over a long time differ as V(d) says."""
    planned, failure, horizon = 1.0, 8.0, 3000.0
    new, now = weibull(3.0, 50.0), weibull(3.0, 50.0, age=25.0, last=120.0)
    best = standing(new, planned, failure)
    assert best.age is not None
    oldest = best.age
    count = 6000

    def total(day: float) -> np.ndarray:
        draws = np.random.default_rng(2)
        aged = 50.0 * (-np.log(draws.random(count)) + (25.0 / 50.0) ** 3) ** (1 / 3) - 25.0
        cost = np.where(aged <= day, failure, planned)
        clock = np.minimum(aged, day)
        while (clock < horizon).any():
            life = 50.0 * draws.weibull(3.0, count)
            end = np.minimum(life, oldest)
            inside = clock + end < horizon
            cost = cost + np.where(
                clock < horizon, np.where(inside, np.where(life <= oldest, failure, planned), 0.0), 0
            )
            clock = clock + end
        return cost

    means = {day: total(day).mean() for day in (5.0, 40.0)}
    expected = value(now, [5.0, 40.0], planned, failure, best.rate)
    assert means[40.0] - means[5.0] == pytest.approx(expected[1] - expected[0], abs=0.25)
    assert expected[1] - expected[0] > 1.0


def test_the_standing_policy_is_the_best_age() -> None:
    law = Weibull(3.0, 100.0, 50, 50)
    theirs = best_replacement(law, 1.0, 6.0)
    ours = standing(weibull(3.0, 100.0), 1.0, 6.0)
    assert ours.age == pytest.approx(theirs.age, rel=0.03)
    assert ours.rate == pytest.approx(theirs.rate, rel=0.01)
    assert standing(weibull(1.0, 100.0), 1.0, 6.0).age is None
    assert standing(weibull(3.0, 100.0), 1.0, 1.0).age is None


def test_servicing_a_new_component_at_the_best_age_is_worth_nothing() -> None:
    new = weibull(3.0, 100.0)
    best = standing(new, 1.0, 6.0)
    assert best.age is not None
    assert value(new, [best.age], 1.0, 6.0, best.rate)[0] == pytest.approx(0.0, abs=0.01)


def test_a_memoryless_component_is_best_left_to_fail() -> None:
    """Hazard 1/50, failure 5, worth of a day 5/50: no day of service is cheaper than never."""
    life = weibull(1.0, 50.0)
    rate = 5.0 / 50.0
    days = np.linspace(0, 60, 61)
    never = value_later(life, 30.0, 1.0, 5.0, rate)
    assert value(life, days, 1.0, 5.0, rate).min() > never
    assert never == pytest.approx(0.0, abs=0.02)


def test_a_survival_that_stops_falling_is_not_taken_to_last_for_ever() -> None:
    flat = Survival((0.0, 10.0, 20.0), (1.0, 0.8, 0.8))
    later = value_later(flat, 15.0, 1.0, 5.0, 0.05)
    assert np.isfinite(later)
    assert later >= value(flat, [20.0], 1.0, 5.0, 0.05)[0] - 1.0


def test_survival_after_some_days_is_conditional() -> None:
    life = weibull(3.0, 30.0)
    later = after(life, 12.0)
    for day in (0.0, 5.0, 25.0):
        assert later.at(day) == pytest.approx(life.at(12.0 + day) / life.at(12.0), abs=0.01)
    assert after(life, 0.0) is life
    assert after(life, 500.0).alive[0] == 1.0


def test_a_survival_without_day_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="day 0"):
        alive_at(Survival((1.0, 2.0), (1.0, 0.5)), [1.0])

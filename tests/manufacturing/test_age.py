"""The age model recovers what lives were drawn from, and says when replacing by age pays nothing."""

from __future__ import annotations

import numpy as np
import pytest

from dsapp.manufacturing.age import LifeSpan, Weibull, best_replacement, fit


def spans(shape: float, scale: float, count: int, censor: float, seed: int = 0) -> list[LifeSpan]:
    generator = np.random.default_rng(seed)
    life = scale * generator.weibull(shape, count)
    stop = generator.uniform(0.2 * censor, censor, count)
    return [
        LifeSpan(f"m{n}", 0.0, float(min(a, b)), bool(a <= b)) for n, (a, b) in enumerate(zip(life, stop, strict=True))
    ]


def test_censored_lives_give_back_the_law_they_were_drawn_from() -> None:
    found = fit(spans(2.5, 200, 2000, 300))
    assert found is not None
    assert found.shape == pytest.approx(2.5, rel=0.1)
    assert found.scale == pytest.approx(200, rel=0.05)


def test_censored_lives_are_not_taken_for_failures() -> None:
    drawn = spans(2.5, 200, 500, 150)
    as_failed = [LifeSpan(span.machine, span.begin, span.end, True) for span in drawn]
    right, wrong = fit(drawn), fit(as_failed)
    assert right is not None and wrong is not None
    assert right.scale > 1.3 * wrong.scale


def test_a_life_first_seen_when_old_says_nothing_of_its_youth() -> None:
    generator = np.random.default_rng(1)
    life = 200 * generator.weibull(3.0, 6000)
    old = [LifeSpan(str(n), 150.0, float(end), True) for n, end in enumerate(life) if end > 150]
    found = fit(old)
    assert found is not None
    assert found.scale == pytest.approx(200, rel=0.08)


def test_two_failures_are_too_few() -> None:
    few = [LifeSpan("a", 0, 10, True), LifeSpan("b", 0, 12, True), *(LifeSpan(f"c{n}", 0, 9, False) for n in range(50))]
    assert fit(few) is None


def test_wearing_parts_are_replaced_and_memoryless_ones_are_not() -> None:
    wearing = best_replacement(Weibull(3.0, 100.0, 50, 50), 1.0, 5.0)
    assert wearing.age is not None and 30 < wearing.age < 70
    assert wearing.rate < wearing.failure_rate
    assert best_replacement(Weibull(1.0, 100.0, 50, 50), 1.0, 5.0).age is None
    assert best_replacement(Weibull(3.0, 100.0, 50, 50), 1.0, 1.0).age is None


def test_the_best_age_agrees_with_a_simulation() -> None:
    life = Weibull(3.0, 100.0, 50, 50)
    best = best_replacement(life, 1.0, 8.0)
    assert best.age is not None
    drawn = 100 * np.random.default_rng(2).weibull(3.0, 400_000)

    def rate(age: float) -> float:
        failed = drawn <= age
        return float((np.where(failed, 8.0, 1.0)).sum() / np.minimum(drawn, age).sum())

    assert rate(best.age) == pytest.approx(best.rate, rel=0.02)
    assert rate(best.age) < min(rate(best.age * 0.8), rate(best.age * 1.25))


def test_survival_ahead_is_conditional_on_the_age() -> None:
    life = Weibull(3.0, 100.0, 50, 50)
    new, old = life.survival(0, 2.0, (0, 10, 20)), life.survival(90, 2.0, (0, 10, 20))
    assert new.alive[0] == old.alive[0] == 1.0
    assert old.at(10) < new.at(10)
    assert old.at(10) == pytest.approx(float(life.alive(110) / life.alive(90)))

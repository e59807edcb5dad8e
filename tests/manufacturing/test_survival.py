"""Person-period rows, survival, competing components, calibration, and what so many failures allow."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsapp.manufacturing import failure, survival
from dsapp.manufacturing.age import Weibull
from dsapp.manufacturing.calibration import Calibration
from dsapp.manufacturing.calibration import fit as fit_calibration
from dsapp.manufacturing.outlook import Survival

EDGES = (1.0, 2.0, 4.0, 8.0)


def expand(days: float, failed: bool) -> list[tuple[int, bool, float]]:
    made = survival.periods(np.array([days]), np.array([failed]), EDGES)
    return list(zip(made.stretch.tolist(), made.failed.tolist(), made.share.tolist(), strict=True))


def test_a_failure_ends_the_rows_and_a_censored_machine_stays_alive() -> None:
    assert expand(3.0, True) == [(0, False, 1.0), (1, False, 1.0), (2, True, 1.0)]
    assert expand(3.0, False) == [(0, False, 1.0), (1, False, 1.0), (2, False, 0.5)]
    assert expand(2.5, False) == [(0, False, 1.0), (1, False, 1.0)]
    assert expand(100.0, True) == [(0, False, 1.0), (1, False, 1.0), (2, False, 1.0), (3, False, 1.0)]


def test_the_product_of_hazards_from_the_rows_is_the_share_alive() -> None:
    generator = np.random.default_rng(0)
    life = 5 * generator.weibull(1.5, 20_000)
    stop = generator.uniform(0, 12, 20_000)
    made = survival.periods(np.minimum(life, stop), life <= stop, EDGES)
    hazards = [made.failed[made.stretch == n].sum() / made.share[made.stretch == n].sum() for n in range(len(EDGES))]
    found = survival.survival(np.array(hazards), EDGES)
    for day in EDGES:
        assert found.at(day) == pytest.approx(float((life > day).mean()), abs=0.03)


def test_prediction_rows_hold_each_machine_once_for_each_stretch() -> None:
    made = survival.ahead(np.array([[1.0, 2.0], [3.0, 4.0]], dtype=np.float32), 3)
    assert made.tolist() == [[1, 2, 0], [1, 2, 1], [1, 2, 2], [3, 4, 0], [3, 4, 1], [3, 4, 2]]


@given(st.lists(st.floats(0, 1), min_size=4, max_size=4))
def test_survival_never_rises_and_quantiles_never_fall(hazards: list[float]) -> None:
    found = survival.survival(np.array(hazards), EDGES)
    assert all(later <= earlier for earlier, later in zip(found.alive, found.alive[1:], strict=False))
    quantiles = [survival.quantile(found, share) for share in (0.05, 0.5, 0.95)]
    assert quantiles == sorted(quantiles)


def test_quantiles_beyond_the_grid_follow_the_last_hazard() -> None:
    steady = Survival((0.0, 10.0, 20.0), tuple(float(np.exp(-0.01 * day)) for day in (0, 10, 20)))
    assert survival.quantile(steady, 0.5) == pytest.approx(np.log(2) / 0.01, rel=1e-6)
    assert survival.quantile(Survival((0.0, 10.0, 20.0), (1.0, 1.0, 1.0)), 0.5) == float("inf")


def test_competing_components_share_the_machines_risk() -> None:
    quick, slow = Weibull(2, 20, 9, 9).survival(0, 1, range(31)), Weibull(2, 60, 9, 9).survival(0, 1, range(31))
    by = survival.incidence([quick, slow], [5.0, 30.0])
    machine = survival.join([quick, slow])
    assert by[0][1] + by[1][1] == pytest.approx(1 - machine.at(30), abs=1e-3)
    assert by[0][1] < 1 - quick.at(30), "some machines are stopped by the other component first"
    assert by[0][1] > by[1][1]


def test_calibration_undoes_overconfidence_and_keeps_the_order() -> None:
    generator = np.random.default_rng(3)
    truth = generator.uniform(0.02, 0.6, 20_000)
    outcome = generator.uniform(size=truth.size) < truth
    sure = 1 / (1 + np.exp(-3 * np.log(truth / (1 - truth))))
    fitted = fit_calibration(sure, outcome)
    assert np.abs(fitted(sure) - truth).mean() < 0.02
    assert (np.diff(fitted(np.sort(sure))) >= 0).all()


def test_one_outcome_alone_calibrates_nothing() -> None:
    assert fit_calibration(np.array([0.2, 0.4]), np.array([0, 0])) == Calibration()


def test_too_few_failures_give_a_ranking_and_no_probability() -> None:
    life = Survival((0.0, 10.0), (1.0, 0.5))
    assert failure.basis(19) == "ranking"
    assert set(failure.risks(life, "ranking").values()) == {None}
    assert failure.risks(life, failure.basis(20), (240.0,)) == {240.0: 0.5}

"""The metrics of C-MAPSS by hand, and the rows that an evaluation of the shipped bundle prints."""

from __future__ import annotations

from math import exp, sqrt

import numpy as np
import pytest
from turbofan_cases import engine, folder, write

from dsapp.core.errors import UsageError
from dsapp.manufacturing.evaluation.cmapss import Answer, evaluate, metrics, phm_losses, rows_of


def figures(answer: Answer, truth: list[float]) -> dict[str, float]:
    machines = np.array([f"FD001-{place}" for place in range(len(truth))])
    return {row.metric: row.value for row in rows_of("FD001", answer, np.array(truth), machines)}


def test_score_and_errors_by_hand():
    answer = Answer("linear", np.array([87.0, 60.0, 125.0]))
    found = figures(answer, [100.0, 50.0, 145.0])
    # errors -13, +10, and none against the capped truth
    assert found["score"] == pytest.approx(2 * (exp(1) - 1))
    assert found["rmse"] == pytest.approx(sqrt((13**2 + 10**2) / 3))
    assert found["rmse_uncapped"] == pytest.approx(sqrt((13**2 + 10**2 + 20**2) / 3))
    assert set(found) == {"score", "rmse", "rmse_uncapped"}


def test_late_costs_more_than_early():
    early, late = phm_losses(np.array([-20.0, 20.0]))
    assert late > early > 0


def test_coverage_is_told_apart_below_the_cap():
    low, high = np.array([80.0, 55.0, 110.0, 100.0]), np.array([110.0, 70.0, 125.0, 125.0])
    answer = Answer("turbofan:fp32", (low + high) / 2, low, high)
    found = figures(answer, [100.0, 50.0, 145.0, 190.0])
    assert found["coverage_90"] == 0.75
    assert found["coverage_90_below_cap"] == 0.5
    assert found["width_90"] == pytest.approx((30 + 15 + 15 + 25) / 4)
    members = metrics(answer, np.array([100.0, 50.0, 145.0, 190.0]))["coverage_90_below_cap"][1]
    assert members.tolist() == [0, 1]


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    said: list[str] = []
    place = folder(tmp_path_factory.mktemp("cmapss") / "cmapss")
    write(place / "train_FD003.txt", [engine(1, 140)])
    return evaluate([place], variant="torch-fp32", say=said.append), said


def test_every_system_stands_beside_ours(rows):
    found, said = rows
    told = [row for row in found if row.task == "rul"]
    assert {row.system for row in told} == {"turbofan:torch-fp32", "boosting", "linear", "age", "majority"}
    assert {(row.set, row.split) for row in told} == {("cmapss", "FD001")}
    ours = [row.metric for row in told if row.system == "turbofan:torch-fp32"]
    assert ours == ["rmse", "score", "rmse_uncapped", "coverage_90", "coverage_90_below_cap", "width_90"]
    assert said[0] == "FD001: 6 engines scored"


def test_runs_to_failure_price_the_plan(rows):
    priced = {(row.system, row.metric): row for row in rows[0] if row.task == "plan"}
    assert {row.split for row in priced.values()} == {"FD003"}
    assert priced["foresight", "cost_ratio_k3"].value == pytest.approx(1 / 3)
    assert priced["turbofan:torch-fp32", "cost_ratio_k3"].value <= 1.01


def test_values_lie_in_their_intervals_and_ours_is_better_than_a_constant(rows):
    found = {(row.system, row.metric): row for row in rows[0] if row.task == "rul"}
    assert all(row.low <= row.value <= row.high for row in found.values() if row.metric.startswith("rmse"))
    assert found["turbofan:torch-fp32", "rmse"].value < found["majority", "rmse"].value


def test_engines_of_the_training_are_left_out(tmp_path, monkeypatch):
    from dsapp.manufacturing.evaluation import cmapss

    place = folder(tmp_path / "cmapss")
    seen = {}

    def digest(record):
        return seen.setdefault(record.machine, "known" if record.machine == "FD001-2" else record.machine)

    from dsapp.manufacturing.life import LifeModel

    model = LifeModel.open("turbofan", "torch-fp32")
    model.bundle.card["trained_on"].append("known")
    monkeypatch.setattr(cmapss, "engine_digest", digest)
    said: list[str] = []
    found = cmapss.score_set(cmapss.find(place)[0], model, said.append)
    assert found[0].num_items == 5
    assert said[0] == "FD001: 1 of 6 left out, the bundle was trained on them"


def test_a_folder_without_files_is_told_before_anything_is_opened(tmp_path):
    with pytest.raises(UsageError, match="no file of the C-MAPSS layout"):
        evaluate([tmp_path])

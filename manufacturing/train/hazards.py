"""Fit the hazard of one component: boosted trees on person-period rows, cross-fitted by machine.

Calibration, the threshold of an incident, the tails of the life interval and every figure come from predictions for machines that the trees
behind them did not see.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...core.backends.registry import Program
from ...core.train.trees import fit_trees
from .. import calibration, survival
from ..calibration import Calibration
from ..events import Decisions, at_budget
from ..features.table import FeatureTable

if TYPE_CHECKING:
    import numpy as np

    from ..history import Record

NUM_FOLDS = 5
KEEP_QUIET = 0.3
"""Share of the periods without a failure that trees are fitted on; the rest is weighted in."""
FALSE_ALARMS_A_MONTH = 0.05
"""The budget, by machine-month, that the threshold of an incident aims at."""
PARAMS: Mapping[str, Any] = {
    "objective": "binary",
    "num_leaves": 15,
    "learning_rate": 0.06,
    "min_data_in_leaf": 100,
    "feature_fraction": 0.3,
    "bagging_fraction": 0.7,
    "lambda_l2": 5.0,
}
ROUNDS = 150
MOST_LEVEL = 0.05
"""One tail of the life interval: a twentieth on either side is left outside."""


@dataclass(frozen=True)
class Labels:
    """What became of each table row: ``days`` float[rows] to the failure or to the last day it was known whole (NaN: no life), ``failed`` bool[rows]."""

    days: np.ndarray
    failed: np.ndarray


@dataclass(frozen=True)
class Level:
    """Where one failed life ended on the scale of the survival that was predicted at ``row``: 0.05 is early, 0.95 late."""

    machine: str
    row: int
    level: float


@dataclass(frozen=True)
class FittedHazard:
    """A component's hazard. ``out_of_fold`` is the risk within the horizon float[rows] by the fold that did not see the machine, calibrated by the others."""

    text: str
    calibration: Calibration
    threshold: float
    tails: tuple[float, float]
    num_failures: int
    out_of_fold: np.ndarray
    lives: Sequence[survival.Survival | None]
    levels: Sequence[Level]


def label(record: Record, component: str, at: np.ndarray) -> Labels:
    """Labels of grid rows ``at``: lives of ``component``, cut off where it was replaced or the data ends."""
    import numpy as np

    days = np.full(len(at), np.nan)
    failed = np.zeros(len(at), dtype=bool)
    last = len(record.times) - 1
    for life in record.lives:
        if life.component != component:
            continue
        inside = (at >= life.start) & (at < life.stop)
        days[inside] = (record.times[min(life.stop, last)] - record.times[at[inside]]) / 86_400e6
        failed[inside] = life.end == "failure"
    return Labels(days, failed)


def folds(machines: np.ndarray) -> np.ndarray:
    """int64[rows]: the fold of each row's machine, by a hash of its name, so that it never depends on which others are there."""
    import hashlib

    import numpy as np

    names, inverse = np.unique(machines.astype(str), return_inverse=True)
    number = [hashlib.sha256(f"dsapp-fold:{name}".encode()).digest()[0] % NUM_FOLDS for name in names]
    return np.asarray(number, dtype=np.int64)[inverse]


def fit(table: FeatureTable, labels: Labels, horizon_days: float, *, seed: int = 0, threads: int = 2) -> FittedHazard:
    """Fit on all machines of ``table``; cross-fit over ``NUM_FOLDS`` of them for everything else."""
    import numpy as np

    known = np.isfinite(labels.days) & (labels.days > 0)
    lived = survival.periods(np.where(known, labels.days, 0.0), labels.failed & known)
    fold = folds(table.machines)
    edges = survival.EDGES
    raw = np.full((len(known), len(edges)), np.nan)
    for number in range(NUM_FOLDS):
        rows = np.flatnonzero((fold == number) & known)
        if len(rows):
            program = opened(_trees(table, lived, fold[lived.source] != number, seed + number, threads), threads)
            raw[rows] = predict(program, table.values[rows], len(edges))
    kept = np.isfinite(raw[:, 0])
    calibrated = np.full_like(raw, np.nan)
    for number in range(NUM_FOLDS):
        others = kept & (fold != number)
        here = np.flatnonzero(kept & (fold == number))
        calibrated[here] = _calibration(raw, lived, others)(raw[here])
    lives = [survival.survival(row, edges) if np.isfinite(row[0]) else None for row in calibrated]
    levels = levels_of(table, labels, lives)
    risk = np.array([1 - life.at(horizon_days) if life is not None else np.nan for life in lives])
    return FittedHazard(
        text=_trees(table, lived, np.ones(len(lived.source), dtype=bool), seed, threads),
        calibration=_calibration(raw, lived, kept),
        threshold=at_budget(decisions(table, labels, risk), FALSE_ALARMS_A_MONTH)[0],
        tails=tails(levels),
        num_failures=count_failures(table, labels),
        out_of_fold=risk,
        lives=lives,
        levels=levels,
    )


def _trees(table: FeatureTable, lived: survival.Periods, chosen: np.ndarray, seed: int, threads: int) -> str:
    import numpy as np

    quiet = np.random.default_rng(seed).uniform(size=len(chosen)) < KEEP_QUIET
    rows = np.flatnonzero(chosen & (lived.failed | quiet))
    weight = np.where(lived.failed[rows], 1.0, lived.share[rows] / KEEP_QUIET)
    x = survival.rows(table.values, lived.source[rows], lived.stretch[rows])
    names = (*table.names, survival.STRETCH)
    return fit_trees(
        x, lived.failed[rows].astype(float), weight, PARAMS, names=names, rounds=ROUNDS, seed=seed, threads=threads
    )


def opened(text: str, threads: int) -> Program:
    """A program of one text of trees, without a bundle around it."""
    import tempfile
    from pathlib import Path

    from ...core.backends.trees import TreesProgram
    from ...core.train.trees import save

    with tempfile.TemporaryDirectory() as folder:
        return TreesProgram(Path(folder), save([[text]], Path(folder)), threads)


def predict(program: Program, values: np.ndarray, num_stretches: int) -> np.ndarray:
    """float64[rows, stretches]: the raw hazards of each row."""
    import numpy as np

    found = program({"x": survival.ahead(values, num_stretches)})["y"]
    return np.asarray(found, dtype=float).reshape(len(values), num_stretches)


def _calibration(raw: np.ndarray, lived: survival.Periods, rows: np.ndarray) -> Calibration:
    chosen = rows[lived.source]
    found = raw[lived.source[chosen], lived.stretch[chosen]]
    return calibration.fit(found, lived.failed[chosen], lived.share[chosen])


def count_failures(table: FeatureTable, labels: Labels) -> int:
    """Unlike failures among the labels: one for each machine and time."""
    import numpy as np

    when = np.round((table.times + labels.days * 86_400e6) / 60e6)[labels.failed]
    return len(set(zip(table.machines[labels.failed].astype(str), when.tolist(), strict=True)))


def decisions(table: FeatureTable, labels: Labels, risk: np.ndarray) -> list[Decisions]:
    """The scores of each machine with its failures, as ``events`` counts them."""
    import numpy as np

    found = []
    for machine in dict.fromkeys(table.machines):
        rows = np.flatnonzero((table.machines == machine) & np.isfinite(risk))
        if not len(rows):
            continue
        ends = table.times[rows] + (labels.days[rows] * 86_400e6).astype(np.int64)
        failures = np.unique(np.round(ends[labels.failed[rows]] / 60e6).astype(np.int64)) * 60_000_000
        steps = np.diff(table.times[rows])
        usual = float(np.median(steps)) if len(steps) else 0.0
        days = float(np.minimum(steps, 4 * usual).sum() / 86_400e6)
        found.append(Decisions(str(machine), table.times[rows], risk[rows], failures, days))
    return found


def tails(levels: Sequence[Level]) -> tuple[float, float]:
    """Levels of the survival between which 90 % of failures fell on machines set aside.

    Split-conformal on the probability scale (Vovk et al. 2005): with n failures the k-th level from either end counts, k = floor((n + 1) / 20).
    """
    ordered = sorted(one.level for one in levels)
    place = int((len(ordered) + 1) * MOST_LEVEL)
    if place < 1:
        return 0.0, 1.0 - 1e-6
    return ordered[place - 1], min(ordered[-place], 1 - 1e-6)


def levels_of(table: FeatureTable, labels: Labels, lives: Sequence[survival.Survival | None]) -> list[Level]:
    """One row at random of each failed life: rows of one life are no independent witnesses."""
    import numpy as np

    generator = np.random.default_rng(0)
    by_life: dict[tuple[str, int], list[int]] = {}
    for row in np.flatnonzero(labels.failed & np.array([life is not None for life in lives])):
        when = round(float(table.times[row] + labels.days[row] * 86_400e6) / 60e6)
        by_life.setdefault((str(table.machines[row]), when), []).append(int(row))
    found = []
    for (machine, _), rows in by_life.items():
        row = int(generator.choice(rows))
        life = lives[row]
        if life is not None:
            found.append(Level(machine, row, 1 - life.at(float(labels.days[row]))))
    return found

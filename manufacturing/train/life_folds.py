"""Rows, folds and weights for fitting a life model: which rows stand for which machine, how they are cut, and how a prediction is scored.

A test run of C-MAPSS is cut at random; cross-validation here cuts the training runs alike: every row at which a test run could have ended counts, each engine as
much as another. What is chosen in training is chosen by this score.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..life_bins import CAP

if TYPE_CHECKING:
    import numpy as np

    from ..features.table import FeatureTable

SHORTEST_RUN = 20
FIRST_CUT = 5.0
"""Test runs have at least about 20 cycles behind them and 5 ahead."""
LATE = 150.0
LATE_WEIGHT = 0.3
"""Rows with more than ``LATE`` cycles left teach little and are many."""


@dataclass(frozen=True)
class LifeRows:
    """Every row of every training engine. ``table`` of R rows; float64[R] ``life`` left, int[R] ``fold``, float64[R] ``weight`` in fitting, ``cut`` in scoring.

    ``group`` object[R] is the set of each row (``FD001``); ``cut`` sums to one over each engine.
    """

    table: FeatureTable
    life: np.ndarray
    fold: np.ndarray
    group: np.ndarray
    weight: np.ndarray
    cut: np.ndarray


def make_rows(
    table: FeatureTable, ends: Mapping[str, int], longest: Mapping[str, float], *, num_folds: int, seed: int
) -> LifeRows:
    """Rows of a table that holds every row of each run to failure.

    Args:
        ends: the last grid row of each machine, at which it failed.
        longest: by set (what stands before ``-`` in a machine's name), the most cycles that a cut leaves.
    """
    import numpy as np

    machines = table.machines.astype(str)
    group = np.array([name.rpartition("-")[0] for name in machines])
    life = np.array([ends[name] for name in machines], dtype=float) - table.at
    names, member = np.unique(machines, return_inverse=True)
    fold = folds_of(names, num_folds, seed)[member]
    limit = np.array([longest.get(name, LATE) for name in group])
    cut = ((life >= FIRST_CUT) & (life <= limit) & (table.at >= SHORTEST_RUN - 1)).astype(float)
    total = np.bincount(member, weights=cut, minlength=len(names))
    cut = cut / np.where(total > 0, total, 1.0)[member]
    return LifeRows(table, life, fold, group, np.where(life <= LATE, 1.0, LATE_WEIGHT), cut)


def folds_of(names: Sequence[str] | np.ndarray, num_folds: int, seed: int) -> np.ndarray:
    """int[machines]: a fold for each machine, spread evenly within each set."""
    import numpy as np

    generator = np.random.default_rng(seed)
    sets = np.array([str(name).rpartition("-")[0] for name in names])
    fold = np.zeros(len(sets), dtype=np.int64)
    for name in np.unique(sets):
        places = np.flatnonzero(sets == name)
        fold[generator.permutation(places)] = np.arange(len(places)) % num_folds
    return fold


def cut_rmse(rows: LifeRows, predicted: np.ndarray) -> dict[str, float]:
    """By set, the root mean square error of the capped life, over random cuts of each engine."""
    import numpy as np

    error = (np.clip(predicted, 0, CAP) - np.minimum(rows.life, CAP)) ** 2 * rows.cut
    found = {}
    for name in np.unique(rows.group):
        of_set = rows.group == name
        found[str(name)] = float(np.sqrt(error[of_set].sum() / rows.cut[of_set].sum()))
    return found


def overall(by_set: Mapping[str, float]) -> float:
    """One figure to choose by: the root of the mean square over sets."""
    return (sum(value**2 for value in by_set.values()) / len(by_set)) ** 0.5

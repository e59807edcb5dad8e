"""Intervals that hold their coverage on machines never seen: conformal margins from out-of-fold errors, whole machines counted, not rows.

Rows of one machine are not exchangeable, machines are. So each machine weighs one, spread over its rows, and one machine's weight is added at infinity: the
hierarchical form of split conformal prediction (Lee, Barber and Willett 2023), with out-of-fold predictions of all training machines as in
cross-conformal prediction (Vovk 2015). With one row a machine it is the usual quantile ceil((n + 1)(1 - a)) / n.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..core.errors import UsageError

if TYPE_CHECKING:
    import numpy as np


def group_quantile(
    scores: np.ndarray, groups: Sequence[Any] | np.ndarray, level: float, weight: np.ndarray | None = None
) -> float:
    """The smallest value that at least ``level`` of the machines' weight (one more machine counted at infinity) does not exceed.

    Args:
        scores: float[rows], how far each row was missed.
        groups: the machine of each row; each has weight 1 / (machines + 1), shared among its rows by ``weight`` (equally without).
        level: in (0, 1).

    Returns infinity where so few machines can give no such bound.

    Raises:
        UsageError: no rows, a level outside (0, 1), or a machine whose rows all weigh nothing.
    """
    import numpy as np

    scores = np.asarray(scores, dtype=float)
    if not scores.size or not 0 < level < 1:
        raise UsageError(f"a conformal quantile needs rows and a level in (0, 1), got {scores.size} and {level}")
    _, member = np.unique(np.asarray(groups), return_inverse=True)
    share = np.ones(len(scores)) if weight is None else np.asarray(weight, dtype=float)
    total = np.bincount(member, weights=share)
    if not (total > 0).all() or (share < 0).any():
        raise UsageError("each machine needs a row of positive weight, and none of negative")
    share = share / total[member] / (len(total) + 1)
    order = np.argsort(scores, kind="stable")
    reached = np.cumsum(share[order])
    # rounding in the sum must not move the bound by one row
    place = int(np.searchsorted(reached, level - 1e-12))
    return float(scores[order[place]]) if place < len(scores) else float("inf")


@dataclass(frozen=True)
class Margins:
    """How many difficulties an interval reaches below and above a prediction; ``level`` is what it aims to cover."""

    below: float
    above: float
    level: float

    def interval(self, predicted: np.ndarray, difficulty: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(low, high) float[rows] in the units of ``predicted``, low at least 0."""
        import numpy as np

        predicted, difficulty = np.asarray(predicted, dtype=float), np.asarray(difficulty, dtype=float)
        return np.maximum(predicted - self.below * difficulty, 0.0), predicted + self.above * difficulty


def fit_margins(
    truth: np.ndarray,
    predicted: np.ndarray,
    difficulty: np.ndarray,
    groups: Sequence[Any] | np.ndarray,
    *,
    level: float = 0.9,
    weight: np.ndarray | None = None,
) -> Margins:
    """Margins from out-of-fold predictions: each side misses at most half of ``1 - level``, so both together cover ``level``.

    Args:
        truth, predicted, difficulty: float[rows]; the difficulty, above 0, is a guess of the size of the error, made without the truth.
        groups, weight: as in ``group_quantile``.

    Raises:
        UsageError: as in ``group_quantile``, or a difficulty that is not above 0.
    """
    import numpy as np

    difficulty = np.asarray(difficulty, dtype=float)
    if not (difficulty > 0).all():
        raise UsageError("every difficulty must be above 0")
    missed = (np.asarray(truth, dtype=float) - np.asarray(predicted, dtype=float)) / difficulty
    side = 1 - (1 - level) / 2
    return Margins(
        below=group_quantile(-missed, groups, side, weight),
        above=group_quantile(missed, groups, side, weight),
        level=level,
    )

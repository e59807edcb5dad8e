"""The metrics of the contract sets with their 95 % intervals, by resampling whole contracts on counts kept for each contract.

Everything that is a sum over contracts (hits, false alarms, histograms of scores) is summed once a contract; a resample is then a
weighted sum of rows, so that a thousand resamples of all 41 categories take seconds. N contracts, K categories, B bins, R resamples.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...core.evaluation import CONFIDENCE, NUM_RESAMPLES, bootstrap, expected_calibration_error

if TYPE_CHECKING:
    import numpy as np

RECALL_LEVEL = 0.8
"""Of ``p_at_80r``, as CUAD has it."""

NUM_BINS = 400
"""Bins of scores a category when an interval of average precision is taken; its value itself is exact."""


@dataclass(frozen=True)
class Value:
    """A metric's value with its 95 % interval."""

    value: float
    low: float
    high: float


def resamples(num_groups: int, *, num_resamples: int = NUM_RESAMPLES, seed: int = 0) -> np.ndarray:
    """How often each group is drawn in each resample, float64[R, N]."""
    import numpy as np

    generator = np.random.default_rng(seed)
    weights = np.zeros((num_resamples, num_groups))
    for row in weights:
        row += np.bincount(generator.integers(0, num_groups, num_groups), minlength=num_groups)
    return weights


def interval(values: np.ndarray) -> tuple[float, float]:
    """The 95 % percentile interval; not-a-number values are left out, and all of them give nan."""
    import numpy as np

    known = values[~np.isnan(values)]
    if not len(known):
        return float("nan"), float("nan")
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(known, [tail, 1 - tail])
    return float(low), float(high)


def decisions(found: np.ndarray, truth: np.ndarray) -> dict[str, Value]:
    """Accuracy, micro-F1 and macro-F1 of yes/no decisions bool[N, K], a row a contract.

    Macro-F1 is over the categories that the truth has (in a resample: that its contracts have).
    """
    import numpy as np

    counts = np.stack([found & truth, found & ~truth, ~found & truth], axis=2).astype(np.float64)
    weights = np.concatenate([np.ones((1, len(found))), resamples(len(found))])
    summed = np.tensordot(weights, counts, axes=1)
    num_categories = truth.shape[1]
    right, alarms, misses = (summed[..., k] for k in range(3))
    accuracy = 1 - (alarms + misses).sum(axis=1) / (weights.sum(axis=1) * num_categories)
    return {
        "accuracy": _value(accuracy),
        "micro_f1": _value(_f1(right.sum(axis=1), alarms.sum(axis=1), misses.sum(axis=1))),
        "macro_f1": _value(_over(_f1(right, alarms, misses), right + misses > 0)),
    }


def summed_decisions(counts: np.ndarray) -> dict[str, Value]:
    """Micro-F1 and macro-F1 from counts float[N, K, 3] of right, false alarms and misses of each group."""
    import numpy as np

    weights = np.concatenate([np.ones((1, len(counts))), resamples(len(counts))])
    summed = np.tensordot(weights, counts.astype(np.float64), axes=1)
    right, alarms, misses = (summed[..., k] for k in range(3))
    return {
        "micro_f1": _value(_f1(right.sum(axis=1), alarms.sum(axis=1), misses.sum(axis=1))),
        "macro_f1": _value(_over(_f1(right, alarms, misses), right + misses > 0)),
    }


def f1_by_category(found: np.ndarray, truth: np.ndarray) -> list[Value]:
    """F1 of each of K categories, from bool[N, K]; nan where the truth has none."""
    import numpy as np

    counts = np.stack([found & truth, found & ~truth, ~found & truth], axis=2).astype(np.float64)
    weights = np.concatenate([np.ones((1, len(found))), resamples(len(found))])
    summed = np.tensordot(weights, counts, axes=1)
    right, alarms, misses = (summed[..., k] for k in range(3))
    scores = np.where(right + misses > 0, _f1(right, alarms, misses), np.nan)
    return [_value(scores[:, k]) for k in range(truth.shape[1])]


def rankings(scores: np.ndarray, truth: np.ndarray, group: np.ndarray) -> dict[str, Value]:
    """Mean average precision and mean precision at 80 % recall over categories with a positive.

    ``scores`` float[P, K] and ``truth`` bool[P, K] are by passage, ``group`` int[P] says whose passage it is. Ties count as one step.
    """
    import numpy as np

    num_groups = int(group.max()) + 1 if len(group) else 0
    weights = resamples(num_groups)
    precisions, at_recall, boot_precisions, boot_recalls, has = [], [], [], [], []
    for k in range(truth.shape[1]):
        if not truth[:, k].any():
            continue
        exact = _steps(scores[:, k], truth[:, k])
        precisions.append(average_precision(*exact))
        at_recall.append(precision_at_recall(*exact))
        right, wrong = _histograms(scores[:, k], truth[:, k], group, num_groups)
        right, wrong = weights @ right, weights @ wrong
        boot_precisions.append(average_precision(right, wrong))
        boot_recalls.append(precision_at_recall(right, wrong))
        has.append(right.sum(axis=1) > 0)
    if not precisions:
        nothing = Value(float("nan"), float("nan"), float("nan"))
        return {"mean_ap": nothing, "p_at_80r": nothing}
    known = np.stack(has, axis=1)
    return {
        "mean_ap": Value(float(np.mean(precisions)), *interval(_over(np.stack(boot_precisions, axis=1), known))),
        "p_at_80r": Value(float(np.mean(at_recall)), *interval(_over(np.stack(boot_recalls, axis=1), known))),
    }


def pooled_ranking(right: np.ndarray, wrong: np.ndarray, positives: np.ndarray) -> dict[str, Value]:
    """Area under the precision-recall curve and precision at 80 % recall of spans, pooled over categories.

    ``right`` and ``wrong`` float[N, B] count, by contract and bin of falling score, gold spans that are found and predictions that match none;
    ``positives`` float[N] is the number of gold spans.
    """
    import numpy as np

    weights = np.concatenate([np.ones((1, len(positives))), resamples(len(positives))])
    hits, alarms, total = weights @ right, weights @ wrong, weights @ positives
    return {
        "aupr": _value(average_precision(hits, alarms, total)),
        "p_at_80r": _value(precision_at_recall(hits, alarms, total)),
    }


def average_precision(right: np.ndarray, wrong: np.ndarray, positives: np.ndarray | None = None) -> np.ndarray:
    """Sum over steps of falling score of the gain in recall times the precision there.

    ``right`` and ``wrong`` float[..., B] are new hits and false alarms at each step; ``positives`` where some are never found.
    """
    import numpy as np

    total = right.sum(axis=-1) if positives is None else positives
    hits, alarms = right.cumsum(axis=-1), wrong.cumsum(axis=-1)
    precision = np.divide(hits, hits + alarms, out=np.zeros_like(hits), where=hits + alarms > 0)
    return np.divide((right * precision).sum(axis=-1), total, out=np.zeros_like(total), where=total > 0)


def precision_at_recall(right: np.ndarray, wrong: np.ndarray, positives: np.ndarray | None = None) -> np.ndarray:
    """The best precision at a threshold that finds 80 % of the positives; 0 where none does."""
    import numpy as np

    total = right.sum(axis=-1) if positives is None else positives
    hits, alarms = right.cumsum(axis=-1), wrong.cumsum(axis=-1)
    precision = np.divide(hits, hits + alarms, out=np.zeros_like(hits), where=hits + alarms > 0)
    reached = hits >= RECALL_LEVEL * np.expand_dims(total, -1) - 1e-9
    return np.where(reached & (np.expand_dims(total, -1) > 0), precision, 0.0).max(axis=-1)


def calibration(probabilities: np.ndarray, outcomes: np.ndarray, groups: Sequence[int]) -> Value:
    """Expected calibration error over 15 bins of equal mass, of items float[M] with their groups."""
    import numpy as np

    if not len(probabilities):
        return Value(float("nan"), float("nan"), float("nan"))
    value = expected_calibration_error(probabilities, outcomes)
    low, high = bootstrap(lambda index: expected_calibration_error(probabilities[index], outcomes[index]), groups)
    return Value(value, low, high) if np.isfinite(value) else Value(value, value, value)


def over_groups(metric: Callable[[np.ndarray], float], groups: Sequence[int]) -> Value:
    """Any metric of item indices, with its interval by resampling groups."""
    import numpy as np

    low, high = bootstrap(metric, groups)
    return Value(metric(np.arange(len(groups))), low, high)


def share_right(right: np.ndarray, groups: Sequence[int]) -> Value:
    """The share of true items of bool[M]."""
    import numpy as np

    labels, number = np.unique(np.asarray(groups), return_inverse=True)
    hits = np.bincount(number, weights=right.astype(np.float64), minlength=len(labels))
    sizes = np.bincount(number, minlength=len(labels)).astype(np.float64)
    weights = np.concatenate([np.ones((1, len(labels))), resamples(len(labels))])
    return _value((weights @ hits) / (weights @ sizes))


def _f1(right: np.ndarray, alarms: np.ndarray, misses: np.ndarray) -> np.ndarray:
    import numpy as np

    total = 2 * right + alarms + misses
    return np.divide(2 * right, total, out=np.zeros_like(total), where=total > 0)


def _over(scores: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Mean over the last axis of those that are known; nan where none is."""
    import numpy as np

    count = known.sum(axis=-1)
    return np.divide((scores * known).sum(axis=-1), count, out=np.full(count.shape, np.nan), where=count > 0)


def _value(with_resamples: np.ndarray) -> Value:
    return Value(float(with_resamples[0]), *interval(with_resamples[1:]))


def _steps(scores: np.ndarray, truth: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Hits and false alarms at each distinct score, from the highest down."""
    import numpy as np

    _, step = np.unique(-scores, return_inverse=True)
    right = np.bincount(step, weights=truth.astype(np.float64))
    return right, np.bincount(step, minlength=len(right)).astype(np.float64) - right


def _histograms(
    scores: np.ndarray, truth: np.ndarray, group: np.ndarray, num_groups: int
) -> tuple[np.ndarray, np.ndarray]:
    """Hits and false alarms float[N, B] by group and bin; the bins are finest where the scores are highest."""
    import numpy as np

    order = np.argsort(-scores, kind="stable")
    ranks = np.unique(np.geomspace(1, len(scores) + 1, NUM_BINS).astype(np.int64)) - 1
    edges = np.unique(-scores[order[ranks[ranks < len(scores)]]])
    bins = np.searchsorted(edges, -scores, side="left")
    width = len(edges) + 1
    place = group * width + bins
    size = num_groups * width
    right = np.bincount(place, weights=truth.astype(np.float64), minlength=size).reshape(num_groups, width)
    return right, np.bincount(place, minlength=size).reshape(num_groups, width) - right

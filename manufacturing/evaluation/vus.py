"""Metrics of anomaly detection over time that no adjustment of points flatters: range-based F1 of decisions, VUS-PR of scores.

``skab`` uses them. Point-adjusted F1, which counts a whole anomaly as found by one hit, is left out on purpose: random scores do well by it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

MAX_THRESHOLDS = 250


def spans(mask: np.ndarray) -> list[tuple[int, int]]:
    """The runs of True as (first, behind the last).

    >>> import numpy as np
    >>> spans(np.array([True, False, True, True]))
    [(0, 1), (2, 4)]
    """
    import numpy as np

    edges = np.flatnonzero(np.diff(np.concatenate([[0], np.asarray(mask, dtype=np.int8), [0]])))
    return [(int(first), int(stop)) for first, stop in zip(edges[::2], edges[1::2], strict=True)]


def range_scores(truth: np.ndarray, alarms: np.ndarray) -> tuple[list[float], list[float]]:
    """Precision of each alarm and recall of each anomaly (Tatbul and others, NeurIPS 2018: flat bias, cardinality 1/x, no existence reward).

    An anomaly's recall is the share of it that alarms cover, over the number of alarms that cover it: an alarm that comes and goes is worth less. An
    alarm's precision likewise. Means over all files' alarms and anomalies make the event-wise F1.
    """
    found, wanted = spans(alarms), spans(truth)
    return [_covered(one, wanted) for one in found], [_covered(one, found) for one in wanted]


def _covered(one: tuple[int, int], others: list[tuple[int, int]]) -> float:
    shared = [min(one[1], stop) - max(one[0], first) for first, stop in others]
    shared = [rows for rows in shared if rows > 0]
    return sum(shared) / (one[1] - one[0]) / len(shared) if shared else 0.0


def f1(precision: float, recall: float) -> float:
    """The harmonic mean; 0 where both are."""
    return 2 * precision * recall / (precision + recall) if precision + recall > 0 else 0.0


def vus_pr(truth: np.ndarray, scores: np.ndarray, max_buffer: int) -> float:
    """Volume under the surface of range-aware precision and recall over buffers of 0 to ``max_buffer`` rows (Paparrizos and others, PVLDB 15(11), 2022).

    For each buffer l the truth gets a slope sqrt(1 - d / l) over l / 2 rows on either side of each anomaly (d rows away, at most 1 in all); the number of
    positives is the mean of the sums with and without slopes; recall is multiplied by the share of anomalies (with their slopes) that are hit at all. Each area is
    the step-wise average precision over at most ``MAX_THRESHOLDS`` thresholds; the volume is the mean of the areas.

    Args:
        truth: bool[rows] with at least one True.
        scores: float[rows], higher is more anomalous; no NaN.

    Raises:
        ValueError: no anomaly, a NaN, or unequal lengths.
    """
    import numpy as np

    truth, scores = np.asarray(truth, dtype=bool), np.asarray(scores, dtype=np.float64)
    if truth.shape != scores.shape or not truth.any() or np.isnan(scores).any():
        raise ValueError("VUS-PR needs one number a row and at least one anomaly")
    order = np.argsort(-scores, kind="stable")
    ends = np.flatnonzero(np.diff(scores[order], append=-np.inf) != 0)
    if len(ends) > MAX_THRESHOLDS:
        ends = ends[np.linspace(0, len(ends) - 1, MAX_THRESHOLDS).round().astype(int)]
    levels = scores[order][ends]
    wanted = spans(truth)
    areas = []
    for buffer in range(max_buffer + 1):
        label = _sloped(truth, wanted, buffer)
        hits = np.cumsum(label[order])[ends]
        positives = (truth.sum() + label.sum()) / 2
        half = buffer // 2
        highest = np.array([scores[max(0, first - half) : stop + half].max() for first, stop in wanted])
        exists = (highest[None, :] >= levels[:, None]).mean(axis=1)
        recall = np.minimum(hits / positives, 1.0) * exists
        precision = hits / (ends + 1)
        areas.append(float((np.diff(recall, prepend=0.0) * precision).sum()))
    return float(np.mean(areas))


def _sloped(truth: np.ndarray, wanted: list[tuple[int, int]], buffer: int) -> np.ndarray:
    """float64[rows]: the truth with a slope on either side of each anomaly."""
    import numpy as np

    label = truth.astype(np.float64)
    if buffer == 0:
        return label
    away = np.arange(1, buffer // 2 + 1)
    slope = np.sqrt(1 - away / buffer)
    for first, stop in wanted:
        for places in (first - away, stop - 1 + away):
            inside = (places >= 0) & (places < len(label))
            label[places[inside]] += slope[inside]
    return np.minimum(label, 1.0)

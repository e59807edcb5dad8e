"""How unlike its own healthy past a machine behaves: a detector fit on the machine's own rows, no failures and no shipped weights needed.

Mahalanobis distance of smoothed residuals, with the threshold at a stated false-alarm rate. ``watch`` chooses the healthy rows and tells since when;
``evaluation/skab`` scores it by that set's protocol.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from ..core.errors import InputError

if TYPE_CHECKING:
    import numpy as np

    from .history import Record

WINDOW_ROWS = 10
"""Running rows that are averaged before the distance is taken."""
NUM_BLOCKS = 10
"""The healthy rows are cut into so many blocks of neighbours: rows of one block are near-copies of each other, never independent."""
FALSE_ALARM_RATE = 0.005
"""Share of healthy rows above the threshold, measured on blocks left out of the fit."""
SHRINK = 0.2
"""Correlations are drawn so far towards none, since few rows tell them badly (in the manner of Ledoit and Wolf 2004, with a fixed weight)."""
WANDER = 10.0
"""How much of the mean square step from block to block is added to a sensor's variance: what wandered while healthy may wander on."""
STEADY_ROWS = 30
"""Running rows over which the median of the score is taken before it counts: a short flicker is no anomaly."""
STAYS_ABOVE = 0.7
"""An alarm ends where the score falls below this share of the threshold."""
MIN_ROWS = 100
MIN_KNOWN = 0.6
"""A sensor known in fewer of the healthy rows is left out."""
MAX_SENSORS = 200
RIDGE = 1e-3
CURVED = 2.0
"""So many deviations from the middle of a setting its curve goes on; beyond them straight lines lead, which err less than parabolas."""


@dataclass(frozen=True)
class Detector:
    """A fit detector: plain numbers, nothing of the record is kept.

    ``sensors`` are scored, ``settings`` explain them (load, ambient): each sensor's usual value is a quadratic of the settings, ``coefficients``
    float64[1 + 2 settings, sensors] over the design (1, z, z^2) with z = (setting - ``setting_middle``) / ``setting_scale``; ``leverage``
    float64[1 + 2 settings, 1 + 2 settings] widens it outside the settings seen. ``scale`` float64[sensors] is the residuals' deviation; ``covariance``
    float64[sensors, sensors] that of scaled, smoothed residuals. ``left_out``: sensors that never moved or were masked. ``start`` and ``end``: times of the
    first and last healthy row, microseconds UTC.
    """

    sensors: tuple[str, ...]
    settings: tuple[str, ...]
    setting_middle: np.ndarray
    setting_scale: np.ndarray
    coefficients: np.ndarray
    leverage: np.ndarray
    scale: np.ndarray
    covariance: np.ndarray
    threshold: float
    rate: float
    window_rows: int
    num_rows: int
    start: int
    end: int
    left_out: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """As plain lists and numbers, for JSON."""
        import numpy as np

        values = {one.name: getattr(self, one.name) for one in fields(self)}
        return {
            name: value.tolist()
            if isinstance(value, np.ndarray)
            else list(value)
            if isinstance(value, tuple)
            else value
            for name, value in values.items()
        }

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Detector:
        """What ``as_dict`` gave. Raises KeyError or TypeError where it is something else."""
        import numpy as np

        arrays = ("setting_middle", "setting_scale", "coefficients", "leverage", "scale", "covariance")
        made = {name: np.asarray(content[name], dtype=np.float64) for name in arrays}
        made["coefficients"] = made["coefficients"].reshape(-1, len(content["sensors"]))
        names = {name: tuple(content[name]) for name in ("sensors", "settings", "left_out")}
        return cls(**{**content, **made, **names})


def fit(
    record: Record,
    rows: np.ndarray,
    *,
    settings: Sequence[str] = (),
    ignore: Sequence[str] = (),
    rate: float = FALSE_ALARM_RATE,
    window_rows: int = WINDOW_ROWS,
) -> Detector:
    """Fit on the healthy ``rows`` of a record.

    Args:
        rows: int64[n], rising; rows in which the machine stood still are passed over.
        settings: sensors that the job or the weather sets; the others are judged against what is usual at them.
        ignore: sensors that say nothing of health (counters).
        rate: share of healthy rows that may lie above the threshold.

    Raises:
        InputError: ``too_few_rows``, or ``no_sensors`` where none was known and moving in these rows.
    """
    import numpy as np

    rows = np.asarray(rows, dtype=np.int64)
    rows = rows[record.running[rows]]
    _enough(len(rows))
    values = record.values.astype(np.float64)
    chosen, left_out = _chosen(record, values[rows], settings, ignore, window_rows)
    explaining = tuple(name for name in settings if name in record.sensors and _moves(record.column(name)[rows]))
    measures = values[:, [record.sensors.index(name) for name in chosen]]
    causes = values[:, [record.sensors.index(name) for name in explaining]]
    healthy, explained = measures[rows], causes[rows]
    known = np.isfinite(explained).all(axis=1)
    _enough(int(known.sum()))
    _enough(int(np.isfinite(_smooth(healthy[known], window_rows)).all(axis=1).sum()))
    healthy, explained, kept = healthy[known], explained[known], rows[known]
    detector = _fit(chosen, explaining, healthy, explained, window_rows)
    threshold = _threshold(chosen, explaining, healthy, explained, window_rows, rate)
    from dataclasses import replace

    return replace(
        detector,
        threshold=threshold,
        rate=rate,
        start=int(record.times[kept[0]]),
        end=int(record.times[kept[-1]]),
        left_out=left_out,
    )


def relevel(detector: Detector, record: Record, rows: np.ndarray) -> Detector:
    """The detector with what is usual moved to the level of ``rows`` (int64[n]): for a machine that a new part has changed, but not in how it varies.

    A sensor that is not known in ``rows`` keeps its level.
    """
    from dataclasses import replace

    import numpy as np

    values = record.values[rows].astype(np.float64)
    measures = values[:, [record.sensors.index(name) for name in detector.sensors]]
    causes = values[:, [record.sensors.index(name) for name in detector.settings]]
    design = _design(causes, detector.setting_middle, detector.setting_scale)
    left = measures - design @ detector.coefficients
    known = np.isfinite(left)
    moved = np.where(known, left, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    coefficients = detector.coefficients.copy()
    coefficients[0] += moved
    return replace(detector, coefficients=coefficients)


def score(detector: Detector, record: Record) -> np.ndarray:
    """float64[rows]: the mean squared distance over the sensors that are known; an alarm where it is above ``detector.threshold``.

    NaN where the machine stood still, where a setting is masked, and where fewer than half of a window's rows or no sensor is known. Masked sensors are left
    out of the distance and the rest is put on the scale of all sensors. Row ``i`` rests on rows up to ``i``.

    Raises:
        InputError: the record lacks a sensor of the detector (``sensors``).
    """
    import numpy as np

    found = np.full(len(record.times), np.nan)
    running = np.flatnonzero(record.running)
    found[running] = _distances(detector, residuals(detector, record)[running])
    return found


def steady_scores(scores: np.ndarray) -> np.ndarray:
    """float64[n]: at each row the median of the known ones of the last ``STEADY_ROWS``; NaN where none is known."""
    import numpy as np

    padded = np.concatenate([np.full(STEADY_ROWS - 1, np.nan), scores])
    around = np.lib.stride_tricks.sliding_window_view(padded, STEADY_ROWS)
    found = np.full(len(scores), np.nan)
    known = np.isfinite(around).any(axis=1)
    found[known] = np.nanmedian(around[known], axis=1)
    return found


def alarms(scores: np.ndarray, threshold: float) -> np.ndarray:
    """bool[n]: an alarm opens above the threshold and lasts until the score falls below ``STAYS_ABOVE`` of it; unknown scores change nothing."""
    import numpy as np

    state = np.where(scores > threshold, 1, np.where(scores < STAYS_ABOVE * threshold, 0, -1))
    told = np.maximum.accumulate(np.where(state >= 0, np.arange(len(state)), -1))
    return (told >= 0) & (state[np.maximum(told, 0)] == 1)


def residuals(detector: Detector, record: Record) -> np.ndarray:
    """float64[rows, sensors]: how far each sensor lies from what is usual at the settings, in its healthy deviations, averaged over the window.

    NaN where nothing is known.

    Raises:
        InputError: the record lacks a sensor of the detector (``sensors``).
    """
    import numpy as np

    lacking = [name for name in (*detector.sensors, *detector.settings) if name not in record.sensors]
    if lacking:
        raise InputError(f"{record.machine} has no sensor {lacking[0]!r}", code="sensors")
    found = np.full((len(record.times), len(detector.sensors)), np.nan)
    rows = np.flatnonzero(record.running)
    measures = record.values[rows][:, [record.sensors.index(name) for name in detector.sensors]]
    causes = record.values[rows][:, [record.sensors.index(name) for name in detector.settings]]
    found[rows] = _smooth(
        _scaled(detector, measures.astype(np.float64), causes.astype(np.float64)), detector.window_rows
    )
    return found


def contributions(detector: Detector, moved: np.ndarray) -> np.ndarray:
    """float64[sensors]: the share that each sensor has in the distance of one row of ``residuals``; masked ones 0, all together 1.

    The distance r' C^-1 r splits into r_i (C^-1 r)_i (complete decomposition, Alcala and Qin 2011); parts that lower it count as none.
    """
    import numpy as np

    shares = np.zeros(len(detector.sensors))
    known = np.flatnonzero(np.isfinite(moved))
    if len(known):
        inside = detector.covariance[np.ix_(known, known)]
        shares[known] = np.maximum(moved[known] * np.linalg.solve(inside, moved[known]), 0.0)
    total = shares.sum()
    return shares / total if total > 0 else shares


def _enough(rows: int) -> None:
    if rows < MIN_ROWS:
        raise InputError(
            f"{rows} usable healthy rows are too few to fit an anomaly detector; {MIN_ROWS} are needed",
            code="too_few_rows",
        )


def _moves(values: np.ndarray) -> bool:
    import numpy as np

    known = values[np.isfinite(values)]
    if len(known) < MIN_KNOWN * len(values):
        return False
    # what changes by less than float32 can tell apart does not move
    return float(known.std()) > 1e-6 * max(float(np.abs(known).max()), 1e-6)


def _chosen(
    record: Record, healthy: np.ndarray, settings: Sequence[str], ignore: Sequence[str], window: int
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The sensors to score, and those left out because they never moved, were masked, or are too many."""
    import numpy as np

    wanted = [name for name in record.sensors if name not in settings and name not in ignore]
    share = {name: float(np.isfinite(healthy[:, record.sensors.index(name)]).mean()) for name in wanted}
    able = [name for name in wanted if _moves(healthy[:, record.sensors.index(name)])]
    if not able:
        raise InputError(f"{record.machine}: no sensor was known and moving while healthy", code="no_sensors")
    best = sorted(able, key=lambda name: -share[name])[:MAX_SENSORS]
    smooth = np.isfinite(_smooth(healthy[:, [record.sensors.index(name) for name in best]], window))
    # correlations come from rows in which all are known: those that leave too few of them go, the least known first
    while len(best) > 1 and smooth[:, : len(best)].all(axis=1).mean() < MIN_KNOWN:
        best.pop()
    chosen = tuple(name for name in wanted if name in best)
    return chosen, tuple(name for name in wanted if name not in best)


def _design(causes: np.ndarray, middle: np.ndarray, scale: np.ndarray) -> np.ndarray:
    import numpy as np

    moved = (causes - middle) / scale
    return np.hstack([np.ones((len(causes), 1)), moved, np.clip(moved, -CURVED, CURVED) ** 2])


def _scaled(detector: Detector, measures: np.ndarray, causes: np.ndarray) -> np.ndarray:
    """float64[rows, sensors]: residuals in healthy deviations, narrowed where the settings lie outside what was seen."""
    import numpy as np

    design = _design(causes, detector.setting_middle, detector.setting_scale)
    wider = np.sqrt(1 + np.einsum("ij,jk,ik->i", design, detector.leverage, design))
    return (measures - design @ detector.coefficients) / detector.scale / wider[:, None]


def _smooth(values: np.ndarray, window: int) -> np.ndarray:
    """The mean over the last ``window`` rows where at least half of them (of those there are) are known, else NaN."""
    import numpy as np

    known = np.isfinite(values)
    total = np.cumsum(np.where(known, values, 0.0), axis=0)
    number = np.cumsum(known, axis=0, dtype=np.float64)
    total[window:] -= total[:-window].copy()
    number[window:] -= number[:-window].copy()
    there = np.minimum(np.arange(1, len(values) + 1), window)[:, None]
    return np.where(number * 2 >= there, total / np.maximum(number, 1), np.nan)


def _fit(
    sensors: tuple[str, ...], settings: tuple[str, ...], healthy: np.ndarray, causes: np.ndarray, window: int
) -> Detector:
    """A detector without a threshold; settings are known in all rows, a sensor may be unknown in some."""
    import numpy as np

    middle, spread = causes.mean(axis=0), causes.std(axis=0)
    spread = np.where(spread > 0, spread, 1.0)
    design = _design(causes, middle, spread)
    penalty = RIDGE * len(design) * np.eye(design.shape[1])
    penalty[0, 0] = 0.0
    leverage = np.linalg.inv(design.T @ design + penalty)
    coefficients = leverage @ (design.T @ healthy)
    for place in np.flatnonzero(~np.isfinite(healthy).all(axis=0)):
        there = np.isfinite(healthy[:, place])
        part = design[there]
        coefficients[:, place] = np.linalg.solve(part.T @ part + penalty, part.T @ healthy[there, place])
    left = healthy - design @ coefficients
    scale = np.maximum(np.nanstd(left, axis=0), 1e-9 * np.maximum(np.nanmax(np.abs(healthy), axis=0), 1e-9))
    smooth = _smooth(left / scale, window)
    smooth = smooth[np.isfinite(smooth).all(axis=1)]
    covariance = np.atleast_2d(np.cov(smooth.T, bias=True))
    levels = np.array([block.mean(axis=0) for block in np.array_split(smooth, NUM_BLOCKS)])
    steps = (np.diff(levels, axis=0) ** 2).mean(axis=0)
    own = np.diag(np.diag(covariance))
    covariance = (1 - SHRINK) * covariance + SHRINK * own + np.diag(WANDER * steps + 1e-6)
    return Detector(
        sensors,
        settings,
        middle,
        spread,
        coefficients,
        leverage,
        scale,
        covariance,
        np.inf,
        0.0,
        window,
        len(healthy),
        0,
        0,
    )


def _threshold(
    sensors: tuple[str, ...],
    settings: tuple[str, ...],
    healthy: np.ndarray,
    causes: np.ndarray,
    window: int,
    rate: float,
) -> float:
    """The score that a share ``rate`` of healthy rows exceeds, each row scored by a fit without its block and the rows that share its windows."""
    import numpy as np

    scores = []
    for block in np.array_split(np.arange(len(healthy)), NUM_BLOCKS):
        first, last = int(block[0]), int(block[-1]) + 1
        others = np.r_[0 : max(0, first - window), min(len(healthy), last + window) : len(healthy)]
        detector = _fit(sensors, settings, healthy[others], causes[others], window)
        begin = max(0, first - window)
        around = _smooth(_scaled(detector, healthy[begin:last], causes[begin:last]), window)
        scores.append(_distances(detector, around[first - begin :]))
    return float(np.nanquantile(np.concatenate(scores), 1 - rate))


def _distances(detector: Detector, moved: np.ndarray) -> np.ndarray:
    """float64[rows]: mean squared Mahalanobis distance of rows of residuals over the sensors that are known; NaN where none is."""
    import numpy as np

    found = np.full(len(moved), np.nan)
    known = np.isfinite(moved)
    whole = known.all(axis=1)
    groups = [(np.arange(moved.shape[1]), whole)]
    if not whole.all():
        packed = np.packbits(known, axis=1)
        patterns, members = np.unique(packed, axis=0, return_inverse=True)
        for number, pattern in enumerate(patterns):
            places = np.flatnonzero(np.unpackbits(pattern)[: moved.shape[1]])
            if 0 < len(places) < moved.shape[1]:
                groups.append((places, members.reshape(-1) == number))
    for places, rows in groups:
        if rows.any():
            part = moved[np.ix_(np.flatnonzero(rows), places)]
            solved = np.linalg.solve(detector.covariance[np.ix_(places, places)], part.T).T
            found[rows] = (part * solved).mean(axis=1) * _fewer(len(places), moved.shape[1])
    return found


def _fewer(known: int, every: int) -> float:
    """What puts the mean squared distance over few sensors on the scale of all: both are above their 99 % point (chi-squared) equally often."""
    if known == every:
        return 1.0
    from scipy.stats import chi2

    return float((chi2.ppf(0.99, every) / every) / (chi2.ppf(0.99, known) / known))

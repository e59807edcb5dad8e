"""The age model: how long components live, from lives that ended and lives that still go on, and the age at which replacing pays.

Needs no sensors. It prices the plain policies, stands in where no model fits a plant, and gives what a day of a component's life is worth to the plan.
Weibull by maximum likelihood with right censoring and delayed entry; replacement by the renewal-reward theorem (Barlow and Hunter 1960).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .outlook import Survival

if TYPE_CHECKING:
    import numpy as np

    from .history import Record

MIN_FAILURES = 3
"""Fewer failures than this give no age model at all."""
SHAPE_RANGE = (0.3, 12.0)
GRID = 2000
WORTH = 0.01
"""Replacing by age must save this share of the cost of running to failure, else the hazard counts as flat."""


@dataclass(frozen=True)
class LifeSpan:
    """One life as the age model sees it: age when observation began and ended, and whether it ended in failure. In clock units."""

    machine: str
    begin: float
    end: float
    failed: bool


@dataclass(frozen=True)
class Weibull:
    """Life of a component: ``P(T > t) = exp(-(t / scale) ** shape)``, ``scale`` in clock units. ``shape`` above 1: it wears out."""

    shape: float
    scale: float
    num_failures: int
    num_lives: int

    def alive(self, age: np.ndarray | float) -> np.ndarray:
        """Probability to live beyond ``age``."""
        import numpy as np

        return np.exp(-((np.maximum(age, 0) / self.scale) ** self.shape))

    @property
    def mean(self) -> float:
        """Mean life."""
        from math import gamma

        return self.scale * gamma(1 + 1 / self.shape)

    def survival(self, age: float, per_day: float, days: Sequence[float]) -> Survival:
        """What lies ahead of a component of this ``age``: ``per_day`` clock units pass in a day."""
        import numpy as np

        ahead = self.alive(age + per_day * np.asarray(days, dtype=float)) / max(float(self.alive(age)), 1e-300)
        return Survival(tuple(float(day) for day in days), tuple(float(min(share, 1.0)) for share in ahead))


def lives(records: Iterable[Record], component: str) -> list[LifeSpan]:
    """The lives of ``component`` in ``records``, in clock units; one with no running time is left out."""
    spans = []
    for record in records:
        for life in record.lives:
            if life.component != component or life.stop <= life.start:
                continue
            lived = float(record.clock[life.stop - 1] - record.clock[life.start])
            if lived > 0:
                failed = life.end == "failure"
                spans.append(LifeSpan(record.machine, life.age_at_start, life.age_at_start + lived, failed))
    return spans


def fit(spans: Sequence[LifeSpan]) -> Weibull | None:
    """Maximum likelihood over ``spans``: a failure at ``end``, or alive there; nothing is known of the time before ``begin``.

    None under ``MIN_FAILURES`` failures: what so few say of the shape is chance.
    """
    import numpy as np
    from scipy.optimize import minimize

    failed = np.array([span.failed for span in spans], dtype=bool)
    if failed.sum() < MIN_FAILURES:
        return None
    begin = np.array([span.begin for span in spans])
    end = np.array([span.end for span in spans])
    middle = float(end.mean())

    def loss(point: np.ndarray) -> float:
        shape, scale = np.exp(point)
        hazard = np.log(shape / scale) + (shape - 1) * np.log(np.maximum(end[failed], 1e-12) / scale)
        return float(((end / scale) ** shape - (begin / scale) ** shape).sum() - hazard.sum())

    bounds = [tuple(np.log(SHAPE_RANGE)), (np.log(middle * 1e-2), np.log(middle * 1e4))]
    starts = [(np.log(shape), np.log(middle * len(spans) / failed.sum())) for shape in (1.0, 2.5)]
    best = min(
        (minimize(loss, start, method="L-BFGS-B", bounds=bounds) for start in starts), key=lambda found: found.fun
    )
    shape, scale = np.exp(best.x)
    return Weibull(float(shape), float(scale), int(failed.sum()), len(spans))


@dataclass(frozen=True)
class Replacement:
    """The best age to replace at, ``rate`` the long-run cost per clock unit under it, ``failure_rate`` that of running to failure.

    ``age`` is None where no age saves anything: a flat or falling hazard, or a failure that costs no more than planned work.
    """

    age: float | None
    rate: float
    failure_rate: float


def best_replacement(life: Weibull, planned_cost: float, failure_cost: float) -> Replacement:
    """The age T that minimises ``(planned R(T) + failure (1 - R(T))) / int_0^T R``, costs in any one currency."""
    import numpy as np

    ages = np.linspace(0, life.mean * 3, GRID + 1)
    alive = life.alive(ages)
    lived = np.concatenate([[0.0], np.cumsum((alive[1:] + alive[:-1]) / 2) * (ages[1] - ages[0])])
    rates = (planned_cost * alive[1:] + failure_cost * (1 - alive[1:])) / lived[1:]
    to_failure = failure_cost / life.mean
    place = int(rates.argmin())
    if rates[place] > (1 - WORTH) * to_failure:
        return Replacement(None, to_failure, to_failure)
    return Replacement(float(ages[place + 1]), float(rates[place]), to_failure)

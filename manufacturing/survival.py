"""Time to failure with censoring: a hazard for each stretch of the days ahead, by boosted trees on person-period rows.

Row ``i`` of a feature table becomes one row for each stretch that its machine lived through or failed in; a machine that was still running or was
serviced before counts as alive up to then (Allison 1982). The product of ``1 - hazard`` is the survival, from which risks by horizon
and the life's quantiles follow, so that they can never contradict each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .calibration import Calibration
from .outlook import Survival

if TYPE_CHECKING:
    import numpy as np

EDGES = (0.5, 1.0, 2.0, 3.0, 5.0, 7.0, 10.0, 14.0, 21.0, 30.0, 45.0, 60.0)
"""Ends of the stretches, in days ahead."""
STRETCH = "ahead|stretch|0"
"""Name of the feature that tells the stretch: its number, the last feature of each row."""


@dataclass(frozen=True)
class Periods:
    """Person-period rows: ``source`` int[rows] which table row, ``stretch`` int[rows], ``failed`` bool[rows], ``share`` float[rows] of the stretch that was seen."""

    source: np.ndarray
    stretch: np.ndarray
    failed: np.ndarray
    share: np.ndarray


def periods(days: np.ndarray, failed: np.ndarray, edges: Sequence[float] = EDGES) -> Periods:
    """Expand rows into stretches.

    Args:
        days: float[rows], days until the failure, or until the machine was last known whole.
        failed: bool[rows], whether it ended in failure.

    A stretch that ends after censoring is left out unless half of it was seen.

    >>> p = periods(__import__("numpy").array([1.5]), __import__("numpy").array([True]), (1.0, 2.0, 4.0))
    >>> p.stretch.tolist(), p.failed.tolist()
    ([0, 1], [False, True])
    """
    import numpy as np

    begins = np.concatenate([[0.0], np.asarray(edges[:-1], dtype=float)])
    ends = np.asarray(edges, dtype=float)
    days = np.asarray(days, dtype=float)[:, None]
    ended = np.asarray(failed, dtype=bool)[:, None]
    share = np.clip((days - begins) / (ends - begins), 0.0, 1.0)
    here = (days > begins) & (days <= ends) & ended
    seen = np.where(ended, (days > begins), share >= 0.5)
    source, stretch = np.nonzero(seen)
    return Periods(source, stretch, here[source, stretch], np.where(here, 1.0, share)[source, stretch])


def rows(values: np.ndarray, source: np.ndarray, stretch: np.ndarray) -> np.ndarray:
    """float32[periods, features + 1]: the features of each period's row with the stretch behind."""
    import numpy as np

    return np.column_stack([values[source], stretch.astype(np.float32)]).astype(np.float32)


def ahead(values: np.ndarray, num_stretches: int) -> np.ndarray:
    """float32[rows * stretches, features + 1]: each row once for each stretch, for prediction."""
    import numpy as np

    count = len(values)
    return rows(values, np.repeat(np.arange(count), num_stretches), np.tile(np.arange(num_stretches), count))


def survival(hazards: np.ndarray, edges: Sequence[float] = EDGES, calibration: Calibration | None = None) -> Survival:
    """The survival of one machine from the hazards float[stretches] of the stretches ahead."""
    import numpy as np

    hazard = np.asarray(hazards, dtype=float)
    if calibration is not None:
        hazard = calibration(hazard)
    alive = np.cumprod(1 - np.clip(hazard, 0, 1))
    return Survival((0.0, *(float(edge) for edge in edges)), (1.0, *(float(share) for share in alive)))


def join(parts: Sequence[Survival]) -> Survival:
    """The machine's survival when any component's failure stops it; components are taken as independent given what is known."""
    import numpy as np

    days = sorted({day for part in parts for day in part.days})
    alive = np.prod([[part.at(day) for day in days] for part in parts], axis=0)
    return Survival(tuple(days), tuple(float(share) for share in alive))


def incidence(parts: Sequence[Survival], days: Sequence[float]) -> list[list[float]]:
    """Cumulative incidence of each component: chance that *it* fails by each of ``days``, before any other (Kalbfleisch and Prentice 1980).

    Sums to the chance that the machine fails.
    """
    import numpy as np

    fine = np.unique(np.concatenate([np.linspace(0, max(days), 400), np.asarray(days, dtype=float)]))
    alive = np.array([[part.at(day) for day in fine] for part in parts])
    together = alive.prod(axis=0)
    hazard = np.diff(-np.log(np.maximum(alive, 1e-300)), axis=1)
    total = np.maximum(hazard.sum(axis=0), 1e-300)
    steps = hazard / total * -np.diff(together)
    sums = np.concatenate([np.zeros((len(parts), 1)), np.cumsum(steps, axis=1)], axis=1)
    return [[float(np.interp(day, fine, row)) for day in days] for row in sums]


def quantile(life: Survival, share: float) -> float:
    """The day by which a ``share`` of such machines will have failed; infinite where the hazard ahead is nothing."""
    import numpy as np

    target = 1 - share
    alive = np.asarray(life.alive)
    if alive[-1] <= target:
        return float(np.interp(-target, -alive, life.days))
    step = life.days[-1] - life.days[-2]
    rate = (np.log(max(life.alive[-2], 1e-12)) - np.log(max(life.alive[-1], 1e-12))) / step
    if rate <= 0:
        return float("inf")
    return float(life.days[-1] + (np.log(max(life.alive[-1], 1e-12)) - np.log(target)) / rate)

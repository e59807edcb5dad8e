"""Make a model's probabilities mean what they say: two numbers fitted on machines that the model did not see (Platt 1999)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

EDGE = 1e-9


@dataclass(frozen=True)
class Calibration:
    """``p -> sigmoid(slope * logit(p) + intercept)``; the default changes nothing."""

    slope: float = 1.0
    intercept: float = 0.0

    def __call__(self, probability: np.ndarray) -> np.ndarray:
        """Calibrated probabilities, same shape."""
        import numpy as np

        clipped = np.clip(np.asarray(probability, dtype=float), EDGE, 1 - EDGE)
        return 1 / (1 + np.exp(-(self.slope * np.log(clipped / (1 - clipped)) + self.intercept)))


def fit(probability: np.ndarray, outcome: np.ndarray, weight: np.ndarray | None = None) -> Calibration:
    """Fit on predictions for machines set aside: ``probability`` and ``outcome`` (0 or 1) float[rows].

    The slope is kept above zero, so that ranking never turns round. Without both outcomes nothing is changed.
    """
    import numpy as np
    from scipy.optimize import minimize

    outcome = np.asarray(outcome, dtype=float)
    if outcome.size == 0 or outcome.min() == outcome.max():
        return Calibration()
    weight = np.ones_like(outcome) if weight is None else np.asarray(weight, dtype=float)
    clipped = np.clip(np.asarray(probability, dtype=float), EDGE, 1 - EDGE)
    logit = np.log(clipped / (1 - clipped))

    def loss(point: np.ndarray) -> tuple[float, np.ndarray]:
        score = point[0] * logit + point[1]
        value = (weight * (np.logaddexp(0, score) - outcome * score)).sum()
        error = weight * (1 / (1 + np.exp(-score)) - outcome)
        return float(value), np.array([(error * logit).sum(), error.sum()])

    found = minimize(loss, (1.0, 0.0), jac=True, method="L-BFGS-B", bounds=[(0.05, 20.0), (-20.0, 20.0)])
    return Calibration(float(found.x[0]), float(found.x[1]))

"""Join the network and the linear part into calibrated probabilities, by passage and by contract.

A passage's log-odds for a category are a logistic regression on both parts' standardised scores; a contract's, one on the best, the
second best and the sum over its passages, then scaled by category. Fitted on out-of-fold scores (``finance/train/combine.py``) and kept in bundle.json.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

ABSENT = -12.0
"""Log-odds of a category in a contract without passages, and of a second passage where there is one."""


@dataclass(frozen=True)
class Combination:
    """Arrays over categories K and parts M (the network and the linear part, or the linear part alone).

    ``means``/``scales`` float[M, K], ``weights`` float[M, K], ``bias`` float[K]; ``pool`` float[4] (three features and bias), ``slope``/``offset`` float[K];
    ``presence_threshold`` one probability for all, ``passage_thresholds`` float[K].
    """

    means: np.ndarray
    scales: np.ndarray
    weights: np.ndarray
    bias: np.ndarray
    pool: np.ndarray
    slope: np.ndarray
    offset: np.ndarray
    presence_threshold: float
    passage_thresholds: np.ndarray

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Combination:
        """Read back what ``as_dict`` gave."""
        import numpy as np

        arrays = {key: np.asarray(value, dtype=np.float64) for key, value in content.items() if isinstance(value, list)}
        return cls(**arrays, presence_threshold=float(content["presence_threshold"]))

    def as_dict(self) -> dict[str, Any]:
        """JSON-able form, four decimals."""
        import numpy as np

        fields = {key: getattr(self, key) for key in self.__dataclass_fields__}
        return {
            key: np.round(value, 4).tolist() if isinstance(value, np.ndarray) else float(value)
            for key, value in fields.items()
        }

    def log_odds(self, *parts: np.ndarray) -> np.ndarray:
        """Log-odds [passages, K] from each part's scores [passages, K], in the order of ``means``."""
        import numpy as np

        total = np.tile(self.bias, (len(parts[0]), 1))
        for part, scores in enumerate(parts):
            total += self.weights[part] * (scores - self.means[part]) / self.scales[part]
        return total

    def presence(self, log_odds: np.ndarray) -> np.ndarray:
        """Probability [K] that the contract has each category, from its passages' log-odds [passages, K]."""
        return sigmoid(self.slope * (presence_features(log_odds) @ self.pool[:3] + self.pool[3]) + self.offset)


def presence_features(log_odds: np.ndarray) -> np.ndarray:
    """[K, 3]: best passage, second best, and the log of the expected number of passages."""
    import numpy as np

    num_categories = log_odds.shape[1]
    if not len(log_odds):
        return np.full((num_categories, 3), ABSENT)
    best = np.sort(log_odds, axis=0)
    second = best[-2] if len(best) > 1 else np.full(num_categories, ABSENT)
    return np.stack([best[-1], np.maximum(second, ABSENT), np.log(sigmoid(log_odds).sum(axis=0) + 1e-9)], axis=1)


def sigmoid(value: np.ndarray) -> np.ndarray:
    """1 / (1 + exp(-value)), without overflow."""
    import numpy as np

    return 0.5 * (1 + np.tanh(0.5 * np.asarray(value, dtype=np.float64)))

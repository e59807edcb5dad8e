"""The bins of remaining life over which the life model's network spreads its probability, and what follows from shares of them.

Bin ``k`` holds lives of ``3 k`` to ``3 k + 2`` cycles, the last one all beyond. The model is taught nothing about lives above ``CAP`` (the usual cap of C-MAPSS).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

CAP = 125.0
BIN = 3.0
NUM_BINS = 67
BEYOND = 212.0
"""Where the last bin's lives are taken to lie; above the cap, so it moves no capped mean."""

FLOOR = 1.0
"""Difficulty is the spread of the capped life and this many cycles: near failure the spread goes to nothing, errors do not."""


def centres() -> np.ndarray:
    """float64[bins]: the middle of each bin, in cycles."""
    import numpy as np

    found = np.arange(NUM_BINS) * BIN + (BIN - 1) / 2
    found[-1] = BEYOND
    return found


def edges() -> np.ndarray:
    """float64[bins]: where each bin ends; a life of n cycles fails in the bin whose end is above n. The last is infinite."""
    import numpy as np

    found = (np.arange(NUM_BINS) + 1) * BIN
    found[-1] = np.inf
    return found


def capped_moments(shares: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation float64[rows] of min(life, cap) by shares float[rows, bins]."""
    import numpy as np

    capped = np.minimum(centres(), CAP)
    shares = np.asarray(shares, dtype=np.float64)
    mean = shares @ capped
    return mean, np.sqrt(np.maximum(shares @ capped**2 - mean**2, 0.0))


def temper(shares: np.ndarray, temperature: float) -> np.ndarray:
    """Shares float64[rows, bins] made flatter (temperature above 1) or sharper, still summing to one (Guo et al. 2017)."""
    import numpy as np

    raised = np.maximum(np.asarray(shares, dtype=np.float64), 1e-12) ** (1 / temperature)
    return raised / raised.sum(axis=1, keepdims=True)


def quantiles(shares: np.ndarray, levels: np.ndarray, tail: float) -> np.ndarray:
    """float64[rows, levels]: lives that fall short with these probabilities; straight within a bin, exponential with mean ``tail`` in the last."""
    import numpy as np

    ends = np.concatenate([[0.0], (np.arange(NUM_BINS - 1) + 1) * BIN])
    found = np.empty((len(shares), len(levels)))
    for row, share in enumerate(np.asarray(shares, dtype=np.float64)):
        below = np.minimum(np.concatenate([[0.0], np.cumsum(share[:-1])]), 1.0)
        inside = np.interp(levels, below, ends)
        left = np.maximum(1 - below[-1], 1e-12)
        beyond = ends[-1] - tail * np.log(np.maximum((1 - np.asarray(levels)) / left, 1e-12))
        found[row] = np.where(np.asarray(levels) > below[-1], beyond, inside)
    return found

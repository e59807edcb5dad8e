"""Products, differences and ratios of every pair of sensors: where physics joins two readings, one split of a tree then says what staircases of splits on each cannot.

For rows that stand alone, without a past; every pair is made alike, none is picked by hand. The bundle `milling` is fitted on these.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

FORMULAS = ("product", "difference", "ratio")
ZERO = 1e-9
"""A ratio to less than this is not known."""


def names(sensors: Sequence[str], traits: Sequence[str] = ()) -> tuple[str, ...]:
    """Names of the columns of ``build``, in its order.

    >>> names(("a", "b"), ("type",))
    ('a', 'b', 'type', 'product(a,b)', 'difference(a,b)', 'ratio(a,b)')
    """
    joined = [f"{formula}({first},{second})" for first, second in combinations(sensors, 2) for formula in FORMULAS]
    return (*sensors, *traits, *joined)


def build(values: np.ndarray, num_sensors: int) -> np.ndarray:
    """float32[rows, features]: the columns as they are, then each formula over each pair of the first ``num_sensors`` columns.

    Args:
        values: float[rows, columns]; NaN where not known, and so then is every pair with it.
    """
    import numpy as np

    values = np.asarray(values, dtype=np.float64)
    columns = [values]
    for first, second in combinations(range(num_sensors), 2):
        a, b = values[:, first], values[:, second]
        ratio = np.divide(a, b, out=np.full(len(values), np.nan), where=np.abs(b) > ZERO)
        columns.append(np.column_stack([a * b, a - b, ratio]))
    return np.concatenate(columns, axis=1).astype(np.float32)

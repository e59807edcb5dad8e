"""Operating regimes: which one a row is in, and what a sensor reads in spreads of what is usual there.

Fitted by ``fit`` on training machines; applied by ``build`` to every row by itself, so that nothing of the future comes in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...core.errors import InputError

if TYPE_CHECKING:
    import numpy as np

    from ..history import Record
    from .table import Regimes


def columns(record: Record, names: tuple[str, ...], rows: np.ndarray) -> np.ndarray:
    """float64[rows, names] of a record's sensors at grid rows ``rows``.

    Raises:
        InputError: the machine has no such sensor (code ``missing_sensor``).
    """
    import numpy as np

    known = set(record.sensors)
    missing = [name for name in names if name not in known]
    if missing:
        raise InputError(
            f"machine {record.machine} has no sensor {missing[0]!r}",
            code="missing_sensor",
            remedy="name the column in the plant file, or use a model that was made without this sensor",
        )
    place = {name: column for column, name in enumerate(record.sensors)}
    values = record.values[rows[:, None], np.array([place[name] for name in names], dtype=np.int64)].astype(np.float64)
    values[~np.isfinite(values)] = np.nan
    return values


def assign(settings: np.ndarray, regimes: Regimes) -> np.ndarray:
    """int64[rows]: the nearest centre by scaled Euclidean distance over the settings that are known; -1 where none is.

    ``settings`` is float64[rows, settings], NaN where not known.
    """
    import numpy as np

    if len(regimes.centres) == 1 or not regimes.settings:
        return np.zeros(len(settings), dtype=np.int64)
    scaled = settings / np.asarray(regimes.scales)
    centres = np.asarray(regimes.centres) / np.asarray(regimes.scales)
    distances = np.zeros((len(settings), len(centres)))
    for column in range(scaled.shape[1]):
        distances += np.nan_to_num((scaled[:, column, None] - centres[None, :, column]) ** 2, nan=0.0)
    nearest = distances.argmin(axis=1)
    nearest[~np.isfinite(scaled).any(axis=1)] = -1
    return nearest


def normalise(values: np.ndarray, regime: np.ndarray, regimes: Regimes) -> np.ndarray:
    """(value - mean) / spread of its regime, float64[rows, sensors]; NaN where the regime or its spread is not known."""
    import numpy as np

    # one row more than there are regimes, so that -1 finds NaN
    mean = np.vstack([np.asarray(regimes.mean), np.full(values.shape[1], np.nan)])
    spread = np.vstack([np.asarray(regimes.spread), np.full(values.shape[1], np.nan)])
    spread[~(spread > 0)] = np.nan
    return (values - mean[regime]) / spread[regime]

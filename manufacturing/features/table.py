"""What feature building takes and gives: the specification that a bundle carries, and the table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

SEPARATOR = "|"


@dataclass(frozen=True)
class FeatureName:
    """``sensor|statistic|window`` with the window in rows of running time; 0: the whole life so far (or no window at all).

    ``sensor`` is a sensor, ``log:CODE`` for logged events, ``clock`` for ages, or ``trait:NAME``.
    """

    sensor: str
    statistic: str
    window: int = 0

    def __str__(self) -> str:
        return f"{self.sensor}{SEPARATOR}{self.statistic}{SEPARATOR}{self.window}"

    @classmethod
    def parse(cls, text: str) -> FeatureName:
        """Raises ValueError where ``text`` is not of the form."""
        sensor, statistic, window = text.rsplit(SEPARATOR, 2)
        return cls(sensor, statistic, int(window))


@dataclass(frozen=True)
class Regimes:
    """Operating regimes: nearest of ``centres`` float[regimes, settings] after dividing by ``scales``; sensors are normalised within each.

    ``mean`` and ``spread`` are float[regimes, sensors]. Fitted on training machines only.
    """

    settings: tuple[str, ...]
    scales: tuple[float, ...]
    centres: tuple[tuple[float, ...], ...]
    mean: tuple[tuple[float, ...], ...]
    spread: tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class FeatureSpec:
    """Everything that decides a feature table, as JSON in a bundle: same spec, same record, same features.

    ``windows`` are in rows of running time, ``baseline_rows`` the machine's own first rows of the life that it is compared with (0: none).
    ``whole_life`` adds statistics of the life so far. ``codes`` are logged codes that get counts (``log_windows_h`` in hours) and hours since
    the last: a plain code is an error's, ``maintenance/CODE`` is of another kind of event. ``traits`` are numbers as they are, or words with their
    known values. ``limits`` are (low, high) by sensor in the units of the statistics: spreads of the regime where there are ``regimes``, else the
    sensor's own. ``restarts`` names the components whose renewal restarts windows, baseline and logs ("" the whole machine); None: "" and every
    one of ``components``.
    """

    sensors: tuple[str, ...]
    statistics: tuple[str, ...]
    windows: tuple[int, ...]
    baseline_rows: int = 0
    whole_life: bool = False
    regimes: Regimes | None = None
    clock: bool = True
    codes: tuple[str, ...] = ()
    log_windows_h: tuple[float, ...] = ()
    components: tuple[str, ...] = ()
    traits: Mapping[str, tuple[str, ...]] | None = None
    limits: Mapping[str, tuple[float, float]] | None = None
    restarts: tuple[str, ...] | None = None

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)


@dataclass(frozen=True)
class FeatureTable:
    """``values`` float32[rows, features] by ``names``; row ``i`` is ``machines[i]`` at grid row ``at[i]`` (``times[i]`` in microseconds UTC, ``clock[i]``)."""

    names: tuple[str, ...]
    values: np.ndarray
    machines: np.ndarray
    at: np.ndarray
    times: np.ndarray
    clock: np.ndarray

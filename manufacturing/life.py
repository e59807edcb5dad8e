"""Remaining useful life: from the features of a machine to how long it will last, with an interval, and to the chance of every day ahead.

A bundle of a life model holds trees and a network over the same feature row; their weighted mean is the expected life, capped where training was. Intervals are
conformal margins in units of the network's own spread; the network's tempered shares are the survival that the plan reads.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ..core.bundle import Bundle
from ..core.errors import BundleFormatError
from ..core.runtime import Runtime
from .age import Weibull
from .conformal import Margins
from .features.statistics import names_of, read_spec
from .life_bins import BIN, CAP, FLOOR, NUM_BINS, capped_moments, temper
from .model import HORIZON_H, SensorRange, misfits
from .outlook import LifeForecast, Outlook, Survival

if TYPE_CHECKING:
    import numpy as np

    from .features.table import FeatureSpec, FeatureTable
    from .history import Record
    from .plant import Plant

BUNDLES = Path(__file__).parent / "bundles"
BASELINES = ("boosting", "linear", "age", "majority")
TREES, NETWORK, BOOSTING = "trees", "network", "boosting"
TAIL_POINTS = (25.0, 50.0, 100.0, 200.0)
"""Clock units beyond the last bin at which a survival has points."""


@dataclass(frozen=True)
class LifePrediction:
    """What the model says of rows of a table, in clock units: ``level`` is the expected life and never above the cap.

    ``low`` and ``high`` float64[rows] held 90 % of machines set aside (``high`` at the cap: "at least this"); ``shares`` float64[rows, bins]
    is the distribution, not cut at the cap.
    """

    level: np.ndarray
    low: np.ndarray
    high: np.ndarray
    shares: np.ndarray


class LifeModel:
    """An open bundle of a life model. Keep it; it is not for several threads at once."""

    def __init__(self, bundle: Bundle, runtime: Runtime) -> None:
        """Raises BundleFormatError where the bundle's configuration is not that of a life model."""
        self.bundle, self.runtime = bundle, runtime
        config = bundle.config
        try:
            life = config["life"]
            self.asset_class = str(config["asset_class"])
            self.clock_unit = str(config["clock_unit"])
            self.interval_s = float(config["interval_s"])
            self.sensors = tuple(SensorRange(**entry) for entry in config["sensors"])
            self.spec: FeatureSpec = read_spec(config["features"], f"{bundle.path}: features")
            self.blend = _share(life["blend"])
            self.temperature = _positive(life["temperature"])
            self.tail = _positive(life["tail"])
            self.margins = Margins(
                below=_positive(life["below"]), above=_positive(life["above"]), level=_share(life["level"])
            )
            if (life["cap"], life["bin"], life["bins"]) != (CAP, BIN, NUM_BINS):
                raise ValueError("its bins of life are not those of this version")
            self._names = tuple(str(name) for name in names_of(self.spec))
            self._columns = {part: self._places(bundle, part) for part in (TREES, BOOSTING)}
            self._baselines: Mapping[str, Any] = config["baselines"]
        except (KeyError, TypeError, ValueError) as error:
            raise BundleFormatError(f"{bundle.path} is no bundle of a life model: {error}") from error

    def _places(self, bundle: Bundle, part: str) -> list[int]:
        return [self._names.index(name) for name in bundle.parts[part].config["features"]]

    @classmethod
    def open(
        cls, bundle: str = "turbofan", variant: str = "auto", *, progress: Callable[[str], None] | None = None
    ) -> LifeModel:
        """Open the bundle in the folder ``bundle``, or the shipped one of that name.

        Raises:
            BundleError: missing, changed, or of another kind.
        """
        from . import network  # noqa: F401  (registers the network)

        path = Path(bundle) if "/" in bundle or Path(bundle).is_dir() else BUNDLES / bundle
        opened = Bundle.open(path)
        return cls(opened, Runtime.open(opened, variant, progress=progress))

    ages: Mapping[str, Weibull] = MappingProxyType({})
    warning: Mapping[str, float] = MappingProxyType({})

    @property
    def name(self) -> str:
        """``BUNDLE:VARIANT``."""
        return f"{self.bundle.name}:{self.runtime.variant}"

    def misfits(self, plant: Plant) -> tuple[str, ...]:
        """Why this model may not run on ``plant``; empty where it may."""
        return misfits(self.bundle.config, plant)

    def table(self, record: Record, at: Sequence[int] | np.ndarray | None = None) -> FeatureTable:
        """Features of ``record`` at grid rows ``at`` (default: the last)."""
        from .features.build import build

        return build(record, self.spec, at)

    def predict(self, table: FeatureTable) -> LifePrediction:
        """Predict every row of a table that ``table`` (or ``features.build`` with ``spec``) made."""
        import numpy as np

        raw = self._run(NETWORK, "shares", table.values)
        shares = temper(raw, self.temperature)
        by_network = capped_moments(raw)[0]
        by_trees = self._run(TREES, "y", table.values[:, self._columns[TREES]])
        level = np.clip(self.blend * by_network + (1 - self.blend) * by_trees, 0.0, CAP)
        low, high = self.margins.interval(level, capped_moments(shares)[1] + FLOOR)
        return LifePrediction(level, np.minimum(low, CAP), np.minimum(high, CAP), shares)

    def _run(self, part: str, output: str, values: np.ndarray) -> np.ndarray:
        import numpy as np

        items = ({"x": row} for row in values)
        found = [row[output] for row in self.runtime.run(part, items, cost=lambda _: 1)]
        return np.asarray(found, dtype=np.float64)

    def baseline(self, name: str, table: FeatureTable) -> np.ndarray:
        """float64[rows]: the capped life by a plain way, fitted when the bundle was made.

        ``boosting``: trees on window features; ``linear``: ridge regression on means and slopes of the last 20 rows; ``age``: the mean rest of a Weibull
        life; ``majority``: one number.
        """
        import numpy as np

        if name == "boosting":
            found = self._run(BOOSTING, "y", table.values[:, self._columns[BOOSTING]])
        elif name == "linear":
            entry = self._baselines["linear"]
            places = [self._names.index(feature) for feature in entry["features"]]
            x = np.nan_to_num(table.values[:, places].astype(np.float64))
            found = x @ np.asarray(entry["weights"], dtype=np.float64) + float(entry["bias"])
        elif name == "age":
            entry = self._baselines["age"]
            life = Weibull(float(entry["shape"]), float(entry["scale"]), 0, 0)
            ahead = np.arange(CAP + 1)
            ages = np.asarray(table.clock, dtype=np.float64)[:, None]
            alive = life.alive(ages + ahead) / np.maximum(life.alive(ages), 1e-300)
            # E[min(T, cap)] is the area below the survival up to the cap
            found = ((alive[:, 1:] + alive[:, :-1]) / 2).sum(axis=1)
        else:
            found = np.full(len(table.values), float(self._baselines["majority"]))
        return np.clip(found, 0.0, CAP)

    def forecasts(self, prediction: LifePrediction) -> tuple[LifeForecast, ...]:
        """One forecast a row; ``capped`` where the interval reaches the cap, so that its end says "at least"."""
        rows = zip(prediction.level, prediction.low, prediction.high, strict=True)
        return tuple(
            LifeForecast(self.clock_unit, float(level), float(low), float(high), capped=bool(high >= CAP))
            for level, low, high in rows
        )

    def survivals(self, prediction: LifePrediction, per_day: float) -> tuple[Survival, ...]:
        """One survival a row: ``per_day`` clock units pass in a day. Beyond the last bin the rate is that of training."""
        return tuple(survival(shares, self.tail, per_day) for shares in prediction.shares)

    def outlooks(self, record: Record, per_day: float, at: int | None = None) -> tuple[Outlook, ...]:
        """The outlook of the whole machine at grid row ``at`` (default: the last)."""
        from .failure import risks

        row = len(record.times) - 1 if at is None else at
        prediction = self.predict(self.table(record, [row]))
        alive = self.survivals(prediction, per_day)[0]
        return (
            Outlook(
                machine=record.machine,
                component="",
                as_of=int(record.times[row]),
                basis="model",
                score=1 - alive.at(HORIZON_H / 24),
                survival=alive,
                risks=risks(alive, "model"),
                life=self.forecasts(prediction)[0],
                confidence=record.confidence,
            ),
        )


def survival(shares: np.ndarray, tail: float, per_day: float) -> Survival:
    """The survival that shares float[bins] of remaining life say; a life of n units outlasts n of them.

    The last bin's share dies away with the mean ``tail`` units. ``alive`` never rises, by rounding either.
    """
    import numpy as np

    ends = (np.arange(NUM_BINS - 1) + 1) * BIN
    alive = np.clip(1 - np.cumsum(np.asarray(shares, dtype=np.float64)[:-1]), 0.0, 1.0)
    beyond = np.asarray(TAIL_POINTS)
    days = np.concatenate([[0.0], ends, ends[-1] + beyond]) / per_day
    whole = np.minimum.accumulate(np.concatenate([[1.0], alive, alive[-1] * np.exp(-beyond / tail)]))
    return Survival(tuple(float(day) for day in days), tuple(float(chance) for chance in whole))


def _share(value: Any) -> float:
    number = float(value)
    if not 0 <= number <= 1:
        raise ValueError(f"{number} is no share")
    return number


def _positive(value: Any) -> float:
    number = float(value)
    if not 0 < number < 1e6:
        raise ValueError(f"{number} is not above 0")
    return number

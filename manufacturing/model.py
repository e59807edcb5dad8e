"""The trained model of a kind of machine: a bundle, the facts that say where it may run, and the way from a record to outlooks.

A model runs only on its asset class, its sensors in its units, its interval and clock; ``misfits`` says why it does not. Within the ranges it was
trained on it predicts; beyond them the outlook says so and is lowered to a ranking.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core.bundle import Bundle
from ..core.errors import BundleFormatError
from ..core.runtime import Runtime
from .age import Weibull
from .calibration import Calibration
from .failure import basis, risks
from .features.statistics import read_spec
from .features.table import FeatureSpec, FeatureTable
from .outlook import LifeForecast, Outlook, Reason, Similar, Survival
from .similar import FailureIndex

if TYPE_CHECKING:
    import numpy as np

    from .history import Record
    from .life import LifeModel
    from .plant import Plant

BUNDLES = Path(__file__).parent / "bundles"
LIFE = "life"
"""What a bundle of remaining life calls its kind."""
HORIZON_H = 168.0
"""The horizon whose risk is an outlook's score."""
BEYOND = 0.05
"""Share of a sensor's last values that may lie outside the range of training before the model counts as out of its ground."""


@dataclass(frozen=True)
class SensorRange:
    """What a model knows of a sensor: its unit, and the range (0.1 to 99.9 %) of its values in training."""

    name: str
    unit: str
    low: float
    high: float


@dataclass(frozen=True)
class Head:
    """One component's hazard: which part, its stretches, its calibration, and what it was trained on.

    ``threshold`` is the risk within ``HORIZON_H`` at which an incident opens, chosen on machines set aside; ``tails`` are the levels of the survival between which
    90 % of set-aside failures fell.
    """

    component: str
    part: str
    edges: tuple[float, ...]
    calibration: Calibration
    num_failures: int
    threshold: float
    tails: tuple[float, float]


class MachineModel:
    """An open bundle for one asset class. Keep it; it is not for several threads at once."""

    def __init__(self, bundle: Bundle, runtime: Runtime) -> None:
        """Raises BundleFormatError where the bundle's configuration is not that of a machine model."""
        self.bundle, self.runtime = bundle, runtime
        config = bundle.config
        try:
            self.asset_class = str(config["asset_class"])
            self.interval_s = float(config["interval_s"])
            self.clock_unit = str(config["clock_unit"])
            self.sensors = tuple(SensorRange(**entry) for entry in config["sensors"])
            self.spec: FeatureSpec = read_spec(config["features"], f"{bundle.path}: features")
            self.usual: Mapping[str, float] = config["usual"]
            self.heads = tuple(_head(entry) for entry in config["heads"])
            self.ages = {name: Weibull(**entry) for name, entry in config["age"].items()}
            self.warning: Mapping[str, float] = config["warning"]
        except (KeyError, TypeError, ValueError) as error:
            raise BundleFormatError(f"{bundle.path} is no bundle of a machine model: {error}") from error
        similar = bundle.path / "similar"
        self.index = FailureIndex.load(similar) if similar.is_dir() else None

    @classmethod
    def open(cls, bundle: str, variant: str = "auto", *, progress: Callable[[str], None] | None = None) -> MachineModel:
        """Open the bundle in the folder ``bundle``, or the shipped one of that name.

        Raises:
            BundleError: missing, changed, or of another kind.
        """
        opened = Bundle.open(folder_of(bundle))
        return cls(opened, Runtime.open(opened, variant, progress=progress))

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

    def survivals(self, table: FeatureTable) -> Mapping[str, Sequence[Survival]]:
        """By component, the survival ahead of each row of ``table``."""
        from .survival import ahead, survival

        found: dict[str, Sequence[Survival]] = {}
        size = len(table.machines)
        for head in self.heads:
            count = len(head.edges)
            items = [{"x": rows} for rows in ahead(table.values, count).reshape(size, count, -1)]
            outputs = self.runtime.run(head.part, items, cost=lambda item: len(item["x"]))
            found[head.component] = [survival(out["y"].ravel(), head.edges, head.calibration) for out in outputs]
        return found

    def outlooks(
        self, record: Record, per_day: float, *, survivals: Mapping[str, Survival] | None = None
    ) -> tuple[Outlook, ...]:
        """One outlook for each component at the last row of ``record``.

        Args:
            per_day: clock units that pass in a day.
            survivals: by component, where they are known already.
        """
        row = len(record.times) - 1
        if survivals is None:
            survivals = {name: ahead[-1] for name, ahead in self.survivals(self.table(record)).items()}
        beyond = self.beyond(record, row)
        return tuple(
            self._outlook(head, survivals[head.component], record, row, per_day, beyond) for head in self.heads
        )

    def reasons(
        self, component: str, table: FeatureTable, row: int, record: Record, units: Mapping[str, str]
    ) -> tuple[Reason, ...]:
        """What moved the risk within the horizon of ``component`` at row ``row`` of ``table``, by the mean TreeSHAP value over its stretches."""
        import numpy as np

        from .explain import reasons
        from .survival import rows

        head = next(head for head in self.heads if head.component == component)
        near = np.arange(1 + int(np.searchsorted(head.edges, HORIZON_H / 24)))
        item = {"x": rows(table.values, np.full(len(near), row), near)}
        (out,) = self.runtime.run(f"{head.part}-reasons", [item], cost=lambda item: len(item["x"]))
        return reasons(out["contributions"].mean(axis=0), table, row, self.spec, record, self.usual, units=units)

    def similar(self, component: str, table: FeatureTable, row: int) -> tuple[Similar, ...]:
        """Past failures of ``component`` in training that looked alike."""
        return self.index.nearest(table, row, component=component) if self.index is not None else ()

    def _outlook(
        self, head: Head, life: Survival, record: Record, row: int, per_day: float, beyond: Sequence[str]
    ) -> Outlook:
        kind = basis(head.num_failures)
        notes = []
        if kind == "ranking":
            notes.append(
                f"trained on {head.num_failures} failures of this kind, too few for a probability or a remaining life: a ranking only"
            )
        if beyond:
            kind = "ranking" if kind == "model" else kind
            notes.append(f"outside what the model was trained on: {', '.join(beyond)}; a ranking only")
        return Outlook(
            machine=record.machine,
            component=head.component,
            as_of=int(record.times[row]),
            basis=kind,
            score=1 - life.at(HORIZON_H / 24),
            threshold=head.threshold,
            survival=life,
            risks=risks(life, kind),
            life=forecast(life, head.tails, self.clock_unit, per_day) if kind == "model" else None,
            confidence=record.confidence,
            notes=tuple(notes),
        )

    def beyond(self, record: Record, row: int) -> tuple[str, ...]:
        """Sensors whose values of the last running day left the range of training."""
        import numpy as np

        rows = np.flatnonzero(record.running[: row + 1])[-max(1, round(86_400 / record.interval_s)) :]
        told = []
        for sensor in self.sensors:
            if sensor.name not in record.sensors:
                continue
            last = record.column(sensor.name)[rows]
            last = last[np.isfinite(last)]
            room = 0.5 * (sensor.high - sensor.low)
            if len(last) and np.mean((last < sensor.low - room) | (last > sensor.high + room)) > BEYOND:
                told.append(sensor.name)
        return tuple(told)


def folder_of(bundle: str) -> Path:
    """The folder of a bundle that is given by its path, or by the name of one that ships."""
    shipped = BUNDLES / bundle
    return shipped if "/" not in bundle and (shipped / "bundle.json").is_file() else Path(bundle)


def shipped_for(asset_class: str) -> str:
    """The name of the shipped model that ``open_model`` opens for an asset class; "" where there is none."""
    for path in sorted(BUNDLES.glob("*/bundle.json")):
        config = json.loads(path.read_text(encoding="utf-8"))
        if config.get("asset_class") == asset_class and (config.get("heads") or config.get("kind") == LIFE):
            return path.parent.name
    return ""


def open_model(
    bundle: str, variant: str = "auto", *, progress: Callable[[str], None] | None = None
) -> MachineModel | LifeModel:
    """Open a bundle that predicts machines, by its folder or name: hazards by component, or remaining life.

    Raises:
        BundleError: missing, changed, or of another kind.
    """
    from .life import LifeModel

    folder = folder_of(bundle)
    if Bundle.open(folder).config.get("kind") == LIFE:
        return LifeModel.open(str(folder), variant, progress=progress)
    return MachineModel.open(str(folder), variant, progress=progress)


def misfits(config: Mapping[str, Any], plant: Plant) -> tuple[str, ...]:
    """Why a machine model's bundle with this configuration may not run on ``plant``."""
    told = []
    if config["asset_class"] != plant.asset_class:
        told.append(
            f"it was trained on machines of the class {config['asset_class']!r}, these are {plant.asset_class!r}"
        )
    units = {sensor.name: sensor.unit for sensor in plant.sensors}
    for entry in config["sensors"]:
        if entry["name"] not in units:
            told.append(f"it needs the sensor {entry['name']!r}")
        elif units[entry["name"]] != entry["unit"]:
            told.append(
                f"it needs {entry['name']!r} in {entry['unit']!r}, the plant file gives {units[entry['name']]!r}"
            )
    if abs(config["interval_s"] - plant.readings.interval_s) > 1e-6 * config["interval_s"]:
        told.append(
            f"it needs readings each {config['interval_s']:g} s, the plant file says {plant.readings.interval_s:g} s"
        )
    if config["clock_unit"] != plant.clock.unit:
        told.append(f"it counts life in {config['clock_unit']}, the plant file in {plant.clock.unit}")
    return tuple(told)


def forecast(life: Survival, tails: tuple[float, float], unit: str, per_day: float) -> LifeForecast:
    """The remaining life that a survival says, its interval between the levels ``tails``; capped at ten times the days it looks ahead."""
    from .survival import quantile

    most = 10 * life.days[-1]
    low, middle, high = (quantile(life, share) for share in (tails[0], 0.5, tails[1]))
    return LifeForecast(
        unit,
        median=min(middle, most) * per_day,
        low=min(low, most) * per_day,
        high=min(high, most) * per_day,
        capped=high > most,
    )


def _head(entry: Mapping[str, Any]) -> Head:
    return Head(
        component=str(entry["component"]),
        part=str(entry["part"]),
        edges=tuple(float(edge) for edge in entry["edges"]),
        calibration=Calibration(float(entry["slope"]), float(entry["intercept"])),
        num_failures=int(entry["num_failures"]),
        threshold=float(entry["threshold"]),
        tails=(float(entry["tails"][0]), float(entry["tails"][1])),
    )

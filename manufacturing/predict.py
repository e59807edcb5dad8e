"""Prediction over a fleet as a batch job: ``find`` reads the sources into a store, ``do`` looks at one machine, ``close`` sees them together.

The store lies beside the run's folder while the run goes on and is read anew by each call, so that last night's files are taken up; a machine
whose readings, logs and settings are the same is not looked at again.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core.errors import InputError, UsageError
from ..core.job import Closing, Item, Refusal, Result

if TYPE_CHECKING:
    from .life import LifeModel
    from .model import MachineModel
    from .plant import Plant
    from .reading.staged import Staged

NO_BUNDLE = "none"
FUTURE_US = 86_400_000_000
"""A reading may be so far ahead of the clock before it counts as wrong."""


class _Kept:
    """What this process holds between machines: the plant, the store and the model, each opened once for its key."""

    def __init__(self) -> None:
        self._held: dict[str, tuple[Any, Any]] = {}

    def get(self, what: str, key: Any, make: Callable[[], Any]) -> Any:
        held = self._held.get(what)
        if held is None or held[0] != key:
            held = (key, make())
            self._held[what] = held
        return held[1]


_KEPT = _Kept()


@dataclass(frozen=True)
class PredictJob:
    """Look at every machine of a plant and plan its maintenance.

    ``plant``: the plant file. ``stage``: folder for the store of readings. ``bundle``: a bundle's folder or name; "" takes the shipped one of the
    plant's asset class, ``none`` uses no model. ``state``: folder in which incidents, requests and the last plan are kept from run to run.
    ``as_of``: ISO time at which the data is cut; "" takes all. ``outcomes``: a file of requests that came back with what was found.
    """

    plant: str
    stage: str
    bundle: str = ""
    variant: str = "auto"
    state: str = ""
    as_of: str = ""
    outcomes: str = ""

    def __post_init__(self) -> None:
        """Raises UsageError where ``as_of`` is no time."""
        from datetime import datetime

        if self.as_of:
            try:
                datetime.fromisoformat(self.as_of)
            except ValueError as error:
                raise UsageError(f"{self.as_of!r} is no time; write it like 2025-11-17T06:00") from error

    name = "manufacturing.predict"
    cost_unit = "rows"
    looks_for = "sensor files or databases, as the plant file names them"

    def settings(self) -> Mapping[str, Any]:
        """What changes the outputs: the plant file's content, the bundle's variant, the moment the data is cut at.

        Raises:
            ConfigError: the plant file cannot be read, or is wrong.
        """
        from ..core import variant

        self.load_plant()
        return {
            "plant_sha256": hashlib.sha256(Path(self.plant).read_bytes()).hexdigest(),
            "variant": str(variant.parse(self.variant)) if self._bundle() else "",
            "as_of": self.as_of,
        }

    def bundles(self) -> Mapping[str, str]:
        """The hash of the bundle that predicts; nothing without one."""
        from ..core.bundle import Bundle
        from .model import folder_of

        chosen = self._bundle()
        if not chosen:
            return {}
        bundle = Bundle.open(folder_of(chosen))
        return {bundle.name: bundle.hash}

    def prepare(self, progress: Callable[[str], None], *, keep: bool = False) -> None:
        """Open the model before the first machine, so that a wrong bundle is told at once.

        Raises:
            BundleError: the bundle is missing, changed, or of another kind.
        """
        model = self.model(progress)
        if model is None:
            progress("no model of this asset class: anomaly scores and the age model only")
        elif refused := model.misfits(self.load_plant()):
            progress(
                f"{model.bundle.name} does not fit this plant ({'; '.join(refused)}): anomaly scores and the age model only"
            )

    def find(self, inputs: Sequence[Path]) -> Iterator[Item | Refusal]:
        """Read the sources into the store; an item for each machine, a refusal for each source that could not be read.

        Raises:
            UsageError, ConfigError, DiskFullError, MissingExtraError: see ``reading.staging.stage``.
        """
        from .reading.staging import stage

        staged = stage(self.load_plant(), [str(path) for path in inputs], self.stage, now=self._now())
        for refusal in staged.refusals:
            yield replace(refusal, id=item_id(f"source {refusal.id}"))
        for machine in staged.machines():
            yield Item(item_id(machine.name), Path(machine.name), machine.digest, float(machine.rows))

    def do(self, item: Item, folder: Path) -> Result:
        """Look at one machine and keep what was seen.

        Raises:
            InputError: its history cannot be used.
        """
        from .outlooks import look
        from .stored import save

        staged = self._staged()
        name = next((one for one in staged.entries if item_id(one) == item.id), None)
        if name is None or staged.machine(name).digest != item.digest:
            raise InputError(
                "the readings changed while the run was going on", code="changed", remedy="run the same command again"
            )
        machine = look(staged.history(name), self.load_plant(), self.model(), now=self._now())
        files = save(machine, folder)
        return Result(
            {
                "machine": machine.machine,
                "confidence": round(machine.confidence, 3),
                "outlooks": [
                    {
                        "component": outlook.component,
                        "basis": outlook.basis,
                        "score": round(outlook.score, 4),
                        "alarm": outlook.threshold is not None and outlook.score >= outlook.threshold,
                    }
                    for outlook in machine.outlooks
                ],
            },
            files,
        )

    def close(self, closing: Closing, folder: Path) -> Sequence[str]:
        """Alarms, plan, requests and pages of the fleet."""
        from .closing import close

        return close(self, closing, folder)

    def _now(self) -> int:
        from datetime import datetime

        if self.as_of:
            from .local_time import LocalTime

            moment = datetime.fromisoformat(self.as_of)
            if moment.tzinfo is None:
                return LocalTime(self.load_plant().time_zone).of(moment)
            return int(moment.timestamp() * 1e6)
        return time.time_ns() // 1000 + FUTURE_US

    def load_plant(self) -> Plant:
        """The plant file, read once."""
        from .plant import load

        return _KEPT.get("plant", (self.plant, _stamp(Path(self.plant))), lambda: load(Path(self.plant)))

    def _staged(self) -> Staged:
        from .reading.staged import INDEX, Staged

        store = Path(self.stage) / "store"
        return _KEPT.get("store", (self.stage, _stamp(store / INDEX)), lambda: Staged.open(store))

    def _bundle(self) -> str:
        """The bundle's folder or name; "" for none."""
        from .model import shipped_for

        if self.bundle == NO_BUNDLE:
            return ""
        return self.bundle or shipped_for(self.load_plant().asset_class)

    def model(self, progress: Callable[[str], None] | None = None) -> MachineModel | LifeModel | None:
        """The model that was asked for, opened once; None without one. Whether it fits the plant is its own ``misfits``."""
        from .model import open_model

        chosen = self._bundle()
        if not chosen:
            return None
        return _KEPT.get("model", (chosen, self.variant), lambda: open_model(chosen, self.variant, progress=progress))


def _stamp(path: Path) -> tuple[int, int]:
    """What tells a file from a later one of the same name."""
    try:
        told = path.stat()
    except OSError:
        return (0, 0)
    return told.st_mtime_ns, told.st_size


def item_id(machine: str) -> str:
    """A folder name for a machine: its own where that is plain, else what is plain of it with a hash behind.

    >>> item_id("P-01"), item_id("Pump 7/a")
    ('P-01', 'Pump-7-a-227c3bbe')
    """
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", machine).strip("-.")[:60]
    if plain and plain == machine:
        return plain
    return f"{plain or 'machine'}-{hashlib.sha256(machine.encode()).hexdigest()[:8]}"

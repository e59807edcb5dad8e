"""Warn of failures a day or more ahead from logs and daily means: a bundle of trees that scores each component at each decision.

Made by ``train/early``, scored by ``evaluation/azure_pdm``. The score is the chance that the component fails just as many hours ahead as the warning needs; the machine's is its
worst component's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from ..core.bundle import Bundle
from ..core.errors import BundleFormatError
from ..core.runtime import Runtime
from .features.daily_logs import Announces, Levels, build, decision_hours, plain
from .model import folder_of

if TYPE_CHECKING:
    import numpy as np

    from .evaluation.azure_files import FleetMachine

KIND = "early_warning"
TREES, BOOSTING = "trees", "boosting"
OURS = "ours"
SYSTEMS = (OURS, BOOSTING, "rules", "age", "random")
SEEN = "seen/scores.safetensors"
BLOCK = 8192


class EarlyModel:
    """An open bundle of the kind ``early_warning``. Keep it; it is not for several threads at once.

    ``thresholds`` by system open an incident: chosen on machines that the trees did not see. ``seen`` are digests of the machines that were trained on, up to and
    with day ``until``.
    """

    def __init__(self, bundle: Bundle, runtime: Runtime) -> None:
        """Raises BundleFormatError where the bundle's configuration is not that of such a model."""
        self.bundle, self.runtime = bundle, runtime
        config = bundle.config
        try:
            if config["kind"] != KIND:
                raise ValueError(f"its kind is {config['kind']!r}")
            self.announces = tuple(
                Announces(str(one["component"]), int(one["signal"]), float(one["sign"]), tuple(map(str, one["codes"])))
                for one in config["announces"]
            )
            levels = config["levels"]
            self.levels = Levels(tuple(map(float, levels["middle"])), tuple(map(float, levels["spread"])))
            self.codes = tuple(map(str, config["codes"]))
            self.thresholds: Mapping[str, float] = {name: float(config["thresholds"][name]) for name in SYSTEMS}
            self.until = int(config["until"])
            self.seen: Mapping[str, int] = {str(digest): place for place, digest in enumerate(config["seen"])}
        except (KeyError, TypeError, ValueError) as error:
            raise BundleFormatError(f"{bundle.path} is no bundle of an early warning: {error}") from error

    @classmethod
    def open(cls, bundle: str, variant: str = "auto", *, progress: Callable[[str], None] | None = None) -> EarlyModel:
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

    def by_component(self, machine: FleetMachine, hours: np.ndarray) -> np.ndarray:
        """float64[components, decisions]: each component's score at decisions ``hours``."""
        x = build(machine, hours, self.announces, self.levels)
        return self._run(TREES, x.reshape(-1, x.shape[2])).reshape(x.shape[:2])

    def scores(self, machine: FleetMachine, hours: np.ndarray) -> Mapping[str, np.ndarray]:
        """By system, float64[decisions]: ours, boosting on plain columns, and what needs no fit."""
        found = {OURS: self.by_component(machine, hours).max(axis=0)}
        parts = tuple(one.component for one in self.announces)
        found[BOOSTING] = self._run(BOOSTING, plain(machine, hours, self.codes, parts))
        return {**found, **simple(machine, hours, self.announces, self.levels)}

    def seen_scores(self, machine: FleetMachine) -> Mapping[str, np.ndarray]:
        """Of a machine that was trained on: its decisions ``hours`` and the scores by trees that did not see it (``ours``, ``boosting``)."""
        import numpy as np
        from safetensors.numpy import load_file

        stored = load_file(self.bundle.path / SEEN)
        place = self.seen[machine.digest]
        ends = np.cumsum(stored["counts"].astype(np.int64))
        here = slice(int(ends[place] - stored["counts"][place]), int(ends[place]))
        hours = decision_hours(machine, last=self.until)[: here.stop - here.start]
        scores = {name: unpacked(stored[name][here][: len(hours)]) for name in (OURS, BOOSTING)}
        return {"hours": hours, **scores}

    def _run(self, part: str, x: np.ndarray) -> np.ndarray:
        import numpy as np

        items = [{"x": x[start : start + BLOCK]} for start in range(0, len(x), BLOCK)]
        found = [out["y"] for out in self.runtime.run(part, items, cost=lambda item: len(item["x"]))]
        return np.concatenate(found).astype(np.float64) if found else np.empty(0)


def simple(
    machine: FleetMachine, hours: np.ndarray, announces: tuple[Announces, ...], levels: Levels
) -> Mapping[str, np.ndarray]:
    """What needs no fit: ``rules`` (all codes that announce a component were logged since the decision before), ``age`` (hours since the oldest part was replaced), ``random``."""
    import hashlib

    import numpy as np

    from .features.daily_logs import MOST_H, NAMES, STEP_H

    x = build(machine, hours, announces, levels)
    oldest = x[:, :, NAMES.index("codes|oldest_h")].min(axis=0)
    replaced = np.nan_to_num(x[:, :, NAMES.index("replaced_h")], nan=MOST_H).max(axis=0)
    seed = int.from_bytes(hashlib.sha256(machine.machine.encode()).digest()[:4], "big")
    return {
        "rules": (oldest < STEP_H).astype(np.float64),
        "age": replaced.astype(np.float64),
        "random": np.random.default_rng(seed).random(len(hours)),
    }


def packed(score: np.ndarray) -> np.ndarray:
    """float16 log-odds of probabilities: few bytes, and the order of high ones is kept."""
    import numpy as np

    clipped = np.clip(score, 1e-6, 1 - 1e-6)
    return np.log(clipped / (1 - clipped)).astype(np.float16)


def unpacked(stored: np.ndarray) -> np.ndarray:
    """float64 probabilities of what ``packed`` made."""
    import numpy as np

    return 1 / (1 + np.exp(-stored.astype(np.float64)))

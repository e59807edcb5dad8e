"""Which state is one of failure: a bundle of trees that classifies rows without a past, mode by mode. It says what is, not what comes.

Made by ``train/failure``, scored by ``evaluation/ai4i``. The probability of failure is that of any mode, calibrated on rows that the trees did not see.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..core.bundle import Bundle
from ..core.errors import BundleFormatError, UsageError
from ..core.runtime import Runtime
from .calibration import Calibration
from .features import pairs
from .model import folder_of

if TYPE_CHECKING:
    import numpy as np

KIND = "state"
MODES, BOOSTING, LOGISTIC = "modes", "boosting", "logistic"
"""The parts of trees; ``logistic`` is a few numbers in the configuration."""
OURS = "ours"
SEEN = "seen/rows.safetensors"
BLOCK = 4096


@dataclass(frozen=True)
class Stated:
    """What one system says of rows: ``probability`` float64[rows] of failure, ``failing`` bool[rows] at its threshold, ``score`` float64[rows] by which it orders them."""

    probability: np.ndarray
    failing: np.ndarray
    score: np.ndarray


class StateModel:
    """An open bundle of the kind ``state``. Keep it; it is not for several threads at once."""

    def __init__(self, bundle: Bundle, runtime: Runtime) -> None:
        """Raises BundleFormatError where the bundle's configuration is not that of a state model."""
        self.bundle, self.runtime = bundle, runtime
        config = bundle.config
        try:
            if config["kind"] != KIND:
                raise ValueError(f"its kind is {config['kind']!r}")
            self.asset_class = str(config["asset_class"])
            self.sensors = tuple(str(entry["name"]) for entry in config["sensors"])
            self.grades = tuple(str(grade) for grade in config["grades"])
            self.modes = tuple(str(mode) for mode in config["modes"])
            self.calibration = Calibration(float(config["slope"]), float(config["intercept"]))
            self.thresholds: Mapping[str, float] = {name: float(found) for name, found in config["thresholds"].items()}
            self.fold_thresholds: Mapping[str, tuple[float, ...]] = {
                name: tuple(map(float, found)) for name, found in config["fold_thresholds"].items()
            }
            self.base = float(config["base"])
            self.rest = float(config["rest"])
            self._logistic = {name: config["logistic"][name] for name in ("mean", "scale", "weights", "bias")}
        except (KeyError, TypeError, ValueError) as error:
            raise BundleFormatError(f"{bundle.path} is no bundle of a state model: {error}") from error

    @classmethod
    def open(cls, bundle: str, variant: str = "auto", *, progress: Callable[[str], None] | None = None) -> StateModel:
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

    def by_mode(self, values: np.ndarray, grade: np.ndarray) -> np.ndarray:
        """float64[rows, modes]: probability of each mode.

        Args:
            values: float[rows, sensors] in the order of ``sensors``.
            grade: int[rows], places in ``grades``.

        Raises:
            UsageError: another number of sensors.
        """
        import numpy as np

        if values.ndim != 2 or values.shape[1] != len(self.sensors):
            raise UsageError(f"{self.bundle.name} takes the {len(self.sensors)} sensors {', '.join(self.sensors)}")
        x = pairs.build(np.column_stack([values, grade]), len(self.sensors))
        return self._run(MODES, x).reshape(len(x), len(self.modes))

    def probability(self, values: np.ndarray, grade: np.ndarray) -> np.ndarray:
        """float64[rows]: calibrated probability that the state is one of failure."""
        return self.calibration(any_of(self.by_mode(values, grade)))

    def state(self, system: str, values: np.ndarray, grade: np.ndarray) -> Stated:
        """What ``OURS``, ``BOOSTING`` or ``LOGISTIC`` says of rows, at the threshold chosen on training rows."""
        import numpy as np

        if system == OURS:
            found = self.probability(values, grade)
        elif system == BOOSTING:
            found = self._run(BOOSTING, np.column_stack([values, grade]).astype(np.float32)).ravel()
        else:
            found = logistic(self._logistic, np.column_stack([values, grade]))
        return Stated(found, found >= self.thresholds[system], found)

    def seen(self) -> Mapping[str, np.ndarray]:
        """Rows that the bundle was trained on, sorted by digest: ``digests`` int64[rows], ``fold`` int64[rows], and by system the probability float64[rows] by
        trees that did not see the row."""
        import numpy as np
        from safetensors.numpy import load_file

        stored = load_file(self.bundle.path / SEEN)
        systems = {name: stored[name].astype(np.float64) for name in (OURS, BOOSTING, LOGISTIC)}
        return {"digests": stored["digests"], "fold": stored["fold"].astype(np.int64), **systems}

    def _run(self, part: str, x: np.ndarray) -> np.ndarray:
        import numpy as np

        items = [{"x": x[start : start + BLOCK]} for start in range(0, len(x), BLOCK)]
        found = [out["y"] for out in self.runtime.run(part, items, cost=lambda item: len(item["x"]))]
        return np.concatenate(found).astype(np.float64) if found else np.empty(0)


def any_of(by_mode: np.ndarray) -> np.ndarray:
    """float64[rows]: probability of at least one mode, taken as independent given the readings.

    >>> import numpy as np
    >>> any_of(np.array([[0.5, 0.5], [0.0, 0.25]])).tolist()
    [0.75, 0.25]
    """
    import numpy as np

    return 1 - np.prod(1 - np.asarray(by_mode, dtype=np.float64), axis=1)


def logistic(weights: Mapping[str, Sequence[float] | float], columns: np.ndarray) -> np.ndarray:
    """float64[rows] of a logistic regression stored as ``mean``, ``scale``, ``weights`` by column and ``bias``."""
    import numpy as np

    scaled = (np.asarray(columns, dtype=np.float64) - np.asarray(weights["mean"])) / np.asarray(weights["scale"])
    score = scaled @ np.asarray(weights["weights"]) + float(weights["bias"])  # pyright: ignore[reportArgumentType]
    return 1 / (1 + np.exp(-score))


def best_threshold(score: np.ndarray, truth: np.ndarray) -> float:
    """The threshold with the highest F1, midway to the next lower score; 1 where nothing is true."""
    import numpy as np

    if not truth.any():
        return 1.0
    order = np.argsort(-score, kind="stable")
    ordered = score[order]
    hits = np.cumsum(truth[order])
    f1 = 2 * hits / (np.arange(1, len(order) + 1) + truth.sum())
    # a threshold cannot fall between equal scores
    ends = np.append(ordered[1:] < ordered[:-1], True)
    place = int(np.where(ends, f1, -1).argmax())
    below = ordered[place + 1] if place + 1 < len(ordered) else 0.0
    return float((ordered[place] + below) / 2)

"""What a life model said of its own training machines while it did not know them: kept in the bundle, found again by a machine's readings.

Policies are priced on runs to failure. On machines that the bundle was trained on, its own predictions would be too good; these are from the fold that left the machine
out. On machines it never saw, ``LifeModel.predict`` is used.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core.errors import BundleFormatError
from .outlook import Survival

if TYPE_CHECKING:
    import numpy as np

    from ..core.bundle import Bundle

FOLDER = "folds"


@dataclass(frozen=True)
class OutOfFold:
    """Predictions by machine: ``lives`` uint8[rows, levels], clock units outlived with probability 1 - ``levels``, whole and at most 255.

    ``places`` gives, by the digest of a machine's readings, (first grid row, first row of ``lives``, how many); rows lie ``step`` apart.
    """

    levels: tuple[float, ...]
    step: int
    lives: np.ndarray
    places: dict[str, tuple[int, int, int]]

    def of(self, digest: str) -> tuple[np.ndarray, np.ndarray] | None:
        """(grid rows int64[n], lives uint8[n, levels]) of the machine with these readings; None where it was no training machine."""
        import numpy as np

        if digest not in self.places:
            return None
        first, start, count = self.places[digest]
        return first + self.step * np.arange(count), self.lives[start : start + count]

    def survivals(self, digest: str, per_day: float) -> tuple[np.ndarray, tuple[Survival, ...]] | None:
        """(grid rows, one survival each): ``per_day`` clock units pass in a day."""
        found = self.of(digest)
        if found is None:
            return None
        rows, lives = found
        return rows, tuple(_survival(row, self.levels, per_day) for row in lives)


def _survival(lives: np.ndarray, levels: tuple[float, ...], per_day: float) -> Survival:
    """Through the kept quantiles, straight between them; several on one whole unit fall at its end."""
    points: dict[float, float] = {0.0: 1.0}
    for life, level in zip(lives, levels, strict=True):
        # lives are whole units, rounded: a quantile of 0 lies within the first
        points[max(float(life), 0.5)] = 1.0 - level
    days = sorted(points)
    return Survival(tuple(day / per_day for day in days), tuple(points[day] for day in days))


def read(bundle: Bundle) -> OutOfFold | None:
    """The out-of-fold predictions of a bundle, None where it has none.

    Raises:
        BundleFormatError: they are not of the form that training writes.
    """
    import json

    import numpy as np
    from safetensors.numpy import load_file

    folder = bundle.path / FOLDER
    if not (folder / "machines.json").is_file():
        return None
    try:
        told: dict[str, Any] = json.loads((folder / "machines.json").read_text(encoding="utf-8"))
        lives = load_file(folder / "lives.safetensors")["lives"]
        levels = tuple(float(level) for level in told["levels"])
        places: dict[str, tuple[int, int, int]] = {}
        start = 0
        for entry in told["machines"]:
            places[str(entry["digest"])] = (int(entry["first"]), start, int(entry["count"]))
            start += int(entry["count"])
        if lives.dtype != np.uint8 or lives.shape != (start, len(levels)):
            raise ValueError(f"{lives.shape} lives for {start} rows of {len(levels)} levels")
        if list(levels) != sorted(levels) or not levels or not 0 < levels[0] <= levels[-1] < 1:
            raise ValueError("levels do not rise within 0 and 1")
        return OutOfFold(levels, int(told["step"]), lives, places)
    except (KeyError, TypeError, ValueError, OSError) as error:
        raise BundleFormatError(f"{Path(folder)}: not out-of-fold predictions: {error}") from error

"""Run boosted trees: LightGBM's text files on the CPU, one member or the mean of several, one output column or more.

Counterpart of ``core/train/trees.py``. An item is ``{"x": float32[features]}``, or ``{"x": float32[rows, features]}`` for many rows at once; NaN means
"not known". It gives ``y`` (one number a row, or one a column), or each feature's share in it where the part's config says ``contributions``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..bundle import Part
from ..bundle_files import safe_relative
from ..errors import BundleFormatError, UsageError
from ..extras import installed_version, need
from .registry import Backend, Obstacle, backend, missing_packages
from .trees_text import TreesText, read_file

if TYPE_CHECKING:
    import numpy as np

MAX_FILES = 256
OUTPUTS = ("value", "contributions")


class TreesProgram:
    """A part of boosted trees, opened.

    ``features`` names the columns of ``x``. A config has ``columns`` (each a list of files whose predictions are averaged), ``output`` (``value`` or
    ``contributions``), ``column`` (which one contributions are of) and ``raw_score`` (leave the objective's link away: log-odds).
    """

    raw = True

    def __init__(self, folder: Path, config: Mapping[str, Any], threads: int) -> None:
        """Open the files that ``config`` names below ``folder``.

        Raises:
            BundleFormatError: the config is malformed, a file is no sound LightGBM text (``trees_text.read_model``), or features of files differ.
        """
        lightgbm = need("lightgbm", "boosted trees")
        self.output = config.get("output", "value")
        self._raw_score = config.get("raw_score", False)
        column = config.get("column", 0)
        columns = _columns(config, folder)
        if self.output not in OUTPUTS or type(self._raw_score) is not bool:
            raise BundleFormatError(f"{folder}: output must be one of {', '.join(OUTPUTS)}, raw_score true or false")
        if type(column) is not int or not 0 <= column < len(columns):
            raise BundleFormatError(f"{folder}: column must be a number from 0 to {len(columns) - 1}")
        if self.output == "contributions":
            columns = [columns[column]]
        texts = [[read_file(folder / name) for name in names] for names in columns]
        self.features = _features(texts, config, folder)
        self._threads = threads
        self._members = [[lightgbm.Booster(model_str=member.text) for member in members] for members in texts]

    def __call__(self, batch: Sequence[Mapping[str, Any]] | Mapping[str, Any]) -> dict[str, np.ndarray]:
        """Predict a list of items, or one dictionary with ``x`` float32[rows, features].

        Returns ``y`` float32[rows] (float32[rows, columns] with several), or ``contributions`` float32[rows, features + 1]: TreeSHAP values in the
        units of the raw score, the last of them the mean over the training rows. Items of several rows give one such array each.

        Raises:
            UsageError: an item lacks ``x``, has one input too many, or another number of features.
        """
        import numpy as np

        if isinstance(batch, Mapping):
            return self._predict(self._matrix(batch, "the batch", (2,)))
        arrays = [self._matrix(item, f"item {place} of the batch", (1, 2)) for place, item in enumerate(batch)]
        rows = [np.atleast_2d(array) for array in arrays]
        outputs = self._predict(np.concatenate([np.empty((0, len(self.features)), np.float32), *rows]))
        if all(array.ndim == 1 for array in arrays):
            return outputs
        ends = np.cumsum([len(block) for block in rows])[:-1]
        return {name: _separate(np.split(values, ends), arrays) for name, values in outputs.items()}

    def _matrix(self, item: Mapping[str, Any], what: str, dimensions: tuple[int, ...]) -> np.ndarray:
        import numpy as np

        if not isinstance(item, Mapping) or item.keys() != {"x"}:
            raise UsageError(f"{what}: boosted trees take one input, x")
        values = np.asarray(item["x"], dtype=np.float32)
        if values.ndim not in dimensions or values.shape[-1] != len(self.features):
            raise UsageError(f"{what}: x has shape {values.shape}, the trees take {len(self.features)} features a row")
        return values

    def _predict(self, x: np.ndarray) -> dict[str, np.ndarray]:
        import numpy as np

        contributions = self.output == "contributions"
        options = {"pred_contrib": True} if contributions else {"raw_score": self._raw_score}
        name = "contributions" if contributions else "y"
        if not len(x):
            shape = (0, len(self.features) + 1) if contributions else (0,) if len(self._members) == 1 else None
            return {name: np.empty(shape or (0, len(self._members)), dtype=np.float32)}
        columns = []
        for members in self._members:
            found = [np.asarray(booster.predict(x, num_threads=self._threads, **options)) for booster in members]
            columns.append(np.mean(found, axis=0).astype(np.float32))
        return {name: columns[0] if len(columns) == 1 else np.stack(columns, axis=1)}


def _separate(pieces: Sequence[np.ndarray], arrays: Sequence[np.ndarray]) -> np.ndarray:
    """object[items]: each item's own output, without a rows axis where it came without one."""
    import numpy as np

    found = np.empty(len(pieces), dtype=object)
    for place, (piece, array) in enumerate(zip(pieces, arrays, strict=True)):
        found[place] = piece if array.ndim == 2 else piece[0]
    return found


def _columns(config: Mapping[str, Any], folder: Path) -> list[list[str]]:
    columns = config.get("columns")
    if not isinstance(columns, list) or not columns or not all(isinstance(names, list) and names for names in columns):
        raise BundleFormatError(f"{folder}: columns must list one or more files for each output")
    if sum(map(len, columns)) > MAX_FILES:
        raise BundleFormatError(f"{folder}: more than {MAX_FILES} files of trees")
    return [[str(safe_relative(name, f"columns of {folder}")) for name in names] for names in columns]


def _features(texts: Sequence[Sequence[TreesText]], config: Mapping[str, Any], folder: Path) -> tuple[str, ...]:
    features = texts[0][0].features
    if any(member.features != features for members in texts for member in members):
        raise BundleFormatError(f"{folder}: its files of trees take unlike features")
    told = config.get("features", len(features))
    if told not in (list(features), len(features)):
        raise BundleFormatError(f"{folder}: its trees take other features than the config says")
    return features


@backend
class Trees(Backend):
    """The one way to run parts of the kind ``trees``; a variant changes nothing for them."""

    name = "trees"
    source = "trees"

    def available(self) -> Obstacle | None:
        return missing_packages("lightgbm")

    def versions(self) -> Mapping[str, str]:
        return {"lightgbm": installed_version("lightgbm")}

    def open(self, part: Part, build_folder: Path, precision: str, threads: int) -> TreesProgram:
        return TreesProgram(part.folder, part.config, threads)

"""Fit boosted trees with LightGBM, the same trees from the same rows each time, and store them as text.

``save`` writes a part with backend ``trees`` (``core/backends/trees.py`` runs it): one text file a member, no pickle. What the numbers mean
is the domain's business.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..backends.trees_text import read_model, safe_name
from ..errors import UsageError
from ..extras import need
from ..files import write_text

if TYPE_CHECKING:
    import numpy as np

DEFAULTS: Mapping[str, Any] = {
    "objective": "regression",
    "learning_rate": 0.05,
    "num_leaves": 31,
    "min_data_in_leaf": 50,
    "feature_fraction": 0.3,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 1.0,
}
"""LightGBM's parameters where ``params`` names no others."""

FIXED: Mapping[str, Any] = {"deterministic": True, "force_row_wise": True, "verbosity": -1}
"""What makes two fits on one machine equal: histograms are summed in one order, whatever the threads do."""

ROWS_A_BATCH = 65_536
NAMES_IN_CONFIG = 2_000


def fit_trees(
    x: np.ndarray,
    y: np.ndarray,
    weight: np.ndarray | None = None,
    params: Mapping[str, Any] | None = None,
    *,
    names: Sequence[str],
    rounds: int = 300,
    valid: tuple[np.ndarray, np.ndarray] | tuple[np.ndarray, np.ndarray, np.ndarray | None] | None = None,
    patience: int = 50,
    seed: int = 0,
    threads: int = 2,
) -> str:
    """Fit gradient-boosted trees (Ke et al. 2017, LightGBM); return their text.

    Args:
        x: float32[rows, features], NaN where not known.
        y: float[rows].
        weight: float[rows] or None.
        params: LightGBM's own parameters, over ``DEFAULTS``; categorical features and several classes are not supported.
        names: one a feature, any text.
        rounds: trees at most.
        valid: rows set aside (x, y, and weight if any) on which the number of trees is chosen, stopping ``patience`` rounds after the best.
        seed: of bagging and of the choice of features.

    Raises:
        UsageError: shapes or names do not fit, a target is not finite, or LightGBM refuses the parameters.
    """
    import numpy as np

    lightgbm = need("lightgbm", "boosted trees")
    _check(x, y, weight, names)
    settings = {**DEFAULTS, **(params or {}), **FIXED, "seed": seed, "num_threads": threads}
    columns = [safe_name(name) for name in names]
    try:
        rows = lightgbm.Dataset(x, np.asarray(y, float), weight=weight, feature_name=columns, free_raw_data=False)
        sets, callbacks = [], []
        if valid is not None:
            _check(valid[0], valid[1], valid[2] if len(valid) > 2 else None, names)
            sets = [
                lightgbm.Dataset(
                    valid[0],
                    np.asarray(valid[1], float),
                    weight=valid[2] if len(valid) > 2 else None,
                    reference=rows,
                    feature_name=columns,
                )
            ]
            callbacks = [lightgbm.early_stopping(patience, verbose=False)]
        booster = lightgbm.train(settings, rows, rounds, valid_sets=sets, callbacks=callbacks)
    except lightgbm.basic.LightGBMError as error:
        raise UsageError(f"boosted trees cannot be fitted: {error}") from error
    text = booster.model_to_string(num_iteration=booster.best_iteration if valid is not None else None)
    return read_model(text, "the fitted trees").text


def _check(x: np.ndarray, y: np.ndarray, weight: np.ndarray | None, names: Sequence[str]) -> None:
    import numpy as np

    if x.ndim != 2 or len(x) != len(y) or not len(x) or (weight is not None and len(weight) != len(x)):
        raise UsageError(f"x {x.shape}, y and weight must have the same number of rows, at least one")
    if len(names) != x.shape[1] or len(set(names)) != len(names):
        raise UsageError(f"{x.shape[1]} features need as many unlike names, not {len(names)}")
    if not np.isfinite(np.asarray(y, float)).all():
        raise UsageError("a target is not a finite number")


def save(columns: Sequence[Sequence[str]], folder: Path, **config: Any) -> dict[str, Any]:
    """Write each text of ``columns`` (one list of members for each output) as a file of ``folder``; return the part's config.

    ``config`` adds to it (``raw_score``, ``output``, ``column``); ``features`` are the names, or their number where there are very many.

    Raises:
        BundleFormatError: a text is no sound model.
        UsageError: no columns, an empty one, or texts with unlike features.
        DiskFullError: no space left.
    """
    if not columns or not all(columns):
        raise UsageError("a part of trees needs at least one model for each output")
    read = [[read_model(text, "a text to save") for text in members] for members in columns]
    features = read[0][0].features
    if any(member.features != features for members in read for member in members):
        raise UsageError("models with unlike features cannot make one part")
    files: list[list[str]] = []
    for number, members in enumerate(read):
        files.append([f"trees-{number}-{place}.txt" for place in range(len(members))])
        for name, member in zip(files[-1], members, strict=True):
            write_text(folder / name, member.text)
    told = list(features) if len(features) <= NAMES_IN_CONFIG else len(features)
    return {"columns": files, "features": told, "budget": ROWS_A_BATCH, **config}

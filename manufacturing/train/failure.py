"""Train the classifier of states (``state.StateModel``): one head of trees a mode of failure over readings and all their pairs, and plain baselines beside it.

Threshold, calibration and the card's figures come from predictions for rows that the trees did not see; no rule of physics is told to any of them.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from ...core.errors import UsageError
from ..features import pairs
from ..plant import Name, Section
from ..state import BOOSTING, KIND, LOGISTIC, MODES, OURS, SEEN, any_of, best_threshold, logistic
from .recipe_file import read_recipe

if TYPE_CHECKING:
    import numpy as np

    from ..calibration import Calibration
    from ..evaluation.ai4i_files import States

HERE = Path(__file__).parent.parent
BASELINE: Mapping[str, Any] = {"objective": "binary", "num_leaves": 15, "min_data_in_leaf": 10, "feature_fraction": 0.5}
"""Boosting on the raw columns, as one would fit it without a thought."""
BASELINE_ROUNDS = 200
RIDGE = 1.0


class StateTrees(Section):
    """Settings of the trees of one mode."""

    learning_rate: float = Field(0.1, gt=0, le=1)
    num_leaves: int = Field(5, ge=2, le=4096)
    min_data_in_leaf: int = Field(3, ge=1)
    feature_fraction: float = Field(1.0, gt=0, le=1)
    bagging_fraction: float = Field(0.8, gt=0, le=1)
    lambda_l2: float = Field(1.0, ge=0)
    max_bin: int = Field(4095, ge=2, le=65_535)
    min_data_in_bin: int = Field(1, ge=1)


class StateRecipe(Section):
    """A recipe for a state model on AI4I; ``plant`` names a plant file that ships."""

    format: Literal[1]
    name: Name
    version: Name
    title: str
    purpose: str
    not_for: str = ""
    data: str
    licence: str = "Apache-2.0"
    plant: Name
    modes: tuple[Literal["TWF", "HDF", "PWF", "OSF", "RNF"], ...] = Field(min_length=1)
    rounds: int = Field(100, ge=1, le=20_000)
    num_folds: int = Field(5, ge=2, le=20)
    seed: int = 0
    trees: StateTrees = StateTrees()  # pyright: ignore[reportCallIssue]


@dataclass(frozen=True)
class FittedState:
    """Texts of the trees by mode, baselines, and by system the probability float64[rows] by models that did not see the row."""

    modes: Mapping[str, str]
    boosting: str
    logistic: Mapping[str, Any]
    calibration: Calibration
    fold: np.ndarray
    unseen: Mapping[str, np.ndarray]


def load(recipe: str | Path) -> StateRecipe:
    """Read a recipe: a path, or the name of one that ships (``milling``).

    Raises:
        UsageError: there is no such recipe.
        ConfigError: it is wrong; the message has file and line.
    """
    return read_recipe(recipe, StateRecipe)


def train_state(
    recipe: str | Path,
    data_folder: Path,
    out: Path,
    *,
    threads: int = 1,
    say: Callable[[str], None] = lambda line: None,
) -> Path:
    """Train the bundle of ``recipe`` on the AI4I file of ``data_folder`` and write it to ``out``.

    Raises:
        UsageError: no such recipe, not exactly one file, no failure in it, or ``out`` is something else than a bundle.
        ConfigError: the recipe or the file is wrong.
    """
    from ..evaluation.ai4i_files import read_folder

    settings = load(recipe)
    files = read_folder(data_folder)
    if len(files) != 1:
        raise UsageError(f"{data_folder} has {len(files)} CSV files; one is trained on")
    states = files[0]
    if not states.failed.any():
        raise UsageError(f"{data_folder} has no row with a failure: there is nothing to tell apart")
    say(f"{len(states.rows)} rows, {int(states.failed.sum())} in failure")
    fitted = fit(states, settings, threads=threads, say=say)
    return write(fitted, states, settings, data_folder, out, say)


def folds(states: States, num_folds: int) -> np.ndarray:
    """int64[rows]: each row's fold, by its digest."""
    return states.digests % num_folds


def fit(
    states: States, settings: StateRecipe, *, threads: int = 1, say: Callable[[str], None] = lambda line: None
) -> FittedState:
    """Fit every system on all rows, and once a fold on the others."""
    import numpy as np

    from ..calibration import fit as fit_calibration

    columns = np.column_stack([states.values, states.grade])
    fold = folds(states, settings.num_folds)
    unseen = {name: np.zeros(len(fold)) for name in (OURS, BOOSTING, LOGISTIC)}
    for number in range(settings.num_folds):
        rest, here = fold != number, np.flatnonzero(fold == number)
        if not len(here):
            continue
        modes = {mode: _mode(states, rest, mode, settings, threads) for mode in settings.modes}
        unseen[OURS][here] = any_of(predict(list(modes.values()), pairs.build(columns[here], states.values.shape[1])))
        unseen[BOOSTING][here] = predict([_boosting(states, rest, settings.seed, threads)], columns[here])[:, 0]
        unseen[LOGISTIC][here] = logistic(_logistic(columns[rest], states.failed[rest]), columns[here])
        say(f"fold {number + 1} of {settings.num_folds} fitted")
    everyone = np.ones(len(fold), dtype=bool)
    raw = unseen[OURS]
    calibrated = np.zeros_like(raw)
    for number in range(settings.num_folds):
        rest = fold != number
        calibrated[~rest] = fit_calibration(raw[rest], states.failed[rest])(raw[~rest])
    return FittedState(
        {mode: _mode(states, everyone, mode, settings, threads) for mode in settings.modes},
        _boosting(states, everyone, settings.seed, threads),
        _logistic(columns, states.failed),
        fit_calibration(raw, states.failed),
        fold,
        {**unseen, OURS: calibrated},
    )


def predict(texts: list[str], x: np.ndarray) -> np.ndarray:
    """float64[rows, texts] of trees that are not yet in a bundle."""
    import lightgbm
    import numpy as np

    rows = np.asarray(x, dtype=np.float32)
    found = [np.asarray(lightgbm.Booster(model_str=text).predict(rows, num_threads=1)) for text in texts]
    return np.column_stack(found)


def _mode(states: States, chosen: np.ndarray, mode: str, settings: StateRecipe, threads: int) -> str:
    import numpy as np

    from ...core.train.trees import fit_trees
    from ..evaluation.ai4i_files import GRADE, SENSORS

    columns = np.column_stack([states.values, states.grade])[chosen]
    return fit_trees(
        pairs.build(columns, len(SENSORS)),
        states.modes[mode][chosen].astype(float),
        params={"objective": "binary", **settings.trees.model_dump()},
        names=pairs.names(tuple(SENSORS), (GRADE.lower(),)),
        rounds=settings.rounds,
        seed=settings.seed,
        threads=threads,
    )


def _boosting(states: States, chosen: np.ndarray, seed: int, threads: int) -> str:
    import numpy as np

    from ...core.train.trees import fit_trees
    from ..evaluation.ai4i_files import GRADE, SENSORS

    columns = np.column_stack([states.values, states.grade])[chosen].astype(np.float32)
    names = (*SENSORS, GRADE.lower())
    truth = states.failed[chosen].astype(float)
    return fit_trees(columns, truth, params=BASELINE, names=names, rounds=BASELINE_ROUNDS, seed=seed, threads=threads)


def _logistic(columns: np.ndarray, truth: np.ndarray) -> dict[str, Any]:
    """Logistic regression with a small ridge on standardised columns, by Newton's method of a library."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    mean, scale = columns.mean(axis=0), columns.std(axis=0)
    scale = np.where(scale > 0, scale, 1.0)
    found = LogisticRegression(C=RIDGE, max_iter=1000).fit((columns - mean) / scale, truth)
    rounded = {"mean": mean, "scale": scale, "weights": found.coef_[0]}
    return {
        **{name: [round(float(number), 8) for number in values] for name, values in rounded.items()},
        "bias": round(float(found.intercept_[0]), 8),
    }


def write(
    fitted: FittedState,
    states: States,
    settings: StateRecipe,
    data_folder: Path,
    out: Path,
    say: Callable[[str], None] = lambda line: None,
) -> Path:
    """Write the bundle, score its rows by models that did not see them, and write the card with the figures."""
    import numpy as np
    from safetensors.numpy import save_file

    from ...core.bundle import Bundle, write_card
    from ...core.files import write_json
    from ...core.train.trees import save
    from ..evaluation.ai4i import evaluate

    if out.exists() and not (out / "bundle.json").is_file() and (not out.is_dir() or any(out.iterdir())):
        raise UsageError(f"{out} is not empty and holds no bundle; choose another output, or empty it")
    new = out.with_name(out.name + ".new")
    shutil.rmtree(new, ignore_errors=True)
    (new / SEEN).parent.mkdir(parents=True)
    parts = [
        {"name": name, "backend": "trees", "network": "", "folder": name, "config": save(texts, new / name)}
        for name, texts in ((MODES, [[text] for text in fitted.modes.values()]), (BOOSTING, [[fitted.boosting]]))
    ]
    order = np.argsort(states.digests, kind="stable")
    kept = {name: values[order].astype(np.float32) for name, values in fitted.unseen.items()}
    rows = {"digests": states.digests[order], "fold": fitted.fold[order].astype(np.uint8), **kept}
    save_file(rows, new / SEEN)
    write_json(new / "bundle.json", _config(fitted, states, settings, parts))
    card = _card(fitted, states, settings)
    for path in new.rglob("*"):
        if path.is_file():
            path.chmod(0o644)
    write_card(new, card)
    shutil.rmtree(out, ignore_errors=True)
    new.rename(out)
    found = [row.as_dict() for row in evaluate([data_folder], bundle=str(out), say=say)]
    write_card(out, {**card, "metrics": {**card["metrics"], "rows": found}})
    size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    say(f"bundle {out}: {size / 1e6:.1f} MB, hash {Bundle.open(out).hash[:12]}")
    return out


def _config(fitted: FittedState, states: States, settings: StateRecipe, parts: list[dict[str, Any]]) -> dict[str, Any]:
    import numpy as np

    from ..evaluation.ai4i import fired
    from ..evaluation.ai4i_files import GRADES, SENSORS
    from ..plant import load as load_plant

    plant = load_plant(HERE / "plants" / f"{settings.plant}.toml")
    units = {sensor.name: sensor.unit for sensor in plant.sensors}
    ranges = np.quantile(states.values, [0.001, 0.999], axis=0)
    quiet = ~fired(states, plant)
    return {
        "format": 1,
        "name": settings.name,
        "version": settings.version,
        "domain": "manufacturing",
        "kind": KIND,
        "asset_class": plant.asset_class,
        "plant": settings.plant,
        "sensors": [
            {"name": name, "unit": units[name], "low": round(float(low), 4), "high": round(float(high), 4)}
            for name, low, high in zip(SENSORS, *ranges, strict=True)
        ],
        "grades": list(GRADES),
        "modes": list(fitted.modes),
        "slope": round(fitted.calibration.slope, 6),
        "intercept": round(fitted.calibration.intercept, 6),
        "thresholds": {name: best_threshold(score, states.failed) for name, score in fitted.unseen.items()},
        "fold_thresholds": {
            name: [
                best_threshold(score[fitted.fold != number], states.failed[fitted.fold != number])
                for number in range(settings.num_folds)
            ]
            for name, score in fitted.unseen.items()
        },
        "base": round(float(states.failed.mean()), 6),
        "rest": round(float(states.failed[quiet].mean()), 6),
        "logistic": fitted.logistic,
        "parts": parts,
    }


def _card(fitted: FittedState, states: States, settings: StateRecipe) -> dict[str, Any]:
    counts = {mode: int((flags & states.failed).sum()) for mode, flags in states.modes.items()}
    return {
        "name": settings.name,
        "version": settings.version,
        "title": settings.title,
        "purpose": settings.purpose,
        "not_for": settings.not_for,
        "licence": settings.licence,
        "data": [{"name": "AI4I 2020", "what": settings.data, "rows": len(states.rows), "failures": counts}],
        "recipe": settings.model_dump(mode="json"),
        "split": f"{settings.num_folds} folds by a hash of the row; figures of training rows are by trees that did not see the row",
        "limits": [
            "Failures of tool wear (TWF) come at a random minute between 200 and 240 of wear, random ones (RNF) at any time: no reading foretells them.",
            "Nothing is said of the time until a failure: the rows have none.",
            "Where process and air differ by 8.6 K as printed, the set's own label hangs on the last bit of a floating-point number: the rule, told in kelvin, misses those rows.",
        ],
        "metrics": {"command": "dsapp manufacturing evaluate ai4i", "rows": []},
    }

"""Score the life model on C-MAPSS test files: one prediction an engine, at its last cycle, the bundle beside plain baselines from the same bundle.

Error d = predicted - true cycles. RMSE and score (Saxena and others, PHM 2008: sum of exp(-d / 13) - 1 where d < 0, exp(d / 10) - 1 else) with the truth capped at 125;
``rmse_uncapped`` with the truth as it is. Coverage and width are of the 90 % interval against the capped truth; ``coverage_90_below_cap`` over engines with a
life below the cap, since the others are covered almost for free. Nothing is fitted here.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ...core.errors import UsageError
from ...core.evaluation import Row, bootstrap
from ..life_bins import CAP
from .cmapss_files import CmapssFiles, engine_digest, find, read_engines, read_rul

if TYPE_CHECKING:
    import numpy as np

    from ..history import Record
    from ..life import LifeModel

SET, TASK = "cmapss", "rul"
Say = Callable[[str], None]


def _to_stderr(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


@dataclass(frozen=True)
class Answer:
    """A system's predictions float64[engines]; ``low`` and ``high`` where it gives intervals."""

    system: str
    predicted: np.ndarray
    low: np.ndarray | None = None
    high: np.ndarray | None = None


def evaluate(
    folders: Sequence[Path],
    *,
    variant: str | None = None,
    bundle: str = "turbofan",
    say: Say = _to_stderr,
) -> list[Row]:
    """Score every test file of ``folders``: the bundle at a variant (the shipped default without one), boosting, ridge, the age, a constant; price policies on
    every training file, whose engines ran to failure (``cmapss_plan``).

    Args:
        folders: each holds ``test_FDxxx.txt`` and ``RUL_FDxxx.txt``, or ``train_FDxxx.txt``, plain or ``.gz``.
        bundle: name of a shipped bundle or a bundle's folder.
        say: hears a line of progress.

    Raises:
        UsageError: a folder is missing or has no file of the layout.
        ConfigError: a file is wrong; the message names the line.
        BundleError: the bundle cannot be opened.
    """
    from ..life import LifeModel
    from .cmapss_plan import plan_rows

    found = [files for folder in folders for files in find(Path(folder))]
    model = LifeModel.open(bundle, variant or "auto")
    rows: list[Row] = []
    for files in found:
        rows += score_set(files, model, say)
        rows += plan_rows(files, model, say)
    return rows


def score_set(files: CmapssFiles, model: LifeModel, say: Say = _to_stderr) -> list[Row]:
    """The rows of one set's test file; none where it has no test file, or where the bundle was trained on all its engines."""
    import numpy as np

    if files.test is None or files.rul is None:
        return []
    engines = read_engines(files.test, files.name, failed=False)
    truth = read_rul(files.rul, len(engines))
    kept = _unseen(engines, model)
    if len(kept) < len(engines):
        say(f"{files.name}: {len(engines) - len(kept)} of {len(engines)} left out, the bundle was trained on them")
    if not kept:
        return []
    answers = answer([engines[place] for place in kept], model)
    names = np.array([engines[place].machine for place in kept])
    say(f"{files.name}: {len(kept)} engines scored")
    return [row for found in answers for row in rows_of(files.name, found, truth[kept], names)]


def _unseen(engines: Sequence[Record], model: LifeModel) -> list[int]:
    seen = set(model.bundle.card.get("trained_on", ()))
    return [place for place, engine in enumerate(engines) if engine_digest(engine) not in seen]


def answer(engines: Sequence[Record], model: LifeModel) -> tuple[Answer, ...]:
    """What the model and its baselines say of each engine at its last cycle."""
    from ..features.build import concatenate
    from ..life import BASELINES

    for engine in engines:
        if missing := {sensor.name for sensor in model.sensors} - set(engine.sensors):
            raise UsageError(f"{model.bundle.name} needs the sensor {min(missing)!r}: it is no model of these engines")
    table = concatenate(model.table(engine) for engine in engines)
    prediction = model.predict(table)
    ours = Answer(model.name, prediction.level, prediction.low, prediction.high)
    return (ours, *(Answer(name, model.baseline(name, table)) for name in BASELINES))


def rows_of(split: str, answer: Answer, truth: np.ndarray, machines: np.ndarray) -> Iterator[Row]:
    """Every metric of one system on one set, with its interval by resampling engines."""
    for metric, (value, members) in metrics(answer, truth).items():
        names = machines[members]
        whole = value(range_of(len(names)))
        low, high = bootstrap(value, list(names))
        yield Row(SET, split, TASK, answer.system, metric, whole, low, high, len(names), len(names))


def range_of(count: int) -> np.ndarray:
    """int64[count]: every item once."""
    import numpy as np

    return np.arange(count)


Metric = Callable[["np.ndarray"], float]


def metrics(answer: Answer, truth: np.ndarray) -> Mapping[str, tuple[Metric, np.ndarray]]:
    """By name: the metric as a function of chosen engines, and the engines (places) that it is counted over."""
    import numpy as np

    everyone = np.arange(len(truth))
    capped = np.minimum(truth, CAP)
    predicted = np.minimum(answer.predicted, CAP)
    errors, uncapped = predicted - capped, predicted - truth
    lost = phm_losses(errors)
    found: dict[str, tuple[Metric, np.ndarray]] = {
        "rmse": (lambda chosen: float(np.sqrt(np.mean(errors[chosen] ** 2))), everyone),
        "score": (lambda chosen: float(lost[chosen].sum()), everyone),
        "rmse_uncapped": (lambda chosen: float(np.sqrt(np.mean(uncapped[chosen] ** 2))), everyone),
    }
    if answer.low is None or answer.high is None:
        return found
    covered = (answer.low <= capped) & (capped <= answer.high)
    width = answer.high - answer.low
    below = np.flatnonzero(truth < CAP)
    found["coverage_90"] = (lambda chosen: float(covered[chosen].mean()), everyone)
    if len(below):
        inside = covered[below]
        found["coverage_90_below_cap"] = (lambda chosen: float(inside[chosen].mean()), below)
    found["width_90"] = (lambda chosen: float(width[chosen].mean()), everyone)
    return found


def phm_losses(errors: np.ndarray) -> np.ndarray:
    """float64[engines]: what each error (predicted - true cycles) adds to the score; late predictions cost more.

    >>> import numpy as np
    >>> [round(float(loss), 3) for loss in phm_losses(np.array([-13.0, 0.0, 10.0]))]
    [1.718, 0.0, 1.718]
    """
    import numpy as np

    errors = np.asarray(errors, dtype=np.float64)
    return np.where(errors < 0, np.expm1(-errors / 13), np.expm1(errors / 10))

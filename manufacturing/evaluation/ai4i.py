"""Score the classifier of states on AI4I 2020: which rows stand in failure, the bundle beside the generator's rules, boosting, logistic regression, the majority.

It is classification of a state, not prediction: a row has no time and no machine, and groups are rows. Rows that the bundle was trained on are scored by models
that did not see them (kept in the bundle, at thresholds of the other folds), under a split of their own. Nothing is fitted here.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ...core.evaluation import Row, bootstrap
from ..history import Record
from ..state import BOOSTING, LOGISTIC, OURS, Stated, StateModel
from .ai4i_files import GRADES, MODES, SENSORS, States, read_folder

if TYPE_CHECKING:
    import numpy as np

    from ...core.rules import Conclusion
    from ..plant import Plant

SET, TASK = "ai4i", "failure"
PLANTS = Path(__file__).parent.parent / "plants"
WEAR = tuple(SENSORS).index("tool_wear")
STEP_US = 60_000_000
CROSS_FITTED = "cross-fitted"
Say = Callable[[str], None]


def _to_stderr(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def evaluate(
    folders: Sequence[Path], *, variant: str | None = None, bundle: str = "milling", say: Say = _to_stderr
) -> list[Row]:
    """Score every file of ``folders``.

    Args:
        folders: each holds ``ai4i2020*.csv``, plain or ``.gz``.
        bundle: name of a shipped bundle or a bundle's folder.
        say: hears progress, and by mode which failures were told and which nobody can tell.

    Raises:
        UsageError: a folder is missing or has no file of the layout.
        ConfigError: a file is wrong; the message names the line.
        BundleError: the bundle cannot be opened.
    """
    from ..plant import load

    files = [states for folder in folders for states in read_folder(Path(folder))]
    model = StateModel.open(bundle, variant or "auto")
    plant = load(PLANTS / f"{model.bundle.config['plant']}.toml")
    rows: list[Row] = []
    for states in files:
        for part, answers in answered(states, model, plant):
            for system, stated in answers.items():
                rows += rows_of(part, system, stated)
            say(told(part, answers, model.name))
    return rows


def answered(states: States, model: StateModel, plant: Plant) -> Iterator[tuple[States, Mapping[str, Stated]]]:
    """What every system says of a file: of its new rows, then of those that training saw."""
    import numpy as np

    seen = model.seen()
    place = np.searchsorted(seen["digests"], states.digests).clip(max=len(seen["digests"]) - 1)
    known = seen["digests"][place] == states.digests
    fresh, old = np.flatnonzero(~known), np.flatnonzero(known)
    if len(fresh):
        part = states.take(fresh, states.name)
        ours = {name: model.state(name, part.values, part.grade) for name in (OURS, BOOSTING, LOGISTIC)}
        yield part, _with_plain(part, ours, model, plant)
    if len(old):
        part = states.take(old, f"{states.name} {CROSS_FITTED}")
        ours = {}
        for name in (OURS, BOOSTING, LOGISTIC):
            found = seen[name][place[old]]
            limits = np.asarray(model.fold_thresholds[name])[seen["fold"][place[old]]]
            ours[name] = Stated(found, found >= limits, found)
        yield part, _with_plain(part, ours, model, plant)


def _with_plain(states: States, ours: Mapping[str, Stated], model: StateModel, plant: Plant) -> Mapping[str, Stated]:
    import numpy as np

    holds = fired(states, plant)
    # behind the rules, a worn tool is all that is left to order by
    wear = states.values[:, WEAR] / max(float(states.values[:, WEAR].max()), 1.0) / 2
    constant = np.full(len(states.rows), model.base)
    return {
        model.name: ours[OURS],
        "rules": Stated(np.where(holds, 1.0, model.rest), holds, np.where(holds, 1.0, wear)),
        BOOSTING: ours[BOOSTING],
        LOGISTIC: ours[LOGISTIC],
        "majority": Stated(constant, np.zeros(len(states.rows), dtype=bool), constant),
    }


def records(states: States) -> Iterator[tuple[np.ndarray, Record]]:
    """The rows as records that plant rules are judged on: one a grade, with the places of its rows; a row a minute, which means nothing."""
    import numpy as np

    for number, grade in enumerate(GRADES):
        places = np.flatnonzero(states.grade == number)
        if not len(places):
            continue
        values = states.values[places].astype(np.float32)
        yield (
            places,
            Record(
                machine=f"grade {grade}",
                sensors=tuple(SENSORS),
                interval_s=60.0,
                times=np.arange(len(places), dtype=np.int64) * STEP_US,
                values=values,
                flags=np.zeros(values.shape, dtype=np.uint8),
                running=np.ones(len(places), dtype=bool),
                clock=np.arange(len(places), dtype=np.float64),
                clock_unit="cycles",
                traits={"type": grade},
            ),
        )


def fired(states: States, plant: Plant) -> np.ndarray:
    """bool[rows]: whether any rule of the plant file holds."""
    import numpy as np

    from ..plant_rules import HOLDS, concerns, course

    found = np.zeros(len(states.rows), dtype=bool)
    for places, record in records(states):
        for rule in plant.rules:
            if concerns(rule, record.traits):
                found[places] |= course(record, plant, rule).state == HOLDS
    return found


def proofs(states: States, place: int, plant: Plant) -> Sequence[Conclusion]:
    """The rules that hold for one row, each with its proof."""
    import numpy as np

    from ..plant_rules import judge

    one = states.take(np.array([place]), states.name)
    return tuple(conclusion for _, record in records(one) for conclusion in judge(record, plant).conclusions)


def rows_of(states: States, system: str, stated: Stated) -> Iterator[Row]:
    """F1 and accuracy at the threshold, AUPRC of the order, Brier score of the probability, each with its interval by resampling rows."""
    import numpy as np

    truth, failing = states.failed, stated.failing
    squared = (stated.probability - truth) ** 2
    right = failing == truth

    def f1(chosen: np.ndarray) -> float:
        hits = (truth[chosen] & failing[chosen]).sum()
        both = truth[chosen].sum() + failing[chosen].sum()
        return float(2 * hits / both) if both else float("nan")

    def auprc(chosen: np.ndarray) -> float:
        from sklearn.metrics import average_precision_score

        return (
            float(average_precision_score(truth[chosen], stated.score[chosen])) if truth[chosen].any() else float("nan")
        )

    measures: Mapping[str, Callable[[np.ndarray], float]] = {
        "f1": f1,
        "auprc": auprc,
        "accuracy": lambda chosen: float(right[chosen].mean()),
        "brier": lambda chosen: float(squared[chosen].mean()),
    }
    everyone = np.arange(len(truth))
    for metric, measure in measures.items():
        value = measure(everyone)
        if not np.isfinite(value):
            continue
        low, high = bootstrap(measure, list(range(len(truth))), num_resamples=500)
        yield Row(SET, states.name, TASK, system, metric, value, low, high, len(truth), len(truth))


def told(states: States, answers: Mapping[str, Stated], ours: str) -> str:
    """By mode, how many failures the model and the rules told; tool wear and random ones are luck for everybody."""
    lines = [
        f"{states.name}: {len(states.rows)} rows, {int(states.failed.sum())} in failure; told by {ours} and by the rules:"
    ]
    for mode in MODES:
        here = states.modes[mode] & states.failed
        if not here.any():
            continue
        found = [int((answers[name].failing & here).sum()) for name in (ours, "rules")]
        luck = " (when it comes is random: no reading foretells it)" if mode in ("TWF", "RNF") else ""
        lines.append(f"  {mode}: {found[0]} and {found[1]} of {int(here.sum())}{luck}")
    return "\n".join(lines)

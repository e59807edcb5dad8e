"""Score NDAs in ContractNLI's layout: entailment, contradiction or not mentioned for each of 17 hypotheses, pooled over all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from .. import clause_rules
from ..categories import POSITIONS
from ..classify import Position
from ..passages import cut
from .labelled import Nda
from .metrics import calibration, share_right, summed_decisions
from .systems import Measured, Outcome, Scorer, confusion, reliability

if TYPE_CHECKING:
    import numpy as np

CHOICES = clause_rules.CHOICES
CONTRADICTION = CHOICES.index("contradiction")


def score_ndas(ndas: Sequence[Nda], model: Scorer, progress: Callable[[int], None] = lambda done: None) -> Outcome:
    """Score the model, the rules and the majority by hypothesis; the bundle has no linear part for this task."""
    import numpy as np

    shares: dict[str, list[np.ndarray]] = {}
    priors = clause_rules.position_priors()
    majority = np.array([priors[hypothesis] for hypothesis in POSITIONS])
    for number, nda in enumerate(ndas):
        answers = model.positions(model.score(nda.text))
        if answers:
            shares.setdefault(model.name, []).append(_shares(answers))
        shares.setdefault("rules", []).append(_shares(clause_rules.positions(nda.text, cut(nda.text))))
        shares.setdefault("majority", []).append(majority)
        progress(number + 1)
    truth = np.array([nda.choices for nda in ndas])
    groups = np.repeat(np.arange(len(ndas)), len(POSITIONS)).tolist()
    measured, confusions, reliabilities = [], [], []
    for system, rows in shares.items():
        probabilities = np.stack(rows)
        answer = probabilities.argmax(axis=2)
        right = (answer == truth).ravel()
        sure = probabilities.max(axis=2).ravel()
        values = {
            "accuracy": share_right(right, groups),
            "contradiction_f1": summed_decisions(_counts(answer, truth))["micro_f1"],
            "ece": calibration(sure, right, groups),
        }
        measured += [Measured("nli", system, name, value, truth.size, len(ndas)) for name, value in values.items()]
        if system != "majority":
            confusions.append(
                confusion(
                    f"NDA positions, {system}", [c.replace("_", " ") for c in CHOICES], truth.ravel(), answer.ravel()
                )
            )
            reliabilities.append(reliability(system, sure, right))
    return Outcome(tuple(measured), confusions=tuple(confusions), reliabilities=tuple(reliabilities))


def _shares(answers: Sequence[Position]) -> np.ndarray:
    """float[17, 3] in the order of ``POSITIONS`` and ``CHOICES``."""
    import numpy as np

    by_name = {answer.hypothesis: answer for answer in answers}
    return np.array([[by_name[hypothesis].probabilities[choice] for choice in CHOICES] for hypothesis in POSITIONS])


def _counts(answer: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """float[N, 1, 3] of contradictions found rightly, found wrongly and missed, by NDA."""
    import numpy as np

    said, is_so = answer == CONTRADICTION, truth == CONTRADICTION
    return np.stack([(said & is_so).sum(1), (said & ~is_so).sum(1), (~said & is_so).sum(1)], axis=1)[:, None, :]

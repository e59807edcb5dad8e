"""Score terms of service in UNFAIR-ToS's layout: unfair terms by sentence, and the risk that they amount to.

As LexGLUE has it, a sentence without a label counts as a ninth class "none" in micro- and macro-F1. Risk is the highest level of a sentence
(fair, potentially unfair, clearly unfair); sentences with a label whose level nobody aligned are left out of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .. import clause_rules
from ..categories import UNFAIR
from .labelled import Terms
from .metrics import calibration, over_groups, summed_decisions
from .systems import Confusion, Measured, Outcome, Reliability, Scorer, confusion, reliability

if TYPE_CHECKING:
    import numpy as np

RISKS = ("fair", "potentially unfair", "clearly unfair")
MIN_PROBABILITY = 0.05
"""Calibration is over the sentences of which some label is thought likelier than this: the rest is near 0 and would hide the error."""


@dataclass(frozen=True)
class _System:
    """One system's probabilities of labels and of "clearly", float[M, 8]; ``found`` is bool[M, 8]."""

    name: str
    probabilities: np.ndarray
    clearly: np.ndarray
    found: np.ndarray

    def risks(self) -> np.ndarray:
        """0 fair, 1 potentially, 2 clearly unfair, int[M]."""
        import numpy as np

        clear = (self.found & (self.clearly >= 0.5)).any(axis=1)
        return np.where(clear, 2, np.where(self.found.any(axis=1), 1, 0))


def score_terms(documents: Sequence[Terms], model: Scorer) -> Outcome:
    """Score the model (a linear part alone, so ``linear`` is the same), the rules and the majority (nothing is unfair)."""
    import numpy as np

    sentences = [sentence for document in documents for sentence in document.sentences]
    owner = np.repeat(np.arange(len(documents)), [len(document.sentences) for document in documents])
    truth = np.zeros((len(sentences), len(UNFAIR)), dtype=bool)
    levels: list[int | None] = []
    for row, labels in enumerate(levels_of for document in documents for levels_of in document.levels):
        truth[row, list(labels)] = True
        known = [level for level in labels.values() if level is not None]
        levels.append(0 if not labels else None if len(known) < len(labels) else max(known) - 1)
    leveled = np.array([level is not None for level in levels])
    risk = np.array([level or 0 for level in levels])
    measured: list[Measured] = []
    confusions: list[Confusion] = []
    reliabilities: list[Reliability] = []
    for system in _systems(sentences, model):
        values = dict(summed_decisions(_counts(system.found, truth, owner, len(documents))))
        likely = system.probabilities.max(axis=1) > MIN_PROBABILITY
        flat, outcome = system.probabilities[likely].ravel(), truth[likely].ravel()
        if likely.any():
            values["ece"] = calibration(flat, outcome, np.repeat(owner[likely], len(UNFAIR)).tolist())
            reliabilities.append(reliability(system.name, flat, outcome))
        measured += [
            Measured("unfair", system.name, metric, value, len(sentences), len(documents))
            for metric, value in values.items()
        ]
        answer = system.risks()
        value = over_groups(
            lambda index, answer=answer: _balanced(risk[leveled][index], answer[leveled][index]),
            owner[leveled].tolist(),
        )
        measured.append(Measured("risk", system.name, "balanced_accuracy", value, int(leveled.sum()), len(documents)))
        if system.name != "majority":
            confusions.append(confusion(f"Risk, {system.name}", RISKS, risk[leveled], answer[leveled]))
    return Outcome(tuple(measured), confusions=tuple(confusions), reliabilities=tuple(reliabilities))


def _systems(sentences: Sequence[str], model: Scorer) -> list[_System]:
    import numpy as np

    probabilities, clearly = model.unfair(sentences)
    thresholds = np.asarray(model.config["unfair"]["thresholds"])
    ruled, ruled_clearly = clause_rules.unfair_scores(sentences)
    nothing = np.zeros((len(sentences), len(UNFAIR)))
    return [
        _System(model.name, probabilities, clearly, probabilities >= thresholds),
        _System("linear", probabilities, clearly, probabilities >= thresholds),
        _System("rules", ruled, ruled_clearly, ruled >= clause_rules.unfair_thresholds()),
        _System("majority", nothing, nothing, nothing > 0),
    ]


def _counts(found: np.ndarray, truth: np.ndarray, owner: np.ndarray, num_documents: int) -> np.ndarray:
    """float[D, 9, 3] of right, false alarms and misses by document, the ninth class being "none"."""
    import numpy as np

    found = np.concatenate([found, ~found.any(axis=1, keepdims=True)], axis=1)
    truth = np.concatenate([truth, ~truth.any(axis=1, keepdims=True)], axis=1)
    counts = np.zeros((num_documents, found.shape[1], 3))
    for place, hits in enumerate((found & truth, found & ~truth, ~found & truth)):
        np.add.at(counts[:, :, place], owner, hits)
    return counts


def _balanced(truth: np.ndarray, answer: np.ndarray) -> float:
    """Mean recall over the levels that the truth has."""
    import numpy as np

    return float(np.mean([(answer[truth == level] == level).mean() for level in np.unique(truth)]))

"""Rules that find each category of clause by its words: the symbolic baseline, and ``--classifier rules``.

``read`` gives the labels of a contract and the presence of each category, ``positions`` the answers on an NDA, ``recall`` how often a clause is found.
The rules stand by subject in ``term``, ``ending``, ``competition``, ``commerce``, ``ownership``, ``liability``, ``protection``, ``lawyer``, ``unfair`` and ``nda``; the title, the parties and the date in
``opening``. How often each is right was measured on labelled contracts by ``measure`` and stands in ``precision.json``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..categories import CUAD, POSITIONS, UNFAIR
from ..classify import Choice, Label, Position
from ..passages import Passage
from . import lawyer, nda, unfair
from .engine import Fire, clause_rules, fires, on_sentence, opening_fires, other_rules
from .rule import Rule, Sentence, plain
from .tables import Table, table

if TYPE_CHECKING:
    import numpy as np

SOURCE = "rules"
CHOICES: tuple[Choice, ...] = ("entailment", "contradiction", "not_mentioned")


@dataclass(frozen=True)
class RuleScores:
    """A contract as the rules see it: float32[passages, 41] and float32[41], columns in the order of ``categories.CUAD``."""

    passages: np.ndarray
    presence: np.ndarray


def read(text: str, passages: Sequence[Passage]) -> tuple[tuple[Label, ...], Mapping[str, float]]:
    """The labels of a contract, as ``find`` gives them, and the probability that it has each CUAD category at all."""
    found = _all_fires(text, passages)
    return _labels(found), _presence(found)


def find(text: str, passages: Sequence[Passage]) -> tuple[Label, ...]:
    """The labels of a contract that pass their category's threshold, in text order.

    Each stands on the sentence (title, party or date) that its rule read, with the measured probability of its passage.
    """
    return _labels(_all_fires(text, passages))


def find_lawyer_types(text: str, passages: Sequence[Passage]) -> tuple[Label, ...]:
    """The labels of the types outside CUAD that lawyers read first, as in ``find`` but without looking for the others."""
    return _labels(fires(text, passages, lawyer.RULES))


def score(text: str, passages: Sequence[Passage]) -> RuleScores:
    """Probabilities of the 41 CUAD categories by passage and for the contract."""
    import numpy as np

    columns = {category.key: column for column, category in enumerate(CUAD)}
    found = (*fires(text, passages, clause_rules()), *opening_fires(text, passages))
    measured = table()
    scores = np.zeros((len(passages), len(CUAD)), dtype=np.float32)
    for (category, passage), names in _by_passage(found).items():
        scores[passage, columns[category]] = measured.passage(names)
    presence = _presence(found)
    return RuleScores(scores, np.array([presence[category.key] for category in CUAD], dtype=np.float32))


def positions(text: str, passages: Sequence[Passage]) -> tuple[Position, ...]:
    """What an NDA says on the 17 ContractNLI hypotheses: the likeliest choice where these rules fire, with the sentences that argue for it."""
    measured = table()
    found: dict[str, dict[str, list[Fire]]] = {hypothesis: {} for hypothesis in POSITIONS}
    for fire in fires(text, passages, nda.RULES):
        found[fire.category].setdefault(fire.rule, []).append(fire)
    chosen = {rule.name: rule.choice for rule in nda.RULES}
    answers = []
    for hypothesis, fired in found.items():
        shares = measured.choices(hypothesis, fired)
        probabilities = dict[str, float](zip(CHOICES, shares, strict=True))
        choice = max(CHOICES, key=lambda key: probabilities[key])
        backing = sorted((fire for name in fired if chosen[name] == choice for fire in fired[name]), key=_place)
        spans = dict.fromkeys((fire.start, fire.end) for fire in backing)
        answers.append(Position(hypothesis, choice, probabilities, tuple(spans)))
    return tuple(answers)


def unfair_scores(sentences: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities float32[sentences, 8] of the unfair terms, and of their being clearly unfair (level 3)."""
    import numpy as np

    columns = {category.key: column for column, category in enumerate(UNFAIR)}
    measured = table()
    scores = np.zeros((len(sentences), len(UNFAIR)), dtype=np.float32)
    clearly = np.zeros_like(scores)
    for row, text in enumerate(sentences):
        sentence = Sentence(0, len(text), plain(text), "", row, False)
        for (category, _), names in _by_passage(on_sentence(sentence, unfair.RULES)).items():
            scores[row, columns[category]] = measured.passage(names)
            clearly[row, columns[category]] = measured.clearly(names)
    return scores, clearly


def presence_thresholds() -> np.ndarray:
    """The threshold of each CUAD category's presence, float32[41]."""
    import numpy as np

    return np.array([table().threshold(category.key, "presence") for category in CUAD], dtype=np.float32)


def unfair_thresholds() -> np.ndarray:
    """The threshold of each unfair term, float32[8]."""
    import numpy as np

    return np.array([table().threshold(category.key) for category in UNFAIR], dtype=np.float32)


def position_priors() -> Mapping[str, tuple[float, float, float]]:
    """By NDA hypothesis the shares of entailment, contradiction and not mentioned among the labelled NDAs."""
    return {hypothesis: table().prior(hypothesis) for hypothesis in POSITIONS}


def recall() -> Mapping[str, tuple[float, float, float, int]]:
    """By category the share of contracts with such a clause in which the rules find one, its 95 % interval and the number of these contracts.

    CUAD's categories were counted on the held-out fold, lawyers' types on contracts labelled by hand.
    """
    return table().recall()


def rules() -> tuple[Rule, ...]:
    """Every rule that reads sentences, those of NDA positions included."""
    return (*clause_rules(), *other_rules(), *nda.RULES)


def _all_fires(text: str, passages: Sequence[Passage]) -> tuple[Fire, ...]:
    found = (*fires(text, passages, (*clause_rules(), *other_rules())), *opening_fires(text, passages))
    return tuple(sorted(found, key=lambda fire: (fire.start, fire.end)))


def _place(fire: Fire) -> tuple[int, int]:
    return fire.start, fire.end


def _by_passage(found: Sequence[Fire]) -> dict[tuple[str, int], set[str]]:
    names: dict[tuple[str, int], set[str]] = {}
    for fire in found:
        names.setdefault((fire.category, fire.passage), set()).add(fire.rule)
    return names


def _labels(found: Sequence[Fire]) -> tuple[Label, ...]:
    measured = table()
    by_passage = _by_passage(found)
    labels: dict[tuple[str, int, int], Label] = {}
    for fire in found:
        probability = measured.passage(by_passage[fire.category, fire.passage])
        threshold = measured.threshold(fire.category)
        place = (fire.category, fire.start, fire.end)
        if probability < threshold or (place in labels and not _stronger(measured, fire, labels[place])):
            continue
        level = None
        if fire.level is not None:
            level = max(fire.level, labels[place].level or 0 if place in labels else 0)
        labels[place] = Label(
            fire.category, fire.start, fire.end, probability, SOURCE, fire.rule, threshold=threshold, level=level
        )
    return tuple(sorted(labels.values(), key=lambda label: (label.start, label.end, label.category)))


def _stronger(measured: Table, fire: Fire, label: Label) -> bool:
    return measured.passage({fire.rule}) > measured.passage({label.rule}) or (fire.level or 0) > (label.level or 0)


def _presence(found: Sequence[Fire]) -> Mapping[str, float]:
    fired: dict[str, set[str]] = {}
    for fire in found:
        fired.setdefault(fire.category, set()).add(fire.rule)
    return {category.key: table().presence(category.key, fired.get(category.key, set())) for category in CUAD}

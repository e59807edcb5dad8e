"""Say what each passage of a contract is: categories with probability and exact span, unfair terms, NDA positions.

Two classifiers give the same ``Classification``: the trained bundle (``--classifier model``) and the rules written by
clause category (``--classifier rules``, ``finance/clause_rules``). Categories are those of ``finance/categories.py``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from .categories import CUAD, UNFAIR
from .passages import cut

if TYPE_CHECKING:
    from .model import ContractModel, Scores

Choice = Literal["entailment", "contradiction", "not_mentioned"]


@dataclass(frozen=True)
class Label:
    """One category found on ``start``..``end`` of the text (the exact span), with its probability.

    ``source`` is ``model`` or ``rules``; ``rule`` names the rule. ``threshold`` is the one the label had to pass. ``level``
    is for unfair terms only: 2 potentially unfair, 3 clearly unfair.
    """

    category: str
    start: int
    end: int
    probability: float
    source: Literal["model", "rules"]
    rule: str = ""
    threshold: float = 0.5
    level: int | None = None


@dataclass(frozen=True)
class Position:
    """What an NDA says on one of the 17 ContractNLI hypotheses; ``spans`` are the evidence, best first."""

    hypothesis: str
    choice: Choice
    probabilities: Mapping[str, float]
    spans: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Kind:
    """What the document is: a type of contract and a kind of document, each with its probability.

    ``contract_type`` is a key of ``categories.CONTRACT_TYPES`` or ``other``; ``document_kind`` one of master, amendment,
    order_form, exhibit, terms (terms of service), other.
    """

    contract_type: str
    contract_type_probability: float
    document_kind: str
    document_kind_probability: float
    title: str = ""


@dataclass(frozen=True)
class Classification:
    """All labels of a contract in text order; ``presence`` is the contract-level probability of each CUAD category."""

    kind: Kind
    labels: tuple[Label, ...]
    presence: Mapping[str, float] = field(default_factory=dict)
    positions: tuple[Position, ...] = ()
    source: str = ""

    def of(self, category: str) -> tuple[Label, ...]:
        """The labels of one category, most probable first."""
        return tuple(sorted((x for x in self.labels if x.category == category), key=lambda x: -x.probability))


@dataclass(frozen=True)
class Classified:
    """A classification, and what is needed to answer the NDA questions later without reading the text again."""

    classification: Classification
    scores: Scores | None
    text: str

    def with_positions(self, model: ContractModel | None) -> Classification:
        """The classification with the 17 NDA positions, which are worked out only where a playbook asks."""
        from . import clause_rules

        if model is not None and self.scores is not None:
            positions = model.positions(self.scores)
        else:
            positions = clause_rules.positions(self.text, cut(self.text))
        return replace(self.classification, positions=positions)


def classify(text: str, model: ContractModel | None = None) -> Classified:
    """Classify a contract's text: by the trained bundle, or by the rules where ``model`` is None.

    Types of clause outside CUAD come from the rules either way.

    Raises:
        NumericError: the network gave NaN or infinity.
    """
    from . import clause_rules
    from .kind import kind_of

    passages = cut(text)
    if model is None:
        found, measured = clause_rules.read(text, passages)
        return Classified(Classification(kind_of(text), found, measured, source="rules"), None, text)
    scores = model.score(text)
    labels = list(clause_rules.find_lawyer_types(text, passages))
    labels += _learned(scores, model)
    labels += _one_sided(scores, model)
    labels.sort(key=lambda label: (label.start, label.end))
    presence = {category.key: float(scores.presence[k]) for k, category in enumerate(CUAD)}
    kind = kind_of(text, model.kind_scores(text))
    return Classified(Classification(kind, tuple(labels), presence, source=model.name), scores, text)


def _learned(scores: Scores, model: ContractModel) -> Iterator[Label]:
    """A label for each passage above its category's threshold; the best one where only the contract as a whole is above."""
    thresholds = model.ensemble.passage_thresholds if model.with_network else model.linear.passage_thresholds
    enough = (model.ensemble if model.with_network else model.linear).presence_threshold
    for column, category in enumerate(CUAD):
        probabilities = scores.probabilities[:, column]
        chosen = [number for number, value in enumerate(probabilities) if value >= thresholds[column]]
        if not chosen and len(probabilities) and scores.presence[column] >= enough:
            chosen = [int(probabilities.argmax())]
        for number in chosen:
            start, end = (int(edge) for edge in scores.spans[number, column])
            value = float(probabilities[number])
            yield Label(category.key, start, end, value, "model", threshold=min(value, float(thresholds[column])))


MIN_SENTENCE_WORDS = 6
"""A heading ("Liability") holds no term, however much its words look like one."""
_SENTENCE_END = re.compile(r"[.!?]['\")\]\u201d\u2019]*\s+(?=[\"(\[\u201c\u2018]?[A-Z0-9])|;\s+")


def sentences(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Starts and ends of the sentences of a passage, roughly: what the unfair terms are scored by.

    >>> [("One. Two; three"[a:b]) for a, b in sentences("One. Two; three", 0, 15)]
    ['One.', 'Two;', 'three']
    """
    position = start
    for mark in _SENTENCE_END.finditer(text, start, end):
        stop = mark.start() + len(mark.group().rstrip())
        yield position, stop
        position = mark.end()
    if position < end:
        yield position, end


def _one_sided(scores: Scores, model: ContractModel) -> Iterator[Label]:
    """Unfair terms by sentence, with their level: clearly unfair where that is likelier than not."""
    places = [
        (start, end)
        for passage in scores.passages
        for start, end in sentences(scores.text, passage.start, passage.end)
        if len(scores.text[start:end].split()) >= MIN_SENTENCE_WORDS
    ]
    if not places:
        return
    probabilities, clearly = model.unfair([scores.text[start:end] for start, end in places])
    thresholds = model.config["unfair"]["thresholds"]
    for column, category in enumerate(UNFAIR):
        for number in (probabilities[:, column] >= thresholds[column]).nonzero()[0]:
            start, end = places[number]
            level = 3 if clearly[number, column] >= 0.5 else 2
            yield Label(
                category.key,
                start,
                end,
                float(probabilities[number, column]),
                "model",
                threshold=thresholds[column],
                level=level,
            )

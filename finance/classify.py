"""Say what each passage of a contract is: categories with probability and exact span, unfair terms, NDA positions.

Two classifiers give the same ``Classification``: the trained bundle (``--classifier model``) and the rules written by
clause category (``--classifier rules``, ``finance/clause_rules``). Categories are those of ``finance/categories.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

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

"""Review one contract: the stages in order, each a plain function, and the job that runs them over many files."""

from __future__ import annotations

from dataclasses import dataclass

from .classify import Classification
from .clauses import ClauseTree
from .document import Document
from .facts.types import ContractFacts
from .findings import Judgement


@dataclass(frozen=True)
class Review:
    """One contract, fully reviewed: what each stage made."""

    document: Document
    tree: ClauseTree
    classification: Classification
    facts: ContractFacts
    judgement: Judgement
    model: str

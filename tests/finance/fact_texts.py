"""Contracts of our own for the tests of facts: a text becomes a document, its tree and its facts."""

from __future__ import annotations

import re

import numpy as np

from dsapp.finance.classify import Classification, Kind, Label
from dsapp.finance.clauses import ClauseTree, segment
from dsapp.finance.document import Block, Document, Places
from dsapp.finance.facts.extract import extract
from dsapp.finance.facts.types import ContractFacts

PREAMBLE = (
    "SERVICES AGREEMENT\n\n"
    'This Services Agreement (the "Agreement") is made as of March 1, 2020 (the "Effective Date") between Brook Mill Ltd., a company '
    'organised under the laws of England ("Supplier"), and Alder Works Inc., a Delaware corporation ("Customer").\n\n'
)


def document(text: str) -> Document:
    """``text`` as a document read from a text file, a block a paragraph."""
    blocks: list[Block] = []
    position = 0
    for blank in re.finditer(r"\n\s*\n\s*", text):
        if blank.start() > position:
            blocks.append(Block(position, blank.start()))
        position = blank.end()
    if position < len(text):
        blocks.append(Block(position, len(text)))
    return Document("own.txt", "txt", "0" * 64, text, tuple(blocks), Places(np.zeros(0, dtype=np.int32)))


def tree_of(text: str) -> ClauseTree:
    return segment(document(text))


def nothing_labelled(*labels: Label) -> Classification:
    """A classification without a type of contract, with the labels given."""
    return Classification(Kind("other", 0.0, "other", 0.0), labels)


def facts_of(*clauses: str, preamble: str = PREAMBLE, labels: tuple[Label, ...] = ()) -> ContractFacts:
    """The facts of a contract with these clauses, each its own paragraph after the preamble."""
    text = preamble + "\n\n".join(clauses) + "\n"
    read = document(text)
    return extract(read, segment(read), nothing_labelled(*labels))

"""Contracts and their facts built by hand for the tests of the judge: text in, document, tree and found words out."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from dsapp.finance.classify import Classification, Kind, Label
from dsapp.finance.clauses import Clause, ClauseTree, Part, Reference
from dsapp.finance.document import Block, Change, Document, Places, Unread, Words
from dsapp.finance.facts.types import Party
from dsapp.finance.playbook import Playbook
from dsapp.finance.playbook_check import parse

CUSTOMER, SUPPLIER = "Marlow Foods Ltd", "Quill Systems Inc."

HEAD = """name = "test"
version = "1"
title = "Test"
side = "customer"
contract_types = ["services"]
law = "New York"
"""


def document(text: str, *, changes: Sequence[Change] = (), unread: Sequence[Unread] = ()) -> Document:
    """A plain-text document of paragraphs separated by blank lines."""
    blocks = tuple(Block(match.start(), match.end()) for match in re.finditer(r"[^\n]+(?:\n[^\n]+)*", text))
    places = Places(np.zeros(0, dtype=np.int64))
    return Document("test", "txt", "0" * 64, text, blocks, places, changes=tuple(changes), unread=tuple(unread))


def tree(doc: Document, references: Sequence[Reference] = ()) -> ClauseTree:
    """One clause a paragraph; a paragraph that opens with EXHIBIT or AMENDMENT starts a part of its own."""
    parts = [Part(0, "body", "", 0, len(doc.text))]
    clauses: list[Clause] = []
    for index, block in enumerate(doc.blocks):
        words = doc.text[block.start : block.end]
        if words.startswith("EXHIBIT"):
            parts.append(Part(len(parts), "exhibit", words, block.start, len(doc.text)))
        elif words.startswith("AMENDMENT"):
            parts.append(Part(len(parts), "amendment", words, block.start, len(doc.text)))
        number = re.match(r"\d[\d.]*", words)
        path = number.group().rstrip(".") if number else ""
        end = doc.blocks[index + 1].start if index + 1 < len(doc.blocks) else len(doc.text)
        clauses.append(Clause(index, len(parts) - 1, None, 1, "clause", path, path, "", block.start, end))
    return ClauseTree(tuple(parts), tuple(clauses), references=tuple(references))


def words(doc: Document, phrase: str, occurrence: int = 0) -> Words:
    """Where a phrase stands in the document."""
    at = -1
    for _ in range(occurrence + 1):
        at = doc.text.index(phrase, at + 1)
    return Words(at, at + len(phrase), phrase)


def found(doc: Document, phrase: str, occurrence: int = 0, confidence: float = 0.95) -> dict:
    """The arguments that each fact has: words, clause, confidence."""
    place = words(doc, phrase, occurrence)
    clause = tree(doc).at(place.start)
    return {"words": place, "clause": clause.index if clause else None, "confidence": confidence}


def label(doc: Document, category: str, phrase: str, probability: float = 0.9, **more) -> Label:
    """A label of the model on a phrase."""
    place = words(doc, phrase)
    return Label(category, place.start, place.end, probability, more.pop("source", "model"), **more)


def classification(
    *labels: Label, contract_type: str = "services", probability: float = 0.95, **more
) -> Classification:
    """A classification with a type of contract and some labels."""
    kind = Kind(contract_type, probability, more.pop("document_kind", "master"), 0.9)
    return Classification(kind, tuple(sorted(labels, key=lambda x: x.start)), source="model", **more)


def two_parties(doc: Document, *, roles: bool = True, consumer: bool = False) -> tuple[Party, Party]:
    """A customer and a supplier, named in the text."""
    return (
        Party(
            **found(doc, CUSTOMER),
            name=CUSTOMER,
            aliases=("Customer",),
            role="customer" if roles else "",
            consumer=consumer,
        ),
        Party(**found(doc, SUPPLIER), name=SUPPLIER, aliases=("Supplier",), role="supplier" if roles else ""),
    )


def playbook(*checks: str, head: str = HEAD) -> Playbook:
    """A playbook from the lines of its checks."""
    return parse(head + "".join(f"\n[[check]]\n{check}\n" for check in checks))

"""Defined terms: found in every form contracts use, their uses counted, circles and undefined terms told with few false alarms."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsapp.finance.clauses import Definition, segment
from dsapp.finance.definitions import undefined_terms
from dsapp.finance.document import Block, Document, Places


def document(text: str) -> Document:
    blocks = tuple(Block(m.start(), m.end()) for m in re.finditer(r"[^\n](?:.|\n(?!\n))*", text))
    return Document("test", "txt", "0" * 64, text, blocks, Places(np.zeros(0, dtype=np.int64)))


def definitions(text: str) -> dict[str, Definition]:
    return {definition.term: definition for definition in segment(document(text)).definitions}


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ('Alder Works Ltd (the "Supplier") and Birch plc ("Customer") agree.', ["Supplier", "Customer"]),
        ("Alder Works Ltd (the “Supplier”) sells.", ["Supplier"]),
        ("Alder Works Ltd (the 'Supplier') sells.", ["Supplier"]),
        ('"Product" means an oven. "Fee" shall mean money. "Term" has the meaning given in Section 3.', ["Product", "Fee", "Term"]),
        ('Alder and Birch (each, a "Party" and, collectively, the "Parties") agree.', ["Party", "Parties"]),
        ('"Accept" or "Acceptance" means a signed protocol.', ["Accept", "Acceptance"]),
        ('Alder Works Ltd, hereinafter referred to as "Alder", sells.', ["Alder"]),
        ("Die Alder GmbH (im Folgenden: „Anbieter“) liefert. „Vertragsprodukt“ bedeutet ein Ofen.", ["Anbieter", "Vertragsprodukt"]),
        ("1. Definitions. In this Agreement:\n\nAffiliate means a company under common control.\n\nBusiness Day: means a day on which banks open.", ["Affiliate", "Business Day"]),
        ('the services set out in Exhibit A (collectively, the "Services").', ["Services"]),
    ],
)  # fmt: skip
def test_forms_of_definition(text: str, terms: list[str]):
    assert list(definitions(text)) == terms


def test_quoted_words_that_define_nothing_are_no_terms():
    assert definitions('The sign says "Open" and the parties call it "good enough for now" in their letters.') == {}


def test_uses_are_counted_outside_the_definition_and_the_longest_term_wins():
    found = definitions(
        '"Information" means words. "Confidential Information" means Information that is secret. Confidential Information is kept. '
        "The Information's form is free. Informational is no use of it."
    )
    assert found["Confidential Information"].num_uses == 1
    assert found["Information"].num_uses == 2


def test_a_term_defined_by_itself_is_circular_and_a_proviso_is_not():
    found = definitions(
        '"Product" means each Product sold by Alder. "Buyer" means the Purchaser. "Purchaser" means the Buyer. '
        '"Secret" means all papers, provided that Secret does not include the menu. "Oven" means a hot box.'
    )
    assert {term for term, definition in found.items() if definition.circular} == {"Product", "Buyer", "Purchaser"}


def test_the_defining_words_are_shown():
    text = '1. Words. "Oven" means a hot box with a door. It is black.\n\n2. Sale. Alder sells (the "Sale") it.'
    found = definitions(text)
    assert text[found["Oven"].start : found["Oven"].end] == '"Oven" means a hot box with a door.'
    assert text[found["Sale"].start : found["Sale"].end] == '(the "Sale")'


def test_terms_used_but_never_defined():
    text = (
        'This Agreement is made between Alder Ltd ("Alder") and Birch plc ("Birch").\n\n1. Work. Alder does the Milestone Work by the date. The Acceptance Protocol '
        "is signed.\n\n2. Money. Birch pays when the Acceptance Protocol is signed, and each Acceptance Protocol names the sum of the Acceptance Protocol. The Board of Directors, the United "
        "States and the Securities Act are named: the Board, the Board, the Board."
    )
    doc = document(text)
    assert [(item.term, item.num_uses) for item in undefined_terms(doc, segment(doc))] == [("Acceptance Protocol", 3)]


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet='"“”(the) MeansAB.\n„:', max_size=400))
def test_any_text_is_read(text: str):
    for definition in segment(document(text)).definitions:
        assert definition.term in " ".join(text.split()) or definition.term.replace(" ", "") in "".join(text.split())

"""Duties: who must do what by when, prohibitions as duties, and what is none."""

from __future__ import annotations

import re

import numpy as np
import pytest

from dsapp.finance.clauses import segment
from dsapp.finance.document import Block, Document, Places
from dsapp.finance.facts.obligations import extract
from dsapp.finance.facts.parties import extract as parties
from dsapp.finance.facts.types import Obligation

HEAD = 'This Agreement is between Alder Ltd ("Supplier") and Birch LLC ("Customer").\n\n1. Scope. The work is as follows.\n\n2. Work. '


def duties(sentence: str) -> tuple[Obligation, ...]:
    text = HEAD + sentence + "\n\n3. End. The end.\n"
    blocks = tuple(Block(m.start(), m.end()) for m in re.finditer(r"[^\n](?:.|\n(?!\n))*", text))
    document = Document("test", "txt", "0" * 64, text, blocks, Places(np.zeros(0, dtype=np.int64)))
    tree = segment(document)
    found = extract(document, tree, parties(document, tree))
    for duty in found:
        assert text[duty.words.start : duty.words.end] == duty.words.text and duty.clause is not None
    return found


@pytest.mark.parametrize(
    ("sentence", "debtor", "action", "period"),
    [
        (
            "Supplier shall deliver the ovens within thirty (30) days.",
            "Alder Ltd",
            "deliver the ovens within thirty (30) days",
            "30 days",
        ),
        ("The Customer must pay each invoice; nothing else counts.", "Birch LLC", "pay each invoice", "None"),
        ("Supplier agrees to keep the ovens clean.", "Alder Ltd", "keep the ovens clean", "None"),
        ("Customer shall not resell the ovens.", "Birch LLC", "not resell the ovens", "None"),
        (
            "Each party shall keep the other's secrets for five years.",
            "both",
            "keep the other's secrets for five years",
            "5 years",
        ),
        ("Neither party shall assign this Agreement.", "both", "not assign this Agreement", "None"),
        ("Supplier, at its own expense, shall insure the ovens.", "Alder Ltd", "insure the ovens", "None"),
        ("Customer is responsible for cleaning the site.", "Birch LLC", "be responsible for cleaning the site", "None"),
    ],
)
def test_a_duty(sentence: str, debtor: str, action: str, period: str):
    assert [(d.debtor, d.action, str(d.period)) for d in duties(sentence)] == [(debtor, action, period)]


@pytest.mark.parametrize(
    "sentence",
    [
        "This Agreement shall be governed by the law of Ohio.",
        "Supplier shall not be liable for lost profit.",
        "Supplier shall have the right to enter the site.",
        "Customer shall be entitled to a refund.",
        "Supplier shall mean Alder Ltd and its affiliates.",
        "If Supplier shall fail to deliver, the price falls.",
        "The price is such sum as Supplier shall name.",
        "Either party may end this Agreement.",
        "Notices to Supplier shall be sent by mail.",
        "Customer shall be deemed to have agreed.",
    ],
)
def test_no_duty(sentence: str):
    assert duties(sentence) == ()


def test_a_list_gives_a_duty_for_each_item():
    found = duties("Supplier shall:\n\n(a) bring the ovens;\n\n(b) switch them on within 2 hours; and\n\n(c) leave.")
    assert [(d.debtor, d.action, str(d.period)) for d in found] == [
        ("Alder Ltd", "bring the ovens", "None"),
        ("Alder Ltd", "switch them on within 2 hours", "2 hours"),
        ("Alder Ltd", "leave", "None"),
    ]


def test_mutual_duties_bind_both():
    assert [d.debtor for d in duties("The Receiving Party shall keep it secret.")] == ["both"]


def test_a_clause_gives_at_most_six():
    assert len(duties(" ".join(f"Supplier shall clean oven number {n} well." for n in range(30)))) == 6


def test_a_long_action_is_cut_between_words():
    (duty,) = duties("Supplier shall clean " + "the oven and " * 60 + "the floor.")
    assert len(duty.action) <= 282 and duty.action.endswith("…") and " ".join(duty.action.split()) == duty.action

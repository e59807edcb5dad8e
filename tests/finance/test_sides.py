"""Who has a right or bears a duty in a clause, and what stands around its words."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from judged import CUSTOMER, HEAD, SUPPLIER, classification, document, playbook, tree, two_parties

from dsapp.finance.classify import Kind, Label
from dsapp.finance.facts.extract import extract
from dsapp.finance.facts.types import ContractFacts
from dsapp.finance.playbook import shipped
from dsapp.finance.risk import judge
from dsapp.finance.roles import side_of_role
from dsapp.finance.sides import BOTH, playbook_for, subject_of
from dsapp.finance.wording import precedences, sentence_around

CHECK = 'id = "law"\ntitle = "Law"\nlevel = "low"\nrequired = "governing_law"'
PARTIES = two_parties(document(f"{CUSTOMER} and {SUPPLIER}"))


@pytest.mark.parametrize(
    ("clause", "who"),
    [
        ("Supplier may terminate this Agreement at any time.", SUPPLIER),
        (f"{CUSTOMER} shall indemnify Supplier.", CUSTOMER),
        ("Neither party may assign this Agreement.", BOTH),
        ("The parties shall keep it secret.", BOTH),
        ("Upon breach by Supplier, Customer may terminate.", CUSTOMER),
        ("Supplier's liability is limited.", ""),
        ("The weather is fine.", ""),
        ("Suppliers may be chosen.", ""),
        ("Upon breach by either party, Customer may terminate.", CUSTOMER),
        ("IN NO EVENT SHALL IT; SUPPLIER SHALL NOT COMPETE.", SUPPLIER),
    ],
)
def test_whom_a_clause_speaks_of(clause, who):
    assert subject_of(clause, PARTIES) == who


def test_roles_stand_on_a_side():
    assert side_of_role("licensee") == "customer" and side_of_role("consultant") == "supplier"
    assert side_of_role("discloser") == "discloser" and side_of_role("") == ""


@pytest.mark.parametrize(
    ("us", "name"),
    [
        ("Customer", "commercial-customer"),
        (SUPPLIER, "commercial-supplier"),
        ("", "commercial-customer"),
        ("nobody", "commercial-customer"),
    ],
)
def test_our_part_in_the_contract_chooses_among_playbooks(us, name):
    chosen = playbook_for(shipped(), Kind("services", 0.9, "master", 0.9), PARTIES, us)
    assert chosen is not None and chosen.name == name


def test_a_playbook_for_the_other_side_is_not_ours():
    terms = Kind("terms", 0.9, "terms", 0.9)
    assert playbook_for(shipped(), terms, PARTIES, SUPPLIER) is None
    named = playbook(CHECK, head=HEAD + f'us = ["{CUSTOMER}"]\n')
    assert playbook_for([named], Kind("services", 0.9, "master", 0.9), PARTIES) is named


def test_a_sentence_holds_the_words_that_turn_its_meaning():
    text = "First one. Except for fraud, it is limited; the rest follows.\n\nNext."
    start = text.index("limited")
    first, last = sentence_around(text, start, start + 7)
    assert text[first:last] == "Except for fraud, it is limited"


def test_an_order_of_precedence_names_its_sections():
    text = "1. In case of conflict between this Section and Exhibit A, Section 4.2 shall prevail."
    doc = document(text)
    (rule,) = precedences(text, tree(doc))
    assert rule.sections == ("4.2",)
    assert precedences("1. The law of Ohio governs.", tree(doc)) == ()


CATEGORIES = ("cap_on_liability", "non_compete", "indemnity", "unfair_unilateral_change", "termination_for_convenience")


@given(
    st.lists(
        st.sampled_from(
            [
                "Supplier ",
                "Customer ",
                "may ",
                "shall not exceed ",
                "sixty (30) days ",
                "laws of Ohio",
                ". ",
                "\n\n",
                "1. ",
                "é",
                "\x00",
            ]
        ),
        max_size=60,
    ),
    st.lists(st.tuples(st.sampled_from(CATEGORIES), st.integers(0, 200), st.integers(0, 60)), max_size=8),
    st.sampled_from(["", "Supplier", "nobody"]),
)
@settings(max_examples=40, deadline=None)
def test_any_text_with_any_labels_is_judged(pieces, spans, us):
    doc = document(f"{CUSTOMER} (Customer) and {SUPPLIER} (Supplier)\n\n" + "".join(pieces))
    size = len(doc.text)
    labels = [
        Label(category, min(start, size), min(start + length, size), 0.7, "model") for category, start, length in spans
    ]
    shape = tree(doc)
    made = classification(*labels)
    facts = extract(doc, shape, made)
    for book in (None, *shipped()):
        judgement = judge(doc, shape, made, facts, us=us, playbook=book)
        assert len({finding.id for finding in judgement.findings}) == len(judgement.findings)
        assert (judgement.level is None) == (not judgement.findings)
    assert judge(doc, shape, made, ContractFacts(), us=us).findings is not None

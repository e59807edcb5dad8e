"""Parties by name, short name, role and place, and the match of the user's own name to one of them."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsapp.finance.clauses import segment
from dsapp.finance.document import Block, Document, Places, Words
from dsapp.finance.facts.parties import extract, match_us
from dsapp.finance.facts.party_names import entities, normalised, organised_in
from dsapp.finance.facts.types import Party


def parties(text: str) -> tuple[Party, ...]:
    blocks = tuple(Block(m.start(), m.end()) for m in re.finditer(r"[^\n](?:.|\n(?!\n))*", text))
    document = Document("test", "txt", "0" * 64, text, blocks, Places(np.zeros(0, dtype=np.int64)))
    found = extract(document, segment(document))
    for party in found:
        assert " ".join(text[party.words.start : party.words.end].split()) == party.name
    return found


BODY = "\n\n1. Scope. {0} shall supply ovens and {0} shall deliver them.\n\n2. Price. {1} shall pay for them.\n\n3. Term. One year.\n"


@pytest.mark.parametrize(
    ("preamble", "expected"),
    [
        (
            'This Agreement is made on 3 May 2021 by and between Alder Works, Inc., a Delaware corporation ("Supplier"), and Birch & Sons Foods Ltd, a company '
            'incorporated under the laws of England and Wales ("Customer").',
            [("Alder Works, Inc.", ("Supplier",), "supplier", "Delaware"), ("Birch & Sons Foods Ltd", ("Customer",), "customer", "England and Wales")],
        ),
        (
            "THIS AGREEMENT is between ALDER WORKS LLC (hereinafter referred to as the “Licensor”), and Jane Q. Birch, an individual residing in Ohio (“Licensee”).",
            [("ALDER WORKS LLC", ("Licensor",), "licensor", ""), ("Jane Q. Birch", ("Licensee",), "licensee", "")],
        ),
        (
            "This Agreement is made between Alder GmbH, a German company (“Alder”), Birch S.p.A. (“Birch”) and Cedar B.V. (“Cedar”) (each a “Party” and together the “Parties”).",
            [("Alder GmbH", ("Alder",), "", "Germany"), ("Birch S.p.A.", ("Birch",), "", ""), ("Cedar B.V.", ("Cedar",), "", "")],
        ),
        (
            "DATED 3 May 2021\n\nPARTIES\n\n(1) ALDER WORKS LIMITED incorporated in England (the Landlord); and\n\n(2) BIRCH FOODS PLC (the Tenant).\n\nBACKGROUND\n\n"
            "(A) The Landlord owns a bakery.",
            [("ALDER WORKS LIMITED", ("Landlord",), "lessor", ""), ("BIRCH FOODS PLC", ("Tenant",), "lessee", "")],
        ),
        (
            "CONSULTING AGREEMENT\n\nThis Agreement is entered into by and between Alder Works Corp. (the \"Company\") and Tom Birch (the \"Consultant\").",
            [("Alder Works Corp.", ("Company",), "customer", ""), ("Tom Birch", ("Consultant",), "consultant", "")],
        ),
        (
            "Party A: Alder Trading Co., Ltd.\n\nParty B: Birch Foods Co., Ltd.\n\nParty A and Party B agree as follows:",
            [("Alder Trading Co., Ltd.", ("Party A",), "supplier", ""), ("Birch Foods Co., Ltd.", ("Party B",), "customer", "")],
        ),
    ],
)  # fmt: skip
def test_parties_of_a_preamble(preamble: str, expected: list[tuple]):
    body = BODY.format("Party A", "Party B") if "Party A" in preamble else BODY.format("Seller X", "Buyer Y")
    found = parties(preamble + body)
    assert [(p.name, p.aliases, p.role) for p in found] == [
        (name, aliases, role) for name, aliases, role, _ in expected
    ]
    for party, (_, _, _, place) in zip(found, expected, strict=True):
        assert not place or party.organised_in == place


def test_roles_come_from_what_the_text_has_them_do():
    found = parties(
        'This Agreement is made between Alder Ltd ("Alder") and Birch Ltd ("Birch").' + BODY.format("Birch", "Alder")
    )
    assert {party.name: party.role for party in found} == {"Alder Ltd": "customer", "Birch Ltd": "supplier"}


def test_terms_of_service_have_we_and_a_consumer():
    text = (
        'Terms of Service\n\nThese Terms are an agreement between you and Alder Web, Inc. ("Alder", "we" or "us"). By using our site you accept them.\n\n'
        + "Your account. You keep your password. You own your content. You give us your mail address. You may end your account. You pay for what you order. Your data are yours. You agree.\n"
    )
    found = parties(text)
    assert [(party.name, party.consumer) for party in found] == [("Alder Web, Inc.", False), ("you", True)]
    assert "we" in found[0].aliases


def test_a_letter_is_between_its_sender_and_its_addressee():
    text = (
        "Alder Works LLC\n\nMay 3, 2021\n\nBirch Foods, Inc.\n12 Mill Road\n\nLadies and Gentlemen:\n\nWe confirm what we agreed about the ovens. You will keep it secret.\n\n"
        "Very truly yours,\n\nALDER WORKS LLC\n\nBy: /s/ Jo Alder\n\nName: Jo Alder\n"
    )
    assert {normalised(party.name) for party in parties(text)} == {"birch foods", "alder works"}


def test_things_with_short_names_are_no_parties():
    found = parties(
        'This Supply Agreement (the "Agreement"), dated 3 May 2021 (the "Effective Date"), is between Alder Ltd ("Alder") and Birch Ltd ("Birch"). '
        'Alder makes ovens (the "Products") in Ohio (the "Territory").' + BODY.format("Alder", "Birch")
    )
    assert [party.name for party in found] == ["Alder Ltd", "Birch Ltd"]


def test_names_end_where_their_legal_form_does():
    text = "between Deutsche Bank Securities Inc. and Bank of America, N.A., with Beijing Leju (China) Services Co., Ltd. and e-oven.com, inc. in the Company's name"
    assert [text[a:b] for a, b in entities(text)] == [
        "Deutsche Bank Securities Inc.", "Bank of America, N.A.", "Beijing Leju (China) Services Co., Ltd.", "e-oven.com, inc.",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "place"),
    [
        ("a Delaware limited liability company", "Delaware"),
        ("a corporation organized and existing under the laws of the State of New York", "New York"),
        ("a company incorporated in Ireland", "Ireland"),
        ("a Swiss stock corporation", "Switzerland"),
        ("a company with an office in Ohio", ""),
    ],
)
def test_where_a_party_is_organised(words: str, place: str):
    assert organised_in(words) == place


def made(name: str, *aliases: str, role: str = "") -> Party:
    return Party(Words(0, 1, name), None, 0.9, name, aliases, role)


PAIR = (
    made("Alder Works, Inc.", "Supplier", role="supplier"),
    made("Birch Foods GmbH & Co. KG", "Birch", role="customer"),
)


@pytest.mark.parametrize(
    ("asked", "name", "how"),
    [
        ("ALDER WORKS LLC", "Alder Works, Inc.", "the name of"),
        ("birch", "Birch Foods GmbH & Co. KG", "the short name of"),
        ("Customer", "Birch Foods GmbH & Co. KG", "the role of"),
        ("Alder Worcs", "Alder Works, Inc.", "similarity"),
        ("Alder Works Holding", "Alder Works, Inc.", "similarity"),
    ],
)
def test_our_name_is_matched_and_the_way_is_said(asked: str, name: str, how: str):
    party, sentence = match_us(PAIR, asked)
    assert party is not None and party.name == name and how in sentence


@pytest.mark.parametrize("asked", ["Cedar Mills", "Al", "", "Works"])
def test_no_match_says_why(asked: str):
    party, sentence = match_us(PAIR, asked)
    assert party is None and sentence


def test_two_that_fit_are_no_match():
    pair = (made("Alder Works North Ltd"), made("Alder Works South Ltd"))
    party, sentence = match_us(pair, "Alder Works")
    assert party is None and "North" in sentence and "South" in sentence


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "between ",
                "Alder Inc. ",
                '("A") ',
                "and ",
                "LLC",
                ", a Delaware corporation",
                "\n\n",
                "(the ",
                '"',
                "Co. ",
                "1. ",
                "you ",
                "/s/ ",
            ]
        ),
        max_size=40,
    ).map("".join)
)
def test_any_preamble_is_read(text: str):
    for party in parties(text):
        assert party.name

"""Who the parties are to each other where the contract does not define it, and what a review does with a party whose side it cannot tell."""

from __future__ import annotations

import pytest
from fact_texts import document

from dsapp.finance.clauses import segment
from dsapp.finance.facts.parties import extract
from dsapp.finance.facts.types import Party
from dsapp.finance.playbook import shipped
from dsapp.finance.review import review_document

HEAD = "SERVICES AGREEMENT\n\nThis Agreement, dated 4 May 2026, is between {}.\n\n"
NAMES = "TARN VALLEY FOODS, INC. and ORREN SYSTEMS LLC"
BODY = (
    "1. SERVICES. {s} shall perform the services described in each order.\n\n"
    "2. PAYMENT. {c} shall pay each invoice within thirty (30) days after receipt.\n\n"
    "3. LIABILITY. {s}'s total aggregate liability under this Agreement shall not exceed the fees paid in the three (3) months before the claim.\n\n"
    "4. ENDING. {c} may terminate this Agreement for convenience by giving {s} at least thirty (30) days' written notice.\n\n"
    "5. LAW. This Agreement is governed by the laws of the State of New York.\n"
)


def parties(text: str) -> tuple[Party, ...]:
    read = document(text)
    return extract(read, segment(read))


def test_the_first_word_of_a_name_is_a_short_name_where_the_text_uses_it_so():
    found = parties(HEAD.format(NAMES) + BODY.format(s="Orren", c="Tarn Valley Foods"))
    assert [(party.aliases, party.role) for party in found] == [
        (("Tarn Valley Foods",), "customer"),
        (("Orren",), "supplier"),
    ]


def test_a_first_word_that_the_parties_share_or_the_text_does_not_use_is_none():
    shared = parties(HEAD.format("TARN FOODS, INC. and TARN SYSTEMS LLC") + BODY.format(s="Tarn", c="Tarn"))
    unused = parties(HEAD.format(NAMES) + BODY.format(s="Supplier", c="Customer"))
    assert [party.aliases for party in (*shared, *unused)] == [(), (), (), ()]
    assert [party.role for party in unused] == ["", ""]


@pytest.mark.parametrize(
    "lines",
    [
        "Customer: Tarn Valley Foods, Inc.\nSupplier: Orren Systems LLC\nDate: 4 May 2026\n\n",
        "The Supplier:  Orren Systems LLC, 4 Mill Lane, Albany\nThe Customer:  Tarn Valley Foods, Inc., 9 Bay Street, Troy\n\n",
        "| Customer | Tarn Valley Foods, Inc. |\n| Supplier | Orren Systems LLC |\n\n",
    ],
)
def test_lines_that_put_a_role_before_a_name_tell_the_parties(lines):
    found = parties(
        "SERVICES AGREEMENT\n\n" + lines + "The parties agree as follows.\n\n" + BODY.format(s="Supplier", c="Customer")
    )
    assert {(party.name, party.role) for party in found} == {
        ("Tarn Valley Foods, Inc.", "customer"),
        ("Orren Systems LLC", "supplier"),
    }


def test_roles_stand_over_the_signatures():
    signed = (
        "\nIN WITNESS WHEREOF, the parties have signed.\n\nCLIENT:\n\nTARN VALLEY FOODS, INC.\nBy: /s/ Ana Reed\nName: Ana Reed\n\n"
        "CONTRACTOR:\n\nORREN SYSTEMS LLC\nBy: /s/ Sol Marsh\nName: Sol Marsh\n"
    )
    found = parties(HEAD.format(NAMES) + BODY.format(s="Contractor", c="Client") + signed)
    assert [(party.aliases, party.role) for party in found] == [
        (("Client",), "customer"),
        (("Contractor",), "supplier"),
    ]


def test_a_company_called_you_keeps_its_name_and_is_no_consumer():
    text = (
        'TERMS OF SERVICE\n\nThese Terms of Service are a contract between Orren Systems LLC ("Orren", "we" or "us") and Tarn Valley Foods, Inc. '
        '("Customer" or "you").\n\n1. CHANGES. We may change these terms at any time in our sole discretion and without notice to you.\n\n'
        "2. ENDING. We may suspend or terminate your account at any time, for any reason or no reason, without notice.\n"
    )
    found = parties(text)
    assert [(party.name, party.role, party.consumer) for party in found] == [
        ("Orren Systems LLC", "supplier", False),
        ("Tarn Valley Foods, Inc.", "customer", False),
    ]
    assert found[1].aliases == ("Customer", "you")
    judged = review_document(document(text), us="Tarn Valley Foods").judgement
    assert judged.side.party == "Tarn Valley Foods, Inc."
    assert not [finding for finding in judged.findings if finding.title.startswith("Unfair to a consumer")]


def test_whoever_reads_the_terms_is_still_you():
    text = (
        'TERMS OF SERVICE\n\nThis is a contract between Orren Systems LLC ("we" or "us") and the person who opens an account ("User" or "you").\n\n'
        "1. CHANGES. We may change these terms at any time without notice to you.\n"
    )
    assert [(party.name, party.consumer) for party in parties(text)] == [("Orren Systems LLC", False), ("you", True)]


def test_the_supplier_is_judged_as_the_supplier_though_no_role_is_defined():
    text = HEAD.format(NAMES) + BODY.format(s="Orren", c="Tarn")
    judged = review_document(document(text), us="Orren Systems").judgement
    assert (judged.side.role, judged.playbook) == ("supplier", "commercial-supplier")


def test_a_party_whose_side_is_unread_is_held_to_no_side_and_told_so():
    text = HEAD.format(NAMES) + BODY.format(s="Supplier", c="Customer")
    judged = review_document(document(text), us="Orren Systems").judgement
    assert judged.playbook == "" and not judged.checks
    assert any(
        "Whether ORREN SYSTEMS LLC is the customer or the supplier was not read" in note for note in judged.notes
    )


def test_a_playbook_that_is_named_is_used_and_the_side_it_takes_is_told():
    text = HEAD.format(NAMES) + BODY.format(s="Supplier", c="Customer")
    customer = next(playbook for playbook in shipped() if playbook.name == "commercial-customer")
    judged = review_document(document(text), us="Tarn Valley Foods", playbook=customer).judgement
    assert judged.playbook == "commercial-customer" and judged.checks
    assert any("was not read from the contract: it was taken as the customer" in note for note in judged.notes)

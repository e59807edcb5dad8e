"""Contradictions read from whole contracts: two clauses that word one thing differently, and two that only look alike."""

from __future__ import annotations

import pytest
from fact_texts import PREAMBLE, document, nothing_labelled

from dsapp.finance.clauses import segment
from dsapp.finance.contradictions import Contradiction, find
from dsapp.finance.facts.extract import extract


def contradictions(*clauses: str, preamble: str = PREAMBLE) -> list[Contradiction]:
    read = document(preamble + "\n\n".join(f"{number}. {text}" for number, text in enumerate(clauses, start=1)) + "\n")
    tree = segment(read)
    return list(find(read, tree, extract(read, tree, nothing_labelled())))


def titles(*clauses: str) -> list[str]:
    return [found.title for found in contradictions(*clauses)]


ENDING = "ENDING. Customer may terminate this Agreement for convenience upon {}."
BREACH = (
    "BREACH. Either party may terminate this Agreement if the other party materially breaches it and fails to cure the breach within thirty (30) days after "
    "written notice of the breach."
)
PAYMENT = "PAYMENT. Customer shall pay each undisputed invoice within thirty (30) days after receipt."
SECRECY = "SECRECY. Each party shall keep the other's information secret. These duties of confidentiality last for five (5) years after this Agreement ends."


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("at least thirty (30) days' written notice", "sixty (60) days' notice"),
        ("thirty (30) days' prior written notice", "sixty (60) days' written notice"),
        ("thirty (30) days' written notice to Supplier", "sixty (60) days' written notice"),
    ],
)
def test_two_notices_however_they_are_worded(one, other):
    assert titles(ENDING.format(one), ENDING.format(other)) == ["Two periods: notice to end the contract without cause"]


@pytest.mark.parametrize(
    ("clause", "other", "title"),
    [
        (
            BREACH,
            "OTHER. Either party may terminate this Agreement if the other party materially breaches it and does not cure the breach within ten (10) days after notice.",
            "Two periods: time to cure a breach",
        ),
        (PAYMENT, "OTHER. All invoices are payable within sixty (60) days after receipt.", "Two periods: time to pay"),
        (
            PAYMENT,
            "OTHER. Customer shall pay Supplier's invoices within forty-five (45) days after receipt of the invoice.",
            "Two periods: time to pay",
        ),
        (
            SECRECY,
            "OTHER. The duties of confidentiality last for two (2) years after this Agreement ends.",
            "Two periods: time for which information is kept secret",
        ),
        (
            "TERM. This Agreement continues for one (1) year and renews automatically for one-year periods unless a party gives notice of non-renewal at least "
            "thirty (30) days before the end of the term.",
            "OTHER. Notice of non-renewal must be given at least ninety (90) days before the end of the term.",
            "Two periods: notice that stops the renewal",
        ),
    ],
    ids=["cure", "payment", "payment-of-the-invoice", "secrecy", "renewal"],
)
def test_two_periods_for_one_right(clause, other, title):
    assert titles(clause, other) == [title]


@pytest.mark.parametrize(
    "clauses",
    [
        (ENDING.format("thirty (30) days' prior written notice"), ENDING.format("thirty (30) days' notice")),
        (PAYMENT, "EXPENSES. Customer shall pay invoices for travel expenses within sixty (60) days after receipt."),
        (
            PAYMENT,
            "CLOSE. Customer shall pay the balance within sixty (60) days after receipt of the auditor's report.",
        ),
        (SECRECY, "SECRETS. Trade secrets shall be kept secret for ten (10) years after this Agreement ends."),
        (
            BREACH,
            "ARREARS. Either party may terminate this Agreement if the other party fails to pay and does not cure the breach within ten (10) days after notice.",
        ),
        (
            ENDING.format("thirty (30) days' notice"),
            "OWN. Supplier may terminate this Agreement for convenience upon ninety (90) days' notice.",
        ),
        (
            ENDING.format("thirty (30) days' notice"),
            "ORDERS. Customer may terminate an order for convenience upon ten (10) days' notice.",
        ),
        (BREACH, "WITHIN. Either party avoids termination by curing the breach within the 10-day period."),
    ],
    ids=["same", "expenses", "report", "trade-secrets", "failure-to-pay", "other-holder", "order", "told-again"],
)
def test_periods_of_other_subjects(clauses):
    assert titles(*clauses) == []


NEW_YORK = "LAW. This Agreement is governed by the laws of the State of New York."


@pytest.mark.parametrize(
    ("first", "second", "names"),
    [
        (
            NEW_YORK,
            "The validity and interpretation of this Agreement are governed by English law.",
            "New York and England and Wales",
        ),
        (
            NEW_YORK,
            "The validity, interpretation and performance of this Agreement are governed by the laws of Texas.",
            "New York and Texas",
        ),
        (NEW_YORK, "All matters relating to this Agreement are governed by the laws of Texas.", "New York and Texas"),
        (NEW_YORK, "English law applies.", "New York and England and Wales"),
        (NEW_YORK, "This Agreement is subject to Swiss law.", "New York and Switzerland"),
        (
            NEW_YORK.replace("New York", "Virginia"),
            "This Agreement is governed by the laws of West Virginia.",
            "Virginia and West Virginia",
        ),
        (
            NEW_YORK.replace("New York", "Kansas"),
            "This Agreement is governed by the laws of Arkansas.",
            "Kansas and Arkansas",
        ),
    ],
)
def test_two_laws_of_one_agreement(first, second, names):
    assert titles(first, f"GENERAL. {second}") == [f"Two governing laws: {names}"]


@pytest.mark.parametrize(
    "second",
    [
        "The validity of a patent is governed by the laws of Germany.",
        "Delaware law applies to the internal affairs of Customer.",
        "This Agreement is subject to the laws of Switzerland relating to export.",
        "Mandatory German data protection law applies to personal data of persons in Germany.",
        "If Customer moves to Texas, this Agreement is governed by the laws of Texas.",
    ],
)
def test_a_law_for_one_subject_or_one_case(second):
    assert titles(NEW_YORK, f"GENERAL. {second}") == []


def test_courts_that_depend_on_who_sues():
    courts = "If Customer brings a claim, the courts of New York have exclusive jurisdiction. If Supplier brings a claim, the courts of Delaware have exclusive jurisdiction."
    assert titles(f"COURTS. {courts}") == []


def test_where_hearings_may_be_held_is_no_second_seat():
    arbitration = (
        "DISPUTES. Disputes shall be settled by arbitration seated in London; hearings may be held in Singapore."
    )
    assert titles(arbitration) == []
    assert titles(arbitration, "OTHER. Any dispute shall be finally resolved by arbitration seated in Singapore.") == [
        "Two seats of arbitration: England and Wales and Singapore"
    ]


def test_two_numbers_side_by_side_are_not_one():
    assert titles("SUBCONTRACTORS. Supplier tells Customer of a new one thirty (30) days ahead.") == []
    assert titles("NOTICE. Supplier tells Customer within sixty (30) days.") == ["Words and figures differ: sixty (30)"]


RUNS = "TERM. This Agreement begins on the Effective Date and continues for three (3) years"


@pytest.mark.parametrize(
    ("clauses", "title"),
    [
        ((f"{RUNS}. It expires on December 31, 2021.",), "Term and end date do not agree"),
        ((f"{RUNS}, ending on December 31, 2021.",), "Term and end date do not agree"),
        (
            (f"{RUNS}.", "OTHER. The initial term of this Agreement is five (5) years from the Effective Date."),
            "Two terms: 3 years and 5 years",
        ),
        (
            (f"{RUNS}.", "OTHER. The effective date of this Agreement is April 1, 2020."),
            "Two effective dates: 1 March 2020 and 1 April 2020",
        ),
        (
            (
                "LIABILITY. Each party's total aggregate liability under this Agreement shall not exceed the fees paid in the twelve (12) months before the claim.",
                "OTHER. In no event shall Supplier's total aggregate liability exceed USD 50,000.",
            ),
            "Two limits for the same liability",
        ),
    ],
    ids=["it-expires", "ending-on", "initial-term", "effective-date", "sum-and-months"],
)
def test_terms_and_dates_that_cannot_both_hold(clauses, title):
    assert titles(*clauses) == [title]


@pytest.mark.parametrize(
    "clauses",
    [
        (f"{RUNS}, ending on February 28, 2023.",),
        (f"{RUNS}. It renews for successive terms of one (1) year.",),
        (
            "TERM. This Agreement begins on January 1, 2019 and continues for three (3) years, ending on December 31, 2021.",
        ),
        (
            "TERM. This Agreement begins on the Go-Live Date and continues for three (3) years. It expires on December 31, 2024.",
        ),
        (f"{RUNS}.", "OTHER. The effective date of this Agreement is March 1, 2020."),
        (f"{RUNS}.", "OTHER. The initial term of this Agreement is three (3) years from the Effective Date."),
        (f"{RUNS}.", "LICENCE. The licence lasts for five (5) years. It expires on May 1, 2025."),
    ],
)
def test_terms_and_dates_that_agree(clauses):
    assert titles(*clauses) == []


SIGNED = "\nIN WITNESS WHEREOF, the parties have signed.\n\nBROOK MILL LTD.\nBy: /s/ Ana Reed\n\nALDER WORKS INC.\nBy: /s/ Sol Marsh\n"
DUTIES = (
    "1. SERVICES. Supplier shall perform the services with care, shall keep records of them and shall report on them every month, as Customer may ask. Supplier "
    "must follow Customer's reasonable instructions and will name a manager for them. "
    + "Each party shall keep to the law that is in force where it acts. " * 26
    + "\n\n2. LAW. This Agreement is governed by the laws of the State of New York.\n"
)
SECOND = (
    '{title}\n\nThis {name} (the "Licence") is made as of June 1, 2020 between Brook Mill Ltd. ("Licensor") and Alder Works Inc. ("Licensee").\n\n'
    "1. LICENCE. Licensor grants Licensee a licence to its software.\n\n2. LAW. This Agreement is governed by the laws of the State of Delaware.\n"
)


@pytest.mark.parametrize("signed", ["", SIGNED])
@pytest.mark.parametrize("between", ["\n\n\n", "\n\n\f", "\n\n==========\n\n"])
@pytest.mark.parametrize("title", ["SOFTWARE LICENSE AGREEMENT", "Mutual Non-Disclosure Agreement"])
def test_two_agreements_in_one_file_have_each_their_own_law(signed, between, title):
    text = PREAMBLE + DUTIES + signed + between + SECOND.format(title=title, name=title.title())
    read = document(text)
    tree = segment(read)
    facts = extract(read, tree, nothing_labelled())
    assert [part.title for part in tree.parts] == ["SERVICES AGREEMENT", title]
    assert [(law.jurisdiction, law.covers) for law in facts.laws] == [("New York", "agreement"), ("Delaware", title)]
    assert [party.aliases for party in facts.parties] == [("Supplier",), ("Customer",)]
    assert list(find(read, tree, facts)) == []


def test_a_title_that_is_only_named_again_begins_no_agreement():
    text = PREAMBLE + DUTIES + "\n3. GENERAL.\n\nSERVICES AGREEMENT\n\nThe parties shall sign it in two copies.\n"
    assert len(segment(document(text)).parts) == 1

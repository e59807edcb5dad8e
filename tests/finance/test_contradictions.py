"""Contradictions inside one contract are found, and what only looks like one is let go."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from judged import CUSTOMER, SUPPLIER, document, found, tree, words

from dsapp.finance.contradictions import find
from dsapp.finance.facts.types import (
    Cap,
    ContractDate,
    ContractFacts,
    Duration,
    Interest,
    Law,
    Money,
    Period,
    Term,
    Uncapped,
)


def subjects(text: str, **facts) -> list[tuple[str, str]]:
    doc = document(text)
    made = {name: tuple(make(doc) for make in makers) for name, makers in facts.items() if name != "term"}
    term = facts["term"](doc) if "term" in facts else None
    return [(c.subject, c.level) for c in find(doc, tree(doc), ContractFacts(term=term, **made))]


def law(phrase: str, jurisdiction: str, kind: str = "law", occurrence: int = 0, **more):
    return lambda doc: Law(**found(doc, phrase, occurrence), kind=kind, jurisdiction=jurisdiction, **more)


def period(phrase: str, right: str, holder: str, length: Duration, trigger: str = "", occurrence: int = 0):
    return lambda doc: Period(
        **found(doc, phrase, occurrence), right=right, holder=holder, trigger=trigger, length=length
    )


def cap(phrase: str, whose: str = SUPPLIER, **more):
    def make(doc):
        amount = more.get("amount")
        rest = {key: value for key, value in more.items() if key != "amount"}
        money = Money(Decimal(amount), "USD") if amount else None
        return Cap(**found(doc, phrase), whose=whose, amount=money, formula=rest.pop("formula", phrase), **rest)

    return make


def uncapped(phrase: str, *losses: str, whose: str = SUPPLIER):
    return lambda doc: Uncapped(**found(doc, phrase), whose=whose, losses=losses)


def day(phrase: str, kind: str, year: int, month: int, number: int):
    value = datetime.date(year, month, number)
    return lambda doc: ContractDate(**found(doc, phrase), kind=kind, value=value, status="given")


TWO_LAWS = """1. Law. This Agreement is governed by the laws of Ohio.

2. General. This Agreement shall be construed under the laws of Texas."""


def test_two_laws_for_one_agreement():
    assert subjects(TWO_LAWS, laws=[law("laws of Ohio", "Ohio"), law("laws of Texas", "Texas")]) == [("law", "high")]


def test_the_finding_shows_both_places():
    doc = document(TWO_LAWS)
    facts = ContractFacts(
        laws=tuple(make(doc) for make in (law("laws of Ohio", "Ohio"), law("laws of Texas", "Texas")))
    )
    (contradiction,) = find(doc, tree(doc), facts)
    assert contradiction.quotes == (words(doc, "laws of Ohio"), words(doc, "laws of Texas"))
    assert "Ohio" in contradiction.why and "Texas" in contradiction.why
    assert {fact.value for fact in contradiction.facts} == {"Ohio", "Texas"}


@pytest.mark.parametrize(
    ("text", "laws"),
    [
        (  # law, forum and seat may differ
            "1. This Agreement is governed by the laws of Ohio.\n\n2. The courts of Texas have jurisdiction.\n\n3. The seat is Geneva.",
            [
                law("laws of Ohio", "Ohio"),
                law("courts of Texas", "Texas", "forum", exclusive=True),
                law("Geneva", "Geneva", "seat"),
            ],
        ),
        (  # an exhibit with its own law
            "1. This Agreement is governed by the laws of Ohio.\n\nEXHIBIT A\n\n1. This licence is governed by the laws of Texas.",
            [law("laws of Ohio", "Ohio"), law("laws of Texas", "Texas")],
        ),
        (  # a law that governs a subject only
            "1. This Agreement is governed by the laws of Ohio.\n\n2. The laws of Texas govern the lease of the plant.",
            [law("laws of Ohio", "Ohio"), law("laws of Texas", "Texas", covers="the lease of the plant")],
        ),
        (  # one sentence names both
            "1. This Agreement is governed by the laws of Ohio or, at Customer's choice, the laws of Texas.",
            [law("laws of Ohio", "Ohio"), law("laws of Texas", "Texas")],
        ),
        (  # an exception
            "1. This Agreement is governed by the laws of Ohio.\n\n2. Notwithstanding Section 1, the laws of Texas govern claims for fees.",
            [law("laws of Ohio", "Ohio"), law("laws of Texas", "Texas")],
        ),
        (  # an amendment that replaces
            "1. This Agreement is governed by the laws of Ohio.\n\nAMENDMENT No. 1\n\nSection 1 is replaced: the laws of Texas govern.",
            [law("laws of Ohio", "Ohio"), law("laws of Texas", "Texas")],
        ),
        (  # the same law, spelt longer
            "1. Governed by the laws of England and Wales.\n\n2. Construed under the laws of England.",
            [law("laws of England and Wales", "England and Wales"), law("laws of England", "England", occurrence=1)],
        ),
        (  # the wider and the narrower
            "1. Governed by the laws of Ohio.\n\n2. Construed under the laws of the United States.",
            [law("laws of Ohio", "Ohio"), law("laws of the United States", "United States")],
        ),
        (  # courts that are not exclusive
            "1. The courts of Ohio may hear disputes.\n\n2. The courts of Texas may hear disputes.",
            [law("courts of Ohio", "Ohio", "forum"), law("courts of Texas", "Texas", "forum", exclusive=False)],
        ),
    ],
    ids=[
        "forum-seat",
        "exhibit",
        "subject",
        "one-sentence",
        "exception",
        "amendment",
        "longer",
        "wider",
        "non-exclusive",
    ],
)
def test_laws_that_do_not_contradict(text, laws):
    assert subjects(text, laws=laws) == []


def test_two_exclusive_courts():
    text = "1. The courts of Ohio have exclusive jurisdiction.\n\n2. The courts of Texas have exclusive jurisdiction."
    forums = [
        law("courts of Ohio", "Ohio", "forum", exclusive=True),
        law("courts of Texas", "Texas", "forum", exclusive=True),
    ]
    assert subjects(text, laws=forums) == [("forum", "medium")]


TWO_NOTICES = """1. Supplier may end this Agreement at will upon 30 days' notice.

2. Supplier may terminate without cause upon 90 days' notice."""


def test_two_periods_for_one_right():
    periods = [
        period("30 days", "terminate_for_convenience", SUPPLIER, Duration(30, "day")),
        period("90 days", "terminate_for_convenience", SUPPLIER, Duration(90, "day")),
    ]
    assert subjects(TWO_NOTICES, periods=periods) == [("period.terminate_for_convenience", "medium")]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("terminate_for_convenience", SUPPLIER, ""), ("terminate_for_convenience", CUSTOMER, "")),
        (("terminate_for_convenience", SUPPLIER, ""), ("prevent_renewal", SUPPLIER, "")),
        (("cure", "either", "late payment"), ("cure", "either", "any other breach")),
        (("payment", SUPPLIER, ""), ("payment", SUPPLIER, "")),
        (("other", SUPPLIER, "x"), ("other", SUPPLIER, "x")),
    ],
    ids=["holders", "rights", "triggers", "trigger-unsaid", "other"],
)
def test_periods_for_different_rights_holders_or_triggers(first, second):
    periods = [
        period("30 days", first[0], first[1], Duration(30, "day"), first[2]),
        period("90 days", second[0], second[1], Duration(90, "day"), second[2]),
    ]
    assert subjects(TWO_NOTICES, periods=periods) == []


def test_a_month_and_thirty_days_are_one_period():
    text = "1. Either party may end it upon 30 days' notice.\n\n2. Either party may end it upon one month's notice."
    periods = [
        period("30 days", "terminate_for_convenience", "either", Duration(30, "day")),
        period("one month", "terminate_for_convenience", "both", Duration(1, "month")),
    ]
    assert subjects(text, periods=periods) == []


def test_a_defined_exception_is_none():
    text = TWO_NOTICES.replace("2. Supplier", "2. Except in the first year, Supplier")
    periods = [
        period("30 days", "terminate_for_convenience", SUPPLIER, Duration(30, "day")),
        period("90 days", "terminate_for_convenience", SUPPLIER, Duration(90, "day")),
    ]
    assert subjects(text, periods=periods) == []


def test_an_order_of_precedence_makes_it_a_note():
    text = TWO_NOTICES + "\n\n3. If these terms conflict, Section 2 shall prevail."
    periods = [
        period("30 days", "terminate_for_convenience", SUPPLIER, Duration(30, "day")),
        period("90 days", "terminate_for_convenience", SUPPLIER, Duration(90, "day")),
    ]
    assert subjects(text, periods=periods) == [("period.terminate_for_convenience", "low")]
    other = text.replace("Section 2 shall", "Section 7 shall")
    assert subjects(other, periods=periods) == [("period.terminate_for_convenience", "medium")]


def test_a_cap_and_unlimited_liability_for_the_same_loss():
    text = "1. Supplier's total liability shall not exceed USD 10,000.\n\n2. Supplier's liability under this Agreement is unlimited."
    facts = {"caps": [cap("USD 10,000", amount="10000")], "uncapped": [uncapped("unlimited")]}
    assert subjects(text, **facts) == [("cap", "high")]
    named = "1. Supplier's liability for loss of stored data shall not exceed USD 10,000.\n\n2. Liability for loss of stored data is unlimited."
    facts = {"caps": [cap("USD 10,000", amount="10000")], "uncapped": [uncapped("unlimited", "loss of stored data")]}
    assert subjects(named, **facts) == [("cap", "high")]


@pytest.mark.parametrize(
    ("text", "caps", "open_losses"),
    [
        (  # carve-outs, said in the cap's own sentence
            "1. Except for fraud, Supplier's total liability shall not exceed USD 10,000; liability for fraud is unlimited.",
            [cap("USD 10,000", amount="10000", carve_outs=("fraud",))],
            [uncapped("liability for fraud is unlimited", "fraud")],
        ),
        (  # carve-outs, said in a clause of their own
            "1. Supplier's total liability shall not exceed USD 10,000.\n\n2. Nothing limits liability for fraud.",
            [cap("USD 10,000", amount="10000")],
            [uncapped("Nothing limits liability for fraud", "fraud")],
        ),
        (  # another party's liability
            "1. Supplier's liability shall not exceed USD 10,000.\n\n2. Customer's liability is unlimited.",
            [cap("USD 10,000", amount="10000")],
            [uncapped("unlimited", whose=CUSTOMER)],
        ),
    ],
    ids=["same-sentence", "own-clause", "other-party"],
)
def test_a_cap_with_carve_outs_is_no_contradiction(text, caps, open_losses):
    assert subjects(text, caps=caps, uncapped=open_losses) == []


def test_two_limits_of_one_liability():
    text = "1. Supplier's total liability shall not exceed USD 10,000.\n\n2. The total liability of Supplier is limited to USD 50,000."
    caps = [cap("USD 10,000", amount="10000"), cap("USD 50,000", amount="50000")]
    assert subjects(text, caps=caps) == [("cap", "high")]
    special = text.replace(
        "The total liability of Supplier is", "For breach of confidentiality Supplier's liability is"
    )
    assert subjects(special, caps=caps) == []


def test_two_effective_dates_and_a_term_that_misses_the_end():
    text = "1. The Effective Date is 1 March 2024.\n\n2. This Agreement takes effect on 1 May 2024."
    dates = [day("1 March 2024", "effective", 2024, 3, 1), day("1 May 2024", "effective", 2024, 5, 1)]
    assert subjects(text, dates=dates) == [("date.effective", "medium")]

    text = "1. Effective 1 March 2024.\n\n2. It runs for three years.\n\n3. It expires on 28 February 2026."

    def three(doc):
        return Term(**found(doc, "three years"), length=Duration(3, "year"))

    dates = [day("1 March 2024", "effective", 2024, 3, 1), day("28 February 2026", "expiration", 2026, 2, 28)]
    assert subjects(text, dates=dates, term=three) == [("term", "medium")]
    right = text.replace("2026", "2027")
    dates = [day("1 March 2024", "effective", 2024, 3, 1), day("28 February 2027", "expiration", 2027, 2, 28)]
    assert subjects(right, dates=dates, term=three) == []


MARCH = day("March 31, 2031", "expiration", 2031, 3, 31)


def test_two_end_dates_though_the_facts_keep_one():
    text = """1. Term. The term begins on April 1, 2026 and ends on March 31, 2031, unless it ends sooner under Section 9.

2. Surrender. This Lease shall expire on March 31, 2030 and Tenant shall vacate the rooms."""
    assert subjects(text, dates=[MARCH]) == [("date.expiration", "medium")]


@pytest.mark.parametrize(
    "other",
    [
        "The option to extend the term ends on March 31, 2030.",
        "The warranty under this Lease expires on March 31, 2030.",
        "If Tenant gives notice, this Lease ends on March 31, 2030.",
        "The initial term of this Lease ends on March 31, 2030.",
        "This Lease ends on March 31, 2031.",
    ],
)
def test_ends_of_other_things_are_none(other):
    text = f"1. Term. The term ends on March 31, 2031.\n\n2. More. {other}"
    assert subjects(text, dates=[MARCH]) == []


def test_two_terms_of_one_agreement():
    text = "1. The initial term of this Agreement shall be three (3) years.\n\n2. The initial term shall be for five (5) years."
    assert subjects(text) == [("term", "medium")]
    renewal = text.replace("The initial term shall be", "Upon renewal the term of this Agreement shall be")
    assert subjects(renewal) == []


def test_two_rates_of_late_interest():
    text = "1. Late sums bear 1% a month.\n\n2. Late sums bear 18% a year."
    rates = [
        lambda doc: Interest(**found(doc, "1% a month"), rate=1.0, per="month"),
        lambda doc: Interest(**found(doc, "18% a year"), rate=18.0, per="year"),
    ]
    assert subjects(text, interest=rates) == [("interest", "medium")]
    same = text.replace("18%", "12%")
    rates[1] = lambda doc: Interest(**found(doc, "12% a year"), rate=12.0, per="year")
    assert subjects(same, interest=rates) == []


@pytest.mark.parametrize(
    ("text", "num"),
    [
        ("Payment is due within sixty (30) days.", 1),
        ("Payment is due within sixty (60) days.", 0),
        ("The price is one million dollars ($1,500,000).", 1),
        ("The price is one million dollars ($1,000,000).", 0),
        ("a fee of one and one-half percent (1.5%)", 0),
        ("one-half of one percent (0.5%)", 0),
        ("either of two (1) first and (2) second", 0),
        ("twenty-four (24) months and ninety-nine percent (99%)", 0),
        ("in the year nineteen ninety (1990)", 0),
    ],
)
def test_words_against_figures(text, num):
    assert len(subjects(text)) == num


def test_doubtful_facts_contradict_nothing():
    doc = document(TWO_LAWS)
    facts = ContractFacts(
        laws=(
            Law(**found(doc, "laws of Ohio"), kind="law", jurisdiction="Ohio"),
            Law(**found(doc, "laws of Texas", confidence=0.4), kind="law", jurisdiction="Texas"),
        )
    )
    assert find(doc, tree(doc), facts) == ()


@given(st.text(alphabet="one two (1)2$%.,\nterm of this agreement shall", max_size=400))
@settings(max_examples=100, deadline=None)
def test_any_text_is_searched_without_error(text):
    doc = document(text)
    for contradiction in find(doc, tree(doc), ContractFacts()):
        for quote in contradiction.quotes:
            assert text[quote.start : quote.end] == quote.text

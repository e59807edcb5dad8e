"""Dates of a contract, its term and renewal, and the deadlines that follow, on clauses of our own."""

from __future__ import annotations

import datetime

import pytest
from fact_texts import PREAMBLE, facts_of

from dsapp.finance.facts.types import Duration


def date(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


def test_the_preamble_gives_the_agreement_and_the_effective_date() -> None:
    facts = facts_of("1. Services. Supplier shall serve.")
    agreement, effective = facts.date("agreement"), facts.date("effective")
    assert agreement is not None and agreement.value == date("2020-03-01") and agreement.words.text == "March 1, 2020"
    assert effective is not None and effective.value == date("2020-03-01")
    assert agreement.confidence >= 0.9


@pytest.mark.parametrize(
    ("preamble", "expected"),
    [
        (
            "This Lease is entered into this 7th day of September, 1999, by and between A Corp. and B Corp.\n\n",
            "1999-09-07",
        ),
        ("AGREEMENT\n\nDated 4 May 2015\n\nbetween A Ltd and B Ltd\n\n", "2015-05-04"),
        ('SUPPLY AGREEMENT (this "Agreement"), dated as of July 23, 2003, made by A Inc. and B Inc.\n\n', "2003-07-23"),
        (
            "This Amendment No. 2 to the Supply Agreement dated April 1, 2017 between A Inc. and B Inc. is made this 22nd day of June, 2018.\n\n",
            "2018-06-22",
        ),
        (
            "This Note is made on June 5, 2011 between A Inc. and B Inc.\n\nWHEREAS, A Inc. is party to a loan agreement dated "
            "January 9, 2008 with C Inc.;\n\n",
            "2011-06-05",
        ),
    ],
)
def test_the_agreements_own_date_is_told_from_dates_of_other_documents(preamble: str, expected: str) -> None:
    agreement = facts_of("1. Duties. A Inc. shall act.", preamble=preamble).date("agreement")
    assert agreement is not None and agreement.value == date(expected)


@pytest.mark.parametrize(
    ("written", "status"), [("____ day of May, 2013", "blank"), ("[ ], 2013", "blank"), ("[***], 2013", "redacted")]
)
def test_a_date_left_open_is_blank_or_redacted_never_missing(written: str, status: str) -> None:
    facts = facts_of(
        "1. Term. The term of this Agreement shall be three (3) years from the Effective Date.",
        preamble=f'This Agreement is made as of {written} (the "Effective Date") between A Inc. and B Inc.\n\n',
    )
    for kind in ("agreement", "effective", "expiration"):
        found = facts.date(kind)
        assert found is not None and (found.value, found.status) == (None, status), kind
    end = facts.deadlines[-1]
    assert end.date is None and status in end.blocked_by


def test_an_effective_date_by_the_last_signature_is_computed_from_the_signatures() -> None:
    facts = facts_of(
        '1. Start. "Effective Date" means the date of the last signature below.',
        "IN WITNESS WHEREOF, the parties have signed.\n\nBROOK MILL LTD.\n\nBy: /s/ Ann Vale\nName: Ann Vale\nDate: 3 April 2020\n\n"
        "ALDER WORKS INC.\n\nBy: /s/ Tom Reed\nName: Tom Reed\nDate: 9 April 2020",
        preamble="SERVICES AGREEMENT\n\nThis Agreement is between Brook Mill Ltd. and Alder Works Inc.\n\n",
    )
    effective = facts.date("effective")
    assert effective is not None and effective.value == date("2020-04-09")
    assert effective.status == "computed" and "last signature" in effective.arithmetic


@pytest.mark.parametrize(
    ("clause", "arithmetic"),
    [
        (
            "1. Term. This Agreement commences on the Effective Date and continues for a period of three (3) years.",
            "1 March 2020 + 3 years - 1 day = 28 February 2023",
        ),
        (
            "1. Term. The initial term shall end on the fifth (5th) anniversary of the Effective Date.",
            "1 March 2020 + 5 years - 1 day = 28 February 2025",
        ),
        (
            "1. Term. The term of this Agreement is eighteen (18) months.",
            "1 March 2020 + 18 months - 1 day = 31 August 2021",
        ),
        (
            "1. Term. This Agreement begins on June 1, 2020 and shall remain in effect for one (1) year.",
            "1 June 2020 + 1 year - 1 day = 31 May 2021",
        ),
    ],
)
def test_the_expiration_is_computed_and_its_sum_shown(clause: str, arithmetic: str) -> None:
    expiration = facts_of(clause).date("expiration")
    assert expiration is not None and (expiration.status, expiration.arithmetic) == ("computed", arithmetic)
    assert expiration.confidence >= 0.75


@pytest.mark.parametrize(
    "clause",
    [
        "1. Term. This Agreement shall continue until December 31, 2024, unless terminated earlier.",
        "1. Term. The term begins on the Effective Date and ends on 31 December 2024.",
        '1. Definitions. "Expiration Date" means December 31, 2024.',
        "1. Term. This Agreement shall be effective from March 1, 2020 through and including December 31, 2024.",
    ],
)
def test_a_given_end_is_taken_as_given(clause: str) -> None:
    expiration = facts_of(clause).date("expiration")
    assert expiration is not None and (expiration.value, expiration.status) == (date("2024-12-31"), "given")


@pytest.mark.parametrize(
    "clause",
    [
        "1. Term. This Agreement shall remain in force until terminated by either party.",
        "1. Term. This Agreement shall continue indefinitely.",
    ],
)
def test_a_contract_without_end_is_perpetual(clause: str) -> None:
    facts = facts_of(clause)
    expiration = facts.date("expiration")
    assert expiration is not None and expiration.status == "perpetual"
    assert facts.term is not None and facts.term.perpetual and facts.term.length is None
    assert not any("expires" in deadline.title for deadline in facts.deadlines)


def test_cure_confidentiality_and_warranty_periods_are_no_term() -> None:
    facts = facts_of(
        "1. Term. The term of this Agreement is two years from the Effective Date.",
        "2. Confidentiality. The duties of this Section continue for a period of five (5) years after termination.",
        "3. Breach. Either party may terminate this Agreement if a breach is not cured for a period of sixty (60) days after notice.",
        "4. Warranty. The goods are warranted for a period of ten (10) years.",
    )
    assert facts.term is not None and facts.term.length == Duration(2, "year")


def test_a_term_counted_from_an_event_without_date_gives_the_earliest_reading_and_says_so() -> None:
    expiration = facts_of("1. Term. This Agreement continues for three (3) years following the Launch Date.").date(
        "expiration"
    )
    assert expiration is not None and expiration.value == date("2023-02-28")
    assert "launch date" in expiration.note and expiration.confidence < 0.6


def test_renewal_is_read_with_its_length_count_and_notice() -> None:
    facts = facts_of(
        "1. Term. The initial term is three (3) years from the Effective Date. Thereafter this Agreement renews automatically for up to two (2) "
        "successive periods of one (1) year each, unless either party gives written notice of non-renewal at least ninety (90) days before "
        "the end of the then-current term."
    )
    renewal = facts.renewal
    assert renewal is not None and renewal.automatic
    assert (renewal.length, renewal.times, renewal.notice) == (Duration(1, "year"), 2, Duration(90, "day"))
    assert facts.term is not None and facts.term.length == Duration(3, "year")


def test_an_option_to_renew_is_not_automatic() -> None:
    renewal = facts_of(
        "1. Term. The term is two years. Customer may renew this Agreement for one additional term of one year by written agreement."
    ).renewal
    assert renewal is not None and not renewal.automatic


def test_month_to_month_is_an_automatic_renewal_by_the_month() -> None:
    renewal = facts_of(
        "1. Term. After the initial term of one year this Agreement continues on a month-to-month basis until terminated by either party "
        "upon thirty (30) days' notice."
    ).renewal
    assert renewal is not None and renewal.automatic and renewal.length == Duration(1, "month")


def test_the_last_day_to_stop_a_renewal_is_a_deadline_with_its_whole_sum() -> None:
    facts = facts_of(
        "1. Term. This Agreement commences on the Effective Date and continues for three (3) years. It renews automatically for successive one-year "
        "terms unless either party gives notice of non-renewal at least sixty (60) days prior to the end of the term."
    )
    deadline = next(item for item in facts.deadlines if "against renewal" in item.title)
    assert deadline.date == date("2022-12-30")
    assert (
        deadline.arithmetic
        == "1 March 2020 + 3 years - 1 day = 28 February 2023; 28 February 2023 - 60 days = 30 December 2022"
    )
    assert deadline.holder == "either" and deadline.blocked_by == "" and deadline.confidence >= 0.85


def test_a_deadline_without_its_input_has_no_date_and_says_what_blocks_it() -> None:
    facts = facts_of(
        "1. Term. The term of this Agreement is [***] years from the Effective Date and renews automatically for successive one-year terms unless "
        "either party gives sixty (60) days' prior written notice of non-renewal."
    )
    deadline = next(item for item in facts.deadlines if "against renewal" in item.title)
    assert deadline.date is None and deadline.blocked_by and deadline.confidence < 0.9


def test_a_duty_after_a_dated_event_becomes_a_date_in_business_days() -> None:
    facts = facts_of(
        "1. Plan. Supplier shall deliver the project plan within ten (10) business days of the Effective Date."
    )
    deadline = next(item for item in facts.deadlines if "project plan" in item.title)
    assert deadline.date == date("2020-03-13") and deadline.holder == "Brook Mill Ltd."
    assert "Monday to Friday, without holidays" in deadline.arithmetic


def test_a_duty_by_a_given_date_is_a_deadline_and_a_date_of_another_document_is_none() -> None:
    facts = facts_of(
        "1. Report. Customer shall approve the budget no later than 30 June 2021.",
        "2. Accounts. The accounts dated 31 December 2019 shall be kept.",
    )
    assert [(item.date, item.holder) for item in facts.deadlines] == [(date("2021-06-30"), "Alder Works Inc.")]
    assert "approve the budget" in facts.deadlines[0].title


def test_facts_point_at_their_exact_words() -> None:
    clause = "1. Term. This Agreement shall continue\n  until December 31, 2024."
    facts = facts_of(clause)
    text = PREAMBLE + clause + "\n"
    for found in (*facts.dates, *facts.deadlines):
        assert text[found.words.start : found.words.end] == found.words.text


def test_without_an_effective_date_the_agreements_own_is_taken_and_doubted() -> None:
    facts = facts_of(
        "1. Term. The term is two (2) years.",
        preamble="This Agreement is made on June 5, 2011 between A Inc. and B Inc.\n\n",
    )
    effective = facts.date("effective")
    assert effective is not None and effective.value == date("2011-06-05") and effective.confidence < 0.9
    assert effective.note == "no effective date is said"

"""Deadlines whose inputs are open: no date is made up, and the row says what is missing; and days counted backward."""

from __future__ import annotations

import datetime

import pytest
from fact_texts import facts_of
from hypothesis import given
from hypothesis import strategies as st

from dsapp.finance.documents.fact_rows import deadline_status, fact_rows
from dsapp.finance.facts.business_days import business_days_before, calendar_for
from dsapp.finance.facts.durations import find_durations
from dsapp.finance.facts.types import ContractFacts, Deadline

BEGINS = "1. TERM. This Agreement {begins} and continues for two (2) years."
RENEWS = (
    "2. RENEWAL. This Agreement renews automatically for successive one (1) year terms unless either party gives written notice of non-renewal "
    "{notice} before the end of the then-current term."
)
AGAINST = "Last day to give notice against renewal"
LAW = "9. LAW. This Agreement is governed by the laws of {}."


def deadline(facts: ContractFacts, title: str) -> Deadline:
    (found,) = [found for found in facts.deadlines if found.title == title]
    return found


@pytest.mark.parametrize(
    ("begins", "told"),
    [
        ("begins on the Commencement Date (to be agreed)", "to be agreed"),
        ("begins on a date to be determined by the parties", "to be determined"),
        ("begins on [●] 2020", "left blank"),
        ("begins on XX/XX/2020", "left blank"),
        ("begins on [DATE]", "left blank"),
        ("begins on ____________", "left blank"),
        ("begins on the Commencement Date", "the commencement date"),
        ("begins on the Go-Live Date", "the go-live date"),
        ("takes effect when Supplier receives the signed copy", "when Supplier receives the signed copy"),
        ("takes effect once Customer has paid the deposit", "once Customer has paid the deposit"),
    ],
)
def test_a_term_counted_from_an_open_start_blocks_its_deadlines(begins, told):
    facts = facts_of(BEGINS.format(begins=begins), RENEWS.format(notice="sixty (60) days"))
    for title in ("End of the first term", AGAINST):
        found = deadline(facts, title)
        assert found.date is None and found.confidence < 0.9
        assert told in found.blocked_by
    (row,) = [row for row in fact_rows(facts) if row.name == "Expiration"]
    assert row.value.startswith(("not known", "left blank"))


@pytest.mark.parametrize(
    "begins",
    [
        "begins on the Effective Date",
        "begins on the date hereof",
        "begins upon execution by both parties",
        "shall commence on the date of this Agreement",
    ],
)
def test_a_start_that_the_contract_dates_still_gives_the_end(begins):
    facts = facts_of(BEGINS.format(begins=begins))
    assert deadline(facts, "Contract expires").date == datetime.date(2022, 2, 28)


def test_an_effective_date_that_waits_for_an_event_is_not_the_date_of_the_agreement():
    preamble = 'SERVICES AGREEMENT\n\nThis Agreement is made as of March 1, 2020 between Brook Mill Ltd. ("Supplier") and Alder Works Inc. ("Customer").\n\n'
    facts = facts_of(
        '1. START. "Effective Date" means the date on which the licence is granted.',
        "2. TERM. This Agreement begins on the Effective Date and continues for two (2) years.",
        preamble=preamble,
    )
    found = deadline(facts, "Contract expires")
    assert found.date is None and "the date on which the licence is granted" in found.blocked_by


def test_a_date_given_a_name_of_its_own_is_that_date():
    preamble = 'SUPPLY AGREEMENT\n\nThis Agreement is dated March 1, 2020, between Brook Mill Ltd. ("Supplier") and Alder Works Inc. ("Customer").\n\n'
    facts = facts_of(
        '1. TERM. The term of this Agreement is three (3) years commencing on the date first set forth above (the "Commencement Date") and '
        "ending on the third anniversary of the Commencement Date.",
        preamble=preamble,
    )
    assert facts.date("expiration").value == datetime.date(2023, 2, 28)


@pytest.mark.parametrize(
    ("notice", "why"),
    [
        ("at least ____ (__) days", "the notice is blank"),
        ("at least [●] days", "the notice is blank"),
        ("at least [number of days]", "the notice is blank"),
        ("at least [***] days", "the notice is redacted"),
        ("at least [REDACTED]", "the notice is redacted"),
        ("in writing", "the length of the notice was not read"),
    ],
)
def test_a_notice_without_a_length_gives_a_row_that_says_so(notice, why):
    facts = facts_of(BEGINS.format(begins="begins on the Effective Date"), RENEWS.format(notice=notice))
    found = deadline(facts, AGAINST)
    assert found.date is None
    assert deadline_status(found) == f"blocked: {why}"


@pytest.mark.parametrize(
    ("duty", "why"),
    [
        ("Supplier shall deliver the plan within ____ days after the Effective Date.", "the length of time is blank"),
        ("Supplier shall deliver the plan within [●] days of the Effective Date.", "the length of time is blank"),
        ("Supplier shall deliver the plan no later than [DATE].", "the date is blank"),
    ],
)
def test_a_duty_whose_time_is_blank_gives_a_row_that_says_so(duty, why):
    facts = facts_of(f"1. PLAN. {duty}")
    (found,) = [found for found in facts.deadlines if "deliver the plan" in found.title]
    assert (found.holder, found.date, found.blocked_by) == ("Brook Mill Ltd.", None, why)


@pytest.mark.parametrize(
    "duty",
    [
        "Supplier shall correct a fault within ____ days after notice.",
        "The price shall be multiplied by ____.",
        "Supplier shall keep [***] copies.",
    ],
)
def test_a_blank_that_would_never_have_been_a_date_gives_no_row(duty):
    assert facts_of(f"1. DUTY. {duty}").deadlines == ()


def test_a_duty_before_the_end_of_the_contract_has_its_date():
    facts = facts_of(
        BEGINS.format(begins="begins on the Effective Date"),
        "2. REPORT. Supplier shall deliver a final report thirty (30) days before the expiration of this Agreement.",
    )
    found = deadline(facts, "Supplier shall deliver a final report")
    assert found.date == datetime.date(2022, 1, 29) and "28 February 2022 - 30 days" in found.arithmetic


def test_a_time_that_lasts_until_the_end_is_no_deadline():
    facts = facts_of(
        BEGINS.format(begins="begins on the Effective Date"),
        "2. TALKS. For a period of ninety (90) days before the expiration of this Agreement Customer shall have the right to negotiate a new one.",
    )
    assert [found.title for found in facts.deadlines] == ["Contract expires"]


def test_days_counted_from_the_effective_date_of_something_else_is_not_from_ours():
    facts = facts_of(
        "1. EXIT. Supplier shall return the data within thirty (30) days following the effective date of such termination."
    )
    assert facts.deadlines == ()


def test_a_tenants_option_to_extend_has_its_last_day():
    facts = facts_of(
        "1. TERM. The term is five (5) years from April 1, 2020. Customer may extend it by three (3) years by written notice at least one hundred "
        "eighty (180) days before its end."
    )
    assert deadline(facts, "Last day to give notice on renewal").date == datetime.date(2024, 10, 2)


@pytest.mark.parametrize(
    "window",
    [
        "not less than sixty (60) and not more than ninety (90) days",
        "not more than ninety (90) nor less than sixty (60) days",
        "no earlier than 90 days and no later than 60 days",
    ],
)
def test_of_a_window_of_notice_the_last_day_is_the_last(window):
    facts = facts_of(BEGINS.format(begins="begins on the Effective Date"), RENEWS.format(notice=window))
    found = deadline(facts, AGAINST)
    assert found.date == datetime.date(2021, 12, 30)
    assert "not earlier than 90 days before" in found.note
    assert [str(period.length) for period in facts.periods if period.right == "prevent_renewal"] == ["60 days"]


def test_both_ends_of_a_window_are_lengths():
    hits = find_durations("not less than sixty (60) and not more than ninety (90) days before")
    assert [str(hit.duration) for hit in hits] == ["60 days", "90 days"]


@pytest.mark.parametrize(
    ("law", "date", "sure", "told"),
    [
        ("the State of New York", datetime.date(2022, 2, 11), True, "US federal holidays"),
        ("England and Wales", datetime.date(2022, 2, 14), True, "bank holidays of England and Wales"),
        ("Germany", datetime.date(2022, 2, 14), False, "without holidays"),
    ],
)
def test_business_days_before_the_end_leave_out_the_holidays_of_the_law(law, date, sure, told):
    facts = facts_of(
        BEGINS.format(begins="begins on the Effective Date"),
        RENEWS.format(notice="ten (10) business days"),
        LAW.format(law),
    )
    found = deadline(facts, AGAINST)
    assert found.date == date and told in found.arithmetic
    assert (found.confidence >= 0.9) is sure
    assert ("not known here" in found.note) is not sure


def test_holidays_of_a_year_end():
    day = datetime.date(2027, 1, 4)
    assert business_days_before(day, 10, "us") == datetime.date(2026, 12, 17)
    assert business_days_before(day, 10, "england") == datetime.date(2026, 12, 16)
    assert business_days_before(datetime.date(2022, 1, 4), 1, "us") == datetime.date(2022, 1, 3)
    assert business_days_before(datetime.date(2024, 4, 2), 1, "england") == datetime.date(2024, 3, 28)
    assert business_days_before(datetime.date(1, 1, 3), 400) is None


@given(
    st.dates(datetime.date(1971, 1, 1), datetime.date(2199, 1, 1)),
    st.integers(1, 300),
    st.sampled_from(["us", "england"]),
)
def test_holidays_only_make_the_day_earlier(day, count, calendar):
    with_holidays, without = business_days_before(day, count, calendar), business_days_before(day, count)
    assert with_holidays is not None and without is not None
    assert with_holidays <= without < day and with_holidays.weekday() < 5


def test_which_law_has_a_calendar():
    assert [calendar_for(law) for law in ("Texas", "United States", "Scotland", "Ontario, Canada", "")] == [
        "us",
        "us",
        "",
        "",
        "",
    ]

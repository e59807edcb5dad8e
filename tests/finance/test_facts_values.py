"""Durations, dates, amounts and jurisdictions as contracts write them."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsapp.finance.facts.dates import add, find_dates, prefers_day_first
from dsapp.finance.facts.durations import find_durations
from dsapp.finance.facts.jurisdictions import find_jurisdictions
from dsapp.finance.facts.money import dollar_currency, find_money
from dsapp.finance.facts.types import Duration, Money


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("within thirty (30) days", "30 days"),
        ("a 30-day notice", "30 days"),
        ("twelve months", "12 months"),
        ("one and a half years", "1.5 years"),
        ("two and one-half (2 1/2) years", "2.5 years"),
        ("six (6) months' prior written notice", "6 months"),
        ("180 calendar days", "180 days"),
        ("ten (10) Business Days", "10 business days"),
        ("15 working days", "15 business days"),
        ("a period of 5 years", "5 years"),
        ("24 hours", "24 hours"),
        ("one hundred and eighty (180) days", "180 days"),
        ("ninety [90] days", "90 days"),
        ("10 (ten) days", "10 days"),
        ("half a year", "6 months"),
        ("on the thirtieth (30th) day after receipt", "30 days"),
        ("for a one (l) year term", "1 year"),
    ],
)
def test_a_length_of_time_is_read_with_its_unit(text: str, shown: str) -> None:
    assert [str(hit.duration) for hit in find_durations(text)] == [shown]


def test_words_and_figures_that_disagree_are_doubted_and_said() -> None:
    (hit,) = find_durations("on sixty (30) days notice")
    assert (hit.duration, hit.note) == (Duration(60, "day"), "words say 60, figures say 30")
    (agreeing,) = find_durations("on sixty (60) days notice")
    assert hit.confidence < 0.6 < agreeing.confidence and agreeing.note == ""


@pytest.mark.parametrize(
    "text", ["on 31 December 2020 days passed", "the year 2000 months", "someday", "a daytime call"]
)
def test_what_only_looks_like_a_length_of_time_is_none(text: str) -> None:
    assert find_durations(text) == ()


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("March 1, 2020", "2020-03-01"),
        ("March 1st, 2020", "2020-03-01"),
        ("Sept. 5, 2001", "2001-09-05"),
        ("the 7th day of September, 1999", "1999-09-07"),
        ("31 July 2013", "2013-07-31"),
        ("17t h day of February 2016", "2016-02-17"),
        ("June 1,1999", "1999-06-01"),
        ("twenty-third day of May, 2006", "2006-05-23"),
        ("JANUARY 1ST, 1998", "1998-01-01"),
        ("01-Mar-2020", "2020-03-01"),
        ("2020-03-01", "2020-03-01"),
        ("2020年3月1日", "2020-03-01"),
        ("13/4/2020", "2020-04-13"),
        ("4/13/2020", "2020-04-13"),
        ("December 31, '99", "1999-12-31"),
    ],
)
def test_a_date_is_read_in_any_form(text: str, iso: str) -> None:
    (hit,) = find_dates(text)
    assert str(hit.value) == iso and text[hit.start : hit.end] in text


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("dated as of March __, 2018", 2018),
        ("this ____ day of May, 2000", 2000),
        ("dated [ ], 2020", 2020),
        ("dated [●], 2019", 2019),
        ("this ___ day of _______, 19__", None),
        ("as of March 2018", 2018),
    ],
)
def test_a_blank_date_is_a_date_without_value(text: str, year: int | None) -> None:
    (hit,) = find_dates(text)
    assert hit.value is None and hit.year == year and not hit.redacted


def test_a_redacted_date_says_so() -> None:
    (hit,) = find_dates("dated as of [***], 2020")
    assert hit.value is None and hit.redacted


def test_an_ambiguous_date_follows_the_contracts_own_habit_and_says_how_it_was_read() -> None:
    british = "Made on 4 March 2020. Rent is due on 5 April 2020."
    assert prefers_day_first(british) and not prefers_day_first("Made on March 4, 2020.")
    (day_first,) = find_dates("3/4/2020", day_first=True)
    (month_first,) = find_dates("3/4/2020")
    assert (str(day_first.value), day_first.note) == ("2020-04-03", "read as day/month")
    assert (str(month_first.value), month_first.note) == ("2020-03-04", "read as month/day")
    assert day_first.confidence < 0.9


@pytest.mark.parametrize("text", ["February 31, 2020", "Section 9.2.10", "12/40/2020", "call 5/6 of them"])
def test_what_is_no_date_is_none(text: str) -> None:
    assert find_dates(text) == ()


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("$1,234.56", "1234.56", "USD"),
        ("US$ 5 million", "5000000", "USD"),
        ("USD 5 million", "5000000", "USD"),
        ("EUR 1.000.000,00", "1000000.00", "EUR"),
        ("€ 5.000", "5000", "EUR"),
        ("£250,000", "250000", "GBP"),
        ("¥10,000", "10000", "JPY"),
        ("RMB 3,000,000", "3000000", "CNY"),
        ("one million dollars ($1,000,000)", "1000000", "USD"),
        ("CHF 1'000'000", "1000000", "CHF"),
        ("10,000 euros", "10000", "EUR"),
        ("C$2.5m", "2500000", "CAD"),
        ("$.05", ".05", "USD"),
    ],
)
def test_an_amount_is_read_with_its_currency(text: str, amount: str, currency: str) -> None:
    assert [hit.money for hit in find_money(text)] == [Money(Decimal(amount), currency)]


def test_a_range_is_two_amounts_and_a_redacted_one_has_no_value() -> None:
    assert [str(hit.money) for hit in find_money("from $5,000 to $10,000")] == ["USD 5,000.00", "USD 10,000.00"]
    (hidden,) = find_money("a fee of $[***]")
    assert hidden.money is None and "redacted" in hidden.note


def test_amounts_in_words_and_figures_that_disagree_are_doubted() -> None:
    (hit,) = find_money("Two Million Dollars ($1,000,000)")
    assert hit.money == Money(Decimal(2_000_000), "USD") and hit.confidence < 0.6 and "figures say" in hit.note


def test_a_bare_dollar_is_the_currency_that_the_contract_names() -> None:
    text = "All amounts in this Agreement are stated in Australian dollars. The fee is $500."
    assert dollar_currency(text) == "AUD"
    assert [hit.money for hit in find_money("The fee is $500.", dollar=dollar_currency(text))] == [
        Money(Decimal(500), "AUD")
    ]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("the State of New York", ["New York"]),
        ("the Commonwealth of Massachusetts", ["Massachusetts"]),
        ("England and Wales", ["England and Wales"]),
        ("the People's Republic of China", ["China"]),
        ("the Province of Ontario, Canada", ["Ontario, Canada"]),
        ("Santa Clara County, California", ["California"]),
        ("English law", ["England and Wales"]),
        ("written in English", []),
        ("the state of the turkey trade", []),
        ("the State of Delaware, United States of America", ["Delaware"]),
    ],
)
def test_a_jurisdiction_has_one_plain_name(text: str, names: list[str]) -> None:
    assert [hit.name for hit in find_jurisdictions(text)] == names


def test_months_end_on_the_last_day_and_business_days_skip_weekends() -> None:
    assert add(datetime.date(2020, 1, 31), Duration(1, "month")) == datetime.date(2020, 2, 29)
    assert add(datetime.date(2020, 2, 29), Duration(1, "year")) == datetime.date(2021, 2, 28)
    assert add(datetime.date(2020, 3, 31), Duration(1, "month"), -1) == datetime.date(2020, 2, 29)
    friday = datetime.date(2020, 1, 3)
    assert add(friday, Duration(1, "business_day")) == datetime.date(2020, 1, 6)
    assert add(friday, Duration(10, "business_day")) == datetime.date(2020, 1, 17)
    assert add(datetime.date(2020, 1, 6), Duration(1, "business_day"), -1) == friday
    assert add(datetime.date(2020, 1, 1), Duration(9000, "year")) is None


@given(st.dates(datetime.date(1990, 1, 1), datetime.date(2090, 1, 1)), st.integers(1, 400))
def test_business_days_are_as_many_as_counted_one_by_one(start: datetime.date, count: int) -> None:
    day, left = start, count
    while left:
        day += datetime.timedelta(days=1)
        left -= day.weekday() < 5
    assert add(start, Duration(count, "business_day")) == day


@given(st.dates(datetime.date(1901, 1, 1), datetime.date(2150, 1, 1)))
def test_every_date_is_read_back_from_its_common_forms(date: datetime.date) -> None:
    for form in (f"{date:%B} {date.day}, {date.year}", f"{date.day} {date:%B} {date.year}", date.isoformat()):
        assert [hit.value for hit in find_dates(f"made on {form} by us")] == [date]


@given(st.text(alphabet="0123456789 ,.$€[]()_*-/abdfhilmnorstuwyJMS'\"", max_size=300))
def test_no_text_breaks_the_finders_and_hits_lie_inside_it(text: str) -> None:
    for hits in (find_dates(text), find_durations(text), find_money(text), find_jurisdictions(text)):
        starts = [hit.start for hit in hits]
        assert starts == sorted(starts)
        assert all(0 <= hit.start < hit.end <= len(text) for hit in hits)


@pytest.mark.parametrize(
    "run", ["_", "_ ", "*", "1,", "one ", "thirty (30) ", "$", "[ ", "1/", "May 1", "day of ", "1 "]
)
def test_long_runs_are_searched_in_linear_time(run: str) -> None:
    text = run * (200_000 // len(run))
    assert isinstance(find_dates(text + " 2020"), tuple)
    assert isinstance(find_money(text + " dollars"), tuple)
    assert isinstance(find_durations(text + " days"), tuple)


def test_letters_whose_lower_case_is_longer_hide_nothing() -> None:
    assert [str(hit.duration) for hit in find_durations("İzmir, thirty (30) days")] == ["30 days"]
    assert [str(hit.money) for hit in find_money("İzmir pays $5")] == ["USD 5.00"]

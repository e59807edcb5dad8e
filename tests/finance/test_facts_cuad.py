"""What counts as a right answer to CUAD's questions on facts."""

from __future__ import annotations

import datetime

import pytest

from dsapp.finance.document import Words
from dsapp.finance.evaluation.cuad_facts import accuracy, date_is_right, law_is_right, notice_is_right, score_facts
from dsapp.finance.facts.types import ContractDate, ContractFacts, Duration, Law, Period, Renewal

HERE = Words(0, 0, "")


def a_date(value: str | None, status: str) -> ContractDate:
    day = datetime.date.fromisoformat(value) if value else None
    return ContractDate(HERE, None, 0.9, "expiration", day, status)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "status", "answer", "right"),
    [
        ("2020-03-01", "given", "3/1/20", True),
        ("1999-03-01", "given", "3/1/99", True),
        ("2020-03-01", "given", "3/1/2020", True),
        ("2020-03-01", "given", "1/3/20", False),
        ("2020-03-01", "given", "3/2/20", False),
        (None, "blank", "[]/[]/2020", True),
        (None, "redacted", "04/[]/2005", True),
        ("2005-04-04", "given", "04/[]/2005", False),
        (None, "perpetual", "Perpetual", True),
        (None, "blank", "perpetual", False),
        ("2003-07-31", "given", "07/31/2003; 07/[]/2003", True),
        ("2003-07-31", "given", "no date", False),
    ],
)
def test_a_date_is_right_only_when_all_its_parts_agree(
    value: str | None, status: str, answer: str, right: bool
) -> None:
    assert date_is_right(a_date(value, status), answer) is right


def test_an_expiration_may_be_the_last_day_or_its_anniversary() -> None:
    ours = a_date("2023-02-28", "computed")
    assert date_is_right(ours, "3/1/23", tolerance_days=1) and date_is_right(ours, "2/28/23", tolerance_days=1)
    assert not date_is_right(ours, "3/2/23", tolerance_days=1)
    assert not date_is_right(None, "3/1/23", tolerance_days=1)


@pytest.mark.parametrize(
    ("ours", "answer", "right"),
    [
        ("New York", "New York", True),
        ("Ontario, Canada", "Province of Ontario, Canada", True),
        ("England and Wales", "England, United Kingdom; Wales, United Kingdom", True),
        ("Texas", "Texas; Singapore; Belgium", True),
        ("Nevada", "New York", False),
        ("", "[]", True),
        ("Ohio", "[]", False),
    ],
)
def test_a_law_is_right_by_its_plain_name(ours: str, answer: str, right: bool) -> None:
    laws = (Law(HERE, None, 0.9, "law", ours),) if ours else ()
    assert law_is_right(ContractFacts(laws=laws), answer) is right


@pytest.mark.parametrize(
    ("notice", "answer", "right"),
    [
        (Duration(6, "month"), "180 days / 6 months", True),
        (Duration(12, "month"), "1 year", True),
        (Duration(60, "day"), "60) days", True),
        (Duration(30, "day"), "60 days; 30 days", True),
        (Duration(30, "day"), "90 days", False),
    ],
)
def test_a_notice_is_compared_in_days(notice: Duration, answer: str, right: bool) -> None:
    renewal = Renewal(HERE, None, 0.9, True, None, notice=notice)
    assert notice_is_right(ContractFacts(renewal=renewal), answer) is right
    period = Period(HERE, None, 0.9, "prevent_renewal", "either", "", notice)
    assert notice_is_right(ContractFacts(periods=(period,)), answer) is right


def test_a_contract_without_an_answer_is_not_counted() -> None:
    contracts = [
        {"title": "a", "text": "", "answers": {"Governing Law": "Ohio", "Agreement Date": ""}},
        {"title": "b", "text": "", "answers": {"Governing Law": "Iowa", "Agreement Date": "3/1/20"}},
        {"title": "c", "text": "", "answers": {"Governing Law": None}},
    ]
    results = score_facts(contracts, lambda contract: ContractFacts(laws=(Law(HERE, None, 0.9, "law", "Ohio"),)))
    assert [result.title for result in results] == ["a", "b"]
    assert accuracy(results, "governing_law") == (0.5, 2)
    assert accuracy(results, "agreement_date") == (0.0, 1)
    assert accuracy(results, "notice_days")[1] == 0

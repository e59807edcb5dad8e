"""Notices of a breach of security and of a change of price, in the ways contracts put them; beside them what is no such notice."""

from __future__ import annotations

import pytest
from fact_texts import facts_of
from judged import classification, document, playbook, tree

from dsapp.finance.facts.types import ContractFacts
from dsapp.finance.risk import judge


def lengths(right: str, clause: str) -> list[str]:
    return [str(period.length) for period in facts_of(f"8. Clause. {clause}").periods if period.right == right]


@pytest.mark.parametrize(
    "clause",
    [
        "Supplier shall notify Customer of any personal data breach within {}.",
        "Supplier shall protect the data and shall notify Customer within {} after becoming aware of a security incident.",
        "Supplier shall inform Customer of any breach of security within {}.",
        "Supplier shall tell Customer of any breach of security that affects Customer Data without undue delay and at the latest within {}.",
        "Supplier shall report unauthorized access to Customer Data no later than {} after discovery.",
        "Supplier shall give Customer notice of each security incident within {}.",
    ],
)
@pytest.mark.parametrize("time", ["seventy-two (72) hours", "5 days", "two business days"])
def test_the_time_to_report_a_breach_is_read_in_its_common_forms(clause: str, time: str) -> None:
    (length,) = lengths("breach_notice", clause.format(time))
    assert length.split()[0] == {"s": "72", "5": "5", "t": "2"}[time[0]]


@pytest.mark.parametrize(
    "clause",
    [
        "Customer may terminate if Supplier does not cure the breach within thirty (30) days after notice.",
        "Customer shall notify Supplier of any claim within ten (10) days after a breach of warranty.",
        "Supplier shall report its hours within five (5) days after each month.",
    ],
)
def test_other_times_are_no_time_to_report_a_breach(clause: str) -> None:
    assert lengths("breach_notice", clause) == []


@pytest.mark.parametrize(
    ("clause", "length"),
    [
        ("Supplier may increase fees at any renewal upon fifteen (15) days' notice.", "15 days"),
        ("Supplier may raise prices with seven (7) days' notice.", "7 days"),
        ("Supplier may change the fees by giving notice of at least ten days.", "10 days"),
        ("Fees may be increased by Supplier on 14 days' written notice.", "14 days"),
        (
            "Supplier may raise fees at renewal only, by at least sixty (60) days' notice and at most five percent.",
            "60 days",
        ),
    ],
)
def test_the_notice_before_a_change_of_price_is_read_in_its_common_forms(clause: str, length: str) -> None:
    assert lengths("change_notice", clause) == [length]


@pytest.mark.parametrize(
    "clause",
    [
        "The fees stay as they are and this Agreement renews unless a party gives notice not to renew thirty (30) days before its end.",
        "If the fees are increased, Customer may terminate this Agreement upon thirty (30) days' notice.",
        "Customer shall pay the fees within thirty (30) days after notice of the invoice.",
    ],
)
def test_other_notices_are_none_of_a_change_of_price(clause: str) -> None:
    assert lengths("change_notice", clause) == []


PRICE = 'id = "price"\ntitle = "Notice"\nlevel = "medium"\nfact = "period.change_notice.any.days"\nop = ">="\nvalue = 30\nnot_found = "pass"\n'


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("Provider may raise its fees as it sees fit.", "undecided"),
        ("Provider reserves the right to change these terms.", "undecided"),
        ("Provider may not increase the fees during the term.", "passed"),
        ("The fees are fixed for the term of the contract.", "passed"),
    ],
)
def test_a_right_to_raise_prices_without_a_notice_that_was_read_does_not_pass(text: str, status: str) -> None:
    doc = document(f"1. {text}\n")
    result = judge(doc, tree(doc), classification(), ContractFacts(), playbook=playbook(PRICE))
    assert [check.status for check in result.checks] == [status]

"""What was left open in a contract: blanks and redactions are told with the words around them, signature lines are not."""

from __future__ import annotations

import pytest
from fact_texts import PREAMBLE, facts_of
from hypothesis import given
from hypothesis import strategies as st

from dsapp.finance.documents.fact_rows import fact_rows


@pytest.mark.parametrize(
    ("clause", "status", "written"),
    [
        ("3. Tenant shall deposit with Landlord the sum of USD [***] as security.", "redacted", "[***]"),
        ("3. Customer shall pay a fee of $*** for each unit that it orders.", "redacted", "***"),
        ("3. The services are described in the offer numbered [REDACTED] of the parties.", "redacted", "[REDACTED]"),
        ("3. Supplier shall deliver within ______ days after the order is placed.", "blank", "______"),
        ("3. Supplier shall insure the goods for at least [amount] against all risks.", "blank", "[amount]"),
        ("3. The goods are stored in the warehouse at [●] until they are sold.", "blank", "[●]"),
    ],
)
def test_what_was_left_open_is_told(clause: str, status: str, written: str) -> None:
    (gap,) = facts_of(clause).gaps
    assert (gap.status, gap.words.text) == (status, written)
    assert written in gap.around and len(gap.around.split()) > 4


@pytest.mark.parametrize(
    "clause",
    [
        "By: ______________________\nName: Ada Quill\nTitle: Director",
        "3. Supplier shall deliver within ten (10) days [as agreed] after the order.",
        "3. See notes * and ** at the foot of this page for what is meant.",
        "________________________________________",
    ],
)
def test_signature_lines_brackets_and_rules_are_no_gaps(clause: str) -> None:
    assert facts_of(clause).gaps == ()


def test_a_blank_date_and_a_redacted_limit_are_told_once() -> None:
    facts = facts_of(
        "10. Liability. Supplier's aggregate liability shall not exceed $[***].",
        preamble=PREAMBLE.replace("March 1, 2020", "____________, 2020"),
    )
    assert [date.status for date in facts.dates] == ["blank", "blank"]
    assert [cap.note for cap in facts.caps] == ["amount blank or redacted"]
    assert facts.gaps == ()


def test_the_facts_table_shows_them() -> None:
    facts = facts_of("3. Tenant shall deposit with Landlord the sum of USD [***] as security.")
    assert [(row.group, row.name) for row in fact_rows(facts) if row.field == "gaps"] == [("Left open", "Redacted")]


@given(st.text(alphabet="[]*_●. abAB1\n", max_size=300))
def test_any_text_is_searched(text: str) -> None:
    for gap in facts_of(text).gaps:
        assert gap.words.text.strip()

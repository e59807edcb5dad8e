"""Where the words of an NDA forbid outright, no model's reading makes them leave; where they make an exception, the model stands."""

from __future__ import annotations

import pytest
from judged import document

from dsapp.finance.classify import Position
from dsapp.finance.position_rules import forbidding


def answered(hypothesis: str, text: str, choice: str = "entailment"):
    doc = document(text)
    found = forbidding(doc, Position(hypothesis, choice, {choice: 0.9}, ((0, len(text)),)))  # type: ignore[arg-type]
    return found.text if found else None


@pytest.mark.parametrize(
    ("hypothesis", "text"),
    [
        ("nda-5", "Recipient shall not disclose the Information to any person, including its own employees."),
        ("nda-7", "Recipient may not reveal the Information to third parties such as consultants or counsel."),
        ("nda-12", "Recipient shall not develop similar information independently."),
        ("nda-12", "Recipient shall not, whether or not for gain, create independent work of the same kind."),
    ],
)
def test_what_is_forbidden_outright_is_not_allowed(hypothesis: str, text: str) -> None:
    assert answered(hypothesis, f"Recipient takes care. {text}") is not None
    assert answered(hypothesis, text, "contradiction") is None


@pytest.mark.parametrize(
    ("hypothesis", "text"),
    [
        ("nda-7", "Recipient shall not disclose the Information to any person other than its consultants."),
        ("nda-7", "Recipient shall not disclose the Information to consultants without Discloser's consent."),
        ("nda-5", "Recipient shall not disclose it except to employees who need to know it."),
        ("nda-12", "Nothing prevents Recipient from creating information independently."),
        ("nda-12", "This does not apply to information that Recipient develops independently."),
        ("nda-4", "Recipient shall not disclose it to consultants."),
    ],
)
def test_exceptions_and_other_positions_are_left_to_the_classifier(hypothesis: str, text: str) -> None:
    assert answered(hypothesis, text) is None

"""Tracked changes that turn an answer of the playbook: told when it fails, and when it can no longer be decided."""

from __future__ import annotations

from dataclasses import replace

from fact_texts import PREAMBLE, document

from dsapp.finance.document import Change
from dsapp.finance.playbook import shipped
from dsapp.finance.review import review_document

CUSTOMER = next(playbook for playbook in shipped() if playbook.name == "commercial-customer")
CLAUSES = (
    "1. SERVICES. Supplier shall perform the services with reasonable skill and care.\n\n"
    "2. ASSIGNMENT. {}\n\n"
    "3. DATA PROTECTION. {}\n\n"
    "4. GOVERNING LAW. This Agreement is governed by the laws of the State of New York.\n"
)
ASSIGN = "Neither party may assign this Agreement without the prior written consent of the other party."
DATA = "Supplier shall process personal data only on the documented instructions of Customer."


def changed(assign: str, data: str, *edits: tuple[str, str, str]):
    """A contract as accepted; each edit is a kind, its words, and the accepted words that it stands before or in."""
    text = PREAMBLE + CLAUSES.format(assign, data)
    changes = []
    for kind, words, at in edits:
        place = text.index(at)
        end = place + len(words) if kind == "insertion" else place
        changes.append(Change(kind, "J. Roe", "2026-03-01T10:00:00Z", place, end, words))  # type: ignore[arg-type]
    read = replace(document(text), changes=tuple(changes))
    judged = review_document(read, us="Alder Works Inc.", playbook=CUSTOMER).judgement
    return {finding.check: finding for finding in judged.findings}, {check.id: check.status for check in judged.checks}


def test_a_change_that_lets_the_other_side_assign_is_told() -> None:
    found, statuses = changed(
        "Supplier may assign this Agreement without the prior written consent of the other party.",
        DATA,
        ("deletion", "Neither party ", "Supplier may assign"),
        ("insertion", "Supplier ", "Supplier may assign"),
    )
    assert statuses["assignment-restricted"] == "failed"
    change = found["change-assignment-restricted"]
    assert change.level == "medium" and "J. Roe" in change.why and change.changes


def test_a_change_after_which_a_line_cannot_be_decided_is_told_a_level_lower() -> None:
    found, statuses = changed(
        ASSIGN,
        "Personal data is processed only on the documented instructions of Customer.",
        ("deletion", "Supplier shall process personal data", "Personal data is processed"),
        ("insertion", "Personal data is processed", "Personal data is processed"),
    )
    assert statuses["data-protection-present"] == "undecided"
    change = found["change-data-protection-present"]
    assert change.level == "low" and change.kind == "change"
    assert "cannot be decided" in change.why and "J. Roe" in change.why


def test_a_change_elsewhere_tells_nothing_of_a_line_that_stays() -> None:
    found, statuses = changed(
        ASSIGN, DATA, ("insertion", "with reasonable skill and care", "with reasonable skill and care")
    )
    assert statuses["assignment-restricted"] == statuses["data-protection-present"] == "passed"
    assert not any(check.startswith("change-") for check in found if check != "change-duty")

"""Whole contracts of our own, segmented and read by the product, judged by the playbooks that ship."""

from __future__ import annotations

import pytest
from judged import classification, document, label

from dsapp.finance.clauses import segment
from dsapp.finance.document import Change, Document, original_view
from dsapp.finance.facts.extract import extract
from dsapp.finance.findings import Judgement
from dsapp.finance.playbook import Playbook, shipped
from dsapp.finance.risk import judge

SERVICES = """SERVICES AGREEMENT

This Services Agreement is made as of March 1, 2024 between Harbour Textiles Limited, a company incorporated in England ("Customer"), and Lantern Software Inc., a Delaware corporation ("Supplier").

1. Services. Supplier shall provide the services described in Exhibit A to Customer.

2. Fees. Customer shall pay each invoice within ten (10) days after receipt. Late payments bear interest at the rate of two percent (2%) per month.

3. Term. The initial term of this Agreement shall be three (3) years. It renews automatically for successive one (1) year terms unless either party gives written notice of non-renewal at least one hundred twenty (120) days before the end of the current term.

4. Termination. Supplier may terminate this Agreement for convenience at any time upon thirty (30) days' written notice. Either party may terminate this Agreement for material breach if the other party fails to cure the breach within sixty (30) days after written notice.

5. Limitation of Liability. Supplier's total aggregate liability under this Agreement shall not exceed the fees paid by Customer in the three (3) months preceding the claim.

6. Confidentiality. Each party shall keep the confidential information of the other party secret for five (5) years after termination.

7. Governing Law. This Agreement is governed by the laws of the State of New York.

8. Miscellaneous. This Agreement shall be governed by the laws of the State of Texas.

IN WITNESS WHEREOF, the parties have executed this Agreement.

HARBOUR TEXTILES LIMITED

By: ______________________
Name:
Title:

LANTERN SOFTWARE INC.

By: /s/ Ann Lowe
Name: Ann Lowe
Title: President
"""

CUSTOMER, SUPPLIER = "Harbour Textiles Limited", "Lantern Software Inc."
LABELS = (
    ("termination_for_convenience", "Supplier may terminate this Agreement for convenience"),
    ("termination_for_cause", "Either party may terminate this Agreement for material breach"),
    ("governing_law", "governed by the laws of the State of New York"),
    ("confidentiality", "shall keep the confidential information"),
    ("cap_on_liability", "Supplier's total aggregate liability under this Agreement shall not exceed"),
)


def named(name: str) -> Playbook:
    return next(playbook for playbook in shipped() if playbook.name == name)


def read(doc: Document, labels=LABELS):
    made = classification(*(label(doc, key, phrase) for key, phrase in labels if phrase in doc.text))
    tree = segment(doc)
    return tree, made, extract(doc, tree, made)


def review(text: str, us: str, playbook: str | None, labels=LABELS) -> Judgement:
    doc = document(text)
    return judge(doc, *read(doc, labels), us=us, playbook=named(playbook) if playbook else None)


@pytest.fixture(scope="module")
def as_customer() -> Judgement:
    return review(SERVICES, "Harbour Textiles", "commercial-customer")


def test_the_customer_is_recognised(as_customer):
    assert (as_customer.side.party, as_customer.side.role) == (CUSTOMER, "customer")


@pytest.mark.parametrize(
    ("check", "kind"),
    [
        ("liability-limit-too-low", "red_line"),
        ("termination-for-convenience-one-sided", "one_sided"),
        ("termination-for-convenience-theirs", "deviation"),
        ("renewal-notice", "deviation"),
        ("payment-days", "deviation"),
        ("late-interest", "deviation"),
        ("insurance-present", "missing"),
        ("indemnity-present", "missing"),
        ("contradiction-law", "contradiction"),
        ("contradiction-figures", "contradiction"),
        ("signatures", "signature"),
    ],
)
def test_planted_problems_are_found(as_customer, check, kind):
    found = [finding for finding in as_customer.findings if finding.check == check]
    assert [finding.kind for finding in found] == [kind]
    assert found[0].quotes or kind == "missing"


def test_what_is_right_passes(as_customer):
    status = {check.id: check.status for check in as_customer.checks}
    assert status["governing-law-present"] == status["confidentiality-present"] == "passed"
    assert status["termination-for-cause-present"] == "passed"
    assert as_customer.level == "high" and "of" in as_customer.verdict


def test_every_quote_stands_in_the_text_and_every_proof_rests_on_something(as_customer):
    for finding in as_customer.findings:
        assert all(SERVICES[quote.start : quote.end] == quote.text for quote in finding.quotes)
        assert list(finding.proof.evidence()), finding.check


def test_the_supplier_sees_the_same_contract_otherwise():
    judgement = review(SERVICES, "Lantern Software", "commercial-supplier")
    checks = {finding.check for finding in judgement.findings}
    status = {check.id: check.status for check in judgement.checks}
    assert judgement.side.party == SUPPLIER and status["our-liability-limited"] == "passed"
    assert "termination-for-convenience-one-sided" not in checks and "contradiction-law" in checks


def test_without_a_side_each_party_has_its_own_risk():
    judgement = review(SERVICES, "", "commercial-customer")
    cap = next(finding for finding in judgement.findings if finding.check == "liability-limit-too-low")
    assert cap.risk == {CUSTOMER: "high"} and set(judgement.risk) == {CUSTOMER, SUPPLIER}


def test_reviewed_again_all_is_the_same(as_customer):
    assert review(SERVICES, "Harbour Textiles", "commercial-customer") == as_customer


def test_ids_stay_when_lines_are_wrapped_anew(as_customer):
    wrapped = SERVICES.replace("Customer shall pay each invoice", "Customer shall pay  each invoice").replace(
        "\n\n2.", "\n\n\n2."
    )
    again = review(wrapped, "Harbour Textiles", "commercial-customer")
    assert {finding.id for finding in again.findings} == {finding.id for finding in as_customer.findings}


def test_a_tracked_change_of_the_limit_is_told_with_its_author():
    at = SERVICES.index("three (3) months preceding")
    new, old = "three (3) months", "twelve (12) months"
    changes = (
        Change("deletion", "B. Bird", "2024-02-02T10:00:00Z", at, at, old),
        Change("insertion", "A. Ames", "2024-02-01T10:00:00Z", at, at + len(new), new),
    )
    doc = document(SERVICES, changes=changes)
    original = original_view(doc)
    judgement = judge(doc, *read(doc), us=CUSTOMER, playbook=named("commercial-customer"), original=read(original))
    (change,) = [finding for finding in judgement.findings if finding.kind == "change"]
    assert "12 months' fees" in change.why and "3 months' fees" in change.why and change.level == "high"
    assert "A. Ames" in change.why and "B. Bird" in change.why
    low = next(finding for finding in judgement.findings if finding.check == "liability-limit-too-low")
    assert [entry.author for entry in low.changes] == ["A. Ames"]


def test_a_lease_has_no_playbook_and_nothing_missing():
    judgement = review(SERVICES, CUSTOMER, None)
    assert {finding.kind for finding in judgement.findings} == {"contradiction"}

"""The lines on limits of liability, on whole contracts read by rules: a limit that is there but was not read is never counted as none."""

from __future__ import annotations

from pathlib import Path

import pytest

from dsapp.finance.findings import Judgement
from dsapp.finance.playbook import load, shipped
from dsapp.finance.review import review

US, THEM = "Marlow Foods", "Quill Systems"
CONTRACT = """SERVICES AGREEMENT

This Services Agreement (the "Agreement") is made as of May 4, 2026 between Marlow Foods, Inc., a Delaware corporation ("Customer"), and Quill Systems LLC, an Ohio limited liability company ("Supplier").

1. SERVICES. Supplier shall maintain the refrigeration plants of Customer (the "Services") with reasonable skill and care.

2. PAYMENT. Customer shall pay each invoice within thirty (30) days after receipt.

3. GENERAL. {general}This Agreement is the entire agreement of the parties. It is governed by the laws of the State of Ohio.

4. {liability}

5. NOTICES. Notices must be in writing and sent to the address above.
"""
GENERAL_LIMIT = "LIMITATION OF LIABILITY. Each party's total liability under this Agreement shall not exceed the fees paid in the twelve (12) months before the claim. "
NONE = "SAFETY. Each party shall follow the safety rules of the site."


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("contracts")
    books = {book.name: book for book in shipped()}

    def judged(liability: str, *, us: str = US, playbook: str = "commercial-customer", general: str = "") -> Judgement:
        path = folder / "contract.txt"
        path.write_text(CONTRACT.format(liability=liability, general=general), encoding="utf-8")
        return review(path, us=us, playbook=books.get(playbook) or load(Path(playbook))).judgement

    return judged


def status(judgement: Judgement, check: str) -> str:
    return next(found.status for found in judgement.checks if found.id == check)


def note(judgement: Judgement, check: str) -> str:
    return next(found.note for found in judgement.checks if found.id == check)


LIMIT_LINES = (
    "liability-limit-too-low",
    "liability-limit-token",
    "liability-carve-out-confidentiality",
    "liability-carve-out-wilful",
    "liability-one-sided",
)


def test_without_any_limit_the_lines_pass(judge):
    judgement = judge(NONE)
    assert {status(judgement, line) for line in LIMIT_LINES} == {"passed"}


@pytest.mark.parametrize(
    "clause",
    [
        "LIMITATION OF LIABILITY. What Supplier owes in a year is settled by the table in its price list.",
        "OTHER. Supplier's liability ends where the yearly fees end, and its maximum liability is as agreed by letter.",
        "OTHER. Supplier has no liability whatsoever for spoiled goods.",
    ],
)
def test_a_limit_that_was_not_read_leaves_every_line_undecided(judge, clause):
    judgement = judge(clause)
    assert {line: status(judgement, line) for line in LIMIT_LINES} == dict.fromkeys(LIMIT_LINES, "undecided")


def test_excluded_losses_are_no_limit_that_was_not_read(judge):
    clause = "LIMITATION OF LIABILITY. Neither party is liable to the other for indirect or consequential damages or for lost profits."
    judgement = judge(clause)
    assert {status(judgement, line) for line in LIMIT_LINES} == {"passed"}


def test_no_liability_of_any_kind_breaks_the_red_line(judge):
    clause = "LIABILITY. Supplier shall have no liability of any kind to Customer under or in connection with this Agreement."
    judgement = judge(clause)
    assert status(judgement, "liability-limit-too-low") == status(judgement, "liability-one-sided") == "failed"


@pytest.mark.parametrize(
    ("limit", "low", "token"),
    [
        (
            "the lesser of (a) the fees paid in the twelve (12) months before the claim and (b) $5,000",
            "undecided",
            "failed",
        ),
        ("the lesser of $900,000 and the fees paid in the twelve (12) months before the claim", "undecided", "passed"),
        ("the lesser of $900,000 and the fees paid in the three (3) months before the claim", "failed", "passed"),
        ("the greater of $900,000 and the fees paid in the three (3) months before the claim", "undecided", "passed"),
        ("the greater of $5,000 and the fees paid in the twelve (12) months before the claim", "passed", "passed"),
        ("one hundred dollars ($100)", "undecided", "failed"),
        ("$2.50 per kilogram", "undecided", "passed"),
    ],
)
def test_a_branch_decides_only_what_it_can(judge, limit, low, token):
    judgement = judge(f"LIMITATION OF LIABILITY. Supplier's total liability shall not exceed {limit}.")
    assert (status(judgement, "liability-limit-too-low"), status(judgement, "liability-limit-token")) == (low, token)


def test_a_bounded_limit_says_on_which_side(judge):
    judgement = judge(
        "LIMITATION OF LIABILITY. Supplier's total liability shall not exceed the lesser of $900,000 and the fees paid in the three (3) months before the claim."
    )
    (finding,) = (finding for finding in judgement.findings if finding.check == "liability-limit-too-low")
    assert "at most 3 months" in finding.title


def test_a_sum_line_of_ones_own_is_not_decided_by_the_other_branch(judge, tmp_path):
    book = tmp_path / "own.toml"
    book.write_text(
        'name = "own"\nversion = "1"\ntitle = "Own"\nside = "customer"\ncontract_types = ["*"]\nlaw = "Ohio"\n\n'
        '[[check]]\nid = "sum"\ntitle = "A million"\nlevel = "high"\nfact = "cap.theirs.amount"\nop = ">="\nvalue = 1000000\nunit = "USD"\n'
    )
    limit = "LIMITATION OF LIABILITY. Supplier's total liability shall not exceed the {} of $2,000,000 and the fees paid in a year."
    assert status(judge(limit.format("lesser"), playbook=str(book)), "sum") == "undecided"
    assert status(judge(limit.format("greater"), playbook=str(book)), "sum") == "passed"


@pytest.mark.parametrize(
    "carved",
    [
        "This limit does not apply to a party's breach of its obligations of confidentiality or to its willful misconduct.",
        "No limitation or exclusion of liability in this Agreement applies to a party's breach of its obligations of confidentiality or its willful misconduct.",
        "A party's liability for breach of confidentiality and for willful misconduct is unlimited.",
        "A party's liability for breach of its obligations of confidentiality or willful misconduct shall not exceed three (3) times the limit that applies to other claims.",
    ],
)
def test_what_is_left_out_of_the_limit_is_read(judge, carved):
    judgement = judge(GENERAL_LIMIT + carved)
    assert status(judgement, "liability-carve-out-confidentiality") == "passed"
    assert status(judgement, "liability-carve-out-wilful") == "passed"
    assert status(judgement, "liability-limit-too-low") == "passed"


def test_a_loss_of_ours_left_out_leaves_theirs_under_the_limit(judge):
    judgement = judge(GENERAL_LIMIT + "This limit does not apply to Customer's breach of confidentiality.")
    assert status(judgement, "liability-carve-out-confidentiality") != "passed"


def test_a_loss_with_a_limit_of_its_own_and_no_other_is_not_left_out(judge):
    judgement = judge("LIABILITY. Supplier's liability for breach of confidentiality shall not exceed $50,000.")
    assert status(judgement, "liability-carve-out-confidentiality") == "failed"


def test_a_missing_carve_out_claims_no_measured_recall(judge):
    judgement = judge(GENERAL_LIMIT)
    (finding,) = (finding for finding in judgement.findings if finding.check == "liability-carve-out-wilful")
    assert "unmeasured" in finding.recall and finding.probability is None


@pytest.mark.parametrize(
    ("clause", "found"),
    [
        ("Supplier's liability for breach of this Agreement is unlimited. ", True),
        ("Supplier's liability for fraud and for willful misconduct is unlimited. ", False),
        ("Supplier's liability for late delivery is unlimited. ", False),
    ],
)
def test_a_limit_and_no_limit_for_the_same_loss(judge, clause, found):
    judgement = judge(GENERAL_LIMIT, general=clause)
    assert any(finding.title == "Liability both limited and without limit" for finding in judgement.findings) is found


def test_a_limit_and_no_limit_for_one_named_loss(judge):
    judgement = judge(
        "LIABILITY. Supplier's total liability for any breach of confidentiality shall not exceed $70,000.",
        general="Supplier's liability for breach of confidentiality is unlimited. ",
    )
    assert any(finding.title == "Liability both limited and without limit" for finding in judgement.findings)


def test_the_order_of_a_limit_and_of_no_limit_is_all_one(judge):
    judgement = judge(
        "LIABILITY. Supplier's liability for breach of confidentiality is unlimited.",
        general="Supplier's total liability for any breach of confidentiality shall not exceed $70,000. ",
    )
    assert any(finding.title == "Liability both limited and without limit" for finding in judgement.findings)


def test_unlimited_liability_for_fraud_is_no_open_liability_of_ours(judge):
    judgement = judge(GENERAL_LIMIT + "Liability for fraud and for willful misconduct is unlimited.")
    assert status(judgement, "our-liability-uncapped") == "passed"


def test_the_supplier_misses_its_limit_beside_excluded_losses(judge):
    excluded = "EXCLUDED LOSSES. Neither party is liable for indirect or consequential damages or for lost profits."
    theirs = (
        "EXCLUDED LOSSES. Customer is not liable to Supplier for indirect or consequential damages or for lost profits."
    )
    judgement = judge(excluded, us=THEM, playbook="commercial-supplier")
    assert status(judgement, "our-liability-limited") == "failed"
    assert status(judgement, "indirect-loss-excluded") == "passed"
    judgement = judge(theirs, us=THEM, playbook="commercial-supplier")
    assert status(judgement, "indirect-loss-excluded") == "failed"
    (finding,) = (finding for finding in judgement.findings if finding.check == "indirect-loss-excluded")
    assert "unmeasured" in finding.recall


def test_a_limit_of_ours_leaves_nothing_open_on_theirs(judge):
    judgement = judge("LIMITATION OF LIABILITY. Customer's total liability shall not exceed the fees paid in a year.")
    assert {status(judgement, line) for line in LIMIT_LINES} == {"passed"}

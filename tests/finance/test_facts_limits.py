"""Limits of liability in the words that people use: plain ones, branches, limits for one loss, and what is left without limit."""

from __future__ import annotations

from decimal import Decimal

import pytest
from fact_texts import facts_of

from dsapp.finance.facts.types import Money

CUSTOMER, SUPPLIER = "Alder Works Inc.", "Brook Mill Ltd."
HEAD = "10. Limitation of Liability. "
GENERAL = HEAD + "Each party's total liability shall not exceed the fees paid in the twelve months before the claim. "


@pytest.mark.parametrize(
    ("clause", "amount", "months"),
    [
        ("In no event shall Supplier be liable for more than one hundred dollars ($100).", 100, None),
        ("SUPPLIER WILL NOT BE LIABLE FOR MORE THAN $750 FOR ALL CLAIMS TOGETHER.", 750, None),
        ("Customer may recover at most $300 from Supplier.", 300, None),
        ("Supplier shall under no circumstances answer for losses and damages above two months' charges.", None, 2),
        ("Supplier shall not be liable in an amount greater than the sums Customer has paid.", None, None),
        ("Supplier shall not be liable for any amounts in excess in the aggregate of the fees paid.", None, None),
        ("The maximum that Supplier will pay for all claims is the price of the order concerned.", None, None),
        ("Customer's sole and exclusive remedy for any claim is a refund of the fee for the visit.", None, None),
        ("Supplier shall have no liability of any kind to Customer under this Agreement.", None, 0),
        ("Customer's recovery from Supplier is limited to a refund of the last monthly fee.", None, 1),
        ("Supplier's liability shall not exceed 25% of the annual subscription fee.", None, 3),
        ("Supplier's liability is limited to half of the fees paid in the preceding quarter.", None, 1.5),
    ],
)
def test_plain_words_are_a_limit_of_the_suppliers_liability(
    clause: str, amount: int | None, months: float | None
) -> None:
    (cap,) = facts_of(HEAD + clause).caps
    assert (cap.whose, cap.months_of_fees, cap.bound) == (SUPPLIER, months, "exact")
    assert cap.amount == (Money(Decimal(amount), "USD") if amount else None)


@pytest.mark.parametrize(
    "clause",
    [
        "Neither party shall have any liability under this Agreement for delay caused by events beyond its control.",
        "If this Agreement ends, neither party shall have any liability to the other under this Agreement.",
        "Upon expiry Supplier has no liability to Customer under this Agreement.",
        "No claim may be brought more than two years after payment fell due, and damages lapse.",
        "Customer's sole remedy for a breach of the warranty in this Section is a refund or replacement.",
        "Supplier shall pay more than the minimum wage and is liable for its payments to staff.",
    ],
)
def test_other_words_are_no_limit(clause: str) -> None:
    assert facts_of("10. General. " + clause).caps == ()


@pytest.mark.parametrize(
    ("value", "amount", "months", "bound"),
    [
        (
            "the lesser of (a) the fees paid in the twelve (12) months before the claim and (b) $5,000",
            5_000,
            12,
            "at_most",
        ),
        ("the greater of $100,000 and the fees paid in the twelve months before the claim", 100_000, 12, "at_least"),
        ("the lesser of $2,000,000 and the fees paid", 2_000_000, None, "at_most"),
        ("the fees paid in the preceding six months or $10,000, whichever is less", 10_000, 6, "at_most"),
        ("fifty percent (50%) of the sums paid, up to a maximum of $40,000", 40_000, None, "at_most"),
        (
            "two times the greater of (i) $50,000 and (ii) the fees paid in the twelve months before",
            100_000,
            24,
            "at_least",
        ),
        ("the greater of three months' fees and twelve months' fees", None, 12, "exact"),
        ("the lesser of $20,000 and $30,000", 20_000, None, "exact"),
        ("the fees paid or payable in the twelve months before the claim", None, 12, "exact"),
    ],
)
def test_branches_bound_a_limit_where_they_are_in_several_measures(
    value: str, amount: int | None, months: float | None, bound: str
) -> None:
    (cap,) = facts_of(HEAD + f"Supplier's total liability shall not exceed {value}.").caps
    assert (cap.months_of_fees, cap.bound) == (months, bound)
    assert cap.amount == (Money(Decimal(amount), "USD") if amount else None)


@pytest.mark.parametrize(
    "words",
    [
        "This limit does not apply to a party's breach of its obligations of confidentiality.",
        "The cap shall be inapplicable to breach of confidentiality.",
        "No limitation or exclusion of liability in this Agreement applies to breach of confidentiality.",
        "A party's liability for breach of confidentiality is unlimited.",
        "Claims for breach of confidentiality are excluded from these limitations.",
        "Nothing in this Agreement limits liability for breach of confidentiality.",
        "Breach of confidentiality is not subject to this cap.",
        "Claims for breach of confidentiality fall outside the limit in this section.",
        "The limit in this section excludes breach of confidentiality.",
        "The cap shall be disregarded where a loss results from breach of confidentiality.",
    ],
)
def test_what_a_later_sentence_leaves_out_of_a_limit(words: str) -> None:
    (cap,) = facts_of(GENERAL + words).caps
    assert cap.carve_outs == ("confidentiality",)


@pytest.mark.parametrize(
    "words",
    [
        "For clarity, this limit applies also to breach of confidentiality.",
        "This limit does not apply to Customer's breach of confidentiality.",
    ],
)
def test_what_stays_under_the_limit_of_both(words: str) -> None:
    (cap,) = facts_of(GENERAL + words).caps
    assert cap.carve_outs == ()


@pytest.mark.parametrize(
    "words",
    [
        "A party's liability for breach of confidentiality shall not exceed three (3) times the limit that applies to other claims.",
        "For breach of confidentiality the limit is three (3) times that amount.",
    ],
)
def test_a_higher_limit_for_one_loss_is_worked_out(words: str) -> None:
    general, higher = facts_of(GENERAL + words).caps
    assert (general.months_of_fees, general.losses) == (12, ())
    assert (higher.months_of_fees, higher.losses, higher.multiple) == (36, ("confidentiality",), 3)


def test_a_loss_left_out_in_front_of_a_limit_is_not_the_loss_that_it_is_for() -> None:
    (cap,) = facts_of(
        HEAD
        + "Except for liability arising from breach of confidentiality, each party's aggregate liability shall not exceed $90,000."
    ).caps
    assert (cap.losses, cap.carve_outs) == ((), ("confidentiality",))


def test_either_of_two_named_parties_is_both() -> None:
    clause = "In no event shall either Supplier or Customer be liable for special, indirect or consequential damages of the other."
    (exclusion,) = facts_of(HEAD + clause).exclusions
    assert exclusion.whose == "both"


@pytest.mark.parametrize(
    ("words", "whose", "losses"),
    [
        ("Supplier's liability for breach of this Agreement is unlimited.", SUPPLIER, ()),
        ("There is no limit on Supplier's liability for any claim under this Agreement.", SUPPLIER, ()),
        ("Liability for fraud and willful misconduct is unlimited.", "", ("fraud", "wilful misconduct")),
        ("Supplier's liability for late delivery is unlimited.", SUPPLIER, ("late delivery",)),
        ("This limit does not apply to Customer's misuse of Confidential Information.", CUSTOMER, ("confidentiality",)),
    ],
)
def test_whose_liability_is_without_limit_and_for_what(words: str, whose: str, losses: tuple[str, ...]) -> None:
    (uncapped,) = facts_of(HEAD + words).uncapped
    assert (uncapped.whose, uncapped.losses) == (whose, losses)


@pytest.mark.parametrize("of", ["Supplier or Customer", "Supplier and of Customer", "the Supplier and the Customer"])
def test_a_limit_of_two_named_parties_is_of_both(of: str) -> None:
    (cap,) = facts_of(HEAD + f"The total liability of {of} under this Agreement shall not exceed $90,000.").caps
    assert cap.whose == "both"


def test_two_limits_in_one_sentence_are_each_partys_own() -> None:
    clause = "Supplier's total liability shall not exceed $1,000,000, and Customer's total liability shall not exceed $1,000,000."
    assert [cap.whose for cap in facts_of(HEAD + clause).caps] == [SUPPLIER, CUSTOMER]

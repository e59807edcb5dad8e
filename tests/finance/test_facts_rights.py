"""Periods, liability, charges and governing law, on clauses of our own; what is no such fact is tested beside what is."""

from __future__ import annotations

from decimal import Decimal

import pytest
from fact_texts import facts_of

from dsapp.finance.facts.types import Duration, Money

SUPPLIER, CUSTOMER = "Brook Mill Ltd.", "Alder Works Inc."


@pytest.mark.parametrize(
    ("clause", "right", "holder", "days", "counted_from"),
    [
        (
            "9. Convenience. Customer may terminate this Agreement at any time for convenience upon sixty (60) days' prior written notice to Supplier.",
            "terminate_for_convenience", CUSTOMER, 60, "unsaid",
        ),
        (
            "9. End. Either party may terminate this Agreement without cause by giving the other party not less than ninety (90) days written notice.",
            "terminate_for_convenience", "either", 90, "unsaid",
        ),
        (
            "9. Breach. Supplier may terminate this Agreement if Customer materially breaches it and such breach remains uncured thirty (30) days after "
            "receipt of written notice of the breach.",
            "cure", CUSTOMER, 30, "receipt",
        ),
        (
            "9. Failure. If Customer fails to perform, Supplier may terminate this Agreement for such breach upon ten (10) days' written notice.",
            "terminate_for_cause", SUPPLIER, 10, "unsaid",
        ),
        (
            "4. Payment. Customer shall pay each undisputed invoice within forty-five (45) days after receipt of the invoice.",
            "payment", CUSTOMER, 45, "receipt",
        ),
        ("4. Payment. Customer shall pay within 30 days from the date of the invoice.", "payment", CUSTOMER, 30, "sending"),
        (
            "4. Disputes. Customer may dispute any invoice in good faith by notice given within fifteen (15) days of receipt.",
            "dispute_invoice", CUSTOMER, 15, "receipt",
        ),
        (
            "5. Acceptance. Customer shall accept or reject each deliverable within ten (10) days following delivery.",
            "acceptance", CUSTOMER, 10, "event",
        ),
        (
            "6. Warranty. Supplier warrants that the goods will be free from defects for a period of twelve (12) months from delivery.",
            "warranty", SUPPLIER, 360, "event",
        ),
        (
            "7. Secrets. The duties of confidentiality in this Section shall survive for five (5) years after termination of this Agreement.",
            "confidentiality", None, 1825, "event",
        ),
        (
            "8. Rivals. Supplier shall not compete with Customer for a period of two (2) years following termination.",
            "non_compete", SUPPLIER, 730, "event",
        ),
        (
            "8. People. Customer shall not solicit or hire any employee of Supplier for one (1) year after the end of this Agreement.",
            "non_solicit", CUSTOMER, 365, "event",
        ),
        (
            "8. Audit. Customer may audit the books of Supplier upon five (5) business days' prior written notice.",
            "audit_notice", CUSTOMER, 7, "unsaid",
        ),
        (
            "8. Records. Supplier shall retain all records of the services for at least seven (7) years.",
            "retention", SUPPLIER, 2555, "unsaid",
        ),
        (
            "8. Security. Supplier shall notify Customer of any security breach within seventy-two (72) hours after becoming aware of it.",
            "breach_notice", SUPPLIER, 3, "event",
        ),
        (
            "8. Prices. Supplier may change its prices upon thirty (30) days' prior written notice to Customer.",
            "change_notice", SUPPLIER, 30, "unsaid",
        ),
        (
            "2. Renewal. This Agreement renews automatically for successive years unless Customer gives notice of non-renewal at least 30 days before the "
            "end of the term.",
            "prevent_renewal", CUSTOMER, 30, "event",
        ),
    ],
)  # fmt: skip
def test_a_period_has_its_right_holder_length_and_start(
    clause: str, right: str, holder: str | None, days: float, counted_from: str
) -> None:
    found = [period for period in facts_of(clause).periods if period.right == right]
    assert len(found) == 1, [(period.right, str(period.length)) for period in facts_of(clause).periods]
    assert round(found[0].length.days) == days
    assert found[0].counted_from == counted_from
    if holder is not None:
        assert found[0].holder == holder


def test_business_and_calendar_days_are_told_apart() -> None:
    facts = facts_of(
        "4. Payment. Customer shall pay each invoice within ten (10) Business Days of receipt.",
        "4.1 Late. Customer shall pay any corrected invoice within ten (10) calendar days of receipt.",
        "4.2 Other. Customer shall pay any other invoice within ten (10) days of receipt.",
    )
    assert [period.days for period in facts.periods if period.right == "payment"] == ["business", "calendar", "unsaid"]


def test_words_that_contradict_figures_lower_the_confidence_of_the_period_and_are_said() -> None:
    (period,) = facts_of("4. Payment. Customer shall pay each invoice within sixty (30) days of receipt.").periods
    assert period.length == Duration(60, "day") and period.confidence <= 0.5 and "figures say 30" in period.note


@pytest.mark.parametrize(
    "clause",
    [
        "5. Insurance. Supplier's policy may not be cancelled except upon thirty (30) days' prior written notice to Customer.",
        "5. Cap. Supplier's liability shall not exceed the fees paid in the twelve (12) months preceding the claim.",
        "5. Force. Either party may act if the force majeure event continues for more than three (3) months.",
    ],
)
def test_durations_of_other_things_are_no_right_to_terminate_pay_or_cure(clause: str) -> None:
    rights = {period.right for period in facts_of(clause).periods}
    assert not rights & {"terminate_for_convenience", "payment", "cure"}


def test_a_label_of_the_classifier_raises_the_confidence_of_what_it_points_at() -> None:
    from fact_texts import PREAMBLE

    from dsapp.finance.classify import Label

    clause = "9. End. Customer may terminate this Agreement at any time upon thirty (30) days' written notice."
    plain = facts_of(clause).periods[0]
    label = Label("termination_for_convenience", len(PREAMBLE), len(PREAMBLE) + len(clause), 0.95, "model")
    labelled = facts_of(clause, labels=(label,)).periods[0]
    assert labelled.right == plain.right == "terminate_for_convenience" and labelled.confidence > plain.confidence


def test_a_cap_of_twelve_months_fees_is_read_whole() -> None:
    (cap,) = facts_of(
        "10. Limitation of Liability. Except for breach of confidentiality or gross negligence, Supplier's total aggregate liability under this "
        "Agreement shall not exceed the greater of $250,000 and the fees paid by Customer in the twelve (12) months preceding the claim."
    ).caps
    assert cap.whose == SUPPLIER and cap.amount == Money(Decimal(250_000), "USD")
    assert (cap.months_of_fees, cap.basis, cap.look_back) == (12.0, "aggregate", Duration(12, "month"))
    assert set(cap.carve_outs) == {"confidentiality", "gross negligence"}
    assert "greater of" in cap.formula or "fees paid" in cap.formula


@pytest.mark.parametrize(
    ("clause", "months"),
    [
        ("Supplier's liability is limited to two times the fees paid in the preceding twelve months.", 24.0),
        (
            "Supplier's liability shall not exceed 150% of the fees paid during the six (6) months before the event.",
            9.0,
        ),
        ("Supplier's liability shall not exceed the annual fees.", 12.0),
        ("Supplier's liability shall not exceed $5,000.", None),
    ],
)
def test_a_cap_in_fees_is_turned_into_months(clause: str, months: float | None) -> None:
    (cap,) = facts_of("10. Limitation of Liability. " + clause).caps
    assert cap.months_of_fees == months


def test_a_cap_for_each_claim_is_no_aggregate() -> None:
    (cap,) = facts_of("10. Liability. Supplier's liability for each claim is limited to EUR 10,000.").caps
    assert cap.basis == "per_claim" and cap.amount == Money(Decimal(10_000), "EUR")


def test_a_mutual_cap_is_both_parties() -> None:
    (cap,) = facts_of("10. Liability. Neither party's liability under this Agreement shall exceed $100,000.").caps
    assert cap.whose == "both"


def test_a_redacted_cap_is_a_cap_without_amount_that_says_so() -> None:
    (cap,) = facts_of("10. Liability. Supplier's aggregate liability shall not exceed $[***].").caps
    assert cap.amount is None and "redacted" in cap.note


def test_an_exclusion_of_losses_is_no_cap_and_a_time_bar_is_neither() -> None:
    facts = facts_of(
        "10. Losses. In no event shall either party be liable for any indirect, special or consequential damages or lost profits.",
        "11. Claims. No action arising out of this Agreement may be brought more than two (2) years after the cause of action has accrued.",
    )
    assert facts.caps == ()
    (exclusion,) = facts.exclusions
    assert exclusion.whose == "both"
    assert set(exclusion.kinds) == {"indirect", "special", "consequential", "lost profits"}
    (bar,) = facts.time_bars
    assert bar.length == Duration(2, "year") and bar.whose == "both"


def test_unlimited_liability_names_its_losses() -> None:
    (uncapped,) = facts_of(
        "10. Liability. Nothing in this Agreement limits or excludes either party's liability for death or personal injury, fraud or wilful misconduct."
    ).uncapped
    assert set(uncapped.losses) >= {"death or personal injury", "fraud", "wilful misconduct"}


def test_a_later_sentence_carves_out_of_the_cap_of_its_clause() -> None:
    facts = facts_of(
        "10. Liability. Supplier's aggregate liability shall not exceed $100,000. The foregoing limitation shall not apply to Supplier's "
        "indemnification obligations or breach of confidentiality."
    )
    (cap,) = facts.caps
    assert set(cap.carve_outs) == {"indemnities", "confidentiality"}


def test_an_insured_sum_and_a_price_are_no_caps() -> None:
    facts = facts_of(
        "10. Insurance. Supplier shall carry liability insurance of not less than $2,000,000 per occurrence.",
        "11. Price. The price shall not exceed $40,000 per year.",
    )
    assert facts.caps == ()
    assert [amount.money.amount for amount in facts.amounts] == [Decimal(2_000_000), Decimal(40_000)]
    assert "per year" in facts.amounts[1].purpose


def test_fees_for_ending_early_and_late_interest_are_facts_of_their_own() -> None:
    facts = facts_of(
        "10. Early end. If Customer terminates early, Customer shall pay an early termination fee of $75,000.",
        "11. Late. Overdue amounts bear interest at the rate of 1.5% per month.",
        "12. Later. Any late payment bears interest at two percent (2%) per annum above the base rate of the Bank.",
    )
    (fee,) = facts.termination_fees
    assert fee.amount == Money(Decimal(75_000), "USD") and fee.payer == CUSTOMER
    first, second = facts.interest
    assert (first.rate, first.per) == (1.5, "month")
    assert second.rate is None and second.per == "year" and "base rate" in second.formula
    assert facts.amounts == ()


@pytest.mark.parametrize(
    ("clause", "law"),
    [
        (
            "This Agreement shall be governed by and construed in accordance with the laws of the State of New York.",
            "New York",
        ),
        ("The laws of England and Wales shall govern this Agreement.", "England and Wales"),
        ("This Agreement is subject to and governed by Swiss law.", "Switzerland"),
        (
            "This Agreement shall be governed by the laws, other than choice of law rules, of the State of Florida.",
            "Florida",
        ),
        (
            "This Agreement was made in the State of Ohio and shall be construed in accordance with the laws thereof.",
            "Ohio",
        ),
        (
            "This Agreement shall be governed by the laws of Texas, without regard to the laws of any other state such as Nevada.",
            "Texas",
        ),
        (
            "This Agreement is governed by the laws of the United States of America and of the State of Iowa.",
            "Iowa",
        ),
    ],
)
def test_the_governing_law_has_a_plain_name(clause: str, law: str) -> None:
    facts = facts_of("12. Law. " + clause)
    assert [found.jurisdiction for found in facts.laws if found.kind == "law"] == [law]
    found = facts.law()
    assert found is not None and found.confidence >= 0.9 and found.covers == "agreement"


@pytest.mark.parametrize(
    "clause",
    [
        "Supplier is a company organised and existing under the laws of the State of Delaware.",
        "Supplier shall comply with the export laws of the United States.",
        "Supplier will follow the data protection laws of Germany.",
        "Each invoice shall be in English.",
    ],
)
def test_a_law_that_governs_something_else_is_not_the_contracts(clause: str) -> None:
    assert [found for found in facts_of("2. General. " + clause).laws if found.kind == "law"] == []


def test_law_forum_and_seat_are_three_facts() -> None:
    facts = facts_of(
        "12. Law. This Agreement is governed by the laws of England.",
        "13. Courts. The parties submit to the exclusive jurisdiction of the courts of Scotland.",
        "14. Arbitration. The seat of arbitration shall be Geneva, Switzerland.",
    )
    assert {(found.kind, found.jurisdiction) for found in facts.laws} == {
        ("law", "England and Wales"),
        ("forum", "Scotland"),
        ("seat", "Switzerland"),
    }
    forum = facts.law("forum")
    assert forum is not None and forum.exclusive is True


def test_a_non_exclusive_forum_says_so() -> None:
    forum = facts_of(
        "13. Courts. The courts located in Cook County, Illinois shall have non-exclusive jurisdiction."
    ).law("forum")
    assert forum is not None and (forum.jurisdiction, forum.exclusive) == ("Illinois", False)


def test_a_law_for_one_schedule_does_not_cover_the_agreement() -> None:
    facts = facts_of(
        "12. Law. This Agreement is governed by the laws of New York, except that Schedule 2 shall be governed by the laws of Japan."
    )
    assert {(found.jurisdiction, found.covers) for found in facts.laws} == {
        ("New York", "agreement"),
        ("Japan", "Schedule 2"),
    }


def test_a_law_left_blank_is_said_to_be_blank() -> None:
    (law,) = facts_of("12. Law. This Agreement shall be governed by the laws of the State of [________].").laws
    assert law.jurisdiction == "" and "blank" in law.note and law.confidence < 0.9


@pytest.mark.parametrize(
    "clause",
    [
        "Customer may terminate this Agreement for convenience at any time.",
        "Customer may terminate this Agreement for convenience immediately upon written notice.",
        "Customer may at any time terminate this Agreement without cause by giving written notice to Supplier.",
    ],
)
def test_a_right_to_end_at_any_time_is_a_notice_of_no_days(clause):
    (found,) = [
        period for period in facts_of(f"1. ENDING. {clause}").periods if period.right == "terminate_for_convenience"
    ]
    assert (found.holder, str(found.length)) == ("Alder Works Inc.", "0 days")


@pytest.mark.parametrize(
    "clause",
    [
        "Customer may terminate this Agreement for convenience immediately if Supplier breaches it.",
        "Customer may terminate this Agreement for convenience at any time. Notice must be given sixty (60) days before the end.",
        "Customer may terminate this Agreement for convenience at any time upon ____ days' notice.",
        "Customer may terminate this Agreement for convenience at any time as provided in Section 4.",
        "Customer may not terminate this Agreement for convenience at any time.",
        "Customer may terminate this Agreement immediately.",
    ],
)
def test_a_right_with_a_condition_or_a_time_elsewhere_is_not(clause):
    assert not [period for period in facts_of(f"1. ENDING. {clause}").periods if period.length.value == 0]

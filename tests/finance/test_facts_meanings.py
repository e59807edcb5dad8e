"""Facts that stand far from their words: losses behind references and definitions, restrictions behind lists, secrecy behind a title."""

from __future__ import annotations

import pytest
from fact_texts import PREAMBLE, facts_of

from dsapp.finance.vocabulary import facts_for

SUPPLIER, CUSTOMER = "Brook Mill Ltd.", "Alder Works Inc."


def test_a_reference_to_a_section_carves_out_what_the_section_is_about() -> None:
    facts = facts_of(
        "1. Confidentiality\n\n1.1 Each party shall keep the other's secrets.",
        "2. Liability\n\n2.1 Each party's total liability under this Agreement shall not exceed EUR 90,000.",
        "2.2 Nothing in this Agreement limits liability for fraud or breach of Section 1.",
    )
    (cap,) = facts.caps
    assert set(cap.carve_outs) == {"fraud", "confidentiality"}


def test_a_defined_kind_of_claim_carves_out_what_its_definition_lists() -> None:
    facts = facts_of(
        "10.1 Except for Reserved Claims, Supplier's aggregate liability shall not exceed $40,000.",
        '10.2 "Reserved Claims" means claims for gross negligence and for bodily injury.',
    )
    (cap,) = facts.caps
    assert set(cap.carve_outs) == {"gross negligence", "death or personal injury"}


def test_section_numbers_do_not_end_the_sentence_that_carves_out() -> None:
    facts = facts_of(
        "10.1 Supplier's total liability shall not exceed $40,000.",
        "10.2 The limitations in Sections 10.1 and 11.4 do not apply to willful misconduct.",
    )
    (cap,) = facts.caps
    assert cap.carve_outs == ("wilful misconduct",)


@pytest.mark.parametrize(
    ("clause", "holder"),
    [
        ('1. "Inputs" means the data for whose lawfulness Customer shall be liable without limit.', CUSTOMER),
        ("9. Supplier's liability under this Section 9 is unlimited.", SUPPLIER),
        ("9. Customer shall indemnify Supplier against all losses, of whatever kind and without limit.", CUSTOMER),
    ],
)
def test_liability_without_limit_is_found_wherever_it_is_said(clause: str, holder: str) -> None:
    (uncapped,) = facts_of(clause).uncapped
    assert (uncapped.whose, uncapped.losses) in ((holder, ()), (holder, ("indemnities",)))


def test_including_without_limitation_limits_nothing() -> None:
    clause = "9. Supplier shall indemnify Customer against losses, including without limitation attorneys' fees."
    assert facts_of(clause).uncapped == ()


def test_total_liability_is_aggregate_though_an_event_gives_rise_to_the_claim() -> None:
    (cap,) = facts_of(
        "10. In any event Supplier's total liability shall not exceed the fees paid in the six months before the event giving rise to the claim."
    ).caps
    assert (cap.basis, cap.months_of_fees) == ("aggregate", 6.0)


@pytest.mark.parametrize(
    "clause",
    [
        "5. For a period of two (2) years after the Effective Date Customer shall not, directly or indirectly, design, make, market, license or supply "
        "instruments or software for any person that competes with Supplier.",
        "1. Competition\n\n1.1 During the term and for two (2) years after it Customer shall not serve any other mill in the valley.",
    ],
)
def test_a_restriction_is_known_by_its_end_or_its_heading(clause: str) -> None:
    (period,) = facts_of(clause).periods
    assert (period.right, period.holder, period.length.value) == ("non_compete", CUSTOMER, 2)


def test_the_duties_that_survive_an_agreement_on_secrecy_are_those_of_secrecy() -> None:
    clause = "6. Recipient's obligations survive the end of this Agreement and continue for three (3) years after it."
    secret = facts_of(clause, preamble=PREAMBLE.replace("SERVICES AGREEMENT", "NON-DISCLOSURE AGREEMENT"))
    assert [period.right for period in secret.periods] == ["confidentiality"]
    assert [period.right for period in facts_of(clause).periods] != ["confidentiality"]


@pytest.mark.parametrize(
    "clause",
    [
        "11. Either party may terminate this Agreement if a petition against the other is not dismissed within sixty (60) days.",
        "11. Either party may terminate this Agreement if the repair will take more than ninety (90) days.",
    ],
)
def test_a_time_that_something_lasts_is_no_notice(clause: str) -> None:
    assert facts_of(clause).periods == ()


def test_an_end_by_notice_without_cause_need_not_be_called_termination() -> None:
    (period,) = facts_of("6. Either party may end this Agreement by giving thirty (30) days' written notice.").periods
    assert (period.right, period.holder) == ("terminate_for_convenience", "either")


def test_the_owner_of_records_is_not_who_inspects_them() -> None:
    (period,) = facts_of("8. Customer may inspect Supplier's records upon ten (10) days' notice.").periods
    assert (period.right, period.holder) == ("audit_notice", CUSTOMER)


def test_a_maturity_date_is_an_end() -> None:
    date = facts_of('1. "Maturity Date" means June 15, 2030.').date("expiration")
    assert date is not None and str(date.value) == "2030-06-15"


@pytest.mark.parametrize(
    ("clause", "open_ended"),
    [
        ("9. Customer's liability under this Agreement is unlimited.", True),
        ("9. Customer's liability for breach of confidentiality is unlimited.", True),
        ("9. Nothing in this Agreement limits Customer's liability for fraud or death.", False),
        ("9. Nothing in this Agreement limits either party's liability for breach of confidentiality.", False),
    ],
)
def test_what_limits_commonly_leave_out_is_no_liability_without_limit(clause: str, open_ended: bool) -> None:
    facts = facts_of(clause)
    assert facts.uncapped
    assert bool(facts_for(facts, CUSTOMER).all("uncapped.ours.present")) is open_ended


def test_an_end_date_that_another_clause_contradicts_enters_no_calendar() -> None:
    ends = "2. Term. The term of this Agreement begins on April 1, 2026 and ends on March 31, 2031."
    (deadline,) = facts_of(ends).deadlines
    assert deadline.confidence >= 0.9
    facts = facts_of(ends, "9. Return. This Agreement shall expire on March 31, 2030 and Supplier returns the keys.")
    assert all(deadline.confidence < 0.9 for deadline in facts.deadlines)
    end = facts.date("expiration")
    assert end is not None and end.note.startswith("another clause says 31 March 203")

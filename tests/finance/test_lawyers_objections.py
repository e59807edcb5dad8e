"""What a commercial lawyer objected to when she read reviews: each objection as a text of our own, and what must be said instead."""

from __future__ import annotations

from dataclasses import replace

import pytest
from judged import (
    CUSTOMER,
    SUPPLIER,
    classification,
    document,
    found,
    label,
    playbook,
    tree,
    two_parties,
)

from dsapp.finance.classify import Classification, Kind
from dsapp.finance.clauses import Clause, ClauseTree, Part, Reference, segment
from dsapp.finance.facts.extract import extract
from dsapp.finance.facts.parties import match_us
from dsapp.finance.facts.types import ContractDate, ContractFacts, Gap, Period, Signature, Uncapped
from dsapp.finance.facts.types import Duration as Length
from dsapp.finance.playbook import choose, shipped
from dsapp.finance.review import review_document
from dsapp.finance.risk import judge
from dsapp.finance.sides import bound_by, subject_of
from dsapp.finance.unfair_words import by_business_words

UNFAIR = 'id = "u"\ntitle = "One-sided terms"\nlevel = "low"\nunfair = ["unfair_unilateral_change", "unfair_unilateral_termination"]\n'
ASSIGNMENT = 'id = "a"\ntitle = "Assignment"\nlevel = "medium"\none_sided = "anti_assignment"\n'
OPENING = f'This Agreement is made on 2 March 2026 between {CUSTOMER} ("Customer") and {SUPPLIER} ("Supplier").\n\n'


def judged(text: str, *checks: str, labels=(), references=(), us: str = "", facts=None, **more):
    doc = document(text)
    facts = facts or ContractFacts(parties=two_parties(doc, **more))
    made = classification(*(label(doc, *one) for one in labels))
    return judge(doc, tree(doc, references), made, facts, us=us, playbook=playbook(*checks) if checks else None)


def facts_of(text: str) -> ContractFacts:
    """The facts of a contract whose clauses are the paragraphs of ``text``, numbered after one on the services."""
    clauses = ["Supplier provides the Services to Customer as the order form says.", *text.split("\n\n")]
    doc = document(OPENING + "\n\n".join(f"{number}. {clause}" for number, clause in enumerate(clauses, start=1)))
    return extract(doc, segment(doc), Classification(Kind("services", 0.9, "master", 0.9), ()))


# One-sided terms between businesses


@pytest.mark.parametrize(
    ("category", "sentence", "stands"),
    [
        ("termination", "Supplier may suspend the Services at any time in its sole discretion.", True),
        ("termination", "Supplier may terminate this Agreement at any time if Customer fails to pay.", False),
        ("termination", "Supplier shall give ten days' notice of any cancellation of the insurance.", False),
        ("termination", "Supplier may terminate this Agreement upon the occurrence of any of the following:", False),
        ("change", "Supplier may change the price list once a year.", True),
        ("change", "Supplier shall send an itemized statement from time to time.", False),
        ("change", "Supplier may propose a capital project at any time.", False),
    ],
)
def test_between_businesses_the_words_must_give_the_power(category, sentence, stands):
    assert by_business_words(f"unfair_unilateral_{category}", sentence) is stands


def test_insurance_and_claims_are_no_limit_of_liability():
    held = "unfair_limitation_of_liability"
    assert by_business_words(held, "In no event shall Supplier be liable for a failure to meet such dates.")
    assert by_business_words(held, "Supplier's total liability shall not exceed the fees paid.")
    assert not by_business_words(held, "Supplier shall maintain Commercial General Liability Insurance.")
    assert not by_business_words(held, "Supplier shall remain liable to Customer for the acts of its agents.")


def test_a_one_sided_term_that_another_line_told_is_not_told_again():
    sentence = "Supplier may terminate this Agreement for convenience upon thirty (30) days' notice."
    text = (
        f"{CUSTOMER} and {SUPPLIER}.\n\n{sentence}\n\nSupplier may change the Services at any time in its discretion."
    )
    doc = document(text)
    notice = Period(
        **found(doc, "thirty (30) days"),
        right="terminate_for_convenience",
        holder=SUPPLIER,
        trigger="",
        length=Length(30, "day"),
    )
    facts = ContractFacts(parties=two_parties(doc), periods=(notice,))
    line = 'id = "t"\ntitle = "Ending without cause"\nlevel = "high"\none_sided = "terminate_for_convenience"\n'
    ours = (
        'id = "n"\ntitle = "Our notice is at most 60 days"\nlevel = "medium"\nfact = "period.terminate_for_convenience.ours.days"\n'
        'op = "<="\nvalue = 60\nunit = "days"\nnot_found = "missing"\n'
    )
    labels = [
        ("unfair_unilateral_termination", sentence),
        ("unfair_unilateral_change", "Supplier may change the Services at any time in its discretion."),
    ]
    judgement = judged(text, line, ours, UNFAIR, labels=labels, facts=facts)
    assert [finding.check for finding in judgement.findings] == ["t", "u"]
    assert judgement.findings[1].title == f"One-sided for {CUSTOMER}: Unilateral change"
    assert f"let {SUPPLIER} change the bargain" in judgement.findings[1].why


def test_of_the_kinds_of_one_sentence_the_likeliest_is_told():
    sentence = "Supplier may change our prices at any time at its sole discretion."
    doc = document(f"{CUSTOMER} and {SUPPLIER}.\n\n{sentence}")
    made = classification(
        label(doc, "unfair_unilateral_change", sentence, 0.91, threshold=0.2, level=2),
        label(doc, "unfair_unilateral_termination", sentence, 0.37, threshold=0.25, level=3),
    )
    facts = ContractFacts(parties=two_parties(doc, consumer=True))
    (finding,) = judge(doc, tree(doc), made, facts, playbook=playbook(UNFAIR)).findings
    assert finding.title == "Unfair to a consumer: Unilateral change" and finding.level == "medium"


# Who is bound


def test_of_two_names_that_begin_alike_the_longer_is_meant():
    one, other = two_parties(document(f"{CUSTOMER} {SUPPLIER}"))
    person = replace(one, name="Anna Marlow", aliases=("Marlow",))
    company = replace(other, name="Marlow Communications Ltd", aliases=("Marlow Communications",))
    said = "Marlow Communications shall not bear any other logo."
    assert subject_of(said, [person, company]) == "Marlow Communications Ltd"


def test_who_is_granted_exclusivity_is_not_bound_by_it():
    parties = two_parties(document(f"{CUSTOMER} {SUPPLIER}"))
    granted = "Customer is hereby granted an exclusive, worldwide license to use the work product."
    assert bound_by("exclusivity", granted, parties) == SUPPLIER
    assert bound_by("exclusivity", "Customer shall purchase exclusively from Supplier.", parties) == CUSTOMER


@pytest.mark.parametrize(
    ("clause", "bound"),
    [
        ("Supplier may assign this Agreement freely. Customer may not assign it without Supplier's consent.", CUSTOMER),
        ("Customer may assign this Agreement only with Supplier's prior written consent.", CUSTOMER),
        ("Neither party may assign this Agreement without the other's consent.", "both"),
        ("Supplier shall not assign this Agreement. Customer shall not assign this Agreement.", "both"),
        ("Supplier may assign this Agreement without consent.", ""),
    ],
)
def test_who_must_ask_before_assigning(clause, bound):
    assert bound_by("anti_assignment", clause, two_parties(document(f"{CUSTOMER} {SUPPLIER}"))) == bound


def test_assignment_by_one_side_alone_is_a_finding_and_the_next_sentence_counts():
    text = f"{CUSTOMER} and {SUPPLIER}.\n\n9. Customer may not assign this Agreement without consent. Supplier may assign it freely."
    labels = [("anti_assignment", "Customer may not assign this Agreement without consent")]
    finding = judged(text, ASSIGNMENT, labels=labels, us=CUSTOMER).findings[0]
    assert finding.level == "medium" and finding.title == f"Assignment: only {CUSTOMER} must ask"
    fair = text.replace("Supplier may assign it freely", "Supplier shall not assign it either")
    assert judged(fair, ASSIGNMENT, labels=labels, us=CUSTOMER).findings == ()


def test_a_definition_is_no_bar_on_competing():
    text = f'{CUSTOMER} and {SUPPLIER}.\n\nAs used in this section, "Competitor" means any fund that invests in retail property.'
    line = 'id = "n"\ntitle = "No non-compete"\nlevel = "high"\nforbidden = "non_compete"\n'
    assert judged(text, line, labels=[("non_compete", '"Competitor" means any fund')]).findings == ()
    bound = text + "\n\nCustomer shall not invest in a Competitor for two years."
    finding = judged(
        bound, line + 'binds = "ours"\n', labels=[("non_compete", "Customer shall not invest")], us=CUSTOMER
    )
    assert finding.findings[0].title == f"Non-Compete binding {CUSTOMER}"


# What is missing, open or not here


def test_a_clause_that_bears_the_heading_is_not_called_missing():
    text = (
        f"{CUSTOMER} and {SUPPLIER}.\n\n7. Confidentiality. What is furnished hereunder is subject to Section 6.7 of the Distribution Agreement, "
        "which applies as if set out here in full."
    )
    line = 'id = "c"\ntitle = "Confidentiality"\nlevel = "high"\nrequired = "confidentiality"\n'
    doc = document(text)
    whole = Clause(0, 0, None, 1, "clause", "7", "7", "Confidentiality", text.index("7."), len(text))
    headed = ClauseTree((Part(0, "body", "", 0, len(text)),), (whole,))
    facts = ContractFacts(parties=two_parties(doc))
    judgement = judge(doc, headed, classification(), facts, playbook=playbook(line))
    assert judgement.findings == () and judgement.checks[0].status == "undecided"
    assert 'headed "Confidentiality"' in judgement.checks[0].note
    assert [finding.kind for finding in judged(text.replace("Confidentiality. ", ""), line).findings] == ["missing"]


def test_all_that_was_not_supplied_is_one_finding():
    text = f"{CUSTOMER} and {SUPPLIER}.\n\nExhibit A, Schedule “B and Exhibits A are part of this Agreement. See Section 9.9."
    references = [
        Reference(name, text.index(name), text.index(name) + len(name), "not_supplied", incorporated=True)
        for name in ("Exhibit A", "Schedule “B", "Exhibits A")
    ] + [Reference("Section 9.9", text.index("Section"), text.index("Section") + 11, "dangling", part=0)]
    line = 'id = "r"\ntitle = "References"\nlevel = "low"\nreferences = ["dangling", "not_supplied"]\n'
    titles = {finding.title for finding in judged(text, line, references=references).findings}
    assert titles == {"Not supplied: Exhibit A and Schedule B", "Points nowhere: Section 9.9"}


def test_signatures_that_cannot_be_read_are_one_finding():
    doc = document(f"{CUSTOMER} {SUPPLIER}\n\nBy: ____\n\nBy: ......")
    blocks = tuple(
        Signature(**found(doc, phrase), party=party, signer="", title="", date="", readable=False)
        for phrase, party in (("By: ____", CUSTOMER), ("By: ......", SUPPLIER))
    )
    facts = ContractFacts(parties=two_parties(doc), signatures=blocks)
    line = 'id = "s"\ntitle = "Signatures"\nlevel = "low"\nsignature = "readable"\n'
    (finding,) = judged(doc.text, line, facts=facts).findings
    assert finding.title == f"No readable signature for {CUSTOMER} and {SUPPLIER}" and len(finding.quotes) == 2
    assert "Inc. in this file; that says nothing on whether it was signed." in finding.why


def test_blanks_and_redactions_are_findings_where_the_playbook_asks():
    doc = document(f"{CUSTOMER} {SUPPLIER} as of ____ 2026.\n\nThe fee is [***] a month, and the site is at [***].")
    date = ContractDate(**found(doc, "____ 2026"), kind="effective", value=None, status="blank")
    gaps = tuple(Gap(**found(doc, "[***]", n), status="redacted", around=f"sum {n}") for n in (0, 1))
    facts = ContractFacts(parties=two_parties(doc), dates=(date,), gaps=gaps)
    line = 'id = "g"\ntitle = "Nothing is left open"\nlevel = "low"\ngaps = ["blank", "redacted"]\n'
    first, second = judged(doc.text, line, facts=facts).findings
    assert (first.title, second.title) == ("Left blank: the effective date", "Taken out: 2 places in the text")
    assert [quote.text for quote in second.quotes] == ["[***]", "[***]"]
    only_blank = line.replace(', "redacted"', "")
    assert [finding.title for finding in judged(doc.text, only_blank, facts=facts).findings] == [first.title]


def test_bullets_and_notices_of_redaction_are_no_gaps():
    facts = facts_of(
        "Features include the following things to build: ● Native app ● Web admin ● Chat.\n\n"
        "Confidential treatment has been requested for portions of this exhibit marked [***].\n\n"
        "The monthly fee shall be USD [●] for each user of the Services."
    )
    assert [gap.around.count("fee") for gap in facts.gaps] == [1]


# Playbooks that fit, and what is said where none does


def test_terms_of_service_are_not_held_to_what_a_business_asks():
    playbook_of_terms = choose(shipped(), Kind("terms", 0.9, "terms", 0.9))
    assert playbook_of_terms is not None and playbook_of_terms.name == "consumer-terms"
    assert {"service-levels-present", "audit-present"}.isdisjoint(line.id for line in playbook_of_terms.checks)


def test_without_a_playbook_the_review_says_what_was_done_and_what_not():
    doc = document(
        f'LEASE\n\nThis Lease is made on 2 March 2026 between {CUSTOMER} ("Landlord") and {SUPPLIER} ("Tenant").\n\n'
        "Tenant shall pay rent of USD 100 a month to Landlord and keep the Premises clean."
    )
    judgement = review_document(doc).judgement
    assert judgement.playbook == "" and judgement.verdict == "not judged (no playbook fits)"
    assert "contradictions looked for" in judgement.notes[0] and "nothing is called missing" in judgement.notes[0]


def test_a_title_says_how_far_off_the_contract_is():
    doc = document(f"{CUSTOMER} {SUPPLIER}\n\n60 days to pay")
    period = Period(**found(doc, "60 days"), right="payment", holder=CUSTOMER, trigger="", length=Length(60, "day"))
    line = 'id = "p"\ntitle = "We pay within 45 days"\nlevel = "low"\nfact = "payment.days"\nop = "<="\nvalue = 45\nunit = "days"\n'
    facts = ContractFacts(parties=two_parties(doc), periods=(period,))
    assert judged(doc.text, line, facts=facts).findings[0].title == "Not met: We pay within 45 days (here 60 days)"


# Facts


def test_who_pays_the_shortfall_is_it():
    facts = facts_of(
        "In each contract year Customer shall purchase Products for at least EUR 450,000. If it does not, it shall pay Supplier the "
        "shortfall within thirty (30) days after the end of the contract year."
    )
    assert [(p.right, p.holder) for p in facts.periods] == [("payment", CUSTOMER)]


def test_a_notice_to_a_party_is_not_that_partys():
    facts = facts_of(
        "This Agreement may be ended at any time on thirty (30) days' written notice to Supplier by Customer."
    )
    assert all(p.holder != SUPPLIER for p in facts.periods)


def test_an_owners_entry_is_no_audit_and_a_step_after_notice_no_notice():
    facts = facts_of(
        "Supplier may enter the Premises on twenty-four (24) hours' notice to inspect them or to make repairs.\n\n"
        "Customer shall, within thirty (30) days following the receipt of any notice of termination of this Agreement, submit the matter "
        "to arbitration."
    )
    assert {p.right for p in facts.periods}.isdisjoint({"audit_notice", "terminate_for_convenience"})


def test_what_is_not_limited_to_something_has_no_limit_there():
    facts = facts_of(
        "Supplier shall indemnify Customer against all losses, damages and expenses, including, but not limited to, reasonable attorneys' "
        "fees and amounts awarded against Customer.\n\nSupplier's duty to indemnify shall not be limited by the insurance that it carries.\n\n"
        "Nothing in this Agreement prevents an acquisition of Customer by any person, including without limitation a competitor, and no "
        "liability follows from one."
    )
    assert facts.caps == () and facts.uncapped == ()
    limited = facts_of(
        "Supplier's total liability shall be limited to USD 100. Supplier's liability for fraud is unlimited."
    )
    assert len(limited.caps) == len(limited.uncapped) == 1


def test_an_event_incidental_to_duties_is_no_excluded_loss():
    facts = facts_of(
        "Supplier shall not be under any obligation to appear in any legal action which is not incidental to its duties and which may "
        "involve it in any expense or liability."
    )
    assert facts.exclusions == ()
    assert facts_of("Supplier shall not be liable for incidental or consequential damages of any kind.").exclusions


def test_words_held_indefinite_make_no_perpetual_term():
    facts = facts_of(
        "If any clause of this Agreement is held to be indefinite, invalid or unenforceable, the rest of this Agreement shall remain in "
        "full force and effect."
    )
    assert facts.term is None


def test_an_end_that_an_amendment_moves_renews_nothing():
    facts = facts_of(
        "The Term of the Agreement is hereby extended to January 20, 2012 unless sooner terminated as provided for in the Agreement."
    )
    assert facts.renewal is None
    assert facts_of("The Term is extended automatically for one year unless a party gives thirty days' notice.").renewal


def test_a_second_name_belongs_to_the_party_that_it_stands_beside():
    doc = document(
        'This Agreement is entered into by Quill Systems Inc. ("Quill") and Marlow Foods Ltd ("Customer") for the purpose of providing Customer '
        'with the processing of online inquiries and messages ("Online Messages") received by Customer from its other users ("Users").\n\n'
        "Quill shall provide the service to Customer with care."
    )
    facts = extract(doc, segment(doc), Classification(Kind("services", 0.9, "master", 0.9), ()))
    assert {party.name: party.aliases for party in facts.parties} == {SUPPLIER: ("Quill",), CUSTOMER: ("Customer",)}


# Deadlines


@pytest.mark.parametrize(
    ("sentence", "titles"),
    [
        (
            "Supplier shall complete the design by April 30, 2026 and the move by September 30, 2026.",
            ["Supplier shall complete the design", "Supplier shall complete the design … the move"],
        ),
        (
            "If Supplier has not delivered the Equipment within sixty (60) days after the date of this Agreement, Customer may cancel this "
            "Agreement by written notice.",
            [
                "Last day: If Supplier has not delivered the Equipment by then, Customer may cancel this Agreement by written notice"
            ],
        ),
        (
            "No later than two (2) business days following the execution of this Agreement, Supplier shall file a report with the registry.",
            ["Supplier shall file a report with the registry"],
        ),
        (
            "Customer and Supplier shall agree on a plan for the roll-out on or before October 1, 2026.",
            ["Customer and Supplier shall agree on a plan for the roll-out"],
        ),
    ],
)
def test_a_deadlines_title_says_who_must_do_what(sentence, titles):
    assert [deadline.title for deadline in facts_of(sentence).deadlines] == titles


def test_a_duty_of_two_is_a_duty_of_both():
    facts = facts_of("Customer and Supplier shall agree on a plan for the roll-out on or before October 1, 2026.")
    assert [deadline.holder for deadline in facts.deadlines] == ["both"]


# Second reading


def test_the_first_word_of_a_name_finds_the_party():
    doc = document(f"{CUSTOMER} {SUPPLIER}")
    parties = two_parties(doc)
    party, how = match_us(parties, "Quill")
    assert party is not None and party.name == SUPPLIER and "first of the name" in how
    twins = (replace(parties[0], name="Quill Foods Ltd", aliases=()), parties[1])
    assert match_us(twins, "Quill")[0] is None


def test_words_that_point_to_a_clause_keep_it_from_being_missing():
    line = 'id = "s"\ntitle = "Service levels"\nlevel = "high"\nrequired = "service_levels"\n'
    text = f"{CUSTOMER} and {SUPPLIER}.\n\nFor each hour of Downtime Supplier shall credit one day of the fee."
    judgement = judged(text, line)
    assert judgement.findings == () and judgement.checks[0].status == "undecided"
    assert '"Downtime"' in judgement.checks[0].note
    assert [finding.kind for finding in judged(text.replace("Downtime", "work"), line).findings] == ["missing"]


def test_a_scrap_of_a_span_is_shown_as_its_sentence():
    sentence = "Customer shall not enter into such an agreement with a competitor of Supplier."
    line = 'id = "e"\ntitle = "No exclusivity"\nlevel = "medium"\nforbidden = "exclusivity"\n'
    (finding,) = judged(f"{CUSTOMER} and {SUPPLIER}.\n\n{sentence}", line, labels=[("exclusivity", "enter")]).findings
    assert sentence.startswith(finding.quotes[0].text) and len(finding.quotes[0].text) > 60


def test_a_block_read_over_two_columns_is_of_both_parties():
    doc = document(f"{CUSTOMER} {SUPPLIER}\n\nBy: By: ____")
    block = Signature(
        **found(doc, "By: By: ____"), party="CUSTOMER SUPPLIER", signer="", title="", date="", readable=False
    )
    facts = ContractFacts(parties=two_parties(doc), signatures=(block,))
    line = 'id = "s"\ntitle = "Signatures"\nlevel = "low"\nsignature = "readable"\n'
    assert (
        judged(doc.text, line, facts=facts).findings[0].title == f"No readable signature for {CUSTOMER} and {SUPPLIER}"
    )


def test_events_of_default_and_rights_are_no_duties():
    facts = facts_of(
        "Supplier shall materially breach this Agreement and not cure the breach.\n\n"
        "Customer shall, at any time during the term of this Agreement, be entitled to audit all such records.\n\n"
        "Supplier shall not breach any law."
    )
    assert [duty.action for duty in facts.obligations] == ["not breach any law"]


def test_a_flag_that_fails_is_told_in_words():
    doc = document(f"{CUSTOMER} {SUPPLIER}\n\nCustomer is liable without limit.")
    facts = ContractFacts(
        parties=two_parties(doc), uncapped=(Uncapped(**found(doc, "without limit"), whose=CUSTOMER, losses=()),)
    )
    line = 'id = "f"\ntitle = "Our liability is not without limit"\nlevel = "high"\nfact = "uncapped.ours.present"\nvalue = false\n'
    why = judged(doc.text, line, facts=facts, us=CUSTOMER).findings[0].why
    assert why == f"{CUSTOMER}'s liability said to be without limit was found; the playbook wants none."

"""The judge: every sentence that a review says about risk, side, what is missing and why is true."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from judged import (
    CUSTOMER,
    HEAD,
    SUPPLIER,
    classification,
    document,
    found,
    label,
    playbook,
    tree,
    two_parties,
    words,
)

from dsapp.finance.classify import Position
from dsapp.finance.clauses import Reference
from dsapp.finance.document import Change, Unread
from dsapp.finance.facts.types import (
    Cap,
    ContractFacts,
    Duration,
    Law,
    LossExclusion,
    Money,
    Period,
    Signature,
    Uncapped,
)
from dsapp.finance.risk import judge
from dsapp.finance.standing import settle

TEXT = f"""Services agreement between {CUSTOMER} ("Customer") and {SUPPLIER} ("Supplier").

1. Supplier's total liability shall not exceed the fees paid in the preceding three months.

2. Customer may terminate for convenience upon 90 days' notice.

3. Supplier may change these terms at any time.

4. This Agreement is governed by the laws of Ohio.

5. Signed for Supplier: __________
"""

CAP_LINE = """id = "cap"
title = "Supplier's limit is at least 12 months' fees"
level = "high"
weight = 3
fact = "cap.theirs.months_of_fees"
op = ">="
value = 12
red_line = true
stake = "Losses above it are ours."
preferred = "The limit is twelve months' fees."
fallback = "The limit is six months' fees."
"""
NOTICE_LINE = """id = "notice"
title = "We may leave on 60 days' notice"
level = "medium"
fact = "period.terminate_for_convenience.ours.days"
op = "<="
value = 60
category = "termination_for_convenience"
"""
INSURANCE_LINE = """id = "insurance"
title = "Insurance"
level = "low"
required = "insurance"
preferred = "Supplier shall carry insurance."
"""
LAW_LINE = 'id = "law"\ntitle = "Law"\nlevel = "medium"\nrequired = "governing_law"\n'


def facts_of(doc, **more) -> ContractFacts:
    made = {
        "parties": two_parties(doc),
        "caps": (
            Cap(
                **found(doc, "fees paid in the preceding three months"),
                whose=SUPPLIER,
                amount=None,
                formula="x",
                months_of_fees=3.0,
            ),
        ),
        "periods": (
            Period(
                **found(doc, "90 days"),
                right="terminate_for_convenience",
                holder=CUSTOMER,
                trigger="",
                length=Duration(90, "day"),
            ),
        ),
        "laws": (Law(**found(doc, "laws of Ohio"), kind="law", jurisdiction="Ohio"),),
    }
    return ContractFacts(**{**made, **more})


def review(*lines: str, text: str = TEXT, labels=(), us: str = "", head: str = HEAD, doc=None, references=(), **more):
    doc = doc or document(text)
    facts = more.pop("facts", None) or facts_of(doc)
    known = {
        key: more.pop(key)
        for key in ("contract_type", "probability", "document_kind", "presence", "positions")
        if key in more
    }
    made = classification(*labels, **known)
    book = playbook(*lines, head=head) if lines else None
    return judge(doc, tree(doc, references), made, facts, us=us, playbook=book, **more)


def statuses(judgement) -> dict[str, str]:
    return {check.id: check.status for check in judgement.checks}


def only(judgement):
    (finding,) = judgement.findings
    return finding


# Sides


def test_our_name_is_matched_and_shown():
    judgement = review(CAP_LINE, us="Customer")
    assert judgement.side.party == CUSTOMER and judgement.side.role == "customer" and judgement.side.how
    assert only(judgement).risk == {CUSTOMER: "high"} and judgement.level == "high"


def test_the_playbooks_names_are_tried_where_none_is_given():
    judgement = review(CAP_LINE, head=HEAD + f'us = ["Somebody Else", "{CUSTOMER}"]\n')
    assert judgement.side.party == CUSTOMER


def test_the_same_cap_is_bad_for_one_and_good_for_the_other():
    line = CAP_LINE.replace("theirs", "theirs")
    assert review(line, us=CUSTOMER).level == "high"
    ours = CAP_LINE.replace("cap.theirs.months_of_fees", "cap.ours.months_of_fees").replace('">="', '"<="')
    assert review(ours, us=SUPPLIER).level is None


def test_without_a_name_risk_is_told_for_each_party_by_name():
    judgement = review(CAP_LINE, LAW_LINE.replace("governing_law", "insurance") + 'risk_for = "all"\n')
    cap = next(finding for finding in judgement.findings if finding.check == "cap")
    law = next(finding for finding in judgement.findings if finding.check == "law")
    assert judgement.side.party == "" and cap.risk == {CUSTOMER: "high"}
    assert law.risk == {CUSTOMER: "medium", SUPPLIER: "medium"}
    assert judgement.risk == {CUSTOMER: "high", SUPPLIER: "medium"}
    assert any("each party by name" in note for note in judgement.notes)


def test_where_no_party_matches_the_same_holds_and_says_so():
    judgement = review(CAP_LINE, us="Nobody GmbH")
    assert judgement.side.asked == "Nobody GmbH" and judgement.side.party == ""
    assert only(judgement).risk == {CUSTOMER: "high"}


def test_without_roles_each_party_is_judged_by_its_own_view():
    doc = document(TEXT)
    notice = NOTICE_LINE.replace("cap", "notice")
    judgement = review(notice, doc=doc, facts=facts_of(doc, parties=two_parties(doc, roles=False)))
    assert {finding.kind: dict(finding.risk) for finding in judgement.findings} == {
        "deviation": {CUSTOMER: "medium"},
    }


def test_a_review_without_parties_does_not_fail():
    doc = document(TEXT)
    judgement = review(CAP_LINE, LAW_LINE, doc=doc, facts=facts_of(doc, parties=()))
    assert statuses(judgement) == {"cap": "undecided", "law": "passed"}


def test_a_side_that_the_playbook_is_not_written_for_is_told():
    assert any("acts for the customer" in note for note in review(CAP_LINE, us=SUPPLIER).notes)


# What a playbook asks for is a finding, nothing else


def test_labels_that_no_line_asks_for_are_no_findings():
    doc = document(TEXT)
    judgement = review(LAW_LINE, doc=doc, labels=[label(doc, "non_compete", "Supplier may change these terms")])
    assert judgement.findings == () and judgement.verdict == "nothing found in 1 check"


def test_without_a_playbook_nothing_is_missing():
    judgement = review()
    assert judgement.findings == () and judgement.playbook == "" and judgement.checks == ()
    assert any("nothing is called missing" in note for note in judgement.notes)
    assert judgement.verdict == "not judged (no playbook fits)"


def test_without_a_playbook_contradictions_are_found():
    doc = document(TEXT + "\n6. The laws of Texas govern this Agreement.")
    laws = tuple(Law(**found(doc, f"laws of {name}"), kind="law", jurisdiction=name) for name in ("Ohio", "Texas"))
    judgement = review(doc=doc, facts=facts_of(doc, laws=laws))
    finding = only(judgement)
    assert finding.kind == "contradiction" and len(finding.quotes) == 2 and judgement.level == "high"
    assert finding.risk == {CUSTOMER: "high", SUPPLIER: "high"}


def test_the_level_is_the_worst_open_finding_with_the_checks_decided():
    judgement = review(
        CAP_LINE,
        INSURANCE_LINE,
        'id = "x"\ntitle = "X"\nlevel = "low"\nfact = "term.months"\nop = "<="\nvalue = 12\n',
        us=CUSTOMER,
    )
    assert judgement.verdict == "high (2 of 3 checks decided)"
    assert [finding.level for finding in judgement.findings] == ["high", "low"]


def test_an_uncertain_type_is_told():
    assert any("not sure" in note for note in review(LAW_LINE, probability=0.4).notes)
    assert any("not written for" in note for note in review(LAW_LINE, contract_type="lease").notes)


# Thresholds and proofs


def test_a_red_line_quotes_its_words_and_carries_its_proof():
    finding = only(review(CAP_LINE, us=CUSTOMER))
    assert finding.kind == "red_line"
    assert [quote.text for quote in finding.quotes] == ["fees paid in the preceding three months"]
    assert "3 months" in finding.why and "12 months" in finding.why
    assert finding.proof.rule == "test/cap" and finding.proof.facts[0].value == 3.0
    assert [evidence.text for evidence in finding.proof.evidence()] == ["fees paid in the preceding three months"]
    assert finding.suggestion is not None and finding.fallback is not None
    assert finding.suggestion.law == "New York" and "Ohio" in finding.suggestion.note


def test_notice_by_us_and_by_them_are_two_things():
    assert only(review(NOTICE_LINE, us=CUSTOMER)).level == "medium"
    assert statuses(review(NOTICE_LINE, us=SUPPLIER)) == {"notice": "undecided"}


def test_a_limit_without_months_of_fees_is_undecided_not_wrong():
    doc = document(TEXT)
    cap = Cap(**found(doc, "three months"), whose=SUPPLIER, amount=Money(Decimal(500), "USD"), formula="")
    judgement = review(CAP_LINE, doc=doc, facts=facts_of(doc, caps=(cap,)), us=CUSTOMER)
    assert statuses(judgement) == {"cap": "undecided"} and judgement.level is None
    assert "do not give" in judgement.checks[0].note


def test_a_doubtful_fact_decides_nothing():
    doc = document(TEXT)
    cap = Cap(**found(doc, "three months", confidence=0.3), whose=SUPPLIER, amount=None, formula="", months_of_fees=3.0)
    assert statuses(review(CAP_LINE, doc=doc, facts=facts_of(doc, caps=(cap,)), us=CUSTOMER)) == {"cap": "undecided"}


def test_a_clause_found_without_its_number_is_not_missing():
    doc = document(TEXT)
    line = NOTICE_LINE + 'not_found = "missing"\n'
    labels = [label(doc, "termination_for_convenience", "Customer may terminate for convenience")]
    judgement = review(line, doc=doc, labels=labels, facts=facts_of(doc, periods=()), us=CUSTOMER)
    assert statuses(judgement) == {"notice": "undecided"}
    assert only(review(line, facts=facts_of(document(TEXT), periods=()), us=CUSTOMER)).kind == "missing"


def test_law_in_a_list_is_compared_without_capitals():
    line = 'id = "law"\ntitle = "Law"\nlevel = "low"\nfact = "law.jurisdiction"\nop = "in"\nvalue = ["{}"]\n'
    assert statuses(review(line.format("OHIO"))) == {"law": "passed"}
    assert only(review(line.format("Texas"))).kind == "deviation"


def test_carve_outs_need_a_limit_to_be_left_out_of():
    line = 'id = "c"\ntitle = "C"\nlevel = "low"\nfact = "cap.theirs.carve_out.fraud"\nvalue = true\n'
    doc = document(TEXT.replace("liability shall not exceed the fees paid", "budget is the sum of the fees paid"))
    assert only(review(line, us=CUSTOMER)).kind == "missing"
    assert statuses(review(line, doc=doc, facts=facts_of(doc, caps=()), us=CUSTOMER)) == {"c": "passed"}


# Missing, said truly


def test_missing_tells_how_often_such_a_clause_is_found():
    finding = only(review(INSURANCE_LINE, recall={"insurance": (0.921, 0.86, 0.96, 120)}))
    assert finding.kind == "missing" and finding.quotes == ()
    assert finding.recall == "not found; on held-out contracts we find 92 of 100 such clauses [86, 96]"
    assert finding.suggestion is not None and finding.suggestion.law == "New York"


def test_under_thirty_positives_it_is_unmeasured():
    finding = only(review(INSURANCE_LINE, recall={"insurance": (0.95, 0.8, 1.0, 29)}))
    assert "unmeasured" in finding.recall and "95" not in finding.recall
    assert "unmeasured" in only(review(INSURANCE_LINE)).recall


@pytest.mark.parametrize("line", [INSURANCE_LINE, 'id = "n"\ntitle = "N"\nlevel = "low"\nforbidden = "insurance"\n'])
def test_no_verdict_on_absence_while_a_page_is_unread(line):
    doc = document(TEXT, unread=[Unread("page 3", "no_text", "a picture without text", "run OCR")])
    judgement = review(line, doc=doc)
    assert judgement.findings == () and judgement.checks[0].status == "undecided"
    assert "page 3" in judgement.checks[0].note and any("page 3" in note for note in judgement.notes)


def test_an_amendment_may_leave_it_to_its_master():
    judgement = review(INSURANCE_LINE, document_kind="amendment")
    assert statuses(judgement) == {"insurance": "undecided"}


def test_a_master_agreement_that_is_not_here_may_hold_it():
    doc = document(TEXT)
    place = words(doc, "these terms")
    reference = Reference("the Master Agreement", place.start, place.end, "not_supplied", incorporated=True)
    assert statuses(review(INSURANCE_LINE, doc=doc, references=[reference])) == {"insurance": "undecided"}
    policy = replace(reference, target="the Travel Policy")
    assert "Travel Policy" in only(review(INSURANCE_LINE, doc=doc, references=[policy])).why


def test_a_probable_clause_without_words_is_not_missing():
    assert statuses(review(INSURANCE_LINE, presence={"insurance": 0.7})) == {"insurance": "undecided"}
    assert only(review(INSURANCE_LINE, presence={"insurance": 0.1})).probability == pytest.approx(0.9)


def test_a_fact_shows_a_clause_that_the_model_missed():
    judgement = review(LAW_LINE)
    assert statuses(judgement) == {"law": "passed"} and "no label did" in judgement.checks[0].note


# Rules overrule the model


def overruled_case(category: str, phrase: str, text: str, **facts):
    doc = document(text)
    line = f'id = "x"\ntitle = "X"\nlevel = "high"\nrequired = "{category}"\n'
    made = {name: tuple(make(doc) for make in makers) for name, makers in facts.items()}
    return review(line, doc=doc, labels=[label(doc, category, phrase, 0.93)], facts=ContractFacts(**made))


@pytest.mark.parametrize(
    ("category", "phrase", "text", "facts"),
    [
        (
            "cap_on_liability",
            "Supplier is not liable for lost profits",
            "1. Supplier is not liable for lost profits.",
            {
                "exclusions": [
                    lambda doc: LossExclusion(
                        **found(doc, "not liable for lost profits"), whose="", kinds=("lost profits",)
                    )
                ]
            },
        ),
        ("termination_for_convenience", "may terminate", "1. Customer may terminate for cause upon notice.", {}),
        ("exclusivity", "a non-exclusive license", "1. Supplier grants a non-exclusive license.", {}),
        ("non_compete", "compete", "1. Nothing in this Agreement prevents Supplier's right to compete.", {}),
        ("anti_assignment", "may assign this Agreement", "1. Supplier may assign this Agreement without consent.", {}),
        (
            "uncapped_liability",
            "liability shall not exceed USD 10",
            "1. Supplier's liability shall not exceed USD 10.",
            {"caps": [lambda doc: Cap(**found(doc, "USD 10"), whose="", amount=None, formula="USD 10")]},
        ),
        (
            "cap_on_liability",
            "liability is without limit",
            "1. Supplier's liability is without limit.",
            {"uncapped": [lambda doc: Uncapped(**found(doc, "without limit"), whose="", losses=())]},
        ),
    ],
    ids=["exclusion", "cause", "non-exclusive", "free", "assign", "capped", "uncapped"],
)
def test_rules_overrule_the_model_and_say_so(category, phrase, text, facts):
    finding = only(overruled_case(category, phrase, text, **facts))
    # words that let a party assign are no mere silence on assignment
    assert finding.kind == ("deviation" if category == "anti_assignment" else "missing") and "rules" in finding.sources
    (sentence,) = finding.overruled
    assert "model read" in sentence and "0.93" in sentence
    assert any(premise.overrules == ("classifier",) for premise in finding.proof.premises)


@pytest.mark.parametrize(
    ("category", "text"),
    [
        ("termination_for_convenience", "1. Either party may terminate for any reason or for cause."),
        ("exclusivity", "1. Supplier is the exclusive vendor and grants a non-exclusive license."),
        ("cap_on_liability", "1. Its total liability and lost profits are limited to the fees."),
        ("anti_assignment", "1. Supplier may not assign this Agreement; Customer may assign it without consent."),
    ],
)
def test_rules_leave_a_right_label_alone(category, text):
    judgement = overruled_case(category, text[3:-1], text)
    assert judgement.findings == () and statuses(judgement) == {"x": "passed"}


# One-sided and unfair


def test_a_right_held_by_them_only_is_one_sided():
    line = 'id = "o"\ntitle = "Ending without cause"\nlevel = "high"\none_sided = "terminate_for_convenience"\n'
    finding = only(review(line, us=SUPPLIER))
    assert finding.kind == "one_sided" and CUSTOMER in finding.title and finding.risk == {SUPPLIER: "high"}
    assert review(line, us=CUSTOMER).findings == ()
    nobody = review(line)
    assert only(nobody).risk == {SUPPLIER: "high"}


def test_a_right_of_both_is_not_one_sided():
    doc = document(TEXT)
    both = Period(
        **found(doc, "90 days"),
        right="terminate_for_convenience",
        holder="either",
        trigger="",
        length=Duration(90, "day"),
    )
    line = 'id = "o"\ntitle = "O"\nlevel = "high"\none_sided = "terminate_for_convenience"\n'
    assert statuses(review(line, doc=doc, facts=facts_of(doc, periods=(both,)), us=SUPPLIER)) == {"o": "passed"}


def test_a_duty_of_ours_only_is_one_sided():
    doc = document("1. Customer shall indemnify Supplier.\n\n" + TEXT)
    line = 'id = "i"\ntitle = "Indemnity"\nlevel = "medium"\none_sided = "indemnity"\n'
    labels = [label(doc, "indemnity", "shall indemnify Supplier")]
    assert only(review(line, doc=doc, labels=labels, us=CUSTOMER)).kind == "one_sided"
    assert review(line, doc=doc, labels=labels, us=SUPPLIER).findings == ()


UNFAIR_LINE = 'id = "u"\ntitle = "Unfair"\nlevel = "high"\nunfair = "unfair_unilateral_change"\n'


def unfair(level: int, us: str = "", consumer: bool = False, head: str = HEAD):
    doc = document(TEXT)
    labels = [label(doc, "unfair_unilateral_change", "Supplier may change these terms at any time", level=level)]
    return review(
        UNFAIR_LINE,
        doc=doc,
        labels=labels,
        facts=facts_of(doc, parties=two_parties(doc, consumer=consumer)),
        us=us,
        head=head,
    )


def test_an_unfair_term_raises_risk_only_where_a_party_is_a_consumer():
    assert only(unfair(3, consumer=True)).level == "high"
    assert only(unfair(2, consumer=True)).level == "medium"
    assert only(unfair(3, head=HEAD + "consumer = true\n", us=CUSTOMER)).level == "high"
    finding = only(unfair(3))
    assert finding.level == "low" and finding.title.startswith(f"One-sided for {CUSTOMER}")
    assert finding.risk == {CUSTOMER: "low"} and "No party is a consumer" in finding.why


@pytest.mark.parametrize(
    ("other", "told"),
    [("", True), (" Customer may terminate this Agreement for any reason on thirty days' notice.", False)],
)
def test_a_power_that_the_other_side_has_as_well_is_not_told_as_one_sided(other, told):
    power = "Supplier may terminate this Agreement for any reason on one hundred twenty days' notice."
    doc = document(f"Between {CUSTOMER} and {SUPPLIER}.\n\n1. {power}{other}\n")
    line = 'id = "u"\ntitle = "U"\nlevel = "low"\nunfair = ["unfair_unilateral_termination"]\n'
    labels = (label(doc, "unfair_unilateral_termination", power, level=2),)
    facts = ContractFacts(parties=two_parties(doc))
    assert bool(review(line, doc=doc, labels=labels, facts=facts, us=CUSTOMER).findings) is told


def test_one_sentence_is_one_finding_whatever_it_is_unfair_in():
    doc = document(TEXT)
    words = "Supplier may change these terms at any time"
    both = 'id = "u"\ntitle = "Unfair"\nlevel = "high"\nunfair = ["unfair_unilateral_change", "unfair_unilateral_termination"]\n'
    labels = [
        label(doc, f"unfair_unilateral_{kind}", words, level=level)
        for kind, level in (("change", 2), ("termination", 3))
    ]
    finding = only(review(both, doc=doc, labels=labels, facts=facts_of(doc, parties=two_parties(doc, consumer=True))))
    assert (
        finding.level == "high" and finding.title == "Unfair to a consumer: Unilateral change, Unilateral termination"
    )


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("3. Supplier may end this Agreement if Customer fails to pay.", "Supplier may end this Agreement if Customer fails to pay"),
        ("3. Changes to the terms\n\nSupplier tells Customer of them.", "Changes to the terms"),
    ],
)  # fmt: skip
def test_an_end_for_cause_and_a_heading_are_no_unfair_terms(text, phrase):
    doc = document(f"{TEXT}\n{text}")
    headed = tree(doc)
    headed = replace(
        headed,
        clauses=tuple(
            replace(c, heading="Changes to the terms") if doc.text.startswith("3. Changes", c.start) else c
            for c in headed.clauses
        ),
    )
    made = classification(label(doc, "unfair_unilateral_termination", phrase, level=3))
    standing = settle(doc, headed, made, facts_of(doc))
    assert not standing.of(["unfair_unilateral_termination"]) and standing.overruled


def test_a_one_sided_term_of_ours_is_no_finding():
    assert unfair(3, us=SUPPLIER).findings == ()


# Forbidden


def test_a_forbidden_clause_counts_where_it_binds_us():
    doc = document("1. Supplier shall not compete with Customer.\n\n" + TEXT)
    line = 'id = "n"\ntitle = "No non-compete"\nlevel = "high"\nforbidden = "non_compete"\nbinds = "ours"\n'
    labels = [label(doc, "non_compete", "shall not compete")]
    finding = only(review(line, doc=doc, labels=labels, us=SUPPLIER))
    assert finding.kind == "forbidden" and finding.probability == 0.9 and SUPPLIER in finding.why
    assert statuses(review(line, doc=doc, labels=labels, us=CUSTOMER)) == {"n": "passed"}


def test_where_whom_it_binds_was_not_read_the_level_is_one_lower():
    doc = document("1. Competing is not allowed.\n\n" + TEXT)
    line = 'id = "n"\ntitle = "No non-compete"\nlevel = "high"\nforbidden = "non_compete"\nbinds = "ours"\n'
    finding = only(review(line, doc=doc, labels=[label(doc, "non_compete", "Competing is not allowed")], us=SUPPLIER))
    assert finding.level == "medium" and "not read" in finding.why


def test_who_has_an_exclusive_right_is_not_bound_by_it():
    doc = document("1. Supplier shall have the exclusive right to serve the Territory.\n\n" + TEXT)
    line = 'id = "e"\ntitle = "No exclusivity"\nlevel = "high"\nforbidden = "exclusivity"\nbinds = "ours"\n'
    labels = [label(doc, "exclusivity", "Supplier shall have the exclusive right")]
    assert review(line, doc=doc, labels=labels, us=SUPPLIER).findings == ()
    assert only(review(line, doc=doc, labels=labels, us=CUSTOMER)).level == "high"


def test_two_readings_of_one_clause_are_one_finding():
    doc = document("1. Supplier shall not compete, and shall not help a competitor.\n\n" + TEXT)
    line = 'id = "n"\ntitle = "N"\nlevel = "high"\nforbidden = "non_compete"\n'
    labels = [label(doc, "non_compete", phrase) for phrase in ("Supplier shall not compete", "shall not help")]
    assert [quote.text for quote in only(review(line, doc=doc, labels=labels)).quotes] == [
        "Supplier shall not compete",
        "shall not help",
    ]


# NDA positions

NDA = HEAD.replace('side = "customer"', 'side = "mutual"').replace('["services"]', '["nda"]')


def nda(line: str, choice: str, probability: float = 0.9, **more):
    probabilities = {"entailment": 0.05, "contradiction": 0.05, "not_mentioned": 0.05} | {choice: probability}
    position = Position("nda-17", choice, probabilities, ((10, 20),))  # type: ignore[arg-type]
    head = 'id = "p"\ntitle = "No copies"\nlevel = "medium"\nposition = "nda-17"\n'
    return review(head + line, head=NDA, contract_type="nda", positions=(position,), **more)


def test_the_playbook_says_which_answer_is_good():
    want_none = 'good = ["contradiction", "not_mentioned"]\n'
    assert only(nda(want_none, "entailment")).kind == "deviation"
    assert nda(want_none, "contradiction").findings == ()
    want_it = 'good = ["entailment"]\n'
    assert only(nda(want_it, "contradiction")).quotes[0].start == 10


def test_silence_is_missing_only_where_the_playbook_says_so():
    assert nda('good = ["entailment"]\n', "not_mentioned").findings == ()
    finding = only(nda('good = ["entailment"]\nbad = ["not_mentioned"]\n', "not_mentioned"))
    assert finding.kind == "missing" and finding.quotes == () and finding.recall


def test_words_that_forbid_overrule_the_model_and_say_so():
    text = (
        f"{TEXT}\n6. Recipient shall not disclose Information to any third party, including consultants and counsel.\n"
    )
    position = Position("nda-7", "entailment", {"entailment": 0.9}, ((len(TEXT), len(text)),))
    line = 'id = "p"\ntitle = "Advisers may know"\nlevel = "low"\nposition = "nda-7"\ngood = ["entailment"]\n'
    finding = only(review(line, text=text, head=NDA, contract_type="nda", positions=(position,)))
    assert finding.kind == "deviation" and "consultants" in finding.quotes[0].text
    assert "set aside" in finding.overruled[0] and finding.proof.premises[0].overrules == ("classifier",)


def test_an_unlikely_answer_and_no_answer_are_undecided():
    assert statuses(nda('good = ["entailment"]\n', "contradiction", 0.4)) == {"p": "undecided"}
    line = 'id = "p"\ntitle = "P"\nlevel = "low"\nposition = "nda-4"\ngood = ["entailment"]\n'
    assert statuses(review(line, head=NDA)) == {"p": "undecided"}


def test_a_line_for_one_side_does_not_apply_to_the_other():
    line = 'id = "p"\ntitle = "P"\nlevel = "low"\nrequired = "insurance"\nwhen_we_are = ["supplier"]\n'
    assert statuses(review(line, us=CUSTOMER)) == {"p": "not_applicable"}
    assert only(review(line, us=SUPPLIER)).kind == "missing"
    assert review(line, us=CUSTOMER).decided == (0, 0)


# Signatures and references

SIGNATURE_LINE = 'id = "s"\ntitle = "Signatures"\nlevel = "low"\nsignature = "readable"\n'


def test_a_signature_that_cannot_be_read_is_never_called_unsigned():
    doc = document(TEXT)
    block = Signature(**found(doc, "Signed for Supplier"), party=SUPPLIER, signer="", title="", date="", readable=False)
    for signatures in ((block,), ()):
        finding = only(review(SIGNATURE_LINE, doc=doc, facts=facts_of(doc, signatures=signatures)))
        assert finding.kind == "signature" and "No readable signature" in finding.title
        assert "unsigned" not in f"{finding.title} {finding.why}".lower()
    signed = replace(block, readable=True)
    assert review(SIGNATURE_LINE, doc=doc, facts=facts_of(doc, signatures=(signed,))).findings == ()


def test_references_are_findings_only_where_the_playbook_asks():
    doc = document(TEXT)
    place = words(doc, "these terms")
    reference = Reference("Section 99", place.start, place.end, "dangling")
    assert review(LAW_LINE, doc=doc, references=[reference]).findings == ()
    line = 'id = "r"\ntitle = "References"\nlevel = "low"\nreferences = ["dangling"]\n'
    resolved = [replace(reference, status="resolved", clause=0)] * 9
    finding = only(review(line, doc=doc, references=[reference, reference, *resolved]))
    assert finding.kind == "reference" and "Section 99" in finding.title and finding.level == "low"


# Ids, order and budget


def test_ids_stay_when_the_file_is_saved_anew():
    moved = "A new first line.\n\n" + TEXT.replace("preceding three", "preceding  three")
    first = review(CAP_LINE, us=CUSTOMER)
    doc = document(moved)
    cap = Cap(
        **found(doc, "fees paid in the preceding  three months"),
        whose=SUPPLIER,
        amount=None,
        formula="",
        months_of_fees=3.0,
    )
    second = review(CAP_LINE, doc=doc, facts=ContractFacts(parties=two_parties(doc), caps=(cap,)), us=CUSTOMER)
    assert only(first).id == only(second).id


def test_equal_findings_have_ids_of_their_own():
    doc = document("1. Supplier shall not compete.\n\n2. Supplier shall not compete.\n\n" + TEXT)
    line = 'id = "n"\ntitle = "N"\nlevel = "high"\nforbidden = "non_compete"\n'
    one = label(doc, "non_compete", "Supplier shall not compete")
    start = words(doc, "Supplier shall not compete", 1).start
    two = replace(one, start=start, end=start + one.end - one.start)
    ids = [finding.id for finding in review(line, doc=doc, labels=[one, two]).findings]
    assert len(ids) == 2 and len(set(ids)) == 2
    again = [finding.id for finding in review(line, doc=doc, labels=[two, one]).findings]
    assert ids == again


def test_findings_past_the_budget_are_counted_not_shown():
    judgement = review(CAP_LINE, INSURANCE_LINE, NOTICE_LINE, us=CUSTOMER, head=HEAD + "budget = 1\n")
    assert only(judgement).check == "cap" and judgement.withheld == {"medium": 1, "low": 1}
    assert judgement.level == "high" and judgement.score == 3 * 9 + 3 + 1


def test_a_title_says_what_is_wrong_and_not_what_was_wanted():
    titles = {finding.check: finding.title for finding in review(CAP_LINE, INSURANCE_LINE, us=CUSTOMER).findings}
    assert titles["cap"].startswith("Not met: ") and titles["insurance"].startswith("Missing: ")


def test_heavier_lines_come_first():
    light = INSURANCE_LINE.replace('"insurance"\ntitle', '"light"\ntitle')
    heavy = INSURANCE_LINE.replace('"insurance"\ntitle', '"heavy"\ntitle') + "weight = 5\n"
    assert [finding.check for finding in review(light, heavy).findings] == ["heavy", "light"]


def test_a_finding_says_that_its_words_were_inserted():
    start = TEXT.index("three months")
    change = Change("insertion", "J. Roe", "2024-03-01T09:00:00Z", start, start + 12, "three months")
    finding = only(review(CAP_LINE, doc=document(TEXT, changes=[change]), us=CUSTOMER))
    assert finding.changes == (change,) and '"three months" was inserted by J. Roe on 2024-03-01.' in finding.why
    assert only(review(CAP_LINE, us=CUSTOMER)).changes == ()


def test_the_proof_of_a_label_names_the_model_its_probability_and_the_words():
    doc = document("1. Supplier shall not compete.\n\n" + TEXT)
    line = 'id = "n"\ntitle = "N"\nlevel = "high"\nforbidden = "non_compete"\n'
    finding = only(review(line, doc=doc, labels=[label(doc, "non_compete", "Supplier shall not compete", 0.87)]))
    evidence = list(finding.proof.evidence())
    assert ("model", 0.87) in [(entry.kind, entry.probability) for entry in evidence]
    assert "Supplier shall not compete" in [entry.text for entry in evidence if entry.kind == "words"]
    assert set(finding.sources) == {"playbook", "model"}


def test_a_dangling_reference_means_nothing_where_the_numbering_was_not_understood():
    doc = document(TEXT)
    place = words(doc, "these terms")
    reference = Reference("Section 99", place.start, place.end, "dangling")
    line = 'id = "r"\ntitle = "References"\nlevel = "low"\nreferences = ["dangling"]\n'
    judgement = review(line, doc=doc, references=[reference])
    assert judgement.findings == () and statuses(judgement) == {"r": "undecided"}


def test_a_clause_that_gives_the_right_to_the_other_side_only_is_none_of_ours():
    doc = document("1. Supplier may terminate for convenience upon notice.\n\n" + TEXT.split("\n\n", 1)[0])
    line = NOTICE_LINE + 'not_found = "missing"\n'
    labels = [label(doc, "termination_for_convenience", "may terminate for convenience")]
    facts = ContractFacts(parties=two_parties(doc))
    assert only(review(line, doc=doc, labels=labels, facts=facts, us=CUSTOMER)).kind == "missing"
    assert statuses(review(line, doc=doc, labels=labels, facts=facts, us=SUPPLIER)) == {"notice": "undecided"}


def test_the_explanation_names_our_party_and_speaks_plainly():
    why = only(review(NOTICE_LINE, us=CUSTOMER)).why
    assert why == f"{CUSTOMER}'s notice to end the contract without cause: 90 days; the playbook wants at most 60 days."

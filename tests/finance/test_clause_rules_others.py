"""Rules for the lawyers' types, the unfair terms and the NDA positions, each on text written for it."""

from __future__ import annotations

import pytest

from dsapp.finance import clause_rules
from dsapp.finance.categories import LAWYER, POSITIONS, UNFAIR
from dsapp.finance.passages import cut

LAWYERS = {
    "indemnity": (
        "Supplier shall indemnify, defend and hold harmless the Buyer from all claims of third parties.",
        "The bond shall be kept in force until the works have been handed over to the owner.",
    ),
    "confidentiality": (
        "Each party shall keep the other's Confidential Information in strict confidence and shall not disclose it.",
        "The Supplier shall publish the list of its dealers on its website every spring.",
    ),
    "data_protection": (
        "The Processor shall process personal data only on the instructions of the Customer and in line with data protection law.",
        "The licensor warrants that the film violates no right of privacy or publicity of any person.",
    ),
    "force_majeure": (
        "Neither party is liable for delay caused by acts of God or events beyond its reasonable control.",
        "The Supplier controls the temperature of the store and keeps a record of it for a year.",
    ),
    "termination_for_cause": (
        "Either party may terminate this Agreement if the other commits a material breach and fails to cure it within thirty days.",
        "The licence survives the end of the agreement, whatever brought the end about.",
    ),
    "payment": (
        "The Customer shall pay each invoice within thirty (30) days of receipt of the invoice.",
        "The Supplier will take part in two meetings a year at a place that the Customer names.",
    ),
    "late_interest": (
        "Amounts overdue shall bear interest at a rate of one percent (1%) per month until paid.",
        "The voting interest of the partner shall be fifty percent of the outstanding shares.",
    ),
    "disputes": (
        "Any dispute arising from this Agreement shall be finally settled by binding arbitration in Geneva.",
        "The parties shall meet at the fairground in Geneva every second year to look at new machines.",
    ),
    "subcontracting": (
        "Contractor shall not subcontract any part of the services without the prior consent of the Customer.",
        "Owner shall indemnify the Contractor, its subcontractors, employees and agents from negligence of others.",
    ),
    "service_levels": (
        "The Provider shall maintain an uptime of 99.5% in each month; for each shortfall a service credit is due.",
        "The auditor found that 97% of the shares had been voted at the meeting.",
    ),
    "set_off": (
        "The Buyer may set off any amount that the Supplier owes against sums due under this Agreement.",
        "The brochure is made by offset printing on paper of the usual weight.",
    ),
}
TERMS = {
    "unfair_limitation_of_liability": (
        "We will not be liable to you for any loss of data or other damages that arise from your use of the service.",
        "You are responsible for the safety of your password.",
        2,
    ),
    "unfair_unilateral_termination": (
        "We may suspend or terminate your account at any time, for any reason and without notice.",
        "You may terminate your account whenever you like from the page of settings.",
        3,
    ),
    "unfair_unilateral_change": (
        "We reserve the right to change these terms at any time by posting the revised terms on our site.",
        "You may change your account information on the page of settings.",
        2,
    ),
    "unfair_content_removal": (
        "We may remove any content that you post, in our sole discretion and without notice.",
        "You may delete the photos that you no longer want to keep.",
        3,
    ),
    "unfair_contract_by_using": (
        "By using our services you agree to be bound by these terms.",
        "The app uses the camera of your phone to read the code on the ticket.",
        2,
    ),
    "unfair_choice_of_law": (
        "These terms are governed by the laws of the State of California, without regard to its conflict of law rules.",
        "You must comply with all applicable laws and regulations when you post something.",
        2,
    ),
    "unfair_jurisdiction": (
        "You agree to submit to the exclusive jurisdiction of the courts located in Santa Clara County, California.",
        "Some jurisdictions do not allow the exclusion of warranties.",
        3,
    ),
    "unfair_arbitration": (
        "You agree that all disputes between you and us will be resolved by binding arbitration.",
        "We answer letters within two weeks and try to find a solution that suits you.",
        2,
    ),
}
NDA = {
    "nda-1": ("Confidential Information is information that is marked or labelled as confidential by the Discloser.", "entailment"),
    "nda-2": (
        "Confidential Information means any information, including business, financial, marketing and customer information.",
        "contradiction",
    ),
    "nda-3": ("Confidential Information may be disclosed in writing, orally or by inspection.", "entailment"),
    "nda-4": ("The Recipient shall not use the Confidential Information for any purpose other than the Purpose.", "entailment"),
    "nda-5": (
        "The Recipient may disclose the Confidential Information only to its employees who need to know it for the Purpose.",
        "entailment",
    ),
    "nda-7": (
        "The Recipient may disclose the information to its consultants, attorneys and accountants who need to know it.",
        "entailment",
    ),
    "nda-8": (
        "If the Recipient is required by law or court order to disclose, it shall give the Discloser prompt notice beforehand.",
        "entailment",
    ),
    "nda-10": (
        "Without consent neither party shall disclose to any person the fact that discussions are taking place between them.",
        "entailment",
    ),
    "nda-11": ("The Recipient shall not reverse engineer or disassemble any sample that it is given.", "entailment"),
    "nda-12": (
        "This does not include information that the Recipient independently developed without use of the information.",
        "entailment",
    ),
    "nda-13": (
        "This does not include what the Recipient lawfully receives from a third party that is not bound by any duty of confidence.",
        "entailment",
    ),
    "nda-15": ("Nothing in this Agreement shall be construed as granting any license or right to the information.", "entailment"),
    "nda-16": (
        "Upon termination of this Agreement the Recipient shall return or destroy all Confidential Information.",
        "entailment",
    ),
    "nda-17": ("The Recipient may make copies of the information only as reasonably necessary for the Purpose.", "entailment"),
    "nda-18": ("For one year the Recipient shall not solicit or hire any employee of the Discloser.", "entailment"),
    "nda-19": ("The obligations of confidentiality shall survive termination of this Agreement for five years.", "entailment"),
    "nda-20": (
        "Notwithstanding the foregoing, the Recipient may retain one archival copy, and need not destroy automatic back-ups.",
        "entailment",
    ),
}  # fmt: skip
OPPOSITE = {
    "nda-1": (
        "Confidential Information means all information, whether or not marked, that should reasonably be understood to be confidential.",
        "contradiction",
    ),
    "nda-17": ("The Recipient shall not copy or reproduce any of the Confidential Information.", "contradiction"),
    "nda-20": (
        "The Recipient shall return or destroy all documents, and shall not retain any copies of them.",
        "contradiction",
    ),
}


def categories_in(text: str) -> set[str]:
    return {label.category for label in clause_rules.find(text, cut(text))}


@pytest.mark.parametrize("category", [category.key for category in LAWYER])
def test_marks_a_lawyers_type_and_not_its_look_alike(category: str) -> None:
    clause, look_alike = LAWYERS[category]
    assert category in categories_in(clause)
    assert category not in categories_in(look_alike)


def test_lawyers_types_alone_are_the_same_labels() -> None:
    text = "\n\n".join(clause for clause, _ in LAWYERS.values())
    alone = clause_rules.find_lawyer_types(text, cut(text))
    among_all = [label for label in clause_rules.find(text, cut(text)) if label.category in LAWYERS]
    assert list(alone) == among_all


@pytest.mark.parametrize("category", [category.key for category in UNFAIR])
def test_marks_an_unfair_term_with_its_level(category: str) -> None:
    term, fair, level = TERMS[category]
    (label, *_) = [x for x in clause_rules.find(term, cut(term)) if x.category == category]
    assert label.level == level
    assert category not in categories_in(fair)


def test_unfair_scores_are_by_sentence_and_ignore_case() -> None:
    sentences = [TERMS[category.key][0] for category in UNFAIR]
    scores, clearly = clause_rules.unfair_scores(sentences)
    lower, _ = clause_rules.unfair_scores([sentence.lower() for sentence in sentences])
    assert (scores == lower).all() and scores.shape == clearly.shape == (8, 8)
    assert (scores.diagonal() >= clause_rules.unfair_thresholds()).all()


@pytest.mark.parametrize("hypothesis", list(POSITIONS))
def test_answers_an_nda_position_by_its_words(hypothesis: str) -> None:
    sentence, choice = NDA[hypothesis]
    text = "NON-DISCLOSURE AGREEMENT\n\nThe parties wish to talk.\n\n" + sentence
    answer = next(p for p in clause_rules.positions(text, cut(text)) if p.hypothesis == hypothesis)
    assert answer.choice == choice
    assert [text[start:end] for start, end in answer.spans] == [sentence]
    assert sum(answer.probabilities.values()) == pytest.approx(1)


@pytest.mark.parametrize("hypothesis", list(OPPOSITE))
def test_tells_the_opposite_of_a_position(hypothesis: str) -> None:
    sentence, choice = OPPOSITE[hypothesis]
    answer = next(p for p in clause_rules.positions(sentence, cut(sentence)) if p.hypothesis == hypothesis)
    assert answer.choice == choice


def test_a_silent_nda_mentions_no_rare_position() -> None:
    text = "The parties will meet in May."
    answers = {position.hypothesis: position for position in clause_rules.positions(text, cut(text))}
    assert len(answers) == 17
    for hypothesis in ("nda-11", "nda-18", "nda-16", "nda-10"):
        assert answers[hypothesis].choice == "not_mentioned" and answers[hypothesis].spans == ()

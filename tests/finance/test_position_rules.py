"""What the words of an NDA say on a position stands above a model's reading: they turn it, or leave it open, and never by half a sentence."""

from __future__ import annotations

import pytest
from judged import classification, document, playbook, tree

from dsapp.finance.classify import Position
from dsapp.finance.facts.types import ContractFacts
from dsapp.finance.position_rules import POLARITIES, asked_back, stance
from dsapp.finance.risk import judge

CONTRARY = [
    ("nda-1", "Information is protected whether or not it is marked as confidential."),
    ("nda-3", "What is said orally is not Confidential Information under this Agreement."),
    ("nda-3", '"Confidential Information" does not include oral statements of the Discloser.'),
    ("nda-4", "The Recipient may use Confidential Information for any purpose."),
    ("nda-4", "Receiver is free to use the Information in its own business and for other projects."),
    ("nda-4", "There is no restriction on how the Recipient uses Confidential Information."),
    ("nda-4", "The use of Confidential Information is not restricted by this Agreement."),
    ("nda-5", "The Recipient must not disclose Confidential Information to its employees."),
    ("nda-5", "Recipient shall not share the Information with any person, including its own staff."),
    ("nda-5", "The Recipient is prohibited from giving any of it to employees."),
    (
        "nda-7",
        "Recipient shall not disclose it to any third party, including insurers and professional advisers, in any circumstances.",
    ),
    ("nda-7", "Recipient may not reveal the Information to third parties such as consultants or counsel."),
    ("nda-8", "If a court compels disclosure, the Recipient may disclose without telling the Discloser."),
    ("nda-8", "The Recipient need not notify the Discloser before it discloses what the law requires."),
    ("nda-10", "Each party may announce the existence of these talks to the public."),
    ("nda-11", "The Recipient may decompile and reverse engineer any sample."),
    ("nda-12", "Recipient shall not develop similar information independently."),
    ("nda-12", "What the Recipient develops independently shall be deemed Confidential Information."),
    ("nda-13", "Whatever the Recipient receives from a third party is Confidential Information all the same."),
    ("nda-15", "The Recipient receives a license to the patents of the Discloser and to Confidential Information."),
    ("nda-15", "The Discloser hereby grants Recipient a perpetual license to the Information."),
    ("nda-16", "The Recipient need not return or destroy Confidential Information."),
    ("nda-16", "The Recipient may keep all Confidential Information after the end of this Agreement."),
    ("nda-18", "Nothing in this Agreement restricts a party from hiring anyone."),
    ("nda-19", "No obligation under this Agreement survives its expiration."),
    ("nda-19", "All duties of the Recipient cease on the termination of this Agreement."),
]


def read(hypothesis: str, text: str, choice: str = "entailment", probability: float = 0.9):
    answer = Position(hypothesis, choice, {choice: probability}, ((0, len(text)),))  # type: ignore[arg-type]
    return stance(document(text), answer)


@pytest.mark.parametrize(("hypothesis", "text"), CONTRARY)
def test_words_that_say_the_contrary_turn_an_answer(hypothesis: str, text: str) -> None:
    for choice in ("entailment", "not_mentioned"):
        found = read(hypothesis, f"The parties wish to talk. {text}", choice)
        assert found is not None and found.choice == "contradiction"
        assert found.words[0].text == text
    assert read(hypothesis, text, "contradiction") is None


@pytest.mark.parametrize(
    ("hypothesis", "text"),
    [
        ("nda-1", "Only what is marked as confidential is protected."),
        ("nda-3", "Confidential Information may be given in writing or orally."),
        ("nda-3", "It means what is written or oral, whether or not it is marked as confidential."),
        ("nda-3", "What is said orally is not confidential unless it is confirmed in writing within ten days."),
        ("nda-4", "The Recipient shall use Confidential Information solely for the Purpose."),
        ("nda-4", "Neither party may use Confidential Information for any purpose other than the talks."),
        (
            "nda-4",
            "The Recipient shall use the Information for the Purpose and may use what is public for any purpose.",
        ),
        ("nda-5", "Recipient shall not disclose the Information except to employees who need to know it."),
        ("nda-5", "The Recipient may share it with its employees."),
        ("nda-7", "Recipient shall not disclose the Information to any person other than its consultants."),
        ("nda-7", "Recipient shall not disclose the Information to consultants without Discloser's consent."),
        ("nda-8", "If the law compels disclosure, the Recipient shall notify the Discloser before it discloses."),
        ("nda-12", "Nothing prevents Recipient from creating information independently."),
        ("nda-12", "This does not apply to information that Recipient develops independently."),
        ("nda-13", "Confidential Information does not include what is lawfully received from a third party."),
        ("nda-15", "Nothing in this Agreement grants a license or any other right to Confidential Information."),
        ("nda-16", "On the end of the talks the Recipient shall return or destroy all Confidential Information."),
        (
            "nda-16",
            "At the end the Recipient shall return all Information. It need not destroy copies that its backup keeps.",
        ),
        ("nda-18", "For one year neither party shall solicit the employees of the other."),
        ("nda-19", "The duties of confidentiality survive the end of this Agreement for three (3) years."),
        ("nda-20", "The Recipient may keep one copy."),
    ],
)
def test_words_that_say_so_leave_the_answer(hypothesis: str, text: str) -> None:
    assert read(hypothesis, text) is None


@pytest.mark.parametrize(
    ("hypothesis", "text", "why"),
    [
        # the clause itself is gone, and others lend it their words
        ("nda-4", "The Recipient may tell employees who need to know it for the Purpose.", "do not speak of it"),
        (
            "nda-4",
            "Confidential Information does not include what the Recipient develops without use of it.",
            "do not speak of it",
        ),
        ("nda-19", "Each party bears its own costs.", "do not speak of it"),
        ("nda-8", "The Recipient may notify the Discloser if the law compels disclosure.", "mere permission"),
        (
            "nda-4",
            "Recipient shall use the Information only for the Purpose. Recipient may use the Information in its own business.",
            "both ways",
        ),
    ],
)
def test_an_answer_that_the_words_do_not_carry_is_left_open(hypothesis: str, text: str, why: str) -> None:
    found = read(hypothesis, text)
    assert found is not None and found.choice is None
    assert why in found.why


def test_technical_information_only_is_read_as_such() -> None:
    text = '"Confidential Information" means technical information only.'
    for choice in ("contradiction", "not_mentioned"):
        found = read("nda-2", text, choice)
        assert found is not None and found.choice == "entailment"
    assert (
        read("nda-2", '"Confidential Information" means all business and technical information.', "contradiction")
        is None
    )


def test_a_piece_of_a_sentence_overrules_nothing() -> None:
    text = "nothing in this Agreement says that\n\nthe Recipient may use the Information for any purpose"
    found = read("nda-4", text)
    assert found is None or found.choice is None


def test_what_must_be_given_back_on_request_is_asked_back() -> None:
    text = "On the Discloser's written request the Recipient shall return or destroy all Confidential Information within 30 days."
    assert asked_back(document(text)) is not None
    assert asked_back(document("On request the Recipient need not return the Information.")) is None
    assert asked_back(document("The Recipient shall keep the Information secret.")) is None


def decided(line: str, hypothesis: str, text: str, choice: str):
    doc = document(text)
    answer = Position(hypothesis, choice, {choice: 0.9}, ((0, len(text)),) if choice != "not_mentioned" else ())  # type: ignore[arg-type]
    classes = classification(contract_type="nda", positions=(answer,))
    return judge(doc, tree(doc), classes, ContractFacts(), playbook=playbook(line))


PURPOSE = (
    'id = "purpose"\ntitle = "Used for the purpose only"\nlevel = "high"\nposition = "nda-4"\ngood = ["entailment"]\n'
)
RETURN = 'id = "back"\ntitle = "Given back"\nlevel = "high"\nposition = "nda-16"\ngood = ["entailment"]\nbad = ["contradiction", "not_mentioned"]\n'


def test_a_line_on_a_position_fails_on_the_opposite_with_a_proof_that_overrules_the_classifier() -> None:
    text = "The Recipient may use Confidential Information for any purpose."
    result = decided(PURPOSE, "nda-4", text, "entailment")
    (finding,) = result.findings
    assert finding.level == "high" and finding.quotes[0].text == text
    assert "entailment (0.90)" in finding.overruled[0]
    assert any(proof.overrules == ("classifier",) for proof in finding.proof.premises)


def test_a_line_on_a_position_is_undecided_where_the_words_do_not_carry_the_answer() -> None:
    result = decided(
        PURPOSE, "nda-4", "The Recipient may tell those who need to know it for the Purpose.", "entailment"
    )
    assert not result.findings
    assert result.checks[0].status == "undecided" and "do not speak of it" in result.checks[0].note


def test_return_on_request_meets_the_line_on_return_at_the_end() -> None:
    text = "On request the Recipient shall return or destroy all Confidential Information."
    assert decided(RETURN, "nda-16", text, "not_mentioned").checks[0].status == "passed"
    assert (
        decided(RETURN, "nda-16", "Each party keeps the Information secret.", "not_mentioned").checks[0].status
        == "failed"
    )


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("The duties of secrecy under this Agreement last for ever.", "undecided"),
        ("The obligations of the Recipient continue indefinitely.", "undecided"),
        ("The obligations end in time; for a trade secret they last for ever.", "passed"),
        ("The Recipient shall keep the Information secret.", "passed"),
    ],
)
def test_secrecy_for_ever_does_not_pass_a_limit_in_years(text: str, status: str) -> None:
    line = 'id = "y"\ntitle = "Y"\nlevel = "low"\nfact = "period.confidentiality.any.days"\nop = "<="\nvalue = 1830\nnot_found = "pass"\n'
    assert decided(line, "nda-17", text, "not_mentioned").checks[0].status == status


def test_every_position_with_polarity_is_tested() -> None:
    assert {hypothesis for hypothesis, _ in CONTRARY} == set(POLARITIES) - {"nda-2"}

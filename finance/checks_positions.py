"""Lines of a playbook on the positions of an NDA: what the contract says on each, and whether that is good for our side.

A contradiction of a position is not bad by itself and silence is not a gap: the playbook names the answers that are good. The classifier's answer is set
right by the words (``finance/position_rules.py``), and an answer that they leave open decides nothing.
"""

from __future__ import annotations

from ..core.rules import Evidence, Fact, Proof
from .categories import POSITIONS
from .checks import MIN_CONFIDENCE, Case, Draft, Outcome, absence_unsure, proof_of, recall_sentence
from .classify import Choice, Position
from .playbook import Line
from .position_rules import Stance, asked_back, stance
from .sides import View

RETURN = "nda-16"
SAYS: dict[Choice, str] = {
    "entailment": "says so",
    "contradiction": "says the contrary",
    "not_mentioned": "does not mention it",
}


def position(line: Line, case: Case, view: View) -> Outcome:
    """An NDA position: the playbook says which answers are good for our side; silence is bad only if it says so."""
    answer = next((p for p in case.classification.positions if p.hypothesis == line.position), None)
    if answer is None:
        return Outcome("undecided", "the positions of this contract were not worked out")
    words = stance(case.document, answer)
    probability = answer.probabilities.get(answer.choice, 0.0)
    said = f"{_name(answer.choice)} ({probability:.2f})"
    if words is not None and words.choice is None:
        return Outcome("undecided", f"read as {said}, but {words.why.rstrip('.')}", words.words)
    if words is not None and words.choice is not None:
        return _by_words(line, case, answer, words, words.choice)
    quotes = tuple(case.document.words(start, end) for start, end in answer.spans[:3])
    on_request = answer.choice == "not_mentioned" and line.position == RETURN and "entailment" in line.good
    if on_request and (asked := asked_back(case.document)) is not None:
        return Outcome("passed", "returned or destroyed whenever the discloser asks", (asked,))
    if probability < MIN_CONFIDENCE:
        return Outcome("undecided", f"no answer is likely enough: {said}", quotes)
    if answer.choice in line.good:
        return Outcome("passed", said, quotes)
    silent = answer.choice == "not_mentioned"
    if answer.choice not in line.bad_answers:
        return Outcome("passed", f"{said}: the playbook minds neither way", quotes)
    if silent and (unsure := absence_unsure(case)):
        return Outcome("undecided", unsure)
    statement = POSITIONS[answer.hypothesis]
    why = f'"{statement}": the contract {SAYS[answer.choice]}, which is not good for the side this playbook acts for.'
    evidence = (
        Evidence("model", f"{statement}: {said}", probability=probability),
        *(Evidence("words", words.text, words.start, words.end) for words in quotes),
    )
    fact = Fact(f"position.{answer.hypothesis}", answer.choice, "", probability, evidence, about=answer)
    draft = Draft(
        "missing" if silent else "deviation",
        why,
        proof_of(line, case, why, [fact]),
        ("playbook", case.classification.source or "model"),
        () if silent else quotes,
        probability=probability,
        recall=recall_sentence(answer.hypothesis, case.recall) if silent else "",
    )
    return Outcome("failed", quotes=draft.quotes, drafts=(draft,))


def _by_words(line: Line, case: Case, answer: Position, words: Stance, choice: Choice) -> Outcome:
    """A position on which the words overrule the classifier."""
    statement = POSITIONS[answer.hypothesis]
    probability = answer.probabilities.get(answer.choice, 0.0)
    read = f'The classifier read "{statement}" as {_name(answer.choice)} ({probability:.2f})'
    sentence = f"{read}; set aside: {words.why}"
    if choice in line.good or choice not in line.bad_answers:
        return Outcome("passed", sentence, words.words)
    why = f'"{statement}": the contract {SAYS[choice]}, which is not good for the side this playbook acts for.'
    evidence = tuple(Evidence("words", quote.text, quote.start, quote.end) for quote in words.words)
    fact = Fact(f"position.{answer.hypothesis}", choice, "", 1.0, evidence, about=answer)
    aside = Proof("words-of-position", sentence, (fact,), overrules=("classifier",))
    draft = Draft(
        "deviation",
        why,
        proof_of(line, case, why, [fact], [aside]),
        ("playbook", "rules"),
        words.words,
        overruled=(sentence,),
    )
    return Outcome("failed", sentence, words.words, (draft,))


def _name(choice: Choice) -> str:
    return choice.replace("_", " ")

"""Lines of a playbook that require a clause: whether one is there, binds the side it should, and does not deny what is wanted.

A clause of the right kind may bind the wrong party, or say that nobody owes what the line asks for; neither passes, and where whom it binds was not
read the line is undecided.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from ..core.rules import Proof
from .checks import MAX_DRAFTS, Case, Draft, Outcome, absence_unsure, missing, proof_of, title_of
from .clause_words import MAX_CLAUSE_CHARS, whole_clause
from .document import Words
from .duties import bound, refused
from .headed import clause_headed, heading_words, mentioned
from .phrases import listed
from .playbook import Line
from .sides import BOTH, View, bound_to_ask
from .standing import Reading
from .wording import sentence_around

FREES = "free-to-assign"
_DENIAL_IS_THE_TERM = frozenset(
    {"force_majeure", "governing_law", "anti_assignment", "late_interest", "termination_for_cause", "payment"}
)
"""Categories whose usual words are negative: "neither party is liable for", "shall not be entitled to terminate unless"."""

Bound = Literal["wanted", "other", "unsaid", "refused"]


def required(line: Line, case: Case, view: View) -> Outcome:
    """A clause of some categories, for a side where the line says so."""
    categories = line.required or []
    readings = case.standing.of(categories)
    if readings:
        return _of_found(line, case, view, readings)
    if freed := [label for label in case.standing.set_aside(categories) if label.proof.rule == FREES]:
        words = tuple(label.words for label in freed[:MAX_DRAFTS])
        asides = [label.proof for label in freed[:MAX_DRAFTS]]
        return _contrary(line, case, asides, words, "they let a party do it without consent.", (freed[0].sentence,))
    unsure = absence_unsure(case, categories)
    if unsure:
        return Outcome("undecided", unsure)
    if (headed := clause_headed(case.tree, categories)) is not None:
        note = f'a clause is headed "{headed.heading[:80]}", but its words were not read as {title_of(categories[0])}'
        return Outcome("undecided", note, (heading_words(case.document, headed),))
    if (words_of := mentioned(case.document, categories)) is not None:
        note = f'the contract speaks of "{words_of.text[:80]}", but no words were read as {title_of(categories[0])}'
        return Outcome("undecided", note, (words_of,))
    looked_for = " or ".join(title_of(key) for key in categories)
    return Outcome("failed", drafts=(missing(line, case, categories, looked_for),))


def _of_found(line: Line, case: Case, view: View, readings: Sequence[Reading]) -> Outcome:
    quotes = tuple(reading.words for reading in readings[:MAX_DRAFTS])
    how = [(reading, *_bound(line, case, view, reading)) for reading in readings]
    if any(kind == "wanted" for _, kind, _ in how):
        by_fact = all(reading.probability is None for reading in readings)
        wanted_first = sorted(how, key=lambda entry: entry[1] != "wanted")
        note = readings[0].proof.sentence if by_fact else ""
        return Outcome("passed", note, tuple(reading.words for reading, _, _ in wanted_first[:MAX_DRAFTS]))
    title = title_of(readings[0].category)
    if all(kind == "refused" for _, kind, _ in how):
        proofs = [reading.proof for reading in readings[:MAX_DRAFTS]]
        return _contrary(line, case, proofs, quotes, "they deny it.")
    if view.us is None or any(kind == "unsaid" for _, kind, _ in how):
        unsaid = tuple(reading.words for reading, kind, _ in how if kind == "unsaid")[:3]
        return Outcome(
            "undecided", f"{title} was found, but whom it binds was not read from its words", unsaid or quotes
        )
    whom = listed(sorted({name for _, _, names in how for name in names}))
    why = f"{title} was found, but it binds {whom} alone."
    proof = proof_of(line, case, why, premises=[reading.proof for reading in readings[:MAX_DRAFTS]])
    head = f"Not met: {line.title} (here it binds {whom} alone)"
    return Outcome("failed", why, quotes, (Draft("deviation", why, proof, ("playbook", "rules"), quotes, head),))


def _contrary(
    line: Line,
    case: Case,
    premises: Sequence[Proof],
    quotes: tuple[Words, ...],
    reason: str,
    overruled: tuple[str, ...] = (),
) -> Outcome:
    why = f"The words that speak of it say the contrary: {reason}"
    proof = proof_of(line, case, why, premises=premises)
    draft = Draft("deviation", why, proof, ("playbook", "rules"), quotes, overruled=overruled)
    return Outcome("failed", why, quotes, (draft,))


def _bound(line: Line, case: Case, view: View, reading: Reading) -> tuple[Bound, frozenset[str]]:
    """Whether a reading binds the side that the line asks for, and whom it binds."""
    text = case.document.text
    sentence = text[slice(*sentence_around(text, reading.words.start, reading.words.end))]
    parties = case.facts.parties
    guarded = reading.category not in _DENIAL_IS_THE_TERM and refused(sentence)
    if line.duty_of == "any":
        return ("refused" if guarded and not bound(sentence, parties) else "wanted"), frozenset()
    if view.us is None:
        return ("refused" if guarded else "unsaid"), frozenset()
    if reading.category == "anti_assignment":
        names = frozenset({bound_to_ask(whole_clause(case, reading), parties)} - {""})
        return ("wanted" if _serves(line, view, names) else "other" if names else "unsaid"), names
    names = bound(sentence, parties)
    if _serves(line, view, names):
        return "wanted", names
    if guarded and not names:
        return "refused", names
    by_clause = _serves(line, view, bound(_clause_and_head(case, reading), parties))
    if not names:  # an item of a list, or a sentence without a subject, is about whom its clause is about
        return ("wanted" if by_clause else "unsaid"), names
    return ("unsaid" if by_clause else "other"), names


def _clause_and_head(case: Case, reading: Reading) -> str:
    """The words of a reading's clause, and those of the clause above that it is an item of."""
    if reading.clause is None:
        return whole_clause(case, reading)
    clause = case.tree.clauses[reading.clause]
    above = case.tree.clauses[clause.parent] if clause.parent is not None else clause
    head = case.document.text[above.start : min(clause.start, above.start + MAX_CLAUSE_CHARS)]
    return f"{head} {whole_clause(case, reading)}"


def _serves(line: Line, view: View, names: frozenset[str]) -> bool:
    if line.duty_of == "ours":
        return BOTH in names or view.name in names
    return bool(names - {view.name})

"""Lines of a playbook on rights or duties that only one party has.

Who holds a right is read from the facts, or where a label alone shows the clause, from its words.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..core.rules import Fact, Proof
from .categories import CATEGORIES
from .checks import (
    MAX_DRAFTS,
    Case,
    Draft,
    Outcome,
    absence_unsure,
    proof_of,
    title_of,
)
from .checks_liability import says_no_more, unexplained, unread_limit
from .clause_words import clause_words, whole_clause
from .contradictions_liability import general_caps
from .document import Words
from .facts.types import Found
from .playbook import Line
from .sides import BOTH, View, bound_by, subject_of
from .vocabulary import RIGHTS, evidence_of

RIGHT_CATEGORIES: Mapping[str, str] = {
    "terminate_for_convenience": "termination_for_convenience",
    "terminate_for_cause": "termination_for_cause",
    "non_compete": "non_compete",
    "audit_notice": "audit_rights",
}
"""Rights that are also a category of clause: a clause without a period gives the right too."""

DUTIES = frozenset(
    {
        "indemnity",
        "non_compete",
        "no_solicit_of_customers",
        "no_solicit_of_employees",
        "non_solicit",
        "exclusivity",
        "uncapped",
        "uncapped_liability",
        "insurance",
        "confidentiality",
        "data_protection",
        "non_disparagement",
        "minimum_commitment",
        "most_favored_nation",
        "covenant_not_to_sue",
        "breach_notice",
        "retention",
        "post_termination",
        "post_termination_services",
        "price_restrictions",
        "revenue_profit_sharing",
        "anti_assignment",
    }
)
"""Subjects that burden who is named in them; all others are rights of who is named."""


SUBJECT_WORDS: Mapping[str, str] = {
    "cap": "a limit of liability",
    "exclusion": "an exclusion of losses",
    "uncapped": "liability without limit",
    "terminate_for_convenience": "the right to end the contract without cause",
    "terminate_for_cause": "the right to end the contract for cause",
}


def _holders(subject: str, case: Case) -> list[tuple[str, Words, Proof]]:
    """Who holds a right or bears a duty, with the words and the proof. Liability that is limited for nobody by name is limited for all."""
    facts = case.facts
    typed: list[tuple[str, Found]] = [(p.holder, p) for p in facts.periods if p.right == subject]
    if subject == "cap":
        typed = [(cap.whose or BOTH, cap) for cap in general_caps(facts.caps)]
    elif subject == "exclusion":
        typed = [(exclusion.whose or BOTH, exclusion) for exclusion in facts.exclusions]
    elif subject == "uncapped":
        typed = [(uncapped.whose or BOTH, uncapped) for uncapped in facts.uncapped]
    held: list[tuple[str, Words, Proof]] = []
    for who, found in typed:
        fact = Fact(f"{subject}.holder", who, "", found.confidence, evidence_of(found), about=found)
        held.append(
            (who, found.words, Proof(f"fact-{subject}", f"These words speak of {who or 'nobody by name'}.", (fact,)))
        )
    category = RIGHT_CATEGORIES.get(subject, subject if subject in CATEGORIES else "")
    for reading in case.standing.of([category]) if category else ():
        if all(words.end <= reading.words.start or words.start >= reading.words.end for _, words, _ in held):
            words = whole_clause(case, reading) if category == "anti_assignment" else clause_words(case, reading)
            who = bound_by(category, words, facts.parties) if category in DUTIES else subject_of(words, facts.parties)
            held.append((who, reading.words, reading.proof))
    return held


def _limit_of_ours(case: Case, view: View) -> tuple[Words, ...]:
    """Words that set a limit in amount from which none was read, and which may be ours: they are not another party's by name."""
    found = [
        reading.words
        for reading in unexplained(case)
        if says_no_more(reading.words.text)
        and subject_of(clause_words(case, reading), case.facts.parties) in ("", BOTH, view.name)
    ]
    return tuple(found[:3])


def one_sided(line: Line, case: Case, view: View) -> Outcome:
    """A right that only the others hold, or a duty that only we bear."""
    subject = line.one_sided or ""
    if view.us is None:
        return Outcome("undecided", "the parties are not known")
    held = _holders(subject, case)
    if not held:
        if subject == "cap" and (unread := unread_limit(case, view, "any")) is not None:
            return Outcome("undecided", *unread)
        unsure = absence_unsure(case)
        return Outcome("undecided", unsure) if unsure else Outcome("passed", "neither side: not found")
    quotes = tuple(words for _, words, _ in held)[:MAX_DRAFTS]
    known = [holder for holder, _, _ in held if holder]
    ours = any(holder in (view.name, "either", BOTH) for holder in known)
    theirs = any(holder != view.name for holder in known)
    duty = subject in DUTIES
    if not known:
        return Outcome("undecided", "whose it is was not read from the words", quotes)
    if (ours and theirs) or ours != duty:
        return Outcome("passed", "both sides" if ours and theirs else "not to our side's burden", quotes)
    if len(known) < len(held):
        return Outcome("undecided", "whose one of the clauses is was not read from the words", quotes)
    if subject == "cap" and (words := _limit_of_ours(case, view)):
        return Outcome("undecided", "another clause limits liability, and whose was not read from its words", words)
    who = ", ".join(dict.fromkeys(known))
    what = SUBJECT_WORDS.get(subject) or RIGHTS.get(subject) or title_of(subject)
    if duty:
        why = f"{what[0].upper()}{what[1:]}: only {who} is bound."
    else:
        lacks = "have" if view.name in ("you", "we") else "has"
        why = f"{what[0].upper()}{what[1:]}: only {who} has it, {view.name} {lacks} not."
    title = f"{line.title}: a {'duty' if duty else 'right'} of {who} alone"
    if subject == "anti_assignment":
        why = f"Only {who} must ask before assigning the contract; nothing was found that keeps the other side from it."
        title = f"{line.title}: only {who} must ask"
    proof = proof_of(line, case, why, premises=[proof for _, _, proof in held])
    draft = Draft("one_sided", why, proof, ("playbook", "rules"), quotes, title)
    return Outcome("failed", quotes=quotes, drafts=(draft,))

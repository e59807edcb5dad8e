"""Lines of a playbook that look at the whole contract: unfair terms, signatures, references, what was left open.

Opinions on EU consumer terms raise a risk only where a party is a consumer; elsewhere such a term is one-sided for somebody, and named
so. A signature that cannot be read is "no readable signature": whether somebody signed is not ours to say.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from ..core.rules import Evidence, Fact, Proof
from .checks import MAX_DRAFTS, Case, Draft, Outcome, absence_unsure, proof_of, title_of, unread_pages
from .clause_words import whole_clause
from .document import Words
from .facts.types import Found
from .findings import Level
from .phrases import listed, shortened, target_name
from .playbook import Line
from .references import numbering_note
from .sides import BOTH, View, subject_of
from .standing import Reading
from .unfair_words import SAYS, by_business_words, foremost
from .vocabulary import evidence_of

_LEVEL_OF_OPINION: dict[int, Level] = {2: "medium", 3: "high"}


def unfair(line: Line, case: Case, view: View) -> Outcome:
    """Unfair terms: a risk where a party is a consumer, else one-sided for the party that has to bear them."""
    readings = case.standing.of(line.unfair or [])
    consumers = [party.name for party in case.facts.parties if party.consumer]
    # a company that signs a consumer's terms is no consumer, whatever the playbook was written for
    ours_is_consumer = case.playbook.consumer and view.us is not None and view.side != "supplier" and not view.us.entity
    if ours_is_consumer and view.name not in consumers:
        consumers.append(view.name)
    by_words: dict[tuple[int, int], list[Reading]] = {}
    for reading in readings[: MAX_DRAFTS * 5]:
        by_words.setdefault((reading.words.start, reading.words.end), []).append(reading)
    drafts: list[Draft] = []
    for together in by_words.values():
        told = foremost(together)
        draft = _to_consumers(line, case, told, consumers) if consumers else _between_businesses(line, case, told)
        if draft is not None and (view.us is None or view.name in draft.burdens):
            drafts.append(draft)
    quotes = tuple(reading.words for reading in readings[:MAX_DRAFTS])
    if drafts:
        return Outcome("failed", quotes=quotes, drafts=tuple(drafts[:MAX_DRAFTS]))
    if readings:
        return Outcome("passed", "found, but not to our side's burden", quotes)
    unsure = absence_unsure(case)
    return Outcome("undecided", unsure) if unsure else Outcome("passed", "not found")


def _to_consumers(line: Line, case: Case, readings: list[Reading], consumers: list[str]) -> Draft:
    """One finding for one sentence, whatever number of kinds of unfair terms it is."""
    worst = max(readings, key=lambda reading: (reading.level or 2, reading.probability or 0.0))
    titles = ", ".join(dict.fromkeys(title_of(reading.category) for reading in readings))
    how = "clearly" if worst.level == 3 else "potentially"
    why = f"{titles}: {how} unfair to a consumer in the opinion that the classifier learned (EU consumer law)."
    level = _LEVEL_OF_OPINION.get(worst.level or 2, "medium")
    return _unfair_draft(
        line, case, readings, why, f"Unfair to a consumer: {titles}", level, tuple(consumers), consumers
    )


def _between_businesses(line: Line, case: Case, readings: list[Reading]) -> Draft | None:
    """One-sided for somebody, where the words themselves give one party the power. What binds both, or whose holder is not said, is not."""
    said = [reading for reading in readings if by_business_words(reading.category, reading.words.text)]
    if not said:
        return None
    subject = subject_of(said[0].words.text, case.facts.parties)
    alike = _has_alike(case, said[0])
    burdened = tuple(
        party.name
        for party in case.facts.parties
        if party.name != subject and party.name not in alike and not alike & {BOTH, "either"}
    )
    if subject in ("", BOTH) or not burdened:
        return None
    titles = ", ".join(dict.fromkeys(title_of(reading.category) for reading in said))
    lets = " and ".join(dict.fromkeys(SAYS[reading.category] for reading in said))
    why = f"These words let {subject} {lets}, and give {listed(burdened)} nothing like it. No party is a consumer, so opinions on consumer terms do not apply."
    head = f"One-sided for {listed(burdened)}: {titles}"
    return _unfair_draft(line, case, said, why, head, "low", burdened, [])


_SENTENCE = re.compile(r"(?<=[.;])\s+")


def _has_alike(case: Case, reading: Reading) -> frozenset[str]:
    """Who has what one party is given here: by a sentence of the same clause that says the same of it, or by the facts."""
    category, facts = reading.category, case.facts
    having = {
        subject_of(sentence, facts.parties)
        for sentence in _SENTENCE.split(whole_clause(case, reading))
        if by_business_words(category, sentence)
    }
    if category == "unfair_unilateral_termination":
        having |= {period.holder for period in facts.periods if period.right == "terminate_for_convenience"}
    if category == "unfair_limitation_of_liability":
        for kind in (facts.caps, facts.exclusions):  # a limit is answered by a limit, an exclusion by an exclusion
            if any(f.words.start < reading.words.end and reading.words.start < f.words.end for f in kind):
                having |= {fact.whose for fact in kind}
    return frozenset(having - {""})


def _unfair_draft(
    line: Line,
    case: Case,
    readings: list[Reading],
    why: str,
    head: str,
    level: Level,
    burdened: tuple[str, ...],
    consumers: list[str],
) -> Draft:
    proof = proof_of(line, case, why, [_parties(case, consumers)], [reading.proof for reading in readings])
    return Draft(
        "one_sided",
        why,
        proof,
        ("playbook", *dict.fromkeys(reading.source for reading in readings)),
        (readings[0].words,),
        head,
        level,
        max((reading.probability for reading in readings if reading.probability is not None), default=None),
        burdens=burdened,
    )


def _parties(case: Case, consumers: list[str]) -> Fact:
    evidence = tuple(e for party in case.facts.parties if party.name in consumers for e in evidence_of(party))
    if consumers and not evidence:
        evidence = (Evidence("given", "the playbook says that our side is a consumer"),)
    return Fact("party.consumer", bool(consumers), "", 1.0, evidence)


def signature(line: Line, case: Case, view: View) -> Outcome:
    """Each party has a signature block with a readable signature."""
    blocks = case.facts.signatures
    pages = unread_pages(case.document)
    if not blocks:
        if pages:
            return Outcome("undecided", f"no signature block in what was read; {pages} could not be read")
        why = "No signature block with a readable signature was found; that says nothing on whether it was signed."
        fact = Fact("signature.any.readable", None, "", 0.5, (Evidence("measurement", "no signature block was found"),))
        proof = proof_of(line, case, why, [fact])
        return Outcome("failed", drafts=(Draft("signature", why, proof, ("rules",), title="No readable signature"),))
    unreadable = [
        block
        for block in blocks
        if not block.readable and not any(other.readable and other.party == block.party for other in blocks)
    ]
    quotes = tuple(block.words for block in blocks[:MAX_DRAFTS])
    if not unreadable:
        return Outcome("passed", quotes=quotes)
    if pages:
        return Outcome("undecided", f"no readable signature in what was read; {pages} could not be read", quotes)
    names = list(dict.fromkeys(name for block in unreadable for name in _signing(block.party, case)))
    unnamed = sum(not block.party for block in unreadable)
    if unnamed:
        names.append("one party" if unnamed == 1 else f"{unnamed} blocks that name no party")
    facts = [
        Fact("signature.readable", None, "", block.confidence, evidence_of(block), about=block) for block in unreadable
    ]
    title = f"No readable signature for {listed(names)}"
    why = f"{title} in this file; that says nothing on whether it was signed."
    own = tuple(block.words for block in unreadable[:MAX_DRAFTS])
    proof = proof_of(line, case, why, facts[:MAX_DRAFTS])
    return Outcome("failed", quotes=own, drafts=(Draft("signature", why, proof, ("rules",), own, title),))


def _signing(block: str, case: Case) -> list[str]:
    """Whose block it is: two parties where columns side by side were read as one line."""
    words = f" {block.casefold()} "
    held = [
        party.name
        for party in case.facts.parties
        if any(f" {name.casefold()} " in words for name in (party.name, *party.aliases) if len(name) > 2)
    ]
    return held if len(held) > 1 else [block] if block else []


_REFERENCES = {
    "dangling": (
        "Points nowhere: {}",
        "The contract points to {}, which this file should hold and does not.",
    ),
    "not_supplied": (
        "Not supplied: {}",
        "The contract makes {} part of it; nothing of that was supplied, so it was not read.",
    ),
}


def references(line: Line, case: Case, view: View) -> Outcome:
    """Cross-references that point nowhere (where the file's numbering was understood), and incorporated documents that are not here."""
    not_understood = numbering_note(case.tree)
    by_status: dict[str, dict[str, Words]] = {}
    for reference in case.tree.references:
        if reference.status not in (line.references or ()):
            continue
        if reference.status == "not_supplied" and not reference.incorporated:
            continue
        if reference.status == "dangling" and not_understood and reference.part is None:
            continue
        targets = by_status.setdefault(reference.status, {})
        target = target_name(reference.target)
        if target.casefold() not in {known.casefold() for known in targets}:
            targets[target] = case.document.words(reference.start, reference.end)
    if not by_status:
        return Outcome("undecided", not_understood) if not_understood else Outcome("passed")
    drafts = tuple(_pointing(line, case, status, targets) for status, targets in by_status.items())
    return Outcome("failed", quotes=tuple(q for draft in drafts for q in draft.quotes), drafts=drafts)


def _pointing(line: Line, case: Case, status: str, targets: Mapping[str, Words]) -> Draft:
    """One finding for all that is not there in one way: a lawyer asks for it in one letter."""
    title, why = _REFERENCES[status]
    facts = tuple(
        Fact("reference", status, "", 1.0, (Evidence("words", words.text, words.start, words.end),))
        for words in targets.values()
    )
    names = listed(list(targets), most=8)
    proof = Proof(f"{case.playbook.name}/{line.id}", why.format(names), facts[:MAX_DRAFTS])
    quotes = tuple(targets.values())[:MAX_DRAFTS]
    return Draft("reference", why.format(names), proof, ("rules",), quotes, title.format(names))


MAX_GAPS = 6
"""Gaps shown one by one; the facts list them all."""
_GAPS = {
    "blank": ("Left blank: {}", "Nobody filled in {}."),
    "redacted": ("Taken out: {}", "Words were taken out of this copy: {}. What they say was not read."),
}


def gaps(line: Line, case: Case, view: View) -> Outcome:
    """Blanks that nobody filled in and words that somebody took out, dates among them: one finding for each kind."""
    open_facts: dict[str, list[tuple[str, Found]]] = {}
    for date in case.facts.dates:
        if date.status in ("blank", "redacted") and not date.arithmetic:
            open_facts.setdefault(date.status, []).append((_DATES[date.kind], date))
    for gap in case.facts.gaps:
        open_facts.setdefault(gap.status, []).append((f'"{shortened(gap.around)}"', gap))
    drafts: list[Draft] = []
    for status in line.gaps or ():
        found = open_facts.get(status, [])
        places = {(fact.words.start, fact.words.end): name for name, fact in reversed(found)}
        if not places:
            continue
        told = list(dict.fromkeys(reversed(places.values())))
        dates = [name for name in told if name in _DATES.values()]
        others = sum(name not in dates for name in places.values())
        inside = [*dates, *([f"{others} place{'' if others == 1 else 's'} in the text"] if others else [])]
        title = _GAPS[status][0].format(listed(inside))
        why = _GAPS[status][1].format(listed(told, most=4))
        facts = [Fact(f"gap.{status}", None, "", fact.confidence, evidence_of(fact), about=fact) for _, fact in found]
        quotes = tuple(dict.fromkeys(fact.words for _, fact in found))[:MAX_GAPS]
        proof = proof_of(line, case, why, facts[:MAX_GAPS])
        drafts.append(Draft("gap", why, proof, ("rules",), quotes, title))
    if not drafts:
        return Outcome("passed", "nothing was left open")
    return Outcome("failed", quotes=tuple(q for draft in drafts for q in draft.quotes), drafts=tuple(drafts))


_DATES = {
    "agreement": "the date of the agreement",
    "effective": "the effective date",
    "expiration": "the end date",
}

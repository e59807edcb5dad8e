"""Lines of a playbook that look at the whole contract: unfair terms, signatures, references.

Opinions on EU consumer terms raise a risk only where a party is a consumer; elsewhere such a term is one-sided for somebody, and named
so. A signature that cannot be read is "no readable signature": whether somebody signed is not ours to say.
"""

from __future__ import annotations

from ..core.rules import Evidence, Fact, Proof
from .checks import MAX_DRAFTS, Case, Draft, Outcome, absence_unsure, proof_of, title_of, unread_pages
from .document import Words
from .findings import Level
from .playbook import Line
from .references import numbering_note
from .sides import BOTH, View, subject_of
from .standing import Reading
from .vocabulary import evidence_of

_LEVEL_OF_OPINION: dict[int, Level] = {2: "medium", 3: "high"}


def unfair(line: Line, case: Case, view: View) -> Outcome:
    """Unfair terms: a risk where a party is a consumer, else one-sided for the party that has to bear them."""
    readings = case.standing.of(line.unfair or [])
    consumers = [party.name for party in case.facts.parties if party.consumer]
    ours_is_consumer = case.playbook.consumer and view.us is not None and view.side != "supplier"
    if ours_is_consumer and view.name not in consumers:
        consumers.append(view.name)
    by_words: dict[tuple[int, int], list[Reading]] = {}
    for reading in readings[: MAX_DRAFTS * 5]:
        by_words.setdefault((reading.words.start, reading.words.end), []).append(reading)
    drafts: list[Draft] = []
    for together in by_words.values():
        draft = _unfair_draft(line, case, view, together, consumers)
        if draft is not None:
            drafts.append(draft)
    quotes = tuple(reading.words for reading in readings[:MAX_DRAFTS])
    if drafts:
        return Outcome("failed", quotes=quotes, drafts=tuple(drafts[:MAX_DRAFTS]))
    if readings:
        return Outcome("passed", "found, but not to our side's burden", quotes)
    unsure = absence_unsure(case)
    return Outcome("undecided", unsure) if unsure else Outcome("passed", "not found")


def _unfair_draft(line: Line, case: Case, view: View, readings: list[Reading], consumers: list[str]) -> Draft | None:
    """One finding for one sentence, whatever number of kinds of unfair terms it is."""
    worst = max(readings, key=lambda reading: (reading.level or 2, reading.probability or 0.0))
    titles = ", ".join(dict.fromkeys(title_of(reading.category) for reading in readings))
    if consumers:
        level = _LEVEL_OF_OPINION.get(worst.level or 2, "medium")
        how = "clearly" if worst.level == 3 else "potentially"
        why = f"{titles}: {how} unfair to a consumer in the opinion that the classifier learned (EU consumer law)."
        burdened = tuple(consumers)
        head = f"Unfair to a consumer: {titles}"
    else:
        subject = subject_of(worst.words.text, case.facts.parties)
        if subject in ("", BOTH):
            return None  # between businesses a term that binds both, or whose holder is not said, is not one-sided
        level = "low"
        burdened = tuple(party.name for party in case.facts.parties if party.name != subject)
        whom = " and ".join(burdened)
        why = f"{titles}: one-sided for {whom}. No party is a consumer, so opinions on consumer terms do not apply."
        head = f"One-sided for {whom}: {titles}"
    if not burdened or (view.us is not None and view.name not in burdened):
        return None
    proof = proof_of(line, case, why, [_parties(case, consumers)], [reading.proof for reading in readings])
    return Draft(
        "one_sided",
        why,
        proof,
        ("playbook", *dict.fromkeys(reading.source for reading in readings)),
        (worst.words,),
        head,
        level,
        worst.probability,
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
    drafts: list[Draft] = []
    for block in blocks:
        readable_elsewhere = any(b.readable and b.party == block.party for b in blocks)
        if block.readable or readable_elsewhere:
            continue
        who = block.party or "one party"
        why = f"No readable signature for {who} in this block; that says nothing on whether it was signed."
        fact = Fact("signature.readable", None, "", block.confidence, evidence_of(block), about=block)
        proof = proof_of(line, case, why, [fact])
        title = f"No readable signature for {who}"
        drafts.append(Draft("signature", why, proof, ("rules",), (block.words,), title))
    quotes = tuple(block.words for block in blocks[:MAX_DRAFTS])
    if not drafts:
        return Outcome("passed", quotes=quotes)
    if pages:
        return Outcome("undecided", f"no readable signature in what was read; {pages} could not be read", quotes)
    return Outcome("failed", quotes=quotes, drafts=tuple(drafts[:MAX_DRAFTS]))


_REFERENCES = {
    "dangling": ("Points nowhere: {}", "The contract points to {}, which this file should hold and does not."),
    "not_supplied": ("Not supplied: {}", "The contract makes {} part of it; it was not supplied, so it was not read."),
}


def references(line: Line, case: Case, view: View) -> Outcome:
    """Cross-references that point nowhere (where the file's numbering was understood), and incorporated documents that are not here."""
    not_understood = numbering_note(case.tree)
    drafts: dict[tuple[str, str], Draft] = {}
    for reference in case.tree.references:
        if reference.status not in (line.references or ()):
            continue
        if reference.status == "not_supplied" and not reference.incorporated:
            continue
        if reference.status == "dangling" and not_understood and reference.part is None:
            continue
        target = reference.target[:120]
        key = (reference.status, target.casefold())
        if key in drafts:
            continue
        title, why = (sentence.format(target) for sentence in _REFERENCES[reference.status])
        words: Words = case.document.words(reference.start, reference.end)
        fact = Fact("reference", reference.status, "", 1.0, (Evidence("words", words.text, words.start, words.end),))
        proof = Proof(f"{case.playbook.name}/{line.id}", why, (fact,))
        drafts[key] = Draft("reference", why, proof, ("rules",), (words,), title)
    if not drafts:
        return Outcome("undecided", not_understood) if not_understood else Outcome("passed")
    kept = tuple(drafts.values())[:MAX_DRAFTS]
    return Outcome("failed", quotes=tuple(q for draft in kept for q in draft.quotes), drafts=kept)

"""Decide one line of a playbook on one contract, as one party sees it.

``decide`` gives an ``Outcome``: passed, failed with drafts of findings, undecided with the reason, or not applicable. What a
clause's absence is worth is told truly: nothing is called missing while a page is unread, while the clause may stand in a master agreement
that is not here, or while the classifier is of two minds. Required clauses are in ``finance/checks_required.py``,
positions in ``finance/checks_positions.py``, on rights of one side in ``finance/checks_sided.py``, on unfair terms, signatures and references in ``finance/checks_whole.py``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from ..core.rules import Evidence, Fact, Proof, Threshold, Truth
from .categories import CATEGORIES
from .classify import Classification
from .clause_words import clause_words
from .clauses import ClauseTree
from .document import Document, Words
from .facts.types import Cap, ContractFacts, Found, Period
from .findings import LEVELS, Check, FindingKind, Level
from .headed import right_given
from .phrases import closing, listed, possessive, target_name
from .playbook import Kinds, Line, Playbook
from .sides import BOTH, View, bound_by, subject_of
from .standing import Reading, Standing
from .vocabulary import NAMES, describe, shown

Status = Literal["passed", "failed", "undecided", "not_applicable"]
Recall = Mapping[str, tuple[float, float, float, int]]
"""By category: share of such clauses found on held-out contracts, its interval, and how many such contracts there were."""

MIN_POSITIVES = 30
MIN_CONFIDENCE = 0.5
"""A fact read with less confidence decides nothing."""
LIKELY = 0.5
"""A category this probable in the contract, with no words shown, is not called missing."""
MAX_DRAFTS = 20
WITH_MASTER = frozenset({"amendment", "order_form", "exhibit"})


@dataclass(frozen=True)
class Draft:
    """A finding before it has an id and a risk. ``level`` None: the line's own; ``burdens`` names whom it burdens, empty: see the line."""

    kind: FindingKind
    why: str
    proof: Proof
    sources: tuple[str, ...]
    quotes: tuple[Words, ...] = ()
    title: str = ""
    level: Level | None = None
    probability: float | None = None
    recall: str = ""
    overruled: tuple[str, ...] = ()
    burdens: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What became of a line: its status, a note, the words it rests on, and drafts where it failed."""

    status: Status
    note: str = ""
    quotes: tuple[Words, ...] = ()
    drafts: tuple[Draft, ...] = ()


@dataclass(frozen=True)
class Case:
    """One contract as the checks see it."""

    document: Document
    tree: ClauseTree
    classification: Classification
    facts: ContractFacts
    standing: Standing
    playbook: Playbook
    recall: Recall = field(default_factory=dict)


def decide(line: Line, case: Case, view: View) -> Outcome:
    """Decide one line for one view."""
    from .checks_positions import position
    from .checks_required import required
    from .checks_sided import one_sided
    from .checks_whole import gaps, references, signature, unfair

    deciders: Mapping[Kinds, Callable[[Line, Case, View], Outcome]] = {
        "required": required,
        "forbidden": _forbidden,
        "fact": _threshold,
        "position": position,
        "one_sided": one_sided,
        "unfair": unfair,
        "signature": signature,
        "references": references,
        "gaps": gaps,
    }
    if line.when_we_are and view.side not in line.when_we_are:
        if view.side or not view.us:
            return Outcome("not_applicable", f"for the side of the {' or '.join(line.when_we_are)} only")
        return Outcome(
            "not_applicable", f"for the {' or '.join(line.when_we_are)} only; the role of {view.name} was not read"
        )
    return deciders[line.kind](line, case, view)


def proof_of(
    line: Line, case: Case, sentence: str, facts: Sequence[Fact] = (), premises: Sequence[Proof] = ()
) -> Proof:
    """The proof of a finding: the playbook's line, on facts and on what the classifier and the rules concluded."""
    return Proof(f"{case.playbook.name}/{line.id}", sentence, tuple(facts), tuple(premises))


def unread_pages(document: Document) -> str:
    """Which pages could not be read, in words; "" where all could. Attached files count for themselves."""
    pages = [unread.where for unread in document.unread if unread.where.lower().startswith("page")]
    if not pages:
        return ""
    return ", ".join(pages[:5]) + (f" and {len(pages) - 5} more" if len(pages) > 5 else "")


def absence_unsure(case: Case, categories: Sequence[str] = ()) -> str:
    """Why something not found may yet be there; "" where its absence can be told."""
    pages = unread_pages(case.document)
    if pages:
        return f"not found in what was read; {pages} could not be read"
    kind = case.classification.kind
    if kind.document_kind in WITH_MASTER:
        what = kind.document_kind.replace("_", " ")
        return f"not found; this reads as an {what}, so it may stand in the agreement that it belongs to"
    for reference in case.tree.references:
        if reference.incorporated and reference.status == "not_supplied" and "master" in reference.target.lower():
            return f"not found; {reference.target[:120]} is incorporated and was not supplied"
    likely = [(case.classification.presence.get(key, 0.0), key) for key in categories]
    probability, key = max(likely, default=(0.0, ""))
    if probability >= LIKELY:
        return f"the classifier finds {title_of(key)} likely ({probability:.2f}) but shows no words for it"
    return ""


def title_of(category: str) -> str:
    """A category's title."""
    return CATEGORIES[category].title if category in CATEGORIES else category.replace("_", " ")


def recall_sentence(category: str, recall: Recall) -> str:
    """How often such a clause is found, as measured on held-out contracts.

    >>> recall_sentence("insurance", {"insurance": (0.92, 0.86, 0.96, 120)})
    'not found; on held-out contracts we find 92 of 100 such clauses [86, 96]'
    >>> recall_sentence("insurance", {"insurance": (0.92, 0.86, 0.96, 12)})
    'not found; how often we find such a clause is unmeasured (12 held-out contracts have one)'
    """
    measured = recall.get(category)
    if measured is None:
        return "not found; how often we find such a clause is unmeasured"
    value, low, high, num_positives = measured
    if num_positives < MIN_POSITIVES:
        one = num_positives == 1
        have = f"{num_positives} held-out contract{'' if one else 's'} {'has' if one else 'have'} one"
        return f"not found; how often we find such a clause is unmeasured ({have})"
    found, least, most = (round(100 * part) for part in (value, low, high))
    return f"not found; on held-out contracts we find {found} of 100 such clauses [{least}, {most}]"


def recall_of(categories: Sequence[str], recall: Recall) -> str:
    """``recall_sentence`` of the category among some that is found the least often; of one that is unmeasured, if any is."""
    measured = [key for key in categories if key in recall and recall[key][3] >= MIN_POSITIVES]
    if len(measured) < len(categories):
        return recall_sentence(next(key for key in categories if key not in measured), recall)
    return recall_sentence(min(measured, key=lambda key: recall[key][0], default=""), recall)


def missing(line: Line, case: Case, categories: Sequence[str], looked_for: str, facts: Sequence[Fact] = ()) -> Draft:
    """The draft of a finding that something is not there, with how sure such a finding is."""
    sentence = recall_sentence(categories[0], case.recall) if categories else recall_sentence("", {})
    aside = case.standing.set_aside(categories)
    presence = max(
        (case.classification.presence[key] for key in categories if key in case.classification.presence), default=None
    )
    evidence = [Evidence("measurement", sentence)]
    if presence is not None:
        evidence.append(Evidence("model", f"highest probability in the contract: {presence:.2f}", probability=presence))
    absent = Fact(f"clause.{categories[0] if categories else line.id}", False, "", 1.0, tuple(evidence))
    incorporated = [
        target_name(r.target) for r in case.tree.references if r.incorporated and r.status == "not_supplied"
    ]
    why = f"{looked_for} was not found."
    if incorporated:
        why += f" Incorporated but not supplied, so not read: {listed(list(dict.fromkeys(incorporated)), most=4)}."
    attached = [unread.where for unread in case.document.unread]
    if attached:
        why += f" Not read: {', '.join(attached[:3])}."
    return Draft(
        "missing",
        why,
        proof_of(
            line,
            case,
            f"The playbook requires it. {sentence[0].upper()}{sentence[1:]}.",
            (absent, *facts),
            [o.proof for o in aside],
        ),
        ("playbook", case.classification.source or "model", *(("rules",) if aside else ())),
        probability=None if presence is None else round(1 - presence, 4),
        recall=sentence,
        overruled=tuple(label.sentence for label in aside),
    )


def _forbidden(line: Line, case: Case, view: View) -> Outcome:
    readings = case.standing.of(line.forbidden or [])
    places: dict[tuple[str, int, str], list[Reading]] = {}
    for reading in readings:
        subject = bound_by(reading.category, clause_words(case, reading), case.facts.parties)
        bound = BOTH if subject in ("", BOTH) else "ours" if subject == view.name else "theirs"
        if line.binds == "any" or view.us is None or bound in (BOTH, line.binds):
            place = reading.clause if reading.clause is not None else reading.words.start
            places.setdefault((reading.category, place, subject), []).append(reading)
    drafts = [
        _forbidden_draft(line, case, category, subject, found)
        for (category, _, subject), found in list(places.items())[:MAX_DRAFTS]
    ]
    if drafts:
        return Outcome("failed", quotes=tuple(q for d in drafts for q in d.quotes), drafts=tuple(drafts))
    unsure = absence_unsure(case, [] if readings else line.forbidden or [])
    if unsure:
        return Outcome("undecided", unsure)
    aside = case.standing.set_aside(line.forbidden or [])
    if readings:
        return Outcome("passed", "found, but it does not bind that side", tuple(r.words for r in readings[:3]))
    return Outcome("passed", aside[0].sentence if aside else recall_of(line.forbidden or [], case.recall))


def _forbidden_draft(line: Line, case: Case, category: str, subject: str, readings: Sequence[Reading]) -> Draft:
    """One finding for the readings of one clause; where whom it binds was not read, a level lower."""
    why = f"{title_of(category)} was found, which the playbook does not accept."
    head = f"{title_of(category)}, which the playbook does not accept"
    level = None
    if line.binds != "any":
        head = f"{title_of(category)}, and whom it binds was not read"
        if subject:
            whom = "both parties" if subject == BOTH else subject
            why += f" It binds {closing(whom)}."
            head = f"{title_of(category)} binding {whom}"
        else:
            why += " Whom it binds was not read from the words, so the level is one lower."
            level = LEVELS[min(LEVELS.index(line.level) + 1, len(LEVELS) - 1)]
    return Draft(
        "forbidden",
        why,
        proof_of(line, case, why, premises=[reading.proof for reading in readings]),
        ("playbook", *dict.fromkeys(reading.source for reading in readings)),
        tuple(reading.words for reading in readings),
        head,
        level,
        probability=max((r.probability for r in readings if r.probability is not None), default=None),
    )


def meets(threshold: Threshold, fact: Fact) -> Truth:
    """Test a threshold; texts are compared without regard to capitals."""
    if not isinstance(fact.value, str):
        return threshold.test(fact)
    wanted = threshold.value
    folded = [str(x).casefold() for x in wanted] if isinstance(wanted, list) else str(wanted).casefold()
    plain = Fact(fact.name, fact.value.casefold(), fact.unit)
    return Threshold(threshold.fact, threshold.op, folded, threshold.unit).test(plain)


def _threshold(line: Line, case: Case, view: View) -> Outcome:
    from .checks_liability import decided

    name, threshold = line.fact or "", line.threshold
    sided = NAMES[name].per_party and ".any." not in name
    if sided and view.us is None:
        return Outcome("undecided", "which party is ours is not known, nor are the parties")
    found = view.facts.all(name)
    if not found:
        return _no_fact(line, case, view)
    truths = [
        (fact, "undecided" if fact.confidence < MIN_CONFIDENCE else decided(threshold, fact, meets(threshold, fact)))
        for fact in found
    ]
    failing = [fact for fact, truth in truths if truth == "fails"]
    quotes = _quotes(failing or found)
    if not failing:
        open_facts = [fact for fact, truth in truths if truth == "undecided"]
        if not open_facts:
            return Outcome("passed", f"{describe(name)}: {_values(found)}", quotes)
        return Outcome("undecided", _why_open(open_facts[0], threshold, name), quotes)
    wanted = f"{IN_WORDS[threshold.op]} {shown(threshold.value, threshold.unit or _unit(name))}".strip()
    why = f"{_capital(_named(name, view))}: {_values(failing)}; the playbook wants {wanted}."
    if NAMES[name].kind == "flag":
        found_it = failing[0].value is True
        why = f"{_capital(_named(name, view))} was {'found; the playbook wants none' if found_it else 'read as absent; the playbook wants it'}."
    sources = ("playbook", "rules")
    kind: FindingKind = "red_line" if line.red_line else "deviation"
    proof = proof_of(line, case, f"{threshold} fails on {_values(failing)}.", failing)
    sure = min(fact.confidence for fact in failing)
    # a title that says only what is wanted would not tell how far off the contract is
    here = "" if NAMES[name].kind == "flag" else f" (here {_COUNTED.sub('', _values(failing))})"
    if name.endswith(".token"):
        here = (
            f" (here {' and '.join(dict.fromkeys(str(f.about.amount) for f in failing if isinstance(f.about, Cap)))})"
        )
    title = f"Not met: {line.title}{here}"
    return Outcome("failed", quotes=quotes, drafts=(Draft(kind, why, proof, sources, quotes, title, probability=sure),))


IN_WORDS: Mapping[str, str] = {
    "<": "less than",
    "<=": "at most",
    "==": "",
    "!=": "not",
    ">=": "at least",
    ">": "more than",
    "in": "one of",
    "not in": "none of",
}
"""Comparisons for a sentence."""


def _named(name: str, view: View) -> str:
    """A name of the vocabulary in words, with our party by its name."""
    words = describe(name)
    if view.us is None:
        return words
    words = re.sub(r"\bour\b", lambda _: possessive(view.name), words)
    return re.sub(r"\btheir\b", "the other side's", words)


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _unit(name: str) -> str:
    unit = NAMES[name].unit
    return "" if unit == "currency" else unit


def _values(facts: Sequence[Fact]) -> str:
    return " and ".join(dict.fromkeys(_as_written(fact) for fact in facts))


def _as_written(fact: Fact) -> str:
    """A value as the playbook counts it; a length of time as the contract counts it, with the playbook's days behind."""
    from .checks_liability import bounded

    value = bounded(fact, shown(fact.value, fact.unit))
    if isinstance(fact.about, Period) and fact.unit == "days" and fact.about.length.unit != "day":
        return f"{fact.about.length} (counted as {value})"
    return value


_COUNTED = re.compile(r" \(counted as [^)]*\)")


def _quotes(facts: Sequence[Fact]) -> tuple[Words, ...]:
    words = [fact.about.words for fact in facts if isinstance(fact.about, Found)]
    return tuple(dict.fromkeys(words))[:MAX_DRAFTS]


def _why_open(fact: Fact, threshold: Threshold, name: str) -> str:
    if fact.confidence < MIN_CONFIDENCE:
        return f"{describe(name)}: {shown(fact.value, fact.unit)} was read, but not surely ({fact.confidence:.2f})"
    if fact.value is None:
        return f"the words were found, but they do not give {describe(name)} in this form"
    if isinstance(fact.about, Cap) and fact.about.bound != "exact":
        return f"{describe(name)} is {_as_written(fact)}: the other branch of the limit is in another measure"
    return f"{describe(name)} is {shown(fact.value, fact.unit)}, which cannot be compared with {shown(threshold.value, threshold.unit)}"


def _no_fact(line: Line, case: Case, view: View) -> Outcome:
    from .checks_liability import unread_limit, without_limits

    name = line.fact or ""
    words = _named(name, view)
    limits: Sequence[Fact] = ()
    if ".carve_out." in name:
        who = name.split(".")[1]
        limits = view.facts.all(f"cap.{who}.present")
        if not limits:
            if (unread := unread_limit(case, view, who)) is not None:
                return Outcome("undecided", *unread)
            return Outcome(
                "passed", f"no {_named(f'cap.{who}.present', view)[2:]} was found, so nothing need be left out of it"
            )
    categories = [line.category] if line.category else []
    readings = [reading for reading in case.standing.of(categories) if not _of_others(line, case, view, reading)]
    if name.startswith("exclusion."):
        readings = without_limits(case, readings)
    elif name.startswith("cap.") and ".carve_out." not in name:
        readings = []  # asked below, without the words in which a limit or an exclusion was read
    if readings:
        note = f"{title_of(readings[0].category)} was found, but {words} was not read from it"
        return Outcome("undecided", note, tuple(reading.words for reading in readings[:3]))
    if line.when_not_found == "undecided":
        return Outcome("undecided", f"{words}: not found")
    none_read = name.startswith("cap.") and not view.facts.all(f"cap.{name.split('.')[1]}.present")
    if none_read and (unread := unread_limit(case, view, name.split(".")[1])) is not None:
        return Outcome("undecided", *unread)
    explained = case.standing.of(categories) or case.standing.set_aside(categories)
    unsure = absence_unsure(case, [] if explained else categories)
    if unsure:
        return Outcome("undecided", unsure)
    if line.when_not_found == "pass":
        right = name.split(".")[1] if name.startswith("period.") else ""
        if (given := right_given(case.document, right)) is not None:
            note = f'the contract says "{" ".join(given.text.split())[:120]}", but {words} was not read'
            return Outcome("undecided", note, (given,))
        return Outcome("passed", f"{words}: not found")
    # how often a whole category is found says nothing on one loss left out of a limit, nor where the category was found in other words
    measured = [] if limits or explained or name.startswith("exclusion.") else categories
    return Outcome("failed", drafts=(missing(line, case, measured, _capital(words), limits),))


def _of_others(line: Line, case: Case, view: View, reading: Reading) -> bool:
    """Whether a clause is known to be another side's than the one that the line asks for."""
    who = (line.fact or "").split(".")[-2]
    if who not in ("ours", "theirs"):
        return False
    subject = subject_of(clause_words(case, reading), case.facts.parties)
    return subject not in ("", BOTH) and (subject == view.name) == (who == "theirs")


def check_of(line: Line, outcome: Outcome, case: Case) -> Check:
    """The printed form of an outcome."""
    clauses = [clause.index for words in outcome.quotes if (clause := case.tree.at(words.start)) is not None]
    return Check(line.id, line.title, outcome.status, outcome.note, outcome.quotes, tuple(dict.fromkeys(clauses)))

"""Tracked changes that move a fact or an answer: what the contract said before, what it says now, who changed it and when.

The facts of both views are compared by subject; a value that is gone, new or different is a ``Moved``. The changes that
did it are found by their words: an insertion covers the new words, a deletion the old ones. Answers of the playbook are compared by
``finance/risk.py``, which decides every line on both views.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .clauses import ClauseTree
from .document import Change, Document, Words
from .facts.types import ContractFacts, Found
from .findings import Level
from .vocabulary import RIGHTS, shown

MAX_MOVED = 100


@dataclass(frozen=True)
class Moved:
    """A fact that tracked changes moved. ``old`` and ``new`` are values for a person, "" where there is none; ``quotes`` stand in the accepted text.

    ``old_words`` are the words of the original view; ``changes`` those that did it, empty where it follows from a change elsewhere.
    """

    subject: str
    title: str
    old: str
    new: str
    level: Level
    quotes: tuple[Words, ...]
    old_words: tuple[str, ...]
    changes: tuple[Change, ...]
    old_found: tuple[Found, ...] = ()
    new_found: tuple[Found, ...] = ()

    @property
    def sentence(self) -> str:
        """Old and new value in one sentence."""
        if not self.old:
            return f"Added: {self.new}."
        if not self.new:
            return f"Taken out: {self.old}."
        old, _, old_rest = self.old.partition(", not for ")
        new, _, new_rest = self.new.partition(", not for ")
        if old_rest and old_rest == new_rest:  # what is left out of a limit stayed as it was
            return f"Was {old}, is now {new}."
        return f"Was {self.old}, is now {self.new}."


@dataclass(frozen=True)
class Located:
    """Where each change stands in the original text: ``start``..``end`` of what a deletion gives back, a point for an insertion."""

    change: Change
    start: int
    end: int


def locate(document: Document) -> tuple[Located, ...]:
    """The tracked changes with their places in the original view."""
    located: list[Located] = []
    position = length = 0
    for change in sorted(document.changes, key=lambda change: (change.start, change.end)):
        if change.start > position:
            length += change.start - position
            position = change.start
        if change.kind == "deletion":
            located.append(Located(change, length, length + len(change.text)))
            length += len(change.text)
        else:
            located.append(Located(change, length, length))
            position = max(position, change.end)
    return tuple(located)


def moved_facts(document: Document, tree: ClauseTree, now: ContractFacts, before: ContractFacts) -> tuple[Moved, ...]:
    """The facts that differ between the original and the accepted view, in text order."""
    located = locate(document)
    old, new = _by_subject(before), _by_subject(now)
    moved: list[Moved] = []
    for subject in sorted({*old, *new}):
        gone = _without(old.get(subject, []), new.get(subject, []))
        come = _without(new.get(subject, []), old.get(subject, []))
        if gone or come:
            moved += _moved(document, tree, located, subject, gone, come)
    told = {change for entry in moved if not entry.subject.startswith("duty.") for change in entry.changes}
    kept = [entry for entry in moved if _worth_telling(entry, told)]
    return tuple(sorted(kept, key=lambda m: (m.quotes[0].start if m.quotes else 0, m.subject))[:MAX_MOVED])


def _worth_telling(entry: Moved, told: set[Change]) -> bool:
    """Not a duty whose change a fact already tells, nor a value that moved without a change to its words (a renamed party moves them
    all); dates and laws follow from changes elsewhere and count."""
    if entry.subject.startswith("duty."):
        return bool(entry.changes) and not told.issuperset(entry.changes)
    return bool(entry.changes) or entry.subject.startswith(("date.", "law."))


@dataclass(frozen=True)
class _Value:
    """One fact under its subject: its value in words and as letters, so that spacing makes no difference."""

    shown: str
    found: Found
    title: str
    level: Level

    @property
    def key(self) -> str:
        return re.sub(r"[\W_]+", "", self.shown).casefold()


def _without(values: Sequence[_Value], others: Sequence[_Value]) -> list[_Value]:
    keys = {value.key for value in others}
    kept: dict[str, _Value] = {}
    for value in values:
        if value.key not in keys:
            kept.setdefault(value.key, value)
    return list(kept.values())


def _moved(
    document: Document,
    tree: ClauseTree,
    located: Sequence[Located],
    subject: str,
    gone: Sequence[_Value],
    come: Sequence[_Value],
) -> Iterator[Moved]:
    """Pair what is gone with what has come at the same place; the rest stands alone."""
    rest = list(come)
    for value in gone:
        changes = _deleting(located, value.found)
        at = changes[0].start if changes else None
        place = value.found.words.start if at is None else at
        partner = min(rest, key=lambda new, place=place: abs(new.found.words.start - place), default=None)
        if partner is not None:
            rest.remove(partner)
        new_changes = _inserting(document, partner.found) if partner else ()
        together = tuple(dict.fromkeys((*changes, *new_changes)))
        quotes = (partner.found.words,) if partner else _around(document, tree, at)
        yield Moved(
            subject,
            value.title,
            value.shown,
            partner.shown if partner else "",
            value.level,
            quotes,
            (value.found.words.text,),
            together,
            (value.found,),
            (partner.found,) if partner else (),
        )
    for value in rest:
        changes = _inserting(document, value.found)
        if not changes:
            changes = document.changes_in(value.found.words.start, value.found.words.end)
        yield Moved(
            subject, value.title, "", value.shown, value.level, (value.found.words,), (), changes, (), (value.found,)
        )


def _deleting(located: Sequence[Located], found: Found) -> tuple[Change, ...]:
    """The changes that touch a fact's words in the original view."""
    starts = [entry.start for entry in located]
    first = bisect.bisect_left(starts, found.words.start - 20_000)
    return tuple(
        entry.change
        for entry in located[first : bisect.bisect_right(starts, found.words.end)]
        if entry.end > found.words.start or entry.start >= found.words.start
    )


def _inserting(document: Document, found: Found) -> tuple[Change, ...]:
    return tuple(
        change
        for change in document.changes_in(found.words.start, found.words.end)
        if change.kind == "insertion" or change.start > found.words.start
    )


def _around(document: Document, tree: ClauseTree, at: int | None) -> tuple[Words, ...]:
    """The words that stand where a fact was taken out: the line around the deletion."""
    if at is None:
        return ()
    start = document.text.rfind("\n", 0, at) + 1
    end = document.text.find("\n", at)
    end = len(document.text) if end < 0 else end
    start, end = max(start, at - 200), min(end, at + 200)
    if not document.text[start:end].strip():
        clause = tree.at(at)
        start, end = (clause.start, min(clause.end, clause.start + 200)) if clause else (at, at)
    return (document.words(start, end),) if end > start else ()


def insertions_in(document: Document, quotes: Sequence[Words]) -> tuple[Change, ...]:
    """The insertions that some words rest on, by whom and when."""
    found = [
        change
        for words in quotes
        for change in document.changes_in(words.start, words.end)
        if change.kind == "insertion" and change.start < words.end and change.end > words.start
    ]
    return tuple(dict.fromkeys(found))


def by_whom(changes: Sequence[Change]) -> str:
    """Who made some changes, and when, as the end of a sentence.

    >>> by_whom([Change("insertion", "J. Roe", "2024-03-01T10:00:00Z", 0, 5, "words")])
    'Inserted by J. Roe on 2024-03-01.'
    """
    said: dict[tuple[str, str], set[str]] = {}
    for change in changes:
        said.setdefault((change.author or "somebody unnamed", change.date[:10]), set()).add(change.kind)
    told = []
    for (author, date), kinds in said.items():
        verb = "Changed" if len(kinds) == 2 else "Inserted" if "insertion" in kinds else "Deleted"
        told.append(f"{verb} by {author}{f' on {date}' if date else ''}.")
    return " ".join(told[:5])


MOSTLY = 0.8
"""The share of its words from which on a quote counts as inserted whole."""


def inserted_by(changes: Sequence[Change], quotes: Sequence[Words]) -> str:
    """Who inserted the words of some quotes; where it was a part of them only, which.

    >>> change = Change("insertion", "J. Roe", "2024-03-01T10:00:00Z", 10, 16, "thirty")
    >>> inserted_by([change], [Words(0, 40, "x" * 40)])
    '"thirty" was inserted by J. Roe on 2024-03-01.'
    """
    covered = sum(
        max(0, min(change.end, words.end) - max(change.start, words.start)) for change in changes for words in quotes
    )
    if covered >= MOSTLY * sum(words.end - words.start for words in quotes):
        return by_whom(changes)
    told = []
    for change in changes[:5]:
        text = " ".join(change.text.split())
        date = f" on {change.date[:10]}" if change.date else ""
        told.append(
            f'"{text if len(text) <= 60 else text[:57] + "..."}" was inserted by {change.author or "somebody unnamed"}{date}.'
        )
    return " ".join(told)


def _by_subject(facts: ContractFacts) -> dict[str, list[_Value]]:
    values: dict[str, list[_Value]] = {}
    for subject, value in _values(facts):
        values.setdefault(subject, []).append(value)
    return values


def _values(facts: ContractFacts) -> Iterator[tuple[str, _Value]]:
    for party in facts.parties:
        yield "party", _Value(party.name, party, "Party", "medium")
    for date in facts.dates:
        yield (
            f"date.{date.kind}",
            _Value(shown(date.value or date.status), date, f"{date.kind.capitalize()} date", "medium"),
        )
    if facts.term is not None:
        length = "without end" if facts.term.perpetual or facts.term.length is None else str(facts.term.length)
        yield "term", _Value(length, facts.term, "Term", "medium")
    if facts.renewal is not None:
        renewal = facts.renewal
        how = "automatic" if renewal.automatic else "by agreement"
        notice = f", notice {renewal.notice}" if renewal.notice else ""
        length = f" for {renewal.length}" if renewal.length else ""
        yield "renewal", _Value(f"{how}{length}{notice}", renewal, "Renewal", "medium")
    for period in facts.periods:
        what = RIGHTS.get(period.right, period.right.replace("_", " "))
        holder = f" ({period.holder})" if period.holder else ""
        yield (
            f"period.{period.right}.{period.holder}",
            _Value(str(period.length), period, f"{what[0].upper()}{what[1:]}{holder}", "medium"),
        )
    for cap in facts.caps:
        value = (
            str(cap.amount)
            if cap.amount
            else f"{cap.months_of_fees:g} months' fees"
            if cap.months_of_fees
            else cap.formula
        )
        if cap.bound != "exact":
            value = cap.formula or value
        if cap.losses:
            value = f"{value}, for {', '.join(cap.losses)}"
        if cap.carve_outs:
            value = f"{value}, not for {', '.join(cap.carve_outs)}"
        yield f"cap.{cap.whose}", _Value(value, cap, f"Limit of liability ({cap.whose or 'all'})", "high")
    for uncapped in facts.uncapped:
        yield (
            f"uncapped.{uncapped.whose}",
            _Value(
                ", ".join(uncapped.losses) or "all losses",
                uncapped,
                f"Liability without limit ({uncapped.whose or 'all'})",
                "high",
            ),
        )
    for exclusion in facts.exclusions:
        yield (
            f"exclusion.{exclusion.whose}",
            _Value(", ".join(exclusion.kinds), exclusion, f"Losses excluded ({exclusion.whose or 'all'})", "high"),
        )
    for bar in facts.time_bars:
        yield f"time_bar.{bar.whose}", _Value(str(bar.length), bar, "Time to bring claims", "medium")
    for fee in facts.termination_fees:
        yield (
            f"termination_fee.{fee.payer}",
            _Value(str(fee.amount or fee.formula), fee, "Fee for ending early", "medium"),
        )
    for interest in facts.interest:
        rate = f"{interest.rate:g} percent a {interest.per}" if interest.rate is not None else interest.formula
        yield "interest", _Value(rate, interest, "Late interest", "medium")
    for law in facts.laws:
        title = {"law": "Governing law", "forum": "Courts", "seat": "Seat of arbitration"}[law.kind]
        yield (
            f"{law.kind}.{law.covers}",
            _Value(law.jurisdiction, law, title, "high" if law.kind == "law" else "medium"),
        )
    for amount in facts.amounts:
        yield (
            f"amount.{amount.purpose}",
            _Value(str(amount.money), amount, f"Amount{f': {amount.purpose}' if amount.purpose else ''}", "medium"),
        )
    for duty in facts.obligations:
        yield f"duty.{duty.debtor}", _Value(duty.action, duty, f"Duty of {duty.debtor or 'a party'}", "low")

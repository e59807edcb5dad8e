"""Contradictions about time: two terms, a term that does not lead to the end date given, two dates on which one contract starts or ends.

One part of ``finance/contradictions.py``, which hands over the facts with what it knows of their places.
"""

from __future__ import annotations

import datetime
import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from .clauses import ClauseTree
from .document import Document, Words
from .end_dates import end_dates
from .facts.dates import add, show
from .facts.types import ContractDate, ContractFacts, Duration, Found
from .start_dates import Run, effective_dates, runs

TOLERANCE_DAYS = 35
"""A term "of three years ending December 31" is often some days off; only a gap past this is called a contradiction."""
MIN_CONFIDENCE = 0.6

Apart = Callable[[Found, Found], bool]
Value = str | datetime.date


@dataclass(frozen=True)
class Clash:
    """What cannot both hold: its title, a sentence, and each fact by name with its value."""

    title: str
    why: str
    facts: tuple[tuple[str, Value, Found], ...]


def two_dates(
    document: Document, tree: ClauseTree, facts: ContractFacts, sentence: Callable[[Words], str], apart: Apart
) -> Iterator[tuple[str, Clash]]:
    """Two dates on which the contract takes effect, two on which it ends: the kind and the clash, the first of each."""
    given = [date for date in facts.dates if date.kind != "agreement" and date.status == "given" and date.value]
    known = [(date.words.start, date.words.end) for date in given]
    others = [*effective_dates(document, tree), *end_dates(document, tree)]
    given += [d for d in others if all(d.words.end <= start or d.words.start >= end for start, end in known)]
    for kind, name in (("effective", "effective dates"), ("expiration", "end dates")):
        for a, b in itertools.combinations([date for date in given if date.kind == kind], 2):
            if a.value is None or b.value is None or a.value == b.value or not apart(a, b):
                continue
            if kind == "expiration" and any("initial" in sentence(date.words).lower() for date in (a, b)):
                continue
            first, second = sorted((a, b), key=lambda date: date.words.start)
            shown = [show(date.value) for date in (first, second) if date.value]
            why = f"One clause gives {shown[0]}, another {shown[1]}."
            clash = Clash(
                f"Two {name}: {shown[0]} and {shown[1]}",
                why,
                tuple((f"date.{kind}", d.value, d) for d in (first, second) if d.value),
            )
            yield kind, clash
            break


def two_terms(
    document: Document,
    tree: ClauseTree,
    facts: ContractFacts,
    sentence: Callable[[Words], str],
    apart: Apart,
    part: Callable[[Words], int],
) -> Clash | None:
    """The first clash of the contract's terms with each other, or of a term with the end date."""
    stated = list(runs(document, tree))
    for a, b in itertools.combinations(stated, 2):
        if a.from_elsewhere or b.from_elsewhere or _same(a.length, b.length) or not apart(_found(a), _found(b)):
            continue
        why = f"One clause lets the agreement run for {a.length}, another for {b.length}."
        return Clash(
            f"Two terms: {a.length} and {b.length}",
            why,
            tuple(("term", str(run.length), _found(run)) for run in (a, b)),
        )
    return _of_facts(facts, sentence, apart, part) or _of_runs(stated, document, tree, facts, apart)


def _of_runs(
    stated: Sequence[Run], document: Document, tree: ClauseTree, facts: ContractFacts, apart: Apart
) -> Clash | None:
    """A term with an end date in the same sentence or in another that it does not lead to."""
    effective = facts.date("effective")
    known = (
        effective.value
        if effective is not None and effective.status == "given" and effective.confidence >= MIN_CONFIDENCE
        else None
    )
    for run in stated:
        start = run.start or (None if run.from_elsewhere else known)
        if start is None:
            continue
        ends = (
            [run.end] if run.end is not None else [end for end in end_dates(document, tree) if apart(_found(run), end)]
        )
        for end in ends:
            clash = _clash(start, run.length, _found(run), end, None if run.start else effective)
            if clash is not None:
                return clash
    return None


def _of_facts(
    facts: ContractFacts, sentence: Callable[[Words], str], apart: Apart, part: Callable[[Words], int]
) -> Clash | None:
    start, end, term = facts.date("effective"), facts.date("expiration"), facts.term
    if start is None or end is None or term is None or term.length is None:
        return None
    if start.value is None or end.value is None or start.status != "given" or end.status != "given":
        return None
    if not apart(start, end) or part(term.words) != part(end.words) or term.confidence < MIN_CONFIDENCE:
        return None
    if not re.search(r"\bterm\b|\bin (?:force|effect)\b|\bruns?\b", sentence(term.words), re.I):
        return None
    return _clash(start.value, term.length, term, end, start)


def _clash(
    start: datetime.date, length: Duration, term: Found, end: ContractDate, effective: ContractDate | None
) -> Clash | None:
    computed = add(start, length)
    if end.value is None or computed is None or abs((computed - end.value).days) <= TOLERANCE_DAYS:
        return None
    why = f"{show(start)} + {length} = {show(computed)}, but the contract ends on {show(end.value)}."
    about: list[tuple[str, Value, Found]] = [("term", str(length), term), ("date.expiration", end.value, end)]
    if effective is not None:
        about.insert(0, ("date.effective", start, effective))
    return Clash("Term and end date do not agree", why, tuple(about))


def _found(run: Run) -> Found:
    return Found(run.words, run.clause, 0.8)


def _same(a: Duration, b: Duration) -> bool:
    return abs(a.days - b.days) <= 0.035 * max(a.days, b.days)

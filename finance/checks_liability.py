"""Limits of liability in the checks: whether one may be there that was not read, and what a bound decides.

A contract is full of ways to limit liability, and a limit that no rule read must never count as none. So where no limit was read, a label, a heading, telling
words or the classifier's probability each leave a line undecided; exclusions of losses and time bars, which carry the same label, do not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..core.rules import Fact, Threshold, Truth
from .checks import Case, absence_unsure, title_of
from .clause_words import clause_words
from .clauses import Clause
from .document import Words
from .facts.types import Cap, Found
from .headed import HEADINGS, MAX_HEADING_CHARS, heading_words
from .sides import BOTH, View, subject_of
from .standing import Reading
from .wording import sentence_around

CATEGORY = "cap_on_liability"
MAX_MENTIONS = 2000


def unread_limit(case: Case, view: View, who: str) -> tuple[str, tuple[Words, ...]] | None:
    """Why ``who`` (ours, theirs, any) may have a limit of liability that was not read, with the words; None where nothing speaks for one."""
    readings = [reading for reading in unexplained(case) if not _of_others(case, view, who, reading)]
    if readings:
        note = f"{title_of(CATEGORY)} was found, but the limit itself was not read from it"
        return note, tuple(reading.words for reading in readings[:3])
    explained = bool(case.standing.set_aside([CATEGORY]) or case.standing.of([CATEGORY]))
    unsure = absence_unsure(case, [] if explained else [CATEGORY])
    if unsure:
        return unsure, ()
    if (headed := _headed(case)) is not None:
        note = f'a clause is headed "{headed.heading[:80]}", but no limit was read in it'
        return note, (heading_words(case.document, headed),)
    if (words := _mentioned(case)) is not None:
        return f'the contract says "{" ".join(words.text.split())[:120]}", but no limit was read from it', (words,)
    return None


def unexplained(case: Case) -> list[Reading]:
    """The readings of a limit that no limit, exclusion of losses or time bar accounts for."""
    others = (*case.facts.exclusions, *case.facts.time_bars)
    return [
        reading
        for reading in case.standing.of([CATEGORY])
        if not _touched(case.facts.caps, reading.words)
        and (not _touched(others, reading.words) or says_no_more(reading.words.text))
    ]


def without_limits(case: Case, readings: Sequence[Reading]) -> list[Reading]:
    """Readings less those of words in which a limit was read and no loss is excluded: they say nothing on excluded losses."""
    return [
        reading
        for reading in readings
        if reading.category != CATEGORY
        or not _touched(case.facts.caps, reading.words)
        or _touched(case.facts.exclusions, reading.words)
    ]


def _touched(facts: Sequence[Found], words: Words) -> bool:
    return any(fact.words.start < words.end and words.start < fact.words.end for fact in facts)


def _of_others(case: Case, view: View, who: str, reading: Reading) -> bool:
    if who not in ("ours", "theirs"):
        return False
    subject = subject_of(clause_words(case, reading), case.facts.parties)
    return subject not in ("", BOTH) and (subject == view.name) == (who == "theirs")


def _headed(case: Case) -> Clause | None:
    """A clause headed as a limit in which, its subclauses with it, neither a limit nor an exclusion, a time bar or unlimited liability was read."""
    facts = (*case.facts.caps, *case.facts.exclusions, *case.facts.time_bars, *case.facts.uncapped)
    clauses = case.tree.clauses
    for place, clause in enumerate(clauses):
        if (
            clause.kind != "clause"
            or len(clause.heading) > MAX_HEADING_CHARS
            or not HEADINGS[CATEGORY].search(clause.heading)
        ):
            continue
        end = next((c.start for c in clauses[place + 1 :] if c.level <= clause.level), len(case.document.text))
        if not any(clause.start <= fact.words.start < end for fact in facts):
            return clause
    return None


_LIABLE = re.compile(r"\b(?:liab(?:le|ility|ilities)|damages)\b", re.I)
_NO_MORE = re.compile(
    r"\bexceed|\b(?:no|not)\s+(?:more|greater)\s+than\b|\bin\s+excess\s+of\b|\bat\s+most\b|(?<!not )(?<!not be )\blimited\s+to\b|\bcapped\s+at\b",
    re.I,
)
_OF_VALUE = re.compile(r"[$€£]|\b(?:USD|EUR|GBP|amounts?|fees?|sums?|price|paid|charges|payments?)\b", re.I)
_NOT = re.compile(r"\b(?:not|never|nor|no|neither)\b", re.I)
_NONE = re.compile(
    r"\b(?:have|has|accepts?|assumes?|bears?)\s+no\s+(?:liability|responsibility)\s+(?:of\s+any\s+(?:kind|nature)|whatsoever)\b|\bmaximum\s+(?:aggregate\s+|total\s+)?liability\b",
    re.I,
)


def _mentioned(case: Case) -> Words | None:
    """Words that limit liability, in a sentence from which no fact on liability was read."""
    facts = (*case.facts.caps, *case.facts.exclusions, *case.facts.time_bars, *case.facts.uncapped)
    text = case.document.text
    done = 0
    for number, liable in enumerate(_LIABLE.finditer(text)):
        if number == MAX_MENTIONS:
            break
        if liable.start() < done:
            continue
        start, end = sentence_around(text, liable.start(), liable.end())
        done = end
        if any(fact.words.start < end and fact.words.end > start for fact in facts):
            continue
        words = text[start:end]
        if "insur" not in words.lower() and (_NONE.search(words) or says_no_more(words)):
            return case.document.words(start, end)
    return None


def says_no_more(words: str) -> bool:
    """Whether a sentence says "liability ... not exceed ... a sum", in this order and near together."""
    liable = _LIABLE.search(words)
    for limit in _NO_MORE.finditer(words, liable.start() if liable else 0):
        negated = not limit.group().lower().startswith("exceed") or _NOT.search(
            words, max(0, limit.start() - 200), limit.start()
        )
        if negated and _OF_VALUE.search(words, limit.end(), limit.end() + 60):
            return True
    return False


def decided(threshold: Threshold, fact: Fact, truth: Truth) -> Truth:
    """``truth`` of a threshold on a limit that is only bounded by the value read: the lesser of twelve months' fees and of something else is at most twelve months' fees.

    A bound decides only where the limit, wherever it lies on its side, would be decided alike.
    """
    cap = fact.about
    if (
        not isinstance(cap, Cap)
        or cap.bound == "exact"
        or not isinstance(fact.value, int | float)
        or isinstance(fact.value, bool)
    ):
        return truth
    firm = {
        ("at_most", ">="): "fails",
        ("at_most", ">"): "fails",
        ("at_most", "<="): "holds",
        ("at_most", "<"): "holds",
    }
    firm |= {
        ("at_least", ">="): "holds",
        ("at_least", ">"): "holds",
        ("at_least", "<="): "fails",
        ("at_least", "<"): "fails",
    }
    return truth if firm.get((cap.bound, threshold.op)) == truth else "undecided"


def bounded(fact: Fact, value: str) -> str:
    """A value in words, with the side on which it bounds the limit."""
    cap = fact.about
    if not isinstance(cap, Cap) or cap.bound == "exact" or fact.value is None or isinstance(fact.value, bool):
        return value
    return f"{'at most' if cap.bound == 'at_most' else 'at least'} {value}"

"""Every place where a contract says outright on which date it takes effect, and how long it runs.

``finance/facts`` keeps the one date and the one term that say most; the others found here tell whether the contract contradicts itself.
``end_dates`` does the same for its end.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass

from .clauses import ClauseTree
from .document import Document, Words
from .facts.dates import find_dates, prefers_day_first
from .facts.durations import find_durations
from .facts.types import ContractDate, Duration
from .wording import sentence_around

MAX_FOUND = 20
CONFIDENCE = 0.9
_MIN_TERM_DAYS = 28
_KIND = r"(?:agreement|contract|lease)"
_TAKES_EFFECT = re.compile(
    rf"\beffective\s+date\s+of\s+this\s+{_KIND}\s+(?:is|shall\s+be|will\s+be|means)\s+(?=\S)"
    rf"|\bthis\s+{_KIND}\s+(?:is\s+effective|shall\s+be\s+effective|becomes\s+effective|takes\s+effect|shall\s+take\s+effect|(?:comes|enters)\s+into\s+(?:force|effect))\s+(?:as\s+of|on|from)\s+(?=\S)",
    re.I,
)
_DEFINED = re.compile(r"[\"“]Effective Date[\"”]")
_ANOTHER = re.compile(
    r"\b(?:amend\w*|restat\w*|original\w*|previous\w*|prior|supersed\w*|if|unless|notwithstanding|except|provided|section|exhibit|schedule|appendix|each|such|extension|renewal)\b",
    re.I,
)
_RUNS = re.compile(
    rf"(?<!during\s)\b(?:the\s+(?:initial\s+)?term|initial\s+term|term\s+of\s+this\s+{_KIND})(?:\s+of\s+(?:this|the)\s+{_KIND})?\s+(?:is|shall\s+be|will\s+be|runs|continues)\s+(?:for\s+)?(?:an?\s+(?:initial\s+)?(?:period|term)\s+of\s+)?(?=[\w(])"
    rf"|\bthis\s+{_KIND}\b[^.;]{{0,120}}?\b(?:continues?|remains?\s+in\s+(?:full\s+)?(?:force|effect)(?:\s+and\s+effect)?|runs?|lasts?)\s+for\s+(?:an?\s+(?:initial\s+)?(?:period|term)\s+of\s+)?(?=[\w(])",
    re.I,
)
_NO_RUN = re.compile(
    r"renew|exten[ds]|extension|notice|option|\bmay\b|thereafter|licen[sc]e|warrant|surviv|\bpay|invoice|\bfirst\b|\beach\b|maintain|confiden|secre|\bif\b|\bprovided\b|additional|minimum|at least|\bsuch\b|section|exhibit|schedule",
    re.I,
)
_ENDING = re.compile(
    r"^,?\s+(?:and\s+(?:shall\s+)?)?(?:ending|ends?|expiring|expires?|until|through)\s+(?:on\s+|at\s+midnight\s+on\s+)?(?=\S)",
    re.I,
)
_OTHER_START = re.compile(
    r"\b(?:from|on|after|following|upon)\s+(?!(?:the\s+)?(?:effective\s+date|date\s+(?:hereof|of\s+this)))(?:the\s+)?(?:[\w-]+\s+){0,3}(?:date|execution|signature|launch|delivery|acceptance|closing)\b",
    re.I,
)


@dataclass(frozen=True)
class Run:
    """How long a contract is said to run: from a date of its own where one is said, and to one where the same sentence says it."""

    words: Words
    clause: int | None
    length: Duration
    start: datetime.date | None
    end: ContractDate | None
    from_elsewhere: bool


def effective_dates(document: Document, tree: ClauseTree) -> Iterator[ContractDate]:
    """The dates on which the contract is said to take effect, in text order, at most 20."""
    text = document.text
    day_first = prefers_day_first(text)
    found = 0
    for match in sorted([*_TAKES_EFFECT.finditer(text), *_DEFINED.finditer(text)], key=lambda match: match.start()):
        first, last = sentence_around(text, match.start(), match.end())
        before = match.group()[0] in '"“'
        window = (max(first, match.start() - 60), match.start()) if before else (match.end(), match.end() + 40)
        if not before and _ANOTHER.search(text[first:last]):
            continue
        flat = re.sub(r"\s", " ", text[slice(*window)])
        hits = [hit for hit in find_dates(flat, day_first=day_first) if hit.value is not None]
        hit = (hits[-1] if before else hits[0]) if hits else None
        near = hit is not None and (
            re.fullmatch(r"[\s,]*\((?:the|such date,? the|as the)?\s*", flat[hit.end :]) if before else hit.start <= 4
        )
        if hit is None or not near:
            continue
        at = window[0] + hit.start
        clause = tree.at(match.start())
        words = document.words(at, at + hit.end - hit.start)
        yield ContractDate(words, clause.index if clause else None, CONFIDENCE, "effective", hit.value, "given")
        found += 1
        if found == MAX_FOUND:
            return


def runs(document: Document, tree: ClauseTree) -> Iterator[Run]:
    """How long the contract is said to run, each place that says so, in text order, at most 20.

    >>> bool(_RUNS.search("This Agreement begins today and continues for three years")), bool(_RUNS.search("This licence runs for two years"))
    (True, False)
    """
    text = document.text
    day_first = prefers_day_first(text)
    found = 0
    for match in _RUNS.finditer(text):
        first, last = sentence_around(text, match.start(), match.end())
        sentence = re.sub(r"\bunless\b[^.;]*", "", text[first:last])
        tail = re.sub(r"\s", " ", text[match.end() : min(last, match.end() + 140)])
        hit = next((hit for hit in find_durations(tail) if hit.start <= 2), None)
        if hit is None or hit.duration.days < _MIN_TERM_DAYS or _NO_RUN.search(sentence):
            continue
        clause = tree.at(match.start())
        index = clause.index if clause else None
        start = next(
            (
                date.value
                for date in find_dates(re.sub(r"\s", " ", text[match.start() : match.end()]), day_first=day_first)
                if date.value
            ),
            None,
        )
        end = None
        ending = _ENDING.match(tail[hit.end :])
        if ending is not None:
            at = hit.end + ending.end()
            date = next(
                (
                    date
                    for date in find_dates(tail[at : at + 40], day_first=day_first)
                    if date.start <= 2 and date.value
                ),
                None,
            )
            if date is not None:
                place = match.end() + at + date.start
                words = document.words(place, place + date.end - date.start)
                end = ContractDate(words, index, CONFIDENCE, "expiration", date.value, "given")
        words = document.words(match.start(), match.end() + hit.end)
        yield Run(words, index, hit.duration, start, end, bool(_OTHER_START.search(sentence)))
        found += 1
        if found == MAX_FOUND:
            return

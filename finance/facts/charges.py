"""What lateness and leaving cost: fees for ending early, liquidated damages, late interest.

Beside ``liability``; reads sentences, names the payer by ``holders``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from .holders import Holders
from .liability import phrase
from .numbers import CARDINAL, cardinal
from .sentences import Reading, Sentence
from .types import Interest, TerminationFee

MAX_FACTS = 60


def termination_fees(reading: Reading, holders: Holders) -> tuple[TerminationFee, ...]:
    """Every fee for ending early and every liquidated sum, in text order, at most 60."""
    gate = r"terminat|cancel|liquidated|early|break-?up"
    found = [fee for sentence in reading.where(gate) if sentence.kind != "contents" for fee in _fees(sentence, holders)]
    return tuple(found[:MAX_FACTS])


def late_interest(reading: Reading) -> tuple[Interest, ...]:
    """Every rate of late interest, in text order, at most 60. ``rate`` is None where it floats; ``formula`` says on what."""
    gate = r"\binterest\b|\blate\b|finance charge|service charge"
    found = [interest for sentence in reading.where(gate) for interest in _interest(sentence)]
    return tuple(found[:MAX_FACTS])


_FEE = re.compile(
    r"\b(?:(?:early )?(?:termination|cancellation|break-?up|break) (?:fees?|charges?|payment|penalty)|liquidated damages|fee for early termination|early termination)\b"
)


def _fees(sentence: Sentence, holders: Holders) -> Iterator[TerminationFee]:
    lower = sentence.lower
    match = _FEE.search(lower)
    if match is None or re.search(
        r"\bno (?:early )?(?:termination|cancellation) (?:fee|charge|penalty)|not (?:constitute|be deemed|be construed as|considered) (?:a )?liquidated",
        lower,
    ):
        return
    money = next((hit for hit in sentence.money if abs(hit.start - match.end()) < 320), None)
    verb = re.search(
        r"\b(?:shall|will|must|agrees? to|is to|may be required to) (?:\w+ ){0,3}(?:pay|owe|be liable|reimburse|remit|forfeit)|\bpay(?:s|able)?\b",
        lower,
    )
    formula = re.search(
        r"\b(?:equal to|in the amount of|of|calculated|amounting to|equivalent to|computed)\b [^.;]{4,240}",
        lower[match.end() :],
    )
    if money is None and not (verb and formula):
        return
    holder = holders.subject(sentence.text, verb.start()) if verb else ""
    yield TerminationFee(
        words=sentence.words(match.start(), min(len(sentence.text), max(match.end(), money.end if money else 0) + 60)),
        clause=sentence.clause,
        confidence=min(
            0.9, 0.8 + 0.1 * sentence.labels.get("liquidated_damages", 0.0), money.confidence if money else 0.9
        ),
        payer=holder,
        amount=money.money if money else None,
        formula=phrase(sentence.text[match.end() + formula.start() : match.end() + formula.end()]) if formula else "",
        note=money.note if money else "",
    )


_RATE = re.compile(
    rf"(?P<figures>\d{{1,2}}(?:[.,]\d{{1,3}})?|\d?\.\d{{1,3}}) ?(?:%|per ?cent|percent)|\b(?P<words>{CARDINAL}(?: and (?:one|a)[ -]half)?) ?(?:\( ?(?P<gloss>\d{{1,2}}(?:\.\d{{1,3}})?) ?%? ?\) ?)?(?:%|per ?cent|percent)|\bone and (?:one|a)[ -]half (?:\(1\.5\) )?per ?cent"
)


def _interest(sentence: Sentence) -> Iterator[Interest]:
    lower = sentence.lower
    if not re.search(
        r"\b(?:late|overdue|past[- ]due|unpaid|not paid|delinquent|outstanding|fail\w* to pay|after (?:the )?due|default\w*|when due|arrears|delay\w*)\b",
        lower,
    ):
        return
    cue = re.search(r"\binterest\b|\blate (?:payment )?(?:fee|charge|penalty)|\bfinance charge|\bservice charge", lower)
    if cue is None or re.search(
        r"\bownership interest|\bequity interest|\binterest in\b", lower[max(0, cue.start() - 20) : cue.end() + 4]
    ):
        return
    rate: float | None = None
    for match in _RATE.finditer(lower):
        if abs(match.start() - cue.start()) > 260:
            continue
        if match["figures"]:
            rate = float(match["figures"].replace(",", "."))
        elif match["words"]:
            rate = float(cardinal(re.sub(r" and (?:one|a)[ -]half", "", match["words"])) or 0) + (
                0.5 if "half" in match["words"] else 0.0
            )
        else:
            rate = 1.5
        after = lower[match.end() : match.end() + 70]
        per: Literal["month", "year", "day", "unsaid"] = "unsaid"
        if re.search(r"\b(?:per|a|each|every|for each|the) (?:calendar )?month|\bmonthly\b|/month", after):
            per = "month"
        elif re.search(r"\bper (?:year|annum)|\bannual|\bannually|\ba year|\bp\.a", after) or re.search(
            r"\bannual (?:\w+ ){0,3}rate of $", lower[max(0, match.start() - 40) : match.start()]
        ):
            per = "year"
        elif re.search(r"\b(?:per|a|each) (?:\w+ )?day|\bdaily", after):
            per = "day"
        above = re.search(
            r"\b(?:above|over|plus|prime|libor|base rate|euribor|in excess of)\b",
            lower[max(0, match.start() - 60) : match.end() + 80],
        )
        yield Interest(
            words=sentence.words(min(cue.start(), match.start()), max(cue.end(), match.end())),
            clause=sentence.clause,
            confidence=0.9 if per != "unsaid" else 0.75,
            rate=None if above else rate,
            per=per,
            formula=phrase(sentence.text[match.start() : match.start() + 160]) if above else "",
        )
        return
    named = re.search(
        r"\b(?:prime rate|libor|base rate|euribor|maximum (?:rate|legal|lawful|interest)|statutory (?:rate|interest)|legal rate|highest (?:rate|lawful))[^.;]{0,60}",
        lower,
    )
    if named:
        yield Interest(
            words=sentence.words(cue.start(), named.end()), clause=sentence.clause, confidence=0.75, rate=None, per="unsaid", formula=sentence.text[named.start() : named.end()].strip()
        )  # fmt: skip

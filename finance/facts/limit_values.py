"""How high a limit of liability is: a sum, so many months' fees, or the lesser or the greater of several such branches.

``measure`` reads the words behind "shall not exceed". Of branches in different measures no single number is the limit: the one that is known
then bounds it, and says on which side. Used by ``finance/facts/liability.py``.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from .money import MoneyHit
from .numbers import CARDINAL, cardinal
from .sentences import Sentence
from .types import Bound, Duration, Money

REACH = 420
"""Characters behind the verb in which the limit's value is looked for."""
MONEY_REACH = 260
MAX_BRANCHES = 6

_LOOK_BACK = re.compile(r"\b(?:preceding|previous|prior|immediately before|before|last|trailing|past)\b")
_LESSER = r"(?:lesser|lower|smaller|least|lowest|smallest|less)"
_GREATER = r"(?:greater|higher|larger|greatest|highest|largest|more)"
_COMBINED = re.compile(rf"\b(?:the |an amount equal to the )?(?:(?P<lesser>{_LESSER})|(?P<greater>{_GREATER})) of\b")
_WHICHEVER = re.compile(
    rf"\bwhichever (?:\w+ ){{0,4}}?(?:(?P<lesser>{_LESSER})|(?P<greater>{_GREATER}))\b|\b(?:if|where) (?P<less>less)\b|\b(?:if|where) (?P<more>greater|higher|more)\b"
)
_CEILING = re.compile(
    r"[,(;]? ?(?:but |and )?(?:in (?:no|any) (?:event|case) |not |never |shall |will )*(?:to exceed|exceed\w*|more than|up to (?:a |an )?(?:\w+ )?maximum of|to a maximum of|subject to a maximum of|capped at)\b"
)
_FLOOR = re.compile(
    r"[,(;]? ?(?:but |and )?(?:in (?:no|any) (?:event|case) |not |never |shall |will |be )*(?:less than|with a minimum of|subject to a minimum of)\b"
)
_MARK = re.compile(
    r"\((?:[a-cxyz]|i{1,3}|iv)\)|(?<!one )(?<!two )(?<!three )\([1-4]\) (?=the|an?\b|all|total|[$€£]|usd|eur|gbp|fees|amounts?|\d)"
)
_JOINT = re.compile(
    r",? (?:and|or) (?=(?:\([a-z0-9]{1,3}\) )?(?:the|an?|all|total|any|such|[$€£]|us\$|usd|eur|gbp|fees|amounts?|\[|\d|(?:"
    + CARDINAL
    + r")\b))"
)
_OF_VALUE = re.compile(
    r"[$€£\[]|\b(?:usd|eur|gbp|amounts?|fees?|sums?|price|paid|payable|charges|payments?|value|revenue|insurance|per ?cent|premium|cost|dollars?|coverage)\b|%"
)
_FEES = re.compile(
    r"\b(?:fees?|paid|payable|amounts?|charges?|compensation|sums?|payments?|price|revenue|received|rent|subscriptions?|invoices?)\b"
)
_LAST_PERIOD = re.compile(
    r"\b(?:(?:preceding|previous|prior|last) (?:calendar |contract |twelve-month |full )?(?P<a>year|quarter|month)\b"
    r"|(?:relevant|applicable|such|any|each|that) (?:calendar |contract |twelve-month )?(?P<d>year)\b"
    r"|(?P<b>month|quarter|year) (?:immediately )?(?:preceding|before|prior to)\b|(?:in|during|for) the (?:calendar |contract )?(?P<c>month|quarter|year) (?:in|during) which)"
)
_PERIODIC_FEE = re.compile(
    r"\b(?:annual (?:\w+ ){0,2}(?:fees?|charges|contract|subscription|price)|(?P<a>monthly|quarterly|yearly) (?:\w+ ){0,2}(?:fee|charge|payment|subscription|rent|price)\b)"
)
_MONTHS_IN = {"year": 12.0, "yearly": 12.0, "quarter": 3.0, "quarterly": 3.0, "month": 1.0, "monthly": 1.0}


@dataclass(frozen=True)
class Measure:
    """The height of a limit. ``amount`` and ``months`` are None where it is not in that measure; ``bound`` says whether they are the limit
    itself or bound it from above or below. ``confidence`` is that of the amount, ``notes`` what is odd."""

    amount: Money | None = None
    months: float | None = None
    bound: Bound = "exact"
    look_back: Duration | None = None
    confidence: float = 1.0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Branch:
    amount: MoneyHit | None
    months: float | None

    @property
    def kind(self) -> str:
        """``amount`` with its currency, ``months``, or "" where the branch is in neither measure, or in both at once."""
        if self.amount is not None and self.amount.money is not None and self.months is None:
            return f"amount {self.amount.money.currency}"
        return "months" if self.months is not None and self.amount is None else ""


def measure(sentence: Sentence, at: int, start: int) -> Measure:
    """Read the height of a limit whose verb stands at ``at`` and ends at ``start`` of the sentence."""
    hits = [hit for hit in sentence.money if start - 4 <= hit.start <= start + MONEY_REACH]
    money = next((hit for hit in hits if hit.money is not None), None)
    notes = tuple(
        hit.note for hit in (money, next((hit for hit in hits if hit.money is None), None)) if hit and hit.note
    )
    if money is None and not notes and re.search(r"\[[^\]\w]{0,12}\]|\*{2,}", sentence.lower[start : start + 80]):
        notes = ("amount blank or redacted",)
    sure = money.confidence if money else 1.0
    look_back = _look_back(sentence, start)
    combined = _branches(sentence, at, start)
    if combined is None:
        months = months_of_fees(sentence, start, start + REACH)
        return Measure(money.money if money else None, months, "exact", look_back, sure, notes)
    bound, branches = combined
    pick = min if bound == "at_most" else max
    factor = _multiple(sentence.lower[start : max(start, _combined_at(sentence, at))])
    months_known = [
        branch.months * factor for branch in branches if branch.kind == "months" and branch.months is not None
    ]
    sums = [branch.amount.money for branch in branches if branch.kind.startswith("amount") and branch.amount]
    known = [
        amount for amount in sums if amount is not None and sums[0] is not None and amount.currency == sums[0].currency
    ]
    amount = pick(known, key=lambda found: found.amount, default=None)
    if amount is not None and factor != 1.0:
        amount = Money(amount.amount * type(amount.amount)(str(factor)), amount.currency)
    one_measure = len({branch.kind for branch in branches}) == 1 and bool(branches[0].kind)
    return Measure(
        amount,
        round(pick(months_known), 2) if months_known else None,
        "exact" if one_measure else bound,
        look_back,
        sure,
        notes,
    )


def _combined_at(sentence: Sentence, at: int) -> int:
    match = _COMBINED.search(sentence.lower, at, at + 200)
    return match.start() if match else -1


def _branches(sentence: Sentence, at: int, start: int) -> tuple[Bound, Sequence[_Branch]] | None:
    """The branches of "the lesser of (a) ... and (b) ...", "... or ..., whichever is greater", "... but not more than ..."."""
    lower = sentence.lower
    match = _COMBINED.search(lower, at, min(len(lower), start + 160))
    if match:
        side: Bound = "at_most" if match["lesser"] else "at_least"
        return side, _read(sentence, _split(lower, match.end(), _end(lower, match.end())))
    end = _end(lower, start)
    which = _WHICHEVER.search(lower, start, min(len(lower), end + 80))
    if which:
        less = which["lesser"] or which["less"]
        return "at_most" if less else "at_least", _read(sentence, _split(lower, start, which.start()))
    sides: tuple[tuple[Bound, re.Pattern[str]], ...] = (("at_most", _CEILING), ("at_least", _FLOOR))
    for bound, pattern in sides:
        for turn in pattern.finditer(lower, start + 8, min(len(lower), start + REACH)):
            first = (start, turn.start())
            second = (turn.end(), min(_end(lower, turn.end()), turn.end() + 120))
            if _OF_VALUE.search(lower[first[0] : first[1]]) and _OF_VALUE.match(lower[second[0] : second[1]].lstrip()):
                return bound, _read(sentence, [first, second])
    return None


def _end(lower: str, start: int) -> int:
    """Where the words on a limit's height end."""
    cut = re.compile(
        r"\. |; (?!(?:and|or)\b|\()|, (?:except|provided|and in no|regardless|whether|even|unless|nor)\b| (?:except|provided,? (?:however|that)|unless|regardless)\b"
    ).search(lower, start)
    return min(cut.start() if cut else len(lower), start + REACH)


def _split(lower: str, start: int, end: int) -> list[tuple[int, int]]:
    """The stretches of the branches: at "(a)", "(b)" where they stand, else at the "and" or "or" that has a value on each side."""
    marks = list(_MARK.finditer(lower, start, end))
    if len(marks) >= 2 and marks[0].start() - start <= 24:
        edges = [mark.start() for mark in marks[:MAX_BRANCHES]] + [end]
        return list(itertools.pairwise(edges))
    pieces: list[tuple[int, int]] = []
    rest = start
    for joint in _JOINT.finditer(lower, start, end):
        if _OF_VALUE.search(lower[rest : joint.start()]) and _OF_VALUE.search(lower[joint.end() : end]):
            pieces.append((rest, joint.start()))
            rest = joint.end()
            if len(pieces) == MAX_BRANCHES:
                break
    return [*pieces, (rest, end)]


def _read(sentence: Sentence, stretches: Sequence[tuple[int, int]]) -> list[_Branch]:
    branches: list[_Branch] = []
    for start, end in stretches:
        hits = [hit for hit in sentence.money if start - 1 <= hit.start < end]
        branches.append(_Branch(hits[0] if hits else None, months_of_fees(sentence, start, end)))
    # a single stretch holds branches that could not be told apart: what was read in it is but one of them
    return [*branches, _Branch(None, None)] if len(branches) == 1 else branches


def months_of_fees(sentence: Sentence, start: int, end: int) -> float | None:
    """How many months' fees the words in ``start``..``end`` speak of: "fees paid in the twelve months before the claim" is 12."""
    window = sentence.lower[start:end]
    if not _FEES.search(window):
        return None
    for hit in sentence.durations:
        if start <= hit.start < end and hit.duration.unit in ("month", "year", "quarter", "day", "week"):
            before, after = (
                sentence.lower[max(start, hit.start - 60) : hit.start],
                sentence.lower[hit.end : hit.end + 60],
            )
            fees_of = re.search(
                r"\b(?:during|in|over|for|within|preceding|previous|prior|last|of|the)\b[^.;]{0,30}$", before
            )
            multiple = re.match(r"(?:'s?|s')? (?:of )?(?:\w+ ){0,2}(?:fees?|charges|rent|payments?)", after)
            if fees_of or multiple or _LOOK_BACK.search(after):
                return round(hit.duration.months * _multiple(window[: max(0, hit.start - start)]), 2)
    if last := _LAST_PERIOD.search(window[:200]):
        return _MONTHS_IN[last["a"] or last["b"] or last["c"] or last["d"]] * _multiple(
            window[: min(120, last.start())]
        )
    if fee := _PERIODIC_FEE.search(window[:200]):
        return _MONTHS_IN[fee["a"] or "year"] * _multiple(window[: min(120, fee.start())])
    return None


def multiple_of_a_limit(text: str) -> float | None:
    """By what a limit is multiplied that is said in terms of another: "three (3) times that amount" is 3; None where it is not so said.

    >>> multiple_of_a_limit("three (3) times the limit that applies to other claims")
    3.0
    """
    match = re.search(
        r"\b(?:times|x|per ?cent|twice|double|%\)?)(?: of)? (?:the |that |such |this )(?:\w+ ){0,3}?(?:amount|limit|limitation|cap|sum|maximum)\b(?! (?:of|paid|payable|invoiced|received|due))",
        text.lower(),
    )
    return _multiple(text.lower()) if match else None


def _multiple(text: str) -> float:
    match = re.search(
        rf"\b(?:(?P<times>{CARDINAL}|\d{{1,2}}(?:\.\d)?) ?(?:\(\d{{1,2}}x?\) ?)?(?:times|x)\b|(?P<word>twice|double)\b|(?P<percent>\d{{1,4}}) ?%|(?P<words>{CARDINAL}) per ?cent)",
        text,
    )
    if not match:
        return 0.5 if re.search(r"\bhalf (?:of )?(?:the|an?)\b", text) else 1.0
    if match["word"]:
        return 2.0
    if match["percent"]:
        return int(match["percent"]) / 100
    if match["words"]:
        return (cardinal(match["words"]) or 100) / 100
    times = match["times"]
    return float(times) if times[0].isdigit() else float(cardinal(times) or 1)


def _look_back(sentence: Sentence, start: int) -> Duration | None:
    lower = sentence.lower
    for hit in sentence.durations:
        if start <= hit.start <= start + REACH and (
            _LOOK_BACK.search(lower[max(start, hit.start - 40) : hit.start])
            or _LOOK_BACK.search(lower[hit.end : hit.end + 50])
        ):
            return hit.duration
    return None


def basis(lower: str, start: int, end: int) -> Literal["aggregate", "per_claim", "unsaid"]:
    """Whether a limit at ``start``..``end`` of a sentence in lower case counts once for all claims, or for each."""
    window = lower[max(0, start - 80) : end + MONEY_REACH]
    if re.search(
        r"\bper (?:claim|occurrence|incident|event|breach)|\b(?:each|(?<!in )any|every|a single|any one) (?:claim|occurrence|incident|event|such claim|one (?:claim|event|occurrence))\b|\bin respect of (?:any|each) (?:single |one )?(?:claim|event)",
        window,
    ) and not re.search(r"\baggregate|\bcumulative", window):
        return "per_claim"
    if re.search(
        r"\baggregate|\btotal\b|\bcumulative|\bentire\b|\ball (?:claims|causes|damages|liabilit)|\boverall|\bmaximum (?:aggregate|total|cumulative|liab)",
        window,
    ):
        return "aggregate"
    return "per_claim" if re.search(r"\bgiving rise to the (?:claim|liability)", window) else "unsaid"

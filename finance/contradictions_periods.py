"""Two periods for one right: the same holder, start and subject, and another length.

One part of ``finance/contradictions.py``. Contracts word one right in many ways ("thirty days' prior written notice", "thirty days after
notice of the breach"), so what starts a period is compared by what it says, not by its words; and what a period is for (travel expenses,
trade secrets, a failure to pay) must be the same on both sides.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from .document import Words
from .facts.types import ContractFacts, Duration, Found, Period
from .vocabulary import RIGHTS

MAX_PERIODS = 60
"""Periods of one right compared pair by pair; a longer list is a table, not a clause said twice."""
_COMPARED = frozenset(RIGHTS) - {"post_termination", "retention", "non_solicit", "terminate_for_cause"}
"""Rights that a contract gives once; the others are words for many a time that is not one right."""
_WITHOUT_TRIGGER = frozenset({"terminate_for_convenience", "prevent_renewal", "confidentiality", "non_compete"})

_STARTS: Mapping[str, tuple[tuple[str, re.Pattern[str]], ...]] = {
    "terminate_for_convenience": (),
    "prevent_renewal": (),
    "cure": (),
    "payment": (
        ("receipt", re.compile(r"\breceipt|\breceiv")),
        ("date", re.compile(r"\bdate\b|\bdated\b|\bissu")),
        ("month", re.compile(r"\bmonth|\bquarter|\byear")),
        ("delivery", re.compile(r"\bdeliver|\bship|\baccept|\bcompletion|\bperformance")),
    ),
    "confidentiality": (
        ("disclosure", re.compile(r"\bdisclos|\breceipt|\breceiv")),
        ("end", re.compile(r"\bend(?:s|ed)?\b|\bterminat|\bexpir")),
        ("start", re.compile(r"\beffective date|\bdate of this|\bhereof\b")),
    ),
}
"""Rights whose start is compared by its meaning; a right whose list is empty starts with the notice, however that is worded."""

_NOTICE_WORDS = re.compile(
    r"\b(?:notice|notification|notify\w*|written|prior|advance|previous|or more|in writing|receipt|delivery|giving|after|following|from|upon|of|to|by|the|a|an|such|its|their|in|"
    r"(?:material |alleged )?breach(?:es)?|defaults?|thereof|specifying|describing|other|either|party|non-?breaching|breaching|terminating|is given|given|sent|received|this|that|agreement)\b"
)
_INVOICE_WORDS = re.compile(
    r"\b(?:invoices?|statements?|bills?|such|each|every|any|the|its|an?|it|receipt|receiv\w+|date|dated|issue[ds]?|issuance|of|by|after|from|following|upon|on|that|which|undisputed|proper\w*|valid|correct|complete|original"
    r"|applicable|corresponding|relevant|respective|therefore?|thereof|net|days|end|month|in which|is|are|was)\b"
)
_ENDING = re.compile(r"\bterminat|\bcancel|\bend (?:it|this)\b|\brescind")
_CONDITION = re.compile(r"\bif\b|\bin the event\b|\bwhere\b|\bin case\b")
_SUBJECTS: Mapping[str, re.Pattern[str]] = {
    "payment": re.compile(
        r"\bexpens\w*|\btravel|\breimburs|\bdeposit|\broyalt|\bcommission|\bfinal\b|\bupfront|\bup-front|\brefund|\bcredits?\b|\bmilestone|\brent\b|\btax|\bfreight|\bpurchase price|\bhardware"
        r"|\blicen[sc]e fee|\bsubscription|\bsupport|\bmonth|\bquarter|\bannual|\binterest|(?<!un)\bdisputed|\bset-?up|\blate\b|\boverdue|\bpast due|\bterminat|\bexpir|\bbonus|\bindemn|\baudit|\bunderpa|\boverpa"
        r"|\bclaims?\b|\bdispute|\bcorrect|\bthereafter|\bfirst\b|\bduring\b|\binstal+ment|\btooling|\bdevelopment|\bservices\b|\bproducts?\b|\bstorage|\bpenalt|\bdamages|\bshortfall|\bminimum|\bcosts?\b"
    ),
    "cure": re.compile(
        r"\bpay\w*|\bmoney|\bmonetary|\bfees?\b|\binvoice|\binsolv|\bbankrupt|\bconfiden|\binsur|\bdeliver|\bquality|\bservice levels?|\bspecification|\blicen[sc]e|\bregulat|\breport|\bminimum|\bexclusiv|\bnon-?monetary"
        r"|\bsafety|\bpremises|\broyalt|\bfranchis|\bperformance|\bwarrant|\bdefects?\b|\bnonconform|\bmaterial|\bnot (?:otherwise )?(?:covered|provided|listed)|\bcannot|\bextend|\badditional|\bproducts?\b|\bdispute|\binfring|\bservices\b"
    ),
    "confidentiality": re.compile(
        r"\btrade secret|\bsource code|\bpersonal|\btechnical|\bknow-?how|\bthis section|\bterms of this|\bpublic|\bemployee|\bcustomer lists?|\bsurviv|\bcompet|\bsolicit|\bformula|\bresidual|\bpric"
    ),
    "terminate_for_convenience": re.compile(
        r"\bif\b|\bin the event|\bwhere\b|\bwhen\b|\banniversary|\binitial term|\brenewal|\bfirst\b|\bafter\b|\bduring\b|\bstatement of work|\border\b|\bsow\b|\bservices?\b|\bproject|\blicen[sc]e|\bexhibit|\bschedule|\bbreach|\bmaterial\w*"
        r"|\bproducts?\b|\bcountry|\bpart\b|\bpartial|\blease|\bthen\b|\bmonth-to-month|\bregulat|\bchange"
    ),
    "prevent_renewal": re.compile(
        r"\bstatement of work|\border\b|\bservices?\b|\blicen[sc]e|\bexhibit|\boption|\bincrease|\bfees?\b|\bprices?\b|\binitial term\b(?! or)|\brenewal term\b"
    ),
}
"""What else a period may be for: two periods that differ in these words are of two subjects."""


def two_periods(
    facts: ContractFacts,
    sentence: Callable[[Words], str],
    apart: Callable[[Found, Found], bool],
) -> Iterator[tuple[Period, Period]]:
    """Pairs of periods for one right that differ; of equal pairs the first."""
    by_right: dict[str, list[Period]] = {}
    for period in facts.periods:
        if period.right in _COMPARED and period.length.value > 0 and len(by_right.get(period.right, ())) < MAX_PERIODS:
            by_right.setdefault(period.right, []).append(period)
    seen: set[tuple[str, frozenset[str]]] = set()
    names = _names(facts)
    for right, periods in by_right.items():
        for a, b in itertools.combinations(periods, 2):
            key = (right, frozenset((str(a.length), str(b.length))))
            if key in seen or _same_length(a.length, b.length) or not _meet(a, b):
                continue
            if _one_right(right, a, b, sentence, names) and apart(a, b):
                seen.add(key)
                yield a, b


def _names(facts: ContractFacts) -> re.Pattern[str]:
    names = {name.casefold() for party in facts.parties for name in (party.name, *party.aliases) if len(name) > 1}
    return re.compile(
        "|".join(rf"\b{re.escape(name)}(?!\w)" for name in sorted(names, key=len, reverse=True)) or r"(?!)"
    )


def _meet(a: Period, b: Period) -> bool:
    """Whether two periods may be of one holder: the same, both parties' whatever it is called, or one whose holder is not said."""
    first, second = ("either" if period.holder in ("both", "either") else period.holder for period in (a, b))
    if first == second:
        return bool(first) or a.right in _STARTS
    return a.right in _STARTS and "" in (first, second)


def _one_right(right: str, a: Period, b: Period, sentence: Callable[[Words], str], names: re.Pattern[str]) -> bool:
    starts = _STARTS.get(right)
    first, second = (" ".join(sentence(period.words).casefold().split()) for period in (a, b))
    if any(_is_told_again(period, words) for period, words in ((a, first), (b, second))):
        return False
    if starts is None:
        if _CONDITION.search(first) or _CONDITION.search(second):
            return False
        return bool(a.trigger.strip() or right in _WITHOUT_TRIGGER) and _letters(a.trigger) == _letters(b.trigger)
    subjects = _SUBJECTS[right]
    if set(subjects.findall(first)) != set(subjects.findall(second)):
        return False
    if starts:
        of_a, of_b = (_start_of(period, starts) for period in (a, b))
        if (
            right == "payment"
            and len({_letters(_INVOICE_WORDS.sub(" ", names.sub(" ", p.trigger.casefold()))) for p in (a, b)}) > 1
        ):
            return False  # of an invoice and of a report
        return bool(of_a) and of_a == of_b
    if right == "cure" and not (_ENDING.search(first) and _ENDING.search(second)):
        return False  # what may be done when the time is over is not said: it may be anything
    rests = [_NOTICE_WORDS.sub(" ", names.sub(" ", period.trigger.casefold())) for period in (a, b)]
    return right == "prevent_renewal" or _letters(rests[0]) == _letters(rests[1])


def _is_told_again(period: Period, sentence: str) -> bool:
    """Whether a period only points at one given before: "within such 10-day period"."""
    words = re.escape(" ".join(period.words.text.casefold().split()))
    return (
        re.search(
            rf"\b(?:the|such|said|that|this) (?:same |specified |foregoing |above )?{words}\b(?! (?:after|from|following|before|prior))",
            sentence,
        )
        is not None
    )


def _start_of(period: Period, starts: Sequence[tuple[str, re.Pattern[str]]]) -> str:
    return next((name for name, pattern in starts if pattern.search(period.trigger.casefold())), "")


def _same_length(a: Duration, b: Duration) -> bool:
    if "business_day" in (a.unit, b.unit) and a.unit != b.unit:
        return abs(a.days - b.days) <= 2
    return abs(a.days - b.days) <= 0.035 * max(a.days, b.days)


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", " ", text).strip().casefold()

"""Renewal: whether and how the term goes on, and the notice that stops it.

``terms`` reads the first term; a clause often says both, so ``duration_role`` tells the durations of one sentence apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

from .durations import DurationHit, outer_bound
from .numbers import CARDINAL, cardinal
from .sentences import Reading, Sentence
from .types import Duration, Renewal

DOCUMENT = r"(?:agreement|contract|lease|amendment|addendum|licen[cs]e|engagement|appointment|arrangement|venture|deed|order|undertaking|letter|jsma|program|subscription|services?|schedule|policy)"
"""What a contract calls itself, lower case."""

_RENEW = re.compile(
    r"\b(?:auto-?)?(?:renew\w*|extend\w*|extension\w*|roll over|evergreen)|\byear[- ]to[- ]year\b|\bmonth[- ]to[- ]month\b|\bthereafter,? (?:\w+ ){0,4}continu|\bcontinu\w+ (?:\w+ ){0,6}thereafter\b|\bindefinitely (?:after|thereafter)"
)
_AUTOMATIC = re.compile(
    r"\bautomatic|\bauto-?renew|\b(?:shall|will)(?: be| thereafter| then| also)* (?:renew|extend)|\bdeemed (?:to be )?(?:renewed|extended)|\bevergreen\b|\byear[- ]to[- ]year\b|\bmonth[- ]to[- ]month\b|\brenews?\b[^.;]{0,60}\bunless\b|\b(?:renewed|extended)\b[^.;]{0,160}\bunless\b"
    r"|\b(?:continu|remain|thereafter)\w*\b[^.;]{0,120}\b(?:until|unless)\b[^.;]{0,120}\bnotice"
)
_BY_AGREEMENT = re.compile(
    r"\bmay (?:be )?(?:\w+ ){0,2}(?:renew|extend)|\boption (?:to|of) (?:\w+ ){0,3}(?:renew|extend)|\bright to (?:renew|extend)|\bmutual(?:ly)? (?:written )?(?:agree|consent)|\bwritten agreement\b|\bagree(?:d)? (?:in writing )?to (?:renew|extend)|\brenewal option|\brenewable\b"
)
_TIMES = re.compile(
    rf"\b(?:up to|for|maximum of|not? more than|exceed(?:ing)?|additional|of|to)? ?(?:an? )?(?P<n>{CARDINAL}|\d{{1,2}})(?: ?\(\d{{1,2}}\))? (?:additional|successive|further|consecutive|renewal|extension|separate|more|subsequent|optional|extended)\b"
)
_STOPS = re.compile(
    r"\bnot to renew|\bnon-?renew|\bnot (?:be )?(?:renewed|extended)|\bintent(?:ion)? (?:not )?to (?:terminate|renew|extend)|\bprior to (?:the )?(?:end|expir\w+|renewal|anniversary)|\bbefore (?:the )?(?:end|expir\w+|renewal)|\bnotice of termination|\bconclusion of the|\bexpiration of the (?:then|initial|term)|\bend of the (?:then|initial|term)|\b(?:after|following|during) the (?:initial|extended|renewal) term\b|\bthereafter\b[^.;]{0,60}\bterminat|\bany renewal|\bits ?renewals"
)


def duration_role(sentence: Sentence, hit: DurationHit) -> str:
    """What a duration in a clause on term or renewal is: ``notice``, ``renewal`` or ``length``."""
    before = sentence.lower[max(0, hit.start - 110) : hit.start]
    after = sentence.lower[hit.end : hit.end + 70]
    if re.match(
        r"(?:'s?|s')?,? ?(?:(?:advance|prior|written|previous|advanced|or more|of|in) ?)*,? ?(?:written )?(?:notice|notification|notify)|'? (?:prior|before|in advance|preceding|previous)\b",
        after,
    ):
        return "notice"
    near = before[-60:]
    if re.search(
        r"(?:notice|notif\w+|notification|advis\w+|inform\w+|request\w*|elect\w*)\b[^.;]{0,60}(?:at least|less than|later than|fewer than|minimum of|within|upon|of|by|for|on)(?: a)? ?$",
        before,
    ) and not re.search(
        r"\b(?:renew\w*|term|period|extend\w*)\b (?:\w+ ){0,3}(?:for|of) (?:a |an )?(?:\w+ ){0,3}$", near
    ):
        return "notice"
    if re.search(
        r"\b(?:at least|not less than|no less than|no later than|not later than|no fewer than|upon|minimum of) $", near
    ) and re.match(r"[^.;]{0,50}\b(?:notice|prior|before|advance)", after):
        return "notice"
    if re.search(
        r"\b(?:renew\w*|extend\w*|extension\w*|successive|additional|further|subsequent|consecutive|rolling|anniversary)\b[^.;]{0,50}$",
        before,
    ) and not re.search(
        r"\binitial\b[^.;]{0,40}$|\b(?:shall|will|and|to) extend (?:for|until|through|thereafter)[^.;]{0,40}$|terminat\w+[^.;]{0,30}$|following[^.;]{0,20}$|\bunless\b[^.;]{0,40}\bextended\b[^.;]{0,60}$",
        near,
    ):
        return "renewal"
    if re.match(
        r"[- ]?(?:renewal|extension|successive|additional|(?:term|period)s\b|renewals)", after
    ) and not re.search(r"initial $", before):
        return "renewal"
    return "length"


def renewal(reading: Reading) -> Renewal | None:
    """The renewal clause of the contract that says most, None where none was found."""
    best: tuple[float, Renewal] | None = None
    for number, sentence in enumerate(reading.sentences):
        found = _renewal_sentence(reading, number, sentence)
        if found is not None and (best is None or found[0] > best[0]):
            best = found
    return best[1] if best else None


def _renewal_sentence(reading: Reading, number: int, sentence: Sentence) -> tuple[float, Renewal] | None:
    lower = sentence.lower
    if not _RENEW.search(lower):
        return None
    label = max(
        sentence.labels.get("renewal_term", 0.0), sentence.labels.get("notice_period_to_terminate_renewal", 0.0)
    )
    automatic = _AUTOMATIC.search(lower) is not None
    agreed = _BY_AGREEMENT.search(lower) is not None
    if not automatic and not agreed and label < 0.5:
        return None
    subject = re.search(rf"\b(?:term|{DOCUMENT}|renewal|extension)\b", lower) is not None or (
        re.search(r"\b(?:extends?|renews?) it\b", lower) is not None
        and re.search(r"\bterm\b|\brenew|\bextension|\boption", sentence.headings) is not None
    )
    if not subject or (
        re.search(
            r"\b(?:patent|trademark|registration|domain|insurance|policy|letter of credit|time|deadline|payment)\b",
            lower,
        )
        and not re.search(r"\bterm\b|this agreement", lower)
    ):
        return None
    if re.search(r"\b(?:is|are) hereby extended (?:to|until|through)\b", lower) and "automatic" not in lower:
        return None  # an amendment that moves the end renews nothing by itself
    hits = list(sentence.durations)
    length = next((hit for hit in hits if duration_role(sentence, hit) == "renewal"), None)
    notice = _stop_notice(sentence, hits)
    near: Sentence | None = sentence
    if notice is None:
        notice, near = _stop_notice_near(reading, number)
    implied = None
    if length is None:
        if re.search(r"\byear[- ]to[- ]year|\bannual(?:ly)?\b|\byearly\b|each anniversary|\bone-year\b", lower):
            implied = Duration(1, "year")
        elif re.search(r"\bmonth[- ]to[- ]month|\bmonthly\b", lower):
            implied = Duration(1, "month")
    times_match = _TIMES.search(lower)
    times = None
    if times_match and not re.match(r"\d{3,}", times_match["n"]):
        times = cardinal(times_match["n"]) if times_match["n"][0].isalpha() else int(times_match["n"])
    score = 2.0 * label + (1.0 if automatic else 0.3) + (0.6 if length or implied else 0.0) + (0.8 if notice else 0.0)
    score += 0.5 if re.search(r"\bautomatic|\bunless\b", lower) else 0.0
    score += 0.5 if re.search(r"\bterm|renew", sentence.headings) else 0.0
    score -= 1.0 if sentence.part != reading.main_part else 0.0
    if score < 1.0:
        return None
    if notice is not None and near is not None and near is not sentence:
        score -= 0.1
    confidence = min(
        0.95, 0.6 + 0.1 * score, length.confidence if length else 1.0, notice.confidence if notice else 1.0
    )
    note = "; ".join(hit.note for hit in (length, notice) if hit is not None and hit.note)
    is_automatic = automatic and not (agreed and not re.search(r"\bautomatic", lower))
    found = Renewal(
        words=sentence.words(),
        clause=sentence.clause,
        confidence=confidence,
        automatic=is_automatic,
        length=length.duration if length else implied,
        times=times,
        notice=notice.duration if notice else None,
        open_notice="" if notice else _open_notice(sentence, is_automatic),
        note=note,
    )
    return score, found


_ASKS_NOTICE = re.compile(
    r"\b(?:unless|until)\b[^.;]{0,160}\b(?:notice|notif\w+)|\bnotice of (?:non-?renewal|its intention|termination)"
)
_UNSET = re.compile(
    r"(?P<redacted>\[ ?(?:\*[* ]{0,12}|redacted|omitted|confidential treatment requested) ?\]|(?<![*\w])\*{3,12}(?![*\w]))"
    r"|(?:_{2,}|\[ ?(?:[_●•. ]{0,20}|[a-z #/]{1,24}) ?\]|(?<!\w)[●•]+|(?<=[ (])x{2,3}(?= ))",
    re.I,
)
"""A blank or a redaction where a number is expected."""


def unset_number(
    text: str, start: int = 0, end: int | None = None
) -> tuple[int, int, Literal["blank", "redacted"]] | None:
    """The first blank or redaction in ``text[start:end]`` that stands before a unit of time: where it stands (unit included) and which it is."""
    for match in _UNSET.finditer(text, start, len(text) if end is None else end):
        unit = _UNIT_BEHIND.match(text, match.end())
        inside = re.search(r"\b(?:days?|weeks?|months?|years?)\b", match.group(), re.I)
        if unit or inside:
            return match.start(), unit.end() if unit else match.end(), "redacted" if match["redacted"] else "blank"
    return None


_UNIT_BEHIND = re.compile(
    r" ?(?:\( ?(?:[_●•*x ]{0,12}|\[[^\]]{0,12}\]) ?\))? ?(?:full |calendar |business |working |consecutive )?(?:days?|weeks?|months?|years?)\b",
    re.I,
)


def _open_notice(sentence: Sentence, automatic: bool) -> Literal["", "blank", "redacted", "unread"]:
    """Why the notice that a renewal asks for has no length; "" where none is asked for."""
    asks = _ASKS_NOTICE.search(sentence.lower)
    if asks is None:
        return ""
    unset = unset_number(sentence.text, asks.start())
    if unset is not None:
        return unset[2]
    if re.search(r"\[ ?(?:redacted|\*+) ?\]", sentence.lower[asks.start() :]):
        return "redacted"
    return "unread" if automatic else ""


def _stop_notice(sentence: Sentence, hits: list[DurationHit]) -> DurationHit | None:
    """The length of notice in a sentence; of a window ("not less than 60 and not more than 90 days") the end nearer to the renewal."""
    notices = [hit for hit in hits if duration_role(sentence, hit) == "notice"]
    last = next((hit for hit in notices if not outer_bound(sentence.lower, hit, hits)), None)
    first = next((hit for hit in hits if hit is not last and outer_bound(sentence.lower, hit, hits)), None)
    if last is None or first is None:
        return last
    return replace(
        last, note="; ".join(note for note in (last.note, f"not earlier than {first.duration} before") if note)
    )


def _stop_notice_near(reading: Reading, number: int) -> tuple[DurationHit | None, Sentence | None]:
    """The notice in one of the sentences beside a renewal clause, where the clause itself names none."""
    for sentence in _beside(reading, number):
        if _STOPS.search(sentence.lower):
            hit = _stop_notice(sentence, list(sentence.durations))
            if hit is not None:
                return hit, sentence
    return None, None


def _beside(reading: Reading, number: int) -> Iterator[Sentence]:
    for offset in (1, -1, 2, 3):
        if 0 <= number + offset < len(reading.sentences):
            yield reading.sentences[number + offset]

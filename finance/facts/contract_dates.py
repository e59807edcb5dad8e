"""The date of the agreement and the date it takes effect: from the preamble, the title page, definitions and signatures.

Dates come found from ``sentences``; this module says what they are for. ``terms`` adds the expiration.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from .dates import DateHit, find_blank, find_dates, show
from .sentences import Reading, Sentence
from .types import ContractDate, Signature

PREAMBLE_SENTENCES = 60
MAX_DEFINED = 200

_KIND = (
    r"(?:agreement|contract|lease|amendment|addendum|deed|memorandum|letter|licen[cs]e|order|statement of work|note|undertaking|plan|terms"
    r"|schedule|supplement|exhibit|joint venture|arrangement|policy|instrument)"
)
_THIS = re.compile(rf"\b(?:this|the (?:present|following)|that certain)\b.{{0,160}}?\b{_KIND}\b")
_MADE = re.compile(
    r"\b(?:made|entered|dated|date[:.]|executed|effective|as of|signed|concluded|agreed|between|by and among|this|is|on the|day of)\b[^.]{0,60}$"
)
_OTHER_DOCUMENT = re.compile(
    rf"\b(?:{_KIND}|act|law|form|rules|certain|filed|amended|restated),? ?(?:\([^)]{{0,60}}\) ?)?(?:,? ?(?:dated|made|entered into|executed|effective))?"
    r"(?: as)?(?: of| on)?(?: the)? ?$"
)
_FURNITURE = re.compile(r"\b(?:source:|10-[kq]\b|8-k\b|s-1\b|form \d|exhibit 10|filed|registration|commission|page \d|\bsec\b)")
_ABOVE = re.compile(r"date (?:and year )?(?:first|last)?,? ?(?:set forth|written|stated|mentioned|set out|appearing|given|hereinabove|herein)? ?(?:first )?(?:above|hereof|herein)|date of (?:this|the) (?:present )?agreement|date hereof")
_LAST_SIGNATURE = re.compile(
    r"(?:date|later|last|latest)\b.{0,80}\b(?:last|final|latest|later|both|all)\b.{0,40}\b(?:sign|execut)|sign(?:ed|ature) by (?:both|all|the last)"
    r"|date of (?:the )?(?:last |final )?(?:signature|execution|signing)|last (?:date|signature)|upon (?:execution|signature)"
)
_DEFINES = re.compile(r"^[\s,]{0,3}(?:[(\[][^()\"]{0,80})?\"(?:the )?([A-Z][\w /'-]{2,60}?)[\"']")
_MEANS = re.compile(r"\"?\b((?:[A-Z][\w'-]{1,30} ){0,4}(?:Date|Time|Day|DATE))\"?(?: of this Agreement)? ?(?:shall |will )?(?:means?|mean|is|be|:|refers to)\b")
_EFFECTIVE_TERM = re.compile(r"(?i:^(?:\w+ )?(?:effective|commencement|start|starting|inception|in-force|beginning) (?:date|day|time)$)")
_EFFECTIVE_VERB = re.compile(
    r"\b(?:(?:become|be|is|are|made|shall be|takes? effect|comes? into (?:force|effect)|enters? into (?:force|effect))(?: and is)?(?: made)?(?: legally)?,? ?"
    r"(?:(?:and )?(?:effective|binding|valid)(?: and binding)?)?|effective(?: date)?|commenc(?:es?|ing|ed?)|begin(?:s|ning)?)(?: date)?:? ?(?:as )?(?:of|on|from|at|is|upon)? ?(?:the )?(?:date )?$"
)


@dataclass(frozen=True)
class Dates:
    """The dates that anchor a contract: its own facts, and every defined date by its term in lower case ("launch date")."""

    agreement: ContractDate | None
    effective: ContractDate | None
    defined: dict[str, ContractDate] = field(default_factory=dict)


def contract_dates(reading: Reading, signatures: Sequence[Signature] = ()) -> Dates:
    """Find the agreement date, the effective date and the defined dates.

    A part that is blank or redacted gives a fact without value and with that status. "Date of last signature" is computed
    from ``signatures`` where all of them carry a date.
    """
    agreement = _agreement(reading, signatures)
    defined = _defined(reading)
    effective = _effective(reading, agreement, defined, signatures)
    return Dates(agreement, effective, defined)


def _fact(sentence: Sentence, hit: DateHit, kind: str, confidence: float) -> ContractDate:
    status = "given" if hit.value else "redacted" if hit.redacted else "blank"
    return ContractDate(
        words=sentence.words(hit.start, hit.end),
        clause=sentence.clause,
        confidence=min(confidence, hit.confidence),
        kind=kind,  # type: ignore[arg-type]
        value=hit.value,
        status=status,
        note=hit.note,
    )


def _agreement(reading: Reading, signatures: Sequence[Signature]) -> ContractDate | None:
    candidates = list(_agreement_candidates(reading))
    if candidates:
        return max(candidates, key=lambda found: found.confidence)
    signed = _last_signature(reading, signatures, "agreement")
    return signed


def _agreement_candidates(reading: Reading) -> Iterable[ContractDate]:
    seen = 0
    for number, sentence in enumerate(reading.sentences):
        lower = sentence.lower
        late = number >= PREAMBLE_SENTENCES
        closing = late and "witness" in lower or "executed" in lower or "day of" in lower
        if late and not closing and "agreement_date" not in sentence.labels:
            continue
        for hit in sentence.dates:
            before = lower[max(0, hit.start - 200) : hit.start]
            score = _agreement_score(sentence, hit, before, late)
            score += 0.1 * sentence.labels.get("agreement_date", 0.0)
            if score > 0:
                seen += 1
                yield _fact(sentence, hit, "agreement", max(0.3, min(0.96, score) - 0.001 * min(seen, 50)))
        if not sentence.dates and number < PREAMBLE_SENTENCES and _THIS.search(lower):
            blank = find_blank(sentence.text)
            cue = blank and re.search(r"\b(?:dated|as of|made|effective|entered into)(?: and entered into)?(?: as of| on| this)*(?: the)? ?$", lower[: blank.start()][-60:])
            if blank and cue:
                hit = DateHit(blank.start(), blank.end(), None, 0.9, "*" in blank.group())
                yield _fact(sentence, hit, "agreement", 0.85)


def _agreement_score(sentence: Sentence, hit: DateHit, before: str, late: bool) -> float:
    lower = sentence.lower
    if _FURNITURE.search(lower[max(0, hit.start - 60) : hit.end + 20]):
        return 0.0
    after = lower[hit.end : hit.end + 200]
    whole = before[-120:]
    if late:
        if re.search(r"witness|executed|signed|set (?:their|its|his) hands?", lower) and re.search(r"(?:as of|on|this|dated|the)[^.]{0,40}$", whole[-60:]):
            return 0.7
        return 0.0
    this = _THIS.search(lower[: hit.start + 1]) or re.match(rf"[^.]{{0,120}}\b{_KIND}\b", lower)
    made = _MADE.search(whole)
    own = re.search(r"\b(?:is|are|was|hereby|been)? ?(?:made|entered into|executed|dated|effective|concluded|signed|agreed)\b[^.]{0,60}$", whole)
    document = _OTHER_DOCUMENT.search(whole)
    if this and own and re.search(r"between|by and among|among|parties|\bwith\b|\bfor\b|\bthe\b", lower):
        other = re.search(r"\b(?:that certain|the certain|under (?:the|that)|pursuant to)\b[^.]{0,120}$", whole)
        return 0.6 if other else 0.96 if re.search(r"between|among|by and", lower) else 0.9
    if this and made and re.search(r"between|among", after):
        return 0.9
    if re.search(r"(?:^|\b)(?:dated|date|agreement date|date of agreement|as of|dated as of|contract date|signing date|executed)[: ,]*(?:the |this )*$", whole):
        return 0.85 if len(lower) < 120 else 0.7
    if len(lower) < hit.end - hit.start + 12:
        return 0.8
    if re.match(r"[^.]{0,40}(?:between|among)", after):
        return 0.85
    if made and not document:
        return 0.5
    return 0.3 if not document else 0.2


def _last_signature(reading: Reading, signatures: Sequence[Signature], kind: str) -> ContractDate | None:
    dated: list[tuple[datetime.date, Signature]] = []
    for signature in signatures:
        hits = find_dates(" ".join(signature.date.split()))
        if hits and hits[0].value:
            dated.append((hits[0].value, signature))
    if not dated:
        return None
    value, signature = max(dated, key=lambda pair: pair[0])
    complete = len(dated) == len(signatures)
    return ContractDate(
        words=signature.words,
        clause=signature.clause,
        confidence=0.85 if complete else 0.6,
        kind=kind,  # type: ignore[arg-type]
        value=value,
        status="computed",
        arithmetic=f"date of last signature = {show(value)}",
        note="" if complete else "not every signature shows a date",
    )


def _defined(reading: Reading) -> dict[str, ContractDate]:
    found: dict[str, ContractDate] = {}
    for sentence in reading.sentences:
        if '"' not in sentence.text and " Date" not in sentence.text:
            continue
        for hit in sentence.dates:
            term = _DEFINES.match(sentence.text[hit.end : hit.end + 160])
            if term and len(found) < MAX_DEFINED:
                found.setdefault(term[1].lower(), _fact(sentence, hit, "effective", 0.95))
        for means in _MEANS.finditer(sentence.text):
            hit = next((hit for hit in sentence.dates if 0 <= hit.start - means.end() <= 40), None)
            if hit is not None and len(found) < MAX_DEFINED:
                found.setdefault(means[1].strip().lower(), _fact(sentence, hit, "effective", 0.93))
    return found


def _effective(
    reading: Reading, agreement: ContractDate | None, defined: dict[str, ContractDate], signatures: Sequence[Signature]
) -> ContractDate | None:
    for name in ("effective date", "commencement date", "start date", "effective time"):
        if name in defined:
            return defined[name]
    by_term = next((date for term, date in defined.items() if _EFFECTIVE_TERM.match(term)), None)
    if by_term is not None:
        return by_term
    indirect = _indirect(reading, agreement, signatures)
    if indirect is not None:
        return indirect
    best: ContractDate | None = None
    for number, sentence in enumerate(reading.sentences):
        for hit in sentence.dates:
            if not _EFFECTIVE_VERB.search(sentence.lower[max(0, hit.start - 80) : hit.start]):
                continue
            own = number < PREAMBLE_SENTENCES or re.search(r"\b(?:this|the) (?:\w+ ){0,3}" + _KIND, sentence.lower[: hit.start])
            if own and not _FURNITURE.search(sentence.lower[max(0, hit.start - 60) : hit.end + 20]):
                confidence = 0.9 if re.search(r"\bthis\b|initial term|term of", sentence.lower) else 0.6
                if best is None or confidence > best.confidence:
                    best = _fact(sentence, hit, "effective", confidence)
    return best


def _indirect(reading: Reading, agreement: ContractDate | None, signatures: Sequence[Signature]) -> ContractDate | None:
    """An effective date said by way of another: "the date first written above", "the date of the last signature"."""
    for sentence in reading.sentences:
        place = re.search(r"\"(?:the )?effective date\"?|\beffective date\b (?:shall |will )?(?:means?|be|is)\b|become effective|effective as of|shall be effective|comes? into (?:force|effect)", sentence.lower)
        if not place:
            continue
        near = sentence.lower[max(0, place.start() - 160) : place.end() + 160]
        if _LAST_SIGNATURE.search(near):
            signed = _last_signature(reading, signatures, "effective")
            if signed is not None:
                return signed
        if agreement is not None and _ABOVE.search(near):
            return ContractDate(
                words=sentence.words(),
                clause=sentence.clause,
                confidence=min(0.93, agreement.confidence),
                kind="effective",
                value=agreement.value,
                status="computed" if agreement.value else agreement.status,
                arithmetic=f"date of the agreement = {show(agreement.value)}" if agreement.value else "",
                note=agreement.note,
            )
    return None

"""The date of the agreement and the date it takes effect: from the preamble, the title page, definitions and signatures.

Dates come found from ``sentences``; this module says what they are for. ``terms`` adds the expiration.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from ..document import Words
from ..phrases import shortened
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
_BRACKETS = re.compile(r"\([^()]{0,300}\) ?")
_CUE = re.compile(
    r"\b(?:(?:(?:made|entered|dated|executed|signed|concluded|agreed|effective|in effect|in force|issued|given)(?:,? (?:and|but) (?:is )?(?:made|entered|executed|delivered|effective|dated|signed|concluded))*"
    r"(?: in(?:to)?)?(?: by and between[^;]{0,260}| between[^;]{0,260}| by[^.;]{0,120})?(?: as)?|date(?: of (?:this )?agreement)?:?|agreement date|(?:by and )?between[^;]{0,260} this|made|and is)[,:]?"
    r"(?: and| to be)?(?: effective)?(?: for reference)?(?: as)?(?: of| on| from| this| at| in)*(?: the| date| date of| day)*[ ,:_]*)$"
)
_DOCUMENT = re.compile(rf"\b{_KIND}\b")
_DETERMINER = re.compile(
    r"\b(?:(?P<own>this|the (?:present|following))|that|a|an|certain|such|the|under|by|to|its|their|our|any|each|all|said)\b"
)
_BLANK_CUE = re.compile(
    r"\b(?:dated|as of|made|effective|entered into)(?: and entered into)?(?: as of| on| this)*(?: the)? ?$"
)
_OTHER_DOCUMENT = re.compile(
    rf"\b(?:{_KIND}|act|law|form|rules|certain|filed|amended|restated),? ?(?:\([^)]{{0,60}}\) ?)?(?:,? ?(?:dated|made|entered into|executed|effective))?"
    r"(?: as)?(?: of| on)?(?: the)? ?$"
)
_FURNITURE = re.compile(r"\b(?:source:|10-[kq]\b|8-k\b|s-1\b|form \d|filed with|registration|exchange commission)")
_SIGNED = re.compile(
    r"\bdated?\b[ .:_]{0,6}(?:signed)?[ .:_]{0,4}$|\btitle[^.]{0,30}$|/s/[^.]{0,30}$|signature[^.]{0,24}$|\d{2,4} $"
)
_ABOVE = re.compile(
    r"date (?:and year )?(?:first|last)?,? ?(?:set forth|written|stated|mentioned|set out|appearing|given|hereinabove|herein)? ?(?:first )?(?:above|hereof|herein)|date of (?:this|the) (?:present )?agreement|date hereof"
)
_LAST_SIGNATURE = re.compile(
    r"(?:date|later|last|latest)\b.{0,80}\b(?:last|final|latest|later|both|all)\b.{0,40}\b(?:sign|execut)|sign(?:ed|ature) by (?:both|all|the last)"
    r"|date of (?:the )?(?:last |final )?(?:signature|execution|signing)|last (?:date|signature)|upon (?:execution|signature)"
)
_DEFINES = re.compile(r"^[\s,]{0,3}(?:[(\[][^()\"]{0,80})?\"(?:the )?([A-Z][\w /'-]{2,60}?)[\"']")
_MEANS = re.compile(
    r"\"?\b((?:[A-Z][\w'-]{1,30} ){0,4}(?:Date|Time|Day|DATE))\"?(?: of this Agreement)? ?(?:shall |will )?(?:means?|mean|is|be|:|refers to)\b"
)
_NAMED_ABOVE = re.compile(
    r"(?i:\bdate (?:hereof|(?:of|on) (?:this|the) agreement|(?:first )?(?:set forth|written|stated|mentioned|set out)(?: first)? (?:above|herein))) \((?i:the |hereinafter |hereinafter called |collectively )*\"(?P<term>[A-Z][\w ]{2,40}[Dd]ate)\"\)"
)
_STARTS_ON = re.compile(
    r"\b(?P<term>(?:commencement|start|effective) date)\"? (?:of|for) (?:this|the) (?:agreement|contract|lease|term) (?:shall be|will be|is|means)(?: on)?:? ?"
)
_EFFECTIVE_TERM = re.compile(
    r"(?i:^(?:\w+ )?(?:effective|commencement|start|starting|inception|in-force|beginning) (?:date|day|time)$)"
)
_EFFECTIVE_VERB = re.compile(
    r"\b(?:takes? effect|(?:comes?|enters?) into (?:force|effect)|effective(?: and binding)?|in (?:force|effect)|commenc(?:es?|ing|ed?)|begin(?:s|ning)?)(?: date)?:? ?"
    r"(?:as )?(?:of|on|from|at|is|upon)? ?(?:the )?(?:date )?$"
)


_EFFECTIVE_EVENT = re.compile(
    r"\"(?:the )?effective date\"? (?:of this agreement )?(?:shall |will )?(?:means?|mean|be|is) (?P<event>(?:the (?:first |later |earlier )?(?:business )?(?:date|day) (?:on which|upon which|when|that|following)|when|upon|the (?:later|earlier|earliest|latest) of)\b[^.;]{6,120})"
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
    defined = _defined(reading, agreement)
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
    candidates = [*_agreement_candidates(reading)]
    best = max(candidates, key=lambda found: found.confidence, default=None)
    if best is None or best.confidence < 0.75:
        signed = _last_signature(reading, signatures, "agreement")
        if signed is not None:
            return signed
    return best


def _agreement_candidates(reading: Reading) -> Iterable[ContractDate]:
    seen = 0
    for number, sentence in enumerate(reading.sentences):
        lower = sentence.lower
        late = number >= PREAMBLE_SENTENCES
        if (
            late
            and not re.search(r"witness|executed|day of|is dated|are dated", lower)
            and "agreement_date" not in sentence.labels
        ):
            continue
        for hit in sentence.dates:
            if _FURNITURE.search(lower[max(0, hit.start - 60) : hit.start]):
                continue
            score = _late_score(lower, hit) if late else _early_score(lower, hit)
            if score > 0:
                seen += 1
                score += 0.1 * sentence.labels.get("agreement_date", 0.0) - 0.001 * min(seen, 50)
                yield _fact(sentence, hit, "agreement", min(0.96, score))
        if not sentence.dates and not late and _THIS.search(lower):
            blank = find_blank(sentence.text)
            cue = blank and _BLANK_CUE.search(lower[: blank.start()][-60:])
            if blank and cue:
                yield _fact(
                    sentence, DateHit(blank.start(), blank.end(), None, 0.9, "*" in blank.group()), "agreement", 0.85
                )


def _early_score(lower: str, hit: DateHit) -> float:
    """How surely a date near the top is the agreement's own, from the words around it."""
    before = _BRACKETS.sub("", lower[max(0, hit.start - 700) : hit.start])[-400:]
    after = lower[hit.end : hit.end + 160]
    if lower.count("date:") + lower.count("dated:") > 1:
        return 0.2  # signature blocks, not a title
    cue = _CUE.search(before)
    between = re.search(r"between|by and among|\bamong\b", lower) is not None
    if cue is None:
        alone = len(lower) <= hit.end - hit.start + 12
        if alone:
            return 0.8
        if re.match(r"[^.]{0,60}\b(?:between|among)\b", after) or re.search(rf"\b{_KIND}[,.:]? ?$", before[-20:]):
            return 0.78
        return 0.2
    if re.search(r"\bwhereas\b", lower[: hit.start]):
        return 0.2
    subject = before[: cue.start()]
    owners = [_owner(subject, noun.start()) for noun in _DOCUMENT.finditer(subject)]
    if re.match(
        r"\W{0,3}(?:\([^)]{0,80}\)\W{0,3})?as (?:previously |heretofore |further )?(?:amended|supplemented)", after
    ):
        return 0.25
    finite = (
        re.search(r"\b(?:is|are|was|be|been|hereby|become)(?: (?:hereby|duly|being|deemed|made))* $", subject)
        is not None
    )
    directly_this = re.search(r"\bthis(?: the)? ?$", before) is not None
    if owners:
        owner = owners[0] if finite or directly_this else owners[-1]
        if owner is False and not directly_this:
            return 0.25
        if owner is None and len(subject) > 160:
            return 0.45
    elif len(subject.strip()) > 60 and not between and not directly_this:
        return 0.3
    if "effective" in cue.group() and not re.search("made|dated|entered|executed", cue.group()):
        return 0.9 if owners else 0.6
    return 0.96 if owners or (between and len(subject.strip()) < 60) else 0.86


def _owner(subject: str, noun: int) -> bool | None:
    """Whether the nearest determiner before a document's noun makes it this document; None where it has none."""
    phrase = re.split(r"[.;,]", subject[max(0, noun - 70) : noun])[-1]
    nearest = [*_DETERMINER.finditer(phrase)][-1:]
    return nearest[0]["own"] is not None if nearest else None


def _late_score(lower: str, hit: DateHit) -> float:
    """The same for a date in a closing formula ("executed as of this 4th day of April, 2003")."""
    before = lower[max(0, hit.start - 200) : hit.start]
    if re.search(r"\bthis (?:agreement|contract|letter)? ?(?:is|was)? ?dated\b[^.]{0,20}$", before):
        return 0.9
    if re.search(r"witness whereof|executed|set (?:their|its|his|our) hands?|signed", lower) and re.search(
        r"\b(?:as of|on|this|dated|the|effective|at)\b[^.]{0,30}$", before
    ):
        if _OTHER_DOCUMENT.search(before) and "witness" not in lower:
            return 0.0
        return 0.72 if "witness" not in lower else 0.78
    return 0.0


def _last_signature(reading: Reading, signatures: Sequence[Signature], kind: str) -> ContractDate | None:
    """The latest date of the signature blocks; where none was read there, the latest "Date:" line of the second half."""
    dated: list[tuple[datetime.date, Words, int | None]] = []
    for signature in signatures:
        hits = find_dates(" ".join(signature.date.split()))
        if hits and hits[0].value:
            dated.append((hits[0].value, signature.words, signature.clause))
    complete = bool(dated) and len(dated) == len(signatures)
    if not complete:
        signed = False
        for sentence in reading.sentences:
            signed = (
                signed
                or sentence.kind == "signature"
                or re.search(r"in witness|/s/|\bby: |signature", sentence.lower) is not None
            )
            if not signed:
                continue
            for hit in sentence.dates:
                if (
                    hit.value
                    and not _FURNITURE.search(sentence.lower[max(0, hit.start - 60) : hit.start])
                    and (_SIGNED.search(sentence.lower[max(0, hit.start - 40) : hit.start]) or len(sentence.text) < 60)
                ):
                    dated.append((hit.value, sentence.words(hit.start, hit.end), sentence.clause))
    if not dated:
        return None
    value, words, clause = max(dated, key=lambda signature: signature[0])
    return ContractDate(
        words=words,
        clause=clause,
        confidence=0.85 if complete else 0.7,
        kind=kind,  # type: ignore[arg-type]
        value=value,
        status="computed",
        arithmetic=f"date of last signature = {show(value)}",
        note="" if complete else "not every signature shows a date",
    )


def _defined(reading: Reading, agreement: ContractDate | None) -> dict[str, ContractDate]:
    found: dict[str, ContractDate] = {}
    for sentence in reading.sentences:
        if '"' not in sentence.text and " Date" not in sentence.text:
            continue
        for hit in sentence.dates:
            term = _DEFINES.match(sentence.text[hit.end : hit.end + 160])
            if term and len(found) < MAX_DEFINED:
                found.setdefault(term[1].lower(), _fact(sentence, hit, "effective", 0.95))
        if agreement is not None:
            for named in _NAMED_ABOVE.finditer(sentence.text):
                if len(found) < MAX_DEFINED:
                    found.setdefault(named["term"].lower(), replace(agreement, kind="effective"))
        for starts in _STARTS_ON.finditer(sentence.lower):
            hit = next((hit for hit in sentence.dates if 0 <= hit.start - starts.end() <= 12), None)
            if hit is not None and len(found) < MAX_DEFINED:
                found.setdefault(starts["term"], _fact(sentence, hit, "effective", 0.9))
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
    for sentence in reading.sentences[:PREAMBLE_SENTENCES]:
        for hit in sentence.dates:
            if re.search(r"\beffective date[:,]? ?(?:is |of )?$", sentence.lower[max(0, hit.start - 24) : hit.start]):
                return _fact(sentence, hit, "effective", 0.92)
    indirect = _indirect(reading, agreement, signatures)
    if indirect is not None:
        return indirect
    best: ContractDate | None = None
    for number, sentence in enumerate(reading.sentences):
        for hit in sentence.dates:
            if not _EFFECTIVE_VERB.search(sentence.lower[max(0, hit.start - 80) : hit.start]):
                continue
            own = number < PREAMBLE_SENTENCES or re.search(
                r"\b(?:this|the) (?:\w+ ){0,3}" + _KIND, sentence.lower[: hit.start]
            )
            if own and not _FURNITURE.search(sentence.lower[max(0, hit.start - 60) : hit.start]):
                confidence = 0.9 if re.search(r"\bthis\b|initial term|term of", sentence.lower) else 0.6
                if best is None or confidence > best.confidence:
                    best = _fact(sentence, hit, "effective", confidence)
    if best is not None or agreement is None:
        return best
    return replace(
        agreement,
        kind="effective",
        confidence=min(0.75, agreement.confidence),
        status="computed" if agreement.value else agreement.status,
        arithmetic=f"date of the agreement = {show(agreement.value)}" if agreement.value else "",
        note="no effective date is said",
    )


def _indirect(reading: Reading, agreement: ContractDate | None, signatures: Sequence[Signature]) -> ContractDate | None:
    """An effective date said by way of another: "the date first written above", "the date of the last signature"."""
    for sentence in reading.sentences:
        place = re.search(
            r"\"(?:the )?effective date\"?|\beffective date\b (?:shall |will )?(?:means?|be|is)\b|become effective|effective as of|shall be effective|comes? into (?:force|effect)",
            sentence.lower,
        )
        if not place:
            continue
        near = sentence.lower[max(0, place.start() - 160) : place.end() + 160]
        if _LAST_SIGNATURE.search(near):
            signed = _last_signature(reading, signatures, "effective")
            if signed is not None:
                return signed
        event = _EFFECTIVE_EVENT.search(sentence.lower)
        if event is not None and not _LAST_SIGNATURE.search(near) and not _ABOVE.search(near) and not sentence.dates:
            words = shortened(sentence.text[event.start("event") : event.end("event")])
            return ContractDate(
                words=sentence.words(event.start(), event.end()),
                clause=sentence.clause,
                confidence=0.8,
                kind="effective",
                value=None,
                status="blank",
                arithmetic=f"the effective date = {words}",
                note=f'the effective date is "{words}", which the contract does not date',
            )
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

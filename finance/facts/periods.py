"""Periods: rights and duties with a time to them, each with its holder, trigger, length, kind of days and where it is counted from.

The table in ``finance/facts/period_rows.py`` says by which words a duration belongs to which right; the first row that fits decides. A duration that no row
knows is left out: obligations carry their own periods.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Literal

from .durations import DurationHit, outer_bound
from .holders import Holders
from .notice_free import without_notice_period
from .period_rows import CAUSE, COMPILED, Row
from .sentences import Reading, Sentence
from .types import Period

MAX_PERIODS = 400
_BEFORE, _AFTER = 260, 200
_RESTRICTION_REACH = 420
"""Characters from the time of a restriction to the word "competes": what may not be done is often listed between them."""
_OF_SECRECY = re.compile(r"\bnon-?disclosure|\bconfidential|\bsecrecy")


_FROM = re.compile(
    r"^(?:'s?)?[^.;]{0,60}?\b(?:after|from|of|following|upon|prior to|before|preceding)\b(?P<what>[^.;,]{3,100})"
)
_TRIGGER = re.compile(
    r"^(?:'s?|s')?,? ?(?P<trigger>(?:[\w-]+ ){0,6}?(?:after|from|of|following|upon|prior to|before|preceding|notice|notification)\b[^.;,()]{0,90})"
)


def periods(reading: Reading, holders: Holders) -> tuple[Period, ...]:
    """Every period whose right is known, in text order, at most 400. A duration belongs to one right only."""
    found: list[Period] = []
    title = reading.tree.parts[reading.main_part].title.lower() if reading.tree.parts else ""
    for number, sentence in enumerate(reading.sentences):
        if sentence.kind in ("contents", "signature"):
            continue
        if not sentence.durations:
            beside = reading.sentences[number + 1 : number + 3]
            if (at_once := without_notice_period(sentence, beside, holders)) is not None:
                found.append(at_once)
            continue
        for hit in sentence.durations:
            row = _row(sentence, hit, title)
            if row is None or (row.right in _BY_NOTICE and outer_bound(sentence.lower, hit, sentence.durations)):
                continue
            period = _period(sentence, hit, row, holders)
            if not period.holder and number and _IT_PAYS.search(sentence.lower):
                period = replace(period, holder=_first_subject(reading.sentences[number - 1], holders))
            found.append(period)
            if len(found) >= MAX_PERIODS:
                return tuple(found)
    return tuple(found)


_IT_PAYS = re.compile(r"\b(?:it|they) (?:shall|will|must) (?:\w+ ){0,2}(?:pay|remit|reimburse)\b")


def _first_subject(sentence: Sentence, holders: Holders) -> str:
    """Whom "it" in the next sentence means: the subject of this one's first verb."""
    for verb in re.finditer(_VERB, sentence.lower):
        subject = holders.subject(sentence.text, verb.start())
        if subject:
            return subject
    return ""


def _row(sentence: Sentence, hit: DurationHit, subject: str) -> Row | None:
    lower = sentence.lower
    before = lower[max(0, hit.start - _BEFORE) : hit.start]
    after = lower[_end_of_window(sentence, hit) :][:_AFTER]
    if re.search(
        r"\b(?:preceding|previous|prior|past|last|trailing|first|during the|every|each|per|part of) (?:full |consecutive )?$",
        before[-24:],
    ) or re.match(
        r"(?: period)? (?:immediately )?(?:preceding|prior to the (?:date|event|month))| ?(?:euribor|libor|sofr|treasury|forecast)",
        after,
    ):
        return None
    context = before + " " + after[:120]
    for row, in_sentence, in_before, in_after, unless in COMPILED:
        if not in_sentence.search(context) and not _is_about(row.right, in_sentence, sentence, hit, subject):
            continue
        if in_before is not None and not in_before.search(before):
            continue
        if in_after is not None and not in_after.search(after):
            continue
        if unless is not None and unless.search(context):
            continue
        if row.right == "terminate_for_convenience" and re.search(r"\bwithin (?:a period of )?$", before):
            continue  # "within thirty days following a notice of termination" is what follows the notice, not its length
        if row.right == "terminate_for_cause" and not re.search(
            CAUSE + r"|\bif\b|\bin the event|\bforce majeure", context
        ):
            continue
        return row
    return None


_OTHER_BOUND = re.compile(
    r",? (?:and|or|nor|but)?,? ?(?:(?:not|no|nor) )?(?:less|fewer|more|greater|later|earlier) than "
)


def _end_of_window(sentence: Sentence, hit: DurationHit) -> int:
    """Where the words on a length go on: behind the other bound in "not less than sixty and not more than ninety days before"."""
    following = next((other for other in sentence.durations if other.start >= hit.end), None)
    between = sentence.lower[hit.end : following.start] if following is not None else ""
    return following.end if following is not None and _OTHER_BOUND.fullmatch(between) else hit.end


def _is_about(right: str, in_sentence: re.Pattern[str], sentence: Sentence, hit: DurationHit, subject: str) -> bool:
    """Whether a duration is of a right that only its heading, the rest of a long restriction or the whole agreement tells."""
    if right in ("confidentiality", "warranty") and in_sentence.search(" " + sentence.headings):
        return True
    before = sentence.lower[max(0, hit.start - _BEFORE) : hit.start]
    if right == "confidentiality" and _OF_SECRECY.search(subject):
        return re.search(r"\bsurviv|\bobligations?\b", before) is not None
    if right != "non_compete":
        return False
    rest = sentence.lower[hit.end : hit.end + _RESTRICTION_REACH]
    if in_sentence.search(f"{before} {rest}"):
        return True
    return (
        "compet" in sentence.headings and re.search(r"\b(?:shall|will|may|must) not\b|\bagrees not\b", rest) is not None
    )


def _period(sentence: Sentence, hit: DurationHit, row: Row, holders: Holders) -> Period:
    lower = sentence.lower
    after = lower[hit.end : hit.end + _AFTER]
    before = lower[max(0, hit.start - _BEFORE) : hit.start]
    days: Literal["calendar", "business", "unsaid"] = "unsaid"
    if hit.duration.unit == "business_day":
        days = "business"
    elif hit.calendar:
        days = "calendar"
    trigger = _TRIGGER.match(after)
    label = sentence.labels.get(row.label, 0.0) if row.label else 0.0
    return Period(
        words=sentence.words(hit.start, hit.end),
        clause=sentence.clause,
        confidence=min(0.97, hit.confidence, row.confidence + 0.06 * label),
        right=row.right,
        holder=_holder(sentence, hit, row.right, holders),
        trigger=" ".join(trigger["trigger"].split()) if trigger else "",
        length=hit.duration,
        days=days,
        counted_from=_counted_from(before, after),
        note=hit.note,
    )


def _counted_from(before: str, after: str) -> Literal["sending", "receipt", "event", "unsaid"]:
    match = _FROM.match(after)
    what = match["what"] if match else ""
    if re.search(r"\breceipt|\breceiv", what) or re.search(r"\b(?:upon|after|of) receipt\b[^.;]{0,40}$", before[-60:]):
        return "receipt"
    if re.search(
        r"\b(?:dispatch|sending|sent|mailing|mailed|giving|given|date of (?:the )?(?:notice|invoice)|invoice date|deliver\w+ of (?:such |written )?notice|postmark)",
        what,
    ):
        return "sending"
    return "event" if match else "unsaid"


_RIGHT_VERB = {
    "terminate_for_cause": r"\b(?:may|can|shall have the right to|has the right to|is entitled to) (?:\w+ ){0,3}(?:terminate|cancel|rescind)\b",
    "payment": r"\b(?:shall|will|must|agrees? to|is to|are to|should) (?:\w+ ){0,3}(?:pay|remit|reimburse|make payment|settle|issue payment)|\b(?:pays?|remits?)\b|\bpayable by\b|\bpaid by\b",
    "prevent_renewal": r"\bunless (?:and until )?|\bif\b",
    "cure": r"\b(?:breach|default|fail)\w*",
}
_VERB = r"\b(?:may|shall|will|must|can|has the right|have the right|agrees?|is entitled|are entitled|warrants?|reserves?|covenants?|elects?|is required|gives?|provides?|notif(?:y|ies)|terminat\w+ by|cancel\w* by|receives|fails?)\b"


def _holder(sentence: Sentence, hit: DurationHit, right: str, holders: Holders) -> str:
    """The party that the period's verb has as its subject; after "by" where the verb is passive."""
    holder = _holder_by_verb(sentence, hit, right, holders)
    following = sentence.text[hit.end : hit.end + 90]
    if right == "payment":
        received = _RECEIVED_BY.match(following)
        named = holders.mentions(following[received.end() :]) if received else ()
        if named and named[0].start < 5:
            return named[0].holder
    told = _NOTICE_TO.match(following) if right in _BY_NOTICE else None
    if told:
        named = holders.mentions(following[told.end() :])
        if named and named[0].start < 5 and named[0].holder == holder:
            others = [name for name in holders.parties if name != holder]
            return others[0] if len(others) == 1 else ""
    return holder


_BY_NOTICE = frozenset(
    {"terminate_for_convenience", "terminate_for_cause", "audit_notice", "change_notice", "prevent_renewal"}
)
_NOTICE_TO = re.compile(
    r"(?:'s?)?,? ?(?:(?:advance|prior|written|or more|of|in) ?,? ?)*(?:written )?notice to (?=[A-Z\"]|the )", re.I
)
_RECEIVED_BY = re.compile(r"(?:'s?)? (?:after|of|from|following|upon) (?:the )?receipt by (?=\S)", re.I)


def _holder_by_verb(sentence: Sentence, hit: DurationHit, right: str, holders: Holders) -> str:
    text, lower = sentence.text, sentence.lower
    passive = re.search(r"\b(?:by|unless|if) $", "")
    if right in ("prevent_renewal", "terminate_for_convenience"):
        for passive in re.finditer(
            r"\b(?:terminated|cancelled|canceled|terminable|given|provided|sent|notice) by (?:either|any|each|the |[a-z])|\bunless (?!and|otherwise|sooner|earlier|terminated|it|this|the (?:agreement|term))|\buntil (?=either|one|a party|any)",
            lower[: hit.end + 120],
        ):
            window = text[passive.start() : passive.end() + 70]
            named = holders.mentions(window)
            named = tuple(mention for mention in named if not mention.other)
            if named and named[0].start < 40:
                return named[0].holder
    pattern = _RIGHT_VERB.get(right)
    if pattern and right != "prevent_renewal":
        for verb in re.finditer(pattern, lower):
            if abs(verb.start() - hit.start) < 400:
                if verb.group().endswith(" by"):
                    return holders.named(text[verb.end() : verb.end() + 60])
                subject = holders.subject(text, verb.start())
                if subject:
                    return subject
    verbs = [*re.finditer(_VERB, lower)]
    before = [verb for verb in verbs if verb.start() < hit.start][-4:]
    after = [verb for verb in verbs if hit.end <= verb.start() < hit.end + 260][:2]
    for verb in (*reversed(before), *after):
        subject = holders.subject(text, verb.start())
        if subject:
            return subject
    return holders.subject(text, hit.start)

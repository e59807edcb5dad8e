"""Liability without limit: what is said to be unlimited, and what later words leave out of a limit or an exclusion.

"Nothing limits liability for fraud", "this limit does not apply to breach of confidentiality" and "liability for X is unlimited" are read alike: the losses
they name are what no limit reaches. Beside ``finance/facts/liability.py``, which reads the limits.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from .carve_outs import MAX_PHRASE, Meanings, is_general, losses
from .holders import Holders
from .sentences import Sentence
from .types import Cap, Found, LossExclusion, Uncapped

MAX_CARVE_DISTANCE = 6000
"""Characters from a cap to a later "the foregoing does not apply to ..." that still speaks of it."""
MAX_CARVE_CLAUSES = 8

_LIMITS = r"(?:limitations?|exclusions?|limits?|caps?)"
_BE = r"(?:is|are|shall be|will be|be)"
_TO_SECTION = r"(?:[^.;]|\.(?=\d)){0,120}?"
_UNCAPPED = re.compile(
    r"\b(?:nothing (?:in|contained|herein|under|within)[^;]{0,160}?(?:limits?|limit\w*|excludes?|exclude|restricts?|restrict|affect)"
    rf"|(?:the |these |this |such |foregoing |any |above )+(?:\w+ ){{0,3}}{_LIMITS}{_TO_SECTION}(?:shall|will|do|does|is|are) (?:not (?:be )?(?:apply|limit|applicable|extend)|(?:be )?inapplicable)"
    rf"|{_LIMITS} (?:of|on) liability{_TO_SECTION}(?:shall|will|do|does|is|are) (?:not (?:be )?(?:apply|applicable|extend)|(?:be )?inapplicable)"
    rf"|(?<!without )(?:no|none of the) (?:\w+ ){{0,3}}?{_LIMITS}\b(?! (?:to|on|of) (?:the )?(?:use|time|number)){_TO_SECTION}\b(?:appl(?:y|ies)|be (?:available|applicable))\b"
    rf"|{_BE} excluded from (?:the |these |this |any |all |such |foregoing )+(?:\w+ ){{0,2}}{_LIMITS}"
    rf"|(?:{_BE} not subject to|falls? outside(?: of)?) (?:the |these |this |any |all |such |foregoing )+(?:\w+ ){{0,2}}{_LIMITS}"
    rf"|(?:the|this|such) (?:\w+ ){{0,2}}(?:limit|cap|limitation)(?: (?:in|of|under) this (?:section|clause|article|paragraph))? (?:excludes|(?:shall|will) be disregarded)\b"
    r"|this (?:section|subsection|clause|article|paragraph|agreement)(?: [\d.()a-z]{1,8})? (?:shall|will|does) not (?:apply to )?(?:limit|exclude|restrict) (?:or \w+ )?(?:the |a |either |any )?(?:\w+(?:'s)? )?liabilit"
    r"|without limit(?:ation)? (?:of|in|as to) (?:amount|liability)|unlimited liability|(?P<said>liability (?:shall|will|is|of)[^;]{0,80}(?:be )?(?:unlimited|uncapped|not (?:be )?limited|without limit))|shall not be (?:limited|subject to (?:any|the) (?:limit|cap)\w*)|neither party (?:excludes|limits)|there shall be no limit|there is no (?:limit|cap)|fully liable|full responsibility,? without limit|unlimited in amount"
    # "without limit" is meant; "including without limitation" is not
    rf"|(?P<said2>(?:liabilit(?:y|ies)|indemnit(?:y|ies)) (?:under|for|in respect of|arising|with respect to)\b[^;]{{0,220}}?\b(?:is|are|shall be|will be) (?:unlimited|uncapped|not (?:capped|limited)|without limit\b))"
    r"|(?:liable|liabilit(?:y|ies)|indemnif\w+|hold harmless)\b[^;]{0,400}?\bwithout (?:any )?limit\b)"
)
_CARVES = re.compile(
    r"\b(?:foregoing|(?:this|that) (?:section|subsection|clause|article|paragraph|limitation|limit|cap|exclusion)|these|such|above|nothing|limitations?|exclusions?|(?:the|no) (?:\w+ ){0,2}(?:limits?|caps?)|(?:is|are|shall be|will be) (?:unlimited|uncapped|not (?:capped|limited)|without limit))\b"
)
_BY_INSURANCE = re.compile(r"\b(?:by|to)\b[^.;]{0,60}\binsurance\b")
"""A duty that insurance does not limit may yet be limited elsewhere."""
_OBJECT = re.compile(
    r"(?:liabilit(?:y|ies)|indemnit(?:y|ies)|limit) (?:of|on|to|for|under|in respect of|arising (?:out of|from|under)|with respect to) (?P<loss>.{3,200}?)(?: (?:is|are|shall be|will be|shall|will)\b|$)"
)
_HERE = re.compile(r"\bthis (?:section|clause|article|paragraph)\b")
_OWN = re.compile(
    r"(?:'s?|s') (?:own )?(?:\w+ ){0,2}?(?:breach|obligation|indemni|gross|fraud|wil+ful|intentional|violation|misuse|misappropriat|payment|dut(?:y|ies)|failure|negligen|liabilit|infring)"
)


def unlimited(sentence: Sentence) -> re.Match[str] | None:
    """The words that leave liability without limit; None where the sentence has none."""
    return _UNCAPPED.search(sentence.lower)


def uncapped(
    sentence: Sentence, holders: Holders, meanings: Meanings, has_cap: bool, whose: str, match: re.Match[str]
) -> Uncapped | None:
    """What ``match`` leaves without limit; ``whose`` is the party that the words before it speak of."""
    lower = sentence.lower
    if not re.search(
        r"\bliab|\bdamages|\blimitation|\bexclusion|\bindemn|\b(?:this|that|the|such|no) (?:\w+ )?(?:limits?|caps?)\b",
        lower,
    ):
        return None
    if _BY_INSURANCE.search(lower[match.end() : match.end() + 120]) or lower.startswith("ation", match.end()):
        return None
    named = _named(sentence, meanings, match)
    if not named and has_cap:
        return None
    if not named and not re.search(r"unlimited|uncapped|no limit|without limit|not capped", match.group()):
        return None
    return Uncapped(
        words=sentence.words(match.start(), len(sentence.text)),
        clause=sentence.clause,
        confidence=min(0.95, 0.84 + 0.1 * sentence.labels.get("uncapped_liability", 0.0)),
        whose=owner(sentence, holders, match) or whose or ("both" if "nothing" in match.group() else ""),
        losses=named,
    )


def _named(sentence: Sentence, meanings: Meanings, match: re.Match[str]) -> tuple[str, ...]:
    """The losses: behind "nothing limits", before and inside "liability for ... is unlimited"; what no list of losses knows, as written."""
    after, before = sentence.text[match.end() :], sentence.text[: match.start()]
    own = losses(match.group(), meanings)
    said = match["said"] or match["said2"]
    named = (own or losses(before, meanings)) if said else (losses(after, meanings) or losses(before, meanings) or own)
    if said and _HERE.search(match.group()):
        above = sentence.headings.split(" > ")[-1]
        return losses(above, meanings) or ((above[:MAX_PHRASE],) if above and "liab" not in above else ())
    if named:
        return named
    of = _OBJECT.search(match.group() + after[:120] if not said else match.group())
    if of is None or is_general(of["loss"]) or "this agreement" in of["loss"].lower():
        return ()
    return (of["loss"].strip(" ,")[:MAX_PHRASE],)


def owner(sentence: Sentence, holders: Holders, match: re.Match[str]) -> str:
    """The one party whose losses are named ("Customer's breach of confidentiality"), ``both`` for several or "a party's", "" where none is."""
    text = sentence.text
    found: set[str] = set()
    for mention in holders.mentions(text[match.start() :]):
        if _OWN.match(sentence.lower, match.start() + mention.end):
            found.add("both" if mention.holder == "either" else mention.holder)
    return found.pop() if len(found) == 1 else "both" if found else ""


def carve_later(
    sentence: Sentence,
    holders: Holders,
    meanings: Meanings,
    whose: str,
    match: re.Match[str],
    caps: list[Cap],
    exclusions: list[LossExclusion],
) -> None:
    """ "The foregoing limitations do not apply to ..." in a later sentence carves out of the caps and exclusions of the same clause.

    ``whose`` is the party that the words before ``match`` speak of. What is one party's alone leaves the limit of both as it is: it is liability without
    limit of that party, and told as such.
    """
    if not _CARVES.search(sentence.lower):
        return
    named = _named(sentence, meanings, match)
    if not named:
        return
    said = match["said"] or match["said2"]
    whose = owner(sentence, holders, match) or (whose if said else "")
    for facts in (caps, exclusions):
        for number, fact in enumerate(facts):
            if said and isinstance(fact, LossExclusion):
                continue  # unlimited in height says nothing on kinds of loss
            # a limit for one loss is contradicted, not narrowed, by words that this very loss has none
            left_out = [loss for loss in named if not (isinstance(fact, Cap) and loss in fact.losses)]
            if left_out and same_clause(fact, sentence) and whose in ("", "both", fact.whose):
                facts[number] = replace(fact, carve_outs=joined(fact.carve_outs, left_out))  # type: ignore[call-overload]


def same_clause(fact: Found, sentence: Sentence) -> bool:
    """Whether a fact stands in the sentence's clause or shortly before it."""
    if not 0 <= sentence.start - fact.words.start <= MAX_CARVE_DISTANCE:
        return False
    if fact.clause is None or sentence.clause is None:
        return fact.clause == sentence.clause
    return 0 <= sentence.clause - fact.clause <= MAX_CARVE_CLAUSES


def joined(first: Sequence[str], second: Sequence[str]) -> tuple[str, ...]:
    """Two lists of losses as one, none twice."""
    return (*first, *(name for name in second if name not in first))

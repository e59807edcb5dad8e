"""A right to end the contract without cause and without a time of notice: "at any time", "immediately upon written notice". Its notice is 0 days."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .holders import Holders
from .renewals import unset_number
from .sentences import Sentence
from .types import Duration, Period

CONFIDENCE = 0.8
_MAY_END = re.compile(
    r"\b(?:may|can|has the right to|have the right to|is entitled to|shall have the right to|reserves the right to)\b (?P<between>(?:[\w'-]+,? ){0,8}?)(?:terminate|cancel|end) (?:this|the) (?:\w+ )?(?:agreement|contract|lease|subscription)\b"
    r"(?P<rest>[^.;]{0,200})"
)
_FREELY = re.compile(
    r"\bfor (?:its |their |any |mere )?convenience\b|\b(?:without|with or without|for any or no|for no|for any) (?:cause|reason)\b|\bfor any reason or no reason\b"
)
_AT_ONCE = re.compile(
    r"\bimmediate(?:ly)?\b|\bwith immediate effect\b|\bforthwith\b|\bat once\b|\bwithout (?:any |prior |advance |further )*(?:written )?notice\b|\bat any time\b"
)
_UNLESS = re.compile(
    r"\bif\b|\bin the event\b|\bbreach|\bdefault|\binsolv|\bbankrupt|\bprovided\b|\bsubject to\b|\bin accordance with\b|\bpursuant to\b|\bsection\b|\bclause\b|\bas (?:set|provided|specified|described)\b|\bnotice period"
    r"|\breasonable\b|\bno (?:right|less)\b|\bnot\b|\bneither\b|\bafter\b|\bprior to\b|\bbefore\b|\bdays?\b|\bmonths?\b|\bunless\b|\bonly\b|\badvance\b|\bwhere\b|\bwhen\b|\bupon (?!(?:written |giving |prior )*notice)|\bfollowing\b"
)


def without_notice_period(sentence: Sentence, beside: Sequence[Sentence], holders: Holders) -> Period | None:
    """The right, with a notice of 0 days; None where the sentence gives none, or it or the next ones say a time, a blank or a condition."""
    lower = sentence.lower
    match = _MAY_END.search(lower)
    if match is None:
        return None
    said = f"{match['between']} {match['rest']}"
    if not (_FREELY.search(said) and _AT_ONCE.search(said)) or unset_number(sentence.text) is not None:
        return None
    plain = re.sub(r"\bwithout (?:any |prior |advance |further )*(?:written )?notice\b", "", lower)
    if _UNLESS.search(plain) or any(
        "notice" in other.lower and other.durations for other in beside if other.clause == sentence.clause
    ):
        return None
    holder = holders.subject(sentence.text, match.start())
    return Period(
        words=sentence.words(match.start(), match.end()),
        clause=sentence.clause,
        confidence=CONFIDENCE,
        right="terminate_for_convenience",
        holder=holder,
        trigger="",
        length=Duration(0, "day"),
        note="no time of notice is asked for",
    )

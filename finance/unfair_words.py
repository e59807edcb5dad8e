"""What kinds of unfair term a sentence is, once the classifier has spoken: the likeliest first, and between businesses by its words.

The classifier learned from online terms for consumers, where nearly every "may terminate" is the provider's. In contracts between
businesses it sees such terms in insurance clauses, ends for cause and duties to report; there a term stands only where the words give
one party the power that the term is named for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .standing import Reading

STRONG = 0.7
"""A second kind of one sentence is told only where the classifier is this sure of it."""

_MAY = r"\b(?:may|can|reserves? the right to|(?:has|have|shall have) the (?:sole |absolute |unilateral )?right to|(?:is|are|shall be) entitled to)\b"
_CHANGE = re.compile(
    _MAY
    + r"(?! not)[^.;]{0,80}?\b(?:chang|modif|amend|revis|updat|alter|adjust|increas|vary|replac|substitut|discontinu|withdraw)\w*",
    re.I,
)
_END = re.compile(
    _MAY + r"(?! not)[^.;]{0,100}?\b(?:terminat|suspend|discontinu|cancel|revok|ceas|withdraw|end (?:this|the))\w*",
    re.I,
)
_CAUSE = re.compile(
    r"\bbreach|\bdefault|\binsolven|\bbankrupt|\bfail(?:s|ed|ure)?\b|\bdelinquent|\bviolat|\b(?<!without )(?<!no )cause\b"
    r"|\bupon the occurrence|\bif (?:any|the|either|a|an|such|[A-Z])|\bin the event\b|\bfollowing events?\b|\bin accordance with\b",
    re.I,
)
_AT_WILL = re.compile(
    r"\bsole (?:and absolute )?discretion|\babsolute discretion|\bfor (?:its|any) convenience|\bfor convenience|\bany reason|\bno reason|\bwithout (?:\w+ )?(?:cause|reason)",
    re.I,
)
_NO_LIABILITY = re.compile(
    r"\b(?:not|nor|neither|never|no event|no circumstances?)\b[^.;]{0,120}?\b(?:liable|responsible|liabilit(?:y|ies)|responsibilit(?:y|ies))\b"
    r"|\bno (?:\w+ )?(?:liabilit|responsibilit|obligation)|\bwithout (?:any )?(?:notice or )?liability\b"
    r"|\bliabilit(?:y|ies)\b[^.;]{0,240}?\b(?:limited|exceed|lesser|excluded)\b|\bdisclaims?\b|\bwaives?\b[^.;]{0,60}\b(?:claim|damage|right|recover)",
    re.I,
)
_REMOVAL = re.compile(_MAY + r"[^.;]{0,80}?\b(?:remov|delet|refus|reject|block|disabl|take down|edit)\w*", re.I)
_BY_USING = re.compile(r"\b(?:using|use|access\w*|click\w*)\b[^.;]{0,120}\b(?:accept|agree|bound|constitut)\w*", re.I)
_ELECTION = re.compile(r"\b(?:at|in) (?:its|our|their|[\w’']+s) (?:sole |own )?(?:election|option|discretion)\b", re.I)


def by_business_words(category: str, sentence: str) -> bool:
    """Whether a sentence of a contract between businesses says in words what a kind of unfair term is named for.

    >>> by_business_words("unfair_unilateral_termination", "Operator may terminate this Agreement upon the occurrence of an Owner Default.")
    False
    >>> by_business_words("unfair_unilateral_change", "Supplier may change the price list once a year.")
    True
    """
    if category == "unfair_unilateral_change":
        return _CHANGE.search(sentence) is not None
    if category == "unfair_unilateral_termination":
        return _END.search(sentence) is not None and (
            _CAUSE.search(sentence) is None or _AT_WILL.search(sentence) is not None
        )
    if category == "unfair_limitation_of_liability":
        return _NO_LIABILITY.search(sentence) is not None
    if category == "unfair_content_removal":
        return _REMOVAL.search(sentence) is not None
    if category == "unfair_contract_by_using":
        return _BY_USING.search(sentence) is not None
    return (
        _ELECTION.search(sentence) is not None
    )  # a law, a court or arbitration binds both, but for a choice of one party


def foremost(readings: Sequence[Reading]) -> list[Reading]:
    """Of the kinds that one sentence is read as, the one furthest above its threshold, and those that are likely in themselves."""
    order = sorted(readings, key=lambda reading: -(reading.probability or 1.0) / max(reading.threshold, 0.01))
    return [reading for place, reading in enumerate(order) if place == 0 or (reading.probability or 1.0) >= STRONG]


SAYS: Mapping[str, str] = {
    "unfair_unilateral_change": "change the bargain",
    "unfair_unilateral_termination": "end or suspend performance",
    "unfair_limitation_of_liability": "leave its liability out or limit it",
    "unfair_content_removal": "remove or refuse what the other provides",
    "unfair_contract_by_using": "bind the other by mere use",
    "unfair_choice_of_law": "choose the law",
    "unfair_jurisdiction": "choose the court",
    "unfair_arbitration": "choose arbitration",
}
"""What a term lets one party do, for a sentence that begins "These words let X ..."."""

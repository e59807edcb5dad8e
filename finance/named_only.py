"""Clauses that the words of a limit of liability only name: "the limit does not apply to breach of data protection" protects no data.

A classifier takes such words for the clause itself; ``finance/standing.py`` sets the label aside where the sentence is about liability and lays none of the
named duties on anybody.
"""

from __future__ import annotations

import re

NAMED = frozenset({"data_protection", "confidentiality", "indemnity"})
"""Categories that a limit of liability usually names as left out of it."""

_OF_LIABILITY = re.compile(
    r"\b(?:limit(?:s|ed|ation|ations)?|caps?|exclusions?|exceptions?)\b[^.;]{0,120}\b(?:(?:does|do|shall|will) not|nor) (?:apply|limit|extend|reach)\b|\bnothing\b[^.;]{0,80}\b(?:limits?|excludes?)\b"
    r"|\bliabilit(?:y|ies)\b[^.;]{0,160}\b(?:exceed|(?<!not )limited to|unlimited|without limit|uncapped|capped)\b|\b(?:exceed|(?<!not )limited to|unlimited|without limit|uncapped)\b[^.;]{0,80}\bliabilit(?:y|ies)\b"
    r"|\b(?:no|any) (?:\w+ ){0,2}(?:limitations?|exclusions?)\b[^.;]{0,60}\bliabilit|\bexcept (?:for|in)\b[^.;]{0,200}\bliab(?:le|ility)\b",
    re.I,
)
_OWN_DUTY = re.compile(
    r"\b(?:shall|will|must|agrees? to|undertakes? to|covenants? to)\b(?! not (?:apply|exceed|be (?:liable|limited)|limit|exclude|extend))[^.;]{0,60}"
    r"\b(?:process|protect|comply|safeguard|keep|hold|maintain|indemnify|defend|notify|treat|disclose|use|carry|reimburse|secure)\b|\bindemnifies\b",
    re.I,
)


def only_named(category: str, sentence: str) -> bool:
    """Whether a sentence on liability only names a kind of clause.

    >>> only_named("data_protection", "This limit does not apply to breach of confidentiality or data protection.")
    True
    >>> only_named("data_protection", "Supplier shall protect personal data and its liability for it is unlimited.")
    False
    """
    return category in NAMED and _OF_LIABILITY.search(sentence) is not None and _OWN_DUTY.search(sentence) is None

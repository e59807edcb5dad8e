"""Rules that overrule the classifier's reading of an NDA position where the words forbid outright what it takes to be allowed.

"Shall not disclose to any third party, including consultants" mentions consultants, and a model may take that for leave to tell
them. A sentence with any exception in it overrules nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from .classify import Position
from .document import Document, Words
from .wording import sentence_around

_NOT = r"\b(?:shall|may|must|will)\s+not\b"
_TELL = r"\b(?:disclos|reveal|provid|furnish|make\s+available|communicat|pass|divulg)\w*"
FORBIDDING: Mapping[str, re.Pattern[str]] = {
    "nda-5": re.compile(rf"{_NOT}[^.;]{{0,120}}{_TELL}[^.;]{{0,160}}\b(?:employees|officers|personnel|staff)\b", re.I),
    "nda-7": re.compile(
        rf"{_NOT}[^.;]{{0,120}}{_TELL}[^.;]{{0,160}}\b(?:consultants?|advis[eo]rs?|agents?|attorneys?|accountants?|counsel|contractors?)\b",
        re.I,
    ),
    "nda-12": re.compile(
        rf"{_NOT}[^.;]{{0,60}}\b(?:develop|create)\b[^.;]{{0,120}}\bindependent|{_NOT}\s+independently\s+(?:develop|create)\b",
        re.I,
    ),
}
"""By position: words that forbid what it allows."""
_EXCEPTION = re.compile(
    r"\b(?:except|unless|other than|without|save|provided|who|whom|need to know|bound|only|nothing|prevent\w*|restrict\w*)\b",
    re.I,
)
_NOT_WHETHER = re.compile(r"\b(?:whether or not|with or without)\b[^.;,]{0,60}", re.I)


def forbidding(document: Document, answer: Position) -> Words | None:
    """The sentence among a position's evidence that forbids outright what the position allows; None where there is none.

    Only answers of ``entailment`` are looked at.
    """
    pattern = FORBIDDING.get(answer.hypothesis)
    if pattern is None or answer.choice != "entailment":
        return None
    for start, end in answer.spans:
        for match in pattern.finditer(document.text, start, end):
            first, last = sentence_around(document.text, match.start(), match.end())
            first, last = max(first, start), min(last, end)
            if not _EXCEPTION.search(_NOT_WHETHER.sub("", document.text[first:last])):
                return document.words(first, last)
    return None

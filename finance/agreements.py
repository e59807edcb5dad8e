"""Tell where a second agreement begins in one file: a services agreement and an NDA behind it are two documents, each with its own law and term.

``finance/outline.py`` makes a part of each; facts of two parts are never held against each other.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from .lines import Line

_MAX_TITLE = 120
_PREAMBLE_REACH = 12_000
MIN_AGREEMENT = 1500
"""Characters that an agreement has at least: a title nearer to the top is the file's own, or its cover page's."""
_DUTY = re.compile(r"\b(?:shall|will|may|must)\b")
MIN_DUTIES = 6
"""Verbs of duty that stand between an agreement's preamble and the next title at least: a cover page and a table of contents have none."""
_OWN_TITLE = re.compile(
    r"\W{0,4}(?:(?:[A-Z][A-Z&,'’/-]*|OF|AND|FOR|TO) ){0,8}(?:AGREEMENT|CONTRACT|LEASE|DEED)\W{0,3}"
    r"|\W{0,4}(?:(?:[A-Z][\w&,'’/-]*|of|and|for|to|the) ){1,8}(?:Agreement|Contract|Lease|Deed)\W{0,3}"
)
_OWN_PREAMBLE = re.compile(
    r"\W{0,4}(?:TH(?:IS|ESE)|This|These)\b[^.;]{0,200}?\b(?:agreement|contract|lease|deed)\b[^.;]{0,260}?\b(?:made|entered|dated|effective|executed)\b[\s\S]{0,400}?\b(?:between|among)\b",
    re.I,
)

_OWN_PREAMBLE_WITHIN = re.compile(rf"^(?:{_OWN_PREAMBLE.pattern})", re.I | re.MULTILINE)


def another_agreement(text: str, lines: Sequence[Line], index: int, since: tuple[int, bool], *, signed: bool) -> bool:
    """Whether a line is the title of another agreement: a title alone, with a preamble and its parties right below it, after an agreement
    that was signed or has its own preamble and duties. ``since`` tells where the part before it begins and whether it is an agreement."""
    line = lines[index]
    words = text[line.start : line.end].strip()
    if len(words) > _MAX_TITLE or not _OWN_TITLE.fullmatch(" ".join(words.split())) or line.start < MIN_AGREEMENT:
        return False
    start, is_agreement = since
    if not is_agreement and len(text[start : line.start].strip()) < MIN_AGREEMENT:
        return False  # the title of the exhibit that has just begun
    below = [text[other.start : min(other.end, other.start + 1200)] for other in lines[index + 1 : index + 4]]
    if not any(_OWN_PREAMBLE.match(words) for words in below):
        return False
    opening = _OWN_PREAMBLE_WITHIN.search(text, start, min(start + _PREAMBLE_REACH, line.start))
    end = min(line.start, start + 2 * _PREAMBLE_REACH)  # what follows tells no more, and a file may hold many titles
    duties = sum(1 for _ in _DUTY.finditer(text, opening.end(), end)) if opening else 0
    return signed or duties >= MIN_DUTIES

"""What was left open in a contract's sentences: blanks that nobody filled in, and words that somebody took out.

A redacted sum is redacted, not missing, and a blank is for the parties to fill: both are told with the words around them. Signature
lines are no gaps; blank dates are told as dates.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from .sentences import Reading
from .types import Found, Gap

MAX_GAPS = 60
_CONFIDENCE = 0.9
_GAP = re.compile(
    r"(?P<redacted>\[ ?(?:\*[* ]{0,12}|redacted|omitted|confidential treatment requested) ?\]|(?<![*\w])\*{3,12}(?![*\w]))"
    r"|(?P<blank>\[ ?(?:_[_ ]{0,40}|[●•][●• ]{0,12}|\.{2,12}|(?:insert|amount|date|name|number)(?: [\w ]{0,40})?)? ?\]|_{3,80}(?: _{3,80}){0,4}|(?:(?<=\bof )|(?<=\bon )|(?<=\bis )|(?<=[$€£]))[●•]{1,6}(?=[ .,;%]))",
    re.I,
)
_NOTICE = re.compile(
    r"\b(?:confidential treatment|asterisks?\b|portions? of this (?:exhibit|document|agreement)|(?:been|were) (?:omitted|redacted)|omitted and filed)\b"
)
"""A notice that says how omissions are marked omits nothing itself."""
_BEFORE = re.compile(r"(?:[^\s.;]+ ){0,7}[^\s.;]*$")
_AFTER = re.compile(r"[^\s.;]*(?: [^\s.;]+){0,4}")
_SIGNATURE = re.compile(
    r"(?:^|\s)(?:by|name|title|its|date|dated|signature|signed|witness|print(?:ed)? name|address) ?:? ?$", re.I
)


def gaps(reading: Reading, others: Sequence[Found]) -> tuple[Gap, ...]:
    """Blanks and redactions in text order, at most 60; none that ``others`` (dates, caps, ...) already tell."""
    taken = [(fact.words.start, fact.words.end) for fact in others]
    found: list[Gap] = []
    for sentence in reading.sentences:
        if sentence.kind in ("signature", "contents", "title"):
            continue
        if _NOTICE.search(sentence.lower):
            continue
        for match in _GAP.finditer(sentence.text):
            before, after = sentence.text[: match.start()], sentence.text[match.end() :]
            if len(re.findall(r"[a-z]{2,}", sentence.lower)) < 4 or _SIGNATURE.search(before[-24:]):
                continue
            words = sentence.words(match.start(), match.end())
            if any(start < words.end and words.start < end for start, end in taken):
                continue
            status: Literal["blank", "redacted"] = "redacted" if match["redacted"] else "blank"
            near = _BEFORE.search(before), _AFTER.match(after)
            around = "".join(part.group() if part else "" for part in (near[0], match, near[1])).strip()
            found.append(Gap(words, sentence.clause, _CONFIDENCE, status, around))
            if len(found) == MAX_GAPS:
                return tuple(found)
    return tuple(found)

"""Every place where a contract says outright on which date it ends: two of them that differ are a contradiction.

``finance/facts`` keeps the one end date that says most; this finds the others, and none that belongs to a renewal, an option or something
else that ends.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .clauses import ClauseTree
from .document import Document
from .facts.dates import find_dates, prefers_day_first
from .facts.types import ContractDate
from .wording import sentence_around

MAX_ENDS = 20
CONFIDENCE = 0.9
_ENDS = re.compile(
    r"\b(?:this|the)\s+(?:agreement|contract|lease|(?:lease\s+)?term(?:\s+of\s+this\s+(?:agreement|contract|lease))?)\b"
    r"(?P<between>[^.;]{0,160}?)\b(?:(?:expire|end|terminate)s?\s+(?:on|at\s+midnight\s+on)|(?:continues?|remains?\s+in\s+(?:force|effect)|runs)\s+until)\s+(?=\S)",
    re.I,
)
_IT_ENDS = re.compile(
    r"(?<=[.;]\s)It\s+(?:shall\s+|will\s+)?(?:expires?|ends?|terminates?)\s+(?:on|at\s+midnight\s+on)\s+(?=\S)"
)
_OF_THE_CONTRACT = re.compile(r"\bthis\s+(?:agreement|contract|lease)\b|\bterm\b", re.I)
_OTHER_END = re.compile(
    r"\b(?:initial\w*|may|if|notice|elect\w*|option|renew\w*|exten\w+|licen[sc]e|warrant\w*|obligations?|original\w*|previous\w*|prior|amend\w*|supersed\w*"
    r"|period|sub-?lease|notwithstanding|except|subject to|provided)\b",
    re.I,
)


def end_dates(document: Document, tree: ClauseTree) -> Iterator[ContractDate]:
    """The dates on which the contract is said to end, in text order, at most 20.

    >>> bool(_ENDS.search("This Lease shall expire on March 31, 2030")), bool(_ENDS.search("This Lease may be sold on May 2, 2030"))
    (True, False)
    """
    text = document.text
    day_first = prefers_day_first(text)
    found = 0
    its = [match for match in _IT_ENDS.finditer(text) if _speaks_of_the_contract(text, match.start())]
    for match in sorted([*_ENDS.finditer(text), *its], key=lambda match: match.start()):
        first, last = sentence_around(text, match.start(), match.end())
        sentence = re.sub(r"\bunless\b[^.;]*", "", text[first:last])
        if _OTHER_END.search(sentence) or _OTHER_END.search(match.groupdict().get("between") or ""):
            continue
        tail = re.sub(r"\s", " ", text[match.end() : match.end() + 40])  # as long as the document's own characters
        hit = next((hit for hit in find_dates(tail, day_first=day_first) if hit.start <= 4), None)
        if hit is None or hit.value is None:
            continue
        start = match.end() + hit.start
        clause = tree.at(match.start())
        words = document.words(start, start + hit.end - hit.start)
        yield ContractDate(words, clause.index if clause else None, CONFIDENCE, "expiration", hit.value, "given")
        found += 1
        if found == MAX_ENDS:
            return


def _speaks_of_the_contract(text: str, position: int) -> bool:
    """Whether the sentence before ``position`` is about the contract and its term, so that "it" is the contract."""
    first, _ = sentence_around(text, position - 2, position - 2)
    before = text[first : position - 1]
    return bool(_OF_THE_CONTRACT.search(before)) and not _OTHER_END.search(re.sub(r"\bunless\b[^.;]*", "", before))

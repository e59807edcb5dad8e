"""How the words around a stretch of a contract turn its meaning: its sentence, exceptions, replacements, order of precedence.

Used where two facts are compared and where a label is set right. All searches are bounded to a sentence, so they are linear in
the text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from .clauses import Clause, ClauseTree
from .document import Words

MAX_REACH = 800
_ENDS = (". ", "; ", ".\n", ";\n", "\n\n")

EXCEPTION = re.compile(
    r"\b(?:except(?:ing|ion)?|notwithstanding|unless|other than|provided,? (?:however|that)|save (?:as|that|for)|subject to"
    r"|in lieu of|instead of|however|(?:only )?to the extent|with respect to|solely)\b",
    re.I,
)
"""Words that make one clause an exception to another, or give it a subject of its own."""

EARLIER_END = re.compile(r",?\s*\bunless\b[^.;,]{0,60}?\b(?:sooner|earlier)\b[^.;]*", re.I)
"""The usual "unless terminated earlier under ...": it makes nothing an exception."""

REPLACES = re.compile(
    r"\b(?:(?:is|are|be) (?:hereby )?(?:amended|replaced|deleted|restated|modified|superseded|extended)"
    r"|in (?:its|their) entirety|supersedes?|replaces|as amended|amend(?:s|ed) (?:and restate[sd]? )?(?:section|clause|article))\b",
    re.I,
)
"""Words by which an amendment replaces what stood before."""

_PRECEDENCE = re.compile(
    r"\b(?:conflict|inconsisten\w+|discrepan\w+)\b[^.;]{0,250}\b(?:prevails?|controls?|governs?|precedence)\b"
    r"|\b(?:section|clause|article|paragraph)\s+[\w.()]{1,12}\s+(?:shall |will )?(?:prevails?|controls?|takes? precedence)\b",
    re.I,
)
_NAMED = re.compile(r"\b(?:section|clause|article|paragraph)s?\s+(\d[\w.]*(?:\([a-z0-9]{1,4}\))*|[IVX]+\b)", re.I)


def sentence_around(text: str, start: int, end: int) -> tuple[int, int]:
    """Start and end of the sentence that holds ``start``..``end``: a span may stop before the words that turn it."""
    floor, ceiling = max(0, start - MAX_REACH), min(len(text), end + MAX_REACH)
    first = max((at + len(mark) for mark in _ENDS if (at := text.rfind(mark, floor, start)) >= 0), default=floor)
    lasts = [at for mark in _ENDS if (at := text.find(mark, max(start, end - 1), ceiling)) >= 0]
    return first, min(lasts, default=ceiling)


def sentence_of(text: str, words: Words) -> str:
    """The whole sentence that some words stand in."""
    first, last = sentence_around(text, words.start, words.end)
    return text[first:last]


@dataclass(frozen=True)
class Precedence:
    """A clause that says what prevails when clauses conflict: its words, and the section numbers it names."""

    words: Words
    sections: tuple[str, ...]

    def settles(self, clauses: Sequence[Clause | None]) -> bool:
        """Whether it names the section of one of these clauses."""
        paths = [clause.path or clause.number for clause in clauses if clause is not None]
        return any(_inside(path, section) for path in paths for section in self.sections)


def precedences(text: str, tree: ClauseTree) -> tuple[Precedence, ...]:
    """Every clause on the order of precedence that names sections."""
    found: list[Precedence] = []
    for match in _PRECEDENCE.finditer(text):
        first, last = sentence_around(text, match.start(), match.end())
        sections = tuple(dict.fromkeys(name[1].rstrip(".") for name in _NAMED.finditer(text, first, last)))
        if sections:
            found.append(Precedence(Words(first, last, text[first:last]), sections))
    return tuple(found)


def _inside(path: str, section: str) -> bool:
    plain = re.sub(r"^(?:section|clause|article|paragraph)\s+", "", path.strip(), flags=re.I).rstrip(".")
    return plain == section or (plain.startswith(section) and plain[len(section)] in ".(")

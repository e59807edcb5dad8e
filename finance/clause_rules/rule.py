"""The form of a rule, and the sentences it reads.

A rule is a conjunction over one sentence: a keyword that must stand in it, patterns that must all be found, patterns that must
not, and at need a pattern for the heading it stands under or a place in the document. Sentences are cut inside passages, so no rule
reads more than a passage at a time and the whole is linear in the text's length.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from ..passages import Passage

OPENING_CHARS = 4000
"""How far the opening of a document reaches at most: title, preamble, first recitals."""

MIN_SENTENCE_CHARS = 30
"""Shorter pieces are headings and lines of a table of contents, in which a rule must not read an obligation."""

HEADING_REACH = 8
"""For how many passages a heading holds when no other follows."""

_STRAIGHT = str.maketrans(
    "\u201c\u201d\u201e\u201f\u00ab\u00bb\u2018\u2019\u201a\u201b\u2032\u2010\u2011\u2012\u2013\u2014\u2015\u00a0\u00ad",
    '""""""\'\'\'\'\'------ -',
)
_SENTENCE_END = re.compile(r"[.?!][\"')\]\u201d\u2019]{0,2}\s+(?=[\"'(\u201c\u2018]{0,2}[A-Z0-9])")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\"'\u201c])(?:inc|ltd|co|corp|llc|l\.l\.c|mr|mrs|ms|dr|no|nos|sec|art|st|jr|sr|vs|u\.s|u\.k|e\.g|i\.e|a\.m|p\.m|n\.v|s\.a|b\.v|"
    r"[a-z]|\(?[\divx.]{1,7})$",
    re.I,
)
_HEADING = re.compile(
    r"^\W{0,6}(?:(?:article|section|clause)\s+)?(?:[\divxlc]{1,5}[.)]?(?:\d{1,2}[.)]?){0,4}|\([a-z\d]{1,4}\)|[a-z][.)])?[\s.:\-]{0,8}"
    r"(?P<title>[A-Z][A-Za-z'’&/,;()\- ]{2,75}?)\s?(?:[.:]+(?=\s|$)|\s-{1,2}\s|$)",
    re.I,
)
_TITLE_WORD = re.compile(r"[A-Z]")
_SMALL = frozenset(
    (
        "a",
        "an",
        "and",
        "as",
        "at",
        "by",
        "for",
        "from",
        "in",
        "of",
        "on",
        "or",
        "the",
        "to",
        "upon",
        "with",
        "no",
        "not",
    )
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence: ``start``..``end`` of the document, ``text`` in lower case with single blanks and straight quotes.

    ``heading`` is the heading it stands under (lower case, may be empty), ``passage`` the index of its passage, ``opening`` whether it
    stands in the document's opening.
    """

    start: int
    end: int
    text: str
    heading: str
    passage: int
    opening: bool


@dataclass(frozen=True)
class Rule:
    """One rule for a category.

    Args:
        name: "category.what", unique.
        keys: lower-case words of which one at least must stand in the sentence.
        all: regular expressions that must all be found in the sentence's ``text``; compiled when first looked for.
        none: those of look-alikes, none of which may be found.
        heading: one that must be found in the heading, empty for any.
        opening: read the document's opening alone.
        level: for unfair terms, 2 potentially unfair or 3 clearly unfair.
        choice: for NDA positions, what the rule argues for.
    """

    name: str
    keys: tuple[str, ...]
    all: tuple[str, ...]
    none: tuple[str, ...] = ()
    heading: str = ""
    opening: bool = False
    level: int | None = None
    choice: str = ""

    @property
    def category(self) -> str:
        return self.name.partition(".")[0]

    def fits(self, sentence: Sentence) -> bool:
        """Whether the rule fires on a sentence."""
        text = sentence.text
        if len(text) < MIN_SENTENCE_CHARS or (self.opening and not sentence.opening):
            return False
        if not any(key in text for key in self.keys):
            return False
        if self.heading and not _compiled(self.heading).search(sentence.heading):
            return False
        return all(_compiled(p).search(text) for p in self.all) and not any(
            _compiled(p).search(text) for p in self.none
        )


def rule(
    name: str,
    keys: str,
    *patterns: str,
    none: Sequence[str] = (),
    heading: str = "",
    opening: bool = False,
    level: int | None = None,
    choice: str = "",
) -> Rule:
    """Make a rule; ``keys`` are separated by "|"."""
    return Rule(
        name,
        tuple(keys.split("|")),
        patterns,
        tuple(none),
        heading,
        opening,
        level,
        choice,
    )


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def plain(text: str) -> str:
    """``text`` in lower case with single blanks and straight quotes, as rules read it."""
    return " ".join(text.translate(_STRAIGHT).split()).lower()


def sentences(text: str, passages: Sequence[Passage]) -> Iterator[Sentence]:
    """The sentences of each passage, in text order, each with the heading it stands under."""
    heading, held = "", 0
    for index, passage in enumerate(passages):
        piece = text[passage.start : passage.end]
        own = _heading(piece)
        if own:
            heading, held = own, 0
        else:
            held += 1
            if held > HEADING_REACH:
                heading = ""
        for start, end in _cut(piece):
            yield Sentence(
                passage.start + start,
                passage.start + end,
                plain(piece[start:end]),
                heading,
                index,
                passage.start + start < OPENING_CHARS,
            )


def _cut(piece: str) -> Iterator[tuple[int, int]]:
    start = 0
    for mark in _SENTENCE_END.finditer(piece):
        if piece[mark.start()] == "." and _ABBREVIATION.search(piece[max(start, mark.start() - 12) : mark.start()]):
            continue
        yield start, mark.end() - (len(mark.group()) - len(mark.group().rstrip()))
        start = mark.end()
    if piece[start:].strip():
        yield start, len(piece.rstrip())


def _heading(piece: str) -> str:
    """The heading that opens a passage: "10.2 Assignment." or a short line alone; empty where there is none."""
    line = " ".join(piece[:160].split())
    found = _HEADING.match(line)
    if not found or (len(piece) > 160 and found.end() >= len(line)):
        return ""
    words = found["title"].split()
    capitals = sum(1 for word in words if _TITLE_WORD.match(word) or word.lower() in _SMALL)
    return plain(found["title"]) if len(words) <= 10 and capitals >= 0.8 * len(words) else ""

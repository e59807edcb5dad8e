"""Cut a document into sentences and find the durations, dates and amounts of each: what all extractors of facts read.

A sentence's ``text`` has its white space collapsed and its quotes and dashes straightened, so that patterns stay
simple; ``words`` leads back to the document's own characters. A list after a colon or semicolon stays in one sentence, as its
items make no sense without their opening.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from ..classify import Classification
from ..clauses import ClauseTree
from ..document import Document, Words
from .dates import DateHit, find_dates, prefers_day_first
from .durations import DurationHit, find_durations
from .money import MoneyHit, dollar_currency, find_money
from .numbers import lowered

MAX_SENTENCE_CHARS = 2500
MAX_HEADING_CHARS = 120

_STRAIGHT = str.maketrans(
    "\u201c\u201d\u201e\u201f\u00ab\u00bb\u2018\u2019\u201a\u201b\u2032\u2010\u2011\u2012\u2013\u2014\u2015\u00a0\u00ad",
    '""""""\'\'\'\'\'------ -',
)
_WHITE = re.compile(r"(?:\s|-{3,}+)+")  # EDGAR's rulers ("-----") stand inside sentences
_BREAK = re.compile(
    r"[.!?][\"')\]\u201d\u2019]{0,3}\s+(?=[\"'(\[\u201c\u2018]{0,2}[A-Z0-9\u4e00-\u9fff])|[。；]|\n[ \t\r\f\v]*\n\s*"
)
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\"'\u201c])(?:Inc|Ltd|Co|Corp|LLC|L\.L\.C|Mr|Mrs|Ms|Dr|No|Nos|Sec|Secs|Art|Arts|Cl|Ex|St|Ave|Jr|Sr|vs|v|cf|viz|approx"
    r"|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec|U\.S|U\.K|e\.g|i\.e|a\.m|p\.m|N\.V|S\.A|B\.V|p|pp|para|[A-Z]|[A-Z]\.[A-Z])$",
)
_DATE_BREAK = re.compile(
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December)(?: \d{1,2}(?:st|nd|rd|th)?)?$"
)
_NUMBER = re.compile(r"^\W{0,3}(?:(?:Section|Article|Clause)\s+)?[\dIVXivx.]{1,9}$|^\W{0,3}[A-Za-z]$")
_OPEN_END = re.compile(r"(?:[:;,]|\b(?:and|or|of|the|to|by|in|than|that|until|least)|[-\u2013\u2014])$")


@dataclass(frozen=True, eq=False)
class Sentence:
    """One sentence of a document: ``start``..``end`` of its text, and what was found in it.

    ``headings`` are those of its clause and the clauses above, lower case; ``labels`` the probability by category of the
    classifier's labels that touch it. Offsets of the hits are into ``text``; ``words`` turns them into the document's.
    """

    source: str
    start: int
    end: int
    text: str
    clause: int | None
    kind: str
    part: int
    headings: str
    labels: dict[str, float]
    durations: tuple[DurationHit, ...]
    dates: tuple[DateHit, ...]
    money: tuple[MoneyHit, ...]

    @cached_property
    def lower(self) -> str:
        """``text`` in lower case, of the same length."""
        return lowered(self.text)

    def words(self, start: int = 0, end: int | None = None) -> Words:
        """The document's own characters behind ``text[start:end]``."""
        first = self._place(start)
        last = self._place(len(self.text) if end is None else end - 1) + (0 if end is None else 1)
        last = min(max(first, last), self.end)
        return Words(first, last, self.source[first:last])

    def _place(self, index: int) -> int:
        position, shift = self.start + index, 0
        for white in _WHITE.finditer(self.source, self.start, self.end):
            if white.start() - self.start - shift >= index:
                break
            shift += white.end() - white.start() - 1
            position = self.start + index + shift
        return min(position, self.end)


@dataclass(frozen=True)
class Reading:
    """A document as the extractors see it: its sentences in text order, and the tree they belong to."""

    document: Document
    tree: ClauseTree
    sentences: tuple[Sentence, ...]
    main_part: int = 0

    def subject_of(self, sentence: Sentence) -> str:
        """What the sentence's part of the file is: "agreement" for the body (and whatever part is the longest), else its title."""
        if sentence.part == self.main_part or sentence.part >= len(self.tree.parts):
            return "agreement"
        part = self.tree.parts[sentence.part]
        own = part.kind in ("order_form", "amendment") or (part.kind == "body" and part.index == 0)
        return "agreement" if own else part.title or part.kind

    def where(self, gate: str) -> Iterator[Sentence]:
        """The sentences whose lower-case text matches the pattern ``gate``."""
        pattern = re.compile(gate)
        for sentence in self.sentences:
            if pattern.search(sentence.lower):
                yield sentence


def read_sentences(document: Document, tree: ClauseTree, classification: Classification) -> Reading:
    """Cut ``document`` into sentences with their clause, labels, durations, dates and amounts.

    Empty documents give no sentences; text before the first clause counts as preamble.
    """
    text = document.text
    headings = _headings(tree)
    labels = sorted((label.start, label.end, label.category, label.probability) for label in classification.labels)
    day_first = prefers_day_first(text)
    dollar = dollar_currency(text)
    sentences: list[Sentence] = []
    active: list[tuple[int, int, str, float]] = []
    upcoming = 0
    for start, end in _spans(text, tree):
        while upcoming < len(labels) and labels[upcoming][0] < end:
            active.append(labels[upcoming])
            upcoming += 1
        active = [label for label in active if label[1] > start]
        mine: dict[str, float] = {}
        for _, _, category, probability in active:
            mine[category] = max(probability, mine.get(category, 0.0))
        clause = tree.at(start)
        plain = _WHITE.sub(" ", text[start:end]).translate(_STRAIGHT)
        sentences.append(
            Sentence(
                source=text,
                start=start,
                end=end,
                text=plain,
                clause=None if clause is None else clause.index,
                kind="preamble" if clause is None else clause.kind,
                part=0 if clause is None else clause.part,
                headings="" if clause is None else headings[clause.index],
                labels=mine,
                durations=find_durations(plain),
                dates=find_dates(plain, day_first=day_first),
                money=find_money(plain, dollar=dollar),
            )
        )
    lengths = [part.end - part.start for part in tree.parts]
    return Reading(document, tree, tuple(sentences), lengths.index(max(lengths)) if lengths else 0)


def _headings(tree: ClauseTree) -> list[str]:
    joined: list[str] = []
    for clause in tree.clauses:
        own = clause.heading[:MAX_HEADING_CHARS].lower()
        above = joined[clause.parent] if clause.parent is not None and clause.parent < len(joined) else ""
        joined.append(f"{above[-2 * MAX_HEADING_CHARS :]} > {own}" if above and own else own or above)
    return joined


def _spans(text: str, tree: ClauseTree) -> Iterator[tuple[int, int]]:
    clause_starts = {clause.start for clause in tree.clauses}
    start = 0
    for mark in _BREAK.finditer(text):
        if mark.end() <= start:
            continue
        head = text[max(start, mark.start() - 24) : mark.start()]
        if text[mark.start()] == "\n":
            following = text[mark.end() : mark.end() + 1]
            unfinished = _OPEN_END.search(head.rstrip()) or following.islower()
            if unfinished and mark.end() - start < MAX_SENTENCE_CHARS and start < mark.start():
                continue
        elif text[mark.start()] == "." and mark.end() not in clause_starts:
            if _ABBREVIATION.search(head) or _NUMBER.match(text[start : min(mark.start(), start + 24)].strip()):
                continue
            if text[mark.end() : mark.end() + 1].isdigit() and _DATE_BREAK.search(head):
                continue
        yield from _pieces(text, start, mark.end())
        start = mark.end()
    yield from _pieces(text, start, len(text))


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while end - start > MAX_SENTENCE_CHARS:
        at = max(
            text.rfind(mark, start + MAX_SENTENCE_CHARS // 2, start + MAX_SENTENCE_CHARS)
            for mark in ("; ", ". ", " ", "\n")
        )
        stop = at + 1 if at > 0 else start + MAX_SENTENCE_CHARS
        if text[start:stop].strip():
            yield _trim(text, start, stop)
        start = stop
    if text[start:end].strip():
        yield _trim(text, start, end)


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())

"""Find the tables of contents of a document, so that their entries are not taken for clauses. ``finance/clauses.py`` sets them apart."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .lines import Line

if TYPE_CHECKING:
    from .clauses import ClauseKind

_CONTENTS = re.compile(
    r"(?i)^\W{0,8}(?:table\s+of\s+contents?|contents|index(?:\s+of\s+(?:sections|exhibits|articles))?|inhaltsverzeichnis|目\s*录)\W{0,8}$"
)
_CONTENTS_STARTS = re.compile(r"(?i)^\W{0,8}table\s+of\s+contents?\b")
_CONTENTS_WITHIN = re.compile(r"TABLE\s+OF\s+CONTENTS|\bCONTENTS\s*$", re.MULTILINE)
_CONTENTS_ENTRY = re.compile(r"\.{4,}|(?:\. ){4,}|…{2,}|_{6,}\s*\d|(?:^|\s)[ivxl]{1,5}\s*$|\d{1,3}\s*$")
_CONTENTS_TINY = re.compile(
    r"(?i)^\W*(?:page(?:\s*(?:no|number|#)?\.?s?)?|section|article|exhibits?|schedules?|annexe?s|appendices|[ivxl]{1,5}|\d{1,3})\W*$"
)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of the text of one kind: title, preamble, recitals, contents, body, signature."""

    kind: ClauseKind
    start: int
    end: int


def contents(text: str, lines: Sequence[Line]) -> list[Stretch]:
    """The tables of contents of a document, each from its heading to its last entry."""
    found: list[Stretch] = []
    index = 0
    starts: dict[str, list[int]] = {}
    while index < len(lines):
        line = lines[index]
        words = text[line.start : min(line.end, line.start + 200)]
        headed = bool(_CONTENTS.match(words)) if len(line) < 60 else bool(_CONTENTS_STARTS.match(words))
        within = (
            _CONTENTS_WITHIN.search(text, line.start, min(line.end, line.start + 2000)) if len(line) >= 24 else None
        )
        start = within.start() if within else line.start
        headed = headed or within is not None
        leaders = (
            len(line) < 200 and ("...." in words or ". . . ." in words) and bool(_CONTENTS_ENTRY.search(words.rstrip()))
        )
        if not headed and not leaders:
            index += 1
            continue
        last = _contents_end(text, lines, index)
        if headed and last == index and not _CONTENTS_ENTRY.search(words.strip()):
            if not starts:
                starts = _openings(text, lines)
            last = _plain_contents_end(text, lines, index, starts)
        whole = within is not None and _dense(text[start : line.end])
        if (headed and last > index) or last >= index + 2 or whole:
            found.append(Stretch("contents", start, lines[last].end))
        index = last + 1
    return found


def _contents_end(text: str, lines: Sequence[Line], index: int) -> int:
    """The last line of a table whose entries end in page numbers or show dot leaders."""
    last, misses = index, 0
    for at in range(index + 1, min(len(lines), index + 2000)):
        line = lines[at]
        words = text[line.start : line.end].strip() if len(line) < 6000 else ""
        dense = _dense(words)
        if (
            _CONTENTS_TINY.match(words)
            or dense
            or (len(words) <= 220 and _CONTENTS_ENTRY.search(words) and not words.endswith((".", ";")))
        ):
            last, misses = at, 0
        elif len(words) > 150 or misses >= 4:
            break
        else:
            misses += 1
    return last


def _dense(words: str) -> bool:
    """Whether a long line is made of titles with page numbers behind them."""
    return len(words) > 200 and len(re.findall(r"[A-Za-z;)] \d{1,3}(?= |$)", words)) * 60 > len(words)


def _openings(text: str, lines: Sequence[Line]) -> dict[str, list[int]]:
    """Where lines of the same first letters stand: a title in a table of contents stands again over its clause."""
    found: dict[str, list[int]] = {}
    for at, line in enumerate(lines):
        if len(line) >= 4:
            found.setdefault(_letters(text[line.start : min(line.end, line.start + 60)])[:14], []).append(at)
    return found


def _letters(words: str) -> str:
    return re.sub(r"[\W_]+", "", words).lower()


def _plain_contents_end(text: str, lines: Sequence[Line], index: int, starts: dict[str, list[int]]) -> int:
    """The last line of a table without page numbers: short lines, each of which stands again further down."""
    last, misses = index, 0
    for at in range(index + 1, min(len(lines), index + 400)):
        words = text[lines[at].start : lines[at].end].strip()
        again = starts.get(_letters(words[:60])[:14], ())
        if len(words) <= 120 and again and again[-1] > at + 2 and again[0] > index:
            if again[0] < at:
                break
            last, misses = at, 0
        elif len(words) > 120 or misses >= 2:
            break
        else:
            misses += 1
    return last if last >= index + 3 else index


def inside(position: int, stretches: Sequence[Stretch]) -> bool:
    """Whether ``position`` lies in one of ``stretches``, which stand in order."""
    at = bisect_left(stretches, position + 1, key=lambda stretch: stretch.start) - 1
    return at >= 0 and position < stretches[at].end

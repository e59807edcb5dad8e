"""What a page repeats and no party agreed to: running headers and footers, page numbers, filing notes.

Third stage of the PDF reader: it looks at all pages together, because only repetition tells a header from a sentence.
Lines are taken away from a page's edges inwards and only while each is furniture, so a repeated line in the body stays.
What is taken is counted by kind in ``Document.removed``.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from .lines import Line

MAX_EDGE_LINES = 6
MIN_REPEATS = 3
MIN_REPEAT_SHARE = 0.25
EDGE_SHARE = 0.2
SAME_HEIGHT_POINTS = 2.5
MIN_NUMBER_RUN = 3
APART_EM = 1.5
MIN_LINES_OF_COPY = 6
COPY_SHARE = 0.6

_DIGITS = re.compile(r"\d+")
_ROMAN_PAGE = re.compile(r"[\s\-\u2013\u2014]*[ivxl]{1,6}[\s\-\u2013\u2014]*", re.IGNORECASE)
_BARE_NUMBER = re.compile(r"[\s\-\u2013\u2014\[(]*([A-Z]{1,2}[-\u2013.])?(\d{1,4})[\s\-\u2013\u2014\])]*")
_PAGE_OF = re.compile(
    r"(?:.{0,60}\W)?(?:page|p\.|seite|pagina|p\u00e1gina)\s*\d{1,4}(?:\s*(?:of|/|von|di|de|z)\s*\d{1,4})?\W{0,3}",
    re.IGNORECASE,
)
_PAGE = re.compile(r"\W{0,3}page\s+(\d{1,4})(?:\s+of\s+\d{1,4})?\W{0,3}", re.IGNORECASE)
_NUMBER_OF = re.compile(r"\W{0,3}\d{1,4}\s*(?:/|of)\s*\d{1,4}\W{0,3}", re.IGNORECASE)
_FILING = re.compile(
    r"source:\s.{2,120},\s*(?:[a-z0-9/.\-]{1,12}(?:\s\(?[a-z]+\)?)?),\s*\d{1,2}/\d{1,2}/\d{4}\s*", re.IGNORECASE
)
_ENVELOPE = re.compile(r"docusign envelope id:?\s*[0-9a-f\-]{16,}\s*", re.IGNORECASE)
_KEEP = re.compile(
    r"signature page|in witness whereof|agreed (?:to )?and accepted|/s/|_{3}|^\s*(?:by|name|title|date|its|per)\b\s*:?",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class PageLines:
    """The lines of one page in reading order, with their text; ``number`` is 1-based, sizes in points."""

    number: int
    width: float
    height: float
    lines: tuple[Line, ...]
    texts: tuple[str, ...]


def without_furniture(pages: Sequence[PageLines]) -> tuple[list[PageLines], dict[str, int]]:
    """The pages without running headers, footers, page numbers and filing notes, and the counts of what went."""
    removed: Counter[str] = Counter()
    numbers = _page_numbers(pages)
    repeated = _repeated(pages)
    copies = _copies(pages)
    kept: list[PageLines] = []
    for page, inner in zip(pages, _inner_numbers(pages), strict=True):
        drop = set(inner)
        removed["page number"] += len(inner)
        known = repeated if page.number not in copies else set()
        for top in (True, False):
            for position, kind in _at_edge(page, top, known, numbers, drop):
                drop.add(position)
                removed[kind] += 1
        stay = [i for i in range(len(page.lines)) if i not in drop]
        kept.append(replace(page, lines=tuple(page.lines[i] for i in stay), texts=tuple(page.texts[i] for i in stay)))
    return kept, {kind: count for kind, count in sorted(removed.items()) if count}


def _at_edge(
    page: PageLines, top: bool, repeated: set[tuple[bool, str, int]], numbers: dict[int, set[int]], gone: set[int]
) -> list[tuple[int, str]]:
    """The furniture at one edge, from the edge inwards. What only its repetition gives away must stand apart from the
    text that follows it."""
    found: list[tuple[int, str]] = []
    edge = [position for position in _edge(page, top) if position not in gone]
    for position in edge:
        kind = _kind(page, position, top, repeated, numbers)
        if kind is None:
            break
        found.append((position, kind))
    while found and found[-1][1] in ("running header", "running footer"):
        line = page.lines[found[-1][0]]
        taken = {position for position, _ in found} | gone
        inward = [
            abs(other.baseline - line.baseline)
            for position, other in enumerate(page.lines)
            if position not in taken and (other.baseline < line.baseline) == top
        ]
        if not inward or min(inward) > APART_EM * line.size:
            break
        found.pop()
    return found


def _copies(pages: Sequence[PageLines]) -> set[int]:
    """Numbers of pages most of whose lines stand at the same height of other pages too: copies of one form, whose
    edges are its text."""
    lines = [
        {(_shape(text), _level(line.y0)) for text, line in zip(page.texts, page.lines, strict=True)} for page in pages
    ]
    count = Counter(line for page in lines for line in page)
    return {
        page.number
        for page, own in zip(pages, lines, strict=True)
        if len(own) > MIN_LINES_OF_COPY and sum(1 for line in own if count[line] >= MIN_REPEATS) > COPY_SHARE * len(own)
    }


def _edge(page: PageLines, top: bool) -> list[int]:
    """Positions of the outermost lines, from the edge inwards, within the outer part of the page."""
    order = sorted(range(len(page.lines)), key=lambda i: -page.lines[i].y1 if top else page.lines[i].y0)
    limit = page.height * EDGE_SHARE
    return [
        i
        for i in order[:MAX_EDGE_LINES]
        if (page.height - page.lines[i].y0 if top else page.lines[i].y1) <= max(limit, 60.0)
    ]


def _shape(text: str) -> str:
    """A line's text with what may change from page to page made equal."""
    shape = _DIGITS.sub("#", " ".join(text.lower().split()))
    return "#" if _ROMAN_PAGE.fullmatch(shape) else shape


def _kind(
    page: PageLines, position: int, top: bool, repeated: set[tuple[bool, str, int]], numbers: dict[int, set[int]]
) -> str | None:
    """What sort of furniture a line at an edge is; None if it is text."""
    text = page.texts[position]
    if _KEEP.search(text):
        return None
    if _FILING.fullmatch(text) or _ENVELOPE.fullmatch(text):
        return "filing note"
    if len(text) <= 80 and (_PAGE_OF.fullmatch(text) or _NUMBER_OF.fullmatch(text)):
        return "page number"
    bare = _BARE_NUMBER.fullmatch(text)
    if bare:
        return "page number" if int(bare.group(2)) in numbers[page.number] else None
    shape = _shape(text)
    height = page.lines[position].y0
    if any((top, shape, _level(height) + step) in repeated for step in (-1, 0, 1)):
        if shape == "#":
            return "page number"
        return "running header" if top else "running footer"
    return None


def _level(height: float) -> int:
    return round(height / SAME_HEIGHT_POINTS)


def _repeated(pages: Sequence[PageLines]) -> set[tuple[bool, str, int]]:
    """Shapes (edge, text, height) that stand at the same edge and height of many pages."""
    seen: dict[tuple[bool, str], Counter[int]] = defaultdict(Counter)
    for page in pages:
        for top in (True, False):
            for shape, level in {(_shape(page.texts[i]), _level(page.lines[i].y0)) for i in _edge(page, top)}:
                seen[top, shape][level] += 1
    needed = max(MIN_REPEATS, MIN_REPEAT_SHARE * min(len(pages), 40))
    found: set[tuple[bool, str, int]] = set()
    for (top, shape), levels in seen.items():
        for level, count in levels.items():
            if count + levels[level - 1] + levels[level + 1] >= needed and (
                shape == "#" or sum(map(str.isalpha, shape)) >= 3
            ):
                found.add((top, shape, level))
    return found


def _page_numbers(pages: Sequence[PageLines]) -> dict[int, set[int]]:
    """The numbers that each page may show at an edge: its place plus a distance that several pages share."""
    distances: Counter[int] = Counter()
    for page in pages:
        shown: set[int] = set()
        for top in (True, False):
            for i in _edge(page, top)[:3]:
                match = _BARE_NUMBER.fullmatch(page.texts[i])
                if match:
                    shown.add(int(match.group(2)) - page.number)
        distances.update(shown)
    shared = {distance for distance, count in distances.items() if count >= 2 or distance == 0}
    return {page.number: {page.number + distance for distance in shared} for page in pages}


def _inner_numbers(pages: Sequence[PageLines]) -> list[list[int]]:
    """Numbers of an earlier pagination inside the pages (a printed file made into another one): alone on a line with
    space around it, "Page 3" or a bare number off the left margin, and counting up by one through the file."""
    found: list[tuple[int, int, int]] = []
    for at, page in enumerate(pages):
        for i, line in enumerate(page.lines):
            named = _PAGE.fullmatch(page.texts[i])
            match = named or _BARE_NUMBER.fullmatch(page.texts[i])
            if not match or not (named or line.x0 > line.left + 0.25 * (line.right - line.left)):
                continue
            above = page.lines[i - 1].baseline - line.baseline if i else 1e9
            below = line.baseline - page.lines[i + 1].baseline if i + 1 < len(page.lines) else 1e9
            if min(above, below) > 1.7 * line.size or max(above, below) > 1e8:
                found.append((at, i, int(match.group(match.lastindex or 0))))
    inner: list[list[int]] = [[] for _ in pages]
    run: list[tuple[int, int, int]] = []
    for number in [*found, (-1, -1, -1)]:
        if run and number[2] == run[-1][2] + 1:
            run.append(number)
            continue
        if len(run) >= MIN_NUMBER_RUN:
            for at, i, _ in run:
                inner[at].append(i)
        run = [number]
    return inner

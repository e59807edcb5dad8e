"""What a plain text carries of its printed pages: page numbers, running headers and footers, filing notes, EDGAR's tags.

Page numbers are known by counting up through the file, running lines by standing at the edge of many pages; a line that only
looks like one stays. Lines are marked, never joined, here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

MIN_REPEATS = 3
MIN_REPEAT_SHARE = 0.25
MIN_NUMBER_RUN = 3
MAX_EDGE_LINES = 3
MAX_RUNNING_CHARS = 150
# A page holds at least so much; numbers closer together are a table of contents or a list.
MIN_PAGE_CHARS = 300
MAX_MISSING_NUMBERS = 2
MAX_LONE_PAGE = 300
PAGE_BREAK_BLANK_LINES = 4

_FILING = re.compile(r"\s*source:\s.{2,120},\s[A-Z0-9][\w/.\- ()]{0,24},\s*\d{1,2}/\d{1,2}/\d{4}\s*", re.IGNORECASE)
_PAGE_TAG = re.compile(r"\s*</?page>\s*(?:\d{1,4}|[ivxl]{1,6})?\s*", re.IGNORECASE)
_TAG = re.compile(
    r"(?:\s*</?(?:table|caption|s|c|fn|f\d+|document|text|type|sequence|filename|description)>)+(?:\s*\S{0,40})?\s*",
    re.IGNORECASE,
)
_TABLE_TAG = re.compile(r"<(/?)table>", re.IGNORECASE)
_EXPLICIT = re.compile(
    r"\s*[-–—\[(]*\s*(?:page|seite|página|pagina)\s*(\d{1,4})(?:\s*(?:of|/|von|de|di)\s*\d{1,4})?\s*[-–—\])]*\s*"
    r"|\s*[-–—]\s?(\d{1,4})\s?[-–—]\s*|\s*(\d{1,4})\s+of\s+\d{1,4}\s*",
    re.IGNORECASE,
)
_BARE = re.compile(r"\s*(\d{1,4})\.?\s*")
_PREFIXED = re.compile(r"\s*(?:[A-Z]{1,3}-\d{1,3}|[-–]?\s?[ivxl]{1,6}\s?[-–]?)\s*")
_TAIL = re.compile(r"(?<=\S)\s+[-–—]?\s?(?:page\s+)?(\d{1,4})(?:\s+of\s+\d{1,4})?\s?[-–—]?\s*$", re.IGNORECASE)
_KEEP = re.compile(
    r"signature page|in witness whereof|agreed (?:to )?and accepted|/s/|_{3}|\*{3}|\[|^\s*(?:by|name|title|date|its|per)\b\s*:?",
    re.IGNORECASE,
)
_NUMBERED_TITLE = re.compile(
    r"\s*(?:exhibit|schedule|annex|appendix|article|section|clause|part|attachment|amendment|\W*\d)", re.IGNORECASE
)
_DIGITS = re.compile(r"\d+")
_SENTENCE_END = re.compile(r"[.;:!?][\"'”’)\]]*\s*$")


@dataclass(slots=True)
class TextLine:
    """One line of the source, or the part of it on one side of a form feed.

    ``text`` begins at character ``offset`` of source line ``number``. ``page_before`` tells that a printed page may end before
    it, ``marked`` that the source says so (form feed, tag, filing note); ``removed`` says what it is if it is no text of the contract; ``row`` that the source marks it as part of a table.
    """

    text: str
    number: int
    offset: int
    page_before: bool = False
    marked: bool = False
    removed: str = ""
    row: bool = False

    @property
    def blank(self) -> bool:
        """Whether nothing of the line is left to read."""
        return bool(self.removed) or not self.text or self.text.isspace()


@dataclass(slots=True)
class _Candidate:
    """What may be a page number: ``tail`` where in its line it starts if it ends a line of text."""

    index: int
    value: int
    position: int
    strong: bool
    marked: bool = False
    tail: int | None = None
    length: int = 1
    before: int | None = None


def lines_of(text: str) -> list[TextLine]:
    """The lines of ``text``, divided at form feeds too."""
    lines: list[TextLine] = []
    turned = False
    for number, line in enumerate(re.split(r"\r\n|\r|\n", text)):
        offset = 0
        for index, part in enumerate(line.split("\f")):
            turned = turned or index > 0
            lines.append(TextLine(part, number, offset, page_before=turned, marked=turned))
            turned = turned and not part.strip()
            offset += len(part) + 1
    return lines


def mark_furniture(lines: Sequence[TextLine], *, tails: bool = True) -> dict[str, int]:
    """Set ``removed`` and ``page_before``; returns the counts by kind.

    With ``tails``, page numbers are also cut from the ends of lines, for sources in which they ran into the text.
    """
    _mark_tags(lines)
    _mark_breaks(lines)
    num_tails = _mark_numbers(lines, tails)
    _mark_running(lines)
    counts = Counter(line.removed for line in lines if line.removed)
    counts["page number"] += num_tails
    return {kind: count for kind, count in sorted(counts.items()) if count}


def _mark_tags(lines: Sequence[TextLine]) -> None:
    in_table = False
    for line in lines:
        if len(line.text) > MAX_RUNNING_CHARS:
            continue
        if "<" in line.text:
            for tag in _TABLE_TAG.finditer(line.text):
                in_table = tag.group(1) == ""
            if _PAGE_TAG.fullmatch(line.text):
                line.removed = "page tag"
            elif _TAG.fullmatch(line.text):
                line.removed = "markup tag"
        elif "," in line.text and _FILING.fullmatch(line.text):
            line.removed = "filing note"
        line.row = in_table


def _mark_breaks(lines: Sequence[TextLine]) -> None:
    """A page ends at a tag, after a filing note, and where several blank lines follow one another."""
    blanks, after = 0, False
    for line in lines:
        if line.removed in ("page tag", "filing note"):
            after = True
        elif line.blank:
            blanks += 1
            after = after or line.marked
        else:
            line.marked = line.marked or after
            line.page_before = line.page_before or line.marked or blanks >= PAGE_BREAK_BLANK_LINES
            blanks, after = 0, False


# Page numbers


def _mark_numbers(lines: Sequence[TextLine], tails: bool) -> int:
    """Mark page numbers that stand alone, cut those that end a line; returns how many were cut."""
    candidates = [c for c in _candidates(lines) if tails or c.tail is None]
    num_tails = 0
    for run in _runs(candidates):
        if not _is_pagination(run, lines):
            continue
        for candidate in run:
            line = lines[candidate.index]
            if candidate.tail is None:
                line.removed = "page number"
            else:
                line.text = line.text[: candidate.tail]
                num_tails += 1
    for candidate in candidates:
        # At a page's marked end, or alone between the halves of a sentence, a number needs no others like it.
        line = lines[candidate.index]
        if candidate.tail is None and not line.removed and candidate.value <= MAX_LONE_PAGE:
            sure = candidate.marked or _breaks_sentence(lines, candidate.index)
            line.removed = "page number" if sure else ""
    return num_tails


def _candidates(lines: Sequence[TextLine]) -> Iterable[_Candidate]:
    position = 0
    for index, line in enumerate(lines):
        position += len(line.text)
        if line.blank:
            continue
        isolated, strong, marked = _surroundings(lines, index)
        short = len(line.text) <= MAX_RUNNING_CHARS
        if short and isolated:
            if explicit := _EXPLICIT.fullmatch(line.text):
                line.removed = "page number"
                yield _Candidate(index, int(next(g for g in explicit.groups() if g)), position, True)
                continue
            if bare := _BARE.fullmatch(line.text):
                yield _Candidate(index, int(bare.group(1)), position, strong, marked)
                continue
            if strong and _PREFIXED.fullmatch(line.text):
                line.removed = "page number"
                continue
        if _page_end(lines, index) is not None and (tail := _TAIL.search(line.text[-40:])):
            start = max(0, len(line.text) - 40) + tail.start()
            yield _Candidate(index, int(tail.group(1)), position, True, tail=start)


def _surroundings(lines: Sequence[TextLine], index: int) -> tuple[bool, bool, bool]:
    """Whether a line stands alone, whether a page may end next to it, and whether the source says that one does."""
    line = lines[index]
    above = index == 0 or lines[index - 1].blank or line.page_before
    below = index + 1 == len(lines) or lines[index + 1].blank or lines[index + 1].page_before
    end = _page_end(lines, index)
    return above and below, line.page_before or end is not None, line.marked or end is True


def _page_end(lines: Sequence[TextLine], index: int) -> bool | None:
    """Whether a page ends before the next line with text: True where the source says so, False where it may, else None."""
    for later in range(index + 1, min(index + 12, len(lines))):
        line = lines[later]
        if line.removed in ("page tag", "filing note") or line.marked:
            return True
        if line.page_before:
            return False
        if not line.blank:
            return None
    return None


def _runs(candidates: Sequence[_Candidate]) -> Iterable[list[_Candidate]]:
    """Chains of candidates that count up by one (or a little more, where a number is missing) a page apart."""
    latest: dict[int, list[int]] = {}
    for at, candidate in enumerate(candidates):
        for step in range(1, MAX_MISSING_NUMBERS + 2):
            for earlier in latest.get(candidate.value - step, ()):
                other = candidates[earlier]
                apart = candidate.position - other.position
                if apart >= MIN_PAGE_CHARS and other.length + 1 > candidate.length:
                    candidate.length, candidate.before = other.length + 1, earlier
        latest[candidate.value] = [*latest.get(candidate.value, [])[-3:], at]
    used: set[int] = set()
    for at in sorted(range(len(candidates)), key=lambda i: -candidates[i].length):
        run: list[_Candidate] = []
        step: int | None = at
        while step is not None and step not in used:
            used.add(step)
            run.append(candidates[step])
            step = candidates[step].before
        if len(run) >= MIN_NUMBER_RUN:
            yield run[::-1]


def _is_pagination(run: Sequence[_Candidate], lines: Sequence[TextLine]) -> bool:
    """Whether a run of numbers belongs to pages and not to clauses that have their number on a line of its own.

    Pages end anywhere: beside a page break, under indented numbers, in the middle of a sentence.
    """
    alone = [candidate for candidate in run if candidate.tail is None]
    if not alone:
        return True
    strong = sum(candidate.strong for candidate in alone)
    centred = sum(len(lines[c.index].text) - len(lines[c.index].text.lstrip()) >= 16 for c in alone)
    broken = sum(_breaks_sentence(lines, c.index) for c in alone)
    return strong >= 0.5 * len(alone) or centred >= 0.5 * len(alone) or broken >= 0.2 * len(alone)


def _breaks_sentence(lines: Sequence[TextLine], index: int) -> bool:
    above = next((lines[i].text for i in range(index - 1, max(-1, index - 12), -1) if not lines[i].blank), "")
    below = next((lines[i].text for i in range(index + 1, min(len(lines), index + 12)) if not lines[i].blank), "")
    return bool(above) and not _SENTENCE_END.search(above) and below.lstrip()[:1].islower()


# Running headers and footers


def _mark_running(lines: Sequence[TextLine]) -> None:
    pages = _pages(lines)
    if len(pages) < MIN_REPEATS:
        return
    seen: Counter[tuple[bool, str]] = Counter()
    exact: Counter[str] = Counter()
    for page in pages:
        for top in (True, False):
            edge = {_shape(lines[i].text) for i in _edge(lines, page, top)}
            seen.update((top, shape) for shape in edge)
            exact.update({" ".join(lines[i].text.split()) for i in _edge(lines, page, top)})
    needed = max(MIN_REPEATS, MIN_REPEAT_SHARE * min(len(pages), 40))
    for page in pages:
        for top in (True, False):
            for index in _edge(lines, page, top):
                line = lines[index]
                repeated = seen[top, _shape(line.text)] >= needed
                numbered = _NUMBERED_TITLE.match(line.text) is not None
                if (
                    not repeated
                    or (numbered and exact[" ".join(line.text.split())] < needed)
                    or not _may_run(line.text)
                ):
                    break
                line.removed = "running header" if top else "running footer"


def _pages(lines: Sequence[TextLine]) -> list[list[int]]:
    """Indices of the text lines of each page; a page number ends a page as a break does."""
    pages: list[list[int]] = [[]]
    ended = False
    for index, line in enumerate(lines):
        if line.removed == "page number":
            ended = True
        if line.blank:
            continue
        if (line.page_before or ended) and pages[-1]:
            pages.append([])
        ended = False
        pages[-1].append(index)
    return [page for page in pages if page]


def _edge(lines: Sequence[TextLine], page: list[int], top: bool) -> list[int]:
    """The outermost short lines of a page, from the edge inwards; never all lines of the page."""
    inwards = page[: min(MAX_EDGE_LINES, len(page) - 1)] if top else page[-min(MAX_EDGE_LINES, len(page) - 1) :][::-1]
    if len(page) == 1:
        return []
    found: list[int] = []
    for index in inwards:
        if len(lines[index].text) > MAX_RUNNING_CHARS:
            break
        found.append(index)
    return found


def _shape(text: str) -> str:
    return _DIGITS.sub("#", " ".join(text.lower().split()))


def _may_run(text: str) -> bool:
    return not _KEEP.search(text) and sum(map(str.isalpha, text)) >= 4

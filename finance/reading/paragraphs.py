"""Lines to paragraphs: the text of a PDF, its blocks, and the place of every character.

Fourth stage of the PDF reader. ``joints`` says which line goes on and which begins anew, ``hyphens`` what a broken word
was. The text has one blank line between paragraphs and one newline between lines that were kept apart. Footnotes
follow the paragraph that runs above them, so that it can go on over the page's end.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..document import Block, Places
from .hyphens import Vocabulary, ends_in_hyphen
from .joints import CELL_SEPARATOR, ENUMERATOR, Layout, SourceLine
from .page_text import SOFT_HYPHEN

if TYPE_CHECKING:
    import numpy as np

Group = list[tuple[SourceLine, str]]
FOOTNOTE_SIZE = 0.92  # of the body's
_NOTE_START = re.compile(r"(?:\(?\d{1,3}\)?|[*\u2020\u2021\u00a7]{1,3})(?=\s|[A-Z\"\u201c])")


@dataclass(frozen=True)
class Paragraphs:
    """The joined text with its blocks and the place of every character; ``num_joined`` words were broken at a line end."""

    text: str
    blocks: tuple[Block, ...]
    places: Places
    num_joined: int


def paragraphs(lines: Sequence[SourceLine]) -> Paragraphs:
    """Join lines, in reading order over all pages, into paragraphs."""
    notes = _footnotes(lines)
    body = [line for i, line in enumerate(lines) if i not in notes]
    waiting: dict[int, list[SourceLine]] = defaultdict(list)
    for i in sorted(notes):
        waiting[lines[i].page].append(lines[i])
    layout = Layout(body)
    groups: list[Group] = []
    for i, line in enumerate(body):
        joint = layout.joint(i) if i else "\n\n"
        if joint == "\n\n":
            groups.append([(line, "")])
        else:
            groups[-1].append((line, joint))
    writer = _Writer(Vocabulary(line.text for line in lines))
    pages = sorted(waiting)
    for group in groups:
        while pages and pages[0] < group[0][0].page:
            _write_notes(writer, waiting[pages.pop(0)], layout)
        writer.paragraph(group, layout)
    for page in pages:
        _write_notes(writer, waiting[page], layout)
    return writer.finish()


def _footnotes(lines: Sequence[SourceLine]) -> set[int]:
    """Numbers of the lines that are footnotes: small type at a page's end, from a line that opens with a mark on."""
    weights: Counter[float] = Counter()
    by_page: dict[int, list[int]] = defaultdict(list)
    for i, line in enumerate(lines):
        if not line.turned:
            by_page[line.page].append(i)
            weights[round(line.line.size * 2) / 2] += sum(map(len, line.words))
    if not weights:
        return set()
    largest = FOOTNOTE_SIZE * weights.most_common(1)[0][0]
    found: set[int] = set()
    for numbers in by_page.values():
        first = len(numbers)
        while (
            first > 0 and lines[numbers[first - 1]].line.size <= largest and not lines[numbers[first - 1]].line.is_row
        ):
            first -= 1
        starts = [at for at in range(first, len(numbers)) if _NOTE_START.match(lines[numbers[at]].text)]
        if first > 0 and starts:
            found.update(numbers[starts[0] :])
    return found


def _write_notes(writer: _Writer, lines: Sequence[SourceLine], layout: Layout) -> None:
    """The footnotes of one page, each a paragraph."""
    group: Group = []
    for line in lines:
        if group and _NOTE_START.match(line.text):
            writer.paragraph(group, layout, footnote=True)
            group = []
        group.append((line, " " if group else ""))
    writer.paragraph(group, layout, footnote=True)


class _Writer:
    """Collects text, blocks and runs of places."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._pieces: list[str] = []
        self._length = 0
        self._starts: list[int] = []
        self._pages: list[int] = []
        self._boxes: list[np.ndarray] = []
        self._blocks: list[Block] = []
        self._num_joined = 0

    def paragraph(self, group: Group, layout: Layout, *, footnote: bool = False) -> None:
        """Write the lines of one paragraph, each with how it joins the one before."""
        separator = "\n\n" if self._length else ""
        start = self._length + len(separator)
        rows: list[tuple[int, bool]] = []
        for at, (line, joint) in enumerate(group):
            if at:
                separator = self._joined(line, joint)
            cells = layout.columns_of(line)
            rows.append((self._length + len(separator), line.line.is_row or len(cells) > 0))
            for i, word in enumerate(line.words):
                if i:
                    separator = CELL_SEPARATOR if i in cells else " "
                self._write(separator + word, line.page)
            self._boxes.append(line.boxes)
        text = self._tail(start)
        rowed = sum(cells for _, cells in rows) >= 2 or group[0][0].line.is_row
        if rowed and all(joint in ("", "\n") for _, joint in group):
            ends = [row - 1 for row, _ in rows[1:]] + [self._length]
            for (row, cells), end in zip(rows, ends, strict=True):
                self._blocks.append(Block(row, end, "table_row" if cells else "paragraph"))
            return
        match = _NOTE_START.match(text) if footnote else ENUMERATOR.match(text)
        number = match.group().strip() if match else ""
        kind = "footnote" if footnote else layout.kind(group, text)
        self._blocks.append(Block(start, self._length, kind, number=number))

    def _tail(self, start: int) -> str:
        """The text from ``start`` on, gathered from the last pieces."""
        tail: list[str] = []
        missing = self._length - start
        for piece in reversed(self._pieces):
            if missing <= 0:
                break
            tail.append(piece[-missing:] if len(piece) > missing else piece)
            missing -= len(piece)
        return "".join(reversed(tail))

    def _joined(self, line: SourceLine, joint: str) -> str:
        """The separator before ``line``; takes back a hyphen that only marked the break."""
        last = self._pieces[-1] if self._pieces else ""
        if joint != " ":
            return joint
        if not ends_in_hyphen(last):
            return "" if _no_space_between(last, line.words[0]) else " "
        if self._vocabulary.only_marks(last, line.words[0]):
            self._pieces[-1] = last[:-1]
            self._length -= 1
            self._num_joined += 1
        return ""

    def _write(self, text: str, page: int) -> None:
        self._starts.append(self._length)
        self._pages.append(page)
        self._pieces.append(text)
        self._length += len(text)

    def finish(self) -> Paragraphs:
        import numpy as np

        places = Places(
            np.array(self._starts, dtype=np.int64),
            pages=np.array(self._pages, dtype=np.int32),
            boxes=np.concatenate(self._boxes) if self._boxes else np.zeros((0, 4), dtype=np.float32),
        )
        text = "".join(self._pieces).replace(SOFT_HYPHEN, "-")
        return Paragraphs(text, tuple(self._blocks), places, self._num_joined)


def _no_space_between(before: str, after: str) -> bool:
    """Scripts that set no space between words: Chinese, Japanese."""
    return bool(before and after) and _unspaced(before[-1]) and _unspaced(after[0])


def _unspaced(char: str) -> bool:
    return "\u3000" <= char <= "\u9fff" or "\uf900" <= char <= "\ufaff" or "\uff00" <= char <= "\uffef"

"""How one line stands to the line before it: in the same sentence, in the same block, or at the start of a paragraph.

Used by ``paragraphs``. Spacing, indent, numbers, type, centring and an early end of the line before decide within a column;
over the end of a column or page the sentence decides.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from ..document import BlockKind
from .hyphens import BROKEN, ends_in_hyphen
from .lines import Line
from .page_text import PageWords

if TYPE_CHECKING:
    import numpy as np

CELL_SEPARATOR = "    "
SPACED_LINES = 1.3
INDENT_EM = 0.9
SIZE_CHANGE = 0.12
HEADING_CHARS = 140

ENUMERATOR = re.compile(
    r"(?:(?:article|section|clause|schedule|exhibit|annex|appendix|part)\s+(?:\d+(?:\.\d+)*|[ivxlc]+|[a-z])\b[.:]?"
    r"|\u00a7+\s*\d+(?:\.\d+)*|\u7b2c[\u4e00-\u9fff\d]{1,5}[\u6761\u7ae0]"
    r"|\d{1,3}(?:\.\d{1,3})+\.?(?:\s?\([a-z0-9]{1,4}\))?|\d{1,3}[.)]"
    r"|\(\s?(?:[a-z]{1,2}|[ivxl]{1,6}|\d{1,3})\s?\)|(?:[a-z]|[ivxl]{1,5})[.)])(?=\s|$)",
    re.IGNORECASE,
)
"""The number that opens a clause or an item: "4.", "2.1", "(a)", "Section 9.2", "\u00a7 3"."""
_BULLET = re.compile(r"[\u2022\u2023\u25cf\u25cb\u25aa\u25e6\u00b7\u2013\u2014*o\-](?=\s)")
_ENDS_SENTENCE = re.compile(r"[.;:!?\u3002\uff1b\uff1a][\"'\u201d\u2019)\]]*$")
_ENDS_ITEM = re.compile(
    r"(?:[.;:!?,\u3002\uff1b]|[;,]\s+(?:and|or|und|oder|et|ou|y|o|e))[\"'\u201d\u2019)\]]*$", re.IGNORECASE
)
_ENDS_OPEN = re.compile(
    r"(?:\b(?:sections?|articles?|clauses?|paragraphs?|subsections?|schedules?|exhibits?|annex|appendix|nos?\.|item|of|and|or|to|the)|,)$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class SourceLine:
    """A line with its page, the texts and displayed boxes of its words, and what layout asks of its first words:
    where they start (at most four) and how wide the first is, in the layout frame. ``turned`` text runs another way
    than the page's."""

    page: int
    line: Line
    words: tuple[str, ...]
    boxes: np.ndarray
    word_starts: tuple[float, ...]
    first_word_width: float
    turned: bool = False

    @property
    def text(self) -> str:
        """The line's words, wide gaps shown."""
        return "".join(
            (CELL_SEPARATOR if i in self.line.cells else " " if i else "") + word for i, word in enumerate(self.words)
        )


def source_lines(page: int, words: PageWords, lines: Sequence[Line], *, turned: bool = False) -> list[SourceLine]:
    """Lines with the texts and displayed boxes of their words."""
    made: list[SourceLine] = []
    for line in lines:
        frame = words.frame[line.words[:4]]
        made.append(
            SourceLine(
                page=page,
                line=line,
                words=tuple(words.texts[int(i)] for i in line.words),
                boxes=words.boxes[line.words],
                word_starts=tuple(float(x) for x in frame[:, 0]),
                first_word_width=float(frame[0, 2] - frame[0, 0]),
                turned=turned,
            )
        )
    return made


class Layout:
    """Decides how a line stands to the one before it: same sentence (" "), same block ("\\n"), or new ("\\n\\n")."""

    def __init__(self, lines: Sequence[SourceLine]) -> None:
        import numpy as np

        self.lines = lines
        weights: Counter[float] = Counter()
        for line in lines:
            weights[round(line.line.size * 2) / 2] += sum(map(len, line.words))
        self.body_size = weights.most_common(1)[0][0] if weights else 10.0
        ratios = [
            (a.line.baseline - b.line.baseline) / max(0.5, b.line.size)
            for a, b in pairwise(lines)
            if a.page == b.page and a.line.region == b.line.region and not (a.line.is_row or b.line.is_row)
        ]
        self.pitch = _typical_pitch(np.array(ratios))
        edges: dict[tuple[int, int], list[float]] = {}
        for line in lines:
            edges.setdefault((line.page, line.line.region), []).append(line.line.x1)
        self.right = {key: float(np.percentile(ends, 90)) for key, ends in edges.items()}
        self._texts = [line.text for line in lines]
        self._first = 0  # index of the first line of the paragraph that is being built

    def joint(self, i: int) -> str:
        """How line ``i`` joins line ``i`` - 1. Must be asked for each line in turn."""
        joint = self._joint(i)
        if joint == "\n\n":
            self._first = i
        return joint

    def _joint(self, i: int) -> str:
        before, here = self.lines[i - 1], self.lines[i]
        text_before, text = self._texts[i - 1], self._texts[i]
        a, b = before.line, here.line
        continuous = before.page == here.page and a.region == b.region
        if before.turned != here.turned or (here.turned and not continuous):
            return "\n\n"
        if a.table or b.table:
            together = before.page == here.page and a.table == b.table
            if together and a.is_row and b.is_row:
                return "\n"
            if not (together and continuous):
                return "\n\n"
        if abs(a.size - b.size) > SIZE_CHANGE * max(a.size, b.size) and not BROKEN.search(text_before):
            return "\n\n"
        numbered = self._numbered(text, text_before, i)
        if not continuous:
            return self._over_a_break(i, numbered)
        distance = (a.baseline - b.baseline) / max(0.5, b.size)
        tabular = bool(self.columns(i - 1)) or bool(self.columns(i))
        if distance > self.pitch * SPACED_LINES or distance < 0:
            # A page number may have stood in the space: the sentence goes on below it.
            open_sentence = text[:1].islower() and not _ENDS_SENTENCE.search(text_before) and not numbered
            goes_on = open_sentence and not (tabular or self._centred(a) or self._centred(b) or text_before.isupper())
            return " " if goes_on else "\n\n"
        if tabular:
            return "\n"
        if numbered:
            return "\n\n"
        if ends_in_hyphen(text_before) and text[:1].isalnum():
            return " "
        if a.bold != b.bold and self._ended_early(i) and len(text_before) < HEADING_CHARS:
            return "\n\n"
        if self._centred(a) and self._centred(b):
            return "\n"
        if self._centred(a) != self._centred(b) and self._ended_early(i):
            return "\n\n"
        indent = (b.x0 - a.x0) / b.size
        deep = i - 1 > self._first
        if indent > INDENT_EM and not self._hangs(i):
            if self._ended_early(i) or (_ENDS_SENTENCE.search(text_before) and deep):
                return "\n\n"
        elif indent < -INDENT_EM and deep and (self._ended_early(i) or _ENDS_SENTENCE.search(text_before)):
            return "\n\n"
        if self._ended_early(i):
            return "\n\n" if _ENDS_SENTENCE.search(text_before) else "\n"
        return " "

    def _over_a_break(self, i: int, numbered: bool) -> str:
        """Lines on both sides of a column's or page's end: one paragraph when the sentence goes on."""
        text_before, text = self._texts[i - 1], self._texts[i]
        if numbered or self.columns(i - 1) or self.columns(i) or self._centred(self.lines[i].line):
            return "\n\n"
        if BROKEN.search(text_before) and text[:1].isalpha():
            return " "
        if _ENDS_SENTENCE.search(text_before):
            return "\n\n"
        if text[:1].islower():
            return " "
        early = self.right[self.lines[i - 1].page, self.lines[i - 1].line.region] - self.lines[i - 1].line.x1
        if early > 0.15 * (self.lines[i - 1].line.right - self.lines[i - 1].line.left):
            return "\n\n"
        upper = text_before.isupper() or text.isupper()
        return "\n\n" if upper and text_before.isupper() != text.isupper() else " "

    def _numbered(self, text: str, text_before: str, i: int) -> bool:
        """Whether the line opens with a number or bullet that begins a new item, not with a wrapped reference."""
        if _BULLET.match(text) and not text.startswith(("-", "o", "*")):
            return True
        match = ENUMERATOR.match(text)
        if match is None:
            return bool(_BULLET.match(text)) and bool(_ENDS_ITEM.search(text_before))
        if _ENDS_ITEM.search(text_before):
            return not re.search(
                r"(?:sections?|articles?|clauses?|paragraphs?)\s[^;.:]{0,40},$", text_before, re.IGNORECASE
            )
        if _ENDS_OPEN.search(text_before):
            return self._ended_early(i)
        a, b = self.lines[i - 1].line, self.lines[i].line
        same_place = self.lines[i - 1].page == self.lines[i].page and a.region == b.region
        if match.group()[0] == "(" or match.group()[:1].isalpha():
            return self._ended_early(i) if same_place else text_before[-1:] in ".;:"
        return self._ended_early(i) or abs(b.x0 - a.x0) > INDENT_EM * b.size

    def _ended_early(self, i: int) -> bool:
        """Whether line ``i`` - 1 stopped although the first word of line ``i`` would have fitted after it."""
        before, here = self.lines[i - 1], self.lines[i]
        if before.page != here.page or before.line.region != here.line.region:
            return False
        room = max(self._right_near(i), before.line.x1) - before.line.x1
        return room > here.first_word_width + 1.2 * here.line.size

    def _right_near(self, i: int) -> float:
        """Where the lines around line ``i`` - 1 end: the right edge of an indented block if they agree on one, else
        that of the column."""
        here = self.lines[i - 1]
        key = (here.page, here.line.region)
        column = here.line.right - here.line.left
        right = self.right[key]
        for window in (self.lines[max(0, i - 4) : i], self.lines[i - 1 : i + 3]):
            near = [source.line for source in window if (source.page, source.line.region) == key]
            edge = max(line.x1 for line in near)
            reach = sum(1 for line in near if line.x1 > edge - 4 * line.size)
            if reach >= 3 and edge - min(line.x0 for line in near) > 0.4 * column:
                right = min(right, edge)
        return right

    def _hangs(self, i: int) -> bool:
        """Whether line ``i`` stands under the text of a first line that hangs out (a number, then the text)."""
        if i - 1 != self._first:
            return False
        here = self.lines[i].line
        match = ENUMERATOR.match(self._texts[i - 1]) or _BULLET.match(self._texts[i - 1])
        if match is None:
            return not self._ended_early(i) and not _ENDS_SENTENCE.search(self._texts[i - 1])
        under_text = any(abs(start - here.x0) < 1.2 * here.size for start in self.lines[i - 1].word_starts[1:])
        return under_text or not self._ended_early(i)

    def _centred(self, line: Line) -> bool:
        """Whether a short line stands in the middle of its column."""
        width = line.right - line.left
        left, right = line.x0 - line.left, line.right - line.x1
        return (
            width > 0
            and left > 0.12 * width
            and right > 0.12 * width
            and abs(left - right) < max(0.12 * width, 2 * line.size)
        )

    def columns(self, i: int) -> tuple[int, ...]:
        """The cell starts of line ``i``; empty where it is no row of cells."""
        return self.columns_of(self.lines[i])

    def columns_of(self, source: SourceLine) -> tuple[int, ...]:
        """The cell starts of a line that reads as a row of cells; a number and the text after it are no row."""
        cells = source.line.cells
        if cells and not source.line.is_row:
            head = " ".join(source.words[: cells[0]])
            if len(head) <= 2 or ENUMERATOR.fullmatch(head) or _BULLET.fullmatch(head + " "):
                return cells[1:]
        return cells

    def kind(self, group: Sequence[tuple[SourceLine, str]], text: str) -> BlockKind:
        """Heading, list item or paragraph, by type, case and number."""
        import statistics

        lines = [line.line for line, _ in group]
        letters = [char for char in text if char.isalpha()]
        short = len(text) <= HEADING_CHARS and len(group) <= 3 and len(letters) >= 3
        if short and not re.search(r"[;,]$", text):
            upper = sum(map(str.isupper, letters)) > 0.9 * len(letters)
            larger = statistics.mean(line.size for line in lines) > 1.12 * self.body_size
            bold = all(line.bold for line in lines) and not _ENDS_SENTENCE.search(text[-3:] if len(text) > 80 else "")
            if (upper and len(letters) >= 4 and "___" not in text) or larger or bold:
                return "heading"
        if ENUMERATOR.match(text) or _BULLET.match(text):
            return "list_item"
        return "paragraph"


def _typical_pitch(ratios: np.ndarray) -> float:
    """The distance between the lines of one paragraph, in ems: the smallest that a fair share of the lines keep."""
    import numpy as np

    ratios = ratios[(ratios > 0.7) & (ratios < 4)]
    if not len(ratios):
        return 1.25
    values, counts = np.unique(np.round(ratios, 1), return_counts=True)
    near = np.array([counts[np.abs(values - value) < 0.15].sum() for value in values])
    common = values[near >= 0.2 * len(ratios)]
    return float(common.min()) if len(common) else float(np.median(ratios))

"""A contract as read: one text, where each character stands in the source, and what was changed or could not be read.

Readers (``finance/reading``) make a ``Document``; every later stage points into ``Document.text`` by character offsets.
The text is the accepted view of tracked changes; ``original_view`` gives the other. Paragraphs are separated
by one blank line, lines kept within a paragraph by one newline.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import numpy as np

Format = Literal["pdf", "docx", "txt", "md", "html"]
BlockKind = Literal["paragraph", "heading", "list_item", "table_row", "footnote", "comment"]


@dataclass(frozen=True)
class Words:
    """A stretch of the document's text: what every fact and finding is shown by."""

    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Place:
    """Where a stretch of text stands in the source.

    PDF: ``page`` (1-based) and ``box`` (x0, y0, x1, y1 in points, origin at the page's lower left). Other formats:
    ``paragraph`` (0-based, in the source's own order) and ``offset`` (characters into that paragraph).
    """

    page: int | None = None
    box: tuple[float, float, float, float] | None = None
    paragraph: int | None = None
    offset: int | None = None


class Places:
    """The place of every character, kept as runs: characters ``starts[i]`` up to ``starts[i + 1]`` share run ``i``.

    For PDF a run is one word or less on one line of one page (``pages`` int32[n], ``boxes`` float32[n, 4]); for other
    formats a run advances with its source (``paragraphs`` int32[n], ``offsets`` int32[n] of its first character). A run
    of generated characters (separators, numbers that Word shows) carries the place of what follows.
    """

    def __init__(
        self,
        starts: np.ndarray,
        *,
        pages: np.ndarray | None = None,
        boxes: np.ndarray | None = None,
        paragraphs: np.ndarray | None = None,
        offsets: np.ndarray | None = None,
    ) -> None:
        self.starts = starts
        self.pages = pages
        self.boxes = boxes
        self.paragraphs = paragraphs
        self.offsets = offsets

    def _run(self, position: int) -> int:
        import numpy as np

        return max(0, int(np.searchsorted(self.starts, position, side="right")) - 1)

    def of(self, start: int, end: int) -> Sequence[Place]:
        """The places of the characters ``start`` to ``end``: for PDF one box a line and page, else one place.

        Returns an empty tuple when the document has no places.
        """
        if len(self.starts) == 0:
            return ()
        first, last = self._run(start), self._run(max(start, end - 1))
        if self.pages is None or self.boxes is None:
            if self.paragraphs is None or self.offsets is None:
                return ()
            within = start - int(self.starts[first])
            return (Place(paragraph=int(self.paragraphs[first]), offset=int(self.offsets[first]) + within),)
        lines: list[Place] = []
        for run in range(first, last + 1):
            page = int(self.pages[run])
            x0, y0, x1, y1 = (float(edge) for edge in self.boxes[run])
            previous = lines[-1] if lines else None
            if previous is not None and previous.page == page and previous.box is not None:
                px0, py0, px1, py1 = previous.box
                if min(py1, y1) - max(py0, y0) > 0.5 * min(py1 - py0, y1 - y0) and x0 >= px0:
                    lines[-1] = Place(page=page, box=(px0, min(py0, y0), max(px1, x1), max(py1, y1)))
                    continue
            lines.append(Place(page=page, box=(x0, y0, x1, y1)))
        return tuple(lines)

    def page(self, position: int) -> int | None:
        """The page of one character, 1-based; None where the format has no pages."""
        if self.pages is None or len(self.starts) == 0:
            return None
        return int(self.pages[self._run(position)])


@dataclass(frozen=True)
class Block:
    """One paragraph, heading, list item, table row or footnote of the text.

    ``level`` is a heading's (1 = highest) or a list's depth where the source says it; ``number`` the number that the
    source shows in front (it is part of the text too).
    """

    start: int
    end: int
    kind: BlockKind = "paragraph"
    level: int | None = None
    number: str = ""


@dataclass(frozen=True)
class Change:
    """One tracked change. An insertion covers ``start``..``end`` of the text; a deletion stands at ``start`` == ``end``
    with the removed words in ``text``. ``date`` is ISO 8601 or empty; a move counts as a deletion and an insertion."""

    kind: Literal["insertion", "deletion"]
    author: str
    date: str
    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Comment:
    """A margin comment on ``start``..``end`` of the text."""

    author: str
    date: str
    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Unread:
    """A part of the source that could not be read: no verdict may rest on it. ``where`` reads "page 3", "embedded file x"."""

    where: str
    code: str
    reason: str
    remedy: str


@dataclass(frozen=True)
class Document:
    """A contract as read. ``digest`` is the file's SHA-256; ``num_pages`` is None for formats without pages.

    ``removed`` counts what the reader left out on purpose ("running header", "page number", ...), ``notes`` are
    sentences on how it was read (encoding guessed, script ignored, ...).
    """

    name: str
    format: Format
    digest: str
    text: str
    blocks: tuple[Block, ...]
    places: Places
    num_pages: int | None = None
    changes: tuple[Change, ...] = ()
    comments: tuple[Comment, ...] = ()
    unread: tuple[Unread, ...] = ()
    removed: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)

    def words(self, start: int, end: int) -> Words:
        """The stretch ``start``..``end`` as Words."""
        return Words(start, end, self.text[start:end])

    def changes_in(self, start: int, end: int) -> tuple[Change, ...]:
        """The tracked changes that touch ``start``..``end``."""
        return tuple(c for c in self.changes if (c.start < end and c.end > start) or start <= c.start == c.end <= end)


def original_view(document: Document) -> Document:
    """The document with every tracked change rejected: insertions out, deletions back in.

    Its blocks follow the text: paragraphs that only the original has become blocks of their own, those that a change
    divided are one again. It carries no changes, comments or places (the accepted view has them).
    """
    import numpy as np

    if not document.changes:
        return document
    edits = sorted(document.changes, key=lambda change: (change.start, change.end))
    pieces: list[str] = []
    copies: list[tuple[int, int, int]] = []  # accepted start and end of each stretch that stays, and its original start
    position, length = 0, 0
    for change in edits:
        if change.start > position:
            pieces.append(document.text[position : change.start])
            copies.append((position, change.start, length))
            length += change.start - position
            position = change.start
        if change.kind == "deletion":
            pieces.append(change.text)
            length += len(change.text)
        else:
            position = max(position, change.end)
    pieces.append(document.text[position:])
    copies.append((position, len(document.text), length))
    text = "".join(pieces)
    return replace(
        document,
        text=text,
        blocks=_original_blocks(document, text, copies),
        places=Places(np.zeros(0, dtype=np.int64)),
        changes=(),
        comments=(),
    )


def _original_blocks(document: Document, text: str, copies: Sequence[tuple[int, int, int]]) -> tuple[Block, ...]:
    """Blocks of the original text: its paragraphs and table rows, each with the kind of the first block that it keeps."""
    kept: list[tuple[int, int, Block]] = []  # original start and end of what remains of each block
    index = 0
    for block in document.blocks:
        while index > 0 and copies[index][0] > block.start:
            index -= 1
        while index < len(copies) and copies[index][1] <= block.start:
            index += 1
        last = index
        while last + 1 < len(copies) and copies[last + 1][0] < block.end:
            last += 1
        spans = [
            (original + max(start, block.start) - start, original + min(end, block.end) - start)
            for start, end, original in copies[index : last + 1]
            if max(start, block.start) < min(end, block.end)
        ]
        if spans:
            kept.append((spans[0][0], spans[-1][1], block))
    cuts = {start for start, _, block in kept if block.kind == "table_row"}
    blocks: list[Block] = []
    following = 0
    for start, end in _stretches(text, sorted(cuts)):
        while following < len(kept) and kept[following][1] <= start:
            following += 1
        if following == len(kept) or kept[following][0] >= end:
            blocks.append(Block(start, end))
            continue
        block = kept[following][2]
        shown = bool(block.number) and text.startswith(block.number, start)
        blocks.append(replace(block, start=start, end=end, number=block.number if shown else ""))
    return tuple(blocks)


def _stretches(text: str, cuts: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Start and end of each paragraph of ``text`` without white space at its ends, cut again at ``cuts``."""
    bounds = sorted({0, len(text), *cuts, *(m.end() for m in re.finditer(r"\n\n+", text))})
    for start, end in pairwise(bounds):
        piece = text[start:end]
        bare = piece.strip()
        if bare:
            first = start + len(piece) - len(piece.lstrip())
            yield first, first + len(bare)

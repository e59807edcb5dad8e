"""A contract as read: one text, where each character stands in the source, and what was changed or could not be read.

Readers (``finance/reading``) make a ``Document``; every later stage points into ``Document.text`` by character offsets.
The text is the accepted view of tracked changes; ``original_view`` gives the other. Paragraphs are separated
by one blank line, lines kept within a paragraph by one newline.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
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

    Its blocks follow the shifted text; it carries no changes, comments or places (the accepted view has them).
    """
    import numpy as np

    if not document.changes:
        return document
    edits = sorted(document.changes, key=lambda change: (change.start, change.end))
    pieces: list[str] = []
    marks: list[tuple[int, int]] = [(0, 0)]  # (accepted offset, original offset) at which a straight copy starts
    position, length = 0, 0
    for change in edits:
        if change.start > position:
            pieces.append(document.text[position : change.start])
            length += change.start - position
            position = change.start
        if change.kind == "deletion":
            pieces.append(change.text)
            length += len(change.text)
        else:
            position = max(position, change.end)
        marks.append((position, length))
    pieces.append(document.text[position:])
    text = "".join(pieces)
    at = [mark[0] for mark in marks]

    def moved(offset: int) -> int:
        accepted, original = marks[max(0, int(np.searchsorted(at, offset, side="right")) - 1)]
        return min(len(text), original + offset - accepted)

    blocks = tuple(replace(block, start=moved(block.start), end=moved(block.end)) for block in document.blocks)
    return replace(
        document, text=text, blocks=blocks, places=Places(np.zeros(0, dtype=np.int64)), changes=(), comments=()
    )

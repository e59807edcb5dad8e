"""Put the pieces that a reader found together to the text of a Document, in both views of tracked changes at once.

A reader gives segments (text, where it stands in the source, the tracked change it belongs to); ``clean`` puts the white
space of one paragraph in order, ``Assembly`` joins the paragraphs, counts offsets, and records blocks, changes, comments
and places. The text is the accepted view; a separator is written when text follows it in that view, so both the accepted
and the original view have exactly one blank line between their paragraphs.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from ...core.errors import InputError
from ..document import Block, BlockKind, Change, Comment, Document, Format, Places, Unread
from .limits import MAX_TEXT_CHARS

PARAGRAPH_BREAK = "\n\n"
CELL_SEPARATOR = " | "


@dataclass(frozen=True)
class Mark:
    """The tracked change that a stretch of text belongs to."""

    kind: Literal["insertion", "deletion"]
    author: str = ""
    date: str = ""


class Segment(NamedTuple):
    """Text with the place of its first character. ``event`` (name, id) marks a position instead of carrying text."""

    text: str
    paragraph: int
    offset: int
    mark: Mark | None = None
    event: tuple[str, str] | None = None

    @property
    def accepted(self) -> bool:
        """Whether the text stands in the accepted view."""
        return self.mark is None or self.mark.kind == "insertion"

    @property
    def original(self) -> bool:
        """Whether the text stands in the original view."""
        return self.mark is None or self.mark.kind == "deletion"


_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
# Characters that show nothing: soft hyphen, zero-width space, word joiner, byte order mark, direction marks (which can make
# text look other than it reads), object replacement, and controls. Zero-width joiners stay: emoji and Persian need them.
_INVISIBLE = "\u00ad\u200b\u2060\ufeff\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffc\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f"
_SPACES = {
    ord(space): " "
    for space in "\t\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
} | {ord(line): "\n" for line in "\r\v\f\x85\u2028\u2029"}
_IRREGULAR = re.compile(f"[{_INVISIBLE}]+| *\n[ \n{_INVISIBLE}]*|  +")


def plain(text: str) -> str:
    """``text`` with every kind of space as a space and every line break as a newline; length unchanged."""
    return text.translate(_SPACES)


def raised_digits(text: str) -> str:
    """A note's mark in superscript digits: as plain ones it would run into a number before it. Other text stays."""
    return text.translate(_SUPERSCRIPTS) if text.strip().isdecimal() else text


def clean(segments: Iterable[Segment], *, strip_start: bool = True, strip_end: bool = True) -> list[Segment]:
    """One paragraph's segments with runs of white space closed up and invisible characters dropped.

    White space is closed up only within text of the same tracked change, so that neither view loses a space.
    ``strip_start`` and ``strip_end`` are False where a neighbouring paragraph is joined on in one of the views.
    """
    tidy: list[Segment] = []
    last = ""  # the last character written, while the change stays the same
    mark: Mark | None = None
    for segment in segments:
        if segment.event is not None:
            tidy.append(segment)
            continue
        if segment.mark != mark:
            last, mark = "", segment.mark
        text = plain(segment.text)
        for start, shown in _pieces(text):
            if last in (" ", "\n") and shown.startswith(" "):
                shown, start = shown.lstrip(" "), start + len(shown) - len(shown.lstrip(" "))
            if last == " " and shown.startswith("\n"):
                _drop_last_space(tidy)
            if not shown:
                continue
            tidy.append(Segment(shown, segment.paragraph, segment.offset + start, segment.mark))
            last = shown[-1]
    if strip_start:
        _strip_start(tidy)
    if strip_end:
        _strip_end(tidy)
    return _without_empty(tidy)


def _pieces(text: str) -> Iterable[tuple[int, str]]:
    position = 0
    for odd in _IRREGULAR.finditer(text):
        if odd.start() > position:
            yield position, text[position : odd.start()]
        position = odd.end()
        found = odd.group()
        if "\n" in found:
            yield odd.start(), "\n" if found.count("\n") == 1 else PARAGRAPH_BREAK
        elif found[0] == " ":
            yield odd.start(), " "
    if position < len(text):
        yield position, text[position:]


def _drop_last_space(tidy: list[Segment]) -> None:
    for index in range(len(tidy) - 1, -1, -1):
        if tidy[index].event is None:
            tidy[index] = tidy[index]._replace(text=tidy[index].text.rstrip(" "))
            return


def _strip_start(tidy: list[Segment]) -> None:
    for index, segment in enumerate(tidy):
        if segment.event is not None:
            continue
        if not segment.accepted:
            return
        bare = segment.text.lstrip()
        tidy[index] = segment._replace(text=bare, offset=segment.offset + len(segment.text) - len(bare))
        if bare:
            return


def _strip_end(tidy: list[Segment]) -> None:
    for index in range(len(tidy) - 1, -1, -1):
        if tidy[index].event is not None:
            continue
        if not tidy[index].accepted:
            return
        tidy[index] = tidy[index]._replace(text=tidy[index].text.rstrip())
        if tidy[index].text:
            return


def _without_empty(tidy: list[Segment]) -> list[Segment]:
    """Segments with text; unchanged white space that stands alone in one of the views is dropped with them."""
    accepted = any(segment.text.strip() for segment in tidy if segment.accepted)
    original = any(segment.text.strip() for segment in tidy if segment.original)
    return [
        segment
        for segment in tidy
        if segment.event is not None
        or (segment.text and not (segment.mark is None and not (accepted and original) and segment.text.isspace()))
    ]


class Assembly:
    """Collects a document's text in reading order.

    Call ``separate`` between paragraphs, ``open_block`` before the first and ``close_block`` after the last text of a
    block, ``put`` for each segment; ``document`` makes the Document.
    """

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._length = 0
        self._starts, self._paragraphs, self._offsets = array("q"), array("i"), array("i")
        self._blocks: list[Block] = []
        self._changes: list[_OpenChange] = []
        self._latest: list[Mark] = []
        self._comments: list[Comment] = []
        self._block: tuple[BlockKind, int | None, str] | None = None
        self._block_start = -1
        # Separators that wait for text, by view, with the change that made them.
        self._waiting: dict[str, tuple[str, Mark | None] | None] = {"accepted": None, "original": None}
        self._begun = {"accepted": False, "original": False}
        self._awaiting: list[str] = []
        self._comment_starts: dict[str, int] = {}

    @property
    def length(self) -> int:
        """Characters of accepted text so far."""
        return self._length

    @property
    def next_start(self) -> int:
        """Where the next accepted text will start if a paragraph break is still to be written."""
        waiting = self._waiting["accepted"]
        return self._length + (len(waiting[0]) if waiting else 0)

    def separate(self, separator: str = PARAGRAPH_BREAK, mark: Mark | None = None) -> None:
        """Ask for a separator before the next text: in both views, or in the one that ``mark`` belongs to."""
        views = ("accepted", "original") if mark is None else (_view(mark),)
        for view in views:
            if not self._begun[view]:
                continue
            waiting = self._waiting[view]
            if waiting is None:
                self._waiting[view] = (separator, mark)
            else:
                self._waiting[view] = (max(separator, waiting[0], key=len), mark or waiting[1])

    def open_block(self, kind: BlockKind, level: int | None = None, number: str = "") -> None:
        """Start a block at the next accepted text; an open one is closed."""
        self.close_block()
        self._block = (kind, level, number)
        self._block_start = -1

    def close_block(self) -> None:
        """End the open block; it is dropped when it holds no accepted text."""
        if self._block is not None and 0 <= self._block_start < self._length:
            kind, level, number = self._block
            self._blocks.append(Block(self._block_start, self._length, kind, level, number))
        self._block = None

    def meet(self, segments: Iterable[Segment]) -> None:
        """Write the separator that both views wait for before ``segments``, if they have text in both.

        Without it the first words, changed as they are, would carry the separator of one view, the next that of the other.
        """
        shown = [segment for segment in segments if segment.text]
        both = any(s.accepted for s in shown) and any(s.original for s in shown)
        if both and self._waiting["accepted"] and self._waiting["original"]:
            self._write_separator(shown[0]._replace(mark=None))

    def put(self, segment: Segment) -> None:
        """Add one segment: accepted text, a deletion, or an event.

        Raises:
            InputError: the text is longer than MAX_TEXT_CHARS (code ``too_large``).
        """
        if segment.event is not None:
            self._note(segment.event)
            return
        if not segment.text:
            return
        self._write_separator(segment)
        if segment.accepted:
            if self._block is not None and self._block_start < 0:
                self._block_start = self._length
            for comment in self._awaiting:
                self._comment_starts[comment] = self._length
            self._awaiting.clear()
        self._write(segment.text, segment.paragraph, segment.offset, segment.mark)

    def put_row(self, cells: Sequence[Sequence[Segment]], mark: Mark | None = None) -> None:
        """Add the cells of one table row as a block: a line with separators, which belong to the row's ``mark``.

        Empty cells keep their place between others; those at the row's end are left out. The caller separates rows.
        """
        self.open_block("table_row")
        places: list[Segment | None] = [None] * len(cells)  # where what follows a separator stands
        following: Segment | None = None
        for index in range(len(cells) - 1, -1, -1):
            following = next((segment for segment in cells[index] if segment.text), following)
            places[index] = following
        self.meet([segment for cell in cells for segment in cell])
        filled = False
        for index, (cell, place) in enumerate(zip(cells, places, strict=True)):
            if index and place is not None:
                separator = CELL_SEPARATOR if filled else CELL_SEPARATOR.lstrip()
                self.put(Segment(separator, place.paragraph, place.offset, mark))
            for segment in cell:
                self.put(segment)
            filled = any(segment.text for segment in cell)
        self.close_block()

    def add_comment(self, identifier: str, author: str, date: str, text: str) -> bool:
        """Attach a comment to the range that its events marked; False when the text has no such range."""
        start = self._comment_starts.get(identifier)
        if start is None:
            return False
        end = self._comment_starts.get(f"{identifier} end", start)
        self._comments.append(Comment(author, date, start, max(start, end), text))
        return True

    def document(
        self,
        *,
        name: str,
        format: Format,
        digest: str,
        unread: Sequence[Unread] = (),
        removed: Mapping[str, int] | None = None,
        notes: Sequence[str] = (),
        metadata: Mapping[str, Any] | None = None,
    ) -> Document:
        """The Document of all that was put."""
        import numpy as np

        self.close_block()
        text = "".join(self._pieces)
        return Document(
            name=name,
            format=format,
            digest=digest,
            text=text,
            blocks=tuple(_split_at_blank_lines(text, self._blocks)),
            places=Places(
                np.array(self._starts, dtype=np.int64),
                paragraphs=np.array(self._paragraphs, dtype=np.int32),
                offsets=np.array(self._offsets, dtype=np.int32),
            ),
            changes=tuple(
                Change(c.mark.kind, c.mark.author, c.mark.date, c.start, c.end, "".join(c.pieces))
                for c in self._changes
            ),
            comments=tuple(sorted(self._comments, key=lambda comment: (comment.start, comment.end))),
            unread=tuple(unread),
            removed=dict(removed or {}),
            notes=tuple(notes),
            metadata=dict(metadata or {}),
        )

    def _note(self, event: tuple[str, str]) -> None:
        name, identifier = event
        if name == "comment_start":
            self._awaiting.append(identifier)
            self._comment_starts[identifier] = self.next_start
        elif name == "comment_end":
            if identifier in self._awaiting:
                self._awaiting.remove(identifier)
                self._comment_starts[identifier] = self._length
            self._comment_starts[f"{identifier} end"] = self._length
        elif name == "comment_at":
            self._comment_starts.setdefault(identifier, self._length)

    def _write_separator(self, segment: Segment) -> None:
        accepted = self._waiting["accepted"] if segment.accepted else None
        original = self._waiting["original"] if segment.original else None
        if segment.accepted:
            self._begun["accepted"], self._waiting["accepted"] = True, None
        if segment.original:
            self._begun["original"], self._waiting["original"] = True, None
        place = (segment.paragraph, segment.offset)
        if accepted and original:
            separator = max(accepted[0], original[0], key=len)
            self._write(separator, *place, None)
        elif accepted:
            self._write(accepted[0], *place, _marked("insertion", segment.mark, accepted[1], *self._latest))
        elif original:
            self._write(original[0], *place, _marked("deletion", segment.mark, original[1], *self._latest))

    def _write(self, text: str, paragraph: int, offset: int, mark: Mark | None) -> None:
        start = self._length
        if mark is not None and mark.kind == "deletion":
            self._record(mark, start, start, text)
            return
        self._length += len(text)
        if self._length > MAX_TEXT_CHARS:
            raise InputError(
                f"the text is longer than {MAX_TEXT_CHARS:,} characters",
                code="too_large",
                remedy="Split the file into its contracts and review them one by one.",
            )
        self._pieces.append(text)
        count = len(self._starts)
        continues = (
            count > 0
            and self._paragraphs[count - 1] == paragraph
            and self._offsets[count - 1] + start - self._starts[count - 1] == offset
        )
        if not continues:
            self._starts.append(start)
            self._paragraphs.append(paragraph)
            self._offsets.append(offset)
        if mark is not None:
            self._record(mark, start, self._length, text)

    def _record(self, mark: Mark, start: int, end: int, text: str) -> None:
        last = self._changes[-1] if self._changes else None
        if last is not None and last.mark == mark and last.end == start:
            last.end = end
            last.pieces.append(text)
        else:
            self._changes.append(_OpenChange(mark, start, end, [text]))
            # A break that only one view has, though its mark is unchanged, comes of the latest change of that view.
            self._latest = [mark, *(other for other in self._latest if other.kind != mark.kind)]


@dataclass
class _OpenChange:
    """A change that may still grow."""

    mark: Mark
    start: int
    end: int
    pieces: list[str]


def _view(mark: Mark) -> str:
    return "accepted" if mark.kind == "insertion" else "original"


def _marked(kind: Literal["insertion", "deletion"], *candidates: Mark | None) -> Mark:
    """A mark of ``kind`` by the first author known among ``candidates`` of that kind."""
    for candidate in candidates:
        if candidate is not None and candidate.kind == kind:
            return candidate
    return Mark(kind)


def _split_at_blank_lines(text: str, blocks: Iterable[Block]) -> Iterable[Block]:
    """Blocks without white space at their ends, cut where a source put a blank line inside a paragraph."""
    for block in blocks:
        position = block.start
        first = True
        for piece in text[block.start : block.end].split(PARAGRAPH_BREAK):
            bare = piece.strip()
            if bare:
                start = position + len(piece) - len(piece.lstrip())
                if first:
                    yield Block(start, start + len(bare), block.kind, block.level, block.number)
                else:
                    yield Block(start, start + len(bare), block.kind if block.kind == "footnote" else "paragraph")
                first = False
            position += len(piece) + len(PARAGRAPH_BREAK)

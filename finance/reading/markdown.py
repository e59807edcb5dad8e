"""Read Markdown (CommonMark with tables): its blocks as a reader of the rendered page sees them, with list numbers.

Places are lines of the file; HTML inside Markdown is left out and noted.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...core.errors import InputError
from ..document import BlockKind, Document
from .assembly import Assembly, Segment, clean
from .limits import MAX_MARKDOWN_CHARS, MAX_MARKDOWN_DEPTH
from .text_decoding import Decoded

if TYPE_CHECKING:
    from markdown_it.token import Token

BULLET = "•"
_TAG = re.compile(r"<[^<>]*>|<!--.*?-->", re.DOTALL)


def read_markdown(decoded: Decoded, name: str, digest: str) -> Document:
    """The Document of a decoded Markdown text.

    Raises:
        InputError: ``no_text``, ``too_large``, or ``too_deep`` when lists and quotes are nested past the limit.
    """
    from markdown_it import MarkdownIt

    if len(decoded.text) > MAX_MARKDOWN_CHARS:
        raise InputError(
            f"the Markdown is longer than {MAX_MARKDOWN_CHARS:,} characters",
            code="too_large",
            remedy="Split it into its contracts, or name it .txt to have it read as plain text.",
        )
    parser = MarkdownIt("commonmark", {"maxNesting": MAX_MARKDOWN_DEPTH}).enable("table")
    text = decoded.text.replace("\r\n", "\n").replace("\r", "\n")
    writer = _Writer(text.split("\n"))
    writer.write(parser.parse(text))
    if not writer.assembly.length:
        raise InputError("the file holds no text", code="no_text", remedy="Ask the sender for a new copy.")
    notes = [*decoded.notes]
    if writer.num_html:
        notes.append(f"{writer.num_html} pieces of HTML: their tags were left out, their words kept.")
    if writer.num_pictures:
        notes.append(f"{writer.num_pictures} pictures were not read.")
    return writer.assembly.document(
        name=name, format="md", digest=digest, notes=notes, metadata={"encoding": decoded.encoding}
    )


class _Writer:
    """Turns a stream of Markdown tokens to blocks."""

    def __init__(self, source: Sequence[str]) -> None:
        self.assembly = Assembly()
        self.num_html = 0
        self.num_pictures = 0
        self._source = source
        self._lists: list[int | None] = []  # the next number of each open list, None for bullets
        self._prefix = ""
        self._heading: int | None = None
        self._cells: list[list[Segment]] | None = None
        self._level = 0

    def write(self, tokens: Sequence[Token]) -> None:
        for token in tokens:
            kind = token.type
            if kind in ("bullet_list_open", "ordered_list_open", "blockquote_open"):
                self._open(kind, token)
            elif kind in ("bullet_list_close", "ordered_list_close"):
                self._lists.pop()
                self._level -= 1
            elif kind == "blockquote_close":
                self._level -= 1
            elif kind == "list_item_open":
                self._prefix = self._next_number(token.markup)
            elif kind == "heading_open":
                self._heading = int(token.tag[1:])
            elif kind == "heading_close":
                self._heading = None
            elif kind == "inline":
                self._inline(token)
            elif kind in ("fence", "code_block"):
                self._lines(token, first=1 if kind == "fence" else 0)
            elif kind == "html_block":
                self._html(token)
            elif kind == "table_open":
                self.assembly.separate()
            elif kind == "tr_open":
                self._cells = []
            elif kind == "tr_close":
                self._row()
            elif kind == "table_close":
                self.assembly.separate()

    def _open(self, kind: str, token: Token) -> None:
        self._level += 1
        if self._level >= MAX_MARKDOWN_DEPTH // 2:
            raise InputError(
                f"lists and quotes are nested deeper than {MAX_MARKDOWN_DEPTH // 2} levels",
                code="too_deep",
                remedy="Flatten them, or save the contract as plain text.",
            )
        if kind != "blockquote_open":
            start = token.attrs.get("start", 1)
            self._lists.append(int(start) if kind == "ordered_list_open" else None)

    def _next_number(self, markup: str) -> str:
        if not self._lists or self._lists[-1] is None:
            return BULLET
        number = self._lists[-1]
        self._lists[-1] = number + 1
        return f"{number}{markup if markup in ('.', ')') else '.'}"

    def _inline(self, token: Token) -> None:
        first = token.map[0] if token.map else 0
        segments = self._segments(token.children or [], first)
        if self._cells is not None:
            self._cells.append(clean(segments))
            return
        self._block(segments)

    def _block(self, segments: Sequence[Segment]) -> None:
        shown = clean(segments)
        if not shown:
            return
        number, self._prefix = self._prefix, ""
        kind: BlockKind = "heading" if self._heading else "list_item" if number else "paragraph"
        level = self._heading or (len(self._lists) if number else None)
        self.assembly.separate()
        self.assembly.open_block(kind, level, "" if number == BULLET else number)
        if number:
            self.assembly.put(Segment(f"{number} ", shown[0].paragraph, shown[0].offset))
        for segment in shown:
            self.assembly.put(segment)
        self.assembly.close_block()

    def _segments(self, children: Sequence[Token], line: int) -> list[Segment]:
        """Inline text with the place of each piece, found in the source from where the last one ended."""
        found: list[Segment] = []
        position = 0
        for child in children:
            if child.type in ("text", "code_inline"):
                text = child.content
                line, position, at = self._find(text, line, position)
                found.append(Segment(text, line, at))
            elif child.type == "softbreak":
                found.append(Segment(" ", line + 1, 0))
                line, position = line + 1, 0
            elif child.type == "hardbreak":
                found.append(Segment("\n", line + 1, 0))
                line, position = line + 1, 0
            elif child.type == "image":
                self.num_pictures += 1
                if child.content:
                    found.append(Segment(child.content, line, position))
            elif child.type == "html_inline":
                self.num_html += 1
        return found

    def _find(self, text: str, line: int, position: int) -> tuple[int, int, int]:
        """Line, end and start of ``text`` at or after a position; where escapes hide it, the position itself."""
        source = self._source[line] if line < len(self._source) else ""
        at = source.find(text, position)
        if at < 0:
            return line, position, position
        return line, at + len(text), at

    def _lines(self, token: Token, *, first: int) -> None:
        start = (token.map[0] if token.map else 0) + first
        segments: list[Segment] = []
        for index, line in enumerate(token.content.rstrip("\n").split("\n")):
            if segments:
                segments.append(Segment("\n", start + index, 0))
            source = self._source[start + index] if start + index < len(self._source) else ""
            segments.append(Segment(line, start + index, max(0, source.find(line))))
        self._block(segments)

    def _html(self, token: Token) -> None:
        self.num_html += 1
        start = token.map[0] if token.map else 0
        bare = _TAG.sub(lambda tag: "\n" * tag.group().count("\n"), token.content)
        segments: list[Segment] = []
        for index, line in enumerate(bare.split("\n")):
            if line.strip():
                if segments:
                    segments.append(Segment("\n", start + index, 0))
                segments.append(Segment(line, start + index, 0))
        self._block(segments)

    def _row(self) -> None:
        cells, self._cells = self._cells or [], None
        self.assembly.separate("\n")
        self.assembly.put_row(cells)

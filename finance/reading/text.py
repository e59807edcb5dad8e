"""Read plain text: one paragraph a line or hard-wrapped at a column, with or without the marks of printed pages.

``text_decoding`` finds the encoding, ``text_furniture`` what belongs to the pages and not to the contract; here lines are
joined to paragraphs. Titles, addresses and signature blocks stay line by line, tables row by row.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Literal

from ...core.errors import InputError
from ..document import Document
from .assembly import PARAGRAPH_BREAK, Assembly, Segment, clean
from .hyphens import Vocabulary, ends_in_hyphen
from .limits import MAX_TEXT_BYTES, MAX_TEXT_CHARS, MAX_TEXT_LINES
from .text_decoding import decode, read_bounded
from .text_furniture import TextLine, lines_of, mark_furniture

COLUMN_SEPARATOR = "    "
MIN_WRAP_COLUMNS = 50
MAX_WRAP_COLUMNS = 250
# In wrapped text most lines of prose end near the margin: the first word of the next line would not have fitted.
_MIN_FULL_SHARE = 0.6
_FULL_LINE = 0.8
_MARGIN_SLACK = 4
_LONG_LINE = 60
_MIN_CENTRED_INDENT = 8
_MAX_ROW_COLUMNS = 200
_TAB = 8

_MARKER = re.compile(
    r"\s*(?:\(\s?(?:[a-z]{1,2}|[ivxlc]{1,6}|\d{1,3})\s?\)|(?:[a-z]|[ivxlc]{1,5}|\d{1,3})[.)](?=\s)|\d{1,3}(?:\.\d{1,3})+\.?(?=\s)"
    r"|(?:article|section|clause|exhibit|schedule|annex|appendix)\s+[\divxlc]+\b|§|[•▪●◦*–—-]\s|whereas\b|第)",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[.;:!?][\"'”’)\]]*\s*$|[;,]\s*(?:and|or)\s*$")
_COLUMNS = re.compile(r"(?<=\S)(?: {4,}|[ ]*\t[\t ]*)(?=\S)")
# A line of a table of contents: dots that lead to a page.
_LEADER = re.compile(r"(?:\.\s?){4,}\s*(?:\d{1,4}|[ivxl]{1,6}|[A-Z]-\d{1,3})\s*$")
_BROKEN_WORD = re.compile(r"(?<=[^\W\d_])- +(?=[a-z])(?!(?:and|or|to|und|oder|et|ou|y|o|e)\b)")

Joint = Literal["", " ", "\n", "paragraph"]


def read_text(path: Path, digest: str, fmt: Literal["txt", "md"]) -> Document:
    """Read the text or Markdown file at ``path``; ``digest`` is its SHA-256.

    ``Place.paragraph`` is the 0-based line of the file, ``Place.offset`` the character in that line.

    Raises:
        InputError: with one of the codes ``empty``, ``no_text``, ``binary``, ``unknown_encoding``, ``too_large``,
            ``unreadable``; for Markdown also ``too_deep``.
    """
    decoded = decode(read_bounded(path, MAX_TEXT_BYTES))
    if len(decoded.text) > MAX_TEXT_CHARS:
        raise InputError(
            f"the text is longer than {MAX_TEXT_CHARS:,} characters",
            code="too_large",
            remedy="Split the file into its contracts and review them one by one.",
        )
    num_lines = decoded.text.count("\n") + decoded.text.count("\r") - decoded.text.count("\r\n")
    if num_lines > MAX_TEXT_LINES:
        raise InputError(
            f"the text has more than {MAX_TEXT_LINES:,} lines",
            code="too_large",
            remedy="Split the file into its contracts and review them one by one.",
        )
    if fmt == "md":
        from .markdown import read_markdown

        return read_markdown(decoded, path.name, digest)
    lines = lines_of(decoded.text)
    removed = mark_furniture(lines)
    assembly = Assembly()
    words = Words(lines)
    for block in blocks_of(lines, words):
        assembly.separate("\n" if block.goes_on else PARAGRAPH_BREAK)
        assembly.open_block(block.kind)
        for segment in block.segments:
            assembly.put(segment)
        assembly.close_block()
    if words.num_joined:
        removed["hyphen at a line end"] = words.num_joined
    if not assembly.length:
        raise InputError("the file holds no text", code="no_text", remedy="Ask the sender for a new copy.")
    return assembly.document(
        name=path.name,
        format="txt",
        digest=digest,
        removed=removed,
        notes=decoded.notes,
        metadata={"encoding": decoded.encoding},
    )


# Lines to paragraphs


@dataclass(frozen=True)
class TextBlock:
    """A paragraph or a table row of a plain text; ``goes_on`` when it is a further row of the table before it."""

    kind: Literal["paragraph", "table_row"]
    segments: Sequence[Segment]
    goes_on: bool = False


def blocks_of(lines: Sequence[TextLine], words: Words) -> Iterator[TextBlock]:
    """The blocks of a text whose furniture is marked."""
    for group in _paragraphs(lines, _wrap_column(lines)):
        if len(group) > 1 and all(_is_row(line) and joint in ("", "\n") for line, joint in group):
            for index, (line, _) in enumerate(group):
                yield TextBlock("table_row", list(_row(line)), goes_on=index > 0)
        elif segments := clean(_prose(group, words)):
            yield TextBlock("paragraph", segments)


def _paragraphs(lines: Sequence[TextLine], wrap: int | None) -> Iterator[list[tuple[TextLine, Joint]]]:
    """Groups of lines that are one paragraph, each line with what joins it to the one before."""
    group: list[tuple[TextLine, Joint]] = []
    gap = page = False  # blank lines, and a page's end, since the last text
    for line in lines:
        if line.blank:
            gap = gap or not line.removed
            page = page or line.removed not in ("", "markup tag") or line.page_before
            continue
        joint: Joint = "paragraph"
        if group:
            last = group[-1][0]
            if page or line.page_before:
                joint = _joint_across_pages(last, line, wrap)
            elif not gap:
                joint = _joint(group, line, wrap)
        if joint == "paragraph" and group:
            yield group
            group = []
        group.append((line, joint if group else ""))
        gap = page = False
    if group:
        yield group


def _joint_across_pages(last: TextLine, line: TextLine, wrap: int | None) -> Joint:
    """A sentence that a page's end cut goes on behind it."""
    if _SENTENCE_END.search(last.text) or _is_row(last) or _is_row(line):
        return "paragraph"
    if line.text.lstrip()[:1].islower():
        return " "
    if wrap is None or _MARKER.match(line.text) or _is_centred(line, wrap) or _is_centred(last, wrap):
        return "paragraph"
    return "paragraph" if _would_fit(last, line, wrap) or line.text.isupper() else " "


def _joint(group: Sequence[tuple[TextLine, Joint]], line: TextLine, wrap: int | None) -> Joint:
    last = group[-1][0]
    if _is_row(last) and _is_row(line):
        return "\n"
    if _is_row(last) != _is_row(line) and (last.row or line.row):
        return "paragraph"
    if any(_LEADER.search(end.text) or not any(map(str.isalnum, end.text)) for end in (last, line)):
        return "\n"
    if wrap is None or _end(last) > 1.1 * wrap or _end(line) > 1.1 * wrap:
        long = len(last.text.strip()) > _LONG_LINE or len(line.text.strip()) > _LONG_LINE
        return "paragraph" if long or _MARKER.match(line.text) else "\n"
    if _is_centred(last, wrap) or _is_centred(line, wrap):
        return "\n" if _is_centred(last, wrap) and _is_centred(line, wrap) else "paragraph"
    if ends_in_hyphen(last.text.rstrip()) and line.text.lstrip()[:1].islower():
        return " "
    ends = _SENTENCE_END.search(last.text) is not None
    marker = _MARKER.match(line.text) is not None
    if _would_fit(last, line, wrap):
        prose_after_title = _end(last) <= 0.6 * wrap and _end(line) >= _FULL_LINE * wrap
        return "paragraph" if marker or ends or prose_after_title else "\n"
    # The line before is full. A paragraph can still end there: then the next begins at another column than its lines.
    step = _indent(line) - _indent(last)
    if group[-1][1] == " ":
        return "paragraph" if step >= 3 or (ends and marker and step < -1) else " "
    both = marker and _MARKER.match(last.text) is not None
    return "paragraph" if ends and both and step == 0 else " "


def _wrap_column(lines: Sequence[TextLine]) -> int | None:
    """The column at which the text is wrapped; None where a line is a paragraph."""
    prose = sorted(
        _end(line)
        for line, following in pairwise(lines)
        if not (line.blank or line.row or following.blank) and len(line.text) >= MIN_WRAP_COLUMNS
    )
    if len(prose) < 2:
        return None
    wrap = prose[min(len(prose) - 1, int(0.95 * len(prose)))]
    full = sum(_FULL_LINE * wrap <= end <= wrap + _MARGIN_SLACK for end in prose)
    return wrap if MIN_WRAP_COLUMNS <= wrap <= MAX_WRAP_COLUMNS and full >= _MIN_FULL_SHARE * len(prose) else None


def _end(line: TextLine) -> int:
    text = line.text.rstrip()
    return len(text.expandtabs(_TAB)) if "\t" in text else len(text)


def _indent(line: TextLine) -> int:
    text = line.text.expandtabs(_TAB) if "\t" in line.text else line.text
    return len(text) - len(text.lstrip())


def _would_fit(last: TextLine, line: TextLine, wrap: int) -> bool:
    """Whether the first word of ``line`` had room on the line before: then that one was ended on purpose."""
    word = line.text.split(None, 1)[0]
    return _end(last) + 1 + len(word) <= wrap - _MARGIN_SLACK


def _is_centred(line: TextLine, wrap: int) -> bool:
    indent, end = _indent(line), _end(line)
    return indent >= _MIN_CENTRED_INDENT and abs(wrap - end - indent) <= 6 and end - indent <= 0.6 * wrap


def _is_row(line: TextLine) -> bool:
    """Whether a line shows columns: wide gaps that do not follow a clause's number."""
    if line.row:
        return True
    if len(line.text) > _MAX_ROW_COLUMNS or ("    " not in line.text and "\t" not in line.text):
        return False
    text = line.text.strip()
    marker = _MARKER.match(text)
    return _COLUMNS.search(text, marker.end() if marker else 0) is not None and not (
        marker is not None and _COLUMNS.match(text, marker.end()) and len(_COLUMNS.findall(text)) == 1
    )


def _row(line: TextLine) -> Iterator[Segment]:
    """The cells of one row, with the same gap between all of them."""
    position = len(line.text) - len(line.text.lstrip())
    for index, piece in enumerate(_COLUMNS.split(line.text.strip())):
        start = line.text.index(piece, position)
        if index:
            yield Segment(COLUMN_SEPARATOR, line.number, line.offset + start)
        yield from clean([Segment(piece, line.number, line.offset + start)])
        position = start + len(piece)


def _prose(group: Sequence[tuple[TextLine, Joint]], words: Words) -> Iterator[Segment]:
    """A paragraph's segments: lines joined by a space or kept apart by a newline, broken words made whole."""
    for index, (line, _) in enumerate(group):
        text = line.text.rstrip()
        following = group[index + 1] if index + 1 < len(group) else None
        glued = False
        if following is not None and following[1] == " " and ends_in_hyphen(text):
            glued = True
            if words.only_marks(text, following[0].text.lstrip()):
                text = text[:-1]
        yield from _whole_words(Segment(text, line.number, line.offset), words)
        if following is not None and not glued:
            after = following[0]
            separator = "\n" if following[1] == "\n" else " "
            yield Segment(separator, after.number, after.offset + len(after.text) - len(after.text.lstrip()))


def _whole_words(segment: Segment, words: Words) -> Iterator[Segment]:
    """A line in which earlier line ends became spaces ("non- assignable"): the words without them."""
    text, position = segment.text, 0
    if "- " in text:
        for broken in _BROKEN_WORD.finditer(text):
            end = broken.start() + 1
            if words.only_marks(text[max(0, end - 60) : end], text[broken.end() : broken.end() + 60]):
                end -= 1
            yield Segment(text[position:end], segment.paragraph, segment.offset + position)
            position = broken.end()
    yield Segment(text[position:], segment.paragraph, segment.offset + position)


class Words:
    """The document's vocabulary, made when the first broken word asks for it."""

    def __init__(self, lines: Sequence[TextLine]) -> None:
        self._lines = lines
        self._vocabulary: Vocabulary | None = None
        self.num_joined = 0

    def only_marks(self, last: str, following: str) -> bool:
        """Whether the hyphen that ends ``last`` only marked a line's end before ``following``."""
        if self._vocabulary is None:
            self._vocabulary = Vocabulary(line.text for line in self._lines)
        only = self._vocabulary.only_marks(last, following)
        self.num_joined += only
        return only

"""Read HTML as a browser shows it: blocks, list numbers, tables, inserted and deleted text; EDGAR's pages without their marks.

``html_page`` parses the file, ``html_reader`` collects blocks and table rows; here the furniture of printed pages is taken
away as from plain text, and the rest is written. ``Place.paragraph`` counts the blocks of text in the file's order (the lines
of preformatted text).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from ...core.errors import InputError
from ..document import Document
from .assembly import Assembly, Mark, Segment
from .html_items import Block, Item, Row
from .html_page import parse_page
from .html_reader import Reader
from .limits import MAX_HTML_BYTES
from .text_decoding import read_bounded
from .text_furniture import TextLine, mark_furniture

_SENTENCE_END = re.compile(r"[.;:!?][\"'”’)\]]*\s*$")


def read_html(path: Path, digest: str) -> Document:
    """Read the HTML file at ``path``; ``digest`` is its SHA-256.

    Raises:
        InputError: with one of the codes ``empty``, ``no_text``, ``binary``, ``unknown_encoding``, ``too_large``,
            ``too_deep``, ``unreadable``.
    """
    page = parse_page(read_bounded(path, MAX_HTML_BYTES))
    reader = Reader(page)
    try:
        reader.read(page.root)
    except RecursionError as error:
        raise InputError(
            "the page is nested too deep", code="too_deep", remedy="Print it to PDF in a browser, and review the PDF."
        ) from error
    items, removed = _without_furniture(reader.items)
    assembly = Assembly()
    _write(items, assembly)
    if not assembly.length:
        raise InputError(
            "the page shows no text" + (", only pictures" if reader.num_pictures else ""),
            code="no_text",
            remedy="Run OCR on the pictures, or ask for the contract as DOCX or PDF.",
        )
    metadata = {"encoding": page.decoded.encoding} | ({"title": reader.title} if reader.title else {})
    return assembly.document(
        name=path.name,
        format="html",
        digest=digest,
        unread=reader.unread,
        removed=dict(Counter(removed) + reader.removed),
        notes=[*page.decoded.notes, *reader.notes()],
        metadata=metadata,
    )


def _without_furniture(items: Sequence[Item]) -> tuple[list[Item], dict[str, int]]:
    """The items without page numbers and running lines; sentences that a page's end cut are joined."""
    lines: list[TextLine] = []
    for number, item in enumerate(items):
        changed = isinstance(item, Block) and any(segment.mark is not None for segment in item.segments)
        text = "\x01" if changed or (isinstance(item, Block) and item.prefix) else item.text.replace("\n", " ")
        lines += [
            TextLine("", number, 0),
            TextLine(text, number, 0, page_before=item.page_before, marked=item.page_before),
        ]
    removed = mark_furniture(lines, tails=False)
    kept: list[Item] = []
    page = False
    for item, line in zip(items, lines[1::2], strict=True):
        if line.removed:
            page = True
            continue
        page = page or line.page_before
        last = kept[-1] if kept else None
        if page and isinstance(item, Block) and isinstance(last, Block) and _goes_on(last, item):
            first = item.segments[0]
            space = Segment(" ", first.paragraph, first.offset)
            kept[-1] = replace(last, segments=(*last.segments, space, *item.segments))
        else:
            kept.append(item)
        page = False
    return kept, removed


def _goes_on(last: Block, item: Block) -> bool:
    if last.kind == "heading" or item.kind != "paragraph":
        return False
    return not _SENTENCE_END.search(last.text) and item.text[:1].islower()


def _write(items: Sequence[Item], assembly: Assembly) -> None:
    last: Item | None = None
    for item in items:
        if isinstance(item, Row):
            same = isinstance(last, Row) and item.table == last.table
            assembly.separate("\n" if same else "\n\n")
            assembly.put_row(item.cells, _common_mark(segment for cell in item.cells for segment in cell))
        else:
            assembly.separate("\n" if item.goes_on else "\n\n")
            assembly.open_block(item.kind, item.level, item.number)
            assembly.meet(item.segments)
            first = item.segments[0]
            if item.prefix:
                mark = _common_mark(item.segments)
                assembly.put(Segment(f"{item.prefix} ", first.paragraph, first.offset, mark))
            for segment in item.segments:
                assembly.put(segment)
            assembly.close_block()
        last = item


def _common_mark(segments: Iterable[Segment]) -> Mark | None:
    """The change that all of the segments belong to: it covers what is generated between them too."""
    marks = {segment.mark for segment in segments}
    return marks.pop() if len(marks) == 1 else None

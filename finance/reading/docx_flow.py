"""Put the paragraphs and tables of a DOCX to text: numbers as Word shows them, both views of tracked changes.

A paragraph mark that was deleted joins two paragraphs in the accepted view, one that was inserted divides what is one
paragraph in the original view; numbers are counted in each view for itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from ..document import BlockKind
from .assembly import PARAGRAPH_BREAK, Assembly, Mark, Segment, clean
from .docx_body import Item, Paragraph, Row, Table
from .docx_numbering import Counter, Number, Numbering

View = Literal["insertion", "deletion"]  # the kind of change that stands in one view only: accepted, original

# A heading is short; a whole clause in a heading style is a clause.
MAX_HEADING_CHARS = 200
# Rows with longer cells are layout (a contract set in two columns, signature blocks): read cell by cell.
_MAX_ROW_CHARS = 1_500
_MAX_CELL_PARAGRAPHS = 2


@dataclass(frozen=True)
class _Line:
    """A table row to be shown as one line of cells."""

    row: Row
    first: bool
    last: bool


@dataclass(frozen=True)
class _Start:
    """What a block of the accepted view begins with: heading level, number, and how long it is."""

    heading: int | None
    number: Number | None
    num_chars: int


class Flow:
    """Writes the items of one document into an Assembly; numbers run on from one call to the next."""

    def __init__(self, assembly: Assembly, numbering: Numbering) -> None:
        self._assembly = assembly
        self._counters: dict[View, Counter] = {"insertion": Counter(numbering), "deletion": Counter(numbering)}

    def write(self, items: Sequence[Item], *, kind: BlockKind | None = None) -> None:
        """Write paragraphs and tables; ``kind`` overrides the kind of every block."""
        waiting: list[Paragraph] = []
        for item in _lines(items):
            if isinstance(item, Paragraph):
                waiting.append(item)
                continue
            self._paragraphs(waiting, kind)
            waiting = []
            self._row(item)
        self._paragraphs(waiting, kind)

    # Paragraphs

    def _paragraphs(self, paragraphs: list[Paragraph], kind: BlockKind | None) -> None:
        paragraphs = _tidy(_run_in(paragraphs))
        if not paragraphs:
            return
        blocks: dict[int, _Start] = {}
        numbers: dict[View, dict[int, Number]] = {"insertion": {}, "deletion": {}}
        for view in ("insertion", "deletion"):
            self._number(paragraphs, view, numbers[view], blocks)
        self._assembly.separate()
        for index, paragraph in enumerate(paragraphs):
            accepted, original = numbers["insertion"].get(index), numbers["deletion"].get(index)
            if index in blocks:
                self._open_block(blocks[index], kind)
            self._assembly.meet(paragraph.segments)
            self._write_number(paragraphs, index, accepted, original)
            for segment in paragraph.segments:
                self._assembly.put(segment)
            self._assembly.separate(PARAGRAPH_BREAK, paragraph.mark)
        self._assembly.close_block()
        self._assembly.separate()

    def _number(
        self, paragraphs: list[Paragraph], view: View, numbers: dict[int, Number], blocks: dict[int, _Start]
    ) -> None:
        """Number the paragraphs as one view shows them; in the accepted view, find where blocks begin."""
        joining: View = "deletion" if view == "insertion" else "insertion"
        for group in _groups(paragraphs, joining):
            present = [index for index in group if not _is(paragraphs[index].row, joining)]
            if not present:
                continue
            shown = paragraphs[present[-1]]  # joined paragraphs take the last one's properties
            number = self._counters[view].next(shown.num_id, shown.num_level) if shown.num_id else None
            front = next((index for index in present if _has_text(paragraphs[index], view)), None)
            if view == "insertion":
                length = sum(len(s.text) for index in present for s in paragraphs[index].segments if s.accepted)
                blocks[group[0]] = _Start(shown.heading, number if front is not None else None, length)
            if number is not None and front is not None:
                numbers[front] = number

    def _open_block(self, start: _Start, kind: BlockKind | None) -> None:
        number, level = start.number, start.heading
        own: BlockKind = "paragraph"
        if level is not None and start.num_chars <= MAX_HEADING_CHARS:
            own = "heading"
        elif number is not None:
            own, level = "list_item", level or number.level + 1
        shown = number.text if number is not None and not number.bullet else ""
        self._assembly.open_block(kind or own, None if kind else level, shown)

    def _write_number(
        self, paragraphs: list[Paragraph], index: int, accepted: Number | None, original: Number | None
    ) -> None:
        segments = [segment for segment in paragraphs[index].segments if segment.text]
        if not segments:
            return
        place = segments[0]
        if accepted is not None and original is not None:
            self._put_generated(_prefix(accepted, segments, "insertion"), place, None)
        elif accepted is not None:
            mark = _author(paragraphs, index, "insertion")
            self._put_generated(_prefix(accepted, segments, "insertion"), place, mark)
        elif original is not None:
            mark = _author(paragraphs, index, "deletion")
            self._put_generated(_prefix(original, segments, "deletion"), place, mark)

    def _put_generated(self, text: str, place: Segment, mark: Mark | None) -> None:
        self._assembly.put(Segment(text, place.paragraph, place.offset, mark))

    # Table rows

    def _row(self, line: _Line) -> None:
        row = line.row
        self._assembly.separate(PARAGRAPH_BREAK if line.first else "\n")
        cells = [self._cell([item for item in cell if isinstance(item, Paragraph)], row.mark) for cell in row.cells]
        self._assembly.put_row(cells, row.mark)
        self._assembly.separate(PARAGRAPH_BREAK if line.last else "\n")

    def _cell(self, paragraphs: list[Paragraph], row: Mark | None) -> list[Segment]:
        """One cell as one line of segments, with the numbers of its paragraphs."""
        found: list[Segment] = []
        between: Mark | None = None
        for paragraph in _tidy(_run_in(paragraphs)):
            numbers = {
                view: self._counters[view].next(paragraph.num_id, paragraph.num_level)
                for view in ("insertion", "deletion")
                if paragraph.num_id and not (row is not None and row.kind != view)
            }
            segments = [segment for segment in paragraph.segments if segment.text]
            if segments:
                place = segments[0]
                if any(segment.text for segment in found):
                    found.append(Segment(" ", place.paragraph, place.offset, between or row))
                number = numbers.get("insertion") or numbers.get("deletion")
                if number is not None:
                    found.append(Segment(_prefix(number, segments, "insertion"), place.paragraph, place.offset, row))
                between = paragraph.mark
            found.extend(
                segment._replace(text=segment.text.replace(PARAGRAPH_BREAK, " ").replace("\n", " "))
                for segment in paragraph.segments
            )
        return found


def _lines(items: Iterable[Item]) -> Iterator[Paragraph | _Line]:
    """Items in reading order: rows that are layout become their paragraphs."""
    for item in items:
        if isinstance(item, Paragraph):
            yield item
            continue
        previous = False
        for index, row in enumerate(item.rows):
            if _is_layout(row):
                for cell in row.cells:
                    yield from _lines(cell)
                previous = False
            else:
                following = index + 1 < len(item.rows) and not _is_layout(item.rows[index + 1])
                yield _Line(row, first=not previous, last=not following)
                previous = True


def _is_layout(row: Row) -> bool:
    if any(isinstance(item, Table) for cell in row.cells for item in cell):
        return True
    filled = [
        [p for p in cell if isinstance(p, Paragraph) and any(s.text.strip() for s in p.segments)] for cell in row.cells
    ]
    if len(row.cells) == 1 and any(p.num_id or p.heading for p in filled[0]):
        return True
    if max(len(cell) for cell in filled) > _MAX_CELL_PARAGRAPHS:
        return True
    return sum(len(s.text) for cell in filled for p in cell for s in p.segments) > _MAX_ROW_CHARS


def _run_in(paragraphs: Iterable[Paragraph]) -> list[Paragraph]:
    """Paragraphs whose mark is hidden go on with the next; the first with text gives the properties."""
    joined: list[Paragraph] = []
    open_ended = False
    for paragraph in paragraphs:
        if open_ended:
            before = joined.pop()
            segments = before.segments + paragraph.segments
            source = before if any(s.text.strip() for s in before.segments) else paragraph
            paragraph = replace(source, segments=segments, mark=paragraph.mark, run_in=paragraph.run_in)
        joined.append(paragraph)
        open_ended = paragraph.run_in
    return joined


def _tidy(paragraphs: list[Paragraph]) -> list[Paragraph]:
    tidy: list[Paragraph] = []
    joined_before = False
    for paragraph in paragraphs:
        segments = clean(paragraph.segments, strip_start=not joined_before, strip_end=paragraph.mark is None)
        tidy.append(replace(paragraph, segments=segments))
        joined_before = paragraph.mark is not None
    return tidy


def _groups(paragraphs: list[Paragraph], joining: View) -> Iterator[list[int]]:
    """Indices of the paragraphs that are one in the view where marks changed by ``joining`` are not there."""
    group: list[int] = []
    for index, paragraph in enumerate(paragraphs):
        group.append(index)
        if not _is(paragraph.mark, joining):
            yield group
            group = []
    if group:
        yield group


def _is(mark: Mark | None, kind: View) -> bool:
    return mark is not None and mark.kind == kind


def _has_text(paragraph: Paragraph, view: View) -> bool:
    return any(s.text.strip() and (s.accepted if view == "insertion" else s.original) for s in paragraph.segments)


def _prefix(number: Number, segments: Sequence[Segment], view: View) -> str:
    """The number with the space behind it: none where Word shows none, unless two words would run together."""
    if not number.joined:
        return f"{number.text} "
    follows = next((s.text for s in segments if (s.accepted if view == "insertion" else s.original)), "")
    return f"{number.text} " if number.text[-1:].isalnum() and follows[:1].isalnum() else number.text


def _author(paragraphs: list[Paragraph], index: int, kind: View) -> Mark:
    """Who made a number appear or vanish: the change of the paragraph's words, or of the mark before it."""
    for segment in paragraphs[index].segments:
        if segment.text and segment.mark is not None and segment.mark.kind == kind:
            return segment.mark
    before = paragraphs[index - 1].mark if index else None
    for mark in (before, paragraphs[index].row, paragraphs[index].mark):
        if mark is not None and mark.kind == kind:
            return mark
    return Mark(kind)

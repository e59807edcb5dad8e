"""Walk through a WordprocessingML part and collect its paragraphs and table rows with the changes they carry.

A ``Walker`` knows what Word shows and what it keeps to itself: field instructions, hidden text, alternate content,
properties. What it meets and cannot read (embedded files, pictures the size of a page, charts) it lists as unread.
``docx_flow`` numbers what it found and puts it to text.
"""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ...core.errors import InputError
from ..document import Unread
from .assembly import Mark, Segment, raised_digits
from .docx_elements import (
    CHANGES,
    change_of,
    comment_event,
    form_field,
    shown_branch,
    symbol,
    through_wrappers,
    vml_inches,
)
from .docx_numbering import Numbering
from .docx_package import Package, child, integer, is_on, relation, short, value
from .docx_styles import NUM_HEADING_LEVELS, Styles
from .limits import MAX_DOCX_TABLE_DEPTH, MAX_DOCX_UNREAD_NAMED

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_EMU_PER_INCH = 914_400
# A picture this high and wide may be a scanned page; a logo or a signature is smaller.
_PAGE_PICTURE_INCHES = 3.0


@dataclass
class Paragraph:
    """One paragraph in file order. ``mark`` is the change of its paragraph mark, ``row`` of the table row it stands in."""

    index: int
    segments: list[Segment] = field(default_factory=list)
    mark: Mark | None = None
    row: Mark | None = None
    run_in: bool = False  # its paragraph mark is hidden: the next paragraph goes on in the same line
    style: str | None = None
    num_id: str | None = None
    num_level: int = 0
    heading: int | None = None


@dataclass
class Row:
    """One table row: its cells' paragraphs and nested rows."""

    cells: list[list[Item]]
    mark: Mark | None = None


@dataclass
class Table:
    """The rows of one table."""

    rows: list[Row]


Item = Paragraph | Table


@dataclass(frozen=True)
class _Context:
    """The change that surrounds an element; ``gone`` when it was inserted and deleted again: in neither view."""

    mark: Mark | None = None
    gone: bool = False

    def within(self, mark: Mark | None) -> _Context:
        if mark is None:
            return self
        if self.mark is not None and self.mark.kind != mark.kind:
            return replace(self, gone=True)
        return replace(self, mark=mark)


class Walker:
    """Reads parts of one document; counters of paragraphs, what was left out and what is unread run on over its parts."""

    def __init__(self, package: Package, styles: Styles, numbering: Numbering, *, fields: bool = True) -> None:
        self.package = package
        self.styles = styles
        self.numbering = numbering
        self.removed: Tally[str] = Tally()
        self.unread: list[Unread] = []
        self.sections: list[str] = []  # relationship ids of headers and footers
        self.notes: list[tuple[str, str, Mark | None]] = []  # kind, id and change of footnote and endnote references
        self.formulas = 0
        self.fields_open = False
        self._follow_fields = fields
        self._fields: list[bool] = []  # for each open field, whether its result has begun
        self._index = -1
        self._open: Paragraph | None = None
        self._offset = 0
        self._boxes: list[Item] = []
        self._late: list[Item] = []
        self._loose: list[Segment] = []
        self._table_depth = 0
        self._part = package.main
        self._num_pictures = 0

    def read(self, element: Element, part: str, mark: Mark | None = None) -> list[Item]:
        """The paragraphs and tables below ``element`` of ``part``; ``mark`` is a change that covers them all.

        Raises:
            InputError: tables nested past the limit.
        """
        self._part = part
        items = [*self._blocks(element, _Context(mark)), *self._late]
        self._late = []
        if self._loose and items and isinstance(items[-1], Paragraph):
            items[-1].segments.extend(self._loose)
        self._loose = []
        self.fields_open = self.fields_open or bool(self._fields)
        self._fields.clear()
        return items

    # Blocks

    def _blocks(self, element: Element, context: _Context) -> Iterator[Item]:
        for inner in element:
            name = short(inner.tag)
            if name == "w:p":
                yield from self._paragraph(inner, context)
            elif name == "w:tbl":
                yield self._table(inner, context)
            elif name == "w:sectPr":
                self._section(inner)
            elif name == "w:altChunk":
                self._altchunk(inner)
            elif name in CHANGES:
                yield from self._blocks(inner, context.within(change_of(inner)))
            elif name == "mc:AlternateContent":
                branch = shown_branch(inner)
                if branch is not None:
                    yield from self._blocks(branch, context)
            elif name in ("w:commentRangeStart", "w:commentRangeEnd"):
                self._loose.append(comment_event(inner, name, self._index + 1))
            elif not name.endswith("Pr") and len(inner):
                yield from self._blocks(inner, context)

    def _paragraph(self, element: Element, context: _Context) -> Iterator[Item]:
        outer, outer_offset, outer_boxes = self._open, self._offset, self._boxes
        self._index += 1
        properties = child(element, "w:pPr")
        paragraph = self._properties(properties, context)
        self._open, self._offset, self._boxes = paragraph, 0, []
        paragraph.segments.extend(self._loose)
        self._loose = []
        self._inline(element, context)
        boxes = self._boxes
        self._open, self._offset, self._boxes = outer, outer_offset, outer_boxes
        yield paragraph
        # What follows a mark that may be gone in one view is joined on: text boxes wait until that is done.
        self._late.extend(boxes)
        if paragraph.mark is None and not paragraph.run_in:
            late, self._late = self._late, []
            yield from late

    def _properties(self, properties: Element | None, context: _Context) -> Paragraph:
        style = value(child(properties, "w:pStyle")) or self.styles.default
        num_id, num_level = self._list_level(properties, style)
        outline = integer(value(child(properties, "w:outlineLvl")))
        heading = self.styles.heading_level(style) if outline is None else outline + 1
        run = child(properties, "w:rPr")
        marks = [change_of(inner) for inner in (run if run is not None else ()) if short(inner.tag) in CHANGES]
        # A paragraph mark that was inserted and deleted again divides nothing in either view.
        gone = len({mark.kind for mark in marks}) > 1
        if (section := child(properties, "w:sectPr")) is not None:
            self._section(section)
        return Paragraph(
            index=self._index,
            mark=marks[0] if marks and not gone else None,
            row=context.mark,
            run_in=gone or is_on(child(run, "w:vanish")) or is_on(child(run, "w:specVanish")),
            style=style,
            num_id=num_id,
            num_level=num_level,
            heading=heading if heading is not None and 1 <= heading <= NUM_HEADING_LEVELS else None,
        )

    def _list_level(self, properties: Element | None, style: str | None) -> tuple[str | None, int]:
        """List id and level (0-based) of a paragraph: its own, else its style's."""
        style_list, style_level, chain = self.styles.numbering(style)
        own_list = value(child(properties, "w:numPr", "w:numId"))
        own_level = integer(value(child(properties, "w:numPr", "w:ilvl")))
        num_id = own_list if own_list is not None else style_list
        if num_id is None or num_id == "0":
            return None, 0
        if own_level is not None:
            return num_id, own_level
        if own_list is None and (tied := self.numbering.level_of_style(num_id, chain)) is not None:
            return num_id, tied
        return num_id, style_level or 0

    def _section(self, element: Element) -> None:
        for inner in element:
            if short(inner.tag) in ("w:headerReference", "w:footerReference"):
                identifier = relation(inner)
                if identifier is not None and identifier not in self.sections:
                    self.sections.append(identifier)

    # Tables

    def _table(self, element: Element, context: _Context) -> Table:
        self._table_depth += 1
        if self._table_depth > MAX_DOCX_TABLE_DEPTH:
            raise InputError(
                f"tables are nested deeper than {MAX_DOCX_TABLE_DEPTH} levels",
                code="too_deep",
                remedy="Flatten the tables in Word and save the file again.",
            )
        rows = [self._row(row, context) for row in through_wrappers(element, "w:tr")]
        self._table_depth -= 1
        return Table([row for row in rows if row.cells])

    def _row(self, element: Element, context: _Context) -> Row:
        properties = child(element, "w:trPr")
        marks = [
            change_of(inner) for inner in (properties if properties is not None else ()) if short(inner.tag) in CHANGES
        ]
        inside = context.within(marks[0] if marks else None)
        cells: list[list[Item]] = []
        for cell in through_wrappers(element, "w:tc"):
            cell_properties = child(cell, "w:tcPr")
            merged = child(cell_properties, "w:vMerge")
            if merged is None:
                merged = child(cell_properties, "w:hMerge")
            if merged is not None and (value(merged) or "continue") != "restart":
                # What it holds, Word does not show; its paragraphs still count in the source.
                self._skip(cell)
                cells.append([])
                continue
            change = next(
                (
                    change_of(i)
                    for i in (cell_properties if cell_properties is not None else ())
                    if short(i.tag) in CHANGES
                ),
                None,
            )
            cells.append(list(self._blocks(cell, inside.within(change))))
        return Row(cells, inside.mark)

    def _skip(self, element: Element) -> None:
        self._index += sum(1 for inner in element.iter() if short(inner.tag) == "w:p")

    # Runs

    def _inline(self, element: Element, context: _Context) -> None:
        for inner in element:
            name = short(inner.tag)
            if name in ("w:r", "m:r"):
                self._run(inner, context)
            elif name in CHANGES:
                self._inline(inner, context.within(change_of(inner)))
            elif name == "mc:AlternateContent":
                if (branch := shown_branch(inner)) is not None:
                    self._inline(branch, context)
            elif name in ("w:commentRangeStart", "w:commentRangeEnd"):
                self._add_event(comment_event(inner, name, self._index))
            elif name in ("w:subDoc",):
                self._add_unread(
                    "linked sub-document", "sub_document", "a linked sub-document is not part of this file"
                )
            elif name == "m:oMath":
                self.formulas += 1
                self._inline(inner, context)
            elif name == "w:rt":
                continue  # the reading aid above a ruby base
            elif len(inner) and not name.endswith(("Pr", "PrChange")):
                self._inline(inner, context)

    def _run(self, element: Element, context: _Context) -> None:
        properties = child(element, "w:rPr")
        hidden = self._hidden(properties)
        raised = value(child(properties, "w:vertAlign")) == "superscript"
        for inner in element:
            name = short(inner.tag)
            if name in ("w:t", "m:t", "w:delText"):
                text = inner.text or ""
                self._add(raised_digits(text) if raised else text, context, hidden=hidden)
            elif name in ("w:tab", "w:ptab"):
                self._add("\t", context, hidden=hidden)
            elif name in ("w:br", "w:cr"):
                self._add("\n", context, hidden=hidden)
            elif name == "w:noBreakHyphen":
                self._add("-", context, hidden=hidden)
            elif name == "w:sym":
                self._add(symbol(inner), context, hidden=hidden)
            elif name == "w:fldChar":
                self._field(inner, context, hidden=hidden)
            elif name in ("w:footnoteReference", "w:endnoteReference"):
                if not context.gone and (identifier := value(inner, "id")) is not None:
                    self.notes.append((name[2:].removesuffix("Reference"), identifier, context.mark))
            elif name == "w:commentReference":
                self._add_event(Segment("", self._index, self._offset, None, ("comment_at", value(inner, "id") or "")))
            elif name in ("w:drawing", "w:pict"):
                self._drawing(inner, context)
            elif name == "w:object":
                self._object(inner)
                self._drawing(inner, context, pictures=False)
            elif name == "mc:AlternateContent":
                if (branch := shown_branch(inner)) is not None:
                    self._run(branch, context)
            elif name == "w:ruby":
                self._inline(inner, context)

    def _hidden(self, properties: Element | None) -> bool:
        own = child(properties, "w:vanish")
        if own is not None:
            return is_on(own)
        style = value(child(properties, "w:rStyle"))
        if style is not None and self.styles.hidden(style):
            return True
        paragraph_style = self._open.style if self._open is not None else None
        return self.styles.hidden(paragraph_style) or self.styles.hidden_by_default

    def _add(self, text: str, context: _Context, *, hidden: bool = False) -> None:
        if self._open is None or not text:
            return
        start = self._offset
        self._offset += len(text)
        if self._fields and not all(self._fields):
            self.removed["field instruction"] += 1
        elif context.gone:
            self.removed["text inserted and deleted again"] += 1
        elif hidden:
            if text.strip():
                self.removed["hidden text"] += 1
        else:
            self._open.segments.append(Segment(text, self._open.index, start, context.mark))

    def _add_event(self, event: Segment) -> None:
        if self._open is not None:
            self._open.segments.append(event)

    def _field(self, element: Element, context: _Context, *, hidden: bool) -> None:
        kind = value(element, "fldCharType")
        if kind == "begin":
            if (form := child(element, "w:ffData")) is not None:
                self._add(form_field(form), context, hidden=hidden)
            if self._follow_fields:
                self._fields.append(False)
        elif kind == "separate" and self._fields:
            self._fields[-1] = True
        elif kind == "end" and self._fields:
            self._fields.pop()

    # Drawings and embedded files

    def _drawing(self, element: Element, context: _Context, *, pictures: bool = True) -> None:
        waiting = [element]
        extent = None
        while waiting:
            here = waiting.pop()
            name = short(here.tag)
            if name == "w:txbxContent":
                if not context.gone:
                    self._boxes.extend(self._blocks(here, context))
                continue
            if name == "mc:AlternateContent":
                branch = shown_branch(here)
                waiting.extend([branch] if branch is not None else [])
                continue
            if name == "wp:extent":
                extent = here
            elif name == "v:textpath" and (art := here.get("string")):
                self._index += 1
                self._boxes.append(
                    Paragraph(self._index, [Segment(art, self._index, 0, context.mark)], row=context.mark)
                )
            elif name == "c:chart":
                self._add_unread("chart", "chart", "a chart's figures are not read")
            elif name == "dgm:relIds":
                self._add_unread("diagram", "diagram", "a diagram's words are not read")
            elif name in ("pic:pic", "v:imagedata") and pictures:
                self._picture(extent, here)
            waiting.extend(reversed(list(here)))

    def _picture(self, extent: Element | None, element: Element) -> None:
        self._num_pictures += 1
        if extent is not None:
            width, height = (integer(extent.get(name)) or 0 for name in ("cx", "cy"))
            large = min(width, height) >= _PAGE_PICTURE_INCHES * _EMU_PER_INCH
        else:
            shape = element.getparent()
            large = vml_inches(shape.get("style") or "" if shape is not None else "") >= _PAGE_PICTURE_INCHES
        if large:
            self._add_unread(
                f"picture {self._num_pictures}",
                "picture",
                "a large picture may hold words, which are not read",
                "Look at the picture; if it holds contract text, add it as text (OCR).",
            )

    def _object(self, element: Element) -> None:
        target = "object"
        for inner in element.iter():
            if short(inner.tag) == "o:OLEObject":
                found = self.package.relations_of(self._part).get(relation(inner) or "")
                kind = inner.get("ProgID") or ""
                file = found.target.rpartition("/")[2] if found is not None else ""
                target = " ".join(part for part in (file, f"({kind})" if kind else "") if part) or target
        self._add_unread(f"embedded file {target}", "embedded", "a file embedded in the document is not read", _OPEN_IT)

    def _altchunk(self, element: Element) -> None:
        found = self.package.relations_of(self._part).get(relation(element) or "")
        file = found.target.rpartition("/")[2] if found is not None else "part"
        self._add_unread(
            f"inserted file {file}",
            "inserted_file",
            "a whole file is inserted by reference and shown by Word only",
            "Open the document in Word and save it again: Word then writes the inserted file's text into it.",
        )

    def _add_unread(self, where: str, code: str, reason: str, remedy: str = "") -> None:
        if len(self.unread) < MAX_DOCX_UNREAD_NAMED:
            near = f" (near paragraph {self._index + 1})" if self._index >= 0 else ""
            self.unread.append(Unread(f"{where}{near}", code, reason, remedy or "Look at it in Word."))
        else:
            self.removed["unread part not listed"] += 1


_OPEN_IT = "Open it from within Word and review it as a file of its own."

"""Sample contracts as PDF: one or two columns, running header and page numbers, and pages that are only a picture."""

from __future__ import annotations

import io
import os
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from contract_source import Block, Run
from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.enums import TA_CENTER, TA_JUSTIFY
from reportlab.lib.pagesizes import LETTER
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.utils import ImageReader
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    FrameBreak,
    KeepTogether,
    NextPageTemplate,
    PageBreak,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
    TableStyle,
)

WIDTH, HEIGHT = LETTER
MARGIN = 64.0
GUTTER = 22.0
SCAN_DPI = 120
SCAN_TILT_DEGREES = 0.4
_TAGS = {"": "{}", "bold": "<b>{}</b>", "italic": "<i>{}</i>"}


class _Scan(Flowable):
    """A page that shows a picture of its words and holds no text."""

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__()
        self.lines = lines
        self.width, self.height = 1.0, 1.0

    def draw(self) -> None:
        picture = ImageReader(io.BytesIO(scanned(self.lines)))
        x, y = self.canv.absolutePosition(0, 0)
        self.canv.drawImage(picture, -x, -y, width=WIDTH, height=HEIGHT)


def write_pdf(blocks: Sequence[Block], path: Path, *, title: str, header: str, num_columns: int = 1) -> None:
    """Write ``blocks`` as a PDF; the same blocks give the same bytes."""
    size = 9.2 if num_columns == 2 else 10.8
    document = BaseDocTemplate(str(path), pagesize=LETTER, title=title, author="dsapp samples", invariant=1)
    document.addPageTemplates(_templates(header, num_columns))
    document.build(list(_story(blocks, _styles(size), num_columns)))


def _templates(header: str, num_columns: int) -> list[PageTemplate]:
    top, bottom = HEIGHT - 76, 66
    full = Frame(MARGIN, bottom, WIDTH - 2 * MARGIN, top - bottom, 0, 0, 0, 0)

    def furniture(canvas: Any, document: Any) -> None:
        canvas.saveState()
        canvas.setFont("Times-Italic", 8.5)
        canvas.drawString(MARGIN, HEIGHT - 46, header)
        canvas.setFont("Times-Roman", 8.5)
        canvas.drawCentredString(WIDTH / 2, 38, f"Page {document.page}")
        canvas.restoreState()

    bare = PageTemplate("scan", [Frame(0, 0, WIDTH, HEIGHT, 0, 0, 0, 0)])
    whole = PageTemplate("whole", [full], onPage=furniture)
    if num_columns == 1:
        return [whole, bare]
    width = (WIDTH - 2 * MARGIN - GUTTER) / 2
    columns = [MARGIN, MARGIN + width + GUTTER]
    head = Frame(MARGIN, top - 40, WIDTH - 2 * MARGIN, 40, 0, 0, 0, 0)
    first = [head, *(Frame(x, bottom, width, top - 48 - bottom, 0, 0, 0, 0) for x in columns)]
    later = [Frame(x, bottom, width, top - bottom, 0, 0, 0, 0) for x in columns]
    return [
        PageTemplate("first", first, onPage=furniture),
        PageTemplate("later", later, onPage=furniture),
        whole,
        bare,
    ]


def _styles(size: float) -> dict[str, ParagraphStyle]:
    body = ParagraphStyle(
        "body", fontName="Times-Roman", fontSize=size, leading=size * 1.28, spaceAfter=size * 0.62, alignment=TA_JUSTIFY
    )
    return {
        "title": ParagraphStyle(
            "title", body, fontName="Times-Bold", fontSize=size + 3.5, leading=size * 1.8, alignment=TA_CENTER
        ),
        "centred": ParagraphStyle("centred", body, fontName="Times-Bold", alignment=TA_CENTER),
        "heading": ParagraphStyle(
            "heading", body, fontName="Times-Bold", spaceBefore=size * 0.5, keepWithNext=1, alignment=0
        ),
        "clause": body,
        "paragraph": body,
        "item": ParagraphStyle("item", body, leftIndent=size * 2),
        "lines": ParagraphStyle("lines", body, alignment=0, spaceAfter=size * 0.3),
        "cell": ParagraphStyle("cell", body, alignment=0, spaceAfter=0),
    }


def _story(blocks: Sequence[Block], styles: dict[str, ParagraphStyle], num_columns: int) -> Iterator[Flowable]:
    for index, block in enumerate(blocks):
        if block.kind == "page":
            yield NextPageTemplate("whole")
            yield PageBreak()
        elif block.kind == "scan":
            yield NextPageTemplate("scan")
            yield PageBreak()
            yield NextPageTemplate("whole")
            yield _Scan([row[0] for row in block.rows])
            yield PageBreak()
        elif block.kind == "table":
            yield _table(block, styles["cell"])
        elif block.kind == "lines":
            yield KeepTogether(
                [Spacer(1, 8), *(Paragraph(escape(row[0]) or "&nbsp;", styles["lines"]) for row in block.rows)]
            )
        else:
            number = f"{block.number} " if block.number else ""
            yield Paragraph(number + "".join(map(_tagged, block.runs)), styles[block.kind])
        if index == 0 and num_columns == 2:
            yield NextPageTemplate("later")
            yield FrameBreak()


def _tagged(run: Run) -> str:
    return _TAGS[run.style].format(escape(run.text))


def _table(block: Block, style: ParagraphStyle) -> Table:
    rows = [[Paragraph(escape(cell), style) for cell in row] for row in block.rows]
    grid = TableStyle([("GRID", (0, 0), (-1, -1), 0.5, "black"), ("VALIGN", (0, 0), (-1, -1), "TOP")])
    return Table(rows, style=grid, spaceBefore=6, spaceAfter=8)


def scanned(lines: Sequence[str]) -> bytes:
    """A page as a scanner gives it: grey, slightly tilted; PNG bytes."""
    import reportlab

    font_path = os.path.join(os.path.dirname(reportlab.__file__), "fonts", "Vera.ttf")
    font = ImageFont.truetype(font_path, int(SCAN_DPI * 0.145))
    page = Image.new("L", (int(WIDTH / 72 * SCAN_DPI), int(HEIGHT / 72 * SCAN_DPI)), 246)
    pen = ImageDraw.Draw(page)
    y = int(SCAN_DPI * 1.0)
    for line in lines:
        for piece in textwrap.wrap(line, 74) or [""]:
            pen.text((int(SCAN_DPI * 0.95), y), piece, fill=38, font=font)
            y += int(SCAN_DPI * 0.235)
    page = page.rotate(SCAN_TILT_DEGREES, resample=Image.Resampling.BILINEAR, fillcolor=246)
    page = page.point([level // 16 * 17 for level in range(256)])  # few greys: the file stays small
    buffer = io.BytesIO()
    page.save(buffer, "PNG")
    return buffer.getvalue()

"""Sample contracts as DOCX, written part by part: numbers come from Word's own lists, changes are tracked, comments stand in the margin.

The package is put together here and not by a library so that lists, changes and comments are what Word itself
writes, and so that the same source gives the same bytes.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from contract_source import Block, Run

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPES = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_TIME_OF_DAY = "T09:30:00Z"
_STYLE_OF = {"title": "Title", "centred": "Subtitle", "heading": "Heading1", "clause": "Clause", "item": "Item"}
_LEVEL_OF = {"heading": 0, "clause": 1, "item": 2}


class _Writer:
    """One document on its way: the next id of a change or comment, and the numbers that the list will show."""

    def __init__(self) -> None:
        self.next_id = 1
        self.comments: list[str] = []
        self.counters = [0, 0, 0]

    def paragraph(self, block: Block) -> str:
        style = _STYLE_OF.get(block.kind, "Normal")
        numbered = self._numbered(block)
        properties = f'<w:pStyle w:val="{style}"/>' + (
            "" if numbered or not block.number else '<w:numPr><w:numId w:val="0"/></w:numPr>'
        )
        typed = f"{block.number} " if block.number and not numbered else ""
        runs = "".join(self._run(run) for run in ((Run(typed),) if typed else ()) + block.runs)
        return f"<w:p><w:pPr>{properties}</w:pPr>{runs}</w:p>"

    def _numbered(self, block: Block) -> bool:
        """Whether Word's list shows the block's number by itself; counts it if so."""
        level = _LEVEL_OF.get(block.kind)
        if level is None or not block.number:
            return False
        counters = [*self.counters[:level], self.counters[level] + 1, *[0] * (2 - level)]
        shown = (f"{counters[0]}.", f"{counters[0]}.{counters[1]}", f"({chr(96 + max(1, counters[2]))})")[level]
        if shown != block.number:
            return False
        self.counters = counters
        return True

    def _run(self, run: Run) -> str:
        mark = run.mark
        if mark is None:
            return _plain(run)
        number, self.next_id = self.next_id, self.next_id + 1
        signed = f'w:id="{number}" w:author={quoteattr(mark.author)} w:date="{mark.date}{_TIME_OF_DAY}"'
        if mark.kind == "inserted":
            return f"<w:ins {signed}>{_plain(run)}</w:ins>"
        if mark.kind == "deleted":
            return f"<w:del {signed}>{_plain(run, 'delText')}</w:del>"
        initials = "".join(name[0] for name in mark.author.split())
        self.comments.append(
            f'<w:comment {signed} w:initials="{initials}"><w:p><w:r>{_text(mark.text)}</w:r></w:p></w:comment>'
        )
        return (
            f'<w:commentRangeStart w:id="{number}"/>{_plain(run)}<w:commentRangeEnd w:id="{number}"/>'
            f'<w:r><w:commentReference w:id="{number}"/></w:r>'
        )


def write_docx(blocks: Sequence[Block], path: Path, *, title: str, header: str) -> None:
    """Write ``blocks`` as a DOCX; the same blocks give the same bytes."""
    writer = _Writer()
    body = "".join(_body(blocks, writer))
    section = (
        '<w:sectPr><w:headerReference w:type="default" r:id="rId4"/><w:footerReference w:type="default" r:id="rId5"/>'
        '<w:pgSz w:w="12240" w:h="15840"/><w:pgMar w:top="1440" w:right="1440" w:bottom="1440" w:left="1440" w:header="720" w:footer="720" w:gutter="0"/></w:sectPr>'
    )
    page = '<w:r><w:t xml:space="preserve">Page </w:t></w:r><w:fldSimple w:instr=" PAGE "><w:r><w:t>1</w:t></w:r></w:fldSimple>'
    parts = {
        "[Content_Types].xml": _content_types(),
        "_rels/.rels": _relationships(
            [("officeDocument", "word/document.xml"), ("metadata/core-properties", "docProps/core.xml")]
        ),
        "docProps/core.xml": _core(title),
        "word/document.xml": _part("document", f"<w:body>{body}{section}</w:body>"),
        "word/styles.xml": _part("styles", _STYLES),
        "word/numbering.xml": _part("numbering", _NUMBERING),
        "word/comments.xml": _part("comments", "".join(writer.comments)),
        "word/header1.xml": _part("hdr", f'<w:p><w:pPr><w:jc w:val="right"/></w:pPr><w:r>{_text(header)}</w:r></w:p>'),
        "word/footer1.xml": _part("ftr", f'<w:p><w:pPr><w:jc w:val="center"/></w:pPr>{page}</w:p>'),
        "word/_rels/document.xml.rels": _relationships(
            [
                ("styles", "styles.xml"),
                ("numbering", "numbering.xml"),
                ("comments", "comments.xml"),
                ("header", "header1.xml"),
                ("footer", "footer1.xml"),
            ]
        ),
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            entry = zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)


def _body(blocks: Sequence[Block], writer: _Writer) -> Iterator[str]:
    for block in blocks:
        if block.kind == "page":
            yield '<w:p><w:r><w:br w:type="page"/></w:r></w:p>'
        elif block.kind == "table":
            yield _table(block)
        elif block.kind == "lines":
            lines = "<w:r><w:br/></w:r>".join(f"<w:r>{_text(row[0])}</w:r>" for row in block.rows)
            yield f"<w:p><w:pPr><w:keepLines/></w:pPr>{lines}</w:p>"
        elif block.kind == "scan":
            raise ValueError("a DOCX sample has no scanned page")
        else:
            yield writer.paragraph(block)


def _plain(run: Run, tag: str = "t") -> str:
    style = {"bold": "<w:b/>", "italic": "<w:i/>"}.get(run.style, "")
    return f"<w:r>{f'<w:rPr>{style}</w:rPr>' if style else ''}{_text(run.text, tag)}</w:r>"


def _text(words: str, tag: str = "t") -> str:
    return f'<w:{tag} xml:space="preserve">{escape(words)}</w:{tag}>'


def _table(block: Block) -> str:
    borders = "".join(
        f'<w:{side} w:val="single" w:sz="4"/>' for side in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    width = 9360 // len(block.rows[0])
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for _ in block.rows[0])
    rows = "".join(
        "<w:tr>"
        + "".join(
            f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr><w:p><w:r>{_text(cell)}</w:r></w:p></w:tc>'
            for cell in row
        )
        + "</w:tr>"
        for row in block.rows
    )
    return f"<w:tbl><w:tblPr><w:tblBorders>{borders}</w:tblBorders></w:tblPr><w:tblGrid>{grid}</w:tblGrid>{rows}</w:tbl><w:p/>"


def _part(root: str, inside: str) -> str:
    return f'{_HEAD}<w:{root} xmlns:w="{_W}" xmlns:r="{_R}">{inside}</w:{root}>'


def _relationships(targets: Sequence[tuple[str, str]]) -> str:
    bases = {"metadata/core-properties": f"{_PACKAGE}/relationships/metadata/core-properties"}
    links = "".join(
        f'<Relationship Id="rId{number}" Type="{bases.get(kind, f"{_R}/{kind}")}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, start=1)
    )
    return f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{links}</Relationships>'


def _content_types() -> str:
    kinds = {
        "document": "document.main",
        "styles": "styles",
        "numbering": "numbering",
        "comments": "comments",
        "header1": "header",
        "footer1": "footer",
    }
    parts = "".join(
        f'<Override PartName="/word/{name}.xml" ContentType="{_TYPES}.{kind}+xml"/>' for name, kind in kinds.items()
    )
    core = '<Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>'
    rels = '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>'
    return f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">{rels}{parts}{core}</Types>'


def _core(title: str) -> str:
    return (
        f'{_HEAD}<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{escape(title)}</dc:title><dc:creator>dsapp samples</dc:creator>"
        '<dcterms:created xsi:type="dcterms:W3CDTF">2026-01-01T00:00:00Z</dcterms:created></cp:coreProperties>'
    )


def _style(name: str, shown: str, paragraph: str = "", run: str = "") -> str:
    return (
        f'<w:style w:type="paragraph" w:styleId="{name}"><w:name w:val="{shown}"/><w:basedOn w:val="Normal"/>'
        f"<w:pPr>{paragraph}</w:pPr><w:rPr>{run}</w:rPr></w:style>"
    )


_STYLES = (
    '<w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="Times New Roman" w:hAnsi="Times New Roman"/><w:sz w:val="22"/></w:rPr></w:rPrDefault>'
    '<w:pPrDefault><w:pPr><w:spacing w:after="140" w:line="264" w:lineRule="auto"/></w:pPr></w:pPrDefault></w:docDefaults>'
    '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style>'
    + _style(
        "Title", "Title", '<w:spacing w:before="240" w:after="240"/><w:jc w:val="center"/>', '<w:b/><w:sz w:val="28"/>'
    )
    + _style("Subtitle", "Subtitle", '<w:jc w:val="center"/>', "<w:b/>")
    + _style(
        "Heading1",
        "heading 1",
        '<w:keepNext/><w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr><w:spacing w:before="200" w:after="100"/><w:outlineLvl w:val="0"/>',
        "<w:b/>",
    )
    + _style("Clause", "Clause", '<w:numPr><w:ilvl w:val="1"/><w:numId w:val="1"/></w:numPr><w:jc w:val="both"/>')
    + _style("Item", "Item", '<w:numPr><w:ilvl w:val="2"/><w:numId w:val="1"/></w:numPr><w:jc w:val="both"/>')
)


def _list_level(level: int, shown: str, style: str, indent: int, kind: str = "decimal") -> str:
    return (
        f'<w:lvl w:ilvl="{level}"><w:start w:val="1"/><w:numFmt w:val="{kind}"/><w:pStyle w:val="{style}"/><w:lvlText w:val="{shown}"/>'
        f'<w:lvlJc w:val="left"/><w:pPr><w:ind w:left="{indent}" w:hanging="567"/></w:pPr></w:lvl>'
    )


_NUMBERING = (
    '<w:abstractNum w:abstractNumId="0"><w:multiLevelType w:val="multilevel"/>'
    + _list_level(0, "%1.", "Heading1", 567)
    + _list_level(1, "%1.%2", "Clause", 567)
    + _list_level(2, "(%3)", "Item", 1134, "lowerLetter")
    + '</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
)

"""Small DOCX files for tests, put together from raw WordprocessingML so that each structure is exactly what Word writes."""

from __future__ import annotations

import zipfile
from pathlib import Path

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
NAMESPACES = " ".join(
    f'xmlns:{prefix}="{uri}"'
    for prefix, uri in {
        "w": W,
        "r": R,
        "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
        "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
        "wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
        "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
        "pic": "http://schemas.openxmlformats.org/drawingml/2006/picture",
        "v": "urn:schemas-microsoft-com:vml",
        "o": "urn:schemas-microsoft-com:office:office",
        "m": "http://schemas.openxmlformats.org/officeDocument/2006/math",
        "w14": "http://schemas.microsoft.com/office/word/2010/wordml",
    }.items()
)
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_KINDS = {
    "word/styles.xml": "styles",
    "word/numbering.xml": "numbering",
    "word/comments.xml": "comments",
    "word/footnotes.xml": "footnotes",
    "word/endnotes.xml": "endnotes",
    "word/header1.xml": "header",
    "word/footer1.xml": "footer",
}
_ROOTS = {"numbering": "numbering", "styles": "styles", "comments": "comments", "header": "hdr", "footer": "ftr"}
_ROOTS |= {"footnotes": "footnotes", "endnotes": "endnotes"}


def write_docx(
    path: Path, body: str, *, relations: str = "", members: dict[str, bytes] | None = None, **parts: str
) -> Path:
    """Write a DOCX: ``body`` is the inside of ``w:body``; ``parts`` the inside of ``styles``, ``numbering``, ``header1``, ..."""
    written = {f"word/{name}.xml": content for name, content in parts.items()}
    links, overrides = [], []
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, (name, content) in enumerate(written.items()):
            kind = _KINDS[name]
            links.append(f'<Relationship Id="rPart{number}" Type="{R}/{kind}" Target="{name.removeprefix("word/")}"/>')
            root = _ROOTS[kind]
            overrides.append(
                f'<Override PartName="/{name}" ContentType="application/vnd.openxmlformats-officedocument.'
                f'wordprocessingml.{kind}+xml"/>'
            )
            archive.writestr(name, f'<?xml version="1.0" encoding="UTF-8"?><w:{root} {NAMESPACES}>{content}</w:{root}>')
        archive.writestr("word/document.xml", document_xml(body))
        archive.writestr(
            "word/_rels/document.xml.rels",
            f'<Relationships xmlns="{_PACKAGE}/relationships">{"".join(links)}{relations}</Relationships>',
        )
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" Type="{R}/officeDocument" '
            'Target="word/document.xml"/></Relationships>',
        )
        archive.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.'
            'openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>'
            '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.'
            f'wordprocessingml.document.main+xml"/>{"".join(overrides)}</Types>',
        )
        for name, content in (members or {}).items():
            archive.writestr(name, content)
    return path


def document_xml(body: str) -> str:
    """The whole of word/document.xml around the inside of its body."""
    return f'<?xml version="1.0" encoding="UTF-8"?><w:document {NAMESPACES}><w:body>{body}</w:body></w:document>'


def run(text: str, properties: str = "") -> str:
    """A run of text."""
    return f'<w:r>{properties and f"<w:rPr>{properties}</w:rPr>"}<w:t xml:space="preserve">{text}</w:t></w:r>'


def paragraph(content: str, properties: str = "", *, mark: str = "") -> str:
    """A paragraph; ``content`` is runs or plain words, ``mark`` the inside of its mark's run properties."""
    inside = content if content.startswith("<") or not content else run(content)
    own = properties + (f"<w:rPr>{mark}</w:rPr>" if mark else "")
    return f"<w:p>{own and f'<w:pPr>{own}</w:pPr>'}{inside}</w:p>"


def listed(text: str, num_id: int, level: int = 0) -> str:
    """A paragraph in a list."""
    return paragraph(text, f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{num_id}"/></w:numPr>')


def inserted(content: str, author: str = "Ann", date: str = "2026-01-02T03:04:05Z", name: str = "ins") -> str:
    """Runs as a tracked insertion."""
    inside = content if content.startswith("<") else run(content)
    return f'<w:{name} w:id="1" w:author="{author}" w:date="{date}">{inside}</w:{name}>'


def deleted(text: str, author: str = "Bob", date: str = "2026-01-03T03:04:05Z", name: str = "del") -> str:
    """Words as a tracked deletion."""
    tag = "t" if name == "moveFrom" else "delText"
    return (
        f'<w:{name} w:id="2" w:author="{author}" w:date="{date}"><w:r><w:{tag} xml:space="preserve">{text}</w:{tag}>'
        f"</w:r></w:{name}>"
    )


def mark(name: str, author: str = "Ann", date: str = "2026-01-02T03:04:05Z") -> str:
    """The change of a paragraph mark or table row: an empty element."""
    return f'<w:{name} w:id="3" w:author="{author}" w:date="{date}"/>'


def level(index: int, form: str, text: str, *, start: int = 1, more: str = "") -> str:
    """One level of a list definition; ``more`` goes before its text (``w:isLgl``, ``w:suff``, ...)."""
    return (
        f'<w:lvl w:ilvl="{index}"><w:start w:val="{start}"/><w:numFmt w:val="{form}"/>{more}'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
    )


def lists(*definitions: str, nums: str = "") -> str:
    """Numbering parts: each definition's levels as abstractNum 0, 1, ... and as num 1, 2, ...; ``nums`` are further ones."""
    abstract = "".join(f'<w:abstractNum w:abstractNumId="{i}">{d}</w:abstractNum>' for i, d in enumerate(definitions))
    concrete = "".join(
        f'<w:num w:numId="{i + 1}"><w:abstractNumId w:val="{i}"/></w:num>' for i in range(len(definitions))
    )
    return abstract + concrete + nums


def cell(*paragraphs: str, properties: str = "") -> str:
    """A table cell of paragraphs (XML or plain words)."""
    inside = "".join(p if p.startswith("<") else paragraph(p) for p in paragraphs) or "<w:p/>"
    return f"<w:tc>{properties and f'<w:tcPr>{properties}</w:tcPr>'}{inside}</w:tc>"


def row(*cells: str, properties: str = "") -> str:
    """A table row."""
    return f"<w:tr>{properties and f'<w:trPr>{properties}</w:trPr>'}{''.join(cells)}</w:tr>"


def table(*rows: str) -> str:
    """A table."""
    return f"<w:tbl><w:tblPr/><w:tblGrid/>{''.join(rows)}</w:tbl>"

"""Read a DOCX as Word shows it: text with its numbers, tables, notes, comments, and tracked changes both ways.

``docx_package`` opens the file, ``docx_body`` collects paragraphs, ``docx_flow`` writes them; here the parts come together.
The XML is read directly (python-docx drops changes, numbers and text boxes).
"""

from __future__ import annotations

from collections import Counter as Tally
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...core.errors import InputError
from ..document import Document
from .assembly import Assembly, Mark, Segment, plain
from .docx_body import Item, Paragraph, Walker
from .docx_flow import Flow
from .docx_number_formats import formatted
from .docx_numbering import Numbering, read_numbering
from .docx_package import REPAIR, Package, child, children, open_package, short, value
from .docx_styles import read_styles
from .limits import MAX_XML_DEPTH

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_MAX_METADATA_CHARS = 500


def read_docx(path: Path, digest: str) -> Document:
    """Read the DOCX at ``path``; ``digest`` is its SHA-256.

    The text is the accepted view of tracked changes. Footnotes and endnotes follow the body as blocks; headers and
    footers are kept in ``metadata["furniture"]`` and not in the text. ``Place.paragraph`` counts every paragraph of the file
    (table cells, text boxes and notes too), ``Place.offset`` every character in it, deleted and hidden ones too.

    Raises:
        InputError: with one of the codes ``empty``, ``no_text``, ``encrypted``, ``unsupported``, ``corrupt``, ``too_large``,
            ``zip_bomb``, ``too_deep``, ``unsafe_xml``, ``unreadable``.
    """
    package = open_package(path)
    try:
        return _read(package, path.name, digest)
    except RecursionError as error:
        raise InputError(
            f"the DOCX is nested deeper than {MAX_XML_DEPTH} levels", code="too_deep", remedy=REPAIR
        ) from error
    finally:
        package.archive.close()


def _read(package: Package, name: str, digest: str) -> Document:
    root = package.part(package.main)
    body = child(root, "w:body")
    if body is None:
        raise InputError(
            "the DOCX has no body: it is not a Word document, or incomplete", code="corrupt", remedy=REPAIR
        )
    styles = read_styles(_related_part(package, "styles"))
    numbering = read_numbering(_related_part(package, "numbering"), styles)
    walker = Walker(package, styles, numbering)
    items = walker.read(body, package.main)
    broken_fields = walker.fields_open
    if broken_fields:  # a field without an end would swallow the rest of the text: read all text instead
        walker = Walker(package, styles, numbering, fields=False)
        items = walker.read(body, package.main)
    assembly = Assembly()
    flow = Flow(assembly, numbering)
    flow.write(items)
    _write_notes(package, walker, flow)
    num_detached = _add_comments(package, assembly)
    furniture = _furniture(package, walker, numbering)
    document = assembly.document(
        name=name,
        format="docx",
        digest=digest,
        unread=walker.unread,
        removed=_removed(walker, furniture),
        metadata=_metadata(package, furniture),
    )
    if not document.text.strip():
        raise _no_text(document, walker)
    notes = _notes(package, document, walker)
    if broken_fields:
        notes.append("A field has no end: all its text was read.")
    if num_detached:
        notes.append(f"{num_detached} comments belong to no place in the text and were left out.")
    return replace(document, notes=tuple(notes))


def _related_part(package: Package, kind: str) -> Element | None:
    found = package.related(kind)
    if found:
        return None if found[0].external else package.part(found[0].target)
    return None


def _no_text(document: Document, walker: Walker) -> InputError:
    if document.changes:
        return InputError(
            "every word of the document is deleted by tracked changes",
            code="no_text",
            remedy="Reject the deletions in Word, or ask which version is meant.",
        )
    if walker.unread:
        return InputError(
            "the document holds no text, only pictures or embedded files",
            code="no_text",
            remedy="Run OCR on the pictures, or review the embedded files by themselves.",
        )
    return InputError("the document holds no text", code="no_text", remedy="Ask the sender for a new copy.")


# Footnotes and endnotes


def _write_notes(package: Package, walker: Walker, flow: Flow) -> None:
    """Footnotes, then endnotes, in the order in which the text refers to them, each as a block with its number."""
    for kind, form in (("footnote", "decimal"), ("endnote", "lowerRoman")):
        found = package.related(f"{kind}s")
        if not found or found[0].external:
            continue
        part = found[0].target
        notes = {value(note, "id"): note for note in children(package.part(part), f"w:{kind}")}
        count = 0
        for reference, identifier, mark in list(walker.notes):
            note = notes.pop(identifier, None) if reference == kind else None
            if note is None:
                continue
            number = ""
            if mark is None or mark.kind == "insertion":
                count += 1
                number = formatted(count, form)
            flow.write(_numbered(walker.read(note, part, mark), number, mark), kind="footnote")


def _numbered(items: list[Item], number: str, mark: Mark | None) -> list[Item]:
    """Put a note's number in front of its first words."""
    for item in items:
        if isinstance(item, Paragraph) and any(segment.text.strip() for segment in item.segments):
            for position, segment in enumerate(item.segments):
                if segment.text and number:
                    lead = Segment(f"{number} ", item.index, segment.offset, mark)
                    item.segments.insert(position, lead)
                    break
            break
    return items


# Comments


def _add_comments(package: Package, assembly: Assembly) -> int:
    """Attach the comments to their ranges; returns how many have none."""
    num_detached = 0
    for comment in children(_related_part(package, "comments"), "w:comment"):
        text = _text_of(comment)
        identifier = value(comment, "id") or ""
        author, date = value(comment, "author") or "", value(comment, "date") or ""
        if text and not assembly.add_comment(identifier, author.strip(), date.strip(), text):
            num_detached += 1
    return num_detached


def _text_of(element: Element) -> str:
    """The plain words of an element, a line a paragraph."""
    lines: list[str] = []
    for paragraph in element.iter():
        if short(paragraph.tag) == "w:p":
            words: list[str] = []
            for inner in paragraph.iter():
                name = short(inner.tag)
                if name == "w:t":
                    words.append(inner.text or "")
                elif name in ("w:tab", "w:br", "w:cr"):
                    words.append(" ")
            lines.append(" ".join(plain("".join(words)).split()))
    return "\n".join(line for line in lines if line)


# Headers, footers, what the file says about itself


def _furniture(package: Package, walker: Walker, numbering: Numbering) -> tuple[str, ...]:
    """The texts of all headers and footers that a section uses, each once."""
    relations = package.relations_of(package.main)
    texts: list[str] = []
    for identifier in walker.sections:
        found = relations.get(identifier)
        root = package.part(found.target) if found is not None and not found.external else None
        if found is None or root is None:
            continue
        reader = Walker(package, walker.styles, numbering, fields=not walker.fields_open)
        assembly = Assembly()
        Flow(assembly, numbering).write(reader.read(root, found.target))
        text = assembly.document(name="", format="docx", digest="").text.replace("\n\n", "\n").strip()
        if text and text not in texts:
            texts.append(text)
    return tuple(texts)


def _removed(walker: Walker, furniture: tuple[str, ...]) -> dict[str, int]:
    removed: Tally[str] = Tally(walker.removed)
    # Instructions of fields are no text of the contract; that they were dropped is no news.
    del removed["field instruction"]
    if furniture:
        removed["header or footer"] = len(furniture)
    return dict(removed)


def _metadata(package: Package, furniture: tuple[str, ...]) -> dict[str, Any]:
    metadata: dict[str, Any] = {"furniture": furniture}
    found = package.related("core-properties", "")
    root = package.part(found[0].target) if found and not found[0].external else None
    names = {"title": "title", "creator": "author", "lastModifiedBy": "last_modified_by", "created": "created"}
    names["modified"] = "modified"
    for element in root if root is not None else ():
        name = str(element.tag).rpartition("}")[2]
        if name in names and element.text and element.text.strip():
            metadata[names[name]] = element.text.strip()[:_MAX_METADATA_CHARS]
    return metadata


def _notes(package: Package, document: Document, walker: Walker) -> list[str]:
    notes: list[str] = []
    if document.changes:
        insertions = sum(change.kind == "insertion" for change in document.changes)
        deletions = len(document.changes) - insertions
        authors = {change.author for change in document.changes if change.author}
        notes.append(
            f"Tracked changes: {insertions} insertions and {deletions} deletions by {max(1, len(authors))} "
            f"author{'s' if len(authors) > 1 else ''}, read as accepted."
        )
    if hidden := document.removed.get("hidden text", 0):
        notes.append(f"{hidden} pieces of hidden text were left out.")
    if walker.formulas:
        notes.append(f"{walker.formulas} formulas are shown as plain text.")
    if any(name.lower().endswith("vbaproject.bin") for name in package.names):
        notes.append("The file contains macros; they were ignored.")
    external = [r for r in package.relations_of(package.main).values() if r.external and r.kind != "hyperlink"]
    if external:
        notes.append(f"{len(external)} links to outside files were not followed.")
    return notes

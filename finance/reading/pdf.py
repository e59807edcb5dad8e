"""Read a PDF's text layer: words, reading order, furniture, paragraphs, and what could not be read.

The reader of the PDF format; its stages are ``page_text`` (words), ``page_image`` (does the layer fit the page),
``order`` (columns, tables, lines), ``furniture`` (headers and page numbers) and ``paragraphs`` (text, blocks, places). Pages are
opened and closed one at a time, so memory grows with the text and not with the file. Nothing in the file is executed:
scripts are noted, embedded files are listed, neither is opened.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from ...core.errors import InputError
from ..document import Document, Unread
from .furniture import PageLines, without_furniture
from .graphics import Graphics, page_graphics
from .joints import SourceLine, source_lines
from .limits import (
    MAX_PDF_ANNOTATIONS,
    MAX_PDF_ATTACHMENTS_NAMED,
    MAX_PDF_BYTES,
    MAX_PDF_CHARS,
    MAX_PDF_PAGES,
    MEBIBYTE,
)
from .order import reading_order
from .page_image import PageCheck, check_page
from .page_text import PageText, page_text
from .page_tree import SOURCE_REMEDY, count_notes, page_tree, pages_left_out
from .paragraphs import paragraphs

OCR_REMEDY = "run text recognition (OCR) on it, for example with OCRmyPDF, or ask for the digital original"
_HAS_SCRIPT = re.compile(rb"/JavaScript\b|/JS\s*(?:\(|<|\d+\s+\d+\s+R)")
_PDF_DATE = re.compile(r"D:(\d{4})(\d{2})?(\d{2})?")


def read_pdf(path: Path, digest: str, *, before_page: Callable[[int], None] = lambda number: None) -> Document:
    """Read the PDF at ``path`` in this process; ``digest`` is its SHA-256. ``before_page`` is called with each page's number.

    Raises:
        InputError: it is encrypted, corrupt, too large, or no page of it can be read
            (codes ``encrypted``, ``corrupt``, ``too_large``, ``no_text``, ``unreadable``).
    """
    content = _content(path)
    pdf = _open(content, path.name)
    try:
        return _read(pdf, content, path, digest, before_page)
    finally:
        pdf.close()


def _content(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > MAX_PDF_BYTES:
            raise InputError(
                f"{path.name} is {size / MEBIBYTE:,.0f} MiB, more than {MAX_PDF_BYTES // MEBIBYTE} MiB",
                code="too_large",
                remedy="reduce the pictures in it, or split it",
            )
        return path.read_bytes()
    except OSError as error:
        raise InputError(
            f"{path.name} cannot be opened: {error.strerror}", code="unreadable", remedy="check the file's permissions"
        ) from error


def _open(content: bytes, name: str) -> Any:
    """Open the PDF, its form fields filled in; map PDFium's refusals."""
    import pypdfium2
    import pypdfium2.raw as pdfium

    try:
        pdf = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        if error.err_code in (pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY):
            raise InputError(
                f"{name} is encrypted and needs a password",
                code="encrypted",
                remedy="save it without a password (print it to a new PDF) and review that file",
            ) from error
        raise InputError(
            f"{name} is not a readable PDF: it is cut short or damaged", code="corrupt", remedy=SOURCE_REMEDY
        ) from error
    try:
        num_pages = len(pdf)
        if num_pages > MAX_PDF_PAGES:
            tree = page_tree(content)
            if tree is not None and tree.named < num_pages:
                reason = f"{name} is damaged: it says that it has {num_pages:,} pages, and names {tree.named:,}"
                raise InputError(reason, code="corrupt", remedy=SOURCE_REMEDY)
            raise InputError(
                f"{name} has {num_pages:,} pages, more than {MAX_PDF_PAGES:,}",
                code="too_large",
                remedy="split it and review the parts",
            )
        if num_pages <= 0:
            raise InputError(f"{name} has no pages", code="corrupt", remedy=SOURCE_REMEDY)
        return pdf
    except BaseException:
        pdf.close()
        raise


@dataclass
class _Pages:
    """What is gathered while the pages go by."""

    lines: list[PageLines] = field(default_factory=list)
    sources: list[list[SourceLine]] = field(default_factory=list)
    refused: list[tuple[int, str, str, str]] = field(default_factory=list)
    removed: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)
    num_chars: int = 0

    def refuse(self, number: int, code: str, reason: str, remedy: str) -> None:
        self.refused.append((number, code, reason, remedy))


def _read(pdf: Any, content: bytes, path: Path, digest: str, before_page: Callable[[int], None]) -> Document:
    num_pages = len(pdf)
    tree = page_tree(content)
    pages = _Pages()
    has_forms = _prepare_forms(pdf)
    for number in range(1, num_pages + 1):
        before_page(number)
        _read_page(pdf, number, path.name, has_forms, pages)
        if pages.num_chars > MAX_PDF_CHARS:
            raise InputError(
                f"{path.name} holds more than {MAX_PDF_CHARS:,} characters",
                code="too_large",
                remedy="split it and review the parts",
            )
    unread = _gathered(pages.refused)
    if not pages.num_chars:
        _refuse_whole(path.name, pages, unread)
    kept, furniture = without_furniture(pages.lines)
    lines = [
        source for page, sources in zip(kept, pages.sources, strict=True) for source in _still_there(page, sources)
    ]
    result = paragraphs(lines)
    removed = {**furniture, **pages.removed}
    if result.num_joined:
        removed["hyphen at a line end"] = result.num_joined
    if b"%%EOF" not in content[-4096:]:
        unread = (
            *unread,
            Unread(
                "end of the file", "truncated", "the file ends before a PDF should: pages may be missing", SOURCE_REMEDY
            ),
        )
    return Document(
        name=path.name,
        format="pdf",
        digest=digest,
        text=result.text,
        blocks=result.blocks,
        places=result.places,
        num_pages=num_pages,
        unread=(*unread, *pages_left_out(tree, num_pages), *_attachments(pdf)),
        removed={kind: count for kind, count in removed.items() if count},
        notes=(*pages.notes, *count_notes(tree, num_pages), *_file_notes(pdf, content)),
        metadata=_metadata(pdf),
    )


def _still_there(page: PageLines, sources: Sequence[SourceLine]) -> list[SourceLine]:
    stay = {id(line) for line in page.lines}
    return [source for source in sources if id(source.line) in stay]


def _prepare_forms(pdf: Any) -> bool:
    """Let PDFium make the appearance of form fields, so that what was filled in is read; whether there are any."""
    import pypdfium2

    try:
        return bool(pdf.init_forms())
    except pypdfium2.PdfiumError:
        return False


def _read_page(pdf: Any, number: int, name: str, has_forms: bool, pages: _Pages) -> None:
    """Read one page into ``pages``; a page that cannot be read is listed with its reason."""
    import pypdfium2

    try:
        page = _flattened(pdf, number, has_forms, pages)
        try:
            text = page_text(page, f"page {number} of {name}")
            graphics = page_graphics(page)
            check = check_page(page, text, graphics.cover)
        finally:
            page.close()
    except pypdfium2.PdfiumError:
        pages.refuse(number, "corrupt", "the page is damaged and could not be opened", SOURCE_REMEDY)
        return
    pages.removed["slanted text"] += text.num_slanted
    pages.removed["text outside the page"] += text.num_outside
    pages.removed["word printed twice"] += text.num_overprinted
    if check.verdict == "blank":
        pages.notes.append(f"page {number} is blank")
        return
    if check.verdict in ("picture_only", "stamp_only"):
        pages.refuse(number, "no_text", check.reason, OCR_REMEDY)
        return
    if check.verdict in ("unfit", "garbled"):
        pages.refuse(number, "text_unfit", check.reason, OCR_REMEDY)
        return
    if check.verdict == "picture_beside":
        pages.refuse(number, "picture", check.reason, OCR_REMEDY)
    _keep_page(text, graphics, check, number, pages)


def _keep_page(text: PageText, graphics: Graphics, check: PageCheck, number: int, pages: _Pages) -> None:
    words = text.upright
    if check.visible is not None and not check.visible.all():
        num_hidden = int((~check.visible).sum())
        pages.removed["invisible word"] += num_hidden
        pages.notes.append(f"page {number} holds {num_hidden} words that are not visible on it; they were left out")
        words = words.only(check.visible)
    sources: list[SourceLine] = []
    for direction, group in enumerate((words, *text.turned)):
        lines = reading_order(group, graphics if direction == 0 else None, first_region=len(sources))
        sources += source_lines(number, group, lines, turned=direction > 0)
    pages.num_chars += sum(len(word) for source in sources for word in source.words)
    pages.sources.append(sources)
    pages.lines.append(
        PageLines(
            number,
            text.width,
            text.height,
            tuple(source.line for source in sources),
            tuple(source.text for source in sources),
        )
    )


def _flattened(pdf: Any, number: int, has_forms: bool, pages: _Pages) -> Any:
    """The page, with form fields, stamps and typed notes made part of its text."""
    import pypdfium2.raw as pdfium

    page = pdf[number - 1]
    num_annotations = pdfium.FPDFPage_GetAnnotCount(page)
    if num_annotations <= 0 and not has_forms:
        return page
    num_comments = _num_comments(page, num_annotations)
    if num_comments:
        pages.notes.append(f"page {number} carries {num_comments} comment(s) or strike-out(s); they were not read")
    done = pdfium.FPDFPage_Flatten(page, pdfium.FLAT_NORMALDISPLAY)
    if done == pdfium.FLATTEN_SUCCESS:
        page.close()
        return pdf[number - 1]
    if done == pdfium.FLATTEN_FAIL:
        pages.notes.append(f"the form fields of page {number} could not be read")
    return page


def _num_comments(page: Any, num_annotations: int) -> int:
    """How many notes, highlights and strike-outs reviewers left on a page."""
    import pypdfium2.raw as pdfium

    kinds = (
        pdfium.FPDF_ANNOT_TEXT,
        pdfium.FPDF_ANNOT_HIGHLIGHT,
        pdfium.FPDF_ANNOT_UNDERLINE,
        pdfium.FPDF_ANNOT_SQUIGGLY,
        pdfium.FPDF_ANNOT_STRIKEOUT,
        pdfium.FPDF_ANNOT_CARET,
    )
    found = 0
    for index in range(min(num_annotations, MAX_PDF_ANNOTATIONS)):
        annotation = pdfium.FPDFPage_GetAnnot(page, index)
        if annotation:
            found += pdfium.FPDFAnnot_GetSubtype(annotation) in kinds
            pdfium.FPDFPage_CloseAnnot(annotation)
    return found


def _gathered(refused: Sequence[tuple[int, str, str, str]]) -> tuple[Unread, ...]:
    """One entry for each stretch of pages with the same trouble."""
    stretches: list[list[Any]] = []
    for number, *trouble in refused:
        if stretches and stretches[-1][2] == trouble and stretches[-1][1] == number - 1:
            stretches[-1][1] = number
        else:
            stretches.append([number, number, trouble])
    return tuple(
        Unread(f"page {first}" if first == last else f"pages {first}-{last}", *trouble)
        for first, last, trouble in stretches
    )


def _refuse_whole(name: str, pages: _Pages, unread: Sequence[Unread]) -> NoReturn:
    """No page has text: say why.

    Raises:
        InputError: always.
    """
    codes = {entry.code for entry in unread}
    if codes == {"corrupt"}:
        raise InputError(f"no page of {name} can be opened: the file is damaged", code="corrupt", remedy=SOURCE_REMEDY)
    if codes == {"text_unfit"}:
        raise InputError(f"no page of {name} can be read: {unread[0].reason}", code="text_unfit", remedy=OCR_REMEDY)
    if not codes:
        raise InputError(f"all pages of {name} are blank", code="no_text", remedy="check that this is the right file")
    raise InputError(f"no page of {name} has text that can be read: it is a scan", code="no_text", remedy=OCR_REMEDY)


def _attachments(pdf: Any) -> tuple[Unread, ...]:
    """The files embedded in the PDF, by name; none is opened."""
    import pypdfium2

    found: list[Unread] = []
    count = max(0, pdf.count_attachments())
    for index in range(min(count, MAX_PDF_ATTACHMENTS_NAMED)):
        try:
            name = _one_line(pdf.get_attachment(index).get_name()) or "without a name"
        except (pypdfium2.PdfiumError, UnicodeError, ValueError):
            name = "without a name"
        found.append(
            Unread(
                f"embedded file {name}",
                "embedded",
                "a file is embedded in the PDF; it was not opened",
                "save the embedded file and review it by itself",
            )
        )
    if count > MAX_PDF_ATTACHMENTS_NAMED:
        more = count - MAX_PDF_ATTACHMENTS_NAMED
        found.append(
            Unread(f"{more} more embedded files", "embedded", "they were not opened", "save them from the PDF")
        )
    return tuple(found)


def _file_notes(pdf: Any, content: bytes) -> tuple[str, ...]:
    import pypdfium2.raw as pdfium

    notes: list[str] = []
    if pdfium.FPDFDoc_GetJavaScriptActionCount(pdf) > 0 or _HAS_SCRIPT.search(content):
        notes.append("contains a script; it was ignored")
    num_signatures = pdfium.FPDF_GetSignatureCount(pdf)
    if num_signatures > 0:
        notes.append(f"holds {num_signatures} digital signature(s); their validity was not checked")
    if pdfium.FPDF_GetFormType(pdf) in (pdfium.FORMTYPE_XFA_FULL, pdfium.FORMTYPE_XFA_FOREGROUND):
        notes.append("holds an XFA form; only what its pages show was read")
    return tuple(notes)


def _metadata(pdf: Any) -> dict[str, Any]:
    """Title, author, program and dates as the file gives them, and the number of digital signatures."""
    import pypdfium2.raw as pdfium

    found: dict[str, Any] = {}
    for key in ("Title", "Author", "Creator", "Producer", "CreationDate", "ModDate"):
        try:
            value = _one_line(pdf.get_metadata_value(key))
        except (UnicodeError, ValueError):
            continue
        if key.endswith("Date"):
            match = _PDF_DATE.match(value)
            value = "-".join(part for part in match.groups() if part) if match else ""
        if value:
            found[key.lower()] = value
    found["digital_signatures"] = max(0, pdfium.FPDF_GetSignatureCount(pdf))
    return found


def _one_line(text: str, limit: int = 200) -> str:
    """A name from the file made safe to show: printable, on one line, short."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())[:limit]

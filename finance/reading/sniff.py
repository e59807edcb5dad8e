"""What a file really is, told from its content and never from its name.

The first look of ``read`` and of ``find``: a few kilobytes from both ends of the file are compared with the signatures
of the formats that are read and of those that people mistake for them. What cannot be read is refused with its real
kind and with what to do about it.
"""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from ...core.errors import InputError
from ..document import Format

HEAD_BYTES = 64 * 1024
TAIL_BYTES = 256 * 1024
SUFFIXES: dict[str, Format] = {
    ".pdf": "pdf",
    ".docx": "docx",
    ".txt": "txt",
    ".text": "txt",
    ".md": "md",
    ".markdown": "md",
    ".html": "html",
    ".htm": "html",
}
"""File name endings of the formats that are read."""

NAMES: dict[Format, str] = {"pdf": "PDF", "docx": "DOCX", "txt": "text", "md": "Markdown", "html": "HTML"}

_SAVE_AS_DOCX = "open it in Word or LibreOffice and save it as DOCX"
_NOT_A_CONTRACT = "put the contract itself here: PDF, DOCX, HTML, Markdown or text"
_PICTURE = "run text recognition (OCR) on it and save the result as PDF, or ask for the digital original"
_UNPACK = "unpack it and review the files in it"

# (offset, bytes at it, what it is, what to do)
_SIGNATURES: tuple[tuple[int, bytes, str, str], ...] = (
    (0, b"{\\rtf", "an RTF document", _SAVE_AS_DOCX),
    (0, b"\x89PNG\r\n\x1a\n", "a PNG image", _PICTURE),
    (0, b"\xff\xd8\xff", "a JPEG image", _PICTURE),
    (0, b"GIF8", "a GIF image", _PICTURE),
    (0, b"II*\x00", "a TIFF image", _PICTURE),
    (0, b"MM\x00*", "a TIFF image", _PICTURE),
    (0, b"BM", "a BMP image", _PICTURE),
    (8, b"WEBP", "a WebP image", _PICTURE),
    (4, b"ftypheic", "a HEIC image", _PICTURE),
    (4, b"ftyp", "a video or a HEIF image", _NOT_A_CONTRACT),
    (0, b"\x1f\x8b", "a gzip archive", _UNPACK),
    (0, b"BZh", "a bzip2 archive", _UNPACK),
    (0, b"\xfd7zXZ\x00", "an xz archive", _UNPACK),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", _UNPACK),
    (0, b"Rar!\x1a\x07", "a RAR archive", _UNPACK),
    (257, b"ustar", "a tar archive", _UNPACK),
    (0, b"MZ", "a Windows program", _NOT_A_CONTRACT),
    (0, b"\x7fELF", "a program", _NOT_A_CONTRACT),
    (0, b"SQLite format 3\x00", "a SQLite database", _NOT_A_CONTRACT),
    (0, b"%!PS", "a PostScript file", "convert it to PDF"),
    (0, b"\xdb\xa5\x2d\x00", "an old Word document", _SAVE_AS_DOCX),
    (0, b"\x31\xbe\x00\x00", "an old Word document", _SAVE_AS_DOCX),
    (0, b"\xffWPC", "a WordPerfect document", _SAVE_AS_DOCX),
)
_TEXT_LIKE_SIGNATURES = frozenset({b"BM", b"MZ"})
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_HTML_START = re.compile(
    r"\s*(?:<!--.*?-->\s*)*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html\b)", re.IGNORECASE | re.DOTALL
)
_HTML_TAG = re.compile(
    r"<(?:html|head|body|div|p|table|tr|td|span|font|center|br|h[1-6]|b|i|ul|ol|hr|title)\b[^<>]{0,400}>", re.IGNORECASE
)
_MHTML = re.compile(
    r"\s*(?:from|mime-version|date|subject|content-type)\s*:.*multipart/related", re.IGNORECASE | re.DOTALL
)
_PDF_OBJECT = re.compile(rb"\d+\s+\d+\s+obj\b")
MIN_TAGS_OF_HTML = 5


@dataclass(frozen=True)
class Sniffed:
    """A file that can be read: its ``format``, and a ``note`` where its name says otherwise (else empty)."""

    format: Format
    note: str = ""


def sniff(path: Path) -> Sniffed:
    """Tell the format of the file at ``path`` from its content.

    Raises:
        InputError: it is empty, unreadable, encrypted, or of a kind that is not read
            (codes ``empty``, ``unreadable``, ``not_a_file``, ``encrypted``, ``unsupported``, ``mislabelled``).
    """
    head, tail, size = _ends(path)
    if size == 0:
        raise InputError(f"{path.name} is empty", code="empty", remedy="check that the file was copied whole")
    suffix = path.suffix.lower()
    named = SUFFIXES.get(suffix)
    found = _format(head, tail, path.name, suffix, named)
    if named is not None and named != found and {named, found} != {"txt", "md"}:
        return Sniffed(found, f"named {suffix}, but its content is {NAMES[found]}: read as {NAMES[found]}")
    if named is None and suffix in (".doc", ".rtf", ".odt"):
        return Sniffed(found, f"named {suffix}, but its content is {NAMES[found]}: read as {NAMES[found]}")
    return Sniffed(found)


def _ends(path: Path) -> tuple[bytes, bytes, int]:
    """The first and last bytes of a regular file, and its size. A pipe or device is never waited for."""
    try:
        flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
        descriptor = os.open(path, flags)
        with os.fdopen(descriptor, "rb", buffering=0) as stream:
            status = os.fstat(stream.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise InputError(f"{path.name} is not a file", code="not_a_file", remedy=_NOT_A_CONTRACT)
            head = stream.read(HEAD_BYTES) or b""
            tail = head
            if status.st_size > HEAD_BYTES:
                stream.seek(max(HEAD_BYTES, status.st_size - TAIL_BYTES))
                tail = stream.read(TAIL_BYTES) or b""
            return head, tail, status.st_size
    except OSError as error:
        raise InputError(
            f"{path.name} cannot be opened: {error.strerror}",
            code="unreadable",
            remedy="check that it exists and that you may read it",
        ) from error


def _format(head: bytes, tail: bytes, name: str, suffix: str, named: Format | None) -> Format:
    if head.startswith(b"%PDF-"):
        return "pdf"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip_format(head, tail, name, named)
    if head.startswith(_OLE):
        _refuse_ole(head, tail, name, named)
    for offset, magic, what, remedy in _SIGNATURES:
        if head[offset : offset + len(magic)] == magic and not (magic in _TEXT_LIKE_SIGNATURES and _is_text(head)):
            _refuse(name, named, what, remedy)
    if b"%PDF-" in head[:1024] and _PDF_OBJECT.search(head):
        return "pdf"
    if not _is_text(head):
        _refuse(name, named, "binary data of an unknown kind", _NOT_A_CONTRACT)
    return _text_format(_decoded(head), name, suffix, named)


def _zip_format(head: bytes, tail: bytes, name: str, named: Format | None) -> Format:
    """DOCX, or a refusal that names what else is packed in the ZIP container."""
    seen = head + tail
    if b"word/" in seen:
        return "docx"
    if b"mimetypeapplication/vnd.oasis.opendocument.text" in head[:200]:
        _refuse(name, named, "an OpenDocument text", _SAVE_AS_DOCX)
    for mark, what, remedy in (
        (b"xl/", "an Excel workbook", _NOT_A_CONTRACT),
        (b"ppt/", "a PowerPoint presentation", "save it as PDF"),
        (b"mimetypeapplication/epub+zip", "an EPUB book", "save it as PDF"),
        (b"mimetypeapplication/vnd.oasis.opendocument", "an OpenDocument file", "save it as PDF"),
    ):
        if mark in seen:
            _refuse(name, named, what, remedy)
    if b"[Content_Types].xml" in seen and named == "docx":
        return "docx"
    _refuse(name, named, "a ZIP archive", _UNPACK)


def _refuse_ole(head: bytes, tail: bytes, name: str, named: Format | None) -> NoReturn:
    seen = head + tail
    if "EncryptedPackage".encode("utf-16-le") in seen:
        raise InputError(
            f"{name} is an Office document that needs a password",
            code="encrypted",
            remedy="open it, remove the password, and save it as DOCX",
        )
    if "WordDocument".encode("utf-16-le") in seen:
        _refuse(name, named, "a Word document of the old .doc kind", _SAVE_AS_DOCX)
    _refuse(name, named, "an old Office file (.doc, .xls, .msg)", _SAVE_AS_DOCX)


def _refuse(name: str, named: Format | None, what: str, remedy: str) -> NoReturn:
    """Refuse a file by what it is.

    Raises:
        InputError: always; ``mislabelled`` when its name promised a format that is read, else ``unsupported``.
    """
    if named is not None:
        raise InputError(f"{name} is named {NAMES[named]}, but is {what}", code="mislabelled", remedy=remedy)
    raise InputError(f"{name} is {what}, which is not read", code="unsupported", remedy=remedy)


def _is_text(head: bytes) -> bool:
    """Whether bytes can be text: no NUL outside UTF-16 and UTF-32, few control characters."""
    if any(head.startswith(bom) for bom, _ in _BOMS):
        return True
    sample = head[:8192]
    if b"\x00" in sample:
        return _wide(sample) is not None
    controls = sum(
        sample.count(bytes([code])) for code in range(0x20) if code not in (0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x1A, 0x1B)
    )
    return controls <= 0.02 * len(sample)


def _wide(sample: bytes) -> str | None:
    """The UTF-16 byte order in which most characters of ``sample`` are Latin; None when it is no UTF-16."""
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    half = max(1, len(sample) // 2)
    if odd > 0.6 * half and even < 0.05 * half:
        return "utf-16-le"
    if even > 0.6 * half and odd < 0.05 * half:
        return "utf-16-be"
    return None


def _decoded(head: bytes) -> str:
    for bom, encoding in _BOMS:
        if head.startswith(bom):
            return head[len(bom) :].decode(encoding, errors="replace")
    wide = _wide(head[:8192]) if b"\x00" in head[:8192] else None
    return head.decode(wide or "latin-1", errors="replace")


def _text_format(text: str, name: str, suffix: str, named: Format | None) -> Format:
    """HTML, Markdown or plain text; XML and saved e-mail are refused."""
    start = text.lstrip()
    if _HTML_START.match(text[:4096]):
        return "html"
    if _MHTML.match(text[:4096]):
        _refuse(name, named, "a web archive or an e-mail (MHTML)", "open it and save it as PDF or DOCX")
    if start.startswith("<?xml") and not _HTML_TAG.search(text):
        kind = "a Word XML document" if "schemas.microsoft.com/office/word" in text or "pkg:package" in text else "XML"
        _refuse(name, named, kind, _SAVE_AS_DOCX if kind != "XML" else _NOT_A_CONTRACT)
    if named == "md":
        return "md"
    tags = len(_HTML_TAG.findall(text))
    if named == "html":
        return "html" if tags else "txt"
    # Filings wrap their HTML in tags of their own, so the first tag is not always <html>.
    if start.startswith("<") and tags >= MIN_TAGS_OF_HTML:
        return "html"
    return "txt"

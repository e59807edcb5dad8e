"""Read a contract file into a Document: one format a file, ``read`` chooses by content.

The first stage of a review. ``sniff`` tells what a file really is, the reader of its format makes the ``Document``, and
``find`` lists the files below the paths that a user names. Limits stand in ``limits``.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import islice
from pathlib import Path

from ...core.errors import InputError
from ...core.files import sha256_of
from ..document import Document, Format
from .limits import MAX_DOCX_BYTES, MAX_HTML_BYTES, MAX_PDF_BYTES, MAX_TEXT_BYTES, MEBIBYTE, MIN_CONTRACT_WORDS
from .sniff import NAMES, SUFFIXES, Sniffed, sniff

MAX_BYTES: dict[Format, int] = {
    "pdf": MAX_PDF_BYTES,
    "docx": MAX_DOCX_BYTES,
    "txt": MAX_TEXT_BYTES,
    "md": MAX_TEXT_BYTES,
    "html": MAX_HTML_BYTES,
}
"""The largest file of each format that is read."""

_WORD = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]|[^\W\d_]{2,}")

__all__ = ["MAX_BYTES", "SUFFIXES", "Sniffed", "read", "require_words", "sniff"]


def read(path: Path) -> Document:
    """Read the contract at ``path``: its format is told from its content, whatever its name.

    Raises:
        InputError: it cannot be read. ``code`` is one of ``empty``, ``no_text``, ``text_unfit``, ``encrypted``,
            ``corrupt``, ``too_large``, ``mislabelled``, ``unsupported``, ``not_a_file``, ``unreadable``, or one
            of a format's own; ``remedy`` says what to do.
    """
    path = Path(path)
    sniffed = sniff(path)
    try:
        size = path.stat().st_size
        limit = MAX_BYTES[sniffed.format]
        if size > limit:
            raise InputError(
                f"{path.name} is {size / MEBIBYTE:,.0f} MiB; a {NAMES[sniffed.format]} file may have {limit // MEBIBYTE} MiB",
                code="too_large",
                remedy="split it and review the parts",
            )
        document = _read_as(sniffed.format, path, sha256_of(path))
    except OSError as error:
        raise InputError(
            f"{path.name} cannot be read: {error.strerror or error}",
            code="unreadable",
            remedy="check that it exists and that you may read it",
        ) from error
    if not document.text.strip():
        raise InputError(
            f"{path.name} holds no text",
            code="no_text",
            remedy="check that this is the right file and that it is whole",
        )
    if sniffed.note:
        document = replace(document, notes=(sniffed.note, *document.notes))
    return document


def require_words(document: Document) -> None:
    """See that ``document`` holds words enough to be reviewed: a level for a page of figures or a lone title says nothing.

    A word is two letters or more; in scripts that set no spaces, each letter.

    Raises:
        InputError: it has fewer than ``MIN_CONTRACT_WORDS`` (code ``no_text``).
    """
    count = sum(1 for _ in islice(_WORD.finditer(document.text), MIN_CONTRACT_WORDS))
    if count >= MIN_CONTRACT_WORDS:
        return
    held = f"{count} word{'' if count == 1 else 's'}" if count else "no words"
    unread = document.unread[0] if document.unread else None
    raise InputError(
        f"{document.name} holds {held}: too little to be a contract"
        + (f"; not read: {unread.where} ({unread.reason})" if unread else ""),
        code="no_text",
        remedy=unread.remedy if unread else "check that this is the right file and that it is whole",
    )


def _read_as(fmt: Format, path: Path, digest: str) -> Document:
    """Call the reader of one format; each is imported when it is first needed."""
    if fmt == "pdf":
        from .pdf_apart import read_pdf_apart

        return read_pdf_apart(path, digest)
    if fmt == "docx":
        from .docx import read_docx

        return read_docx(path, digest)
    if fmt == "html":
        from .html import read_html

        return read_html(path, digest)
    from .text import read_text

    return read_text(path, digest, fmt)

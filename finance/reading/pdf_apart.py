"""Read a PDF in a helper process: whatever PDFium does with a hostile file, the review goes on.

``read_pdf`` of ``pdf`` does the work over there; here are the call, the bounds, and the Document as JSON and back. A page
that takes more than its share of memory or time, or crashes PDFium, refuses the file by name and page.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ...core.confined import Bounds, Confined, Overrun
from ...core.errors import InputError
from ..document import Block, Document, Places, Unread
from .limits import MAX_PDF_MEMORY_BYTES, MAX_PDF_PAGE_MEMORY_BYTES, MAX_PDF_PAGE_SECONDS, MEBIBYTE

_HELPER = Confined(__name__, "answer")
_HARM = "it is damaged or made to do harm: print it to a new PDF in a viewer, or ask for the file again"
_PLACES = {"starts": "int64", "pages": "int32", "boxes": "float32"}


def read_pdf_apart(path: Path, digest: str) -> Document:
    """Read the PDF at ``path`` as ``read_pdf`` does, in a helper process that is kept for the next one.

    Raises:
        InputError: as ``read_pdf``; besides ``too_large`` where a page takes more than its memory or time, and
            ``corrupt`` where it crashes PDFium.
        WorkerError: no helper process can be started.
    """
    size = path.stat().st_size
    # Besides the file itself, which PDFium needs whole.
    bounds = Bounds(MAX_PDF_PAGE_MEMORY_BYTES + size, MAX_PDF_MEMORY_BYTES + size, MAX_PDF_PAGE_SECONDS)
    try:
        answer = _HELPER.ask({"path": str(path.absolute()), "digest": digest}, bounds)
    except Overrun as overrun:
        raise _refusal(overrun, path.name) from None
    return document_from(answer)


def _refusal(overrun: Overrun, name: str) -> InputError:
    what = f"{overrun.where} of {name}" if overrun.where else name
    if overrun.cause == "time":
        return InputError(f"{what} was not read after {MAX_PDF_PAGE_SECONDS:g} seconds", code="too_large", remedy=_HARM)
    if overrun.cause == "memory":
        allowed = f"{MAX_PDF_PAGE_MEMORY_BYTES // MEBIBYTE} MiB of memory"
        return InputError(f"{what} needs more than {allowed} to be read", code="too_large", remedy=_HARM)
    return InputError(f"{what} crashes the PDF reader", code="corrupt", remedy=_HARM)


def answer(request: Mapping[str, Any], step: Callable[[str], None]) -> dict[str, Any]:
    """The helper's side: read one file, a step a page."""
    from .pdf import read_pdf

    return document_to(read_pdf(Path(request["path"]), request["digest"], before_page=lambda n: step(f"page {n}")))


def document_to(document: Document) -> dict[str, Any]:
    """A PDF's Document as JSON can say it."""
    import numpy as np

    places = {
        name: base64.b64encode(np.ascontiguousarray(getattr(document.places, name), dtype).tobytes()).decode("ascii")
        for name, dtype in _PLACES.items()
    }
    return {
        "name": document.name,
        "digest": document.digest,
        "text": document.text,
        "blocks": [(block.start, block.end, block.kind, block.level, block.number) for block in document.blocks],
        "places": places,
        "num_pages": document.num_pages,
        "unread": [(entry.where, entry.code, entry.reason, entry.remedy) for entry in document.unread],
        "removed": dict(document.removed),
        "notes": document.notes,
        "metadata": dict(document.metadata),
    }


def document_from(content: Mapping[str, Any]) -> Document:
    """The Document that ``document_to`` wrote."""
    import numpy as np

    starts, pages, boxes = (
        np.frombuffer(base64.b64decode(content["places"][name]), dtype=dtype) for name, dtype in _PLACES.items()
    )
    return Document(
        name=content["name"],
        format="pdf",
        digest=content["digest"],
        text=content["text"],
        blocks=tuple(Block(*block) for block in content["blocks"]),
        places=Places(starts, pages=pages, boxes=boxes.reshape(-1, 4)),
        num_pages=content["num_pages"],
        unread=tuple(Unread(*entry) for entry in content["unread"]),
        removed=content["removed"],
        notes=tuple(content["notes"]),
        metadata=content["metadata"],
    )

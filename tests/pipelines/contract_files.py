"""Small contracts of our own as files of every format, and the real command to review them with.

Each contract holds a sentence that stands nowhere else (``mark``), so that a test can look for it where no contract's words may be.
"""

from __future__ import annotations

import html
import os
import subprocess
import sys
import textwrap
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

US = "Brackwater Foods Ltd"
NOT_OUTPUTS = ("run.json", "journal.jsonl", ".lock")
"""What tells times of day, or only that a run is alive."""

Piece = tuple[str, str]
"""A heading ("" for none) and a paragraph."""


def mark(name: str) -> str:
    """The sentence of the contract ``name`` that no other has."""
    return f"The token of this agreement is zyx{name.encode().hex()}xyz."


def pieces(name: str, *, repeats: int = 1) -> list[Piece]:
    """A services agreement with a low cap for the customer, a long renewal notice and two governing laws."""
    opening: list[Piece] = [
        ("SERVICES AGREEMENT", ""),
        (
            "",
            f'This Services Agreement is made on 3 March 2024 between Ostrander Logistics Inc. ("Supplier") and {US} ("Customer"). {mark(name)}',
        ),
    ]
    body = [
        (
            "Services",
            "Supplier shall store and deliver the goods that Customer hands over, at the rates in the order, with due care.",
        ),
        (
            "Term",
            "This Agreement begins on 1 April 2024 and continues for two (2) years. It renews automatically for successive terms of one (1) year "
            "unless either party gives notice at least one hundred eighty (180) days before the end of the term.",
        ),
        ("Fees", "Customer shall pay each undisputed invoice within thirty (30) days after receipt."),
        (
            "Liability",
            "Supplier's aggregate liability under this Agreement shall not exceed the fees paid in the one (1) month before the claim arose.",
        ),
        (
            "Termination",
            "Supplier may terminate this Agreement for convenience at any time on ten (10) days' written notice to Customer.",
        ),
        ("Law", "This Agreement is governed by the laws of the State of Delaware."),
        (
            "Disputes",
            "This Agreement shall be governed by and construed in accordance with the laws of England and Wales.",
        ),
        ("Assignment", "Neither party may assign this Agreement without the prior written consent of the other party."),
    ]
    numbered = [(f"{number}. {heading}", words) for number, (heading, words) in enumerate(body, 1)]
    filler = [
        (f"{number}. Instruction {number}", f"Supplier shall keep store room {number} dry, locked and free of pests.")
        for number in range(len(body) + 1, len(body) + repeats)
    ]
    return [*opening, *numbered, *filler, ("", f"Signed for {US} by its director."), ("", "By: ____________________")]


def as_txt(content: Sequence[Piece], path: Path) -> Path:
    return _write(path, "\n\n".join(part for piece in content for part in piece if part) + "\n")


def as_loose_txt(content: Sequence[Piece], path: Path) -> Path:
    """The same words with other line ends, wraps, indents and blank lines."""
    parts = [part for piece in content for part in piece if part]
    lines = [line for part in parts for line in [*textwrap.wrap(part, 66), "", ""]]
    return _write(path, "\r\n".join(f"   {line}" if line else "" for line in lines))


def as_md(content: Sequence[Piece], path: Path) -> Path:
    text = "\n\n".join(
        part for heading, words in content for part in (f"## {heading}" if heading else "", words) if part
    )
    return _write(path, text + "\n")


def as_html(content: Sequence[Piece], path: Path) -> Path:
    body = "".join(
        (f"<h2>{html.escape(heading)}</h2>" if heading else "") + (f"<p>{html.escape(words)}</p>" if words else "")
        for heading, words in content
    )
    return _write(path, f"<!doctype html><html><head><title>t</title></head><body>{body}</body></html>")


def as_docx(content: Sequence[Piece], path: Path) -> Path:
    from docx import Document

    document = Document()
    for heading, words in content:
        if heading:
            document.add_heading(heading, level=1)
        if words:
            document.add_paragraph(words)
    document.save(str(path))
    return path


def as_pdf(content: Sequence[Piece], path: Path, *, password: str = "") -> Path:
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.pdfencrypt import StandardEncryption
    from reportlab.lib.styles import getSampleStyleSheet
    from reportlab.platypus import Paragraph, SimpleDocTemplate

    styles = getSampleStyleSheet()
    flow = [
        Paragraph(html.escape(part), styles["Heading3" if part is heading else "BodyText"])
        for heading, words in content
        for part in (heading, words)
        if part
    ]
    lock = StandardEncryption(password) if password else None
    SimpleDocTemplate(str(path), pagesize=A4, invariant=1, encrypt=lock).build(flow)
    return path


WRITERS: Mapping[str, Callable[[Sequence[Piece], Path], Path]] = {
    "txt": as_txt,
    "md": as_md,
    "html": as_html,
    "docx": as_docx,
    "pdf": as_pdf,
}


def write_all(folder: Path) -> dict[str, Path]:
    """One contract of each format, by name."""
    folder.mkdir(parents=True, exist_ok=True)
    return {
        f"plain-{kind}": write(pieces(f"plain-{kind}"), folder / f"plain-{kind}.{kind}")
        for kind, write in WRITERS.items()
    }


def zip_bomb(path: Path, *, megabytes: int) -> Path:
    """A DOCX whose text unpacks to far more than its size."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open("word/document.xml", "w") as stream:
            for _ in range(megabytes):
                stream.write(b" " * (1 << 20))
    return path


def png_bytes(text: str) -> bytes:
    """A picture of one point with a comment in it."""
    import struct
    import zlib

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"tEXt", b"Comment\x00" + text.encode())
        + chunk(b"IDAT", zlib.compress(b"\0\0"))
        + chunk(b"IEND", b"")
    )


def command(*arguments: object) -> list[str]:
    """The real command as a program."""
    program = Path(sys.executable).with_name("dsapp")
    start = (
        [str(program)] if program.exists() else [sys.executable, "-c", "from dsapp.pipelines.cli import main; main()"]
    )
    return [*start, *map(str, arguments)]


def review(
    *arguments: object, timeout: float = 240, before: Callable[[], None] | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run ``dsapp finance review`` to its end."""
    return subprocess.run(
        command("finance", "review", *arguments),
        capture_output=True,
        text=True,
        errors="surrogateescape",
        timeout=timeout,
        check=False,
        env={**os.environ, **environment},
        preexec_fn=before,
    )


def outputs_of(folder: Path) -> dict[str, bytes]:
    """Every output of a run by name, but for those that tell times of day."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.relative_to(folder).parts[0] not in NOT_OUTPUTS
    }


def _write(path: Path, text: str) -> Path:
    path.write_bytes(text.encode("utf-8"))
    return path

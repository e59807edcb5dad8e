"""What an input really is, told from its first bytes and never from its name."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Literal

from ...core.errors import InputError

Kind = Literal["text", "gzip", "parquet", "excel", "duckdb", "sqlite"]

HEAD = 4096
EXPORT = "export the readings as CSV, Parquet, Excel or JSON lines"
# (offset, bytes at it, what it is)
_SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", "a PNG image"),
    (0, b"\xff\xd8\xff", "a JPEG image"),
    (0, b"GIF8", "a GIF image"),
    (0, b"%PDF-", "a PDF"),
    (0, b"BZh", "a bzip2 archive"),
    (0, b"\xfd7zXZ\x00", "an xz archive"),
    (0, b"(\xb5/\xfd", "a zstd archive"),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (0, b"Rar!\x1a\x07", "a RAR archive"),
    (257, b"ustar", "a tar archive"),
    (0, b"\x7fELF", "a program"),
    (0, b"\x89HDF\r\n\x1a\n", "an HDF5 file"),
    (0, b"\x93NUMPY", "a NumPy array"),
    (0, b"MATLAB 5.0", "a MATLAB file"),
    (0, b"TDSm", "a TDMS file"),
    (0, b"ORC", "an ORC file"),
    (0, b"Obj\x01", "an Avro file"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office file (.xls)"),
)


def sniff(path: Path) -> Kind:
    """Tell the kind of the file at ``path``; ``text`` is what shows no sign of anything else.

    Raises:
        InputError: it is empty, unreadable, no file, or of a kind that is not read
            (codes ``empty``, ``not_found``, ``unreadable``, ``not_a_file``, ``unsupported``).
    """
    head = _head(path)
    if not head:
        raise InputError(f"{path.name} is empty", code="empty", remedy="check that the file was copied whole")
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith(b"PK\x03\x04"):
        return "excel"
    if head.startswith(b"\x1f\x8b"):
        return "gzip"
    if head.startswith(b"SQLite format 3\x00"):
        return "sqlite"
    if head[8:12] == b"DUCK":
        return "duckdb"
    for offset, magic, what in _SIGNATURES:
        if head[offset : offset + len(magic)] == magic:
            raise InputError(f"{path.name} is {what}", code="unsupported", remedy=EXPORT)
    if _binary(head):
        raise InputError(
            f"{path.name} is no text but binary data of an unknown kind", code="unsupported", remedy=EXPORT
        )
    return "text"


def _head(path: Path) -> bytes:
    """The first bytes of a regular file; a pipe or device is never waited for."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    try:
        with os.fdopen(os.open(path, flags), "rb", buffering=0) as stream:
            if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
                raise InputError(f"{path.name} is not a file", code="not_a_file", remedy="save its content as a file")
            return stream.read(HEAD) or b""
    except FileNotFoundError as error:
        raise InputError(f"{path.name} does not exist", code="not_found", remedy="check the path") from error
    except OSError as error:
        said = error.strerror or type(error).__name__
        raise InputError(
            f"{path.name} cannot be opened: {said}", code="unreadable", remedy="check that you may read it"
        ) from error


def utf_16_order(head: bytes) -> str:
    """``le`` or ``be`` where a text without a mark has its zeros at every second byte, else ""."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if max(even, odd) > len(head) // 6 and min(even, odd) * 10 < max(even, odd):
        return "be" if even > odd else "le"
    return ""


def _binary(head: bytes) -> bool:
    """NULs at the start that are no UTF-16, or many control characters, are no text of any encoding; NULs further on may be a power cut's."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) or utf_16_order(head):
        return False
    controls = sum(byte < 32 and byte not in (0, 9, 10, 11, 12, 13, 27) for byte in head)
    return 0 in head[:64] or controls > len(head) // 20

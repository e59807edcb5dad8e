"""Atomic writes and file hashes: a reader never sees half a file, and a crash leaves the old one.

A file is written beside its target under a temporary name, flushed to disk and renamed. A full disk
becomes ``DiskFullError``; the temporary file is removed.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .errors import DiskFullError

HASH_CHUNK_BYTES = 1 << 20
NO_SPACE = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EFBIG))
"""What the system answers when no more can be written: the disk, a quota or the size allowed to a file is used up."""


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside ``path``; on success it is renamed onto ``path``, else removed.

    For writers that want a file name (a workbook, a picture). Raises DiskFullError when no space is left.
    """
    path = Path(path)
    temporary = path.with_name(f".{path.name[:100]}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        with open(temporary, "rb+") as written:
            os.fsync(written.fileno())
        os.replace(temporary, path)
    except OSError as error:
        if error.errno == errno.EFBIG:
            raise DiskFullError(
                f"the system lets no file grow as large as {path}; raise its limit (ulimit -f) and run the same command again"
            ) from error
        if error.errno in NO_SPACE:
            raise DiskFullError(
                f"no space left while writing {path}; free some and run the same command again"
            ) from error
        raise
    finally:
        temporary.unlink(missing_ok=True)


def write_bytes(path: Path, content: bytes) -> None:
    """Write ``content`` to ``path`` at once or not at all. Raises DiskFullError."""
    with replacing(path) as temporary:
        temporary.write_bytes(content)


def write_text(path: Path, content: str) -> None:
    """Write UTF-8 text to ``path`` at once or not at all; lone surrogates are replaced. Raises DiskFullError."""
    write_bytes(path, content.encode("utf-8", errors="replace"))


def write_json(path: Path, content: Any) -> None:
    """Write ``content`` as indented JSON with sorted keys left as given, ending in a newline. Raises DiskFullError."""
    write_text(path, json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False) + "\n")


def sha256_of(path: Path) -> str:
    """The file's SHA-256 in hex, read in pieces."""
    digest = hashlib.sha256()
    with open(path, "rb") as stream:
        while chunk := stream.read(HASH_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()

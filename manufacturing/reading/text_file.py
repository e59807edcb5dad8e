"""Text files made plain: unpacked, UTF-8, no NUL bytes, lines of bounded length, so that DuckDB can read them.

A file that is all this already is read where it lies; any other is copied into the work folder once, in pieces.
"""

from __future__ import annotations

import codecs
import gzip
import itertools
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ...core.errors import DiskFullError, InputError
from .limits import GIBIBYTE, MAX_LINE_BYTES, MAX_NUL_SHARE, MAX_TEXT_BYTES, MEBIBYTE, MIN_NUL_BYTES
from .sniff import utf_16_order

PIECE = MEBIBYTE


@dataclass(frozen=True)
class PlainText:
    """A UTF-8 text at ``path``; ``temporary`` where it is a copy. ``notes`` say what was changed."""

    path: Path
    temporary: bool = False
    notes: tuple[str, ...] = ()


@dataclass
class _Scan:
    """What a walk over a file's bytes found."""

    size: int = 0
    nuls: int = 0
    is_utf8: bool = True
    newlines: int = 0
    returns: int = 0


def plain_text(path: Path, folder: Path, *, packed: bool, encoding: str = "") -> PlainText:
    """Make the text file at ``path`` plain; copies go below ``folder``. ``encoding`` "" is found out.

    Raises:
        InputError: codes ``corrupt`` (a broken archive), ``too_large``, ``long_line``, ``binary`` (too many NUL bytes), ``encoding``.
    """
    source, notes, temporary = path, [], False
    if packed:
        source, temporary = folder / "unpacked.txt", True
        _unpack(path, source)
    scan = _scan(source, path.name)
    if not scan.size:
        raise InputError(f"{path.name} is empty", code="empty", remedy="check that the file was copied whole")
    chosen = encoding or _encoding(source, scan)
    if encoding and codecs.lookup(encoding).name == "utf-8" and not scan.is_utf8:
        raise InputError(
            f"{path.name} is not UTF-8, as the plant file says",
            code="encoding",
            remedy="set 'encoding', or leave it out",
        )
    wide = codecs.lookup(chosen).name.startswith(("utf-16", "utf-32"))
    nuls = 0 if wide else scan.nuls
    if nuls > max(MIN_NUL_BYTES, scan.size * MAX_NUL_SHARE):
        raise InputError(
            f"{path.name} holds {nuls:,} NUL bytes: it is damaged or no text", code="binary", remedy="export it again"
        )
    if nuls:
        notes.append(f"{path.name}: {nuls:,} NUL bytes left out (what a power cut leaves)")
    if not encoding and chosen == "cp1252":
        notes.append(f"{path.name}: not UTF-8, read as Windows-1252")
    mac = not scan.newlines and scan.returns > 0 and not wide
    if chosen != "utf-8" or nuls or mac:
        target = folder / "plain.csv"
        _recode(source, target, chosen, path.name)
        if temporary:
            source.unlink(missing_ok=True)
        source, temporary = target, True
    return PlainText(source, temporary, tuple(notes))


def _unpack(path: Path, target: Path) -> None:
    size = 0
    try:
        with gzip.open(path, "rb") as packed, open(target, "wb") as out:
            while piece := packed.read(PIECE):
                size += len(piece)
                if size > MAX_TEXT_BYTES:
                    raise _too_large(path.name)
                out.write(piece)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        target.unlink(missing_ok=True)
        raise InputError(
            f"{path.name} is a damaged or cut gzip file", code="corrupt", remedy="copy or export it again"
        ) from error
    except InputError:
        target.unlink(missing_ok=True)
        raise
    except OSError as error:
        target.unlink(missing_ok=True)
        _disk(error, target)
        raise InputError(f"{path.name} cannot be read: {error}", code="unreadable", remedy="run again") from error


def _too_large(name: str) -> InputError:
    return InputError(
        f"{name} holds more than {MAX_TEXT_BYTES // GIBIBYTE} GiB of text",
        code="too_large",
        remedy="split it by machine or month",
    )


def _disk(error: OSError, target: Path) -> None:
    import errno

    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        raise DiskFullError(
            f"no space left while writing {target.parent}; free some and run the same command again"
        ) from error


def _pieces(stream: BinaryIO) -> Iterator[bytes]:
    while piece := stream.read(PIECE):
        yield piece


def _scan(path: Path, name: str) -> _Scan:
    """One walk over the bytes: size, NULs, whether they are UTF-8, and no line beyond the limit."""
    scan, since = _Scan(), 0
    decoder = codecs.getincrementaldecoder("utf-8")()
    with open(path, "rb") as stream:
        for piece in _pieces(stream):
            scan.size += len(piece)
            if scan.size > MAX_TEXT_BYTES:
                raise _too_large(name)
            if 0 in piece:
                scan.nuls += piece.count(0)
            scan.newlines += 1 if b"\n" in piece else 0
            scan.returns += 1 if b"\r" in piece else 0
            first = max(piece.find(b"\n"), piece.find(b"\r")) if b"\n" not in piece else piece.find(b"\n")
            if first < 0:
                since += len(piece)
            else:
                since, longest = len(piece) - 1 - max(piece.rfind(b"\n"), piece.rfind(b"\r")), since + first
                if longest > MAX_LINE_BYTES:
                    since = longest
            if since > MAX_LINE_BYTES:
                raise InputError(
                    f"{name} has a line of more than {MAX_LINE_BYTES // MEBIBYTE} MiB: this is no table",
                    code="long_line",
                    remedy="check that the file is a CSV or JSON lines with one row a line",
                )
            if scan.is_utf8:
                scan.is_utf8 = _decodes(decoder, piece)
    if scan.is_utf8:
        scan.is_utf8 = _decodes(decoder, b"", final=True)
    return scan


def _decodes(decoder: codecs.IncrementalDecoder, piece: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(piece, final)
    except UnicodeDecodeError:
        return False
    return True


def _encoding(path: Path, scan: _Scan) -> str:
    with open(path, "rb") as stream:
        head = stream.read(4096)
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8" if scan.is_utf8 else "cp1252"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    order = utf_16_order(head)
    if order:
        return f"utf-16-{order}"
    return "utf-8" if scan.is_utf8 else "cp1252"


def _recode(source: Path, target: Path, encoding: str, name: str) -> None:
    strict = encoding not in ("cp1252",)
    decoder = codecs.getincrementaldecoder(encoding)("strict" if strict else "replace")
    size = 0
    try:
        with open(source, "rb") as stream, open(target, "wb") as out:
            last = ""
            for piece in itertools.chain(_pieces(stream), (b"",)):
                text = last + decoder.decode(piece, not piece).replace("\0", "")
                # A pair of signs that ends a line may be cut between two pieces.
                last = "\r" if text.endswith("\r") and piece else ""
                text = text.removesuffix("\r") if last else text
                coded = text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8")
                size += len(coded)
                if size > MAX_TEXT_BYTES:
                    raise _too_large(name)
                out.write(coded)
    except UnicodeError as error:
        target.unlink(missing_ok=True)
        raise InputError(
            f"{name} is not {encoding}: {error.__class__.__name__}",
            code="encoding",
            remedy="set 'encoding' in the plant file",
        ) from error
    except InputError:
        target.unlink(missing_ok=True)
        raise
    except OSError as error:
        target.unlink(missing_ok=True)
        _disk(error, target)
        raise InputError(f"{name} cannot be read: {error}", code="unreadable", remedy="run again") from error

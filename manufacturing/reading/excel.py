"""Excel workbooks as CSV files, a sheet each. The zip is measured before it is opened: what it unpacks to, and how far its cells reach.

The reader (calamine) holds a sheet as one block up to its farthest cell, so a workbook of a few bytes could take any amount of memory: cells are
counted in the sheets' XML first.
"""

from __future__ import annotations

import csv
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...core.errors import InputError
from .columns import fold
from .limits import (
    MAX_EXCEL_BYTES,
    MAX_EXCEL_MEMBERS,
    MAX_EXCEL_RATIO,
    MAX_EXCEL_UNPACKED_BYTES,
    MAX_HEADER_LINES,
    MAX_SHEET_CELLS,
    MAX_SHEETS,
    MEBIBYTE,
    MIN_EXCEL_RATIO_BYTES,
)

if TYPE_CHECKING:
    from .relation import Hints

PIECE = 1 << 18
OVERLAP = 64
MAX_EXCEL_ROW, MAX_EXCEL_COLUMN = 1_048_576, 16_384

_REFERENCE = re.compile(rb"""\br=["']([A-Z]{1,3})([0-9]{1,7})["']""")
_DIMENSION = re.compile(
    rb"""<(?:\w+:)?dimension[^>]{0,200}?ref=["'][A-Z]{1,3}[0-9]{1,7}:([A-Z]{1,3})([0-9]{1,7})["']"""
)
_CELL = re.compile(rb"<(?:\w+:)?c[\s>/]")


@dataclass(frozen=True)
class Sheet:
    """One sheet written as UTF-8 CSV; ``several`` where the workbook has more than one that is read."""

    name: str
    path: Path
    several: bool


def sheets(path: Path, label: str, hints: Hints, folder: Path) -> Iterator[Sheet]:
    """The sheets of a workbook that show the wanted columns (or the one that ``hints`` name), each as a CSV file.

    Raises:
        InputError: ``too_large``, ``zip_bomb``, ``unsupported`` (a zip that is no workbook), ``corrupt``, ``encrypted``, ``columns`` (no such sheet).
    """
    _measure(path, label)
    try:
        from python_calamine import CalamineError, CalamineWorkbook
    except ImportError as error:
        from ...core.errors import MissingExtraError

        raise MissingExtraError(
            "reading Excel needs the package python-calamine: pip install python-calamine"
        ) from error
    try:
        with open(path, "rb") as stream:
            workbook = CalamineWorkbook.from_filelike(stream)
            names = list(workbook.sheet_names)[:MAX_SHEETS]
            if hints.sheet and hints.sheet not in names:
                raise InputError(
                    f"{label} has no sheet {hints.sheet!r}; it has {', '.join(map(repr, names[:12]))}",
                    code="columns",
                    remedy="name the right one by 'sheet' in the plant file",
                )
            chosen = [hints.sheet] if hints.sheet else names if len(names) == 1 else _fitting(workbook, names, hints)
            for number, name in enumerate(chosen):
                target = folder / f"sheet-{number}.csv"
                _write(workbook.get_sheet_by_name(name), target)
                yield Sheet(name, target, len(chosen) > 1)
                target.unlink(missing_ok=True)
    except CalamineError as error:
        encrypted = "password" in str(error).lower()
        raise InputError(
            f"{label} {'is locked by a password' if encrypted else 'is a damaged workbook'}",
            code="encrypted" if encrypted else "corrupt",
            remedy="save it again without password"
            if encrypted
            else "open it in Excel or LibreOffice and save it again",
        ) from error


def _fitting(workbook: Any, names: list[str], hints: Hints) -> list[str]:
    """Sheets whose first rows show the most of the wanted columns; the first one where none shows any."""
    wanted = {fold(name) for name in hints.wanted}
    shown = {name: _shown(workbook, name, wanted) for name in names}
    most = max(shown.values(), default=0)
    return [name for name in names if shown[name] >= min(2, most)] if most else names[:1]


def _shown(workbook: Any, name: str, wanted: set[str]) -> int:
    best = 0
    for number, row in enumerate(workbook.get_sheet_by_name(name).iter_rows()):
        if number >= MAX_HEADER_LINES:
            break
        best = max(best, len(wanted & {fold(cell) for cell in row if isinstance(cell, str)}))
    return best


def _write(sheet: Any, target: Path) -> None:
    with open(target, "w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        for row in sheet.iter_rows():
            fields = [as_text(cell) for cell in row]
            if any(fields):
                writer.writerow(fields)


def as_text(value: Any) -> str:
    """A cell or a database value as text: whole floats without a point, times as ISO; nothing is "".

    >>> as_text(7.0), as_text(None), as_text("007")
    ('7', '', '007')
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return value if value.isprintable() else value.replace("\0", "").replace("\n", " ").replace("\r", " ")
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return repr(value.total_seconds())
    return str(value)


def _measure(path: Path, label: str) -> None:
    """Refuse a zip that is no workbook, or that unpacks to more than it may."""
    if path.stat().st_size > MAX_EXCEL_BYTES:
        raise InputError(
            f"{label} is larger than {MAX_EXCEL_BYTES // MEBIBYTE} MiB",
            code="too_large",
            remedy="export it as CSV or Parquet",
        )
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            names = {member.filename for member in members}
            if "xl/workbook.xml" not in names and "xl/workbook.bin" not in names:
                raise InputError(
                    f"{label} is a zip, and no workbook", code="unsupported", remedy="unpack it, and point to the files"
                )
            if "xl/workbook.bin" in names:
                raise InputError(f"{label} is a binary workbook (.xlsb)", code="unsupported", remedy="save it as .xlsx")
            if len(members) > MAX_EXCEL_MEMBERS:
                raise _bomb(label)
            total = 0
            for member in members:
                total += member.file_size
                large = member.file_size > MIN_EXCEL_RATIO_BYTES
                if total > MAX_EXCEL_UNPACKED_BYTES or (
                    large and member.file_size > MAX_EXCEL_RATIO * max(1, member.compress_size)
                ):
                    raise _bomb(label)
            left = MAX_EXCEL_UNPACKED_BYTES
            for member in members:
                left -= _walk(archive, member, label, left)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
        raise InputError(
            f"{label} is a damaged or cut workbook", code="corrupt", remedy="copy or save it again"
        ) from error
    except RuntimeError as error:  # an encrypted member
        raise InputError(
            f"{label} is locked by a password", code="encrypted", remedy="save it without password"
        ) from error


def _bomb(label: str) -> InputError:
    return InputError(
        f"{label} unpacks to far more than a workbook of readings does",
        code="zip_bomb",
        remedy="export it as CSV or Parquet",
    )


def _walk(archive: zipfile.ZipFile, member: zipfile.ZipInfo, label: str, left: int) -> int:
    """Unpack one member in pieces without keeping it: its true size, and how far the cells of a sheet reach."""
    is_sheet = member.filename.startswith("xl/worksheets/") and member.filename.endswith(".xml")
    size, rows, columns, cells, tail = 0, 0, 0, 0, b""
    with archive.open(member) as stream:
        while piece := stream.read(PIECE):
            size += len(piece)
            if size > left:
                raise _bomb(label)
            if is_sheet:
                text = tail + piece
                found = set(_REFERENCE.findall(text)) | set(_DIMENSION.findall(text))
                rows = max((rows, *map(int, {number for _, number in found})))
                columns = max((columns, *map(_column, {letters for letters, _ in found})))
                cells += len(_CELL.findall(piece))
                tail = piece[-OVERLAP:]
    if rows > MAX_EXCEL_ROW or columns > MAX_EXCEL_COLUMN or max(rows * columns, cells) > MAX_SHEET_CELLS:
        raise InputError(
            f"{label} has a sheet of {rows:,} rows and {columns:,} columns; {MAX_SHEET_CELLS:,} cells are read at most",
            code="too_large",
            remedy="delete what lies far from the table, or export it as CSV",
        )
    return size


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number

"""How a text table is written: where its header stands, what separates its fields, and what its decimal sign is.

Told from the first lines, by the columns that the plant file names: the line and the separator that show them are right.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from .columns import fold
from .limits import HEAD_BYTES, MAX_HEADER_LINES, SAMPLE_LINES

SEPARATORS = (";", "\t", ",", "|")

_COMMA = re.compile(r"[-+]?\d{1,15},\d+")
_GROUPED = re.compile(r"[-+]?\d{1,3}(?:\.\d{3})+,\d+")
_POINT = re.compile(r"[-+]?\d*\.\d+(?:[eE][-+]?\d+)?")


@dataclass(frozen=True)
class Dialect:
    """``skip`` lines above the header, the ``header``'s fields, the number of ``fields`` in rows (an empty one may hang on), and the signs."""

    skip: int
    header: tuple[str, ...]
    fields: int
    separator: str
    decimal: str


def dialect_of(path: Path, wanted: Collection[str], *, separator: str = "", decimal: str = "") -> Dialect:
    """The dialect of the UTF-8 text at ``path`` whose header should show the ``wanted`` columns (the more, the better)."""
    lines = head_lines(path)
    names = {fold(name) for name in wanted}
    candidates = (separator,) if separator else SEPARATORS
    found = [
        (len(names & {fold(field) for field in fields}), -number, len(fields), sign, fields)
        for number, line in enumerate(lines[:MAX_HEADER_LINES])
        if line.strip()
        for sign in candidates
        for fields in (fields_of(line, sign),)
    ]
    if not found:
        return Dialect(0, (), 0, separator or ",", decimal or ".")
    _, above, _, sign, fields = max(found, key=lambda each: each[:3])
    number = -above
    rows = [fields_of(line, sign) for line in lines[number + 1 : number + 1 + SAMPLE_LINES] if line.strip()]
    longest = max((len(row) for row in rows), default=len(fields))
    hanging = (
        bool(rows) and longest == len(fields) + 1 and all(not row[-1].strip() for row in rows if len(row) == longest)
    )
    return Dialect(
        number,
        tuple(field.strip() for field in fields),
        longest if hanging else len(fields),
        sign,
        decimal or decimal_of([field for row in rows for field in row], sign),
    )


def head_lines(path: Path) -> list[str]:
    """The first lines of a UTF-8 text, the last one dropped where it may be cut."""
    with open(path, "rb") as stream:
        head = stream.read(HEAD_BYTES)
    while head.count(b"\n") < 2 and len(head) % HEAD_BYTES == 0 and head:
        with open(path, "rb") as stream:
            longer = stream.read(len(head) * 4)
        if len(longer) == len(head):
            break
        head = longer
    whole = len(head) % HEAD_BYTES != 0
    lines = head.decode("utf-8-sig", errors="replace").split("\n")
    return [line.rstrip("\r") for line in (lines if whole or len(lines) == 1 else lines[:-1])]


def fields_of(line: str, separator: str) -> list[str]:
    """The fields of one line of CSV."""
    try:
        return next(iter(csv.reader([line], delimiter=separator)), [])
    except csv.Error:
        return line.split(separator)


def decimal_of(fields: Sequence[str], separator: str) -> str:
    """``,`` where more fields are numbers with a decimal comma than with a point, else ``.``."""
    if separator == ",":
        quoted = sum(bool(_COMMA.fullmatch(field.strip())) for field in fields)
        if not quoted:
            return "."
    commas = sum(bool(_COMMA.fullmatch(field.strip()) or _GROUPED.fullmatch(field.strip())) for field in fields)
    points = sum(bool(_POINT.fullmatch(field.strip())) for field in fields)
    return "," if commas > points else "."

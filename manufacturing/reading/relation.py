"""Every source as one thing: a relation that DuckDB can read, with named columns. One function a format makes it.

``open_relations`` looks at a file and gives what is in it (a workbook may hold several); text of any kind is made plain first. Nothing is read here
but heads and schemas.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...core.errors import InputError
from .columns import Column
from .dialect import dialect_of, head_lines
from .limits import (
    GIBIBYTE,
    JSON_SAMPLE_LINES,
    MAX_COLUMNS,
    MAX_LINE_BYTES,
    MAX_PARQUET_BYTES,
    STORE_MEMORY,
)
from .sniff import Kind, sniff
from .text_file import plain_text

if TYPE_CHECKING:
    import duckdb

JSON_SUFFIXES = (".jsonl", ".ndjson", ".json")
COMPOUND_SUFFIXES = (".gz",)


@dataclass(frozen=True)
class Hints:
    """What the plant file says about text: signs and encoding, "" to find out; the sheet; and the columns that a header should show."""

    wanted: frozenset[str]
    separator: str = ""
    decimal: str = ""
    encoding: str = ""
    sheet: str = ""


@dataclass
class Relation:
    """A readable table. ``source`` is its FROM clause on ``connection``; ``label`` names it in messages, ``stem`` the machine where no column does."""

    connection: duckdb.DuckDBPyConnection
    source: str
    columns: tuple[Column, ...]
    label: str
    stem: str
    decimal: str = "."
    rejects: bool = False
    notes: tuple[str, ...] = ()
    close: Callable[[], None] = field(default=lambda: None)

    def num_rejected(self) -> int:
        """Lines that did not fit the header, of the scan just done; forgets them."""
        if not self.rejects:
            return 0
        with contextlib.suppress(Exception):
            row = self.connection.execute("SELECT count(DISTINCT (file_id, line)) FROM reject_errors").fetchone()
            self.connection.execute("DROP TABLE IF EXISTS reject_errors; DROP TABLE IF EXISTS reject_scans")
            return int(row[0]) if row else 0
        return 0


def connect(folder: Path) -> duckdb.DuckDBPyConnection:
    """A DuckDB in memory that spills into ``folder``, loads no extension from anywhere and thinks in UTC."""
    import duckdb

    from ...core.hardware import default_threads

    connection = duckdb.connect(
        config={
            "memory_limit": STORE_MEMORY,
            "threads": max(1, min(4, default_threads())),
            "temp_directory": str(folder),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "allow_community_extensions": False,
        }
    )
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET enable_progress_bar = false")
    return connection


def stem_of(path: Path) -> str:
    """A file's name without its endings: ``M7.csv.gz`` is ``M7``."""
    name = path.name
    for suffix in COMPOUND_SUFFIXES:
        name = name.removesuffix(suffix).removesuffix(suffix.upper())
    return Path(name).stem or path.stem


@contextlib.contextmanager
def relations(
    path: Path, label: str, hints: Hints, connection: duckdb.DuckDBPyConnection, folder: Path
) -> Iterator[Iterator[Relation]]:
    """Open the file at ``path``; yields its relations one after another, and removes working copies at the end.

    Raises:
        InputError: it cannot be read; ``code`` says why.
    """
    kind = sniff(path)
    path = _plainly_named(Path(os.path.abspath(path)), folder)
    try:
        if kind == "excel":
            from .excel import sheets

            yield (
                _csv(
                    connection,
                    sheet.path,
                    f"{label} [{sheet.name}]" if sheet.several else label,
                    sheet.name if sheet.several else stem_of(path),
                    hints,
                )
                for sheet in sheets(path, label, hints, folder)
            )
        else:
            yield iter((_single(kind, path, label, hints, connection, folder),))
    finally:
        for left in folder.iterdir():
            if left.is_file():
                left.unlink(missing_ok=True)


def _plainly_named(path: Path, folder: Path) -> Path:
    """DuckDB takes names for patterns: one with signs of a pattern is read through a link."""
    if not any(sign in str(path) for sign in "*?[{"):
        return path
    link = folder / f"named{''.join(path.suffixes[-2:])}"
    link.unlink(missing_ok=True)
    link.symlink_to(path)
    return link


def _single(
    kind: Kind, path: Path, label: str, hints: Hints, connection: duckdb.DuckDBPyConnection, folder: Path
) -> Relation:
    if kind == "parquet":
        return _parquet(connection, path, label)
    if kind in ("duckdb", "sqlite"):
        raise InputError(
            f"{label} is a database",
            code="database",
            remedy="say by 'sql' in the plant file which rows to read from it",
        )
    text = plain_text(path, folder, packed=kind == "gzip", encoding=hints.encoding)
    name = path.name.lower().removesuffix(".gz")
    first = next((line for line in head_lines(text.path)[:5] if line.strip()), "")
    if name.endswith(JSON_SUFFIXES) or first.lstrip().startswith("{"):
        found = _json_lines(connection, text.path, label, stem_of(path))
    else:
        found = _csv(connection, text.path, label, stem_of(path), hints)
    found.notes = text.notes
    return found


def quoted(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def name_of(identifier: str) -> str:
    """A name as a quoted SQL identifier."""
    return '"' + identifier.replace('"', '""') + '"'


def csv_relation(connection: Any, path: Path, label: str, stem: str, hints: Hints) -> Relation:
    """A UTF-8 CSV at ``path`` with a header."""
    return _csv(connection, path, label, stem, hints)


def _csv(connection: Any, path: Path, label: str, stem: str, hints: Hints) -> Relation:
    found = dialect_of(path, hints.wanted, separator=hints.separator, decimal=hints.decimal)
    if not found.header:
        raise InputError(f"{label} holds no header", code="empty", remedy="check that the file was exported whole")
    _bounded(len(found.header), label)
    types = ", ".join(f"'c{index}': 'VARCHAR'" for index in range(found.fields))
    source = (
        f"read_csv({quoted(str(path))}, columns = {{{types}}}, auto_detect = false, header = false, skip = {found.skip + 1}, "
        f"delim = {quoted(found.separator)}, quote = '\"', escape = '\"', strict_mode = true, store_rejects = true, "
        f"rejects_limit = 100000, max_line_size = {2 * MAX_LINE_BYTES}, encoding = 'utf-8', comment = '')"
    )
    columns = tuple(Column(name, f"c{index}") for index, name in enumerate(found.header) if name)
    return Relation(connection, source, columns, label, stem, found.decimal, rejects=True)


def _json_lines(connection: Any, path: Path, label: str, stem: str) -> Relation:
    keys: dict[str, None] = {}
    bad = 0
    lines = [line for line in head_lines(path) if line.strip()][:JSON_SAMPLE_LINES]
    for line in lines:
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            bad += 1
            continue
        if isinstance(row, dict):
            keys.update(dict.fromkeys(map(str, row)))
    if not keys:
        raise InputError(
            f"{label} is no JSON lines",
            code="corrupt" if bad else "empty",
            remedy="write one object a line, and nothing around them",
        )
    _bounded(len(keys), label)
    types = ", ".join(f"{quoted(key)}: 'VARCHAR'" for key in keys)
    source = (
        f"read_json({quoted(str(path))}, columns = {{{types}}}, format = 'newline_delimited', ignore_errors = true, "
        f"maximum_object_size = {2 * MAX_LINE_BYTES}, compression = 'none')"
    )
    return Relation(connection, source, tuple(Column(key, name_of(key)) for key in keys), label, stem)


def _parquet(connection: Any, path: Path, label: str) -> Relation:
    import duckdb

    if path.stat().st_size > MAX_PARQUET_BYTES:
        limit = MAX_PARQUET_BYTES // GIBIBYTE
        raise InputError(f"{label} is larger than {limit} GiB", code="too_large", remedy="split it by machine or month")
    source = f"read_parquet({quoted(str(path))})"
    try:
        columns = described(connection, source, label)
    except duckdb.Error as error:
        raise corrupt(label, "Parquet file") from error
    return Relation(connection, source, columns, label, stem_of(path))


def described(connection: Any, source: str, label: str) -> tuple[Column, ...]:
    """The columns of a FROM clause with their types."""
    rows = connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()
    _bounded(len(rows), label)
    return tuple(Column(row[0], name_of(row[0]), str(row[1]).upper()) for row in rows)


def corrupt(label: str, what: str) -> InputError:
    """The error for a file that its own reader cannot follow."""
    return InputError(f"{label} is a damaged or cut {what}", code="corrupt", remedy="copy or export it again")


def _bounded(count: int, label: str) -> None:
    if count > MAX_COLUMNS:
        raise InputError(
            f"{label} has {count:,} columns; {MAX_COLUMNS:,} are read at most",
            code="too_large",
            remedy="export fewer signals",
        )

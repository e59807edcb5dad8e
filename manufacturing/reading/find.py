"""Which input serves what: files below the inputs by the plant file's patterns, databases by their address or content.

Logs and traits take their files first; readings take what is left. The order is that of names, whatever order the inputs are given in.
"""

from __future__ import annotations

import fnmatch
import os
import re
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ...core.job import Refusal
from ..plant import Plant
from .limits import MAX_FILE_NAME_PARTS, MAX_FILES, MAX_FOLDER_DEPTH

DATABASE_SUFFIXES = (".duckdb", ".ddb", ".db", ".sqlite", ".sqlite3")

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+_]{1,40}:/{1,4}[^/]|[A-Za-z][A-Za-z0-9+_]{1,40}:///")


@dataclass(frozen=True)
class Source:
    """A file to be read: where it is, and its name below the input."""

    path: Path
    label: str


@dataclass
class Sources:
    """What the inputs hold: files of readings, of each log (by its place in the plant file) and of traits; databases; and what is refused."""

    readings: list[Source] = field(default_factory=list)
    logs: dict[int, list[Source]] = field(default_factory=dict)
    traits: list[Source] = field(default_factory=list)
    databases: list[str] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)


def is_address(given: str | Path) -> bool:
    """Whether an input is a database's address (``postgresql://...``, also where a ``Path`` swallowed a slash) and no file."""
    return bool(_URL.match(str(given))) and not re.match(r"[A-Za-z]:[\\/]", str(given))


def find_sources(plant: Plant, inputs: Iterable[str | Path]) -> Sources:
    """Sort out ``inputs``: files, folders (searched with all their folders), and database addresses."""
    found, seen = Sources(), set()
    for given in inputs:
        if is_address(given):
            found.databases.append(str(given))
            continue
        taken = 0
        for path, label, explicit in _files(Path(given), found):
            real = os.path.realpath(path)
            if real in seen:
                taken += 1
                continue
            if _assign(plant, path, label, explicit, found):
                seen.add(real)
                taken += 1
        if not taken and Path(given).is_dir():
            patterns = ", ".join(plant.readings.files)
            found.refusals.append(
                Refusal(
                    Path(given).name or "folder",
                    Path(given),
                    "nothing_found",
                    "the folder holds no file that the plant file names",
                    f"put files like these into it, or change 'files': {patterns}",
                )
            )
    found.readings.sort(key=_order)
    found.traits.sort(key=_order)
    for sources in found.logs.values():
        sources.sort(key=_order)
    found.databases.sort()
    return found


def _order(source: Source) -> tuple[list[tuple[int, int, str]], str]:
    parts = re.split(r"(\d+)", source.label.casefold())[:MAX_FILE_NAME_PARTS]
    return [(0, int(part[:18]), "") if part.isdigit() else (1, 0, part) for part in parts], str(source.path)


def _assign(plant: Plant, path: Path, label: str, explicit: bool, found: Sources) -> bool:
    source = Source(path, label)
    taken = False
    for index, log in enumerate(plant.logs):
        if _matches(label, log.files):
            found.logs.setdefault(index, []).append(source)
            taken = True
    if plant.traits and _matches(label, plant.traits.files):
        found.traits.append(source)
        taken = True
    if taken:
        return True
    if path.suffix.lower() in DATABASE_SUFFIXES and not _matches(label, plant.readings.files):
        found.databases.append(str(path))
        return True
    if _matches(label, plant.readings.files):
        found.readings.append(source)
        return True
    if explicit and path.suffix.lower() != ".toml":
        patterns = ", ".join(plant.readings.files)
        found.refusals.append(
            Refusal(
                label, path, "no_pattern", f"no pattern of the plant file takes {label}", f"'files' takes {patterns}"
            )
        )
        return True
    return False


def _matches(label: str, patterns: Sequence[str]) -> bool:
    whole, name = label.casefold(), label.rsplit("/", 1)[-1].casefold()
    return any(fnmatch.fnmatchcase(whole, p) or fnmatch.fnmatchcase(name, p) for p in map(str.casefold, patterns))


def _files(given: Path, found: Sources) -> Iterator[tuple[Path, str, bool]]:
    """Files at or below ``given``: path, name below it, and whether the file itself was named."""
    try:
        mode = given.stat().st_mode
    except OSError as error:
        said = error.strerror or type(error).__name__
        code = "not_found" if isinstance(error, FileNotFoundError) else "unreadable"
        found.refusals.append(Refusal(given.name, given, code, f"it cannot be read ({said})", "check the path"))
        return
    if not stat.S_ISDIR(mode):
        yield given, given.name, True
        return
    for count, path in enumerate(_walk(given, found), start=1):
        if count > MAX_FILES:
            found.refusals.append(
                Refusal(
                    given.name, given, "too_many", f"more than {MAX_FILES:,} files", "join them by month or machine"
                )
            )
            return
        yield path, path.relative_to(given).as_posix(), False


def _walk(root: Path, found: Sources) -> Iterator[Path]:
    seen: set[str] = set()

    def trouble(error: OSError) -> None:
        where = Path(error.filename or root)
        said = error.strerror or "unreadable"
        found.refusals.append(
            Refusal(where.name, where, "unreadable", f"the folder cannot be read ({said})", "check the path")
        )

    for folder, folders, names in os.walk(root, followlinks=True, onerror=trouble):
        real = os.path.realpath(folder)
        if real in seen or len(Path(folder).relative_to(root).parts) >= MAX_FOLDER_DEPTH:
            folders.clear()
            continue
        seen.add(real)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(folder) / name for name in sorted(names) if not name.startswith((".", "~$")))

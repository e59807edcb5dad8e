"""Read SKAB's files (Katser and Kozitsin 2020): ``;``-separated, one row a second, eight sensors of a water loop, labels ``anomaly`` and ``changepoint``.

Files of the folder and its sub-folders (``valve1``, ``valve2``, ``other``) are read, gzip or plain; those without labels are passed over.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ...core.errors import ConfigError, UsageError
from ..history import Record

if TYPE_CHECKING:
    import numpy as np

TIME, LABEL, CHANGE = "datetime", "anomaly", "changepoint"
MAX_BYTES = 64 << 20
MAX_ROWS = 500_000
MAX_FILES = 1000


@dataclass(frozen=True)
class SkabFile:
    """One experiment: its record (times as recorded, gaps and all), bool[rows] of the label, and bool[rows] of the rows that no earlier file has."""

    name: str
    record: Record
    truth: np.ndarray
    fresh: np.ndarray


def read_folder(folder: Path) -> tuple[SkabFile, ...]:
    """Every labelled file below ``folder``, by name. Files share seconds: a second belongs to the file that begins first.

    Raises:
        UsageError: no folder, or no labelled file in it.
        ConfigError: a file is wrong; the message names file and line.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder} is no folder; give one with the sub-folders valve1, valve2 and other")
    paths = sorted(path for pattern in ("*.csv", "*.csv.gz") for path in folder.rglob(pattern) if path.is_file())
    if len(paths) > MAX_FILES:
        raise UsageError(f"{folder} has more than {MAX_FILES} files")
    read = [found for path in paths if (found := _read(path, folder)) is not None]
    if not read:
        raise UsageError(f"{folder} holds no file of the SKAB layout with a column {LABEL!r}")
    return _apart(read)


def _apart(files: Sequence[SkabFile]) -> tuple[SkabFile, ...]:
    import numpy as np

    seen = np.empty(0, dtype=np.int64)
    fresh = {}
    for one in sorted(files, key=lambda one: (int(one.record.times[0]), one.name)):
        fresh[one.name] = ~np.isin(one.record.times, seen)
        seen = np.union1d(seen, one.record.times)
    return tuple(SkabFile(one.name, one.record, one.truth, fresh[one.name]) for one in files)


def _read(path: Path, folder: Path) -> SkabFile | None:
    """One file; None where it has no labels."""
    import numpy as np

    lines = csv.reader(_text(path).splitlines(), delimiter=";")
    head = [name.strip() for name in next(lines, [])]
    if TIME not in head:
        raise ConfigError(f"no column {TIME!r}", path=path, line=1)
    if LABEL not in head:
        return None
    sensors = tuple(name for name in head if name not in (TIME, LABEL, CHANGE))
    times, values, labels = [], [], []
    for number, row in enumerate(lines, start=2):
        if not row:
            continue
        if len(row) != len(head) or number > MAX_ROWS:
            raise ConfigError(
                f"{len(row)} columns, {len(head)} are wanted; at most {MAX_ROWS} rows", path=path, line=number
            )
        cells = dict(zip(head, row, strict=True))
        try:
            times.append(int(datetime.fromisoformat(cells[TIME]).replace(tzinfo=UTC).timestamp() * 1e6))
            values.append([float(cells[name]) for name in sensors])
            labels.append(float(cells[LABEL]) > 0)
        except ValueError as error:
            raise ConfigError(str(error), path=path, line=number) from None
    if not times:
        raise ConfigError("no rows", path=path)
    table = np.asarray(values, dtype=np.float32).reshape(len(times), len(sensors))
    name = path.relative_to(folder).as_posix().removesuffix(".gz").removesuffix(".csv")
    record = Record(
        machine=name,
        sensors=sensors,
        interval_s=1.0,
        times=np.asarray(times, dtype=np.int64),
        values=np.where(np.isfinite(table), table, np.nan),
        flags=np.where(np.isfinite(table), 0, 1).astype(np.uint8),
        running=np.ones(len(times), dtype=bool),
        clock=np.arange(len(times), dtype=np.float64) / 3600,
        clock_unit="running_hours",
    )
    return SkabFile(name, record, np.asarray(labels, dtype=bool), np.ones(len(times), dtype=bool))


def _text(path: Path) -> str:
    try:
        with gzip.open(path, "rb") if path.suffix == ".gz" else open(path, "rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except (OSError, EOFError) as error:
        raise ConfigError(f"cannot be read: {error}", path=path) from error
    if len(content) > MAX_BYTES:
        raise ConfigError(f"more than {MAX_BYTES >> 20} MiB of text", path=path)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError("not UTF-8 text", path=path) from error

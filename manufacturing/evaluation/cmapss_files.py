"""Read NASA's turbofan files (C-MAPSS) as published: blank-separated text of 26 columns, gzip or plain, into records of one engine each.

``train_FDxxx`` runs end at failure, ``test_FDxxx`` runs are cut, ``RUL_FDxxx`` has the cycles left of each test engine. Training and
``cmapss`` read through here.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ...core.errors import ConfigError, UsageError
from ..history import Life, Record

if TYPE_CHECKING:
    import numpy as np

SETTINGS = ("altitude", "mach", "throttle")
SENSORS = (
    *("T2", "T24", "T30", "T50", "P2", "P15", "P30", "Nf", "Nc", "epr", "Ps30"),
    *("phi", "NRf", "NRc", "BPR", "farB", "htBleed", "Nf_dmd", "PCNfR_dmd", "W31", "W32"),
)
NUM_COLUMNS = 2 + len(SETTINGS) + len(SENSORS)
CYCLE_S = 86_400.0
"""The data have no dates; a cycle counts as a day, as in the plant file ``turbofan``."""

MAX_BYTES = 64 << 20
MAX_ROWS = 500_000
MAX_ENGINES = 5_000
FILE = re.compile(r"(train|test|RUL)_(FD\d{3})\.txt(?:\.gz)?")


@dataclass(frozen=True)
class CmapssFiles:
    """What a folder has of one set (``FD001``): paths, None where a file is not there."""

    name: str
    train: Path | None = None
    test: Path | None = None
    rul: Path | None = None


def find(folder: Path) -> tuple[CmapssFiles, ...]:
    """The sets below ``folder``, by name; a file stands there plain or with ``.gz``.

    Raises:
        UsageError: no folder, no file of the layout, or a test file without its RUL file (and the other way round).
    """
    if not folder.is_dir():
        raise UsageError(f"{folder} is no folder; give one with test_FD001.txt and RUL_FD001.txt in it")
    found: dict[str, dict[str, Path]] = {}
    for path in sorted(folder.iterdir(), reverse=True):
        if (match := FILE.fullmatch(path.name)) and path.is_file():
            # reversed, so that a plain file wins over its compressed copy
            found.setdefault(match[2], {})[match[1].lower()] = path
    for name, files in found.items():
        if ("test" in files) != ("rul" in files):
            there, lacking = ("test", "RUL") if "test" in files else ("RUL", "test")
            raise UsageError(f"{folder} has {there}_{name} without {lacking}_{name}: both are needed to score")
    if not found:
        raise UsageError(
            f"{folder} holds no file of the C-MAPSS layout (train_FD001.txt, test_FD001.txt, RUL_FD001.txt, also .gz)"
        )
    return tuple(
        CmapssFiles(name, files.get("train"), files.get("test"), files.get("rul"))
        for name, files in sorted(found.items())
    )


def read_engines(path: Path, name: str, *, failed: bool) -> tuple[Record, ...]:
    """One record an engine of a train or test file, in the file's order; machines are called ``FD001-3``.

    ``failed``: the last row is the last before failure (train files), else the run was cut.

    Raises:
        ConfigError: not text, too large, a row without 26 numbers (the message names the line), or cycles that do not count up by one.
    """
    import numpy as np

    rows = _numbers(path, NUM_COLUMNS)
    units = rows[:, 0]
    begins = np.flatnonzero(np.concatenate([[True], units[1:] != units[:-1]]))
    if len(np.unique(units)) != len(begins):
        raise ConfigError("an engine's rows do not stand together", path=path)
    if len(begins) > MAX_ENGINES:
        raise ConfigError(f"{len(begins)} engines are above the limit of {MAX_ENGINES}", path=path)
    ends = [*begins[1:], len(rows)]
    return tuple(
        _record(path, name, rows[start:stop], int(start) + 1, failed) for start, stop in zip(begins, ends, strict=True)
    )


def read_rul(path: Path, num_engines: int) -> np.ndarray:
    """float64[engines]: cycles left of each test engine.

    Raises:
        ConfigError: not one number from 0 on a line, or another number of lines than engines.
    """
    left = _numbers(path, 1)[:, 0]
    if len(left) != num_engines:
        raise ConfigError(f"{len(left)} lines for {num_engines} engines of the test file", path=path)
    if (left < 0).any():
        raise ConfigError("remaining life below 0", path=path, line=int((left < 0).argmax()) + 1)
    return left


def _record(path: Path, name: str, rows: np.ndarray, line: int, failed: bool) -> Record:
    import numpy as np

    unit, cycles = rows[0, 0], rows[:, 1]
    if unit != int(unit) or cycles[0] < 0 or (np.diff(cycles) != 1).any() or cycles[0] != int(cycles[0]):
        raise ConfigError(f"the cycles of engine {unit:g} do not count up by one", path=path, line=line)
    values = rows[:, 2:].astype(np.float32)
    return Record(
        machine=f"{name}-{int(unit)}",
        sensors=(*SETTINGS, *SENSORS),
        interval_s=CYCLE_S,
        times=(cycles * CYCLE_S * 1e6).astype(np.int64),
        values=values,
        flags=np.zeros(values.shape, dtype=np.uint8),
        running=np.ones(len(rows), dtype=bool),
        clock=cycles.astype(np.float64),
        clock_unit="cycles",
        lives=(Life("", 0, len(rows), "failure" if failed else "running", age_at_start=float(cycles[0])),),
    )


def _numbers(path: Path, columns: int) -> np.ndarray:
    """float64[rows, columns] of a text file. Raises ConfigError with the line."""
    import numpy as np

    rows: list[list[float]] = []
    for number, line in enumerate(_text(path).splitlines(), start=1):
        words = line.split()
        if not words:
            continue
        try:
            row = [float(word) for word in words]
        except ValueError:
            raise ConfigError(f"{line.strip()[:60]!r} are not numbers", path=path, line=number) from None
        if len(row) != columns:
            raise ConfigError(f"{len(row)} numbers, {columns} are wanted", path=path, line=number)
        rows.append(row)
        if len(rows) > MAX_ROWS:
            raise ConfigError(f"more than {MAX_ROWS} rows", path=path)
    if not rows:
        raise ConfigError("no rows", path=path)
    found = np.asarray(rows)
    if not np.isfinite(found).all():
        bad = int((~np.isfinite(found)).any(axis=1).argmax())
        raise ConfigError("a value is not a finite number", path=path, line=bad + 1)
    return found


def _text(path: Path) -> str:
    try:
        if path.suffix == ".gz":
            with gzip.open(path, "rb") as stream:
                content = stream.read(MAX_BYTES + 1)
        else:
            with open(path, "rb") as stream:
                content = stream.read(MAX_BYTES + 1)
    except (OSError, EOFError) as error:
        raise ConfigError(f"cannot be read: {error}", path=path) from error
    if len(content) > MAX_BYTES:
        raise ConfigError(f"more than {MAX_BYTES >> 20} MiB of text", path=path)
    try:
        return content.decode("ascii")
    except UnicodeDecodeError as error:
        raise ConfigError("not plain text", path=path) from error


def engine_digest(record: Record) -> str:
    """SHA-256 of an engine's readings, hex: by it a bundle knows the engines that it was trained on, whatever they are called."""
    import hashlib

    import numpy as np

    return hashlib.sha256(np.ascontiguousarray(record.values, dtype="<f4").tobytes()).hexdigest()


def lives_of(records: Sequence[Record]) -> list[np.ndarray]:
    """For each run to failure, float64[rows]: cycles left at each row (0 at the last)."""
    import numpy as np

    return [np.arange(len(record.times), dtype=np.float64)[::-1] for record in records]

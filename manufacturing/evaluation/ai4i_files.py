"""Read AI4I 2020 (Matzka 2020): one row a state of a milling machine, comma- or tab-separated, gzip or plain. Rows have no time and no machine."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ...core.errors import ConfigError, UsageError

if TYPE_CHECKING:
    import numpy as np

SENSORS: Mapping[str, str] = {
    "air_temperature": "Air temperature [K]",
    "process_temperature": "Process temperature [K]",
    "speed": "Rotational speed [rpm]",
    "torque": "Torque [Nm]",
    "tool_wear": "Tool wear [min]",
}
"""Sensors of the plant file `milling` and the set's columns for them."""
GRADES = ("L", "M", "H")
FAILURE = "Machine failure"
MODES = ("TWF", "HDF", "PWF", "OSF", "RNF")
ROW, PRODUCT, GRADE = "UDI", "Product ID", "Type"
MAX_BYTES = 64 << 20
MAX_ROWS = 500_000


@dataclass(frozen=True)
class States:
    """The rows of one file. ``values`` float64[rows, sensors], ``grade`` int64[rows] (place in ``GRADES``), ``failed`` bool[rows], ``modes`` bool[rows] by mode,
    ``digests`` int64[rows] by which a row is known again whatever file it stands in."""

    name: str
    rows: tuple[str, ...]
    values: np.ndarray
    grade: np.ndarray
    failed: np.ndarray
    modes: Mapping[str, np.ndarray]
    digests: np.ndarray

    def take(self, places: np.ndarray, name: str) -> States:
        """The rows at ``places`` under another name."""
        return States(
            name,
            tuple(self.rows[place] for place in places),
            self.values[places],
            self.grade[places],
            self.failed[places],
            {mode: flags[places] for mode, flags in self.modes.items()},
            self.digests[places],
        )


def read_folder(folder: Path) -> tuple[States, ...]:
    """Every file of the layout in ``folder``, by name.

    Raises:
        UsageError: no folder, or no file in it.
        ConfigError: a file is wrong; the message names the line.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder} is no folder; give one with ai4i2020.csv in it")
    paths = sorted(path for pattern in ("*.csv", "*.csv.gz") for path in folder.glob(pattern) if path.is_file())
    if not paths:
        raise UsageError(f"{folder} holds no CSV file of the AI4I layout (ai4i2020.csv, also .gz)")
    return tuple(read(path) for path in paths)


def read(path: Path) -> States:
    """Read one file; its name without ``ai4i2020`` names the split.

    Raises:
        ConfigError: not this layout, or a value that cannot be; the message names the line.
    """
    import numpy as np

    text = _text(path)
    head = text.split("\n", 1)[0]
    reader = csv.DictReader(io.StringIO(text), delimiter="\t" if "\t" in head else ",")
    needed = {ROW, PRODUCT, GRADE, FAILURE, *MODES, *SENSORS.values()}
    if missing := sorted(needed - set(reader.fieldnames or ())):
        raise ConfigError(f"no column {missing[0]!r}: not the AI4I 2020 layout", path=path, line=1)
    entries = []
    try:
        for entry in reader:
            entries.append(_entry(entry, path, reader.line_num))
            if len(entries) > MAX_ROWS:
                raise ConfigError(f"more than {MAX_ROWS} rows", path=path)
    except csv.Error as error:
        raise ConfigError(f"not CSV: {error}", path=path, line=reader.line_num) from error
    if not entries:
        raise ConfigError("no rows", path=path)
    names, products, grades, numbers, flags = zip(*entries, strict=True)
    flagged = np.array(flags, dtype=bool)
    return States(
        path.name.removesuffix(".gz").removesuffix(".csv").removeprefix("ai4i2020").strip("_-") or "all",
        tuple(names),
        np.array(numbers, dtype=np.float64),
        np.array(grades, dtype=np.int64),
        flagged[:, 0],
        {mode: flagged[:, 1 + place] for place, mode in enumerate(MODES)},
        np.array(
            [digest(*one) for one in zip(products, grades, numbers, strict=True)],
            dtype=np.int64,
        ),
    )


def digest(product: str, grade: int, numbers: Sequence[float]) -> int:
    """What a row is known by: 63 bits of the SHA-256 of product, grade and readings."""
    told = "|".join([product, GRADES[grade], *(f"{number:.6g}" for number in numbers)])
    return int.from_bytes(hashlib.sha256(told.encode()).digest()[:8], "big") >> 1


def _entry(
    entry: Mapping[str, str | None], path: Path, line: int
) -> tuple[str, str, int, tuple[float, ...], tuple[bool, ...]]:
    from math import isfinite

    grade = entry[GRADE]
    if grade not in GRADES:
        raise ConfigError(f"{GRADE} is {str(grade)[:20]!r}, not one of {', '.join(GRADES)}", path=path, line=line)
    try:
        numbers = tuple(float(entry[column] or "") for column in SENSORS.values())
    except ValueError:
        raise ConfigError("a reading is not a number", path=path, line=line) from None
    if not all(map(isfinite, numbers)):
        raise ConfigError("a reading is not a finite number", path=path, line=line)
    flags = [entry[column] for column in (FAILURE, *MODES)]
    if not set(flags) <= {"0", "1"}:
        raise ConfigError("a label is neither 0 nor 1", path=path, line=line)
    return entry[ROW] or "", entry[PRODUCT] or "", GRADES.index(grade), numbers, tuple(flag == "1" for flag in flags)


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
        raise ConfigError("not plain text", path=path) from error

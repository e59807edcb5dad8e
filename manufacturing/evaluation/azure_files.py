"""Read the Azure predictive-maintenance set (Microsoft 2016): daily means of four signals, and logs of errors, failures and maintenance, joined over folders.

A folder may hold any machines and any stretch of time; what two folders have of one machine is joined. Times are hours since 2015-01-01, days likewise.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ...core.errors import ConfigError, UsageError

if TYPE_CHECKING:
    import numpy as np

SIGNALS = ("volt_mean", "rotate_mean", "pressure_mean", "vibration_mean")
DAILY, TRAITS = "telemetry_daily.parquet", "machines.csv"
LOGS = {"errors": "errorID", "failures": "failure", "maint": "comp"}
BEGIN = datetime(2015, 1, 1)
MAX_ROWS = 2_000_000
MAX_LOG_ROWS = 500_000
ID_DAYS = 30


@dataclass(frozen=True)
class FleetMachine:
    """One machine. ``days`` int64[days] rising, ``daily`` float64[days, signals]; logs are int64 hours, rising, by code; traits are the model's number and its age."""

    machine: str
    days: np.ndarray
    daily: np.ndarray
    errors: Mapping[str, np.ndarray]
    failures: Mapping[str, np.ndarray]
    maintenance: Mapping[str, np.ndarray]
    model: float
    age: float

    @property
    def digest(self) -> str:
        """By it a bundle knows a machine again: SHA-256 of its first days' readings."""
        import numpy as np

        head = np.ascontiguousarray(self.daily[:ID_DAYS], dtype="<f4")
        return hashlib.sha256(head.tobytes() + str(int(self.days[0])).encode()).hexdigest()


def read(folders: Sequence[Path]) -> tuple[FleetMachine, ...]:
    """Every machine of the folders, joined, by number.

    Raises:
        UsageError: a folder or a file is missing.
        ConfigError: a file is wrong; the message names it, and the line of a log.
    """
    import numpy as np

    daily: dict[int, dict[int, tuple[float, ...]]] = {}
    logs: dict[str, dict[int, set[tuple[int, str]]]] = {name: {} for name in LOGS}
    traits: dict[int, tuple[float, float]] = {}
    for folder in folders:
        if not folder.is_dir():
            raise UsageError(f"{folder} is no folder; give one with {DAILY} in it")
        for machine, day, means in _daily(_there(folder, DAILY)):
            daily.setdefault(machine, {})[day] = means
        for name, column in LOGS.items():
            for machine, hour, code in _log(_log_there(folder, name), column):
                logs[name].setdefault(machine, set()).add((hour, code))
        traits.update(_traits(_there(folder, TRAITS)))
    if not daily:
        raise UsageError(f"no machine in {', '.join(map(str, folders))}")
    found = []
    for machine in sorted(daily):
        days = np.array(sorted(daily[machine]), dtype=np.int64)
        by_log = {name: _by_code(logs[name].get(machine, set())) for name in LOGS}
        model, age = traits.get(machine, (float("nan"), float("nan")))
        found.append(
            FleetMachine(
                machine=str(machine),
                days=days,
                daily=np.array([daily[machine][int(day)] for day in days], dtype=np.float64),
                errors=by_log["errors"],
                failures=by_log["failures"],
                maintenance=by_log["maint"],
                model=model,
                age=age,
            )
        )
    return tuple(found)


def _by_code(entries: set[tuple[int, str]]) -> dict[str, np.ndarray]:
    import numpy as np

    codes = sorted({code for _, code in entries})
    return {code: np.array(sorted(hour for hour, of in entries if of == code), dtype=np.int64) for code in codes}


def _there(folder: Path, name: str) -> Path:
    if not (folder / name).is_file():
        raise UsageError(f"{folder} has no {name}")
    return folder / name


def _log_there(folder: Path, name: str) -> Path:
    for ending in (".csv", ".csv.gz"):
        if (folder / f"{name}{ending}").is_file():
            return folder / f"{name}{ending}"
    raise UsageError(f"{folder} has no {name}.csv (also .gz)")


def _daily(path: Path) -> Iterator[tuple[int, int, tuple[float, ...]]]:
    import duckdb

    query = f"select machineID, date, {', '.join(SIGNALS)} from read_parquet($path) limit {MAX_ROWS}"
    try:
        with duckdb.connect() as connection:
            rows = connection.execute(query, {"path": str(path)}).fetchall()
    except duckdb.Error as error:
        raise ConfigError(f"cannot be read: {str(error).splitlines()[0]}", path=path) from error
    nan = float("nan")
    for machine, date, *means in rows:
        yield int(machine), (date - BEGIN).days, tuple(nan if mean is None else float(mean) for mean in means)


def _rows(path: Path, needed: Sequence[str]) -> Iterator[tuple[int, Mapping[str, str]]]:
    try:
        with (
            gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else open(path, encoding="utf-8") as stream
        ):
            reader = csv.DictReader(stream)
            if missing := sorted(set(needed) - set(reader.fieldnames or ())):
                raise ConfigError(f"no column {missing[0]!r}", path=path, line=1)
            for row in reader:
                if reader.line_num > MAX_LOG_ROWS:
                    raise ConfigError(f"more than {MAX_LOG_ROWS} rows", path=path)
                yield reader.line_num, row
    except (OSError, EOFError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigError(f"cannot be read: {error}", path=path) from error


def _log(path: Path, column: str) -> Iterator[tuple[int, int, str]]:
    for line, row in _rows(path, ("datetime", "machineID", column)):
        try:
            hour = round((datetime.fromisoformat(row["datetime"]) - BEGIN).total_seconds() / 3600)
            yield int(row["machineID"]), hour, row[column]
        except (TypeError, ValueError):
            raise ConfigError("datetime or machineID cannot be read", path=path, line=line) from None


def _traits(path: Path) -> dict[int, tuple[float, float]]:
    found = {}
    for line, row in _rows(path, ("machineID", "model", "age")):
        try:
            found[int(row["machineID"])] = (float(row["model"].removeprefix("model")), float(row["age"]))
        except (TypeError, ValueError):
            raise ConfigError("machineID, model or age cannot be read", path=path, line=line) from None
    return found

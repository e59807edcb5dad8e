"""A simulated plant as files: the untidy exports that a real one would give, or tidy Parquet for measuring.

The untidy form has one file a hall, each in another dialect: semicolons, decimal comma and Windows' code page in one, plain CSV in the next
(with rows twice and out of order), packed CSV in the third. Stamps are naive local time, so that the hour of the clock change is there twice.
"""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.extras import need
from ..core.files import replacing, write_bytes, write_json
from .history import Event
from .local_time import LocalTime
from .simulate import SENSORS, STATE_WORDS, SimulatedMachine, SimulatedPlant
from .simulated_signals import DECIMALS

if TYPE_CHECKING:
    import numpy as np

MACHINES_A_FILE = 100
TWICE, SWAPPED = 5, 3
"""Rows that stand twice, and pairs of rows in the wrong order, in the second hall's file."""


@dataclass(frozen=True)
class Dialect:
    """How one file is written."""

    file: str
    separator: str = ","
    decimal: str = "."
    encoding: str = "utf-8"
    untidy: bool = False


HALLS = (
    Dialect("readings_hall_1.csv", ";", ",", "cp1252"),
    Dialect("readings_hall_2.csv", untidy=True),
    Dialect("readings_hall_3.csv.gz"),
)


def write(simulated: SimulatedPlant, folder: Path) -> tuple[Path, ...]:
    """Write the plant's files into ``folder`` as its systems would export them; same plant, same bytes. Returns the files.

    Raises:
        DiskFullError: no space is left.
    """
    made: list[Path] = []
    for hall, dialect in enumerate(HALLS):
        machines = simulated.machines[hall :: len(HALLS)]
        if machines:
            made.append(_readings(simulated, machines, dialect, folder))
    return (*made, *_logs(simulated, folder), _plant_file(simulated, folder, ""))


def write_tidy(simulated: SimulatedPlant, folder: Path) -> tuple[Path, ...]:
    """Write hourly rows of all sensors as Parquet files of some machines each, with the logs beside them; stamps are UTC with their offset.

    For plants simulated with ``tidy``: irregular tags are left out. Raises DiskFullError.
    """
    duckdb = need("duckdb", "writing Parquet")
    import numpy as np
    import pandas as pd

    folder.mkdir(parents=True, exist_ok=True)
    columns = {sensor.name: sensor.column for sensor in simulated.plant.sensors}
    made: list[Path] = []
    with duckdb.connect(":memory:") as database:
        for number, start in enumerate(range(0, len(simulated.machines), MACHINES_A_FILE)):
            machines = simulated.machines[start : start + MACHINES_A_FILE]
            frame = pd.DataFrame(
                {
                    "pump": np.repeat(
                        [machine.name for machine in machines], [len(machine.times) for machine in machines]
                    ),
                    "timestamp": pd.to_datetime(
                        np.concatenate([machine.times for machine in machines]), unit="us", utc=True
                    ),
                    **{
                        columns[name]: np.concatenate([machine.values[name] for machine in machines]).astype(np.float32)
                        for name in SENSORS
                        if name in machines[0].values
                    },
                }
            )
            path = folder / f"readings_{number:04d}.parquet"
            database.register("frame", frame)
            with replacing(path) as temporary:
                quoted = str(temporary).replace("'", "''")
                database.execute(f"COPY (SELECT * FROM frame) TO '{quoted}' (FORMAT parquet, COMPRESSION zstd)")
            database.unregister("frame")
            made.append(path)
    return (*made, *_logs(simulated, folder), _plant_file(simulated, folder, ""))


def write_truth(simulated: SimulatedPlant, path: Path) -> None:
    """What was hidden, as JSON; kept apart from the plant's files. Raises DiskFullError."""
    write_json(path, {"machines": [machine.truth.as_dict() for machine in simulated.machines]})


def _plant_file(simulated: SimulatedPlant, folder: Path, note: str) -> Path:
    path = folder / "plant.toml"
    write_bytes(path, (note + simulated.plant_file).encode())
    return path


def _readings(simulated: SimulatedPlant, machines: Sequence[SimulatedMachine], dialect: Dialect, folder: Path) -> Path:
    columns = {sensor.name: sensor.column for sensor in simulated.plant.sensors}
    zone = LocalTime(simulated.plant.time_zone)
    lines = [dialect.separator.join(["pump", "timestamp", *(columns[sensor] for sensor in SENSORS)])]
    for index, machine in enumerate(machines):
        rows = list(_rows(machine, zone, dialect))
        if dialect.untidy and index == 0:
            rows = _untidy(rows)
        lines += rows
    content = ("\r\n".join(lines) + "\r\n").encode(dialect.encoding)
    if dialect.file.endswith(".gz"):
        packed = io.BytesIO()
        with gzip.GzipFile(fileobj=packed, mode="wb", filename="", mtime=0, compresslevel=9) as stream:
            stream.write(content)
        content = packed.getvalue()
    write_bytes(folder / dialect.file, content)
    return folder / dialect.file


def _rows(machine: SimulatedMachine, zone: LocalTime, dialect: Dialect) -> Iterator[str]:
    """Lines of one machine in order of time."""
    import numpy as np

    num = len(machine.times)
    stamps = [machine.times, *(times for times, _ in machine.irregular.values())]
    times = np.concatenate(stamps)
    cells = {sensor: [""] * len(times) for sensor in SENSORS}
    word = STATE_WORDS[sum(map(ord, machine.name)) % len(STATE_WORDS)]
    for sensor, taken in machine.values.items():
        numbers = _numbers(taken, DECIMALS.get(sensor, 1), dialect.decimal)
        words = machine.words[sensor]
        cells[sensor][:num] = [word if words[row] else number for row, number in enumerate(numbers)]
    at = num
    for sensor, (sent, taken) in machine.irregular.items():
        cells[sensor][at : at + len(sent)] = _numbers(taken, 1, dialect.decimal)
        at += len(sent)
    local = _stamps(zone.local(times))
    for row in np.argsort(times, kind="stable").tolist():
        name = machine.name if machine.renamed is None or times[row] < machine.renamed[0] else machine.renamed[1]
        yield dialect.separator.join([name, local[row], *(cells[sensor][row] for sensor in SENSORS)])


def _numbers(values: np.ndarray, decimals: int, mark: str) -> list[str]:
    written = [f"{value:.{decimals}f}" for value in values.tolist()]
    return ["" if text == "nan" else text.replace(".", mark) for text in written]


def _stamps(local: np.ndarray) -> list[str]:
    import numpy as np

    return [text.replace("T", " ") for text in np.datetime_as_string(local.astype("datetime64[us]"), unit="s").tolist()]


def _untidy(rows: Sequence[str]) -> list[str]:
    """Some rows twice, some in the wrong order, always the same ones."""
    mixed = list(rows)
    for number in range(SWAPPED):
        at = (number + 1) * len(mixed) // (SWAPPED + 2)
        mixed[at], mixed[at + 1] = mixed[at + 1], mixed[at]
    for number in range(TWICE):
        at = (number + 1) * len(mixed) // (TWICE + 3)
        mixed.insert(at, mixed[at])
    return mixed


def _logs(simulated: SimulatedPlant, folder: Path) -> tuple[Path, ...]:
    zone = LocalTime(simulated.plant.time_zone)

    def told(kind: str) -> Iterator[tuple[str, Event]]:
        logged = [(event, machine) for machine in simulated.machines for event in machine.events if event.kind == kind]
        for event, machine in sorted(logged, key=lambda pair: (pair[0], pair[1].name)):
            renamed = machine.renamed is not None and event.time >= machine.renamed[0]
            yield machine.renamed[1] if renamed and machine.renamed else machine.name, event

    def at(moment: int) -> str:
        return zone.moment(moment).strftime("%Y-%m-%d %H:%M:%S")

    def written(file: str, header: str, rows: Iterable[Sequence[str]], separator: str = ",") -> Path:
        text = io.StringIO()
        writer = csv.writer(text, delimiter=separator, lineterminator="\r\n")
        writer.writerow(header.split(","))
        writer.writerows(rows)
        write_bytes(folder / file, text.getvalue().encode())
        return folder / file

    return (
        written(
            "failures.csv",
            "pump,failed,back_in_service,cause,component",
            ([name, at(one.time), at(one.until), one.code, one.component] for name, one in told("failure")),
        ),
        written(
            "maintenance.csv",
            "order_no,asset,task,component,started,finished,remark",
            (
                [f"MO-{4000 + number}", name, one.code, one.component, at(one.time), at(one.until), one.note]
                for number, (name, one) in enumerate(told("maintenance"))
            ),
            separator=";",
        ),
        written("errors.csv", "time,pump,code", ([at(one.time), name, one.code] for name, one in told("error"))),
        written(
            "stops.csv",
            "pump,from,to,reason",
            ([name, at(one.time), at(one.until), one.code] for name, one in told("stop")),
        ),
        written(
            "open_orders.csv",
            "order_no,asset,component,created,due,text",
            ([one.code, name, one.component, at(one.time), at(one.until), one.note] for name, one in told("order")),
        ),
        written("machines.csv", "pump,model,power_kw", _machine_rows(simulated.machines)),
    )


def _machine_rows(machines: Sequence[SimulatedMachine]) -> Iterator[list[str]]:
    for machine in machines:
        traits: Mapping[str, str | float] = machine.traits
        names = (machine.name,) if machine.renamed is None else (machine.name, machine.renamed[1])
        for name in names:
            yield [name, str(traits["model"]), f"{traits['power_kw']:g}"]

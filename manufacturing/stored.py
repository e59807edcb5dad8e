"""What a run keeps of one machine: everything that its page, the fleet page, the alarms and the plan need, as JSON.

``predict`` writes it for each machine; ``close`` reads them all back, so that a resumed run gives the same pages as an unbroken one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .history import Event, Finding
from .outlook import AnomalyScore, Outlook

if TYPE_CHECKING:
    import numpy as np

    from .history import Record

FILE = "machine.json"
SERIES_FILE = "series.json"
MAX_POINTS = 480
"""Buckets of a stored series: about one for two pixels of a wide plot."""


@dataclass(frozen=True)
class Band:
    """One sensor over equal buckets of time: ``low``, ``middle`` (mean) and ``high`` of each while it ran, None where nothing usable stood."""

    sensor: str
    unit: str
    low: tuple[float | None, ...]
    middle: tuple[float | None, ...]
    high: tuple[float | None, ...]


@dataclass(frozen=True)
class Masked:
    """A stretch whose values were not used, and why (a word of ``history.FLAGS``). Times in microseconds UTC."""

    sensor: str
    flag: str
    start: int
    end: int


@dataclass(frozen=True)
class Series:
    """What is plotted: bucket ``i`` covers ``times[i]`` to ``times[i + 1]``; ``running`` is the share of each bucket; ``anomaly`` the mean score."""

    times: tuple[int, ...]
    bands: tuple[Band, ...]
    running: tuple[float, ...]
    masked: tuple[Masked, ...] = ()
    anomaly: tuple[float | None, ...] = ()


@dataclass(frozen=True)
class PastLife:
    """One life of a component in time and in clock units; ``end`` as in ``history.Life``."""

    component: str
    start: int
    stop: int
    end: str
    age_at_start: float
    lived: float


@dataclass(frozen=True)
class Trend:
    """How a score went: one value a day up to ``as_of``, for one component."""

    component: str
    times: tuple[int, ...]
    scores: tuple[float, ...]


@dataclass(frozen=True)
class StoredMachine:
    """One machine as of ``as_of`` (microseconds UTC). ``outlooks``: one for each component, or one for "".

    ``per_day`` is how many clock units passed in a day of the last weeks; ``age`` by component is the age of its present life. ``model`` says what
    predicted, "" where none fits; ``refused`` says why it does not.
    """

    machine: str
    first: int
    as_of: int
    interval_s: float
    clock_unit: str
    clock: float
    per_day: float
    outlooks: tuple[Outlook, ...]
    age: Mapping[str, float] = field(default_factory=dict)
    model: str = ""
    refused: tuple[str, ...] = ()
    anomaly: AnomalyScore | None = None
    trends: tuple[Trend, ...] = ()
    series: Series | None = None
    lives: tuple[PastLife, ...] = ()
    events: tuple[Event, ...] = ()
    findings: tuple[Finding, ...] = ()
    confidence: float = 1.0
    traits: Mapping[str, str | float] = field(default_factory=dict)
    quality: tuple[Mapping[str, Any], ...] = ()
    summary: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def save(machine: StoredMachine, folder: Path) -> tuple[str, ...]:
    """Write ``machine`` into ``folder``, its series into a file of their own; return the files' names."""
    from ..core.files import write_bytes

    write_bytes(folder / FILE, _form(StoredMachine).dump_json(replace(machine, series=None)))
    write_bytes(folder / SERIES_FILE, _form(Series | None).dump_json(machine.series))
    return FILE, SERIES_FILE


def load(folder: Path) -> StoredMachine:
    """What ``save`` wrote, without the series: a fleet is held without them."""
    return _form(StoredMachine).validate_json((folder / FILE).read_bytes())


def load_series(folder: Path) -> Series | None:
    """The series of the machine that ``save`` wrote into ``folder``."""
    return _form(Series | None).validate_json((folder / SERIES_FILE).read_bytes())


@cache
def _form(kind: Any) -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(kind)


def series(
    record: Record, units: Mapping[str, str], anomaly: np.ndarray | None = None, *, points: int = MAX_POINTS
) -> Series:
    """The record in at most ``points`` buckets, with the stretches that were masked. ``anomaly`` float[rows] may hold NaN.

    Bands are of running rows alone: levels at rest would hide those at work. A machine that never ran shows what there is.
    """
    import numpy as np

    count = len(record.times)
    size = max(1, -(-count // points))
    starts = np.arange(0, count, size)
    times = (*(int(record.times[row]) for row in starts), int(record.times[-1] + record.interval_s * 1e6))
    ran = record.running if record.running.any() else np.ones(count, dtype=bool)
    bands = []
    for place, sensor in enumerate(record.sensors):
        column = record.values[:, place].astype(float)
        known = np.isfinite(column) & ran
        number = np.add.reduceat(known.astype(int), starts)
        total = np.add.reduceat(np.where(known, column, 0.0), starts)
        low = np.minimum.reduceat(np.where(known, column, np.inf), starts)
        high = np.maximum.reduceat(np.where(known, column, -np.inf), starts)
        middle = total / np.maximum(number, 1)
        bands.append(Band(sensor, units.get(sensor, ""), *(_numbers(part, number > 0) for part in (low, middle, high))))
    running = np.add.reduceat(record.running.astype(float), starts) / np.diff(np.append(starts, count))
    return Series(
        times,
        tuple(bands),
        tuple(round(float(share), 3) for share in running),
        tuple(_masked(record)),
        () if anomaly is None else _means(anomaly, starts),
    )


def _numbers(values: np.ndarray, known: np.ndarray) -> tuple[float | None, ...]:
    return tuple(float(f"{value:.5g}") if there else None for value, there in zip(values, known, strict=True))


def _means(values: np.ndarray, starts: np.ndarray) -> tuple[float | None, ...]:
    import numpy as np

    known = np.isfinite(values)
    number = np.add.reduceat(known.astype(int), starts)
    total = np.add.reduceat(np.where(known, values, 0.0), starts)
    return _numbers(total / np.maximum(number, 1), number > 0)


def _masked(record: Record) -> Sequence[Masked]:
    """Stretches of one flag, of those that say the sensor was at fault; a plain gap shows as a gap."""
    import numpy as np

    from .history import FLAGS

    told = {code: word for word, code in FLAGS.items() if word in ("bad_quality", "out_of_range", "stuck", "unit_jump")}
    found: list[Masked] = []
    step = int(record.interval_s * 1e6)
    for place, sensor in enumerate(record.sensors):
        flags = record.flags[:, place]
        edges = np.flatnonzero(np.diff(flags)) + 1
        for start, stop in zip([0, *edges], [*edges, len(flags)], strict=True):
            if int(flags[start]) in told:
                word = told[int(flags[start])]
                found.append(Masked(sensor, word, int(record.times[start]), int(record.times[stop - 1]) + step))
    return found


def past_lives(record: Record) -> tuple[PastLife, ...]:
    """The lives of every component in clock units."""
    last = len(record.times) - 1
    return tuple(
        PastLife(
            life.component,
            int(record.times[min(life.start, last)]),
            int(record.times[min(max(life.stop - 1, 0), last)]),
            life.end,
            life.age_at_start,
            float(record.clock[min(max(life.stop - 1, 0), last)] - record.clock[min(life.start, last)]),
        )
        for life in record.lives
    )

"""Data quality of many machines: the rows of the data-quality page, and machines that changed their name.

Made of records one by one and small enough to be kept as JSON with each machine's result, so that a fleet's page is built without its data.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

from .history import FLAGS, Finding, Record
from .local_time import DAY, LocalTime

if TYPE_CHECKING:
    import numpy as np

LEVEL_ROWS = 168
"""Running rows at either end that say on what level a machine began and ended."""
LEAST_LEVEL_ROWS = 24
MOST_SILENCE_US = 14 * DAY
"""A new name begins at most so long after the old one ends (and overlaps by at most two days)."""
OVERLAP_US = 2 * DAY
ALIKE = 1.0
"""The greatest mean distance of levels that is called alike, in the measure of ``_spread``."""


@dataclass(frozen=True)
class QualityRow:
    """One sensor of one machine ("" is the machine's rows). Counts are rows of the grid in which the machine should have run.

    ``coverage`` is the share of them with a usable value, ``filled`` those where the last value stands in; ``findings`` are the sentences.
    """

    machine: str
    sensor: str
    num_rows: int
    coverage: float
    missing: int = 0
    state: int = 0
    bad_quality: int = 0
    not_a_number: int = 0
    out_of_range: int = 0
    stuck: int = 0
    unit_jump: int = 0
    filled: int = 0
    repaired: int = 0
    masked: int = 0
    longest_gap_h: float = 0.0
    weight: float = 0.0
    findings: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)


def summary(records: Iterable[Record]) -> tuple[QualityRow, ...]:
    """The data-quality table: for each machine a row of its own, then one a sensor."""
    return tuple(row for record in records for row in _rows_of(record))


def quality_row(content: Mapping[str, Any]) -> QualityRow:
    """A row read back from its JSON."""
    known = {field.name for field in fields(QualityRow)}
    kept = {name: value for name, value in content.items() if name in known}
    return QualityRow(**{**kept, "findings": tuple(kept.get("findings", ()))})


def _rows_of(record: Record) -> Iterable[QualityRow]:
    import numpy as np

    looked_at = record.running
    num = int(looked_at.sum())
    usable = ~np.isnan(record.values)
    by_sensor: dict[str, list[Finding]] = {}
    for finding in record.findings:
        by_sensor.setdefault(finding.sensor, []).append(finding)
    some = np.asarray(usable.any(axis=1))
    yield QualityRow(
        record.machine,
        "",
        num,
        _share(some[looked_at]),
        missing=int((~some[looked_at]).sum()),
        longest_gap_h=_longest(~some[looked_at]) * record.interval_s / 3600,
        **_acted(by_sensor.get("", ())),
    )
    names = [name for name in FLAGS if name != "ok"]
    for column, sensor in enumerate(record.sensors):
        counts = np.bincount(record.flags[looked_at, column], minlength=len(FLAGS))
        empty = ~usable[looked_at, column]
        yield QualityRow(
            record.machine,
            sensor,
            num,
            _share(~empty),
            longest_gap_h=_longest(empty) * record.interval_s / 3600,
            **{name: int(counts[FLAGS[name]]) for name in names},
            **_acted(by_sensor.get(sensor, ())),
        )


def _acted(findings: Sequence[Finding]) -> dict[str, Any]:
    def rows(action: str) -> int:
        return sum(finding.num_rows for finding in findings if finding.action == action)

    return {
        "repaired": rows("repaired"),
        "masked": rows("masked"),
        "weight": round(sum(finding.weight for finding in findings), 4),
        "findings": tuple(finding.sentence for finding in findings),
    }


def _share(marks: np.ndarray) -> float:
    return float(marks.mean()) if len(marks) else 0.0


def _longest(marks: np.ndarray) -> int:
    import numpy as np

    edges = np.flatnonzero(np.diff(np.concatenate([[0], marks.astype(np.int8), [0]])))
    return int((edges[1::2] - edges[::2]).max()) if len(edges) else 0


@dataclass(frozen=True)
class MachineSummary:
    """When a machine's readings begin and end, and its levels (medians over running rows) at either end, by sensor; None where nothing was read."""

    machine: str
    first: int
    last: int
    begins: Mapping[str, float | None]
    ends: Mapping[str, float | None]

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values; ``MachineSummary(**content)`` reads them back."""
        return asdict(self)


def summarise(record: Record) -> MachineSummary:
    """What ``renamed`` needs to know of a machine."""
    import numpy as np

    ran = np.flatnonzero(record.running)

    def levels(rows: np.ndarray) -> dict[str, float | None]:
        found: dict[str, float | None] = {}
        for column, sensor in enumerate(record.sensors):
            taken = record.values[rows, column]
            taken = taken[~np.isnan(taken)]
            found[sensor] = float(np.median(taken)) if len(taken) >= LEAST_LEVEL_ROWS else None
        return found

    seen = np.flatnonzero((record.flags != FLAGS["missing"]).any(axis=1))
    first, last = (int(record.times[seen[0]]), int(record.times[seen[-1]])) if len(seen) else (0, 0)
    return MachineSummary(record.machine, first, last, levels(ran[:LEVEL_ROWS]), levels(ran[-LEVEL_ROWS:]))


@dataclass(frozen=True)
class Renamed:
    """Two names that are probably one machine. ``distance`` is the mean distance of levels, see ``ALIKE``; ``sentence`` says what to do."""

    old: str
    new: str
    ended: int
    began: int
    distance: float
    sentence: str


def renamed(summaries: Sequence[MachineSummary], *, time_zone: str = "UTC") -> tuple[Renamed, ...]:
    """Machines whose readings stop as another's begin, at like levels: each is the other's nearest.

    A machine that ends with the data, or begins with them, was not renamed. Nothing is joined by itself: the plant file's ``readings.rename`` does that.
    """
    import numpy as np

    if len(summaries) < 2:
        return ()
    zone = LocalTime(time_zone)
    first, last = min(one.first for one in summaries), max(one.last for one in summaries)
    old = [one for one in summaries if one.last < last - DAY]
    new = [one for one in summaries if one.first > first + DAY]
    sensors = sorted({name for one in summaries for name in one.begins})
    spread = {name: _spread(name, summaries) for name in sensors}
    distance = np.full((len(old), len(new)), np.inf)
    for row, before in enumerate(old):
        for column, after in enumerate(new):
            silence = after.first - before.last
            if before.machine != after.machine and -OVERLAP_US <= silence <= MOST_SILENCE_US:
                distance[row, column] = _distance(before.ends, after.begins, spread)
    found: list[Renamed] = []
    for row, before in enumerate(old):
        if not len(new):
            break
        column = int(np.argmin(distance[row]))
        value = float(distance[row, column])
        if value > ALIKE or int(np.argmin(distance[:, column])) != row:
            continue
        after = new[column]
        found.append(
            Renamed(
                *(before.machine, after.machine, before.last, after.first, round(value, 3)),
                f"the readings of {before.machine} end on {zone.text(before.last)} and those of {after.machine} begin on {zone.text(after.first)} "
                f"at the same levels: probably one machine under a new name. If so, add rename = {{ {_key(before.machine)} = {_key(after.machine)} }} to "
                "[readings] in the plant file, so that its past counts",
            )
        )
    return tuple(found)


def _key(name: str) -> str:
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _spread(sensor: str, summaries: Sequence[MachineSummary]) -> float:
    """What counts as a difference of levels: a third of what machines differ by, or half of what one machine's own level moves by (seasons)."""
    import numpy as np

    levels = np.array([level for one in summaries if (level := one.begins.get(sensor)) is not None])
    if not len(levels):
        return 1.0
    pairs = ((one.begins.get(sensor), one.ends.get(sensor)) for one in summaries)
    moves = [abs(end - begin) for begin, end in pairs if begin is not None and end is not None]
    middle = float(np.median(levels))
    between = 1.4826 * float(np.median(np.abs(levels - middle)))
    return max(between / 3, float(np.median(moves)) / 2 if moves else 0.0, 0.02 * abs(middle), 1e-9)


def _distance(
    ends: Mapping[str, float | None], begins: Mapping[str, float | None], spread: Mapping[str, float]
) -> float:
    both = [(name, a, b) for name, a in ends.items() if a is not None and (b := begins.get(name)) is not None]
    if not both:
        return float("inf")
    return sum(min(10.0, abs(a - b) / spread[name]) for name, a, b in both) / len(both)

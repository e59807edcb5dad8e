"""From a history as it was read to a record that models may trust: ordered, regular, doubtful values masked, lives apart.

``check`` runs the steps of ``rows``, ``running``, ``sensor_faults``, ``grid`` and ``clocks`` in that order and says what it found. No row of the
record depends on a reading after it: a history cut at any moment gives the same rows up to there. ``quality_tables`` sums the records up.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..core.errors import InputError
from .clocks import count, lives
from .grid import fill, regular
from .history import FLAGS, Finding, History, Record
from .local_time import SECOND, LocalTime, span_text
from .quality_tables import MachineSummary, QualityRow, Renamed, renamed, summarise, summary
from .rows import Rows, in_order
from .running import Running, of_grid, of_rows
from .sensor_faults import UnitJump, apply, beyond_limits, stuck, unit_jumps

if TYPE_CHECKING:
    import numpy as np

    from .plant import Plant, Sensor

__all__ = ("MachineSummary", "QualityRow", "Renamed", "check", "renamed", "summarise", "summary")

RECENT_S = 7 * 86_400.0
"""Faults in the last so many seconds of running time count in full for confidence, older ones by their share of the whole."""
SENSOR_WEIGHT = 0.3
"""The most that one sensor without any value takes from confidence; with more than five sensors it is 1.5 over their number."""
ROWS_WEIGHT = 0.8
"""What it takes when no sensor at all has told anything lately."""
MOST_FINDINGS = 300
MISSING = ("missing", "state", "bad_quality", "not_a_number")


def check(history: History, plant: Plant, *, now: int | None = None) -> Record:
    """Check one machine's history and bring it into the form that features and models read.

    Args:
        now: stamps after it (microseconds UTC) are dropped as wrong; None takes every stamp.

    Raises:
        InputError: fewer than ``rows.MIN_ROWS`` readings (``too_few_rows``), no usable value at all (``no_values``), arrays of unequal
            length (``shape``), or an interval far too short for the data (``grid_too_long``).
    """
    import numpy as np

    zone = LocalTime(plant.time_zone)
    rows, findings = in_order(history, plant, now=now)
    ran = of_rows(rows, plant)
    outside = beyond_limits(rows, plant)
    jumps = unit_jumps(rows, ran, plant, outside)
    findings += _outside_found(rows, outside, jumps, plant, zone)
    grid = regular(apply(rows, jumps, outside), ran, plant)
    if np.isnan(grid.values).all():
        raise InputError(
            f"machine {history.machine!r} has {len(rows.times)} readings and not one usable value",
            code="no_values",
            remedy="Look at the columns, units, limits and quality words in the plant file.",
        )
    state = of_grid(grid.running, grid.times, plant, history.events)
    standing_still = stuck(grid.values, state.running, plant.readings.interval_s, plant)
    if standing_still.any():
        grid.values[standing_still] = np.nan
        grid.flags[standing_still] = FLAGS["stuck"]
    values, flags = fill(grid, state.running, plant)
    clock, clock_findings = count(grid.times, state.running, plant, grid.clock, machine=history.machine)
    events = tuple(sorted(history.events))
    if now is not None:
        events = tuple(event for event in events if event.time <= now or event.kind in ("stop", "order"))
    counted = grid.clock is not None and bool(np.isfinite(grid.clock).any())
    found_lives, life_findings = lives(grid.times, clock, state.running, events, plant, counted=counted)
    weigher = _Weigher(grid.times, state, plant)
    findings += _interval_found(rows, plant, zone)
    findings += _running_found(state, weigher)
    findings += _gaps_found(values, flags, weigher)
    findings += _faults_found(flags, jumps, weigher)
    findings += [*clock_findings, *life_findings]
    findings += [Finding("read", "", 0, 0, 0, "noted", note) for note in history.notes]
    return Record(
        machine=history.machine,
        sensors=tuple(sensor.name for sensor in plant.sensors),
        interval_s=plant.readings.interval_s,
        times=grid.times,
        values=values,
        flags=flags,
        running=state.running,
        clock=clock,
        clock_unit=plant.clock.unit,
        lives=found_lives,
        events=events,
        traits=history.traits,
        findings=_most_telling(findings),
    )


class _Weigher:
    """Spans, times and weights of rows of one grid, in the time in which readings should be there."""

    def __init__(self, times: np.ndarray, state: Running, plant: Plant) -> None:
        import numpy as np

        self.times = times
        self.plant = plant
        self.zone = LocalTime(plant.time_zone)
        self.interval_s = plant.readings.interval_s
        self.expected = np.flatnonzero(state.expected)
        self.recent = self.expected[-max(1, round(RECENT_S / self.interval_s)) :]
        self.sensor_weight = min(SENSOR_WEIGHT, 1.5 / len(plant.sensors))

    def doubt(self, bad: np.ndarray) -> float:
        """0 to 1: the share of recent expected rows that are bad, or half the share of all, whichever is more."""
        if not len(self.expected):
            return 0.0
        return max(float(bad[self.recent].mean()), 0.5 * float(bad[self.expected].mean()))

    def stretches(self, bad: np.ndarray) -> tuple[int, int, int, int, int]:
        """Over expected rows: how many are bad, in how many stretches, rows of the longest, and its first and last moment."""
        import numpy as np

        marks = bad[self.expected].astype(np.int8)
        edges = np.flatnonzero(np.diff(np.concatenate([[0], marks, [0]])))
        begins, ends = edges[::2], edges[1::2]
        if not len(begins):
            return 0, 0, 0, 0, 0
        longest = int(np.argmax(ends - begins))
        first, last = self.expected[begins[longest]], self.expected[ends[longest] - 1]
        length = int(ends[longest] - begins[longest])
        return int(marks.sum()), len(begins), length, int(self.times[first]), int(self.times[last])

    def span(self, rows: int) -> str:
        return span_text(rows * self.interval_s)

    def share(self, rows: int) -> str:
        return f"{100 * rows / max(1, len(self.expected)):.3g} %"


def _outside_found(
    rows: Rows, outside: np.ndarray, jumps: Sequence[UnitJump], plant: Plant, zone: LocalTime
) -> list[Finding]:
    """What limits mask, told by readings; rows that a change of unit explains are told there."""
    import numpy as np

    findings: list[Finding] = []
    for column in np.flatnonzero(outside.any(axis=0)):
        sensor = plant.sensors[column]
        told = outside[:, column].copy()
        for jump in jumps:
            if jump.column == column:
                told &= ~jump.mask
        at = np.flatnonzero(told)
        if not len(at):
            continue
        values = rows.values[at, column]
        worst = float(values[np.argmax(np.abs(values - _middle(sensor)))])
        share = len(at) / len(rows.times)
        limits = f"{_number(sensor.low)} to {_number(sensor.high)} {sensor.unit}".strip()
        findings.append(
            Finding(
                *("out_of_range", sensor.name, int(rows.times[at[0]]), int(rows.times[at[-1]]), len(at), "masked"),
                f"{sensor.name}: {len(at)} readings outside what the sensor can read ({limits}), as {worst:.4g} near "
                f"{zone.text(int(rows.times[at[0]]))}; masked",
                round(min(SENSOR_WEIGHT, 1.5 / len(plant.sensors)) * min(1.0, share), 4),
            )
        )
    return findings


def _middle(sensor: Sensor) -> float:
    if sensor.low is None or sensor.high is None:
        return sensor.low if sensor.low is not None else sensor.high or 0.0
    return (sensor.low + sensor.high) / 2


def _number(limit: float | None) -> str:
    return "any" if limit is None else f"{limit:.6g}"


def _interval_found(rows: Rows, plant: Plant, zone: LocalTime) -> list[Finding]:
    import numpy as np

    usual = float(np.median(np.diff(rows.times))) / SECOND
    interval_s = plant.readings.interval_s
    if usual <= 1.9 * interval_s:
        return []
    return [
        Finding(
            *("interval", "", int(rows.times[0]), int(rows.times[-1]), len(rows.times), "noted"),
            f"readings come each {span_text(usual)}, the plant file says each {span_text(interval_s)}: set readings.interval_s",
            0.05,
        )
    ]


def _running_found(state: Running, weigher: _Weigher) -> list[Finding]:
    if not state.num_unknown:
        return []
    unknown = state.expected & ~state.running
    _, num, longest, first, last = weigher.stretches(unknown)
    return [
        Finding(
            *("running_unknown", "", first, last, state.num_unknown, "noted"),
            f"for {weigher.span(state.num_unknown)} of production time nothing tells whether the machine ran (in {num} stretches, "
            f"the longest {weigher.span(longest)} from {weigher.zone.text(first)}); it is not counted as running",
            0.0,
        )
    ]


def _gaps_found(values: np.ndarray, flags: np.ndarray, weigher: _Weigher) -> list[Finding]:
    """Missing values in expected time: rows that no sensor has, then each sensor apart from those."""
    import numpy as np

    plant, findings = weigher.plant, []
    missing = np.asarray(np.isin(flags, [FLAGS[name] for name in MISSING]))
    empty = np.asarray(missing.all(axis=1))
    rows, num, longest, first, last = weigher.stretches(empty)
    if rows:
        weight = ROWS_WEIGHT * weigher.doubt(empty)
        findings.append(
            Finding(
                *("gap", "", first, last, rows, "masked"),
                f"no reading of any sensor for {weigher.span(rows)} of the time it should run ({weigher.share(rows)}), in {_gaps(num)}; the longest is "
                f"{weigher.span(longest)} from {weigher.zone.text(first)}",
                round(weight, 4),
            )
        )
    missing = missing & ~empty[:, None]
    for column in np.flatnonzero(missing.any(axis=0) | np.isnan(values).all(axis=0)):
        sensor = plant.sensors[column]
        if np.isnan(values[:, column]).all() and not (flags[:, column] == FLAGS["out_of_range"]).any():
            findings.append(
                Finding(
                    *(
                        "sensor_missing",
                        sensor.name,
                        int(weigher.times[0]),
                        int(weigher.times[-1]),
                        len(values),
                        "masked",
                    ),
                    f"{sensor.name}: not one usable reading; nothing is said from this sensor",
                    round(weigher.sensor_weight, 4),
                )
            )
            continue
        bad = missing[:, column]
        rows, num, longest, first, last = weigher.stretches(bad)
        if not rows:
            continue
        lost = (
            weigher.expected[bad[weigher.expected]][-1] == weigher.expected[-1]
            and longest * weigher.interval_s >= 86_400
        )
        tail = (
            f"; none since {weigher.zone.text(first)}"
            if lost and last == int(weigher.times[weigher.expected[-1]])
            else ""
        )
        findings.append(
            Finding(
                *("gap", sensor.name, first, last, rows, "masked"),
                f"{sensor.name}: no usable reading for {weigher.span(rows)} of the time it should run ({weigher.share(rows)}), in {_gaps(num)}; the "
                f"longest is {weigher.span(longest)} from {weigher.zone.text(first)}{_why(flags[bad, column])}{tail}",
                round(weigher.sensor_weight * weigher.doubt(bad), 4),
            )
        )
    return findings


def _gaps(num: int) -> str:
    return "one gap" if num == 1 else f"{num} gaps"


def _why(flags: np.ndarray) -> str:
    words = {"state": "a word instead of a number", "bad_quality": "marked as bad", "not_a_number": "no number"}
    counts = [(int((flags == FLAGS[name]).sum()), text) for name, text in words.items()]
    told = [f"{count} {text}" for count, text in counts if count]
    return f" ({', '.join(told)})" if told else ""


def _faults_found(flags: np.ndarray, jumps: Sequence[UnitJump], weigher: _Weigher) -> list[Finding]:
    """Stuck sensors and changes of unit."""
    import numpy as np

    plant, zone, findings = weigher.plant, weigher.zone, []
    still = flags == FLAGS["stuck"]
    for column in np.flatnonzero(still.any(axis=0)):
        sensor = plant.sensors[column]
        rows, num, _, first, last = weigher.stretches(still[:, column])
        findings.append(
            Finding(
                *("stuck", sensor.name, first, last, max(rows, int(still[:, column].sum())), "masked"),
                f"{sensor.name}: one same value for longer than {span_text(sensor.stuck_after_s)} of running time, masked for {weigher.span(rows)}"
                f"{'' if num <= 1 else f' in {num} stretches'}; the longest until {zone.text(last)}. A sensor that stands still says nothing "
                "of the machine: check sensor and transmitter",
                round(weigher.sensor_weight * weigher.doubt(still[:, column]), 4),
            )
        )
    for column in sorted({jump.column for jump in jumps}):
        sensor = plant.sensors[column]
        of_sensor = [jump for jump in jumps if jump.column == column]
        weight = weigher.sensor_weight * weigher.doubt(flags[:, column] == FLAGS["unit_jump"])
        for jump in of_sensor:
            if not jump.confirmed:
                continue
            num = int(jump.mask.sum())
            done = "converted back" if jump.back else "masked"
            remedy = (
                ""
                if jump.back
                else ". If the source did change, mend it, or name both units in the plant file (source_unit)"
            )
            findings.append(
                Finding(
                    *("unit_jump", sensor.name, jump.start, jump.start, num, "repaired" if jump.back else "masked"),
                    f"{sensor.name}: jumps as if its unit had changed ({jump.conversion.name}), {num} readings from {zone.text(jump.start)} on; "
                    f"{done}{remedy}",
                    round(0.1 * weigher.sensor_weight if jump.back else weight, 4),
                )
            )
            weight = 0.0
        brief = [jump for jump in of_sensor if not jump.confirmed]
        if brief:
            num = sum(int(jump.mask.sum()) for jump in brief)
            findings.append(
                Finding(
                    *("unit_jump", sensor.name, brief[0].start, brief[-1].start, num, "masked"),
                    f"{sensor.name}: {num} readings as if in another unit ({brief[0].conversion.name}), for too short a time to be sure (first "
                    f"{zone.text(brief[0].start)}); masked",
                    round(weight, 4),
                )
            )
    return findings


def _most_telling(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """All, or where a machine with thousands of columns gives too many, the weightiest and how many more there are."""
    if len(findings) <= MOST_FINDINGS:
        return tuple(findings)
    kept = sorted(findings, key=lambda finding: -finding.weight)[:MOST_FINDINGS]
    rest = len(findings) - MOST_FINDINGS
    return (*kept, Finding("more", "", 0, 0, rest, "noted", f"{rest} more remarks of less weight are left out"))

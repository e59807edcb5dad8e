"""``data-quality.html``: what was wrong with the readings of each machine and what was done about it; machines that seem to have changed their name; what was not read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..history import Finding
from ..quality_tables import MachineSummary, QualityRow, Renamed, quality_row, renamed
from ..stored import StoredMachine
from .state import Report
from .templating import render

MAX_MACHINES = 1000
LOW_COVERAGE = 0.9
LOW_CONFIDENCE = 0.95
ACTIONS = {"repaired": "repaired", "masked": "masked", "refused": "refused", "noted": "noted"}


@dataclass(frozen=True)
class MachineQuality:
    """One machine's data in short: usable share of its weakest sensor, longest gap, confidence, findings."""

    machine: StoredMachine
    coverage: float
    weakest: str
    longest_gap_h: float
    masked: int
    repaired: int
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class QualitySummary:
    """The fleet's data in a few figures."""

    machines: int
    with_findings: int
    low_confidence: int
    sensor_faults: int
    renamed: tuple[Renamed, ...]


def quality_html(report: Report) -> str:
    """The page, the machines with the least confidence first."""
    rows = sorted(
        (_row(machine) for machine in report.fleet.machines),
        key=lambda one: (one.machine.confidence, one.coverage, one.machine.machine),
    )
    return render(
        "quality",
        {
            "report": report,
            "moments": report.moments,
            "rows": rows[:MAX_MACHINES],
            "num_rows": len(rows),
            "summary": summary(report),
            "actions": ACTIONS,
            "low_coverage": LOW_COVERAGE,
            "low_confidence": LOW_CONFIDENCE,
        },
    )


def summary(report: Report) -> QualitySummary:
    """What the first page says of the data."""
    machines = report.fleet.machines
    faults = {
        (one.machine, finding.sensor)
        for one in machines
        for finding in one.findings
        if finding.sensor and finding.weight > 0
    }
    return QualitySummary(
        machines=len(machines),
        with_findings=sum(1 for one in machines if one.findings),
        low_confidence=sum(1 for one in machines if one.confidence < LOW_CONFIDENCE),
        sensor_faults=len(faults),
        renamed=renamed(
            [told for one in machines if (told := _summary(one)) is not None], time_zone=report.fleet.plant.time_zone
        ),
    )


def _summary(machine: StoredMachine) -> MachineSummary | None:
    return MachineSummary(**machine.summary) if machine.summary else None


def _row(machine: StoredMachine) -> MachineQuality:
    rows: Sequence[QualityRow] = [quality_row(content) for content in machine.quality]
    sensors = [row for row in rows if row.sensor]
    weakest = min(sensors, key=lambda row: row.coverage, default=None)
    return MachineQuality(
        machine=machine,
        coverage=weakest.coverage if weakest is not None else 0.0,
        weakest=weakest.sensor if weakest is not None and weakest.coverage < 1 else "",
        longest_gap_h=max((row.longest_gap_h for row in rows), default=0.0),
        masked=sum(row.masked for row in rows),
        repaired=sum(row.repaired for row in rows),
        findings=machine.findings,
    )

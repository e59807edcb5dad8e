"""``machines/NAME.html``: one machine: what is expected of each part and why, its signals, its past, and what was wrong with its data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...core.pages.text import percent
from ...core.rules import Proof
from ..alarms import Incident
from ..fleet import pressing
from ..outlook import AnomalyScore, Outlook
from ..plan.types import Visit
from ..quality_tables import quality_row
from ..requests import Request
from ..stored import StoredMachine
from . import plots, svg
from .state import STATES, Report
from .templating import render
from .words import BASES, BASIS_SENTENCES, CLOCK_UNITS, HORIZONS, Moments, life_text, number

if TYPE_CHECKING:
    from markupsafe import Markup

MAX_PLOTS = 12
MAX_EVENTS, MAX_LIVES = 60, 60
MAX_REASONS = 8
LEADING_SHARE = 0.15
"""A sensor with less of the anomaly score is not shaded."""


@dataclass(frozen=True)
class PartView:
    """One component as the page shows it."""

    outlook: Outlook
    state: str
    incident: Incident | None
    request: Request | None
    visit: Visit | None
    basis: str
    basis_sentence: str
    life: str
    risks: tuple[tuple[str, str, Markup | str], ...]
    trend: Markup | str
    fan: Markup | str
    fan_words: str
    age: str
    proofs: tuple[tuple[Proof, tuple[str, ...]], ...]


@dataclass(frozen=True)
class SignalView:
    """One sensor's plot with what must be said beside it."""

    name: str
    unit: str
    plot: Markup
    masked: tuple[str, ...]
    reasons: tuple[str, ...]


def machine_html(report: Report, machine: StoredMachine) -> str:
    """The page of one machine: the same stored files give the same bytes."""
    moments = report.moments
    axis = plots.TimeAxis(machine.series, moments) if machine.series is not None else None
    parts = [_part(report, machine, outlook) for outlook in _ordered(report, machine)]
    strange = plots.anomaly(axis, _threshold(machine)) if axis is not None else None
    shown, left = (
        _signals(machine, axis, parts, strange[1] if strange else [], moments) if axis is not None else ((), ())
    )
    return render(
        "machine",
        {
            "report": report,
            "machine": machine,
            "moments": moments,
            "parts": parts,
            "state": parts[0].state if parts else "silent" if report.is_silent(machine) else "unjudged",
            "states": STATES,
            "signals": shown,
            "left": left,
            "strip": plots.event_strip(axis, machine.events) if axis is not None else "",
            "anomaly": strange[0] if strange else "",
            "anomaly_score": _anomaly(machine),
            "judged": any(part.outlook.basis in ("model", "ranking") for part in parts),
            "events": sorted(machine.events, key=lambda event: -event.time)[:MAX_EVENTS],
            "event_words": plots.EVENT_WORDS,
            "lives": sorted(machine.lives, key=lambda life: -life.stop)[:MAX_LIVES],
            "clock_unit": CLOCK_UNITS.get(machine.clock_unit, machine.clock_unit),
            "quality": [quality_row(row) for row in machine.quality if row.get("sensor")],
            "looked_at": looked_at(machine, report),
        },
        home="../",
    )


def _ordered(report: Report, machine: StoredMachine) -> list[Outlook]:
    """The outlooks of a machine, the most pressing first."""
    states = list(STATES)
    return sorted(
        machine.outlooks,
        key=lambda one: (states.index(report.state_of(machine, one)), -pressing(one), -one.score, one.component),
    )


def num_sensors(machine: StoredMachine) -> int:
    """How many sensors of a machine were looked at."""
    if machine.series is not None:
        return len(machine.series.bands)
    return sum(1 for row in machine.quality if row.get("sensor"))


def looked_at(machine: StoredMachine, report: Report) -> str:
    """What a finding, or none, rests on: so that no finding is never taken for health."""
    num = num_sensors(machine)
    moments = report.moments
    words = (
        f"Looked at: {num} sensors from {moments.text(machine.first)} to {moments.text(machine.as_of)} ({moments.zone})"
    )
    if machine.model:
        return f"{words}, by {machine.model}."
    return f"{words}; no model trained on failures was used."


def _part(report: Report, machine: StoredMachine, outlook: Outlook) -> PartView:
    moments = report.moments
    course = next((one for one in machine.trends if one.component == outlook.component), None)
    calibrated = outlook.basis in ("model", "age")
    chances = tuple(
        (words, percent(chance), svg.bar(chance, f"{percent(chance)} within {words}"))
        for hours, words in HORIZONS.items()
        if (chance := outlook.risks.get(hours)) is not None
    )
    unit = CLOCK_UNITS.get(machine.clock_unit, machine.clock_unit)
    age = machine.age.get(outlook.component)
    return PartView(
        outlook=outlook,
        state=report.state_of(machine, outlook),
        incident=report.incident_of.get((machine.machine, outlook.component)),
        request=next(
            (one for one in report.requests if (one.machine, one.component) == (machine.machine, outlook.component)),
            None,
        ),
        visit=report.visit_of(machine.machine, outlook.component),
        basis=BASES[outlook.basis],
        basis_sentence=BASIS_SENTENCES[outlook.basis],
        life=life_text(outlook.life, machine.per_day) if outlook.life is not None else "",
        risks=chances,
        trend=plots.trend(course, outlook.threshold, moments, as_percent=outlook.basis == "model") if course else "",
        fan=plots.fan(outlook) if calibrated else "",
        fan_words=plots.fan_words(outlook, moments) if calibrated else "",
        age=f"{number(age)} {unit}" if age is not None else "",
        proofs=tuple((proof, tuple(evidence.text for evidence in proof.evidence())) for proof in outlook.rules),
    )


def _anomaly(machine: StoredMachine) -> AnomalyScore | None:
    return machine.anomaly or next((one.anomaly for one in machine.outlooks if one.anomaly is not None), None)


def _threshold(machine: StoredMachine) -> float | None:
    found = _anomaly(machine)
    return found.threshold if found is not None else None


def _signals(
    machine: StoredMachine,
    axis: plots.TimeAxis,
    parts: Sequence[PartView],
    strange: Sequence[tuple[float, float]],
    moments: Moments,
) -> tuple[tuple[SignalView, ...], tuple[str, ...]]:
    """The plots of the sensors that matter most, and the names of those left out."""
    windows, told = _windows(parts)
    score = _anomaly(machine)
    leads = {name for name, share in (score.sensors if score is not None else ()) if share >= LEADING_SHARE}
    order: Mapping[str, int] = {name: place for place, name in enumerate(told)}
    faulty = {one.sensor for one in axis.series.masked}
    bands = sorted(
        enumerate(axis.series.bands),
        key=lambda pair: (order.get(pair[1].sensor, 999), pair[1].sensor not in faulty, pair[0]),
    )
    shown = tuple(
        SignalView(
            name=band.sensor,
            unit=band.unit,
            plot=plots.signal(
                axis,
                band,
                events=machine.events,
                windows=windows.get(band.sensor, ()),
                strange=strange if band.sensor in leads or not leads else (),
            ),
            masked=tuple(plots.masked_words(machine, band.sensor, moments)),
            reasons=tuple(told.get(band.sensor, ())),
        )
        for _, band in bands[:MAX_PLOTS]
    )
    return shown, tuple(band.sensor for _, band in bands[MAX_PLOTS:])


def _windows(parts: Sequence[PartView]) -> tuple[dict[str, list[tuple[int, int]]], dict[str, list[str]]]:
    """By sensor the windows that raised a risk, and the sentences; of the parts that need attention, else of the first."""
    windows: dict[str, list[tuple[int, int]]] = {}
    told: dict[str, list[str]] = {}
    chosen = [part for part in parts if part.state in ("open", "waiting", "watch")] or list(parts[:1])
    for part in chosen:
        for reason in part.outlook.reasons[:MAX_REASONS]:
            if reason.contribution <= 0:
                continue
            told.setdefault(reason.sensor, []).append(reason.sentence)
            if reason.window_rows:  # a window of the whole life would shade everything
                windows.setdefault(reason.sensor, []).append((reason.start, reason.end))
    return windows, told

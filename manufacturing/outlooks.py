"""From one machine's history to all that is kept of it: checked record, outlook of each component with reasons, course of the scores.

``predict`` runs it over a fleet. Where no model fits, a machine still gets its anomaly score here and, when the run closes, the age model's outlook.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from .outlook import Outlook
from .stored import StoredMachine, Trend, past_lives, series

if TYPE_CHECKING:
    import numpy as np

    from .history import History, Record
    from .life import LifeModel
    from .model import MachineModel
    from .plant import Plant
    from .watch import Watched

TREND_DAYS = 30
PACE_DAYS = 28
"""The clock's pace is taken over so many last days."""
DAY_US = 86_400_000_000
ANOMALY_LEVEL = 0.5
"""Where an anomaly score at its threshold stands on the scale of scores."""
EVENTS_KEPT = 200


def look(
    history: History, plant: Plant, model: MachineModel | LifeModel | None, *, now: int | None = None
) -> StoredMachine:
    """Check a history and predict from it.

    Args:
        model: an open model; None, or one that does not fit the plant, leaves the outlooks to the age model.
        now: as in ``quality.check``.

    Raises:
        InputError: the history cannot be used; see ``quality.check``.
    """
    from .plant_rules import judge, with_rules
    from .quality import check
    from .quality_tables import summarise, summary
    from .watch import watch

    record = check(history, plant, now=now)
    refused = model.misfits(plant) if model is not None else ()
    units = {sensor.name: sensor.unit for sensor in plant.sensors}
    outlooks: tuple[Outlook, ...] = ()
    trends: tuple[Trend, ...] = ()
    per_day = pace(record, plant)
    watched = watch(record, plant)
    if model is not None and not refused:
        outlooks, trends = _predicted(record, model, per_day, units)
    else:
        outlooks = _unpredicted(record, plant, watched)
    outlooks = with_rules(outlooks, judge(record, plant))
    return StoredMachine(
        machine=record.machine,
        first=int(record.times[0]),
        as_of=int(record.times[-1]),
        interval_s=record.interval_s,
        clock_unit=record.clock_unit,
        clock=float(record.clock[-1]),
        per_day=per_day,
        outlooks=outlooks,
        age=ages(record),
        model=f"{model.name} ({model.bundle.hash[:12]})" if model is not None and not refused else "",
        refused=refused,
        anomaly=watched.now if watched is not None else None,
        trends=trends,
        series=series(record, units, watched.scores if watched is not None else None),
        lives=past_lives(record),
        events=record.events[-EVENTS_KEPT:],
        findings=record.findings,
        confidence=record.confidence,
        traits=record.traits,
        quality=tuple(row.as_dict() for row in summary([record])),
        summary=summarise(record).as_dict(),
    )


def _unpredicted(record: Record, plant: Plant, watched: Watched | None) -> tuple[Outlook, ...]:
    """Outlooks where no model fits: the anomaly score for the machine as a whole; the components wait for the age model of the fleet."""
    as_of, confidence = int(record.times[-1]), record.confidence
    found = {
        component.name: Outlook(record.machine, component.name, as_of, "none", 0.0, confidence=confidence)
        for component in plant.components
    }
    if watched is not None and watched.now.threshold > 0:
        ratio = watched.now.score / watched.now.threshold
        reached = watched.now.since is not None
        whole = Outlook(
            record.machine,
            "",
            as_of,
            "anomaly",
            # an anomaly that lasts opens an incident; one that does not yet stays below it
            min(ANOMALY_LEVEL * max(ratio, 1.0), 1.0) if reached else ANOMALY_LEVEL * min(ratio, 0.99),
            threshold=ANOMALY_LEVEL,
            anomaly=watched.now,
            confidence=confidence,
            notes=("unlike its own healthy past; not trained on your failures",),
        )
        found = {"": whole, **{name: one for name, one in found.items() if name}}
    return tuple(found.values())


def pace(record: Record, plant: Plant) -> float:
    """Clock units that pass in a day: the plant file's word, else the mean of the last ``PACE_DAYS`` days (at least an hour's worth a day)."""
    import numpy as np

    if plant.clock.per_day is not None:
        return plant.clock.per_day
    start = int(np.searchsorted(record.times, record.times[-1] - PACE_DAYS * DAY_US))
    days = max(float(record.times[-1] - record.times[start]) / DAY_US, record.interval_s / 86_400)
    return max(float(record.clock[-1] - record.clock[start]) / days, 1e-3)


def ages(record: Record) -> dict[str, float]:
    """The age of each component's present life, in clock units."""
    last = len(record.times) - 1
    found = {}
    for life in record.lives:
        if life.end == "running":
            found[life.component] = life.age_at_start + float(record.clock[last] - record.clock[min(life.start, last)])
    return found


def _predicted(
    record: Record, model: MachineModel | LifeModel, per_day: float, units: dict[str, str]
) -> tuple[tuple[Outlook, ...], tuple[Trend, ...]]:
    from .model import HORIZON_H, MachineModel

    if not isinstance(model, MachineModel):
        return model.outlooks(record, per_day), ()
    rows = _days(record)
    table = model.table(record, rows)
    survivals = model.survivals(table)
    outlooks = []
    for found in model.outlooks(record, per_day, survivals={name: ahead[-1] for name, ahead in survivals.items()}):
        told = model.reasons(found.component, table, len(rows) - 1, record, units)
        alike = model.similar(found.component, table, len(rows) - 1)
        outlooks.append(replace(found, reasons=told, similar=alike))
    times = tuple(int(time) for time in table.times)
    trends = tuple(
        Trend(name, times, tuple(round(1 - life.at(HORIZON_H / 24), 5) for life in ahead))
        for name, ahead in survivals.items()
    )
    return tuple(outlooks), trends


def _days(record: Record) -> Sequence[int] | np.ndarray:
    """Grid rows one day apart back from the last, oldest first."""
    import numpy as np

    wanted = record.times[-1] - DAY_US * np.arange(TREND_DAYS, -1, -1)
    rows = np.searchsorted(record.times, wanted[wanted >= record.times[0]], side="right") - 1
    return np.unique(rows)

"""All machines of a run together: what only the fleet can tell of each (its age model), and the order in which they need attention.

``predict`` makes it when a run closes, from what it stored of each machine; alarms, plan and pages read it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from . import age
from .age import LifeSpan, Weibull
from .failure import risks
from .outlook import Outlook
from .stored import StoredMachine

if TYPE_CHECKING:
    from .plant import Plant

AGE_DAYS = (0.0, 0.5, 1.0, 2.0, 3.0, 5.0, 7.0, 10.0, 14.0, 21.0, 30.0, 45.0, 60.0)
NO_MODEL = "no model trained on failures fits this plant"
BY_AGE = "by age alone, not trained on your failures"
DAY_US = 86_400_000_000
SILENT_DAYS = 14
"""A machine that has sent nothing for so long before the fleet's last reading gets no outlook."""
PEERS = 2.0
"""An anomaly counts where the score over its threshold is so many times the middle of the fleet's."""
MIN_PEERS = 5
MIN_OWN_FAILURES = 10
"""With so many failures on record a plant's own lives are believed rather than those a bundle brings."""


@dataclass(frozen=True)
class Fleet:
    """``as_of`` microseconds UTC: the last reading of any machine. ``ages``: the age model of each component, where lives are enough. ``warning``: what the
    model's warnings gave on machines set aside (see ``train/figures.py``), empty without a model. ``notes``: machines that nothing is said of, and why."""

    plant: Plant
    as_of: int
    machines: tuple[StoredMachine, ...]
    ages: Mapping[str, Weibull]
    warning: Mapping[str, float]
    model: str = ""
    notes: tuple[str, ...] = ()

    def attention(self) -> list[tuple[StoredMachine, Outlook]]:
        """Every outlook with its machine, the most pressing first: score over threshold, then score."""
        every = [(machine, outlook) for machine in self.machines for outlook in machine.outlooks]
        return sorted(every, key=lambda pair: (-pressing(pair[1]), -pair[1].score, pair[0].machine, pair[1].component))


def pressing(outlook: Outlook) -> float:
    """The score over the threshold at which an incident opens; 0 where there is no threshold."""
    return outlook.score / outlook.threshold if outlook.threshold else 0.0


def gather(
    plant: Plant,
    machines: Sequence[StoredMachine],
    *,
    ages: Mapping[str, Weibull] | None = None,
    warning: Mapping[str, float] | None = None,
) -> Fleet:
    """The fleet of stored machines; those without a model's outlook get the age model's.

    Args:
        ages: the age models that a bundle brings; the plant's own lives come before them.
    """
    models = _ages(plant, machines, ages or {})
    as_of = max((machine.as_of for machine in machines), default=0)
    counted = plant.readings.time_format == "cycles"
    gone = {} if counted else _gone(plant, machines, as_of)
    usual = _usual_ratio([machine for machine in machines if machine.machine not in gone])
    filled = []
    for machine in sorted(machines, key=lambda one: one.machine):
        if machine.machine in gone:
            machine = replace(machine, outlooks=(), notes=(*machine.notes, gone[machine.machine]))
        elif not machine.model:
            machine = replace(machine, outlooks=tuple(_by_age(machine, one, models) for one in machine.outlooks))
            machine = replace(machine, outlooks=tuple(_among(machine, one, usual) for one in machine.outlooks))
        if counted:
            # machines counted in cycles share no calendar: each stands at its own last cycle today
            machine = replace(machine, outlooks=tuple(replace(one, as_of=as_of) for one in machine.outlooks))
        filled.append(machine)
    return Fleet(
        plant,
        as_of,
        tuple(filled),
        models,
        dict(warning or {}),
        next((machine.model for machine in machines if machine.model), ""),
        tuple(gone.values()),
    )


def _gone(plant: Plant, machines: Sequence[StoredMachine], as_of: int) -> dict[str, str]:
    """By name, the machines that nothing is said of any more: they go on under another name, or have been silent for long."""
    from .local_time import LocalTime
    from .quality_tables import MachineSummary, renamed

    summaries = [MachineSummary(**machine.summary) for machine in machines if machine.summary]
    found = {one.old: one.sentence for one in renamed(summaries, time_zone=plant.time_zone)}
    zone = LocalTime(plant.time_zone)
    for machine in machines:
        if machine.machine not in found and as_of - machine.as_of > SILENT_DAYS * DAY_US:
            found[machine.machine] = (
                f"{machine.machine} has sent nothing since {zone.text(machine.as_of)}: no outlook; is it out of use, or its data line down?"
            )
    return found


def _ages(plant: Plant, machines: Sequence[StoredMachine], brought: Mapping[str, Weibull]) -> dict[str, Weibull]:
    found = {}
    for component in plant.components:
        spans = [
            LifeSpan(machine.machine, life.age_at_start, life.age_at_start + life.lived, life.end == "failure")
            for machine in machines
            for life in machine.lives
            if life.component == component.name and life.lived > 0
        ]
        own = age.fit(spans)
        given = brought.get(component.name)
        best = own if own is not None and (given is None or own.num_failures >= MIN_OWN_FAILURES) else given
        if best is not None:
            found[component.name] = best
    return found


def _ratio(machine: StoredMachine) -> float:
    """The anomaly score over its threshold."""
    found = machine.anomaly
    return found.score / found.threshold if found is not None and found.threshold > 0 else 0.0


def _usual_ratio(machines: Sequence[StoredMachine]) -> float:
    """The middle of the fleet's anomaly scores over their thresholds; 0 where too few machines have one."""
    from statistics import median

    ratios = [_ratio(machine) for machine in machines if machine.anomaly is not None]
    return median(ratios) if len(ratios) >= MIN_PEERS else 0.0


def _among(machine: StoredMachine, outlook: Outlook, usual: float) -> Outlook:
    """An anomaly outlook judged among its peers: a season or a new product moves all machines alike, and is no fault of one."""
    if outlook.basis != "anomaly" or machine.anomaly is None or usual <= 0:
        return outlook
    told = _ratio(machine) / max(1.0, PEERS * usual)
    if machine.anomaly.since is None:
        told = min(told, 0.99)
    note = f"{_ratio(machine) / usual:.1f} times as unlike its past as machines of this plant are in the middle"
    level = outlook.threshold or 0.5
    return replace(outlook, score=min(1.0, level * told), notes=(*outlook.notes, note))


def _by_age(machine: StoredMachine, outlook: Outlook, models: Mapping[str, Weibull]) -> Outlook:
    """An outlook that nothing was known for, by age where lives are enough; one that rests on something stays."""
    if outlook.basis != "none":
        return outlook
    life, now = models.get(outlook.component), machine.age.get(outlook.component)
    if life is None or now is None:
        few = f"fewer than {age.MIN_FAILURES} failures on record: no age model either"
        return replace(outlook, notes=(*outlook.notes, NO_MODEL, few))
    ahead = life.survival(now, machine.per_day, AGE_DAYS)
    return replace(
        outlook,
        basis="age",
        score=max(outlook.score, 1 - ahead.at(7)),
        survival=ahead,
        risks=risks(ahead, "age"),
        notes=(*outlook.notes, *machine.refused[:3], BY_AGE),
    )

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
BY_AGE = "by age alone, not trained on your failures' signs"
DAY_US = 86_400_000_000
SILENT_DAYS = 14
"""A machine that has sent nothing for so long before the fleet's last reading gets no outlook."""
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
    gone = _gone(plant, machines, as_of)
    filled = []
    for machine in sorted(machines, key=lambda one: one.machine):
        if machine.machine in gone:
            machine = replace(machine, outlooks=(), notes=(*machine.notes, gone[machine.machine]))
        elif not machine.outlooks:
            machine = replace(machine, outlooks=_by_age(machine, plant, models))
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


def _by_age(machine: StoredMachine, plant: Plant, models: Mapping[str, Weibull]) -> tuple[Outlook, ...]:
    told = []
    for component in plant.components:
        life = models.get(component.name)
        now = machine.age.get(component.name)
        if life is None or now is None:
            told.append(
                Outlook(
                    machine.machine,
                    component.name,
                    machine.as_of,
                    "none",
                    0.0,
                    confidence=machine.confidence,
                    notes=(NO_MODEL, f"fewer than {age.MIN_FAILURES} failures on record: no age model either"),
                )
            )
            continue
        ahead = life.survival(now, machine.per_day, AGE_DAYS)
        told.append(
            Outlook(
                machine.machine,
                component.name,
                machine.as_of,
                "age",
                1 - ahead.at(7),
                survival=ahead,
                risks=risks(ahead, "age"),
                confidence=machine.confidence,
                notes=(*machine.refused[:3], BY_AGE),
            )
        )
    return tuple(told)

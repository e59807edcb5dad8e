"""What is expected of a machine: risk by horizon, remaining life, anomaly, each with what it rests on. Made by ``model``, read by plan and pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from ..core.rules import Proof

Basis = Literal["model", "ranking", "age", "anomaly", "none"]
"""What an outlook rests on: a model trained on failures; a ranking only (too few failures for a probability); the age model; the anomaly
score of the machine's own past; nothing."""


@dataclass(frozen=True)
class Survival:
    """Chance to be still whole after so many days from ``as_of``: ``days`` rising from 0, ``alive`` falling from 1; linear between, flat hazard beyond."""

    days: tuple[float, ...]
    alive: tuple[float, ...]

    def at(self, day: float) -> float:
        """Probability of no failure up to ``day``."""
        import numpy as np

        if day <= self.days[-1]:
            return float(np.interp(day, self.days, self.alive))
        return self.alive[-1] * self._tail ** (day - self.days[-1])

    @property
    def _tail(self) -> float:
        """Share that survives one day beyond the grid: the last step's rate goes on."""
        step = self.days[-1] - self.days[-2]
        last, before = max(self.alive[-1], 1e-12), max(self.alive[-2], 1e-12)
        return float((last / before) ** (1 / step))


@dataclass(frozen=True)
class LifeForecast:
    """Remaining life in the plant's clock unit: the middle and the interval that held its 90 % on machines set aside.

    ``capped``: the model says "at least this", it was not taught longer lives.
    """

    unit: str
    median: float
    low: float
    high: float
    capped: bool = False


@dataclass(frozen=True)
class AnomalyScore:
    """How unlike its own healthy past a machine behaves: ``score`` against ``threshold``, since when, and which sensors lead."""

    score: float
    threshold: float
    since: int | None = None
    sensors: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class Reason:
    """One thing that moved a prediction: the sensor, the statistic and the window it was taken over, and how far it moved it.

    ``contribution`` is in the model's own units (log-odds, or clock units of life); ``usual`` is the middle of healthy machines.
    """

    sensor: str
    statistic: str
    window_rows: int
    start: int
    end: int
    value: float
    usual: float
    contribution: float
    sentence: str


@dataclass(frozen=True)
class Similar:
    """A past failure that looked alike: which machine, when, what failed, how long after the likeness, and what was done."""

    machine: str
    time: int
    component: str
    distance: float
    days_before: float
    done: str = ""


@dataclass(frozen=True)
class Outlook:
    """What is expected of one component of one machine at ``as_of`` (microseconds UTC); ``component`` "" is the whole machine.

    ``threshold`` is the score at which an incident opens, None where none was chosen.
    ``risks``: probability of failure within so many hours, None where only a ranking stands. ``score`` ranks machines, 0 to 1. ``confidence`` is
    the record's; sensor faults lower it and never raise the risk. ``rules``: plant rules that fired, with proofs.
    """

    machine: str
    component: str
    as_of: int
    basis: Basis
    score: float
    threshold: float | None = None
    survival: Survival | None = None
    risks: Mapping[float, float | None] = field(default_factory=dict)
    life: LifeForecast | None = None
    anomaly: AnomalyScore | None = None
    reasons: tuple[Reason, ...] = ()
    similar: tuple[Similar, ...] = ()
    rules: tuple[Proof, ...] = ()
    confidence: float = 1.0
    notes: tuple[str, ...] = ()

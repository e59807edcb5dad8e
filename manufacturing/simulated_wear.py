"""How the parts of a simulated pump wear, fail and are renewed: the hidden truth that its sensors show only in part.

Each part has a life drawn from a Weibull distribution in hours of full load. Wear adds up with load; from an onset on it shows, growing
exponentially; at the end of the life the part fails, the pump stands for the repair and a new life begins. Some failures come without a sign.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Part:
    """A part that wears. ``life_h`` and ``shape`` are the Weibull scale and shape; ``service`` renews it, ``cause`` is what a failure is called."""

    name: str
    life_h: float
    shape: float
    service: str
    cause: str
    repair_h: float


PARTS = (
    Part("bearing", 1900.0, 3.0, "replace bearing", "bearing seized", 20.0),
    Part("seal", 2600.0, 2.2, "replace seal", "seal leaking", 14.0),
    Part("winding", 4200.0, 1.6, "rewind motor", "winding short", 34.0),
)
SUDDEN_SHARE = 0.06
"""Failures that nothing announces."""
EARLIEST_ONSET, LATEST_ONSET = 0.72, 0.92
"""Share of the life at which wear begins to show."""
GROWTH = 3.0
"""How steeply the sign grows between onset and failure: (e^(g x) - 1) / (e^g - 1)."""
OLDEST_AT_START = 0.6
"""A part is at most so worn when the data begin."""
SERVICE_EVERY_D = 45.0
RELUBRICATED = 0.2


@dataclass(frozen=True)
class Fate:
    """What shall become of a part: worn to ``worn_at_end`` when the data end, or failing on ``fails_on_day``; ``onset`` as a share of its life."""

    part: str
    worn_at_end: float | None = None
    fails_on_day: float | None = None
    onset: float = 0.75


@dataclass(frozen=True)
class Happening:
    """A failure or a work that began at grid row ``row`` and kept the pump standing until ``until`` (exclusive)."""

    row: int
    until: int
    kind: str
    part: str
    name: str
    sudden: bool = False


@dataclass(frozen=True)
class Course:
    """What happened to one pump. ``running`` bool[rows]; ``wear`` float64[rows, parts], 1 fails; ``sign`` float64[rows, parts]: how much shows, 0 to 1.

    ``onsets``: (part, row) at which wear began to show; ``hours_left`` of full load each part has at the end.
    """

    running: np.ndarray
    wear: np.ndarray
    sign: np.ndarray
    happenings: tuple[Happening, ...]
    onsets: tuple[tuple[str, int], ...]
    hours_left: Mapping[str, float] = field(default_factory=dict)


@dataclass
class _Life:
    """A part's life in progress; lives while ``course`` runs, seen by nobody else."""

    worn: float
    hours: float
    onset: float
    sudden: bool


def course(
    rng: np.random.Generator,
    planned: np.ndarray,
    load: np.ndarray,
    *,
    fates: Sequence[Fate] | None = None,
    services: bool = True,
) -> Course:
    """Live through the hours of one pump.

    Args:
        planned: bool[rows], when production wants it to run; load: float64[rows], 0 to 1.2.
        fates: what shall happen; parts without one stay healthy. None draws every life at random.
    """
    import numpy as np

    num = len(planned)
    running = planned.copy()
    effort = 0.3 + 0.7 * np.clip(load, 0, None) ** 2
    lives = {part.name: _first_life(rng, part) for part in PARTS}
    if fates is not None:
        _bend(lives, fates, np.cumsum(planned * effort))
    wear, sign = np.zeros((num, len(PARTS))), np.zeros((num, len(PARTS)))
    happenings: list[Happening] = []
    onsets: list[tuple[str, int]] = []
    due = _service_rows(rng, num) if services else []
    row = 0
    while row < num:
        done = np.cumsum(running[row:] * effort[row:])
        ends = [
            row + int(np.searchsorted(done, (1 - lives[part.name].worn) * lives[part.name].hours)) for part in PARTS
        ]
        service = next((at for at in due if at >= row), num)
        stop = min(*ends, service, num - 1)
        reached = done[: stop - row + 1]
        for column, part in enumerate(PARTS):
            life = lives[part.name]
            worn = life.worn + reached / life.hours
            wear[row : stop + 1, column] = np.minimum(worn, 1.0)
            if not life.sudden:
                shown = np.clip((worn - life.onset) / (1 - life.onset), 0, 1)
                sign[row : stop + 1, column] = np.expm1(GROWTH * shown) / np.expm1(GROWTH)
                if life.worn < life.onset <= worn[-1]:
                    onsets.append((part.name, row + int(np.searchsorted(worn, life.onset))))
            life.worn = float(min(worn[-1], 1.0))
        if stop in ends and stop < num:
            part = PARTS[ends.index(stop)]
            until = stop + 1 + max(2, round(part.repair_h * float(rng.lognormal(0, 0.25))))
            happenings.append(Happening(stop, until, "failure", part.name, part.cause, lives[part.name].sudden))
            happenings.append(Happening(max(stop, until - 3), until, "maintenance", part.name, part.service))
            running[stop + 1 : until] = False
            lives[part.name] = _next_life(rng, part, healthy=fates is not None)
        elif stop == service:
            happenings += _service(rng, stop, lives, running, random_renewals=fates is None)
        row = stop + 1
    left = {name: max(0.0, (1 - life.worn) * life.hours) for name, life in lives.items()}
    return Course(running, wear, sign, tuple(sorted(happenings, key=_when)), tuple(onsets), left)


def _when(happening: Happening) -> tuple[int, str]:
    return happening.row, happening.kind


def _first_life(rng: np.random.Generator, part: Part) -> _Life:
    life = _next_life(rng, part)
    life.worn = float(rng.uniform(0, OLDEST_AT_START))
    return life


def _next_life(rng: np.random.Generator, part: Part, *, healthy: bool = False) -> _Life:
    hours = part.life_h * float(rng.weibull(part.shape)) + 120.0
    onset = float(rng.uniform(EARLIEST_ONSET, LATEST_ONSET))
    sudden = bool(rng.random() < SUDDEN_SHARE)
    return _Life(0.0, hours * (10.0 if healthy else 1.0), onset, sudden)


def _bend(lives: dict[str, _Life], fates: Sequence[Fate], done: np.ndarray) -> None:
    """Make each part's first life what its fate says; parts without a fate are too young to show anything."""
    wanted = {fate.part: fate for fate in fates}
    for part in PARTS:
        life, fate = lives[part.name], wanted.get(part.name)
        life.worn, life.sudden = 0.0, False
        if fate is None:
            life.hours = float(done[-1]) * (2.5 + life.onset)
        elif fate.fails_on_day is not None:
            life.hours, life.onset = float(done[min(len(done) - 1, round(fate.fails_on_day * 24))]), fate.onset
        else:
            life.hours, life.onset = float(done[-1]) / (fate.worn_at_end or 0.5), fate.onset
        life.hours = max(life.hours, 1.0)


def _service_rows(rng: np.random.Generator, num: int) -> list[int]:
    rows: list[int] = []
    at = float(rng.uniform(3, SERVICE_EVERY_D)) * 24
    while at < num - 1:
        rows.append(round(at))
        at += SERVICE_EVERY_D * 24 + float(rng.normal(0, 48))
    return rows


def _service(
    rng: np.random.Generator, row: int, lives: dict[str, _Life], running: np.ndarray, *, random_renewals: bool
) -> list[Happening]:
    """The round that comes each few weeks: looked at, sometimes relubricated, sometimes a part renewed before its time."""
    until = row + 3
    running[row + 1 : until] = False
    done = [Happening(row, until, "maintenance", "", "inspect")]
    if not random_renewals:
        return done
    if rng.random() < 0.4:
        lives["bearing"].worn *= 1 - RELUBRICATED
        done.append(Happening(row, until, "maintenance", "bearing", "relubricate"))
    if rng.random() < 0.15:
        part = PARTS[int(rng.integers(len(PARTS)))]
        lives[part.name] = _next_life(rng, part)
        done.append(Happening(row, until, "maintenance", part.name, part.service))
    return done

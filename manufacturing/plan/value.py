"""What a day of waiting is worth: the expected cost of servicing a component on a day, with the life that is given up credited.

By the renewal-reward theorem (Ross, Stochastic Processes, ch. 3; Barlow and Hunter 1960) a policy's long-run cost a day is the expected cost of a cycle over its expected length. The
difference that one decision makes against the best standing policy, whose rate is ``g``, is the cost until the next renewal less ``g`` for each day lived until then. With a life T ahead,
service on day d therefore counts ``V(d) = failure P(T <= d) + planned P(T > d) - g E[min(T, d)]``; the best d minimises it. The schedule adds these up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..age import WORTH
from ..outlook import Survival

if TYPE_CHECKING:
    import numpy as np

    from .types import Task

TINY = 1e-12
GRID = 1500
"""Ages tried for the best standing policy."""


@dataclass(frozen=True)
class Standing:
    """The best policy that looks at age alone. ``age`` in days, None where running to failure is cheapest; ``rate`` and ``failure_rate`` in cost a day."""

    age: float | None
    rate: float
    failure_rate: float


def tail_rate(life: Survival) -> float:
    """Hazard a day beyond the last point: that of the last step."""
    from math import log

    step = life.days[-1] - life.days[-2]
    return max(0.0, (log(max(life.alive[-2], TINY)) - log(max(life.alive[-1], TINY))) / step)


def alive_at(life: Survival, days: np.ndarray | Sequence[float]) -> np.ndarray:
    """float64[days]: the chance to be whole after each; the same as ``life.at`` over an array.

    Raises:
        ValueError: the survival does not start at day 0 or has fewer than two points.
    """
    import numpy as np

    if len(life.days) < 2 or life.days[0] != 0:
        raise ValueError("a survival needs day 0 and one more")
    asked = np.asarray(days, dtype=float)
    beyond = np.maximum(asked - life.days[-1], 0.0)
    return np.interp(asked, life.days, life.alive) * np.exp(-tail_rate(life) * beyond)


def lived_by(life: Survival, days: np.ndarray | Sequence[float]) -> np.ndarray:
    """float64[days]: E[min(T, day)], the area below the survival up to each day."""
    import numpy as np

    asked = np.asarray(days, dtype=float)
    knots, alive = np.asarray(life.days, dtype=float), np.asarray(life.alive, dtype=float)
    area = np.concatenate([[0.0], np.cumsum((alive[1:] + alive[:-1]) / 2 * np.diff(knots))])
    inside = np.clip(asked, 0.0, knots[-1])
    place = np.clip(np.searchsorted(knots, inside, side="right") - 1, 0, len(knots) - 2)
    within = area[place] + (inside - knots[place]) * (alive[place] + np.interp(inside, knots, alive)) / 2
    beyond, rate = np.maximum(asked - knots[-1], 0.0), tail_rate(life)
    return within + alive[-1] * (beyond if rate == 0 else -np.expm1(-rate * beyond) / rate)


def mean_life(life: Survival) -> float:
    """E[T] in days; infinite where nothing fails beyond the last point."""
    rate = tail_rate(life)
    ahead = float(lived_by(life, [life.days[-1]])[0])
    if life.alive[-1] <= TINY:
        return ahead
    return ahead + life.alive[-1] / rate if rate > 0 else float("inf")


def after(life: Survival, days: float) -> Survival:
    """The survival of what is still whole after ``days``. What should have failed long before is expected to fail within a day."""
    if days <= 0:
        return life
    left = life.at(days)
    if left <= TINY:
        return Survival((0.0, 1.0), (1.0, 0.0))
    knots = [day - days for day in life.days if day > days] or [1.0]
    shares = (alive_at(life, [knot + days for knot in knots]) / left).clip(max=1.0)
    return Survival((0.0, *knots), (1.0, *shares.tolist()))


def harder(life: Survival, factor: float) -> Survival:
    """The survival with every hazard ``factor`` times as large."""
    return Survival(life.days, tuple(alive**factor for alive in life.alive))


def value(
    life: Survival, days: np.ndarray | Sequence[float], planned: float, failure: float, rate: float
) -> np.ndarray:
    """float64[days]: expected cost of servicing on each day, counted against the standing policy (see the module)."""
    alive = alive_at(life, days)
    return failure * (1 - alive) + planned * alive - rate * lived_by(life, days)


def value_later(life: Survival, beyond: float, planned: float, failure: float, rate: float) -> float:
    """The least ``value`` of any day from ``beyond`` on, never servicing included: what it costs to leave a task out of a horizon.

    Beyond the last point the hazard is flat, so the best is that point or never. A hazard there of less than ``rate / failure``, the average of a component that
    runs to failure, is taken as that: no record shows that a component lasts for ever.
    """
    import numpy as np

    last = max(beyond, life.days[-1])
    days = np.unique([beyond, last, *(day for day in life.days if day > beyond)])
    costs = value(life, days, planned, failure, rate)
    alive = float(alive_at(life, [last])[0])
    hazard = max(tail_rate(life), rate / failure if failure > 0 else 0.0)
    gain = (failure - planned) - rate / hazard if hazard > 0 else -planned
    return float(min(costs.min(), costs[-1] + alive * gain))


def task_value(
    task: Task, days: np.ndarray | Sequence[float], planned: float, life: Survival | None = None
) -> np.ndarray:
    """``value`` of a task's service on each day; waiting keeps the chance to be warned.

    Of failures later than ``lead_days`` the share ``warned`` is announced in time and costs planned work instead. ``planned`` and ``life`` stand for the task's own.
    """
    import numpy as np

    alive = task.survival if life is None else life
    found = value(alive, days, planned, task.failure_cost, task.renewal_rate)
    if not task.warned:
        return found
    early = 1 - alive_at(alive, [task.lead_days])[0]
    late = np.maximum(1 - alive_at(alive, days) - early, 0.0)
    return found - task.warned * max(0.0, task.failure_cost - planned) * late


def task_later(task: Task, beyond: float, planned: float, life: Survival | None = None) -> float:
    """``value_later`` of a task, with the chance to be warned as in ``task_value``."""
    alive = task.survival if life is None else life
    saved = task.warned * max(0.0, task.failure_cost - planned)
    start = max(beyond, task.lead_days) if task.warned else beyond
    early = float(1 - alive_at(alive, [task.lead_days])[0]) if task.warned else 0.0
    return value_later(alive, start, planned, task.failure_cost - saved, task.renewal_rate) + saved * early


def standing(new: Survival, planned: float, failure: float) -> Standing:
    """The best age at which to replace a component whose new one survives as ``new``, or run to failure where no age saves ``age.WORTH`` of its cost."""
    import numpy as np

    mean = mean_life(new)
    if not np.isfinite(mean) or mean <= 0:
        return Standing(None, 0.0, 0.0)
    to_failure = failure / mean
    ages = np.linspace(0, 3 * mean, GRID + 1)[1:]
    alive = alive_at(new, ages)
    rates = (planned * alive + failure * (1 - alive)) / np.maximum(lived_by(new, ages), TINY)
    place = int(rates.argmin())
    if rates[place] > (1 - WORTH) * to_failure:
        return Standing(None, to_failure, to_failure)
    return Standing(float(ages[place]), float(rates[place]), to_failure)

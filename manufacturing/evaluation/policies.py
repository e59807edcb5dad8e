"""Price maintenance policies on lives that are known to their end: what acting on the predictions would have cost, beside plain policies on the same lives.

A planned stop costs 1 and 4 hours, a failure ``k`` and 20 hours. A policy's long-run cost a unit of life is the sum of its costs over the sum of the lives it let
run (renewal-reward), so a machine stopped early counts its shorter life. Nothing is fitted here but the Weibull life of *other* machines, which sets the best age and the worth of a day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...core.errors import UsageError
from ...core.evaluation import Row, bootstrap
from ..age import LifeSpan, Weibull, best_replacement, fit
from ..plan.value import alive_at, lived_by, value, value_later

if TYPE_CHECKING:
    import numpy as np

    from ..outlook import Survival

TASK = "plan"
PLANNED_COST, PLANNED_HOURS, FAILURE_HOURS = 1.0, 4.0, 20.0
RATIOS = (3, 5, 10)
DOWNTIME_AT = 5
"""``downtime_ratio`` is that of the policies for this cost ratio, the plant file's default."""
NUM_FOLDS = 5


@dataclass(frozen=True)
class LifeTrace:
    """One life with what was predicted along it.

    ``times`` float64[n] rising, ages at which a decision could be taken, and at each the ``survivals`` then predicted (days of a survival in the same unit as ages). The life was seen from age
    ``begin`` to ``end``; ``failed`` says whether it failed there, else it is censored: what happened later is not counted for any policy.
    """

    machine: str
    times: np.ndarray
    survivals: Sequence[Survival]
    end: float
    failed: bool = True
    begin: float = 0.0
    component: str = ""


@dataclass(frozen=True)
class Outcome:
    """What one policy did to each life, in the order of the lives: ``cost``, ``hours`` of standstill, ``lived``, and whether it ``failed``."""

    cost: np.ndarray
    hours: np.ndarray
    lived: np.ndarray
    failed: np.ndarray


def cross_fitted(
    lives: Sequence[LifeTrace], *, fallback: Weibull | None = None, num_folds: int = NUM_FOLDS
) -> dict[tuple[str, str], Weibull]:
    """For each (machine, component) the Weibull life of that component on machines of other folds (folds by a hash of the machine's name).

    ``fallback`` stands where too few failures are left.

    Raises:
        UsageError: too few failures and no ``fallback``.
    """
    fold = {life.machine: _fold(life.machine, num_folds) for life in lives}
    found: dict[tuple[str, str], Weibull] = {}
    fitted: dict[tuple[int, str], Weibull | None] = {}
    for life in lives:
        key = (fold[life.machine], life.component)
        if key not in fitted:
            others = [
                LifeSpan(one.machine, one.begin, one.end, one.failed)
                for one in lives
                if fold[one.machine] != key[0] and one.component == life.component and one.end > one.begin
            ]
            fitted[key] = fit(others) or fallback
        chosen = fitted[key]
        if chosen is None:
            raise UsageError(
                f"too few failures to price policies: no life of {life.component or 'a machine'!r} can be told from the other machines"
            )
        found[(life.machine, life.component)] = chosen
    return found


def _fold(machine: str, num_folds: int) -> int:
    import hashlib

    return hashlib.sha256(machine.encode()).digest()[0] % num_folds


def policy_rows(
    set_name: str,
    split: str,
    lives: Sequence[LifeTrace],
    *,
    system: str,
    ages: Mapping[tuple[str, str], Weibull] | None = None,
    delay: float = 1.0,
    step: float = 1.0,
) -> list[Row]:
    """Every figure of the task ``plan`` with its interval by resampling machines: the system and ``age``, ``run_to_failure`` and ``foresight``.

    Args:
        system: ``BUNDLE:VARIANT`` whose survivals the lives carry.
        ages: the Weibull life of each (machine, component) from machines that are not scored; ``cross_fitted(lives)`` where left out.
        delay: from a decision to the stop, in the unit of ages: what fails in between, or at that very moment, has failed.
        step: between two decisions.

    ``cost_ratio_kX`` and ``downtime_ratio`` are against running to failure, ``cost_ratio_to_age_kX`` against the best age.
    """
    lives = [life for life in lives if life.end > life.begin]
    if not any(life.failed for life in lives):
        return []
    known = ages if ages is not None else cross_fitted(lives)
    machines = [life.machine for life in lives]
    rows: list[Row] = []
    read = [soon(life, delay, step) for life in lives]
    for ratio in RATIOS:
        by_policy = outcomes(lives, known, ratio, delay=delay, step=step, read=read)
        by_policy[system] = by_policy.pop("ours")
        for name, outcome in by_policy.items():
            for metric, other, part in _metrics(ratio, name):
                measure = _ratio(outcome, by_policy[other], part)
                rows.append(_row(set_name, split, name, metric, measure, machines))
    return rows


def _metrics(ratio: int, name: str) -> Iterator[tuple[str, str, str]]:
    """(metric, policy that it is against, cost or hours)."""
    yield f"cost_ratio_k{ratio}", "run_to_failure", "cost"
    if name not in ("age", "run_to_failure"):
        yield f"cost_ratio_to_age_k{ratio}", "age", "cost"
    if ratio == DOWNTIME_AT:
        yield "downtime_ratio", "run_to_failure", "hours"


def _row(
    set_name: str, split: str, system: str, metric: str, measure: Callable[[np.ndarray], float], machines: Sequence[str]
) -> Row:
    import numpy as np

    low, high = bootstrap(measure, machines)
    whole = measure(np.arange(len(machines)))
    return Row(set_name, split, TASK, system, metric, whole, low, high, len(machines), len(set(machines)))


def _ratio(ours: Outcome, other: Outcome, part: str) -> Callable[[np.ndarray], float]:
    mine, theirs = getattr(ours, part), getattr(other, part)

    def measure(chosen: np.ndarray) -> float:
        import numpy as np

        with np.errstate(divide="ignore", invalid="ignore"):
            rate = mine[chosen].sum() / ours.lived[chosen].sum()
            return float(rate / (theirs[chosen].sum() / other.lived[chosen].sum()))

    return measure


def outcomes(
    lives: Sequence[LifeTrace],
    ages: Mapping[tuple[str, str], Weibull],
    ratio: float,
    *,
    delay: float = 1.0,
    step: float = 1.0,
    read: Sequence[Soon] | None = None,
) -> dict[str, Outcome]:
    """What ``run_to_failure``, ``age``, ``ours`` and ``foresight`` do to each life at one cost ratio; ``read`` is ``soon`` of each life, where it was read before."""
    import numpy as np

    never, best, ours = [], [], []
    known = read if read is not None else [soon(life, delay, step) for life in lives]
    for life, ahead in zip(lives, known, strict=True):
        replacement = best_replacement(ages[(life.machine, life.component)], PLANNED_COST, ratio)
        never.append(np.inf)
        best.append(np.inf if replacement.age is None else replacement.age)
        ours.append(stop_at(life, replacement.rate, ratio, delay=delay, step=step, read=ahead))
    return {
        "ours": _outcome(lives, ours, ratio),
        "age": _outcome(lives, best, ratio),
        "run_to_failure": _outcome(lives, never, ratio),
        "foresight": _foresight(lives),
    }


@dataclass(frozen=True)
class Soon:
    """What the forecasts of one life say of the next step, float64[decisions]: chance to be whole, and days lived, by ``delay`` and by ``delay + step``."""

    alive: tuple[np.ndarray, np.ndarray]
    lived: tuple[np.ndarray, np.ndarray]


def soon(life: LifeTrace, delay: float, step: float) -> Soon:
    """Read every forecast of a life at the next step; forecasts over the same days are read together, there may be thousands."""
    import numpy as np

    at = np.array([delay, delay + step])
    alive, lived = np.zeros((len(life.survivals), 2)), np.zeros((len(life.survivals), 2))
    groups: dict[tuple[float, ...], list[int]] = {}
    for place, survival in enumerate(life.survivals):
        groups.setdefault(survival.days, []).append(place)
    for days, places in groups.items():
        if len(places) == 1 or days[-1] < at[1] or days[0] != 0:
            for place in places:
                alive[place] = alive_at(life.survivals[place], at)
                lived[place] = lived_by(life.survivals[place], at)
            continue
        knots = np.asarray(days)
        shares = np.array([life.survivals[place].alive for place in places])
        area = np.concatenate(
            [np.zeros((len(places), 1)), np.cumsum((shares[:, 1:] + shares[:, :-1]) / 2 * np.diff(knots), axis=1)],
            axis=1,
        )
        for column, day in enumerate(at):
            left = min(int(np.searchsorted(knots, day, side="right")) - 1, len(knots) - 2)
            part = (day - knots[left]) / (knots[left + 1] - knots[left])
            here = shares[:, left] * (1 - part) + shares[:, left + 1] * part
            alive[places, column] = here
            lived[places, column] = area[:, left] + (day - knots[left]) * (shares[:, left] + here) / 2
    return Soon((alive[:, 0], alive[:, 1]), (lived[:, 0], lived[:, 1]))


def stop_at(
    life: LifeTrace, rate: float, ratio: float, *, delay: float, step: float, read: Soon | None = None
) -> float:
    """The age at which the rule stops the machine, infinite if it never does before the end of the life.

    At each decision the expected cost (``plan.value``) of stopping now, ``delay`` later, is held against that of every later moment; the first decision at which now is best
    stops it. ``read`` is ``soon`` of the life, where it was read before.
    """
    import numpy as np

    if not len(life.times):
        return float("inf")
    read = soon(life, delay, step) if read is None else read
    times = np.asarray(life.times, dtype=float)
    now, then = (
        ratio * (1 - alive) + PLANNED_COST * alive - rate * lived
        for alive, lived in zip(read.alive, read.lived, strict=True)
    )
    # one step more must not be cheaper: few decisions pass, and only those are held against all later moments
    for place in np.flatnonzero((now <= then) & (times >= life.begin) & (times < life.end)).tolist():
        survival = life.survivals[place]
        knots = [day for day in survival.days if day > delay + step]
        waiting = value(survival, knots, PLANNED_COST, ratio, rate).min(initial=np.inf) if knots else np.inf
        beyond = value_later(survival, max(survival.days[-1], delay + step), PLANNED_COST, ratio, rate)
        if now[place] <= min(waiting, beyond):
            return float(times[place] + delay)
    return float("inf")


def _outcome(lives: Sequence[LifeTrace], stops: Sequence[float], ratio: float) -> Outcome:
    """A life stopped at ``stops`` where that comes before its end. One that was already older when first seen counts for nothing."""
    import numpy as np

    end = np.array([life.end for life in lives], dtype=float)
    begin = np.array([life.begin for life in lives], dtype=float)
    failed = np.array([life.failed for life in lives], dtype=bool)
    stop = np.asarray(stops, dtype=float)
    seen = stop > begin
    planned = seen & (stop < end)
    failing = seen & ~planned & failed
    return Outcome(
        cost=np.where(planned, PLANNED_COST, np.where(failing, float(ratio), 0.0)),
        hours=np.where(planned, PLANNED_HOURS, np.where(failing, FAILURE_HOURS, 0.0)),
        lived=np.where(seen, np.minimum(stop, end) - begin, 0.0),
        failed=failing,
    )


def _foresight(lives: Sequence[LifeTrace]) -> Outcome:
    """Every failure known beforehand and met by a planned stop at the last moment: the bound of any policy."""
    import numpy as np

    failed = np.array([life.failed for life in lives], dtype=bool)
    lived = np.array([life.end - life.begin for life in lives], dtype=float)
    return Outcome(failed * PLANNED_COST, failed * PLANNED_HOURS, lived, np.zeros(len(lives), bool))

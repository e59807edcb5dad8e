"""Price a plan beside plain policies on the same machines, by the same random failures: running to failure, a fixed interval, the best age, and perfect foresight.

Each component's failure is drawn from its survival, those of its successors from the survival of a new one; every policy meets the same draws (common random numbers). Costs
within the horizon are summed, and what a component's state at its end is worth is added by the same value that the schedule minimises: life that a policy left in the machine is credited.
All figures are under the forecasts and the costs given; they are no measurement.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..outlook import Survival
from .types import Plan, Priced, Slot, Task
from .value import after, mean_life, standing, tail_rate, value_later

if TYPE_CHECKING:
    from datetime import date

    import numpy as np

    from ..plant import Plant

RATIOS = (2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 12.0, 15.0, 20.0)
"""Costs of a failure over those of planned work for which the plan is made again."""
NUM_DRAWS = 200
MOST_RENEWALS = 60
END_POINTS = 8
INTERVALS = (0.4, 0.7, 1.2)
"""Fixed intervals that are tried, in mean lives."""
POLICIES = ("ours", "run_to_failure", "fixed", "age", "foresight")
Days = Mapping[tuple[str, str], float]


@dataclass(frozen=True)
class _Life:
    """One task as the pricing sees it: planned cost with opening, the standing policy, and what states are worth when the horizon ends.

    ``old`` is the least expected cost from then on of the component as it is, ``young`` that of renewed ones of ``ages``; both against the standing policy, a new one is 0.
    ``watched_age`` is the best age where the model's warnings turn failures into planned work.
    """

    task: Task
    planned: float
    new: Survival
    age: float | None
    watched_age: float | None
    horizon: float
    old: float
    ages: np.ndarray
    young: np.ndarray


def _planned(plan: Plan, slots: Sequence[Slot], now: int) -> Days:
    """Days from now to each service of the plan."""
    from .candidates import days_ahead

    ahead = days_ahead(slots, now, plan.made_for)
    day_of = {slot.day: float(days) for slot, days in zip(reversed(slots), reversed(ahead), strict=True)}
    return {
        (visit.machine, component): day_of.get(visit.day, float((visit.day - plan.made_for).days))
        for visit in plan.visits
        for component in visit.components
    }


def _by_age(tasks: Sequence[Task], slots: Sequence[Slot], plant: Plant, now: int, plan: Plan) -> Days:
    """The services that the same planning would choose under the same crew and windows if it knew nothing but ages."""
    from .candidates import build, tabulate
    from .program import greedy

    aged = [
        replace(
            task,
            survival=after(task.new, task.age_days),
            basis="age",
            warned=0.0,
            renewal_rate=standing(task.new, task.planned_cost + plant.costs.open_cost, task.failure_cost).rate,
        )
        for task in tasks
        if task.new is not None
    ]
    table = tabulate(aged, slots, plant, now, plan.made_for, float(plan.horizon_days))
    return {
        (option.machine, aged[place].component): float(table.ahead[option.slot])
        for option in greedy(build(table)).options
        for place in option.tasks
    }


def _prepare(task: Task, plant: Plant, horizon: float) -> _Life:
    import numpy as np

    planned = task.planned_cost + plant.costs.open_cost
    new = task.new or _memoryless(task)
    failing = task.failure_cost - task.warned * max(0.0, task.failure_cost - planned)
    cost = (planned, failing, task.renewal_rate)
    ages = np.linspace(0, horizon, END_POINTS)
    young = np.array([_best(after(new, float(age)), *cost) for age in ages])
    best = standing(new, planned, task.failure_cost)
    watched = standing(new, planned, failing)
    old = _best(after(task.survival, horizon), *cost)
    return _Life(task, planned, new, best.age, watched.age, horizon, old, ages, young)


def _best(life: Survival, planned: float, failure: float, rate: float) -> float:
    return min(planned, value_later(life, 0.0, planned, failure, rate))


def _memoryless(task: Task) -> Survival:
    """Where nothing tells of a new one: failures as frequent as the worth of its days says, whatever the age."""
    import numpy as np

    mean = task.failure_cost / task.renewal_rate if task.renewal_rate > 0 else 1e6
    days = np.linspace(0, 3 * mean, 60)
    return Survival(tuple(map(float, days)), tuple(map(float, np.exp(-days / mean))))


def price(
    tasks: Sequence[Task],
    plan: Plan,
    slots: Sequence[Slot],
    plant: Plant,
    *,
    now: int,
    num_draws: int = NUM_DRAWS,
    seed: int = 0,
) -> tuple[Priced, ...]:
    """The plan (``ours``) and the plain policies over the plan's horizon, in expected cost, standstill hours and failures.

    ``fixed`` replaces every component at one interval by the calendar, whatever its age, the phase of each drawn at random; the interval is the cheapest of a few on these machines.
    ``age`` plans by ages alone, under the same crew and windows. In both, after its first renewal each component follows the standing policy of its age. ``foresight`` knows each failure and
    services just before. ``fixed`` and ``foresight`` know no crew and no windows.
    """
    import numpy as np

    days = {"ours": _planned(plan, slots, now), "age": _by_age(tasks, slots, plant, now, plan)}
    lives = [_prepare(task, plant, float(plan.horizon_days)) for task in tasks if not task.covered_by]
    if not lives:
        return ()
    totals = {name: np.zeros(3) for name in POLICIES if name != "fixed"}
    fixed = {share: np.zeros(3) for share in INTERVALS}
    for number, life in enumerate(lives):
        generator = np.random.default_rng([seed, number])
        uniform = generator.random((MOST_RENEWALS, num_draws))
        phase = generator.random(num_draws)
        announced = generator.random((MOST_RENEWALS, num_draws)) < life.task.warned
        first = _drawn(life.task.survival, uniform[0])
        mean = max(mean_life(life.new), 1e-3)
        key = (life.task.machine, life.task.component)
        for name in totals:
            totals[name] += _run(life, name, first, uniform, announced, day=days.get(name, {}).get(key))
        for share in INTERVALS:
            fixed[share] += _run(life, "fixed", first, uniform, announced, interval=share * mean, phase=phase)
    totals["fixed"] = min(fixed.values(), key=lambda total: total[0])
    return tuple(Priced(name, *(float(part) for part in totals[name])) for name in POLICIES)


def _drawn(life: Survival, uniform: np.ndarray) -> np.ndarray:
    """Days to failure for uniform draws, by the inverse of the survival; infinite where nothing fails."""
    import numpy as np

    alive = np.asarray(life.alive)
    inside = np.interp(-uniform, -alive, life.days)
    rate = tail_rate(life)
    with np.errstate(divide="ignore"):
        beyond = life.days[-1] + (np.log(alive[-1]) - np.log(uniform)) / rate if rate > 0 else np.inf
    return np.where(uniform >= alive[-1], inside, beyond)


def _run(
    life: _Life,
    policy: str,
    first: np.ndarray,
    uniform: np.ndarray,
    announced: np.ndarray,
    *,
    day: float | None = None,
    interval: float = 0.0,
    phase: np.ndarray | None = None,
) -> np.ndarray:
    """float[3]: expected cost, standstill hours and failures of one task under one policy."""
    import numpy as np

    count, horizon = len(first), life.horizon
    begun = np.zeros(count)
    renewed = np.full(count, np.nan)
    length = first
    sums = np.zeros((3, count))
    live = np.ones(count, bool)
    for turn in range(1, len(uniform)):
        fails = begun + length
        service = _service(life, policy, turn, begun, fails, day, interval, phase, announced[turn])
        comes = np.minimum(fails, service)
        live = live & (comes < horizon)
        if not live.any():
            break
        failed = fails < service
        sums[0] += live * np.where(failed, life.task.failure_cost, life.planned)
        sums[1] += live * np.where(failed, life.task.failure_hours, life.task.planned_hours)
        sums[2] += live * failed
        begun = np.where(live, comes, begun)
        renewed = np.where(live, comes, renewed)
        length = np.where(live, _drawn(life.new, uniform[turn]), length)
    sums[0] += np.where(np.isnan(renewed), life.old, np.interp(horizon - np.nan_to_num(renewed), life.ages, life.young))
    return sums.mean(axis=1)


def _service(
    life: _Life,
    policy: str,
    turn: int,
    begun: np.ndarray,
    fails: np.ndarray,
    day: float | None,
    interval: float,
    phase: np.ndarray | None,
    announced: np.ndarray,
) -> np.ndarray:
    """When each draw's component is serviced next, infinite where it is not. What is ``announced`` in time is serviced just before it fails."""
    import numpy as np

    never = np.full(len(fails), np.inf)
    if policy == "ours":
        met = announced & (fails > begun + life.task.lead_days)
        never = np.where(met, np.nextafter(fails, 0.0), np.inf)
    if policy == "foresight":
        return np.nextafter(fails, 0.0)
    if policy == "fixed" and phase is not None:
        return (np.floor(begun / interval - phase + 1e-9) + 1 + phase) * interval
    if policy in ("age", "ours") and turn == 1:
        return never if day is None else np.minimum(never, day)
    if policy == "age" and life.age is not None:
        return begun + life.age
    if policy == "ours" and life.watched_age is not None:
        return np.minimum(never, begun + life.watched_age)
    return never


def with_prices(plan: Plan, tasks: Sequence[Task], slots: Sequence[Slot], plant: Plant, *, now: int) -> Plan:
    """The plan with ``policies`` and ``flips`` filled, and a note that says where it flips."""
    found = flips(tasks, slots, plant, now=now, made_for=plan.made_for)
    sentence = flip_sentence(found) if tasks else ""
    return replace(
        plan,
        policies=price(tasks, plan, slots, plant, now=now),
        flips=found,
        notes=(*plan.notes, sentence) if sentence else plan.notes,
    )


def flips(
    tasks: Sequence[Task],
    slots: Sequence[Slot],
    plant: Plant,
    *,
    now: int,
    made_for: date,
    ratios: Sequence[float] = RATIOS,
) -> tuple[tuple[float, int, float], ...]:
    """For each ratio of a failure's cost to that of planned work: (ratio, number of visits, expected cost over the horizon), every failure costing ``ratio`` times its planned work.

    The worth of a day of life is found anew at each ratio. The schedules are ``program.greedy``'s: within a percent of the best, and at once.
    """
    from .candidates import build, tabulate
    from .program import greedy

    horizon = plant.calendar.horizon_days
    found = []
    for ratio in ratios:
        priced = [_at_ratio(task, plant, ratio) for task in tasks]
        table = tabulate(priced, slots, plant, now, made_for, horizon)
        solution = greedy(build(table))
        standing_costs = sum(task.renewal_rate * horizon for task in priced)
        found.append((ratio, len(solution.options), float(solution.value + table.later.sum() + standing_costs)))
    return tuple(found)


def _at_ratio(task: Task, plant: Plant, ratio: float) -> Task:
    planned = task.planned_cost + plant.costs.open_cost
    failure = ratio * planned
    if task.new is not None:
        rate = standing(task.new, planned, failure - task.warned * max(0.0, failure - planned)).rate
    else:
        rate = task.renewal_rate * failure / task.failure_cost if task.failure_cost else 0.0
    return replace(task, failure_cost=failure, renewal_rate=rate)


def flip_sentence(found: Sequence[tuple[float, int, float]]) -> str:
    """Where the plan flips from running to failure to planned work, in words.

    >>> flip_sentence([(2.0, 0, 10.0), (3.0, 0, 14.0), (5.0, 4, 20.0)])
    'While a failure costs up to 3 times its planned work, the cheapest plan is to run to failure; from 5 times on work is planned (4 visits, 4 at 5 times).'
    """
    if not found:
        return ""
    first = next((entry for entry in found if entry[1]), None)
    top = found[-1]
    if first is None:
        return f"Even where a failure costs {top[0]:g} times its planned work, the cheapest plan is to run to failure."
    told = f"work is planned ({first[1]} visits, {top[1]} at {top[0]:g} times)."
    before = [entry[0] for entry in found if entry[0] < first[0]]
    if not before:
        return f"From {first[0]:g} times its planned work on, the least that was tried, {told}"
    return (
        f"While a failure costs up to {before[-1]:g} times its planned work, the cheapest plan is to run to failure; "
        f"from {first[0]:g} times on {told}"
    )

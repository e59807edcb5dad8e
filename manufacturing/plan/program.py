"""The schedule as a mixed-integer program over windows, solved by HiGHS through scipy.

Time-indexed set packing: a binary says that a *visit* takes place, that is a set of tasks of one machine done together in one window. What a visit costs in all (opening once, production
lost by the sum of its hours) is so known exactly before solving, and the linear relaxation is tight. What is minimised is the change in expected cost against planning
nothing, so the empty plan is feasible and counts 0.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ...core.errors import NumericError

if TYPE_CHECKING:
    import numpy as np
    from scipy.sparse import csr_array

RELATIVE_GAP = 1e-3
BOUND_S = 3.0
MOST_JOBS = 6
"""Jobs of a crew in one day for which rounded rows are made."""


@dataclass(frozen=True)
class Option:
    """A visit that could be: ``tasks`` of ``machine`` in window ``slot``; ``cost`` is the change in expected cost (below 0 is good), ``crew`` hours by skill."""

    machine: str
    tasks: tuple[int, ...]
    slot: int
    cost: float
    crew: Mapping[str, float]
    hours: float
    num_openings: int


@dataclass(frozen=True)
class Problem:
    """What is to be solved: options, day index of each slot, crew hours for each (day index, skill), parts as (tasks, slots, how many at most), tasks that stay in a slot."""

    options: Sequence[Option]
    day: Sequence[int]
    crew: Mapping[tuple[int, str], float]
    parts: Sequence[tuple[frozenset[int], frozenset[int], int]] = field(default=())
    forced: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Solution:
    """The chosen options; ``value`` is the sum that was minimised, ``gap`` how much lower its bound lies as a share of it, 0 where it is proven best."""

    options: tuple[Option, ...]
    value: float
    gap: float
    proven: bool


def solve(problem: Problem, *, time_limit: float = 15.0, gap: float = RELATIVE_GAP) -> Solution:
    """Solve within ``time_limit`` seconds, down to a relative ``gap``; the best found by then, or ``greedy`` where that is better, stands with its own gap.

    Raises:
        NumericError: the forced tasks alone break a constraint, or a cost is not finite.
    """
    import numpy as np
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import csr_array

    if not problem.options:
        return Solution((), 0.0, 0.0, True)
    cost = np.array([option.cost for option in problem.options], dtype=float)
    if not np.isfinite(cost).all():
        raise NumericError("a cost of the schedule is not finite")
    entries, lower, upper = _rows(problem)
    row, column, number = (np.array(part) for part in zip(*entries, strict=True))
    matrix = csr_array((number.astype(float), (row, column)), shape=(len(upper), len(cost)))
    found = milp(
        cost,
        integrality=np.ones(len(cost)),
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(matrix, np.array(lower), np.array(upper)),  # pyright: ignore[reportArgumentType]
        options={"time_limit": max(time_limit, 0.05), "mip_rel_gap": gap},
    )
    if found.x is None and found.status != 1:
        raise NumericError(f"the schedule cannot be solved: {found.message}")
    chosen = (
        ()
        if found.x is None
        else tuple(option for option, taken in zip(problem.options, found.x, strict=True) if taken > 0.5)
    )
    value = float(sum(option.cost for option in chosen))
    if found.status != 0:
        quick = greedy(problem)
        if found.x is None or quick.value < value:
            chosen, value = quick.options, quick.value
    bound = found.mip_dual_bound
    if bound is None or not np.isfinite(bound):
        bound = _relaxed(cost, matrix, np.array(lower), np.array(upper))
    return Solution(chosen, value, _gap(value, bound), found.status == 0)


def _relaxed(cost: np.ndarray, matrix: csr_array, lower: np.ndarray, upper: np.ndarray) -> float:
    """Optimum of the linear relaxation, which no schedule can beat: a bound at once where the integer solver ended before it had one."""
    import numpy as np
    from scipy.optimize import linprog
    from scipy.sparse import vstack

    equal = np.flatnonzero(np.isfinite(lower))
    found = linprog(
        cost,
        A_ub=vstack([matrix, -matrix[equal]]).tocsr(),
        b_ub=np.concatenate([upper, -lower[equal]]),
        method="highs",
        options={"time_limit": BOUND_S},
    )
    return float(found.fun) if found.status == 0 else float("-inf")


def _gap(value: float, bound: float) -> float:
    import math

    if not math.isfinite(bound):
        return 1.0
    if abs(value) < 1e-9:
        return 0.0 if abs(bound) < 1e-6 else 1.0
    return max(0.0, (value - bound) / abs(value))


def _rows(problem: Problem) -> tuple[list[tuple[int, int, float]], list[float], list[float]]:
    """Constraints as (row, column, number), with lower and upper bounds."""
    import math

    entries: list[tuple[int, int, float]] = []
    lower: list[float] = []
    upper: list[float] = []

    def add(terms: Sequence[tuple[int, float]], bound: float, at_least: float = -math.inf) -> None:
        entries.extend((len(upper), column, number) for column, number in terms)
        lower.append(at_least)
        upper.append(bound)

    by_task: dict[int, list[tuple[int, float]]] = {}
    by_visit: dict[tuple[str, int], list[tuple[int, float]]] = {}
    crew: dict[tuple[int, str], list[tuple[int, float]]] = {}
    kept: dict[int, list[tuple[int, float]]] = {task: [] for task in problem.forced}
    for place, option in enumerate(problem.options):
        for task in option.tasks:
            by_task.setdefault(task, []).append((place, 1.0))
            if problem.forced.get(task) == option.slot:
                kept[task].append((place, 1.0))
        by_visit.setdefault((option.machine, option.slot), []).append((place, 1.0))
        for skill, hours in option.crew.items():
            crew.setdefault((problem.day[option.slot], skill), []).append((place, hours))
    for terms in by_task.values():
        add(terms, 1.0)
    for terms in by_visit.values():
        if len(terms) > 1:
            add(terms, 1.0)
    for key, terms in crew.items():
        if key in problem.crew:
            add(terms, problem.crew[key])
            for counted, bound in _rounded(terms, problem.crew[key]):
                add(counted, bound)
    for tasks, slots, count in problem.parts:
        taken = [
            (place, float(len(tasks & set(option.tasks))))
            for place, option in enumerate(problem.options)
            if option.slot in slots and tasks & set(option.tasks)
        ]
        if taken:
            add(taken, float(count))
    for terms in kept.values():
        add(terms, 1.0, 1.0)
    return entries, lower, upper


def _rounded(terms: Sequence[tuple[int, float]], hours: float) -> Iterator[tuple[list[tuple[int, float]], float]]:
    """Rows that say in whole jobs what the crew row says in hours: of jobs above half of the hours one fits, of those above a third two, ...

    They cut no schedule off and make the relaxation far tighter (Chvatal-Gomory rounding of the knapsack row).
    """
    from math import floor

    for count in range(1, MOST_JOBS + 1):
        size = hours / (count + 1) * (1 + 1e-9)
        if size <= 0:
            return
        counted = [(column, float(floor(taken / size))) for column, taken in terms if taken >= size]
        if len(counted) > 1:
            yield counted, float(count)


def greedy(problem: Problem) -> Solution:
    """A schedule at once: options in the order of what they save, and of what they save for each hour of crew; the better of both.

    It stands in where the solver's time ends before it has something better; nothing is proven of it, so its gap is 1.
    """
    start = _kept(problem)
    orders = (lambda option: option.cost, lambda option: option.cost / max(sum(option.crew.values()), 1e-6))
    best: tuple[Option, ...] = ()
    for order in orders:
        state = _State(problem)
        taken = [option for option in start if state.take(option, must=True)]
        taken += [option for option in sorted(problem.options, key=order) if option.cost < 0 and state.take(option)]
        if not best or sum(one.cost for one in taken) < sum(one.cost for one in best):
            best = tuple(taken)
    return Solution(best, float(sum(option.cost for option in best)), 1.0, False)


def _kept(problem: Problem) -> list[Option]:
    """For each forced visit the option with exactly its forced tasks."""
    wanted: dict[tuple[str, int], set[int]] = {}
    for option in problem.options:
        for task in option.tasks:
            if problem.forced.get(task) == option.slot:
                wanted.setdefault((option.machine, option.slot), set()).add(task)
    return [option for option in problem.options if wanted.get((option.machine, option.slot)) == set(option.tasks)]


class _State:
    """What a growing schedule uses."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.tasks: set[int] = set()
        self.visits: set[tuple[str, int]] = set()
        self.crew = dict(problem.crew)
        self.parts = [count for _, _, count in problem.parts]

    def take(self, option: Option, *, must: bool = False) -> bool:
        """Add the option if it fits; a task that must stay elsewhere is not taken."""
        problem, day = self.problem, self.problem.day[option.slot]
        if self.tasks & set(option.tasks) or (option.machine, option.slot) in self.visits:
            return False
        if not must and any(task in problem.forced for task in option.tasks):
            return False
        if any(self.crew.get((day, skill), hours) + 1e-9 < hours for skill, hours in option.crew.items()):
            return False
        needs = [len(tasks & set(option.tasks)) if option.slot in slots else 0 for tasks, slots, _ in problem.parts]
        if any(need > left for need, left in zip(needs, self.parts, strict=True)):
            return False
        self.tasks |= set(option.tasks)
        self.visits.add((option.machine, option.slot))
        for skill, hours in option.crew.items():
            if (day, skill) in self.crew:
                self.crew[(day, skill)] -= hours
        self.parts = [left - need for left, need in zip(self.parts, needs, strict=True)]
        return True

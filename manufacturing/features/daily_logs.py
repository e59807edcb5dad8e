"""Features for decisions each 3 hours from logs and the daily means up to yesterday: one row a decision and component, alike for every component.

Which signal a component moves, which way, and which codes announce its failure is learnt (``Announces``) and turned round here, so that one set of trees learns from the failures
of all components. A decision at hour ``t`` knows what was logged up to and at ``t``, and daily means of days that ended by ``t``; nothing later.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from ..evaluation.azure_files import FleetMachine

STEP_H = 3
DAYS_BACK = 4
ROUND_H = 360
"""The service round: parts are replaced each 15 days."""
MOST_H = 2000.0
COUNT_H = 72
NAMES = (
    *("level|1", "level|2", "level|3", "level|4", "level|1+2", "other_level|1", "other_level|2", "other_level|1+2"),
    *("codes|newest_h", "codes|oldest_h", "other_codes|newest_h", "codes|count_72h", "all_codes|count_72h"),
    *("replaced_h", "other_replaced_h", "replaced_in_round_h", "any_replaced_h", "any_replaced_in_round_h"),
    *("failed_h", "hour", "model", "age"),
)
PLAIN_TRAITS = ("model", "age")


@dataclass(frozen=True)
class Announces:
    """How a component's failure shows: place of the signal, its ``sign`` (1 up, -1 down), the codes that come before."""

    component: str
    signal: int
    sign: float
    codes: tuple[str, ...]


@dataclass(frozen=True)
class Levels:
    """Middle and spread of each signal over healthy days, float by signal."""

    middle: tuple[float, ...]
    spread: tuple[float, ...]


def decision_hours(machine: FleetMachine, first: int | None = None, last: int | None = None) -> np.ndarray:
    """int64[n]: hours of decisions, each ``STEP_H``, from the day after ``DAYS_BACK`` days of readings; within days ``first`` to ``last``, both included."""
    import numpy as np

    begin = int(machine.days[0]) + DAYS_BACK if first is None else max(first, int(machine.days[0]) + DAYS_BACK)
    end = int(machine.days[-1]) if last is None else min(last, int(machine.days[-1]))
    return np.arange(begin * 24, (end + 1) * 24, STEP_H, dtype=np.int64)


def build(machine: FleetMachine, hours: np.ndarray, announces: Sequence[Announces], levels: Levels) -> np.ndarray:
    """float32[components, decisions, features] in the order of ``NAMES``; NaN where not known."""
    import numpy as np

    deviation = _deviations(machine, hours, levels)
    parts = [one.component for one in announces]
    codes = {code: _since(times, hours) for code, times in machine.errors.items()}
    counts = {code: _count(times, hours) for code, times in machine.errors.items()}
    replaced = {part: _since(machine.maintenance.get(part, _none()), hours) for part in parts}
    any_replaced = _least(list(replaced.values()), len(hours))
    failed = _least([_since(times, hours) for times in machine.failures.values()], len(hours))
    signs = {one.signal: one.sign for one in announces}
    turned = deviation * np.array([signs.get(place, 1.0) for place in range(deviation.shape[2])])
    found = []
    for one in announces:
        own = turned[:, :, one.signal]
        rest = [place for place in range(turned.shape[2]) if place != one.signal]
        others = turned[:, :, rest]
        mine = [codes.get(code, np.full(len(hours), np.nan)) for code in one.codes]
        foreign = [ages for code, ages in codes.items() if code not in one.codes]
        columns = [
            *(own[:DAYS_BACK]),
            own[0] + own[1],
            *(others[:2].max(axis=2)),
            (others[0] + others[1]).max(axis=1),
            _least(mine, len(hours)),
            np.max(np.nan_to_num(mine, nan=MOST_H), axis=0) if mine else np.full(len(hours), MOST_H),
            _least(foreign, len(hours)),
            sum((counts[code] for code in one.codes if code in counts), np.zeros(len(hours))),
            sum(counts.values(), np.zeros(len(hours))),
            replaced[one.component],
            _least([ages for part, ages in replaced.items() if part != one.component], len(hours)),
            replaced[one.component] % ROUND_H,
            any_replaced,
            any_replaced % ROUND_H,
            failed,
            hours % 24,
            np.full(len(hours), machine.model),
            np.full(len(hours), machine.age),
        ]
        found.append(np.column_stack(columns))
    return np.stack(found).astype(np.float32)


def plain_names(signals: Sequence[str], codes: Sequence[str], parts: Sequence[str]) -> tuple[str, ...]:
    """Names of the columns of ``plain``."""
    return (*signals, *(f"{code}|hours" for code in codes), *(f"{part}|replaced_h" for part in parts), *PLAIN_TRAITS)


def plain(machine: FleetMachine, hours: np.ndarray, codes: Sequence[str], parts: Sequence[str]) -> np.ndarray:
    """float32[decisions, features]: yesterday's means, hours since each code and replacement, traits, as they stand: what the plain baseline sees."""
    import numpy as np

    columns = [
        *_yesterday(machine, hours, 1).T,
        *(_since(machine.errors.get(code, _none()), hours) for code in codes),
        *(_since(machine.maintenance.get(part, _none()), hours) for part in parts),
        np.full(len(hours), machine.model),
        np.full(len(hours), machine.age),
    ]
    return np.column_stack(columns).astype(np.float32)


def hours_to_failure(failures: Mapping[str, np.ndarray], component: str, hours: np.ndarray) -> np.ndarray:
    """float64[decisions]: hours to the next failure of a component after each decision; infinite without one."""
    import numpy as np

    times = failures.get(component, _none())
    place = np.searchsorted(times, hours, side="right")
    padded = np.append(times.astype(np.float64), np.inf)
    return padded[place] - hours


def _deviations(machine: FleetMachine, hours: np.ndarray, levels: Levels) -> np.ndarray:
    """float64[days back, decisions, signals]: how many spreads each of the last whole days lay from the middle."""
    import numpy as np

    middle, spread = np.asarray(levels.middle), np.asarray(levels.spread)
    return np.stack([(_yesterday(machine, hours, back) - middle) / spread for back in range(1, DAYS_BACK + 1)])


def _yesterday(machine: FleetMachine, hours: np.ndarray, back: int) -> np.ndarray:
    """float64[decisions, signals]: the daily mean of so many days before the day of the decision."""
    import numpy as np

    day = hours // 24 - back
    place = np.searchsorted(machine.days, day).clip(max=len(machine.days) - 1)
    return np.where((machine.days[place] == day)[:, None], machine.daily[place], np.nan)


def _none() -> np.ndarray:
    import numpy as np

    return np.empty(0, dtype=np.int64)


def _since(times: np.ndarray, hours: np.ndarray) -> np.ndarray:
    import numpy as np

    place = np.searchsorted(times, hours, side="right") - 1
    if not len(times):
        return np.full(len(hours), np.nan)
    return np.where(place >= 0, np.minimum(hours - times[np.maximum(place, 0)], MOST_H), np.nan)


def _count(times: np.ndarray, hours: np.ndarray) -> np.ndarray:
    import numpy as np

    last = np.searchsorted(times, hours, side="right")
    return (last - np.searchsorted(times, hours - COUNT_H, side="right")).astype(np.float64)


def _least(columns: Sequence[np.ndarray], count: int) -> np.ndarray:
    import numpy as np

    return np.fmin.reduce(columns) if len(columns) else np.full(count, np.nan)

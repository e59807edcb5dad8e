"""Event-wise measure of warnings: which failures were warned of early enough, at how many false alarms, how long before.

A score at decision times becomes incidents: one opens where the score reaches the threshold and none is open, and lasts at most ``maximum_lead_h`` or until
the next failure. A failure is warned where an incident opened from ``maximum_lead_h`` to ``minimum_lead_h`` before it, both ends
included. An incident is false where no failure comes within ``maximum_lead_h`` of its opening; one that comes too late is neither. Rates
are per machine-month of ``DAYS_A_MONTH`` days observed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

DAYS_A_MONTH = 30.4
HOUR_US = 3_600_000_000
NUM_THRESHOLDS = 400


@dataclass(frozen=True)
class Decisions:
    """One machine's scores: ``times`` int64[n] microseconds UTC rising, ``scores`` float[n]; ``failures`` int64[m] rising; ``observed_days`` without downtime."""

    machine: str
    times: np.ndarray
    scores: np.ndarray
    failures: np.ndarray
    observed_days: float


@dataclass(frozen=True)
class Tally:
    """What one threshold gave on one machine; ``leads_h`` hours from an incident's opening to the failure it warned of."""

    machine: str
    num_failures: int
    num_warned: int
    num_false: int
    leads_h: tuple[float, ...]
    observed_days: float


@dataclass(frozen=True)
class Warned:
    """Sums of tallies: ``share`` of failures warned of (NaN without failures), false alarms per machine-month, median lead in hours."""

    share: float
    false_per_month: float
    median_lead_h: float


def tally(
    decisions: Decisions, threshold: float, *, minimum_lead_h: float = 24.0, maximum_lead_h: float = 168.0
) -> Tally:
    """Incidents of one machine at one threshold against its failures.

    Raises:
        ValueError: times are not rising, or shapes differ.
    """
    import numpy as np

    times, failures = decisions.times, decisions.failures
    if len(times) != len(decisions.scores) or (np.diff(times) < 0).any() or (np.diff(failures) < 0).any():
        raise ValueError(f"machine {decisions.machine}: times and scores must be rising and of one length")
    longest, least = int(maximum_lead_h * HOUR_US), int(minimum_lead_h * HOUR_US)
    above = np.flatnonzero(decisions.scores >= threshold)
    opened: list[int] = []
    false = place = 0
    while place < len(above):
        begin = int(times[above[place]])
        opened.append(begin)
        following = int(np.searchsorted(failures, begin, side="right"))
        comes = int(failures[following]) if following < len(failures) else None
        if comes is not None and comes - begin <= longest:
            end = comes
        else:
            false += 1
            end = begin + longest
        place = int(np.searchsorted(times[above], end, side="right"))
    starts = np.asarray(opened, dtype=np.int64)
    leads = []
    for failure in failures:
        fitting = starts[(starts >= failure - longest) & (starts <= failure - least)]
        if len(fitting):
            leads.append(float((failure - fitting[0]) / HOUR_US))
    return Tally(decisions.machine, len(failures), len(leads), false, tuple(leads), decisions.observed_days)


def total(tallies: Sequence[Tally]) -> Warned:
    """The sums of several machines."""
    from statistics import median

    failures = sum(one.num_failures for one in tallies)
    days = sum(one.observed_days for one in tallies)
    leads = [lead for one in tallies for lead in one.leads_h]
    return Warned(
        sum(one.num_warned for one in tallies) / failures if failures else float("nan"),
        sum(one.num_false for one in tallies) / (days / DAYS_A_MONTH) if days else float("nan"),
        median(leads) if leads else float("nan"),
    )


def at_budget(
    fleet: Sequence[Decisions], false_per_month: float, tell: Callable[[Decisions, float], Tally] = tally
) -> tuple[float, Warned]:
    """The threshold that warns of most failures within a budget of false alarms, and what it gives.

    Thresholds are quantiles of the scores; of equals the highest wins. Infinite where no threshold keeps the budget with an alarm at all.
    """
    import numpy as np

    scores = np.concatenate([one.scores for one in fleet])
    levels = np.unique(np.quantile(scores, 1 - np.geomspace(1 / max(len(scores), 2), 1, NUM_THRESHOLDS)))
    best: tuple[float, Warned] | None = None
    for level in levels[::-1]:
        found = total([tell(one, float(level)) for one in fleet])
        if found.false_per_month > 4 * false_per_month + 1e-12 and best is not None:
            break
        if found.false_per_month <= false_per_month and (best is None or found.share > best[1].share):
            best = (float(level), found)
    return best or (float("inf"), total([tell(one, float("inf")) for one in fleet]))


def right_share(share: float, false_per_month: float, failures_per_month: float) -> float:
    """Expected share of alarms that are right where machines fail ``failures_per_month`` times a machine-month: what a user's own rate makes of a warning.

    >>> round(right_share(0.93, 0.05, 0.01), 2), round(right_share(0.93, 0.05, 0.63), 2)
    (0.16, 0.92)
    """
    right = share * failures_per_month
    together = right + false_per_month
    return right / together if together > 0 else float("nan")

"""The range of dates of a visit: 10 % and 90 % of where the best date lies when the hazard ahead is only known up to a factor.

No forecast knows a hazard exactly. The true one is taken as log-normal around the forecast's, with 80 % of it between ``1 / factor`` and ``factor`` times; a larger hazard only makes the
best window earlier, so the best windows under the two ends are the 10 % and 90 % dates. The factors are stated here and not measured.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from .candidates import Table
from .value import harder, task_later, task_value

FACTORS = {"model": 1.5}
OTHER_FACTOR = 2.0
"""By what a forecast rests on; an age model knows less of this machine than its signs tell."""


def date_range(table: Table, members: Sequence[int], slot: int) -> tuple[date, date]:
    """First and last date of the visit that does ``members`` (places of tasks) in window ``slot``; the planned day lies within.

    Only windows that hold the work count. Where both ends fall on one date the next window joins, or the one before it: nobody knows a failure to the day. They are equal
    only where the horizon has no other window.
    """
    import numpy as np

    fits = np.all([table.allowed[place] for place in members], axis=0)
    fits[slot] = True
    windows = [int(place) for place in np.flatnonzero(fits)]
    early = _best(table, members, windows, harden=True)
    late = _best(table, members, windows, harden=False)
    days = sorted({table.slots[place].day for place in windows})
    planned = table.slots[slot].day
    first = min(planned, table.slots[early].day)
    last = max(planned, table.slots[late].day)
    if first == last:
        later = [day for day in days if day > last]
        before = [day for day in days if day < first]
        if later:
            last = later[0]
        elif before:
            first = before[-1]
    return first, last


def _best(table: Table, members: Sequence[int], windows: Sequence[int], *, harden: bool) -> int:
    """The window of least summed value with every hazard raised or lowered; the last one where leaving it for later is better."""
    import numpy as np

    total = np.zeros(len(windows))
    beyond = 0.0
    chosen = np.asarray(windows)
    for place in members:
        task = table.tasks[place]
        factor = FACTORS.get(task.basis, OTHER_FACTOR)
        life = harder(task.survival, factor if harden else 1 / factor)
        total += task_value(task, table.ahead[chosen], task.planned_cost, life) + table.loss[place, chosen]
        beyond += task_later(task, table.horizon_days, task.planned_cost, life)
    return int(chosen[-1] if beyond < total.min() else chosen[total.argmin()])

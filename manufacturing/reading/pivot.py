"""Long rows of one machine (time, sensor, value) become rows with one column a sensor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..history import FLAGS

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Wide:
    """``times`` int64[rows], ``values`` float64[rows, columns] (NaN where none), ``flags`` uint8[rows, columns]."""

    times: np.ndarray
    values: np.ndarray
    flags: np.ndarray


def pivot(times: np.ndarray, tags: np.ndarray, values: np.ndarray, flags: np.ndarray, num_tags: int) -> Wide:
    """One row for each time stamp, in the order in which stamps first came; a tag that comes again at a stamp makes a further row.

    ``times`` int64[n], ``tags`` int[n] from 0 to ``num_tags`` - 1, ``values`` float[n], ``flags`` uint8[n].
    """
    import numpy as np

    count = len(times)
    order = np.lexsort((np.arange(count), tags, times))
    t, g = times[order], tags[order]
    fresh = np.r_[True, (t[1:] != t[:-1]) | (g[1:] != g[:-1])]
    starts = np.flatnonzero(fresh)
    again = np.arange(count) - np.repeat(starts, np.diff(np.r_[starts, count]))
    row_order = np.lexsort((again, t))
    rt, ra = t[row_order], again[row_order]
    new_row = np.r_[True, (rt[1:] != rt[:-1]) | (ra[1:] != ra[:-1])]
    row_of_sorted = np.cumsum(new_row) - 1
    row = np.empty(count, np.int64)
    row[order[row_order]] = row_of_sorted
    num_rows = int(row_of_sorted[-1]) + 1 if count else 0
    first = np.full(num_rows, count, np.int64)
    np.minimum.at(first, row, np.arange(count))
    rank = np.empty(num_rows, np.int64)
    arrival = np.argsort(first, kind="stable")
    rank[arrival] = np.arange(num_rows)
    row = rank[row]
    wide_values = np.full((num_rows, num_tags), np.nan)
    wide_flags = np.full((num_rows, num_tags), FLAGS["missing"], np.uint8)
    wide_times = np.zeros(num_rows, np.int64)
    wide_values[row, tags] = values
    wide_flags[row, tags] = flags
    wide_times[row] = times
    return Wide(wide_times, wide_values, wide_flags)

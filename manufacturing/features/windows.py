"""The statistics of one machine's sensors over trailing windows of running rows: moments, extremes, slopes, quantiles, sums that detect a change.

``build`` calls ``sensor_statistics`` with the running rows of a machine and the windows that end at the rows asked for. Values are float64 and may
be NaN; a statistic without enough valid values is NaN. docs/features.md has the formulas.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .folds import blocks, fold, weighted

if TYPE_CHECKING:
    import numpy as np

QUANTILES: Mapping[str, float] = {"q10": 0.1, "q50": 0.5, "q90": 0.9}
QUANTILE_SAMPLES = 32
EMA_HALF_LIVES = 4
"""A window's exponential mean has this many half-lives in the window."""

CUSUM_SLACK = 0.5
CUSUM_CLIP = 6.0
"""A deviation counts up to this many spreads, so that one wild value raises no alarm of its own."""

MIN_RELATIVE_VARIANCE = 1e-13
"""A variance below this share of the mean square about the shift is rounding, and stands as 0."""

QUANTILE_BLOCK = 1 << 21
BLOCK_VALUES = 1 << 17


@dataclass(frozen=True)
class Windows:
    """Which running rows are asked for: ``ends`` int64[n] (last row), ``lengths`` int64[n] by window (0: the life so far).

    ``firsts`` int64[n] is the first running row of each one's life; ``starts`` int64[lives] the first row of every life, rising. ``baseline_rows`` as in the
    specification, ``interval_s`` the seconds of a row.
    """

    ends: np.ndarray
    lengths: Mapping[int, np.ndarray]
    firsts: np.ndarray
    starts: np.ndarray
    baseline_rows: int
    interval_s: float

    def baseline(self) -> tuple[np.ndarray, np.ndarray]:
        """(last rows, lengths) of the first rows of each one's life, as many as there were by then."""
        import numpy as np

        lengths = np.minimum(self.lengths[0], self.baseline_rows)
        return self.firsts + lengths - 1, lengths


def sensor_statistics(
    values: np.ndarray, windows: Windows, groups: Sequence[tuple[str, int]], limits: np.ndarray | None
) -> dict[tuple[str, int], np.ndarray]:
    """Statistics of sensors.

    Args:
        values: float64[rows, sensors] over running rows alone.
        windows: the rows asked for.
        groups: (statistic, window) as ``statistics.sensor_columns`` gives them.
        limits: float64[2, sensors], low and high, where minutes outside are asked for.

    Returns float32[n, sensors] for each group.
    """
    import numpy as np

    size = max(1, min(32, BLOCK_VALUES // max(1, len(values))))
    found = {
        group: np.full((len(windows.ends), values.shape[1]), np.nan, dtype=np.float32)
        for group in dict.fromkeys(groups)
    }
    for block in blocks(values.shape[1], size):
        part = _Block(np.ascontiguousarray(values[:, block]), windows, None if limits is None else limits[:, block])
        for group in found:
            found[group][:, block] = part.statistic(*group, groups)
    return found


class _Block:
    """A few sensors of one machine; what several statistics share is computed once."""

    def __init__(self, values: np.ndarray, windows: Windows, limits: np.ndarray | None) -> None:
        import numpy as np

        self._values = values
        self._valid = np.isfinite(values)
        self._windows = windows
        self._limits = limits
        self._shift = _first_valid(values, self._valid)
        self._clean = np.where(self._valid, values - self._shift, 0.0)
        self._patterns, self._pattern_of = _patterns(self._valid)
        self._moments: dict[int, dict[str, np.ndarray]] = {}
        self._extremes: dict[str, dict[int, np.ndarray]] = {}
        self._outside: dict[str, dict[int, np.ndarray]] = {}
        self._sorted: dict[int, tuple[np.ndarray, np.ndarray]] = {}

    def statistic(self, name: str, window: int, groups: Sequence[tuple[str, int]]) -> np.ndarray:
        """float64[n, sensors]."""
        import numpy as np

        if name in ("min", "max"):
            return self._extreme(name, window, groups)
        if name == "range":
            return self._extreme("max", window, groups) - self._extreme("min", window, groups)
        if name in ("minutes_above", "minutes_below"):
            return self._minutes(name, window, groups)
        if name in QUANTILES:
            return self._quantile(QUANTILES[name], window)
        if name == "ema":
            return self._exponential(window)
        if name == "last":
            return self._last(window)
        if name in ("cusum_up", "cusum_down"):
            return self._cusum(1.0 if name == "cusum_up" else -1.0)
        moments = self._moments_of(window, groups)
        count, total = moments["count"], moments["sum"]
        with np.errstate(divide="ignore", invalid="ignore"):
            mean = np.where(count > 0, total / count, np.nan)
            if name == "mean":
                return mean + self._shift
            if name == "change":
                base = self._moments_of(-1, groups)
                return mean - np.where(base["count"] > 0, base["sum"] / base["count"], np.nan)
            if name == "sum":
                return np.where(count > 0, total + count * self._shift, np.nan)
            if name == "std":
                square = moments["squares"] / count
                variance = np.maximum(square - mean**2, 0.0)
                variance[variance < MIN_RELATIVE_VARIANCE * square] = 0.0
                return np.where(count > 1, np.sqrt(variance), np.nan)
            times, times_squared = moments["times"], moments["times_squared"]
            below = count * times_squared - times**2
            slope = (count * moments["products"] - times * total) / below
            return np.where((count > 1) & (below > 0), slope, np.nan)

    def _queries(self, windows: Sequence[int]) -> list[tuple[np.ndarray, np.ndarray]]:
        own = self._windows
        return [own.baseline() if window < 0 else (own.ends, own.lengths[window]) for window in windows]

    def _moments_of(self, window: int, groups: Sequence[tuple[str, int]]) -> dict[str, np.ndarray]:
        """Sums over every window that some statistic needs; window -1 is the baseline."""
        import numpy as np

        if self._moments:
            return self._moments[window]
        names = {name for name, _ in groups}
        wanted = sorted({size for name, size in groups if name in ("mean", "std", "slope", "change", "sum")})
        if "change" in names:
            wanted.append(-1)
        clock = np.arange(len(self._clean), dtype=np.float64)[:, None]
        channels: dict[str, np.ndarray] = {"count": self._patterns, "sum": self._clean}
        if "std" in names:
            channels["squares"] = self._clean**2
        if "slope" in names:
            channels["times"] = self._patterns * clock
            channels["times_squared"] = self._patterns * clock**2
            channels["products"] = self._clean * clock
        widths = np.cumsum([0, *(channel.shape[1] for channel in channels.values())])
        rows = np.concatenate(list(channels.values()), axis=1)
        for size, sums in zip(wanted, fold(rows, self._queries(wanted), np.add, 0.0), strict=True):
            parts = {
                name: sums[:, start:stop] for name, start, stop in zip(channels, widths[:-1], widths[1:], strict=True)
            }
            for name in ("count", "times", "times_squared"):
                if name in parts:
                    parts[name] = parts[name][:, self._pattern_of]
            self._moments[size] = parts
        return self._moments[window]

    def _extreme(self, name: str, window: int, groups: Sequence[tuple[str, int]]) -> np.ndarray:
        import numpy as np

        if name not in self._extremes:
            worst, join = (np.inf, np.minimum) if name == "min" else (-np.inf, np.maximum)
            wanted = sorted({size for kind, size in groups if kind in (name, "range")})
            rows = np.where(self._valid, self._values, worst)
            found = fold(rows, self._queries(wanted), join, worst)
            self._extremes[name] = {
                size: np.where(np.isfinite(values), values, np.nan) for size, values in zip(wanted, found, strict=True)
            }
        return self._extremes[name][window]

    def _minutes(self, name: str, window: int, groups: Sequence[tuple[str, int]]) -> np.ndarray:
        import numpy as np

        if self._limits is None:
            return np.full((len(self._windows.ends), self._values.shape[1]), np.nan)
        if name not in self._outside:
            low, high = self._limits
            with np.errstate(invalid="ignore"):
                outside = self._values > high if name == "minutes_above" else self._values < low
            wanted = sorted({size for kind, size in groups if kind == name})
            width = self._values.shape[1]
            rows = np.concatenate([outside.astype(np.float64), self._patterns], axis=1)
            self._outside[name] = {
                size: np.where(
                    sums[:, width:][:, self._pattern_of] > 0, sums[:, :width] * (self._windows.interval_s / 60), np.nan
                )
                for size, sums in zip(wanted, fold(rows, self._queries(wanted), np.add, 0.0), strict=True)
            }
        return self._outside[name][window]

    def _quantile(self, share: float, window: int) -> np.ndarray:
        """From at most ``QUANTILE_SAMPLES`` rows of the window, evenly spaced and counted from its end."""
        import numpy as np

        if window not in self._sorted:
            self._sorted[window] = self._samples(window)
        ordered, count = self._sorted[window]
        place = np.maximum(count - 1, 0) * share
        below = place.astype(np.int64)
        above = np.minimum(below + 1, np.maximum(count - 1, 0))
        left = np.take_along_axis(ordered, below[:, None], axis=1)[:, 0]
        right = np.take_along_axis(ordered, above[:, None], axis=1)[:, 0]
        return np.where(count > 0, left + (right - left) * (place - below), np.nan)

    def _samples(self, window: int) -> tuple[np.ndarray, np.ndarray]:
        """Sorted values float64[n, samples, sensors], NaN last, and how many of them are valid int64[n, sensors]."""
        import numpy as np

        ends, lengths = self._windows.ends, self._windows.lengths[window]
        step = max(1, window // QUANTILE_SAMPLES)
        offsets = np.arange(0, window, step)
        ordered = np.empty((len(ends), len(offsets), self._values.shape[1]))
        for block in blocks(len(ends), max(1, QUANTILE_BLOCK // max(1, ordered[:1].size))):
            inside = offsets[None, :] < lengths[block, None]
            picked = self._values[np.where(inside, ends[block, None] - offsets, 0)]
            picked[~inside] = np.nan
            picked.sort(axis=1)
            ordered[block] = picked
        return ordered, np.isfinite(ordered).sum(axis=1)

    def _exponential(self, window: int) -> np.ndarray:
        import numpy as np

        width = self._values.shape[1]
        decay = 0.5 ** (EMA_HALF_LIVES / window)
        rows = np.concatenate([self._clean, self._patterns], axis=1)
        sums = weighted(rows, (self._windows.ends, self._windows.lengths[window]), decay)
        weights = sums[:, width:][:, self._pattern_of]
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(weights > 0, sums[:, :width] / weights, np.nan) + self._shift

    def _last(self, window: int) -> np.ndarray:
        """The newest valid value of the window."""
        import numpy as np

        row = np.arange(len(self._values))[:, None]
        newest = np.maximum.accumulate(np.where(self._valid, row, -1), axis=0)
        ends, lengths = self._windows.ends, self._windows.lengths[window]
        place = newest[np.maximum(ends, 0)]
        inside = (lengths > 0)[:, None] & (place > (ends - lengths)[:, None]) & (place >= 0)
        values = np.take_along_axis(self._values, np.maximum(place, 0), axis=0)
        return np.where(inside, values, np.nan)

    def _cusum(self, sign: float) -> np.ndarray:
        """Page's one-sided sum of each life, from the rows behind its baseline on, about the baseline's mean."""
        import numpy as np

        windows = self._windows
        rows = len(self._values)
        life = np.searchsorted(windows.starts, np.arange(rows), side="right") - 1
        following = np.append(windows.starts[1:], rows)
        base = np.zeros((len(windows.starts), self._values.shape[1]))
        if windows.baseline_rows:
            lengths = np.minimum(following - windows.starts, windows.baseline_rows)
            query = (windows.starts + lengths - 1, lengths)
            channels = np.concatenate([self._clean, self._patterns], axis=1)
            sums = fold(channels, [query], np.add, 0.0)[0]
            count = sums[:, self._values.shape[1] :][:, self._pattern_of]
            with np.errstate(divide="ignore", invalid="ignore"):
                base = np.where(count > 0, sums[:, : self._values.shape[1]] / count + self._shift, np.nan)
        behind = np.arange(rows) >= windows.starts[life] + windows.baseline_rows
        step = np.clip(sign * (self._values - base[life]), -CUSUM_CLIP, CUSUM_CLIP) - CUSUM_SLACK
        step = np.where(behind[:, None] & np.isfinite(step), step, 0.0)
        sums = np.empty_like(step)
        for start, stop in zip(windows.starts, following, strict=True):
            path = np.cumsum(step[start:stop], axis=0)
            sums[start:stop] = path - np.minimum(np.minimum.accumulate(path, axis=0), 0.0)
        known = (windows.lengths[0] > 0)[:, None]
        return np.where(known, sums[np.maximum(windows.ends, 0)], np.nan)


def _first_valid(values: np.ndarray, valid: np.ndarray) -> np.ndarray:
    """float64[sensors]: each sensor's first valid value, 0 without one: a shift that no later row can change."""
    import numpy as np

    first = valid.argmax(axis=0)
    return np.where(valid.any(axis=0), values[first, np.arange(values.shape[1])], 0.0)


def _patterns(valid: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """float64[rows, patterns] of ones where valid, and int64[sensors]: the sensors without a gap share one pattern."""
    import numpy as np

    gaps = np.flatnonzero(~valid.all(axis=0))
    pattern_of = np.zeros(valid.shape[1], dtype=np.int64)
    pattern_of[gaps] = 1 + np.arange(len(gaps))
    patterns = np.ones((len(valid), 1 + len(gaps)))
    patterns[:, 1:] = valid[:, gaps]
    return patterns, pattern_of

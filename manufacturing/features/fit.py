"""Fit a feature specification on training machines: which sensors tell anything, operating regimes, what is usual within each.

Training calls ``fit_spec`` with the records of training machines alone and stores what it gives in the bundle; nothing of another machine and
nothing of labels goes in.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ...core.errors import UsageError
from .regimes import assign, columns, normalise
from .statistics import DEFAULT, check_spec
from .table import FeatureSpec, Regimes

if TYPE_CHECKING:
    import numpy as np

    from ..history import Record

MAX_ROWS = 400_000
MAX_VALUES = 40_000_000
"""Moments are taken from every k-th row where training has more rows or values than these."""

MAX_REGIMES = 8
REGIME_SHARE = 0.98
"""Regimes are told apart only where centres explain this share of the settings' variance: noise has none."""

CONSTANT = 1e-6
MIN_VALID_SHARE = 0.05
MIN_MACHINES_WITH_CODE = 2
MAX_CODES = 50
MAX_WORDS = 20
LIMIT_SHARES = (0.01, 0.99)


def fit_spec(
    records: Sequence[Record],
    *,
    sensors: Sequence[str] | None = None,
    max_sensors: int = 200,
    settings: Sequence[str] = (),
    centres: Sequence[Sequence[float]] | None = None,
    scales: Sequence[float] | None = None,
    num_regimes: int | None = None,
    statistics: Sequence[str] = DEFAULT,
    windows: Sequence[int] | None = None,
    baseline_rows: int = 20,
    whole_life: bool = True,
    clock: bool = True,
    codes: Sequence[str] | None = None,
    log_windows_h: Sequence[float] = (24.0, 168.0),
    components: Sequence[str] | None = None,
    traits: Sequence[str] | None = None,
    restarts: Sequence[str] | None = None,
    seed: int = 0,
) -> FeatureSpec:
    """A specification fitted on ``records``, which must be training machines alone.

    Args:
        sensors: those considered (default: all that every machine has, less ``settings``); constant ones and nearly empty ones are dropped.
        max_sensors: of more than these the ones are kept that change most from the first fifth of a life to the last.
        settings: sensors that the operator or the job sets; operating regimes are found among them.
        centres: given centres, float[regimes, settings]; else k-means finds them.
        scales: what a setting is divided by before distances are taken (default: its spread).
        num_regimes: how many centres k-means finds; None takes the fewest up to 8 that explain 98 % of the variance, or one.
        windows: rows of running time (default by the data's interval: 6 hours, a day, a week; 5, 10 and 30 cycles).
        codes: logged codes (default: the 50 most frequent errors that at least two machines had). A failure's or a maintenance action's own code
            given here is known in the hour it is written; mind what the label says of that hour.
        components, traits: default: those in the records; a trait of words needs at most 20 of them.
        restarts: components whose renewal restarts windows, baseline and logs (default: all).

    Raises:
        UsageError: no records or no running rows, unlike sensors, no sensor that varies, or arguments that do not fit together.
    """
    import numpy as np

    if not records:
        raise UsageError("features cannot be fitted on zero machines")
    common = [name for name in records[0].sensors if all(name in record.sensors for record in records)]
    considered = tuple(name for name in common if name not in settings) if sensors is None else tuple(sensors)
    values = _gather(records, considered)
    if not len(values):
        raise UsageError("features cannot be fitted: no machine has a row in which it runs")
    regimes = _centres(_gather(records, tuple(settings)), tuple(settings), centres, scales, num_regimes, seed)
    regime = assign(_gather(records, tuple(settings)), regimes)
    mean, spread = _moments(values, regime, len(regimes.centres))
    kept = [place for place in range(len(considered)) if _varies(values[:, place], mean[:, place], spread[:, place])]
    if not kept:
        raise UsageError("no sensor varies in the training data, so nothing can be learnt from it")
    if len(kept) > max_sensors:
        kept = _most_changing(records, considered, kept, spread, max_sensors)
    names = tuple(considered[place] for place in kept)
    regimes = Regimes(
        settings=regimes.settings,
        scales=regimes.scales,
        centres=regimes.centres,
        mean=tuple(tuple(map(float, row[kept])) for row in mean),
        spread=tuple(tuple(map(float, row[kept])) for row in spread),
    )
    lower, upper = np.nanquantile(normalise(values[:, kept], regime, regimes), LIMIT_SHARES, axis=0)
    spec = FeatureSpec(
        sensors=names,
        statistics=tuple(statistics),
        windows=_default_windows(records[0]) if windows is None else tuple(windows),
        baseline_rows=baseline_rows,
        whole_life=whole_life,
        regimes=regimes,
        clock=clock,
        codes=_codes(records) if codes is None else tuple(codes),
        log_windows_h=tuple(log_windows_h),
        components=_components(records) if components is None else tuple(components),
        traits=_traits(records, traits),
        limits={name: (float(low), float(high)) for name, low, high in zip(names, lower, upper, strict=True)},
        restarts=None if restarts is None else tuple(restarts),
    )
    check_spec(spec)
    return spec


def _gather(records: Sequence[Record], names: tuple[str, ...]) -> np.ndarray:
    """float64[rows, names] of rows in which machines run, every k-th where there are more than ``MAX_ROWS`` or ``MAX_VALUES``."""
    import numpy as np

    total = sum(int(record.running.sum()) for record in records)
    step = max(1, -(-total // max(1, min(MAX_ROWS, MAX_VALUES // max(1, len(names))))))
    return np.concatenate([columns(record, names, np.flatnonzero(record.running)[::step]) for record in records])


def _centres(
    rows: np.ndarray,
    settings: tuple[str, ...],
    given: Sequence[Sequence[float]] | None,
    scales: Sequence[float] | None,
    number: int | None,
    seed: int,
) -> Regimes:
    import numpy as np

    if not settings:
        if given is not None or (number or 1) != 1:
            raise UsageError("regimes need settings to be told apart by")
        return Regimes((), (), ((),), (), ())
    known = rows[np.isfinite(rows).all(axis=1)]
    if not len(known):
        raise UsageError(f"the settings {', '.join(settings)} never stand together in one row")
    widths = np.asarray(scales, dtype=float) if scales is not None else known.std(axis=0)
    if len(widths) != len(settings):
        raise UsageError("scales must have one number a setting")
    widths = np.where(widths > 0, widths, 1.0)
    if given is not None:
        found = np.asarray(given, dtype=float)
    else:
        found = _k_means(known / widths, number, seed) * widths
    if found.ndim != 2 or found.shape[1] != len(settings):
        raise UsageError("centres must have one number a setting")
    return Regimes(settings, tuple(map(float, widths)), tuple(tuple(map(float, row)) for row in found), (), ())


def _k_means(rows: np.ndarray, number: int | None, seed: int) -> np.ndarray:
    """Centres of scaled settings (Lloyd's algorithm from k-means++ starts, best of ten)."""
    import numpy as np

    sample = rows[:: max(1, len(rows) // 20_000)]
    distinct = len(np.unique(sample, axis=0))
    if number is not None:
        if not 1 <= number <= distinct:
            raise UsageError(f"{number} regimes cannot be found in {distinct} unlike settings")
        return _fitted(sample, number, seed)[0]
    one = sample.mean(axis=0, keepdims=True)
    total = float(((sample - one) ** 2).sum())
    for count in range(2, min(MAX_REGIMES, distinct) + 1):
        centres, rest = _fitted(sample, count, seed)
        if rest <= (1 - REGIME_SHARE) * total:
            return centres
    return one


def _fitted(sample: np.ndarray, count: int, seed: int) -> tuple[np.ndarray, float]:
    """Centres and the squared distances that they leave."""
    from sklearn.cluster import KMeans

    found = KMeans(count, n_init=10, random_state=seed).fit(sample)  # pyright: ignore[reportArgumentType]
    return found.cluster_centers_, float(found.inertia_ or 0.0)


def _moments(values: np.ndarray, regime: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Mean and spread float64[regimes, sensors]; a sensor that stands still in one regime takes its spread over all; 0 where never seen."""
    import numpy as np

    width = values.shape[1]
    mean, spread = np.zeros((count, width)), np.zeros((count, width))
    seen = np.zeros((count, width), dtype=bool)
    for number in range(count):
        rows = values[regime == number]
        for place in range(width):
            column = rows[np.isfinite(rows[:, place]), place]
            if len(column):
                mean[number, place], spread[number, place] = column.mean(), column.std()
                seen[number, place] = True
    floor = CONSTANT * np.abs(mean)
    pooled = np.sqrt((spread**2).sum(axis=0) / np.maximum(seen.sum(axis=0), 1))
    return mean, np.where(seen & (spread <= floor), pooled, spread)


def _varies(column: np.ndarray, mean: np.ndarray, spread: np.ndarray) -> bool:
    import numpy as np

    enough = np.isfinite(column).mean() >= MIN_VALID_SHARE
    return bool(enough and (spread > CONSTANT * np.maximum(np.abs(mean), 1e-30)).any())


def _most_changing(
    records: Sequence[Record], names: Sequence[str], kept: Sequence[int], spread: np.ndarray, count: int
) -> list[int]:
    """The ``count`` of ``kept`` whose level moves most, in spreads, between the first and the last fifth of a life; in their old order."""
    import numpy as np

    chosen = tuple(names[place] for place in kept)
    moves: list[np.ndarray] = []
    for record in records:
        for life in record.lives:
            rows = life.start + np.flatnonzero(record.running[life.start : life.stop])
            fifth = len(rows) // 5
            if life.component or not fifth:
                continue
            ends = [columns(record, chosen, part[:: max(1, fifth // 50)]) for part in (rows[:fifth], rows[-fifth:])]
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", RuntimeWarning)  # a sensor without a value there: NaN, as wanted
                moves.append(np.abs(np.nanmean(ends[1], axis=0) - np.nanmean(ends[0], axis=0)))
    widths = np.maximum(spread[:, kept].max(axis=0), 1e-30)
    moved = np.nan_to_num(np.array(moves)).mean(axis=0) / widths if moves else np.zeros(len(kept))
    best = np.argsort(-moved, kind="stable")[:count]
    return sorted(kept[place] for place in best)


def _default_windows(record: Record) -> tuple[int, ...]:
    if record.clock_unit == "cycles":
        return (5, 10, 30)
    rows = {round(hours * 3600 / record.interval_s) for hours in (6, 24, 168)}
    return tuple(sorted(row for row in rows if row >= 2)) or (2,)


def _codes(records: Sequence[Record]) -> tuple[str, ...]:
    machines: Counter[str] = Counter()
    for record in records:
        machines.update({event.code for event in record.events if event.kind == "error" and event.code})
    frequent = [code for code, count in machines.most_common(MAX_CODES) if count >= MIN_MACHINES_WITH_CODE]
    return tuple(sorted(frequent))


def _components(records: Sequence[Record]) -> tuple[str, ...]:
    return tuple(sorted({life.component for record in records for life in record.lives if life.component}))


def _traits(records: Sequence[Record], names: Sequence[str] | None) -> Mapping[str, tuple[str, ...]] | None:
    """Numbers as they are, words with the values that training machines have."""
    wanted = sorted({name for record in records for name in record.traits}) if names is None else list(names)
    found: dict[str, tuple[str, ...]] = {}
    for name in wanted:
        values = [record.traits[name] for record in records if name in record.traits]
        if values and all(isinstance(value, int | float) for value in values):
            found[name] = ()
            continue
        words = tuple(sorted({str(value) for value in values}))
        if 0 < len(words) <= MAX_WORDS and (len(words) < len(records) or names is not None):
            found[name] = words
    return found or None

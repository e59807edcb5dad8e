"""Fit a life model on runs to failure: trees and network out of fold, how they are joined, margins and temperature, baselines, and what ships.

Order: features of every row; members of all folds; the blend, temperature and conformal margins that the out-of-fold predictions choose; then the same
members on all engines. ``life_bundle`` writes the outcome as a bundle.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..features.table import FeatureName
from ..life_bins import BIN, CAP, FLOOR, NUM_BINS, capped_moments, temper
from .life_folds import LifeRows, cut_rmse, make_rows, overall
from .wear import WearSettings, fit_wear, member_shares

if TYPE_CHECKING:
    import numpy as np

    from ..conformal import Margins
    from ..features.table import FeatureSpec, FeatureTable
    from ..history import Record
    from ..network import WearDistribution

Say = Callable[[str], None]

TREES: Mapping[str, Any] = {
    "learning_rate": 0.04,
    "num_leaves": 63,
    "min_data_in_leaf": 150,
    "feature_fraction": 0.3,
    "bagging_fraction": 0.7,
    "lambda_l2": 5.0,
}
PLAIN_STATISTICS = ("last", "mean", "std", "slope")
BLENDS = tuple(step / 20 for step in range(21))
TEMPERATURES = tuple(0.8 + 0.05 * step for step in range(25))
RIDGE = 100.0


@dataclass(frozen=True)
class LifeSettings:
    """Settings of a life model; ``read`` lists ``statistic|window`` of the columns that trees and network read (all sensors of each)."""

    sensors: tuple[str, ...]
    regime_settings: tuple[str, ...] = ()
    centres: tuple[tuple[float, ...], ...] | None = None
    scales: tuple[float, ...] | None = None
    statistics: tuple[str, ...] = ("last", "mean", "std", "slope", "ema")
    windows: tuple[int, ...] = (5, 10, 20, 40, 80)
    read: tuple[str, ...] = ()
    longest: Mapping[str, float] = field(default_factory=dict)
    num_folds: int = 5
    rounds: int = 400
    every: int = 3
    trees: Mapping[str, Any] = field(default_factory=lambda: dict(TREES))
    members: int = 8
    network: WearSettings = field(default_factory=WearSettings)
    level: float = 0.9
    threads: int = 2
    seed: int = 0


@dataclass(frozen=True)
class Joined:
    """Out-of-fold choices: the network's weight beside the trees, the temperature of its shares, the margins of intervals."""

    blend: float
    temperature: float
    margins: Margins


@dataclass(frozen=True)
class FittedLife:
    """All that a bundle of a life model holds. ``level`` float64[R] and ``shares`` float32[R, bins] are out of fold."""

    spec: FeatureSpec
    rows: LifeRows
    trees: str
    boosting: str
    network: WearDistribution
    columns: tuple[int, ...]
    joined: Joined
    level: np.ndarray
    shares: np.ndarray
    baselines: Mapping[str, Any]
    tail: float
    figures: Mapping[str, Any]


def table_of(records: Sequence[Record], settings: LifeSettings) -> tuple[FeatureSpec, FeatureTable]:
    """The specification fitted on ``records`` and the features of every row of each."""
    import numpy as np

    from ..features.build import build, concatenate
    from ..features.fit import fit_spec

    spec = fit_spec(
        records,
        sensors=settings.sensors,
        settings=settings.regime_settings,
        centres=settings.centres,
        scales=settings.scales,
        statistics=settings.statistics,
        windows=settings.windows,
        baseline_rows=0,
        whole_life=True,
    )
    return spec, concatenate(build(record, spec, np.arange(len(record.times))) for record in records)


def read_columns(names: Sequence[str], read: Sequence[str]) -> tuple[int, ...]:
    """Places of the columns whose ``statistic|window`` is in ``read`` (all without), and of the age."""
    parsed = [FeatureName.parse(name) for name in names]
    wanted = set(read)
    return tuple(
        place
        for place, name in enumerate(parsed)
        if name.sensor == "clock" or not wanted or f"{name.statistic}|{name.window}" in wanted
    )


def fit_life(records: Sequence[Record], settings: LifeSettings, say: Say = lambda line: None) -> FittedLife:
    """Fit on runs to failure (each record ends in failure).

    Raises:
        UsageError: no records, or settings that the features refuse.
    """
    import numpy as np

    spec, table = table_of(records, settings)
    ends = {record.machine: len(record.times) - 1 for record in records}
    rows = make_rows(table, ends, settings.longest, num_folds=settings.num_folds, seed=settings.seed)
    columns = read_columns(table.names, settings.read)
    say(f"features: {len(rows.life)} rows of {len(records)} machines, {len(table.names)} columns, {len(columns)} read")
    by_trees = trees_out_of_fold(rows, columns, settings, say)
    shares = network_out_of_fold(rows, columns, settings, say)
    joined, level = join(rows, by_trees, shares, settings.level)
    by_network = capped_moments(shares)[0]
    figures = {
        "trees": cut_rmse(rows, by_trees),
        "network": cut_rmse(rows, by_network),
        "joined": cut_rmse(rows, level),
    }
    for name, by_set in figures.items():
        say(f"out of fold, {name}: {by_set}, all {overall(by_set):.3f}")
    everything = np.ones(len(rows.life), dtype=bool)
    plain = plain_columns(table.names)
    fitted_trees = _trees(rows, columns, everything, settings, settings.rounds)
    pools = [np.flatnonzero(table.at >= 1)] * settings.members
    network = fit_wear(
        table.values,
        rows.life,
        rows.weight,
        pools,
        names=table.names,
        columns=columns,
        settings=settings.network,
        progress=say,
    )
    beyond = rows.life[rows.life >= (NUM_BINS - 1) * BIN]
    return FittedLife(
        spec=spec,
        rows=rows,
        trees=fitted_trees,
        boosting=_trees(rows, plain, everything, settings, 150, {"num_leaves": 15, "learning_rate": 0.1}),
        network=network,
        columns=columns,
        joined=joined,
        level=level,
        shares=shares,
        baselines=_baselines(rows, records),
        tail=float(beyond.mean() - (NUM_BINS - 1) * BIN) if len(beyond) else 50.0,
        figures=figures,
    )


def plain_columns(names: Sequence[str]) -> tuple[int, ...]:
    """What the plain boosting baseline reads: window statistics, nothing of the whole life, and the age."""
    parsed = [FeatureName.parse(name) for name in names]
    return tuple(
        place
        for place, name in enumerate(parsed)
        if name.sensor == "clock" or (name.window and name.window <= 40 and name.statistic in PLAIN_STATISTICS)
    )


def trees_out_of_fold(rows: LifeRows, columns: Sequence[int], settings: LifeSettings, say: Say) -> np.ndarray:
    """float64[R]: the capped life by trees that did not see the machine."""
    import lightgbm
    import numpy as np

    found = np.zeros(len(rows.life))
    for fold in range(settings.num_folds):
        text = _trees(rows, columns, rows.fold != fold, settings, settings.rounds)
        left = rows.fold == fold
        found[left] = np.asarray(lightgbm.Booster(model_str=text).predict(rows.table.values[left][:, list(columns)]))
        say(f"trees: fold {fold + 1} of {settings.num_folds}")
    return found


def network_out_of_fold(rows: LifeRows, columns: Sequence[int], settings: LifeSettings, say: Say) -> np.ndarray:
    """float32[R, bins]: shares by network members that did not see the machine, as many in each fold as fit eight to ten side by side."""
    import numpy as np

    each = 2
    pools = [
        np.flatnonzero((rows.fold != fold) & (rows.table.at >= 1))
        for fold in range(settings.num_folds)
        for _ in range(each)
    ]
    network = fit_wear(
        rows.table.values,
        rows.life,
        rows.weight,
        pools,
        names=rows.table.names,
        columns=columns,
        settings=settings.network,
        progress=say,
    )
    found = np.zeros((len(rows.life), NUM_BINS), dtype=np.float32)
    for fold in range(settings.num_folds):
        left = rows.fold == fold
        found[left] = member_shares(network, rows.table.values[left], range(each * fold, each * (fold + 1)))
    return found


def _trees(
    rows: LifeRows,
    columns: Sequence[int],
    seen: np.ndarray,
    settings: LifeSettings,
    rounds: int,
    params: Mapping[str, Any] | None = None,
) -> str:
    import numpy as np

    from ...core.train.trees import fit_trees

    # neighbouring rows are near copies: every third tells as much
    chosen = seen & (rows.table.at >= 4) & (rows.table.at % settings.every == 0)
    return fit_trees(
        rows.table.values[chosen][:, list(columns)],
        np.minimum(rows.life[chosen], CAP),
        rows.weight[chosen],
        {**settings.trees, **(params or {})},
        names=[rows.table.names[column] for column in columns],
        rounds=rounds,
        seed=settings.seed,
        threads=settings.threads,
    )


def join(rows: LifeRows, by_trees: np.ndarray, shares: np.ndarray, level: float) -> tuple[Joined, np.ndarray]:
    """Choose blend and temperature by out-of-fold predictions, then margins; also the joined prediction float64[R]."""
    import numpy as np

    from ..conformal import fit_margins

    by_network = capped_moments(shares)[0]
    blends = {share: overall(cut_rmse(rows, share * by_network + (1 - share) * by_trees)) for share in BLENDS}
    blend = min(blends, key=lambda share: blends[share])
    predicted = np.clip(blend * by_network + (1 - blend) * by_trees, 0, CAP)
    place = np.minimum((rows.life // BIN).astype(int), NUM_BINS - 1)
    weighed = rows.cut > 0
    losses = {}
    for temperature in TEMPERATURES:
        tempered = temper(shares[weighed], temperature)
        chance = tempered[np.arange(len(tempered)), place[weighed]]
        losses[temperature] = float(-(np.log(np.maximum(chance, 1e-12)) * rows.cut[weighed]).sum())
    temperature = min(losses, key=lambda value: losses[value])
    spread = capped_moments(temper(shares, temperature))[1] + FLOOR
    margins = fit_margins(
        np.minimum(rows.life, CAP)[weighed],
        predicted[weighed],
        spread[weighed],
        rows.table.machines[weighed].astype(str),
        level=level,
        weight=rows.cut[weighed],
    )
    return Joined(blend, temperature, margins), predicted


def _baselines(rows: LifeRows, records: Sequence[Record]) -> dict[str, Any]:
    """A constant, the age alone, and ridge regression on means and slopes of the last 20 rows; each is stored as plain numbers."""
    import numpy as np

    from .. import age

    capped = np.minimum(rows.life, CAP)
    # the mean over each engine's cuts: what a constant can do at best
    constant = float((capped * rows.cut).sum() / rows.cut.sum())
    weibull = age.fit(age.lives(records, ""))
    parsed = [FeatureName.parse(name) for name in rows.table.names]
    places = [
        place
        for place, name in enumerate(parsed)
        if name.sensor == "clock" or (name.statistic in ("mean", "slope") and name.window == 20)
    ]
    seen = rows.table.at >= 1
    x = np.nan_to_num(rows.table.values[seen][:, places].astype(np.float64))
    middle, spread = x.mean(axis=0), np.maximum(x.std(axis=0), 1e-9)
    scaled = (x - middle) / spread
    weight = rows.weight[seen]
    target = capped[seen] - np.average(capped[seen], weights=weight)
    gram = (scaled * weight[:, None]).T @ scaled + RIDGE * np.eye(len(places))
    beta = np.linalg.solve(gram, (scaled * weight[:, None]).T @ target) / spread
    bias = float(np.average(capped[seen], weights=weight) - middle @ beta)
    return {
        "majority": constant,
        "age": None if weibull is None else {"shape": weibull.shape, "scale": weibull.scale},
        "linear": {
            "features": [rows.table.names[place] for place in places],
            "weights": [float(value) for value in beta],
            "bias": bias,
        },
    }

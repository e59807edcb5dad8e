"""The statistics that a feature can be: their names, what each needs, and the names of all columns that a specification gives.

``build`` computes them, ``fit`` chooses among them, docs/features.md has every formula. Specifications come back from a bundle's JSON
through ``read_spec``, which trusts nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...core.errors import BundleFormatError, UsageError
from .table import FeatureName, FeatureSpec, Regimes

WINDOWED = (
    "last",
    "mean",
    "std",
    "min",
    "max",
    "range",
    "slope",
    "ema",
    "q10",
    "q50",
    "q90",
    "change",
    "minutes_above",
    "minutes_below",
)
"""Taken over each window, and over the life so far where ``whole_life`` is set; ``last`` over the smallest window alone."""

WHOLE_LIFE = ("mean", "std", "min", "max", "range", "slope", "change", "minutes_above", "minutes_below")
"""Those of ``WINDOWED`` that are taken over the life so far too."""

LIFE_ONLY = ("sum", "cusum_up", "cusum_down")
"""Taken over the life so far and over nothing else: they grow."""

LOCATIONS = frozenset({"last", "mean", "min", "max", "ema", "q10", "q50", "q90"})
"""Statistics that are values of the sensor; the others are differences, rates or amounts."""

STATISTICS = (*WINDOWED, *LIFE_ONLY)

DEFAULT = ("last", "mean", "std", "min", "max", "slope", "ema", "change", "sum", "cusum_up", "cusum_down")
"""What ``fit_spec`` takes unless told otherwise: leaves out what boosted trees gained nothing from."""

MAX_FEATURES = 50_000


def sensor_columns(spec: FeatureSpec) -> tuple[tuple[str, int], ...]:
    """(statistic, window) of each group of columns, one column a sensor in each group."""
    groups: list[tuple[str, int]] = []
    for statistic in spec.statistics:
        if statistic in LIFE_ONLY:
            groups.append((statistic, 0))
            continue
        if statistic == "last":
            groups.append((statistic, spec.windows[0] if spec.windows else 0))
            continue
        groups.extend((statistic, window) for window in spec.windows)
        if (spec.whole_life or not spec.windows) and statistic in WHOLE_LIFE:
            groups.append((statistic, 0))
    return tuple(groups)


def names_of(spec: FeatureSpec) -> tuple[FeatureName, ...]:
    """The columns of the table that ``build`` makes with ``spec``, in order.

    Raises:
        UsageError: the specification cannot be computed: unknown statistic, a window below 1, a statistic that lacks what it needs.
    """
    check_spec(spec)
    names = [
        FeatureName(sensor, statistic, window) for statistic, window in sensor_columns(spec) for sensor in spec.sensors
    ]
    for code in spec.codes:
        names += [FeatureName(f"log:{code}", f"count_{hours:g}h") for hours in spec.log_windows_h]
        names.append(FeatureName(f"log:{code}", "hours_since"))
    if spec.clock:
        names.append(FeatureName("clock", "age"))
        names += [FeatureName(f"clock:{component}", "age") for component in spec.components if component]
    for trait, words in (spec.traits or {}).items():
        if words:
            names += [FeatureName(f"trait:{trait}={word}", "is") for word in words]
        else:
            names.append(FeatureName(f"trait:{trait}", "value"))
    return tuple(names)


def check_spec(spec: FeatureSpec) -> None:
    """Raise UsageError where ``spec`` cannot be computed; the message says what to change."""
    if unknown := [name for name in spec.statistics if name not in STATISTICS]:
        raise UsageError(f"unknown statistic {unknown[0]!r}; known: {', '.join(STATISTICS)}")
    for what, values in (("sensors", spec.sensors), ("statistics", spec.statistics), ("windows", spec.windows)):
        if len(set(values)) != len(values):
            raise UsageError(f"{what} of a feature specification stand twice: {values}")
    if any(window < 1 for window in spec.windows) or list(spec.windows) != sorted(spec.windows):
        raise UsageError(f"windows must rise from at least 1 row, not {spec.windows}")
    if spec.baseline_rows < 0:
        raise UsageError(f"baseline_rows must be at least 0, not {spec.baseline_rows}")
    if any(not 0 < hours < 1e6 for hours in spec.log_windows_h):
        raise UsageError(f"log windows must be above 0 hours, not {spec.log_windows_h}")
    if "change" in spec.statistics and not spec.baseline_rows:
        raise UsageError("the statistic change needs baseline_rows: the first rows of a life that it is compared with")
    if {"cusum_up", "cusum_down"} & set(spec.statistics) and spec.regimes is None:
        raise UsageError("cusum_up and cusum_down need regimes: they sum in spreads of what is usual")
    if {"minutes_above", "minutes_below"} & set(spec.statistics):
        missing = [sensor for sensor in spec.sensors if sensor not in (spec.limits or {})]
        if missing:
            raise UsageError(f"minutes_above and minutes_below need limits; sensor {missing[0]!r} has none")
    if spec.regimes is not None:
        _check_regimes(spec.regimes, len(spec.sensors))
    count = len(spec.sensors) * len(sensor_columns(spec)) + len(spec.codes) * (1 + len(spec.log_windows_h))
    if count > MAX_FEATURES:
        raise UsageError(f"{count} features are above the limit of {MAX_FEATURES}: take fewer sensors or windows")


def _check_regimes(regimes: Regimes, num_sensors: int) -> None:
    count = len(regimes.centres)
    if not count or len(regimes.scales) != len(regimes.settings):
        raise UsageError("regimes need at least one centre, and one scale a setting")
    if any(len(centre) != len(regimes.settings) for centre in regimes.centres):
        raise UsageError("each centre of a regime has one number a setting")
    if len(regimes.mean) != count or len(regimes.spread) != count:
        raise UsageError("regimes need one row of mean and spread a centre")
    if any(len(row) != num_sensors for row in (*regimes.mean, *regimes.spread)):
        raise UsageError("mean and spread of a regime have one number a sensor")
    if any(not scale > 0 for scale in regimes.scales):
        raise UsageError("scales of settings must be above 0")


def read_spec(content: Mapping[str, Any], where: str) -> FeatureSpec:
    """A specification from the JSON that ``FeatureSpec.as_dict`` gave; ``where`` names it in errors.

    Raises:
        BundleFormatError: a key is unknown or missing, a value has another form, or the specification cannot be computed.
    """
    known = set(FeatureSpec.__dataclass_fields__)
    if not isinstance(content, Mapping) or content.keys() - known:
        raise BundleFormatError(f"{where}: not a feature specification, or one with unknown keys")
    try:
        regimes = content.get("regimes")
        traits, limits, restarts = (content.get(key) for key in ("traits", "limits", "restarts"))
        spec = FeatureSpec(
            sensors=_words(content["sensors"]),
            statistics=_words(content["statistics"]),
            windows=tuple(_whole(window) for window in content["windows"]),
            baseline_rows=_whole(content.get("baseline_rows", 0)),
            whole_life=bool(content.get("whole_life", False)),
            regimes=None if regimes is None else _regimes(regimes),
            clock=bool(content.get("clock", True)),
            codes=_words(content.get("codes", ())),
            log_windows_h=_numbers(content.get("log_windows_h", ())),
            components=_words(content.get("components", ())),
            traits=None if traits is None else {str(name): _words(words) for name, words in traits.items()},
            limits=None if limits is None else {str(name): _pair(pair) for name, pair in limits.items()},
            restarts=None if restarts is None else _words(restarts),
        )
        check_spec(spec)
    except (KeyError, TypeError, ValueError, AttributeError, UsageError) as error:
        raise BundleFormatError(f"{where}: not a feature specification: {error}") from error
    return spec


def _regimes(content: Mapping[str, Any]) -> Regimes:
    return Regimes(
        settings=_words(content["settings"]),
        scales=_numbers(content["scales"]),
        centres=tuple(_numbers(row) for row in content["centres"]),
        mean=tuple(_numbers(row) for row in content["mean"]),
        spread=tuple(_numbers(row) for row in content["spread"]),
    )


def _words(values: Any) -> tuple[str, ...]:
    if not isinstance(values, list | tuple) or not all(isinstance(value, str) for value in values):
        raise TypeError("a list of words is wanted")
    return tuple(values)


def _numbers(values: Any) -> tuple[float, ...]:
    if not isinstance(values, list | tuple) or not all(type(value) in (int, float) for value in values):
        raise TypeError("a list of numbers is wanted")
    numbers = tuple(float(value) for value in values)
    if any(abs(number) == float("inf") or number != number for number in numbers):
        raise ValueError("a number is not finite")
    return numbers


def _pair(values: Any) -> tuple[float, float]:
    low, high = _numbers(values)
    return low, high


def _whole(value: Any) -> int:
    if type(value) is not int:
        raise TypeError(f"a whole number is wanted, not {str(value)[:20]!r}")
    return value

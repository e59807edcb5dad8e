"""Why a prediction is what it is: the sensors and windows that moved it, in words a planner can check against the plot.

Takes what the part of trees gives as contributions (TreeSHAP) for one row of a feature table. Features of one sensor say much the same, so they
are summed and told once; a sensor that is at fault itself is never given as a reason.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ..core.errors import UsageError
from .features.build import MICROSECONDS_PER_HOUR, window_rows
from .features.statistics import LOCATIONS
from .features.table import FeatureName, FeatureSpec, FeatureTable
from .history import FLAGS
from .outlook import Reason

if TYPE_CHECKING:
    import numpy as np

    from .history import Record

Target = Literal["risk", "life"]
"""What the model gives: ``risk`` (more is worse) or remaining ``life`` (less is worse)."""

MASKED_SHARE = 0.2
"""A sensor with more of its running rows masked than this is at fault and no reason."""

LEAST_SHARE = 0.02
"""Reasons that moved the prediction by less than this share of all movement are not told."""

MASKING = tuple(code for flag, code in FLAGS.items() if flag not in ("ok", "filled"))

_WORDS: Mapping[str, str] = {
    "last": "the last value",
    "mean": "the mean of {window}",
    "std": "the spread within {window}",
    "min": "the lowest value of {window}",
    "max": "the highest value of {window}",
    "range": "highest less lowest of {window}",
    "slope": "the rise {per} over {window}",
    "ema": "the mean of {window}, the newest counting most,",
    "q10": "the value that 10 % of {window} stay below",
    "q50": "the median of {window}",
    "q90": "the value that 90 % of {window} stay below",
    "change": "{window} against {baseline}",
    "minutes_above": "the time above its usual range in {window}",
    "minutes_below": "the time below its usual range in {window}",
    "sum": "the sum of deviations from usual over {window}",
    "cusum_up": "the drift upwards over {window}",
    "cusum_down": "the drift downwards over {window}",
}
_EFFECT: Mapping[tuple[Target, bool], str] = {
    ("risk", True): "raises the risk",
    ("risk", False): "lowers the risk",
    ("life", True): "lengthens the life expected",
    ("life", False): "shortens the life expected",
}


def usual_of(values: np.ndarray, names: Sequence[str], healthy: np.ndarray, *, digits: int = 6) -> dict[str, float]:
    """The median of each feature over healthy training rows, by name; features never known there are left out.

    ``values`` is float32[rows, features], ``healthy`` bool[rows]. Plain numbers of ``digits`` digits for a bundle's JSON.
    """
    import numpy as np

    rows = values[np.asarray(healthy, dtype=bool)]
    found: dict[str, float] = {}
    for place, name in enumerate(names):
        known = rows[:, place][np.isfinite(rows[:, place])]
        if len(known):
            found[name] = float(f"{np.median(known):.{digits}g}")
    return found


def reasons(
    contributions: np.ndarray,
    table: FeatureTable,
    row: int,
    spec: FeatureSpec,
    record: Record,
    usual: Mapping[str, float],
    *,
    target: Target = "risk",
    units: Mapping[str, str] | None = None,
    limit: int = 5,
) -> tuple[Reason, ...]:
    """What moved the prediction of row ``row`` of ``table``, what makes it worse first, then by size.

    Args:
        contributions: float[features + ...]: one a column of ``table`` in its order (Lundberg et al. 2020, TreeSHAP); what the model takes behind the
            table's columns, and the base value, may follow and are not told.
        record: the machine's record, as it stood at ``table.at[row]`` or longer; rows behind that are not read.
        usual: by feature name, the middle of healthy machines (``usual_of``).
        units: by sensor.

    Each reason is one sensor (or log, clock, trait) with the sum of all its features' contributions; its statistic and window are those that
    moved most in that direction. With one regime value and usual are in the sensor's unit, with several in spreads of what is usual in like operation.

    Raises:
        UsageError: fewer contributions than columns, or the record is another machine's or too short.
    """
    import numpy as np

    at = int(table.at[row])
    if len(contributions) < len(table.names):
        raise UsageError(f"{len(contributions)} contributions for {len(table.names)} features")
    if record.machine != table.machines[row] or at >= len(record.times) or record.times[at] != table.times[row]:
        raise UsageError(f"the table's row is of machine {table.machines[row]}, not of this record")
    told = _Teller(spec, record, at, usual, units or {}, target)
    values = table.values[row]
    moved: dict[str, list[tuple[FeatureName, float, float]]] = defaultdict(list)
    for name, value, share in zip(table.names, values, contributions, strict=False):
        if np.isfinite(value) and share:
            feature = FeatureName.parse(name)
            moved[_subject(feature)].append((feature, float(value), float(share)))
    worse = 1.0 if target == "risk" else -1.0
    whole = sum(abs(sum(share for _, _, share in features)) for features in moved.values())
    found = []
    for features in moved.values():
        total = sum(share for _, _, share in features)
        if abs(total) < LEAST_SHARE * whole or not total:
            continue
        feature, value = _leading(features, total)
        if not told.at_fault(feature):
            found.append(told.reason(feature, value, total))
    found.sort(key=lambda reason: (reason.contribution * worse < 0, -abs(reason.contribution), reason.sensor))
    return tuple(found[:limit])


def _subject(feature: FeatureName) -> str:
    """What a feature is about: words of one trait and ages of all clocks apart, features of one sensor together."""
    return feature.sensor.split("=")[0] if feature.sensor.startswith("trait:") else feature.sensor


def _leading(features: Sequence[tuple[FeatureName, float, float]], total: float) -> tuple[FeatureName, float]:
    """The window that moved most in the direction of ``total``, and in it the statistic that did."""
    by_window: dict[int, float] = defaultdict(float)
    for feature, _, share in features:
        by_window[feature.window] += share
    best = max(by_window, key=lambda window: (by_window[window] * total, -window))
    inside = [entry for entry in features if entry[0].window == best]
    feature, value, _ = max(inside, key=lambda entry: entry[2] * total)
    return feature, value


@dataclass(frozen=True)
class _Teller:
    """Words, times and units for one row of one record."""

    spec: FeatureSpec
    record: Record
    at: int
    usual: Mapping[str, float]
    units: Mapping[str, str]
    target: Target

    def at_fault(self, feature: FeatureName) -> bool:
        """Whether the sensor itself is at fault, within the window or in the newest rows."""
        import numpy as np

        record = self.record
        if feature.sensor not in record.sensors:
            return False
        if any(finding.sensor == feature.sensor and finding.action == "refused" for finding in record.findings):
            return True
        column = record.sensors.index(feature.sensor)
        for window in {feature.window, self.spec.windows[0] if self.spec.windows else 1}:
            first, last = window_rows(record, self.spec, self.at, window)
            running = record.running[first : last + 1]
            flags = record.flags[first : last + 1, column][running]
            if len(flags) and np.isin(flags, MASKING).mean() > MASKED_SHARE:
                return True
        return False

    def reason(self, feature: FeatureName, value: float, contribution: float) -> Reason:
        """One reason in words."""
        usual = self.usual.get(str(feature), float("nan"))
        start, end = self._span(feature, value)
        if feature.sensor in self.spec.sensors:
            value, usual = self._in_units(feature, value), self._in_units(feature, usual)
        return Reason(
            sensor=feature.sensor,
            statistic=feature.statistic,
            window_rows=feature.window,
            start=start,
            end=end,
            value=value,
            usual=usual,
            contribution=contribution,
            sentence=self._sentence(feature, value, usual, _EFFECT[self.target, contribution > 0]),
        )

    def _span(self, feature: FeatureName, value: float) -> tuple[int, int]:
        """Start and end of what the feature looks at, microseconds UTC."""
        times = self.record.times
        now = int(times[self.at])
        if feature.sensor.startswith("log:"):
            hours = value if feature.statistic == "hours_since" else _hours(feature.statistic)
            return now - round(hours * MICROSECONDS_PER_HOUR), now
        if feature.sensor.startswith("trait:"):
            return now, now
        first, last = window_rows(self.record, self.spec, self.at, feature.window)
        return int(times[first]), int(times[last]) if feature.sensor in self.spec.sensors else now

    def _in_units(self, feature: FeatureName, value: float) -> float:
        """From spreads of the only regime back to the sensor's unit; slopes from rows to running hours or cycles."""
        regimes = self.spec.regimes
        if feature.statistic in ("minutes_above", "minutes_below"):
            return value
        if regimes is not None and len(regimes.centres) == 1 and not feature.statistic.startswith("cusum"):
            place = self.spec.sensors.index(feature.sensor)
            spread, mean = regimes.spread[0][place], regimes.mean[0][place]
            value = value * spread + (mean if feature.statistic in LOCATIONS else 0.0)
        if feature.statistic == "slope" and self.record.clock_unit != "cycles":
            value *= 3600.0 / self.record.interval_s
        return value

    def _unit(self, feature: FeatureName) -> str:
        if feature.statistic in ("minutes_above", "minutes_below"):
            return " min"
        regimes = self.spec.regimes
        if feature.statistic.startswith("cusum") or (regimes is not None and len(regimes.centres) > 1):
            return " spreads"
        unit = self.units.get(feature.sensor, "")
        return f" {unit}" if unit else ""

    def _sentence(self, feature: FeatureName, value: float, usual: float, effect: str) -> str:
        number, normal = _alike(value, usual)
        normal = f", usual {normal}" if normal else ""
        if feature.sensor.startswith("log:"):
            code = feature.sensor.removeprefix("log:")
            if feature.statistic == "hours_since":
                return f"log {code}: last entry {number} hours ago{normal}; {effect}"
            return f"log {code}: {number} entries in the last {_hours(feature.statistic):g} hours{normal}; {effect}"
        if feature.sensor.startswith("trait:"):
            name, _, word = feature.sensor.removeprefix("trait:").partition("=")
            told = f"is {'' if value else 'not '}{word}" if word else f"is {number}{normal}"
            return f"{name} {told}; {effect}"
        if feature.sensor == "clock" or feature.sensor.startswith("clock:"):
            whose = feature.sensor.partition(":")[2] or "the machine"
            unit = self.record.clock_unit.replace("_", " ")
            return f"age of {whose}: {number} {unit}{normal}; {effect}"
        hourly = self.record.clock_unit != "cycles"
        what = _WORDS[feature.statistic].format(
            window=self._window(feature.window),
            per="an hour" if hourly else "a cycle",
            baseline=f"its first {self._length(self.spec.baseline_rows)}",
        )
        several = self.spec.regimes is not None and len(self.spec.regimes.centres) > 1
        like = " from the usual in like operation" if several and feature.statistic in LOCATIONS else ""
        return f"{feature.sensor}: {what} is {number}{self._unit(feature)}{like}{normal}; {effect}"

    def _window(self, rows: int) -> str:
        return f"the last {self._length(rows)}" if rows else "its life so far"

    def _length(self, rows: int) -> str:
        """So many rows of running time, in words."""
        if self.record.clock_unit == "cycles":
            return f"{rows} cycles"
        hours = rows * self.record.interval_s / 3600.0
        if hours < 1:
            return f"{hours * 60:g} running minutes"
        return f"{hours:g} running hours" if hours < 72 or hours % 24 else f"{hours / 24:g} running days"


def _hours(statistic: str) -> float:
    """The hours in ``count_24h``."""
    return float(statistic.removeprefix("count_").removesuffix("h"))


def _alike(value: float, usual: float) -> tuple[str, str]:
    """Both numbers with as few digits as tell them apart, at least three; "" for an unknown usual value."""
    if usual != usual:
        return _number(value, 3), ""
    for digits in (3, 4, 5):
        if _number(value, digits) != _number(usual, digits):
            break
    return _number(value, digits), _number(usual, digits)


def _number(value: float, digits: int) -> str:
    text = f"{value:.{digits}g}"
    return f"{value:.0f}" if "e+" in text and abs(value) < 1e9 else text

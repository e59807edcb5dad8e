"""The rhythm of a plant in a sample: the step between readings, when machines run, and what counts their life."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import guess_names as names
from .guess_columns import FEW_WORDS, Looked, Table
from .guess_types import Guess

if TYPE_CHECKING:
    import numpy as np

FEWEST_FOR_A_LEVEL = 50
SENSORS_TIMED, MACHINES_TIMED = 20, 100
LOW_SHARE = 0.05
"""A machine that stands still for less than this share of the rows shows no level between running and not."""


def find_step(table: Table, found: Guess) -> None:
    """The usual step between a machine's readings."""
    import numpy as np

    if found.time_format == "cycles":
        found.why["interval_s"] = "a step of the counter stands for so many seconds: set it to the length of a cycle"
        return
    time = table.column(found.time)
    seconds = _seconds(time)
    machine = np.array(table.column(found.machine).texts if found.machine else [""] * len(seconds), object)
    if found.layout == "long":
        series = [np.array(table.column(found.tag).texts, object) == sensor.column for sensor in found.sensors]
    else:
        series = [np.isfinite(table.column(sensor.column).numbers) for sensor in found.sensors]
    # Each sensor has a rhythm of its own; what most of them share is the plant's.
    middles, shares = [], []
    for rows in series[:SENSORS_TIMED]:
        steps = _steps(seconds[rows], machine[rows])
        if len(steps):
            middles.append(float(np.median(steps)))
            shares.append(float((np.abs(steps - middles[-1]) < 0.01 * middles[-1]).mean()))
    if middles:
        found.interval_s = max(0.001, round(float(np.median(middles)), 3))
        found.why["interval_s"] = f"the middle step of most sensors; {np.median(shares):.0%} of the steps are so long"


def _steps(seconds: np.ndarray, machine: np.ndarray) -> np.ndarray:
    """float64[n]: steps forward in time between readings of the same machine."""
    import numpy as np

    steps = [np.zeros(0)]
    for name in list(dict.fromkeys(machine))[:MACHINES_TIMED]:
        own = seconds[machine == name]
        moved = np.diff(own[np.isfinite(own)])
        steps.append(moved[moved > 0])
    return np.concatenate(steps)


def _seconds(column: Looked) -> np.ndarray:
    """float64[rows]: the column's times in seconds, NaN where unreadable."""
    import numpy as np
    import pandas as pd

    if column.time_format in ("epoch_s", "epoch_ms"):
        return column.numbers / (1.0 if column.time_format == "epoch_s" else 1e3)
    if np.isfinite(column.numbers).mean() > 0.5:
        return column.numbers * 86_400.0
    given = "ISO8601" if column.time_format == "iso" else column.time_format
    stamps = pd.to_datetime(pd.Series(column.texts), format=given, errors="coerce", utc=True)
    micros = stamps.astype("datetime64[us, UTC]").astype("int64").to_numpy()
    return np.where(stamps.isna().to_numpy(), np.nan, micros / 1e6)


def find_running(table: Table, found: Guess) -> None:
    """A column of states, or a load that lies near zero for a good part of the time."""
    import numpy as np

    sensors = {sensor.column for sensor in found.sensors} | {sensor.quality for sensor in found.sensors}
    for column in table.columns:
        if (
            column.name in sensors
            or column.name in (found.time, found.machine, found.tag, found.value)
            or not column.filled
        ):
            continue
        if names.RUNNING.search(column.name) and 1 < column.distinct <= FEW_WORDS:
            words = list(dict.fromkeys(filter(None, column.texts)))
            runs = tuple(w for w in words if names.RUNNING_WORDS.match(w)) or (
                ("1",) if set(words) <= {"0", "1"} else ()
            )
            if runs:
                found.running_column, found.running_values = column.name, runs
                found.why["running"] = f"its words are {', '.join(words[:6])}"
                return
    if found.layout == "long":
        return
    for sensor in sorted(found.sensors, key=lambda sensor: not names.CURRENT.search(sensor.column)):
        numbers = table.column(sensor.column).numbers
        finite = numbers[np.isfinite(numbers)]
        if sensor.role == "counter" or not names.LOAD.search(sensor.column) or len(finite) < FEWEST_FOR_A_LEVEL:
            continue
        usual = float(np.quantile(finite, 0.9))
        level = 0.05 * usual
        low, between = float((finite <= level).mean()), float(((finite > level) & (finite < 4 * level)).mean())
        if usual > 0 and LOW_SHARE <= low <= 0.9 and between < low / 2:
            found.running_sensor, found.running_above = sensor.name, float(f"{level:.3g}")
            found.why["running"] = (
                f"{low:.0%} of its values lie at or near zero, few just above: the machine stands still then"
            )
            return


def find_counter(found: Guess) -> None:
    """A sensor that counts use becomes the clock of lives."""
    sensors = [
        sensor for sensor in found.sensors if sensor.role == "counter" and names.LIFE_COUNTER.search(sensor.column)
    ]
    if sensors:
        chosen = sensors[0]
        found.sensors.remove(chosen)
        found.clock_column = chosen.column
        found.clock_unit = "cycles" if "cycl" in chosen.column.casefold() else "running_hours"
        found.why["clock"] = "a counter that rises with use"
    elif found.time_format == "cycles":
        found.clock_column, found.clock_unit = found.time, "cycles"
        found.why["clock"] = "the readings are counted in cycles"

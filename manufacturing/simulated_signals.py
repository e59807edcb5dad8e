"""What the sensors of a simulated pump read: load and weather, heat that lags behind, wear that shows, noise; and the faults of the sensors themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from .local_time import DAY, HOUR, SECOND
from .simulated_wear import PARTS, Course

if TYPE_CHECKING:
    import numpy as np

SENSORS = ("load", "ambient", "current", "vibration", "bearing_temp", "winding_temp", "flow", "pressure")
DECIMALS: Mapping[str, int] = {
    "load": 1,
    "ambient": 1,
    "current": 2,
    "vibration": 3,
    "bearing_temp": 2,
    "flow": 1,
    "pressure": 3,
}
"""Digits after the comma as the historian writes them; ``winding_temp`` has one."""
YEAR_D = 365.25
COLDEST_DAY = 20.0
FaultKind = Literal["stuck", "drift", "spikes", "unit_jump", "timeouts", "missing"]


@dataclass(frozen=True)
class SensorFault:
    """A fault of a sensor, not of the pump: ``sensor`` on days ``first`` to ``last`` of the data (``last`` None: to the end).

    ``size``: what a drift reaches in the sensor's unit, the share of readings for spikes and time-outs.
    """

    sensor: str
    kind: FaultKind
    first: float = 0.0
    last: float | None = None
    size: float = 0.0


@dataclass(frozen=True)
class Make:
    """What differs from pump to pump."""

    current_a: float
    flow: float
    pressure: float
    vibration: float
    warm: float
    signs: tuple[float, float, float]
    """How strongly wear of each part shows."""


def make(rng: np.random.Generator) -> Make:
    """Draw one pump."""
    return Make(
        current_a=float(rng.normal(42, 3)),
        flow=float(rng.normal(120, 8)),
        pressure=float(rng.normal(6.0, 0.35)),
        vibration=float(rng.lognormal(0.6, 0.15)),
        warm=float(rng.normal(1.0, 0.06)),
        signs=(float(rng.uniform(0.8, 1.3)), float(rng.uniform(0.8, 1.3)), float(rng.uniform(0.8, 1.3))),
    )


def weather(rng: np.random.Generator, times: np.ndarray) -> np.ndarray:
    """float64[rows]: the hall's temperature in degC, with seasons, days and spells. ``times`` microseconds UTC."""
    import numpy as np

    day = times / DAY
    yearly = -np.cos(2 * np.pi * (day - COLDEST_DAY) / YEAR_D)
    daily = -np.cos(2 * np.pi * (day - 0.1))
    return 15 + 8 * yearly + 2.5 * daily + _spells(rng, len(times), hours=60, spread=2.0)


def demand(rng: np.random.Generator, hour: np.ndarray) -> np.ndarray:
    """float64[rows]: load as a share of the rated one, by hour of the local day and by orders at hand."""
    import numpy as np

    shape = 0.80 + 0.12 * np.sin((hour - 8) / 24 * 2 * np.pi)
    return np.clip(shape + _spells(rng, len(hour), hours=30, spread=0.09) + rng.normal(0, 0.03, len(hour)), 0.4, 1.1)


def readings(
    rng: np.random.Generator, pump: Make, lived: Course, load: np.ndarray, ambient: np.ndarray
) -> dict[str, np.ndarray]:
    """float64[rows] by sensor, as true sensors with their noise would read."""
    import numpy as np

    num = len(load)
    on = lived.running.astype(float)
    bearing, seal, winding = (lived.sign[:, column] * pump.signs[column] for column in range(len(PARTS)))
    share = on * load
    drawn = pump.current_a * (0.35 + 0.65 * load) * (1 + 0.11 * winding - 0.04 * seal)
    heat = on * (drawn / pump.current_a) ** 2
    bearing_warm = pump.warm * on * (16 + 13 * load) + 17 * on * bearing
    return {
        "load": 100 * share * (1 + rng.normal(0, 0.005, num)),
        "ambient": ambient + rng.normal(0, 0.3, num),
        "current": on * drawn * (1 + rng.normal(0, 0.012, num)) + (1 - on) * np.abs(rng.normal(0.2, 0.05, num)),
        "vibration": (on * (pump.vibration * (0.8 + 0.4 * load) + 4.6 * bearing) + 0.06)
        * np.exp(rng.normal(0, 0.07, num)),
        "bearing_temp": ambient + _lagging(bearing_warm, hours=3.0) + rng.normal(0, 0.4, num),
        "winding_temp": ambient
        + _lagging(pump.warm * 34 * heat + 34 * on * winding, hours=2.0)
        + rng.normal(0, 0.3, num),
        "flow": np.abs(pump.flow * share * (1 - 0.22 * np.minimum(seal, 1.5)) * (1 + rng.normal(0, 0.012, num))),
        "pressure": on * pump.pressure * (1.25 - 0.3 * load) * (1 - 0.16 * np.minimum(seal, 1.5))
        + 0.4
        + rng.normal(0, 0.02, num) * (1 + 2 * on),
    }


def spoil(
    rng: np.random.Generator, read: dict[str, np.ndarray], faults: Sequence[SensorFault], lived: Course
) -> dict[str, np.ndarray]:
    """Put the sensors' faults into ``read``. Returns bool[rows] by sensor: where the historian wrote a word instead of a number."""
    import numpy as np

    num = len(lived.running)
    words = {sensor: np.zeros(num, bool) for sensor in SENSORS}
    for fault in faults:
        values = read[fault.sensor]
        span = slice(min(num, round(fault.first * 24)), num if fault.last is None else min(num, round(fault.last * 24)))
        length = len(values[span])
        if not length:
            continue
        if fault.kind == "stuck":
            ran = np.flatnonzero(lived.running[span])
            values[span] = values[span][int(ran[0]) if len(ran) else 0]
        elif fault.kind == "drift":
            values[span] += np.linspace(0, fault.size, length) * lived.running[span]
        elif fault.kind == "spikes":
            values[span] = np.where(rng.random(length) < fault.size, rng.choice([-999.0, 9999.0], length), values[span])
        elif fault.kind == "unit_jump":
            values[span] = values[span] * 1.8 + 32
        elif fault.kind == "timeouts":
            words[fault.sensor][span] |= rng.random(length) < fault.size
        else:
            values[span] = np.nan
    return words


def random_faults(rng: np.random.Generator, days: float) -> tuple[SensorFault, ...]:
    """Faults as a plant has them: about one sensor in ten pumps a month, in every way."""
    found: list[SensorFault] = []
    kinds: tuple[FaultKind, ...] = ("stuck", "drift", "spikes", "unit_jump", "timeouts", "missing")
    for _ in range(int(rng.poisson(0.1 * days / 30))):
        kind = kinds[int(rng.choice(len(kinds), p=[0.3, 0.15, 0.2, 0.05, 0.25, 0.05]))]
        first = float(rng.uniform(0, days))
        sensor = ("vibration", "bearing_temp", "flow", "pressure", "current")[int(rng.integers(4))]
        length = float(rng.uniform(1, 12))
        if kind == "drift":
            found.append(SensorFault("pressure", kind, first, first + 4 * length, size=float(rng.uniform(0.3, 0.8))))
        elif kind == "unit_jump":
            found.append(SensorFault("bearing_temp", kind, first, None))
        else:
            found.append(SensorFault(sensor, kind, first, first + length, size=float(rng.uniform(0.02, 0.4))))
    return tuple(found)


def reported(rng: np.random.Generator, times: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Stamps and values of a tag that is sent only when it has changed by 0.8 or six hours have passed, at any second of the hour."""
    import numpy as np

    kept: list[int] = []
    last, silent = float("nan"), 0
    for row, value in enumerate(values.tolist()):
        silent += 1
        if not abs(value - last) < 0.8 or silent >= 6:
            kept.append(row)
            last, silent = value, 0
    rows = np.array([row for row in kept if row + 1 < len(times)], np.int64)
    return times[rows] + rng.integers(30, 3540, len(rows)) * SECOND, np.round(values[rows], 1)


def hour_of_day(local: np.ndarray) -> np.ndarray:
    """float64[rows]: hours since midnight of local microseconds."""
    return (local % DAY) / HOUR


def _spells(rng: np.random.Generator, num: int, *, hours: float, spread: float) -> np.ndarray:
    """float64[num]: a mean-reverting wander with the given memory and standard deviation."""
    import math

    import numpy as np
    from scipy.signal import lfilter

    keep = math.exp(-1 / hours)
    noise = rng.normal(0, spread * math.sqrt(1 - keep**2), num)
    noise[:1] = rng.normal(0, spread, 1)
    return np.asarray(lfilter([1.0], [1.0, -keep], noise))


def _lagging(target: np.ndarray, *, hours: float) -> np.ndarray:
    """float64[rows]: a first-order lag behind ``target``."""
    import math

    import numpy as np
    from scipy.signal import lfilter

    keep = math.exp(-1 / hours)
    return np.asarray(lfilter([1 - keep], [1.0, -keep], target, zi=[keep * target[0]])[0])

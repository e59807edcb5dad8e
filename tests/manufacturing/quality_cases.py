"""Plants and histories that the tests of data quality share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from dsapp.manufacturing.history import Event, History
from dsapp.manufacturing.local_time import HOUR
from dsapp.manufacturing.plant import Component, Plant, Readings, Sensor

START = 1_741_564_800_000_000
"""Monday, 10 March 2025, 00:00 UTC."""


def plant_of(*sensors: Sensor, **options: Any) -> Plant:
    """A plant with these sensors (default: ``a`` and ``b``, -100 to 1000)."""
    chosen = sensors or (Sensor(name="a", low=-100, high=1000), Sensor(name="b", low=-100, high=1000))
    options.setdefault("components", (Component(name="bearing"), Component(name="seal")))
    options.setdefault("readings", Readings(interval_s=3600))
    return Plant(format=1, name="test", asset_class="pump", sensors=tuple(chosen), **options)


def history_of(
    values: Any, *, times: Any = None, sensors: Sequence[str] = ("a", "b"), events: Sequence[Event] = (), **options: Any
) -> History:
    """Hourly rows from ``START`` on; ``values`` is [rows, sensors] or one column that all sensors share."""
    table = np.asarray(values, np.float32)
    if table.ndim == 1:
        table = np.repeat(table[:, None], len(sensors), axis=1)
    stamps = START + np.arange(len(table), dtype=np.int64) * HOUR if times is None else np.asarray(times, np.int64)
    flags = np.where(np.isnan(table), 1, 0).astype(np.uint8)
    return History("m", tuple(sensors), stamps, table, flags, events=tuple(events), **options)


def noisy(num: int, level: float = 20.0, spread: float = 0.5, seed: int = 0) -> np.ndarray:
    """float64[num] around a level; no two equal."""
    return level + np.random.default_rng(seed).normal(0, spread, num)


def codes(record: Any, sensor: str | None = None) -> list[str]:
    """The codes of a record's findings, of one sensor where it is given."""
    return [one.code for one in record.findings if sensor is None or one.sensor == sensor]

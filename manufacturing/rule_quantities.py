"""The numbers that plant rules compare: named formulas over sensors and running time, never an expression that is evaluated.

``plant_rules`` asks for them row by row; each row rests on rows up to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .units import conversion, known

if TYPE_CHECKING:
    import numpy as np

    from .history import Record
    from .plant import Condition, Plant, Quantity

MIN_KNOWN = 0.5
"""A mean or duty needs usable readings in this share of its window."""
ROUNDING = 1e-6
"""Relative difference that float32 and changes of unit leave between equal numbers."""
SIGNS = {"sum": "+", "difference": "-", "product": "*", "ratio": "/"}


def measured(record: Record, plant: Plant, condition: Condition, rows: np.ndarray) -> np.ndarray:
    """float64[n]: a condition's quantity at the running ``rows``, in the condition's unit; NaN where it is unknown.

    A condition in another unit of the same kind is converted (a difference of temperatures by the size of the degree alone); one of another kind is unknown
    throughout. ``mean`` and ``duty`` need a whole window of running time; ``rate`` needs the reading one interval before, so none after a rest.

    Args:
        rows: int64[n], rising: running rows of one life of the part concerned.
    """
    import numpy as np

    found = _formula(record, plant, condition.quantity, rows) * condition.quantity.factor
    change = _change(condition, plant)
    if change is None:
        return np.full(len(rows), np.nan)
    with np.errstate(over="ignore", invalid="ignore"):
        found = found * change[0] + change[1]
    # readings are float32: one that was written as the limit must equal it
    found = np.where(np.isclose(found, condition.value, rtol=ROUNDING, atol=0), condition.value, found)
    return np.where(np.isfinite(found), found, np.nan)


def unit_of(quantity: Quantity, plant: Plant) -> str:
    """The unit that follows from the sensors' units; "" where none does (products, ratios, rates, duties, or a factor)."""
    units = {sensor.name: sensor.unit for sensor in plant.sensors}
    own = units.get(quantity.of[0], "")
    if quantity.factor != 1.0 or quantity.formula not in ("value", "mean", "sum", "difference"):
        return ""
    if quantity.formula == "difference":
        kind = known(own)
        return "K" if kind is not None and kind.name in ("degC", "K") else own
    return own


def name_of(quantity: Quantity) -> str:
    """How a quantity is told.

    >>> from .plant import Quantity
    >>> name_of(Quantity(formula="product", of=("torque", "speed"), factor=0.10472))
    '0.10472 * torque * speed'
    >>> name_of(Quantity(formula="duty", of=("load",), above=80, window_hours=24))
    'share of 24 h with load above 80'
    """
    first, scale = quantity.of[0], "" if quantity.factor == 1.0 else f"{quantity.factor:g} * "
    if quantity.formula in SIGNS:
        told = f"{first} {SIGNS[quantity.formula]} {quantity.of[1]}"
        return f"{scale}({told})" if scale and quantity.formula in ("sum", "difference") else f"{scale}{told}"
    if quantity.formula == "rate":
        return f"{scale}change of {first} per hour"
    if quantity.formula == "mean":
        return f"{scale}mean of {first} over {quantity.window_hours:g} h"
    if quantity.formula == "duty":
        return f"{scale}share of {quantity.window_hours:g} h with {first} above {quantity.above:g}"
    return f"{scale}{first}"


def _change(condition: Condition, plant: Plant) -> tuple[float, float] | None:
    """Factor and offset into the condition's unit; None where that measures something else."""
    quantity, wanted = condition.quantity, condition.unit
    own = unit_of(quantity, plant)
    if not wanted or not own or wanted == own or known(wanted) is None or known(own) is None:
        return 1.0, 0.0
    found = conversion(own, wanted)
    if found is None:
        return None
    return (found[0], 0.0) if quantity.formula == "difference" else found


def _formula(record: Record, plant: Plant, quantity: Quantity, rows: np.ndarray) -> np.ndarray:
    import numpy as np

    first = _column(record, quantity.of[0], rows)
    if quantity.formula in SIGNS:
        second = _column(record, quantity.of[1], rows)
        if quantity.formula in ("sum", "difference"):
            second = _in_unit_of(quantity, plant, second)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            if quantity.formula == "sum":
                return first + second
            if quantity.formula == "difference":
                return first - second
            return first * second if quantity.formula == "product" else first / second
    if quantity.formula == "rate":
        return _rate(record, first, rows)
    if quantity.formula in ("mean", "duty"):
        counted = np.where(np.isfinite(first), first > quantity.above, np.nan) if quantity.formula == "duty" else first
        window = max(1, int(np.ceil(quantity.window_hours * 3600 / record.interval_s - 1e-9)))
        return _mean(counted, window)
    return first


def _column(record: Record, sensor: str, rows: np.ndarray) -> np.ndarray:
    """float64[n]: a sensor's readings; unknown throughout where the record has none."""
    import numpy as np

    if sensor not in record.sensors:
        return np.full(len(rows), np.nan)
    return record.column(sensor)[rows].astype(np.float64)


def _in_unit_of(quantity: Quantity, plant: Plant, second: np.ndarray) -> np.ndarray:
    """The second sensor in the first one's unit, where both are known."""
    units = {sensor.name: sensor.unit for sensor in plant.sensors}
    change = conversion(units.get(quantity.of[1], ""), units.get(quantity.of[0], ""))
    return second if change is None else second * change[0] + change[1]


def _rate(record: Record, values: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Change per hour since the interval before; unknown after a rest, since what happened in it is not wear or load."""
    import numpy as np

    found = np.full(len(values), np.nan)
    next_to = np.diff(rows) == 1
    found[1:][next_to] = np.diff(values)[next_to] / (record.interval_s / 3600)
    return found


def _mean(values: np.ndarray, window: int) -> np.ndarray:
    """The mean of the known ones of the last ``window`` rows; unknown before a whole window, and where too few of it are known."""
    import numpy as np

    found = np.full(len(values), np.nan)
    if len(values) < window:
        return found
    there = np.isfinite(values)
    total = np.concatenate([[0.0], np.cumsum(np.where(there, values, 0.0))])
    number = np.concatenate([[0], np.cumsum(there)])
    sums, counts = total[window:] - total[:-window], number[window:] - number[:-window]
    found[window - 1 :] = np.where(counts >= MIN_KNOWN * window, sums / np.maximum(counts, 1), np.nan)
    return found

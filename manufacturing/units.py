"""Units of sensors: how they are spelt, and the straight lines between those that measure the same.

``conversion`` gives factor and offset from one unit to another, None where they measure different things or one is not known. Factors are the
exact definitions of the SI brochure and NIST SP 811 where one exists (inch, pound, standard atmosphere, psi).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Unit:
    """A unit: what it measures, and how it becomes the base unit of that: ``base = value * factor + offset``."""

    name: str
    quantity: str
    factor: float
    offset: float = 0.0


_INCH = 0.0254
_POUND_FORCE = 4.4482216152605
_UNITS = (
    Unit("K", "temperature", 1.0),
    Unit("degC", "temperature", 1.0, 273.15),
    Unit("degF", "temperature", 5 / 9, 273.15 - 32 * 5 / 9),
    Unit("degR", "temperature", 5 / 9),
    Unit("Pa", "pressure", 1.0),
    Unit("hPa", "pressure", 100.0),
    Unit("kPa", "pressure", 1e3),
    Unit("MPa", "pressure", 1e6),
    Unit("mbar", "pressure", 100.0),
    Unit("bar", "pressure", 1e5),
    Unit("psi", "pressure", _POUND_FORCE / _INCH**2),
    Unit("atm", "pressure", 101325.0),
    Unit("m/s", "velocity", 1.0),
    Unit("mm/s", "velocity", 1e-3),
    Unit("in/s", "velocity", _INCH),
    Unit("km/h", "velocity", 1 / 3.6),
    Unit("m/s2", "acceleration", 1.0),
    Unit("mm/s2", "acceleration", 1e-3),
    Unit("g", "acceleration", 9.80665),
    Unit("rad/s", "angular velocity", 1.0),
    Unit("rpm", "angular velocity", 2 * math.pi / 60),
    Unit("Hz", "frequency", 1.0),
    Unit("kHz", "frequency", 1e3),
    Unit("m", "length", 1.0),
    Unit("mm", "length", 1e-3),
    Unit("cm", "length", 1e-2),
    Unit("um", "length", 1e-6),
    Unit("in", "length", _INCH),
    Unit("mil", "length", _INCH / 1000),
    Unit("ft", "length", 12 * _INCH),
    Unit("N", "force", 1.0),
    Unit("kN", "force", 1e3),
    Unit("lbf", "force", _POUND_FORCE),
    Unit("Nm", "torque", 1.0),
    Unit("kNm", "torque", 1e3),
    Unit("lbf.ft", "torque", _POUND_FORCE * 12 * _INCH),
    Unit("W", "power", 1.0),
    Unit("kW", "power", 1e3),
    Unit("MW", "power", 1e6),
    Unit("hp", "power", 550 * _POUND_FORCE * 12 * _INCH),
    Unit("A", "current", 1.0),
    Unit("mA", "current", 1e-3),
    Unit("V", "voltage", 1.0),
    Unit("mV", "voltage", 1e-3),
    Unit("kV", "voltage", 1e3),
    Unit("kg", "mass", 1.0),
    Unit("t", "mass", 1e3),
    Unit("lb", "mass", 0.45359237),
    Unit("m3/s", "flow", 1.0),
    Unit("m3/h", "flow", 1 / 3600),
    Unit("l/s", "flow", 1e-3),
    Unit("l/min", "flow", 1e-3 / 60),
    Unit("l/h", "flow", 1e-3 / 3600),
    Unit("gpm", "flow", 231 * _INCH**3 / 60),
    Unit("s", "time", 1.0),
    Unit("ms", "time", 1e-3),
    Unit("min", "time", 60.0),
    Unit("h", "time", 3600.0),
    Unit("d", "time", 86400.0),
    Unit("Wh", "energy", 3600.0),
    Unit("kWh", "energy", 3.6e6),
    Unit("J", "energy", 1.0),
    Unit("kJ", "energy", 1e3),
    Unit("%", "share", 0.01),
    Unit("1", "share", 1.0),
    Unit("ppm", "share", 1e-6),
)

UNITS: Mapping[str, Unit] = {unit.name: unit for unit in _UNITS}
"""The units that convert, by the name that this project gives them."""

_SPELLINGS: Mapping[str, str] = {
    "°c": "degC", "c": "degC", "degc": "degC", "celsius": "degC", "deg c": "degC", "grad c": "degC", "ºc": "degC",
    "°f": "degF", "f": "degF", "degf": "degF", "fahrenheit": "degF", "deg f": "degF", "ºf": "degF",
    "k": "K", "kelvin": "K", "°r": "degR", "rankine": "degR", "degr": "degR",
    "psia": "psi", "bar(a)": "bar", "bara": "bar", "lbf/in2": "psi",
    "mm/sec": "mm/s", "mmps": "mm/s", "mm_s": "mm/s", "in/sec": "in/s", "ips": "in/s", "m/sec": "m/s", "kph": "km/h",
    "m/s²": "m/s2", "m/s^2": "m/s2", "mm/s²": "mm/s2", "mm/s^2": "mm/s2",
    "1/min": "rpm", "min-1": "rpm", "min^-1": "rpm", "u/min": "rpm", "r/min": "rpm", "rev/min": "rpm", "upm": "rpm",
    "µm": "um", "μm": "um", "micron": "um", "inch": "in",
    "n m": "Nm", "n·m": "Nm", "n.m": "Nm", "n*m": "Nm", "ft-lb": "lbf.ft", "ft.lbf": "lbf.ft", "lb-ft": "lbf.ft",
    "amp": "A", "amps": "A", "ampere": "A", "volt": "V", "volts": "V", "watt": "W", "ps": "hp",
    "m³/h": "m3/h", "m3/hr": "m3/h", "m³/s": "m3/s", "lpm": "l/min", "l/m": "l/min", "lbs": "lb",
    "sec": "s", "hours": "h", "hour": "h", "hrs": "h", "hr": "h", "days": "d", "day": "d",
    "percent": "%", "pct": "%", "prozent": "%",
}  # fmt: skip
_FOLDED: Mapping[str, tuple[str, ...]] = {
    folded: tuple(name for name in UNITS if name.casefold() == folded) for folded in {name.casefold() for name in UNITS}
}


def known(spelling: str) -> Unit | None:
    """The unit that a spelling names (``°C``, ``degC``, ``mm/s``, ``1/min``), None where it is none of ``UNITS``.

    Upper and lower case count only where they tell units apart (``mV``, ``MW``).
    """
    text = " ".join(spelling.split())
    if text in UNITS:
        return UNITS[text]
    folded = text.casefold()
    if folded in _SPELLINGS:
        return UNITS[_SPELLINGS[folded]]
    same = _FOLDED.get(folded, ())
    return UNITS[same[0]] if len(same) == 1 else None


def conversion(source: str, target: str) -> tuple[float, float] | None:
    """``(factor, offset)`` such that ``target = source * factor + offset``; None where the two do not convert.

    >>> factor, offset = conversion("degF", "degC")
    >>> round(212 * factor + offset, 6)
    100.0
    """
    if source.strip() == target.strip():
        return 1.0, 0.0
    a, b = known(source), known(target)
    if a is None or b is None or a.quantity != b.quantity:
        return None
    return a.factor / b.factor, round((a.offset - b.offset) / b.factor, 12)


def alike(unit: str) -> tuple[str, ...]:
    """Names of the units that ``unit`` converts to; empty where it is not known."""
    found = known(unit)
    return tuple(name for name, other in UNITS.items() if found is not None and other.quantity == found.quantity)

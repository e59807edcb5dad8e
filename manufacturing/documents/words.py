"""How figures, moments and states of machines are said to a person: rounded sensibly, with units, in the plant's local time.

Every page, the workbook and the alarms speak through these, so that one thing is never said in two ways.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import floor, isfinite, log10

from ...core.pages.text import percent, shorten
from ..local_time import DAY, LocalTime
from ..outlook import Basis, LifeForecast, Outlook

CLOCK_UNITS: Mapping[str, str] = {
    "cycles": "cycles",
    "running_hours": "running hours",
    "calendar_hours": "hours",
}
BASES: Mapping[Basis, str] = {
    "model": "model",
    "ranking": "ranking only",
    "age": "age only",
    "anomaly": "anomaly only",
    "none": "nothing",
}
BASIS_SENTENCES: Mapping[Basis, str] = {
    "model": "A model trained on failures of such machines; its chances are calibrated on machines set aside.",
    "ranking": "A ranking: too few failures of this kind to give a chance or a remaining life. Which machine comes first is told, not when.",
    "age": "The age of the part alone, from lives on record: not trained on your failures' signs. Sensors were not used.",
    "anomaly": "How unlike its own past the machine behaves: not trained on your failures. An anomaly need not be a fault.",
    "none": "No judgement: neither a fitting model nor enough lives on record.",
}
FLAG_WORDS: Mapping[str, str] = {
    "bad_quality": "marked bad by the source",
    "out_of_range": "outside physical limits",
    "stuck": "stuck at one value",
    "unit_jump": "jumped as if its unit had changed",
}
HORIZONS: Mapping[float, str] = {
    24.0: "24 hours",
    72.0: "3 days",
    168.0: "7 days",
    336.0: "14 days",
    720.0: "30 days",
}
WHOLE_MACHINE = "whole machine"


def number(value: float | None, digits: int = 3) -> str:
    """A figure with so many significant digits, thousands parted by narrow spaces; whole numbers are never cut.

    >>> number(1234.6).split(), number(0.012345), number(7.0), number(None), number(-3.14159)
    (['1', '235'], '0.0123', '7', '–', '-3.14')
    """
    if value is None or not isfinite(value):
        return "–"
    if value == 0:
        return "0"
    places = digits - 1 - floor(log10(abs(value)))
    if places <= 0:
        return f"{value:,.0f}".replace(",", "\u202f")
    if abs(value) < 1e-4:
        return f"{value:.{digits - 1}g}"
    text = f"{value:,.{places}f}".replace(",", "\u202f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def money(value: float, currency: str) -> str:
    """An amount without false exactness: at most three digits that count, from 1 000 on.

    >>> money(12345.6, "EUR").split(), money(87.4, "EUR")
    (['12', '300', 'EUR'], '87 EUR')
    """
    size = abs(value)
    step = 10 ** max(0, floor(log10(size)) - 2) if size >= 1 else 1
    rounded = round(value / step) * step
    return f"{rounded:,.0f}".replace(",", "\u202f") + f" {currency}"


def component_name(component: str) -> str:
    """A component's name; the whole machine has none."""
    return component or WHOLE_MACHINE


def life_text(life: LifeForecast, per_day: float) -> str:
    """A remaining life as an interval, and in days at the pace of the last weeks; a capped one ends with "or more".

    >>> life_text(LifeForecast("running_hours", 106.6, 5.1, 329.3), 12.4)
    '5 to 329 running hours, middle 107 (some 8.6 days of use, 0.4 to 27)'
    """
    unit = CLOCK_UNITS.get(life.unit, life.unit)
    more = " or more" if life.capped else ""
    text = f"{_whole(life.low)} to {_whole(life.high)}{more} {unit}, middle {_whole(life.median)}"
    if per_day <= 0:
        return text
    low, median, high = (
        number(value / per_day, 2 if value / per_day >= 1 else 1) for value in (life.low, life.median, life.high)
    )
    return f"{text} (some {median} days of use, {low} to {high}{more})"


def _whole(value: float) -> str:
    return number(value, 3 if value >= 100 else 2 if value >= 10 else 1)


def risk_text(outlook: Outlook, hours: float) -> str:
    """The chance of failure within ``hours``, or why there is none."""
    chance = outlook.risks.get(hours)
    return percent(chance) if chance is not None else "no chance given"


def day_text(day: date | None) -> str:
    """A date for a person: ``Tue 18 Nov``; the year stands where the page names the plan's date.

    >>> day_text(date(2025, 11, 18)), day_text(None)
    ('Tue 18 Nov', '–')
    """
    return f"{day:%a} {day.day} {day:%b}" if day is not None else "–"


def range_text(first: date, last: date) -> str:
    """A range of dates; where there is one window alone it says so.

    >>> range_text(date(2025, 11, 18), date(2025, 11, 20))
    'Tue 18 Nov to Thu 20 Nov'
    """
    return f"{day_text(first)} to {day_text(last)}" if last > first else f"{day_text(first)}, the only window there is"


def days_text(days: float) -> str:
    """A length of days, in hours where it is short.

    >>> days_text(0.98), days_text(7.98)
    ('24 h', '8 days')
    """
    return f"{days * 24:.0f} h" if days < 2 else f"{number(days, 2)} days"


def name_text(name: str, limit: int = 60) -> str:
    """A machine's name on one line, cut where it is very long."""
    return shorten(name, limit) or "(no name)"


@dataclass(frozen=True)
class Moments:
    """Moments of one plant in its local time."""

    zone: str

    def text(self, time: int) -> str:
        """``2025-11-17 22:00``, local."""
        return LocalTime(self.zone).text(time)

    def day(self, time: int) -> str:
        """``17 Nov``, local."""
        moment = LocalTime(self.zone).moment(time)
        return f"{moment.day} {moment:%b}"

    def date(self, time: int) -> date:
        """The local date."""
        return LocalTime(self.zone).moment(time).date()

    def ticks(self, first: int, last: int, count: int = 5) -> list[tuple[int, str]]:
        """Moments at local midnights (or hours, minutes) between ``first`` and ``last`` to name on an axis, at most ``count``."""
        local = LocalTime(self.zone)
        span = max(last - first, 1)
        if span >= 2 * DAY:
            start = local.moment(first).date() + timedelta(days=1)
            step = max(1, -(-span // (DAY * count)))
            found = []
            day = start
            while len(found) <= count:
                moment = local.of(_midnight(day))
                if moment > last:
                    break
                found.append((moment, f"{day.day} {day:%b}"))
                day += timedelta(days=int(step))
            return found
        step = max(1, span // count)
        return [(time, f"{local.moment(time):%H:%M}") for time in range(first + step // 2, last, step)][:count]

    def told(self, time: int | None) -> str:
        """A moment, or a dash for none."""
        return self.text(time) if time is not None else "–"


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)

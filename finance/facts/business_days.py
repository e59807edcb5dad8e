"""Business days counted backward from a date, with the public holidays that the contract's law makes likely.

Counting forward without holidays gives the earliest day; counting backward without them gives one too late. So the federal holidays of the
United States and the bank holidays of England and Wales are left out; for the law of any other place the caller must say that they are unknown.
Sources: 5 U.S.C. 6103 (with the days observed under Executive Order 11582); Banking and Financial Dealings Act 1971, Schedule 1.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from functools import cache

from .jurisdictions import is_us_state

CALENDARS: dict[str, str] = {"us": "US federal holidays", "england": "bank holidays of England and Wales"}
"""Calendars of holidays we know, and their names for a sentence."""

_DAY = datetime.timedelta(days=1)
_MONDAY, _THURSDAY = 0, 3
_JUNETEENTH_SINCE = 2021


def calendar_for(jurisdiction: str) -> str:
    """The calendar of holidays for a governing law; "" where we know none.

    >>> calendar_for("New York"), calendar_for("England and Wales"), calendar_for("Germany")
    ('us', 'england', '')
    """
    if is_us_state(jurisdiction) or jurisdiction in ("United States", "District of Columbia"):
        return "us"
    return "england" if jurisdiction in ("England and Wales", "United Kingdom") else ""


def business_days_before(date: datetime.date, count: int, calendar: str = "") -> datetime.date | None:
    """The day ``count`` business days before ``date``, Monday to Friday without the holidays of ``calendar``; None outside the calendar.

    >>> str(business_days_before(datetime.date(2027, 1, 4), 10)), str(business_days_before(datetime.date(2027, 1, 4), 10, "us"))
    ('2026-12-21', '2026-12-17')
    """
    current = date
    try:
        while count > 0:
            current -= _DAY
            if current.weekday() < 5 and not (calendar and current in _holidays(calendar, current.year)):
                count -= 1
    except OverflowError:
        return None
    return current


@cache
def _holidays(calendar: str, year: int) -> frozenset[datetime.date]:
    return frozenset(_YEAR[calendar](year))


def _us(year: int) -> set[datetime.date]:
    fixed = [(1, 1), (7, 4), (11, 11), (12, 25), *([(6, 19)] if year >= _JUNETEENTH_SINCE else [])]
    days = {_observed(datetime.date(year, month, day)) for month, day in fixed}
    if year < datetime.MAXYEAR:
        days.add(
            _observed(datetime.date(year + 1, 1, 1))
        )  # New Year's Day on a Saturday is observed in the year before
    days |= {_nth(year, month, _MONDAY, n) for month, n in ((1, 3), (2, 3), (5, -1), (9, 1), (10, 2))}
    return days | {_nth(year, 11, _THURSDAY, 4)}


def _observed(day: datetime.date) -> datetime.date:
    return day - _DAY if day.weekday() == 5 else day + _DAY if day.weekday() == 6 else day


def _england(year: int) -> set[datetime.date]:
    easter = _easter(year)
    days = {
        easter - 2 * _DAY,
        easter + _DAY,
        _nth(year, 5, _MONDAY, 1),
        _nth(year, 5, _MONDAY, -1),
        _nth(year, 8, _MONDAY, -1),
    }
    for day in (datetime.date(year, 1, 1), datetime.date(year, 12, 25), datetime.date(year, 12, 26)):
        while day.weekday() >= 5 or day in days:  # a substitute day, the next that is free
            day += _DAY
        days.add(day)
    return days


_YEAR: dict[str, Callable[[int], set[datetime.date]]] = {"us": _us, "england": _england}


def _nth(year: int, month: int, weekday: int, n: int) -> datetime.date:
    """The ``n``-th weekday of a month, the last one for -1."""
    if n < 0:
        following = datetime.date(year + month // 12, month % 12 + 1, 1)
        last = following - _DAY
        return last - ((last.weekday() - weekday) % 7) * _DAY
    first = datetime.date(year, month, 1)
    return first + ((weekday - first.weekday()) % 7 + 7 * (n - 1)) * _DAY


def _easter(year: int) -> datetime.date:
    """Easter Sunday of the Gregorian calendar (the anonymous algorithm, Meeus, Astronomical Algorithms, ch. 8)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    j = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 22 * j) // 451
    month, day = divmod(h + j - 7 * m + 114, 31)
    return datetime.date(year, month, day + 1)

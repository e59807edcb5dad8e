"""How days and hours of the plant file are written: ``Mon-Fri``, ``Sat, Sun``, ``06:00-22:00``, past midnight allowed."""

from __future__ import annotations

import re

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MINUTES_A_DAY = 24 * 60

_HOURS = re.compile(r"(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})")


def days_of(text: str) -> tuple[int, ...]:
    """The weekdays (Monday 0) that a text names, in order of the week; a range may run over Sunday (``Sat-Mon``).

    >>> days_of("Mon-Wed, Sat")
    (0, 1, 2, 5)

    Raises:
        ValueError: it names no days.
    """
    found: set[int] = set()
    for part in text.split(","):
        first, dash, last = (piece.strip() for piece in part.replace("–", "-").partition("-"))
        start = _day(first, text)
        stop = _day(last, text) if dash else start
        found.update((start + step) % 7 for step in range((stop - start) % 7 + 1))
    return tuple(sorted(found))


def _day(word: str, text: str) -> int:
    short = word[:3].capitalize()
    full = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    if short in DAYS and full[DAYS.index(short)].startswith(word.lower()):
        return DAYS.index(short)
    raise ValueError(f"{text!r} names no days: write Mon-Fri, or Sat, or Mon, Wed, Fri")


def hours_of(text: str) -> tuple[int, int]:
    """First and last minute of ``HH:MM-HH:MM`` counted from midnight; the last lies beyond 1440 where it ends on the next day.

    >>> hours_of("22:00-06:00")
    (1320, 1800)

    Raises:
        ValueError: it is no stretch of hours, or an empty one.
    """
    matched = _HOURS.fullmatch(text.strip())
    if not matched:
        raise ValueError(f"{text!r} is no stretch of hours: write 06:00-22:00")
    numbers = [int(part) for part in matched.groups()]
    start, stop = numbers[0] * 60 + numbers[1], numbers[2] * 60 + numbers[3]
    if max(numbers[1], numbers[3]) > 59 or start >= MINUTES_A_DAY or stop > MINUTES_A_DAY:
        raise ValueError(f"{text!r}: hours lie between 00:00 and 24:00")
    if start == stop:
        raise ValueError(f"{text!r} is empty: the whole day is 00:00-24:00")
    return start, stop if stop > start else stop + MINUTES_A_DAY

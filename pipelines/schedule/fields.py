"""The fields of a cron expression as sets of numbers, for writing it down for another scheduler."""

from __future__ import annotations

from collections.abc import Mapping

from ...core.errors import UsageError

FULL_SETS = (range(60), range(24), range(1, 32), range(1, 13), range(7))
"""Minute, hour, day of month, month, day of week; Sunday is 0, and 7 as well."""
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
NAMES: Mapping[int, Mapping[str, int]] = {
    3: {name: number for number, name in enumerate(MONTHS, 1)},
    4: {name: number for number, name in enumerate(DAYS)},
}


def values_of(field: str, place: int) -> set[int]:
    """The numbers that a field names; ``place`` counts the five fields from 0.

    The expression must be one that ``times.normal_cron`` admitted. Raises UsageError for what is no number (L, #).
    """
    full = [*FULL_SETS[place], 7] if place == 4 else list(FULL_SETS[place])
    values: set[int] = set()
    for word in field.split(","):
        base, _, step = word.partition("/")
        if base == "*":
            numbers = full
        elif "-" in base:
            low, high = (number_of(part, place) for part in base.split("-"))
            numbers = list(range(low, high + 1))
        elif step:
            numbers = list(range(number_of(base, place), full[-1] + 1))
        else:
            numbers = [number_of(base, place)]
        values.update(numbers[:: int(step or 1)])
    return {value % 7 for value in values} if place == 4 else values


def number_of(word: str, place: int) -> int:
    """The number that a word of a field means: itself, or a month's or weekday's name. Raises UsageError for others."""
    if word.isdigit():
        return int(word)
    try:
        return NAMES[place][word]
    except KeyError as error:
        raise UsageError(f"{word!r} in the cron expression cannot be told to another scheduler") from error

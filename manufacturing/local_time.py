"""A plant's local time over whole arrays: offsets from UTC, clock changes, and how a moment is written for people.

Everything inside is microseconds since 1970 in UTC; shifts, calendars and sentences speak local time. ``running``, ``quality`` and the
simulator ask here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    import numpy as np

SECOND = 1_000_000
HOUR = 3600 * SECOND
DAY = 24 * HOUR
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOST_YEARS = 200
"""Clock changes are looked for over so many years at most."""


@dataclass(frozen=True)
class LocalTime:
    """Local time of one zone. ``zone`` is an IANA name such as ``Europe/Berlin``."""

    zone: str = "UTC"

    def changes(self, first: int, last: int) -> tuple[tuple[int, int, int], ...]:
        """Clock changes between two moments: (moment, seconds before, seconds after)."""
        if self.zone == "UTC" or last <= first:
            return ()
        years = range(_moment(first).year - 1, min(_moment(last).year + 1, _moment(first).year + MOST_YEARS) + 1)
        found = (change for year in years for change in _changes_of(self.zone, year))
        return tuple(change for change in found if first <= change[0] <= last)

    def offsets(self, times: np.ndarray) -> np.ndarray:
        """int64[rows]: microseconds to add to UTC for local time; ``times`` int64[rows] in any order."""
        import numpy as np

        if not len(times) or self.zone == "UTC":
            return np.zeros(len(times), np.int64)
        first, last = int(times.min()), int(times.max())
        changes = self.changes(first, last)
        steps = np.array([_offset(self.zone, first), *(after for _, _, after in changes)], np.int64) * SECOND
        return steps[np.searchsorted(np.array([moment for moment, _, _ in changes], np.int64), times, side="right")]

    def local(self, times: np.ndarray) -> np.ndarray:
        """int64[rows]: microseconds since 1970-01-01 00:00 of local time."""
        return times + self.offsets(times)

    def moment(self, time: int) -> datetime:
        """One moment as an aware datetime in local time."""
        moment = _moment(time)
        return moment if self.zone == "UTC" else moment.astimezone(ZoneInfo(self.zone))

    def text(self, time: int) -> str:
        """One moment for a person: ``2026-03-04 13:00``, local."""
        return self.moment(time).strftime("%Y-%m-%d %H:%M")

    def of(self, local: datetime) -> int:
        """Microseconds UTC of a naive local datetime; an hour that comes twice is taken as the first."""
        return to_us(local.replace(tzinfo=timezone.utc if self.zone == "UTC" else ZoneInfo(self.zone)))  # noqa: UP017


def to_us(moment: datetime) -> int:
    """Microseconds since 1970 UTC of an aware datetime."""
    return (moment - EPOCH) // timedelta(microseconds=1)


def span_text(seconds: float) -> str:
    """A length of time for a person, in the unit that reads best.

    >>> span_text(5400), span_text(90), span_text(3600 * 80)
    ('1.5 h', '1.5 min', '3.33 days')
    """
    for unit, length in (("days", 86_400.0), ("h", 3600.0), ("min", 60.0)):
        if seconds >= (2 * length if unit == "days" else length):
            return f"{seconds / length:.3g} {unit}"
    return f"{seconds:.3g} s"


def _moment(time: int) -> datetime:
    return EPOCH + timedelta(microseconds=min(max(time, -60_000_000_000 * SECOND), 250_000_000_000 * SECOND))


def _offset(zone: str, time: int) -> int:
    offset = _moment(time).astimezone(ZoneInfo(zone)).utcoffset()
    return int(offset.total_seconds()) if offset is not None else 0


@lru_cache(maxsize=4096)
def _changes_of(zone: str, year: int) -> tuple[tuple[int, int, int], ...]:
    start = to_us(datetime(year, 1, 1, tzinfo=UTC))
    found: list[tuple[int, int, int]] = []
    before = _offset(zone, start)
    for day in range(1, 367):
        after = _offset(zone, start + day * DAY)
        if after != before:
            low, high = start + (day - 1) * DAY, start + day * DAY
            while high - low > SECOND:
                middle = (low + high) // 2 // SECOND * SECOND
                low, high = (middle, high) if _offset(zone, middle) == before else (low, middle)
            if _moment(high).year == year:
                found.append((high, before, after))
        before = after
    return tuple(found)

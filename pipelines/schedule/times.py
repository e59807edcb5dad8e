"""When a schedule is due: cron expressions counted in a time zone, first step of a run's way.

The counting is cronsim's, which follows Debian's cron: where day of month and day of week are both given, either is
enough; a time with a fixed minute and hour runs once on the day the clock changes (one that falls into the gap of spring
runs right after it, one that comes twice in autumn runs the first time); ``*`` in minute or hour follows the hours as
they really pass.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from ...core.errors import UsageError

ALIASES = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
FIELDS = ("minute", "hour", "day of month", "month", "day of week")
LOOK_BACKS = tuple(timedelta(days=days) for days in (1 / 24, 1, 32, 366, 3660))
"""Spans in which the last due times are looked for, so that years of down-time cost no count of every minute."""
MAX_CRON_LETTERS = 400


@dataclass(frozen=True)
class Due:
    """Times that have come and were not decided yet, oldest first; ``more`` says that older ones were left uncounted."""

    times: tuple[datetime, ...]
    more: bool = False


def normal_cron(cron: str) -> str:
    """The expression with its aliases replaced and one space between its five fields.

    Raises:
        UsageError: it is no cron expression, or its time never comes; the message says which field is wrong.
    """
    from cronsim import CronSim, CronSimError

    words = ALIASES.get(cron.strip().lower(), cron).split()
    if len(words) != len(FIELDS):
        raise UsageError(
            f"--cron {cron[:80]!r} has {len(words)} fields; five are needed: minute, hour, day of month, month, day of week"
        )
    normal = " ".join(words).upper()
    if len(normal) > MAX_CRON_LETTERS or not normal.isascii():
        raise UsageError(f"--cron {cron[:80]!r} is no cron expression")
    try:
        next(CronSim(normal, datetime(2024, 1, 1)))
    except StopIteration as error:
        raise UsageError(f"--cron {cron[:80]!r} names a time that never comes") from error
    except (CronSimError, ValueError, TypeError, OverflowError, IndexError, KeyError, AssertionError) as error:
        raise UsageError(f"--cron {cron[:80]!r} is no cron expression: {_wrong_field(words, str(error))}") from error
    return normal


def _wrong_field(words: list[str], message: str) -> str:
    """Name the field that the library complains of, with what stands there."""
    for name, word in zip(FIELDS, words, strict=True):
        if name.replace(" ", "-") in message:
            return f"{word!r} is no {name}, or never comes"
    return message or "a field cannot be read"


def zone_of(name: str) -> ZoneInfo:
    """The time zone of that IANA name.

    Raises:
        UsageError: there is none.
    """
    from zoneinfo import available_timezones

    if name not in available_timezones():
        near = _near(name, available_timezones())
        raise UsageError(f"--time-zone {name[:80]!r} is no time zone{f'; did you mean {near}?' if near else ''}")
    return ZoneInfo(name)


def _zone(name: str) -> ZoneInfo:
    """A zone that was checked when its schedule was added, maybe on another machine."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise UsageError(f"this machine does not know the time zone {name[:80]!r}: pip install tzdata") from error


def _near(name: str, known: set[str]) -> str:
    import difflib

    by_lower = {one.lower(): one for one in sorted(known)}
    found = difflib.get_close_matches(name[:80].lower(), list(by_lower), n=1)
    return by_lower[found[0]] if found else ""


def local_zone_name() -> str:
    """The IANA name of this machine's time zone; UTC where it has none by name."""
    from zoneinfo import available_timezones

    import tzlocal

    try:
        name = tzlocal.get_localzone_name()
    except Exception:  # contradicting or damaged settings of the system, in whatever form
        return "UTC"
    return name if name in available_timezones() else "UTC"


def upcoming(cron: str, time_zone: str, after: datetime) -> Iterator[datetime]:
    """The times after ``after``, in UTC, each once and in order."""
    from cronsim import CronSim

    zone = UTC if time_zone == "UTC" else _zone(time_zone)
    start = after.astimezone(UTC).replace(microsecond=0)
    # a fixed time in a gap is moved behind it, so counting begins early and what is too early is dropped
    times = CronSim(cron, (start - timedelta(hours=3)).astimezone(zone))
    last = after.astimezone(UTC)
    for local in times:
        found = local.astimezone(UTC)
        if found > last:
            last = found
            yield found


def next_time(cron: str, time_zone: str, after: datetime) -> datetime | None:
    """The first time after ``after``, in UTC; None where none comes within fifty years."""
    return next(upcoming(cron, time_zone, after), None)


def due_times(cron: str, time_zone: str, after: datetime, until: datetime, limit: int) -> Due:
    """The last ``limit`` times in (``after``, ``until``]."""
    for look_back in LOOK_BACKS:
        begin = max(after, until - look_back)
        found: deque[datetime] = deque(maxlen=limit)
        count = 0
        for time in upcoming(cron, time_zone, begin):
            if time > until:
                break
            found.append(time)
            count += 1
        if begin == after:
            return Due(tuple(found), count > limit)
        if count >= limit:
            return Due(tuple(found), True)
    return Due(tuple(found), True)

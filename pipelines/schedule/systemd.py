"""A schedule as a systemd service and timer, for sites that have a scheduler already.

systemd counts calendar times otherwise than cron: weekday and date must both match, a local time that a change of clocks
leaves out is not run, and one that comes twice runs once, an hourly one too. What a timer would run at other times than
``times`` says is refused; the comparison covers every change of clocks of the coming years.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from ...core.errors import RunError, UsageError
from .command import END_SECONDS, PROGRAM
from .fields import FULL_SETS, number_of, values_of
from .times import upcoming
from .types import CatchUp, Settings

YEARS_COMPARED = 6
DAYS_AROUND_CHANGE = 2
MAX_TIMES_COMPARED = 50_000
VERIFY_SECONDS = 60.0
WEEKDAYS = ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat")


def calendar_of(cron: str, time_zone: str, now: datetime) -> list[str]:
    """The ``OnCalendar=`` values that together name exactly the times of a cron expression.

    Raises:
        UsageError: systemd cannot say it, or would run at other times on a day when the clock changes.
    """
    difference = ""
    for zone in dict.fromkeys((time_zone, "UTC")):
        if zone != time_zone and not _is_same_each_day(cron):
            continue
        found = _difference(cron, time_zone, zone, now)
        if not found:
            return [f"{entry} {zone}" for entry in _entries(cron)]
        difference = difference or found
    raise UsageError(
        f"systemd would not keep {cron!r} in {time_zone} exactly: {difference}. Choose a time outside the hours in which "
        "the clock changes, or --time-zone UTC, or let dsapp schedule start run it"
    )


def units(settings: Settings, now: datetime) -> dict[str, str]:
    """Service and timer, by file name.

    Raises:
        UsageError: a part of the schedule cannot be told to systemd.
    """
    calendar = calendar_of(settings.cron, settings.time_zone, now)
    name = f"dsapp-{settings.name}"
    command = " ".join(_quoted(word) for word in (*PROGRAM, *settings.command))
    deadline = f"{settings.deadline_seconds:g}s" if settings.deadline_seconds else "infinity"
    notes = "".join(f"# {line}\n" for line in not_carried(settings))
    service = (
        f"# {name}.service: written by dsapp schedule export\n{notes}"
        f"[Unit]\nDescription=dsapp schedule {settings.name}\n\n"
        f"[Service]\nType=oneshot\nWorkingDirectory={_folder(settings.folder)}\nExecStart={command}\n"
        f"SuccessExitStatus=3\nTimeoutStartSec={deadline}\nTimeoutStopSec={END_SECONDS:g}s\n"
    )
    persistent = "false" if settings.catch_up is CatchUp.skip else "true"
    timer = (
        f"# {name}.timer: written by dsapp schedule export\n"
        f"[Unit]\nDescription=Times of dsapp schedule {settings.name}\n\n"
        f"[Timer]\n{''.join(f'OnCalendar={entry}{chr(10)}' for entry in calendar)}"
        f"Persistent={persistent}\nAccuracySec=1s\nUnit={name}.service\n\n"
        "[Install]\nWantedBy=timers.target\n"
    )
    return {f"{name}.service": service, f"{name}.timer": timer}


def not_carried(settings: Settings) -> list[str]:
    """What the units do not do that the schedule does, a sentence each."""
    lines = []
    if settings.retries:
        lines.append("retries are not carried over: systemd starts the command once at each time")
    if settings.notify:
        lines.append("notifications are not carried over: give the service an OnFailure= of your site")
    if settings.catch_up is CatchUp.all:
        lines.append("systemd makes up for several missed times by one run, not by one each")
    return lines


def verify(files: dict[str, str]) -> bool:
    """Let ``systemd-analyze verify`` check the units; False where the program is not there.

    Raises:
        RunError: it refuses them.
    """
    program = shutil.which("systemd-analyze")
    if program is None:
        return False
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            (Path(folder) / name).write_text(content, encoding="utf-8")
        done = subprocess.run(
            [program, "verify", *(str(Path(folder) / name) for name in files)],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=VERIFY_SECONDS,
            check=False,
        )
    complaints = [line for line in done.stderr.splitlines() if "dsapp-" in line]
    if done.returncode or complaints:
        raise RunError(f"systemd-analyze refuses the units: {'; '.join(complaints) or done.stderr.strip()[:300]}")
    return True


def _entries(cron: str) -> list[str]:
    """Calendar entries without a zone. Day of month and day of week are alternatives in cron where both are restricted."""
    minute, hour, day, month, weekday = cron.split()
    clock = f"{_numbers(hour, 1)}:{_numbers(minute, 0)}:00"
    months = _numbers(month, 3)
    must_match_both = day.startswith("*") or weekday.startswith("*")
    entries = []
    for week, days in _weekday_parts(weekday):
        if must_match_both:
            if days and not day.startswith("*"):
                raise UsageError(f"systemd cannot name {weekday} together with days of the month")
            entries += [f"{week}*-{months}{days or date} {clock}" for date in _dates(day)]
        else:
            entries.append(f"{week}*-{months}{days or '-*'} {clock}")
    if not must_match_both:
        entries += [f"*-{months}{date} {clock}" for date in _dates(day)]
    if must_match_both and day.startswith("*") and day != "*" and any(days for _, days in _weekday_parts(weekday)):
        raise UsageError(f"systemd cannot name {weekday} together with days of the month")
    return list(dict.fromkeys(entries))


def _dates(field: str) -> list[str]:
    """Days of the month: counted from the front, and the last day from the end."""
    words = field.split(",")
    if any(word.startswith("LW") for word in words):
        raise UsageError("systemd cannot name the last weekday of a month (LW)")
    last = [word for word in words if word.split("/")[0] == "L"]
    numbers = ",".join(word for word in words if word not in last)
    return ([f"-{_numbers(numbers, 2)}"] if numbers else []) + (["~01"] if last else [])


def _weekday_parts(field: str) -> Iterator[tuple[str, str]]:
    """Weekdays as (prefix, days of the month that make them the n-th or the last one)."""
    plain = []
    for word in field.split(","):
        if "#" in word:
            name, count = word.split("#")
            first = 7 * (int(count) - 1) + 1
            yield f"{WEEKDAYS[number_of(name, 4) % 7]} ", f"-{first:02}..{min(first + 6, 31):02}"
        elif word.endswith("L") and word[:-1].isdigit():
            yield f"{WEEKDAYS[int(word[:-1]) % 7]} ", "~07/1"
        else:
            plain.append(word)
    if plain:
        numbers = sorted({number % 7 for number in values_of(",".join(plain), 4)})
        yield ("" if len(numbers) == 7 else ",".join(WEEKDAYS[number] for number in numbers) + " "), ""


def _numbers(field: str, place: int) -> str:
    values = sorted(values_of(field, place))
    return "*" if values == list(FULL_SETS[place]) else ",".join(f"{value:02}" for value in values)


def _is_same_each_day(cron: str) -> bool:
    """Whether only the minute is restricted, so that the expression may mean the same in another zone."""
    return all(field.startswith("*") for field in cron.split()[2:]) and cron.split()[1].startswith("*")


def _difference(cron: str, time_zone: str, written_zone: str, now: datetime) -> str:
    """Where systemd's times in ``written_zone`` are others than ours in ``time_zone``; empty where none is."""
    compared = 0
    for begin, end in _spans(time_zone, now):
        ours = []
        for time in upcoming(cron, time_zone, begin):
            if time > end:
                break
            ours.append(time)
        theirs = _as_systemd(cron, written_zone, begin, end)
        compared += len(ours)
        only = sorted(set(ours) ^ set(theirs))
        if only:
            local = only[0].astimezone(ZoneInfo(time_zone))
            who = "cron runs and systemd does not" if only[0] in set(ours) else "systemd runs and cron does not"
            return f"at {local:%Y-%m-%d %H:%M %Z} {who}"
        if compared > MAX_TIMES_COMPARED:
            break
    return ""


def _spans(time_zone: str, now: datetime) -> Iterator[tuple[datetime, datetime]]:
    """A week from now, and the days around each change of the zone's clock in the years to come."""
    start = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    yield start, start + timedelta(days=8)
    zone, day = ZoneInfo(time_zone), timedelta(days=1)
    around = timedelta(days=DAYS_AROUND_CHANGE)
    for count in range(366 * YEARS_COMPARED):
        moment = start + count * day
        if moment.astimezone(zone).utcoffset() != (moment + day).astimezone(zone).utcoffset():
            yield moment - around, moment + around


def _as_systemd(cron: str, zone_name: str, begin: datetime, end: datetime) -> list[datetime]:
    """The times by systemd's rules: each local time that exists, once."""
    zone = ZoneInfo(zone_name)
    naive_begin = begin.astimezone(zone).replace(tzinfo=None) - timedelta(hours=3)
    naive_end = end.astimezone(zone).replace(tzinfo=None) + timedelta(hours=3)
    found = set()
    for time in upcoming(cron, "UTC", naive_begin.replace(tzinfo=UTC)):
        local = time.replace(tzinfo=None)
        if local > naive_end:
            break
        real = local.replace(tzinfo=zone).astimezone(UTC)
        if real.astimezone(zone).replace(tzinfo=None) == local and begin < real <= end:
            found.add(real)
    return sorted(found)


def _quoted(word: str) -> str:
    """A word of ExecStart: quoted, with systemd's own signs doubled."""
    if not word.isprintable():
        raise UsageError("the command has a control character in it, which is not written into a unit")
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{escaped}"'


def _folder(folder: str) -> str:
    if not folder.isprintable() or folder != folder.strip() or folder.endswith("\\"):
        raise UsageError("the schedule's folder has a name that cannot be written into a unit")
    return folder.replace("%", "%%")


def installing(names: Sequence[str]) -> str:
    """What to do with the files, in words."""
    timer = next(name for name in names if name.endswith(".timer"))
    return f"copy them to ~/.config/systemd/user/, then: systemctl --user daemon-reload && systemctl --user enable --now {timer}"

"""How ``dsapp schedule`` shows schedules, runs and logs: lines for a person, or JSON."""

from __future__ import annotations

import os
import shlex
import socket
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ...core.errors import RunError
from .output import printable

if TYPE_CHECKING:
    from ..schedule.types import Attempt, Run, Schedule

MAX_LOG_SHOWN = 2 << 20


def schedule_json(schedule: Schedule, following: datetime | None, unfinished: Run | None) -> dict[str, Any]:
    """A schedule as ``--json`` writes it; web addresses of notifications without what may be secret in them."""
    from ..schedule.notify import shown_target

    settings = schedule.settings
    return {
        "name": settings.name,
        "cron": settings.cron,
        "time_zone": settings.time_zone,
        "command": list(settings.command),
        "folder": settings.folder,
        "catch_up": settings.catch_up.value,
        "retries": settings.retries,
        "retry_seconds": settings.retry_seconds,
        "deadline_seconds": settings.deadline_seconds,
        "notify": [shown_target(target) for target in settings.notify],
        "notify_on": settings.notify_on.value,
        "paused": schedule.paused,
        "state": state_of(schedule, unfinished),
        "holder": schedule.holder if schedule.is_held else "",
        "next": _iso(following),
    }


def schedule_lines(schedule: Schedule, following: datetime | None, last: Run | None, unfinished: Run | None) -> str:
    """A schedule in two lines."""
    settings = schedule.settings
    after = f"next {shown_time(following, settings.time_zone)}" if following else "no next time"
    ended = f", last {last.state.value} {shown_time(last.planned, settings.time_zone)}" if last else ""
    first = f"{settings.name}  {settings.cron}  {settings.time_zone}  {state_of(schedule, unfinished)}, {after}{ended}"
    return f"{printable(first)}\n  {printable(shlex.join(['dsapp', *settings.command]))}"


def state_of(schedule: Schedule, unfinished: Run | None) -> str:
    """One word, or two where it is paused and still running."""
    if schedule.is_held:
        state = "running"
    elif unfinished is not None:
        state = "waiting for another attempt"
    else:
        state = "" if schedule.paused else "ready"
    return ", ".join(part for part in (state, "paused" if schedule.paused else "") if part)


def run_json(run: Run) -> dict[str, Any]:
    """A run as ``--json`` writes it."""
    return {
        "id": run.id,
        "schedule": run.schedule,
        "planned": run.planned.isoformat(),
        "by_hand": run.by_hand,
        "state": run.state.value,
        "reason": run.reason,
        "retry_at": _iso(run.retry_at),
        "attempts": [
            {
                "number": attempt.number,
                "state": attempt.state.value,
                "fence": attempt.fence,
                "host": attempt.host,
                "started": attempt.started.isoformat(),
                "ended": _iso(attempt.ended),
                "exit_code": attempt.exit_code,
                "reason": attempt.reason,
                "log": attempt.log,
            }
            for attempt in run.attempts
        ],
    }


def run_lines(run: Run, zones: Mapping[str, str]) -> str:
    """A run in a line, and one more for each attempt where there were several."""
    zone = zones.get(run.schedule, "UTC")
    hand = " by hand" if run.by_hand else ""
    again = f", next attempt {shown_time(run.retry_at, zone)}" if run.retry_at else ""
    reason = f" ({run.reason})" if run.reason else ""
    lines = [f"{run.id}  {run.schedule}  {shown_time(run.planned, zone)}{hand}  {run.state.value}{reason}{again}"]
    if len(run.attempts) > 1 or run.state.value == "running":
        for one in run.attempts:
            why = f" ({one.reason})" if one.reason else ""
            lines.append(
                f"    attempt {one.number}, token {one.fence}, {one.host}, {shown_time(one.started, zone)}{_span(one)}: "
                f"{one.state.value}{why}"
            )
    return "\n".join(printable(line) for line in lines)


def print_log(attempt: Attempt) -> None:
    """Print an attempt's log to standard output, its control characters escaped.

    Raises:
        RunError: it cannot be read here.
    """
    where = f"the log is {printable(attempt.log)} on {printable(attempt.host)}"
    try:
        with open(attempt.log, "rb") as stream:
            content = stream.read(MAX_LOG_SHOWN)
    except OSError as error:
        elsewhere = "" if attempt.host == socket.gethostname() else "; look there"
        raise RunError(f"{where}: {error.strerror}{elsewhere}") from error
    print(f"dsapp: {where}", file=sys.stderr)
    for line in content.decode("utf-8", errors="replace").splitlines():
        print(printable(line.replace("\t", "    ")))


def remove_logs(paths: Sequence[str]) -> None:
    """Remove the log files of a schedule that was removed, as far as they lie on this machine."""
    folders = set()
    for path in map(Path, paths):
        if path.suffix == ".log":
            try:
                path.unlink(missing_ok=True)
                folders.add(path.parent)
            except OSError:
                continue
    for folder in folders:
        try:
            os.rmdir(folder)
        except OSError:
            continue


def shown_time(time: datetime | None, zone: str) -> str:
    """A time in the schedule's own zone, with its distance to UTC."""
    if time is None:
        return "never"
    try:
        local = time.astimezone(ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError):
        local = time
    return local.strftime("%Y-%m-%d %H:%M:%S %z")


def _iso(time: datetime | None) -> str | None:
    return None if time is None else time.isoformat()


def _span(attempt: Attempt) -> str:
    return "" if attempt.ended is None else f", {(attempt.ended - attempt.started).total_seconds():g} s"

"""A schedule as lines of a crontab, for sites that have a scheduler already.

The fields are written as plain numbers, so that every cron reads them alike. The line is checked by reading it back: the
times by the cron library, the words by a shell's rules.
"""

from __future__ import annotations

import re
import shlex
from datetime import UTC, datetime
from itertools import islice

from ...core.errors import RunError, UsageError
from .command import END_SECONDS, PROGRAM
from .fields import values_of
from .times import upcoming
from .types import CatchUp, Settings

MAX_LINE_LETTERS = 998
"""Vixie cron and its heirs read no longer command."""
STEPPED = re.compile(r"\*(/\d+)?")
TIMES_COMPARED = 200


def lines(settings: Settings) -> str:
    """Comment, time zone and the line itself.

    Raises:
        UsageError: a part of the schedule cannot be told to cron.
    """
    fields = " ".join(_field(field, place) for place, field in enumerate(settings.cron.split()))
    words = [*PROGRAM, *settings.command]
    if settings.deadline_seconds:
        words = ["timeout", f"--kill-after={END_SECONDS:g}", f"{settings.deadline_seconds:g}", *words]
    command = f"cd {shlex.quote(settings.folder)} && exec {shlex.join(words)}"
    if not command.isprintable():
        raise UsageError("the command or its folder has a control character in it, which is not written into a crontab")
    escaped = command.replace("%", "\\%")
    if len(escaped) > MAX_LINE_LETTERS:
        raise UsageError(f"the command has more than the {MAX_LINE_LETTERS} letters that cron reads")
    text = "".join(f"# {line}\n" for line in (f"dsapp schedule {settings.name}", *not_carried(settings)))
    text += f"CRON_TZ={settings.time_zone}\n{fields} {escaped}\n"
    _check(text, settings, words)
    return text


def not_carried(settings: Settings) -> list[str]:
    """What the line does not do that the schedule does, and what cron must know, a sentence each."""
    notes = ["CRON_TZ is read by cronie and its kin; Debian's cron counts in the machine's own zone and ignores it"]
    if settings.retries:
        notes.append("retries are not carried over: cron starts the command once at each time")
    if settings.notify:
        notes.append("notifications are not carried over: cron mails the output to MAILTO")
    if settings.catch_up is not CatchUp.skip:
        notes.append("missed times are not caught up: cron passes them over")
    notes.append("a run that still goes on is not overlapped: dsapp refuses a folder that a live run holds")
    return notes


def _field(field: str, place: int) -> str:
    """A field as every cron reads it; a leading star stays, since it says how day of month and of week go together."""
    if field.startswith("*"):
        if not STEPPED.fullmatch(field):
            raise UsageError(
                f"{field!r} in the cron expression is not read alike by every cron; write it without the list"
            )
        return field
    if re.search(r"[#L]", re.sub(r"[A-Z]{3}", "", field)):
        raise UsageError(f"cron cannot name {field!r}; let dsapp schedule start run it")
    return ",".join(map(str, sorted(values_of(field, place))))


def _check(text: str, settings: Settings, words: list[str]) -> None:
    """Read the line back, as cron would. Raises RunError where it says something else."""
    line = text.splitlines()[-1]
    fields, command = line.split(" ", 5)[:5], line.split(" ", 5)[5]
    read = shlex.split(re.sub(r"\\%", "%", command))
    start = datetime(2026, 1, 1, tzinfo=UTC)
    same = all(
        list(islice(upcoming(" ".join(fields), zone, start), TIMES_COMPARED))
        == list(islice(upcoming(settings.cron, zone, start), TIMES_COMPARED))
        for zone in dict.fromkeys((settings.time_zone, "UTC"))
    )
    if not same or read != ["cd", settings.folder, "&&", "exec", *words]:
        raise RunError("the crontab line would not say the same as the schedule; please report this")

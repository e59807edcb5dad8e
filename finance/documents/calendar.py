"""``deadlines.ics``: the dates of a run's contracts as all-day events with reminders.

Only what is sure enough enters: a date, a confidence of 0.9 or more, and no input that is blank or redacted. Events keep
their UID when a contract is reviewed again, so that a calendar updates them instead of doubling them (RFC 5545, 3.8.4.7).
"""

from __future__ import annotations

import datetime
import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...core.files import write_bytes
from ...core.pages.text import visible
from .fact_rows import CALENDAR_CONFIDENCE, holder_name
from .portfolio import Contract

if TYPE_CHECKING:
    from icalendar import Event

CALENDAR_NAME = "deadlines.ics"
REMINDERS_DAYS = (30, 7)
_STAMP = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)
"""RFC 5545 asks for a stamp; a fixed one keeps two runs over the same contracts equal byte for byte."""


def write_calendar(deadlines: Iterable[tuple[Contract, Mapping[str, Any]]], path: Path) -> int:
    """Write the deadlines that are sure enough, as ``Portfolio.deadlines`` gives them; return how many.

    Raises DiskFullError.
    """
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("prodid", "-//dsapp//contract deadlines//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", "Contract deadlines")
    seen: Counter[str] = Counter()
    num_events = 0
    for contract, deadline in deadlines:
        if not is_sure(deadline):
            continue
        key = f"{contract.summary['digest']}|{deadline['title']}|{deadline['holder']}|{deadline['quote']}"
        calendar.add_component(_event(contract, deadline, f"{key}|{seen[key]}"))
        seen[key] += 1
        num_events += 1
    write_bytes(path, calendar.to_ical())
    return num_events


def is_sure(deadline: Mapping[str, Any]) -> bool:
    """Whether a deadline may enter a calendar."""
    confidence = deadline["confidence"]
    return bool(
        deadline["date"] and not deadline["blocked_by"] and confidence is not None and confidence >= CALENDAR_CONFIDENCE
    )


def _event(contract: Contract, deadline: Mapping[str, Any], key: str) -> Event:
    from icalendar import Alarm, Event

    day = datetime.date.fromisoformat(deadline["date"])
    title = visible(f"{deadline['title']}: {contract.name}")
    holder = holder_name(deadline["holder"])
    lines = (
        deadline["arithmetic"],
        f"For {holder}." if holder else "",
        f"Clause {deadline['clause']} of {contract.summary['source']}." if deadline["clause"] else "",
        "The earliest reading of the words. Check them before you rely on this date.",
    )
    event = Event()
    event.add("uid", f"{hashlib.sha256(key.encode('utf-8', 'replace')).hexdigest()[:32]}@dsapp")
    event.add("dtstamp", _STAMP)
    event.add("dtstart", day)
    if day < datetime.date.max:
        event.add("dtend", day + datetime.timedelta(days=1))
    event.add("summary", title)
    event.add("description", visible("\n".join(line for line in lines if line)))
    event.add("transp", "TRANSPARENT")
    event.add("categories", ["Contract"])
    for days in REMINDERS_DAYS:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", title)
        alarm.add("trigger", datetime.timedelta(days=-days))
        event.add_component(alarm)
    return event

"""Work requests for the maintenance system, and what came of them: one CSV in a documented form, both ways.

A request has the id of its incident: ``new`` the first time, ``update`` when dates, priority or reason changed, ``withdraw`` when the incident closed by itself or an
open order covers it. What the planner writes into ``outcome`` comes back by the same file.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from ..core.errors import InputError
from .alarms import Incident, Outcome

if TYPE_CHECKING:
    from .plan.types import Plan
    from .plant import Plant

COLUMNS = (
    "id",
    "action",
    "machine",
    "component",
    "priority",
    "reason",
    "earliest",
    "latest",
    "crew_hours",
    "standstill_hours",
    "part",
    "opened",
    "outcome",
    "note",
)
"""Columns of the file, in this order. ``outcome`` and ``note`` are the planner's."""
MAX_BYTES = 16 << 20
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
Action = Literal["new", "update", "withdraw", "unchanged"]
OUTCOMES = tuple(word for word in get_args(Outcome) if word)


@dataclass(frozen=True)
class Request:
    """One line. ``priority`` 1 (first) to 3; dates are the range in which the work belongs, never one date."""

    id: str
    action: Action
    machine: str
    component: str
    priority: int
    reason: str
    earliest: date | None
    latest: date | None
    crew_hours: float
    standstill_hours: float
    part: str
    opened: int

    def said(self) -> str:
        """What a change of makes an update: dates, priority and hours."""
        return f"{self.priority}|{self.earliest}|{self.latest}|{self.crew_hours:g}|{self.standstill_hours:g}"


def requests(
    incidents: Sequence[Incident], plan: Plan | None, plant: Plant, requested: Mapping[str, str]
) -> tuple[Request, ...]:
    """The requests of today's incidents.

    Args:
        requested: by incident id what its last request said (``Request.said``); ids that are not in it were never requested.

    None is made where an open order of the maintenance system covers the component; one made before is then withdrawn.
    """
    visits = {
        (visit.machine, component): visit
        for visit in (plan.visits if plan is not None else ())
        for component in visit.components
    }
    parts = {component.name: component for component in plant.components}
    found = []
    for incident in incidents:
        asked = incident.id in requested and requested[incident.id] != WITHDRAWN
        wanted = incident.status == "open" and not incident.covered_by
        if not wanted and not asked:
            continue
        visit = visits.get((incident.machine, incident.component))
        part = parts.get(incident.component)
        line = Request(
            id=incident.id,
            action="new",
            machine=incident.machine,
            component=incident.component,
            priority=_priority(incident),
            reason=incident.reason,
            earliest=visit.first if visit is not None else None,
            latest=visit.last if visit is not None else None,
            crew_hours=visit.crew_hours if visit is not None else (part.planned_hours * part.crew if part else 0.0),
            standstill_hours=visit.standstill_hours if visit is not None else (part.planned_hours if part else 0.0),
            part=_part(part),
            opened=incident.opened,
        )
        if not wanted:
            why = f"covered by {incident.covered_by}" if incident.covered_by else incident.ended
            found.append(replace(line, action="withdraw", reason=why))
        elif asked:
            same = requested[incident.id] == line.said()
            found.append(replace(line, action="unchanged" if same else "update"))
        else:
            found.append(line)
    return tuple(sorted(found, key=lambda one: (one.priority, one.machine, one.component)))


WITHDRAWN = "withdrawn"


def remembered(told: Iterable[Request], before: Mapping[str, str]) -> dict[str, str]:
    """What the next run must know of requests: by id what was said last."""
    return {**before, **{one.id: WITHDRAWN if one.action == "withdraw" else one.said() for one in told}}


def _priority(incident: Incident) -> int:
    if incident.rule or incident.pressing >= 2 or (incident.too_late or 0) >= 0.2:
        return 1
    return 2 if incident.pressing >= 1 else 3


def _part(part: object) -> str:
    stock, lead = getattr(part, "stock", None), getattr(part, "lead_days", 0.0)
    if part is None or stock is None:
        return ""
    return f"{stock} in stock" if stock else f"none in stock, {lead:g} days"


def write(told: Sequence[Request], path: Path, *, outcomes: Mapping[str, str] | None = None) -> None:
    """Write the requests that say something new as CSV (UTF-8 with a byte order mark, so that spreadsheets read it right).

    Texts that a spreadsheet would take for a formula get an apostrophe in front.
    """
    from ..core.files import write_bytes

    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for one in told:
        if one.action != "unchanged":
            values = [getattr(one, name, "") for name in COLUMNS[:-3]]
            row = [*values, _moment(one.opened), (outcomes or {}).get(one.id, ""), ""]
            writer.writerow([_safe("" if value is None else value) for value in row])
    write_bytes(path, ("\ufeff" + stream.getvalue()).encode("utf-8"))


def _moment(time: int) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(time / 1e6, UTC).isoformat(timespec="minutes")


def _safe(value: object) -> str:
    text = f"{value:g}" if isinstance(value, float) else str(value)
    text = " ".join(text.split())
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


@dataclass(frozen=True)
class Returned:
    """What a returned file said: outcome by incident id, and remarks on lines that could not be used."""

    outcomes: Mapping[str, str]
    remarks: tuple[str, ...] = ()


def read(path: Path) -> Returned:
    """Read outcomes that came back: any CSV with the columns ``id`` and ``outcome``, in UTF-8 or Windows-1252, parted by commas, semicolons or tabs.

    Raises:
        InputError: it cannot be read (``unreadable``), is too large, or lacks the columns (``wrong_columns``).
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}", code="unreadable") from error
    if len(content) > MAX_BYTES or b"\0" in content:
        raise InputError(f"{path} is no list of requests", code="unreadable", remedy="give the CSV that was returned")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    head = text.split("\n", 1)[0]
    separator = max(",;\t", key=head.count)
    rows = csv.DictReader(io.StringIO(text), delimiter=separator)
    names = {(name or "").strip().lower(): name for name in rows.fieldnames or ()}
    if "id" not in names or "outcome" not in names:
        raise InputError(
            f"{path} lacks the columns id and outcome",
            code="wrong_columns",
            remedy="give the file of requests with its column outcome filled in",
        )
    outcomes: dict[str, str] = {}
    remarks = []
    for number, row in enumerate(rows, start=2):
        key = (row.get(names["id"]) or "").strip().lstrip("'")
        word = (row.get(names["outcome"]) or "").strip().lower().replace(" ", "_")
        if not word:
            continue
        if word not in OUTCOMES:
            remarks.append(f"{path.name}, line {number}: outcome {word[:40]!r} is none of {', '.join(OUTCOMES)}")
        elif not key:
            remarks.append(f"{path.name}, line {number}: no id")
        else:
            outcomes[key] = word
    return Returned(outcomes, tuple(remarks))


def with_outcomes(
    incidents: Sequence[Incident], outcomes: Mapping[str, str]
) -> tuple[tuple[Incident, ...], tuple[str, ...]]:
    """Incidents with what came back of them, and the ids that no incident has."""
    known = {incident.id for incident in incidents}
    told = tuple(
        replace(one, outcome=outcomes[one.id]) if one.id in outcomes else one  # type: ignore[arg-type]
        for one in incidents
    )
    return told, tuple(sorted(outcomes.keys() - known))


@dataclass(frozen=True)
class Confirmed:
    """How many of the alarms with an outcome were right; ``low`` and ``high`` are the 95 % interval (Wilson 1927)."""

    right: int
    total: int
    low: float
    high: float


def confirmed(incidents: Iterable[Incident]) -> Confirmed | None:
    """The share of right alarms among those with an outcome; None without any."""
    from math import sqrt

    told = [one.outcome for one in incidents if one.outcome]
    if not told:
        return None
    count, right = len(told), sum(1 for word in told if word in ("confirmed", "replaced"))
    z, share = 1.96, right / len(told)
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z * sqrt(share * (1 - share) / count + z * z / (4 * count * count)) / (1 + z * z / count)
    return Confirmed(right, count, max(0.0, middle - half), min(1.0, middle + half))

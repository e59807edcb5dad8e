"""The production calendar as the plan sees it: windows in which work is allowed, with their hours, crew and idle time. Dates of a plan come from here and nowhere else.

Shifts are local time; windows are cut and measured in UTC, so that a night with a clock change has 7 or 9 hours, as it has.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from ..local_time import DAY, HOUR, LocalTime
from ..shifts import MINUTES_A_DAY, days_of, hours_of
from .types import Slot

if TYPE_CHECKING:
    from ..plant import Plant, Shift

LONGEST_WINDOW_H = 168.0
"""Where work is always allowed, a window is taken to last so long."""
WHOLE_PLANT = ""
Stretch = tuple[int, int]


def slots(
    plant: Plant,
    now: int,
    *,
    horizon_days: float | None = None,
    stops: Mapping[str, Sequence[Stretch]] | None = None,
) -> tuple[Slot, ...]:
    """Windows that begin after ``now`` (microseconds UTC) and within the horizon, in order.

    Args:
        horizon_days: instead of the plant's.
        stops: planned stops of production by machine (``""``: all), as (start, end) in microseconds UTC. Work is allowed in them and stops no production.

    A closed day has no window and cuts those that reach into it. A window begins where a service shift does; its hours run on through the shifts
    that follow without a break. Crew hours are those of the day on which it begins.
    """
    zone = LocalTime(plant.time_zone)
    end = now + int((horizon_days or plant.calendar.horizon_days) * DAY)
    first = zone.moment(now).date()
    days = [first + timedelta(days=step) for step in range(-1, (end - now) // DAY + 9)]
    open_days = [day for day in days if not _closed(plant, day)]
    served = _service(plant, open_days, zone)
    allowed = _merged(served)
    idle = _idle(plant, days, zone)
    found = [
        _slot(plant, zone, WHOLE_PLANT, begin, _end_of(allowed, begin), idle)
        for begin in sorted({begin for begin, _ in served})
        if now <= begin < end
    ]
    for machine, spans in sorted((stops or {}).items()):
        for start, stop in _merged(spans):
            begin = max(start, now)
            for piece in _open_pieces((begin, stop), open_days, zone):
                if now <= piece[0] < end:
                    found.append(_slot(plant, zone, machine, *piece, [piece]))
    return tuple(sorted(found, key=lambda slot: (slot.begins, slot.machine)))


def lost_hours(plant: Plant, hours: float) -> float:
    """Production hours that a standstill of ``hours`` takes on average when it begins at any moment of production, as a failure does."""
    import numpy as np

    from ..production import open_minutes

    if not plant.calendar.production:
        return hours
    week = open_minutes(plant.calendar.production)
    if not week.any():
        return 0.0
    whole, rest = divmod(round(hours * 60), len(week))
    total = np.concatenate([[0], np.cumsum(np.concatenate([week, week]))])
    begins = np.flatnonzero(week)
    return float(whole * week.sum() + (total[begins + rest] - total[begins]).mean()) / 60


def line_loss(plant: Plant, lost: float) -> float:
    """Money lost by ``lost`` production hours: each minute beyond the buffer."""
    return max(0.0, lost * 60 - plant.costs.buffer_minutes) * plant.costs.line_minute


def _closed(plant: Plant, day: date) -> bool:
    return any(span.first <= day <= span.last for span in plant.calendar.closed)


def _shifts(shifts: Sequence[Shift], days: Iterable[date], zone: LocalTime) -> list[Stretch]:
    """The stretches of shifts that begin on ``days``."""
    by_weekday = [(days_of(shift.days), hours_of(shift.hours)) for shift in shifts]
    found = []
    for day in days:
        for weekdays, (start, stop) in by_weekday:
            if day.weekday() in weekdays:
                found.append((_at(zone, day, start), _at(zone, day, stop)))
    return [(start, stop) for start, stop in found if stop > start]


def _at(zone: LocalTime, day: date, minute: int) -> int:
    return zone.of(datetime(day.year, day.month, day.day) + timedelta(minutes=minute))


def _service(plant: Plant, open_days: Sequence[date], zone: LocalTime) -> list[Stretch]:
    if plant.calendar.service:
        raw = _shifts(plant.calendar.service, open_days, zone)
    else:
        crews = [days_of(crew.days) for crew in plant.crew]
        there = [day for day in open_days if not crews or any(day.weekday() in days for days in crews)]
        raw = [(_at(zone, day, 0), _at(zone, day, MINUTES_A_DAY)) for day in there]
    return [piece for stretch in raw for piece in _open_pieces(stretch, open_days, zone)[:1]]


def _open_pieces(stretch: Stretch, open_days: Sequence[date], zone: LocalTime) -> list[Stretch]:
    """What of a stretch lies on open days."""
    start, stop = stretch
    days = _merged([(_at(zone, day, 0), _at(zone, day, MINUTES_A_DAY)) for day in open_days])
    return [(max(start, begin), min(stop, end)) for begin, end in days if max(start, begin) < min(stop, end)]


def _idle(plant: Plant, days: Sequence[date], zone: LocalTime) -> list[Stretch]:
    """When production is off."""
    first, last = _at(zone, days[0], 0), _at(zone, days[-1], MINUTES_A_DAY)
    open_days = [day for day in days if not _closed(plant, day)]
    whole = [(_at(zone, day, 0), _at(zone, day, MINUTES_A_DAY)) for day in open_days]
    shifts = _shifts(plant.calendar.production, days, zone) if plant.calendar.production else whole
    running = _merged([piece for shift in shifts for piece in _open_pieces(shift, open_days, zone)])
    edges = [first, *(edge for stretch in running for edge in stretch), last]
    return [(start, stop) for start, stop in zip(edges[::2], edges[1::2], strict=True) if stop > start]


def _merged(stretches: Iterable[Stretch]) -> list[Stretch]:
    found: list[Stretch] = []
    for start, stop in sorted(stretches):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], stop))
        else:
            found.append((start, stop))
    return found


def _end_of(stretches: Sequence[Stretch], begin: int) -> int:
    return next(stop for start, stop in stretches if start <= begin < stop)


def _slot(plant: Plant, zone: LocalTime, machine: str, begin: int, end: int, idle: Sequence[Stretch]) -> Slot:
    day = zone.moment(begin).date()
    end = min(end, begin + int(LONGEST_WINDOW_H * HOUR))
    quiet = max((min(end, stop) - max(begin, start) for start, stop in idle if start < end and stop > begin), default=0)
    crew: dict[str, float] = {}
    for part in plant.crew:
        here = part.hours_per_day if day.weekday() in days_of(part.days) else 0.0
        crew[part.skill] = crew.get(part.skill, 0.0) + here
    return Slot(day, (end - begin) / HOUR, crew, begins=begin, idle_hours=quiet / HOUR, machine=machine)

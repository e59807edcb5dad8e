"""The pictures of one machine's page: its events, each signal with what was masked and what was strange, its score, what lies ahead.

All are drawn from what a run stored (``stored.Series``), at most ``MAX_POINTS`` buckets wide.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from ..history import Event
from ..local_time import DAY
from ..outlook import Outlook, Survival
from ..stored import Band, Series, StoredMachine, Trend
from . import svg
from .words import FLAG_WORDS, Moments, number

if TYPE_CHECKING:
    from markupsafe import Markup

SIGNAL_PX, STRIP_PX, CURVE_PX = 92, 26, 130
IDLE_BELOW = 0.05
"""A bucket counts as standing where the machine ran for less of it."""
MARKS: Mapping[str, str] = {
    "failure": "M-5-5 5 5M5-5-5 5",
    "maintenance": "M0-6 6 0 0 6-6 0Z",
    "error": "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0Z",
    "order": "M-4-4h8v8h-8Z",
    "stop": "M-4-5v10M4-5v10",
}
EVENT_WORDS: Mapping[str, str] = {
    "failure": "failure",
    "maintenance": "service",
    "error": "error message",
    "order": "open work order",
    "stop": "planned stop",
}
QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)


@dataclass(frozen=True)
class TimeAxis:
    """Buckets of a stored series as places of a drawing: bucket ``i`` stands at ``i`` to ``i + 1``."""

    series: Series
    moments: Moments

    @property
    def width(self) -> int:
        """Number of buckets."""
        return max(1, len(self.series.times) - 1)

    def place(self, time: int) -> float:
        """Where a moment stands, held within the drawing."""
        first, last = self.series.times[0], self.series.times[-1]
        return self.width * min(1.0, max(0.0, (time - first) / max(1, last - first)))

    @cached_property
    def idle(self) -> str:
        """The stretches in which the machine stood, drawn."""
        return svg.blocks(runs(share < IDLE_BELOW for share in self.series.running), "idle")

    @cached_property
    def ticks(self) -> list[tuple[float, str]]:
        """Shares of the width and local dates."""
        first, last = self.series.times[0], self.series.times[-1]
        return [(self.place(time) / self.width, text) for time, text in self.moments.ticks(first, last)]

    def holds(self, time: int) -> bool:
        """Whether a moment is within what was read."""
        return self.series.times[0] <= time <= self.series.times[-1]


def runs(marked: Iterable[bool]) -> list[tuple[float, float]]:
    """Stretches of marked buckets."""
    found: list[tuple[float, float]] = []
    for place, one in enumerate(marked):
        if one and found and found[-1][1] == place:
            found[-1] = (found[-1][0], place + 1)
        elif one:
            found.append((place, place + 1))
    return found


def event_strip(axis: TimeAxis, events: Sequence[Event]) -> Markup:
    """Failures, services, orders, errors and stops on the axis of the signals."""
    from markupsafe import escape

    shown = [event for event in events if axis.holds(event.time)]
    over = []
    for event in shown:
        words = f"{axis.moments.text(event.time)}: {EVENT_WORDS[event.kind]} {event.code} {event.component}".strip()
        over.append(
            f'<svg x="{100 * axis.place(event.time) / axis.width:.2f}%" y="{4 + STRIP_PX // 2}" width="1" height="1" overflow="visible">'
            f'<path class="mark {event.kind}" d="{MARKS[event.kind]}"><title>{escape(svg.visible(words))}</title></path></svg>'
        )
    label = f"{len(shown)} events over the time of the readings; the table of events names them"
    return svg.frame(
        "",
        width=axis.width,
        height=STRIP_PX,
        label=label,
        x_ticks=axis.ticks,
        y=svg.Scale(0, 1, ()),
        over="".join(over),
    )


def signal(
    axis: TimeAxis,
    band: Band,
    *,
    events: Sequence[Event] = (),
    windows: Sequence[tuple[int, int]] = (),
    strange: Sequence[tuple[float, float]] = (),
) -> Markup:
    """One sensor: range and mean of each bucket while the machine ran, with everything that a reader must tell apart.

    Args:
        windows: stretches that moved a prediction, in microseconds UTC.
        strange: stretches of buckets with an anomaly.
    """
    known = [value for value in (*band.low, *band.high) if value is not None]
    scale = svg.scale(known)
    top, middle, low = (svg.columns(values, scale) for values in (band.high, band.middle, band.low))
    faults = masked_runs(axis, band.sensor)
    drawing = "".join(
        (
            axis.idle,
            svg.blocks([(axis.place(start), axis.place(end)) for start, end in windows], "window"),
            svg.blocks(strange, "strange"),
            svg.blocks(faults, "fault"),
            svg.column_band(top, low, "band"),
            svg.column_line(middle, "line"),
            *(
                svg.uprights(
                    [axis.place(event.time) for event in events if event.kind == kind and axis.holds(event.time)],
                    f"at {kind}",
                )
                for kind in ("failure", "maintenance")
            ),
        )
    )
    unit = band.unit or "no unit given"
    said = (
        f"{band.sensor} in {unit} over time: {number(min(known))} to {number(max(known))}"
        if known
        else f"{band.sensor}: no usable value"
    )
    if faults:
        said += f"; {len(faults)} stretches masked"
    return svg.frame(
        drawing,
        width=axis.width,
        height=SIGNAL_PX,
        label=said,
        y=scale if known else svg.Scale(0, 1, ()),
        y_unit=unit,
        x_ticks=axis.ticks,
    )


def masked_runs(axis: TimeAxis, sensor: str) -> list[tuple[float, float]]:
    """Stretches of buckets in which the sensor was at fault, neighbours joined."""
    marked = [False] * axis.width
    for one in axis.series.masked:
        if one.sensor == sensor:
            first, last = axis.place(one.start), axis.place(one.end)
            for place in range(int(first), min(axis.width, max(int(first) + 1, int(-(-last // 1))))):
                marked[place] = True
    return runs(marked)


def masked_words(machine: StoredMachine, sensor: str, moments: Moments) -> list[str]:
    """What was masked of a sensor, by kind, for the line under its plot."""
    if machine.series is None:
        return []
    found: dict[str, list[tuple[int, int]]] = {}
    for one in machine.series.masked:
        if one.sensor == sensor:
            found.setdefault(one.flag, []).append((one.start, one.end))
    return [
        f"{FLAG_WORDS.get(flag, flag)}: {moments.text(spans[0][0])} to {moments.text(spans[-1][1])}"
        + (f", {len(spans)} times" if len(spans) > 1 else "")
        for flag, spans in found.items()
    ]


def anomaly(axis: TimeAxis, threshold: float | None) -> tuple[Markup, list[tuple[float, float]]] | None:
    """The anomaly score over time, and the stretches of buckets above the threshold; None where none was stored."""
    scores = axis.series.anomaly
    known = [score for score in scores if score is not None]
    if not known:
        return None
    scale = svg.scale([*known, threshold or 0.0], floor_at=0.0)
    strange = runs(threshold is not None and score is not None and score >= threshold for score in scores)
    limit = svg.level(scale.y(threshold), axis.width, "limit") if threshold is not None else ""
    drawing = svg.blocks(strange, "strange") + limit + svg.column_line(svg.columns(scores, scale), "line")
    said = f"anomaly score over time, highest {number(max(known))}" + (
        f", threshold {number(threshold)}" if threshold else ""
    )
    return svg.frame(
        drawing, width=axis.width, height=64, label=said, y=scale, y_unit="score", x_ticks=axis.ticks
    ), strange


def trend(one: Trend, threshold: float | None, moments: Moments, *, as_percent: bool) -> Markup:
    """How a score went over the last weeks, with the level at which an incident opens."""
    if len(one.scores) < 2:
        from markupsafe import Markup

        return Markup("")
    first, last = one.times[0], one.times[-1]
    scale = svg.scale([*one.scores, threshold or 0.0], floor_at=0.0)
    width = 300
    points = [
        (width * (time - first) / max(1, last - first), scale.y(score))
        for time, score in zip(one.times, one.scores, strict=True)
    ]
    limit = svg.level(scale.y(threshold), width, "limit") if threshold is not None else ""
    ticks = [((time - first) / max(1, last - first), text) for time, text in moments.ticks(first, last, 4)]
    said = f"score from {number(one.scores[0])} to {number(one.scores[-1])}" + (
        f"; an incident opens at {number(threshold)}" if threshold else ""
    )
    return svg.frame(
        limit + svg.stroke(points, "line"),
        width=width,
        height=CURVE_PX,
        label=said,
        y=scale,
        x_ticks=ticks,
        y_percent=as_percent,
    )


def quantiles(ahead: Survival, last: float) -> dict[float, float | None]:
    """By which day so much of the chance of failure has passed, from the survival curve; None beyond ``last``."""
    found: dict[float, float | None] = {}
    for share in QUANTILES:
        wanted = 1 - share
        found[share] = None
        for before, after in zip(range(len(ahead.days)), range(1, len(ahead.days)), strict=False):
            if ahead.alive[after] <= wanted:
                step = ahead.alive[before] - ahead.alive[after]
                part = (ahead.alive[before] - wanted) / step if step > 0 else 1.0
                found[share] = ahead.days[before] + part * (ahead.days[after] - ahead.days[before])
                break
        value = found[share]
        if value is not None and value > last:
            found[share] = None
    return found


def fan(outlook: Outlook) -> Markup:
    """Chance of failure so far, day by day ahead, over the days in which it fails with 10 to 90 and 25 to 75 per cent."""
    ahead = outlook.survival
    if ahead is None or len(ahead.days) < 2:
        from markupsafe import Markup

        return Markup("")
    last = ahead.days[-1]
    width = 300
    spot = quantiles(ahead, last)

    def x(day: float | None) -> float:
        return width * (last if day is None else day) / last

    scale = svg.Scale(0, 1, (0.0, 0.25, 0.5, 0.75, 1.0))
    fails = [(x(day), scale.y(1 - alive)) for day, alive in zip(ahead.days, ahead.alive, strict=True)]
    ground = [(at, float(svg.TALL)) for at, _ in fails]
    drawing = svg.blocks([(x(spot[0.1]), x(spot[0.9]))], "fan wide") if spot[0.1] is not None else ""
    drawing += svg.blocks([(x(spot[0.25]), x(spot[0.75]))], "fan close") if spot[0.25] is not None else ""
    drawing += svg.area(fails, ground, "band") + svg.stroke(fails, "line")
    drawing += svg.uprights([x(spot[0.5])], "limit") if spot[0.5] is not None else ""
    every = last / 4
    ticks = [(place / 4, f"{number(place * every, 2)} d" if place else "now") for place in range(5)]
    words = [f"{share * 100:.0f} % by day {number(day, 2)}" for share, day in spot.items() if day is not None]
    said = "chance of failure by day ahead: " + (", ".join(words) or f"less than 10 % within {number(last)} days")
    return svg.frame(drawing, width=width, height=CURVE_PX, label=said, y=scale, x_ticks=ticks, y_percent=True)


def fan_words(outlook: Outlook, moments: Moments) -> str:
    """The fan in a sentence, as a range of dates, never one date."""
    ahead = outlook.survival
    if ahead is None or len(ahead.days) < 2:
        return ""
    last = ahead.days[-1]
    spot = quantiles(ahead, last)

    def named(day: float) -> str:
        return moments.day(outlook.as_of + round(day * DAY))

    low, high = spot[0.1], spot[0.9]
    if low is None:
        return f"Less than 10 % within the next {number(last)} days. That is no promise for later."
    if high is None:
        return f"10 % by {named(low)}; the 90 % lie beyond {number(last)} days."
    return f"With 80 % chance between {named(low)} and {named(high)} if it goes on as it is."

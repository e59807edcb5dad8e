"""Small inline SVG: frames with axes that keep their letters readable at any width, and the strokes that go inside.

The drawing stretches with the page (its own coordinates, no aspect kept); letters stand outside it at fixed size, placed by percent. Colours are classes, so that
light, dark and print follow the page. Nothing here knows machines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, floor, isfinite, log10
from typing import TYPE_CHECKING

from ...core.pages.text import visible

if TYPE_CHECKING:
    from markupsafe import Markup

TALL = 200
"""Height of a drawing in its own units; y grows downwards."""
AXIS_PX = 18
GUTTER_PX = 58


@dataclass(frozen=True)
class Scale:
    """Values from ``low`` to ``high`` over ``TALL`` units, high on top, with the values to name."""

    low: float
    high: float
    ticks: tuple[float, ...]

    def y(self, value: float) -> int:
        """The place of a value, held within the drawing."""
        share = (value - self.low) / (self.high - self.low)
        return round(TALL * (1 - min(1.0, max(0.0, share))))


def scale(values: Sequence[float], *, floor_at: float | None = None, top_at: float | None = None) -> Scale:
    """A scale that holds all ``values`` with round ticks; ends may be fixed."""
    known = [value for value in values if isfinite(value)]
    low = floor_at if floor_at is not None else min(known, default=0.0)
    high = top_at if top_at is not None else max(known, default=1.0)
    if high - low <= max(1e-12, 1e-9 * max(abs(low), abs(high))):
        pad = max(abs(low), abs(high)) * 0.05
        pad = pad if pad > 1e-9 else 1.0
        low, high = (low, low + 2 * pad) if floor_at is not None else (low - pad, high + pad)
    pad = (high - low) * 0.06
    low -= pad if floor_at is None else 0
    high += pad if top_at is None else 0
    step = _nice((high - low) / 4)
    first = ceil(low / step - 1e-9)
    ticks = tuple(place * step for place in range(first, floor(high / step + 1e-9) + 1))
    return Scale(low, high, ticks[:6] or (low,))


def _nice(step: float) -> float:
    size = 10 ** floor(log10(step))
    return next(size * factor for factor in (1, 2, 2.5, 5, 10) if size * factor >= step * 0.999)


def tick_text(value: float, ticks: Sequence[float]) -> str:
    """A value on an axis, with as many decimals as its neighbours need."""
    step = abs(ticks[1] - ticks[0]) if len(ticks) > 1 else abs(value) or 1.0
    if abs(value) >= 1e5 or (value and abs(value) < 1e-4):
        return f"{value:.2g}"
    places = max(0, -floor(log10(step) + 1e-9))
    if places and abs(step * 10**places - round(step * 10**places)) > 1e-6:
        places += 1
    return f"{value + 0.0:,.{min(places, 6)}f}".replace(",", "\u202f")


def frame(
    drawing: str,
    *,
    width: int,
    height: int,
    label: str,
    y: Scale | None = None,
    y_unit: str = "",
    x_ticks: Sequence[tuple[float, str]] = (),
    over: str = "",
    y_percent: bool = False,
) -> Markup:
    """A figure: ``drawing`` in coordinates 0..``width`` by 0..``TALL``, ``height`` pixels tall, with its axes.

    Args:
        x_ticks: (share of the width, words), left to right; words near the ends stay inside.
        over: SVG laid over the drawing in pixels and percent.
        label: what a screen reader says in place of the picture.
    """
    from markupsafe import Markup, escape

    lines, names = [], []
    for value in y.ticks if y is not None else ():
        place = y.y(value) if y is not None else 0
        lines.append(f"M0 {place}H{width}")
        words = f"{value * 100:.0f} %" if y_percent else tick_text(value, y.ticks if y is not None else ())
        names.append(
            f'<text x="{GUTTER_PX - 6}" y="{4 + place * height / TALL + 4:.0f}" text-anchor="end">{escape(words)}</text>'
        )
    unit = f"<title>{escape(visible(y_unit))}</title>" if y_unit else ""
    gutter = (
        f'<svg class="gutter" width="{GUTTER_PX}" height="{height + AXIS_PX + 8}" aria-hidden="true">{unit}{"".join(names)}</svg>'
        if y is not None
        else ""
    )
    verticals = "".join(f"M{share * width:.1f} 0V{TALL}" for share, _ in x_ticks)
    words = "".join(
        f'<text x="{100 * share:.2f}%" y="{height + 17}" text-anchor="{_anchor(share)}">{escape(text)}</text>'
        for share, text in x_ticks
    )
    body = (
        f'<svg class="plot" width="100%" height="{height + AXIS_PX + 8}" role="img" aria-label="{escape(visible(label))}">'
        f'<svg x="0" y="4" width="100%" height="{height}" viewBox="0 0 {width} {TALL}" preserveAspectRatio="none">'
        f'<path class="rule" d="{"".join(lines)}{verticals}M0 {TALL}H{width}"/>{drawing}</svg>{over}{words}</svg>'
    )
    return Markup(f'<div class="frame">{gutter}{body}</div>')


def _anchor(share: float) -> str:
    return "start" if share < 0.06 else "end" if share > 0.94 else "middle"


def stroke(points: Sequence[tuple[float, float] | None], css: str) -> str:
    """A line through points, broken where one is None; a lone point becomes a dot of a line."""
    return f'<path class="{css}" d="{_walk(points)}"/>' if any(point is not None for point in points) else ""


def _walk(points: Sequence[tuple[float, float] | None]) -> str:
    parts: list[str] = []
    before: tuple[float, float] | None = None
    fresh = False
    for point in points:
        if point is None:
            if fresh:
                parts.append("h1")
            before, fresh = None, False
        elif before is None:
            parts.append(f"M{_n(point[0])} {_n(point[1])}")
            before, fresh = point, True
        else:
            parts.append(f"l{_n(point[0] - before[0])} {_n(point[1] - before[1])}")
            before, fresh = point, False
    return "".join(parts) + ("h1" if fresh else "")


def area(upper: Sequence[tuple[float, float] | None], lower: Sequence[tuple[float, float] | None], css: str) -> str:
    """The ground between two lines over the same places, broken where either is None."""
    parts: list[str] = []
    run: list[tuple[tuple[float, float], tuple[float, float]]] = []

    def close() -> None:
        if run:
            top, bottom = [pair[0] for pair in run], [pair[1] for pair in reversed(run)]
            if len(run) == 1:
                top.append((top[0][0] + 1, top[0][1]))
                bottom.insert(0, (bottom[0][0] + 1, bottom[0][1]))
            parts.append(_walk([*top, *bottom]) + "z")
            run.clear()

    for high, low in zip(upper, lower, strict=True):
        if high is None or low is None:
            close()
        else:
            run.append((high, low))
    close()
    return f'<path class="{css}" d="{"".join(parts)}"/>' if parts else ""


def columns(values: Sequence[float | None], scale: Scale) -> list[int | None]:
    """The places of one value a bucket, all of them within the scale."""
    top, step = scale.high, TALL / (scale.high - scale.low)
    return [None if value is None else int((top - value) * step + 0.5) for value in values]


def pieces(places: Sequence[int | None]) -> list[tuple[int, int]]:
    """Stretches of buckets (start, end) in which something stood."""
    found: list[tuple[int, int]] = []
    start = None
    for place, value in enumerate(places):
        if value is None:
            if start is not None:
                found.append((start, place))
                start = None
        elif start is None:
            start = place
    if start is not None:
        found.append((start, len(places)))
    return found


def column_line(places: Sequence[int | None], css: str) -> str:
    """A line through one place a bucket, drawn at the buckets' middles; a lone bucket is a short dash."""
    parts = []
    for start, end in pieces(places):
        kept: list[int] = places[start:end]  # type: ignore[assignment]
        steps = "".join(f"l1 {after - before}" for before, after in pairwise(kept))
        parts.append(f"M{start} {kept[0]}{steps}" if steps else f"M{start - 0.5:g} {kept[0]}h1")
    return f'<path class="{css}" transform="translate(.5)" d="{"".join(parts)}"/>' if parts else ""


def column_band(upper: Sequence[int | None], lower: Sequence[int | None], css: str) -> str:
    """The ground between two places a bucket; both stand in the same buckets."""
    parts = []
    for start, end in pieces(upper):
        top: list[int] = upper[start:end]  # type: ignore[assignment]
        low: list[int] = lower[start:end][::-1]  # type: ignore[assignment]
        if end - start == 1:
            parts.append(f"M{start - 0.5:g} {top[0]}h1V{low[0]}h-1z")
            continue
        there = "".join(f"l1 {after - before}" for before, after in pairwise(top))
        back = "".join(f"l-1 {after - before}" for before, after in pairwise(low))
        parts.append(f"M{start} {top[0]}{there}V{low[0]}{back}z")
    return f'<path class="{css}" transform="translate(.5)" d="{"".join(parts)}"/>' if parts else ""


def blocks(spans: Sequence[tuple[float, float]], css: str, *, top: float = 0, bottom: float = TALL) -> str:
    """Upright blocks from start to end, in one path."""
    if not spans:
        return ""
    tall = _n(bottom - top)
    path = "".join(f"M{_n(a)} {_n(top)}h{_n(max(b - a, 0.3))}v{tall}h-{_n(max(b - a, 0.3))}z" for a, b in spans)
    return f'<path class="{css}" d="{path}"/>'


def uprights(places: Sequence[float], css: str) -> str:
    """Upright lines over the whole height."""
    return f'<path class="{css}" d="{"".join(f"M{_n(x)} 0V{TALL}" for x in places)}"/>' if places else ""


def level(y: float, width: float, css: str) -> str:
    """A level line over the whole width."""
    return f'<path class="{css}" d="M0 {_n(y)}H{_n(width)}"/>'


def spark(values: Sequence[float], threshold: float | None, label: str) -> Markup:
    """A line of a few values without axes, with the threshold dashed where it lies in sight."""
    from markupsafe import Markup, escape

    if len(values) < 2:
        return Markup("")
    top = max([*values, threshold or 0.0, 1e-9])
    width = len(values) - 1
    points = [(place, 40 - 36 * value / top - 2) for place, value in enumerate(values)]
    dashed = f'<path class="limit" d="M0 {_n(40 - 36 * threshold / top - 2)}H{width}"/>' if threshold else ""
    return Markup(
        f'<svg class="spark" width="96" height="26" viewBox="0 0 {width} 40" preserveAspectRatio="none" role="img" aria-label="{escape(visible(label))}">'
        f"{dashed}{stroke(points, 'line')}</svg>"
    )


def bar(share: float, label: str, css: str = "fill") -> Markup:
    """A horizontal bar over so much of the width; 0 to 1."""
    from markupsafe import Markup, escape

    held = min(1.0, max(0.0, share))
    return Markup(
        f'<svg class="hbar" width="100%" height="10" role="img" aria-label="{escape(visible(label))}"><rect class="rail" width="100%" height="10" rx="2"/>'
        f'<rect class="{css}" width="{100 * held:.1f}%" height="10" rx="2"/></svg>'
    )


def _n(value: float) -> str:
    """A coordinate in as few letters as a tenth of a unit needs."""
    if type(value) is int:
        return str(value)
    text = f"{value:.1f}"
    return text[:-2] if text.endswith(".0") else text

"""No row of a record depends on a reading after it: a history cut at any moment gives the same rows, clocks and lives up to there."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from quality_cases import START, history_of, plant_of

from dsapp.core.errors import InputError
from dsapp.manufacturing.history import FLAGS, Event, History, Life, Record, until
from dsapp.manufacturing.local_time import HOUR
from dsapp.manufacturing.plant import Action, Calendar, Clock, Readings, Running, Sensor, Shift
from dsapp.manufacturing.quality import check

SENSORS = ("a", "b", "c")
PLANT = plant_of(
    Sensor(name="a", unit="degC", low=-50, high=900, fill="hold", fill_for_s=4 * 3600, stuck_after_s=5 * 3600),
    Sensor(name="b", unit="mm/s", low=0, fill="interpolate", fill_for_s=9 * 3600, stuck_after_s=5 * 3600),
    Sensor(name="c", role="counter", fill="none"),
    running=Running(sensor="b", above=0.5),
    actions=(
        Action(name="swap", component="seal", restores="new"),
        Action(name="grease", component="bearing", restores="partly", share=0.3),
    ),
    calendar=Calendar(production=(Shift(days="Mon-Sat", hours="06:00-22:00"),)),
    time_zone="Europe/Berlin",
)


def cut(history: History, moment: int) -> History:
    """What was there at ``moment``: readings and events up to it, in the order in which they came."""
    keep = history.times <= moment
    return replace(
        history,
        times=history.times[keep],
        values=history.values[keep],
        flags=history.flags[keep],
        running=None if history.running is None else history.running[keep],
        clock=None if history.clock is None else history.clock[keep],
        events=tuple(event for event in history.events if event.time <= moment),
    )


def begun(record: Record, rows: int) -> list[Life]:
    """Lives up to a row; whether one that reaches up to it ended there is known only from the log after it."""
    lives = until(record, rows).lives
    return [replace(life, end="running") if life.stop == rows else life for life in lives]


def same_up_to(whole: Record, part: Record, moment: int) -> None:
    """Raises AssertionError where the two differ before ``moment``."""
    known = int((whole.times <= moment).sum())
    assert len(part.times) <= known + 1, "at most the interval that is still open at the moment"
    rows = min(known, len(part.times))
    for name in ("times", "values", "flags", "running", "clock"):
        one, other = getattr(whole, name)[:rows], getattr(part, name)[:rows]
        assert np.array_equal(one, other, equal_nan=name in ("values", "clock")), name
    if rows == known:
        assert begun(whole, rows) == begun(part, rows)


@st.composite
def histories(draw: st.DrawFn) -> History:
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    num = draw(st.integers(30, 400))
    hours = (
        np.cumsum(rng.choice([0.0, 0.25, 1.0, 1.0, 1.0, 1.0, 3.0], num))
        if draw(st.booleans())
        else np.arange(num) * 1.0
    )
    if draw(st.booleans()):
        hours = hours + rng.uniform(-0.01, 0.01, num)
    on = rng.random(num) < 0.8 if draw(st.booleans()) else np.ones(num, bool)
    values = np.stack(
        [60 + rng.normal(0, 1, num), np.where(on, 3 + rng.normal(0, 0.1, num), 0.0), np.arange(num) * 1.0], 1
    )
    for _ in range(draw(st.integers(0, 5))):
        first = int(rng.integers(0, num))
        span = slice(first, first + int(rng.integers(1, 60)))
        column = int(rng.integers(0, 3))
        fault = rng.integers(0, 6)
        if fault == 0:
            values[span, column] = values[first, column]
        elif fault == 1:
            values[span, column] = values[span, column] * 1.8 + 32
        elif fault == 2:
            values[span, column] *= 10
        elif fault == 3:
            values[span, column] = np.nan
        elif fault == 4:
            values[span, column] = -999
        else:
            values[first:, column] /= 25.4
    times = START + np.round(hours * HOUR).astype(np.int64)
    order = np.arange(num)
    if draw(st.booleans()):
        swapped = rng.integers(0, num - 1, 5)
        order[swapped], order[swapped + 1] = order[swapped + 1], order[swapped]
    kinds = [("failure", "broken", "bearing"), ("failure", "broken", "seal"), ("maintenance", "swap", "seal")]
    kinds += [("maintenance", "grease", ""), ("stop", "holiday", ""), ("maintenance", "look", "seal")]
    events = []
    for _ in range(draw(st.integers(0, 6))):
        kind, code, component = kinds[int(rng.integers(len(kinds)))]
        begin = int(times[0] + rng.integers(-48, int(hours[-1]) + 2) * HOUR + rng.integers(0, HOUR))
        events.append(Event(begin, kind, code, component, begin + int(rng.integers(0, 30)) * HOUR))  # type: ignore[arg-type]
    history = history_of(values[order], times=times[order], sensors=SENSORS, events=sorted(events))
    flags = history.flags.copy()
    flags[np.isnan(history.values) & (rng.random(flags.shape) < 0.5)] = FLAGS["state"]
    return replace(history, flags=flags)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(histories(), st.floats(0.05, 1.0))
def test_a_cut_history_gives_the_same_rows(history: History, share: float) -> None:
    first, last = int(history.times.min()), int(history.times.max())
    moment = first + int((last - first) * share)
    try:
        part = check(cut(history, moment), PLANT)
    except InputError:
        return  # too little was there yet
    same_up_to(check(history, PLANT), part, moment)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.floats(0.1, 1.0))
def test_a_counter_is_followed_without_a_look_ahead(seed: int, share: float) -> None:
    rng = np.random.default_rng(seed)
    num = 200
    counter = np.cumsum(rng.integers(0, 2, num)).astype(float) + 9900
    for _ in range(3):
        at = int(rng.integers(1, num))
        kind = int(rng.integers(0, 4))
        if kind == 0:
            counter[at:] -= counter[at]
        elif kind == 1:
            counter[at:] %= 10_000
        elif kind == 2:
            counter[at] = 0
        else:
            counter[at : at + 5] = np.nan
    plant = plant_of(clock=Clock(unit="running_hours", column="hours"), readings=Readings(interval_s=3600))
    history = history_of(20 + rng.normal(0, 1, num), clock=counter)
    moment = int(history.times[0] + share * (history.times[-1] - history.times[0]))
    try:
        part = check(cut(history, moment), plant)
    except InputError:
        return
    whole = check(history, plant)
    same_up_to(whole, part, moment)
    assert (np.diff(whole.clock) >= 0).all()

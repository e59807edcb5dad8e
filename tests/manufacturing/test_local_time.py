"""Local time over arrays agrees with the library's own, through every clock change."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsapp.manufacturing.local_time import HOUR, SECOND, LocalTime, span_text
from dsapp.manufacturing.plant import Shift, Span
from dsapp.manufacturing.production import open_at

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata")


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(ZONES), st.integers(-2_000_000_000, 4_000_000_000), st.integers(1, 400))
def test_offsets_are_those_of_the_zone(zone: str, start: int, days: int) -> None:
    local = LocalTime(zone)
    times = start * SECOND + np.arange(0, days * 24, 7, dtype=np.int64) * HOUR
    offsets = local.offsets(times)
    for time, offset in zip(times[::11], offsets[::11], strict=True):
        own = local.moment(int(time)).utcoffset()
        assert own is not None and round(own.total_seconds()) * SECOND == offset


def test_clock_changes_are_found_to_the_second() -> None:
    berlin = LocalTime("Europe/Berlin")
    changes = berlin.changes(berlin.of(datetime(2025, 1, 1)), berlin.of(datetime(2025, 12, 31)))
    assert [(berlin.text(moment), before, after) for moment, before, after in changes] == [
        ("2025-03-30 03:00", 3600, 7200),
        ("2025-10-26 02:00", 7200, 3600),
    ]


def test_shifts_past_midnight_follow_the_wall_clock_through_a_change() -> None:
    berlin = LocalTime("Europe/Berlin")
    night = (Shift(days="Sat", hours="22:00-06:00"),)
    start = berlin.of(datetime(2025, 10, 25, 12))
    times = start + np.arange(30) * HOUR
    on = open_at(times, night, (), berlin)
    assert [berlin.text(int(time))[5:13] for time in times[on]] == [
        *("10-25 22", "10-25 23", "10-26 00", "10-26 01", "10-26 02", "10-26 02", "10-26 03", "10-26 04", "10-26 05"),
    ]


def test_closed_days_are_whole_local_days() -> None:
    berlin = LocalTime("Europe/Berlin")
    day = datetime(2025, 5, 1)
    times = berlin.of(day) + np.arange(-2, 26) * HOUR
    on = open_at(times, (), (Span(first=day.date(), last=day.date()),), berlin)
    assert np.flatnonzero(~on).tolist() == list(range(2, 26))


@pytest.mark.parametrize(("seconds", "text"), [(45, "45 s"), (90, "1.5 min"), (86_400, "24 h"), (3 * 86_400, "3 days")])
def test_spans_are_told_in_the_unit_that_reads_best(seconds: float, text: str) -> None:
    assert span_text(seconds) == text

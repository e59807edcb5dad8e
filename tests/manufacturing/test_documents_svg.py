"""Pictures hold any values: round ticks, places within the drawing, gaps where nothing stood."""

from __future__ import annotations

import re
from datetime import date

import pytest
from documents_cases import plan, plant
from hypothesis import given
from hypothesis import strategies as st

from dsapp.manufacturing.documents import gantt, svg
from dsapp.manufacturing.documents.words import Moments, number
from dsapp.manufacturing.local_time import DAY, HOUR

NUMBERS = st.floats(-1e12, 1e12, allow_nan=False)


@given(st.lists(NUMBERS, max_size=30))
def test_a_scale_holds_all_its_values_and_names_some(values):
    scale = svg.scale(values)
    assert scale.low < scale.high and 1 <= len(scale.ticks) <= 6
    assert all(0 <= scale.y(value) <= svg.TALL for value in values)
    assert all(svg.tick_text(tick, scale.ticks) for tick in scale.ticks)


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_any_number_can_be_said(value):
    assert number(value)


def test_ticks_of_small_steps_differ_in_words():
    scale = svg.scale([1.001, 1.004])
    named = [svg.tick_text(tick, scale.ticks) for tick in scale.ticks]
    assert len(set(named)) == len(named) >= 2


def test_a_line_breaks_where_nothing_stood_and_a_lone_point_shows():
    path = svg.stroke([(0, 5), (1, 6), None, (3, 7), None], "line")
    assert path.count("M") == 2 and path.count("h1") == 1
    assert svg.stroke([None, None], "line") == ""


def test_an_area_closes_each_of_its_pieces():
    upper, lower = [(0, 1), None, (2, 1), (3, 1)], [(0, 9), None, (2, 9), (3, 9)]
    assert svg.area(upper, lower, "band").count("z") == 2


def test_labels_are_escaped():
    picture = svg.frame(
        "", width=10, height=20, label='"><script>', x_ticks=[(0.5, "<b>")], y=svg.scale([0, 1]), y_unit="<i>"
    )
    assert "<script>" not in picture and "<b>" not in picture and "<i>" not in picture
    assert "<script>" not in svg.spark([0, 1], 2, '"><script>') and "<script>" not in svg.bar(1, "<script>")


@given(st.integers(0, 2 * 10**15), st.integers(1, 4000 * DAY))
def test_ticks_of_time_lie_within_and_do_not_crowd(first, span):
    ticks = Moments("Europe/Berlin").ticks(first, first + span)
    assert len(ticks) <= 6
    assert all(first <= time <= first + span for time, _ in ticks)


def test_days_are_local_midnights_over_a_clock_change():
    first = 1_761_256_800_000_000  # 2025-10-24 00:00 in Berlin
    ticks = Moments("Europe/Berlin").ticks(first, first + 5 * DAY, 6)
    assert [text for _, text in ticks] == ["25 Oct", "26 Oct", "27 Oct", "28 Oct"]
    assert ticks[2][0] - ticks[1][0] == 25 * HOUR


def test_a_range_beyond_the_horizon_stretches_the_axis():
    visit = plan().visits[0]
    long = plan(visits=(type(visit)(**{**visit.__dict__, "last": date(2026, 1, 20)}),))
    axis = gantt.axis_of(long)
    assert axis.share(date(2026, 1, 20), end=True) == 1.0
    picture = gantt.row(axis, long.visits[0], 7)
    assert all(0 <= float(share) <= 100 for share in re.findall(r'x="([\d.]+)%"', picture))


def test_hours_of_a_visit_are_shared_out_by_skill_and_met_with_the_crew_there_is():
    hall = plant(
        components=[
            {"name": "bearing", "planned_hours": 6, "skill": "mechanic"},
            {"name": "winding", "planned_hours": 2, "skill": "electrician"},
        ]
    )
    visit = plan().visits[0]
    made = plan(visits=(type(visit)(**{**visit.__dict__, "components": ("bearing", "winding"), "crew_hours": 8.0}),))
    used = gantt.crew_hours(made, hall)
    assert used == {"mechanic": {date(2025, 11, 21): 6.0}, "electrician": {date(2025, 11, 21): 2.0}}
    there = gantt.capacity(made, hall)
    assert there["mechanic"][date(2025, 11, 21)] == 16 and date(2025, 11, 23) not in there["mechanic"]


@pytest.mark.parametrize(
    ("flips", "words"),
    [
        ((), ""),
        (((2, 1, 10.0), (20, 1, 90.0)), "stays at 1 visits"),
        (((2, 0, 1.0), (5, 2, 2.0)), "at 5 times from 0 to 2"),
    ],
)
def test_where_the_plan_flips_is_said(flips, words):
    assert words in gantt.flip_words(plan(flips=flips))

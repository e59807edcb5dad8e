"""Windows come from the calendar: shifts, crews, closed days, stops and clock changes."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plan_cases import NOW, TODAY, make_plant

from dsapp.manufacturing.plan.calendar import line_loss, lost_hours, slots

HOUR = 3_600_000_000
NIGHTS = {"service": [{"days": "Mon-Fri", "hours": "22:00-06:00"}]}


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp()) * 1_000_000


def test_where_nothing_is_said_every_day_is_a_window() -> None:
    found = slots(make_plant(), NOW + HOUR, horizon_days=5)
    assert [slot.day.day for slot in found] == [3, 4, 5, 6, 7]
    assert all(slot.crew_hours == {} and slot.hours >= 24 for slot in found)
    assert found[0].begins == NOW + 24 * HOUR


def test_nights_begin_on_their_day_and_a_night_of_clock_change_is_shorter() -> None:
    plant = make_plant(
        time_zone="Europe/Berlin", calendar=NIGHTS | {"service": [{"days": "Sat-Sun", "hours": "22:00-06:00"}]}
    )
    found = slots(plant, at("2026-03-27T12:00:00+00:00"), horizon_days=9)
    by_day = {slot.day: slot.hours for slot in found}
    assert by_day[date(2026, 3, 28)] == 7.0  # the night in which 02:00 becomes 03:00
    assert by_day[date(2026, 4, 4)] == 8.0
    autumn = slots(plant, at("2026-10-23T12:00:00+00:00"), horizon_days=5)
    assert {slot.day: slot.hours for slot in autumn}[date(2026, 10, 24)] == 9.0


def test_a_closed_day_has_no_window_and_cuts_the_night_before() -> None:
    closed = [{"first": "2026-03-04", "last": "2026-03-05"}]
    found = slots(make_plant(calendar=NIGHTS | {"closed": closed}), NOW, horizon_days=5)
    assert {slot.day.day: slot.hours for slot in found} == {2: 8.0, 3: 2.0, 6: 8.0}


def test_crew_hours_are_those_of_the_day() -> None:
    crew = [
        {"skill": "mechanic", "hours_per_day": 16, "days": "Mon-Sat"},
        {"skill": "electrician", "hours_per_day": 8, "days": "Mon-Fri"},
    ]
    found = slots(make_plant(crew=crew), NOW, horizon_days=7)
    saturday = next(slot for slot in found if slot.day.weekday() == 5)
    assert saturday.crew_hours == {"mechanic": 16.0, "electrician": 0.0}
    assert not any(slot.day.weekday() == 6 for slot in found), "no crew, no window"


def test_idle_hours_are_those_without_production() -> None:
    calendar = {
        "production": [{"days": "Mon-Fri", "hours": "06:00-22:00"}],
        "service": [{"days": "Mon-Fri", "hours": "20:00-06:00"}],
    }
    tuesday = slots(make_plant(calendar=calendar), NOW, horizon_days=3)[1]
    assert (tuesday.hours, tuesday.idle_hours) == (10.0, 8.0)


def test_a_stop_of_one_machine_is_a_window_for_it_alone() -> None:
    begin = at("2026-03-07T08:00:00+00:00")
    found = slots(make_plant(calendar=NIGHTS), NOW, horizon_days=10, stops={"B": [(begin, begin + 30 * HOUR)]})
    own = [slot for slot in found if slot.machine == "B"]
    assert [(slot.day, slot.hours, slot.idle_hours) for slot in own] == [(date(2026, 3, 7), 30.0, 30.0)]


def test_windows_lie_ahead_and_in_order() -> None:
    found = slots(make_plant(calendar=NIGHTS), NOW + 23 * HOUR, horizon_days=30)
    begins = [slot.begins for slot in found]
    assert begins == sorted(begins) and begins[0] > NOW + 23 * HOUR
    assert found[0].day == date(2026, 3, 3), "the night that already began is no window any more"


def test_a_failure_takes_the_production_hours_that_follow_it() -> None:
    plant = make_plant(
        calendar={"production": [{"days": "Mon-Sun", "hours": "06:00-18:00"}]},
        costs={"line_minute": 2.0, "buffer_minutes": 30},
    )
    assert lost_hours(plant, 24.0) == pytest.approx(12.0)
    # a standstill of 4 h from a moment of a 12 h shift: (8 h x 4 + 4 h x 2) / 12
    assert lost_hours(plant, 4.0) == pytest.approx((8 * 4 + 4 * 2) / 12, abs=0.02)
    assert lost_hours(make_plant(), 7.0) == 7.0
    assert line_loss(plant, 0.5) == 0.0
    assert line_loss(plant, 2.0) == pytest.approx((120 - 30) * 2)


@given(
    days=st.sampled_from(["Mon-Fri", "Sat", "Sun-Tue", "Mon, Wed, Fri"]),
    start=st.integers(0, 23),
    length=st.integers(1, 23),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]),
    moment=st.integers(0, 365 * 24),
    shut=st.integers(0, 25),
)
def test_no_window_touches_a_closed_day_or_lasts_longer_than_its_shift(
    days: str, start: int, length: int, zone: str, moment: int, shut: int
) -> None:
    from zoneinfo import ZoneInfo

    hours = f"{start:02d}:00-{(start + length) % 24:02d}:00"
    closed = date.fromordinal(TODAY.toordinal() + moment // 24 + shut)
    plant = make_plant(
        time_zone=zone,
        calendar={
            "service": [{"days": days, "hours": hours}],
            "closed": [{"first": closed.isoformat(), "last": closed.isoformat()}],
        },
    )
    now = NOW + moment * HOUR
    for slot in slots(plant, now, horizon_days=20):
        begin = datetime.fromtimestamp(slot.begins / 1e6, UTC).astimezone(ZoneInfo(zone))
        end = datetime.fromtimestamp(slot.begins / 1e6 + slot.hours * 3600 - 1, UTC).astimezone(ZoneInfo(zone))
        assert slot.begins >= now and begin.date() == slot.day
        assert closed not in (begin.date(), end.date())
        assert 0 < slot.hours <= length + 1

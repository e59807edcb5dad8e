"""When a schedule is due: fields, time zones, and the days on which the clock changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from dsapp.core.errors import UsageError
from dsapp.pipelines.schedule.times import due_times, local_zone_name, next_time, normal_cron, upcoming, zone_of


def local_times(cron: str, zone: str, after: datetime, count: int) -> list[str]:
    found = islice(upcoming(cron, zone, after), count)
    return [time.astimezone(ZoneInfo(zone)).strftime("%m-%d %H:%M %z") for time in found]


def test_a_night_time_follows_the_clock_of_its_zone() -> None:
    winter = next_time("0 5 * * *", "Europe/Berlin", datetime(2026, 1, 10, tzinfo=UTC))
    summer = next_time("0 5 * * *", "Europe/Berlin", datetime(2026, 7, 10, tzinfo=UTC))
    assert (winter, summer) == (datetime(2026, 1, 10, 4, tzinfo=UTC), datetime(2026, 7, 10, 3, tzinfo=UTC))


@pytest.mark.parametrize(
    ("cron", "zone", "after", "expected"),
    [
        # the hour that comes twice: the first time only
        ("30 2 * * *", "Europe/Berlin", (2026, 10, 24, 12), ["10-25 02:30 +0200", "10-26 02:30 +0100"]),
        # the same, asked in the middle of it
        ("30 2 * * *", "Europe/Berlin", (2026, 10, 25, 0, 45), ["10-26 02:30 +0100", "10-27 02:30 +0100"]),
        # the hour that is left out: once, right after it
        ("30 2 * * *", "Europe/Berlin", (2026, 3, 28, 12), ["03-29 03:00 +0200", "03-30 02:30 +0200"]),
        ("0,30 2 * * *", "Europe/Berlin", (2026, 3, 28, 12), ["03-29 03:00 +0200", "03-30 02:00 +0200"]),
        # hours as they pass
        (
            "0 * * * *",
            "Europe/Berlin",
            (2026, 10, 24, 23, 30),
            ["10-25 02:00 +0200", "10-25 02:00 +0100", "10-25 03:00 +0100"],
        ),
        ("0 * * * *", "Europe/Berlin", (2026, 3, 29, 0, 30), ["03-29 03:00 +0200", "03-29 04:00 +0200"]),
        # half an hour of change, the other way round the year
        ("15 2 * * *", "Australia/Lord_Howe", (2026, 10, 3, 12), ["10-04 02:30 +1100", "10-05 02:15 +1100"]),
        ("30 1 * * *", "America/New_York", (2026, 11, 1, 4), ["11-01 01:30 -0400", "11-02 01:30 -0500"]),
    ],
)
def test_on_the_days_when_the_clock_changes(cron: str, zone: str, after: tuple[int, ...], expected: list[str]) -> None:
    assert local_times(cron, zone, datetime(*after, tzinfo=UTC), len(expected)) == expected  # type: ignore[misc]


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo"])
@pytest.mark.parametrize("minute", [0, 15, 59])
@pytest.mark.parametrize("hour", [0, 1, 2, 3])
def test_a_fixed_time_runs_once_each_day_of_years(zone: str, hour: int, minute: int) -> None:
    begin = datetime(2024, 1, 1, tzinfo=ZoneInfo(zone)).astimezone(UTC) - timedelta(seconds=1)
    days = [
        time.astimezone(ZoneInfo(zone)).date() for time in islice(upcoming(f"{minute} {hour} * * *", zone, begin), 800)
    ]
    assert len(set(days)) == 800
    assert (days[-1] - days[0]).days == 799


@pytest.mark.parametrize(("day", "count"), [((2026, 3, 29), 23), ((2026, 10, 25), 25), ((2026, 6, 1), 24)])
def test_hours_are_run_as_they_pass(day: tuple[int, int, int], count: int) -> None:
    midnight = datetime(*day, tzinfo=ZoneInfo("Europe/Berlin"))
    times = islice(upcoming("0 * * * *", "Europe/Berlin", midnight - timedelta(seconds=1)), 30)
    assert sum(time.astimezone(ZoneInfo("Europe/Berlin")).date() == midnight.date() for time in times) == count


def test_day_of_month_and_day_of_week_are_alternatives() -> None:
    """The rule of every cron since Vixie's: 13th or Friday, not Friday the 13th; but a star makes both necessary."""
    either = [time.day for time in islice(upcoming("0 0 13 * FRI", "UTC", datetime(2026, 2, 1, tzinfo=UTC)), 5)]
    assert either == [6, 13, 20, 27, 6]
    both = [time.day for time in islice(upcoming("0 0 */2 * FRI", "UTC", datetime(2026, 2, 1, tzinfo=UTC)), 2)]
    assert both == [13, 27]


@pytest.mark.parametrize(
    ("cron", "words"),
    [
        ("0 5 * *", "4 fields"),
        ("0 0 5 * * *", "6 fields"),
        ("61 * * * *", "'61' is no minute"),
        ("0 24 * * *", "'24' is no hour"),
        ("0 5 0 * *", "'0' is no day of month"),
        ("0 5 * 13 *", "'13' is no month"),
        ("0 5 * * 9", "'9' is no day of week"),
        ("0 5 * * fr", "'fr' is no day of week"),
        ("0 0 30 2 *", "never comes"),
        ("*/0 * * * *", "'*/0' is no minute"),
        ("5-1 * * * *", "'5-1' is no minute"),
        ("@reboot", "1 fields"),
        ("\u0663 5 * * *", "is no cron expression"),
        ("1," * 400 + "1 * * * *", "is no cron expression"),
        ("", "0 fields"),
    ],
)
def test_a_wrong_expression_is_told_with_its_field(cron: str, words: str) -> None:
    with pytest.raises(UsageError, match=r"--cron") as told:
        normal_cron(cron)
    assert words in str(told.value)


def test_names_and_aliases() -> None:
    assert normal_cron("@daily") == "0 0 * * *"
    assert normal_cron(" 0  5 * jan  mon-fri ") == "0 5 * JAN MON-FRI"


def test_an_unknown_zone_is_told_with_a_near_one() -> None:
    with pytest.raises(UsageError, match="did you mean Europe/Berlin"):
        zone_of("europe/berlin")
    for wrong in ("CET+1", "../../etc/passwd", "", "/etc/localtime", "a" * 5000):
        with pytest.raises(UsageError, match="is no time zone"):
            zone_of(wrong)
    assert zone_of(local_zone_name())


FIELD = st.sampled_from(["*", "*/7", "0", "30", "5,35", "10-20/3"])
HOUR = st.sampled_from(["*", "*/5", "0", "2", "1-3", "23"])
DAY = st.sampled_from(["*", "1", "15,29", "L"])
WEEK = st.sampled_from(["*", "0", "1-5", "7", "SUN#1"])
ZONE = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"])
MOMENT = st.datetimes(datetime(2024, 1, 1), datetime(2027, 1, 1)).map(lambda moment: moment.replace(tzinfo=UTC))


@given(FIELD, HOUR, DAY, WEEK, ZONE, MOMENT, st.integers(1, 30), st.floats(0, 4))
@hypothesis_settings(max_examples=60, deadline=None)
def test_due_times_are_the_last_of_all_times(
    minute: str, hour: str, day: str, week: str, zone: str, after: datetime, limit: int, days: float
) -> None:
    cron, until = f"{minute} {hour} {day} * {week}", after + timedelta(days=days)
    every = []
    for time in upcoming(cron, zone, after):
        if time > until:
            break
        every.append(time)
    assert every == sorted(set(every))
    assert all(time > after for time in every)
    due = due_times(cron, zone, after, until, limit)
    assert list(due.times) == every[-limit:]
    assert due.more or len(every) <= limit


def test_years_of_down_time_cost_no_count_of_every_minute() -> None:
    due = due_times("* * * * *", "UTC", datetime(1990, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC), 1000)
    assert (len(due.times), due.more, due.times[-1]) == (1000, True, datetime(2026, 1, 1, tzinfo=UTC))

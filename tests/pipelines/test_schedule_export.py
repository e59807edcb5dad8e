"""Schedules for other schedulers: read by systemd's own program, and by a cron parser that is not ours."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from croniter import croniter
from schedule_parts import settings

from dsapp.core.errors import UsageError
from dsapp.pipelines.schedule import crontab, systemd
from dsapp.pipelines.schedule.times import normal_cron, upcoming
from dsapp.pipelines.schedule.types import CatchUp

NOW = datetime(2026, 1, 10, tzinfo=UTC)
needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None,
    reason="systemd-analyze is not installed; on Debian or Ubuntu: apt-get install systemd",
)
CRONS = [
    "0 5 * * *",
    "*/15 6-20 * * 1-5",
    "30 4 1,15 * *",
    "30 4 13 * FRI",
    "0 3 */2 * MON",
    "10 5 L * *",
    "10 5 1,L 2,8 *",
    "0 6 * * MON#1",
    "0 6 * * FRI#5",
    "0 6 * * 5L",
    "0 6 * * 0,7,SAT",
    "5/20 4 * JAN-MAR *",
    "0 0 29 2 *",
    "0 6 */3 * *",
    "0 6 5 * */2",
    "59 23 31 12 *",
]


def systemd_times(entries: list[str], after: datetime, count: int) -> list[datetime]:
    """The times by systemd itself."""
    found: set[datetime] = set()
    for entry in entries:
        done = subprocess.run(
            [
                "systemd-analyze",
                "calendar",
                f"--base-time={after:%Y-%m-%d %H:%M:%S} UTC",
                f"--iterations={count}",
                entry,
            ],
            capture_output=True,
            text=True,
            check=True,
            env={"TZ": "UTC", "PATH": "/usr/bin:/bin", "LC_ALL": "C"},
        )
        for text in re.findall(r"(?:Next elapse|Iter\. #\d+|\(in UTC\)): (?:\w{3} )?([\d-]+ [\d:]+) UTC", done.stdout):
            found.add(datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC))
    return sorted(found)[:count]


@needs_systemd
@pytest.mark.parametrize("cron", CRONS)
@pytest.mark.parametrize("zone", ["Europe/Berlin", "UTC"])
def test_systemd_counts_the_same_times(cron: str, zone: str) -> None:
    normal = normal_cron(cron)
    entries = systemd.calendar_of(normal, zone, NOW)
    assert systemd_times(entries, NOW, 12) == list(islice(upcoming(normal, zone, NOW), 12))


@needs_systemd
@pytest.mark.parametrize("change", [datetime(2026, 3, 27, tzinfo=UTC), datetime(2026, 10, 23, tzinfo=UTC)])
@pytest.mark.parametrize("cron", ["0 * * * *", "*/30 * * * *", "0 */6 * * *", "30 1 * * *", "0 0-5 * * *"])
def test_over_a_change_of_clocks_too(cron: str, change: datetime) -> None:
    entries = systemd.calendar_of(cron, "Europe/Berlin", NOW)
    assert systemd_times(entries, change, 150) == list(islice(upcoming(cron, "Europe/Berlin", change), 150))


@pytest.mark.parametrize("cron", ["30 2 * * *", "0 */2 * * *", "*/10 2 * * *", "15 0-5 * * *"])
def test_what_systemd_would_run_otherwise_is_refused_with_the_day(cron: str) -> None:
    with pytest.raises(UsageError, match=r"exactly: at 20\d\d-\d\d-\d\d \d\d:\d\d CES?T (cron|systemd) runs"):
        systemd.calendar_of(cron, "Europe/Berlin", NOW)
    assert systemd.calendar_of(cron, "UTC", NOW)


def test_hours_are_written_in_utc_where_that_is_the_same() -> None:
    assert systemd.calendar_of("0 * * * *", "Europe/Berlin", NOW) == ["*-*-* *:00:00 UTC"]
    with pytest.raises(UsageError):
        systemd.calendar_of("30 * * * *", "Australia/Lord_Howe", NOW)


@pytest.mark.parametrize("cron", ["0 5 LW * *", "0 5 */2 * MON#1"])
def test_what_systemd_cannot_say_is_refused(cron: str) -> None:
    with pytest.raises(UsageError, match="systemd cannot name"):
        systemd.calendar_of(cron, "UTC", NOW)


ODD = ("finance", "review", "100 % of $HOME", 'a "b" \\c', "it's", "--us", "Acme; touch /tmp/x", "ä€", "")


@needs_systemd
def test_units_pass_systemds_own_check(tmp_path: Path) -> None:
    said = settings(tmp_path, cron="0 5 * * *", time_zone="Europe/Berlin", command=ODD, deadline_seconds=5400.0)
    files = systemd.units(said, NOW)
    assert sorted(files) == ["dsapp-nightly.service", "dsapp-nightly.timer"]
    assert systemd.verify(files)
    service, timer = files["dsapp-nightly.service"], files["dsapp-nightly.timer"]
    assert "TimeoutStartSec=5400s" in service
    assert "SuccessExitStatus=3" in service
    assert f"WorkingDirectory={tmp_path}" in service
    assert "OnCalendar=*-*-* 05:00:00 Europe/Berlin" in timer
    assert "Persistent=true" in timer
    skipping = systemd.units(settings(tmp_path, catch_up=CatchUp.skip), NOW)
    assert "Persistent=false" in skipping["dsapp-nightly.timer"]


@needs_systemd
def test_the_check_notices_a_broken_unit(tmp_path: Path) -> None:
    files = systemd.units(settings(tmp_path), NOW)
    broken = {name: content.replace("OnCalendar=", "OnCalendar=each ") for name, content in files.items()}
    with pytest.raises(Exception, match="systemd-analyze refuses"):
        systemd.verify(broken)


@pytest.mark.parametrize("cron", [cron for cron in CRONS if not re.search(r"L|#", cron)])
@pytest.mark.parametrize("zone", ["Europe/Berlin", "UTC"])
def test_a_cron_parser_counts_the_same_times(tmp_path: Path, cron: str, zone: str) -> None:
    text = crontab.lines(settings(tmp_path, cron=normal_cron(cron), time_zone=zone))
    assert f"CRON_TZ={zone}\n" in text
    fields = " ".join(text.splitlines()[-1].split(" ")[:5])
    assert re.fullmatch(r"[\d*/, ]+", fields)
    # the rule for star and weekday is Vixie's: croniter has it as an option
    theirs = croniter(fields, NOW.astimezone(ZoneInfo(zone)), implement_cron_bug=True)
    expected = [time.astimezone(UTC) for time in islice(theirs.all_next(datetime), 15)]
    assert list(islice(upcoming(normal_cron(cron), zone, NOW), 15)) == expected


def test_the_line_of_a_crontab_starts_the_very_command(tmp_path: Path) -> None:
    folder = tmp_path / "50 % 'off'"
    folder.mkdir()
    program = tmp_path / "words.py"
    program.write_text("import json, os, sys; print(json.dumps([os.getcwd(), *sys.argv[1:]]))")
    said = settings(tmp_path, folder=str(folder), command=ODD, deadline_seconds=60)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(crontab, "PROGRAM", (sys.executable, str(program)))
        line = crontab.lines(said).splitlines()[-1].split(" ", 5)[5]
    assert re.search(r"(?<!\\)%", line) is None
    # what cron does: an escaped % becomes one, and sh runs the rest
    done = subprocess.run(["/bin/sh", "-c", line.replace("\\%", "%")], capture_output=True, text=True, check=True)
    import json

    assert json.loads(done.stdout) == [str(folder), *ODD]


@pytest.mark.parametrize("cron", ["0 5 L * *", "0 5 * * MON#1", "0 5 * * 5L", "0 5 */2,3 * *"])
def test_what_cron_cannot_say_is_refused(tmp_path: Path, cron: str) -> None:
    with pytest.raises(UsageError, match="cron"):
        crontab.lines(settings(tmp_path, cron=normal_cron(cron)))


@pytest.mark.parametrize("word", ["a\nb", "\x1b[2J"])
def test_control_characters_go_into_no_unit_and_no_crontab(tmp_path: Path, word: str) -> None:
    said = settings(tmp_path, command=("finance", word))
    with pytest.raises(UsageError, match="control character"):
        systemd.units(said, NOW)
    with pytest.raises(UsageError, match="control character"):
        crontab.lines(said)


def test_what_is_not_carried_over_is_said(tmp_path: Path) -> None:
    said = settings(tmp_path, retries=2, notify=("mailto:a@b.example",), catch_up=CatchUp.all)
    notes = systemd.not_carried(said)
    assert [
        words for words in ("retries", "notifications", "missed times") if any(words in note for note in notes)
    ] == [
        "retries",
        "notifications",
        "missed times",
    ]
    text = crontab.lines(said)
    assert all(f"# {note}\n" in text for note in crontab.not_carried(said))
    assert shlex.split(text.splitlines()[-1].split(" ", 5)[5])[-3:] == list(said.command)

"""A scheduler at work: fast nights, warnings, deadlines, retries, logs, stopping, and what harms none of it."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from schedule_parts import NIGHT, Serving, book, ended, eventually, lives, settings, stores

from dsapp.core.errors import RunError
from dsapp.pipelines.schedule.claims import Claims
from dsapp.pipelines.schedule.clock import FastClock, SystemClock
from dsapp.pipelines.schedule.log import BoundedLog, forget_old
from dsapp.pipelines.schedule.scheduler import Scheduler
from dsapp.pipelines.schedule.store import Store
from dsapp.pipelines.schedule.types import CatchUp, State


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    yield from stores(tmp_path, str(tmp_path / "store.db"))


def test_three_nights_run_once_each_by_a_fast_clock(store: Store, tmp_path: Path) -> None:
    store.add(settings(tmp_path, cron="0 5 * * *", catch_up=CatchUp.all), NIGHT)
    with Serving(store, tmp_path, clock=FastClock(NIGHT, 86_400)):
        eventually(lambda: len(ended(store)) >= 3)
    runs = ended(store)
    days = [run.planned.strftime("%d %H:%M") for run in runs]
    assert days[:3] == ["10 05:00", "11 05:00", "12 05:00"]
    noted = book(tmp_path)
    assert len(noted) == len(set(noted)) == len(runs)
    assert noted == [(run.attempts[0].fence, run.planned.isoformat()) for run in runs]
    fences = [fence for fence, _ in noted]
    assert fences == sorted(set(fences))


def test_exit_code_three_is_a_warning_and_no_failure(store: Store, tmp_path: Path) -> None:
    store.add(settings(tmp_path, command=(str(tmp_path / "book"), "0", "3"), retries=3), NIGHT)
    with Serving(store, tmp_path, clock=FastClock(NIGHT, 60)):
        (run, *_) = eventually(lambda: ended(store))
    assert (run.state, run.attempts[0].exit_code, len(run.attempts)) == (State.warning, 3, 1)


def test_a_failing_command_is_tried_again_and_then_failed(store: Store, tmp_path: Path) -> None:
    store.add(
        settings(tmp_path, cron="0 5 * * *", command=(str(tmp_path / "book"), "0", "1"), retries=2, retry_seconds=30),
        NIGHT,
    )
    with Serving(store, tmp_path, clock=FastClock(NIGHT, 120)):
        (run,) = eventually(lambda: ended(store, State.failed))
    assert run.reason == "exit code 1"
    assert [attempt.state for attempt in run.attempts] == [State.failed] * 3
    waits = [
        (after.started - before.ended).total_seconds()
        for before, after in zip(run.attempts, run.attempts[1:], strict=False)
    ]  # type: ignore[operator]
    assert waits[0] >= 29
    assert waits[1] >= 59


def test_a_deadline_kills_the_command_with_all_that_it_started(store: Store, tmp_path: Path) -> None:
    child = f"import os, time; open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid())); time.sleep(600)"
    stubborn = (
        f"import signal, subprocess, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('stubborn', flush=True);"
        f"subprocess.Popen([sys.executable, '-c', {child!r}]); time.sleep(600)"
    )
    store.add(settings(tmp_path, cron="0 5 * * *", command=("-c", stubborn), deadline_seconds=1.5), NIGHT)
    serving = Serving(store, tmp_path, clock=FastClock(NIGHT, 60))
    serving.scheduler.program = (sys.executable,)
    began = time.monotonic()
    with serving, pytest.MonkeyPatch.context() as patched:
        patched.setattr("dsapp.pipelines.schedule.command.END_SECONDS", 1.0)
        (run,) = eventually(lambda: ended(store, State.failed))
    assert time.monotonic() - began < 60
    assert run.reason == "killed at its deadline of 1.5 s"
    assert not lives(int((tmp_path / "pid").read_text()))
    assert "stubborn" in Path(run.attempts[0].log).read_text()


def test_what_a_command_left_running_ends_with_it(store: Store, tmp_path: Path) -> None:
    child = f"import os, time; open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid())); time.sleep(600)"
    parent = (
        f"import os, subprocess, sys, time; subprocess.Popen([sys.executable, '-c', {child!r}])\n"
        f"while not os.path.exists({str(tmp_path / 'pid')!r}): time.sleep(0.05)"
    )
    store.add(settings(tmp_path, cron="0 5 * * *", command=("-c", parent)), NIGHT)
    serving = Serving(store, tmp_path, clock=FastClock(NIGHT, 60))
    serving.scheduler.program = (sys.executable,)
    with serving:
        eventually(lambda: ended(store))
    eventually(lambda: not lives(int((tmp_path / "pid").read_text())))


def test_a_long_run_is_not_overlapped_and_passes_over_what_it_missed(store: Store, tmp_path: Path) -> None:
    store.add(settings(tmp_path, command=(str(tmp_path / "book"), "1.5", "0")), NIGHT)
    with Serving(store, tmp_path, clock=FastClock(NIGHT, 120)):
        eventually(lambda: len(book(tmp_path)) >= 2)
    lines = (tmp_path / "book").read_text().split("\n")
    words = [line.split()[0] for line in lines if line]
    assert words == ["begin", "end"] * (len(words) // 2)
    assert ended(store, State.skipped)


def test_different_schedules_run_at_the_same_time_within_the_bound(store: Store, tmp_path: Path) -> None:
    for number in range(3):
        command = (str(tmp_path / "book"), "1", "0")
        store.add(settings(tmp_path, name=f"s{number}", cron="0 5 * * *", command=command), NIGHT)
    with Serving(store, tmp_path, clock=FastClock(NIGHT, 60), parallel=2):
        eventually(lambda: len(ended(store)) == 3)
    words = [line.split()[0] for line in (tmp_path / "book").read_text().splitlines()]
    depths = [words[: count + 1].count("begin") - words[: count + 1].count("end") for count in range(len(words))]
    assert max(depths) == 2


def test_stopping_lets_the_command_end(store: Store, tmp_path: Path) -> None:
    store.add(settings(tmp_path, cron="0 5 * * *", command=(str(tmp_path / "book"), "2", "0")), NIGHT)
    with Serving(store, tmp_path, clock=FastClock(NIGHT, 60)):
        eventually(lambda: book(tmp_path, "begin"))
    (run,) = store.history()
    assert (run.state, run.attempts[0].exit_code) == (State.done, 0)
    assert len(book(tmp_path)) == 1


def test_a_command_that_is_not_done_when_stopped_goes_on_at_the_next_start(store: Store, tmp_path: Path) -> None:
    slow = settings(tmp_path, cron="0 5 * * *", command=(str(tmp_path / "book"), "600", "0"))
    store.add(slow, NIGHT)
    with Serving(store, tmp_path, clock=FastClock(NIGHT, 60), stop_seconds=0.2):
        eventually(lambda: book(tmp_path, "begin"))
    (run,) = store.history()
    assert (run.state, run.reason) == (State.waiting, "its scheduler was stopped")
    (tmp_path / "book").unlink()
    with Serving(store, tmp_path, clock=FastClock(NIGHT + timedelta(minutes=2), 60), stop_seconds=0.2):
        eventually(lambda: book(tmp_path, "begin"))
    (run,) = store.history()
    assert [attempt.state for attempt in run.attempts] == [State.interrupted] * 2


def test_pausing_stops_what_comes_and_not_what_runs(store: Store, tmp_path: Path) -> None:
    store.add(settings(tmp_path, command=(str(tmp_path / "book"), "1", "0")), NIGHT)
    with Serving(store, tmp_path, clock=FastClock(NIGHT, 60)):
        eventually(lambda: book(tmp_path, "begin"))
        store.pause("nightly")
        eventually(lambda: ended(store))
        count = len(book(tmp_path, "begin"))
        time.sleep(2.5)
        assert len(book(tmp_path, "begin")) == count


def test_a_schedule_added_while_it_serves_is_seen(store: Store, tmp_path: Path) -> None:
    clock = FastClock(NIGHT, 60)
    with Serving(store, tmp_path, clock=clock):
        time.sleep(0.5)
        store.add(settings(tmp_path), clock.now())
        eventually(lambda: ended(store))


def test_a_folder_that_is_gone_is_a_failure_with_its_name(store: Store, tmp_path: Path) -> None:
    store.add(settings(tmp_path, cron="0 5 * * *", folder=str(tmp_path / "gone")), NIGHT)
    with Serving(store, tmp_path, clock=FastClock(NIGHT, 60)):
        (run,) = eventually(lambda: ended(store, State.failed))
    assert run.attempts[0].exit_code == 126
    assert str(tmp_path / "gone") in Path(run.attempts[0].log).read_text()


def test_logs_that_cannot_be_written_harm_no_run(store: Store, tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("a file where the folder should be")
    store.add(settings(tmp_path, cron="0 5 * * *"), NIGHT)
    with Serving(store, tmp_path, clock=FastClock(NIGHT, 60)) as serving:
        (run,) = eventually(lambda: ended(store))
    assert run.state is State.done
    assert "is not whole" in run.reason
    assert any("is not whole" in line for line in serving.lines)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_ends_the_log_and_nothing_else() -> None:
    log = BoundedLog(Path("/dev/full"))
    log.add(b"something")
    log.add(b"more")
    log.close()
    assert "No space left" in log.trouble


def test_a_log_keeps_its_beginning_and_its_end(tmp_path: Path) -> None:
    log = BoundedLog(tmp_path / "a" / "x.log", head_bytes=100, tail_bytes=100)
    for number in range(1000):
        log.add(b"line %03d\n" % number)
    log.close()
    content = (tmp_path / "a" / "x.log").read_text()
    assert content.startswith("line 000\n")
    assert content.endswith("line 999\n")
    assert "bytes left out" in content
    assert len(content) < 300
    assert (tmp_path / "a" / "x.log").stat().st_mode & 0o077 == 0


def test_a_short_log_is_whole(tmp_path: Path) -> None:
    log = BoundedLog(tmp_path / "x.log", head_bytes=4, tail_bytes=100)
    log.add(b"abcdefgh")
    log.close()
    assert (tmp_path / "x.log").read_text() == "abcdefgh"


def test_old_logs_are_forgotten(tmp_path: Path) -> None:
    for number in range(5):
        (tmp_path / f"{number}.log").write_text("")
        os.utime(tmp_path / f"{number}.log", (number, number))
    forget_old(tmp_path, keep=2)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["3.log", "4.log"]


def test_secrets_of_the_scheduler_do_not_reach_the_command(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DSAPP_SMTP_PASSWORD", "geheim")
    monkeypatch.setenv("DSAPP_SCHEDULES_PASSWORD", "geheim")
    monkeypatch.setenv("PLANT_PASSWORD", "needed")
    store.add(settings(tmp_path, cron="0 5 * * *", command=("-c", "import os; print(dict(os.environ))")), NIGHT)
    serving = Serving(store, tmp_path, clock=FastClock(NIGHT, 60))
    serving.scheduler.program = (sys.executable,)
    with serving:
        (run,) = eventually(lambda: ended(store))
    log = Path(run.attempts[0].log).read_text()
    assert "geheim" not in log
    assert "needed" in log
    assert "'DSAPP_SCHEDULE': 'nightly'" in log
    assert f"'DSAPP_FENCE': '{run.attempts[0].fence}'" in log


def test_a_wrong_clock_begins_nothing(store: Store, tmp_path: Path) -> None:
    class Wrong(SystemClock):
        def now(self):
            return super().now() + timedelta(hours=3)

    store.add(settings(tmp_path), NIGHT)
    with Serving(store, tmp_path, clock=Wrong()) as serving:
        eventually(lambda: any("clock differs" in line for line in serving.lines))
        time.sleep(0.5)
    assert store.history() == []


def test_a_lease_that_cannot_be_renewed_kills_the_command(store: Store, tmp_path: Path) -> None:
    """The store goes away in mid-run: before another scheduler may take over, the command is dead."""

    class CutOff(Claims):
        def renew(self, claim):
            raise RunError("the network is gone")

    store.add(settings(tmp_path, cron="0 5 * * *", command=(str(tmp_path / "book"), "600", "0")), NIGHT)
    claims = CutOff(store, lease_seconds=2.0)
    claim = claims.claim("nightly", NIGHT + timedelta(minutes=1))
    assert claim is not None
    toy = Serving(store, tmp_path).scheduler.program
    lines: list[str] = []
    scheduler = Scheduler(store, tmp_path / "logs", claims=claims, program=toy, report=lines.append)
    began = time.monotonic()
    assert scheduler.run_claim(claim, threading.Event()) is None
    assert time.monotonic() - began < 2.0 + 1.0
    pid = int((tmp_path / "book").read_text().split()[3])
    assert not lives(pid)
    assert any("killed" in line for line in lines)

"""``kill -9`` of schedulers, two schedulers on one store, a server that goes away: caught up, and never doubled."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from schedule_parts import NIGHT, Serving, book, ended, eventually, lives, settings, start_program, stores

from dsapp.pipelines.schedule.clock import FastClock
from dsapp.pipelines.schedule.store import Store
from dsapp.pipelines.schedule.types import CatchUp, State

pytestmark = pytest.mark.skipif(os.name != "posix", reason="kills processes by signals")


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "sqlite":
        return str(tmp_path / "store.db")
    server = request.getfixturevalue("postgres")
    monkeypatch.setenv("DSAPP_SCHEDULES_PASSWORD", server.password)
    return server.new_database()


@pytest.fixture
def store(address: str, tmp_path: Path) -> Iterator[Store]:
    yield from stores(tmp_path, address)


def check_once(store: Store, folder: Path) -> list[datetime]:
    """Every planned time has one run, no completed work stands twice in the book; returns the times that were done."""
    runs = store.history(limit=1000)
    assert len({run.planned for run in runs}) == len(runs)
    done = ended(store)
    by_time = Counter(planned for _, planned in book(folder))
    assert set(by_time.values()) == {1}
    assert set(by_time) == {run.planned.isoformat() for run in done}
    recorded = {(run.attempts[-1].fence, run.planned.isoformat()) for run in done}
    assert set(book(folder)) == recorded
    return [run.planned for run in done]


def test_killed_in_mid_run_it_is_caught_up_and_not_doubled(store: Store, address: str, tmp_path: Path) -> None:
    command = (str(tmp_path / "book"), "0.8", "0")
    store.add(settings(tmp_path, cron="*/2 * * * *", command=command, catch_up=CatchUp.all), NIGHT)
    first = start_program(address, tmp_path, lease=1.5)
    eventually(lambda: book(tmp_path, "begin"))
    command_pid = int((tmp_path / "book").read_text().split()[3])
    first.kill()
    first.wait()
    eventually(lambda: not lives(command_pid), 10)
    assert book(tmp_path) == []
    (run,) = store.history()
    assert run.state is State.running

    second = start_program(address, tmp_path, start=NIGHT + timedelta(minutes=5), lease=10, speed=120)
    eventually(lambda: len(ended(store)) >= 3)
    second.terminate()
    assert second.wait(60) == 0
    done = check_once(store, tmp_path)
    assert done[:3] == [datetime(2026, 1, 10, 5, minute, tzinfo=UTC) for minute in (0, 2, 4)]
    (taken_over,) = [run for run in ended(store) if run.planned == done[0]]
    assert [attempt.state for attempt in taken_over.attempts] == [State.lost, State.done]
    assert taken_over.attempts[1].fence > taken_over.attempts[0].fence


def test_two_schedulers_on_one_store_run_each_time_once(store: Store, address: str, tmp_path: Path) -> None:
    command = (str(tmp_path / "book"), "0.1", "0")
    store.add(settings(tmp_path, command=command, catch_up=CatchUp.all), NIGHT)
    both = [start_program(address, tmp_path, speed=120, lease=10, log=name) for name in ("one", "two")]
    eventually(lambda: len(ended(store)) >= 6)
    for one in both:
        one.terminate()
    assert [one.wait(60) for one in both] == [0, 0]
    done = check_once(store, tmp_path)
    assert done == [NIGHT.replace(minute=0, second=0, hour=5) + timedelta(minutes=count) for count in range(len(done))]
    assert all(len(run.attempts) == 1 for run in ended(store))


def test_one_of_two_is_killed_and_the_other_goes_on(store: Store, address: str, tmp_path: Path) -> None:
    command = (str(tmp_path / "book"), "0.3", "0")
    store.add(settings(tmp_path, command=command, catch_up=CatchUp.all), NIGHT)
    both = [start_program(address, tmp_path, lease=1.5, speed=90, log=name) for name in ("one", "two")]
    eventually(lambda: len(ended(store)) >= 2)
    holder = eventually(lambda: store.get("nightly").holder)
    victim = next((one for one in both if f"process {one.pid} " in holder), both[0])
    victim.kill()
    victim.wait()
    count = len(ended(store))
    eventually(lambda: len(ended(store)) >= count + 3)
    other = next(one for one in both if one is not victim)
    other.terminate()
    assert other.wait(60) == 0
    done = check_once(store, tmp_path)
    assert done == [done[0] + timedelta(minutes=count) for count in range(len(done))]


def test_a_scheduler_that_froze_does_not_record_what_another_took_over(
    store: Store, address: str, tmp_path: Path
) -> None:
    """SIGSTOP stands for a virtual machine that was put to sleep with its command."""
    command = (str(tmp_path / "book"), "1", "0")
    store.add(settings(tmp_path, cron="0 5 * * *", command=command), NIGHT)
    frozen = start_program(address, tmp_path, lease=1.5)
    eventually(lambda: book(tmp_path, "begin"))
    pid = int((tmp_path / "book").read_text().split()[3])
    os.kill(pid, signal.SIGSTOP)
    frozen.send_signal(signal.SIGSTOP)
    try:
        other = start_program(address, tmp_path, lease=10, log="other")
        eventually(lambda: ended(store))
    finally:
        frozen.send_signal(signal.SIGCONT)
    eventually(
        lambda: (
            "lease was lost" in (tmp_path / "out").read_text()
            or "could not be renewed" in (tmp_path / "out").read_text()
        )
    )
    for one in (frozen, other):
        one.terminate()
        assert one.wait(60) == 0
    assert not lives(pid)
    (run,) = store.history()
    assert [attempt.state for attempt in run.attempts] == [State.lost, State.done]
    check_once(store, tmp_path)


def test_a_server_that_goes_away_and_comes_back_loses_nothing(
    postgres: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DSAPP_SCHEDULES_PASSWORD", postgres.password)
    (store,) = stores_open(postgres.new_database())
    command = (str(tmp_path / "book"), "1.5", "0")
    store.add(settings(tmp_path, command=command, catch_up=CatchUp.all), NIGHT)
    with Serving(store, tmp_path, clock=FastClock(NIGHT, 20), lease_seconds=30.0) as serving:
        eventually(lambda: book(tmp_path, "begin"))
        postgres.stop()
        eventually(lambda: any("is not recorded yet" in line for line in serving.lines))
        assert len(book(tmp_path)) == 1
        postgres.start()
        eventually(lambda: len(ended(store)) >= 3)
    check_once(store, tmp_path)
    assert all(len(run.attempts) == 1 for run in ended(store))
    store.database.close()


def stores_open(address: str) -> list[Store]:
    from dsapp.pipelines.schedule.database import Database

    return [Store(Database(address))]


def test_sigterm_lets_the_running_command_end(tmp_path: Path) -> None:
    (store,) = stores_open(str(tmp_path / "store.db"))
    store.add(settings(tmp_path, cron="0 5 * * *", command=(str(tmp_path / "book"), "2", "0")), NIGHT)
    program = start_program(str(tmp_path / "store.db"), tmp_path)
    eventually(lambda: book(tmp_path, "begin"))
    program.terminate()
    began = time.monotonic()
    assert program.wait(60) == 0
    assert time.monotonic() - began < 30
    assert [run.state for run in store.history()] == [State.done]
    store.database.close()


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads /proc; other systems have no death signal")
def test_a_command_does_not_outlive_its_guard_either(tmp_path: Path) -> None:
    (store,) = stores_open(str(tmp_path / "store.db"))
    store.add(settings(tmp_path, cron="0 5 * * *", command=(str(tmp_path / "book"), "600", "0")), NIGHT)
    with Serving(store, tmp_path, clock=FastClock(NIGHT, 60)):
        eventually(lambda: book(tmp_path, "begin"))
        pid = int((tmp_path / "book").read_text().split()[3])
        guard = int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])
        os.kill(guard, signal.SIGKILL)
        (run,) = eventually(lambda: ended(store, State.failed))
    assert run.reason == "ended by signal 9"
    eventually(lambda: not lives(pid), 10)
    store.database.close()

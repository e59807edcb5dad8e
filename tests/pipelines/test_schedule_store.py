"""The store and its claims, on SQLite and on a real PostgreSQL: once each, never two at a time, tokens, retries."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from schedule_parts import NIGHT, settings, stores

from dsapp.core.errors import RunBusyError, RunError, UsageError
from dsapp.pipelines.schedule.claims import LOSSES_ALLOWED, MAX_CAUGHT_UP, Claims
from dsapp.pipelines.schedule.database import Database, check_address, default_address, shown_address
from dsapp.pipelines.schedule.store import Store
from dsapp.pipelines.schedule.types import CatchUp, Ending, State

DONE = Ending(State.done, 0)
FAILED = Ending(State.failed, 1, "exit code 1")
MINUTE = timedelta(minutes=1)


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "sqlite":
        return str(tmp_path / "store.db")
    server = request.getfixturevalue("postgres")
    monkeypatch.setenv("DSAPP_SCHEDULES_PASSWORD", server.password)
    return server.new_database()


@pytest.fixture
def store(address: str) -> Iterator[Store]:
    yield from stores(Path(), address)


def claims_of(store: Store, **options: Any) -> Claims:
    return Claims(store, **{"lease_seconds": 30.0, "jitter": lambda: 0.5, **options})


def test_schedules_are_kept_as_they_were_said(store: Store, address: str, tmp_path: Path) -> None:
    said = settings(tmp_path, retries=2, notify=("mailto:a@b.example",), catch_up=CatchUp.all, name="a")
    store.add(said, NIGHT)
    store.add(settings(tmp_path, name="b"), NIGHT)
    second = Store(Database(address))
    assert [one.settings.name for one in second.list()] == ["a", "b"]
    assert second.get("a").settings == said
    second.pause("a")
    assert store.get("a").paused
    second.remove("a")
    second.database.close()
    with pytest.raises(UsageError, match="there is no schedule 'a'"):
        store.get("a")


def test_a_name_is_given_once(store: Store, tmp_path: Path) -> None:
    store.add(settings(tmp_path), NIGHT)
    with pytest.raises(UsageError, match="there is a schedule nightly already"):
        store.add(settings(tmp_path), NIGHT)


@pytest.mark.parametrize("name", ["", "a b", "../x", "-a", "a" * 65, "a\n", "nächtlich", "a/b"])
def test_a_name_is_safe_as_a_file_name(store: Store, tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="cannot be a schedule's name"):
        store.add(settings(tmp_path, name=name), NIGHT)


def test_of_many_that_claim_at_once_one_gets_it(store: Store, address: str, tmp_path: Path) -> None:
    store.add(settings(tmp_path), NIGHT)
    others = [Claims(Store(Database(address)), lease_seconds=30) for _ in range(8)]
    gate = threading.Barrier(len(others))
    got = []

    def rush(claims: Claims) -> None:
        gate.wait()
        for _ in range(5):
            if claim := claims.claim("nightly", NIGHT + MINUTE):
                got.append(claim)

    threads = [threading.Thread(target=rush, args=(one,)) for one in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for one in others:
        one.store.database.close()
    assert len(got) == 1
    assert [run.planned for run in store.history()] == [datetime(2026, 1, 10, 5, tzinfo=UTC)]


def test_two_runs_of_a_schedule_never_overlap(store: Store, tmp_path: Path) -> None:
    store.add(settings(tmp_path, catch_up=CatchUp.all), NIGHT)
    one, two = claims_of(store), claims_of(store)
    first = one.claim("nightly", NIGHT + 3 * MINUTE)
    assert first is not None
    assert two.claim("nightly", NIGHT + 3 * MINUTE) is None
    with pytest.raises(RunBusyError, match="is running now"):
        two.claim_by_hand("nightly", NIGHT + 3 * MINUTE)
    with pytest.raises(RunBusyError, match="is running now"):
        store.remove("nightly")
    assert one.finish(first, DONE, NIGHT + 3 * MINUTE)
    second = two.claim("nightly", NIGHT + 3 * MINUTE)
    assert second is not None
    assert second.planned == first.planned + MINUTE
    assert second.fence > first.fence


def test_a_lost_lease_records_nothing(store: Store, tmp_path: Path) -> None:
    """The fencing token: the first holder froze, another took over, the first wakes up."""
    store.add(settings(tmp_path), NIGHT)
    frozen, other = claims_of(store, lease_seconds=0.3), claims_of(store)
    first = frozen.claim("nightly", NIGHT + MINUTE)
    assert first is not None
    assert frozen.renew(first)
    assert other.claim("nightly", NIGHT + MINUTE) is None
    time.sleep(0.5)
    second = other.claim("nightly", NIGHT + MINUTE)
    assert second is not None
    assert (second.planned, second.attempt) == (first.planned, 2)
    assert second.fence > first.fence
    assert not frozen.renew(first)
    assert frozen.finish(first, DONE, NIGHT + MINUTE) is None
    assert [run.state for run in store.history()] == [State.running]
    assert other.finish(second, Ending(State.warning, 3, "some"), NIGHT + MINUTE)
    (run,) = store.history()
    assert run.state is State.warning
    assert [(attempt.state, attempt.fence) for attempt in run.attempts] == [
        (State.lost, first.fence),
        (State.warning, second.fence),
    ]


def test_a_lease_that_ran_out_and_was_not_taken_can_be_renewed(store: Store, tmp_path: Path) -> None:
    store.add(settings(tmp_path), NIGHT)
    claims = claims_of(store, lease_seconds=0.1)
    claim = claims.claim("nightly", NIGHT + MINUTE)
    assert claim is not None
    time.sleep(0.2)
    assert claims.renew(claim)
    assert claims.finish(claim, DONE, NIGHT + MINUTE)


def test_a_run_that_dies_again_and_again_is_given_up(store: Store, tmp_path: Path) -> None:
    store.add(settings(tmp_path), NIGHT)
    for count in range(1, LOSSES_ALLOWED + 2):
        claim = claims_of(store, lease_seconds=0.01).claim("nightly", NIGHT + MINUTE)
        assert claim is not None
        assert claim.attempt == count
        time.sleep(0.03)
    assert claims_of(store).claim("nightly", NIGHT + MINUTE) is None
    (run,) = store.history()
    assert run.state is State.failed
    assert "given up" in run.reason
    assert claims_of(store).claim("nightly", NIGHT + 2 * MINUTE) is not None


def test_retries_wait_twice_as_long_each_time_and_end(store: Store, tmp_path: Path) -> None:
    store.add(settings(tmp_path, cron="0 5 * * *", retries=2, retry_seconds=60), NIGHT)
    claims = claims_of(store)
    now = NIGHT + MINUTE
    waits = []
    for _ in range(2):
        claim = claims.claim("nightly", now)
        assert claim is not None
        run = claims.finish(claim, FAILED, now)
        assert run is not None
        assert run.state is State.waiting
        assert run.retry_at is not None
        waits.append((run.retry_at - now).total_seconds())
        assert claims.claim("nightly", run.retry_at - timedelta(seconds=2)) is None
        now = run.retry_at
    assert waits == [60, 120]
    claim = claims.claim("nightly", now)
    assert claim is not None
    assert claim.attempt == 3
    last = claims.finish(claim, FAILED, now)
    assert last is not None
    assert (last.state, last.reason) == (State.failed, "exit code 1")
    assert claims.claim("nightly", now + timedelta(hours=1)) is None
    assert [attempt.state for attempt in store.history()[0].attempts] == [State.failed] * 3


def test_retries_of_many_schedules_do_not_come_at_once(store: Store, tmp_path: Path) -> None:
    waits = set()
    for number in range(4):
        store.add(settings(tmp_path, name=f"s{number}", retries=1, retry_seconds=1000), NIGHT)
        claims = Claims(store)
        claim = claims.claim(f"s{number}", NIGHT + MINUTE)
        assert claim is not None
        run = claims.finish(claim, FAILED, NIGHT + MINUTE)
        assert run is not None
        assert run.retry_at is not None
        waits.add((run.retry_at - NIGHT - MINUTE).total_seconds())
    assert len(waits) > 1
    assert all(750 <= wait <= 1250 for wait in waits)


def planned_minutes(store: Store, claims: Claims, now: datetime) -> list[int]:
    """Run all that is due; the minutes of what was run."""
    ran = []
    while claim := claims.claim("nightly", now):
        ran.append(claim.planned.minute)
        claims.finish(claim, DONE, now)
    return ran


@pytest.mark.parametrize(
    ("catch_up", "late", "ran", "skipped"),
    [
        (CatchUp.all, 0, [0, 1, 2, 3], []),
        (CatchUp.latest, 0, [3], [0, 1, 2]),
        (CatchUp.skip, 0, [3], [0, 1, 2]),
        (CatchUp.skip, 40, [], [0, 1, 2, 3]),
        (CatchUp.latest, 40, [3], [0, 1, 2]),
    ],
)
def test_missed_times_are_caught_up_as_configured(
    store: Store, tmp_path: Path, catch_up: CatchUp, late: int, ran: list[int], skipped: list[int]
) -> None:
    store.add(settings(tmp_path, cron="0-3 5 * * *", catch_up=catch_up), NIGHT)
    claims = claims_of(store, grace_seconds=30)
    now = datetime(2026, 1, 10, 5, 3, late, tzinfo=UTC)
    assert planned_minutes(store, claims, now) == ran
    assert planned_minutes(store, claims, now) == []
    runs = store.history()
    assert sorted(run.planned.minute for run in runs if run.state is State.skipped) == skipped
    assert all("missed" in run.reason for run in runs if run.state is State.skipped)


def test_after_a_year_of_down_time_not_every_minute_is_caught_up(store: Store, tmp_path: Path) -> None:
    store.add(settings(tmp_path, catch_up=CatchUp.all), NIGHT)
    claims = claims_of(store)
    now = NIGHT + timedelta(days=365)
    claim = claims.claim("nightly", now)
    assert claim is not None
    assert claim.planned > now - MAX_CAUGHT_UP * MINUTE
    assert [run.reason for run in store.history() if run.state is State.skipped] == [
        "missed, and the ones before: no more than 999 times are caught up"
    ]


def test_a_paused_schedule_does_not_run_and_does_not_catch_up(store: Store, tmp_path: Path) -> None:
    store.add(settings(tmp_path, catch_up=CatchUp.all), NIGHT)
    store.pause("nightly")
    claims = claims_of(store)
    assert claims.claim("nightly", NIGHT + 5 * MINUTE) is None
    store.resume("nightly", NIGHT + 5 * MINUTE)
    assert claims.claim("nightly", NIGHT + 5 * MINUTE) is None
    claim = claims.claim("nightly", NIGHT + 6 * MINUTE)
    assert claim is not None
    assert claim.planned == datetime(2026, 1, 10, 5, 5, tzinfo=UTC)


def test_by_hand_even_when_paused_and_beside_a_planned_time(store: Store, tmp_path: Path) -> None:
    store.add(settings(tmp_path), NIGHT)
    claims = claims_of(store)
    planned = claims.claim("nightly", NIGHT + MINUTE)
    assert planned is not None
    claims.finish(planned, DONE, NIGHT + MINUTE)
    store.pause("nightly")
    by_hand = claims.claim_by_hand("nightly", planned.planned)
    assert by_hand.planned == planned.planned + timedelta(seconds=1)
    run = claims.finish(by_hand, FAILED, NIGHT + MINUTE)
    assert run is not None
    assert run.state is State.failed
    assert [one.by_hand for one in store.history()] == [True, False]


def test_by_hand_makes_a_waiting_retry_now(store: Store, tmp_path: Path) -> None:
    store.add(settings(tmp_path, retries=1, retry_seconds=3000), NIGHT)
    claims = claims_of(store)
    first = claims.claim("nightly", NIGHT + MINUTE)
    assert first is not None
    claims.finish(first, FAILED, NIGHT + MINUTE)
    second = claims.claim_by_hand("nightly", NIGHT + 2 * MINUTE)
    assert (second.planned, second.attempt, second.by_hand) == (first.planned, 2, False)


def test_an_interrupted_run_goes_on_and_is_no_failure(store: Store, tmp_path: Path) -> None:
    store.add(settings(tmp_path), NIGHT)
    claims = claims_of(store)
    first = claims.claim("nightly", NIGHT + MINUTE)
    assert first is not None
    claims.finish(first, Ending(State.interrupted, 1, "its scheduler was stopped"), NIGHT + MINUTE)
    second = claims.claim("nightly", NIGHT + MINUTE)
    assert second is not None
    assert (second.planned, second.attempt) == (first.planned, 2)


def test_a_store_of_a_newer_version_is_left_alone(address: str, store: Store, tmp_path: Path) -> None:
    import sqlalchemy as sa

    with store.database.begin() as connection:
        connection.execute(sa.update(store.database.tables.meta).values(version=99))
    with pytest.raises(RunError, match="made by a newer dsapp"):
        Database(address)


def test_two_processes_may_make_the_store_at_the_same_moment(address: str) -> None:
    gate = threading.Barrier(6)
    wrong: list[BaseException] = []

    def make() -> None:
        gate.wait()
        try:
            Database(address).close()
        except BaseException as error:
            wrong.append(error)

    threads = [threading.Thread(target=make) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_what_is_no_store_is_told(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("no database, but long enough to be taken for one" * 100)
    with pytest.raises(RunError, match="file is not a database"):
        Database(str(tmp_path / "text.db"))
    with pytest.raises(UsageError, match="is a folder"):
        Database(str(tmp_path))
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match="cannot be used"):
        Database(str(tmp_path / "file" / "store.db"))
    for wrong in ("mysql://host/db", "postgresql://host", "://", "", "postgresql://host/db?sslmode=maybe"):
        with pytest.raises(UsageError):
            Database(wrong)


def test_a_database_that_does_not_answer_is_told_without_the_password() -> None:
    with pytest.raises(RunError, match=r"postgresql://me:\*\*\*@127\.0\.0\.1:9/db cannot be used") as told:
        Database("postgresql://me:geheim@127.0.0.1:9/db")
    assert "geheim" not in str(told.value)


def test_a_wrong_password_is_told(postgres: Any) -> None:
    with pytest.raises(RunError, match="password authentication failed") as told:
        Database(postgres.url, {"PGPASSWORD": "wrong-one"})
    assert "wrong-one" not in str(told.value)
    Database(postgres.url, {"PGPASSWORD": postgres.password}).close()
    Database(postgres.url_with_password, {}).close()


def test_a_password_on_the_command_line_is_refused() -> None:
    with pytest.raises(UsageError, match="DSAPP_SCHEDULES_PASSWORD") as told:
        check_address("postgresql://me:geheim@host/db")
    assert "geheim" not in str(told.value)
    check_address("postgresql://me@host/db")
    assert shown_address("postgresql://me:geheim@host/db") == "postgresql://me:***@host/db"


def test_where_the_store_is_by_default(tmp_path: Path) -> None:
    assert default_address({"DSAPP_SCHEDULES": "x.db"}) == "x.db"
    assert default_address({"XDG_DATA_HOME": "/data"}) == "/data/dsapp/schedules.db"
    assert default_address({"HOME": "/nobody"}).endswith("/.local/share/dsapp/schedules.db")


def test_others_cannot_read_a_new_sqlite_store(tmp_path: Path) -> None:
    Database(str(tmp_path / "new" / "store.db")).close()
    assert (tmp_path / "new" / "store.db").stat().st_mode & 0o077 == 0


def test_a_schedule_that_was_tampered_with_is_told(tmp_path: Path) -> None:
    store = Store(Database(str(tmp_path / "store.db")))
    store.add(settings(tmp_path), NIGHT)
    store.database.close()
    with sqlite3.connect(tmp_path / "store.db") as connection:
        connection.execute("UPDATE dsapp_schedules SET settings = ?", ('{"name": 3}',))
    connection.close()
    with pytest.raises(RunError, match="cannot read"):
        store.list()


def test_the_history_does_not_grow_for_ever(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dsapp.pipelines.schedule.claims.KEPT_RUNS", 3)
    store.add(settings(tmp_path, catch_up=CatchUp.all), NIGHT)
    assert planned_minutes(store, claims_of(store), NIGHT + 6 * MINUTE) == [0, 1, 2, 3, 4, 5]
    assert [run.planned.minute for run in store.history()] == [5, 4, 3]

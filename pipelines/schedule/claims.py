"""Who may run what: each planned time goes to one scheduler, by one transaction, under a lease and a fencing token.

A schedule's row holds the lease. Claiming is one UPDATE that succeeds only where nobody holds it, so two runs of one
schedule cannot overlap; the planned time becomes a row with a unique key in the same transaction, so no time is taken
twice. Each claim gets a token higher than every one before it in the store. A holder that lost its lease can neither
renew it nor record a result: both ask for its own token.
"""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from ...core.errors import RunBusyError
from .store import Store, schedule_of, seconds_of, time_of
from .times import due_times, next_time
from .types import CatchUp, Claim, Ending, Run, Schedule, State

if TYPE_CHECKING:
    import sqlalchemy as sa

LEASE_SECONDS = 60.0
GRACE_SECONDS = 300.0
MAX_CAUGHT_UP = 1000
MAX_SKIPPED_SHOWN = 20
LOSSES_ALLOWED = 5
MAX_RETRY_SECONDS = 3600.0
KEPT_RUNS = 1000
LOST = "its scheduler died, was cut off from the store, or froze, so its lease ran out"
UNFINISHED = (State.running.value, State.waiting.value)


@dataclass(frozen=True)
class Choice:
    """Which planned time to run of those that are due, and which to pass over with what reason."""

    run: datetime | None
    cursor: datetime
    skipped: tuple[datetime, ...] = ()
    reason: str = ""


def choose(schedule: Schedule, now: datetime, grace_seconds: float) -> Choice | None:
    """What the schedule's rule for missed times says at ``now``; None when nothing is due."""
    settings = schedule.settings
    due = due_times(settings.cron, settings.time_zone, schedule.cursor, now, MAX_CAUGHT_UP)
    if not due.times:
        return None
    older = ", and the ones before" if due.more else ""
    last = due.times[-1]
    if settings.catch_up is CatchUp.all:
        if due.more:
            reason = f"missed, and the ones before: no more than {MAX_CAUGHT_UP - 1:,} times are caught up"
            return Choice(due.times[1], due.times[1], due.times[:1], reason)
        return Choice(due.times[0], due.times[0])
    if settings.catch_up is CatchUp.latest:
        reason = f"missed{older}; the run of {last.isoformat()} stands for it"
        return Choice(last, last, due.times[:-1], reason)
    if (now - last).total_seconds() <= grace_seconds:
        return Choice(last, last, due.times[:-1], f"missed{older}: no scheduler was free within {grace_seconds:g} s")
    return Choice(None, last, due.times, f"missed{older}: no scheduler was free within {grace_seconds:g} s")


class Claims:
    """Claims runs for one scheduler, its ``holder``.

    ``grace_seconds`` is how late a run may begin where missed times are skipped. ``jitter`` gives numbers in [0, 1).
    """

    def __init__(
        self,
        store: Store,
        *,
        lease_seconds: float = LEASE_SECONDS,
        grace_seconds: float = GRACE_SECONDS,
        jitter: Callable[[], float] | None = None,
    ) -> None:
        self.store = store
        self.lease_seconds = lease_seconds
        self.grace_seconds = grace_seconds
        self.host = socket.gethostname()
        self.holder = f"process {os.getpid()} on {self.host}, {secrets.token_hex(4)}"
        self._database = store.database
        self._tables = store.database.tables
        self._jitter = jitter or (lambda: secrets.randbelow(1 << 20) / (1 << 20))

    def next_chance(self, schedule: Schedule, unfinished: Run | None, now: datetime) -> datetime | None:
        """When a claim could next succeed, as far as this snapshot tells: now or earlier means at once; None never."""
        if schedule.paused or schedule.is_held:
            return None
        if unfinished is not None:
            return now if unfinished.retry_at is None else unfinished.retry_at
        return next_time(schedule.settings.cron, schedule.settings.time_zone, schedule.cursor)

    def claim(self, name: str, now: datetime) -> Claim | None:
        """Take the schedule's due run; None when nothing is due, or somebody else has it."""
        with self._database.begin() as connection:
            schedule = self._take(connection, name, by_hand=False)
            if schedule is None:
                return None
            row = self._open_run(connection, schedule)
            claim = None
            if row is None:
                claim = self._due(connection, schedule, now)
            elif row.state == State.running.value or (row.retry_at or 0) <= now.timestamp():
                claim = self._again(connection, schedule, row, now)
            if claim is None:
                self._release(connection, schedule)
            return claim

    def claim_by_hand(self, name: str, now: datetime) -> Claim:
        """Take the schedule for a run at once: one that waits for its next attempt, else one of its own.

        Raises:
            UsageError: there is no schedule of this name.
            RunBusyError: it runs now.
        """
        self.store.get(name)
        with self._database.begin() as connection:
            schedule = self._take(connection, name, by_hand=True)
            if schedule is None:
                raise RunBusyError(f"{name} is running now; two runs of a schedule never overlap")
            row = self._open_run(connection, schedule)
            claim = self._again(connection, schedule, row, now) if row is not None else None
            if claim is not None:
                return claim
            planned = seconds_of(now)
            while self._is_planned(connection, schedule, planned):
                planned += 1
            return self._begin(connection, schedule, time_of(planned), now, by_hand=True)

    def renew(self, claim: Claim) -> bool:
        """Prolong the lease; False when it was lost, and the attempt must be ended."""
        import sqlalchemy as sa

        table = self._tables.schedules
        with self._database.begin() as connection:
            until = self._database.seconds(connection) + self.lease_seconds
            done = connection.execute(
                sa.update(table)
                .where(table.c.id == claim.schedule.id, table.c.fence == claim.fence, table.c.holder == self.holder)
                .values(lease_until=until)
            )
            return done.rowcount == 1

    def set_log(self, claim: Claim, log: str) -> None:
        """Note where the attempt's log lies."""
        import sqlalchemy as sa

        table = self._tables.attempts
        with self._database.begin() as connection:
            connection.execute(sa.update(table).where(table.c.id == claim.attempt_id).values(log=log))

    def note(self, claim: Claim, reason: str) -> None:
        """Replace the words that stand beside an ended run."""
        import sqlalchemy as sa

        table = self._tables.runs
        with self._database.begin() as connection:
            connection.execute(sa.update(table).where(table.c.id == claim.run_id).values(reason=reason))

    def finish(self, claim: Claim, ending: Ending, now: datetime) -> Run | None:
        """Record how the attempt ended and give the schedule free; None when the lease was lost and nothing is recorded.

        A failed attempt leaves the run waiting for the next one while retries are left; an interrupted one always does,
        but for a run by hand.
        """
        import sqlalchemy as sa

        schedules, runs, attempts = self._tables.schedules, self._tables.runs, self._tables.attempts
        with self._database.begin() as connection:
            freed = connection.execute(
                sa.update(schedules)
                .where(
                    schedules.c.id == claim.schedule.id,
                    schedules.c.fence == claim.fence,
                    schedules.c.holder == self.holder,
                )
                .values(holder="", lease_until=0.0)
            )
            if freed.rowcount != 1:
                return None
            connection.execute(
                sa.update(attempts)
                .where(attempts.c.id == claim.attempt_id)
                .values(
                    state=ending.state.value,
                    exit_code=ending.exit_code,
                    reason=ending.reason,
                    ended=seconds_of(now),
                )
            )
            state, retry_at = self._after(connection, claim, ending, now)
            connection.execute(
                sa.update(runs)
                .where(runs.c.id == claim.run_id)
                .values(
                    state=state.value,
                    reason=ending.reason,
                    retry_at=None if retry_at is None else seconds_of(retry_at),
                )
            )
            self._forget_old(connection, claim.schedule.id)
        return Run(
            id=claim.run_id,
            schedule=claim.schedule.settings.name,
            planned=claim.planned,
            by_hand=claim.by_hand,
            state=state,
            reason=ending.reason,
            retry_at=retry_at,
        )

    def _take(self, connection: sa.Connection, name: str, *, by_hand: bool) -> Schedule | None:
        """The one atomic update that decides: it matches only a schedule that nobody holds."""
        import sqlalchemy as sa

        table, meta = self._tables.schedules, self._tables.meta
        seconds = self._database.seconds(connection)
        is_free = sa.or_(table.c.holder == "", table.c.lease_until < seconds)
        taken = connection.execute(
            sa.update(table)
            .where(table.c.name == name, is_free, sa.true() if by_hand else sa.not_(table.c.paused))
            .values(holder=self.holder, lease_until=seconds + self.lease_seconds)
        )
        if taken.rowcount != 1:
            return None
        connection.execute(sa.update(meta).values(fence=meta.c.fence + 1))
        fence = connection.execute(sa.select(meta.c.fence)).scalar_one()
        connection.execute(sa.update(table).where(table.c.name == name).values(fence=fence))
        return schedule_of(connection.execute(sa.select(table).where(table.c.name == name)).one(), seconds)

    def _release(self, connection: sa.Connection, schedule: Schedule) -> None:
        import sqlalchemy as sa

        table = self._tables.schedules
        connection.execute(sa.update(table).where(table.c.id == schedule.id).values(holder="", lease_until=0.0))

    def _open_run(self, connection: sa.Connection, schedule: Schedule) -> Any:
        """The row of the run that was begun and has no end; None without one. There is one at most."""
        import sqlalchemy as sa

        table = self._tables.runs
        return connection.execute(
            sa.select(table)
            .where(table.c.schedule_id == schedule.id, table.c.state.in_(UNFINISHED))
            .order_by(table.c.planned)
            .limit(1)
        ).first()

    def _again(self, connection: sa.Connection, schedule: Schedule, row: Any, now: datetime) -> Claim | None:
        """The next attempt at an open run; None when it died too often and is given up."""
        import sqlalchemy as sa

        runs, attempts = self._tables.runs, self._tables.attempts
        connection.execute(
            sa.update(attempts)
            .where(attempts.c.run_id == row.id, attempts.c.state == State.running.value)
            .values(state=State.lost.value, reason=LOST, ended=seconds_of(now))
        )
        if self._count(connection, row.id, State.lost) <= LOSSES_ALLOWED and not (
            row.by_hand and row.state == State.running.value
        ):
            connection.execute(
                sa.update(runs).where(runs.c.id == row.id).values(state=State.running.value, retry_at=None)
            )
            return self._attempt(connection, schedule, row.id, time_of(row.planned), now, by_hand=bool(row.by_hand))
        reason = f"given up: {LOST}"
        connection.execute(
            sa.update(runs).where(runs.c.id == row.id).values(state=State.failed.value, reason=reason, retry_at=None)
        )
        return None

    def _due(self, connection: sa.Connection, schedule: Schedule, now: datetime) -> Claim | None:
        import sqlalchemy as sa

        choice = choose(schedule, now, self.grace_seconds)
        if choice is None:
            return None
        schedules, runs = self._tables.schedules, self._tables.runs
        connection.execute(
            sa.update(schedules).where(schedules.c.id == schedule.id).values(cursor=seconds_of(choice.cursor))
        )
        for time in choice.skipped[-MAX_SKIPPED_SHOWN:]:
            if not self._is_planned(connection, schedule, seconds_of(time)):
                values = {"state": State.skipped.value, "reason": choice.reason, "by_hand": False}
                connection.execute(sa.insert(runs).values(schedule_id=schedule.id, planned=seconds_of(time), **values))
        if choice.run is None or self._is_planned(connection, schedule, seconds_of(choice.run)):
            return None
        return self._begin(connection, schedule, choice.run, now, by_hand=False)

    def _begin(
        self, connection: sa.Connection, schedule: Schedule, planned: datetime, now: datetime, *, by_hand: bool
    ) -> Claim:
        import sqlalchemy as sa

        run_id = connection.execute(
            sa.insert(self._tables.runs)
            .values(
                schedule_id=schedule.id,
                planned=seconds_of(planned),
                by_hand=by_hand,
                state=State.running.value,
                reason="",
            )
            .returning(self._tables.runs.c.id)
        ).scalar_one()
        return self._attempt(connection, schedule, run_id, planned, now, by_hand=by_hand)

    def _attempt(
        self,
        connection: sa.Connection,
        schedule: Schedule,
        run_id: int,
        planned: datetime,
        now: datetime,
        *,
        by_hand: bool,
    ) -> Claim:
        import sqlalchemy as sa

        table = self._tables.attempts
        number = (
            1
            + connection.execute(
                sa.select(sa.func.count()).select_from(table).where(table.c.run_id == run_id)
            ).scalar_one()
        )
        attempt_id = connection.execute(
            sa.insert(table)
            .values(
                run_id=run_id,
                number=number,
                state=State.running.value,
                fence=schedule.fence,
                host=self.host,
                started=seconds_of(now),
                reason="",
                log="",
            )
            .returning(table.c.id)
        ).scalar_one()
        identity = connection.execute(sa.select(self._tables.meta.c.identity)).scalar_one()
        return Claim(schedule, run_id, attempt_id, number, planned, by_hand, schedule.fence, identity)

    def _after(
        self, connection: sa.Connection, claim: Claim, ending: Ending, now: datetime
    ) -> tuple[State, datetime | None]:
        """What an attempt's end makes of its run, and when the next attempt is due."""
        if ending.state is State.interrupted and not claim.by_hand:
            return State.waiting, now
        if ending.state in (State.interrupted, State.failed):
            settings = claim.schedule.settings
            failures = self._count(connection, claim.run_id, State.failed)
            if claim.by_hand or failures > settings.retries:
                return State.failed, None
            seconds = min(MAX_RETRY_SECONDS, settings.retry_seconds * 2 ** min(failures - 1, 30))
            return State.waiting, now + timedelta(seconds=seconds * (0.75 + 0.5 * self._jitter()))
        return ending.state, None

    def _count(self, connection: sa.Connection, run_id: int, state: State) -> int:
        import sqlalchemy as sa

        table = self._tables.attempts
        return connection.execute(
            sa.select(sa.func.count()).select_from(table).where(table.c.run_id == run_id, table.c.state == state.value)
        ).scalar_one()

    def _is_planned(self, connection: sa.Connection, schedule: Schedule, planned: int) -> bool:
        import sqlalchemy as sa

        table = self._tables.runs
        query = sa.select(table.c.id).where(table.c.schedule_id == schedule.id, table.c.planned == planned)
        return connection.execute(query).first() is not None

    def _forget_old(self, connection: sa.Connection, schedule_id: int) -> None:
        """Keep the history from growing for ever; the cursor, not the history, keeps a time from running twice."""
        import sqlalchemy as sa

        table = self._tables.runs
        mine = sa.select(table.c.id).where(table.c.schedule_id == schedule_id)
        oldest_kept = connection.execute(mine.order_by(table.c.id.desc()).offset(KEPT_RUNS - 1).limit(1)).scalar()
        if oldest_kept is not None:
            connection.execute(
                sa.delete(table).where(
                    table.c.schedule_id == schedule_id, table.c.id < oldest_kept, table.c.state.not_in(UNFINISHED)
                )
            )

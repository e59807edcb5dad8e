"""The schedules and their history as a person sees and changes them; the runs themselves are ``claims``' matter."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ...core.errors import RunBusyError, RunError, UsageError
from .database import Database
from .types import Attempt, CatchUp, NotifyOn, Run, Schedule, Settings, State

if TYPE_CHECKING:
    import sqlalchemy as sa

MAX_RUNS_SHOWN = 10_000


class Store:
    """A store of schedules; ``Database`` says what may go wrong in opening and using it."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._tables = database.tables

    def add(self, settings: Settings, now: datetime) -> Schedule:
        """Add a schedule; its first time is the next one after ``now``.

        Raises:
            UsageError: a setting cannot be, or there is a schedule of this name.
        """
        import sqlalchemy as sa

        settings.check()
        table = self._tables.schedules
        with self.database.begin() as connection:
            if not self.database.is_sqlite:  # SQLite's transactions exclude each other anyway
                connection.execute(sa.text(f"LOCK TABLE {table.name} IN SHARE ROW EXCLUSIVE MODE"))
            if connection.execute(sa.select(table.c.id).where(table.c.name == settings.name)).first() is not None:
                raise UsageError(
                    f"there is a schedule {settings.name} already; take another name, or remove it first: "
                    f"dsapp schedule remove {settings.name}"
                )
            connection.execute(
                sa.insert(table).values(
                    name=settings.name,
                    settings=settings_to(settings),
                    paused=False,
                    created=seconds_of(now),
                    cursor=seconds_of(now),
                    holder="",
                    fence=0,
                    lease_until=0.0,
                )
            )
            return self._get(connection, settings.name)

    def get(self, name: str) -> Schedule:
        """The schedule of that name.

        Raises:
            UsageError: there is none.
        """
        with self.database.begin() as connection:
            return self._get(connection, name)

    def list(self) -> list[Schedule]:
        """All schedules by name."""
        import sqlalchemy as sa

        table = self._tables.schedules
        with self.database.begin() as connection:
            seconds = self.database.seconds(connection)
            rows = connection.execute(sa.select(table).order_by(table.c.name)).all()
        return [schedule_of(row, seconds) for row in rows]

    def pause(self, name: str) -> None:
        """Begin no further run of it; one that runs now ends as it would.

        Raises:
            UsageError: there is no schedule of this name.
        """
        self._change(name, paused=True)

    def resume(self, name: str, now: datetime) -> None:
        """Let it run again from the next time after ``now``; times that passed while it was paused are not caught up.

        Raises:
            UsageError: there is no schedule of this name.
        """
        import sqlalchemy as sa

        table = self._tables.schedules
        with self.database.begin() as connection:
            schedule = self._get(connection, name)
            connection.execute(
                sa.update(table)
                .where(table.c.id == schedule.id, table.c.paused)
                .values(
                    paused=False,
                    cursor=sa.case((table.c.cursor > seconds_of(now), table.c.cursor), else_=seconds_of(now)),
                )
            )

    def remove(self, name: str) -> list[str]:
        """Remove a schedule with its history; returns the paths of its log files.

        Raises:
            UsageError: there is no schedule of this name.
            RunBusyError: it runs now.
        """
        import sqlalchemy as sa

        tables = self._tables
        with self.database.begin() as connection:
            schedule = self._get(connection, name)
            logs = (
                connection.execute(
                    sa.select(tables.attempts.c.log)
                    .join(tables.runs, tables.runs.c.id == tables.attempts.c.run_id)
                    .where(tables.runs.c.schedule_id == schedule.id)
                )
                .scalars()
                .all()
            )
            free = sa.or_(
                tables.schedules.c.holder == "", tables.schedules.c.lease_until < self.database.seconds(connection)
            )
            done = connection.execute(sa.delete(tables.schedules).where(tables.schedules.c.id == schedule.id, free))
            if done.rowcount != 1:
                raise RunBusyError(
                    f"{name} is running now ({schedule.holder or 'just begun'}); wait for its end, then remove it"
                )
        return [log for log in logs if log]

    def history(self, name: str | None = None, *, limit: int = 20) -> list[Run]:
        """The last runs, the latest planned first, with their attempts; of all schedules without a name.

        Raises:
            UsageError: there is no schedule of this name.
        """
        import sqlalchemy as sa

        runs, schedules = self._tables.runs, self._tables.schedules
        query = (
            sa.select(runs, schedules.c.name)
            .join(schedules, schedules.c.id == runs.c.schedule_id)
            .order_by(runs.c.planned.desc(), runs.c.id.desc())
            .limit(min(limit, MAX_RUNS_SHOWN))
        )
        with self.database.begin() as connection:
            if name is not None:
                query = query.where(schedules.c.id == self._get(connection, name).id)
            rows = connection.execute(query).all()
            attempts = self._attempts(connection, [row.id for row in rows])
        return [run_of(row, attempts.get(row.id, ())) for row in rows]

    def unfinished(self) -> list[Run]:
        """All runs that are running or waiting for their next attempt."""
        import sqlalchemy as sa

        runs, schedules = self._tables.runs, self._tables.schedules
        query = (
            sa.select(runs, schedules.c.name)
            .join(schedules, schedules.c.id == runs.c.schedule_id)
            .where(runs.c.state.in_([State.running.value, State.waiting.value]))
            .order_by(runs.c.planned)
        )
        with self.database.begin() as connection:
            rows = connection.execute(query).all()
            attempts = self._attempts(connection, [row.id for row in rows])
        return [run_of(row, attempts.get(row.id, ())) for row in rows]

    def seconds(self) -> float:
        """The store's clock, in seconds since 1970."""
        with self.database.begin() as connection:
            return self.database.seconds(connection)

    def _get(self, connection: sa.Connection, name: str) -> Schedule:
        import sqlalchemy as sa

        table = self._tables.schedules
        row = connection.execute(sa.select(table).where(table.c.name == name)).first()
        if row is None:
            raise UsageError(f"there is no schedule {name[:80]!r} in {self.database.name}; see dsapp schedule list")
        return schedule_of(row, self.database.seconds(connection))

    def _change(self, name: str, **values: Any) -> None:
        import sqlalchemy as sa

        table = self._tables.schedules
        with self.database.begin() as connection:
            schedule = self._get(connection, name)
            connection.execute(sa.update(table).where(table.c.id == schedule.id).values(**values))

    def _attempts(self, connection: sa.Connection, run_ids: Sequence[int]) -> dict[int, tuple[Attempt, ...]]:
        import sqlalchemy as sa

        table = self._tables.attempts
        found: dict[int, tuple[Attempt, ...]] = {}
        for begin in range(0, len(run_ids), 500):
            part = run_ids[begin : begin + 500]
            for row in connection.execute(sa.select(table).where(table.c.run_id.in_(part)).order_by(table.c.id)):
                found[row.run_id] = (*found.get(row.run_id, ()), attempt_of(row))
        return found


def settings_to(settings: Settings) -> str:
    """The settings as JSON text."""
    return json.dumps(dataclasses.asdict(settings), ensure_ascii=True, allow_nan=False)


def settings_from(text: str) -> Settings:
    """The settings that ``settings_to`` wrote.

    Raises:
        RunError: another program changed them into something else.
    """
    try:
        content = json.loads(text)
        content["command"], content["notify"] = tuple(content["command"]), tuple(content["notify"])
        content["catch_up"], content["notify_on"] = CatchUp(content["catch_up"]), NotifyOn(content["notify_on"])
        settings = Settings(**content)
        settings.check()
    except (ValueError, TypeError, KeyError, UsageError) as error:
        raise RunError("the store holds a schedule that this version cannot read") from error
    return settings


def schedule_of(row: Any, store_seconds: float) -> Schedule:
    """A row of the table of schedules."""
    return Schedule(
        id=row.id,
        settings=settings_from(row.settings),
        paused=bool(row.paused),
        created=time_of(row.created),
        cursor=time_of(row.cursor),
        holder=row.holder,
        fence=row.fence,
        lease_left=row.lease_until - store_seconds if row.holder else 0.0,
    )


def run_of(row: Any, attempts: Sequence[Attempt]) -> Run:
    """A row of the table of runs, joined with its schedule's name."""
    return Run(
        id=row.id,
        schedule=row.name,
        planned=time_of(row.planned),
        by_hand=bool(row.by_hand),
        state=State(row.state),
        reason=row.reason,
        retry_at=None if row.retry_at is None else time_of(row.retry_at),
        attempts=tuple(attempts),
    )


def attempt_of(row: Any) -> Attempt:
    """A row of the table of attempts."""
    return Attempt(
        number=row.number,
        state=State(row.state),
        fence=row.fence,
        host=row.host,
        started=time_of(row.started),
        ended=None if row.ended is None else time_of(row.ended),
        exit_code=row.exit_code,
        reason=row.reason,
        log=row.log,
    )


def seconds_of(time: datetime) -> int:
    """A time as the store keeps it: whole seconds since 1970."""
    return int(time.timestamp() // 1)


def time_of(seconds: int) -> datetime:
    """The time that ``seconds_of`` wrote."""
    return datetime.fromtimestamp(seconds, UTC)

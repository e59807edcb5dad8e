"""The store's database: which one an address means, its tables, its transactions and its clock.

SQLite for one machine, PostgreSQL for several. Every transaction is short and takes its locks at the start (SQLite) or on
the one row that it changes (PostgreSQL). Whatever the database answers becomes one kind of error, without passwords.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...core.errors import RunError, UsageError
from ...core.extras import need

if TYPE_CHECKING:
    import sqlalchemy as sa

STORE_VARIABLE = "DSAPP_SCHEDULES"
PASSWORD_VARIABLES = ("DSAPP_SCHEDULES_PASSWORD", "PGPASSWORD")
STORE_VERSION = 1
SOCKET_SECONDS = 5.0
"""How long PostgreSQL may be silent; well below a lease, so that a scheduler that is cut off knows it in time."""
LOCK_SECONDS = 20.0
IDLE_MILLISECONDS = 20_000
"""After which PostgreSQL drops a transaction of a machine that froze in the middle of it."""
CREATE_LOCK = 0x64736170
POSTGRES_SCHEMES = ("postgresql", "postgres", "postgresql+pg8000")


@dataclass(frozen=True)
class Tables:
    """The store's tables; the names begin with ``dsapp_``, so that they may lie beside those of others."""

    metadata: sa.MetaData
    meta: sa.Table
    schedules: sa.Table
    runs: sa.Table
    attempts: sa.Table


class Database:
    """An open store. Give it up with ``close``.

    Raises:
        UsageError: the address names no database that can hold a store.
        RunError: it cannot be reached, or a newer dsapp made it.
    """

    def __init__(self, address: str, environment: Mapping[str, str] = os.environ) -> None:
        self.name = shown_address(address)
        self._engine = _engine(address, environment)
        self.is_sqlite = self._engine.dialect.name == "sqlite"
        self.tables = _tables()
        self._make()

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    @contextmanager
    def begin(self) -> Iterator[sa.Connection]:
        """A transaction: committed at the end of the block, taken back when the block raises.

        Raises:
            RunError: the database cannot be reached or refuses; what the block did is taken back, unless the connection
                broke while it was committed: then it may be done.
        """
        from sqlalchemy.exc import SQLAlchemyError

        try:
            with self._engine.begin() as connection:
                yield connection
        except (SQLAlchemyError, sqlite3.Error, OSError) as error:
            raise RunError(f"the store {self.name} cannot be used: {_reason(error)}") from error

    def seconds(self, connection: sa.Connection) -> float:
        """The database's clock, in seconds since 1970: the one clock that leases are counted by."""
        import sqlalchemy as sa

        if self.is_sqlite:
            return float(connection.execute(sa.text("SELECT (julianday('now') - 2440587.5) * 86400.0")).scalar_one())
        return float(connection.execute(sa.text("SELECT extract(epoch FROM clock_timestamp())::float8")).scalar_one())

    def _make(self) -> None:
        """Make the tables where there are none; two processes may do so at the same moment."""
        import sqlalchemy as sa

        meta = self.tables.meta
        with self.begin() as connection:
            if not self.is_sqlite:
                connection.execute(sa.text(f"SELECT pg_advisory_xact_lock({CREATE_LOCK})"))
            if not sa.inspect(connection).has_table(meta.name):
                self.tables.metadata.create_all(connection)
            version = connection.execute(sa.select(meta.c.version)).scalar_one_or_none()
            if version is None:
                first = {"id": 1, "version": STORE_VERSION, "identity": secrets.token_hex(8), "fence": 0}
                connection.execute(sa.insert(meta).values(**first))
        if version is not None and version > STORE_VERSION:
            raise RunError(
                f"the store {self.name} was made by a newer dsapp (its form is {version}, this one knows "
                f"{STORE_VERSION}); update dsapp on this machine"
            )


def default_address(environment: Mapping[str, str] = os.environ) -> str:
    """Where the store is when nothing is said: DSAPP_SCHEDULES, else a file in the user's data folder."""
    if given := environment.get(STORE_VARIABLE, ""):
        return given
    return str(data_folder(environment) / "schedules.db")


def data_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """The folder for the store's file and the logs, by the XDG base directory rules."""
    base = environment.get("XDG_DATA_HOME", "")
    return (Path(base) if os.path.isabs(base) else Path.home() / ".local" / "share") / "dsapp"


def check_address(address: str) -> None:
    """See that an address from the command line holds no password: others see command lines.

    Raises:
        UsageError: it does.
    """
    if "://" in address and not address.startswith("sqlite") and _url(address).password is not None:
        raise UsageError(
            f"--store holds a password, which others on this machine could see; put it into {PASSWORD_VARIABLES[0]} "
            f"or {PASSWORD_VARIABLES[1]} and leave it out of the address"
        )


def shown_address(address: str) -> str:
    """The address without its password."""
    if "://" not in address or address.startswith("sqlite"):
        return address.removeprefix("sqlite:///")
    return _url(address).render_as_string(hide_password=True)


def _url(address: str) -> sa.URL:
    import sqlalchemy as sa
    from sqlalchemy.exc import ArgumentError

    try:
        return sa.make_url(address)
    except (ArgumentError, ValueError) as error:
        raise UsageError("the store's address cannot be read; write postgresql://USER@HOST:5432/DATABASE") from error


def _engine(address: str, environment: Mapping[str, str]) -> sa.Engine:
    if not address.strip():
        raise UsageError("the store's address is empty")
    if "://" not in address or address.startswith("sqlite:///"):
        return _sqlite(Path(address.removeprefix("sqlite:///")).expanduser())
    url = _url(address)
    if url.drivername not in POSTGRES_SCHEMES:
        raise UsageError(f"a store lies in a SQLite file or in PostgreSQL, not in {url.drivername[:40]}")
    return _postgres(url, environment)


def _sqlite(path: Path) -> sa.Engine:
    import sqlalchemy as sa
    from sqlalchemy import event

    if path.is_dir():
        raise UsageError(f"the store {path} is a folder; name a file")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise RunError(f"the store {path} cannot be used: {error.strerror}") from error

    engine = sa.create_engine(
        sa.URL.create("sqlite", database=str(path.absolute())),
        poolclass=sa.NullPool,
        connect_args={"timeout": LOCK_SECONDS, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def opened(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # else Python would begin transactions by itself, and late
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = FULL")

    @event.listens_for(engine, "begin")
    def begun(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _postgres(url: sa.URL, environment: Mapping[str, str]) -> sa.Engine:
    import sqlalchemy as sa
    from sqlalchemy import event

    need("pg8000", "a store in PostgreSQL", extra="postgres")
    if not url.database:
        raise UsageError("the store's address names no database: postgresql://USER@HOST:5432/DATABASE")
    query = dict(url.query)
    arguments: dict[str, Any] = {"timeout": SOCKET_SECONDS, "application_name": "dsapp schedule"}
    if encryption := _encryption(str(query.pop("sslmode", "disable"))):
        arguments["ssl_context"] = encryption
    if "host" in query and str(query["host"]).startswith("/"):
        arguments["unix_sock"] = f"{query.pop('host')}/.s.PGSQL.{url.port or 5432}"
    if query:
        raise UsageError(f"the store's address has unknown settings: {', '.join(sorted(query))[:80]}")
    password = url.password or next((environment[name] for name in PASSWORD_VARIABLES if environment.get(name)), None)
    engine = sa.create_engine(
        url.set(drivername="postgresql+pg8000", password=password, query={}),
        connect_args=arguments,
        pool_pre_ping=True,
        pool_size=2,
        max_overflow=20,
        pool_timeout=LOCK_SECONDS,
        hide_parameters=True,
    )

    @event.listens_for(engine, "connect")
    def opened(connection: Any, _: Any) -> None:
        cursor = connection.cursor()
        cursor.execute(f"SET idle_in_transaction_session_timeout = {IDLE_MILLISECONDS}")
        cursor.close()
        connection.commit()

    return engine


def _encryption(mode: str) -> Any:
    import ssl

    if mode == "disable":
        return None
    context = ssl.create_default_context()
    if mode == "require":
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif mode != "verify-full":
        raise UsageError(f"sslmode is disable, require or verify-full, not {mode[:40]!r}")
    return context


def _reason(error: BaseException) -> str:
    """What the database or the network said, in one line; SQLAlchemy's own text would quote the statement."""
    cause: BaseException = getattr(error, "orig", None) or error
    first = cause.args[0] if cause.args else ""
    if isinstance(first, dict):  # pg8000 hands on the server's fields
        return f"{first.get('M', 'refused')} ({first.get('C', '')})"
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror
    return str(first).splitlines()[0][:200] if str(first) else type(cause).__name__


def _tables() -> Tables:
    import sqlalchemy as sa

    metadata = sa.MetaData()
    number = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    meta = sa.Table(
        "dsapp_schedule_store",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("identity", sa.String(32), nullable=False),
        sa.Column("fence", sa.BigInteger, nullable=False),
    )
    schedules = sa.Table(
        "dsapp_schedules",
        metadata,
        sa.Column("id", number, primary_key=True),
        sa.Column("name", sa.String(64), nullable=False, unique=True),
        sa.Column("settings", sa.Text, nullable=False),
        sa.Column("paused", sa.Boolean, nullable=False),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.Column("cursor", sa.BigInteger, nullable=False),
        sa.Column("holder", sa.Text, nullable=False),
        sa.Column("fence", sa.BigInteger, nullable=False),
        sa.Column("lease_until", sa.Double, nullable=False),
        sqlite_autoincrement=True,
    )
    runs = sa.Table(
        "dsapp_schedule_runs",
        metadata,
        sa.Column("id", number, primary_key=True),
        sa.Column("schedule_id", number, sa.ForeignKey(schedules.c.id, ondelete="CASCADE"), nullable=False),
        sa.Column("planned", sa.BigInteger, nullable=False),
        sa.Column("by_hand", sa.Boolean, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("retry_at", sa.BigInteger),
        sa.UniqueConstraint("schedule_id", "planned"),
        sqlite_autoincrement=True,
    )
    attempts = sa.Table(
        "dsapp_schedule_attempts",
        metadata,
        sa.Column("id", number, primary_key=True),
        sa.Column("run_id", number, sa.ForeignKey(runs.c.id, ondelete="CASCADE"), nullable=False, index=True),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("fence", sa.BigInteger, nullable=False, unique=True),
        sa.Column("host", sa.Text, nullable=False),
        sa.Column("started", sa.BigInteger, nullable=False),
        sa.Column("ended", sa.BigInteger),
        sa.Column("exit_code", sa.Integer),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("log", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    return Tables(metadata, meta, schedules, runs, attempts)

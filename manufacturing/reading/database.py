"""Rows of a database, read only: a DuckDB file as a relation, anything that SQLAlchemy knows streamed into a CSV in the work folder.

A connection that goes away is tried again from the start of the query; no password stands in a message, a label or a file.
"""

from __future__ import annotations

import contextlib
import csv
import os
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from ...core.errors import DsappError, InputError, MissingExtraError
from .excel import as_text
from .limits import (
    DATABASE_ROWS_AT_ONCE,
    DATABASE_TIMEOUT_S,
    DATABASE_TRIES,
    DATABASE_WAIT_S,
    MAX_TEXT_BYTES,
    STORE_MEMORY,
)
from .relation import Hints, Relation, connect, corrupt, csv_relation, described, name_of

PASSWORD_VARIABLES = ("DSAPP_DATABASE_PASSWORD", "PGPASSWORD")

_TABLE = re.compile(r"\w+(?:\.\w+){0,2}")
_QUERY = re.compile(r"\s*(?:--[^\n]*\n\s*)*(?:select|with|values|from|table)\b", re.IGNORECASE)
_CODED = re.compile(r"'C': '(\w{5})'")
_NOT_AGAIN = ("22", "25", "28", "3D", "42")
"""Classes of SQLSTATE that another try does not mend: wrong data, a write, wrong password, no such database, no such table or a wrong query."""


def query_of(sql: str) -> str:
    """The query of a plant file's ``sql``: a table's name reads all of it.

    Raises:
        InputError: it is no reading query.
    """
    text = sql.strip().rstrip(";").strip()
    if _TABLE.fullmatch(text):
        return f"SELECT * FROM {'.'.join(name_of(part) for part in text.split('.'))}"
    if not _QUERY.match(text):
        raise InputError(
            "the plant file's 'sql' is no query",
            code="query",
            remedy="write one SELECT, or the name of a table or view",
        )
    return text


def label_of(address: str) -> str:
    """A database's address as messages may show it: no user, password or options."""
    if _is_file(address):
        return Path(address).name
    try:
        url = _url(address)
    except InputError:
        return "database"
    host = f"{url.host}{f':{url.port}' if url.port else ''}/" if url.host else ""
    return f"{url.get_backend_name()}://{host}{url.database or ''}"


@contextlib.contextmanager
def database_relation(
    address: str, sql: str, hints: Hints, folder: Path, progress: Callable[[str], None]
) -> Iterator[Relation]:
    """What ``sql`` reads from the database at ``address`` (a URL, or a DuckDB or SQLite file) as a relation.

    Raises:
        InputError: ``query`` (the database refuses it), ``database_lost`` (it does not answer, or went away and stayed away), ``corrupt``,
            ``not_found``, ``unreadable``, ``too_large``.
        MissingExtraError: its driver is not installed.
    """
    label, query = label_of(address), query_of(sql)
    if _is_file(address):
        from .sniff import sniff

        kind = sniff(Path(address))
        if kind == "duckdb":
            with _duckdb(Path(address), query, label, folder) as relation:
                yield relation
            return
        if kind != "sqlite":
            raise InputError(
                f"{label} is no database", code="unsupported", remedy="give a DuckDB or SQLite file, or a URL"
            )
    target = folder / "query.csv"
    _copy(address, query, label, target, progress)
    connection = connect(folder)
    try:
        yield csv_relation(connection, target, label, label, Hints(hints.wanted, ",", "."))
    finally:
        connection.close()
        target.unlink(missing_ok=True)


def _is_file(address: str) -> bool:
    from .find import is_address

    return not is_address(address)


@contextlib.contextmanager
def _duckdb(path: Path, query: str, label: str, folder: Path) -> Iterator[Relation]:
    import duckdb

    config: dict[str, Any] = {
        "memory_limit": STORE_MEMORY,
        "temp_directory": str(folder),
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    try:
        connection = duckdb.connect(str(path), read_only=True, config=config)
    except duckdb.Error as error:
        raise corrupt(label, "DuckDB file, or one that another program holds open") from error
    try:
        # A view in a stranger's file must not read other files.
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET enable_progress_bar = false")
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        try:
            columns = described(connection, f"({query})", label)
        except duckdb.Error as error:
            raise _refused(label, str(error)) from error
        yield Relation(connection, f"({query})", columns, label, label)
    finally:
        connection.close()


def _refused(label: str, said: str) -> InputError:
    first = " ".join(said.split())[:300]
    return InputError(f"{label} refuses the query: {first}", code="query", remedy="correct 'sql' in the plant file")


def _copy(address: str, query: str, label: str, target: Path, progress: Callable[[str], None]) -> None:
    """Stream the query's rows into ``target``, from the start again after a loss."""
    wait = DATABASE_WAIT_S
    for attempt in range(1, DATABASE_TRIES + 1):
        try:
            _stream(address, query, target)
            return
        except DsappError:
            raise
        except Exception as error:
            target.unlink(missing_ok=True)
            said = _without_secrets(error, address)
            if _permanent(error):
                raise _refused(label, said) from None
            if attempt == DATABASE_TRIES:
                raise InputError(
                    f"{label} went away while it was read, and {DATABASE_TRIES} tries failed: {said}",
                    code="database_lost",
                    remedy="check the network and the server, then run the same command again",
                ) from None
            progress(f"{label} does not answer ({said}); trying again in {wait:.0f} s")
            time.sleep(wait)
            wait *= 2


def _stream(address: str, query: str, target: Path) -> None:
    from sqlalchemy import create_engine, text
    from sqlalchemy.exc import NoSuchModuleError

    url = _url(address)
    postgres = url.get_backend_name() == "postgresql"
    arguments: dict[str, Any] = {}
    if postgres:
        arguments = {"timeout": DATABASE_TIMEOUT_S, "application_name": "dsapp"}
    try:
        engine = create_engine(url, connect_args=arguments, pool_pre_ping=False)
    except (ModuleNotFoundError, NoSuchModuleError) as error:
        extra = " (pip install 'dsapp[postgres]')" if postgres else ""
        raise MissingExtraError(f"the driver of {url.get_backend_name()} is not installed{extra}") from error
    try:
        options: dict[str, Any] = {"stream_results": True, "max_row_buffer": DATABASE_ROWS_AT_ONCE}
        if postgres:
            options["postgresql_readonly"] = True
        with (
            engine.connect().execution_options(**options) as connection,
            open(target, "w", encoding="utf-8", newline="") as out,
        ):
            if url.get_backend_name() == "sqlite":
                connection.exec_driver_sql("PRAGMA query_only = ON")
            elif not postgres:
                with contextlib.suppress(Exception):
                    connection.exec_driver_sql("SET TRANSACTION READ ONLY")
            # Colons of the query are its own, not parameters of ours.
            result = connection.execute(text(query.replace(":", "\\:")))
            writer = csv.writer(out, lineterminator="\n")
            writer.writerow([str(key) for key in result.keys()])  # noqa: SIM118
            while rows := result.fetchmany(DATABASE_ROWS_AT_ONCE):
                writer.writerows([as_text(value) for value in row] for row in rows)
                if out.tell() > MAX_TEXT_BYTES:
                    raise InputError(
                        "the query gives too many rows", code="too_large", remedy="limit it to what is needed"
                    )
    finally:
        engine.dispose()


def _url(address: str) -> Any:
    """The address as SQLAlchemy knows it: slashes that a ``Path`` swallowed put back, SQLite opened read only, PostgreSQL by pg8000."""
    from sqlalchemy.engine import URL, make_url
    from sqlalchemy.exc import ArgumentError

    if _is_file(address):
        return _sqlite(Path(address))
    scheme, _, rest = address.partition(":")
    if scheme.split("+")[0] == "sqlite":
        return _sqlite(_sqlite_path(rest))
    try:
        url: URL = make_url(f"{scheme}://{rest.lstrip('/')}")
    except (ArgumentError, ValueError) as error:
        raise InputError(
            "the database's address cannot be read",
            code="not_found",
            remedy="write postgresql://user@host:5432/database",
        ) from error
    if url.drivername in ("postgresql", "postgres"):
        url = url.set(drivername="postgresql+pg8000")
    if url.username and url.password is None and (password := _password()):
        url = url.set(password=password)
    return url


def _password() -> str:
    return next((os.environ[name] for name in PASSWORD_VARIABLES if os.environ.get(name)), "")


def _sqlite_path(rest: str) -> Path:
    slashes = len(rest) - len(rest.lstrip("/"))
    plain = rest.lstrip("/")
    absolute = Path(f"/{plain}")
    return absolute if slashes >= 4 or (slashes < 3 and absolute.exists()) else Path(plain)


def _sqlite(path: Path) -> Any:
    from sqlalchemy.engine import URL

    if not path.is_file():
        raise InputError(f"{path.name} does not exist", code="not_found", remedy="check the path of the SQLite file")
    return URL.create("sqlite", database=path.resolve().as_uri(), query={"mode": "ro", "uri": "true"})


def _permanent(error: Exception) -> bool:
    """Whether another try would end the same way."""
    kind, said = type(error).__name__, str(error)
    coded = _CODED.search(said)
    if coded:
        return coded[1].startswith(_NOT_AGAIN)
    if "sqlite3" in said:
        return "locked" not in said and "busy" not in said
    return kind in ("ProgrammingError", "ResourceClosedError", "ArgumentError", "InvalidRequestError")


def _without_secrets(error: Exception, address: str) -> str:
    """The first words of an error; what stands before the host of an address is taken out, and so is the password wherever it comes."""
    original = getattr(error, "orig", None) or error
    said = " ".join(str(original).split())
    message = re.search(r"'M': '([^']{1,200})", said)
    said = message[1] if message else said or type(original).__name__
    secrets = [_password()]
    with contextlib.suppress(Exception):
        secrets.append(str(_url(address).password or ""))
    for secret in filter(None, secrets):
        said = said.replace(secret, "***")
    return re.sub(r"//[^/@\s]*@", "//", said)[:200]

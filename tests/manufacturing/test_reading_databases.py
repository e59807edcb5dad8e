"""Readings and logs come from DuckDB, SQLite and a real PostgreSQL, read only; a database that goes away is tried again, then told."""

from __future__ import annotations

import sqlite3
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from dsapp.core.errors import DsappError
from dsapp.manufacturing.plant_check import parse
from dsapp.manufacturing.reading import Staged, stage
from dsapp.manufacturing.reading.find import is_address

SENSORS = '[[sensors]]\nname = "temp"\n[[sensors]]\nname = "vib"\n'
ROWS = [
    ("007", "2026-01-01 00:00:00", 20.5, 1.5),
    ("007", "2026-01-01 01:00:00", 21.25, None),
    ("008", "2026-01-01 00:00:00", 1.0, 2.0),
]
NOON = 1_767_225_600_000_000


def plant(sql: str = "readings", more: str = "") -> str:
    return f'format = 1\nname = "N"\nasset_class = "pump"\n[readings]\nsql = """{sql}"""\n{SENSORS}{more}'


LOG = '[[logs]]\nfiles = []\nsql = "SELECT machine, time FROM failures"\nkind = "failure"\n'


def read(folder: Path, address: str | Path, text: str = "", lines: list[str] | None = None) -> Staged:
    said = lines if lines is not None else []
    return stage(parse(text or plant()), [address], folder / "out", said.append, now=NOON)


def check(found: Staged) -> None:
    assert not found.refusals, found.refusals
    one = found.history("007")
    assert [(machine.name, machine.rows) for machine in found.machines()] == [("007", 2), ("008", 1)]
    assert one.times.tolist() == [NOON, NOON + 3_600_000_000]
    assert one.values[0].tolist() == [20.5, 1.5] and one.flags[1].tolist() == [0, 1]


def fill(execute: Any, mark: str) -> None:
    execute("CREATE TABLE readings (machine VARCHAR(9), time TIMESTAMP, temp DOUBLE PRECISION, vib REAL)", ())
    execute("CREATE TABLE failures (machine VARCHAR(9), time TIMESTAMP)", ())
    for row in ROWS:
        execute(f"INSERT INTO readings VALUES ({mark}, {mark}, {mark}, {mark})", row)
    execute(f"INSERT INTO failures VALUES ({mark}, {mark})", ("007", "2026-01-01 00:30:00"))


@pytest.fixture
def sqlite_file(tmp_path: Path) -> Path:
    path = tmp_path / "historian.db"
    with sqlite3.connect(path) as connection:
        fill(connection.execute, "?")
    connection.close()
    return path


@pytest.fixture
def duckdb_file(tmp_path: Path) -> Path:
    import duckdb

    path = tmp_path / "historian.duckdb"
    with duckdb.connect(path) as connection:
        fill(lambda sql, row: connection.execute(sql, list(row)), "?")
    return path


def test_a_sqlite_file_is_read_by_its_path_or_address(tmp_path, sqlite_file):
    check(read(tmp_path, sqlite_file))
    check(read(tmp_path, f"sqlite:///{sqlite_file}", plant("SELECT * FROM readings WHERE time LIKE '%:00:00';")))
    check(read(tmp_path, Path(f"sqlite:///{sqlite_file}")))


def test_a_duckdb_file_is_read_by_table_or_query(tmp_path, duckdb_file):
    check(read(tmp_path, duckdb_file))
    found = read(tmp_path, duckdb_file, plant("SELECT * FROM readings ORDER BY time", LOG))
    check(found)
    assert [event.kind for event in found.history("007").events] == ["failure"]


def test_addresses_are_told_from_files():
    assert (
        is_address("postgresql://u@h/d")
        and is_address(Path("postgresql+pg8000://u@h/d"))
        and is_address("sqlite:///a.db")
    )
    assert not is_address("C:/data/a.csv") and not is_address("/data/a.csv")


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("SELECT * FROM nothing", "nothing"),
        ("nothing", "nothing"),
        ("SELEC * FROM readings", "no query"),
        ("DROP TABLE readings", "no query"),
        ("SELECT machine, time, temp, vib FROM readings WHERE", "readings"),
    ],
)
@pytest.mark.parametrize("kind", ["sqlite_file", "duckdb_file"])
def test_a_wrong_query_is_refused_at_once(tmp_path, request, kind, sql, says):
    lines: list[str] = []
    (refusal,) = read(tmp_path, request.getfixturevalue(kind), plant(sql), lines).refusals
    assert (
        refusal.code == "query"
        and (says in refusal.reason or "refuses" in refusal.reason)
        and not any("again" in line for line in lines)
    )


def test_nothing_is_written_to_a_database(tmp_path, sqlite_file, duckdb_file):
    for path, sql in (
        (sqlite_file, "WITH a AS (SELECT 1) INSERT INTO failures SELECT 'x', 'y'"),
        (duckdb_file, "FROM (INSERT INTO failures VALUES ('x', now()) RETURNING *)"),
    ):
        before = path.read_bytes()
        assert read(tmp_path, path, plant(sql)).refusals[0].code == "query"
        assert path.read_bytes() == before


def test_a_view_in_a_strangers_file_reads_no_other_file(tmp_path, duckdb_file):
    import duckdb

    secret = tmp_path / "secret.csv"
    secret.write_text("machine,time,temp,vib\n1,2026-01-01,1,2\n")
    with duckdb.connect(duckdb_file) as connection:
        connection.execute(f"CREATE VIEW leak AS SELECT * FROM read_csv('{secret}')")
    (refusal,) = read(tmp_path, duckdb_file, plant("leak")).refusals
    assert refusal.code == "query"


def test_a_database_without_sql_and_a_file_that_is_none_are_told(tmp_path, sqlite_file):
    text = f'format = 1\nname = "N"\nasset_class = "pump"\n{SENSORS}'
    assert read(tmp_path, sqlite_file, text).refusals[0].code == "no_query"
    (tmp_path / "x.db").write_text("no database at all\n")
    assert read(tmp_path, tmp_path / "x.db").refusals[0].code == "unsupported"
    (tmp_path / "y.duckdb").write_bytes(bytes(8) + b"DUCK" + bytes(5000))
    assert read(tmp_path, tmp_path / "y.duckdb").refusals[0].code == "corrupt"
    assert read(tmp_path, f"sqlite:///{tmp_path}/none.db").refusals[0].code == "not_found"


def test_a_missing_driver_is_named(tmp_path):
    with pytest.raises(DsappError, match="driver of oracle"):
        read(tmp_path, "oracle+nodriver://u:secret@h/d")


def postgres_url(server: Any) -> str:
    return server.new_database().replace("tester@", f"tester:{server.password}@")


def run(server: Any, url: str, sql: str, *rows: tuple[Any, ...]) -> list[Any]:
    import pg8000.dbapi

    with pg8000.dbapi.connect(
        "tester", host="127.0.0.1", port=server.port, password=server.password, database=url.rsplit("/", 1)[1]
    ) as connection:
        cursor = connection.cursor()
        for row in rows or ((),):
            cursor.execute(sql, row)
        found = list(cursor.fetchall()) if cursor.description else []
        connection.commit()
        return found


@pytest.fixture
def historian(postgres: Any) -> str:
    url = postgres_url(postgres)
    fill(lambda sql, row: run(postgres, url, sql, row), "%s")
    return url


def test_postgresql_is_read_with_its_logs(tmp_path, historian):
    found = read(tmp_path, historian, plant("readings", LOG))
    check(found)
    assert len(found.history("007").events) == 1
    check(read(tmp_path, Path(historian), plant("SELECT *, time::date AS day FROM readings")))


def test_the_password_comes_from_the_environment_and_stands_nowhere(tmp_path, postgres, historian, monkeypatch):
    monkeypatch.setenv("DSAPP_DATABASE_PASSWORD", postgres.password)
    found = read(tmp_path, historian.replace(f":{postgres.password}@", "@"))
    check(found)
    kept = b"".join(path.read_bytes() for path in found.folder.iterdir())
    assert postgres.password.encode() not in kept and b"postgresql://127.0.0.1" in kept


def test_a_wrong_password_is_refused_without_showing_it(tmp_path, postgres, historian):
    lines: list[str] = []
    (refusal,) = read(tmp_path, historian.replace(postgres.password, "hunter2"), "", lines).refusals
    assert refusal.code == "query" and "password authentication failed" in refusal.reason
    assert "hunter2" not in f"{refusal} {lines}"


def test_postgresql_is_read_only(tmp_path, postgres, historian):
    run(
        postgres,
        historian,
        "CREATE FUNCTION sly() RETURNS SETOF readings LANGUAGE sql AS "
        "$$ INSERT INTO failures VALUES ('x', now()); SELECT * FROM readings $$",
    )
    (refusal,) = read(tmp_path, historian, plant("SELECT * FROM sly()")).refusals
    assert refusal.code == "query" and "read-only" in refusal.reason
    assert int(run(postgres, historian, "SELECT count(*) FROM failures")[0][0]) == 1


SLOW = (
    "SELECT '007' AS machine, timestamp '2026-01-01' + g * interval '1 hour' AS time, 1.0 AS temp, 2.0 AS vib "
    "FROM generate_series(1, 30) g, pg_sleep(0.05 + 0 * g)"
)


def cut(postgres: Any, url: str, times: int, done: threading.Event) -> None:
    """End the reader's session in the middle of its query, so many times."""
    while times and not done.is_set():
        ended = run(
            postgres,
            url,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'dsapp' AND datname = current_database() "
            "AND (query LIKE 'FETCH%' OR query LIKE '%generate_series%') AND now() - backend_start > interval '0.3 second'",
        )
        times -= bool(ended)
        time.sleep(0.05)


@pytest.mark.parametrize(("times", "comes_back"), [(1, True), (10**6, False)])
def test_a_database_that_goes_away_in_mid_read_is_tried_again_then_told(
    tmp_path, postgres, historian, monkeypatch, times, comes_back
):
    monkeypatch.setattr("dsapp.manufacturing.reading.database.DATABASE_WAIT_S", 0.05)
    lines: list[str] = []
    done = threading.Event()
    cutter = threading.Thread(target=cut, args=(postgres, historian, times, done))
    cutter.start()
    try:
        found = read(tmp_path, historian, plant(SLOW), lines)
    finally:
        done.set()
        cutter.join()
    assert any("trying again" in line for line in lines)
    if comes_back:
        assert not found.refusals and found.machine("007").rows == 30
    else:
        (refusal,) = found.refusals
        assert refusal.code == "database_lost" and "3 tries failed" in refusal.reason and not found.machines()
    assert postgres.password not in f"{found.refusals} {lines}"


def test_a_server_that_is_not_there_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr("dsapp.manufacturing.reading.database.DATABASE_WAIT_S", 0.01)
    (refusal,) = read(tmp_path, "postgresql://u:hunter2@127.0.0.1:9/d").refusals
    assert refusal.code == "database_lost" and "hunter2" not in str(refusal) and "127.0.0.1:9/d" in refusal.reason

"""What tests of several packages share: a real PostgreSQL server for this run, and a plain word on what was not tested."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

NO_POSTGRES = "PostgreSQL is not installed; on Debian or Ubuntu: apt-get install postgresql"
START_SECONDS = 60.0


@dataclass
class PostgresServer:
    """A server of this machine with one superuser; ``url`` has no password in it."""

    programs: Path
    folder: Path
    password: str = field(default_factory=lambda: secrets.token_hex(8))
    port: int = 0
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"postgresql://tester@127.0.0.1:{self.port}/postgres"

    @property
    def url_with_password(self) -> str:
        return self.url.replace("tester@", f"tester:{self.password}@")

    def create(self) -> None:
        (self.folder / "password").write_text(self.password)
        options = ["--username=tester", "--auth=scram-sha-256", f"--pwfile={self.folder / 'password'}", "--no-sync"]
        if os.geteuid() == 0:
            for path in (self.folder, self.folder / "password"):
                shutil.chown(path, "postgres")
        self._as_owner([self.programs / "initdb", "-D", self.folder / "data", *options]).communicate()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]

    def start(self) -> None:
        settings = ["listen_addresses=127.0.0.1", f"unix_socket_directories={self.folder}", "fsync=off"]
        options = [word for setting in settings for word in ("-c", setting)]
        self.process = self._as_owner(
            [self.programs / "postgres", "-D", self.folder / "data", "-p", self.port, *options]
        )
        end = time.monotonic() + START_SECONDS
        ready = [str(self.programs / "pg_isready"), "-h", "127.0.0.1", "-p", str(self.port), "-q"]
        while subprocess.run(ready, check=False).returncode:
            if time.monotonic() > end or self.process.poll() is not None:
                pytest.fail(f"PostgreSQL does not start: {(self.folder / 'log').read_text()[-2000:]}")
            time.sleep(0.1)

    def stop(self) -> None:
        """End it at once, as a failing machine would."""
        if self.process is not None:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait(30)
            self.process = None

    def new_database(self) -> str:
        """The address, without a password, of an empty database."""
        import pg8000.native

        name = f"t{secrets.token_hex(6)}"
        connection = pg8000.native.Connection(
            "tester", host="127.0.0.1", port=self.port, password=self.password, database="postgres"
        )
        connection.run(f"CREATE DATABASE {name}")
        connection.close()
        return self.url.replace("/postgres", f"/{name}")

    def _as_owner(self, words: list[Any]) -> subprocess.Popen[bytes]:
        """PostgreSQL refuses to run as root; its Debian package made a user for it."""
        owner: dict[str, Any] = {}
        if os.geteuid() == 0:
            owner = {"user": "postgres", "group": "postgres", "extra_groups": []}
        with open(self.folder / "log", "ab") as log:
            return subprocess.Popen(
                [str(word) for word in words], stdout=log, stderr=log, cwd=self.folder, umask=0o077, **owner
            )


def postgres_programs() -> Path | None:
    """The folder of the server's programs; Debian keeps them out of the path, the newest version last."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))
    found = shutil.which("initdb")
    for folder in [*reversed(versions), *([Path(found).resolve().parent] if found else [])]:
        if all((folder / name).is_file() for name in ("initdb", "postgres", "pg_isready")):
            return folder
    return None


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A running PostgreSQL server in a temporary folder."""
    programs = postgres_programs()
    if programs is None:
        (pytest.fail if os.environ.get("DSAPP_TEST_POSTGRES") == "required" else pytest.skip)(NO_POSTGRES)
    folder = Path(tempfile.mkdtemp(prefix="dsapp-postgres-"))
    server = PostgresServer(programs, folder)
    try:
        server.create()
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say what was skipped and why, whatever options are set: a missing program is easily taken for a passed test."""
    reasons: Counter[str] = Counter()
    for report in terminalreporter.stats.get("skipped", []):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        reasons[reason.removeprefix("Skipped: ")] += 1
    for reason, count in reasons.most_common():
        terminalreporter.write_line(f"NOT TESTED, {count} skipped: {reason}")

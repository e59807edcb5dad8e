"""Parts of the schedule tests: a toy command, settings, and a scheduler as a program of its own, to be killed.

python schedule_parts.py STORE LOGS START SPEED LEASE TOY
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dsapp.pipelines.schedule.claims import Claims
from dsapp.pipelines.schedule.clock import FastClock
from dsapp.pipelines.schedule.database import Database
from dsapp.pipelines.schedule.scheduler import Scheduler
from dsapp.pipelines.schedule.store import Store
from dsapp.pipelines.schedule.types import Run, Settings, State

NIGHT = datetime(2026, 1, 10, 4, 59, 30, tzinfo=UTC)
TOY = """
import os, sys, time, pathlib
book, seconds, code = pathlib.Path(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
def note(word):
    with open(book, "a") as lines:
        lines.write(f"{word} {os.environ['DSAPP_FENCE']} {os.environ['DSAPP_PLANNED']} {os.getpid()}\\n")
note("begin")
print("toy begins")
time.sleep(seconds)
note("end")
sys.exit(code)
"""


def write_toy(folder: Path) -> Path:
    """A program that notes its begin and its end in a book: BOOK SECONDS EXIT_CODE."""
    path = folder / "toy.py"
    path.write_text(TOY)
    return path


def settings(home: Path, **changes: Any) -> Settings:
    """A schedule each minute of a toy that takes no time."""
    given = {
        "name": "nightly",
        "cron": "* * * * *",
        "time_zone": "UTC",
        "command": (str(home / "book"), "0", "0"),
        "folder": str(home),
        **changes,
    }
    return Settings(**given)


def book(folder: Path, word: str = "end") -> list[tuple[int, str]]:
    """What the toy noted: (token, planned time) of each begin or end, in order."""
    if not (folder / "book").exists():
        return []
    lines = [line.split() for line in (folder / "book").read_text().splitlines()]
    return [(int(line[1]), line[2]) for line in lines if line[0] == word]


def eventually(true: Callable[[], Any], seconds: float = 60.0) -> Any:
    """Wait for something to become true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := true():
            return found
        time.sleep(0.05)
    raise TimeoutError("it did not come about")


def ended(store: Store, *states: State) -> list[Run]:
    """The runs in these states, oldest first; without states all that have ended well."""
    wanted = states or (State.done, State.warning)
    return [run for run in reversed(store.history(limit=500)) if run.state in wanted]


class Serving:
    """A scheduler in a thread of this process."""

    def __init__(self, store: Store, folder: Path, **options: Any) -> None:
        self.lines: list[str] = []
        lease = options.pop("lease_seconds", 30.0)
        self.scheduler = Scheduler(
            store,
            folder / "logs",
            claims=Claims(store, lease_seconds=lease, jitter=lambda: 0.5),
            program=(sys.executable, str(write_toy(folder))),
            poll_seconds=0.2,
            report=self.lines.append,
            **options,
        )
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.scheduler.serve, args=(self.stop,))

    def __enter__(self) -> Serving:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        self.thread.join(60)
        if self.thread.is_alive():
            raise TimeoutError("the scheduler does not stop")


def start_program(
    address: str, folder: Path, *, start: datetime = NIGHT, speed: float = 60.0, lease: float = 2.0, log: str = "out"
) -> subprocess.Popen[bytes]:
    """A scheduler as a program, its lines in ``folder``."""
    words = [address, str(folder / "logs"), start.isoformat(), str(speed), str(lease), str(write_toy(folder))]
    with open(folder / log, "ab") as lines:
        return subprocess.Popen(
            [sys.executable, __file__, *words], stdout=lines, stderr=lines, cwd=folder, env=dict(os.environ)
        )


def lives(pid: int) -> bool:
    """Whether a process runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in ("Z", "X")
    except (FileNotFoundError, ProcessLookupError):
        return False


def stores(folder: Path, address: str) -> Iterator[Store]:
    """A store that is closed at the end."""
    database = Database(address)
    try:
        yield Store(database)
    finally:
        database.close()


def main() -> None:
    """Serve until SIGTERM, or until killed."""
    import signal

    address, logs, start, speed, lease, toy = sys.argv[1:]
    store = Store(Database(address))
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda number, frame: stop.set())
    scheduler = Scheduler(
        store,
        Path(logs),
        clock=FastClock(datetime.fromisoformat(start), float(speed)),
        claims=Claims(store, lease_seconds=float(lease), grace_seconds=3600),
        program=(sys.executable, toy),
        poll_seconds=0.2,
        stop_seconds=0.0 if "quick" in os.environ.get("TOY_STOP", "") else 20.0,
        report=lambda line: print(line, flush=True),
    )
    print("serving", flush=True)
    scheduler.serve(stop)


if __name__ == "__main__":
    main()

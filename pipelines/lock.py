"""One live run per folder: a lock file that a dead run cannot keep.

The lock belongs to the open file where the system offers that (flock), so it ends with its process however that ends;
elsewhere the process number written in the file decides.
"""

from __future__ import annotations

import json
import os
import socket
import time
from pathlib import Path

from ..core.errors import RunBusyError

LOCK_NAME = ".lock"
NUM_TRIES, TRY_SECONDS = 5, 0.1
"""Somebody who only asks whether a run is live holds the lock for a moment; a run holds it longer than this."""


class RunLock:
    """Holds ``folder/.lock`` until ``release``.

    Raises:
        RunBusyError: a live run holds the folder; the message says which process.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / LOCK_NAME
        self._handle = self._take()
        os.ftruncate(self._handle, 0)
        os.write(self._handle, json.dumps({"pid": os.getpid(), "host": socket.gethostname()}).encode())

    def release(self) -> None:
        """Give the folder free; the file goes first, so that nobody can lock a file that is about to go."""
        if self._handle >= 0:
            self.path.unlink(missing_ok=True)
            os.close(self._handle)
            self._handle = -1

    def _take(self) -> int:
        tries = 0
        while True:
            handle = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o644)
            if not _lock(handle, self.path):
                os.close(handle)
                tries += 1
                if tries < NUM_TRIES:
                    time.sleep(TRY_SECONDS)
                    continue
                raise RunBusyError(
                    f"{self.path.parent} is in use by a live run ({holder(self.path)}); "
                    "wait for it, stop it, or choose another --out"
                )
            try:
                if os.path.samestat(os.fstat(handle), os.stat(self.path)):
                    return handle
            except FileNotFoundError:
                pass
            os.close(handle)


def holder(path: Path) -> str:
    """Who wrote the lock file, in words."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return f"process {int(content['pid'])} on {content['host']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "unknown process"


def is_live(folder: Path) -> bool:
    """Whether a live run holds the folder now."""
    path = folder / LOCK_NAME
    try:
        handle = os.open(path, os.O_RDWR)
    except OSError:
        return False
    try:
        return not _lock(handle, path)
    finally:
        os.close(handle)


def _lock(handle: int, path: Path) -> bool:
    try:
        import fcntl
    except ImportError:
        return not _writer_lives(path)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks
        return not _writer_lives(path)
    return True


def _writer_lives(path: Path) -> bool:
    import psutil

    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        pid, host = int(content["pid"]), content["host"]
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return host != socket.gethostname() or (pid != os.getpid() and psutil.pid_exists(pid))

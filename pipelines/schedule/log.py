"""The log of an attempt: what its command printed, in one file of bounded size; its beginning and its end are kept.

A log that cannot be written (a full disk, a missing right) never ends the command: the run says that its log is not whole.
"""

from __future__ import annotations

import contextlib
import os
from collections import deque
from datetime import datetime
from pathlib import Path

HEAD_BYTES = 512 << 10
TAIL_BYTES = 512 << 10
KEPT_LOGS = 1000
LOG_SUFFIX = ".log"


class BoundedLog:
    """Takes bytes and keeps the first ``head_bytes`` and the last ``tail_bytes`` of them in ``path``.

    ``trouble`` says in words why the file is not whole; empty while it is.
    """

    def __init__(self, path: Path, *, head_bytes: int = HEAD_BYTES, tail_bytes: int = TAIL_BYTES) -> None:
        self.path = path
        self.trouble = ""
        self._room = head_bytes
        self._tail_bytes = tail_bytes
        self._tail: deque[bytes] = deque()
        self._in_tail = 0
        self._left_out = 0
        self._handle = -1
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        except OSError as error:
            self._fail(error)

    def add(self, content: bytes) -> None:
        """Take what the command printed."""
        head, rest = content[: self._room], content[self._room :]
        self._room -= len(head)
        self._write(head)
        if not rest:
            return
        self._tail.append(rest)
        self._in_tail += len(rest)
        while self._in_tail - len(self._tail[0]) >= self._tail_bytes:
            gone = self._tail.popleft()
            self._in_tail -= len(gone)
            self._left_out += len(gone)

    def close(self) -> None:
        """Write the kept end and close the file."""
        if self._left_out:
            self._write(f"\n... {self._left_out:,} bytes left out ...\n".encode())
        for part in self._tail:
            self._write(part)
        self._tail.clear()
        if self._handle >= 0:
            with contextlib.suppress(OSError):
                os.close(self._handle)
            self._handle = -1

    def _write(self, content: bytes) -> None:
        if self._handle < 0:
            return
        try:
            while content:
                content = content[os.write(self._handle, content) :]
        except OSError as error:
            self._fail(error)

    def _fail(self, error: OSError) -> None:
        self.trouble = f"the log {self.path} is not whole: {error.strerror}"
        if self._handle >= 0:
            with contextlib.suppress(OSError):
                os.close(self._handle)
            self._handle = -1


def log_path(folder: Path, schedule: str, planned: datetime, fence: int) -> Path:
    """Where an attempt's log lies: a folder a schedule, a file a token, in the order of the planned times."""
    return folder / schedule / f"{planned:%Y%m%dT%H%M%SZ}-{fence}{LOG_SUFFIX}"


def forget_old(folder: Path, keep: int = KEPT_LOGS) -> None:
    """Remove all but the newest logs of a schedule."""
    with contextlib.suppress(OSError):
        logs = sorted(folder.glob(f"*{LOG_SUFFIX}"), key=lambda path: path.stat().st_mtime)
        for path in logs[:-keep]:
            path.unlink(missing_ok=True)

"""The run's journal: one JSON object a line, appended and flushed to disk before the run goes on.

It is the history (what began, ended, was quarantined, when); the state is in the folders. A line torn by a crash or a
full disk is skipped by readers and closed off by the next writer.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..core.errors import DiskFullError
from .store import is_disk_full

JOURNAL_NAME = "journal.jsonl"


class Journal:
    """Appends events to ``path``; an event survives the death of this process at once, and that of the machine when synced."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        size = os.fstat(self._handle).st_size
        self._torn = False
        if size > 0:
            os.lseek(self._handle, -1, os.SEEK_END)
            self._torn = os.read(self._handle, 1) != b"\n"

    def add(self, event: str, *, sync: bool = True, **fields: Any) -> None:
        """Append one event; without ``sync`` the next event takes it to disk with it. Raises DiskFullError."""
        line = json.dumps({"event": event, "time": now(), **fields}).encode() + b"\n"
        if self._torn:
            line = b"\n" + line
        self._torn = True
        try:
            while line:
                line = line[os.write(self._handle, line) :]
            if sync:
                os.fsync(self._handle)
        except OSError as error:
            if is_disk_full(error):
                raise DiskFullError(
                    f"no space left while writing {self.path}; free some and run the same command again"
                ) from error
            raise
        self._torn = False

    def close(self) -> None:
        """Close the file; the journal cannot be used after it."""
        os.close(self._handle)


def read_journal(path: Path) -> Iterator[dict[str, Any]]:
    """The events of a journal in order; torn lines are left out, a missing file has none."""
    try:
        with open(path, "rb") as lines:
            for line in lines:
                try:
                    event = json.loads(line)
                except (ValueError, RecursionError):
                    continue
                if isinstance(event, dict) and "event" in event:
                    yield event
    except FileNotFoundError:
        return


def unclean_ends(events: Iterator[Mapping[str, Any]]) -> dict[tuple[str, str], int]:
    """How often in a row the process died at an item in the local executor: by item id and key hash.

    A session that has no ``end`` died (or was killed) at the item it had begun and not finished; any other outcome of
    the item takes the count back to nothing.
    """
    counts: dict[tuple[str, str], int] = {}
    open_items: dict[str, str] = {}

    def died() -> None:
        for item, key in open_items.items():
            counts[item, key] = counts.get((item, key), 0) + 1
        open_items.clear()

    for event in events:
        name, item = event["event"], str(event.get("item", ""))
        if name == "start":
            died()
        elif name == "begin" and event.get("worker") == "local":
            open_items[item] = str(event.get("key", ""))
        elif name in ("done", "quarantined"):
            counts.pop((item, open_items.pop(item, "")), None)
        elif name == "end":
            open_items.clear()
    died()
    return counts


def now() -> str:
    """The time in UTC, ISO 8601, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")

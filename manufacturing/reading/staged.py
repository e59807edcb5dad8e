"""The store that ``stage`` fills: each machine's rows side by side in plain binary files, and an index that says where they lie.

Any process opens it by its folder and reads one machine at a time; nothing else is held in memory.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...core.errors import InputError
from ...core.files import write_json
from ...core.job import Refusal
from ..history import Event, History

if TYPE_CHECKING:
    import numpy as np

INDEX = "index.json"
FORMAT = 1
ARRAYS: Mapping[str, str] = {"times": "<i8", "values": "<f4", "flags": "|u1", "running": "|i1", "clock": "<f8"}


@dataclass(frozen=True)
class StagedMachine:
    """One machine of the store: how many rows, the SHA-256 of what was read of it, and the names of files it came from.

    ``digest`` covers readings, events and traits, and is the same whatever order the files were given in.
    """

    name: str
    rows: int
    digest: str
    files: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass
class Staged:
    """Everything that was read. ``refusals`` are sources that were not; ``notes`` concern sources rather than machines."""

    folder: Path
    sensors: tuple[str, ...]
    refusals: tuple[Refusal, ...] = ()
    notes: tuple[str, ...] = ()
    has_running: bool = False
    has_clock: bool = False
    entries: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @classmethod
    def open(cls, folder: Path | str) -> Staged:
        """Open a store that ``stage`` made.

        Raises:
            InputError: there is none, or it is another version's.
        """
        path = Path(folder) / INDEX
        try:
            index = json.loads(path.read_text(encoding="utf-8"))
            if index["format"] != FORMAT:
                raise ValueError("another format")
            entries = {entry["name"]: entry for entry in index["machines"]}
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InputError(
                f"{folder} holds no readings that this version staged", code="not_staged", remedy="read the files again"
            ) from error
        refusals = tuple(Refusal(**{**refusal, "path": Path(refusal["path"])}) for refusal in index["refusals"])
        return cls(
            Path(folder),
            tuple(index["sensors"]),
            refusals,
            tuple(index["notes"]),
            index["has_running"],
            index["has_clock"],
            entries,
        )

    def machines(self) -> tuple[StagedMachine, ...]:
        """All machines that have readings, in the order of their names."""
        return tuple(self._machine(entry) for entry in self.entries.values())

    def machine(self, name: str) -> StagedMachine:
        """One machine. Raises KeyError."""
        return self._machine(self._entry(name))

    def history(self, machine: str) -> History:
        """The history of one machine, read from disk.

        Raises:
            KeyError: no such machine; the message names some that are there.
            InputError: the store is damaged.
        """
        entry = self._entry(machine)
        start, rows = entry["start"], entry["rows"]
        running = self._array("running", start, rows) if self.has_running else None
        return History(
            machine,
            self.sensors,
            self._array("times", start, rows),
            self._array("values", start, rows, len(self.sensors)),
            self._array("flags", start, rows, len(self.sensors)),
            _held(running) if running is not None and entry["runs"] else None,
            self._array("clock", start, rows) if self.has_clock else None,
            self._events(entry),
            entry["traits"],
            tuple(entry["notes"]),
        )

    def _entry(self, machine: str) -> Mapping[str, Any]:
        if machine not in self.entries:
            some = ", ".join(list(self.entries)[:8]) or "none"
            raise KeyError(f"no machine {machine!r}; there are {len(self.entries):,}: {some}")
        return self.entries[machine]

    @staticmethod
    def _machine(entry: Mapping[str, Any]) -> StagedMachine:
        return StagedMachine(
            entry["name"], entry["rows"], entry["digest"], tuple(entry["files"]), tuple(entry["notes"])
        )

    def _array(self, name: str, start: int, rows: int, width: int = 0) -> np.ndarray:
        import numpy as np

        kind = np.dtype(ARRAYS[name])
        per_row = max(1, width)
        found = np.fromfile(self.folder / f"{name}.bin", kind, rows * per_row, offset=start * per_row * kind.itemsize)
        if len(found) != rows * per_row:
            raise InputError(f"{self.folder} is damaged", code="corrupt", remedy="read the files again")
        return found.reshape(rows, width) if width else found

    def _events(self, entry: Mapping[str, Any]) -> tuple[Event, ...]:
        if not entry["events"]:
            return ()
        start, length = entry["events"]
        with open(self.folder / "events.bin", "rb") as stream:
            stream.seek(start)
            return tuple(Event(*row) for row in json.loads(stream.read(length)))

    def save(self) -> None:
        """Write the index; the last step of staging."""
        write_json(
            self.folder / INDEX,
            {
                "format": FORMAT,
                "sensors": self.sensors,
                "has_running": self.has_running,
                "has_clock": self.has_clock,
                "notes": self.notes,
                "refusals": [
                    {
                        "id": refusal.id,
                        "path": str(refusal.path),
                        "code": refusal.code,
                        "reason": refusal.reason,
                        "remedy": refusal.remedy,
                        "stage": refusal.stage,
                    }
                    for refusal in self.refusals
                ],
                "machines": list(self.entries.values()),
            },
        )


def _held(running: np.ndarray) -> np.ndarray:
    """bool[rows] of 1, 0 and -1 (unknown): what is unknown stays as it was before; running until something else is said."""
    import numpy as np

    known = np.where(running >= 0, np.arange(len(running)), -1)
    last = np.maximum.accumulate(known)
    return np.where(last >= 0, running[np.maximum(last, 0)] == 1, True)

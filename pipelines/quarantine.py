"""Items without a result: one JSON file each, with code, reason and remedy a person can act on.

Never the input's text. An item that failed stays here until its key changes or a retry is asked for; what could not
even become an item (a pipe, an unreadable folder) is looked at anew by each run.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..core.files import write_json
from ..core.job import Refusal
from .executors.attempt import Failure
from .store import folder_name

QUARANTINE_SCHEMA = "dsapp.run.quarantine/1"
MAX_BYTES = 1 << 20


@dataclass(frozen=True)
class Quarantined:
    """One file of the quarantine; ``key`` is empty where the input never became an item."""

    refusal: Refusal
    key: Mapping[str, Any]
    error: str = ""
    where: tuple[str, ...] = ()


def of_failure(item_id: str, path: Path, key: Mapping[str, Any], failure: Failure) -> Quarantined:
    """The entry for an item whose attempt failed."""
    refusal = Refusal(item_id, path, failure.code, failure.reason, failure.remedy, failure.stage)
    return Quarantined(refusal, key, failure.error, failure.where)


class Quarantine:
    """The folder ``quarantine`` of a run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, entry: Quarantined) -> Path:
        """Write one entry, over an older one of the same item. Raises DiskFullError."""
        refusal = entry.refusal
        path = self.path_of(refusal.id)
        content = {
            "schema": QUARANTINE_SCHEMA,
            "id": refusal.id,
            "path": str(refusal.path),
            "code": refusal.code,
            "reason": refusal.reason,
            "remedy": refusal.remedy,
            "stage": refusal.stage,
            "error": entry.error,
            "where": list(entry.where),
            "key": dict(entry.key),
        }
        write_json(path, content)
        return path

    def get(self, item_id: str) -> Quarantined | None:
        """The entry of an item; None where there is none that can be read."""
        return read_entry(self.path_of(item_id))

    def keep_only(self, ids: set[str]) -> None:
        """Remove every entry of another item."""
        names = {self.path_of(item_id).name for item_id in ids}
        if self.folder.is_dir():
            for path in self.folder.glob("*.json"):
                if path.name not in names:
                    path.unlink(missing_ok=True)

    def path_of(self, item_id: str) -> Path:
        """Where the entry of an item lies."""
        return self.folder / f"{folder_name(item_id)}.json"


def read_entry(path: Path) -> Quarantined | None:
    """Read one file of a quarantine; None where it is missing or damaged."""
    try:
        if path.stat().st_size > MAX_BYTES:
            return None
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["schema"] != QUARANTINE_SCHEMA:
            return None
        words = {name: str(content[name]) for name in ("id", "code", "reason", "remedy", "stage")}
        refusal = Refusal(path=Path(content["path"]), **words)
        return Quarantined(refusal, dict(content["key"]), str(content["error"]), tuple(map(str, content["where"])))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None

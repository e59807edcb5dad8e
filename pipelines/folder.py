"""The run folder: where everything of a run lies, who may use it, and what must not be in it.

run.json            manifest
journal.jsonl       history
items/<id>/         one folder a finished item, with result.json
quarantine/<id>.json
.partial/           items being worked on; emptied when a run starts
the run's own pages and tables
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..core.errors import RunBusyError, RunFolderError
from .journal import JOURNAL_NAME
from .lock import LOCK_NAME, RunLock, holder, is_live
from .manifest import MANIFEST_NAME, read_manifest
from .store import is_disk_full

ITEMS_NAME = "items"
QUARANTINE_NAME = "quarantine"
PARTIAL_NAME = ".partial"
RESERVED_NAMES = (MANIFEST_NAME, JOURNAL_NAME, ITEMS_NAME, QUARANTINE_NAME, PARTIAL_NAME, LOCK_NAME)


@dataclass(frozen=True)
class RunFolder:
    """Paths of a run."""

    path: Path

    @property
    def manifest(self) -> Path:
        return self.path / MANIFEST_NAME

    @property
    def journal(self) -> Path:
        return self.path / JOURNAL_NAME

    @property
    def items(self) -> Path:
        return self.path / ITEMS_NAME

    @property
    def quarantine(self) -> Path:
        return self.path / QUARANTINE_NAME

    @property
    def partial(self) -> Path:
        return self.path / PARTIAL_NAME


def check(path: Path, job_name: str) -> dict[str, Any] | None:
    """The manifest of an earlier session of the same job in ``path``, or None for a folder that is free to use.

    Raises:
        RunFolderError: it is no folder, or holds another job or files that no run made.
        RunBusyError: a live run holds it.
    """
    if not path.exists():
        if path.is_symlink():
            raise RunFolderError(f"{path} is a link to nothing; remove it, or choose another --out")
        return None
    if not path.is_dir():
        raise RunFolderError(f"{path} is a file, not a folder; choose another --out")
    if is_live(path):
        raise RunBusyError(
            f"{path} is in use by a live run ({holder(path / LOCK_NAME)}); wait for it, stop it, or choose another --out"
        )
    return _previous(path, job_name)


@contextmanager
def opened(path: Path, job_name: str) -> Iterator[tuple[RunFolder, dict[str, Any] | None]]:
    """Make, check and lock the folder; yields its paths and the earlier manifest. One made here and left empty goes again.

    Raises:
        RunFolderError: as ``check``, or it cannot be written to.
        RunBusyError: as ``check``.
    """
    is_new = not path.exists()
    try:
        path.mkdir(parents=True, exist_ok=True)
        lock = RunLock(path)
    except OSError as error:
        if is_disk_full(error):
            raise
        raise RunFolderError(f"{path} cannot be written to ({error.strerror}); choose another --out") from error
    try:
        previous = _previous(path, job_name)
        folder = RunFolder(path)
        shutil.rmtree(folder.partial, ignore_errors=True)
        yield folder, previous
        shutil.rmtree(folder.partial, ignore_errors=True)
    finally:
        lock.release()
        if is_new:
            with suppress(OSError):
                path.rmdir()


def _previous(path: Path, job_name: str) -> dict[str, Any] | None:
    previous = read_manifest(path)
    if previous is None:
        _refuse_foreign(path)
    elif previous.get("job") != job_name:
        raise RunFolderError(
            f"{path} holds a run of {str(previous.get('job'))[:80]!r}, not of {job_name!r}; choose another --out"
        )
    return previous


def _refuse_foreign(path: Path) -> None:
    """A folder without a manifest may hold what a run leaves that died before it wrote one; nothing else."""
    if (path / MANIFEST_NAME).exists():
        raise RunFolderError(
            f"{path / MANIFEST_NAME} is damaged or from another version; choose another --out, or empty the folder"
        )
    for entry in os.scandir(path):
        name = entry.name
        ours = name == LOCK_NAME or (name.startswith(f".{MANIFEST_NAME}.") and name.endswith(".part"))
        if not ours:
            raise RunFolderError(
                f"{path} is not empty and was not made by dsapp (it holds {ascii(name)[:80]}, but no {MANIFEST_NAME}); "
                "choose another --out, or empty it"
            )

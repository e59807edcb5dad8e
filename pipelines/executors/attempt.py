"""One attempt at one item: call the job, store its result beside its files, or say why it failed.

Both executors go through ``attempt``, so an item ends the same wherever it ran. A failure carries class and places
of the code, never the message of an unforeseen exception: such a message may quote the input.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

from ...core.confined import HelperError
from ...core.errors import DiskFullError, DsappError, InputError, NumericError
from ...core.job import Item, Job
from .. import store

PACKAGE = __name__.split(".")[0]
SHARED_PACKAGES = ("core", "pipelines")
NUM_PLACES = 6


@dataclass(frozen=True)
class Task:
    """An item to be worked on in ``folder`` (made by the attempt); ``key`` is stored with its result."""

    item: Item
    folder: Path
    key: Mapping[str, Any]


@dataclass(frozen=True)
class Failure:
    """Why an item has no result.

    ``refused``: the input is at fault, quarantine it. ``internal``: the code is at fault, quarantine it and count.
    ``fatal``: no item can succeed, stop the run. ``error`` names the class, ``where`` the places in the code from the
    outer to the innermost; ``cause`` is the exception itself where it happened in this process.
    """

    kind: Literal["refused", "internal", "fatal"]
    code: str
    reason: str
    remedy: str = ""
    stage: str = "do"
    error: str = ""
    where: tuple[str, ...] = ()
    cause: BaseException | None = field(default=None, compare=False, repr=False)

    @property
    def signature(self) -> tuple[str, str]:
        """What makes two internal failures equal: the class, and the innermost place."""
        return self.error, self.where[-1] if self.where else ""


@dataclass(frozen=True)
class Ended:
    """How a task ended: with its result stored in its folder (``failure`` is None), or not."""

    task: Task
    seconds: float
    failure: Failure | None = None


def attempt(job: Job, task: Task) -> Ended:
    """Work on one task. Every exception but KeyboardInterrupt becomes a failure; its folder is then removed."""
    started = time.monotonic()
    failure = None
    try:
        shutil.rmtree(task.folder, ignore_errors=True)
        task.folder.mkdir(parents=True)
        store.write_result(task.folder, task.item, task.key, job.do(task.item, task.folder))
    except KeyboardInterrupt:
        shutil.rmtree(task.folder, ignore_errors=True)
        raise
    except BaseException as error:
        failure = failure_of(error)
        shutil.rmtree(task.folder, ignore_errors=True)
    return Ended(task, time.monotonic() - started, failure)


def failure_of(error: BaseException) -> Failure:
    """Sort an exception by what the run should do about it."""
    where = places(error.__traceback__)
    stage = stage_of(error.__traceback__)
    name = type(error).__name__
    if isinstance(error, HelperError):
        name, where = error.error, (*where, *error.places)[-NUM_PLACES:]
    if isinstance(error, InputError):
        return Failure("refused", error.code, error.message, error.remedy, stage, name, where, error)
    if isinstance(error, NumericError):
        remedy = "try another --variant; if it stays, report it: the model, not the file, is at fault"
        return Failure("refused", "numeric", str(error), remedy, stage, name, where, error)
    if isinstance(error, MemoryError):
        remedy = "run with fewer --workers, or on a machine with more memory"
        return Failure("refused", "memory", "it needs more memory than there is", remedy, stage, name, where, error)
    if isinstance(error, OSError) and store.is_disk_full(error):
        full = "no space left while an item was worked on; free some and run the same command again"
        return Failure("fatal", "disk_full", full, "", stage, DiskFullError.__name__, where, error)
    if isinstance(error, DsappError):
        return Failure("fatal", "stopped", str(error), "", stage, name, where, error)
    reason = f"an error inside dsapp ({name}{' at ' + where[-1] if where else ''}), not in the input"
    remedy = f"report it with the file quarantine/<id>.json; after an update: {PACKAGE} runs retry FOLDER --quarantined"
    return Failure("internal", "internal", reason, remedy, stage, name, where, error)


def places(trace: TracebackType | None) -> tuple[str, ...]:
    """``file:line function`` of the last frames, innermost last; files relative to the package where they are in it."""
    found: list[str] = []
    package_root = Path(__file__).parents[2]
    while trace is not None:
        code = trace.tb_frame.f_code
        path = Path(code.co_filename)
        if path.is_relative_to(package_root):
            shown = path.relative_to(package_root).as_posix()
        else:
            shown = "/".join(path.parts[-3:])
        found.append(f"{shown}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return tuple(found[-NUM_PLACES:])


def stage_of(trace: TracebackType | None) -> str:
    """The stage of the domain where it happened: the module below the domain's package that was entered last."""
    stage = "do"
    while trace is not None:
        names = str(trace.tb_frame.f_globals.get("__name__", "")).split(".")
        if len(names) > 2 and names[0] == PACKAGE and names[1] not in SHARED_PACKAGES:
            stage = names[2]
        trace = trace.tb_next
    return stage

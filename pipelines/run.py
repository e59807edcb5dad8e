"""Run a job over many inputs so that nothing is lost: resume, quarantine, manifest, exit code.

``run`` knows no domain. A session lists the items, keeps what a stored result still covers, works on the rest, and
lets the job rebuild its own pages from the stored results; killed at any moment, the same call continues. What stops
a session after it began comes back in the outcome; what keeps it from beginning is raised.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePath
from typing import Any

from ..core.errors import DiskFullError, DsappError, RunError
from ..core.files import write_json
from ..core.job import Closing, Item, Job, Refusal, Stored
from . import fence, store
from . import quarantine as quarantining
from .executors import Ended, Executor, Failure, Task
from .executors.attempt import failure_of
from .executors.local import Local
from .folder import RESERVED_NAMES, RunFolder, check, opened
from .jobs import fields_of
from .journal import Journal, now, read_journal, unclean_ends
from .machine import PeakMemory
from .manifest import MANIFEST_SCHEMA, machine, versions
from .plan import Plan, find, plan
from .progress import Progress, Silent, State

EQUAL_FAILURES_ALLOWED = 5
UNCLEAN_ENDS_ALLOWED = 3
EXIT_DONE, EXIT_FAILED, EXIT_QUARANTINED = 0, 1, 3


@dataclass(frozen=True)
class Outcome:
    """What came of a run.

    ``exit_code`` is 0 (all done), 3 (done, some in quarantine) or 1 (stopped by ``error``, or ``interrupted``; the
    same call continues). ``outputs`` are the run's own pages, the one to open first in front; ``stored`` and
    ``refused`` follow the order in which the items were found.
    """

    exit_code: int
    run_id: str
    folder: Path
    outputs: tuple[Path, ...]
    stored: tuple[Stored, ...]
    refused: tuple[Refusal, ...]
    manifest: Mapping[str, Any]
    error: DsappError | None = None
    interrupted: bool = False


def run(
    job: Job,
    inputs: Sequence[Path],
    out: Path,
    *,
    executor: Executor | None = None,
    progress: Progress | None = None,
    retry_quarantined: bool = False,
) -> Outcome:
    """Run ``job`` over ``inputs`` into the run folder ``out``, or continue the run that it holds.

    Items whose stored result was made from the same content with the same settings and bundles are not done again.
    Quarantined items stay there unless their key changed or ``retry_quarantined`` is set.

    Raises:
        UsageError: an input does not exist, or nothing was found.
        RunFolderError: ``out`` is no folder, or holds another job or foreign files.
        RunBusyError: a live run holds ``out``, or a scheduler that took over this run has written it.
        DiskFullError: there was no space even to begin.
        DsappError: what the job's ``prepare`` raises: no item could succeed.
    """
    started = time.monotonic()
    executor, progress = executor or Local(), progress or Silent()
    inputs, out = [_absolute(path) for path in inputs], _absolute(out)
    try:
        check(out, job.name)
        shared = store.key_of(job)
        found = find(job, inputs, out)
        if found.num_outputs:
            progress.note(f"{found.num_outputs} files below the inputs were written by earlier runs and are left out")
        with opened(out, job.name) as (folder, previous):
            fence.check(out, previous, fence.from_environment())
            todo = plan(found, shared, folder, retry_quarantined=retry_quarantined)
            found_seconds = time.monotonic() - started
            if todo.todo:
                job.prepare(progress.note, keep=not executor.isolates)
            session = _Session(job, inputs, folder, shared, executor, progress, todo, previous or {}, started)
            session.timings["find_seconds"] = found_seconds
            session.timings["prepare_seconds"] = time.monotonic() - started - found_seconds
            return session.run()
    except OSError as error:
        if store.is_disk_full(error):
            raise DiskFullError(f"no space left in {out}; free some and run the same command again") from error
        raise


@dataclass
class _Session:
    """One call of ``run`` in a locked folder."""

    job: Job
    inputs: Sequence[Path]
    folder: RunFolder
    shared: Mapping[str, Any]
    executor: Executor
    progress: Progress
    plan: Plan
    previous: Mapping[str, Any]
    started: float
    run_id: str = ""
    began: str = ""
    cost_total: float = 0.0
    stored: dict[str, Stored] = field(default_factory=dict)
    refused: dict[str, Refusal] = field(default_factory=dict)
    outputs: list[str] = field(default_factory=list)
    timings: dict[str, float] = field(default_factory=dict)
    cost_done: float = 0.0
    alike: list[tuple[Item, Failure]] = field(default_factory=list)
    manifest: dict[str, Any] = field(default_factory=dict)

    def run(self) -> Outcome:
        self.run_id = str(self.previous.get("id") or f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}")
        self.began = now()
        self.quarantine = quarantining.Quarantine(self.folder.quarantine)
        history = unclean_ends(read_journal(self.folder.journal))
        self._write_manifest("running", None, 0)
        self.journal = Journal(self.folder.journal)
        error: DsappError | None = None
        interrupted = False
        try:
            with PeakMemory() as memory:
                try:
                    self._begin(history)
                    self._work()
                    self._close()
                except KeyboardInterrupt:
                    interrupted = True
                    error = RunError("interrupted; what is finished is kept")
                except DsappError as stop:
                    error = stop
                finally:
                    self.progress.stop()
            return self._end(error, interrupted, memory.bytes)
        finally:
            self.journal.close()

    def _begin(self, history: Mapping[tuple[str, str], int]) -> None:
        plan = self.plan
        self.journal.add(
            "start",
            run=self.run_id,
            executor=self.executor.describe(),
            num_items=len(plan.items),
            num_kept=len(plan.done),
            num_todo=len(plan.todo),
        )
        for item in plan.items:
            if item.id in plan.done:
                self._keep(item, plan.done[item.id])
            elif item.id in plan.held:
                held = plan.held[item.id].refusal
                self.refused[item.id] = dataclasses.replace(held, path=item.path)
        self.quarantine.keep_only({item.id for item in plan.items if item.id not in plan.done})
        for refusal in plan.refused:
            self.quarantine.put(quarantining.Quarantined(refusal, {}))
        if not self.executor.isolates:
            for item in plan.todo:
                times = history.get((item.id, store.key_hash(self._key(item))), 0)
                if times >= UNCLEAN_ENDS_ALLOWED:
                    self._refuse(item, _killed_run(times))
        for note in plan.notes():
            self.progress.note(note)

    def _work(self) -> None:
        tasks = [
            Task(item, self.folder.partial / store.folder_name(item.id), self._key(item))
            for item in self.plan.todo
            if item.id not in self.refused
        ]
        self.cost_total = sum(task.item.cost for task in tasks)
        started = self._clock()
        self.progress.start(self._state())
        if tasks:
            with contextlib.closing(self.executor.run(self.job, tasks, self._begun)) as ends:
                for ended in ends:
                    self._ended(ended)
                    self.timings.setdefault("first_result_seconds", self._clock())
                    self.progress.update(self._state())
        self.progress.stop()
        self.timings["work_seconds"] = self._clock() - started

    def _begun(self, task: Task, worker: str) -> None:
        self.journal.add("begin", sync=False, item=task.item.id, worker=worker, key=store.key_hash(task.key))

    def _ended(self, ended: Ended) -> None:
        item, failure = ended.task.item, ended.failure
        if failure is None:
            target = self.folder.items / store.folder_name(item.id)
            store.commit(ended.task.folder, target)
            kept = store.read_result(target)
            if kept is None:
                raise RunError(f"the result of an item was stored in {target} but cannot be read back")
            self.journal.add("done", item=item.id, seconds=round(ended.seconds, 3), cost=item.cost)
            self._keep(item, kept)
            self.quarantine.path_of(item.id).unlink(missing_ok=True)
            self.alike.clear()
        elif failure.kind == "fatal":
            raise _fatal(failure)
        else:
            self._refuse(item, failure, seconds=ended.seconds)
            self._count_alike(item, failure)
        self.cost_done += item.cost

    def _refuse(self, item: Item, failure: Failure, **fields: Any) -> None:
        entry = quarantining.of_failure(item.id, item.path, self._key(item), failure)
        self.quarantine.put(entry)
        self.journal.add("quarantined", item=item.id, code=failure.code, stage=failure.stage, **fields)
        self.refused[item.id] = entry.refusal

    def _count_alike(self, item: Item, failure: Failure) -> None:
        """Stop when the code fails at item after item; those items are no longer held against themselves."""
        if failure.kind != "internal" or (self.alike and self.alike[-1][1].signature != failure.signature):
            self.alike.clear()
        if failure.kind != "internal":
            return
        self.alike.append((item, failure))
        if len(self.alike) >= EQUAL_FAILURES_ALLOWED:
            for one, _ in self.alike:
                self.quarantine.path_of(one.id).unlink(missing_ok=True)
                self.refused.pop(one.id, None)
            raise RunError(
                f"{len(self.alike)} items in a row failed alike, so the run stops: {failure.reason}. "
                "What is finished is kept; report this, and run the same command again after an update"
            ) from failure.cause

    def _close(self) -> None:
        started = self._clock()
        facts = {
            "job": self.job.name,
            "inputs": [str(path) for path in self.inputs],
            "cost_unit": self.job.cost_unit,
            "versions": versions(),
            **{name: self.shared[name] for name in ("bundles", "settings")},
        }
        closing = Closing(self._stored(), self._refused(), facts)
        try:
            names = [str(name) for name in self.job.close(closing, self.folder.path)]
        except (KeyboardInterrupt, DsappError):
            raise
        except BaseException as error:
            raise _fatal(failure_of(error), "the pages could not be made: ") from error
        self.outputs = [name for name in names if _is_output(name)]
        for name in self.previous.get("outputs", ()):
            if isinstance(name, str) and _is_output(name) and name not in self.outputs:
                self._remove_output(self.folder.path / name)
        self.timings["close_seconds"] = self._clock() - started

    def _remove_output(self, path: Path) -> None:
        """Remove a page of an earlier session that this one did not make; never through a link out of the folder."""
        if path.parent.resolve().is_relative_to(self.folder.path.resolve()):
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)

    def _end(self, error: DsappError | None, interrupted: bool, peak_bytes: int) -> Outcome:
        refused = self._refused()
        code = EXIT_FAILED if error else EXIT_QUARANTINED if refused else EXIT_DONE
        state = "interrupted" if interrupted else "stopped" if error else "finished"
        with contextlib.suppress(DiskFullError):  # then the manifest stays as it was, and the next call mends it
            self.journal.add("end", state=state, exit_code=code, error=type(error).__name__ if error else "")
            self._write_manifest(state, error, peak_bytes)
        return Outcome(
            code,
            self.run_id,
            self.folder.path,
            tuple(self.folder.path / name for name in self.outputs),
            self._stored(),
            refused,
            self.manifest,
            error,
            interrupted,
        )

    def _write_manifest(self, state: str, error: DsappError | None, peak_bytes: int) -> None:
        plan = self.plan
        num_refused = len(self.refused) + len(plan.refused)
        self.manifest = {
            "schema": MANIFEST_SCHEMA,
            "id": self.run_id,
            "job": self.job.name,
            "state": state,
            "error": str(error) if error else "",
            "inputs": [str(path) for path in self.inputs],
            "cost_unit": self.job.cost_unit,
            "settings": self.shared["settings"],
            "bundles": self.shared["bundles"],
            "versions": versions(),
            "machine": machine(),
            "executor": self.executor.describe(),
            "arguments": fields_of(self.job),
            fence.MANIFEST_KEY: fence.from_environment() or self.previous.get(fence.MANIFEST_KEY),
            "first_started": self.previous.get("first_started", self.began),
            "started": self.began,
            "ended": now() if state != "running" else "",
            "counts": {
                "found": len(plan.items) + len(plan.refused),
                "done": len(self.stored),
                "kept": len(plan.done),
                "quarantined": num_refused,
                "left": len(plan.items) - len(self.stored) - len(self.refused),
                "dropped": len(plan.dropped),
            },
            "timings": {name: round(seconds, 3) for name, seconds in self.timings.items()},
            "seconds": round(self._clock(), 3),
            "peak_memory_bytes": peak_bytes,
            "outputs": self.outputs or list(self.previous.get("outputs", ())),
        }
        write_json(self.folder.manifest, self.manifest)

    def _keep(self, item: Item, kept: store.Kept) -> None:
        self.stored[item.id] = Stored(item, kept.result, self.folder.items / store.folder_name(item.id))

    def _stored(self) -> tuple[Stored, ...]:
        return tuple(self.stored[item.id] for item in self.plan.items if item.id in self.stored)

    def _refused(self) -> tuple[Refusal, ...]:
        failed = (self.refused[item.id] for item in self.plan.items if item.id in self.refused)
        return (*self.plan.refused, *failed)

    def _key(self, item: Item) -> dict[str, Any]:
        return store.item_key(self.shared, item)

    def _state(self) -> State:
        plan = self.plan
        return State(
            len(plan.items) + len(plan.refused),
            len(self.stored),
            len(self.refused) + len(plan.refused),
            self.cost_total,
            self.cost_done,
            self.job.cost_unit,
        )

    def _clock(self) -> float:
        return time.monotonic() - self.started


def _fatal(failure: Failure, before: str = "") -> DsappError:
    if isinstance(failure.cause, DsappError):
        return failure.cause
    kind: Callable[[str], DsappError] = DiskFullError if failure.code == "disk_full" else RunError
    error = kind(before + failure.reason)
    error.__cause__ = failure.cause
    return error


def _killed_run(times: int) -> Failure:
    return Failure(
        "refused",
        "killed_run",
        f"the program died {times} times while working on it",
        "try it in a process of its own: dsapp runs retry FOLDER --quarantined --workers 1; if memory ran out, "
        "use a machine with more",
        "worker",
    )


def _is_output(name: str) -> bool:
    parts = PurePath(name).parts
    return bool(parts) and not PurePath(name).is_absolute() and ".." not in parts and parts[0] not in RESERVED_NAMES


def _absolute(path: Path) -> Path:
    return Path(os.path.abspath(path))

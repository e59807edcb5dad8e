"""Worker processes of this machine: each loads the job once and works on whole items; the parent watches.

An item that takes too long, outgrows its memory or kills its worker costs that worker alone: it is replaced, the item
is tried once more at the end, and a second death makes it a refusal. Workers are fresh interpreters, never forks, so a
model runtime's threads are safe; each gets its share of the cores before it imports anything.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...core import errors
from ...core.errors import UsageError, WorkerError
from ...core.hardware import usable_cores
from ...core.job import Job
from ..jobs import job_to
from ..machine import memory_bytes
from .attempt import PACKAGE, Ended, Failure, Task
from .worker import ended_from, task_to

DEFAULT_SECONDS_PER_ITEM = 1800.0
DEATHS_ALLOWED = 2
START_SECONDS = 120.0
START_FAILURES_ALLOWED = 3
TICK_SECONDS = 0.2
MEMORY_SHARE = 0.9
MIN_BYTES_PER_WORKER = 3 << 29
"""1.5 GiB: a worker needs about half of it for its libraries alone."""
THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)


@dataclass(frozen=True)
class Processes:
    """Runs items on ``workers`` processes.

    ``max_seconds_per_item`` bounds one attempt at an item, loading a model included. ``max_bytes_per_worker`` bounds a
    worker's resident memory; None shares nine tenths of the machine's memory among the workers, 1.5 GiB at least.
    ``packages`` names the packages beside dsapp whose jobs the workers may load.
    """

    workers: int
    max_seconds_per_item: float = DEFAULT_SECONDS_PER_ITEM
    max_bytes_per_worker: int | None = None
    packages: tuple[str, ...] = ()
    name: str = "processes"
    isolates: bool = True

    def __post_init__(self) -> None:
        if self.workers < 1:
            raise UsageError(f"{self.workers} workers: at least one is needed")
        if not 0 < self.max_seconds_per_item < math.inf:
            raise UsageError(f"{self.max_seconds_per_item} seconds per item: it must be a number above 0")

    @property
    def memory_limit_bytes(self) -> int:
        """The limit in force for one worker."""
        share = int(memory_bytes() * MEMORY_SHARE / self.workers)
        return self.max_bytes_per_worker or max(share, MIN_BYTES_PER_WORKER)

    @property
    def threads(self) -> int:
        """Threads that each worker may use."""
        return max(1, usable_cores() // self.workers)

    def describe(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "workers": self.workers,
            "threads_per_worker": self.threads,
            "max_seconds_per_item": self.max_seconds_per_item,
            "max_bytes_per_worker": self.memory_limit_bytes,
        }

    def run(self, job: Job, tasks: Sequence[Task], begun: Callable[[Task, str], None]) -> Generator[Ended, None, None]:
        pool = _Pool(self, _hello(job, self.packages), tasks, begun)
        try:
            yield from pool.run()
        finally:
            pool.close()


@dataclass
class _Worker:
    number: int
    process: subprocess.Popen[bytes]
    since: float
    ready: bool = False
    task: Task | None = None
    killed_for: Failure | None = None


@dataclass
class _Pool:
    """The workers of one run, and what is left to do."""

    limits: Processes
    hello: bytes
    tasks: Sequence[Task]
    begun: Callable[[Task, str], None]
    waiting: deque[Task] = field(init=False)
    deaths: dict[str, int] = field(default_factory=dict)
    workers: dict[int, _Worker] = field(default_factory=dict)
    events: queue.SimpleQueue[tuple[int, dict[str, Any] | None]] = field(default_factory=queue.SimpleQueue)
    num_started: int = 0
    start_failures: int = 0

    def __post_init__(self) -> None:
        self.waiting = deque(self.tasks)

    def run(self) -> Iterator[Ended]:
        while self.waiting or self._busy():
            self._fill()
            try:
                number, message = self.events.get(timeout=TICK_SECONDS)
            except queue.Empty:
                pass
            else:
                yield from self._handle(self.workers[number], message)
            self._watch()

    def close(self) -> None:
        """Kill whoever is left; also the way in which idle workers end."""
        for worker in list(self.workers.values()):
            self._remove(worker)

    def _busy(self) -> int:
        return sum(worker.task is not None for worker in self.workers.values())

    def _fill(self) -> None:
        for worker in self.workers.values():
            if worker.ready and worker.task is None and worker.killed_for is None and self.waiting:
                self._give(worker, self.waiting.popleft())
        idle = len(self.workers) - self._busy()
        for _ in range(min(self.limits.workers - len(self.workers), len(self.waiting) - idle)):
            self._start()

    def _start(self) -> None:
        number = self.num_started
        self.num_started += 1
        process = subprocess.Popen(
            [sys.executable, "-P", "-c", f"from {__package__}.worker import main; main()", *self.limits.packages],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=_environment(self.limits.threads),
            start_new_session=True,
        )
        worker = self.workers[number] = _Worker(number, process, time.monotonic())
        threading.Thread(target=_listen, args=(number, process, self.events), daemon=True).start()
        _write(worker, self.hello)

    def _give(self, worker: _Worker, task: Task) -> None:
        worker.task, worker.since = task, time.monotonic()
        self.begun(task, f"worker {worker.number}")
        _write(worker, json.dumps(task_to(task)).encode() + b"\n")

    def _handle(self, worker: _Worker, message: dict[str, Any] | None) -> Iterator[Ended]:
        event = message["event"] if message else "died"
        if message is not None and event == "ready":
            worker.ready, self.start_failures = True, 0
        elif message is not None and event == "ended" and worker.task is not None:
            task, worker.task = worker.task, None
            yield _with_cause(ended_from(task, message))
        elif message is not None and event == "unusable":
            raise WorkerError(
                f"a worker cannot load the job ({message['error']}): its class must be importable by name and be made "
                "from its fields alone; run it with the local executor instead"
            )
        else:
            yield from self._bury(worker)

    def _bury(self, worker: _Worker) -> Iterator[Ended]:
        task, seconds = worker.task, time.monotonic() - worker.since
        code = self._remove(worker)
        if task is None:
            self._count_start_failure(worker, code)
            return
        self.deaths[task.item.id] = self.deaths.get(task.item.id, 0) + 1
        if self.deaths[task.item.id] < DEATHS_ALLOWED:
            self.waiting.append(task)
        else:
            yield Ended(task, seconds, worker.killed_for or _killed(code))

    def _count_start_failure(self, worker: _Worker, code: int) -> None:
        if worker.ready:
            return
        self.start_failures += 1
        if self.start_failures >= START_FAILURES_ALLOWED:
            raise WorkerError(
                f"{START_FAILURES_ALLOWED} worker processes in a row ended before they were ready ({_ending(code)}); "
                f"see above for their own messages, and look at `{PACKAGE} doctor`"
            )

    def _watch(self) -> None:
        """Kill who is over a limit; the listening thread then reports the death."""
        now = time.monotonic()
        for worker in self.workers.values():
            if worker.killed_for is not None:
                continue
            if not worker.ready:
                if now - worker.since > START_SECONDS:
                    worker.killed_for = Failure("fatal", "start", "the worker did not become ready")
                    _kill(worker.process)
            elif worker.task is not None:
                worker.killed_for = self._over_limit(worker, now)
                if worker.killed_for is not None:
                    _kill(worker.process)

    def _over_limit(self, worker: _Worker, now: float) -> Failure | None:
        limit = self.limits.max_seconds_per_item
        if now - worker.since > limit:
            return Failure(
                "refused",
                "timeout",
                f"it was not finished after {limit:g} seconds, {DEATHS_ALLOWED} times",
                "if the file is only long, raise --max-seconds-per-item; if not, it is damaged or made to do this",
                "worker",
            )
        if _resident_bytes(worker.process.pid) > self.limits.memory_limit_bytes:
            allowed = self.limits.memory_limit_bytes / 2**20
            return Failure(
                "refused",
                "memory",
                f"it needed more than the {allowed:,.0f} MiB that a worker may use, {DEATHS_ALLOWED} times",
                "run with fewer --workers, so that each may use more; or the file is damaged or made to do this",
                "worker",
            )
        return None

    def _remove(self, worker: _Worker) -> int:
        self.workers.pop(worker.number, None)
        _kill(worker.process)
        with contextlib.suppress(OSError):
            if worker.process.stdin:
                worker.process.stdin.close()
        return worker.process.wait()


def _hello(job: Job, packages: Sequence[str]) -> bytes:
    try:
        content = job_to(job, packages)
    except UsageError as error:
        raise WorkerError(
            f"the job {job.name} cannot be sent to a worker process: {error}; run it with the local executor instead"
        ) from error
    hello = {"parent": os.getpid(), "job": content, "import_path": os.environ.get("PYTHONPATH")}
    return json.dumps(hello).encode() + b"\n"


def _environment(threads: int) -> dict[str, str]:
    """This process's environment, with its import path and the worker's share of the cores."""
    path = os.pathsep.join(dict.fromkeys(entry or os.getcwd() for entry in sys.path))
    return {**os.environ, "PYTHONPATH": path, **dict.fromkeys(THREAD_VARIABLES, str(threads))}


def _listen(
    number: int, process: subprocess.Popen[bytes], events: queue.SimpleQueue[tuple[int, dict[str, Any] | None]]
) -> None:
    if process.stdout is not None:
        with process.stdout as lines:
            for line in lines:
                try:
                    events.put((number, json.loads(line)))
                except ValueError:
                    break
    events.put((number, None))


def _write(worker: _Worker, line: bytes) -> None:
    """Send a line; a worker that died meanwhile is noticed by its listening thread."""
    if worker.process.stdin is not None:
        with contextlib.suppress(OSError):
            worker.process.stdin.write(line)
            worker.process.stdin.flush()


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End the worker and the programs that it started (they share its process group)."""
    if os.name == "posix" and process.returncode is None:  # once reaped, its number may belong to another process
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(OSError):
        process.kill()


def _resident_bytes(pid: int) -> int:
    import psutil

    try:
        return psutil.Process(pid).memory_info().rss
    except psutil.Error:
        return 0


def _with_cause(ended: Ended) -> Ended:
    """A fatal failure comes back as the error class it was, so that the caller can tell them apart."""
    failure = ended.failure
    if failure is None or failure.kind != "fatal":
        return ended
    known = getattr(errors, failure.error, None)
    kind = known if isinstance(known, type) and issubclass(known, errors.DsappError) else errors.RunError
    cause = kind(failure.reason)
    return Ended(ended.task, ended.seconds, Failure(**{**failure.__dict__, "cause": cause}))


def _killed(code: int) -> Failure:
    return Failure(
        "refused",
        "killed_worker",
        f"its worker process ended while working on it ({_ending(code)}), {DEATHS_ALLOWED} times",
        "the file may be damaged or made to do this; if memory ran out, run with fewer --workers",
        "worker",
    )


def _ending(code: int) -> str:
    if code >= 0:
        return f"exit status {code}"
    try:
        return f"signal {signal.Signals(-code).name}"
    except ValueError:
        return f"signal {-code}"

"""A function that reads strangers' files, run in a process of its own with bounded memory and time.

Native parsers can be led to take all memory or to crash, and neither can be caught from inside. ``Confined`` starts a
fresh interpreter at the first request and keeps it for the next; whatever happens in there, the caller gets an answer or an
``Overrun``. Requests and answers are JSON, so that nothing the helper says is ever executed. Memory is bounded where the
system keeps RLIMIT_DATA (Linux); elsewhere only crashes and time are contained.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any, Literal, NoReturn

from .errors import InputError, WorkerError

SINGLE_THREADED = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
OUT_OF_MEMORY_SIGNALS = frozenset(
    getattr(signal, name) for name in ("SIGABRT", "SIGTRAP", "SIGILL", "SIGKILL") if hasattr(signal, name)
)
"""How native code ends itself when an allocation fails, and how the system ends who takes too much."""
KEPT_BYTES = 256 << 20
"""A helper that is larger than this after an answer is replaced, since memory given back by native code seldom shrinks it."""
PIPE_BYTES = 1 << 18
NUM_PLACES = 6


@dataclass(frozen=True)
class Bounds:
    """What one step of a request may take: ``step_bytes`` on top of what is held at its begin and ``step_seconds``;
    ``total_bytes`` is for all steps together."""

    step_bytes: int
    total_bytes: int
    step_seconds: float


class Overrun(Exception):
    """The helper process ended in the middle of a request: ``cause``, at the step ``where`` (empty before the first)."""

    def __init__(self, cause: Literal["memory", "time", "crash"], where: str) -> None:
        super().__init__(f"{cause}{f' at {where}' if where else ''}")
        self.cause = cause
        self.where = where


class HelperError(Exception):
    """The function raised what it should not have: ``error`` names the class, ``places`` its last places in the code."""

    def __init__(self, error: str, places: tuple[str, ...]) -> None:
        super().__init__(f"{error} at {places[-1] if places else 'an unknown place'}")
        self.error = error
        self.places = places


class Confined:
    """The function ``name`` of ``module``, called in a helper process.

    It is called as ``function(request, step)``, where ``step(where)`` begins a new step, and returns what JSON can say.
    Safe to use from several threads: they wait for each other.
    """

    def __init__(self, module: str, name: str) -> None:
        self._target = (module, name)
        self._lock = threading.Lock()
        self._helper: _Helper | None = None

    def ask(self, request: Mapping[str, Any], bounds: Bounds) -> Any:
        """Call the function with ``request``.

        Raises:
            InputError: the function raised it.
            Overrun: memory or time ran out, or the process crashed.
            HelperError: the function raised anything else.
            WorkerError: no helper process can be started.
        """
        with self._lock:
            helper = self._ready()
            try:
                return helper.ask(request, bounds)
            except (InputError, HelperError):
                raise
            except BaseException:
                helper.end()
                raise
            finally:
                if helper.num_bytes > KEPT_BYTES:
                    helper.end()

    def close(self) -> None:
        """End the helper process; the next request starts another."""
        with self._lock:
            if self._helper is not None:
                self._helper.end()
                self._helper = None

    def _ready(self) -> _Helper:
        if self._helper is None or not self._helper.usable():
            self._helper = _Helper(*self._target)
        return self._helper


class _Helper:
    """One helper process, and the thread that listens to it."""

    def __init__(self, module: str, name: str) -> None:
        path = os.pathsep.join(dict.fromkeys(entry or os.getcwd() for entry in sys.path))
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-c", f"from {__name__} import serve; serve()", module, name],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                bufsize=PIPE_BYTES,
                env={**os.environ, **SINGLE_THREADED, "PYTHONPATH": path},
            )
        except OSError as error:
            raise WorkerError(
                f"the process that reads files cannot be started: {error.strerror}; free some memory and run again"
            ) from error
        self._owner = os.getpid()
        self._lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self.num_bytes = 0
        threading.Thread(target=_listen, args=(self._process.stdout, self._lines), daemon=True).start()

    def usable(self) -> bool:
        """Whether it lives, and is this process's own (a fork's is not)."""
        return self._owner == os.getpid() and self._process.poll() is None

    def ask(self, request: Mapping[str, Any], bounds: Bounds) -> Any:
        self._send({"request": dict(request), "bounds": asdict(bounds)})
        where = ""
        while True:
            try:
                line = self._lines.get(timeout=bounds.step_seconds)
            except queue.Empty:
                raise Overrun("time", where) from None
            if not line:
                self._died(where)
            message = json.loads(line)
            event = message["event"]
            if event == "step":
                where = message["where"]
                continue
            self.num_bytes = message.get("bytes", 0)
            if event == "answer":
                return message["answer"]
            if event == "refused":
                raise InputError(message["message"], code=message["code"], remedy=message["remedy"])
            if event == "memory":
                raise Overrun("memory", where)
            raise HelperError(message["error"], tuple(message["places"]))

    def end(self) -> None:
        if self._owner != os.getpid():
            return
        with contextlib.suppress(OSError):
            self._process.kill()
        with contextlib.suppress(OSError):
            if self._process.stdin is not None:
                self._process.stdin.close()
        self._process.wait()

    def _send(self, content: Mapping[str, Any]) -> None:
        stdin = self._process.stdin
        if stdin is not None:
            with contextlib.suppress(OSError):  # a process that died is noticed when its answer is awaited
                stdin.write(json.dumps(content).encode("ascii") + b"\n")
                stdin.flush()

    def _died(self, where: str) -> NoReturn:
        code = self._process.wait()
        if code >= 0:
            raise WorkerError(
                f"the process that reads files ended by itself (exit status {code}); see its own message above"
            )
        raise Overrun("memory" if -code in OUT_OF_MEMORY_SIGNALS else "crash", where)


def _listen(stream: IO[bytes], lines: queue.SimpleQueue[bytes]) -> None:
    """Hand on each line; an empty one says that the process is gone."""
    with stream:
        for line in stream:
            if line.endswith(b"\n"):
                lines.put(line)
    lines.put(b"")


def serve() -> None:
    """The helper's side: answer requests from standard input until it ends. Never returns."""
    with contextlib.suppress(ValueError):
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the caller is interrupted too, and ends this process
    channel = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(2, 1)
    function = getattr(importlib.import_module(sys.argv[1]), sys.argv[2])
    requests: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_take, args=(sys.stdin.buffer, requests), daemon=True).start()
    while True:
        content = json.loads(requests.get())
        message = _answer(function, content["request"], _Steps(channel, Bounds(**content["bounds"])))
        _limit(None)
        _write(channel, {**message, "bytes": _held_bytes()})


def _answer(function: Callable[[Any, Callable[[str], None]], Any], request: Any, steps: _Steps) -> dict[str, Any]:
    try:
        steps.bind()
        return {"event": "answer", "answer": function(request, steps)}
    except InputError as error:
        return {"event": "refused", "message": error.message, "code": error.code, "remedy": error.remedy}
    except MemoryError:
        return {"event": "memory"}
    except Exception as error:
        frames = traceback.extract_tb(error.__traceback__)[-NUM_PLACES:]
        places = [f"{'/'.join(Path(frame.filename).parts[-2:])}:{frame.lineno} {frame.name}" for frame in frames]
        return {"event": "failed", "error": type(error).__name__, "places": places}


@dataclass(frozen=True)
class _Steps:
    """Begins steps: tells the caller, and gives the process its memory for the step."""

    channel: IO[str]
    bounds: Bounds

    def __call__(self, where: str) -> None:
        _write(self.channel, {"event": "step", "where": where})
        self.bind()

    def bind(self) -> None:
        _limit(min(_held_bytes() + self.bounds.step_bytes, self.bounds.total_bytes))


def _limit(num_bytes: int | None) -> None:
    """Bound this process's private memory; None lifts the bound."""
    try:
        import resource
    except ImportError:
        return
    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    soft = hard if num_bytes is None else num_bytes if hard == resource.RLIM_INFINITY else min(num_bytes, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


def _held_bytes() -> int:
    """Private memory of this process as RLIMIT_DATA counts it; 0 where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_bytes().split()[5])
        return pages * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0


def _write(channel: IO[str], message: Mapping[str, Any]) -> None:
    try:
        channel.write(json.dumps(message) + "\n")
        channel.flush()
    except OSError:
        os._exit(1)


def _take(stream: IO[bytes], requests: queue.SimpleQueue[bytes]) -> None:
    """Hand on each request; when the input ends the caller is gone, and so is this process, whatever it is doing."""
    for line in stream:
        requests.put(line)
    os._exit(0)

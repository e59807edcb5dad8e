"""A worker process: reads tasks as JSON lines from its standard input, writes how they ended to its standard output.

The first line brings the job, as the name of its class and its fields (``pipelines/jobs.py``); the packages in which that
class may lie stand on the command line. What the job prints goes to standard error, so that it cannot break the protocol.
The worker ends when its input ends, which is also what happens when the parent dies.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
from pathlib import Path
from typing import IO, Any

from ...core.job import Item
from ..jobs import job_from
from .attempt import Ended, Failure, Task, attempt

PR_SET_PDEATHSIG = 1
SIGKILL = 9
OOM_SCORE = "500"


def main() -> None:
    """Serve tasks until the input ends. Never returns."""
    channel = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(2, 1)
    hello = json.loads(sys.stdin.buffer.readline() or b"null")
    if hello is None:
        os._exit(0)
    _die_with(hello["parent"])
    _restore_import_path(hello["import_path"])
    lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(sys.stdin.buffer, lines), daemon=True).start()
    try:
        job = job_from(hello["job"], sys.argv[1:])
    except Exception as error:
        _send(channel, {"event": "unusable", "error": type(error).__name__})
        os._exit(1)
    _send(channel, {"event": "ready"})
    while True:
        task = task_from(json.loads(lines.get()))
        try:
            ended = attempt(job, task)
        except KeyboardInterrupt:
            os._exit(1)
        _send(channel, {"event": "ended", **ended_to(ended)})


def task_to(task: Task) -> dict[str, Any]:
    """A task as JSON."""
    item = task.item
    return {
        "item": {"id": item.id, "path": str(item.path), "digest": item.digest, "cost": item.cost},
        "folder": str(task.folder),
        "key": dict(task.key),
    }


def task_from(content: dict[str, Any]) -> Task:
    """The task that ``task_to`` wrote."""
    item = content["item"]
    return Task(
        Item(item["id"], Path(item["path"]), item["digest"], item["cost"]), Path(content["folder"]), content["key"]
    )


def ended_to(ended: Ended) -> dict[str, Any]:
    """How a task ended, as JSON; the exception itself stays here."""
    failure = ended.failure
    if failure is None:
        return {"seconds": ended.seconds, "failure": None}
    fields = ("kind", "code", "reason", "remedy", "stage", "error", "where")
    return {"seconds": ended.seconds, "failure": {name: getattr(failure, name) for name in fields}}


def ended_from(task: Task, content: dict[str, Any]) -> Ended:
    """The end that ``ended_to`` wrote, of the task that the parent sent."""
    failure = content["failure"]
    if failure is None:
        return Ended(task, content["seconds"])
    return Ended(task, content["seconds"], Failure(**{**failure, "where": tuple(failure["where"])}))


def _send(channel: IO[str], message: dict[str, Any]) -> None:
    try:
        channel.write(json.dumps(message) + "\n")
        channel.flush()
    except BrokenPipeError:
        os._exit(1)


def _read(stream: IO[bytes], lines: queue.SimpleQueue[bytes]) -> None:
    for line in stream:
        lines.put(line)
    os._exit(0)


def _restore_import_path(before: str | None) -> None:
    """The variable served to start this process; programs that the job starts get the user's own."""
    if before is None:
        os.environ.pop("PYTHONPATH", None)
    else:
        os.environ["PYTHONPATH"] = before


def _die_with(parent: int) -> None:
    """Ask Linux to kill this process with its parent (an item stuck in native code would not see its input end),
    and, should memory run out, to take this process before any other."""
    if not sys.platform.startswith("linux"):
        return
    try:
        import ctypes

        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, SIGKILL)
        Path("/proc/self/oom_score_adj").write_text(OOM_SCORE)
    except (OSError, AttributeError):
        pass
    if os.getppid() != parent:
        os._exit(1)

"""A small program between a scheduler and the command that it runs: the command never outlives its scheduler.

    python -m dsapp.pipelines.schedule.guard FOLDER WORD...

It starts the words as a program in ``FOLDER``, in a process group of its own, and leaves with its exit code (128 and the
signal's number where a signal ended it). Its standard input is a pipe from the scheduler: the letter ``t`` asks the group
to end (SIGTERM); when the pipe closes, which also happens when the scheduler dies in whatever way, the group is killed at
once. What the command leaves running in its group is killed at its end. Only the standard library is needed here.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence

EXIT_NOT_STARTED = 126
ASK, KILL = "ask", "kill"
PR_SET_PDEATHSIG = 1


def main(arguments: Sequence[str]) -> int:
    """Run the command and return the exit code to leave with."""
    folder, command = arguments[0], list(arguments[1:])
    for name in ("SIGTERM", "SIGINT", "SIGHUP"):  # they are meant for the scheduler, which tells us by the pipe
        with contextlib.suppress(AttributeError, ValueError, OSError):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    is_posix = os.name == "posix"
    try:
        process = subprocess.Popen(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stderr=subprocess.STDOUT,
            process_group=0 if is_posix else None,
            preexec_fn=_preparation(os.getpid()) if is_posix else None,
        )
    except (OSError, subprocess.SubprocessError) as error:
        words = getattr(error, "strerror", "") or type(error).__name__
        print(f"the command cannot be started: {words}: {getattr(error, 'filename', '')}", flush=True)
        return EXIT_NOT_STARTED
    threading.Thread(target=_obey, args=(process,), daemon=True).start()
    if is_posix:
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        _signal(process, KILL)  # before the command is reaped, so that its group's number is still its own
    code = process.wait()
    return code if code >= 0 else 128 - code


def _preparation(parent: int) -> Callable[[], None]:
    """What the child does before the command begins: default signals, and on Linux death with this process."""
    die = None
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError, ImportError):
            import ctypes

            die = ctypes.CDLL(None).prctl

    def prepare() -> None:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        if die is not None:
            die(PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() != parent:
                os._exit(EXIT_NOT_STARTED)

    return prepare


def _obey(process: subprocess.Popen[bytes]) -> None:
    while True:
        try:
            letter = os.read(0, 1)
        except OSError:
            letter = b""
        if not letter:
            _signal(process, KILL)
            return
        if letter == b"t":
            _signal(process, ASK)


def _signal(process: subprocess.Popen[bytes], what: str) -> None:
    with contextlib.suppress(OSError):
        if os.name == "posix":
            os.killpg(process.pid, signal.SIGTERM if what == ASK else signal.SIGKILL)
        elif what == ASK:
            process.terminate()
        else:
            process.kill()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

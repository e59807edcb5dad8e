"""One attempt: start the command under its guard, keep its output, hold the lease, end it in time.

The attempt ends by itself, at its deadline, when the scheduler is stopped, or when the lease cannot be held: then the
command is killed before another scheduler may begin the same run.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ...core.errors import RunError
from .. import fence
from .claims import Claims
from .clock import steady_seconds
from .log import BoundedLog
from .types import Claim, Ending, State

PACKAGE = __name__.split(".")[0]
PROGRAM = (sys.executable, "-P", "-m", PACKAGE)
"""How dsapp is started: this interpreter, and no module of the working folder in place of ours."""
GUARD = (sys.executable, "-P", "-m", f"{__package__}.guard")
SECRET_VARIABLES = ("DSAPP_SMTP_PASSWORD", "DSAPP_SCHEDULES_PASSWORD", "DSAPP_SCHEDULES")
"""What the scheduler alone needs, and may hold a password; a command does not get it."""
END_SECONDS = 10.0
TICK_SECONDS = 0.1
RENEWALS_PER_LEASE = 4
LEASE_SHARE = 0.75
"""Of the lease without a renewal, after which the command is killed."""
EXIT_DONE, EXIT_QUARANTINED = 0, 3
CHUNK_BYTES = 1 << 16


@dataclass(frozen=True)
class Outcome:
    """How an attempt went; ``ending`` None says that the lease was lost, so that nothing may be recorded."""

    ending: Ending | None
    log_trouble: str = ""


class Attempt:
    """Runs the command of ``claim``. ``stop`` set from outside ends it and leaves it for a later attempt."""

    def __init__(
        self,
        claim: Claim,
        claims: Claims,
        log: BoundedLog,
        stop: threading.Event,
        *,
        program: Sequence[str] = PROGRAM,
        echo: BinaryIO | None = None,
        report: Callable[[str], None] = lambda line: None,
    ) -> None:
        self.claim = claim
        self.claims = claims
        self.log = log
        self.stop = stop
        self.program = program
        self.echo = echo
        self.report = report

    def run(self) -> Outcome:
        """Run it to its end."""
        settings = self.claim.schedule.settings
        renewed = steady_seconds()
        try:
            process = subprocess.Popen(
                [*GUARD, settings.folder, *self.program, *settings.command],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env=environment_of(self.claim),
            )
        except OSError as error:
            return Outcome(Ending(State.failed, None, f"the command cannot be started: {error.strerror}"))
        reader = threading.Thread(target=self._read, args=(process,), daemon=True)
        reader.start()
        try:
            ending = self._watch(process, renewed)
        finally:
            _kill(process)
            process.wait()
            reader.join(END_SECONDS)
            self.log.close()
        return Outcome(ending, self.log.trouble)

    def _watch(self, process: subprocess.Popen[bytes], renewed: float) -> Ending | None:
        settings, lease = self.claim.schedule.settings, self.claims.lease_seconds
        started = steady_seconds()
        next_renewal = started + lease / RENEWALS_PER_LEASE
        asked: tuple[float, State, str] | None = None
        while True:
            with contextlib.suppress(subprocess.TimeoutExpired):
                code = process.wait(TICK_SECONDS)
                if asked is not None and (asked[1] is State.failed or code not in (EXIT_DONE, EXIT_QUARANTINED)):
                    return Ending(asked[1], code, asked[2])
                return ending_of(code)
            now = steady_seconds()
            if now >= next_renewal:
                next_renewal = now + lease / RENEWALS_PER_LEASE
                held = self._renew()
                if held is False:
                    return None
                renewed = now if held else renewed
            if steady_seconds() - renewed > lease * LEASE_SHARE:
                self.report(f"{settings.name}: the lease could not be renewed in time; the command is killed")
                return None
            if asked is None and settings.deadline_seconds and now - started > settings.deadline_seconds:
                asked = (now, State.failed, f"killed at its deadline of {_minutes(settings.deadline_seconds)}")
                _ask(process)
            elif asked is None and self.stop.is_set():
                asked = (now, State.interrupted, "its scheduler was stopped")
                _ask(process)
            elif asked is not None and now - asked[0] > END_SECONDS:
                _kill(process)

    def _renew(self) -> bool | None:
        """Whether the lease was renewed; None where the store did not answer."""
        try:
            held = self.claims.renew(self.claim)
        except RunError as error:
            self.report(f"{self.claim.schedule.settings.name}: {error}")
            return None
        if not held:
            self.report(f"{self.claim.schedule.settings.name}: the lease was lost; the command is killed")
        return held

    def _read(self, process: subprocess.Popen[bytes]) -> None:
        if process.stdout is None:
            return
        with contextlib.suppress(OSError, ValueError):
            while content := os.read(process.stdout.fileno(), CHUNK_BYTES):
                self.log.add(content)
                if self.echo is not None:
                    self.echo.write(content)
                    self.echo.flush()


def environment_of(claim: Claim, environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The command's environment: this process's, without the scheduler's secrets, with what it may want to record."""
    return {
        **{name: value for name, value in environment.items() if name not in SECRET_VARIABLES},
        fence.FENCE: str(claim.fence),
        fence.SCHEDULE: claim.schedule.settings.name,
        fence.PLANNED: claim.planned.isoformat(),
        fence.STORE: claim.store,
        "PYTHONUNBUFFERED": "1",
    }


def ending_of(code: int) -> Ending:
    """What an exit code says; see docs/runs.md."""
    if code == EXIT_DONE:
        return Ending(State.done, code)
    if code == EXIT_QUARANTINED:
        return Ending(State.warning, code, "done, with some items in quarantine")
    if code < 0 or code > 128:
        number = -code if code < 0 else code - 128
        return Ending(State.failed, code, f"ended by signal {number}")
    return Ending(State.failed, code, f"exit code {code}")


def _ask(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(OSError, ValueError):
        if process.stdin is not None:
            os.write(process.stdin.fileno(), b"t")


def _kill(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(OSError, ValueError):
        if process.stdin is not None:
            process.stdin.close()


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:g} min" if seconds >= 60 else f"{seconds:g} s"


def make_log(folder: Path, claim: Claim) -> BoundedLog:
    """The log of the claim's attempt below ``folder``."""
    from .log import log_path

    return BoundedLog(log_path(folder, claim.schedule.settings.name, claim.planned, claim.fence))

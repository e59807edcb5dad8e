"""The loop: what is due is claimed, run and told of, until somebody stops it.

Any number of schedulers may work on one store, each on a machine of its own or several on one. A scheduler that loses the
store keeps trying; its running commands end when their leases can no longer be held.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from ...core.errors import DsappError, RunError
from .claims import Claims
from .clock import Clock, SystemClock
from .command import PROGRAM, Attempt, make_log
from .log import forget_old
from .notify import News, notify
from .store import Store
from .types import Claim, Ending, Run, Schedule, State

POLL_SECONDS = 5.0
"""How long another process's change (a new schedule, a lease that ran out) may go unseen."""
MAX_SKEW_SECONDS = 120.0
STOP_SECONDS = 60.0
STORE_PAUSE_SECONDS = 2.0
RECORD_SECONDS = 30.0
"""How long a stopped scheduler tries to record an end where the store does not answer; a working one tries on."""


@dataclass
class Scheduler:
    """Runs the store's schedules.

    ``logs`` is the folder for log files. ``parallel`` bounds the commands that run at a time. ``stop_seconds`` is what
    running commands get to end by themselves when the scheduler is stopped. ``report`` gets a line for each event.
    """

    store: Store
    logs: Path
    clock: Clock = field(default_factory=SystemClock)
    claims: Claims | None = None
    parallel: int = 2
    poll_seconds: float = POLL_SECONDS
    stop_seconds: float = STOP_SECONDS
    program: Sequence[str] = PROGRAM
    report: Callable[[str], None] = lambda line: None

    def __post_init__(self) -> None:
        self._claims = self.claims or Claims(self.store)
        self._wake = threading.Event()
        self._interrupt = threading.Event()
        self._threads: dict[str, threading.Thread] = {}
        self._skewed = False

    def serve(self, stop: threading.Event, hurry: threading.Event | None = None) -> None:
        """Work until ``stop`` is set; then claim nothing more, and wait for what runs: ``stop_seconds`` long by itself,
        after that (at once when ``hurry`` is set) it is asked to end and left for a later attempt. An event is seen
        within a fifth of a second.
        """
        while not stop.is_set():
            try:
                wait = self._pass(stop)
            except RunError as error:
                self.report(str(error))
                wait = max(STORE_PAUSE_SECONDS, self.poll_seconds)
            self._sleep(wait, stop)
        self._end(hurry or threading.Event())

    def run_claim(self, claim: Claim, stop: threading.Event, echo: BinaryIO | None = None) -> Run | None:
        """Make the attempt of a claim, record its end and tell of it; None when the lease was lost on the way."""
        name = claim.schedule.settings.name
        self.report(f"{name}: attempt {claim.attempt} for {claim.planned.isoformat()} began, token {claim.fence}")
        log = make_log(self.logs, claim)
        try:
            self._claims.set_log(claim, str(log.path))
        except RunError as error:
            self.report(str(error))
        outcome = Attempt(claim, self._claims, log, stop, program=self.program, echo=echo, report=self.report).run()
        if outcome.log_trouble:
            self.report(f"{name}: {outcome.log_trouble}")
        if outcome.ending is None:
            return None
        words = "; ".join(part for part in (outcome.ending.reason, outcome.log_trouble) if part)
        run = self._record(claim, Ending(outcome.ending.state, outcome.ending.exit_code, words), stop)
        forget_old(log.path.parent)
        if run is None:
            self.report(f"{name}: the lease was lost; another scheduler answers for {claim.planned.isoformat()}")
            return None
        again = f", next attempt {run.retry_at.isoformat(timespec='seconds')}" if run.retry_at else ""
        self.report(f"{name}: {outcome.ending.state.value}{f' ({words})' if words else ''}{again}")
        if run.state in (State.done, State.warning, State.failed):
            self._tell(claim, run, outcome.ending, str(log.path))
        return run

    def _pass(self, stop: threading.Event) -> float:
        """Claim what is due; returns after how many real seconds to look again."""
        schedules = {schedule.settings.name: schedule for schedule in self.store.list()}
        if not self._agrees():
            return self.poll_seconds
        unfinished = {run.schedule: run for run in self.store.unfinished()}
        now = self.clock.now()
        wait = self.poll_seconds
        chances: list[tuple[datetime, str]] = []
        for name, schedule in schedules.items():
            chance = self._chance(schedule, unfinished.get(name), now)
            if chance is not None and name not in self._threads:
                chances.append((chance, name))
        for chance, name in sorted(chances):
            if chance > now:
                wait = min(wait, self.clock.real_seconds((chance - now).total_seconds()))
            elif len(self._threads) < self.parallel and not stop.is_set():
                claim = self._claims.claim(name, now)
                if claim is not None:
                    self._start(claim)
                else:
                    wait = min(wait, max(0.2, self.poll_seconds / 10))
        return wait

    def _chance(self, schedule: Schedule, unfinished: Run | None, now: datetime) -> datetime | None:
        """A schedule that this machine cannot count (an unknown zone) must not stop the others."""
        try:
            return self._claims.next_chance(schedule, unfinished, now)
        except DsappError as error:
            self.report(f"{schedule.settings.name}: {error}")
            return None

    def _agrees(self) -> bool:
        """Whether this machine's clock agrees with the store's; with a wrong clock nothing is begun."""
        if not self.clock.keeps_real_time:
            return True
        skew = self.clock.now().timestamp() - self.store.seconds()
        if abs(skew) > MAX_SKEW_SECONDS:
            if not self._skewed:
                self.report(
                    f"this machine's clock differs from the store's by {skew:+.0f} s; nothing is run before they agree"
                )
            self._skewed = True
            return False
        self._skewed = False
        return True

    def _start(self, claim: Claim) -> None:
        name = claim.schedule.settings.name

        def work() -> None:
            try:
                self.run_claim(claim, self._interrupt)
            except DsappError as error:
                self.report(f"{name}: {error}")
            finally:
                self._threads.pop(name, None)
                self._wake.set()

        self._threads[name] = threading.Thread(target=work, name=f"schedule {name}")
        self._threads[name].start()

    def _record(self, claim: Claim, ending: Ending, stop: threading.Event) -> Run | None:
        """Record the end, as often as it takes: the token keeps a late record from doing harm."""
        stopped_at: float | None = None
        while True:
            try:
                return self._claims.finish(claim, ending, self.clock.now())
            except RunError as error:
                self.report(f"{claim.schedule.settings.name}: its end is not recorded yet: {error}")
                if stop.is_set():
                    stopped_at = stopped_at or time.monotonic()
                    if time.monotonic() - stopped_at > RECORD_SECONDS:
                        raise
                time.sleep(STORE_PAUSE_SECONDS)

    def _tell(self, claim: Claim, run: Run, ending: Ending, log: str) -> None:
        settings = claim.schedule.settings
        news = News(
            schedule=settings.name,
            planned=claim.planned,
            state=run.state,
            exit_code=ending.exit_code,
            attempts=claim.attempt,
            reason=run.reason,
            host=self._claims.host,
            log=log,
            fence=claim.fence,
        )
        troubles = notify(settings.notify, settings.notify_on, news)
        for trouble in troubles:
            self.report(f"{settings.name}: {trouble}")
        if troubles:
            try:
                self._claims.note(claim, "; ".join((*filter(None, [run.reason]), *troubles)))
            except RunError as error:
                self.report(str(error))

    def _sleep(self, seconds: float, stop: threading.Event) -> None:
        end = time.monotonic() + max(0.0, seconds)
        while not stop.is_set() and not self._wake.is_set() and (left := end - time.monotonic()) > 0:
            self._wake.wait(min(left, 0.2))
        self._wake.clear()

    def _end(self, hurry: threading.Event) -> None:
        threads = list(self._threads.values())
        if threads:
            self.report(f"stopping: {len(threads)} running get {self.stop_seconds:g} s to end")
        end = time.monotonic() + self.stop_seconds
        while time.monotonic() < end and not hurry.is_set() and any(thread.is_alive() for thread in threads):
            time.sleep(0.1)
        self._interrupt.set()
        for thread in threads:
            thread.join()
        self.report("stopped")

"""What a schedule, a run of it and an attempt at a run are: the frozen records that the store gives to everybody else.

All times are aware datetimes in UTC, to the second; a schedule's own time zone matters where cron times are counted and
where a time is shown. A *run* stands for one planned time; an *attempt* is one process that was started for it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from ...core.errors import UsageError

NAME_PATTERN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
MAX_RETRIES = 100
MAX_COMMAND_LETTERS = 16_000


class CatchUp(StrEnum):
    """What becomes of times that passed while no scheduler could run them."""

    skip = "skip"
    latest = "latest"
    all = "all"


class NotifyOn(StrEnum):
    """After which ends a notification is sent; a warning is a run that put some items into quarantine."""

    failure = "failure"
    warning = "warning"
    always = "always"


class State(StrEnum):
    """Where a run or an attempt stands.

    A run is ``running``, ``waiting`` for its next attempt, or has ended as ``done``, ``warning`` (exit code 3), ``failed``
    or ``skipped``. An attempt may also be ``lost`` (its scheduler died or lost its lease) or ``interrupted`` (its
    scheduler was stopped); neither counts as a failure.
    """

    running = "running"
    waiting = "waiting"
    done = "done"
    warning = "warning"
    failed = "failed"
    skipped = "skipped"
    lost = "lost"
    interrupted = "interrupted"


@dataclass(frozen=True)
class Settings:
    """What a person says about a schedule.

    ``command`` holds the words after ``dsapp``; it is started in ``folder``. ``retries`` is the number of further
    attempts after a failed one, the first after ``retry_seconds``, each next one after twice that. ``deadline_seconds``
    bounds one attempt; 0 is no bound. ``notify`` are the targets that ``notify.check_target`` admits.
    """

    name: str
    cron: str
    time_zone: str
    command: tuple[str, ...]
    folder: str
    catch_up: CatchUp = CatchUp.latest
    retries: int = 0
    retry_seconds: float = 60.0
    deadline_seconds: float = 0.0
    notify: tuple[str, ...] = ()
    notify_on: NotifyOn = NotifyOn.failure

    def check(self) -> None:
        """See that the values can be: names, numbers and lengths; times and targets are checked by their own files.

        Raises:
            UsageError: one cannot; the message says which and what is admitted.
        """
        check_name(self.name)
        if not self.command:
            raise UsageError("no command was given: write it after --, as in: -- finance review contracts")
        if sum(map(len, self.command)) > MAX_COMMAND_LETTERS:
            raise UsageError(f"the command has more than {MAX_COMMAND_LETTERS:,} letters")
        if any("\0" in word for word in (*self.command, self.folder)):
            raise UsageError("the command holds a NUL character")
        try:
            "".join((*self.command, self.folder)).encode()
        except UnicodeEncodeError as error:
            raise UsageError(
                "the command or the current folder has a name that is no UTF-8; rename it to schedule it"
            ) from error
        if not 0 <= self.retries <= MAX_RETRIES:
            raise UsageError(f"--retries must lie between 0 and {MAX_RETRIES}, not {self.retries}")
        for option, seconds in (("--deadline", self.deadline_seconds), ("--retry-seconds", self.retry_seconds)):
            if not 0 <= seconds <= 366 * 86_400:
                raise UsageError(f"{option} must lie between 0 and a year")


@dataclass(frozen=True)
class Schedule:
    """A schedule as the store holds it.

    Every time up to ``cursor`` has been decided (run, or passed over). ``holder`` is the scheduler that runs it now under
    the fencing token ``fence``; empty when none does. ``lease_left`` is in seconds by the store's clock.
    """

    id: int
    settings: Settings
    paused: bool
    created: datetime
    cursor: datetime
    holder: str = ""
    fence: int = 0
    lease_left: float = 0.0

    @property
    def is_held(self) -> bool:
        """Whether a scheduler holds it by a lease that has not run out."""
        return bool(self.holder) and self.lease_left > 0


@dataclass(frozen=True)
class Attempt:
    """One process that was started for a run; ``fence`` is its token, ``log`` the log file's path on ``host``."""

    number: int
    state: State
    fence: int
    host: str
    started: datetime
    ended: datetime | None = None
    exit_code: int | None = None
    reason: str = ""
    log: str = ""


@dataclass(frozen=True)
class Run:
    """One planned time of a schedule (or one asked for by hand) and what came of it."""

    id: int
    schedule: str
    planned: datetime
    by_hand: bool
    state: State
    reason: str = ""
    retry_at: datetime | None = None
    attempts: tuple[Attempt, ...] = field(default=())


@dataclass(frozen=True)
class Claim:
    """The right to make one attempt, as long as the schedule's lease is held under ``fence``.

    ``store`` is the identity of the store whose tokens ``fence`` belongs to.
    """

    schedule: Schedule
    run_id: int
    attempt_id: int
    attempt: int
    planned: datetime
    by_hand: bool
    fence: int
    store: str


@dataclass(frozen=True)
class Ending:
    """How an attempt ended: ``state`` is done, warning, failed or interrupted; ``reason`` is a sentence."""

    state: State
    exit_code: int | None
    reason: str = ""


def check_name(name: str) -> None:
    """See that a text can be a schedule's name.

    Raises:
        UsageError: it cannot.
    """
    if not NAME_PATTERN.fullmatch(name):
        raise UsageError(
            f"{name[:80]!r} cannot be a schedule's name: 1 to 64 letters, digits, '-', '_' and '.', a letter or digit first"
        )

"""How far a run is: a bar with the time left on a terminal, a plain line each half minute elsewhere.

The time left is judged by cost (pages, voxels, rows), not by the count of items. Everything goes to standard error.
"""

from __future__ import annotations

import sys
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TextIO

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID

LINE_SECONDS = 30.0


@dataclass(frozen=True)
class State:
    """Counts of items, and costs in ``unit``; ``cost_total`` and ``cost_done`` leave out what an earlier session did."""

    num_items: int
    num_done: int
    num_quarantined: int
    cost_total: float
    cost_done: float
    unit: str

    @property
    def num_left(self) -> int:
        return self.num_items - self.num_done - self.num_quarantined


class Progress(Protocol):
    """What a run tells while it goes on."""

    def note(self, message: str) -> None:
        """Something worth knowing: what is done again and why, what was left out."""
        ...

    def start(self, state: State) -> None:
        """Work begins."""
        ...

    def update(self, state: State) -> None:
        """An item ended."""
        ...

    def stop(self) -> None:
        """Work ended, however it did. May be called without ``start``."""
        ...


class Silent:
    """Says nothing."""

    def note(self, message: str) -> None: ...

    def start(self, state: State) -> None: ...

    def update(self, state: State) -> None: ...

    def stop(self) -> None: ...


class Lines:
    """A plain line at most each ``seconds``, also while a long item is worked on."""

    def __init__(self, stream: TextIO | None = None, *, seconds: float = LINE_SECONDS) -> None:
        self._stream = stream if stream is not None else sys.stderr
        self._seconds = seconds
        self._state: State | None = None
        self._started = 0.0
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def note(self, message: str) -> None:
        print(message, file=self._stream, flush=True)

    def start(self, state: State) -> None:
        self._state, self._started = state, time.monotonic()
        self._stopped.clear()
        self._thread = threading.Thread(target=self._tick, daemon=True)
        self._thread.start()

    def update(self, state: State) -> None:
        self._state = state

    def stop(self) -> None:
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _tick(self) -> None:
        while not self._stopped.wait(self._seconds):
            if self._state is not None:
                print(line(self._state, time.monotonic() - self._started), file=self._stream, flush=True)


class Bar:
    """A bar for a terminal."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream if stream is not None else sys.stderr
        self._bar: RichProgress | None = None
        self._task: TaskID | None = None

    def note(self, message: str) -> None:
        if self._bar is not None:
            self._bar.console.print(message, markup=False, highlight=False)
        else:
            print(message, file=self._stream, flush=True)

    def start(self, state: State) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

        self._bar = Progress(
            BarColumn(),
            TextColumn("{task.percentage:>3.0f}%"),
            TextColumn("{task.description}"),
            TimeElapsedColumn(),
            TextColumn("passed,"),
            TimeRemainingColumn(),
            TextColumn("left"),
            console=Console(file=self._stream),
            speed_estimate_period=600,
        )
        self._bar.start()
        self._task = self._bar.add_task(counts(state), total=max(state.cost_total, 1e-9))
        self.update(state)

    def update(self, state: State) -> None:
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=state.cost_done, description=counts(state))

    def stop(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None


def for_stream(stream: TextIO | None = None) -> Progress:
    """A bar where ``stream`` (standard error) is a terminal, lines elsewhere."""
    chosen = stream if stream is not None else sys.stderr
    return Bar(chosen) if chosen.isatty() else Lines(chosen)


def counts(state: State) -> str:
    """``12 done, 1 quarantined, 7 left``."""
    return f"{state.num_done} done, {state.num_quarantined} quarantined, {state.num_left} left"


def line(state: State, seconds: float) -> str:
    """The plain line: counts, cost, and the time left at the pace so far."""
    text = f"{counts(state)}; {state.cost_done:,.0f} of {state.cost_total:,.0f} {state.unit}"
    if state.cost_done > 0 and state.cost_total > state.cost_done:
        left = seconds * (state.cost_total - state.cost_done) / state.cost_done
        text += f", about {duration(left)} left"
    return text


def duration(seconds: float) -> str:
    """``45 s``, ``12 min``, ``3 h 20 min``."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 90:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60:02d} min"

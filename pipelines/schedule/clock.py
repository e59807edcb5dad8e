"""Which time it is, as an object, so that a test can let a night pass in a second.

The clock decides when a planned time has come and when a retry is due. Leases never use it: they are counted by the
store's own clock, and by this machine's steady one.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time and how long a span of it takes in real seconds."""

    @property
    def keeps_real_time(self) -> bool:
        """Whether it should agree with the store's clock."""
        ...

    def now(self) -> datetime:
        """The time in UTC."""
        ...

    def real_seconds(self, seconds: float) -> float:
        """How many real seconds ``seconds`` of this clock take."""
        ...


class SystemClock:
    """The machine's clock."""

    keeps_real_time = True

    def now(self) -> datetime:
        """The time in UTC."""
        return datetime.now(UTC)

    def real_seconds(self, seconds: float) -> float:
        """The same number."""
        return seconds


class FastClock:
    """Starts at ``start`` and runs ``speed`` times as fast as real time; for tests and for trying a schedule out."""

    keeps_real_time = False

    def __init__(self, start: datetime, speed: float) -> None:
        self.start = start
        self.speed = speed
        self._began = time.monotonic()

    def now(self) -> datetime:
        """The time in UTC."""
        return self.start + timedelta(seconds=(time.monotonic() - self._began) * self.speed)

    def real_seconds(self, seconds: float) -> float:
        """``seconds`` divided by the speed."""
        return seconds / self.speed


def steady_seconds() -> float:
    """Seconds that never go back and, where the system offers it, also pass while the machine sleeps."""
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    return time.clock_gettime(boot) if boot is not None else time.monotonic()

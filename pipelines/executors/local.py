"""The plain executor: one item after the other in this process.

Nothing is started, so it is the default and the easiest to debug; it cannot outlive an item that kills the process.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any

from ...core.job import Job
from .attempt import Ended, Task, attempt


@dataclass(frozen=True)
class Local:
    """Runs items in this process, in order."""

    name: str = "local"
    isolates: bool = False

    def describe(self) -> dict[str, Any]:
        return {"name": self.name, "workers": 1}

    def run(self, job: Job, tasks: Sequence[Task], begun: Callable[[Task, str], None]) -> Generator[Ended, None, None]:
        for task in tasks:
            begun(task, self.name)
            yield attempt(job, task)

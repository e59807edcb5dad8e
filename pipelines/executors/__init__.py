"""Where a job runs: in this process, or on worker processes of this machine.

An executor takes tasks and gives back how each ended, in whatever order they end; it knows neither the run folder
nor the job's domain. What stops the whole run (a full disk, a missing bundle) ends like everything else, with a
failure of the kind ``fatal``: the run decides, the executor only reports.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import Any, Protocol

from ...core.job import Job
from .attempt import Ended, Failure, Task

__all__ = ["Ended", "Executor", "Failure", "Task"]


class Executor(Protocol):
    """What the run asks of a place where items are worked on."""

    @property
    def name(self) -> str:
        """``local``, ``processes``: written into journal and manifest."""
        ...

    @property
    def isolates(self) -> bool:
        """Whether an item that kills its process leaves the run alive."""
        ...

    def describe(self) -> dict[str, Any]:
        """JSON-able facts for the manifest: name, workers, limits."""
        ...

    def run(self, job: Job, tasks: Sequence[Task], begun: Callable[[Task, str], None]) -> Generator[Ended, None, None]:
        """Work on every task and yield each when it ended; ``begun(task, worker)`` is called when one starts.

        Closing the generator stops all work at once. Raises WorkerError when no worker can be started.
        """
        ...

"""Memory as a run sees it: how much this machine lends it, and the peak that its process tree took."""

from __future__ import annotations

import threading
from types import TracebackType

from ..core import hardware

SAMPLE_SECONDS = 0.5


def memory_bytes() -> int:
    """Memory that this process may use, by the machine and its control groups."""
    import psutil

    limit = hardware.memory_limit()
    total = int(psutil.virtual_memory().total)
    return total if limit is None else min(total, limit)


class PeakMemory:
    """Samples the resident memory of this process and all its children while the ``with`` block runs.

    ``bytes`` is the highest sum seen; pages that processes share are counted in each of them, so the sum is an upper
    bound, and a peak shorter than ``SAMPLE_SECONDS`` may be missed.
    """

    def __init__(self) -> None:
        self.bytes = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)

    def __enter__(self) -> PeakMemory:
        self.bytes = tree_bytes()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def _sample(self) -> None:
        wait = SAMPLE_SECONDS / 16  # short runs are sampled too
        while not self._stop.wait(wait):
            wait = min(2 * wait, SAMPLE_SECONDS)
            self.bytes = max(self.bytes, tree_bytes())


def tree_bytes() -> int:
    """Sum of the resident memory of this process and its descendants, now."""
    import psutil

    own = psutil.Process()
    total = 0
    for process in (own, *own.children(recursive=True)):
        try:
            total += process.memory_info().rss
        except psutil.Error:  # ended between listing and looking
            continue
    return total

"""Makes the toy jobs importable by name, here and in worker processes (which get this process's import path)."""

import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(autouse=True)
def same_signals() -> Iterator[None]:
    """The command line handles a signal; other tests should not."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)

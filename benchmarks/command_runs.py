"""Time and memory of whole commands: a fresh process from start to last output, memory summed over the process tree."""

from __future__ import annotations

import platform
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil

from dsapp.core.hardware import inspect

SAMPLE_SECONDS = 0.1


@dataclass(frozen=True)
class Measured:
    """One run: seconds from start to end, to the first finished item, peak bytes over the process tree, exit code."""

    seconds: float
    first_seconds: float
    peak_bytes: int
    code: int


def measure(arguments: Sequence[str], out: Path) -> Measured:
    """Run ``dsapp`` with ``arguments`` and watch it; ``out`` is its run folder."""
    started = time.monotonic()
    command = [str(Path(sys.executable).with_name("dsapp")), *arguments]
    process = psutil.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    peak, first = 0, float("nan")
    stop = threading.Event()

    def watch() -> None:
        nonlocal peak, first
        while not stop.is_set():
            peak = max(peak, _tree_bytes(process))
            if first != first and any((out / "items").glob("*/result.json")):
                first = time.monotonic() - started
            stop.wait(SAMPLE_SECONDS)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    code = process.wait()
    seconds = time.monotonic() - started
    stop.set()
    watcher.join()
    return Measured(seconds, first if first == first else seconds, peak, code)


def _tree_bytes(process: psutil.Popen) -> int:
    total = 0
    try:
        for member in (process, *process.children(recursive=True)):
            try:
                total += member.memory_info().rss
            except psutil.Error:
                continue
    except psutil.Error:
        return total
    return total


def machine_described() -> Mapping[str, Any]:
    """What a row says of the machine."""
    machine = inspect()
    return {"processor": machine.processor, "cores": machine.cores, "platform": platform.platform()}


def versions_of(packages: Sequence[str]) -> Mapping[str, str]:
    """The versions that a row names."""
    return {"python": platform.python_version(), **{name: version(name) for name in packages}}

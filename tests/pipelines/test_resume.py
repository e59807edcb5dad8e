"""Killed in mid-run from outside, the same command gives what an unbroken run gives, and does nothing twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
import toy_jobs
from toy_jobs import Toy, outputs_of, write_inputs

from dsapp.pipelines.journal import read_journal
from dsapp.pipelines.run import run

NUM_ITEMS = 12


def start(source: Path, out: Path, calls: Path, workers: int) -> subprocess.Popen[bytes]:
    program = [sys.executable, toy_jobs.__file__, str(source), str(out), str(calls), str(workers)]
    return subprocess.Popen(program, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})


def wait_for(out: Path, num_done: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        if len(list(out.glob("items/*/result.json"))) >= num_done:
            return
        assert process.poll() is None, "the run ended before it could be killed"
        time.sleep(0.02)
    pytest.fail("the run does not get on")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    texts = {f"{number:02}": f"text number {number}" for number in range(NUM_ITEMS)} | {"bad": "refuse", "pipe": ""}
    return write_inputs(tmp_path / "in", texts)


@pytest.mark.parametrize("workers", [0, 2])
def test_kill_nine(tmp_path: Path, source: Path, workers: int) -> None:
    run(Toy(), [source], tmp_path / "unbroken")
    out, calls = tmp_path / "out", tmp_path / "calls"
    first = start(source, out, calls, workers)
    wait_for(out, 4, first)
    children = psutil.Process(first.pid).children(recursive=True)
    first.send_signal(signal.SIGKILL)
    first.wait()
    assert len(children) == workers
    _, alive = psutil.wait_procs(children, timeout=10)
    assert alive == [], "workers outlive their parent"
    done = {path.parent.name for path in out.glob("items/*/result.json")}
    assert 4 <= len(done) < NUM_ITEMS
    calls.unlink()

    second = start(source, out, calls, workers)
    assert second.wait(timeout=60) == 3
    assert done.isdisjoint(calls.read_text().split())
    assert outputs_of(out) == outputs_of(tmp_path / "unbroken")
    events = [event["event"] for event in read_journal(out / "journal.jsonl")]
    assert events.count("done") in (NUM_ITEMS, NUM_ITEMS - 1)  # killed between the rename and the line
    assert not (out / ".partial").exists()


def test_a_second_live_run_in_the_folder_is_refused(tmp_path: Path, source: Path) -> None:
    out = tmp_path / "out"
    first = start(source, out, tmp_path / "calls", 0)
    wait_for(out, 1, first)
    second = subprocess.run(
        [sys.executable, toy_jobs.__file__, str(source), str(out), str(tmp_path / "other")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "RunBusyError" in second.stderr
    assert not (tmp_path / "other").exists()
    assert first.wait(timeout=60) == 3

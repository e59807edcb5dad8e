"""Worker processes: results as in one process, and items that hang, die or eat memory cost no other item."""

from __future__ import annotations

import math
import os
import time
from pathlib import Path
from typing import Any

import psutil
import pytest
from toy_jobs import SECRET, OtherToy, Probing, Spawning, Toy, Unloadable, outputs_of, workers, write_inputs

from dsapp.core.errors import BundleError, RunError, UsageError, WorkerError
from dsapp.pipelines.executors.processes import Processes
from dsapp.pipelines.journal import read_journal
from dsapp.pipelines.run import run


def codes(outcome: Any) -> dict[str, str]:
    return {refusal.id: refusal.code for refusal in outcome.refused}


@pytest.fixture
def others() -> set[psutil.Process]:
    """Child processes that other tests keep: a database server, a reader of PDFs."""
    return set(psutil.Process().children())


def test_same_outputs_as_in_one_process(tmp_path: Path) -> None:
    texts = {f"{number:02}": f"text {number}" for number in range(9)} | {"bad": "refuse", "pipe": ""}
    source = write_inputs(tmp_path / "in", texts)
    one = run(Toy(), [source], tmp_path / "one")
    two = run(Toy(pause=0.2), [source], tmp_path / "two", executor=workers(2))
    assert (one.exit_code, two.exit_code) == (3, 3)
    assert outputs_of(tmp_path / "one") == outputs_of(tmp_path / "two")
    assert two.manifest["executor"]["workers"] == 2
    assert two.manifest["peak_memory_bytes"] > one.manifest["peak_memory_bytes"], "workers count"


def test_poison_items_cost_no_other_item(tmp_path: Path, others: set[psutil.Process]) -> None:
    calls = tmp_path / "calls"
    source = write_inputs(
        tmp_path / "in", {"a": "die", "b": "loop", "c": "hog", "d": "fine", "e": "fine", "f": f"bug {SECRET}"}
    )
    executor = workers(2, max_seconds_per_item=1.5, max_bytes_per_worker=200 << 20)
    outcome = run(Toy(calls=str(calls)), [source], tmp_path / "out", executor=executor)
    assert outcome.exit_code == 3
    assert codes(outcome) == {"a": "killed_worker", "b": "timeout", "c": "memory", "f": "internal"}
    assert [stored.item.id for stored in outcome.stored] == ["d", "e"]
    assert sorted(calls.read_text().split()) == ["a", "a", "b", "b", "c", "c", "d", "e", "f"], (
        "two tries for the killers"
    )
    reasons = {refusal.id: refusal.reason for refusal in outcome.refused}
    assert "exit status 9" in reasons["a"]
    assert "1.5 seconds" in reasons["b"]
    assert "200 MiB" in reasons["c"]
    assert all(refusal.remedy for refusal in outcome.refused)
    assert set(psutil.Process().children()) <= others


def test_what_an_item_prints_breaks_nothing_and_stays_off_standard_output(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    source = write_inputs(tmp_path / "in", {"a": "print", "b": f"bug {SECRET}", "c": f"refuse {SECRET}"})
    outcome = run(Toy(), [source], tmp_path / "out", executor=workers(1))
    assert [stored.item.id for stored in outcome.stored] == ["a"]
    printed = capfd.readouterr()
    assert printed.out == ""
    assert "Wolkenkuckucksheim" not in printed.err
    assert "Wolkenkuckucksheim" not in (tmp_path / "out/journal.jsonl").read_text()


def test_what_no_item_can_survive_keeps_its_class(tmp_path: Path, others: set[psutil.Process]) -> None:
    source = write_inputs(tmp_path / "in", {"a": "nomodel", "b": "nomodel"})
    outcome = run(Toy(), [source], tmp_path / "out", executor=workers(1))
    assert outcome.exit_code == 1
    assert type(outcome.error) is BundleError
    assert str(outcome.error) == "the bundle is missing; install it"
    assert set(psutil.Process().children()) <= others


def test_interrupt_ends_the_workers(tmp_path: Path, others: set[psutil.Process]) -> None:
    class Impatient:
        def note(self, message: str) -> None: ...

        def start(self, state: object) -> None: ...

        def update(self, state: object) -> None:
            raise KeyboardInterrupt

        def stop(self) -> None: ...

    source = write_inputs(tmp_path / "in", {"a": "fine", "b": "loop", "c": "loop"})
    outcome = run(Toy(), [source], tmp_path / "out", executor=workers(2), progress=Impatient())
    assert outcome.interrupted
    assert set(psutil.Process().children()) <= others
    assert [event["event"] for event in read_journal(tmp_path / "out/journal.jsonl")][-1] == "end"


def test_a_job_that_cannot_be_sent_says_so(tmp_path: Path) -> None:
    class Local(Toy):
        pass

    source = write_inputs(tmp_path / "in", {"a": "fine"})
    outcome = run(Local(), [source], tmp_path / "out", executor=workers(1))
    assert isinstance(outcome.error, WorkerError)
    assert "local executor" in str(outcome.error)


def test_a_job_that_a_worker_cannot_load_says_so(tmp_path: Path) -> None:
    source = write_inputs(tmp_path / "in", {"a": "fine"})
    outcome = run(Unloadable(maker=os.getpid()), [source], tmp_path / "out", executor=workers(1))
    assert isinstance(outcome.error, WorkerError)
    assert "Wolkenkuckucksheim" not in str(outcome.error)


def test_a_job_of_a_package_that_was_not_named_is_not_loaded(tmp_path: Path) -> None:
    source = write_inputs(tmp_path / "in", {"a": "fine"})
    outcome = run(Toy(), [source], tmp_path / "out", executor=Processes(1))
    assert isinstance(outcome.error, WorkerError)
    assert "must lie in dsapp, not in 'toy_jobs'" in str(outcome.error)


def test_a_worker_gets_every_field_of_its_job(tmp_path: Path) -> None:
    source = write_inputs(tmp_path / "in", {"a": "abc \u202e\U0001f600"})
    job = OtherToy(shout=True, calls=str(tmp_path / "caf\u00e9 \udcff"), pause=0.25)
    outcome = run(job, [source], tmp_path / "out", executor=workers(1))
    assert outcome.exit_code == 0
    assert (outcome.stored[0].folder / "out/reversed.txt").read_text() == "ABC \u202e\U0001f600"[::-1]
    assert outcome.stored[0].item.path.exists() and Path(job.calls).read_text() == "a\n"


def test_workers_that_never_start_end_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dsapp.pipelines.executors.processes.sys.executable", "/bin/false")
    source = write_inputs(tmp_path / "in", {"a": "fine"})
    outcome = run(Toy(), [source], tmp_path / "out", executor=workers(1))
    assert isinstance(outcome.error, RunError)
    assert "before they were ready" in str(outcome.error)


def test_a_worker_serves_many_items_with_its_share_of_the_cores(tmp_path: Path) -> None:
    source = write_inputs(tmp_path / "in", {f"{number}": "x" for number in range(6)})
    executor = workers(1)
    outcome = run(Probing(), [source], tmp_path / "out", executor=executor)
    assert len({stored.result.summary["pid"] for stored in outcome.stored}) == 1
    assert outcome.stored[0].result.summary["pid"] != os.getpid()
    assert outcome.stored[0].result.summary["threads"] == [str(executor.threads)] * 2
    assert outcome.stored[0].result.summary["inherited"] == os.environ.get("PYTHONPATH")
    assert outcome.stored[0].result.summary["path"] == [], "nothing is imported from the current folder"


def test_programs_that_an_item_started_die_with_its_worker(tmp_path: Path) -> None:
    source = write_inputs(tmp_path / "in", {"a": "x"})
    outcome = run(
        Spawning(calls=str(tmp_path / "calls")),
        [source],
        tmp_path / "out",
        executor=workers(1, max_seconds_per_item=1),
    )
    assert codes(outcome) == {"a": "timeout"}
    pid = int((tmp_path / "calls").read_text())
    for _ in range(50):
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            break
        time.sleep(0.1)
    else:
        pytest.fail("the program lives on")


def test_limits_are_checked() -> None:
    with pytest.raises(UsageError, match="at least one"):
        Processes(0)
    for seconds in (0, -1, math.nan, math.inf):
        with pytest.raises(UsageError, match="above 0"):
            Processes(1, max_seconds_per_item=seconds)

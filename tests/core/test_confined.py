"""A function in a helper process: its answers come back, and its memory, time and crashes stay over there."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

import pytest

from dsapp.core.confined import Bounds, Confined, HelperError, Overrun
from dsapp.core.errors import InputError, WorkerError

BOUNDS = Bounds(step_bytes=128 << 20, total_bytes=1 << 30, step_seconds=60)

WORK = """
import ctypes, os, time
from dsapp.core.errors import InputError

def work(request, step):
    what = request["do"]
    if what == "echo":
        print("noise on standard output")
        return {"said": request["say"], "process": os.getpid()}
    if what == "refuse":
        raise InputError("bad", code="corrupt", remedy="mend it")
    step("page 7")
    if what == "fill":
        return len(bytearray(1 << 30))
    if what == "pile":
        kept = []
        for number in range(8):
            step(f"page {number}")
            kept.append(bytearray(64 << 20))
        return len(kept)
    if what == "sleep":
        time.sleep(600)
    if what == "crash":
        ctypes.string_at(0)
    if what == "abort":
        os.abort()
    raise KeyError("a secret sentence")
"""


@pytest.fixture
def confined(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "confined_work.py").write_text(WORK)
    monkeypatch.syspath_prepend(str(tmp_path))
    made = Confined("confined_work", "work")
    yield made
    made.close()


def echo(confined: Confined, say: str = "a") -> dict:
    return confined.ask({"do": "echo", "say": say}, BOUNDS)


def test_answers_come_back_and_the_process_is_kept(confined):
    first, second = echo(confined, "\ud800 \u202e é\n"), echo(confined)
    assert first["said"] == "\ud800 \u202e é\n"
    assert first["process"] == second["process"] != os.getpid()


def test_a_refusal_comes_back_whole(confined):
    with pytest.raises(InputError, match="bad") as caught:
        confined.ask({"do": "refuse"}, BOUNDS)
    assert (caught.value.code, caught.value.remedy) == ("corrupt", "mend it")


def test_an_unforeseen_error_tells_its_place_and_not_its_message(confined):
    with pytest.raises(HelperError) as caught:
        confined.ask({"do": "fail"}, BOUNDS)
    assert caught.value.error == "KeyError" and "confined_work.py" in caught.value.places[-1]
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("what", "cause"),
    [
        pytest.param("fill", "memory", marks=pytest.mark.skipif(sys.platform != "linux", reason="bounded on Linux")),
        ("abort", "memory"),
        ("crash", "crash"),
    ],
)
def test_what_ends_the_helper_is_told_with_its_step_and_the_next_request_is_answered(confined, what, cause):
    with pytest.raises(Overrun) as caught:
        confined.ask({"do": what}, BOUNDS)
    assert (caught.value.cause, caught.value.where) == (cause, "page 7")
    assert echo(confined)["said"] == "a"


def test_time_runs_out(confined):
    with pytest.raises(Overrun) as caught:
        confined.ask({"do": "sleep"}, Bounds(BOUNDS.step_bytes, BOUNDS.total_bytes, 2))
    assert (caught.value.cause, caught.value.where) == ("time", "page 7")
    assert echo(confined)["said"] == "a"


@pytest.mark.skipif(sys.platform != "linux", reason="bounded on Linux")
def test_memory_is_given_by_step_and_bounded_in_all(confined):
    assert confined.ask({"do": "pile"}, BOUNDS) == 8
    with pytest.raises(Overrun) as caught:
        confined.ask({"do": "pile"}, Bounds(BOUNDS.step_bytes, 300 << 20, 60))
    assert caught.value.cause == "memory"


def test_threads_wait_for_each_other(confined):
    said: list[str] = []
    threads = [threading.Thread(target=lambda n=n: said.append(echo(confined, str(n))["said"])) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == [str(n) for n in range(8)]


def test_a_function_that_cannot_be_loaded_stops_the_caller():
    with pytest.raises(WorkerError, match="exit status 1"):
        Confined("no_such_module_anywhere", "work").ask({}, BOUNDS)

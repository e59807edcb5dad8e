"""A run over a toy job: what is done, kept, done again, refused, and what stops it."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from toy_jobs import SECRET, OtherToy, Toy, outputs_of, workers, write_inputs

from dsapp.core.errors import (
    BundleError,
    DiskFullError,
    MissingExtraError,
    RunBusyError,
    RunError,
    RunFolderError,
    UsageError,
)
from dsapp.core.job import Item, Refusal, Result
from dsapp.pipelines.executors import Executor
from dsapp.pipelines.executors.local import Local
from dsapp.pipelines.journal import read_journal
from dsapp.pipelines.lock import RunLock
from dsapp.pipelines.run import run


def begun(calls: Path) -> list[str]:
    return calls.read_text(encoding="utf-8").split() if calls.exists() else []


class Notes:
    """Keeps what a run says."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.states: list[object] = []

    def note(self, message: str) -> None:
        self.notes.append(message)

    def start(self, state: object) -> None:
        self.states.append(state)

    def update(self, state: object) -> None:
        self.states.append(state)

    def stop(self) -> None: ...


def test_all_done(tmp_path: Path) -> None:
    source = write_inputs(tmp_path / "in", {"a": "abc", "b": "hello"})
    outcome = run(Toy(), [source], tmp_path / "out")
    assert outcome.exit_code == 0
    assert outcome.outputs == (tmp_path / "out" / "index.html",)
    assert outcome.outputs[0].read_text() == "a 3\nb 5\n"
    assert (tmp_path / "out/items/a/out/reversed.txt").read_text() == "cba"
    manifest = json.loads((tmp_path / "out/run.json").read_text())
    assert manifest["state"] == "finished"
    assert manifest["counts"] == {"found": 2, "done": 2, "kept": 0, "quarantined": 0, "left": 0, "dropped": 0}
    assert manifest["bundles"] == {"toy": "b1"}
    assert manifest["peak_memory_bytes"] > 1 << 20
    assert {"dsapp", "python", "torch"} <= set(manifest["versions"])
    assert not (tmp_path / "out/.partial").exists()
    assert not (tmp_path / "out/.lock").exists()


def test_refused_items_do_not_stop_the_run_and_stay_refused(tmp_path: Path) -> None:
    calls = tmp_path / "calls"
    source = write_inputs(
        tmp_path / "in", {"a": "refuse", "b": "fine", "c": "numeric", "d": "outofmemory", "e": "leave", "pipe": "x"}
    )
    outcome = run(Toy(calls=str(calls)), [source], tmp_path / "out")
    assert outcome.exit_code == 3
    codes = {refusal.id: refusal.code for refusal in outcome.refused}
    assert codes == {"a": "broken", "c": "numeric", "d": "memory", "e": "internal", "pipe": "not_a_file"}
    entry = json.loads((tmp_path / "out/quarantine/a.json").read_text())
    assert (entry["code"], entry["reason"], entry["remedy"]) == ("broken", "it cannot be read", "save it again")
    assert entry["path"] == str(source / "a.txt")
    assert (tmp_path / "out/index.html").read_text().startswith("b 4\npipe refused: not_a_file\na refused: broken\n")

    calls.unlink()
    again = run(Toy(calls=str(calls)), [source], tmp_path / "out")
    assert again.exit_code == 3
    assert begun(calls) == []
    assert {refusal.id: refusal.code for refusal in again.refused} == codes


def test_retry_takes_a_mended_item_out_of_quarantine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = write_inputs(tmp_path / "in", {"a": "refuse", "b": "fine"})
    run(Toy(), [source], tmp_path / "out")
    assert (tmp_path / "out/refused.txt").exists()
    monkeypatch.setattr("toy_jobs.misbehave", lambda word, text: None)
    assert run(Toy(), [source], tmp_path / "out").exit_code == 3
    mended = run(Toy(), [source], tmp_path / "out", retry_quarantined=True)
    assert mended.exit_code == 0
    assert not list((tmp_path / "out/quarantine").iterdir())
    assert not (tmp_path / "out/refused.txt").exists(), "a page of an earlier session that no longer holds stays"


def test_changed_content_is_tried_again_without_being_asked(tmp_path: Path) -> None:
    source = write_inputs(tmp_path / "in", {"a": "refuse", "b": "fine"})
    run(Toy(), [source], tmp_path / "out")
    write_inputs(source, {"a": "good now"})
    outcome = run(Toy(), [source], tmp_path / "out")
    assert outcome.exit_code == 0
    assert [stored.item.id for stored in outcome.stored] == ["a", "b"]


@pytest.mark.parametrize(
    ("second", "said"),
    [(Toy(shout=True), "because the setting shout changed"), (Toy(bundle="b2"), "because the bundle toy changed")],
)
def test_changed_settings_redo_and_say_which(tmp_path: Path, second: Toy, said: str) -> None:
    source = write_inputs(tmp_path / "in", {"a": "abc", "b": "def"})
    first = run(Toy(), [source], tmp_path / "out")
    notes = Notes()
    outcome = run(second, [source], tmp_path / "out", progress=notes)
    assert outcome.exit_code == 0
    assert outcome.run_id == first.run_id
    assert any(said in note and note.startswith("2 done before are done again") for note in notes.notes)
    wanted = "CBA" if second.shout else "cba"
    assert (tmp_path / "out/items/a/out/reversed.txt").read_text() == wanted


def test_only_the_changed_item_is_done_again(tmp_path: Path) -> None:
    calls = tmp_path / "calls"
    source = write_inputs(tmp_path / "in", {"a": "abc", "b": "def", "c": "ghi"})
    run(Toy(), [source], tmp_path / "out")
    write_inputs(source, {"b": "changed"})
    (tmp_path / "out/items/c/out/reversed.txt").unlink()
    notes = Notes()
    run(Toy(calls=str(calls)), [source], tmp_path / "out", progress=notes)
    assert begun(calls) == ["b", "c"]
    assert any("because the content changed" in note for note in notes.notes)
    assert any("lacks a file" in note for note in notes.notes)
    assert (tmp_path / "out/items/b/out/reversed.txt").read_text() == "degnahc"


def test_items_gone_from_the_inputs_leave_the_pages_and_stay_on_disk(tmp_path: Path) -> None:
    source = write_inputs(tmp_path / "in", {"a": "abc", "b": "refuse", "c": "ghi"})
    run(Toy(), [source], tmp_path / "out")
    (source / "a.txt").unlink()
    (source / "b.txt").unlink()
    notes = Notes()
    outcome = run(Toy(), [source], tmp_path / "out", progress=notes)
    assert outcome.exit_code == 0
    assert (tmp_path / "out/index.html").read_text() == "c 3\n"
    assert (tmp_path / "out/items/a/result.json").exists()
    assert any("no longer among the inputs (a)" in note for note in notes.notes)


def test_nothing_found_is_wrong_usage_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    with pytest.raises(UsageError, match=r"no text files \(\.txt\) found in .*in"):
        run(Toy(), [tmp_path / "in"], tmp_path / "out")
    with pytest.raises(UsageError, match="no such file or folder"):
        run(Toy(), [tmp_path / "absent"], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_find_that_says_nothing_found_is_wrong_usage_too(tmp_path: Path) -> None:
    class Saying(Toy):
        def find(self, inputs):
            for path in inputs:
                if not list(path.glob("*.txt")):
                    yield Refusal(path.name, path, "nothing_found", "the folder is empty", "put .txt files into it")
                yield from super().find([path])

    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match=r"found in .*empty; put \.txt files into it"):
        run(Saying(), [tmp_path / "empty"], tmp_path / "out")
    source = write_inputs(tmp_path / "in", {"a": "abc"})
    outcome = run(Saying(), [tmp_path / "empty", source], tmp_path / "out")
    assert outcome.exit_code == 3, "one of two given folders holds nothing: told, and the other is done"


def test_odd_inputs_are_left_to_the_job(tmp_path: Path) -> None:
    loop = tmp_path / "loop"
    loop.symlink_to(loop)

    class Patient(Toy):
        def find(self, inputs):
            yield Refusal("loop", inputs[0], "loop", "it is a link to itself", "remove it")

    assert run(Patient(), [loop], tmp_path / "out").exit_code == 3


def test_a_folder_of_another_job_or_of_foreign_files_is_refused(tmp_path: Path) -> None:
    source = write_inputs(tmp_path / "in", {"a": "abc"})
    run(Toy(), [source], tmp_path / "out")
    before = outputs_of(tmp_path / "out")
    with pytest.raises(RunFolderError, match=r"toy\.reverse"):
        run(OtherToy(), [source], tmp_path / "out")
    assert outputs_of(tmp_path / "out") == before
    foreign = tmp_path / "thesis"
    foreign.mkdir()
    (foreign / "chapter.md").write_text("mine")
    with pytest.raises(RunFolderError, match="was not made by dsapp"):
        run(Toy(), [source], foreign)
    assert os.listdir(foreign) == ["chapter.md"]
    with pytest.raises(RunFolderError, match="is a file"):
        run(Toy(), [source], source / "a.txt")


def test_a_live_run_locks_its_folder_and_a_dead_one_does_not(tmp_path: Path) -> None:
    source = write_inputs(tmp_path / "in", {"a": "abc"})
    out = tmp_path / "out"
    out.mkdir()
    lock = RunLock(out)
    with pytest.raises(RunBusyError, match=f"live run.*process {os.getpid()}"):
        run(Toy(), [source], out)
    lock.release()
    dead = subprocess.Popen(["true"])
    dead.wait()
    (out / ".lock").write_text(json.dumps({"pid": dead.pid, "host": "elsewhere"}))
    assert run(Toy(), [source], out).exit_code == 0


def test_a_torn_journal_is_read_and_continued(tmp_path: Path) -> None:
    source = write_inputs(tmp_path / "in", {"a": "abc", "b": "def"})
    run(Toy(), [source], tmp_path / "out")
    journal = tmp_path / "out/journal.jsonl"
    events = list(read_journal(journal))
    with open(journal, "ab") as stream:
        stream.write(b'{"event": "done", "item": "c", "sec')
    outcome = run(Toy(), [source], tmp_path / "out")
    assert outcome.exit_code == 0
    after = list(read_journal(journal))
    assert after[: len(events)] == events
    assert [event["event"] for event in after[len(events) :]] == ["start", "end"]


@pytest.mark.parametrize("name", ["run.json", "items/a/result.json", "quarantine/r.json"])
def test_a_damaged_file_of_ours_costs_no_more_than_its_item(tmp_path: Path, name: str) -> None:
    source = write_inputs(tmp_path / "in", {"a": "abc", "r": "refuse"})
    run(Toy(), [source], tmp_path / "out")
    whole = outputs_of(tmp_path / "out")
    (tmp_path / "out" / name).write_bytes(b'{"schema": ')
    if name == "run.json":
        with pytest.raises(RunFolderError):  # nothing says whose folder it is: do not touch it
            run(Toy(), [source], tmp_path / "out")
    else:
        assert run(Toy(), [source], tmp_path / "out").exit_code == 3
        assert outputs_of(tmp_path / "out") == whole


def test_a_bug_quarantines_the_item_without_its_text(tmp_path: Path) -> None:
    source = write_inputs(tmp_path / "in", {"a": f"bug {SECRET}", "b": "fine"})
    outcome = run(Toy(), [source], tmp_path / "out")
    assert outcome.exit_code == 3
    entry = json.loads((tmp_path / "out/quarantine/a.json").read_text())
    assert (entry["code"], entry["error"]) == ("internal", "KeyError")
    assert "misbehave" in entry["where"][-1]
    for path in (tmp_path / "out").rglob("*"):
        if path.is_file() and "items" not in path.parts:
            assert "Wolkenkuckucksheim" not in path.read_text(), path


def test_the_same_bug_five_times_in_a_row_stops_the_run(tmp_path: Path) -> None:
    texts = {"a": "fine", **{f"b{number}": "bug" for number in range(7)}, "c": "fine"}
    source = write_inputs(tmp_path / "in", texts)
    outcome = run(Toy(), [source], tmp_path / "out")
    assert outcome.exit_code == 1
    assert isinstance(outcome.error, RunError)
    assert "5 items in a row" in str(outcome.error)
    assert outcome.manifest["counts"] == {"found": 9, "done": 1, "kept": 0, "quarantined": 0, "left": 8, "dropped": 0}
    assert not list((tmp_path / "out/quarantine").iterdir()), "the items are not at fault"
    write_inputs(source, {f"b{number}": "mended" for number in range(7)})
    assert run(Toy(), [source], tmp_path / "out").exit_code == 0


def test_bugs_with_successes_between_do_not_stop_the_run(tmp_path: Path) -> None:
    texts = {f"{number:02}": "fine" if number % 3 == 0 else "bug" for number in range(12)}
    outcome = run(Toy(), [write_inputs(tmp_path / "in", texts)], tmp_path / "out")
    assert outcome.exit_code == 3
    assert len(outcome.refused) == 8


@pytest.mark.parametrize(("word", "kind"), [("nomodel", BundleError), ("noextra", MissingExtraError)])
def test_what_no_item_can_survive_stops_at_once(tmp_path: Path, word: str, kind: type[Exception]) -> None:
    source = write_inputs(tmp_path / "in", {"a": "fine", "b": word, "c": "fine"})
    outcome = run(Toy(), [source], tmp_path / "out")
    assert outcome.exit_code == 1
    assert type(outcome.error) is kind
    assert [stored.item.id for stored in outcome.stored] == ["a"]
    assert outcome.manifest["state"] == "stopped"
    assert not (tmp_path / "out/quarantine/b.json").exists()


def test_interrupt_keeps_what_is_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = write_inputs(tmp_path / "in", {"a": "fine", "b": "stop here", "c": "fine"})

    def interrupt(word: str, text: str) -> None:
        if word == "stop":
            raise KeyboardInterrupt

    monkeypatch.setattr("toy_jobs.misbehave", interrupt)
    outcome = run(Toy(), [source], tmp_path / "out")
    assert (outcome.exit_code, outcome.interrupted) == (1, True)
    assert json.loads((tmp_path / "out/run.json").read_text())["state"] == "interrupted"
    assert not (tmp_path / "out/.lock").exists()
    monkeypatch.undo()
    calls = tmp_path / "calls"
    assert run(Toy(calls=str(calls)), [source], tmp_path / "out").exit_code == 0
    assert begun(calls) == ["b", "c"]


def test_an_item_that_killed_the_program_three_times_is_quarantined(tmp_path: Path) -> None:
    source = write_inputs(tmp_path / "in", {"a": "die", "b": "fine"})
    out = tmp_path / "out"
    for _ in range(3):
        child = os.fork()
        if child == 0:
            run(Toy(), [source], out)
            os._exit(0)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    outcome = run(Toy(), [source], out)
    assert outcome.exit_code == 3
    assert [refusal.code for refusal in outcome.refused] == ["killed_run"]
    assert [stored.item.id for stored in outcome.stored] == ["b"]


def test_a_full_disk_stops_the_run_and_the_same_call_continues(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = write_inputs(tmp_path / "in", {"a": "fine", "b": "full", "c": "fine"})
    whole = run(Toy(), [source], tmp_path / "whole")
    assert whole.exit_code == 0

    def full(word: str, text: str) -> None:
        if word == "full":
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("toy_jobs.misbehave", full)
    outcome = run(Toy(), [source], tmp_path / "out")
    assert outcome.exit_code == 1
    assert isinstance(outcome.error, DiskFullError)
    assert [stored.item.id for stored in outcome.stored] == ["a"]
    monkeypatch.undo()
    assert run(Toy(), [source], tmp_path / "out").exit_code == 0
    assert outputs_of(tmp_path / "out") == outputs_of(tmp_path / "whole")


@pytest.fixture
def small_disk(tmp_path: Path):
    """A file system of one MiB."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = shutil.which("mount") and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)], capture_output=True, check=False
    )
    if not mounted or mounted.returncode:
        pytest.skip("mounting a small tmpfs needs root: run the tests as root in a container that may mount")
    yield place
    subprocess.run(["umount", str(place)], check=True)


@pytest.mark.parametrize("executor", [Local(), workers(2)])
def test_a_disk_that_really_fills_up(tmp_path: Path, small_disk: Path, executor: Executor) -> None:
    source = write_inputs(tmp_path / "in", {f"{number:02}": "x" * 60_000 for number in range(12)})
    filler = small_disk / "filler"
    filler.write_bytes(b"0" * 500_000)
    out = small_disk / "out"
    outcome = run(Toy(), [source], out, executor=executor)
    assert outcome.exit_code == 1
    assert isinstance(outcome.error, DiskFullError)
    done = len(outcome.stored)
    assert 0 < done < 12
    assert len(list(out.glob("items/*/result.json"))) == done
    filler.unlink()
    calls = tmp_path / "calls"
    assert run(Toy(calls=str(calls)), [source], out).exit_code == 0
    assert len(begun(calls)) == 12 - done
    run(Toy(), [source], tmp_path / "whole")
    assert outputs_of(out) == outputs_of(tmp_path / "whole")


def test_what_an_earlier_run_wrote_is_no_input(tmp_path: Path) -> None:
    source = write_inputs(tmp_path / "in", {"a": "abc"})
    run(Toy(), [source], source / "review")
    notes = Notes()
    outcome = run(Toy(), [source], source / "review", progress=notes)
    assert [stored.item.id for stored in outcome.stored] == ["a"]
    assert any("written by earlier runs" in note for note in notes.notes)
    with pytest.raises(UsageError, match="lies in the output folder"):
        run(Toy(), [source / "review"], source / "review")


def test_a_manifest_from_a_stranger_removes_nothing_outside(tmp_path: Path) -> None:
    source = write_inputs(tmp_path / "in", {"a": "abc"})
    out = tmp_path / "out"
    run(Toy(), [source], out)
    precious = tmp_path / "home" / "precious.txt"
    precious.parent.mkdir()
    precious.write_text("x")
    (out / "link").symlink_to(precious.parent)
    manifest = json.loads((out / "run.json").read_text())
    names = ["link/precious.txt", "../home/precious.txt", str(precious), "items/a/result.json", "run.json"]
    (out / "run.json").write_text(json.dumps({**manifest, "outputs": names}))
    assert run(Toy(), [source], out).exit_code == 0
    assert precious.exists()
    assert (out / "items/a/result.json").exists()


class Odd(Toy):
    """Gives ids that no file system should see as they are."""

    ids = (
        "../../escape",
        "a/b",
        "",
        ".",
        "..",
        "x\ny",
        "nul\0",
        "con",
        "-rf",
        "é" * 200,
        "long" * 100,
        "\udcff",
        "tab\t",
    )

    def find(self, inputs):
        for number, identity in enumerate(self.ids):
            yield Item(identity, Path(inputs[0]) / "a.txt", str(number), 1.0)
        yield Item("CON", Path(inputs[0]) / "a.txt", "c", 1.0)


def test_any_id_is_safe_as_a_folder(tmp_path: Path) -> None:
    source = write_inputs(tmp_path / "in", {"a": "abc"})
    outcome = run(Odd(), [source], tmp_path / "deep/out")
    assert len(outcome.stored) == len(Odd.ids)
    assert [refusal.code for refusal in outcome.refused] == ["duplicate_id"], "CON and con are one on some systems"
    assert sorted(path.name for path in (tmp_path / "deep").iterdir()) == ["out"]
    folders = [path for path in (tmp_path / "deep/out/items").iterdir() if (path / "result.json").is_file()]
    assert len(folders) == len(Odd.ids)
    calls = tmp_path / "calls"
    assert run(Odd(calls=str(calls)), [source], tmp_path / "deep/out").exit_code == 3
    assert begun(calls) == []


@pytest.mark.parametrize("files", [("absent.txt",), ("../outside.txt",), ("/etc/hostname",)])
def test_a_result_may_only_name_files_it_wrote(tmp_path: Path, files: tuple[str, ...]) -> None:
    class Lying(Toy):
        def do(self, item: Item, folder: Path) -> Result:
            (folder.parent / "outside.txt").write_text("x")
            return Result({}, files)

    outcome = run(Lying(), [write_inputs(tmp_path / "in", {"a": "abc"})], tmp_path / "out")
    assert [refusal.code for refusal in outcome.refused] == ["internal"]


def test_a_bug_in_the_pages_fails_the_run_and_keeps_the_items(tmp_path: Path) -> None:
    class Broken(Toy):
        def close(self, closing, folder):
            raise ZeroDivisionError("secret")

    source = write_inputs(tmp_path / "in", {"a": "abc"})
    outcome = run(Broken(), [source], tmp_path / "out")
    assert outcome.exit_code == 1
    assert "the pages could not be made" in str(outcome.error)
    assert "secret" not in str(outcome.error)
    calls = tmp_path / "calls"
    assert run(Toy(calls=str(calls)), [source], tmp_path / "out").exit_code == 0
    assert begun(calls) == []

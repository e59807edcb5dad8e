"""The command line: exit codes, messages instead of tracebacks, data on standard output, help with examples."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import toy_jobs
from toy_jobs import SECRET, Toy, write_inputs

import dsapp.finance.review
from dsapp import __version__
from dsapp.core.errors import BundleError, ConfigError
from dsapp.core.evaluation import Row
from dsapp.core.files import write_text
from dsapp.pipelines.cli import main


@dataclass(frozen=True)
class FakeReview(Toy):
    """Stands in for the review of contracts, with its fields."""

    us: str = ""
    playbook: str = ""
    variant: str = "auto"
    classifier: str = "model"
    name: str = "finance.review"

    def settings(self) -> dict[str, Any]:
        return {"us": self.us, "classifier": self.classifier}


@pytest.fixture(autouse=True)
def fake_review(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dsapp.finance.review, "ReviewJob", FakeReview, raising=False)


@dataclass
class Done:
    code: int
    out: str
    err: str


@pytest.fixture
def dsapp_cli(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    def call(*arguments: object) -> Done:
        monkeypatch.setattr(sys, "argv", ["dsapp", *map(str, arguments)])
        with pytest.raises(SystemExit) as left:
            main()
        printed = capsys.readouterr()
        code = left.value.code
        return Done(code if isinstance(code, int) else 0 if code is None else 1, printed.out, printed.err)

    return call


def test_version_and_help(dsapp_cli) -> None:
    assert dsapp_cli("--version").out == f"dsapp {__version__}\n"
    assert dsapp_cli("--help").code == 0


COMMANDS = [
    "doctor",
    "finance review",
    "finance evaluate",
    "finance train",
    "finance playbook check",
    "finance playbook init",
    "manufacturing check",
    "manufacturing evaluate",
    "manufacturing init",
    "manufacturing plan",
    "manufacturing predict",
    "manufacturing train",
    "runs list",
    "runs show",
    "runs retry",
    "schedule add",
    "schedule export",
    "schedule history",
    "schedule list",
    "schedule logs",
    "schedule now",
    "schedule pause",
    "schedule remove",
    "schedule resume",
    "schedule start",
]


def test_the_list_of_commands_is_complete() -> None:
    import typer

    from dsapp.pipelines.cli import app

    def walk(group: Any, before: str) -> list[str]:
        found = []
        for name, command in group.commands.items():
            if hasattr(command, "commands"):
                found += walk(command, f"{before}{name} ")
            else:
                found.append(before + name)
        return found

    assert sorted(walk(typer.main.get_command(app), "")) == sorted(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(dsapp_cli, command: str) -> None:
    done = dsapp_cli(*command.split(), "--help")
    assert done.code == 0
    assert f"Example:  dsapp {command}" in " ".join(done.out.replace("\n", " ").split(" ")).replace("   ", "  ")


def test_wrong_usage_is_two_and_suggests(dsapp_cli) -> None:
    done = dsapp_cli("finence")
    assert done.code == 2
    assert "Did you mean 'finance'?" in done.err
    assert dsapp_cli("finance", "review").code == 2
    assert dsapp_cli("finance", "review", "--workers", "many", ".").code == 2
    absent = dsapp_cli("finance", "review", "/nowhere/contracts")
    assert (absent.code, absent.err) == (2, "dsapp: /nowhere/contracts: no such file or folder\n")


def test_review_says_what_came_of_it(dsapp_cli, tmp_path: Path) -> None:
    source = write_inputs(tmp_path / "in", {"a": "abc", "b": "refuse"})
    done = dsapp_cli("finance", "review", source, "--out", tmp_path / "out")
    assert done.code == 3
    lines = done.out.splitlines()
    assert lines[0] == "reviewed: 1 of 2"
    assert lines[1] == "quarantined: 1"
    assert lines[2] == f"  {source / 'b.txt'}: it cannot be read. Save it again."
    assert lines[3] == f"open: {tmp_path / 'out/index.html'}"
    (source / "b.txt").unlink()
    again = dsapp_cli("finance", "review", source, "--out", tmp_path / "out")
    assert again.code == 0
    assert "of these done before: 1" in again.out
    assert "1 of 1 are done already" in again.err


def test_json_on_standard_output_is_json_alone(dsapp_cli, tmp_path: Path) -> None:
    source = write_inputs(tmp_path / "in", {"a": "abc", "b": "refuse"})
    done = dsapp_cli("finance", "review", source, "--out", tmp_path / "out", "--us", "Acme", "--json", "-")
    content = json.loads(done.out)
    assert content["exit_code"] == done.code == 3
    assert content["items"][0]["summary"] == {"length": 3, "ending": "abc"}
    assert content["quarantined"][0]["code"] == "broken"
    assert content["manifest"]["settings"]["us"] == "Acme"
    assert "reviewed: 1 of 2" in done.err
    dsapp_cli("finance", "review", source, "--out", tmp_path / "out", "--us", "Acme", "--json", tmp_path / "o.json")
    assert json.loads((tmp_path / "o.json").read_text())["items"] == content["items"]


def test_a_folder_of_something_else_is_refused(dsapp_cli, tmp_path: Path) -> None:
    source = write_inputs(tmp_path / "in", {"a": "abc"})
    assert dsapp_cli("finance", "review", source, "--out", source).code == 2
    other = write_inputs(tmp_path / "other", {"b": "mine"})
    done = dsapp_cli("finance", "review", source, "--out", other)
    assert done.code == 2
    assert "was not made by dsapp" in done.err
    assert "Traceback" not in done.err


def test_no_traceback_unless_debug_and_never_the_text(dsapp_cli, tmp_path: Path, monkeypatch) -> None:
    def broken(self, inputs):
        raise ValueError(SECRET)

    monkeypatch.setattr(FakeReview, "find", broken)
    source = write_inputs(tmp_path / "in", {"a": "abc"})
    done = dsapp_cli("finance", "review", source, "--out", tmp_path / "out")
    assert done.code == 1
    assert "an error inside dsapp: ValueError at pipelines/test_cli.py:" in done.err.replace("tests/", "")
    assert "Traceback" not in done.err
    assert "Wolkenkuckucksheim" not in done.err
    assert "Traceback" in dsapp_cli("--debug", "finance", "review", source, "--out", tmp_path / "out").err
    assert "Traceback" in dsapp_cli("finance", "review", source, "--out", tmp_path / "out", "--debug").err


def test_a_missing_bundle_is_a_message(dsapp_cli, tmp_path: Path, monkeypatch) -> None:
    def missing(self):
        raise BundleError("the bundle contracts is not there; see dsapp doctor")

    monkeypatch.setattr(FakeReview, "bundles", missing)
    done = dsapp_cli("finance", "review", write_inputs(tmp_path / "in", {"a": "abc"}), "--out", tmp_path / "out")
    assert (done.code, done.err) == (1, "dsapp: the bundle contracts is not there; see dsapp doctor\n")


def test_names_cannot_play_with_the_terminal(dsapp_cli, tmp_path: Path) -> None:
    source = tmp_path / "in"
    source.mkdir()
    (source / "evil\x1b[2J\n\u202egpj.txt").write_text("refuse")
    (source / os.fsdecode(b"bad\xff.txt")).write_text("refuse")
    done = dsapp_cli("finance", "review", source, "--out", tmp_path / "out")
    assert done.code == 3
    assert "\x1b" not in done.out
    assert "\u202e" not in done.out
    assert "evil\\x1b[2J\\n\\u202egpj.txt" in done.out
    shown = dsapp_cli("runs", "show", tmp_path / "out")
    assert "\x1b" not in shown.out


def test_runs(dsapp_cli, tmp_path: Path, monkeypatch) -> None:
    source = write_inputs(tmp_path / "in", {"a": "abc", "b": "refuse"})
    out = tmp_path / "runs" / "first"
    assert dsapp_cli("finance", "review", source, "--out", out, "--us", "Acme").code == 3
    listed = dsapp_cli("runs", "list", tmp_path)
    assert f"{out}  finance.review  finished  1 done, 1 quarantined, 0 left" in listed.out
    assert json.loads(dsapp_cli("runs", "list", tmp_path, "--json", "-").out)[0]["folder"] == str(out)
    shown = dsapp_cli("runs", "show", out)
    assert "state: finished" in shown.out
    assert f"quarantined: {source / 'b.txt'}: it cannot be read. Save it again." in shown.out
    as_json = json.loads(dsapp_cli("runs", "show", out, "--json", "-").out)
    assert as_json["quarantined"][0]["remedy"] == "save it again"

    monkeypatch.setattr("toy_jobs.misbehave", lambda word, text: None)
    assert dsapp_cli("runs", "retry", out).code == 3
    retried = dsapp_cli("runs", "retry", out, "--quarantined", "--json", "-")
    assert retried.code == 0
    assert json.loads(retried.out)["manifest"]["settings"]["us"] == "Acme"
    assert dsapp_cli("runs", "show", source).code == 2


def test_a_retry_builds_only_jobs_it_knows(dsapp_cli, tmp_path: Path) -> None:
    source = write_inputs(tmp_path / "in", {"a": "abc"})
    dsapp_cli("finance", "review", source, "--out", tmp_path / "out")
    path = tmp_path / "out/run.json"
    manifest = json.loads(path.read_text())
    path.write_text(json.dumps({**manifest, "job": "os.system"}))
    done = dsapp_cli("runs", "retry", tmp_path / "out")
    assert done.code == 2
    assert "cannot retry" in done.err
    path.write_text(json.dumps({**manifest, "arguments": {"command": "true"}}))
    assert dsapp_cli("runs", "retry", tmp_path / "out").code == 2


def test_a_retry_makes_ready_as_the_first_run_did_and_only_where_work_is_left(
    dsapp_cli, tmp_path: Path, monkeypatch
) -> None:
    kept = []

    def prepare(self, progress, *, keep: bool = False) -> None:
        progress("building the model")
        kept.append(keep)

    monkeypatch.setattr(FakeReview, "prepare", prepare)
    source = write_inputs(tmp_path / "in", {"a": "abc", "b": "refuse"})
    first = dsapp_cli("finance", "review", source, "--out", tmp_path / "out")
    again = dsapp_cli("runs", "retry", tmp_path / "out", "--quarantined")
    assert "building the model" in first.err and "building the model" in again.err
    idle = dsapp_cli("runs", "retry", tmp_path / "out")
    assert idle.code == 3 and "building" not in idle.err
    assert kept == [True, True], "this process works on the items itself, so it keeps the model"


def test_what_cannot_be_made_ready_leaves_no_folder(dsapp_cli, tmp_path: Path, monkeypatch) -> None:
    def prepare(self, progress, *, keep: bool = False) -> None:
        raise BundleError("the bundle is damaged; see dsapp doctor")

    monkeypatch.setattr(FakeReview, "prepare", prepare)
    source = write_inputs(tmp_path / "in", {"a": "abc"})
    done = dsapp_cli("finance", "review", source, "--out", tmp_path / "out")
    assert (done.code, done.err) == (1, "dsapp: the bundle is damaged; see dsapp doctor\n")
    assert not (tmp_path / "out").exists()


def test_playbook_check_and_init(dsapp_cli, tmp_path: Path, monkeypatch) -> None:
    from dsapp.finance import playbook

    def load(path: Path) -> None:
        if "bad" in path.name:
            raise ConfigError("unknown key 'weigth'", path=path, line=3)

    monkeypatch.setattr(playbook, "load", load)
    monkeypatch.setattr(
        playbook, "starter", lambda contract_type="services", side="customer": f"{contract_type} {side}"
    )
    good, bad = tmp_path / "good.toml", tmp_path / "bad.toml"
    assert dsapp_cli("finance", "playbook", "check", good).code == 0
    done = dsapp_cli("finance", "playbook", "check", good, bad)
    assert done.code == 2
    assert f"{bad}, line 3: unknown key 'weigth'" in done.err
    target = tmp_path / "mine.toml"
    assert dsapp_cli("finance", "playbook", "init", "--type", "saas", "--out", target).code == 0
    assert target.read_text() == "saas customer"
    assert dsapp_cli("finance", "playbook", "init", "--out", target).code == 2
    assert target.read_text() == "saas customer"


def test_evaluate_prints_a_table_and_writes_rows(dsapp_cli, tmp_path: Path, monkeypatch) -> None:
    import types

    asked: dict[str, Any] = {}

    def evaluate(folders, variant=None, as_set=None, out=None):
        asked.update(folders=folders, variant=variant, as_set=as_set, out=out)
        return [Row("cuad", "test", "presence", "rules", "micro_f1", 0.81, 0.79, 0.83, 82, 82)]

    module = types.ModuleType("dsapp.finance.evaluation.run")
    module.evaluate = evaluate  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "dsapp.finance.evaluation.run", module)
    done = dsapp_cli("finance", "evaluate", tmp_path, "--as", "cuad", "--json", tmp_path / "rows.json")
    assert done.code == 0
    assert "micro_f1" in done.out
    assert "0.790 to 0.830" in done.out
    assert asked == {"folders": [tmp_path], "variant": None, "as_set": "cuad", "out": None}
    assert json.loads((tmp_path / "rows.json").read_text())[0]["value"] == 0.81
    assert json.loads(dsapp_cli("finance", "evaluate", tmp_path, "--json", "-").out)[0]["system"] == "rules"


def test_stopping_prints_the_command_that_continues(tmp_path: Path) -> None:
    """A real process, its job replaced, ended by the signal that a service manager sends."""
    source = write_inputs(tmp_path / "in", {f"{number:02}": "fine" for number in range(40)})
    program = tmp_path / "program.py"
    here = str(Path(toy_jobs.__file__).parent)
    lines = [
        f"import sys; sys.path.insert(0, {here!r})",
        "import toy_jobs, dsapp.finance.review as review",
        "review.ReviewJob = lambda **fields: toy_jobs.Toy(pause=0.1, name='finance.review')",
        "from dsapp.pipelines.cli import main; main()",
    ]
    write_text(program, "\n".join(lines))
    arguments = ["finance", "review", str(source), "--out", str(tmp_path / "my out")]
    running = subprocess.Popen(
        [sys.executable, str(program), *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    while not list((tmp_path / "my out").glob("items/*/result.json")):
        time.sleep(0.05)
        assert running.poll() is None
    running.send_signal(signal.SIGTERM)
    out, err = running.communicate(timeout=30)
    assert running.returncode == 1
    assert "left: " in out
    assert "interrupted" in err
    assert f"continue with: dsapp finance review {source} --out '{tmp_path / 'my out'}'" in err
    assert "Traceback" not in err

"""Wrong usage: every command says so with exit code 2, before anything is begun, and leaves nothing behind."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from dsapp.pipelines.cli import main


@dataclass
class Done:
    code: int
    err: str

    @property
    def words(self) -> str:
        """What was printed on standard error, without the frame and its line ends."""
        return " ".join(self.err.replace("│", " ").split())


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path):
    """Calls dsapp in a folder that holds a contract, an empty and a foreign folder, and a file that is no folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    Path("in").mkdir()
    Path("in/a.txt").write_text("This Agreement is made between Acme GmbH and Bolt Ltd. " * 20)
    Path("empty").mkdir()
    Path("thesis").mkdir()
    Path("thesis/chapter.md").write_text("mine")
    Path("file").write_text("mine")
    Path("nothing").symlink_to("nowhere")

    def call(*arguments: str) -> Done:
        monkeypatch.setattr(sys, "argv", ["dsapp", *arguments])
        with pytest.raises(SystemExit) as left:
            main()
        return Done(int(left.value.code or 0), capsys.readouterr().err)

    return call


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


REVIEW = ("finance", "review", "in", "--classifier", "rules")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        # the command itself
        ((), ""),
        (("finence",), "Did you mean 'finance'?"),
        (("finance",), ""),
        (("finance", "revew", "in"), "Did you mean 'review'?"),
        (("finance", "playbook", "chek", "a"), "Did you mean 'check'?"),
        (("runs", "shw", "in"), "Did you mean 'show'?"),
        (("finance", "review", "in", "--wrokers", "2"), "--workers"),
        # inputs
        (("finance", "review"), "PATH"),
        (("finance", "review", "nowhere"), "nowhere: no such file or folder"),
        (("finance", "review", "file/below"), "file/below: no such file or folder"),
        (("finance", "review", ""), "it is empty"),
        (("finance", "review", "empty", "--classifier", "rules"), "no contracts"),
        # options of review
        ((*REVIEW, "--out", "file"), "is not a folder"),
        ((*REVIEW, "--out", "file/below"), "is not a folder"),
        ((*REVIEW, "--out", "nothing"), "is not a folder"),
        ((*REVIEW, "--out", "thesis"), "was not made by dsapp"),
        ((*REVIEW, "--out", "."), "was not made by dsapp"),
        ((*REVIEW, "--out", ""), "it is empty"),
        ((*REVIEW, "--us", ""), "it is empty"),
        ((*REVIEW, "--us", "  "), "it is empty"),
        ((*REVIEW, "--playbook", ""), "it is empty"),
        ((*REVIEW, "--playbook", "nowhere.toml"), "nowhere.toml: no such file"),
        ((*REVIEW, "--playbook", "empty"), "empty: not a file"),
        ((*REVIEW, "--playbook", "file"), "not TOML"),
        ((*REVIEW, "--bundle", "thesis"), "is no bundle"),
        ((*REVIEW, "--variant", "int8"), "--classifier rules uses none"),
        ((*REVIEW, "--json", ""), "it is empty"),
        ((*REVIEW, "--json", "nowhere/o.json"), "no folder nowhere"),
        ((*REVIEW, "--json", "empty"), "is a folder"),
        ((*REVIEW, "--json", "file/o.json"), "no folder file"),
        (("finance", "review", "in/a.txt", "--json", "in/a.txt"), "overwrite an input"),
        ((*REVIEW, "--out", "empty", "--json", "empty/run.json"), "overwrite what the run itself keeps"),
        ((*REVIEW, "--workers", "-1"), "--workers"),
        ((*REVIEW, "--workers", "two"), "--workers"),
        ((*REVIEW, "--max-seconds-per-item", "-1"), "--max-seconds-per-item"),
        ((*REVIEW, "--max-seconds-per-item", "nan"), "--max-seconds-per-item"),
        ((*REVIEW, "--max-seconds-per-item", "inf"), "above 0"),
        (("finance", "review", "in", "--classifier", "guess"), "guess"),
        (("finance", "review", "in", "--bundle", "nowhere"), "nowhere: no such folder"),
        (("finance", "review", "in", "--bundle", "file"), "is a file, not a folder"),
        (("finance", "review", "in", "--variant", "int3"), "int3"),
        (("finance", "review", "in", "--variant", ""), "it is empty"),
        # playbooks
        (("finance", "playbook", "check"), "FILE"),
        (("finance", "playbook", "check", "nowhere.toml"), "nowhere.toml: no such file"),
        (("finance", "playbook", "check", "empty"), "empty: not a file"),
        (("finance", "playbook", "check", "file"), "not TOML"),
        (("finance", "playbook", "check", ""), "it is empty"),
        (("finance", "playbook", "init"), "--out"),
        (("finance", "playbook", "init", "--out", "file"), "exists already"),
        (("finance", "playbook", "init", "--out", "empty"), "is a folder"),
        (("finance", "playbook", "init", "--out", "nowhere/mine.toml"), "no folder nowhere"),
        (("finance", "playbook", "init", "--out", "mine.toml", "--type", "lemonade"), "lemonade"),
        (("finance", "playbook", "init", "--out", "mine.toml", "--side", "nobody"), "nobody"),
        (("finance", "playbook", "init", "--out", "mine.toml", "--side", ""), "it is empty"),
        # evaluation
        (("finance", "evaluate"), "FOLDER"),
        (("finance", "evaluate", "nowhere"), "nowhere: no such folder"),
        (("finance", "evaluate", "file"), "is a file, not a folder"),
        (("finance", "evaluate", "empty"), "none of the sets"),
        (("finance", "evaluate", "empty", "--as", "cuad"), "no *.jsonl"),
        (("finance", "evaluate", "empty", "--as", "cuad", "--out", "file"), "is not a folder"),
        (("finance", "evaluate", "empty", "--as", "cuad", "--json", "nowhere/rows.json"), "no folder nowhere"),
        (("finance", "evaluate", "empty", "--as", "squad"), "squad"),
        # training
        (("finance", "train", "contracts"), "--data"),
        (("finance", "train", "nothing", "--data", "empty"), "no such recipe"),
        (("finance", "train", "contracts", "--data", "nowhere"), "nowhere: no such folder"),
        (("finance", "train", "contracts", "--data", "empty", "--out", "file"), "is not a folder"),
        (("finance", "train", "contracts", "--data", "empty", "--out", "thesis"), "holds no bundle"),
        (("finance", "train", "contracts", "--data", "empty", "--out", "."), "holds no bundle"),
        (("finance", "train", "", "--data", "empty"), "it is empty"),
        # runs
        (("runs", "list", "nowhere"), "nowhere: no such folder"),
        (("runs", "list", "file"), "is a file, not a folder"),
        (("runs", "list", "--json", "nowhere/o.json"), "no folder nowhere"),
        (("runs", "show"), "FOLDER"),
        (("runs", "show", "nowhere"), "nowhere is no run folder"),
        (("runs", "show", "thesis"), "thesis is no run folder"),
        (("runs", "show", "file"), "file is no run folder"),
        (("runs", "show", ""), "it is empty"),
        (("runs", "retry", "thesis"), "thesis is no run folder"),
        # doctor
        (("doctor", "--json", "nowhere/o.json"), "no folder nowhere"),
        (("doctor", "now"), "unexpected extra argument"),
    ],
)
def test_wrong_usage(called: Callable[..., Done], tmp_path: Path, arguments: tuple[str, ...], told: str) -> None:
    before = contents(tmp_path)
    done = called(*arguments)
    assert done.code == 2, done.err
    assert told in done.words
    assert "Traceback" not in done.err and "inside dsapp" not in done.err
    assert contents(tmp_path) == before
    assert sorted(os.listdir(tmp_path)) == ["empty", "file", "in", "nothing", "thesis"]


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="the superuser may write everywhere")
def test_a_folder_that_cannot_be_written_to_is_told_before_the_run(called: Callable[..., Done], tmp_path: Path) -> None:
    (tmp_path / "empty").chmod(0o555)
    for arguments in ((*REVIEW, "--out", "empty/review"), (*REVIEW, "--json", "empty/o.json")):
        done = called(*arguments)
        assert done.code == 2 and "cannot be written to" in done.words


def test_all_that_is_wrong_with_playbooks_is_told_at_once(called: Callable[..., Done], tmp_path: Path) -> None:
    assert called("finance", "playbook", "init", "--out", "good.toml").code == 0
    good = Path("good.toml").read_text()
    Path("bad.toml").write_text(good.replace("budget = 25", "bugdet = 25\nparty = 1").replace('version = "1"\n', ""))
    done = called("finance", "playbook", "check", "good.toml", "bad.toml", "nowhere.toml")
    lines = good.replace('version = "1"\n', "").splitlines()
    at = lines.index("budget = 25") + 1
    assert done.code == 2
    assert done.err.splitlines() == [
        "dsapp: bad.toml, line 1: the key 'version' is not given",
        f"bad.toml, line {at}: unknown key 'bugdet': did you mean budget?",
        f"bad.toml, line {at + 1}: unknown key 'party': see docs/playbooks.md for the names",
        "nowhere.toml: no such file",
    ]

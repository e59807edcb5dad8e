"""``dsapp schedule`` as a person uses it: real commands of dsapp, messages for what is wrong, and no secrets shown."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from schedule_parts import eventually

from dsapp.pipelines.cli import main

CONTRACT = """SERVICES AGREEMENT

This Services Agreement is made on 3 March 2024 between Ostrander Logistics Inc. ("Supplier") and Brackwater Foods Ltd ("Customer").

1. Liability. Supplier's aggregate liability under this Agreement shall not exceed the fees paid in the one (1) month before the claim arose.

2. Law. This Agreement is governed by the laws of the State of Delaware.
"""
REVIEW = ("finance", "review", "contracts", "--classifier", "rules", "--out", "review")
NIGHTLY = ("schedule", "add", "nightly", "--cron", "0 5 * * *", "--time-zone", "Europe/Berlin")


@dataclass
class Done:
    code: int
    out: str
    err: str


@pytest.fixture
def dsapp_cli(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path):
    monkeypatch.setenv("DSAPP_SCHEDULES", str(tmp_path / "store.db"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "contracts").mkdir()
    (tmp_path / "contracts" / "services.txt").write_text(CONTRACT)

    def call(*arguments: object) -> Done:
        monkeypatch.setattr(sys, "argv", ["dsapp", *map(str, arguments)])
        with pytest.raises(SystemExit) as left:
            main()
        printed = capfd.readouterr()
        code = left.value.code
        return Done(code if isinstance(code, int) else 0 if code is None else 1, printed.out, printed.err)

    return call


def test_a_finance_review_is_scheduled_run_and_shown(dsapp_cli, tmp_path: Path) -> None:
    added = dsapp_cli(*NIGHTLY, "--", *REVIEW)
    assert added.code == 0
    assert added.out.startswith("nightly: next ")
    assert "05:00:00 +0" in added.out
    listed = dsapp_cli("schedule", "list").out
    assert "nightly  0 5 * * *  Europe/Berlin  ready, next " in listed
    assert "dsapp finance review contracts --classifier rules --out review" in listed

    ran = dsapp_cli("schedule", "now", "nightly")
    assert ran.code == 0, ran.err
    assert "reviewed: 1 of 1" in ran.out
    assert (tmp_path / "review" / "index.html").is_file()
    manifest = json.loads((tmp_path / "review" / "run.json").read_text())
    assert (manifest["schedule"]["name"], manifest["schedule"]["fence"]) == ("nightly", 1)

    (tmp_path / "contracts" / "broken.pdf").write_bytes(b"%PDF-1.7 broken")
    assert dsapp_cli("schedule", "now", "nightly").code == 3
    history = dsapp_cli("schedule", "history", "nightly").out
    assert "by hand  done" in history
    assert "by hand  warning (done, with some items in quarantine)" in history
    runs = json.loads(dsapp_cli("schedule", "history", "--json", "-").out)
    assert [(run["state"], run["attempts"][0]["exit_code"], run["attempts"][0]["fence"]) for run in runs] == [
        ("warning", 3, 2),
        ("done", 0, 1),
    ]
    assert "quarantined: 1" in dsapp_cli("schedule", "logs", "nightly").out
    assert "quarantined: 0" in dsapp_cli("schedule", "logs", "nightly", "--run", runs[1]["id"]).out
    assert dsapp_cli("schedule", "logs", "nightly", "--run", 99).code == 2

    assert dsapp_cli("schedule", "pause", "nightly").code == 0
    assert "paused, no next time, last warning" in dsapp_cli("schedule", "list").out
    assert dsapp_cli("schedule", "resume", "nightly").code == 0
    log = Path(runs[0]["attempts"][0]["log"])
    assert log.is_file()
    assert dsapp_cli("schedule", "remove", "nightly").code == 0
    assert not log.parent.exists()
    assert dsapp_cli("schedule", "list", "--json", "-").out.strip() == "[]"


def test_a_folder_refuses_a_scheduler_that_was_overtaken(dsapp_cli, tmp_path: Path, monkeypatch) -> None:
    """A command on its way under an old token must not write over what its successor wrote."""

    def review(store: str, token: str) -> Done:
        monkeypatch.setenv("DSAPP_SCHEDULE_STORE", store)
        monkeypatch.setenv("DSAPP_FENCE", token)
        return dsapp_cli(*REVIEW)

    assert review("one", "7").code == 0
    late = review("one", "6")
    assert (late.code, "another scheduler has taken over" in late.err) == (1, True)
    assert review("one", "7").code == 0
    assert review("one", "8").code == 0
    assert review("another", "1").code == 0
    monkeypatch.delenv("DSAPP_FENCE")
    assert dsapp_cli(*REVIEW).code == 0
    assert json.loads((tmp_path / "review" / "run.json").read_text())["schedule"]["store"] == "another"


def test_a_command_is_checked_when_it_is_added(dsapp_cli) -> None:
    for command, words in [
        (("finence", "review"), "No such command 'finence'"),
        (("finance", "revue"), "No such command 'revue'"),
        (("finance",), "name a command of dsapp first"),
        (("finance", "review"), "Missing argument"),
        (("finance", "review", "contracts", "--worker", "2"), "No such option"),
        (("finance", "review", "contracts", "--workers", "many"), "Invalid value for '--workers'"),
        (("finance", "review", "--help"), "it only shows something"),
        (("--version",), "name a command of dsapp first"),
        (("schedule", "start"), "cannot be scheduled"),
        (("rm", "-rf", "/"), "No such command 'rm'"),
    ]:
        done = dsapp_cli(*NIGHTLY, "--", *command)
        assert (done.code, words in done.err) == (2, True), done
        assert "Traceback" not in done.err
    assert dsapp_cli(*NIGHTLY).code == 2
    assert dsapp_cli("schedule", "list", "--json", "-").out.strip() == "[]"
    assert dsapp_cli(*NIGHTLY, "--", "dsapp", *REVIEW).code == 0
    (added,) = json.loads(dsapp_cli("schedule", "list", "--json", "-").out)
    assert added["command"] == list(REVIEW)


def test_what_is_wrong_is_told_in_a_line(dsapp_cli, tmp_path: Path) -> None:
    def add(*options: str, name: str = "nightly") -> Done:
        return dsapp_cli("schedule", "add", name, *options, "--", *REVIEW)

    for done, words in [
        (add("--cron", "0 25 * * *"), "'25' is no hour"),
        (add("--cron", "@daily", "--time-zone", "Berlin"), "is no time zone"),
        (add("--cron", "@daily", name="../x"), "cannot be a schedule's name"),
        (add("--cron", "@daily", "--notify", "pager"), "is of no known kind"),
        (add("--cron", "@daily", "--catch-up", "some"), "'some' is not one of"),
        (add("--cron", "@daily", "--store", "mysql://h/d"), "not in mysql"),
        (add("--cron", "@daily", "--store", "postgresql://me:geheim@h/d"), "holds a password"),
        (add("--cron", "@daily", "--retries", "-1"), "--retries"),
        (dsapp_cli("schedule", "now", "nobody"), "there is no schedule 'nobody'"),
        (dsapp_cli("schedule", "history", "nobody"), "there is no schedule 'nobody'"),
        (dsapp_cli("schedule", "export", "nobody", "--to", "cron"), "there is no schedule 'nobody'"),
    ]:
        assert (done.code, words in done.err) == (2, True), done
        assert "Traceback" not in done.err
        assert "geheim" not in done.err
    assert add("--cron", "@daily").code == 0
    twice = add("--cron", "@daily")
    assert (twice.code, "there is a schedule nightly already" in twice.err) == (2, True)
    unreachable = dsapp_cli("schedule", "list", "--store", "postgresql://me@127.0.0.1:9/d")
    assert (unreachable.code, "cannot be used" in unreachable.err) == (1, True)


def test_a_web_address_that_may_be_a_secret_is_not_shown(dsapp_cli) -> None:
    assert dsapp_cli(*NIGHTLY, "--notify", "https://hooks.example.com/T0/token123", "--", *REVIEW).code == 0
    shown = dsapp_cli("schedule", "list", "--json", "-")
    assert json.loads(shown.out)[0]["notify"] == ["https://hooks.example.com/..."]
    exported = dsapp_cli("schedule", "export", "nightly", "--to", "cron")
    assert "token123" not in shown.out + exported.out + exported.err


def test_a_log_cannot_play_with_the_terminal(dsapp_cli, tmp_path: Path) -> None:
    dsapp_cli(*NIGHTLY, "--", *REVIEW)
    dsapp_cli("schedule", "now", "nightly")
    (run,) = json.loads(dsapp_cli("schedule", "history", "--json", "-").out)
    log = Path(run["attempts"][0]["log"])
    log.write_bytes(b"evil \x1b[2J\xff\n")
    assert dsapp_cli("schedule", "logs", "nightly").out == "evil \\x1b[2J\ufffd\n"
    log.unlink()
    gone = dsapp_cli("schedule", "logs", "nightly")
    assert (gone.code, "No such file" in gone.err) == (1, True)


def test_exports_are_written_and_say_what_to_do(dsapp_cli, tmp_path: Path) -> None:
    dsapp_cli(*NIGHTLY, "--retries", "2", "--", *REVIEW)
    done = dsapp_cli("schedule", "export", "nightly", "--to", "systemd", "--out", "units")
    assert done.code == 0, done.err
    assert "retries are not carried over" in done.err
    assert "dsapp schedule pause nightly" in done.err
    assert "systemctl --user enable --now dsapp-nightly.timer" in done.err
    assert ("were not verified" in done.err) == (shutil.which("systemd-analyze") is None)
    service = (tmp_path / "units" / "dsapp-nightly.service").read_text()
    assert '"finance" "review" "contracts"' in service
    assert f"WorkingDirectory={tmp_path}" in service
    line = dsapp_cli("schedule", "export", "nightly", "--to", "cron").out.splitlines()[-1]
    assert line.startswith(f"0 5 * * * cd {tmp_path} && exec {sys.executable} ")
    started = subprocess.run(["/bin/sh", "-c", line.split(" ", 5)[5]], capture_output=True, text=True, check=False)
    assert (started.returncode, "reviewed: 1 of 1" in started.stdout) == (0, True), started.stderr
    refused = dsapp_cli("schedule", "add", "gap", "--cron", "30 2 * * *", "--time-zone", "Europe/Berlin", "--", *REVIEW)
    assert refused.code == 0
    told = dsapp_cli("schedule", "export", "gap", "--to", "systemd")
    assert (told.code, "exactly: at 20" in told.err) == (2, True)


def test_start_serves_until_it_is_asked_to_end(dsapp_cli, tmp_path: Path) -> None:
    dsapp_cli("schedule", "add", "often", "--cron", "* * * * *", "--", *REVIEW)
    with open(tmp_path / "out", "wb") as lines:
        running = subprocess.Popen(
            [sys.executable, "-P", "-m", "dsapp", "schedule", "start"],
            stdout=lines,
            stderr=lines,
            env=dict(os.environ),
        )
    eventually(lambda: "1 schedules in" in (tmp_path / "out").read_text())
    running.send_signal(signal.SIGTERM)
    assert running.wait(60) == 0
    said = (tmp_path / "out").read_text()
    assert "stopped" in said
    assert "Traceback" not in said


def test_a_second_signal_does_not_wait_for_the_command(dsapp_cli, tmp_path: Path) -> None:
    (tmp_path / "slow").mkdir()
    for number in range(400):
        (tmp_path / "slow" / f"{number}.txt").write_text(CONTRACT)
    slow = ("finance", "review", "slow", "--classifier", "rules", "--out", "review")
    dsapp_cli("schedule", "add", "often", "--cron", "* * * * *", "--", *slow)
    with sqlite3.connect(tmp_path / "store.db") as connection:  # as if it had been added an hour ago
        connection.execute("UPDATE dsapp_schedules SET cursor = cursor - 3600")
    connection.close()
    with open(tmp_path / "out", "wb") as lines:
        running = subprocess.Popen(
            [sys.executable, "-P", "-m", "dsapp", "schedule", "start", "--stop-seconds", "600"],
            stdout=lines,
            stderr=lines,
            env=dict(os.environ),
        )
    eventually(lambda: list((tmp_path / "review").glob("items/*/result.json")))
    running.send_signal(signal.SIGTERM)
    eventually(lambda: "stopping: 1 running" in (tmp_path / "out").read_text())
    running.send_signal(signal.SIGTERM)
    assert running.wait(60) == 0
    (run,) = [one for one in json.loads(dsapp_cli("schedule", "history", "--json", "-").out) if one["attempts"]]
    assert (run["state"], run["attempts"][0]["state"]) == ("waiting", "interrupted")
    assert "interrupted; what is finished is kept" in dsapp_cli("schedule", "logs", "often").out
    assert "waiting for another attempt" in dsapp_cli("schedule", "list").out
    done_before = len(list((tmp_path / "review").glob("items/*/result.json")))
    assert 0 < done_before < 400

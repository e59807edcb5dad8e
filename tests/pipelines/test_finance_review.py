"""The real ``dsapp finance review`` as a program: outputs, exit codes, resuming after ``kill -9``, workers, rules, JSON, stable ids, no leaks."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from contract_files import US, as_loose_txt, as_txt, command, mark, outputs_of, pieces, png_bytes, review, write_all

from dsapp.pipelines.journal import read_journal

NAMES = ("plain-txt", "plain-md", "plain-html", "plain-docx", "plain-pdf", "loose")
HEAVY = ("torch", "transformers", "pandas", "matplotlib", "sklearn", "onnx", "monai", "pydicom")


@dataclass(frozen=True)
class Reviewed:
    """A folder of contracts, the run folder that the command made of it, and what it printed."""

    source: Path
    out: Path
    done: subprocess.CompletedProcess[str]
    modules: set[str]


@pytest.fixture(scope="module")
def reviewed(tmp_path_factory: pytest.TempPathFactory) -> Reviewed:
    """One contract in five formats and one saved with other spacing, reviewed by the model in one process."""
    home = tmp_path_factory.mktemp("review")
    source = home / "in"
    write_all(source)
    as_loose_txt(pieces("plain-txt"), source / "loose.txt")
    (home / "sitecustomize.py").write_text(
        "import atexit, os, sys\n"
        "if 'TELL_MODULES' in os.environ:\n"
        "    atexit.register(lambda: open(os.environ['TELL_MODULES'], 'w').write('\\n'.join(sys.modules)))\n"
    )
    review(source, "--out", home / "first")  # makes the build, once on this machine
    told = home / "modules"
    path = os.pathsep.join(filter(None, [str(home), os.environ.get("PYTHONPATH")]))
    done = review(source, "--us", US, "--out", home / "out", PYTHONPATH=path, TELL_MODULES=str(told))
    return Reviewed(source, home / "out", done, set(told.read_text().split("\n")))


def findings_of(out: Path) -> dict[str, dict[str, Any]]:
    """What each contract's findings.json says, by the name of its file without ending."""
    found = [json.loads(path.read_text(encoding="utf-8")) for path in out.glob("items/*/findings.json")]
    return {Path(content["source"]).stem: content for content in found}


def ids(content: dict[str, Any]) -> list[str]:
    return [finding["id"] for finding in content["findings"]]


def test_all_outputs_are_made_and_the_page_to_open_is_named(reviewed):
    assert reviewed.done.returncode == 0, reviewed.done.stderr
    assert reviewed.done.stdout.split("\n")[:3] == [
        f"reviewed: {len(NAMES)} of {len(NAMES)}",
        "quarantined: 0",
        f"open: {reviewed.out / 'index.html'}",
    ]
    top = {path.name for path in reviewed.out.iterdir() if not path.name.startswith(".")}
    assert top == {"index.html", "portfolio.xlsx", "deadlines.ics", "run.json", "journal.jsonl", "items"}
    for folder in (reviewed.out / "items").iterdir():
        assert {path.name for path in folder.iterdir()} == {"review.html", "findings.json", "result.json"}
    index = (reviewed.out / "index.html").read_text(encoding="utf-8")
    for folder in (reviewed.out / "items").iterdir():
        assert f"items/{folder.name}/review.html" in index
    sheets = openpyxl.load_workbook(reviewed.out / "portfolio.xlsx", read_only=True).sheetnames
    assert len(sheets) >= 4
    assert (reviewed.out / "deadlines.ics").read_text(encoding="utf-8").startswith("BEGIN:VCALENDAR")


def test_it_finds_what_is_wrong_with_the_contract(reviewed):
    found = findings_of(reviewed.out)
    assert set(found) == set(NAMES)
    for content in found.values():
        checks = {finding["check"] for finding in content["findings"]}
        assert {"liability-limit-too-low", "renewal-notice", "contradiction-law"} <= checks
        assert content["side"]["party"] == US
        for finding in content["findings"]:
            assert finding["quotes"] or finding["kind"] in ("missing", "undecided", "position"), finding["check"]


def test_ids_of_findings_are_the_same_in_every_format_and_spacing(reviewed):
    found = findings_of(reviewed.out)
    for name, content in found.items():
        assert ids(content) == ids(found["plain-txt"]), name
        assert len(set(ids(content))) == len(ids(content))


def test_no_heavy_package_is_loaded_when_the_build_is_cached(reviewed):
    assert "dsapp.finance.review" in reviewed.modules
    assert sorted(reviewed.modules.intersection(HEAVY)) == []


def test_no_sentence_of_a_contract_is_printed_or_logged(reviewed):
    printed = reviewed.done.stdout + reviewed.done.stderr
    logs = [(reviewed.out / name).read_text(encoding="utf-8") for name in ("run.json", "journal.jsonl")]
    for text in (printed, *logs):
        assert "zyx" not in text and "Ostrander" not in text


def test_the_same_command_again_does_nothing_again(reviewed, tmp_path):
    out = tmp_path / "out"
    shutil.copytree(reviewed.out, out)
    before = outputs_of(out)
    done = review(reviewed.source, "--us", US, "--out", out)
    assert done.returncode == 0 and f"of these done before: {len(NAMES)}" in done.stdout
    assert outputs_of(out) == before


def test_workers_give_the_same_outputs(reviewed, tmp_path):
    done = review(reviewed.source, "--us", US, "--out", tmp_path / "out", "--workers", 2)
    assert done.returncode == 0, done.stderr
    assert outputs_of(tmp_path / "out") == outputs_of(reviewed.out)
    manifest = json.loads((tmp_path / "out/run.json").read_text())
    assert manifest["executor"]["workers"] == 2 and manifest["peak_memory_bytes"] > 100 << 20


def test_json_on_standard_output_is_all_that_is_there(reviewed, tmp_path):
    done = review(reviewed.source, "--us", US, "--out", tmp_path / "out", "--json", "-")
    told = json.loads(done.stdout)
    assert told["exit_code"] == done.returncode == 0
    assert len(told["items"]) == len(NAMES) and told["quarantined"] == []
    assert told["outputs"][0] == str(tmp_path / "out/index.html")
    assert told["manifest"]["bundles"].keys() == {"contracts"}
    assert "reviewed:" in done.stderr and "zyx" not in done.stderr


def test_rules_review_without_a_bundle(reviewed, tmp_path):
    arguments = [reviewed.source, "--us", US, "--out", tmp_path / "out", "--classifier", "rules"]
    done = review(*arguments, DSAPP_CACHE=str(tmp_path / "cache"))
    assert done.returncode == 0, done.stderr
    found = findings_of(tmp_path / "out")
    assert {content["produced_by"]["model"] for content in found.values()} == {"rules"}
    for content in found.values():
        assert {"liability-limit-too-low", "contradiction-law"} <= {x["check"] for x in content["findings"]}
        assert ids(content) == ids(found["plain-txt"])
        assert all(clause["source"] == "rules" for clause in content["clauses"])
    assert not (tmp_path / "cache").exists()
    assert json.loads((tmp_path / "out/run.json").read_text())["bundles"] == {}


def test_another_setting_makes_every_review_anew_and_says_why(reviewed, tmp_path):
    out = tmp_path / "out"
    shutil.copytree(reviewed.out, out)
    done = review(reviewed.source, "--us", "Ostrander Logistics", "--out", out)
    assert done.returncode == 0 and "because the setting us changed" in done.stderr
    assert {content["side"]["party"] for content in findings_of(out).values()} == {"Ostrander Logistics Inc."}


# Killed in mid-run


@pytest.mark.parametrize("workers", [0, 2])
def test_killed_in_mid_run_the_same_command_ends_as_an_unbroken_run(tmp_path, workers):
    source = tmp_path / "in"
    source.mkdir()
    count = 10
    for number in range(count):
        as_txt(pieces(f"long{number}", repeats=120), source / f"long{number}.txt")
    (source / "broken.pdf").write_bytes(b"%PDF-1.7\n" + b"\0" * 3000)
    arguments = [source, "--us", US, "--workers", workers]
    assert review(*arguments, "--out", tmp_path / "unbroken").returncode == 3
    out = tmp_path / "out"
    first = subprocess.Popen(
        command("finance", "review", *arguments, "--out", out), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    for _ in range(6000):
        if len(list(out.glob("items/*/result.json"))) >= 3:
            break
        assert first.poll() is None, "the run ended before it could be killed"
        time.sleep(0.01)
    first.send_signal(signal.SIGKILL)
    first.wait()
    stamps = {path: path.stat().st_mtime_ns for path in out.glob("items/*/result.json")}
    assert 3 <= len(stamps) < count

    second = review(*arguments, "--out", out)
    assert second.returncode == 3, second.stderr
    assert f"of these done before: {len(stamps)}" in second.stdout
    assert {path: path.stat().st_mtime_ns for path in stamps} == stamps
    assert outputs_of(out) == outputs_of(tmp_path / "unbroken")
    begun = [event for event in read_journal(out / "journal.jsonl") if event["event"] == "start"]
    assert [event["num_kept"] for event in begun] == [0, len(stamps)]


# Exit codes


def test_some_in_quarantine_is_three_and_all_in_quarantine_too(tmp_path):
    as_txt(pieces("good"), tmp_path / "in.txt")
    (tmp_path / "picture.pdf").write_bytes(png_bytes(mark("picture")))
    both = review(tmp_path / "in.txt", tmp_path / "picture.pdf", "--out", tmp_path / "both", "--classifier", "rules")
    assert both.returncode == 3 and "reviewed: 1 of 2" in both.stdout and "quarantined: 1" in both.stdout
    alone = review(tmp_path / "picture.pdf", "--out", tmp_path / "alone", "--classifier", "rules")
    assert alone.returncode == 3 and "reviewed: 0 of 1" in alone.stdout
    assert (tmp_path / "alone/index.html").is_file()


@pytest.mark.parametrize(
    "arguments, told",
    [
        (["missing.txt"], "no such file"),
        (["empty"], "contracts (.pdf"),
        (["a.txt", "--classifier", "guess"], "guess"),
        (["a.txt", "--variant", "int3"], "int3"),
        (["a.txt", "--playbook", "missing.toml"], "missing.toml"),
        (["a.txt", "--playbook", "wrong.toml"], "wrong.toml"),
        (["a.txt", "--workers", "-1"], "--workers"),
        (["a.txt", "--bundle", "missing"], "missing"),
        (["a.txt", "--bundle", "empty"], "bundle.json"),
        (["a.txt", "--json", "missing/o.json"], "no folder missing"),
        (["a.txt", "--classifier", "rules", "--variant", "int8"], "--variant"),
        ([], "Missing argument"),
    ],
)
def test_wrong_usage_is_two_and_leaves_nothing_behind(tmp_path, arguments, told):
    as_txt(pieces("good"), tmp_path / "a.txt")
    (tmp_path / "empty").mkdir()
    (tmp_path / "wrong.toml").write_text("colour = 1\n")
    done = subprocess.run(
        command("finance", "review", *arguments), capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert done.returncode == 2, done.stderr
    assert told in done.stderr and "Traceback" not in done.stderr and done.stdout == ""
    assert not (tmp_path / "review").exists()


def test_what_keeps_the_run_from_working_is_one(tmp_path):
    as_txt(pieces("good"), tmp_path / "a.txt")
    (tmp_path / "torn").mkdir()
    (tmp_path / "torn/bundle.json").write_text("{}")
    torn = review(tmp_path / "a.txt", "--out", tmp_path / "out", "--bundle", tmp_path / "torn")
    assert torn.returncode == 1 and "torn" in torn.stderr and "Traceback" not in torn.stderr


def test_a_folder_of_somebody_else_is_wrong_usage_and_left_alone(tmp_path):
    as_txt(pieces("good"), tmp_path / "a.txt")
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken/letter.txt").write_text("mine")
    foreign = review(tmp_path / "a.txt", "--out", tmp_path / "taken", "--classifier", "rules")
    assert foreign.returncode == 2 and (tmp_path / "taken/letter.txt").read_text() == "mine"


def test_an_interrupt_names_the_command_that_goes_on(tmp_path):
    source = tmp_path / "in"
    source.mkdir()
    for number in range(8):
        as_txt(pieces(f"long{number}", repeats=120), source / f"long{number}.txt")
    arguments = [source, "--out", tmp_path / "out", "--classifier", "rules"]
    running = subprocess.Popen(
        command("finance", "review", *arguments),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # where the tests run in the background of a shell, interrupts are ignored and children inherit that
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    for _ in range(6000):
        if list((tmp_path / "out").glob("items/*/result.json")) or running.poll() is not None:
            break
        time.sleep(0.01)
    running.send_signal(signal.SIGINT)
    _, told = running.communicate(timeout=60)
    assert running.returncode == 1 and "Traceback" not in told
    line = next(line for line in told.split("\n") if line.startswith("continue with: "))
    assert str(source) in line and "zyx" not in told
    assert review(*arguments).returncode == 0


def test_a_playbook_of_ones_own_is_followed(tmp_path):
    made = subprocess.run(
        command(
            "finance", "playbook", "init", "--type", "services", "--side", "customer", "--out", tmp_path / "own.toml"
        ),
        capture_output=True,
        text=True,
        check=False,
        env=dict(os.environ),
    )
    assert made.returncode == 0, made.stderr
    as_txt(pieces("good"), tmp_path / "a.txt")
    out = tmp_path / "out"
    done = review(
        tmp_path / "a.txt", "--us", US, "--playbook", tmp_path / "own.toml", "--out", out, "--classifier", "rules"
    )
    assert done.returncode == 0, done.stderr
    (content,) = findings_of(out).values()
    assert content["playbook"] and content["checks_decided"]["applicable"] > 0
    settings = json.loads((out / "run.json").read_text())["settings"]
    assert settings["playbook"] == "own.toml" and len(settings["playbook_sha256"]) == 64

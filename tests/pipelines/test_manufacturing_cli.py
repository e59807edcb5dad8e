"""The commands for machines, as a planner types them, on the sample plant."""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from dsapp.pipelines.cli import main

SAMPLE = Path(__file__).parents[2] / "data_samples" / "sensors"


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


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four pumps of the sample, in one file."""
    folder = tmp_path_factory.mktemp("few")
    for name in (
        "plant.toml",
        "failures.csv",
        "maintenance.csv",
        "machines.csv",
        "stops.csv",
        "errors.csv",
        "open_orders.csv",
    ):
        shutil.copy(SAMPLE / name, folder / name)
    shutil.copy(SAMPLE / "readings_hall_1.csv", folder)
    return folder


def test_predict_plan_and_what_if(dsapp_cli, few: Path, tmp_path: Path) -> None:
    out = tmp_path / "outlook"
    done = dsapp_cli(
        "manufacturing", "predict", few, "--out", out, "--state", tmp_path / "state", "--json", tmp_path / "o.json"
    )
    assert done.code == 0, done.err
    assert f"open: {out / 'index.html'}" in done.out
    for name in ("index.html", "plan.html", "plan.xlsx", "alerts.json", "requests.csv", "predictions.parquet"):
        assert (out / name).is_file(), name
    assert not (tmp_path / "outlook.readings").exists(), "the store of readings goes when the run is done"
    told = json.loads((tmp_path / "o.json").read_text())
    assert {item["summary"]["machine"] for item in told["items"]} >= {"P-04"}
    again = dsapp_cli("manufacturing", "predict", few, "--out", out, "--state", tmp_path / "state")
    assert again.code == 0
    assert "of these done before" in again.out
    planned = dsapp_cli("manufacturing", "plan", out, "--json", "-")
    assert planned.code == 0
    assert any(visit["machine"] == "P-04" for visit in json.loads(planned.out)["visits"])
    changed = dsapp_cli("manufacturing", "plan", out, "--what-if", "crew:mechanic=0")
    assert changed.code == 0
    assert "instead of" in changed.out and "crew" in changed.out
    assert dsapp_cli("manufacturing", "plan", out, "--what-if", "coffee=2").code == 2
    assert dsapp_cli("manufacturing", "plan", few).code == 2


def test_init_writes_a_plant_file_that_check_takes(dsapp_cli, few: Path, tmp_path: Path) -> None:
    plant = tmp_path / "plant.toml"
    done = dsapp_cli("manufacturing", "init", few / "readings_hall_1.csv", "--out", plant)
    assert done.code == 0, done.err
    assert "#" in plant.read_text(encoding="utf-8"), "it says why"
    assert dsapp_cli("manufacturing", "init", few, "--out", plant).code == 2, "it is there already"
    checked = dsapp_cli("manufacturing", "check", few / "readings_hall_1.csv", "--plant", plant, "--json", "-")
    assert checked.code == 0, checked.err
    assert {row["machine"] for row in json.loads(checked.out)["quality"]} >= {"P-04"}


def test_wrong_usage_is_told_before_anything_begins(dsapp_cli, few: Path, tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    bare.mkdir()
    none = dsapp_cli("manufacturing", "predict", bare, "--out", tmp_path / "o")
    assert none.code == 2 and "no plant file" in none.err and "dsapp manufacturing init" in none.err
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(
        (few / "plant.toml").read_text(encoding="utf-8").replace("time_zone", "time_zoen"), encoding="utf-8"
    )
    told = dsapp_cli("manufacturing", "predict", few, "--plant", wrong, "--out", tmp_path / "o")
    assert told.code == 2 and "wrong.toml, line" in told.err
    assert dsapp_cli("manufacturing", "predict", few, "--as-of", "tuesday", "--out", tmp_path / "o").code == 2
    missing = dsapp_cli("manufacturing", "predict", few, "--bundle", "presses", "--out", tmp_path / "o")
    assert missing.code in (1, 2) and "presses" in missing.err
    assert not (tmp_path / "o").exists()


def test_a_machine_that_cannot_be_used_is_exit_code_three(dsapp_cli, few: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(few, data)
    rows = (data / "readings_hall_1.csv").read_text("cp1252").splitlines()
    (data / "readings_hall_9.csv").write_text("\n".join([rows[0], rows[1].replace("P-0", "P-9")]), "cp1252")
    done = dsapp_cli("manufacturing", "predict", data, "--out", tmp_path / "out")
    assert done.code == 3
    assert "quarantined: 1" in done.out and "P-9" in done.out
    assert dsapp_cli("manufacturing", "check", data).code == 3


def test_a_morning_prediction_runs_on_a_schedule(
    few: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DSAPP_SCHEDULES", str(tmp_path / "store.db"))
    monkeypatch.chdir(tmp_path)
    command = ["manufacturing", "predict", str(few), "--out", "outlook", "--state", "state"]
    for arguments in (["add", "morning", "--cron", "0 5 * * *", "--", *command], ["now", "morning"]):
        monkeypatch.setattr(sys, "argv", ["dsapp", "schedule", *arguments])
        with pytest.raises(SystemExit) as left:
            main()
        assert left.value.code in (0, None), capfd.readouterr().err
    manifest = json.loads((tmp_path / "outlook" / "run.json").read_text())
    assert (manifest["job"], manifest["schedule"]["name"]) == ("manufacturing.predict", "morning")
    assert (tmp_path / "outlook" / "index.html").is_file()
    assert len(list((tmp_path / "state").glob("state-*.json"))) == 1

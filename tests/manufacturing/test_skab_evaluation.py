"""Scoring anomaly detection: the metrics on answers worked out by hand, the SKAB layout, rows that files share, bad files."""

from __future__ import annotations

import gzip
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsapp.core.errors import ConfigError, UsageError
from dsapp.manufacturing.evaluation import run, skab
from dsapp.manufacturing.evaluation.skab_files import read_folder
from dsapp.manufacturing.evaluation.vus import f1, range_scores, spans, vus_pr

HEAD = "datetime;flow;current;pressure;anomaly;changepoint"


def write(path: Path, start: int = 0, rows: int = 900, *, wrong: tuple[int, int] = (600, 800), seed: int = 0) -> None:
    """One experiment: flow falls while it is labelled."""
    rng = np.random.default_rng(seed)
    first = datetime(2020, 3, 9, 10) + timedelta(seconds=start)
    lines = [HEAD]
    for row in range(rows):
        bad = wrong[0] <= row < wrong[1]
        flow, current, pressure = rng.normal(32 - 3 * bad, 0.5), rng.normal(1.3, 0.1), rng.normal(0.1, 0.05)
        time = first + timedelta(seconds=row)
        lines.append(f"{time:%Y-%m-%d %H:%M:%S};{flow:.4f};{current:.4f};{pressure:.4f};{float(bad)};0.0")
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "\n".join(lines) + "\n"
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "skab"
    for number in range(3):
        write(folder / "valve1" / f"{number}.csv.gz", 2000 * number, seed=number)
    write(folder / "other" / "1.csv", 9000, seed=9)
    (folder / "anomaly-free").mkdir()
    (folder / "anomaly-free" / "anomaly-free.csv").write_text("datetime;flow\n2020-02-08 13:30:47;1\n")
    return folder


def test_a_clear_fault_is_found_and_the_baselines_stand_beside(folder: Path) -> None:
    rows = {(row.system, row.metric): row for row in run.evaluate([folder], say=lambda line: None)}
    assert len(rows) == 9
    ours = rows["anomaly:fp32", "f1_pointwise"]
    assert ours.value > 0.9 and ours.low <= ours.value <= ours.high
    assert (ours.num_items, ours.num_groups) == (2000, 4)
    assert rows["anomaly:fp32", "f1_event"].value > 0.8
    assert rows["anomaly:fp32", "vus_pr"].value > 0.9
    assert rows["always", "f1_pointwise"].value == pytest.approx(2 * 0.4 / 1.4)
    assert rows["random", "f1_pointwise"].value == pytest.approx(2 * 0.4 * 0.5 / 0.9, abs=0.05)


def test_a_second_that_two_files_share_is_scored_once(folder: Path) -> None:
    write(folder / "valve1" / "3.csv", 2 * 2000 + 300, seed=5)
    told: list[str] = []
    skab.evaluate([folder], say=told.append)
    (line,) = told
    # rows 400 to 599 of the new file are the last 200 seconds of the one before
    assert "5 files, 200 rows left out" in line
    fresh = {one.name: one.fresh for one in read_folder(folder)}
    assert fresh["valve1/2"].all() and not fresh["valve1/3"][:600].any() and fresh["valve1/3"][600:].all()


def test_labels_change_no_alarm(folder: Path) -> None:
    (file, *_) = read_folder(folder)
    relabelled = skab.SkabFile(file.name, file.record, ~file.truth, file.fresh)
    for ours, theirs in zip(skab.detected(file), skab.detected(relabelled), strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a;b\n1;2\n", "datetime"),
        (f"{HEAD}\n2020-03-09 10:00:00;1;2\n", "line 2"),
        (f"{HEAD}\n2020-03-09 10:00:00;1;2;x;0;0\n", "line 2"),
        (f"{HEAD}\nyesterday;1;2;3;0;0\n", "line 2"),
        (f"{HEAD}\n", "no rows"),
    ],
)
def test_a_wrong_file_is_named_with_its_line(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "1.csv").write_text(text)
    with pytest.raises(ConfigError, match=told):
        read_folder(tmp_path)


def test_a_cut_archive_and_folders_without_labels_are_refused(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(UsageError, match="no file of the SKAB layout"):
        read_folder(folder / "anomaly-free")
    with pytest.raises(UsageError, match="no folder"):
        read_folder(tmp_path / "nowhere")
    with pytest.raises(UsageError, match="variant"):
        skab.evaluate([folder], variant="int8")
    path = folder / "valve1" / "0.csv.gz"
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(ConfigError, match="cannot be read"):
        read_folder(folder)


def mask(text: str) -> np.ndarray:
    return np.array([letter == "x" for letter in text])


def test_ranges_by_hand() -> None:
    precisions, recalls = range_scores(mask("..xxxx...."), mask("...xx..xx."))
    assert (precisions, recalls) == ([1.0, 0.0], [0.5])
    # two alarms over one anomaly: three quarters covered, halved for coming and going
    assert range_scores(mask(".xxxx."), mask(".xx.x."))[1] == [0.375]
    assert range_scores(mask("......"), mask("......")) == ([], [])
    assert f1(0.5, 1.0) == pytest.approx(2 / 3) and f1(0.0, 0.0) == 0.0


def test_vus_by_hand() -> None:
    truth = mask("..xx....")
    assert vus_pr(truth, truth.astype(float), 0) == 1.0
    # without buffers it is average precision: hits at places 2 and 4 of the order
    assert vus_pr(truth, np.array([5, 0, 4, 2, 3, 0, 0, 0.0]), 0) == pytest.approx(0.5 * (1 / 2 + 2 / 4))
    # a constant score: everything at once, precision of the sloped labels
    slope = 2 * np.sqrt(1 / 2)
    assert vus_pr(truth, np.zeros(8), 2) == pytest.approx((2 / 8 + 2 / 8 + (2 + slope) / 8) / 3)
    with pytest.raises(ValueError):
        vus_pr(mask("...."), np.zeros(4), 2)
    with pytest.raises(ValueError):
        vus_pr(mask(".x.."), np.array([0, np.nan, 0, 0]), 2)


def test_vus_forgives_a_late_alarm_more_than_one_elsewhere() -> None:
    truth = np.zeros(200, bool)
    truth[80:120] = True
    late, elsewhere = np.zeros(200), np.zeros(200)
    late[86:126], elsewhere[150:190] = 1.0, 1.0
    assert vus_pr(truth, late, 20) > 2 * vus_pr(truth, elsewhere, 20)
    noise = np.random.default_rng(0).random(200)
    assert vus_pr(truth, noise, 20) < 0.4


@given(st.lists(st.booleans(), min_size=1, max_size=60), st.lists(st.integers(0, 5), min_size=60, max_size=60))
def test_scores_are_shares(truth: list[bool], scores: list[int]) -> None:
    wanted, given_scores = np.array(truth), np.array(scores[: len(truth)], float)
    precisions, recalls = range_scores(wanted, given_scores > 2)
    assert all(0 <= value <= 1 for value in (*precisions, *recalls))
    assert len(recalls) == len(spans(wanted))
    if wanted.any():
        assert 0 <= vus_pr(wanted, given_scores, 8) <= 1 + 1e-9

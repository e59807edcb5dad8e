"""The reader of C-MAPSS files: what it makes of good ones, and that bad ones are refused with file and line."""

from __future__ import annotations

import gzip

import numpy as np
import pytest
from turbofan_cases import engine, folder, write

from dsapp.core.errors import ConfigError, UsageError
from dsapp.manufacturing.evaluation.cmapss_files import engine_digest, find, read_engines, read_rul


def test_engines_come_as_records_of_their_cycles(tmp_path):
    path = write(tmp_path / "train_FD001.txt", [engine(1, 130), engine(2, 145)])
    first, second = read_engines(path, "FD001", failed=True)
    assert (first.machine, second.machine) == ("FD001-1", "FD001-2")
    assert first.clock.tolist() == list(range(1, 131)) and first.clock_unit == "cycles"
    assert second.lives[0].end == "failure" and second.lives[0].stop == 145
    assert first.column("T24")[0] == np.float32(round(engine(1, 130)[0, 6], 4))
    assert first.running.all() and first.values.dtype == np.float32


def test_plain_and_compressed_files_are_the_same(tmp_path):
    path = write(tmp_path / "test_FD003.txt", [engine(1, 130, 60)])
    packed = tmp_path / "test_FD003.txt.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    plain, other = read_engines(path, "FD003", failed=False), read_engines(packed, "FD003", failed=False)
    assert np.array_equal(plain[0].values, other[0].values) and plain[0].lives[0].end == "running"
    assert engine_digest(plain[0]) == engine_digest(other[0])


def test_a_folder_lists_its_sets(tmp_path):
    folder(tmp_path / "a", "FD002")
    write(tmp_path / "a" / "train_FD004.txt", [engine(1, 130)])
    (tmp_path / "a" / "readme.txt").write_text("no data")
    second, fourth = find(tmp_path / "a")
    assert second.name == "FD002" and second.train is None and second.test is not None and second.rul is not None
    assert fourth.name == "FD004" and fourth.train is not None and fourth.test is None


def test_what_is_missing_is_told(tmp_path):
    with pytest.raises(UsageError, match="no folder"):
        find(tmp_path / "nowhere")
    with pytest.raises(UsageError, match="no file of the C-MAPSS layout"):
        find(tmp_path)
    write(tmp_path / "test_FD001.txt", [engine(1, 130, 60)])
    with pytest.raises(UsageError, match="test_FD001 without RUL_FD001"):
        find(tmp_path)


GOOD = engine(1, 130, 25)


def _with(row: int, column: int, value: float) -> np.ndarray:
    changed = GOOD.copy()
    changed[row, column] = value
    return changed


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([_with(3, 1, 9)], "do not count up by one"),
        ([_with(0, 1, -1)], "do not count up by one"),
        ([GOOD, engine(2, 130, 5), GOOD], "do not stand together"),
    ],
)
def test_rows_in_disorder_are_refused(tmp_path, rows, told):
    with pytest.raises(ConfigError, match=told):
        read_engines(write(tmp_path / "test_FD001.txt", rows), "FD001", failed=False)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "no rows"),
        (b"1 2 3\n", "line 1: 3 numbers, 26 are wanted"),
        (b"\n1 x 3\n", "line 2: '1 x 3' are not numbers"),
        (("1 1 " + "nan " * 24).encode(), "line 1: a value is not a finite number"),
        (b"\xff\xfe1\x00", "not plain text"),
        (b"\x1f\x8b\x08broken", "not plain text"),
    ],
)
def test_broken_files_name_the_line(tmp_path, content, told):
    path = tmp_path / "test_FD001.txt"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=told):
        read_engines(path, "FD001", failed=False)


def test_a_compressed_file_cut_in_half_is_refused(tmp_path):
    whole = gzip.compress(write(tmp_path / "x", [GOOD]).read_bytes())
    path = tmp_path / "test_FD001.txt.gz"
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ConfigError, match="cannot be read"):
        read_engines(path, "FD001", failed=False)


def test_lives_left_must_fit_the_engines(tmp_path):
    path = tmp_path / "RUL_FD001.txt"
    path.write_text("112 \n98 \n")
    assert read_rul(path, 2).tolist() == [112.0, 98.0]
    with pytest.raises(ConfigError, match="2 lines for 3 engines"):
        read_rul(path, 3)
    path.write_text("112\n-1\n")
    with pytest.raises(ConfigError, match="line 2: remaining life below 0"):
        read_rul(path, 2)

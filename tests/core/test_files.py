"""Atomic writes: a reader sees the old file or the new one, and a full disk is an error with a name."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dsapp.core import files
from dsapp.core.errors import DiskFullError


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_what_is_written_is_read(tmp_path: Path) -> None:
    files.write_text(tmp_path / "deep" / "er" / "a.txt", "grün ☃")
    assert (tmp_path / "deep/er/a.txt").read_text(encoding="utf-8") == "grün ☃"
    files.write_json(tmp_path / "a.json", {"b": [1, "ü"], "a": None})
    assert (tmp_path / "a.json").read_text(encoding="utf-8").endswith("}\n")
    assert json.loads((tmp_path / "a.json").read_text(encoding="utf-8")) == {"b": [1, "ü"], "a": None}
    files.write_text(tmp_path / "odd.txt", "half \ud800 a pair")
    assert (tmp_path / "odd.txt").read_text(encoding="utf-8") == "half ? a pair"


def test_a_failed_writer_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    files.write_text(target, "old")
    with pytest.raises(ZeroDivisionError), files.replacing(target) as temporary:
        temporary.write_text("half of the n", encoding="utf-8")
        raise ZeroDivisionError
    assert target.read_text(encoding="utf-8") == "old"
    assert names(tmp_path) == ["a.txt"]
    with pytest.raises(ValueError, match="JSON"):
        files.write_json(target, float("nan"))
    assert target.read_text(encoding="utf-8") == "old"


def test_a_very_long_name_is_no_obstacle(tmp_path: Path) -> None:
    files.write_text(tmp_path / ("n" * 240), "x")
    assert names(tmp_path) == ["n" * 240]


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_no_space_is_its_own_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    target = tmp_path / "a.txt"
    files.write_text(target, "old")

    def full(_: int) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DiskFullError, match=r"a\.txt.*same command again"):
        files.write_text(target, "new")
    assert target.read_text(encoding="utf-8") == "old"
    assert names(tmp_path) == ["a.txt"]


def test_other_failures_stay_what_they_are(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises((NotADirectoryError, FileExistsError)):
        files.write_text(tmp_path / "file" / "a.txt", "x")


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 KiB of its own; needs the right to mount."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = sys.platform == "linux" and not subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)], capture_output=True, check=False
    ).returncode  # fmt: skip
    if not mounted:
        pytest.skip("needs the right to mount a tmpfs: run as root")
    yield folder
    subprocess.run(["umount", str(folder)], capture_output=True, check=False)


def test_a_disk_that_is_really_full(tiny_disk: Path) -> None:
    files.write_bytes(tiny_disk / "a", b"old")
    with pytest.raises(DiskFullError):
        files.write_bytes(tiny_disk / "a", bytes(1 << 20))
    assert (tiny_disk / "a").read_bytes() == b"old"
    assert names(tiny_disk) == ["a"]
    files.write_bytes(tiny_disk / "a", b"new")
    assert (tiny_disk / "a").read_bytes() == b"new"


def test_sha256_is_the_one_of_the_standard(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"abc")
    assert files.sha256_of(path) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

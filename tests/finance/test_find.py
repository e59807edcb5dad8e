"""Finding contracts below paths: order, ids, and a reason for each thing that cannot be an item."""

from __future__ import annotations

import hashlib
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from dsapp.core.job import Item, Refusal
from dsapp.finance.reading import MAX_BYTES
from dsapp.finance.reading.find import find

TEXT = b"This agreement is made between Alpha and Beta."
SAFE_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,69}")


def put(path: Path, content: bytes = TEXT) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def items(*inputs: Path) -> list[Item]:
    return [found for found in find(inputs) if isinstance(found, Item)]


def refusals(*inputs: Path) -> list[Refusal]:
    return [found for found in find(inputs) if isinstance(found, Refusal)]


def test_a_folder_gives_its_contracts_in_a_stable_order(tmp_path):
    for name in ("b.txt", "a.PDF", "sub/c.html", "sub/d.md", "Z.docx", "picture.png", "notes.xlsx"):
        put(tmp_path / name)
    found = items(tmp_path)
    assert [item.path.relative_to(tmp_path).as_posix() for item in found] == [
        "Z.docx",
        "a.PDF",
        "b.txt",
        "sub/c.html",
        "sub/d.md",
    ]
    assert [item.id for item in items(tmp_path)] == [item.id for item in found]
    assert {item.digest for item in found} == {hashlib.sha256(TEXT).hexdigest()}
    assert refusals(tmp_path) == []


def test_ids_are_readable_safe_unique_and_belong_to_the_place_in_the_folder(tmp_path):
    names = [
        "Master Services (final).txt",
        "Vertrag – Müller & Söhne.txt",
        "合同.txt",
        "x" * 200 + ".txt",
        "-.txt",
        "con.txt",
    ]
    for name in names:
        put(tmp_path / "one" / name)
    ids = [item.id for item in items(tmp_path / "one")]
    assert len(set(ids)) == len(names) and all(SAFE_ID.fullmatch(i) for i in ids)
    assert any(i.startswith("master-services-final-") for i in ids)
    assert any(i.startswith("vertrag-muller-sohne-") for i in ids)
    os.rename(tmp_path / "one", tmp_path / "two")
    assert [item.id for item in items(tmp_path / "two")] == ids


def test_two_folders_with_the_same_names_keep_their_ids_apart(tmp_path):
    put(tmp_path / "a" / "x.txt")
    put(tmp_path / "b" / "x.txt")
    both = [item.id for item in items(tmp_path / "a", tmp_path / "b")]
    assert len(set(both)) == 2 and both[0] == items(tmp_path / "a")[0].id


def test_the_same_content_twice_is_two_items_and_the_same_file_twice_is_one(tmp_path):
    first = put(tmp_path / "a.txt")
    put(tmp_path / "b.txt")
    assert len(items(tmp_path)) == 2
    assert len(items(tmp_path, first, tmp_path)) == 2 and refusals(tmp_path, first, tmp_path) == []


def test_hidden_and_lock_files_are_passed_over(tmp_path):
    for name in (
        "~$lease.docx",
        ".DS_Store",
        ".hidden.pdf",
        ".~lock.lease.docx#",
        ".git/a.txt",
        "__MACOSX/a.txt",
        "a.txt",
    ):
        put(tmp_path / name)
    assert [item.path.name for item in items(tmp_path)] == ["a.txt"]
    assert refusals(tmp_path) == []


def test_a_file_named_itself_is_taken_whatever_its_ending(tmp_path):
    assert len(items(put(tmp_path / "contract.2024"))) == 1
    assert len(items(put(tmp_path / ".hidden"))) == 1


def test_old_formats_are_refused_with_what_to_do_and_misnamed_ones_are_taken(tmp_path):
    put(tmp_path / "old.rtf", b"{\\rtf1 An agreement}")
    put(tmp_path / "plain.doc")
    (refusal,) = refusals(tmp_path)
    assert refusal.code == "unsupported" and "DOCX" in refusal.remedy and refusal.path.name == "old.rtf"
    assert [item.path.name for item in items(tmp_path)] == ["plain.doc"]


def test_links_in_a_circle_end(tmp_path):
    put(tmp_path / "a" / "x.txt")
    (tmp_path / "a" / "up").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "a" / "self.txt").symlink_to("self.txt")
    (tmp_path / "gone.txt").symlink_to("nowhere.txt")
    assert [item.path.name for item in items(tmp_path)] == ["x.txt"]
    assert {refusal.path.name for refusal in refusals(tmp_path)} == {"self.txt", "gone.txt"}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
def test_pipes_and_sockets_are_refused_and_not_waited_for(tmp_path, monkeypatch):
    os.mkfifo(tmp_path / "pipe.txt")
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("s.sock")
        found = refusals(tmp_path, Path("/dev/null"))
    assert {(refusal.path.name, refusal.code) for refusal in found} == {
        ("pipe.txt", "not_a_file"),
        ("s.sock", "not_a_file"),
        ("null", "not_a_file"),
    }
    assert any("named pipe" in refusal.reason for refusal in found)


def test_a_huge_file_is_refused_before_it_is_read(tmp_path):
    with open(tmp_path / "huge.txt", "wb") as stream:
        stream.truncate(2 << 30)
    (refusal,) = refusals(tmp_path)
    assert refusal.code == "too_large" and "MiB" in refusal.reason
    assert MAX_BYTES["txt"] < 2 << 30


def test_hostile_names_are_items_like_others(tmp_path):
    names = ["line\nbreak.txt", "tab\tname.txt", "\u202egpj.txt", "esc\x1b[31m.txt", "'; rm -rf ~;'.txt"]
    for name in names:
        put(tmp_path / name)
    put(tmp_path / os.fsdecode(b"latin-\xe9.txt"))
    found = items(tmp_path)
    assert len(found) == 6 and all(SAFE_ID.fullmatch(item.id) for item in found)


def test_what_is_not_there_and_what_is_empty_say_so(tmp_path):
    (tmp_path / "folder").mkdir()
    put(tmp_path / "folder" / "readme.png")
    codes = [(refusal.path.name, refusal.code) for refusal in refusals(tmp_path / "none.pdf", tmp_path / "folder")]
    assert codes == [("none.pdf", "not_found"), ("folder", "nothing_found")]


def test_folders_without_end_are_refused(tmp_path):
    deep = tmp_path
    for _ in range(70):
        deep = deep / "d"
    put(deep / "x.txt")
    assert [refusal.code for refusal in refusals(tmp_path)] == ["too_deep"]


def test_cost_follows_size(tmp_path):
    put(tmp_path / "long.txt", TEXT * 1000)
    put(tmp_path / "short.txt")
    long, short = items(tmp_path)
    assert long.cost > 10 and short.cost == 1


_AS_NOBODY = """
import os, sys
from pathlib import Path
from dsapp.core.job import Item
from dsapp.finance.reading.find import find
if os.getuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
for found in find([Path(sys.argv[1])]):
    print(found.path.name, "item" if isinstance(found, Item) else found.code)
"""


@pytest.mark.skipif(not hasattr(os, "setuid"), reason="the system has no user ids")
def test_what_may_not_be_read_is_refused_and_the_rest_is_found(tmp_path_factory):
    import tempfile

    with tempfile.TemporaryDirectory() as name:  # a folder that another user may enter
        root = Path(name)
        root.chmod(0o755)
        put(root / "open.txt").chmod(0o644)
        put(root / "secret.txt").chmod(0)
        put(root / "locked" / "a.txt")
        (root / "locked").chmod(0)
        try:
            done = subprocess.run(
                [sys.executable, "-c", _AS_NOBODY, name], capture_output=True, text=True, timeout=60, check=False
            )
        finally:
            (root / "locked").chmod(0o755)
    if done.returncode and "dsapp" in done.stderr and "Permission" in done.stderr:
        pytest.skip("another user may not import dsapp here")
    assert sorted(done.stdout.split("\n")[:-1]) == ["locked unreadable", "open.txt item", "secret.txt unreadable"], (
        done.stderr
    )

"""Hostile bundles: each is refused with a clear error before anything in it is used."""

from __future__ import annotations

import hashlib
import io
import json
import os
import pickle
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dsapp.core import bundle_files
from dsapp.core.bundle import Bundle, write_card
from dsapp.core.errors import BundleError, BundleFormatError, BundleIntegrityError

CONFIG = {
    "format": 1,
    "name": "tiny",
    "version": "1",
    "parts": [{"name": "a", "backend": "torch", "network": "n", "folder": "a", "config": {}}],
}


def safetensors(header: Any, data: bytes = b"", *, length: int | None = None) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + data


GOOD = safetensors({"w": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}, bytes(8))


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """A sound bundle without a card."""
    folder = tmp_path / "tiny"
    (folder / "a").mkdir(parents=True)
    (folder / "a" / "model.safetensors").write_bytes(GOOD)
    (folder / "bundle.json").write_text(json.dumps(CONFIG), encoding="utf-8")
    return folder


def seal(folder: Path, **extra: Any) -> Path:
    """Write the card that an attacker would: true to the files, whatever they are."""
    files = {}
    for path in folder.rglob("*"):
        if path.is_file() and path.name != "card.json":
            content = path.read_bytes()
            files[path.relative_to(folder).as_posix()] = {
                "sha256": hashlib.sha256(content).hexdigest(),
                "bytes": len(content),
            }
    (folder / "card.json").write_text(json.dumps({"files": files, **extra}), encoding="utf-8")
    return folder


def test_the_sound_bundle_opens(tiny: Path) -> None:
    assert Bundle.open(seal(tiny)).name == "tiny"
    write_card(tiny, {"for": "all"})
    assert Bundle.open(tiny).card["for"] == "all"


def test_a_missing_folder_or_file_is_named(tiny: Path, tmp_path: Path) -> None:
    with pytest.raises(BundleIntegrityError, match="no such folder"):
        Bundle.open(tmp_path / "nothing")
    with pytest.raises(BundleIntegrityError, match=r"card\.json is missing"):
        Bundle.open(tiny)
    seal(tiny)
    (tiny / "a" / "model.safetensors").unlink()
    with pytest.raises(BundleIntegrityError, match=r"model\.safetensors is missing"):
        Bundle.open(tiny)


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(bytes(content))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda folder: flip(folder / "a/model.safetensors"), "other SHA-256"),
        (lambda folder: (folder / "a/model.safetensors").write_bytes(GOOD + b"x"), "its card says"),
        (lambda folder: (folder / "a/model.safetensors").write_bytes(GOOD[:-1]), "its card says"),
        (lambda folder: (folder / "a/more.json").write_text("{}"), "not in the card"),
        (lambda folder: (folder / "bundle.json").write_text(json.dumps({**CONFIG, "name": "evil"})), "card"),
    ],
)
def test_any_change_after_the_card_is_refused(tiny: Path, change: Callable[[Path], object], reason: str) -> None:
    seal(tiny)
    change(tiny)
    with pytest.raises(BundleIntegrityError, match=reason):
        Bundle.open(tiny)


class Bomb:
    def __reduce__(self) -> tuple[Any, ...]:
        return (os.mkdir, ("/tmp/dsapp-pickle-was-run",))


def zipped(name: str, content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, content)
    return buffer.getvalue()


@pytest.mark.parametrize("name", ["w.pt", "w.pth", "w.bin", "w.pkl", "w.ckpt", "w.npz", "W.PT", "w.joblib"])
def test_pickles_by_name(tiny: Path, name: str) -> None:
    (tiny / "a" / name).write_bytes(b"anything")
    with pytest.raises(BundleFormatError, match=r"pickle.*safetensors"):
        Bundle.open(seal(tiny))
    with pytest.raises(BundleFormatError, match="pickle"):
        write_card(tiny, {})


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json", "spiece.model"])
def test_pickles_by_content(tiny: Path, protocol: int, name: str) -> None:
    (tiny / "a" / name).write_bytes(pickle.dumps(Bomb(), protocol=protocol))
    with pytest.raises(BundleFormatError):
        Bundle.open(seal(tiny))
    assert not Path("/tmp/dsapp-pickle-was-run").exists()


def test_a_torch_archive_under_an_innocent_name(tiny: Path) -> None:
    (tiny / "a" / "vocab.txt").write_bytes(zipped("archive/data.pkl", pickle.dumps(Bomb())))
    with pytest.raises(BundleFormatError, match="pickle or an archive"):
        Bundle.open(seal(tiny))


@pytest.mark.parametrize("name", ["modeling.py", "run.sh", "lib.so", "page.html", "data", "x.exe"])
def test_code_and_unknown_kinds(tiny: Path, name: str) -> None:
    (tiny / "a" / name).write_bytes(b"import os")
    with pytest.raises(BundleFormatError, match="no such kind of file"):
        Bundle.open(seal(tiny))


def test_links_and_pipes(tiny: Path, tmp_path: Path) -> None:
    outside = tmp_path / "secret.json"
    outside.write_text("{}", encoding="utf-8")
    link = tiny / "a" / "link.json"
    link.symlink_to(outside)
    with pytest.raises(BundleFormatError, match="is a link"):
        Bundle.open(seal(tiny))
    link.unlink()
    (tiny / "loop").symlink_to(tiny, target_is_directory=True)
    with pytest.raises(BundleFormatError, match="is a link"):
        Bundle.open(tiny)
    (tiny / "loop").unlink()
    os.mkfifo(tiny / "a" / "pipe.json")
    with pytest.raises(BundleFormatError, match="special file"):
        Bundle.open(tiny)


@pytest.mark.parametrize("folder", ["../a", "/etc", "a/../../b", "", ".", "a\\b", "a//b", "./a", "a/", 7, None, "a\n"])
def test_part_folders_that_leave_the_bundle(tiny: Path, folder: Any) -> None:
    parts = [{**CONFIG["parts"][0], "folder": folder}]
    (tiny / "bundle.json").write_text(json.dumps({**CONFIG, "parts": parts}), encoding="utf-8")
    with pytest.raises(BundleFormatError, match="plain path inside the bundle"):
        Bundle.open(seal(tiny))


@pytest.mark.parametrize("name", ["../bundle.json", "/etc/passwd", "a/../../x"])
def test_card_entries_that_leave_the_bundle(tiny: Path, name: str) -> None:
    card = json.loads((seal(tiny) / "card.json").read_text(encoding="utf-8"))
    card["files"][name] = {"sha256": "0" * 64, "bytes": 1}
    (tiny / "card.json").write_text(json.dumps(card), encoding="utf-8")
    with pytest.raises(BundleFormatError, match="plain path inside the bundle"):
        Bundle.open(tiny)


@pytest.mark.parametrize(
    "change",
    [
        {"format": 2},
        {"format": "1"},
        {"name": "../evil"},
        {"name": ""},
        {"version": 3},
        {"version": "1\n2"},
        {"parts": []},
        {"parts": "a"},
        {"parts": [7]},
        {"parts": [CONFIG["parts"][0]] * 2},
        {"parts": [{**CONFIG["parts"][0], "name": "x/y"}]},
        {"parts": [{**CONFIG["parts"][0], "backend": None}]},
        {"parts": [{**CONFIG["parts"][0], "config": []}]},
        {"parts": [{**CONFIG["parts"][0], "name": f"a{n}"} for n in range(65)]},
    ],
)
def test_a_bundle_json_that_is_wrong(tiny: Path, change: dict[str, Any]) -> None:
    (tiny / "bundle.json").write_text(json.dumps({**CONFIG, **change}), encoding="utf-8")
    with pytest.raises(BundleFormatError):
        Bundle.open(seal(tiny))


def test_a_part_without_files(tiny: Path) -> None:
    parts = [{**CONFIG["parts"][0], "folder": "b"}]
    (tiny / "bundle.json").write_text(json.dumps({**CONFIG, "parts": parts}), encoding="utf-8")
    with pytest.raises(BundleIntegrityError, match="missing or empty"):
        Bundle.open(seal(tiny))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"null",
        b"{",
        b"\xff\xfe{}",
        b'{"files": NaN}',
        b'{"files": {}, "files": {}}',
        b'{"a":' * 2000 + b"1" + b"}" * 2000,
        b'{"a":' * 60 + b"1" + b"}" * 60,
        b"[" * 200_000,
        b'{"files": {}}',
        b'{"files": {"bundle.json": 1}}',
    ],
    ids=range(12),
)
def test_a_card_that_is_no_card(tiny: Path, content: bytes) -> None:
    (tiny / "card.json").write_bytes(content)
    with pytest.raises(BundleError):
        Bundle.open(tiny)


def test_a_card_without_end(tiny: Path) -> None:
    with open(tiny / "card.json", "wb") as stream:
        stream.truncate(bundle_files.MAX_JSON_BYTES + 1)
    with pytest.raises(BundleFormatError, match="larger than"):
        Bundle.open(tiny)


def test_too_many_files_and_folders(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seal(tiny)
    deep = tiny / "/".join("a" * 9)
    deep.mkdir(parents=True, exist_ok=True)
    with pytest.raises(BundleIntegrityError, match="folders deep"):
        Bundle.open(tiny)
    monkeypatch.setattr(bundle_files, "MAX_NUM_FILES", 2)
    monkeypatch.setattr(bundle_files, "MAX_DEPTH", 99)
    with pytest.raises(BundleIntegrityError, match="more than 2 files"):
        Bundle.open(tiny)


F32 = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "longer than the file"),
        (b"\x00" * 7, "longer than the file"),
        (safetensors({}, length=1 << 60), "longer than the file"),
        (safetensors(b"{", b""), "JSON"),
        (safetensors(b"[]", b""), "JSON object"),
        (safetensors(b'{"w": 1, "w": 1}'), "twice"),
        (safetensors({"w": F32}, bytes(4)), "fill 8 bytes"),
        (safetensors({"w": F32}, bytes(9)), "fill 8 bytes"),
        (safetensors({"w": {**F32, "dtype": "F33"}}, bytes(8)), "unknown dtype"),
        (safetensors({"w": {**F32, "dtype": ["F32"]}}, bytes(8)), "unknown dtype"),
        (safetensors({"w": {**F32, "shape": [3]}}, bytes(8)), "do not fit its shape"),
        (safetensors({"w": {**F32, "shape": [-2]}}, bytes(8)), "malformed"),
        (safetensors({"w": {**F32, "shape": [True]}}, bytes(8)), "malformed"),
        (safetensors({"w": {**F32, "shape": [1 << 40, 1 << 40]}}, bytes(8)), "too large"),
        (safetensors({"w": {**F32, "data_offsets": [8, 0]}}, bytes(8)), "do not fit its shape"),
        (safetensors({"w": {**F32, "data_offsets": [8, 16]}}, bytes(16)), "overlap or leave a hole"),
        (safetensors({"w": F32, "v": F32}, bytes(8)), "overlap or leave a hole"),
        (safetensors({"w": {"dtype": "F32"}}, bytes(8)), "must have dtype"),
        (safetensors({"w": {**F32, "more": 1}}, bytes(8)), "must have dtype"),
        (safetensors({"__metadata__": {"a": 1}, "w": F32}, bytes(8)), "map text to text"),
    ],
)
def test_safetensors_that_are_unsound(tiny: Path, content: bytes, reason: str) -> None:
    (tiny / "a" / "model.safetensors").write_bytes(content)
    with pytest.raises(BundleFormatError, match=reason):
        Bundle.open(seal(tiny))


def test_a_header_above_the_limit(tiny: Path) -> None:
    length = bundle_files.MAX_HEADER_BYTES + 1
    with open(tiny / "a" / "model.safetensors", "wb") as stream:
        stream.write(struct.pack("<Q", length))
        stream.truncate(length + 64)
    with pytest.raises(BundleFormatError, match="above the limit"):
        Bundle.open(seal(tiny))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.data())
def test_no_bytes_do_more_than_be_refused(tiny: Path, data: st.DataObject) -> None:
    content = bytearray(GOOD)
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    (tiny / "a" / "model.safetensors").write_bytes(bytes(content))
    try:
        Bundle.open(seal(tiny))
    except BundleError:
        return
    from safetensors.numpy import load_file

    load_file(tiny / "a" / "model.safetensors")

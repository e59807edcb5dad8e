"""The journal survives being torn anywhere, and counts the items at which a program died."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsapp.core.errors import DiskFullError
from dsapp.pipelines.journal import Journal, read_journal, unclean_ends


@given(
    items=st.lists(st.text(max_size=20), min_size=1, max_size=5),
    cut=st.integers(min_value=0, max_value=400),
    garbage=st.binary(max_size=30),
)
def test_torn_anywhere_it_keeps_what_was_whole_and_goes_on(items: list[str], cut: int, garbage: bytes) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "journal.jsonl"
        journal = Journal(path)
        ends = []
        for item in items:
            journal.add("done", item=item)
            ends.append(path.stat().st_size)
        journal.close()
        content = path.read_bytes()
        cut = min(cut, len(content))
        path.write_bytes(content[:cut] + garbage.replace(b"\n", b""))
        again = Journal(path)
        again.add("done", item="after")
        again.close()
        read = [event["item"] for event in read_journal(path) if isinstance(event.get("item"), str)]
    whole = [item for item, end in zip(items, ends, strict=True) if end <= cut]
    assert read[: len(whole)] == whole
    assert read[-1] == "after"


@given(content=st.binary(max_size=300))
def test_any_bytes_can_be_read(content: bytes) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "journal.jsonl"
        path.write_bytes(content)
        assert all("event" in event for event in read_journal(path))
        assert isinstance(unclean_ends(read_journal(path)), dict)


def test_a_full_disk_tears_a_line_and_the_next_one_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import errno
    import os

    path = tmp_path / "journal.jsonl"
    journal = Journal(path)
    journal.add("done", item="a")
    real = os.write

    def half(handle: int, data: bytes) -> int:
        if len(data) < 40:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(handle, data[: len(data) // 2])

    monkeypatch.setattr(os, "write", half)
    with pytest.raises(DiskFullError, match="free some and run the same command again"):
        journal.add("done", item="b")
    monkeypatch.undo()
    journal.add("done", item="c")
    assert [event["item"] for event in read_journal(path)] == ["a", "c"]


def events(text: str) -> list[dict[str, str]]:
    """``S`` starts, ``E`` ends, ``a`` begins item a, ``A`` finishes it."""
    found = []
    for letter in text:
        if letter in "SE":
            found.append({"event": "start" if letter == "S" else "end"})
        elif letter.islower():
            found.append({"event": "begin", "item": letter, "worker": "local", "key": "k"})
        else:
            found.append({"event": "done", "item": letter.lower()})
    return found


@pytest.mark.parametrize(
    ("history", "counts"),
    [
        ("SaAbBE", {}),
        ("SaAb", {"b": 1}),
        ("SaAbSb", {"b": 2}),
        ("SaAbSbSbBcSc", {"c": 2}),
        ("SaESaE", {}),
        ("SaSaSaA", {}),
        ("", {}),
    ],
)
def test_deaths_are_counted_by_item(history: str, counts: dict[str, int]) -> None:
    assert unclean_ends(iter(events(history))) == {(item, "k"): count for item, count in counts.items()}


def test_deaths_of_the_parent_are_not_held_against_items_in_workers() -> None:
    begun = {"event": "begin", "item": "a", "worker": "worker 0", "key": "k"}
    assert unclean_ends(iter([{"event": "start"}, begun])) == {}

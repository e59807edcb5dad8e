"""Hostile and broken TXT, Markdown and HTML files end in an InputError that says what to do, or in plain text."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsapp.core.errors import InputError
from dsapp.finance.document import Document
from dsapp.finance.reading import limits
from dsapp.finance.reading import text as text_module
from dsapp.finance.reading.html import read_html
from dsapp.finance.reading.text import read_text


def read(path: Path) -> Document:
    if path.suffix == ".html":
        return read_html(path, "d")
    return read_text(path, "d", "md" if path.suffix == ".md" else "txt")


def refused(path: Path) -> InputError:
    with pytest.raises(InputError) as caught:
        read(path)
    assert caught.value.message and caught.value.code
    return caught.value


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


NAMES = ["a.txt", "a.md", "a.html"]


@pytest.mark.parametrize("name", NAMES)
def test_two_gigabytes_are_refused_by_size_without_reading(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / name
    with open(file, "wb") as stream:
        stream.truncate(2 << 30)
    opened: list[object] = []
    monkeypatch.setattr("builtins.open", lambda *args, **kwargs: opened.append(args))
    error = refused(file)
    assert error.code == "too_large" and error.remedy and not opened


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("content", "codes"),
    [
        (b"", {"empty"}),
        (b"  \n\f\n ", {"no_text"}),
        (b"\xef\xbb\xbf", {"no_text"}),
        (b"text\0with zero bytes", {"binary"}),
        (bytes(range(256)) * 20, {"binary"}),
        (b"\x89PNG\r\n\x1a\n" + bytes(200), {"binary"}),
        ("Договор оказания услуг между сторонами".encode("cp1251"), {"unknown_encoding"}),
    ],
)
def test_what_is_no_text_is_refused(tmp_path: Path, name: str, content: bytes, codes: set[str]) -> None:
    assert refused(written(tmp_path / name, content)).code in codes


@pytest.mark.parametrize("name", NAMES)
def test_a_directory_and_a_missing_file_are_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    assert refused(tmp_path / name).code in ("unreadable", "empty")
    assert refused(tmp_path / f"missing-{name}").code == "unreadable"


def test_text_longer_than_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_module, "MAX_TEXT_CHARS", 1000)
    assert limits.MAX_TEXT_CHARS > 1000
    assert refused(written(tmp_path / "a.txt", b"word " * 300)).code == "too_large"
    long = b"word " * (limits.MAX_MARKDOWN_CHARS // 5 + 1)
    monkeypatch.undo()
    assert refused(written(tmp_path / "a.md", long)).code == "too_large"


@pytest.mark.parametrize("name", NAMES)
def test_a_very_long_line_is_read(tmp_path: Path, name: str) -> None:
    document = read(written(tmp_path / name, b"word " * 200_000))
    assert len(document.text) == 999_999 and len(document.blocks) == 1


def test_many_short_lines_are_read_and_too_many_refused(tmp_path: Path) -> None:
    assert read(written(tmp_path / "a.txt", b"a\n" * 50_000)).text.count("a") == 50_000
    assert refused(written(tmp_path / "b.txt", b"a\n" * (limits.MAX_TEXT_LINES + 1))).code == "too_large"


def test_too_many_tags_are_refused_before_they_are_parsed(tmp_path: Path) -> None:
    assert refused(written(tmp_path / "a.html", b"<p>" * (limits.MAX_XML_TAGS + 1))).code == "too_large"


def test_ten_thousand_nested_tags(tmp_path: Path) -> None:
    assert refused(written(tmp_path / "a.html", b"<div>" * 10_000 + b"text" + b"</div>" * 10_000)).code == "too_deep"
    assert read(written(tmp_path / "b.html", b"<div>" * 200 + b"text")).text == "text"


def test_text_that_the_parser_would_cut_is_refused(tmp_path: Path) -> None:
    assert refused(written(tmp_path / "a.html", b"<p>" + b"x" * 11_000_000 + b"</p><p>end</p>")).code == "too_large"


def test_nested_quotes_in_markdown(tmp_path: Path) -> None:
    assert refused(written(tmp_path / "a.md", b"> " * 5_000 + b"x")).code == "too_deep"


def test_entities_of_html_are_not_expanded_from_files(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret")
    laughs = "<!ENTITY a0 'ha'>" + "".join(f"<!ENTITY a{i} '{f'&a{i - 1};' * 10}'>" for i in range(1, 10))
    page = f"<!DOCTYPE html [<!ENTITY leak SYSTEM '{secret.as_uri()}'>{laughs}]><p>Begin &leak; &a9; end</p>"
    document = read(written(tmp_path / "a.html", page.encode()))
    assert "the secret" not in document.text and len(document.text) < 2_000
    assert "Begin" in document.text and "end" in document.text


def test_truncated_html_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    assert read(written(tmp_path / "a.html", b"<html><body><p>First<p>Second <b>bo")).text == "First\n\nSecond bo"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "piece", ["[", "*a **b ", "`", "|a", "<a ", "&amp;", "- ", "1. ", "_", "<table><tr><td>", "\f", "Page 1\n\n"]
)
def test_repeated_markup_ends(tmp_path: Path, name: str, piece: str) -> None:
    file = written(tmp_path / name, (piece * 3_000).encode() + b"\n\nend")
    try:
        assert "end" in read(file).text
    except InputError as error:
        assert error.code in ("too_deep", "no_text")


@settings(max_examples=120, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(NAMES))
def test_any_bytes_give_a_document_or_an_input_error(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, name: str
) -> None:
    try:
        document = read(written(tmp_path_factory.mktemp("b") / name, content))
    except InputError as error:
        assert error.code
    else:
        assert document.text.strip()


_TAGS = st.sampled_from(
    ["p", "div", "b", "ol", "li", "ul", "table", "tr", "td", "ins", "del", "h1", "pre", "hr", "br", "sup", "select"]
)


@settings(max_examples=120, deadline=None)
@given(st.lists(st.one_of(_TAGS, st.just("word"), st.just("/")), max_size=40))
def test_any_markup_keeps_its_words(tmp_path_factory: pytest.TempPathFactory, pieces: list[str]) -> None:
    page, opened = "<p>begin</p>", []
    for piece in pieces:
        if piece == "word":
            page += " word "
        elif piece == "/":
            page += f"</{opened.pop()}>" if opened else ""
        else:
            page += f"<{piece}>"
            opened.append(piece)
    document = read(written(tmp_path_factory.mktemp("t") / "a.html", page.encode()))
    deleted = "".join(change.text for change in document.changes if change.kind == "deletion")
    gone = document.removed.get("text inserted and deleted again", 0)
    in_select = "select" in pieces
    found = document.text.count("word") + deleted.count("word")
    assert found == page.count("word") or gone or in_select

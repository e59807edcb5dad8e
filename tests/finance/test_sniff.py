"""What a file is, told from its content; what cannot be read says what it is and what to do."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from dsapp.core.errors import InputError
from dsapp.finance.reading import read, sniff

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)


def image(kind: str) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (20, 20), "red").save(stream, kind)
    return stream.getvalue()


def archive(**members: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as packed:
        for name, content in members.items():
            packed.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return stream.getvalue()


def written(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("name", "content", "code", "says"),
    [
        ("scan.pdf", image("PNG"), "mislabelled", "PNG image"),
        ("scan.pdf", image("JPEG"), "mislabelled", "JPEG image"),
        ("scan.tif", image("TIFF"), "unsupported", "TIFF image"),
        ("scan.docx", image("GIF"), "mislabelled", "GIF image"),
        ("scan.txt", image("BMP"), "mislabelled", "BMP image"),
        ("a.doc", OLE + "WordDocument".encode("utf-16-le"), "unsupported", ".doc"),
        ("a.docx", OLE + "WordDocument".encode("utf-16-le"), "mislabelled", ".doc"),
        ("a.docx", OLE + "EncryptedPackage".encode("utf-16-le"), "encrypted", "password"),
        ("a.doc", b"{\\rtf1\\ansi An agreement}", "unsupported", "RTF"),
        ("a.txt", b"{\\rtf1\\ansi An agreement}", "mislabelled", "RTF"),
        ("a.zip", archive(a_dot_txt=b"An agreement"), "unsupported", "ZIP archive"),
        ("a.pdf", archive(a_dot_txt=b"An agreement"), "mislabelled", "ZIP archive"),
        ("a.docx", archive(xl__workbook_dot_xml=b"<x/>"), "mislabelled", "Excel"),
        ("a.odt", archive(mimetype=b"application/vnd.oasis.opendocument.text"), "unsupported", "OpenDocument"),
        ("a.gz", b"\x1f\x8b\x08" + bytes(30), "unsupported", "gzip"),
        ("a.pdf", b"\x7fELF" + bytes(60), "mislabelled", "program"),
        ("a.txt", bytes(range(256)) * 8, "mislabelled", "binary"),
        ("a.htm", b"MIME-Version: 1.0\nContent-Type: multipart/related; boundary=x\n\n", "mislabelled", "MHTML"),
        ("a.xml", b"<?xml version='1.0'?><order><line/></order>", "unsupported", "XML"),
        ("a.pdf", b"", "empty", "empty"),
    ],
)
def test_what_is_not_read_is_named_with_a_remedy(tmp_path, name, content, code, says):
    with pytest.raises(InputError) as caught:
        read(written(tmp_path, name, content))
    assert caught.value.code == code
    assert says in caught.value.message and name in caught.value.message
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("name", "content", "fmt", "noted"),
    [
        ("a.txt", b"This agreement is made between two parties.", "txt", False),
        ("a.md", b"# Agreement\n\nMade between two parties.", "md", False),
        ("a", b"This agreement is made between two parties.", "txt", False),
        ("a.pdf", b"This agreement is made between two parties.", "txt", True),
        ("a.txt", b"<!DOCTYPE html><html><body><p>Agreement</p></body></html>", "html", True),
        ("a.html", b"<!-- saved --><HTML><body>Agreement</body></HTML>", "html", False),
        ("a.htm", b"<DOCUMENT>\n<TYPE>EX-10\n<TEXT>\n" + b"<p>Agreement</p>" * 6, "html", False),
        ("a.xhtml", b"<?xml version='1.0'?><html xmlns='x'><body/></html>", "html", False),
        ("a.doc", archive(word__document_dot_xml=b"<w/>"), "docx", True),
        ("a.docx", archive(word__document_dot_xml=b"<w/>"), "docx", False),
        ("a.txt", "This agreement is made".encode("utf-16"), "txt", False),
        ("a.txt", "This agreement is made between".encode("utf-16-le"), "txt", False),
        ("a.txt", b"BM Industries and MZ Holdings agree as follows.", "txt", False),
        ("a.txt", "合同编号：第一条 双方同意。".encode("gb18030"), "txt", False),
        ("a.txt", b"The parties use <b>bold</b> words and the sign < in it.", "txt", False),
        ("a.PDF", b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n", "pdf", False),
        ("a.pdf", b"\n\n  junk\n%PDF-1.4\n1 0 obj\n<<>>\nendobj\n", "pdf", False),
        ("a.txt", b"Our files begin with %PDF-1.4, said the expert.", "txt", False),
    ],
)
def test_the_content_decides_the_format(tmp_path, name, content, fmt, noted):
    found = sniff(written(tmp_path, name, content))
    assert found.format == fmt
    assert bool(found.note) == noted


def test_a_misnamed_file_that_can_be_read_is_read_and_says_so(tmp_path):
    document = read(written(tmp_path, "a.pdf", b"This agreement is made between Alpha and Beta.\n"))
    assert document.format == "txt" and "Alpha" in document.text
    assert "named .pdf" in document.notes[0]


def test_white_space_is_no_text(tmp_path):
    with pytest.raises(InputError) as caught:
        read(written(tmp_path, "a.txt", b"\n \n\t\n"))
    assert caught.value.code in ("no_text", "empty")


def test_what_is_no_file_is_refused(tmp_path):
    with pytest.raises(InputError) as caught:
        sniff(tmp_path)
    assert caught.value.code in ("not_a_file", "unreadable")
    with pytest.raises(InputError) as caught:
        sniff(tmp_path / "none.pdf")
    assert caught.value.code == "unreadable"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "a.pdf")
    with pytest.raises(InputError) as caught:
        sniff(tmp_path / "a.pdf")
    assert caught.value.code == "not_a_file"


@settings(max_examples=200, deadline=None)
@given(
    content=st.binary(min_size=1, max_size=300), name=st.sampled_from(["a.pdf", "a.docx", "a.txt", "a.html", "a.bin"])
)
def test_any_bytes_give_a_format_or_a_reason(tmp_path_factory, content, name):
    path = written(tmp_path_factory.mktemp("bytes"), name, content)
    try:
        assert sniff(path).format in ("pdf", "docx", "txt", "md", "html")
    except InputError as error:
        assert error.code and error.message

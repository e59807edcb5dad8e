"""Hostile and broken DOCX files end in an InputError that a person can act on: never a hang, a leak or a traceback."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path

import pytest
from docx_files import document_xml, level, listed, lists, paragraph, table, write_docx
from hypothesis import given, settings
from hypothesis import strategies as st

from dsapp.core.errors import InputError
from dsapp.finance.reading import docx_package, limits
from dsapp.finance.reading.docx import read_docx


def refused(path: Path) -> InputError:
    with pytest.raises(InputError) as caught:
        read_docx(path, "d")
    assert caught.value.message and caught.value.code
    return caught.value


def with_document(path: Path, content: bytes) -> Path:
    good = write_docx(path.with_name("good.docx"), paragraph("x"))
    with zipfile.ZipFile(good) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, content if name == "word/document.xml" else old.read(name))
    return path


def test_zip_bomb_by_ratio(tmp_path: Path) -> None:
    error = refused(with_document(tmp_path / "a.docx", document_xml(paragraph("0" * 8_000_000)).encode()))
    assert error.code == "zip_bomb" and error.remedy


def test_zip_bomb_in_a_member_that_is_not_read(tmp_path: Path) -> None:
    file = write_docx(tmp_path / "a.docx", paragraph("x"), members={"word/media/image1.bmp": bytes(8_000_000)})
    assert refused(file).code == "zip_bomb"


def test_zip_bomb_by_total(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docx_package, "MAX_DOCX_UNPACKED_BYTES", 100_000)
    assert limits.MAX_DOCX_UNPACKED_BYTES > 100_000
    file = write_docx(tmp_path / "a.docx", paragraph("x"), members={f"m{i}": bytes(60_000) for i in range(2)})
    assert refused(file).code == "zip_bomb"


def test_too_many_members(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docx_package, "MAX_DOCX_MEMBERS", 10)
    file = write_docx(tmp_path / "a.docx", paragraph("x"), members={f"m{i}": b"" for i in range(10)})
    assert refused(file).code == "zip_bomb"


def test_a_member_that_lies_about_its_size(tmp_path: Path) -> None:
    file = with_document(tmp_path / "a.docx", document_xml(paragraph("0" * 3_000_000)).encode())
    content = bytearray(file.read_bytes())
    size = struct.pack("<I", len(document_xml(paragraph("0" * 3_000_000)).encode()))
    assert content.count(size) == 2
    file.write_bytes(bytes(content).replace(size, struct.pack("<I", 400)))
    assert refused(file).code in ("corrupt", "zip_bomb")


@pytest.mark.parametrize("claimed", [30_000_000, 3_000_000_000])
def test_an_index_with_wrong_sizes_is_damage_and_no_bomb(tmp_path: Path, claimed: int) -> None:
    file = write_docx(
        tmp_path / "a.docx", "".join(paragraph(f"Term {i} of the lease is {i * i} days.") for i in range(50))
    )
    content = bytearray(file.read_bytes())
    entry = (
        content.rindex(b"word/document.xml") - 46
    )  # its central header; the last is of the part, not of its relations
    assert content[entry : entry + 4] == b"PK\x01\x02"
    struct.pack_into("<I", content, entry + 24, claimed)
    file.write_bytes(content)
    assert refused(file).code == "corrupt"


@pytest.mark.parametrize("part", ["word/document.xml", "word/styles.xml"])
@pytest.mark.parametrize("place", ["stream", "sum"])
def test_flipped_bytes_in_a_part_that_is_read_are_damage(tmp_path: Path, part: str, place: str) -> None:
    """Half of a page's words, or a bomb: neither may be made of a copy that went wrong."""
    styles = "".join(
        f'<w:style w:type="paragraph" w:styleId="s{i}"><w:name w:val="n{i}"/></w:style>' for i in range(50)
    )
    file = write_docx(tmp_path / "a.docx", "".join(paragraph(f"Clause {i}.") for i in range(50)), styles=styles)
    with zipfile.ZipFile(file) as archive:
        member = archive.getinfo(part)
    content = bytearray(file.read_bytes())
    local = member.header_offset
    if place == "sum":
        struct.pack_into("<I", content, content.rindex(part.encode()) - 46 + 16, member.CRC ^ 0x10)
    else:
        begin = local + 30 + len(part)
        for at in range(begin + member.compress_size // 2, begin + member.compress_size // 2 + 8):
            content[at] ^= 0xFF
    file.write_bytes(content)
    assert refused(file).code == "corrupt"


def test_a_part_whose_name_is_damaged_in_the_index_is_not_left_out(tmp_path: Path) -> None:
    file = write_docx(tmp_path / "a.docx", paragraph("x"), footnotes="")
    content = file.read_bytes()
    at = content.rindex(b"word/footnotes.xml")
    file.write_bytes(content[:at] + b"wXrd/footnotes.xml" + content[at + 18 :])
    assert refused(file).code == "corrupt"


def test_oversize_file_is_refused_by_its_size(tmp_path: Path) -> None:
    file = tmp_path / "a.docx"
    with open(file, "wb") as stream:
        stream.write(b"PK\x03\x04")
        stream.truncate(limits.MAX_DOCX_BYTES + 1)
    assert refused(file).code == "too_large"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_external_entity_is_refused_and_its_file_not_read(tmp_path: Path, encoding: str) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret")
    xml = document_xml("<w:p><w:r><w:t>&leak;</w:t></w:r></w:p>").replace(
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE x [<!ENTITY leak SYSTEM "{secret.as_uri()}">]>',
    )
    error = refused(with_document(tmp_path / "a.docx", xml.encode(encoding)))
    assert error.code == "unsafe_xml" and "secret" not in str(error)


def test_billion_laughs(tmp_path: Path) -> None:
    entities = '<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 10))
    xml = document_xml("<w:p><w:r><w:t>&a9;</w:t></w:r></w:p>").replace("?><w:", f"?><!DOCTYPE x [{entities}]><w:")
    assert refused(with_document(tmp_path / "a.docx", xml.encode())).code == "unsafe_xml"


def test_entities_in_a_side_part_are_refused_too(tmp_path: Path) -> None:
    file = write_docx(tmp_path / "a.docx", paragraph("x"), styles="")
    evil = tmp_path / "b.docx"
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(evil, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "word/styles.xml":
                content = b'<!DOCTYPE w [<!ENTITY e SYSTEM "file:///etc/hostname">]><w>&e;</w>'
            new.writestr(name, content)
    assert refused(evil).code == "unsafe_xml"


def test_ten_thousand_nested_tags(tmp_path: Path) -> None:
    deep = "<w:smartTag>" * 10_000 + "<w:r><w:t>x</w:t></w:r>" + "</w:smartTag>" * 10_000
    assert refused(with_document(tmp_path / "a.docx", document_xml(f"<w:p>{deep}</w:p>").encode())).code == "too_deep"


def test_too_many_tags_are_refused_before_they_are_parsed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docx_package, "MAX_XML_TAGS", 2_000)
    assert limits.MAX_XML_TAGS > 2_000
    assert refused(write_docx(tmp_path / "a.docx", "<w:p/>" * 2_001)).code == "too_large"


def test_nesting_below_the_parser_limit_is_read(tmp_path: Path) -> None:
    deep = "<w:smartTag>" * 200 + "<w:r><w:t>deep</w:t></w:r>" + "</w:smartTag>" * 200
    assert read_docx(write_docx(tmp_path / "a.docx", f"<w:p>{deep}</w:p>"), "d").text == "deep"


def test_nested_tables_end_at_the_limit(tmp_path: Path) -> None:
    body = paragraph("core")
    for _ in range(limits.MAX_DOCX_TABLE_DEPTH + 1):
        body = table(f"<w:tr><w:tc>{body}<w:p/></w:tc></w:tr>")
    assert refused(write_docx(tmp_path / "a.docx", body)).code == "too_deep"


def test_a_list_whose_number_is_a_megabyte_long(tmp_path: Path) -> None:
    numbering = lists(level(0, "decimal", "x" * 1_000_000))
    file = write_docx(tmp_path / "a.docx", listed("word", 1) * 300, numbering=numbering)
    assert len(read_docx(file, "d").text) < 100_000


def test_circular_styles_end(tmp_path: Path) -> None:
    styles = "".join(
        f'<w:style w:type="paragraph" w:styleId="{a}"><w:name w:val="{a}"/><w:basedOn w:val="{b}"/></w:style>'
        for a, b in (("A", "B"), ("B", "A"))
    )
    file = write_docx(tmp_path / "a.docx", paragraph("x", '<w:pStyle w:val="A"/>'), styles=styles)
    assert read_docx(file, "d").text == "x"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"PK\x03\x04 cut short", "corrupt"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "unsupported"),
    ],
)
def test_files_that_are_no_docx(tmp_path: Path, content: bytes, code: str) -> None:
    file = tmp_path / "a.docx"
    file.write_bytes(content)
    error = refused(file)
    assert error.code == code and error.remedy


def test_missing_document_broken_xml_and_workbook(tmp_path: Path) -> None:
    for name, code in (("other.xml", "corrupt"), ("xl/workbook.xml", "unsupported")):
        file = tmp_path / "a.docx"
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr(name, "<x/>")
        assert refused(file).code == code
    assert refused(with_document(tmp_path / "b.docx", b"<w:document><w:body>")).code == "corrupt"
    assert refused(with_document(tmp_path / "c.docx", b"\xff\xfe\x00garbage")).code == "corrupt"
    assert refused(with_document(tmp_path / "d.docx", b"<x/>")).code == "corrupt"


def test_encrypted_zip_member(tmp_path: Path) -> None:
    file = write_docx(tmp_path / "a.docx", paragraph("x"))
    content = bytearray(file.read_bytes())
    at = content.rfind(b"PK\x01\x02")
    content[at + 8] |= 1
    file.write_bytes(content)
    assert refused(file).code == "encrypted"


def test_relationship_out_of_the_package_is_not_followed(tmp_path: Path) -> None:
    file = write_docx(tmp_path / "good.docx", paragraph("x"))
    evil = tmp_path / "a.docx"
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(evil, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "_rels/.rels":
                content = content.replace(b"word/document.xml", b"../../../../etc/passwd")
            new.writestr(name, content)
    assert read_docx(evil, "d").text == "x"


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_damaged_file_gives_a_document_or_an_input_error(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    file = write_docx(tmp_path_factory.mktemp("d") / "a.docx", paragraph("Some words.") * 3, styles="", numbering="")
    content = bytearray(file.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(content)))
    file.write_bytes(bytes(content[:cut]) if data.draw(st.booleans()) else bytes(content))
    try:
        assert isinstance(read_docx(file, "d").text, str)
    except InputError as error:
        assert error.code


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_odd_markup_gives_a_document_or_an_input_error(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    names = [
        "p",
        "r",
        "t",
        "tbl",
        "tr",
        "tc",
        "ins",
        "del",
        "sdt",
        "sdtContent",
        "pPr",
        "rPr",
        "numPr",
        "numId",
        "ilvl",
        "fldChar",
    ]
    names += [
        "drawing",
        "object",
        "pict",
        "txbxContent",
        "sectPr",
        "footnoteReference",
        "commentRangeStart",
        "sym",
        "outlineLvl",
    ]

    def element(depth: int) -> str:
        name = data.draw(st.sampled_from(names))
        attributes = data.draw(
            st.sampled_from(["", ' w:val="1"', ' w:val="-99999999999999"', ' w:char="zz"', ' w:id="x"'])
        )
        inside = "".join(element(depth - 1) for _ in range(data.draw(st.integers(0, 3)))) if depth else "word"
        return f"<w:{name}{attributes}>{inside}</w:{name}>"

    file = write_docx(tmp_path_factory.mktemp("o") / "a.docx", element(4) + paragraph("end"))
    try:
        assert "end" in read_docx(file, "d").text
    except InputError as error:
        assert error.code

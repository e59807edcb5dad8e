"""Automatic numbers appear as Word shows them; a whole document is held against LibreOffice's own text export."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from docx_files import level, listed, lists, paragraph, write_docx

from dsapp.finance.reading.docx import read_docx
from dsapp.finance.reading.docx_number_formats import formatted


def lines(tmp_path: Path, body: str, numbering: str, styles: str = "") -> list[str]:
    file = write_docx(tmp_path / "n.docx", body, numbering=numbering, styles=styles)
    return read_docx(file, "d").text.split("\n\n")


LEGAL = (
    level(0, "upperRoman", "Article %1")
    + level(1, "decimal", "%1.%2", more="<w:isLgl/>")
    + level(2, "lowerLetter", "(%3)")
    + level(3, "lowerRoman", "(%4)")
)


def test_levels_nest_restart_and_go_on(tmp_path: Path) -> None:
    body = "".join(listed(f"p{i}", 1, at) for i, at in enumerate([0, 1, 2, 3, 3, 2, 1, 2, 0, 1]))
    assert lines(tmp_path, body, lists(LEGAL)) == [
        *(
            "Article I p0",
            "1.1 p1",
            "(a) p2",
            "(i) p3",
            "(ii) p4",
            "(b) p5",
            "1.2 p6",
            "(a) p7",
            "Article II p8",
            "2.1 p9",
        ),
    ]


def test_block_number_is_what_is_shown(tmp_path: Path) -> None:
    file = write_docx(tmp_path / "n.docx", listed("Term", 1) + listed("Long", 1, 1), numbering=lists(LEGAL))
    document = read_docx(file, "d")
    assert [(b.kind, b.level, b.number) for b in document.blocks] == [
        ("list_item", 1, "Article I"),
        ("list_item", 2, "1.1"),
    ]
    assert all(document.text[b.start :].startswith(b.number) for b in document.blocks)


def test_start_values_and_a_level_without_its_parent(tmp_path: Path) -> None:
    numbering = lists(level(0, "decimal", "%1.", start=5) + level(1, "decimal", "%1.%2", start=3))
    body = listed("a", 1, 1) + listed("b", 1, 0) + listed("c", 1, 0) + listed("d", 1, 1)
    assert lines(tmp_path, body, numbering) == ["5.3 a", "5. b", "6. c", "6.3 d"]


def test_lists_of_one_definition_count_on_and_an_override_starts_anew(tmp_path: Path) -> None:
    nums = '<w:num w:numId="2"><w:abstractNumId w:val="0"/></w:num>'
    nums += '<w:num w:numId="3"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride></w:num>'
    body = (
        listed("a", 1)
        + listed("b", 2)
        + paragraph("between")
        + listed("c", 1)
        + listed("d", 3)
        + listed("e", 3)
        + listed("f", 1)
    )
    expected = ["1. a", "2. b", "between", "3. c", "1. d", "2. e", "3. f"]
    assert lines(tmp_path, body, lists(level(0, "decimal", "%1."), nums=nums)) == expected


def test_an_override_can_change_how_a_level_looks(tmp_path: Path) -> None:
    own = level(0, "upperLetter", "Part %1:")
    nums = f'<w:num w:numId="2"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0">{own}</w:lvlOverride></w:num>'
    body = listed("a", 1) + listed("b", 2)
    assert lines(tmp_path, body, lists(level(0, "decimal", "%1."), nums=nums)) == ["1. a", "Part B: b"]


def test_restart_only_after_a_named_level_or_never(tmp_path: Path) -> None:
    numbering = lists(
        level(0, "decimal", "%1.")
        + level(1, "decimal", "Section %2", more='<w:lvlRestart w:val="0"/>')
        + level(2, "lowerLetter", "(%3)", more='<w:lvlRestart w:val="1"/>')
    )
    body = "".join(listed("x", 1, at) for at in (0, 1, 2, 1, 2, 0, 1, 2))
    assert [line.removesuffix(" x") for line in lines(tmp_path, body, numbering)] == [
        *("1.", "Section 1", "(a)", "Section 2", "(b)", "2.", "Section 3", "(a)"),
    ]


def test_suffix_space_nothing_and_words_that_would_run_together(tmp_path: Path) -> None:
    numbering = lists(
        level(0, "decimal", "%1)", more='<w:suff w:val="nothing"/>'),
        level(0, "upperRoman", "Article %1", more='<w:suff w:val="nothing"/>'),
        level(0, "decimal", "%1.", more='<w:suff w:val="space"/>'),
    )
    body = listed("tight", 1) + listed("Definitions", 2) + listed(". Definitions", 2) + listed("spaced", 3)
    assert lines(tmp_path, body, numbering) == [
        "1)tight",
        "Article I Definitions",
        "Article II. Definitions",
        "1. spaced",
    ]


def test_numbers_that_come_with_a_style(tmp_path: Path) -> None:
    styles = (
        '<w:style w:type="paragraph" w:styleId="H1"><w:name w:val="heading 1"/><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
        '<w:style w:type="paragraph" w:styleId="H2"><w:name w:val="heading 2"/><w:basedOn w:val="H1"/><w:pPr><w:numPr><w:ilvl w:val="1"/></w:numPr></w:pPr></w:style>'
        '<w:style w:type="paragraph" w:styleId="Tied"><w:name w:val="Clause 3"/><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
    )
    numbering = lists(
        level(0, "decimal", "%1.")
        + level(1, "decimal", "%1.%2")
        + level(2, "lowerLetter", "(%3)", more='<w:pStyle w:val="Tied"/>')
    )
    body = "".join(paragraph(s, f'<w:pStyle w:val="{s}"/>') for s in ("H1", "H2", "Tied", "Tied", "H2"))
    body += paragraph("off", '<w:pStyle w:val="H1"/><w:numPr><w:numId w:val="0"/></w:numPr>')
    assert lines(tmp_path, body, numbering, styles) == ["1. H1", "1.1 H2", "(a) Tied", "(b) Tied", "1.2 H2", "off"]


def test_levels_taken_from_a_list_style(tmp_path: Path) -> None:
    styles = '<w:style w:type="numbering" w:styleId="Legal"><w:name w:val="Legal"/><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
    numbering = lists(
        '<w:styleLink w:val="Legal"/>' + level(0, "upperLetter", "%1."), '<w:numStyleLink w:val="Legal"/>'
    )
    assert lines(tmp_path, listed("x", 1) + listed("y", 2), numbering, styles) == ["A. x", "B. y"]


def test_bullets_and_pictures_show_one_sign(tmp_path: Path) -> None:
    numbering = lists(level(0, "bullet", "\uf0b7") + level(1, "bullet", "o"))
    file = write_docx(tmp_path / "n.docx", listed("x", 1) + listed("y", 1, 1), numbering=numbering)
    document = read_docx(file, "d")
    assert document.text == "• x\n\n• y" and [b.number for b in document.blocks] == ["", ""]


def test_zero_padded_format_newer_than_the_standard(tmp_path: Path) -> None:
    padded = (
        '<w:lvl w:ilvl="0"><w:start w:val="1"/><mc:AlternateContent><mc:Choice Requires="w14"><w:numFmt w:val="custom" '
        'w:format="001, 002, 003, ..."/></mc:Choice><mc:Fallback><w:numFmt w:val="decimal"/></mc:Fallback>'
        '</mc:AlternateContent><w:lvlText w:val="%1"/></w:lvl>'
    )
    assert lines(tmp_path, listed("x", 1), lists(padded)) == ["001 x"]


@pytest.mark.parametrize(
    ("number", "form", "shown"),
    [
        *(
            (4, "lowerRoman", "iv"),
            (1999, "upperRoman", "MCMXCIX"),
            (26, "lowerLetter", "z"),
            (27, "upperLetter", "AA"),
        ),
        *((3, "decimalZero", "03"), (12, "decimalZero", "12"), (22, "ordinal", "22nd"), (11, "ordinal", "11th")),
        *((21, "cardinalText", "Twenty-one"), (20, "ordinalText", "Twentieth"), (32, "ordinalText", "Thirty-second")),
        *(
            (12, "chineseCounting", "十二"),
            (105, "chineseCountingThousand", "一百零五"),
            (20, "japaneseCounting", "二十"),
        ),
        *((3, "decimalEnclosedCircle", "③"), (7, "none", ""), (7, "unheardOf", "7"), (0, "upperRoman", "0")),
    ],
)
def test_number_formats(number: int, form: str, shown: str) -> None:
    assert formatted(number, form) == shown


def test_libreoffice_shows_the_same_numbers(tmp_path: Path) -> None:
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice is not installed: apt-get install libreoffice-writer-nogui")
    nums = '<w:num w:numId="3"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride></w:num>'
    # LibreOffice leaves out w:isLgl, so the levels here do without it.
    plain = LEGAL.replace("<w:isLgl/>", "")
    numbering = lists(
        plain, level(0, "decimal", "%1.") + level(1, "decimal", "%1.%2.") + level(2, "lowerLetter", "(%3)"), nums=nums
    )
    body = "".join(listed(f"w{i}", 1, at) for i, at in enumerate([0, 1, 2, 2, 3, 3, 1, 0, 1, 1, 2]))
    body += paragraph("plain")
    body += "".join(listed(f"v{i}", 2, at) for i, at in enumerate([0, 1, 1, 2, 0, 1, 2, 2]))
    body += "".join(listed(f"u{i}", 3, at) for i, at in enumerate([0, 1, 0]))
    file = write_docx(tmp_path / "n.docx", body, numbering=numbering, styles="")
    subprocess.run(
        [
            *(office, "--headless", f"-env:UserInstallation=file://{tmp_path}/profile"),
            *("--convert-to", "txt:Text (encoded):UTF8", "--outdir", str(tmp_path), str(file)),
        ],
        check=True,
        capture_output=True,
        timeout=240,
    )
    exported = (tmp_path / "n.txt").read_text(encoding="utf-8-sig").split("\n")
    ours = read_docx(file, "d").text.split("\n\n")
    assert [" ".join(line.split()) for line in exported if line.strip()] == ours

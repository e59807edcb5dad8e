"""Plain text and Markdown: paragraphs come out whole, titles and tables line by line, pages without their marks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsapp.core.errors import InputError
from dsapp.finance.document import Document, Places, Unread
from dsapp.finance.reading import require_words
from dsapp.finance.reading.text import read_text
from dsapp.finance.review import review


def read(tmp_path: Path, text: str | bytes, fmt: str = "txt") -> Document:
    file = tmp_path / f"contract.{fmt}"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_text(file, "d", "md" if fmt == "md" else "txt")


def parts(document: Document) -> list[str]:
    return document.text.split("\n\n")


WRAPPED = """\
                              SERVICES AGREEMENT
                                   between
                                  ACME GMBH

     This agreement is made by the parties named above, and each of them has
read it before signing it, so that nobody can say later that it was too long.
     1. Services. The Supplier performs the services that the order form de-
scribes, with the care of an honest merchant and under a non-
compete undertaking.
(a) on time;
(b) in full; and
(c) at the fees agreed.

By: ____________________
Name: Erika Muster
Title: Director
"""


def test_wrapped_text_becomes_paragraphs_and_keeps_titles_and_signatures_by_line(tmp_path: Path) -> None:
    assert parts(read(tmp_path, WRAPPED)) == [
        "SERVICES AGREEMENT\nbetween\nACME GMBH",
        "This agreement is made by the parties named above, and each of them has read it before signing it, so that nobody "
        "can say later that it was too long.",
        "1. Services. The Supplier performs the services that the order form describes, with the care of an honest merchant "
        "and under a non-compete undertaking.",
        *("(a) on time;", "(b) in full; and", "(c) at the fees agreed."),
        "By: ____________________\nName: Erika Muster\nTitle: Director",
    ]


def test_one_paragraph_a_line(tmp_path: Path) -> None:
    long = "The Supplier shall perform the services with   care and deliver every month what the order form names. " * 3
    text = f"AGREEMENT\n\n1. {long}\n2. {long}\n\nSincerely,\nErika Muster\n"
    one = " ".join(long.split())
    assert parts(read(tmp_path, text)) == ["AGREEMENT", f"1. {one}", f"2. {one}", "Sincerely,\nErika Muster"]


def test_every_character_keeps_its_line_and_offset(tmp_path: Path) -> None:
    document = read(tmp_path, WRAPPED)
    lines = WRAPPED.split("\n")
    for word in ("ACME", "read it before", "scribes", "compete", "(b)", "Muster"):
        at = document.text.index(word)
        (place,) = document.places.of(at, at + len(word))
        assert place.paragraph is not None and place.offset is not None
        assert lines[place.paragraph][place.offset :].startswith(word)


def test_tables_stay_rows(tmp_path: Path) -> None:
    text = "Prices are these.\n\nItem            Fee       Unit\nSupport         $100      month\nTraining        $2,000    day\n\nEnd."
    document = read(tmp_path, text)
    assert [b.kind for b in document.blocks] == ["paragraph", "table_row", "table_row", "table_row", "paragraph"]
    assert parts(document)[1].split("\n")[1] == "Support    $100    month"


def test_contents_and_rules_stay_lines(tmp_path: Path) -> None:
    entries = [f"{n}. {'Clause ' * n}{'.' * (70 - 7 * n)} {n}" for n in range(1, 5)]
    text = (
        "\n".join(entries)
        + "\n\nHeading\n"
        + "-" * 72
        + "\n"
        + "The Supplier performs the services that the order form names with care\nand on time.\n"
    )
    document = read(tmp_path, text)
    assert parts(document)[0].split("\n") == entries
    assert parts(document)[1].split("\n")[:2] == ["Heading", "-" * 72]


def test_clause_number_with_a_wide_gap_is_no_table(tmp_path: Path) -> None:
    text = "1.      Term. Two years.\n\n(a)     First.\n(b)     Second.\n"
    assert parts(read(tmp_path, text)) == ["1. Term. Two years.", "(a) First.", "(b) Second."]


def pages(numbers: range, number: str, header: str = "", footer: str = "") -> str:
    body = "The Supplier shall perform all of the services with care and on time. " * 8
    return "".join(
        f"Section {n}{n}. {body}\n\nThe Customer of {'x' * n} shall\n\n{number.format(n)}\n{footer}\f{header}\n"
        f"pay the fees of item {'i' * n}.\n\n"
        for n in numbers
    )


@pytest.mark.parametrize(
    "number", ["{}", "- {} -", "Page {} of 9", "                                   {}", "<PAGE> {}"]
)
def test_page_numbers_go_and_sentences_are_joined(tmp_path: Path, number: str) -> None:
    document = read(tmp_path, pages(range(1, 6), number))
    assert sum(document.removed.values()) == 5
    assert "The Customer of xxx shall pay the fees of item iii." in document.text


def test_running_headers_footers_and_filing_notes_go(tmp_path: Path) -> None:
    text = pages(range(1, 6), "{}", "Acme master agreement", "Source: ACME INC., 10-K, 3/1/2020\n")
    document = read(tmp_path, text)
    assert document.removed == {"filing note": 5, "page number": 5, "running header": 5}
    assert "Acme" not in document.text and "ACME" not in document.text


def test_numbers_that_are_no_page_numbers_stay(tmp_path: Path) -> None:
    clauses = "".join(
        f"{n}\n\nThe Supplier shall do the thing number {'i' * n} with care. {'More of it. ' * 40}\n\n"
        for n in range(1, 6)
    )
    document = read(tmp_path, clauses)
    assert not document.removed
    assert [part for part in parts(document) if part.isdigit()] == ["1", "2", "3", "4", "5"]
    amounts = "The fee in euros is\n\n500\n\nThe deposit in euros is\n\n900\n"
    assert "500" in read(tmp_path, amounts).text


def test_numbered_exhibits_at_page_tops_stay(tmp_path: Path) -> None:
    text = "".join(
        f"\fExhibit {n}\n\nText of the exhibit {'i' * n}, with some words in it.\n\nLast line {'i' * n}.\n"
        for n in range(1, 6)
    )
    document = read(tmp_path, text)
    assert all(f"Exhibit {n}" in document.text for n in range(1, 6))


def test_page_number_run_into_the_last_line(tmp_path: Path) -> None:
    body = "The Supplier shall perform the services with care. " * 10
    text = "".join(f"{body}and {'i' * n} is due {n}\n\nSource: ACME, 8-K, 1/2/2020\n\n\n\n\n\n" for n in range(1, 5))
    document = read(tmp_path, text)
    assert document.removed["page number"] == 4
    assert "and ii is due\n\n" in document.text


def test_filing_tags_go(tmp_path: Path) -> None:
    text = "<PAGE>\n\n<TABLE>\n<CAPTION>\nItem  Fee\n<S>   <C>\nA     5\n</TABLE>\n\nText."
    document = read(tmp_path, text)
    assert parts(document) == ["Item Fee\nA    5", "Text."]
    assert document.removed["markup tag"] == 4 and document.removed["page tag"] == 1


def test_redactions_stay_as_they_are(tmp_path: Path) -> None:
    text = "The fee is [***] per month, payable by ____ to [*].\n\nRate: $______\n"
    assert parts(read(tmp_path, text)) == ["The fee is [***] per month, payable by ____ to [*].", "Rate: $______"]


def test_line_ends_that_became_spaces_leave_whole_words(tmp_path: Path) -> None:
    text = "A non- exclusive and non-        transferable licence for short- and long-term use of the agree- ment.\n\nagreement\n"
    assert parts(read(tmp_path, text))[0] == (
        "A non-exclusive and non-transferable licence for short- and long-term use of the agreement."
    )


@pytest.mark.parametrize(
    ("content", "encoding", "noted"),
    [
        ("Über 5 € – “so”".encode(), "utf-8", False),
        ("\ufeffÜber 5 € – “so”".encode(), "utf-8", False),
        ("Über 5 € – “so”".encode("utf-16"), "utf-16-le", False),
        ("Über 5 € – “so”".encode("utf-16-be"), "utf-16-be", True),
        ("Über 5 € – “so”".encode("utf-32"), "utf-32-le", False),
        ("Über 5 € – “so”".encode("cp1252"), "cp1252", True),
    ],
)
def test_encodings(tmp_path: Path, content: bytes, encoding: str, noted: bool) -> None:
    document = read(tmp_path, content)
    assert document.text == "Über 5 € – “so”"
    assert document.metadata["encoding"] == encoding
    assert bool(document.notes) is noted


def test_a_character_cut_at_the_end_of_the_file_does_not_change_the_encoding(tmp_path: Path) -> None:
    document = read(tmp_path, ("Größe, Maß, süß, Öl, Tür " * 3 + "ü").encode()[:-1])
    assert document.text.startswith("Größe") and document.metadata["encoding"] == "utf-8"
    assert any("broken" in note for note in document.notes)


def test_line_ends_of_all_systems_and_right_to_left_text(tmp_path: Path) -> None:
    document = read(tmp_path, "One.\r\n\r\nהסכם 👩‍⚖️ عقد\r\rThree.")
    assert parts(document) == ["One.", "הסכם 👩‍⚖️ عقد", "Three."]


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=st.sampled_from("ab1 -.\n\n\t\f(ü)"), max_size=200))
def test_no_letter_or_digit_is_lost_or_invented(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    from dsapp.finance.reading.text_furniture import lines_of, mark_furniture

    file = tmp_path_factory.mktemp("h") / "a.txt"
    file.write_bytes(text.encode())
    lines = lines_of(text)
    whole = [line.text for line in lines]
    mark_furniture(lines)
    kept = "".join("" if line.removed else line.text for line in lines)
    assert all(before.startswith(line.text) for before, line in zip(whole, lines, strict=True))
    try:
        document = read_text(file, "d", "txt")
    except InputError as error:
        assert error.code in ("empty", "no_text")
        assert not kept.strip()
        return
    assert [c for c in document.text if c.isalnum()] == [c for c in kept if c.isalnum()]
    source = text.replace("\r\n", "\n").split("\n")
    for block in document.blocks:
        (place,) = document.places.of(block.start, block.start + 1)
        assert source[place.paragraph or 0][place.offset or 0] == document.text[block.start]


# Markdown


def test_markdown_blocks(tmp_path: Path) -> None:
    text = (
        "# Lease\n\nThe *tenant* pays\n**rent**.  \nMonthly.\n\n3. three\n4. four\n   - dot\n\n> quoted\n\n"
        "| Item | Fee |\n|---|---|\n| Heat | $5 |\n| | |\n\n```\ncode  x\n```\n\nSee [here](http://x) and `f`.\n"
    )
    document = read(tmp_path, text, "md")
    assert [(b.kind, b.level, b.number, document.text[b.start : b.end]) for b in document.blocks] == [
        ("heading", 1, "", "Lease"),
        ("paragraph", None, "", "The tenant pays rent.\nMonthly."),
        ("list_item", 1, "3.", "3. three"),
        ("list_item", 1, "4.", "4. four"),
        ("list_item", 2, "", "• dot"),
        ("paragraph", None, "", "quoted"),
        ("table_row", None, "", "Item | Fee"),
        ("table_row", None, "", "Heat | $5"),
        ("paragraph", None, "", "code x"),
        ("paragraph", None, "", "See here and f."),
    ]
    at = document.text.index("rent")
    (place,) = document.places.of(at, at + 4)
    assert (place.paragraph, place.offset) == (3, 2)


def test_markdown_html_and_pictures_are_noted(tmp_path: Path) -> None:
    document = read(tmp_path, "Text <b>bold</b>\n\n<div>inside</div>\n\n![a plan](x.png)\n", "md")
    assert parts(document) == ["Text bold", "inside", "a plan"]
    assert len(document.notes) == 2


SHORT_NOTICE = (
    "Brackwater Foods Ltd hereby gives Ostrander Logistics Inc. notice that it ends the lease of the cold store in Hull "
    "dated 3 March 2024 on 30 June 2026. The keys will be handed over on that day. Signed, J. Pell, director."
)


@pytest.mark.parametrize(
    "text",
    [
        "a",
        "x\n",
        "12 345.00 67 % 8-9",
        "Annex A",
        "* * *",
        "Exhibit 10.2 to the Services Agreement, intentionally omitted.",
    ],
)
def test_a_file_of_next_to_no_words_is_not_reviewed(tmp_path: Path, text: str) -> None:
    file = tmp_path / "a.txt"
    file.write_text(text)
    with pytest.raises(InputError, match=r"a\.txt holds (no words|\d+ words?): too little") as caught:
        review(file)
    assert caught.value.code == "no_text" and caught.value.remedy


@pytest.mark.parametrize("text", [SHORT_NOTICE, "甲方应在收到发票后三十日内向乙方支付全部款项。本合同受中国法律管辖。"])
def test_a_short_notice_is_reviewed(tmp_path: Path, text: str) -> None:
    file = tmp_path / "a.txt"
    file.write_text(text, encoding="utf-8")
    assert review(file).document.text == text


def test_a_cover_page_before_what_was_not_read_is_not_reviewed_and_says_why() -> None:
    cover = Document("a.pdf", "pdf", "", "Master lease", (), Places(np.zeros(0, dtype=np.int64)), num_pages=9)
    cover = replace(cover, unread=(Unread("pages 2-9", "no_text", "the page is a picture", "run text recognition"),))
    with pytest.raises(InputError, match=r"2 words.*not read: pages 2-9") as caught:
        require_words(cover)
    assert caught.value.remedy == "run text recognition"

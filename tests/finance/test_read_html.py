"""HTML is read as a browser shows it; the marks of printed pages in EDGAR's files are taken away."""

from __future__ import annotations

from pathlib import Path

import pytest

from dsapp.finance.document import Document, original_view
from dsapp.finance.reading.html import read_html


def read(tmp_path: Path, html: str | bytes) -> Document:
    file = tmp_path / "page.html"
    file.write_bytes(html if isinstance(html, bytes) else html.encode())
    return read_html(file, "d")


def blocks(document: Document) -> list[tuple[str, str]]:
    return [(block.kind, document.text[block.start : block.end]) for block in document.blocks]


def test_blocks_headings_and_spaces(tmp_path: Path) -> None:
    document = read(
        tmp_path,
        "<html><head><title>Lease</title></head><body><h2>1. Term</h2><p>The  term\nis <b>two</b>&nbsp;years.<p>Rent"
        "<div>due<br>monthly</div><!-- note --></body></html>",
    )
    assert blocks(document) == [
        ("heading", "1. Term"),
        ("paragraph", "The term is two years."),
        ("paragraph", "Rent"),
        ("paragraph", "due\nmonthly"),
    ]
    assert document.blocks[0].level == 2
    assert document.metadata["title"] == "Lease"


def test_lists_show_the_numbers_of_a_browser(tmp_path: Path) -> None:
    document = read(
        tmp_path,
        "<ol start=3><li>c<li value=7>g<ol type=a><li>x<li>y</ol><li>h</ol>"
        "<ol type=I><li>one</ol><ol style='list-style-type: lower-roman'><li>r</ol><ol reversed><li>two<li>one</ol>"
        "<ul><li>dot<ul style='list-style:none'><li>bare</ul></ul><ol start=27 type=A><li>z</ol>",
    )
    assert document.text.split("\n\n") == [
        *("3. c", "7. g", "a. x", "b. y", "8. h", "I. one", "i. r", "2. two", "1. one", "• dot", "bare", "AA. z"),
    ]
    first, nested = document.blocks[0], document.blocks[2]
    assert (first.kind, first.level, first.number) == ("list_item", 1, "3.")
    assert (nested.level, nested.number) == (2, "a.")


def test_tables_as_rows_and_tables_that_only_lay_out(tmp_path: Path) -> None:
    document = read(
        tmp_path,
        "<table><tr><th>Item</th><th>Fee</th></tr><tr><td>Support</td><td>$</td><td>100</td></tr></table>"
        "<table><tr><td>&nbsp;</td><td>(a)</td><td>The Supplier shall deliver.</td></tr></table>"
        "<table><tr><td><p>By: ___</p><p>Name</p><p>Title</p></td><td><p>By: ___</p></td></tr></table>",
    )
    assert document.text.split("\n\n") == [
        *("Item | Fee\nSupport | $100", "(a) The Supplier shall deliver.", "By: ___", "Name", "Title", "By: ___"),
    ]
    assert [b.kind for b in document.blocks[:2]] == ["table_row", "table_row"]


def test_cells_that_span_rows_keep_the_columns(tmp_path: Path) -> None:
    document = read(
        tmp_path,
        "<table><tr><td rowspan=2>Support</td><td>year 1</td><td>$1</td></tr><tr><td>year 2</td><td>$2</td></tr>"
        "<tr><td colspan=3>Total $3</td></tr></table>",
    )
    assert document.text == "Support | year 1 | $1\n| year 2 | $2\n\nTotal $3"


def test_hidden_elements_and_scripts_are_left_out_and_noted(tmp_path: Path) -> None:
    document = read(
        tmp_path,
        "<style>.ghost, p#x {color:red; display:none}</style><script>alert('run')</script><p>Shown</p>"
        "<p style='DISPLAY : none'>one</p><div hidden>two</div><p class='a ghost'>three</p><p id=x>four</p><div id=x>kept</div>",
    )
    assert document.text == "Shown\n\nkept"
    assert document.removed["hidden text"] == 4
    assert any("hidden" in note for note in document.notes) and any("script" in note for note in document.notes)


def test_inserted_and_deleted_text_is_tracked(tmp_path: Path) -> None:
    document = read(
        tmp_path,
        "<p>Pay in <del datetime='2026-03-01'>30</del><ins>60</ins> days.</p><ins><p>New clause.</p></ins><p>End <s>old</s></p>",
    )
    assert document.text == "Pay in 60 days.\n\nNew clause.\n\nEnd old"
    assert original_view(document).text == "Pay in 30 days.\n\nEnd old"
    assert [(c.kind, c.author, c.date, c.text.strip()) for c in document.changes] == [
        ("deletion", "", "2026-03-01", "30"),
        ("insertion", "", "", "60"),
        ("insertion", "", "", "New clause."),
    ]
    assert any("struck" in note for note in document.notes)


def test_places_count_blocks_and_characters(tmp_path: Path) -> None:
    document = read(tmp_path, "<p>First</p><ol><li>some <i>words</i></li></ol>")
    at = document.text.index("words")
    (place,) = document.places.of(at, at + 5)
    assert (place.paragraph, place.offset) == (1, 5)


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("<meta charset=utf-8><p>caffè €</p>".encode(), "utf-8"),
        ("\ufeff<p>caffè €</p>".encode(), "utf-8"),
        ("<p>caffè €</p>".encode("utf-16"), "utf-16-le"),
        ("<meta charset=iso-8859-1><p>caffè €</p>".encode("cp1252"), "cp1252"),
        ("<meta charset=iso-8859-1><p>caffè €</p>".encode(), "utf-8"),
        ("<meta charset='no-such'><p>caffè €</p>".encode("cp1252"), "cp1252"),
        (
            '<meta http-equiv="Content-Type" content="text/html; charset=iso-8859-15"><p>caffè €</p>'.encode(
                "iso-8859-15"
            ),
            "iso-8859-15",
        ),
    ],
)
def test_encodings(tmp_path: Path, content: bytes, encoding: str) -> None:
    document = read(tmp_path, content)
    assert document.text == "caffè €"
    assert document.metadata["encoding"] == encoding


def test_pages_of_a_filing_lose_their_numbers_and_join_their_sentences(tmp_path: Path) -> None:
    filler = "<p>" + "The parties agree to many things in this place. " * 12 + "</p>"
    pages = "".join(
        f"<div><font>{filler}</font><p>The Supplier of {'x' * number} shall</p><p align=center>{number}</p>"
        f"<hr style='page-break-after:always'><p>Acme master agreement</p><p>deliver part {'x' * number}.</p></div>"
        for number in range(1, 6)
    )
    document = read(tmp_path, f"<html><body>{pages}</body></html>")
    assert document.removed["page number"] == 5
    assert document.removed["running header"] == 5
    assert "The Supplier of x shall deliver part x.\n\n" in document.text
    assert "Acme master" not in document.text


def test_preformatted_filing_is_read_as_plain_text(tmp_path: Path) -> None:
    page = "     The Supplier shall deliver the goods to the place that the Customer has\nnamed, within thirty days, at its own cost.\n"
    document = read(tmp_path, f"<html><body><pre>\n{page}\n                     1\n<PAGE>\n{page}</pre></body></html>")
    expected = "The Supplier shall deliver the goods to the place that the Customer has named, within thirty days, at its own cost."
    assert document.text == f"{expected}\n\n{expected}"


def test_form_fields_pictures_and_frames(tmp_path: Path) -> None:
    document = read(
        tmp_path,
        "<p><input type=checkbox checked> yes <input type=checkbox> no <input value='Acme'> <input type=hidden value=h>"
        "<select><option>one<option selected>two</select></p><img src=x width=600 height=800><img src=y><iframe src=z></iframe>"
        "<p>30<sup>2</sup> days, m<sup>th</sup></p>",
    )
    assert document.text == "☒ yes ☐ no Acme two\n\n30² days, mth"
    assert [unread.code for unread in document.unread] == ["picture", "embedded"]
    assert any("2 pictures" in note for note in document.notes)


def test_the_menu_of_a_site_is_no_part_of_the_contract(tmp_path: Path) -> None:
    document = read(
        tmp_path,
        "<nav><a href='/'>Lumen</a> <a href='/pricing'>Pricing</a></nav><h1>Terms</h1><p>You pay monthly.</p>"
        "<nav>The parties shall find their way by <a href='/x'>this map</a> and pay for it.</nav>",
    )
    assert [words for _, words in blocks(document)] == [
        "Terms",
        "You pay monthly.",
        "The parties shall find their way by this map and pay for it.",
    ]
    assert document.removed["navigation"] == 1
    assert any("navigation" in note for note in document.notes)

"""Reading PDF contracts: order, paragraphs, furniture, words at line ends, and where every word stands."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfgen.canvas import Canvas

from dsapp.core.errors import InputError
from dsapp.finance.document import Document
from dsapp.finance.reading import read

PROSE = (
    "The Supplier shall deliver the goods to the warehouse that the Customer names in its order and shall bear the risk"
    " of loss until a person authorised by the Customer has signed for them. Where a delivery is late by more than ten"
    " days the Customer may refuse it and recover what it has paid, together with the cost of buying like goods from"
    " another source, unless the delay was caused by an event that neither side could have foreseen or avoided."
)
OTHER = (
    "Each party keeps secret what it learns about the business of the other and uses it for nothing but this work. The"
    " duty ends five years after the last invoice has been paid, save that it never ends for trade secrets and for the"
    " names of patients. A court order that asks for such a secret must be shown to its owner before it is obeyed, so"
    " that the owner may oppose it in time and at its own expense before the competent judge."
)


def wrapped(text: str, width: float, font: str = "Times-Roman", size: float = 10) -> list[str]:
    lines, line = [], ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if line and pdfmetrics.stringWidth(longer, font, size) > width:
            lines.append(line)
            line = word
        else:
            line = longer
    return [*lines, line]


def prose(canvas: Canvas, text: str, x: float, y: float, width: float, *, size: float = 10, lead: float = 12) -> float:
    """Set a paragraph; returns the baseline below it."""
    canvas.setFont("Times-Roman", size)
    for line in wrapped(text, width, size=size):
        canvas.drawString(x, y, line)
        y -= lead
    return y


def made(path: Path, *pages, **options) -> Path:
    canvas = Canvas(str(path), pagesize=A4, invariant=True, **options)
    for number, draw in enumerate(pages, 1):
        canvas.setFont("Times-Roman", 10)
        draw(canvas, number)
        canvas.showPage()
    canvas.save()
    return path


def paragraphs_of(document: Document) -> list[str]:
    return document.text.split("\n\n")


def test_lines_become_paragraphs(tmp_path):
    def page(canvas, number):
        y = prose(canvas, "1. " + PROSE, 72, 760, 450)
        y = prose(canvas, "2. " + OTHER, 72, y - 10, 450)
        prose(canvas, "(a) " + PROSE, 90, y, 430)

    document = read(made(tmp_path / "a.pdf", page))
    assert paragraphs_of(document) == ["1. " + PROSE, "2. " + OTHER, "(a) " + PROSE]
    assert [block.number for block in document.blocks] == ["1.", "2.", "(a)"]
    assert document.format == "pdf" and document.num_pages == 1 and document.unread == ()


def test_first_line_indents_and_hanging_numbers_divide_paragraphs(tmp_path):
    def page(canvas, number):
        y = 760.0
        for text in (PROSE, OTHER):
            first = wrapped(text, 376)[0]
            canvas.drawString(96, y, first)
            y = prose(canvas, text[len(first) :], 72, y - 12, 400)
        for number_, text in (("1.1", OTHER), ("1.2", PROSE)):
            canvas.drawString(72, y, number_)
            y = prose(canvas, text, 108, y, 400)

    document = read(made(tmp_path / "a.pdf", page))
    assert paragraphs_of(document) == [PROSE, OTHER, "1.1 " + OTHER, "1.2 " + PROSE]


def test_a_reference_at_the_start_of_a_line_begins_nothing(tmp_path):
    def page(canvas, number):
        lines = ["The fee is due as set out in this agreement and as it is further described in Section", "9.2 above, and the rest is due when the work that is named in it has been accepted by", "(a) the Customer or"]  # fmt: skip
        for i, line in enumerate(lines):
            canvas.drawString(72, 760 - 12 * i, line)

    document = read(made(tmp_path / "a.pdf", page))
    assert "Section 9.2 above" in document.text


def test_two_columns_are_read_one_after_the_other(tmp_path):
    def page(canvas, number):
        canvas.setFont("Times-Bold", 14)
        canvas.drawCentredString(297, 790, "TERMS OF SALE")
        prose(canvas, PROSE, 60, 760, 225)
        prose(canvas, OTHER, 310, 755, 225)
        prose(canvas, "These terms are part of every order.", 60, 500, 470)

    document = read(made(tmp_path / "a.pdf", page))
    assert paragraphs_of(document) == ["TERMS OF SALE", PROSE, OTHER, "These terms are part of every order."]
    assert document.blocks[0].kind == "heading"


def test_a_signature_block_below_columns_is_read_after_them(tmp_path):
    def page(canvas, number):
        y = min(prose(canvas, PROSE, 60, 760, 225), prose(canvas, OTHER, 310, 760, 225)) - 12
        for i, (a, b) in enumerate((("Signed:", ""), ("Alpha Ltd", "Beta Inc"), ("By: ________", "By: ________"))):
            canvas.drawString(60, y - 14 * i, a)
            canvas.drawString(310, y - 14 * i, b)

    document = read(made(tmp_path / "a.pdf", page))
    assert paragraphs_of(document)[:2] == [PROSE, OTHER]
    assert "Alpha Ltd    Beta Inc\nBy: ________    By: ________" in document.text


def test_three_columns_and_a_sentence_that_goes_on_in_the_next(tmp_path):
    words = f"{PROSE} {OTHER}"
    lines = wrapped(words, 150)

    def page(canvas, number):
        third = -(-len(lines) // 3)
        for column in range(3):
            for i, line in enumerate(lines[column * third : (column + 1) * third]):
                canvas.drawString(50 + 170 * column, 760 - 12 * i, line)

    document = read(made(tmp_path / "a.pdf", page))
    assert " ".join(document.text.split()) == words


def test_a_table_keeps_its_rows(tmp_path):
    rows = [("Item", "Quantity", "Price"), ("Pump housing", "12", "EUR 340.00"), ("Valve", "8", "EUR 95.50"), ("Gasket, large", "100", "EUR 4.20"), ("Seal kit", "4", "EUR 61.00")]  # fmt: skip

    def page(canvas, number):
        y = prose(canvas, PROSE, 72, 760, 450) - 14
        for row in rows:
            for x, cell in zip((72, 260, 400), row, strict=True):
                canvas.drawString(x, y, cell)
            y -= 14
        prose(canvas, OTHER, 72, y - 14, 450)

    document = read(made(tmp_path / "a.pdf", page))
    assert paragraphs_of(document)[1] == "\n".join("    ".join(row) for row in rows)
    in_rows = [document.text[b.start : b.end] for b in document.blocks if b.kind == "table_row"]
    assert in_rows == ["    ".join(row) for row in rows]


def ruled(canvas: Canvas, rows: list[list[str]], widths: list[float], *, top: float = 700, cell_height: float = 40):
    """A table with all its lines, words wrapped in the cells; '' joins a cell with the one at its left."""
    for r, row in enumerate(rows):
        x, y = 60.0, top - r * cell_height
        canvas.line(x, y, x + sum(widths), y)
        for c, (cell, width) in enumerate(zip(row, widths, strict=True)):
            if cell or c == 0:
                canvas.line(x, y, x, y - cell_height)
            if cell:
                joined = next((i for i, text in enumerate(row[c + 1 :]) if text), len(row) - c - 1)
                prose(canvas, cell, x + 4, y - 12, sum(widths[c : c + 1 + joined]) - 8)
            x += width
        canvas.line(x, y, x, y - cell_height)
    bottom = top - len(rows) * cell_height
    canvas.line(60, bottom, 60 + sum(widths), bottom)


def test_cells_that_wrap_stay_whole_in_a_ruled_table(tmp_path):
    rows = [
        ["No.", "What the Supplier delivers under this order", "Price"],
        ["1", "Pump housings of cast iron, tested and painted blue", "EUR 340.00 each, freight paid"],
        ["2", "Valves", "EUR 95.50"],
        ["All prices are net and hold until the end of the year.", "", ""],
    ]

    def page(canvas, number):
        prose(canvas, PROSE, 60, 780, 450)
        ruled(canvas, rows, [40, 130, 100])
        prose(canvas, OTHER, 60, 480, 450)

    document = read(made(tmp_path / "a.pdf", page))
    shown = ["    ".join(cell for cell in row if cell) for row in rows]
    assert paragraphs_of(document) == [PROSE, "\n".join(shown), OTHER]
    assert [document.text[b.start : b.end] for b in document.blocks if b.kind == "table_row"] == shown


def test_long_cells_of_a_ruled_table_are_paragraphs(tmp_path):
    def page(canvas, number):
        ruled(canvas, [[PROSE, OTHER], ["Alpha", "Beta"]], [200, 220], cell_height=150)

    document = read(made(tmp_path / "a.pdf", page))
    assert paragraphs_of(document) == [PROSE, OTHER, "Alpha    Beta"]


def test_a_frame_around_text_is_no_table(tmp_path):
    def page(canvas, number):
        canvas.rect(50, 400, 480, 390)
        prose(canvas, PROSE, 60, 760, 450)
        canvas.line(60, 600, 300, 600)
        prose(canvas, OTHER, 60, 580, 450)

    assert paragraphs_of(read(made(tmp_path / "a.pdf", page))) == [PROSE, OTHER]


def test_a_table_of_prose_is_read_cell_by_cell(tmp_path):
    left = [sentence + "." for sentence in PROSE.rstrip(".").split(". ")]
    right = [sentence + "." for sentence in OTHER.rstrip(".").split(". ")]

    def page(canvas, number):
        y = 760.0
        for a, b in zip(left + left, right + right[:1], strict=True):
            y = min(prose(canvas, a, 60, y, 225), prose(canvas, b, 310, y, 225)) - 14

    document = read(made(tmp_path / "a.pdf", page))
    cells = [cell for pair in zip(left + left, right + right[:1], strict=True) for cell in pair]
    assert paragraphs_of(document) == cells


def test_a_signature_block_keeps_its_rows(tmp_path):
    def page(canvas, number):
        prose(canvas, PROSE, 72, 760, 450)
        for i, (a, b) in enumerate([("ALPHA TOOLS LTD", "BETA FOODS INC"), ("By: ________________", "By: ________________"), ("Name: Ann Lee", "Name: Bo Wen"), ("Title: Director", "Title: President"), ("Date: 3 May 2024", "Date: 4 May 2024")]):  # fmt: skip
            canvas.drawString(72, 600 - 18 * i, a)
            canvas.drawString(320, 600 - 18 * i, b)

    document = read(made(tmp_path / "a.pdf", page))
    assert "Name: Ann Lee    Name: Bo Wen" in document.text
    assert "By: ________________    By: ________________" in document.text


def test_words_broken_at_a_line_end(tmp_path):
    lines = ["The Employee signs a non-compete and every amend-", "ment of it. Royalty-bearing sales and a non-", "compete survive, as do royalty-", "bearing licences for the years 2020-", "2024 and any one-time fee, together with Smith-", "Jones rules and a soft\u00ad", "ened duty."]  # fmt: skip

    def page(canvas, number):
        for i, line in enumerate(lines):
            canvas.drawString(72, 760 - 12 * i, line)

    document = read(made(tmp_path / "a.pdf", page))
    text = " ".join(document.text.split())
    for word in ("every amendment of", "a non-compete survive", "do royalty-bearing", "2020-2024", "Smith-Jones", "softened duty"):  # fmt: skip
        assert word in text
    assert document.removed["hyphen at a line end"] == 2


def test_running_headers_footers_and_page_numbers_go(tmp_path):
    def page(canvas, number):
        canvas.drawString(72, 810, "Framework Agreement - Confidential")
        canvas.drawString(72, 30, "Source: ALPHA TOOLS LTD, 10-K, 3/1/2021")
        canvas.drawCentredString(297, 44, f"Page {number} of 4")
        prose(canvas, f"{number}. " + (PROSE if number % 2 else OTHER), 72, 700, 450)

    document = read(made(tmp_path / "a.pdf", *[page] * 4))
    assert paragraphs_of(document) == ["1. " + PROSE, "2. " + OTHER, "3. " + PROSE, "4. " + OTHER]
    assert document.removed == {"running header": 4, "page number": 4, "filing note": 4}


def test_bare_page_numbers_go_and_other_numbers_stay(tmp_path):
    def page(canvas, number):
        canvas.drawCentredString(297, 30, f"- {number + 2} -")
        canvas.drawString(72, 790, str(100 * number))
        prose(canvas, PROSE, 72, 700, 450)

    document = read(made(tmp_path / "a.pdf", *[page] * 3))
    assert document.removed["page number"] == 3
    assert "200" in document.text and "- 4 -" not in document.text


def test_repeated_signature_lines_are_not_headers(tmp_path):
    def page(canvas, number):
        canvas.drawString(72, 800, "AGREED TO AND ACCEPTED by the undersigned")
        canvas.drawString(72, 60, "By: ____________________")
        prose(canvas, PROSE, 72, 700, 450)

    document = read(made(tmp_path / "a.pdf", *[page] * 5))
    assert document.text.count("By: ____________________") == 5
    assert document.text.count("AGREED TO AND ACCEPTED") == 5


def test_copies_of_one_form_keep_their_edges(tmp_path):
    def page(canvas, number):
        y = prose(canvas, PROSE, 72, 800, 450)
        y = prose(canvas, OTHER, 72, y - 10, 450)
        prose(canvas, PROSE, 72, 100, 450)
        canvas.drawCentredString(297, 20, f"Page {number}")

    document = read(made(tmp_path / "a.pdf", *[page] * 6))
    assert document.text.count(OTHER) == 6 and document.text.count(PROSE) == 12
    assert document.removed == {"page number": 6}


def test_a_repeated_first_line_without_a_gap_is_text(tmp_path):
    def page(canvas, number):
        body = OTHER if number % 2 else PROSE + " " + PROSE
        prose(
            canvas,
            "The parties to this agreement have furthermore and in addition agreed as set out below: " + body,
            72,
            800,
            450,
        )

    document = read(made(tmp_path / "a.pdf", *[page] * 4))
    assert document.text.count("furthermore") == 4 and document.removed == {}


def test_a_paragraph_goes_on_over_the_page(tmp_path):
    lines = wrapped(PROSE, 450)

    def page(canvas, number):
        canvas.drawCentredString(297, 30, str(number))
        part = lines[:2] if number == 1 else lines[2:]
        for i, line in enumerate(part):
            canvas.drawString(72, 80 - 12 * i if number == 1 else 780 - 12 * i, line)

    document = read(made(tmp_path / "a.pdf", page, page))
    assert paragraphs_of(document) == [PROSE]
    at = document.text.index("person authorised")
    assert {place.page for place in document.places.of(0, len(document.text))} == {1, 2}
    assert document.places.page(at) in (1, 2)


def test_footnotes_do_not_break_the_sentence_above_them(tmp_path):
    lines = wrapped(PROSE, 450)

    def page(canvas, number):
        part = lines[:2] if number == 1 else lines[2:]
        for i, line in enumerate(part):
            canvas.drawString(72, 120 - 12 * i if number == 1 else 780 - 12 * i, line)
        if number == 2:
            prose(canvas, PROSE, 72, 700, 450)
        else:
            prose(canvas, "1 Goods are those of the list that the Customer has signed.", 72, 80, 450, size=8, lead=10)
            prose(canvas, "2 " + OTHER, 72, 70, 450, size=8, lead=10)

    document = read(made(tmp_path / "a.pdf", page, page))
    assert paragraphs_of(document) == [
        PROSE,
        "1 Goods are those of the list that the Customer has signed.",
        "2 " + OTHER,
        PROSE,
    ]
    assert [(block.kind, block.number) for block in document.blocks][1:3] == [("footnote", "1"), ("footnote", "2")]


def test_every_word_is_found_where_the_page_shows_it(tmp_path):
    """Each word's box, cut out of the drawn page, holds ink; just left of a line there is none."""
    import pypdfium2

    def page(canvas, number):
        prose(canvas, PROSE, 72, 760, 225)
        prose(canvas, OTHER, 320, 700, 225)

    path = made(tmp_path / "a.pdf", page)
    document = read(path)
    grey = pypdfium2.PdfDocument(path)[0].render(scale=2, grayscale=True).to_numpy().reshape(-1, round(A4[0] * 2))
    for match in re.finditer(r"\w+", document.text):
        (place,) = document.places.of(match.start(), match.end())
        x0, y0, x1, y1 = place.box
        rows = slice(round((A4[1] - y1) * 2), round((A4[1] - y0) * 2))
        assert (grey[rows, round(x0 * 2) : round(x1 * 2)] < 128).any(), match.group()
    first = document.places.of(0, 3)[0].box
    assert first[0] == pytest.approx(72, abs=1) and first[1] < 760 < first[3]


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_a_rotated_page_reads_like_an_upright_one(tmp_path, rotation):
    """The page is drawn turned and its /Rotate turns it back: boxes are those that the reader sees."""
    width, height = A4

    def page(canvas, number):
        if rotation == 90:
            canvas.translate(height, 0)
        elif rotation == 180:
            canvas.translate(width, height)
        else:
            canvas.translate(0, width)
        canvas.rotate(rotation)
        prose(canvas, PROSE, 72, 760, 450)

    path = tmp_path / "a.pdf"
    size = A4 if rotation == 180 else (A4[1], A4[0])
    canvas = Canvas(str(path), pagesize=size, invariant=True)
    page(canvas, 1)
    canvas.showPage()
    canvas.save()
    turned = path.read_bytes().replace(b"/Rotate 0", b"/Rotate %d" % rotation)
    assert turned != path.read_bytes()
    path.write_bytes(turned)
    document = read(path)
    assert document.text == PROSE
    box = document.places.of(0, 3)[0].box
    assert box[0] == pytest.approx(72, abs=1) and box[1] < 760 < box[3]


def test_text_up_the_margin_and_watermarks_do_not_break_sentences(tmp_path):
    def page(canvas, number):
        prose(canvas, PROSE, 90, 760, 400)
        canvas.saveState()
        canvas.rotate(90)
        canvas.drawString(400, -40, "Filed 2021")
        canvas.restoreState()
        canvas.saveState()
        canvas.rotate(45)
        canvas.setFont("Times-Roman", 60)
        canvas.drawString(400, 200, "DRAFT")
        canvas.restoreState()

    document = read(made(tmp_path / "a.pdf", page))
    assert paragraphs_of(document) == [PROSE, "Filed 2021"]
    assert document.removed["slanted text"] == 5


def test_hidden_words_are_left_out_and_said(tmp_path):
    def page(canvas, number):
        prose(canvas, PROSE, 72, 760, 450)
        canvas.setFillGray(1)
        canvas.drawString(72, 600, "The fee doubles every month")
        canvas.setFillGray(0)
        canvas.rect(72, 500, 300, 20, fill=1)
        canvas.setFillGray(1)
        canvas.drawString(80, 506, "White on black is seen")

    document = read(made(tmp_path / "a.pdf", page))
    assert "doubles" not in document.text and "White on black is seen" in document.text
    assert document.removed["invisible word"] == 5
    assert any("not visible" in note for note in document.notes)


def test_more_hidden_words_than_visible_ones_do_not_hide_the_page(tmp_path):
    def page(canvas, number):
        canvas.drawString(72, 760, "The rent is 900 euros a month.")
        canvas.setFillGray(1)
        prose(canvas, PROSE, 72, 700, 450)

    document = read(made(tmp_path / "a.pdf", page))
    assert document.text == "The rent is 900 euros a month." and document.unread == ()
    assert document.removed["invisible word"] == len(PROSE.split())


def test_a_page_of_hidden_words_only_is_not_read(tmp_path):
    def page(canvas, number):
        canvas.setFillGray(1)
        prose(canvas, PROSE, 72, 700, 450)

    with pytest.raises(InputError) as caught:
        read(made(tmp_path / "a.pdf", page))
    assert caught.value.code == "text_unfit"


def test_lines_kept_apart_stay_apart(tmp_path):
    def page(canvas, number):
        prose(canvas, PROSE, 72, 760, 450)
        for i, line in enumerate(["Alpha Tools Ltd", "12 Mill Road", "Leeds LS1 4AB"]):
            canvas.drawString(72, 640 - 12 * i, line)

    document = read(made(tmp_path / "a.pdf", page))
    assert paragraphs_of(document)[1] == "Alpha Tools Ltd\n12 Mill Road\nLeeds LS1 4AB"


def test_blocks_cover_the_text_in_order(tmp_path):
    def page(canvas, number):
        y = prose(canvas, "1. " + PROSE, 72, 760, 450)
        prose(canvas, OTHER, 72, y - 10, 450)

    document = read(made(tmp_path / "a.pdf", page, page))
    ends = 0
    for block in document.blocks:
        assert document.text[ends : block.start].strip() == ""
        assert document.text[block.start : block.end].strip()
        ends = block.end
    assert ends == len(document.text)
    assert (np.diff(document.places.starts) > 0).all()


def test_reading_twice_gives_the_same(tmp_path):
    path = made(tmp_path / "a.pdf", lambda canvas, number: prose(canvas, PROSE, 72, 760, 450))
    one, two = read(path), read(path)
    assert (one.text, one.blocks, one.digest, one.notes) == (two.text, two.blocks, two.digest, two.notes)


def test_blank_pages_are_fine_and_a_blank_file_is_not(tmp_path):
    document = read(
        made(tmp_path / "a.pdf", lambda canvas, number: prose(canvas, PROSE, 72, 760, 450), lambda canvas, number: None)
    )
    assert document.unread == () and "page 2 is blank" in document.notes
    with pytest.raises(InputError) as caught:
        read(made(tmp_path / "b.pdf", lambda canvas, number: None))
    assert caught.value.code == "no_text"


def test_a_filled_form_is_read_with_its_values(tmp_path):
    def page(canvas, number):
        prose(canvas, "The Customer named here agrees to all terms:", 72, 760, 450)
        canvas.acroForm.textfield(name="customer", value="Gamma Mills GmbH", x=72, y=700, width=200, height=20)

    document = read(made(tmp_path / "a.pdf", page))
    assert "Gamma Mills GmbH" in document.text


@pytest.fixture(scope="module")
def dejavu() -> str:
    import matplotlib
    from reportlab.pdfbase.ttfonts import TTFont

    pdfmetrics.registerFont(TTFont("DejaVu", f"{matplotlib.get_data_path()}/fonts/ttf/DejaVuSans.ttf"))
    return "DejaVu"


def test_ligatures_and_soft_hyphens_become_plain_letters(tmp_path, dejavu):
    def page(canvas, number):
        canvas.setFont(dejavu, 10)
        canvas.drawString(
            72, 760, "The \ufb01nal o\ufb00er of the O\ufb03ce is con\u00ad\ufb01dential\u037e it stands."
        )

    assert read(made(tmp_path / "a.pdf", page)).text == "The final offer of the Office is confidential; it stands."


def test_hebrew_lines_come_in_logical_order(tmp_path, dejavu):
    words = ["\u05d4\u05e1\u05db\u05dd", "\u05d6\u05d4", "\u05e0\u05e2\u05e8\u05da"]

    def page(canvas, number):
        canvas.setFont(dejavu, 10)
        # Drawn as it looks: the last word at the left, each word's letters mirrored.
        canvas.drawRightString(500, 760, " ".join(word[::-1] for word in reversed(words)))

    assert read(made(tmp_path / "a.pdf", page)).text == " ".join(words)


def test_chinese_lines_join_without_a_space(tmp_path):
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont

    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    text = "\u7b2c\u4e00\u6761 \u7532\u65b9\u5e94\u5f53\u6309\u7167\u672c\u5408\u540c\u7684\u7ea6\u5b9a\u5411\u4e59\u65b9\u652f\u4ed8\u5168\u90e8\u8d27\u6b3e\uff0c\u5e76\u627f\u62c5\u8fd0\u8d39\u3002"

    def page(canvas, number):
        canvas.setFont("STSong-Light", 10)
        canvas.drawString(72, 760, text[:16])
        canvas.drawString(72, 746, text[16:])

    assert read(made(tmp_path / "a.pdf", page)).text == text

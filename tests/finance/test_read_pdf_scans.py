"""Pages whose text cannot be trusted: scans, wrong or shifted hidden layers, garbage fonts, stamps on pictures."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfgen.canvas import Canvas

from dsapp.core.errors import InputError
from dsapp.finance.reading import read

WIDTH, HEIGHT, DPI = 595, 842, 150
SCALE = DPI / 72
TEXT = (
    "The tenant pays the rent for the workshop on the first working day of each month and keeps the rooms in the state in"
    " which they were handed over, ordinary wear excepted. The landlord insures the building against fire and water and"
    " repairs the roof, the walls and the heating at his own cost within a reasonable time after notice. Either side may"
    " end the lease with six months notice to the end of a quarter. Keys are counted when they are given and when they"
    " are returned, and a missing key is paid for by the side that lost it. The garden may be used by both sides alike,"
    " and no tree is felled without the consent of the other. Noise after ten in the evening is to be avoided by all."
)
WRONG = (
    "Payment falls due thirty days after receipt; a reminder is free, the second costs five. Goods stay ours until paid."
    " Complaints about visible faults reach us in a week, about hidden ones in a year, both by letter. We choose whether"
    " to mend, replace or refund. Nobody owes damages for delay caused by strike, storm, war or the acts of officials, if"
    " told at once. Advice given by our staff binds us only when confirmed on paper signed by a director. Drawings remain"
    " property of whoever drew them. Courts at our seat decide; law of that place governs, conflict rules set aside, and"
    " treaties on sales of goods do not apply here. Should one clause fall, all others stand; gaps close in good faith."
)
Word = tuple[str, float, float, float]  # text, x0, x1, baseline, in points


def set_in_lines(text: str, size: float = 11, left: float = 70, top: float = 760, width: float = 440) -> list[Word]:
    """Where each word stands when the text is set in PIL's own face."""
    font = ImageFont.load_default(size * SCALE)
    space = font.getlength(" ") / SCALE
    words: list[Word] = []
    x, y = left, top
    for word in text.split():
        length = font.getlength(word) / SCALE
        if x + length > left + width:
            x, y = left, y - 1.4 * size
        words.append((word, x, x + length, y))
        x += length + space
    return words


def scanned(words: list[Word], size: float = 11, *, noise: bool = False) -> Image.Image:
    picture = Image.new("L", (round(WIDTH * SCALE), round(HEIGHT * SCALE)), 245)
    draw = ImageDraw.Draw(picture)
    font = ImageFont.load_default(size * SCALE)
    for word, x0, _, baseline in words:
        draw.text((x0 * SCALE, (HEIGHT - baseline) * SCALE), word, font=font, fill=20, anchor="ls")
    if noise:
        shade = Image.linear_gradient("L").resize(picture.size).point(lambda value: 180 + value * 60 // 255)
        picture = Image.blend(picture, shade, 0.35).rotate(0.4, fillcolor=200).filter(ImageFilter.GaussianBlur(0.8))
        ImageDraw.Draw(picture).rectangle([0, 0, 12, picture.height], fill=0)
    return picture


def hidden_layer(canvas: Canvas, words: list[Word], size: float = 11, *, dx: float = 0, dy: float = 0) -> None:
    """Invisible words stretched to their boxes, as text recognition writes them."""
    for word, x0, x1, baseline in words:
        text = canvas.beginText(x0 + dx, baseline + dy)
        text.setTextRenderMode(3)
        text.setFont("Helvetica", size)
        text.setHorizScale(100 * (x1 - x0) / pdfmetrics.stringWidth(word, "Helvetica", size))
        text.textOut(word + " ")
        canvas.drawText(text)


def page_of(path: Path, *draws) -> Path:
    canvas = Canvas(str(path), pagesize=(WIDTH, HEIGHT), invariant=True)
    for draw in draws:
        draw(canvas)
        canvas.showPage()
    canvas.save()
    return path


def put(canvas: Canvas, picture: Image.Image) -> None:
    stream = io.BytesIO()
    picture.convert("L").save(stream, "JPEG", quality=70)
    canvas.drawImage(ImageReader(stream), 0, 0, WIDTH, HEIGHT)


def digital(canvas: Canvas) -> None:
    canvas.setFont("Helvetica", 11)
    canvas.drawString(70, 700, "This lease is made between Orchard Estates Ltd and the tenant named below.")


@pytest.fixture(scope="module")
def words() -> list[Word]:
    return set_in_lines(TEXT)


@pytest.fixture(scope="module")
def picture(words) -> Image.Image:
    return scanned(words)


def test_a_scan_among_digital_pages_is_listed_and_the_rest_is_read(tmp_path, picture):
    document = read(page_of(tmp_path / "a.pdf", digital, lambda c: put(c, picture), lambda c: put(c, picture), digital))
    assert [(unread.where, unread.code) for unread in document.unread] == [("pages 2-3", "no_text")]
    assert "OCR" in document.unread[0].remedy
    assert document.text.count("Orchard Estates") == 2 and document.num_pages == 4


def test_a_file_of_scans_is_refused(tmp_path, picture):
    with pytest.raises(InputError) as caught:
        read(page_of(tmp_path / "a.pdf", lambda c: put(c, picture)))
    assert caught.value.code == "no_text" and "OCR" in caught.value.remedy


@pytest.mark.parametrize("noise", [False, True], ids=["clean", "skewed, shaded, blurred"])
def test_a_right_hidden_layer_is_read(tmp_path, words, noise):
    def draw(canvas):
        put(canvas, scanned(words, noise=noise))
        hidden_layer(canvas, words)

    document = read(page_of(tmp_path / "a.pdf", draw))
    assert document.unread == () and " ".join(document.text.split()) == TEXT


def test_a_hidden_layer_under_the_picture_is_read_when_right(tmp_path, words, picture):
    def draw(canvas):
        canvas.setFont("Helvetica", 11)
        for word, x0, x1, baseline in words:
            text = canvas.beginText(x0, baseline)
            text.setHorizScale(100 * (x1 - x0) / pdfmetrics.stringWidth(word, "Helvetica", 11))
            text.textOut(word + " ")
            canvas.drawText(text)
        put(canvas, picture)

    assert " ".join(read(page_of(tmp_path / "a.pdf", draw)).text.split()) == TEXT


def test_the_layer_of_another_page_is_not_believed(tmp_path, picture):
    """Same lines, same margins, plain words, and yet not what the page shows."""

    def draw(canvas):
        put(canvas, picture)
        hidden_layer(canvas, set_in_lines(WRONG))

    document = read(page_of(tmp_path / "a.pdf", digital, draw))
    assert [(unread.where, unread.code) for unread in document.unread] == [("page 2", "text_unfit")]
    assert "Complaints" not in document.text
    with pytest.raises(InputError) as caught:
        read(page_of(tmp_path / "b.pdf", draw))
    assert caught.value.code == "text_unfit"


def test_a_layer_a_little_to_one_side_is_read(tmp_path, words):
    def draw(canvas):
        put(canvas, scanned(words, noise=True))
        hidden_layer(canvas, words, dx=3, dy=-1)

    assert " ".join(read(page_of(tmp_path / "a.pdf", draw)).text.split()) == TEXT


def test_other_words_squeezed_into_the_right_places_are_not_believed(tmp_path, words, picture):
    placed = [(text, *place[1:]) for text, place in zip([word[0] for word in reversed(words)], words, strict=True)]

    def draw(canvas):
        put(canvas, picture)
        hidden_layer(canvas, placed)

    document = read(page_of(tmp_path / "a.pdf", digital, draw))
    assert [(unread.where, unread.code) for unread in document.unread] == [("page 2", "text_unfit")]


@pytest.mark.parametrize(("dx", "dy"), [(0, -350), (60, 0)], ids=["further down", "to the right"])
def test_a_shifted_layer_is_not_believed(tmp_path, words, picture, dx, dy):
    def draw(canvas):
        put(canvas, picture)
        hidden_layer(canvas, words, dx=dx, dy=dy)

    document = read(page_of(tmp_path / "a.pdf", digital, draw))
    assert [(unread.where, unread.code) for unread in document.unread] == [("page 2", "text_unfit")]


def test_a_layer_for_a_part_of_the_page_is_not_believed(tmp_path, words, picture):
    def draw(canvas):
        put(canvas, picture)
        hidden_layer(canvas, words[:12])

    document = read(page_of(tmp_path / "a.pdf", digital, draw))
    assert [unread.code for unread in document.unread] in (["text_unfit"], ["no_text"])


def test_a_stamp_on_a_scan_does_not_make_it_text(tmp_path, picture):
    def draw(canvas):
        put(canvas, picture)
        canvas.setFont("Helvetica", 8)
        canvas.drawString(20, 825, "Envelope 7C1B-22 received 3 May 2024")

    document = read(page_of(tmp_path / "a.pdf", digital, draw))
    assert [(unread.where, unread.code) for unread in document.unread] == [("page 2", "no_text")]
    assert "received 3 May" not in document.text


def test_a_letterhead_behind_digital_text_is_no_scan(tmp_path, words):
    background = Image.new("L", (300, 420), 250)
    ImageDraw.Draw(background).ellipse([100, 150, 200, 250], fill=232)

    def draw(canvas):
        put(canvas, background)
        canvas.setFont("Helvetica", 11)
        for word, x0, _, baseline in words:
            canvas.drawString(x0, baseline, word)

    document = read(page_of(tmp_path / "a.pdf", draw))
    assert document.unread == () and "tenant pays the rent" in document.text


def test_a_picture_beside_digital_text_is_listed(tmp_path, picture):
    small = picture.crop((0, 0, picture.width, picture.height // 2))

    def draw(canvas):
        stream = io.BytesIO()
        small.save(stream, "PNG")
        canvas.drawImage(ImageReader(stream), 0, 0, WIDTH, HEIGHT * 0.62)
        canvas.setFont("Helvetica", 9)
        for i, word in enumerate([TEXT[:90], TEXT[90:180], TEXT[180:270]]):
            canvas.drawString(70, 800 - 12 * i, word)

    document = read(page_of(tmp_path / "a.pdf", draw))
    assert [unread.code for unread in document.unread] == ["picture"]
    assert "tenant pays the rent" in document.text


def test_letters_that_mean_nothing_are_not_believed(tmp_path):
    """A font without a map to Unicode gives shifted letters: no words, though letters."""
    shifted = "".join(chr((ord(c) - 97 + 7) % 26 + 97) if c.islower() else c for c in TEXT.lower())
    consonants = shifted.translate(str.maketrans("aeiouy", "bcdfgh"))

    def draw(canvas):
        canvas.setFont("Helvetica", 9)
        for i in range(0, len(consonants), 90):
            canvas.drawString(50, 780 - i // 7, consonants[i : i + 90])

    document = read(page_of(tmp_path / "a.pdf", digital, draw))
    assert [(unread.where, unread.code) for unread in document.unread] == [("page 2", "text_unfit")]


def test_text_drawn_as_curves_is_listed(tmp_path):
    def draw(canvas):
        for row in range(30):
            for column in range(60):
                canvas.circle(60 + 8 * column, 780 - 20 * row, 2.5, fill=1)

    document = read(page_of(tmp_path / "a.pdf", digital, draw))
    assert [(unread.where, unread.code) for unread in document.unread] == [("page 2", "no_text")]

"""PDFs made to break a reader: each ends as a Document with its gaps listed, or as an InputError with a reason."""

from __future__ import annotations

import re
import subprocess
import sys
import zlib
from collections.abc import Sequence
from pathlib import Path

import pytest
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from dsapp.core.errors import InputError
from dsapp.finance.reading import limits, pdf, pdf_apart, read
from dsapp.finance.reading.page_tree import PageTree, count_notes, page_tree, pages_left_out

SENTENCE = "The Supplier delivers the goods to the Customer within ten days after it has received the order in writing."


def raw_pdf(objects: Sequence[bytes], *, root: int = 1, trailer: bytes = b"") -> bytes:
    """A PDF of numbered objects with a right cross-reference table."""
    out = bytearray(b"%PDF-1.7\n")
    offsets = []
    for number, content in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<</Size %d/Root %d 0 R%s>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, root, trailer, start)
    return bytes(out)


def stream(content: bytes, extra: bytes = b"") -> bytes:
    return b"<</Length %d%s>>\nstream\n%s\nendstream" % (len(content), extra, content)


def one_page(content: bytes, *, page: bytes = b"", catalog: bytes = b"", more: Sequence[bytes] = ()) -> bytes:
    """A one-page PDF: objects 1 catalog, 2 pages, 3 page, 4 content, 5 font, then ``more``."""
    return raw_pdf(
        [
            b"<</Type/Catalog/Pages 2 0 R%s>>" % catalog,
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            b"<</Type/Page/Parent 2 0 R/Resources<</Font<</F 5 0 R>>>>/Contents 4 0 R%s>>"
            % (page or b"/MediaBox[0 0 600 800]"),
            content if content.startswith(b"<<") else stream(content),
            b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
            *more,
        ]
    )


SHOWN = b"BT /F 10 Tf 50 700 Td (%s) Tj ET" % SENTENCE.encode()


def written(folder: Path, content: bytes, name: str = "a.pdf") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def refused(path: Path) -> InputError:
    with pytest.raises(InputError) as caught:
        read(path)
    assert caught.value.remedy and path.name in caught.value.message
    return caught.value


def canvas_pdf(path: Path, num_pages: int = 1, **options) -> Path:
    canvas = Canvas(str(path), pagesize=(600, 800), invariant=True, **options)
    for number in range(num_pages):
        canvas.drawString(50, 700, SENTENCE)
        canvas.drawString(50, 680, f"This is leaf {number}.")
        canvas.showPage()
    canvas.save()
    return path


def test_the_plain_file_reads(tmp_path):
    assert read(written(tmp_path, one_page(SHOWN))).text == SENTENCE


def test_encrypted_files_ask_for_their_password_and_an_empty_one_opens(tmp_path):
    locked = canvas_pdf(tmp_path / "a.pdf", encrypt=StandardEncryption("secret", ownerPassword="owner"))
    assert refused(locked).code == "encrypted"
    free = canvas_pdf(tmp_path / "b.pdf", encrypt=StandardEncryption("", ownerPassword="owner", canPrint=0, canCopy=0))
    assert SENTENCE in read(free).text


def test_a_file_cut_short_is_refused_or_says_so(tmp_path):
    whole = canvas_pdf(tmp_path / "whole.pdf", 5).read_bytes()
    for share in (0.02, 0.3, 0.6, 0.9, 0.99):
        path = written(tmp_path, whole[: int(share * len(whole))])
        try:
            document = read(path)
        except InputError as error:
            assert error.code in ("corrupt", "no_text") and error.remedy
        else:
            assert any(unread.code == "truncated" for unread in document.unread)


def test_a_wrong_cross_reference_table_is_rebuilt(tmp_path):
    content = canvas_pdf(tmp_path / "a.pdf").read_bytes()
    path = written(tmp_path, re.sub(rb"startxref\n\d+", b"startxref\n7", content))
    assert SENTENCE in read(path).text


def test_garbage_after_the_header_is_corrupt(tmp_path):
    assert refused(written(tmp_path, b"%PDF-1.7\n" + bytes(range(256)) * 40)).code == "corrupt"


@pytest.mark.parametrize("count", [b"1", b"7", b"-3", b"2000000000"])
def test_a_page_tree_that_holds_itself_ends(tmp_path, count):
    content = raw_pdf(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[2 0 R 3 0 R]/Count %s>>" % count,
            b"<</Type/Pages/Kids[2 0 R]/Parent 2 0 R/Count %s>>" % count,
        ]
    )
    assert refused(written(tmp_path, content)).code in ("corrupt", "too_large", "no_text")


def test_too_many_pages_are_refused_before_any_is_opened(tmp_path):
    kids = b"3 0 R " * 100_000
    content = raw_pdf(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[%s]/Count 100000>>" % kids,
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]>>",
        ]
    )
    error = refused(written(tmp_path, content))
    assert error.code == "too_large" and f"{limits.MAX_PDF_PAGES:,}" in error.message


def test_a_page_with_too_much_text_is_refused(tmp_path):
    packed = zlib.compress(b"BT /F 1 Tf 50 700 Td " + b"(word ) Tj " * 60_000 + b"ET", 9)
    content = one_page(stream(packed, b"/Filter/FlateDecode"))
    error = refused(written(tmp_path, content))
    assert error.code == "too_large" and f"{limits.MAX_PDF_PAGE_CHARS:,}" in error.message


def test_the_text_of_all_pages_together_is_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr(pdf, "MAX_PDF_CHARS", 300)
    with pytest.raises(InputError) as caught:
        pdf.read_pdf(canvas_pdf(tmp_path / "a.pdf", 5), "")
    assert caught.value.code == "too_large"


def _peak_of_reading(path: Path) -> tuple[str, float]:
    """The refusal's code and message, and the highest memory in MiB of the reading process and its helper together."""
    script = (
        "import resource, sys\n"
        "from pathlib import Path\n"
        "from dsapp.core.errors import InputError\n"
        "from dsapp.finance.reading import pdf_apart, read\n"
        "try:\n"
        "    read(Path(sys.argv[1]))\n"
        "except InputError as error:\n"
        "    print(error.code, error.message)\n"
        "pdf_apart._HELPER.close()\n"
        # a process's own ru_maxrss begins with that of the process which started it
        "own = next(line for line in open('/proc/self/status') if line.startswith('VmHWM')).split()[1]\n"
        "print((int(own) + resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) / 1024)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)], capture_output=True, text=True, timeout=120, check=True
    )
    said, peak = done.stdout.splitlines()
    return said, float(peak)


@pytest.mark.skipif(sys.platform != "linux", reason="memory is bounded on Linux")
def test_a_small_file_that_unfolds_to_millions_of_characters_takes_no_memory(tmp_path):
    packed = zlib.compress(b"BT /F 10 Tf 50 700 Td " + b"(word word word word word word) Tj " * 300_000 + b"ET", 9)
    path = written(tmp_path, one_page(stream(packed, b"/Filter/FlateDecode")))
    said, peak = _peak_of_reading(path)
    assert said.startswith("too_large page 1 of a.pdf needs more than") and peak < 600


@pytest.mark.skipif(sys.platform != "linux", reason="memory is bounded on Linux")
def test_forms_that_draw_each_other_ten_times_over_and_over_take_no_memory(tmp_path):
    """A hundred million lines of text in two thousand bytes: PDFium aborts the process that opens the page."""
    used = b"/Type/XObject/Subtype/Form/BBox[0 0 600 800]/Resources<</XObject<</X %d 0 R>>/Font<</F 5 0 R>>>>"
    forms = [stream(b" ".join([b"/X Do"] * 10), used % number) for number in range(7, 15)]
    content = one_page(b"/X Do", more=[*forms, stream(SHOWN, used % 14)])
    content = content.replace(b"/Resources<</Font", b"/Resources<</XObject<</X 6 0 R>>/Font", 1)
    said, peak = _peak_of_reading(written(tmp_path, content))
    assert said.startswith("too_large page 1 of a.pdf") and peak < 600
    assert read(written(tmp_path, one_page(SHOWN), "next.pdf")).text == SENTENCE


def test_a_page_that_takes_for_ever_is_refused_by_name(tmp_path, monkeypatch):
    """A pattern of a billion tiles, drawn because a word is hidden."""
    monkeypatch.setattr(pdf_apart, "MAX_PDF_PAGE_SECONDS", 2)
    tile = b"/PatternType 1/PaintType 1/TilingType 1/BBox[0 0 1 1]/XStep .0001/YStep .0001/Resources<<>>"
    drawn = b"/Pattern cs /P scn 0 0 600 800 re f " + SHOWN.replace(b" Tf", b" Tf 3 Tr")
    content = one_page(drawn, more=[stream(b"0 0 1 1 re f", tile)])
    content = content.replace(b"/Resources<</Font", b"/Resources<</Pattern<</P 6 0 R>>/Font", 1)
    error = refused(written(tmp_path, content))
    assert error.code == "too_large" and "page 1 of a.pdf was not read after 2 seconds" in error.message


@pytest.mark.parametrize(
    ("picture", "data"),
    [
        (b"/Width 60000/Height 60000/BitsPerComponent 8/ColorSpace/DeviceRGB", b"x"),
        (b"/Width 100/Height 100/BitsPerComponent 8/ColorSpace/DeviceRGB/Filter/DCTDecode", b"\xff\xd8\xff\xe0 torn"),
        (b"/Width 100/Height 100/BitsPerComponent 8/ColorSpace/DeviceGray/Filter/JPXDecode", b"torn"),
    ],
)
def test_a_page_whose_picture_cannot_be_drawn_is_unread_and_not_blank(tmp_path, picture, data):
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Resources<<%s>>/Contents %d 0 R>>"
    content = raw_pdf(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[3 0 R 4 0 R]/Count 2>>",
            page % (b"/Font<</F 7 0 R>>", 5),
            page % (b"/XObject<</I 8 0 R>>", 6),
            stream(SHOWN),
            stream(b"q 600 0 0 800 0 0 cm /I Do Q"),
            b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
            stream(data, b"/Type/XObject/Subtype/Image" + picture),
        ]
    )
    document = read(written(tmp_path, content))
    assert document.text == SENTENCE
    assert [(entry.where, entry.code) for entry in document.unread] == [("page 2", "no_text")]
    assert "cannot be drawn" in document.unread[0].reason


def page_tree_pdf(count: bytes, num_kids: int = 1) -> bytes:
    leaf = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Resources<</Font<</F 5 0 R>>>>/Contents 4 0 R>>"
    kids = b" ".join([b"3 0 R"] * num_kids)
    return raw_pdf(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[%s]/Count %s>>" % (kids, count),
            leaf,
            stream(SHOWN),
            b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        ]
    )


@pytest.mark.parametrize("count", [b"2000000000", b"99999999999999"])
def test_pages_that_a_file_promises_and_does_not_hold_are_listed(tmp_path, count):
    document = read(written(tmp_path, page_tree_pdf(count)))
    assert document.text == SENTENCE
    (unread,) = document.unread
    assert (
        unread.code == "corrupt" and unread.where == "what follows page 1" and f"{int(count):,} pages" in unread.reason
    )


def test_pages_beyond_the_declared_number_are_listed(tmp_path):
    (unread,) = read(written(tmp_path, page_tree_pdf(b"1", 3))).unread
    assert unread.where == "what follows page 1" and "names 3 pages" in unread.reason


@pytest.mark.parametrize("count", [b"0", b"-4", b"(x)"])
def test_a_page_count_that_is_none_is_noted(tmp_path, count):
    document = read(written(tmp_path, page_tree_pdf(count)))
    assert document.text == SENTENCE and any("the file is damaged" in note for note in document.notes)


def test_a_file_of_one_page_that_promises_too_many_is_damaged_and_not_too_large(tmp_path):
    error = refused(written(tmp_path, page_tree_pdf(b"100000")))
    assert error.code == "corrupt" and "100,000 pages" in error.message


def test_a_page_tree_in_an_object_stream_is_looked_at(tmp_path):
    """As programs write since PDF 1.5; and the later of two trees counts, as after an update that took pages out."""
    packed = b"1 0 2 30 <</Type/Catalog/Pages 2 0 R>> <</Type/Pages/Kids[3 0 R 4 0 R]/Count 2>>"
    body = zlib.compress(packed)
    content = (
        b"%%PDF-1.7\n9 0 obj\n<</Type/ObjStm/N 2/First 9/Filter/FlateDecode/Length %d>>\nstream\n%s\nendstream\nendobj\n"
        % (len(body), body)
    )
    assert page_tree(content) == PageTree(2, 2)
    update = b"2 0 obj\n<</Type /Pages /Kids [3 0 R] /Count 1>>\nendobj\n"
    assert page_tree(content + update) == PageTree(1, 1)
    assert pages_left_out(page_tree(content + update), 1) == count_notes(page_tree(content + update), 1) == ()


def test_too_large_a_file_is_refused(tmp_path):
    path = canvas_pdf(tmp_path / "a.pdf")
    with open(path, "r+b") as stream_:
        stream_.truncate(limits.MAX_PDF_BYTES + 1)
    assert refused(path).code == "too_large"


@pytest.mark.parametrize(
    "box",
    [b"0 0 1000000 1000000", b"0 0 1e30 1e30", b"0 0 0 0", b"-500 -500 100 300", b"600 800 0 0", b"0 0 0.001 0.001"],
)
def test_odd_page_sizes_neither_crash_nor_fill_memory(tmp_path, box):
    """With a hidden word, so that the page is drawn."""
    hidden = SHOWN + b" BT /F 10 Tf 3 Tr 50 600 Td (hidden word) Tj ET"
    path = written(tmp_path, one_page(hidden, page=b"/MediaBox[%s]" % box))
    try:
        assert "hidden" not in read(path).text
    except InputError as error:
        assert error.code in ("no_text", "corrupt")


def test_scripts_are_ignored_and_said(tmp_path):
    script = b"<</S/JavaScript/JS(app.launchURL\\('http://example.org'\\))>>"
    content = one_page(SHOWN, catalog=b"/OpenAction 6 0 R/Names<</JavaScript<</Names[(a) 6 0 R]>>>>", more=[script])
    document = read(written(tmp_path, content))
    assert document.text == SENTENCE and any("script" in note for note in document.notes)


def test_embedded_files_are_listed_and_not_opened(tmp_path):
    files = b"/Names<</EmbeddedFiles<</Names[(price\\nlist.xlsx) 6 0 R]>>>>"
    spec = b"<</Type/Filespec/F(price\\nlist.xlsx)/UF(price\\nlist.xlsx)/EF<</F 7 0 R>>>>"
    content = one_page(SHOWN, catalog=files, more=[spec, stream(b"MZ secret", b"/Type/EmbeddedFile")])
    document = read(written(tmp_path, content))
    (unread,) = document.unread
    assert unread.where == "embedded file price list.xlsx" and unread.code == "embedded"
    assert "secret" not in document.text


def test_comments_on_a_page_are_counted(tmp_path):
    notes = [
        b"<</Type/Annot/Subtype/Text/Rect[10 10 30 30]/Contents(delete this)/T(Ann)>>",
        b"<</Type/Annot/Subtype/StrikeOut/Rect[50 690 200 710]/QuadPoints[50 710 200 710 50 690 200 690]>>",
    ]
    page = b"/MediaBox[0 0 600 800]/Annots[6 0 R 7 0 R]"
    document = read(written(tmp_path, one_page(SHOWN, page=page, more=notes)))
    assert SENTENCE in document.text
    assert any("page 1 carries 2 comment(s)" in note for note in document.notes)


def test_hostile_metadata_is_one_short_line(tmp_path):
    info = b"<</Title(" + b"A\\nB\\033[31m" + b"x" * 5000 + b")>>"
    content = raw_pdf(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Resources<</Font<</F 5 0 R>>>>/Contents 4 0 R>>",
            stream(SHOWN),
            b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
            info,
        ],
        trailer=b"/Info 6 0 R",
    )
    title = read(written(tmp_path, content)).metadata["title"]
    assert len(title) <= 200 and title.isprintable()


def test_content_that_calls_itself_and_deep_nesting_end(tmp_path):
    form = stream(
        b"/X Do " + SHOWN,
        b"/Type/XObject/Subtype/Form/BBox[0 0 600 800]/Resources<</XObject<</X 6 0 R>>/Font<</F 5 0 R>>>>",
    )
    page = b"/MediaBox[0 0 600 800]/Resources<</XObject<</X 6 0 R>>/Font<</F 5 0 R>>>>"
    content = one_page(b"/X Do", page=page, more=[form]).replace(
        b"/Resources<</Font<</F 5 0 R>>>>/Contents", b"/Contents"
    )
    assert SENTENCE in read(written(tmp_path, content)).text
    nested = one_page(SHOWN + b" " + b"[" * 100_000 + b"]" * 100_000)
    assert SENTENCE in read(written(tmp_path, nested, "b.pdf")).text


def test_one_broken_page_does_not_take_the_others_along(tmp_path):
    pages = [b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Resources<</Font<</F 6 0 R>>>>/Contents 7 0 R>>"] * 2
    content = raw_pdf(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[3 0 R 4 0 R 5 0 R]/Count 3>>",
            pages[0],
            b"(no page at all)",
            pages[1],
            b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
            stream(SHOWN),
        ]
    )
    document = read(written(tmp_path, content))
    assert document.text.count(SENTENCE) == 2
    assert document.num_pages == 3 and [(u.where, u.code) for u in document.unread] == [("page 2", "corrupt")]


def test_hostile_words_stay_words(tmp_path):
    hostile = (
        b'BT /F 10 Tf 50 700 Td (<script>alert\\(1\\)</script> =HYPERLINK\\("x"\\) \\000\\001\\033[31m {{7*7}}) Tj ET'
    )
    text = read(written(tmp_path, one_page(hostile + b" " + SHOWN.replace(b"700", b"600")))).text
    assert "<script>alert(1)</script>" in text and "{{7*7}}" in text
    assert not any(ord(char) < 32 and char != "\n" for char in text)


def test_emoji_and_overrides_of_direction_are_plain_characters(tmp_path):
    """A font whose map to Unicode gives an emoji (two UTF-16 units), a right-to-left override and a private sign."""
    cmap = (
        b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def /CMapType 2 def"
        b" 1 begincodespacerange <00> <ff> endcodespacerange"
        b" 3 beginbfchar <41> <D83DDE00> <42> <202E> <43> <E123> endbfchar endcmap end end"
    )
    font = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/ToUnicode 6 0 R>>"
    content = one_page(
        b"BT /F 10 Tf 50 700 Td (yes A xByy pCp and a few more words to read here) Tj ET", more=[stream(cmap)]
    )
    content = content.replace(b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>", font)
    text = read(written(tmp_path, content)).text
    assert text.startswith("yes \U0001f600 x") and "p\ufffdp and" in text and "\u202e" not in text


def test_a_page_ruled_a_hundred_thousand_times_is_read(tmp_path):
    rules = b" ".join(b"%d %d m %d %d l S" % (i % 600, i % 800, i % 600 + 50, i % 800) for i in range(30_000))
    document = read(written(tmp_path, one_page(rules + b" " + b"0 0 m 0 800 l S " * 30_000 + SHOWN)))
    assert document.text == SENTENCE


_FUZZ = """
import random, sys
from pathlib import Path
from dsapp.core.errors import InputError
from dsapp.finance.reading.pdf import read_pdf
path, seed = Path(sys.argv[1]), int(sys.argv[2])
whole = path.read_bytes()
for round in range(60):
    dice = random.Random(f"{seed}.{round}")
    content = bytearray(whole)
    for _ in range(dice.randint(1, 30)):
        kind, at = dice.random(), dice.randrange(len(content))
        if kind < 0.6:
            content[at] = dice.randrange(256)
        elif kind < 0.8:
            del content[at : at + dice.randint(1, 40)]
        else:
            content[at:at] = content[at // 2 : at // 2 + dice.randint(1, 60)]
    broken = path.with_name("broken.pdf")
    broken.write_bytes(content)
    try:
        document = read_pdf(broken, "")
        assert document.text == "" or document.places.of(0, len(document.text))
    except InputError as error:
        assert error.code and error.remedy
print("survived")
"""


@pytest.mark.parametrize("seed", [1, 2])
def test_damaged_bytes_give_a_document_or_a_reason(tmp_path, seed):
    """In a process of its own: damage that kills PDFium itself is the business of the job's workers."""
    path = canvas_pdf(tmp_path / "whole.pdf", 3, pageCompression=0)
    done = subprocess.run(
        [sys.executable, "-c", _FUZZ, str(path), str(seed)], capture_output=True, text=True, timeout=200, check=False
    )
    assert done.stdout.strip() == "survived", done.stderr[-2000:]

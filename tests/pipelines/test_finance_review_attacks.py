"""The real ``dsapp finance review`` on files from hell: each ends in quarantine with its reason, the rest is reviewed, nothing leaks, nothing runs."""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import openpyxl
import pytest
from contract_files import (
    US,
    as_docx,
    as_html,
    as_md,
    as_pdf,
    as_txt,
    mark,
    outputs_of,
    pieces,
    png_bytes,
    review,
    write_all,
    zip_bomb,
)

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the files from hell need a POSIX system")

PR_CAPBSET_DROP = 24
CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 1, 2


def without_special_rights() -> None:
    """In the child before it starts: root is held to the permissions of files like anybody."""
    if sys.platform.startswith("linux") and os.geteuid() == 0:
        library = ctypes.CDLL(None)
        for right in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH):
            library.prctl(PR_CAPBSET_DROP, right, 0, 0, 0)


def truncated_docx(path: Path) -> Path:
    content = as_docx(pieces(path.stem), path).read_bytes()
    path.write_bytes(content[: len(content) // 2])
    return path


def with_external_entity(path: Path, secret: Path) -> Path:
    """A DOCX whose text asks for the content of another file."""
    import zipfile

    source = as_docx(pieces(path.stem), path.with_suffix(".tmp"))
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "word/document.xml":
                content = content.replace(
                    b"?>", f'?><!DOCTYPE d [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'.encode(), 1
                ).replace(b"SERVICES AGREEMENT", b"&x; SERVICES AGREEMENT")
            new.writestr(name, content)
    source.unlink()
    return path


def scanned_pdf(path: Path) -> Path:
    """A PDF of one page that holds nothing but a picture."""
    from PIL import Image
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen.canvas import Canvas

    canvas = Canvas(str(path))
    canvas.drawImage(ImageReader(Image.new("L", (200, 300), 200)), 0, 0, 595, 842)
    canvas.save()
    return path


def with_forms_that_draw_each_other(path: Path) -> Path:
    """A PDF of two thousand bytes that draws a line a hundred million times: PDFium aborts its process."""
    used = "/Type/XObject/Subtype/Form/BBox[0 0 600 800]/Resources<</XObject<</X %d 0 R>>/Font<</F 4 0 R>>>>"
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Resources<</XObject<</X 6 0 R>>>>/Contents 5 0 R>>",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    contents = [("/X Do", "")] + [(" /X Do" * 10, used % number) for number in range(7, 15)]
    contents.append((f"BT /F 9 Tf 50 700 Td ({mark('forms')}) Tj ET", used % 4))
    objects += [f"<</Length {len(words)}{extra}>>\nstream\n{words}\nendstream" for words, extra in contents]
    body = "".join(f"{number} 0 obj\n{content}\nendobj\n" for number, content in enumerate(objects, 1))
    path.write_text(f"%PDF-1.7\n{body}trailer\n<</Root 1 0 R>>\n%%EOF\n", encoding="ascii")
    return path


def flipped_docx(path: Path) -> Path:
    """A DOCX with some bytes of its text's packed stream turned over, as a bad disk does."""
    content = bytearray(as_docx(pieces(path.stem), path).read_bytes())
    at = content.index(b"word/document.xml") + 200
    content[at : at + 8] = bytes(byte ^ 0xFF for byte in content[at : at + 8])
    path.write_bytes(content)
    return path


def without_its_text(path: Path) -> Path:
    import zipfile

    source = as_docx(pieces(path.stem), path.with_suffix(".tmp"))
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            if name != "word/document.xml":
                new.writestr(name, old.read(name))
    source.unlink()
    return path


@pytest.fixture(scope="module")
def hell(tmp_path_factory: pytest.TempPathFactory):
    """Good contracts among bad files, reviewed by the rules; the run folder, what was printed, and the codes expected by file name."""
    home = tmp_path_factory.mktemp("hell")
    source = home / "in"
    write_all(source)
    expected: dict[str, set[str]] = {}

    def bad(name: str, *codes: str) -> Path:
        expected[name] = set(codes)
        return source / name

    bad("empty.txt", "empty").write_bytes(b"")
    bad("blank.txt", "no_text").write_bytes(b" \n\n\t ")
    bad("picture.pdf", "mislabelled").write_bytes(png_bytes(mark("picture")))
    as_pdf(pieces("locked"), bad("locked.pdf", "encrypted"), password="secret")
    as_pdf(pieces("torn"), source / "torn.pdf")
    torn = bad("torn.pdf", "corrupt")
    torn.write_bytes(torn.read_bytes()[:200])
    truncated_docx(bad("torn.docx", "corrupt"))
    zip_bomb(bad("bomb.docx", "zip_bomb", "too_large"), megabytes=120)
    with open(bad("sparse.txt", "too_large"), "wb") as stream:
        stream.write(mark("sparse").encode())
        stream.truncate(2 << 30)
    (home / "etc").write_text(mark("etc"))
    with_external_entity(bad("entity.docx", "unsafe_xml", "corrupt"), home / "etc")
    scanned_pdf(bad("scan.pdf", "no_text"))
    bad("old.rtf", "unsupported").write_bytes(b"{\\rtf1 " + mark("rtf").encode() + b"}")
    bad("binary.txt", "mislabelled").write_bytes(bytes(range(256)) * 40 + mark("binary").encode())
    with_forms_that_draw_each_other(bad("forms.pdf", "too_large"))
    flipped_docx(bad("flipped.docx", "corrupt"))
    without_its_text(bad("hollow.docx", "corrupt"))
    bad("letter.txt", "no_text").write_text("a")
    bad("rich.txt", "mislabelled").write_bytes(b"{\\rtf1 " + mark("rich").encode() + b"}")
    bad("deep.html", "too_deep").write_text("<html><body>" + "<div>" * 200_000 + mark("deep"))
    bad("long.txt", "too_large").write_text((mark("long") + " ") * 600_000)
    os.mkfifo(bad("pipe.txt", "not_a_file"))
    bad("circle.txt", "unreadable", "not_found", "broken_link", "link_loop").symlink_to("circle.txt")
    (source / "around").symlink_to(source, target_is_directory=True)
    as_txt(pieces("newline"), source / "line\nbreak.txt")
    as_txt(pieces("bytes"), source / os.fsdecode(b"latin-\xe9.txt"))
    as_pdf(pieces("more bytes"), source / os.fsdecode(b"latin-\xe9.pdf"))
    as_txt(pieces("turned"), source / "turned\u202efdp.txt")
    as_txt(pieces("wide"), source / f"{'w' * 246}.txt")
    wide = as_txt(pieces("sixteen"), source / "sixteen.txt")
    wide.write_bytes(wide.read_text(encoding="utf-8").encode("utf-16-le"))
    as_docx(pieces("renamed"), source / "renamed.txt")
    as_txt(pieces("secret"), bad("secret.txt", "unreadable")).chmod(0)
    locked = bad("shut", "unreadable")
    locked.mkdir()
    as_txt(pieces("inside"), locked / "inside.txt")
    locked.chmod(0)
    try:
        done = review(source, "--us", US, "--out", home / "out", "--classifier", "rules", before=without_special_rights)
    finally:
        locked.chmod(0o755)
    return home / "out", done, expected


def quarantined(out: Path) -> dict[str, dict[str, str]]:
    entries = [json.loads(path.read_text(encoding="utf-8")) for path in (out / "quarantine").glob("*.json")]
    return {Path(entry["path"]).name: entry for entry in entries}


def test_every_bad_file_has_its_reason_and_what_to_do(hell):
    out, done, expected = hell
    found = quarantined(out)
    assert found.keys() == expected.keys()
    for name, codes in expected.items():
        assert found[name]["code"] in codes, (name, found[name]["code"], found[name]["reason"])
        assert found[name]["reason"] and found[name]["remedy"], name
    assert done.returncode == 3


def test_the_rest_is_reviewed(hell):
    out, done, expected = hell
    sources = {json.loads(path.read_text())["source"] for path in out.glob("items/*/findings.json")}
    good = {
        "line\nbreak.txt",
        "latin-\udce9.txt",
        "latin-\udce9.pdf",
        "turned\u202efdp.txt",
        f"{'w' * 246}.txt",
        "sixteen.txt",
        "renamed.txt",
        *(f"plain-{kind}.{kind}" for kind in ("txt", "md", "html", "docx", "pdf")),
    }
    assert len(sources) == len(good)
    assert {name for name in sources if name.startswith("plain")} == {name for name in good if name.startswith("plain")}
    assert f"reviewed: {len(good)} of {len(good) + len(expected)}" in done.stdout
    assert (out / "index.html").is_file() and (out / "portfolio.xlsx").is_file()


def test_no_sentence_of_any_file_is_printed_or_logged(hell):
    out, done, _ = hell
    logs = [path.read_text(encoding="utf-8") for path in (out / "quarantine").glob("*.json")]
    logs += [(out / name).read_text(encoding="utf-8") for name in ("run.json", "journal.jsonl")]
    for text in (done.stdout, done.stderr, *logs):
        assert "zyx" not in text and "token of this agreement" not in text.lower()
    assert "Traceback" not in done.stderr


def test_a_line_end_in_a_name_breaks_no_line(hell):
    out, done, _ = hell
    assert "line\nbreak" not in done.stdout + done.stderr
    journal = (out / "journal.jsonl").read_text(encoding="utf-8")
    assert all(json.loads(line) for line in journal.split("\n") if line)


def test_the_content_of_other_files_comes_in_nowhere(hell):
    out, _, _ = hell
    token = mark("etc").split()[-1].encode()
    assert all(token not in content for content in outputs_of(out).values())


def test_the_same_under_workers(hell, tmp_path):
    out, _, _ = hell
    source = out.parent / "in"
    locked = source / "shut"
    locked.chmod(0)
    try:
        done = review(
            *(source, "--us", US, "--out", tmp_path / "out", "--classifier", "rules", "--workers", 2),
            before=without_special_rights,
        )
    finally:
        locked.chmod(0o755)
    assert done.returncode == 3
    assert outputs_of(tmp_path / "out") == outputs_of(out)
    assert "zyx" not in done.stdout + done.stderr


# Full disk


@pytest.fixture
def small_disk(tmp_path: Path):
    """A file system of three MiB."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = shutil.which("mount") and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(place)], capture_output=True, check=False
    )
    if not mounted or mounted.returncode:
        pytest.skip("mounting a small tmpfs needs root: run the tests as root in a container that may mount")
    yield place
    subprocess.run(["umount", str(place)], check=True)


@pytest.mark.parametrize("workers", [0, 2])
def test_a_disk_that_fills_up_loses_nothing(tmp_path, small_disk, workers):
    source = tmp_path / "in"
    source.mkdir()
    for number in range(8):
        as_txt(pieces(f"c{number}"), source / f"c{number}.txt")
    arguments = [source, "--us", US, "--classifier", "rules", "--workers", workers]
    assert review(*arguments, "--out", tmp_path / "whole").returncode == 0
    filler = small_disk / "filler"
    filler.write_bytes(b"0" * (2 << 20))
    out = small_disk / "out"
    stopped = review(*arguments, "--out", out)
    assert stopped.returncode == 1 and "space" in stopped.stderr and "Traceback" not in stopped.stderr
    assert "continue with: " in stopped.stderr and "zyx" not in stopped.stderr
    finished = len(list(out.glob("items/*/result.json")))
    assert 1 <= finished < 8
    filler.unlink()
    again = review(*arguments, "--out", out)
    assert again.returncode == 0, again.stderr
    assert f"of these done before: {finished}" in again.stdout
    assert outputs_of(out) == outputs_of(tmp_path / "whole")


# Hostile text is text

SCRIPT = "<script>alert('zyx')</script>"
IMAGE = '"><img src=x onerror="alert(1)">'
FORMULA = '=HYPERLINK("http://example.org/","click")'
TEMPLATE = "{{ 7 * 191 }}{% raw %}"
END = "</script></style></textarea></title>--><svg onload=alert(2)>"


class Seen(HTMLParser):
    """The elements of a page with their attributes, and its text outside script and style."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._inside = tag if tag in ("script", "style") else self._inside

    def handle_endtag(self, tag: str) -> None:
        self._inside = "" if tag == self._inside else self._inside

    def handle_data(self, data: str) -> None:
        if not self._inside:
            self.text.append(data)


def seen(path: Path) -> Seen:
    page = Seen()
    page.feed(path.read_text(encoding="utf-8"))
    return page


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("hostile")
    source = home / "in"
    source.mkdir()
    content = pieces("hostile")
    content[0] = (f"SERVICES AGREEMENT {SCRIPT}", "")
    content[1] = ("", content[1][1].replace("Ostrander Logistics Inc.", f"{FORMULA} {IMAGE} Inc."))
    content = [
        (
            heading,
            words.replace(
                "Supplier's aggregate liability", f"{TEMPLATE} {END} {FORMULA} Supplier's aggregate liability"
            ),
        )
        for heading, words in content
    ]
    as_txt(content, source / '=1+2 <b onclick="x">.txt')
    as_html(content, source / "page.html")
    as_docx(content, source / "word.docx")
    as_md(content, source / "mark.md")
    as_txt([("", FORMULA), *content], source / "@SUM(A1).txt")
    done = review(source, "--out", home / "out", "--us", f"{US} {SCRIPT}", "--classifier", "rules")
    assert done.returncode == 0, done.stderr
    return home / "out"


def test_hostile_text_is_shown_as_text_in_pages(hostile):
    pages = [hostile / "index.html", *hostile.glob("items/*/review.html")]
    assert len(pages) == 6
    for path in pages:
        page = seen(path)
        assert sum(tag == "script" for tag, _ in page.elements) <= 2
        assert not {"img", "iframe", "object", "embed", "base"}.intersection(tag for tag, _ in page.elements)
        for tag, attributes in page.elements:
            assert not any(name.startswith("on") for name in attributes), (tag, attributes)
            for name in ("href", "src", "action", "formaction"):
                address = attributes.get(name) or ""
                assert not address.lower().startswith(("http", "javascript", "data:text", "//")), address
        assert str(7 * 191) not in "".join(page.text)
    shown = "".join(seen(next(path for path in pages if "word" in path.parent.name)).text)
    for words in (SCRIPT, "onerror=", TEMPLATE, FORMULA, END):
        assert words in shown, words


def test_hostile_text_is_no_formula_in_the_workbook(hostile):
    book = openpyxl.load_workbook(hostile / "portfolio.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert all(cell.data_type != "f" for cell in cells)
    texts = [str(cell.value) for cell in cells]
    assert any("=1+2" in text for text in texts) and any("HYPERLINK" in text for text in texts)
    links = [cell.hyperlink.target.replace("\\", "/") for cell in cells if cell.hyperlink and cell.hyperlink.target]
    assert all(link.startswith("items/") for link in links), links


def test_hostile_text_breaks_no_calendar_and_no_json(hostile):
    calendar = (hostile / "deadlines.ics").read_text(encoding="utf-8")
    assert calendar.count("BEGIN:VEVENT") == calendar.count("END:VEVENT")
    assert all(":" in line or ";" in line for line in calendar.split("\n") if line[:1].isalpha())
    for path in hostile.glob("items/*/findings.json"):
        assert json.loads(path.read_text(encoding="utf-8"))["findings"]

"""The review page: every finding and every quote once, both ways linked, hostile text shown as text, nothing fetched."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from urllib.parse import unquote

import pytest
from browser import Browser, needs_chromium
from hypothesis import given, settings
from hypothesis import strategies as st
from reviews import US, hostile_review, nda_review, quiet_review, services_review

from dsapp.core.pages.templating import SHARED
from dsapp.core.pages.text import visible
from dsapp.finance.document import Block
from dsapp.finance.documents.marks import Mark, Point, laid_out
from dsapp.finance.documents.page import page_html, write_page
from dsapp.finance.documents.templating import TEMPLATES


class Page(HTMLParser):
    """The page as a reader gets it: ids, links, the words of the contract, and what could run or be fetched."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[str] = []
        self.policy = ""
        self.paper: list[str] = []
        self.in_paper = 0
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        self.tags.append(tag)
        self.attributes.extend(values)
        if "id" in values:
            self.ids.append(values["id"])
        if tag == "a":
            self.links.append(values["href"])
        if tag == "meta" and values.get("http-equiv") == "Content-Security-Policy":
            self.policy = values["content"]
        if tag == "main":
            self.in_paper = 1
        if self.in_paper and tag == "del":
            self.in_paper = 2

    def handle_endtag(self, tag):
        if tag == "main":
            self.in_paper = 0
        if self.in_paper == 2 and tag == "del":
            self.in_paper = 1

    def handle_data(self, data):
        if self.in_paper == 1:
            self.paper.append(data)


def shown(review, **options):
    return Page(page_html(review, item_id="one", source_name="a.docx", **options))


@pytest.mark.parametrize("make", [services_review, nda_review, quiet_review, hostile_review])
def test_every_link_leads_to_one_place_in_the_page(make):
    page = shown(make())
    assert len(page.ids) == len(set(page.ids))
    inside = [link for link in page.links if link.startswith("#")]
    assert inside or make is quiet_review
    assert {visible(unquote(link[1:])) for link in inside} <= set(page.ids)


@pytest.mark.parametrize("make", [services_review, nda_review])
def test_each_finding_and_each_quote_stands_once_and_leads_both_ways(make):
    review = make()
    page = shown(review)
    for number, found in enumerate(review.judgement.findings, start=1):
        assert page.ids.count(f"f-{found.id}") == 1
        for index in range(len(found.quotes)):
            assert page.ids.count(f"q-{number}-{index}") == 1
            assert f"#q-{number}-{index}" in page.links
        assert page.links.count(f"#f-{found.id}") >= len(found.quotes)


@pytest.mark.parametrize("make", [services_review, nda_review, quiet_review, hostile_review])
def test_the_whole_text_is_shown_in_order(make):
    review = make()
    words = re.sub(r"\s+", "", visible(review.document.text))
    assert words in re.sub(r"\s+", "", "".join(shown(review).paper))


def test_marks_cover_exactly_the_quoted_words():
    review = services_review()
    html = page_html(review, item_id="one", source_name="a.docx")
    marked = re.findall(r'<mark class="f [^"]*" data-f="([\d ]+)"[^>]*>(.*?)</mark>', html, re.S)
    for number, found in enumerate(review.judgement.findings, start=1):
        pieces = "".join(re.sub(r"<[^>]+>", "", words) for keys, words in marked if str(number) in keys.split())
        assert sorted(unescape(pieces)) == sorted("".join(quote.text for quote in found.quotes))


def test_hostile_text_stays_text():
    page = shown(hostile_review())
    clean = shown(services_review())
    assert page.tags.count("script") == clean.tags.count("script") == 1
    assert page.tags.count("img") == 0
    assert not [name for name in page.attributes if name.startswith("on")]
    html = page_html(hostile_review(), item_id="one", source_name="a\u202eb.docx")
    assert "\x00" not in html and "\u202e" not in html and "‹RLO›" in html
    assert "{{7*7}}" in html


@pytest.mark.parametrize("make", [services_review, hostile_review])
def test_the_page_may_fetch_and_run_nothing_of_others(make):
    page = shown(make())
    assert "default-src 'none'" in page.policy
    assert "unsafe" not in page.policy and "http" not in page.policy
    assert {"link", "iframe", "object", "form"} & set(page.tags) <= {"form"}  # the help dialog's own
    assert "src" not in page.attributes
    assert not [link for link in page.links if ":" in link.split("#")[0]]


def test_changes_unread_parts_sides_and_suggestions_are_shown():
    html = page_html(services_review(), item_id="one", source_name="a.docx")
    for words in (
        '<del class="g" title="Deleted by Katrin Vogel, 2025-02-20">on 48 hours&#39; notice</del>',
        "Inserted by Katrin Vogel, 2025-02-20",
        "embedded file forecast.xlsx",
        "Data Processing Terms dated 12 January 2024",
        "forms part of the contract and was not supplied",
        "not less than EUR 222,000",
        "Written for England and Wales.",
        "9 of 10 checks decided",
        "2028-03-31 - 90 days = 2028-01-01",
        "blocked: date of the end",
        "92 of 100 such clauses",
        f"<strong>{US}</strong>",
        "Can we agree on an index here?",
    ):
        assert words in html, words


def test_without_a_side_each_party_gets_its_level():
    html = page_html(nda_review(), item_id="one", source_name="nda.pdf")
    assert "Medium</span> for Ostrava Robotics s.r.o." in html
    assert "Low</span> for Pell &amp; Finch LLP" in html


def test_pages_are_numbered_where_they_begin():
    html = page_html(nda_review(), item_id="one", source_name="nda.pdf")
    assert re.search(r'data-n="2" aria-label="Page 2"></a><span class="at" id="c-\d+"></span>', html)


def test_nothing_found_is_never_called_low():
    review = services_review()
    calm = replace(review, judgement=replace(review.judgement, findings=(), level=None))
    html = page_html(calm, item_id="one", source_name="a.docx")
    assert "Nothing found in 9 checks" in html.replace("was found in", "found in") and 'class="lv low"' not in html


def test_the_same_review_gives_the_same_bytes(tmp_path):
    for name in "ab":
        write_page(services_review(), tmp_path / name, item_id="one", source_name="a.docx")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_words_outside_every_block_are_shown_too():
    review = services_review()
    document = review.document
    some = (*document.blocks[::3], Block(5, 90), Block(40, 60))
    page = shown(replace(review, document=replace(document, blocks=some)))
    assert re.sub(r"\s+", "", document.text) in re.sub(r"\s+", "", "".join(page.paper))


spans_of = st.lists(st.integers(0, 60), min_size=2, max_size=8, unique=True).map(
    lambda cuts: [(a, b) for a, b in zip(sorted(cuts)[::2], sorted(cuts)[1::2], strict=False)]
)
marks_of = st.lists(st.tuples(st.integers(0, 70), st.integers(0, 30)), max_size=8)


@settings(max_examples=300, deadline=None)
@given(spans=spans_of, raw=marks_of, at=st.lists(st.integers(0, 70), max_size=5))
def test_marks_laid_over_text_keep_every_character_and_open_once(spans, raw, at):
    marks = [Mark("finding", index, start, start + length) for index, (start, length) in enumerate(raw)]
    points = [Point("target", position, index) for index, position in enumerate(at)]
    laid = laid_out(spans, marks, points)
    for (start, end), pieces in zip(spans, laid, strict=True):
        edges = [piece for piece in pieces if piece.end > piece.start]
        assert [piece.start for piece in edges] == [start, *(piece.end for piece in edges[:-1])]
        assert edges[-1].end == end
        for piece in edges:
            covering = {mark.key for mark in marks if mark.start <= piece.start and piece.end <= mark.end}
            touching = {mark.key for mark in marks if mark.start < piece.end and piece.start < mark.end}
            assert {mark.key for mark in piece.marks} == covering == touching
    every = [piece for pieces in laid for piece in pieces]
    assert sorted(mark.key for piece in every for mark in piece.opens) == list(range(len(marks)))
    assert sorted(point.key for piece in every for point in piece.points) == list(range(len(points)))


@pytest.fixture(scope="module")
def browser():
    with Browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    write_page(services_review(), folder / "services.html", item_id="one", source_name="a.docx")
    write_page(hostile_review(), folder / "hostile.html", item_id="two", source_name="b.docx")
    return folder


SELECTED = "document.querySelector('.card.on')?.dataset.n"
TAB = "document.querySelector('[role=tab][aria-selected=true]').id"


@needs_chromium
def test_an_address_with_a_finding_opens_it_and_marks_its_words(browser, folder):
    found = services_review().judgement.findings[3]
    browser.open(folder / "services.html", f"#f-{found.id}")
    assert browser.value(SELECTED) == "4"
    assert browser.value("[...document.querySelectorAll('mark.on')].map((m) => m.textContent).join('')") == "".join(
        quote.text for quote in found.quotes
    )


@needs_chromium
def test_words_lead_to_their_finding_and_back(browser, folder):
    browser.open(folder / "services.html")
    browser.click('mark[data-f="5"]')
    assert browser.value(SELECTED) == "5"
    browser.click('mark[data-f="1 2"]')
    browser.click('mark[data-f="1 2"]')
    assert browser.value(SELECTED) == "2", "a second click goes to the next finding on the same words"
    browser.click('.card[data-n="8"] blockquote a')
    assert browser.value(SELECTED) == "8" and browser.value("location.hash") == "#q-8-0"
    top, bottom = browser.value(
        "(() => { const box = document.querySelector('mark[data-f=\"8\"]').getBoundingClientRect();"
        "return [box.top, box.bottom]; })()"
    )
    assert 60 < top < bottom < 900, "its words are in view"


@needs_chromium
def test_facts_and_clause_types_lead_to_their_rows(browser, folder):
    browser.open(folder / "services.html")
    browser.click(".x[data-x]:not(mark)")
    assert browser.value(TAB) == "tab-facts" and browser.value("document.querySelectorAll('tr.on').length") == 1
    browser.click(".l[data-l]:not(mark):not(.x)")
    assert browser.value(TAB) == "tab-clauses"


@needs_chromium
def test_keys_walk_filter_search_and_help(browser, folder):
    browser.open(folder / "services.html")
    for key in "jjjk":
        browser.press(key)
    assert browser.value(SELECTED) == "2"
    browser.press("f")
    assert browser.value("document.activeElement.dataset.level") == "high"
    browser.press("/")
    for key in "liability":
        browser.press(key)
    browser.until("document.querySelector('.hits').textContent.startsWith('1 of ')")
    browser.press("Enter")
    assert browser.value("document.querySelector('.hits').textContent").startswith("2 of ")
    browser.press("Escape")
    browser.press("?")
    assert browser.value("document.querySelector('#help').open") is True
    browser.press("Escape")
    assert browser.value("document.querySelector('#help').open") is False


@needs_chromium
def test_filters_hide_findings_and_walking_skips_them(browser, folder):
    browser.open(folder / "services.html")
    browser.click('.toggle[data-level="high"]')
    assert browser.value("document.querySelector('.filtered').textContent") == "6 of 9 findings shown"
    browser.press("j")
    assert browser.value(SELECTED) == "4"


@needs_chromium
def test_suggested_wording_is_copied(browser, folder):
    browser.open(folder / "services.html")
    browser.click('.card[data-n="1"] summary')
    browser.click('.card[data-n="1"] [data-do=copy]')
    browser.until("/Copied|Selected/.test(document.querySelector('[data-do=copy]').textContent)")


@needs_chromium
def test_the_theme_can_be_asked_for_and_changed(browser, folder):
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    browser.open(folder / "services.html", "?theme=dark")
    dark = browser.value(ground)
    browser.press("t")
    assert browser.value(ground) != dark


@needs_chromium
def test_hostile_text_neither_runs_nor_fetches(browser, folder):
    browser.requested.clear()
    browser.open(folder / "hostile.html", "#q-1-0")
    assert browser.value("document.title") == "Master Services Agreement: review"
    assert browser.value(SELECTED) == "1"
    assert {address.split("#")[0] for address in browser.requested} - {"about:blank"} == {
        (folder / "hostile.html").as_uri()
    }


@needs_chromium
def test_on_a_phone_nothing_is_cut_off_and_the_sheet_opens_and_closes(folder):
    sheet = "document.querySelector('.panel').classList.contains('open')"
    with Browser(390, 844) as phone:
        for name in ("services", "hostile"):
            phone.open(folder / f"{name}.html")
            assert phone.value("document.documentElement.scrollWidth") == 390
        phone.open(folder / "services.html")
        phone.click('mark[data-f="5"]')
        assert phone.value(sheet) is True and phone.value(SELECTED) == "5"
        phone.click('.card[data-n="5"] blockquote a')
        assert phone.value(sheet) is False


def luminance(colour: str) -> float:
    """Relative luminance of #rrggbb or #rgb (WCAG 2.2)."""
    digits = colour.lstrip("#")
    digits = "".join(digit * 2 for digit in digits) if len(digits) == 3 else digits
    channels = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground_in_both_schemes(scheme):
    schemes = "".join((folder / f"{scheme}.css").read_text() for folder in (SHARED, TEMPLATES))
    colours = dict(re.findall(r"--([\w-]+):(#[0-9a-f]{3,6})", schemes))
    pairs = [(ink, ground) for ink in ("ink", "soft", "faint", "accent") for ground in ("bg", "paper", "raise")]
    pairs += [(level, f"{level}-bg") for level in ("high", "medium", "low", "good")]
    pairs += [
        (ink, f"{level}-{state}")
        for level in ("high", "medium", "low")
        for state in ("bg", "on")
        for ink in ("ink", "ins")
    ]
    pairs += [("ins", "ins-bg"), ("del", "paper"), ("faint", "accent-bg"), ("hit-ink", "hit"), ("hit-ink", "hit-now")]
    for ink, ground in pairs:
        dark, bright = sorted((luminance(colours[ink]), luminance(colours[ground])))
        assert (bright + 0.05) / (dark + 0.05) >= 4.5, (ink, ground)

"""The fleet's pages in a real browser: nothing is fetched, nothing overflows a phone, tables sort and filter, both colour schemes can be read."""

from __future__ import annotations

import re

import pytest
from browser import Browser, needs_chromium
from documents_cases import fleet, incidents, machine, outlook, plan

from dsapp.core.pages.templating import SHARED
from dsapp.manufacturing.documents.outputs import write_fleet
from dsapp.manufacturing.documents.templating import TEMPLATES
from dsapp.manufacturing.requests import requests

pytestmark = needs_chromium
PAGES = ("index.html", "plan.html", "data-quality.html", "machines/P-01.html", "machines/P-05.html")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    long = "N" * 200
    of = fleet(*fleet().machines, machine(long, outlook(long)))
    today = incidents(of)
    made = plan()
    write_fleet(of, made, today, requests(today, made, of.plant, {}), ["a note"], folder)
    return folder


@pytest.fixture(scope="module", params=[1280, 390])
def browser(request):
    with Browser(request.param) as browser:
        yield browser


@pytest.mark.parametrize("page", PAGES)
def test_pages_fit_their_width_and_fetch_nothing(browser, folder, page):
    browser.requested.clear()
    browser.open(folder / page)
    browser.settle()
    assert browser.value("document.documentElement.scrollWidth <= innerWidth")
    assert {address.split("#")[0] for address in browser.requested} <= {(folder / page).as_uri(), "about:blank"}
    small = browser.value(
        "Array.from(document.querySelectorAll('svg text')).map((e) => parseFloat(getComputedStyle(e).fontSize)).filter((s) => s < 11).length"
    )
    assert small == 0


def test_no_two_names_on_an_axis_overlap(browser, folder):
    browser.open(folder / "machines/P-01.html")
    browser.settle()
    overlaps = browser.value(
        """Array.from(document.querySelectorAll('svg.plot')).filter((plot) => {
        const boxes = Array.from(plot.querySelectorAll(':scope > text')).map((e) => e.getBoundingClientRect());
        return boxes.some((box, at) => at && box.left < boxes[at - 1].right && box.top < boxes[at - 1].bottom);
        }).length"""
    )
    assert overlaps == 0


def test_machines_can_be_searched_and_filtered(browser, folder):
    browser.open(folder / "index.html")
    shown = "Array.from(document.querySelectorAll('#machines tbody tr')).filter((row) => !row.hidden).length"
    assert browser.value(shown) == 7
    browser.value("document.querySelector('#query').value = 'p-02'")
    browser.value("document.querySelector('#query').dispatchEvent(new Event('input'))")
    assert browser.value(shown) == 1
    browser.open(folder / "index.html")
    browser.click(".toggle[data-state=open]")
    assert browser.value(shown) == 5


def test_the_table_sorts_by_risk(folder):
    with Browser(1280) as browser:
        browser.open(folder / "index.html")
        browser.click("#machines thead th:nth-child(5) button")
        browser.click("#machines thead th:nth-child(5) button")
        risks = browser.value(
            "Array.from(document.querySelectorAll('#machines tbody tr')).map((row) => +row.children[4].dataset.sort)"
        )
        assert risks == sorted(risks, reverse=True) and risks[0] > 0.4


def luminance(colour: str) -> float:
    """Relative luminance of #rrggbb (WCAG 2.2)."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_lines_and_letters_of_plots_stand_out_in_both_schemes(scheme):
    styles = "".join((place / f"{scheme}.css").read_text() for place in (SHARED, TEMPLATES))
    colours = dict(re.findall(r"--([\w-]+):(#[0-9a-f]{6})\b", styles))
    for ink, least in (("faint", 4.5), ("fault", 4.5), ("window-line", 4.5), ("line-plot", 3.0), ("high", 3.0)):
        for ground in ("bg", "paper"):
            light, dark = sorted((luminance(colours[ink]), luminance(colours[ground])), reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= least, (ink, ground)

"""A run's index, workbook and calendar: rebuilt alike from stored results, safe to open, true to the contracts."""

from __future__ import annotations

import csv
import datetime
import io
import json
import re
import shutil
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path

import icalendar
import openpyxl
import pytest
from reviews import THEM, US, hostile_review, nda_review, quiet_review, services_review

from dsapp.core.job import Closing, Item, Refusal, Result, Stored
from dsapp.core.pages import sheets
from dsapp.core.pages.sheets import MAX_CELL_CHARS, cell_text
from dsapp.finance.documents.calendar import write_calendar
from dsapp.finance.documents.outputs import write_contract, write_run
from dsapp.finance.documents.portfolio import missing_rows, portfolio
from dsapp.finance.documents.summary import summary

REVIEWS = {"services": services_review, "nda": nda_review, "quiet": quiet_review, "hostile": hostile_review}
REFUSED = (
    Refusal("scan-1", Path("contracts/scan.pdf"), "no_text", "None of its pages has text.", "Run OCR on it.", "read"),
    Refusal("odd-1", Path("contracts/=odd\n\x07.docx"), "corrupt", "<b>broken</b>", "Save it anew.", "read"),
)
MANIFEST = {
    "settings": {"us": "Harrow Mills", "classifier": "model"},
    "bundles": {"contracts": "ab" * 32},
    "versions": {"dsapp": "0.1.0"},
}


def finished(folder: Path, names=tuple(REVIEWS)) -> Closing:
    """The contracts written as a job writes them, and read back as a run reads them."""
    stored = []
    for name in names:
        review = REVIEWS[name]()
        own = folder / "items" / name
        result = write_contract(review, own, item_id=name, source_name=f"contracts/{review.document.name}")
        result = Result(json.loads(json.dumps(result.summary)), result.files)
        stored.append(Stored(Item(name, Path(name), review.document.digest, 1.0), result, own))
    return Closing(tuple(stored), REFUSED, MANIFEST)


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    assert write_run(finished(folder), folder) == ("index.html", "portfolio.xlsx", "deadlines.ics")
    return folder


def table(run: Path, sheet: str) -> list[dict[str, object]]:
    rows = list(openpyxl.load_workbook(run / "portfolio.xlsx")[sheet].iter_rows(values_only=True))
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def test_summary_is_small_and_json(run):
    review = services_review("word " * 200_000)
    size = len(json.dumps(summary(review, "one", "a.docx"), allow_nan=False))
    assert size < 40_000


def test_another_order_of_finishing_gives_the_same_bytes(run, tmp_path):
    closing = finished(tmp_path)
    write_run(replace(closing, stored=closing.stored[::-1], refused=REFUSED[::-1]), tmp_path)
    for name in ("index.html", "portfolio.xlsx", "deadlines.ics", "items/hostile/review.html"):
        assert (tmp_path / name).read_bytes() == (run / name).read_bytes(), name


def test_no_output_holds_the_time_of_day(run):
    with zipfile.ZipFile(run / "portfolio.xlsx") as book:
        core = book.read("docProps/core.xml").decode()
        assert {info.date_time[0] for info in book.infolist()} == {1980}
    assert set(re.findall(r"\d{4}-\d\d-\d\d", core)) == {"2000-01-01"}
    assert set(re.findall(r"DTSTAMP:(\S+)", (run / "deadlines.ics").read_text())) == {"20000101T000000Z"}


def test_index_names_every_contract_and_leads_to_its_page(run):
    html = (run / "index.html").read_text()
    for link in re.findall(r'href="(items/[^"#]+)', html):
        assert (run / link).is_file()
    for name in REVIEWS:
        assert f'href="items/{name}/review.html"' in html
    assert "9 of 10 checks decided" in html and "Not judged" in html


def test_index_says_what_was_not_read_and_what_to_do(run):
    html = (run / "index.html").read_text()
    for words in ("contracts/scan.pdf", "None of its pages has text.", "Run OCR on it.", "page 3", "forecast.xlsx"):
        assert words in html
    assert "&lt;b&gt;broken&lt;/b&gt;" in html and "<b>broken" not in html and "\x07" not in html


def test_index_puts_the_worst_first_and_links_its_words(run):
    html = (run / "index.html").read_text()
    first = html[html.index('id="first"') : html.index('id="portfolio"')]
    levels = re.findall(r'class="lv (\w+)"', first)
    assert levels == sorted(levels, key=["high", "medium", "low"].index) and levels[0] == "high"
    cap = services_review().judgement.findings[0]
    assert f'href="items/services/review.html#f-{cap.id}"' in first


def test_index_lists_deadlines_with_arithmetic_and_the_blocked_ones_apart(run):
    html = (run / "index.html").read_text()
    coming = html[html.index('id="coming"') : html.index("left out of the calendar")]
    assert coming.index("2027-12-31") < coming.index("2028-03-31") < coming.index("2028-09-30")
    assert "2028-03-31 - 90 days = 2028-01-01" in coming and "Return or destroy" not in coming
    assert "blocked: date of the end" in html[html.index("left out of the calendar") :]


def test_index_without_contracts_is_still_a_page(tmp_path):
    write_run(Closing((), REFUSED, {}), tmp_path)
    html = (tmp_path / "index.html").read_text()
    assert "No contract was reviewed" in html and "contracts/scan.pdf" in html
    assert openpyxl.load_workbook(tmp_path / "portfolio.xlsx").sheetnames[0] == "Contracts"


def test_index_of_many_contracts_counts_missing_clauses_by_type(tmp_path):
    closing = finished(tmp_path, ("services",))
    one = closing.stored[0]
    many = tuple(
        replace(one, result=replace(one.result, summary={**one.result.summary, "id": f"c{index}"}))
        for index in range(40)
    )
    write_run(replace(closing, stored=many), tmp_path)
    assert "40 of 40" in (tmp_path / "index.html").read_text()


def test_missing_clauses_are_not_confused_with_unchecked_ones(run, tmp_path):
    contracts = portfolio(finished(tmp_path), tmp_path).contracts
    (row,) = missing_rows(contracts)
    states = dict(zip((contract.summary["id"] for contract in contracts), row.states, strict=True))
    assert states == {"hostile": "missing", "services": "missing", "nda": "unchecked", "quiet": "unchecked"}


def test_workbook_has_its_tables_and_their_values(run):
    contracts = {row["File"]: row for row in table(run, "Contracts")}
    services = contracts["contracts/services.docx"]
    assert services["Level"] == "High" and services["Checks decided"] == 9 and services["We act for"] == US
    assert services["Expires"] == datetime.datetime(2028, 3, 31) and THEM in services["Parties"]
    assert contracts["contracts/note.txt"]["Level"] == "Not judged"
    found = [row for row in table(run, "Findings") if row["Finding"] == services_review().judgement.findings[0].title]
    assert found[0]["Level"] == "High" and found[0]["Clause"] == "7.1" and "222,000" in found[0]["Suggested wording"]
    assert {"Cap on Liability", "Indemnity"} <= {row["Type of clause"] for row in table(run, "Clauses")}
    duties = table(run, "Obligations and deadlines")
    assert any(row["Duty or deadline"] == "pay each invoice (within 14 days)" for row in duties)
    assert any(row["Date"] == datetime.datetime(2027, 12, 31) and row["In the calendar"] == "yes" for row in duties)
    assert any(row["In the calendar"] == "blocked: date of the end" for row in duties)
    assert table(run, "Missing")[0]["Missing in"] == 2
    assert any(row["File"] == "contracts/scan.pdf" and row["What to do"] for row in table(run, "Not read"))


def test_workbook_is_frozen_filtered_and_coloured(run):
    book = openpyxl.load_workbook(run / "portfolio.xlsx")
    for name in ("Contracts", "Findings", "Clauses", "Obligations and deadlines", "Not read"):
        assert book[name].freeze_panes == "B2" and book[name].auto_filter.ref.startswith("A1:")
    fills = {cell.value: cell.fill.fgColor.rgb for cell in book["Contracts"]["F"][1:]}
    assert len({fills["High"], fills["Medium"], fills["Not judged"]}) == 3


def test_workbook_holds_no_formula_and_no_link_of_a_strangers_making(run):
    book = openpyxl.load_workbook(run / "portfolio.xlsx")
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f"
                if isinstance(cell.value, str):
                    assert cell.value[:1] not in ("=", "+", "-", "@", "\t", "\r")
                if cell.hyperlink:
                    assert cell.hyperlink.target.replace("\\", "/").startswith("items/")
    with zipfile.ZipFile(run / "portfolio.xlsx") as book:
        for name in book.namelist():
            if name.startswith("xl/worksheets/sheet"):
                assert b"<f>" not in book.read(name)


def test_cells_are_cut_and_made_visible():
    assert len(cell_text("x" * 100_000)) == MAX_CELL_CHARS
    assert cell_text("\x00\x0b\ud800\u202e") == "‹U+0000›‹U+000B›\ufffd‹RLO›"
    for start in ("=", "+", "-", "@", "\t=", "\r\n-", " =", "＝"):
        assert cell_text(start + "1").startswith("'")


@pytest.mark.skipif(shutil.which("soffice") is None, reason="needs LibreOffice: apt-get install libreoffice-calc")
def test_saved_as_csv_the_workbook_holds_no_formula(run, tmp_path):
    command = ["soffice", f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless", "--convert-to"]
    every_sheet = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"
    subprocess.run(
        [*command, every_sheet, "--outdir", str(tmp_path), str(run / "portfolio.xlsx")],
        capture_output=True,
        timeout=180,
        check=True,
    )
    saved = sorted(tmp_path.glob("*.csv"))
    assert len(saved) == 7
    for path in saved:
        for row in csv.reader(io.StringIO(path.read_text(encoding="utf-8"))):
            assert not [cell for cell in row if cell[:1] in ("=", "+", "-", "@", "\t", "\r")]


def events(path: Path) -> list[icalendar.Event]:
    return list(icalendar.Calendar.from_ical(path.read_bytes()).walk("VEVENT"))


def test_calendar_holds_only_what_is_sure(run):
    titles = [str(event["summary"]) for event in events(run / "deadlines.ics")]
    assert "Last day to stop renewal: Master Services Agreement" in titles
    assert not [title for title in titles if title.startswith(("Return or destroy", "Review service levels"))]


def test_calendar_events_last_a_day_and_remind_twice(run):
    event = next(event for event in events(run / "deadlines.ics") if "stop renewal" in event["summary"])
    assert event["dtstart"].dt == datetime.date(2027, 12, 31)
    assert event["dtend"].dt == datetime.date(2028, 1, 1)
    assert "90 days = 2028-01-01" in event["description"]
    triggers = [alarm["trigger"].dt for alarm in event.walk("VALARM")]
    assert triggers == [datetime.timedelta(days=-30), datetime.timedelta(days=-7)]


def test_calendar_uids_are_unique_and_stay(run, tmp_path):
    uids = [str(event["uid"]) for event in events(run / "deadlines.ics")]
    assert len(uids) == len(set(uids))
    write_run(finished(tmp_path, ("nda", "services")), tmp_path)
    assert {str(event["uid"]) for event in events(tmp_path / "deadlines.ics")} <= set(uids)


@pytest.mark.parametrize("flaw", [{"confidence": 0.89}, {"blocked_by": "start"}, {"date": None}, {"confidence": None}])
def test_calendar_leaves_out_each_kind_of_doubt(flaw, tmp_path):
    contract = portfolio(finished(tmp_path, ("nda",)), tmp_path).contracts[0]
    (deadline,) = contract.summary["deadlines"]
    assert write_calendar([(contract, deadline)], tmp_path / "sure.ics") == 1
    assert write_calendar([(contract, {**deadline, **flaw})], tmp_path / "doubt.ics") == 0
    assert events(tmp_path / "doubt.ics") == []


def test_calendar_takes_the_last_day_there_is_and_hostile_titles(tmp_path):
    contract = portfolio(finished(tmp_path, ("nda",)), tmp_path).contracts[0]
    deadline = {**contract.summary["deadlines"][0], "date": "9999-12-31", "title": "x\r\nBEGIN:VEVENT\x00;,\\"}
    write_calendar([(contract, deadline)], tmp_path / "odd.ics")
    (event,) = events(tmp_path / "odd.ics")
    assert event["dtstart"].dt == datetime.date.max and "\x00" not in event["summary"]


def test_a_sheet_that_is_full_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(sheets, "MAX_ROWS", 5)
    write_run(finished(tmp_path, ("services",)), tmp_path)
    rows = table(tmp_path, "Clauses")
    assert len(rows) == 5 and str(rows[-1]["Contract"]).startswith("More rows than a sheet can hold")

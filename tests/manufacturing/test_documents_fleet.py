"""The fleet's first page, the plan's page and the page of data quality say what a planner must know, and nothing that may not be said."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from documents_cases import NOW, fleet, incidents, machine, outlook, plan

from dsapp.core.job import Refusal
from dsapp.manufacturing.documents.outputs import write_fleet
from dsapp.manufacturing.documents.state import MAX_PAGES, report
from dsapp.manufacturing.local_time import DAY
from dsapp.manufacturing.plant import Alarms
from dsapp.manufacturing.requests import requests

HOSTILE = ("<script>alert(1)</script>\"&'", "=HYPERLINK(1)", "two\nlines\r\x00‮", "n" * 200, "../../up", "CON", "P/7\\x")


def words(page: str) -> str:
    """The text of a page as a reader sees it, without style and script."""
    import html

    body = re.sub(r"<(style|script)>.*?</\1>", " ", page, flags=re.S)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", body))).replace("\u202f", " ")


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("fleet")
    of = fleet()
    today = incidents(of)
    told = requests(today, plan(), of.plant, {})
    names = write_fleet(of, plan(), today, told, ["six machines were read"], folder)
    return folder, names


def page(written, name: str) -> str:
    return words((written[0] / name).read_text(encoding="utf-8"))


def test_the_first_page_comes_first_and_every_named_file_is_there(written):
    folder, names = written
    assert names[0] == "index.html"
    assert all((folder / name).is_file() for name in names)
    assert {"plan.html", "data-quality.html", "plan.xlsx", "alerts.json"} <= set(names)


def test_the_first_page_says_what_fails_why_and_what_to_do(written):
    text = page(written, "index.html")
    today = text[text.index("What needs attention today") : text.index("Watched, no incident")]
    assert "P-01 , bearing" in today and "new" in today
    assert "50 % chance of failure within 7 days" in today
    assert "5 to 329 running hours, middle 107" in today
    assert "vibration: the mean of the last 24 running hours is 5 mm/s" in today
    assert "Service it between Tue 18 Nov to Wed 26 Nov" in today or "between Tue 18 Nov" in today
    assert "3 270 EUR" in today


def test_the_first_page_says_how_far_alarms_are_to_be_believed(written):
    text = page(written, "index.html")
    assert "warned of 83 % of failures at least 24 h ahead" in text
    assert "14 % at 0.01 failures a machine-month" in text
    assert "1 of 1 alarms were confirmed (100 %; 95 % interval 21 % to 100 %)" in text


def test_with_the_users_own_rate_of_failures_one_share_is_told(tmp_path):
    of = fleet(alarms=Alarms(failures_per_machine_month=0.63))
    write_fleet(of, None, (), (), [], tmp_path)
    text = words((tmp_path / "index.html").read_text())
    assert "At your rate of 0.63 failures a machine-month, 91 % of alarms are expected to be right" in text


def test_what_is_not_trained_on_failures_is_marked_and_gets_no_chance(written):
    rows = re.findall(r'<tr data-state="(\w+)">(.*?)</tr>', (written[0] / "index.html").read_text(), flags=re.S)
    told = {re.search(r"P-0\d", row).group(): (state, words(row)) for state, row in rows}
    assert told["P-01"][0] == "open" and "model" in told["P-01"][1]
    assert "ranking only" in told["P-02"][1] and "%" not in told["P-02"][1].replace("100 %", "")
    assert "age only" in told["P-03"][1]
    assert told["P-04"][0] == "quiet" and "80 %" in told["P-04"][1]
    assert told["P-05"][0] == "watch"
    assert told["P-06"][0] == "silent" and "no readings since 2025-10-08 23:00" in told["P-06"][1]


def test_no_finding_is_never_called_health(written):
    text = page(written, "index.html")
    assert "not that the machine is healthy" in text
    calm = words(quiet_index())
    assert "No incident is open. Looked at: 1 machines with up to 2 sensors, readings until 2025-11-17 22:00" in calm
    assert "Nearest to an incident: P-9, bearing, at 2 % of the level" in calm


def quiet_index() -> str:
    from dsapp.manufacturing.documents.index import index_html

    of = fleet(machine("P-9", outlook("P-9", rate=0.001)))
    return index_html(report(of, None, (), (), ()))


def test_costs_stand_beside_plain_policies_and_the_gap_says_of_what(written):
    for name in ("index.html", "plan.html"):
        text = page(written, name)
        assert "run to failure" in text and "34 100 EUR" in text and "perfect foresight (a bound)" in text
        assert "0.4 % of the cost of this schedule under these costs; it says nothing of the savings" in text
    assert "at 5 times from 0 to 1" in page(written, "plan.html")


def test_the_plan_gives_ranges_changes_and_what_does_not_fit(written):
    text = page(written, "plan.html")
    assert "Tue 18 Nov to Wed 26 Nov" in text
    assert "no mechanic hours are left" in text
    assert "moved" in text and "the mechanic is busy" in text
    assert "mechanic [crew hours a day]" in text
    assert "I-" in text[text.index("Work requests of this run") :]


def test_a_changed_crew_or_cost_is_told_beside_the_plan(tmp_path):
    of = fleet()
    other = plan(visits=(), unplanned=(("P-01", "bearing", "no crew"),))
    write_fleet(of, plan(), incidents(of), (), [], tmp_path, what_ifs=[("no mechanic", other)])
    text = words((tmp_path / "plan.html").read_text())
    assert "What if: no mechanic" in text and "P-01, bearing: no longer planned: no crew" in text


def test_data_quality_names_the_fault_and_what_was_done(written):
    text = page(written, "data-quality.html")
    assert "one same value for longer than 12 h" in text and "masked" in text and "20.0 %" in text


def test_without_plan_incidents_or_machines_each_page_says_so(tmp_path):
    empty = replace(fleet(), machines=(), as_of=0)
    names = write_fleet(empty, None, (), (), [], tmp_path, refused=[refusal()])
    assert all((tmp_path / name).stat().st_size for name in names)
    text = words((tmp_path / "index.html").read_text())
    assert "No machine was looked at" in text and "No plan was made in this run" in text
    assert "readings.csv" in text and "it is cut in half" in text


def refusal() -> Refusal:
    from pathlib import Path

    return Refusal("x", Path("readings.csv"), "truncated", "it is cut in half", "send it again")


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_stay_text_and_files_stay_in_their_folder(tmp_path, name):
    told = outlook(name, reasons=(), notes=(name,))
    of = fleet(machine(name, told))
    inner = tmp_path / "run"
    visit = replace(plan().visits[0], machine=name, reason=name)
    made = plan(visits=(visit,), unplanned=((name, "seal", name),))
    write_fleet(of, made, incidents(of), requests(incidents(of), made, of.plant, {}), [name], inner)
    pages = list(inner.rglob("*.html"))
    assert len(pages) == 4 and not [path for path in tmp_path.iterdir() if path != inner]
    for path in pages:
        text = path.read_text(encoding="utf-8")
        assert "<script>alert" not in text and "\x00" not in text and "‮" not in text
        for address in re.findall(r'href="([^"#]+)', text):
            if not address.endswith(("run.json",)):
                assert (path.parent / address_of(address)).resolve().is_file(), address


def address_of(address: str) -> str:
    from urllib.parse import unquote

    return unquote(address)


def test_names_that_differ_in_case_alone_get_pages_of_their_own():
    of = fleet(machine("Pump", outlook("Pump")), machine("pump", outlook("pump")))
    pages = report(of, None, (), (), ()).pages
    assert len({address.casefold() for address in pages.values()}) == 2


def test_a_large_fleet_gets_pages_only_where_something_is_to_be_done(tmp_path):
    calm = [machine(f"M-{number}", outlook(f"M-{number}", rate=0.001), series=None) for number in range(MAX_PAGES)]
    of = fleet(machine("P-01", outlook("P-01")), *calm)
    pages = report(of, plan(), incidents(of), (), ()).pages
    assert list(pages) == ["P-01"]


def test_a_second_close_gives_the_same_bytes_and_clears_old_pages(tmp_path, written):
    of = fleet()
    today = incidents(of)
    told = requests(today, plan(), of.plant, {})
    (tmp_path / "machines").mkdir()
    (tmp_path / "machines" / "gone.html").write_text("old")
    write_fleet(of, plan(), today, told, ["six machines were read"], tmp_path)
    files = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file())
    assert files == sorted(path.relative_to(written[0]) for path in written[0].rglob("*") if path.is_file())
    for file in files:
        assert (tmp_path / file).read_bytes() == (written[0] / file).read_bytes(), file


def test_a_fleet_held_without_series_gives_the_same_pages(tmp_path, written):
    of = fleet()
    kept = {one.machine: one.series for one in of.machines}
    bare = replace(of, machines=tuple(replace(one, series=None) for one in of.machines))
    today = incidents(of)
    write_fleet(bare, plan(), today, (), [], tmp_path, series_of=kept.get)
    for page in (tmp_path / "machines").iterdir():
        assert "No readings were kept for a picture" not in page.read_text()
    text = words((tmp_path / "machines" / "P-01.html").read_text())
    assert "Looked at: 2 sensors" in text and "vibration [mm/s]" in text


def test_the_budget_counts_a_week_and_shows_what_waits(tmp_path):
    of = fleet(*(machine(f"P-{n}", outlook(f"P-{n}")) for n in range(5)), alarms=Alarms(budget_per_week=2))
    old = replace(incidents(of)[-1], opened=NOW - 8 * DAY)
    write_fleet(of, None, (*incidents(of)[:-1], old), (), [], tmp_path)
    text = words((tmp_path / "index.html").read_text())
    assert "2 Alarms this week, of a budget of 2" in text or "Alarms this week, of a budget of 2 2" in text
    assert "Kept back by the budget of 2 alarms a week" in text

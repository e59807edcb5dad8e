"""``alerts.json`` keeps its published form; ``plan.xlsx`` opens in a spreadsheet, holds what the plan says, and runs nothing."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime

import jsonschema
import openpyxl
import pytest
from documents_cases import fleet, incidents, machine, outlook, plan

from dsapp.manufacturing.documents.alerts import alerts, published
from dsapp.manufacturing.documents.state import STATES, report
from dsapp.manufacturing.documents.workbook import write_workbook
from dsapp.manufacturing.requests import requests


def told(of=None, with_plan=True):
    of = of or fleet()
    today = incidents(of)
    made = plan() if with_plan else None
    return report(of, made, today, requests(today, made, of.plant, {}), ("a note",))


def test_alarms_follow_their_schema():
    jsonschema.Draft202012Validator.check_schema(published())
    for one in (told(), told(with_plan=False), told(replace(fleet(warning=False), machines=(), as_of=0))):
        content = alerts(one)
        jsonschema.validate(json.loads(json.dumps(content, allow_nan=False)), published())


def test_an_alarm_says_what_it_rests_on_and_dates_as_a_range():
    content = alerts(told())
    first = content["alerts"][0]
    assert (first["machine"], first["component"], first["status"], first["new"]) == ("P-01", "bearing", "open", True)
    assert first["risks"][2]["hours"] == 168.0 and 0.49 < first["risks"][2]["probability"] < 0.51
    assert first["life"]["low"] == 5.2 and first["life"]["high"] == 329.0
    assert first["service"]["earliest"] == "2025-11-18" and first["service"]["latest"] == "2025-11-26"
    assert first["opened"] == "2025-11-17T21:00:00Z"
    assert first["page"] == "machines/P-01.html"
    closed = content["alerts"][-1]
    assert closed["status"] == "closed" and closed["ended"] == "it failed" and closed["outcome"] == "confirmed"


def test_figures_that_are_no_numbers_become_null():
    broken = replace(outlook("P-01"), threshold=0.3, risks={24.0: float("nan")})
    of = fleet(machine("P-01", broken, per_day=float("inf")), warning=False)
    of = replace(of, warning={"warned_24h": float("nan"), "false_alarms_per_machine_month": 0.0})
    content = alerts(told(of))
    jsonschema.validate(json.loads(json.dumps(content, allow_nan=False)), published())
    assert content["warning"]["warned_24h"] is None


def test_the_schema_knows_every_state():
    known = published()["properties"]["machines"]["properties"]["by_state"]["propertyNames"]["enum"]
    assert set(known) == set(STATES)


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    path = tmp_path_factory.mktemp("book") / "plan.xlsx"
    hostile = "=cmd|' /C calc'!A0"
    of = fleet(machine(hostile, outlook(hostile)), *fleet().machines)
    visit = replace(plan().visits[0], machine=hostile, reason="@SUM(1)")
    today = incidents(of)
    made = plan(visits=(*plan().visits, visit), unplanned=(("http://example.org/x", "seal", "+1"),))
    asked = requests(today, made, of.plant, {})
    what_ifs = (("half the crew", plan(visits=())),)
    write_workbook(report(of, made, today, asked, (hostile,), what_ifs=what_ifs), path)
    return openpyxl.load_workbook(path)


def test_the_workbook_has_every_table_with_rows(book):
    names = [
        "Visits",
        "Not planned",
        "Costs",
        "Cost ratios",
        "Changes",
        "What if",
        "Requests",
        "Machines",
        "Assumptions",
    ]
    assert book.sheetnames == names
    assert all(book[name].max_row > 1 for name in names)


def test_dates_are_dates_and_figures_are_figures(book):
    row = next(row for row in book["Visits"].iter_rows(min_row=2, values_only=True) if row[0] == "P-01")
    assert row[2:5] == (datetime(2025, 11, 18), datetime(2025, 11, 26), datetime(2025, 11, 21))
    assert row[6:10] == (13.5, 7.5, 2064.2, 3266.1)


def test_no_cell_is_a_formula_or_a_link(book):
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f" and cell.hyperlink is None
                assert not (isinstance(cell.value, str) and cell.value[:1] in ("=", "+", "@")), cell.value


def test_without_a_plan_the_workbook_still_tells_of_the_machines(tmp_path):
    write_workbook(told(with_plan=False), tmp_path / "plan.xlsx")
    book = openpyxl.load_workbook(tmp_path / "plan.xlsx")
    assert book.sheetnames == ["Requests", "Machines", "Assumptions"]
    values = {row[0]: row[1] for row in book["Assumptions"].iter_rows(min_row=2, values_only=True)}
    assert values["Plan"] == "none was made in this run"

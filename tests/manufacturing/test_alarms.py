"""Alarm discipline over days: one incident for each cause, hysteresis, cooldown, weekly budget, and what a repeated run leaves."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsapp.core.errors import InputError, RunError
from dsapp.manufacturing import incidents, requests
from dsapp.manufacturing.alarms import WEEK_US, Incident, step
from dsapp.manufacturing.fleet import Fleet
from dsapp.manufacturing.history import Event
from dsapp.manufacturing.outlook import Outlook, Survival
from dsapp.manufacturing.plant import Alarms, Component, Plant, Sensor
from dsapp.manufacturing.stored import StoredMachine

DAY = 86_400_000_000
LIFE = Survival((0.0, 10.0, 20.0), (1.0, 0.9, 0.5))


def plant(**alarms: float) -> Plant:
    return Plant(
        format=1,
        name="hall",
        asset_class="pump",
        sensors=(Sensor(name="vibration"),),
        components=(Component(name="bearing", stock=0, lead_days=5), Component(name="seal")),
        alarms=Alarms(**{"cooldown_hours": 72, "budget_per_week": 3, **alarms}),  # type: ignore[arg-type]
    )


def machine(name: str, day: float, scores: dict[str, float], events: tuple[Event, ...] = ()) -> StoredMachine:
    as_of = int(day * DAY)
    told = tuple(
        Outlook(name, component, as_of, "model", score, threshold=0.5, survival=LIFE)
        for component, score in scores.items()
    )
    return StoredMachine(name, 0, as_of, 3600.0, "running_hours", 100.0, 24.0, told, events=events)


def fleet(day: float, machines: list[StoredMachine], of: Plant | None = None) -> Fleet:
    return Fleet(of or plant(), int(day * DAY), tuple(machines), {}, {})


def run(days: list[list[float]], of: Plant | None = None) -> list[tuple[Incident, ...]]:
    """The incidents of each day of machines whose bearing scores are given day by day."""
    told: tuple[Incident, ...] = ()
    seen = []
    for day, scores in enumerate(days, start=1):
        told = step(told, fleet(day, [machine(f"m{n}", day, {"bearing": s}) for n, s in enumerate(scores)], of))
        seen.append(told)
    return seen


def opened(day: tuple[Incident, ...]) -> list[Incident]:
    return [one for one in day if one.status == "open"]


def test_a_score_that_wavers_round_the_threshold_is_one_incident() -> None:
    days = run([[0.6], [0.45], [0.6], [0.4], [0.7]])
    assert {one.id for day in days for one in day} == {days[0][0].id}
    assert all(one.status == "open" for day in days for one in day)


def test_it_closes_well_below_and_rests_before_the_next() -> None:
    days = run([[0.6], [0.1], [0.6], [0.6], [0.6], [0.6]])
    assert days[1][0].status == "closed"
    assert "fell" in days[1][0].ended
    assert not opened(days[3])
    assert len(opened(days[4])) == 1
    assert opened(days[4])[0].id != days[0][0].id


def test_a_service_closes_it_with_its_name() -> None:
    first = step((), fleet(1, [machine("m", 1, {"bearing": 0.8, "seal": 0.8})]))
    served = Event(int(1.5 * DAY), "maintenance", "replace bearing", "bearing")
    second = step(first, fleet(2, [machine("m", 2, {"bearing": 0.8, "seal": 0.8}, (served,))]))
    by = {one.component: one for one in second}
    assert by["bearing"].status == "closed" and "replace bearing" in by["bearing"].ended
    assert by["seal"].status == "open"


def test_the_budget_takes_the_most_pressing_and_the_rest_waits() -> None:
    (day,) = run([[0.6, 0.9, 0.7, 0.8, 0.55]])
    assert {one.machine for one in opened(day)} == {"m1", "m3", "m2"}
    assert [one.machine for one in day if one.status == "waiting"] == ["m0", "m4"]


def test_what_waited_opens_when_the_week_is_over() -> None:
    days = run([[0.6, 0.9, 0.7, 0.8]] * 9)
    assert not any(one.machine == "m0" and one.status == "open" for day in days[:7] for one in day)
    assert any(one.machine == "m0" and one.status == "open" for one in days[8])


def test_parts_that_come_too_late_are_told() -> None:
    (one,) = step((), fleet(1, [machine("m", 1, {"bearing": 0.8})]), needs_days={("m", "bearing"): 10.0})
    assert one.needs_days == 10
    assert one.too_late == pytest.approx(0.1)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.floats(0, 1), min_size=4, max_size=4), min_size=1, max_size=20))
def test_never_two_for_one_cause_and_never_beyond_the_budget(days: list[list[float]]) -> None:
    for number, day in enumerate(run(days), start=1):
        causes = [(one.machine, one.component) for one in day if one.status != "closed"]
        assert len(causes) == len(set(causes))
        assert len({one.id for one in day}) == len(day)
        week = [one for one in day if one.status != "waiting" and number * DAY - one.opened < WEEK_US]
        assert len(week) <= 3


def save(state: Path, day: int, told: tuple[Incident, ...]) -> None:
    incidents.save(incidents.State(1, "hall", day * DAY, told), state)


def test_the_same_run_again_starts_from_the_snapshot_before_it(tmp_path: Path) -> None:
    first = step((), fleet(1, [machine("m", 1, {"bearing": 0.8})]))
    save(tmp_path, 1, first)
    today = fleet(2, [machine("m", 2, {"bearing": 0.8, "seal": 0.9})])
    results = []
    for _ in range(2):
        before = incidents.latest(tmp_path, "hall", today.as_of)
        assert before is not None
        told = step(before.incidents, today)
        save(tmp_path, 2, told)
        results.append(told)
    assert results[0] == results[1]
    assert len(opened(results[1])) == 2
    kept = incidents.latest(tmp_path, "hall", 3 * DAY)
    assert kept is not None and kept.incidents == results[1]


def test_a_damaged_snapshot_is_an_error_and_stays(tmp_path: Path) -> None:
    save(tmp_path, 1, ())
    (path,) = tmp_path.iterdir()
    path.write_text(path.read_text()[:-20])
    with pytest.raises(RunError, match="damaged"):
        incidents.latest(tmp_path, "hall", 5 * DAY)
    assert path.exists()


def test_another_plants_state_is_refused(tmp_path: Path) -> None:
    save(tmp_path, 1, ())
    with pytest.raises(RunError, match="belongs to the plant"):
        incidents.latest(tmp_path, "mill", 5 * DAY)


def incident(**changes: object) -> Incident:
    base = Incident("I-1", "m", "bearing", DAY, "open", 0.8, 1.6, "model", "vibration rises")
    return replace(base, **changes)  # type: ignore[arg-type]


def test_requests_are_new_once_then_updates_only_when_something_changed() -> None:
    of = plant()
    (new,) = requests.requests([incident()], None, of, {})
    assert (new.action, new.id, new.part) == ("new", "I-1", "none in stock, 5 days")
    known = requests.remembered([new], {})
    (same,) = requests.requests([incident()], None, of, known)
    assert same.action == "unchanged"
    (update,) = requests.requests([incident(too_late=0.5)], None, of, known)
    assert update.action == "update" and update.priority == 1
    (gone,) = requests.requests([incident(status="closed", ended="it failed")], None, of, known)
    assert gone.action == "withdraw" and gone.reason == "it failed"
    known = requests.remembered([gone], known)
    assert requests.requests([incident(status="closed")], None, of, known) == ()


def test_an_open_order_asks_for_no_request_and_takes_an_earlier_one_back() -> None:
    covered = incident(covered_by="WO-7")
    assert requests.requests([covered], None, plant(), {}) == ()
    (gone,) = requests.requests([covered], None, plant(), {"I-1": "2|None|None|4|4"})
    assert gone.action == "withdraw" and "WO-7" in gone.reason


def test_the_file_goes_out_safe_and_comes_back_with_outcomes(tmp_path: Path) -> None:
    made = requests.requests([incident(reason='=HYPERLINK("http://x")')], None, plant(), {})
    path = tmp_path / "requests.csv"
    requests.write(made, path)
    text = path.read_text("utf-8-sig")
    assert "'=HYPERLINK" in text
    head, line = text.splitlines()[:2]
    cells = head.split(",")
    returned = line.split(",")
    assert cells[0] == "id" and returned[0] == "I-1"
    path.write_bytes(
        ("id;outcome;note\r\nI-1;No fault found;größer\r\nI-9;confirmed;\r\nI-1x;maybe;\r\n").encode("cp1252")
    )
    told = requests.read(path)
    assert told.outcomes == {"I-1": "no_fault_found", "I-9": "confirmed"}
    assert len(told.remarks) == 1 and "line 4" in told.remarks[0]
    marked, unknown = requests.with_outcomes([incident()], told.outcomes)
    assert marked[0].outcome == "no_fault_found" and unknown == ("I-9",)
    share = requests.confirmed([*marked, incident(id="I-2", outcome="replaced")])
    assert share is not None and (share.right, share.total) == (1, 2)
    assert share.low < 0.5 < share.high


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"\x00\x01", b"id\nI-1\n"])
def test_a_file_that_is_no_list_of_requests_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "back.csv"
    path.write_bytes(content)
    with pytest.raises(InputError):
        requests.read(path)

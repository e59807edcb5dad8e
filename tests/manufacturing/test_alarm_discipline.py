"""Promises of alarm discipline over random courses of scores, services, failures and plant rules, with days left out as they are in life."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from dsapp.core.rules import Proof
from dsapp.manufacturing.alarms import ALARM_MARK, HOUR_US, WEEK_US, Incident, step
from dsapp.manufacturing.fleet import Fleet
from dsapp.manufacturing.history import Event
from dsapp.manufacturing.outlook import Outlook
from dsapp.manufacturing.plant import Alarms, Component, Plant, Sensor
from dsapp.manufacturing.stored import StoredMachine

DAY = 24 * HOUR_US
PARTS = ("bearing", "seal")
THRESHOLD = 0.5

Score = st.one_of(st.sampled_from([0.0, 0.34, 0.36, 0.49, 0.5, 0.51]), st.floats(0, 1))
Today = st.fixed_dictionaries(
    {
        "gap": st.integers(1, 3),
        "scores": st.lists(Score, min_size=6, max_size=6),
        "rule": st.lists(st.booleans(), min_size=6, max_size=6).map(
            lambda told: [one and sum(told) < 3 for one in told]
        ),
        "happens": st.lists(st.sampled_from(["", "", "", "maintenance", "failure"]), min_size=6, max_size=6),
    }
)


def plant(budget: int, cooldown: float) -> Plant:
    return Plant(
        format=1,
        name="hall",
        asset_class="pump",
        sensors=(Sensor(name="vibration"),),
        components=tuple(Component(name=name) for name in PARTS),
        alarms=Alarms(budget_per_week=budget, cooldown_hours=cooldown),
    )


def run(days: list[dict], of: Plant) -> list[tuple[int, tuple[Incident, ...]]]:
    """Moment and incidents of each run; three machines with two parts each."""
    told: tuple[Incident, ...] = ()
    events: dict[str, list[Event]] = {f"m{number}": [] for number in range(3)}
    seen, now = [], 0
    for day in days:
        before, now = now, now + day["gap"] * DAY
        machines = []
        for number, (name, log) in enumerate(events.items()):
            outlooks = []
            for place, part in enumerate(PARTS, start=2 * number):
                if day["happens"][place]:
                    log.append(Event((before + now) // 2, day["happens"][place], "work", part, (before + now) // 2))
                proofs = (Proof(f"{ALARM_MARK}limit", "beyond the limit"),) if day["rule"][place] else ()
                score = day["scores"][place]
                outlooks.append(Outlook(name, part, now, "model", score, threshold=THRESHOLD, rules=proofs))
            log.sort()
            machines.append(
                StoredMachine(name, 0, now, 3600.0, "running_hours", 1.0, 24.0, tuple(outlooks), events=tuple(log))
            )
        told = step(told, Fleet(of, now, tuple(machines), {}, {}))
        seen.append((now, told))
    return seen


@settings(max_examples=80, deadline=None)
@given(st.lists(Today, min_size=1, max_size=15), st.integers(0, 4), st.sampled_from([0.0, 24.0, 72.0, 200.0]))
def test_the_promises_hold(days: list[dict], budget: int, cooldown: float) -> None:
    seen = run(days, plant(budget, cooldown))
    for _, told in seen:
        alive = [(one.machine, one.component) for one in told if one.status != "closed"]
        assert len(alive) == len(set(alive)), "one incident for one cause"
        assert len({one.id for one in told}) == len(told)
    last = [one for one in seen[-1][1] if one.status != "waiting"]
    times = sorted(one.opened for one in last)
    for first in times:
        assert sum(first <= time < first + WEEK_US for time in times) <= budget, "the budget of any week"
    for cause in {(one.machine, one.component) for one in last}:
        course = sorted((one for one in last if (one.machine, one.component) == cause), key=lambda one: one.opened)
        for earlier, later in pairwise(course):
            assert earlier.closed is not None
            assert later.opened - earlier.closed >= cooldown * HOUR_US, "it rests before it opens again"


@settings(max_examples=60, deadline=None)
@given(st.lists(Today, min_size=2, max_size=15), st.integers(1, 4))
def test_nothing_is_lost_or_opened_anew_and_each_end_has_its_cause(days: list[dict], budget: int) -> None:
    seen = run(days, plant(budget, 24.0))
    for (_, before), (now, after) in pairwise(seen):
        later = {one.id: one for one in after}
        for one in before:
            if one.status == "waiting":
                continue
            kept = later[one.id]
            assert kept.opened == one.opened
            if one.status == "closed":
                assert kept == one
            elif kept.status == "closed":
                assert kept.ended and kept.closed is not None and one.opened < kept.closed <= now


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(0.36, 1), min_size=1, max_size=12))
def test_a_score_that_stays_above_the_lower_level_never_closes(scores: list[float]) -> None:
    days = [{"gap": 1, "scores": [one] + [0.0] * 5, "rule": [False] * 6, "happens": [""] * 6} for one in [0.6, *scores]]
    seen = run(days, plant(2, 72.0))
    assert {one.id for _, told in seen for one in told} == {seen[0][1][0].id}
    assert all(one.status == "open" for _, told in seen for one in told)


@settings(max_examples=40, deadline=None)
@given(st.lists(Today, min_size=1, max_size=8))
def test_the_same_day_again_gives_the_same_incidents(days: list[dict]) -> None:
    assert run(days, plant(3, 72.0)) == run(days, plant(3, 72.0))

"""Warnings counted by event: the edges of the lead window, one incident once, false alarms by machine-month."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsapp.manufacturing.events import HOUR_US, Decisions, at_budget, right_share, tally, total


def machine(alarm_hours: list[float], failure_hours: list[float], days: float = 30.4, name: str = "m") -> Decisions:
    hours = np.arange(0, days * 24, 3.0)
    scores = np.isin(hours, alarm_hours).astype(float)
    return Decisions(
        name, (hours * HOUR_US).astype(np.int64), scores, (np.array(failure_hours) * HOUR_US).astype(np.int64), days
    )


@pytest.mark.parametrize(
    ("lead", "warned", "false"), [(24, 1, 0), (21, 0, 0), (168, 1, 0), (171, 0, 1), (3, 0, 0), (48, 1, 0)]
)
def test_the_lead_window_includes_both_ends(lead: int, warned: int, false: int) -> None:
    found = tally(machine([300 - lead], [300.0]), 0.5)
    assert (found.num_warned, found.num_false) == (warned, false)
    assert found.leads_h == ((float(lead),) if warned else ())


def test_an_incident_that_goes_on_is_one() -> None:
    found = tally(machine(list(range(90, 130, 3)), []), 0.5)
    assert found.num_false == 1


def test_after_a_week_without_failure_the_next_alarm_is_another() -> None:
    assert tally(machine([60, 60 + 168, 60 + 171], []), 0.5).num_false == 2


def test_a_failure_ends_the_incident_and_the_next_one_needs_its_own() -> None:
    found = tally(machine([99], [130.0, 160.0]), 0.5)
    assert found.num_warned == 2, "the opening lies in both lead windows"
    late = tally(machine([99], [130.0, 300.0]), 0.5)
    assert (late.num_warned, late.num_false) == (1, 0)


def test_false_alarms_are_counted_by_machine_month() -> None:
    found = total([tally(machine([60], []), 0.5), tally(machine([], []), 0.5)])
    assert found.false_per_month == pytest.approx(0.5)
    assert math.isnan(found.share)


def test_the_budget_is_kept_and_the_best_threshold_taken() -> None:
    generator = np.random.default_rng(0)
    fleet = []
    for number in range(20):
        times = np.arange(0, 120 * 24, 6.0)
        failures = np.sort(generator.choice(np.arange(400, 2800, 200), 3, replace=False)).astype(float)
        near = np.array([(failures - t)[(failures - t) > 0].min(initial=1e9) < 100 for t in times])
        scores = generator.normal(0, 1, len(times)) + 3 * near
        fleet.append(
            Decisions(
                str(number), (times * HOUR_US).astype(np.int64), scores, (failures * HOUR_US).astype(np.int64), 120
            )
        )
    threshold, found = at_budget(fleet, 0.2)
    assert found.false_per_month <= 0.2
    assert found.share > 0.5
    stricter, less = at_budget(fleet, 0.02)
    assert stricter >= threshold and less.share <= found.share
    again = total([tally(one, threshold) for one in fleet])
    assert again == found


def test_the_share_of_right_alarms_falls_with_the_rate_of_failures() -> None:
    assert right_share(0.9, 0.05, 0.01) < right_share(0.9, 0.05, 0.1) < right_share(0.9, 0.05, 0.63)
    assert right_share(1.0, 0.0, 0.1) == 1.0


@given(st.lists(st.integers(0, 240), max_size=30), st.lists(st.integers(0, 240), max_size=4, unique=True))
def test_nothing_is_counted_twice(alarms: list[int], failures: list[int]) -> None:
    found = tally(machine([3 * step for step in alarms], sorted(3.0 * step for step in failures)), 0.5)
    assert found.num_warned == len(found.leads_h) <= found.num_failures
    assert all(24 <= lead <= 168 for lead in found.leads_h)
    assert found.num_false <= math.ceil(30.4 * 24 / 168) + len(failures)

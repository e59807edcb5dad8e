"""Policies are priced by the same failures, agree with the value that is minimised, and flip where they should."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from plan_cases import NOW, TODAY, make_plant, make_slots, make_task, weibull

from dsapp.core.errors import UsageError
from dsapp.manufacturing.fleet import Fleet
from dsapp.manufacturing.plan.policies import flip_sentence, flips, price, with_prices
from dsapp.manufacturing.plan.schedule import schedule
from dsapp.manufacturing.plan.types import Plan, Task
from dsapp.manufacturing.plan.value import standing, task_value, value
from dsapp.manufacturing.plan.what_if import WhatIf, changed, what_if
from dsapp.manufacturing.plant import Plant

PLANT = make_plant()
SLOTS = make_slots(29)


def worn(machine: str, ahead: float, failure: float = 8.0) -> Task:
    new = weibull(3.0, 80.0)
    rate = standing(new, 1.0, failure).rate
    return make_task(
        machine, survival=weibull(3.0, ahead), new=new, renewal_rate=rate, failure_cost=failure, age_days=60.0
    )


def priced(tasks: list[Task], plan: Plan, draws: int = 4000) -> dict[str, float]:
    return {one.policy: one.cost for one in price(tasks, plan, SLOTS, PLANT, now=NOW, num_draws=draws)}


def test_the_price_of_a_plan_is_the_value_that_the_schedule_minimised() -> None:
    task = worn("A", 20.0)
    plan = schedule([task], SLOTS, PLANT, now=NOW)
    day = float((plan.visits[0].day - TODAY).days)
    expected = value(task.survival, [day], 1.0, 8.0, task.renewal_rate)[0] + task.renewal_rate * 30
    assert priced([task], plan)["ours"] == pytest.approx(expected, abs=0.06)


def test_ours_lies_between_foresight_and_the_plain_policies() -> None:
    tasks = [worn(f"M{number}", ahead) for number, ahead in enumerate((4.0, 9.0, 25.0, 90.0, 200.0))]
    plan = schedule(tasks, SLOTS, PLANT, now=NOW)
    cost = priced(tasks, plan, 800)
    assert cost["foresight"] < cost["ours"] < min(cost["age"], cost["fixed"], cost["run_to_failure"])


def test_the_same_failures_meet_every_policy() -> None:
    """Without a visit the plan is running to failure until its first renewal: to the last digit where nothing is renewed."""
    task = replace(worn("A", 4000.0), new=weibull(1.0, 4000.0), renewal_rate=0.002)
    plan = schedule([task], SLOTS, PLANT, now=NOW)
    assert not plan.visits
    cost = priced([task], plan)
    assert cost["ours"] == cost["run_to_failure"]


def test_planned_stops_and_failures_have_their_own_standstill() -> None:
    task = worn("A", 6.0)
    plan = schedule([task], SLOTS, PLANT, now=NOW)
    by_name = {one.policy: one for one in price([task], plan, SLOTS, PLANT, now=NOW)}
    never, knows = by_name["run_to_failure"], by_name["foresight"]
    assert never.standstill_hours == pytest.approx(20.0 * never.failures)
    assert knows.failures == 0.0 and knows.standstill_hours > 0
    assert by_name["ours"].failures < never.failures


def test_nothing_to_price_without_tasks() -> None:
    assert price([], schedule([], SLOTS, PLANT, now=NOW), SLOTS, PLANT, now=NOW) == ()


def test_more_is_planned_the_more_a_failure_costs() -> None:
    tasks = [worn(f"M{number}", ahead) for number, ahead in enumerate((6.0, 15.0, 30.0, 60.0, 120.0))]
    found = flips(tasks, SLOTS, PLANT, now=NOW, made_for=TODAY)
    assert [ratio for ratio, _, _ in found] == sorted(ratio for ratio, _, _ in found)
    assert found[0][0] == 2.0 and found[-1][0] == 20.0
    visits = [count for _, count, _ in found]
    assert visits == sorted(visits) and visits[0] < visits[-1]
    costs = [cost for _, _, cost in found]
    assert costs == sorted(costs)


def test_a_flat_hazard_is_run_to_failure_at_every_ratio_and_said_so() -> None:
    flat = weibull(1.0, 60.0)
    task = make_task(survival=flat, new=flat, renewal_rate=10.0 / 60)
    plan = with_prices(schedule([task], SLOTS, PLANT, now=NOW), [task], SLOTS, PLANT, now=NOW)
    assert all(count == 0 for _, count, _ in plan.flips)
    assert "Even where a failure costs 20 times its planned work, the cheapest plan is to run to failure." in plan.notes
    cost = {one.policy: one.cost for one in plan.policies}
    assert cost["ours"] == cost["run_to_failure"] == cost["age"]


def test_the_sentence_names_where_the_plan_flips() -> None:
    assert "up to 3 times" in flip_sentence([(2.0, 0, 1.0), (3.0, 0, 1.0), (4.0, 2, 1.0)])
    assert flip_sentence([(2.0, 3, 1.0), (4.0, 5, 1.0)]).startswith("From 2 times")
    assert flip_sentence([]) == ""


def fleet(plant: Plant) -> Fleet:
    return Fleet(plant, NOW, (), {}, {})


def make(some: Fleet) -> Plan:
    part = some.plant.components[0]
    tasks = [
        replace(worn(name, 9.0), failure_cost=part.failure_cost, planned_cost=part.planned_cost) for name in ("A", "B")
    ]
    hours = {crew.skill: crew.hours_per_day for crew in some.plant.crew}
    slots = make_slots(10, crew=hours)
    plan = schedule(tasks, slots, some.plant, now=NOW)
    return replace(plan, policies=price(tasks, plan, slots, some.plant, now=NOW, num_draws=50))


def test_what_if_the_crew_were_gone_says_what_is_no_longer_planned() -> None:
    plant = make_plant(crew=[{"hours_per_day": 8, "days": "Mon-Sun"}])
    found = what_if(fleet(plant), WhatIf(crew_hours={"": 0.0}), make)
    assert len(found.before.visits) == 2 and not found.plan.visits
    assert found.sentences[0] == "0 visits instead of 2."
    assert any(sentence.startswith("A: no longer planned: crew") for sentence in found.sentences)
    assert any("Expected cost over the horizon" in sentence for sentence in found.sentences)


def test_what_if_a_failure_cost_less_than_the_work_leaves_machines_to_fail() -> None:
    found = what_if(fleet(make_plant()), WhatIf(failure_cost=0.1), make)
    assert len(found.before.visits) == 2 and not found.plan.visits
    assert any("waiting is cheaper" in sentence for sentence in found.sentences)


def test_a_what_if_that_cannot_be_is_refused() -> None:
    for wrong in (
        WhatIf(failure_cost=-1),
        WhatIf(crew_hours={"": float("nan")}),
        WhatIf(horizon_days=3, frozen_days=7),
    ):
        with pytest.raises(UsageError):
            changed(PLANT, wrong)


def test_a_changed_plant_keeps_the_rest() -> None:
    plant = make_plant(crew=[{"skill": "m", "hours_per_day": 8, "days": "Sat"}], costs={"line_minute": 3})
    other = changed(plant, WhatIf(crew_hours={"m": 4.0}, planned_cost=2.0))
    assert (other.crew[0].hours_per_day, other.crew[0].days) == (4.0, "Sat")
    assert other.components[0].planned_cost == 2 * plant.components[0].planned_cost
    assert other.costs == plant.costs
    assert np.isclose(other.components[0].failure_cost, plant.components[0].failure_cost)


def test_where_warnings_come_in_time_a_healthy_machine_waits_and_costs_less() -> None:
    """A flat risk of a failure now and then is worth a service today only if nobody would be warned of it."""
    alone = replace(worn("A", 30.0), survival=weibull(1.2, 60.0))
    cost = standing(weibull(3.0, 80.0), 1.0, 8.0 - 0.9 * 7.0).rate
    watched = replace(alone, warned=0.9, lead_days=2.0, renewal_rate=cost)
    assert schedule([alone], SLOTS, PLANT, now=NOW).visits
    waiting = schedule([watched], SLOTS, PLANT, now=NOW)
    assert not waiting.visits
    assert any("90 % are taken to be announced in time" in note for note in waiting.notes)
    cost_of = {one.policy: one for one in price([watched], waiting, SLOTS, PLANT, now=NOW, num_draws=2000)}
    assert cost_of["ours"].failures < 0.3 * cost_of["run_to_failure"].failures
    assert cost_of["foresight"].cost < cost_of["ours"].cost < cost_of["run_to_failure"].cost


def test_with_warnings_too_the_price_is_the_value_that_was_minimised() -> None:
    new = weibull(3.0, 80.0)
    rate = standing(new, 1.0, 8.0 - 0.7 * 7.0).rate
    task = replace(worn("A", 12.0), warned=0.7, lead_days=3.0, renewal_rate=rate)
    plan = schedule([task], SLOTS, PLANT, now=NOW)
    day = float((plan.visits[0].day - TODAY).days)
    expected = task_value(task, [day], 1.0)[0] + rate * 30
    assert priced([task], plan)["ours"] == pytest.approx(expected, abs=0.08)

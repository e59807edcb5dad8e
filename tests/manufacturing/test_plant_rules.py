"""Plant rules over records: power, temperature difference, strain, interlock and duty rules; units, rests, masked sensors, new parts, proofs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsapp.manufacturing import simulate
from dsapp.manufacturing.alarms import ALARM_MARK, step
from dsapp.manufacturing.fleet import Fleet
from dsapp.manufacturing.history import FLAGS, Event, Life, Record, until
from dsapp.manufacturing.outlook import Outlook
from dsapp.manufacturing.plant import Component, Condition, Plant, PlantRule, Quantity, Sensor
from dsapp.manufacturing.plant_rules import FAILS, HOLDS, UNDECIDED, Judged, course, judge, with_rules
from dsapp.manufacturing.stored import StoredMachine

HOUR = 3_600_000_000
UNITS = {"torque": "Nm", "speed": "rpm", "air": "degC", "process": "degC", "wear": "min", "valve": "", "current": "A"}


def record(running: list[bool] | None = None, **columns: list[float]) -> Record:
    count = len(next(iter(columns.values())))
    values = np.array(list(columns.values()), dtype=np.float32).T.reshape(count, len(columns))
    ran = np.ones(count, bool) if running is None else np.array(running)
    return Record(
        machine="m",
        sensors=tuple(columns),
        interval_s=3600.0,
        times=np.arange(count, dtype=np.int64) * HOUR,
        values=values,
        flags=np.where(np.isnan(values), FLAGS["stuck"], 0).astype(np.uint8),
        running=ran,
        clock=np.cumsum(ran).astype(float),
        clock_unit="running_hours",
    )


def condition(op: str, value: float, formula: str, *of: str, unit: str = "", **more: float) -> Condition:
    quantity = Quantity(formula=formula, of=of, **more)  # type: ignore[arg-type]
    return Condition(quantity=quantity, op=op, value=value, unit=unit)  # type: ignore[arg-type]


def plant(*when: Condition, **rule: object) -> Plant:
    made = PlantRule(id="r", sentence="It is too much", when=when, **rule)  # type: ignore[arg-type]
    sensors = tuple(Sensor(name=name, unit=unit) for name, unit in UNITS.items())
    return Plant(format=1, name="hall", asset_class="mill", sensors=sensors, rules=(made,))


def states(of: Record, rules: Plant) -> list[int]:
    return course(of, rules, rules.rules[0]).state.tolist()


def test_power_is_torque_times_speed() -> None:
    rules = plant(condition(">", 9000, "product", "torque", "speed", factor=2 * np.pi / 60, unit="W"))
    seen = record(torque=[40.0, 60.0, 70.0], speed=[1400.0, 1400.0, 1400.0])
    assert states(seen, rules) == [FAILS, FAILS, HOLDS]
    (found,) = judge(seen, rules).conclusions
    assert found.proof.facts[0].value == pytest.approx(70 * 1400 * 2 * np.pi / 60, rel=1e-5)
    (evidence, *_) = found.proof.evidence()
    assert "torque * speed" in evidence.text and "1.026e+04 W" in evidence.text
    assert (evidence.start, evidence.end) == (2 * HOUR, 2 * HOUR)


def test_a_temperature_difference_and_a_speed_must_hold_together() -> None:
    rules = plant(
        condition("<", 8.6, "difference", "process", "air", unit="K"),
        condition("<", 1380, "value", "speed", unit="rpm"),
    )
    seen = record(air=[20.0] * 3, process=[30.0, 28.0, 28.0], speed=[1300.0, 1500.0, 1300.0])
    assert states(seen, rules) == [FAILS, FAILS, HOLDS]


def test_strain_is_wear_times_torque_and_depends_on_the_type() -> None:
    rules = plant(condition(">", 11_000, "product", "wear", "torque"), trait={"type": "L"}, effect="alarm")
    seen = record(wear=[220.0], torque=[55.0])
    assert not judge(replace(seen, traits={"type": "H"}), rules).conclusions
    (found,) = judge(replace(seen, traits={"type": "L"}), rules).conclusions
    assert found.proof.rule == ALARM_MARK + "r"
    unknown = judge(seen, rules)
    assert not unknown.conclusions and "'type'" in unknown.undecided[0]


def test_an_interlock_needs_its_time_and_says_since_when() -> None:
    rules = plant(condition(">", 10, "value", "current"), condition("==", 0, "value", "valve"), for_s=3 * 3600)
    seen = record(current=[12.0] * 6, valve=[1.0, 0.0, 0.0, 1.0, 0.0, 0.0])
    assert HOLDS not in states(seen, rules)
    longer = record(current=[12.0] * 6, valve=[1.0, 0.0, 0.0, 0.0, 0.0, 0.0])
    assert states(longer, rules) == [FAILS, FAILS, FAILS, HOLDS, HOLDS, HOLDS]
    (found,) = judge(longer, rules).conclusions
    evidence = list(found.proof.evidence())
    assert evidence[-1].start == HOUR and evidence[-1].end == 5 * HOUR
    assert "5 h of running time" in evidence[-1].text


def test_duty_counts_running_time_only() -> None:
    rules = plant(condition(">=", 0.5, "duty", "current", above=10, window_hours=4))
    seen = record(
        running=[True, True, False, False, True, True, True],
        current=[12.0, 12.0, 0.0, 0.0, 8.0, 8.0, 8.0],
    )
    found = course(seen, rules, rules.rules[0])
    assert found.values[5, 0] == pytest.approx(0.5) and found.values[6, 0] == pytest.approx(0.25)
    assert found.state.tolist() == [-1, -1, -1, -1, -1, HOLDS, FAILS]


def test_rates_are_per_hour_and_not_taken_over_a_rest() -> None:
    rules = plant(condition(">", 5, "rate", "process", unit=""))
    seen = record(running=[True, True, False, True, True], process=[20.0, 28.0, 20.0, 60.0, 61.0])
    assert states(seen, rules) == [UNDECIDED, HOLDS, HOLDS, UNDECIDED, FAILS]


def test_means_and_ratios() -> None:
    mean = plant(condition(">", 3, "mean", "current", window_hours=3))
    assert states(record(current=[0.0, 0.0, 9.0, 9.0]), mean) == [-1, -1, FAILS, HOLDS]
    ratio = plant(condition(">", 2, "ratio", "torque", "current"))
    assert states(record(torque=[4.0, 6.0, 1.0], current=[2.0, 2.0, 0.0]), ratio) == [FAILS, HOLDS, UNDECIDED]


@pytest.mark.parametrize(
    ("unit", "limit", "told"), [("degF", 212.0, HOLDS), ("degC", 101.0, FAILS), ("A", 0.0, UNDECIDED)]
)
def test_a_limit_in_another_unit_is_converted_and_one_of_another_kind_decides_nothing(
    unit: str, limit: float, told: int
) -> None:
    assert states(record(process=[100.0]), plant(condition(">=", limit, "value", "process", unit=unit))) == [told]


def test_a_reading_written_as_the_limit_reaches_it() -> None:
    assert states(record(torque=[0.35]), plant(condition(">=", 0.35, "value", "torque"))) == [HOLDS]
    assert states(record(torque=[0.35]), plant(condition("==", 0.35, "value", "torque"))) == [HOLDS]


def test_a_difference_of_temperatures_has_no_zero_point() -> None:
    rules = plant(condition(">=", 18, "difference", "process", "air", unit="degF"))
    assert states(record(process=[30.0, 29.0], air=[20.0, 20.0]), rules) == [HOLDS, FAILS]


def test_a_masked_sensor_decides_nothing_and_is_named() -> None:
    rules = plant(condition(">", 10, "value", "current"), condition(">", 5, "value", "torque"))
    nothing = float("nan")
    seen = record(current=[12.0, 12.0], torque=[6.0, nothing])
    told = judge(seen, rules)
    assert told.conclusions == () and "torque" in told.undecided[0]
    assert judge(record(current=[9.0], torque=[nothing]), rules).undecided == ()
    assert "torque" in judge(record(current=[12.0]), rules).undecided[0]


def test_at_rest_the_last_running_row_stands_until_the_machine_is_serviced() -> None:
    rules = plant(condition(">", 10, "value", "current"))
    night = record(running=[True, True, False, False], current=[9.0, 12.0, 0.0, 0.0])
    assert len(judge(night, rules).conclusions) == 1
    served = replace(night, events=(Event(2 * HOUR + 1, "maintenance", "repair", "", 3 * HOUR),))
    assert states(served, rules)[-1] == FAILS
    assert judge(served, rules).conclusions == ()


def test_a_new_part_begins_anew() -> None:
    rules = plant(condition(">", 10, "value", "current"), for_s=2 * 3600, component="bearing")
    rules = rules.model_copy(update={"components": (Component(name="bearing"),)})
    lives = (Life("bearing", 0, 2, "replaced"), Life("bearing", 2, 4, "running"))
    assert states(replace(record(current=[12.0] * 4), lives=lives), rules) == [FAILS, HOLDS, FAILS, HOLDS]


def outlook(component: str, score: float) -> Outlook:
    return Outlook("m", component, 0, "model", score, threshold=0.5)


def test_effects_reach_the_outlooks_and_a_whole_machines_alarm_opens_one_incident() -> None:
    raised = plant(condition(">", 10, "value", "current"), effect="raise", score=0.8, component="seal")
    parts = (outlook("bearing", 0.1), outlook("seal", 0.2))
    after = with_rules(parts, judge(record(current=[12.0]), raised))
    assert [one.score for one in after] == [0.1, 0.8]
    assert after[1].rules[0].rule == "r" and not after[0].rules
    alarm = plant(condition(">", 10, "value", "current"), effect="alarm")
    told = with_rules(parts, judge(record(current=[12.0]), alarm))
    machine = StoredMachine("m", 0, HOUR, 3600.0, "running_hours", 1.0, 24.0, told)
    (incident,) = step((), Fleet(alarm, HOUR, (machine,), {}, {}))
    assert incident.rule == "r" and incident.reason == "It is too much"
    noted = with_rules(parts, Judged(undecided=("r: undecided, no usable reading of torque",)))
    assert "torque" in noted[1].notes[0]
    assert with_rules((), Judged()) == ()


def test_the_sample_plants_rules_can_be_judged_on_its_pumps() -> None:
    from dsapp.manufacturing.quality import check

    made = simulate.simulate(3, 1, 30, tidy=True)
    seen = check(next(simulate.histories(made)), made.plant)
    told = judge(seen, made.plant)
    assert not told.undecided
    dry = seen.values.copy()
    dry[:, seen.sensors.index("flow")] = 0.0
    fired = judge(replace(seen, values=dry), made.plant, int(np.flatnonzero(seen.running)[-1]))
    assert [one.proof.rule for one in fired.conclusions] == ["alarm:no-flow"]


NUMBERS = st.one_of(st.just(float("nan")), st.integers(0, 20).map(float))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.booleans(), NUMBERS, NUMBERS), min_size=2, max_size=40),
    st.sampled_from(["sum", "difference", "product", "ratio", "rate", "mean", "duty"]),
    st.integers(0, 4),
    st.data(),
)
def test_no_row_looks_ahead(
    rows: list[tuple[bool, float, float]], formula: str, hours: int, data: st.DataObject
) -> None:
    two = formula in ("sum", "difference", "product", "ratio")
    of = ("torque", "current") if two else ("torque",)
    if formula in ("mean", "duty"):
        when = condition(">", 6, formula, *of, window_hours=3)
    else:
        when = condition(">", 6, formula, *of)
    rules = plant(when, for_s=hours * 3600.0)
    seen = record([row[0] for row in rows], torque=[row[1] for row in rows], current=[row[2] for row in rows])
    cut = data.draw(st.integers(1, len(rows)))
    assert states(until(seen, cut), rules) == states(seen, rules)[:cut]
    assert judge(seen, rules, cut - 1) == judge(until(seen, cut), rules)

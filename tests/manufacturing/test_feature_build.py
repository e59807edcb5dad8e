"""Features are what their formulas say, see nothing of a machine's future, and begin anew with a new part."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsapp.core.errors import InputError, UsageError
from dsapp.manufacturing.features.build import build, concatenate
from dsapp.manufacturing.features.statistics import STATISTICS, names_of
from dsapp.manufacturing.features.table import FeatureSpec, FeatureTable, Regimes
from dsapp.manufacturing.history import Event, Life, Record, until

HOUR = 3_600_000_000
SENSORS = ("vibration", "oil", "load")
REGIMES = Regimes(("load",), (1.0,), ((0.0,), (5.0,)), ((1.0, 10.0), (2.0, 20.0)), ((2.0, 1.0), (4.0, 0.5)))
SPEC = FeatureSpec(
    sensors=SENSORS[:2],
    statistics=STATISTICS,
    windows=(3, 8),
    baseline_rows=4,
    whole_life=True,
    regimes=REGIMES,
    codes=("E1", "maintenance/oil change"),
    log_windows_h=(6.0, 24.0),
    components=("bearing",),
    traits={"model": ("m1", "m2"), "age": ()},
    limits={"vibration": (-1.0, 1.0), "oil": (-1.0, 1.0)},
)
PLAIN = FeatureSpec(sensors=("vibration",), statistics=("mean",), windows=(3,), clock=False)


def record(rows: int = 60, seed: int = 0, **fields: Any) -> Record:
    rng = np.random.default_rng(seed)
    values = rng.normal(5, 3, size=(rows, 3)).astype(np.float32)
    values[:, 2] = rng.integers(0, 2, rows) * 5
    values[rng.random((rows, 3)) < 0.1] = np.nan
    values[:, 2] = np.nan_to_num(values[:, 2])
    running = rng.random(rows) < 0.85
    made = Record(
        machine="press 1",
        sensors=SENSORS,
        interval_s=3600.0,
        times=np.arange(rows, dtype=np.int64) * HOUR + 7 * HOUR,
        values=values,
        flags=np.zeros((rows, 3), np.uint8),
        running=running,
        clock=np.cumsum(running).astype(float),
        clock_unit="running_hours",
        lives=(Life("", 0, rows, "running"),),
        traits={"model": "m2", "age": 7},
    )
    return replace(made, **fields)


def cell(table: FeatureTable, name: str, row: int = -1) -> float:
    return float(table.values[row, table.names.index(name)])


def same(left: FeatureTable, right: FeatureTable) -> None:
    assert left.names == right.names
    assert np.array_equal(left.values, right.values, equal_nan=True)


def plainly(statistic: str, window: np.ndarray, base: np.ndarray) -> float:
    """The formula of a statistic over one window (NaN where not known), written out."""
    place = np.flatnonzero(np.isfinite(window))
    known = window[place]
    if not len(known):
        return np.nan
    if statistic == "slope":
        return np.polyfit(place, known, 1)[0] if len(known) > 1 else np.nan
    if statistic == "std":
        return known.std() if len(known) > 1 else np.nan
    if statistic == "change":
        base = base[np.isfinite(base)]
        return known.mean() - base.mean() if len(base) else np.nan
    if statistic == "ema":
        weight = 0.5 ** ((len(window) - 1 - place) * 4 / 8)
        return (weight * known).sum() / weight.sum()
    if statistic.startswith("q"):
        return np.quantile(known, int(statistic[1:]) / 100)
    functions = {
        "last": lambda: known[-1],
        "mean": known.mean,
        "min": known.min,
        "max": known.max,
        "range": lambda: known.max() - known.min(),
        "sum": known.sum,
        "minutes_above": lambda: 60.0 * (known > 1).sum(),
        "minutes_below": lambda: 60.0 * (known < -1).sum(),
    }
    return float(functions[statistic]())


def test_every_statistic_is_its_formula():
    made = record(90)
    table = build(made, SPEC, range(90))
    regime = (made.values[:, 2] > 2.5).astype(int)
    z = (made.values[:, :2] - np.array(REGIMES.mean)[regime]) / np.array(REGIMES.spread)[regime]
    for row in range(90):
        life = z[: row + 1][made.running[: row + 1]]
        for statistic in STATISTICS:
            if statistic.startswith("cusum"):
                continue
            for window in (3, 8, 0):
                name = f"oil|{statistic}|{window}"
                if name not in table.names or (statistic, window) == ("ema", 3):
                    continue
                taken = life[-window:, 1] if len(life) else life[:, 1]
                wanted = plainly(statistic, taken, life[:4, 1])
                assert cell(table, name, row) == pytest.approx(wanted, rel=2e-5, abs=2e-5, nan_ok=True), (name, row)


def test_a_cusum_rises_with_a_shift_behind_the_baseline_and_falls_back_to_zero():
    values = np.zeros((40, 3), np.float32)
    values[:, 0] = 3.0
    values[20:30, 0] = 3.0 + 2 * 4.0
    one = Regimes((), (), ((),), ((0.0, 0.0),), ((4.0, 1.0),))
    made = record(40, values=values, running=np.ones(40, bool))
    table = build(made, replace(SPEC, regimes=one), range(40))
    up = table.values[:, table.names.index("vibration|cusum_up|0")]
    assert np.allclose(up[:20], 0) and up[29] == pytest.approx(10 * 1.5) and up[39] == pytest.approx(10)
    assert cell(table, "vibration|cusum_down|0") == 0


def test_a_wild_value_spoils_no_later_window():
    made = record(
        400, running=np.ones(400, bool), values=np.full((400, 3), 5.0, np.float32) + np.arange(400)[:, None] % 2
    )
    wild = made.values.copy()
    wild[100, 0] = 3e30
    spec = replace(SPEC, regimes=None, statistics=("mean", "std", "slope", "ema"), whole_life=False)
    same(build(replace(made, values=wild), spec, range(150, 400)), build(made, spec, range(150, 400)))


events = st.lists(
    st.builds(
        Event,
        time=st.integers(0, 70).map(lambda hour: hour * HOUR),
        kind=st.sampled_from(["error", "maintenance", "failure"]),
        code=st.sampled_from(["E1", "oil change", "E9"]),
        until=st.integers(0, 200).map(lambda hour: hour * HOUR),
    ),
    max_size=12,
).map(lambda found: tuple(sorted(found)))


@st.composite
def lives(draw: st.DrawFn) -> tuple[Life, ...]:
    made: list[Life] = []
    for component in ("", "bearing"):
        borders = sorted(draw(st.sets(st.integers(1, 59), max_size=4)))
        for start, stop in zip([0, *borders], [*borders, 60], strict=True):
            end = "running" if stop == 60 else draw(st.sampled_from(["failure", "replaced"]))
            made.append(Life(component, start, stop, end, draw(st.floats(0, 50))))
    return tuple(made)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), cut=st.integers(1, 60), events=events, lives=lives())
def test_a_record_cut_at_any_row_has_the_same_features_up_to_there(seed, cut, events, lives):
    whole = record(60, seed, events=events, lives=lives)
    rows = np.arange(cut)
    same(build(until(whole, cut), SPEC, rows), build(whole, SPEC, rows))
    assert np.allclose(
        build(until(whole, cut), SPEC).values[0],
        build(whole, SPEC, range(60)).values[cut - 1],
        rtol=1e-5,
        atol=1e-5,
        equal_nan=True,
    )


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), cut=st.integers(1, 59), events=events, lives=lives(), other=st.integers(0, 10_000))
def test_whatever_the_future_holds_changes_nothing_before_it(seed, cut, events, lives, other):
    """Not only cut off but made up anew: readings, running, clock, events, ends of lives, findings' worth of a whole other future."""
    known = record(60, seed, events=events, lives=lives)
    strange = record(60, other)
    now = int(known.times[cut - 1])

    def joined(before: np.ndarray, after: np.ndarray) -> np.ndarray:
        return np.concatenate([before[:cut], after[cut:]])

    later = (Event(now + 1, "error", "E1"), Event(now + HOUR, "failure", "E1", "bearing"))
    new = (Life("bearing", cut, 60, "failure"), Life("", cut, 60, "replaced", 99.0))
    begun = [life for life in lives if life.start < cut]
    made_up = replace(
        known,
        values=joined(known.values, strange.values * 100),
        running=joined(known.running, ~strange.running),
        clock=joined(known.clock, strange.clock * 9),
        flags=joined(known.flags, strange.flags + 5),
        events=(*(replace(event, until=10**15, note="x") for event in events if event.time <= now), *later),
        lives=(*(replace(life, end="failure", stop=min(life.stop, cut + 1)) for life in begun), *new),
    )
    same(build(made_up, SPEC, range(cut)), build(known, SPEC, range(cut)))


def test_windows_clocks_and_logs_begin_anew_when_a_part_is_replaced():
    made = record(
        60,
        running=np.ones(60, bool),
        clock=np.arange(60.0),
        lives=(Life("", 0, 60, "running"), Life("bearing", 0, 40, "failure", 5.0), Life("bearing", 40, 60, "running")),
        events=(Event(40 * HOUR, "error", "E1"), Event(48 * HOUR, "error", "E1")),
    )
    table = build(made, SPEC, [39, 40, 42, 45])
    new_life = build(
        record(
            20,
            values=made.values[40:],
            times=made.times[40:],
            running=np.ones(20, bool),
            clock=np.arange(20.0),
            lives=(),
        ),
        SPEC,
        [0, 2, 5],
    )
    sensors = [place for place, name in enumerate(table.names) if name.split("|")[0] in SENSORS]
    assert np.array_equal(table.values[1:, sensors], new_life.values[:, sensors], equal_nan=True)
    ages = table.values[:, table.names.index("clock:bearing|age|0")]
    assert ages.tolist() == [44, 0, 2, 5]
    assert table.values[:, table.names.index("clock|age|0")].tolist() == [39, 40, 42, 45]
    assert table.values[:, table.names.index("log:E1|count_24h|0")].tolist() == [1, 0, 1, 1]
    assert np.array_equal(table.values[:, table.names.index("log:E1|hours_since|0")], [6, np.nan, 1, 4], equal_nan=True)


def test_a_renewal_that_does_not_restart_windows_leaves_them_alone():
    lives = (Life("bearing", 0, 40, "replaced"), Life("bearing", 40, 60, "running"))
    kept = replace(PLAIN, components=("bearing",), restarts=("",))
    same(build(record(60, lives=lives), kept, range(60)), build(record(60, lives=()), kept, range(60)))


def test_standing_still_adds_nothing_to_a_window():
    running = np.ones(30, bool)
    running[10:20] = False
    table = build(record(30, running=running), SPEC, [9, 15, 19])
    sensors = [place for place, name in enumerate(table.names) if name.split("|")[0] in SENSORS]
    assert np.array_equal(table.values[0, sensors], table.values[1, sensors], equal_nan=True)
    assert np.array_equal(table.values[0, sensors], table.values[2, sensors], equal_nan=True)


def test_logs_count_hours_of_the_calendar_and_only_their_own_kind():
    made = record(
        60,
        events=(
            Event(20 * HOUR, "error", "E1"),
            Event(30 * HOUR, "error", "E1"),
            Event(31 * HOUR, "failure", "E1"),
            Event(32 * HOUR, "maintenance", "oil change"),
        ),
    )
    table = build(made, SPEC, [27])  # 34 h
    assert cell(table, "log:E1|count_6h|0") == 1 and cell(table, "log:E1|count_24h|0") == 2
    assert cell(table, "log:E1|hours_since|0") == 4
    assert cell(table, "log:maintenance/oil change|hours_since|0") == 2
    assert np.isnan(cell(build(made, SPEC, [3]), "log:E1|hours_since|0"))


def test_traits_are_numbers_or_one_column_a_word():
    table = build(record(), SPEC)
    assert (
        cell(table, "trait:model=m1|is|0"),
        cell(table, "trait:model=m2|is|0"),
        cell(table, "trait:age|value|0"),
    ) == (0, 1, 7)
    bare = build(record(traits={"age": "n/a"}), SPEC)
    assert np.isnan(cell(bare, "trait:model=m1|is|0")) and np.isnan(cell(bare, "trait:age|value|0"))


@pytest.mark.parametrize("rows", [1, 2])
def test_tiny_and_idle_records_give_rows_of_unknowns(rows):
    table = build(record(rows, running=np.zeros(rows, bool)), SPEC)
    sensors = [place for place, name in enumerate(table.names) if name.split("|")[0] in SENSORS]
    assert np.isnan(table.values[:, sensors]).all() and table.values.shape == (1, len(names_of(SPEC)))
    assert not np.isinf(build(record(rows), SPEC).values).any()


def test_infinities_and_unknown_regimes_become_unknown_never_numbers():
    made = record(30)
    values = made.values.copy()
    values[20:, 0] = np.inf
    values[:, 2] = np.nan
    table = build(replace(made, values=values), SPEC, range(30))
    assert not np.isinf(table.values).any()
    assert np.isnan(cell(table, "vibration|mean|8"))


def test_what_cannot_be_built_is_refused_with_what_to_do():
    empty = record(5)
    empty = replace(
        empty, times=empty.times[:0], values=empty.values[:0], running=empty.running[:0], clock=empty.clock[:0]
    )
    with pytest.raises(InputError, match="no readings"):
        build(empty, SPEC)
    with pytest.raises(InputError, match="'oil'"):
        build(record(sensors=("vibration", "oli", "load")), SPEC)
    with pytest.raises(UsageError, match="asked for"):
        build(record(), SPEC, [60])
    for wrong in (
        {"statistics": ("median",)},
        {"windows": (8, 3)},
        {"windows": (0,)},
        {"statistics": ("change",), "baseline_rows": 0},
        {"statistics": ("cusum_up",), "regimes": None},
        {"statistics": ("minutes_above",), "limits": None},
        {"sensors": ("oil", "oil")},
        {"sensors": ("oil",)},
    ):
        with pytest.raises(UsageError):
            build(record(), replace(SPEC, **wrong))
    with pytest.raises(UsageError, match="unlike specifications"):
        concatenate([build(record(), SPEC), build(record(), PLAIN)])


def test_tables_of_several_machines_stand_below_each_other():
    joined = concatenate([build(record(), SPEC, [3, 4]), build(record(machine="press 2"), SPEC)])
    assert joined.machines.tolist() == ["press 1", "press 1", "press 2"] and joined.at.tolist() == [3, 4, 59]
    assert joined.values.shape == (3, len(joined.names))


def test_many_sensors_are_taken_in_blocks_with_the_same_answers():
    rng = np.random.default_rng(3)
    values = rng.normal(size=(50, 150)).astype(np.float32)
    names = tuple(f"s{number}" for number in range(150))
    made = record(50, sensors=names, values=values, flags=np.zeros((50, 150), np.uint8), running=np.ones(50, bool))
    spec = FeatureSpec(sensors=names, statistics=("mean", "max", "slope"), windows=(7,), clock=False)
    table = build(made, spec)
    assert np.allclose(table.values[0, :150], values[-7:].mean(axis=0), atol=1e-6)
    assert np.array_equal(table.values[0, 150:300], values[-7:].max(axis=0))

"""The data-quality table, and machines that changed their name."""

from __future__ import annotations

import json

import numpy as np
from quality_cases import START, history_of, noisy, plant_of

from dsapp.manufacturing.local_time import DAY, HOUR
from dsapp.manufacturing.plant import Sensor
from dsapp.manufacturing.quality import MachineSummary, check, renamed, summarise, summary
from dsapp.manufacturing.quality_tables import quality_row


def test_the_table_counts_what_was_masked_and_survives_json() -> None:
    values = np.repeat(noisy(200)[:, None], 2, axis=1)
    values[50:60, 0] = -999
    values[100:110, 1] = np.nan
    plant = plant_of(Sensor(name="a", low=0, fill="none"), Sensor(name="b", fill_for_s=4 * 3600))
    record = check(history_of(values), plant)
    whole, a, b = summary([record])
    assert (whole.sensor, whole.num_rows, whole.coverage) == ("", 200, 1.0)
    assert (a.out_of_range, a.masked, a.coverage) == (10, 10, 0.95)
    assert (b.missing, b.filled, b.longest_gap_h) == (6, 4, 6.0)
    assert a.findings and "-999" in a.findings[0]
    assert tuple(quality_row(json.loads(json.dumps(row.as_dict()))) for row in (whole, a, b)) == (whole, a, b)


def _machine(name: str, levels: tuple[float, float], first: int, last: int) -> MachineSummary:
    named = {"a": levels[0], "b": levels[1]}
    return MachineSummary(name, START + first * DAY, START + last * DAY, named, named)


FLEET = (_machine("P1", (20, 5), 0, 100), _machine("P2", (24, 7), 0, 100), _machine("P3", (28, 4), 0, 100))


def test_a_machine_that_stops_as_another_begins_on_its_levels_is_told() -> None:
    old, new = _machine("old", (30, 9), 0, 40), _machine("new", (30.2, 9.1), 41, 100)
    (told,) = renamed([*FLEET, old, new])
    assert (told.old, told.new) == ("old", "new") and 'rename = { "old" = "new" }' in told.sentence
    kept = MachineSummary(**json.loads(json.dumps(old.as_dict())))
    assert renamed([*FLEET, kept, new])[0].old == "old"


def test_nothing_is_told_of_machines_that_differ_or_come_much_later() -> None:
    old = _machine("old", (30, 9), 0, 40)
    assert not renamed([*FLEET, old, _machine("other", (20, 4), 41, 100)])
    assert not renamed([*FLEET, old, _machine("late", (30, 9), 80, 100)])
    assert not renamed([*FLEET, old]) and not renamed([]) and not renamed([old])
    assert not renamed(FLEET), "machines that end with the data were not renamed"


def test_each_name_is_joined_to_one_other_at_most() -> None:
    old = _machine("old", (30, 9), 0, 40)
    near, nearer = _machine("near", (30.5, 9), 41, 100), _machine("nearer", (30.1, 9), 41, 100)
    assert [(one.old, one.new) for one in renamed([*FLEET, old, near, nearer])] == [("old", "nearer")]


def test_a_name_with_quotes_is_told_as_toml_writes_it() -> None:
    old, new = _machine('pump "7"', (30, 9), 0, 40), _machine("new", (30, 9), 41, 100)
    assert '"pump \\"7\\"" = "new"' in renamed([*FLEET, old, new])[0].sentence


def test_summaries_take_the_levels_at_either_end() -> None:
    values = np.stack([np.linspace(10, 50, 1000), noisy(1000)], axis=1)
    found = summarise(check(history_of(values), plant_of()))
    begins, ends = found.begins["a"], found.ends["a"]
    assert begins is not None and ends is not None
    assert begins < 15 and ends > 45 and found.last - found.first == 999 * HOUR

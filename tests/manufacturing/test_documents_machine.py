"""A machine's page tells faults of sensors from faults of the machine, shows why and when, and stays small."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from documents_cases import (
    BUCKETS,
    NOW,
    faulty,
    fleet,
    incidents,
    machine,
    outlook,
    plan,
    ranked,
    reason,
    series,
    strange,
)
from test_documents_fleet import words

from dsapp.manufacturing.documents.machine import MAX_PLOTS, machine_html
from dsapp.manufacturing.documents.plots import TimeAxis, fan_words, masked_runs, quantiles
from dsapp.manufacturing.documents.state import report
from dsapp.manufacturing.documents.words import Moments, life_text
from dsapp.manufacturing.local_time import DAY, HOUR
from dsapp.manufacturing.outlook import LifeForecast, Survival
from dsapp.manufacturing.stored import Band, Masked, StoredMachine


def made(one: StoredMachine, with_plan: bool = False) -> str:
    of = fleet(one)
    return machine_html(report(of, plan() if with_plan else None, incidents(of)[:-1], (), ()), one)


def test_reasons_stand_in_words_and_their_window_is_shaded_in_the_plot():
    page = made(machine("P-01", outlook("P-01")), with_plan=True)
    text = words(page)
    assert (
        "What moved it vibration: the mean of the last 24 running hours is 5 mm/s (2025-11-07 22:00 to 2025-11-17 22:00)"
        in text
    )
    signal = page[page.index("vibration <span>[mm/s]") :]
    assert 'class="window"' in signal[: signal.index("temp <span>")]
    assert 'class="window"' not in signal[signal.index("temp <span>") :]
    assert "Planned: best between Tue 18 Nov to Wed 26 Nov" in text or "best between" in text


def test_a_reason_over_a_whole_life_shades_nothing():
    told = outlook("P-01", reasons=(replace(reason(), window_rows=0),))
    assert 'path class="window"' not in made(machine("P-01", told)).split('class="legend"')[1].split("</ul>")[1]


def test_a_sensor_at_fault_is_marked_as_such_and_lowers_confidence_only():
    page = made(faulty("P-04"))
    text = words(page)
    assert "Masked, stuck at one value: 2025-11-15 22:00 to 2025-11-17 22:00" in text
    assert "Confidence 80 %: sensors were at fault" in text
    assert "never raises the machine's risk" in text
    assert 'path class="fault"' in page.split("</ul>", 1)[1]


def test_anomalies_and_plant_rules_stand_apart_with_their_proofs():
    page = made(strange("P-05"))
    text = words(page)
    assert "Anomaly score 1.5, threshold 1, above it since 2025-11-16 22:00; led by temp" in text
    assert "Plant rule vibration-limit" in text and "vibration 9.4 mm/s at 21:00" in text
    assert 'path class="strange"' in page and "anomaly: unlike its own past" in text


def test_only_sensors_that_lead_an_anomaly_are_shaded_and_a_model_keeps_the_last_word():
    page = made(strange("P-05"))
    signal = page[page.index("vibration <span>[mm/s]") :]
    assert 'class="strange"' not in signal[: signal.index("temp <span>")]
    assert 'class="strange"' in signal[signal.index("temp <span>") :]
    assert "the anomaly alone opens no incident here" in words(page)


def test_a_machine_that_fell_silent_says_since_when():
    of = fleet(machine("P-1", outlook("P-1"), as_of=NOW - 40 * DAY), machine("P-2", outlook("P-2")))
    page = words(machine_html(report(of, None, (), (), ()), of.machines[0]))
    assert "No readings since 2025-10-08 23:00, while others went on to 2025-11-17 22:00" in page


def test_a_ranking_gives_neither_chance_nor_life():
    text = words(made(ranked("P-02")))
    assert "Rests on: ranking only" in text and "Score, for ranking only 0.3" in text
    assert "Chance of failure" not in text and "Remaining life" not in text and "Chance to have failed" not in text


def test_the_past_is_told_in_local_time_with_units():
    text = words(made(machine("P-01", outlook("P-01"))))
    assert "failure: seized" in text and "2025-11-11 22:00 until 2025-11-12 07:00" in text
    assert "failed 1 200" in text and "Lived [running hours]" in text
    assert "P-19" in text and "replace bearing" in text and "4.1 days" in text
    assert "Europe/Berlin" in text


def test_every_picture_has_words_for_those_who_do_not_see_it():
    page = made(strange("P-05"))
    pictures = re.findall(r"<svg[^>]*>", page)
    named = [one for one in pictures if 'role="img"' in one]
    assert len(named) >= 5 and all(re.search(r'aria-label="[^"]{8,}"', one) for one in named)


def test_a_machine_with_ten_thousand_sensors_and_events_stays_a_small_page():
    base = series()
    band = base.bands[0]
    many = replace(base, bands=tuple(replace(band, sensor=f"s{number}") for number in range(10_000)))
    event = machine("x").events[0]
    one = machine(
        "P-01", outlook("P-01"), series=many, events=tuple(replace(event, time=NOW - n * HOUR) for n in range(200))
    )
    page = made(one)
    assert len(page.encode()) < 300_000
    assert page.count('class="signal"') == MAX_PLOTS + 1
    assert "9,988 more sensors without a part in this" in words(page)


def test_a_machine_without_readings_parts_or_trends_gets_a_page():
    for bare in (machine("P-1", series=None, trends=(), lives=(), events=(), quality=()), machine("P-1")):
        assert "Nothing can be said of this machine" in words(made(bare))


def test_values_that_never_were_leave_an_empty_plot_that_says_so():
    nothing = (None,) * BUCKETS
    base = series()
    dead = replace(base, bands=(Band("vibration", "", nothing, nothing, nothing),))
    page = made(machine("P-1", outlook("P-1"), series=dead))
    assert "vibration: no usable value" in page and "no unit given" in page


def test_masked_stretches_are_joined_and_stay_within_the_plot():
    found = series(
        masked=(
            Masked("vibration", "stuck", NOW - 400 * DAY, NOW - (BUCKETS - 2) * HOUR),
            Masked("vibration", "out_of_range", NOW - (BUCKETS - 2) * HOUR, NOW - (BUCKETS - 3) * HOUR),
            Masked("vibration", "stuck", NOW - HOUR, NOW + 9 * DAY),
            Masked("temp", "stuck", NOW - 50 * HOUR, NOW - 40 * HOUR),
        )
    )
    axis = TimeAxis(found, Moments("UTC"))
    assert masked_runs(axis, "vibration") == [(0, 3), (BUCKETS - 1, BUCKETS)]


def test_the_fan_names_a_range_of_dates_and_never_one():
    told = outlook("P-01", rate=0.1)
    assert (
        fan_words(told, Moments("Europe/Berlin"))
        == "With 80 % chance between 18 Nov and 13 Dec if it goes on as it is."
    )
    assert fan_words(outlook("P-01", rate=0.001), Moments("UTC")).startswith("Less than 10 % within the next 60 days")
    assert "lie beyond 60 days" in fan_words(outlook("P-01", rate=0.01), Moments("UTC"))


@pytest.mark.parametrize(
    ("alive", "middle"),
    [((1.0, 0.5, 0.0), 1.0), ((1.0, 1.0, 0.9), None), ((1.0, 0.0, 0.0), 0.5), ((1.0, 1.0, 0.0), 1.5)],
)
def test_quantiles_of_a_survival_curve(alive, middle):
    assert quantiles(Survival((0.0, 1.0, 2.0), alive), 2.0)[0.5] == middle


def test_a_capped_life_says_or_more():
    assert "or more" in life_text(LifeForecast("cycles", 80.0, 20.0, 125.0, capped=True), 1.0)

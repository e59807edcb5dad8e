"""A small fleet made by hand for the tests of pages: one machine about to fail, one ranked only, one judged by age, one with a sensor at fault, one that fell silent."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date

from dsapp.core.rules import Evidence, Fact, Proof
from dsapp.manufacturing.age import Weibull
from dsapp.manufacturing.alarms import Incident, step
from dsapp.manufacturing.fleet import Fleet
from dsapp.manufacturing.history import Event, Finding
from dsapp.manufacturing.local_time import DAY, HOUR
from dsapp.manufacturing.outlook import AnomalyScore, LifeForecast, Outlook, Reason, Similar, Survival
from dsapp.manufacturing.plan.types import Change, Plan, Priced, Visit
from dsapp.manufacturing.plant import Alarms, Component, Costs, Crew, Plant, Sensor
from dsapp.manufacturing.stored import Band, Masked, PastLife, Series, StoredMachine, Trend

NOW = 1_763_413_200_000_000
"""2025-11-17 22:00 in Berlin."""
BUCKETS = 240
SENSORS = (("vibration", "mm/s"), ("temp", "degC"))


def plant(**changed: object) -> Plant:
    """A plant of two components with costs and a crew."""
    parts = {
        "format": 1,
        "name": "Hall 7",
        "asset_class": "pump",
        "time_zone": "Europe/Berlin",
        "sensors": tuple(Sensor(name=name, unit=unit) for name, unit in SENSORS),
        "components": (
            Component(name="bearing", planned_cost=1400, failure_cost=6500, skill="mechanic", crew=2),
            Component(name="seal", planned_cost=900, failure_cost=4200, skill="mechanic"),
        ),
        "costs": Costs(currency="EUR", line_minute=6.0, buffer_minutes=90),
        "crew": (Crew(skill="mechanic", hours_per_day=16, days="Mon-Sat"),),
        "alarms": Alarms(budget_per_week=3),
    }
    return Plant.model_validate({**parts, **changed})


def survival(rate: float) -> Survival:
    """A constant hazard of ``rate`` a day."""
    days = (0.0, 1.0, 3.0, 7.0, 14.0, 30.0, 60.0)
    return Survival(days, tuple(math.exp(-rate * day) for day in days))


def reason(
    sensor: str = "vibration", sentence: str = "vibration: the mean of the last 24 running hours is 5 mm/s"
) -> Reason:
    """A reason that raised the risk over the last ten days."""
    return Reason(sensor, "mean", 24, NOW - 10 * DAY, NOW, 5.0, 2.0, 1.2, sentence)


def outlook(machine: str, component: str = "bearing", rate: float = 0.1, **changed: object) -> Outlook:
    """A calibrated outlook."""
    ahead = survival(rate)
    known = Outlook(
        machine,
        component,
        NOW,
        "model",
        1 - ahead.at(7),
        threshold=0.4,
        survival=ahead,
        risks={hours: 1 - ahead.at(hours / 24) for hours in (24.0, 72.0, 168.0, 336.0, 720.0)},
        life=LifeForecast("running_hours", 107.0, 5.2, 329.0),
        reasons=(reason(),),
        similar=(Similar("P-19", NOW - 60 * DAY, "bearing", 1.24, 4.1, "replace bearing"),),
    )
    return replace(known, **changed)  # type: ignore[arg-type]


def series(*, masked: tuple[Masked, ...] = (), anomaly: bool = False) -> Series:
    """Ten days of hourly buckets with idle nights."""
    first = NOW - BUCKETS * HOUR
    running = tuple(0.0 if place % 24 < 6 else 1.0 for place in range(BUCKETS))
    bands = []
    for name, unit in SENSORS:
        middle = [2 + math.sin(place / 9) + place / 200 if ran else None for place, ran in enumerate(running)]
        low = [None if value is None else value - 0.2 for value in middle]
        high = [None if value is None else value + 0.3 for value in middle]
        bands.append(Band(name, unit, tuple(low), tuple(middle), tuple(high)))
    scores = tuple(0.5 + (place > 200) for place in range(BUCKETS)) if anomaly else ()
    return Series(tuple(first + place * HOUR for place in range(BUCKETS + 1)), tuple(bands), running, masked, scores)


def machine(name: str, *outlooks: Outlook, **changed: object) -> StoredMachine:
    """A stored machine with readings, events and lives."""
    scores = tuple(0.05 + 0.01 * day for day in range(31))
    known = StoredMachine(
        machine=name,
        first=NOW - BUCKETS * HOUR,
        as_of=NOW,
        interval_s=3600.0,
        clock_unit="running_hours",
        clock=1499.0,
        per_day=12.4,
        outlooks=outlooks,
        age={one.component: 1499.0 for one in outlooks},
        model="pumps:trees-fp32 (83caedb115dc)",
        trends=tuple(
            Trend(one.component, tuple(NOW - (30 - day) * DAY for day in range(31)), scores) for one in outlooks
        ),
        series=series(),
        lives=(PastLife("bearing", NOW - 200 * DAY, NOW - 70 * DAY, "failure", 0.0, 1200.0),),
        events=(
            Event(NOW - 6 * DAY, "failure", "seized", "bearing", NOW - 6 * DAY + 9 * HOUR),
            Event(NOW - 5 * DAY, "maintenance", "replace bearing", "bearing", NOW - 5 * DAY),
        ),
        traits={"kind": "NK 65", "power_kw": 22.0},
        quality=({"machine": name, "sensor": "vibration", "num_rows": 240, "coverage": 0.97, "masked": 12},),
    )
    return replace(known, **changed)  # type: ignore[arg-type]


def ranked(name: str) -> StoredMachine:
    """A machine with too few failures of its kind: a ranking, no chance, no life."""
    found = outlook(name, "seal", basis="ranking", score=0.3, risks=dict.fromkeys((24.0, 168.0, 720.0)), life=None)
    return machine(name, replace(found, notes=("trained on 14 failures, too few for a probability",)))


def by_age(name: str) -> StoredMachine:
    """A machine that no model fits."""
    found = outlook(name, "seal", 0.02, basis="age", life=None, threshold=None, reasons=(), similar=())
    return machine(name, found, model="", trends=())


def faulty(name: str) -> StoredMachine:
    """A machine whose vibration sensor is stuck."""
    sentence = "vibration: one same value for longer than 12 h of running time, masked"
    return machine(
        name,
        outlook(name, rate=0.002, confidence=0.8),
        series=series(masked=(Masked("vibration", "stuck", NOW - 2 * DAY, NOW),)),
        findings=(Finding("stuck", "vibration", NOW - 2 * DAY, NOW, 36, "masked", sentence, 0.2),),
        confidence=0.8,
    )


def strange(name: str) -> StoredMachine:
    """A machine unlike its own past, with a plant rule that holds."""
    score = AnomalyScore(1.5, 1.0, NOW - DAY, (("temp", 0.8),))
    measured = Fact("vibration", 9.4, "mm/s", evidence=(Evidence("measurement", "vibration 9.4 mm/s at 21:00"),))
    proof = Proof("vibration-limit", "Vibration is above the maker's limit", (measured,))
    found = outlook(name, rate=0.003, anomaly=score, rules=(proof,))
    return machine(name, found, series=series(anomaly=True), anomaly=score)


def fleet(*machines: StoredMachine, warning: bool = True, **changed: object) -> Fleet:
    """A fleet of ``machines``, or of one of each kind."""
    chosen = machines or (
        machine("P-01", outlook("P-01"), outlook("P-01", "seal", 0.001)),
        ranked("P-02"),
        by_age("P-03"),
        faulty("P-04"),
        strange("P-05"),
        machine("P-06", outlook("P-06", rate=0.001), as_of=NOW - 40 * DAY),
    )
    told = {"warned_24h": 0.83, "false_alarms_per_machine_month": 0.05, "median_lead_hours": 160.0} if warning else {}
    return Fleet(plant(**changed), NOW, chosen, {"seal": Weibull(2.1, 900.0, 12, 40)}, told, "pumps:trees-fp32 (83ca)")


def incidents(of: Fleet) -> tuple[Incident, ...]:
    """Today's incidents, and one that closed."""
    ended = Incident(
        "I-closed",
        "P-03",
        "seal",
        NOW - 30 * DAY,
        "closed",
        0.5,
        1.2,
        "model",
        "it rose",
        closed=NOW - DAY,
        ended="it failed",
    )
    return (*step((), of), replace(ended, outcome="confirmed"))


def plan(**changed: object) -> Plan:
    """A plan with a visit, one that does not fit, prices and changes."""
    visit = Visit(
        "P-01",
        ("bearing",),
        date(2025, 11, 21),
        date(2025, 11, 18),
        date(2025, 11, 26),
        13.5,
        7.5,
        2064.2,
        3266.1,
        "bearing: 50 % to fail",
    )
    known = Plan(
        date(2025, 11, 18),
        30,
        (visit,),
        unplanned=(("P-02", "seal", "no mechanic hours are left"),),
        policies=(
            Priced("ours", 12_345.6, 40.0, 1.2),
            Priced("run_to_failure", 34_100.0, 120.0, 4.2),
            Priced("foresight", 8_000.0, 30.0, 0.0),
        ),
        flips=((2.0, 0, 900.0), (5.0, 1, 2000.0), (20.0, 3, 9000.0)),
        changes=(
            Change("moved", "P-01", ("bearing",), date(2025, 11, 20), date(2025, 11, 21), "the mechanic is busy"),
        ),
        gap=0.004,
        solver="HiGHS",
    )
    return replace(known, **changed)  # type: ignore[arg-type]

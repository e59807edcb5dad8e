"""A plant that never was: pumps with load, seasons, wear, failures, service, and sensors with faults of their own. Same seed, same plant.

``simulate`` makes the sample plant, fleets to train on and fleets of any size to measure with; ``histories`` gives them as if they had been
read, ``simulated_files.write`` as the files that a plant would export. What was hidden stands apart, in ``Truth``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .history import FLAGS, Event, History
from .local_time import HOUR, SECOND, LocalTime
from .plant import Plant, load
from .production import open_at
from .simulated_signals import (
    DECIMALS,
    SENSORS,
    SensorFault,
    demand,
    hour_of_day,
    make,
    random_faults,
    readings,
    reported,
    spoil,
    weather,
)
from .simulated_wear import PARTS, Course, Fate, course

if TYPE_CHECKING:
    import numpy as np

PLANT_FILE = Path(__file__).parent / "plants" / "pumps.toml"
STATE_WORDS = ("I/O Timeout", "Bad Input")
ERROR_CODES = {"bearing": "E12 vibration warning", "seal": "E21 low flow", "winding": "E31 motor warm"}
MODELS = (("NK 65-250", 22.0), ("NK 80-250", 30.0), ("NK 80-315", 37.0))
SEASONS = (1, 4, 7, 10)
CODE_RATE = 0.03
"""Errors an hour at full sign, from half the sign on; a tenth of a thousandth an hour without cause."""
FALSE_CODE_RATE = 0.0001


@dataclass(frozen=True)
class Truth:
    """What was hidden of one pump: (part, when wear began to show), (part, when it failed, without a sign?), sensor faults, hours of full load left, what shows at the end."""

    machine: str
    onsets: tuple[tuple[str, int], ...]
    failures: tuple[tuple[str, int, bool], ...]
    sensor_faults: tuple[SensorFault, ...]
    hours_left: Mapping[str, float]
    sign_at_end: Mapping[str, float]

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values; moments are microseconds UTC."""
        return asdict(self)


@dataclass(frozen=True)
class Order:
    """An open work order: its number, the part, the days on which it was created and is due, and its text."""

    number: str
    part: str
    created: float
    due: float
    text: str = ""


@dataclass(frozen=True)
class SimulatedMachine:
    """One pump. ``times`` int64[rows] microseconds UTC, hourly; ``values`` float64[rows] by sensor, rounded as written, NaN where not read.

    ``words`` bool[rows] by sensor: a word stands in place of the number. ``irregular`` are stamps and values of the sensors that are sent at any
    second (such a sensor is not in ``values``). ``running`` is what the rows do not tell. ``renamed``: from that moment on it is called so.
    """

    name: str
    times: np.ndarray
    values: Mapping[str, np.ndarray]
    words: Mapping[str, np.ndarray]
    irregular: Mapping[str, tuple[np.ndarray, np.ndarray]]
    running: np.ndarray
    events: tuple[Event, ...]
    traits: Mapping[str, str | float]
    truth: Truth
    renamed: tuple[int, str] | None = None


@dataclass(frozen=True)
class SimulatedPlant:
    """Pumps under one plant file. ``plant_file`` is its text; ``first`` and ``last`` stamps in microseconds UTC."""

    plant: Plant
    plant_file: str
    machines: tuple[SimulatedMachine, ...]
    first: int
    last: int


def simulate(
    seed: int,
    num_machines: int,
    days: float,
    *,
    start: date = date(2025, 1, 6),
    tidy: bool = False,
    fates: Mapping[int, Sequence[Fate]] | None = None,
    sensor_faults: Mapping[int, Sequence[SensorFault]] | None = None,
    stops: Mapping[int, Sequence[tuple[float, float, str]]] | None = None,
    orders: Mapping[int, Sequence[Order]] | None = None,
    renames: Mapping[int, tuple[float, str]] | None = None,
    services: bool = True,
    prefix: str = "P",
) -> SimulatedPlant:
    """Simulate a pump hall, hour by hour.

    Args:
        seed: the same seed gives the same pumps; a pump's course does not depend on how many there are.
        start: the first local day.
        tidy: every sensor hourly and without faults or words, for speed and size; else as a historian exports it.
        fates: what shall become of the parts of pump ``i`` (0 the first); pumps without an entry stay healthy. None: all at random.
        sensor_faults: by pump; None at random.
        stops: planned stops by pump as (first day, last day, reason); None at random.
        orders: work orders already open in the maintenance system, by pump.
        renames: pumps that get another name, as (day, new name).
        services: whether pumps are looked after between failures.
        prefix: pumps are called ``P-01`` and so on.

    Raises:
        ValueError: no pumps, or less than a day.
    """
    if num_machines < 1 or days < 1:
        raise ValueError("a simulated plant needs at least one machine and one day")
    rules = plant()
    machines = tuple(
        _machine(
            seed,
            index,
            num_machines,
            days,
            start,
            rules,
            tidy=tidy,
            fates=None if fates is None else tuple(fates.get(index, ())),
            faults=None if sensor_faults is None else tuple(sensor_faults.get(index, ())),
            stops=None if stops is None else tuple(stops.get(index, ())),
            orders=tuple((orders or {}).get(index, ())),
            new_name=(renames or {}).get(index),
            services=services,
            prefix=prefix,
        )
        for index in range(num_machines)
    )
    first, last = machines[0].times[0], machines[0].times[-1]
    return SimulatedPlant(rules, plant_text(), machines, int(first), int(last))


def seasons(seed: int, num_machines: int, days: float, *, tidy: bool = False) -> tuple[SimulatedPlant, ...]:
    """A fleet to train on: four halls whose data begin in January, April, July and October, so that no season is taken for wear.

    Names differ over all four. Raises ValueError: fewer than four pumps, or less than a day.
    """
    if num_machines < len(SEASONS):
        raise ValueError("a fleet over all seasons needs at least four machines")
    sizes = [len(range(hall, num_machines, len(SEASONS))) for hall in range(len(SEASONS))]
    return tuple(
        simulate(seed + hall, size, days, start=date(2023, month, 9), tidy=tidy, prefix=f"{'ABCD'[hall]}{seed}")
        for hall, (month, size) in enumerate(zip(SEASONS, sizes, strict=True))
    )


def plant() -> Plant:
    """The plant file that the simulator's pumps fit."""
    return load(PLANT_FILE)


def plant_text() -> str:
    """Its text."""
    return PLANT_FILE.read_text(encoding="utf-8")


def histories(simulated: SimulatedPlant) -> Iterator[History]:
    """The pumps one by one, as reading their files would give them."""
    from dataclasses import replace

    for machine in simulated.machines:
        whole = history(machine)
        if machine.renamed is None:
            yield whole
            continue
        moment, name = machine.renamed
        for old, called in ((True, machine.name), (False, name)):
            rows = (whole.times < moment) == old
            yield replace(
                whole,
                machine=called,
                times=whole.times[rows],
                values=whole.values[rows],
                flags=whole.flags[rows],
                events=tuple(event for event in whole.events if (event.time < moment) == old),
            )


def history(machine: SimulatedMachine) -> History:
    """One pump as read, under its first name: regular and irregular rows merged in order of time."""
    import numpy as np

    stamps = [machine.times, *(times for times, _ in machine.irregular.values())]
    times = np.concatenate(stamps)
    values = np.full((len(times), len(SENSORS)), np.nan, np.float32)
    flags = np.full(values.shape, FLAGS["missing"], np.uint8)
    num = len(machine.times)
    for sensor, taken in machine.values.items():
        column = SENSORS.index(sensor)
        values[:num, column] = np.where(machine.words[sensor], np.nan, taken)
        flags[:num, column] = np.where(
            machine.words[sensor], FLAGS["state"], np.where(np.isnan(taken), FLAGS["missing"], FLAGS["ok"])
        )
    at = num
    for sensor, (sent, taken) in machine.irregular.items():
        rows = slice(at, at + len(sent))
        values[rows, SENSORS.index(sensor)], flags[rows, SENSORS.index(sensor)] = taken, FLAGS["ok"]
        at += len(sent)
    order = np.argsort(times, kind="stable")
    return History(
        machine.name, SENSORS, times[order], values[order], flags[order], events=machine.events, traits=machine.traits
    )


def _machine(
    seed: int,
    index: int,
    num_machines: int,
    days: float,
    start: date,
    rules: Plant,
    *,
    tidy: bool,
    fates: tuple[Fate, ...] | None,
    faults: tuple[SensorFault, ...] | None,
    stops: tuple[tuple[float, float, str], ...] | None,
    orders: tuple[Order, ...],
    new_name: tuple[float, str] | None,
    services: bool,
    prefix: str,
) -> SimulatedMachine:
    import numpy as np

    # The weather is the hall's, everything else the pump's own.
    rng, hall = np.random.default_rng([seed, index]), np.random.default_rng([seed, 0, 7])
    zone = LocalTime(rules.time_zone)
    first = zone.of(datetime.combine(start, time()))
    times = first + np.arange(round(days * 24), dtype=np.int64) * HOUR
    hour = hour_of_day(zone.local(times))
    pump = make(rng)
    model, power = MODELS[int(rng.integers(len(MODELS)))]
    load_share = demand(rng, hour)
    # A row tells of the hour that ends at its stamp.
    planned = open_at(times - HOUR // 2, rules.calendar.production, rules.calendar.closed, zone)
    planned &= rng.random(len(times)) > 0.004
    stopped = _stops(rng, days) if stops is None else stops
    for begin, end, _ in stopped:
        planned[round(begin * 24) + 1 : round(end * 24) + 1] = False
    lived = course(rng, planned, load_share, fates=fates, services=services)
    ambient = weather(hall, times)
    read = readings(rng, pump, lived, load_share, ambient)
    wrong = () if tidy else random_faults(rng, days) if faults is None else faults
    words = spoil(rng, read, wrong, lived)
    name = f"{prefix}-{index + 1:0{max(2, len(str(num_machines)))}d}"
    irregular: dict[str, tuple[np.ndarray, np.ndarray]] = {}
    if not tidy:
        irregular["winding_temp"] = reported(rng, times, read.pop("winding_temp"))
        words.pop("winding_temp")
        for happening in lived.happenings:
            if happening.kind == "failure" and rng.random() < 0.3:
                for sensor in words:
                    words[sensor][happening.row + 1 : happening.until] = True
    values = {sensor: np.round(taken, DECIMALS.get(sensor, 1)) for sensor, taken in read.items()}
    return SimulatedMachine(
        name,
        times,
        values,
        words,
        irregular,
        lived.running,
        _events(rng, times, lived, stopped, orders),
        {"model": model, "power_kw": power},
        _truth(name, times, lived, wrong),
        None if new_name is None else (first + round(new_name[0] * 24) * HOUR, new_name[1]),
    )


def _stops(rng: np.random.Generator, days: float) -> tuple[tuple[float, float, str], ...]:
    """A planned stop of some days now and then."""
    found: list[tuple[float, float, str]] = []
    for _ in range(int(rng.poisson(days / 120))):
        begin = round(float(rng.uniform(0, max(1.0, days - 5)))) + 0.25
        found.append((begin, begin + float(rng.integers(1, 5)), "product change"))
    return tuple(found)


def _events(
    rng: np.random.Generator,
    times: np.ndarray,
    lived: Course,
    stops: Sequence[tuple[float, float, str]],
    orders: Sequence[Order],
) -> tuple[Event, ...]:
    import numpy as np

    first = int(times[0])
    events: list[Event] = []
    for happening in lived.happenings:
        begin = first + happening.row * HOUR + int(rng.integers(2, 58)) * 60 * SECOND
        # Row `until` is the first that ran again; it tells of the hour before its stamp.
        until = max(begin, first + (happening.until - 1) * HOUR)
        kind = "failure" if happening.kind == "failure" else "maintenance"
        note = (
            "after failure" if kind == "maintenance" and happening.part and happening.until - happening.row == 3 else ""
        )
        events.append(Event(begin, kind, happening.name, happening.part, until, note))
    for begin, end, reason in stops:
        events.append(Event(first + round(begin * 24) * HOUR, "stop", reason, "", first + round(end * 24) * HOUR))
    for order in orders:
        begin, due = (first + round(day * 24) * HOUR for day in (order.created, order.due))
        events.append(Event(begin, "order", order.number, order.part, due, order.text))
    for column, part in enumerate(PARTS):
        sign = lived.sign[:, column]
        chance = np.where(sign > 0.5, CODE_RATE * sign, FALSE_CODE_RATE) * lived.running
        for row in np.flatnonzero(rng.random(len(times)) < chance):
            moment = first + int(row) * HOUR - int(rng.integers(60, 3500)) * SECOND
            events.append(Event(moment, "error", ERROR_CODES[part.name], "", moment))
    return tuple(sorted(events))


def _truth(name: str, times: np.ndarray, lived: Course, faults: tuple[SensorFault, ...]) -> Truth:
    failed = [happening for happening in lived.happenings if happening.kind == "failure"]
    return Truth(
        name,
        tuple((part, int(times[row])) for part, row in lived.onsets),
        tuple((happening.part, int(times[happening.row]), happening.sudden) for happening in failed),
        faults,
        {part: round(hours, 1) for part, hours in lived.hours_left.items()},
        {part.name: round(float(lived.sign[-1, column]), 3) for column, part in enumerate(PARTS)},
    )

"""The plant file: one TOML that says what the data means, what machines cost, and who can work when.

``load`` reads it strictly (unknown keys and impossible limits are refused with file and line); every stage takes the ``Plant`` it gives.
Times of day are in the plant's time zone; costs in its currency; lengths carry their unit in the name.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

FORMAT = 1
Name = Annotated[str, Field(min_length=1, max_length=100)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1)]


class Section(BaseModel):
    """A table of the plant file: unknown keys are refused, nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Readings(Section):
    """Where readings lie. ``files`` are patterns of names below the inputs; ``sql`` reads a database instead.

    ``layout`` wide: one column a sensor; long: one row a value, named by column ``sensor`` with the value in ``value``. ``machine`` "" takes the file's
    stem. ``time_format``: ``iso``, ``epoch_s``, ``epoch_ms``, ``cycles`` (a counter; one step is ``interval_s``) or a strptime pattern.
    ``separator``, ``decimal``, ``encoding`` are found out where left empty. ``states`` says what a word in a number column means.
    """

    files: tuple[str, ...] = ("*.csv", "*.csv.gz", "*.parquet", "*.xlsx", "*.jsonl")
    sql: str = ""
    sheet: str = ""
    layout: Literal["wide", "long"] = "wide"
    machine: str = "machine"
    time: str = "time"
    time_format: str = "iso"
    sensor: str = ""
    value: str = ""
    separator: str = ""
    decimal: Literal["", ".", ","] = ""
    encoding: str = ""
    interval_s: Positive = 3600.0
    states: dict[str, Literal["missing", "stopped", "running"]] = {}
    rename: dict[str, str] = {}
    """Machine names that changed: old = new."""


class Sensor(Section):
    """One sensor. ``low`` and ``high`` are physical limits: outside them a value cannot be and is masked.

    ``role``: ``measure`` (what wear moves), ``setting`` (what the operator or the job sets: regimes), ``counter`` (rises only). ``fill`` says what stands between
    two values of an exception-compressed tag, for at most ``fill_for_s``. ``source_unit`` is the unit in the data where it differs from ``unit``.
    ``stuck_after_s`` of running time with one same value is a stuck sensor; 0 never.
    """

    name: Name
    column: str = ""
    unit: str = ""
    source_unit: str = ""
    role: Literal["measure", "setting", "counter"] = "measure"
    low: float | None = None
    high: float | None = None
    fill: Literal["none", "hold", "interpolate"] = "hold"
    fill_for_s: NotNegative = 7200.0
    quality: str = ""
    good: tuple[str, ...] = ("good", "ok", "192", "1")
    stuck_after_s: NotNegative = 0.0

    @model_validator(mode="after")
    def _limits(self) -> Sensor:
        if self.low is not None and self.high is not None and not self.low < self.high:
            raise ValueError(f"sensor {self.name!r}: low {self.low} is not below high {self.high}")
        return self


class Running(Section):
    """When the machine runs: a ``column`` with one of ``values``, or a ``sensor`` above a level. Neither: it always runs."""

    column: str = ""
    values: tuple[str, ...] = ()
    sensor: str = ""
    above: float = 0.0


class Clock(Section):
    """What a life is counted in. ``column`` takes a counter from the data, else it is counted from running or calendar time."""

    unit: Literal["cycles", "running_hours", "calendar_hours"] = "running_hours"
    column: str = ""
    per_day: Positive | None = None
    """Clock units in a working day; measured from the last weeks where left out."""


class Log(Section):
    """A file of events. ``kind`` fixes what all rows are; else ``kind_column`` holds it and ``kinds`` translates its words."""

    files: tuple[str, ...]
    sql: str = ""
    machine: str = "machine"
    time: str = "time"
    time_format: str = "iso"
    until: str = ""
    kind: Literal["", "failure", "maintenance", "error", "stop", "order"] = ""
    kind_column: str = ""
    kinds: dict[str, Literal["failure", "maintenance", "error", "stop", "order"]] = {}
    code: str = ""
    component: str = ""
    note: str = ""


class Traits(Section):
    """A file with one row a machine: model, age, installation date."""

    files: tuple[str, ...]
    machine: str = "machine"
    columns: tuple[str, ...] = ()


class Action(Section):
    """What a maintenance action restores: ``new`` starts a new life of the component, ``partly`` takes ``share`` of its age off, ``nothing`` changes nothing."""

    name: Name
    component: str = ""
    restores: Literal["new", "partly", "nothing"] = "nothing"
    share: Share = 0.5


class Component(Section):
    """One part of a machine that fails and can be serviced. Costs without production loss; hours of crew and of standstill apart.

    ``lead_days`` until a part that is not in ``stock`` arrives. ``group``: components of one group share the opening of the machine (``open_hours``).
    """

    name: str = ""
    planned_cost: NotNegative = 1.0
    failure_cost: NotNegative = 5.0
    planned_hours: NotNegative = 4.0
    failure_hours: NotNegative = 20.0
    crew: Annotated[int, Field(ge=1)] = 1
    skill: str = ""
    stock: Annotated[int, Field(ge=0)] | None = None
    lead_days: NotNegative = 0.0
    group: str = ""


class Costs(Section):
    """Money. ``line_minute`` is lost for each minute of standstill beyond ``buffer_minutes``; ``open_hours`` are spent once for all work on one machine in one window."""

    currency: str = "EUR"
    line_minute: NotNegative = 0.0
    buffer_minutes: NotNegative = 0.0
    open_hours: NotNegative = 0.0
    open_cost: NotNegative = 0.0


class Shift(Section):
    """Hours that repeat each week: ``days`` like ``Mon-Fri`` or ``Sat``, ``hours`` like ``06:00-22:00`` (past midnight allowed)."""

    days: Name
    hours: Name


class Span(Section):
    """A stretch of dates, both ends included."""

    first: date
    last: date
    reason: str = ""

    @model_validator(mode="after")
    def _order(self) -> Span:
        if self.last < self.first:
            raise ValueError(f"the span ends ({self.last}) before it begins ({self.first})")
        return self


class Calendar(Section):
    """``production``: when machines run (none: always). ``service``: when work on them is allowed (none: whenever crew is there).

    ``closed``: no work, no production. ``frozen_days``: what is planned within so many days stays.
    """

    production: tuple[Shift, ...] = ()
    service: tuple[Shift, ...] = ()
    closed: tuple[Span, ...] = ()
    frozen_days: NotNegative = 7.0
    horizon_days: Positive = 30.0


class Crew(Section):
    """People who can work: ``hours`` in each shift day, by ``skill`` ("" does all that names no skill)."""

    skill: str = ""
    hours_per_day: Positive
    days: str = "Mon-Fri"


class Alarms(Section):
    """Alarm discipline: an incident opens at ``on`` and closes below ``off`` (shares of the model's threshold), then rests ``cooldown_hours``.

    At most ``budget_per_week`` incidents open in a week over the plant, the riskiest first; the rest wait in a list.
    ``failures_per_machine_month`` is the user's own rate, by which the expected share of right alarms is told.
    """

    budget_per_week: Annotated[int, Field(ge=0)] = 10
    on: Positive = 1.0
    off: Positive = 0.7
    cooldown_hours: NotNegative = 72.0
    minimum_lead_hours: NotNegative = 24.0
    maximum_lead_hours: Positive = 168.0
    failures_per_machine_month: NotNegative | None = None


class Quantity(Section):
    """A number made of sensors by a named formula; no expression is ever evaluated.

    ``value`` of one sensor; ``sum``, ``difference``, ``product``, ``ratio`` of two; ``rate`` of one per hour; ``duty``: share of the last ``window_hours`` of
    running time with the sensor above ``above``; ``mean`` over ``window_hours``. ``factor`` multiplies the result.
    """

    formula: Literal["value", "sum", "difference", "product", "ratio", "rate", "duty", "mean"] = "value"
    of: Annotated[tuple[str, ...], Field(min_length=1, max_length=2)]
    factor: float = 1.0
    window_hours: Positive = 24.0
    above: float = 0.0


class Condition(Section):
    """A quantity compared: ``op`` as in ``core/rules``."""

    quantity: Quantity
    op: Literal["<", "<=", "==", "!=", ">=", ">"]
    value: float
    unit: str = ""


class PlantRule(Section):
    """A rule of physics or of the plant: holds where all conditions hold for ``for_s`` of running time; then says ``sentence``.

    ``effect``: ``alarm`` opens an incident, ``raise`` sets the outlook's score to at least ``score``, ``note`` is told only. ``trait`` limits it to machines whose
    fixed facts equal these.
    """

    id: Name
    sentence: Name
    when: Annotated[tuple[Condition, ...], Field(min_length=1)]
    for_s: NotNegative = 0.0
    component: str = ""
    effect: Literal["alarm", "raise", "note"] = "note"
    score: Share = 0.9
    trait: dict[str, str | float] = {}


class Plant(Section):
    """A whole plant file."""

    format: Literal[1]
    name: Name
    asset_class: Name
    time_zone: str = "UTC"
    readings: Readings = Readings()
    sensors: Annotated[tuple[Sensor, ...], Field(min_length=1)]
    running: Running = Running()
    clock: Clock = Clock()
    logs: tuple[Log, ...] = ()
    traits: Traits | None = None
    actions: tuple[Action, ...] = ()
    components: tuple[Component, ...] = (Component(),)
    costs: Costs = Costs()
    calendar: Calendar = Calendar()
    crew: tuple[Crew, ...] = ()
    alarms: Alarms = Alarms()
    rules: tuple[PlantRule, ...] = ()


def load(path: Path) -> Plant:
    """Read and check a plant file.

    Raises:
        ConfigError: with file and line: unknown key, impossible limit, unknown time zone, sensor or component, names given twice.
    """
    from .plant_check import read

    return read(path)

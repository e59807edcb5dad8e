"""What is wrong between the tables of a plant file that are right by themselves.

Names given twice, references to sensors and components that are not there, limits and times that cannot be, units that do not convert, two
answers to one question. A table with errors of its own is left out here, so that one wrong table hides no error of another.
"""

from __future__ import annotations

import itertools
import math
import zoneinfo
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from ..core.toml_file import Place, Problem, nearest, validated
from .plant import (
    Action,
    Alarms,
    Calendar,
    Clock,
    Component,
    Condition,
    Crew,
    Log,
    PlantRule,
    Readings,
    Running,
    Sensor,
    Traits,
)
from .shifts import days_of, hours_of
from .units import UNITS, alike, conversion, known

SEE = "docs/plant-file.md"
MAX_SENSORS = 500
"""Sensors of one plant file: beyond it a file was generated from a tag list, and no model wants it."""
RESERVED = ("clock",)
RESERVED_STARTS = ("log:", "trait:")
"""Names that features use for something else."""
TIME_FORMATS = ("iso", "epoch_s", "epoch_ms", "cycles")
ONE_SENSOR = ("value", "rate", "duty", "mean")

S = TypeVar("S", bound=BaseModel)


def conflicts(table: Mapping[str, Any]) -> Iterator[Problem]:
    """What is wrong between the tables of a plant file, given as TOML gives it, without unknown keys."""
    parts = _Parts.of(table)
    yield from _infinite(parts.table, ())
    yield from _head(parts.table)
    for key, name in (("sensors", "name"), ("components", "name"), ("actions", "name"), ("rules", "id")):
        yield from _twice(parts.names(key, name), key)
    yield from _unnamed_components(parts)
    if parts.readings:
        yield from _readings(parts.readings, parts.table)
    yield from _sensors(parts)
    if parts.running:
        yield from _running(parts.running, parts)
    yield from _logs(parts.logs)
    if parts.traits:
        yield from _twice(
            [(("traits", "columns", i), column) for i, column in enumerate(parts.traits.columns)], "traits"
        )
    yield from _actions(parts)
    yield from _people(parts)
    if parts.calendar:
        yield from _calendar(parts.calendar)
    if parts.alarms:
        yield from _alarms(parts.alarms)
    for place, rule in parts.rules:
        yield from _rule(place, rule, parts)


@dataclass(frozen=True)
class _Parts:
    """The tables that are right by themselves, each with its place, so that one wrong table hides no error of another."""

    table: Mapping[str, Any]
    sensors: list[tuple[Place, Sensor]] = field(default_factory=list)
    components: list[tuple[Place, Component]] = field(default_factory=list)
    actions: list[tuple[Place, Action]] = field(default_factory=list)
    logs: list[tuple[Place, Log]] = field(default_factory=list)
    crew: list[tuple[Place, Crew]] = field(default_factory=list)
    rules: list[tuple[Place, PlantRule]] = field(default_factory=list)
    readings: Readings | None = None
    running: Running | None = None
    clock: Clock | None = None
    calendar: Calendar | None = None
    alarms: Alarms | None = None
    traits: Traits | None = None

    @classmethod
    def of(cls, table: Mapping[str, Any]) -> _Parts:
        return cls(
            table,
            sensors=_listed(Sensor, table, "sensors"),
            components=_listed(Component, table, "components"),
            actions=_listed(Action, table, "actions"),
            logs=_listed(Log, table, "logs"),
            crew=_listed(Crew, table, "crew"),
            rules=_listed(PlantRule, table, "rules"),
            readings=_one(Readings, table.get("readings", {})),
            running=_one(Running, table.get("running", {})),
            clock=_one(Clock, table.get("clock", {})),
            calendar=_one(Calendar, table.get("calendar", {})),
            alarms=_one(Alarms, table.get("alarms", {})),
            traits=_one(Traits, table["traits"]) if "traits" in table else None,
        )

    def names(self, key: str, name: str = "name") -> list[tuple[Place, str]]:
        """The names of a list of tables, also of those with other errors."""
        entries = self.table.get(key)
        return [
            ((key, index, name), entry[name])
            for index, entry in enumerate(entries if isinstance(entries, list) else ())
            if isinstance(entry, dict) and isinstance(entry.get(name), str)
        ]

    @property
    def sensor_names(self) -> set[str]:
        return {name for _, name in self.names("sensors")}

    @property
    def component_names(self) -> set[str]:
        return {name for _, name in self.names("components")} | {""}


def _one(model: type[S], content: Any) -> S | None:
    if not isinstance(content, dict):
        return None
    try:
        return validated(model, content)
    except ValidationError:
        return None


def _listed(model: type[S], table: Mapping[str, Any], key: str) -> list[tuple[Place, S]]:
    entries = table.get(key)
    found = [
        ((key, index), _one(model, entry)) for index, entry in enumerate(entries if isinstance(entries, list) else ())
    ]
    return [(place, entry) for place, entry in found if entry is not None]


def _infinite(value: Any, place: Place) -> Iterator[Problem]:
    """TOML knows ``inf`` and ``nan``; no key of a plant file means anything by them."""
    if isinstance(value, float) and not math.isfinite(value):
        yield Problem(f"{place[-1]}: {value} is no number that can be used", place)
    elif isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _infinite(inner, (*place, key))


def _head(table: Mapping[str, Any]) -> Iterator[Problem]:
    zone = table.get("time_zone")
    if isinstance(zone, str):
        try:
            zoneinfo.ZoneInfo(zone)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
            hint = nearest(zone, zoneinfo.available_timezones()) or ": write it like Europe/Berlin or UTC"
            yield Problem(f"unknown time zone {zone[:60]!r}{hint}", ("time_zone",))
    sensors = table.get("sensors")
    if isinstance(sensors, list) and len(sensors) > MAX_SENSORS:
        yield Problem(
            f"{len(sensors)} sensors; a plant file may name {MAX_SENSORS}: keep those that tell wear", ("sensors",)
        )


def _twice(names: Iterable[tuple[Place, str]], key: str) -> Iterator[Problem]:
    seen: dict[str, Place] = {}
    for place, name in names:
        if name in seen:
            number = next(part for part in reversed(seen[name]) if isinstance(part, int))
            yield Problem(f"{name[:60]!r} is given twice in {key}: entry {number + 1} has it too", place)
        seen.setdefault(name, place)


def _unnamed_components(parts: _Parts) -> Iterator[Problem]:
    entries = parts.table.get("components")
    unnamed = [
        i for i, c in enumerate(entries if isinstance(entries, list) else ()) if isinstance(c, dict) and "name" not in c
    ]
    for index in unnamed[1:]:
        yield Problem("only one component may be without a name (the whole machine)", ("components", index))


def _readings(readings: Readings, table: Mapping[str, Any]) -> Iterator[Problem]:
    if readings.layout == "long":
        for key in ("sensor", "value"):
            if not getattr(readings, key):
                yield Problem(
                    f"layout 'long' needs {key!r}: the column that holds each row's {key}", ("readings", "layout")
                )
    else:
        for key in ("sensor", "value"):
            if getattr(readings, key):
                yield Problem(f"{key!r} belongs to layout 'long'; this layout is 'wide'", ("readings", key))
    if not readings.time:
        yield Problem("'time' must name a column", ("readings", "time"))
    roles = [(key, getattr(readings, key)) for key in ("machine", "time", "sensor", "value") if getattr(readings, key)]
    for (key, column), (other, same) in itertools.combinations(roles, 2):
        if column == same:
            yield Problem(f"{key!r} and {other!r} name the same column {column!r}", ("readings", other))
    yield from _time_format(readings.time_format, ("readings", "time_format"))
    yield from _patterns(readings.files, readings.sql, ("readings",))
    if len(readings.separator) > 1 or readings.separator in ('"', "'", "\n", "\r", "0"):
        yield Problem("'separator' is one character, such as ; or , or a tab (\"\\t\")", ("readings", "separator"))
    elif readings.separator and readings.separator == readings.decimal:
        yield Problem("'separator' and 'decimal' are the same character", ("readings", "decimal"))
    if readings.encoding:
        yield from _encoding(readings.encoding)
    words: dict[str, str] = {}
    for word, meaning in readings.states.items():
        folded = word.strip().casefold()
        if words.setdefault(folded, meaning) != meaning:
            yield Problem(f"the state {word[:60]!r} is given two meanings", ("readings", "states", word))
    yield from _renames(readings.rename)


def _encoding(encoding: str) -> Iterator[Problem]:
    import codecs

    try:
        codecs.lookup(encoding)
        "".encode(encoding)
    except (LookupError, ValueError):
        yield Problem(f"unknown encoding {encoding[:60]!r}: write utf-8, cp1252 or utf-16", ("readings", "encoding"))


def _renames(rename: Mapping[str, str]) -> Iterator[Problem]:
    for old in rename:
        name, seen = old, set()
        while name in rename and name not in seen:
            seen.add(name)
            name = rename[name]
        if name in seen:
            yield Problem(f"the renaming of {old[:60]!r} leads back to itself", ("readings", "rename", old))


def _time_format(given: str, place: Place) -> Iterator[Problem]:
    if given not in TIME_FORMATS and "%" not in given:
        hint = nearest(given, TIME_FORMATS) or f": use {', '.join(TIME_FORMATS)}, or a pattern like %d.%m.%Y %H:%M"
        yield Problem(f"unknown time format {given[:60]!r}{hint}", place)


def _patterns(files: tuple[str, ...], sql: str, place: Place) -> Iterator[Problem]:
    if not files and not sql:
        yield Problem("give 'files' (patterns of names) or 'sql'", (*place, "files"))
    for index, pattern in enumerate(files):
        if not pattern.strip() or pattern.startswith(("/", "\\")) or ".." in pattern.replace("\\", "/").split("/"):
            yield Problem(f"{pattern[:60]!r} is no pattern of names below the inputs", (*place, "files", index))
    if ";" in sql.rstrip().rstrip(";"):
        yield Problem("'sql' is one query; it holds a ';'", (*place, "sql"))


def _sensors(parts: _Parts) -> Iterator[Problem]:
    columns: list[tuple[Place, str]] = []
    taken = (
        {getattr(parts.readings, key): key for key in ("machine", "time") if parts.readings} if parts.readings else {}
    )
    for place, sensor in parts.sensors:
        column = sensor.column or sensor.name
        columns.append(((*place, "column" if sensor.column else "name"), column))
        if column in taken:
            yield Problem(f"sensor {sensor.name!r} reads the {taken[column]} column {column!r}", columns[-1][0])
        if sensor.quality and sensor.quality == column:
            yield Problem(f"sensor {sensor.name!r}: its quality column is its own column", (*place, "quality"))
        if sensor.name in RESERVED or sensor.name.startswith(RESERVED_STARTS):
            yield Problem(f"{sensor.name!r} is a name that features use; call the sensor otherwise", (*place, "name"))
        yield from _unit(place, sensor)
        if sensor.fill == "interpolate" and sensor.role == "setting":
            yield Problem(
                f"sensor {sensor.name!r}: a setting stays until it is changed: fill by 'hold'", (*place, "fill")
            )
    seen: dict[str, Place] = {}
    for place, column in columns:
        if column in seen:
            yield Problem(f"two sensors read the column {column[:60]!r}", place)
        seen.setdefault(column, place)


def _unit(place: Place, sensor: Sensor) -> Iterator[Problem]:
    if sensor.source_unit and not sensor.unit:
        yield Problem(
            f"sensor {sensor.name!r}: 'source_unit' needs 'unit', what it is turned into", (*place, "source_unit")
        )
    elif sensor.source_unit and conversion(sensor.source_unit, sensor.unit) is None:
        source = sensor.source_unit
        if known(source) is None or known(sensor.unit) is None:
            unknown = source if known(source) is None else sensor.unit
            hint = nearest(unknown, tuple(UNITS)) or f": {SEE} lists those that convert"
            yield Problem(f"sensor {sensor.name!r}: unknown unit {unknown[:60]!r}{hint}", (*place, "source_unit"))
        else:
            units = ", ".join(alike(sensor.unit))
            yield Problem(
                f"sensor {sensor.name!r}: {source!r} does not convert to {sensor.unit!r}; {units} do",
                (*place, "source_unit"),
            )


def _running(running: Running, parts: _Parts) -> Iterator[Problem]:
    given = parts.table.get("running", {})
    if running.column and running.sensor:
        yield Problem("the machine runs by 'column' or by 'sensor', not both", ("running", "sensor"))
    if running.column and not running.values:
        yield Problem("'values' must say which words of the column mean running", ("running", "column"))
    if running.values and not running.column:
        yield Problem("'values' belongs to 'column', which is not given", ("running", "values"))
    if "above" in given and not running.sensor:
        yield Problem("'above' belongs to 'sensor', which is not given", ("running", "above"))
    if running.sensor:
        yield from _sensor_there(running.sensor, parts, ("running", "sensor"))


def _sensor_there(name: str, parts: _Parts, place: Place) -> Iterator[Problem]:
    if name not in parts.sensor_names:
        hint = nearest(name, parts.sensor_names) or f": the file names {_some(parts.sensor_names)}"
        yield Problem(f"there is no sensor {name[:60]!r}{hint}", place)


def _component_there(name: str, parts: _Parts, place: Place) -> Iterator[Problem]:
    known_names = parts.component_names
    if name not in known_names:
        named = known_names - {""}
        hint = nearest(name, named) or (f": the file names {_some(named)}" if named else ": the file names none")
        yield Problem(f"there is no component {name[:60]!r}{hint}", place)


def _some(names: Iterable[str]) -> str:
    listed = sorted(names)
    return ", ".join(listed[:8]) + (" ..." if len(listed) > 8 else "")


def _logs(logs: Iterable[tuple[Place, Log]]) -> Iterator[Problem]:
    for place, log in logs:
        yield from _patterns(log.files, log.sql, place)
        yield from _time_format(log.time_format, (*place, "time_format"))
        if log.kind and log.kind_column:
            yield Problem(
                "'kind' fixes what all rows are; 'kind_column' says it by row: give one", (*place, "kind_column")
            )
        if not log.kind and not log.kind_column:
            yield Problem("say what the rows are: 'kind', or 'kind_column' with 'kinds'", place)
        if log.kinds and not log.kind_column:
            yield Problem("'kinds' translates the words of 'kind_column', which is not given", (*place, "kinds"))
        if not log.time:
            yield Problem("'time' must name a column", (*place, "time"))


def _actions(parts: _Parts) -> Iterator[Problem]:
    for place, action in parts.actions:
        if action.component:
            yield from _component_there(action.component, parts, (*place, "component"))
        if "share" in action.model_fields_set and action.restores != "partly":
            yield Problem(f"action {action.name!r}: 'share' belongs to restores = \"partly\"", (*place, "share"))


def _people(parts: _Parts) -> Iterator[Problem]:
    skills = {crew.skill for _, crew in parts.crew}
    for place, crew in parts.crew:
        yield from _parses(days_of, crew.days, (*place, "days"))
    if "crew" in parts.table and len(parts.crew) == len(parts.table["crew"] or ()):
        for place, component in parts.components:
            if component.skill not in skills:
                who = (
                    f"no crew has the skill {component.skill[:60]!r}"
                    if component.skill
                    else "no crew is without a skill"
                )
                hint = nearest(component.skill, skills - {""}) or f": the file has {_some(skills) or 'none'}"
                where = (*place, "skill") if component.skill else place
                yield Problem(f"component {component.name!r}: {who}{hint}", where)


def _parses(parse_text: Any, text: str, place: Place) -> Iterator[Problem]:
    try:
        parse_text(text)
    except ValueError as error:
        yield Problem(str(error)[:300], place)


def _calendar(calendar: Calendar) -> Iterator[Problem]:
    for key in ("production", "service"):
        for index, shift in enumerate(getattr(calendar, key)):
            yield from _parses(days_of, shift.days, ("calendar", key, index, "days"))
            yield from _parses(hours_of, shift.hours, ("calendar", key, index, "hours"))
    if calendar.frozen_days > calendar.horizon_days:
        message = f"the frozen {calendar.frozen_days:g} days are longer than the horizon of {calendar.horizon_days:g}"
        yield Problem(f"{message}: nothing could be planned", ("calendar", "frozen_days"))


def _alarms(alarms: Alarms) -> Iterator[Problem]:
    if alarms.off > alarms.on:
        yield Problem(
            f"an incident opens at {alarms.on:g} and would close at once below {alarms.off:g}", ("alarms", "off")
        )
    if alarms.minimum_lead_hours >= alarms.maximum_lead_hours:
        yield Problem("'minimum_lead_hours' is not below 'maximum_lead_hours'", ("alarms", "minimum_lead_hours"))


def _rule(place: Place, rule: PlantRule, parts: _Parts) -> Iterator[Problem]:
    if rule.component:
        yield from _component_there(rule.component, parts, (*place, "component"))
    for index, condition in enumerate(rule.when):
        yield from _condition((*place, "when", index), condition, parts)


def _condition(place: Place, condition: Condition, parts: _Parts) -> Iterator[Problem]:
    quantity = condition.quantity
    at: Place = (*place, "quantity")
    for index, name in enumerate(quantity.of):
        yield from _sensor_there(name, parts, (*at, "of", index))
    wanted = 1 if quantity.formula in ONE_SENSOR else 2
    if len(quantity.of) != wanted:
        of = "one sensor" if wanted == 1 else "two sensors"
        yield Problem(f"{quantity.formula!r} is of {of}, not of {len(quantity.of)}", (*at, "of"))
    if "above" in quantity.model_fields_set and quantity.formula != "duty":
        yield Problem("'above' belongs to the formula 'duty'", (*at, "above"))
    if "window_hours" in quantity.model_fields_set and quantity.formula not in ("duty", "mean"):
        yield Problem("'window_hours' belongs to the formulas 'duty' and 'mean'", (*at, "window_hours"))
    if quantity.formula == "duty" and not 0 <= condition.value / (quantity.factor or 1.0) <= 1:
        yield Problem(f"a duty is a share of time, between 0 and 1, not {condition.value:g}", (*place, "value"))

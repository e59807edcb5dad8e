"""Logs and facts: rows of event files become ``Event``s by machine, a table of machines becomes their traits."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, get_args

from ...core.errors import InputError
from ...core.toml_file import nearest
from ..history import Event, EventKind
from ..plant import Log, Plant, Traits
from .columns import Column, need_column
from .limits import MAX_EVENTS, MAX_MACHINES, MAX_NAME_CHARS, MAX_NOTE_CHARS, ROWS_AT_ONCE
from .relation import Relation
from .select import stamp, text
from .zones import to_utc

KINDS = get_args(EventKind)
MAX_TRAITS = 200


@dataclass
class Events:
    """Events by machine, and what was left out of the logs."""

    by_machine: dict[str, set[Event]] = field(default_factory=dict)
    count: int = 0
    notes: list[str] = field(default_factory=list)

    def forget_source(self, added: list[tuple[str, Event]]) -> None:
        """Take back what a source that failed had added."""
        for machine, event in added:
            self.by_machine.get(machine, set()).discard(event)
        self.count -= len(added)


def log_wanted(log: Log) -> frozenset[str]:
    """The columns by which a log's header is known."""
    names = {log.machine, log.time, log.until, log.kind_column, log.code, log.component, log.note}
    return frozenset(names - {""})


def read_log(relation: Relation, log: Log, plant: Plant, events: Events) -> None:
    """Add the rows of a log. Rows without machine, time or a known kind are left out and counted.

    Raises:
        InputError: a column is not there; no time can be read; too many events.
    """
    columns, label = relation.columns, relation.label
    machine = need_column(columns, log.machine, label, "machine") if log.machine else None
    local = plant.time_zone != "UTC"
    us, aware, shown = stamp(
        need_column(columns, log.time, label, "time"), log.time_format, plant.readings.interval_s, local=local
    )
    selected = [f"{text(machine)} AS m" if machine else "'' AS m", f"{us} AS t", f"{aware} AS a", f"{shown} AS x"]
    if log.until:
        until = stamp(
            need_column(columns, log.until, label, "until"), log.time_format, plant.readings.interval_s, local=local
        )
        selected += [f"{until[0]} AS u", f"{until[1]} AS b"]
    for name, key in (("kind", log.kind_column), ("code", log.code), ("component", log.component), ("note", log.note)):
        if key:
            column = need_column(columns, key, label, "kind_column" if name == "kind" else name)
            selected.append(f"{text(column, MAX_NOTE_CHARS if name == 'note' else MAX_NAME_CHARS)} AS {name}")
    cursor = relation.connection.execute(f"SELECT {', '.join(selected)} FROM {relation.source}")
    added: list[tuple[str, Event]] = []
    left, unknown, rows, example = 0, Counter[str](), 0, ""
    kinds = {word.strip().casefold(): kind for word, kind in log.kinds.items()}
    while len(frame := cursor.fetch_df_chunk(max(1, ROWS_AT_ONCE // 2048))):
        rows += len(frame)
        times = _utc(frame, "t", "a", plant)
        untils = _utc(frame, "u", "b", plant) if log.until else times
        texts = {name: _texts(frame, name) for name in ("m", "x", "kind", "code", "component", "note")}
        for row, (time, until) in enumerate(zip(times, untils, strict=True)):
            name = texts["m"][row] if machine else relation.stem
            if time is None or not name:
                left += 1
                example = example or (texts["x"][row] if time is None else "")
                continue
            kind = log.kind or _kind(texts["kind"][row], kinds)
            if not kind:
                unknown[texts["kind"][row][:40]] += 1
                continue
            event = Event(
                time,
                kind,  # type: ignore[arg-type]
                texts["code"][row][:MAX_NAME_CHARS],
                texts["component"][row][:MAX_NAME_CHARS],
                max(time, until) if until is not None else time,
                texts["note"][row][:MAX_NOTE_CHARS],
            )
            name = renamed(plant, name[:MAX_NAME_CHARS])
            found = events.by_machine.setdefault(name, set())
            if event not in found:
                found.add(event)
                events.count += 1
                added.append((name, event))
            if events.count > MAX_EVENTS:
                events.forget_source(added)
                raise InputError(
                    f"the logs hold more than {MAX_EVENTS:,} events",
                    code="too_large",
                    remedy="leave out chatter by 'sql'",
                )
    if rows and left == rows:
        raise InputError(
            f"{label}: no row has a time that can be read and a machine"
            + (f"; a time reads {example!r}" if example else ""),
            code="bad_time",
            remedy="set 'time_format' of this log in the plant file",
        )
    if left:
        events.notes.append(f"{label}: {left:,} of {rows:,} events without a readable time or a machine were left out")
    if unknown:
        most = ", ".join(f"{word!r} ({times:,})" for word, times in unknown.most_common(4))
        hint = nearest(next(iter(unknown)), [*kinds, *KINDS])
        events.notes.append(f"{label}: {unknown.total():,} events of unknown kind were left out: {most}{hint}")


def _kind(word: str, kinds: dict[str, Any]) -> str:
    folded = word.strip().casefold()
    return kinds.get(folded) or (folded if not kinds and folded in KINDS else "")


def _texts(frame: Any, name: str) -> list[str]:
    if name not in frame.columns:
        return [""] * len(frame)
    return [value if isinstance(value, str) else "" for value in frame[name].to_list()]


def _utc(frame: Any, name: str, aware: str, plant: Plant) -> list[int | None]:
    import numpy as np

    known = frame[name].notna().to_numpy()
    times = frame[name].fillna(0).to_numpy(np.int64).copy()
    naive = known & ~frame[aware].fillna(True).to_numpy(bool)
    if naive.any() and plant.time_zone != "UTC":
        # A log has no order by which an hour that comes twice could be told apart: each row is taken as the first.
        rows = np.flatnonzero(naive)
        times[rows] = to_utc(times[rows], plant.time_zone, np.arange(len(rows))).times
    return [int(time) if there else None for time, there in zip(times, known, strict=True)]


def renamed(plant: Plant, machine: str) -> str:
    """The machine's name today, by the plant file's renamings."""
    names, seen = plant.readings.rename, set()
    while machine in names and machine not in seen:
        seen.add(machine)
        machine = names[machine]
    return machine


def read_traits(relation: Relation, traits: Traits, plant: Plant, found: dict[str, dict[str, str | float]]) -> None:
    """Add the facts of a table with one row a machine; numbers stay numbers, a later row for a machine wins.

    Raises:
        InputError: a column is not there.
    """
    columns, label = relation.columns, relation.label
    machine = need_column(columns, traits.machine, label, "machine")
    wanted: list[Column] = [need_column(columns, name, label, "columns") for name in traits.columns] or [
        column for column in columns if column.name != machine.name
    ][:MAX_TRAITS]
    selected = ", ".join([f"{text(machine)} AS m", *(f"{text(column)} AS c{i}" for i, column in enumerate(wanted))])
    cursor = relation.connection.execute(f"SELECT {selected} FROM {relation.source}")
    while rows := cursor.fetchmany(10_000):
        for name, *values in rows:
            if name and (len(found) < MAX_MACHINES or name in found):
                facts = found.setdefault(renamed(plant, name[:MAX_NAME_CHARS]), {})
                facts.update({column.name: _fact(value) for column, value in zip(wanted, values, strict=True) if value})


def _fact(value: str) -> str | float:
    """A number where the text is one and loses nothing by it (``007`` stays text)."""
    try:
        number = float(value)
    except ValueError:
        return value
    plain = value.lstrip("+-")
    keeps = (
        not (len(plain) > 1 and plain[0] == "0" and plain[1].isdigit())
        and number == number
        and abs(number) != float("inf")
    )
    return number if keeps and "_" not in value else value

"""The rows of one relation as arrays: times, values with flags, running state, life counter. Wide tables give a row a reading, long ones a row a value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...core.errors import InputError
from ..history import FLAGS
from ..plant import Plant, Sensor
from .columns import find_column, missing, need_column
from .limits import MAX_NAME_CHARS, ROWS_AT_ONCE, WORDS_KEPT
from .relation import Relation, name_of
from .select import number, stamp, text
from .words import NOT_FINITE, Words, folded_word, line_of, same_words

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

VECTOR_ROWS = 2048
ENOUGH_WORDS = 20
"""A column with so many words and not one number is the wrong column."""


@dataclass
class Counts:
    """What became of a source's rows."""

    rows: int = 0
    no_time: int = 0
    no_machine: int = 0
    other_tags: int = 0
    example: str = ""

    @property
    def unusable(self) -> int:
        """Rows left out for want of a time or a machine."""
        return self.no_time + self.no_machine


@dataclass(frozen=True)
class Block:
    """Some rows. ``codes`` int32[n] into ``machines``; ``values`` float64[n, sensors] and ``flags`` uint8 alike (for a long table [n] with ``tags``)."""

    machines: list[str]
    codes: np.ndarray
    times: np.ndarray
    naive: np.ndarray
    values: np.ndarray
    flags: np.ndarray
    running: np.ndarray
    clock: np.ndarray
    tags: np.ndarray | None = None


class TableReader:
    """Reads relations by a plant file. ``words`` gathers what stood in number columns."""

    def __init__(self, plant: Plant, words: Words) -> None:
        self.plant = plant
        self.words = words
        self.local = plant.time_zone != "UTC"
        self.long = plant.readings.layout == "long"

    def wanted(self) -> frozenset[str]:
        """The columns by which a header is known."""
        readings, plant = self.plant.readings, self.plant
        names = {readings.machine, readings.time, plant.running.column, plant.clock.column}
        if self.long:
            names |= {readings.sensor, readings.value, *(sensor.quality for sensor in plant.sensors)}
        else:
            names |= {sensor.column or sensor.name for sensor in plant.sensors}
        return frozenset(names - {""})

    def blocks(self, relation: Relation, counts: Counts) -> Iterator[Block]:
        """The rows of a relation in order; ``counts`` is filled as they come.

        Raises:
            InputError: ``columns`` or ``columns_twice``; ``not_numbers`` where a sensor's column holds words alone; ``bad_time``.
        """
        reader = _Long(self, relation) if self.long else _Wide(self, relation)
        cursor = relation.connection.execute(f"SELECT {reader.selected()} FROM {relation.source}")
        while len(frame := cursor.fetch_df_chunk(max(1, ROWS_AT_ONCE // VECTOR_ROWS))):
            counts.rows += len(frame)
            block = reader.block(frame, counts)
            if block is not None:
                yield block
        reader.finish()


class _Common:
    """What wide and long tables share: machine, time, running state, life counter."""

    def __init__(self, owner: TableReader, relation: Relation) -> None:
        self.owner, self.relation = owner, relation
        readings, plant = owner.plant.readings, owner.plant
        columns, label = relation.columns, relation.label
        self.time = need_column(columns, readings.time, label, "time")
        self.machine = need_column(columns, readings.machine, label, "machine") if readings.machine else None
        self.running = find_column(columns, plant.running.column, label) if plant.running.column else None
        self.clock = find_column(columns, plant.clock.column, label) if plant.clock.column else None
        self.runs = same_words(plant.running.values)

    def common(self) -> list[str]:
        plant = self.owner.plant
        us, aware, shown = stamp(
            self.time, plant.readings.time_format, plant.readings.interval_s, local=self.owner.local
        )
        return [
            f"{text(self.machine)} AS m" if self.machine else "'' AS m",
            f"{us} AS t",
            f"{aware} AS a",
            f"CASE WHEN ({us}) IS NULL THEN {shown} END AS x",
            *([f"{text(self.running)} AS r"] if self.running else []),
            *([f"{number(self.clock, self.relation.decimal)[0]} AS k"] if self.clock else []),
        ]

    def usable(self, frame: pd.DataFrame, counts: Counts) -> np.ndarray:
        """bool[n]: rows with a time and a machine."""
        import numpy as np

        timed = frame["t"].notna().to_numpy()
        named = np.ones(len(frame), bool)
        if self.machine is not None:
            lengths = frame["m"].str.len()
            named = (lengths.notna() & (lengths <= MAX_NAME_CHARS)).to_numpy()
        counts.no_time += int((~timed).sum())
        counts.no_machine += int((timed & ~named).sum())
        if not counts.example and not timed.all():
            counts.example = str(frame["x"].iloc[int((~timed).argmax())])
        return timed & named

    def machines(self, frame: pd.DataFrame) -> tuple[list[str], np.ndarray]:
        import numpy as np
        import pandas as pd

        if self.machine is None:
            return [self.relation.stem[:MAX_NAME_CHARS]], np.zeros(len(frame), np.int32)
        codes, names = pd.factorize(frame["m"])
        return [str(name) for name in names], codes.astype(np.int32)

    def runs_of(self, frame: pd.DataFrame) -> np.ndarray:
        """int8[n]: 1 running, 0 not, -1 unknown."""
        import numpy as np
        import pandas as pd

        if self.running is None:
            return np.full(len(frame), -1, np.int8)
        codes, words = pd.factorize(frame["r"])
        known = np.array([self.is_running(str(word)) for word in words] + [-1], np.int8)
        return known[codes]

    def is_running(self, word: str) -> int:
        folded = folded_word(word)
        both = {folded} | ({"1"} if folded == "true" else {"0"} if folded == "false" else set())
        return int(bool(both & self.runs))


class _Wide(_Common):
    def __init__(self, owner: TableReader, relation: Relation) -> None:
        super().__init__(owner, relation)
        columns, label = relation.columns, relation.label
        self.sensors = [
            (sensor, find_column(columns, sensor.column or sensor.name, label)) for sensor in owner.plant.sensors
        ]
        if all(column is None for _, column in self.sensors):
            names = [sensor.column or sensor.name for sensor, _ in self.sensors]
            raise missing(columns, names, label, "column")
        self.quality = [
            find_column(columns, sensor.quality, label) if sensor.quality and column else None
            for sensor, column in self.sensors
        ]
        self.numbers = [0] * len(self.sensors)
        self.bad: list[dict[str, int]] = [{} for _ in self.sensors]

    def selected(self) -> str:
        parts = self.common()
        for index, (_, column) in enumerate(self.sensors):
            if column is None:
                continue
            value, word = number(column, self.relation.decimal)
            parts += [f"{value} AS v{index}", f"{word} AS w{index}"]
            quality = self.quality[index]
            if quality is not None:
                parts.append(f"{text(quality)} AS q{index}")
        return ", ".join(parts)

    def block(self, frame: pd.DataFrame, counts: Counts) -> Block | None:
        import numpy as np

        usable = self.usable(frame, counts)
        if not usable.all():
            frame = frame.iloc[np.flatnonzero(usable)]
        if not len(frame):
            return None
        machines, codes = self.machines(frame)
        running = self.runs_of(frame)
        values = np.full((len(frame), len(self.sensors)), np.nan)
        flags = np.full((len(frame), len(self.sensors)), FLAGS["missing"], np.uint8)
        for index, (sensor, column) in enumerate(self.sensors):
            if column is None:
                continue
            self._sensor(frame, index, sensor, values, flags, running)
        clock = frame["k"].to_numpy(np.float64) if self.clock else np.full(len(frame), np.nan)
        naive = ~frame["a"].to_numpy(bool)
        return Block(machines, codes, frame["t"].to_numpy(np.int64), naive, values, flags, running, clock)

    def _sensor(
        self,
        frame: pd.DataFrame,
        index: int,
        sensor: Sensor,
        values: np.ndarray,
        flags: np.ndarray,
        running: np.ndarray,
    ) -> None:
        import numpy as np

        read = frame[f"v{index}"].to_numpy(np.float64)
        factor, offset = line_of(sensor)
        values[:, index] = read if (factor, offset) == (1.0, 0.0) else read * factor + offset
        there = ~np.isnan(read)
        flags[there, index] = FLAGS["ok"]
        self.numbers[index] += int(there.sum())
        if not there.all():
            apply_words(
                self.owner.words,
                self.relation,
                sensor,
                frame[f"w{index}"],
                values[:, index],
                flags[:, index],
                running,
                self.bad[index],
            )
        if self.quality[index] is not None:
            bad = is_bad(frame[f"q{index}"], sensor)
            flags[bad & (flags[:, index] == FLAGS["ok"]), index] = FLAGS["bad_quality"]
            values[bad, index] = np.nan
        too_large = np.abs(values[:, index]) > np.finfo(np.float32).max
        values[too_large, index], flags[too_large, index] = np.nan, FLAGS["not_a_number"]

    def finish(self) -> None:
        refuse_words(self.relation.label, [sensor for sensor, _ in self.sensors], self.numbers, self.bad)


class _Long(_Common):
    def __init__(self, owner: TableReader, relation: Relation) -> None:
        super().__init__(owner, relation)
        readings, columns, label = owner.plant.readings, relation.columns, relation.label
        self.tag = need_column(columns, readings.sensor, label, "sensor")
        self.value = need_column(columns, readings.value, label, "value")
        sensors = owner.plant.sensors
        qualities = sorted({sensor.quality for sensor in sensors if sensor.quality})
        self.qualities = {name: find_column(columns, name, label) for name in qualities}
        self.tags = {(sensor.column or sensor.name): index for index, sensor in enumerate(sensors)}
        if owner.plant.running.column and self.running is None:
            self.tags[owner.plant.running.column] = len(sensors)
        if owner.plant.clock.column and self.clock is None:
            self.tags[owner.plant.clock.column] = len(sensors) + 1
        self.numbers = [0] * len(sensors)
        self.bad: list[dict[str, int]] = [{} for _ in sensors]
        self.seen: set[str] = set()

    def selected(self) -> str:
        value, word = number(self.value, self.relation.decimal)
        parts = [*self.common(), f"{text(self.tag)} AS s", f"{value} AS v", f"{word} AS w"]
        parts += [f"{text(column)} AS {name_of('q' + name)}" for name, column in self.qualities.items() if column]
        return ", ".join(parts)

    def block(self, frame: pd.DataFrame, counts: Counts) -> Block | None:
        import numpy as np
        import pandas as pd

        usable = self.usable(frame, counts)
        tag_codes, tag_names = pd.factorize(frame["s"])
        if len(self.seen) < ROWS_AT_ONCE:
            self.seen.update(str(name) for name in tag_names[:1000])
        index_of = np.array([self.tags.get(str(name), -1) for name in tag_names] + [-1], np.int32)
        tags = index_of[tag_codes]
        counts.other_tags += int((usable & (tags < 0)).sum())
        kept = usable & (tags >= 0)
        frame, tags = frame.iloc[np.flatnonzero(kept)], tags[kept]
        if not len(frame):
            return None
        machines, codes = self.machines(frame)
        running = self.runs_of(frame)
        values = frame["v"].to_numpy(np.float64).copy()
        flags = np.where(np.isnan(values), FLAGS["missing"], FLAGS["ok"]).astype(np.uint8)
        for index, sensor in enumerate(self.owner.plant.sensors):
            rows = np.flatnonzero(tags == index)
            if len(rows):
                self._sensor(frame.iloc[rows], rows, index, sensor, values, flags, running)
        self._state(frame, tags, values, flags)
        clock = frame["k"].to_numpy(np.float64) if self.clock else np.full(len(frame), np.nan)
        naive = ~frame["a"].to_numpy(bool)
        return Block(machines, codes, frame["t"].to_numpy(np.int64), naive, values, flags, running, clock, tags)

    def _sensor(
        self,
        frame: pd.DataFrame,
        rows: np.ndarray,
        index: int,
        sensor: Sensor,
        values: np.ndarray,
        flags: np.ndarray,
        running: np.ndarray,
    ) -> None:
        import numpy as np

        factor, offset = line_of(sensor)
        own, own_flags, own_running = values[rows] * factor + offset, flags[rows], running[rows]
        self.numbers[index] += int((own_flags == FLAGS["ok"]).sum())
        if (own_flags != FLAGS["ok"]).any():
            apply_words(
                self.owner.words, self.relation, sensor, frame["w"], own, own_flags, own_running, self.bad[index]
            )
        if sensor.quality and self.qualities.get(sensor.quality) is not None:
            bad = is_bad(frame["q" + sensor.quality], sensor)
            own_flags[bad & (own_flags == FLAGS["ok"])] = FLAGS["bad_quality"]
            own[bad] = np.nan
        too_large = np.abs(own) > np.finfo(np.float32).max
        own[too_large], own_flags[too_large] = np.nan, FLAGS["not_a_number"]
        values[rows], flags[rows], running[rows] = own, own_flags, own_running

    def _state(self, frame: pd.DataFrame, tags: np.ndarray, values: np.ndarray, flags: np.ndarray) -> None:
        """The running state as a tag: its words become 1 and 0."""
        import numpy as np

        rows = np.flatnonzero(tags == len(self.owner.plant.sensors))
        if len(rows):
            words = frame["w"].iloc[rows].to_numpy(object)
            numbers = values[rows]
            known = [
                self.is_running(str(word))
                if isinstance(word, str)
                else np.nan
                if np.isnan(n)
                else self.is_running(f"{n:g}")
                for word, n in zip(words, numbers, strict=True)
            ]
            values[rows] = known
            flags[rows] = np.where(np.isnan(values[rows]), FLAGS["missing"], FLAGS["ok"])

    def finish(self) -> None:
        refuse_words(self.relation.label, self.owner.plant.sensors, self.numbers, self.bad)
        if self.seen and not self.seen & set(self.tags) and not any(self.numbers):
            shown = ", ".join(map(repr, sorted(self.seen)[:8]))
            raise InputError(
                f"{self.relation.label} holds none of the plant file's sensors; it has {shown}",
                code="columns",
                remedy="name each sensor's tag by 'column' in the plant file",
            )


def apply_words(
    words: Words,
    relation: Relation,
    sensor: Sensor,
    column: Any,
    values: np.ndarray,
    flags: np.ndarray,
    running: np.ndarray,
    bad: dict[str, int],
) -> None:
    """Read the words that stand where no number does; writes into ``values``, ``flags`` and ``running``, counts the unknown ones in ``bad``."""
    import numpy as np
    import pandas as pd

    codes, names = pd.factorize(column)
    if not len(names):
        return
    times = np.bincount(codes[codes >= 0], minlength=len(names))
    for code, name in enumerate(names):
        found = words.meaning(str(name), sensor, relation.decimal)
        words.count(str(name), sensor, found, int(times[code]))
        rows = codes == code
        values[rows], flags[rows] = found.value, found.flag
        if found.running >= 0:
            running[rows] = found.running
        if found.flag == FLAGS["not_a_number"] and str(name).casefold() not in NOT_FINITE and len(bad) < WORDS_KEPT:
            bad[str(name)] = bad.get(str(name), 0) + int(times[code])


def is_bad(column: Any, sensor: Sensor) -> np.ndarray:
    """bool[n]: the quality word is none of the sensor's good ones. No word at all is taken as good."""
    import numpy as np
    import pandas as pd

    good = same_words(sensor.good)
    codes, names = pd.factorize(column)
    return np.array([folded_word(str(name)) not in good for name in names] + [False])[codes]


def refuse_words(
    label: str, sensors: Sequence[Sensor], numbers: Sequence[int], bad: Sequence[Mapping[str, int]]
) -> None:
    """A source with words alone in all its sensors is read by the wrong columns. Raises InputError, code ``not_numbers``."""
    if any(numbers):
        return
    for sensor, words in zip(sensors, bad, strict=True):
        if sum(words.values()) >= ENOUGH_WORDS:
            shown = ", ".join(map(repr, list(words)[:3]))
            raise InputError(
                f"{label}: no sensor holds a number; the column {sensor.column or sensor.name!r} of {sensor.name!r} holds {shown}",
                code="not_numbers",
                remedy="name the right columns, set 'decimal', or list the words under [readings.states]",
            )

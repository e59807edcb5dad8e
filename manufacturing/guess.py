"""Look at a plant's files and write a first plant file: what each column seems to be, and why, for a person to correct.

``guess`` is the whole of it. Nothing is certain, so the text says of each line what it rests on, and physical limits are only proposed.
"""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.errors import InputError, UsageError
from . import guess_names as names
from .guess_columns import FEW_WORDS, MOST, Looked, Table, look, time_column
from .guess_logs import is_log_name, look_beside
from .guess_rhythm import find_counter, find_running, find_step
from .guess_types import Guess, GuessedSensor
from .reading.limits import MAX_EXCEL_BYTES
from .reading.relation import connect

if TYPE_CHECKING:
    import numpy as np

SUFFIXES = (".csv", ".csv.gz", ".txt", ".parquet", ".xlsx", ".jsonl", ".ndjson")
MAX_NEIGHBOURS = 20
MAX_SENSORS_PROPOSED = 200
FEW_ROWS = 3


def guess(files: Sequence[Path | str]) -> Guess:
    """A first plant file for readings in ``files`` (or in folders). Logs and a list of machines that lie beside them are found by their names.

    Raises:
        UsageError: no file was given, or none holds readings with a time and a number; the message says what was seen of each.
    """
    paths = _listed(files)
    tables: list[Table] = []
    troubles: list[str] = []
    with tempfile.TemporaryDirectory(prefix="dsapp-look-") as folder:
        (Path(folder) / "files").mkdir()
        connection = connect(Path(folder) / "spill")
        try:
            for path in paths:
                try:
                    tables += look(path, Path(folder) / "files", connection)
                except InputError as error:
                    troubles.append(str(error))
        finally:
            connection.close()
    readings = _readings(tables)
    if readings is None:
        seen = [f"{table.label}: {', '.join(column.name[:30] for column in table.columns[:8])}" for table in tables[:6]]
        raise UsageError(
            "no file holds readings: a column of times and one of numbers. Seen: "
            + ("; ".join([*troubles[:6], *seen]) or "nothing")
        )
    return _guessed(readings, tables, troubles)


def _listed(files: Iterable[Path | str]) -> list[Path]:
    found: dict[Path, None] = {}
    for given in map(Path, files):
        if not given.exists():
            raise UsageError(f"{given} does not exist")
        if given.is_dir():
            found.update(dict.fromkeys(path for path in sorted(given.rglob("*")) if _wanted(path)))
            continue
        found[given] = None
        beside = [path for path in sorted(given.parent.iterdir()) if _wanted(path) and is_log_name(path)]
        found.update(dict.fromkeys(beside[:MAX_NEIGHBOURS]))
    if not found:
        raise UsageError(
            "no file to look at: name a CSV, Parquet, Excel or JSON lines file of readings, or a folder of them"
        )
    logs = [path for path in found if is_log_name(path)]
    others = [path for path in found if not is_log_name(path)]
    return [*others[:MAX_NEIGHBOURS], *logs[:MAX_NEIGHBOURS]]


def _wanted(path: Path) -> bool:
    return (
        path.is_file()
        and path.name.lower().endswith(SUFFIXES)
        and not path.name.startswith((".", "~$"))
        and path.stat().st_size < MAX_EXCEL_BYTES * 64
    )


def _counting_column(table: Table) -> Looked | None:
    """A cycle number that stands for time where no stamp does."""
    import numpy as np

    for column in table.columns:
        finite = column.numbers[np.isfinite(column.numbers)]
        whole = len(finite) > FEW_ROWS and column.numeric >= MOST and (finite == np.floor(finite)).all()
        if (
            whole
            and names.re.search(r"cycle|step|zyklus|^time$", column.name, names.re.IGNORECASE)
            and (np.diff(finite) == 1).mean() > MOST
        ):
            return column
    return None


def _readings(tables: Sequence[Table]) -> Table | None:
    fitting = [
        table
        for table in tables
        if (time_column(table) or _counting_column(table))
        and any(column.numeric >= 0.5 and not column.time_format for column in table.columns)
    ]
    plain = [table for table in fitting if not is_log_name(table.path)]
    return max(plain or fitting, key=lambda table: table.rows, default=None)


def _guessed(table: Table, tables: Sequence[Table], troubles: Sequence[str]) -> Guess:
    found = Guess(name=table.path.resolve().parent.name or "plant")
    found.doubts += [f"not looked at: {trouble}" for trouble in troubles]
    if table.skipped:
        found.doubts.append(f"{table.skipped:,} more columns of {table.label} were not looked at")
    alike = _alike(table, tables)
    found.files = _patterns(alike)
    _axis(table, found)
    _long_or_wide(table, found)
    find_step(table, found)
    find_running(table, found)
    find_counter(found)
    if table.separator and len({(other.separator, other.decimal) for other in alike}) == 1:
        found.separator, found.decimal = table.separator, table.decimal
        found.why["separator"] = "it divides the header into the most columns"
        found.why["decimal"] = "most numbers are written so"
    for other in tables:
        if other not in alike:
            look_beside(other, found)
    return found


def _alike(table: Table, tables: Sequence[Table]) -> list[Table]:
    """The tables with the same columns: the same readings of other machines or days."""
    columns = [column.name for column in table.columns]
    return [other for other in tables if [column.name for column in other.columns] == columns]


def _patterns(alike: Sequence[Table]) -> tuple[str, ...]:
    """The name of a single file, or what the names of several have in common, by ending."""
    file_names = list(dict.fromkeys(other.path.name for other in alike))
    if len(file_names) == 1:
        return (file_names[0],)
    start = _shared_start(file_names).rstrip("0123456789")
    endings = sorted(SUFFIXES, key=len, reverse=True)
    found = {next((ending for ending in endings if name.lower().endswith(ending)), "") for name in file_names}
    return tuple(f"{start}*{ending}" for ending in sorted(found))


def _shared_start(texts: Sequence[str]) -> str:
    first, last = min(texts), max(texts)
    return "".join(a for a, _ in itertools.takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False)))


def _axis(table: Table, found: Guess) -> None:
    """Which columns hold time and machine."""
    time = time_column(table)
    if time is None:
        counted = _counting_column(table)
        found.time, found.time_format = (counted.name if counted else ""), "cycles"
        found.why["time"] = "no column holds times; this one counts up by one"
    else:
        found.time, found.time_format = time.name, time.time_format
        found.why["time"] = f"its values read as {time.time_format}: {next(filter(None, time.texts), '')}"
        if time.also_format:
            found.doubts.append(
                f"the times also read as {time.also_format}: is 03/04 the third of April or the fourth of March?"
            )
    candidates = [
        c
        for c in table.columns
        if c.name != found.time and not c.time_format and 0 < c.distinct <= max(1, c.filled // 2)
    ]
    named = [c for c in candidates if names.MACHINE.search(c.name) and _names_things(c)]
    loose = [c for c in candidates if names.IDENTIFIER.search(c.name) and _names_things(c)]
    chosen = next(iter(named or loose), None)
    if chosen is not None:
        found.machine = chosen.name
        found.why["machine"] = (
            f"{chosen.distinct:,} names in {chosen.filled:,} rows, such as {next(filter(None, chosen.texts), '')}"
        )
    else:
        found.why["machine"] = "no column names machines: each file is one machine, called by the file's name"


def _names_things(column: Looked) -> bool:
    """Names, or whole numbers that stand for names."""
    import numpy as np

    finite = column.numbers[np.isfinite(column.numbers)]
    return column.numeric < 0.5 or bool((finite == np.floor(finite)).all() and (finite >= 0).all())


def _long_or_wide(table: Table, found: Guess) -> None:
    taken = {found.time, found.machine}
    free = [column for column in table.columns if column.name not in taken and not column.time_format]
    tag = next((c for c in free if names.TAG.search(c.name) and c.numeric < 0.5 and c.distinct > 1), None)
    value = next((c for c in free if names.VALUE.search(c.name) and c.numeric >= 0.3), None)
    if tag is not None and value is not None:
        found.layout, found.tag, found.value = "long", tag.name, value.name
        found.why["layout"] = f"column {tag.name} names {tag.distinct} sensors, column {value.name} holds their values"
        quality = next((c.name for c in free if names.QUALITY.search(c.name) and c not in (tag, value)), "")
        _long_sensors(tag, value, quality, found)
        return
    found.why["layout"] = "several columns of numbers beside the time"
    answers = [column for column in free if names.ANSWER.search(column.name) and column.numeric >= 0.5]
    if answers:
        listed = ", ".join(column.name for column in answers[:8])
        found.doubts.append(
            f"not taken as sensors, since they look like answers (labels, failures, life left): {listed}"
        )
    numeric = [column for column in free if column.numeric >= 0.5 and column.filled and column not in answers]
    qualities = [column for column in free if names.QUALITY.search(column.name) and column.distinct <= FEW_WORDS]
    used: set[str] = set()
    for column in numeric[: MAX_SENSORS_PROPOSED + len(qualities)]:
        if column in qualities or (names.RUNNING.search(column.name) and column.distinct <= 2):
            continue
        quality = next((q.name for q in qualities if _belongs(q.name, column.name, len(numeric))), "")
        _sensor(column.name, column.name, column.numbers, column.words, quality, used, found)
    if len(numeric) > MAX_SENSORS_PROPOSED:
        found.doubts.append(
            f"{len(numeric):,} columns hold numbers; the first {MAX_SENSORS_PROPOSED} are proposed: keep those that tell wear"
        )


def _belongs(quality: str, sensor: str, num_sensors: int) -> bool:
    stem = names.QUALITY.sub("", quality).strip("_ .").casefold()
    own = names.unit_in(sensor)[0].casefold()
    return stem in (own, sensor.casefold()) if stem else num_sensors == 1


def _long_sensors(tag: Looked, value: Looked, quality: str, found: Guess) -> None:
    import numpy as np

    used: set[str] = set()
    texts = np.array(tag.texts, object)
    words = np.array(value.texts, object)
    for name in list(dict.fromkeys(filter(None, tag.texts)))[:MAX_SENSORS_PROPOSED]:
        rows = texts == name
        numbers = value.numbers[rows]
        if np.isfinite(numbers).mean() < 0.5:
            continue
        odd = value.words.__class__(
            word
            for word, n in zip(words[rows], numbers, strict=True)
            if word and not np.isfinite(n) and word in value.words
        )
        _sensor(name, name, numbers, odd, quality, used, found)


def _sensor(header: str, column: str, numbers: np.ndarray, words, quality: str, used: set[str], found: Guess) -> None:
    import numpy as np

    plain, unit = names.unit_in(header)
    name = (
        plain if plain not in used and plain not in ("clock",) and not plain.startswith(("log:", "trait:")) else header
    )
    name = name[:100]
    if name in used:
        return
    used.add(name)
    finite = numbers[np.isfinite(numbers)]
    steps = np.diff(finite)
    rising = len(finite) > FEW_ROWS and (steps > 0).any() and float((steps >= 0).mean()) > 0.9
    role = (
        "setting" if names.SETTING.search(plain) else "counter" if names.COUNTER.search(plain) and rising else "measure"
    )
    low, high = names.LIMITS.get(unit, (None, None))
    seen = (float(finite.min()), float(finite.max())) if len(finite) else None
    for word in words:
        found.states.setdefault(word, "stopped" if names.STOPPED_WORDS.search(word) else "missing")
    found.sensors.append(GuessedSensor(name, column, unit, role, quality, low, high, seen, tuple(list(words)[:4])))

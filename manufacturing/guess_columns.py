"""A first look at a table: a sample of its rows, and what each column seems to hold."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import guess_names as names
from .reading.columns import Column
from .reading.limits import FIRST_YEAR, LAST_YEAR
from .reading.relation import Hints, Relation, relations
from .reading.select import is_text, number, quoted, text
from .reading.words import EMPTY, NOT_FINITE

if TYPE_CHECKING:
    import numpy as np

SAMPLE_ROWS = 20_000
MAX_COLUMNS_LOOKED_AT = 400
FEW_WORDS = 12
MOST = 0.8
FORMATS = (
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y %H:%M",
    "%d/%m/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M",
    "%m/%d/%Y %H:%M",
    "%d-%m-%Y %H:%M:%S",
    "%d-%b-%Y %H:%M:%S",
    "%d-%b-%y %H:%M:%S",
    "%m/%d/%Y %I:%M:%S %p",
    "%m/%d/%Y %I:%M %p",
    "%Y/%m/%d %H:%M:%S",
    "%Y%m%d%H%M%S",
    "%Y%m%d %H%M%S",
    "%d.%m.%Y",
    "%d/%m/%Y",
    "%m/%d/%Y",
)
"""Patterns tried on stamps that are not ISO, the likelier first."""


@dataclass(frozen=True, eq=False)
class Looked:
    """One column of the sample: how many of its filled rows are numbers or times, its words, its numbers in order (NaN where none)."""

    name: str
    type: str
    filled: int
    numeric: float
    distinct: int
    words: Counter[str]
    texts: tuple[str, ...]
    numbers: np.ndarray
    time_format: str = ""
    also_format: str = ""


@dataclass(frozen=True, eq=False)
class Table:
    """A file's sample: its columns in order, the rows looked at, and the signs of a text."""

    path: Path
    label: str
    columns: tuple[Looked, ...]
    rows: int
    separator: str = ""
    decimal: str = "."
    notes: tuple[str, ...] = ()
    skipped: int = 0
    sheet: str = ""
    times: dict[str, Any] = field(default_factory=dict)

    def column(self, name: str) -> Looked:
        """A column by its name. Raises StopIteration where there is none."""
        return next(column for column in self.columns if column.name == name)


WANTED = frozenset(
    {
        "time",
        "timestamp",
        "date",
        "datetime",
        "ts",
        "zeit",
        "zeitstempel",
        "datum",
        "machine",
        "machineid",
        "machine_id",
        "asset",
        "asset_id",
        "equipment",
        "unit",
        "device",
        "maschine",
        "anlage",
        "tag",
        "sensor",
        "value",
        "wert",
        "date/time",
        "datum/zeit",
    }
)
"""Names by which a header is told from the lines above it."""


def look(path: Path, folder: Path, connection: Any) -> list[Table]:
    """Sample the tables of a file. ``folder`` holds working copies for a while.

    Raises:
        InputError: the file cannot be read.
    """
    found = []
    with relations(path, path.name, Hints(WANTED), connection, folder) as opened:
        for relation in opened:
            found.append(_sampled(path, relation))
    return found


def _sampled(path: Path, relation: Relation) -> Table:
    columns = relation.columns[:MAX_COLUMNS_LOOKED_AT]
    parts = []
    for index, column in enumerate(columns):
        parts += [f"{text(column, 60)} AS t{index}", f"{number(column, relation.decimal)[0]} AS n{index}"]
    frame = relation.connection.execute(
        f"SELECT {', '.join(parts)} FROM {relation.source} LIMIT {SAMPLE_ROWS}"
    ).fetch_df()
    relation.num_rejected()
    looked = tuple(_looked(relation, column, frame, index) for index, column in enumerate(columns))
    separator = relation.source.partition("delim = ")[2][:3].strip("'") if relation.rejects else ""
    return Table(
        path,
        relation.label,
        looked,
        len(frame),
        separator,
        relation.decimal,
        relation.notes,
        len(relation.columns) - len(columns),
    )


def _looked(relation: Relation, column: Column, frame: Any, index: int) -> Looked:
    import numpy as np

    texts = [value if isinstance(value, str) else "" for value in frame[f"t{index}"].to_list()]
    numbers = frame[f"n{index}"].to_numpy(np.float64, na_value=np.nan)
    filled = [word for word in texts if word.casefold() not in EMPTY and word.casefold() not in NOT_FINITE]
    numeric = int(np.isfinite(numbers).sum())
    words = Counter(
        word
        for word, value in zip(texts, numbers, strict=True)
        if word and not np.isfinite(value) and word.casefold() not in EMPTY | NOT_FINITE
    )
    first, second = _time_format(relation.connection, column, filled, numbers)
    return Looked(
        column.name,
        column.type,
        len(filled),
        numeric / max(1, len(filled)),
        len(set(filled)),
        words,
        tuple(texts),
        numbers,
        first,
        second,
    )


def _time_format(connection: Any, column: Column, filled: list[str], numbers: np.ndarray) -> tuple[str, str]:
    """The format by which nearly all of the column reads as times, and another by which it also does; "" where none."""
    import numpy as np

    if column.type.startswith(("TIMESTAMP", "DATE")):
        return "iso", ""
    if not filled:
        return "", ""
    finite = numbers[np.isfinite(numbers)]
    if len(finite) >= MOST * len(filled):
        low, high = float(finite.min()), float(finite.max())
        if not names.TIME.search(column.name):
            return "", ""
        if low >= 9e8 and high < 5e9:
            return "epoch_s", ""
        if low >= 9e11 and high < 5e12:
            return "epoch_ms", ""
        if low >= 20_000 and high < 80_000:
            return "iso", ""
        return "", ""
    if not is_text(column):
        return "", ""
    sample = list(dict.fromkeys(filled))[:500]
    connection.execute("CREATE OR REPLACE TEMP TABLE stamps (s VARCHAR)")
    connection.executemany("INSERT INTO stamps VALUES (?)", [[stamp] for stamp in sample])
    fitting = []
    within = f"BETWEEN TIMESTAMP '{FIRST_YEAR}-01-01' AND TIMESTAMP '{LAST_YEAR}-01-01'"
    for name in ("iso", *FORMATS):
        read = "TRY_CAST(replace(s, ',', '.') AS TIMESTAMP)" if name == "iso" else f"try_strptime(s, {quoted(name)})"
        share = connection.execute(f"SELECT count(*) FILTER ({read} {within}) FROM stamps").fetchone()
        if share and share[0] >= MOST * len(sample):
            fitting.append(name)
    connection.execute("DROP TABLE stamps")
    return (fitting[0] if fitting else "", fitting[1] if len(fitting) > 1 and fitting[0] != "iso" else "")


def time_column(table: Table) -> Looked | None:
    """The column that holds the times; None where none does."""
    timed = [column for column in table.columns if column.time_format]
    return next((column for column in timed if names.TIME.search(column.name)), timed[0] if timed else None)

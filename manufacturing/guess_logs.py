"""Files beside the readings: logs of events, and the list of machines."""

from __future__ import annotations

from pathlib import Path

from . import guess_names as names
from .guess_columns import FEW_WORDS, Table, time_column
from .guess_types import Guess, GuessedLog
from .reading.relation import stem_of


def is_log_name(path: Path) -> bool:
    """Whether a file is called like a log or a list of machines."""
    stem = stem_of(path)
    logs = any(pattern.search(stem) for _, pattern in names.LOGS) or names.MIXED_LOG.search(stem)
    return bool(logs or names.TRAITS.fullmatch(stem.rstrip("s")))


def look_beside(table: Table, found: Guess) -> None:
    """Add what ``table`` is: a log of events, the list of machines, or nothing."""
    if [column.name for column in table.columns] and table.path.name in found.files:
        return
    machine = next((c for c in table.columns if c.name == found.machine), None) or next(
        (c for c in table.columns if names.MACHINE.search(c.name)), None
    )
    time = time_column(table)
    stem = stem_of(table.path)
    if machine is None or not is_log_name(table.path):
        return
    if time is None:
        if machine.distinct == machine.filled and not found.traits[0]:
            found.traits = (table.path.name, machine.name)
        return
    free = [c for c in table.columns if c not in (machine, time)]
    fixed = next((kind for kind, pattern in names.LOGS if pattern.search(stem)), "")
    kind_column, kinds = "", ()
    if not fixed:
        column = next((c for c in free if names.KIND.search(c.name) and c.distinct <= FEW_WORDS), None)
        if column is None:
            found.doubts.append(f"{table.label} looks like a log, and no column says what its rows are")
            return
        words = list(dict.fromkeys(filter(None, column.texts)))
        kind_column = column.name
        kinds = tuple((w, next((kind for kind, pattern in names.LOGS if pattern.search(w)), "error")) for w in words)
        free.remove(column)
    until = next((c for c in free if c.time_format and names.UNTIL.search(c.name)), None)
    text = [c for c in free if not c.time_format]
    free_of_notes = [c for c in text if not names.NOTE.search(c.name)]
    component = next((c for c in text if names.COMPONENT.search(c.name)), None)
    if component is None and fixed in ("failure", "maintenance"):
        component = next(
            (
                c
                for c in text
                if names.re.search(r"failure|ausfall", c.name, names.re.IGNORECASE) and c.distinct <= FEW_WORDS
            ),
            None,
        )
    free_of_notes.sort(key=lambda c: fixed != "order" and bool(names.ORDER.search(c.name)))
    code = next((c for c in free_of_notes if names.CODE.search(c.name) and c is not component), None)
    note = next((c for c in text if names.NOTE.search(c.name) and c not in (component, code)), None)
    found.logs.append(
        GuessedLog(
            table.path.name,
            machine.name,
            time.name,
            time.time_format,
            fixed,
            kind_column,
            kinds,
            until.name if until else "",
            code.name if code else "",
            component.name if component else "",
            note.name if note else "",
        )
    )
    if component is not None and component.distinct <= FEW_WORDS:
        found.components = tuple(dict.fromkeys([*found.components, *filter(None, component.texts)]))

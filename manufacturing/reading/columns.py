"""The columns of a source: how names of the plant file find them, and what is said when they do not."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ...core.errors import InputError
from ...core.toml_file import nearest

NAMES_SHOWN = 12


@dataclass(frozen=True)
class Column:
    """One column: its ``name`` in the data, the SQL ``expression`` that reads it, and its DuckDB ``type``."""

    name: str
    expression: str
    type: str = "VARCHAR"


def fold(name: str) -> str:
    """A name with what people and programs vary taken out: case, outer blanks, composed letters."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def find_column(columns: Sequence[Column], name: str, label: str) -> Column | None:
    """The column called ``name``: spelt the same, or the only one that differs by case and blanks alone. None where there is none.

    Raises:
        InputError: code ``columns_twice``: two columns answer to the name.
    """
    exact = [column for column in columns if column.name == name]
    found = exact or [column for column in columns if fold(column.name) == fold(name)]
    if len(found) > 1:
        raise InputError(
            f"{label} has {len(found)} columns called {name!r}",
            code="columns_twice",
            remedy="rename or drop one of them, and export again",
        )
    return found[0] if found else None


def need_column(columns: Sequence[Column], name: str, label: str, key: str) -> Column:
    """As ``find_column``, for a column that must be there. Raises InputError, code ``columns``, with the names that are."""
    found = find_column(columns, name, label)
    if found is None:
        raise missing(columns, [name], label, key)
    return found


def missing(columns: Sequence[Column], names: Iterable[str], label: str, key: str) -> InputError:
    """The error that says which columns are not there, and which are."""
    wanted = list(names)
    there = [column.name for column in columns]
    hints = "".join(nearest(name, there) for name in wanted[:1])
    said = " or ".join(repr(name) for name in wanted[:4])
    return InputError(
        f"{label} has no column {said}{hints or ''} It has {_listed(there)}"
        if hints
        else f"{label} has no column {said}; it has {_listed(there)}",
        code="columns",
        remedy=f"name the right column by '{key}' in the plant file, or leave the file out by 'files'",
    )


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(repr(name[:40]) for name in names[:NAMES_SHOWN])
    return shown + (f" and {len(names) - NAMES_SHOWN:,} more" if len(names) > NAMES_SHOWN else "") if names else "none"

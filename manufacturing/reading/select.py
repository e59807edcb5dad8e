"""SQL that turns a source's columns into times, numbers and texts, whatever their type there."""

from __future__ import annotations

import re

from .columns import Column
from .limits import FIRST_YEAR, LAST_YEAR, MAX_NAME_CHARS
from .relation import quoted

SERIAL_LOW, SERIAL_HIGH = 20_000, 80_000
"""Excel's day numbers of 1954 to 2119: a bare number in a column of ISO times is one of these, or nothing."""
SERIAL_EPOCH_DAYS = 25_569
"""Excel's day number of 1970-01-01."""
WORD_CHARS = 60

_NUMERIC = re.compile(r"(?:U?(?:TINY|SMALL|BIG|HUGE)?INT(?:EGER)?|FLOAT|DOUBLE|REAL|DECIMAL.*)$")
_AWARE = r"'(?::[0-9]{2}[:.,0-9]*\s*[+-][0-9]{2}(?::?[0-9]{2})?|[A-Za-z])\s*$'"
"""Stamps that end in an offset, Z or the name of a zone are moments; the others are wall time."""
_LOW_US = f"epoch_us(TIMESTAMP '{FIRST_YEAR}-01-01')"
_HIGH_US = f"epoch_us(TIMESTAMP '{LAST_YEAR}-01-01')"


def is_text(column: Column) -> bool:
    """Whether the column holds text (or what is read as text)."""
    return not _NUMERIC.match(column.type) and not column.type.startswith(("TIMESTAMP", "DATE", "BOOLEAN"))


def text(column: Column, chars: int = MAX_NAME_CHARS) -> str:
    """The column as trimmed text, NULL where nothing stands; whole floats without a point. One sign more than ``chars`` shows what is too long."""
    if column.type in ("FLOAT", "DOUBLE", "REAL"):
        it = column.expression
        return f"CASE WHEN {it} = floor({it}) AND abs({it}) < 1e15 THEN CAST(CAST({it} AS BIGINT) AS VARCHAR) ELSE CAST({it} AS VARCHAR) END"
    plain = column.expression if column.type == "VARCHAR" else f"CAST({column.expression} AS VARCHAR)"
    return f"left(nullif(trim({plain}, ' \t\r\n\u00a0'), ''), {chars + 1})"


def number(column: Column, decimal: str) -> tuple[str, str]:
    """Expressions for the finite number in the column (NULL where there is none), and for the word that stands there instead."""
    it = column.expression
    if column.type == "BOOLEAN":
        return f"CAST(CAST({it} AS TINYINT) AS DOUBLE)", "CAST(NULL AS VARCHAR)"
    if _NUMERIC.match(column.type):
        value = f"CAST({it} AS DOUBLE)"
        return (
            f"CASE WHEN isfinite({value}) THEN {value} END",
            f"CASE WHEN {it} IS NOT NULL AND NOT isfinite({value}) THEN CAST({value} AS VARCHAR) END",
        )
    if column.type.startswith(("TIMESTAMP", "DATE", "TIME")):
        return "CAST(NULL AS DOUBLE)", f"CAST({it} AS VARCHAR)"
    plain = it if column.type == "VARCHAR" else f"CAST({it} AS VARCHAR)"
    prepared = f"replace(replace({plain}, '.', ''), ',', '.')" if decimal == "," else plain
    value = f"TRY_CAST({prepared} AS DOUBLE)"
    return (
        f"CASE WHEN isfinite({value}) THEN {value} END",
        f"CASE WHEN {plain} IS NOT NULL AND NOT coalesce(isfinite({value}), false) THEN left(trim({plain}), {WORD_CHARS}) END",
    )


def stamp(column: Column, time_format: str, interval_s: float, *, local: bool) -> tuple[str, str, str]:
    """Expressions for microseconds since 1970 (NULL where unreadable), whether they are already UTC, and the text as it stands.

    ``local`` says that the plant's zone is not UTC, so that stamps without an offset have to be moved later.
    """
    us, aware = _stamp(column, time_format, interval_s, local=local)
    bounded = f"CASE WHEN {us} BETWEEN {_LOW_US} AND {_HIGH_US} THEN {us} END"
    return bounded, aware, f"left(CAST({column.expression} AS VARCHAR), {WORD_CHARS})"


def _stamp(column: Column, time_format: str, interval_s: float, *, local: bool) -> tuple[str, str]:
    it, kind = column.expression, column.type
    if kind.startswith("TIMESTAMP WITH TIME ZONE"):
        return f"epoch_us({it})", "true"
    if kind.startswith(("TIMESTAMP", "DATE")):
        return f"epoch_us(CAST({it} AS TIMESTAMP))", "false"
    plain = it if kind == "VARCHAR" else f"CAST({it} AS VARCHAR)"
    if time_format in ("epoch_s", "epoch_ms", "cycles"):
        scale = {"epoch_s": 1e6, "epoch_ms": 1e3, "cycles": interval_s * 1e6}[time_format]
        return _scaled(it if _NUMERIC.match(kind) else f"TRY_CAST({plain} AS DOUBLE)", scale), "true"
    if time_format != "iso":
        parsed = f"try_strptime(trim({plain}), {quoted(time_format)})"
        return f"epoch_us({parsed})", "true" if "%z" in time_format else "false"
    serial = it if _NUMERIC.match(kind) else f"TRY_CAST({plain} AS DOUBLE)"
    days = f"round(({serial} - {SERIAL_EPOCH_DAYS}) * 86400.0, 3)"
    excel = f"CASE WHEN {serial} BETWEEN {SERIAL_LOW} AND {SERIAL_HIGH} THEN {_scaled(days, 1e6)} END"
    if _NUMERIC.match(kind):
        return excel, "false"
    iso = f"replace({plain}, ',', '.')"
    aware = f"coalesce(regexp_matches({plain}, {_AWARE}), false)"
    parsed = f"CASE WHEN {aware} THEN epoch_us(TRY_CAST({iso} AS TIMESTAMPTZ)) ELSE epoch_us(TRY_CAST({iso} AS TIMESTAMP)) END"
    return f"coalesce({parsed}, {excel})", aware if local else "true"


def _scaled(value: str, scale: float) -> str:
    return f"CASE WHEN abs({value}) < {9e18 / scale!r} THEN CAST(round({value} * {scale!r}) AS BIGINT) END"

"""``index.html``: a run's contracts on one page: what needs attention first, the portfolio, deadlines, what was not read.

The page knows no time of day: which deadline comes next is worked out when it is read, in the reader's browser.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...core.files import write_text
from .findings_json import DISCLAIMER
from .page import KIND_NAMES
from .portfolio import (
    Contract,
    MissingRow,
    Portfolio,
    TypeRow,
    by_type,
    missing_rows,
    unread_parts,
    verdict_word,
)
from .templating import render

INDEX_NAME = "index.html"
MAX_FIRST = 12
"""Findings listed first; all stand in the workbook and on the contracts' pages."""
MAX_DEADLINES = 400
MAX_UNREAD = 400
MAX_MISSING_CONTRACTS = 30
"""Contracts with a column each in the table of missing clauses; larger runs get a column for each type of contract."""
VERDICTS: Mapping[str, str] = {
    "high": "High",
    "medium": "Medium",
    "low": "Low",
    "none": "Nothing found",
    "unjudged": "Not judged",
}
_BAR_WIDTH, _BAR_STEP = 520, 34


def write_index(portfolio: Portfolio, path: Path, *, downloads: Sequence[tuple[str, str]] = ()) -> None:
    """Write the run's index to ``path``; ``downloads`` are further outputs as (relative address, what it is).

    Raises DiskFullError.
    """
    write_text(path, index_html(portfolio, downloads=downloads))


def index_html(portfolio: Portfolio, *, downloads: Sequence[tuple[str, str]] = ()) -> str:
    """The index as a string: the same stored results give the same bytes."""
    contracts = portfolio.contracts
    findings = portfolio.findings()
    deadlines = portfolio.deadlines()
    unread = list(unread_parts(contracts))
    return render(
        "index",
        {
            "contracts": [_Row(contract) for contract in _worst_first(contracts)],
            "refused": portfolio.refused,
            "manifest": portfolio.manifest,
            "downloads": downloads,
            "verdicts": VERDICTS,
            "totals": _totals(contracts),
            "first": _attention(findings),
            "num_findings": sum(contract.summary["totals"]["findings"] for contract in contracts),
            "dated": [pair for pair in deadlines if pair[1]["date"] and not pair[1]["status"]][:MAX_DEADLINES],
            "undated": [pair for pair in deadlines if not pair[1]["date"] or pair[1]["status"]][:MAX_DEADLINES],
            "num_deadlines": len(deadlines),
            "max_deadlines": MAX_DEADLINES,
            "contradictions": [pair for pair in findings if pair[1]["kind"] == "contradiction"],
            "unread": unread[:MAX_UNREAD],
            "num_unread": len(unread),
            "chart": _bars(by_type(contracts)),
            "missing": _missing(contracts),
            "kind_names": KIND_NAMES,
            "disclaimer": DISCLAIMER,
        },
    )


@dataclass(frozen=True)
class _Row:
    """A contract as the portfolio's table shows it."""

    contract: Contract

    @property
    def summary(self) -> Mapping[str, Any]:
        return self.contract.summary

    @property
    def verdict(self) -> str:
        return verdict_word(self.contract.summary)

    @property
    def deadline_dates(self) -> list[str]:
        dated = (one for one in self.summary["deadlines"] if one["date"] and not one["status"])
        return sorted({one["date"] for one in dated})


def _worst_first(contracts: Sequence[Contract]) -> list[Contract]:
    return sorted(
        contracts,
        key=lambda one: (not one.is_ours, one.rank, -(one.summary["score"] or 0.0), one.summary["source"]),
    )


def _totals(contracts: Sequence[Contract]) -> dict[str, int]:
    totals = dict.fromkeys(VERDICTS, 0)
    for contract in contracts:
        totals[verdict_word(contract.summary)] += 1
    return totals


def _attention(
    findings: Sequence[tuple[Contract, Mapping[str, Any]]],
) -> list[tuple[Contract, Mapping[str, Any]]]:
    """The worst findings, ours before those of contracts we are no party to; at first one a contract, so that one bad contract does not
    hide the next."""
    first: list[tuple[Contract, Mapping[str, Any]]] = []
    later: list[tuple[Contract, Mapping[str, Any]]] = []
    seen: set[tuple[str, str]] = set()
    for contract, found in findings:
        key = (contract.summary["id"], found["level"])
        (later if key in seen else first).append((contract, found))
        seen.add(key)
    order = {"high": 0, "medium": 1, "low": 2}
    chosen = sorted([*first, *later], key=lambda pair: (not pair[0].is_ours, order[pair[1]["level"]]))
    return chosen[:MAX_FIRST]


@dataclass(frozen=True)
class Segment:
    """A stretch of a bar, in SVG units."""

    word: str
    x: float
    width: float
    count: int


@dataclass(frozen=True)
class Bar:
    """One bar of the chart: a type of contract, its total, and its segments by verdict."""

    title: str
    y: int
    total: int
    segments: tuple[Segment, ...]


@dataclass(frozen=True)
class Chart:
    """Stacked bars and the size of their drawing."""

    bars: tuple[Bar, ...]
    width: int
    height: int


def _bars(rows: Sequence[TypeRow]) -> Chart:
    widest = max((row.total for row in rows), default=1)
    bars = []
    for index, row in enumerate(rows):
        x, segments = 0.0, []
        for word, count in row.counts.items():
            if count:
                width = count / widest * _BAR_WIDTH
                segments.append(Segment(word, round(x, 1), round(max(width - 2, 1), 1), count))
                x += width
        bars.append(Bar(row.title, index * _BAR_STEP, row.total, tuple(segments)))
    return Chart(tuple(bars), _BAR_WIDTH, max(1, len(bars)) * _BAR_STEP)


@dataclass(frozen=True)
class MissingTable:
    """Clauses by contract, or by type of contract where there are many: a cell is (state, text)."""

    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[str, int, tuple[tuple[str, str], ...]], ...]
    by_contract: bool


_SIGNS: Mapping[str, str] = {
    "missing": "missing",
    "passed": "found",
    "failed": "finding",
    "undecided": "undecided",
    "not_applicable": "–",
    "unchecked": "",
}


def _missing(contracts: Sequence[Contract]) -> MissingTable:
    rows = missing_rows(contracts)
    if len(contracts) <= MAX_MISSING_CONTRACTS:
        columns = tuple((contract.name, contract.page) for contract in contracts)
        cells = tuple(
            (row.title, row.num_missing, tuple((state, _SIGNS[state]) for state in row.states)) for row in rows
        )
        return MissingTable(columns, cells, True)
    types = [row.title for row in by_type(contracts)]
    of_type = [contract.summary["contract_type"]["title"] for contract in contracts]
    return MissingTable(
        tuple((title, "") for title in types),
        tuple((row.title, row.num_missing, tuple(_share(row, of_type, title) for title in types)) for row in rows),
        False,
    )


def _share(row: MissingRow, of_type: Sequence[str], title: str) -> tuple[str, str]:
    """How many of a type's contracts lack the clause, of those where it was checked."""
    states = [state for state, own in zip(row.states, of_type, strict=True) if own == title]
    checked = [state for state in states if state not in ("unchecked", "not_applicable")]
    missing = states.count("missing")
    if not checked:
        return "unchecked", ""
    return ("missing" if missing else "passed"), f"{missing} of {len(checked)}"

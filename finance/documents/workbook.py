"""``portfolio.xlsx``: the run as tables for those who work in a spreadsheet.

Every string is written as a string and none as a formula or a link made from contract text; a text that a
spreadsheet would take for a formula when the sheet is saved as CSV gets an apostrophe in front (OWASP's advice on CSV
injection). Rows are written as they are read, so memory does not grow with the run.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ...core.files import replacing
from ...core.pages.sheets import Column, Formats, Sheet
from .fact_rows import holder_name
from .findings_json import DISCLAIMER
from .page import KIND_NAMES
from .portfolio import Contract, Portfolio, missing_rows, unread_parts, verdict_word, whole_findings
from .sheets import LEVEL_COLOURS, LEVEL_WORDS
from .text import in_sentence

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook

WORKBOOK_NAME = "portfolio.xlsx"
MAX_MISSING_COLUMNS = 2000
_CREATED = datetime.datetime(2000, 1, 1)
"""Fixed, so that the same contracts give the same bytes."""
CONTRACTS = (
    Column("Contract", 34, "link"),
    Column("File", 34, "wrap"),
    Column("Type", 24, "wrap"),
    Column("Parties", 40, "wrap"),
    Column("We act for", 24, "wrap"),
    Column("Level", 14, "level"),
    Column("Checks decided", 12, "number"),
    Column("Checks", 9, "number"),
    Column("High", 8, "number"),
    Column("Medium", 9, "number"),
    Column("Low", 8, "number"),
    Column("Effective", 13, "date"),
    Column("Expires", 17, "date"),
    Column("First deadline", 14, "date"),
    Column("Renewal", 34, "wrap"),
    Column("Governing law", 20),
    Column("Parts not read", 10, "number"),
    Column("Playbook", 28),
    Column("Model", 22),
)
FINDINGS = (
    Column("Contract", 30, "link"),
    Column("No.", 6, "number"),
    Column("Level", 11, "level"),
    Column("Kind", 15),
    Column("Finding", 40, "wrap"),
    Column("Why", 46, "wrap"),
    Column("At stake", 36, "wrap"),
    Column("Clause", 10),
    Column("Page", 7, "number"),
    Column("Words", 60, "wrap"),
    Column("Suggested wording", 60, "wrap"),
    Column("Written for the law of", 18),
    Column("Probability", 11, "share"),
    Column("Id", 13),
)
CLAUSES = (
    Column("Contract", 30),
    Column("Type of clause", 30),
    Column("Clause", 10),
    Column("Page", 7, "number"),
    Column("Words", 90, "wrap"),
    Column("Probability", 11, "share"),
    Column("Found by", 12),
)
DUTIES = (
    Column("Contract", 30),
    Column("What", 14),
    Column("Who", 24),
    Column("Duty or deadline", 50, "wrap"),
    Column("Date", 13, "date"),
    Column("Arithmetic", 46, "wrap"),
    Column("In the calendar", 30, "wrap"),
    Column("Confidence", 11, "share"),
    Column("Clause", 10),
    Column("Page", 7, "number"),
    Column("Words", 60, "wrap"),
)
UNREAD = (
    Column("File", 44),
    Column("Part", 26),
    Column("Reason", 60, "wrap"),
    Column("What to do", 60, "wrap"),
    Column("Code", 16),
)


def write_workbook(portfolio: Portfolio, path: Path) -> None:
    """Write the workbook to ``path``. Raises DiskFullError."""
    import xlsxwriter

    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with replacing(path) as temporary:
        workbook = xlsxwriter.Workbook(str(temporary), options)
        workbook.set_properties({"title": "Contract review", "comments": DISCLAIMER, "created": _CREATED})
        _Book(workbook, portfolio).write()
        workbook.close()


class _Book:
    """The workbook's formats and sheets."""

    def __init__(self, workbook: Workbook, portfolio: Portfolio) -> None:
        self.workbook = workbook
        self.portfolio = portfolio
        self.formats = Formats.of(workbook, LEVEL_COLOURS, LEVEL_WORDS)

    def write(self) -> None:
        contracts = self.portfolio.contracts
        overview = Sheet(self.workbook, self.formats, "Contracts", CONTRACTS)
        found = Sheet(self.workbook, self.formats, "Findings", FINDINGS)
        clauses = Sheet(self.workbook, self.formats, "Clauses", CLAUSES)
        duties = Sheet(self.workbook, self.formats, "Obligations and deadlines", DUTIES)
        for contract in contracts:
            overview.add(_contract_row(contract), quote(contract.page))
            data = whole_findings(contract)
            for finding in data["findings"]:
                found.add(_finding_row(contract, finding), f"{quote(contract.page)}#f-{quote(finding['id'])}")
            for label in data["clauses"]:
                clauses.add(_clause_row(contract, label))
            for row in _duty_rows(contract, data):
                duties.add(row)
        columns = contracts[:MAX_MISSING_COLUMNS]
        missing = Sheet(
            self.workbook,
            self.formats,
            "Missing",
            (
                Column("Clause", 44, "wrap"),
                Column("Missing in", 10, "number"),
                *(Column(contract.name, 16, "level") for contract in columns),
            ),
            frozen_columns=2,
        )
        for row in missing_rows(columns):
            missing.add((row.title, row.num_missing, *row.states))
        unread = Sheet(self.workbook, self.formats, "Not read", UNREAD)
        for refusal in self.portfolio.refused:
            unread.add((str(refusal.path), "whole file", refusal.reason, refusal.remedy, refusal.code))
        for contract, part in unread_parts(contracts):
            unread.add((contract.summary["source"], part["where"], part["reason"], part["remedy"], part["code"]))
        for sheet in (overview, found, clauses, duties, missing, unread):
            sheet.close()
        about = Sheet(self.workbook, self.formats, "About", (Column("What", 26), Column("Value", 100, "wrap")))
        for row in _about(self.portfolio):
            about.add(row)


def _contract_row(contract: Contract) -> Sequence[Any]:
    summary = contract.summary
    counts, decided = summary["counts"], summary["checks_decided"]
    dated = sorted(deadline["date"] for deadline in summary["deadlines"] if deadline["date"])
    return (
        contract.name,
        summary["source"],
        summary["contract_type"]["title"],
        contract.parties,
        summary["side"]["party"],
        verdict_word(summary),
        decided["decided"],
        decided["applicable"],
        counts["high"],
        counts["medium"],
        counts["low"],
        contract.date("effective"),
        contract.date("expiration"),
        dated[0] if dated else None,
        summary["renewal"],
        summary["law"],
        summary["totals"]["unread"],
        summary["playbook"],
        summary["produced_by"]["model"],
    )


def _finding_row(contract: Contract, found: Mapping[str, Any]) -> Sequence[Any]:
    first = found["quotes"][0] if found["quotes"] else None
    suggestion = found["suggestion"] or {}
    return (
        contract.name,
        found["number"],
        found["level"],
        KIND_NAMES.get(found["kind"], found["kind"]),
        found["title"],
        found["why"],
        found["stake"],
        _path(first),
        _page(first),
        "\n".join(map(in_sentence, found["quotes"])) or found["recall"],
        suggestion.get("text"),
        suggestion.get("law"),
        found["probability"],
        found["id"],
    )


def _clause_row(contract: Contract, label: Mapping[str, Any]) -> Sequence[Any]:
    words = label["quote"]
    return (
        contract.name,
        label["title"],
        _path(words),
        _page(words),
        words["text"],
        label["probability"],
        label["source"],
    )


def _duty_rows(contract: Contract, data: Mapping[str, Any]) -> Iterable[Sequence[Any]]:
    for deadline in data["deadlines"]:
        words = deadline["quote"]
        yield (
            contract.name,
            "Deadline",
            holder_name(deadline["holder"]),
            deadline["title"],
            deadline["date"],
            deadline["arithmetic"],
            "yes" if deadline["in_calendar"] else deadline["status"],
            deadline["confidence"],
            _path(words),
            _page(words),
            words["text"],
        )
    for duty in data["obligations"]:
        words, typed = duty["quote"], duty["typed"]
        period = typed["period"]
        within = f" (within {period['value']:g} {period['unit'].replace('_', ' ')}s)" if period else ""
        yield (
            contract.name,
            "Obligation",
            holder_name(typed["debtor"]),
            f"{typed['action']}{within}",
            None,
            None,
            None,
            duty["confidence"],
            _path(words),
            _page(words),
            words["text"],
        )


def _about(portfolio: Portfolio) -> Iterable[Sequence[Any]]:
    yield "Contracts reviewed", len(portfolio.contracts)
    yield "Files not read", len(portfolio.refused)
    for group in ("settings", "bundles", "versions"):
        for name, value in portfolio.manifest.get(group, {}).items():
            yield f"{group}: {name}", value
    yield "Please note", DISCLAIMER


def _path(words: Mapping[str, Any] | None) -> str:
    return words["clause"]["path"] if words and words["clause"] else ""


def _page(words: Mapping[str, Any] | None) -> int | None:
    return words["places"][0].get("page") if words and words["places"] else None

"""A run's contracts taken together, from their stored summaries: the same after a resume as after an unbroken run.

The index, the workbook and the calendar are drawn from a ``Portfolio``. Contracts stand in the order of their source
names, never in the order in which workers finished them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...core.job import Closing, Refusal
from .findings_json import FINDINGS_NAME
from .page import PAGE_NAME
from .templating import LEVEL_LETTERS

UNRANKED = len(LEVEL_LETTERS)


@dataclass(frozen=True)
class Contract:
    """One reviewed contract: its summary, its folder, and the address of its page relative to the run's folder."""

    summary: Mapping[str, Any]
    folder: Path
    page: str

    @property
    def name(self) -> str:
        """What the contract is called in lists: its title, else its file."""
        return self.summary["title"] or self.summary["source"]

    @property
    def is_ours(self) -> bool:
        """Whether our party was matched to one of the contract's."""
        return bool(self.summary["side"]["party"])

    @property
    def rank(self) -> int:
        """0 for a contract whose worst finding is high, rising; contracts without a level come last."""
        return list(LEVEL_LETTERS).index(self.summary["level"]) if self.summary["level"] else UNRANKED

    @property
    def parties(self) -> str:
        """The parties' names in one line."""
        return ", ".join(party["name"] for party in self.summary["parties"])

    def date(self, kind: str) -> str:
        """A date of the contract in ISO 8601, or the word for why there is none; "" where none was found."""
        found = self.summary["dates"].get(kind)
        if not found:
            return ""
        why_none = str(found["status"])
        return found["date"] or ("until terminated" if why_none == "perpetual" else why_none)


@dataclass(frozen=True)
class Portfolio:
    """All contracts of a run, what was refused, and the manifest's facts that do not change from run to run."""

    contracts: tuple[Contract, ...]
    refused: tuple[Refusal, ...]
    manifest: Mapping[str, Any]

    def findings(self) -> list[tuple[Contract, Mapping[str, Any]]]:
        """All findings: contracts in which our party is known first, the most serious first; within a level those of the worse contract.

        Where we are no party, or none was named, a level is the worst over all parties and need not be ours at all.
        """
        pairs = [(contract, found) for contract in self.contracts for found in contract.summary["findings"]]
        levels = list(LEVEL_LETTERS)
        return sorted(
            pairs,
            key=lambda pair: (
                not pair[0].is_ours,
                levels.index(pair[1]["level"]),
                -(pair[0].summary["score"] or 0.0),
                pair[1]["number"],
            ),
        )

    def deadlines(self) -> list[tuple[Contract, Mapping[str, Any]]]:
        """All deadlines by date, those without one last."""
        pairs = [(contract, deadline) for contract in self.contracts for deadline in contract.summary["deadlines"]]
        return sorted(pairs, key=lambda pair: (pair[1]["date"] or "9999-99-99", pair[0].summary["source"]))


def portfolio(closing: Closing, folder: Path) -> Portfolio:
    """Read a finished run; ``folder`` is where its pages will stand."""
    contracts = [
        Contract(stored.result.summary, stored.folder, _relative(stored.folder / PAGE_NAME, folder))
        for stored in closing.stored
    ]
    return Portfolio(
        tuple(sorted(contracts, key=lambda contract: (contract.summary["source"], contract.summary["id"]))),
        tuple(sorted(closing.refused, key=lambda refusal: (str(refusal.path), refusal.id))),
        closing.manifest,
    )


def whole_findings(contract: Contract) -> Mapping[str, Any]:
    """The contract's ``findings.json``, read when it is needed and not kept."""
    return json.loads((contract.folder / FINDINGS_NAME).read_text(encoding="utf-8"))


@dataclass(frozen=True)
class MissingRow:
    """One clause that some contract lacks, over all columns: ``missing``, ``passed``, ``failed``, ``undecided``, ``not_applicable`` or ``unchecked``."""

    title: str
    states: tuple[str, ...]

    @property
    def num_missing(self) -> int:
        """In how many contracts it is missing."""
        return self.states.count("missing")


def missing_rows(contracts: Sequence[Contract]) -> list[MissingRow]:
    """Every check by which a clause was found missing in at least one contract, and its outcome in all, worst first."""
    titles: dict[str, str] = {}
    missing: set[tuple[str, str]] = set()
    for contract in contracts:
        for found in contract.summary["findings"]:
            if found["kind"] == "missing":
                titles.setdefault(found["check"], found["title"])
                missing.add((contract.summary["id"], found["check"]))
    for contract in contracts:
        for check in contract.summary["checks"]:
            if check["id"] in titles:
                titles[check["id"]] = check["title"]
    rows = [
        MissingRow(title, tuple(_state(contract, check, missing) for contract in contracts))
        for check, title in titles.items()
    ]
    return sorted(rows, key=lambda row: (-row.num_missing, row.title))


def _state(contract: Contract, check: str, missing: set[tuple[str, str]]) -> str:
    if (contract.summary["id"], check) in missing:
        return "missing"
    return next((one["status"] for one in contract.summary["checks"] if one["id"] == check), "unchecked")


@dataclass(frozen=True)
class TypeRow:
    """How the contracts of one type stand: a count by level; ``none`` is "nothing found", ``unjudged`` no verdict."""

    title: str
    counts: Mapping[str, int]

    @property
    def total(self) -> int:
        """How many contracts are of this type."""
        return sum(self.counts.values())


def verdict_word(summary: Mapping[str, Any]) -> str:
    """``high``, ``medium``, ``low``; ``none`` where checks found nothing; ``unjudged`` where none was decided."""
    return summary["level"] or ("none" if summary["checks_decided"]["decided"] else "unjudged")


def by_type(contracts: Sequence[Contract]) -> list[TypeRow]:
    """The contracts by type, the most frequent type first."""
    words = (*LEVEL_LETTERS, "none", "unjudged")
    counts: dict[str, dict[str, int]] = {}
    for contract in contracts:
        title = contract.summary["contract_type"]["title"]
        own = counts.setdefault(title, dict.fromkeys(words, 0))
        own[verdict_word(contract.summary)] += 1
    rows = [TypeRow(title, own) for title, own in counts.items()]
    return sorted(rows, key=lambda row: (-row.total, row.title))


def unread_parts(contracts: Sequence[Contract]) -> Iterator[tuple[Contract, Mapping[str, Any]]]:
    """Every part of a reviewed contract that could not be read."""
    for contract in contracts:
        for part in contract.summary["unread"]:
            yield contract, part


def _relative(path: Path, folder: Path) -> str:
    return Path(os.path.relpath(path, folder)).as_posix()

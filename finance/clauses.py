"""Cut a document into a tree of clauses with their numbers and headings, and into parts (body, exhibits, schedules).

``segment`` reads ``Document.blocks`` and text. Definitions and cross-references are collected beside the tree by
``finance/definitions.py`` and ``finance/references.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

PartKind = Literal["body", "exhibit", "schedule", "annex", "appendix", "amendment", "order_form"]
ClauseKind = Literal["title", "preamble", "recitals", "contents", "clause", "signature", "other"]


@dataclass(frozen=True)
class Part:
    """A document inside the file: the main body, or an exhibit, schedule or amendment attached to it."""

    index: int
    kind: PartKind
    title: str
    start: int
    end: int


@dataclass(frozen=True)
class Clause:
    """One node of the tree. ``start``..``end`` covers its own words, heading included, up to its first child;
    ``number`` is as shown ("9.2", "(a)", "Article IV"), ``path`` the full one ("9.2(a)")."""

    index: int
    part: int
    parent: int | None
    level: int
    kind: ClauseKind
    number: str
    path: str
    heading: str
    start: int
    end: int


@dataclass(frozen=True)
class Definition:
    """A defined term: where it is defined, and how often it is used elsewhere. ``circular`` when it is defined by itself."""

    term: str
    start: int
    end: int
    clause: int
    num_uses: int
    circular: bool = False


@dataclass(frozen=True)
class Reference:
    """A cross-reference: ``target`` as written ("Section 9.2", "Exhibit B", "the Master Agreement dated ...").

    ``status``: ``resolved`` (``clause`` or ``part`` says where), ``dangling`` (names a place this file should have and has not),
    ``not_supplied`` (another document, incorporated but not here), ``external`` (a statute or rule).
    """

    target: str
    start: int
    end: int
    status: Literal["resolved", "dangling", "not_supplied", "external"]
    clause: int | None = None
    part: int | None = None
    incorporated: bool = False


@dataclass(frozen=True)
class ClauseTree:
    """Parts and clauses in text order; ``definitions`` and ``references`` are filled by their own modules."""

    parts: tuple[Part, ...]
    clauses: tuple[Clause, ...]
    definitions: tuple[Definition, ...] = ()
    references: tuple[Reference, ...] = ()

    def at(self, position: int) -> Clause | None:
        """The innermost clause that holds the character ``position``; None before the first."""
        low, high = 0, len(self.clauses)
        while low < high:
            middle = (low + high) // 2
            if self.clauses[middle].start <= position:
                low = middle + 1
            else:
                high = middle
        return self.clauses[low - 1] if low else None

    def whole(self, clause: Clause) -> tuple[int, int]:
        """Start and end of a clause with all its children."""
        end = clause.end
        for later in self.clauses[clause.index + 1 :]:
            if later.level <= clause.level or later.part != clause.part:
                break
            end = later.end
        return clause.start, end

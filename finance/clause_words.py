"""The words around a reading that say who it is about: its sentence up to the span, or its whole clause."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .checks import Case
    from .standing import Reading

MAX_CLAUSE_CHARS = 4000


def clause_words(case: Case, reading: Reading) -> str:
    """The words from the start of the reading's paragraph or clause on: its subject often stands before the span."""
    text = case.document.text
    start = text.rfind("\n", max(0, reading.words.start - 400), reading.words.start) + 1
    if start == 0:
        start = max(0, reading.words.start - 400)
    sentence = text.rfind(". ", start, reading.words.start)
    return text[sentence + 2 if sentence >= 0 else start : reading.words.end]


def whole_clause(case: Case, reading: Reading) -> str:
    """All words of the reading's clause, at most 4,000 characters: what the other party may do often stands in the next sentence."""
    if reading.clause is None:
        return clause_words(case, reading)
    clause = case.tree.clauses[reading.clause]
    return case.document.text[clause.start : min(clause.end, clause.start + MAX_CLAUSE_CHARS)]

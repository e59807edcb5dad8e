"""Labelled contracts as arrays of passages: what training reads, and which contracts it may read.

Contracts are split by company, so that two filings of one company never stand on both sides. Fold 0 is held out: no training and
no choice sees it.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...core.errors import ConfigError
from ..categories import CUAD, CUAD_KEYS, POSITIONS, UNFAIR, UNFAIR_KEYS
from ..passages import Passage, cut

NUM_FOLDS = 5
HELD_OUT_FOLD = 0
CHOICES = ("entailment", "contradiction", "not_mentioned")
CUAD_COLUMNS = {category.key: column for column, category in enumerate(CUAD)}
UNFAIR_COLUMNS = {category.key: column for column, category in enumerate(UNFAIR)}
POSITION_COLUMNS = {hypothesis: column for column, hypothesis in enumerate(POSITIONS)}


def fold_of(name: str) -> int:
    """The fold of a contract or document, 0 to 4, by the SHA-256 of its company (the file name up to the first "_").

    >>> fold_of("ACME_01_02_2003-EX-10") == fold_of("Acme_09_09_1999-EX-10.1")
    True
    """
    company = name.split("_")[0].lower()
    return hashlib.sha256(f"dsapp-fold:{company}".encode()).digest()[0] % NUM_FOLDS


@dataclass(frozen=True)
class Truth:
    """One labelled stretch: a column of the task's labels, and its characters in the text."""

    column: int
    start: int
    end: int


@dataclass(frozen=True)
class Example:
    """A document with its passages. ``truths`` are CUAD spans or NLI evidence; ``choices`` (NLI only) one index into CHOICES a hypothesis."""

    name: str
    text: str
    passages: tuple[Passage, ...]
    truths: tuple[Truth, ...]
    choices: tuple[int, ...] = ()
    kind: str = ""

    @property
    def fold(self) -> int:
        return fold_of(self.name)


def rows_of(path: Path) -> Iterator[dict[str, Any]]:
    """Rows of a gzip or plain JSON-lines file.

    Raises:
        ConfigError: the file is missing or a line is not JSON.
    """
    if not path.is_file():
        raise ConfigError("no such data file", path=path)
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                try:
                    yield json.loads(line)
                except json.JSONDecodeError as error:
                    raise ConfigError(f"not JSON: {error}", path=path, line=number) from error


def covered(passage: Passage, start: int, end: int) -> bool:
    """Whether a passage counts as holding ``start``..``end``: it holds at least half of it, or is at least half covered by it."""
    shared = min(passage.end, end) - max(passage.start, start)
    return shared > 0 and (2 * shared >= end - start or 2 * shared >= passage.end - passage.start)


def cuad(path: Path) -> list[Example]:
    """Contracts of a CUAD file (fields title, text, spans)."""
    examples = []
    for row in rows_of(path):
        truths = tuple(
            Truth(CUAD_COLUMNS[CUAD_KEYS[span["category"].lower()]], span["start"], span["end"])
            for span in row["spans"]
            if span["end"] > span["start"]
        )
        kind = row.get("contract_type") or ""
        examples.append(Example(row["title"], row["text"], cut(row["text"]), truths, kind=kind))
    return examples


def nli_text(text: str) -> str:
    """The text with a blank line at each line end where the source keeps a paragraph a line, so that it is cut at paragraphs."""
    lines = text.count("\n")
    blanks = len(re.findall(r"\n[ \t]*\n", text))
    return text.replace("\n", "\n\n") if lines > 4 * blanks else text


def contract_nli(path: Path) -> list[Example]:
    """NDAs of a ContractNLI file, evidence as spans or as strings; documents without text are left out."""
    names = {"entailment": 0, "contradiction": 1, "notmentioned": 2}
    examples = []
    for row in rows_of(path):
        raw = row.get("text") or ""
        if not raw.strip():
            continue
        text = nli_text(raw)
        truths: list[Truth] = []
        choices = [2] * len(POSITIONS)
        for hypothesis, answer in row["annotations"].items():
            column = POSITION_COLUMNS[hypothesis]
            choices[column] = names[answer["choice"].lower().replace(" ", "")]
            for words in _evidence(row, answer, raw):
                place = _find(text, words)
                if place is not None:
                    truths.append(Truth(column, *place))
        examples.append(Example(f"nda-{row['id']}", text, cut(text), tuple(truths), tuple(choices), kind="nda"))
    return examples


def _evidence(row: dict[str, Any], answer: dict[str, Any], raw: str) -> Iterator[str]:
    for index in answer.get("spans") or ():
        start, end = row["spans"][index]
        yield raw[start:end]
    yield from answer.get("evidence") or ()


def _find(text: str, words: str) -> tuple[int, int] | None:
    """Where ``words`` stand in ``text``, white space apart."""
    parts = [re.escape(part) for part in words.split()]
    if not parts:
        return None
    found = re.search(r"\s+".join(parts[:200]), text)
    return (found.start(), found.end()) if found else None


@dataclass(frozen=True)
class Sentence:
    """One sentence of terms of service: its unfair labels, with level 2, 3 or None where no level was aligned."""

    document: str
    index: int
    text: str
    levels: dict[int, int | None]


def unfair_tos(paths: Sequence[Path]) -> list[Sentence]:
    """Sentences of UNFAIR-ToS files (fields doc, i, text, labels, levels)."""
    return [
        Sentence(
            row["doc"],
            row["i"],
            row["text"],
            {UNFAIR_COLUMNS[UNFAIR_KEYS[label.lower()]]: row["levels"].get(label) for label in row["labels"]},
        )
        for path in paths
        for row in rows_of(path)
    ]

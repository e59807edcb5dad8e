"""Labelled contracts as arrays of passages: what training reads, and which contracts it may read.

Contracts are split by company, so that two filings of one company never stand on both sides. Fold 0 is held out: no training and
no choice sees it.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from ...core.errors import ConfigError
from ..categories import CUAD, CUAD_KEYS, POSITIONS, UNFAIR, UNFAIR_KEYS
from ..passages import Passage, cut

T = TypeVar("T")

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
        ConfigError: the file is missing or a line is not a JSON object.
    """
    for _, row in _numbered(path):
        yield row


def _numbered(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    if not path.is_file():
        raise ConfigError("no such data file", path=path)
    opener = gzip.open if path.suffix == ".gz" else open
    number = 0
    try:
        with opener(path, "rt", encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    row = json.loads(line)
                    if not isinstance(row, dict):
                        raise ConfigError("not a JSON object", path=path, line=number)
                    yield number, row
    except (ValueError, EOFError, gzip.BadGzipFile) as error:
        raise ConfigError(f"not JSON lines: {type(error).__name__}", path=path, line=number + 1) from error


def _each(path: Path, make: Callable[[dict[str, Any]], T]) -> list[T]:
    """What ``make`` gives for each row. Raises ConfigError with the line of a row that lacks a field or has a wrong one."""
    made = []
    for number, row in _numbered(path):
        try:
            made.append(make(row))
        except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
            reason = f"no such field or value: {error}" if isinstance(error, KeyError) else "a field has another form"
            raise ConfigError(reason, path=path, line=number) from error
    return made


def covered(passage: Passage, start: int, end: int) -> bool:
    """Whether a passage counts as holding ``start``..``end``: it holds at least half of it, or is at least half covered by it."""
    shared = min(passage.end, end) - max(passage.start, start)
    return shared > 0 and (2 * shared >= end - start or 2 * shared >= passage.end - passage.start)


def cuad(path: Path) -> list[Example]:
    """Contracts of a CUAD file (fields title, text, spans). Raises ConfigError."""

    def contract(row: dict[str, Any]) -> Example:
        truths = tuple(
            Truth(CUAD_COLUMNS[CUAD_KEYS[span["category"].lower()]], span["start"], span["end"])
            for span in row["spans"]
            if span["end"] > span["start"]
        )
        kind = row.get("contract_type") or ""
        return Example(row["title"], row["text"], cut(row["text"]), truths, kind=kind)

    return _each(path, contract)


def nli_text(text: str) -> str:
    """The text with a blank line at each line end where the source keeps a paragraph a line, so that it is cut at paragraphs."""
    lines = text.count("\n")
    blanks = len(re.findall(r"\n[ \t]*\n", text))
    return text.replace("\n", "\n\n") if lines > 4 * blanks else text


def contract_nli(path: Path) -> list[Example]:
    """NDAs of a ContractNLI file, evidence as spans or as strings; documents without text are left out. Raises ConfigError."""
    names = {"entailment": 0, "contradiction": 1, "notmentioned": 2}

    def nda(row: dict[str, Any]) -> Example | None:
        raw = row.get("text") or ""
        if not raw.strip():
            return None
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
        return Example(f"nda-{row['id']}", text, cut(text), tuple(truths), tuple(choices), kind="nda")

    return [example for example in _each(path, nda) if example is not None]


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
    """Sentences of UNFAIR-ToS files (fields doc, i, text, labels, levels). Raises ConfigError."""

    def sentence(row: dict[str, Any]) -> Sentence:
        levels = {UNFAIR_COLUMNS[UNFAIR_KEYS[label.lower()]]: row["levels"].get(label) for label in row["labels"]}
        return Sentence(row["doc"], row["i"], row["text"], levels)

    return [found for path in paths for found in _each(path, sentence)]

"""Read labelled folders in the layouts of CUAD, UNFAIR-ToS and ContractNLI: every ``*.jsonl`` or ``*.jsonl.gz`` file, the file's name as split.

A user's own contracts are read in the same way; a field that is missing or wrong is told with file, line and field.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...core.errors import ConfigError, UsageError
from ..categories import CUAD_KEYS, POSITIONS, UNFAIR_KEYS
from ..passages import Passage, cut
from ..train.data import CUAD_COLUMNS, POSITION_COLUMNS, UNFAIR_COLUMNS, Truth, nli_text

SETS = ("cuad", "unfair_tos", "contract_nli")
SUFFIXES = (".jsonl", ".jsonl.gz")
_CHOICES = {"entailment": 0, "contradiction": 1, "notmentioned": 2}


@dataclass(frozen=True)
class Contract:
    """A contract with lawyers' spans; ``truths`` have a column of ``categories.CUAD``, ``answers`` are texts by category."""

    title: str
    text: str
    truths: tuple[Truth, ...]
    answers: Mapping[str, str] = field(default_factory=dict)
    kind: str = ""

    def passages(self) -> tuple[Passage, ...]:
        """Its passages, cut as the product cuts them."""
        return cut(self.text)


@dataclass(frozen=True)
class Nda:
    """An NDA with one choice a hypothesis (0 entailment, 1 contradiction, 2 not mentioned); ``raw`` is the text as it stood in the file."""

    name: str
    text: str
    raw: str
    choices: tuple[int, ...]


@dataclass(frozen=True)
class Terms:
    """Terms of service: its sentences, and for each its unfair labels by column with level 2, 3 or None."""

    name: str
    sentences: tuple[str, ...]
    levels: tuple[Mapping[int, int | None], ...]


def set_of(folder: Path, as_set: str | None) -> str:
    """Which set a folder holds: ``as_set``, else its name.

    Raises:
        UsageError: neither names a set.
    """
    name = as_set or folder.resolve().name
    if name not in SETS:
        advice = "say which layout it has with --as" if as_set is None else "choose another"
        raise UsageError(f"{folder}: {name!r} is none of the sets {', '.join(SETS)}; {advice}")
    return name


def files_of(folder: Path) -> Iterator[tuple[str, Path]]:
    """The split and path of each file of a folder.

    Raises:
        UsageError: the folder does not exist or holds no such file.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder}: no such folder")
    found = [path for path in sorted(folder.iterdir()) if path.is_file() and path.name.endswith(SUFFIXES)]
    if not found:
        raise UsageError(f"{folder}: no *.jsonl or *.jsonl.gz file in it")
    for path in found:
        yield path.name.removesuffix(".gz").removesuffix(".jsonl"), path


def digest(text: str) -> str:
    """The SHA-256 of a text, as a bundle's card lists what it was trained on."""
    return hashlib.sha256(text.encode("utf-8", errors="replace")).hexdigest()


def contracts(path: Path) -> list[Contract]:
    """Contracts of a file in CUAD's layout. Raises ConfigError with line and field, also where a title comes twice: each is a group of its own."""
    found: dict[str, Contract] = {}
    for line, content in _rows(path):
        row = _Row(path, line, content)
        contract = _contract(row)
        if contract.title in found:
            raise row.error("title", f"is another contract's too: {contract.title[:80]!r}")
        found[contract.title] = contract
    return list(found.values())


def ndas(path: Path) -> list[Nda]:
    """NDAs of a file in ContractNLI's layout; those without text are left out. Raises ConfigError with line and field."""
    read = [_nda(_Row(path, line, row)) for line, row in _rows(path)]
    return [nda for nda in read if nda is not None]


def terms(path: Path) -> list[Terms]:
    """Terms of service of a file in UNFAIR-ToS's layout, a sentence a row. Raises ConfigError with line and field."""
    grouped: dict[str, list[tuple[str, dict[int, int | None]]]] = {}
    for line, content in _rows(path):
        row = _Row(path, line, content)
        levels = row.get("levels", dict, optional=True) or {}
        labels: dict[int, int | None] = {}
        for label in row.get("labels", list):
            key = UNFAIR_KEYS.get(str(label).lower())
            if key is None:
                raise row.error("labels", f"{label!r} is none of {', '.join(sorted(UNFAIR_KEYS))}")
            level = levels.get(label)
            if level not in (None, 2, 3):
                raise row.error("levels", "a level is 2, 3 or null")
            labels[UNFAIR_COLUMNS[key]] = level
        grouped.setdefault(row.get("doc", str), []).append((row.get("text", str), labels))
    return [
        Terms(name, tuple(text for text, _ in rows), tuple(labels for _, labels in rows))
        for name, rows in grouped.items()
    ]


def _rows(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Each row with its line, 1-based."""
    opener = gzip.open if path.suffix == ".gz" else open
    line = 0
    try:
        with opener(path, "rt", encoding="utf-8") as stream:
            for line, content in enumerate(stream, 1):
                if content.strip():
                    row = json.loads(content)
                    if not isinstance(row, dict):
                        raise ConfigError("is no JSON object", path=path, line=line)
                    yield line, row
    except json.JSONDecodeError as error:
        raise ConfigError(f"is no JSON: {error.msg}", path=path, line=line) from error
    except (UnicodeDecodeError, EOFError, OSError) as error:
        raise ConfigError(f"cannot be read after this line: {type(error).__name__}", path=path, line=line) from error


@dataclass(frozen=True)
class _Row:
    path: Path
    line: int
    content: Mapping[str, Any]

    def get(self, name: str, kind: type, *, optional: bool = False) -> Any:
        value = self.content.get(name)
        if value is None and optional:
            return None
        if value is None:
            raise self.error(name, "is missing")
        if not isinstance(value, kind) or isinstance(value, bool):
            raise self.error(name, f"is no {_WORDS[kind]}")
        return value

    def error(self, name: str, what: str) -> ConfigError:
        return ConfigError(f"field {name!r} {what}", path=self.path, line=self.line)


_WORDS: Mapping[type, str] = {str: "text", list: "list", dict: "object", int: "whole number"}


def _contract(row: _Row) -> Contract:
    text = row.get("text", str)
    if not text.strip():
        raise row.error("text", "is empty")
    truths = []
    for number, span in enumerate(row.get("spans", list)):
        inner = _Row(row.path, row.line, span if isinstance(span, dict) else {})
        name = f"spans[{number}]"
        category = inner.content.get("category")
        key = CUAD_KEYS.get(str(category).lower())
        if key is None:
            raise row.error(name, f"has the unknown category {category!r}")
        start, end = inner.content.get("start"), inner.content.get("end")
        if not (isinstance(start, int) and isinstance(end, int) and 0 <= start <= end <= len(text)):
            raise row.error(name, f"must have 0 <= start <= end <= {len(text)}, the characters of the text")
        if end > start:
            truths.append(Truth(CUAD_COLUMNS[key], start, end))
    answers = {str(key): str(value or "") for key, value in (row.get("answers", dict, optional=True) or {}).items()}
    kind = row.get("contract_type", str, optional=True) or ""
    return Contract(row.get("title", str), text, tuple(truths), answers, kind)


def _nda(row: _Row) -> Nda | None:
    raw = row.get("text", str, optional=True) or ""
    if not raw.strip():
        return None
    choices = [2] * len(POSITIONS)
    for hypothesis, answer in row.get("annotations", dict).items():
        if hypothesis not in POSITION_COLUMNS:
            raise row.error("annotations", f"has the unknown hypothesis {hypothesis!r}")
        choice = str(answer.get("choice", "") if isinstance(answer, dict) else "").lower().replace(" ", "")
        if choice not in _CHOICES:
            raise row.error(
                "annotations", f"of {hypothesis} needs a choice of Entailment, Contradiction or NotMentioned"
            )
        choices[POSITION_COLUMNS[hypothesis]] = _CHOICES[choice]
    return Nda(str(row.content.get("id", row.line)), nli_text(raw), raw, tuple(choices))


def without_trained(
    items: Sequence[Any], text_of: Callable[[Any], str], trained: Sequence[str]
) -> tuple[list[Any], int]:
    """The items whose text the bundle was not trained on, and how many were left out."""
    known = frozenset(trained)
    kept = [item for item in items if digest(text_of(item)) not in known]
    return kept, len(items) - len(kept)

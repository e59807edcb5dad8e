"""Strict TOML files: bounded size, unknown keys refused with a near miss, and all errors of a file at once, each with its line.

``read_text`` and ``read_table`` turn a file into a table, ``places`` finds the line of every key (TOML parsers give none), ``problems`` says
in our words what a pydantic model refuses, and ``raise_for`` tells everything in one ``ConfigError``. What keys mean beyond a model's types is
checked by the domain, which hands its own ``Problem``s to the same end.
"""

from __future__ import annotations

import itertools
import json
import re
import tomllib
import typing
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from .errors import ConfigError

MAX_BYTES = 512 * 1024
MAX_DEPTH = 20
MAX_TOLD = 100
"""How many errors of one file are told."""
MAX_SHOWN = 60
"""How much of a wrong key or value a message shows."""
LETTERS_A_SLIP = 4
"""One name may be a slip of another where not more than one letter of so many is wrong, missing, extra or swapped."""

Place = tuple[str | int, ...]
"""Where a value stands: ``("sensors", 2, "low")``."""

_AT_LINE = re.compile(r"\(at line (\d+)")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_SPACE = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_STRING = re.compile(
    r'"""(?:\\.|[^\\])*?"""(?:"{0,2}(?!"))|' + r"'''.*?'''(?:'{0,2}(?!'))|" + r'"(?:\\.|[^"\\\n])*"|' + r"'[^'\n]*'",
    re.DOTALL,
)
_SCALAR = re.compile(r"[^,\]}\n#]*")


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, and where."""

    message: str
    place: Place


def read_text(path: Path | str, *, what: str) -> str:
    """The text of the file at ``path``; ``what`` is what it should be, as in ``this is no plant file``.

    Raises:
        ConfigError: it cannot be read, is larger than ``MAX_BYTES``, or is not UTF-8.
    """
    path = Path(path)
    try:
        if not path.is_file():
            raise ConfigError("no such file" if not path.exists() else "not a file", path=path)
        with open(path, "rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror or error}", path=path) from error
    if len(content) > MAX_BYTES:
        raise ConfigError(f"larger than {MAX_BYTES // 1024} KiB: this is no {what}", path=path)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ConfigError("not UTF-8 text; save it as UTF-8", path=path, line=line) from error


def read_table(text: str, path: Path | str, *, what: str) -> dict[str, Any]:
    """The table that a TOML text holds.

    Raises:
        ConfigError: it is too large, no TOML (a key given twice is none), or nested deeper than ``MAX_DEPTH``.
    """
    if len(text) > MAX_BYTES:
        raise ConfigError(f"larger than {MAX_BYTES // 1024} KiB: this is no {what}", path=path)
    try:
        table = tomllib.loads(text)
    except RecursionError as error:
        raise ConfigError(f"nested too deeply: this is no {what}", path=path) from error
    except ValueError as error:  # TOMLDecodeError, and numbers with too many digits
        at = _AT_LINE.search(str(error))
        message = _AT_LINE.split(str(error))[0].strip()
        raise ConfigError(f"not TOML: {message[:200]}", path=path, line=int(at[1]) if at else None) from error
    if _depth(table) > MAX_DEPTH:
        raise ConfigError(f"nested too deeply: this is no {what}", path=path)
    return table


def _depth(value: Any) -> int:
    depth, layer = 0, [value]
    while layer and depth <= MAX_DEPTH:
        depth += 1
        layer = [
            inner
            for outer in layer
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
    return depth


def places(text: str) -> Mapping[Place, int]:
    """The line (1-based) of each table, key and list entry of a TOML text that ``read_table`` accepts.

    >>> places('name = "a"\\n[[check]]\\nid = "b"\\nlist = [\\n1,\\n2]')[("check", 0, "list", 1)]
    6
    """
    return _Scanner(text).scan()


class _Scanner:
    """Walks over TOML that is known to be right and notes where things begin."""

    def __init__(self, text: str) -> None:
        self._text = text.replace("\r\n", "\n")
        self._at = 0
        self._line, self._counted = 1, 0
        self._found: dict[Place, int] = {}
        self._entries: dict[Place, int] = {}

    def scan(self) -> dict[Place, int]:
        prefix: Place = ()
        while self._skip():
            if self._text.startswith("[", self._at):
                prefix = self._header()
            else:
                self._pair(prefix)
        return self._found

    def _skip(self) -> bool:
        matched = _SPACE.match(self._text, self._at)
        self._at = matched.end() if matched else self._at
        return self._at < len(self._text)

    def _note(self, place: Place) -> None:
        self._line += self._text.count("\n", self._counted, self._at)
        self._counted = self._at
        self._found.setdefault(place, self._line)

    def _header(self) -> Place:
        start = self._at
        repeated = self._text.startswith("[[", self._at)
        self._at += 2 if repeated else 1
        names = self._key()
        end, self._at = self._at, start
        place: Place = ()
        for depth, name in enumerate(names, start=1):
            place = (*place, name)
            if repeated and depth == len(names):
                self._note(place)
                self._entries[place] = self._entries.get(place, -1) + 1
            if place in self._entries:
                place = (*place, self._entries[place])
        self._note(place)
        self._at = self._text.index("]", end) + (2 if repeated else 1)
        return place

    def _key(self) -> list[str]:
        names = []
        while self._skip():
            quoted = _STRING.match(self._text, self._at) or _BARE.match(self._text, self._at)
            if quoted is None:
                break
            names.append(_unquoted(quoted[0]))
            self._at = quoted.end()
            self._skip()
            if not self._text.startswith(".", self._at):
                break
            self._at += 1
        return names

    def _pair(self, prefix: Place) -> None:
        start = self._at
        names = self._key()
        end, self._at = self._at, start
        for depth in range(1, len(names) + 1):
            self._note((*prefix, *names[:depth]))
        self._at = self._text.index("=", end) + 1
        self._value((*prefix, *names))

    def _value(self, place: Place) -> None:
        self._skip()
        opening = self._text[self._at : self._at + 1]
        if opening == "[":
            self._at += 1
            for index in itertools.count():
                self._skip()
                if self._closed("]"):
                    return
                self._note((*place, index))
                self._value((*place, index))
        elif opening == "{":
            self._at += 1
            while self._skip() and not self._closed("}"):
                self._pair(place)
        else:
            matched = _STRING.match(self._text, self._at) or _SCALAR.match(self._text, self._at)
            self._at = max(matched.end() if matched else 0, self._at + (not matched))

    def _closed(self, mark: str) -> bool:
        """Pass a comma; say whether the list or table ends here."""
        if self._text.startswith(",", self._at):
            self._at += 1
            self._skip()
        if self._text.startswith(mark, self._at) or self._at >= len(self._text):
            self._at += 1
            return True
        return False


def _unquoted(key: str) -> str:
    if key.startswith("'"):
        return key[1:-1]
    if key.startswith('"'):
        return next(iter(tomllib.loads(f"{key} = 0")))
    return key


def line_of(place: Place, lines: Mapping[Place, int]) -> int:
    """The line of a place, or of the nearest thing around it: of its table, or the first line for the head of the file."""
    while place:
        if place in lines:
            return lines[place]
        place = place[:-1]
    return 1


def problems(model: type[BaseModel], table: Mapping[str, Any], *, see: str) -> Iterator[Problem]:
    """All that ``model`` refuses in ``table``, types taken strictly (no text for a number, no truth for a text).

    ``see`` names the page that explains the keys. Where keys are unknown the rest is checked without them, so that one slip hides no other.
    """
    found = _errors(model, table)
    if unknown := _unknown(found):
        found += _errors(model, without(table, unknown))
    told = set()
    for error in found:
        for problem in _told(model, error, see):
            if problem not in told:
                told.add(problem)
                yield problem


def known_only(model: type[BaseModel], table: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of ``table`` less the keys that ``model`` does not know."""
    return without(table, _unknown(_errors(model, table)))


def _unknown(errors: Iterable[Mapping[str, Any]]) -> set[Place]:
    return {tuple(error["loc"]) for error in errors if error["type"] == "extra_forbidden"}


def validated(model: type[BaseModel], table: Mapping[str, Any]) -> Any:
    """The model's object of a table. Raises pydantic's ValidationError, which ``problems`` tells in words."""
    return model.model_validate_json(json.dumps(table, default=_plain), strict=True)


def _errors(model: type[BaseModel], table: Mapping[str, Any]) -> list[Any]:
    try:
        validated(model, table)
    except ValidationError as error:
        return [found for found in error.errors(include_url=False) if not _follows(found)]
    return []


def _follows(error: Mapping[str, Any]) -> bool:
    """A list whose entries are wrong is also called too short: that is no error of its own."""
    given = error.get("input")
    return error["type"] == "too_short" and isinstance(given, list) and len(given) >= error["ctx"]["min_length"]


def _plain(value: Any) -> Any:
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    raise TypeError(f"no TOML value: {type(value).__name__}")


def without(table: Mapping[str, Any], unknown: Collection[Place]) -> dict[str, Any]:
    """A copy of ``table`` less the keys at these places."""

    def kept(value: Any, place: Place) -> Any:
        if isinstance(value, dict):
            return {key: kept(inner, (*place, key)) for key, inner in value.items() if (*place, key) not in unknown}
        if isinstance(value, list):
            return [kept(inner, (*place, index)) for index, inner in enumerate(value)]
        return value

    return kept(dict(table), ())


def _told(model: type[BaseModel], error: Mapping[str, Any], see: str) -> Iterator[Problem]:
    """What pydantic says, in our words; a model's own validator may tell several things, one a line."""
    place: Place = tuple(error["loc"])
    kind, key = error["type"], next((str(part) for part in reversed(place) if isinstance(part, str)), "")
    if kind == "extra_forbidden":
        owner = owner_of(model, place)
        known = frozenset(owner.model_fields) if owner else frozenset()
        yield Problem(f"unknown key {key[:MAX_SHOWN]!r}{nearest(key, known, see)}", place)
    elif kind == "missing":
        yield Problem(f"the key {key!r} is not given", place)
    elif kind == "value_error":
        of_table = owner_of(model, (*place, "")) is not None
        for message in str(error["msg"]).removeprefix("Value error, ").split("\n"):
            yield Problem(message if of_table else f"{key}: {message}", place)
    else:
        given, message = error.get("input"), str(error["msg"])
        shown = "" if isinstance(given, dict | list | tuple) else f", not {_shown(given)}"
        yield Problem(f"{key}: {message[:1].lower()}{message[1:300]}{shown}", place)


def _shown(value: Any) -> str:
    return json.dumps(value, default=str, ensure_ascii=False)[:MAX_SHOWN]


def owner_of(model: type[BaseModel], place: Place) -> type[BaseModel] | None:
    """The model of the table in which the last key of ``place`` stands; None where it is no model's table."""
    owner: type[BaseModel] | None = model
    for part in place[:-1]:
        if isinstance(part, int):
            continue
        if owner is None or part not in owner.model_fields:
            return None
        owner = _model_in(owner.model_fields[part].annotation)
    return owner


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in typing.get_args(annotation) if (found := _model_in(part)) is not None), None)


def nearest(name: str, known: Collection[str], see: str = "") -> str:
    """The end of a message on an unknown name: the known names that it may be a slip of, else where to look.

    >>> nearest("wieght", ["weight", "height"], "docs/keys.md")
    ': did you mean weight?'
    """
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    slips = max(1, len(name[:100]) // LETTERS_A_SLIP)
    found = process.extract(name[:100], sorted(known), scorer=OSA.distance, score_cutoff=slips, limit=3)
    names = [near for near, _, _ in found]
    if names:
        return f": did you mean {' or '.join(names)}?"
    return f": see {see} for the names" if see else ""


def raise_for(found: Iterable[Problem], path: Path | str, lines: Mapping[Place, int]) -> None:
    """Tell all problems at once, by line; nothing happens where there are none.

    Raises:
        ConfigError: the first problem, the others one below the other, each with file and line; at most ``MAX_TOLD``.
    """
    errors: dict[str, ConfigError] = {}
    for problem in itertools.islice(found, MAX_TOLD):
        error = ConfigError(problem.message, path=path, line=line_of(problem.place, lines))
        errors.setdefault(str(error), error)
    if errors:
        first, *others = sorted(errors.values(), key=lambda error: error.line or 0)
        raise ConfigError("\n".join((first.message, *map(str, others))), path=path, line=first.line)

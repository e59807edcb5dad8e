"""Read the text of a playbook strictly: bounded size, unknown keys refused, and every error with its line.

TOML parsers give no places for values, so a scan of the text finds the line of each key; pydantic says which key is wrong.
Beyond single keys, ``parse`` refuses lines that contradict each other: equal ids, a clause both required and forbidden, thresholds that no
contract can meet together.
"""

from __future__ import annotations

import itertools
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from ..core.errors import ConfigError
from ..core.rules import COMPARE
from .playbook import MAX_CHECKS, Line, Playbook, nearest
from .vocabulary import NAMES

MAX_BYTES = 512 * 1024
MAX_DEPTH = 20
MAX_TOLD = 100
"""How many errors of one file are told."""

Place = tuple[str | int, ...]

_HEADER = re.compile(r"^\s*(\[\[?)\s*([A-Za-z0-9_.\"' -]{1,200}?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"^\s*([A-Za-z0-9_-]{1,100}|\"[^\"\n]{1,100}\"|'[^'\n]{1,100}')\s*(?:\.\s*[A-Za-z0-9_.-]+\s*)?=(.*)$")
_STRAY = re.compile(r"'(\w+)' belongs to a check with")
_AT_LINE = re.compile(r"\(at line (\d+)")


def read(path: Path) -> str:
    """The text of a playbook file. Raises ConfigError when it cannot be read, is too large or not UTF-8."""
    try:
        if not path.is_file():
            raise _wrong("no such file" if not path.exists() else "not a file", str(path))
        with open(path, "rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise _wrong(f"cannot be read: {error.strerror or error}", str(path)) from error
    if len(content) > MAX_BYTES:
        raise _wrong(f"larger than {MAX_BYTES // 1024} KiB: this is no playbook", str(path))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _wrong("not UTF-8 text; save it as UTF-8", str(path), line) from error


def parse(text: str, path: str = "") -> Playbook:
    """A playbook from its TOML text.

    Raises:
        ConfigError: a key is unknown or missing, a value impossible, or lines contradict each other. The message tells each
            with ``path`` and line, one below the other; the error's own line is the first.
    """
    if len(text) > MAX_BYTES:
        raise _wrong(f"larger than {MAX_BYTES // 1024} KiB: this is no playbook", path)
    table = _table(text, path)
    lines = places(text)
    found: dict[str, ConfigError] = {}
    for message, place in itertools.islice(_problems(table), MAX_TOLD):
        error = _wrong(message, path, line_of(place, lines))
        found.setdefault(str(error), error)
    if found:
        first, *others = sorted(found.values(), key=lambda error: error.line or 0)
        raise _wrong("\n".join((first.message, *map(str, others))), path, first.line)
    return Playbook.model_validate(table)


def _problems(table: Mapping[str, Any]) -> Iterator[tuple[str, Place]]:
    """All that is wrong with a playbook, each with its place."""
    unknown: set[Place] = set()
    for problem in _errors(Playbook, table):
        place: Place = tuple(problem["loc"])
        if problem["type"] == "extra_forbidden":
            unknown.add(place)
        yield from _told(problem, place, table)
    known = _without(table, unknown)
    if unknown:  # they keep what is wrong between the other keys from being looked at
        for problem in _errors(Playbook, known):
            yield from _told(problem, tuple(problem["loc"]), table)
    yield from _conflicts(known.get("check"))


def _errors(model: type[BaseModel], content: Any) -> list[Any]:
    try:
        model.model_validate(content)
    except ValidationError as error:
        return list(error.errors(include_url=False, include_context=False, include_input=False))
    return []


def _without(table: Mapping[str, Any], unknown: set[Place]) -> dict[str, Any]:
    """The table without the keys at these places (of its head, and of its checks)."""
    kept = {key: value for key, value in table.items() if (key,) not in unknown}
    checks = kept.get("check")
    if isinstance(checks, list):
        kept["check"] = [
            {key: value for key, value in check.items() if ("check", index, key) not in unknown}
            if isinstance(check, dict)
            else check
            for index, check in enumerate(checks)
        ]
    return kept


def _table(text: str, path: str) -> dict[str, Any]:
    try:
        table = tomllib.loads(text)
    except RecursionError as error:
        raise _wrong("nested too deeply: this is no playbook", path) from error
    except ValueError as error:  # TOMLDecodeError, and numbers with too many digits
        at = _AT_LINE.search(str(error))
        message = _AT_LINE.split(str(error))[0].strip()
        raise _wrong(f"not TOML: {message[:200]}", path, int(at[1]) if at else None) from error
    if _depth(table) > MAX_DEPTH:
        raise _wrong("nested too deeply: this is no playbook", path)
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
    """The line (1-based) of each key of a TOML text: ("check", 0, "level") -> 12.

    >>> places('name = "a"\\n[[check]]\\nid = "b"')[("check", 0, "id")]
    3
    """
    found: dict[Place, int] = {}
    counts: dict[str, int] = {}
    prefix: Place = ()
    closing = ""
    for number, line in enumerate(text.split("\n"), start=1):
        if closing:
            closing = "" if closing in line else closing
            continue
        header = _HEADER.match(line)
        if header:
            prefix = _prefix(header[1] == "[[", [name.strip(" \"'") for name in header[2].split(".")], counts)
            found.setdefault(prefix, number)
            continue
        key = _KEY.match(line)
        if key:
            found.setdefault((*prefix, key[1].strip("\"'")), number)
            closing = next((mark for mark in ('"""', "'''") if key[2].count(mark) == 1), "")
    return found


def _prefix(repeated: bool, names: list[str], counts: dict[str, int]) -> Place:
    place: list[str | int] = []
    for depth, name in enumerate(names):
        path = ".".join(names[: depth + 1])
        if repeated and depth == len(names) - 1:
            counts[path] = counts.get(path, -1) + 1
        place.append(name)
        if path in counts:
            place.append(counts[path])
    return tuple(place)


def line_of(place: Place, lines: Mapping[Place, int]) -> int:
    """The line of a place, or of the nearest thing around it: of its table, or the first line for the head of the file."""
    while place:
        if place in lines:
            return lines[place]
        place = place[:-1]
    return 1


def _told(problem: Mapping[str, Any], place: Place, table: Mapping[str, Any]) -> Iterator[tuple[str, Place]]:
    """What pydantic says, in our words; a check's validator tells several things, one a line."""
    key = next((str(part) for part in reversed(place) if isinstance(part, str)), "")
    kind = problem["type"]
    for message in str(problem["msg"]).removeprefix("Value error, ").split("\n"):
        if kind == "extra_forbidden":
            owner = Line if len(place) > 1 and place[0] == "check" else Playbook
            told = f"unknown key {key[:60]!r}{nearest(key, frozenset(owner.model_fields))}"
        elif kind == "missing":
            told = f"the key {key!r} is not given"
        elif not _is_check(place) and key:
            told = f"{key}: {message}"
        else:
            told = message
        yield _named(told, place, table), _precise(place, message)


def _is_check(place: Place) -> bool:
    return len(place) == 2 and place[0] == "check"


def _precise(place: Place, message: str) -> Place:
    """Errors across keys name a whole check; the key that they are about is more to the point."""
    if not _is_check(place):
        return place
    if "impossible" in message or "can never hold" in message or "is a number" in message:
        return (*place, "value")
    stray = _STRAY.search(message)
    return (*place, stray[1]) if stray else place


def _named(message: str, place: Place, table: Mapping[str, Any]) -> str:
    if len(place) < 2 or place[0] != "check" or not isinstance(place[1], int) or "check '" in message:
        return message
    checks = table.get("check")
    check = checks[place[1]] if isinstance(checks, list) and place[1] < len(checks) else None
    identifier = check.get("id") if isinstance(check, dict) else None
    return f"check {str(identifier)[:60]!r}: {message}" if identifier else f"check {place[1] + 1}: {message}"


def _conflicts(checks: Any) -> Iterator[tuple[str, Place]]:
    """Contradictions between the lines that are right by themselves, and ids given twice."""
    if not isinstance(checks, list) or len(checks) > MAX_CHECKS:
        return
    seen: dict[str, int] = {}
    for index, check in enumerate(checks):
        identifier = check.get("id") if isinstance(check, dict) else None
        if not isinstance(identifier, str):
            continue
        if identifier in seen:
            yield (
                f"check {identifier[:60]!r} is given twice (checks {seen[identifier] + 1} and {index + 1})",
                ("check", index, "id"),
            )
        seen[identifier] = index
    lines = {index: Line.model_validate(check) for index, check in enumerate(checks) if not _errors(Line, check)}
    for index, line in lines.items():
        for before, earlier in lines.items():
            if before >= index:
                break
            if _apart(earlier, line):
                continue
            why = _clash(earlier, line)
            if why:
                yield f"checks {earlier.id!r} and {line.id!r} contradict each other: {why}", ("check", index)


def _apart(a: Line, b: Line) -> bool:
    """Whether two lines never apply together."""
    return bool(a.when_we_are and b.when_we_are and not set(a.when_we_are) & set(b.when_we_are))


def _clash(a: Line, b: Line) -> str:
    for wanted, refused in ((a, b), (b, a)):
        if wanted.required and refused.forbidden and refused.binds == "any":
            both = set(wanted.required) & set(refused.forbidden)
            if both and both == set(wanted.required):
                return f"{sorted(both)[0]} is required and forbidden"
    if a.position is not None and a.position == b.position and not set(a.good) & set(b.good):
        return f"no answer on {a.position} is good for both"
    if a.fact is not None and a.fact == b.fact and a.unit == b.unit and not _satisfiable(a, b):
        return f"no value meets both {a.threshold} and {b.threshold}"
    return ""


def _satisfiable(a: Line, b: Line) -> bool:
    name = NAMES[a.fact or ""]
    values = [value for line in (a, b) for value in (line.value if isinstance(line.value, list) else [line.value])]
    if name.kind == "number":
        points = sorted({float(value) for value in values} | {name.low, name.high})
        candidates: list[Any] = [*points, *((low + high) / 2 for low, high in itertools.pairwise(points))]
    elif name.kind == "flag":
        candidates = [True, False]
    else:
        candidates = [*values, "\0any other"]
    return any(all(COMPARE[line.op](value, line.value) for line in (a, b)) for value in candidates)


def _wrong(message: str, path: str, line: int | None = None) -> ConfigError:
    return ConfigError(message, path=path or "playbook", line=line)

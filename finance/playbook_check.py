"""Check a playbook strictly: unknown keys and impossible values by ``core/toml_file``, and here what its lines say to each other.

Beyond single keys, ``parse`` refuses lines that contradict each other: equal ids, a clause both required and forbidden, thresholds that no
contract can meet together. Everything that is wrong is told at once, each with its line.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ..core.rules import COMPARE
from ..core.toml_file import MAX_BYTES, Place, Problem, known_only, places, problems, raise_for, read_table, read_text
from .playbook import MAX_CHECKS, SEE, Line, Playbook
from .vocabulary import NAMES

__all__ = ["MAX_BYTES", "parse", "places", "read"]

_STRAY = re.compile(r"'(\w+)' belongs to a check with")


def read(path: Path) -> str:
    """The text of a playbook file. Raises ConfigError when it cannot be read, is too large or not UTF-8."""
    return read_text(path, what="playbook")


def parse(text: str, path: str = "") -> Playbook:
    """A playbook from its TOML text.

    Raises:
        ConfigError: a key is unknown or missing, a value impossible, or lines contradict each other. The message tells each
            with ``path`` and line, one below the other; the error's own line is the first.
    """
    name = path or "playbook"
    table = read_table(text, name, what="playbook")
    raise_for(_problems(table), name, places(text))
    return Playbook.model_validate(table)


def _problems(table: Mapping[str, Any]) -> Iterator[Problem]:
    """All that is wrong with a playbook, each with its place."""
    for found in problems(Playbook, table, see=SEE):
        yield Problem(_named(found.message, found.place, table), _precise(found.place, found.message))
    for message, place in _conflicts(known_only(Playbook, table).get("check")):
        yield Problem(message, place)


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
    lines = {index: line for index, check in enumerate(checks) if (line := _line(check)) is not None}
    for index, line in lines.items():
        for before, earlier in lines.items():
            if before >= index:
                break
            if _apart(earlier, line):
                continue
            why = _clash(earlier, line)
            if why:
                yield f"checks {earlier.id!r} and {line.id!r} contradict each other: {why}", ("check", index)


def _line(check: Any) -> Line | None:
    """The check where it is right by itself."""
    try:
        return Line.model_validate(check)
    except ValidationError:
        return None


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

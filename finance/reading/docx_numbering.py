"""The numbers that Word shows in front of paragraphs and does not store in their text (ECMA-376 part 1, section 17.9).

``read_numbering`` reads the list definitions; a ``Counter`` walks through a document's paragraphs in order and gives
each its number: "1.", "1.1", "(a)", "(iv)", "Article IV". Lists of the same definition count on together; a list with a
start override begins anew when it is first used.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from .docx_number_formats import formatted
from .docx_package import child, children, integer, is_on, value
from .docx_styles import Styles

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

NUM_LEVELS = 9
BULLET = "•"
_MAX_COUNT = 100_000
_MAX_LEVEL_TEXT = 120
_PLACEHOLDER = re.compile(r"%([1-9])")


@dataclass(frozen=True)
class Level:
    """One level of a list: how its number looks, where it starts, when it starts anew."""

    start: int = 1
    format: str = "decimal"
    text: str = ""
    legal: bool = False
    suffix: str = "tab"
    restart: int | None = None
    style: str | None = None
    hidden: bool = False


@dataclass(frozen=True)
class Definition:
    """A list definition (``w:abstractNum``); ``style_link`` names the list style that it takes its levels from."""

    levels: dict[int, Level]
    style_link: str | None = None


@dataclass(frozen=True)
class List:
    """A list (``w:num``): the definition it counts with, its changed levels, and the levels it starts anew."""

    definition: str
    levels: dict[int, Level] = field(default_factory=dict)
    overrides: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Numbering:
    """All lists of a document."""

    definitions: dict[str, Definition]
    lists: dict[str, List]

    def level_of_style(self, num_id: str, styles: list[str]) -> int | None:
        """The level that a list ties to one of ``styles`` (nearest first)."""
        item = self.lists.get(num_id)
        definition = self.definitions.get(item.definition) if item else None
        if definition is None:
            return None
        tied = {level.style: index for index, level in definition.levels.items() if level.style}
        return next((tied[style] for style in styles if style in tied), None)


@dataclass(frozen=True)
class Number:
    """A number as shown: ``text`` with the space that Word puts behind it; ``level`` counts from 0."""

    text: str
    level: int
    bullet: bool
    joined: bool


def read_numbering(root: Element | None, styles: Styles) -> Numbering:
    """The lists of ``word/numbering.xml``; none without that part."""
    definitions: dict[str, Definition] = {}
    by_style: dict[str, str] = {}
    for element in children(root, "w:abstractNum"):
        identifier = value(element, "abstractNumId")
        if identifier is None:
            continue
        definitions[identifier] = Definition(_levels(element), value(child(element, "w:numStyleLink")))
        if style := value(child(element, "w:styleLink")):
            by_style[style] = identifier
    lists: dict[str, List] = {}
    for element in children(root, "w:num"):
        identifier, definition = value(element, "numId"), value(child(element, "w:abstractNumId"))
        if identifier is None or definition is None:
            continue
        lists[identifier] = _list(element, definition)
    for identifier, item in lists.items():
        linked = definitions[item.definition].style_link if item.definition in definitions else None
        if linked is not None:
            target = _linked_definition(linked, styles, lists, by_style)
            if target is not None:
                lists[identifier] = replace(item, definition=target)
    return Numbering(definitions, lists)


def _linked_definition(style: str, styles: Styles, lists: dict[str, List], by_style: dict[str, str]) -> str | None:
    if style in by_style:
        return by_style[style]
    num_id = styles.numbering(style)[0]
    return lists[num_id].definition if num_id in lists else None


def _list(element: Element, definition: str) -> List:
    levels: dict[int, Level] = {}
    overrides: dict[int, int] = {}
    for override in children(element, "w:lvlOverride"):
        index = integer(value(override, "ilvl"))
        if index is None or not 0 <= index < NUM_LEVELS:
            continue
        if (own := child(override, "w:lvl")) is not None:
            levels[index] = _level(own)
        start = integer(value(child(override, "w:startOverride")))
        if start is not None:
            overrides[index] = start
    return List(definition, levels, overrides)


def _levels(element: Element) -> dict[int, Level]:
    levels: dict[int, Level] = {}
    for own in children(element, "w:lvl"):
        index = integer(value(own, "ilvl"))
        if index is not None and 0 <= index < NUM_LEVELS:
            levels[index] = _level(own)
    return levels


def _level(element: Element) -> Level:
    form = child(element, "w:numFmt")
    if form is None:  # formats newer than the standard stand in an alternative, with a plain one to fall back on
        for name in ("mc:Choice", "mc:Fallback"):
            form = child(element, "mc:AlternateContent", name, "w:numFmt")
            if form is not None and value(form) == "custom" and _padded(value(form, "format")):
                break
    style = "decimal" if form is None else value(form) or "decimal"
    if style == "custom":
        style = f"padded {_padded(value(form, 'format')) or 1}"
    text = (value(child(element, "w:lvlText")) or "")[:_MAX_LEVEL_TEXT]
    if child(element, "w:lvlPicBulletId") is not None:
        style = "bullet"
    start = integer(value(child(element, "w:start")))
    return Level(
        start=0 if start is None else max(0, min(start, _MAX_COUNT)),
        format=style,
        text=text,
        legal=is_on(child(element, "w:isLgl")),
        suffix=value(child(element, "w:suff")) or "tab",
        restart=integer(value(child(element, "w:lvlRestart"))),
        style=value(child(element, "w:pStyle")),
        hidden=is_on(child(element, "w:rPr", "w:vanish")),
    )


def _padded(form: str | None) -> int | None:
    """The width of a zero-padded custom format such as "001, 002, 003, ..."."""
    found = re.match(r"(0+1)\s*,", form or "")
    return len(found.group(1)) if found else None


class Counter:
    """Counts one view of a document: give it each numbered paragraph in order."""

    def __init__(self, numbering: Numbering) -> None:
        self._numbering = numbering
        self._counts: dict[str, list[int | None]] = {}
        self._started: set[tuple[str, int]] = set()

    def next(self, num_id: str, level: int) -> Number | None:
        """The number of the next paragraph of list ``num_id`` at ``level`` (0-based); None where none is shown."""
        item = self._numbering.lists.get(num_id)
        definition = self._numbering.definitions.get(item.definition) if item else None
        if item is None or definition is None or not 0 <= level < NUM_LEVELS:
            return None
        levels = {**definition.levels, **item.levels}
        own = levels.get(level)
        if own is None:
            return None
        counts = self._counts.setdefault(item.definition, [None] * NUM_LEVELS)
        self._advance(counts, item, num_id, level, levels)
        shown = self._shown(counts, item, level, levels)
        bullet = own.format == "bullet"
        if own.hidden or not shown.strip():
            return None
        return Number(shown.strip(), level, bullet, own.suffix == "nothing")

    def _advance(self, counts: list[int | None], item: List, num_id: str, level: int, levels: dict[int, Level]) -> None:
        count = counts[level]
        anew = level in item.overrides and (num_id, level) not in self._started
        self._started.add((num_id, level))
        if anew or count is None:
            counts[level] = _start(item, level, levels)
        else:
            counts[level] = min(count + 1, _MAX_COUNT)
        for deeper in range(level + 1, NUM_LEVELS):
            restart = levels[deeper].restart if deeper in levels else None
            # A level starts anew after any higher one, or after those up to ``restart`` only; 0 is never.
            if restart is None or level < restart:
                counts[deeper] = None

    def _shown(self, counts: list[int | None], item: List, level: int, levels: dict[int, Level]) -> str:
        own = levels[level]
        if own.format == "bullet":
            return BULLET

        def part(found: re.Match[str]) -> str:
            index = int(found.group(1)) - 1
            if index > level or index not in levels:
                return ""
            count = counts[index]
            number = _start(item, index, levels) if count is None else count
            form = levels[index].format
            if own.legal and form not in ("none", "decimalZero"):
                form = "decimal"
            return formatted(number, form)

        return "".join(c for c in _PLACEHOLDER.sub(part, own.text) if not "\ue000" <= c <= "\uf8ff")


def _start(item: List, level: int, levels: dict[int, Level]) -> int:
    return item.overrides.get(level, levels[level].start)

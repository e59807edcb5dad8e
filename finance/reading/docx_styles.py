"""What styles say about a paragraph: heading level, list, hidden text (ECMA-376 part 1, section 17.7).

Word stores built-in styles under English names in every language, other programs under translated ones; both are known.
A style inherits through ``basedOn``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .docx_package import child, children, integer, is_on, value

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_MAX_CHAIN = 32
NUM_HEADING_LEVELS = 9
_HEADING = re.compile(
    r"(?:heading|überschrift|titre|título|titulo|titolo|kop|rubrik|overskrift|otsikko|nagłówek|nadpis|заголовок|"
    r"címsor|naslov|titlu|başlık|標題|标题|見出し|제목|επικεφαλίδα)\s*([1-9])",
    re.IGNORECASE,
)
_TITLE = re.compile(r"(?:title|titel|titre|título|titolo|tytuł|название|标题|표제)", re.IGNORECASE)


@dataclass(frozen=True)
class Style:
    """One style's own properties; None where it leaves them to the style it is based on."""

    identifier: str
    name: str
    based_on: str | None
    outline: int | None
    num_id: str | None
    num_level: int | None
    hidden: bool | None


@dataclass(frozen=True)
class Styles:
    """All styles of a document; the default paragraph style applies where a paragraph names none."""

    by_id: dict[str, Style]
    default: str | None
    hidden_by_default: bool = False

    def chain(self, identifier: str | None) -> list[Style]:
        """The style and those that it is based on, nearest first; circles are cut."""
        found: list[Style] = []
        while identifier is not None and len(found) < _MAX_CHAIN:
            style = self.by_id.get(identifier)
            if style is None or style in found:
                break
            found.append(style)
            identifier = style.based_on
        return found

    def heading_level(self, identifier: str | None) -> int | None:
        """The heading level (1 = highest) that a paragraph style gives; None for text."""
        for style in self.chain(identifier):
            if named := _HEADING.fullmatch(style.name.strip()):
                return int(named.group(1))
            if style.outline is not None:
                return style.outline + 1 if style.outline < NUM_HEADING_LEVELS else None
            if _TITLE.fullmatch(style.name.strip()):
                return 1
        return None

    def numbering(self, identifier: str | None) -> tuple[str | None, int | None, list[str]]:
        """List id and level that a paragraph style gives, and the style's chain of ids."""
        num_id, level = None, None
        chain = self.chain(identifier)
        for style in chain:
            num_id = num_id if num_id is not None else style.num_id
            level = level if level is not None else style.num_level
        return num_id, level, [style.identifier for style in chain]

    def hidden(self, identifier: str | None) -> bool:
        """Whether a style hides its text."""
        return next((style.hidden for style in self.chain(identifier) if style.hidden is not None), False)


def read_styles(root: Element | None) -> Styles:
    """The styles of ``word/styles.xml``; none without that part."""
    by_id: dict[str, Style] = {}
    default = None
    for element in children(root, "w:style"):
        identifier = value(element, "styleId")
        if identifier is None:
            continue
        properties, run = child(element, "w:pPr"), child(element, "w:rPr")
        vanish = child(run, "w:vanish")
        by_id[identifier] = Style(
            identifier=identifier,
            name=value(child(element, "w:name")) or identifier,
            based_on=value(child(element, "w:basedOn")),
            outline=integer(value(child(properties, "w:outlineLvl"))),
            num_id=value(child(properties, "w:numPr", "w:numId")),
            num_level=integer(value(child(properties, "w:numPr", "w:ilvl"))),
            hidden=None if vanish is None else is_on(vanish),
        )
        if value(element, "type") == "paragraph" and (value(element, "default") or "0") in ("1", "true", "on"):
            default = identifier
    defaults = child(root, "w:docDefaults", "w:rPrDefault", "w:rPr", "w:vanish") if root is not None else None
    return Styles(by_id, default, is_on(defaults))

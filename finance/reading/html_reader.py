"""Walk through a parsed HTML page and collect what a browser shows of it, in reading order."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..document import BlockKind, Unread
from .assembly import Mark, Segment, clean, raised_digits
from .html_items import BULLET, Block, Item, counted, integer, list_format, row_items
from .html_page import NOT_SHOWN, Page
from .text import Words, blocks_of
from .text_furniture import lines_of, mark_furniture

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_BLOCKS = frozenset(
    {"address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "dialog", "dir", "div"}
    | {"dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header"}
    | {"hgroup", "html", "legend", "li", "main", "menu", "nav", "ol", "optgroup", "p", "pre", "section", "summary"}
    | {"table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul"}
)
_EMBEDDED = frozenset({"iframe", "frame", "object", "embed", "applet", "audio", "video", "canvas"})
_PAGE_BREAK = re.compile(r"(?:page-)?break-(before|after)\s*:\s*(?:always|page|left|right)", re.IGNORECASE)
_STRUCK = re.compile(r"text-decoration[^;:]*:[^;]*line-through", re.IGNORECASE)
_LENGTH = re.compile(r"(width|height)\s*:\s*(\d+)px", re.IGNORECASE)
_SPACE = re.compile(r"[ \t\r\n\f]+")
# A picture this high and wide may be a scanned page.
_PAGE_PICTURE_PIXELS = 300
_MAX_UNREAD_NAMED = 200
_MAX_SPANNED_ROWS = 1_000
_MAX_SPANNED_COLUMNS = 100


_MAX_MENU_CHARS = 4_000
_MENU_SHARE = 0.8


def _is_menu(element: Element) -> bool:
    """Whether a ``nav`` is the site's own: short, and nearly all of it links."""
    whole = len("".join("".join(element.itertext()).split()))
    linked = sum(len("".join("".join(link.itertext()).split())) for link in element.iter("a"))
    return 0 < whole <= _MAX_MENU_CHARS and linked >= _MENU_SHARE * whole


@dataclass
class OpenList:
    """An open list: the format of its numbers, the next one, and the step to the one after."""

    form: str
    next: int = 1
    step: int = 1


@dataclass
class Reader:
    """Walks through the page and collects its items in reading order."""

    page: Page
    items: list[Item] = field(default_factory=list)
    removed: Counter[str] = field(default_factory=Counter)
    unread: list[Unread] = field(default_factory=list)
    title: str = ""
    num_pictures: int = 0
    num_struck: int = 0

    def __post_init__(self) -> None:
        self._segments: list[Segment] = []
        self._paragraph = 0
        self._offset = 0
        self._mark: Mark | None = None
        self._gone = False
        self._heading: int | None = None
        self._lists: list[OpenList] = []
        self._prefixes: list[str] = []
        self._preformatted = False
        self._page_before = False
        self._tables = 0

    def read(self, root: Element) -> None:
        """Collect everything below ``root``."""
        self.removed["script"] += sum(1 for _ in root.iter("script"))
        self._element(root)
        self._flush()

    def notes(self) -> list[str]:
        """Sentences on what was left out or read in a way worth knowing."""
        found: list[str] = []
        if self.removed["hidden text"]:
            found.append(f"{self.removed['hidden text']} hidden elements with text were left out.")
        if self.removed["script"]:
            found.append("The page contains scripts; they were ignored.")
        if self.removed["navigation"]:
            found.append("The site's navigation was left out.")
        if self.num_pictures:
            found.append(f"{self.num_pictures} pictures were not read.")
        if self.num_struck:
            found.append(f"{self.num_struck} struck-through passages were read as text: they are no tracked deletions.")
        return found

    # Elements

    def _element(self, element: Element) -> None:
        tag = element.tag if isinstance(element.tag, str) else ""
        tag = tag.lower()
        if not tag or tag in NOT_SHOWN:
            self._unseen(element, tag)
            return
        if self.page.hides(element):
            self.removed["hidden text"] += 1 if "".join(element.itertext()).strip() else 0
            return
        if tag == "nav" and _is_menu(element):
            self.removed["navigation"] += 1
            return
        style = element.get("style") or ""
        breaks = {found.group(1).lower() for found in _PAGE_BREAK.finditer(style)}
        if tag in _BLOCKS or breaks:
            self._flush()
        if "before" in breaks or tag == "hr":
            self._flush()
            self._page_before = True
        self._shown(element, tag, style)
        if tag in _BLOCKS or breaks:
            self._flush()
        if "after" in breaks:
            self._page_before = True

    def _unseen(self, element: Element, tag: str) -> None:
        if tag == "head":
            found = element.find("title")
            self.title = " ".join((found.text or "").split())[:500] if found is not None else ""
        elif tag == "svg":
            self.num_pictures += 1

    def _shown(self, element: Element, tag: str, style: str) -> None:
        if tag in ("ins", "del"):
            self._changed(element, tag)
        elif tag == "table":
            self._table(element)
        elif tag in ("ol", "ul", "menu", "dir"):
            self._list(element, tag, style)
        elif tag == "li":
            self._list_item(element, style)
        elif len(tag) == 2 and tag[0] == "h" and tag[1] in "123456":
            self._heading, outer = int(tag[1]), self._heading
            self._inside(element)
            self._flush()
            self._heading = outer
        elif tag in ("pre", "listing", "xmp", "plaintext", "textarea"):
            self._typed(element)
        elif tag == "br":
            self._add("\n")
        elif tag == "sup" and not len(element):
            self._add_text(raised_digits(element.text or ""))
        elif tag in ("img", "image") or tag in _EMBEDDED:
            self._not_read(element, tag, style)
        elif tag in ("input", "select"):
            self._field(element, tag)
        elif tag not in ("rt", "rp", "hr"):
            if tag in ("s", "strike") or _STRUCK.search(style):
                self.num_struck += 1
            self._inside(element)

    def _inside(self, element: Element) -> None:
        self._add_text(element.text)
        for inner in element:
            self._element(inner)
            self._add_text(inner.tail)

    def _changed(self, element: Element, tag: str) -> None:
        kind = "insertion" if tag == "ins" else "deletion"
        outer, outer_gone = self._mark, self._gone
        if self._mark is not None and self._mark.kind != kind:
            self._gone = True
        else:
            self._mark = Mark(kind, "", (element.get("datetime") or "").strip()[:40])
        self._inside(element)
        self._mark, self._gone = outer, outer_gone

    def _typed(self, element: Element) -> None:
        """Preformatted text is read like a plain text file, unless it carries changes: then as it stands."""
        inside = list(element.iter())
        if self._mark is not None or any(e.tag in ("ins", "del") or self.page.hides(e) for e in inside):
            self._preformatted, outer = True, self._preformatted
            self._inside(element)
            self._preformatted = outer
            return
        lines = lines_of("".join(_typed_text(element)))
        self.removed.update(mark_furniture(lines))
        for block in blocks_of(lines, Words(lines)):
            segments = tuple(s._replace(paragraph=self._paragraph + s.paragraph) for s in block.segments)
            self.items.append(Block(segments, block.kind, page_before=self._page_before, goes_on=block.goes_on))
            self._page_before = False
        self._paragraph += lines[-1].number + 1

    # Lists

    def _list(self, element: Element, tag: str, style: str) -> None:
        form = list_format(element, style) or ("decimal" if tag == "ol" else "bullet")
        start = integer(element.get("start"))
        opened = OpenList(form, 1 if start is None else start)
        if tag == "ol" and element.get("reversed") is not None:
            opened.step = -1
            if start is None:
                opened.next = sum(1 for inner in element if inner.tag == "li")
        self._lists.append(opened)
        self._inside(element)
        self._flush()
        self._lists.pop()

    def _list_item(self, element: Element, style: str) -> None:
        current = self._lists[-1] if self._lists else OpenList("bullet")
        value = integer(element.get("value"))
        if value is not None:
            current.next = value
        form = list_format(element, style) or current.form
        shown = BULLET if form == "bullet" else "" if form == "none" else f"{counted(current.next, form)}."
        current.next += current.step
        if shown:
            self._prefixes.append(shown)
        self._inside(element)
        self._flush()
        self._prefixes.clear()

    # Tables

    def _table(self, element: Element) -> None:
        self._tables += 1
        self._table_part(element, self._tables, {})
        self._flush()

    def _table_part(self, element: Element, number: int, spans: dict[int, int]) -> None:
        """Rows as items of table ``number``; what stands outside rows and cells, a browser shows before the table."""
        self._add_text(element.text)
        for inner in element:
            if inner.tag in ("thead", "tbody", "tfoot") and not self.page.hides(inner):
                self._table_part(inner, number, spans)
            elif inner.tag == "tr" and not self.page.hides(inner):
                self._row(inner, number, spans)
            elif inner.tag not in ("colgroup", "col"):
                self._element(inner)
            self._add_text(inner.tail)

    def _row(self, element: Element, number: int, spans: dict[int, int]) -> None:
        """``spans`` holds, by column, how many more rows a cell from above covers; there the row has an empty cell."""
        cells: list[list[Item]] = []
        covered = {column for column, rows in spans.items() if rows > 0}
        for column in covered:
            spans[column] -= 1
        self._add_text(element.text)
        for inner in element:
            if inner.tag in ("td", "th") and not self.page.hides(inner):
                while len(cells) in covered:
                    cells.append([])
                rows = integer(inner.get("rowspan")) or 1
                if rows > 1 and len(cells) < _MAX_SPANNED_COLUMNS:
                    spans[len(cells)] = min(rows, _MAX_SPANNED_ROWS) - 1
                cells.append(self._cell(inner))
            else:
                self._element(inner)
            self._add_text(inner.tail)
        self._flush()
        page_before, self._page_before = self._page_before, False
        self.items.extend(row_items(cells, number, page_before, keep=bool(covered)))

    def _cell(self, element: Element) -> list[Item]:
        self._flush()
        outer, self.items = self.items, []
        prefixes, self._prefixes = self._prefixes, []
        self._inside(element)
        self._flush()
        found, self.items = self.items, outer
        self._prefixes = prefixes
        return found

    # Text

    def _add_text(self, text: str | None) -> None:
        if text:
            self._add(text if self._preformatted else _SPACE.sub(" ", text))

    def _add(self, text: str) -> None:
        start = self._offset
        self._offset += len(text)
        if self._gone:
            self.removed["text inserted and deleted again"] += 1
        else:
            self._segments.append(Segment(text, self._paragraph, start, self._mark))

    def _flush(self) -> None:
        segments = clean(self._segments)
        self._segments = []
        if not segments:
            return
        prefix = " ".join(self._prefixes)
        number = " ".join(part for part in self._prefixes if part != BULLET)
        kind: BlockKind = "heading" if self._heading else "list_item" if prefix else "paragraph"
        level = self._heading or (len(self._lists) if prefix else None)
        self.items.append(Block(tuple(segments), kind, level, prefix, number, self._page_before))
        self._prefixes.clear()
        self._page_before = False
        self._paragraph += 1
        self._offset = 0

    def _field(self, element: Element, tag: str) -> None:
        kind = (element.get("type") or "text").lower()
        if tag == "select":
            options = list(element.iter("option"))
            chosen = next((o for o in options if o.get("selected") is not None), options[0] if options else None)
            self._add_text("".join(chosen.itertext()) if chosen is not None else "")
        elif kind in ("checkbox", "radio"):
            self._add("☒" if element.get("checked") is not None else "☐")
        elif kind not in ("hidden", "submit", "button", "image", "reset", "file", "password"):
            self._add_text(element.get("value"))

    def _not_read(self, element: Element, tag: str, style: str) -> None:
        near = f"near block {self._paragraph + 1}"
        sizes = {name: integer(element.get(name)) or 0 for name in ("width", "height")}
        sizes |= {found.group(1).lower(): int(found.group(2)) for found in _LENGTH.finditer(style)}
        if tag in _EMBEDDED:
            reason = "what is embedded in the page is not part of the file"
            found = Unread(f"embedded {tag} ({near})", "embedded", reason, "Open the page in a browser and look at it.")
        else:
            self.num_pictures += 1
            if min(sizes.values()) < _PAGE_PICTURE_PIXELS:
                return
            reason = "a large picture may hold words, which are not read"
            found = Unread(
                f"picture {self.num_pictures} ({near})", "picture", reason, "Look at the picture in a browser."
            )
        if len(self.unread) < _MAX_UNREAD_NAMED:
            self.unread.append(found)
        else:
            self.removed["unread part not listed"] += 1


def _typed_text(element: Element) -> Iterator[str]:
    """The characters of preformatted text; a rule is the end of a page."""
    yield element.text or ""
    for inner in element:
        if inner.tag in NOT_SHOWN:
            pass
        elif inner.tag in ("hr", "br"):
            yield "\f" if inner.tag == "hr" else "\n"
        else:
            yield from _typed_text(inner)
        yield inner.tail or ""

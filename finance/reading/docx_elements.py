"""Single elements of WordprocessingML and what Word shows for them: changes, symbols, form fields, alternate content."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from .assembly import Mark, Segment
from .docx_package import child, children, integer, is_on, short, value

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

CHANGES: dict[str, Literal["insertion", "deletion"]] = {
    "w:ins": "insertion",
    "w:moveTo": "insertion",
    "w:cellIns": "insertion",
    "w:del": "deletion",
    "w:moveFrom": "deletion",
    "w:cellDel": "deletion",
}

# Fonts of pictograms: their characters say something else than their code points.
_SYMBOLS = {
    "wingdings": {0x6F: "☐", 0x70: "☐", 0x71: "☐", 0x72: "☐", 0xA8: "☐", 0x78: "☒", 0xFD: "☒", 0xFE: "☑", 0xFC: "✓"}
    | {0xFB: "✗", 0x9F: "•", 0xA7: "▪", 0x6C: "●", 0x6E: "■", 0xE0: "→", 0xD8: "➢", 0x28: "☎", 0x2A: "✉"},
    "wingdings 2": {0x50: "✓", 0x4F: "✗", 0x51: "☒", 0x52: "☑", 0x53: "☒", 0x54: "☒", 0xA3: "☐", 0x2A: "☐"},
    "symbol": {0xB7: "•", 0xA7: "♣", 0xB3: "≥", 0xA3: "≤", 0xB0: "°", 0xB1: "±", 0xB4: "×", 0xD2: "®", 0xD3: "©"}
    | {0xD4: "™", 0xE2: "®", 0xE3: "©", 0xE4: "™", 0xAE: "→", 0x2D: "−", 0x61: "α", 0x62: "β", 0x6D: "μ", 0x70: "π"},
}
_PRIVATE_USE_BASE = 0xF000


def change_of(element: Element) -> Mark:
    """The tracked change that an element of CHANGES records."""
    kind = CHANGES[short(element.tag)]
    return Mark(kind, (value(element, "author") or "").strip(), (value(element, "date") or "").strip())


def shown_branch(element: Element) -> Element | None:
    """The branch of alternate content that is shown: the first choice, or the fallback where that has nothing in it."""
    choice = child(element, "mc:Choice")
    return choice if choice is not None and len(choice) else child(element, "mc:Fallback")


def through_wrappers(element: Element, name: str) -> Iterator[Element]:
    """The rows of a table or cells of a row, also inside content controls and custom XML."""
    for inner in element:
        found = short(inner.tag)
        if found == name:
            yield inner
        elif found in ("w:sdt", "w:sdtContent", "w:customXml", "w:ins", "w:del", "w:moveFrom", "w:moveTo"):
            yield from through_wrappers(inner, name)


def comment_event(element: Element, name: str, index: int) -> Segment:
    """The start or end of a comment's range, as a segment without text."""
    kind = "comment_start" if name.endswith("Start") else "comment_end"
    return Segment("", index, 0, None, (kind, value(element, "id") or ""))


def symbol(element: Element) -> str:
    """The character that a ``w:sym`` shows; a bullet for a pictogram without one."""
    try:
        code = int(value(element, "char") or "", 16)
    except ValueError:
        return ""
    font = (value(element, "font") or "").lower()
    low = code - _PRIVATE_USE_BASE if _PRIVATE_USE_BASE <= code <= _PRIVATE_USE_BASE + 0xFF else code
    if font in _SYMBOLS:
        return _SYMBOLS[font].get(low, "•" if low > 0x20 else " ")
    return chr(low) if 0x20 <= low <= 0x10FFFF and not 0xD800 <= low <= 0xDFFF else ""


def form_field(form: Element) -> str:
    """What a legacy form field shows that is not in its result: a check box, or the entry of a list."""
    if (box := child(form, "w:checkBox")) is not None:
        ticked = child(box, "w:checked")
        return "☒" if is_on(ticked if ticked is not None else child(box, "w:default")) else "☐"
    if (choice := child(form, "w:ddList")) is not None:
        entries = [value(entry) or "" for entry in children(choice, "w:listEntry")]
        index = integer(value(child(choice, "w:result"))) or 0
        return entries[index] if 0 <= index < len(entries) else ""
    return ""


def vml_inches(style: str) -> float:
    """The shorter side that a VML shape's style gives in points or inches; 0 where it gives none."""
    sides: list[float] = []
    for rule in style.split(";"):
        name, _, size = rule.partition(":")
        if name.strip() in ("width", "height"):
            size = size.strip()
            for unit, per_inch in (("pt", 72.0), ("in", 1.0)):
                if size.endswith(unit):
                    try:
                        sides.append(float(size.removesuffix(unit)) / per_inch)
                    except ValueError:
                        return 0.0
    return min(sides) if len(sides) == 2 else 0.0

"""How strings from strangers are made fit to be shown: nothing hidden, nothing executed, nothing endless.

A contract's words or a machine's name may hold control characters, direction overrides that reorder what a reader sees, lone surrogates and
megabyte-long words. Every writer of documents passes such text through here first; HTML escaping is the
template engine's duty, cell safety the workbook's.
"""

from __future__ import annotations

import re

_DIRECTION = {
    "\u202a": "LRE",
    "\u202b": "RLE",
    "\u202c": "PDF",
    "\u202d": "LRO",
    "\u202e": "RLO",
    "\u2066": "LRI",
    "\u2067": "RLI",
    "\u2068": "FSI",
    "\u2069": "PDI",
}
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
_SPACES = re.compile(r"\s+")


def visible(text: str) -> str:
    """``text`` with what would hide or reorder it made visible; newlines and tabs stay.

    Control characters become their code, direction overrides their name, both in angle quotes; lone surrogates U+FFFD.
    Windows line ends become plain newlines first.

    >>> visible("a\\x00b")
    'a‹U+0000›b'
    >>> visible("pay \\u202e001")
    'pay ‹RLO›001'
    """
    if not _UNSAFE.search(text):
        return text
    return _UNSAFE.sub(_picture, text.replace("\r\n", "\n").replace("\r", "\n"))


def _picture(found: re.Match[str]) -> str:
    character = found.group()
    code = ord(character)
    if character in _DIRECTION:
        return f"‹{_DIRECTION[character]}›"
    if code == 0x0C:
        return "\n"
    return f"‹U+{code:04X}›" if code < 0xA0 else "\ufffd"


def shorten(text: str, limit: int) -> str:
    """``text`` on one line, cut at a word near ``limit`` characters and ended by an ellipsis where it is longer.

    >>> shorten("The  Supplier shall\\npay at once", 20)
    'The Supplier shall…'
    """
    flat = _SPACES.sub(" ", text[: limit * 4]).strip()
    if len(flat) <= limit and len(text) <= limit * 4:
        return flat
    cut = flat[: limit - 1]
    space = cut.rfind(" ")
    return (cut[:space] if space > limit // 2 else cut).rstrip(" ,;:") + "…"


def percent(probability: float) -> str:
    """A probability as people read it, never rounded up to certainty.

    >>> percent(0.934), percent(0.9999), percent(1.0)
    ('93 %', '> 99 %', '100 %')
    """
    if 0.99 < probability < 1:
        return "> 99 %"
    if 0 < probability < 0.01:
        return "< 1 %"
    return f"{probability * 100:.0f} %"


def plural(count: int, one: str, many: str = "") -> str:
    """``count`` with its noun.

    >>> plural(1, "party", "parties"), plural(2, "check")
    ('1 party', '2 checks')
    """
    return f"{count:,} {one if count == 1 else many or one + 's'}"

"""Parse an HTML file from a stranger and tell which of its elements a browser shows.

The parser follows no link and no DTD and stops at its own limits of depth and length; a file that it stops at is refused,
because it would be read in part. Styles are looked at for one thing only: what is hidden.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...core.errors import InputError
from .limits import MAX_XML_DEPTH, MAX_XML_TAGS
from .text_decoding import Decoded, decode

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_HEAD_BYTES = 4_096
_CHARSET = re.compile(rb"""charset\s*=\s*["']?\s*([A-Za-z0-9_.:\-]{1,40})""", re.IGNORECASE)
# What a browser does with these names is to read Windows-1252.
_WESTERN = frozenset({"iso-8859-1", "iso8859-1", "latin1", "latin-1", "ascii", "us-ascii", "windows-1252"})
_RULE = re.compile(r"([^{}]{1,2000})\{([^{}]*)\}")
_HIDES = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse))", re.IGNORECASE)
_SELECTOR = re.compile(r"([a-z0-9]*)([.#])([\w\-]+)", re.IGNORECASE)
_FILING_PAGE = re.compile(r"<page>", re.IGNORECASE)
_FILING_TAG = re.compile(r"</?(?:S|C|FN|CAPTION|F\d{1,2})>")
_MAX_STYLE_CHARS = 1_000_000

NOT_SHOWN = frozenset(
    {"script", "style", "template", "noscript", "head", "svg", "datalist", "param", "source", "track"}
)


@dataclass(frozen=True)
class Page:
    """A parsed page: its root element, the encoding found, and how its styles hide elements."""

    root: Element
    decoded: Decoded
    hidden_classes: frozenset[tuple[str, str, str]]  # tag or "", "." or "#", name

    def hides(self, element: Element) -> bool:
        """Whether a browser does not show ``element``: by attribute, own style, or a plain class or id rule."""
        if element.get("hidden") is not None:
            return True
        if (style := element.get("style")) and _HIDES.search(style):
            return True
        if not self.hidden_classes:
            return False
        tag, names = str(element.tag), (element.get("class") or "").split()
        marks = [(".", name) for name in names] + ([("#", found)] if (found := element.get("id")) else [])
        return any((tag, *mark) in self.hidden_classes or ("", *mark) in self.hidden_classes for mark in marks)


def parse_page(content: bytes) -> Page:
    """Parse the bytes of an HTML file.

    Raises:
        InputError: ``binary``, ``unknown_encoding``, ``no_text``, ``too_deep`` or ``too_large``.
    """
    import lxml.etree as etree

    decoded = decode(content, _declared(content))
    if decoded.text.count("<") > MAX_XML_TAGS:
        raise InputError(
            f"the page has more than {MAX_XML_TAGS:,} tags",
            code="too_large",
            remedy="Open it in a browser, print it to PDF, and review the PDF.",
        )
    parser = etree.HTMLParser(
        encoding="utf-8", no_network=True, huge_tree=False, remove_comments=True, remove_pis=True, recover=True
    )
    try:
        root = etree.fromstring(_without_filing_tags(decoded.text).encode("utf-8", errors="replace"), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        _check_limits(str(error))
        raise _no_text() from error
    for entry in parser.error_log:
        _check_limits(entry.message)
    if root is None:
        raise _no_text()
    return Page(root, decoded, _hidden_classes(root))


def _without_filing_tags(text: str) -> str:
    """The text without the tags of EDGAR's own that are never closed: each would nest all that follows a level deeper."""
    if not _FILING_PAGE.search(text):
        return text
    return _FILING_TAG.sub("", _FILING_PAGE.sub("<hr>", text))


def _no_text() -> InputError:
    return InputError("the file holds no text", code="no_text", remedy="Ask the sender for a new copy.")


def _declared(content: bytes) -> str | None:
    found = _CHARSET.search(content[:_HEAD_BYTES])
    if found is None:
        return None
    name = found.group(1).decode("ascii").lower()
    return "cp1252" if name in _WESTERN else name


def _check_limits(message: str) -> None:
    if "depth" in message.lower():
        raise InputError(
            f"the page is nested deeper than {MAX_XML_DEPTH} levels",
            code="too_deep",
            remedy="Open it in a browser, print it to PDF, and review the PDF.",
        )
    if "XML_PARSE_HUGE" in message or "Resource limit" in message:
        raise InputError(
            "one piece of the page's text is longer than 10 MB",
            code="too_large",
            remedy="Open it in a browser, print it to PDF, and review the PDF.",
        )


def _hidden_classes(root: Element) -> frozenset[tuple[str, str, str]]:
    found: set[tuple[str, str, str]] = set()
    for style in root.iter("style"):
        for rule in _RULE.finditer((style.text or "")[:_MAX_STYLE_CHARS]):
            if _HIDES.search(rule.group(2)):
                for selector in rule.group(1).split(","):
                    if plain := _SELECTOR.fullmatch(selector.strip()):
                        found.add((plain.group(1).lower(), plain.group(2), plain.group(3)))
    return frozenset(found)

"""Tell headings from sentences: the title after a clause's number ("7.2 Limitation of Liability. In no event ...") and headings without one.

``finance/numbering.py`` asks for the first, ``finance/clauses.py`` for the second.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from .lines import Line

MAX_HEADING_CHARS = 110
_SMALL_WORDS = (
    "a an and or of the to in for on by with at as from under its their per vs de la le les des du und der die das von mit y e del "
    "hereof hereunder any other"
)
_SMALL = frozenset(_SMALL_WORDS.split())
_VERBS = re.compile(
    r"\b(?:shall|will|must|may|is|are|was|were|has|have|means|mean|agrees?|hereby|hereto|can|cannot|does|do|been|be|"
    r"SHALL|WILL|MUST|MAY|IS|ARE|HAS|HAVE|HEREBY|AGREES?)\b"
)
_TITLE_END = re.compile(r"(?:\.(?=\s|$)|:(?=\s|$)|\s[-–—](?=\s|$)|[-–—](?=\s)|\.?[-–—]{2}|\.[-–—]|\n|\|)")
_LABEL_WITHIN = re.compile(r"\s\d{1,2}\.\d{1,2}\.?\s")
_CAPS_RUN = re.compile(
    r"((?:[A-Z][A-Z'’&/,;()-]*\s+(?:and\s+|of\s+)?){1,14}?)(?=[A-Z(“\"]?[a-z]|[A-Za-z0-9][.)]\s|\([a-zA-Z0-9]{1,3}\)|[“\"])"
)
_TITLE_THEN_SENTENCE = re.compile(
    r"((?:[A-Z][\w'’&/-]*,?\s+(?:(?:of|and|the|to|in|for|or|on|with|by)\s+){0,2}){1,8}?)"
    r"(?=(?:The|This|These|In|If|Each|Any|All|Upon|During|Either|Neither|Both|For|Subject|Except|As|A|An|No|At|It|You|We|Unless|"
    r"Notwithstanding)\s+[a-zA-Z])"
)
_NOT_HEADING = re.compile(
    r"(?i)/s/|^\W*by\s*:|^\W*(?:name|title|date|its|signed|attest|witness)\s*:|_{3,}|\[\s*\*|@|https?:|^\W*page\b|^\W*source\s*:|"
    r"^\W*(?:and|or|between|by and between|by and among|among)\W*$|\b(?:street|avenue|suite|road|floor|p\.?\s?o\.? box|zip)\b|"
    r"\b(?:telephone|phone|fax|facsimile|attention|attn|e-?mail)\b|^\W*$|^\W*\*|intentionally (?:left )?(?:blank|omitted)|^\W*\d+\W*$|"
    r"\b(?:execution (?:version|copy)|confidential treatment|signature page|table of contents)\b"
)
_FORM = re.compile(
    r"(?i)\b(?:inc|llc|l\.l\.c|ltd|limited|corp|corporation|gmbh|plc|company|l\.p|lp|llp|s\.a|n\.v|b\.v|ag|co)\b\.?\W*$"
)


def heading_after(text: str, start: int, end: int) -> str:
    """The title that follows a number ending at ``start``, on its line (ending at ``end``); empty if a sentence follows at once."""
    window = text[start : min(end, start + MAX_HEADING_CHARS + 40)].lstrip(" \t\u00a0.:–—-*_#").rstrip("*_# ")
    label = _LABEL_WITHIN.search(window)
    if label:
        window = window[: label.start()] + "\n"
    if not window or window[0] in "\"“”'‘[(" or (window[0].isdigit() and "." not in window[:2]):
        return ""
    caps = _CAPS_RUN.match(window)
    if caps and len(caps[1].strip()) >= 4 and re.search(r"[A-Z]{3}", caps[1]) and is_title(caps[1]):
        return _clean(caps[1])
    stop = _TITLE_END.search(window)
    if stop and stop.start() >= 3 and is_title(window[: stop.start()], sentence_case=True):
        return _clean(window[: stop.start()])
    whole_line = start + len(window) + 8 >= end and len(window) <= MAX_HEADING_CHARS
    if not stop and whole_line and is_title(window, sentence_case=window[-1:] not in ";,."):
        return _clean(window)
    run = _TITLE_THEN_SENTENCE.match(window)
    if run and len(run[1]) >= 4 and is_title(run[1]):
        return _clean(run[1])
    return ""


def is_title(words: str, *, sentence_case: bool = False) -> bool:
    """Whether ``words`` read as a title: short, capitalised, without a verb; ``sentence_case`` also takes "Limitation of liability"."""
    words = words.strip()
    if not 2 <= len(words) <= MAX_HEADING_CHARS or _VERBS.search(words) or not any(c.isalpha() for c in words):
        return False
    parts = re.findall(r"[^\W\d_][\w'’.&/-]*", words)
    if not parts or len(parts) > 14:
        return False
    if not parts[0][0].isupper():
        return not parts[0].isascii() and len(words) <= 30
    heavy = [part for part in parts if part.lower() not in _SMALL]
    if heavy and sum(part[0].isupper() for part in heavy) >= 0.75 * len(heavy):
        return words[-1] not in ",;"
    return sentence_case and len(parts) <= 7 and words[-1] not in ",;" and "," not in words[:-1]


def _clean(words: str) -> str:
    return " ".join(words.split()).strip(" .:;,–—-*_#|")


def standing_heading(text: str, lines: Sequence[Line], index: int, *, spined: bool) -> str:
    """The words of line ``index`` if it is a heading without a number; empty if not.

    ``spined`` says that the part has numbered clauses: then only capitals or the source's own mark make a heading.
    """
    line = lines[index]
    if line.kind in ("table_row", "footnote", "comment") or not line.opens:
        return ""
    words = " ".join(text[line.start : min(line.end, line.start + 2 * MAX_HEADING_CHARS)].split())
    if len(words) > MAX_HEADING_CHARS or len(words) < 3 or _NOT_HEADING.search(words) or _FORM.search(words):
        return ""
    if line.heading:
        return _clean(words)
    if not line.closes and not spined:
        following = lines[index + 1] if index + 1 < len(lines) else None
        if following is None or len(following) < 100:
            return ""
    letters = [c for c in words if c.isalpha()]
    if words[-1] in ",;" or len(letters) < 4:
        return ""
    if all(c.isupper() for c in letters) and not _VERBS.search(words):
        return _clean(words)
    if spined or words[-1] == "." or "\u2026" in words or "|" in words or len(words) > 70:
        return ""
    following = lines[index + 1] if index + 1 < len(lines) else None
    long_follows = following is not None and len(following) >= 80
    return _clean(words) if long_follows and is_title(words, sentence_case=len(words.split()) <= 6) else ""


def run_in_heading(text: str, line: Line) -> str:
    """The title with which a paragraph without a number begins ("Governing Law. This Agreement ..."); empty if none."""
    if not line.opens or line.kind in ("table_row", "footnote", "comment") or len(line) < 60:
        return ""
    window = text[line.start : min(line.end, line.start + 80)].lstrip()
    stop = re.search(r"\.\s+(?=[A-Z“\"])|:\s+(?=[A-Z“\"])|\s[-–—]\s(?=[A-Z])", window)
    if not stop or stop.start() < 3 or _NOT_HEADING.search(window[: stop.start()]):
        return ""
    title = window[: stop.start()]
    small = len(title.split()) <= 3 and stop[0].startswith(".")
    return _clean(title) if is_title(title, sentence_case=small) and not _FORM.search(title) else ""

"""Cut a text into the passages that are classified: paragraphs of at most 1,200 characters.

The cut is the evaluation's own (blank lines; longer pieces cut again at ". ", "; " or a newline), so that what is scored
is what is used. Offsets are exact: ``text[passage.start:passage.end]``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_PASSAGE_CHARS = 1200
_BLANK = re.compile(r"\n[ \t\r\f\v]*\n\s*")
_BREAKS = (". ", "; ", "\n")


@dataclass(frozen=True)
class Passage:
    """Characters ``start``..``end`` of a text, without white space at its ends."""

    start: int
    end: int


def cut(text: str) -> tuple[Passage, ...]:
    """Cut ``text`` into passages.

    >>> [text[p.start:p.end] for text in ["One.\\n\\nTwo; three."] for p in cut(text)]
    ['One.', 'Two; three.']
    """
    passages: list[Passage] = []
    position = 0
    for blank in _BLANK.finditer(text):
        _pieces(text, position, blank.start(), passages)
        position = blank.end()
    _pieces(text, position, len(text), passages)
    return tuple(passages)


def _pieces(text: str, start: int, end: int, into: list[Passage]) -> None:
    while end - start > MAX_PASSAGE_CHARS:
        window = text[start : start + MAX_PASSAGE_CHARS]
        at = max(window.rfind(mark) + len(mark) if mark in window else 0 for mark in _BREAKS)
        stop = start + (at if at > 0 else MAX_PASSAGE_CHARS)
        _keep(text, start, stop, into)
        start = stop
    _keep(text, start, end, into)


def _keep(text: str, start: int, end: int, into: list[Passage]) -> None:
    piece = text[start:end]
    left = len(piece) - len(piece.lstrip())
    right = len(piece.rstrip())
    if right > left:
        into.append(Passage(start + left, start + right))

"""What a word was before a line's end broke it: one word ("agree-ment") or a compound ("non-compete").

Used by ``paragraphs`` when it joins two lines. The rest of the document decides first: a form that stands elsewhere
unbroken is the right one. Where none does, a lower-case continuation joins, except after prefixes that keep their
hyphen and where both halves are words of the document.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from .page_text import SOFT_HYPHEN

_HYPHENS = "-\u2010" + SOFT_HYPHEN
BROKEN = re.compile(f"[^\\W\\d_][{_HYPHENS}]$")
"""A line that ends in the middle of a word."""
_ENDS_IN_HYPHEN = re.compile(f"\\w[{_HYPHENS}]$")
_WORD = re.compile(r"[^\W\d_]+(?:[-\u2010][^\W\d_]+)*")
_LAST_WORD = re.compile(r"[^\W\d_]+(?:[-\u2010][^\W\d_]+)*$")
_KEEPS_HYPHEN = frozenset(
    {"non", "self", "third", "cross", "long", "short", "anti", "multi", "semi", "quasi", "two", "three", "four"}
    | {"five", "six", "seven", "eight", "nine", "well", "high", "low", "full", "year", "month", "day", "follow"}
    | {"vice", "mid", "arms", "co"}
)


def ends_in_hyphen(text: str) -> bool:
    """Whether what follows on the next line belongs to the same word or number, with or without the hyphen."""
    return _ENDS_IN_HYPHEN.search(text) is not None


class Vocabulary:
    """The words of a document, counted; tells which hyphens at line ends only mark the break.

    >>> words = Vocabulary(["This agreement is not a non-compete.", "the agree-", "ment of the non-", "compete"])
    >>> words.only_marks("agree-", "ment"), words.only_marks("non-", "compete")
    (True, False)
    """

    def __init__(self, lines: Iterable[str]) -> None:
        self._count = Counter(match.group().lower() for line in lines for match in _WORD.finditer(line))

    def only_marks(self, last: str, following: str) -> bool:
        """Whether the hyphen at the end of ``last`` came from the break alone; ``following`` opens the next line."""
        after = _WORD.match(following)
        if not BROKEN.search(last) or after is None:
            return False
        if last.endswith(SOFT_HYPHEN):
            return True
        match = _LAST_WORD.search(last[:-1])
        stem, rest = (match.group().lower() if match else ""), after.group()
        count = self._count
        if count[f"{stem}-{rest.lower()}"] or not rest[:1].islower():
            return False
        if count[stem + rest.lower()]:
            return True
        if stem in _KEEPS_HYPHEN or "-" in stem:
            return False
        # Each half is counted once for the break itself.
        return not (len(stem) > 2 and len(rest) > 2 and count[stem] > 1 and count[rest.lower()] > 1)

"""Numbers that a contract writes twice, in words and in figures behind them, and that differ: "sixty (30) days"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from .facts.numbers import CARDINAL_WORD, cardinal, figures

_IN_WORDS = rf"{CARDINAL_WORD}(?:(?:\s?-\s?|\s{{1,40}}(?:and\s{{1,40}})?){CARDINAL_WORD}){{0,11}}"
_WORDS_AND_FIGURES = re.compile(
    rf"(?<![\w.-])(?<!half )(?<!point )(?P<words>{_IN_WORDS})(?:\s{{1,40}}(?:dollars?|euros?|pounds?|percent|per cent))?\s{{0,4}}"
    r"[(\[]\s?(?:US|U\.S\.|USD|EUR|GBP)?\s?[$€£]?\s?(?P<figures>\d[\d,]{0,14}(?:\.\d{1,2})?)\s?(?:%|percent)?\s?[)\]]",
    re.I,
)
_PART_OF_ONE = re.compile(
    r"(?:half|quarters?|thirds?|hundredths?|tenths?|point|and|-)\s*(?:of\s*)?$|/\d+\s+of\s*$|[)\]\d]\s*$", re.I
)


def disagreements(text: str) -> Iterator[tuple[int, int, int, Decimal]]:
    """Start, end, value of the words and value of the figures of each number that the two write differently.

    A list's "(1)" after a number in words, a year in words and fractions ("one and one-half (1.5)") are not compared.

    >>> [(said, int(written)) for _, _, said, written in disagreements("within sixty (30) days, or ninety (90) days")]
    [(60, 30)]
    """
    for match in _WORDS_AND_FIGURES.finditer(text):
        said, written = cardinal(match["words"]), figures(match["figures"])
        if said is None or written is None or said == written:
            continue
        if (
            written == 1
            or 1900 <= written <= 2100
            or _PART_OF_ONE.search(text[max(0, match.start() - 20) : match.start()])
        ):
            continue
        yield match.start(), match.end(), said, written

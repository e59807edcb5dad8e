"""Numbers as contracts write them: cardinal words, ordinal words, figures with separators.

Shared by durations, dates and money. Every pattern here starts at a word and has no nested repetition of overlapping
alternatives, so a search is linear in the text.
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

_ONES = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_CARDINALS: dict[str, int] = {
    **{word: value for value, word in enumerate(_ONES)},
    **{word: 10 * value for value, word in enumerate(_TENS, start=2)},
    "fourty": 40,
}
_SCALES = {"hundred": 100, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000}
_ANY = 100
_ORDINALS: dict[str, int] = {
    word: value
    for value, word in enumerate(
        [
            "first",
            "second",
            "third",
            "fourth",
            "fifth",
            "sixth",
            "seventh",
            "eighth",
            "ninth",
            "tenth",
            "eleventh",
            "twelfth",
            "thirteenth",
            "fourteenth",
            "fifteenth",
            "sixteenth",
            "seventeenth",
            "eighteenth",
            "nineteenth",
        ],
        start=1,
    )
} | {word[:-1] + "ieth": 10 * value for value, word in enumerate(_TENS, start=2)}


def _longest_first(words: object) -> str:
    return "|".join(sorted(words, key=len, reverse=True))  # type: ignore[call-overload]


CARDINAL_WORD = f"(?:{_longest_first([*_CARDINALS, *_SCALES])})"
CARDINAL = rf"{CARDINAL_WORD}(?:(?: ?- ?| (?:and )?){CARDINAL_WORD}){{0,11}}"
"""A cardinal in words, lower case: "one hundred and eighty", "twenty-four"."""

ORDINAL_WORD = rf"(?:(?:{'|'.join(_TENS)})[ -])?(?:{_longest_first(_ORDINALS)})"
"""An ordinal in words, lower case: "twenty-third"."""

ORDINAL_SUFFIX = r"(?i: ?(?:s ?t|n ?d|r ?d|t ?h)\b)"
"""The ending of an ordinal in figures; scanned pages put a space into it."""


def lowered(text: str) -> str:
    """``text`` in lower case, of the same length: the few letters whose lower case is longer ("İ") keep their first character.

    >>> len(lowered("İzmir")) == len("İzmir")
    True
    """
    lower = text.lower()
    return lower if len(lower) == len(text) else "".join(letter.lower()[:1] or letter for letter in text)


def cardinal(words: str) -> int | None:
    """The value of a cardinal in words, None where the words make no number. Of two numbers side by side the last counts: "a new one
    thirty days ahead" says thirty.

    >>> cardinal("one hundred and eighty"), cardinal("Twenty-Four"), cardinal("two million five hundred thousand")
    (180, 24, 2500000)
    >>> cardinal("one thirty"), cardinal("ten twenty-five")
    (30, 25)
    """
    total = current = 0
    seen = False
    room = _ANY  # the next word must be smaller than this to belong to the same number
    for word in re.findall(r"[a-z]+", words.lower()):
        if word == "and":
            continue
        if word in _CARDINALS:
            value = _CARDINALS[word]
            if value >= room:
                total = current = 0
            current += value
            room = 10 if value >= 20 else 0
        elif word == "hundred":
            current = max(current, 1) * 100
            room = _ANY
        elif word in _SCALES:
            total += max(current, 1) * _SCALES[word]
            current = 0
            room = _ANY
        else:
            return None
        seen = True
    return total + current if seen else None


def ordinal(words: str) -> int | None:
    """The value of an ordinal in words or figures, None where it is none.

    >>> ordinal("twenty-third"), ordinal("7th"), ordinal("first")
    (23, 7, 1)
    """
    figures = re.match(r"\d{1,3}", words)
    if figures:
        return int(figures.group())
    total = 0
    for word in re.findall(r"[a-z]+", words.lower()):
        value = _ORDINALS.get(word) or _CARDINALS.get(word)
        if not value:
            return None
        total += value
    return total or None


def figures(text: str) -> Decimal | None:
    """A number in figures with English or continental separators, None where it is none.

    A single comma or point before exactly three digits separates thousands; the last separator of a mixed number is the
    decimal one.

    >>> figures("1,234.56"), figures("1.000.000,50"), figures("1,000"), figures("2.5")
    (Decimal('1234.56'), Decimal('1000000.50'), Decimal('1000'), Decimal('2.5'))
    """
    text = text.rstrip(" .,'").lstrip(" ,'").replace(" ", "").replace("'", "")
    point, comma = text.rfind("."), text.rfind(",")
    if point >= 0 and comma >= 0:
        decimal_mark, thousands = (".", ",") if point > comma else (",", ".")
        text = text.replace(thousands, "").replace(decimal_mark, ".")
    elif comma >= 0:
        grouped = text.count(",") > 1 or len(text) - comma - 1 == 3
        text = text.replace(",", "" if grouped else ".")
    elif text.count(".") > 1:
        text = text.replace(".", "")
    try:
        return Decimal(text)
    except InvalidOperation:
        return None

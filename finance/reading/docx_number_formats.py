"""How Word writes a count: decimal, roman, lettered, in words, and the number signs of other scripts.

The names are those of ``w:numFmt`` (ECMA-376 part 1, section 17.18.59, ST_NumberFormat).
"""

from __future__ import annotations

from collections.abc import Callable


def formatted(number: int, form: str) -> str:
    """``number`` in a ``w:numFmt``; formats that are not known show as decimals, as Word falls back.

    >>> formatted(4, "upperRoman"), formatted(28, "lowerLetter"), formatted(2, "ordinalText")
    ('IV', 'bb', 'Second')
    """
    if form.startswith("padded "):
        return str(number).zfill(int(form.split()[1]))
    maker = _FORMATS.get(form)
    return maker(number) if maker is not None else str(number)


def _roman(number: int) -> str:
    if not 0 < number < 4000:
        return str(number)
    signs = (("M", 1000), ("CM", 900), ("D", 500), ("CD", 400), ("C", 100), ("XC", 90), ("L", 50), ("XL", 40))
    signs += (("X", 10), ("IX", 9), ("V", 5), ("IV", 4), ("I", 1))
    shown = ""
    for sign, worth in signs:
        times, number = divmod(number, worth)
        shown += sign * times
    return shown


def _lettered(alphabet: str) -> Callable[[int], str]:
    def letters(number: int) -> str:
        if number < 1 or number > 30 * len(alphabet):
            return str(number)
        times, index = divmod(number - 1, len(alphabet))
        return alphabet[index] * (times + 1)  # Word goes on with "aa", "bb", not "aa", "ab"

    return letters


def _lookup(signs: str) -> Callable[[int], str]:
    return lambda number: signs[number - 1] if 0 < number <= len(signs) else str(number)


_ONES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_ONES += ("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen")
_TENS = ("zero", "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_ORDINALS = {"one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth"}
_ORDINALS |= {"twelve": "twelfth"}


def _cardinal(number: int) -> str:
    if not 0 <= number < 100:
        return str(number)
    if number < 20:
        return _ONES[number].capitalize()
    tens, ones = divmod(number, 10)
    return (_TENS[tens] + (f"-{_ONES[ones]}" if ones else "")).capitalize()


def _ordinal_text(number: int) -> str:
    cardinal = _cardinal(number)
    if cardinal.isdigit():
        return _ordinal(number)
    head, dash, last = cardinal.lower().rpartition("-")
    if last in _ORDINALS:
        last = _ORDINALS[last]
    else:
        last = f"{last[:-1]}ieth" if last.endswith("y") else f"{last}th"
    return f"{head}{dash}{last}".capitalize()


def _ordinal(number: int) -> str:
    if number % 100 in (11, 12, 13):
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"


def _chinese(number: int) -> str:
    digits, places = "零一二三四五六七八九", ("", "十", "百", "千")
    if not 0 < number < 10_000:
        return str(number)
    shown, gap = "", False
    for place in range(3, -1, -1):
        digit = number // 10**place % 10
        if digit == 0:
            gap = bool(shown)
            continue
        shown += ("零" if gap else "") + digits[digit] + places[place]
        gap = False
    return shown.removeprefix("一") if 10 <= number < 20 else shown


def _ideographs(number: int) -> str:
    return "".join("〇一二三四五六七八九"[int(digit)] for digit in str(number)) if number >= 0 else str(number)


_FORMATS: dict[str, Callable[[int], str]] = {
    "none": lambda number: "",
    "decimalZero": lambda number: f"{number:02d}",
    "upperRoman": _roman,
    "lowerRoman": lambda number: _roman(number).lower(),
    "upperLetter": _lettered("ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    "lowerLetter": _lettered("abcdefghijklmnopqrstuvwxyz"),
    "russianUpper": _lettered("АБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЫЭЮЯ"),
    "russianLower": _lettered("абвгдежзиклмнопрстуфхцчшщыэюя"),
    "ordinal": _ordinal,
    "cardinalText": _cardinal,
    "ordinalText": _ordinal_text,
    "hex": lambda number: f"{number:X}",
    "numberInDash": lambda number: f"- {number} -",
    "decimalEnclosedCircle": _lookup("①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"),
    "decimalEnclosedParen": lambda number: f"({number})",
    "decimalEnclosedFullstop": lambda number: f"{number}.",
    "decimalFullWidth": lambda number: "".join(chr(ord(digit) + 0xFEE0) for digit in str(number)),
    "chineseCounting": _chinese,
    "chineseCountingThousand": _chinese,
    "japaneseCounting": _chinese,
    "taiwaneseCounting": _chinese,
    "taiwaneseCountingThousand": _chinese,
    "ideographDigital": _ideographs,
    "taiwaneseDigital": _ideographs,
    "japaneseDigitalTenThousand": _ideographs,
    "ideographTraditional": _lookup("甲乙丙丁戊己庚辛壬癸"),
    "ideographZodiac": _lookup("子丑寅卯辰巳午未申酉戌亥"),
    "hebrew1": _lookup("אבגדהוזחטי"),
    "arabicAlpha": _lookup("أبتثجحخدذرزسشصضطظعغفقكلمنهوي"),
    "arabicAbjad": _lookup("أبجدهوزحطيكلمنسعفصقرشتثخذضظغ"),
    "chicago": lambda number: "*†‡§"[(number - 1) % 4] * ((number - 1) // 4 + 1) if 0 < number < 400 else str(number),
}

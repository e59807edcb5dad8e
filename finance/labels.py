"""Read the candidate numbers of clauses from a text: "1.", "9.2", "(a)", "Article IV", "第三条", at a line's start or within a line.

``finance/numbering.py`` decides by their sequence which of them number a clause.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from .headings import heading_after
from .lines import Line

INLINE, LINE, PARAGRAPH, GIVEN = 1, 2, 3, 4
"""How well a label stands out: within a line, at a line's start, at a paragraph's start, told by the source's own numbering."""


@dataclass(frozen=True, slots=True)
class Label:
    """A candidate number. ``start`` is where its clause would start, ``end`` where the number ends; ``tokens`` are its components
    ("9", "2"), ``word`` what stands before it (article, section, ...), ``wrap`` how it is set ("." , ")", "()")."""

    start: int
    end: int
    shown: str
    word: str
    tokens: tuple[str, ...]
    wrap: str
    grade: int
    heading: str
    opens: bool = True

    @property
    def titled(self) -> bool:
        return bool(self.heading)


_WORDS = {
    "chapter": "chapter", "章": "chapter", "part": "chapter",
    "article": "article", "art.": "article", "artikel": "article", "articolo": "article", "artículo": "article",
    "条": "article", "條": "article",
    "section": "section", "sec.": "section", "clause": "section", "cláusula": "section", "clausula": "section",
    "paragraph": "section", "§": "section", "§§": "section", "款": "section", "节": "section",
}  # fmt: skip
_COUNTING = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty"
_NUMBER_WORDS = {word: value for value, word in enumerate(_COUNTING.split(), start=1)}
_LINE_LABEL = re.compile(
    r"""[\ \t\u00a0\u3000*_\#>]{0,200}(?P<label>
      (?P<word>(?i:chapter|article|art\.|artikel|articolo|art[ií]culo|section|sec\.|clause|cl[aá]usula|paragraph)|§§?)
        [\ \t\u00a0]{0,4}(?P<wnum>\d{1,3}(?:\.\d{1,3}){0,4}|[IVXLC]{1,8}\b|[ivxlc]{1,8}\b|[A-Z]\b|(?i:COUNTING)\b)(?P<wtail>(?:\([A-Za-z0-9]{1,4}\)){0,3})
      |第(?P<zh>[一二三四五六七八九十百零〇两0-9０-９]{1,6})(?P<zhword>[条條章款节])
      |(?P<dec>\d{1,3}(?:\.\d{1,3}){0,5})(?P<dtail>(?:\([A-Za-z0-9]{1,4}\)){0,3})(?P<dclose>(?:\ ?[.)])?)
      |\((?P<par>\d{1,3}|[A-Za-z]|[ivxlc]{1,6}|[IVXLC]{1,6}|([A-Za-z])\9{1,2})\)
      |(?P<let>[A-Z](?:\.\d{1,2}){1,3}|[A-Za-z]|[ivxlc]{1,6}|[IVXLC]{1,6})(?P<lclose>[.)])
      |（(?P<zhpar>[一二三四五六七八九十]{1,3})）
      |(?P<zhlist>[一二三四五六七八九十]{1,3})、
    )""".replace("COUNTING", "|".join(sorted(_NUMBER_WORDS, key=len, reverse=True))),
    re.VERBOSE,
)
_INLINE_LABEL = re.compile(
    r"""(?:(?<=[.;:,!?"”’)\]])|(?<=[;,.]\ and)|(?<=[;,.]\ or)|(?<=[A-Z]{3}))\s{1,12}(?P<label>
      \((?P<par>\d{1,2}|[A-Za-z]|[ivxlc]{1,6}|[IVXLC]{1,6})\)
      |(?P<dec>\d{1,3}(?:\.\d{1,2}){0,4})(?P<dclose>[.)]?)
      |(?P<let>[A-Za-z]|[ivxlc]{2,6}|[IVXLC]{2,6})(?P<lclose>[.)])
      |(?P<word>Section|SECTION|Article|ARTICLE)\ (?P<wnum>\d{1,3}(?:\.\d{1,3}){0,4}|[IVXLC]{1,8}\b)
    )(?=[\s.:]{1,4}["“(\[A-Za-z]|(?<=[.)])[A-Z])""",
    re.VERBOSE,
)
_INLINE_MULTI = re.compile(
    r"""(?:(?<=[.;:,!?"”’)\]])|\b(?P<before>[A-Z][\w'’-]{0,30}))[ \n]{1,3}
      (?P<label>(?P<dec>\d{1,2}(?:\.\d{1,2}){1,3}))\.?[ ]{1,3}(?=["“(]?[A-Z])""",
    re.VERBOSE,
)
_HEADING_FIRST = re.compile(
    r"""(?:^|(?<=[.:;!?])\ )(?P<title>[A-Z][\w'’&/-]{2,30}(?:\ (?:(?:of|and|the|to|in|for|or|on|with|by)\ ){0,2}[A-Z][\w'’&/-]{1,30}){0,5})
      \ (?P<dec>\d{1,2})\.\ (?=[A-Z])""",
    re.VERBOSE | re.MULTILINE,
)
_CITING = re.compile(
    r"(?i)\b(?:section|sections|sec|article|articles|art|clause|clauses|paragraph|exhibit|schedule|annex|appendix|attachment|amendment|"
    r"no|nos|number|page|item|items|form|chapter|part|version|phase|level|tier|rule|title|form|inc|corp|co|ltd|st|vs|v|pp?|ex|para|"
    r"january|february|march|april|may|june|july|august|september|october|november|december|subsection|section\s+\S+\s+(?:and|or|to|through))"
    r"[.,:]?\s*$"
)
_FURNITURE = re.compile(r"(?i)(?:exhibit|schedule|annex|appendix|attachment|ex-)\b")
_AFTER_WORD = re.compile(r"[\s.:,–—-]*(?:$|\n|[\"“(\[]?[A-Z0-9\u4e00-\u9fff])")
_ROMAN = re.compile(r"(?=.)(?:c{0,3})(?:xc|xl|l?x{0,3})(?:ix|iv|v?i{0,3})$")
_ROMAN_DIGITS = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}
_ZH = {character: value for value, character in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}


def roman(token: str) -> int | None:
    """The value of a roman number in either case up to 399; None if it is none."""
    token = token.lower()
    if not _ROMAN.match(token):
        return None
    digits = [_ROMAN_DIGITS[character] for character in token]
    return sum(-d if d < n else d for d, n in zip(digits, [*digits[1:], 0], strict=True))


def chinese(token: str) -> int | None:
    """The value of a Chinese (up to 999) or full-width number; None if it is none."""
    if token.isdecimal():
        return int(token)
    total, digit = 0, 0
    for character in token:
        if character == "十":
            total, digit = total + (digit or 1) * 10, 0
        elif character == "百":
            total, digit = total + (digit or 1) * 100, 0
        elif character in _ZH:
            digit = _ZH[character]
        else:
            return None
    return total + digit


@lru_cache(maxsize=4096)
def readings(token: str) -> tuple[tuple[str, int], ...]:
    """What a token can mean, as (kind, value): digits one thing, letters a letter's place or a roman number or both."""
    if token.isdecimal():
        return (("1", int(token)),)
    case = "A" if token.isupper() else "a"
    found: list[tuple[str, int]] = []
    letters = token.lower()
    if letters in _NUMBER_WORDS:
        return (("1", _NUMBER_WORDS[letters]),)
    if letters.isascii() and letters.isalpha() and len(set(letters)) == 1 and len(letters) <= 3:
        found.append((case, 26 * (len(letters) - 1) + ord(letters[0]) - 96))
    value = roman(token)
    if value:
        found.append(("I" if case == "A" else "i", value))
    return tuple(found)


def labels(text: str, lines: Sequence[Line], start: int, end: int) -> list[Label]:
    """All candidate numbers of ``text[start:end]``, in text order; ``lines`` are the lines of the whole text."""
    found: dict[int, Label] = {}
    low = bisect_right(lines, start - 1, key=lambda line: line.start)
    line_starts: set[int] = set()
    for line in lines[low:]:
        if line.start >= end:
            break
        line_starts.add(line.start)
        position, grade = line.start, GIVEN if line.number else PARAGRAPH if line.opens else LINE
        if grade == LINE and _CITING.search(text[max(0, line.start - 40) : line.start]):
            continue  # "under Section", and the number on the next line
        for _ in range(3):  # "(a)(i)" or "1. (a)": a label may follow a label
            match = _LINE_LABEL.match(text, position, min(end, line.end))
            label = match and _from_line(text, match, grade, line, first=position == line.start)
            if not label:
                break
            found[label.start] = label
            position, grade = label.end, min(grade, PARAGRAPH)
            if label.heading or text[position : position + 3].strip(" \t\u00a0")[:1] not in (
                "(",
                "A",
                "a",
                "1",
                "I",
                "i",
            ):
                break
    for match in _INLINE_LABEL.finditer(text, start, end):
        if match.start("label") not in found:
            label = _from_inline(text, match)
            if label:
                found[label.start] = label
    for match in _INLINE_MULTI.finditer(text, start, end):
        if match.start("label") not in found and not _CITING.search(
            text[max(0, match.start("label") - 40) : match.start("label")]
        ):
            tokens = tuple(match["dec"].split("."))
            heading = heading_after(text, match.end(), min(end, match.end() + 200))
            found[match.start("label")] = Label(
                match.start("label"), match.end("label"), match["dec"], "", tokens, ".", INLINE, heading
            )
    for match in _HEADING_FIRST.finditer(text, start, end):
        if match.start("dec") in found or _CITING.search(match["title"]) or match.start("title") in found:
            continue
        found[match.start("title")] = Label(
            match.start("title"), match.end("dec") + 1, match["dec"], "", (match["dec"],), ".", INLINE, match["title"]
        )
    return [found[key] for key in sorted(found)]


def _from_line(text: str, match: re.Match[str], grade: int, line: Line, *, first: bool) -> Label | None:
    start, end = match.start("label"), match.end("label")
    node_start = line.start if first else start
    follows = text[end : end + 1]
    word, wrap = "", ""
    if match["word"]:
        word = _WORDS[match["word"].lower().replace("í", "í")]
        tokens = tuple(match["wnum"].split(".")) + _tail(match["wtail"])
        if grade < GIVEN and not _AFTER_WORD.match(text, end, min(line.end, end + 12)):
            return None
        shown = " ".join(match["label"].split())
        if len(tokens) > 1:
            word = ""
    elif match["zh"]:
        value = chinese(match["zh"])
        if value is None:
            return None
        word, tokens, shown = _WORDS[match["zhword"]], (str(value),), match["label"].strip()
    elif match["dec"]:
        tokens = tuple(match["dec"].split(".")) + _tail(match["dtail"])
        wrap = ")" if match["dclose"].strip() == ")" else "."
        shown = match["label"].rstrip(". ")
        bare = not match["dclose"] and len(tokens) == 1
        if follows and not follows.isspace() and not (match["dclose"] or (len(tokens) > 1 and follows.isupper())):
            return None
        if follows.isdigit() or follows in ("%", "$", "/", ":", ","):
            return None
        if len(tokens) > 1 and int(tokens[0]) == 0:
            return None
        if bare and grade < GIVEN:
            heading = heading_after(text, end, line.end)
            if not heading or heading[:1].islower() or _FURNITURE.match(heading):
                return None
    elif match["par"]:
        tokens, wrap, shown = (match["par"],), "()", match["label"]
    elif match["let"]:
        tokens, wrap, shown = tuple(match["let"].split(".")), match["lclose"], match["label"].rstrip(".")
        if follows and not follows.isspace() and not (wrap == ")" and follows.isupper()):
            return None
        if grade < GIVEN and len(tokens) == 1 and re.match(r"\s+[A-Z]\.", text[end : end + 5]):
            return None  # initials of a person: "J. R. Smith"
    else:
        value = chinese(match["zhpar"] or match["zhlist"])
        if value is None:
            return None
        tokens, wrap, shown = (str(value),), "（）" if match["zhpar"] else "、", match["label"]
    return Label(node_start, end, shown.strip(), word, tokens, wrap, grade, heading_after(text, end, line.end))


def _tail(tail: str) -> tuple[str, ...]:
    return tuple(re.findall(r"\w+", tail)) if tail else ()


def _from_inline(text: str, match: re.Match[str]) -> Label | None:
    start, end = match.start("label"), match.end("label")
    before = text[max(0, match.start() - 40) : start].rstrip()
    opens = before[-1:] in (":", ".") or before[-3:].isupper()
    line_end = text.find("\n", end, end + 300)
    line_end = min(len(text), end + 300) if line_end < 0 else line_end
    capital = bool(re.match(r"[\s.:]{1,4}[\"“(\[]?[A-Z]", text[end : end + 7]))
    if match["par"]:
        return Label(
            start, end, match["label"], "", (match["par"],), "()", INLINE, heading_after(text, end, line_end), opens
        )
    if not capital or _CITING.search(before) or before[-1:] == ",":
        return None
    if match["word"]:
        heading = heading_after(text, end, line_end)
        if text[end : end + 1] not in (".", ":") and not (match["word"] == "ARTICLE" and heading.isupper()):
            return None
        word = match["word"].lower() if "." not in match["wnum"] else ""
        tokens, wrap, shown = tuple(match["wnum"].split(".")), "", match["label"]
    elif match["dec"]:
        tokens = tuple(match["dec"].split("."))
        if not match["dclose"] and len(tokens) == 1:
            return None
        word, wrap, shown = "", ")" if match["dclose"] == ")" else ".", match["label"].rstrip(".")
    else:
        word, tokens, wrap, shown = "", (match["let"],), match["lclose"], match["label"].rstrip(".")
        if re.match(r"\s+[A-Z]\.", text[end : end + 5]) or re.search(r"\b[A-Z]\.$", before):
            return None
    return Label(start, end, shown, word, tokens, wrap, INLINE, heading_after(text, end, line_end), opens)


def path_key(path: str) -> tuple[str, ...]:
    """A path as a key to look clauses up by: numbers without leading zeros, letters small, words dropped, an article's roman as a number.

    >>> path_key("9.02(a)"), path_key("Article IV"), path_key("Article II, Section 1(b)")
    (('9', '2', 'a'), ('4',), ('2', '1', 'b'))
    """
    key: list[str] = []
    worded = False
    for token in re.findall(r"第|[^\W\d_]+|\d+", path):
        lower = token.lower()
        if lower in _WORDS or lower.rstrip("s") in _WORDS or lower in ("sec", "art", "第"):
            worded = worded or lower not in ("条", "條", "章", "款", "节")
            continue
        if token.isdecimal():
            key.append(token.lstrip("0") or "0")
        else:
            value = (
                (_NUMBER_WORDS.get(lower) or roman(token) or chinese(token))
                if (worded and not key) or not token.isascii()
                else None
            )
            key.append(str(value) if value else lower)
        worded = worded and not key
    return tuple(key)

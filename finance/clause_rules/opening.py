"""Read the opening of a contract, where place decides more than words: its title, its parties, the date it bears.

These three of CUAD's categories stand at the top of nearly every contract and are found by layout (a line of its own, in
capitals), by the sentence that names the parties, and by a date beside "dated", "made" or "entered into".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ..facts.dates import find_dates
from ..facts.preamble import from_preamble
from .rule import OPENING_CHARS

MAX_TITLE_CHARS = 220
SIGNATURE_CHARS = 6000
"""How far from the end signature blocks, and the dates beside them, are looked for."""

_KIND_WORD = (
    r"(?:agreements?|contract|addendum|amendment|lease|licen[sc]e|guarant(?:y|ee)|memorandum of understanding|terms (?:and conditions|of (?:use|service|sale))|"
    r"terms\s*&\s*conditions|user agreement|privacy policy|charter|plan|order form|statement of work|letter of intent|deed|warranty|policy|undertaking|tariff|accord|contrat|vertrag)"
)
_TITLE_LINE = re.compile(rf"\b{_KIND_WORD}\b", re.I)
_NOT_TITLE = re.compile(
    r"(?i)^(?:exhibit|ex-?\d|schedule|annex|appendix|source|page|table of contents|execution (?:copy|version)|confidential treatment|this\b|whereas|between|by and|dated|article|section|\d+\.|"
    r"certain |(?:agreement|contract|addendum) (?:no|number|id)\b|\[?\*|the (?:following|parties)|portions|pursuant|in consideration|note:|recitals?|witnesseth|_{2,})"
    r"|\b(?:is made|entered into|hereby|shall|hereinafter|between|omitted|requested|commission|redacted|filed|have been)\b"
)
_RUN = re.compile(
    r"\b(?P<title>[A-Z][A-Z&/,.'’()\-]*(?:[ \t\n]{1,40}(?:[A-Z&/,'’()\-]+|\d{1,3})){0,14}?[ \t\n]{1,40}(?:AGREEMENT|CONTRACT|ADDENDUM|AMENDMENT|LEASE|LICENSE|GUARANTY|PLAN|CHARTER|CONDITIONS))\b"
)
_THIS = re.compile(
    rf"\b(?i:this|the following|that certain)\s+(?P<title>(?:[A-Z][\w&/,.'’()-]*\s+(?:(?:and|for|of|the|to|on|in)\s+){{0,2}}){{0,9}}(?i:{_KIND_WORD})(?:\s+(?:No\.?|#|n°)\s*\d+)?)(?=\s*(?:[,(\"“]|is\b|made|dated|entered|between|by\b|effective|shall|sets|has|and\b))"
)
_LINE = re.compile(r"[^\s](?:[^\n ]|  {0,6}(?! ))*")
_WHOLE = re.compile(r"(?i)\b(?:agreement|contract|lease|conditions|policy|plan|terms of (?:use|service))\b")
_UNFINISHED = re.compile(r"(?:,|&|\b(?:AND|OF|FOR|TO|THE))\s*$")
_BETWEEN = re.compile(r"(?i)\b(?:between|among|by and between|parties)\b")
_DATED = re.compile(
    r"(?i)\b(?:dated|date[ds]?\s*:|made|entered|executed|signed|effective|as\s+of|this|on|date of (?:this )?agreement)\b[^.;]{0,80}$"
)
_SIGNED = re.compile(r"(?i)(?:\bdate[d]?\s*:?|signed|executed|witness|this)\b[^;]{0,80}$")
_OTHER_DATE = re.compile(
    r"(?i)(?:securities (?:and exchange )?act|form (?:8-k|10-[kq]|s-1)|rule \d|filed|exhibit|source:|amended (?:and restated )?(?:on|as of)|certain [\w ]{0,60}agreement,? dated|original agreement)[^.;]{0,80}$"
)


@dataclass(frozen=True)
class Opened:
    """Something found in the opening: the rule that found it and its characters."""

    rule: str
    start: int
    end: int


def read_opening(text: str) -> tuple[Opened, ...]:
    """The title, the parties and the date of a contract, as far as found, each with the rule that found it."""
    return (*_titles(text), *_parties(text), *_dates(text))


def title_of(text: str) -> tuple[int, int] | None:
    """The characters of the title: the first line that looks like one, else the name in "this ... Agreement".

    >>> text = "Exhibit 10.1\\n\\nSUPPLY AGREEMENT\\n\\nThis Supply Agreement is made ..."
    >>> start, end = title_of(text)
    >>> text[start:end]
    'SUPPLY AGREEMENT'
    """
    found = list(_titles(text))
    return (found[0].start, found[0].end) if found else None


def _titles(text: str) -> Iterator[Opened]:
    head = text[:OPENING_CHARS]
    line = _title_line(head)
    if line:
        yield Opened("document_name.title_line", *line)
    else:
        run = _RUN.search(head)
        if run and len(run["title"]) <= MAX_TITLE_CHARS and not _NOT_TITLE.match(run["title"]):
            yield Opened("document_name.capitals", run.start("title"), run.end("title"))
    this = next((match for match in _THIS.finditer(head) if len(match["title"].split()) > 1), None)
    if this:
        yield Opened("document_name.this_agreement", this.start("title"), this.end("title"))


def _title_line(head: str) -> tuple[int, int] | None:
    """The first line of the opening that is a title, with the lines in capitals just above that belong to it."""
    lines = [(match.start(), match.end(), match.group()) for match in _LINE.finditer(head)]
    for index, (start, end, raw) in enumerate(lines[:120]):
        words = raw.split()
        if not 1 <= len(words) <= 22 or not _TITLE_LINE.search(raw) or _NOT_TITLE.search(" ".join(words)):
            continue
        if not _is_capitalised(words) or (raw.rstrip().endswith((".", ";", ",")) and not raw.rstrip().endswith("INC.")):
            continue
        first = start
        if words[0].isupper():
            for above_start, above_end, above in reversed(lines[max(0, index - 2) : index]):
                joined = head[above_end:first].count("\n") <= (2 if _UNFINISHED.search(above) else 1)
                if not (
                    joined
                    and above.isupper()
                    and not _NOT_TITLE.search(" ".join(above.split()))
                    and len(above.split()) > 1
                ):
                    break
                first = above_start
        last = end
        if not _WHOLE.search(raw):
            for below_start, below_end, below in lines[index + 1 : index + 3]:
                near = head[last:below_start].count("\n") <= 2 and len(below.split()) <= 8
                if not near or not _is_capitalised(below.split()) or _NOT_TITLE.search(" ".join(below.split())):
                    break
                last = below_end
                if _WHOLE.search(below):
                    break
            else:
                last = end
            if not _WHOLE.search(head[end:last]):
                last = end
        left = len(head[first:last]) - len(head[first:last].lstrip())
        right = len(head[first:last].rstrip())
        return first + left, first + right
    return None


def _is_capitalised(words: list[str]) -> bool:
    letters = [word for word in words if word[:1].isalpha()]
    capital = [
        word
        for word in letters
        if word[0].isupper() or word.lower() in ("and", "of", "for", "the", "to", "in", "on", "with", "a", "an", "by")
    ]
    return bool(letters) and len(capital) == len(letters) and any(word[0].isupper() for word in letters)


def _parties(text: str) -> Iterator[Opened]:
    head = text[:OPENING_CHARS]
    named = from_preamble(head, 0)
    for party in named:
        yield Opened("parties.named", party.start, party.end)
        for alias in party.aliases:
            at = head.find(alias, party.end, party.end + 800)
            if at >= 0:
                yield Opened("parties.short_name", at, at + len(alias))
    if not named:
        between = _BETWEEN.search(head)
        if between:
            end = min(
                (head.find(mark, between.end()) for mark in ("\n\n", ". ") if head.find(mark, between.end()) > 0),
                default=len(head),
            )
            yield Opened("parties.between", between.end(), min(end, between.end() + 600))


def _dates(text: str) -> Iterator[Opened]:
    head = text[:OPENING_CHARS]
    found = False
    for hit in find_dates(head):
        before = head[max(0, hit.start - 110) : hit.start]
        if _OTHER_DATE.search(before) or "source:" in before[before.rfind("\n") + 1 :].lower():
            continue
        if _DATED.search(before):
            name = "agreement_date.dated" if hit.value is not None else "agreement_date.blank"
            yield Opened(name if not found else "agreement_date.another", hit.start, hit.end)
            found = True
        elif not found and hit.start < 1500:
            yield Opened("agreement_date.near_title", hit.start, hit.end)
    if found:
        return
    offset = max(OPENING_CHARS, len(text) - SIGNATURE_CHARS)
    for hit in find_dates(text[offset:]):
        before = text[max(offset, offset + hit.start - 110) : offset + hit.start]
        if _SIGNED.search(before) and hit.value is not None and not _OTHER_DATE.search(before):
            yield Opened("agreement_date.signed", offset + hit.start, offset + hit.end)


RULE_NAMES = (
    "document_name.title_line",
    "document_name.capitals",
    "document_name.this_agreement",
    "parties.named",
    "parties.short_name",
    "parties.between",
    "agreement_date.dated",
    "agreement_date.blank",
    "agreement_date.another",
    "agreement_date.near_title",
    "agreement_date.signed",
)
"""Every rule that ``read_opening`` may name."""

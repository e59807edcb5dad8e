"""Read the signature blocks of a contract: for which party, by whom, with which title, when, and whether a signature can be read.

``readable`` is about the text alone: "/s/ Name" or a name typed on the line. A blank line is "no readable signature", which says nothing
of whether the paper was signed.
"""

from __future__ import annotations

import re

from ..clauses import ClauseTree
from ..document import Document
from .party_names import PERSON, entities, is_company
from .types import Signature

MAX_BLOCK_CHARS = 20_000
_BY = re.compile(
    r"(?:^|(?<=\s))(?P<key>By|BY|by|Per|PER|Signed|SIGNED|Signature|SIGNATURE|Sign|Unterschrift|X)[ \t]{0,4}(?:\([^()\n]{0,30}\)[ \t]{0,3})?(?P<mark>:|(?=[ \t]*_{3,})|(?=[ \t]*/{1,2}[sS]/))[ \t]{0,6}(?P<value>(?:(?!\s(?:By|BY|Name|NAME|Title|TITLE)\s?:)[^\n]){0,120})",
    re.MULTILINE,
)
_SLASH_S = re.compile(r"/{1,2}[sS]/{1,2}[ \t]{0,6}(?P<value>[^\n]{0,100})")
_RULE = re.compile(r"^[ \t]*_{8,}[ \t]*$", re.MULTILINE)
_FIELD = re.compile(
    r"(?:^|(?<=\s))(?P<key>Name|NAME|Print(?:ed)?\s+[Nn]ame|PRINT(?:ED)?\s+NAME|Title|TITLE|Its|ITS|Position|Date[d]?|DATE[D]?)[ \t]{0,4}:[ \t]{0,6}(?P<value>(?:(?!\s(?:By|BY|Name|NAME|Title|TITLE|Date|DATE)\s?:)[^\n]){0,90})",
    re.MULTILINE,
)
_NEXT_KEY = re.compile(
    r"\s+(?:By|BY|Name|NAME|Title|TITLE|Its|ITS|Date|DATE|Dated|Position|Print(?:ed)?\s+[Nn]ame|Per|Signature)\s?:|\s/[sS]/|\s{3,}|\s*_{3,}|\t"
)
_BLANK = re.compile(r"^[\s_.\-–—/*\[\]●]*$")


def extract(document: Document, tree: ClauseTree) -> tuple[Signature, ...]:
    """The signature blocks in text order. ``party`` is the name above the line as written, empty where none stands there."""
    found: list[Signature] = []
    for start, end in _regions(document, tree):
        found += _blocks(document, tree, start, end)
    return tuple(sorted(found, key=lambda signature: signature.words.start))


def _regions(document: Document, tree: ClauseTree) -> list[tuple[int, int]]:
    regions = [
        (clause.start, min(tree.whole(clause)[1], clause.start + MAX_BLOCK_CHARS))
        for clause in tree.clauses
        if clause.kind == "signature"
    ]
    if not regions:
        for part in tree.parts[:1]:
            lines = list(_SLASH_S.finditer(document.text, max(part.start, part.end - 6000), part.end))
            lines += [
                m
                for m in _BY.finditer(document.text, max(part.start, part.end - 6000), part.end)
                if _BLANK.match(m["value"][:40])
            ]
            if lines:
                regions.append((max(part.start, min(m.start() for m in lines) - 200), part.end))
    return regions


def _blocks(document: Document, tree: ClauseTree, start: int, end: int) -> list[Signature]:
    text = document.text
    marks: dict[int, tuple[int, str, bool]] = {}
    for match in _BY.finditer(text, start, end):
        if match["key"].lower() in ("signed", "sign", "x") and match["mark"] != ":":
            continue
        if match["key"].lower() == "by" and text[
            max(start, match.start() - 24) : match.start()
        ].rstrip().lower().endswith(("made", "agreed", "executed", "signed", "owned", "entered", "prepared")):
            continue
        value = _value(match["value"])
        marks[match.start()] = (match.start("value") + len(match["value"]), value, True)
    for match in _SLASH_S.finditer(text, start, end):
        if not any(at <= match.start() < stop for at, (stop, _, _) in marks.items()):
            marks[match.start()] = (match.end(), "/s/ " + _value(match["value"]), True)
    for match in _RULE.finditer(text, start, end):
        if not any(at <= match.start() <= stop + 1 for at, (stop, _, _) in marks.items()):
            marks[match.start()] = (match.end(), "", False)
    found: list[Signature] = []
    order = sorted(marks)
    for index, at in enumerate(order):
        stop, value, _ = marks[at]
        limit = min(order[index + 1] if index + 1 < len(order) else end, at + 700)
        fields = {_key(m["key"]): _value(m["value"]) for m in reversed(list(_FIELD.finditer(text, at, limit)))}
        slashed = re.match(r"/{1,2}[sS]/{1,2}\s*(.*)", value)
        written = (slashed[1] if slashed else value).strip(" _.")
        signer = _person(fields.get("name", "")) or _person(written) or _name_below(text, stop, limit)
        readable = bool(slashed) or bool(_person(written))
        above_from = marks[order[index - 1]][0] if index else start
        party = _party_above(text, max(above_from, at - 500), at)
        clause = tree.at(at)
        last = max([stop, *(m.end() for m in _FIELD.finditer(text, at, limit))])
        found.append(
            Signature(
                words=document.words(at, min(last, limit) if last > at else stop),
                clause=clause.index if clause else None,
                confidence=0.9 if party and (signer or readable) else 0.7,
                party=party,
                signer=signer,
                title=fields.get("title", ""),
                date=fields.get("date", ""),
                readable=readable,
            )
        )
    return found


def _key(key: str) -> str:
    key = key.lower()
    return "name" if "name" in key else "title" if key in ("title", "its", "position") else "date"


def _value(raw: str) -> str:
    """What stands on the line, up to the next key or the next column."""
    lead = len(raw) - len(raw.lstrip())
    stop = _NEXT_KEY.search(raw, lead + (3 if raw[lead : lead + 3].lower() == "/s/" else 0))
    value = (raw[: stop.start()] if stop else raw).strip(" \t|")
    return "" if _BLANK.match(value) else value


def _person(words: str) -> str:
    """The person's name with which ``words`` begin; empty where they begin with anything else."""
    words = re.sub(r"\s*(?:-{2,}|_{2,}|={2,}).*", "", words).strip()
    match = PERSON.match(words)
    if (
        not match
        or is_company(words[: match.end() + 12])
        or re.match(r"(?i)(?:title|name|date|by|its|party|authori[sz]ed|the)\b", words)
    ):
        return ""
    tokens = match[0].split()
    half = len(tokens) // 2
    return " ".join(tokens[:half] if half >= 2 and tokens[:half] == tokens[half:] else tokens)


def _name_below(text: str, start: int, end: int) -> str:
    """A name typed under the line, alone or before a comma and a title."""
    for line in re.findall(r"[^\n]+", text[start:end])[:2]:
        words = line.strip(" _\t")
        match = PERSON.match(words)
        if match and (match.end() == len(words) or words[match.end()] in ",(") and (person := _person(words)):
            return person
    return ""


def _party_above(text: str, start: int, end: int) -> str:
    """The last company or bare name that stands above the line."""
    lines = [line.strip(" \t_:|,*-–") for line in re.findall(r"[^\n]+", text[start:end])]
    for line in reversed(lines[-8:]):
        line = re.sub(
            r"^(?:(?:for|For|FOR)\s+(?:and\s+on\s+behalf\s+of\s+)?|(?:AGREED|Agreed|ACCEPTED|Accepted)[\w\s]{0,30}:\s*|[A-Z][A-Za-z ]{2,20}:\s*(?=[A-Z]))",
            "",
            line,
        )
        entity = next((line[a:b] for a, b in entities(line) if is_company(line[a:b])), None)
        if entity:
            capitals = re.search(
                r"(?:[A-Z][A-Z0-9&.,'’-]+\s+)+[A-Z][A-Z.,]+$", entity
            )  # "Vice President ACME TOOLS LLC"
            return " ".join((capitals[0] if capitals else entity).split())
    for line in reversed(lines[-3:]):
        if (
            3 <= len(line) <= 60
            and line.isupper()
            and not re.search(r"(?i)witness|signature|agreed|executed|by\b|date|name|title|page", line)
        ):
            return " ".join(line.split())
    return ""

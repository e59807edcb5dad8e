"""Resolve the cross-references of a contract: to its own clauses and parts, to documents it leans on but does not hold, to statutes.

``finance/clauses.segment`` calls ``resolve``; ``numbering_note`` says when too few references resolve for a missing one to mean anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from .clauses import Clause, ClauseTree, Definition, Reference
from .document import Document
from .labels import path_key, roman

UNDERSTOOD_SHARE = 0.8
_NUMBER = r"(?:\d{1,3}(?:\.\d{1,3}){0,5}[A-Z]?(?![\d-]*\d)|[IVXLC]{1,8}\b|[A-Z]\b)(?:\s?\([A-Za-z0-9]{1,5}\)){0,5}|\((?:[A-Za-z]|[ivxlc]{1,6}|\d{1,2})\)(?:\([A-Za-z0-9]{1,5}\)){0,4}"
_JOIN = r"(?:\s*,\s*(?:and\s+|or\s+|and/or\s+)?|\s+(?:and|or|to|through|and/or|und|bis)\s+|\s*[–-]\s*|\s*&\s*|\s+(?:through|to)\s+and\s+including\s+)"
_SECTION = re.compile(
    rf"(?P<word>\b(?i:sub-?sections?|sections?|sec\.|articles?|sub-?clauses?|clauses?|sub-?paragraphs?|paragraphs?|ziffern?|artikel)|§§?)\s?(?P<numbers>(?:{_NUMBER})(?:{_JOIN}(?:{_NUMBER}))*)"
)
_PART = re.compile(
    r"(?P<word>\b(?:Exhibits?|EXHIBITS?|Schedules?|SCHEDULES?|Annex(?:es)?|ANNEX(?:ES)?|Annexes?|Appendix|Appendices|APPENDIX|Attachments?|ATTACHMENTS?|Anlagen?))\s+"
    r"(?P<numbers>[\"“]?(?:[A-Z]{1,2}(?:[-.]?\d{1,2})?|\d{1,2}(?:\.\d{1,2}(?:\([a-z]\))?)?(?:-?[A-Z0-9])?|[IVX]{1,5})\b[\"”]?"
    r"(?:(?:\s*,\s*(?:and\s+|or\s+)?|\s+(?:and|or|through|to)\s+)[\"“]?(?:[A-Z]{1,2}(?:[-.]?\d{1,2})?|\d{1,2}(?:\.\d{1,2})?|[IVX]{1,5})\b[\"”]?)*)"
)
_THIS = re.compile(r"\bthis (?P<word>Section|Article|Clause|Paragraph|Exhibit|Schedule|Annex)\b(?!\s*[\dIVX(])")
_STATUTE_AFTER = re.compile(
    r"\s*,?\s*(?:of|under|to|in)\s+(?:the|that|such|said|Title|title)?\s*(?:[\w.&'’-]+\s+){0,8}?(?:Code|[Aa]cts?|Laws?|Rules?|Regulations?|Statutes?|Ordinance|Directive|"
    r"[Rr]ules|[Rr]egulations|laws|statutes?|GDPR|Treaty|Constitution|UCC|U\.?S\.?C\.?|C\.?F\.?R\.?|ERISA|FDCA|Convention|BGB|HGB)\b"
)
_STATUTE_BEFORE = re.compile(
    r"(?:\b(?:Code|Act|Law|Rules?|Reg(?:ulation)?s?\.?|U\.?S\.?C\.?A?\.?|C\.?F\.?R\.?|UCC|U\.C\.C\.|IRC|Stat\.?|Statutes?|ERISA|Ann\.?|Procedure|GDPR|DSGVO|BGB)[,.]?|\bTitle\s+\d+,?)\s*$"
)
_OTHER_DOCUMENT = re.compile(
    r"\s*(?:,|\([^()]{0,40}\))?\s*(?:of|to|in|under)\s+(?P<which>the|that certain|such|said|an?|each|its|your|this|these|Annex|Exhibit|Schedule|Appendix|Attachment|EXHIBIT|SCHEDULE)\s+(?P<name>[^\n,.;()]{1,90})"
)
_AGREEMENT_NAME = re.compile(
    r"(?P<name>(?:[A-Z][\w&'’/-]*\s+(?:(?:of|and|for|to|on)\s+)?){0,6}(?:Agreements?|Contracts?|Lease|Plan|Indenture|Guaranty|Notes?|Polic(?:y|ies)|Manual|Guidelines|Addendum|Protocol|Charter|Bylaws|Deed|Order Form|Statement of Work|SOW|Certificate|Trust|Prospectus|MSA))\b"
)
_DATED_DOCUMENT = re.compile(
    r"\b(?:the|that certain|a certain|an?|those certain)\s+(?P<name>(?:[A-Z][\w&'’/-]*\s+(?:(?:of|and|for|to)\s+)?){1,7}(?:Agreement|Contract|Lease|Plan|Indenture|Guaranty|Note|Addendum|Deed))\b"
    r"(?=,?\s+(?:\([^()]{0,60}\),?\s+)?(?:,\s*)?(?:dated|made|entered\s+into|effective|executed|by\s+and\s+(?:between|among)|between|among)\b)"
)
_URL = re.compile(r"(?:https?://|www\.)[^\s<>()\"“”]{4,200}")
_INCORPORATED = re.compile(
    r"(?i)incorporat|made\s+(?:a\s+)?part|forms?\s+(?:an?\s+)?(?:integral\s+)?part|attached|annexed|subject\s+to\s+the\s+terms|governed\s+by\s+the\s+terms|agree\s+to\s+(?:be\s+bound|comply)"
)
_STATUTE_NAME = re.compile(
    r"\b(?P<name>(?:[A-Z][\w&'’-]*\s+(?:(?:and|of|on|for|to|in|the)\s+){0,2}){1,7}(?:Act|Code|Regulation|Directive|Convention)(?:\s+of\s+(?:1[89]|20)\d\d)?)\b"
)


def resolve(document: Document, tree: ClauseTree, definitions: Sequence[Definition]) -> tuple[Reference, ...]:
    """The references of ``document`` in text order, each with where it leads.

    A section that the file should hold and does not is ``dangling``; an exhibit or agreement that it leans on and does not hold is
    ``not_supplied``. References to clauses within a sentence ("clause (i)") that are not found are left out: they are no evidence of a gap.
    """
    index = _Index(document, tree, definitions)
    found = [*_sections(index), *_parts(index), *_these(index), *_documents(index), *_statutes(index)]
    found.sort(key=lambda reference: (reference.start, -reference.end))
    kept: list[Reference] = []
    for reference in found:
        if kept and reference.start < kept[-1].end and reference.status in ("external", "not_supplied"):
            continue
        kept.append(reference)
    return tuple(kept)


def numbering_note(tree: ClauseTree) -> str:
    """A sentence when the file's numbering was not understood, so that dangling references mean nothing; empty when it was."""
    inside = [r for r in tree.references if r.status in ("resolved", "dangling") and r.part is None]
    resolved = sum(r.status == "resolved" for r in inside)
    if not inside or resolved >= UNDERSTOOD_SHARE * len(inside):
        return ""
    return f"The numbering of this file was not understood: {resolved} of {len(inside)} references to its own clauses lead somewhere."


_ITEM = re.compile(
    r"(?<![Cc]lause )(?<![Cc]lauses )(?<!aragraph )(?<!aragraphs )(?<!ection )(?<!ections )(?<![\w)])"
    r"(?:\(|(?<=\s))([A-Za-z]{1,5}|\d{1,2})[.)]\s+(?!(?:above|below|of|and|or|hereof|through|to|shall|is|are)\b)[\w\"“(\[]"
)


class _Index:
    """The clauses of a tree by key, and what the document calls itself."""

    def __init__(self, document: Document, tree: ClauseTree, definitions: Sequence[Definition]) -> None:
        self.text = document.text
        self.tree = tree
        self.by_key: dict[tuple[int, tuple[str, ...]], int] = {}
        self.articles: dict[tuple[int, str], int] = {}
        self.spans: dict[tuple[int, str], bool] = {}
        self.depths: dict[tuple[int, str], int] = {}
        for clause in tree.clauses:
            if clause.kind not in ("clause", "recitals") or not clause.path:
                continue
            key = path_key(clause.path)
            if re.match(r"(?i)art|第.*[条條]", clause.number) and len(key) == 1:
                self.articles.setdefault((clause.part, key[0]), clause.index)
            if clause.kind == "clause":
                self.by_key.setdefault((clause.part, key), clause.index)
        self.parts: dict[str, int] = {}
        for part in tree.parts:
            match = (
                re.match(
                    r"(?i)(exhibit|schedule|annexe?|appendix|attachment|anlage)\W*(?:no\.?\s*)?([A-Z0-9.-]*)",
                    part.title,
                )
                if part.kind != "body"
                else None
            )
            if match:
                self.parts.setdefault(_part_key(match[1], match[2]), part.index)
        own = {part.title.lower() for part in tree.parts if part.kind == "body"}
        own |= {"agreement", "contract", "lease", "terms", "amendment", "letter agreement", "addendum", "policy"}
        self.own = own
        self.defined = {definition.term for definition in definitions}
        title_words = " ".join(part.title.lower() for part in tree.parts if part.kind == "body")
        self.title = title_words

    def part_of(self, position: int) -> int:
        clause = self.tree.at(position)
        return clause.part if clause else 0

    def find(self, key: tuple[str, ...], part: int) -> int | None:
        """The clause with ``key`` in ``part``, else in the body, else one that holds its last items within its text."""
        for where in dict.fromkeys((part, 0)):
            for length in range(len(key), 0, -1):
                at = self.by_key.get((where, key[:length]))
                if at is None and length == 1:
                    at = self.articles.get((where, key[0]))
                if at is not None:
                    rest = key[length:]
                    if not rest or all(self._holds(at, token) for token in rest) or not self._lists(at, rest[0]):
                        return at
                    break
        return None

    def _lists(self, at: int, token: str) -> bool:
        """Whether the clause shows a list of items like ``token``, so that one missing from it is truly missing."""
        clause = self.tree.clauses[at]
        numbered = 0
        for index in range(at + 1, min(len(self.tree.clauses), at + 200)):
            below = self.tree.clauses[index]
            if below.level <= clause.level or below.part != clause.part:
                break
            last = path_key(below.path)[-1:]  # of "9.2" the "2", of "(b)" the "b"
            if below.parent == at and last and last[0].isdecimal() == token.isdecimal():
                numbered += 1
        return numbered >= 2

    def _holds(self, at: int, token: str) -> bool:
        """Whether the clause's words show an item "(a)" or "a)"."""
        known = self.spans.get((at, token))
        if known is None:
            start, end = self.tree.whole(self.tree.clauses[at])
            words = self.text[start : min(end, start + 60_000)]
            known = any(match[1].lower() == token for match in _ITEM.finditer(words))
            self.spans[at, token] = known
        return known


def _part_key(word: str, label: str) -> str:
    word = re.sub(
        r"(?i)^(exhibit|schedule|annex|appendix|attachment|anlage).*",
        r"\1",
        word.lower().replace("appendices", "appendix"),
    )
    label = label.strip(" .\"“”'").lower()
    value = roman(label) if len(label) > 1 or label in ("i", "v", "x") else None
    return f"{word} {value if value else label}"


def _numbers(match: re.Match[str], pattern: str) -> Iterator[tuple[str, int, int]]:
    offset = match.start("numbers")
    for number in re.finditer(pattern, match["numbers"]):
        yield number[0], offset + number.start(), offset + number.end()


def _sections(index: _Index) -> Iterator[Reference]:
    text = index.text
    labels = {clause.start for clause in index.tree.clauses}
    for match in _SECTION.finditer(text):
        start, end = match.span()
        word = match["word"].lower()
        before, after = text[max(0, start - 60) : start], text[end : end + 140]
        clause = index.tree.at(start)
        heading = match["word"].isupper() and len(match["word"]) > 2 and re.match(r"[\s.:–—-]{1,4}[A-Z]{3,}", after)
        if start in labels or clause is None or clause.kind == "contents" or heading:
            continue  # the number of a clause, here or in a table of contents
        status = _elsewhere(index, before, after)
        first = True
        for number, left, right in _numbers(match, _NUMBER):
            target = f"{match['word']} {number}" if not first else text[start:right]
            begin = start if first else left
            first = False
            if status:
                yield Reference(" ".join(target.split()), begin, right, status)
                continue
            part, absent = _named_part(index, after)
            if absent:
                yield Reference(" ".join(target.split()), begin, right, "not_supplied")
                continue
            found = _find_section(index, word, number, clause.part if part is None else part, start)
            if found is not None:
                yield Reference(" ".join(target.split()), begin, right, "resolved", clause=found)
            elif (
                number.startswith("(")
                or (number.isalpha() and len(number) == 1)
                or word.startswith(("paragraph", "sub"))
            ):
                continue
            elif re.match(r"\d{3}|\d+[A-Z]|\d+\.\d{3}", number) or re.match(r"\s?[-–.]\s?\d", text[right : right + 4]):
                yield Reference(" ".join(target.split()), begin, right, "external")
            else:
                yield Reference(" ".join(target.split()), begin, right, "dangling")


def _find_section(index: _Index, word: str, number: str, part: int, position: int) -> int | None:
    number = number.replace(" ", "")
    key = path_key(number)
    if not key:
        return None
    if word.startswith(("art", "§")) or re.fullmatch(r"[IVXLC]+", number):
        value = str(roman(key[0]) or key[0]) if key[0].isalpha() else key[0]
        at = index.articles.get((part, value), index.articles.get((0, value)))
        if at is not None and word.startswith("art") and len(key) == 1:
            return at
        found = index.find((value, *key[1:]), part)
        if found is not None:
            return found
    found = index.find(key, part) if not number.startswith("(") else None
    if found is not None:
        return found
    return _relative(index, key, position)


def _relative(index: _Index, key: tuple[str, ...], position: int) -> int | None:
    """A number told from where it is used: "paragraph (b)" of the same clause, "Section 2" of the same article."""
    clause: Clause | None = index.tree.at(position)
    for _ in range(12):
        if clause is None:
            return None
        at = index.by_key.get((clause.part, (*path_key(clause.path), *key)))
        if at is not None:
            return at
        if not key[0].isdecimal() and index._holds(clause.index, key[0]):
            return clause.index
        clause = index.tree.clauses[clause.parent] if clause.parent is not None else None
    return None


def _elsewhere(index: _Index, before: str, after: str):  # -> Literal["external", "not_supplied"] | None
    """Whether words around a number say that it belongs to a statute or to another document."""
    if _STATUTE_BEFORE.search(before) or _STATUTE_AFTER.match(after):
        return "external"
    if re.match(r"\s*(?:,|\([^()]{0,40}\))?\s*thereof\b", after):
        return "not_supplied"
    other = _OTHER_DOCUMENT.match(after)
    if not other or other["which"].lower() in (
        "this",
        "these",
        "annex",
        "exhibit",
        "schedule",
        "appendix",
        "attachment",
    ):
        return None
    name = _AGREEMENT_NAME.match(other["name"]) or re.match(
        r"(?P<name>[A-Z\d][\w&'’/-]*(?:\s+[A-Z][\w&'’/-]*){0,6})", other["name"]
    )
    if not name:
        return None
    called = " ".join(name["name"].split()).lower()
    if called in index.own or called.rstrip("s") in index.own or (called in index.title and len(called) > 8):
        return None
    return "not_supplied"


def _named_part(index: _Index, after: str) -> tuple[int | None, bool]:
    """The part that the words after a number name ("of Exhibit B"), and whether they name one that is not here."""
    match = re.match(
        r"\s*(?:of|to|in|,)\s+(?:the\s+|this\s+)?(Annex|Exhibit|Schedule|Appendix|Attachment)\s+[\"“]?([A-Z0-9.-]{1,5})",
        after,
    )
    part = index.parts.get(_part_key(match[1], match[2])) if match else None
    return part, match is not None and part is None


def _parts(index: _Index) -> Iterator[Reference]:
    text = index.text
    heads = {part.start for part in index.tree.parts}
    for match in _PART.finditer(text):
        start, end = match.span()
        clause = index.tree.at(start)
        if start in heads or clause is None or clause.kind == "contents":
            continue
        part_start = index.tree.parts[clause.part].start
        if start - part_start < 60 and text[part_start:start].strip(' \n\t"“*_[(') == "":
            continue  # the part's own heading
        if start < 60 and match["numbers"][0].isdigit():
            continue  # the number the file was filed under
        other = _elsewhere(index, "", text[end : end + 140])
        sentence = text[max(0, start - 160) : end + 160]
        first = True
        for label, left, right in _numbers(match, r"[A-Z0-9]+(?:[-.][A-Z0-9]+)*"):
            begin = start if first else left
            target = text[start:right] if first else f"{match['word'].rstrip('s')} {label}"
            first = False
            part = index.parts.get(
                _part_key(
                    match["word"].rstrip("s") if not match["word"].lower().endswith(("annexes",)) else "annex", label
                )
            )
            if other:
                yield Reference(" ".join(target.split()), begin, right, other)
            elif part is not None:
                yield Reference(" ".join(target.split()), begin, right, "resolved", part=part)
            else:
                yield Reference(
                    " ".join(target.split()),
                    begin,
                    right,
                    "not_supplied",
                    incorporated=bool(_INCORPORATED.search(sentence)),
                )


def _these(index: _Index) -> Iterator[Reference]:
    """ "this Section": the clause it stands in."""
    for match in _THIS.finditer(index.text):
        clause = index.tree.at(match.start())
        if clause is None:
            continue
        if match["word"] in ("Exhibit", "Schedule", "Annex"):
            yield Reference(match[0], match.start(), match.end(), "resolved", part=clause.part)
            continue
        while clause.level > 2 and clause.parent is not None and re.match(r"\W|[a-z]", clause.number):
            clause = index.tree.clauses[clause.parent]
        yield Reference(match[0], match.start(), match.end(), "resolved", clause=clause.index)


def _documents(index: _Index) -> Iterator[Reference]:
    """Other agreements named with their date or parties, and terms at an address on the web."""
    seen: set[str] = set()
    for match in _DATED_DOCUMENT.finditer(index.text):
        name = " ".join(match["name"].split())
        if name.lower() in index.own or name.lower() in index.title or name in seen:
            continue
        seen.add(name)
        sentence = index.text[max(0, match.start() - 200) : match.end() + 200]
        dated = re.match(
            r",?\s+(?:\([^()]{0,60}\),?\s+)?dated\s+(?:as\s+of\s+)?[\w ,]{4,30}?\d{4}",
            index.text[match.end() : match.end() + 120],
        )
        end = match.end() + (dated.end() if dated else 0)
        target = " ".join(index.text[match.start() : end].split())
        yield Reference(target, match.start(), end, "not_supplied", incorporated=bool(_INCORPORATED.search(sentence)))
    for match in _URL.finditer(index.text):
        url = match[0].rstrip(".,;:)")
        sentence = index.text[max(0, match.start() - 200) : match.end() + 60]
        if url not in seen and re.search(
            r"(?i)\b(?:polic|terms|guideline|agreement|conditions|rules|schedule|description)", sentence
        ):
            seen.add(url)
            yield Reference(
                url,
                match.start(),
                match.start() + len(url),
                "not_supplied",
                incorporated=bool(_INCORPORATED.search(sentence)),
            )


def _statutes(index: _Index) -> Iterator[Reference]:
    """Statutes by name, each once."""
    seen: set[str] = set()
    for match in _STATUTE_NAME.finditer(index.text):
        name = re.sub(r"^(?:The|This|Any|Each|All|Under|In|If|For|No)\s+", "", " ".join(match["name"].split()))
        if name.lower() in seen or len(name.split()) < 2 or name in ("Force Majeure Act",) or name.isupper():
            continue
        seen.add(name.lower())
        yield Reference(name, match.end() - len(match["name"].rstrip()), match.end(), "external")

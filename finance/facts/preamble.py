"""Read the names of the parties and their short names from the opening of a contract. ``parties.py`` makes parties of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from .party_names import PERSON, entities, is_company, leading_name, legal_form

_BETWEEN = re.compile(
    r"(?i)\b(?:by\s+and\s+(?:between|among|amongst)|(?:between|among|amongst|zwischen)\b(?:\s+and\s+among)?|B\s?E\s?T\s?W\s?E\s?E\s?N)\b\s*:?"
    r"|^\W{0,4}(?:the\s+)?part(?:ies|y)\b\s*:?\s*$|\bparties\s+to\s+this\s+\w+\s+are\b\s*:?",
    re.MULTILINE,
)
_MADE_BY = re.compile(
    r"(?i)\b(?:agreement|contract|lease|amendment)\b[^.]{0,200}?\b(?:is\s+made|made|entered\s+into|effective|dated)\b[^.]{0,120}?\b(?:by|with|from)\s+"
)
_TAIL = re.compile(
    r"(?<![A-Z]|c|d|p|o)[.;:](?=\s)|\n\s*\n(?=[A-Z1]\W)|(?i:\bwhereas\b|\bwitnesseth\b|\brecitals\b|table of contents)|(?=\sThe\s+effective)"
)
_BRACKET = re.compile(r"\((?P<inside>[^()]{0,300}(?:\([^()]{0,60}\)[^()]{0,120})?)\)")
_QUOTED = re.compile(
    r"[\"“”„«]\s?([^\"“”„«»\n]{1,60}?)[,.;]?\s?[\"“”»]|(?<![\w])[‘'`]{1,2}([A-Za-z][^'‘’`\n]{0,40}?)[’'`]{1,2}(?!\w)"
)
_CALLED = re.compile(
    r"(?i),?\s{0,3}(?:and\s{1,3})?(?:hereinafter|hereafter|herein|henceforth)\s{0,3},?\s{0,3}(?:collectively\s+|individually\s+|jointly\s+)?"
    r"(?:(?:also\s+)?(?:referred\s+to(?:\s+(?:herein|hereafter|as|collectively))*|called|known|designated|described|styled)\s*(?:as\s+)?)?(?:the\s+)?(?=[\"“„])"
    r"|,?\s{0,3}(?:collectively\s+)?referred\s+to\s+(?:(?:herein|hereinafter|hereafter|in\s+this\s+\w+)\s+)?as\s+(?:the\s+)?(?=[\"“„])"
)
_BARE_ALIAS = re.compile(
    r"^(?:(?:hereinafter|hereafter|referred to as|called|the|as)\s+)*(?P<alias>[A-Z][A-Za-z&.-]{1,24}(?:\s[A-Z][A-Za-z&.-]{1,20})?)$"
)
_NO_PARTY = re.compile(
    r"(?i)^(?:this\s+|the\s+|such\s+)?(?:[\w&'’/-]+\s+){0,5}?(?:agreements?|contract|lease|amendment|date|term|terms|act|territory|products?|services?|plan|program|note|site|website|"
    r"software|premises|property|business|technology|trademarks?|marks?|transactions?|orders?|order forms?|letter|addendum|exhibit|msa|nda|sow|schedule|facility|project|shares|stock|securities|"
    r"purpose|system|patents?|recitals|board|loan|event|confidential information|content|work|deed|policy|guarantee|statement|indenture|warrant|offering|merger|operation|prc|sec|fda|fcc|fdic|fee|"
    r"options|attachments?|session|items|signage|proceeds|accounts|supplement|form|mou|nbfc|venture|closing|state)$"
)
_PARTY_LETTER = re.compile(
    r"\b(Party\s[A-F]|PARTY\s[A-F]|[甲乙丙]方)\s?(?:\([^()]{0,60}\))?\s?[:：]\s?(?:Name\s?:\s?)?"
)
_SHARED = re.compile(
    r"(?i)^(?:the\s+|each\s+an?\s+|an?\s+)?(?:part(?:y|ies)|both parties|parties hereto|contracting part(?:y|ies)|members?|stockholders?|shareholders?|filers?|reporting persons?|joint filers?)$"
)
_NO_NAME = re.compile(
    r"(?i)(?:effective|dated|this|each|whereas|ladies|gentlemen|witnesseth|table\s+of|article|section|exhibit|schedule|recitals|background|there|address|contact|by|name|title|now|it|in|for|"
    r"(?:[A-Z]\s){3,}|contract\s+no|between|to\s+the|on\s+behalf|as|the\s+following|general\s+terms|whereby|when|if|no|execution|confidential|page|\d{1,2}\.\s|[a-z]\.\s|recitals|agreement|signature|"
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december)\s+\d|(?:19|20)\d\d|part(?:y|ies))(?:\b|$)"
)
_DATED = re.compile(r"(?i)\b(?:(?:19|20)\d\d|\[[\s●*_.]*\])\W{0,3}$|\bdate\b[^,]{0,20}$|agreement\W{0,3}$")
_SPLIT = re.compile(
    r"(?:[,;]?\s{1,3}(?:and|AND)\s{1,3}(?:(?:by|between)\s{1,3})?|;\s{1,3}|\n\s{0,3}(?=\(?\d{1,2}[.)]\s)|\n{1,3}\s{0,3}-?\s{0,3}(?i:and)\s{0,3}-?\s{0,3}:?\s{0,3}\n{0,3}|\n\n)"
)
_PLACE_BEFORE = re.compile(r"\b(?:of|in|at)\s+(?:the\s+)?[A-Z]\w+\s*$")
_SENTENCE = re.compile(r"[\w)\"”]\.\s+[A-Z]\w")
_ABBREVIATION = re.compile(r"\b(?:Inc|Corp|Ltd|Co|No|St|Ave|Blvd|Rd|Dr|Mr|Ms|Suite|Bldg|Pty|Pte|[A-Z])\.")


@dataclass(slots=True)
class Named:
    """A party as named: ``about`` are the words that describe it ("a Delaware corporation ..."), ``aliases`` its short names."""

    name: str
    start: int
    end: int
    about: str
    aliases: list[str] = field(default_factory=list)
    confidence: float = 0.9


MAX_SECOND_NAME_DISTANCE = 40
_OF_SEVERAL = re.compile(r"\b(?:collectively|together|each|singularly|jointly)\b", re.I)
_REGULATOR = re.compile(
    r"\bExchange\s+Commission$|\bInternal\s+Revenue\s+Service$|\bPatent\s+and\s+Trademark\s+Office$"
)


def is_no_party(name: str) -> bool:
    """Whether a name or short name is one that contracts give to things: the agreement, a date, the products."""
    return bool(
        _NO_PARTY.match(name)
        or _REGULATOR.search(name)
        or _NO_NAME.match(name)
        or re.search(r"\bAgreements?\b|\bAGREEMENT\b|\.{4,}", name)
    )


def from_preamble(opening: str, offset: int) -> list[Named]:
    """The best reading of the opening over the places where the names could begin; ``offset`` is where it stands in the document."""
    best = _lettered(opening, offset)
    for anchor in dict.fromkeys(_anchors(opening)):
        found = _from_anchor(opening, offset, anchor)
        if _worth(found) > _worth(best):
            best = found
        if sum(bool(item.aliases) for item in best) >= 2:
            break
    sure = [item for item in best if item.aliases or is_company(item.name)]
    return sure if len(sure) >= 2 else [item for item in best if item in sure or PERSON.fullmatch(item.name)]


def _lettered(opening: str, offset: int) -> list[Named]:
    """Parties told by a letter before the name: "Party A: Acme Co., Ltd."."""
    found: list[Named] = []
    for match in _PARTY_LETTER.finditer(opening):
        name = leading_name(opening[match.end() : match.end() + 300])
        if name:
            left, right = match.end() + name[0], match.end() + name[1]
            words = " ".join(opening[left:right].split())
            if len(words) >= 2 and not is_no_party(words):
                found.append(
                    Named(
                        words, offset + left, offset + right, opening[right : right + 200], [" ".join(match[1].split())]
                    )
                )
    return found


def _worth(found: Sequence[Named]) -> float:
    """How much a reading looks like a preamble: parties that have short names count most."""
    return sum(3.0 if item.aliases else 1.0 if is_company(item.name) else 0.2 for item in found)


def _anchors(opening: str) -> list[int]:
    """Where the names may begin: after each "between", after "made by" or "with", at the very start and at the first paragraphs."""
    found = [match.end() for match in _BETWEEN.finditer(opening)][:8]
    found += [match.end() for match in _MADE_BY.finditer(opening)][:3]
    if _QUOTED.search(opening):
        found += [0, *(match.end() for match in list(re.finditer(r"\n\n", opening[:3000]))[:20])]
    return found


def _from_anchor(opening: str, offset: int, anchor: int) -> list[Named]:
    found: list[Named] = []
    position = anchor
    shared: list[str] = []
    for start, end, terms in _namings(opening, anchor):
        segment = opening[position:start]
        if len(found) >= 2 and _SENTENCE.search(_ABBREVIATION.sub("", segment)):
            break
        own = [term for term in terms if not _NO_PARTY.match(term) and not _SHARED.match(term)]
        together = [term for term in terms if _SHARED.match(term)]
        if together and not own:
            shared += [term for term in together if not re.match(r"(?i)(?:the\s+|each\s+|an?\s+)*(?:part|both)", term)]
            if segment.strip(" ,.;") and len(segment) < 1500:
                found += _unnamed(segment, offset + position)
            position = end
            continue
        if not own or (_DATED.search(segment[-60:]) and not is_company(segment[-60:])):
            continue
        addressed = next((term for term in own if term.lower() in ("you", "your")), "")
        new = _named(segment, offset + position, own)
        if addressed and found and len(segment) < 600 and not _names_somebody(new):
            at = offset + opening.index(addressed, start)
            found.append(
                Named(
                    "you",
                    at,
                    at + len(addressed),
                    segment,
                    [term for term in own if term.lower() not in ("you", "your")],
                )
            )
            position = end
            continue
        if new:
            if found:
                found[-1].about += segment[: max(0, new[0].start - offset - position)]
            found += new
        elif found and len(segment) < 300 and next(entities(segment), None) is None:
            # what stands further on, or is said of several, is another thing's name: "messages (\"Online Messages\")"
            if not found[-1].aliases or (
                len(segment.strip()) <= MAX_SECOND_NAME_DISTANCE and not _OF_SEVERAL.search(opening[start:end])
            ):
                found[-1].aliases += own
            found[-1].about += segment
        elif not found and len(segment) > 300:
            break
        position = end
    tail = _TAIL.split(opening[position : position + 700], maxsplit=1)[0]
    if len(found) < 2 or re.match(r"\W{0,3}(?:and|AND)\s", tail):
        more = [item for item in _unnamed(tail, offset + position) if is_company(item.name) or len(found) < 2]
        found += more[: 1 if found else 2]
    if found and not found[-1].about:
        found[-1].about = tail
    for item in found:
        item.aliases += shared[:2] if len(found) > 1 and not item.aliases else []
    return found


def _names_somebody(named: Sequence[Named]) -> bool:
    """Whether a company or a person by name bears the short names: "Acme, Inc. (\"you\")" is Acme, not whoever reads the terms."""
    return bool(named) and (is_company(named[-1].name) or PERSON.fullmatch(named[-1].name) is not None)


def _namings(opening: str, start: int) -> list[tuple[int, int, list[str]]]:
    """Each place that gives short names: (start, end, names), brackets and "hereinafter called" alike."""
    found: list[tuple[int, int, list[str]]] = []
    for match in _BRACKET.finditer(opening, start):
        terms = [" ".join((a or b).split()).strip(" ,.;") for a, b in _QUOTED.findall(match["inside"])]
        if not terms:
            bare = _BARE_ALIAS.match(match["inside"].strip())
            before = opening[max(0, match.start() - 40) : match.start()]
            if (
                not bare
                or not (is_company(before) or "hereinafter" in match["inside"].lower())
                or legal_form(bare["alias"])
            ):
                continue
            terms = [bare["alias"]]
        found.append(
            (
                match.start(),
                match.end(),
                [re.sub(r"^(?:the|The|THE|a|an)\s+(?=\w)", "", term) for term in terms if term],
            )
        )
    covered = list(found)
    for match in _CALLED.finditer(opening, start):
        if any(a <= match.start() < b for a, b, _ in covered):
            continue
        terms: list[str] = []
        position = match.end()
        while (quoted := _QUOTED.match(opening, position)) and len(terms) < 4:
            terms.append(" ".join((quoted[1] or quoted[2]).split()))
            position = quoted.end()
            joined = re.match(
                r"\s{0,3}(?:,|or|and|,\s?(?:or|and))\s{1,3}(?:the\s+)?(?=[\"“])", opening[position : position + 20]
            )
            if not joined:
                break
            position += joined.end()
        if terms:
            found.append((match.start(), position, terms))
    return sorted(found)


def _named(segment: str, offset: int, aliases: list[str]) -> list[Named]:
    """The parties of a segment that ends in short names: the last one bears them, earlier ones have none."""
    pieces = _unnamed(segment, offset)
    if not pieces:
        spans = [
            (a, b)
            for a, b in entities(segment)
            if is_company(segment[a:b]) and not re.search(r"\b(?:a|an|A|An)\s+$", segment[:a])
        ]
        if spans:
            left, right = spans[-1]
            pieces = [Named(" ".join(segment[left:right].split()), offset + left, offset + right, segment[right:])]
    if pieces:
        pieces[-1].aliases += aliases
    return pieces


def _unnamed(segment: str, offset: int) -> list[Named]:
    """The parties named in a segment, split at "and" where a name begins after it."""
    cuts = [0]
    for match in _SPLIT.finditer(segment):
        rest = segment[match.end() : match.end() + 500]
        name = leading_name(rest)
        if not name or name[0] > 12:
            continue
        words, after = rest[name[0] : name[1]], rest[name[1] :]
        before = leading_name(segment[cuts[-1] : match.start()])
        alone = before is not None and cuts[-1] + before[1] >= match.start() - 1
        named = segment[cuts[-1] :][slice(*before)] if before else ""
        if alone and is_company(words) and not is_company(named) and "\n" not in match[0] and len(named.split()) == 1:
            continue  # "Procter and Gamble Company"
        if " " not in words and _PLACE_BEFORE.search(segment[max(0, match.start() - 60) : match.start()]):
            continue  # "the laws of England and Wales"
        described = re.match(r"\s*(?:$|,?\s*(?:\(|an?\s+individual|residing|natural|whose))", after)
        person = described and PERSON.fullmatch(words)
        if is_company(words) or "\n" in match[0] or person or not after.strip(" ,"):
            cuts.append(match.end())
    found: list[Named] = []
    for left, right in zip(cuts, [*cuts[1:], len(segment)], strict=True):
        piece = segment[left:right]
        name = leading_name(piece)
        if not name:
            continue
        words = " ".join(piece[slice(*name)].split())
        if len(words) >= 2 and not is_no_party(words):
            found.append(Named(words, offset + left + name[0], offset + left + name[1], piece[name[1] :]))
    return found


def from_entities(opening: str, offset: int) -> list[Named]:
    """Companies that stand right before a short name in brackets, anywhere in the opening."""
    found: list[Named] = []
    for start, _, terms in _namings(opening, 0):
        own = [term for term in terms if not _NO_PARTY.match(term) and not _SHARED.match(term)]
        spans = [(a, b) for a, b in entities(opening, max(0, start - 300), start) if is_company(opening[a:b])]
        if own and spans:
            left, right = spans[-1]
            name = " ".join(opening[left:right].split())
            found.append(Named(name, offset + left, offset + right, opening[right:start], own, 0.7))
    return found

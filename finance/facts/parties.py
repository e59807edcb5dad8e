"""Find the parties of a contract: full name, what the contract calls them, their role, where they are organised; and which of them we are.

Parties stand in the preamble ("between A ("Supplier") and B ("Customer")"); where there is none, in the address of a letter, in the
opening of terms of service ("we", "you") or in the signature blocks. ``party_names`` reads names, ``roles`` says who does what.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ..clauses import ClauseTree
from ..document import Document
from .party_names import ENTITY, PERSON, is_company, leading_name, legal_form, normalised, organised_in
from .roles import role_of_alias, roles
from .types import Party

MAX_PREAMBLE_CHARS = 9000
NEAR_SCORE = 88.0
"""Similarity (0 to 100) from which a name given by the user is taken for a party's in another spelling."""
CLEAR_LEAD = 6.0
"""How far the best spelling must lead the second best."""

_BETWEEN = re.compile(
    r"(?i)\b(?:by\s+and\s+(?:between|among|amongst)|(?:between|among|amongst|zwischen)\b(?:\s+and\s+among)?|B\s?E\s?T\s?W\s?E\s?E\s?N)\b\s*:?"
    r"|^\W{0,4}(?:the\s+)?part(?:ies|y)\b\s*:?\s*$|\bparties\s+to\s+this\s+\w+\s+are\b\s*:?",
    re.MULTILINE,
)
_BRACKET = re.compile(r"\((?P<inside>[^()]{0,300}(?:\([^()]{0,60}\)[^()]{0,120})?)\)")
_QUOTED = re.compile(
    r"[\"“”„«]\s?([^\"“”„«»\n]{1,60}?)[,.;]?\s?[\"“”»]|(?<![\w])[‘'`]{1,2}([A-Za-z][^'‘’`\n]{0,40}?)[’'`]{1,2}(?!\w)"
)
_CALLED = re.compile(
    r"(?i),?\s*(?:and\s+)?(?:hereinafter|hereafter|herein|henceforth)\s*,?\s*(?:collectively\s+|individually\s+|jointly\s+)?(?:(?:also\s+)?(?:referred\s+to(?:\s+(?:herein|hereafter|as|collectively))*|called|known|designated|described|styled)\s*(?:as\s+)?)?(?:the\s+)?(?=[\"“„])"
    r"|,?\s*(?:collectively\s+)?referred\s+to\s+(?:(?:herein|hereinafter|hereafter|in\s+this\s+\w+)\s+)?as\s+(?:the\s+)?(?=[\"“„])"
)
_BARE_ALIAS = re.compile(
    r"^(?:(?:hereinafter|hereafter|referred to as|called|the|as)\s+)*(?P<alias>[A-Z][A-Za-z&.-]{1,24}(?:\s[A-Z][A-Za-z&.-]{1,20})?)$"
)
_NO_PARTY = re.compile(
    r"(?i)^(?:this\s+|the\s+|such\s+)?(?:[\w&'’/-]+\s+){0,5}?(?:agreement|contract|lease|amendment|date|term|effective date|closing|act|territory|products?|services?|plan|program|note|site|website|software|"
    r"premises|property|business|technology|trademarks?|marks?|transaction|order|letter|addendum|exhibit|master agreement|msa|nda|sow|schedule|facility|project|fund|funds|shares|stock|securities|purpose|system|"
    r"patents?|recitals|board|loan|event|execution date|commencement date|confidential information|content|work|deed|policy|guarantee|statement|trust agreement|indenture|1933 act|1934 act|1940 act|sec|fda)$"
)
_SHARED = re.compile(
    r"(?i)^(?:the\s+|each\s+an?\s+|an?\s+)?(?:part(?:y|ies)|both parties|parties hereto|contracting part(?:y|ies)|members?|stockholders?|shareholders?|filers?|reporting persons?|joint filers?)$"
)
_DATED = re.compile(r"(?i)\b(?:(?:19|20)\d\d|\[[\s●*_.]*\])\W{0,3}$|\bdate\b[^,]{0,20}$|agreement\W{0,3}$")
_LETTER = re.compile(r"(?m)^\W{0,3}(?:Dear\b|Ladies\s+and\s+Gentlemen|Gentlemen\b)")
_CONSUMER = re.compile(
    r"(?i)\b(?:terms\s+of\s+(?:use|service)|terms\s+(?:and|&)\s+conditions|user\s+agreement|privacy\s+policy|end[\s-]user|your\s+(?:account|use\s+of)|our\s+(?:site|website|app|service))"
)
_WE = re.compile(r"[\"“‘']\s?(?:we|us|our|We|Us|Our|WE|US|OUR)\s?,?[\"”’']")
_YOU = re.compile(r"[\"“‘']\s?(?:you|You|YOU|your|Your)\s?,?[\"”’']")
_WE_ARE = (
    re.compile(r"(?i)\bbetween\s+you\b[^.;]{0,60}?\band\s+(?P<name>[A-Z][^.;()“\"]{1,80})"),
    re.compile(
        r"\b(?:operated|provided|owned|offered|published|run|made\s+available)\s+by\s+(?P<name>[A-Z][^;()“\"]{1,80})"
    ),
    re.compile(r"(?m)^(?P<name>[A-Z][^;()“\"\n]{1,60}?),?\s*\(?[^()\n]{0,40}[\"“](?:we|We|us|Us)\b"),
    re.compile(r"©\s*(?:\d{4}\s*[-–]?\s*){0,2}(?P<name>[A-Z][^;()“\"\n]{1,60})"),
    re.compile(r"(?i)\bwelcome\s+to\s+(?P<name>[A-Z][\w.&-]*(?:\s[A-Z][\w.&-]*){0,3})"),
)


@dataclass(slots=True)
class _Found:
    name: str
    start: int
    end: int
    about: str
    aliases: list[str] = field(default_factory=list)
    confidence: float = 0.9


def extract(document: Document, tree: ClauseTree) -> tuple[Party, ...]:
    """The parties of the main document, in the order of their names in the text.

    ``words`` is the name as written; ``aliases`` are the short names, without an article; ``role`` is empty where neither the short name
    nor the text tells it. ``consumer`` is set where terms of service speak to "you".
    """
    start, end = _opening(document, tree)
    opening = document.text[start:end]
    found = _from_preamble(opening, start)
    if len(found) < 2:
        found = _merged(found, _from_letter(document, tree, start, end))
    if not found:
        found = _from_entities(opening, start)
    if len(found) < 2:
        found = _merged(found, _from_signatures(document, tree))
    found = _completed(document, _distinct(found))
    names = [(item.name, *item.aliases) for item in found]
    known = [next(filter(None, map(role_of_alias, item.aliases)), "") for item in found]
    settled = roles(document.text, names, known)
    parties: list[Party] = []
    for item, role in zip(found, settled, strict=True):
        clause = tree.at(item.start)
        you = item.name.lower() == "you"
        parties.append(
            Party(
                words=document.words(item.start, item.end),
                clause=clause.index if clause else None,
                confidence=item.confidence,
                name=item.name,
                aliases=tuple(dict.fromkeys(item.aliases)),
                role="customer" if you and not role else role,
                entity=legal_form(item.name),
                organised_in=organised_in(item.about),
                consumer=you,
            )
        )
    return tuple(parties)


def match_us(parties: Sequence[Party], name: str) -> tuple[Party | None, str]:
    """Which of ``parties`` is meant by ``name``, and a sentence on how it was matched; None with the reason where none is or two could be.

    Legal form, punctuation, accents and capitals do not count; a short name or a role of the contract ("Supplier") is taken as well; a
    near spelling is taken when it is clearly nearer to one party than to any other, and its score is said.
    """
    from rapidfuzz import fuzz

    asked = normalised(name)
    if not asked:
        return None, "no name was given"
    if not parties:
        return None, f'no party was found in the contract to match "{name}"'
    ways = (
        ("the name of", lambda party: normalised(party.name) == asked),
        ("the short name of", lambda party: any(normalised(alias) == asked for alias in party.aliases)),
        ("the role of", lambda party: party.role == asked),
    )
    for way, matches in ways:
        hits = [party for party in parties if matches(party)]
        if len(hits) == 1:
            return hits[0], f'"{name}" is {way} {hits[0].name}'
        if len(hits) > 1:
            return None, f'"{name}" could be {" or ".join(party.name for party in hits)}'
    scored = sorted(((_score(fuzz, asked, party), index) for index, party in enumerate(parties)), reverse=True)
    best, second = scored[0], scored[1] if len(scored) > 1 else (0.0, -1)
    party = parties[best[1]]
    if best[0] < NEAR_SCORE:
        return None, f'no party is called "{name}"; the parties are {", ".join(party.name for party in parties)}'
    if best[0] - second[0] < CLEAR_LEAD:
        return None, f'"{name}" could be {party.name} or {parties[second[1]].name}'
    return party, f'"{name}" is near to {party.name} (similarity {best[0]:.0f} of 100)'


def _score(fuzz, asked: str, party: Party) -> float:
    """Similarity of a name given and a party's names; a name held whole in the other counts as near when it has two words or eight letters."""
    best = 0.0
    for own in (party.name, *party.aliases):
        own = normalised(own)
        if not own:
            continue
        score = fuzz.ratio(asked, own)
        shorter, longer = sorted((asked, own), key=len)
        if f" {shorter} " in f" {longer} " and (" " in shorter or len(shorter) >= 8):
            score = max(score, 90.0 + 9.0 * len(shorter) / len(longer))
        if len(shorter) < 5:
            score = score if score == 100.0 else score * 0.8
        best = max(best, score)
    return best


def _opening(document: Document, tree: ClauseTree) -> tuple[int, int]:
    """Where the parties are named: the preamble of the body with its title, up to the recitals."""
    body = [clause for clause in tree.clauses if clause.part == 0]
    preamble = [clause for clause in body if clause.kind == "preamble"]
    if preamble:
        start, end = preamble[0].start, preamble[-1].end
        if end - start < 400:
            end = min(len(document.text), end + 1200)
        return start, min(end, start + MAX_PREAMBLE_CHARS)
    return 0, min(len(document.text), 4000)


def _from_preamble(opening: str, offset: int) -> list[_Found]:
    between = _anchor(opening)
    if between is None:
        return []
    found: list[_Found] = []
    position = between
    shared: list[str] = []
    for start, end, terms in _namings(opening, between):
        segment = opening[position:start]
        own = [term for term in terms if not _NO_PARTY.match(term) and not _SHARED.match(term)]
        shared += [
            term for term in terms if _SHARED.match(term) and not re.match(r"(?i)(?:the\s+|each\s+|a\s+)*part", term)
        ]
        if not own or (_DATED.search(segment[-60:]) and len(own) == len(terms) and not is_company(segment[-60:])):
            if not own and found and segment.count(".") < 2 and end - found[-1].end < 500:
                found += _unnamed(segment, offset + position)
                position = end
            elif own or terms:
                continue
            continue
        new = _named(segment, offset + position, own)
        if new:
            found += new
        elif found and len(segment) < 300 and not ENTITY.search(segment):
            found[-1].aliases += own
            found[-1].about += segment
        position = end
        if re.search(r"[.;]\s*(?:\n|$|[A-Z])", opening[end : end + 3]) and len(found) >= 2:
            break
    tail = re.split(
        r"(?<![A-Z]|c|d|p|o)[.;:](?=\s)|\n\s*\n(?=[A-Z1]\W)|(?i:\bwhereas\b|\bwitnesseth\b|\brecitals\b)",
        opening[position : position + 700],
        maxsplit=1,
    )[0]
    if len(found) < 2:
        found += _unnamed(tail, offset + position)
    elif re.match(r"\W{0,3}(?:and|AND)\s", tail):
        found += _unnamed(tail, offset + position)[:1]
    for item in found:
        item.aliases += shared[:2] if len(shared) and len(found) > 1 and not item.aliases else []
    return found


def _anchor(opening: str) -> int | None:
    """Where the names begin: after "between", or at a name that the opening starts with."""
    best: int | None = None
    for match in _BETWEEN.finditer(opening):
        after = opening[match.end() : match.end() + 300]
        if best is None or (match.start() - best < 80 and leading_name(after)):
            best = match.end()
        if leading_name(after):
            return match.end()
    if best is not None:
        return best
    named = re.search(
        r"(?i)\b(?:agreement|contract|lease|amendment)\b[^.]{0,200}?\b(?:is\s+made|made|entered\s+into|effective|dated)\b[^.]{0,120}?\b(?:by|with|from)\s+",
        opening,
    )
    if named:
        return named.end()
    return 0 if _QUOTED.search(opening) else None


def _namings(opening: str, start: int) -> list[tuple[int, int, list[str]]]:
    """Each place that gives short names: (start, end, names), brackets and "hereinafter called" alike."""
    found: list[tuple[int, int, list[str]]] = []
    for match in _BRACKET.finditer(opening, start):
        terms = [" ".join((a or b).split()).strip(" ,.;") for a, b in _QUOTED.findall(match["inside"])]
        if not terms:
            bare = _BARE_ALIAS.match(match["inside"].strip())
            before = opening[max(0, match.start() - 60) : match.start()]
            if (
                not bare
                or not (is_company(before[-40:]) or "hereinafter" in match["inside"].lower())
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
    covered = [(a, b) for a, b, _ in found]
    for match in _CALLED.finditer(opening, start):
        if any(a <= match.start() < b for a, b in covered):
            continue
        terms: list[str] = []
        position = match.end()
        while (quoted := _QUOTED.match(opening, position)) and len(terms) < 4:
            terms.append(" ".join((quoted[1] or quoted[2]).split()))
            position = quoted.end()
            joined = re.match(
                r"\s*(?:,|or|and|,\s*(?:or|and))\s+(?:the\s+)?(?=[\"“])", opening[position : position + 20]
            )
            position += joined.end() if joined else 0
            if not joined:
                break
        if terms:
            found.append((match.start(), position, terms))
    return sorted(found)


def _named(segment: str, offset: int, aliases: list[str]) -> list[_Found]:
    """The parties of a segment that ends in short names: the last one bears them, earlier ones have none."""
    pieces = _unnamed(segment, offset)
    if not pieces:
        entities = [m for m in ENTITY.finditer(segment) if is_company(m[0])]
        if entities:
            last = entities[-1]
            pieces = [
                _Found(" ".join(last[0].split()), offset + last.start(), offset + last.end(), segment[last.end() :])
            ]
    if not pieces:
        return []
    pieces[-1].aliases += aliases
    return pieces


_SPLIT = re.compile(
    r"(?:[,;]?\s+(?:and|AND|&)\s+(?:(?:by|between)\s+)?|;\s+|\n\s*(?=\(?\d{1,2}[.)]\s)|\n+\s*-?\s*(?i:and)\s*-?\s*:?\s*\n*|\n\n)"
)


def _unnamed(segment: str, offset: int) -> list[_Found]:
    """The parties named in a segment, split at "and" where both sides begin with a name."""
    found: list[_Found] = []
    cuts = [0]
    for match in _SPLIT.finditer(segment):
        rest = segment[match.end() :]
        name = leading_name(rest)
        if not name or name[0] > 12:
            continue
        words = rest[name[0] : name[1]]
        before = leading_name(segment[cuts[-1] : match.start()])
        if before and (
            is_company(words)
            or (
                PERSON.fullmatch(words)
                and re.match(r"\s*(?:,|\()?\s*(?:an?\s+)?(?:individual|residing|natural|whose|\()", rest[name[1] :])
            )
            or (not found and "\n" in match[0])
        ):
            cuts.append(match.end())
    for left, right in zip(cuts, [*cuts[1:], len(segment)], strict=True):
        piece = segment[left:right]
        name = leading_name(piece)
        if not name:
            continue
        words = " ".join(piece[name[0] : name[1]].split())
        if (
            _NO_PARTY.match(words)
            or len(words) < 2
            or re.match(r"(?i)(?:effective|dated|this|each|party|parties|whereas)\b", words)
        ):
            continue
        found.append(_Found(words, offset + left + name[0], offset + left + name[1], piece[name[1] :]))
    return found


def _from_letter(document: Document, tree: ClauseTree, start: int, end: int) -> list[_Found]:
    """The addressee of a letter: the first name in the lines above "Dear ..."."""
    greeting = _LETTER.search(document.text, 0, min(len(document.text), end + 500))
    if not greeting:
        return []
    above = document.text[max(0, greeting.start() - 800) : greeting.start()]
    base = max(0, greeting.start() - 800)
    found: list[_Found] = []
    for line in re.finditer(r"[^\n]+", above):
        entity = ENTITY.search(line[0])
        if entity and is_company(entity[0]) and len(line[0]) < 200:
            at = base + line.start() + entity.start()
            found.append(_Found(" ".join(entity[0].split()), at, at + len(entity[0]), line[0], confidence=0.7))
    you = re.search(r"[\"“](?:you|You)[\"”]", document.text[greeting.start() : greeting.start() + 1500])
    if found and you:
        found[-1].aliases.append("you")
    return found[-1:]


def _from_entities(opening: str, offset: int) -> list[_Found]:
    """Companies with a short name in brackets anywhere in the opening."""
    found: list[_Found] = []
    for start, _end, terms in _namings(opening, 0):
        own = [term for term in terms if not _NO_PARTY.match(term) and not _SHARED.match(term)]
        entities = [m for m in ENTITY.finditer(opening, max(0, start - 300), start) if is_company(m[0])]
        if own and entities:
            last = entities[-1]
            found.append(
                _Found(
                    " ".join(last[0].split()),
                    offset + last.start(),
                    offset + last.end(),
                    opening[last.end() : start],
                    own,
                    0.7,
                )
            )
    return found


def _from_signatures(document: Document, tree: ClauseTree) -> list[_Found]:
    from .signatures import extract as signatures

    found: list[_Found] = []
    for signature in signatures(document, tree):
        if signature.party and signature.clause is not None and tree.clauses[signature.clause].part == 0:
            at = document.text.find(signature.party, max(0, signature.words.start - 300), signature.words.end + 200)
            at = at if at >= 0 else signature.words.start
            found.append(
                _Found(signature.party, at, min(len(document.text), at + len(signature.party)), "", confidence=0.6)
            )
    return found


def _merged(found: list[_Found], more: list[_Found]) -> list[_Found]:
    known = {normalised(item.name) for item in found}
    return [*found, *(item for item in more if normalised(item.name) not in known)]


def _distinct(found: list[_Found]) -> list[_Found]:
    """One entry a party: the same name twice joins its short names."""
    kept: dict[str, _Found] = {}
    for item in found:
        key = normalised(item.name)
        if not key:
            continue
        if key in kept:
            kept[key].aliases += item.aliases
        else:
            kept[key] = item
    return list(kept.values())


def _completed(document: Document, found: list[_Found]) -> list[_Found]:
    """For terms of service: who "we" are, and "you"."""
    text = document.text[:200_000]
    head = text[:12_000]
    yours = len(re.findall(r"\b(?:you|your)\b", head, re.IGNORECASE))
    if yours < 12 or not (_CONSUMER.search(head) or _WE.search(head)):
        return found
    if not found:
        for pattern in _WE_ARE:
            match = pattern.search(head)
            span = leading_name(match["name"]) if match else None
            if match and span:
                at = match.start("name") + span[0]
                name = match["name"][span[0] : span[1]]
                found = [
                    _Found(
                        " ".join(name.split()),
                        at,
                        at + len(name),
                        head[at + len(name) : at + len(name) + 120],
                        confidence=0.7,
                    )
                ]
                break
    if len(found) == 1:
        if not any(alias.lower() in ("we", "us") for alias in found[0].aliases):
            found[0].aliases.append("we")
        you = _YOU.search(head) or re.search(r"\b[Yy]ou\b", head)
        if you and not any(alias.lower() == "you" for item in found for alias in item.aliases):
            inside = re.search(r"[Yy]ou|YOU", head[you.start() : you.end()])
            at = you.start() + (inside.start() if inside else 0)
            found = [replace(found[0], aliases=found[0].aliases), _Found("you", at, at + 3, "", ["you", "user"], 0.8)]
    return found

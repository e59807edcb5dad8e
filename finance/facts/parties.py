"""Find the parties of a contract: full name, what the contract calls them, their role, where they are organised; and which of them we are.

Parties stand in the preamble ("between A ("Supplier") and B ("Customer")", read by ``preamble``); where there is none, in the address
of a letter, in the opening of terms of service ("we", "you") or in the signature blocks. ``roles`` says who does what.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..clauses import ClauseTree
from ..document import Document
from .party_names import entities, is_company, leading_name, legal_form, normalised, organised_in
from .preamble import Named, from_entities, from_preamble, is_no_party
from .roles import role_of_alias, roles
from .short_names import from_labels, with_labels, with_short_names
from .types import Party

MAX_PREAMBLE_CHARS = 9000
NEAR_SCORE = 88.0
"""Similarity (0 to 100) from which a name given by the user is taken for a party's in another spelling."""
CLEAR_LEAD = 6.0
"""How far the best spelling must lead the second best."""

_LETTER = re.compile(r"(?m)^\W{0,3}(?:Dear\b|Ladies\s+and\s+Gentlemen|Gentlemen\b)")
_CONSUMER = re.compile(
    r"(?i)\b(?:terms\s+of\s+(?:use|service)|terms\s+(?:and|&)\s+conditions|user\s+agreement|privacy\s+policy|end[\s-]user|your\s+(?:account|use\s+of)|"
    r"our\s+(?:site|website|app|service))"
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


def extract(document: Document, tree: ClauseTree) -> tuple[Party, ...]:
    """The parties of the main document, in the order of their names in the text.

    ``words`` is the name as written; ``aliases`` are the short names, without an article; ``role`` is empty where neither the short name
    nor the text tells it. ``consumer`` is set where terms of service speak to "you".
    """
    start, end = _opening(document, tree)
    opening = document.text[start:end]
    labelled = from_labels(document.text, 0, end)
    found = with_labels(from_preamble(opening, start), labelled)
    if len(found) < 2:
        found = _merged(found, labelled)
    if len(found) < 2:
        found = _merged(found, _from_letter(document, end))
    if not found:
        found = from_entities(opening, start)
    if len(found) < 2:
        found = _merged(found, _from_signatures(document, tree))
    found = with_labels(_completed(document, _distinct(found)), _at_signatures(document, tree, end))
    found = with_short_names(document.text, found)
    known = [next(filter(None, map(role_of_alias, item.aliases)), "") for item in found]
    settled = roles(document.text, [(item.name, *item.aliases) for item in found], known)
    return tuple(_party(document, tree, item, role) for item, role in zip(found, settled, strict=True))


def _party(document: Document, tree: ClauseTree, item: Named, role: str) -> Party:
    clause = tree.at(item.start)
    entity = legal_form(item.name)
    you = item.name.lower() == "you" or (not entity and any(alias.lower() == "you" for alias in item.aliases))
    return Party(
        words=document.words(item.start, item.end),
        clause=clause.index if clause else None,
        confidence=item.confidence,
        name=item.name,
        aliases=tuple(dict.fromkeys(item.aliases)),
        role="customer" if you and not role else role,
        entity=entity,
        organised_in=organised_in(item.about),
        consumer=you and (role or "customer") == "customer" and bool(_CONSUMER.search(document.text[:12_000])),
    )


def match_us(parties: Sequence[Party], name: str) -> tuple[Party | None, str]:
    """Which of ``parties`` is meant by ``name``, and a sentence on how it was matched; None with the reason where none is or two could be.

    Legal form, punctuation, accents and capitals do not count; a short name or a role of the contract ("Supplier") is taken as well; a
    near spelling is taken when it is clearly nearer to one party than to any other, and its score is said.
    """
    asked = normalised(name)
    if not asked:
        return None, "no name was given"
    if not parties:
        return None, f'no party was found in the contract to match "{name}"'
    ways = (
        ("the name of", lambda party: normalised(party.name) == asked),
        ("the short name of", lambda party: any(normalised(alias) == asked for alias in party.aliases)),
        ("the role of", lambda party: party.role == asked),
        ("the first of the name of", lambda party: _begins(asked, party)),
    )
    for way, matches in ways:
        hits = [party for party in parties if matches(party)]
        if len(hits) == 1:
            return hits[0], f'"{name}" is {way} {hits[0].name}'
        if len(hits) > 1:
            return None, f'"{name}" could be {" or ".join(party.name for party in hits)}'
    scored = sorted(((_score(asked, party), -index) for index, party in enumerate(parties)), reverse=True)
    best, second = scored[0], scored[1] if len(scored) > 1 else (0.0, 0)
    party = parties[-best[1]]
    if best[0] < NEAR_SCORE:
        return None, f'no party is called "{name}"; the parties are {", ".join(party.name for party in parties)}'
    if best[0] - second[0] < CLEAR_LEAD:
        return None, f'"{name}" could be {party.name} or {parties[-second[1]].name}'
    return party, f'"{name}" is near to {party.name} (similarity {best[0]:.0f} of 100)'


MIN_FIRST_WORD = 4


def _begins(asked: str, party: Party) -> bool:
    """Whether a party's name begins with the words given, which are no mere "The" or "New"."""
    return len(asked) >= MIN_FIRST_WORD and normalised(party.name).startswith(f"{asked} ")


def _score(asked: str, party: Party) -> float:
    """Similarity of a name given and a party's names; a name held whole in the other counts as near when it has two words or eight letters."""
    from rapidfuzz import fuzz

    best = 0.0
    for own in map(normalised, (party.name, *party.aliases)):
        if not own:
            continue
        score = fuzz.ratio(asked, own)
        shorter, longer = sorted((asked, own), key=len)
        if f" {shorter} " in f" {longer} " and (" " in shorter or len(shorter) >= 8):
            score = max(score, 90.0 + 9.0 * len(shorter) / len(longer))
        if len(shorter) < 5 and score < 100.0:
            score *= 0.8
        best = max(best, score)
    return best


def _opening(document: Document, tree: ClauseTree) -> tuple[int, int]:
    """Where the parties are named: the preamble of the body, up to the recitals."""
    preamble = [clause for clause in tree.clauses if clause.part == 0 and clause.kind == "preamble"]
    if not preamble:
        return 0, min(len(document.text), 4000)
    start, end = preamble[0].start, preamble[-1].end
    if end - start < 400:
        end = min(len(document.text), end + 1200)
    return start, min(end, start + MAX_PREAMBLE_CHARS)


def _from_letter(document: Document, end: int) -> list[Named]:
    """The addressee of a letter: the last company in the lines above "Dear ..."."""
    greeting = _LETTER.search(document.text, 0, min(len(document.text), end + 500))
    if not greeting:
        return []
    base = max(0, greeting.start() - 800)
    spans = [
        span for span in entities(document.text, base, greeting.start()) if is_company(document.text[slice(*span)])
    ]
    if not spans:
        return []
    left, right = spans[-1]
    you = _YOU.search(document.text, greeting.start(), greeting.start() + 1500)
    name = " ".join(document.text[left:right].split())
    return [Named(name, left, right, "", ["you"] if you else [], 0.7)]


def _from_signatures(document: Document, tree: ClauseTree) -> list[Named]:
    from .signatures import extract as signatures

    found: list[Named] = []
    for signature in signatures(document, tree):
        inside = signature.clause is not None and tree.clauses[signature.clause].part == 0
        if signature.party and inside and not is_no_party(signature.party):
            low = max(0, signature.words.start - 500)
            at = document.text.rfind(signature.party, low, signature.words.end + 200)
            at = at if at >= 0 else signature.words.start
            stop = min(len(document.text), at + len(signature.party))
            found.append(Named(signature.party, at, stop, "", [], 0.6))
    return found


def _at_signatures(document: Document, tree: ClauseTree, opening_end: int) -> list[Named]:
    """Parties told by role over their signatures: "CUSTOMER:", and the name on the line below."""
    blocks = [clause for clause in tree.clauses if clause.part == 0 and clause.kind == "signature"]
    if not blocks or blocks[0].start < opening_end:
        return []
    return from_labels(document.text, blocks[0].start, blocks[-1].end)


def _merged(found: list[Named], more: list[Named]) -> list[Named]:
    known = {normalised(item.name) for item in found} | {normalised(alias) for item in found for alias in item.aliases}
    return [*found, *(item for item in more if normalised(item.name) not in known)]


def _distinct(found: list[Named]) -> list[Named]:
    """One entry a party: the same name twice joins its short names."""
    kept: dict[str, Named] = {}
    short: set[str] = set()
    for item in found:
        key = normalised(item.name)
        if key in short:
            continue  # a party already named, called by its short name
        short |= {normalised(alias) for alias in item.aliases}
        if key in kept:
            kept[key].aliases += item.aliases
        elif key:
            kept[key] = item
    return list(kept.values())


def _completed(document: Document, found: list[Named]) -> list[Named]:
    """For terms of service: who "we" are, and "you"."""
    head = document.text[:12_000]
    yours = len(re.findall(r"\b(?:you|your)\b", head, re.IGNORECASE))
    if yours < 12 or len(found) > 1 or not (_CONSUMER.search(head) or _WE.search(head)):
        return found
    if not found:
        for pattern in _WE_ARE:
            match = pattern.search(head)
            span = leading_name(match["name"]) if match else None
            if match and span:
                at = match.start("name") + span[0]
                name = match["name"][span[0] : span[1]]
                about = head[at + len(name) : at + len(name) + 120]
                found = [Named(" ".join(name.split()), at, at + len(name), about, [], 0.7)]
                break
    if len(found) == 1:
        if not any(alias.lower() in ("we", "us") for alias in found[0].aliases):
            found[0].aliases.append("we")
        you = re.search(r"\b(?:you|You|YOU)\b", head)
        if you and not any(alias.lower() == "you" for alias in found[0].aliases):
            found = [found[0], Named("you", you.start(), you.end(), "", ["user"], 0.8)]
    return found

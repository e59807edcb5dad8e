"""Collect the defined terms of a contract, count their uses, and find capitalised terms that nothing defines.

A term is defined in brackets ((the "Product")), by a sentence ("Product" means ...), or in words (hereinafter called the "Product").
``finance/clauses.segment`` calls ``collect``; ``undefined_terms`` is for the page that lists them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from .clauses import ClauseTree, Definition
from .document import Document, Words

MAX_TERM_CHARS = 70
MAX_DEFINITION_CHARS = 1500
_QUOTED = re.compile(
    r"[\"“”„«]\s?(?P<term>[^\"“”„«»\n]{1,70}?)[,.;]?\s?[\"“”»]|(?<=[(\s])[‘'](?P<single>[A-Z][^'‘’\n]{1,50}?)[’'](?=[\s),;])"
)
_MEANS = re.compile(
    r"""\s*(?:\((?:[^()]{0,120})\)\s*)?(?:,[^.;:]{0,60},|\ of\ (?:a|each|either|any|the)\ \w+)?\s*[:–—-]?\s*
    (?:(?:shall|will|does|do)\ +)?(?:each\ +|collectively\ +|also\ +|hereby\ +|individually\ +)*
    (?P<verb>means?\b|mean\ and\ include|refers?\ to|(?:has|have|bears?)\ +(?:the\ +)?(?:respective\ +)?(?:same\ +)?meanings?\b|is\ defined|are\ defined|
      includes?\b|be\ defined|bedeutet|bezeichnet|meint|是指|指)""",
    re.VERBOSE,
)
_BARE = re.compile(
    r"""(?:[\ \t*_]|\(?[a-zA-Z0-9]{1,4}[.)]\ |\d{1,2}(?:\.\d{1,2}){1,3}\.?\ ){0,3}
    (?P<term>[A-Z][\w&'’/-]*(?:\ (?:(?:of|and|or|the|to|for|in|on)\ ){0,2}[A-Z][\w&'’/()-]*){0,6})[*_]{0,2}:?\ (?:(?:shall|will)\ )?
    (?P<verb>means?\b|(?:has|have)\ the\ (?:respective\ )?(?:same\ )?meanings?\b)""",
    re.VERBOSE,
)
_CALLED = re.compile(
    r"(?i)(?:hereinafter|hereafter|referred to|defined(?: herein)?|known|called|termed|collectively|together|individually|each|herein)\W+"
    r"(?:[a-z,/]+\W+){0,8}$"
)
_IN_BRACKETS = re.compile(
    r"(?i)^\W*(?:(?:the|this|that|these|a|an|and|or|each|both|any|its|as|such|to|of|in|with|together|collectively|individually|jointly|severally|"
    r"hereinafter|hereafter|herein|referred|to|called|known|defined|being|sometimes|also|for|purposes|agreement|all|foregoing|unless|"
    r"otherwise|either|from|time|may|be|is|are|were|was|will|shall|which|include|including|by|reference|party|parties|im|folgenden|nachfolgend|nachstehend|"
    r"genannt|gemeinsam|einzeln|der|die|das|den|kurz|und|oder|company|generally|singularly|plural|respectively|affiliates?|subsidiaries|"
    r"successors?|assigns?|licensee|licensor|seller|buyer|where|applicable|plus|date|term)\W*)*$"
)
_SENTENCE_END = re.compile(r"[.;](?=\s+[\"“(A-Z\d]|\s*\n|\s*$)|\n\s*\n")
_TURN = re.compile(
    r"(?i)\b(?:provided|except|but|excluding|includ\w+|notwithstanding|unless|other than|does not|shall not|for the avoidance)\b"
)
_WORD = re.compile(r"[^\W\d_][\w'’&-]*")


@dataclass(frozen=True)
class UndefinedTerm:
    """A capitalised term used ``num_uses`` times though nothing defines it; ``words`` is its first use."""

    term: str
    num_uses: int
    words: Words
    clause: int | None


@dataclass(frozen=True, slots=True)
class _Found:
    term: str
    start: int
    end: int
    means: int | None


def collect(document: Document, tree: ClauseTree) -> tuple[Definition, ...]:
    """The definitions of ``document`` in text order, each term once (where it is first defined).

    ``start``..``end`` covers the defining sentence of '"X" means ...', and the bracket of '(the "X")'.
    """
    text = document.text
    first: dict[str, _Found] = {}
    for found in sorted([*_quoted(text), *_bare(text, tree)], key=lambda found: found.start):
        known = first.get(found.term)
        if known is None or (known.means is None and found.means is not None and found.end - known.end < 0):
            first[found.term] = found
    uses = _count_uses(text, set(first))
    bodies = {
        found.term: text[found.means : found.end]
        for found in first.values()
        if found.means is not None and found.end > found.means
    }
    definitions: list[Definition] = []
    for found in sorted(first.values(), key=lambda found: found.start):
        clause = tree.at(found.start)
        inside = _count_uses(text[found.start : found.end], {found.term})[found.term]
        circular = _circular(found.term, bodies)
        definitions.append(
            Definition(
                found.term,
                found.start,
                found.end,
                clause.index if clause else 0,
                max(0, uses[found.term] - inside),
                circular,
            )
        )
    return tuple(definitions)


def _quoted(text: str) -> Iterator[_Found]:
    """Quoted terms that a bracket, a verb or a "hereinafter" defines."""
    opened, closed = -1, -1
    position = 0
    for match in _QUOTED.finditer(text):
        term = " ".join((match["term"] or match["single"] or "").split()).strip(" ,.;*_")
        start, end = match.start(), match.end()
        if end - position > 4000:
            opened = -1
        for at in range(max(position, start - 400), start):
            if text[at] == "(":
                opened = at
            elif text[at] == ")":
                opened, closed = -1, at
        position = end
        if not _is_term(term):
            continue
        verb = _MEANS.match(text, end, min(len(text), end + 260))
        joined = None if verb else re.match(r"\s*(?:,|or|and|and/or|,\s*(?:or|and))\s+[\"“„]", text[end : end + 14])
        if verb or (joined and _joined_means(text, end)):
            stop = _SENTENCE_END.search(text, end, min(len(text), end + MAX_DEFINITION_CHARS))
            yield _Found(
                term,
                start,
                stop.start() + 1 if stop else min(len(text), end + MAX_DEFINITION_CHARS),
                verb.end() if verb else None,
            )
            continue
        if opened >= 0 and start - opened <= 300:
            lead = re.sub(r"[\"“„«][^\"”»]{0,80}[\"”“»]", " ", text[opened + 1 : start])
            if _IN_BRACKETS.match(lead[-160:] if len(lead) > 160 else lead) or _CALLED.search(lead):
                close = text.find(")", end, end + 200)
                yield _Found(term, opened, close + 1 if close >= 0 else end, None)
                continue
        before = text[max(0, start - 90) : start]
        if _CALLED.search(before) and start - closed > 1:
            yield _Found(term, start, end, None)


def _joined_means(text: str, end: int) -> bool:
    """Whether a list of quoted terms ('"Accept" and "Acceptance"') ends in a defining verb."""
    tail = re.match(r"(?:\s*(?:,|or|and|and/or)?\s*[\"“„][^\"”“\n]{1,60}[\"”“]){1,4}", text[end : end + 300])
    return bool(tail and _MEANS.match(text, end + tail.end(), min(len(text), end + tail.end() + 120)))


def _is_term(term: str) -> bool:
    if not 2 <= len(term) <= MAX_TERM_CHARS or len(term.split()) > 9 or not any(c.isalpha() for c in term):
        return False
    return (
        term[0].isupper()
        or term[0].isdigit()
        or not term[0].isascii()
        or term in ("we", "us", "our", "you", "your", "party", "parties")
    )


def _bare(text: str, tree: ClauseTree) -> Iterator[_Found]:
    """Terms without quotes at the start of a line or clause: "Affiliate means ..."."""
    starts = {0} | {clause.start for clause in tree.clauses}
    starts |= {match.end() for match in re.finditer(r"\n+|; (?:and )?(?=[A-Z])", text)}
    for at in sorted(starts):
        match = _BARE.match(text, at, min(len(text), at + 200))
        if (
            match
            and len(match["term"]) <= MAX_TERM_CHARS
            and match["term"] not in ("This", "It", "That", "Which", "The", "Nothing", "No")
        ):
            end = match.end()
            stop = _SENTENCE_END.search(text, end, min(len(text), end + MAX_DEFINITION_CHARS))
            yield _Found(
                match["term"], match.start("term"), stop.start() + 1 if stop else min(len(text), end + 400), end
            )


def _count_uses(text: str, terms: set[str]) -> Counter[str]:
    """How often each term stands in the text, the longest term winning; a plural or possessive ending counts."""
    sizes: dict[str, list[int]] = {}
    for term in terms:
        words = term.split()
        first = _WORD.match(words[0]) if words else None
        if first:
            known = sizes.setdefault(_stem(first[0]), [])
            if len(words) not in known:
                known.append(len(words))
                known.sort(reverse=True)
    counts: Counter[str] = Counter()
    skip_to = 0
    for match in _WORD.finditer(text):
        at = match.start()
        known = sizes.get(_stem(match[0]))
        if known is None or at < skip_to:
            continue
        words = text[at : at + MAX_TERM_CHARS + 20].split(maxsplit=known[0])
        for size in known:
            term = _as_term(words[:size], terms) if size <= len(words) else ""
            if term:
                counts[term] += 1
                skip_to = at + len(term)
                break
    return counts


def _stem(word: str) -> str:
    return word.split("'")[0].split("’")[0].rstrip("s")


def _as_term(words: list[str], terms: set[str]) -> str:
    """The term that the words spell, punctuation and an ending of plural or possession aside; empty if none."""
    spelt = " ".join(words)
    for form in (spelt, spelt.rstrip(".,;:!?)]}\"'“”’")):
        bare = form.removesuffix("'s").removesuffix("’s")
        for candidate in (form, bare, bare.removesuffix("s"), bare.removesuffix("es")):
            if candidate in terms:
                return candidate
    return ""


def _circular(term: str, bodies: dict[str, str]) -> bool:
    """Whether a term is defined by itself, or two by nothing but each other."""
    body = bodies.get(term)
    if not body:
        return False
    turn = _TURN.search(body)
    core = body[: turn.start()] if turn else body
    if _count_uses(core, {term})[term] and not re.match(
        r"(?i)\W*(?:given|set forth|ascribed|assigned|specified|as defined|in|under|stated)\b", core
    ):
        return True
    if len(core) > 80:
        return False
    return any(
        other != term
        and len(bodies[other]) <= 80
        and other in core
        and re.search(rf"\b{re.escape(term)}\b", bodies[other])
        for other in _capitalised(core)
        if other in bodies
    )


def _capitalised(text: str) -> list[str]:
    return [match[0] for match in re.finditer(r"[A-Z][\w'’&-]*(?: [A-Z][\w'’&-]*){0,4}", text)]


_OF_NO_TERM = """agreement contract section sections article articles exhibit exhibits schedule schedules annex appendix attachment clause clauses paragraph party
    parties state states united america kingdom federal court courts internet code act law laws securities exchange commission board directors
    president vice chief executive officer financial secretary treasurer director chairman general counsel manager department government governmental
    january february march april may june july august september october november december monday tuesday wednesday thursday friday saturday
    sunday county city district republic european union american arbitration association international english language bankruptcy congress
    amendment addendum recitals preamble attention rule rules regulation regulations uniform commercial intellectual property web site website
    gaap dollars us usa uk eu northern southern eastern western north south east west new york delaware california texas province
    commonwealth people's hong kong singapore israel india germany france canada
    effective date term"""
_NOT_TERMS = frozenset(_OF_NO_TERM.split())
_USE = re.compile(
    r"\b(?:the|each|any|such|all|a|an|every|of|its|no)\s(?P<term>[A-Z][a-z][\w'’-]*(?:\s[A-Z][a-z][\w'’-]*){0,3})(?=\W)"
)
MIN_USES = 3


def undefined_terms(document: Document, tree: ClauseTree) -> tuple[UndefinedTerm, ...]:
    """Capitalised terms used at least three times inside sentences, though the contract does not define them.

    Names of parties, places, offices, statutes and other agreements are left out; so are words that also stand in a defined term.
    """
    text = document.text
    defined_words = {
        word.lower().rstrip("s") for definition in tree.definitions for word in _WORD.findall(definition.term)
    }
    titles = {word.lower().rstrip("s") for part in tree.parts for word in _WORD.findall(part.title)}
    lead = next((clause.start for clause in tree.clauses if clause.kind == "clause"), 0)
    names = {word.lower() for word in _WORD.findall(text[: min(lead, 4000)]) if word[0].isupper()}
    body_end = max((clause.start for clause in tree.clauses if clause.kind == "signature"), default=len(text))
    counts: Counter[str] = Counter()
    first: dict[str, int] = {}
    for match in _USE.finditer(text, lead, max(lead, body_end)):
        term = match["term"].removesuffix("'s").removesuffix("’s").rstrip("'’")
        words = [word.lower() for word in _WORD.findall(term)]
        if any(
            w in _NOT_TERMS or w.rstrip("s") in defined_words or w.rstrip("s") in titles or w in names for w in words
        ):
            continue
        if re.match(
            r"\W{1,3}(?:Inc|LLC|Ltd|Corp|Act|Code|Agreement|Law|Rules?)\b",
            text[match.end("term") : match.end("term") + 12],
        ):
            continue
        if term.endswith(("Act", "Code", "Agreement", "Law", "Court", "Committee", "Board")):
            continue
        counts[term] += 1
        first.setdefault(term, match.start("term"))
    found: list[UndefinedTerm] = []
    for term, uses in counts.items():
        if uses >= MIN_USES and len(re.findall(rf"\b{re.escape(term.lower())}\b", text[:200_000])) <= uses:
            clause = tree.at(first[term])
            words = document.words(first[term], first[term] + len(term))
            found.append(UndefinedTerm(term, uses, words, clause.index if clause else None))
    return tuple(sorted(found, key=lambda item: item.words.start))

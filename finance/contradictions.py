"""Contradictions inside one contract: same subject, holder, trigger and document, but another value.

Facts are compared within one part of the file (body, exhibit, amendment), never across: an exhibit may have its own law, an amendment
replaces. A pair is let go where the words make one the exception of the other, and becomes a note where the contract itself
says which section prevails. Precision comes first: a false alarm costs a lawyer more than a missed doublet.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from ..core.rules import Fact
from .clauses import ClauseTree
from .contradictions_liability import limited_and_unlimited, limited_twice
from .contradictions_periods import two_periods
from .contradictions_term import Clash, two_dates, two_terms
from .document import Document, Words
from .facts.jurisdictions import within
from .facts.types import Cap, ContractFacts, Found, Law, Period
from .figures import disagreements
from .findings import Level
from .vocabulary import RIGHTS, evidence_of, on_trigger, percent_per_year
from .wording import EARLIER_END, EXCEPTION, REPLACES, precedences, sentence_around, sentence_of

MIN_CONFIDENCE = 0.6
MAX_OF_A_KIND = 60
"""Facts of one kind compared pair by pair; a longer list is a table, not a clause said twice."""


@dataclass(frozen=True)
class Contradiction:
    """Two places of one part that cannot both hold. ``note`` says why it is only a note, "" where it stands."""

    subject: str
    title: str
    why: str
    level: Level
    quotes: tuple[Words, ...]
    facts: tuple[Fact, ...]
    note: str = ""


@dataclass(frozen=True)
class _Case:
    document: Document
    tree: ClauseTree
    facts: ContractFacts

    def part(self, words: Words) -> int:
        clause = self.tree.at(words.start)
        return clause.part if clause else 0

    def sentence(self, words: Words) -> str:
        return sentence_of(self.document.text, words)

    def said(self, words: Words) -> str:
        """The sentence, and the one before it where it only points there ("of such default")."""
        text = self.document.text
        first, last = sentence_around(text, words.start, words.end)
        if _POINTS_BACK.search(text[first:last]) and first > 2:
            first, _ = sentence_around(text, first - 2, first - 2)
        return text[first:last]

    def apart(self, a: Found, b: Found) -> bool:
        """Whether two facts stand in one part, in two sentences, with nothing said to make one give way to the other."""
        if self.part(a.words) != self.part(b.words) or min(a.confidence, b.confidence) < MIN_CONFIDENCE:
            return False
        first, second = (self._bare(found) for found in (a, b))
        if a.words.start < b.words.end and b.words.start < a.words.end:
            return False
        if first == second and abs(a.words.start - b.words.start) < len(first):
            return False
        if _sections_named(first) != _sections_named(second):  # each "under Section ..." is a case of its own
            return False
        return not any(pattern.search(sentence) for pattern in (EXCEPTION, REPLACES) for sentence in (first, second))

    def _bare(self, found: Found) -> str:
        """A fact's sentence without the words that look like an exception and are none."""
        bare = EARLIER_END.sub("", self.sentence(found.words))
        if isinstance(found, Period) and found.right == "prevent_renewal":
            bare = re.sub(
                r"\bunless\b", "", bare, count=1, flags=re.I
            )  # "unless a party gives notice" is the rule itself
        if isinstance(found, Law):
            bare = _SUBJECT_TO_LAW.sub("", bare)
        return bare


_SUBJECT_TO_LAW = re.compile(r"\bsubject (?:exclusively |solely )?to (?=[^.;,]{0,60}\blaws?\b)", re.I)
_POINTS_BACK = re.compile(
    r"\b(?:such|this|that|the foregoing) (?:default|breach|failure|non-?payment|violation|event|amount|payment|sum)s?\b",
    re.I,
)
_UNDER_SECTION = re.compile(
    r"\b(?:pursuant to|under|in accordance with|of)\b[^.;]{0,30}?\b(?:section|clause|paragraph|article)s?\s+(\S+)", re.I
)


def _sections_named(sentence: str) -> frozenset[str]:
    return frozenset(match[1].strip(".,;()").casefold() for match in _UNDER_SECTION.finditer(sentence))


def find(document: Document, tree: ClauseTree, facts: ContractFacts) -> tuple[Contradiction, ...]:
    """All contradictions of a contract, in text order."""
    case = _Case(document, tree, facts)
    finders = (_laws, _periods, _caps, _dates, _terms, _interest, _figures)
    found = [contradiction for finder in finders for contradiction in finder(case)]
    settled = precedences(document.text, tree)
    lowered: list[Contradiction] = []
    for contradiction in found:
        clauses = [tree.at(words.start) for words in contradiction.quotes]
        rule = next((p for p in settled if p.settles(clauses)), None)
        if rule is not None and contradiction.subject != "figures":
            note = f"The contract says which prevails: {_short(rule.words.text)}"
            contradiction = replace(contradiction, level="low", note=note)
        lowered.append(contradiction)
    return tuple(sorted(lowered, key=lambda c: (c.quotes[0].start, c.subject)))


def _pairs(case: _Case, found: Sequence[Found], same: Callable[[Found], object]) -> Iterator[tuple[Found, Found]]:
    """Pairs of facts with the same key that stand apart; for each key the first pair only of equal values."""
    groups: dict[object, list[Found]] = {}
    for fact in found:
        groups.setdefault((same(fact), case.part(fact.words)), []).append(fact)
    for group in groups.values():
        for a, b in itertools.combinations(group[:MAX_OF_A_KIND], 2):
            if case.apart(a, b):
                yield a, b


def _fact(name: str, value: object, found: Found, unit: str = "") -> Fact:
    return Fact(name, value, unit, found.confidence, evidence_of(found), about=found)


def _between(a: Found, b: Found) -> tuple[Words, ...]:
    return tuple(sorted((a.words, b.words), key=lambda words: words.start))


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= 200 else flat[:197] + "..."


_WIDER = {"united states", "united states of america", "usa", "canada", "united kingdom", "australia", "european union"}
_OWN_SUBJECT = re.compile(
    r"\b(?:as to|relat(?:ing|ed) to|regarding|concerning|internal affairs|arbitration act|validity|infringement|patents?"
    r"|real property|perfection|regulat\w+|filed|tax(?:es)?|(?:claims?|brought|initiated|commenced|filed) (?:by|against))\b",
    re.I,
)


_WHOLE_SUBJECT = re.compile(
    r"\b(?:(?:the )?(?:validity|interpretation|construction|performance|enforcement|enforceability|execution|effect|formation|existence|breach|termination|meaning|legality|scope)"
    r"(?:, (?:and |or )?|,? and |,? or )?){1,8} ?(?:of|under) (?:this|the) (?:\w+ )?(?:agreement|contract|lease|licen[cs]e)\b"
    r"|\b(?:all |any |every )?(?:and all )?(?:matters?|disputes?|questions?|issues?|claims?|controvers(?:y|ies)|rights|obligations)(?:,? (?:or|and) \w+)* (?:relating to|related to|arising (?:under|out of|from|in connection with)"
    r"|concerning|regarding|as to|in connection with)[^.;]{0,60}? (?:this|the) (?:agreement|contract|lease|licen[cs]e)\b",
    re.I,
)
"""Words that name the whole agreement by its sides: "the validity and interpretation of this Agreement"."""
_CASE_BY_CASE = re.compile(
    r"(?:^|[.;:,]\s)\W{0,3}(?:\w+\W{1,3}){0,4}(?:if|where|when|in the (?:event|case)|for (?:claims|disputes|actions|matters))\b",
    re.I,
)


def _has_own_subject(sentence: str) -> bool:
    """Whether a law or court is named for one subject or one case only, not for the agreement as a whole."""
    flat = " ".join(sentence.split())
    return bool(_OWN_SUBJECT.search(_WHOLE_SUBJECT.sub("this agreement", flat)) or _CASE_BY_CASE.search(flat))


def _laws(case: _Case) -> Iterator[Contradiction]:
    for kind, name, level in (
        ("law", "governing law", "high"),
        ("forum", "courts", "medium"),
        ("seat", "seat", "medium"),
    ):
        laws = [
            law
            for law in case.facts.laws
            if law.kind == kind
            and law.covers == "agreement"
            and law.jurisdiction
            and (kind != "forum" or law.exclusive)
        ]
        seen: set[frozenset[str]] = set()
        for a, b in _pairs(case, laws, lambda _: "agreement"):
            if not (isinstance(a, Law) and isinstance(b, Law)):
                continue
            first, second = a.jurisdiction.casefold(), b.jurisdiction.casefold()
            if within(first, second) or within(second, first) or _WIDER & {first, second}:
                continue
            if any(_has_own_subject(case.sentence(law.words)) for law in (a, b)):
                continue
            if frozenset((first, second)) in seen:
                continue
            seen.add(frozenset((first, second)))
            what = {"law": "Two governing laws", "forum": "Two exclusive courts", "seat": "Two seats of arbitration"}[
                kind
            ]
            yield Contradiction(
                kind,
                f"{what}: {a.jurisdiction} and {b.jurisdiction}",
                f"One clause names {a.jurisdiction}, another {b.jurisdiction} as {name} of the same agreement.",
                "high" if level == "high" else "medium",
                _between(a, b),
                (_fact(f"{kind}.jurisdiction", a.jurisdiction, a), _fact(f"{kind}.jurisdiction", b.jurisdiction, b)),
            )


def _periods(case: _Case) -> Iterator[Contradiction]:
    for a, b in two_periods(case.facts, case.said, case.apart):
        what = RIGHTS[a.right]
        holder = a.holder or b.holder
        trigger = on_trigger(_short(a.trigger)) if a.trigger else ""
        about = ", ".join(part for part in (holder, trigger) if part)
        yield Contradiction(
            f"period.{a.right}",
            f"Two periods: {what}",
            f"One clause gives {a.length}, another {b.length} for the same right: {what}{f' ({about})' if about else ''}.",
            "medium",
            _between(a, b),
            (_fact(f"period.{a.right}", str(a.length), a), _fact(f"period.{b.right}", str(b.length), b)),
        )


def _caps(case: _Case) -> Iterator[Contradiction]:
    for cap, uncapped, loss in limited_and_unlimited(case.facts, case.sentence, case.apart):
        yield Contradiction(
            "cap",
            "Liability both limited and without limit",
            f"One clause limits liability to {_cap_value(cap)}, another says that it is without limit, for {loss}.",
            "high",
            _between(cap, uncapped),
            (
                _fact("cap", _cap_value(cap), cap),
                _fact("uncapped", ", ".join(uncapped.losses) or "all losses", uncapped),
            ),
        )
    if (twice := limited_twice(case.facts, case.sentence, case.apart)) is not None:
        a, b = twice
        yield Contradiction(
            "cap",
            "Two limits for the same liability",
            f"One clause limits liability to {_cap_value(a)}, another to {_cap_value(b)}.",
            "high",
            _between(a, b),
            (_fact("cap", _cap_value(a), a), _fact("cap", _cap_value(b), b)),
        )


def _cap_value(cap: Cap) -> str:
    if cap.amount:
        return str(cap.amount)
    if cap.months_of_fees is None:
        return _short(cap.formula) or "a sum"
    return f"{cap.months_of_fees:g} months' fees" if cap.months_of_fees else "nothing"


def _dates(case: _Case) -> Iterator[Contradiction]:
    for kind, clash in two_dates(case.document, case.tree, case.facts, case.sentence, case.apart):
        yield _clashing(f"date.{kind}", clash)


def _terms(case: _Case) -> Iterator[Contradiction]:
    clash = two_terms(case.document, case.tree, case.facts, case.sentence, case.apart, case.part)
    if clash is not None:
        yield _clashing("term", clash)


def _clashing(subject: str, clash: Clash) -> Contradiction:
    quotes = tuple(dict.fromkeys(found.words for _, _, found in clash.facts))
    facts = tuple(_fact(name, value, found) for name, value, found in clash.facts)
    return Contradiction(subject, clash.title, clash.why, "medium", quotes, facts)


def _interest(case: _Case) -> Iterator[Contradiction]:
    rated = [interest for interest in case.facts.interest if percent_per_year(interest) is not None]
    by_fact = {id(interest): percent_per_year(interest) or 0.0 for interest in rated}
    for a, b in _pairs(case, rated, lambda _: "interest"):
        if abs(by_fact[id(a)] - by_fact[id(b)]) > 0.05:
            yield Contradiction(
                "interest",
                "Two rates of late interest",
                f"One clause gives {by_fact[id(a)]:g} percent a year, another {by_fact[id(b)]:g}.",
                "medium",
                _between(a, b),
                (_fact("interest", by_fact[id(a)], a, "percent"), _fact("interest", by_fact[id(b)], b, "percent")),
            )
            return


def _figures(case: _Case) -> Iterator[Contradiction]:
    for start, end, said, written in itertools.islice(disagreements(case.document.text), MAX_OF_A_KIND):
        words = case.document.words(start, end)
        clause = case.tree.at(start)
        found = Found(words, clause.index if clause else None, 0.95)
        yield Contradiction(
            "figures",
            f"Words and figures differ: {_short(words.text)}",
            f"The words say {said:,}, the figures {written:,}. Courts commonly take the words; the parties may have meant the figures.",
            "medium",
            (words,),
            (_fact("number.words", said, found), _fact("number.figures", float(written), found)),
        )

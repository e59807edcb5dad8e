"""Liability: caps, unlimited liability, excluded kinds of loss, time bars.

What CUAD calls "Cap on Liability" is three facts here: a cap limits the amount, an exclusion the kinds of loss, a time bar the
time to sue. "Unless", "except" and "nothing limits" are read as carve-outs of the fact they stand in, never as a fact that contradicts it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from .carve_outs import Meanings, carve_outs, losses
from .holders import Holders
from .numbers import CARDINAL, cardinal
from .sentences import Reading, Sentence
from .types import Cap, Duration, Found, LossExclusion, TimeBar, Uncapped

MAX_FACTS = 60
MAX_CARVE_DISTANCE = 6000
"""Characters from a cap to a later "the foregoing does not apply to ..." that still speaks of it."""
MAX_CARVE_CLAUSES = 8

_LIABLE = (
    r"(?:liabilit(?:y|ies)|liable|damages|obligations?(?= to indemnif)|indemni\w+ (?:obligations?|claims?)|recover\w*)"
)
_CAP = re.compile(
    rf"\b{_LIABLE}\b[^;]{{0,420}}?\b(?P<limit>(?:shall |will |may |must |can )?(?:in no (?:event|case) )?(?:not|never|nor)(?: at any time| in any event| in the aggregate| (?:to|be))*(?: be)? ?(?:exceed|greater than|more than|in excess of|higher than)|(?:be |is |are |hereby )*(?:expressly |strictly )?(?:limited|capped|restricted) (?:solely |exclusively )?(?:in the aggregate |in total |in amount )?(?:to|at)|exceed\w*|in excess of|greater than|up to a maximum of|maximum of|equal to the (?:lesser|greater)|not to exceed|liability cap)\b"
    rf"|\b(?:maximum|aggregate|total|cumulative|entire|overall) (?:\w+ ){{0,4}}{_LIABLE}\b[^;]{{0,300}}?\b(?P<limit2>exceed|is|shall be|will be|limited to|:)"
)
_NEGATED = re.compile(
    r"\b(?:not|no|never|neither|nor|limited|capped|maximum|restricted|lesser|greater of|equal to|up to)\b"
)
_MONEY_WORDS = re.compile(
    r"\b(?:amounts?|fees?|sums?|price|payments?|paid|payable|charges|compensation|consideration|contract value|purchase price|revenue|royalt\w+|commission\w*|premium|cost|value|percent|%|insurance|proceeds|coverage|limits?|cap\b|remuneration|invoice\w*)\b"
)
_EXCLUSION = re.compile(
    r"\b(?:not(?! (?:be )?limited)|neither|nor|no|never|waive[sd]?|disclaim\w*|exclud\w+|excluded|in no event|under no circumstances?)\b[^;]{0,500}?\b(?P<kind>indirect|consequential|incidental(?! to\b)|special|punitive|exemplary|loss(?:es)? of (?:\w+ )?(?:profits?|revenue|business|data|goodwill|use|savings|anticipated|opportunity|income|contracts?)|lost (?:profits?|revenue|business|data|savings|royalties|sales|goodwill|opportunit\w+))\b"
)
_KINDS = (
    ("indirect", r"\bindirect"), ("consequential", r"\bconsequential"), ("incidental", r"\bincidental(?! to\b)|\bincidential"), ("special", r"\bspecial\b"), ("punitive", r"\bpunitive"),
    ("exemplary", r"\bexemplary"), ("lost profits", r"\b(?:lost|loss(?:es)? of)(?: \w+){0,4}? profits?\b|\bprofits? loss"), ("lost revenue", r"\b(?:lost|loss(?:es)? of)(?: [\w,]+){0,4}? (?:revenues?|income|sales)\b"),
    ("lost business", r"\b(?:lost|loss(?:es)? of)(?: [\w,]+){0,6}? (?:business|opportunit\w+|contracts?|customers)\b"), ("loss of data", r"\b(?:lost|loss(?:es)? of|corruption of)(?: [\w,]+){0,6}? data\b"),
    ("loss of goodwill", r"\b(?:lost|loss(?:es)? of|damage to)(?: [\w,]+){0,6}? (?:goodwill|reputation)\b"), ("loss of use", r"\bloss(?:es)? of (?:[\w,]+ ){0,3}?use\b"),
    ("loss of savings", r"\b(?:lost|loss(?:es)? of)(?: [\w,]+){0,4}? savings\b"), ("substitute goods", r"\bsubstitute (?:goods|products|services)"), ("business interruption", r"\bbusiness interruption|\binterruption of business"),
)  # fmt: skip
_UNCAPPED = re.compile(
    r"\b(?:nothing (?:in|contained|herein|under|within)[^;]{0,160}?(?:limits?|limit\w*|excludes?|exclude|restricts?|restrict|affect)|(?:the |these |this |such |foregoing |any |above )+(?:\w+ ){0,3}(?:limitations?|exclusions?|limits?|caps?)(?:[^.;]|\.(?=\d)){0,120}?(?:shall|will|do|does|is|are) not (?:be )?(?:apply|limit|applicable|extend)|no limit\w* (?:of|on|to|shall)|without limit(?:ation)? (?:of|in|as to) (?:amount|liability)|unlimited liability|liability (?:shall|will|is|of)[^;]{0,80}(?:be )?(?:unlimited|uncapped|not (?:be )?limited|without limit)|shall not be (?:limited|subject to (?:any|the) (?:limit|cap)\w*)|neither party (?:excludes|limits)|there shall be no limit|fully liable|unlimited in amount"
    # "without limit" is meant; "including without limitation" is not
    r"|liabilit(?:y|ies) (?:under|for|in respect of|arising) [^;]{0,120}?(?:is|are|shall be|will be) (?:unlimited|uncapped|not limited|without limit\b)"
    r"|(?:liable|liabilit(?:y|ies)|indemnif\w+|hold harmless)\b[^;]{0,400}?\bwithout (?:any )?limit\b)"
)
_TIME_BAR = re.compile(
    r"\b(?:action|claim|suit|proceeding|cause of action|legal action|arbitration|litigation|demand)s?\b[^;]{0,260}\b(?:brought|commenced?|filed|instituted|made|asserted|barred|bring|brings|initiated|notified|begun|maintained)\b"
)
_INCLUDING = re.compile(r"\bbut (?:is |are |shall )?not (?:be )?limited to$")
"""What is "including, but not limited to," something has no limit there."""
_BY_INSURANCE = re.compile(r"\b(?:by|to)\b[^.;]{0,60}\binsurance\b")
"""A duty that insurance does not limit may yet be limited elsewhere."""
_LOOK_BACK = re.compile(r"\b(?:preceding|previous|prior|immediately before|before|last|trailing|past)\b")


@dataclass(frozen=True)
class Liability:
    """All facts on liability of one contract, each list in text order."""

    caps: tuple[Cap, ...]
    uncapped: tuple[Uncapped, ...]
    exclusions: tuple[LossExclusion, ...]
    time_bars: tuple[TimeBar, ...]


def liability(reading: Reading, holders: Holders) -> Liability:
    """Find caps, unlimited liability, excluded losses and time bars; at most 60 of each."""
    caps: list[Cap] = []
    uncapped: list[Uncapped] = []
    exclusions: list[LossExclusion] = []
    bars: list[TimeBar] = []
    previous: Sentence | None = None
    meanings = Meanings(reading)
    for sentence in reading.sentences:
        lower = sentence.lower
        if sentence.kind in ("contents", "signature"):
            continue
        if re.search(r"liab|damages|indemnif|limit", lower):
            found_caps = list(_caps(sentence, holders, meanings))
            caps += found_caps
            exclusions += _exclusions(sentence, holders, meanings)
            uncapped += _uncapped(sentence, holders, meanings, bool(found_caps))
            _carve_later(sentence, previous, meanings, caps, exclusions)
        if sentence.durations and _TIME_BAR.search(lower):
            bars += _time_bars(sentence, holders)
        previous = sentence
    return Liability(
        tuple(caps[:MAX_FACTS]), tuple(uncapped[:MAX_FACTS]), tuple(exclusions[:MAX_FACTS]), tuple(bars[:MAX_FACTS])
    )


def whose(sentence: Sentence, holders: Holders, end: int) -> str:
    """Whose liability the words before ``end`` limit: "X's liability", "liability of X", "X shall not be liable"."""
    text, lower = sentence.text, sentence.lower
    for match in re.finditer(r"\b(?:liabilit(?:y|ies)|obligations?|indemnif\w+)(?: of| for| by) ", lower[: end + 60]):
        named = [mention for mention in holders.mentions(text[match.end() : match.end() + 60]) if mention.start < 12]
        if named:
            return "both" if named[0].holder == "either" else named[0].holder
    for match in re.finditer(
        r"(?:'s?|s'|') (?:\w+ ){0,4}?(?:liabilit|obligation|responsib|indemn|aggregate|total|maximum|cumulative|entire)",
        lower,
    ):
        named = [
            mention
            for mention in holders.mentions(text[max(0, match.start() - 60) : match.start() + 1])
            if mention.end >= match.start() - max(0, match.start() - 60) - 1
        ]
        if named:
            return "both" if named[-1].holder == "either" else named[-1].holder
    verb = re.search(
        r"\b(?:liable|any liability|no liability|responsible|waives?|disclaims?|recover)\b", lower[: end + 80]
    )
    holder = holders.subject(text, verb.start() if verb else end)
    return "both" if holder == "either" else holder


def _caps(sentence: Sentence, holders: Holders, meanings: Meanings) -> Iterator[Cap]:
    lower = sentence.lower
    used = -1
    for match in _CAP.finditer(lower):
        if match.start() < used:
            continue
        limit_at = match.start("limit") if match["limit"] else match.start("limit2")
        limit_end = match.end()
        window = lower[limit_end : limit_end + 420]
        amounts = [hit for hit in sentence.money if limit_end - 4 <= hit.start <= limit_end + 260]
        if (
            not amounts
            and not _MONEY_WORDS.search(window[:260])
            and "direct damages" not in window[:120]
            and "[" not in window[:60]
            and "*" not in window[:60]
        ):
            continue
        if not _NEGATED.search(lower[max(0, match.start() - 90) : limit_end + len(" limited")]):
            continue
        if re.search(
            r"\binsurance\b[^.;]{0,80}$|\bdeductible|\bbasket\b", lower[max(0, match.start() - 80) : limit_at]
        ) or _INCLUDING.search(lower[max(0, limit_at - 24) : limit_end]):
            continue
        used = limit_end
        labelled = sentence.labels.get("cap_on_liability", 0.0)
        money = next((hit for hit in amounts if hit.money is not None), None)
        blank = next((hit for hit in amounts if hit.money is None), None)
        formula = phrase(sentence.text[limit_end : limit_end + 420])
        confidence = 0.86 + 0.08 * labelled + (0.04 if re.search("liab", sentence.headings) else 0.0)
        notes = [hit.note for hit in (money, blank) if hit is not None and hit.note]
        if blank is None and re.search(r"\[[^\]\w]{0,12}\]|\*{2,}", window[:80]) and money is None:
            notes.append("amount blank or redacted")
        yield Cap(
            words=sentence.words(match.start(), min(len(sentence.text), limit_end + len(formula) + 1)),
            clause=sentence.clause,
            confidence=min(0.96, confidence, money.confidence if money else 0.96) * (0.8 if notes else 1.0),
            whose=whose(sentence, holders, limit_at),
            amount=money.money if money else None,
            formula=formula,
            months_of_fees=_months_of_fees(sentence, limit_end),
            basis=_basis(lower, match.start(), limit_end),
            look_back=_look_back(sentence, limit_end),
            carve_outs=carve_outs(sentence, meanings),
            note="; ".join(notes),
        )


def phrase(text: str) -> str:
    """A formula as written: up to the end of its clause, at a comma or semicolon that opens another thought."""
    cut = re.search(
        r"; |\. |, (?:except|provided|and in no|regardless|whether|even|unless|nor|but)\b| (?:except|provided,? (?:however|that)|unless|regardless|whether)\b",
        text,
    )
    return text[: cut.start() if cut else len(text)].strip(" ,:;.")[:300]


def _months_of_fees(sentence: Sentence, start: int) -> float | None:
    lower = sentence.lower
    window = lower[start : start + 420]
    if not re.search(
        r"\b(?:fees?|paid|payable|amounts?|charges|compensation|sums?|payments?|price|revenue|received)\b", window
    ):
        return None
    for hit in sentence.durations:
        if start <= hit.start <= start + 420 and hit.duration.unit in ("month", "year", "quarter", "day", "week"):
            before, after = lower[max(start, hit.start - 60) : hit.start], lower[hit.end : hit.end + 60]
            fees_of = re.search(
                r"\b(?:during|in|over|for|within|preceding|previous|prior|last|of|the)\b[^.;]{0,30}$", before
            )
            multiple = re.match(r"(?:'s?|s')? (?:of )?(?:\w+ ){0,2}(?:fees?|charges|rent|payments?)", after)
            if fees_of or multiple or _LOOK_BACK.search(after):
                return round(hit.duration.months * _multiple(window[: max(0, hit.start - start)]), 2)
    if re.search(
        r"\b(?:preceding|previous|prior|relevant|applicable|such|any|each|that) (?:calendar |contract |twelve-month )?year\b|\bannual (?:fees?|charges|contract)",
        window[:200],
    ):
        return 12.0 * _multiple(window[:120])
    return None


def _multiple(text: str) -> float:
    match = re.search(
        rf"\b(?:(?P<times>{CARDINAL}|\d{{1,2}}(?:\.\d)?) ?(?:\(\d{{1,2}}x?\) ?)?(?:times|x)\b|(?P<word>twice|double)\b|(?P<percent>\d{{1,4}}) ?%|(?P<words>{CARDINAL}) percent)",
        text,
    )
    if not match:
        return 1.0
    if match["word"]:
        return 2.0
    if match["percent"]:
        return int(match["percent"]) / 100
    if match["words"]:
        return (cardinal(match["words"]) or 100) / 100
    times = match["times"]
    return float(times) if times[0].isdigit() else float(cardinal(times) or 1)


def _look_back(sentence: Sentence, start: int) -> Duration | None:
    lower = sentence.lower
    for hit in sentence.durations:
        if start <= hit.start <= start + 420 and (
            _LOOK_BACK.search(lower[max(start, hit.start - 40) : hit.start])
            or _LOOK_BACK.search(lower[hit.end : hit.end + 50])
        ):
            return hit.duration
    return None


def _basis(lower: str, start: int, end: int) -> Literal["aggregate", "per_claim", "unsaid"]:
    window = lower[max(0, start - 80) : end + 260]
    if re.search(
        r"\bper (?:claim|occurrence|incident|event|breach)|\b(?:each|(?<!in )any|every|a single|any one) (?:claim|occurrence|incident|event|such claim|one (?:claim|event|occurrence))\b|\bin respect of (?:any|each) (?:single |one )?(?:claim|event)",
        window,
    ) and not re.search(r"\baggregate|\bcumulative", window):
        return "per_claim"
    if re.search(
        r"\baggregate|\btotal\b|\bcumulative|\bentire\b|\ball (?:claims|causes|damages|liabilit)|\boverall|\bmaximum (?:aggregate|total|cumulative|liab)",
        window,
    ):
        return "aggregate"
    return "per_claim" if re.search(r"\bgiving rise to the (?:claim|liability)", window) else "unsaid"


def _carve_later(
    sentence: Sentence,
    previous: Sentence | None,
    meanings: Meanings,
    caps: list[Cap],
    exclusions: list[LossExclusion],
) -> None:
    """ "The foregoing limitations do not apply to ..." in the next sentence carves out of the caps and exclusions of the same clause."""
    if previous is None or not _UNCAPPED.search(sentence.lower):
        return
    if not re.search(
        r"\b(?:foregoing|this (?:section|clause|article|paragraph|limitation)|these|such|above|nothing|limitations?|exclusions?)\b",
        sentence.lower,
    ):
        return
    named = losses(sentence.text, meanings)
    if not named:
        return
    for number, cap in enumerate(caps):
        if _same_clause(cap, sentence):
            caps[number] = replace(cap, carve_outs=_joined(cap.carve_outs, named))
    for number, exclusion in enumerate(exclusions):
        if _same_clause(exclusion, sentence):
            exclusions[number] = replace(exclusion, carve_outs=_joined(exclusion.carve_outs, named))


def _same_clause(fact: Found, sentence: Sentence) -> bool:
    """Whether a fact stands in the sentence's clause or shortly before it."""
    if not 0 <= sentence.start - fact.words.start <= MAX_CARVE_DISTANCE:
        return False
    if fact.clause is None or sentence.clause is None:
        return fact.clause == sentence.clause
    return 0 <= sentence.clause - fact.clause <= MAX_CARVE_CLAUSES


def _joined(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    return (*first, *(name for name in second if name not in first))


def _exclusions(sentence: Sentence, holders: Holders, meanings: Meanings) -> Iterator[LossExclusion]:
    lower = sentence.lower
    match = _EXCLUSION.search(lower)
    if match is None or not re.search(r"\bliab|\bdamages\b|\bresponsible|\bloss", lower) or len(lower) < 60:
        return  # a short one is a heading ("No consequential damages.")
    window = lower[max(0, match.start() - 20) : match.end() + 700]
    kinds = tuple(name for name, pattern in _KINDS if re.search(pattern, window))
    if not kinds:
        return
    tail = re.search(r"\b(?:shall|will) (?:not|in no event) (?:be )?(?:apply|exclude|limit)", window[:200])
    if tail and _UNCAPPED.search(lower):
        return
    yield LossExclusion(
        words=sentence.words(match.start(), min(len(sentence.text), match.end() + 260)),
        clause=sentence.clause,
        confidence=min(
            0.96, 0.86 + 0.05 * min(2, len(kinds) - 1) + 0.05 * sentence.labels.get("cap_on_liability", 0.0)
        ),
        whose=whose(sentence, holders, match.start("kind")),
        kinds=kinds,
        carve_outs=carve_outs(sentence, meanings),
    )


def _uncapped(sentence: Sentence, holders: Holders, meanings: Meanings, has_cap: bool) -> Iterator[Uncapped]:
    lower = sentence.lower
    match = _UNCAPPED.search(lower)
    if match is None or not re.search(r"\bliab|\bdamages|\blimitation|\bexclusion|\bindemn", lower):
        return
    if _BY_INSURANCE.search(lower[match.end() : match.end() + 120]) or lower.startswith("ation", match.end()):
        return
    named = losses(sentence.text[match.end() :], meanings) or losses(sentence.text[: match.start()], meanings)
    if not named and has_cap:
        return
    if not named and not re.search(r"unlimited|uncapped|no limit|without limit", match.group()):
        return
    indemnity = match.group().startswith(("indemnif", "hold harmless"))
    holder = whose(sentence, holders, match.start() if indemnity else match.end())
    yield Uncapped(
        words=sentence.words(match.start(), len(sentence.text)),
        clause=sentence.clause,
        confidence=min(0.95, 0.84 + 0.1 * sentence.labels.get("uncapped_liability", 0.0)),
        whose=holder or ("both" if "nothing" in match.group() else ""),
        losses=named,
    )


def _time_bars(sentence: Sentence, holders: Holders) -> Iterator[TimeBar]:
    lower = sentence.lower
    for hit in sentence.durations:
        before, after = lower[max(0, hit.start - 160) : hit.start], lower[hit.end : hit.end + 140]
        if hit.duration.days < 28 or not re.search(
            r"\b(?:more than|later than|within|after|least|unless[^.;]{0,80}|exceed\w*)\b[^.;]{0,24}$", before
        ):
            continue
        if not re.search(
            r"\b(?:after|from|of|following|since)\b[^.;]{0,90}\b(?:accru|aris|arose|occur|discover|cause|knew|known|event|facts|date|claim|act\b|breach|expir|terminat|deliver|become)",
            after,
        ):
            continue
        if re.search(r"\bindemnif|\bwarrant\w*\b[^.;]{0,40}$|\bcure\b|\bnegotiat|\bmediat|\binvoice", before[-90:]):
            continue
        holder = holders.subject(sentence.text, hit.start)
        yield TimeBar(
            words=sentence.words(hit.start, min(len(sentence.text), hit.end + 90)),
            clause=sentence.clause,
            confidence=min(0.9, hit.confidence),
            whose="both" if holder in ("either", "") else holder,
            length=hit.duration,
            note=hit.note,
        )
        return

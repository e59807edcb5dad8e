"""Liability: caps, unlimited liability, excluded kinds of loss, time bars.

What CUAD calls "Cap on Liability" is three facts here: a cap limits the amount, an exclusion the kinds of loss, a time bar the
time to sue. "Unless", "except" and "nothing limits" are read as carve-outs of the fact they stand in, never as a fact that contradicts it.
How high a cap is: ``finance/facts/limit_values.py``; what has no limit: ``finance/facts/unlimited.py``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from .carve_outs import Meanings, carve_outs, is_general, losses
from .holders import Holders
from .limit_values import basis, measure, multiple_of_a_limit
from .sentences import Reading, Sentence
from .types import Cap, LossExclusion, Money, TimeBar, Uncapped
from .unlimited import carve_later, uncapped, unlimited

MAX_FACTS = 60

_LIABLE = (
    r"(?:liabilit(?:y|ies)|liable|damages|obligations?(?= to indemnif)|indemni\w+ (?:obligations?|claims?)|recover\w*)"
)
_CAP = re.compile(
    rf"\b{_LIABLE}\b[^;]{{0,420}}?\b(?P<limit>(?:shall |will |may |must |can )?(?:in no (?:event|case) )?(?:not|never|nor)(?: at any time| in any event| in the aggregate| (?:to|be))*(?: be)? ?(?:exceed|greater than|more than|in excess of|higher than)|(?:be |is |are |hereby )*(?:expressly |strictly )?(?:limited|capped|restricted) (?:solely |exclusively )?(?:in the aggregate |in total |in amount )?(?:to|at)|exceed\w*|in excess of|greater than|up to a maximum of|maximum of|equal to the (?:lesser|greater)|not to exceed|liability cap)\b"
    rf"|\b(?:maximum|aggregate|total|cumulative|entire|overall) (?:\w+ ){{0,4}}{_LIABLE}\b[^;]{{0,300}}?\b(?P<limit2>exceed|is|shall be|will be|limited to|:)"
)
_NO_MORE = re.compile(
    r"\b(?:(?:liab(?:le|ility)|responsible|answer(?:able)?|accountable|recover\w*|damages|remed(?:y|ies))\b[^;]{0,200}?\b(?P<limit>(?:no |not )?(?:more|greater|higher) than|in excess(?: \w+){0,4}? of|above(?= (?:the|an?|one|two|three|\w+ months?|[$€£]|usd|eur|gbp|\d))|exceeding|at most|only up to|a maximum of)"
    r"|maximum (?:amount |sum )?(?:that |which )?[^.;]{1,60}?\b(?:pay|owe|be liable|recover|be responsible)\b[^.;]{0,120}?\b(?P<limit2>is|shall be|will be|equals))(?![\w-])"
)
"""Plainer words for a limit; the value stands close behind them."""
_LIMIT_IS = re.compile(
    r"\b(?:limit|cap|maximum)\b(?: (?:of|on) liability)?(?: (?:for|in respect of) [^.;]{1,120}?)? (?P<limit>is|shall be|will be|increases? to)\b"
)
_NO_LIABILITY = re.compile(
    r"\b(?:(?:have|has|bears?|accepts?|assumes?|incurs?) no (?:liability|responsibility)(?: or (?:liability|responsibility|obligation))?|no (?:liability|responsibility))\b"
    r"(?P<kind> of any (?:kind|nature|sort)(?: whatsoever)?| whatsoever(?: kind)?| at all)?(?: to (?!the extent)[^,;.]{2,60}?)?,?"
    r" (?:for (?:any (?:and all )?)?(?:claims?|damages?|loss(?:es)?|liabilit(?:y|ies))(?:(?:,| or| and)* (?:claims?|damages?|loss(?:es)?|liabilit(?:y|ies)))* )?(?:of any (?:kind|nature) )?(?:whatsoever )?"
    r"(?:under|arising (?:out of|from|under)|in (?:connection|respect|relation) (?:with|of|to)|relating to)\b[^.;]{0,40}?\b(?:this agreement|hereunder|the services)\b"
)
_CONDITIONAL = re.compile(
    r"\b(?:if|unless|in the event (?:that|of)|upon|after|following|delays?|force majeure|beyond|terminat\w+|expir\w+|to the extent|except|solely|further|such|prior to|because|caused|due to|resulting"
    r"|third[- ]part\w+|subcontract\w*|director|officer|employee|member|shareholder|agent|consequential|indirect|incidental|punitive|special|lost profits|loss of|provided)\b"
)
_SOLE_REMEDY = re.compile(
    r"\b(?:sole|exclusive|only|entire)(?:,? (?:and|or) (?:sole|exclusive|only))? (?:remed(?:y|ies)|recourse|liability)\b(?:,? and [^,;.]{0,60}?\b(?:sole|exclusive|entire)[^,;.]{0,30}?(?:liability|remedy|obligation),?)?"
    r" (?:for|in respect of|with respect to|under|arising (?:from|out of|under)|in connection with) (?P<scope>[^.;]{3,120}?) (?:is|are|shall be|will be|be)\b (?P<what>[^.;]{3,200})"
)
_REMEDY = re.compile(r"\b(?:refund|re-?perform\w*|repair\w*|replac\w+|credits?|correct\w*|return of)\b")
_ALL_CLAIMS = re.compile(
    r"^(?:any (?:and all )?(?:claims?|loss(?:es)?|damages?|causes? of action|breach(?:es)? of (?:this|the) agreement|failure[^,]{0,40}to perform)|this agreement|(?:a |any )?breach(?:es)? of (?:this|the) agreement)\b(?! (?:for|of|that|by) (?:infring|breach of (?:the )?warrant|warrant|third))"
)
_FOR_ONE_LOSS = re.compile(
    r"^(?P<who>.{0,40}?)\b(?:for|in respect of|with respect to|arising (?:from|out of)|under) (?P<loss>(?:(?:any|its|a|the|each|their|such|party's|of) )*(?:breach(?:es)?|violations?|obligations?|claims? (?:for|of)|indemni|infring|death|personal|property|data|confiden|fraud|wil+ful|gross)\b.{0,160})"
)
_NEGATED = re.compile(
    r"\b(?:not|no|never|neither|nor|limited|capped|maximum|restricted|lesser|greater of|equal to|up to|at most|cannot)\b"
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
_TIME_BAR = re.compile(
    r"\b(?:action|claim|suit|proceeding|cause of action|legal action|arbitration|litigation|demand)s?\b[^;]{0,260}\b(?:brought|commenced?|filed|instituted|made|asserted|barred|bring|brings|initiated|notified|begun|maintained)\b"
)
_INCLUDING = re.compile(r"\bbut (?:is |are |shall )?not (?:be )?limited to$")
"""What is "including, but not limited to," something has no limit there."""


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
    uncapped_facts: list[Uncapped] = []
    exclusions: list[LossExclusion] = []
    bars: list[TimeBar] = []
    meanings = Meanings(reading)
    for number, sentence in enumerate(reading.sentences):
        lower = sentence.lower
        if sentence.kind in ("contents", "signature"):
            continue
        if re.search(r"liab|damages|indemnif|limit|recover|remed|responsib|\bcap|\bmaximum|\banswer", lower):
            found_caps = list(_caps(sentence, holders, meanings))
            caps += found_caps
            exclusions += _exclusions(sentence, holders, meanings)
            match = unlimited(sentence)
            if match is not None:
                before = whose(
                    sentence,
                    holders,
                    match.start() if match.group().startswith(("indemnif", "hold harmless")) else match.end(),
                )
                open_ended = uncapped(sentence, holders, meanings, bool(found_caps), before, match)
                uncapped_facts += [open_ended] if open_ended else []
                if number:
                    carve_later(sentence, holders, meanings, before, match, caps, exclusions)
        if sentence.durations and _TIME_BAR.search(lower):
            bars += _time_bars(sentence, holders)
    caps = _in_terms_of(caps)
    return Liability(
        tuple(caps[:MAX_FACTS]),
        tuple(uncapped_facts[:MAX_FACTS]),
        tuple(exclusions[:MAX_FACTS]),
        tuple(bars[:MAX_FACTS]),
    )


_JOINED = re.compile(r",? (?:and|or|nor) (?:of )?(?:the )?", re.I)
_SECOND_LIMIT = re.compile(r".*\b(?:exceed|limited to)\b.*?(?:,|;) (?:and|while|whereas|but) ", re.S)
"""Up to where a second limit begins in a sentence that holds two, one for each party."""


def whose(sentence: Sentence, holders: Holders, end: int) -> str:
    """Whose liability the words before ``end`` limit: "X's liability", "liability of X", "X shall not be liable"."""
    text, lower = sentence.text, sentence.lower
    for match in re.finditer(r"\b(?:liabilit(?:y|ies)|obligations?|indemnif\w+)(?: of| for| by) ", lower[: end + 60]):
        behind = text[match.end() : match.end() + 120]
        mentions = list(holders.mentions(behind))
        if mentions and mentions[0].start < 12:
            joined = len(mentions) > 1 and _JOINED.fullmatch(behind[mentions[0].end : mentions[1].start])
            several = joined and mentions[0].holder != mentions[1].holder
            return "both" if several or mentions[0].holder == "either" else mentions[0].holder
    second = _SECOND_LIMIT.search(lower[:end])
    for match in re.finditer(
        r"(?:'s?|s'|') (?:\w+ ){0,4}?(?:liabilit|obligation|responsib|indemn|aggregate|total|maximum|cumulative|entire)",
        lower,
    ):
        if second is not None and match.start() < second.end():
            continue
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
    used = -1
    for match in _CAP.finditer(sentence.lower):
        if match.start() >= used and (limit := _limit(sentence, match)) is not None:
            used = limit[1]
            yield _cap(sentence, holders, meanings, match.start(), *limit)
    if used >= 0:
        return
    for pattern in (_NO_MORE, _LIMIT_IS):
        for match in pattern.finditer(sentence.lower):
            if (limit := _plain_limit(sentence, match)) is not None:
                yield _cap(sentence, holders, meanings, match.start(), *limit)
                return
    yield from _nothing_at_all(sentence, holders, meanings)


def _limit(sentence: Sentence, match: re.Match[str]) -> tuple[int, int] | None:
    """Where the verb of a limit begins and ends; None where what it says limits no liability in amount."""
    lower = sentence.lower
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
        return None
    if not _NEGATED.search(lower[max(0, match.start() - 90) : limit_end + len(" limited")]):
        return None
    if re.search(
        r"\binsurance\b[^.;]{0,80}$|\bdeductible|\bbasket\b", lower[max(0, match.start() - 80) : limit_at]
    ) or _INCLUDING.search(lower[max(0, limit_at - 24) : limit_end]):
        return None
    return limit_at, limit_end


def _plain_limit(sentence: Sentence, match: re.Match[str]) -> tuple[int, int] | None:
    """As ``_limit``, for words that say a limit of liability only where a sum stands right behind them, and a "no" before them."""
    lower = sentence.lower
    groups = match.groupdict()
    limit_at = match.start("limit") if groups["limit"] else match.start("limit2")
    end = match.end()
    near = lower[end : end + 60]
    if not any(end - 2 <= hit.start <= end + 40 for hit in sentence.money) and not _MONEY_WORDS.search(near):
        return None
    late = [hit for hit in sentence.durations if end <= hit.start <= end + 3]
    if late and re.match(r" ?(?:after|from|following|prior|before)\b", lower[late[0].end :]):
        return None  # "no claim more than two years after payment" is a time bar
    before = lower[max(0, match.start() - 120) : end]
    if re.search(r"\binsurance\b|\bdeductible|\bbasket\b|\bovercharge|\baudit", lower):
        return None
    if match.re is _LIMIT_IS:
        named = re.search(r"liab|damages", sentence.headings + before) or multiple_of_a_limit(lower[end : end + 90])
        return (limit_at, end) if named else None
    if not re.search(r"\bliab|\bdamages|\brecover|\bremed|\bclaims?\b|\banswer", before + " " + sentence.headings):
        return None
    return (limit_at, end) if groups["limit2"] or _NEGATED.search(before) or "no event" in before else None


def _cap(sentence: Sentence, holders: Holders, meanings: Meanings, start: int, limit_at: int, limit_end: int) -> Cap:
    found = measure(sentence, limit_at, limit_end)
    formula = phrase(sentence.text[limit_end : limit_end + 420])
    labelled = sentence.labels.get("cap_on_liability", 0.0)
    confidence = 0.86 + 0.08 * labelled + (0.04 if re.search("liab", sentence.headings) else 0.0)
    return Cap(
        words=sentence.words(start, min(len(sentence.text), limit_end + len(formula) + 1)),
        clause=sentence.clause,
        confidence=min(0.96, confidence, found.confidence) * (0.8 if found.notes else 1.0),
        whose=_limited(sentence, holders, start, limit_at),
        amount=found.amount,
        formula=formula,
        months_of_fees=found.months,
        basis=basis(sentence.lower, start, limit_end),
        look_back=found.look_back,
        carve_outs=carve_outs(sentence, meanings),
        losses=_only_losses(sentence, meanings, start, limit_at),
        bound=found.bound,
        multiple=multiple_of_a_limit(formula),
        note="; ".join(found.notes),
    )


def _limited(sentence: Sentence, holders: Holders, start: int, limit_at: int) -> str:
    """Whose liability a limit is of. Of a remedy, or of what one party recovers, it is the other's."""
    said = sentence.lower[start:limit_at]
    owner = re.search(r"\b(?:recover\w*|remed(?:y|ies)|recourse)\b", said)
    if owner is None or re.search(r"\bliab", said[: owner.start()]):
        return whose(sentence, holders, limit_at)
    paid_by = re.search(r"\b(?:from|against) ", sentence.lower[start : start + 240])
    if paid_by:
        named = [
            m
            for m in holders.mentions(sentence.text[start + paid_by.end() : start + paid_by.end() + 60])
            if m.start < 6
        ]
        if named:
            return "both" if named[0].holder == "either" else named[0].holder
    holder = holders.subject(sentence.text, start + owner.start()) or holders.subject(sentence.text, limit_at)
    if holder in ("", "either", "both"):
        return "both" if holder == "either" else holder
    others = [party for party in holders.parties if party != holder]
    return others[0] if len(others) == 1 else ""


def _only_losses(sentence: Sentence, meanings: Meanings, start: int, limit_at: int) -> tuple[str, ...]:
    """The losses that a limit is for, where it is for some only: "liability for breach of confidentiality shall not exceed ..."."""
    said = sentence.lower[start:limit_at]
    match = _FOR_ONE_LOSS.search(said[max(said.rfind("liabilit"), 0) :])
    if match is None and (
        lead := re.match(r"for (?P<loss>[^,;]{4,120}?),? (?:the|this|that) (?:limit|cap)\b", sentence.lower)
    ):
        match = lead
    if match is None or is_general(match["loss"]) or re.search(r"this agreement|\bany (?:claim|cause)", match["loss"]):
        return ()
    return losses(match["loss"], meanings)


def _nothing_at_all(sentence: Sentence, holders: Holders, meanings: Meanings) -> Iterator[Cap]:
    """ "No liability of any kind under this Agreement" is a limit of nothing; a refund as the sole remedy for any claim is a limit too."""
    lower = sentence.lower
    none = _NO_LIABILITY.search(lower)
    if none and not _CONDITIONAL.search(lower):
        yield Cap(
            words=sentence.words(none.start(), none.end()),
            clause=sentence.clause,
            confidence=0.86,
            whose=whose(sentence, holders, none.end()),
            amount=None,
            formula="no liability",
            months_of_fees=0.0,
        )
        return
    sole = _SOLE_REMEDY.search(lower)
    if sole and _ALL_CLAIMS.search(sole["scope"]) and _REMEDY.search(sole["what"]):
        yield Cap(
            words=sentence.words(sole.start(), sole.end()),
            clause=sentence.clause,
            confidence=0.8,
            whose=_limited(sentence, holders, sole.start(), sole.start("what")),
            amount=None,
            formula=phrase(sentence.text[sole.start("what") : sole.end("what")]),
            carve_outs=carve_outs(sentence, meanings),
        )


def _in_terms_of(caps: Sequence[Cap]) -> list[Cap]:
    """Caps with those that are a multiple of another worked out: "three times that amount" behind twelve months' fees is 36 months."""
    done: list[Cap] = []
    for cap in caps:
        if cap.multiple and cap.amount is None and cap.months_of_fees is None:
            base = next(
                (
                    other
                    for other in reversed(done)
                    if not other.losses and (cap.whose in ("", "both", other.whose) or other.whose in ("", "both"))
                ),
                None,
            )
            if base is not None:
                amount = base.amount and Money(base.amount.amount * Decimal(str(cap.multiple)), base.amount.currency)
                months = None if base.months_of_fees is None else round(base.months_of_fees * cap.multiple, 2)
                cap = replace(
                    cap, amount=amount, months_of_fees=months, bound=base.bound, whose=cap.whose or base.whose
                )
        done.append(cap)
    return done


def phrase(text: str) -> str:
    """A formula as written: up to the end of its clause, at a comma or semicolon that opens another thought."""
    cut = re.search(
        r"; |\. |, (?:except|provided|and in no|regardless|whether|even|unless|nor|but)\b| (?:except|provided,? (?:however|that)|unless|regardless|whether)\b",
        text,
    )
    return text[: cut.start() if cut else len(text)].strip(" ,:;.")[:300]


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
    if tail and unlimited(sentence) is not None:
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

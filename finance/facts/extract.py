"""Extract every fact of a contract: the one function that runs all extractors in the order in which they need each other.

Sentences are cut once and shared. Parties come first (they name the holders), then dates, term, periods, liability, money and
law; deadlines last, from all of them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ..classify import Classification
from ..clauses import ClauseTree
from ..document import Document
from .business_days import calendar_for
from .charges import late_interest, termination_fees
from .contract_dates import contract_dates
from .dates import show
from .deadlines import deadlines
from .gaps import gaps
from .holders import Holders
from .law import laws
from .liability import liability
from .money import MAX_AMOUNTS
from .periods import periods
from .sentences import Reading, Sentence, read_sentences
from .terms import Terms, terms
from .types import Amount, Cap, ContractFacts, Period, Renewal, TerminationFee

_PURPOSE_BEFORE = re.compile(
    r"(?P<noun>(?:[A-Za-z'/-]+ ){0,4}[A-Za-z'/-]+)(?: ?\([^()]{0,40}\))?,? (?:of|is|are|be|equal to|equals|totall?ing|in the amount of|in the sum of|amounting to|not to exceed|not exceeding|not less than|at least|at|shall be|will be)"
    r"(?: (?:an?|the|up to|approximately|about|at least|not less than|total of|maximum of|amount of|sum of|equal to|only))*:? ?$"
)
_PURPOSE_STOP = re.compile(
    r"^.*\b(?:pay|pays|paid|a|an|the|its|their|his|such|and|or|of|shall|will|with|receive|to|for|in|that|which|by|this) ",
    re.IGNORECASE,
)
_PURPOSE_AFTER = re.compile(
    r"^,? ?(?P<phrase>(?:per|for|as|in|toward|plus|each|monthly|annual(?:ly)?|to (?:cover|reimburse)|of (?!the|which))\b[^.;,()]{2,70})"
)


def extract(document: Document, tree: ClauseTree, classification: Classification) -> ContractFacts:
    """All facts of ``document``; ``classification`` is a prior only: what no label marks is found by the extractors' own patterns.

    Never raises on odd text; an empty document gives empty facts. Time is linear in the text.
    """
    from . import obligations, parties, signatures

    found_parties = parties.extract(document, tree)
    found_signatures = signatures.extract(document, tree)
    reading = read_sentences(document, tree, classification)
    holders = Holders(found_parties)
    dates = contract_dates(reading, found_signatures)
    term = _doubted(terms(reading, dates), document, tree)
    found_periods = periods(reading, holders)
    found_liability = liability(reading, holders)
    found_fees = termination_fees(reading, holders)
    found_laws = laws(reading)
    found_renewal = _with_notice(term.renewal, found_periods)
    governing = next((law.jurisdiction for law in found_laws if law.kind == "law" and law.covers == "agreement"), "")
    found_deadlines = deadlines(
        reading,
        holders,
        dates,
        expiration=term.expiration,
        term=term.term,
        renewal=found_renewal,
        periods=found_periods,
        holidays=calendar_for(governing),
    )
    contract_dates_found = tuple(
        date for date in (dates.agreement, dates.effective, term.expiration) if date is not None
    )
    return ContractFacts(
        parties=tuple(found_parties),
        dates=contract_dates_found,
        term=term.term,
        renewal=found_renewal,
        periods=found_periods,
        caps=found_liability.caps,
        uncapped=found_liability.uncapped,
        exclusions=found_liability.exclusions,
        time_bars=found_liability.time_bars,
        termination_fees=found_fees,
        interest=late_interest(reading),
        amounts=_amounts(reading, (*found_liability.caps, *found_fees)),
        laws=found_laws,
        signatures=tuple(found_signatures),
        obligations=tuple(obligations.extract(document, tree, found_parties)),
        deadlines=found_deadlines,
        gaps=gaps(reading, (*contract_dates_found, *found_liability.caps, *found_signatures)),
    )


DOUBT = 0.7
"""An end date that another clause contradicts is no surer than this: it is shown, and enters no calendar."""


NOTICE_FROM_ELSEWHERE = 0.85


def _doubted(found: Terms, document: Document, tree: ClauseTree) -> Terms:
    """Lower the confidence of an end date where another clause of the contract's own says another."""
    from ..end_dates import end_dates

    end = found.expiration
    if end is None or end.value is None:
        return found
    at = tree.at(end.words.start)
    others = [
        other
        for other in end_dates(document, tree)
        if other.value is not None
        and other.value != end.value
        and (clause := tree.at(other.words.start)) is not None
        and (at is None or clause.part == at.part)
    ]
    if not others:
        return found
    note = f"another clause says {show(others[0].value)}" if others[0].value else ""
    return replace(found, expiration=replace(end, confidence=min(end.confidence, DOUBT), note=note))


def _with_notice(renewal: Renewal | None, found: tuple[Period, ...]) -> Renewal | None:
    """A renewal whose own sentence names no notice takes it from the period that prevents renewal."""
    if renewal is None or renewal.notice is not None:
        return renewal
    notice = next((period for period in found if period.right == "prevent_renewal"), None)
    if notice is None:
        return renewal
    # a notice from another place may be that of another renewal: shown, and not sure enough for a calendar
    sure = min(renewal.confidence, notice.confidence, NOTICE_FROM_ELSEWHERE)
    return replace(renewal, notice=notice.length, open_notice="", confidence=sure)


def _amounts(reading: Reading, others: Sequence[Cap | TerminationFee]) -> tuple[Amount, ...]:
    """Every amount that is no cap and no fee for ending early."""
    taken = [fact.words for fact in others if fact.amount is not None]
    amounts: list[Amount] = []
    for sentence in reading.sentences:
        for hit in sentence.money:
            if hit.money is None:
                continue
            words = sentence.words(hit.start, hit.end)
            if any(other.start <= words.start and words.end <= other.end for other in taken):
                continue
            amounts.append(
                Amount(
                    words,
                    sentence.clause,
                    hit.confidence,
                    hit.money,
                    _purpose(sentence, hit.start, hit.end),
                    note=hit.note,
                )
            )
            if len(amounts) >= MAX_AMOUNTS:
                return tuple(amounts)
    return tuple(amounts)


def _purpose(sentence: Sentence, start: int, end: int) -> str:
    before = _PURPOSE_BEFORE.search(sentence.text[max(0, start - 90) : start])
    after = _PURPOSE_AFTER.match(sentence.text[end : end + 90])
    noun = _PURPOSE_STOP.sub("", before["noun"]) if before else ""
    phrase = after["phrase"].strip() if after else ""
    return " ".join(part for part in (noun.strip(), phrase) if part)[:120]

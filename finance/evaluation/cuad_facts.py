"""Score extracted facts against the lawyers' answers of CUAD: governing law, agreement date, expiration date, notice days.

The answers (Hendrycks et al. 2021, arXiv 2103.06268; ``master_clauses.csv``) are short texts: "New York", "3/1/20", "[]/[]/2013",
"perpetual", "60 days; 180 days". What counts as right is written at each rule below. A contract without an
answer to a fact is not counted for that fact, so these are accuracies where something was to be found.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..facts.durations import find_durations
from ..facts.jurisdictions import plain_names
from ..facts.types import ContractDate, ContractFacts

ANSWERS: Mapping[str, str] = {
    "governing_law": "governing law",
    "agreement_date": "agreement date",
    "expiration_date": "expiration date",
    "notice_days": "notice period to terminate renewal",
}
"""Fact -> CUAD's category in lower case."""

EXPIRATION_TOLERANCE_DAYS = 1
"""The lawyers write the last day for some contracts and its anniversary for others: "3 years from 1 March 2020" is 2/28/23 here and
3/1/23 there. One day either way is right."""

NOTICE_TOLERANCE = 0.04
"""Months and days are compared as days (30 a month, 365 a year) within this share, so 12 months is 1 year and 6 months 180 days."""


@dataclass(frozen=True)
class FactResult:
    """One contract's results: ``right`` holds, for each fact that has an answer, whether ours agrees; ``ours`` and ``theirs`` as text."""

    title: str
    right: Mapping[str, bool]
    ours: Mapping[str, str]
    theirs: Mapping[str, str]


def score_facts(
    contracts: Iterable[Mapping[str, Any]], predict: Callable[[Mapping[str, Any]], ContractFacts]
) -> tuple[FactResult, ...]:
    """Compare ``predict(contract)`` with the answers of each contract (a row of CUAD's file: ``title``, ``text``, ``answers``)."""
    results: list[FactResult] = []
    for contract in contracts:
        answers = {name.lower().strip(): (answer or "").strip() for name, answer in contract["answers"].items()}
        wanted = {fact: answers[name] for fact, name in ANSWERS.items() if answers.get(name)}
        if not wanted:
            continue
        facts = predict(contract)
        right = {fact: _RULES[fact](facts, answer) for fact, answer in wanted.items()}
        ours = {fact: _SHOWN[fact](facts) for fact in wanted}
        results.append(FactResult(str(contract["title"]), right, ours, wanted))
    return tuple(results)


def accuracy(results: Iterable[FactResult], fact: str) -> tuple[float, int]:
    """Share of right answers to ``fact`` and the number of contracts that have one (nan, 0 where none has)."""
    marks = [result.right[fact] for result in results if fact in result.right]
    return (sum(marks) / len(marks) if marks else float("nan")), len(marks)


def law_is_right(facts: ContractFacts, answer: str) -> bool:
    """Right when our law of the agreement is among the jurisdictions of the answer, each by its plain name ("Ontario" = "Province of
    Ontario, Canada", "England; Wales" = "England and Wales"). An answer that names no jurisdiction ("[]", "the state where the
    franchise is located") is right when we name none."""
    theirs = plain_names(answer)
    law = facts.law()
    ours = law.jurisdiction if law else ""
    return ours in theirs if theirs else not ours


def date_is_right(date: ContractDate | None, answer: str, *, tolerance_days: int = 0) -> bool:
    """Right when one of the answer's parts (split at ";") agrees: a whole date within the tolerance; a date with blanks
    ("[]/[]/2013", "04/30/[]") when we found the date blank or redacted, or with exactly the parts given; "perpetual" when we found no
    end to the term."""
    return any(_agrees(date, part.strip(), tolerance_days) for part in answer.split(";") if part.strip())


def _agrees(date: ContractDate | None, answer: str, tolerance_days: int) -> bool:
    if answer.lower().startswith("perpetual"):
        return date is not None and date.status == "perpetual"
    parts = re.fullmatch(r"(\d{1,2}|\[\])/(\d{1,2}|\[\])/((?:\d{2,4})|[\d\[\]]+)", answer)
    if date is None or parts is None:
        return False
    month, day, year = parts.groups()
    if "[" in answer:
        return date.status in ("blank", "redacted")
    full = int(year) if len(year) == 4 else 1900 + int(year) if int(year) >= 60 else 2000 + int(year)
    try:
        theirs = datetime.date(full, int(month), int(day))
    except ValueError:
        return False
    return date.value is not None and abs((date.value - theirs).days) <= tolerance_days


def notice_is_right(facts: ContractFacts, answer: str) -> bool:
    """Right when the notice that stops the renewal equals one of the answer's lengths, in days."""
    notice = facts.renewal.notice if facts.renewal else None
    if notice is None:
        notice = next((period.length for period in facts.periods if period.right == "prevent_renewal"), None)
    lengths = [hit.duration.days for hit in find_durations(answer.replace("60)", "60"))]
    return notice is not None and any(abs(notice.days - days) <= NOTICE_TOLERANCE * days for days in lengths)


_RULES: Mapping[str, Callable[[ContractFacts, str], bool]] = {
    "governing_law": law_is_right,
    "agreement_date": lambda facts, answer: date_is_right(facts.date("agreement"), answer),
    "expiration_date": lambda facts, answer: date_is_right(
        facts.date("expiration"), answer, tolerance_days=EXPIRATION_TOLERANCE_DAYS
    ),
    "notice_days": notice_is_right,
}


def _shown_date(date: ContractDate | None) -> str:
    return "" if date is None else str(date.value) if date.value else date.status


def _shown_notice(facts: ContractFacts) -> str:
    notice = facts.renewal.notice if facts.renewal else None
    periods = [str(period.length) for period in facts.periods if period.right == "prevent_renewal"]
    return str(notice) if notice else "; ".join(periods[:1])


_SHOWN: Mapping[str, Callable[[ContractFacts], str]] = {
    "governing_law": lambda facts: law.jurisdiction if (law := facts.law()) else "",
    "agreement_date": lambda facts: _shown_date(facts.date("agreement")),
    "expiration_date": lambda facts: _shown_date(facts.date("expiration")),
    "notice_days": _shown_notice,
}

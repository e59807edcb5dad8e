"""The names that a playbook's thresholds may use, and how the facts of a contract fill them.

``NAMES`` lists every name with its kind and unit; ``facts_for`` turns ``ContractFacts`` into the facts of ``core/rules`` as seen by
one side: "ours" is what our party holds, owes or limits, "theirs" any other party's, "any" everybody's. A fact that the
contract has but whose value was not read carries the value None, so that no threshold is decided on it. docs/playbooks.md
shows the list; a test keeps the two alike.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ..core.rules import Evidence, Fact, Facts
from .facts.types import Cap, ContractFacts, Found, Interest, LossExclusion, Period, Uncapped

NameKind = Literal["number", "flag", "text"]
Who = Literal["ours", "theirs", "any"]
WHO: tuple[Who, ...] = ("ours", "theirs", "any")

RIGHTS: Mapping[str, str] = {
    "terminate_for_convenience": "notice to end the contract without cause",
    "terminate_for_cause": "notice to end the contract for cause",
    "cure": "time to cure a breach",
    "prevent_renewal": "notice that stops the renewal",
    "payment": "time to pay",
    "dispute_invoice": "time to dispute an invoice",
    "acceptance": "time to accept or reject what is delivered",
    "warranty": "warranty period",
    "confidentiality": "time for which information is kept secret",
    "non_compete": "time for which one may not compete",
    "non_solicit": "time for which people or customers may not be solicited",
    "audit_notice": "notice before an audit",
    "breach_notice": "time to report a breach or incident",
    "retention": "time for which records are kept",
    "change_notice": "notice before terms or prices change",
    "post_termination": "time of duties after the end",
}
"""Rights and duties with a time to them (``Period.right``), in words."""

CARVE_OUTS: Mapping[str, tuple[str, re.Pattern[str]]] = {
    "confidentiality": ("confidentiality", re.compile(r"confiden|non-?disclosure", re.I)),
    "data": (
        "personal data and security",
        re.compile(r"\bdata\b|privacy|security (?:breach|incident)|\bGDPR\b|\bHIPAA\b", re.I),
    ),
    "intellectual_property": (
        "intellectual property",
        re.compile(r"intellectual|infring|misappropriat|\bIP\b|patent|copyright|trademark", re.I),
    ),
    "indemnity": ("indemnities", re.compile(r"indemni|hold harmless", re.I)),
    "wilful": ("wilful misconduct", re.compile(r"wil+ful|intentional|deliberate|vors(?:a|ä)tz", re.I)),
    "gross_negligence": ("gross negligence", re.compile(r"gross(?:ly)? negligen", re.I)),
    "fraud": ("fraud", re.compile(r"fraud|deceit", re.I)),
    "death": ("death and injury", re.compile(r"\bdeath\b|personal injury|bodily injury", re.I)),
    "payment": ("sums due", re.compile(r"\bpay(?:ment)?\b|\bfees\b|sums due|amounts (?:due|owed)", re.I)),
}
"""Losses that a cap may leave out, by the words that name them."""


TOKEN_SUM = 10_000
TOKEN_CURRENCIES = frozenset({"USD", "EUR", "GBP", "CHF", "CAD", "AUD", "NZD", "SGD"})
"""A limit below this sum in one of these currencies is next to none between businesses, whatever the contract is worth."""


@dataclass(frozen=True)
class Name:
    """One name of the vocabulary: a number in ``unit`` within ``low``..``high``, a flag, or a text.

    ``per_party`` where the name says ours, theirs or any.
    """

    kind: NameKind
    description: str
    unit: str = ""
    low: float = 0.0
    high: float = 1e15
    per_party: bool = False


MAX_DAYS = 36_500.0
MAX_MONTHS = 1_200.0
WORDS_OF_WHO: Mapping[str, str] = {"ours": "our", "theirs": "their", "any": "a party's"}


def _names() -> Mapping[str, Name]:
    names: dict[str, Name] = {}
    for who in WHO:
        whose = WORDS_OF_WHO[who]
        for right, words in RIGHTS.items():
            names[f"period.{right}.{who}.days"] = Name("number", f"{whose} {words}", "days", 0, MAX_DAYS, True)
            names[f"period.{right}.{who}.present"] = Name("flag", f"{whose} {words}, if stated", per_party=True)
        names[f"cap.{who}.present"] = Name("flag", f"a limit on {whose} liability", per_party=True)
        names[f"cap.{who}.months_of_fees"] = Name(
            "number", f"{whose} limit of liability in months of fees", "months", 0, MAX_MONTHS, True
        )
        names[f"cap.{who}.amount"] = Name("number", f"{whose} limit of liability as a sum", "currency", per_party=True)
        names[f"cap.{who}.basis"] = Name(
            "text", f"whether {whose} limit is aggregate, per_claim or unsaid", per_party=True
        )
        names[f"cap.{who}.token"] = Name(
            "flag", f"{whose} liability limited to a token sum (under {TOKEN_SUM:,})", per_party=True
        )
        for key, (words, _) in CARVE_OUTS.items():
            names[f"cap.{who}.carve_out.{key}"] = Name(
                "flag", f"{words} left out of {whose} limit of liability", per_party=True
            )
        names[f"uncapped.{who}.present"] = Name("flag", f"{whose} liability said to be without limit", per_party=True)
        names[f"exclusion.{who}.present"] = Name(
            "flag", f"{whose} liability for kinds of loss excluded", per_party=True
        )
        names[f"exclusion.{who}.lost_profits"] = Name(
            "flag", f"{whose} liability for lost profits excluded", per_party=True
        )
        names[f"time_bar.{who}.months"] = Name(
            "number", f"time within which claims against {whose} side must be brought", "months", 0, MAX_MONTHS, True
        )
        names[f"termination_fee.{who}.present"] = Name("flag", f"{whose} fee for ending early", per_party=True)
        names[f"termination_fee.{who}.amount"] = Name(
            "number", f"{whose} fee for ending early as a sum", "currency", per_party=True
        )
        names[f"signature.{who}.readable"] = Name(
            "flag", f"{whose} signature block with a readable signature", per_party=True
        )
    names |= {
        "payment.days": Name("number", "time to pay an invoice", "days", 0, MAX_DAYS),
        "term.months": Name("number", "length of the first term", "months", 0, MAX_MONTHS),
        "term.perpetual": Name("flag", "a term without end"),
        "renewal.automatic": Name("flag", "automatic renewal"),
        "renewal.months": Name("number", "length of a renewal term", "months", 0, MAX_MONTHS),
        "renewal.times": Name("number", "how often the term renews", "times", 0, 1_000),
        "renewal.notice_days": Name("number", "notice that stops the renewal", "days", 0, MAX_DAYS),
        "interest.percent_per_month": Name("number", "late interest in percent a month", "percent", 0, 100),
        "interest.percent_per_year": Name("number", "late interest in percent a year", "percent", 0, 1_200),
        "law.jurisdiction": Name("text", "governing law of the agreement"),
        "law.present": Name("flag", "a governing law"),
        "forum.jurisdiction": Name("text", "courts that decide"),
        "forum.present": Name("flag", "courts that decide, if named"),
        "forum.exclusive": Name("flag", "exclusive jurisdiction of the courts named"),
        "seat.jurisdiction": Name("text", "seat of arbitration"),
        "seat.present": Name("flag", "arbitration"),
        "date.agreement.present": Name("flag", "a date of the agreement"),
        "date.effective.present": Name("flag", "an effective date"),
        "date.expiration.present": Name("flag", "an end date"),
        "parties.count": Name("number", "how many parties there are", "parties", 0, 1_000),
    }
    return names


NAMES: Mapping[str, Name] = _names()
"""Every name that a threshold may use."""


def facts_for(facts: ContractFacts, ours: str = "") -> Facts:
    """The facts of one contract as the party named ``ours`` sees them, by the names in ``NAMES``.

    Where the contract does not say whose a right or a limit is, it counts for all sides at four fifths of its confidence. With ``ours``
    empty nothing is "ours" or "theirs"; "any" is filled.
    """
    return Facts(_all(facts, ours))


def sides_of(holder: str, ours: str) -> tuple[Who, ...]:
    """Of whom a fact of ``holder`` speaks when ``ours`` is our party's name.

    >>> sides_of("either", "Acme Ltd")
    ('ours', 'theirs', 'any')
    >>> sides_of("Vendor Inc.", "Acme Ltd")
    ('theirs', 'any')
    """
    if not ours:
        return ("any",)
    if holder in ("either", "both", ""):
        return WHO
    return ("ours" if holder == ours else "theirs", "any")


def evidence_of(found: Found) -> tuple[Evidence, ...]:
    """The words a fact was read from, as evidence."""
    return (Evidence("words", found.words.text, found.words.start, found.words.end),)


def fact_of(name: str, value: Any, found: Found, *, unit: str = "", confidence: float | None = None) -> Fact:
    """A fact of the rules from a fact of the contract; ``about`` keeps the latter."""
    sure = found.confidence if confidence is None else confidence
    return Fact(name, value, unit, sure, evidence_of(found), about=found)


def describe(name: str) -> str:
    """A name of the vocabulary in plain words.

    >>> describe("period.cure.ours.days")
    'our time to cure a breach'
    """
    known = NAMES.get(name)
    return known.description if known else name


def _all(facts: ContractFacts, ours: str) -> Iterator[Fact]:
    for period in facts.periods:
        if period.right in RIGHTS:
            yield from _each(
                ours,
                period.holder,
                period,
                {
                    f"period.{period.right}.{{}}.days": (round(period.length.days, 3), "days"),
                    f"period.{period.right}.{{}}.present": (True, ""),
                },
            )
        if period.right == "payment":
            yield fact_of("payment.days", round(period.length.days, 3), period, unit="days")
    for cap in facts.caps:
        yield from _each(ours, cap.whose, cap, _cap(cap, facts.caps))
    for uncapped in facts.uncapped:
        yield from _each(ours, uncapped.whose, uncapped, _uncapped(uncapped))
    for exclusion in facts.exclusions:
        yield from _each(ours, exclusion.whose, exclusion, _exclusion(exclusion))
    for bar in facts.time_bars:
        yield from _each(ours, bar.whose, bar, {"time_bar.{}.months": (round(bar.length.months, 3), "months")})
    for fee in facts.termination_fees:
        amount = (float(fee.amount.amount), fee.amount.currency) if fee.amount else (None, "")
        yield from _each(
            ours, fee.payer, fee, {"termination_fee.{}.present": (True, ""), "termination_fee.{}.amount": amount}
        )
    for signature in facts.signatures:
        yield from _each(
            ours, signature.party, signature, {"signature.{}.readable": (True if signature.readable else None, "")}
        )
    yield from _duration(facts)
    yield from _rest(facts)


def _each(ours: str, holder: str, found: Found, values: Mapping[str, tuple[Any, str]]) -> Iterator[Fact]:
    unsaid = ours and holder == ""
    for who in sides_of(holder, ours):
        sure = found.confidence * (0.8 if unsaid and who != "any" else 1.0)
        for pattern, (value, unit) in values.items():
            yield fact_of(pattern.format(who), value, found, unit=unit, confidence=sure)


def carved_out(phrases: Iterable[str]) -> tuple[str, ...]:
    """The keys of ``CARVE_OUTS`` that some phrases name.

    >>> carved_out(["breach of confidentiality", "fraud"])
    ('confidentiality', 'fraud')
    """
    text = "; ".join(phrases)
    return tuple(key for key, (_, pattern) in CARVE_OUTS.items() if pattern.search(text))


def _cap(cap: Cap, caps: Sequence[Cap]) -> dict[str, tuple[Any, str]]:
    if cap.losses and any(not other.losses for other in caps):
        return _own_limit(cap, caps)
    values: dict[str, tuple[Any, str]] = {
        "cap.{}.present": (None if cap.losses else True, ""),
        "cap.{}.months_of_fees": (cap.months_of_fees, "months"),
        "cap.{}.amount": (float(cap.amount.amount), cap.amount.currency) if cap.amount else (None, ""),
        "cap.{}.basis": (cap.basis, ""),
    }
    if (
        cap.amount
        and cap.bound != "at_least"
        and cap.amount.currency in TOKEN_CURRENCIES
        and not _RATE.search(cap.formula)
    ):
        values["cap.{}.token"] = (cap.amount.amount < TOKEN_SUM, "")
    for key in carved_out(cap.carve_outs):
        values[f"cap.{{}}.carve_out.{key}"] = (True, "")
    for key in set(carved_out(cap.losses)) - set(carved_out(cap.carve_outs)):
        values[f"cap.{{}}.carve_out.{key}"] = (False, "")
    return values


_RATE = re.compile(r"\b(?:per|for (?:each|every)) (?!claim|occurrence|event|incident|(?:contract )?year|annum)", re.I)
"""A sum for each kilogram or unit is no sum by itself."""


def _own_limit(cap: Cap, caps: Sequence[Cap]) -> dict[str, tuple[Any, str]]:
    """Facts of a limit that is for some losses beside a general one: a higher one leaves them out of the general limit, else it is not known
    whether it does."""
    general = [other for other in caps if not other.losses and other.whose in ("", "both", "either", cap.whose)]
    higher = (cap.multiple or 0) > 1 or any(
        (a is not None and b is not None and a > b)
        for other in general
        for a, b in (
            (cap.months_of_fees, other.months_of_fees),
            (
                cap.amount and cap.amount.amount,
                other.amount and other.amount.amount if _one_currency(cap, other) else None,
            ),
        )
    )
    return {f"cap.{{}}.carve_out.{key}": (True if higher else None, "") for key in carved_out(cap.losses)}


def _one_currency(a: Cap, b: Cap) -> bool:
    return bool(a.amount and b.amount and a.amount.currency == b.amount.currency)


def _uncapped(uncapped: Uncapped) -> dict[str, tuple[Any, str]]:
    values: dict[str, tuple[Any, str]] = {}
    own = [loss for loss in uncapped.losses if loss not in ALWAYS_OPEN]
    if not uncapped.losses or (own and uncapped.whose not in ("either", "both", "")):
        values["uncapped.{}.present"] = (True, "")
    for key in carved_out(uncapped.losses):
        values[f"cap.{{}}.carve_out.{key}"] = (True, "")
    return values


ALWAYS_OPEN = frozenset(
    {"death or personal injury", "fraud", "wilful misconduct", "gross negligence", "breach of law", "payment"}
)
"""Losses that limits commonly leave out and often must: to leave them out is no liability without limit, nor is what both sides leave out."""


def _exclusion(exclusion: LossExclusion) -> dict[str, tuple[Any, str]]:
    values: dict[str, tuple[Any, str]] = {"exclusion.{}.present": (True, "")}
    if any(re.search(r"profit|revenue|business", kind, re.I) for kind in exclusion.kinds):
        values["exclusion.{}.lost_profits"] = (True, "")
    return values


def _duration(facts: ContractFacts) -> Iterator[Fact]:
    term, renewal = facts.term, facts.renewal
    if term is not None:
        yield fact_of("term.months", round(term.length.months, 3) if term.length else None, term, unit="months")
        if term.perpetual:
            yield fact_of("term.perpetual", True, term)
    if renewal is None:
        return
    if renewal.automatic:
        yield fact_of("renewal.automatic", True, renewal)
    yield fact_of("renewal.months", round(renewal.length.months, 3) if renewal.length else None, renewal, unit="months")
    if renewal.times is not None:
        yield fact_of("renewal.times", renewal.times, renewal, unit="times")
    notices = [period for period in facts.periods if period.right == "prevent_renewal"]
    if renewal.notice is not None:
        yield fact_of("renewal.notice_days", round(renewal.notice.days, 3), renewal, unit="days")
    for notice in notices if renewal.notice is None else ():
        yield fact_of("renewal.notice_days", round(notice.length.days, 3), notice, unit="days")


def _rest(facts: ContractFacts) -> Iterator[Fact]:
    for interest in facts.interest:
        a_year = percent_per_year(interest)
        yield fact_of("interest.percent_per_year", a_year, interest, unit="percent")
        a_month = None if a_year is None else round(a_year / 12, 4)
        yield fact_of("interest.percent_per_month", a_month, interest, unit="percent")
    for law in facts.laws:
        if law.covers != "agreement":
            continue
        yield fact_of(f"{law.kind}.jurisdiction", law.jurisdiction or None, law)
        yield fact_of(f"{law.kind}.present", True, law)
        if law.kind == "forum":
            yield fact_of("forum.exclusive", law.exclusive, law)
    for date in facts.dates:
        if date.value is not None or date.status == "perpetual":
            yield fact_of(f"date.{date.kind}.present", True, date)
    yield Fact(
        "parties.count",
        len(facts.parties) or None,
        "parties",
        min((party.confidence for party in facts.parties), default=0.0),
        tuple(evidence for party in facts.parties for evidence in evidence_of(party)),
    )


def percent_per_year(interest: Interest) -> float | None:
    """A rate of late interest as percent a year without compounding; None where the rate or its period is not said."""
    times = {"month": 12, "year": 1, "day": 365}.get(interest.per)
    return None if interest.rate is None or times is None else round(interest.rate * times, 4)


def shown(value: Any, unit: str = "") -> str:
    """A value for a person to read.

    >>> shown(60.0, "days"), shown(True), shown(None)
    ('60 days', 'yes', 'not stated')
    """
    if value is None:
        return "not stated"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        number = f"{value:,.2f}" if len(unit) == 3 and unit.isupper() else f"{value:g}"
        return f"{number} {unit}".strip()
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(shown(entry) for entry in value)
    return str(value)


def period_words(period: Period) -> str:
    """A period's right in words, with its holder where said."""
    words = RIGHTS.get(period.right, period.right.replace("_", " "))
    return f"{words} ({period.holder})" if period.holder else words


def on_trigger(trigger: str) -> str:
    """What starts a period, as the end of a sentence.

    >>> on_trigger("written notice"), on_trigger("after receipt of the invoice")
    ('on written notice', 'after receipt of the invoice')
    """
    return (
        trigger if re.match(r"(?:after|before|from|following|upon|prior to|preceding)\b", trigger) else f"on {trigger}"
    )

"""Find amounts of money in a sentence: "$1,234.56", "US$5 million", "EUR 1.000,00", "one million dollars ($1,000,000)".

The first step of caps, fees and the table of amounts. A redacted or blank amount ("$[***]", "$____") is a hit without a value,
so that later stages can say "redacted" and not "missing".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from .numbers import CARDINAL, cardinal, figures, lowered
from .types import Money

CERTAIN, DOUBTED = 0.95, 0.5
MAX_AMOUNT = Decimal(10) ** 15
MAX_AMOUNTS = 2000

_SIGNS = {
    "us$": "USD", "u.s.$": "USD", "usd$": "USD", "$us": "USD", "c$": "CAD", "ca$": "CAD", "cdn$": "CAD", "cad$": "CAD", "a$": "AUD",
    "au$": "AUD", "aud$": "AUD", "nz$": "NZD", "s$": "SGD", "hk$": "HKD", "nt$": "TWD", "r$": "BRL", "mx$": "MXN",
    "€": "EUR", "£": "GBP", "¥": "JPY", "rmb¥": "CNY", "rmb": "CNY", "₹": "INR", "rs.": "INR", "₩": "KRW", "₪": "ILS", "₽": "RUB",
}  # fmt: skip
_CODES = [
    "USD",
    "EUR",
    "GBP",
    "JPY",
    "CNY",
    "CHF",
    "CAD",
    "AUD",
    "NZD",
    "SGD",
    "HKD",
    "TWD",
    "INR",
    "KRW",
    "ILS",
    "RUB",
    "BRL",
    "MXN",
    "SEK",
    "NOK",
    "DKK",
    "PLN",
    "CZK",
    "ZAR",
    "AED",
    "SAR",
    "TRY",
    "THB",
]
_NAMES = {
    "united states dollars": "USD", "united states dollar": "USD", "u.s. dollars": "USD", "us dollars": "USD", "u.s. dollar": "USD",
    "canadian dollars": "CAD", "australian dollars": "AUD", "singapore dollars": "SGD", "hong kong dollars": "HKD",
    "new zealand dollars": "NZD", "dollars": "$", "dollar": "$", "euros": "EUR", "euro": "EUR", "pounds sterling": "GBP",
    "pounds": "GBP", "sterling": "GBP", "yen": "JPY", "renminbi": "CNY", "yuan": "CNY", "swiss francs": "CHF", "francs": "CHF",
    "rupees": "INR", "shekels": "ILS", "rand": "ZAR",
}  # fmt: skip
_ALTERNATIVES = {
    kind: "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    for kind, words in (("signs", _SIGNS), ("codes", [code.lower() for code in _CODES]), ("names", _NAMES))
}
_FIGURE = r"\d{1,3}(?:[ ,.']\d{3}){1,5}(?:[.,]\d{1,2})?(?!\d)|\d{1,15}(?:[.,]\d{1,4})?|\.\d{1,4}"
_SCALE = r"(?: ?(?P<scale{n}>thousand|million|billion|mn|bn|mm|[mk])\b)?"
_BLANK = r"\[[^\[\]\d]{0,12}\]|_{2,40}|\*{2,20}"
_BEFORE = re.compile(
    rf"(?:(?P<sign>{_ALTERNATIVES['signs']}|\$)|\b(?P<code>{_ALTERNATIVES['codes']})) ?\$? ?"
    rf"(?:(?P<number>{_FIGURE}){_SCALE.format(n=1)}|(?P<blank>{_BLANK}))"
)
_AFTER = re.compile(
    rf"(?:\b(?P<words>{CARDINAL})(?: and (?:no|\d{{1,2}}|xx)/100)?(?: ?\( ?(?P<gloss>{_FIGURE}) ?\))?"
    rf"|(?<![\d.,$£€¥])(?P<number>{_FIGURE}){_SCALE.format(n=2)}) ?(?:of )?"
    rf"(?:(?P<name>{_ALTERNATIVES['names']})|(?P<code>{_ALTERNATIVES['codes']})|(?P<sign>[€£¥]))(?![a-z])"
)
_GATE = re.compile(
    rf"[$€£¥₹₩₪₽]|\b(?:{_ALTERNATIVES['codes']}|rmb|rs\.)|dollar|euro|pound|sterling|yen|renminbi|yuan|franc|rupee|shekel|rand\b"
)
_SCALES = {"thousand": 3, "k": 3, "million": 6, "m": 6, "mm": 6, "mn": 6, "billion": 9, "bn": 9}


@dataclass(frozen=True)
class MoneyHit:
    """An amount at ``start``..``end`` of a sentence; ``money`` is None where it is blank or redacted."""

    start: int
    end: int
    money: Money | None
    confidence: float
    note: str = ""


def dollar_currency(text: str) -> str:
    """The currency that a bare "$" means in this contract: the one it says all amounts are in, else US dollars.

    >>> dollar_currency("All amounts are expressed in Canadian dollars unless otherwise stated.")
    'CAD'
    """
    said = re.search(
        r"(?i:all (?:\w+ ){0,4}(?:amounts|sums|references|payments|prices|fees|currency)|dollar amounts|\"?\$\"? (?:means|refers))[^.;]{0,80}?"
        r"((?i:canadian|australian|singapore|hong kong|new zealand) (?i:dollars)|(?i:canada|australia|singapore|hong kong|new zealand)\b|CAD|AUD|SGD|HKD|NZD)",
        text,
    )
    if not said:
        return "USD"
    place = said[1].lower().replace("dollars", "").strip()
    return {
        "canadian": "CAD",
        "canada": "CAD",
        "australian": "AUD",
        "australia": "AUD",
        "singapore": "SGD",
        "hong kong": "HKD",
        "new zealand": "NZD",
    }.get(place, said[1].upper())


def find_money(text: str, *, dollar: str = "USD") -> tuple[MoneyHit, ...]:
    """Every amount of money in ``text`` (white space collapsed), in order; ``dollar`` is what "$" alone means.

    >>> [str(hit.money) for hit in find_money("one million dollars ($1,000,000) or EUR 2.5 million")]
    ['USD 1,000,000.00', 'EUR 2,500,000.00']
    """
    lower = lowered(text)
    if not _GATE.search(lower):
        return ()
    hits = [hit for match in _BEFORE.finditer(lower) if (hit := _read_before(match, dollar)) is not None]
    taken = [(hit.start, hit.end) for hit in hits]
    for match in _AFTER.finditer(lower):
        hit = _read_after(match, dollar)
        if hit is None or any(hit.start < end and start < hit.end for start, end in taken):
            continue
        hits.append(hit)
    hits.sort(key=lambda hit: hit.start)
    return tuple(_merged(hits, lower))


def _read_before(match: re.Match[str], dollar: str) -> MoneyHit | None:
    sign = match["sign"]
    currency = (dollar if sign == "$" else _SIGNS[sign]) if sign else match["code"].upper()
    if match["blank"]:
        return MoneyHit(match.start(), match.end(), None, DOUBTED, "amount blank or redacted")
    number = match["number"]
    if currency in ("EUR", "CHF", "BRL") and re.fullmatch(r"\d{1,3}\.\d{3}", number):
        number = number.replace(".", "")  # "€ 5.000" is written by people who group thousands with a point
    amount = _scaled(number, match["scale1"])
    return None if amount is None else MoneyHit(match.start(), match.end(), Money(amount, currency), CERTAIN)


def _read_after(match: re.Match[str], dollar: str) -> MoneyHit | None:
    if match["name"]:
        currency = _NAMES[match["name"]]
        currency = dollar if currency == "$" else currency
    else:
        currency = match["code"].upper() if match["code"] else _SIGNS[match["sign"]]
    confidence, note = CERTAIN, ""
    if match["words"]:
        value = cardinal(match["words"])
        amount = None if value is None else Decimal(value)
        gloss = figures(match["gloss"]) if match["gloss"] else None
        if amount is not None and gloss is not None and gloss != amount:
            confidence, note = DOUBTED, f"words say {amount:,}, figures say {gloss:,}"
    else:
        amount = _scaled(match["number"], match["scale2"])
    if amount is None or amount > MAX_AMOUNT:
        return None
    return MoneyHit(match.start(), match.end(), Money(amount, currency), confidence, note)


def _scaled(number: str, scale: str | None) -> Decimal | None:
    amount = figures(number)
    if amount is None:
        return None
    amount = amount.scaleb(_SCALES[scale]) if scale else amount
    return amount if amount <= MAX_AMOUNT else None


def _merged(hits: list[MoneyHit], text: str) -> list[MoneyHit]:
    """Words followed by the same amount in figures in brackets are one amount; where they differ the words are taken."""
    merged: list[MoneyHit] = []
    for hit in hits:
        last = merged[-1] if merged else None
        if (
            last is not None
            and re.fullmatch(r" ?[(\[] ?", text[last.end : hit.start])
            and text[hit.end : hit.end + 2].strip()[:1] in (")", "]")
        ):
            end = hit.end + 1
            if last.money is None or hit.money is None:
                merged[-1] = MoneyHit(last.start, end, last.money or hit.money, DOUBTED, "amount blank or redacted")
            elif last.money.amount == hit.money.amount:
                merged[-1] = MoneyHit(
                    last.start, end, hit.money if last.money.currency == "" else last.money, last.confidence
                )
            else:
                note = f"words say {last.money}, figures say {hit.money}"
                merged[-1] = MoneyHit(last.start, end, last.money, DOUBTED, note)
            continue
        merged.append(hit)
    return merged

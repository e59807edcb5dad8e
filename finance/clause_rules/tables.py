"""What each rule is worth: the committed table ``precision.json``, written by ``measure``, and the probabilities read from it.

A rule's probability is the share of right passages among those where it fired, measured apart for firing alone and together
with another rule of its category, and drawn a little towards the category's base rate where it fired seldom.
"""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path
from typing import Any

PRIOR_WEIGHT = 2.0
"""How many passages the base rate counts for when a rule's share is taken."""

DEFAULT_THRESHOLD = 0.5
MIN_SEEN_TOGETHER = 8
MIN_SEEN = 5
"""A rule seen less often alone (or with others) is read by its share over both."""


def share(right: float, hits: float, base: float) -> float:
    """The share of right ones, with ``PRIOR_WEIGHT`` imagined ones at the base rate.

    >>> share(8, 8, 0.5)
    0.9
    """
    return (right + PRIOR_WEIGHT * base) / (hits + PRIOR_WEIGHT)


def wilson(right: int, count: int) -> tuple[float, float]:
    """The 95 % score interval of a share (Wilson 1927).

    >>> [round(x, 3) for x in wilson(9, 10)]
    [0.596, 0.982]
    """
    z = 1.959964
    centre = (right + z * z / 2) / (count + z * z)
    half = z / (count + z * z) * math.sqrt(right * (count - right) / count + z * z / 4)
    return max(0.0, centre - half), min(1.0, centre + half)


def together_key(hypothesis: str, fired: Collection[str]) -> str:
    """The key of a set of rules for one position.

    >>> together_key("nda-7", {"nda-7.b", "nda-7.a"}), together_key("nda-7", ())
    ('nda-7:a+b', 'nda-7:')
    """
    return f"{hypothesis}:" + "+".join(sorted(name.partition(".")[2] for name in fired))


class Table:
    """The measured table, as probabilities."""

    def __init__(self, content: Mapping[str, Any]) -> None:
        self._rules: Mapping[str, Any] = content.get("rules", {})
        self._categories: Mapping[str, Any] = content.get("categories", {})
        self._positions: Mapping[str, Any] = content.get("positions", {})
        self._recall: Mapping[str, Any] = content.get("recall", {})

    def passage(self, fired: Collection[str]) -> float:
        """The probability of a category in a passage where these rules of it fired; 0 where none did."""
        return max((self._share(rule, "passage", len(fired) > 1) for rule in fired), default=0.0)

    def presence(self, category: str, fired: Collection[str]) -> float:
        """The probability of a category in a contract where these rules of it fired somewhere; without any, its share among such contracts."""
        if not fired:
            silent, present = self._categories.get(category, {}).get("silent", (0, 0))
            return share(present, silent, self.base(category, "presence") * 0.5)
        return max(self._share(rule, "contract", len(fired) > 1) for rule in fired)

    def clearly(self, fired: Collection[str]) -> float:
        """For unfair terms: the probability that a term found by these rules is clearly unfair (level 3)."""
        values = []
        for rule in fired:
            hits, right = self._rules.get(rule, {}).get("clearly", (0, 0))
            values.append(share(right, hits, 0.2))
        return max(values, default=0.0)

    def threshold(self, category: str, of: str = "passage") -> float:
        """The threshold that gave the best F1 (``of`` "passage") or F1 plus accuracy ("presence") where it was measured."""
        return float(self._categories.get(category, {}).get(f"{of}_threshold", DEFAULT_THRESHOLD))

    def base(self, category: str, of: str) -> float:
        """The category's base rate among passages or contracts; 0.5 where unmeasured."""
        return float(self._categories.get(category, {}).get(f"{of}_base", 0.5))

    def choices(self, hypothesis: str, fired: Collection[str]) -> tuple[float, float, float]:
        """The probabilities of entailment, contradiction and not mentioned where exactly these rules fired.

        Where that set was seen less than ``MIN_SEEN_TOGETHER`` times, those of the rule among them that says most.
        """
        together = together_key(hypothesis, fired)
        if not fired or sum(self._positions.get(together, ())) >= MIN_SEEN_TOGETHER:
            return self._choice(together, hypothesis)
        return max((self._choice(rule, hypothesis) for rule in sorted(fired)), key=max)

    def prior(self, hypothesis: str) -> tuple[float, float, float]:
        """The shares of entailment, contradiction and not mentioned over all NDAs: what a majority baseline answers from."""
        counts = self._positions.get(f"{hypothesis}.all", (1, 1, 1))
        first, second, third = (count / sum(counts) for count in counts)
        return first, second, third

    def recall(self) -> Mapping[str, tuple[float, float, float, int]]:
        """By category: share found, 95 % interval, number of contracts that have the category."""
        return {
            key: (found / count, *wilson(found, count), count) for key, (found, count) in self._recall.items() if count
        }

    def _choice(self, key: str, hypothesis: str) -> tuple[float, float, float]:
        prior = self._positions.get(f"{hypothesis}.all", (1, 1, 1))
        counts = self._positions.get(key, (0, 0, 0))
        total, whole = sum(counts), sum(prior)
        first, second, third = (share(count, total, base / whole) for count, base in zip(counts, prior, strict=True))
        return first, second, third

    def _share(self, rule: str, unit: str, joined: bool) -> float:
        measured = self._rules.get(rule, {})
        base = self.base(rule.partition(".")[0], "passage" if unit == "passage" else "presence")
        alone, together = (measured.get(f"{unit}_{how}", (0, 0)) for how in ("alone", "joined"))
        hits, right = together if joined else alone
        if hits < MIN_SEEN:
            hits, right = alone[0] + together[0], alone[1] + together[1]
        return share(right, hits, base)


@cache
def table() -> Table:
    """The table that ships."""
    path = Path(__file__).with_name("precision.json")
    return Table(json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {})

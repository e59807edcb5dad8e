"""Contradictions about liability: limited in one clause and without limit in another, or limited twice.

One half of ``finance/contradictions.py``, which hands over the facts with what it knows of their places. Both facts must be of one party, of one loss, and neither
an exception of the other.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Sequence

from .document import Words
from .facts.carve_outs import is_general
from .facts.types import Cap, ContractFacts, Found, Uncapped

MAX_FACTS = 60
"""Limits compared pair by pair; a longer list is a table, not a clause said twice."""

_OF_ONE_LOSS = re.compile(
    r"\b(?:for|arising (?:from|out of)|resulting from|caused by|in respect of) (?!(?:any|all|the|its|such|under|each|direct|breach(?:es)? of (?:this|the) (?:agreement|contract))\b)(?!(?:or )?(?:in connection|related)\b)"
    r"|\bbreach of(?! (?:this|the) (?:agreement|contract))|\bindemni|\bconfidential|\bdata\b|\binfring|\binjury\b|\bproperty\b|\binsurance\b|\bper (?:claim|occurrence|event)\b",
    re.I,
)


def limited_and_unlimited(
    facts: ContractFacts, sentence: Callable[[Words], str], apart: Callable[[Found, Found], bool]
) -> Iterator[tuple[Cap, Uncapped, str]]:
    """Each limit with a statement that the same loss has none, and the loss in words."""
    for cap, uncapped in itertools.product(facts.caps[:MAX_FACTS], facts.uncapped[:MAX_FACTS]):
        if not (_reaches(cap.whose, uncapped.whose) and _same_loss(sentence, cap, uncapped) and apart(cap, uncapped)):
            continue
        loss = uncapped.losses[0] if uncapped.losses and not is_general(uncapped.losses[0]) else "the same loss"
        yield cap, uncapped, loss


def limited_twice(
    facts: ContractFacts, sentence: Callable[[Words], str], apart: Callable[[Found, Found], bool]
) -> tuple[Cap, Cap] | None:
    """The first two limits of the same liability that differ."""
    general = [
        cap
        for cap in facts.caps[:MAX_FACTS]
        if cap.basis != "per_claim"
        and not cap.losses
        and not _OF_ONE_LOSS.search(sentence(cap.words))
        and (cap.amount is not None or cap.months_of_fees)
    ]
    pairs = (
        (a, b)
        for a, b in itertools.combinations(general, 2)
        if apart(a, b) and (_differ(a, b) if a.whose == b.whose else _of_two_forms(a, b))
    )
    return next(pairs, None)


def general_caps(caps: Sequence[Cap]) -> tuple[Cap, ...]:
    """The limits that are for all losses; those for some losses only where there are no others."""
    return tuple(cap for cap in caps if not cap.losses) or tuple(caps)


def _reaches(a: str, b: str) -> bool:
    """Whether two liabilities are of one party: the same name, or one is everybody's."""
    wide = ("either", "both", "")
    return a == b or a in wide or b in wide


def _differ(a: Cap, b: Cap) -> bool:
    if a.bound != b.bound:
        return False
    if a.amount and b.amount:
        return a.amount.currency == b.amount.currency and a.amount.amount != b.amount.amount
    return bool(a.months_of_fees and b.months_of_fees and a.months_of_fees != b.months_of_fees)


def _of_two_forms(a: Cap, b: Cap) -> bool:
    """Whether each party's limit and one party's own are both for all its liability, one a sum and the other a multiple of fees."""
    if {"both", "either"}.isdisjoint((a.whose, b.whose)) or "" in (a.whose, b.whose) or a.bound != b.bound:
        return False
    sums = [cap.amount is not None and not cap.months_of_fees for cap in (a, b)]
    return sums[0] != sums[1] and a.basis == b.basis == "aggregate"


def _same_loss(sentence: Callable[[Words], str], cap: Cap, uncapped: Uncapped) -> bool:
    """Whether a limit and its absence meet in one loss: all losses on both sides, or one loss that the cap names and does not leave out."""
    left_out = _letters(" ; ".join(cap.carve_outs))
    if all(is_general(loss) for loss in uncapped.losses):
        return not cap.losses and not _OF_ONE_LOSS.search(sentence(uncapped.words))
    if any(loss in cap.losses and _letters(loss) not in left_out for loss in uncapped.losses):
        return True
    capped = _letters(sentence(cap.words))
    for loss in uncapped.losses:
        name = _letters(loss)
        if len(name) >= 6 and name in capped and name not in left_out:
            return True
    return False


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", " ", text).strip().casefold()

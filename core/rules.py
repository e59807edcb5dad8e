"""The symbolic layer that every domain shares: facts, thresholds on facts, rules, proofs.

A domain turns what it read or measured into ``Fact`` objects, each with the evidence it came from. A
``Rule`` looks at facts and concludes; its ``Conclusion`` carries the ``Proof``: which rule, on which facts, resting
on which words, measurements or model outputs. Later conclusions may overrule earlier ones and say so.
Nothing here knows a domain: contracts bring periods and caps, imaging brings diameters, machines bring limits.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from .errors import ConfigError

Truth = Literal["holds", "fails", "undecided"]

COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
    ">=": operator.ge,
    ">": operator.gt,
    "in": lambda value, allowed: value in allowed,
    "not in": lambda value, refused: value not in refused,
}


@dataclass(frozen=True)
class Evidence:
    """What a fact rests on.

    ``kind`` is ``words`` (a stretch of the source), ``model`` (an output with its probability), ``measurement`` or
    ``given`` (told by the user). ``text`` is for a person; ``start``/``end`` point into the source where it has offsets.
    """

    kind: Literal["words", "model", "measurement", "given"]
    text: str
    start: int | None = None
    end: int | None = None
    probability: float | None = None


@dataclass(frozen=True)
class Fact:
    """A named value with its unit, how sure it is (0 to 1), and what it rests on. ``value`` None: looked for, unknown."""

    name: str
    value: Any
    unit: str = ""
    confidence: float = 1.0
    evidence: tuple[Evidence, ...] = ()
    about: Any = None


class Facts:
    """The facts of one case, by name; a name may have several."""

    def __init__(self, facts: Iterable[Fact] = ()) -> None:
        self._by_name: dict[str, list[Fact]] = {}
        for fact in facts:
            self.add(fact)

    def add(self, fact: Fact) -> None:
        self._by_name.setdefault(fact.name, []).append(fact)

    def all(self, name: str) -> Sequence[Fact]:
        return tuple(self._by_name.get(name, ()))

    def __iter__(self) -> Iterator[Fact]:
        for group in self._by_name.values():
            yield from group

    def names(self) -> Sequence[str]:
        return tuple(self._by_name)


@dataclass(frozen=True)
class Threshold:
    """``fact op value``: a condition on one named fact, as written in a playbook or a guideline table.

    >>> Threshold("notice_days", "<=", 60).test(Fact("notice_days", 90, "days"))
    'fails'
    >>> Threshold("notice_days", "<=", 60).test(Fact("notice_days", None))
    'undecided'
    """

    fact: str
    op: str
    value: Any
    unit: str = ""

    def __post_init__(self) -> None:
        if self.op not in COMPARE:
            raise ConfigError(f"unknown comparison {self.op!r}: use one of {', '.join(COMPARE)}")

    def test(self, fact: Fact) -> Truth:
        """Whether the fact meets the condition; ``undecided`` when its value is unknown or of another kind."""
        if fact.value is None or (self.unit and fact.unit and fact.unit != self.unit):
            return "undecided"
        try:
            return "holds" if COMPARE[self.op](fact.value, self.value) else "fails"
        except TypeError:
            return "undecided"

    def __str__(self) -> str:
        return f"{self.fact} {self.op} {self.value}{' ' + self.unit if self.unit else ''}"


@dataclass(frozen=True)
class Proof:
    """Why a conclusion stands: the rule's id and sentence, the facts it used, and the proofs it builds on or overrules."""

    rule: str
    sentence: str
    facts: tuple[Fact, ...] = ()
    premises: tuple[Proof, ...] = ()
    overrules: tuple[str, ...] = ()

    def evidence(self) -> Iterator[Evidence]:
        """Every piece of evidence below this proof, first premises last."""
        for fact in self.facts:
            yield from fact.evidence
        for premise in self.premises:
            yield from premise.evidence()


@dataclass(frozen=True)
class Conclusion:
    """What a rule concluded: a subject, a value, and its proof."""

    subject: str
    value: Any
    proof: Proof


@dataclass(frozen=True)
class Rule:
    """A named rule: ``apply`` reads the facts and yields conclusions."""

    id: str
    sentence: str
    apply: Callable[[Facts], Iterable[Conclusion]]


@dataclass(frozen=True)
class Verdicts:
    """All conclusions of a set of rules; ``overruled`` holds, by rule id, those that a later proof set aside."""

    standing: tuple[Conclusion, ...]
    overruled: tuple[tuple[Conclusion, Proof], ...] = field(default=())


def conclude(rules: Sequence[Rule], facts: Facts) -> Verdicts:
    """Apply ``rules`` in order; a conclusion whose proof overrules a rule id sets that rule's conclusions on the same subject aside."""
    standing: list[Conclusion] = []
    overruled: list[tuple[Conclusion, Proof]] = []
    for rule in rules:
        for conclusion in rule.apply(facts):
            kept: list[Conclusion] = []
            for earlier in standing:
                if earlier.subject == conclusion.subject and earlier.proof.rule in conclusion.proof.overrules:
                    overruled.append((earlier, conclusion.proof))
                else:
                    kept.append(earlier)
            standing = [*kept, conclusion]
    return Verdicts(tuple(standing), tuple(overruled))

"""Run the rules over a contract: which rule fires where. ``__init__`` turns this into labels by the measured precisions."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from ..passages import Passage
from . import commerce, competition, ending, lawyer, liability, ownership, protection, term, unfair
from .opening import read_opening
from .rule import MIN_SENTENCE_CHARS, Rule, Sentence, sentences


@dataclass(frozen=True, slots=True)
class Fire:
    """A rule that fired on ``start``..``end`` in the passage of index ``passage``."""

    rule: str
    start: int
    end: int
    passage: int
    level: int | None = None

    @property
    def category(self) -> str:
        return self.rule.partition(".")[0]


@cache
def clause_rules() -> tuple[Rule, ...]:
    """The rules for CUAD's categories that read sentences."""
    return (
        *term.RULES,
        *ending.RULES,
        *competition.RULES,
        *commerce.RULES,
        *ownership.RULES,
        *liability.RULES,
        *protection.RULES,
    )


@cache
def other_rules() -> tuple[Rule, ...]:
    """The rules for lawyers' types and unfair terms."""
    return (*lawyer.RULES, *unfair.RULES)


def fires(text: str, passages: Sequence[Passage], rules: Iterable[Rule]) -> tuple[Fire, ...]:
    """Every firing of sentence rules, in text order."""
    chosen = tuple(rules)
    by_key: dict[str, list[int]] = {}
    for number, rule in enumerate(chosen):
        for key in rule.keys:
            by_key.setdefault(key, []).append(number)
    found: list[Fire] = []
    for sentence in sentences(text, passages):
        if len(sentence.text) < MIN_SENTENCE_CHARS:
            continue
        # a rule whose keys are all absent cannot fire, and most sentences hold few keys
        words = sentence.text
        near = sorted({number for key, numbers in by_key.items() if key in words for number in numbers})
        found += on_sentence(sentence, [chosen[number] for number in near])
    return tuple(found)


def on_sentence(sentence: Sentence, rules: Iterable[Rule]) -> list[Fire]:
    """The rules that fire on one sentence."""
    return [
        Fire(rule.name, sentence.start, sentence.end, sentence.passage, rule.level)
        for rule in rules
        if rule.fits(sentence)
    ]


def opening_fires(text: str, passages: Sequence[Passage]) -> tuple[Fire, ...]:
    """What was found in the opening, each in the passage that holds its start."""
    starts = [passage.start for passage in passages]
    return tuple(
        Fire(found.rule, found.start, found.end, max(0, bisect_right(starts, found.start) - 1))
        for found in read_opening(text)
        if passages and found.end > found.start
    )

"""What a word in a number column means: nothing, a state of the plant file, a number that carries its unit, or no number at all."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from ..history import FLAGS
from ..plant import Sensor
from ..units import conversion
from .limits import WORDS_KEPT

EMPTY = frozenset({"", "na", "n/a", "#n/a", "null", "none", "nil", "-", "--"})
"""Words that say that nothing stands here, in lower case."""
NOT_FINITE = frozenset({"nan", "inf", "+inf", "-inf", "infinity", "+infinity", "-infinity", "-nan"})

_WITH_UNIT = re.compile(r"([-+]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][-+]?\d+)?)\s*([^\d\s.,+-][^\d]{0,15})")
_GROUPED = re.compile(r"[-+]?\d{1,3}(?:,\d{3})+(?:\.\d+)?")


@dataclass(frozen=True)
class Meaning:
    """``value`` (in the sensor's unit) with flag 0, or a flag; ``running`` 1 or 0 where a state says so, else -1."""

    flag: int
    value: float = float("nan")
    running: int = -1
    converted: str = ""


class Words:
    """Reads the words of number columns by a plant file's states, and keeps count of those that mean nothing."""

    def __init__(self, states: Mapping[str, str]) -> None:
        self._states = {word.strip().casefold(): meaning for word, meaning in states.items()}
        self._cache: dict[tuple[str, str], Meaning] = {}
        self.unknown: dict[str, Counter[str]] = {}
        self.converted: dict[str, Counter[str]] = {}

    def meaning(self, word: str, sensor: Sensor, decimal: str) -> Meaning:
        """What ``word`` says as a value of ``sensor``."""
        key = (sensor.name, word)
        found = self._cache.get(key)
        if found is None:
            found = self._read(word, sensor, decimal)
            if len(self._cache) < 10_000:
                self._cache[key] = found
        return found

    def count(self, word: str, sensor: Sensor, meaning: Meaning, times: int) -> None:
        """Remember that ``word`` stood ``times`` in the column of ``sensor``, for the notes."""
        if meaning.converted:
            self.converted.setdefault(sensor.name, Counter())[meaning.converted] += times
        elif meaning.flag == FLAGS["not_a_number"]:
            counter = self.unknown.setdefault(sensor.name, Counter())
            counter[word if word in counter or len(counter) < WORDS_KEPT else "other words"] += times

    def notes(self) -> list[str]:
        """A sentence for each sensor whose column held words, with the most frequent ones."""
        told = []
        for name, counter in sorted(self.unknown.items()):
            most = ", ".join(f"{word[:40]!r} ({times:,})" for word, times in counter.most_common(4))
            told.append(f"sensor {name}: {counter.total():,} values are no numbers and were masked: {most}")
        for name, counter in sorted(self.converted.items()):
            most = ", ".join(f"{unit} ({times:,})" for unit, times in counter.most_common(4))
            told.append(
                f"sensor {name}: {counter.total():,} values carried a unit of their own and were converted: {most}"
            )
        return told

    def _read(self, word: str, sensor: Sensor, decimal: str) -> Meaning:
        folded = word.strip().casefold()
        state = self._states.get(folded)
        if state is not None:
            return Meaning(FLAGS["state"], running={"running": 1, "stopped": 0}.get(state, -1))
        if folded in EMPTY:
            return Meaning(FLAGS["missing"])
        if folded in NOT_FINITE:
            return Meaning(FLAGS["not_a_number"])
        if decimal == "." and _GROUPED.fullmatch(word.strip()):
            return Meaning(0, self._scaled(float(word.replace(",", "")), sensor))
        matched = _WITH_UNIT.fullmatch(word.strip())
        line = conversion(matched[2].strip(), sensor.unit) if matched and sensor.unit else None
        if matched is None or line is None:
            return Meaning(FLAGS["not_a_number"])
        return Meaning(0, float(matched[1].replace(",", ".")) * line[0] + line[1], converted=matched[2].strip())

    @staticmethod
    def _scaled(value: float, sensor: Sensor) -> float:
        factor, offset = line_of(sensor)
        return value * factor + offset


def line_of(sensor: Sensor) -> tuple[float, float]:
    """Factor and offset from the unit in the data to the sensor's unit."""
    found = conversion(sensor.source_unit, sensor.unit) if sensor.source_unit else None
    return found or (1.0, 0.0)


def same_words(given: tuple[str, ...]) -> frozenset[str]:
    """Words to compare with, folded; a number also as its whole part (``192`` and ``192.0``)."""
    return frozenset(folded_word(word) for word in given)


def folded_word(word: str) -> str:
    """A word with case, outer blanks and a point zero taken off.

    >>> folded_word(" 192.0 "), folded_word("GOOD")
    ('192', 'good')
    """
    folded = word.strip().casefold()
    return folded[:-2] if folded.endswith(".0") and folded[:-2].lstrip("+-").isdigit() else folded

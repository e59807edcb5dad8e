"""Rules of physics and of the plant over a machine's record: limits, power, temperature differences, strain, interlocks, duty cycles, with proofs.

The plant file names the rules (``plant.PlantRule``); ``rule_quantities`` computes their numbers, this file judges them through ``core/rules`` and puts what
holds into the outlooks. A quantity that rests on a masked sensor is unknown: the rule is then undecided, and that is said.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..core.rules import Conclusion, Evidence, Fact, Facts, Proof, Rule, Threshold, conclude
from .alarms import ALARM_MARK
from .outlook import Outlook

if TYPE_CHECKING:
    import numpy as np

    from .history import Record
    from .plant import Condition, Plant, PlantRule

HOLDS, FAILS, UNDECIDED = 1, 0, -1


@dataclass(frozen=True)
class Judged:
    """What the rules say of one row. ``conclusions``: subject is the component, value the ``PlantRule``; ``undecided``: a sentence for each rule that nobody can
    tell, with what is missing."""

    conclusions: tuple[Conclusion, ...] = ()
    undecided: tuple[str, ...] = ()


@dataclass(frozen=True)
class Course:
    """One rule over all rows of a record.

    ``state`` int8[rows]: ``HOLDS`` (all conditions for as long as the rule asks), ``FAILS`` or ``UNDECIDED``; at rest that of the last running row, ``FAILS`` once the
    machine failed or was serviced since. ``values`` float64[rows, conditions] in the conditions' units, NaN where unknown or at rest. ``held_s`` float64[rows]: running
    time for which all conditions have held, NaN where that is unknown. ``row`` int64[rows]: the running row each row is judged by, -1 before the first.
    """

    rule: PlantRule
    state: np.ndarray
    values: np.ndarray
    held_s: np.ndarray
    row: np.ndarray


def judge(record: Record, plant: Plant, row: int | None = None) -> Judged:
    """Apply the plant's rules to a record at a row (the last one without it); rows behind it are not looked at.

    Args:
        row: index of a row; negative ones count from the end.
    """
    num = len(record.times)
    if not num:
        return Judged()
    at = num - 1 if row is None else row % num
    record = _cut(record, at + 1)
    facts, rules, undecided = Facts(), [], []
    for rule in plant.rules:
        applies = concerns(rule, record.traits)
        if applies is None:
            lacking = next(name for name in rule.trait if name not in record.traits)
            undecided.append(f"{rule.id}: undecided, the machine's {lacking!r} is not on record")
        if not applies:
            continue
        lived = course(record, plant, rule)
        found = _facts(record, plant, lived, at)
        for fact in found:
            facts.add(fact)
        rules.append(_rule(rule, found, _holding(lived, at)))
        if lived.state[at] == UNDECIDED:
            undecided.append(f"{rule.id}: undecided, {_missing(record, lived, at)}")
    return Judged(conclude(rules, facts).standing, tuple(undecided))


def course(record: Record, plant: Plant, rule: PlantRule) -> Course:
    """One rule over every row, each from the rows up to it; for plots, and for ``judge``. Traits are not looked at."""
    import numpy as np

    from .rule_quantities import measured

    num = len(record.times)
    running = np.flatnonzero(record.running)
    values = np.full((num, len(rule.when)), np.nan)
    held = np.full(num, np.nan)
    state = np.full(num, UNDECIDED, dtype=np.int8)
    # a new part begins anew: neither windows nor the time for which a rule has held reach back before it
    starts = sorted({0, *(life.start for life in record.lives if life.component == rule.component)})
    needed = max(1, int(np.ceil(rule.for_s / record.interval_s - 1e-9)))
    for start, stop in zip(starts, [*starts[1:], num], strict=True):
        rows = running[(running >= start) & (running < stop)]
        if not len(rows):
            continue
        truths = []
        for place, condition in enumerate(rule.when):
            values[rows, place] = measured(record, plant, condition, rows)
            truths.append(_compare(values[rows, place], condition))
        all_of = np.min(truths, axis=0) if len(truths) > 1 else truths[0]
        # one condition that fails decides, whatever is unknown beside it
        all_of = np.where((np.asarray(truths) == FAILS).any(axis=0), FAILS, all_of)
        state[rows], held[rows] = _for_so_long(all_of, needed, record.interval_s)
    last = np.maximum.accumulate(np.where(record.running, np.arange(num), -1))
    carried = np.where(last >= 0, state[np.maximum(last, 0)], UNDECIDED).astype(np.int8)
    for event in record.events:
        if event.kind in ("failure", "maintenance"):
            after = int(np.searchsorted(record.times, event.time))
            resting = np.arange(after, num)
            carried[resting[(last[after:] < after) & ~record.running[after:]]] = FAILS
    return Course(rule, carried, values, held, last)


def concerns(rule: PlantRule, traits: Mapping[str, str | float]) -> bool | None:
    """Whether the rule is meant for a machine with these fixed facts; None where one that it asks for is not on record.

    >>> from .plant import Condition, PlantRule, Quantity
    >>> when = (Condition(quantity=Quantity(of=("a",)), op=">", value=1),)
    >>> concerns(PlantRule(id="r", sentence="s", when=when, trait={"model": "X"}), {"model": "Y"})
    False
    """
    asked = [(traits.get(name), wanted) for name, wanted in rule.trait.items()]
    if any(found is not None and not _same(found, wanted) for found, wanted in asked):
        return False
    return None if any(found is None for found, _ in asked) else True


def with_rules(outlooks: Sequence[Outlook], judged: Judged) -> tuple[Outlook, ...]:
    """The outlooks of one machine with the proofs of what holds: ``raise`` lifts the score, ``alarm`` marks its proof, undecided rules become notes.

    A conclusion goes to its component's outlook; one about the whole machine, or about a component without an outlook, to the outlook of the whole machine, else to the
    one with the highest score: one cause, one incident.
    """
    if not outlooks:
        return ()
    places = {outlook.component: place for place, outlook in enumerate(outlooks)}
    highest = max(range(len(outlooks)), key=lambda place: outlooks[place].score)
    rest = places.get("", highest)
    found = list(outlooks)
    for conclusion in judged.conclusions:
        rule: PlantRule = conclusion.value
        place = places.get(conclusion.subject, rest) if conclusion.subject else rest
        one = found[place]
        score = max(one.score, rule.score) if rule.effect == "raise" else one.score
        found[place] = replace(one, score=score, rules=(*one.rules, conclusion.proof))
    if judged.undecided:
        found[rest] = replace(found[rest], notes=(*found[rest].notes, *judged.undecided))
    return tuple(found)


def _same(found: str | float, wanted: str | float) -> bool:
    if isinstance(found, str) == isinstance(wanted, str):
        return found == wanted
    try:
        return float(found) == float(wanted)
    except ValueError:
        return False


def _cut(record: Record, rows: int) -> Record:
    from .history import until

    return record if rows == len(record.times) else until(record, rows)


def _compare(values: np.ndarray, condition: Condition) -> np.ndarray:
    """int8[n]: whether each number meets the condition."""
    import numpy as np

    from ..core.rules import COMPARE

    with np.errstate(invalid="ignore"):
        met = np.asarray(COMPARE[condition.op](values, condition.value))
    return np.where(np.isfinite(values), np.where(met, HOLDS, FAILS), UNDECIDED).astype(np.int8)


def _for_so_long(truth: np.ndarray, needed: int, interval_s: float) -> tuple[np.ndarray, np.ndarray]:
    """int8[n] and float64[n]: what holds for ``needed`` rows on end, and for how long it has.

    A row that fails in the last ``needed`` decides; else one that is unknown leaves it open.
    """
    import numpy as np

    places = np.arange(len(truth))
    failed = np.maximum.accumulate(np.where(truth == FAILS, places, -1))
    unknown = np.maximum.accumulate(np.where(truth == UNDECIDED, places, -1))
    since_failure, since_unknown = places - failed, places - unknown
    state = np.where(since_failure < needed, FAILS, np.where(since_unknown < needed, UNDECIDED, HOLDS))
    held = np.minimum(since_failure, since_unknown) * interval_s
    return state.astype(np.int8), np.where(state == UNDECIDED, np.nan, held)


def _holding(lived: Course, at: int) -> bool:
    return bool(lived.state[at] == HOLDS)


def _rule(rule: PlantRule, facts: Sequence[Fact], holds: bool) -> Rule:
    """The rule as ``core/rules`` applies it: every condition's fact, and the time for which they have held.

    ``holds``: a service since the last running row has not set it aside.
    """
    *measured, held = facts
    limits = [
        Threshold(fact.name, condition.op, condition.value, fact.unit)
        for fact, condition in zip(measured, rule.when, strict=True)
    ]
    limits.append(Threshold(held.name, ">=", rule.for_s, "s"))

    def apply(known: Facts) -> Iterable[Conclusion]:
        used = [known.all(limit.fact)[-1] for limit in limits]
        if holds and all(limit.test(fact) == "holds" for limit, fact in zip(limits, used, strict=True)):
            mark = ALARM_MARK if rule.effect == "alarm" else ""
            yield Conclusion(rule.component, rule, Proof(f"{mark}{rule.id}", rule.sentence, tuple(used)))

    return Rule(rule.id, rule.sentence, apply)


def _facts(record: Record, plant: Plant, lived: Course, at: int) -> list[Fact]:
    """The number of each condition at the running row that decides, and how long all have held; with what was measured and when."""
    import numpy as np

    from .rule_quantities import name_of, unit_of

    row, rule = int(lived.row[at]), lived.rule
    first, last = _stretch(record, lived, row)
    found = []
    for place, condition in enumerate(rule.when):
        value = float(lived.values[row, place]) if row >= 0 else float("nan")
        unit = condition.unit or unit_of(condition.quantity, plant)
        name = name_of(condition.quantity)
        limit = f"{condition.op} {condition.value:g}{f' {unit}' if unit else ''}"
        if np.isfinite(value):
            text = f"{name} = {value:.4g}{f' {unit}' if unit else ''} ({limit})"
        else:
            text = f"{name} is not known ({limit})"
        proof = Evidence("measurement", text, first, last)
        known = value if np.isfinite(value) else None
        found.append(Fact(f"{rule.id}.{place + 1}: {name}", known, unit, record.confidence, (proof,)))
    held = float(lived.held_s[row]) if row >= 0 else float("nan")
    told = Evidence("measurement", f"held for {held / 3600:.4g} h of running time", first, last)
    known = held if np.isfinite(held) else None
    evidence = (told,) if known is not None else ()
    found.append(Fact(f"{rule.id}: held", known, "s", record.confidence, evidence))
    return found


def _stretch(record: Record, lived: Course, row: int) -> tuple[int | None, int | None]:
    """From when to when the rule has held up to ``row``, microseconds UTC; the row itself where it does not."""
    import numpy as np

    if row < 0:
        return None, None
    held = lived.held_s[row]
    count = round(float(held) / record.interval_s) if np.isfinite(held) else 0
    rows = np.flatnonzero(record.running[: row + 1])
    return int(record.times[rows[-max(1, count)]]), int(record.times[row])


def _missing(record: Record, lived: Course, at: int) -> str:
    """Which sensors of an undecided rule are unknown."""
    import numpy as np

    row = int(lived.row[at])
    if row < 0:
        return "the machine has not run"
    lacking = [
        name
        for condition in lived.rule.when
        for name in condition.quantity.of
        if name not in record.sensors or not np.isfinite(record.column(name)[row])
    ]
    names = ", ".join(dict.fromkeys(lacking))
    return f"no usable reading of {names}" if names else "too few usable readings in its window"

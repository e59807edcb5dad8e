"""Score contracts in CUAD's layout: presence of each category, ranking of passages, spans, facts, and the type of contract.

Presence and passages: research protocol of our own (the product's passages, a passage is positive that holds at least half of a span
or is half covered by one), not CUAD's; ``span`` follows CUAD (Hendrycks et al. 2021: a prediction counts that overlaps a gold span with a
Jaccard index of at least 0.5), on characters.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .. import clause_rules
from ..categories import CONTRACT_TYPES, CUAD
from ..kind import kind_of
from ..train.data import covered
from ..train.fit_linear import CUAD_TYPES
from .cuad_facts import ANSWERS, score_facts
from .labelled import Contract
from .metrics import Value, calibration, decisions, f1_by_category, pooled_ranking, rankings, share_right
from .systems import Confusion, Measured, Outcome, Scored, Scorer, confusion, reliability

if TYPE_CHECKING:
    import numpy as np

    from ..facts.types import ContractFacts

JACCARD = 0.5
MIN_SPAN_PROBABILITY = 0.01
SPAN_BINS = 500


@dataclass
class _System:
    """One system's scores of all contracts: presence rows, passage scores, predicted spans by contract."""

    name: str
    threshold: np.ndarray
    presence: list[np.ndarray] = field(default_factory=list)
    passages: list[np.ndarray] = field(default_factory=list)
    spans: list[list[tuple[int, int, int, float]]] = field(default_factory=list)


def score_contracts(
    contracts: Sequence[Contract],
    model: Scorer,
    facts_of: Mapping[str, Callable[[str], ContractFacts]],
    progress: Callable[[int], None] = lambda done: None,
) -> Outcome:
    """Score the model, its linear part alone, the rules and the majority on contracts.

    Args:
        facts_of: by system a function from a contract's text to its facts; empty leaves the task ``facts`` out.
        progress: is called with the number of contracts done.
    """
    import numpy as np

    truth = np.zeros((len(contracts), len(CUAD)), dtype=bool)
    passage_truth, group = [], []
    systems = _systems(model)
    for row, contract in enumerate(contracts):
        for mark in contract.truths:
            truth[row, mark.column] = True
        scored = model.score(contract.text)
        passage_truth.append(_passage_truth(contract, scored))
        group.append(np.full(len(scored.passages), row))
        _collect(systems, contract, scored, model)
        progress(row + 1)
    marks, owner = np.concatenate(passage_truth), np.concatenate(group)
    flat_groups = np.repeat(np.arange(len(contracts)), len(CUAD))
    measured: list[Measured] = []

    def add(task: str, system: str, values: Mapping[str, Value], items: int) -> None:
        measured.extend(
            Measured(task, system, metric, value, items, len(contracts)) for metric, value in values.items()
        )

    by_category, reliabilities = {}, []
    for system in systems:
        presence = np.stack(system.presence)
        found = presence >= system.threshold
        values = decisions(found, truth)
        values["ece"] = calibration(presence.ravel(), truth.ravel(), flat_groups.tolist())
        add("presence", system.name, values, truth.size)
        add("clause", system.name, rankings(np.concatenate(system.passages), marks, owner), len(marks))
        if any(system.spans):
            add("span", system.name, _spans(contracts, system.spans), sum(len(c.truths) for c in contracts))
        if system.name != "majority":
            by_category[system.name] = tuple(f1_by_category(found, truth))
            reliabilities.append(reliability(system.name, presence.ravel(), truth.ravel()))
    for system, predict in facts_of.items():
        measured.extend(_facts(contracts, system, predict))
    return Outcome(
        tuple(measured),
        by_category,
        tuple(category.title for category in CUAD),
        _kinds(contracts, model),
        tuple(reliabilities),
    )


def _systems(model: Scorer) -> list[_System]:
    import numpy as np

    width = len(CUAD)
    return [
        _System(model.name, np.full(width, model.ensemble.presence_threshold)),
        _System("linear", np.full(width, model.linear.presence_threshold)),
        _System("rules", clause_rules.presence_thresholds()),
        _System("majority", np.full(width, 0.5)),
    ]


def _collect(systems: Sequence[_System], contract: Contract, scored: Scored, model: Scorer) -> None:
    import numpy as np

    ours, linear, rules, majority = systems
    ours.presence.append(scored.presence)
    ours.passages.append(scored.probabilities)
    ours.spans.append(_predicted(scored))
    linear.presence.append(scored.presence_linear)
    linear.passages.append(scored.probabilities_linear)
    linear.spans.append([])
    ruled = clause_rules.score(contract.text, scored.passages)
    rules.presence.append(ruled.presence)
    rules.passages.append(ruled.passages)
    columns = {category.key: column for column, category in enumerate(CUAD)}
    rules.spans.append(
        [
            (columns[label.category], label.start, label.end, label.probability)
            for label in clause_rules.find(contract.text, scored.passages)
            if label.category in columns
        ]
    )
    prevalence = np.asarray(model.config["prevalence"], dtype=np.float64)
    majority.presence.append(prevalence)
    majority.passages.append(np.tile(prevalence, (len(scored.passages), 1)))
    majority.spans.append([])


def _passage_truth(contract: Contract, scored: Scored) -> np.ndarray:
    import numpy as np

    marks = np.zeros((len(scored.passages), len(CUAD)), dtype=bool)
    for mark in contract.truths:
        for number, passage in enumerate(scored.passages):
            if passage.start >= mark.end:
                break
            if covered(passage, mark.start, mark.end):
                marks[number, mark.column] = True
    return marks


def _predicted(scored: Scored) -> list[tuple[int, int, int, float]]:
    rows, columns = (scored.probabilities >= MIN_SPAN_PROBABILITY).nonzero()
    return [
        (int(k), int(scored.spans[n, k, 0]), int(scored.spans[n, k, 1]), float(scored.probabilities[n, k]))
        for n, k in zip(rows, columns, strict=True)
    ]


def _spans(
    contracts: Sequence[Contract], predicted: Sequence[list[tuple[int, int, int, float]]]
) -> Mapping[str, Value]:
    """CUAD's pooled figures: a gold span is found at the best probability of a prediction that matches it; the others are false alarms."""
    import numpy as np

    right = np.zeros((len(contracts), SPAN_BINS))
    wrong = np.zeros_like(right)
    positives = np.zeros(len(contracts))
    for row, (contract, spans) in enumerate(zip(contracts, predicted, strict=True)):
        gold: dict[int, list[tuple[int, int]]] = {}
        for mark in contract.truths:
            gold.setdefault(mark.column, []).append((mark.start, mark.end))
        positives[row] = sum(len(places) for places in gold.values())
        best: dict[tuple[int, int], float] = {}
        for column, start, end, probability in spans:
            matches = [n for n, place in enumerate(gold.get(column, ())) if jaccard((start, end), place) >= JACCARD]
            for n in matches:
                best[column, n] = max(probability, best.get((column, n), 0.0))
            if not matches:
                wrong[row, _bin(probability)] += 1
        for probability in best.values():
            right[row, _bin(probability)] += 1
    return pooled_ranking(right, wrong, positives)


def _bin(probability: float) -> int:
    return min(SPAN_BINS - 1, int((1 - probability) * SPAN_BINS))


def jaccard(one: tuple[int, int], other: tuple[int, int]) -> float:
    """Shared characters over all characters of two stretches.

    >>> jaccard((0, 10), (5, 15))
    0.3333333333333333
    """
    shared = min(one[1], other[1]) - max(one[0], other[0])
    return shared / (max(one[1], other[1]) - min(one[0], other[0])) if shared > 0 else 0.0


def _facts(contracts: Sequence[Contract], system: str, predict: Callable[[str], ContractFacts]) -> list[Measured]:
    import numpy as np

    rows = [{"title": str(n), "text": c.text, "answers": c.answers} for n, c in enumerate(contracts) if c.answers]
    results = score_facts(rows, lambda row: predict(row["text"]))
    measured = []
    for fact in ANSWERS:
        marks = [(result.right[fact], int(result.title)) for result in results if fact in result.right]
        if marks:
            value = share_right(np.array([right for right, _ in marks]), [owner for _, owner in marks])
            measured.append(Measured("facts", system, fact, value, len(marks), len(marks)))
    return measured


def _kinds(contracts: Sequence[Contract], model: Scorer) -> tuple[Confusion, ...]:
    """The type of contract against the folder that the lawyers filed it under, where that is known."""
    import numpy as np

    keys = list(CONTRACT_TYPES)
    pairs = [
        (keys.index(truth), keys.index(kind_of(contract.text, model.kind_scores(contract.text)).contract_type))
        for contract in contracts
        if (truth := CUAD_TYPES.get(contract.kind.lower(), ""))
    ]
    if not pairs:
        return ()
    used = sorted({index for pair in pairs for index in pair})
    truth, answer = (np.array([used.index(pair[side]) for pair in pairs]) for side in (0, 1))
    return (confusion("Type of contract", [CONTRACT_TYPES[keys[index]] for index in used], truth, answer),)

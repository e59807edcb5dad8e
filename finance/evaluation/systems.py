"""What an evaluation asks of a model, and what it hands to rows and page: the contract between the sets and ``run``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from .metrics import Value

if TYPE_CHECKING:
    import numpy as np

    from ..classify import Position
    from ..passages import Passage


class Joined(Protocol):
    """The thresholds of one way to join parts; ``passage_thresholds`` float[41]."""

    @property
    def presence_threshold(self) -> float: ...

    @property
    def passage_thresholds(self) -> np.ndarray: ...


class Scored(Protocol):
    """One text's scores: P passages, K = 41 categories."""

    @property
    def passages(self) -> Sequence[Passage]: ...

    @property
    def probabilities(self) -> np.ndarray: ...

    @property
    def presence(self) -> np.ndarray: ...

    @property
    def probabilities_linear(self) -> np.ndarray: ...

    @property
    def presence_linear(self) -> np.ndarray: ...

    @property
    def spans(self) -> np.ndarray: ...


class Scorer(Protocol):
    """A model that scores contracts: ``finance.model.ContractModel``, or anything that answers alike.

    ``name`` is BUNDLE:VARIANT; ``config`` holds ``prevalence`` float[41] (for the majority baseline) and ``unfair.thresholds`` float[8].
    """

    @property
    def name(self) -> str: ...

    @property
    def config(self) -> Mapping[str, Any]: ...

    @property
    def ensemble(self) -> Joined: ...

    @property
    def linear(self) -> Joined: ...

    def score(self, text: str) -> Any: ...

    def positions(self, scores: Any) -> tuple[Position, ...]: ...

    def unfair(self, sentences: Sequence[str]) -> tuple[np.ndarray, np.ndarray]: ...

    def kind_scores(self, text: str) -> np.ndarray: ...


@dataclass(frozen=True)
class Measured:
    """One figure of a set: the task, the system, the metric and its value; ``num_items`` is what it was counted over."""

    task: str
    system: str
    metric: str
    value: Value
    num_items: int
    num_groups: int


@dataclass(frozen=True)
class Confusion:
    """Counts of truth (rows) against answer (columns)."""

    title: str
    labels: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Reliability:
    """One system's calibration: for each bin of equal mass the mean probability and the share that was so."""

    system: str
    predicted: tuple[float, ...]
    observed: tuple[float, ...]


@dataclass(frozen=True)
class Outcome:
    """What one set gave: figures for the rows, and what the page draws."""

    measured: tuple[Measured, ...]
    by_category: Mapping[str, tuple[Value, ...]] = field(default_factory=dict)
    categories: tuple[str, ...] = ()
    confusions: tuple[Confusion, ...] = ()
    reliabilities: tuple[Reliability, ...] = ()


def reliability(system: str, probabilities: np.ndarray, outcomes: np.ndarray, *, num_bins: int = 15) -> Reliability:
    """The bins of equal mass that the calibration error is taken over."""
    import numpy as np

    order = np.argsort(probabilities, kind="stable")
    bins = [part for part in np.array_split(order, num_bins) if part.size]
    return Reliability(
        system,
        tuple(float(probabilities[part].mean()) for part in bins),
        tuple(float(outcomes[part].mean()) for part in bins),
    )


def confusion(title: str, labels: Sequence[str], truth: np.ndarray, answer: np.ndarray) -> Confusion:
    """Count answers int[M] against truth int[M], both indices into ``labels``."""
    import numpy as np

    counts = np.zeros((len(labels), len(labels)), dtype=int)
    np.add.at(counts, (truth, answer), 1)
    return Confusion(title, tuple(labels), tuple(tuple(int(n) for n in row) for row in counts))

"""Rows of an evaluation and their intervals: the one form in which every domain prints its figures.

A row says which system reached which value of which metric on which set, with a 95 % interval by resampling
whole groups (contracts, patients, machines), never rows. The names of sets, tasks and metrics are listed here;
writing another one is an error, so that readers of the JSON can rely on them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

METRICS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "cuad": {
        "presence": ("accuracy", "micro_f1", "macro_f1", "ece"),
        "clause": ("mean_ap", "p_at_80r"),
        "span": ("aupr", "p_at_80r"),
        "facts": ("governing_law", "agreement_date", "expiration_date", "notice_days"),
    },
    "unfair_tos": {"unfair": ("micro_f1", "macro_f1", "ece"), "risk": ("balanced_accuracy",)},
    "contract_nli": {"nli": ("accuracy", "contradiction_f1", "ece")},
    "cmapss": {
        "rul": ("rmse", "score", "rmse_uncapped", "coverage_90", "coverage_90_below_cap", "width_90"),
        "plan": (
            "cost_ratio_k3",
            "cost_ratio_k5",
            "cost_ratio_k10",
            "cost_ratio_to_age_k3",
            "cost_ratio_to_age_k5",
            "cost_ratio_to_age_k10",
            "downtime_ratio",
        ),
    },
    "ai4i": {"failure": ("f1", "auprc", "accuracy", "brier")},
    "azure_pdm": {
        "warning": (
            "warned_24h_at_02",
            "warned_24h_at_05",
            "warned_24h_at_10",
            "warned_24h",
            "false_alarms_per_machine_month",
            "median_lead_hours",
        ),
        "plan": (
            "cost_ratio_k3",
            "cost_ratio_k5",
            "cost_ratio_k10",
            "cost_ratio_to_age_k3",
            "cost_ratio_to_age_k5",
            "cost_ratio_to_age_k10",
            "downtime_ratio",
        ),
    },
    "plant": {
        "risk": ("auprc", "brier", "ece"),
        "warning": ("warned_24h", "false_alarms_per_machine_month", "median_lead_hours"),
        "life": ("coverage_90", "width_90_days"),
    },
    "skab": {"anomaly": ("f1_pointwise", "f1_event", "vus_pr")},
}
"""Set -> task -> metrics. In the task ``facts`` the metric is an accuracy named for its fact."""

BASELINES = (
    "majority",
    "rules",
    "linear",
    "boosting",
    "fixed",
    "random",
    "always",
    "otsu",
    "region_growing",
    "threshold",
    "diameter",
    "logistic",
    "age",
    "run_to_failure",
    "foresight",
)

NUM_RESAMPLES = 1000
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Row:
    """One figure: ``value``, ``low`` and ``high`` are fractions, or in the unit that the metric's name carries."""

    set: str
    split: str
    task: str
    system: str
    metric: str
    value: float
    low: float
    high: float
    num_items: int
    num_groups: int

    def __post_init__(self) -> None:
        if self.metric not in METRICS.get(self.set, {}).get(self.task, ()):
            raise ValueError(f"no metric {self.metric!r} of task {self.task!r} of set {self.set!r} is listed")
        if ":" not in self.system and self.system not in BASELINES:
            raise ValueError(f"system {self.system!r} is neither BUNDLE:VARIANT nor one of {', '.join(BASELINES)}")

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def bootstrap(
    metric: Callable[[np.ndarray], float],
    groups: Sequence[Any],
    *,
    num_resamples: int = NUM_RESAMPLES,
    seed: int = 0,
) -> tuple[float, float]:
    """The 95 % percentile interval of ``metric`` by resampling groups with replacement.

    ``metric`` takes an integer array of item indices (an item of a group drawn twice stands twice) and returns
    a float; ``groups`` names the group of each item. Not-a-number values of a resample are left out.
    """
    import numpy as np

    labels, members = np.unique(np.asarray(groups), return_inverse=True)
    by_group = [np.flatnonzero(members == number) for number in range(len(labels))]
    generator = np.random.default_rng(seed)
    values = np.empty(num_resamples)
    for draw in range(num_resamples):
        chosen = generator.integers(0, len(by_group), len(by_group))
        values[draw] = metric(np.concatenate([by_group[number] for number in chosen]))
    tail = (1 - CONFIDENCE) / 2
    low, high = np.nanquantile(values, [tail, 1 - tail])
    return float(low), float(high)


def expected_calibration_error(probabilities: np.ndarray, outcomes: np.ndarray, *, num_bins: int = 15) -> float:
    """Mean gap between probability and frequency over ``num_bins`` bins of equal mass (Naeini et al. 2015, equal-mass form)."""
    import numpy as np

    probabilities = np.asarray(probabilities, dtype=float)
    outcomes = np.asarray(outcomes, dtype=float)
    if probabilities.size == 0:
        return float("nan")
    order = np.argsort(probabilities, kind="stable")
    gap = 0.0
    for members in np.array_split(order, num_bins):
        if members.size:
            gap += members.size / probabilities.size * abs(probabilities[members].mean() - outcomes[members].mean())
    return float(gap)

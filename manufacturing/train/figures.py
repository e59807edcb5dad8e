"""The figures of a trained machine model: cross-fitted over its own machines, beside the age model, with intervals by machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ...core.evaluation import Row, bootstrap, expected_calibration_error
from .. import age, events
from ..model import HORIZON_H
from .hazards import FALSE_ALARMS_A_MONTH, FittedHazard, Labels, decisions, folds, tails

if TYPE_CHECKING:
    import numpy as np

    from ..features.table import FeatureTable
    from ..plant import Plant

SET = "plant"
SPLIT = "cross-fitted"
MIN_LIVES = 10


def rows(
    table: FeatureTable,
    labels: Mapping[str, Labels],
    fitted: Mapping[str, FittedHazard],
    spans: Mapping[str, Sequence[age.LifeSpan]],
    plant: Plant,
    name: str,
) -> list[dict[str, Any]]:
    """Rows of ``core/evaluation`` as plain JSON: risk within the horizon, warnings, life intervals; components pooled, groups are machines."""
    system = f"{name}:fp32"
    told: list[Row] = []
    scores = {system: {component: hazard.out_of_fold for component, hazard in fitted.items()}}
    scores["age"] = {component: _age_risk(table, spans[component], component) for component in fitted}
    for who, by_component in scores.items():
        told += _risk(table, labels, by_component, who)
        told += _warning(table, labels, by_component, who)
    told += _life(table, labels, fitted, system)
    return [row.as_dict() for row in told]


def warning_of(told: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Of the figures, what the first page needs to say how many alarms are right at a user's rate of failures."""
    own = [row for row in told if ":" in row["system"]]
    return {row["metric"]: row["value"] for row in own if row["task"] == "warning"}


def _age_risk(table: FeatureTable, spans: Sequence[age.LifeSpan], component: str) -> np.ndarray:
    """Risk within the horizon by age alone, from the lives of the other folds' machines."""
    import numpy as np

    column = next((place for place, name in enumerate(table.names) if name.startswith(f"clock:{component}|age|")), None)
    fold = folds(table.machines)
    span_fold = folds(np.array([span.machine for span in spans], dtype=object)) if spans else np.array([], int)
    found = np.full(len(fold), np.nan)
    per_day = _per_day(table)
    for number in set(fold.tolist()):
        life = age.fit([span for span, other in zip(spans, span_fold, strict=True) if other != number])
        here = fold == number
        if life is None or column is None:
            found[here] = 0.0
            continue
        now = np.nan_to_num(table.values[here, column].astype(float))
        ahead = now + per_day * HORIZON_H / 24
        found[here] = 1 - life.alive(ahead) / np.maximum(life.alive(now), 1e-300)
    return found


def _per_day(table: FeatureTable) -> float:
    """Clock units that pass in a day, over the fleet."""
    import numpy as np

    rates = []
    for machine in dict.fromkeys(table.machines):
        own = np.flatnonzero(table.machines == machine)
        days = float(table.times[own[-1]] - table.times[own[0]]) / 86_400e6
        if days > 0:
            rates.append(float(table.clock[own[-1]] - table.clock[own[0]]) / days)
    return float(np.median(rates)) if rates else 24.0


def _risk(
    table: FeatureTable, labels: Mapping[str, Labels], scores: Mapping[str, np.ndarray], system: str
) -> list[Row]:
    import numpy as np
    from sklearn.metrics import average_precision_score

    days = HORIZON_H / 24
    predicted, happened, groups = [], [], []
    for component, risk in scores.items():
        told = labels[component]
        seen = np.isfinite(risk) & np.isfinite(told.days) & (told.failed | (told.days >= days))
        predicted.append(risk[seen])
        happened.append((told.failed & (told.days <= days))[seen])
        groups.append(table.machines[seen].astype(str))
    score, truth, machines = np.concatenate(predicted), np.concatenate(happened), np.concatenate(groups)
    if not truth.any():
        return []

    def auprc(chosen: np.ndarray) -> float:
        return float(average_precision_score(truth[chosen], score[chosen])) if truth[chosen].any() else float("nan")

    measures = {
        "auprc": auprc,
        "brier": lambda chosen: float(np.mean((score[chosen] - truth[chosen]) ** 2)),
        "ece": lambda chosen: expected_calibration_error(score[chosen], truth[chosen]),
    }
    everyone = np.arange(len(truth))
    found = []
    for metric, measure in measures.items():
        low, high = bootstrap(measure, machines.tolist(), num_resamples=200)
        value = measure(everyone)
        found.append(Row(SET, SPLIT, "risk", system, metric, value, low, high, len(truth), len(set(machines))))
    return found


def _warning(
    table: FeatureTable, labels: Mapping[str, Labels], scores: Mapping[str, np.ndarray], system: str
) -> list[Row]:
    import numpy as np

    tallies: list[events.Tally] = []
    for component, risk in scores.items():
        fleet = decisions(table, labels[component], risk)
        threshold = events.at_budget(fleet, FALSE_ALARMS_A_MONTH)[0]
        tallies += [events.tally(one, threshold) for one in fleet]
    machines = [one.machine for one in tallies]
    count = len(set(machines))

    def measure(attribute: str, chosen: np.ndarray) -> float:
        return float(getattr(events.total([tallies[place] for place in chosen]), attribute))

    names = {
        "share": "warned_24h",
        "false_per_month": "false_alarms_per_machine_month",
        "median_lead_h": "median_lead_hours",
    }
    found = []
    for attribute, metric in names.items():
        value = measure(attribute, np.arange(len(tallies)))
        if not np.isfinite(value):
            continue
        low, high = bootstrap(lambda chosen, of=attribute: measure(of, chosen), machines, num_resamples=200)
        found.append(
            Row(SET, SPLIT, "warning", system, metric, value, low, high, sum(t.num_failures for t in tallies), count)
        )
    return found


def _life(
    table: FeatureTable, labels: Mapping[str, Labels], fitted: Mapping[str, FittedHazard], system: str
) -> list[Row]:
    """Coverage of the life interval, its tails taken from the other folds' failures."""
    import numpy as np

    from ..survival import quantile

    inside, width, machines = [], [], []
    for component, hazard in fitted.items():
        fold = folds(np.array([one.machine for one in hazard.levels], dtype=object)) if hazard.levels else np.array([])
        for one, number in zip(hazard.levels, fold, strict=True):
            others = [other for other, of in zip(hazard.levels, fold, strict=True) if of != number]
            life = hazard.lives[one.row]
            if len(others) < MIN_LIVES or life is None:
                continue
            low, high = (quantile(life, level) for level in tails(others))
            inside.append(low <= labels[component].days[one.row] <= high)
            width.append(min(high, 10 * life.days[-1]) - low)
            machines.append(one.machine)
    if not inside:
        return []
    found = []
    for metric, values in (("coverage_90", np.array(inside, float)), ("width_90_days", np.array(width))):
        low, high = bootstrap(lambda chosen, of=values: float(np.mean(of[chosen])), machines, num_resamples=500)
        value = float(values.mean())
        found.append(Row(SET, SPLIT, "life", system, metric, value, low, high, len(values), len(set(machines))))
    return found

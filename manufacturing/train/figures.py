"""The figures of a trained machine model: cross-fitted over its own machines, beside the age model, with intervals by machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ...core.evaluation import Row, bootstrap, expected_calibration_error
from .. import age, events
from ..model import HORIZON_H
from .hazards import FALSE_ALARMS_A_MONTH, FittedHazard, Labels, decisions, folds, tails

if TYPE_CHECKING:
    import numpy as np

    from ..features.table import FeatureTable

SET = "plant"
SPLIT = "cross-fitted"
MIN_LIVES = 10


def rows(
    table: FeatureTable,
    labels: Mapping[str, Labels],
    fitted: Mapping[str, FittedHazard],
    spans: Mapping[str, Sequence[age.LifeSpan]],
    system: str,
) -> list[Row]:
    """Cross-fitted figures: risk within the horizon, warnings, life intervals; components pooled, groups are machines.

    Thresholds and tails of a machine come from the other folds' machines as well.
    """
    ours = {component: hazard.out_of_fold for component, hazard in fitted.items()}
    by_age = {component: _age_risk(table, spans[component], component) for component in fitted}
    told = _risk(table, labels, ours, system) + _risk(table, labels, by_age, "age")
    told += _warning(table, labels, ours, system) + _warning(table, labels, by_age, "age")
    return told + _life(table, labels, fitted, system)


def frozen_rows(
    split: str,
    table: FeatureTable,
    labels: Mapping[str, Labels],
    fitted: Mapping[str, FittedHazard],
    ages: Mapping[str, age.Weibull],
    system: str,
) -> list[Row]:
    """Figures of a finished model on machines it never saw: thresholds, tails and age models are the bundle's; nothing is fitted here."""
    ours = {component: hazard.out_of_fold for component, hazard in fitted.items()}
    by_age = {component: age_risk(table, ages[component], component) for component in fitted if component in ages}
    told = _risk(table, labels, ours, system) + (_risk(table, labels, by_age, "age") if by_age else [])
    thresholds = {component: hazard.threshold for component, hazard in fitted.items()}
    told += _warning(table, labels, ours, system, thresholds)
    told += _life(table, labels, fitted, system, frozen=True)
    return [replace(row, split=split) for row in told]


def warning_of(told: Sequence[Row]) -> dict[str, float]:
    """Of the figures, what the first page needs to say how many alarms are right at a user's rate of failures."""
    return {row.metric: row.value for row in told if row.task == "warning" and ":" in row.system}


def age_risk(table: FeatureTable, life: age.Weibull | None, component: str) -> np.ndarray:
    """Risk within the horizon by age alone float[rows]; 0 where no age model or no age is known."""
    import numpy as np

    column = next((place for place, name in enumerate(table.names) if name.startswith(f"clock:{component}|age|")), None)
    if life is None or column is None:
        return np.zeros(len(table.machines))
    now = np.nan_to_num(table.values[:, column].astype(float))
    ahead = now + _per_day(table) * HORIZON_H / 24
    return 1 - life.alive(ahead) / np.maximum(life.alive(now), 1e-300)


def _age_risk(table: FeatureTable, spans: Sequence[age.LifeSpan], component: str) -> np.ndarray:
    """Risk within the horizon by age alone, from the lives of the other folds' machines."""
    import numpy as np

    fold = folds(table.machines)
    span_fold = folds(np.array([span.machine for span in spans], dtype=object)) if spans else np.array([], int)
    found = np.zeros(len(fold))
    for number in set(fold.tolist()):
        life = age.fit([span for span, other in zip(spans, span_fold, strict=True) if other != number])
        here = fold == number
        found[here] = age_risk(table, life, component)[here]
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
    table: FeatureTable,
    labels: Mapping[str, Labels],
    scores: Mapping[str, np.ndarray],
    system: str,
    thresholds: Mapping[str, float] | None = None,
) -> list[Row]:
    """Warnings at given thresholds, or at the one that keeps the budget on the other folds' machines."""
    import numpy as np

    tallies: list[events.Tally] = []
    for component, risk in scores.items():
        fleet = decisions(table, labels[component], risk)
        if thresholds is not None:
            tallies += [events.tally(one, thresholds[component]) for one in fleet]
            continue
        fold = folds(np.array([one.machine for one in fleet], dtype=object))
        for number in set(fold.tolist()):
            others = [one for one, of in zip(fleet, fold, strict=True) if of != number]
            threshold = events.at_budget(others or fleet, FALSE_ALARMS_A_MONTH)[0]
            tallies += [events.tally(one, threshold) for one, of in zip(fleet, fold, strict=True) if of == number]
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
    table: FeatureTable,
    labels: Mapping[str, Labels],
    fitted: Mapping[str, FittedHazard],
    system: str,
    *,
    frozen: bool = False,
) -> list[Row]:
    """Coverage of the life interval; its tails are the bundle's where ``frozen``, else taken from the other folds' failures."""
    import numpy as np

    from ..survival import quantile

    inside, width, machines = [], [], []
    for component, hazard in fitted.items():
        fold = folds(np.array([one.machine for one in hazard.levels], dtype=object)) if hazard.levels else np.array([])
        for one, number in zip(hazard.levels, fold, strict=True):
            others = [other for other, of in zip(hazard.levels, fold, strict=True) if of != number]
            life = hazard.lives[one.row]
            if (len(others) < MIN_LIVES and not frozen) or life is None:
                continue
            low, high = (quantile(life, level) for level in (hazard.tails if frozen else tails(others)))
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

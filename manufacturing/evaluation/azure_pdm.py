"""Score the early warning on the Azure set, failure by failure: decisions each 3 hours from the logs up to then and the daily means up to yesterday.

An incident lasts at most 7 days; a failure is warned where one opened 24 hours to 7 days before it, both included (``events``); a machine that loses two parts in one hour
failed once. ``warned_24h_at_XX`` is off the curve of the scored machines; the others are at the bundle's threshold. Splits: ``machines`` are
new to the bundle, ``time`` are those it was trained on, in days after its training; ``cross-fitted`` are training days scored by trees that did not see the machine. Nothing is fitted here.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ...core.evaluation import Row, bootstrap
from ..early import OURS, EarlyModel, simple
from ..events import HOUR_US, Decisions, Tally, at_budget, right_share, tally, total
from ..features.daily_logs import STEP_H, decision_hours
from .azure_files import FleetMachine, read

if TYPE_CHECKING:
    import numpy as np

SET, TASK = "azure_pdm", "warning"
BUDGETS = {"warned_24h_at_02": 0.02, "warned_24h_at_05": 0.05, "warned_24h_at_10": 0.10}
RATES = (0.01, 0.02, 0.1)
"""Failures by machine-month at which the share of right alarms is told, beside the set's own."""
MINIMUM_LEAD_H = 24
NUM_RESAMPLES = 500
Say = Callable[[str], None]
Scored = tuple[FleetMachine, "np.ndarray", Mapping[str, "np.ndarray"]]


def _to_stderr(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def evaluate(
    folders: Sequence[Path], *, variant: str | None = None, bundle: str = "fleet", say: Say = _to_stderr
) -> list[Row]:
    """Score the machines of ``folders``, joined: any machines, any stretch of time.

    Args:
        folders: each holds ``telemetry_daily.parquet``, ``machines.csv`` and the logs ``errors``, ``failures``, ``maint`` (``.csv``, also ``.gz``).
        bundle: name of a shipped bundle or a bundle's folder.
        say: hears progress, and the share of right alarms at several rates of failure.

    Raises:
        UsageError: a folder or a file is missing.
        ConfigError: a file is wrong.
        BundleError: the bundle cannot be opened.
    """
    machines = read([Path(folder) for folder in folders])
    model = EarlyModel.open(bundle, variant or "auto")
    rows: list[Row] = []
    for split, scored in splits(machines, model).items():
        fleets = {
            system: [decisions(machine, hours, scores[system]) for machine, hours, scores in scored]
            for system in scored[0][2]
        }
        num_failures = sum(len(one.failures) for one in fleets[OURS])
        say(f"{split}: {len(scored)} machines, {num_failures} times of failure")
        for system, fleet in fleets.items():
            name = model.name if system == OURS else system
            found = list(rows_of(split, name, fleet, model.thresholds[system]))
            rows += found
            if system == OURS:
                say(right_alarms(fleet, model.thresholds[OURS]))
    return rows


def splits(machines: Sequence[FleetMachine], model: EarlyModel) -> Mapping[str, list[Scored]]:
    """By split, each machine with its decisions and every system's scores."""
    found: dict[str, list[Scored]] = {"machines": [], "time": [], "cross-fitted": []}
    for machine in machines:
        known = machine.digest in model.seen
        later = known or int(machine.days[0]) > model.until
        hours = decision_hours(machine, model.until + 1 if later else None)
        if len(hours):
            found["time" if later else "machines"].append((machine, hours, model.scores(machine, hours)))
        if known:
            stored = dict(model.seen_scores(machine))
            hours = stored.pop("hours")
            if len(hours):
                plain = simple(machine, hours, model.announces, model.levels)
                found["cross-fitted"].append((machine, hours, {**stored, **plain}))
    return {split: scored for split, scored in found.items() if scored}


def decisions(machine: FleetMachine, hours: np.ndarray, scores: np.ndarray) -> Decisions:
    """One machine's scores beside its failures: those that a decision could have been early enough for, up to the last decision's step."""
    import numpy as np

    every = np.unique(np.concatenate([np.empty(0, np.int64), *machine.failures.values()]))
    inside = every[(every >= hours[0] + MINIMUM_LEAD_H) & (every < hours[-1] + STEP_H)]
    return Decisions(machine.machine, hours * HOUR_US, scores, inside * HOUR_US, len(hours) * STEP_H / 24)


def rows_of(split: str, system: str, fleet: Sequence[Decisions], threshold: float) -> Iterator[Row]:
    """Every metric of one system with its interval by resampling machines; the threshold of a point of the curve is held while machines are drawn."""
    import numpy as np

    num_failures = sum(len(one.failures) for one in fleet)
    names = [one.machine for one in fleet]

    def row(metric: str, tallies: Sequence[Tally], attribute: str) -> Row | None:
        def measure(chosen: np.ndarray) -> float:
            return float(getattr(total([tallies[place] for place in chosen]), attribute))

        value = measure(np.arange(len(tallies)))
        if not np.isfinite(value):
            return None
        low, high = bootstrap(measure, names, num_resamples=NUM_RESAMPLES)
        return Row(SET, split, TASK, system, metric, value, low, high, num_failures, len(names))

    found = []
    for metric, budget in BUDGETS.items():
        level = at_budget(fleet, budget)[0]
        found.append(row(metric, [tally(one, level) for one in fleet], "share"))
    frozen = [tally(one, threshold) for one in fleet]
    found.append(row("warned_24h", frozen, "share"))
    found.append(row("false_alarms_per_machine_month", frozen, "false_per_month"))
    found.append(row("median_lead_hours", frozen, "median_lead_h"))
    yield from (one for one in found if one is not None)


def right_alarms(fleet: Sequence[Decisions], threshold: float) -> str:
    """The expected share of right alarms at several rates of failure, the set's own last."""
    warned = total([tally(one, threshold) for one in fleet])
    months = sum(one.observed_days for one in fleet) / 30.4
    own = sum(len(one.failures) for one in fleet) / months if months else float("nan")
    told = [f"{right_share(warned.share, warned.false_per_month, rate):.2f} at {rate:.2g}" for rate in (*RATES, own)]
    return f"  share of right alarms by failures a machine-month: {', '.join(told)} (the set's own)"

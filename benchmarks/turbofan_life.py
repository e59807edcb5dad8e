"""Which model of remaining life wins where: trees, the network over features, sequence networks, and joined, by cross-validation over engines.

    python benchmarks/turbofan_life.py DATA [--kinds gated,convolution,attention,averages] [--json F]

DATA holds the training files of C-MAPSS; no test file is read. RMSE of the life capped at 125 cycles over random cuts of engines that the fold did not see, with
the 95 % interval by resampling engines; "gain" rows give the difference to trees and network joined, resampled together: below 0 is better. A GPU
does it in two minutes, two cores in some hours (leave ``--kinds`` empty there).
"""

from __future__ import annotations

import argparse
import platform
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from dsapp.core.files import write_json
from dsapp.core.hardware import inspect
from dsapp.manufacturing.features.table import FeatureName
from dsapp.manufacturing.life_bins import CAP, capped_moments
from dsapp.manufacturing.train.life import load, training_engines
from dsapp.manufacturing.train.life_fit import network_out_of_fold, read_columns, table_of, trees_out_of_fold
from dsapp.manufacturing.train.life_folds import LifeRows, cut_rmse, make_rows, overall

SEQUENCE_COLUMNS = (("last", 5), ("mean", 0), ("mean", 10), ("ema", 40))
RESAMPLES = 2000


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--kinds", default="gated,convolution,attention,averages", help="sequence networks to compare")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    say = lambda line: print(line, file=sys.stderr, flush=True)  # noqa: E731
    records = training_engines(arguments.data)
    settings = load("turbofan").settings(arguments.threads)
    _, table = table_of(records, settings)
    ends = {record.machine: len(record.times) - 1 for record in records}
    rows = make_rows(table, ends, settings.longest, num_folds=settings.num_folds, seed=settings.seed)
    columns = read_columns(table.names, settings.read)
    pool = ThreadPoolExecutor(1)
    waiting = pool.submit(trees_out_of_fold, rows, columns, settings, say)
    found = {}
    found["network"] = capped_moments(network_out_of_fold(rows, columns, settings, lambda line: None))[0]
    say("network done")
    sequences = {}
    for kind in [kind for kind in arguments.kinds.split(",") if kind]:
        sequences[kind] = by_sequence(rows, kind)
        say(f"{kind} done")
    found["trees"] = waiting.result()
    joined = 0.3 * found["trees"] + 0.7 * found["network"]
    found |= sequences
    for kind, predicted in sequences.items():
        found[f"joined+{kind}"] = best_third(rows, joined, predicted)
    told = list(figures(rows, {"joined": joined, **found}))
    for row in told:
        print(f"{row['system']:20} {row['metric']:18} {row['value']:7.2f}  [{row['low']:.2f}, {row['high']:.2f}]")
    if arguments.json:
        write_json(arguments.json, told)
    return 0


def gpu_name() -> str:
    import torch

    return torch.cuda.get_device_name() if torch.cuda.is_available() else ""


def by_sequence(rows: LifeRows, kind: str) -> np.ndarray:
    """float64[rows]: the capped life by a sequence network, out of fold."""
    from turbofan_sequences import SequenceSettings, out_of_fold

    parsed = [FeatureName.parse(name) for name in rows.table.names]
    places = [
        place
        for wanted in SEQUENCE_COLUMNS
        for place, name in enumerate(parsed)
        if (name.statistic, name.window) == wanted
    ]
    age = next(place for place, name in enumerate(parsed) if name.sensor == "clock")
    x = np.clip(np.nan_to_num(rows.table.values[:, places]), -6, 6)
    ages = rows.table.values[:, age]
    clock = np.stack([ages / 200, np.log1p(ages) / 5, 1 / np.sqrt(ages + 1)], axis=1)
    inputs = np.concatenate([x, clock], axis=1).astype(np.float32)
    begins = np.flatnonzero(rows.table.at == 0)
    stops = [*begins[1:], len(rows.life)]
    spans = [slice(start, stop) for start, stop in zip(begins, stops, strict=True)]
    shares = out_of_fold(
        [inputs[span] for span in spans],
        [rows.life[span] for span in spans],
        rows.fold[begins],
        SequenceSettings(kind),
        len(places) // len(SEQUENCE_COLUMNS),
    )
    return capped_moments(np.concatenate(shares))[0]


def best_third(rows: LifeRows, joined: np.ndarray, third: np.ndarray) -> np.ndarray:
    """The third member at the weight that flatters it most: chosen on the very rows that it is scored on."""
    mixed = [share * third + (1 - share) * joined for share in np.arange(0, 0.55, 0.05)]
    return min(mixed, key=lambda predicted: overall(cut_rmse(rows, predicted)))


def figures(rows: LifeRows, found: Mapping[str, np.ndarray]) -> Iterator[dict[str, Any]]:
    """Rows of a benchmark: RMSE by set, and the gain on ``joined``."""
    capped = np.minimum(rows.life, CAP)
    machines, member = np.unique(rows.table.machines.astype(str), return_inverse=True)
    sets = np.array([name.rpartition("-")[0] for name in machines])
    squares = {
        name: np.bincount(member, weights=(np.clip(predicted, 0, CAP) - capped) ** 2 * rows.cut)
        for name, predicted in found.items()
    }
    facts = {
        "benchmark": "turbofan_life",
        "unit": "cycles",
        "machine": {
            "processor": inspect().processor,
            "gpu": gpu_name(),
            "platform": f"{platform.system()} {platform.machine()}",
        },
        "versions": {package: version(package) for package in ("numpy", "torch", "lightgbm")},
        "repetitions": 1,
    }
    generator = np.random.default_rng(0)
    for name in np.unique(sets):
        own = np.flatnonzero(sets == name)
        draws = generator.integers(0, len(own), (RESAMPLES, len(own)))
        ours = squares["joined"][own]
        for system, square in squares.items():
            errors = np.sqrt(square[own][draws].mean(axis=1))
            value = float(np.sqrt(square[own].mean()))
            yield _row(facts, system, f"rmse_{name}", value, errors)
            if system != "joined":
                gains = errors - np.sqrt(ours[draws].mean(axis=1))
                yield _row(facts, system, f"gain_{name}", value - float(np.sqrt(ours.mean())), gains)


def _row(facts: Mapping[str, Any], system: str, metric: str, value: float, draws: np.ndarray) -> dict[str, Any]:
    low, high = np.quantile(draws, [0.025, 0.975])
    return {**facts, "system": system, "metric": metric, "value": value, "low": float(low), "high": float(high)}


if __name__ == "__main__":
    raise SystemExit(main())

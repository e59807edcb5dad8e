"""How fast a fleet is read, checked, featured, scored and planned, in how much memory, and how that grows with the fleet.

    python benchmarks/manufacturing_predict.py [--repetitions N] [--json F]

Fleets are simulated pumps written as a plant would export them: 100 machines x 1 year (876,000 hourly rows), and 30 days of 100, 1,000 and 10,000
machines. Each run is the command line in a fresh process, from start to last output; memory is the sum over the process tree, sampled.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from command_runs import Measured, machine_described, measure, versions_of

from dsapp.core.files import write_json
from dsapp.manufacturing.simulate import simulate
from dsapp.manufacturing.simulated_files import write_tidy

FLEETS: Mapping[str, tuple[int, int]] = {
    "100 machines, 1 year": (100, 365),
    "100 machines, 30 days": (100, 30),
    "1,000 machines, 30 days": (1000, 30),
    "10,000 machines, 30 days": (10_000, 30),
}
PACKAGES = ("lightgbm", "duckdb", "numpy", "scipy", "scikit-learn")
SEED = 7


def main() -> int:
    """Run every fleet in turn, print a table, write rows."""
    parser = argparse.ArgumentParser(description="Speed and memory of prediction over a fleet, end to end.")
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--fleets", default=";".join(FLEETS), help="which, separated by semicolons")
    parser.add_argument("--json", help="write the rows to this file, - for standard output")
    options = parser.parse_args()
    runs: dict[str, list[Measured]] = {name: [] for name in options.fleets.split(";")}
    with tempfile.TemporaryDirectory() as scratch:
        folders = {name: _written(name, Path(scratch)) for name in runs}
        for repetition in range(options.repetitions):
            for name, folder in folders.items():
                out = Path(scratch) / f"out-{folder.name}-{repetition}"
                found = measure(["manufacturing", "predict", str(folder), "--out", str(out)], out)
                runs[name].append(found)
                print(
                    f"{name}: {found.seconds:.1f} s, first after {found.first_seconds:.1f} s, "
                    f"peak {found.peak_bytes / 2**30:.2f} GiB, exit {found.code}",
                    flush=True,
                )
    rows = list(_rows(runs))
    if options.json == "-":
        json.dump(rows, sys.stdout, indent=1)
    elif options.json:
        write_json(Path(options.json), rows)
    return 0


def _written(name: str, scratch: Path) -> Path:
    machines, days = FLEETS[name]
    folder = scratch / f"fleet-{machines}-{days}"
    folder.mkdir()
    write_tidy(simulate(SEED, machines, days, tidy=True), folder)
    return folder


def _rows(runs: Mapping[str, Sequence[Measured]]) -> Iterator[dict[str, Any]]:
    described, versions = machine_described(), versions_of(PACKAGES)
    for system, measured in runs.items():
        machines, days = FLEETS[system]
        metrics = {
            "seconds": ("s", [run.seconds for run in measured]),
            "machines_per_second": ("1/s", [machines / run.seconds for run in measured]),
            "first_result": ("s", [run.first_seconds for run in measured]),
            "peak_memory": ("GiB", [run.peak_bytes / 2**30 for run in measured]),
        }
        for metric, (unit, values) in metrics.items():
            yield {
                "benchmark": "manufacturing_predict",
                "system": system,
                "metric": metric,
                "value": round(float(np.median(values)), 4),
                "low": round(min(values), 4),
                "high": round(max(values), 4),
                "unit": unit,
                "num_rows": machines * days * 24,
                "machine": described,
                "versions": versions,
                "repetitions": len(values),
            }


if __name__ == "__main__":
    sys.exit(main())

"""How fast contracts are reviewed end to end, in how much memory, and how soon the first one is done.

    python benchmarks/finance_review.py [CONTRACTS ...] [--cuad FILE] [--number N] [--json F]

CONTRACTS are files or folders; ``--cuad`` takes a CUAD file (JSON lines, may be gzipped) and writes its texts out as contracts first.
Each system is the command line in a fresh process, from start to last output; systems take turns, a run each a repetition. Memory is
the sum over the process tree, sampled. Beside the model stand the rules alone, and other numbers of workers.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from command_runs import Measured, machine_described, measure, versions_of

from dsapp.core.files import write_json
from dsapp.finance.reading.find import find

SYSTEMS: Mapping[str, Sequence[str]] = {
    "model": (),
    "model with 2 workers": ("--workers", "2"),
    "rules": ("--classifier", "rules"),
}
PACKAGES = ("onnxruntime", "torch", "scikit-learn", "pypdfium2", "lxml")


def main() -> int:
    """Run every system in turn, print a table, write rows."""
    parser = argparse.ArgumentParser(description="Speed and memory of contract review, end to end.")
    parser.add_argument("contracts", nargs="*", type=Path)
    parser.add_argument("--cuad", type=Path, help="CUAD file whose texts are reviewed as .txt")
    parser.add_argument("--number", type=int, default=0, help="review only this many of the CUAD texts")
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--systems", default=",".join(SYSTEMS), help="which, separated by commas")
    parser.add_argument("--json", help="write the rows to this file, - for standard output")
    options = parser.parse_args()
    systems = {name: SYSTEMS[name] for name in options.systems.split(",")}
    with tempfile.TemporaryDirectory() as scratch:
        inputs = list(options.contracts)
        if options.cuad:
            inputs.append(_export(options.cuad, Path(scratch) / "contracts", options.number))
        if not inputs:
            parser.error("give contracts, or --cuad FILE")
        number = sum(1 for _ in find(inputs))
        runs: dict[str, list[Measured]] = {name: [] for name in systems}
        for repetition in range(options.repetitions):
            for name, flags in systems.items():
                measured = _run(inputs, flags, Path(scratch) / f"out-{repetition}-{name.replace(' ', '-')}")
                runs[name].append(measured)
                print(
                    f"{name}: {number / measured.seconds:.2f} contracts/s, first after {measured.first_seconds:.1f} s, "
                    f"peak {measured.peak_bytes / 2**30:.2f} GiB, exit {measured.code}",
                    flush=True,
                )
    rows = list(_rows(runs, number))
    if options.json == "-":
        json.dump(rows, sys.stdout, indent=1)
    elif options.json:
        write_json(Path(options.json), rows)
    return 0


def _export(cuad: Path, folder: Path, number: int) -> Path:
    folder.mkdir()
    opener = gzip.open if cuad.suffix == ".gz" else open
    with opener(cuad, "rt", encoding="utf-8") as lines:
        for count, line in enumerate(lines):
            if number and count >= number:
                break
            row = json.loads(line)
            name = row["title"].replace("/", "_")[:150]
            (folder / f"{name}.txt").write_text(row["text"], encoding="utf-8")
    return folder


def _run(inputs: Sequence[Path], flags: Sequence[str], out: Path) -> Measured:
    return measure(["finance", "review", *map(str, inputs), "--out", str(out), *flags], out)


def _rows(runs: Mapping[str, Sequence[Measured]], number: int) -> Iterator[dict[str, Any]]:
    described, versions = machine_described(), versions_of(PACKAGES)
    for system, measured in runs.items():
        metrics = {
            "contracts_per_second": ("1/s", [number / run.seconds for run in measured]),
            "first_result": ("s", [run.first_seconds for run in measured]),
            "peak_memory": ("GiB", [run.peak_bytes / 2**30 for run in measured]),
        }
        for metric, (unit, values) in metrics.items():
            yield {
                "benchmark": "finance_review",
                "system": system,
                "metric": metric,
                "value": round(float(np.median(values)), 4),
                "low": round(min(values), 4),
                "high": round(max(values), 4),
                "unit": unit,
                "num_contracts": number,
                "machine": described,
                "versions": versions,
                "repetitions": len(values),
            }


if __name__ == "__main__":
    sys.exit(main())

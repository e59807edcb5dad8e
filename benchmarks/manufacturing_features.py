"""How fast features are built, beside tsfresh, DuckDB and pandas, and whether they tell as much.

    python benchmarks/manufacturing_features.py [--tsfresh PYTHON] [--cmapss FILE] [--windows 500] [--repetitions 3] [--json F]

Three questions. (1) With ``--tsfresh PYTHON`` (the interpreter of an environment of its own: ``python -m venv T; T/bin/pip install tsfresh``) the same
windows go through our ``build`` and through tsfresh's EfficientFCParameters by turns, 100 of 500 at a time, each on one core (processor time, start-up
aside); the same LightGBM is cross-validated by machine on both. Windows are of simulated pumps (168 running hours, does it fail within
7 days?), and of a C-MAPSS training file (50 cycles, does it fail within 50?). (2) The rolling statistics of a fleet's every row by ``build``, by DuckDB's window
functions and by pandas. (3) What ``build`` takes for everything it can, by number of rows asked for. Systems take turns, a run each a repetition.
"""

from __future__ import annotations

import argparse
import gzip
import json
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from dsapp.core.files import write_json
from dsapp.core.hardware import inspect
from dsapp.core.train.trees import fit_trees, save
from dsapp.manufacturing.features.build import build, concatenate
from dsapp.manufacturing.features.fit import fit_spec
from dsapp.manufacturing.features.statistics import STATISTICS
from dsapp.manufacturing.features.table import FeatureSpec
from dsapp.manufacturing.history import Life, Record

PACKAGES = ("numpy", "lightgbm", "duckdb", "pandas")
HOUR = 3_600_000_000
FOLDS = 5
RESAMPLES = 2000
TREES = {
    "objective": "binary",
    "num_leaves": 15,
    "min_data_in_leaf": 10,
    "learning_rate": 0.05,
    "feature_fraction": 0.3,
}
ROUNDS = 150
ROLLING = ("mean", "std", "min", "max")
ROLLING_ROWS = (24, 168)

TSFRESH = """
import sys, time
import numpy as np, pandas as pd, tsfresh
from tsfresh.feature_extraction import EfficientFCParameters, extract_features
values = np.load(sys.argv[1])
count, rows, sensors = values.shape
frame = pd.DataFrame(values.reshape(-1, sensors), columns=[f"s{i}" for i in range(sensors)])
frame["id"], frame["t"] = np.repeat(np.arange(count), rows), np.tile(np.arange(rows), count)
started = time.process_time()
found = extract_features(frame, column_id="id", column_sort="t", default_fc_parameters=EfficientFCParameters(), n_jobs=0, disable_progressbar=True)
seconds = time.process_time() - started
np.save(sys.argv[2], found.loc[range(count)].to_numpy(np.float64))
print(seconds, found.shape[1], tsfresh.__version__)
"""


@dataclass(frozen=True)
class Sample:
    """Windows float64[windows, rows, sensors] without gaps, whether a failure follows, and whose they are."""

    name: str
    values: np.ndarray
    fails: np.ndarray
    machines: np.ndarray
    windows: tuple[int, ...]


@dataclass(frozen=True)
class Figure:
    """One row of the output before the machine is named."""

    system: str
    metric: str
    values: tuple[float, float, float]
    unit: str
    repetitions: int
    data: str = "random walks"


def main() -> int:
    """Measure, print each figure, write rows."""
    parser = argparse.ArgumentParser(description="Speed and worth of features.")
    parser.add_argument("--tsfresh", help="Python interpreter of an environment that has tsfresh")
    parser.add_argument(
        "--cmapss", type=Path, help="a C-MAPSS training file (text, may be gzipped) beside the simulator"
    )
    parser.add_argument("--windows", type=int, default=500)
    parser.add_argument("--machines", type=int, default=100, help="of the fleet whose rolling statistics are built")
    parser.add_argument("--rows", type=int, default=8760)
    parser.add_argument("--turns", type=int, default=5, help="into how many turns the windows are cut")
    parser.add_argument("--repetitions", type=int, default=3, help="of what is measured on the fleet")
    parser.add_argument("--no-fleet", action="store_true", help="leave out the fleet")
    parser.add_argument("--json", help="write the rows to this file, - for standard output")
    options = parser.parse_args()
    figures: list[Figure] = []
    told = ""
    if options.tsfresh:
        samples = [simulated(options.windows)]
        samples += [cmapss(options.cmapss, options.windows)] if options.cmapss else []
        for sample in samples:
            found, told = beside_tsfresh(sample, options.tsfresh, options.turns)
            figures += [replace(figure, data=sample.name) for figure in found]
    if not options.no_fleet:
        figures += rolling(options.machines, options.rows, options.repetitions)
        figures += everything(options.machines, options.rows, options.repetitions)
    for figure in figures:
        value, low, high = figure.values
        print(f"{figure.data}, {figure.system}: {figure.metric} {value:.4g} ({low:.4g} to {high:.4g}) {figure.unit}")
    rows = list(_rows(figures, told))
    if options.json == "-":
        json.dump(rows, sys.stdout, indent=1)
    elif options.json:
        write_json(Path(options.json), rows)
    return 0


def simulated(count: int, *, seed: int = 1, days: float = 270.0) -> Sample:
    """Windows of 168 running hours of simulated pumps, half of them from the week before a failure."""
    from dsapp.manufacturing.quality import check
    from dsapp.manufacturing.simulate import histories, simulate

    rng = np.random.default_rng(seed)
    plant = simulate(seed, max(20, count // 5), days, tidy=True)
    values, fails, machines = [], [], []
    for history in histories(plant):
        record = check(history, plant.plant)
        failures = np.array([event.time for event in record.events if event.kind == "failure"], dtype=np.int64)
        running = np.flatnonzero(record.running)[168:]
        ahead = np.searchsorted(failures, record.times[running], side="right")
        following = np.append(failures, np.iinfo(np.int64).max)[ahead]
        near = running[following - record.times[running] <= 7 * 24 * HOUR]
        far = running[following - record.times[running] > 21 * 24 * HOUR]
        for group, label in ((near, True), (far, False)):
            for row in rng.choice(group, min(len(group), 3), replace=False):
                rows = np.flatnonzero(record.running[: row + 1])[-168:]
                values.append(_filled(record.values[rows].astype(np.float64)))
                fails.append(label)
                machines.append(record.machine)
    chosen = np.sort(rng.permutation(len(values))[:count])
    names = np.array(machines)[chosen]
    return Sample("simulated pumps", np.stack(values)[chosen], np.array(fails)[chosen], names, (24, 72, 168))


def cmapss(path: Path, count: int, *, seed: int = 1) -> Sample:
    """Windows of 50 cycles at random moments of a training file's engines, sensors that vary alone."""
    rng = np.random.default_rng(seed)
    with gzip.open(path) if path.suffix == ".gz" else open(path, "rb") as stream:
        table = np.loadtxt(stream)
    sensors = table[:, 5:][:, table[:, 5:].std(axis=0) > 1e-3]
    engines = np.unique(table[:, 0])
    values, fails, machines = [], [], []
    for engine in engines:
        rows = sensors[table[:, 0] == engine]
        for end in rng.choice(np.arange(50, len(rows) + 1), -(-count // len(engines)), replace=False):
            values.append(rows[end - 50 : end])
            fails.append(len(rows) - end < 50)
            machines.append(engine)
    chosen = np.sort(rng.permutation(len(values))[:count])
    return Sample(path.name, np.stack(values)[chosen], np.array(fails)[chosen], np.array(machines)[chosen], (5, 10, 30))


def _filled(values: np.ndarray) -> np.ndarray:
    """Without gaps, which tsfresh does not take: the last value before, else the first behind, else 0."""
    import pandas

    return pandas.DataFrame(values).ffill().bfill().fillna(0.0).to_numpy()


def beside_tsfresh(sample: Sample, python: str, turns: int) -> tuple[list[Figure], str]:
    """Time and worth of both on the same windows, a share of them each turn."""
    seconds: dict[str, list[float]] = {"build": [], "tsfresh": []}
    parts: dict[str, list[np.ndarray]] = {"build": [], "tsfresh": []}
    told = ""
    started = time.process_time()
    records = [_record(values, str(number)) for number, values in enumerate(sample.values)]
    spec = fit_spec(records, windows=sample.windows, baseline_rows=20, clock=False)
    fitting = (time.process_time() - started) / len(records)
    with tempfile.TemporaryDirectory() as scratch:
        source, target = Path(scratch) / "windows.npy", Path(scratch) / "found.npy"
        for chosen in np.array_split(np.arange(len(records)), turns):
            started = time.process_time()
            parts["build"].append(concatenate(build(records[number], spec) for number in chosen).values)
            seconds["build"].append((time.process_time() - started) / len(chosen) + fitting)
            np.save(source, sample.values[chosen])
            taken, _, told = _tsfresh(python, source, target)
            seconds["tsfresh"].append(taken / len(chosen))
            parts["tsfresh"].append(np.load(target))
            shown = ", ".join(f"{name} {taken[-1] * 1000:.1f} ms a window" for name, taken in seconds.items())
            print(f"{sample.name}: {shown}", file=sys.stderr, flush=True)
    tables = {name: np.concatenate(found) for name, found in parts.items()}
    figures = [
        _spread(name, "feature_time", [second * 1000 for second in values], "ms per window")
        for name, values in seconds.items()
    ]
    ratios = [slow / fast for slow, fast in zip(seconds["tsfresh"], seconds["build"], strict=True)]
    figures.append(_spread("tsfresh over build", "time_ratio", ratios, ""))
    figures += [Figure(name, "num_features", (table.shape[1],) * 3, "", turns) for name, table in tables.items()]
    scores = {name: cross_validated(table, sample) for name, table in tables.items()}
    figures += [Figure(name, "auc", _auc(score, sample), "", 1) for name, score in scores.items()]
    figures.append(Figure("build less tsfresh", "auc", _auc(scores["build"], sample, scores["tsfresh"]), "", 1))
    return figures, told


def _tsfresh(python: str, source: Path, target: Path) -> tuple[float, int, str]:
    threads: dict[str, str] = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    done = subprocess.run(
        [python, "-W", "ignore", "-c", TSFRESH, str(source), str(target)], capture_output=True, text=True, env=threads
    )
    if done.returncode:
        raise SystemExit(f"tsfresh failed:\n{done.stderr[-2000:]}")
    seconds, count, told = done.stdout.split()[-3:]
    return float(seconds), int(count), told


def _record(values: np.ndarray, name: str) -> Record:
    rows, sensors = values.shape
    return Record(
        machine=name,
        sensors=tuple(f"s{number}" for number in range(sensors)),
        interval_s=3600.0,
        times=np.arange(rows, dtype=np.int64) * HOUR,
        values=values.astype(np.float32),
        flags=np.zeros((rows, sensors), np.uint8),
        running=np.ones(rows, bool),
        clock=np.arange(rows, dtype=float),
        clock_unit="running_hours",
        lives=(Life("", 0, rows, "running"),),
    )


def cross_validated(table: np.ndarray, sample: Sample) -> np.ndarray:
    """Probabilities float[windows] of the same LightGBM, each from trees that never saw the window's machine."""
    from sklearn.model_selection import GroupKFold

    from dsapp.core.backends.trees import TreesProgram

    rows = np.where(np.isfinite(table), table, np.nan).astype(np.float32)
    names = [f"f{number}" for number in range(rows.shape[1])]
    found = np.zeros(len(rows))
    for train, test in GroupKFold(FOLDS).split(rows, sample.fails, sample.machines):
        text = fit_trees(rows[train], sample.fails[train], params=TREES, names=names, rounds=ROUNDS, threads=2)
        with tempfile.TemporaryDirectory() as folder:
            program = TreesProgram(Path(folder), save([[text]], Path(folder)), 2)
        found[test] = program({"x": rows[test]})["y"]
    return found


def _auc(scores: np.ndarray, sample: Sample, other: np.ndarray | None = None) -> tuple[float, float, float]:
    """Area under the curve, or its difference to that of ``other``, with its interval by resampling machines."""
    from sklearn.metrics import roc_auc_score

    def value(rows: np.ndarray) -> float:
        if len(np.unique(sample.fails[rows])) < 2:
            return float("nan")
        area = float(roc_auc_score(sample.fails[rows], scores[rows]))
        return area if other is None else area - float(roc_auc_score(sample.fails[rows], other[rows]))

    rng = np.random.default_rng(0)
    members = [np.flatnonzero(sample.machines == machine) for machine in np.unique(sample.machines)]
    drawn = [
        value(np.concatenate([members[place] for place in rng.integers(0, len(members), len(members))]))
        for _ in range(RESAMPLES)
    ]
    low, high = np.nanquantile(drawn, [0.025, 0.975])
    return value(np.arange(len(scores))), float(low), float(high)


def rolling(machines: int, rows: int, repetitions: int) -> list[Figure]:
    """Mean, spread, lowest and highest of a day and a week at every row of a fleet, the same numbers from each system."""
    fleet = _fleet(machines, rows)
    spec = FeatureSpec(fleet[0].sensors, ROLLING, ROLLING_ROWS, clock=False)
    systems: Mapping[str, Callable[[], np.ndarray]] = {
        "build": lambda: concatenate(build(record, spec, np.arange(rows)) for record in fleet).values,
        "duckdb": lambda: _by_duckdb(fleet),
        "pandas": lambda: _by_pandas(fleet),
    }
    seconds: dict[str, list[float]] = {name: [] for name in systems}
    for _ in range(repetitions):
        results = {}
        for name, system in systems.items():
            started = time.perf_counter()
            results[name] = system()
            seconds[name].append(time.perf_counter() - started)
            print(f"rolling by {name}: {seconds[name][-1]:.2f} s", file=sys.stderr, flush=True)
        for name, values in results.items():
            if not np.allclose(values, results["build"], rtol=1e-3, atol=1e-3, equal_nan=True):
                raise SystemExit(f"{name} gives other numbers than build")
    return [
        _spread(name, "rolling_rows_per_second", [machines * rows / second for second in values], "1/s")
        for name, values in seconds.items()
    ]


def _fleet(machines: int, rows: int) -> list[Record]:
    rng = np.random.default_rng(0)
    return [_record(rng.normal(size=(rows, 4)).cumsum(axis=0) * 0.1, f"m{number:04d}") for number in range(machines)]


def _frame(fleet: Sequence[Record]) -> Any:
    import pandas

    frame = pandas.DataFrame(np.concatenate([record.values for record in fleet]), columns=list(fleet[0].sensors))
    frame["machine"] = np.repeat([record.machine for record in fleet], len(fleet[0].times))
    frame["time"] = np.concatenate([record.times for record in fleet])
    return frame


def _by_duckdb(fleet: Sequence[Record]) -> np.ndarray:
    import duckdb

    functions = {"mean": "avg", "std": "stddev_pop", "min": "min", "max": "max"}
    columns = [
        f"{functions[statistic]}({sensor}::double) over w{window}"
        for statistic in ROLLING
        for window in ROLLING_ROWS
        for sensor in fleet[0].sensors
    ]
    frames = ", ".join(
        f"w{window} as (partition by machine order by time rows between {window - 1} preceding and current row)"
        for window in ROLLING_ROWS
    )
    named = ", ".join(f"{column} as c{number}" for number, column in enumerate(columns))
    with duckdb.connect() as connection:
        connection.execute("set threads to 2")
        connection.register("readings", _frame(fleet))
        query = f"select machine, time, {named} from readings window {frames} order by machine, time"
        found = connection.execute(query).fetchnumpy()
    values = np.column_stack([np.asarray(found[f"c{number}"], np.float32) for number in range(len(columns))])
    return _alone_unknown(values, len(fleet[0].times), len(fleet[0].sensors))


def _by_pandas(fleet: Sequence[Record]) -> np.ndarray:
    groups = _frame(fleet).groupby("machine", sort=False)[list(fleet[0].sensors)]
    parts: list[np.ndarray] = []
    for statistic in ROLLING:
        for window in ROLLING_ROWS:
            moving = groups.rolling(window, min_periods=1)
            found = moving.std(ddof=0) if statistic == "std" else getattr(moving, statistic)()
            parts.append(found.to_numpy(np.float32))
    return _alone_unknown(np.concatenate(parts, axis=1), len(fleet[0].times), len(fleet[0].sensors))


def _alone_unknown(values: np.ndarray, rows: int, sensors: int) -> np.ndarray:
    """As ``build`` has it: the spread of a single value is not known."""
    width = sensors * len(ROLLING_ROWS)
    place = ROLLING.index("std") * width
    values[::rows, place : place + width] = np.nan
    return values


def everything(machines: int, rows: int, repetitions: int) -> list[Figure]:
    """Every statistic over three windows and the life, at every row, once a day, and at the last row of each machine."""
    fleet = _fleet(machines, rows)
    spec = fit_spec(fleet, statistics=STATISTICS, windows=(6, 24, 168), baseline_rows=48)
    asked = {
        "every row": np.arange(rows),
        "every 24th row": np.arange(23, rows, 24),
        "the last row": np.array([rows - 1]),
    }
    seconds: dict[str, list[float]] = {name: [] for name in asked}
    for _ in range(repetitions):
        for name, at in asked.items():
            started = time.perf_counter()
            for record in fleet:
                build(record, spec, at)
            seconds[name].append(time.perf_counter() - started)
            print(f"everything at {name}: {seconds[name][-1]:.2f} s", file=sys.stderr, flush=True)
    return [
        _spread(
            f"build at {name}", "seconds_per_machine_year", [second / machines * 8760 / rows for second in values], "s"
        )
        for name, values in seconds.items()
    ]


def _spread(system: str, metric: str, values: Sequence[float], unit: str) -> Figure:
    return Figure(system, metric, (float(np.median(values)), min(values), max(values)), unit, len(values))


def _rows(figures: Sequence[Figure], tsfresh: str) -> Iterator[dict[str, Any]]:
    machine = inspect()
    described = {"processor": machine.processor, "cores": machine.cores, "platform": platform.platform()}
    versions = {"python": platform.python_version(), **{name: version(name) for name in PACKAGES}}
    if tsfresh:
        versions["tsfresh"] = tsfresh
    for figure in figures:
        value, low, high = (round(float(number), 5) for number in figure.values)
        yield {
            "benchmark": "manufacturing_features",
            "system": figure.system,
            "metric": figure.metric,
            "value": value,
            "low": low,
            "high": high,
            "unit": figure.unit,
            "data": figure.data,
            "machine": described,
            "versions": versions,
            "repetitions": figure.repetitions,
        }


if __name__ == "__main__":
    sys.exit(main())

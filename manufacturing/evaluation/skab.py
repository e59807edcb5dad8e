"""Score the anomaly detector on SKAB by the set's own protocol: fit on the first 400 rows of each file, score the rest of it.

Every file gets a detector of its own, fit at run time with the settings that the product ships; labels are read for scoring alone, and no threshold is chosen by
them. ``f1_pointwise`` pools the rows of all files; ``f1_event`` is range-based (``vus.range_scores``); ``vus_pr`` is the mean over files. Intervals by resampling
files. Beside it: ``always`` an alarm, and ``random`` scores of which half are alarms.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ...core.errors import UsageError
from ...core.evaluation import Row, bootstrap
from .skab_files import SkabFile, read_folder
from .vus import f1, range_scores, vus_pr

if TYPE_CHECKING:
    import numpy as np

SET, TASK, SPLIT = "skab", "anomaly", "all"
FIT_ROWS = 400
MAX_BUFFER = 60
"""Rows (seconds) of the widest buffer of VUS-PR: the window that SKAB allows a change point."""
SYSTEM, VARIANT = "anomaly", "fp32"
Say = Callable[[str], None]


def _to_stderr(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


@dataclass(frozen=True)
class Scored:
    """What one system says of the scored rows of one file: counts of rows, sums over alarms and anomalies, volume (NaN without an anomaly)."""

    hits: int
    false: int
    missed: int
    precisions: tuple[float, ...]
    recalls: tuple[float, ...]
    volume: float


def evaluate(
    folders: Sequence[Path], *, variant: str | None = None, bundle: str = "", say: Say = _to_stderr
) -> list[Row]:
    """Score every labelled file of ``folders``: the detector, always an alarm, random scores.

    Args:
        variant: ``fp32`` or None: there is no other.
        bundle: "" or ``anomaly``: detectors are fit on each file, none is shipped.

    Raises:
        UsageError: a folder is missing or has no labelled file; another variant or bundle is asked for.
        ConfigError: a file is wrong; the message names the line.
    """
    if (variant or "auto") not in ("auto", VARIANT) or bundle not in ("", SYSTEM):
        raise UsageError(
            f"skab is scored by the detector that fits each file itself ({SYSTEM}:{VARIANT}); leave out --variant and --bundle"
        )
    files = [one for folder in folders for one in read_folder(Path(folder)) if len(one.truth) > FIT_ROWS]
    if not files:
        raise UsageError(f"no file has more than the {FIT_ROWS} rows that are fit on")
    repeated = sum(int((~one.fresh[FIT_ROWS:]).sum()) for one in files)
    say(f"skab: {len(files)} files, {repeated} rows left out because a file before has the same second")
    systems = {f"{SYSTEM}:{VARIANT}": detected, "always": _always, "random": _random}
    rows: list[Row] = []
    for system, answer in systems.items():
        rows += rows_of(system, [scored(one, *answer(one, place)) for place, one in enumerate(files)], files)
    return rows


def detected(file: SkabFile, place: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """float64[rows] scores and bool[rows] alarms of a detector fit on the file's first rows, steadied as the product tells them."""
    import numpy as np

    from ..anomaly import alarms, fit, score, steady_scores

    detector = fit(file.record, np.arange(FIT_ROWS))
    scores = steady_scores(score(detector, file.record))
    return np.nan_to_num(scores, nan=0.0), alarms(scores, detector.threshold)


def _always(file: SkabFile, place: int) -> tuple[np.ndarray, np.ndarray]:
    import numpy as np

    return np.ones(len(file.truth)), np.ones(len(file.truth), dtype=bool)


def _random(file: SkabFile, place: int) -> tuple[np.ndarray, np.ndarray]:
    import numpy as np

    scores = np.random.default_rng(place).random(len(file.truth))
    return scores, scores > 0.5


def scored(file: SkabFile, scores: np.ndarray, alarms: np.ndarray) -> Scored:
    """One system's answer against the labels, over the rows after the fit that no other file has."""
    import numpy as np

    rows = np.arange(len(file.truth)) >= FIT_ROWS
    rows &= file.fresh
    truth, scores, alarms = file.truth[rows], scores[rows], alarms[rows]
    precisions, recalls = range_scores(truth, alarms)
    return Scored(
        int((truth & alarms).sum()),
        int((~truth & alarms).sum()),
        int((truth & ~alarms).sum()),
        tuple(precisions),
        tuple(recalls),
        vus_pr(truth, scores, MAX_BUFFER) if truth.any() else float("nan"),
    )


def rows_of(system: str, answers: Sequence[Scored], files: Sequence[SkabFile]) -> Iterator[Row]:
    """Every metric of one system with its interval by resampling files."""
    import numpy as np

    counts = np.array([(one.hits, one.false, one.missed) for one in answers], dtype=np.float64)
    ranges = np.array(
        [(sum(one.precisions), len(one.precisions), sum(one.recalls), len(one.recalls)) for one in answers]
    )
    volumes = np.array([one.volume for one in answers])
    num_rows = int(sum(one.fresh[FIT_ROWS:].sum() for one in files))

    def pointwise(chosen: np.ndarray) -> float:
        hits, false, missed = counts[chosen].sum(axis=0)
        return float(2 * hits / max(2 * hits + false + missed, 1))

    def event(chosen: np.ndarray) -> float:
        right, alarms, covered, anomalies = ranges[chosen].sum(axis=0)
        return float(f1(right / max(alarms, 1), covered / max(anomalies, 1)))

    def volume(chosen: np.ndarray) -> float:
        known = volumes[chosen][np.isfinite(volumes[chosen])]
        return float(known.mean()) if len(known) else float("nan")

    every, names = np.arange(len(files)), [one.name for one in files]
    for metric, value in (("f1_pointwise", pointwise), ("f1_event", event), ("vus_pr", volume)):
        low, high = bootstrap(value, names)
        yield Row(SET, SPLIT, TASK, system, metric, value(every), low, high, num_rows, len(files))

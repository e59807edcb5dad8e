"""Watch a machine for anomalies: choose the healthy rows, fit a detector on them, tell how it stands now, since when, and which sensors lead.

``outlooks`` calls it for every machine, also for those that no model fits; ``anomaly`` holds the detector.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .outlook import AnomalyScore

if TYPE_CHECKING:
    import numpy as np

    from .anomaly import Detector
    from .history import Record
    from .plant import Plant

FIT_SHARE = 0.25
FEWEST_ROWS, MOST_ROWS = 360, 2000
"""The healthy rows are the first quarter of a life's running rows, within these bounds."""
LEVEL_ROWS = 120
"""Running rows with a new part that tell the new level of its machine's sensors."""
LEADING = 5
LEAST_SHARE = 0.05


@dataclass(frozen=True)
class Watched:
    """``scores`` float64[rows] for plots: NaN at rest, where too little is known, and before the healthy rows; ``now`` as it stands at the last running row."""

    detector: Detector
    scores: np.ndarray
    now: AnomalyScore

    @property
    def anomalous(self) -> bool:
        """Whether the machine is in an anomaly now."""
        return self.now.since is not None


def watch(record: Record, plant: Plant) -> Watched | None:
    """Fit on the machine's own healthy rows and score all that followed; None where they are too few or no sensor can be used.

    A masked sensor is left out: a stuck or missing sensor is a matter of data quality, never an anomaly of the machine.
    """
    import numpy as np

    from ..core.errors import InputError
    from .anomaly import fit, relevel, score

    past = healthy_rows(record)
    if past is None:
        return None
    settings = [sensor.name for sensor in plant.sensors if sensor.role == "setting"]
    counters = [sensor.name for sensor in plant.sensors if sensor.role == "counter"]
    try:
        detector = fit(record, past.fit, settings=settings, ignore=counters)
        if past.level is not None:
            detector = relevel(detector, record, past.level)
    except InputError:
        return None
    scores = score(detector, record)
    scores[: past.begin] = np.nan
    return Watched(detector, scores, stand(detector, record, scores))


@dataclass(frozen=True)
class Past:
    """Rows taken for healthy: ``fit`` int64[n] tells how sensors vary; ``level`` int64[m], where a new part moved them, what is usual since (None: ``fit``
    tells that too). Scores count from row ``begin`` on."""

    fit: np.ndarray
    level: np.ndarray | None
    begin: int


def healthy_rows(record: Record) -> Past | None:
    """The running rows taken for healthy; None where they are too few.

    A new part begins anew: the first quarter after it, once that is long enough. Until then how sensors vary is taken from the latest long life before, and
    their level from the first rows with the new part; before those are complete nothing is said, since what a new part changes is no anomaly.
    """
    import numpy as np

    from .anomaly import STEADY_ROWS

    starts = sorted({0, *(life.start for life in record.lives if life.start < len(record.times))})
    running = np.flatnonzero(record.running)
    lived = np.split(running, np.searchsorted(running, starts[1:]))
    now = lived[-1]
    if len(now) >= FEWEST_ROWS + STEADY_ROWS:
        return Past(_first_of(record, now), None, int(now[0]))
    before = next((rows for rows in reversed(lived[:-1]) if len(rows) >= FEWEST_ROWS), None)
    if before is None or len(now) < LEVEL_ROWS + STEADY_ROWS:
        return None
    return Past(_first_of(record, before), now[:LEVEL_ROWS], int(now[0]))


def _first_of(record: Record, rows: np.ndarray) -> np.ndarray:
    import numpy as np

    wanted = int(np.clip(FIT_SHARE * len(rows), FEWEST_ROWS, MOST_ROWS))
    return rows[: _before_failure(record, rows, wanted)]


def _before_failure(record: Record, rows: np.ndarray, wanted: int) -> int:
    """So many of ``rows`` end before the first failure after they begin (at least half as many as wanted: a failure at once leaves no choice)."""
    import numpy as np

    first, last = int(record.times[rows[0]]), int(record.times[rows[wanted - 1]])
    failed = [event.time for event in record.events if event.kind == "failure" and first < event.time <= last]
    if not failed:
        return wanted
    before = int(np.searchsorted(record.times[rows], min(failed)))
    return max(before, wanted // 2)


def stand(detector: Detector, record: Record, scores: np.ndarray) -> AnomalyScore:
    """The steady score at the last running row, since when it is anomalous (None: it is not), and the sensors that lead, with their shares."""
    import numpy as np

    from .anomaly import STEADY_ROWS, contributions, residuals, steady_scores

    rows = np.flatnonzero(np.isfinite(scores))
    if not len(rows):
        return AnomalyScore(0.0, detector.threshold)
    steady = steady_scores(scores[rows])
    began = _began(steady, detector.threshold)
    last = rows[-STEADY_ROWS:]
    moved = residuals(detector, record)[last]
    known = np.isfinite(moved)
    middle = np.where(
        known.any(axis=0), np.where(known, moved, 0).sum(axis=0) / np.maximum(known.sum(axis=0), 1), np.nan
    )
    shares = contributions(detector, middle)
    order = [place for place in np.argsort(-shares, kind="stable")[:LEADING] if shares[place] >= LEAST_SHARE]
    return AnomalyScore(
        float(steady[-1]),
        detector.threshold,
        None if began is None else int(record.times[rows[began]]),
        tuple((detector.sensors[place], round(float(shares[place]), 3)) for place in order),
    )


def _began(steady: np.ndarray, threshold: float) -> int | None:
    """Where the alarm that still lasts began."""
    import numpy as np

    from .anomaly import alarms

    quiet = np.flatnonzero(~alarms(steady, threshold))
    began = int(quiet[-1]) + 1 if len(quiet) else 0
    return began if began < len(steady) else None

"""Past failures that looked alike: an index of the last windows of failures in training, and the nearest to a machine of today.

Training makes the index from records of training machines and stores it in the bundle; prediction asks it with a row of the same features.
A machine is never told its own future.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core.bundle_files import parse_object, read_small
from ..core.errors import BundleFormatError, UsageError
from ..core.files import write_json
from .features.build import build
from .features.table import FeatureName, FeatureSpec, FeatureTable
from .outlook import Similar

if TYPE_CHECKING:
    import numpy as np

    from .history import Life, Record

MAX_CASES = 2_000
MAX_COLUMNS = 512
MAX_TEXT = 200
CLIP = 5.0
"""A feature farther than so many scales from the middle is as far as that: one wild value decides no distance."""

SHAPE = ("change", "mean", "slope", "std")
"""Statistics that tell how a failure looked; ages and levels of single rows tell when it was."""

LEADS = (0, 1, 3, 7)
"""A failure is kept as it looked so many of the smallest windows before its end."""

DONE_WITHIN = 14 * 86_400_000_000
MICROSECONDS_PER_DAY = 86_400_000_000
TENSORS_FILE = "similar.safetensors"
CASES_FILE = "similar.json"


@dataclass(frozen=True)
class Case:
    """One failure of a training machine as it looked ``days_before``: ``time`` of the failure in microseconds UTC, what was ``done`` then."""

    machine: str
    time: int
    component: str
    days_before: float
    done: str = ""


@dataclass(frozen=True)
class FailureIndex:
    """Cases with their features: ``vectors`` float32[cases, columns], normalised by ``centre`` and ``scale`` float32[columns]; NaN not known.

    Each sensor weighs the same, however many columns it has (``weight`` float32[columns]).
    """

    names: tuple[str, ...]
    centre: np.ndarray
    scale: np.ndarray
    weight: np.ndarray
    vectors: np.ndarray
    cases: tuple[Case, ...]

    def nearest(self, table: FeatureTable, row: int, *, component: str = "", limit: int = 3) -> tuple[Similar, ...]:
        """The failures most like row ``row`` of ``table``, nearest first, each failure once.

        ``distance`` is the weighted root mean square difference in scales of training rows, over the columns that both know; below about 1 two
        windows look alike. ``component`` "" takes failures of any. Failures of the same machine at or after the row's time are not seen.

        Raises:
            UsageError: the table lacks a column of the index.
        """
        import numpy as np

        if not self.cases:
            return ()
        wanted = self._normalised(table)[row]
        both = np.isfinite(self.vectors) & np.isfinite(wanted)
        weight = np.where(both, self.weight, 0.0)
        total = weight.sum(axis=1)
        squares = (weight * np.where(both, self.vectors - wanted, 0.0) ** 2).sum(axis=1)
        known = total >= 0.5 * self.weight.sum()
        distance = np.where(known, np.sqrt(squares / np.maximum(total, 1e-12)), np.inf)
        machine, now = str(table.machines[row]), int(table.times[row])
        found: dict[tuple[str, int, str], Similar] = {}
        for place in np.argsort(distance, kind="stable"):
            case = self.cases[place]
            if len(found) >= limit or not np.isfinite(distance[place]):
                break
            if (component and case.component != component) or (case.machine == machine and case.time >= now):
                continue
            key = (case.machine, case.time, case.component)
            if key not in found:
                found[key] = Similar(
                    case.machine, case.time, case.component, float(distance[place]), case.days_before, case.done
                )
        return tuple(found.values())

    def _normalised(self, table: FeatureTable) -> np.ndarray:
        import numpy as np

        places = {name: place for place, name in enumerate(table.names)}
        if missing := [name for name in self.names if name not in places]:
            raise UsageError(f"the table has no feature {missing[0]!r}, which the index of failures was made with")
        values = table.values[:, [places[name] for name in self.names]]
        return np.clip((values - self.centre) / self.scale, -CLIP, CLIP)

    def save(self, folder: Path) -> None:
        """Write the index as two files into ``folder``: fp16 vectors, and cases as JSON. Raises DiskFullError."""
        import numpy as np
        from safetensors.numpy import save_file

        folder.mkdir(parents=True, exist_ok=True)
        save_file(
            {
                "vectors": self.vectors.astype(np.float16),
                **{key: np.asarray(getattr(self, key), np.float32) for key in ("centre", "scale", "weight")},
            },
            folder / TENSORS_FILE,
        )
        write_json(folder / CASES_FILE, {"names": list(self.names), "cases": [asdict(case) for case in self.cases]})

    @classmethod
    def load(cls, folder: Path) -> FailureIndex:
        """Read what ``save`` wrote.

        Raises:
            BundleFormatError: a file is missing or malformed, or their sizes do not fit together.
        """
        import numpy as np
        from safetensors import SafetensorError
        from safetensors.numpy import load_file

        content = parse_object(read_small(folder / CASES_FILE), str(folder / CASES_FILE))
        try:
            names = tuple(_text(name) for name in content["names"])
            cases = tuple(_case(entry) for entry in content["cases"])
            tensors = load_file(folder / TENSORS_FILE)
            vectors = tensors["vectors"].astype(np.float32)
            centre, scale, weight = (tensors[key].astype(np.float32) for key in ("centre", "scale", "weight"))
        except (KeyError, TypeError, ValueError, OSError, SafetensorError) as error:
            raise BundleFormatError(f"{folder} holds no index of failures: {error}") from error
        fits = (
            len(cases) <= MAX_CASES
            and len(names) <= MAX_COLUMNS
            and vectors.shape == (len(cases), len(names))
            and {centre.shape, scale.shape, weight.shape} == {(len(names),)}
            and bool(np.isfinite(centre).all() and (scale > 0).all() and (weight > 0).all())
            and bool(np.isfinite(scale).all() and np.isfinite(weight).all())
        )
        if not fits:
            raise BundleFormatError(f"{folder}: cases and vectors of the index of failures do not fit together")
        return cls(names, centre, scale, weight, vectors, cases)


def build_index(
    records: Sequence[Record], spec: FeatureSpec, *, max_cases: int = 400, stride: int = 50
) -> FailureIndex:
    """Index the failures of training machines; every ``stride``-th row of them says what is usual.

    At most ``max_cases`` are kept, spread evenly over all failures. Without failures the index is empty and finds nothing.

    Raises:
        UsageError: no record, or the specification has none of the statistics that tell how a failure looked (``SHAPE``).
    """
    import numpy as np

    if not records:
        raise UsageError("an index of failures needs the records of training machines")
    tables = [build(record, spec, range(0, len(record.times), stride)) for record in records if len(record.times)]
    columns = _columns(tables[0].names, spec) if tables else []
    if not columns:
        raise UsageError(f"an index of failures needs features of the kinds {', '.join(SHAPE)}")
    rows = np.concatenate([table.values[:, columns] for table in tables])
    centre, scale = _robust(rows)
    found: list[tuple[Case, np.ndarray]] = []
    for record in records:
        found += _cases(record, spec, columns)
    places = (
        np.unique(np.linspace(0, len(found) - 1, min(len(found), max_cases, MAX_CASES)).astype(int)) if found else []
    )
    kept = [found[place] for place in places]
    names = tuple(tables[0].names[column] for column in columns)
    vectors = np.array([values for _, values in kept], dtype=np.float32).reshape(len(kept), len(columns))
    return FailureIndex(
        names=names,
        centre=centre,
        scale=scale,
        weight=_weights(names),
        vectors=np.clip((vectors - centre) / scale, -CLIP, CLIP),
        cases=tuple(case for case, _ in kept),
    )


def _columns(names: Sequence[str], spec: FeatureSpec) -> list[int]:
    """Places of the features that distances are taken over, the first of ``SHAPE`` and the widest windows where there are too many."""
    parsed = [(place, FeatureName.parse(name)) for place, name in enumerate(names)]
    shapes = [(place, name) for place, name in parsed if name.sensor in spec.sensors and name.statistic in SHAPE]
    shapes.sort(key=lambda entry: (SHAPE.index(entry[1].statistic), entry[1].window == 0, -entry[1].window))
    return sorted(place for place, _ in shapes[:MAX_COLUMNS])


def _weights(names: Sequence[str]) -> np.ndarray:
    import numpy as np

    sensors = [FeatureName.parse(name).sensor for name in names]
    return np.array([1 / sensors.count(sensor) for sensor in sensors], dtype=np.float32)


def _robust(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Median and 1.4826 times the median absolute deviation float32[columns]; 1 where nothing varies."""
    import numpy as np

    centre, scale = np.zeros(rows.shape[1], np.float32), np.ones(rows.shape[1], np.float32)
    for column in range(rows.shape[1]):
        known = rows[:, column][np.isfinite(rows[:, column])].astype(np.float64)
        if len(known):
            centre[column] = np.median(known)
            spread = 1.4826 * float(np.median(np.abs(known - centre[column]))) or float(known.std())
            scale[column] = spread if spread > 1e-12 else 1.0
    return centre, scale


def _cases(record: Record, spec: FeatureSpec, columns: Sequence[int]) -> list[tuple[Case, np.ndarray]]:
    """The failures of one machine as they looked at ``LEADS`` before their end."""
    import numpy as np

    found: list[tuple[Case, np.ndarray]] = []
    step = spec.windows[0] if spec.windows else 1
    for life in record.lives:
        if life.end != "failure" or life.stop <= life.start:
            continue
        running = life.start + np.flatnonzero(record.running[life.start : life.stop])
        places = [len(running) - 1 - lead * step for lead in LEADS]
        rows = [int(running[place]) for place in places if place >= 0]
        if not rows:
            continue
        failed = _failed_at(record, life)
        table = build(record, spec, rows)
        for row, values in zip(rows, table.values[:, columns], strict=True):
            if np.isfinite(values).any():
                days = max(0.0, (failed - int(record.times[row])) / MICROSECONDS_PER_DAY)
                name = record.machine[:MAX_TEXT]
                found.append((Case(name, failed, life.component[:MAX_TEXT], days, _done(record, life, failed)), values))
    return found


def _failed_at(record: Record, life: Life) -> int:
    """When the failure was logged, else the last row of the life."""
    last = int(record.times[min(life.stop, len(record.times)) - 1])
    following = int(record.times[min(life.stop, len(record.times) - 1)])
    logged = [
        event.time
        for event in record.events
        if event.kind == "failure" and event.component in ("", life.component) and last <= event.time <= following
    ]
    return min(logged, default=last)


def _done(record: Record, life: Life, failed: int) -> str:
    """The first maintenance action on the component (or on the machine) at or after the failure."""
    for event in sorted(record.events):
        if event.kind != "maintenance" or not failed <= event.time <= failed + DONE_WITHIN:
            continue
        if not life.component or event.component in ("", life.component):
            return ": ".join(filter(None, (event.code, event.note)))[:MAX_TEXT]
    return ""


def _case(entry: Mapping[str, Any]) -> Case:
    days = entry["days_before"]
    if type(entry["time"]) is not int or type(days) not in (int, float) or not 0 <= days < 1e6:
        raise ValueError("a case has no sound time")
    return Case(_text(entry["machine"]), entry["time"], _text(entry["component"]), float(days), _text(entry["done"]))


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > 2 * MAX_TEXT:
        raise ValueError("a text is missing or too long")
    return value

"""Make a machine model of a plant's own history: features, a hazard for each component, the age models, similar failures, one bundle.

The same way makes the shipped bundle ``pumps`` from simulated pumps and a user's bundle from a user's files. With no failure on record there is
nothing to train on, and the error says what can still be done.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...core.bundle import Bundle, write_card
from ...core.errors import InputError, UsageError
from ...core.files import write_json
from .. import age, failure, survival
from ..explain import usual_of
from ..features.build import build, concatenate
from ..features.fit import fit_spec
from ..model import HORIZON_H
from ..similar import build_index
from . import figures, hazards
from .hazards import FittedHazard, Labels

if TYPE_CHECKING:
    import numpy as np

    from ...core.evaluation import Row
    from ..features.table import FeatureSpec, FeatureTable
    from ..history import Record
    from ..plant import Plant

MAX_ROWS = 200_000
"""Rows that trees are fitted on; the step between rows grows with the fleet."""
MAX_FOR_SPEC = 200
"""Machines on which regimes and limits are fitted."""
LEAST_STEP_H = 12.0
WARM_UP_H = 24.0
"""Running hours of a record before its first row."""
RANGE = (0.001, 0.999)
HEALTHY_DAYS = 30

Records = Callable[[], Iterator["Record"]]


@dataclass(frozen=True)
class Origin:
    """What a card says of where the data came from."""

    name: str
    version: str
    purpose: str
    data: str
    licence: str
    limits: Sequence[str] = ()


def train(
    records: Records,
    plant: Plant,
    out: Path,
    origin: Origin,
    *,
    seed: int = 0,
    threads: int = 2,
    say: Callable[[str], None] = lambda line: None,
) -> Path:
    """Train on ``records`` (called for each pass) and write the bundle to ``out``, replacing one that is there.

    Raises:
        InputError: no machine has a usable record (``no_machines``), or none ever failed (``no_failures``).
        UsageError: ``out`` is something else than a bundle.
    """
    _check_out(out)
    sample = _sample(records)
    spec = fit_spec(sample)
    ranges = _ranges(sample, plant, spec)
    table, labels, spans, machines = gather(records, spec, plant, say)
    say(f"{len(machines)} machines, {len(table.machines)} rows of {len(table.names)} features")
    fitted = {}
    for component, told in labels.items():
        count = hazards.count_failures(table, told)
        if count == 0:
            say(f"{component or 'machine'}: no failure on record, left to the age and anomaly models")
            continue
        fitted[component] = hazards.fit(table, told, HORIZON_H / 24, seed=seed, threads=threads)
        say(f"{component or 'machine'}: {count} failures, {failure.basis(count)}")
    if not fitted:
        raise InputError(
            f"none of {len(machines)} machines has a failure on record, so there is nothing to learn failures from",
            code="no_failures",
            remedy="predict without a bundle: the anomaly score needs no failures; add failures to the logs when there are some",
        )
    rows = figures.rows(table, labels, fitted, spans, f"{origin.name}:fp32")
    _write(records, out, plant, origin, spec, ranges, table, labels, fitted, spans, machines, rows)
    say(f"bundle {out}: hash {Bundle.open(out).hash[:12]}")
    return out


def _check_out(out: Path) -> None:
    if out.exists() and not (out / "bundle.json").is_file() and (not out.is_dir() or any(out.iterdir())):
        raise UsageError(f"{out} is no bundle; choose another folder for the new one")


def _sample(records: Records) -> list[Record]:
    """Records for fitting the specification: the first ones that have running rows."""
    found = []
    for record in records():
        if record.running.any():
            found.append(record)
        if len(found) >= MAX_FOR_SPEC:
            break
    if not found:
        raise InputError(
            "no machine has a record that can be used", code="no_machines", remedy="run `dsapp manufacturing check`"
        )
    return found


def _ranges(records: Sequence[Record], plant: Plant, spec: FeatureSpec) -> list[dict[str, Any]]:
    import numpy as np

    units = {sensor.name: sensor.unit for sensor in plant.sensors}
    told = []
    settings = spec.regimes.settings if spec.regimes is not None else ()
    for sensor in (*spec.sensors, *settings):
        values = np.concatenate([record.column(sensor)[record.running] for record in records])
        low, high = np.nanquantile(values, RANGE)
        told.append({"name": sensor, "unit": units[sensor], "low": float(low), "high": float(high)})
    return told


def gather(
    records: Records, spec: FeatureSpec, plant: Plant, say: Callable[[str], None]
) -> tuple[FeatureTable, dict[str, Labels], dict[str, list[age.LifeSpan]], list[str]]:
    """The table of all machines with its labels by component, the lives for the age models, and the machines' digests."""
    import numpy as np

    components = [component.name for component in plant.components]
    total = sum(int(record.running.sum()) for record in records())
    interval = plant.readings.interval_s / 3600
    step = max(1, round(LEAST_STEP_H / interval), -(-total // MAX_ROWS))
    tables, machines = [], []
    labels: dict[str, list[Labels]] = {component: [] for component in components}
    spans: dict[str, list[age.LifeSpan]] = {component: [] for component in components}
    for record in records():
        for component in components:
            spans[component] += age.lives([record], component)
        running = np.flatnonzero(record.running)[round(WARM_UP_H / interval) :: step]
        if not len(running):
            continue
        tables.append(build(record, spec, running))
        machines.append(digest(record))
        for component in components:
            labels[component].append(hazards.label(record, component, running))
    table = concatenate(tables)
    joined = {
        component: Labels(np.concatenate([one.days for one in told]), np.concatenate([one.failed for one in told]))
        for component, told in labels.items()
    }
    return table, joined, spans, machines


def _write(
    records: Records,
    out: Path,
    plant: Plant,
    origin: Origin,
    spec: FeatureSpec,
    ranges: Sequence[Mapping[str, Any]],
    table: FeatureTable,
    labels: Mapping[str, Labels],
    fitted: Mapping[str, FittedHazard],
    spans: Mapping[str, Sequence[age.LifeSpan]],
    machines: Sequence[str],
    rows: Sequence[Row],
) -> None:
    from ...core.train.trees import save

    new = out.with_name(out.name + ".new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    parts, heads = [], []
    for number, (component, hazard) in enumerate(fitted.items()):
        name = f"hazard-{number}"
        for suffix, output in (("", "value"), ("-reasons", "contributions")):
            # the reasons' part reads the same text: a bundle file belongs to one folder, so both parts share it
            config = save([[hazard.text]], new / name, output=output)
            parts.append({"name": name + suffix, "backend": "trees", "network": "", "folder": name, "config": config})
        heads.append(
            {
                "component": component,
                "part": name,
                "edges": list(survival.EDGES),
                **asdict(hazard.calibration),
                "num_failures": hazard.num_failures,
                "threshold": hazard.threshold,
                "tails": list(hazard.tails),
            }
        )
    config = {
        "format": 1,
        "name": origin.name,
        "version": origin.version,
        "domain": "manufacturing",
        "parts": parts,
        "asset_class": plant.asset_class,
        "interval_s": plant.readings.interval_s,
        "clock_unit": plant.clock.unit,
        "sensors": list(ranges),
        "features": spec.as_dict(),
        "usual": usual_of(table.values, table.names, _healthy(labels)),
        "heads": heads,
        "age": {component: asdict(found) for component in spans if (found := age.fit(spans[component])) is not None},
        "warning": figures.warning_of(rows),
    }
    write_json(new / "bundle.json", config)
    index = build_index(_failed(records), spec)
    if index.cases:
        index.save(new / "similar")
    write_card(new, _card(origin, machines, fitted, rows))
    for path in new.rglob("*"):
        if path.is_file():
            path.chmod(0o644)
    shutil.rmtree(out, ignore_errors=True)
    out.parent.mkdir(parents=True, exist_ok=True)
    new.rename(out)


def _failed(records: Records) -> list[Record]:
    """Records with a failure, at most ``MAX_FOR_SPEC``."""
    found = []
    for record in records():
        if any(life.end == "failure" for life in record.lives):
            found.append(record)
        if len(found) >= MAX_FOR_SPEC:
            break
    return found


def digest(record: Record) -> str:
    """SHA-256 of a record's readings: what a card lists, so that ``evaluate`` leaves out what training saw."""
    import hashlib

    import numpy as np

    found = hashlib.sha256(np.ascontiguousarray(record.times).tobytes())
    found.update(np.ascontiguousarray(record.values).tobytes())
    return found.hexdigest()


def _healthy(labels: Mapping[str, Labels]) -> np.ndarray:
    """bool[rows]: rows of machines that stayed whole for a month."""
    import numpy as np

    return ~np.any([told.failed & (told.days <= HEALTHY_DAYS) for told in labels.values()], axis=0)


def _card(
    origin: Origin,
    machines: Sequence[str],
    fitted: Mapping[str, FittedHazard],
    rows: Sequence[Row],
) -> dict[str, Any]:
    return {
        "name": origin.name,
        "version": origin.version,
        "purpose": origin.purpose,
        "licence": origin.licence,
        "data": origin.data,
        "limits": list(origin.limits),
        "failures": {component or "machine": hazard.num_failures for component, hazard in fitted.items()},
        "trained_on": sorted(machines),
        "figures": [row.as_dict() for row in rows],
        "figures_by": "cross-fitted over machines by `dsapp manufacturing train`",
    }

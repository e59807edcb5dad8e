"""What happens when a run over a fleet closes: from the stored machines to the fleet's tables, all rebuilt from what was stored."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core.job import Closing
from . import incidents, requests
from .alarms import Incident, step
from .documents.outputs import write_fleet
from .fleet import Fleet, gather
from .planning import needs_days, plan_fleet
from .stored import StoredMachine, load, load_series

if TYPE_CHECKING:
    from .predict import PredictJob

PREDICTIONS = "predictions.parquet"
STATE = "state"
"""Where a run without a state folder of its own keeps it: below its outputs, so that only the same folder goes on from it."""


REQUESTS = "requests.csv"


def close(job: PredictJob, closing: Closing, folder: Path) -> Sequence[str]:
    """Write the run's tables into ``folder``, carry the state on; return the tables' names, the one to open first at the head.

    Raises:
        RunError: the state folder is damaged or another plant's.
        InputError: the file of outcomes cannot be read.
    """
    fleet = fleet_of(job, closing)
    write_predictions(fleet, folder / PREDICTIONS)
    keep = Path(job.state) if job.state else folder / STATE
    before = incidents.latest(keep, fleet.plant.name, fleet.as_of)
    past, remarks = _with_outcomes(before.incidents if before is not None else (), job.outcomes)
    today = step(past, fleet, needs_days=needs_days(fleet))
    plan = plan_fleet(
        fleet,
        before.plan if before is not None else None,
        previous_as_of=before.as_of if before is not None else None,
    )
    asked = dict(before.requested) if before is not None else {}
    told = requests.requests(today, plan, fleet.plant, asked)
    requests.write(told, folder / REQUESTS, outcomes={one.id: one.outcome for one in today})
    remembered = tuple(sorted(requests.remembered(told, asked).items()))
    incidents.save(incidents.State(1, fleet.plant.name, fleet.as_of, today, plan, remembered), keep)
    shutil.rmtree(job.stage, ignore_errors=True)
    downloads = [(REQUESTS, "Work requests (CSV)"), (PREDICTIONS, "Predictions (Parquet)")]
    notes = (*fleet.notes, *remarks)
    folders = {str(stored.result.summary["machine"]): stored.folder for stored in closing.stored}
    pages = write_fleet(
        fleet,
        plan,
        today,
        told,
        notes,
        folder,
        refused=closing.refused,
        downloads=downloads,
        series_of=lambda name: load_series(folders[name]),
    )
    return [*pages, REQUESTS, PREDICTIONS]


def _with_outcomes(past: Sequence[Incident], file: str) -> tuple[Sequence[Incident], tuple[str, ...]]:
    """Incidents with what came back of their requests, and remarks on the file that told it."""
    if not file:
        return past, ()
    returned = requests.read(Path(file))
    told, unknown = requests.with_outcomes(past, returned.outcomes)
    return told, (*returned.remarks, *(f"{Path(file).name}: no incident has the id {key[:40]!r}" for key in unknown))


def fleet_of(job: PredictJob, closing: Closing) -> Fleet:
    """The fleet of a run's stored machines, with the age models and warnings of the bundle that fits it."""
    return fleet_of_machines(job, [load(stored.folder) for stored in closing.stored])


def fleet_of_machines(job: PredictJob, machines: Sequence[StoredMachine]) -> Fleet:
    """The fleet of machines that a run stored."""
    model, plant = job.model(), job.load_plant()
    fits = model is not None and not model.misfits(plant)
    return gather(
        plant,
        machines,
        ages=model.ages if model is not None and fits else None,
        warning=model.warning if model is not None and fits else None,
    )


COLUMNS: Mapping[str, str] = {
    "machine": "VARCHAR",
    "component": "VARCHAR",
    "as_of": "TIMESTAMPTZ",
    "basis": "VARCHAR",
    "score": "DOUBLE",
    "threshold": "DOUBLE",
    "risk_24h": "DOUBLE",
    "risk_72h": "DOUBLE",
    "risk_168h": "DOUBLE",
    "risk_336h": "DOUBLE",
    "risk_720h": "DOUBLE",
    "life_median": "DOUBLE",
    "life_low": "DOUBLE",
    "life_high": "DOUBLE",
    "life_unit": "VARCHAR",
    "confidence": "DOUBLE",
    "model": "VARCHAR",
    "first_reason": "VARCHAR",
}
"""Columns of ``predictions.parquet``: one row a machine and component; empty where nothing may be said."""


def write_predictions(fleet: Fleet, path: Path) -> None:
    """One row for each outlook, as Parquet."""
    from ..core.extras import need
    from ..core.files import replacing

    duckdb = need("duckdb", "Parquet files")
    rows = [_row(machine.model, outlook) for machine, outlook in fleet.attention()]
    with duckdb.connect(":memory:") as connection, replacing(path) as written:
        connection.execute("SET TimeZone = 'UTC'")
        columns = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
        connection.execute(f"CREATE TABLE predictions ({columns})")
        marks = ", ".join("make_timestamptz(?)" if name == "as_of" else "?" for name in COLUMNS)
        if rows:
            connection.executemany(f"INSERT INTO predictions VALUES ({marks})", rows)
        target = str(written).replace("'", "''")
        connection.execute(f"COPY predictions TO '{target}' (FORMAT PARQUET)")


def _row(model: str, outlook: Any) -> list[Any]:
    life = outlook.life
    return [
        outlook.machine,
        outlook.component,
        outlook.as_of,
        outlook.basis,
        outlook.score,
        outlook.threshold,
        *(outlook.risks.get(hours) for hours in (24.0, 72.0, 168.0, 336.0, 720.0)),
        *((life.median, life.low, life.high, life.unit) if life is not None else (None, None, None, None)),
        outlook.confidence,
        model,
        outlook.reasons[0].sentence if outlook.reasons else None,
    ]

"""``alerts.json``: the incidents of a run with what they rest on, for programs. Its form is published in ``schemas/alerts-1.json``.

Within version 1 members may be added, never renamed, retyped or removed. Figures that may not be given (a chance where only a ranking stands) are null.
"""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ...core.pages.text import visible
from ..alarms import Incident
from ..outlook import Outlook, Reason
from ..plan.types import Visit
from ..stored import StoredMachine
from .state import Report
from .templating import DISCLAIMER

SCHEMA = "dsapp.manufacturing.alerts/1"
ALERTS_NAME = "alerts.json"
MAX_REASONS = 8
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def published() -> dict[str, Any]:
    """The JSON Schema of ``alerts.json``."""
    return json.loads((Path(__file__).parent / "schemas" / "alerts-1.json").read_text(encoding="utf-8"))


def alerts(report: Report) -> dict[str, Any]:
    """The incidents of today and those closed in the last days, as plain JSON values."""
    fleet = report.fleet
    machines = {machine.machine: machine for machine in fleet.machines}
    told = [*report.open, *report.waiting, *report.closed]
    share = report.confirmed
    states: dict[str, int] = {}
    for _, _, state in report.leading:
        states[state] = states.get(state, 0) + 1
    return {
        "schema": SCHEMA,
        "plant": visible(fleet.plant.name),
        "asset_class": visible(fleet.plant.asset_class),
        "as_of": moment(fleet.as_of) if fleet.machines else None,
        "time_zone": fleet.plant.time_zone,
        "model": fleet.model,
        "machines": {"looked_at": len(fleet.machines), "by_state": states},
        "budget": {
            "per_week": fleet.plant.alarms.budget_per_week,
            "used": report.budget_used,
            "waiting": len(report.waiting),
        },
        "warning": {name: _finite(value) for name, value in sorted(fleet.warning.items())},
        "expected_right": [
            {"failures_per_machine_month": rate, "share": _finite(right)} for rate, right in report.right_shares()
        ],
        "confirmed": None
        if share is None
        else {"right": share.right, "total": share.total, "low": share.low, "high": share.high},
        "alerts": [_alert(report, one, machines.get(one.machine)) for one in told],
        "notes": [visible(note) for note in report.notes],
        "disclaimer": DISCLAIMER,
    }


def moment(time: int) -> str:
    """Microseconds UTC as ISO 8601 with seconds, ``2025-11-17T21:00:00Z``."""
    return (EPOCH + timedelta(microseconds=time)).strftime("%Y-%m-%dT%H:%M:%SZ")


def _finite(value: float | None) -> float | None:
    return float(value) if value is not None and math.isfinite(value) else None


def _alert(report: Report, incident: Incident, machine: StoredMachine | None) -> dict[str, Any]:
    outlooks = machine.outlooks if machine is not None else ()
    outlook = next((one for one in outlooks if one.component == incident.component), None)
    visit = report.visit_of(incident.machine, incident.component)
    return {
        "id": incident.id,
        "status": incident.status,
        "new": report.is_new(incident),
        "machine": visible(incident.machine),
        "component": visible(incident.component),
        "opened": moment(incident.opened),
        "closed": moment(incident.closed) if incident.closed is not None else None,
        "ended": visible(incident.ended),
        "basis": incident.basis,
        "score": _finite(incident.score),
        "pressing": _finite(incident.pressing),
        "threshold": _finite(outlook.threshold) if outlook is not None else None,
        "rule": visible(incident.rule),
        "reason": visible(incident.reason),
        "risks": _risks(outlook),
        "life": _life(outlook, machine),
        "confidence": _finite(outlook.confidence) if outlook is not None else None,
        "reasons": [_reason(one) for one in (outlook.reasons[:MAX_REASONS] if outlook is not None else ())],
        "covered_by": visible(incident.covered_by),
        "needs_days": _finite(incident.needs_days),
        "too_late": _finite(incident.too_late),
        "outcome": incident.outcome,
        "service": _service(visit),
        "page": report.pages.get(incident.machine),
    }


def _risks(outlook: Outlook | None) -> list[dict[str, Any]]:
    return [
        {"hours": float(hours), "probability": _finite(chance)}
        for hours, chance in sorted(outlook.risks.items() if outlook is not None else ())
    ]


def _life(outlook: Outlook | None, machine: StoredMachine | None) -> dict[str, Any] | None:
    if outlook is None or outlook.life is None or machine is None:
        return None
    life = outlook.life
    return {
        "unit": life.unit,
        "low": _finite(life.low),
        "median": _finite(life.median),
        "high": _finite(life.high),
        "capped": life.capped,
        "units_per_day": _finite(machine.per_day),
    }


def _reason(reason: Reason) -> dict[str, Any]:
    return {
        "sensor": visible(reason.sensor),
        "statistic": reason.statistic,
        "start": moment(reason.start),
        "end": moment(reason.end),
        "value": _finite(reason.value),
        "usual": _finite(reason.usual),
        "contribution": _finite(reason.contribution),
        "sentence": visible(reason.sentence),
    }


def _service(visit: Visit | None) -> dict[str, Any] | None:
    if visit is None:
        return None
    return {
        "earliest": visit.first.isoformat(),
        "latest": visit.last.isoformat(),
        "window": visit.day.isoformat(),
        "crew_hours": visit.crew_hours,
        "standstill_hours": visit.standstill_hours,
        "cost_of_waiting_a_week": _finite(visit.cost_of_waiting),
    }

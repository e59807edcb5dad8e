"""All that is written for people when a run over a fleet closes: the one call that ``closing`` makes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ...core.files import write_json, write_text
from ...core.job import Refusal
from ..fleet import Fleet
from .alerts import ALERTS_NAME, alerts
from .index import index_html
from .machine import machine_html
from .plan_page import plan_html
from .quality_page import quality_html
from .state import Report, report
from .templating import INDEX, PLAN, QUALITY
from .workbook import WORKBOOK_NAME, write_workbook

if TYPE_CHECKING:
    from ..alarms import Incident
    from ..plan.types import Plan
    from ..requests import Request
    from ..stored import Series

MACHINES = "machines"


def write_fleet(
    fleet: Fleet,
    plan: Plan | None,
    incidents: Sequence[Incident],
    requests: Sequence[Request],
    notes: Sequence[str],
    folder: Path,
    *,
    refused: Sequence[Refusal] = (),
    what_ifs: Sequence[tuple[str, Plan]] = (),
    downloads: Sequence[tuple[str, str]] = (),
    series_of: Callable[[str], Series | None] | None = None,
) -> list[str]:
    """Write the fleet's pages, ``alerts.json`` and ``plan.xlsx`` into ``folder``; return their names, the page to open first at the head.

    Machines' pages go into ``machines/`` and are not named; pages of an earlier close that are no longer made are removed. Made of stored machines alone: the
    same after a resume as after an unbroken run.

    Args:
        plan: None where none could be made.
        notes: sentences on the run, for the first page.
        refused: what was not read, for the page of data quality.
        what_ifs: (what was changed, the plan under it).
        downloads: further files in ``folder`` to name on the first page, as (address, what it is).
        series_of: gives the series of a machine by name, for a fleet held without them; asked for one page at a time.

    Raises:
        DiskFullError: no space left.
    """
    told = report(fleet, plan, incidents, requests, notes, refused=refused, what_ifs=what_ifs)
    _write_machines(told, folder, series_of)
    write_json(folder / ALERTS_NAME, alerts(told))
    write_workbook(told, folder / WORKBOOK_NAME)
    write_text(folder / PLAN, plan_html(told))
    write_text(folder / QUALITY, quality_html(told))
    own = [(WORKBOOK_NAME, "Plan (XLSX)"), (ALERTS_NAME, "Alarms (JSON)")]
    write_text(folder / INDEX, index_html(told, downloads=[*own, *downloads]))
    return [INDEX, PLAN, QUALITY, WORKBOOK_NAME, ALERTS_NAME]


def _write_machines(told: Report, folder: Path, series_of: Callable[[str], Series | None] | None) -> None:
    pages = folder / MACHINES
    wanted = set()
    for machine in told.fleet.machines:
        address = told.pages.get(machine.machine)
        if address is not None:
            if machine.series is None and series_of is not None:
                machine = replace(machine, series=series_of(machine.machine))
            write_text(folder / address, machine_html(told, machine))
            wanted.add((folder / address).name)
    for old in pages.glob("*.html") if pages.is_dir() else ():
        if old.name not in wanted:
            old.unlink()

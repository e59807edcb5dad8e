"""All that is written for one contract, and all that is written for a run: the two calls a job makes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ...core.files import write_json
from ...core.job import Closing, Result
from .calendar import CALENDAR_NAME, write_calendar
from .findings_json import FINDINGS_NAME, findings
from .index import INDEX_NAME, write_index
from .page import HOME, PAGE_NAME, write_page
from .portfolio import portfolio
from .summary import summary
from .workbook import WORKBOOK_NAME, write_workbook

if TYPE_CHECKING:
    from ..review import Review


def write_contract(review: Review, folder: Path, *, item_id: str, source_name: str, home: str = HOME) -> Result:
    """Write a contract's page and ``findings.json`` into ``folder``; return its summary and their names.

    ``home`` is the address of the run's index as seen from ``folder``, "" for a contract reviewed by itself. Raises DiskFullError.
    """
    data = findings(review, item_id, source_name)
    write_json(folder / FINDINGS_NAME, data)
    write_page(review, folder / PAGE_NAME, item_id=item_id, source_name=source_name, home=home, data=data)
    return Result(summary(review, item_id, source_name, data=data), (PAGE_NAME, FINDINGS_NAME))


def write_run(closing: Closing, folder: Path) -> Sequence[str]:
    """Write a run's index, workbook and calendar into ``folder``, the page to open first in front.

    Rebuilt from stored results alone: the same after a resume as after an unbroken run. Raises DiskFullError.
    """
    run = portfolio(closing, folder)
    write_workbook(run, folder / WORKBOOK_NAME)
    num_events = write_calendar(run.deadlines(), folder / CALENDAR_NAME)
    downloads = [(WORKBOOK_NAME, "Workbook (XLSX)"), (CALENDAR_NAME, f"Calendar (ICS), {num_events} dates")]
    write_index(run, folder / INDEX_NAME, downloads=downloads)
    return INDEX_NAME, WORKBOOK_NAME, CALENDAR_NAME

"""Check a plant's data without predicting from it: the data-quality table, and what cannot be used."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ..core.errors import InputError

if TYPE_CHECKING:
    from .history import Record
    from .plant import Plant
    from .quality_tables import QualityRow
    from .reading.staged import Staged


def inspect(plant: Plant, inputs: Sequence[str]) -> tuple[tuple[QualityRow, ...], tuple[tuple[str, str, str], ...]]:
    """The data-quality rows of every machine in ``inputs``, and (name, code, reason) of each machine or source that cannot be used.

    Raises:
        UsageError, ConfigError, DiskFullError, MissingExtraError: see ``reading.staging.stage``.
    """
    from .quality_tables import summary
    from .reading.staging import stage

    rows: list[QualityRow] = []
    refused: list[tuple[str, str, str]] = []
    with tempfile.TemporaryDirectory(prefix="dsapp-check-") as folder:
        staged = stage(plant, inputs, folder)
        refused += [(str(one.path), one.code, one.reason) for one in staged.refusals]
        for _, record in checked(staged, plant, refused):
            rows += summary([record])
    return tuple(rows), tuple(refused)


def checked(staged: Staged, plant: Plant, refused: list[tuple[str, str, str]]) -> Iterator[tuple[str, Record]]:
    """The records of a store's machines; those that cannot be used are added to ``refused``."""
    from .quality import check

    now = time.time_ns() // 1000
    for machine in staged.machines():
        try:
            yield machine.name, check(staged.history(machine.name), plant, now=now)
        except InputError as error:
            refused.append((machine.name, error.code, error.message))

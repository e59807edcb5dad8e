"""Train on a plant's own files: read, check, and hand the records to ``machines.train``."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..inspect import checked
from .machines import Origin, train

if TYPE_CHECKING:
    from ..history import Record
    from ..plant import Plant


def train_history(
    plant: Plant,
    inputs: Sequence[str],
    out: Path,
    *,
    name: str,
    threads: int = 2,
    say: Callable[[str], None] = lambda line: None,
) -> Path:
    """Train a machine model on everything in ``inputs`` and write the bundle to ``out``.

    Raises:
        InputError: no machine can be used, or none ever failed; see ``machines.train``.
        UsageError, ConfigError, DiskFullError, MissingExtraError: see ``reading.staging.stage``.
    """
    from ..reading.staging import stage

    with tempfile.TemporaryDirectory(prefix="dsapp-train-") as folder:
        staged = stage(plant, inputs, folder, say)
        for refusal in staged.refusals:
            say(f"left out: {refusal.path}: {refusal.reason}")
        told: set[str] = set()

        def records() -> Iterator[Record]:
            refused: list[tuple[str, str, str]] = []
            for _, record in checked(staged, plant, refused):
                yield record
            for machine, _, reason in refused:
                if machine not in told:
                    told.add(machine)
                    say(f"left out: {machine}: {reason}")

        origin = Origin(
            name,
            "1.0.0",
            f"Failures of machines of the class {plant.asset_class} in {plant.name}.",
            f"{plant.name}: {len(staged.machines())} machines, by the plant's own files.",
            "of the plant",
        )
        return train(records, plant, out, origin, threads=threads, say=say)

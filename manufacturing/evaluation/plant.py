"""Score a machine model on a plant's own folder: its plant file, readings and logs, machines that training saw left out by their readings' digest.

The same tasks as a card's figures: risk within the horizon, warnings at the bundle's thresholds, coverage of the life interval.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ...core.errors import UsageError
from ...core.evaluation import Row

if TYPE_CHECKING:
    import numpy as np

    from ..history import Record
    from ..model import MachineModel
    from ..plant import Plant
    from ..survival import Survival

PLANT_FILE = "plant.toml"
Say = Callable[[str], None]


def _to_stderr(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def evaluate(
    folders: Sequence[Path], *, variant: str | None = None, bundle: str = "", say: Say = _to_stderr
) -> list[Row]:
    """Score each folder; ``split`` is its name.

    Args:
        bundle: a bundle's folder or name; "" takes the shipped one of the plant's asset class.

    Raises:
        UsageError: a folder has no plant file, or no bundle fits the plant.
        ConfigError: the plant file is wrong.
    """
    from ..model import MachineModel, shipped_for
    from ..plant import load

    rows: list[Row] = []
    for folder in folders:
        file = folder / PLANT_FILE
        if not file.is_file():
            raise UsageError(f"{folder} has no {PLANT_FILE}")
        plant = load(file)
        chosen = bundle or shipped_for(plant.asset_class)
        if not chosen:
            raise UsageError(f"no bundle of the asset class {plant.asset_class!r}; train one and name it")
        model = MachineModel.open(chosen, variant or "auto")
        if refused := model.misfits(plant):
            raise UsageError(f"{model.bundle.name} does not fit {file}: {'; '.join(refused)}")
        rows += score(folder, plant, model, say)
    return rows


def score(folder: Path, plant: Plant, model: MachineModel, say: Say) -> list[Row]:
    """The rows of one folder; none where every machine was trained on, or none can be used."""
    from ..inspect import checked
    from ..model import HORIZON_H
    from ..reading.staging import stage
    from ..train import figures, hazards, machines

    with tempfile.TemporaryDirectory(prefix="dsapp-evaluate-") as work:
        staged = stage(plant, [str(folder)], work)
        seen = set(model.bundle.card.get("trained_on", ()))
        refused: list[tuple[str, str, str]] = []

        def records() -> Iterator[Record]:
            for _, record in checked(staged, plant, refused):
                if machines.digest(record) not in seen:
                    yield record

        count = sum(1 for _ in records())
        if left := len(staged.machines()) - count:
            say(f"{folder.name}: {left} of {len(staged.machines())} machines left out, trained on or not to be used")
        if not count:
            return []
        table, labels, _, _ = machines.gather(records, model.spec, plant, say)
    survivals = model.survivals(table)
    fitted = {}
    for head in model.heads:
        lives = list(survivals[head.component])
        told = labels[head.component]
        fitted[head.component] = hazards.FittedHazard(
            text="",
            calibration=head.calibration,
            threshold=head.threshold,
            tails=head.tails,
            num_failures=head.num_failures,
            out_of_fold=_risk(lives, HORIZON_H / 24),
            lives=lives,
            levels=hazards.levels_of(table, told, lives),
        )
    return figures.frozen_rows(folder.name, table, labels, fitted, model.ages, model.name)


def _risk(lives: Sequence[Survival], days: float) -> np.ndarray:
    import numpy as np

    return np.array([1 - life.at(days) for life in lives])

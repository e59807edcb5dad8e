"""Price maintenance policies on the turbofan runs to failure, with predictions that never saw the engine: the fold's that left it out, or the model's own on engines new to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ...core.evaluation import Row
from ..age import Weibull
from .cmapss_files import CmapssFiles, engine_digest, read_engines
from .policies import LifeTrace, cross_fitted, policy_rows

if TYPE_CHECKING:
    from ..history import Record
    from ..life import LifeModel
    from ..out_of_fold import OutOfFold
    from ..outlook import Survival

PER_DAY = 1.0
"""A cycle counts as a day."""
STEP = 2
"""Decisions are taken every second cycle, as far apart as the bundle keeps its out-of-fold predictions."""


def plan_rows(files: CmapssFiles, model: LifeModel, say: Callable[[str], None]) -> list[Row]:
    """The rows of task ``plan`` of one set's runs to failure; none where the folder has no training file.

    The life of other engines is the Weibull of other folds for engines that the bundle was trained on, and that of the bundle for new ones.
    """
    from ..out_of_fold import read

    if files.train is None:
        return []
    kept = read(model.bundle)
    engines = read_engines(files.train, files.name, failed=True)
    old = [engine for engine in engines if kept is not None and engine_digest(engine) in kept.places]
    trained = set(model.bundle.card.get("trained_on", ()))
    digests = {engine.machine for engine in old}
    new = [one for one in engines if one.machine not in digests and engine_digest(one) not in trained]
    if len(old) + len(new) < len(engines):
        say(
            f"{files.name}: {len(engines) - len(old) - len(new)} engines left out, the bundle knows them and kept no fold"
        )
    entry = model.bundle.config["baselines"]["age"]
    shipped = Weibull(float(entry["shape"]), float(entry["scale"]), 0, 0)
    known = [_trace(engine, *_from_folds(engine, kept)) for engine in old if kept is not None]
    fresh = [_trace(engine, *_predicted(engine, model)) for engine in new]
    ages = cross_fitted(known, fallback=shipped) | {(life.machine, ""): shipped for life in fresh}
    say(f"{files.name}: policies priced on {len(known)} engines out of fold and {len(fresh)} new ones")
    return policy_rows("cmapss", files.name, [*known, *fresh], system=model.name, ages=ages, step=float(STEP))


def _from_folds(engine: Record, kept: OutOfFold) -> tuple[Sequence[int], Sequence[Survival]]:
    rows, survivals = kept.survivals(engine_digest(engine), PER_DAY) or ((), ())
    return [int(row) for row in rows], survivals


def _predicted(engine: Record, model: LifeModel) -> tuple[Sequence[int], Sequence[Survival]]:
    rows = list(range(len(engine.times) - 1, -1, -STEP))[::-1]
    return rows, model.survivals(model.predict(model.table(engine, rows)), PER_DAY)


def _trace(engine: Record, rows: Sequence[int], survivals: Sequence[Survival]) -> LifeTrace:
    """The engine fails in its last cycle: no decision is taken there."""
    return LifeTrace(engine.machine, engine.clock[list(rows)], survivals, float(engine.clock[-1]))

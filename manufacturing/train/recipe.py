"""A training recipe: a TOML file that names the bundle, says what it is for, and fixes every setting; unknown keys are refused."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from ...core.errors import UsageError
from ..plant import Name, Section
from .machines import Origin, train
from .recipe_file import read_recipe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..history import Record


class Simulation(Section):
    """Simulated pumps to train on, begun in every season: see ``simulate.seasons``."""

    seed: int
    machines: int = Field(ge=1, le=10_000)
    days: float = Field(gt=1, le=3660)


class Recipe(Section):
    """A recipe for a machine model on simulated pumps."""

    format: Literal[1]
    name: Name
    version: Name
    title: str = ""
    purpose: str = ""
    data: str = ""
    licence: str = "Apache-2.0"
    limits: tuple[str, ...] = ()
    seed: int = 0
    simulate: Simulation


def load(recipe: str | Path) -> Recipe:
    """Read a recipe. Raises UsageError or ConfigError: see ``read_recipe``."""
    return read_recipe(recipe, Recipe)


FITTERS = {
    "turbofan": ("life", "train_life"),
    "milling": ("failure", "train_state"),
    "fleet": ("early", "train_early"),
}
"""Recipes that ship and are trained on labelled files: the module and function that fit each."""


def train_recipe(
    recipe: str,
    out: Path,
    *,
    data_folder: Path | None = None,
    threads: int = 2,
    say: Callable[[str], None] = lambda line: None,
) -> Path:
    """Train the bundle of a recipe, by the name of one that ships or by its file, and write it to ``out``.

    Args:
        data_folder: the labelled files of a recipe in ``FITTERS``.

    Raises:
        UsageError: there is no such recipe, or it needs ``data_folder``.
        ConfigError: the recipe is wrong.
    """
    if recipe in FITTERS:
        if data_folder is None:
            raise UsageError(f"the recipe {recipe!r} is trained on labelled files: name their folder with --data")
        module, function = FITTERS[recipe]
        fit = getattr(importlib.import_module(f".{module}", __package__), function)
        return fit(recipe, data_folder, out, threads=threads, say=say)
    from ..quality import check
    from ..simulate import histories, seasons

    settings = load(recipe)
    halls = seasons(settings.simulate.seed, settings.simulate.machines, settings.simulate.days)
    say(f"{sum(len(hall.machines) for hall in halls)} pumps simulated over {settings.simulate.days:g} days")
    kept = [check(history, hall.plant) for hall in halls for history in histories(hall)]

    def records() -> Iterator[Record]:
        yield from kept

    origin = Origin(settings.name, settings.version, settings.purpose, settings.data, settings.licence, settings.limits)
    return train(records, halls[0].plant, out, origin, seed=settings.seed, threads=threads, say=say)

"""Train a life model as a recipe says: read runs to failure in the layout of C-MAPSS, fit, write the bundle, score what is at hand, write the card."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from ...core.errors import UsageError
from ..plant import Name, Section
from .life_bundle import assemble
from .life_fit import TREES, LifeSettings, fit_life
from .recipe_file import read_recipe
from .wear import WearSettings

if TYPE_CHECKING:
    from ..history import Record
    from .life_fit import FittedLife

PLANTS = Path(__file__).parent.parent / "plants"


class TreesRecipe(Section):
    """Settings of the trees; ``every``: one row of so many is learnt from."""

    rounds: int = Field(400, ge=1, le=20_000)
    every: int = Field(3, ge=1)
    learning_rate: float = Field(0.04, gt=0, le=1)
    num_leaves: int = Field(63, ge=2, le=4096)
    min_data_in_leaf: int = Field(150, ge=1)
    feature_fraction: float = Field(0.3, gt=0, le=1)
    bagging_fraction: float = Field(0.7, gt=0, le=1)
    lambda_l2: float = Field(5.0, ge=0)


class NetworkRecipe(Section):
    """Settings of the network; see ``wear.WearSettings``."""

    members: int = Field(8, ge=1, le=64)
    width: int = Field(64, ge=4, le=1024)
    layers: int = Field(3, ge=1, le=16)
    steps: int = Field(900, ge=1)
    rows: int = Field(8192, ge=16)
    rate: float = Field(3e-3, gt=0)
    decay: float = Field(0.05, ge=0)
    drop: float = Field(0.25, ge=0, lt=1)
    blank: float = Field(0.2, ge=0, le=0.5)
    noise: float = Field(0.15, ge=0)
    soft: float = Field(1.5, gt=0)
    soft_share: float = Field(0.05, ge=0, le=1)
    squared: float = Field(0.0, ge=0)


class LifeRecipe(Section):
    """A recipe for a life model; ``plant`` is a plant file beside the recipe or one that ships, for asset class and units."""

    format: Literal[1]
    name: Name
    version: Name
    title: str
    purpose: str
    not_for: str = ""
    data: str
    licence: str = "Apache-2.0"
    plant: Name
    sensors: tuple[Name, ...] = Field(min_length=1)
    regime_settings: tuple[Name, ...] = ()
    centres: tuple[tuple[float, ...], ...] | None = None
    scales: tuple[float, ...] | None = None
    statistics: tuple[Name, ...] = ("last", "mean", "std", "slope", "ema")
    windows: tuple[int, ...] = (5, 10, 20, 40, 80)
    longest: dict[str, float] = Field(default_factory=dict)
    num_folds: int = Field(5, ge=2, le=20)
    seed: int = 0
    trees: TreesRecipe = TreesRecipe()  # pyright: ignore[reportCallIssue]
    network: NetworkRecipe = NetworkRecipe()  # pyright: ignore[reportCallIssue]

    def settings(self, threads: int = 2) -> LifeSettings:
        """What ``fit_life`` takes."""
        trees = self.trees.model_dump()
        network = self.network.model_dump()
        rounds, every, members = trees.pop("rounds"), trees.pop("every"), network.pop("members")
        return LifeSettings(
            sensors=self.sensors,
            regime_settings=self.regime_settings,
            centres=self.centres,
            scales=self.scales,
            statistics=self.statistics,
            windows=self.windows,
            longest=self.longest,
            num_folds=self.num_folds,
            rounds=rounds,
            every=every,
            trees={**TREES, **trees},
            members=members,
            network=WearSettings(**network, seed=self.seed),
            threads=threads,
            seed=self.seed,
        )


def load(recipe: str | Path) -> LifeRecipe:
    """Read a recipe: a path, or the name of one that ships (``turbofan``).

    Raises:
        UsageError: there is no such recipe.
        ConfigError: it is wrong; the message has file and line.
    """
    return read_recipe(recipe, LifeRecipe)


def train_life(
    recipe: str | Path,
    data_folder: Path,
    out: Path,
    *,
    threads: int = 2,
    say: Callable[[str], None] = lambda line: None,
) -> Path:
    """Train the bundle of ``recipe`` on every ``train_FDxxx`` file of ``data_folder`` and write it to ``out``.

    On a GPU this takes minutes, on two cores about half an hour, nearly all of it the network and the trees of five folds.

    Raises:
        UsageError: no such recipe, no training file, or ``out`` is something else than a bundle.
        ConfigError: the recipe or a data file is wrong.
    """
    settings = load(recipe)
    records = training_engines(data_folder)
    say(f"{len(records)} engines that ran to failure")
    fitted = fit_life(records, settings.settings(threads), say)
    return write(fitted, records, settings, data_folder, out, say)


def training_engines(data_folder: Path) -> list[Record]:
    """Every engine of the training files in ``data_folder``. Raises UsageError where there are none."""
    from ..evaluation.cmapss_files import find, read_engines

    records: list[Record] = []
    for files in find(data_folder):
        if files.train is not None:
            records += read_engines(files.train, files.name, failed=True)
    if not records:
        raise UsageError(f"{data_folder} has no training file (train_FD001.txt, also .gz)")
    return records


def write(
    fitted: FittedLife,
    records: Sequence[Record],
    settings: LifeRecipe,
    data_folder: Path,
    out: Path,
    say: Callable[[str], None] = lambda line: None,
) -> Path:
    """Write the bundle, score it on the test files of ``data_folder``, and write the card again with the figures."""
    from ...core.bundle import Bundle, write_card
    from ..evaluation.cmapss import evaluate
    from ..plant import load as load_plant

    plant = load_plant(PLANTS / f"{settings.plant}.toml")
    config = {
        "name": settings.name,
        "version": settings.version,
        "asset_class": plant.asset_class,
        "clock_unit": plant.clock.unit,
        "interval_s": plant.readings.interval_s,
        "units": {sensor.name: sensor.unit for sensor in plant.sensors},
    }
    card = _card(fitted, records, settings)
    assemble(fitted, records, out, config, card)
    rows = [row.as_dict() for row in evaluate([data_folder], bundle=str(out), variant="fp32", say=say)]
    write_card(out, {**card, "metrics": {**card["metrics"], "rows": rows}})
    size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    say(f"bundle {out}: {size / 1e6:.1f} MB, hash {Bundle.open(out).hash[:12]}")
    return out


def _card(fitted: FittedLife, records: Sequence[Record], settings: LifeRecipe) -> dict[str, Any]:
    from ..evaluation.cmapss_files import engine_digest

    def rounded(by_set: Mapping[str, float]) -> dict[str, float]:
        return {name: round(value, 3) for name, value in by_set.items()}

    return {
        "name": settings.name,
        "version": settings.version,
        "title": settings.title,
        "purpose": settings.purpose,
        "not_for": settings.not_for,
        "licence": settings.licence,
        "data": [{"name": "C-MAPSS", "what": settings.data, "engines": len(records)}],
        "recipe": settings.model_dump(mode="json"),
        "split": f"{settings.num_folds} folds by engine for every choice; the test files are read by `evaluate` alone",
        "cross_validation": {
            "what": "RMSE of the life capped at 125 cycles, over random cuts of training engines that the fold did not see",
            "rmse": {name: rounded(by_set) for name, by_set in fitted.figures.items()},
        },
        "metrics": {"command": "dsapp manufacturing evaluate cmapss --variant fp32", "rows": []},
        "trained_on": [engine_digest(record) for record in records],
    }

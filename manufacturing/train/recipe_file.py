"""Read a training recipe, by its path or by the name of one that ships: one way for every kind of machine bundle."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from ...core.errors import UsageError

RECIPES = Path(__file__).parent.parent / "recipes"
SEE = "docs/manufacturing-training.md"

R = TypeVar("R", bound=BaseModel)


def read_recipe(recipe: str | Path, kind: type[R]) -> R:
    """The recipe in a TOML file, or the shipped one of that name, as ``kind``.

    Raises:
        UsageError: there is no such recipe.
        ConfigError: it is wrong; the message has file and line.
    """
    from ...core.toml_file import places, problems, raise_for, read_table, read_text, validated

    path = Path(recipe)
    if path.suffix != ".toml":
        path = RECIPES / f"{recipe}.toml"
    if not path.is_file():
        known = ", ".join(sorted(found.stem for found in RECIPES.glob("*.toml")))
        raise UsageError(
            f"there is no recipe {str(recipe)!r}: give a TOML file, or the name of one that ships: {known}"
        )
    text = read_text(path, what="recipe")
    table = read_table(text, path, what="recipe")
    raise_for(problems(kind, table, see=SEE), path, places(text))
    return validated(kind, table)

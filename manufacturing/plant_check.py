"""Read a plant file strictly: types and unknown keys by the models of ``plant``, what the tables say to each other by ``plant_conflicts``.

``parse`` tells everything that is wrong at once, each with its line.
"""

from __future__ import annotations

from pathlib import Path

from ..core.toml_file import known_only, places, problems, raise_for, read_table, read_text, validated
from .plant import Plant
from .plant_conflicts import SEE, conflicts


def read(path: Path | str) -> Plant:
    """The plant of the file at ``path``.

    Raises:
        ConfigError: the file cannot be read or is no TOML; or everything that is wrong in it, each with file and line.
    """
    return parse(read_text(path, what="plant file"), path)


def parse(text: str, path: Path | str = "plant file") -> Plant:
    """The plant of a TOML text; ``path`` is what messages call it.

    Raises:
        ConfigError: as in ``read``.
    """
    table = read_table(text, path, what="plant file")
    found = [*problems(Plant, table, see=SEE), *conflicts(known_only(Plant, table))]
    raise_for(found, path, places(text))
    return validated(Plant, table)

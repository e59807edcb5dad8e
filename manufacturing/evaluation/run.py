"""Evaluate shipped bundles and plain baselines on labelled folders: which set a folder holds decides which protocol scores it."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from ...core.errors import UsageError
from ...core.evaluation import Row

SETS = ("ai4i", "azure_pdm", "cmapss", "plant", "skab")
"""Sets by name; each has a file of its own in this package with ``evaluate(folders, variant=, bundle=, say=)``."""


def _to_stderr(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def evaluate(
    folders: Sequence[Path],
    *,
    variant: str | None = None,
    as_set: str | None = None,
    bundle: str | None = None,
    say: Callable[[str], None] = _to_stderr,
) -> list[Row]:
    """Score labelled folders; a folder's name says its set unless ``as_set`` does. A folder with a plant file is a ``plant``.

    Raises:
        UsageError: a folder is none of the sets.
        ConfigError: a file is wrong; the message names line and field.
        BundleError: a bundle cannot be opened.
    """
    named = [(set_of(folder, as_set), folder) for folder in folders]
    rows: list[Row] = []
    for name in dict.fromkeys(name for name, _ in named):
        module = importlib.import_module(f".{name}", __package__)
        chosen = {"bundle": bundle} if bundle else {}
        rows += module.evaluate([folder for of, folder in named if of == name], variant=variant, say=say, **chosen)
    return rows


def set_of(folder: Path, as_set: str | None) -> str:
    """Which set a folder holds: ``as_set``, else its name, else ``plant`` where it has a plant file.

    Raises:
        UsageError: none of these.
    """
    name = as_set or folder.resolve().name
    if name in SETS:
        return name
    if as_set is None and (folder / "plant.toml").is_file():
        return "plant"
    advice = "say which layout it has with --as" if as_set is None else "choose another"
    raise UsageError(f"{folder}: {name!r} is none of the sets {', '.join(SETS)}; {advice}")

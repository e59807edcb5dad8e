"""Sensor files and databases in, one ``History`` a machine out.

``stage(plant, inputs, folder)`` reads everything once into a store; ``Staged.open(folder)`` gives it to any process.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .staged import Staged, StagedMachine
    from .staging import stage

__all__ = ["Staged", "StagedMachine", "stage"]


def __getattr__(name: str) -> Any:
    import importlib

    if name in __all__:
        return getattr(importlib.import_module(f"{__name__}.{'staging' if name == 'stage' else 'staged'}"), name)
    raise AttributeError(name)

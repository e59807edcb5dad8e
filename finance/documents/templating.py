"""The templates of contract pages, and the levels that they speak of; ``core/pages`` turns them into HTML."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...core.pages import templating

TEMPLATES = Path(__file__).parent / "templates"
LEVEL_LETTERS: Mapping[str, str] = {"high": "H", "medium": "M", "low": "L"}


def render(name: str, values: Mapping[str, Any]) -> str:
    """The page ``templates/NAME.html`` filled with ``values``; see ``core/pages/templating.py``."""
    layers = ("overview",) if name == "index" else ()
    return templating.render(TEMPLATES, name, {"letters": LEVEL_LETTERS, **values}, layers=layers)

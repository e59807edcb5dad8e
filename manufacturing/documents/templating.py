"""The templates of the fleet's pages; ``core/pages`` turns them into self-contained HTML."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...core.pages import templating
from . import words
from .state import STATES

TEMPLATES = Path(__file__).parent / "templates"
DISCLAIMER = (
    "Chances and dates are estimates from past data under the costs of the plant file. They replace no inspection that law, maker or insurer asks for, and no "
    "machine without a finding is thereby healthy."
)
INDEX, PLAN, QUALITY = "index.html", "plan.html", "data-quality.html"


def render(name: str, values: Mapping[str, Any], *, home: str = "") -> str:
    """The page ``templates/NAME.html`` filled with ``values``; ``home`` is the way up to the run's folder."""
    shared = {
        "home": home,
        "disclaimer": DISCLAIMER,
        "states": STATES,
        "number": words.number,
        "money": words.money,
        "component_name": words.component_name,
        "name_text": words.name_text,
        "day_text": words.day_text,
        "range_text": words.range_text,
        "days_text": words.days_text,
    }
    return templating.render(TEMPLATES, name, {**shared, **values}, look="pages", layers=("overview",))

"""How a spreadsheet shows the levels of findings; tables and cells are those of ``core/pages/sheets.py``."""

from __future__ import annotations

from collections.abc import Mapping

LEVEL_COLOURS: Mapping[str, tuple[str, str]] = {
    "high": ("#FAE3DE", "#9B1C14"),
    "medium": ("#FBECC8", "#7A4D00"),
    "low": ("#E1ECF4", "#2B5877"),
    "none": ("#E0F0E4", "#23623A"),
    "unjudged": ("#ECEAE4", "#55534C"),
    "missing": ("#FAE3DE", "#9B1C14"),
    "passed": ("#E0F0E4", "#23623A"),
    "undecided": ("#FBECC8", "#7A4D00"),
}
LEVEL_WORDS: Mapping[str, str] = {
    "high": "High",
    "medium": "Medium",
    "low": "Low",
    "none": "Nothing found",
    "unjudged": "Not judged",
    "missing": "missing",
    "passed": "found",
    "failed": "other finding",
    "undecided": "undecided",
    "not_applicable": "does not apply",
    "unchecked": "",
}

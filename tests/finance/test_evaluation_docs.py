"""docs/evaluation.md names every set, task and metric that code may write, and docs/clause-rules.md every module of rules."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dsapp.core.evaluation import METRICS
from dsapp.finance import clause_rules
from dsapp.finance.evaluation.labelled import SETS

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("name", SETS)
def test_every_metric_is_explained(name: str) -> None:
    page = (DOCS / "evaluation.md").read_text("utf-8")
    words = {name, *METRICS[name], *(metric for metrics in METRICS[name].values() for metric in metrics)}
    assert not {word for word in words if f"`{word}`" not in page}


def test_every_module_of_rules_is_listed() -> None:
    page = (DOCS / "clause-rules.md").read_text("utf-8")
    listed = set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE))
    folder = Path(clause_rules.__file__).parent
    modules = {path.stem for path in folder.glob("*.py") if "rule(" in path.read_text("utf-8")} - {"rule"}
    assert listed == modules | {"opening"}

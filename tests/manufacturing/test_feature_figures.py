"""The figures on docs/features.md are those of the committed results."""

from __future__ import annotations

import json
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_page_shows_what_the_benchmark_measured() -> None:
    rows = json.loads((ROOT / "benchmarks" / "results" / "manufacturing_features.json").read_text(encoding="utf-8"))
    found = {(row["system"], row["metric"]): row for row in rows}
    page = (ROOT / "docs" / "features.md").read_text(encoding="utf-8")
    ratio, worth = found["tsfresh over build", "time_ratio"], found["build less tsfresh", "auc"]
    assert f"{ratio['value']:.0f} times ({ratio['low']:.0f} to {ratio['high']:.0f})" in page
    assert ratio["low"] >= 10
    assert f"{worth['value']:.3f} ({worth['low']:.3f} to {worth['high']:.3f})" in page
    assert worth["low"] <= 0 <= worth["high"]
    for system in ("build", "tsfresh"):
        area = found[system, "auc"]
        assert f"{area['value']:.3f} ({area['low']:.3f} to {area['high']:.3f})" in page

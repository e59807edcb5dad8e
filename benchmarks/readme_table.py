"""Print the README's table of figures from the committed results; ``--write`` puts it between the README's marks.

    python benchmarks/readme_table.py [--write]

Reads below ``benchmarks/results``: ``evaluation.json`` (rows of ``dsapp finance evaluate --json``), ``finance_review.json``, ``manufacturing_evaluation.json`` (rows of
``dsapp manufacturing evaluate --json``) and ``manufacturing_predict.json``.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "benchmarks" / "results"
BEGIN, END = "<!-- figures: benchmarks/readme_table.py -->", "<!-- end of figures -->"

METRICS = (
    ("cuad", "presence", "accuracy", "41 clause categories present or not, accuracy"),
    ("cuad", "presence", "micro_f1", "the same, micro-F1"),
    ("cuad", "presence", "macro_f1", "the same, macro-F1"),
    ("cuad", "presence", "ece", "the same, calibration error (lower is better)"),
    ("cuad", "clause", "mean_ap", "passages by category, mean average precision"),
    ("cuad", "clause", "p_at_80r", "the same, precision at 80 % recall"),
    ("cuad", "facts", "governing_law", "governing law right"),
    ("cuad", "facts", "agreement_date", "agreement date right"),
    ("cuad", "facts", "expiration_date", "expiration date right"),
    ("cuad", "facts", "notice_days", "notice to stop renewal right"),
    ("contract_nli", "nli", "accuracy", "NDA positions, accuracy"),
    ("contract_nli", "nli", "contradiction_f1", "the same, F1 of contradiction"),
    ("unfair_tos", "unfair", "micro_f1", "unfair terms by sentence, micro-F1 with none"),
    ("unfair_tos", "unfair", "macro_f1", "the same, macro-F1"),
)
BASELINES = ("linear", "rules", "majority")


MACHINES = (
    ("cmapss", "rul", "rmse", 1, "turbofan engines, cycles to failure: RMSE, life capped at 125"),
    ("cmapss", "rul", "score", 1, "the same, PHM08 score (a sum, ruled by a few late engines)"),
    ("cmapss", "rul", "rmse_uncapped", 1, "the same, RMSE against the uncapped truth"),
    ("cmapss", "rul", "coverage_90", 100, "the same, share of engines inside the 90 % interval, %"),
    (
        "cmapss",
        "plan",
        "cost_ratio_k5",
        1,
        "maintenance by prediction, cost against running to failure, failure 5 times planned work",
    ),
    ("cmapss", "plan", "cost_ratio_to_age_k5", 1, "the same against optimal age replacement"),
    ("cmapss", "plan", "downtime_ratio", 1, "the same, downtime against running to failure"),
    ("ai4i", "failure", "f1", 100, "milling, state of failure by row: F1, %"),
    ("ai4i", "failure", "auprc", 100, "the same, area under precision and recall, %"),
    ("ai4i", "failure", "accuracy", 100, "the same, accuracy, %"),
    ("azure_pdm", "warning", "warned_24h", 100, "failures warned of at least 24 h ahead, frozen threshold, %"),
    ("azure_pdm", "warning", "false_alarms_per_machine_month", 1, "the same, false alarms a machine-month"),
    ("skab", "anomaly", "f1_pointwise", 100, "water loop, anomalies point by point: F1, %"),
    ("skab", "anomaly", "f1_event", 100, "the same by event: F1, %"),
    ("skab", "anomaly", "vus_pr", 100, "the same, VUS-PR, %"),
)
"""Set, task, metric, what a value is multiplied with, title."""


def table() -> str:
    """All tables as Markdown."""
    rows = json.loads((RESULTS / "evaluation.json").read_text(encoding="utf-8"))
    return "\n".join([*_quality(rows), "", *_speed(), "", *_machines(), "", *_fleets()])


def _machines() -> Iterator[str]:
    rows = json.loads((RESULTS / "manufacturing_evaluation.json").read_text(encoding="utf-8"))
    yield (
        "On machines, each set by its own protocol (`dsapp manufacturing evaluate`; [docs/evaluation.md](docs/evaluation.md)), with 95 % intervals by resampling machines or files. A set's "
        "split is named where it has one. Read them as development figures: plan rows and those named cross-fitted score each machine by models that did not see it, but settings were chosen on the "
        "same machines; FD001's test file was looked at while building; 12 of SKAB's 26 files chose its settings."
    )
    yield ""
    yield "| | **ours** | beside it |"
    yield "|---|---|---|"
    for name, task, metric, factor, title in MACHINES:
        found = [row for row in rows if (row["set"], row["task"], row["metric"]) == (name, task, metric)]
        for split in sorted({row["split"] for row in found}):
            own = [row for row in found if row["split"] == split]
            ours = "; ".join(_told(row, factor) for row in own if ":" in row["system"])
            others = "; ".join(f"{row['system']} {_told(row, factor)}" for row in own if ":" not in row["system"])
            yield f"| {title} ({name} {split}) | {ours} | {others} |"


def _told(row: dict[str, Any], factor: float) -> str:
    numbers = [factor * row[key] for key in ("value", "low", "high")]
    digits = 0 if abs(numbers[0]) >= 1000 else 1 if abs(numbers[0]) >= 10 else 2
    value, low, high = (f"{number:.{digits}f}" for number in numbers)
    return f"{value} [{low}, {high}]"


def _fleets() -> Iterator[str]:
    rows = json.loads((RESULTS / "manufacturing_predict.json").read_text(encoding="utf-8"))
    machine = rows[0]["machine"]
    yield (
        f"`dsapp manufacturing predict` from the command to its last output: read, checked, scored, planned, pages written, on {machine['cores']} cores ({machine['processor']}); simulated pumps, hourly, "
        f"8 sensors; median of {rows[0]['repetitions']} interleaved runs (`benchmarks/manufacturing_predict.py`)."
    )
    yield ""
    yield "| | seconds | machines a second | peak memory |"
    yield "|---|---|---|---|"
    for system in dict.fromkeys(row["system"] for row in rows):
        values = {row["metric"]: row["value"] for row in rows if row["system"] == system}
        yield (
            f"| {system} | {values['seconds']:.0f} | {values['machines_per_second']:.1f} | {values['peak_memory']:.2f} GiB |"
        )


def _quality(rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    ours = sorted({row["system"] for row in rows if ":" in row["system"]}, reverse=True)
    rows = [row for row in rows if row["split"] == _largest_split(rows, row["set"])]
    num = {row["set"]: row["num_groups"] for row in rows if row["task"] != "facts"}
    yield (
        f"On contracts that no training and no choice saw ({num['cuad']} of CUAD, {num['contract_nli']} NDAs, {num['unfair_tos']} terms of service; split by company), in percent, "
        "with 95 % intervals by resampling contracts. Repeat with `dsapp finance evaluate`; what each means stands in [docs/evaluation.md](docs/evaluation.md)."
    )
    yield ""
    heads = [f"**{name}**" for name in ours]
    yield "| | " + " | ".join([*heads, *BASELINES]) + " |"
    yield "|---" * (1 + len(heads) + len(BASELINES)) + "|"
    for name, task, metric, title in METRICS:
        cells = []
        for system in (*ours, *BASELINES):
            found = [r for r in rows if (r["set"], r["task"], r["metric"], r["system"]) == (name, task, metric, system)]
            cells.append(_cell(found[0]) if found else "")
        if any(cells):
            yield f"| {title} | " + " | ".join(cells) + " |"


def _largest_split(rows: Sequence[dict[str, Any]], name: str) -> str:
    """The split of a set of which most groups are left: most of the others' were trained on."""
    return max((row for row in rows if row["set"] == name), key=lambda row: row["num_groups"])["split"]


def _cell(row: dict[str, Any]) -> str:
    value, low, high = (100 * row[key] for key in ("value", "low", "high"))
    return f"{value:.1f} [{low:.1f}, {high:.1f}]"


def _speed() -> Iterator[str]:
    rows = json.loads((RESULTS / "finance_review.json").read_text(encoding="utf-8"))
    machine = rows[0]["machine"]
    yield (
        f"End to end, from the command to its last output, {rows[0]['num_contracts']} contracts of CUAD on {machine['cores']} cores ({machine['processor']}); "
        f"median of {rows[0]['repetitions']} interleaved runs (`benchmarks/finance_review.py`)."
    )
    yield ""
    yield "| | contracts a second | first result after | peak memory |"
    yield "|---|---|---|---|"
    for system in dict.fromkeys(row["system"] for row in rows):
        values = {row["metric"]: row["value"] for row in rows if row["system"] == system}
        yield (
            f"| {system} | {values['contracts_per_second']:.2f} | {values['first_result']:.1f} s | {values['peak_memory']:.2f} GiB |"
        )


def main() -> int:
    """Print the table, or write it into the README."""
    text = table()
    if "--write" not in sys.argv[1:]:
        print(text)
        return 0
    readme = ROOT / "README.md"
    content = readme.read_text(encoding="utf-8")
    before, _, rest = content.partition(BEGIN)
    after = rest.partition(END)[2]
    readme.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

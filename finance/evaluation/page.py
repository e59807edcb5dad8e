"""Write the evaluation as one self-contained page: tables of the rows, and diagrams of what a table hides."""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...core.evaluation import BASELINES, Row
from ...core.files import write_json, write_text
from .systems import Confusion, Outcome, Reliability

if TYPE_CHECKING:
    from markupsafe import Markup
    from matplotlib.figure import Figure

PAGE_FILE = "evaluation.html"
ROWS_FILE = "rows.json"
COLOURS = ("#1f4e79", "#b35806", "#4d7c3a", "#7b6a9c")
TASKS = {
    "presence": "Presence: does the contract have such a clause?",
    "clause": "Clauses: ranking of passages",
    "span": "Spans: the exact words",
    "facts": "Facts against the lawyers' answers",
    "unfair": "Unfair terms by sentence",
    "risk": "Risk level of a sentence",
    "nli": "NDA positions",
}
METRICS = {
    "accuracy": "accuracy",
    "micro_f1": "micro-F1",
    "macro_f1": "macro-F1",
    "ece": "calibration error",
    "mean_ap": "mean average precision",
    "p_at_80r": "precision at 80 % recall",
    "aupr": "area under precision-recall",
    "balanced_accuracy": "balanced accuracy",
    "contradiction_f1": "F1 of contradiction",
}


def write_page(out: Path, rows: Sequence[Row], outcomes: Sequence[tuple[str, str, Outcome]], ours: str) -> None:
    """Write ``evaluation.html`` and ``rows.json`` into ``out``. Raises DiskFullError."""
    from jinja2 import Environment, StrictUndefined

    sections = []
    for name, split, outcome in outcomes:
        members = [row for row in rows if (row.set, row.split) == (name, split)]
        sections.append(
            {"name": name, "split": split, "tables": _tables(members, ours), "plots": list(_plots(outcome))}
        )
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    page = environment.from_string(TEMPLATE).render(sections=sections, ours=ours)
    write_text(out / PAGE_FILE, page)
    write_json(out / ROWS_FILE, [row.as_dict() for row in rows])


def _tables(rows: Sequence[Row], ours: str) -> list[dict[str, Any]]:
    tables = []
    for task in dict.fromkeys(row.task for row in rows):
        members = [row for row in rows if row.task == task]
        metrics = list(dict.fromkeys(row.metric for row in members))
        systems = sorted({row.system for row in members}, key=lambda system: _rank(system, ours))
        cells = {(row.system, row.metric): row for row in members}
        tables.append(
            {
                "task": task,
                "title": TASKS.get(task, task),
                "metrics": [_heading(metric, members) for metric in metrics],
                "systems": [
                    {"name": system, "ours": system == ours, "cells": [cells.get((system, m)) for m in metrics]}
                    for system in systems
                ],
                "num_items": max(row.num_items for row in members),
                "num_groups": max(row.num_groups for row in members),
            }
        )
    return tables


def _heading(metric: str, rows: Sequence[Row]) -> str:
    """The metric's name, with its own number of items where the task's metrics differ in it."""
    name = METRICS.get(metric, metric.replace("_", " "))
    counts = {row.metric: row.num_items for row in rows}
    return f"{name} ({counts[metric]})" if len(set(counts.values())) > 1 else name


def _rank(system: str, ours: str) -> tuple[int, str]:
    order = ("linear", "rules", "majority", *BASELINES)
    return (0, "") if system == ours else (1 + order.index(system) if system in order else 99, system)


def _plots(outcome: Outcome) -> Iterator[dict[str, Any]]:
    if outcome.reliabilities:
        yield {
            "title": "Are the probabilities true?",
            "note": "Each point is a fifteenth of the answers: what was promised against what came. On the line is right.",
            "svg": _svg(_reliability(outcome.reliabilities)),
        }
    if outcome.by_category:
        yield {
            "title": "F1 of presence by category, with 95 % intervals",
            "note": "Bars that overlap say nothing sure. A category without a contract that has it is left out.",
            "svg": _svg(_categories(outcome)),
        }
    for matrix in outcome.confusions:
        yield {
            "title": matrix.title,
            "note": "Rows: what is so. Columns: what was answered.",
            "svg": _svg(_confusion(matrix)),
        }


def _reliability(curves: Sequence[Reliability]) -> Figure:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5.2, 4.6))
    axes = figure.add_subplot()
    axes.plot([0, 1], [0, 1], color="#999999", linewidth=1, linestyle="--")
    for curve, colour in zip(curves, itertools.cycle(COLOURS)):
        axes.plot(
            curve.predicted, curve.observed, color=colour, marker="o", markersize=4, linewidth=1.5, label=curve.system
        )
    axes.set_xlabel("probability given")
    axes.set_ylabel("share that was so")
    axes.set_xlim(-0.02, 1.02)
    axes.set_ylim(-0.02, 1.02)
    axes.grid(alpha=0.3)
    axes.legend(frameon=False)
    return figure


def _categories(outcome: Outcome) -> Figure:
    from matplotlib.figure import Figure

    systems = list(outcome.by_category)
    first = outcome.by_category[systems[0]]
    shown = [k for k, value in enumerate(first) if value.value == value.value]
    shown.sort(key=lambda k: first[k].value)
    figure = Figure(figsize=(8.2, 1.2 + 0.42 * len(shown)))
    axes = figure.add_subplot()
    height = 0.8 / len(systems)
    for number, (system, colour) in enumerate(zip(systems, itertools.cycle(COLOURS))):
        values = [outcome.by_category[system][k] for k in shown]
        places = [row + 0.4 - height * (number + 0.5) for row in range(len(shown))]
        lengths = [value.value for value in values]
        below = [max(0.0, value.value - value.low) for value in values]
        above = [max(0.0, value.high - value.value) for value in values]
        axes.barh(places, lengths, height=height, color=colour, label=system)
        axes.errorbar(lengths, places, xerr=[below, above], fmt="none", ecolor="#333333", elinewidth=0.7)
    axes.set_yticks(range(len(shown)), [outcome.categories[k] for k in shown])
    axes.set_ylim(-0.6, len(shown) - 0.4)
    axes.set_xlim(0, 1.02)
    axes.set_xlabel("F1")
    axes.grid(axis="x", alpha=0.3)
    axes.legend(frameon=False, loc="lower right")
    return figure


def _confusion(matrix: Confusion) -> Figure:
    from matplotlib.figure import Figure

    size = len(matrix.labels)
    figure = Figure(figsize=(2.6 + 0.62 * size, 2.0 + 0.55 * size))
    axes = figure.add_subplot()
    shares = [[count / max(1, sum(row)) for count in row] for row in matrix.counts]
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for row, counts in enumerate(matrix.counts):
        for column, count in enumerate(counts):
            if count:
                ink = "white" if shares[row][column] > 0.55 else "#1d1d1b"
                axes.text(column, row, str(count), ha="center", va="center", color=ink, fontsize=8)
    axes.set_xticks(range(size), matrix.labels, rotation=40, ha="right", fontsize=8)
    axes.set_yticks(range(size), matrix.labels, fontsize=8)
    axes.set_xlabel("answered")
    axes.set_ylabel("so it is")
    return figure


def _svg(figure: Figure) -> Markup:
    """The figure as SVG markup: the same for the same figures, words as text."""
    import matplotlib
    from markupsafe import Markup

    content = io.StringIO()
    with matplotlib.rc_context({"svg.hashsalt": "evaluation", "svg.fonttype": "none"}):
        figure.savefig(content, format="svg", bbox_inches="tight", metadata={"Date": None, "Creator": None})
    drawn = content.getvalue()
    return Markup(drawn[drawn.index("<svg") :])  # drawn by matplotlib, which escapes the labels


TEMPLATE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Evaluation of {{ ours }}</title>
<style>
:root { --bg: #f3f2ee; --paper: #fffefb; --line: #dedbd2; --ink: #1d1d1b; --soft: #55534c; --mark: #e4edf5; }
@media (prefers-color-scheme: dark) {
  :root { --bg: #1b1b1d; --paper: #242427; --line: #3d3d42; --ink: #ecebe6; --soft: #b3b1a8; --mark: #2a3b4d; }
}
body { margin: 0; background: var(--bg); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 62rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.3rem; margin-top: 2.5rem; } h3 { font-size: 1.05rem; margin-bottom: .3rem; }
p { max-width: 46rem; } .soft { color: var(--soft); font-size: .9rem; margin-top: .2rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; background: var(--paper); min-width: 30rem; }
th, td { border: 1px solid var(--line); padding: .35rem .7rem; text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
tr.ours { background: var(--mark); font-weight: 600; }
td span { display: block; color: var(--soft); font-weight: 400; font-size: .82rem; }
figure { margin: 1rem 0; padding: 1rem; background: #fff; color: #1d1d1b; border: 1px solid var(--line); overflow-x: auto; }
figure svg { max-width: 100%; height: auto; }
</style>
</head>
<body>
<main>
<h1>Evaluation of {{ ours }}</h1>
<p>Each figure stands with its 95 % interval from resampling whole documents. <em>majority</em> answers what is most frequent, <em>rules</em> are
patterns written by category, <em>linear</em> is the bundle's linear part alone. Figures of different sets or protocols must not be compared.</p>
{% for section in sections %}
<h2>{{ section.name }}, {{ section.split }}</h2>
{% for table in section.tables %}
<h3>{{ table.title }}</h3>
<p class="soft">{{ table.num_items }} items in {{ table.num_groups }} documents</p>
<div class="wide"><table>
<thead><tr><th scope="col">system</th>{% for metric in table.metrics %}<th scope="col">{{ metric }}</th>{% endfor %}</tr></thead>
<tbody>
{% for system in table.systems %}
<tr{% if system.ours %} class="ours"{% endif %}><th scope="row">{{ system.name }}</th>
{%- for row in system.cells %}<td>{% if row is none %}-{% else %}{{ "%.3f"|format(row.value) }}<span>{{ "%.3f"|format(row.low) }} to {{ "%.3f"|format(row.high) }}</span>{% endif %}</td>{% endfor %}</tr>
{% endfor %}
</tbody></table></div>
{% endfor %}
{% for plot in section.plots %}
<h3>{{ plot.title }}</h3>
<p class="soft">{{ plot.note }}</p>
<figure>{{ plot.svg }}</figure>
{% endfor %}
{% endfor %}
</main>
</body>
</html>
"""

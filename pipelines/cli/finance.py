"""``dsapp finance``: review contracts, check playbooks, evaluate and train the models."""

from __future__ import annotations

import itertools
import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ...core.errors import UsageError
from .output import (
    STANDARD_OUTPUT,
    JsonOption,
    SecondsOption,
    WorkersOption,
    executor_for,
    printable,
    show_outcome,
    write_json_to,
)

if TYPE_CHECKING:
    from ...core.evaluation import Row

app = typer.Typer(no_args_is_help=True, help="Contracts: from files to findings.")
playbook_app = typer.Typer(no_args_is_help=True, help="Playbooks: what your side wants of a type of contract.")
app.add_typer(playbook_app, name="playbook")


class Classifier(StrEnum):
    """Who classifies clauses: the learned model, or the rules alone."""

    model = "model"
    rules = "rules"


VariantOption = Annotated[
    str, typer.Option("--variant", metavar="V", help="Precision and backend: auto, fp32, int8, BACKEND-PRECISION.")
]
BundleOption = Annotated[
    str, typer.Option("--bundle", metavar="D", help="Folder of another bundle than the one that ships.")
]


@app.command()
def review(
    paths: Annotated[list[Path], typer.Argument(help="Contracts, or folders of them.", show_default=False)],
    us: Annotated[str, typer.Option("--us", metavar="NAME", help="Our name as it stands in the contracts.")] = "",
    playbook: Annotated[
        str, typer.Option("--playbook", metavar="F", help="Playbook file; else the contract's type chooses.")
    ] = "",
    out: Annotated[Path, typer.Option("--out", metavar="D", help="The run folder.")] = Path("review"),
    variant: VariantOption = "auto",
    classifier: Annotated[Classifier, typer.Option("--classifier", help="Who classifies clauses.")] = Classifier.model,
    workers: WorkersOption = 0,
    json_target: JsonOption = "",
    bundle: BundleOption = "",
    max_seconds_per_item: SecondsOption = 0,
) -> None:
    """Review contracts: a page for each, and a portfolio over all of them.

    Stopped or killed, the same command goes on; contracts that are done stay done.

    Exit codes: 0 all reviewed, 3 some in quarantine, 2 wrong usage, 1 failed.

    Example:  dsapp finance review contracts/ --us "Acme GmbH" --out review
    """
    from ...finance.review import ReviewJob
    from ..plan import check_inputs
    from ..progress import for_stream
    from ..run import run

    check_inputs(paths)
    job = ReviewJob(
        us=us, playbook=_absolute(playbook), variant=variant, classifier=classifier.value, bundle=_absolute(bundle)
    )
    executor = executor_for(workers, max_seconds_per_item)
    job.prepare(lambda line: print(line, file=sys.stderr, flush=True), keep=not executor.isolates)
    outcome = run(job, paths, out, executor=executor, progress=for_stream())
    show_outcome(outcome, "reviewed", json_target)


@playbook_app.command()
def check(
    files: Annotated[list[Path], typer.Argument(help="Playbook files.", show_default=False)],
) -> None:
    """Check playbooks: unknown keys and impossible thresholds are told with file and line.

    Example:  dsapp finance playbook check mine.toml
    """
    from ...core.errors import ConfigError
    from ...finance.playbook import load

    wrong = []
    for path in files:
        try:
            load(path)
        except ConfigError as error:
            wrong.append(str(error))
        else:
            print(f"{printable(path)}: fine")
    if wrong:
        raise UsageError("\n".join(wrong))


@playbook_app.command()
def init(
    out: Annotated[Path, typer.Option("--out", metavar="F", help="The file to write.", show_default=False)],
    contract_type: Annotated[str, typer.Option("--type", metavar="T", help="Type of contract.")] = "",
    side: Annotated[str, typer.Option("--side", metavar="S", help="The role we act for.")] = "",
) -> None:
    """Write a playbook to start from.

    Example:  dsapp finance playbook init --type saas --side customer --out mine.toml
    """
    from ...core.files import write_text
    from ...finance.playbook import starter

    if out.exists():
        raise UsageError(f"{printable(out)} exists already; choose another name or remove it")
    given = {name: value for name, value in (("contract_type", contract_type), ("side", side)) if value}
    write_text(out, starter(**given))
    print(f"written: {printable(out)}")


@app.command()
def evaluate(
    folders: Annotated[list[Path], typer.Argument(help="Folders of labelled sets.", show_default=False)],
    variant: Annotated[str, typer.Option("--variant", metavar="V", help="Score this variant of the bundle.")] = "",
    as_set: Annotated[
        str, typer.Option("--as", metavar="SET", help="The set whose layout the folder has, where its name differs.")
    ] = "",
    json_target: JsonOption = "",
    out: Annotated[
        Path | None, typer.Option("--out", metavar="D", help="Folder for the page with diagrams.", show_default=False)
    ] = None,
) -> None:
    """Score the model and the plain baselines on labelled contracts, with 95 % intervals by contract.

    Example:  dsapp finance evaluate data/cuad --json rows.json --out evaluation
    """
    from ...finance.evaluation.run import evaluate as score

    rows = score(folders, variant=variant or None, as_set=as_set or None, out=out)
    if json_target:
        write_json_to(json_target, [row.as_dict() for row in rows])
    if json_target != STANDARD_OUTPUT:
        _show_rows(rows)
    if out is not None:
        print(f"pages in {printable(out)}", file=sys.stderr)


@app.command()
def train(
    recipe: Annotated[str, typer.Argument(help="Recipe file (TOML), or the name of one that ships.")],
    data: Annotated[Path, typer.Option("--data", metavar="D", help="Folder of the data sets.", show_default=False)],
    out: Annotated[Path, typer.Option("--out", metavar="D", help="Folder for the bundle.")] = Path("bundle"),
    resume: Annotated[
        bool, typer.Option("--resume/--no-resume", help="Keep the stages that an earlier call completed.")
    ] = True,
) -> None:
    """Train a bundle as a recipe says. Killed, the same command goes on.

    Example:  dsapp finance train contracts --data data --out bundle
    """
    from ...finance.train import train as fit

    written = fit(recipe, data_folder=data, out=out, resume=resume)
    print(f"bundle: {printable(written)}")


def _absolute(path: str) -> str:
    """A path that names something is made absolute, so that the run can be continued from another folder."""
    return os.path.abspath(path) if path and os.path.exists(path) else path


def _show_rows(rows: list[Row]) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    ordered = sorted(rows, key=lambda row: (row.set, row.split, row.task))
    for (name, split, task), group in itertools.groupby(ordered, key=lambda row: (row.set, row.split, row.task)):
        members = list(group)
        table = Table(title=f"{name} {split}: {task}", title_justify="left")
        table.add_column("metric")
        table.add_column("system")
        for column in ("value", "95 % interval", "items", "groups"):
            table.add_column(column, justify="right")
        for row in sorted(members, key=lambda row: row.metric):
            interval = f"{row.low:.3f} to {row.high:.3f}"
            table.add_row(row.metric, row.system, f"{row.value:.3f}", interval, str(row.num_items), str(row.num_groups))
        console.print(table)

"""``dsapp manufacturing``: from sensor histories to failure risk, remaining life and a maintenance plan."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ...core.errors import UsageError
from .batch import run_job
from .options import (
    JsonOption,
    SecondsOption,
    VariantOption,
    WorkersOption,
    to_folder,
    to_new_file,
    to_out_folder,
    to_path,
    to_words,
)
from .output import STANDARD_OUTPUT, printable, show_rows, write_json_to

if TYPE_CHECKING:
    from ...manufacturing.plan.types import Plan
    from ...manufacturing.quality_tables import QualityRow

app = typer.Typer(no_args_is_help=True, help="Machines: from sensor history to risk, remaining life and a plan.")

PLANT_FILE = "plant.toml"

InputsArgument = Annotated[
    list[str],
    typer.Argument(
        help="Sensor files, folders of them, or addresses of databases.",
        metavar="PATH",
        parser=to_words,
        show_default=False,
    ),
]
PlantOption = Annotated[
    str | None,
    typer.Option(
        "--plant", metavar="F", parser=to_words, help="The plant file; without it plant.toml in the first folder given."
    ),
]
BundleOption = Annotated[
    str | None,
    typer.Option(
        "--bundle",
        metavar="D",
        parser=to_words,
        help="A bundle's folder or name; 'none' for no model. Without it the shipped one of the plant's asset class.",
    ),
]


@app.command()
def init(
    files: Annotated[
        list[Path], typer.Argument(help="Sensor files, or folders.", metavar="FILE", parser=to_path, show_default=False)
    ],
    out: Annotated[
        Path, typer.Option("--out", metavar="F", parser=to_new_file, help="The plant file to write.")
    ] = Path(PLANT_FILE),
) -> None:
    """Look at data and write a first plant file: what was guessed, and why.

    Example:  dsapp manufacturing init exports/*.csv --out plant.toml
    """
    from ...core.files import write_text
    from ...manufacturing.guess import guess
    from ...manufacturing.guess_text import plant_text

    if out.exists():
        raise UsageError(f"{printable(out)} exists already; choose another name or remove it")
    write_text(out, plant_text(guess(files)))
    print(f"written: {printable(out)}")


@app.command()
def check(
    inputs: InputsArgument,
    plant: PlantOption = None,
    json_target: JsonOption = None,
) -> None:
    """Check sensor histories before they are used: gaps, stuck sensors, impossible values, clocks, names.

    Exit codes: 0 all can be used, 3 some machine or file cannot, 2 wrong usage, 1 failed.

    Example:  dsapp manufacturing check data_samples/sensors
    """
    from ...manufacturing.inspect import inspect
    from ...manufacturing.plant import load

    rows, refused = inspect(load(Path(plant_of(inputs, plant))), [absolute(path) for path in inputs])
    if json_target:
        write_json_to(
            json_target,
            {
                "schema": "dsapp.manufacturing.check/1",
                "quality": [row.as_dict() for row in rows],
                "refused": [{"name": name, "code": code, "reason": reason} for name, code, reason in refused],
            },
        )
    if json_target != STANDARD_OUTPUT:
        _show_quality(rows)
    for name, _, reason in refused:
        print(f"cannot be used: {printable(name)}: {printable(reason)}", file=sys.stderr)
    if refused:
        raise typer.Exit(3)


@app.command()
def train(
    inputs: Annotated[
        list[str],
        typer.Argument(
            help="A recipe that ships (pumps, turbofan, milling, fleet), or sensor files and folders of a plant.",
            metavar="RECIPE|PATH",
            parser=to_words,
        ),
    ],
    plant: PlantOption = None,
    out: Annotated[
        Path,
        typer.Option("--out", metavar="D", parser=to_out_folder, help="Folder for the bundle; one in it is replaced."),
    ] = Path("bundle"),
    data: Annotated[
        Path | None,
        typer.Option(
            "--data", metavar="D", parser=to_folder, help="Folder of labelled files, for recipes that need them."
        ),
    ] = None,
    name: Annotated[
        str | None, typer.Option("--name", metavar="N", parser=to_words, help="Name of the bundle; a short plain word.")
    ] = None,
) -> None:
    """Train a machine model on a plant's own history, or by a recipe that ships.

    Example:  dsapp manufacturing train history/ --plant plant.toml --name presses --out presses
    """

    def say(line: str) -> None:
        print(line, file=sys.stderr, flush=True)

    if len(inputs) == 1 and not Path(inputs[0]).exists() and plant is None:
        from ...manufacturing.train.recipe import train_recipe

        written = train_recipe(inputs[0], out, data_folder=data, say=say)
    else:
        from ...manufacturing.plant import load
        from ...manufacturing.train.history import train_history

        file = Path(plant_of(inputs, plant))
        written = train_history(load(file), [absolute(path) for path in inputs], out, name=name or "machines", say=say)
    print(f"bundle: {printable(written)}")


@app.command()
def predict(
    inputs: InputsArgument,
    plant: PlantOption = None,
    out: Annotated[
        Path,
        typer.Option(
            "--out", metavar="D", parser=to_out_folder, help="Folder for all that is written; the same one goes on."
        ),
    ] = Path("outlook"),
    state: Annotated[
        Path | None,
        typer.Option(
            "--state",
            metavar="D",
            parser=to_out_folder,
            help="Folder that keeps incidents, requests and the last plan from run to run.",
        ),
    ] = None,
    bundle: BundleOption = None,
    variant: VariantOption = None,
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="T", parser=to_words, help="Cut the data here; local ISO time.")
    ] = None,
    outcomes: Annotated[
        Path | None,
        typer.Option(
            "--outcomes",
            metavar="F",
            parser=to_path,
            help="Requests that came back, with what was found in column outcome.",
        ),
    ] = None,
    workers: WorkersOption = 0,
    json_target: JsonOption = None,
    max_seconds_per_item: SecondsOption = 0,
) -> None:
    """Say which machines will fail, how sure that is and why, and what to service when.

    Stopped or killed, the same command goes on; machines that are done stay done.

    Exit codes: 0 all looked at, 3 some in quarantine, 2 wrong usage, 1 failed.

    Example:  dsapp manufacturing predict data_samples/sensors --out outlook
    """
    from ...manufacturing.predict import PredictJob

    job = PredictJob(
        plant=os.path.abspath(plant_of(inputs, plant)),
        stage=os.path.abspath(out) + ".readings",
        bundle=os.path.abspath(bundle) if bundle and os.path.isdir(bundle) else bundle or "",
        variant=variant or "auto",
        state=os.path.abspath(state) if state else "",
        as_of=as_of or "",
        outcomes=os.path.abspath(outcomes) if outcomes else "",
    )
    run_job(
        job,
        [Path(absolute(path)) for path in inputs],
        out,
        "machines",
        workers=workers,
        max_seconds_per_item=max_seconds_per_item,
        json_target=json_target,
    )


@app.command()
def plan(
    run: Annotated[
        Path,
        typer.Argument(help="The folder of a prediction run.", metavar="RUN", parser=to_folder, show_default=False),
    ],
    what_if: Annotated[
        list[str] | None,
        typer.Option(
            "--what-if",
            metavar="KEY=NUMBER",
            parser=to_words,
            help="What another cost or crew would change: failure_cost and planned_cost are factors; line_minute, horizon_days, frozen_days, "
            "and crew:SKILL (hours a day) replace. May be given several times.",
        ),
    ] = None,
    json_target: JsonOption = None,
) -> None:
    """Plan again from a prediction run, and say what another cost or crew would change; the run itself stays as it is.

    Example:  dsapp manufacturing plan outlook --what-if failure_cost=2 --what-if crew:mechanic=8
    """
    from ...manufacturing.plan.what_if import parsed
    from ...manufacturing.plan.what_if import what_if as compare
    from ...manufacturing.planning import as_json, fleet_in, plan_fleet
    from ...manufacturing.predict import PredictJob
    from .runs import job_of

    job, _, _ = job_of(run)
    if not isinstance(job, PredictJob):
        raise UsageError(f"{printable(run)} is no run of dsapp manufacturing predict")
    fleet = fleet_in(run, job)
    if what_if:
        compared = compare(fleet, parsed(what_if), plan_fleet)
        found, sentences = compared.plan, compared.sentences
    else:
        found, sentences = plan_fleet(fleet), ()
    if json_target:
        write_json_to(json_target, {**as_json(found), "what_if": list(sentences)})
    if json_target == STANDARD_OUTPUT:
        return
    for line in sentences:
        print(printable(line))
    _show_plan(found)


@app.command()
def evaluate(
    folders: Annotated[
        list[Path],
        typer.Argument(
            help="Folders of labelled sets, each named as its set (cmapss), or of a plant with its plant file.",
            metavar="FOLDER",
            parser=to_folder,
            show_default=False,
        ),
    ],
    variant: VariantOption = None,
    as_set: Annotated[
        str | None,
        typer.Option(
            "--as", metavar="SET", parser=to_words, help="The set whose layout the folder has, where its name differs."
        ),
    ] = None,
    bundle: BundleOption = None,
    json_target: JsonOption = None,
) -> None:
    """Score the models and the plain baselines on labelled machines, with 95 % intervals by machine.

    Example:  dsapp manufacturing evaluate data/cmapss --json rows.json
    """
    from ...manufacturing.evaluation.run import evaluate as score

    rows = score(folders, variant=variant, as_set=as_set, bundle=bundle)
    if json_target:
        write_json_to(json_target, [row.as_dict() for row in rows])
    if json_target != STANDARD_OUTPUT:
        show_rows(rows)


def plant_of(inputs: list[str], given: str | None) -> str:
    """The plant file: the one given, else ``plant.toml`` in the first folder of the inputs.

    Raises:
        UsageError: there is none.
    """
    if given is not None:
        return given
    for path in inputs:
        if os.path.isfile(os.path.join(path, PLANT_FILE)):
            return os.path.join(path, PLANT_FILE)
    raise UsageError(
        f"no plant file: give one with --plant, or write a first one with: dsapp manufacturing init {printable(inputs[0])}"
    )


def absolute(path: str) -> str:
    """The absolute path, so that a run can be continued from another folder; an address of a database as it is."""
    from ...manufacturing.reading.find import is_address

    return path if is_address(path) else os.path.abspath(path)


def _show_plan(found: Plan) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title=f"plan of {found.made_for} for {found.horizon_days} days", title_justify="left")
    for column in ("machine", "work on", "between", "planned for"):
        table.add_column(column)
    for column in ("crew hours", "cost of waiting a week"):
        table.add_column(column, justify="right")
    for visit in found.visits:
        table.add_row(
            printable(visit.machine),
            printable(", ".join(visit.components)) or "machine",
            f"{visit.first} to {visit.last}",
            str(visit.day),
            f"{visit.crew_hours:g}",
            f"{visit.cost_of_waiting:,.0f}",
        )
    console = Console()
    console.print(table)
    for machine, component, why in found.unplanned:
        print(printable(f"not planned: {machine} {component}: {why}"))
    for note in found.notes:
        print(printable(note))
    print(f"optimality gap of the schedule under these costs: {found.gap:.2%}")


def _show_quality(rows: tuple[QualityRow, ...]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title="data quality", title_justify="left")
    for column in ("machine", "sensor"):
        table.add_column(column)
    for column in ("rows", "coverage", "masked", "longest gap"):
        table.add_column(column, justify="right")
    table.add_column("what was found")
    for row in rows:
        if row.sensor and not row.findings:
            continue
        table.add_row(
            printable(row.machine),
            printable(row.sensor) or "(all)",
            f"{row.num_rows}",
            f"{row.coverage:.1%}",
            f"{row.masked}",
            f"{row.longest_gap_h:.0f} h",
            printable(" ".join(row.findings)),
        )
    Console().print(table)

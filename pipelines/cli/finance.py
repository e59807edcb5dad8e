"""``dsapp finance``: review contracts, check playbooks, evaluate and train the models."""

from __future__ import annotations

import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ...core.errors import UsageError
from .batch import run_job
from .options import (
    JsonOption,
    SecondsOption,
    VariantOption,
    WorkersOption,
    to_bundle_folder,
    to_folder,
    to_new_file,
    to_out_folder,
    to_path,
    to_words,
)
from .output import STANDARD_OUTPUT, printable, show_rows, write_json_to

app = typer.Typer(no_args_is_help=True, help="Contracts: from files to findings.")
playbook_app = typer.Typer(no_args_is_help=True, help="Playbooks: what your side wants of a type of contract.")
app.add_typer(playbook_app, name="playbook")


class Classifier(StrEnum):
    """Who classifies clauses: the learned model, or the rules alone."""

    model = "model"
    rules = "rules"


@app.command()
def review(
    paths: Annotated[
        list[Path],
        typer.Argument(help="Contracts, or folders of them.", metavar="PATH", parser=to_path, show_default=False),
    ],
    us: Annotated[
        str | None,
        typer.Option(
            "--us",
            metavar="NAME",
            parser=to_words,
            help="Our name as it stands in the contracts; without it risk is told for each party.",
        ),
    ] = None,
    playbook: Annotated[
        str | None,
        typer.Option(
            "--playbook", metavar="F", parser=to_words, help="Playbook file; else the contract's type chooses."
        ),
    ] = None,
    out: Annotated[
        Path,
        typer.Option(
            "--out", metavar="D", parser=to_out_folder, help="Folder for all that is written; the same one goes on."
        ),
    ] = Path("review"),
    variant: VariantOption = None,
    classifier: Annotated[Classifier, typer.Option("--classifier", help="Who classifies clauses.")] = Classifier.model,
    workers: WorkersOption = 0,
    json_target: JsonOption = None,
    bundle: Annotated[
        str | None,
        typer.Option(
            "--bundle", metavar="D", parser=to_bundle_folder, help="Folder of another bundle than the one that ships."
        ),
    ] = None,
    max_seconds_per_item: SecondsOption = 0,
) -> None:
    """Review contracts: a page for each, and a portfolio over all of them.

    Stopped or killed, the same command goes on; contracts that are done stay done.

    Exit codes: 0 all reviewed, 3 some in quarantine, 2 wrong usage, 1 failed.

    Example:  dsapp finance review contracts/ --us "Acme GmbH" --out review
    """
    from ...finance.review import ReviewJob

    if classifier is Classifier.rules and (variant not in (None, "auto") or bundle):
        given = "--bundle" if bundle else "--variant"
        raise UsageError(f"{given} chooses a model, and --classifier rules uses none; leave one of them out")
    job = ReviewJob(
        us=us or "",
        # absolute, so that the run can be continued from another folder
        playbook=os.path.abspath(playbook) if playbook else "",
        variant=variant or "auto",
        classifier=classifier.value,
        bundle=bundle or "",
    )
    run_job(
        job,
        paths,
        out,
        "reviewed",
        workers=workers,
        max_seconds_per_item=max_seconds_per_item,
        json_target=json_target,
    )


@playbook_app.command()
def check(
    files: Annotated[
        list[Path], typer.Argument(help="Playbook files.", metavar="FILE", parser=to_path, show_default=False)
    ],
) -> None:
    """Check playbooks: everything that is wrong is told with file and line; exit code 2 if anything is.

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
    out: Annotated[
        Path,
        typer.Option("--out", metavar="F", parser=to_new_file, help="The file to write.", show_default=False),
    ],
    contract_type: Annotated[
        str, typer.Option("--type", metavar="T", parser=to_words, help="Type of contract: services, saas, nda, ...")
    ] = "services",
    side: Annotated[
        str,
        typer.Option(
            "--side",
            metavar="S",
            parser=to_words,
            help="The side we act for: customer, supplier, recipient, discloser or mutual.",
        ),
    ] = "customer",
) -> None:
    """Write a playbook to start from.

    Example:  dsapp finance playbook init --type saas --side customer --out mine.toml
    """
    from ...core.files import write_text
    from ...finance.playbook import starter

    if out.exists():
        raise UsageError(f"{printable(out)} exists already; choose another name or remove it")
    write_text(out, starter(contract_type, side))
    print(f"written: {printable(out)}")


@app.command()
def evaluate(
    folders: Annotated[
        list[Path],
        typer.Argument(
            help="Folders of labelled sets, each named as its set: cuad, unfair_tos, contract_nli.",
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
    json_target: JsonOption = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="D", parser=to_out_folder, help="Folder for the page with diagrams.", show_default=False
        ),
    ] = None,
) -> None:
    """Score the model and the plain baselines on labelled contracts, with 95 % intervals by contract.

    Example:  dsapp finance evaluate data/cuad --json rows.json --out evaluation
    """
    from ...finance.evaluation.run import evaluate as score

    rows = score(folders, variant=variant, as_set=as_set, out=out)
    if json_target:
        write_json_to(json_target, [row.as_dict() for row in rows])
    if json_target != STANDARD_OUTPUT:
        show_rows(rows)
    if out is not None:
        print(f"pages in {printable(out)}", file=sys.stderr)


@app.command()
def train(
    recipe: Annotated[
        str,
        typer.Argument(
            help="Recipe file (TOML), or the name of one that ships: contracts.", metavar="RECIPE", parser=to_words
        ),
    ],
    data: Annotated[
        Path,
        typer.Option("--data", metavar="D", parser=to_folder, help="Folder of the data sets.", show_default=False),
    ],
    out: Annotated[
        Path,
        typer.Option("--out", metavar="D", parser=to_out_folder, help="Folder for the bundle; one in it is replaced."),
    ] = Path("bundle"),
    resume: Annotated[
        bool, typer.Option("--resume/--no-resume", help="Keep the stages that an earlier call completed.")
    ] = True,
) -> None:
    """Train a bundle as a recipe says. Killed, the same command goes on.

    Example:  dsapp finance train contracts --data data --out bundle
    """
    from ...finance.train import train as fit

    written = fit(recipe, data_folder=data, out=Path(os.path.abspath(out)), resume=resume)
    print(f"bundle: {printable(written)}")

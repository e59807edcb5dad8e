"""``dsapp runs``: look at run folders, and try quarantined items again."""

from __future__ import annotations

import dataclasses
import importlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ...core.errors import RunFolderError, UsageError
from .batch import run_job, sentences
from .options import JsonOption, SecondsOption, WorkersOption, to_folder, to_path
from .output import printable, write_json_to

if TYPE_CHECKING:
    from ...core.job import Job

app = typer.Typer(no_args_is_help=True, help="Run folders: list them, show one, retry what is in quarantine.")

JOBS: Mapping[str, tuple[str, str, str]] = {
    "finance.review": ("finance.review", "ReviewJob", "reviewed"),
    "manufacturing.predict": ("manufacturing.predict", "PredictJob", "machines"),
}
"""Job name -> module in this package, class, and the word for a finished item."""

MAX_DEPTH = 3
FolderArgument = Annotated[
    Path, typer.Argument(help="A run folder.", metavar="FOLDER", parser=to_path, show_default=False)
]


@app.command("list")
def list_runs(
    below: Annotated[
        Path, typer.Argument(help="Where to look, three folders deep.", metavar="FOLDER", parser=to_folder)
    ] = Path("."),
    json_target: JsonOption = None,
) -> None:
    """List the runs below a folder, the last started first.

    Example:  dsapp runs list ~/reviews
    """
    found = sorted(_runs_below(below), key=lambda entry: str(entry[1].get("started", "")), reverse=True)
    if json_target:
        write_json_to(json_target, [{"folder": str(path), "manifest": manifest} for path, manifest in found])
        return
    if not found:
        print(f"no runs in {printable(below)}")
    for path, manifest in found:
        counts = manifest.get("counts", {})
        print(
            printable(
                f"{path}  {manifest.get('job')}  {_state(path, manifest)}  {counts.get('done')} done, "
                f"{counts.get('quarantined')} quarantined, {counts.get('left')} left  {manifest.get('started')}"
            )
        )


@app.command()
def show(folder: FolderArgument, json_target: JsonOption = None) -> None:
    """Show one run: what ran, how far it came, and what is in quarantine and why.

    Example:  dsapp runs show review
    """
    from ..folder import QUARANTINE_NAME
    from ..quarantine import read_entry

    manifest = _manifest(folder)
    entries = [read_entry(entry) for entry in sorted((folder / QUARANTINE_NAME).glob("*.json"))]
    quarantined = [entry for entry in entries if entry is not None]
    if json_target:
        refusals = [{**dataclasses.asdict(entry.refusal), "path": str(entry.refusal.path)} for entry in quarantined]
        state = _state(folder, manifest)
        write_json_to(json_target, {"state": state, "manifest": manifest, "quarantined": refusals})
        return
    counts, memory = manifest.get("counts", {}), manifest.get("peak_memory_bytes") or 0
    facts = {
        "run": manifest.get("id"),
        "job": manifest.get("job"),
        "state": _state(folder, manifest),
        "error": manifest.get("error"),
        "inputs": ", ".join(map(str, manifest.get("inputs", []))),
        "started": manifest.get("started"),
        "seconds": manifest.get("seconds"),
        "peak memory": f"{memory / 2**20:,.0f} MiB" if memory else "",
        "executor": ", ".join(f"{name} {value}" for name, value in manifest.get("executor", {}).items()),
        "bundles": ", ".join(f"{name} {str(hash_)[:12]}" for name, hash_ in manifest.get("bundles", {}).items()),
        "versions": ", ".join(f"{name} {version}" for name, version in manifest.get("versions", {}).items()),
        "items": ", ".join(f"{count} {name}" for name, count in counts.items()),
    }
    for name, value in facts.items():
        if value not in ("", None):
            print(f"{name}: {printable(value)}")
    for entry in quarantined:
        print(printable(f"quarantined: {entry.refusal.path}: {sentences(entry.refusal)}"))


@app.command()
def retry(
    folder: FolderArgument,
    quarantined: Annotated[
        bool, typer.Option("--quarantined", help="Try the quarantined items again, and go on with what is left.")
    ] = False,
    workers: WorkersOption = 0,
    max_seconds_per_item: SecondsOption = 0,
    json_target: JsonOption = None,
) -> None:
    """Go on with a run as it was started; with --quarantined also try again what could not be read.

    Example:  dsapp runs retry review --quarantined --workers 1
    """
    job, done_word, manifest = job_of(folder)
    run_job(
        job,
        [Path(str(given)) for given in manifest.get("inputs", [])],
        folder,
        done_word,
        workers=workers,
        max_seconds_per_item=max_seconds_per_item,
        json_target=json_target,
        retry_quarantined=quarantined,
    )


def job_of(folder: Path) -> tuple[Job, str, dict[str, Any]]:
    """The job of a run folder as it was started, the word for its finished items, and the manifest."""
    manifest = _manifest(folder)
    job, done_word = _job(folder, manifest)
    return job, done_word, manifest


def _manifest(folder: Path) -> dict[str, Any]:
    from ..manifest import MANIFEST_NAME, read_manifest

    manifest = read_manifest(folder)
    if manifest is None:
        raise RunFolderError(f"{printable(folder)} is no run folder: it has no {MANIFEST_NAME} of dsapp")
    return manifest


def _job(folder: Path, manifest: Mapping[str, Any]) -> tuple[Job, str]:
    """Build the job again from the fields that the manifest keeps; only jobs of this package, only their own fields."""
    from ..jobs import build

    name, arguments = str(manifest.get("job")), manifest.get("arguments")
    if name not in JOBS:
        raise RunFolderError(f"{printable(folder)} holds a run of {printable(name)}, which this version cannot retry")
    module, class_name, done_word = JOBS[name]
    root = __name__.split(".")[0]
    kind = getattr(importlib.import_module(f"{root}.{module}"), class_name)
    try:
        return build(kind, arguments), done_word
    except UsageError as error:
        raise RunFolderError(
            f"the manifest of {printable(folder)} does not say how the run was started ({error}); "
            "give the first command again"
        ) from error


def _state(folder: Path, manifest: Mapping[str, Any]) -> str:
    """The manifest's state; a run that died could not write its end."""
    from ..lock import is_live

    if is_live(folder):
        return "running"
    state = str(manifest.get("state"))
    return "died" if state == "running" else state


def _runs_below(folder: Path, depth: int = 0) -> Iterator[tuple[Path, dict[str, Any]]]:
    from ..manifest import read_manifest

    manifest = read_manifest(folder)
    if manifest is not None:
        yield folder, manifest
        return
    if depth == MAX_DEPTH:
        return
    try:
        children = sorted(path for path in folder.iterdir() if path.is_dir() and not path.is_symlink())
    except OSError:
        return
    for child in children:
        yield from _runs_below(child, depth + 1)

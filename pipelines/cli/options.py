"""Options and arguments that mean the same in every command, each checked before anything is begun.

What is empty, names no folder, or could not be written in the end is wrong usage, and told at once.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from .output import STANDARD_OUTPUT, printable


def to_words(text: str) -> str:
    """The value of an option that must say something."""
    if not text.strip():
        raise typer.BadParameter("it is empty; give a value, or leave the option out")
    return text


def to_path(value: str | Path) -> Path:
    """A path; an empty one, as an unset variable of a shell gives it, does not mean the current folder."""
    if value == "":
        raise typer.BadParameter("it is empty; a path is needed ('.' is the current folder)")
    return Path(value)


def to_folder(value: str | Path) -> Path:
    """A folder to read from."""
    found = to_path(value)
    if not found.is_dir():
        problem = "is a file, not a folder" if found.exists() else "no such folder"
        raise typer.BadParameter(f"{printable(found)}: {problem}")
    return found


def to_out_folder(value: str | Path) -> Path:
    """A folder to write into, or to make; its parents are made too."""
    found = to_path(value)
    above = Path(os.path.abspath(found))
    while not os.path.lexists(above):
        above = above.parent
    if not above.is_dir():
        raise typer.BadParameter(f"{printable(above)} is not a folder; choose another")
    if not os.access(above, os.W_OK | os.X_OK):
        raise typer.BadParameter(f"the folder {printable(above)} cannot be written to; choose another")
    return found


def to_new_file(value: str | Path) -> Path:
    """A file to be written, whose folder is there."""
    file = to_path(value)
    _check_folder_of(file)
    return file


def to_json_target(text: str) -> str:
    """Where JSON goes: a file whose folder is there, or ``-``."""
    if to_words(text) != STANDARD_OUTPUT:
        _check_folder_of(Path(text))
    return text


def to_bundle_folder(text: str) -> str:
    """A folder that holds a bundle; its files are checked when it is opened."""
    found = to_folder(to_words(text))
    if not (found / "bundle.json").is_file():
        raise typer.BadParameter(f"{printable(found)} is no bundle: it has no bundle.json")
    return os.path.abspath(found)


def _check_folder_of(file: Path) -> None:
    if file.is_dir():
        raise typer.BadParameter(f"{printable(file)} is a folder; name a file")
    above = file.parent
    if not above.is_dir():
        raise typer.BadParameter(f"there is no folder {printable(above)}; make it first, or name another file")
    if not os.access(above, os.W_OK | os.X_OK):
        raise typer.BadParameter(f"the folder {printable(above)} cannot be written to; name another file")


JsonOption = Annotated[
    str | None,
    typer.Option("--json", parser=to_json_target, metavar="F", help="Write JSON to this file; - is standard output."),
]
WorkersOption = Annotated[
    int,
    typer.Option(
        "--workers", min=0, metavar="N", help="Work in N processes, each watched and replaced; 0 is this process."
    ),
]
SecondsOption = Annotated[
    float,
    typer.Option(
        "--max-seconds-per-item",
        min=0,
        metavar="S",
        help="Quarantine an item that takes longer; implies a worker process. 0 is half an hour with --workers, "
        "no limit without.",
    ),
]
VariantOption = Annotated[
    str | None,
    typer.Option(
        "--variant",
        parser=to_words,
        metavar="V",
        help="Precision and backend: auto, fp32, int8, BACKEND-PRECISION. Without it the fastest that is as good.",
    ),
]

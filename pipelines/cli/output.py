"""What all commands share in showing things: data on standard output, messages on standard error, JSON where asked."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ...core.errors import UsageError

if TYPE_CHECKING:
    from ..executors import Executor
    from ..run import Outcome

EXIT_FAILED, EXIT_USAGE, EXIT_QUARANTINED = 1, 2, 3
STANDARD_OUTPUT = "-"
MAX_REFUSALS_SHOWN = 10

JsonOption = Annotated[str, typer.Option("--json", metavar="F", help="Write JSON to this file; - is standard output.")]
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


def complain(message: str) -> None:
    """A message for a person, on standard error."""
    print("\n".join(printable(line) for line in f"dsapp: {message}".split("\n")), file=sys.stderr)


def printable(text: object) -> str:
    """Text that may go to a terminal: control characters, line ends and undecodable bytes escaped."""
    words = str(text)
    if words.isprintable():
        return words
    return "".join(character if character.isprintable() else ascii(character)[1:-1] for character in words)


def write_json_to(target: str, content: Any) -> None:
    """Write to a file, or to standard output for ``-``. Raises UsageError where the file cannot be written."""
    if target == STANDARD_OUTPUT:
        print(json.dumps(content, ensure_ascii=True, indent=1, allow_nan=False))
        return
    from ...core.files import write_json

    try:
        write_json(Path(target), content)
    except OSError as error:
        raise UsageError(f"--json {printable(target)} cannot be written: {error.strerror}") from error


def executor_for(workers: int, max_seconds_per_item: float) -> Executor:
    """The executor that the options ask for: this process, or watched workers."""
    if workers == 0 and max_seconds_per_item == 0:
        from ..executors.local import Local

        return Local()
    from ..executors.processes import DEFAULT_SECONDS_PER_ITEM, Processes

    return Processes(max(1, workers), max_seconds_per_item or DEFAULT_SECONDS_PER_ITEM)


def show_outcome(outcome: Outcome, done_word: str, json_target: str) -> None:
    """Print what came of a run, one number a line; leaves through ``typer.Exit`` with its exit code."""
    counts, stream = outcome.manifest["counts"], sys.stderr if json_target == STANDARD_OUTPUT else sys.stdout
    lines = [f"{done_word}: {counts['done']} of {counts['found']}"]
    if counts["kept"]:
        lines.append(f"of these done before: {counts['kept']}")
    lines.append(f"quarantined: {counts['quarantined']}")
    for refusal in outcome.refused[:MAX_REFUSALS_SHOWN]:
        remedy = f" ({refusal.remedy})" if refusal.remedy else ""
        lines.append(f"  {printable(refusal.path)}: {refusal.code}: {printable(refusal.reason + remedy)}")
    if len(outcome.refused) > MAX_REFUSALS_SHOWN:
        lines.append(f"  and {len(outcome.refused) - MAX_REFUSALS_SHOWN} more in {printable(outcome.folder)}")
    if counts["left"]:
        lines.append(f"left: {counts['left']}")
    if outcome.outputs:
        lines.append(f"open: {printable(outcome.outputs[0])}")
    for line in lines:
        print(line, file=stream)
    if outcome.error is not None:
        complain(str(outcome.error))
        print(f"continue with: {resume_command()}", file=sys.stderr)
    if json_target:
        write_json_to(json_target, outcome_json(outcome))
    raise typer.Exit(outcome.exit_code)


def outcome_json(outcome: Outcome) -> Mapping[str, Any]:
    """The outcome as ``--json`` writes it: each item's summary, each refusal, and the manifest."""
    return {
        "schema": "dsapp.run.outcome/1",
        "exit_code": outcome.exit_code,
        "folder": str(outcome.folder),
        "outputs": [str(path) for path in outcome.outputs],
        "items": [
            {
                "id": stored.item.id,
                "path": str(stored.item.path),
                "folder": str(stored.folder),
                "summary": dict(stored.result.summary),
            }
            for stored in outcome.stored
        ],
        "quarantined": [
            {
                "id": refusal.id,
                "path": str(refusal.path),
                "code": refusal.code,
                "reason": refusal.reason,
                "remedy": refusal.remedy,
                "stage": refusal.stage,
            }
            for refusal in outcome.refused
        ],
        "manifest": dict(outcome.manifest),
    }


def resume_command() -> str:
    """The command that was given, to be pasted again."""
    return shlex.join(["dsapp", *sys.argv[1:]])

"""How every command runs a job: the checks that cost nothing, the run, and what is shown of its outcome."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from ...core.errors import UsageError
from .output import STANDARD_OUTPUT, complain, printable, write_json_to

if TYPE_CHECKING:
    from ...core.job import Job, Refusal
    from ..executors import Executor
    from ..run import Outcome

MAX_REFUSALS_SHOWN = 10


def run_job(
    job: Job,
    inputs: Sequence[Path],
    out: Path,
    done_word: str,
    *,
    workers: int,
    max_seconds_per_item: float,
    json_target: str | None,
    retry_quarantined: bool = False,
) -> None:
    """Run or continue a job and show what came of it; leaves through ``typer.Exit`` with the run's exit code.

    Raises:
        DsappError: what keeps the run from beginning; see ``pipelines/run.py``.
    """
    from ..progress import for_stream
    from ..run import run

    if json_target and json_target != STANDARD_OUTPUT:
        _check_free(Path(json_target), inputs, out)
    outcome = run(
        job,
        inputs,
        out,
        executor=executor_for(workers, max_seconds_per_item),
        progress=for_stream(),
        retry_quarantined=retry_quarantined,
    )
    show_outcome(outcome, done_word, json_target)


def _check_free(target: Path, inputs: Sequence[Path], out: Path) -> None:
    """The outcome must not be written over an input, or over what the run keeps in its folder."""
    from ..folder import RESERVED_NAMES

    for path in inputs:
        if path.is_file() and target.exists() and target.samefile(path):
            raise UsageError(f"--json {printable(target)} would overwrite an input; name another file")
    if target.parent.resolve() == out.resolve() and target.name in RESERVED_NAMES:
        raise UsageError(
            f"--json {printable(target)} would overwrite what the run itself keeps there; name another file"
        )


def executor_for(workers: int, max_seconds_per_item: float) -> Executor:
    """The executor that the options ask for: this process, or watched workers."""
    if workers == 0 and max_seconds_per_item == 0:
        from ..executors.local import Local

        return Local()
    from ..executors.processes import DEFAULT_SECONDS_PER_ITEM, Processes

    return Processes(max(1, workers), max_seconds_per_item or DEFAULT_SECONDS_PER_ITEM)


def show_outcome(outcome: Outcome, done_word: str, json_target: str | None) -> None:
    """Print what came of a run, one number a line; leaves through ``typer.Exit`` with its exit code."""
    counts, stream = outcome.manifest["counts"], sys.stderr if json_target == STANDARD_OUTPUT else sys.stdout
    lines = [f"{done_word}: {counts['done']} of {counts['found']}"]
    if counts["kept"]:
        lines.append(f"of these done before: {counts['kept']}")
    lines.append(f"quarantined: {counts['quarantined']}")
    for refusal in outcome.refused[:MAX_REFUSALS_SHOWN]:
        lines.append(f"  {printable(refusal.path)}: {printable(sentences(refusal))}")
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


def sentences(refusal: Refusal) -> str:
    """Why an item has no result and what to do about it, for a person; the code stays in JSON."""
    parts = (refusal.reason, refusal.remedy[:1].upper() + refusal.remedy[1:])
    return " ".join(part if part.endswith((".", "!", "?")) else f"{part}." for part in parts if part)


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

"""What all commands share in showing things: data on standard output, messages on standard error, JSON where asked."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...core.errors import RunError

if TYPE_CHECKING:
    from ...core.evaluation import Row

EXIT_FAILED, EXIT_USAGE, EXIT_QUARANTINED = 1, 2, 3
STANDARD_OUTPUT = "-"


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
    """Write to a file, or to standard output for ``-``. Raises RunError where the file cannot be written."""
    if target == STANDARD_OUTPUT:
        print(json.dumps(content, ensure_ascii=True, indent=1, allow_nan=False))
        return
    from ...core.files import write_json

    try:
        write_json(Path(target), content)
    except OSError as error:
        raise RunError(f"--json {printable(target)} cannot be written: {error.strerror}") from error


def show_rows(rows: list[Row]) -> None:
    """Tables of an evaluation's rows, one for each task."""
    import itertools

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

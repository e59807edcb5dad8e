"""What all commands share in showing things: data on standard output, messages on standard error, JSON where asked."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from ...core.errors import RunError

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

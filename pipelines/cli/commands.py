"""Whether words are a command of dsapp, found out without running it: for whatever keeps a command for later."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import typer

from ...core.errors import UsageError
from .output import printable


def check_command(words: Sequence[str], refused: Sequence[str]) -> None:
    """See that ``words`` (what follows ``dsapp``) name a command and that its options and arguments can be read.

    Commands whose first word is in ``refused`` are not admitted. Paths are looked at from the current folder.

    Raises:
        UsageError: the message says what is wrong with the command.
    """
    from . import app

    shown = printable(" ".join(["dsapp", *words[:3]]))
    group: Any = typer.main.get_command(app)
    if words and words[0] in refused:
        raise UsageError(f"{shown}: this command cannot be scheduled; schedule a batch command, as finance review")
    left = list(words)
    context: Any = group.context_class(group, info_name="dsapp")
    try:
        command = group
        while hasattr(command, "resolve_command"):
            if not left or left[0].startswith("-"):
                raise UsageError(f"{shown}: name a command of dsapp first, as in: finance review contracts")
            name, found, left = command.resolve_command(context, left)
            command = found
            if hasattr(command, "resolve_command"):
                context = command.context_class(command, parent=context, info_name=name)
        command.make_context(words[0], left, parent=context)
    except UsageError:
        raise
    except typer.Exit as error:  # --help and the like print something and leave
        raise UsageError(f"{shown}: it only shows something; leave --help out") from error
    except Exception as error:
        message = getattr(error, "format_message", None)
        if message is None:
            raise
        raise UsageError(f"{shown}: {message()}") from error

"""What a scheduler tells the command that it starts, and why a folder may refuse it: the fencing token.

A scheduler that froze or was cut off may still have a command on its way when another one has long taken over. Tokens
only grow, so a run folder that was written under a higher token of the same store refuses a lower one.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..core.errors import RunBusyError

FENCE, SCHEDULE, PLANNED, STORE = "DSAPP_FENCE", "DSAPP_SCHEDULE", "DSAPP_PLANNED", "DSAPP_SCHEDULE_STORE"
MANIFEST_KEY = "schedule"


def from_environment(environment: Mapping[str, str] = os.environ) -> dict[str, Any] | None:
    """Which schedule this process runs for, as the manifest keeps it; None for one that a person started."""
    token = environment.get(FENCE, "")
    if not (token.isascii() and token.isdigit()):
        return None
    names = {"name": SCHEDULE, "planned": PLANNED, "store": STORE}
    return {**{name: environment.get(variable, "") for name, variable in names.items()}, "fence": int(token)}


def check(folder: Path, previous: Mapping[str, Any] | None, ours: Mapping[str, Any] | None) -> None:
    """See that no scheduler with a higher token of the same store has written the folder.

    Raises:
        RunBusyError: one has.
    """
    last = (previous or {}).get(MANIFEST_KEY)
    if ours is None or not isinstance(last, Mapping) or last.get("store") != ours["store"]:
        return
    if isinstance(last.get("fence"), int) and last["fence"] > ours["fence"]:
        raise RunBusyError(
            f"{folder} was written by a later run of its schedule (token {last['fence']}, this one has {ours['fence']}): "
            "another scheduler has taken over"
        )

"""What is kept from run to run: incidents, the last plan and what came of alarms, as one snapshot a run in a state folder.

A snapshot is named by the moment its data ends. A run starts from the latest snapshot before its own moment, so that the same run again, or a run that
was killed and continued, gives the same result and doubles nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from ..core.errors import RunError
from .alarms import Incident
from .plan.types import Plan

FORMAT = 1
PREFIX = "state-"
KEEP_SNAPSHOTS = 400


@dataclass(frozen=True)
class State:
    """What one run left: ``as_of`` microseconds UTC, all incidents ever, the plan, and by incident id what its request last said."""

    format: Literal[1]
    plant: str
    as_of: int
    incidents: tuple[Incident, ...] = ()
    plan: Plan | None = None
    requested: tuple[tuple[str, str], ...] = ()


def latest(folder: Path, plant: str, before: int) -> State | None:
    """The newest snapshot of ``plant`` whose data ends before ``before``; None in an empty or missing folder.

    Raises:
        RunError: the newest one cannot be read; nothing is overwritten.
    """
    for moment, path in sorted(_snapshots(folder), reverse=True):
        if moment < before:
            state = _read(path)
            if state.plant != plant:
                raise RunError(
                    f"{path} belongs to the plant {state.plant!r}, not to {plant!r}: give each plant its own --state"
                )
            return state
    return None


def save(state: State, folder: Path) -> Path:
    """Write a snapshot, replacing one of the same moment; the oldest beyond ``KEEP_SNAPSHOTS`` go.

    Raises:
        DiskFullError: no space left.
    """
    from ..core.files import write_bytes

    path = folder / f"{PREFIX}{state.as_of:020d}.json"
    write_bytes(path, _adapter().dump_json(state, indent=1))
    for _, old in sorted(_snapshots(folder), reverse=True)[KEEP_SNAPSHOTS:]:
        old.unlink(missing_ok=True)
    return path


def _snapshots(folder: Path) -> list[tuple[int, Path]]:
    if not folder.is_dir():
        return []
    found = []
    for path in folder.glob(f"{PREFIX}*.json"):
        number = path.stem.removeprefix(PREFIX)
        if number.isdecimal():
            found.append((int(number), path))
    return found


def _read(path: Path) -> State:
    from pydantic import ValidationError

    try:
        return _adapter().validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise RunError(
            f"{path} is damaged or of another version: {str(error).splitlines()[0]}; move it away to go on from the snapshot before it"
        ) from error


@cache
def _adapter() -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(State)

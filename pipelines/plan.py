"""Before the work: list the items, compare them with what the run folder already holds, decide what is left to do."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..core.errors import UsageError
from ..core.job import Item, Job, Refusal
from . import store
from .folder import RunFolder
from .manifest import MANIFEST_NAME, read_manifest
from .quarantine import Quarantine, Quarantined

MAX_SHOWN = 3
NOTHING_FOUND = "nothing_found"
"""The code of a refusal by which ``find`` says that an input holds nothing: where nothing else is found, wrong usage."""


@dataclass(frozen=True)
class Found:
    """What ``find`` gave, in its order: usable items with unique ids, and refusals with unique ids.

    ``num_outputs`` counts what was left out because an earlier run wrote it.
    """

    items: tuple[Item, ...]
    refused: tuple[Refusal, ...]
    num_outputs: int


@dataclass(frozen=True)
class Plan:
    """What a session does. ``done`` and ``held`` are by item id: results and quarantine entries that still hold.

    ``again`` counts, by reason, the items that have a stored result and must be done anew; ``dropped`` names the
    stored items that are no longer among the inputs.
    """

    items: tuple[Item, ...]
    refused: tuple[Refusal, ...]
    todo: tuple[Item, ...]
    done: Mapping[str, store.Kept]
    held: Mapping[str, Quarantined]
    again: Mapping[str, int]
    dropped: tuple[str, ...]

    def notes(self) -> list[str]:
        """What a person should know before the work begins."""
        lines = []
        if self.done:
            lines.append(f"{len(self.done)} of {len(self.items)} are done already and kept")
        for reason, count in self.again.items():
            lines.append(f"{count} done before {'is' if count == 1 else 'are'} done again, because {reason}")
        if self.held:
            lines.append(
                f"{len(self.held)} stay in quarantine from before (`dsapp runs retry FOLDER --quarantined` tries them again)"
            )
        if self.dropped:
            shown = ", ".join(self.dropped[:MAX_SHOWN]) + (", ..." if len(self.dropped) > MAX_SHOWN else "")
            lines.append(
                f"{len(self.dropped)} done before are no longer among the inputs ({shown}): they leave the pages and "
                "stay in the folder items"
            )
        return lines


def find(job: Job, inputs: Sequence[Path], out: Path) -> Found:
    """List the job's items below ``inputs``.

    Raises:
        UsageError: an input does not exist or lies in ``out``, or nothing was found.
    """
    check_inputs(inputs)
    for path in inputs:
        _check_apart(path, out)
    is_output = _output_detector(inputs)
    items: dict[str, Item] = {}
    refused: dict[str, Refusal] = {}
    names: set[str] = set()
    num_outputs = 0
    for found in job.find(inputs):
        if is_output(found.path):
            num_outputs += 1
        elif isinstance(found, Refusal):
            refused[_free(found.id, refused)] = found
        elif store.folder_name(found.id).casefold() in names:
            reason = "another input has the same id, so their results would overwrite each other"
            twin = Refusal(found.id, found.path, "duplicate_id", reason, "review it in a run of its own")
            refused[_free(f"{found.id}-duplicate", refused)] = twin
        else:
            names.add(store.folder_name(found.id).casefold())
            items[found.id] = found
    if not items and all(entry.code == NOTHING_FOUND for entry in refused.values()):
        looked_for = str(getattr(job, "looks_for", "")) or f"inputs of {job.name}"
        where = ", ".join(_show(path) for path in inputs) or "nothing (no path was given)"
        remedies = "; ".join(dict.fromkeys(entry.remedy for entry in refused.values() if entry.remedy))
        raise UsageError(f"no {looked_for} found in {where}{'; ' if remedies else ''}{remedies}")
    unique = tuple(
        Refusal(key, entry.path, entry.code, entry.reason, entry.remedy, entry.stage) for key, entry in refused.items()
    )
    return Found(tuple(items.values()), unique, num_outputs)


def plan(found: Found, shared: Mapping[str, Any], folder: RunFolder, *, retry_quarantined: bool) -> Plan:
    """Compare the items with what the folder holds."""
    quarantine = Quarantine(folder.quarantine)
    done: dict[str, store.Kept] = {}
    held: dict[str, Quarantined] = {}
    again: Counter[str] = Counter()
    todo = []
    for item in found.items:
        key = store.item_key(shared, item)
        target = folder.items / store.folder_name(item.id)
        kept = store.read_result(target)
        if kept is not None and kept.id == item.id:
            changed = store.differences(kept.key, key)
            if not changed:
                done[item.id] = kept
                continue
            again[f"{' and '.join(changed)} changed"] += 1
        elif target.exists():
            again["the stored result is damaged or lacks a file"] += 1
        entry = quarantine.get(item.id)
        if entry is not None and not retry_quarantined and entry.key and not store.differences(entry.key, key):
            held[item.id] = entry
        else:
            todo.append(item)
    current = {store.folder_name(item.id) for item in found.items}
    present = sorted(path.name for path in folder.items.iterdir()) if folder.items.is_dir() else []
    dropped = tuple(name for name in present if name not in current)
    return Plan(found.items, found.refused, tuple(todo), done, held, dict(again), dropped)


def check_inputs(inputs: Sequence[Path]) -> None:
    """See that every input exists, before anything costly begins.

    What cannot be looked at for another reason than that it is missing is left to ``find``, which says why.

    Raises:
        UsageError: one does not exist.
    """
    for path in inputs:
        try:
            path.lstat()
        except (FileNotFoundError, NotADirectoryError) as error:
            raise UsageError(f"{_show(path)}: no such file or folder") from error
        except OSError:
            continue


def _check_apart(path: Path, out: Path) -> None:
    if Path(os.path.realpath(path)).is_relative_to(os.path.realpath(out)):
        raise UsageError(f"{_show(path)} lies in the output folder {_show(out)}; choose another --out")


def _output_detector(inputs: Sequence[Path]) -> Callable[[Path], bool]:
    """Tells whether a path lies in a run folder below an input: what a run wrote is no input of the next."""
    roots = set(inputs)
    known: dict[Path, bool] = {}

    def within_run(folder: Path) -> bool:
        if folder in roots or folder == folder.parent:
            return False
        if folder not in known:
            is_run = (folder / MANIFEST_NAME).is_file() and read_manifest(folder) is not None
            known[folder] = is_run or within_run(folder.parent)
        return known[folder]

    return lambda path: path not in roots and within_run(path.parent)


def _free(name: str, taken: Mapping[str, Any]) -> str:
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name}-{number}"
    return free


def _show(path: Path) -> str:
    """A path for a message: control characters and undecodable bytes escaped."""
    text = str(path)
    return text if text.isprintable() else ascii(text)

"""What a domain offers to be run in batches: a job of three functions.

A job is a frozen dataclass whose fields are texts, numbers, truths, and tuples or dictionaries of them, so
that another process can build an equal one: ``find`` lists the items of some inputs, ``do`` works on one,
``close`` makes the run's own pages from the stored results. ``prepare`` is called once before the first
item. ``pipelines`` runs any job without knowing its domain. ``do`` may open a bundle on first use and
keep it for the process's life.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol


@dataclass(frozen=True)
class Item:
    """One unit of work: a file, a study, a machine.

    ``id`` is unique in a run, stable for the same input, and safe as a folder name. ``digest`` is the
    content's SHA-256 in hex. ``cost`` is in the job's ``cost_unit`` and serves the ETA alone.
    """

    id: str
    path: Path
    digest: str
    cost: float


@dataclass(frozen=True)
class Refusal:
    """An input that cannot even become an item (a pipe, an unreadable folder, oversize), or a failed item.

    ``code`` is a short stable word, ``reason`` a sentence for a person, ``remedy`` what to do about it,
    ``stage`` where it happened (``find``, ``read``, ``classify``, ...).
    """

    id: str
    path: Path
    code: str
    reason: str
    remedy: str = ""
    stage: str = "find"


@dataclass(frozen=True)
class Result:
    """What ``do`` returns: a small JSON-able summary, and the files it wrote, relative to its folder."""

    summary: Mapping[str, Any]
    files: tuple[str, ...] = ()


@dataclass(frozen=True)
class Stored:
    """A finished item as ``close`` sees it: read back from the run folder, so the same after a resume."""

    item: Item
    result: Result
    folder: Path


@dataclass(frozen=True)
class Closing:
    """All that a run knows when it closes: what was done, what was refused, and the manifest's facts."""

    stored: Sequence[Stored]
    refused: Sequence[Refusal]
    manifest: Mapping[str, Any] = field(default_factory=dict)


class Job(Protocol):
    """Three functions and the facts that decide whether a stored result still holds."""

    @property
    def name(self) -> str:
        """A short stable name, ``finance.review``."""
        ...

    @property
    def cost_unit(self) -> str:
        """The unit of ``Item.cost``: pages, voxels, rows."""
        ...

    def settings(self) -> Mapping[str, Any]:
        """JSON-able settings that change the outputs: with an item's digest and ``bundles`` they key its result."""
        ...

    def bundles(self) -> Mapping[str, str]:
        """Hash by name of each bundle the job uses; empty when it uses none."""
        ...

    def prepare(self, progress: Callable[[str], None], *, keep: bool = False) -> None:
        """Make ready what every item needs (compile a model), telling ``progress`` what takes long.

        ``keep`` says that this process works on the items itself and should hold on to what it opened.

        Raises:
            DsappError: no item could succeed.
        """
        ...

    def find(self, inputs: Sequence[Path]) -> Iterator[Item | Refusal]:
        """List the items below ``inputs`` in a stable order; what cannot become an item comes as a Refusal."""
        ...

    def do(self, item: Item, folder: Path) -> Result:
        """Work on one item, write files below ``folder``.

        Raises:
            InputError: the item cannot be read; it is quarantined with the error's reason.
        """
        ...

    def close(self, closing: Closing, folder: Path) -> Sequence[str]:
        """Write the run's own pages and tables into ``folder``; return their names, the page to open first."""
        ...

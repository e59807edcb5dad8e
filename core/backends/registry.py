"""The registry of backends: one file in this package is one backend, and its decorator is all that it needs.

A backend says which kind of part it runs (``source``), on which device, at which precisions, whether it can run
here, how a part is compiled and how it is opened. ``known()`` imports every file of this package, so a backend
file keeps its heavy imports inside its methods.
"""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar

from ..errors import UsageError
from ..extras import has

if TYPE_CHECKING:
    from ..bundle import Part
    from ..nn.registry import TensorSpec


class Program(Protocol):
    """An opened part: takes a batch, returns a batch.

    With ``raw`` false it takes a dictionary of arrays (batch axis first, padded) and describes them in ``inputs`` and
    ``outputs``. With ``raw`` true it takes a list of items as the caller gave them (texts) and returns arrays of
    one row an item; it then needs no descriptions.
    """

    def __call__(self, batch: Any, /) -> dict[str, Any]: ...


class ArrayProgram(Program, Protocol):
    """A program that takes padded arrays."""

    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]


@dataclass(frozen=True)
class Obstacle:
    """Why a backend cannot run here, and the command or deed that mends it; empty where nothing does."""

    problem: str
    fix: str = ""

    def __str__(self) -> str:
        return f"{self.problem}: {self.fix}" if self.fix else self.problem


class Backend(ABC):
    """One way to run one kind of part on one kind of device."""

    name: ClassVar[str]
    """The word that users type in ``--variant NAME-PRECISION``."""
    source: ClassVar[str] = "torch"
    """The kind of part it runs: what ``Part.backend`` says."""
    device: ClassVar[str] = "cpu"
    precisions: ClassVar[tuple[str, ...]] = ("fp32",)
    compiles: ClassVar[bool] = False
    """Whether ``build`` writes anything; what it writes is cached and checked against the golden outputs."""

    def available(self) -> Obstacle | None:
        """None where it can run; else why not, and the command that adds it. Imports nothing heavy if that can be helped."""
        return None

    def versions(self) -> Mapping[str, str]:
        """The libraries whose version shapes a build: another version means another build."""
        return {}

    def build(self, part: Part, precision: str, into: Path) -> None:  # noqa: B027 (not every backend compiles)
        """Compile ``part`` at ``precision`` into the empty folder ``into``. Any exception is a failed build."""

    @abstractmethod
    def open(self, part: Part, build_folder: Path, precision: str, threads: int) -> Program:
        """Open ``part``, from what ``build`` wrote into ``build_folder`` if the backend compiles."""


def missing_packages(*packages: str) -> Obstacle | None:
    """The obstacle that some of these packages are not installed; None where all are."""
    missing = [package for package in packages if not has(package)]
    if not missing:
        return None
    return Obstacle(f"{' and '.join(missing)} not installed", f"pip install {' '.join(missing)}")


B = TypeVar("B", bound=Backend)

_BACKENDS: dict[str, Backend] = {}


def backend(cls: type[B]) -> type[B]:
    """Register a ``Backend`` class under its ``name``."""
    _BACKENDS[cls.name] = cls()
    return cls


def known() -> Mapping[str, Backend]:
    """Every backend by name: those of this package, and those that somebody registered."""
    package = importlib.import_module(__package__ or "")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{__package__}.{module.name}")
    return dict(_BACKENDS)


def get(name: str) -> Backend:
    """The backend called ``name``. Raises UsageError with the known names."""
    backends = known()
    if name not in backends:
        near = difflib.get_close_matches(name, backends, n=1)
        hint = f" (the nearest is {near[0]!r})" if near else ""
        raise UsageError(f"unknown backend {name!r}{hint}; known: {', '.join(sorted(backends))}")
    return backends[name]

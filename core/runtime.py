"""The runtime: opens a bundle at a variant, batches items under a budget, runs them, yields results in input order.

Every model call of every domain goes through here. A part that cannot be built at the variant asked for runs at
eager fp32 instead, and the runtime says so once; a result that is not a number is an error that names its item.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType, TracebackType
from typing import TYPE_CHECKING, Any, TypeVar

from . import golden, hardware
from . import variant as variants
from .backends import registry
from .backends.registry import Backend, Program
from .batching import Entry, batches, collate, separate, windows
from .build import Build, Order, ensure
from .bundle import Bundle, Part
from .errors import BuildError, BundleFormatError, NumericError, UsageError
from .variant import REFERENCE, Variant

if TYPE_CHECKING:
    import numpy as np

LOG = logging.getLogger(__name__)

Item = TypeVar("Item", bound="Mapping[str, Any] | str")

DEFAULT_BUDGET = 1024
"""Padded cost of a batch where neither the caller nor the part's config (``budget``) says: for tokens on a CPU."""


class Runtime:
    """A bundle at a variant, ready to run. Open it once and keep it; it is a context manager.

    ``variant`` is the name of what really runs; ``variants`` says it by part. ``notes`` holds, for a manifest, what was
    downgraded and why.
    """

    def __init__(
        self,
        bundle: Bundle,
        programs: Mapping[str, Program],
        variants: Mapping[str, str],
        followers: Collection[str],
        notes: Sequence[str],
        builds: Mapping[str, Build],
    ) -> None:
        self.bundle = bundle
        self.variants: Mapping[str, str] = MappingProxyType(dict(variants))
        self.notes = tuple(notes)
        self.builds: Mapping[str, Build] = MappingProxyType(dict(builds))
        self._programs = dict(programs)
        self._followers = tuple(followers)

    @classmethod
    def open(
        cls,
        bundle: Bundle,
        variant: str = variants.AUTO,
        *,
        parts: Collection[str] | None = None,
        threads: int | None = None,
        progress: Callable[[str], None] | None = None,
    ) -> Runtime:
        """Open ``bundle`` at ``variant``; builds that are missing are made now, ``progress`` gets a line on each.

        Only the parts named in ``parts`` are opened (default: all). ``threads`` is for one batch (default: the usable cores).

        Raises:
            UsageError: no such variant or part, or the variant does not run here.
            BundleFormatError: a part wants a backend or a network that is not there.
        """
        chosen = variants.parse(variant)
        wanted = {name: _part(bundle, name) for name in (bundle.parts if parts is None else parts)}
        opener = _Opener(bundle, chosen, threads or hardware.default_threads(), progress or LOG.info)
        for part in wanted.values():
            opener.open(part)
        return cls(bundle, opener.programs, opener.variants, opener.followers, opener.notes, opener.builds)

    @property
    def variant(self) -> str:
        """The name of what the parts that follow a variant really run at; two names joined by ``+`` after a partial downgrade."""
        names = [self.variants[part] for part in self._followers] or list(self.variants.values())
        return "+".join(dict.fromkeys(names))

    def run(
        self, part: str, items: Iterable[Item], *, cost: Callable[[Item], int], budget: int | None = None
    ) -> Iterator[dict[str, np.ndarray]]:
        """Run ``items`` through ``part``; yield each one's outputs in input order, as arrays without batch axis.

        An item is a dictionary of arrays without batch axis, or a text for parts that take raw items. ``cost`` gives
        its length in whatever the device pays for (tokens, voxels, rows); a batch's longest cost times its count stays within
        ``budget``. Reads at most one window ahead (``core/batching``).

        Raises:
            UsageError: no such part, or an item does not fit the part's inputs (the message names it).
            NumericError: an output of an item is NaN or infinite.
        """
        program = self._programs.get(part)
        if program is None:
            raise UsageError(
                f"bundle {self.bundle.name} has no open part {part!r}; open: {', '.join(self._programs) or 'none'}"
            )
        limit = budget if budget is not None else self.bundle.parts[part].config.get("budget", DEFAULT_BUDGET)
        if type(limit) is not int:
            raise BundleFormatError(f"the budget of part {part!r} in bundle.json must be a whole number")
        return self._stream(part, program, items, cost, limit)

    def _stream(
        self, part: str, program: Program, items: Iterable[Item], cost: Callable[[Item], int], budget: int
    ) -> Iterator[dict[str, np.ndarray]]:
        for window in windows(items, cost, budget):
            first = window[0].index
            results: list[dict[str, np.ndarray] | None] = [None] * len(window)
            for batch in batches(window, budget):
                rows = _run_raw(program, batch) if getattr(program, "raw", False) else _run_arrays(program, batch)
                for entry, row in zip(batch, rows, strict=True):
                    _check_numbers(part, entry.index, row)
                    results[entry.index - first] = row
            for place, result in enumerate(results):
                results[place] = None
                if result is not None:
                    yield result

    def close(self) -> None:
        """Let go of the programs and remove builds that could not be cached."""
        self._programs.clear()
        for build in self.builds.values():
            if build.temporary is not None:
                build.temporary.cleanup()

    def __enter__(self) -> Runtime:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _part(bundle: Bundle, name: str) -> Part:
    if name not in bundle.parts:
        raise UsageError(f"bundle {bundle.name} has no part {name!r}; its parts: {', '.join(bundle.parts)}")
    return bundle.parts[name]


class _Opener:
    """Opens parts one after another and gathers what became of each."""

    def __init__(self, bundle: Bundle, variant: Variant, threads: int, progress: Callable[[str], None]) -> None:
        self.programs: dict[str, Program] = {}
        self.variants: dict[str, str] = {}
        self.followers: list[str] = []
        self.notes: list[str] = []
        self.builds: dict[str, Build] = {}
        self._bundle, self._variant, self._threads, self._progress = bundle, variant, threads, progress

    def open(self, part: Part) -> None:
        """Open one part at the variant, or at the one precision that its kind has."""
        backend, precision = self._backend_for(part)
        if backend.source == "torch":
            self.followers.append(part.name)
        self.variants[part.name] = str(Variant(precision, backend.name, backend.device))
        try:
            self.programs[part.name] = self._program(part, backend, precision)
        except BuildError as error:
            if backend.source != "torch":
                raise
            self._note(f"{error}; part {part.name!r} runs at plain fp32 instead, which is slower")
            reference = registry.get(REFERENCE.backend)
            self.programs[part.name] = reference.open(part, part.folder, REFERENCE.precision, self._threads)
            self.variants[part.name] = str(REFERENCE)

    def _backend_for(self, part: Part) -> tuple[Backend, str]:
        asked = registry.get(self._variant.backend)
        if asked.source == part.backend:
            return asked, self._variant.precision
        candidates = [found for found in registry.known().values() if found.source == part.backend]
        if not candidates:
            raise BundleFormatError(
                f"part {part.name!r} of {self._bundle.name} is of the kind {part.backend!r}, which no backend runs; "
                f"known kinds: {', '.join(sorted({found.source for found in registry.known().values()}))}"
            )
        problems = []
        for found in candidates:
            problem = found.available()
            if problem is None:
                same = self._variant.precision in found.precisions
                return found, self._variant.precision if same else found.precisions[0]
            problems.append(str(problem))
        raise UsageError(f"part {part.name!r} of {self._bundle.name} does not run here: {'; '.join(problems)}")

    def _program(self, part: Part, backend: Backend, precision: str) -> Program:
        if backend.compiles:
            order = Order(self._bundle, part, backend, precision, self._threads)
            build, program = ensure(order, progress=self._progress, warn=self._note)
            self.builds[part.name] = build
            return program
        if (backend.name, precision) == (REFERENCE.backend, REFERENCE.precision) or backend.source != "torch":
            return backend.open(part, part.folder, precision, self._threads)
        wanted = golden.read_golden(part)
        what = f"{self._bundle.name}/{part.name} at {backend.name} {precision}"
        try:
            program = backend.open(part, part.folder, precision, self._threads)
            tolerance = golden.tolerance_of(self._bundle, part.name, precision)
            golden.check(program, wanted, tolerance=tolerance, what=what)
        except RuntimeError as error:  # a product of unlike precisions, a device out of memory
            raise BuildError(f"{what} failed: {str(error)[:300]}") from error
        return program

    def _note(self, message: str) -> None:
        if message not in self.notes:
            self.notes.append(message)
            LOG.warning("%s", message)


def _run_arrays(program: Any, batch: Sequence[Entry[Any]]) -> list[dict[str, np.ndarray]]:
    arrays, lengths = collate(batch, program.inputs)
    return separate(program(arrays), program.outputs, lengths)


def _run_raw(program: Program, batch: Sequence[Entry[Any]]) -> list[dict[str, np.ndarray]]:
    outputs = program([entry.item for entry in batch])
    return [{name: values[place].copy() for name, values in outputs.items()} for place in range(len(batch))]


def _check_numbers(part: str, index: int, row: Mapping[str, np.ndarray]) -> None:
    import numpy as np

    for name, values in row.items():
        if values.dtype.kind == "f" and not np.isfinite(values).all():
            raise NumericError(f"item {index} of part {part!r}: output {name!r} holds NaN or infinity")

"""Golden outputs: what a part answered, at fp32 in plain PyTorch, to a few inputs; every build must answer the same.

They lie in a bundle as ``golden/PART.safetensors`` with tensors ``input.NUMBER.NAME`` and ``output.NUMBER.NAME``, one number an
item. Training writes them; a build is checked against them before it is used, and calibrates on their inputs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .backends.registry import Program
from .batching import Entry, collate, separate
from .bundle import Bundle, Part, golden_file
from .errors import BuildError, BundleFormatError, UsageError

if TYPE_CHECKING:
    import numpy as np

TOLERANCES: Mapping[str, float] = {"fp32": 0.001, "fp16": 0.01, "bf16": 0.05, "int8": 0.2}
"""Largest accepted deviation of a build by precision; ``tolerances`` in bundle.json, by part and precision, changes it.

Deviation is the root mean square of the difference over that of the golden output. MiniLM-L6 gives 1e-6 at fp32, 0.007 at
bf16, 0.04 to 0.08 at int8; a build that lost a layer or a scale gives 0.5 and more.
"""

MIN_ITEMS = 3


@dataclass(frozen=True)
class Golden:
    """Inputs and the outputs they must give: one dictionary of arrays an item, without batch axis."""

    inputs: tuple[Mapping[str, Any], ...]
    outputs: tuple[Mapping[str, Any], ...]


def write_golden(part: Part, items: Iterable[Mapping[str, Any]], folder: Path) -> Path:
    """Run ``items`` (dictionaries of arrays without batch axis) through ``part`` at eager fp32; write both into the bundle ``folder``.

    Choose at least three items, short to as long as the network takes, like those it will see: int8 calibrates on them.

    Returns the file. Raises UsageError for fewer than three items.
    """
    import numpy as np
    from safetensors.numpy import save_file

    from .backends.registry import get
    from .hardware import default_threads

    chosen = [dict(item) for item in items]
    if len(chosen) < MIN_ITEMS:
        raise UsageError(f"golden outputs of part {part.name!r} need at least {MIN_ITEMS} items, got {len(chosen)}")
    program = get("torch").open(part, part.folder, "fp32", default_threads())
    tensors: dict[str, np.ndarray] = {}
    for number, (item, output) in enumerate(zip(chosen, answers(program, chosen, batch=1), strict=True)):
        tensors |= {f"input.{number}.{name}": np.ascontiguousarray(value) for name, value in item.items()}
        tensors |= {f"output.{number}.{name}": np.ascontiguousarray(value) for name, value in output.items()}
    path = golden_file(folder, part.name)
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(tensors, path)
    return path


def read_golden(part: Part) -> Golden:
    """The golden inputs and outputs of ``part``.

    Raises:
        BuildError: its bundle has none.
        BundleFormatError: the file's tensors are not named as they must be.
    """
    from safetensors.numpy import load_file

    if part.golden is None:
        raise BuildError(f"the bundle has no golden outputs for part {part.name!r}, so no build of it can be checked")
    sides: dict[str, dict[int, dict[str, Any]]] = {"input": {}, "output": {}}
    for key, value in load_file(part.golden).items():
        side, _, rest = key.partition(".")
        number, _, name = rest.partition(".")
        if side not in sides or not number.isdecimal() or not name:
            raise BundleFormatError(
                f"{part.golden}: tensor {key[:80]!r} is named neither input.N.NAME nor output.N.NAME"
            )
        sides[side].setdefault(int(number), {})[name] = value
    if not sides["input"] or sides["input"].keys() != sides["output"].keys():
        raise BundleFormatError(f"{part.golden}: inputs and outputs do not stand in pairs")
    numbers = sorted(sides["input"])
    return Golden(tuple(sides["input"][n] for n in numbers), tuple(sides["output"][n] for n in numbers))


def answers(program: Program, items: Sequence[Mapping[str, Any]], *, batch: int) -> list[dict[str, Any]]:
    """What an array program answers to ``items``, ``batch`` of them at a time."""
    found: list[dict[str, Any]] = []
    numbered = [Entry(number, item, 1) for number, item in enumerate(items)]
    for start in range(0, len(items), batch):
        entries = numbered[start : start + batch]
        arrays, lengths = collate(entries, program.inputs)  # pyright: ignore[reportAttributeAccessIssue]
        found += separate(program(arrays), program.outputs, lengths)  # pyright: ignore[reportAttributeAccessIssue]
    return found


def check(program: Program, golden: Golden, *, tolerance: float, what: str) -> dict[str, float]:
    """Compare a program's answers, one item at a time and all in one padded batch, with the golden ones.

    Returns the larger deviation of each output. Raises BuildError if one is above ``tolerance`` or not finite.
    """
    import numpy as np

    deviations: dict[str, float] = {}
    for batch in (1, len(golden.inputs)):
        found = answers(program, golden.inputs, batch=batch)
        for name in golden.outputs[0]:
            pairs = [(row[name], wanted[name]) for row, wanted in zip(found, golden.outputs, strict=True)]
            for row, wanted in pairs:
                if row.shape != wanted.shape:
                    raise BuildError(f"{what}: output {name!r} has shape {row.shape}, the golden one {wanted.shape}")
            left = np.concatenate([row.ravel() for row, _ in pairs]).astype(np.float64)
            right = np.concatenate([wanted.ravel() for _, wanted in pairs]).astype(np.float64)
            scale = float(np.sqrt(np.mean(right**2))) or 1.0
            deviation = float(np.sqrt(np.mean((left - right) ** 2))) / scale
            # written so that a NaN fails too
            if not deviation <= tolerance:
                raise BuildError(
                    f"{what} does not give the golden outputs: {name!r} deviates by {deviation:.3g}, {tolerance:g} is accepted"
                )
            deviations[name] = max(deviation, deviations.get(name, 0.0))
    return deviations


def tolerance_of(bundle: Bundle, part: str, precision: str) -> float:
    """The accepted deviation: ``tolerances.PART.PRECISION`` in bundle.json, else the default for the precision.

    Raises:
        BundleFormatError: what bundle.json says is no number in (0, 1].
    """
    declared: Any = bundle.config.get("tolerances", {})
    for key in (part, precision):
        declared = declared.get(key) if isinstance(declared, dict) else None
    if declared is None:
        return TOLERANCES.get(precision, TOLERANCES["fp32"])
    if not isinstance(declared, (int, float)) or isinstance(declared, bool) or not 0 < declared <= 1:
        raise BundleFormatError(
            f"tolerances.{part}.{precision} in {bundle.path / 'bundle.json'} must be a number in (0, 1]"
        )
    return float(declared)

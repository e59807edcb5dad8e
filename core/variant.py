"""A variant: one precision on one backend on one device, its name, and which variants run here.

Names: ``auto``; a precision (``int8``: the first backend in ``PREFERRED`` that runs here); or ``BACKEND-PRECISION``
(``openvino-bf16``). A variant prints as the shortest name that means the same on every machine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from . import hardware
from .backends import registry
from .errors import UsageError

AUTO = "auto"
PRECISIONS = ("fp32", "fp16", "bf16", "int8")

PREFERRED: Mapping[str, tuple[str, ...]] = {
    "fp32": ("onnxruntime", "torch"),
    "int8": ("onnxruntime", "openvino"),
    "fp16": ("cuda",),
    "bf16": ("cuda", "openvino", "torch"),
}
"""Which backend a bare precision means: the first that runs here. docs/runtime.md has the measurement behind the order."""

REFERENCE_BACKEND, REFERENCE_PRECISION = "torch", "fp32"


@dataclass(frozen=True)
class Variant:
    """One precision on one backend; ``device`` is ``cpu`` or ``cuda``."""

    precision: str
    backend: str
    device: str = "cpu"

    def __str__(self) -> str:
        first = PREFERRED.get(self.precision, ("",))[0]
        return self.precision if self.backend == first else f"{self.backend}-{self.precision}"


REFERENCE = Variant(REFERENCE_PRECISION, REFERENCE_BACKEND)
"""Eager fp32 on the CPU: what golden outputs are made by, and what a failed build falls back to."""


@dataclass(frozen=True)
class Availability:
    """Whether a variant runs here; ``problem`` is empty, or says why not and what command adds it."""

    variant: Variant
    problem: str = ""


def listed() -> tuple[Availability, ...]:
    """Every variant of parts that come as torch networks, with why it does not run here, the preferred of each precision first."""
    found = []
    for name, backend in registry.known().items():
        if backend.source != "torch":
            continue
        problem = str(backend.available() or "")
        found += [Availability(Variant(p, name, backend.device), problem) for p in backend.precisions]
    return tuple(sorted(found, key=_rank))


def _rank(entry: Availability) -> tuple[int, int, str]:
    variant = entry.variant
    order = PREFERRED.get(variant.precision, ())
    place = order.index(variant.backend) if variant.backend in order else len(order)
    known = PRECISIONS.index(variant.precision) if variant.precision in PRECISIONS else len(PRECISIONS)
    return known, place, variant.backend


def parse(name: str) -> Variant:
    """The variant called ``name``, which must run here.

    Raises:
        UsageError: no such name, or it does not run on this machine (the message says why and what adds it).
    """
    if name == AUTO:
        return default()
    entries = listed()
    matching = [x for x in entries if name in (x.variant.precision, f"{x.variant.backend}-{x.variant.precision}")]
    if not matching:
        names = sorted({str(x.variant) for x in entries} | {x.variant.precision for x in entries})
        raise UsageError(f"unknown variant {name!r}; use auto, {', '.join(names)}")
    for entry in matching:
        if not entry.problem:
            return entry.variant
    raise UsageError(f"variant {name!r} does not run here: {'; '.join(x.problem for x in matching)}")


def default(machine: hardware.Hardware | None = None) -> Variant:
    """The variant measured fastest at a negligible loss on hardware like this (docs/runtime.md has the figures).

    A GPU that computes: fp16. A processor with AMX and OpenVINO installed: its bf16. One with int8 dot products: int8.
    Else fp32.
    """
    machine = machine or hardware.inspect()
    wishes: list[tuple[bool, str]] = [
        (hardware.gpu_is_likely(), "cuda-fp16"),
        ("amx_bf16" in machine.instructions, "openvino-bf16"),
        (machine.int8_is_fast, "onnxruntime-int8"),
        (True, "fp32"),
    ]
    entries = {f"{x.variant.backend}-{x.variant.precision}": x for x in listed() if not x.problem}
    for fits, name in wishes:
        if fits and name in entries:
            return entries[name].variant
    return parse("fp32")

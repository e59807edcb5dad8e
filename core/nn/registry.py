"""The registry in which bundles look networks up by name, and the description of what goes in and comes out.

A domain's module registers its networks when it is imported (``@network("passage_tagger")``); a bundle's part
names one. Core imports no network: a name that nobody registered is an error that lists the known ones. Every
backend builds from what a factory returns, so the tensor descriptions here are what batching pads and trims by.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from ..errors import BundleFormatError

if TYPE_CHECKING:
    import torch

    from ..bundle import Part

BATCH = "batch"
DTYPES = ("float32", "int64", "int32", "uint8", "bool")


@dataclass(frozen=True)
class TensorSpec:
    """One input or output of a network.

    ``shape`` names each axis: the first is always ``"batch"``, another string is an axis whose length varies from
    item to item, an integer is fixed. Tensors that share an axis name share its length: inputs are padded along it to the
    longest of the batch, outputs are cut back to the item's own length; an output's axis that no input has stays as it is.
    ``pad`` fills an input where an item is shorter than the longest of its batch. ``dtype`` is one of ``DTYPES``.

    >>> TensorSpec("input_ids", "int64", ("batch", "tokens")).variable
    ((1, 'tokens'),)
    """

    name: str
    dtype: str
    shape: tuple[str | int, ...]
    pad: float = 0

    def __post_init__(self) -> None:
        if not self.shape or self.shape[0] != BATCH or BATCH in self.shape[1:]:
            raise ValueError(f"tensor {self.name!r}: the first axis, and no other, is {BATCH!r}; got {self.shape}")
        if self.dtype not in DTYPES:
            raise ValueError(f"tensor {self.name!r}: dtype {self.dtype!r} is none of {', '.join(DTYPES)}")

    @property
    def variable(self) -> tuple[tuple[int, str], ...]:
        """Position (batch axis counted as 0) and name of each axis that varies from item to item."""
        return tuple((place, axis) for place, axis in enumerate(self.shape) if place and isinstance(axis, str))

    def as_dict(self) -> dict[str, Any]:
        """JSON-able form; ``from_dict`` reads it back."""
        return {"name": self.name, "dtype": self.dtype, "shape": list(self.shape), "pad": self.pad}

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> TensorSpec:
        """The inverse of ``as_dict``."""
        return cls(content["name"], content["dtype"], tuple(content["shape"]), content.get("pad", 0))


class Network(Protocol):
    """What a factory returns: a ``torch.nn.Module`` with these two attributes.

    ``forward`` takes the inputs positionally in the order of ``inputs`` and returns a tuple in the order of ``outputs``. To run
    at half precision it makes masks and the like in its states' own dtype (``mask.to(states.dtype)``, not ``mask.float()``).
    """

    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]


Factory = Callable[[dict[str, Any], Path], "torch.nn.Module"]

_FACTORIES: dict[str, Factory] = {}


def network(name: str) -> Callable[[Factory], Factory]:
    """Register a factory ``(config, folder) -> torch.nn.Module`` under ``name``.

    The module loads its weights from safetensors in ``folder`` and has the attributes of ``Network``.
    """

    def register(factory: Factory) -> Factory:
        _FACTORIES[name] = factory
        return factory

    return register


def known() -> tuple[str, ...]:
    """The names registered so far, sorted."""
    return tuple(sorted(_FACTORIES))


def create(part: Part) -> torch.nn.Module:
    """The network of ``part`` with its weights, in evaluation mode.

    Raises:
        BundleFormatError: nobody registered its name (the message lists the known ones), its weights do not fit,
            or what the factory returned lacks the tensor descriptions.
    """
    factory = _FACTORIES.get(part.network)
    if factory is None:
        near = difflib.get_close_matches(part.network, _FACTORIES, n=1)
        hint = f" (the nearest is {near[0]!r})" if near else ""
        listed = ", ".join(known()) or "none; import the domain's package first"
        raise BundleFormatError(f"part {part.name!r} wants the unknown network {part.network!r}{hint}; known: {listed}")
    try:
        module = factory(dict(part.config), part.folder)
    except (OSError, RuntimeError, KeyError, ValueError) as error:
        reason = f"{type(error).__name__}: {str(error)[:300]}"
        raise BundleFormatError(
            f"network {part.network!r} of part {part.name!r} does not load from {part.folder}: {reason}"
        ) from error
    specs_of(module, part.network)
    return module.eval()


def specs_of(module: Any, name: str) -> tuple[tuple[TensorSpec, ...], tuple[TensorSpec, ...]]:
    """The inputs and outputs that ``module`` describes. Raises BundleFormatError if it describes none."""
    inputs, outputs = getattr(module, "inputs", None), getattr(module, "outputs", None)
    if not inputs or not outputs or not all(isinstance(spec, TensorSpec) for spec in (*inputs, *outputs)):
        raise BundleFormatError(f"network {name!r} must have the attributes inputs and outputs: tuples of TensorSpec")
    return tuple(inputs), tuple(outputs)

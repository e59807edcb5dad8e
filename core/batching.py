"""Batches by length under a budget, and back: padding items into arrays, cutting outputs to each item's own length.

What a batch costs is what the device computes: the cost of its longest item times the number of items. Items are read
in windows; inside a window they are sorted by cost, so that a batch holds items of like length; results come back in
input order. Memory is bounded by the window, whatever the length of the stream.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from .errors import UsageError

if TYPE_CHECKING:
    import numpy as np

    from .nn.registry import TensorSpec

T = TypeVar("T")

WINDOW_ITEMS = 512
WINDOW_BUDGETS = 16
"""A window ends at this many items, or when its items' costs reach this many budgets, whichever comes first."""


@dataclass(frozen=True)
class Entry(Generic[T]):
    """An item with its place in the stream (from 0) and its cost."""

    index: int
    item: T
    cost: int


def windows(items: Iterable[T], cost: Callable[[T], int], budget: int) -> Iterator[list[Entry[T]]]:
    """Cut the stream into windows, reading no further than the window at hand.

    Raises:
        UsageError: ``budget`` is below 1, or an item's cost is.
    """
    if budget < 1:
        raise UsageError(f"the budget of a batch must be at least 1, not {budget}")
    window: list[Entry[T]] = []
    total = 0
    for index, item in enumerate(items):
        price = cost(item)
        if price < 1:
            raise UsageError(f"item {index} has a cost of {price}; it must be at least 1")
        window.append(Entry(index, item, price))
        total += price
        if len(window) >= WINDOW_ITEMS or total >= WINDOW_BUDGETS * budget:
            yield window
            window, total = [], 0
    if window:
        yield window


def batches(window: Sequence[Entry[T]], budget: int) -> Iterator[list[Entry[T]]]:
    """Cut a window into batches of like cost, each within ``budget`` as longest cost x count; an item above it goes alone.

    >>> [[e.cost for e in b] for b in batches([Entry(i, None, c) for i, c in enumerate([3, 9, 4, 50, 4])], 12)]
    [[50], [9], [4, 4, 3]]
    """
    batch: list[Entry[T]] = []
    for entry in sorted(window, key=lambda entry: (-entry.cost, entry.index)):
        # descending: the first of a batch is its longest
        if batch and batch[0].cost * (len(batch) + 1) > budget:
            yield batch
            batch = []
        batch.append(entry)
    if batch:
        yield batch


def collate(
    entries: Sequence[Entry[Mapping[str, Any]]], specs: Sequence[TensorSpec]
) -> tuple[dict[str, np.ndarray], list[dict[str, int]]]:
    """Pad items into one array an input (batch axis first); also the length of each named axis of each item.

    Raises:
        UsageError: an item lacks an input or has one too many, an axis has another length than described, is empty,
            or differs between two inputs of one item. The message names the item.
    """
    import numpy as np

    names = {spec.name for spec in specs}
    rows: list[dict[str, np.ndarray]] = []
    lengths: list[dict[str, int]] = []
    for entry in entries:
        if entry.item.keys() != names:
            raise UsageError(f"item {entry.index} has the inputs {sorted(entry.item)}, the part takes {sorted(names)}")
        row = {spec.name: np.asarray(entry.item[spec.name], dtype=spec.dtype) for spec in specs}
        lengths.append(_lengths(entry.index, row, specs))
        rows.append(row)
    batch: dict[str, np.ndarray] = {}
    for spec in specs:
        longest = tuple(max(row[spec.name].shape[axis] for row in rows) for axis in range(len(spec.shape) - 1))
        padded = np.full((len(rows), *longest), spec.pad, dtype=spec.dtype)
        for place, row in enumerate(rows):
            value = row[spec.name]
            padded[(place, *(slice(0, length) for length in value.shape))] = value
        batch[spec.name] = padded
    return batch, lengths


def _lengths(index: int, row: Mapping[str, np.ndarray], specs: Sequence[TensorSpec]) -> dict[str, int]:
    lengths: dict[str, int] = {}
    for spec in specs:
        shape = row[spec.name].shape
        if len(shape) != len(spec.shape) - 1:
            raise UsageError(
                f"item {index}: {spec.name} has shape {shape}, the part takes {spec.shape[1:]} without the batch"
            )
        for length, axis in zip(shape, spec.shape[1:], strict=True):
            wanted = lengths.setdefault(axis, length) if isinstance(axis, str) else axis
            if length != wanted or length == 0:
                problem = "is empty" if length == 0 else f"has length {length}, not {wanted}"
                raise UsageError(f"item {index}: axis {axis!r} of {spec.name} {problem}")
    return lengths


def separate(
    outputs: Mapping[str, np.ndarray], specs: Sequence[TensorSpec], lengths: Sequence[Mapping[str, int]]
) -> list[dict[str, np.ndarray]]:
    """Cut a batch's outputs into one dictionary an item, each named axis back to the item's own length; copies, no views."""
    rows: list[dict[str, np.ndarray]] = []
    for place, own in enumerate(lengths):
        row = {}
        for spec in specs:
            cut = tuple(slice(0, own.get(axis) if isinstance(axis, str) else None) for axis in spec.shape[1:])
            # a copy, so that one kept row does not keep its whole batch alive
            row[spec.name] = outputs[spec.name][(place, *cut)].copy()
        rows.append(row)
    return rows

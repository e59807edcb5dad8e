"""Batches keep to their budget, lose nothing, and never read further ahead than a window."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsapp.core.batching import WINDOW_BUDGETS, WINDOW_ITEMS, Entry, batches, collate, separate, windows
from dsapp.core.errors import UsageError
from dsapp.core.nn.registry import TensorSpec

costs = st.lists(st.integers(1, 60), max_size=200)


@given(costs, st.integers(1, 100))
def test_each_item_is_in_exactly_one_batch_and_batches_keep_the_budget(costs: list[int], budget: int) -> None:
    seen = []
    for window in windows(costs, lambda cost: cost, budget):
        for batch in batches(window, budget):
            longest = max(entry.cost for entry in batch)
            assert longest * len(batch) <= budget or len(batch) == 1
            seen += [entry.index for entry in batch]
    assert sorted(seen) == list(range(len(costs)))


@given(costs, st.integers(1, 100))
def test_windows_keep_the_order_and_stay_bounded(costs: list[int], budget: int) -> None:
    indices = []
    for window in windows(costs, lambda cost: cost, budget):
        indices += [entry.index for entry in window]
        assert len(window) <= WINDOW_ITEMS
        assert sum(entry.cost for entry in window[:-1]) < WINDOW_BUDGETS * budget
    assert indices == list(range(len(costs)))


def test_a_stream_without_end_is_read_one_window_at_a_time() -> None:
    read = 0

    def endless() -> Iterator[int]:
        nonlocal read
        while True:
            read += 1
            yield 10

    stream = windows(endless(), lambda cost: cost, 100)
    first = next(stream)
    assert read == len(first) == WINDOW_BUDGETS * 100 // 10


@pytest.mark.parametrize(("budget", "cost"), [(0, 1), (-5, 1), (10, 0), (10, -1)])
def test_a_budget_or_cost_below_one_is_refused(budget: int, cost: int) -> None:
    with pytest.raises(UsageError, match="at least 1"):
        list(windows([cost], lambda value: value, budget))


IDS = TensorSpec("ids", "int64", ("batch", "tokens"), pad=-1)
BOXES = TensorSpec("boxes", "float32", ("batch", "tokens", 4))
LABELS = TensorSpec("labels", "float32", ("batch", "tokens", "classes"))


def items(*lengths: int) -> list[Entry]:
    return [
        Entry(number, {"ids": np.arange(length), "boxes": np.ones((length, 4))}, length)
        for number, length in enumerate(lengths)
    ]


def test_shorter_items_are_padded_with_the_input_s_own_value() -> None:
    batch, lengths = collate(items(2, 4), (IDS, BOXES))
    assert batch["ids"].tolist() == [[0, 1, -1, -1], [0, 1, 2, 3]]
    assert batch["boxes"].dtype == np.float32
    assert batch["boxes"][0, 2:].tolist() == [[0] * 4] * 2
    assert [length["tokens"] for length in lengths] == [2, 4]


@given(st.lists(st.integers(1, 12), min_size=1, max_size=8))
def test_padding_and_cutting_are_inverse(lengths: list[int]) -> None:
    batch, own = collate(items(*lengths), (IDS, BOXES))
    rows = separate(batch, (IDS, BOXES), own)
    for row, entry in zip(rows, items(*lengths), strict=True):
        np.testing.assert_array_equal(row["ids"], entry.item["ids"])
        np.testing.assert_array_equal(row["boxes"], entry.item["boxes"])


def test_an_output_axis_that_no_input_has_is_kept_whole() -> None:
    _, lengths = collate(items(2, 4), (IDS, BOXES))
    rows = separate({"labels": np.zeros((2, 4, 7), np.float32)}, (LABELS,), lengths)
    assert [row["labels"].shape for row in rows] == [(2, 7), (4, 7)]


def test_a_kept_row_does_not_keep_its_batch() -> None:
    _, lengths = collate(items(2, 4), (IDS, BOXES))
    row = separate({"labels": np.zeros((2, 4, 7), np.float32)}, (LABELS,), lengths)[0]
    assert row["labels"].base is None


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        ({"ids": [1, 2]}, "has the inputs"),
        ({"ids": [1, 2], "boxes": np.ones((3, 4))}, "has length 3, not 2"),
        ({"ids": [1, 2], "boxes": np.ones((2, 5))}, "has length 5, not 4"),
        ({"ids": [[1, 2]], "boxes": np.ones((2, 4))}, "has shape"),
        ({"ids": [], "boxes": np.ones((0, 4))}, "is empty"),
    ],
)
def test_an_item_that_does_not_fit_is_named(item: dict, reason: str) -> None:
    with pytest.raises(UsageError, match=f"item 5.*{reason}"):
        collate([Entry(5, item, 1)], (IDS, BOXES))

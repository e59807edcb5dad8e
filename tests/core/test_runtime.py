"""What comes out of a runtime: the right answer for each item, in order, at every variant, and an error that names the item."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dsapp.core.backends import registry
from dsapp.core.bundle import Bundle, write_card
from dsapp.core.errors import BundleFormatError, NumericError, UsageError
from dsapp.core.golden import TOLERANCES
from dsapp.core.runtime import Runtime

Make = Callable[..., Bundle]
Items = Callable[..., list[dict[str, np.ndarray]]]

CPU_VARIANTS = [
    f"{name}-{precision}"
    for name, backend in registry.known().items()
    if backend.source == "torch" and backend.device == "cpu"
    for precision in backend.precisions
]


def num_ids(item: Any) -> int:
    return len(item["ids"])


@pytest.fixture
def runtime(toy_bundle: Make) -> Iterator[Runtime]:
    with Runtime.open(toy_bundle(), "torch-fp32") as opened:
        yield opened


def deviation(found: np.ndarray, wanted: np.ndarray) -> float:
    return float(np.sqrt(np.mean((found - wanted) ** 2) / np.mean(wanted**2)))


@pytest.mark.parametrize("variant", CPU_VARIANTS)
def test_every_variant_gives_the_reference_s_answers_one_by_one_and_batched(
    variant: str, toy_bundle: Make, toy_items: Items
) -> None:
    backend, _, precision = variant.partition("-")
    if problem := registry.get(backend).available():
        pytest.skip(str(problem))
    bundle = toy_bundle()
    items = toy_items(4, 31, 1, 8, 8, 15, 2, seed=9)
    with Runtime.open(bundle, "torch-fp32") as reference, Runtime.open(bundle, variant) as opened:
        assert opened.variant in (variant, precision)
        assert not opened.notes
        wanted = list(reference.run("tagger", items, cost=num_ids, budget=1))
        singles = list(opened.run("tagger", items, cost=num_ids, budget=1))
        batched = list(opened.run("tagger", items, cost=num_ids, budget=64))
    for item, right, single, together in zip(items, wanted, singles, batched, strict=True):
        assert together["whole"].shape == (4,)
        assert together["each"].shape == (len(item["ids"]), 4)
        for name in ("whole", "each"):
            assert deviation(single[name], right[name]) < 2 * TOLERANCES[precision]
            assert deviation(together[name], right[name]) < 2 * TOLERANCES[precision]


def test_results_come_in_input_order_across_windows(runtime: Runtime, toy_items: Items) -> None:
    items = toy_items(*([3, 30, 7, 12, 1] * 40))
    results = list(runtime.run("tagger", items, cost=num_ids, budget=40))
    assert [len(result["each"]) for result in results] == [len(item["ids"]) for item in items]
    alone = list(runtime.run("tagger", items[77:78], cost=num_ids))
    np.testing.assert_allclose(results[77]["whole"], alone[0]["whole"], rtol=1e-4, atol=1e-5)


def test_it_streams(runtime: Runtime) -> None:
    taken = 0

    def endless() -> Iterator[dict[str, np.ndarray]]:
        nonlocal taken
        while True:
            taken += 1
            yield {"ids": np.array([9, 10, 11])}

    stream = runtime.run("tagger", endless(), cost=num_ids, budget=12)
    for _ in range(200):
        next(stream)
    assert taken <= 200 + 16 * 12 // 3


def test_nothing_in_gives_nothing_out(runtime: Runtime) -> None:
    assert list(runtime.run("tagger", [], cost=num_ids)) == []


def test_an_item_above_the_budget_runs_alone(runtime: Runtime, toy_items: Items) -> None:
    results = list(runtime.run("tagger", toy_items(2, 300, 2), cost=num_ids, budget=10))
    assert [len(result["each"]) for result in results] == [2, 300, 2]


def test_a_result_that_is_no_number_names_its_item(toy_bundle: Make) -> None:
    bundle = toy_bundle(config={"breaks": True})
    items = [{"ids": np.array([first, 9, 10])} for first in (8, 9, 7, 11)]
    with (
        Runtime.open(bundle, "torch-fp32") as opened,
        pytest.raises(NumericError, match=r"item 2 of part 'tagger'.*'whole'"),
    ):
        list(opened.run("tagger", items, cost=num_ids))


def test_a_network_that_cannot_run_at_half_precision_runs_at_fp32_and_says_so(
    toy_bundle: Make, toy_items: Items
) -> None:
    with Runtime.open(toy_bundle(config={"fp32_only": True}), "torch-bf16") as opened:
        assert opened.variant == "torch-fp32"
        assert "runs at plain fp32 instead" in opened.notes[0]
        assert len(list(opened.run("tagger", toy_items(3, 4), cost=num_ids))) == 2


def test_opening_again_gives_the_same_answers(toy_bundle: Make, toy_items: Items) -> None:
    bundle, items = toy_bundle(), toy_items(5, 6, 7)
    answers = []
    for _ in range(2):
        with Runtime.open(Bundle.open(bundle.path), "int8") as opened:
            answers.append(list(opened.run("tagger", items, cost=num_ids)))
    for first, second in zip(*answers, strict=True):
        np.testing.assert_array_equal(first["whole"], second["whole"])


def test_unknown_variant_part_and_network_are_refused_with_what_there_is(toy_bundle: Make, runtime: Runtime) -> None:
    with pytest.raises(UsageError, match=r"int9.*fp32.*int8"):
        Runtime.open(runtime.bundle, "int9")
    with pytest.raises(UsageError, match=r"no part 'nose'.*tagger"):
        Runtime.open(runtime.bundle, "fp32", parts=["nose"])
    with pytest.raises(UsageError, match=r"no open part 'nose'.*tagger"):
        runtime.run("nose", [], cost=len)
    bundle = toy_bundle("other")
    config = {**bundle.config, "parts": [{**bundle.config["parts"][0], "network": "test_toi"}]}
    (bundle.path / "bundle.json").write_text(json.dumps(config), encoding="utf-8")
    write_card(bundle.path, {})
    with pytest.raises(BundleFormatError, match=r"test_toi.*nearest is 'test_toy'"):
        Runtime.open(Bundle.open(bundle.path), "torch-fp32")


def test_parts_that_take_texts_run_beside_the_network_at_any_variant(
    toy_bundle: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Counter:
        raw = True

        def __call__(self, items: list[str]) -> dict[str, np.ndarray]:
            return {"scores": np.array([[len(text), text.count("a")] for text in items], np.float32)}

    class Counting(registry.Backend):
        name, source = "counting", "counts"

        def open(self, part: Any, build_folder: Path, precision: str, threads: int) -> Counter:
            return Counter()

    monkeypatch.setattr(registry, "_BACKENDS", {**registry.known(), "counting": Counting()})
    bundle = toy_bundle()
    words = {"name": "words", "backend": "counts", "folder": "words"}
    (bundle.path / "words").mkdir()
    (bundle.path / "words" / "weights.json").write_text("{}", encoding="utf-8")
    config = {**bundle.config, "parts": [*bundle.config["parts"], words]}
    (bundle.path / "bundle.json").write_text(json.dumps(config), encoding="utf-8")
    write_card(bundle.path, {})
    with Runtime.open(Bundle.open(bundle.path), "int8") as opened:
        assert opened.variant == "int8"
        texts = ["banana", "", "a long text without", "aa"]
        rows = list(opened.run("words", texts, cost=lambda text: len(text) + 1, budget=20))
    assert [row["scores"].tolist() for row in rows] == [[6, 3], [0, 0], [19, 1], [2, 2]]


def test_a_kind_of_part_that_nobody_runs_is_refused(toy_bundle: Make) -> None:
    bundle = toy_bundle()
    config = {**bundle.config, "parts": [{**bundle.config["parts"][0], "backend": "oracle"}]}
    (bundle.path / "bundle.json").write_text(json.dumps(config), encoding="utf-8")
    write_card(bundle.path, {})
    with pytest.raises(BundleFormatError, match=r"oracle.*torch"):
        Runtime.open(Bundle.open(bundle.path), "fp32")

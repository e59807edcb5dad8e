"""The registry of networks and the description of their tensors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dsapp.core.bundle import Part
from dsapp.core.errors import BundleFormatError
from dsapp.core.nn import registry
from dsapp.core.nn.registry import TensorSpec


def part(network: str, folder: Path) -> Part:
    return Part("a", "torch", network, folder)


@pytest.mark.parametrize(
    ("dtype", "shape"),
    [("int64", ()), ("int64", ("tokens",)), ("int64", (3,)), ("int64", ("batch", "batch")), ("float8", ("batch",))],
)
def test_a_description_that_cannot_be_is_refused(dtype: str, shape: tuple[str | int, ...]) -> None:
    with pytest.raises(ValueError, match="tensor 'x'"):
        TensorSpec("x", dtype, shape)


def test_a_description_survives_json() -> None:
    spec = TensorSpec("x", "float32", ("batch", "tokens", 4), pad=-1.5)
    assert TensorSpec.from_dict(spec.as_dict()) == spec
    assert spec.variable == ((1, "tokens"),)


def test_an_unknown_network_lists_the_known_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_FACTORIES", {"passage_tagger": None, "other": None})
    with pytest.raises(BundleFormatError, match=r"'passage_taggr'.*nearest is 'passage_tagger'.*other, passage_tagger"):
        registry.create(part("passage_taggr", tmp_path))
    monkeypatch.setattr(registry, "_FACTORIES", {})
    with pytest.raises(BundleFormatError, match="import the domain's package first"):
        registry.create(part("passage_tagger", tmp_path))


def test_weights_that_do_not_load_are_a_bundle_s_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(config: dict[str, Any], folder: Path) -> Any:
        raise RuntimeError("size mismatch for head.weight")

    monkeypatch.setattr(registry, "_FACTORIES", {"broken": broken})
    with pytest.raises(BundleFormatError, match=r"'broken' of part 'a' does not load.*size mismatch"):
        registry.create(part("broken", tmp_path))


def test_a_network_must_describe_its_tensors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    monkeypatch.setattr(registry, "_FACTORIES", {"bare": lambda config, folder: torch.nn.Linear(2, 2)})
    with pytest.raises(BundleFormatError, match="inputs and outputs"):
        registry.create(part("bare", tmp_path))

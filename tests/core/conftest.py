"""A small network with every kind of axis, bundles made from it, and a cache of its own for each test."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dsapp.core.bundle import Bundle, Part, write_card
from dsapp.core.golden import write_golden
from dsapp.core.nn.registry import TensorSpec, network

VOCABULARY, WIDTH, LABELS = 50, 32, 4


def _toy(config: dict[str, Any], folder: Path) -> Any:
    """Ids [batch, tokens] -> a vector an item [batch, labels] and one a token [batch, tokens, labels]; 0 pads."""
    import torch
    from safetensors.torch import load_file

    class Toy(torch.nn.Module):
        inputs = (TensorSpec("ids", "int64", ("batch", "tokens")),)
        outputs = (
            TensorSpec("whole", "float32", ("batch", "labels")),
            TensorSpec("each", "float32", ("batch", "tokens", LABELS)),
        )

        def __init__(self) -> None:
            super().__init__()
            self.embed = torch.nn.Embedding(VOCABULARY, WIDTH)
            self.wide = torch.nn.Linear(WIDTH, WIDTH * 2)
            self.narrow = torch.nn.Linear(WIDTH * 2, WIDTH)
            self.norm = torch.nn.LayerNorm(WIDTH)
            self.head = torch.nn.Linear(WIDTH, LABELS)
            self.last = torch.nn.Linear(WIDTH, LABELS)

        def forward(self, ids: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            states = self.embed(ids)
            mask = (ids != 0).unsqueeze(-1).to(torch.float32 if config.get("fp32_only") else states.dtype)
            states = self.norm(states + self.narrow(torch.nn.functional.gelu(self.wide(states))))
            mean = (states * mask).sum(1) / mask.sum(1).clamp(min=1)
            whole = self.head(mean)
            if config.get("breaks"):
                # the item of a single 7 has no answer
                whole = whole / (ids[:, :1] != 7).to(whole.dtype)
            return whole, self.last(states)

    module = Toy()
    module.load_state_dict(load_file(folder / "model.safetensors"))
    return module


network("test_toy")(_toy)


def toy_weights(seed: int) -> dict[str, Any]:
    """Weights of the toy network; one activation channel is much larger than the others, as in real ones."""
    import torch

    generator = torch.Generator().manual_seed(seed)

    def normal(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, generator=generator) / shape[-1] ** 0.5

    weights = {
        "embed.weight": normal(VOCABULARY, WIDTH),
        "norm.weight": torch.ones(WIDTH),
        "norm.bias": torch.zeros(WIDTH),
    }
    weights["embed.weight"][:, 3] *= 20
    for name, rows, columns in (
        ("wide", 2 * WIDTH, WIDTH),
        ("narrow", WIDTH, 2 * WIDTH),
        ("head", LABELS, WIDTH),
        ("last", LABELS, WIDTH),
    ):
        weights |= {f"{name}.weight": normal(rows, columns), f"{name}.bias": normal(rows)}
    return weights


@pytest.fixture
def toy_items() -> Callable[..., list[dict[str, np.ndarray]]]:
    """A function: lengths -> items of that many ids."""

    def items(*lengths: int, seed: int = 1) -> list[dict[str, np.ndarray]]:
        generator = np.random.default_rng(seed)
        return [{"ids": generator.integers(8, VOCABULARY, length)} for length in lengths]

    return items


@pytest.fixture
def toy_bundle(tmp_path: Path, toy_items: Callable[..., list[dict[str, np.ndarray]]]) -> Callable[..., Bundle]:
    """A function that makes and opens a bundle of one part, ``tagger``."""

    def make(
        name: str = "toy", *, seed: int = 0, golden: bool = True, config: dict[str, Any] | None = None, **keys: Any
    ) -> Bundle:
        from safetensors.torch import save_file

        folder = tmp_path / "bundles" / name
        (folder / "tagger").mkdir(parents=True)
        save_file(toy_weights(seed), folder / "tagger" / "model.safetensors")
        part = {"name": "tagger", "backend": "torch", "network": "test_toy", "folder": "tagger", "config": config or {}}
        content = {"format": 1, "name": name, "version": "1.0", "domain": "test", "parts": [part], **keys}
        (folder / "bundle.json").write_text(json.dumps(content), encoding="utf-8")
        if golden:
            tagger = Part("tagger", "torch", "test_toy", folder / "tagger", config or {})
            write_golden(tagger, toy_items(3, 5, 9, 17, 30), folder)
        write_card(folder, {"purpose": "a test"})
        return Bundle.open(folder)

    return make


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Builds of a test go into its own folder."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("DSAPP_CACHE", str(folder))
    return folder

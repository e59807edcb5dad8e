"""The network of the life model: from one row of a feature table to the distribution of the remaining life, by several members at once.

``train/wear.py`` fits it, ``life`` runs it through the core runtime beside boosted trees. benchmarks/turbofan_life.py compares it with networks that read the
sequence of cycles, which is why none of those is here.

Shape letters: M members, B batch, F features of the row, C columns read, D width, K bins of life.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from ..core.nn.registry import TensorSpec, network

WEIGHTS_FILE = "weights.safetensors"
CLIP = 6.0
"""Scaled features are cut here: a slope over three rows can be anything."""


class MemberLinear(nn.Module):
    """One linear layer a member, [M, B, in] -> [M, B, out]."""

    def __init__(self, members: int, inputs: int, outputs: int, scale: float = 1.0) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(members, inputs, outputs) * (scale / math.sqrt(inputs)))
        self.bias = nn.Parameter(torch.zeros(members, 1, outputs))

    def forward(self, states: Tensor) -> Tensor:
        return states @ self.weight + self.bias


class MemberNorm(nn.Module):
    """Layer normalisation with gain and bias of each member."""

    def __init__(self, members: int, width: int) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.ones(members, 1, width))
        self.bias = nn.Parameter(torch.zeros(members, 1, width))

    def forward(self, states: Tensor) -> Tensor:
        return nn.functional.layer_norm(states, states.shape[-1:]) * self.gain + self.bias


class GatedBlock(nn.Module):
    """Pre-norm residual block with a gated unit (Shazeer 2020, SwiGLU)."""

    def __init__(self, members: int, width: int, drop: float) -> None:
        super().__init__()
        self.norm = MemberNorm(members, width)
        self.wide = MemberLinear(members, width, 2 * width)
        self.back = MemberLinear(members, width, width, 0.3)
        self.drop = nn.Dropout(drop)

    def forward(self, states: Tensor) -> Tensor:
        value, gate = self.wide(self.norm(states)).chunk(2, dim=-1)
        return states + self.back(self.drop(nn.functional.silu(gate) * value))


class WearDistribution(nn.Module):
    """Features [B, F] (NaN: not known) -> ``shares`` [B, K]: probability of each bin of remaining life, the mean of the members.

    ``columns`` are the places of the features that it reads; ``age`` the place among them of the age, which is also given as logarithm and inverse root;
    ``slopes`` the places of slopes over the whole life, which are taken times the root of the age: early ones are noise. ``scale`` divides each column; it is no
    spread of the data, which would lift columns that hold nothing but noise to the size of the others.
    """

    inputs = (TensorSpec("x", "float32", ("batch", "features")),)
    outputs = (TensorSpec("shares", "float32", ("batch", "bins")),)
    columns: Tensor
    rooted: Tensor
    scale: Tensor

    def __init__(
        self,
        columns: Sequence[int],
        age: int,
        slopes: Sequence[int],
        members: int,
        width: int,
        layers: int,
        bins: int,
        drop: float = 0.0,
    ) -> None:
        super().__init__()
        self.members, self.age = members, age
        self.register_buffer("columns", torch.tensor(list(columns), dtype=torch.int64), persistent=False)
        rooted = torch.zeros(len(columns))
        rooted[list(slopes)] = 1.0
        self.register_buffer("rooted", rooted, persistent=False)
        self.register_buffer("scale", torch.ones(len(columns)))
        self.first = MemberLinear(members, len(columns) + 2, width)
        self.blocks = nn.ModuleList(GatedBlock(members, width, drop) for _ in range(layers))
        self.norm = MemberNorm(members, width)
        self.last = MemberLinear(members, width, bins, 0.1)

    def prepare(self, x: Tensor) -> Tensor:
        """Features [..., F] -> what the first layer reads, [..., C + 2]: 0 where not known."""
        read = x.index_select(-1, self.columns)
        age = torch.nan_to_num(read[..., self.age : self.age + 1], nan=0.0).clamp(min=0)
        root = 1 + self.rooted * (torch.sqrt(age + 1) - 1)
        scaled = torch.nan_to_num(read * root / self.scale, nan=0.0).clamp(-CLIP, CLIP)
        return torch.cat([scaled, torch.log1p(age) / 5, torch.rsqrt(age + 1)], dim=-1)

    def logits(self, states: Tensor) -> Tensor:
        """[M, B, C + 2] -> [M, B, K]."""
        states = self.first(states)
        for block in self.blocks:
            states = block(states)
        return self.last(self.norm(states))

    def forward(self, x: Tensor) -> tuple[Tensor]:
        read = self.prepare(x)
        logits = self.logits(read.unsqueeze(0).expand(self.members, *read.shape))
        return (logits.softmax(-1).mean(0),)


@network("wear_distribution")
def wear_distribution(config: dict[str, Any], folder: Path) -> WearDistribution:
    """From a bundle's part: ``columns``, ``age``, ``slopes``, ``members``, ``width``, ``layers``, ``bins``; weights are stored in half precision."""
    from safetensors.torch import load_file

    shape = {key: int(config[key]) for key in ("age", "members", "width", "layers", "bins")}
    columns, slopes = ([int(place) for place in config[key]] for key in ("columns", "slopes"))
    built = WearDistribution(columns, slopes=slopes, **shape)
    built.load_state_dict({name: value.float() for name, value in load_file(folder / WEIGHTS_FILE).items()})
    return built


def save(model: WearDistribution, folder: Path) -> dict[str, Any]:
    """Write the weights (half precision; scales of columns in single) and return the part's config."""
    from safetensors.torch import save_file

    folder.mkdir(parents=True, exist_ok=True)
    kept = {
        name: value.detach().cpu().contiguous().to(torch.float32 if name == "scale" else torch.float16)
        for name, value in model.state_dict().items()
    }
    save_file(kept, folder / WEIGHTS_FILE)
    return {
        "columns": model.columns.tolist(),
        "age": model.age,
        "slopes": model.rooted.nonzero().flatten().tolist(),
        "members": model.members,
        "width": model.first.weight.shape[2],
        "layers": len(model.blocks),
        "bins": model.last.weight.shape[2],
    }

"""Sequence networks for the life of turbofan engines, as ``turbofan_life.py`` compares them; they read cycles in order, one output a cycle, never looking ahead.

``gated``: gated linear recurrences (the minGRU of Feng and others 2024, by a parallel scan); ``convolution``: causal convolutions whose
reach doubles from layer to layer; ``attention``: causal transformer layers; ``averages``: banks of exponential means between gated units.
Members are fitted side by side, each on its own engines. None of them ships.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from dsapp.manufacturing.life_bins import BIN, NUM_BINS
from dsapp.manufacturing.network import MemberLinear, MemberNorm
from dsapp.manufacturing.train.wear import soft_bins

REACH = 320
"""Cycles that a network sees; older ones are in the whole-life means that come with each cycle."""


@dataclass(frozen=True)
class SequenceSettings:
    kind: str
    width: int = 32
    layers: int = 3
    steps: int = 700
    engines: int = 48
    rate: float = 3e-3
    decay: float = 0.05
    drop: float = 0.15
    blank: float = 0.1
    noise: float = 0.15
    seed: int = 0


class Layer(nn.Module):
    """A residual layer of one kind over states [members, engines, cycles, width]."""

    kernels: Tensor

    def __init__(self, kind: str, place: int, members: int, width: int, drop: float) -> None:
        super().__init__()
        self.kind, self.reach = kind, 2**place
        reads = {"gated": width, "convolution": 3 * width, "attention": width, "averages": width + 5 * 24}[kind]
        writes = {"gated": 3 * width, "convolution": 2 * width, "attention": 3 * width, "averages": 2 * width}[kind]
        self.norm = MemberNorm(members, width)
        self.wide = MemberLinear(members, reads, writes)
        self.back = MemberLinear(members, width, width, 0.3)
        self.drop = nn.Dropout(drop)
        if kind == "averages":
            self.few = MemberLinear(members, width, 24)
            self.register_buffer("kernels", _kernels((2, 5, 12, 30, 80)))

    def forward(self, states: Tensor) -> Tensor:
        members, engines, cycles, width = states.shape

        def apply(layer: nn.Module, values: Tensor) -> Tensor:
            flat = values.reshape(members, engines * cycles, -1)
            return layer(flat).reshape(members, engines, cycles, -1)

        read = apply(self.norm, states)
        if self.kind == "convolution":
            shifted = [nn.functional.pad(read, (0, 0, self.reach * step, 0))[:, :, :cycles] for step in range(3)]
            value, gate = apply(self.wide, torch.cat(shifted, -1)).chunk(2, -1)
            mixed = nn.functional.silu(gate) * value
        elif self.kind == "averages":
            means = torch.einsum("ktu,mbuc->mbtkc", self.kernels[:, :cycles, :cycles], apply(self.few, read))
            value, gate = apply(self.wide, torch.cat([read, means.flatten(3)], -1)).chunk(2, -1)
            mixed = nn.functional.silu(gate) * value
        elif self.kind == "attention":
            heads = apply(self.wide, read).reshape(members * engines, cycles, 3, 4, width // 4).permute(2, 0, 3, 1, 4)
            seen = nn.functional.scaled_dot_product_attention(heads[0], heads[1], heads[2], is_causal=True)
            mixed = seen.permute(0, 2, 1, 3).reshape(members, engines, cycles, width)
        else:
            forget, new, gate = apply(self.wide, read).chunk(3, -1)
            kept = torch.cumsum(-nn.functional.softplus(forget), 2)
            positive = torch.where(new >= 0, (nn.functional.relu(new) + 0.5).log(), -nn.functional.softplus(-new))
            state = (torch.logcumsumexp(positive - nn.functional.softplus(-forget) - kept, 2) + kept).exp()
            mixed = state * nn.functional.silu(gate)
        return states + apply(self.back, self.drop(mixed))


class SequenceNetwork(nn.Module):
    """Cycles [members, engines, cycles, inputs] -> logits over bins of life at each cycle."""

    def __init__(self, settings: SequenceSettings, members: int, inputs: int) -> None:
        super().__init__()
        self.first = MemberLinear(members, inputs, settings.width)
        places = range(settings.layers * (2 if settings.kind == "convolution" else 1))
        self.layers = nn.ModuleList(
            Layer(settings.kind, place % 7, members, settings.width, settings.drop) for place in places
        )
        self.norm = MemberNorm(members, settings.width)
        self.last = MemberLinear(members, settings.width, NUM_BINS, 0.1)

    def forward(self, values: Tensor) -> Tensor:
        members, engines, cycles, _ = values.shape
        states = self.first(values.flatten(1, 2)).reshape(members, engines, cycles, -1)
        for layer in self.layers:
            states = layer(states)
        return self.last(self.norm(states.flatten(1, 2))).reshape(members, engines, cycles, -1)


def _kernels(spans: Sequence[int]) -> Tensor:
    ago = torch.arange(REACH)[:, None] - torch.arange(REACH)[None]
    found = torch.stack([torch.where(ago >= 0, torch.exp(-ago.clamp(min=0) / span), torch.zeros(())) for span in spans])
    return found / found.sum(-1, keepdim=True)


def out_of_fold(
    cycles: Sequence[np.ndarray],
    lives: Sequence[np.ndarray],
    fold: np.ndarray,
    settings: SequenceSettings,
    num_sensors: int,
) -> list[np.ndarray]:
    """Shares float32[cycles, bins] of each engine by two members that did not see it.

    ``cycles`` are float32[cycles, inputs] an engine: first newest values of ``num_sensors`` sensors, then more columns a sensor in the same order, then others.
    """
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    torch.manual_seed(settings.seed)
    generator = np.random.default_rng(settings.seed)
    longest, inputs = max(map(len, cycles)), cycles[0].shape[1]
    values = torch.zeros(len(cycles), longest, inputs)
    life = torch.zeros(len(cycles), longest)
    for place, (rows, left) in enumerate(zip(cycles, lives, strict=True)):
        values[place, : len(rows)] = torch.from_numpy(rows)
        life[place, : len(rows)] = torch.from_numpy(left).float()
    values, life = values.to(device), life.to(device)
    length = torch.tensor([len(rows) for rows in cycles], device=device)
    pools = [np.flatnonzero(fold != number) for number in range(fold.max() + 1) for _ in range(2)]
    model = SequenceNetwork(settings, len(pools), inputs).to(device).train()
    optimiser = torch.optim.AdamW(model.parameters(), lr=settings.rate, betas=(0.9, 0.99), weight_decay=settings.decay)
    average = [parameter.detach().clone() for parameter in model.parameters()]
    for step in range(settings.steps):
        cosine = 0.51 + 0.49 * math.cos(math.pi * step / settings.steps)
        optimiser.param_groups[0]["lr"] = settings.rate * min(1.0, (step + 1) / 100) * cosine
        chosen = torch.from_numpy(
            np.stack([generator.choice(pool, settings.engines, replace=False) for pool in pools])
        ).to(device)
        room = (length[chosen] - REACH).clamp(min=0)
        start = (torch.rand(chosen.shape, device=device) * (room + 1)).long().clamp(max=longest)
        where = start[..., None] + torch.arange(REACH, device=device)
        inside = where < length[chosen][..., None]
        where = where.clamp(max=longest - 1)
        read, left = values[chosen[..., None], where], life[chosen[..., None], where]
        kept = torch.rand(*chosen.shape, 1, num_sensors, device=device) > 2 * settings.blank * torch.rand(
            *chosen.shape, 1, 1, device=device
        )
        groups = inputs // num_sensors
        mask = torch.cat(
            [
                kept.float().repeat(1, 1, 1, groups),
                torch.ones(*chosen.shape, 1, inputs - groups * num_sensors, device=device),
            ],
            -1,
        )
        noise = torch.zeros_like(read)
        noise[..., :num_sensors] = settings.noise * torch.randn(*read.shape[:-1], num_sensors, device=device)
        with torch.autocast(device.type, dtype=torch.bfloat16, enabled=device.type == "cuda"):
            logits = model((read + noise) * mask)
        entropy = -(soft_bins(left, 1.5 + 0.05 * left.clamp(max=NUM_BINS * BIN)) * logits.float().log_softmax(-1)).sum(
            -1
        )
        weight = inside * torch.where(left <= 150, 1.0, 0.3)
        loss = ((entropy * weight).sum((1, 2)) / weight.sum((1, 2))).sum()
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        keep = min(0.995, (1 + step) / (10 + step))
        with torch.no_grad():
            for mean, parameter in zip(average, model.parameters(), strict=True):
                mean.lerp_(parameter, 1 - keep)
    with torch.no_grad():
        for mean, parameter in zip(average, model.parameters(), strict=True):
            parameter.copy_(mean)
    model.eval()
    return _answers(model, values, length, fold)


def _answers(model: SequenceNetwork, values: Tensor, length: Tensor, fold: np.ndarray) -> list[np.ndarray]:
    """Windows of ``REACH`` cycles that overlap by all but 60; a cycle's answer comes from the first window that holds it."""
    found: list[np.ndarray] = [np.zeros((int(count), NUM_BINS), np.float32) for count in length]
    longest = values.shape[1]
    with torch.inference_mode():
        for number in range(fold.max() + 1):
            for part in np.array_split(np.flatnonzero(fold == number), 6):
                if not len(part):
                    continue
                told = 0
                for start in range(0, max(1, longest - REACH + 60), 60):
                    block = values[torch.from_numpy(part).to(values.device), start : start + REACH]
                    with torch.autocast(values.device.type, dtype=torch.bfloat16, enabled=values.device.type == "cuda"):
                        logits = model(block.unsqueeze(0).expand(model.first.weight.shape[0], *block.shape))
                    shares = logits[2 * number : 2 * number + 2].float().softmax(-1).mean(0).cpu().numpy()
                    for place, engine in enumerate(part):
                        stop = min(start + REACH, len(found[engine]))
                        if stop > told:
                            found[engine][told:stop] = shares[place, told - start : stop - start]
                    told = start + REACH
                    if told >= int(length[torch.from_numpy(part).to(length.device)].max()):
                        break
    return found

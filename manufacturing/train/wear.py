"""Fit the network of the life model (``network.WearDistribution``): all members at once, each on its own rows.

The loss is the cross-entropy with a softened bin of the true life and, at wish, the squared error of the capped mean. Whole sensors are blanked at random, so
that the network leans on none. Called by ``train/life_fit.py`` for out-of-fold predictions (members of all folds side by side) and for what ships.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..features.table import FeatureName
from ..life_bins import BIN, CAP, NUM_BINS, centres

if TYPE_CHECKING:
    import numpy as np
    import torch

    from ..network import WearDistribution

SETTLE_STEPS = 100
TELL_EVERY = 100
AGE_SCALE = 200.0
LIFE_SLOPE_SCALE = 0.2


@dataclass(frozen=True)
class WearSettings:
    """How the network is fitted. ``blank``: mean share of sensors blanked in a row; ``noise`` on newest values, in spreads.

    The true bin is softened by ``soft`` cycles and ``soft_share`` of the life: a life of 100 cycles cannot be told as sharply as one of 10. ``squared`` is the weight
    of the squared error.
    """

    width: int = 64
    layers: int = 3
    steps: int = 900
    rows: int = 8192
    rate: float = 3e-3
    decay: float = 0.05
    drop: float = 0.25
    blank: float = 0.2
    noise: float = 0.15
    soft: float = 1.5
    soft_share: float = 0.05
    squared: float = 0.0
    average: float = 0.995
    seed: int = 0


def fit_wear(
    x: np.ndarray,
    life: np.ndarray,
    weight: np.ndarray,
    pools: Sequence[np.ndarray],
    *,
    names: Sequence[str],
    columns: Sequence[int],
    settings: WearSettings,
    progress: Callable[[str], None] = lambda line: None,
) -> WearDistribution:
    """Fit one member for each of ``pools`` (row numbers it may see); return the network in evaluation mode on the CPU.

    Args:
        x: float32[rows, features] by ``names``, NaN where not known; sensors are in spreads of their regime. ``columns`` are read, the age among them.
        life: float[rows], cycles left; weight: float[rows].
    """
    import numpy as np
    import torch

    from ..network import WearDistribution

    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    torch.manual_seed(settings.seed)
    generator = np.random.default_rng(settings.seed)
    read = [FeatureName.parse(names[column]) for column in columns]
    places = {"age": [], "last": [], "slope": []}
    for place, name in enumerate(read):
        kind = "age" if name.sensor == "clock" else name.statistic
        if kind in places and (kind != "slope" or not name.window):
            places[kind].append(place)
    model = WearDistribution(
        columns,
        places["age"][0],
        places["slope"],
        len(pools),
        settings.width,
        settings.layers,
        NUM_BINS,
        settings.drop,
    )
    model.scale.copy_(torch.tensor([_scale(name) for name in read]))
    model.to(device).train()
    with torch.no_grad():
        states = torch.cat(
            [model.prepare(torch.from_numpy(x[i : i + 65536]).to(device)) for i in range(0, len(x), 65536)]
        )
    target = torch.from_numpy(np.asarray(life, dtype=np.float32)).to(device)
    weights = torch.from_numpy(np.asarray(weight, dtype=np.float32)).to(device)
    blanks = _Blanks(read, places["last"], settings, device)
    optimiser = torch.optim.AdamW(_groups(model, settings.decay), lr=settings.rate, betas=(0.9, 0.99))
    average = [parameter.detach().clone() for parameter in model.parameters()]
    for step in range(settings.steps):
        share = step / settings.steps
        for group in optimiser.param_groups:
            cosine = 0.51 + 0.49 * math.cos(math.pi * share)
            group["lr"] = settings.rate * min(1.0, (step + 1) / SETTLE_STEPS) * cosine
        rows = torch.from_numpy(np.stack([generator.choice(pool, settings.rows) for pool in pools])).to(device)
        logits = model.logits(blanks(states[rows]))
        loss = _loss(logits, target[rows], weights[rows], settings)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        keep = min(settings.average, (1 + step) / (10 + step))
        with torch.no_grad():
            for mean, parameter in zip(average, model.parameters(), strict=True):
                mean.lerp_(parameter, 1 - keep)
        if (step + 1) % TELL_EVERY == 0:
            progress(f"network: step {step + 1} of {settings.steps}, loss {float(loss.detach()) / len(pools):.3f}")
    with torch.no_grad():
        for mean, parameter in zip(average, model.parameters(), strict=True):
            parameter.copy_(mean)
    return model.eval().cpu()


def member_shares(model: WearDistribution, x: np.ndarray, members: Sequence[int]) -> np.ndarray:
    """float32[rows, bins]: mean shares of the chosen members alone."""
    import numpy as np
    import torch

    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    model.to(device)
    found = []
    with torch.inference_mode():
        for start in range(0, len(x), 16384):
            read = model.prepare(torch.from_numpy(x[start : start + 16384]).to(device))
            logits = model.logits(read.unsqueeze(0).expand(model.members, *read.shape))
            found.append(logits.softmax(-1)[list(members)].mean(0).cpu().numpy())
    model.cpu()
    return np.concatenate(found)


def _scale(name: FeatureName) -> float:
    """What a column is divided by, so that all are in spreads of the regime: slopes are taken over their whole window."""
    if name.sensor == "clock":
        return AGE_SCALE
    if name.statistic != "slope":
        return 1.0
    return 1 / name.window if name.window else LIFE_SLOPE_SCALE


class _Blanks:
    """Blank whole sensors and add noise to newest values, in standardised columns."""

    def __init__(
        self, read: Sequence[FeatureName], newest: Sequence[int], settings: WearSettings, device: torch.device
    ) -> None:
        import torch

        sensors = sorted({name.sensor for name in read if name.sensor != "clock"})
        self._count = len(sensors)
        self._settings = settings
        # columns without a sensor, and the two that the network derives from the age, read a slot that is always kept
        places = [sensors.index(name.sensor) if name.sensor != "clock" else self._count for name in read]
        places += [self._count] * 2
        self._places = torch.tensor(places, device=device)
        self._noise = torch.zeros(len(places), device=device)
        self._noise[list(newest)] = settings.noise

    def __call__(self, states: torch.Tensor) -> torch.Tensor:
        import torch

        shape = states.shape[:-1]
        share = 2 * self._settings.blank * torch.rand(*shape, 1, device=states.device)
        kept = torch.ones(*shape, self._count + 1, device=states.device)
        kept[..., : self._count] = (torch.rand(*shape, self._count, device=states.device) > share).float()
        noisy = states + self._noise * torch.randn_like(states)
        return noisy * kept.index_select(-1, self._places)


def _groups(model: WearDistribution, decay: float) -> list[dict[str, object]]:
    named = list(model.named_parameters())
    return [
        {"params": [value for name, value in named if name.endswith("weight")], "weight_decay": decay},
        {"params": [value for name, value in named if not name.endswith("weight")], "weight_decay": 0.0},
    ]


def _loss(logits: torch.Tensor, life: torch.Tensor, weight: torch.Tensor, settings: WearSettings) -> torch.Tensor:
    """Sum over members of the weighted mean loss."""
    import torch

    chances = logits.log_softmax(-1)
    entropy = -(soft_bins(life, settings.soft + settings.soft_share * life.clamp(max=NUM_BINS * BIN)) * chances).sum(-1)
    capped = torch.from_numpy(centres()).to(logits.device).float().clamp(max=CAP)
    error = ((chances.exp() * capped).sum(-1) - life.clamp(max=CAP)) / 15
    return ((entropy + settings.squared * error**2) * weight).sum(-1).div(weight.sum(-1)).sum()


def soft_bins(life: torch.Tensor, width: torch.Tensor) -> torch.Tensor:
    """[..., bins]: the share of a normal distribution about each true life (standard deviation ``width`` cycles, same shape) in each bin."""
    import torch

    edges = torch.arange(1, NUM_BINS, device=life.device) * BIN - 0.5
    distance = edges - life.clamp(max=NUM_BINS * BIN + 20)[..., None]
    below = 0.5 * (1 + torch.erf(distance / (width[..., None] * math.sqrt(2))))
    zero, one = torch.zeros_like(below[..., :1]), torch.ones_like(below[..., :1])
    return torch.cat([zero, below, one], dim=-1).diff(dim=-1)

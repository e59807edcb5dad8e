"""The networks of the contracts bundle: read each passage once, then look at passages side by side, then answer for the document.

``passage_tagger`` reads one passage (a BERT encoder) into a vector and, a token, the categories whose span holds it.
``passage_context`` lets the vectors of neighbouring passages see each other and scores each passage for each category. ``nda_positions``
weighs all passages of a document for each hypothesis and chooses entailment, contradiction or not mentioned.
Context is so computed once a passage, not read again as text.

Shape letters: B batch, T tokens, H encoder width, S passages of a window, D context width, C categories, N hypotheses.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from ..core.nn.registry import TensorSpec
from .windows import PLACE_BUCKETS, WINDOW

if TYPE_CHECKING:
    from transformers import BertModel

HEADS_FILE = "heads.safetensors"


class PassageTagger(nn.Module):
    """Token ids [B, T] (0 pads) -> vectors [B, 3H] (first token, mean, maximum) and span logits [B, T, C]."""

    outputs = (
        TensorSpec("vectors", "float32", ("batch", "width")),
        TensorSpec("tags", "float32", ("batch", "tokens", "categories")),
    )
    inputs = (TensorSpec("input_ids", "int64", ("batch", "tokens"), pad=0),)

    def __init__(self, encoder: BertModel, num_categories: int) -> None:
        super().__init__()
        self.encoder = encoder
        self.tags = nn.Linear(int(encoder.config.hidden_size), num_categories)

    def forward(self, input_ids: Tensor) -> tuple[Tensor, Tensor]:
        mask = input_ids != 0
        states = self.encoder(input_ids=input_ids, attention_mask=mask.long()).last_hidden_state
        inside = mask.unsqueeze(-1).to(states.dtype)
        mean = (states * inside).sum(1) / inside.sum(1).clamp(min=1)
        largest = (states - (1 - inside) * 1e4).max(1).values
        return torch.cat([states[:, 0], mean, largest], dim=-1), self.tags(states)


class PassageContext(nn.Module):
    """Vectors [B, S, 3H] and places [B, S, 2] (buckets from start and end, 0 pads) -> logits [B, S, C], states [B, S, D]."""

    inputs = (
        TensorSpec("vectors", "float32", ("batch", "passages", "width")),
        TensorSpec("places", "int64", ("batch", "passages", "ends"), pad=0),
    )
    outputs = (
        TensorSpec("logits", "float32", ("batch", "passages", "categories")),
        TensorSpec("states", "float32", ("batch", "passages", "state_width")),
    )

    def __init__(self, width: int, state_width: int, num_layers: int, num_heads: int, num_categories: int) -> None:
        super().__init__()
        self.project = nn.Linear(width, state_width)
        self.from_start = nn.Embedding(PLACE_BUCKETS, state_width)
        self.from_end = nn.Embedding(PLACE_BUCKETS, state_width)
        self.order = nn.Embedding(WINDOW, state_width)
        self.layers = nn.ModuleList(ContextLayer(state_width, num_heads) for _ in range(num_layers))
        self.norm = nn.LayerNorm(state_width)
        self.out = nn.Linear(state_width, num_categories)
        self.alone = nn.Linear(width, num_categories)

    def forward(self, vectors: Tensor, places: Tensor) -> tuple[Tensor, Tensor]:
        hidden = places[..., 0] == 0
        states = self.project(vectors) + self.from_start(places[..., 0]) + self.from_end(places[..., 1])
        states = states + self.order(torch.arange(vectors.shape[1], device=vectors.device))
        for layer in self.layers:
            states = layer(states, hidden)
        states = self.norm(states)
        return self.out(states) + self.alone(vectors), states


class ContextLayer(nn.Module):
    """One pre-norm transformer layer over states [B, S, D]; ``hidden`` bool[B, S] marks padding."""

    def __init__(self, width: int, num_heads: int) -> None:
        super().__init__()
        self.num_heads = num_heads
        self.before = nn.LayerNorm(width)
        self.mix = nn.Linear(width, 3 * width)
        self.back = nn.Linear(width, width)
        self.between = nn.LayerNorm(width)
        self.wide = nn.Linear(width, 2 * width)
        self.narrow = nn.Linear(2 * width, width)
        self.drop = nn.Dropout(0.1)

    def forward(self, states: Tensor, hidden: Tensor) -> Tensor:
        batch, length, width = states.shape
        query, key, value = (
            self.mix(self.before(states))
            .view(batch, length, 3, self.num_heads, width // self.num_heads)
            .permute(2, 0, 3, 1, 4)
            .unbind(0)
        )
        scores = query @ key.transpose(-1, -2) / math.sqrt(width // self.num_heads)
        scores = scores.masked_fill(hidden[:, None, None, :], -1e4)
        mixed = (scores.softmax(-1) @ value).transpose(1, 2).reshape(batch, length, width)
        states = states + self.drop(self.back(mixed))
        return states + self.drop(self.narrow(nn.functional.gelu(self.wide(self.between(states)))))


class NdaPositions(nn.Module):
    """States [B, S, D] of all passages and present [B, S] (0 pads) -> evidence logits [B, S, N] and choice logits [B, N, 3]."""

    inputs = (
        TensorSpec("states", "float32", ("batch", "passages", "state_width")),
        TensorSpec("present", "int64", ("batch", "passages"), pad=0),
    )
    outputs = (
        TensorSpec("evidence", "float32", ("batch", "passages", "hypotheses")),
        TensorSpec("choices", "float32", ("batch", "hypotheses", "choice")),
    )

    def __init__(self, state_width: int, num_hypotheses: int) -> None:
        super().__init__()
        self.evidence = nn.Linear(state_width, num_hypotheses)
        self.sharpness = nn.Parameter(torch.ones(num_hypotheses))
        self.value = nn.Linear(state_width, state_width)
        self.choose = nn.Parameter(torch.randn(num_hypotheses, 2 * state_width + 1, 3) * 0.02)
        self.choose_bias = nn.Parameter(torch.zeros(num_hypotheses, 3))

    def forward(self, states: Tensor, present: Tensor) -> tuple[Tensor, Tensor]:
        evidence = self.evidence(states)
        hidden = (present == 0).unsqueeze(-1)
        weights = (evidence * self.sharpness).masked_fill(hidden, -1e4).softmax(1)
        values = nn.functional.gelu(self.value(states))
        gathered = torch.einsum("bsn,bsd->bnd", weights, values)
        best = evidence.masked_fill(hidden, -1e4).max(1).values.clamp(min=-30)
        shared = (values * (present > 0).unsqueeze(-1).to(values.dtype)).sum(1) / present.sum(1, keepdim=True).clamp(
            min=1
        )
        shared = shared.unsqueeze(1).expand_as(gathered)
        features = torch.cat([gathered, shared, best.unsqueeze(-1) / 10], dim=-1)
        return evidence, torch.einsum("bnf,nfc->bnc", features, self.choose) + self.choose_bias


def open_heads(module: nn.Module, path: Path) -> nn.Module:
    """Load a head's half-precision weights into ``module`` at full precision."""
    from safetensors.torch import load_file

    module.load_state_dict({name: tensor.float() for name, tensor in load_file(path).items()})
    return module.eval()


def open_tagger(config: dict[str, Any], folder: Path) -> nn.Module:
    """Open an encoder folder (transformers' layout) and the span head beside it."""
    from safetensors.torch import load_file
    from transformers import BertModel

    encoder = BertModel.from_pretrained(folder, add_pooling_layer=False, dtype=torch.float32, local_files_only=True)
    module = PassageTagger(encoder, config["num_categories"])
    heads = {name: tensor.float() for name, tensor in load_file(folder / HEADS_FILE).items()}
    module.tags.load_state_dict({name.removeprefix("tags."): tensor for name, tensor in heads.items()})
    return module.eval()

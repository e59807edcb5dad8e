"""Fit the contracts network on some folds with transformers' Trainer, and score others with it.

One model holds the three networks of ``finance/network.py``; a batch holds windows of contracts and whole NDAs. Checkpoints let a killed training
go on where it was; the same code runs on a CPU.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from ..network import HEADS_FILE, NdaPositions, PassageContext, PassageTagger
from ..windows import WINDOW, overlapping
from .data import CUAD_COLUMNS, POSITION_COLUMNS
from .encode import Encoded, Windows, pad_rows

STATE_WIDTH = 256
CONTEXT_HEADS = 4
LENGTH_GROUPS = 3


@dataclass(frozen=True)
class NetworkSettings:
    """How the network is trained; ``windows`` a step of ``window`` passages each. Rates are for AdamW with linear decay after warm-up."""

    steps: int = 5000
    windows: int = 4
    window: int = 32
    nda_share: float = 0.2
    rate: float = 1.5e-4
    head_rate: float = 1e-3
    warmup: int = 300
    weight_decay: float = 0.01
    num_layers: int = 1
    keep_negatives: float = 0.5
    tag_weight: float = 0.3
    evidence_weight: float = 0.5
    seed: int = 0


class ContractsModel(nn.Module):
    """The three networks with their losses; ``forward`` is what the Trainer calls."""

    def __init__(self, encoder_folder: Path, settings: NetworkSettings, log_odds: np.ndarray | None = None) -> None:
        super().__init__()
        from transformers import BertModel

        encoder = BertModel.from_pretrained(
            encoder_folder, add_pooling_layer=False, dtype=torch.float32, local_files_only=True
        )
        num_categories, num_hypotheses = len(CUAD_COLUMNS), len(POSITION_COLUMNS)
        width = 3 * encoder.config.hidden_size
        self.settings = settings
        self.tagger = PassageTagger(encoder, num_categories)
        self.context = PassageContext(width, STATE_WIDTH, settings.num_layers, CONTEXT_HEADS, num_categories)
        self.positions = NdaPositions(STATE_WIDTH, num_hypotheses)
        nn.init.zeros_(self.context.alone.weight)
        if log_odds is not None:
            with torch.no_grad():
                self.context.out.bias.copy_(torch.tensor(log_odds, dtype=torch.float32))
                self.context.alone.bias.zero_()

    def forward(
        self,
        input_ids: Tensor,
        rows: Tensor,
        places: Tensor,
        targets: Tensor,
        counted: Tensor,
        tag_targets: Tensor,
        tag_columns: Tensor,
        nda_rows: Tensor,
        nda_present: Tensor,
        evidence: Tensor,
        choices: Tensor,
        labels: Tensor | None = None,
    ) -> dict[str, Tensor]:
        """Losses of a batch.

        ``rows`` [windows, WINDOW] index into the passages (0 where padded, ``places`` is 0 there); ``targets``/``counted`` [passages, C]; ``tag_targets``
        [spans, T] with ``tag_columns`` [spans, 2] (passage, column); ``nda_rows``/``nda_present`` [documents, S]; ``evidence`` [documents, S, N];
        ``choices`` [documents, N], -100 not counted.
        """
        vectors, tag_loss = self._read(input_ids, tag_targets, tag_columns)
        logits, states = self.context(vectors[rows], places)
        present = places[..., 0] > 0
        flat = logits[present].float()
        order = rows[present]
        bce = nn.functional.binary_cross_entropy_with_logits(flat, targets[order].float(), reduction="none")
        weight = counted[order].float()
        loss = (bce * weight).sum() / weight.sum().clamp(min=1) * 10 + self.settings.tag_weight * tag_loss
        if len(nda_rows):
            by_passage = states.new_zeros((len(vectors), states.shape[-1]))
            by_passage[order] = states[present]
            found, chosen = self.positions(by_passage[nda_rows], nda_present)
            loss = loss + nn.functional.cross_entropy(
                chosen.float().flatten(0, 1), choices.flatten(), ignore_index=-100
            )
            each = nn.functional.binary_cross_entropy_with_logits(found.float(), evidence, reduction="none")
            here = nda_present.unsqueeze(-1).float()
            loss = loss + self.settings.evidence_weight * 10 * (each * here).sum() / (
                here.sum() * each.shape[-1]
            ).clamp(min=1)
        return {"loss": loss}

    def _read(self, input_ids: Tensor, tag_targets: Tensor, tag_columns: Tensor) -> tuple[Tensor, Tensor]:
        """Vectors of all passages and the span loss; passages are read in groups of like length, as padding costs most of the time."""
        lengths = (input_ids != 0).sum(1)
        vectors: list[Tensor] = []
        lost = input_ids.new_zeros((), dtype=torch.float32)
        counted = input_ids.new_zeros((), dtype=torch.float32)
        groups = torch.argsort(lengths).tensor_split(LENGTH_GROUPS)
        for members in groups:
            if not len(members):
                continue
            longest = int(lengths[members].max())
            ids = input_ids[members, :longest]
            some, tags = self.tagger(ids)
            vectors.append(some)
            row_of = torch.full((len(input_ids),), -1, device=ids.device).scatter(
                0, members, torch.arange(len(members), device=ids.device)
            )
            here = row_of[tag_columns[:, 0]] >= 0
            rows, columns = row_of[tag_columns[here, 0]], tag_columns[here, 1]
            lines = tags[rows, :, columns].float()
            real = (ids[rows] != 0).float()
            each = nn.functional.binary_cross_entropy_with_logits(lines, tag_targets[here, :longest], reduction="none")
            lost = lost + (each * real).sum()
            counted = counted + real.sum()
        back = torch.argsort(torch.cat(list(groups)))
        return torch.cat(vectors)[back], lost / counted.clamp(min=1)


def collate(items: Sequence[dict[str, Any]], settings: NetworkSettings) -> dict[str, Tensor]:
    """Windows and NDAs as one batch of passages; see ``ContractsModel.forward``."""
    generator = np.random.default_rng((settings.seed, items[0]["first"], len(items), items[0]["document"].num_passages))
    num_categories, num_hypotheses = len(CUAD_COLUMNS), len(POSITION_COLUMNS)
    pieces: list[np.ndarray] = []
    rows, places, targets, counted = [], [], [], []
    spans: list[tuple[int, int, int, int]] = []
    ndas = []
    offset = 0
    for item in items:
        document: Encoded = item["document"]
        first, last = item["first"], item["last"]
        pieces.append(pad_rows(document, range(first, last)))
        for start in range(first, last, WINDOW):
            stop = min(start + WINDOW, last)
            row = np.zeros(WINDOW, dtype=np.int64)
            row[: stop - start] = offset + np.arange(start - first, stop - first)
            place = np.zeros((WINDOW, 2), dtype=np.int64)
            place[: stop - start] = document.places(start, stop)
            rows.append(row)
            places.append(place)
        size = last - first
        if item["task"] == "cuad":
            target = document.targets[first:last]
            keep = target.any(axis=1) | (generator.random(size) < settings.keep_negatives)
            targets.append(target)
            counted.append(np.repeat(keep[:, None], num_categories, axis=1))
            spans.extend(
                (offset + int(p) - first, int(c), int(a), int(b)) for p, c, a, b in document.spans if first <= p < last
            )
        else:
            targets.append(np.zeros((size, num_categories), dtype=bool))
            counted.append(np.zeros((size, num_categories), dtype=bool))
            ndas.append((document, first, last, offset))
        offset += size
    longest = max(piece.shape[1] for piece in pieces)
    ids = np.concatenate([np.pad(piece, ((0, 0), (0, longest - piece.shape[1]))) for piece in pieces])
    tag_targets = np.zeros((len(spans), longest), dtype=np.float32)
    for line, (_, _, left, right) in enumerate(spans):
        tag_targets[line, left:right] = 1
    widest = max((last - first for _, first, last, _ in ndas), default=1)
    nda_rows = np.zeros((len(ndas), widest), dtype=np.int64)
    nda_present = np.zeros((len(ndas), widest), dtype=np.int64)
    evidence = np.zeros((len(ndas), widest, num_hypotheses), dtype=np.float32)
    choices = np.full((len(ndas), num_hypotheses), -100, dtype=np.int64)
    for line, (document, first, last, start) in enumerate(ndas):
        size = last - first
        nda_rows[line, :size] = start + np.arange(size)
        nda_present[line, :size] = 1
        evidence[line, :size] = document.targets[first:last]
        lost = document.targets.any(axis=0) & ~document.targets[first:last].any(axis=0)
        choices[line] = np.where(lost, -100, document.choices)
    return {
        "input_ids": torch.from_numpy(ids),
        "rows": torch.from_numpy(np.stack(rows)),
        "places": torch.from_numpy(np.stack(places)),
        "targets": torch.from_numpy(np.concatenate(targets)),
        "counted": torch.from_numpy(np.concatenate(counted)),
        "tag_targets": torch.from_numpy(tag_targets),
        "tag_columns": torch.tensor([span[:2] for span in spans], dtype=torch.long).reshape(-1, 2),
        "nda_rows": torch.from_numpy(nda_rows),
        "nda_present": torch.from_numpy(nda_present),
        "evidence": torch.from_numpy(evidence),
        "choices": torch.from_numpy(choices),
    }


def fit(
    contracts: Sequence[Encoded],
    ndas: Sequence[Encoded],
    encoder_folder: Path,
    work: Path,
    settings: NetworkSettings,
    *,
    resume: bool = False,
    quiet: bool = False,
) -> ContractsModel:
    """Train on all of ``contracts`` and ``ndas``; checkpoints lie in ``work``."""
    from transformers import Trainer, TrainingArguments, set_seed
    from transformers.trainer_utils import get_last_checkpoint

    set_seed(settings.seed)
    torch.backends.cuda.enable_cudnn_sdp(False)  # its backward fails on some masks and lengths
    rate = np.mean(np.concatenate([document.targets for document in contracts]), axis=0)
    model = ContractsModel(encoder_folder, settings, np.log((rate + 1e-5) / (1 - rate)))
    windows = Windows(
        contracts,
        ndas,
        num_items=settings.steps * settings.windows,
        window=settings.window,
        nda_share=settings.nda_share,
        seed=settings.seed,
    )
    backbone = [p for name, p in model.named_parameters() if name.startswith("tagger.encoder.")]
    heads = [p for name, p in model.named_parameters() if not name.startswith("tagger.encoder.")]
    optimizer = torch.optim.AdamW(
        [{"params": backbone, "lr": settings.rate}, {"params": heads, "lr": settings.head_rate}],
        weight_decay=settings.weight_decay,
        fused=torch.cuda.is_available(),
    )
    scheduler = torch.optim.lr_scheduler.LambdaLR(
        optimizer,
        lambda step: min(
            step / max(1, settings.warmup), max(0.0, (settings.steps - step) / max(1, settings.steps - settings.warmup))
        ),
    )
    arguments = TrainingArguments(
        output_dir=str(work / "checkpoints"),
        max_steps=settings.steps,
        per_device_train_batch_size=settings.windows,
        bf16=torch.cuda.is_available(),
        use_cpu=not torch.cuda.is_available(),
        logging_steps=100,
        save_strategy="steps",
        save_steps=1000,
        save_total_limit=1,
        report_to=[],
        disable_tqdm=quiet,
        remove_unused_columns=False,
        dataloader_num_workers=2 if torch.cuda.is_available() else 0,
        max_grad_norm=1.0,
        seed=settings.seed,
    )

    class InOrder(Trainer):
        """Items are already drawn at random by number: taken in order, a resumed run sees the same ones."""

        def _get_train_sampler(self, train_dataset: Any = None) -> Any:
            return torch.utils.data.SequentialSampler(windows)  # type: ignore[arg-type]

    trainer = InOrder(
        model=model,
        args=arguments,
        train_dataset=windows,  # type: ignore[arg-type]
        data_collator=lambda items: collate(items, settings),
        optimizers=(optimizer, scheduler),
    )
    last = get_last_checkpoint(arguments.output_dir) if resume and Path(str(arguments.output_dir)).is_dir() else None
    trainer.train(resume_from_checkpoint=last)
    return model.eval()


@torch.no_grad()
def score(model: ContractsModel, document: Encoded, *, batch: int = 64) -> dict[str, np.ndarray]:
    """Score one document: ``logits`` float32[passages, C], and for NDAs ``evidence`` [passages, N] and ``choices`` [N, 3]."""
    device = next(model.parameters()).device
    total = document.num_passages
    lengths = np.diff(document.starts)
    order = np.argsort(lengths, kind="stable")
    vectors: Tensor | None = None
    use = torch.autocast(device.type, dtype=torch.bfloat16, enabled=device.type == "cuda")
    with use:
        for start in range(0, total, batch):
            members = order[start : start + batch]
            some, _ = model.tagger(torch.from_numpy(pad_rows(document, members.tolist())).to(device))
            if vectors is None:
                vectors = torch.zeros((total, some.shape[1]), device=device)
            vectors[torch.from_numpy(members).to(device)] = some.float()
    assert vectors is not None
    logits = np.zeros((total, len(CUAD_COLUMNS)), dtype=np.float32)
    states = torch.zeros((total, STATE_WIDTH), device=device)
    for first, last, keep_from, keep_to in overlapping(total):
        places = torch.from_numpy(document.places(first, last)).to(device).unsqueeze(0)
        some, seen = model.context(vectors[first:last].unsqueeze(0), places)
        logits[keep_from:keep_to] = some[0, keep_from - first : keep_to - first].float().cpu().numpy()
        states[keep_from:keep_to] = seen[0, keep_from - first : keep_to - first]
    out = {"logits": logits}
    if len(document.choices):
        present = torch.ones((1, total), dtype=torch.long, device=device)
        evidence, choices = model.positions(states.unsqueeze(0), present)
        out |= {"evidence": evidence[0].float().cpu().numpy(), "choices": choices[0].float().cpu().numpy()}
    return out


def save(model: ContractsModel, encoder_folder: Path, into: Path) -> None:
    """Write the three parts' weights (half precision) below ``into``: ``encoder/``, ``context/``, ``positions/``."""
    import shutil

    from safetensors.torch import save_file

    half = {name: tensor.detach().to(torch.float16).cpu().contiguous() for name, tensor in model.state_dict().items()}

    def only(prefix: str) -> dict[str, Tensor]:
        return {name.removeprefix(prefix): tensor for name, tensor in half.items() if name.startswith(prefix)}

    encoder = into / "encoder"
    encoder.mkdir(parents=True, exist_ok=True)
    for name in ("config.json", "tokenizer.json"):
        shutil.copyfile(encoder_folder / name, encoder / name)
    save_file(only("tagger.encoder."), encoder / "model.safetensors", metadata={"format": "pt"})
    save_file({f"tags.{k}": v for k, v in only("tagger.tags.").items()}, encoder / HEADS_FILE)
    for part, prefix in (("context", "context."), ("positions", "positions.")):
        (into / part).mkdir(exist_ok=True)
        save_file(only(prefix), into / part / HEADS_FILE)
    (into / "settings.json").write_text(json.dumps(asdict(model.settings), indent=1), encoding="utf-8")

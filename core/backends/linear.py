"""Run linear text parts: TF-IDF n-grams times a sparse weight matrix, on the CPU, for raw strings.

Counterpart of ``core/train/linear.py``. Takes a list of texts and returns ``scores`` float32[items, labels]: signed distances
to each label's plane, not probabilities.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..bundle import Part
from ..errors import BundleFormatError
from ..train.linear import vectorizer
from .registry import Backend, backend

if TYPE_CHECKING:
    import numpy as np


class LinearScorer:
    """A linear part, opened. ``raw`` tells the runtime that it takes strings as they are, with no padding."""

    raw = True

    def __init__(self, folder: Path, config: dict[str, Any]) -> None:
        """Open ``weights.safetensors`` and ``vocabulary.json`` of ``folder``.

        Raises:
            BundleFormatError: sizes of weights, vocabulary and labels do not fit together.
        """
        import json

        import numpy as np
        from safetensors.numpy import load_file
        from scipy.sparse import csr_matrix

        tensors = load_file(folder / "weights.safetensors")
        ngrams = json.loads((folder / "vocabulary.json").read_text(encoding="utf-8"))
        labels = config["labels"]
        if len(tensors["idf"]) != len(ngrams) or len(tensors["bias"]) != len(labels):
            raise BundleFormatError(f"{folder}: vocabulary, weights and labels do not have fitting sizes")
        try:
            weights = csr_matrix(
                (tensors["values"].astype(np.float32), tensors["columns"], tensors["rows"]),
                shape=(len(labels), len(ngrams)),
            )
            weights.check_format(full_check=True)
        except ValueError as error:
            raise BundleFormatError(f"{folder / 'weights.safetensors'}: not a sparse matrix: {error}") from error
        self._weights = weights.T.tocsr()
        self._bias = tensors["bias"]
        self._max_chars = int(config["max_chars"])
        low, high = config["ngram_range"]
        self._words = vectorizer((low, high), vocabulary={ngram: column for column, ngram in enumerate(ngrams)})
        self._words.idf_ = tensors["idf"].astype(np.float64)

    def __call__(self, items: Sequence[str]) -> dict[str, np.ndarray]:
        """Score texts: ``scores`` float32[items, labels]."""
        import numpy as np

        rows = self._words.transform([text[: self._max_chars] for text in items])
        return {"scores": np.asarray((rows @ self._weights).todense(), dtype=np.float32) + self._bias}


@backend
class Linear(Backend):
    """The one way to run parts of the kind ``linear``; a variant changes nothing for them."""

    name = "linear"
    source = "linear"

    def open(self, part: Part, build_folder: Path, precision: str, threads: int) -> LinearScorer:
        return LinearScorer(part.folder, part.config)

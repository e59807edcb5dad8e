"""Run linear text parts: TF-IDF n-grams times a sparse weight matrix, on the CPU, for raw strings.

Counterpart of ``core/train/linear.py``. Takes a list of texts and returns ``scores`` float32[items, labels]: signed distances
to each label's plane, not probabilities.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..bundle import Part
from ..errors import BundleFormatError
from ..train.linear import TOKEN_PATTERN
from .registry import Backend, backend

if TYPE_CHECKING:
    import numpy as np
    from scipy.sparse import csr_matrix


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
        self._words = Tfidf(ngrams, tensors["idf"].astype(np.float64), tuple(config["ngram_range"]))

    def __call__(self, items: Sequence[str]) -> dict[str, np.ndarray]:
        """Score texts: ``scores`` float32[items, labels]."""
        import numpy as np

        rows = self._words.rows([text[: self._max_chars] for text in items])
        return {"scores": np.asarray((rows @ self._weights).todense(), dtype=np.float32) + self._bias}


class Tfidf:
    """TF-IDF rows of texts over a fixed vocabulary: what ``train.linear.vectorizer`` makes, without loading scikit-learn.

    Lower case without accents, word n-grams of ``low`` to ``high`` words, 1 + log of the count times ``idf`` float64[features], L2 norm.
    """

    def __init__(self, ngrams: Sequence[str], idf: np.ndarray, ngram_range: tuple[int, int]) -> None:
        self._columns = {ngram: column for column, ngram in enumerate(ngrams)}
        self._idf = idf
        self._low, self._high = ngram_range
        self._token = re.compile(TOKEN_PATTERN)

    def rows(self, texts: Sequence[str]) -> csr_matrix:
        """Rows float64[texts, features]."""
        import numpy as np
        from scipy.sparse import csr_matrix

        columns: list[int] = []
        counts: list[int] = []
        ends = [0]
        for text in texts:
            found = Counter(self._found(text))
            columns.extend(found)
            counts.extend(found.values())
            ends.append(len(columns))
        places = np.array(columns, dtype=np.int64)
        values = (1 + np.log(np.array(counts, dtype=np.float64))) * self._idf[places]
        row_of = np.repeat(np.arange(len(texts)), np.diff(ends))
        norms = np.sqrt(np.bincount(row_of, weights=values**2, minlength=len(texts)))
        return csr_matrix((values / norms[row_of], places, ends), shape=(len(texts), len(self._idf)))

    def _found(self, text: str) -> Iterator[int]:
        """Columns of the n-grams of ``text`` that are in the vocabulary, one for each time they stand there."""
        tokens = self._token.findall(_plain(text))
        for size in range(self._low, self._high + 1):
            ngrams = tokens if size == 1 else map(" ".join, zip(*(tokens[n:] for n in range(size)), strict=False))
            yield from (column for column in map(self._columns.get, ngrams) if column is not None)


def _plain(text: str) -> str:
    """Lower case, accents dropped (compatibility forms taken apart)."""
    text = text.lower()
    if text.isascii():
        return text
    return "".join(itertools.filterfalse(unicodedata.combining, unicodedata.normalize("NFKD", text)))


@backend
class Linear(Backend):
    """The one way to run parts of the kind ``linear``; a variant changes nothing for them."""

    name = "linear"
    source = "linear"

    def open(self, part: Part, build_folder: Path, precision: str, threads: int) -> LinearScorer:
        return LinearScorer(part.folder, part.config)

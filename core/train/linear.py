"""Fit a linear text model: word n-grams by TF-IDF, one linear SVM a label, small weights dropped.

The plain model that stands beside every network, as a baseline and as a part of an ensemble: rare labels live on words. What
``save`` writes is a part with backend ``linear`` (``core/backends/linear.py`` runs it): safetensors and a vocabulary in JSON, no pickle.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..files import write_json

if TYPE_CHECKING:
    import numpy as np
    from scipy.sparse import csr_matrix

TOKEN_PATTERN = r"(?u)\b\w+\b|[$%§]"


@dataclass(frozen=True)
class LinearModel:
    """A fitted model: n-grams in column order, their idf, weights float32[labels, features], bias float32[labels]."""

    ngrams: tuple[str, ...]
    idf: np.ndarray
    weights: csr_matrix
    bias: np.ndarray
    labels: tuple[str, ...]
    ngram_range: tuple[int, int]
    max_chars: int


def vectorizer(ngram_range: tuple[int, int], **options: Any) -> Any:
    """scikit-learn's TfidfVectorizer as both fitting and serving use it: lower case, sublinear counts, L2 norm."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    return TfidfVectorizer(
        ngram_range=ngram_range, sublinear_tf=True, token_pattern=TOKEN_PATTERN, strip_accents="unicode", **options
    )


def fit(
    texts: Sequence[str],
    targets: np.ndarray,
    labels: Sequence[str],
    *,
    ngram_range: tuple[int, int] = (1, 2),
    max_features: int = 150_000,
    min_count: int = 2,
    penalty: float = 0.3,
    balanced: bool = False,
    keep: int = 12_000,
    max_chars: int = 20_000,
    jobs: int = 1,
    progress: Callable[[str], None] | None = None,
) -> LinearModel:
    """Fit one SVM a label (Fan et al. 2008, LIBLINEAR, squared hinge).

    Args:
        texts: one string an item; each is cut at ``max_chars``.
        targets: bool[items, labels].
        penalty: LIBLINEAR's C.
        balanced: weigh classes by inverse frequency.
        jobs: labels fitted side by side (LIBLINEAR releases the interpreter's lock).
        keep: at most this many weights a label, the largest by size; features without any are dropped.
    """
    import numpy as np
    from scipy.sparse import csr_matrix
    from sklearn.svm import LinearSVC

    words = vectorizer(ngram_range, max_features=max_features, min_df=min_count)
    rows = words.fit_transform([text[:max_chars] for text in texts])
    weights = np.zeros((len(labels), rows.shape[1]), dtype=np.float32)
    bias = np.full(len(labels), -1.0, dtype=np.float32)
    done = itertools.count(1)

    def one(number: int) -> None:
        truth = targets[:, number].astype(bool)
        if truth.any() and not truth.all():
            machine = LinearSVC(C=penalty, class_weight="balanced" if balanced else None, random_state=0)
            machine.fit(rows, truth)
            weights[number] = _largest(np.asarray(machine.coef_, dtype=np.float32)[0], keep)
            bias[number] = np.asarray(machine.intercept_)[0]
        if progress is not None:
            progress(f"linear: {next(done)} of {len(labels)} labels ({labels[number]})")

    with ThreadPoolExecutor(jobs) as pool:
        list(pool.map(one, range(len(labels))))
    used = np.flatnonzero(np.any(weights != 0, axis=0))
    names = words.get_feature_names_out()
    return LinearModel(
        ngrams=tuple(str(names[column]) for column in used),
        idf=words.idf_[used].astype(np.float32),
        weights=csr_matrix(weights[:, used]),
        bias=bias,
        labels=tuple(labels),
        ngram_range=ngram_range,
        max_chars=max_chars,
    )


def _largest(row: np.ndarray, keep: int) -> np.ndarray:
    import numpy as np

    if np.count_nonzero(row) <= keep:
        return row
    cut = np.partition(np.abs(row), -keep)[-keep]
    return np.where(np.abs(row) >= cut, row, 0)


def save(model: LinearModel, folder: Path) -> dict[str, Any]:
    """Write ``weights.safetensors`` (fp16 values of a CSR matrix) and ``vocabulary.json``; return the part's config."""
    import numpy as np
    from safetensors.numpy import save_file

    folder.mkdir(parents=True, exist_ok=True)
    save_file(
        {
            "values": model.weights.data.astype(np.float16),
            "columns": model.weights.indices.astype(np.int32),
            "rows": model.weights.indptr.astype(np.int32),
            "bias": model.bias.astype(np.float32),
            "idf": model.idf.astype(np.float16),
        },
        folder / "weights.safetensors",
    )
    write_json(folder / "vocabulary.json", list(model.ngrams))
    return {"labels": list(model.labels), "ngram_range": list(model.ngram_range), "max_chars": model.max_chars}

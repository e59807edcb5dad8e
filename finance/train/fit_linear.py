"""The linear parts of the contracts bundle: clause categories by passage, unfair terms by sentence, type of contract by document."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ...core.backends.linear import LinearScorer
from ...core.train import linear
from ..categories import CONTRACT_TYPES, CUAD, UNFAIR
from .data import Example, Sentence, covered
from .recipe import LinearRecipe

if TYPE_CHECKING:
    import numpy as np

KIND_CHARS = 4000
CUAD_TYPES = {
    "affiliate_agreements": "affiliate",
    "affiliate agreement": "affiliate",
    "agency agreements": "agency",
    "co_branding": "co_branding",
    "collaboration": "collaboration",
    "strategic alliance": "collaboration",
    "consulting agreements": "consulting",
    "development": "development",
    "distributor": "distribution",
    "reseller": "distribution",
    "endorsement": "endorsement",
    "endorsement agreement": "endorsement",
    "sponsorship": "endorsement",
    "franchise": "franchise",
    "hosting": "saas",
    "ip": "ip",
    "joint venture": "joint_venture",
    "joint venture _ filing": "joint_venture",
    "license_agreements": "license",
    "maintenance": "maintenance",
    "manufacturing": "manufacturing",
    "marketing": "marketing",
    "promotion": "marketing",
    "non_compete_non_solicit": "non_compete",
    "outsourcing": "services",
    "service": "services",
    "supply": "supply",
    "transportation": "transportation",
    "nda": "nda",
    "terms": "terms",
}
"""CUAD's folder names in lower case -> contract type."""


def fit_part(
    texts: Sequence[str],
    targets: np.ndarray,
    labels: Sequence[str],
    recipe: LinearRecipe,
    folder: Path,
    *,
    max_chars: int = 20_000,
    jobs: int = 1,
    progress: Callable[[str], None] | None = None,
) -> LinearScorer:
    """Fit one linear part, save it, and open it as it will be served (small weights dropped, half precision)."""
    model = linear.fit(
        texts,
        targets,
        labels,
        ngram_range=(1, recipe.ngrams),
        max_features=recipe.max_features,
        penalty=recipe.penalty,
        balanced=recipe.balanced,
        keep=recipe.keep,
        max_chars=max_chars,
        jobs=jobs,
        progress=progress,
    )
    return LinearScorer(folder, linear.save(model, folder))


def clause_rows(examples: Sequence[Example]) -> tuple[list[str], np.ndarray]:
    """Passage texts of contracts and bool[passages, 41]."""
    import numpy as np

    texts: list[str] = []
    targets = []
    for example in examples:
        rows = np.zeros((len(example.passages), len(CUAD)), dtype=bool)
        for truth in example.truths:
            for number, passage in enumerate(example.passages):
                if covered(passage, truth.start, truth.end):
                    rows[number, truth.column] = True
        texts.extend(example.text[passage.start : passage.end] for passage in example.passages)
        targets.append(rows)
    return texts, np.concatenate(targets)


def unfair_rows(sentences: Sequence[Sentence]) -> tuple[list[str], np.ndarray]:
    """Sentence texts and bool[sentences, 16]: the 8 unfair labels, then "clearly unfair" for each."""
    import numpy as np

    targets = np.zeros((len(sentences), 2 * len(UNFAIR)), dtype=bool)
    for row, sentence in enumerate(sentences):
        for column, level in sentence.levels.items():
            targets[row, column] = True
            targets[row, len(UNFAIR) + column] = level == 3
    return [sentence.text for sentence in sentences], targets


UNFAIR_LABELS = tuple(category.key for category in UNFAIR) + tuple(f"{category.key}_clearly" for category in UNFAIR)


def kind_rows(examples: Sequence[Example]) -> tuple[list[str], np.ndarray]:
    """Openings of documents and bool[documents, types]; documents of no known type are left out."""
    import numpy as np

    keys = list(CONTRACT_TYPES)
    known = [(example, CUAD_TYPES.get(example.kind.lower())) for example in examples]
    texts = [example.text[:KIND_CHARS] for example, kind in known if kind]
    targets = np.zeros((len(texts), len(keys)), dtype=bool)
    for row, kind in enumerate(kind for _, kind in known if kind):
        targets[row, keys.index(kind)] = True
    return texts, targets

"""Documents as token ids with their targets, and the random windows that training draws from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..windows import WINDOW, places
from .data import Example, covered

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Encoded:
    """A document: token ids of passage i are ``ids[starts[i]:starts[i + 1]]`` (uint16).

    ``targets`` bool[passages, columns]; ``spans`` int32[n, 4] rows of (passage, column, first token, token after the last);
    ``choices`` int64[hypotheses] or empty.
    """

    name: str
    fold: int
    ids: np.ndarray
    starts: np.ndarray
    targets: np.ndarray
    spans: np.ndarray
    choices: np.ndarray

    @property
    def num_passages(self) -> int:
        return len(self.starts) - 1

    def places(self, first: int, last: int) -> np.ndarray:
        """Buckets from both ends of passages ``first``..``last``, int64[n, 2]."""
        return places(self.num_passages, first, last)


def encode(examples: Sequence[Example], tokenizer_file: Path, num_columns: int) -> list[Encoded]:
    """Tokenize the passages of ``examples``; truths become passage targets and token spans."""
    import numpy as np
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(tokenizer_file))
    encoded = []
    for example in examples:
        pieces = tokenizer.encode_batch([example.text[p.start : p.end] for p in example.passages])
        starts = np.cumsum([0, *(len(piece.ids) for piece in pieces)]).astype(np.int64)
        ids = np.concatenate([np.asarray(piece.ids, dtype=np.uint16) for piece in pieces])
        targets = np.zeros((len(pieces), num_columns), dtype=bool)
        spans: list[tuple[int, int, int, int]] = []
        for truth in example.truths:
            for number, passage in enumerate(example.passages):
                if passage.end <= truth.start:
                    continue
                if passage.start >= truth.end:
                    break
                if not covered(passage, truth.start, truth.end):
                    continue
                targets[number, truth.column] = True
                inside = [
                    place
                    for place, (left, right) in enumerate(pieces[number].offsets)
                    if right > left and passage.start + left < truth.end and passage.start + right > truth.start
                ]
                if inside:
                    spans.append((number, truth.column, inside[0], inside[-1] + 1))
        encoded.append(
            Encoded(
                example.name,
                example.fold,
                ids,
                starts,
                targets,
                np.array(spans, dtype=np.int32).reshape(-1, 4),
                np.array(example.choices, dtype=np.int64),
            )
        )
    return encoded


def pad_rows(document: Encoded, numbers: Sequence[int]) -> np.ndarray:
    """Token ids of some passages, padded with 0: int64[n, longest]."""
    import numpy as np

    lengths = [int(document.starts[i + 1] - document.starts[i]) for i in numbers]
    rows = np.zeros((len(numbers), max(lengths)), dtype=np.int64)
    for row, (i, length) in enumerate(zip(numbers, lengths, strict=True)):
        rows[row, :length] = document.ids[document.starts[i] : document.starts[i] + length]
    return rows


class Windows:
    """A map-style dataset of random windows: item i is drawn by a generator seeded with (seed, i), so any order or resume gives the same.

    A share of the items are whole NDAs (at most ``nda_passages`` passages), the rest windows of contracts: half at a random place, half
    around a positive of a category drawn by the inverse square root of its frequency, so that rare categories are seen often.
    """

    def __init__(
        self,
        contracts: Sequence[Encoded],
        ndas: Sequence[Encoded],
        *,
        num_items: int,
        window: int,
        nda_share: float,
        nda_passages: int = 160,
        seed: int = 0,
    ) -> None:
        import numpy as np

        self.contracts, self.ndas = contracts, ndas
        self.num_items, self.window, self.nda_passages, self.seed = num_items, min(window, WINDOW), nda_passages, seed
        self.nda_share = nda_share if ndas else 0.0
        sizes = np.array([document.num_passages for document in contracts], dtype=float)
        self.by_size = sizes / sizes.sum()
        positives: list[list[tuple[int, int]]] = [[] for _ in range(contracts[0].targets.shape[1])]
        for number, document in enumerate(contracts):
            for passage, column in zip(*np.nonzero(document.targets), strict=True):
                positives[column].append((number, int(passage)))
        self.columns = [column for column, places in enumerate(positives) if places]
        weights = np.array([len(positives[column]) ** -0.5 * len(positives[column]) for column in self.columns])
        self.by_column = weights / weights.sum()
        self.positives = positives

    def __len__(self) -> int:
        return self.num_items

    def __getitem__(self, item: int) -> dict[str, Any]:
        import numpy as np

        generator = np.random.default_rng((self.seed, item))
        if generator.random() < self.nda_share:
            number = int(generator.integers(len(self.ndas)))
            document = self.ndas[number]
            first = int(generator.integers(0, max(1, document.num_passages - self.nda_passages + 1)))
            return {
                "task": "nda",
                "document": document,
                "first": first,
                "last": min(first + self.nda_passages, document.num_passages),
            }
        if generator.random() < 0.5:
            number = int(generator.choice(len(self.contracts), p=self.by_size))
            centre = int(generator.integers(self.contracts[number].num_passages))
        else:
            column = self.columns[int(generator.choice(len(self.columns), p=self.by_column))]
            places = self.positives[column]
            number, centre = places[int(generator.integers(len(places)))]
        document = self.contracts[number]
        first = centre - int(generator.integers(self.window))
        first = max(0, min(first, document.num_passages - self.window))
        return {
            "task": "cuad",
            "document": document,
            "first": first,
            "last": min(first + self.window, document.num_passages),
        }

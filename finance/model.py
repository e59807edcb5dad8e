"""The contracts bundle at work: a text in, calibrated probabilities by passage and contract with exact spans out.

Every network call goes through ``core.runtime``: the encoder reads each passage once (batched by length), the context part looks at windows of
passages, the linear parts read the raw words; ``finance/combination.py`` joins them. Opening the bundle with a part left out is
how the linear baseline runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core.bundle import Bundle
from ..core.nn.registry import network
from .categories import CONTRACT_TYPES, POSITIONS
from .classify import Choice, Position
from .combination import Combination, sigmoid
from .passages import Passage, cut
from .windows import overlapping, places

if TYPE_CHECKING:
    import numpy as np
    from torch import nn

BUNDLES = Path(__file__).parent / "bundles"
DEFAULT_BUNDLE = "contracts"
NETWORK_PARTS = ("encoder", "context", "positions")
LINEAR_PARTS = ("clauses", "unfair", "kind")
CHOICES: tuple[Choice, ...] = ("entailment", "contradiction", "not_mentioned")
MAX_EVIDENCE = 3


@network("passage_tagger")
def passage_tagger(config: dict[str, Any], folder: Path) -> nn.Module:
    """The encoder with its span head: config num_categories."""
    from .network import open_tagger

    return open_tagger(config, folder)


@network("passage_context")
def passage_context(config: dict[str, Any], folder: Path) -> nn.Module:
    """The context layers: config width, state_width, num_layers, num_heads, num_categories."""
    from .network import HEADS_FILE, PassageContext, open_heads

    sizes = {key: config[key] for key in ("width", "state_width", "num_layers", "num_heads", "num_categories")}
    return open_heads(PassageContext(**sizes), folder / HEADS_FILE)


@network("nda_positions")
def nda_positions(config: dict[str, Any], folder: Path) -> nn.Module:
    """The head over NDA hypotheses: config state_width, num_hypotheses."""
    from .network import HEADS_FILE, NdaPositions, open_heads

    return open_heads(NdaPositions(config["state_width"], config["num_hypotheses"]), folder / HEADS_FILE)


@dataclass(frozen=True)
class Scores:
    """What the bundle makes of one text: P passages, K = 41 CUAD categories in the order of ``categories.CUAD``.

    ``probabilities`` float[P, K] and ``presence`` float[K] are calibrated; ``*_linear`` come from the linear part alone. ``spans`` int32[P, K, 2] hold each
    category's best span in each passage as characters of the text (the whole passage where there is no network).
    ``states`` float32[P, D] are the context vectors (None without the network).
    """

    text: str
    passages: tuple[Passage, ...]
    probabilities: np.ndarray
    presence: np.ndarray
    probabilities_linear: np.ndarray
    presence_linear: np.ndarray
    spans: np.ndarray
    states: np.ndarray | None


class ContractModel:
    """The contracts bundle, open at a variant. Keep it: opening checks every file and may compile a build."""

    def __init__(self, bundle: Bundle, runtime: Any, *, with_network: bool) -> None:
        self.bundle = bundle
        self.runtime = runtime
        self.with_network = with_network
        self.config: Mapping[str, Any] = bundle.config
        self.ensemble = Combination.from_dict(bundle.config["ensemble"])
        self.linear = Combination.from_dict(bundle.config["linear"])
        self._tokenizer: Any = None

    @classmethod
    def open(
        cls,
        bundle: str | Path = "",
        variant: str = "auto",
        *,
        with_network: bool = True,
        threads: int | None = None,
        progress: Callable[[str], None] | None = None,
    ) -> ContractModel:
        """Open a bundle folder, or the one that ships when ``bundle`` is empty; without the network only its linear parts.

        Raises:
            BundleError: the bundle is missing, changed or of an unknown form.
            UsageError: the variant does not exist or does not run here.
        """
        from ..core.runtime import Runtime

        opened = Bundle.open(Path(bundle) if bundle else BUNDLES / DEFAULT_BUNDLE)
        parts = (*NETWORK_PARTS, *LINEAR_PARTS) if with_network else LINEAR_PARTS
        return cls(
            opened,
            Runtime.open(opened, variant, parts=parts, threads=threads, progress=progress),
            with_network=with_network,
        )

    @property
    def name(self) -> str:
        """``BUNDLE:VARIANT``, as rows and reports name it."""
        return f"{self.bundle.name}:{self.runtime.variant}" if self.with_network else f"{self.bundle.name}:linear"

    def score(self, text: str) -> Scores:
        """Score every passage of ``text``, in memory that grows with the number of passages alone.

        Raises:
            NumericError: the network gave NaN or infinity.
        """
        import numpy as np

        passages = cut(text)
        linear_scores = self._raw("clauses", [text[p.start : p.end] for p in passages], self.linear.weights.shape[1])
        linear_odds = self.linear.log_odds(linear_scores)
        spans = np.array([[p.start, p.end] for p in passages], dtype=np.int32).reshape(-1, 1, 2)
        spans = np.repeat(spans, linear_scores.shape[1], axis=1)
        states = None
        odds = linear_odds
        if self.with_network and passages:
            vectors = self._read(text, passages, spans)
            logits, states = self._look_around(vectors)
            odds = self.ensemble.log_odds(logits, linear_scores)
        combination = self.ensemble if self.with_network else self.linear
        return Scores(
            text=text,
            passages=passages,
            probabilities=sigmoid(odds),
            presence=combination.presence(odds),
            probabilities_linear=sigmoid(linear_odds),
            presence_linear=self.linear.presence(linear_odds),
            spans=spans,
            states=states,
        )

    def positions(self, scores: Scores) -> tuple[Position, ...]:
        """What an NDA says on each of the 17 hypotheses, from the scores of its text; nothing without the network or passages."""
        import numpy as np

        if scores.states is None or not len(scores.states):
            return ()
        item = {"states": scores.states, "present": np.ones(len(scores.states), dtype=np.int64)}
        (out,) = self.runtime.run("positions", [item], cost=_length_of_states)
        settings = self.config["positions"]
        logits = out["choices"].astype(np.float64) / settings["temperature"]
        logits -= logits.max(axis=1, keepdims=True)
        shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        evidence = sigmoid(out["evidence"])
        found = []
        for column, hypothesis in enumerate(POSITIONS):
            choice = CHOICES[int(shares[column].argmax())]
            best = np.argsort(-evidence[:, column])[:MAX_EVIDENCE]
            strong = [n for n in best if evidence[n, column] >= settings["evidence_threshold"]] or best[:1]
            found.append(
                Position(
                    hypothesis,
                    choice,
                    {name: float(share) for name, share in zip(CHOICES, shares[column], strict=True)},
                    tuple((scores.passages[n].start, scores.passages[n].end) for n in strong)
                    if choice != "not_mentioned"
                    else (),
                )
            )
        return tuple(found)

    def unfair(self, sentences: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """Probabilities float[n, 8] of each unfair label, and float[n, 8] of "clearly unfair" where the label holds.

        Sentences are lower-cased, as the training texts are.
        """
        import numpy as np

        settings = self.config["unfair"]
        slope, offset = np.asarray(settings["slope"]), np.asarray(settings["offset"])
        scores = self._raw("unfair", [sentence.lower() for sentence in sentences], len(slope))
        probabilities = sigmoid(slope * scores + offset)
        half = len(slope) // 2
        return probabilities[:, :half], probabilities[:, half:]

    def kind_scores(self, text: str) -> np.ndarray:
        """Log-odds-like scores float[types] of the contract types, in the order of ``categories.CONTRACT_TYPES``."""
        return self._raw("kind", [text], len(CONTRACT_TYPES))[0] * self.config["kind"]["sharpness"]

    def _raw(self, part: str, texts: Sequence[str], width: int) -> np.ndarray:
        import numpy as np

        rows = [out["scores"] for out in self.runtime.run(part, texts, cost=_length_of_text, budget=RAW_BUDGET)]
        return np.stack(rows) if rows else np.zeros((0, width), dtype=np.float32)

    def _read(self, text: str, passages: Sequence[Passage], spans: np.ndarray) -> np.ndarray:
        """Vectors float32[P, 3H]; fills ``spans`` with each category's best stretch of tokens."""
        import numpy as np

        tokenizer = self._open_tokenizer()
        offsets: list[np.ndarray] = []

        def items() -> Iterator[dict[str, np.ndarray]]:
            for start in range(0, len(passages), TOKENIZE_PASSAGES):
                some = passages[start : start + TOKENIZE_PASSAGES]
                for encoding in tokenizer.encode_batch([text[p.start : p.end] for p in some]):
                    offsets.append(np.asarray(encoding.offsets, dtype=np.int32))
                    yield {"input_ids": np.asarray(encoding.ids, dtype=np.int64)}

        vectors = []
        for number, out in enumerate(self.runtime.run("encoder", items(), cost=_length_of_ids)):
            vectors.append(out["vectors"])
            place = offsets[number]
            first, last = best_stretch(out["tags"][1:-1])
            inner = place[1:-1]
            if len(inner):
                begin = passages[number].start
                found = first >= 0
                spans[number, found, 0] = begin + inner[first[found], 0]
                spans[number, found, 1] = begin + inner[last[found], 1]
            offsets[number] = EMPTY
        return np.stack(vectors)

    def _look_around(self, vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        import numpy as np

        total = len(vectors)
        windows = overlapping(total)
        items = ({"vectors": vectors[a:b], "places": places(total, a, b)} for a, b, _, _ in windows)
        logits, states = [], []
        for (first, _, keep_from, keep_to), out in zip(
            windows, self.runtime.run("context", items, cost=_length_of_vectors), strict=True
        ):
            logits.append(out["logits"][keep_from - first : keep_to - first])
            states.append(out["states"][keep_from - first : keep_to - first])
        return np.concatenate(logits), np.concatenate(states)

    def _open_tokenizer(self) -> Any:
        if self._tokenizer is None:
            from tokenizers import Tokenizer

            self._tokenizer = Tokenizer.from_file(str(self.bundle.parts["encoder"].folder / "tokenizer.json"))
        return self._tokenizer


RAW_BUDGET = 1 << 18
"""Characters of a batch of raw texts."""
TOKENIZE_PASSAGES = 64
EMPTY: Any = None


def _length_of_text(text: str) -> int:
    return max(1, len(text))


def _length_of_ids(item: Mapping[str, Any]) -> int:
    return len(item["input_ids"])


def _length_of_vectors(item: Mapping[str, Any]) -> int:
    return len(item["vectors"])


def _length_of_states(item: Mapping[str, Any]) -> int:
    return len(item["states"])


def best_stretch(logits: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each column of [tokens, columns] the stretch of tokens of largest sum: first and last token int[columns], -1 where no token is above 0.

    >>> import numpy as np
    >>> [int(x[0]) for x in best_stretch(np.array([[-1.0], [2.0], [-0.5], [1.0], [-3.0]]))]
    [1, 3]
    """
    import numpy as np

    if not len(logits):
        none = np.full(logits.shape[1], -1)
        return none, none
    total = np.concatenate([np.zeros((1, logits.shape[1])), np.cumsum(logits, axis=0, dtype=np.float64)])
    lowest = np.minimum.accumulate(total[:-1], axis=0)
    gain = total[1:] - lowest
    last = gain.argmax(axis=0)
    columns = np.arange(logits.shape[1])
    before = np.where(np.arange(len(logits))[:, None] <= last, total[:-1], np.inf)
    first = before.argmin(axis=0)
    nothing = gain[last, columns] <= 0
    return np.where(nothing, -1, first), np.where(nothing, -1, last)

"""Review one contract: the stages in order, each a plain function, and the job that runs them over many files.

read -> segment -> classify -> extract -> judge -> write. A contract with tracked changes is also classified and read in its original view, so that what a
change moves can be told. ``ReviewJob`` is what the pipelines run.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core.errors import InputError, UsageError
from ..core.job import Closing, Item, Refusal, Result
from .classify import Classification, classify
from .clauses import ClauseTree, segment
from .document import Document, original_view
from .facts.types import ContractFacts
from .findings import Judgement

if TYPE_CHECKING:
    from .model import ContractModel
    from .playbook import Playbook

CLASSIFIERS = ("model", "rules")


@dataclass(frozen=True)
class Review:
    """One contract, fully reviewed: what each stage made. ``model`` says who classified: ``BUNDLE:VARIANT`` with its hash, or ``rules``."""

    document: Document
    tree: ClauseTree
    classification: Classification
    facts: ContractFacts
    judgement: Judgement
    model: str


def review(
    path: Path | str,
    *,
    us: str = "",
    playbook: Playbook | None = None,
    model: ContractModel | None = None,
) -> Review:
    """Review the contract in the file ``path``.

    Args:
        us: our name as the contract gives it; "" judges for every party by name.
        playbook: the playbook to hold it to; None lets the type of contract choose among those that ship.
        model: the open bundle that classifies; None classifies by rules.

    Raises:
        InputError: the file cannot be read, or holds too few words to be a contract.
    """
    from .reading import read, require_words

    document = read(Path(path))
    require_words(document)
    return review_document(document, us=us, playbook=playbook, model=model)


def review_document(
    document: Document,
    *,
    us: str = "",
    playbook: Playbook | None = None,
    model: ContractModel | None = None,
) -> Review:
    """Review a contract that is already read; arguments as in ``review``."""
    from .risk import judge

    accepted = _Reading.of(document, model)
    playbook = playbook or _choose(accepted, us)
    positions = playbook is not None and playbook.wants_positions
    classification = accepted.classification(model, positions=positions)
    original = None
    if document.changes:
        before = _Reading.of(original_view(document), model)
        original = (before.tree, before.classification(model, positions=positions), before.facts)
    judgement = judge(
        document,
        accepted.tree,
        classification,
        accepted.facts,
        us=us,
        playbook=playbook,
        recall=_recall(model),
        original=original,
    )
    return Review(document, accepted.tree, classification, accepted.facts, judgement, describe(model))


def describe(model: ContractModel | None) -> str:
    """Who classifies, for reports: name, variant and the first of the bundle's hash, or ``rules``."""
    return f"{model.name} ({model.bundle.hash[:12]})" if model is not None else "rules"


@dataclass(frozen=True)
class _Reading:
    """One view of a document: its tree, classes and facts."""

    tree: ClauseTree
    facts: ContractFacts
    classified: Any

    @classmethod
    def of(cls, document: Document, model: ContractModel | None) -> _Reading:
        from .facts.extract import extract

        tree = segment(document)
        classified = classify(document.text, model)
        return cls(tree, extract(document, tree, classified.classification), classified)

    def classification(self, model: ContractModel | None, *, positions: bool) -> Classification:
        return self.classified.with_positions(model) if positions else self.classified.classification


def _choose(reading: _Reading, us: str) -> Playbook | None:
    from .playbook import shipped
    from .sides import playbook_for

    return playbook_for(shipped(), reading.classified.classification.kind, reading.facts.parties, us)


def _recall(model: ContractModel | None) -> Mapping[str, tuple[float, float, float, int]]:
    """How often a clause of each category is found on held-out contracts: (share, low, high, number of such contracts)."""
    from . import clause_rules

    table = dict(clause_rules.recall())
    if model is not None:
        for category, (value, low, high, count) in model.config["recall"].items():
            table[category] = (value, low, high, int(count))
    return table


class _Kept:
    """The model of this process: opened once for a bundle and a variant, and kept."""

    def __init__(self) -> None:
        self._key: tuple[str, str] | None = None
        self._model: ContractModel | None = None

    def open(self, bundle: str, variant: str, progress: Callable[[str], None] | None = None) -> ContractModel:
        from .model import ContractModel

        if self._model is None or self._key != (bundle, variant):
            self._model = ContractModel.open(bundle, variant, progress=progress)
            self._key = (bundle, variant)
        return self._model


_MODEL = _Kept()


@dataclass(frozen=True)
class ReviewJob:
    """Contract review as a batch job: ``find`` lists contract files, ``do`` reviews one, ``close`` writes the portfolio."""

    us: str = ""
    playbook: str = ""
    variant: str = "auto"
    classifier: str = "model"
    bundle: str = ""

    name = "finance.review"
    cost_unit = "pages"
    looks_for = "contracts (.pdf, .docx, .txt, .md, .html)"

    def __post_init__(self) -> None:
        if self.classifier not in CLASSIFIERS:
            raise UsageError(f"unknown classifier {self.classifier!r}: choose {' or '.join(CLASSIFIERS)}")

    def settings(self) -> Mapping[str, Any]:
        """What changes the outputs: our name, the playbook's content, the classifier and the variant.

        Raises:
            ConfigError: the playbook cannot be read, or is wrong.
        """
        from ..core import variant

        self._playbook()
        content = Path(self.playbook).read_bytes() if self.playbook else b""
        return {
            "us": self.us,
            "playbook": Path(self.playbook).name if self.playbook else "",
            "playbook_sha256": hashlib.sha256(content).hexdigest() if self.playbook else "",
            "classifier": self.classifier,
            "variant": str(variant.parse(self.variant)) if self.classifier == "model" else "",
        }

    def bundles(self) -> Mapping[str, str]:
        """The contracts bundle's hash; nothing for the rules."""
        if self.classifier != "model":
            return {}
        from ..core.bundle import Bundle
        from .model import BUNDLES, DEFAULT_BUNDLE

        bundle = Bundle.open(Path(self.bundle) if self.bundle else BUNDLES / DEFAULT_BUNDLE)
        return {bundle.name: bundle.hash}

    def prepare(self, progress: Callable[[str], None], *, keep: bool = False) -> None:
        """Compile the bundle's build before the first contract, so that the wait is seen and workers share it.

        With ``keep`` the open bundle stays for the contracts that this process reviews itself.

        Raises:
            BundleError: the bundle is missing or changed.
        """
        from .model import ContractModel

        if self.classifier != "model":
            return
        if keep:
            _MODEL.open(self.bundle, self.variant, progress)
        else:
            ContractModel.open(self.bundle, self.variant, progress=progress).runtime.close()

    def find(self, inputs: Sequence[Path]) -> Iterator[Item | Refusal]:
        """Contract files below ``inputs``; see ``finance/reading/find.py``."""
        from .reading.find import find

        return find(inputs)

    def do(self, item: Item, folder: Path) -> Result:
        """Review one file and write its page and ``findings.json``.

        Raises:
            InputError: the file cannot be read.
        """
        from .documents.outputs import write_contract

        model = self._open() if self.classifier == "model" else None
        result = review(item.path, us=self.us, playbook=self._playbook(), model=model)
        if result.document.digest != item.digest:
            raise InputError(
                "the file changed while the run was going on", code="changed", remedy="run the same command again"
            )
        return write_contract(result, folder, item_id=item.id, source_name=item.path.name)

    def close(self, closing: Closing, folder: Path) -> Sequence[str]:
        """Write the run's index, workbook and calendar."""
        from .documents.outputs import write_run

        return write_run(closing, folder)

    def _open(self) -> ContractModel:
        return _MODEL.open(self.bundle, self.variant)

    def _playbook(self) -> Playbook | None:
        from .playbook import load

        return load(Path(self.playbook)) if self.playbook else None

"""Evaluate the bundle and the plain baselines on labelled folders: one list of rows, and at wish a page with diagrams.

Nothing is fitted here: thresholds and calibration come from the bundle, the rules' shares from their table. Items whose text the bundle was trained
on, by its card, are left out and counted.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...core.evaluation import Row
from . import labelled
from .contract_nli import score_ndas
from .cuad import score_contracts
from .systems import Measured, Outcome, Scorer
from .unfair_tos import score_terms

if TYPE_CHECKING:
    from ..facts.types import ContractFacts
    from ..model import ContractModel

Say = Callable[[str], None]
TELL_EVERY = 20
"""A line of progress after so many contracts."""


def _to_stderr(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def evaluate(
    folders: Sequence[Path],
    *,
    variant: str | None = None,
    as_set: str | None = None,
    out: Path | None = None,
    bundle: str = "",
    say: Say = _to_stderr,
) -> list[Row]:
    """Score labelled folders: the bundle at a variant (the shipped default without one), its linear part, the rules, the majority.

    Args:
        folders: each holds ``*.jsonl`` or ``*.jsonl.gz`` files of one set; the folder's name says which, unless ``as_set`` does.
        out: folder for ``evaluation.html`` and ``rows.json``.
        bundle: folder of another bundle than the one that ships.
        say: hears a line of progress, and how many items were left out.

    Raises:
        UsageError: a folder is none of the sets, or is missing.
        ConfigError: a file is wrong; the message names line and field.
        BundleError: the bundle cannot be opened.
    """
    from ..model import ContractModel

    sets = [labelled.set_of(folder, as_set) for folder in folders]
    files = [
        (name, split, path)
        for name, folder in zip(sets, folders, strict=True)
        for split, path in labelled.files_of(folder)
    ]
    read = [(name, split, READERS[name](path)) for name, split, path in files]
    model = ContractModel.open(bundle, variant or "auto")
    return score_sets(read, model, model.bundle.card.get("trained_on", {}), _fact_readers(model), out=out, say=say)


READERS: dict[str, Callable[[Path], list[Any]]] = {
    "cuad": labelled.contracts,
    "unfair_tos": labelled.terms,
    "contract_nli": labelled.ndas,
}
TEXT_OF: dict[str, Callable[[Any], str]] = {
    "cuad": lambda contract: contract.text,
    "unfair_tos": lambda document: "\n".join(document.sentences),
    "contract_nli": lambda nda: nda.raw,
}


def score_sets(
    sets: Sequence[tuple[str, str, list[Any]]],
    model: Scorer,
    trained_on: dict[str, list[str]],
    facts_of: dict[str, Callable[[str], ContractFacts]],
    *,
    out: Path | None = None,
    say: Say = _to_stderr,
) -> list[Row]:
    """Score sets that were read already: (set, split, items); the rest as ``evaluate``."""
    rows: list[Row] = []
    outcomes: list[tuple[str, str, Outcome]] = []
    for name, split, items in sets:
        kept, left_out = labelled.without_trained(items, TEXT_OF[name], trained_on.get(name, ()))
        if left_out:
            say(f"{name} {split}: {left_out} of {len(items)} left out, the bundle was trained on them")
        if not kept:
            say(f"{name} {split}: nothing to score")
            continue
        outcome = _score(name, kept, model, facts_of, _progress(say, name, split, len(kept)))
        outcomes.append((name, split, outcome))
        rows += [_row(name, split, measured) for measured in outcome.measured if isfinite(measured.value.value)]
    if out is not None:
        from .page import write_page

        write_page(out, rows, outcomes, model.name)
    return rows


def _row(name: str, split: str, measured: Measured) -> Row:
    value = measured.value
    low, high = (edge if isfinite(edge) else value.value for edge in (value.low, value.high))
    return Row(
        name,
        split,
        measured.task,
        measured.system,
        measured.metric,
        value.value,
        low,
        high,
        measured.num_items,
        measured.num_groups,
    )


def _score(
    name: str,
    items: list[Any],
    model: Scorer,
    facts_of: dict[str, Callable[[str], ContractFacts]],
    progress: Callable[[int], None],
) -> Outcome:
    if name == "cuad":
        return score_contracts(items, model, facts_of, progress)
    if name == "unfair_tos":
        return score_terms(items, model)
    return score_ndas(items, model, progress)


def _progress(say: Say, name: str, split: str, total: int) -> Callable[[int], None]:
    def tell(done: int) -> None:
        if done % TELL_EVERY == 0 or done == total:
            say(f"{name} {split}: {done} of {total} scored")

    return tell


def _fact_readers(model: ContractModel) -> dict[str, Callable[[str], ContractFacts]]:
    """Facts as a review reads them, by the model and by the rules alone: the text goes through the reader of text files."""

    def by(classifier: ContractModel | None) -> Callable[[str], ContractFacts]:
        def facts(text: str) -> ContractFacts:
            import tempfile

            from ..classify import classify
            from ..clauses import segment
            from ..facts.extract import extract
            from ..reading import read

            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "contract.txt"
                path.write_text(text, encoding="utf-8", errors="replace")
                document = read(path)
            tree = segment(document)
            return extract(document, tree, classify(document.text, classifier).classification)

        return facts

    return {model.name: by(model), "rules": by(None)}

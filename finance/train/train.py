"""The stages of a recipe in order. Each writes a folder of its own below ``work`` and is skipped when that is complete, so a killed training goes on.

A *run* ``without-K`` fits on the training folds but K and scores fold K: its scores are out-of-fold; the run ``all`` fits on every training fold and is
what ships. The held-out fold is read by none.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...core.errors import UsageError
from ...core.files import replacing, write_json
from ..categories import CONTRACT_TYPES, CUAD
from . import data
from .recipe import Recipe, load

if TYPE_CHECKING:
    import numpy as np

TRAINING_FOLDS = tuple(fold for fold in range(data.NUM_FOLDS) if fold != data.HELD_OUT_FOLD)
RUNS = (*(f"without-{fold}" for fold in TRAINING_FOLDS), "all")
STAGES = ("vocabulary", "linear", "network", "combine", "bundle", "card")
DONE, BEGUN = "done.json", "begun.json"
SHAPED_BY = {
    "vocabulary": ("data", "base", "encoder"),
    "linear": ("data", "clauses", "unfair", "kind"),
    "network": ("data", "base", "encoder", "network"),
    "combine": ("data", "base", "encoder", "clauses", "unfair", "kind", "network"),
}
"""The parts of a recipe that shape each stage: with another one of them, what an earlier call did is not taken for its result."""


def train(
    recipe: str | Path,
    *,
    data_folder: Path,
    out: Path,
    work: Path | None = None,
    stages: Sequence[str] = STAGES,
    runs: Sequence[str] = RUNS,
    resume: bool = True,
    progress: Callable[[str], None] = lambda line: print(line, file=sys.stderr, flush=True),
) -> Path:
    """Train a bundle as ``recipe`` says and write it to ``out``.

    Args:
        recipe: a TOML file, or the name of a shipped one.
        data_folder: holds the files that the recipe's ``[data]`` names.
        work: intermediate results, ``out`` with ".work" behind by default; kept, so that a later call resumes.
        stages: which to do, of vocabulary, linear, network, combine, bundle, card; a stage that is complete is skipped when ``resume``.
        runs: which cross-fitting runs the linear and network stages do.

    Returns:
        The bundle's folder (or ``work`` when the bundle stage is not asked for).

    Raises:
        ConfigError: the recipe or a data file is wrong.
        UsageError: an unknown stage or run, ``out`` holds something else than a bundle (which would be replaced), or ``work`` a
            stage that was made by another recipe.
    """
    for given, known, what in ((stages, STAGES, "stage"), (runs, RUNS, "run")):
        if unknown := set(given) - set(known):
            raise UsageError(f"unknown {what} {', '.join(sorted(unknown))}: choose from {', '.join(known)}")
    settings = load(recipe)
    _check_out(out)
    work = work or out.with_name(out.name + ".work")
    work.mkdir(parents=True, exist_ok=True)
    corpus = Corpus(settings, data_folder)
    shaping = settings.model_dump(mode="json")

    def stage(name: str, folder: Path, do: Callable[[Path], None]) -> None:
        wanted = {part: content for part, content in shaping.items() if part in SHAPED_BY[name.split()[0]]}
        if resume:
            _check_resumable(name, folder, wanted)
        if resume and (folder / DONE).is_file():
            progress(f"{name}: done before, kept")
            return
        folder.mkdir(parents=True, exist_ok=True)
        (folder / DONE).unlink(missing_ok=True)
        write_json(folder / BEGUN, wanted)
        do(folder)
        write_json(folder / DONE, {"stage": name})
        progress(f"{name}: done")

    if "vocabulary" in stages:
        stage("vocabulary", work / "encoder", lambda folder: _vocabulary(corpus, settings, folder))
    if "linear" in stages:
        for run in runs:
            stage(
                f"linear {run}",
                work / f"linear-{run}",
                lambda folder, run=run: _linear(corpus, settings, run, folder, progress),
            )
    if "network" in stages:
        for run in runs:
            stage(
                f"network {run}",
                work / f"network-{run}",
                lambda folder, run=run: _network(corpus, settings, run, work, folder, resume),
            )
    if "combine" in stages:
        from .combine import combine

        stage("combine", work / "combine", lambda folder: combine(corpus, work, folder, progress))
    from .assemble import assemble, write_figures

    if "bundle" in stages:
        assemble(corpus, settings, work, out, progress)
    if "card" in stages:
        write_figures(corpus, settings, work, out, progress)
    return out if {"bundle", "card"} & set(stages) else work


def _check_out(out: Path) -> None:
    """Raise UsageError where ``out`` is something that must not be replaced."""
    if out.exists() and not out.is_dir():
        raise UsageError(f"{out} is a file, not a folder; choose another --out")
    if out.is_dir() and not (out / "bundle.json").is_file() and any(out.iterdir()):
        raise UsageError(f"{out} is not empty and holds no bundle; choose another --out, or empty it")


def _check_resumable(name: str, folder: Path, wanted: dict[str, Any]) -> None:
    """Raise UsageError where ``folder`` was begun with other settings than ``wanted``."""
    if not (folder / BEGUN).is_file():
        return
    before = json.loads((folder / BEGUN).read_text(encoding="utf-8"))
    changed = [part for part in wanted if before.get(part) != wanted[part]]
    if changed:
        raise UsageError(
            f"{folder} holds the stage {name} of a recipe with another [{'], ['.join(changed)}]: "
            "choose another output folder, or train anew with --no-resume"
        )


class Corpus:
    """The recipe's data, read on first use; fold 0 left out."""

    def __init__(self, settings: Recipe, folder: Path) -> None:
        self._settings, self.folder = settings, folder
        self._contracts: list[data.Example] | None = None
        self._ndas: list[data.Example] | None = None
        self._sentences: list[data.Sentence] | None = None

    def contracts(self) -> list[data.Example]:
        if self._contracts is None:
            found = data.cuad(self.folder / self._settings.data.cuad)
            self._contracts = [example for example in found if example.fold != data.HELD_OUT_FOLD]
        return self._contracts

    def ndas(self) -> list[data.Example]:
        if self._ndas is None:
            files = [self.folder / name for name in self._settings.data.contract_nli]
            found = [example for file in files for example in data.contract_nli(file)]
            self._ndas = [example for example in found if example.fold != data.HELD_OUT_FOLD]
        return self._ndas

    def sentences(self) -> list[data.Sentence]:
        if self._sentences is None:
            files = [self.folder / name for name in self._settings.data.unfair_tos]
            found = data.unfair_tos(files)
            self._sentences = [x for x in found if data.fold_of(x.document) != data.HELD_OUT_FOLD]
        return self._sentences

    def documents_of_kinds(self) -> list[data.Example]:
        """Contracts, NDAs and the terms of service joined to documents, for the type of contract."""
        joined: dict[str, list[str]] = {}
        for sentence in self.sentences():
            joined.setdefault(sentence.document, []).append(sentence.text)
        terms = [data.Example(name, " ".join(lines), (), (), kind="terms") for name, lines in joined.items()]
        return [*self.contracts(), *self.ndas(), *terms]


def split(run: str) -> int | None:
    """The fold that a run leaves out and scores; None for ``all``."""
    return None if run == "all" else int(run.rpartition("-")[2])


def save_arrays(path: Path, arrays: dict[str, np.ndarray]) -> None:
    """Write named arrays as safetensors, at once or not at all."""
    from safetensors.numpy import save_file

    with replacing(path) as temporary:
        save_file(arrays, temporary)


def _vocabulary(corpus: Corpus, settings: Recipe, folder: Path) -> None:
    from .vocabulary import base_folder, prune

    texts = [example.text for example in (*corpus.contracts(), *corpus.ndas())]
    texts += [sentence.text for sentence in corpus.sentences()]
    base = base_folder(settings.base.folder)
    prune(base, folder, texts, min_count=settings.encoder.min_count, max_tokens=settings.encoder.max_tokens)


def _linear(corpus: Corpus, settings: Recipe, run: str, folder: Path, progress: Callable[[str], None]) -> None:
    """Fit the three linear parts of a run; scores of the fold it left out go to ``scores.safetensors``."""

    from . import fit_linear as linear

    out = split(run)
    jobs = os.cpu_count() or 1
    scores: dict[str, np.ndarray] = {}

    contracts = corpus.contracts()
    part = linear.fit_part(
        *linear.clause_rows([example for example in contracts if example.fold != out]),
        [category.key for category in CUAD],
        settings.clauses,
        folder / "clauses",
        jobs=jobs,
        progress=progress,
    )
    for example in contracts:
        if example.fold == out:
            texts = [example.text[p.start : p.end] for p in example.passages]
            scores[f"clauses/{example.name}"] = part(texts)["scores"]

    sentences = corpus.sentences()
    part = linear.fit_part(
        *linear.unfair_rows([x for x in sentences if data.fold_of(x.document) != out]),
        linear.UNFAIR_LABELS,
        settings.unfair,
        folder / "unfair",
        jobs=jobs,
    )
    left = [x for x in sentences if data.fold_of(x.document) == out]
    if left:
        scores["unfair"] = part([x.text for x in left])["scores"]

    documents = corpus.documents_of_kinds()
    part = linear.fit_part(
        *linear.kind_rows([x for x in documents if x.fold != out]),
        list(CONTRACT_TYPES),
        settings.kind,
        folder / "kind",
        max_chars=linear.KIND_CHARS,
        jobs=jobs,
    )
    left_documents = [x for x in documents if x.fold == out]
    if left_documents:
        scores["kind"] = part([x.text for x in left_documents])["scores"]
    if scores:
        save_arrays(folder / "scores.safetensors", scores)


def _network(corpus: Corpus, settings: Recipe, run: str, work: Path, folder: Path, resume: bool) -> None:
    """Fit the network of a run; scores of the fold it left out go to ``scores.safetensors``, the weights to the folder."""
    import shutil

    import numpy as np
    import torch

    from ..categories import POSITIONS
    from .encode import encode
    from .fit_network import NetworkSettings, fit, save, score

    out = split(run)
    encoder = work / "encoder"
    contracts = encode(corpus.contracts(), encoder / "tokenizer.json", len(CUAD))
    ndas = encode(corpus.ndas(), encoder / "tokenizer.json", len(POSITIONS))
    model = fit(
        [x for x in contracts if x.fold != out],
        [x for x in ndas if x.fold != out],
        encoder,
        folder,
        NetworkSettings(**settings.network.model_dump()),
        resume=resume,
    )
    if torch.cuda.is_available():
        model = model.cuda()
    scores: dict[str, np.ndarray] = {}
    for document in (*contracts, *ndas):
        if document.fold == out:
            for key, value in score(model, document).items():
                if key != "logits" or not len(document.choices):
                    scores[f"{key}/{document.name}"] = value.astype(np.float16)
    if scores:
        save_arrays(folder / "scores.safetensors", scores)
    if run == "all":
        save(model, encoder, folder)
    shutil.rmtree(folder / "checkpoints", ignore_errors=True)

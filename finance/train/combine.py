"""Fit what joins the parts, and every threshold, on out-of-fold scores: no passage is scored by a model that was trained on it.

Figures that the bundle prints beside its answers (how often a clause of a category is found) are cross-fitted: the combination that scores a fold was
fitted on the other folds' scores.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ...core.evaluation import bootstrap
from ...core.files import write_json
from ..categories import CONTRACT_TYPES, CUAD, UNFAIR
from ..combination import Combination, presence_features, sigmoid
from . import data
from .fit_linear import clause_rows, kind_rows, unfair_rows

if TYPE_CHECKING:
    from .train import Corpus

PASSAGE_PENALTY = 1.0
PRESENCE_PENALTY = 0.3
MIN_POSITIVES = 30
LEAST_SPREAD = 1e-3
"""A score that varies less tells passages apart by nothing: a category without examples has the same score everywhere."""
GRID = np.round(np.arange(0.1, 0.91, 0.05), 2)


@dataclass(frozen=True)
class OutOfFold:
    """Scores of all training contracts: ``network`` and ``linear`` float[passages, K], ``truth`` bool, ``contract`` and ``fold`` of each passage."""

    network: np.ndarray
    linear: np.ndarray
    truth: np.ndarray
    contract: np.ndarray
    fold: np.ndarray
    present: np.ndarray
    contract_fold: np.ndarray
    company: np.ndarray


def combine(corpus: Corpus, work: Path, folder: Path, progress: Callable[[str], None]) -> None:
    """Fit combinations, thresholds and temperatures from the runs below ``work``; write ``combination.json`` into ``folder``."""
    from .train import TRAINING_FOLDS

    networks: dict[str, np.ndarray] = {}
    linears: dict[str, dict[str, np.ndarray]] = {}
    for fold in TRAINING_FOLDS:
        networks |= _load(work / f"network-without-{fold}" / "scores.safetensors")
        linears[str(fold)] = _load(work / f"linear-without-{fold}" / "scores.safetensors")
    scores = _contracts(corpus, networks, linears)
    content: dict[str, Any] = {}
    for name, parts in (("ensemble", (scores.network, scores.linear)), ("linear", (scores.linear,))):
        presence, content[name] = _cross_fitted(scores, parts)
        progress(f"combination {name}: presence threshold {content[name]['presence_threshold']}")
        if name == "ensemble":
            content["recall"] = _recall(scores, presence, content[name]["presence_threshold"])
    content["prevalence"] = scores.present.mean(axis=0).round(4).tolist()
    content["positions"] = _positions(corpus, networks)
    content["unfair"] = _unfair(corpus, linears)
    content["kind"] = _kind(corpus, linears)
    write_json(folder / "combination.json", content)


def _load(path: Path) -> dict[str, np.ndarray]:
    from safetensors.numpy import load_file

    return load_file(path)


def _contracts(
    corpus: Corpus, networks: Mapping[str, np.ndarray], linears: Mapping[str, Mapping[str, np.ndarray]]
) -> OutOfFold:
    contracts = corpus.contracts()
    sizes = [len(example.passages) for example in contracts]
    number = np.repeat(np.arange(len(contracts)), sizes)
    truth = clause_rows(contracts)[1]
    present = np.zeros((len(contracts), len(CUAD)), dtype=bool)
    np.logical_or.at(present, number, truth)
    folds = np.array([example.fold for example in contracts])
    return OutOfFold(
        network=np.concatenate([networks[f"logits/{example.name}"] for example in contracts]).astype(np.float64),
        linear=np.concatenate([linears[str(example.fold)][f"clauses/{example.name}"] for example in contracts]).astype(
            np.float64
        ),
        truth=truth,
        contract=number,
        fold=np.repeat(folds, sizes),
        present=present,
        contract_fold=folds,
        company=np.array([example.name.split("_")[0].lower() for example in contracts]),
    )


def _cross_fitted(scores: OutOfFold, parts: tuple[np.ndarray, ...]) -> tuple[np.ndarray, dict[str, Any]]:
    """Cross-fitted presence [contracts, K], and the combination fitted on all folds with thresholds from the cross-fitted scores."""
    odds = np.zeros_like(parts[0])
    presence = np.zeros(scores.present.shape)
    for fold in np.unique(scores.fold):
        trained, left = scores.fold != fold, scores.contract_fold == fold
        combination = _fit(scores, parts, trained, ~left)
        odds[~trained] = combination.log_odds(*(part[~trained] for part in parts))
        for contract in np.flatnonzero(left):
            presence[contract] = combination.presence(odds[scores.contract == contract])
    final = _fit(scores, parts, np.ones(len(scores.fold), dtype=bool), np.ones(len(scores.present), dtype=bool))
    content = final.as_dict()
    content["presence_threshold"] = float(max(GRID, key=lambda cut: _presence_score(presence >= cut, scores.present)))
    content["passage_thresholds"] = _passage_thresholds(sigmoid(odds), scores.truth)
    return presence, content


def _fit(scores: OutOfFold, parts: tuple[np.ndarray, ...], rows: np.ndarray, contracts: np.ndarray) -> Combination:
    from sklearn.linear_model import LogisticRegression

    num_categories = len(CUAD)
    means = np.stack([part[rows].mean(axis=0) for part in parts])
    spread = np.stack([part[rows].std(axis=0) for part in parts])
    scales = np.where(spread > LEAST_SPREAD, spread, 1.0)
    standard = [(part - means[m]) / scales[m] for m, part in enumerate(parts)]
    weights, bias = np.zeros((len(parts), num_categories)), np.full(num_categories, -9.0)
    for k in range(num_categories):
        if scores.truth[rows, k].any():
            features = np.stack([part[rows, k] for part in standard], axis=1)
            fitted = LogisticRegression(C=PASSAGE_PENALTY, max_iter=500).fit(features, scores.truth[rows, k])
            weights[:, k], bias[k] = fitted.coef_[0], fitted.intercept_[0]
    odds = sum(weights[m] * part for m, part in enumerate(standard)) + bias
    features = np.stack([presence_features(odds[scores.contract == c]) for c in np.flatnonzero(contracts)])
    truth = scores.present[contracts]
    pooled = LogisticRegression(max_iter=500).fit(features.reshape(-1, 3), truth.ravel())
    joint = pooled.decision_function(features.reshape(-1, 3)).reshape(truth.shape)
    slope, offset = np.ones(num_categories), np.zeros(num_categories)
    for k in range(num_categories):
        if truth[:, k].any() and not truth[:, k].all():
            own = LogisticRegression(C=PRESENCE_PENALTY, max_iter=500).fit(joint[:, [k]], truth[:, k])
            slope[k], offset[k] = own.coef_[0, 0], own.intercept_[0]
    pool = np.array([*pooled.coef_[0], pooled.intercept_[0]])
    return Combination(means, scales, weights, bias, pool, slope, offset, 0.5, np.full(num_categories, 0.5))


def _presence_score(found: np.ndarray, truth: np.ndarray) -> float:
    """The mean of accuracy, micro-F1 and macro-F1: one threshold serves all three."""
    right = (found & truth).sum(axis=0)
    wrong = (found != truth).sum(axis=0)
    each = 2 * right / np.maximum(2 * right + wrong, 1)
    micro = 2 * right.sum() / max(2 * right.sum() + wrong.sum(), 1)
    return float((np.mean(found == truth) + micro + each[truth.any(axis=0)].mean()) / 3)


def _passage_thresholds(probabilities: np.ndarray, truth: np.ndarray) -> list[float]:
    """By category the grid value of best F1; where positives are few, the one best over all categories."""
    right = np.stack([((probabilities >= cut) & truth).sum(axis=0) for cut in GRID])
    wrong = np.stack([((probabilities >= cut) != truth).sum(axis=0) for cut in GRID])
    shared = int(np.argmax(2 * right.sum(axis=1) / (2 * right.sum(axis=1) + wrong.sum(axis=1))))
    own = np.argmax(2 * right / np.maximum(2 * right + wrong, 1), axis=0)
    enough = truth.sum(axis=0) >= MIN_POSITIVES
    return [float(GRID[own[k]] if enough[k] else GRID[shared]) for k in range(truth.shape[1])]


def _recall(scores: OutOfFold, presence: np.ndarray, threshold: float) -> dict[str, list[float]]:
    """By category: share of contracts with such a clause in which it is found, its 95 % interval by company, and how many there are."""
    found = presence >= threshold
    table = {}
    for k, category in enumerate(CUAD):
        truth = scores.present[:, k]

        def recall(index: np.ndarray, k: int = k, truth: np.ndarray = truth) -> float:
            have = truth[index]
            return float(found[index, k][have].mean()) if have.any() else float("nan")

        count = int(truth.sum())
        if count:
            low, high = bootstrap(recall, scores.company.tolist())
            table[category.key] = [round(recall(np.arange(len(truth))), 4), round(low, 4), round(high, 4), count]
    return table


def _positions(corpus: Corpus, networks: Mapping[str, np.ndarray]) -> dict[str, float]:
    """Temperature of the choices (Guo et al. 2017) and the threshold of evidence."""
    ndas = corpus.ndas()
    logits = np.stack([networks[f"choices/{example.name}"] for example in ndas]).astype(np.float64).reshape(-1, 3)
    truth = np.array([example.choices for example in ndas]).ravel()

    def loss(temperature: float) -> float:
        scaled = logits / temperature
        scaled -= scaled.max(axis=1, keepdims=True)
        return float(-(scaled[np.arange(len(truth)), truth] - np.log(np.exp(scaled).sum(axis=1))).mean())

    temperature = min(np.arange(0.5, 5.01, 0.05), key=loss)
    return {"temperature": round(float(temperature), 2), "evidence_threshold": 0.5}


def _unfair(corpus: Corpus, linears: Mapping[str, Mapping[str, np.ndarray]]) -> dict[str, list[float]]:
    """Slope, offset and threshold of each unfair label and of each "clearly" given the label."""
    from sklearn.linear_model import LogisticRegression

    scores, truths = [], []
    sentences = corpus.sentences()
    for fold, arrays in linears.items():
        members = [x for x in sentences if data.fold_of(x.document) == int(fold)]
        if members:
            scores.append(arrays["unfair"])
            truths.append(unfair_rows(members)[1])
    score, truth = np.concatenate(scores).astype(np.float64), np.concatenate(truths)
    num_labels = len(UNFAIR)
    slope, offset = np.ones(2 * num_labels), np.zeros(2 * num_labels)
    probabilities = np.zeros_like(score)
    for k in range(2 * num_labels):
        rows = np.ones(len(score), dtype=bool) if k < num_labels else truth[:, k - num_labels]
        if truth[rows, k].any() and not truth[rows, k].all():
            fitted = LogisticRegression(C=10.0).fit(score[rows][:, [k]], truth[rows, k])
            slope[k], offset[k] = fitted.coef_[0, 0], fitted.intercept_[0]
        probabilities[:, k] = sigmoid(slope[k] * score[:, k] + offset[k])
    cuts = _passage_thresholds(probabilities[:, :num_labels], truth[:, :num_labels])
    return {"slope": slope.round(4).tolist(), "offset": offset.round(4).tolist(), "thresholds": cuts}


def _kind(corpus: Corpus, linears: Mapping[str, Mapping[str, np.ndarray]]) -> dict[str, float]:
    """The sharpness that turns scores over contract types into probabilities."""
    documents = corpus.documents_of_kinds()
    scores, truths = [], []
    for fold, arrays in linears.items():
        members = [x for x in documents if x.fold == int(fold)]
        known = [row for row, example in enumerate(members) if len(kind_rows([example])[0])]
        scores.append(arrays["kind"][known])
        truths.append(kind_rows(members)[1].argmax(axis=1))
    score, truth = np.concatenate(scores).astype(np.float64), np.concatenate(truths)
    if score.shape[1] != len(CONTRACT_TYPES):
        raise ValueError("the kind part was trained on other contract types: train it again")

    def loss(sharpness: float) -> float:
        scaled = score * sharpness
        scaled -= scaled.max(axis=1, keepdims=True)
        return float(-(scaled[np.arange(len(truth)), truth] - np.log(np.exp(scaled).sum(axis=1))).mean())

    sharpness = min(np.arange(0.5, 15.01, 0.25), key=loss)
    accuracy = float((score.argmax(axis=1) == truth).mean())
    return {"sharpness": round(float(sharpness), 2), "accuracy_out_of_fold": round(accuracy, 4)}

"""Labelled sets of our own words, and a model that guesses: what the tests of the evaluation run on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from dsapp.finance.categories import CONTRACT_TYPES, CUAD, POSITIONS, UNFAIR
from dsapp.finance.classify import Position
from dsapp.finance.passages import cut

LAW = "This Agreement shall be governed by the laws of the State of Oregon."
ASSIGNMENT = "Neither party may assign this Agreement without the prior written consent of the other party."
INSURANCE = "The Supplier shall maintain general liability insurance of $1,000,000 per occurrence."
FILLER = "The parties meet each spring to look at the plan for the year and to talk about the harvest."


def contract(number: int) -> dict[str, Any]:
    """A contract of four paragraphs; every one has a governing law, every second an assignment clause, every third insurance."""
    parts = [f"SUPPLY AGREEMENT\n\nNumber {number}, made between Alder Works Inc. and Birch Lane LLC.", FILLER]
    spans: list[dict[str, Any]] = []
    for every, category, clause in (
        (1, "Governing Law", LAW),
        (2, "Anti-Assignment", ASSIGNMENT),
        (3, "Insurance", INSURANCE),
    ):
        if number % every == 0:
            start = len("\n\n".join(parts)) + 2
            parts.append(clause)
            spans.append({"category": category, "start": start, "end": start + len(clause), "text": clause})
    text = "\n\n".join(parts)
    answers = {"Governing Law": "Oregon", "Insurance": "Yes" if number % 3 == 0 else "No"}
    return {"title": f"C{number}", "contract_type": "Supply", "text": text, "spans": spans, "answers": answers}


def nda(number: int) -> dict[str, Any]:
    """An NDA that forbids reverse engineering where its number is even."""
    sentence = "The Recipient shall not reverse engineer any sample." if number % 2 == 0 else FILLER
    annotations = {key: {"choice": "NotMentioned", "spans": []} for key in POSITIONS}
    if number % 2 == 0:
        annotations["nda-11"] = {"choice": "Entailment", "spans": []}
    return {"id": number, "text": f"NON-DISCLOSURE AGREEMENT\n\n{sentence}\n\n{FILLER}", "annotations": annotations}


def sentence(document: str, number: int) -> dict[str, Any]:
    """A sentence of terms; every fourth is unfair."""
    unfair = number % 4 == 0
    text = (
        "we may terminate your account at any time for any reason without notice ." if unfair else f"{FILLER} {number}"
    )
    labels = ["Unilateral termination"] if unfair else []
    return {"doc": document, "i": number, "text": text, "labels": labels, "levels": dict.fromkeys(labels, 3)}


def write(path: Path, rows: Sequence[dict[str, Any]]) -> Path:
    """Write rows as JSON lines; returns the folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path.parent


class Guesser:
    """A model that answers at random, the same for the same text; ``skill`` in 0..1 mixes in what our clauses are."""

    name = "guesser:fp32"

    def __init__(self, skill: float = 0.0) -> None:
        self.skill = skill
        self.ensemble = SimpleNamespace(presence_threshold=0.5, passage_thresholds=np.full(len(CUAD), 0.5))
        self.linear = self.ensemble
        prevalence = np.zeros(len(CUAD))
        prevalence[self.column("governing_law")] = 0.9
        self.config = {"prevalence": prevalence.tolist(), "unfair": {"thresholds": [0.5] * len(UNFAIR)}}

    @staticmethod
    def column(key: str) -> int:
        return [category.key for category in CUAD].index(key)

    @staticmethod
    def _random(text: str) -> np.random.Generator:
        return np.random.default_rng(int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big"))

    def score(self, text: str) -> Any:
        passages = cut(text)
        noise = self._random(text).random((len(passages), len(CUAD)))
        known = np.zeros_like(noise)
        for number, passage in enumerate(passages):
            for key, clause in (("governing_law", LAW), ("anti_assignment", ASSIGNMENT), ("insurance", INSURANCE)):
                known[number, self.column(key)] = text[passage.start : passage.end] == clause
        probabilities = self.skill * known + (1 - self.skill) * noise
        spans = np.array([[[p.start, p.end]] * len(CUAD) for p in passages]).reshape(-1, len(CUAD), 2)
        presence = probabilities.max(axis=0)
        return SimpleNamespace(
            text=text,
            passages=passages,
            probabilities=probabilities,
            presence=presence,
            probabilities_linear=noise,
            presence_linear=noise.max(axis=0),
            spans=spans,
        )

    def positions(self, scores: Any) -> tuple[Position, ...]:
        shares = self._random(scores.text).dirichlet([1, 1, 1], len(POSITIONS))
        names = ("entailment", "contradiction", "not_mentioned")
        return tuple(
            Position(key, names[int(row.argmax())], dict(zip(names, map(float, row), strict=True)))
            for key, row in zip(POSITIONS, shares, strict=True)
        )

    def unfair(self, sentences: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        rows = np.array([self._random(text).random(2 * len(UNFAIR)) for text in sentences])
        return rows[:, : len(UNFAIR)], rows[:, len(UNFAIR) :]

    def kind_scores(self, text: str) -> np.ndarray:
        return np.full(len(CONTRACT_TYPES), -1.0)

"""Proofs and the values of facts, as JSON and as a person reads them.

A proof is a tree of rules; it is written as its steps in reading order, each with its depth, so that neither a program nor
a page needs to recurse.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from ...core.pages.text import shorten
from ...core.rules import Evidence, Fact, Proof
from ..facts.types import Duration, Money

MAX_QUOTE_CHARS = 4000
"""Longer quotes are cut and say so; their offsets are always whole."""


def proof_steps(proof: Proof, depth: int = 0) -> Iterator[tuple[int, Proof]]:
    """A proof and the proofs below it in reading order, each with its depth."""
    yield depth, proof
    for premise in proof.premises:
        yield from proof_steps(premise, depth + 1)


def proof_text(proof: Proof) -> str:
    """The proof as one readable line a step: rule, the facts it used, and the words or outputs they rest on."""
    lines = []
    for depth, step in proof_steps(proof):
        parts = [f"rule {step.rule}: {step.sentence}"]
        parts.extend(f"on {_fact_text(fact)}" for fact in step.facts)
        if step.overrules:
            parts.append(f"overrules {', '.join(step.overrules)}")
        lines.append("  " * depth + "; ".join(parts))
    return "\n".join(lines)


def _fact_text(fact: Fact) -> str:
    value = shown_value(fact.value)
    resting = ", ".join(evidence_text(evidence) for evidence in fact.evidence)
    return f"{fact.name} = {value}{' ' + fact.unit if fact.unit else ''}" + (f" from {resting}" if resting else "")


def shown_value(value: Any) -> str:
    """A fact's value for a person: "unknown", yes or no, a number without idle digits, else its own text."""
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, Mapping):
        if "amount" in value:
            return f"{value.get('currency', '')} {value['amount']}".strip()
        if "unit" in value:
            return f"{shown_value(value.get('value'))} {value['unit']}".replace("_", " ")
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(shown_value(inner) for inner in value)
    return shorten(str(value), 160)


def evidence_text(evidence: Evidence) -> str:
    """A piece of evidence in a few words: quoted words, a model's output with its probability, what the user gave."""
    text = shorten(evidence.text, 160)
    if evidence.kind == "words":
        return f"words “{text}”"
    if evidence.kind == "model":
        return f"model {text}" + (f" {evidence.probability:.2f}" if evidence.probability is not None else "")
    return f"{evidence.kind} {text}"


def step_json(depth: int, proof: Proof) -> dict[str, Any]:
    """One step of a proof as ``findings.json`` holds it."""
    return {
        "depth": depth,
        "rule": proof.rule,
        "sentence": proof.sentence,
        "facts": [
            {
                "name": fact.name,
                "value": plain(fact.value),
                "unit": fact.unit,
                "confidence": finite(fact.confidence),
                "evidence": [
                    {
                        "kind": evidence.kind,
                        "text": evidence.text[:MAX_QUOTE_CHARS],
                        "start": evidence.start,
                        "end": evidence.end,
                        "probability": finite(evidence.probability),
                    }
                    for evidence in fact.evidence
                ],
            }
            for fact in proof.facts
        ],
        "overrules": list(proof.overrules),
    }


def finite(number: float | None) -> float | None:
    """The number rounded to what is meaningful; None for what JSON cannot say."""
    return round(float(number), 4) if number is not None and math.isfinite(number) else None


def plain(value: Any) -> Any:
    """Any fact's value as JSON: durations and money keep their parts, dates become ISO 8601, the unknown its text."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Duration):
        return {"value": value.value, "unit": value.unit, "days": round(value.days, 4)}
    if isinstance(value, Money):
        return {"amount": format(value.amount, "f"), "currency": value.currency}
    if isinstance(value, datetime.date | datetime.datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, Sequence):
        return [plain(inner) for inner in value]
    if isinstance(value, set | frozenset):
        return sorted(str(inner) for inner in value)
    return str(value)

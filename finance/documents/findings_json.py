"""``findings.json``: everything a review found, for programs. Its form is published in ``schemas/findings-1.json``.

``findings`` turns a ``Review`` into plain JSON values; the page and the summaries are made from the same dictionary, so
that what a person reads and what a program reads never differ.
"""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...core.pages.text import percent, plural
from ..categories import CATEGORIES, CONTRACT_TYPES, POSITIONS
from ..classify import Label
from ..definitions import undefined_terms
from ..document import Change, Place, Words
from ..facts.types import Deadline, Found
from ..findings import Finding, Suggestion
from ..wording import sentence_around
from .fact_rows import deadline_status, fact_rows
from .proofs import MAX_QUOTE_CHARS, finite, plain, proof_steps, proof_text, step_json

if TYPE_CHECKING:
    from ..review import Review

SCHEMA = "dsapp.finance.findings/1"
FINDINGS_NAME = "findings.json"
MAX_PLACES = 40
"""Boxes given for one quote; a quote over more lines has its first ones."""
DISCLAIMER = (
    "This review supports a professional and replaces none. It is no legal advice: read the words it points to, "
    "and what it could not read, before you act."
)
SHORT_QUOTE_CHARS = 80
MAX_AROUND_CHARS = 160
_SPACES = re.compile(r"\s+")
DOCUMENT_KINDS = {
    "master": "Master agreement",
    "amendment": "Amendment",
    "order_form": "Order form",
    "exhibit": "Exhibit",
    "terms": "Terms",
    "other": "Other document",
}


def findings(review: Review, item_id: str, source_name: str) -> dict[str, Any]:
    """The review as JSON values that follow ``schemas/findings-1.json``.

    ``item_id`` names the contract in its run, ``source_name`` is how its file is shown to people.
    """
    document, judgement = review.document, review.judgement
    decided, applicable = judgement.decided
    write = _Writer(review)
    return {
        "schema": SCHEMA,
        "id": item_id,
        "source": source_name,
        "produced_by": write.producer(),
        "document": write.document(),
        "side": dataclasses.asdict(judgement.side),
        "playbook": judgement.playbook,
        "level": judgement.level,
        "verdict": judgement.verdict,
        "checks_decided": {"decided": decided, "applicable": applicable},
        "score": finite(judgement.score),
        "withheld": dict(judgement.withheld),
        "findings": [write.finding(number, found) for number, found in enumerate(judgement.findings, start=1)],
        "checks": [
            {
                "id": check.id,
                "title": check.title,
                "status": check.status,
                "note": check.note,
                "quotes": [write.quote(words) for words in check.quotes],
                "clauses": [write.clause(index) for index in check.clauses],
            }
            for check in judgement.checks
        ],
        "clauses": [write.label(label) for label in review.classification.labels],
        "positions": write.positions(),
        "facts": write.facts(),
        "deadlines": [write.deadline(deadline) for deadline in review.facts.deadlines],
        "obligations": [write.fact(duty) for duty in review.facts.obligations],
        "definitions": [
            {
                "term": definition.term,
                "num_uses": definition.num_uses,
                "circular": definition.circular,
                "quote": write.quote(document.words(definition.start, definition.end)),
            }
            for definition in review.tree.definitions
        ],
        "undefined_terms": [
            {"term": found.term, "num_uses": found.num_uses, "quote": write.quote(found.words)}
            for found in undefined_terms(document, review.tree)
        ],
        "references": [
            {
                "target": reference.target,
                "status": reference.status,
                "incorporated": reference.incorporated,
                "leads_to": write.clause(reference.clause),
                "quote": write.quote(document.words(reference.start, reference.end)),
            }
            for reference in review.tree.references
        ],
        "unread": [dataclasses.asdict(part) for part in document.unread],
        "changes": [write.change(change) for change in document.changes],
        "comments": [
            {
                "author": comment.author,
                "date": comment.date,
                "text": comment.text,
                "quote": write.quote(document.words(comment.start, comment.end)),
            }
            for comment in document.comments
        ],
        "uncertainty": uncertainty(review),
        "notes": list(judgement.notes),
        "disclaimer": DISCLAIMER,
    }


def schema() -> dict[str, Any]:
    """The published JSON Schema (draft 2020-12) of ``findings``."""
    return json.loads((Path(__file__).parent / "schemas" / "findings-1.json").read_text(encoding="utf-8"))


def uncertainty(review: Review) -> list[str]:
    """What a reader must know before leaning on this review: sentences, the weightiest first."""
    sentences: list[str] = []
    decided, applicable = review.judgement.decided
    kind = review.classification.kind
    if review.document.unread:
        count = plural(len(review.document.unread), "part")
        sentences.append(f"{count} of the source could not be read; no verdict rests on them.")
    if not review.judgement.playbook:
        sentences.append("No playbook fits this type of contract: nothing was checked for being missing.")
    if applicable > decided:
        sentences.append(f"{plural(applicable - decided, 'check')} of {applicable} could not be decided.")
    if not review.judgement.side.party:
        sentences.append("No party was matched as ours: levels are the worst over all parties.")
    withheld = sum(review.judgement.withheld.values())
    if withheld:
        sentences.append(f"{plural(withheld, 'finding')} beyond the playbook's budget are not shown.")
    sentences.append(
        f"The type of contract was recognised with probability {percent(kind.contract_type_probability)}; "
        "probabilities are the classifier's own, facts carry a confidence from 0 to 1."
    )
    return sentences


@dataclasses.dataclass(frozen=True)
class _Writer:
    """Turns the parts of one review into JSON values, each stretch of words with its places and clause."""

    review: Review

    def producer(self) -> dict[str, str]:
        from ... import __version__

        return {
            "dsapp": __version__,
            "model": self.review.model,
            "classifier": self.review.classification.source,
        }

    def document(self) -> dict[str, Any]:
        document, kind = self.review.document, self.review.classification.kind
        return {
            "name": document.name,
            "format": document.format,
            "digest": document.digest,
            "num_pages": document.num_pages,
            "num_characters": len(document.text),
            "title": kind.title,
            "contract_type": {
                "key": kind.contract_type,
                "title": CONTRACT_TYPES.get(kind.contract_type, kind.contract_type),
                "probability": finite(kind.contract_type_probability),
            },
            "document_kind": {
                "key": kind.document_kind,
                "title": DOCUMENT_KINDS.get(kind.document_kind, kind.document_kind),
                "probability": finite(kind.document_kind_probability),
            },
            "left_out": {what: int(count) for what, count in document.removed.items()},
            "notes": list(document.notes),
        }

    def quote(self, words: Words) -> dict[str, Any]:
        text = words.text[:MAX_QUOTE_CHARS]
        value: dict[str, Any] = {"start": words.start, "end": words.end, "text": text}
        if len(words.text) > MAX_QUOTE_CHARS:
            value["shortened"] = True
        places = self.review.document.places.of(words.start, words.end)
        value["places"] = [_place(place) for place in places[:MAX_PLACES]]
        clause = self.review.tree.at(words.start)
        value["clause"] = self.clause(clause.index) if clause else None
        return value

    def around(self, words: Words) -> dict[str, str]:
        """The rest of the sentence that a short quote stands in: "thirty (30) days" alone tells a reader nothing."""
        if len(words.text) >= SHORT_QUOTE_CHARS:
            return {}
        text = self.review.document.text
        first, last = sentence_around(text, words.start, words.end)
        before = _SPACES.sub(" ", text[max(first, words.start - MAX_AROUND_CHARS) : words.start]).lstrip()
        after = _SPACES.sub(" ", text[words.end : min(last, words.end + MAX_AROUND_CHARS)]).rstrip()
        return {
            "before": f"… {before}" if words.start - first > MAX_AROUND_CHARS else before,
            "after": f"{after} …" if last - words.end > MAX_AROUND_CHARS else after,
        }

    def clause(self, index: int | None) -> dict[str, Any] | None:
        clauses = self.review.tree.clauses
        if index is None or not 0 <= index < len(clauses):
            return None
        clause = clauses[index]
        return {"index": index, "path": clause.path or clause.number, "heading": clause.heading}

    def finding(self, number: int, found: Finding) -> dict[str, Any]:
        return {
            "id": found.id,
            "number": number,
            "kind": found.kind,
            "check": found.check,
            "title": found.title,
            "level": found.level,
            "risk": dict(found.risk),
            "why": found.why,
            "stake": found.stake,
            "quotes": [self.quote(words) | self.around(words) for words in found.quotes],
            "clauses": [self.clause(index) for index in found.clauses],
            "probability": finite(found.probability),
            "sources": list(found.sources),
            "recall": found.recall,
            "suggestion": _suggestion(found.suggestion),
            "fallback": _suggestion(found.fallback),
            "changes": [self.change(change) for change in found.changes],
            "overruled": list(found.overruled),
            "proof": {
                "text": proof_text(found.proof),
                "steps": [step_json(depth, step) for depth, step in proof_steps(found.proof)],
            },
        }

    def change(self, change: Change) -> dict[str, Any]:
        return {
            "kind": change.kind,
            "author": change.author,
            "date": change.date,
            "text": change.text[:MAX_QUOTE_CHARS],
            "quote": self.quote(self.review.document.words(change.start, change.end)),
        }

    def label(self, label: Label) -> dict[str, Any]:
        category = CATEGORIES.get(label.category)
        return {
            "category": label.category,
            "title": category.title if category else label.category,
            "group": category.group if category else "cuad",
            "probability": finite(label.probability),
            "threshold": finite(label.threshold),
            "source": label.source,
            "rule": label.rule,
            "level": label.level,
            "quote": self.quote(self.review.document.words(label.start, label.end)),
        }

    def positions(self) -> list[dict[str, Any]]:
        return [
            {
                "hypothesis": position.hypothesis,
                "title": POSITIONS.get(position.hypothesis, position.hypothesis),
                "choice": position.choice,
                "probabilities": {choice: finite(value) for choice, value in position.probabilities.items()},
                "quotes": [self.quote(self.review.document.words(start, end)) for start, end in position.spans],
            }
            for position in self.review.classification.positions
        ]

    def facts(self) -> list[dict[str, Any]]:
        return [
            {"list": row.field, "group": row.group, "name": row.name, "shown": row.value} | self.fact(row.found)
            for row in fact_rows(self.review.facts)
        ]

    def fact(self, found: Found) -> dict[str, Any]:
        own = {field.name for field in dataclasses.fields(Found)}
        typed = {
            field.name: plain(getattr(found, field.name))
            for field in dataclasses.fields(found)
            if field.name not in own
        }
        return {
            "typed": typed,
            "confidence": finite(found.confidence),
            "quote": self.quote(found.words),
        }

    def deadline(self, deadline: Deadline) -> dict[str, Any]:
        return {
            "title": deadline.title,
            "holder": deadline.holder,
            "date": deadline.date.isoformat() if deadline.date else None,
            "arithmetic": deadline.arithmetic,
            "blocked_by": deadline.blocked_by,
            "in_calendar": deadline_status(deadline) == "",
            "status": deadline_status(deadline),
            "confidence": finite(deadline.confidence),
            "quote": self.quote(deadline.words),
        }


def _place(place: Place) -> dict[str, Any]:
    if place.page is not None:
        box = [round(float(edge), 1) for edge in place.box] if place.box else None
        return {"page": place.page, "box": box}
    return {"paragraph": place.paragraph, "offset": place.offset}


def _suggestion(suggestion: Suggestion | None) -> dict[str, str] | None:
    return dataclasses.asdict(suggestion) if suggestion else None

"""The small JSON that a run stores for each contract: all that its index, workbook and calendar are rebuilt from.

Its size is bounded: long quotes are shortened, long lists cut and counted. Whatever is whole stands in the contract's
``findings.json``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ...core.pages.text import shorten
from .findings_json import findings
from .page import level_counts
from .text import in_sentence

if TYPE_CHECKING:
    from ..review import Review

SCHEMA = "dsapp.finance.summary/1"
MAX_PARTIES, MAX_FINDINGS, MAX_CHECKS, MAX_DEADLINES, MAX_UNREAD = 12, 200, 300, 300, 60
_QUOTE_CHARS, _SENTENCE_CHARS, _NAME_CHARS = 240, 320, 160


def summary(review: Review, item_id: str, source_name: str, *, data: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The contract in brief, as JSON values.

    ``data`` is ``findings(review, item_id, source_name)`` where the caller has it already.
    """
    data = findings(review, item_id, source_name) if data is None else data
    document = data["document"]
    facts = data["facts"]
    return {
        "schema": SCHEMA,
        "id": item_id,
        "source": source_name,
        "digest": document["digest"],
        "format": document["format"],
        "num_pages": document["num_pages"],
        "num_characters": document["num_characters"],
        "title": shorten(document["title"], _NAME_CHARS),
        "contract_type": document["contract_type"],
        "document_kind": document["document_kind"],
        "parties": [_party(fact) for fact in facts if fact["list"] == "parties"][:MAX_PARTIES],
        "side": {"party": shorten(data["side"]["party"], _NAME_CHARS), "role": data["side"]["role"]},
        "playbook": data["playbook"],
        "level": data["level"],
        "verdict": data["verdict"],
        "checks_decided": data["checks_decided"],
        "score": data["score"],
        "counts": level_counts(data["findings"]),
        "withheld": sum(data["withheld"].values()),
        "dates": {fact["typed"]["kind"]: _date(fact) for fact in reversed(facts) if fact["list"] == "dates"},
        "term": _first(facts, "term"),
        "renewal": _first(facts, "renewal"),
        "law": next((_shown(fact) for fact in facts if _is_law(fact)), ""),
        "findings": [_finding(found) for found in data["findings"][:MAX_FINDINGS]],
        "checks": [{key: check[key] for key in ("id", "title", "status")} for check in data["checks"][:MAX_CHECKS]],
        "deadlines": [_deadline(deadline) for deadline in data["deadlines"][:MAX_DEADLINES]],
        "unread": [
            {key: shorten(str(part[key]), _SENTENCE_CHARS) for key in ("where", "code", "reason", "remedy")}
            for part in data["unread"][:MAX_UNREAD]
        ],
        "not_supplied": [
            shorten(reference["target"], _NAME_CHARS)
            for reference in data["references"]
            if reference["status"] == "not_supplied"
        ][:MAX_UNREAD],
        "totals": {
            "findings": len(data["findings"]),
            "deadlines": len(data["deadlines"]),
            "unread": len(data["unread"]),
            "changes": len(data["changes"]),
            "clauses": len(data["clauses"]),
            "obligations": len(data["obligations"]),
        },
        "produced_by": data["produced_by"],
    }


def _shown(fact: Mapping[str, Any]) -> str:
    return shorten(fact["shown"], _NAME_CHARS)


def _first(facts: Sequence[Mapping[str, Any]], name: str) -> str:
    return next((_shown(fact) for fact in facts if fact["list"] == name), "")


def _is_law(fact: Mapping[str, Any]) -> bool:
    return fact["list"] == "laws" and fact["typed"]["kind"] == "law" and fact["typed"]["covers"] == "agreement"


def _party(fact: Mapping[str, Any]) -> dict[str, str]:
    return {"name": shorten(fact["typed"]["name"], _NAME_CHARS), "role": fact["typed"]["role"]}


def _date(fact: Mapping[str, Any]) -> dict[str, Any]:
    typed = fact["typed"]
    undated = bool(
        typed["open_start"]
    )  # counted from a day that the contract does not date: the earliest it can be is no end date
    return {
        "date": None if undated else typed["value"],
        "status": "not known" if undated else typed["status"],
        "arithmetic": shorten(typed["arithmetic"], _SENTENCE_CHARS),
    }


def _where(quote: Mapping[str, Any] | None) -> dict[str, Any]:
    """Clause path and page of a quote, as far as they are known."""
    if quote is None:
        return {"clause": "", "page": None}
    clause, places = quote["clause"], quote["places"]
    return {"clause": clause["path"] if clause else "", "page": places[0].get("page") if places else None}


def _finding(found: Mapping[str, Any]) -> dict[str, Any]:
    quote = found["quotes"][0] if found["quotes"] else None
    return {
        "id": found["id"],
        "number": found["number"],
        "kind": found["kind"],
        "check": found["check"],
        "title": shorten(found["title"], _NAME_CHARS),
        "level": found["level"],
        "why": shorten(found["why"], _SENTENCE_CHARS),
        "stake": shorten(found["stake"], _SENTENCE_CHARS),
        "recall": shorten(found["recall"], _SENTENCE_CHARS),
        "quote": shorten(in_sentence(quote), _QUOTE_CHARS) if quote else "",
        **_where(quote),
    }


def _deadline(deadline: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "title": shorten(deadline["title"], _NAME_CHARS),
        "holder": shorten(deadline["holder"], _NAME_CHARS),
        "date": deadline["date"],
        "arithmetic": shorten(deadline["arithmetic"], _SENTENCE_CHARS),
        "blocked_by": shorten(deadline["blocked_by"], _SENTENCE_CHARS),
        "status": shorten(deadline["status"], _SENTENCE_CHARS),
        "confidence": deadline["confidence"],
        "quote": shorten(deadline["quote"]["text"], _QUOTE_CHARS),
        **_where(deadline["quote"]),
    }

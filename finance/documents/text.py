"""Words of a quote as lists and tables show them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def in_sentence(quote: Mapping[str, Any]) -> str:
    """A quote's words, with the rest of their sentence where they are few.

    >>> in_sentence({"text": "ten (10) days", "before": "upon ", "after": "' notice"})
    "upon ten (10) days' notice"
    """
    return f"{quote.get('before', '')}{quote['text']}{quote.get('after', '')}".strip()

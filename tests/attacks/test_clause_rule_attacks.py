"""Hostile texts against the rules: what would make a careless pattern run for hours ends well within a minute."""

from __future__ import annotations

import pytest

from dsapp.finance import clause_rules
from dsapp.finance.kind import kind_of
from dsapp.finance.passages import cut

SIZE = 300_000
HOSTILE = {
    "keywords": "shall not terminate grant license assign transfer compete solicit warrant insure audit renew notice price liability ",
    "nearly": "shall not directly or indirectly own manage engage in any business that ",
    "percent": "pay 5% of 5% of 5% of 5% of ",
    "not not": "not neither nor not no not ",
    "brackets": "((((((((((",
    "quotes": '""""""""""',
    "digits": "1234567890.",
    "capitals": "AGREEMENT AND CONTRACT OF ",
    "dates": "as of January 1, January 1, dated ",
    "breaks": "a\n\n",
    "dots": "a. ",
    "blanks": " \t \u00a0",
    "no breaks": "x",
}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("kind", list(HOSTILE))
def test_a_hostile_text_ends(kind: str) -> None:
    text = HOSTILE[kind] * (SIZE // len(HOSTILE[kind]))
    passages = cut(text)
    labels, presence = clause_rules.read(text, passages)
    assert all(0 <= label.start < label.end <= len(text) for label in labels)
    assert len(presence) == 41
    assert len(clause_rules.positions(text, passages)) == 17
    assert len(kind_of(text).title) <= 400

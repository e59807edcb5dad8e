"""What a review says: findings with their proof, and the checks that were decided.

A finding is what a playbook line asked for, a contradiction inside the contract, or a tracked change that moves a fact or
an answer. Its id stays the same when the file is reviewed again or saved anew.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from ..core.rules import Proof
from .document import Change, Words

Level = Literal["high", "medium", "low"]
LEVELS: tuple[Level, ...] = ("high", "medium", "low")
FindingKind = Literal[
    "red_line",
    "deviation",
    "missing",
    "forbidden",
    "one_sided",
    "contradiction",
    "change",
    "reference",
    "signature",
    "gap",
]


@dataclass(frozen=True)
class Suggestion:
    """Wording of our own, and the law it was written for."""

    text: str
    law: str
    note: str = ""


@dataclass(frozen=True)
class Finding:
    """One thing a reviewer should look at.

    ``risk`` gives the level for each party by name; ``level`` is the one for the side acted for, or the worst of ``risk`` where no side is
    known. ``why`` is one or two plain sentences, ``stake`` what may be lost. ``quotes`` are the words it rests on, empty for
    "not found". ``recall`` is the printed sentence on how often such a clause is found, for ``missing`` only. ``sources`` says which
    of model, rules, playbook spoke; ``overruled`` the sentences on what was set aside and why.
    """

    id: str
    kind: FindingKind
    check: str
    title: str
    level: Level
    risk: Mapping[str, Level]
    why: str
    stake: str
    quotes: tuple[Words, ...]
    clauses: tuple[int, ...]
    proof: Proof
    sources: tuple[str, ...]
    probability: float | None = None
    suggestion: Suggestion | None = None
    fallback: Suggestion | None = None
    recall: str = ""
    changes: tuple[Change, ...] = ()
    overruled: tuple[str, ...] = ()


@dataclass(frozen=True)
class Check:
    """One playbook line and what became of it: ``passed``, ``failed`` (a finding), ``undecided`` (why in ``note``), ``not_applicable``."""

    id: str
    title: str
    status: Literal["passed", "failed", "undecided", "not_applicable"]
    note: str = ""
    quotes: tuple[Words, ...] = ()
    clauses: tuple[int, ...] = ()


@dataclass(frozen=True)
class Side:
    """Whom the review acts for. ``party`` is the matched party's name, "" where none matched or none was given; ``asked`` what was
    given; ``how`` a sentence on how the match was made."""

    asked: str
    party: str
    role: str
    how: str


@dataclass(frozen=True)
class Judgement:
    """All findings of a contract, most serious first; ``level`` is the worst open finding's, None where none is open.

    ``playbook`` is "" where none fits the type of contract; ``withheld`` counts findings past the playbook's budget, by level.
    ``risk`` is the contract's level for each party by name; a party that no finding touches is not in it.
    """

    side: Side
    playbook: str
    findings: tuple[Finding, ...]
    checks: tuple[Check, ...]
    level: Level | None
    score: float = 0.0
    withheld: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    risk: Mapping[str, Level] = field(default_factory=dict)

    @property
    def decided(self) -> tuple[int, int]:
        """Checks decided, and checks that apply."""
        applicable = [check for check in self.checks if check.status != "not_applicable"]
        return sum(check.status != "undecided" for check in applicable), len(applicable)

    @property
    def verdict(self) -> str:
        """One line: the level, or "nothing found", always with the checks decided and how many are not."""
        done, total = self.decided
        if self.level is None:
            if not done:
                return "not judged" if total else "not judged (no playbook fits)"
            rest = f" ({total - done} of {total} undecided)" if done < total else ""
            return f"nothing found in {done} check{'' if done == 1 else 's'}{rest}"
        return f"{self.level} ({done} of {total} checks decided)" if total else f"{self.level} (no playbook fits)"


def finding_id(check: str, words: str, occurrence: int = 0) -> str:
    """A short id from the check and the letters of the words it rests on: unmoved by spacing, position or file format.

    >>> finding_id("cap-present", "Supplier's  liability") == finding_id("cap-present", "supplier's liability")
    True
    """
    letters = re.sub(r"[\W_]+", "", words).lower()
    return hashlib.sha256(f"{check}|{letters}|{occurrence}".encode()).hexdigest()[:10]

"""Whom a clause binds and whom it serves: every party in it with its verb, as a duty or a right, granted or denied.

A clause of a wanted kind may say the opposite of what is wanted: the wrong party may be the one that insures, or nobody ("Provider has no obligation
to protect personal data"). ``bound`` reads from the words who is bound in fact; ``refused`` whether they deny the duty or the right itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from .facts.types import Party
from .sides import BOTH

REACH = 160
MAX_ACTS = 60

_TO_HAVE = r"(?:own|have|receive|retain|keep title|be (?:(?:the )?(?:sole |exclusive )?owners?|entitled|permitted|allowed|free|granted|given)|enjoy|hold title)\b"
_VERB = re.compile(
    rf"\b(?:(?P<right>may|can|(?:shall|will) (?:hereby )?{_TO_HAVE}|(?:has|have) (?:the|a|an) (?:\w+ )?(?:right|option)|(?:is|are) (?:hereby )?(?:entitled|permitted|allowed|free|granted|given)\b|reserves?|owns?|receives?)"
    r"|(?P<duty>shall|will|must|agrees?|undertakes?|covenants?|warrants?|represents?|hereby|assigns?|grants?|indemnif(?:y|ies)|defends?|maintains?|carr(?:y|ies)|keeps?|protects?|process(?:es)?|notif(?:y|ies)"
    r"|answers?|bears?|pays?|provides?|reports?|remains? (?:\w+ )?(?:responsible|liable)|(?:is|are) (?:(?!not\b)\w+ )?(?:responsible|liable|obliged|obligated|required|bound)"
    r"|(?:has|have) (?:the|a|an) (?:\w+ )?(?:duty|obligation))"
    r"|(?P<none>cannot|need not|(?:has|have) no\b|(?:is|are|does|do) not\b|(?:is|are) under no\b|disclaims?))\b(?P<not>,? (?:not|never|in no event)\b|,? (?:under )?no\b)?",
    re.I,
)
_ANY = re.compile(r"\b(?:either|each|neither|both|any|an?|no|one)\s+(?:of\s+the\s+)?part(?:y|ies)\b", re.I)
_FLOATING = re.compile(
    r"\b(?:the other|such|one|that|(?:the )?(?:(?:non-)?(?:breaching|defaulting)|aggrieved|indemnif\w+|terminating|affected)) part(?:y|ies)\b|\bthe part(?:y (?:not )?in (?:default|breach)|ies)\b"
    r"|\b(?:(?:disclosing|receiving) part(?:y|ies)|discloser|recipient|receiver|indemnitor|indemnitee)\b",
    re.I,
)
"""Names for whichever party it falls on, where no party bears them as its own."""
_BARRED = re.compile(r"cannot\b", re.I)
_FREED = re.compile(
    r"\s*(?:be (?:\w+ )?(?:required|obliged|obligated|liable|responsible|bound)|have (?:any|an|a|the) (?:\w+ )?(?:obligation|duty|liability|responsibility))\b",
    re.I,
)
"""Behind "shall not": what frees a party, where all else bars it from something and so binds it."""
_OBJECT = re.compile(r"\b(?:by|of|to|from|with|against|for|between|upon|on|in|than)(?: the)? $")
_PASSIVE = re.compile(
    r"\b(?:shall|will|must|(?P<may>may|can))(?P<not> not)? be \w+(?:ed|id|pt|ne|nt)\b[^.;]{0,80}?\bby (?:the )?$"
)
_REFUSED = re.compile(
    r"\b(?:has|have|shall have|will have|is|are|under|bears?) no (?:\w+ ){0,2}(?:obligation|duty|responsibility|right|requirement|liabilit\w+)\b|\bno (?:obligation|duty|responsibility|requirement) (?:to|of|on)\b"
    r"|\b(?:is|are|be) not (?:required|obliged|obligated|entitled|bound|permitted|allowed|responsible)\b|\bneed not\b|\b(?:does|do|shall|will) not (?:have (?:any|the|an|a) (?:obligation|duty|right)|guarantee|provide any|indemnify|be (?:required|obliged|obligated|entitled|bound|permitted|responsible|liable))\b"
    r"|\bdisclaims?\b",
    re.I,
)


@dataclass(frozen=True)
class Act:
    """One party (``both`` for all) with its verb in a clause: a duty (a bar is one) or a right, ``denied`` where the words say that there is none."""

    who: str
    kind: Literal["duty", "right"]
    denied: bool
    start: int


def acts(words: str, parties: Sequence[Party]) -> list[Act]:
    """Every party that has a verb of duty or right in some words, in their order."""
    found: list[Act] = []
    mentions = _mentions(words, parties)
    subjects = [
        (who, start, end) for who, start, end in mentions if not _OBJECT.search(words, max(0, start - 16), start)
    ]
    for who, start, _ in mentions:
        passive = _PASSIVE.search(words, max(0, start - REACH), start)
        if passive is not None:
            right = passive["may"] is not None and passive["not"] is None
            denied = passive["not"] is not None and passive["may"] is None
            found.append(Act(who, "right" if right else "duty", denied, start))
    for number, (who, start, end) in enumerate(subjects):
        following = subjects[number + 1][1] if number + 1 < len(subjects) else len(words)
        verb = _VERB.search(words, end, min(following, end + REACH))
        if verb is None or re.search(r"[.;]\s|\n", words[end : verb.start()]):
            continue
        barred = verb["not"] is not None or _BARRED.match(verb["none"] or "") is not None
        denied = verb["none"] is not None and not barred
        denied = denied or (barred and _FREED.match(words, verb.end()) is not None)
        opening = words[max(0, start - 12) : start + 8]
        barred = barred or (who == BOTH and re.search(r"\b(?:neither|no)\b", opening, re.I) is not None)
        kind: Literal["duty", "right"] = "right" if verb["right"] is not None and not barred else "duty"
        found.append(Act(who, kind, denied, start))
        if len(found) >= MAX_ACTS:
            break
    return sorted(found, key=lambda act: act.start)


def _mentions(words: str, parties: Sequence[Party]) -> list[tuple[str, int, int]]:
    spans: list[tuple[int, int, str]] = [
        (m.start(), m.end(), BOTH) for pattern in (_ANY, _FLOATING) for m in pattern.finditer(words)
    ]
    for party in parties:
        for name in {party.name, *party.aliases}:
            if len(name) < 2:
                continue
            bound = rf"(?<!\w)(?:{re.escape(name)}|{re.escape(name.upper())})(?!\w)(?!['’]s)"
            spans += [(m.start(), m.end(), party.name) for m in re.finditer(bound, words)]
    # a party's own name goes before a word for any party that it happens to be
    spans.sort(key=lambda span: (span[0], span[2] == BOTH, -span[1]))
    kept: list[tuple[str, int, int]] = []
    for start, end, who in spans:
        if not kept or start >= kept[-1][2]:
            kept.append((who, start, end))
    return kept


def bound(words: str, parties: Sequence[Party]) -> frozenset[str]:
    """Whom some words bind: who bears a duty in them, and of two parties the other of who has a right; ``both`` for all, empty where unsaid."""
    names = [party.name for party in parties]
    found: set[str] = set()
    for act in acts(words, parties):
        if act.denied:
            continue
        if act.kind == "duty" or act.who == BOTH:
            found.add(act.who)
        else:
            rest = [name for name in names if name != act.who]
            found.update(rest if len(rest) == 1 else ())
    return frozenset(found)


def refused(words: str) -> bool:
    """Whether the words deny a duty or a right outright."""
    return _REFUSED.search(words) is not None

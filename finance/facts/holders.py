"""Say which party a sentence speaks of: by name, by the short names the contract gives, or "either" and "both".

Periods, caps and fees use it to name their holder. A holder is a ``Party.name``, ``either``, ``both`` or "" (not said).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from .numbers import lowered
from .types import Party

MAX_PARTIES = 60
MAX_ALIASES = 12

_PRONOUNS = {"we": ("we", "us", "our", "ours"), "us": ("we", "us", "our", "ours"), "you": ("you", "your", "yours")}
_GENERIC = re.compile(
    r"\b(?:(?P<both>neither(?: of the)?|no|each(?: of the)?|both(?: of the)?|all(?: of the)?|the|every)"
    r"|(?P<either>either(?: of the)?|a|any|one|such|the (?:terminating|affected|requesting|indemnifying|indemnified|disclosing|receiving"
    r"|notifying|auditing|(?:non-?)?(?:breaching|defaulting))|(?:non-?)?(?:breaching|defaulting))"
    r"|(?P<other>the other|the opposite|another)) (?:part(?:y|ies)\b)"
)


_OBJECT_OF = re.compile(
    r"\b(?:pay|pays|notify|notifies|give|gives|reimburse|reimburses|indemnify|inform|tell|send|furnish|credit) (?:the )?$"
)


_EITHER = re.compile(r"\b(?:either|neither|both)(?: of)? (?:the )?$")


@dataclass(frozen=True)
class Mention:
    """A party named at ``start``..``end``; ``holder`` as above, ``other`` where the words are "the other party"."""

    start: int
    end: int
    holder: str
    other: bool = False


class Holders:
    """Finds the parties of one contract in its sentences. Built once a contract; at most 60 parties are looked for."""

    def __init__(self, parties: Sequence[Party]) -> None:
        self.parties: tuple[str, ...] = tuple(dict.fromkeys(party.name for party in parties))
        self._names: dict[str, str] = {}
        exact: list[str] = []
        pronouns: list[str] = []
        for party in parties[:MAX_PARTIES]:
            for alias in (party.name, *party.aliases[:MAX_ALIASES]):
                alias = " ".join(alias.split()).strip(" \"'")
                if not 1 < len(alias) <= 120:
                    continue
                if alias.lower() in _PRONOUNS:
                    for word in _PRONOUNS[alias.lower()]:
                        pronouns.append(word)
                        self._names.setdefault(word, party.name)
                    continue
                for form in {
                    alias,
                    alias.upper(),
                    alias.removesuffix("."),
                    alias.title() if alias.isupper() else alias,
                }:
                    exact.append(form)
                    self._names.setdefault(form.lower(), party.name)
        forms = sorted({re.escape(form) for form in exact}, key=len, reverse=True)
        self._exact = re.compile(rf"\b(?:{'|'.join(forms)})(?!\w)") if forms else None
        self._pronoun = re.compile(rf"(?i:\b(?:{'|'.join(sorted(set(pronouns)))})\b)") if pronouns else None

    def mentions(self, text: str) -> tuple[Mention, ...]:
        """Every mention in ``text``, in order, none overlapping."""
        found: list[Mention] = []
        for pattern in (self._exact, self._pronoun):
            for match in pattern.finditer(text) if pattern else ():
                found.append(Mention(match.start(), match.end(), self._names[match.group().lower()]))
        for match in _GENERIC.finditer(lowered(text)):
            holder = "both" if match["both"] else "either"
            found.append(Mention(match.start(), match.end(), holder, match["other"] is not None))
        found.sort(key=lambda mention: (mention.start, -mention.end))
        kept: list[Mention] = []
        for mention in found:
            if not kept or mention.start >= kept[-1].end:
                kept.append(mention)
        return tuple(kept)

    def subject(self, text: str, verb: int) -> str:
        """The holder that a verb at ``verb`` has as its subject: the nearest mention before it that is not "the other party",
        not the object of a verb or a preposition ("pay Supplier", "notice to Supplier") and no owner ("Supplier's records"); ``both`` where
        two parties are joined by "and"; "" where there is none."""
        before = [
            mention
            for mention in self.mentions(text[:verb])
            if not mention.other and not _OBJECT_OF.search(text[max(0, mention.start - 24) : mention.start].lower())
        ]
        before = [mention for mention in before if not re.match(r"'s?\s", text[mention.end :][:3])] or before
        for place in range(len(before) - 1, -1, -1):
            mention = before[place]
            if not re.search(
                r"\b(?:to|by|from|with|of|for|against|upon|between|on) (?:the )?$",
                text[max(0, mention.start - 14) : mention.start].lower(),
            ):
                first = before[place - 1] if place else None
                joint = (
                    re.fullmatch(r",? (and|nor|or) (?:the )?", text[first.end : mention.start].lower())
                    if first
                    else None
                )
                if (
                    first is not None
                    and joint is not None
                    and (joint[1] != "or" or _EITHER.search(text[: first.start].lower()))
                ):
                    return mention.holder if first.holder == mention.holder else "both"
                return mention.holder
        return before[-1].holder if before else ""

    def named(self, text: str) -> str:
        """The holder of a short phrase ("Supplier's", "of either party"): its one mention, ``both`` where several parties are
        named, "" where none is."""
        holders = {mention.holder for mention in self.mentions(text) if not mention.other}
        if not holders:
            return ""
        return holders.pop() if len(holders) == 1 else "both"

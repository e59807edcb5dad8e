"""Whom a review acts for, and whom a stretch of a contract speaks of.

``side_for`` matches our names to a party; a ``View`` is the contract seen by one party, and turns holders ("Supplier", "either", "")
into ours and theirs. ``subject_of`` reads from a clause who has the right or bears the duty in it. Where no side is
known, every party gets its own view, so that risk can be told for each by name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from ..core.rules import Facts
from .classify import Kind
from .facts.types import ContractFacts, Party
from .findings import Side
from .playbook import Playbook, choose
from .roles import side_of_role
from .vocabulary import facts_for

MAX_VIEWS = 12
"""Parties past this number get no view of their own: a contract of fifty shareholders is judged for none by name."""

BOTH = "both"
_MODAL = r"(?i:shall|will|must|may|agrees?|undertakes?|has|have|is|are|hereby|cannot|represents?|covenants?|grants?|acknowledges?)\b"
NO_OBJECT = "".join(
    f"(?<!\\b{word} )(?<!\\b{word} the )"
    for word in ("by", "of", "to", "from", "with", "against", "for", "between", "upon", "on", "in", "than")
)
"""A name behind a preposition is not who has the right: "upon breach by Supplier, Customer may ..."."""
BOTH_WORDS = re.compile(
    rf"{NO_OBJECT}\b(?:either|each|neither|both|any|a|no)\s+(?:of\s+the\s+)?part(?:y|ies)\b"
    rf"|{NO_OBJECT}\bthe\s+parties\b(?=[^.;]{{0,60}}\b{_MODAL})|\bmutual(?:ly)?\b",
    re.I,
)

_EITHER_ROLE = re.compile(
    rf"{NO_OBJECT}\b(?P<role>recipient|receiver|receiving party|discloser|disclosing party)\b(?=[^.;]{{0,80}}?\b{_MODAL})",
    re.I,
)
"""Parts that each party plays in turn, where no party is called so: what binds the recipient of a mutual agreement binds both."""


@dataclass(frozen=True)
class View:
    """The contract as one party sees it; ``us`` None where no party is known."""

    us: Party | None
    contract: ContractFacts

    @property
    def name(self) -> str:
        """Our party's name, "" where none is known."""
        return self.us.name if self.us else ""

    @property
    def side(self) -> str:
        """customer, supplier, recipient, discloser, or "" by our party's role."""
        return side_of_role(self.us.role) if self.us else ""

    @cached_property
    def facts(self) -> Facts:
        """The facts by the names of the vocabulary."""
        return facts_for(self.contract, self.name)


@dataclass(frozen=True)
class Sides:
    """The side a review acts for, and the views it needs.

    ``deciding`` holds the views that decide the checks: our party's; where it is not known, those of the parties whose role the
    playbook may be written for. ``views`` holds one view a party, for the risk of each by name.
    """

    side: Side
    deciding: tuple[View, ...]
    views: tuple[View, ...]

    @property
    def known(self) -> bool:
        """Whether our party is known (given and matched)."""
        return bool(self.side.party)


def side_for(parties: Sequence[Party], us: str, playbook: Playbook | None = None) -> tuple[Side, Party | None]:
    """Match who we are: ``us`` if given, else the playbook's names, to a party of the contract.

    Only a name decides, never a role: a customer's playbook does not make us the customer of each contract.
    """
    from .facts.parties import match_us

    asked = [us.strip()] if us.strip() else list(playbook.us) if playbook else []
    if not asked:
        return Side("", "", "", "no name was given for our side: risk is told for each party by name"), None
    reasons: list[str] = []
    for name in asked:
        party, how = match_us(tuple(parties), name)
        if party is not None:
            return Side(name, party.name, party.role, how), party
        reasons.append(how)
    told = "; ".join(dict.fromkeys(reason for reason in reasons[:3] if reason)) or "no party matches"
    return Side(asked[0], "", "", f"{told}: risk is told for each party by name"), None


def playbook_for(playbooks: Sequence[Playbook], kind: Kind, parties: Sequence[Party], us: str = "") -> Playbook | None:
    """The playbook that a contract chooses: one for its type that acts for the role our party has in it.

    Our party is the one that ``us``, else a name in some playbook, matches. None where no playbook fits. Where our party is known and
    the side it stands on is not, a playbook for one side would judge it by the other's wishes: only a mutual one is chosen then.
    """
    names = [us] if us.strip() else [name for playbook in playbooks for name in playbook.us]
    matched = [side for name in dict.fromkeys(names) if (side := side_for(parties, name)[0]).party]
    role = next((side.role for side in matched if side.role), "")
    if matched and not side_of_role(role):
        playbooks = [playbook for playbook in playbooks if playbook.side == "mutual"]
    return choose(playbooks, kind, role)


def sides(contract: ContractFacts, us: str, playbook: Playbook | None) -> Sides:
    """The side of a review and its views."""
    side, party = side_for(contract.parties, us, playbook)
    views = tuple(View(other, contract) for other in contract.parties[:MAX_VIEWS])
    if party is not None:
        return Sides(side, (View(party, contract),), views)
    if not views:
        return Sides(side, (View(None, contract),), ())
    if playbook is None or playbook.side == "mutual":
        return Sides(side, views, views)
    fitting = tuple(view for view in views if view.us and playbook.acts_for(view.us.role))
    unsaid = tuple(view for view in views if not view.side)
    return Sides(side, fitting or unsaid or views, views)


def _borne(role: str, parties: Sequence[Party]) -> bool:
    """Whether one party is called so, as in an agreement that protects one side's information only."""
    stem = role.casefold()[:6]
    return any(
        name.casefold().startswith(stem) for party in parties for name in (party.name, *party.aliases, party.role)
    )


def subject_of(words: str, parties: Sequence[Party]) -> str:
    """Whom a clause gives a right or lays a duty on: a party's name, ``both``, or "" where the words do not say.

    The first mention of a party before a verb of right or duty decides; "either party", "the parties", "mutual" mean both.
    """
    mentions: list[tuple[int, int, str]] = []  # of two names that begin at one place the longer one is meant
    both = BOTH_WORDS.search(words)
    if both:
        mentions.append((both.start(), 0, BOTH))
    if (role := _EITHER_ROLE.search(words)) and not _borne(role["role"], parties):
        mentions.append((role.start(), 0, BOTH))
    for party in parties:
        for name in sorted({party.name, *party.aliases}, key=len, reverse=True):
            if len(name) < 2:
                continue
            bound = rf"{NO_OBJECT}(?<!\w)(?:{re.escape(name)}|{re.escape(name.upper())})(?!\w)(?!['’]s)"
            found = re.search(rf"{bound}(?=[^.;]{{0,80}}?\b{_MODAL})", words)
            if found:
                mentions.append((found.start(), -len(name), party.name))
    return min(mentions, default=(0, 0, ""))[2]


_HOLDS_EXCLUSIVELY = re.compile(
    r"\b(?:has|have|retains?|holds?|enjoys?|receives?|(?:is|are|shall be|will be) (?:hereby )?(?:granted|given|appointed))\b[^.;]{0,40}"
    r"\b(?:sole|exclusive)\b",
    re.I,
)
_ASSIGNS = re.compile(r"\b(?:assign|transfer|delegat|novat)\w*", re.I)
_MAY_NOT = re.compile(
    r"\b(?:not|nor|neither|no)\b[^.;]{0,120}?\b(?:assign|transfer|delegat|novat)|\bonly with\b|\b(?:assign|transfer)\w*\b[^.;]{0,160}?\b(?:void|prohibited)\b"
    r"|\bwith (?:the )?(?:prior |written |express )*consent\b",
    re.I,
)
_FREELY = re.compile(
    r"\b(?:may|can|is free to|shall be free to)\s+(?!not)[^.;]{0,60}?\b(?:assign|transfer|delegat|novat)\w*\b(?![^.;]{0,120}\b(?:only with|with the (?:prior |written )*consent))",
    re.I,
)
_ASSIGNED = re.compile(r"\bbe (?:\w+ ){0,3}?(?:assigned|transferred)\b|\b(?:assignable|transferable)\b", re.I)
_DOER = re.compile(r"[^.;]{0,80}?\bby (?:the )?(?=[A-Za-z])", re.I)
_ANY_PARTY = re.compile(r"(?:either|any|each|both|a|one)\b[^.;]{0,16}\bpart(?:y|ies)\b", re.I)
_NEGATED = re.compile(r"\b(?:not|nor|neither|no)\b", re.I)
_SENTENCES = re.compile(r"(?<=[.;])\s+|,? (?:and|but|while|whereas) (?=[A-Z]\w+ (?:may|shall|can|will)\b)")


def bound_to_ask(words: str, parties: Sequence[Party]) -> str:
    """Whom a clause on assignment keeps from assigning: one party's name, ``both``, or "" where the words do not say.

    A party that the same clause lets assign freely is not bound, whoever stands first in it.
    """
    bound = {
        subject_of(sentence, parties) or _by_whom(sentence, parties)
        for sentence in _SENTENCES.split(words)
        if _ASSIGNS.search(sentence)
        and _MAY_NOT.search(sentence)
        and (_NEGATED.search(sentence) or not _FREELY.search(sentence))
    } - {""}
    return bound.pop() if len(bound) == 1 else BOTH if bound else ""


def _by_whom(sentence: str, parties: Sequence[Party]) -> str:
    """Whom "may not be assigned by Supplier" names; both where nobody is named, for then nobody may."""
    passive = _ASSIGNED.search(sentence)
    if passive is None:
        return ""
    doer = _DOER.match(sentence, passive.end())
    if doer is None:
        return BOTH
    for party in parties:
        for name in (party.name, *party.aliases):
            if len(name) > 1 and sentence[doer.end() :].lower().startswith(name.lower()):
                return party.name
    return BOTH if _ANY_PARTY.match(sentence, doer.end()) else ""


def bound_by(category: str, words: str, parties: Sequence[Party]) -> str:
    """Whom a restrictive clause binds: its subject, but where the subject *has* an exclusive right, the other party of two."""
    if category == "anti_assignment":
        return bound_to_ask(words, parties)
    subject = subject_of(words, parties)
    if category != "exclusivity" or subject in ("", BOTH) or not _HOLDS_EXCLUSIVELY.search(words):
        return subject
    rest = [party.name for party in parties if party.name != subject]
    return rest[0] if len(rest) == 1 else ""

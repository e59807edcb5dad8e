"""List the duties of a contract: who must do what, and by when where the sentence says it.

A duty is a party's name, short name or "each party" with "shall", "must", "will" or "agrees to"; a prohibition is a duty whose action
starts with "not". What only defines, declares or allocates ("shall be governed", "shall mean", "shall not be liable") is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ..clauses import Clause, ClauseTree
from ..document import Document
from .durations import find_durations
from .types import Duration, Obligation, Party

MAX_PER_CLAUSE = 6
MAX_ACTION_CHARS = 280
MAX_CLAUSE_CHARS = 60_000
_SHARED = {
    "each party": "both", "each of the parties": "both", "both parties": "both", "the parties": "both", "the parties hereto": "both", "parties": "both",
    "neither party": "both", "neither of the parties": "both", "no party": "both", "each party hereto": "both", "either party": "either",
    "die parteien": "both", "jede partei": "both", "each member": "both",
}  # fmt: skip
_MUTUAL = ("receiving party", "recipient", "disclosing party", "discloser")
"""What each party is to the other in a contract of mutual duties, where no party bears the name alone."""
_NEGATIVE = ("neither", "no party")
_MODAL = (
    r"(?P<modal>shall\s+not|shall|will\s+not|will|must\s+not|must|may\s+not|cannot|agrees?\s+not\s+to|agrees?\s+to|agrees?\s+that\s+it\s+(?:shall|will)(?:\s+not)?|"
    r"undertakes?\s+(?:not\s+)?to|covenants?\s+(?:and\s+agrees?\s+)?(?:not\s+)?to|(?:is|are|shall\s+be)\s+(?:obligated|obliged|required|responsible)\s+(?:to|for)|promises?\s+to|"
    r"hereby\s+agrees?\s+(?:not\s+)?to)"
)
_ADVERB = r"(?:(?:also|further|hereby|each|promptly|at\s+all\s+times|at\s+its\s+(?:own|sole)\s+(?:cost|expense|cost\s+and\s+expense)),?\s+){0,3}"
_NO_DUTY = re.compile(
    r"(?i)(?:have\s+(?:the\s+)?(?:sole\s+|exclusive\s+|full\s+|no\s+|a\s+|any\s+|an\s+)*(?:rights?|option|obligation|liability|authority|discretion|power|responsibility\s+or\s+liability|claim|further)|"
    r"be\s+(?:entitled|deemed|governed|construed|considered|liable|free|able|permitted|allowed|a\s|an\s|the\s|effective|interpreted|subject\s+to|bound|null|void|binding|relieved|excused|"
    r"authori[sz]ed|in\s+default|in\s+breach|treated|regarded|understood|held|third)|mean\b|means\b|include\b|constitute|survive|terminate\s+automatically|expire|commence|become|remain\s+(?:in|the|valid)|"
    r"continue\s+(?:in|to\s+be)|apply\b|inure|operate\s+as|prevail|not\s+(?:be\s+(?:liable|deemed|responsible|construed|considered|required|obligated|entitled|bound|treated|unreasonably\s+withheld|affected)|"
    r"constitute|affect|apply|limit|include|relieve|create|have\s+(?:any|the)|in\s+any\s+event)|own\b|receive\b|incur\b|lose\b|suffer\b|(?:each\s+)?have\s+(?:been|had)\b|each\s+have\b|deem\b|determine\s+in\s+its|elect\b|enjoy\b|benefit\b|retain\s+(?:all|ownership|title|the\s+right|sole)|"
    r"mutually\s+agree\s+that|acknowledge|recogni[sz]e|in\s+no\s+event)"
)
_EVENT = re.compile(
    r"(?i)(?:\w+ly\s+)?(?:breach|default|fail|violate|cease|become\s+(?:insolvent|bankrupt)|file\s+(?:a\s+)?(?:petition|for\s+bankruptcy))\b"
    r"|,?\s*(?:at\s+any\s+time|during|upon|from\s+time\s+to\s+time)\b[^.;]{0,90}\bbe\s+entitled\b"
)
"""What "shall" says of an event of default, or of a right behind a phrase of time: nobody owes it."""
_SUBORDINATE = re.compile(
    r"(?i)\b(?:if|unless|whether|as|which|what|who|whom|than|because|since|until|after|before|when|where|extent|whenever|how|any\s+right\s+that|such\s+time\s+as|that\s+any|"
    r"(?<!agrees )(?<!agree )(?<!provided )(?<!understood )(?<!acknowledges )that)\s+$"
)
_OBJECT = re.compile(r"(?i)\b(?:by|of|to|from|with|between|for|against|upon)\s+$")
_PASSIVE = re.compile(
    r"(?i)(?:not\s+)?(?:each\s+)?be\s+(?:\w+ly\s+)?(?!required|obligated|obliged|prepared|committed|insured|licensed|registered)\w+(?:ed|en|de)\b"
)
_ACTION_END = re.compile(r"[.;](?=\s|$)|\n\s*\n|:\s*$|:\s+(?=\(?[a-z0-9]{1,3}[.)])")
_PERIOD_LEAD = re.compile(
    r"(?i)(?:within|in|no\s+later\s+than|not\s+later\s+than|not\s+less\s+than|no\s+less\s+than|at\s+least|for|during|upon|on|by|not\s+more\s+than|up\s+to|with|a|period\s+of)\s*(?:a\s+period\s+of\s+|the\s+)?$"
)
_LIST_OPENS = re.compile(r":\s*$")


def extract(document: Document, tree: ClauseTree, parties: Sequence[Party]) -> tuple[Obligation, ...]:
    """The duties in text order, at most six a clause. ``debtor`` is a party's name, ``both`` or ``either``; ``action`` the trimmed words
    after the verb, "not ..." for a prohibition; ``period`` the first length of time that the action is bound to."""
    subject, debtors = _subjects(parties)
    found: list[Obligation] = []
    children = _children(tree)
    for clause in tree.clauses:
        if clause.kind not in ("clause", "other"):
            continue
        text = document.text[clause.start : min(clause.end, clause.start + MAX_CLAUSE_CHARS)]
        mine: list[Obligation] = []
        for match in subject.finditer(text):
            duty = _duty(document, tree, clause, children, text, match, debtors)
            mine += duty
            if len(mine) >= MAX_PER_CLAUSE:
                break
        found += mine[:MAX_PER_CLAUSE]
    return tuple(sorted(found, key=lambda duty: duty.words.start))


def _subjects(parties: Sequence[Party]) -> tuple[re.Pattern[str], dict[str, str]]:
    debtors = dict.fromkeys(_MUTUAL, "both")
    debtors |= {
        name.lower(): party.name
        for party in reversed(parties)
        for name in (party.name, *party.aliases)
        if len(name) > 1 and (len(name) > 3 or name[0].isupper() or name in ("we", "you"))
    }
    debtors |= _SHARED
    names = sorted((re.escape(name).replace(r"\ ", r"\s+") for name in debtors), key=len, reverse=True)
    pattern = re.compile(
        rf"(?<![\w&’'-])(?:the\s+)?(?P<who>{'|'.join(names)})(?![\w’'-])(?:\s*\([^()]{{0,60}}\))?(?P<between>,[^,;.:()]{{3,120}},)?\s+{_ADVERB}{_MODAL}(?![\w-])",
        re.IGNORECASE,
    )
    return pattern, debtors


def _children(tree: ClauseTree) -> dict[int, list[Clause]]:
    children: dict[int, list[Clause]] = {}
    for clause in tree.clauses:
        if clause.parent is not None:
            children.setdefault(clause.parent, []).append(clause)
    return children


def _duty(
    document: Document,
    tree: ClauseTree,
    clause: Clause,
    children: dict[int, list[Clause]],
    text: str,
    match: re.Match[str],
    debtors: dict[str, str],
) -> list[Obligation]:
    """The duty that a subject and its verb open: one, or one for each item of a list that they open."""
    who = " ".join(match["who"].lower().split())
    before = text[max(0, match.start() - 30) : match.start()]
    if _SUBORDINATE.search(before) or (_OBJECT.search(before) and who not in _SHARED):
        return []
    modal = " ".join(match["modal"].lower().split())
    negated = " not" in f" {modal} " or modal == "cannot" or who.startswith(_NEGATIVE)
    if negated and who.startswith(_NEGATIVE) and " not" in modal:
        return []
    tail = text[match.end() : match.end() + 1500]
    end = _ACTION_END.search(tail)
    words = tail[: end.start()] if end else tail
    action = " ".join(words.split()).strip(" ,:;-–—")
    if "responsible" in modal:
        action = f"be responsible {'for' if modal.endswith('for') else 'to'} {action}" if action else action
    if not negated and _EVENT.match(action):
        return []
    if _NO_DUTY.match(action) or _PASSIVE.match(action) or (negated and _NO_DUTY.match(f"not {action}")):
        return []
    if who in ("you", "we") and modal in ("will", "may not") and len(action) < 12:
        return []
    debtor = debtors[who]
    opens = len(action) < 4 or (end is not None and tail[end.start()] == ":" and len(action) < 160)
    if opens and children.get(clause.index) and _LIST_OPENS.search(text.rstrip()[-3:]):
        return list(_items(document, children[clause.index], debtor, action, negated))
    if len(action) < 4 or not any(c.isalpha() for c in action):
        return []
    start = clause.start + match.start()
    stop = clause.start + match.end() + len(words.rstrip())
    return [_made(document, clause.index, start, stop, debtor, action, negated, 0.85)]


def _items(document: Document, items: Sequence[Clause], debtor: str, lead: str, negated: bool) -> Iterator[Obligation]:
    for item in items[:MAX_PER_CLAUSE]:
        raw = document.text[item.start : item.end]
        bare = raw.strip()
        label = re.match(r"\W?\w{1,4}[.)]\s*", bare)
        words = bare[label.end() if label else 0 :]
        end = _ACTION_END.search(words)
        words = (words[: end.start()] if end else words[:600]).strip()
        words = re.sub(r"[,;]?\s+(?:and|or)$", "", words)
        action = " ".join(f"{lead} {words}".split())
        if len(words) < 4 or _NO_DUTY.match(action) or re.match(r"(?i)(?:if|where|when|unless)\b", words):
            continue
        start = item.start + len(raw) - len(raw.lstrip())
        yield _made(document, item.index, start, start + len(bare), debtor, action, negated, 0.75)


def _made(
    document: Document, clause: int, start: int, stop: int, debtor: str, action: str, negated: bool, confidence: float
) -> Obligation:
    period = _period(action)
    if negated and not action.lower().startswith("not "):
        action = f"not {action}"
    return Obligation(
        words=document.words(start, min(stop, start + 1200)),
        clause=clause,
        confidence=confidence,
        debtor=debtor,
        action=_trimmed(action),
        period=period,
    )


def _trimmed(action: str) -> str:
    """At most 280 characters, cut between words."""
    if len(action) <= MAX_ACTION_CHARS:
        return action
    return action[: action.rfind(" ", 0, MAX_ACTION_CHARS)].rstrip(" ,;:") + " …"


def _period(action: str) -> Duration | None:
    """The first length of time that bounds the action ("within 30 days", "at least ten days before")."""
    for hit in find_durations(action[:1500]):
        if _PERIOD_LEAD.search(action[max(0, hit.start - 40) : hit.start]):
            return hit.duration
    return None

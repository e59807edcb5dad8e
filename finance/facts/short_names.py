"""Short names that a contract uses without defining them: the first word of a company's name, and "Customer: Acme, Inc." at the top.

``parties.py`` calls this after the preamble was read; without it "Brightwater shall ..." has no holder and a table of parties no roles.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from .party_names import is_company, leading_name, normalised
from .preamble import Named, is_no_party
from .roles import role_of_alias

MIN_SHORT = 3
MIN_USES = 2
"""How often a name that no words define must be used as one."""
MAX_TEXT = 400_000
LABEL_REACH = 1500
"""Characters past the preamble in which label lines may stand."""

_LABEL = re.compile(
    r"(?m)^[ \t*_#|>-]{0,8}(?:the[ \t]+)?(?P<label>[A-Za-z][A-Za-z ]{2,24}?)[ \t*_]{0,4}(?:[:\t|]|[ ]{3,})[ \t*_|:]{0,12}(?:\n\s{0,8})?(?=[A-Z0-9])",
    re.I,
)
_LAW_WORDS = frozenset(
    [
        "the",
        "first",
        "second",
        "third",
        "new",
        "north",
        "south",
        "east",
        "west",
        "american",
        "national",
        "international",
        "global",
        "united",
        "general",
        "royal",
        "city",
        "state",
        "bank",
        "university",
        "trust",
        "american's",
        "capital",
        "company",
        "group",
        "holdings",
        "agreement",
        "party",
        "parties",
    ]
)
_DEED = r"(?:['’]s?\b|\s+(?:shall|will|may|must|agrees?|has|is|hereby|and\b|or\b|acknowledges?|represents?|warrants?|grants?|undertakes?|cannot)\b)"


def from_labels(text: str, start: int, end: int) -> list[Named]:
    """Parties told by lines that put a role before a name ("Customer: Acme, Inc."); none unless two roles are told so."""
    found: list[Named] = []
    for match in _LABEL.finditer(text, start, min(len(text), end + LABEL_REACH)):
        label = " ".join(match["label"].split())
        if not role_of_alias(label):
            continue
        line_end = text.find("\n", match.end())
        line = text[match.end() : line_end if line_end >= 0 else len(text)][:300]
        name = leading_name(line)
        if not name or name[0] > 2:
            continue
        words = " ".join(line[slice(*name)].split())
        if len(words) < 2 or is_no_party(words) or any(label.lower() == other.aliases[0].lower() for other in found):
            continue
        if not is_company(words) and len(line.strip()) > len(words) + 2:
            continue  # a line that goes on is a sentence or a form's heading
        left, right = match.end() + name[0], match.end() + name[1]
        found.append(Named(words, left, right, line[name[1] :], [label.title() if label.isupper() else label], 0.85))
    roles = {role_of_alias(item.aliases[0]) for item in found}
    return found if len(found) >= 2 and len(roles) >= 2 and any(is_company(item.name) for item in found) else []


def with_labels(found: list[Named], labelled: Sequence[Named]) -> list[Named]:
    """Parties of the preamble that no short name was given, with the one that a label line gives them."""
    by_name = {normalised(item.name): item for item in labelled}
    for item in found:
        label = by_name.get(normalised(item.name))
        if label is not None and not item.aliases:
            item.aliases += label.aliases
    return found


def with_short_names(text: str, found: list[Named]) -> list[Named]:
    """Companies that were given no short name, with the one the text uses: the name without its legal form, or its first word.

    The word must be used as a party is ("Brook shall", "Brook's"), twice at least, and be no other party's.
    """
    for item in found:
        if item.aliases or not is_company(item.name):
            continue
        others = " ".join(normalised(other.name) for other in found if other is not item)
        for short in _candidates(item.name):
            if f" {short.lower()} " not in f" {others} ":
                item.aliases += [form for form in [_used(text, item, short)] if form]
    return found


def _candidates(name: str) -> list[str]:
    bare = re.split(r",|\s\(", name)[0].strip()
    words = [word for word in bare.split() if normalised(word) and not _is_form(word)]
    if not words:
        return []
    names = [" ".join(words), words[0].strip("&")]
    return [
        short
        for short in dict.fromkeys(names)
        if short != name and len(short) >= MIN_SHORT and short.lower() not in _LAW_WORDS and short[0].isupper()
    ]


def _is_form(word: str) -> bool:
    return normalised(f"x {word}") == "x"


def _used(text: str, item: Named, short: str) -> str:
    """The form in which the text uses a short name as a party's; "" where it does not."""
    forms = {short, short.title(), short.upper()} if short.isupper() else {short, short.upper()}
    pattern = re.compile(rf"(?<![\w&-])(?:{'|'.join(map(re.escape, sorted(forms)))})(?P<deed>{_DEED})?(?![\w-])")
    uses = 0
    deed = ""
    for match in pattern.finditer(text, item.end, MAX_TEXT):
        following = text[match.end() : match.end() + 1]
        rest = text[match.start() : match.start() + len(item.name)]
        if normalised(rest) == normalised(item.name) or following == "@":
            continue
        uses += 1
        if match["deed"] is not None:
            deed = deed or match.group()[: -len(match["deed"])]
        if uses >= MIN_USES and deed:
            return deed
    return ""

"""Names of parties inside our own sentences: possessives, lists, and a company's full stop that is not the sentence's."""

from __future__ import annotations

import re
from collections.abc import Sequence


def possessive(name: str) -> str:
    """A name's possessive.

    >>> possessive("Detto Technologies"), possessive("Calder Systems, Inc.")
    ("Detto Technologies'", "Calder Systems, Inc.'s")
    """
    return f"{name}'" if name.endswith(("s", "S")) else f"{name}'s"


def closing(name: str) -> str:
    """A name as it stands before our own full stop.

    >>> f"It binds {closing('Calder Systems, Inc.')}."
    'It binds Calder Systems, Inc.'
    """
    return name.rstrip(". ")


def listed(names: Sequence[str], word: str = "and", most: int = 6) -> str:
    """Names in a row, at most ``most`` of them and the number of the rest.

    >>> listed(["Exhibit A", "Exhibit B", "Annex 1"])
    'Exhibit A, Exhibit B and Annex 1'
    >>> listed(["A", "B", "C", "D"], most=2)
    'A, B and 2 more'
    """
    if len(names) > most:
        return f"{', '.join(names[:most])} {word} {len(names) - most} more"
    return f" {word} ".join((", ".join(names[:-1]), names[-1])) if len(names) > 1 else "".join(names)


def shortened(words: str, most: int = 60) -> str:
    """Words on one line, cut between two of them.

    >>> shortened("a fee of  [***] per month and nothing else", 20)
    'a fee of [***] per …'
    """
    flat = " ".join(words.split())
    if len(flat) <= most:
        return flat
    return f"{flat[: flat.rfind(' ', 0, most - 1)].rstrip(' ,;:')} …"


def target_name(target: str) -> str:
    """A reference's target as a person would list it: without stray quotation marks, and one of several in the singular.

    >>> target_name('Schedule "D'), target_name("Exhibits A")
    ('Schedule D', 'Exhibit A')
    """
    bare = " ".join(re.sub(r'["“”*]', "", target[:120]).split()).strip(" .,;:")
    return re.sub(r"^(Exhibit|Schedule|Annexe|Attachment|Section|Clause|Article)s (?=\S{1,6}$)", r"\1 ", bare)

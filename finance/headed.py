"""What a clause's heading alone tells: enough to keep it from being called missing, never enough to call it found.

A clause may be headed "Confidentiality" and only point to another agreement, in words that no classifier reads as secrecy.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from .clauses import Clause, ClauseTree
from .document import Document, Words

HEADINGS: Mapping[str, re.Pattern[str]] = {
    key: re.compile(pattern, re.I)
    for key, pattern in {
        "confidentiality": r"\bconfidential|\bnon-?disclosure|\bsecrecy",
        "data_protection": r"\bdata (?:protection|processing|privacy|security)|\bprivacy|\bpersonal (?:data|information)",
        "indemnity": r"\bindemni|\bhold harmless",
        "insurance": r"\binsurance",
        "audit_rights": r"\baudit|\binspection of (?:books|records)",
        "force_majeure": r"\bforce majeure|\bacts? of god|\bexcus(?:ed|able) (?:delay|performance)",
        "governing_law": r"\b(?:governing|applicable|choice of) law",
        "anti_assignment": r"\bassignment(?! of (?:inventions|intellectual|rights|ip|work|transferred))|\bassignability",
        "service_levels": r"\bservice levels?|\buptime|\bavailability|\bdowntime",
        "subcontracting": r"\bsub-?(?:contract|process)",
        "termination_for_cause": r"\b(?:termination|default)s?\b[^;]{0,30}\b(?:cause|breach|default)|\bevents? of default",
        "late_interest": r"\blate (?:payment|charge|fee)|\binterest on",
        "post_termination_services": r"\btransition|\bexit\b|\breturn of (?:data|customer)",
    }.items()
}
"""What a clause of a category is headed, where such a heading leaves little doubt."""
MIN_CLAUSE_CHARS = 80
MAX_HEADING_CHARS = 90


def clause_headed(tree: ClauseTree, categories: Sequence[str]) -> Clause | None:
    """A clause with words of its own whose heading names one of some categories: nothing is called missing beside it."""
    patterns = [HEADINGS[key] for key in categories if key in HEADINGS]
    for clause in tree.clauses if patterns else ():
        if (
            clause.kind == "clause"
            and len(clause.heading) <= MAX_HEADING_CHARS
            and clause.end - clause.start >= MIN_CLAUSE_CHARS
            and any(pattern.search(clause.heading) for pattern in patterns)
        ):
            return clause
    return None


def heading_words(document: Document, clause: Clause) -> Words:
    """The heading's place in the text; the clause's first words where the heading is set otherwise than it reads."""
    at = document.text.find(clause.heading, clause.start, clause.end)
    start = max(at, clause.start)
    return document.words(start, min(start + len(clause.heading), clause.end))

"""What a heading or a telling word alone says: enough to keep a clause from being called missing, never enough to call it found.

A clause may be headed "Confidentiality" and only point to another agreement, in words that no classifier reads as secrecy.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from .clauses import Clause, ClauseTree
from .document import Document, Words
from .named_only import only_named
from .wording import sentence_of

HEADINGS: Mapping[str, re.Pattern[str]] = {
    key: re.compile(pattern, re.I)
    for key, pattern in {
        "cap_on_liability": r"\blimit\w*\s+(?:of|on|to)\s+(?:\w+\s+){0,3}(?:liabilit|damages|remed)|\bliability\s+(?:cap|limit)|\bcap\s+on\s+(?:\w+\s+)?liabilit|\b(?:maximum|limited)\s+liability(?! compan| partner)",
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
MAX_MENTIONS = 200


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


MENTIONS: Mapping[str, re.Pattern[str]] = {
    key: re.compile(pattern, re.I)
    for key, pattern in {
        "confidentiality": r"\bconfidentiality (?:and \w+ )?(?:agreement|provisions|obligations|undertaking)|\bnon-?disclosure agreement",
        "data_protection": r"\bpersonal data\b|\bpersonally identifiable\b|\bdata protection\b|\bGDPR\b",
        "indemnity": r"\bindemnif(?:y|ies)\b|\bhold harmless\b",
        "force_majeure": r"\bforce majeure\b|\bacts? of God\b",
        "service_levels": r"\bdowntime\b|\buptime\b|\bservice credits?\b|\bservice levels?\b",
        "subcontracting": r"\bsub-?contract(?:s|ed|ing|ors?)?\b|\bsub-?processors?\b",
        "post_termination_services": r"\b(?:export|return|retriev|hand(?:ed)? over|deliver)\w*\b[^.;]{0,60}\b(?:customer|client|subscriber|user|its|their)s?'?s? (?:data|content)\b",
        "audit_rights": r"\bright to audit\b|\bSOC ?[12]\b|\bISO(?:/IEC)? ?27001\b|\baudit (?:the|its|such) (?:books|records|accounts)\b",
        "termination_for_cause": r"\bterminat\w*\b[^.;]{0,140}\b(?:breach|default|delinquent|insolven\w+|fails?)\b"
        r"|\b(?:breach|default|delinquent|insolven\w+|fails?)\b[^.;]{0,140}\bterminat\w*",
    }.items()
}
"""Words that seldom stand in a contract that has no such clause, or that point to one elsewhere."""


def mentioned(document: Document, categories: Sequence[str]) -> Words | None:
    """The first words that speak of one of some categories, where no clause of it was read; what a limit of liability only names does not count."""
    for key in categories:
        for number, match in enumerate(MENTIONS[key].finditer(document.text) if key in MENTIONS else ()):
            if number == MAX_MENTIONS:
                break
            words = document.words(match.start(), match.end())
            if not only_named(key, sentence_of(document.text, words)):
                return words
    return None


def heading_words(document: Document, clause: Clause) -> Words:
    """The heading's place in the text; the clause's first words where the heading is set otherwise than it reads."""
    at = document.text.find(clause.heading, clause.start, clause.end)
    start = max(at, clause.start)
    return document.words(start, min(start + len(clause.heading), clause.end))


OPEN_RIGHTS: Mapping[str, re.Pattern[str]] = {
    "confidentiality": re.compile(
        r"\b(?:confidential\w*|(?<!trade )secre(?:t|cy)|dut(?:y|ies)|obligations?|restrictions?)\b(?![^.;]{0,60}\btrade secret)[^.;]{0,160}"
        r"\b(?:perpetual(?:ly)?|in perpetuity|indefinite(?:ly)?|for ?ever|without (?:any )?(?:limit(?:ation)?|end)\b[^.;]{0,12}\btime)\b",
        re.I,
    ),
    "change_notice": re.compile(
        r"\b(?:may|can|(?:has|have|reserves?) the right to|is entitled to)\b(?! not)[^.;]{0,60}\b(?:raise|increase|adjust|change|modify|amend|revise|update)\b"
        r"[^.;]{0,40}\b(?:fees?|prices?|pricing|rates?|charges?|tariffs?|these terms|terms of (?:use|service)|polic(?:y|ies))\b",
        re.I,
    ),
}
"""By right that a period limits: words that give the right itself. Beside them a period that was not read is not known to be none."""


def right_given(document: Document, right: str) -> Words | None:
    """The first words that give a right whose period was not read."""
    match = OPEN_RIGHTS[right].search(document.text) if right in OPEN_RIGHTS else None
    return document.words(match.start(), match.end()) if match is not None else None

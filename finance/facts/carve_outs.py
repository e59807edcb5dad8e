"""What a limit of liability leaves out: losses by name, read through references and defined terms.

"Breach of Section 8" names confidentiality where Section 8 is headed so, and "Excluded Claims" names what its definition lists. Used
by ``finance/facts/liability.py``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from .numbers import lowered
from .sentences import Reading, Sentence

MAX_PHRASE = 90
MAX_DEFINITION_CHARS = 1200

_EXCEPT = re.compile(
    r"\b(?:except(?:ing)?(?: (?:for|in|to|with|that|as|where|insofar|under|pursuant))*|other than|excluding|save (?:for|in|as)|with the exception of|apart from|unless|provided,? (?:however,? )?that (?:the foregoing|this|these|such|nothing|no|in no event|neither)|(?:the foregoing|this|these|such|the above|foregoing) (?:\w+ ){0,3}(?:limitations?|exclusions?|caps?|limits?|provisions?|sentences?|sections?|paragraphs?)[^.;]{0,40}? (?:shall|will|do|does|is|are) (?:not|in no) (?:event )?(?:apply|limit|exclude|affect|be applicable|extend)(?: to| in| with| for)*|notwithstanding|without limiting)\b,?"
)
_LOSSES = (
    ("death or personal injury", r"\bdeath|\bpersonal injur|\bbodily injur"), ("fraud", r"\bfraud"), ("wilful misconduct", r"\bwil+ful|\bintentional|\bdeliberate"), ("gross negligence", r"\bgross(?:ly)? negligen"),
    ("confidentiality", r"\bconfidential|\bnon-?disclosure"), ("indemnities", r"\bindemn|\bhold harmless"), ("intellectual property", r"\bintellectual property|\binfring|\bmisappropriat|\bproprietary rights|\bip rights"),
    ("data protection", r"\bdata protection|\bpersonal data|\bdata breach|\bprivacy|\bdata security"), ("payment", r"\bpayment (?:obligation|of (?:the )?fees)|\bobligation\w* to pay|\bfees (?:due|owed|payable)|\bamounts? (?:due|owed|payable)|\bpayment obligations"),
    ("breach of law", r"\bviolation of law|\bcompliance with law|\bapplicable law|\bby law\b"), ("third-party claims", r"\bthird[- ]part(?:y|ies)(?:'s?)? claims?|\bclaims? (?:by|of|from) third"), ("property damage", r"\bproperty damage|\bdamage to (?:tangible |real )?property"),
    ("licence scope", r"\bscope of (?:the )?licen[cs]e|\bbreach of (?:the )?licen[cs]e"), ("exclusivity or non-compete", r"\bexclusivity|\bnon-?compet"), ("abandonment", r"\babandon"),
)  # fmt: skip
_SECTION = re.compile(
    r"\b(?:sections?|articles?|clauses?|paragraphs?) \d[\w.()]*(?:(?:,| and| or|, and|, or) (?:sections?|articles?|clauses?|paragraphs?)? ?\d[\w.()]*){0,8}"
)
_GENERAL = re.compile(
    r"(?: ?(?:a|agreement|all|an|and|any|arising|breach(?:es)?|by|claims?|connection|contracts?|damages?|direct|each|every|for|from|hereunder|in|its|kind"
    r"|liabilit(?:y|ies)|limit|limitation|loss|losses|nature|of|or|out|part(?:y|ies)|party s|performance|related|relating|such|the|their|this|to|total|under"
    r"|unlimited|whatsoever|with|without)(?= |$))*"
)
_TERM_OF_LOSS = re.compile(
    r"(?i)\b(?:claims?|loss(?:es)?|liabilit(?:y|ies)|damages|matters|exceptions?|exclusions?|breach(?:es)?)\b"
)
_BREACH = re.compile(r"\b(?:breach(?:es)?|violations?|obligations?|indemnit(?:y|ies)|liability|claims?)\b[^.;]{0,40}$")


class Meanings:
    """What references and defined terms of one contract stand for: headings by section number, definitions of kinds of claims."""

    def __init__(self, reading: Reading) -> None:
        self._headings: dict[str, str] = {}
        for clause in reading.tree.clauses:
            if clause.kind == "clause" and clause.part == reading.main_part and clause.path:
                self._headings.setdefault(clause.path.rstrip(".").lower(), clause.heading)
        self._terms: Mapping[str, str] = {
            " ".join(definition.term.split()): reading.document.text[
                definition.start : min(definition.end, definition.start + MAX_DEFINITION_CHARS)
            ]
            for definition in reading.tree.definitions
            if _TERM_OF_LOSS.search(definition.term)
        }

    def expanded(self, text: str) -> str:
        """``text``, and behind it the definitions of its terms and the headings of the sections whose breach it names."""
        defined = [words for term, words in self._terms.items() if re.search(rf"\b{re.escape(term)}\b", text)]
        headings: list[str] = []
        for whole in (text, *defined):
            lower = lowered(whole)
            for match in _SECTION.finditer(lower):
                if _BREACH.search(lower[max(0, match.start() - 60) : match.start()]):
                    headings += [self._headings.get(n, "") for n in re.findall(r"\d+(?:\.\d+)*", match.group())]
        return " ; ".join((text, *defined, *filter(None, headings)))


def is_general(loss: str) -> bool:
    """Whether a phrase names all losses rather than one kind.

    >>> is_general("any breach of this Agreement"), is_general("breach of confidentiality")
    (True, False)
    """
    return _GENERAL.fullmatch(re.sub(r"[\W_]+", " ", loss).strip().casefold()) is not None


def losses(text: str, meanings: Meanings | None = None) -> tuple[str, ...]:
    """The kinds of loss that ``text`` names; where it names none, the sections it points to."""
    lower = lowered(meanings.expanded(text) if meanings else text)
    named = [name for name, pattern in _LOSSES if re.search(pattern, lower)]
    sections = [" ".join(match.group().split()) for match in _SECTION.finditer(lower)]
    if sections and not named:
        named = [section[:MAX_PHRASE] for section in sections[:6]]
    return tuple(named)


def carve_outs(sentence: Sentence, meanings: Meanings) -> tuple[str, ...]:
    """The losses named after "except for", "other than", "the foregoing shall not apply to" in the same sentence, as short phrases."""
    found: list[str] = []
    for match in _EXCEPT.finditer(sentence.lower):
        if match.group().startswith(("notwithstanding", "without limiting", "unless")):
            continue
        tail = sentence.text[match.end() : match.end() + 520]
        cut = re.search(
            r"\bin no (?:event|case)\b|\bneither\b|\bunder no circumstance|\bshall (?:not )?be liable|'s (?:total|aggregate|maximum|entire|cumulative|liability)|(?:total|aggregate|maximum|cumulative) (?:\w+ ){0,2}liability",
            tail.lower(),
        )
        named = losses(tail[: cut.start() if cut else len(tail)], meanings)
        if not named:
            phrase = re.split(r"[,;.]", tail.strip())[0].strip()[:MAX_PHRASE]
            named = (phrase,) if len(phrase) > 4 and not match.group().startswith("provided") else ()
        found.extend(name for name in named if name not in found)
    return tuple(found)

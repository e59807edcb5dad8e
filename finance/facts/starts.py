"""The start of a term where the contract does not date it: left blank, still to be agreed, or an event that may come on any day.

``terms`` counts the term from the start; what is read here keeps it from counting from another date that happens to be known.
"""

from __future__ import annotations

import re

from ..phrases import shortened
from .dates import find_blank
from .sentences import Sentence

LEFT_BLANK = "a start date that is"
OTHER_START = re.compile(r"\b(?:commencement|start(?:ing)?|begin\w*) date")
OF_ANOTHER = re.compile(
    r"\bdate of (?!(?:this|the (?:present )?(?:agreement|contract|lease|term)|its|signature|execution)\b)[a-z]"
)
_STARTS = (
    r"\b(?:commenc(?:es?|ing|ed)?|begins?|beginning|begun|starts?|starting|take effect|takes effect|effective|from)"
)
_TO_BE_SET = re.compile(
    r"^[^.;]{0,60}?\b(?P<why>(?:which (?:is|are|shall be) )?(?:still )?(?:to be (?:(?:mutually )?agreed|determined|confirmed|defined|advised|announced|inserted|set)|tb[dac]\b|not yet (?:agreed|set|known))[^.;,)]{0,30})"
)
_PATTERN_DATE = re.compile(
    r"^ ?(?:the )?(?:[x_●•.\[\] ]{1,6}[/.-]){1,2} ?(?:[x_●•\[\]]{1,6}|(?:19|20)[\dx_]{2})(?![\w])|^ ?(?:dd|mm)[/.-](?:dd|mm)[/.-]yy(?:yy)?|^ ?\[ ?(?:insert )?(?:start |commencement |effective )?date ?\]"
)
START_EVENT = re.compile(
    r"\b(?:commences?|begins?|starts?|takes effect|shall (?:commence|begin|start|take effect)|will (?:commence|begin|start|take effect)|is effective|becomes effective)"
    r" (?:only )?(?P<event>(?:when|once|as soon as|upon|after|on the (?:day|date) (?:on|when|that|upon))(?: which| that)? (?!(?:the )?(?:execution|signature|signing|effective|agreement is signed|date)\b|(?:mutual )?execution\b|it is signed|(?:both|the last|all)[^.;]{0,30}\bsign)[^.;,]{6,70}?)(?=,| and (?:shall |will )?(?:contin|remain|end|expir|last|run|be)| for | until |$)"
)


def open_start(sentence: Sentence, start: int, end: int) -> str:
    """The start of the term in words where its date is blank, a pattern to be filled in or still to be agreed; "" where it is none of these."""
    lower = sentence.lower
    for verb in re.finditer(_STARTS + r"\b(?: (?:on|as of|from|at|upon|with|of|and including))*", lower):
        if not -160 <= verb.end() - start <= 120:
            continue
        unknown = next((hit for hit in sentence.dates if 0 <= hit.start - verb.end() <= 24 and hit.value is None), None)
        if unknown is not None and not (start <= unknown.start < end):
            return f"{LEFT_BLANK} {'redacted' if unknown.redacted else 'left blank'}"
        tail = lower[verb.end() :]
        if _PATTERN_DATE.match(tail):
            return f"{LEFT_BLANK} left blank"
        blank = find_blank(sentence.text, verb.end())
        if (
            blank is not None
            and blank.start() - verb.end() <= 6
            and not re.match(r" ?(?:days?|months?|years?)", lower[blank.end() :])
        ):
            return f"{LEFT_BLANK} {'redacted' if '*' in blank.group() else 'left blank'}"
        pending = _TO_BE_SET.match(tail)
        if pending is not None and verb.end() + pending.end() <= max(start, verb.end() + 110):
            return quoted(sentence, verb.end(), pending.end())
    return ""


def quoted(sentence: Sentence, start: int, length: int) -> str:
    """The start as the contract words it, for a sentence of our own."""
    words = re.split(
        r" and (?:shall |will )?(?:runs?|contin|remain|ends?\b|expir|last)", sentence.text[start : start + length]
    )[0]
    words = words.strip(" ,") + ")" * (words.count("(") - words.count(")"))
    return f'its start ("{shortened(words, 60)}")'

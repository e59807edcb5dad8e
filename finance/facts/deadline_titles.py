"""The title of a deadline: who must do what, in the contract's own words, without the time that the date already tells.

A calendar shows a title alone. So it begins at the subject, drops the phrase of time, keeps a condition where there is one, and ends
between two words.
"""

from __future__ import annotations

import re

from .holders import Holders
from .sentences import Sentence

MAX_TITLE_CHARS = 120
MAX_SUBJECT_REACH = 140
"""Characters between a subject and its verb: "Supplier, at its own cost and ..., shall"."""

_TIME_LEAD = r"(?:(?:on or (?:before|prior to)|by no later than|no later than|not later than|within|prior to|before|by|until)(?: (?:the|a period of|the (?:first|close|end) of))?)"
_TRAILING_LEAD = re.compile(rf"[,;]?(?: and)?\s+{_TIME_LEAD}\s*$", re.I)
_MARK = re.compile(r"(?:; |\. |: |\((?:[a-z]|[ivx]{1,4}|\d{1,2})\) )")
_CONDITION = re.compile(r"\b(?:if|unless|provided that|in the event)\b", re.I)
_ENDS = re.compile(r"[.;](?=\s|$)|\s\((?:[a-z]|[ivx]{1,4}|\d{1,2})\)\s|,\s(?:provided|which|and if|except)\b")
_PERMITS = re.compile(r"(?:may|has the (?:right|option) to|have the (?:right|option) to|may elect)$", re.I)


def verb_for(verbs: list[re.Match[str]], text: str, start: int, end: int) -> re.Match[str] | None:
    """The verb of the duty that a time at ``start``..``end`` belongs to: the last before it in the same clause, else the first after it."""
    before = [verb for verb in verbs if verb.start() < start]
    if before and not _MARK.search(text, before[-1].end(), start):
        return before[-1]
    after = [verb for verb in verbs if verb.start() >= end]
    if after and not _MARK.search(text, end, after[0].start()):
        return after[0]
    return None


def title_of(
    sentence: Sentence, holders: Holders, verb: re.Match[str], start: int, end: int, *, times: list[tuple[int, int]]
) -> str:
    """A title for the duty at ``verb``; its time stands at ``start``..``end``, other times of the sentence at ``times``."""
    text = sentence.text
    opening = _opening(text, holders, verb.start())
    if verb.end() <= start:
        words = _without_times(text, opening, start, times)
        words = _TRAILING_LEAD.sub("", words)
        rest = _ENDS.split(text[end : end + 2 * MAX_TITLE_CHARS])[0] if len(words) < verb.end() - opening + 12 else ""
        words = f"{words} …{rest}" if rest.strip() else words
    else:
        condition = list(_CONDITION.finditer(text, 0, start))
        if condition and not _MARK.search(text, condition[-1].end(), start):
            lead = _TRAILING_LEAD.sub("", text[condition[-1].start() : start])
            opening_words = f"{lead} by then, "
        else:
            opening_words = ""
        words = opening_words + _ENDS.split(text[opening : opening + 3 * MAX_TITLE_CHARS])[0]
    words = " ".join(words.split()).strip(" ,:;.(")
    if _PERMITS.search(text[verb.start() : verb.end()]):
        words = f"Last day: {words}"
    return _cut(words[:1].upper() + words[1:]) or "Date named in the contract"


def _opening(text: str, holders: Holders, verb: int) -> int:
    """Where the subject of a verb begins; without one where its clause begins."""
    floor = max(0, verb - MAX_SUBJECT_REACH)
    marks = [mark.end() for mark in _MARK.finditer(text, floor, verb)]
    floor = max([floor, *marks])
    mentions = [
        mention
        for mention in holders.mentions(text[:verb])
        if mention.start >= floor
        and not re.search(
            r"\b(?:to|by|from|with|of|for|against|upon|between|on) (?:the )?$", text[: mention.start][-14:], re.I
        )
    ]
    if mentions:
        first = mentions[-1]
        for earlier in reversed(mentions[:-1]):  # "the Company and MBE": both are the subject
            if not re.fullmatch(r",? (?:and|or) (?:the )?", text[earlier.end : first.start]):
                break
            first = earlier
        article = re.search(r"\b[Tt]he $", text[: first.start])
        return article.start() if article else first.start
    if marks or floor == 0:
        comma = text.rfind(", ", floor, verb)
        return comma + 2 if comma >= 0 and verb - comma > 8 and verb - floor > 60 else floor
    return text.find(" ", floor) + 1


def _without_times(text: str, start: int, end: int, times: list[tuple[int, int]]) -> str:
    """The words ``start``..``end`` with the other times in them, and what led to each, as an ellipsis."""
    words, position = "", start
    for left, right in sorted(times):
        if position <= left and right <= end:
            words += _TRAILING_LEAD.sub("", text[position:left]) + " …"
            position = right
    return re.sub(r"…\W*(?:and|or)\b\s*", "… ", words + text[position:end])


def _cut(words: str) -> str:
    if len(words) <= MAX_TITLE_CHARS:
        return words
    return f"{words[: words.rfind(' ', 0, MAX_TITLE_CHARS - 1)].rstrip(' ,;:(')} …"

"""Find lengths of time in a sentence: "thirty (30) days", "18-month", "one and a half years", "ten (10) Business Days".

The first step of terms, renewals and periods, which say what a length is for. Where words and figures disagree
the words are taken, as courts do, the hit is doubted and says so.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from .numbers import CARDINAL, ORDINAL_SUFFIX, ORDINAL_WORD, cardinal, figures, lowered, ordinal
from .types import Duration, Unit

CERTAIN, DOUBTED = 0.97, 0.45
MAX_VALUE = 10_000


@dataclass(frozen=True)
class DurationHit:
    """A length of time at ``start``..``end`` of a sentence. ``business`` / ``calendar``: the kind of days, where said;
    ``note`` says what is odd."""

    start: int
    end: int
    duration: Duration
    confidence: float
    calendar: bool = False
    note: str = ""


_FIGURE = r"\d{1,5}(?:[.,]\d{1,3})?(?: ?1/2)?"
_HALF = r"(?: and (?:a|one)[ -]half)"
_QUALIFIER = (
    r"(?:[ -](?:full|consecutive|successive|additional|further|complete|continuous|clear|whole|entire|contract|more"
    r"|calendar|business|working|banking|trading|prior|or more))"
)
_UNIT = r"(?P<unit>hour|day|week|month|quarter|year)s?\b"
_DURATION = re.compile(
    rf"(?:\b(?:(?P<words>{CARDINAL}{_HALF}?)(?: ?[(\[] ?(?:(?P<figures>{_FIGURE}){_HALF}?|[il]) ?[)\]]?)?"
    rf"|(?P<plain>{_FIGURE})(?: ?[(\[] ?(?P<gloss>{CARDINAL}) ?[)\]])?\)?"
    r"|(?P<single>(?:(?<=within )|(?<=for )|(?<=of )|(?<=than )|(?<=least ))an?)|(?P<half>half(?: an?)?))"
    rf"|[(\[](?P<loose>\d{{1,4}})[)\]])(?P<qualifiers>{_QUALIFIER}{{0,4}})[ -]{{0,3}}{_UNIT}"
)
BOUND_REACH = 110
_FIRST_BOUND = re.compile(
    rf"\b(?:(?:not|no|nor) (?:less|fewer|more|greater|later|earlier) than|at least|at most) (?P<number>(?:(?P<words>{CARDINAL})(?: ?\(\d{{1,4}}\))?|(?P<figures>\d{{1,4}})))"
    r",? (?:and|or|nor|but)?,? ?(?:(?:not|no|nor) )?(?:less|fewer|more|greater|later|earlier) than $"
)
_NTH_DAY = re.compile(
    rf"\b(?:(?P<words>{ORDINAL_WORD})(?: ?\(\d{{1,3}}{ORDINAL_SUFFIX}\))?|(?P<figures>\d{{1,3}}){ORDINAL_SUFFIX})"
    r"(?: (?P<kind>calendar|business|working))? day (?=after|following|from|prior|before|preceding)"
)
_GATE = re.compile(r"hour|day|week|month|quarter|year")


def find_durations(text: str) -> tuple[DurationHit, ...]:
    """Every length of time in ``text`` (white space collapsed), in order.

    >>> [str(hit.duration) for hit in find_durations("thirty (30) days, ten (10) Business Days, one and a half years")]
    ['30 days', '10 business days', '1.5 years']
    """
    lower = lowered(text)
    if not _GATE.search(lower):
        return ()
    hits = [hit for match in _DURATION.finditer(lower) if (hit := _read(match)) is not None]
    hits += [bound for hit in hits if (bound := _other_bound(lower, hit)) is not None]
    for match in _NTH_DAY.finditer(lower):
        value = ordinal(match["words"] or match["figures"])
        if value:
            unit: Unit = "business_day" if match["kind"] in ("business", "working") else "day"
            hits.append(
                DurationHit(match.start(), match.end(), Duration(value, unit), 0.9, match["kind"] == "calendar")
            )
    return tuple(sorted(hits, key=lambda hit: hit.start))


def _other_bound(lower: str, hit: DurationHit) -> DurationHit | None:
    """The number before a length that shares its unit: "not less than sixty (60) and not more than ninety (90) days"."""
    match = _FIRST_BOUND.search(lower[max(0, hit.start - BOUND_REACH) : hit.start])
    if match is None:
        return None
    value = cardinal(match["words"]) if match["words"] else int(match["figures"])
    if not value or value > MAX_VALUE:
        return None
    start = hit.start - len(match.string) + match.start("number")
    length = Duration(float(value), hit.duration.unit)
    return DurationHit(start, start + len(match["number"]), length, min(0.93, hit.confidence), hit.calendar)


_UPPER = re.compile(
    r"\b(?:(?:not|no|nor|or) (?:\w+ )?(?:more|greater|earlier)|more|greater|earlier) than $|\bat most $"
)
_LOWER = re.compile(r"\b(?:less|fewer|later) than $|\bat least $")


def outer_bound(lower: str, hit: DurationHit, hits: Sequence[DurationHit]) -> bool:
    """Whether a length is only the earlier end of a window of notice: "not less than 60 and not more than 90 days before" counts from 60."""
    near = [other for other in hits if other is not hit and abs(other.start - hit.start) <= BOUND_REACH]
    return bool(_UPPER.search(lower[max(0, hit.start - 40) : hit.start])) and any(
        _LOWER.search(lower[max(0, other.start - 40) : other.start]) for other in near
    )


def _read(match: re.Match[str]) -> DurationHit | None:
    words = match["words"] or match["gloss"]
    in_figures = match["figures"] or match["plain"] or match["loose"]
    confidence, note = CERTAIN, ""
    said = _from_words(words) if words else None
    shown = _from_figures(in_figures) if in_figures else None
    if said is not None and shown is not None and said != shown:
        confidence, note = DOUBTED, f"words say {said:g}, figures say {shown:g}"
        value: float | None = said
    elif match["single"]:
        value, confidence = 1.0, 0.85
    elif match["half"]:
        value = 0.5
    else:
        value = said if said is not None else shown
    if value is None or not 0 < value <= MAX_VALUE or (match["plain"] and 1900 <= value <= 2100):
        return None
    unit: Unit = match["unit"]  # type: ignore[assignment]
    qualifiers = match["qualifiers"]
    if unit == "day" and re.search("business|working|banking|trading", qualifiers):
        unit = "business_day"
    if value == 0.5 and unit == "year":
        value, unit = 6.0, "month"
    return DurationHit(match.start(), match.end(), Duration(value, unit), confidence, "calendar" in qualifiers, note)


def _from_words(words: str) -> float | None:
    half = re.search(_HALF, words)
    value = cardinal(words[: half.start()] if half else words)
    return None if value is None else value + (0.5 if half else 0.0)


def _from_figures(text: str) -> float | None:
    half = text.endswith("1/2")
    value = figures(text[:-3] if half else text)
    return None if value is None else float(value) + (0.5 if half else 0.0)

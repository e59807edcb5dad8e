"""Deadlines: dates by which something must be done, computed from the other facts with the sum shown.

Always the earliest reading. Where an input is blank, redacted or unknown the deadline has no date and says what blocks it.
Business days after a date are counted Monday to Friday without holidays; those before one leave out the likely holidays of the contract's
law, and where these are not known the date is not sure enough for a calendar. The sum says which.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Sequence

from .business_days import CALENDARS, business_days_before
from .contract_dates import Dates
from .dates import add, find_blank, show
from .deadline_titles import title_of, verb_for
from .holders import Holders
from .renewals import unset_number
from .sentences import Reading, Sentence
from .types import ContractDate, Deadline, Duration, Period, Renewal, Term

MAX_DEADLINES = 200
MAX_VERB_DISTANCE = 260
SURE = 0.9
"""Below this confidence of an input a deadline is not for a calendar; its own confidence is never higher than its inputs'."""

_BY_DATE = re.compile(
    r"\b(?:on or (?:before|prior to)|no later than|not later than|by no later than|by|before|prior to|until|through and including|as of)\b,? (?:the (?:close|end) of (?:business )?(?:on )?)?(?:midnight on )?$"
)
_DUTY = re.compile(
    r"\b(?:shall|must|will|may|agrees? to|is required to|are required to|has the (?:right|option) to|have the (?:right|option) to|may elect|undertakes? to)\b"
)
UNKNOWN_HOLIDAYS = 0.85
"""Confidence of a date that lies business days before another where the place's holidays are not known."""
_NO_HOLIDAYS = "the public holidays of the contract's law are not known here: the true last day may be earlier"
_WITHIN = re.compile(r"\b(?:within|not? later than|no more than)(?: a period of| the(?: first)?)? ?$")
_BEFORE_END = re.compile(
    r"^(?:'s?)? (?:before|prior to|preceding|in advance of) (?:the )?(?:scheduled |stated |natural |date of )?(?:expiration|expiry|end|termination|conclusion)(?: date)?"
    r"(?: of (?:this |the |such |its )?(?:\w+ )?(?:agreement|contract|lease|term|period))?(?=[ ,.;)]|$)"
)
_OPEN_DATE = re.compile(r"\[ ?(?:(?:insert )?date|[●•. _]{1,12}) ?\]|_{3,40}", re.I)
_EVENT_ANCHOR = re.compile(
    r"\b(?:after|from|of|following)\b (?:the )?(?P<event>(?:effective date(?! of (?!(?:this|the (?:present )?(?:agreement|contract|lease))\b))|date (?:hereof|of (?:this|the) agreement)|commencement date|(?!(?:the )?effective date)(?:[\w-]+ ){1,4}date|execution of this agreement|signing of this agreement))"
)


def deadlines(
    reading: Reading,
    holders: Holders,
    dates: Dates,
    *,
    expiration: ContractDate | None,
    term: Term | None,
    renewal: Renewal | None,
    periods: Sequence[Period],
    holidays: str = "",
) -> tuple[Deadline, ...]:
    """Every deadline the contract lets us compute, in date order, those without a date last. ``holidays`` names a calendar of
    ``business_days``, "" where the contract's law is none that we know."""
    found: list[Deadline] = []
    if expiration is not None and expiration.status != "perpetual":
        found.append(_end(expiration, term, renewal))
    if (
        renewal is not None
        and (renewal.notice is not None or renewal.open_notice)
        and not (expiration is not None and expiration.status == "perpetual")
    ):
        found.append(_stop_renewal(renewal, expiration, periods, holidays))
    for sentence in reading.sentences:
        if sentence.kind in ("contents", "signature", "title", "recitals"):
            continue
        found.extend(_dated_duties(sentence, holders))
        found.extend(_open_duties(sentence, holders))
        found.extend(_after_dated_event(sentence, holders, dates))
        if expiration is not None:
            found.extend(_before_end(sentence, holders, expiration, holidays))
        if len(found) >= MAX_DEADLINES:
            break
    unique: dict[tuple[str, object, str], Deadline] = {}
    for deadline in found:
        unique.setdefault((deadline.title, deadline.date, deadline.holder), deadline)
    return tuple(
        sorted(unique.values(), key=lambda deadline: (deadline.date is None, deadline.date or 0, deadline.words.start))
    )  # type: ignore[arg-type]


def _blocked(date: ContractDate | None, name: str) -> str:
    if date is None:
        return f"{name} was not found"
    if date.open_start:
        return f"{name} is counted from {date.open_start}, which the contract does not date"
    if date.value is None and date.arithmetic:
        return f"{name} cannot be computed" + (f" ({date.note})" if date.note else "")
    if date.value is None:
        return f"{name} is {date.status}" + (f" ({date.note})" if date.note else "")
    return ""


def _end(expiration: ContractDate, term: Term | None, renewal: Renewal | None) -> Deadline:
    title = "End of the first term" if renewal is not None and renewal.automatic else "Contract expires"
    arithmetic = expiration.arithmetic or (f"given: {show(expiration.value)}" if expiration.value else "")
    return Deadline(
        words=expiration.words,
        clause=expiration.clause,
        confidence=min(
            expiration.confidence, term.confidence if term is not None and expiration.status == "computed" else 1.0
        ),
        title=title,
        holder="both",
        date=None if expiration.open_start else expiration.value,
        arithmetic=arithmetic,
        blocked_by=_blocked(expiration, "the expiration date"),
        note=expiration.note,
    )


def _stop_renewal(
    renewal: Renewal, expiration: ContractDate | None, periods: Sequence[Period], holidays: str
) -> Deadline:
    holder = next(
        (period.holder for period in periods if period.right == "prevent_renewal" and period.holder), "either"
    )
    date, arithmetic, sure, doubt = None, "", 1.0, ""
    if expiration is not None and expiration.value and not expiration.open_start and renewal.notice is not None:
        date, arithmetic, sure, doubt = _before(expiration.value, renewal.notice, holidays)
        if expiration.arithmetic and date is not None:
            arithmetic = f"{expiration.arithmetic}; {arithmetic}"
    title = "Last day to give notice against renewal" if renewal.automatic else "Last day to give notice on renewal"
    blocks = (_OPEN_NOTICES.get(renewal.open_notice, ""), _blocked(expiration, "the expiration date"))
    notes = (renewal.note, expiration.note if expiration is not None else "", doubt)
    return Deadline(
        words=renewal.words,
        clause=renewal.clause,
        confidence=min(renewal.confidence, expiration.confidence if expiration is not None else 0.5, sure),
        title=title,
        holder=holder,
        date=date,
        arithmetic=arithmetic,
        blocked_by="; ".join(block for block in blocks if block),
        note="; ".join(note for note in notes if note),
    )


_OPEN_NOTICES = {
    "blank": "the notice is blank",
    "redacted": "the notice is redacted",
    "unread": "the length of the notice was not read",
}


def _before(end: datetime.date, length: Duration, holidays: str) -> tuple[datetime.date | None, str, float, str]:
    """The day that lies a length before another: itself, the sum in words, how surely, and what makes it doubtful."""
    if length.unit != "business_day":
        date = add(end, length, -1)
        return date, f"{show(end)} - {length} = {show(date)}" if date else "", 1.0, ""
    date = business_days_before(end, round(length.value), holidays)
    left_out = f"without weekends and {CALENDARS[holidays]}" if holidays else "Monday to Friday, without holidays"
    arithmetic = f"{show(end)} - {length} = {show(date)} (business days counted {left_out})" if date else ""
    return date, arithmetic, 1.0 if holidays else UNKNOWN_HOLIDAYS, "" if holidays else _NO_HOLIDAYS


def _business(length: Duration) -> str:
    return " (business days counted Monday to Friday, without holidays)" if length.unit == "business_day" else ""


def _dated_duties(sentence: Sentence, holders: Holders) -> Iterator[Deadline]:
    lower = sentence.lower
    for hit in sentence.dates:
        before = lower[max(0, hit.start - 70) : hit.start]
        if not _BY_DATE.search(before) or re.search(
            r"\b(?:effective|dated|commenc\w+|beginning|ended|ending|period|term|valid|expire\w*|terminat\w*|outstanding|amended)\b[^.;]{0,30}$",
            before,
        ):
            continue
        verb = verb_for([*_DUTY.finditer(lower)], sentence.text, hit.start, hit.end)
        if (
            verb is None
            or abs(hit.start - verb.start()) > MAX_VERB_DISTANCE
            or re.search(r"\b(?:as of|until)\b[^.;]{0,6}$", before)
        ):
            continue
        times = [(other.start, other.end) for other in sentence.dates if other is not hit]
        title = title_of(sentence, holders, verb, hit.start, hit.end, times=times)
        holder = holders.subject(sentence.text, verb.start())
        yield Deadline(
            words=sentence.words(min(verb.start(), hit.start), max(verb.end(), hit.end)),
            clause=sentence.clause,
            confidence=min(hit.confidence, 0.92 if holder else 0.8),
            title=title,
            holder=holder,
            date=hit.value,
            arithmetic=f"given: {show(hit.value)}" if hit.value else "",
            blocked_by="" if hit.value else f"the date is {'redacted' if hit.redacted else 'blank'}",
            note=hit.note,
        )


def _after_dated_event(sentence: Sentence, holders: Holders, dates: Dates) -> Iterator[Deadline]:
    """ "within thirty (30) days of the Effective Date": an event whose date the contract gives."""
    lower = sentence.lower
    for hit in sentence.durations:
        if not re.search(
            r"\bwithin (?:a period of |the (?:first )?)?$|\bno later than $|\bnot later than $|\bno more than $",
            lower[max(0, hit.start - 24) : hit.start],
        ):
            continue
        anchor = _EVENT_ANCHOR.search(lower, hit.end, hit.end + 60)
        if anchor is None or anchor.start() - hit.end > 24:
            continue
        date, name = _event(anchor["event"], dates)
        if name == "":
            continue
        verb = verb_for([*_DUTY.finditer(lower)], sentence.text, hit.start, hit.end)
        if verb is None or abs(verb.start() - hit.start) > MAX_VERB_DISTANCE:
            continue
        time_end = anchor.end()
        title = title_of(sentence, holders, verb, hit.start, time_end, times=[])
        holder = holders.subject(sentence.text, verb.start())
        due = add(date.value, hit.duration) if date is not None and date.value else None
        arithmetic = (
            f"{show(date.value)} + {hit.duration} = {show(due)}{_business(hit.duration)}"
            if due and date is not None and date.value
            else ""
        )
        yield Deadline(
            words=sentence.words(min(verb.start(), hit.start), max(hit.end, anchor.end())),
            clause=sentence.clause,
            confidence=min(hit.confidence, date.confidence if date is not None else 0.5, 0.92 if holder else 0.8),
            title=title,
            holder=holder,
            date=due,
            arithmetic=arithmetic,
            blocked_by=_blocked(date, name),
            note=hit.note,
        )


def _open_duties(sentence: Sentence, holders: Holders) -> Iterator[Deadline]:
    """Duties whose time nobody filled in, or somebody took out: "within ____ days after the Effective Date", "by [DATE]".

    Only times that would have given a date: what follows an event that may come at any time never has one, blank or not.
    """
    lower = sentence.lower
    if find_blank(sentence.text) is None and "[" not in lower:
        return
    verbs = [*_DUTY.finditer(lower)]
    found: list[tuple[int, int, str]] = []
    unset = unset_number(sentence.text)
    anchored = unset is not None and _EVENT_ANCHOR.search(lower, unset[1], unset[1] + 60)
    if unset is not None and anchored and _WITHIN.search(lower[max(0, unset[0] - 40) : unset[0]]):
        found.append((unset[0], unset[1], f"the length of time is {unset[2]}"))
    for match in _OPEN_DATE.finditer(sentence.text):
        dated = any(hit.start < match.end() and match.start() < hit.end for hit in sentence.dates)
        whole = re.match(r" ?(?:days?|weeks?|months?|years?|%|percent|dollars|,? ?\d)", sentence.text[match.end() :])
        if not dated and not whole and _BY_OPEN_DATE.search(lower[max(0, match.start() - 40) : match.start()]):
            found.append((match.start(), match.end(), "the date is blank"))
    for start, end, why in found:
        verb = verb_for(verbs, sentence.text, start, end)
        if verb is None or abs(start - verb.start()) > MAX_VERB_DISTANCE:
            continue
        yield Deadline(
            words=sentence.words(min(verb.start(), start), max(verb.end(), end)),
            clause=sentence.clause,
            confidence=UNKNOWN_HOLIDAYS,
            title=title_of(sentence, holders, verb, start, end, times=[]),
            holder=holders.subject(sentence.text, verb.start()),
            date=None,
            arithmetic="",
            blocked_by=why,
        )


_BY_OPEN_DATE = re.compile(r"(?:\bon or (?:before|prior to)|\bnot? later than|(?<!ed )\bby|\bbefore|\bprior to) ?$")


def _before_end(sentence: Sentence, holders: Holders, expiration: ContractDate, holidays: str) -> Iterator[Deadline]:
    """ "thirty (30) days before the expiration of this Agreement": a duty that lies before the end of the contract."""
    lower = sentence.lower
    if _ABOUT_RENEWAL.search(lower) or expiration.status == "perpetual":
        return  # the notice against renewal has a row of its own
    for hit in sentence.durations:
        end = _BEFORE_END.match(lower[hit.end : hit.end + 120])
        if _LASTS.search(lower[max(0, hit.start - 30) : hit.start]):
            continue  # "for the ninety days before the end" is a time that lasts, not a day by which
        verb = verb_for([*_DUTY.finditer(lower)], sentence.text, hit.start, hit.end) if end else None
        if end is None or verb is None or abs(hit.start - verb.start()) > MAX_VERB_DISTANCE:
            continue
        stop = hit.end + end.end()
        holder = holders.subject(sentence.text, verb.start())
        date, arithmetic, sure, doubt = None, "", 1.0, ""
        if expiration.value is not None and not expiration.open_start:
            date, arithmetic, sure, doubt = _before(expiration.value, hit.duration, holidays)
            if expiration.arithmetic and date is not None:
                arithmetic = f"{expiration.arithmetic}; {arithmetic}"
        yield Deadline(
            words=sentence.words(min(verb.start(), hit.start), max(verb.end(), stop)),
            clause=sentence.clause,
            confidence=min(hit.confidence, expiration.confidence, sure, 0.92 if holder else 0.8),
            title=title_of(sentence, holders, verb, hit.start, stop, times=[]),
            holder=holder,
            date=date,
            arithmetic=arithmetic,
            blocked_by=_blocked(expiration, "the expiration date"),
            note="; ".join(note for note in (hit.note, expiration.note, doubt) if note),
        )


_LASTS = re.compile(r"\b(?:for|during|in|within|throughout|period of)(?: (?:a|the))?(?: (?:period of|last|final))? ?$")
_ABOUT_RENEWAL = re.compile(
    r"\brenew|\bextend|\bextension|\bsuccessive|\bnotice\b|\bterminate this\b|\b(?:preceding|previous|last) "
)


def _event(event: str, dates: Dates) -> tuple[ContractDate | None, str]:
    event = event.strip()
    for name, date in dates.defined.items():
        if event.removeprefix("the ") == name:
            return date, f"the {name}"
    if event == "effective date":
        return dates.effective, "the effective date"
    if event == "commencement date":
        return None, "the commencement date"
    if "agreement" in event or "hereof" in event:
        return dates.agreement, "the date of the agreement"
    return None, ""

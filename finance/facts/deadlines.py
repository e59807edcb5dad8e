"""Deadlines: dates by which something must be done, computed from the other facts with the sum shown.

Always the earliest reading. Where an input is blank, redacted or unknown the deadline has no date and says what blocks it.
Business days are counted Monday to Friday, without holidays, and the sum says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from .contract_dates import Dates
from .dates import add, show
from .deadline_titles import title_of, verb_for
from .holders import Holders
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
_EVENT_ANCHOR = re.compile(
    r"\b(?:after|from|of|following)\b (?:the )?(?P<event>(?:effective date|date (?:hereof|of (?:this|the) agreement)|commencement date|(?:[\w-]+ ){1,4}date|execution of this agreement|signing of this agreement))"
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
) -> tuple[Deadline, ...]:
    """Every deadline the contract lets us compute, in date order, those without a date last."""
    found: list[Deadline] = []
    if expiration is not None and expiration.status != "perpetual":
        found.append(_end(expiration, term, renewal))
    if (
        renewal is not None
        and renewal.notice is not None
        and not (expiration is not None and expiration.status == "perpetual")
    ):
        found.append(_stop_renewal(renewal, expiration, periods))
    for sentence in reading.sentences:
        if sentence.kind in ("contents", "signature", "title", "recitals"):
            continue
        found.extend(_dated_duties(sentence, holders))
        found.extend(_after_dated_event(sentence, holders, dates))
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
        date=expiration.value,
        arithmetic=arithmetic,
        blocked_by=_blocked(expiration, "the expiration date"),
        note=expiration.note,
    )


def _stop_renewal(renewal: Renewal, expiration: ContractDate | None, periods: Sequence[Period]) -> Deadline:
    notice = renewal.notice or Duration(0, "day")
    holder = next(
        (period.holder for period in periods if period.right == "prevent_renewal" and period.holder), "either"
    )
    date = add(expiration.value, notice, -1) if expiration is not None and expiration.value else None
    arithmetic = ""
    if date is not None and expiration is not None and expiration.value is not None:
        arithmetic = f"{show(expiration.value)} - {notice} = {show(date)}{_business(notice)}"
        if expiration.arithmetic:
            arithmetic = f"{expiration.arithmetic}; {arithmetic}"
    title = "Last day to give notice against renewal" if renewal.automatic else "Last day to give notice on renewal"
    return Deadline(
        words=renewal.words,
        clause=renewal.clause,
        confidence=min(renewal.confidence, expiration.confidence if expiration is not None else 0.5),
        title=title,
        holder=holder,
        date=date,
        arithmetic=arithmetic,
        blocked_by=_blocked(expiration, "the expiration date"),
        note="; ".join(note for note in (renewal.note, expiration.note if expiration is not None else "") if note),
    )


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


def _event(event: str, dates: Dates) -> tuple[ContractDate | None, str]:
    event = event.strip()
    for name, date in dates.defined.items():
        if event.endswith(name):
            return date, f"the {name}"
    if event.endswith(("effective date", "commencement date")):
        return dates.effective, f"the {event}"
    if "agreement" in event or "hereof" in event:
        return dates.agreement, "the date of the agreement"
    return None, ""

"""Facts as a person reads them: one row a fact, with a name, a value in words, and the words it was read from.

The page's table of facts, the workbook and the summaries share these rows; ``findings.json`` holds the typed values.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..facts.types import (
    Amount,
    Cap,
    ContractDate,
    ContractFacts,
    Deadline,
    Found,
    Gap,
    Interest,
    Law,
    LossExclusion,
    Obligation,
    Party,
    Period,
    Renewal,
    Signature,
    Term,
    TerminationFee,
    TimeBar,
    Uncapped,
)
from ..vocabulary import on_trigger

RIGHTS = {
    "terminate_for_convenience": "Notice to terminate for convenience",
    "terminate_for_cause": "Termination for cause",
    "cure": "Time to cure a breach",
    "prevent_renewal": "Notice to stop renewal",
    "payment": "Time to pay",
    "dispute_invoice": "Time to dispute an invoice",
    "acceptance": "Time to accept",
    "warranty": "Warranty",
    "confidentiality": "Confidentiality lasts",
    "non_compete": "Non-compete lasts",
    "non_solicit": "Non-solicit lasts",
    "audit_notice": "Notice of audit",
    "breach_notice": "Notice of a breach",
    "retention": "Retention of records",
    "change_notice": "Notice of a change",
    "post_termination": "After the end",
    "other": "Period",
}
DATE_NAMES = {"agreement": "Date of agreement", "effective": "Effective date", "expiration": "Expiration"}
LAW_NAMES = {"law": "Governing law", "forum": "Courts", "seat": "Seat of arbitration"}
_HOLDERS = {"either": "either party", "both": "both parties", "": ""}


@dataclass(frozen=True)
class FactRow:
    """One fact in words. ``group`` is the heading it stands under, ``field`` its list in ``ContractFacts``."""

    group: str
    field: str
    name: str
    value: str
    found: Found


def fact_rows(facts: ContractFacts) -> tuple[FactRow, ...]:
    """All facts but deadlines and obligations (which have tables of their own), grouped in reading order."""
    return tuple(_rows(facts))


def holder_name(holder: str) -> str:
    """A holder or debtor in words: ``either`` becomes "either party", "" stays empty."""
    return _HOLDERS.get(holder, holder)


def obligation_text(duty: Obligation) -> str:
    """What must be done, with the time to do it in where one is said."""
    return f"{duty.action} (within {duty.period})" if duty.period else duty.action


def deadline_status(deadline: Deadline) -> str:
    """Why a deadline is or is not in the calendar: "", or a short reason."""
    if deadline.blocked_by:
        return f"blocked: {deadline.blocked_by}"
    if deadline.date is None:
        return "no date could be computed"
    if deadline.confidence < CALENDAR_CONFIDENCE:
        return f"not in the calendar: confidence {deadline.confidence:.2f} is below {CALENDAR_CONFIDENCE:.2f}"
    return ""


CALENDAR_CONFIDENCE = 0.9
"""Deadlines below this confidence are shown, and never written to a calendar."""


def _rows(facts: ContractFacts) -> Iterator[FactRow]:
    for party in facts.parties:
        yield FactRow("Parties", "parties", party.role.capitalize() or "Party", _party(party), party)
    for date in facts.dates:
        yield FactRow("Term", "dates", DATE_NAMES[date.kind], _date(date), date)
    if facts.term:
        yield FactRow("Term", "term", "Initial term", _term(facts.term), facts.term)
    if facts.renewal:
        yield FactRow("Term", "renewal", "Renewal", _renewal(facts.renewal), facts.renewal)
    for period in facts.periods:
        yield FactRow("Periods", "periods", RIGHTS.get(period.right, period.right), _period(period), period)
    for cap in facts.caps:
        yield FactRow("Liability", "caps", "Cap" + _of(cap.whose), _cap(cap), cap)
    for uncapped in facts.uncapped:
        yield FactRow("Liability", "uncapped", "Without limit" + _of(uncapped.whose), _uncapped(uncapped), uncapped)
    for exclusion in facts.exclusions:
        yield FactRow(
            "Liability", "exclusions", "Losses excluded" + _of(exclusion.whose), _excluded(exclusion), exclusion
        )
    for bar in facts.time_bars:
        yield FactRow("Liability", "time_bars", "Claims barred" + _of(bar.whose), _bar(bar), bar)
    for fee in facts.termination_fees:
        yield FactRow("Money", "termination_fees", "Fee for early end" + _by(fee.payer), _fee(fee), fee)
    for interest in facts.interest:
        yield FactRow("Money", "interest", "Late interest", _interest(interest), interest)
    for amount in facts.amounts:
        yield FactRow("Money", "amounts", amount.purpose.capitalize() or "Amount", _amount(amount), amount)
    for law in facts.laws:
        yield FactRow("Law and disputes", "laws", LAW_NAMES[law.kind], _law(law), law)
    for gap in facts.gaps:
        yield FactRow("Left open", "gaps", gap.status.capitalize(), _gap(gap), gap)
    for signature in facts.signatures:
        name = f"Signature block of {signature.party}" if signature.party else "Signature block"
        yield FactRow("Signatures", "signatures", name, _signature(signature), signature)


def _of(whose: str) -> str:
    return f", {holder_name(whose)}" if whose else ""


def _by(payer: str) -> str:
    return f", paid by {holder_name(payer)}" if payer else ""


def _joined(*parts: str) -> str:
    return "; ".join(part for part in parts if part)


def _party(party: Party) -> str:
    return _joined(
        party.name,
        f"called {', '.join(party.aliases)}" if party.aliases else "",
        " ".join(part for part in (party.entity, f"of {party.organised_in}" if party.organised_in else "") if part),
        "a consumer" if party.consumer else "",
    )


def _date(date: ContractDate) -> str:
    if date.value is None:
        return {"perpetual": "none: runs until terminated", "blank": "left blank", "redacted": "redacted"}.get(
            date.status, "not found"
        )
    if date.open_start:
        return f"not known; {date.arithmetic}"
    if date.status == "computed" and date.arithmetic:
        value = date.value.isoformat()
        return date.arithmetic if value in date.arithmetic else f"{value}; {date.arithmetic}"
    return date.value.isoformat()


def _term(term: Term) -> str:
    return "until terminated" if term.perpetual or term.length is None else str(term.length)


def _renewal(renewal: Renewal) -> str:
    times = "" if renewal.times is None else f"{renewal.times} times" if renewal.times != 1 else "once"
    pieces = (
        "automatic" if renewal.automatic else "by agreement",
        f"for {renewal.length} each" if renewal.length else "",
        times or ("without end" if renewal.automatic else ""),
    )
    notice = f"a notice of {renewal.notice} stops it" if renewal.notice else ""
    return _joined(", ".join(piece for piece in pieces if piece), notice)


def _period(period: Period) -> str:
    days = {"business": "business days", "calendar": "calendar days", "unsaid": ""}[period.days]
    counted = {"sending": "from sending", "receipt": "from receipt", "event": "from the event", "unsaid": ""}
    return _joined(
        str(period.length),
        holder_name(period.holder),
        on_trigger(period.trigger) if period.trigger else "",
        "" if period.length.unit == "business_day" else days,
        counted[period.counted_from],
    )


def _cap(cap: Cap) -> str:
    return _joined(
        str(cap.amount) if cap.amount else "",
        cap.formula or (f"fees of {cap.months_of_fees:g} months" if cap.months_of_fees is not None else ""),
        {"aggregate": "in aggregate", "per_claim": "per claim", "unsaid": ""}[cap.basis],
        f"looking back {cap.look_back}" if cap.look_back else "",
        f"for {', '.join(cap.losses)}" if cap.losses else "",
        f"not for {', '.join(cap.carve_outs)}" if cap.carve_outs else "",
    )


def _uncapped(uncapped: Uncapped) -> str:
    return ", ".join(uncapped.losses) or "all losses"


def _excluded(exclusion: LossExclusion) -> str:
    return _joined(
        ", ".join(exclusion.kinds), f"not for {', '.join(exclusion.carve_outs)}" if exclusion.carve_outs else ""
    )


def _bar(bar: TimeBar) -> str:
    return f"after {bar.length}"


def _fee(fee: TerminationFee) -> str:
    return _joined(str(fee.amount) if fee.amount else "", fee.formula)


def _interest(interest: Interest) -> str:
    per = "" if interest.per == "unsaid" else f" a {interest.per}"
    return _joined(f"{interest.rate:g} %{per}" if interest.rate is not None else "", interest.formula)


def _amount(amount: Amount) -> str:
    return str(amount.money)


def _law(law: Law) -> str:
    exclusive = {True: "exclusive", False: "non-exclusive", None: ""}[law.exclusive]
    return _joined(law.jurisdiction, exclusive, "" if law.covers == "agreement" else f"for {law.covers}")


def _gap(gap: Gap) -> str:
    return gap.around


def _signature(signature: Signature) -> str:
    if not signature.readable:
        return "no readable signature"
    return _joined(signature.signer, signature.title, signature.date) or "signed"

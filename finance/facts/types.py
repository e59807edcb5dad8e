"""The facts of a contract as types: what later stages, the playbook and the tables read.

Every fact has ``words`` (the stretch it was read from), ``clause`` (index into the tree, None before the first) and
``confidence`` (0 to 1). A holder or debtor is a party's ``Party.name``, or ``either`` / ``both`` / "" (not said).
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from ..document import Words

Bound = Literal["exact", "at_most", "at_least"]
Unit = Literal["hour", "day", "business_day", "week", "month", "quarter", "year"]
DAYS_PER_UNIT = {"hour": 1 / 24, "day": 1, "business_day": 1.4, "week": 7, "month": 30, "quarter": 91, "year": 365}


@dataclass(frozen=True)
class Duration:
    """A length of time as written: ``value`` ``unit``; ``days`` is the plain conversion for comparison, never for dates."""

    value: float
    unit: Unit

    @property
    def days(self) -> float:
        return self.value * DAYS_PER_UNIT[self.unit]

    @property
    def months(self) -> float:
        return self.value * 12 if self.unit == "year" else self.value if self.unit == "month" else self.days / 30.4375

    def __str__(self) -> str:
        number = f"{self.value:g}"
        return f"{number} {self.unit.replace('_', ' ')}{'' if self.value == 1 else 's'}"


@dataclass(frozen=True)
class Money:
    """An amount in a currency (ISO 4217 code, or "" where the text names none)."""

    amount: Decimal
    currency: str

    def __str__(self) -> str:
        return f"{self.currency} {self.amount:,.2f}".strip()


@dataclass(frozen=True)
class Found:
    """What each fact has: its words, the clause they stand in, and how sure it is. ``note`` says in a sentence what is odd about it
    ("words say 60, figures say 30"), "" where nothing is."""

    words: Words
    clause: int | None
    confidence: float
    note: str = field(default="", kw_only=True)


@dataclass(frozen=True)
class Party(Found):
    """A party: full name, short names the contract gives it ("Supplier"), role (customer, supplier, licensor, discloser, ...; "" unknown),
    legal form and place of organisation. ``consumer`` where the contract treats it as a natural person using a service."""

    name: str
    aliases: tuple[str, ...] = ()
    role: str = ""
    entity: str = ""
    organised_in: str = ""
    consumer: bool = False


@dataclass(frozen=True)
class ContractDate(Found):
    """A date of the contract. ``status``: given, computed (``arithmetic`` shows how), blank, redacted, perpetual (expiration only).
    ``open_start`` names what an expiration is counted from where the contract does not date it: ``value`` is then the earliest it can be."""

    kind: Literal["agreement", "effective", "expiration"]
    value: datetime.date | None
    status: Literal["given", "computed", "blank", "redacted", "perpetual"]
    arithmetic: str = ""
    open_start: str = ""


@dataclass(frozen=True)
class Term(Found):
    """The initial term; ``length`` None with ``perpetual`` where it runs until terminated."""

    length: Duration | None
    perpetual: bool = False


@dataclass(frozen=True)
class Renewal(Found):
    """Renewal of the term: automatic or by agreement, for how long, how often (None: without end), and the notice that stops it.
    ``open_notice`` says why a notice that is asked for has no length: it is ``blank``, ``redacted``, or its length was ``unread``."""

    automatic: bool
    length: Duration | None
    times: int | None = None
    notice: Duration | None = None
    open_notice: Literal["", "blank", "redacted", "unread"] = ""


@dataclass(frozen=True)
class Period(Found):
    """A right or duty with a time to it: who holds it, what starts it, how long, in which days, counted from where.

    ``right`` is a stable word: terminate_for_convenience, terminate_for_cause, cure, prevent_renewal, payment, dispute_invoice,
    acceptance, warranty, confidentiality, non_compete, non_solicit, audit_notice, breach_notice, retention, change_notice, post_termination, other.
    """

    right: str
    holder: str
    trigger: str
    length: Duration
    days: Literal["calendar", "business", "unsaid"] = "unsaid"
    counted_from: Literal["sending", "receipt", "event", "unsaid"] = "unsaid"


@dataclass(frozen=True)
class Cap(Found):
    """A limit of liability. Amount or formula (``months_of_fees`` for "fees paid in the preceding 12 months"; ``formula`` as written);
    ``carve_outs`` are the losses the cap does not reach. ``whose`` is the party whose liability is limited. ``losses`` are the only losses it is
    for, () for all. ``bound`` says whether amount and months are the limit itself ("exact"), or bound it where it is the lesser ("at_most") or the
    greater ("at_least") of them and of something in another measure. ``multiple`` is by what it is the general limit's multiple, where so said."""

    whose: str
    amount: Money | None
    formula: str
    months_of_fees: float | None = None
    basis: Literal["aggregate", "per_claim", "unsaid"] = "unsaid"
    look_back: Duration | None = None
    carve_outs: tuple[str, ...] = ()
    losses: tuple[str, ...] = ()
    bound: Bound = "exact"
    multiple: float | None = None


@dataclass(frozen=True)
class Uncapped(Found):
    """Liability said to be without limit, and for which losses."""

    whose: str
    losses: tuple[str, ...]


@dataclass(frozen=True)
class LossExclusion(Found):
    """Kinds of loss (indirect, consequential, lost profits, ...) for which ``whose`` liability is excluded altogether."""

    whose: str
    kinds: tuple[str, ...]
    carve_outs: tuple[str, ...] = ()


@dataclass(frozen=True)
class TimeBar(Found):
    """Claims must be brought within ``length``."""

    whose: str
    length: Duration


@dataclass(frozen=True)
class TerminationFee(Found):
    """What ending the contract early costs, and whom."""

    payer: str
    amount: Money | None
    formula: str


@dataclass(frozen=True)
class Interest(Found):
    """Late interest: ``rate`` in percent, ``per`` its period."""

    rate: float | None
    per: Literal["month", "year", "day", "unsaid"]
    formula: str = ""


@dataclass(frozen=True)
class Amount(Found):
    """An amount of money that is none of the above, and what it is for where the sentence says it."""

    money: Money
    purpose: str = ""


@dataclass(frozen=True)
class Gap(Found):
    """A blank that nobody filled in, or words that somebody took out ("[***]"); ``around`` holds the words about it."""

    status: Literal["blank", "redacted"]
    around: str


@dataclass(frozen=True)
class Law(Found):
    """Governing law, forum (courts) or seat (arbitration). ``jurisdiction`` is a plain name: "New York", "England and Wales".
    ``covers`` is what it governs: "agreement", or the exhibit or subject named."""

    kind: Literal["law", "forum", "seat"]
    jurisdiction: str
    exclusive: bool | None = None
    covers: str = "agreement"


@dataclass(frozen=True)
class Signature(Found):
    """A signature block: for which party, by whom, when. ``readable`` is whether a signature could be read ("/s/ ...", a typed name
    on the line); False means "no readable signature", never "unsigned"."""

    party: str
    signer: str
    title: str
    date: str
    readable: bool


@dataclass(frozen=True)
class Obligation(Found):
    """A duty: who must do what, and by when where said."""

    debtor: str
    action: str
    period: Duration | None = None


@dataclass(frozen=True)
class Deadline(Found):
    """A date something must be done by. ``date`` is the earliest reading, None while an input is missing; ``arithmetic`` shows the sum;
    ``blocked_by`` says which input is blank or redacted. Only dates with confidence >= 0.9 and nothing blocked enter a calendar."""

    title: str
    holder: str
    date: datetime.date | None
    arithmetic: str
    blocked_by: str = ""


@dataclass(frozen=True)
class ContractFacts:
    """Everything extracted from one contract, each list in text order."""

    parties: tuple[Party, ...] = ()
    dates: tuple[ContractDate, ...] = ()
    term: Term | None = None
    renewal: Renewal | None = None
    periods: tuple[Period, ...] = ()
    caps: tuple[Cap, ...] = ()
    uncapped: tuple[Uncapped, ...] = ()
    exclusions: tuple[LossExclusion, ...] = ()
    time_bars: tuple[TimeBar, ...] = ()
    termination_fees: tuple[TerminationFee, ...] = ()
    interest: tuple[Interest, ...] = ()
    amounts: tuple[Amount, ...] = ()
    laws: tuple[Law, ...] = ()
    signatures: tuple[Signature, ...] = ()
    obligations: tuple[Obligation, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    gaps: tuple[Gap, ...] = ()

    def date(self, kind: str) -> ContractDate | None:
        """The first date of a kind (agreement, effective, expiration)."""
        return next((found for found in self.dates if found.kind == kind), None)

    def law(self, kind: str = "law") -> Law | None:
        """The law, forum or seat of the agreement itself."""
        return next((x for x in self.laws if x.kind == kind and x.covers == "agreement"), None)

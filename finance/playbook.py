"""The playbook: what one side wants of one type of contract, as a TOML file that a lawyer can write.

``load`` reads and checks a file, ``shipped`` gives those that come with the package, ``choose`` picks the one that fits a
contract, ``starter`` writes a new one to fill in. The names that thresholds use are in ``finance/vocabulary.py``; docs/playbooks.md
explains each key. A wrong file is refused with its line by ``finance/playbook_check.py``.
"""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from ..core.errors import UsageError
from ..core.rules import COMPARE, Threshold
from .categories import CATEGORIES, CONTRACT_TYPES, POSITIONS, UNFAIR
from .classify import Choice, Kind
from .findings import Level
from .roles import ROLES, SideName, side_of_role
from .vocabulary import NAMES, RIGHTS, Name

FOLDER = Path(__file__).parent / "playbooks"

Kinds = Literal["required", "forbidden", "fact", "position", "one_sided", "unfair", "signature", "references", "gaps"]
KINDS: tuple[Kinds, ...] = (
    "required",
    "forbidden",
    "fact",
    "position",
    "one_sided",
    "unfair",
    "signature",
    "references",
    "gaps",
)
NotFound = Literal["missing", "undecided", "pass"]
MAX_CHECKS = 300
SEE = "docs/playbooks.md"
"""The page that explains every key and name."""
LIABILITY_SUBJECTS = ("cap", "exclusion", "uncapped")
ONE_SIDED = frozenset({*RIGHTS, *LIABILITY_SUBJECTS, *(key for key in CATEGORIES if not key.startswith("unfair_"))})

Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000)]
ShortText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,59}$")]


class Line(BaseModel):
    """One check of a playbook. Exactly one of the keys in ``KINDS`` says what is checked."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    id: Identifier
    title: ShortText
    level: Level
    weight: float = Field(default=1.0, ge=0, le=100, allow_inf_nan=False)
    stake: Text = ""
    why: Text = ""
    preferred: Text = ""
    fallback: Text = ""
    wording_law: Text = ""
    when_we_are: Annotated[list[SideName], Field(max_length=4)] = []
    risk_for: Literal["us", "each", "all"] | None = None

    required: Annotated[list[str], Field(min_length=1, max_length=20)] | None = None
    forbidden: Annotated[list[str], Field(min_length=1, max_length=20)] | None = None
    binds: Literal["ours", "theirs", "any"] = "any"
    held_by: Literal["ours", "theirs"] | None = None
    fact: str | None = None
    op: str = "=="
    value: Any = None
    unit: Annotated[str, StringConstraints(max_length=20)] = ""
    not_found: NotFound | None = None
    category: str | None = None
    red_line: bool = False
    position: str | None = None
    good: list[Choice] = []
    bad: list[Choice] | None = None
    one_sided: str | None = None
    unfair: Annotated[list[str], Field(min_length=1, max_length=20)] | None = None
    signature: Literal["readable"] | None = None
    references: list[Literal["dangling", "not_supplied"]] | None = None
    gaps: Annotated[list[Literal["blank", "redacted"]], Field(min_length=1, max_length=2)] | None = None

    @field_validator("weight", mode="before")
    @classmethod
    def _whole_weight(cls, value: Any) -> Any:
        return float(value) if isinstance(value, int) and not isinstance(value, bool) else value

    @field_validator("required", "forbidden", "unfair", mode="before")
    @classmethod
    def _one_or_several(cls, value: Any) -> Any:
        return [value] if isinstance(value, str) else value

    @field_validator("required", "forbidden", "unfair")
    @classmethod
    def _known_categories(cls, value: list[str] | None) -> list[str] | None:
        for key in value or ():
            if key not in CATEGORIES:
                raise ValueError(f"unknown category {key!r}{nearest(key, CATEGORIES)}")
        return value

    @field_validator("unfair")
    @classmethod
    def _unfair_categories(cls, value: list[str] | None) -> list[str] | None:
        for key in value or ():
            if not key.startswith("unfair_"):
                raise ValueError(f"{key!r} is not an unfair term: use {', '.join(term.key for term in UNFAIR)}")
        return value

    @field_validator("category")
    @classmethod
    def _known_category(cls, value: str | None) -> str | None:
        if value is not None and value not in CATEGORIES:
            raise ValueError(f"unknown category {value!r}{nearest(value, CATEGORIES)}")
        return value

    @field_validator("fact")
    @classmethod
    def _known_fact(cls, value: str | None) -> str | None:
        if value is not None and value not in NAMES:
            raise ValueError(f"unknown fact {value!r}{nearest(value, NAMES)}")
        return value

    @field_validator("op")
    @classmethod
    def _known_comparison(cls, value: str) -> str:
        if value not in COMPARE:
            raise ValueError(f"unknown comparison {value!r}: use one of {', '.join(COMPARE)}")
        return value

    @field_validator("position")
    @classmethod
    def _known_position(cls, value: str | None) -> str | None:
        if value is not None and value not in POSITIONS:
            raise ValueError(f"unknown position {value!r}{nearest(value, POSITIONS)}")
        return value

    @field_validator("one_sided")
    @classmethod
    def _known_subject(cls, value: str | None) -> str | None:
        if value is not None and value not in ONE_SIDED:
            raise ValueError(f"unknown right or category {value!r}{nearest(value, ONE_SIDED)}")
        return value

    @model_validator(mode="after")
    def _one_kind(self) -> Line:
        if problems := list(self._problems()):
            raise ValueError("\n".join(problems))
        return self

    def _problems(self) -> Iterator[str]:
        """What is wrong between the keys of the line."""
        given = [kind for kind in KINDS if getattr(self, kind) is not None]
        if len(given) != 1:
            said = f"has {' and '.join(given)}" if given else "says nothing to check"
            yield f"check {self.id!r} {said}: give exactly one of {', '.join(KINDS)}"
            return
        own = _KEYS_OF.get(self.kind, ())
        kinds_of: dict[str, list[str]] = {}
        for kind, keys in _KEYS_OF.items():
            for key in keys:
                kinds_of.setdefault(key, []).append(repr(kind))
        for key, kinds in kinds_of.items():
            if key in self.model_fields_set and key not in own:
                yield f"check {self.id!r}: {key!r} belongs to a check with {' or '.join(kinds)}"
        if self.held_by is not None and "binds" in self.model_fields_set:
            yield f"check {self.id!r}: 'held_by' says whose right it is and 'binds' whose duty: give one of them"
        if self.fact is not None:
            try:
                _check_threshold(self.fact, NAMES[self.fact], self.op, self.value, self.unit)
            except ValueError as error:
                yield str(error)
        if self.position is not None:
            if not self.good:
                yield f"check {self.id!r}: 'good' must say which answers are good for our side"
            if both := set(self.good) & set(self.bad or ()):
                yield f"check {self.id!r}: {sorted(both)[0]!r} is both good and bad"

    @property
    def kind(self) -> Kinds:
        """Which of ``KINDS`` the line is."""
        return next(kind for kind in KINDS if getattr(self, kind) is not None)

    @property
    def duty_of(self) -> Literal["ours", "theirs", "any"]:
        """Which side a required or forbidden clause is to bind: what one side holds, the other owes."""
        if self.held_by is not None:
            return "theirs" if self.held_by == "ours" else "ours"
        return self.binds

    @property
    def threshold(self) -> Threshold:
        """The condition of a line with ``fact``."""
        return Threshold(self.fact or "", self.op, self.value, self.unit)

    @property
    def bad_answers(self) -> frozenset[Choice]:
        """Answers that make a position a finding: those given, else the clear answer that is not good; never silence by itself."""
        if self.bad is not None:
            return frozenset(self.bad)
        clear: tuple[Choice, ...] = ("entailment", "contradiction")
        return frozenset(answer for answer in clear if answer not in self.good)

    @property
    def when_not_found(self) -> NotFound:
        """What becomes of a line with ``fact`` when the contract has no such fact."""
        if self.not_found is not None:
            return self.not_found
        if self.fact is not None and NAMES[self.fact].kind == "flag":
            wants = (self.op == "==") == (self.value is True)
            return "missing" if wants else "pass"
        return "undecided"

    @property
    def hits(self) -> Literal["us", "each", "all"]:
        """Whose risk a finding of this line is: our side's, each party's by its own view, or all parties' alike."""
        if self.risk_for is not None:
            return self.risk_for
        if self.kind in ("one_sided", "position"):
            return "each"
        return "all" if self.kind in ("signature", "references", "gaps") else "us"


_KEYS_OF: Mapping[Kinds, tuple[str, ...]] = {
    "fact": ("op", "value", "unit", "not_found", "category", "red_line"),
    "position": ("good", "bad"),
    "forbidden": ("binds",),
    "required": ("binds", "held_by"),
}


class Playbook(BaseModel):
    """A playbook: for which contracts and which side, its law, our names, and its checks."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    name: Identifier
    version: ShortText
    title: ShortText
    side: SideName
    contract_types: Annotated[list[str], Field(min_length=1, max_length=60)]
    law: ShortText
    us: Annotated[list[ShortText], Field(max_length=200)] = []
    consumer: bool = False
    budget: int = Field(default=25, ge=1, le=1000)
    check: Annotated[list[Line], Field(min_length=1, max_length=MAX_CHECKS)]

    @field_validator("contract_types")
    @classmethod
    def _known_types(cls, value: list[str]) -> list[str]:
        for key in value:
            if key != "*" and key not in CONTRACT_TYPES:
                raise ValueError(f"unknown type of contract {key!r}{nearest(key, CONTRACT_TYPES)}")
        return value

    @property
    def checks(self) -> Sequence[Line]:
        """The lines, in the order of the file."""
        return self.check

    @property
    def wants_positions(self) -> bool:
        """Whether a line asks for an NDA position: only then they are worked out."""
        return any(line.position is not None for line in self.check)

    def acts_for(self, role: str) -> bool:
        """Whether a party of this role stands on the playbook's side; an unknown role does not."""
        return self.side == "mutual" or role in ROLES[self.side]

    def fits(self, contract_type: str) -> bool:
        """Whether the playbook is written for this type of contract."""
        return contract_type in self.contract_types or "*" in self.contract_types


def load(path: Path | str) -> Playbook:
    """Read a playbook from a TOML file.

    Raises:
        ConfigError: the file cannot be read, is not TOML, or lines of it cannot be; names file and line of each.
    """
    from .playbook_check import parse, read

    return parse(read(Path(path)), str(path))


def shipped() -> tuple[Playbook, ...]:
    """The playbooks of the package: commercial as customer and as supplier, SaaS as customer, consumer terms, NDA."""
    return tuple(_shipped(path.name) for path in sorted(FOLDER.glob("*.toml")))


@functools.lru_cache(maxsize=16)
def _shipped(name: str) -> Playbook:
    return load(FOLDER / name)


def choose(playbooks: Sequence[Playbook], kind: Kind, role: str = "") -> Playbook | None:
    """The playbook for a contract: one that fits its type and acts for the role our party has in it.

    Of several, the one for the fewest types. With the role unknown a fitting one of any side; None where none fits, and then
    nothing is called missing.
    """
    fitting = [playbook for playbook in playbooks if playbook.fits(kind.contract_type)]
    if side_of_role(role):
        fitting = [playbook for playbook in fitting if playbook.acts_for(role)]
    return min(fitting, key=lambda playbook: len(playbook.contract_types), default=None)


def starter(contract_type: str = "services", side: str = "customer") -> str:
    """The text of a new playbook to fill in: the nearest shipped one under a heading for this type and side.

    Raises:
        UsageError: the type of contract or the side is unknown.
    """
    if contract_type not in CONTRACT_TYPES:
        raise UsageError(f"unknown type of contract {contract_type!r}: use one of {', '.join(CONTRACT_TYPES)}")
    if side not in (*ROLES, "mutual"):
        raise UsageError(f"unknown side {side!r}: use one of {', '.join((*ROLES, 'mutual'))}")
    if contract_type == "nda" or side in ("recipient", "discloser", "mutual"):
        source = "nda"
    elif contract_type == "terms" and side == "customer":
        source = "consumer_terms"
    elif contract_type == "saas" and side == "customer":
        source = "saas_customer"
    else:
        source = f"commercial_{side}"
    text = (FOLDER / f"{source}.toml").read_text(encoding="utf-8")
    lines = text[text.index("[[check]]") :]
    title = f"{CONTRACT_TYPES[contract_type]}, as {side}"
    name = f"{contract_type}-{side}".replace("_", "-")
    return (
        f"# A playbook: what we want of a contract of this type. Each [[check]] is one line of it; change, add, delete.\n"
        f"# Check the file with: dsapp finance playbook check FILE\n"
        f"name = {json.dumps(name)}\n"
        f'version = "1"\n'
        f"title = {json.dumps(title)}\n"
        f"# The side we act for: customer, supplier, recipient, discloser or mutual.\n"
        f"side = {json.dumps(side)}\n"
        f"# Types of contract that it is for.\n"
        f"contract_types = {json.dumps([contract_type])}\n"
        f"# The law that its wording is written for: have a lawyer of yours read it.\n"
        f'law = "New York"\n'
        f'# Our names as contracts spell them, e.g. ["Example Holding Inc.", "Example Ltd"].\n'
        f"us = []\n"
        f"# Whether we are a consumer.\n"
        f"consumer = false\n"
        f"# How many findings a contract may show; the rest is counted.\n"
        f"budget = 25\n\n{lines}"
    )


def nearest(key: str, known: Mapping[str, Any] | frozenset[str]) -> str:
    """A hint for an error message: the known names that ``key`` may be a slip of, else where to look."""
    from ..core.toml_file import nearest as nearest_name

    return nearest_name(key, known.keys() if isinstance(known, Mapping) else known, SEE)


def _check_threshold(fact: str, name: Name, op: str, value: Any, unit: str) -> None:
    if value is None:
        raise ValueError(f"{fact}: the threshold has no value")
    listed = op in ("in", "not in")
    if listed and not (isinstance(value, list) and value and len(value) <= 300):
        raise ValueError(f"{fact} {op}: the value must be a list of 1 to 300 entries")
    if name.kind == "flag":
        if not isinstance(value, bool) or op not in ("==", "!="):
            raise ValueError(f'{fact} is yes or no: compare it by op = "==" with true or false')
    elif name.kind == "text":
        entries = value if listed else [value]
        if op not in ("==", "!=", "in", "not in") or not all(isinstance(entry, str) and entry for entry in entries):
            raise ValueError(f"{fact} is a text: compare it by ==, !=, in or not in with texts")
    else:
        for entry in value if listed else [value]:
            _check_number(fact, name, op, entry)
    wanted = name.unit
    if wanted == "currency":
        if not (len(unit) == 3 and unit.isalpha() and unit.isupper()):
            raise ValueError(f'{fact} is a sum: unit must be its currency, e.g. unit = "USD"')
    elif unit and unit != wanted:
        raise ValueError(f"{fact} is in {wanted or 'no unit'}, not in {unit!r}")


def _check_number(fact: str, name: Name, op: str, value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{fact} is a number{f' of {name.unit}' if name.unit else ''}, not {str(value)[:40]!r}")
    if not name.low <= value <= name.high:
        raise ValueError(f"{fact} {op} {value:g} is impossible: it lies between {name.low:g} and {name.high:g}")
    if (op == "<" and value <= name.low) or (op == ">" and value >= name.high):
        raise ValueError(f"{fact} {op} {value:g} can never hold")

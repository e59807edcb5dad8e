"""From open findings to a judgement: echoes left out, ids given, the most serious first, and the notes that a reader needs with it.

``finance/risk.py`` opens the findings; here they become what is printed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from .categories import CONTRACT_TYPES
from .changes import inserted_by, insertions_in
from .checks import Draft, unread_pages
from .classify import Classification
from .clauses import ClauseTree
from .document import Change, Document
from .facts.types import ContractFacts
from .findings import LEVELS, Check, Finding, Judgement, Level, Suggestion, finding_id
from .phrases import listed
from .playbook import Line, Playbook
from .sides import MAX_VIEWS, Sides, View

POINTS: Mapping[Level, float] = {"high": 9.0, "medium": 3.0, "low": 1.0}
"""What an open finding of weight 1 adds to a contract's score, by level."""
DEFAULT_BUDGET = 25
UNSURE_TYPE = 0.6
"""A type of contract less probable than this is told to the reader."""


@dataclass(frozen=True)
class Open:
    """A finding on its way: its check, draft, level and risk for each party."""

    check: str
    title: str
    weight: float
    draft: Draft
    level: Level
    risk: Mapping[str, Level]
    line: Line | None = None
    changes: tuple[Change, ...] = ()
    stake: str = ""


def judgement(
    document: Document,
    tree: ClauseTree,
    facts: ContractFacts,
    playbook: Playbook | None,
    classification: Classification,
    seen_by: Sides,
    found: Sequence[Open],
    checks: Sequence[Check],
) -> Judgement:
    """Order open findings and give them ids; past the playbook's budget they are counted, and still set the level."""
    law = facts.law()
    by_place = sorted(found, key=lambda f: f.draft.quotes[0].start if f.draft.quotes else -1)
    occurrences: dict[str, int] = {}
    findings: list[tuple[Open, Finding]] = []
    for entry in by_place:
        first = finding_id(entry.check, _letters_of(entry))
        occurrence = occurrences.get(first, 0)
        occurrences[first] = occurrence + 1
        identifier = finding_id(entry.check, _letters_of(entry), occurrence) if occurrence else first
        findings.append((entry, _finding(document, tree, entry, identifier, playbook, law.jurisdiction if law else "")))
    findings.sort(key=lambda pair: (LEVELS.index(pair[0].level), -pair[0].weight, _start(pair[1])))
    budget = playbook.budget if playbook else DEFAULT_BUDGET
    withheld: dict[str, int] = {}
    for _, finding in findings[budget:]:
        withheld[finding.level] = withheld.get(finding.level, 0) + 1
    names = [view.name for view in seen_by.views if view.name]
    by_party: dict[str, Level] = {}
    for name in names:
        level = worst(finding.risk[name] for _, finding in findings if name in finding.risk)
        if level is not None:
            by_party[name] = level
    return Judgement(
        side=seen_by.side,
        playbook=playbook.name if playbook else "",
        findings=tuple(finding for _, finding in findings[:budget]),
        checks=tuple(checks),
        level=worst(finding.level for _, finding in findings),
        score=round(sum(POINTS[entry.level] * entry.weight for entry, _ in findings), 2),
        withheld=withheld,
        notes=tuple(_notes(document, facts, playbook, classification, seen_by)),
        risk=by_party,
    )


def without_echoes(found: Sequence[Open]) -> list[Open]:
    """Findings without those that another finding has told already.

    A term that is one-sided between businesses says nothing new where a line on facts found the same words; and where only the other side
    may end the contract, our own right to is not missing a second time; nor is a duty of theirs that a line on one-sided duties told of.
    """
    by_lines = [entry for entry in found if entry.line is None or entry.line.kind != "unfair"]
    alone = {
        (entry.line.one_sided, party)
        for entry in by_lines
        if entry.line is not None and entry.line.one_sided and entry.draft.kind == "one_sided"
        for party in entry.risk
    }
    kept: list[Open] = []
    for entry in found:
        line = entry.line
        if line is not None and line.kind == "unfair" and entry.level == "low" and _told(entry, by_lines):
            continue
        wanted = line.required or [] if line is not None and entry.draft.kind == "deviation" else []
        if wanted and entry.risk and all(any((key, party) in alone for key in wanted) for party in entry.risk):
            continue
        if (
            line is not None
            and entry.draft.kind == "missing"
            and (parts := (line.fact or "").split("."))[0] == "period"
        ):
            risk = {party: level for party, level in entry.risk.items() if (parts[1], party) not in alone}
            if parts[2] == "ours" and entry.risk and not risk:
                continue
        kept.append(entry)
    return kept


def _told(entry: Open, by_lines: Sequence[Open]) -> bool:
    return any(
        mine.start < theirs.end and theirs.start < mine.end
        for other in by_lines
        if other.draft.kind in ("one_sided", "red_line", "deviation")
        for mine in entry.draft.quotes
        for theirs in other.draft.quotes
    )


def worst(levels: Iterable[Level]) -> Level | None:
    """The most serious of some levels; None where there are none.

    >>> worst(["low", "high"])
    'high'
    """
    return min(levels, key=LEVELS.index, default=None)


def _start(finding: Finding) -> int:
    return finding.quotes[0].start if finding.quotes else -1


def _letters_of(entry: Open) -> str:
    if entry.draft.kind == "change":  # a moved fact is told by what it was and is, wherever it stands
        return " ".join((*(words.text for words in entry.draft.quotes), entry.draft.proof.sentence))
    return " ".join(words.text for words in entry.draft.quotes)


def _finding(
    document: Document, tree: ClauseTree, entry: Open, identifier: str, playbook: Playbook | None, contract_law: str
) -> Finding:
    draft, line = entry.draft, entry.line
    clauses = [clause.index for words in draft.quotes if (clause := tree.at(words.start)) is not None]
    changes = entry.changes or insertions_in(document, draft.quotes)
    why = " ".join(part for part in (draft.why, line.why if line else "") if part)
    if changes and draft.kind != "change":
        why = f"{why} {inserted_by(changes, draft.quotes)}"
    return Finding(
        id=identifier,
        kind=draft.kind,
        check=entry.check,
        title=entry.title,
        level=entry.level,
        risk=entry.risk,
        why=why,
        stake=line.stake if line else entry.stake,
        quotes=draft.quotes,
        clauses=tuple(dict.fromkeys(clauses)),
        proof=draft.proof,
        sources=tuple(dict.fromkeys(draft.sources)),
        probability=draft.probability,
        suggestion=_suggestion(line.preferred if line else "", line, playbook, contract_law),
        fallback=_suggestion(line.fallback if line else "", line, playbook, contract_law),
        recall=draft.recall,
        changes=changes,
        overruled=draft.overruled,
    )


def _suggestion(text: str, line: Line | None, playbook: Playbook | None, contract_law: str) -> Suggestion | None:
    if not text or line is None or playbook is None:
        return None
    law = line.wording_law or playbook.law
    other = (
        contract_law and contract_law.casefold() not in law.casefold() and law.casefold() not in contract_law.casefold()
    )
    note = f"The contract names the law of {contract_law}; have the wording checked for it." if other else ""
    return Suggestion(text, law, note)


def _notes(
    document: Document, facts: ContractFacts, playbook: Playbook | None, classification: Classification, seen_by: Sides
) -> Iterator[str]:
    kind = classification.kind
    type_name = CONTRACT_TYPES.get(kind.contract_type, kind.contract_type)
    probable = f"({kind.contract_type_probability:.2f})"
    unplaced = seen_by.known and not seen_by.deciding[0].side
    if playbook is None:
        ours = f", with our side as {seen_by.side.role}" if seen_by.side.role else ""
        if unplaced:
            ours = f". Whether {seen_by.side.party} is the customer or the supplier was not read: name the playbook to hold it to"
        yield (
            f"No playbook fits this contract, read as {type_name} {probable}{ours}. What was done: facts and deadlines read, types of clause "
            "listed, contradictions looked for. What was not: no term was judged against what your side would want, and nothing is called missing."
        )
    elif not playbook.fits(kind.contract_type):
        yield f"The playbook {playbook.name} is not written for this type of contract, read as {type_name} {probable}."
    if kind.contract_type_probability < UNSURE_TYPE:
        yield f"The type of contract is not sure: {type_name} {probable}. It chooses the playbook; check it."
    if playbook is not None and not seen_by.known and seen_by.views:
        names = listed([view.name for view in seen_by.deciding if view.name], "or")
        taken = ""
        if playbook.side != "mutual" and not any(view.side for view in seen_by.deciding):
            taken = f", each taken as the {playbook.side} because no role was read"
        yield f"Our side is not known. The playbook's lines were decided as {names} would see them{taken}; risk is told for each party by name."
    if playbook is not None and seen_by.known:
        view: View = seen_by.deciding[0]
        if playbook.side != "mutual" and view.side and not playbook.acts_for(view.us.role if view.us else ""):
            yield f"The playbook acts for the {playbook.side}; {view.name} is the {view.side} here."
        elif playbook.side != "mutual" and unplaced:
            yield f"What part {view.name} plays was not read from the contract: it was taken as the {playbook.side}, for whom the playbook acts."
    if not facts.parties:
        yield "No party was read, so no risk is told by name."
    if len(facts.parties) > MAX_VIEWS:
        yield f"{len(facts.parties)} parties: risk is told for the first {MAX_VIEWS} by name."
    pages = unread_pages(document)
    if pages:
        yield f"Not read: {pages}. Nothing is called missing because of it, and no verdict rests on it."

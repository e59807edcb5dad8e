"""Judge a contract: classifier, rules and playbook joined in one place, always for a side.

``judge`` settles which classes of clause stand, decides each line of the playbook as our party sees it (or each party, where ours is not
known), adds the contradictions inside the contract and what tracked changes moved, and orders it all: level, weight, place.
Without a playbook nothing is called missing. Each finding carries the proof of what spoke for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ..core.rules import Evidence, Fact, Proof
from .categories import CONTRACT_TYPES
from .changes import Moved, by_whom, inserted_by, insertions_in, moved_facts
from .checks import Case, Draft, Outcome, Recall, Status, check_of, decide, unread_pages
from .classify import Classification
from .clauses import ClauseTree
from .contradictions import Contradiction
from .contradictions import find as find_contradictions
from .document import Change, Document, Words, original_view
from .facts.types import ContractFacts
from .findings import LEVELS, Check, Finding, Judgement, Level, Suggestion, finding_id
from .playbook import Line, Playbook
from .sides import MAX_VIEWS, Sides, View, sides
from .standing import settle
from .vocabulary import evidence_of

POINTS: Mapping[Level, float] = {"high": 9.0, "medium": 3.0, "low": 1.0}
"""What an open finding of weight 1 adds to a contract's score, by level."""
DEFAULT_BUDGET = 25
UNSURE_TYPE = 0.6
"""A type of contract less probable than this is told to the reader."""

Original = tuple[ClauseTree, Classification, ContractFacts]


@dataclass(frozen=True)
class _Open:
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


@dataclass(frozen=True)
class _Decided:
    """One line of the playbook on one view of the text."""

    line: Line
    outcome: Outcome
    open: tuple[_Open, ...]


def judge(
    document: Document,
    tree: ClauseTree,
    classification: Classification,
    facts: ContractFacts,
    *,
    us: str = "",
    playbook: Playbook | None = None,
    recall: Recall | None = None,
    original: Original | None = None,
) -> Judgement:
    """Find what a reviewer should look at, and how bad it is for whom.

    ``us`` is our party's name (else the playbook's names are tried); ``playbook`` None: no playbook fits, only contradictions and
    moved facts are findings. ``recall`` gives by category what share of such clauses is found on held-out contracts. ``original`` holds the
    stages' results on the original view of a document with tracked changes.
    """
    seen_by = sides(facts, us, playbook)
    found: list[_Open] = []
    checks: list[Check] = []
    decided: list[_Decided] = []
    case: Case | None = None
    if playbook is not None:
        standing = settle(document, tree, classification, facts)
        case = Case(document, tree, classification, facts, standing, playbook, recall or {})
        decided = _decide_all(case, seen_by)
        found += [finding for line in decided for finding in line.open]
        checks = [check_of(line.line, line.outcome, case) for line in decided]
    found += [_contradiction(c, seen_by) for c in find_contradictions(document, tree, facts)]
    if original is not None and document.changes:
        found += _changed(document, tree, facts, case, decided, seen_by, original, us)
    return _judgement(document, tree, facts, playbook, classification, seen_by, found, checks)


def _decide_all(case: Case, seen_by: Sides) -> list[_Decided]:
    return [_decide_line(line, case, seen_by) for line in case.playbook.checks]


def _decide_line(line: Line, case: Case, seen_by: Sides) -> _Decided:
    # A line that every party could write of itself is decided for all of them where ours is not known.
    deciding = seen_by.views if line.hits == "each" and not seen_by.known and seen_by.views else seen_by.deciding
    outcomes = [(view, decide(line, case, view)) for view in deciding]
    drafts: dict[object, Draft] = {}
    risk: dict[object, dict[str, Level]] = {}
    for view, outcome in outcomes:
        for draft in outcome.drafts:
            drafts.setdefault(_key(draft), draft)
            risk.setdefault(_key(draft), {})[view.name] = draft.level or line.level
    if drafts and line.hits == "each":
        for view in seen_by.views if seen_by.known else ():
            for draft in decide(line, case, view).drafts:
                if _key(draft) in risk:
                    risk[_key(draft)].setdefault(view.name, draft.level or line.level)
    everyone = [view.name for view in seen_by.views]
    opened: list[_Open] = []
    for key, draft in drafts.items():
        level = draft.level or line.level
        for_whom: Mapping[str, Level] = risk[key]
        if draft.burdens:
            for_whom = _same(draft.burdens, level)
        elif line.hits == "all":
            for_whom = _same(everyone, level)
        named: dict[str, Level] = {name: at for name, at in for_whom.items() if name}
        opened.append(
            _Open(
                line.id,
                draft.title or _title(line, draft),
                line.weight,
                draft,
                _for_us(named, seen_by, level),
                named,
                line,
            )
        )
    return _Decided(line, _joined([outcome for _, outcome in outcomes]), tuple(opened))


def _title(line: Line, draft: Draft) -> str:
    """What is wrong: the line's title says what the playbook wants, and alone would read as if it were so."""
    return f"Missing: {line.title}" if draft.kind == "missing" and line.required else f"Not met: {line.title}"


def _key(draft: Draft) -> object:
    return draft.kind, draft.title, tuple((words.start, words.end) for words in draft.quotes)


def _joined(outcomes: Sequence[Outcome]) -> Outcome:
    """The outcome of a line over all deciding views: one that fails decides, then one that is undecided."""
    order: tuple[Status, ...] = ("failed", "undecided", "passed", "not_applicable")
    return next(outcome for status in order for outcome in outcomes if outcome.status == status)


def _for_us(risk: Mapping[str, Level], seen_by: Sides, level: Level) -> Level:
    if seen_by.known:
        return risk.get(seen_by.side.party, level)
    return worst(risk.values()) or level


def _same(names: Iterable[str], level: Level) -> dict[str, Level]:
    return {name: level for name in names if name}


def worst(levels: Iterable[Level]) -> Level | None:
    """The most serious of some levels; None where there are none.

    >>> worst(["low", "high"])
    'high'
    """
    return min(levels, key=LEVELS.index, default=None)


def _contradiction(found: Contradiction, seen_by: Sides) -> _Open:
    why = f"{found.why} {found.note}".strip()
    proof = Proof(f"contradiction/{found.subject}", why, found.facts)
    draft = Draft("contradiction", why, proof, ("rules",), found.quotes, found.title, found.level)
    risk = _same((view.name for view in seen_by.views), found.level)
    stake = "Each side may later rely on the reading that suits it."
    return _Open(f"contradiction-{found.subject}", found.title, 1.0, draft, found.level, risk, stake=stake)


def _changed(
    document: Document,
    tree: ClauseTree,
    facts: ContractFacts,
    case: Case | None,
    decided: Sequence[_Decided],
    seen_by: Sides,
    original: Original,
    us: str,
) -> Iterator[_Open]:
    """Facts that tracked changes moved, and lines of the playbook that they turned."""
    old_tree, old_classification, old_facts = original
    moved = list(moved_facts(document, tree, facts, old_facts))
    turned: dict[int, list[tuple[_Decided, _Decided]]] = {}
    if case is not None:
        before = original_view(document)
        old_standing = settle(before, old_tree, old_classification, old_facts)
        old_case = replace(
            case,
            document=before,
            tree=old_tree,
            classification=old_classification,
            facts=old_facts,
            standing=old_standing,
        )
        old_decided = _decide_all(old_case, sides(old_facts, us, case.playbook))
        for old, new in zip(old_decided, decided, strict=True):
            if {old.outcome.status, new.outcome.status} != {"passed", "failed"}:
                continue
            index = _mover(moved, old.outcome, new.outcome)
            if index is None:
                yield _turned(document, old, new, seen_by)
            else:
                turned.setdefault(index, []).append((old, new))
    for index, entry in enumerate(moved):
        yield _moved(entry, turned.get(index, ()), seen_by)


def _mover(moved: Sequence[Moved], old: Outcome, new: Outcome) -> int | None:
    """The moved fact that turned a line: its words are those that the line rests on, now or before."""
    for index, entry in enumerate(moved):
        now = any(a.start < b.end and b.start < a.end for a in entry.quotes for b in new.quotes if entry.new)
        then = any(words == quote.text for words in entry.old_words for quote in old.quotes)
        if now or then:
            return index
    return None


def _turned(document: Document, old: _Decided, new: _Decided, seen_by: Sides) -> _Open:
    failed = new.outcome.status == "failed"
    level: Level = new.line.level if failed else "low"
    quotes = new.outcome.quotes
    changes = insertions_in(document, quotes) or _deletions_of(document, old.outcome.quotes)
    why = (
        f"The line of the playbook {'passes without the tracked changes and fails' if failed else 'fails without the tracked changes and passes'}"
        f" with them. {by_whom(changes)}"
    ).strip()
    facts = tuple(_status_fact(when, line) for when, line in (("before", old), ("now", new)))
    proof = Proof(f"change/{new.line.id}", why, facts, tuple(finding.draft.proof for finding in new.open or old.open))
    risk = _risk_of([new] if failed else [], seen_by, level)
    draft = Draft("change", why, proof, ("rules", "playbook"), quotes, f"Changed: {new.line.title}", level)
    stake = new.line.stake if failed else ""
    return _Open(
        f"change-{new.line.id}",
        draft.title,
        new.line.weight,
        draft,
        _for_us(risk, seen_by, level),
        risk,
        None,
        changes,
        stake,
    )


def _deletions_of(document: Document, quotes: Sequence[Words]) -> tuple[Change, ...]:
    """The deletions that share words with some quotes of the original view."""
    return tuple(
        change
        for change in document.changes
        if change.kind == "deletion"
        and change.text.strip()
        and any(change.text.strip() in words.text or words.text in change.text for words in quotes)
    )


def _status_fact(when: str, decided: _Decided) -> Fact:
    words = tuple(Evidence("words", quote.text, quote.start, quote.end) for quote in decided.outcome.quotes[:3])
    return Fact(f"check.{decided.line.id}.{when}", decided.outcome.status, evidence=words if when == "now" else ())


def _risk_of(failed: Sequence[_Decided], seen_by: Sides, level: Level) -> dict[str, Level]:
    risks = [finding.risk for line in failed for finding in line.open]
    if not risks:
        return _same((view.name for view in seen_by.views), level)
    names = {name for risk in risks for name in risk}
    return {name: worst(risk[name] for risk in risks if name in risk) or level for name in names}


def _moved(entry: Moved, turned: Sequence[tuple[_Decided, _Decided]], seen_by: Sides) -> _Open:
    now_failing = [new for _, new in turned if new.outcome.status == "failed"]
    level = worst([line.line.level for line in now_failing]) or ("low" if turned else entry.level)
    answers = [
        f'"{new.line.title}" {"fails" if new.outcome.status == "failed" else "passes"} with this change.'
        for _, new in turned
    ]
    told = by_whom(entry.changes) or "It follows from a change elsewhere."
    why = " ".join([entry.sentence, *answers, told])
    facts = [
        Fact("fact.before", entry.old or None, evidence=tuple(Evidence("words", words) for words in entry.old_words)),
        Fact("fact.now", entry.new or None, evidence=tuple(e for found in entry.new_found for e in evidence_of(found))),
    ]
    proof = Proof(f"change/{entry.subject}", entry.sentence, tuple(facts))
    risk = _risk_of(now_failing, seen_by, level)
    title = f"Changed: {entry.title}"
    draft = Draft("change", why, proof, ("rules", "playbook") if turned else ("rules",), entry.quotes, title, level)
    stake = " ".join(dict.fromkeys(line.line.stake for line in now_failing if line.line.stake))
    # The subject's party is left out of the check: an id must not move when a name is spelt anew.
    check = f"change-{entry.subject.split('.')[0]}"
    return _Open(check, title, 1.0, draft, _for_us(risk, seen_by, level), risk, None, entry.changes, stake)


def _judgement(
    document: Document,
    tree: ClauseTree,
    facts: ContractFacts,
    playbook: Playbook | None,
    classification: Classification,
    seen_by: Sides,
    found: Sequence[_Open],
    checks: Sequence[Check],
) -> Judgement:
    law = facts.law()
    by_place = sorted(found, key=lambda f: f.draft.quotes[0].start if f.draft.quotes else -1)
    occurrences: dict[str, int] = {}
    findings: list[tuple[_Open, Finding]] = []
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


def _start(finding: Finding) -> int:
    return finding.quotes[0].start if finding.quotes else -1


def _letters_of(entry: _Open) -> str:
    if entry.draft.kind == "change":  # a moved fact is told by what it was and is, wherever it stands
        return " ".join((*(words.text for words in entry.draft.quotes), entry.draft.proof.sentence))
    return " ".join(words.text for words in entry.draft.quotes)


def _finding(
    document: Document, tree: ClauseTree, entry: _Open, identifier: str, playbook: Playbook | None, contract_law: str
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
    if playbook is None:
        ours = f", with our side as {seen_by.side.role}" if seen_by.side.role else ""
        yield f"No playbook fits this contract, read as {type_name} {probable}{ours}: nothing is called missing."
    elif not playbook.fits(kind.contract_type):
        yield f"The playbook {playbook.name} is not written for this type of contract, read as {type_name} {probable}."
    if kind.contract_type_probability < UNSURE_TYPE:
        yield f"The type of contract is not sure: {type_name} {probable}. It chooses the playbook; check it."
    if playbook is not None and not seen_by.known and seen_by.views:
        names = " or ".join(view.name for view in seen_by.deciding if view.name)
        yield f"Our side is not known. The playbook's lines were decided as {names} would see them; risk is told for each party by name."
    if playbook is not None and seen_by.known:
        view: View = seen_by.deciding[0]
        if playbook.side != "mutual" and view.side and not playbook.acts_for(view.us.role if view.us else ""):
            yield f"The playbook acts for the {playbook.side}; {view.name} is the {view.side} here."
    if not facts.parties:
        yield "No party was read, so no risk is told by name."
    if len(facts.parties) > MAX_VIEWS:
        yield f"{len(facts.parties)} parties: risk is told for the first {MAX_VIEWS} by name."
    pages = unread_pages(document)
    if pages:
        yield f"Not read: {pages}. Nothing is called missing because of it, and no verdict rests on it."

"""Judge a contract: classifier, rules and playbook joined in one place, always for a side.

``judge`` settles which classes of clause stand, decides each line of the playbook as our party sees it (or each party, where ours is not
known), adds the contradictions inside the contract and what tracked changes moved, and orders it all: level, weight, place.
Without a playbook nothing is called missing. Each finding carries the proof of what spoke for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ..core.rules import Evidence, Fact, Proof
from .changes import Moved, by_whom, insertions_in, moved_facts
from .checks import Case, Draft, Outcome, Recall, Status, check_of, decide
from .classify import Classification
from .clauses import ClauseTree
from .contradictions import Contradiction
from .contradictions import find as find_contradictions
from .document import Change, Document, Words, original_view
from .facts.types import ContractFacts
from .findings import Check, Judgement, Level
from .playbook import Line, Playbook
from .sides import Sides, sides
from .standing import settle
from .verdict import Open, judgement, without_echoes, worst
from .vocabulary import NAMES, describe, evidence_of

Original = tuple[ClauseTree, Classification, ContractFacts]


@dataclass(frozen=True)
class _Decided:
    """One line of the playbook on one view of the text."""

    line: Line
    outcome: Outcome
    open: tuple[Open, ...]


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
    found: list[Open] = []
    checks: list[Check] = []
    decided: list[_Decided] = []
    case: Case | None = None
    if playbook is not None:
        standing = settle(document, tree, classification, facts)
        case = Case(document, tree, classification, facts, standing, playbook, recall or {})
        decided = _decide_all(case, seen_by)
        found += [finding for line in decided for finding in line.open]
        checks = [check_of(line.line, line.outcome, case) for line in decided]
        found = without_echoes(found)
    found += [_contradiction(c, seen_by) for c in find_contradictions(document, tree, facts)]
    if original is not None and document.changes:
        found += _changed(document, tree, facts, case, decided, seen_by, original, us)
    return judgement(document, tree, facts, playbook, classification, seen_by, found, checks)


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
    opened: list[Open] = []
    for key, draft in drafts.items():
        level = draft.level or line.level
        for_whom: Mapping[str, Level] = risk[key]
        if draft.burdens:
            for_whom = _same(draft.burdens, level)
        elif line.hits == "all":
            for_whom = _same(everyone, level)
        named: dict[str, Level] = {name: at for name, at in for_whom.items() if name}
        opened.append(
            Open(
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
    if draft.kind != "missing":
        return f"Not met: {line.title}"
    if line.required:
        return f"Missing: {line.title}"
    if line.fact and NAMES[line.fact].kind != "flag":
        return f"Missing: {describe(line.fact)}"
    return f"Not met: {line.title}"


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


def _contradiction(found: Contradiction, seen_by: Sides) -> Open:
    why = f"{found.why} {found.note}".strip()
    proof = Proof(f"contradiction/{found.subject}", why, found.facts)
    draft = Draft("contradiction", why, proof, ("rules",), found.quotes, found.title, found.level)
    risk = _same((view.name for view in seen_by.views), found.level)
    stake = "Each side may later rely on the reading that suits it."
    return Open(f"contradiction-{found.subject}", found.title, 1.0, draft, found.level, risk, stake=stake)


def _changed(
    document: Document,
    tree: ClauseTree,
    facts: ContractFacts,
    case: Case | None,
    decided: Sequence[_Decided],
    seen_by: Sides,
    original: Original,
    us: str,
) -> Iterator[Open]:
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
            turn = (old.outcome.status, new.outcome.status)
            if set(turn) != {"passed", "failed"} and not (
                turn == ("passed", "undecided") and _by_changes(document, old, new)
            ):
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


def _turned(document: Document, old: _Decided, new: _Decided, seen_by: Sides) -> Open:
    status = new.outcome.status
    failed = status == "failed"
    level: Level = _TURNED_LEVEL[new.line.level] if status == "undecided" else new.line.level if failed else "low"
    quotes = new.outcome.quotes
    changes = insertions_in(document, quotes) or _deletions_of(document, old.outcome.quotes)
    turned = {
        "failed": "passes without the tracked changes and fails with them.",
        "undecided": f"passes without the tracked changes; with them it cannot be decided: {new.outcome.note}.",
    }.get(status, "fails without the tracked changes and passes with them.")
    why = f"The line of the playbook {turned} {by_whom(changes)}".strip()
    facts = tuple(_status_fact(when, line) for when, line in (("before", old), ("now", new)))
    proof = Proof(f"change/{new.line.id}", why, facts, tuple(finding.draft.proof for finding in new.open or old.open))
    risk = _risk_of([new] if failed else [], seen_by, level)
    draft = Draft("change", why, proof, ("rules", "playbook"), quotes, f"Changed: {new.line.title}", level)
    stake = new.line.stake if status != "passed" else ""
    return Open(
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


_TURNED_LEVEL: Mapping[Level, Level] = {"high": "medium", "medium": "low", "low": "low"}
"""The level of a change after which a line is undecided: one below the line's."""


def _by_changes(document: Document, old: _Decided, new: _Decided) -> bool:
    """Whether a line's words were changed, so that a change and no other reading of the same words left it undecided."""
    return bool(insertions_in(document, new.outcome.quotes) or _deletions_of(document, old.outcome.quotes))


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


_WITH_CHANGE = {"failed": "fails", "undecided": "cannot be decided"}


def _moved(entry: Moved, turned: Sequence[tuple[_Decided, _Decided]], seen_by: Sides) -> Open:
    now_failing = [new for _, new in turned if new.outcome.status == "failed"]
    unsure: list[Level] = [_TURNED_LEVEL[new.line.level] for _, new in turned if new.outcome.status == "undecided"]
    failing: list[Level] = [line.line.level for line in now_failing]
    level: Level = worst([*failing, *unsure]) or ("low" if turned else entry.level)
    answers = [
        f'"{new.line.title}" {_WITH_CHANGE.get(new.outcome.status, "passes")} with this change.' for _, new in turned
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
    return Open(check, title, 1.0, draft, _for_us(risk, seen_by, level), risk, None, entry.changes, stake)

"""Measure what each rule is worth on labelled contracts and write ``precision.json``: ``python -m dsapp.finance.clause_rules.measure DATA``.

DATA is a folder with ``cuad``, ``contract_nli`` and ``unfair_tos`` in it. Shares and thresholds come from the training folds alone; on the held-out
fold one thing is counted, in how many of the contracts that have a category the rules find it, for the recall that a review prints beside
"not found". Lawyers' types have no such data; theirs come from contracts labelled by hand (``--lawyer-labels``).
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ...core.files import write_text
from ..categories import CUAD, LAWYER, POSITIONS, UNFAIR
from ..kind import evidence, kind_of
from ..train.data import HELD_OUT_FOLD, Example, Sentence, contract_nli, covered, cuad, fold_of, unfair_tos
from ..train.fit_linear import CUAD_TYPES
from . import nda, unfair
from .engine import Fire, clause_rules, fires, on_sentence, opening_fires, other_rules
from .rule import Sentence as Read
from .rule import plain
from .tables import Table, together_key

Counts = list[int]
MIN_THRESHOLD = 0.2
"""A label less likely than this is noise to a reader, whatever it does for F1."""


def measure(data: Path, lawyer_labels: Path | None = None) -> dict[str, Any]:
    """Count hits and right hits of every rule on the training folds of DATA; the content of ``precision.json``."""
    known = cuad(_one(data / "cuad"))
    contracts = [x for x in known if x.fold != HELD_OUT_FOLD]
    ndas = [x for path in sorted((data / "contract_nli").glob("*.jsonl*")) for x in contract_nli(path)]
    terms = unfair_tos(sorted((data / "unfair_tos").glob("*.jsonl*")))
    rules: dict[str, dict[str, Counts]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    categories: dict[str, dict[str, Any]] = {}
    _contracts(contracts, rules, categories)
    _unfair([x for x in terms if fold_of(x.document) != HELD_OUT_FOLD], rules, categories)
    if lawyer_labels is not None:
        _lawyer(contracts, _labels(lawyer_labels), rules, categories)
    content = {
        "about": {
            "contracts": len(contracts),
            "ndas": len(kept := [x for x in ndas if x.fold != HELD_OUT_FOLD]),
            "sentences_of_terms": sum(fold_of(x.document) != HELD_OUT_FOLD for x in terms),
            "made_by": "python -m dsapp.finance.clause_rules.measure",
        },
        "rules": {name: dict(by) for name, by in sorted(rules.items())},
        "categories": categories,
        "positions": _positions(kept),
        "kind": _kinds(contracts, kept, [x for x in terms if fold_of(x.document) != HELD_OUT_FOLD]),
    }
    measured = Table(content)
    content["recall"] = _recall([x for x in known if x.fold == HELD_OUT_FOLD], measured)
    if lawyer_labels is not None:
        content["recall"] |= _lawyer_recall(known, _labels(lawyer_labels))
    return content


def _labels(path: Path) -> dict[str, list[str]]:
    return json.loads(path.read_text(encoding="utf-8"))["contracts"]


def _recall(contracts: Sequence[Example], measured: Table) -> dict[str, Counts]:
    """By CUAD category the held-out contracts where it is found, and those that have it."""
    counts = {category.key: [0, 0] for category in CUAD}
    for contract in contracts:
        present = {CUAD[mark.column].key for mark in contract.truths}
        found = _names(
            (
                *fires(contract.text, contract.passages, clause_rules()),
                *opening_fires(contract.text, contract.passages),
            ),
            by_passage=False,
        )
        for key in present:
            counts[key][1] += 1
            probability = measured.presence(key, found.get((key, 0), set()))
            counts[key][0] += probability >= measured.threshold(key, "presence")
    return counts


def _lawyer_recall(known: Sequence[Example], labels: Mapping[str, Sequence[str]]) -> dict[str, Counts]:
    """By lawyers' type the contracts labelled by hand where it is found, and those that have it."""
    keys = {category.key for category in LAWYER}
    lawyers = [rule for rule in other_rules() if rule.category in keys]
    counts = {key: [0, 0] for key in keys}
    for contract in known:
        if contract.name not in labels:
            continue
        found = {fire.category for fire in fires(contract.text, contract.passages, lawyers)}
        for key in labels[contract.name]:
            counts[key][1] += 1
            counts[key][0] += key in found
    return dict(sorted(counts.items()))


def _one(folder: Path) -> Path:
    return next(path for path in sorted(folder.glob("train.jsonl*")))


def _contracts(
    contracts: Sequence[Example], rules: Mapping[str, Mapping[str, Counts]], categories: dict[str, dict[str, Any]]
) -> None:
    keys = [category.key for category in CUAD]
    silent: dict[str, Counts] = {key: [0, 0] for key in keys}
    seen: list[tuple[dict[tuple[str, int], set[str]], dict[str, set[int]]]] = []
    for contract in contracts:
        truth: dict[str, set[int]] = {key: set() for key in keys}
        present = {keys[mark.column] for mark in contract.truths}
        for mark in contract.truths:
            truth[keys[mark.column]] |= {
                number for number, passage in enumerate(contract.passages) if covered(passage, mark.start, mark.end)
            }
        found = (
            *fires(contract.text, contract.passages, clause_rules()),
            *opening_fires(contract.text, contract.passages),
        )
        by_passage = _names(found, by_passage=True)
        by_contract = _names(found, by_passage=False)
        for (category, number), names in by_passage.items():
            _count(rules, names, "passage", number in truth[category])
        for (category, _), names in by_contract.items():
            _count(rules, names, "contract", category in present)
        for key in keys:
            if (key, 0) not in by_contract:
                silent[key][0] += 1
                silent[key][1] += key in present
        seen.append((by_passage, truth))
    total = sum(len(contract.passages) for contract in contracts)
    for key in keys:
        positives = sum(len(truth[key]) for _, truth in seen)
        present = sum(bool(any(keys[mark.column] == key for mark in contract.truths)) for contract in contracts)
        categories[key] = {
            "passage_base": round(positives / total, 6),
            "presence_base": round(present / len(contracts), 6),
            "silent": silent[key],
        }
    _thresholds(contracts, seen, rules, categories)


def _thresholds(
    contracts: Sequence[Example],
    seen: Sequence[tuple[dict[tuple[str, int], set[str]], dict[str, set[int]]]],
    rules: Mapping[str, Mapping[str, Counts]],
    categories: dict[str, dict[str, Any]],
) -> None:
    measured = Table({"rules": rules, "categories": categories})
    for column, category in enumerate(CUAD):
        key = category.key
        pairs = [
            (measured.passage(names), number in truth[key])
            for by_passage, truth in seen
            for (name, number), names in by_passage.items()
            if name == key
        ]
        positives = sum(len(truth[key]) for _, truth in seen)
        whole = []
        for contract, (by_passage, _) in zip(contracts, seen, strict=True):
            fired = set().union(*(names for (name, _), names in by_passage.items() if name == key))
            whole.append((measured.presence(key, fired), any(mark.column == column for mark in contract.truths)))
        categories[key]["passage_threshold"] = max(MIN_THRESHOLD, _best(pairs, positives, None))
        categories[key]["presence_threshold"] = _best(whole, sum(y for _, y in whole), len(whole))


def _best(pairs: Sequence[tuple[float, bool]], positives: int, items: int | None) -> float:
    """The threshold with the best F1 (plus accuracy over ``items`` where given), midway to the next lower score."""
    ordered = sorted(pairs, reverse=True)
    best, threshold, right = -1.0, 0.5, 0
    for index, (score, true) in enumerate(ordered):
        right += true
        lower = ordered[index + 1][0] if index + 1 < len(ordered) else 0.0
        if lower == score:
            continue
        value = 2 * right / (index + 1 + positives)
        if items is not None:
            value += 1 - (index + 1 - right + positives - right) / items
        if value > best:
            best, threshold = value, (score + lower) / 2
    return round(threshold, 4)


def _unfair(
    sentences: Sequence[Sentence],
    rules: Mapping[str, Mapping[str, Counts]],
    categories: dict[str, dict[str, Any]],
) -> None:
    scored: dict[str, list[tuple[float, bool]]] = {category.key: [] for category in UNFAIR}
    fired = []
    for sentence in sentences:
        read = Read(0, len(sentence.text), plain(sentence.text), "", 0, False)
        labels = {UNFAIR[column].key: level for column, level in sentence.levels.items()}
        names = _names(on_sentence(read, unfair.RULES), by_passage=False)
        fired.append((names, labels))
        for (category, _), of in names.items():
            _count(rules, of, "passage", category in labels)
            if labels.get(category) is not None:
                for name in of:
                    rules[name]["clearly"][0] += 1
                    rules[name]["clearly"][1] += labels[category] == 3
    for column, category in enumerate(UNFAIR):
        positives = sum(column in sentence.levels for sentence in sentences)
        categories[category.key] = {"passage_base": round(positives / len(sentences), 6)}
    measured = Table({"rules": rules, "categories": categories})
    for names, labels in fired:
        for (category, _), of in names.items():
            scored[category].append((measured.passage(of), category in labels))
    for column, category in enumerate(UNFAIR):
        positives = sum(column in sentence.levels for sentence in sentences)
        categories[category.key]["passage_threshold"] = _best(scored[category.key], positives, None)


def _lawyer(
    contracts: Sequence[Example],
    labels: Mapping[str, Sequence[str]],
    rules: Mapping[str, Mapping[str, Counts]],
    categories: dict[str, dict[str, Any]],
) -> None:
    """Shares of the lawyers' types by contract: a rule counts as right where the contract has the type at all."""
    lawyers = [rule for rule in other_rules() if rule.category in {category.key for category in LAWYER}]
    known = {contract.name: contract for contract in contracts}
    for title, present in labels.items():
        contract = known.get(title)
        if contract is None:
            continue
        for (category, _), names in _names(fires(contract.text, contract.passages, lawyers), by_passage=False).items():
            _count(rules, names, "passage", category in present)
    for category in LAWYER:
        categories[category.key] = {"passage_base": 0.5, "passage_threshold": 0.5}


def _positions(ndas: Sequence[Example]) -> dict[str, Counts]:
    counts: dict[str, Counts] = defaultdict(lambda: [0, 0, 0])
    hypotheses = list(POSITIONS)
    for document in ndas:
        fired = {fire.rule for fire in fires(document.text, document.passages, nda.RULES)}
        for column, hypothesis in enumerate(hypotheses):
            choice = document.choices[column]
            mine = {name for name in fired if name.partition(".")[0] == hypothesis}
            for key in (f"{hypothesis}.all", together_key(hypothesis, mine), *mine):
                counts[key][choice] += 1
    return dict(sorted(counts.items()))


def _kinds(
    contracts: Sequence[Example], ndas: Sequence[Example], terms: Sequence[Sentence]
) -> dict[str, dict[str, Counts]]:
    """How often title, opening and roles name the right type, and how often the kind of document agrees with the lawyers' document name."""
    joined: dict[str, list[str]] = defaultdict(list)
    for sentence in terms:
        joined[sentence.document].append(sentence.text)
    texts = [(x.text, CUAD_TYPES.get(x.kind.lower(), "")) for x in (*contracts, *ndas)]
    texts += [(" ".join(lines), "terms") for lines in joined.values()]
    counts: dict[str, dict[str, Counts]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    for text, truth in texts:
        named, source = evidence(text)
        clear = named != "other" and (named, truth) != ("non_compete", "nda")  # a set of NDAs files such covenants too
        if truth and source != "none" and clear:
            counts[source][named][0] += 1
            counts[source][named][1] += named == truth
    for contract in contracts:
        names = [contract.text[mark.start : mark.end].lower() for mark in contract.truths if mark.column == 0]
        amended = any(word in name for name in names for word in ("amendment", "addendum"))
        found = kind_of(contract.text).document_kind
        counts["document"][found][0] += 1
        counts["document"][found][1] += amended if found == "amendment" else not amended
    return {source: dict(by) for source, by in counts.items()}


def _names(found: Iterable[Fire], *, by_passage: bool) -> dict[tuple[str, int], set[str]]:
    names: dict[tuple[str, int], set[str]] = defaultdict(set)
    for fire in found:
        names[fire.category, fire.passage if by_passage else 0].add(fire.rule)
    return names


def _count(rules: Mapping[str, Mapping[str, Counts]], names: set[str], unit: str, right: bool) -> None:
    for name in names:
        counts = rules[name][f"{unit}_{'joined' if len(names) > 1 else 'alone'}"]
        counts[0] += 1
        counts[1] += right


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and write the table beside this module."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder with cuad, contract_nli and unfair_tos")
    parser.add_argument(
        "--lawyer-labels", type=Path, default=None, help="contracts labelled by hand with lawyers' types"
    )
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name("precision.json"))
    given = parser.parse_args(arguments)
    content = measure(given.data, given.lawyer_labels)
    lines = json.dumps(content, indent=None, separators=(",", ":"))
    write_text(given.out, _folded(lines))
    print(f"written: {given.out}", file=sys.stderr)


def _folded(line: str) -> str:
    """One rule a line, so that a change of one shows as one line."""
    content = json.loads(line)
    parts = []
    for key, value in content.items():
        if isinstance(value, dict):
            rows = ",\n".join(f"  {json.dumps(name)}: {json.dumps(entry)}" for name, entry in value.items())
            parts.append(f" {json.dumps(key)}: {{\n{rows}\n }}")
        else:
            parts.append(f" {json.dumps(key)}: {json.dumps(value)}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


if __name__ == "__main__":
    main()

"""The sample contracts: what makes them gives these files, and their reviews say what a good reviewer says.

``data_samples/contracts/expected.toml`` holds what that is. A review that misses something, says what must not be said, or
says too much besides fails the test, which then lists everything at once.
"""

from __future__ import annotations

import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from dsapp.finance.findings import Finding
from dsapp.finance.model import BUNDLES, DEFAULT_BUNDLE, ContractModel
from dsapp.finance.reading import read
from dsapp.finance.reading.sniff import SUFFIXES
from dsapp.finance.review import Review, review

SAMPLES = Path(__file__).parents[2] / "data_samples"
CONTRACTS = SAMPLES / "contracts"
EXPECTED = tomllib.loads((CONTRACTS / "expected.toml").read_text(encoding="utf-8"))
FILES = sorted(path.name for path in CONTRACTS.iterdir() if path.suffix in SUFFIXES)
NOT_COMPARED = {"of", "words", "classifier"}
MAX_NOT_EXPECTED = 3
"""Findings over all ten contracts that nobody expects. There are none today; a reader forgives one in three contracts, and more would
teach her to skip them."""


def test_each_sample_has_its_expectations() -> None:
    assert sorted(entry["file"] for entry in EXPECTED["contract"]) == FILES


@pytest.fixture(scope="module")
def made_again(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("reportlab", reason="needs reportlab: pip install 'dsapp[dev]'")
    folder = tmp_path_factory.mktemp("samples")
    subprocess.run([sys.executable, str(SAMPLES / "make_contracts.py"), str(folder)], check=True, capture_output=True)
    return folder


@pytest.mark.parametrize("name", FILES)
def test_the_files_are_what_their_sources_make(name: str, made_again: Path) -> None:
    made, kept = read(made_again / name), read(CONTRACTS / name)
    assert made.text == kept.text
    assert made.changes == kept.changes
    assert made.unread == kept.unread
    assert made.num_pages == kept.num_pages


@pytest.fixture(scope="module", params=["model", "rules"])
def classifier(request: pytest.FixtureRequest) -> str:
    if request.param == "model" and not (BUNDLES / DEFAULT_BUNDLE / "bundle.json").is_file():
        pytest.skip("no trained bundle lies in the checkout")
    return request.param


@cache
def reviews(classifier: str) -> Mapping[str, Review]:
    model = ContractModel.open() if classifier == "model" else None
    return {name: review(CONTRACTS / name, us=EXPECTED["us"], model=model) for name in FILES}


def test_the_reviews_say_what_a_good_reviewer_says(classifier: str) -> None:
    done = reviews(classifier)
    misses = [
        f"{entry['file']}: {miss}"
        for entry in EXPECTED["contract"]
        for miss in _misses(entry, done[entry["file"]], classifier)
    ]
    assert not misses, f"{len(misses)} misses with {classifier}:\n" + "\n".join(misses)


def test_the_reviews_say_little_besides(classifier: str) -> None:
    done = reviews(classifier)
    besides = [
        f"{entry['file']}: {_told(finding)}"
        for entry in EXPECTED["contract"]
        for finding in done[entry["file"]].judgement.findings
        if not any(_is(wanted, finding) for wanted in (*entry["findings"], *entry["also"]))
    ]
    assert len(besides) <= MAX_NOT_EXPECTED, f"{len(besides)} besides:\n" + "\n".join(besides)


def test_a_balanced_contract_has_no_finding(classifier: str) -> None:
    judgement = reviews(classifier)["nda_mutual.pdf"].judgement
    assert [_told(finding) for finding in judgement.findings] == []
    assert judgement.verdict.startswith("nothing found in ")


def test_a_page_that_was_not_read_keeps_the_lease_from_being_called_complete(classifier: str) -> None:
    done = reviews(classifier)["office_lease.pdf"]
    assert "21,630.00" not in done.document.text
    assert any("page 2" in note for note in done.judgement.notes)


def _misses(entry: Mapping[str, Any], done: Review, classifier: str) -> Iterator[str]:
    judgement = done.judgement
    for what, wanted, got in (
        ("type", entry["type"], done.classification.kind.contract_type),
        ("playbook", entry["playbook"], judgement.playbook),
        ("role", entry["role"], judgement.side.role),
        ("level", entry["level"], judgement.level or ""),
    ):
        if wanted != got:
            yield f"{what} is {got!r}, not {wanted!r}"
    for fact in entry["facts"]:
        if not any(_holds(fact, found, done) for found in _listed(fact["of"], done)):
            yield f"fact not read: {fact}"
    for wanted in entry["findings"]:
        if wanted.get("classifier") in (None, "any", classifier):
            yield from _not_found(wanted, judgement.findings)
    for unwanted in entry["never"]:
        for finding in judgement.findings:
            if _is(unwanted, finding):
                yield f"must not be found ({unwanted['why']}): {_told(finding)}"
    not_read = [{"where": unread.where, "code": unread.code} for unread in done.document.unread]
    if not_read != entry.get("not_read", []):
        yield f"listed as not read: {not_read}"


def _not_found(wanted: Mapping[str, Any], findings: Sequence[Finding]) -> Iterator[str]:
    found = [finding for finding in findings if _is(wanted, finding)]
    told = f"{wanted['check']} {wanted.get('words', '')} ({wanted['why']})"
    if not found:
        yield f"not found: {told}"
        return
    levels = wanted["level"] if isinstance(wanted["level"], list) else [wanted["level"]]
    if all(finding.level not in levels for finding in found):
        yield f"level {found[0].level}, not {wanted['level']}: {told}"
    for author in wanted.get("changed_by", ()):
        if all(author != change.author for finding in found for change in finding.changes):
            yield f"not said to be changed by {author}: {told}"


def _is(wanted: Mapping[str, Any], finding: Finding) -> bool:
    """Whether a finding is of the check and its quotes hold all the words."""
    quotes = [" ".join(words.text.split()) for words in finding.quotes]
    return finding.check == wanted["check"] and all(any(w in q for q in quotes) for w in wanted.get("words", ()))


def _told(finding: Finding) -> str:
    return f"{finding.level} {finding.check}: {finding.title} | {finding.why} | {[w.text[:80] for w in finding.quotes]}"


def _listed(of: str, done: Review) -> Sequence[Any]:
    for where in (done.facts, done.tree, done.document):
        if hasattr(where, of):
            return getattr(where, of)
    raise AssertionError(f"expected.toml names an unknown list {of!r}")


def _holds(fact: Mapping[str, Any], found: Any, done: Review) -> bool:
    """Whether an entry of a list has the fields that the fact names; ``words`` and lists need to hold them only."""
    if "words" in fact and fact["words"] not in " ".join(_sentence(found, done).split()):
        return False
    for name, value in fact.items():
        if name in NOT_COMPARED:
            continue
        got = getattr(found, name)
        if isinstance(got, tuple):
            if value not in got:
                return False
        elif got != value and str(got) != str(value):
            return False
    return True


def _sentence(found: Any, done: Review) -> str:
    """A fact's words and a little of what stands before them."""
    return done.document.text[max(0, found.words.start - 60) : found.words.end]

"""Cross-references: what resolves, what dangles, what is another document, and when the numbering itself was not understood."""

from __future__ import annotations

import re

import numpy as np
import pytest

from dsapp.finance.clauses import ClauseTree, Reference, segment
from dsapp.finance.document import Block, Document, Places
from dsapp.finance.references import numbering_note

BODY = """SERVICES AGREEMENT

This Services Agreement (the "Agreement") is made by and between Alder Ltd ("Alder") and Birch plc ("Birch").

1. Scope. Alder works. {}

2. Money. Birch pays.

2.1 Time. Within 30 days.

2.2 Items. As follows:

(a) ovens;

(b) racks.

3. Care. Alder takes care that (i) doors close and (ii) fires are out.

EXHIBIT A

The ovens are listed here: one deck oven, one rack oven, one proofer.
"""


def tree_of(text: str) -> ClauseTree:
    blocks = tuple(Block(m.start(), m.end()) for m in re.finditer(r"[^\n](?:.|\n(?!\n))*", text))
    return segment(Document("test", "txt", "0" * 64, text, blocks, Places(np.zeros(0, dtype=np.int64))))


def references(sentence: str) -> list[Reference]:
    tree = tree_of(BODY.format(sentence))
    return [
        reference for reference in tree.references if reference.status != "external" or "Act" not in reference.target
    ]


@pytest.mark.parametrize(
    ("sentence", "path"),
    [
        ("See Section 2.1.", "2.1"),
        ("See Section 2.2(a).", "2.2(a)"),
        ("See section 2 above.", "2"),
        ("See Clause 2.2 (b).", "2.2(b)"),
        ("Under § 3 hereof.", "3"),
        ("See Section 3(i) of this Agreement.", "3"),
        ("As this Section says.", "1"),
    ],
)
def test_references_that_lead_somewhere(sentence: str, path: str):
    tree = tree_of(BODY.format(sentence))
    found = [reference for reference in tree.references if reference.start < BODY.index("2. Money") + len(sentence)]
    assert [(r.status, tree.clauses[r.clause or 0].path) for r in found if r.clause is not None] == [("resolved", path)]


def test_lists_and_ranges_name_each_end():
    assert [(r.target, r.status) for r in references("See Sections 2.1, 2.2 and 3, and Articles 2 through 9.")] == [
        ("Sections 2.1", "resolved"),
        ("Sections 2.2", "resolved"),
        ("Sections 3", "resolved"),
        ("Articles 2", "resolved"),
        ("Articles 9", "dangling"),
    ]


def test_a_missing_section_dangles_and_the_rest_of_the_file_is_understood():
    tree = tree_of(BODY.format("See Section 7.4. See Section 2, Section 2.1, Section 2.2 and Section 3."))
    assert [r.target for r in tree.references if r.status == "dangling"] == ["Section 7.4"]
    assert numbering_note(tree) == ""


@pytest.mark.parametrize("missing", ["Section 2.7", "Section 2.2(f)"])
def test_an_item_missing_from_a_section_that_lists_its_items_dangles(missing: str):
    tree = tree_of(BODY.format(f"See {missing}. See Section 2, Section 2.1, Section 2.2(a) and Section 3."))
    assert [r.target for r in tree.references if r.status == "dangling"] == [missing]


def test_when_little_resolves_the_numbering_is_said_not_to_be_understood():
    tree = tree_of(BODY.format("See Section 7.4, Section 8.1, Section 9.2 and Section 2.1."))
    assert "not understood: 1 of 4" in numbering_note(tree)


@pytest.mark.parametrize(
    "sentence",
    [
        "Rejected under Section 365 of the Bankruptcy Code.",
        "As 17 C.F.R. § 240 says.",
        "Under Section 9 of the Companies Law.",
        "Within UCC Section 2-207 and Section 4 of the Arbitration Act.",
    ],
)
def test_statutes_are_external(sentence: str):
    assert {r.status for r in references(sentence) if r.target.startswith(("Section", "§"))} == {"external"}


def test_sections_of_another_agreement_do_not_dangle():
    found = references("See Section 14 of the Supply Agreement and Section 12 thereof.")
    assert [(r.target, r.status) for r in found] == [("Section 14", "not_supplied"), ("Section 12", "not_supplied")]


def test_an_agreement_that_is_leaned_on_but_not_here():
    found = references(
        "This is subject to the terms of the Master Purchase Agreement dated as of 3 May 2020, incorporated herein by reference."
    )
    assert [(r.target, r.status, r.incorporated) for r in found] == [
        ("the Master Purchase Agreement dated as of 3 May 2020", "not_supplied", True)
    ]


def test_exhibits_here_and_not_here():
    tree = tree_of(BODY.format("See Exhibit A and Schedule 2 attached hereto."))
    found = {r.target: r for r in tree.references}
    assert found["Exhibit A"].status == "resolved" and tree.parts[found["Exhibit A"].part or 0].title == "EXHIBIT A"
    assert found["Schedule 2"].status == "not_supplied" and found["Schedule 2"].incorporated


def test_terms_at_an_address_on_the_web_are_not_supplied():
    found = references("Alder follows the usage policy at https://alder.example/policy as changed.")
    assert [(r.target, r.status) for r in found] == [("https://alder.example/policy", "not_supplied")]


def test_items_within_a_sentence_are_no_evidence_of_a_gap():
    assert references("Of clauses (vii) and (iv) above, the first counts; paragraph (z) too.") == []

"""The tree of clauses: numbers, headings, parts and regions, as a reader of the contract sees them."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsapp.finance.clauses import ClauseTree, divide, segment
from dsapp.finance.document import Block, Document, Places


def document(text: str, *blocks: Block) -> Document:
    found = list(blocks)
    if not found:
        for match in re.finditer(r"[^\n](?:.|\n(?!\n))*", text):
            found.append(Block(match.start(), match.end()))
    return Document("test", "txt", "0" * 64, text, tuple(found), Places(np.zeros(0, dtype=np.int64)))


def outline(tree: ClauseTree) -> list[tuple[str, str]]:
    return [(clause.path, clause.heading) for clause in tree.clauses if clause.kind == "clause"]


def paths(text: str) -> list[str]:
    return [clause.path for clause in divide(document(text)).clauses if clause.kind == "clause" and clause.path]


SERVICES = """SERVICES AGREEMENT

This Services Agreement (the "Agreement") is made on 3 May 2021 by and between Alder Works Ltd ("Supplier") and Birch Foods plc ("Customer").

WHEREAS, Customer wants its ovens serviced; and

WHEREAS, Supplier services ovens;

NOW, THEREFORE, the parties agree as follows:

1. Services. Supplier shall service the ovens listed in Exhibit A.

1.1 Standard. Supplier shall work with skill and care.

1.2 Access. Customer shall let Supplier in:

(a) on working days; and

(b) on other days by agreement.

2. LIMITATION OF LIABILITY

In no event is either party liable for lost profit.

3. Term. This Agreement runs for 30 months.

IN WITNESS WHEREOF, the parties have signed.

By: /s/ Jo Alder

Name: Jo Alder

EXHIBIT A

Ovens

1. Deck oven, serial 14.

2. Rack oven, serial 15.
"""


def test_services_agreement_is_cut_as_a_lawyer_would():
    tree = segment(document(SERVICES))
    assert [c.kind for c in tree.clauses if c.part == 0 and c.parent is None] == [
        "title", "preamble", "recitals", "clause", "clause", "clause", "signature",
    ]  # fmt: skip
    assert outline(tree)[:7] == [
        ("1", "Services"),
        ("1.1", "Standard"),
        ("1.2", "Access"),
        ("1.2(a)", ""),
        ("1.2(b)", ""),
        ("2", "LIMITATION OF LIABILITY"),
        ("3", "Term"),
    ]
    assert [(part.kind, part.title) for part in tree.parts] == [
        ("body", "SERVICES AGREEMENT"),
        ("exhibit", "EXHIBIT A"),
    ]
    assert [c.path for c in tree.clauses if c.part == 1 and c.number] == ["1", "2"]


def test_at_and_whole_lead_from_a_word_to_its_clause_and_back():
    tree = segment(document(SERVICES))
    inside = tree.at(SERVICES.index("other days"))
    assert inside is not None and inside.path == "1.2(b)"
    access = next(c for c in tree.clauses if c.path == "1.2")
    start, end = tree.whole(access)
    assert SERVICES[start:end].startswith("1.2 Access") and "other days by agreement" in SERVICES[start:end]
    assert "lost profit" not in SERVICES[start:end]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ARTICLE I\n\nDEFINITIONS\n\n1.1 One is one.\n\nARTICLE II\n\nSUPPLY\n\n2.1 Two is two.\n\n2.2 More.", ["ARTICLE I", "1.1", "ARTICLE II", "2.1", "2.2"]),
        ("Section 1. Scope. Text here.\n\nSection 2. Price. Text here.\n\nSection 3. Term. Text.", ["Section 1", "Section 2", "Section 3"]),
        ("Section 1.01 Scope. Text.\n\nSection 1.02 Price. Text.", ["1.01", "1.02"]),
        ("Article One. Scope. Text.\n\nArticle Two. Price. Text.", ["Article One", "Article Two"]),
        ("§ 1 Vertragsgegenstand\n\n(1) Der Anbieter liefert Strom.\n\n(2) Der Kunde zahlt.\n\n§ 2 Laufzeit\n\nEin Jahr.", ["§ 1", "§ 1(1)", "§ 1(2)", "§ 2"]),
        ("第一条 范围\n\n甲方供货。\n\n第二条 价格\n\n乙方付款。\n\n第十二条 期限\n\n三年。", ["第一条", "第二条", "第十二条"]),
        ("1) Scope is this.\n\n2) Price is that.\n\n3) Term is long.", ["1", "2", "3"]),
        ("A. Scope. Text here.\n\n1. First point.\n\n2. Second point.\n\nB. Price. Text here.\n\n1. Third.", ["A", "A(1)", "A(2)", "B", "B(1)"]),
        ("Clause 1 Scope\n\nText.\n\nClause 2 Price\n\nText.", ["Clause 1", "Clause 2"]),
        ("1.0 SCOPE\n\nText.\n\n1.1 More text.\n\n2.0 PRICE\n\nText.", ["1.0", "1.1", "2.0"]),
    ],
)  # fmt: skip
def test_styles_of_numbers(text: str, expected: list[str]):
    assert paths(text) == expected


def test_letter_i_goes_on_after_h_and_roman_i_starts_a_list():
    letters = "\n\n".join(f"({c}) item {c};" for c in "abcdefghij")
    assert paths(f"1. List. These:\n\n{letters}\n\n2. End. Done.")[-3:] == ["1(i)", "1(j)", "2"]
    romans = "1. List. These:\n\n(h) eight: \n\n(i) one;\n\n(ii) two;\n\n(iii) three.\n\n2. End. Done."
    lettered = romans.replace("These:", "These:\n\n" + "\n\n".join(f"({c}) x;" for c in "abcdefg"))
    assert paths(lettered)[-5:] == ["1(h)", "1(h)(i)", "1(h)(ii)", "1(h)(iii)", "2"]


def test_a_number_that_merely_starts_a_line_is_no_clause():
    text = "1. Notice. A party gives notice of\n30 days before the end, under Section\n2. Payment. Customer pays within\n3 months.\n\n2. Payment. Soon.\n\n3. End. Now."
    assert paths(text) == ["1", "2", "3"]


def test_numbers_within_one_long_paragraph():
    text = (
        'This Agreement is made by and between Alder Ltd ("Alder") and Birch plc ("Birch"). The parties agree as follows: 1. Scope. Alder supplies '
        "ovens under Section 2. The ovens are new. 2. Price. Birch pays. 3. Duties. Birch shall: (a) keep the ovens clean; (b) call Alder. 4. Term. One year."
    )
    assert paths(text) == ["1", "2", "3", "3(a)", "3(b)", "4"]


def test_headings_without_numbers():
    text = (
        "TERMS OF USE\n\nWelcome to our site, which is run by Alder Ltd for everybody who likes ovens and wants to read of them.\n\nYour Account\n\n"
        "You need an account to write a review. Keep your password to yourself and tell us when it is lost.\n\nCONTENT\n\nYou own what you write, and you let "
        "us show it on the site for as long as you leave it there.\n\nLiability. We are liable for intent and gross negligence, and for nothing else that the law lets us exclude."
    )
    assert [heading for _, heading in outline(divide(document(text)))] == ["Your Account", "CONTENT", "Liability"]


def test_table_of_contents_stays_out_of_the_tree():
    text = (
        'SUPPLY AGREEMENT\n\nTABLE OF CONTENTS\n\n1. Definitions 2\n\n2. Supply 3\n\n3. Term 9\n\nThis Supply Agreement is made by and between A Ltd ("A") and '
        'B Ltd ("B").\n\n1. Definitions\n\nWords mean things.\n\n2. Supply\n\nA supplies.\n\n3. Term\n\nOne year.'
    )
    tree = divide(document(text))
    assert sum(c.kind == "contents" for c in tree.clauses) == 1
    assert [c.heading for c in tree.clauses if c.kind == "clause"] == ["Definitions", "Supply", "Term"]


def test_list_of_exhibits_is_no_exhibit_and_repeats_are_one():
    text = (
        SERVICES.replace("3. Term.", "List of attachments:\n\nExhibit A - Ovens\n\nExhibit B - Prices\n\n3. Term.")
        + "\n\nEXHIBIT B\n\nPrices are as listed here: ten pounds an hour, plus travel.\n"
    )
    tree = divide(document(text))
    assert [part.title for part in tree.parts if part.kind == "exhibit"] == ["EXHIBIT A", "EXHIBIT B"]


def test_the_number_a_file_was_filed_under_is_no_exhibit():
    tree = divide(document("Exhibit 10.4\n\n" + SERVICES))
    assert tree.parts[0].kind == "body" and tree.parts[0].title == "SERVICES AGREEMENT"


def test_numbers_of_the_source_decide():
    text = "Payment\n\n7. Customer pays.\n\n9. Supplier ships."
    blocks = (
        Block(0, 7, "heading", 1),
        Block(9, 26, "list_item", 1, "7."),
        Block(28, 45, "list_item", 1, "9."),
    )
    assert [c.path for c in divide(document(text, *blocks)).clauses if c.path] == ["7", "9"]


def test_articles_that_each_count_from_one():
    text = "ARTICLE I - SCOPE\n\nSection 1. One. Text.\n\nSection 2. Two. Text.\n\nARTICLE II - PRICE\n\nSection 1. Three. Text."
    assert paths(text) == [
        "ARTICLE I",
        "ARTICLE I, Section 1",
        "ARTICLE I, Section 2",
        "ARTICLE II",
        "ARTICLE II, Section 1",
    ]


def check_cover(text: str) -> None:
    tree = segment(document(text))
    if not text:
        assert tree.clauses == ()
        return
    assert tree.clauses[0].start == 0 and tree.clauses[-1].end == len(text)
    for before, after in zip(tree.clauses, tree.clauses[1:], strict=False):
        assert before.end == after.start and before.start < before.end
    for index, clause in enumerate(tree.clauses):
        assert clause.index == index
        if clause.parent is None:
            assert clause.level == 1
        else:
            parent = tree.clauses[clause.parent]
            assert parent.index < index and parent.level == clause.level - 1 and parent.part == clause.part
    for definition in tree.definitions:
        assert definition.term and 0 <= definition.start < definition.end <= len(text)
    for reference in tree.references:
        assert 0 <= reference.start < reference.end <= len(text)


PIECES = st.sampled_from(
    ["1. ", "2. ", "1.1 ", "2.10 ", "(a) ", "(b) ", "(i) ", "(ii) ", "A. ", "ARTICLE I ", "ARTICLE II\n\n", "Section 3. ", "EXHIBIT A\n\n", "Schedule 1 - Fees\n\n",
     "TABLE OF CONTENTS\n\n", "1. Scope 3\n", "IN WITNESS WHEREOF ", "By: ____\n", "WHEREAS, ", "NOW, THEREFORE, ", "by and between ", "\n\n", "\n", "The Supplier shall pay. ",
     "LIMITATION OF LIABILITY\n\n", "as follows: ", '"Fee" means money. ', '(the "Fee") ', "Section 2.1(a) ", "Exhibit B ", "第三条 ", "§ 4 ", " ", ". ", "x"]
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.lists(PIECES, max_size=60).map("".join), st.text(max_size=300)))
def test_every_character_belongs_to_exactly_one_clause(text: str):
    check_cover(text)


@pytest.mark.parametrize(
    "piece", ["(a) ", "1. ", "A", " ", '"', "(", "EXHIBIT A\n\n", "TABLE OF CONTENTS\n\n", "Section 1 of the ", '"Ab" means the Ab; ', "\n", "WHEREAS ", "AAA A. "]
)  # fmt: skip
def test_a_long_run_of_one_thing_is_cut_like_any_text(piece: str):
    """Repetition without end is what makes a pattern backtrack; the suite's time limit is the judge."""
    text = (piece * (300_000 // len(piece)))[:300_000]
    tree = segment(document(text, Block(0, len(text))))
    assert tree.clauses[0].start == 0 and tree.clauses[-1].end == len(text)


def test_an_exhibit_with_a_title_of_its_own_is_one_part():
    text = SERVICES.replace("EXHIBIT A\n\nOvens", "EXHIBIT A\n\nSTATEMENT OF WORK NO. 1")
    tree = segment(document(text))
    assert [part.title for part in tree.parts[1:]] == ["EXHIBIT A STATEMENT OF WORK NO. 1"]
    assert [r.status for r in tree.references if r.target == "Exhibit A"] == ["resolved"]

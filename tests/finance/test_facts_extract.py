"""Extraction as a whole: any text is survived, facts point at their words, big texts take linear time."""

from __future__ import annotations

import pytest
from fact_texts import document, facts_of, nothing_labelled, tree_of
from hypothesis import given, settings
from hypothesis import strategies as st

from dsapp.finance.clauses import ClauseTree
from dsapp.finance.facts.extract import extract
from dsapp.finance.facts.types import ContractFacts, Found

_PIECES = st.sampled_from(
    (
        "This Agreement ", "shall be governed by the laws of ", "the State of New York", "thirty (30) days", "[***]", "____", "March __, 2018",
        "Either party may terminate ", "upon ", "prior written notice", ". ", "; ", "\n\n", "\n", "liability ", "shall not exceed ", "$1,000,000", "except for ",
        "renew automatically ", "for successive one (1) year terms ", "unless ", "1. Term. ", "(a) ", '"Effective Date"', "means ", "interest at 1.5% per month ",
        "consequential damages ", "June 31, 2020", "12/13/14", "\u201c", "\u2019", "\u202e", "\ud83d\ude00", "\x00", "İ", "ß", "第十二条", "Customer ", "Supplier ",
    )
)  # fmt: skip


def every_fact(facts: ContractFacts) -> list[Found]:
    groups = (
        facts.parties, facts.dates, facts.periods, facts.caps, facts.uncapped, facts.exclusions, facts.time_bars, facts.termination_fees,
        facts.interest, facts.amounts, facts.laws, facts.signatures, facts.obligations, facts.deadlines,
    )  # fmt: skip
    return [
        *(fact for group in groups for fact in group),
        *(fact for fact in (facts.term, facts.renewal) if fact is not None),
    ]


def check(text: str) -> None:
    read = document(text)
    facts = extract(read, tree_of(text), nothing_labelled())
    for fact in every_fact(facts):
        assert text[fact.words.start : fact.words.end] == fact.words.text
        assert 0.0 <= fact.confidence <= 1.0


@settings(max_examples=60, deadline=None)
@given(st.lists(_PIECES, max_size=60).map("".join))
def test_any_mixture_of_contract_words_is_survived_and_facts_point_at_their_words(text: str) -> None:
    check(text)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=400))
def test_any_text_is_survived(text: str) -> None:
    check(text)


def test_an_empty_text_has_no_facts() -> None:
    assert every_fact(extract(document(""), ClauseTree((), ()), nothing_labelled())) == []


@pytest.mark.parametrize(
    "unit",
    [
        "this agreement shall ", "liability shall not exceed ", "pay within thirty (30) days ", "laws of the State of New York and ", "except for ", "not liable consequential ",
        "made on January 1, 2020 between ", "claim brought within two years after ", "courts of ", "(", '"', "; ", "[***] ",
    ],
)  # fmt: skip
def test_a_sentence_without_end_is_cut_and_does_not_explode(unit: str) -> None:
    """A search that backtracks over the whole text would not come back here within the test's time limit."""
    text = unit * (150_000 // len(unit))
    read = document(text)
    facts = extract(read, ClauseTree((), ()), nothing_labelled())
    assert len(facts.deadlines) <= 201 and len(facts.laws) <= 80


def test_curly_quotes_odd_spaces_and_line_breaks_do_not_hide_a_fact() -> None:
    facts = facts_of(
        "9. End. Either\u00a0party may terminate this Agreement\nfor convenience upon  thirty\u00a0(30)\ndays\u2019 prior\nwritten notice."
    )
    (period,) = facts.periods
    assert period.right == "terminate_for_convenience" and period.words.text == "thirty\u00a0(30)\ndays"


def test_every_fact_names_its_clause() -> None:
    facts = facts_of(
        "1. Term. The term of this Agreement is two (2) years from the Effective Date.",
        "2. Law. This Agreement is governed by the laws of Ireland.",
    )
    assert facts.term is not None and facts.term.clause is not None
    law = facts.law()
    assert law is not None and law.clause is not None and law.clause > facts.term.clause


def test_a_list_after_a_colon_belongs_to_its_opening_words() -> None:
    facts = facts_of(
        "10. Liability. Nothing in this Agreement limits a party's liability for:\n\n(a) fraud;\n\n(b) death or personal injury; or\n\n(c) breach of confidentiality."
    )
    (uncapped,) = facts.uncapped
    assert set(uncapped.losses) == {"fraud", "death or personal injury", "confidentiality"}

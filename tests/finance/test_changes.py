"""Tracked changes that move a fact or an answer of the playbook are findings, with old, new, who and when."""

from __future__ import annotations

import datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from judged import CUSTOMER, SUPPLIER, classification, document, found, label, playbook, tree, two_parties

from dsapp.finance.changes import Moved, locate, moved_facts
from dsapp.finance.document import Change, Document, original_view
from dsapp.finance.facts.types import (
    Amount,
    Cap,
    ContractDate,
    ContractFacts,
    Duration,
    Law,
    Money,
    Obligation,
    Period,
)
from dsapp.finance.risk import judge

PREAMBLE = f'Between {CUSTOMER} ("Customer") and {SUPPLIER} ("Supplier").\n\n'


def edited(*pieces: str | tuple[str, str]) -> Document:
    """A document from plain pieces, ("+", inserted) and ("-", deleted)."""
    text = ""
    changes: list[Change] = []
    for piece in pieces:
        if isinstance(piece, str):
            text += piece
        elif piece[0] == "+":
            changes.append(
                Change("insertion", "A. Ames", "2024-05-02T08:00:00Z", len(text), len(text) + len(piece[1]), piece[1])
            )
            text += piece[1]
        else:
            changes.append(Change("deletion", "B. Bird", "2024-05-03T08:00:00Z", len(text), len(text), piece[1]))
    return document(text, changes=changes)


def views(doc: Document, now, before) -> tuple[Document, ContractFacts, ContractFacts]:
    original = original_view(doc)
    parties = two_parties(doc), two_parties(original)
    return (
        original,
        ContractFacts(parties=parties[0], **now(doc)),
        ContractFacts(parties=parties[1], **before(original)),
    )


def notice(phrase: str, days: float):
    def make(doc):
        made = Period(
            **found(doc, phrase),
            right="terminate_for_convenience",
            holder=CUSTOMER,
            trigger="",
            length=Duration(days, "day"),
        )
        return {"periods": (made,)}

    return make


def test_a_changed_number_is_told_with_old_new_who_and_when():
    doc = edited(PREAMBLE, "1. Customer may leave upon ", ("-", "30 days"), ("+", "90 days"), " notice.")
    _, now, before = views(doc, notice("90 days", 90), notice("30 days", 30))
    (moved,) = moved_facts(doc, tree(doc), now, before)
    assert (moved.old, moved.new) == ("30 days", "90 days") and moved.sentence == "Was 30 days, is now 90 days."
    assert {change.kind for change in moved.changes} == {"insertion", "deletion"}
    assert [quote.text for quote in moved.quotes] == ["90 days"]


def test_nothing_moved_where_only_other_words_changed():
    doc = edited(PREAMBLE, ("+", "A new recital.\n\n"), "1. Customer may leave upon 30 days notice.")
    _, now, before = views(doc, notice("30 days", 30), notice("30 days", 30))
    assert moved_facts(doc, tree(doc), now, before) == ()


def test_a_fact_that_was_taken_out_points_to_where_it_stood():
    doc = edited(PREAMBLE, "1. General.", ("-", " Governed by the laws of Ohio."), " Notices are in writing.")

    def law(of):
        return {"laws": (Law(**found(of, "laws of Ohio"), kind="law", jurisdiction="Ohio"),)}

    _, now, before = views(doc, lambda of: {}, law)
    (moved,) = moved_facts(doc, tree(doc), now, before)
    assert moved.sentence == "Taken out: Ohio." and moved.old_words == ("laws of Ohio",)
    assert moved.changes == doc.changes and "Notices are in writing" in moved.quotes[0].text


def test_a_computed_date_that_follows_from_a_change_elsewhere_is_told():
    doc = edited(PREAMBLE, "1. Effective ", ("-", "1 May 2024"), ("+", "1 June 2024"), ".\n\n2. It ends a year later.")

    def dates(month):
        def make(of):
            phrase = "1 May 2024" if month == 5 else "1 June 2024"
            return {
                "dates": (
                    ContractDate(
                        **found(of, phrase), kind="effective", value=datetime.date(2024, month, 1), status="given"
                    ),
                    ContractDate(
                        **found(of, "ends"), kind="expiration", value=datetime.date(2025, month, 1), status="computed"
                    ),
                )
            }

        return make

    _, now, before = views(doc, dates(6), dates(5))
    moved = moved_facts(doc, tree(doc), now, before)
    assert [entry.subject for entry in moved] == ["date.effective", "date.expiration"]
    assert moved[1].changes == ()


def test_a_duty_that_a_moved_fact_tells_already_is_not_told_twice():
    doc = edited(PREAMBLE, "1. Customer shall pay ", ("-", "USD 100"), ("+", "USD 900"), " a month.")

    def facts(amount):
        def make(of):
            money = Amount(**found(of, f"USD {amount}"), money=Money(Decimal(amount), "USD"), purpose="fee")
            duty = Obligation(**found(of, "Customer shall pay"), debtor=CUSTOMER, action=f"pay USD {amount} a month")
            return {"amounts": (money,), "obligations": (duty,)}

        return make

    _, now, before = views(doc, facts(900), facts(100))
    assert [entry.subject for entry in moved_facts(doc, tree(doc), now, before)] == ["amount.fee"]


def test_a_duty_turned_round_is_told():
    doc = edited(PREAMBLE, "1. Supplier shall ", ("+", "not "), "keep the data secret.")

    def duty(action, phrase):
        return lambda of: {"obligations": (Obligation(**found(of, phrase), debtor=SUPPLIER, action=action),)}

    _, now, before = views(
        doc, duty("not keep the data secret", "shall not keep"), duty("keep the data secret", "shall keep")
    )
    (moved,) = moved_facts(doc, tree(doc), now, before)
    assert (moved.old, moved.new, moved.level) == ("keep the data secret", "not keep the data secret", "low")


def judged(doc, now, before, labels=(), old_labels=(), line=""):
    original, new_facts, old_facts = views(doc, now, before)
    return judge(
        doc,
        tree(doc),
        classification(*labels),
        new_facts,
        us=CUSTOMER,
        playbook=playbook(line) if line else None,
        original=(tree(original), classification(*old_labels), old_facts),
    )


NOTICE_LINE = 'id = "notice"\ntitle = "Notice"\nlevel = "high"\nfact = "period.terminate_for_convenience.ours.days"\nop = "<="\nvalue = 60\nstake = "We stay bound."\n'


def test_a_change_that_turns_a_line_says_so_and_takes_its_level():
    doc = edited(PREAMBLE, "1. Customer may leave upon ", ("-", "30 days"), ("+", "90 days"), " notice.")
    judgement = judged(doc, notice("90 days", 90), notice("30 days", 30), line=NOTICE_LINE)
    kinds = {finding.kind: finding for finding in judgement.findings}
    assert set(kinds) == {"deviation", "change"}
    change = kinds["change"]
    assert change.level == "high" and change.risk == {CUSTOMER: "high"} and change.stake == "We stay bound."
    assert "Was 30 days, is now 90 days." in change.why and '"Notice" fails with this change.' in change.why
    assert "A. Ames on 2024-05-02" in change.why and "B. Bird on 2024-05-03" in change.why
    assert len(change.changes) == 2
    assert [c.author for c in kinds["deviation"].changes] == ["A. Ames"]


def test_a_change_for_the_better_is_a_low_finding():
    doc = edited(PREAMBLE, "1. Customer may leave upon ", ("-", "90 days"), ("+", "30 days"), " notice.")
    judgement = judged(doc, notice("30 days", 30), notice("90 days", 90), line=NOTICE_LINE)
    (finding,) = judgement.findings
    assert finding.kind == "change" and finding.level == "low" and "passes with this change" in finding.why


def test_a_deleted_clause_that_a_line_requires_is_a_change_and_missing():
    doc = edited(PREAMBLE, "1. General.", ("-", " Supplier shall carry insurance."), " End.")
    original = original_view(doc)
    line = 'id = "ins"\ntitle = "Insurance"\nlevel = "medium"\nrequired = "insurance"\n'
    old = [label(original, "insurance", "Supplier shall carry insurance")]
    judgement = judged(doc, lambda of: {}, lambda of: {}, old_labels=old, line=line)
    kinds = {finding.kind: finding for finding in judgement.findings}
    assert set(kinds) == {"missing", "change"}
    assert "Deleted by B. Bird on 2024-05-03." in kinds["change"].why and kinds["change"].changes == doc.changes


def test_without_a_playbook_a_moved_fact_is_still_a_finding():
    doc = edited(PREAMBLE, "1. Liability is limited to ", ("-", "USD 900"), ("+", "USD 100"), ".")

    def cap(amount):
        return lambda of: {
            "caps": (
                Cap(**found(of, f"USD {amount}"), whose=SUPPLIER, amount=Money(Decimal(amount), "USD"), formula=""),
            )
        }

    (finding,) = judged(doc, cap(100), cap(900)).findings
    assert finding.kind == "change" and finding.level == "high" and "USD 900.00" in finding.why
    assert finding.risk == {CUSTOMER: "high", SUPPLIER: "high"}


@given(st.lists(st.tuples(st.sampled_from(" +-"), st.text("ab \n", min_size=1, max_size=6)), max_size=12))
def test_changes_are_located_where_the_original_has_their_words(pieces):
    doc = edited(*(piece[1] if piece[0] == " " else piece for piece in pieces))
    original = original_view(doc)
    for entry in locate(doc):
        if entry.change.kind == "deletion":
            assert original.text[entry.start : entry.end] == entry.change.text
        else:
            assert entry.start == entry.end


def test_what_a_limit_leaves_out_is_not_told_twice_where_it_stayed() -> None:
    moved = Moved("cap", "Limit", "EUR 5, not for fraud", "EUR 9, not for fraud", "high", (), (), ())
    assert moved.sentence == "Was EUR 5, is now EUR 9."
    moved = Moved("cap", "Limit", "EUR 5, not for fraud", "EUR 9, not for death", "high", (), (), ())
    assert moved.sentence == "Was EUR 5, not for fraud, is now EUR 9, not for death."

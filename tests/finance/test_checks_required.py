"""A required clause passes only where it binds the side that it should and does not deny what is wanted."""

from __future__ import annotations

from dataclasses import replace

import pytest
from judged import CUSTOMER, SUPPLIER, classification, document, label, playbook, tree, two_parties

from dsapp.core.errors import ConfigError
from dsapp.finance.duties import bound, refused
from dsapp.finance.facts.types import ContractFacts
from dsapp.finance.named_only import only_named
from dsapp.finance.risk import judge
from dsapp.finance.sides import BOTH

HEAD = f'Services agreement between {CUSTOMER} ("Customer") and {SUPPLIER} ("Supplier").\n\n'


def decided(category: str, clause: str, asks: str = 'binds = "theirs"', *, parties: bool = True, us: str = CUSTOMER):
    doc = document(f"{HEAD}1. {clause}\n")
    facts = ContractFacts(parties=two_parties(doc) if parties else ())
    line = f'id = "x"\ntitle = "Wanted"\nlevel = "high"\nrequired = "{category}"\n{asks}\n'
    labels = label(doc, category, clause)
    return judge(doc, tree(doc), classification(labels), facts, us=us, playbook=playbook(line))


@pytest.mark.parametrize(
    ("category", "clause", "asks"),
    [
        ("indemnity", "Supplier shall defend and indemnify Customer against third-party claims.", 'binds = "theirs"'),
        ("indemnity", "Each party shall indemnify the other against third-party claims.", 'binds = "theirs"'),
        ("indemnity", "Customer shall be indemnified against third-party claims by Supplier.", 'binds = "theirs"'),
        ("insurance", "Supplier shall carry liability insurance of USD 1,000,000.", 'binds = "theirs"'),
        (
            "insurance",
            "Customer's property is insured and Supplier maintains insurance of its own.",
            'binds = "theirs"',
        ),
        ("audit_rights", "Customer may audit the records of Supplier once a year.", 'held_by = "ours"'),
        ("audit_rights", "Supplier shall let Customer inspect its books on ten days' notice.", 'held_by = "ours"'),
        ("data_protection", "Supplier shall not use personal data but on instructions.", 'binds = "theirs"'),
        ("confidentiality", "The Recipient shall keep the Discloser's information secret.", 'binds = "theirs"'),
        ("confidentiality", "Neither party may disclose the other's information.", 'binds = "theirs"'),
        ("termination_for_cause", "If a party breaches, the other party may terminate.", 'held_by = "ours"'),
        ("termination_for_cause", "Customer may terminate if Supplier breaches this Agreement.", 'held_by = "ours"'),
        ("anti_assignment", "Neither party may assign this Agreement without consent.", 'binds = "theirs"'),
        (
            "anti_assignment",
            "This Agreement may not be assigned without the consent of the other party.",
            'binds = "theirs"',
        ),
        ("anti_assignment", "This Agreement may not be assigned by Supplier without consent.", 'binds = "theirs"'),
        ("ip_ownership_assignment", "Supplier hereby assigns the deliverables to Customer.", 'binds = "theirs"'),
        ("ip_ownership_assignment", "Customer shall own all deliverables.", 'binds = "theirs"'),
        ("service_levels", "The service is available 99.9% of each month.", ""),
    ],
)
def test_a_clause_that_binds_the_wanted_side_passes(category: str, clause: str, asks: str) -> None:
    result = decided(category, clause, asks)
    assert [check.status for check in result.checks] == ["passed"] and not result.findings


@pytest.mark.parametrize(
    ("category", "clause", "asks"),
    [
        ("indemnity", "Customer shall defend and indemnify Supplier against claims.", 'binds = "theirs"'),
        ("insurance", "Customer shall maintain liability insurance of USD 1,000,000.", 'binds = "theirs"'),
        ("audit_rights", "Supplier may audit Customer's use of the software once a year.", 'held_by = "ours"'),
        (
            "termination_for_cause",
            "Supplier may terminate if Customer fails to pay within five days.",
            'held_by = "ours"',
        ),
        (
            "ip_ownership_assignment",
            "Customer hereby assigns its ideas and the deliverables to Supplier.",
            'binds = "theirs"',
        ),
        ("anti_assignment", "Customer may not assign this Agreement without consent.", 'binds = "theirs"'),
        ("anti_assignment", "This Agreement is not assignable by Customer.", 'binds = "theirs"'),
        ("confidentiality", "Customer shall keep the information of Supplier secret.", 'binds = "theirs"'),
    ],
)
def test_a_clause_that_binds_the_other_side_fails_and_says_whom_it_binds(category: str, clause: str, asks: str) -> None:
    (finding,) = decided(category, clause, asks).findings
    assert finding.kind == "deviation" and CUSTOMER in finding.why
    assert finding.quotes[0].text == clause


@pytest.mark.parametrize(
    ("category", "clause", "asks"),
    [
        ("data_protection", "Supplier has no obligation to protect personal data.", 'binds = "theirs"'),
        ("data_protection", "Supplier is not required to keep any safeguards for personal data.", 'binds = "theirs"'),
        ("audit_rights", "Customer has no right to audit Supplier or its records.", 'held_by = "ours"'),
        ("service_levels", "Supplier does not guarantee any level of availability or uptime.", ""),
        ("post_termination_services", "Supplier need not return any data after the end.", 'held_by = "ours"'),
    ],
)
def test_a_clause_that_denies_what_is_wanted_fails(category: str, clause: str, asks: str) -> None:
    (finding,) = decided(category, clause, asks).findings
    assert "contrary" in finding.why and finding.quotes[0].text == clause


@pytest.mark.parametrize(
    ("clause", "more"),
    [
        ("Personal data is processed on documented instructions only.", {}),
        ("Supplier shall protect personal data.", {"parties": False, "us": ""}),
    ],
)
def test_where_whom_it_binds_was_not_read_the_line_is_undecided(clause: str, more: dict) -> None:
    result = decided("data_protection", clause, **more)
    assert [check.status for check in result.checks] == ["undecided"] and not result.findings


def test_words_that_let_a_party_assign_fail_a_line_that_wants_consent() -> None:
    result = decided("anti_assignment", "Supplier may freely assign this Agreement without the consent of Customer.")
    (finding,) = result.findings
    assert finding.overruled and "contrary" in finding.why


def test_seen_from_the_other_side_the_same_clause_passes_and_fails() -> None:
    clause = "Customer shall pay each invoice within thirty days."
    assert not decided("payment", clause, us=SUPPLIER).findings
    assert decided("payment", clause, us=CUSTOMER).findings


@pytest.mark.parametrize(
    ("words", "whom"),
    [
        ("Supplier shall insure itself.", {SUPPLIER}),
        ("Supplier shall not disclose it.", {SUPPLIER}),
        ("Supplier may audit Customer.", {CUSTOMER}),
        ("Supplier shall not be required to insure itself.", set()),
        ("Supplier need not insure itself.", set()),
        ("It shall be paid by Customer.", {CUSTOMER}),
        ("The parties agree to keep it secret.", {BOTH}),
        ("Notice shall be given to Customer.", set()),
        ("The goods shall be of good quality.", set()),
    ],
)
def test_whom_words_bind(words: str, whom: set[str]) -> None:
    parties = two_parties(document(HEAD))
    assert bound(words, parties) == whom


def test_denials_are_told_from_bars() -> None:
    assert refused("Supplier has no obligation to insure.") and refused("Customer has no right to audit.")
    assert not refused("Supplier shall not disclose it.") and not refused("Supplier shall insure.")


@pytest.mark.parametrize(
    ("sentence", "named"),
    [
        ("This limit does not apply to a party's breach of confidentiality or data protection.", True),
        ("Nothing in this Agreement limits liability for breach of data protection.", True),
        ("Supplier's liability for data protection shall not exceed USD 5,000,000.", True),
        ("Supplier shall protect personal data, and its liability for a breach is unlimited.", False),
        ("Supplier shall process personal data on instructions only.", False),
        ("Personal data includes, but is not limited to, names; liability is dealt with below.", False),
    ],
)
def test_what_a_limit_of_liability_names_is_no_clause_of_its_own(sentence: str, named: bool) -> None:
    assert only_named("data_protection", sentence) is named
    assert not only_named("governing_law", sentence)
    status = decided("data_protection", sentence, asks="").checks[0].status
    assert status == ("failed" if named else "passed")


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        ('binds = "ours"\nheld_by = "ours"', "give one of them"),
        ('held_by = "any"', "held_by"),
        ('binds = "nobody"', "binds"),
    ],
)
def test_a_playbook_that_says_wrongly_who_is_bound_is_refused(keys: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        playbook(f'id = "x"\ntitle = "X"\nlevel = "low"\nrequired = "insurance"\n{keys}\n')


def test_who_holds_a_clause_belongs_to_required_lines_only() -> None:
    with pytest.raises(ConfigError, match="'held_by' belongs to a check with 'required'"):
        playbook('id = "x"\ntitle = "X"\nlevel = "low"\nforbidden = "insurance"\nheld_by = "ours"\n')
    with pytest.raises(ConfigError, match="'binds' belongs to a check with 'forbidden' or 'required'"):
        playbook('id = "x"\ntitle = "X"\nlevel = "low"\nsignature = "readable"\nbinds = "ours"\n')


def test_a_sum_for_each_breach_of_the_recipient_of_a_mutual_nda_binds_us_at_the_full_level() -> None:
    clause = "For each breach the Recipient shall pay USD 100,000 as liquidated damages."
    doc = document(
        f'{CUSTOMER} ("Customer") and {SUPPLIER} ("Supplier") may disclose information to each other.\n\n1. {clause}\n'
    )
    facts = ContractFacts(parties=two_parties(doc))
    line = 'id = "x"\ntitle = "No fixed sum"\nlevel = "medium"\nforbidden = "liquidated_damages"\nbinds = "ours"\n'
    labels = classification(label(doc, "liquidated_damages", clause))
    (finding,) = judge(doc, tree(doc), labels, facts, us=CUSTOMER, playbook=playbook(line)).findings
    assert finding.level == "medium" and "both parties" in finding.why
    one_way = (replace(facts.parties[0], aliases=("Discloser",)), replace(facts.parties[1], aliases=("Recipient",)))
    other = judge(doc, tree(doc), labels, ContractFacts(parties=one_way), us=CUSTOMER, playbook=playbook(line))
    assert not other.findings

"""Each CUAD category's rules on sentences written for them: one that a lawyer would mark, and a look-alike that none would."""

from __future__ import annotations

import re

import pytest

from dsapp.finance import clause_rules
from dsapp.finance.categories import CUAD, POSITIONS
from dsapp.finance.passages import cut

OPENING = (
    'Exhibit 10.7\n\nSUPPLY AGREEMENT\n\nThis Supply Agreement (the "Agreement") is made as of March 3, 2021 by and between Alder Works Inc., '
    'a Delaware corporation ("Supplier"), and Birch Lane LLC, a Texas limited liability company ("Buyer").\n\n'
)

CASES = {
    "document_name": (OPENING, "The parties have met twice and liked each other well enough to go on.\n\n"),
    "parties": (OPENING, "Nothing in this note names anybody, and no company is meant by it.\n\n"),
    "agreement_date": (OPENING, "The weather on the coast is mild in spring, and the ferry runs twice a day.\n\n"),
    "effective_date": (
        'This Agreement is effective as of June 1, 2020 (the "Effective Date").',
        "Termination shall be effective when the notice has been received by the other side.",
    ),
    "expiration_date": (
        "The initial term of this Agreement shall commence on the Effective Date and shall continue for five (5) years.",
        "During the term of this Agreement the Supplier shall keep its prices below those of the year before.",
    ),
    "renewal_term": (
        "Thereafter this Agreement shall automatically renew for successive one (1) year periods.",
        "The Buyer may grant an extension of time for any single delivery where the weather is bad.",
    ),
    "notice_period_to_terminate_renewal": (
        "This Agreement shall automatically renew for additional one year terms unless either party gives notice of non-renewal at "
        "least sixty (60) days prior to the expiration of the then current term.",
        "Each policy shall provide for thirty (30) days' notice to the other party prior to cancellation or non-renewal of the insurance.",
    ),
    "governing_law": (
        "This Agreement shall be governed by and construed in accordance with the laws of the State of Oregon.",
        "The Supplier shall at all times act in compliance with all applicable laws and regulations.",
    ),
    "most_favored_nation": (
        "Supplier shall give Buyer prices that are no less favorable than those offered to any other customer for similar quantities.",
        "Transactions between affiliates shall be on arm's length terms that are fair to both companies.",
    ),
    "non_compete": (
        "During the Term the Distributor shall not, directly or indirectly, manufacture, market or sell any products that compete with the Products.",
        "The Supplier shall keep its prices competitive with those that other makers ask in the region.",
    ),
    "exclusivity": (
        "The Company hereby appoints the Distributor as its sole and exclusive distributor of the Products in the Territory.",
        "The Company hereby appoints the Distributor as its non-exclusive distributor of the Products in the Territory.",
    ),
    "no_solicit_of_customers": (
        "For two years thereafter Consultant shall not divert or attempt to divert any business or customer of the Company.",
        "Supplier shall answer each customer complaint within two days and keep a file of them.",
    ),
    "competitive_restriction_exception": (
        "Notwithstanding the non-competition covenant above, the ownership of less than two percent (2%) of the outstanding securities of a "
        "publicly traded competitor shall not be deemed to violate or be prohibited by this Section.",
        "Notwithstanding anything herein, the licence is non-exclusive and the Company may use the courts of its choice.",
    ),
    "no_solicit_of_employees": (
        "During the term and for one year thereafter, neither party shall solicit or hire any employee of the other party.",
        "The Contractor is not an employee of the Company and shall not receive any benefits.",
    ),
    "non_disparagement": (
        "Each party agrees that it shall not disparage or defame the other party or its products at any time.",
        "Supplier shall indemnify Buyer against claims of libel, defamation and advertising injury under its insurance.",
    ),
    "termination_for_convenience": (
        "Either party may terminate this Agreement at any time without cause upon sixty (60) days' written notice to the other party.",
        "Either party may terminate this Agreement upon thirty (30) days' notice if the other party breaches it and does not cure the breach.",
    ),
    "rofr_rofo_rofn": (
        "Before selling the Line to a third party the Company shall offer it to the Buyer, who has a right of first refusal for thirty days.",
        "The shares are validly issued, fully paid and not subject to any preemptive right, and free of liens.",
    ),
    "change_of_control": (
        "Licensor may terminate this Agreement upon thirty days' notice if Licensee undergoes a change of control.",
        "The Supplier shall give notice of any change in its control procedures for product quality.",
    ),
    "anti_assignment": (
        "Neither party may assign this Agreement or any of its rights hereunder without the prior written consent of the other party.",
        "The Supplier will assign two engineers to the project and name them in the plan.",
    ),
    "revenue_profit_sharing": (
        "The Company shall pay the Promoter a royalty equal to eight percent (8%) of Net Sales of the Products in each quarter.",
        "If an audit shows an underpayment of more than five percent, the Company shall bear the cost of the audit.",
    ),
    "price_restrictions": (
        "The Supplier may increase the price once a year, but no increase of the price shall exceed the change in the Consumer Price Index.",
        "The Buyer shall pay the price within thirty days of the invoice, by transfer to the Supplier's bank.",
    ),
    "minimum_commitment": (
        "In each contract year the Buyer shall purchase a minimum annual quantity of not less than 5,000 units of the Products.",
        "The Supplier shall carry insurance with minimum coverage of two million dollars at its own cost.",
    ),
    "volume_restriction": (
        "The Licensee may install the software on up to ten (10) servers, and the number of users shall not exceed fifty (50) users.",
        "The interest shall not exceed the highest rate that the law allows, and no liability arises from it.",
    ),
    "ip_ownership_assignment": (
        "Consultant hereby assigns to the Company all right, title and interest in and to all inventions and work product made hereunder.",
        "Neither party may assign this Agreement without the consent of the other, and each retains its own patents.",
    ),
    "joint_ip_ownership": (
        "Any patents and inventions developed jointly by the parties shall be jointly owned by them in equal shares.",
        "The partners in the joint venture company are jointly and severally liable for its rent.",
    ),
    "license_grant": (
        "Licensor hereby grants to Licensee a non-exclusive, royalty-free license to use the Software during the Term.",
        "No license or right to use any trademark is granted to the Buyer by this Agreement.",
    ),
    "non_transferable_license": (
        "Licensor grants Licensee a non-exclusive, non-transferable license to use the Software, without the right to sublicense.",
        "This Agreement is not transferable or assignable by either party without the consent of the other.",
    ),
    "affiliate_license_licensor": (
        "The Company, on behalf of itself and its Affiliates, hereby grants to the Buyer a worldwide license under the patents.",
        "The Company and its affiliates shall obey the law and pay their own taxes in each country.",
    ),
    "affiliate_license_licensee": (
        "The Company grants to the Buyer and its affiliates a worldwide license to use the patents, which affiliates may exercise.",
        "The Buyer's affiliates may not use the Software and no licence extends to them.",
    ),
    "unlimited_all_you_can_eat_license": (
        "The Company grants an unlimited right and license to use the content for an unlimited number of users and copies.",
        "The damages include, without limitation, the costs of repair, whatever the liability insurance pays.",
    ),
    "irrevocable_or_perpetual_license": (
        "The Customer grants the Vendor an irrevocable, perpetual and worldwide license to use the reports.",
        "The parties irrevocably submit to the jurisdiction of the courts of Ohio and waive a jury.",
    ),
    "source_code_escrow": (
        "The Vendor shall deposit the source code of the Software with an escrow agent, who releases it on insolvency.",
        "The purchase price shall be paid into the escrow account of the bank at closing.",
    ),
    "post_termination_services": (
        "For a period of ninety (90) days after the termination of this Agreement the Supplier shall continue to provide the services, "
        "cooperate in the transition and may sell its remaining inventory.",
        "The Buyer may terminate this Agreement at the end of any month by a letter that says so.",
    ),
    "audit_rights": (
        "Licensee shall keep books and records, and Licensor shall have the right to inspect and audit such books and records once a year.",
        "The Buyer shall inspect the products upon arrival and reject those with a defect within ten days.",
    ),
    "uncapped_liability": (
        "Except for breach of confidentiality, indemnification obligations or willful misconduct, in no event shall either party be "
        "liable for consequential, indirect or punitive damages.",
        "Except as set out here, the Supplier disclaims all implied warranties of merchantability.",
    ),
    "cap_on_liability": (
        "In no event shall the Supplier's aggregate liability exceed the fees paid, nor shall it be liable for consequential damages.",
        "The Supplier is liable for the whole of the damage that its lorries do to the yard.",
    ),
    "liquidated_damages": (
        "For each day of delay the Supplier shall pay $500 as liquidated damages and not as a penalty.",
        "The company was dissolved and its assets were liquidated before the agreement was made.",
    ),
    "warranty_duration": (
        "Supplier warrants that the Products will be free from defects in material and workmanship for a period of twelve (12) months after delivery.",
        "Each party warrants that it is duly organized and has the authority to sign, and will cure a breach within 30 days.",
    ),
    "insurance": (
        "The Contractor shall maintain commercial general liability insurance with limits of not less than $1,000,000 per occurrence.",
        "The employee is not entitled to medical benefits from the Company during the probation.",
    ),
    "covenant_not_to_sue": (
        "Licensee shall not challenge or contest the validity or ownership of the Marks, at any time or in any court.",
        "The parties shall try to settle a dispute in good faith before either goes to arbitration.",
    ),
    "third_party_beneficiary": (
        "The Franchisor is an intended third-party beneficiary of this Agreement and may enforce it directly.",
        "No person other than the parties shall be a third party beneficiary of this Agreement, and nothing here creates such rights.",
    ),
}  # fmt: skip


def categories_in(text: str) -> set[str]:
    return {label.category for label in clause_rules.find(text, cut(text))}


@pytest.mark.parametrize("category", [category.key for category in CUAD])
def test_marks_the_clause_and_not_its_look_alike(category: str) -> None:
    clause, look_alike = CASES[category]
    assert category in categories_in(clause)
    assert category not in categories_in(look_alike)


@pytest.mark.parametrize("category", [category.key for category in CUAD if CASES[category.key][0] is not OPENING])
def test_finds_the_same_in_capitals_and_wide_spaces(category: str) -> None:
    clause = CASES[category][0]
    assert category in categories_in(clause.upper())
    assert category in categories_in(clause.replace(" ", "   ").replace(", ", ",\n"))


def test_labels_stand_on_the_exact_sentence() -> None:
    before, after = "The parties meet each spring.", "Both sides signed two copies."
    law = "This Agreement shall be governed by the laws of the State of Oregon."
    text = f"{before} {law} {after}"
    (label,) = [x for x in clause_rules.find(text, cut(text)) if x.category == "governing_law"]
    assert text[label.start : label.end] == law
    assert label.source == "rules" and label.rule.startswith("governing_law.")
    assert label.threshold <= label.probability <= 1


def test_the_opening_gives_title_parties_and_date() -> None:
    labels = clause_rules.find(OPENING, cut(OPENING))
    words = {(x.category, " ".join(OPENING[x.start : x.end].split())) for x in labels}
    assert ("document_name", "SUPPLY AGREEMENT") in words
    assert {name for category, name in words if category == "parties"} >= {"Alder Works Inc.", "Birch Lane LLC"}
    assert ("agreement_date", "March 3, 2021") in words


def test_a_heading_lends_its_meaning_to_the_sentences_under_it() -> None:
    sentence = "Parts that break within twelve (12) months from delivery are replaced free of charge."
    assert "warranty_duration" in categories_in(f"9. Warranty\n\n{sentence}")
    assert "warranty_duration" not in categories_in(f"9. Notices\n\n{sentence}")


def test_a_table_of_contents_is_no_clause() -> None:
    assert not categories_in("14.13 Third Party Beneficiaries\n\n14.14 Governing Law\n\n15 Insurance")


def test_presence_is_a_probability_for_each_category() -> None:
    labels, presence = clause_rules.read(OPENING + CASES["insurance"][0], cut(OPENING + CASES["insurance"][0]))
    assert set(presence) == {category.key for category in CUAD}
    assert all(0 <= value <= 1 for value in presence.values())
    assert presence["insurance"] > 0.8 > 0.2 > presence["source_code_escrow"]
    assert labels == clause_rules.find(OPENING + CASES["insurance"][0], cut(OPENING + CASES["insurance"][0]))


def test_scores_agree_with_labels() -> None:
    text = OPENING + CASES["governing_law"][0]
    passages = cut(text)
    scores = clause_rules.score(text, passages)
    assert scores.passages.shape == (len(passages), len(CUAD)) and scores.presence.shape == (len(CUAD),)
    column = [category.key for category in CUAD].index("governing_law")
    assert scores.passages[:, column].argmax() == len(passages) - 1


def test_every_rule_has_a_name_of_its_own_and_a_known_category() -> None:
    from dsapp.finance.categories import CATEGORIES

    names = [rule.name for rule in clause_rules.rules()]
    assert len(names) == len(set(names))
    assert {rule.category for rule in clause_rules.rules()} <= set(CATEGORIES) | set(POSITIONS)


def test_recall_is_told_with_its_interval() -> None:
    recall = clause_rules.recall()
    assert {"governing_law", "indemnity", "set_off"} <= set(recall)
    assert all(low <= value <= high and count > 0 for value, low, high, count in recall.values())


@pytest.mark.parametrize(
    "text", ["", " \n\n ", "\ufeff", "……", "合同编号：12", "a" * 5000, "\x00\x01 shall not", "۱۲۳ العقد"]
)
def test_odd_texts_give_no_error(text: str) -> None:
    clause_rules.read(text, cut(text))
    clause_rules.positions(text, cut(text))


def test_every_pattern_compiles_and_repeats_no_open_repetition() -> None:
    """Nested unbounded repetitions are how a pattern comes to run for hours on a hostile text."""
    nested = re.compile(r"[*+]\)[*+]|[*+]\)\{\d+,\}")
    for rule in clause_rules.rules():
        for pattern in (*rule.all, *rule.none, rule.heading):
            re.compile(pattern)
            assert not nested.search(pattern), rule.name

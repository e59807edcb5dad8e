"""What kind of document a contract is: by its title, by the roles in its opening, by the scores of the linear part."""

from __future__ import annotations

import numpy as np
import pytest

from dsapp.finance.categories import CONTRACT_TYPES
from dsapp.finance.kind import kind_of

BODY = "\n\nThis document is made between Alder Works Inc. and Birch Lane LLC on March 3, 2021.\n\nThe parties agree as follows."
TITLES = {
    "AFFILIATE AGREEMENT": "affiliate",
    "SALES AGENCY AGREEMENT": "agency",
    "CO-BRANDING AND CONTENT AGREEMENT": "co_branding",
    "STRATEGIC ALLIANCE AGREEMENT": "collaboration",
    "CONSULTING AGREEMENT": "consulting",
    "SOFTWARE DEVELOPMENT AGREEMENT": "development",
    "NON-EXCLUSIVE DISTRIBUTOR AGREEMENT": "distribution",
    "EXECUTIVE EMPLOYMENT AGREEMENT": "employment",
    "SPONSORSHIP AGREEMENT": "endorsement",
    "MASTER FRANCHISE AGREEMENT": "franchise",
    "INTELLECTUAL PROPERTY AGREEMENT": "ip",
    "JOINT VENTURE AGREEMENT": "joint_venture",
    "COMMERCIAL LEASE AGREEMENT": "lease",
    "PATENT LICENSE AGREEMENT": "license",
    "TERM LOAN AGREEMENT": "loan",
    "SOFTWARE LICENSE AND MAINTENANCE AGREEMENT": "maintenance",
    "MANUFACTURING AND SUPPLY AGREEMENT": "manufacturing",
    "MARKETING AGREEMENT": "marketing",
    "MUTUAL NON-DISCLOSURE AGREEMENT": "nda",
    "NON-COMPETITION AGREEMENT": "non_compete",
    "SOFTWARE AS A SERVICE AGREEMENT": "saas",
    "LICENSE AND HOSTING AGREEMENT": "saas",
    "MASTER SERVICES AGREEMENT": "services",
    "OUTSOURCING AGREEMENT": "services",
    "SUPPLY AGREEMENT": "supply",
    "TERMS OF SERVICE": "terms",
    "GAS TRANSPORTATION AGREEMENT": "transportation",
}


@pytest.mark.parametrize("title", list(TITLES))
def test_the_title_names_the_type(title: str) -> None:
    kind = kind_of(f"Exhibit 10.1\n\n{title}{BODY}")
    assert kind.contract_type == TITLES[title]
    assert kind.title == title
    assert kind.contract_type_probability > 0.5


def test_every_type_has_a_title_here() -> None:
    assert set(TITLES.values()) == set(CONTRACT_TYPES) - {"other"}


@pytest.mark.parametrize(
    ("text", "document_kind"),
    [
        ("MASTER SERVICES AGREEMENT" + BODY, "master"),
        ("AMENDED AND RESTATED SUPPLY AGREEMENT" + BODY, "master"),
        ("AMENDMENT NO. 2 TO THE SUPPLY AGREEMENT" + BODY, "amendment"),
        ("FIRST ADDENDUM TO DISTRIBUTOR AGREEMENT" + BODY, "amendment"),
        ("ORDER FORM" + BODY, "order_form"),
        ("STATEMENT OF WORK" + BODY, "order_form"),
        ("TERMS OF USE\n\nBy using our site you agree to these terms.", "terms"),
        ("Exhibit B\n\nPrices\n\nWidgets cost five dollars.", "exhibit"),
        ("Dear Anna,\n\nThank you for the flowers.", "other"),
    ],
)
def test_the_kind_of_document(text: str, document_kind: str) -> None:
    assert kind_of(text).document_kind == document_kind


def test_without_a_title_the_sentence_this_agreement_names_it() -> None:
    text = 'Date: May 2, 2020\n\nThis Distribution Agreement (the "Agreement") is made between Alder and Birch.'
    assert kind_of(text).contract_type == "distribution"


def test_without_both_the_roles_name_it() -> None:
    text = "AGREEMENT\n\nThe Landlord lets the shop to the Tenant. The Tenant pays the Landlord on the first of each month."
    assert kind_of(text).contract_type == "lease"


def test_scores_decide_only_where_title_and_opening_are_silent() -> None:
    scores = np.full(len(CONTRACT_TYPES), -2.0, dtype=np.float32)
    scores[list(CONTRACT_TYPES).index("transportation")] = 3.0
    silent = "AGREEMENT\n\nAlder will carry the goods of Birch from the harbour to the mill."
    decided = kind_of(silent, scores)
    assert decided.contract_type == "transportation" and decided.contract_type_probability > 0.9
    assert kind_of(silent).contract_type == "other"
    assert kind_of("CONSULTING AGREEMENT" + BODY, scores).contract_type == "consulting"
    scores[:] = -2.0
    assert kind_of(silent, scores).contract_type == "other"


@pytest.mark.parametrize("text", ["", "\n", "合同", "AGREEMENT", "\x00", "A" * 100_000])
def test_any_text_has_a_kind(text: str) -> None:
    kind = kind_of(text)
    assert kind.contract_type in CONTRACT_TYPES
    assert 0 <= kind.contract_type_probability <= 1 and 0 <= kind.document_kind_probability <= 1

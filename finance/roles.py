"""The roles that parties have in contracts, and the side each stands on: what playbooks act for, and what a party is matched to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

ROLES: Mapping[str, frozenset[str]] = {
    "customer": frozenset(
        {
            "customer",
            "buyer",
            "purchaser",
            "client",
            "licensee",
            "subscriber",
            "user",
            "distributor",
            "reseller",
            "dealer",
            "lessee",
            "tenant",
            "principal",
            "sponsor",
            "company",
            "sublicensee",
            "franchisee",
            "advertiser",
        }
    ),
    "supplier": frozenset(
        {
            "supplier",
            "vendor",
            "seller",
            "provider",
            "licensor",
            "consultant",
            "contractor",
            "subcontractor",
            "manufacturer",
            "developer",
            "carrier",
            "lessor",
            "landlord",
            "agent",
            "service_provider",
            "franchisor",
            "host",
            "publisher",
        }
    ),
    "recipient": frozenset({"recipient", "receiving_party"}),
    "discloser": frozenset({"discloser", "disclosing_party"}),
}
"""The roles of parties that each side takes in. A ``mutual`` playbook acts for any party."""

SideName = Literal["customer", "supplier", "recipient", "discloser", "mutual"]


def side_of_role(role: str) -> str:
    """The side that a party's role belongs to, "" for a role that tells none.

    >>> side_of_role("licensor"), side_of_role("guarantor")
    ('supplier', '')
    """
    return next((side for side, roles in ROLES.items() if role in roles), "")

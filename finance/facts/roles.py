"""Say what part each party plays: customer or supplier, licensor or licensee, from what the contract calls it and what it has it do."""

from __future__ import annotations

import re
from collections.abc import Sequence

ROLE_OF_ALIAS = {
    "customer": "customer", "client": "customer", "buyer": "customer", "purchaser": "customer", "subscriber": "customer", "user": "customer", "end user": "customer",
    "recipient of services": "customer", "supplier": "supplier", "seller": "supplier", "vendor": "supplier", "provider": "supplier", "service provider": "supplier",
    "contractor": "supplier", "subcontractor": "supplier", "servicer": "supplier", "outsourcer": "supplier", "host": "supplier", "maintenance provider": "supplier",
    "repairer": "supplier", "transporter": "supplier", "carrier": "supplier", "shipper": "customer", "licensor": "licensor", "licensee": "licensee",
    "sublicensor": "licensor", "sublicensee": "licensee", "discloser": "discloser", "disclosing party": "discloser", "recipient": "recipient",
    "receiving party": "recipient", "receiver": "recipient", "lessor": "lessor", "landlord": "lessor", "sublessor": "lessor", "lessee": "lessee", "tenant": "lessee", "sublessee": "lessee",
    "subtenant": "lessee", "employer": "employer", "employee": "employee", "executive": "employee", "lender": "lender", "creditor": "lender", "holder": "lender", "borrower": "borrower", "debtor": "borrower",
    "maker": "borrower", "distributor": "distributor", "reseller": "distributor", "dealer": "distributor", "wholesaler": "distributor",
    "franchisor": "franchisor", "franchisee": "franchisee", "franchise owner": "franchisee", "area developer": "franchisee", "consultant": "consultant", "advisor": "consultant", "adviser": "consultant",
    "agent": "agent", "sales representative": "agent", "representative": "agent", "principal": "principal", "manufacturer": "manufacturer",
    "developer": "supplier", "sponsor": "sponsor", "promoter": "promoter", "publisher": "publisher", "affiliate": "affiliate", "guarantor": "guarantor", "investor": "investor", "issuer": "issuer",
    "underwriter": "underwriter", "trustee": "trustee", "owner": "owner", "operator": "operator", "assignor": "assignor", "assignee": "assignee",
    "anbieter": "supplier", "auftragnehmer": "supplier", "lieferant": "supplier", "verkäufer": "supplier", "auftraggeber": "customer", "kunde": "customer", "käufer": "customer",
    "vermieter": "lessor", "mieter": "lessee", "arbeitgeber": "employer", "arbeitnehmer": "employee", "lizenzgeber": "licensor", "lizenznehmer": "licensee",
    "甲方": "", "乙方": "",
}  # fmt: skip
"""What a party is called in the contract, in small letters -> its role."""

COUNTERPART = {
    "customer": "supplier", "supplier": "customer", "licensor": "licensee", "licensee": "licensor", "discloser": "recipient", "recipient": "discloser",
    "lessor": "lessee", "lessee": "lessor", "employer": "employee", "employee": "employer", "lender": "borrower", "borrower": "lender",
    "distributor": "supplier", "franchisor": "franchisee", "franchisee": "franchisor", "consultant": "customer", "agent": "principal", "principal": "agent",
    "manufacturer": "customer", "assignor": "assignee", "assignee": "assignor",
}  # fmt: skip
"""The role of the other party of a contract of two."""

_DOES = (
    (
        "licensor",
        r"(?:hereby\s+)?(?:grants?|licenses?)\s+(?:to\s+)?(?:[\w“\"’']+\s+){0,6}?(?:an?|the)\s+(?:[\w-]+,?\s+(?:and\s+)?){0,8}?licen[cs]e",
    ),
    (
        "supplier",
        r"(?:shall|will|agrees?\s+to|must)\s+(?:provide|perform|deliver|supply|render|sell|furnish|manufacture|host|maintain|ship)\b",
    ),
    ("customer", r"(?:shall|will|agrees?\s+to|must)\s+(?:pay|purchase|buy|order|reimburse)\b"),
    (
        "distributor",
        r"(?:shall|will|agrees?\s+to)\s+(?:use\s+[\w\s]{3,30}efforts\s+to\s+)?(?:market|promote|distribute|resell|solicit\s+orders)\b",
    ),
)


def role_of_alias(alias: str) -> str:
    """The role that a short name tells ("the Supplier" gives supplier); empty if it tells none."""
    words = re.sub(r"^(?:the|die|der|das)\s+", "", alias.strip().lower())
    return ROLE_OF_ALIAS.get(words) or ROLE_OF_ALIAS.get(words.rstrip("s"), "")


def roles(text: str, names: Sequence[Sequence[str]], known: Sequence[str]) -> list[str]:
    """The roles of parties: ``known`` where the alias told one, else the counterpart of the other's, else by what the text has them do.

    ``names`` are each party's name and aliases. Only a contract of two parties is completed; with more, an unknown role stays empty.
    """
    found = list(known)
    if len(found) != 2:
        return found
    for one, other in ((0, 1), (1, 0)):
        if not found[one] and found[other]:
            found[one] = COUNTERPART.get(found[other], "")
    if any(found):
        return found
    counts = [_deeds(text, own) for own in names]
    best = max(
        (
            (counts[one].get(role, 0) - counts[1 - one].get(role, 0), role, one)
            for one in (0, 1)
            for role in counts[one]
        ),
        default=(0, "", 0),
    )
    if best[0] < 2:  # one performs and the other pays: together they say what each alone does not
        supplies = [counts[one].get("supplier", 0) - counts[one].get("customer", 0) for one in (0, 1)]
        best = max((supplies[one] - supplies[1 - one], "supplier", one) for one in (0, 1))
        if min(supplies) >= 0 or max(supplies) <= 0:
            return found
    if best[0] >= 2:
        found[best[2]], found[1 - best[2]] = best[1], COUNTERPART.get(best[1], "")
    return found


def _deeds(text: str, names: Sequence[str]) -> dict[str, int]:
    """How often the text has the bearer of ``names`` do what a licensor, supplier, customer or distributor does."""
    called = "|".join(re.escape(name) for name in names if len(name) > 1)
    if not called:
        return {}
    window = text[:300_000]
    return {
        role: len(re.findall(rf"\b(?:{called})\s+(?:hereby\s+)?{deed}", window)) * (3 if role == "licensor" else 1)
        for role, deed in _DOES
    }

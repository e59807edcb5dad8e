"""The names of what a contract can say: clause categories, unfair terms, NDA positions, contract types.

Keys are stable and used in playbooks, rows and JSON; titles are for people. The 41 CUAD categories keep
CUAD's spelling as ``cuad_name`` (Hendrycks et al. 2021, arXiv 2103.06268), the 8 unfair terms LexGLUE's (Lippi et al. 2019,
arXiv 1805.01217), the 17 positions ContractNLI's ids (Koreeda and Manning 2021).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Group = Literal["cuad", "unfair", "lawyer"]


@dataclass(frozen=True)
class Category:
    """One category of clause. ``asks`` is the question it answers, in a sentence."""

    key: str
    title: str
    group: Group
    asks: str
    cuad_name: str = ""


def _cuad(name: str, asks: str, title: str = "") -> Category:
    key = name.lower().replace("/", "_").replace("-", "_").replace(" ", "_")
    return Category(key, title or name, "cuad", asks, name)


CUAD: tuple[Category, ...] = (
    _cuad("Document Name", "What is the contract called?"),
    _cuad("Parties", "Who are the parties?"),
    _cuad("Agreement Date", "On what date was it made or signed?"),
    _cuad("Effective Date", "From what date does it bind?"),
    _cuad("Expiration Date", "When does the first term end?"),
    _cuad("Renewal Term", "For how long is it renewed after the first term?"),
    _cuad("Notice Period to Terminate Renewal", "How much notice stops the renewal?", "Notice to stop renewal"),
    _cuad("Governing Law", "Which law governs it?"),
    _cuad("Most Favored Nation", "Must one party give the other terms as good as any third party's?"),
    _cuad("Non-Compete", "May one party not compete with the other?"),
    _cuad("Exclusivity", "Must one party deal with the other alone?"),
    _cuad("No-Solicit of Customers", "May one party not approach the other's customers?"),
    _cuad("Competitive Restriction Exception", "What is let out of the non-compete, exclusivity or no-solicit?"),
    _cuad("No-Solicit of Employees", "May one party not hire the other's people?"),
    _cuad("Non-Disparagement", "May one party not speak ill of the other?"),
    _cuad("Termination for Convenience", "May a party end it without cause?"),
    _cuad(
        "Rofr/Rofo/Rofn",
        "Has a party a right of first refusal, offer or negotiation?",
        "Right of first refusal, offer or negotiation",
    ),
    _cuad("Change of Control", "What happens when a party is taken over?"),
    _cuad("Anti-Assignment", "Is consent or notice needed to assign it?"),
    _cuad("Revenue/Profit Sharing", "Must a party share revenue or profit?"),
    _cuad("Price Restrictions", "Is a party's freedom to set or raise prices limited?"),
    _cuad("Minimum Commitment", "Must a party buy or pay a least amount?"),
    _cuad("Volume Restriction", "Does use above a volume cost more, or need consent?"),
    _cuad("IP Ownership Assignment", "Does what one party creates become the other's?", "Assignment of IP ownership"),
    _cuad("Joint IP Ownership", "Is any intellectual property owned jointly?", "Joint ownership of IP"),
    _cuad("License Grant", "Does one party license something to the other?"),
    _cuad("Non-Transferable License", "Is the licence not transferable?"),
    _cuad(
        "Affiliate License-Licensor",
        "Do the licensor's affiliates license too?",
        "Licence from the licensor's affiliates",
    ),
    _cuad(
        "Affiliate License-Licensee",
        "Does the licence reach the licensee's affiliates?",
        "Licence to the licensee's affiliates",
    ),
    _cuad("Unlimited/All-You-Can-Eat-License", "Is a licence without limit of use granted?", "Unlimited licence"),
    _cuad("Irrevocable or Perpetual License", "Is a licence irrevocable or perpetual?"),
    _cuad("Source Code Escrow", "Must source code be left with a third party?"),
    _cuad("Post-Termination Services", "What must a party do after the end?"),
    _cuad("Audit Rights", "May a party inspect the other's books or premises?"),
    _cuad("Uncapped Liability", "Is a liability without limit, for some or all losses?"),
    _cuad("Cap on Liability", "Is liability limited, in amount, kind or time?"),
    _cuad("Liquidated Damages", "Is a sum fixed for breach or early end?"),
    _cuad("Warranty Duration", "How long does a warranty last?"),
    _cuad("Insurance", "Must a party carry insurance?"),
    _cuad("Covenant Not to Sue", "May a party not contest the other's rights or sue?"),
    _cuad("Third Party Beneficiary", "May a third party enforce it?"),
)

UNFAIR: tuple[Category, ...] = (
    Category(
        "unfair_limitation_of_liability",
        "Limitation of liability",
        "unfair",
        "Does the provider limit or exclude its liability?",
        "Limitation of liability",
    ),
    Category(
        "unfair_unilateral_termination",
        "Unilateral termination",
        "unfair",
        "May the provider end or suspend at will?",
        "Unilateral termination",
    ),
    Category(
        "unfair_unilateral_change",
        "Unilateral change",
        "unfair",
        "May the provider change the terms at will?",
        "Unilateral change",
    ),
    Category(
        "unfair_content_removal",
        "Content removal",
        "unfair",
        "May the provider remove content at will?",
        "Content removal",
    ),
    Category(
        "unfair_contract_by_using", "Contract by using", "unfair", "Is one bound by mere use?", "Contract by using"
    ),
    Category(
        "unfair_choice_of_law",
        "Choice of law",
        "unfair",
        "Is a law other than the consumer's imposed?",
        "Choice of law",
    ),
    Category("unfair_jurisdiction", "Jurisdiction", "unfair", "Must one sue elsewhere than at home?", "Jurisdiction"),
    Category("unfair_arbitration", "Arbitration", "unfair", "Is arbitration imposed?", "Arbitration"),
)

LAWYER: tuple[Category, ...] = (
    Category("indemnity", "Indemnity", "lawyer", "Must a party hold the other harmless?"),
    Category("confidentiality", "Confidentiality", "lawyer", "Must information be kept secret?"),
    Category("data_protection", "Data protection", "lawyer", "How are personal data handled?"),
    Category("force_majeure", "Force majeure", "lawyer", "Is a party excused by events beyond its control?"),
    Category(
        "termination_for_cause", "Termination for cause", "lawyer", "May a party end it for breach or insolvency?"
    ),
    Category("payment", "Payment", "lawyer", "When and how is it paid?"),
    Category("late_interest", "Late interest", "lawyer", "What does late payment cost?"),
    Category("disputes", "Disputes", "lawyer", "How and where are disputes resolved?"),
    Category("subcontracting", "Subcontracting", "lawyer", "May a party use subcontractors?"),
    Category("service_levels", "Service levels", "lawyer", "What level of service is promised, with which credits?"),
    Category("set_off", "Set-off", "lawyer", "May sums be set off or withheld?"),
)
"""Types outside CUAD that lawyers read first; found by rules."""

CATEGORIES: Mapping[str, Category] = {category.key: category for category in (*CUAD, *UNFAIR, *LAWYER)}

CUAD_KEYS: Mapping[str, str] = {category.cuad_name.lower(): category.key for category in CUAD}
"""CUAD's name in lower case (its files differ in capitals) -> key."""

UNFAIR_KEYS: Mapping[str, str] = {category.cuad_name.lower(): category.key for category in UNFAIR}

POSITIONS: Mapping[str, str] = {
    "nda-1": "All confidential information is expressly identified by the discloser",
    "nda-2": "Confidential information is technical information only",
    "nda-3": "Confidential information may be given by word of mouth",
    "nda-4": "The recipient uses it for the stated purposes only",
    "nda-5": "The recipient may share it with its employees",
    "nda-7": "The recipient may share it with third parties (consultants, agents, advisers)",
    "nda-8": "The recipient tells the discloser when law compels disclosure",
    "nda-10": "That the agreement exists or is negotiated is itself secret",
    "nda-11": "The recipient may not reverse engineer",
    "nda-12": "The recipient may develop similar information independently",
    "nda-13": "The recipient may get similar information from third parties",
    "nda-15": "The agreement grants the recipient no right to the information",
    "nda-16": "The recipient returns or destroys information at the end",
    "nda-17": "The recipient may make copies in some circumstances",
    "nda-18": "The recipient may not solicit the discloser's people",
    "nda-19": "Some obligations survive the end",
    "nda-20": "The recipient may keep some information after return or destruction",
}
"""ContractNLI's hypotheses by id, in our words."""

CONTRACT_TYPES: Mapping[str, str] = {
    "affiliate": "Affiliate agreement",
    "agency": "Agency agreement",
    "co_branding": "Co-branding agreement",
    "collaboration": "Collaboration or strategic alliance",
    "consulting": "Consulting agreement",
    "development": "Development agreement",
    "distribution": "Distribution or reseller agreement",
    "employment": "Employment agreement",
    "endorsement": "Endorsement or sponsorship agreement",
    "franchise": "Franchise agreement",
    "ip": "Intellectual property agreement",
    "joint_venture": "Joint venture agreement",
    "lease": "Lease",
    "license": "Licence agreement",
    "loan": "Loan agreement",
    "maintenance": "Maintenance agreement",
    "manufacturing": "Manufacturing agreement",
    "marketing": "Marketing or promotion agreement",
    "nda": "Non-disclosure agreement",
    "non_compete": "Non-compete agreement",
    "saas": "Software as a service or hosting agreement",
    "services": "Services or outsourcing agreement",
    "supply": "Supply agreement",
    "terms": "Terms of service",
    "transportation": "Transportation agreement",
    "other": "Other",
}

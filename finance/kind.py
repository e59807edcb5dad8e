"""Say what a document is: which type of contract, and whether a master agreement, an amendment, an order form, an exhibit or terms.

The title decides where it names a type; else the roles that the opening gives the parties (landlord, borrower, disclosing party);
else the scores of the trained linear part. Each probability is the share that the same evidence was right on labelled contracts
(the section ``kind`` of ``clause_rules/precision.json``).
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .categories import CONTRACT_TYPES
from .classify import Kind
from .clause_rules.opening import read_opening
from .clause_rules.rule import plain
from .clause_rules.tables import share

if TYPE_CHECKING:
    import numpy as np

OPENING_CHARS = 4000
UNMEASURED = 0.75
"""Prior for evidence that no labelled contract showed (a lease, a loan): the share its kind of evidence had on the types that were."""

_TITLES: tuple[tuple[str, str], ...] = (
    ("nda", r"non ?-? ?disclosure|confidentiality|\bnda\b|secrecy|confidential (?:information|disclosure)|non-?use obligations"),
    ("other", r"joint filing|(?:capital|income|yield|liquidity\w*) maintenance|guarant(?:y|ee)\b|merger|stock purchase|share purchase|underwriting|indenture|voting agreement|split.dollar|remarketing|pooling and servicing"),
    ("saas", r"software.as.a.service|\bsaas\b|hosting|cloud (?:services?|subscription)|subscription (?:services? )?agreement|application service provider|\basp\b"),
    ("transportation", r"transportation|\bcarriage\b|freight|shipping (?:services )?agreement|haulage|towage|tanker|logistics|carrier agreement"),
    ("franchise", r"franchis"),
    ("co_branding", r"co-?\s?brand"),
    ("endorsement", r"endorsement|sponsor(?:ship)?\b(?!ed)|talent agreement|celebrity"),
    ("joint_venture", r"joint venture|shareholders'? agreement|consortium"),
    ("affiliate", r"affiliat(?:e|ion)\b"),
    ("lease", r"\blease\b|\btenancy\b|rental agreement|sub-?lease"),
    ("loan", r"\bloan\b|credit (?:facility|agreement)|promissory note|facility agreement|revolving credit|\bnote purchase"),
    ("employment", r"employment|offer letter|executive (?:service|agreement)|severance"),
    ("non_compete", r"non-?\s?compet|non-?\s?solicit|restrictive covenant"),
    ("services", r"outsourcing"),
    ("maintenance", r"maintenance|support (?:agreement|services agreement|and)"),
    ("collaboration", r"strategic alliance|collaboration agreement|co-?operation|alliance agreement|teaming|collaboration &|memorandum of understanding"),
    ("manufacturing", r"manufactur"),
    ("marketing", r"marketing|promotion|advertis|referral agreement"),
    ("distribution", r"distribut\w*|reseller|re-seller|dealer (?:agreement|sales)|value added|resale"),
    ("supply", r"\bsupply|purchase agreement|supplier|procurement|sale of goods|purchase and sale"),
    ("development", r"develop(?:ment)?\b|research\b(?!.*\blicen)|commissioned work"),
    ("consulting", r"consult(?:ing|ancy|ant)|advisory (?:services )?agreement|advisor agreement|independent contractor"),
    ("agency", r"\bagency|\bagent\b|commercial representative|sales representative|broker(?:age)? agreement"),
    ("ip", r"intellectual property|\bip (?:rights )?agreement|patent assignment|assignment of (?:patent|trademark|copyright|invention)|invention assignment"),
    ("license", r"licen[sc]|domain name"),
    ("services", r"services?\b(?! of process)|servicing|statement of work|work order|master agreement for services"),
    ("terms", r"terms (?:of|and conditions of|& conditions of) (?:use|service|sale)|terms and conditions|terms & conditions|user agreement|end.user|\beula\b|privacy (?:policy|notice)|terms of use|community (?:guidelines|terms)"),
)  # fmt: skip
"""Types by the words of the title, the more telling words first: "License and Hosting Agreement" is a hosting agreement."""

_TERMS_FIRST = re.compile(r"^(?:general )?(?:terms (?:of|&|and) |terms$|user agreement|end.user licen[sc]e|privacy)")
_CO_WITH_ENDORSEMENT = re.compile(r"collaboration.{0,20}endorsement")

_ROLES: tuple[tuple[str, str, int], ...] = (
    ("lease", r"\b(?:landlord|lessor|tenant|lessee|demised premises)\b", 3),
    ("loan", r"\b(?:borrower|lender|principal amount of the loan)\b", 3),
    ("employment", r"\b(?:employer|the executive|the employee|job title|base salary)\b", 3),
    ("nda", r"\b(?:disclosing party|receiving party|discloser|evaluation material|confidential information)\b", 4),
    ("franchise", r"\b(?:franchisor|franchisee)\b", 3),
    ("distribution", r"\b(?:distributor|reseller)\b", 3),
    ("terms", r"\b(?:our (?:services?|site|website|app|terms)|by using|these terms|your account)\b", 3),
    ("consulting", r"\bconsultant\b", 3),
    ("license", r"\b(?:licensor|licensee)\b", 3),
    ("agency", r"\b(?:the agent|agency)\b", 4),
    ("endorsement", r"\b(?:sponsor|celebrity|endorsement)\b", 4),
    ("services", r"\b(?:service provider|the services|contractor)\b", 4),
    ("supply", r"\b(?:supplier|the buyer|purchaser)\b", 4),
    ("collaboration", r"\bcooperation\b|\balliance\b", 3),
)  # fmt: skip
"""Types by words that the opening repeats, with how often they must stand there."""

_AMENDMENT = re.compile(
    r"\b(?:amendment|addendum|amending|supplemental agreement|extension agreement|side letter|variation|change order|first supplement|termination agreement)\b"
)
_RESTATED = re.compile(r"amended (?:and|&) restated")
_ORDER = re.compile(
    r"\b(?:order form|statement of work|sow|purchase order|work order|service order|sales order|quotation|insertion order|task order)\b"
)
_EXHIBIT = re.compile(
    r"^(?:exhibit|schedule|annex|appendix|attachment)\s+(?!10\.|4\.|99\.|ex)[\"'(]?(?:[a-z]|\d{1,2})\b(?!\.\d)"
)
_AGREEMENT = re.compile(
    r"\b(?:agreement|contract|lease|licen[sc]e|charter|deed|guaranty|memorandum|note|policy|undertaking|accord)\b"
)


def kind_of(text: str, scores: np.ndarray | None = None) -> Kind:
    """What the document is.

    Args:
        text: its text; only the first ``OPENING_CHARS`` characters are read.
        scores: decision values of the linear part over ``list(CONTRACT_TYPES)``; they decide where title and opening are silent.

    Returns:
        type of contract and kind of document with their probabilities, and the title as it stands ("" where none was found).
    """
    titles = [" ".join(text[start:end].split()) for start, end in _titles(text)]
    contract_type, probability = _contract_type(text, titles, scores)
    document, sure = _document_kind(text, titles, contract_type)
    return Kind(contract_type, probability, document, sure, titles[0] if titles else "")


def evidence(text: str) -> tuple[str, str]:
    """The type that title or opening name, and by which of ``title``, ``this_agreement`` or ``roles``; ("other", "none") where both are silent."""
    titles = [" ".join(text[start:end].split()) for start, end in _titles(text)]
    for title, source in zip(titles, ("title", "this_agreement"), strict=False):
        named = _named(plain(title))
        if named:
            return named, source
    head = plain(text[:OPENING_CHARS])
    counts = {kind: len(re.findall(pattern, head)) / least for kind, pattern, least in _ROLES}
    best = max(counts, key=lambda kind: counts[kind])
    return (best, "roles") if counts[best] >= 1 else ("other", "none")


def _titles(text: str) -> Iterator[tuple[int, int]]:
    for found in read_opening(text[:OPENING_CHARS]):
        if found.rule.startswith("document_name."):
            yield found.start, found.end


def _named(title: str) -> str:
    if _TERMS_FIRST.search(title):
        return "terms"
    if _CO_WITH_ENDORSEMENT.search(title):
        return "endorsement"
    return next((kind for kind, pattern in _TITLES if re.search(pattern, title)), "")


def _contract_type(text: str, titles: list[str], scores: np.ndarray | None) -> tuple[str, float]:
    named, source = evidence(text)
    if source in ("title", "this_agreement") or scores is None:
        return named, _share(source, named)
    keys = list(CONTRACT_TYPES)
    best = int(scores.argmax())
    probability = 1 / (1 + math.exp(-float(scores[best])))
    if source == "roles" and keys[best] == named:
        return named, max(_share(source, named), probability)
    if source == "roles" and _share(source, named) > probability:
        return named, _share(source, named)
    return (keys[best], probability) if scores[best] > 0 else (named, _share(source, named))


def _share(source: str, named: str) -> float:
    if source == "none":
        return 0.3
    measured = _measured()
    whole = measured.get(source, {})
    hits = sum(n for n, _ in whole.values())
    right = sum(n for _, n in whole.values())
    base = share(right, hits, UNMEASURED)
    hits, right = whole.get(named, (0, 0))
    return share(right, hits, base)


def _document_kind(text: str, titles: list[str], contract_type: str) -> tuple[str, float]:
    title = plain(titles[0]) if titles else ""
    first = plain(text[:400])
    kind = "other"
    if _AMENDMENT.search(title) and not _RESTATED.search(title):
        kind = "amendment"
    elif _ORDER.search(title):
        kind = "order_form"
    elif _EXHIBIT.match(title) or (not title and _EXHIBIT.match(first)):
        kind = "exhibit"
    elif contract_type == "terms":
        kind = "terms"
    elif _AGREEMENT.search(title) or re.search(
        r"\bthis (?:\w+ ){0,6}(?:agreement|contract|lease)\b", plain(text[:3000])
    ):
        kind = "master"
    hits, right = _measured().get("document", {}).get(kind, (0, 0))
    return kind, share(right, hits, UNMEASURED if title else 0.5)


@cache
def _measured() -> Mapping[str, Any]:
    path = Path(__file__).with_name("clause_rules") / "precision.json"
    return json.loads(path.read_text(encoding="utf-8")).get("kind", {}) if path.is_file() else {}

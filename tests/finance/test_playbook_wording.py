"""What a playbook suggests meets its own line: each wording is put into a small contract and reviewed; a wording that breaks a threshold fails."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import pytest
from fact_texts import document

from dsapp.finance.model import ContractModel
from dsapp.finance.playbook import Line, Playbook, shipped
from dsapp.finance.review import review_document

CUSTOMER, VENDOR = "Alder Works Inc.", "Brook Mill LLC"
PLAYBOOKS = {playbook.name: playbook for playbook in shipped()}
KINDS = {"commercial-customer": "services", "commercial-supplier": "services", "saas-customer": "saas", "nda": "nda"}

SERVICES: Mapping[str, str] = {
    "services": "SERVICES. {v} shall perform the services described in each statement of work with reasonable skill and care.",
    "payment": "PAYMENT. Customer shall pay each undisputed invoice within thirty (30) days after receipt.",
    "term": "TERM. This Agreement begins on the Effective Date and continues for three (3) years.",
    "convenience": "CONVENIENCE. Either party may terminate this Agreement for convenience by giving the other at least sixty (60) days' written notice.",
    "cause": "CAUSE. Either party may terminate this Agreement by written notice if the other materially breaches it and does not cure the breach within thirty (30) days after written notice.",
    "secrecy": "CONFIDENTIALITY. Each party shall keep the other's Confidential Information secret and use it for this Agreement only.",
    "liability": "LIMITATION OF LIABILITY. Each party's total aggregate liability under this Agreement shall not exceed the fees paid in the twelve (12) months before the claim.",
    "law": "GOVERNING LAW. This Agreement is governed by the laws of the State of New York.",
}
NDA: Mapping[str, str] = {
    "nda-2": 'DEFINITION. "Confidential Information" means all non-public business, financial and technical information of the Discloser, in any form, whether written or oral.',
    "nda-4": "USE. The Recipient shall use Confidential Information solely to evaluate the Purpose.",
    "nda-5": "EMPLOYEES. The Recipient may disclose Confidential Information to its employees who need to know it for the Purpose.",
    "nda-8": "LAW. If the Recipient is required by law to disclose Confidential Information, it shall promptly notify the Discloser in writing.",
    "nda-16": "RETURN. On the termination of this Agreement the Recipient shall return or destroy all Confidential Information.",
    "nda-15": "NO LICENSE. No license or other right to Confidential Information is granted to the Recipient.",
    "nda-19": "TERM. This Agreement ends two (2) years after its date. The duties of confidentiality survive its end for three (3) years.",
    "law": "GOVERNING LAW. This Agreement is governed by the laws of the State of New York.",
}
SLOTS: Mapping[str, str] = {"nda-1": "nda-2", "nda-3": "nda-2", "nda-7": "nda-5"}
"""Positions whose clause of the small NDA is another's."""
BESIDE = ("liability-carve-out", "our-limit-height", "liquidated")
"""Lines whose wording completes a limit of liability and does not replace it."""
SECTIONS: Mapping[str, tuple[str, ...]] = {
    "liability": ("liability", "our-liability", "our-limit"),
    "payment": ("payment", "late-interest"),
    "convenience": ("termination-for-convenience",),
    "cause": ("termination-for-cause", "cure"),
    "secrecy": ("confidentiality",),
    "term": ("renewal",),
    "law": ("governing-law",),
}
LIMITS = {
    ("commercial-supplier", "exclusivity-on-us"),
    ("commercial-supplier", "most-favored-on-us"),
    ("commercial-supplier", "liquidated-damages-on-us"),
    ("commercial-supplier", "ip-assignment-by-us"),
    ("commercial-supplier", "source-code-escrow-on-us"),
    ("commercial-customer", "minimum-commitment-on-us"),
}
"""Fallbacks that limit what their line forbids: they may still be told, so that somebody sees that the limit is in."""


def contract(playbook: Playbook, line: Line, wording: str, *, alone: bool = True) -> str:
    """A small contract of the playbook's type with a wording in the place of its section."""
    wording = wording.replace("[amount]", "USD 5,000,000").replace("[schedule]", "Schedule A")
    wording = wording.replace("[field]", "retail").replace("[territory]", "Ohio")
    nda = playbook.name == "nda"
    vendor = "Provider" if playbook.name.startswith("saas") else "Supplier"
    sections = dict(NDA if nda else SERVICES)
    if nda:
        slot = SLOTS.get(line.position or "", line.position or "")
    else:
        slot = next((key for key, ids in SECTIONS.items() if line.id.startswith(ids)), "")
    slot = "law" if line.id.startswith("governing-law") else slot
    beside = line.id.startswith(BESIDE) and slot in sections
    place = slot if slot in sections else "more"
    sections[place] = f"{sections[place]} {wording}" if beside and alone else f"CLAUSE. {wording}"
    title = {"nda": "NON-DISCLOSURE AGREEMENT", "saas-customer": "SOFTWARE AS A SERVICE AGREEMENT"}.get(
        playbook.name, "SERVICES AGREEMENT"
    )
    names = ("Discloser", "Recipient") if nda else ("Customer", vendor)
    head = (
        f'{title}\n\nThis agreement (the "Agreement") is made as of March 2, 2026 (the "Effective Date") between {CUSTOMER}, a Delaware corporation '
        f'("{names[0]}"), and {VENDOR}, a New York limited liability company ("{names[1]}").\n\n'
    )
    body = "\n\n".join(f"{n}. {text.format(v=vendor)}" for n, text in enumerate(sections.values(), 1))
    return f"{head}{body}\n"


def status(
    playbook: Playbook, line: Line, wording: str, model: ContractModel | None = None, *, alone: bool = True
) -> Any:
    us = VENDOR if playbook.side == "supplier" else CUSTOMER
    read = document(contract(playbook, line, wording, alone=alone))
    judged = review_document(read, us=us, playbook=playbook, model=model).judgement
    check = next(check for check in judged.checks if check.id == line.id)
    contradictions = [finding.title for finding in judged.findings if finding.kind == "contradiction"]
    return check, contradictions


def wordings() -> Iterator[Any]:
    for name in KINDS:
        for line in PLAYBOOKS[name].checks:
            for which in ("preferred", "fallback"):
                if getattr(line, which):
                    yield pytest.param(name, line.id, which, id=f"{name}-{line.id}-{which}")


def line_of(name: str, check: str) -> tuple[Playbook, Line]:
    playbook = PLAYBOOKS[name]
    return playbook, next(line for line in playbook.checks if line.id == check)


@cache
def model() -> ContractModel:
    return ContractModel.open()


def held(name: str, check: str, which: str, opened: ContractModel | None) -> None:
    playbook, line = line_of(name, check)
    if line.when_we_are and playbook.name == "nda" and "discloser" not in line.when_we_are:
        pytest.skip("for another side")
    found, contradictions = status(playbook, line, getattr(line, which), opened)
    assert not contradictions
    if which == "fallback" and (name, check) in LIMITS:
        return
    assert found.status == "passed", found.note


@pytest.mark.parametrize(("name", "check", "which"), list(wordings()))
def test_a_suggested_wording_meets_its_own_line(name: str, check: str, which: str) -> None:
    held(name, check, which, None)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "check", "which"), list(wordings()))
def test_a_suggested_wording_meets_its_own_line_by_the_model(name: str, check: str, which: str) -> None:
    held(name, check, which, model())


def test_no_wording_is_a_scrap() -> None:
    for playbook in PLAYBOOKS.values():
        for line in playbook.checks:
            for wording in (line.preferred, line.fallback):
                assert not wording or (wording[0] != "." and wording[-1] == ".")


LIMIT = "Each party's total aggregate liability under this Agreement shall not exceed the fees paid in the {} months before the claim."
BREAKING: Mapping[str, str] = {
    "liability-limit-too-low": LIMIT.format("three (3)"),
    "liability-limit-token": "Supplier's total liability under this Agreement shall not exceed USD 500. Provider's total liability shall not exceed USD 500.",
    "liability-carve-out-confidentiality": LIMIT.format("twelve (12)"),
    "liability-carve-out-wilful": LIMIT.format("twelve (12)"),
    "liability-carve-out-data": LIMIT.format("twelve (12)"),
    "our-liability-uncapped": "{us}'s liability under this Agreement is unlimited.",
    "termination-for-convenience-ours": "Customer may terminate this Agreement for convenience by giving at least one hundred and twenty (120) days' written notice.",
    "termination-for-convenience-theirs": "Either party may terminate this Agreement for convenience by giving the other at least ten (10) days' written notice.",
    "cure-period-ours": "Either party may terminate this Agreement if the other materially breaches it and does not cure the breach within five (5) days after written notice.",
    "renewal-notice": "This Agreement renews for successive periods of one (1) year unless either party gives notice at least one hundred and eighty (180) days before the end of the term.",
    "renewal-length": "This Agreement renews automatically for successive periods of three (3) years unless either party gives notice thirty (30) days before the end of the term.",
    "payment-days": "Customer shall pay each invoice within {days} days after receipt.",
    "late-interest": "Late payments bear interest at two percent (2%) per month.",
    "our-limit-height": LIMIT.format("sixty (60)"),
    "our-liability-limited": "Each party is liable as the law provides.",
    "indirect-loss-excluded": "Each party is liable as the law provides.",
    "warranty-months": "Supplier warrants the deliverables for thirty-six (36) months after delivery.",
    "breach-notice-days": "Provider shall notify Customer of any personal data breach within ten (10) days.",
    "price-increase-notice": "Provider may increase the fees at any renewal upon fifteen (15) days' notice.",
    "confidentiality-years": "The duties of confidentiality last for ten (10) years after the date of this Agreement.",
}


@pytest.mark.parametrize(
    ("name", "check"),
    [
        pytest.param(name, line.id, id=f"{name}-{line.id}")
        for name in KINDS
        for line in PLAYBOOKS[name].checks
        if line.fact
    ],
)
def test_a_wording_that_breaks_a_threshold_fails_its_line(name: str, check: str) -> None:
    playbook, line = line_of(name, check)
    us = "Supplier" if playbook.side == "supplier" else "Customer"
    text = BREAKING[check].replace("{us}", us).replace("{days}", "90" if playbook.side == "supplier" else "ten (10)")
    found, _ = status(playbook, line, text, alone=False)
    assert found.status == "failed", found.note

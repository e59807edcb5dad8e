"""Reviews built by hand from contracts written for these tests: what the writers of ``finance/documents`` are fed."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import numpy as np

from dsapp.core.rules import Evidence, Fact, Proof
from dsapp.finance.classify import Classification, Kind, Label, Position
from dsapp.finance.clauses import Clause, ClauseTree, Definition, Part, Reference
from dsapp.finance.document import Block, Change, Comment, Document, Places, Unread, Words
from dsapp.finance.facts.types import (
    Amount,
    Cap,
    ContractDate,
    ContractFacts,
    Deadline,
    Duration,
    Interest,
    Law,
    LossExclusion,
    Money,
    Obligation,
    Party,
    Period,
    Renewal,
    Signature,
    Term,
    Uncapped,
)
from dsapp.finance.findings import Check, Finding, Judgement, Side, Suggestion, finding_id
from dsapp.finance.review import Review

US, THEM = "Harrow Mills Limited", "Tidewater Data GmbH"

SERVICES: Sequence[tuple[int, str, str, str]] = (
    # (level, number, heading, words); level 0 is a title, -1 an unnumbered paragraph
    (0, "", "MASTER SERVICES AGREEMENT", ""),
    (
        -1,
        "",
        "",
        f"This Master Services Agreement (the “Agreement”) is made on 3 March 2025 between {US}, a company registered in England and Wales (the “Customer”), and {THEM}, a company organised under the laws of Germany (the “Supplier”).",
    ),
    (
        -1,
        "",
        "",
        "The Supplier runs data centres and processes measuring data on behalf of manufacturers. The Customer wishes to have the data of its four mills processed by the Supplier on the terms that follow.",
    ),
    (1, "1.", "Definitions", ""),
    (
        2,
        "1.1",
        "",
        "“Fees” means the sums set out in Schedule A. “Confidential Information” means all information that a party marks as confidential or that a sensible person would take to be so.",
    ),
    (
        2,
        "1.2",
        "",
        "Headings do not affect how this Agreement is read. A reference to a party includes those who lawfully succeed it.",
    ),
    (1, "2.", "Services", ""),
    (
        2,
        "2.1",
        "Scope",
        "The Supplier shall process the measuring data delivered by the Customer, keep the results available through its portal, and report each month on the quality of the data received.",
    ),
    (
        2,
        "2.2",
        "Service levels",
        "The portal shall be available for at least 97 per cent of each calendar month. The Supplier may suspend the services for maintenance at any time and without notice.",
    ),
    (
        2,
        "2.3",
        "Subcontractors",
        "The Supplier may use subcontractors without the Customer's consent. It remains answerable for what they do.",
    ),
    (1, "3.", "Fees and payment", ""),
    (
        2,
        "3.1",
        "Invoices",
        "The Supplier invoices monthly in arrears. The Customer shall pay each invoice within fourteen (14) days after receipt. The monthly fee is EUR 18,500.",
    ),
    (
        2,
        "3.2",
        "Late payment",
        "Sums paid late carry interest at 1.5 per cent a month from the due date until payment.",
    ),
    (2, "3.3", "Increase", "The Supplier may raise the Fees once a year by any percentage on thirty days' notice."),
    (1, "4.", "Term and termination", ""),
    (
        2,
        "4.1",
        "Term",
        "This Agreement takes effect on 1 April 2025 and runs for three (3) years. It is renewed for further terms of twelve (12) months each unless a party gives notice at least ninety (90) days before the end of the current term.",
    ),
    (
        2,
        "4.2",
        "For convenience",
        "The Supplier may end this Agreement at any time on thirty (30) days' written notice. The Customer may end it only under clause 4.3.",
    ),
    (
        2,
        "4.3",
        "For cause",
        "Either party may end this Agreement with immediate effect where the other is in material breach and has not cured the breach within thirty (30) days after written notice of it.",
    ),
    (1, "5.", "Confidentiality", ""),
    (
        2,
        "5.1",
        "",
        "Each party shall keep the other's Confidential Information secret, use it for the purposes of this Agreement only, and return or destroy it within ten (10) business days after the end of this Agreement.",
    ),
    (2, "5.2", "", "The obligations in this clause last for two (2) years after the end of this Agreement."),
    (1, "6.", "Results", ""),
    (
        2,
        "6.1",
        "",
        "All results, models and know-how that arise from the services belong to the Supplier. The Customer receives a non-exclusive right to use the results for as long as this Agreement runs.",
    ),
    (1, "7.", "Liability", ""),
    (
        2,
        "7.1",
        "Cap",
        "The Supplier's total liability under this Agreement shall not exceed the fees paid in the one (1) month before the event that gave rise to the claim, except for death, personal injury and wilful misconduct.",
    ),
    (
        2,
        "7.2",
        "Excluded losses",
        "The Supplier is not liable for loss of profit, loss of data or any indirect or consequential loss.",
    ),
    (2, "7.3", "Customer", "The Customer's liability under this Agreement is unlimited."),
    (
        2,
        "7.4",
        "Indemnity",
        "The Customer shall hold the Supplier harmless against all claims of third parties that arise from the data delivered, as described in clause 14.2.",
    ),
    (1, "8.", "General", ""),
    (
        2,
        "8.1",
        "Assignment",
        "The Supplier may assign this Agreement to any affiliate. The Customer may not assign it without the Supplier's written consent.",
    ),
    (
        2,
        "8.2",
        "Law",
        "This Agreement is governed by the laws of Germany. The courts of Hamburg have exclusive jurisdiction.",
    ),
    (
        2,
        "8.3",
        "Changes",
        "Changes bind only if made in writing. The Data Processing Terms dated 12 January 2024 form part of this Agreement.",
    ),
    (0, "", "SCHEDULE A", ""),
    (-1, "", "", "Set-up, once\tEUR 40,000\tdue on signature"),
    (-1, "", "", "Processing, each month\tEUR 18,500\tdue within 14 days"),
    (
        -1,
        "",
        "",
        "This Schedule is governed by the laws of England and Wales. [***] applies to volumes above the forecast.",
    ),
    (
        -1,
        "",
        "",
        "Signed for Harrow Mills Limited: /s/ E. Marsh, Director. Signed for Tidewater Data GmbH: ____________",
    ),
)

NDA: Sequence[tuple[int, str, str, str]] = (
    (0, "", "MUTUAL NON-DISCLOSURE AGREEMENT", ""),
    (
        -1,
        "",
        "",
        "This Agreement is made on 9 September 2025 between Ostrava Robotics s.r.o. and Pell & Finch LLP to allow talks about a joint bid.",
    ),
    (
        1,
        "1.",
        "Confidential information",
        "Information is confidential if it is marked so or if it is disclosed by word of mouth and confirmed in writing within five days.",
    ),
    (
        1,
        "2.",
        "Use",
        "The recipient shall use confidential information for the talks only and may share it with those of its employees who need it.",
    ),
    (
        1,
        "3.",
        "Return",
        "On request the recipient shall destroy all confidential information within thirty (30) days. It may keep one copy for its archive.",
    ),
    (1, "4.", "Term", "This Agreement ends on 30 September 2028. The duties of secrecy survive its end by five years."),
)


def services_review(text_suffix: str = "") -> Review:
    """A services agreement as DOCX with tracked changes and a comment, judged for the customer; ``text_suffix`` is added as a last paragraph."""
    outline = [*SERVICES, (-1, "", "", text_suffix)] if text_suffix else list(SERVICES)
    text, blocks, clauses = _laid_out(outline)
    find = _Finder(text)
    inserted = find("without notice")
    changes = (
        Change(
            "deletion", "Katrin Vogel", "2025-02-20T09:14:00Z", inserted.start, inserted.start, "on 48 hours' notice"
        ),
        Change("insertion", "Katrin Vogel", "2025-02-20T09:14:00Z", inserted.start, inserted.end, inserted.text),
    )
    schedule = text.index("SCHEDULE A")
    places = _paragraph_places(blocks)
    document = Document(
        name="services.docx",
        format="docx",
        digest="5e" * 32,
        text=text,
        blocks=blocks,
        places=places,
        changes=changes,
        comments=(
            Comment(
                "E. Marsh", "2025-02-21T10:00:00Z", *_span(find("any percentage")), "Can we agree on an index here?"
            ),
        ),
        unread=(
            Unread(
                "embedded file forecast.xlsx",
                "embedded",
                "an embedded workbook is not part of the text",
                "open it and review it by itself",
            ),
        ),
        removed={"running header": 4, "page number": 4},
        notes=("Tracked changes were read as accepted.",),
    )
    tree = ClauseTree(
        parts=(
            Part(0, "body", "Master Services Agreement", 0, schedule),
            Part(1, "schedule", "Schedule A", schedule, len(text)),
        ),
        clauses=clauses,
        definitions=(
            Definition("Fees", *_span(find("“Fees”")), _clause(clauses, find("“Fees”")), 4),
            Definition(
                "Confidential Information",
                *_span(find("“Confidential Information”")),
                _clause(clauses, find("“Confidential Information”")),
                2,
            ),
        ),
        references=(
            Reference("Schedule A", *_span(find("Schedule A.")), "resolved", part=1),
            Reference(
                "clause 4.3",
                *_span(find("clause 4.3")),
                "resolved",
                clause=_clause(clauses, find("Either party may end")),
            ),
            Reference("clause 14.2", *_span(find("clause 14.2")), "dangling"),
            Reference(
                "Data Processing Terms dated 12 January 2024",
                *_span(find("Data Processing Terms dated 12 January 2024")),
                "not_supplied",
                incorporated=True,
            ),
        ),
    )
    facts = _services_facts(find, clauses)
    labels = tuple(
        sorted(
            (
                Label(
                    "cap_on_liability",
                    *_span(find("The Supplier's total liability under", upto="wilful misconduct.")),
                    0.97,
                    "model",
                ),
                Label(
                    "uncapped_liability",
                    *_span(find("The Customer's liability under this Agreement is unlimited.")),
                    0.94,
                    "model",
                ),
                Label(
                    "governing_law", *_span(find("This Agreement is governed by the laws of Germany.")), 0.99, "model"
                ),
                Label(
                    "governing_law",
                    *_span(find("This Schedule is governed by the laws of England and Wales.")),
                    0.98,
                    "model",
                ),
                Label(
                    "termination_for_convenience",
                    *_span(find("The Supplier may end this Agreement", upto="written notice.")),
                    0.91,
                    "model",
                ),
                Label(
                    "renewal_term", *_span(find("It is renewed for further terms", upto="current term.")), 0.96, "model"
                ),
                Label(
                    "anti_assignment", *_span(find("The Customer may not assign it", upto="consent.")), 0.95, "model"
                ),
                Label(
                    "ip_ownership_assignment", *_span(find("All results, models", upto="the Supplier.")), 0.62, "model"
                ),
                Label(
                    "subcontracting",
                    *_span(find("The Supplier may use subcontractors", upto="consent.")),
                    0.9,
                    "rules",
                    "subcontracting-may",
                ),
                Label(
                    "indemnity",
                    *_span(find("The Customer shall hold", upto="delivered")),
                    0.93,
                    "rules",
                    "indemnity-harmless",
                ),
                Label(
                    "unfair_limitation_of_liability",
                    *_span(find("The Supplier is not liable", upto="consequential loss.")),
                    0.81,
                    "model",
                    level=2,
                ),
            ),
            key=lambda label: label.start,
        )
    )
    classification = Classification(
        Kind("services", 0.93, "master", 0.88, "Master Services Agreement"),
        labels,
        {"cap_on_liability": 0.97},
        source="model",
    )
    judgement = _services_judgement(find, clauses, changes)
    return Review(document, tree, classification, facts, judgement, "contracts-1:int8")


def nda_review() -> Review:
    """A two-page NDA as PDF, judged for no side: one page of it could not be read."""
    text, blocks, clauses = _laid_out(NDA)
    find = _Finder(text)
    document = Document(
        name="nda.pdf",
        format="pdf",
        digest="a7" * 32,
        text=text,
        blocks=blocks,
        places=_page_places(text, second_page=text.index("3. Return")),
        num_pages=3,
        unread=(
            Unread(
                "page 3", "no_text", "the page is a picture without a text layer", "run OCR on it and review it again"
            ),
        ),
    )
    found = find("within thirty (30) days")
    quote = find("On request the recipient shall destroy", upto="for its archive.")
    parties = (
        Party(find("Ostrava Robotics s.r.o."), 1, 0.97, "Ostrava Robotics s.r.o.", role="discloser"),
        Party(find("Pell & Finch LLP"), 1, 0.96, "Pell & Finch LLP", role="recipient"),
    )
    expiry = find("30 September 2028")
    facts = ContractFacts(
        parties=parties,
        dates=(
            ContractDate(expiry, _clause(clauses, expiry), 0.97, "expiration", datetime.date(2028, 9, 30), "given"),
        ),
        periods=(Period(found, _clause(clauses, found), 0.94, "retention", "either", "request", Duration(30, "day")),),
        deadlines=(
            Deadline(
                expiry,
                _clause(clauses, expiry),
                0.97,
                "The agreement ends",
                "both",
                datetime.date(2028, 9, 30),
                "given: 30 September 2028",
            ),
        ),
    )
    archive = Finding(
        id=finding_id("nda-return", quote.text),
        kind="deviation",
        check="nda-return",
        title="A copy may be kept after return",
        level="medium",
        risk={"Ostrava Robotics s.r.o.": "medium", "Pell & Finch LLP": "low"},
        why="The recipient may keep one archive copy without any limit of time.",
        stake="Confidential information stays with the recipient for ever.",
        quotes=(quote,),
        clauses=(_clause(clauses, quote),),
        proof=Proof(
            "nda-return",
            "information must be returned whole",
            (Fact("nda-20", "entailment", evidence=(Evidence("model", "nda-20 entailment", probability=0.88),)),),
        ),
        sources=("model", "playbook"),
        probability=0.88,
    )
    positions = (
        Position(
            "nda-20", "entailment", {"entailment": 0.88, "contradiction": 0.04, "not_mentioned": 0.08}, (_span(quote),)
        ),
        Position("nda-11", "not_mentioned", {"entailment": 0.05, "contradiction": 0.02, "not_mentioned": 0.93}),
    )
    judgement = Judgement(
        Side("", "", "", "no side was given"),
        "NDA",
        (archive,),
        (
            Check("nda-return", "Information is returned whole", "failed"),
            Check("nda-term", "Secrecy ends within five years", "passed"),
        ),
        "medium",
        1.0,
    )
    kind = Kind("nda", 0.98, "master", 0.9, "Mutual Non-Disclosure Agreement")
    return Review(
        document,
        ClauseTree((Part(0, "body", "", 0, len(text)),), clauses),
        Classification(kind, (), {}, positions, "model"),
        facts,
        judgement,
        "contracts-1:int8",
    )


def quiet_review() -> Review:
    """A one-line text that fits no playbook and in which nothing was found."""
    text = "The parties agree to meet once a quarter."
    document = Document("note.txt", "txt", "0c" * 32, text, (Block(0, len(text)),), Places(np.zeros(0, dtype=np.int64)))
    judgement = Judgement(Side("", "", "", "no side was given"), "", (), (), None)
    return Review(
        document,
        ClauseTree((), ()),
        Classification(Kind("other", 0.4, "other", 0.5), ()),
        ContractFacts(),
        judgement,
        "rules",
    )


def hostile_review() -> Review:
    """The services agreement with text, names and suggestions that try to break out of every format."""
    attack = (
        "</script><script>document.title='owned'</script><img src=x onerror=alert(1)> {{7*7}} ‮gnp.exe "
        + "\x00\x07"
        + "W" * 3000
        + " =cmd|' /C calc'!A0 ]]> <!-- \ud800"
    )
    review = services_review(attack)
    first = review.judgement.findings[0]
    words = review.document.words(len(review.document.text) - len(attack), len(review.document.text))
    poisoned = replace(
        first,
        id="ab\"><b>&'",
        title='=HYPERLINK("http://example.invalid","x")',
        why="@SUM(1+1)*cmd|' /C calc'!A0 \x0b",
        quotes=(words,),
        suggestion=Suggestion("+1+1</textarea><script>alert(2)</script>", "-law"),
    )
    parties = (replace(review.facts.parties[0], name="-2+3+cmd|' /C calc'!A0"), *review.facts.parties[1:])
    return replace(
        review,
        document=replace(review.document, name="=cmd()\n<b>.docx"),
        facts=replace(review.facts, parties=parties),
        judgement=replace(review.judgement, findings=(poisoned, *review.judgement.findings[1:])),
    )


class _Finder:
    """Finds stretches of a text; a stretch may end at the end of another phrase."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __call__(self, phrase: str, *, upto: str = "") -> Words:
        start = self.text.index(phrase)
        end = self.text.index(upto, start) + len(upto) if upto else start + len(phrase)
        return Words(start, end, self.text[start:end])


def _span(words: Words) -> tuple[int, int]:
    return words.start, words.end


def _clause(clauses: Sequence[Clause], words: Words) -> int:
    return max(clause.index for clause in clauses if clause.start <= words.start)


def _laid_out(outline: Sequence[tuple[int, str, str, str]]) -> tuple[str, tuple[Block, ...], tuple[Clause, ...]]:
    text, blocks, clauses = "", [], []
    parents: dict[int, int] = {}
    part = 0
    for level, number, heading, words in outline:
        if text:
            text += "\n\n"
        start = len(text)
        lead = " ".join(piece for piece in (number, heading + ("." if heading and words else "")) if piece)
        text += " ".join(piece for piece in (lead, words) if piece)
        is_heading = not words
        kind = "heading" if is_heading else "table_row" if "\t" in words else "list_item" if number else "paragraph"
        blocks.append(Block(start, len(text), kind, 1 if is_heading else None, number))
        if "SCHEDULE" in heading:
            part = 1
        if level < 0 and clauses and clauses[-1].kind != "title":
            clauses[-1] = replace(clauses[-1], end=len(text))
            continue
        index = len(clauses)
        parents = {depth: clause for depth, clause in parents.items() if depth < level}
        parent = parents.get(level - 1) if level > 1 else None
        parents[level] = index
        kind_of = "title" if level == 0 else "preamble" if level < 0 else "clause"
        clauses.append(
            Clause(index, part, parent, max(level, 0), kind_of, number, number.rstrip("."), heading, start, len(text))
        )
    return text, tuple(blocks), tuple(clauses)


def _paragraph_places(blocks: Sequence[Block]) -> Places:
    return Places(
        np.array([block.start for block in blocks], dtype=np.int64),
        paragraphs=np.arange(len(blocks), dtype=np.int32),
        offsets=np.zeros(len(blocks), dtype=np.int32),
    )


def _page_places(text: str, second_page: int) -> Places:
    starts, pages, boxes = [], [], []
    y, x = 760.0, 72.0
    for position in range(len(text)):
        if position == 0 or text[position - 1] in " \n":
            if text[max(0, position - 2) : position] == "\n\n" or x > 480:
                x, y = 72.0, y - 16
            if position == second_page:
                y = 760.0
            starts.append(position)
            pages.append(1 if position < second_page else 2)
            boxes.append((x, y, x + 40, y + 11))
            x += 44
    return Places(np.array(starts), pages=np.array(pages, dtype=np.int32), boxes=np.array(boxes, dtype=np.float32))


def _services_facts(find: _Finder, clauses: Sequence[Clause]) -> ContractFacts:
    def at(words: Words, confidence: float = 0.95) -> tuple[Words, int, float]:
        return words, _clause(clauses, words), confidence

    month = find("the fees paid in the one (1) month before the event")
    return ContractFacts(
        parties=(
            Party(*at(find(US), 0.98), US, ("Customer",), "customer", "company", "England and Wales"),
            Party(*at(find(THEM), 0.98), THEM, ("Supplier",), "supplier", "GmbH", "Germany"),
        ),
        dates=(
            ContractDate(*at(find("3 March 2025"), 0.99), "agreement", datetime.date(2025, 3, 3), "given"),
            ContractDate(*at(find("1 April 2025"), 0.98), "effective", datetime.date(2025, 4, 1), "given"),
            ContractDate(
                *at(find("three (3) years"), 0.94),
                "expiration",
                datetime.date(2028, 3, 31),
                "computed",
                "2025-04-01 + 3 years - 1 day = 2028-03-31",
            ),
        ),
        term=Term(*at(find("three (3) years")), Duration(3, "year")),
        renewal=Renewal(
            *at(find("It is renewed for further terms", upto="current term.")),
            True,
            Duration(12, "month"),
            None,
            Duration(90, "day"),
        ),
        periods=(
            Period(
                *at(find("within fourteen (14) days after receipt")),
                "payment",
                US,
                "receipt of the invoice",
                Duration(14, "day"),
                "unsaid",
                "receipt",
            ),
            Period(
                *at(find("thirty (30) days' written notice")),
                "terminate_for_convenience",
                THEM,
                "",
                Duration(30, "day"),
                "unsaid",
                "sending",
            ),
            Period(
                *at(find("within thirty (30) days after written notice of it")),
                "cure",
                "either",
                "material breach",
                Duration(30, "day"),
                "calendar",
                "receipt",
            ),
            Period(
                *at(find("within ten (10) business days")),
                "retention",
                "both",
                "end",
                Duration(10, "business_day"),
                "business",
                "event",
            ),
        ),
        caps=(
            Cap(
                *at(month),
                THEM,
                None,
                month.text,
                1.0,
                "aggregate",
                Duration(1, "month"),
                ("death", "personal injury", "wilful misconduct"),
            ),
        ),
        uncapped=(Uncapped(*at(find("The Customer's liability under this Agreement is unlimited.")), US, ()),),
        exclusions=(
            LossExclusion(
                *at(find("loss of profit, loss of data or any indirect or consequential loss")),
                THEM,
                ("lost profits", "loss of data", "indirect", "consequential"),
            ),
        ),
        interest=(Interest(*at(find("1.5 per cent a month")), 1.5, "month"),),
        amounts=(
            Amount(*at(find("EUR 18,500")), Money(Decimal("18500"), "EUR"), "monthly fee"),
            Amount(*at(find("EUR 40,000")), Money(Decimal("40000"), "EUR"), "set-up"),
        ),
        laws=(
            Law(*at(find("the laws of Germany", upto="Germany")), "law", "Germany"),
            Law(*at(find("The courts of Hamburg")), "forum", "Hamburg", True),
            Law(
                *at(find("This Schedule is governed by the laws of England and Wales.")),
                "law",
                "England and Wales",
                None,
                "Schedule A",
            ),
        ),
        signatures=(
            Signature(*at(find("/s/ E. Marsh, Director")), US, "E. Marsh", "Director", "", True),
            Signature(*at(find("Tidewater Data GmbH: ____________")), THEM, "", "", "", False),
        ),
        obligations=(
            Obligation(
                *at(find("The Customer shall pay each invoice", upto="receipt.")),
                US,
                "pay each invoice",
                Duration(14, "day"),
            ),
            Obligation(
                *at(find("report each month on the quality of the data received"), 0.8),
                THEM,
                "report each month on the quality of the data received",
            ),
        ),
        deadlines=(
            Deadline(
                *at(find("at least ninety (90) days before the end of the current term"), 0.93),
                "Last day to stop renewal",
                "either",
                datetime.date(2027, 12, 31),
                "2028-03-31 - 90 days = 2028-01-01; the day before, as the earliest reading: 2027-12-31",
            ),
            Deadline(
                *at(find("three (3) years"), 0.94),
                "First term ends",
                "both",
                datetime.date(2028, 3, 31),
                "2025-04-01 + 3 years - 1 day = 2028-03-31",
            ),
            Deadline(
                *at(find("within ten (10) business days"), 0.9),
                "Return or destroy information",
                "both",
                None,
                "end of the agreement + 10 business days",
                "date of the end",
            ),
            Deadline(
                *at(find("2.2 Service levels"), 0.6),
                "Review service levels",
                US,
                datetime.date(2026, 4, 1),
                "2025-04-01 + 1 year = 2026-04-01",
            ),
        ),
    )


def _services_judgement(find: _Finder, clauses: Sequence[Clause], changes: tuple[Change, ...]) -> Judgement:
    def model(category: str, probability: float) -> Evidence:
        return Evidence("model", category, probability=probability)

    def words(found: Words) -> Evidence:
        return Evidence("words", found.text, found.start, found.end)

    def finding(
        check: str,
        kind: str,
        title: str,
        level: str,
        other: str,
        why: str,
        stake: str,
        quotes: Sequence[Words],
        proof: Proof,
        **more: object,
    ) -> Finding:
        return Finding(
            id=finding_id(check, "".join(quote.text for quote in quotes)),
            kind=kind,
            check=check,
            title=title,
            level=level,
            risk={US: level, THEM: other},
            why=why,
            stake=stake,
            quotes=tuple(quotes),
            clauses=tuple(_clause(clauses, quote) for quote in quotes),
            proof=proof,
            sources=more.pop("sources", ("model", "rules", "playbook")),
            **more,
        )

    cap = find("The Supplier's total liability under", upto="wilful misconduct.")
    month = find("the fees paid in the one (1) month before the event")
    unlimited = find("The Customer's liability under this Agreement is unlimited.")
    convenience = find("The Supplier may end this Agreement", upto="under clause 4.3.")
    law, schedule_law = (
        find("This Agreement is governed by the laws of Germany."),
        find("This Schedule is governed by the laws of England and Wales."),
    )
    suspend = find("The Supplier may suspend", upto="without notice.")
    assign = find("The Supplier may assign", upto="written consent.")
    payment = find("within fourteen (14) days after receipt")
    unsigned = find("Tidewater Data GmbH: ____________")
    findings = (
        finding(
            "cap-theirs-12-months",
            "red_line",
            "The Supplier's liability is capped at one month of fees",
            "high",
            "low",
            "Your line asks for at least twelve months of fees; the contract gives one.",
            "A lost quarter of production data could not be recovered beyond EUR 18,500.",
            (cap,),
            Proof(
                "cap-theirs-12-months",
                "cap.theirs.months_of_fees >= 12",
                (Fact("cap.theirs.months_of_fees", 1.0, "months", 0.95, (words(month),)),),
                (
                    Proof(
                        "cap-not-exclusion",
                        "a cap states a greatest sum; an exclusion states none",
                        (Fact("cap_on_liability", True, "", 0.97, (model("cap_on_liability", 0.97),)),),
                        overrules=("exclusion-of-loss",),
                    ),
                ),
            ),
            probability=0.97,
            suggestion=Suggestion(
                "The Supplier's total liability in each contract year shall not exceed the fees paid or payable in that year, and in any case not less than EUR 222,000. Nothing limits liability for death, personal injury, fraud or wilful misconduct.",
                "England and Wales",
                "Check against statutory control of limits in standard terms.",
            ),
            fallback=Suggestion(
                "The Supplier's total liability shall not exceed the fees of the six months before the event.",
                "England and Wales",
            ),
            overruled=(
                "The model read 7.2 as a cap too (0.58); rule cap-not-exclusion set that aside: it names no sum.",
            ),
        ),
        finding(
            "uncapped-ours",
            "one_sided",
            "Your own liability has no limit while theirs has",
            "high",
            "low",
            "The Supplier's liability ends at one month of fees; yours does not end.",
            "An indemnity claim on delivered data has no ceiling.",
            (unlimited, cap),
            Proof(
                "uncapped-ours",
                "liability of ours must be capped where theirs is",
                (Fact("uncapped.ours", True, "", 0.94, (words(unlimited), model("uncapped_liability", 0.94))),),
            ),
            probability=0.94,
        ),
        finding(
            "data-protection",
            "missing",
            "No data protection clause was found",
            "high",
            "low",
            "The services process data on your behalf, and no clause says how personal data are handled.",
            "Fines and claims for processing without the required terms.",
            (),
            Proof("data-protection", "a data protection clause is required", (Fact("data_protection", None),)),
            sources=("rules", "playbook"),
            recall="Not found; on held-out contracts we find 92 of 100 such clauses [86, 96].",
            suggestion=Suggestion(
                "Where the Supplier processes personal data for the Customer it does so only on documented instructions, keeps them secure, and returns or deletes them at the end.",
                "England and Wales",
                "A full processing agreement is usually annexed.",
            ),
        ),
        finding(
            "convenience-ours",
            "one_sided",
            "Only the Supplier may end the contract without cause",
            "medium",
            "low",
            "The Supplier may leave on thirty days' notice; you are bound for three years.",
            "Up to EUR 666,000 of fees are committed.",
            (convenience,),
            Proof(
                "convenience-ours",
                "a right to end for convenience held by them must be held by us",
                (Fact("period.terminate_for_convenience.theirs.days", 30, "days", 0.95, (words(convenience),)),),
            ),
            probability=0.91,
        ),
        finding(
            "two-laws",
            "contradiction",
            "Two laws are named for one agreement",
            "medium",
            "medium",
            "Clause 8.2 names Germany, Schedule A names England and Wales.",
            "Which rules on limits of liability apply would be argued first.",
            (law, schedule_law),
            Proof(
                "two-laws",
                "one agreement has one governing law",
                (
                    Fact("law", "Germany", evidence=(words(law),)),
                    Fact("law", "England and Wales", evidence=(words(schedule_law),)),
                ),
            ),
            sources=("rules",),
        ),
        finding(
            "suspension-notice",
            "change",
            "A tracked change removes the notice before suspension",
            "medium",
            "low",
            "48 hours' notice became none.",
            "Reports could fail without warning.",
            (suspend,),
            Proof(
                "suspension-notice",
                "notice of suspension: 48 hours -> none",
                (Fact("period.change_notice", None, evidence=(words(suspend),)),),
            ),
            sources=("rules",),
            changes=changes,
        ),
        finding(
            "assign-mutual",
            "deviation",
            "Assignment is free for the Supplier, barred for you",
            "low",
            "low",
            "Consent is asked of one side only.",
            "",
            (assign,),
            Proof(
                "assign-mutual",
                "assignment needs the other's consent, both ways",
                (Fact("anti_assignment", "ours only", evidence=(words(assign), model("anti_assignment", 0.95))),),
            ),
            probability=0.95,
        ),
        finding(
            "payment-30",
            "deviation",
            "Fourteen days to pay, you prefer thirty",
            "low",
            "low",
            "Invoices fall due fourteen days after receipt.",
            "Interest of 1.5 per cent a month on late sums.",
            (payment,),
            Proof("payment-30", "payment.days >= 30", (Fact("payment.days", 14, "days", 0.95, (words(payment),)),)),
        ),
        finding(
            "signed",
            "signature",
            "No readable signature of Tidewater Data GmbH",
            "low",
            "low",
            "The line beside its name holds no readable signature.",
            "",
            (unsigned,),
            Proof(
                "signed",
                "each party's block holds a readable signature",
                (Fact("signature.theirs", False, evidence=(words(unsigned),)),),
            ),
            sources=("rules", "playbook"),
        ),
    )
    failed = tuple(
        Check(found.check, found.title, "failed", quotes=found.quotes, clauses=found.clauses)
        for found in findings
        if found.kind not in ("contradiction", "change")
    )
    others = (
        Check(
            "cure",
            "A breach may be cured",
            "passed",
            "30 days",
            (find("within thirty (30) days after written notice of it"),),
            (),
        ),
        Check(
            "confidentiality",
            "Information is kept secret",
            "passed",
            "",
            (find("Each party shall keep", upto="purposes of this Agreement only"),),
            (),
        ),
        Check(
            "insurance",
            "The supplier carries insurance",
            "undecided",
            "schedule B, which would hold it, was not supplied",
        ),
        Check("escrow", "Source code is in escrow", "not_applicable", "no software is licensed"),
    )
    return Judgement(
        Side("Harrow Mills", US, "customer", "“Harrow Mills” is part of the name of the first party."),
        "Commercial agreement, as customer",
        findings,
        (*failed, *others),
        "high",
        14.5,
        {"low": 2},
        ("The playbook was chosen by the type of contract.",),
    )

"""Which classes of clause stand: the classifier's labels, set right by rules on words and facts.

The classifier concludes first; then rules may overrule it where the words say otherwise (an exclusion of losses is no limit of
liability, an end "for cause" is none for convenience), and facts add what it did not see. Each conclusion carries its proof in the
form of ``core/rules``, each overruling the sentence that says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from ..core.rules import Conclusion, Evidence, Fact, Facts, Proof, Rule, conclude
from .categories import CATEGORIES
from .classify import Classification, Label
from .clauses import ClauseTree
from .document import Document, Words
from .facts.types import ContractFacts, Found
from .named_only import only_named
from .vocabulary import evidence_of
from .wording import EXCEPTION, sentence_around, sentence_of

CLASSIFIER = "classifier"


@dataclass(frozen=True)
class Reading:
    """One clause of a category that stands: its words, how sure, who said so (``model`` or ``rules``), and the proof.

    ``level`` is an unfair term's (2 potentially, 3 clearly unfair); ``probability`` the classifier's, None where a fact alone speaks, and
    ``threshold`` what it had to pass.
    """

    category: str
    words: Words
    clause: int | None
    source: str
    proof: Proof
    probability: float | None = None
    level: int | None = None
    threshold: float = 0.5


@dataclass(frozen=True)
class Overruled:
    """A label that a rule set aside, and the sentence that says why."""

    category: str
    words: Words
    sentence: str
    proof: Proof


@dataclass(frozen=True)
class Standing:
    """All readings that stand, in text order, and all labels set aside."""

    readings: tuple[Reading, ...]
    overruled: tuple[Overruled, ...]

    def of(self, categories: Iterable[str]) -> tuple[Reading, ...]:
        """The readings of some categories."""
        wanted = frozenset(categories)
        return tuple(reading for reading in self.readings if reading.category in wanted)

    def set_aside(self, categories: Iterable[str]) -> tuple[Overruled, ...]:
        """The labels of some categories that were overruled."""
        wanted = frozenset(categories)
        return tuple(label for label in self.overruled if label.category in wanted)


@dataclass(frozen=True)
class _Case:
    document: Document
    tree: ClauseTree
    facts: ContractFacts

    def words(self, label: Label) -> Words:
        return self.document.words(label.start, label.end)

    def sentence(self, label: Label) -> str:
        return sentence_of(self.document.text, self.words(label))


def settle(document: Document, tree: ClauseTree, classification: Classification, facts: ContractFacts) -> Standing:
    """Let the rules look at each label, and the facts add what no label says."""
    case = _Case(document, tree, facts)
    labels = {_subject(label): label for label in classification.labels}
    rules = [Rule(CLASSIFIER, "What the classifier reads.", _classified)]
    rules += [Rule(name, sentence, _overruling(name, test, case)) for name, sentence, test in OVERRULING]
    standing: list[Conclusion] = []
    set_aside: list[tuple[Conclusion, Proof]] = []
    for label in labels.values():  # one at a time: no rule looks at two labels, and a long contract has thousands
        fact = Fact(f"label.{label.category}", True, "", label.probability, _evidence(case, label), about=label)
        verdicts = conclude(rules, Facts([fact]))
        standing += verdicts.standing
        set_aside += verdicts.overruled
    readings = [
        _reading(case, labels[conclusion.subject], conclusion.proof) for conclusion in standing if conclusion.value
    ]
    readings += _added(case, readings)
    overruled = [
        Overruled(labels[earlier.subject].category, case.words(labels[earlier.subject]), proof.sentence, proof)
        for earlier, proof in set_aside
    ]
    return Standing(tuple(sorted(readings, key=lambda reading: reading.words.start)), tuple(overruled))


def _subject(label: Label) -> str:
    return f"{label.category}@{label.start}-{label.end}"


def _evidence(case: _Case, label: Label) -> tuple[Evidence, ...]:
    title = CATEGORIES[label.category].title if label.category in CATEGORIES else label.category
    spoken = f"read as {title} by {'the model' if label.source == 'model' else 'rule ' + label.rule}".strip()
    said = Evidence("model", spoken, label.start, label.end, label.probability)
    return (said, Evidence("words", case.words(label).text, label.start, label.end))


def _classified(facts: Facts) -> Iterator[Conclusion]:
    for fact in facts:
        label: Label = fact.about
        title = CATEGORIES[label.category].title if label.category in CATEGORIES else label.category
        who = "The model" if label.source == "model" else f"The rule {label.rule}".strip()
        sentence = f"{who} reads these words as {title} ({label.probability:.2f})."
        yield Conclusion(_subject(label), True, Proof(CLASSIFIER, sentence, (fact,)))


def _overruling(name: str, test: _Test, case: _Case) -> Callable[[Facts], Iterator[Conclusion]]:
    def apply(facts: Facts) -> Iterator[Conclusion]:
        for fact in facts:
            label: Label = fact.about
            result = test(case, label)
            if result is None:
                continue
            why, against = result
            title = CATEGORIES[label.category].title
            who = "the model" if label.source == "model" else "the rules"
            sentence = f"{who.capitalize()} read {title} here ({label.probability:.2f}); set aside: {why}"
            proof = Proof(name, sentence, (*against, fact), overrules=(CLASSIFIER,))
            yield Conclusion(_subject(label), False, proof)

    return apply


_Test = Callable[[_Case, Label], tuple[str, tuple[Fact, ...]] | None]


def _touching(facts: Sequence[Found], label: Label) -> list[Found]:
    return [fact for fact in facts if fact.words.start < label.end and fact.words.end > label.start]


def _as_facts(name: str, found: Sequence[Found]) -> tuple[Fact, ...]:
    return tuple(Fact(name, True, "", fact.confidence, evidence_of(fact), about=fact) for fact in found)


def _exclusion_is_no_cap(case: _Case, label: Label) -> tuple[str, tuple[Fact, ...]] | None:
    if label.category != "cap_on_liability" or _touching(case.facts.caps, label):
        return None
    if _SETS_A_LIMIT.search(case.words(label).text):
        return None
    bars = _touching(case.facts.time_bars, label)
    exclusions = _touching(case.facts.exclusions, label)
    if exclusions:
        return "the words exclude kinds of loss and set no limit.", _as_facts("exclusion", exclusions)
    if bars:
        return "the words limit the time for claims, not their amount.", _as_facts("time_bar", bars)
    return None


_SETS_A_LIMIT = re.compile(
    r"\b(?:aggregate|total|maximum|cumulative|entire|overall)\b[^.;]{0,60}\bliabilit|\b(?:not|nor|never) exceed|\bin excess of\b"
    r"|\b(?:limited|equal) to\b|\b(?:lesser|greater|higher|lower) of\b",
    re.I,
)
_CAUSE = re.compile(
    r"\bfor (?:good |just )?cause\b|\bmaterial(?:ly)? breach|\bin breach\b|\bdefault\b|\binsolven|\bbankrupt|\bfails? to (?:cure|pay|perform)",
    re.I,
)
_FREELY = re.compile(
    r"\bwithout (?:good |any )?(?:cause|reason)\b|\bfor convenience\b|\b(?:for )?any (?:or no )?reason\b|\bno reason\b|\bat any time\b"
    r"|\bwith or without\b|\b(?:sole|absolute) discretion\b|\bat will\b",
    re.I,
)
_UNLIMITED = re.compile(
    r"\bunlimited\b|\bwithout limit|\bno (?:limit|cap)|\bnot be (?:limited|capped|subject to)|\bshall not (?:limit|apply|exclude)|\bnothing\b"
    r"|\bnot (?:limit|exclude)|\bexcept|\bother than|\bprovided\b|\buncapped\b",
    re.I,
)
_NON_EXCLUSIVE = re.compile(r"\bnon-?\s?exclusive(?:ly)?\b", re.I)
_EXCLUSIVE = re.compile(
    r"(?<!non)(?<!non-)(?<!non )\bexclusiv|\bsole(?:ly)?\b|\bonly\b|\bnot (?:purchase|sell|offer)", re.I
)
_FREE_TO_COMPETE = re.compile(
    r"\bnothing (?:in|herein|contained)[^.]{0,80}\b(?:prevents?|restricts?|prohibits?|precludes?|limits?)\b"
    r"|\bshall be free to\b|\bis not (?:prevented|restricted|prohibited)",
    re.I,
)
_MAY_ASSIGN = re.compile(
    r"\b(?:may|shall be free to)\s+(?:freely\s+)?assign\b[^.]{0,120}\bwithout\b[^.]{0,40}\bconsent", re.I
)
_MAY_NOT_ASSIGN = re.compile(
    r"\b(?:not|neither|no)\b[^.]{0,80}\bassign|\bassign\w*\b[^.]{0,80}\b(?:void|prohibited)\b", re.I
)


def _cause_is_no_convenience(case: _Case, label: Label) -> tuple[str, tuple[Fact, ...]] | None:
    if label.category not in ("termination_for_convenience", "unfair_unilateral_termination"):
        return None
    sentence = case.sentence(label)
    if _CAUSE.search(sentence) and not _FREELY.search(sentence):
        return "the words let the contract end for cause only.", ()
    return None


def _capped_is_not_uncapped(case: _Case, label: Label) -> tuple[str, tuple[Fact, ...]] | None:
    if label.category != "uncapped_liability" or _touching(case.facts.uncapped, label):
        return None
    caps = _touching(case.facts.caps, label)
    if caps and not _UNLIMITED.search(case.sentence(label)):
        return "the words set a limit of liability and leave no loss out of it.", _as_facts("cap", caps)
    return None


def _uncapped_is_no_cap(case: _Case, label: Label) -> tuple[str, tuple[Fact, ...]] | None:
    if label.category != "cap_on_liability" or _touching(case.facts.caps, label):
        return None
    uncapped = _touching(case.facts.uncapped, label)
    if uncapped and not _touching(case.facts.exclusions, label) and not _touching(case.facts.time_bars, label):
        return "the words say that liability is without limit.", _as_facts("uncapped", uncapped)
    return None


def _non_exclusive(case: _Case, label: Label) -> tuple[str, tuple[Fact, ...]] | None:
    if label.category != "exclusivity":
        return None
    words = case.words(label).text
    if _NON_EXCLUSIVE.search(words) and not _EXCLUSIVE.search(_NON_EXCLUSIVE.sub(" ", words)):
        return 'the words say "non-exclusive".', ()
    return None


def _free_to_compete(case: _Case, label: Label) -> tuple[str, tuple[Fact, ...]] | None:
    if label.category not in ("non_compete", "exclusivity") or _EXCLUSIVE.search(case.words(label).text):
        return None
    if _FREE_TO_COMPETE.search(case.sentence(label)):
        return "the words leave the party free.", ()
    return None


def _free_to_assign(case: _Case, label: Label) -> tuple[str, tuple[Fact, ...]] | None:
    if label.category != "anti_assignment":
        return None
    sentence = case.sentence(label)
    if _MAY_ASSIGN.search(sentence) and not _MAY_NOT_ASSIGN.search(sentence) and not EXCEPTION.search(sentence):
        return "the words let a party assign without consent.", ()
    return None


def _heading_is_no_term(case: _Case, label: Label) -> tuple[str, tuple[Fact, ...]] | None:
    if not label.category.startswith("unfair_"):
        return None
    clause = case.tree.at(label.start)
    words = case.words(label).text
    if clause is None or not clause.heading or not words.strip(" .").endswith(clause.heading.strip(" .")):
        return None
    bare = words.strip(" .").removesuffix(clause.heading.strip(" .")).strip(" .")
    if bare and bare != clause.number.strip(" ."):
        return None
    return "the words are a heading.", ()


_RESTRICTS = frozenset(
    {"non_compete", "exclusivity", "no_solicit_of_customers", "no_solicit_of_employees", "minimum_commitment"}
)
_DEFINES = re.compile(
    r"[\"“][^\"”]{2,60}[\"”]?,?\s+(?:shall\s+|will\s+)?(?:means?\b|refers?\s+to|has\s+the\s+meaning)|\bas used in this\b[^.;]{0,60}\bmeans?\b",
    re.I,
)
_BINDS = re.compile(
    r"\b(?:shall|will|must|may|agrees?|undertakes?)\s+(?:not\b|purchase|order|buy|pay|deal)|\bnot\s+to\b", re.I
)


def _definition_binds_nobody(case: _Case, label: Label) -> tuple[str, tuple[Fact, ...]] | None:
    if label.category not in _RESTRICTS:
        return None
    sentence = case.sentence(label)
    if _DEFINES.search(sentence[:160]) and not _BINDS.search(sentence):
        return "the words define a term.", ()
    return None


def _named_in_a_limit(case: _Case, label: Label) -> tuple[str, tuple[Fact, ...]] | None:
    if only_named(label.category, case.sentence(label)):
        return "the words speak of liability and only name it.", ()
    return None


OVERRULING: tuple[tuple[str, str, _Test], ...] = (
    ("exclusion-is-no-cap", "An exclusion of losses or a time bar is no limit of liability.", _exclusion_is_no_cap),
    ("uncapped-is-no-cap", "Liability without limit is no limit of liability.", _uncapped_is_no_cap),
    ("capped-is-not-uncapped", "A limit of liability with nothing left out is not unlimited.", _capped_is_not_uncapped),
    ("cause-is-no-convenience", "An end for cause is none for convenience.", _cause_is_no_convenience),
    ("heading-is-no-term", "A heading says what a clause is about and binds nobody.", _heading_is_no_term),
    ("definition-binds-nobody", "A definition restricts nobody by itself.", _definition_binds_nobody),
    ("named-in-a-limit", "What a limit of liability leaves out is no clause of its own.", _named_in_a_limit),
    ("non-exclusive", "What is non-exclusive binds nobody to one partner.", _non_exclusive),
    ("free-to-compete", "Words that leave a party free do not bind it.", _free_to_compete),
    ("free-to-assign", "Words that allow assignment do not forbid it.", _free_to_assign),
)
"""Rules that may set a label aside: id, sentence, test. A test gives why, and the facts it rests on, or None."""


def _by_facts(facts: ContractFacts) -> Iterator[tuple[str, Found]]:
    rights = {
        "terminate_for_convenience": "termination_for_convenience",
        "terminate_for_cause": "termination_for_cause",
        "cure": "termination_for_cause",
        "prevent_renewal": "notice_period_to_terminate_renewal",
        "payment": "payment",
        "warranty": "warranty_duration",
        "confidentiality": "confidentiality",
        "non_compete": "non_compete",
        "audit_notice": "audit_rights",
    }
    for period in facts.periods:
        if period.right in rights:
            yield rights[period.right], period
    for cap in facts.caps:
        yield "cap_on_liability", cap
    for uncapped in facts.uncapped:
        yield "uncapped_liability", uncapped
    for law in facts.laws:
        yield "governing_law" if law.kind == "law" else "disputes", law
    for interest in facts.interest:
        yield "late_interest", interest
    for date in facts.dates:
        if date.value is not None or date.status == "perpetual":
            yield f"{date.kind}_date", date
    if facts.renewal is not None:
        yield "renewal_term", facts.renewal
        if facts.renewal.notice is not None:
            yield "notice_period_to_terminate_renewal", facts.renewal
    if facts.term is not None:
        yield "expiration_date", facts.term
    for party in facts.parties:
        yield "parties", party


MIN_FACT_CONFIDENCE = 0.6


def _added(case: _Case, readings: Sequence[Reading]) -> list[Reading]:
    labelled = {reading.category for reading in readings}
    added: list[Reading] = []
    for category, found in _by_facts(case.facts):
        if category in labelled or found.confidence < MIN_FACT_CONFIDENCE:
            continue
        title = CATEGORIES[category].title
        fact = Fact(f"fact.{category}", True, "", found.confidence, evidence_of(found), about=found)
        proof = Proof(f"fact-shows-{category}", f"A fact read from these words shows {title}; no label did.", (fact,))
        added.append(Reading(category, found.words, found.clause, "rules", proof))
    return added


MIN_SPAN_WORDS = 3
_SHORT_BY_NATURE = frozenset(
    {
        "document_name",
        "parties",
        "agreement_date",
        "effective_date",
        "expiration_date",
        "renewal_term",
        "notice_period_to_terminate_renewal",
        "governing_law",
        "warranty_duration",
    }
)


def _shown(case: _Case, label: Label) -> Words:
    """The label's words; their sentence where the span is a scrap of it ("enter", "rights permit") that shows a reader nothing."""
    words = case.words(label)
    if label.category in _SHORT_BY_NATURE or len(words.text.split()) >= MIN_SPAN_WORDS:
        return words
    return case.document.words(*sentence_around(case.document.text, words.start, words.end))


def _reading(case: _Case, label: Label, proof: Proof) -> Reading:
    clause = case.tree.at(label.start)
    return Reading(
        label.category,
        _shown(case, label),
        clause.index if clause else None,
        label.source,
        proof,
        label.probability,
        label.level,
        label.threshold,
    )

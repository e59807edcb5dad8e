"""What the words of an NDA themselves say on a position: rules of polarity that overrule the classifier, or leave an answer open.

A model finds the clause that speaks of a position; whether the clause says so or the contrary turns on a modal or a negation ("may use", "need
not return", "is deemed Confidential Information"). For each position ``POLARITIES`` holds words that affirm it and words that deny it. ``stance`` looks for
both in every sentence: an answer is turned where they speak clearly one way, and left open where they speak both ways, where what backs the answer carries an
opposing modal or negation, or where nothing backs it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from .classify import Choice, Position
from .clause_rules.rule import Sentence, sentences
from .document import Document, Words
from .passages import cut

MAX_SHOWN = 3
NEAR = (-1, 0, 1, 2)
"""Sentences around those that an answer rests on: a list is cut into its items."""
NEVER = r"(?!)"
"""A pattern that nothing matches."""

_NO = r"\b(?:not|nor|neither|no|never|nothing|none|cannot)\b"
_NO_BUT_LIMITS = (
    r"\b(?:not(?! (?:restricted|limited))|no(?! (?:restrict|limit))|nor|neither|never|nothing|none|cannot)\b"
)
_MAY = r"(?<!neither party )(?<!no party )\b(?:may|can|(?:is|are|be|remains?) (?:\w+ )?(?:free|permitted|entitled|allowed|authori[sz]ed) to|has the right to|have the right to)\b(?! (?:not|only|solely|neither)\b)"
_MAY_NOT = r"\b(?:(?:shall|may|must|will|can|should) (?:not|never)|cannot|(?:is|are|be) (?:not (?:permitted|allowed|entitled)|prohibited|forbidden|barred)|agrees? (?:\w+ )?not to|(?:no|neither) (?:party|recipient|receiving party) (?:shall|may|will))\b"
_TELL = r"\b(?:pass(?:es|ed|ing)?\b|disclos|reveal|provid|furnish|make[s ]+available|communicat|divulg|shar|giv|show|releas|transmit)\w*"
_NO_DUTY = r"\b(?:need not|(?:is|are|be|was) (?:under )?(?:not|no) (?:be )?(?:required|oblig\w+|bound|obligation|duty)|(?:shall|will|does|do) not (?:be (?:required|oblig\w+|bound)|have (?:any|an) (?:obligation|duty)|have to)|(?:has|have|under) no (?:obligation|duty|requirement)|no (?:obligation|duty|requirement)\b[^.;]{0,20}\b(?:to|of))\b"
_SECRET = r"\b(?:is|are|(?:shall|will|must) be|remains?|constitutes?)\b[^.;]{0,50}\bconfidential information\b"
_BUT_WORDS = r"except|unless|other than|save|provided|however|only|solely|until|without the"
_BUT = rf"\b(?:{_BUT_WORDS})\b"


@dataclass(frozen=True)
class Polarity:
    """Words by which a sentence affirms a position or denies it; ``topic`` finds the sentences that speak of it at all, ``unless`` the words in
    a denying sentence that leave it in doubt.

    ``leave`` is for a position that is a duty or a bar: a mere permission to do this opposes it; without it the position is a permission, which a
    negated one opposes. ``wary``: a denial in doubt opposes too. ``exceptions``: a denial beside an affirmation is an exception to it, and the affirmation stands.
    ``marks``: "whether or not marked" is about the position itself. ``restores``: words clear enough to turn an answer of ``not_mentioned`` or ``contradiction`` into ``entailment``.
    """

    topic: str
    denies: str
    unless: str = ""
    affirms: str = ""
    leave: str = ""
    marks: bool = False
    wary: bool = False
    exceptions: bool = False
    restores: bool = False


_SOLICIT = r"\b(?:solicit|hire|hiring|recruit|entic)\w*"
_REQUIRED_BY_LAW = r"\b(?:law|laws|court|subpoena|legal|regulat\w+|governmental|judicial|compel\w*)\b"
_RETURN = r"\b(?:return|destroy|deliver up|surrender|eras|delet)\w*"

POLARITIES: Mapping[str, Polarity] = {
    "nda-1": Polarity(
        topic=r"mark|label|legend|designat|identif|stamp|confirm",
        marks=True,
        denies=r"\b(?:whether or not|regardless of whether|irrespective of whether|even if not|need not be|without being)\b[^.;]{0,40}\b(?:marked|labell?ed|designated|identified)\b",
        leave=NEVER,
    ),
    "nda-2": Polarity(
        topic=r"technical|technolog|specification|design|software",
        denies=r"\ball\b[^.;]{0,40}\b(?:business|financial|commercial)\b[^.;]{0,60}\btechnical\b|\btechnical\b[^.;]{0,60}\b(?:business|financial|commercial|marketing)\b",
        unless=r"\b(?:only|solely|limited to|does not)\b",
        affirms=r"\b(?:means?|consists?|is|are|include)\b[^.;]{0,40}(?<!not )\b(?:only|solely|exclusively|limited to|nothing but)\b[^.;]{0,20}\btechnical (?:information|data|know-how)\b|\b(?:means?|consists?|is|are|includes?)\b[^.;]{0,40}\btechnical (?:information|data|know-how)\b[^.;]{0,25}\b(?:only|alone|exclusively)\b",
        leave=NEVER,
        restores=True,
    ),
    "nda-3": Polarity(
        topic=r"\boral|\bverbal|spoken|mouth|\bany (?:\w+ )?(?:form|manner|medium)|discuss|conversation|visual|demonstrat|form\b|manner|means\b|furnish|communicat|intangible",
        denies=r"\b(?:oral(?:ly)?|verbal(?:ly)?|spoken|word of mouth)\b[^.;]{0,80}\b(?:is|are|shall|will|does|do|be) not\b[^.;]{0,50}\b(?:confidential|protected|included?|constitute|deemed|covered|subject)\b"
        r"|\b(?:does|do|shall|will) not (?:include|cover|extend to|protect)\b[^.;]{0,40}\b(?:oral|verbal|spoken)",
        unless=rf"{_BUT}|\b(?:if|confirm\w*|reduced|summar\w*|writing|(?:oral|verbal|written) (?:agreements?|understandings?)|modif\w+|waive\w*|amend\w*)\b",
        affirms=r"\b(?:written|writing|documents?|tangible|visual\w*)\b[^.;]{0,30}\b(?:or|and)\b[^.;]{0,30}\b(?:oral(?:ly)?|verbal(?:ly)?|spoken)\b|\b(?:oral(?:ly)?|verbal(?:ly)?)\b[^.;]{0,20}\b(?:or|and)\b[^.;]{0,25}\b(?:writ|visual|document|electronic)",
    ),
    "nda-4": Polarity(
        wary=True,
        topic=r"(?<!without )(?<!without the )\b(?:use|uses|used|using|utili[sz]\w*|exploit\w*|appropriat\w*)\b",
        denies=rf"{_MAY}[^.;]{{0,40}}\b(?:use|exploit|utili[sz]e)\b[^.;]{{0,80}}\b(?:for (?:any|all|every|its own|their own|other|whatever|commercial)|in (?:any way|its own|any manner)|as (?:it|they) (?:sees?|likes?|wish\w*|chooses?)|freely|without (?:any )?(?:restriction|limit\w*))\b"
        r"|\b(?:no|not any|without) (?:restrictions?|limits?|limitations?)\b[^.;]{0,60}\b(?:uses?|used|using)\b|\buse\b[^.;]{0,60}\b(?:is|are|shall be) (?:unrestricted|not (?:restricted|limited))\b",
        unless=rf"{_NO_BUT_LIMITS}|{_BUT}|\b(?:residuals?|public(?:ly)?|independent\w*|third part\w+|prior to|already|rightful\w*|feedback|suggestions?|aggregate\w*)\b",
        affirms=r"\b(?:shall|will|must|agrees? to|agrees? that|may)\b[^.;]{0,80}\buse[ds]?\b[^.;]{0,160}\b(?:solely|only|exclusively|purposes?)\b|\b(?:not|neither|nor|no)\b[^.;]{0,120}(?<!without )(?<!without the )(?<!without any )\b(?:use|uses|used|utili[sz]e[ds]?|exploit)\b"
        r"|\b(?:solely|only|exclusively)\b[^.;]{0,40}\bfor\b[^.;]{0,80}\b(?:purposes?|evaluat\w+)\b",
        leave=r"\b(?:use|exploit|utili[sz]e)\b",
    ),
    "nda-5": Polarity(
        topic=r"employee|personnel|staff|officers?|representative|director|affiliate|agents?\b|members?\b|person|those|internal",
        denies=rf"{_MAY_NOT}[^.;]{{0,60}}{_TELL}[^.;]{{0,120}}\b(?:to|with|including)\b[^.;]{{0,40}}\b(?:employees|officers|personnel|staff)\b",
        unless=rf"{_BUT}|\b(?:without|who|whom|whose|need.to.know|bound|prevent\w*|restrict\w*|nothing|third part\w+ or)\b",
        affirms=rf"{_TELL}[^.;]{{0,120}}\b(?:employees|officers|personnel|staff|representatives)\b[^.;]{{0,80}}\b(?:need|who|require)",
    ),
    "nda-7": Polarity(
        topic=r"advis|consult|attorney|accountant|agent|counsel|contractor|lender|financ|representative|third|affiliate|person|entit|subsidiar|other part",
        denies=rf"{_MAY_NOT}[^.;]{{0,60}}{_TELL}[^.;]{{0,120}}\b(?:to|with|including|such as)\b[^.;]{{0,60}}\b(?:consultants?|advis[eo]rs?|agents?|attorneys?|accountants?|counsel|contractors?)\b",
        unless=rf"{_BUT}|\b(?:without|who|whom|whose|need.to.know|bound|prevent\w*|restrict\w*|nothing|consent|approval|permission)\b",
        affirms=rf"{_MAY}[^.;]{{0,60}}{_TELL}[^.;]{{0,160}}\b(?:consultants?|advis[eo]rs?|agents?|attorneys?|accountants?|counsel|contractors?)\b",
    ),
    "nda-8": Polarity(
        topic=r"notice|notif|inform|advis|tell|opportunit|protective|consult",
        denies=rf"{_REQUIRED_BY_LAW}[^.;]*\bwithout (?:(?:any|first|prior|giving|advance) )*(?:telling|notify\w*|notice|informing|advising)\b|{_REQUIRED_BY_LAW}[^.;]*{_NO_DUTY}[^.;]{{0,40}}\b(?:tell|notify|notice|inform|advise)\b"
        rf"|{_NO_DUTY}[^.;]{{0,40}}\b(?:tell|notify|give notice|inform|advise)\b[^.;]*{_REQUIRED_BY_LAW}",
        unless=rf"{_MAY_NOT}|\b(?:routine|examination|audit|inspection|supervis\w+|examiner|bank)\b",
        affirms=rf"{_REQUIRED_BY_LAW}[^.]*\b(?:shall|will|must|agrees? to|provided|upon|only after|so long as)\b[^.]*\b(?:notice|notify|notif\w+|inform|advise|tell|opportunity)\b",
        leave=r"\b(?:notify|inform|tell|give notice)\b",
        exceptions=True,
    ),
    "nda-10": Polarity(
        topic=r"existence|fact|discuss|negotiat|terms|transaction|announce|public|disclos|third",
        denies=rf"{_MAY}[^.;]{{0,60}}\b(?:disclos|announc|tell|notif|publici|publish)\w*[^.;]{{0,60}}\b(?:existence|fact that)\b",
        unless=rf"{_NO}|{_BUT}|\b(?:consent|law|required|affiliates|advis\w+)\b",
        leave=r"\b(?:disclos|announc|publici)\w*",
    ),
    "nda-11": Polarity(
        topic=r"reverse|decompil|disassembl|engineer|analy[sz]",
        denies=rf"{_MAY}[^.;]{{0,60}}\b(?:reverse.?(?:engineer|assembl|compil)|decompil|disassembl)\w*",
        unless=rf"{_NO}|{_BUT}",
        leave=r"\b(?:reverse|decompil|disassembl)\w*",
    ),
    "nda-12": Polarity(
        wary=True,
        topic=r"independent|develop|creat|conceiv|discover",
        denies=rf"(?:\bdevelop\w*\b[^.;]{{0,40}}\bindependent|\bindependent\w*\b[^.;]{{0,40}}\bdevelop)[^.;]{{0,160}}{_SECRET}|{_MAY_NOT}[^.;]{{0,60}}\b(?:develop|create)\b[^.;]{{0,120}}\bindependent|{_MAY_NOT} independently (?:develop|create)\b",
        unless=rf"{_BUT}|\b(?:not (?:be |include|constitute|deemed|considered)|no (?:longer|part)|excluded?|exempt|nothing|prevent\w*|restrict\w*|without)\b",
        affirms=r"\b(?:does|do|shall|will) not (?:include|apply|extend|prevent|restrict|preclude|limit|be)\b[^.]*\bindependent|\bnothing\b[^.]*\bindependent|\bindependent(?:ly)? develop\w+\b[^.;]{0,80}\bwithout\b",
    ),
    "nda-13": Polarity(
        wary=True,
        topic=r"third|source|another|other than|other part|otherwise|from (?:a|any)|person",
        denies=rf"\b(?:receiv|obtain|acquir|learn)\w*\b[^.;]{{0,60}}\b(?:from|by) (?:an? |any |other )?third part(?:y|ies)\b[^.;]{{0,120}}{_SECRET}",
        unless=rf"{_BUT}|\b(?:not (?:be|include|constitute|deemed|considered)|excluded?|exempt|nothing|disclos\w*|company|owner)\b",
        affirms=r"\b(?:does|do|shall|will) not (?:include|apply|extend)\b[^.]*\bthird part",
    ),
    "nda-15": Polarity(
        topic=r"licen|right|title|interest|propert|own",
        denies=r"\b(?:grants?|receives?|(?:is|are) (?:hereby )?(?:granted|given)|obtains?|acquires?|gives?)\b[^.;]{0,50}\b(?:licen[sc]e|title|ownership)\b",
        unless=rf"{_NO}|{_BUT}|\bwithout\b|\b(?:limited|revocable|evaluat\w+|return|implied|any)\b",
        affirms=rf"(?:{_NO}|\bwithout\b)[^.]{{0,140}}\b(?:licen[sc]e|rights?|title|interest)\b",
        leave=NEVER,
        exceptions=True,
    ),
    "nda-16": Polarity(
        topic=r"return|destr|deliver|surrender|eras|delet|dispos",
        denies=rf"{_NO_DUTY}[^.;]{{0,30}}{_RETURN}|{_MAY}[^.;]{{0,20}}\b(?:keep|retain)\b[^.;]{{0,12}}\b(?:all|any and all|everything|the confidential information)\b",
        unless=rf"{_BUT}|\b(?:back-?up|archiv\w*|cop(?:y|ies)|electronic\w*|law|legal|regulat\w*|compliance|notwithstanding|so long as)\b",
        affirms=rf"\b(?:shall|will|must|agrees?|undertakes?)\b[^.]*{_RETURN}|{_RETURN}[^.]*\b(?:upon|at|within|promptly|on)\b",
        leave=_RETURN,
        exceptions=True,
    ),
    "nda-18": Polarity(
        topic=r"solicit|hire|employ|recruit|contact|entic|induc",
        denies=rf"\bnothing\b[^.;]{{0,60}}\b(?:prevents?|restricts?|prohibits?|bars?|limits?|keeps?|precludes?)\b[^.;]{{0,60}}{_SOLICIT}|{_MAY}[^.;]{{0,20}}{_SOLICIT}[^.;]{{0,60}}\b(?:employees|personnel|staff|persons?|anyone)\b",
        unless=rf"{_BUT}|\b(?:(?:shall|will|must|may|agrees?) not|neither|general|advertis\w+|consent)\b",
        affirms=r"\b(?:shall|will|must|may|agrees?) not\b[^.;]{0,80}\b(?:solicit|hire|recruit|entice)\b[^.;]{0,80}\b(?:employees|personnel|staff|persons?|officers?)\b|\bneither party\b[^.;]{0,60}\b(?:solicit|hire|recruit|entice)\b[^.;]{0,80}\b(?:employees|personnel|staff)\b",
        leave=_SOLICIT,
    ),
    "nda-19": Polarity(
        topic=r"surviv|terminat|expir|continu|year|perpet|indefinite|remain|after|effect|forever|until|period",
        denies=r"\b(?:no|none of the)\b[^.;]{0,50}\b(?:obligations?|dut(?:y|ies)|provisions?|undertakings?)\b[^.;]{0,50}\bsurviv|\b(?:obligations?|dut(?:y|ies)|provisions?|undertakings?)\b[^.;]{0,60}\b(?:shall|do|does|will) not surviv"
        r"|\b(?:obligations?|dut(?:y|ies)|undertakings?)\b[^.;]{0,60}\b(?:end|cease|terminate|expire|lapse)s?\b[^.;]{0,20}\b(?:upon|on|with|when|at)\b[^.;]{0,20}\b(?:the )?(?:terminat|expir|end\b)",
        unless=rf"\b(?:shall|will|do|does) not (?:end|cease|terminate|expire|lapse)|{_BUT}|\b(?:notwithstanding|further)\b",
        affirms=r"\bsurviv\w*|\b(?:after|following|beyond|notwithstanding)\b[^.]{0,60}\b(?:terminat|expir|end)\w*|\b(?:years?|months?) (?:after|from|following|thereafter)\b|\bperpetual|\bindefinite",
        leave=NEVER,
        exceptions=True,
    ),
}
"""By position: the words on either side of it. Positions that are not here are the classifier's alone."""

ON_REQUEST = re.compile(
    rf"\b(?:shall|will|must|agrees? to|undertakes? to)\b[^.]*{_RETURN}[^.]*\b(?:request|demand)|\b(?:request|demand)\w*\b[^.]*\b(?:shall|will|must|agrees? to)\b[^.]*{_RETURN}"
)
_AGAINST_LEAVE = re.compile(rf"{_MAY_NOT}|\b(?:prohibit|forbid)\w*\b|\bno right to\b")
_AGAINST_DUTY = re.compile(rf"{_NO_DUTY}|\bat its (?:sole )?(?:option|discretion)\b")
_EXCEPTING = re.compile(
    rf"{_BUT}|\b(?:without|who|whom|whose|need.to.know|bound|nothing|prevent\w*|restrict\w*|not apply|not include)\b"
)
_NOT_WHETHER = re.compile(r"\b(?:whether or not|with or without)\b[^.;,]{0,60}")
_BARS = r"\b(?:shall|must|will|agrees?|undertakes?|only|solely|not|neither|no|nor)\b"
_WHOLE = re.compile(r"[A-Z0-9(\"'“‘].*[.;:!?)\"”’]", re.S)
"""A whole sentence: a piece of one, cut at a line's end, may lack the words that turn it."""


@dataclass(frozen=True)
class Stance:
    """What the words say on a position: ``choice``, None where they leave it open; the words, and why in a sentence without a capital."""

    choice: Choice | None
    words: tuple[Words, ...]
    why: str


@dataclass(frozen=True)
class _Seen:
    """A sentence as one position sees it: whether it speaks of it, denies or affirms it clearly, or carries what opposes it."""

    sentence: Sentence
    topic: bool
    denies: bool
    affirms: bool
    opposed: bool


def stance(document: Document, answer: Position) -> Stance | None:
    """What the words make of an answer on a position: another choice, none, or nothing (None) where the answer stands."""
    polarity = POLARITIES.get(answer.hypothesis)
    if polarity is None:
        return None
    seen = [_look(document, sentence, polarity) for sentence in sentences(document.text, cut(document.text))]
    denied = [entry for entry in seen if entry.denies]
    affirmed = [entry for entry in seen if entry.affirms]
    if answer.choice == "entailment":
        if denied and affirmed and not polarity.exceptions:
            return Stance(None, _words(document, [*denied, *affirmed]), "the words speak both ways.")
        if denied and not affirmed:
            return Stance("contradiction", _words(document, denied), "the words say the contrary.")
        return None if affirmed else _unbacked(document, answer, seen)
    if answer.choice == "not_mentioned" and denied and not affirmed:
        return Stance("contradiction", _words(document, denied), "the words say the contrary.")
    if polarity.restores and affirmed and not denied:
        return Stance("entailment", _words(document, affirmed), "the words say so.")
    return None


def _unbacked(document: Document, answer: Position, seen: list[_Seen]) -> Stance | None:
    """Whether the words that an answer of ``entailment`` rests on leave it open: none there speaks of the position, or all carry what opposes it."""
    on = [
        number
        for number, entry in enumerate(seen)
        if any(start < entry.sentence.end and entry.sentence.start < end for start, end in answer.spans)
    ]
    near = sorted({number + step for number in on for step in NEAR if 0 <= number + step < len(seen)})
    about = [seen[number] for number in near if seen[number].topic]
    shown = [seen[number] for number in on]
    if not about:
        return Stance(None, _words(document, shown), "the words that it was read from do not speak of it.")
    if all(entry.opposed for entry in about):
        return Stance(None, _words(document, about), "the words carry a negation or a mere permission.")
    return None


def asked_back(document: Document) -> Words | None:
    """The first sentence by which information must be returned or destroyed when the discloser asks for it."""
    for sentence in sentences(document.text, cut(document.text)):
        if ON_REQUEST.search(sentence.text) and not _look(document, sentence, POLARITIES["nda-16"]).denies:
            return document.words(sentence.start, sentence.end)
    return None


def _look(document: Document, sentence: Sentence, polarity: Polarity) -> _Seen:
    text = sentence.text if polarity.marks else _NOT_WHETHER.sub(" ", sentence.text)
    whole = _WHOLE.fullmatch(document.text, sentence.start, sentence.end) is not None
    against = bool(_compiled(polarity.denies).search(text))
    unsure = against and (not whole or (bool(polarity.unless) and bool(_compiled(polarity.unless).search(text))))
    opposed = (
        (against and not unsure)
        or (unsure and polarity.wary and not re.search(_BARS, text))
        or _opposed(text, polarity.leave)
    )
    affirms = bool(polarity.affirms) and not opposed and bool(_compiled(polarity.affirms).search(text))
    return _Seen(sentence, bool(_compiled(polarity.topic).search(text)), against and not unsure, affirms, opposed)


def _opposed(text: str, leave: str) -> bool:
    """Whether a sentence carries a negated permission, against a duty a mere permission or its denial, and makes no exception."""
    if not leave:
        return _AGAINST_LEAVE.search(text) is not None and _EXCEPTING.search(text) is None
    if _AGAINST_DUTY.search(text) is not None:
        return True
    return re.search(rf"{_MAY}[^.;]{{0,30}}{leave}", text) is not None and not re.search(_BARS, text)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _words(document: Document, entries: Iterable[_Seen]) -> tuple[Words, ...]:
    return tuple(document.words(entry.sentence.start, entry.sentence.end) for entry in entries)[:MAX_SHOWN]

"""Term, renewal and expiration: how long the contract runs, whether and how it goes on, and the date it ends.

The expiration is the date given, or start plus term minus one day with the sum shown. Where the contract can be read two ways
("earlier of") the earlier end is taken. Durations of a sentence are told apart by their neighbours: a notice is not a term.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from .contract_dates import Dates
from .dates import DateHit, add, find_blank, show
from .numbers import CARDINAL, ORDINAL_SUFFIX, ORDINAL_WORD, cardinal, ordinal
from .renewals import DOCUMENT, duration_role, renewal
from .sentences import Reading, Sentence
from .starts import LEFT_BLANK, OF_ANOTHER, OTHER_START, START_EVENT, open_start, quoted
from .types import ContractDate, Duration, Renewal, Term

_TERM_SUBJECT = re.compile(
    rf"\b(?:the |initial |original |basic |base |primary |contract |its |a )*(?:term|duration|period)\b(?: and duration)?(?: of (?:this|the|its|employment|engagement|these)\b[^.;]{{0,60}}?)?(?: ?\([^)]{{0,80}}\))?,? ?(?:\"\)? ?)?"
    r"(?:hereof |hereunder |thereof )?(?:shall|will|is|be|means?|commenc|begin|start|of|for|run|continu|expire|end|:|-|from)"
    rf"|\b(?:this|the|said|present|such)\b(?: [\w&'/-]+){{0,5}}? {DOCUMENT}\b[^.;]{{0,140}}?\b(?:commenc\w*|begin\w*|start\w*|continue\w*|remain\w*|effective|in effect|in force|valid|expire\w*|terminat\w*|ends?|run|term|duration|concluded|entered into for|last|extend\w*)\b"
    r"|\bthis [\w-]+ (?:shall|will) (?:commence|expire|terminate|continue|remain|be effective|begin)|\bit shall (?:be|become) effective|\bduration of\b"
    r"|\binitial term\b|\"(?:the )?(?:initial )?(?:term|contract period|contract term|agreement term|term of (?:this|the) agreement|service period|licen[cs]e term)\"|\bterm(?: of agreement)?:|\bfor an initial\b|\bfor a term of\b|\bterm shall mean\b"
)
_OTHER_SUBJECT = re.compile(
    r"\b(?:confidential|surviv|warrant(?:y|ies) period|non-?compet|insurance|arbitrat|escrow|invoice|payment|interest|audit|records?|cure|notice of breach|option period|royalty term|sell-off|wind-down|transition period"
    r"|statute|limitation|support period|purchase order|evaluation period|trial|patent|indemnif|exercise|test|preferred stock|note holder|ordinance)"
)
_END = re.compile(
    r"(?:\buntil\b|\bthrough\b|\bto\b|\btill\b|\bthru\b|\bend(?:s|ing)?\b|\bexpir\w+\b|\bterminat\w+\b|\bconclud\w+\b|\bclos\w+\b|\bextended\b|\bending date:?|\bexpiration date:?|\btermination date:?|-)"
    r"(?:,? (?:and|on|at|as|of|to|upon|including|inclusive|the|its|through|until|midnight|close|business|11:59|p\.?m\.?|close of business|earlier|later|a|anniversary|date|without|notice|automatically|and including|day|is|shall be|be|in)\b| ?[:,])* ?(?:\([a-z]\) ?|\(i+\) ?)?$"
)
_LINKED = re.compile(
    r"\b(?:for|of|be|is|a|an|period|term|until|continue\w*|effect|initial|shall have|extend\w*|run|runs|last|ends?|ending|expires?|terminates?|duration|after|on|upon|the|valid|first|minimum|following|at)\b"
    r"[^.;]{0,30}$|: ?$"
)
_NOT_TERM = re.compile(
    r"\b(?:breach\w*|default|fail\w*|uncured|cured?|remed\w+|sell-?off|invoice|receipt|notice|terminat\w+ or expir\w+|after (?:the )?(?:expir\w+|terminat\w+)|beyond|warrant\w+|shipment|survive\w*|hire|solicit)\b[^.;]{0,50}$"
)
_ANNIVERSARY = re.compile(
    rf"\b(?:(?P<words>{ORDINAL_WORD})(?: ?\(\d{{1,3}}{ORDINAL_SUFFIX}?\))?|(?P<figures>\d{{1,2}}){ORDINAL_SUFFIX}|(?P<cardinal>{CARDINAL})(?: ?\(\d{{1,2}}\))?[ -]year|(?P<plain>\d{{1,2}})[ -]year) (?:(?:annual |year )?anniversary|contract year|year of (?:this|the) (?:agreement|term))\b"
)
_PERPETUAL = re.compile(
    r"\buntil (?:(?:it|they|this \w+|such time as|the same|the agreement|sooner|earlier|otherwise|duly|validly|is|are|it is) )*(?:terminat|cancel)|\bindefinite(?! or\b|,| and\b)|\bperpetual|\bin perpetuity\b|\bunlimited (?:period|term|duration)|\bno fixed term"
    r"|\bcontinu\w+[^.;]{0,90}\bunless\b[^.;]{0,50}(?:terminat|cancel)|\bremain\w*[^.;]{0,90}\bunless\b[^.;]{0,50}(?:terminat|cancel)|\buntil either party\b"
)
_BLANK_LENGTH = re.compile(
    r"\b(?:for (?:a |an )?(?:initial )?(?:period|term)? ?(?:of )?|period of |term of |shall be |is |until |through |expires? on |ends? on )(?:approximately |about |the )?[\"(\[$]?$"
)
_EVENT_END = re.compile(
    r"\b(?:continu\w+|remain\w*|in effect|in force|be effective|be valid|run|terminat\w+|expir\w+|end)\b[^.;]{0,80}\b(?:until|through|upon|for so long as|as long as|so long as|when|on|if|at)\b (?P<event>[^.;]{8,160})"
)
_NO_EVENT = re.compile(
    r"\bfor the (?:remaining |full |entire )?term\b|\bset forth (?:in|on)\b|\bspecified in\b|\bbreach|\binsolv|\bbankrupt|\bdefault|\bnotice\b[^.;]{0,30}(?:breach|default)|\bsurviv"
)
_ANCHOR = re.compile(
    r"(?:from|after|following|of|commenc\w+|beginn?\w*|start\w*|take effect|effective (?=on|as|from|upon)|since)(?: and including)?(?: on| upon| with| from| as of| at)?,? (?:the )?\"?(?:date of )?(?P<anchor>(?:[\w-]+ ){0,3}?(?:date|commencement|launch|execution|signing|signature|hereof|agreement|start|delivery|closing|acceptance|approval|completion|opening|day)\b[^,.;]{0,60})"
)
_AGREEMENT_ANCHOR = re.compile(
    r"\b(?:date (?:hereof|first|set forth|above|of (?:this|the) (?:\w+ )?agreement|of (?:its )?(?:execution|signing|signature|last signature|the last)|written|and year)|hereof|execution|signing|signature|agreement date|signed|date this agreement|contract date|mutual execution)"
)
_EFFECTIVE_ANCHOR = re.compile(
    r"\beffective (?:date|time|day)|\bcommencement date|\bstart(?:ing)? date|\bbegin\w* date"
)


UNDATED = 0.45
"""How sure an end is that is counted from an event or a day which the contract does not date: too little to decide anything."""
MAX_REACH = 260
"""Characters from "the term of this Agreement shall" to the length that belongs to it."""
_DEFINED_ENDS = (
    "expiration date",
    "expiry date",
    "term end date",
    "scheduled expiration date",
    "end date",
    "contract end date",
    "maturity date",
    "final maturity date",
)


@dataclass(frozen=True)
class Terms:
    """Term, renewal and expiration of a contract, each None where nothing was found."""

    term: Term | None
    renewal: Renewal | None
    expiration: ContractDate | None


@dataclass(frozen=True)
class _Reading:
    """One sentence read as a term clause."""

    sentence: Sentence
    score: float
    end: DateHit | None
    length: Duration | None
    length_span: tuple[int, int]
    length_confidence: float
    perpetual: bool
    blank: bool
    note: str = ""


def terms(reading: Reading, dates: Dates) -> Terms:
    """Find term, renewal and expiration; ``dates`` anchors the sum."""
    best = _best_term(reading)
    found_renewal = renewal(reading)
    defined = next((dates.defined[name] for name in _DEFINED_ENDS if name in dates.defined), None)
    if defined is not None and (best is None or best.end is None):
        expiration = replace(defined, kind="expiration")
        return Terms(_term(best) if best is not None and best.length else None, found_renewal, expiration)
    if best is None:
        return Terms(None, found_renewal, None)
    return Terms(_term(best), found_renewal, _expiration(best, dates))


def _best_term(reading: Reading) -> _Reading | None:
    best: _Reading | None = None
    for number, sentence in enumerate(reading.sentences):
        candidate = _term_sentence(reading, sentence)
        if candidate is None:
            continue
        candidate = replace(candidate, score=candidate.score - 0.3 * number / max(1, len(reading.sentences)))
        if best is None or candidate.score > best.score:
            best = candidate
    return best


def _term_sentence(reading: Reading, sentence: Sentence) -> _Reading | None:
    lower = sentence.lower
    label = max(sentence.labels.get("expiration_date", 0.0), 0.5 * sentence.labels.get("renewal_term", 0.0))
    heading = (
        re.search(r"(?:^|> |\b)(?:initial )?(?:term|duration|period of|expir\w+)\b", sentence.headings) is not None
    )
    subject = _TERM_SUBJECT.search(lower)
    if subject is None and label < 0.5 and not heading:
        return None
    score = 2.0 * label + (0.8 if heading else 0.0)
    if subject is not None:
        score += 1.0
    if re.search(
        r"\bterm (?:of|for) (?:this|the) (?:\w+ ){0,3}"
        + DOCUMENT
        + r"|\binitial (?:term|period)\b|\"(?:the )?(?:initial )?(?:term|contract period|contract term|service period)\"|\bterm of this\b|\bduration of this\b",
        lower,
    ):
        score += 1.2
    elif re.search(
        rf"(?:^|\W)term(?: of agreement)?:|\bterm shall mean\b|\bthis (?:\w+ ){{0,3}}{DOCUMENT}\b (?:shall|will|is|shall be|may|begins|commences|expires|terminates|continues|remains|takes|becomes)",
        lower,
    ):
        score += 0.9
    if re.search(
        r"\b(?:commenc|begin|effective|remain|continu)\w*\b[^.;]{0,200}\b(?:until|through|for|expire|end|terminat|conclud)",
        lower,
    ):
        score += 0.5
    if _OTHER_SUBJECT.search(lower[: subject.end() if subject else 120]):
        score -= 1.5
    if sentence.part != reading.main_part:
        score -= 1.0
    end, length, span, confidence, note = _length(
        sentence, subject.start() if subject else 0, subject.end() + MAX_REACH if subject else MAX_REACH
    )
    perpetual = _PERPETUAL.search(lower) is not None and not re.search(
        r"\bfor (?:the|a) (?:remaining |full |entire )?term (?:set|specified|stated|\(|,|\.|unless|as)|for the term\b",
        lower,
    )
    if end is None and length is None:
        blank = find_blank(sentence.text, subject.start() if subject else 0)
        if (
            blank is not None
            and score >= 1.9
            and _BLANK_LENGTH.search(lower[max(0, blank.start() - 60) : blank.start()])
        ):
            return _Reading(sentence, score, None, None, (blank.start(), blank.end()), 0.5, False, True)  # type: ignore[union-attr]
        about = re.search(r"\b(?:term|agreement|contract|effect|force|commence|appointment)\b", lower)
        if perpetual and score >= 1.4 and about:
            return _Reading(sentence, score - 0.4, None, None, (0, len(lower)), 0.85, True, False)
        event = _EVENT_END.search(lower)
        if event is None or score < 1.9 or _NO_EVENT.search(lower) or sentence.dates:
            return None
        note = "no fixed end: runs until an event"
        return _Reading(sentence, score - 1.0, None, None, (0, len(lower)), 0.7, True, False, note)
    if length is not None and re.search(r"\bterminate automatically|\bautomatically terminate", lower):
        score -= 0.7
    if length is not None and length.unit == "month" and length.value < 6:
        score -= 0.4
    if length is not None and length.unit == "day":
        score -= 1.5 if length.days < 28 else 0.7
    if score < 1.4:
        return None
    return _Reading(sentence, score + 0.5, end, length, span, confidence, False, False, note)


def _length(
    sentence: Sentence, start: int, reach: int
) -> tuple[DateHit | None, Duration | None, tuple[int, int], float, str]:
    lower = sentence.lower
    for hit in sentence.dates:
        if hit.start >= start and _END.search(lower[max(0, hit.start - 90) : hit.start]):
            if re.search(r"\bnotice\b[^.;]{0,40}$|\bdated\b[^.;]{0,12}$", lower[max(0, hit.start - 50) : hit.start]):
                continue
            return hit, None, (hit.start, hit.end), hit.confidence, hit.note
    anniversary = _ANNIVERSARY.search(lower, start)
    if anniversary is not None and not re.search(
        r"renew|each $|every $", lower[max(0, anniversary.start() - 40) : anniversary.start()]
    ):
        number = anniversary["words"] or anniversary["figures"]
        years = (
            ordinal(number)
            if number
            else cardinal(anniversary["cardinal"])
            if anniversary["cardinal"]
            else int(anniversary["plain"])
        )
        counted = "anniversary" in anniversary.group()
        ending = re.search(
            r"\b(?:end|expiration|until|through|completion|close)\b[^.;]{0,30}$", lower[: anniversary.start()]
        )
        if years and (counted or ending):
            note = "" if counted else "counts contract years, which may begin on another day than the effective date"
            span = (anniversary.start(), anniversary.end())
            return None, Duration(years, "year"), span, 0.93 if counted else 0.7, note
    for hit in sentence.durations:
        if not start - 60 <= hit.start <= reach or hit.duration.unit in ("hour", "business_day"):
            continue
        after = lower[hit.end : hit.end + 40]
        if duration_role(sentence, hit) != "length" or re.match(
            r" (?:after|following) (?:the )?(?:termination|expiration|notice|receipt|such)"
            r"| (?:month |year )?(?:period )?(?:immediately )?preceding| (?:test|trial)\b",
            after,
        ):
            continue
        near = lower[max(0, hit.start - 70) : hit.start]
        if re.search(
            r"\bwithin (?:a |the )?$|\bevery $|\bper $|\b(?:preceding|prior|previous|first|last|next|than|beyond) $",
            near[-16:],
        ) or _NOT_TERM.search(near):
            continue
        if not _LINKED.search(near) and hit.start > 12:
            continue
        return None, hit.duration, (hit.start, hit.end), hit.confidence, hit.note
    return None, None, (0, 0), 0.0, ""


def _term(found: _Reading) -> Term | None:
    sentence = found.sentence
    if found.end is not None:
        return _term_before(found, found.end)
    start, end = found.length_span if found.length is not None else (0, len(sentence.text))
    return Term(
        words=sentence.words(start, end),
        clause=sentence.clause,
        confidence=min(0.95, found.length_confidence) * (1.0 if found.score >= 2.5 else 0.9),
        length=found.length,
        perpetual=found.perpetual,
        note="the length is blank or redacted" if found.blank else found.note,
    )


def _term_before(found: _Reading, end: DateHit) -> Term | None:
    """The length in "for three years, ending on December 31, 2027": said beside the end date."""
    sentence = found.sentence
    for hit in sentence.durations:
        between = sentence.lower[hit.end : end.start]
        if (
            0 <= end.start - hit.end <= MAX_TO_END
            and _TO_END.match(between)
            and duration_role(sentence, hit) == "length"
            and hit.duration.days >= MIN_TERM_DAYS
            and _LINKED.search(sentence.lower[max(0, hit.start - 70) : hit.start])
        ):
            words = sentence.words(hit.start, hit.end)
            return Term(words, sentence.clause, min(0.9, hit.confidence), hit.duration, note=hit.note)
    return None


MAX_TO_END, MIN_TERM_DAYS = 60, 28
_TO_END = re.compile(
    r",? ?(?:\([^()]{0,20}\) ?)?(?:and )?(?:thus |thereby )?(?:shall |will )?(?:end|expir|until|through|terminat|conclud|to\b)"
)


def _expiration(found: _Reading, dates: Dates) -> ContractDate | None:
    sentence = found.sentence
    sure = 1.0 if found.score >= 2.5 else 0.85
    words = sentence.words(*found.length_span)
    if found.perpetual:
        return ContractDate(words, sentence.clause, 0.85 * sure, "expiration", None, "perpetual")
    if found.end is not None:
        hit = found.end
        status = "given" if hit.value else "redacted" if hit.redacted else "blank"
        return ContractDate(
            words, sentence.clause, min(0.96, hit.confidence) * sure, "expiration", hit.value, status, note=hit.note
        )
    if found.length is None:
        redacted = "*" in words.text
        return ContractDate(
            words,
            sentence.clause,
            0.6,
            "expiration",
            None,
            "redacted" if redacted else "blank",
            note="the term is blank or redacted",
        )
    anchor, why, certain = _anchor(found, dates)
    if anchor is None or anchor.value is None:
        if anchor is not None and anchor.status in ("blank", "redacted"):
            return ContractDate(
                words,
                sentence.clause,
                0.7 * sure,
                "expiration",
                None,
                anchor.status,
                f"{why} + {found.length}",
                note=anchor.note if anchor.arithmetic else f"{why} is {anchor.status}",
            )
        undated = "" if LEFT_BLANK in why else ", whose date the contract does not say"
        note = f"runs {found.length} from {why}{undated}"
        return (
            ContractDate(words, sentence.clause, 0.5, "expiration", None, "blank", f"{why} + {found.length}", note=note)
            if why
            else None
        )
    summed = add(anchor.value, found.length)
    last = add(summed, Duration(1, "day"), -1) if summed else None
    if last is None:
        return None
    arithmetic = f"{show(anchor.value)} + {found.length} - 1 day = {show(last)}"
    undated = certain <= UNDATED
    unsaid = (
        f"counted from {why}, whose date the contract does not say: this is the earliest it can be" if undated else ""
    )
    if undated:
        arithmetic = f"at the earliest {arithmetic}, but it is counted from {why}, which has no date"
    confidence = min(anchor.confidence, found.length_confidence, certain) * sure
    later = re.search(r"\blater (?:of|to occur)|\blatest of", sentence.lower) is not None
    note = "; ".join(
        part for part in (found.note, anchor.note, unsaid, "the later of several ends counts" if later else "") if part
    )
    return ContractDate(
        words,
        sentence.clause,
        confidence * (0.7 if later else 1.0),
        "expiration",
        last,
        "computed",
        arithmetic,
        why if undated else "",
        note=note,
    )


def _anchor(found: _Reading, dates: Dates) -> tuple[ContractDate | None, str, float]:
    """What the term is counted from: a date, its name in words, and how surely."""
    sentence, (start, end) = found.sentence, found.length_span
    lower = sentence.lower
    after = lower[end : end + 140]
    before = lower[max(0, start - 260) : start]
    own = next(
        (
            hit
            for hit in sentence.dates
            if hit.value
            and hit.start < start
            and re.search(
                r"\b(?:commenc|begin|start|effective|from|as of|dated)\w*\b[^.;]{0,40}$",
                lower[max(0, hit.start - 60) : hit.start],
            )
        ),
        None,
    )
    own = own or next(
        (
            hit
            for hit in sentence.dates
            if hit.value
            and end <= hit.start <= end + 60
            and re.search(
                r"\b(?:commenc|begin|start|effective|from|of|after)\w*\b[^.;]{0,20}$",
                lower[max(0, hit.start - 30) : hit.start],
            )
        ),
        None,
    )
    if own is not None:
        date = ContractDate(
            sentence.words(own.start, own.end), sentence.clause, own.confidence, "effective", own.value, "given"
        )
        return date, "the date named", 0.93
    unset = open_start(sentence, start, end)
    if unset:
        return None, unset, 0.5
    found_after = _ANCHOR.search(after)
    for match in (found_after, *[*_ANCHOR.finditer(before)][-1:]):
        if match is None:
            continue
        anchor = match["anchor"]
        for name, date in dates.defined.items():
            if name in anchor:
                return date, f"the {name}", 0.95
        if _EFFECTIVE_ANCHOR.search(anchor) and not OF_ANOTHER.search(anchor):
            other = OTHER_START.search(anchor)
            if other is None:
                chosen = dates.effective or dates.agreement
                return chosen, "the effective date", 0.93 if dates.effective else 0.75
            # a commencement or start date that is defined nowhere may be another day than the effective date
            return dates.effective or dates.agreement, f"the {other.group()}", UNDATED
        if _AGREEMENT_ANCHOR.search(anchor):
            return dates.agreement or dates.effective, "the date of the agreement", 0.92
        if re.search(r"\bdate\b|launch|delivery|closing|acceptance|approval|completion|opening", anchor):
            phrase = re.split(r"\band\b|\bunless\b|\bor\b|\(|\"|\b(?:shall|will|is)\b", anchor)[0].strip()
            return dates.effective or dates.agreement, f"the {phrase}"[:60], UNDATED
    event = START_EVENT.search(lower[max(0, start - 260) : end + 140])
    if event is not None:
        why = quoted(sentence, max(0, start - 260) + event.start("event"), len(event["event"]))
        return dates.effective or dates.agreement, why, UNDATED
    chosen = dates.effective or dates.agreement
    return chosen, "the effective date", 0.85

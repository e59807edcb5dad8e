"""Term, renewal and expiration: how long the contract runs, whether and how it goes on, and the date it ends.

The expiration is the date given, or start plus term minus one day with the sum shown. Where the contract can be read two ways
("earlier of") the earlier end is taken. Durations of a sentence are told apart by their neighbours: a notice is not a term.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from .contract_dates import Dates
from .dates import DateHit, add, find_blank, show
from .durations import DurationHit
from .numbers import CARDINAL, ORDINAL_SUFFIX, ORDINAL_WORD, cardinal, ordinal
from .sentences import Reading, Sentence
from .types import ContractDate, Duration, Renewal, Term

_DOCUMENT = r"(?:agreement|contract|lease|amendment|addendum|licen[cs]e|engagement|appointment|arrangement|venture|deed|order|undertaking|letter|jsma|program|subscription|services?|schedule|policy)"
_TERM_SUBJECT = re.compile(
    rf"\b(?:the |initial |original |basic |base |primary |contract |its |a )*(?:term|duration|period)\b(?: and duration)?(?: of (?:this|the|its|employment|engagement|these)\b[^.;]{{0,60}}?)?(?: ?\([^)]{{0,80}}\))?,? ?(?:\"\)? ?)?"
    r"(?:hereof |hereunder |thereof )?(?:shall|will|is|be|means?|commenc|begin|start|of|for|run|continu|expire|end|:|-|from)"
    rf"|\b(?:this|the|said|present|such)\b(?: [\w&'/-]+){{0,5}}? {_DOCUMENT}\b[^.;]{{0,140}}?\b(?:commenc\w*|begin\w*|start\w*|continue\w*|remain\w*|effective|in effect|in force|valid|expire\w*|terminat\w*|ends?|run|term|duration|concluded|entered into for|last|extend\w*)\b"
    r"|\bthis [\w-]+ (?:shall|will) (?:commence|expire|terminate|continue|remain|be effective|begin)|\bit shall (?:be|become) effective|\bduration of\b"
    r"|\binitial term\b|\"(?:the )?(?:initial )?(?:term|contract period|contract term|agreement term|term of (?:this|the) agreement|service period|licen[cs]e term)\"|\bterm(?: of agreement)?:|\bfor an initial\b|\bfor a term of\b|\bterm shall mean\b"
)
_OTHER_SUBJECT = re.compile(
    r"\b(?:confidential|surviv|warrant(?:y|ies) period|non-?compet|insurance|arbitrat|escrow|invoice|payment|interest|audit|records?|cure|notice of breach|option period|royalty term|sell-off|wind-down|transition period"
    r"|statute|limitation|support period|purchase order|evaluation period|trial|patent|indemnif|exercise|test|preferred stock|note holder|ordinance)"
)
_END = re.compile(
    r"(?:\buntil\b|\bthrough\b|\bto\b|\btill\b|\bthru\b|\bend(?:s|ing)?\b|\bexpir\w+\b|\bterminat\w+\b|\bconclud\w+\b|\bclos\w+\b|\bextended\b|\bno later than\b|\bending date:?|\bexpiration date:?|\btermination date:?|-)"
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
    r"\buntil (?:(?:it|they|this \w+|such time as|the same|the agreement|sooner|earlier|otherwise|duly|validly|is|are|it is) )*(?:terminat|cancel)|\bindefinite|\bperpetual|\bin perpetuity\b|\bunlimited (?:period|term|duration)|\bno fixed term"
    r"|\bcontinu\w+[^.;]{0,90}\bunless\b[^.;]{0,50}(?:terminat|cancel)|\bremain\w*[^.;]{0,90}\bunless\b[^.;]{0,50}(?:terminat|cancel)|\buntil either party\b"
)
_EVENT_END = re.compile(
    r"\b(?:continu\w+|remain\w*|in effect|in force|be effective|be valid|run|terminat\w+|expir\w+|end)\b[^.;]{0,80}\b(?:until|through|upon|for so long as|as long as|so long as|when|on|if|at)\b (?P<event>[^.;]{8,160})"
)
_NO_EVENT = re.compile(r"\bfor the (?:remaining |full |entire )?term\b|\bset forth (?:in|on)\b|\bspecified in\b|\bbreach|\binsolv|\bbankrupt|\bdefault|\bnotice\b[^.;]{0,30}(?:breach|default)|\bsurviv")
_ANCHOR = re.compile(
    r"(?:from|after|following|of|commenc\w+|beginn?\w*|start\w*|take effect|effective (?=on|as|from|upon)|since)(?: and including)?(?: on| upon| with| from| as of| at)?,? (?:the )?\"?(?:date of )?(?P<anchor>(?:\w+ ){0,3}?(?:date|commencement|launch|execution|signing|signature|hereof|agreement|start|delivery|closing|acceptance|approval|completion|opening|day)\b[^,.;]{0,60})"
)
_AGREEMENT_ANCHOR = re.compile(
    r"\b(?:date (?:hereof|first|set forth|above|of (?:this|the) (?:\w+ )?agreement|of (?:its )?(?:execution|signing|signature|last signature|the last)|written|and year)|hereof|execution|signing|signature|agreement date|signed|date this agreement|contract date|mutual execution)"
)
_EFFECTIVE_ANCHOR = re.compile(r"\beffective (?:date|time|day)|\bcommencement date|\bstart(?:ing)? date|\bbegin\w* date")
_RENEW = re.compile(r"\b(?:auto-?)?(?:renew\w*|extend\w*|extension\w*|roll over|evergreen)|\byear[- ]to[- ]year\b|\bmonth[- ]to[- ]month\b|\bthereafter (?:\w+ ){0,3}continu|\bcontinu\w+ (?:\w+ ){0,6}thereafter\b")
_AUTOMATIC = re.compile(
    r"\bautomatic|\bauto-?renew|\b(?:shall|will)(?: be| thereafter| then| also)* (?:renew|extend)|\bdeemed (?:to be )?(?:renewed|extended)|\bevergreen\b|\byear[- ]to[- ]year\b|\bmonth[- ]to[- ]month\b|\brenews?\b[^.;]{0,60}\bunless\b|\b(?:renewed|extended)\b[^.;]{0,160}\bunless\b"
    r"|\b(?:continu|remain|thereafter)\w*\b[^.;]{0,120}\b(?:until|unless)\b[^.;]{0,120}\bnotice"
)
_BY_AGREEMENT = re.compile(
    r"\bmay (?:be )?(?:\w+ ){0,2}(?:renew|extend)|\boption (?:to|of) (?:\w+ ){0,3}(?:renew|extend)|\bright to (?:renew|extend)|\bmutual(?:ly)? (?:written )?(?:agree|consent)|\bwritten agreement\b|\bagree(?:d)? (?:in writing )?to (?:renew|extend)|\brenewal option|\brenewable\b"
)
_TIMES = re.compile(
    rf"\b(?:up to|for|maximum of|not? more than|exceed(?:ing)?|additional|of|to)? ?(?:an? )?(?P<n>{CARDINAL}|\d{{1,2}})(?: ?\(\d{{1,2}}\))? (?:additional|successive|further|consecutive|renewal|extension|separate|more|subsequent|optional|extended)\b"
)


_DEFINED_ENDS = ("expiration date", "expiry date", "term end date", "scheduled expiration date", "end date", "contract end date")


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
    renewal = _renewal(reading)
    defined = next((dates.defined[name] for name in _DEFINED_ENDS if name in dates.defined), None)
    if defined is not None and (best is None or best.end is None):
        expiration = replace(defined, kind="expiration")
        return Terms(_term(best) if best is not None and best.length else None, renewal, expiration)
    if best is None:
        return Terms(None, renewal, None)
    return Terms(_term(best), renewal, _expiration(best, dates))


def duration_role(sentence: Sentence, hit: DurationHit) -> str:
    """What a duration in a clause on term or renewal is: ``notice``, ``renewal`` or ``length``."""
    before = sentence.lower[max(0, hit.start - 110) : hit.start]
    after = sentence.lower[hit.end : hit.end + 70]
    if re.match(r"(?:'s?|s')?,? ?(?:(?:advance|prior|written|previous|advanced|or more|of|in) ?)*,? ?(?:written )?(?:notice|notification|notify)|'? (?:prior|before|in advance|preceding|previous)\b", after):
        return "notice"
    near = before[-60:]
    if re.search(r"(?:notice|notif\w+|notification|advis\w+|inform\w+|request\w*|elect\w*)\b[^.;]{0,60}(?:at least|less than|later than|fewer than|minimum of|within|upon|of|by|for|on)(?: a)? ?$", before) and not re.search(
        r"\b(?:renew\w*|term|period|extend\w*)\b (?:\w+ ){0,3}(?:for|of) (?:a |an )?(?:\w+ ){0,3}$", near
    ):
        return "notice"
    if re.search(r"\b(?:at least|not less than|no less than|no later than|not later than|no fewer than|upon|minimum of) $", near) and re.match(r"[^.;]{0,30}\b(?:notice|prior|before|advance)", after):
        return "notice"
    if re.search(r"\b(?:renew\w*|extend\w*|extension\w*|successive|additional|further|subsequent|consecutive|rolling|anniversary)\b[^.;]{0,50}$", before) and not re.search(
        r"\binitial\b[^.;]{0,40}$|\b(?:shall|will|and|to) extend (?:for|until|through|thereafter)[^.;]{0,40}$|terminat\w+[^.;]{0,30}$|following[^.;]{0,20}$|\bunless\b[^.;]{0,40}\bextended\b[^.;]{0,60}$", near
    ):
        return "renewal"
    if re.match(r"[- ]?(?:renewal|extension|successive|additional|(?:term|period)s\b|renewals)", after) and not re.search(r"initial $", before):
        return "renewal"
    return "length"


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
    heading = re.search(r"(?:^|> |\b)(?:initial )?(?:term|duration|period of|expir\w+)\b", sentence.headings) is not None
    subject = _TERM_SUBJECT.search(lower)
    if subject is None and label < 0.5 and not heading:
        return None
    score = 2.0 * label + (0.8 if heading else 0.0)
    if subject is not None:
        score += 1.0
    if re.search(r"\bterm (?:of|for) (?:this|the) (?:\w+ ){0,3}" + _DOCUMENT + r"|\binitial (?:term|period)\b|\"(?:the )?(?:initial )?(?:term|contract period|contract term|service period)\"|\bterm of this\b|\bduration of this\b", lower):
        score += 1.2
    elif re.search(rf"(?:^|\W)term(?: of agreement)?:|\bterm shall mean\b|\bthis (?:\w+ ){{0,3}}{_DOCUMENT}\b (?:shall|will|is|shall be|may|begins|commences|expires|terminates|continues|remains|takes|becomes)", lower):
        score += 0.9
    if re.search(r"\b(?:commenc|begin|effective|remain|continu)\w*\b[^.;]{0,200}\b(?:until|through|for|expire|end|terminat|conclud)", lower):
        score += 0.5
    if _OTHER_SUBJECT.search(lower[: subject.end() if subject else 120]):
        score -= 1.5
    if sentence.part != reading.main_part:
        score -= 1.0
    end, length, span, confidence, note = _length(sentence, subject.start() if subject else 0)
    perpetual = _PERPETUAL.search(lower) is not None and not re.search(r"\bfor (?:the|a) (?:remaining |full |entire )?term (?:set|specified|stated|\(|,|\.|unless|as)|for the term\b", lower)
    if end is None and length is None:
        blank = find_blank(sentence.text, subject.start() if subject else 0)
        redacted = blank is not None and re.search(r"\b(?:for|of|until|on|through|period|term|expire)\b[^.;]{0,40}$", lower[: blank.start()]) is not None
        if redacted and score >= 1.5:
            return _Reading(sentence, score, None, None, (blank.start(), blank.end()), 0.5, False, True)  # type: ignore[union-attr]
        about = re.search(r"\b(?:term|agreement|contract|effect|force|commence|appointment)\b", lower)
        if perpetual and score >= 1.4 and about:
            return _Reading(sentence, score - 0.4, None, None, (0, len(lower)), 0.85, True, False)
        event = _EVENT_END.search(lower)
        if event is None or score < 1.9 or _NO_EVENT.search(lower) or sentence.dates:
            return None
        note = "no fixed end: runs until an event"
        return _Reading(sentence, score - 1.0, None, None, (0, len(lower)), 0.7, True, False, note)
    if length is not None and length.unit == "day":
        score -= 1.5 if length.days < 28 else 0.7
    if score < 1.4:
        return None
    return _Reading(sentence, score + 0.5, end, length, span, confidence, False, False, note)


def _length(sentence: Sentence, start: int) -> tuple[DateHit | None, Duration | None, tuple[int, int], float, str]:
    lower = sentence.lower
    for hit in sentence.dates:
        if hit.start >= start and _END.search(lower[max(0, hit.start - 90) : hit.start]):
            if re.search(r"\bnotice\b[^.;]{0,40}$|\bdated\b[^.;]{0,12}$", lower[max(0, hit.start - 50) : hit.start]):
                continue
            return hit, None, (hit.start, hit.end), hit.confidence, hit.note
    anniversary = _ANNIVERSARY.search(lower, start)
    if anniversary is not None and not re.search(r"renew|each $|every $", lower[max(0, anniversary.start() - 40) : anniversary.start()]):
        number = anniversary["words"] or anniversary["figures"]
        years = ordinal(number) if number else cardinal(anniversary["cardinal"]) if anniversary["cardinal"] else int(anniversary["plain"])
        if years:
            return None, Duration(years, "year"), (anniversary.start(), anniversary.end()), 0.93, ""
    for hit in sentence.durations:
        if hit.start < start - 60 or hit.duration.unit in ("hour", "business_day"):
            continue
        after = lower[hit.end : hit.end + 40]
        if duration_role(sentence, hit) != "length" or re.match(r" (?:after|following) (?:the )?(?:termination|expiration|notice|receipt|such)", after):
            continue
        near = lower[max(0, hit.start - 70) : hit.start]
        if re.search(r"\bwithin (?:a |the )?$|\bevery $|\bper $|\b(?:preceding|prior|previous|first|last|next|than|beyond) $", near[-16:]) or _NOT_TERM.search(near):
            continue
        if not _LINKED.search(near) and hit.start > 12:
            continue
        return None, hit.duration, (hit.start, hit.end), hit.confidence, hit.note
    return None, None, (0, 0), 0.0, ""


def _term(found: _Reading) -> Term | None:
    sentence = found.sentence
    if found.end is not None:
        return None
    start, end = found.length_span if found.length is not None else (0, len(sentence.text))
    return Term(
        words=sentence.words(start, end),
        clause=sentence.clause,
        confidence=min(0.95, found.length_confidence) * (1.0 if found.score >= 2.5 else 0.9),
        length=found.length,
        perpetual=found.perpetual,
        note="the length is blank or redacted" if found.blank else found.note,
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
        return ContractDate(words, sentence.clause, min(0.96, hit.confidence) * sure, "expiration", hit.value, status, note=hit.note)
    if found.length is None:
        redacted = "*" in words.text
        return ContractDate(words, sentence.clause, 0.6, "expiration", None, "redacted" if redacted else "blank", note="the term is blank or redacted")
    anchor, why, certain = _anchor(found, dates)
    if anchor is None or anchor.value is None:
        if anchor is not None and anchor.status in ("blank", "redacted"):
            return ContractDate(words, sentence.clause, 0.7 * sure, "expiration", None, anchor.status, f"{why} + {found.length}", note=f"{why} is {anchor.status}")
        note = f"runs {found.length} from {why}, whose date the contract does not say"
        return ContractDate(words, sentence.clause, 0.5, "expiration", None, "blank", f"{why} + {found.length}", note=note) if why else None
    summed = add(anchor.value, found.length)
    last = add(summed, Duration(1, "day"), -1) if summed else None
    if last is None:
        return None
    arithmetic = f"{show(anchor.value)} + {found.length} - 1 day = {show(last)}"
    unsaid = f"counted from {why}, whose date the contract does not say: this is the earliest it can be" if certain <= 0.5 else ""
    confidence = min(anchor.confidence, found.length_confidence, certain) * sure
    later = re.search(r"\blater (?:of|to occur)|\blatest of", sentence.lower) is not None
    note = "; ".join(part for part in (found.note, anchor.note, unsaid, "the later of several ends counts" if later else "") if part)
    return ContractDate(words, sentence.clause, confidence * (0.7 if later else 1.0), "expiration", last, "computed", arithmetic, note=note)


def _anchor(found: _Reading, dates: Dates) -> tuple[ContractDate | None, str, float]:
    """What the term is counted from: a date, its name in words, and how surely."""
    sentence, (start, end) = found.sentence, found.length_span
    lower = sentence.lower
    after = lower[end : end + 140]
    before = lower[max(0, start - 260) : start]
    own = next((hit for hit in sentence.dates if hit.value and hit.start < start and re.search(r"\b(?:commenc|begin|start|effective|from|as of|dated)\w*\b[^.;]{0,40}$", lower[max(0, hit.start - 60) : hit.start])), None)
    own = own or next((hit for hit in sentence.dates if hit.value and end <= hit.start <= end + 60 and re.search(r"\b(?:commenc|begin|start|effective|from|of|after)\w*\b[^.;]{0,20}$", lower[max(0, hit.start - 30) : hit.start])), None)
    if own is not None:
        date = ContractDate(sentence.words(own.start, own.end), sentence.clause, own.confidence, "effective", own.value, "given")
        return date, "the date named", 0.93
    found_after = _ANCHOR.search(after)
    found_before = None
    for found_before in _ANCHOR.finditer(before):
        pass
    for match in (found_after, found_before):
        if match is None:
            continue
        anchor = match["anchor"]
        for name, date in dates.defined.items():
            if name in anchor:
                return date, f"the {name}", 0.95
        if _EFFECTIVE_ANCHOR.search(anchor):
            chosen = dates.effective or dates.agreement
            return chosen, "the effective date", 0.93 if dates.effective else 0.75
        if _AGREEMENT_ANCHOR.search(anchor):
            return dates.agreement or dates.effective, "the date of the agreement", 0.92
        if re.search(r"\bdate\b|launch|delivery|closing|acceptance|approval|completion|opening", anchor):
            phrase = re.split(r"\band\b|\bunless\b|\bor\b|\(|\"", anchor)[0].strip()
            return dates.effective or dates.agreement, f"the {phrase}"[:60], 0.5
    chosen = dates.effective or dates.agreement
    return chosen, "the effective date", 0.85


def _renewal(reading: Reading) -> Renewal | None:
    best: tuple[float, Renewal] | None = None
    for number, sentence in enumerate(reading.sentences):
        found = _renewal_sentence(reading, number, sentence)
        if found is not None and (best is None or found[0] > best[0]):
            best = found
    return best[1] if best else None


def _renewal_sentence(reading: Reading, number: int, sentence: Sentence) -> tuple[float, Renewal] | None:
    lower = sentence.lower
    if not _RENEW.search(lower):
        return None
    label = max(sentence.labels.get("renewal_term", 0.0), sentence.labels.get("notice_period_to_terminate_renewal", 0.0))
    automatic = _AUTOMATIC.search(lower) is not None
    agreed = _BY_AGREEMENT.search(lower) is not None
    if not automatic and not agreed and label < 0.5:
        return None
    subject = re.search(rf"\b(?:term|{_DOCUMENT}|renewal|extension)\b", lower) is not None
    if not subject or (re.search(r"\b(?:patent|trademark|registration|domain|insurance|policy|letter of credit|time|deadline|payment)\b", lower) and not re.search(r"\bterm\b|this agreement", lower)):
        return None
    hits = list(sentence.durations)
    length = next((hit for hit in hits if duration_role(sentence, hit) == "renewal"), None)
    notice = _stop_notice(sentence, hits)
    near: Sentence | None = sentence
    if notice is None:
        notice, near = _stop_notice_near(reading, number)
    implied = None
    if length is None:
        if re.search(r"\byear[- ]to[- ]year|\bannual(?:ly)?\b|\byearly\b|each anniversary|\bone-year\b", lower):
            implied = Duration(1, "year")
        elif re.search(r"\bmonth[- ]to[- ]month|\bmonthly\b", lower):
            implied = Duration(1, "month")
    times_match = _TIMES.search(lower)
    times = None
    if times_match and not re.match(r"\d{3,}", times_match["n"]):
        times = cardinal(times_match["n"]) if times_match["n"][0].isalpha() else int(times_match["n"])
    score = 2.0 * label + (1.0 if automatic else 0.3) + (0.6 if length or implied else 0.0) + (0.8 if notice else 0.0)
    score += 0.5 if re.search(r"\bautomatic|\bunless\b", lower) else 0.0
    score += 0.5 if re.search(r"\bterm|renew", sentence.headings) else 0.0
    score -= 1.0 if sentence.part != reading.main_part else 0.0
    if score < 1.0:
        return None
    if notice is not None and near is not None and near is not sentence:
        score -= 0.1
    confidence = min(0.95, 0.6 + 0.1 * score, length.confidence if length else 1.0, notice.confidence if notice else 1.0)
    note = "; ".join(hit.note for hit in (length, notice) if hit is not None and hit.note)
    renewal = Renewal(
        words=sentence.words(),
        clause=sentence.clause,
        confidence=confidence,
        automatic=automatic and not (agreed and not re.search(r"\bautomatic", lower)),
        length=length.duration if length else implied,
        times=times,
        notice=notice.duration if notice else None,
        note=note,
    )
    return score, renewal


def _stop_notice(sentence: Sentence, hits: list[DurationHit]) -> DurationHit | None:
    return next((hit for hit in hits if duration_role(sentence, hit) == "notice"), None)


_STOPS = re.compile(r"\bnot to renew|\bnon-?renew|\bnot (?:be )?(?:renewed|extended)|\bintent(?:ion)? (?:not )?to (?:terminate|renew|extend)|\bprior to (?:the )?(?:end|expir\w+|renewal|anniversary)|\bbefore (?:the )?(?:end|expir\w+|renewal)|\bnotice of termination|\bexpiration of the (?:then|initial|term)|\bend of the (?:then|initial|term)|\b(?:after|following|during) the (?:initial|extended|renewal) term\b|\bthereafter\b[^.;]{0,60}\bterminat|\bany renewal|\bits ?renewals")


def _stop_notice_near(reading: Reading, number: int) -> tuple[DurationHit | None, Sentence | None]:
    """The notice in one of the sentences beside a renewal clause, where the clause itself names none."""
    for sentence in _beside(reading, number):
        if _STOPS.search(sentence.lower):
            hit = _stop_notice(sentence, list(sentence.durations))
            if hit is not None:
                return hit, sentence
    return None, None


def _beside(reading: Reading, number: int) -> Iterator[Sentence]:
    for offset in (1, -1, 2, 3):
        if 0 <= number + offset < len(reading.sentences):
            yield reading.sentences[number + offset]

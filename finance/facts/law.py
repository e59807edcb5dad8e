"""Governing law, forum and seat of arbitration: which jurisdiction, for what, exclusive or not.

Reads sentences; a jurisdiction counts only in the words that follow the cue ("laws of", "courts of"), and never in a
conflict-of-laws proviso ("without regard to the laws of ..."). Laws of exhibits or named subjects are kept apart by ``covers``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .dates import find_blank
from .jurisdictions import JurisdictionHit, find_jurisdictions
from .sentences import Reading, Sentence
from .types import Law

MAX_LAWS = 40
_WINDOW = 220

_GATE = r"\blaws?\b|\blegislation|\bcourts?\b|\bjurisdiction|\bvenue\b|\barbitrat|\btribunals?\b|\bseat\b|\bforum\b"
_VERB = re.compile(
    r"\b(?:govern(?:ed|ing|s)?|constru(?:ed|ction|ing)|interpret(?:ed|ation)|enforced|enforceable|controlled|to be applied|applied|regulated|subject to the application|proper law)\b"
)
_WEAK_VERB = re.compile(r"\b(?:subject to|under|in accordance with|according to|pursuant to)\b")
_DECIDED = re.compile(
    r"\b(?:disputes?|controvers\w+|legal relations|claims?|this (?:agreement|contract))\b[^.;]{0,160}\b(?:determined|resolved|decided|settled|be under|be made under)\b"
)
_MODAL = re.compile(r"\b(?:shall|will|must|is|are|be|govern)\b")
_LAWS = re.compile(
    r"\b(?:laws?|legislation)\b(?:,? (?:other than|and not|not including|excluding|exclusive of|without|excepting)[^,.;]{0,90}, (?=of ))?"
)
_APPLIES = re.compile(
    r"^[^.;]{0,120}?\b(?:shall|will|does|do|must|is to|to)? ?(?:(?:exclusively|solely|also) )?(?:govern|apply|control|be applied|be applicable|be the governing|prevail)"
)
_APPLIES_ALONE = re.compile(
    r"^ (?:shall |will )?(?:exclusively |solely |alone )?(?:appl(?:y|ies)|governs?)(?: exclusively| alone)?(?: to (?:this|the) (?:agreement|contract|lease)\b[^.;]{0,80})?(?:[.;,]| and (?:the )?(?:courts?|place|jurisdiction|venue)|$)"
)
_SUBJECT_TO = re.compile(
    r"\b(?:this|the (?:present )?)\s?(?:agreement|contract|lease|licen[cs]e|terms)\b[^.;]{0,80}\b(?:is|are|shall be|will be)\b[^.;]{0,24}\bsubject (?:exclusively |solely )?to (?:the )?(?:\w+ ){0,3}$"
)
_ABOUT_REGULATION = re.compile(
    r"[^.;]{0,60}\b(?:regulations?|export|regarding|relating|concerning|restrict\w*|prohibit\w*|applicable to)\b"
)
_GOVERNS = re.compile(r"\b(?:shall|will|must) (?:\w+ )?(?:govern|apply|control)")
_BOUNDARY = re.compile(r"; |(?<!\()\bexcept(?: that)?\b|\bprovided,? (?:however,? )?that\b|, provided\b")
_NOT_GOVERNING = re.compile(
    r"\b(?:organi[sz]ed|existing|incorporated|formed|established|registered|good standing|complian\w+|comply|complies|violat\w+|required|permitted|infring\w+|prohibited)\b[^.;]{0,60}$"
)
_OTHER_LAW = re.compile(
    r"\b(?:patent|inventorship|export|import|tax|securities|bankruptcy|privacy|criminal|labou?r|antitrust|competition|customs|copyright|trademark|property|corporate|insurance|employment|data protection|federal) $"
)
_CUT = re.compile(
    r"\b(?:without (?:regard|giving|reference|application|respect|consideration|recourse)|excluding|irrespective|regardless|notwithstanding|other than|exclusive of|except|but not|conflicts? of|choice[- ]of[- ]law"
    r"|and (?:the )?(?:parties|each party|both parties|any|all|venue|exclusive|is subject|submit|jurisdiction|courts?|hereby|shall be subject|with respect)|courts?|jurisdiction|venue|arbitrat\w+)|; |\(without"
)
_FORUM = re.compile(
    r"\bcourts?\b|\bjurisdiction\b|\bvenue\b|\btribunals?\b|\bforum\b|\b(?:brought|instituted|commenced|filed|litigated|heard|tried|adjudicated|resolved)\b(?=[^.;]{0,60}\bin\b)"
)
_FORUM_CUE = re.compile(
    r"\b(?:submit|consent|jurisdiction|venue|brought|instituted|commenced|filed|litigated|heard|tried|adjudicated|resolved|settled|exclusive|proper|forum|suits?|actions?|proceedings?|disputes?)\b"
)
_SEAT = re.compile(
    r"\b(?:seat(?:ed)?|place|venue|location|situs|held|conducted|take place|takes place|occur|sitting|heard|administered|arbitrat(?:ion|ed|or|e|ors))\b[^.;]{0,80}?\b(?:in|at|be|is)\b"
)
_OF_HEARINGS = re.compile(r"\b(?:hearings?|meetings?|sessions?|deliberations?)\b[^.;]{0,20}\b(?:may|can)\b[^.;]*$")
_HERE = re.compile(
    r"\b(?:this|the present|these) |\b(?:agreement|contract|lease|terms|hereof|hereunder|herein|validity|construction|interpretation|performance|parties|rights|obligations|disputes?|claims?|controvers\w+|matters|it|license|licence|deed|letter|amendment|plan)\b"
)
_PART = re.compile(r"\b((?:exhibit|schedule|annex|appendix|addendum|attachment) [a-z0-9-]{1,6})\b")
_SUCH = re.compile(
    r"\b(?:such|said|that|aforesaid|aforementioned|the (?:above|same|foregoing)) (?:state|country|jurisdiction|province|county|place)\b"
)


def laws(reading: Reading) -> tuple[Law, ...]:
    """Every governing law, forum and seat, in text order, at most 40. A law left blank or redacted has the jurisdiction ""."""
    found: list[Law] = []
    for sentence in reading.where(_GATE):
        if len(found) >= MAX_LAWS:
            break
        jurisdictions = find_jurisdictions(sentence.text)
        found.extend(_governing(reading, sentence, jurisdictions))
        found.extend(_forums(reading, sentence, jurisdictions, found))
        found.extend(_seats(reading, sentence, jurisdictions))
    return tuple(_settled(found))


def _governing(reading: Reading, sentence: Sentence, jurisdictions: tuple[JurisdictionHit, ...]) -> Iterator[Law]:
    lower = sentence.lower
    heading = re.search(r"governing law|applicable law|choice of law|\blaw\b", sentence.headings) is not None
    labelled = sentence.labels.get("governing_law", 0.0) > 0.5
    if re.search(r"\bopinions?\b|\bcounsel for\b", lower):
        return
    done = -1
    for word in _LAWS.finditer(lower):
        if word.start() < done:
            continue
        opening = max(0, word.start() - 320)
        opening = max((mark.end() for mark in _BOUNDARY.finditer(lower, opening, word.start())), default=opening)
        before = lower[opening : word.start()]
        verb = _VERB.search(before)
        behind = lower[word.end() : word.end() + _WINDOW]
        applies = _APPLIES.match(behind) or _APPLIES_ALONE.match(behind)
        if verb is None and not _ABOUT_REGULATION.match(behind):
            verb = _SUBJECT_TO.search(before)
        if verb is None and (heading or labelled or _DECIDED.search(before)):
            verb = _WEAK_VERB.search(before)
        if re.search(r"conflicts? of $|choice of $|without[^.;]{0,60}$|principles of $|rules of $", before[-70:]):
            continue
        if (verb is None and not applies) or _OTHER_LAW.search(before[-30:]) or _NOT_GOVERNING.search(before[-80:]):
            continue
        hits = _after_law(lower, word, jurisdictions)
        if not hits:
            yield from _blank_law(reading, sentence, word)
            continue
        modal = _MODAL.search(before) or verb
        if modal is None and _APPLIES_ALONE.match(behind):
            covers = reading.subject_of(sentence)
        else:
            covers = _covers(reading, sentence, opening, opening + modal.start() if modal else word.start())
        confidence = 0.93 + (0.04 if labelled or heading else 0.0)
        if verb is None and not _GOVERNS.search(lower, word.end(), word.end() + _WINDOW):
            confidence -= 0.1
        for hit in hits:
            done = max(done, hit.end)
            start, end = min(word.start(), hit.start), max(word.end(), hit.end)
            yield Law(
                words=sentence.words(start, end),
                clause=sentence.clause,
                confidence=confidence,
                kind="law",
                jurisdiction=hit.name,
                covers=covers,
            )


def _after_law(lower: str, word: re.Match[str], jurisdictions: tuple[JurisdictionHit, ...]) -> list[JurisdictionHit]:
    """The jurisdictions that "law" speaks of: after it ("laws of the State of X and of Y"), just before it ("X law"), or referred to
    ("the laws thereof"). A federation beside one of its states is left out."""
    start, end = word.start(), word.end()
    cut = _CUT.search(lower, end, end + _WINDOW)
    stop = cut.start() if cut else min(len(lower), end + _WINDOW)
    hits: list[JurisdictionHit] = []
    reach = end + 90
    for hit in jurisdictions:
        if end <= hit.start < stop and hit.start <= reach:
            if re.search(
                r"\b(?:perform|execut|made|enter|resid|between|located)\w*\b[^.;]{0,40}$", lower[end : hit.start]
            ):
                break
            hits.append(hit)
            reach = hit.end + 45
    if not hits:
        hits = [
            hit
            for hit in jurisdictions
            if hit.end <= start
            and re.fullmatch(
                r"(?:'s)?(?: (?:state|substantive|civil|contract|internal|domestic))? ?", lower[hit.end : start]
            )
        ]
    if not hits and re.match(
        r" (?:thereof|of (?:such|said|that|the (?:above|same|aforesaid|aforementioned)) (?:state|country|province|jurisdiction)|of the (?:state|province)\b(?! of))",
        lower[end:],
    ):
        hits = [hit for hit in jurisdictions if hit.end <= start][-1:]
    places = [hit for hit in hits if not hit.city] or hits
    if len(places) > 1:
        places = [
            hit
            for hit in places
            if hit.name not in ("United States", "Canada", "Australia", "United Kingdom", "European Union")
        ] or places
    return places[:4]


def _blank_law(reading: Reading, sentence: Sentence, word: re.Match[str]) -> Iterator[Law]:
    blank = find_blank(sentence.text, word.end())
    if (
        blank is not None
        and blank.start() - word.end() < 40
        and re.match(r" (?:of|in)\b", sentence.lower[word.end() :])
    ):
        yield Law(
            words=sentence.words(word.start(), blank.end()), clause=sentence.clause, confidence=0.5, kind="law", jurisdiction="",
            covers=reading.subject_of(sentence), note="the law is blank or redacted",
        )  # fmt: skip


def _covers(reading: Reading, sentence: Sentence, opening: int, verb: int) -> str:
    """What the law governs: the subject that stands between ``opening`` and the verb."""
    here = reading.subject_of(sentence)
    clause = sentence.lower[opening:verb].rsplit(". ", 1)[-1]
    named = _PART.search(clause)
    if named and not re.search(r"this agreement|this contract|hereto|including|together", clause):
        return named[1].title()
    if len(clause.strip()) < 4 or _HERE.search(clause):
        return here
    subject = re.sub(r"\b(?:shall|will|is|are|must)\b.*$", "", clause).strip(" ,:;()-\"'")
    return subject[:80] if len(subject) >= 3 and len(subject.split()) <= 12 else here


def _forums(
    reading: Reading, sentence: Sentence, jurisdictions: tuple[JurisdictionHit, ...], earlier: list[Law]
) -> Iterator[Law]:
    lower = sentence.lower
    if not _FORUM_CUE.search(lower) or not re.search(r"court|jurisdiction|venue|tribunal|forum", lower):
        return
    taken: set[str] = set()
    for cue in _FORUM.finditer(lower):
        word = cue.group()
        window = lower[cue.end() : cue.end() + _WINDOW]
        if word == "jurisdiction" and re.search(
            r"(?:competent|other|any|such|each|that|which|whose|another) $",
            lower[max(0, cue.start() - 14) : cue.start()],
        ):
            continue
        stop_match = re.search(r"\b(?:laws? of|in accordance with|without regard)\b|; ", window)
        stop = cue.end() + (stop_match.start() if stop_match else len(window))
        inside = [hit for hit in jurisdictions if cue.end() <= hit.start < stop]
        if word.startswith(("court", "tribunal")):
            inside = inside or [
                hit
                for hit in jurisdictions
                if cue.start() - 60 <= hit.start
                and hit.end <= cue.start()
                and not re.search(r"laws? of[^.;]{0,40}$", lower[max(0, hit.start - 50) : hit.start])
            ]
        if "arbitra" in lower and not re.search(r"\bcourts?\b|\bjurisdiction of\b|submit to", lower):
            continue
        if not inside and _SUCH.search(window):
            law = next((law for law in reversed(earlier) if law.kind == "law" and law.jurisdiction), None)
            if law is not None and law.jurisdiction not in taken:
                such = _SUCH.search(lower, cue.end())
                if such:
                    taken.add(law.jurisdiction)
                    yield _forum(reading, sentence, cue.start(), such.end(), law.jurisdiction, 0.75)
        for hit in inside[:3]:
            if hit.name in taken or re.search(r"\d", lower[cue.end() : hit.start]):
                continue  # figures between stand in an address ("12 Court Street")
            taken.add(hit.name)
            court = "court" in word or "court" in window[: max(0, hit.start - cue.end())]
            yield _forum(
                reading,
                sentence,
                min(cue.start(), hit.start),
                max(cue.end(), hit.end),
                hit.name,
                0.92 if court else 0.82,
            )


def _forum(reading: Reading, sentence: Sentence, start: int, end: int, name: str, confidence: float) -> Law:
    lower = sentence.lower
    exclusive: bool | None = None
    if re.search(r"\bnon-? ?exclusive", lower):
        exclusive = False
    elif re.search(r"\bexclusive(?:ly)?\b|\bsole(?:ly)?\b|\bonly (?:in|by|before)\b", lower):
        exclusive = True
    covers = reading.subject_of(sentence)
    return Law(
        words=sentence.words(start, end),
        clause=sentence.clause,
        confidence=confidence,
        kind="forum",
        jurisdiction=name,
        exclusive=exclusive,
        covers=covers,
    )


def _seats(reading: Reading, sentence: Sentence, jurisdictions: tuple[JurisdictionHit, ...]) -> Iterator[Law]:
    lower = sentence.lower
    if not re.search(r"arbitra", lower + " " + sentence.headings) or not jurisdictions:
        return
    taken: set[str] = set()
    for cue in _SEAT.finditer(lower):
        if _OF_HEARINGS.search(cue.group()) or _OF_HEARINGS.search(lower[max(0, cue.start() - 40) : cue.start()]):
            continue  # where a hearing may be held is no seat
        window = lower[cue.end() : cue.end() + 90]
        stop = re.search(r"\b(?:laws?|accordance|rules|pursuant|courts?)\b|; ", window)
        end = cue.end() + (stop.start() if stop else len(window))
        for hit in jurisdictions:
            if cue.end() <= hit.start < end and hit.name not in taken:
                taken.add(hit.name)
                covers = reading.subject_of(sentence)
                yield Law(
                    words=sentence.words(cue.start(), hit.end),
                    clause=sentence.clause,
                    confidence=0.9,
                    kind="seat",
                    jurisdiction=hit.name,
                    covers=covers,
                )
                break


def _settled(found: list[Law]) -> list[Law]:
    """Equal laws told twice stay once (the surest); where only a named subject has a law, the first one is the agreement's."""
    best: dict[tuple[str, str, str], Law] = {}
    for law in found:
        key = (law.kind, law.jurisdiction, law.covers.lower())
        if key not in best or law.confidence > best[key].confidence + 0.05:
            best[key] = law
    return sorted(best.values(), key=lambda law: (law.words.start, law.kind))

"""Divide a document before its clauses are read: the parts (body, exhibits, schedules), and within a part the title,
the preamble, the recitals and the signature blocks. ``finance/clauses.py`` numbers what is left.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .agreements import another_agreement
from .contents import Stretch, inside
from .lines import Line

if TYPE_CHECKING:
    from .clauses import PartKind

_PART = re.compile(
    r"""[\ \t\u00a0*_\#"“\[]{0,80}(?P<kind>(?i:exhibit|schedule|annexe?|appendix|attachment|anlage|anhang))[\ \t\u00a0]*
      (?P<mark>(?:(?i:no\.?|number)[\ ]?)?["“']?(?P<label>[A-Z]{1,2}(?:[-.]?\d{1,2}){0,2}|\d{1,2}(?:[-.]?[A-Za-z0-9]{1,2}){0,2}|[IVX]{1,5}(?:[-.]?[A-Z0-9]{1,2})?)["”']?)?
      (?P<rest>[^\n]*)""",
    re.VERBOSE,
)
_PART_KINDS: dict[str, PartKind] = {
    "exhibit": "exhibit", "attachment": "exhibit", "schedule": "schedule", "annex": "annex", "annexe": "annex", "anlage": "annex",
    "anhang": "annex", "appendix": "appendix",
}  # fmt: skip
_PART_SENTENCE = re.compile(
    r"\b(?:is|are|shall|will|sets?|means?|contains?|attached|may|must|hereto|hereof|hereby|which|that|lists?|describes?|includes?)\b"
)
_PART_REST = re.compile(r"^(?:\s*$|\s*[-–—:.(\[\])]|\s+[A-Z0-9\[(“\"*]|\s+(?:to|of|zu|zum)\s)")
_ATTACHED = re.compile(
    r"(?P<amendment>(?i:(?:first|second|third|fourth|fifth|\d(?:st|nd|rd|th))\s+amendment\b|amendment\s+(?:no\.?|number|#)\s*\w+|addendum\b))"
    r"|(?P<order>(?:ORDER FORM|Order Form|STATEMENT OF WORK|Statement of Work|PURCHASE ORDER|WORK ORDER))"
)
_PREAMBLE = re.compile(
    r"""(?P<this>\bTH(?:IS|ESE)\b[^.;]{0,160}?\b(?:AGREEMENT|CONTRACT|LEASE|AMENDMENT|LICEN[CS]E|DEED|ADDENDUM|TERMS|PLAN|LETTER|ORDER|NOTE|GUARANTY|UNDERTAKING|MEMORANDUM|INDENTURE|SUBLEASE|PROGRAM|APPENDIX|PROMISSORY)\b)
      |\b(?:made|entered|executed|effective|dated|concluded|issued)\b[^.;]{0,120}?\b(?:between|among|amongst)\b
      |\bby\s+and\s+(?:between|among)\b
      |^\W{0,6}(?:BETWEEN|Between|AMONG|PARTIES|Parties|THE\ PARTIES)\b(?=[\s:(]{0,4}(?:$|\n|[A-Z(\d:]))
      |^\W{0,4}(?:Dear\b|Ladies\s+and\s+Gentlemen|Gentlemen\b|To\s+Whom)
      |\bdated\s+(?:as\s+of\s+)?[^.;]{3,60}\b(?:between|among|by)\b
      |\bzwischen\b""",
    re.VERBOSE | re.MULTILINE | re.IGNORECASE,
)
_MADE = re.compile(r"(?i)\b(?:between|among|amongst|made|entered)\b")
_RECITALS = re.compile(
    r"""(?:^|(?<=[.:;,)”"])\s)\s{0,8}(?P<mark>
       WHEREAS\b|Whereas\b(?=[,:\s])|RECITALS?\b|W\s*I\s*T\s*N\s*E\s*S\s*S\s*E\s*T\s*H\b|WITNESSETH\b|BACKGROUND\b(?!\s+(?:CHECK|TECH|IP|INTELL|RIGHTS|PATENT))
      |(?:Recitals?|Background|Preliminary\ Statements?|PRELIMINARY\ STATEMENTS?|PREMISES|Preamble|PREAMBLE|EXPLANATORY\ STATEMENT|STATEMENT\ OF\ PURPOSE)(?=\W{0,3}(?:$|\n|[A1(]\W)))""",
    re.VERBOSE | re.MULTILINE,
)
_AGREED = re.compile(
    r"""(?:^|(?<=[.:;,)”"])\s)\s{0,8}(?:NOW[,;\s]{1,3}\s*(?i:therefore|this\ agreement|it\ is|the\ parties|in\ consideration|wherefore)|IN\ CONSIDERATION\ OF\b|THEREFORE\b|Therefore,\ (?:in|the)\b|In\ consideration\ (?:of|for)\b|Accordingly,\ the\ parties\b)
      |(?i:\bagrees?\ (?:and\ covenants?\ )?as\ follows)|\b(?i:it\ is\ (?:hereby\ )?(?:mutually\ )?agreed|(?:the\ )?(?:parties|undersigned)\b[^.;:]{0,120}\bagree\b[^.;:]{0,40}as\ follows)""",
    re.VERBOSE | re.MULTILINE,
)
_AGREED_END = re.compile(r"(?i)(?:\bfollow(?:s|ing)\b[^.:\n]{0,40}[:.]|[:.](?=\s|$)|\n\s*\n)")
_OPERATIVE = re.compile(
    r"(?im)^\W{0,6}(?:agreement|agreements|agreed terms|operative (?:provisions|part)|terms(?: and conditions)?|the parties agree[^\n]{0,40})\W{0,6}$"
)
_SIGNATURE = re.compile(
    r"""(?:^|(?<=[.:;)”"\]])\s)\s{0,8}(?P<mark>
       IN\s+WITNESS\s*(?:WHEREOF|HEREOF|THEREOF)\b|In\s+witness\s+whereof\b|IN\s+WITNESS\b
      |(?:SIGNED|EXECUTED|AGREED)(?:,|\s+and|\s+AND|\s+by|\s+BY|\s+as\b|\s+AS\b|\s+TO\b|\s+on\s+behalf)[^\n]{0,80}
      |(?:ACCEPTED\s+AND\s+AGREED|Accepted\s+and\s+agreed|AGREED\s+AND\s+ACCEPTED|Agreed\s+and\s+accepted|Agreed\s+to\s+and\s+accepted)\b
      |(?:The|THE)\s+(?:parties|Parties|PARTIES|undersigned)\b[^.\n]{0,60}\b(?:have|has|HAVE)\s+(?:duly\s+)?(?:executed|signed|caused|EXECUTED)\b
      |\[?(?:SIGNATURE\s+PAGES?|Signature\s+[Pp]ages?|SIGNATURES)\b(?=[^\n]{0,80}$)
      |/{1,2}[sS]/{1,2}[^\n]{0,80}$|Very\s+truly\s+yours|Sincerely(?:\s+yours)?,
    )""",
    re.VERBOSE | re.MULTILINE,
)
_SIGNING_LINE = re.compile(r"(?im)^[^\n]{0,60}\b(?:by|name|title|its|date|signature|signed)\s*:[^\n]{0,90}$|/s/")
PREAMBLE_REACH = 12_000
RECITALS_REACH = 20_000
FAR = 6000
"""Characters after which text before the first number is no longer taken for a preamble or recitals."""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the file before its clauses are known: its kind, title line and extent."""

    kind: PartKind
    title: str
    label: str
    start: int
    end: int
    body: int


def sections(text: str, lines: Sequence[Line], skipped: Sequence[Stretch]) -> list[Section]:
    """The parts of a file in order: the body, then each exhibit, schedule, annex, appendix or amendment with a heading of its own."""
    heads: list[Section] = []
    signed = False
    for index, line in enumerate(lines):
        if not line.opens or inside(line.start, skipped):
            continue
        words = text[line.start : min(line.end, line.start + 400)]
        if (len(line) < 300 and _SIGNATURE.match(words)) or "/s/" in words.lower():
            signed = True
        match = _PART.match(words)
        if match and _is_part(match, line, lines, index, text):
            kind = _PART_KINDS[match["kind"].lower()]
            rest = match["rest"].strip()
            title = (
                " ".join(words[:MAX_TITLE].split())
                if len(rest) <= 90
                else f"{match['kind']} {match['label'] or ''}".strip()
            )
            heads.append(
                Section(
                    kind,
                    title,
                    f"{match['kind'].lower()} {(match['label'] or '').lower()}".strip(),
                    line.start,
                    0,
                    line.end,
                )
            )
            continue
        if another_agreement(text, lines, index, _since(heads), signed=signed):
            title = " ".join(words.split())
            heads.append(Section("body", title[:MAX_TITLE], f"agreement at {line.start}", line.start, 0, line.start))
            signed = False
            continue
        attached = _ATTACHED.search(words[:120]) if signed and len(line) <= 120 else None
        if (
            attached
            and not re.match(r"(?i)[^\n]{0,80}\b(?:shall|is|are|dated|pursuant)\b", words)
            and is_start(attached, words)
        ):
            kind: PartKind = "amendment" if attached["amendment"] else "order_form"
            heads.append(
                Section(kind, " ".join(words.split()), " ".join(words.lower().split()), line.start, 0, line.end)
            )
    kept = _without_lists(text, _joined(text, heads))
    while (
        kept and kept[0].start < 400 and len(text) - kept[0].start > 3000 and _opening(text, kept[0].start, 6000, None)
    ):
        kept.pop(0)  # left over from the file that this one was cut from: an agreement of its own follows
    result: list[Section] = []
    body_end = kept[0].start if kept else len(text)
    if body_end > 0:
        result.append(Section("body", "", "", 0, body_end, 0))
    for index, head in enumerate(kept):
        end = kept[index + 1].start if index + 1 < len(kept) else len(text)
        result.append(Section(head.kind, head.title, head.label, head.start, end, head.body))
    return result


MAX_TITLE = 120


def _since(heads: Sequence[Section]) -> tuple[int, bool]:
    """Where the part begins that a line would belong to, past its heading, and whether it is an agreement rather than an exhibit."""
    return (heads[-1].body, heads[-1].kind == "body") if heads else (0, True)


def is_start(match: re.Match[str], words: str) -> bool:
    """Whether the match stands at the beginning of the words, marks aside."""
    return not words[: match.start()].strip(' \t*_#"“[')


def _is_part(match: re.Match[str], line: Line, lines: Sequence[Line], index: int, text: str) -> bool:
    kind, label, rest = match["kind"], match["label"], match["rest"]
    if line.kind in ("footnote", "comment", "table_row"):
        return False
    if not label:
        alone = not rest.strip(' .:*_"”]') and (kind.isupper() or line.heading)
        return bool(alone and kind.lower() != "attachment" and index > 3)
    if line.start < 600 and (re.match(r"(?:\d{1,2}[.-]|99|[124]\d?\b)", label) or index <= 1):
        return False  # the number under which the file itself was filed
    if re.fullmatch(r"(?:10|99|4|2)\.\d+\w?", label) and kind.lower() == "exhibit":
        return False
    if not _PART_REST.match(rest) or kind.islower():
        return False
    short = len(line) <= 130
    caps = kind.isupper() and bool(re.match(r"\W*(?:[A-Z]{2,}|$)", rest))
    if not short and not caps:
        return False
    if rest.rstrip().endswith((".", ";", ",")) and _PART_SENTENCE.search(rest):
        return False
    if short and _PART_SENTENCE.search(rest) and not line.heading and not rest.strip().startswith(("(", "[")):
        return False
    previous = text[lines[index - 1].start : lines[index - 1].end].rstrip() if index else ""
    return not (
        previous
        and len(previous) > 60
        and ((previous[-1].isalpha() and previous[-1].islower()) or previous[-1] == ",")
        and not kind.isupper()
    )


def _joined(text: str, heads: Sequence[Section]) -> list[Section]:
    """One head where an exhibit's own title follows at once: "EXHIBIT A", then "STATEMENT OF WORK NO. 1"."""
    joined: list[Section] = []
    for head in heads:
        before = joined[-1] if joined else None
        inner = head.kind in ("amendment", "order_form")
        if (
            inner
            and before is not None
            and before.kind not in ("amendment", "order_form")
            and not text[before.body : head.start].strip()
        ):
            joined[-1] = Section(
                before.kind, f"{before.title} {head.title}"[:MAX_TITLE], before.label, before.start, 0, head.body
            )
        else:
            joined.append(head)
    return joined


def _without_lists(text: str, heads: Sequence[Section]) -> list[Section]:
    """Drop entries of a list of exhibits, and the repeats of a heading on each page of the same exhibit."""
    last_of: dict[str, int] = {head.label: at for at, head in enumerate(heads)}
    kept: list[Section] = []
    run = 0
    for at, head in enumerate(heads):
        end = heads[at + 1].start if at + 1 < len(heads) else len(text)
        own = len(text[head.body : min(end, head.body + 2000)].strip())
        listed = own < 30 and at + 1 < len(heads) and heads[at + 1].label != head.label
        before = heads[at - 1] if at else None
        listed_before = before is not None and not text[before.body : head.start].strip()
        run = run + 1 if listed_before else 0
        if run >= 2 and own >= 30 and _follows(heads[at - 1].label, head.label):
            continue  # the last entry of a list of attachments, with the contract's own text after it
        if listed and (last_of[head.label] > at or listed_before or not text[head.body : end].strip()):
            continue
        if own < 200 and last_of[head.label] > at and heads[at + 1].label != head.label:
            continue
        if listed_before and own < 30 and at + 1 == len(heads):
            continue
        if kept and kept[-1].label == head.label:
            continue
        kept.append(head)
    return kept


def _follows(label: str, following: str) -> bool:
    """Whether "exhibit b" follows "exhibit a"."""
    before, after = label.split(" ")[-1], following.split(" ")[-1]
    if before.isdecimal() and after.isdecimal():
        return int(after) == int(before) + 1
    return len(before) == len(after) == 1 and ord(after) == ord(before) + 1


def regions(text: str, section: Section, first_number: int | None, first_letter: int | None = None) -> list[Stretch]:
    """Title, preamble, recitals, body and signature of one part, in order and without gaps.

    ``first_number`` is where the first plain clause number of the part stands, ``first_letter`` where the first titled letter ("A. Scope")
    does, which counts where no recitals are found; None where there is none.
    """
    start, end = section.start, section.end
    reach = min(end, start + PREAMBLE_REACH)
    opening = _opening(text, section.body, reach, first_number)
    preamble = _paragraph_start(text, opening.start(), section.body) if opening else None
    if section.kind != "body" and preamble is not None and preamble > section.body + 1500:
        preamble = None
    if first_letter is not None and not _RECITALS.search(text, start, min(end, first_letter + 1)):
        first_number = min(first_letter, first_number if first_number is not None else end)
    numbered = first_number if first_number is not None else end
    if preamble is not None and preamble >= numbered:
        preamble = None
    signature = _signature(text, max(preamble or start, start), end)
    stop = signature if signature is not None else end
    head = preamble if preamble is not None else min(numbered, stop)
    found = [Stretch("title", start, head)]
    if preamble is None and section.kind != "body":
        found, body = [Stretch("title", start, section.body)], section.body
    elif preamble is None:
        title_end = _title_end(text, section.body if section.body > start else start, head)
        body = (
            head if first_number is not None and head - title_end <= FAR else min(head, _paragraph_end(text, title_end))
        )
        found = [Stretch("title", start, title_end), Stretch("preamble", title_end, body)]
    else:
        recital = _RECITALS.search(text, preamble, min(stop, preamble + RECITALS_REACH))
        agreed = _AGREED.search(text, preamble, min(stop, preamble + RECITALS_REACH))
        at = recital.start("mark") if recital else None
        if at is not None and agreed and agreed.start() < at:
            at = None
        if at is not None and numbered < at and not (agreed and at < agreed.start() and at - preamble < 6000):
            at = None
        body = _body_start(text, preamble, at, agreed, numbered, stop)
        if at is not None and at < body:
            found += [Stretch("preamble", preamble, at), Stretch("recitals", at, body)]
        else:
            found.append(Stretch("preamble", preamble, body))
    found.append(Stretch("clause", body, stop))
    if signature is not None:
        found.append(Stretch("signature", signature, end))
    return [stretch for stretch in found if stretch.end > stretch.start]


def _opening(text: str, start: int, reach: int, first_number: int | None) -> re.Match[str] | None:
    """The words that open the preamble: "THIS AGREEMENT" rather than a "by and between" on the title page before it."""
    first: re.Match[str] | None = None
    for match in _PREAMBLE.finditer(text, start, reach):
        if first_number is not None and match.start() >= first_number:
            break
        if match["this"] and _MADE.search(text, match.start(), min(reach, match.end() + 300)):
            named = first is not None and re.search(r"[\"“]", text[first.start() : match.start()])
            return first if named else match
        first = first or match
    return first


def _paragraph_start(text: str, position: int, floor: int) -> int:
    """The start of the line that holds ``position``; in a very long line, the start of the sentence."""
    start = max(floor, text.rfind("\n", 0, position) + 1)
    if position - start > 400:
        sentence = max(text.rfind(mark, start, position) for mark in (". ", ": ", "  "))
        return sentence + 2 if sentence > start else start
    return start


def _title_end(text: str, start: int, limit: int) -> int:
    """Where the short lines at the top of a part end."""
    position = start
    for _ in range(12):
        end = text.find("\n", position, limit)
        if end < 0:
            return limit if len(text[position:limit].strip()) <= 120 else position
        words = text[position:end].strip()
        if len(words) > 120 or (len(words) > 50 and words.endswith((".", ":", ";"))):
            return position
        position = end + 1
    return min(position, limit)


def _body_start(
    text: str, preamble: int, recital: int | None, agreed: re.Match[str] | None, numbered: int, stop: int
) -> int:
    """Where the operative text starts: after "NOW, THEREFORE ... as follows:", or at the first number after the preamble."""
    floor = recital if recital is not None else preamble
    if agreed and agreed.end() > floor and (agreed.start() < numbered or recital is not None):
        finish = _AGREED_END.search(text, agreed.end() - 1, min(stop, agreed.end() + 1500))
        return min(stop, finish.end() if finish else agreed.end())
    if recital is not None:
        operative = _OPERATIVE.search(text, recital + 10, min(stop, recital + RECITALS_REACH))
        if operative:
            return operative.start()
    near = floor <= numbered <= floor + FAR
    return (
        min(numbered, stop) if near else min(numbered, stop, _paragraph_end(text, floor)) if numbered > floor else floor
    )


def _paragraph_end(text: str, position: int) -> int:
    end = text.find("\n\n", position)
    return len(text) if end < 0 else end + 2


def _signature(text: str, start: int, end: int) -> int | None:
    """Where the signature block of a part starts: the last signing formula with signing lines after it, or the lines themselves."""
    floor = start + (end - start) // 5
    for match in _SIGNATURE.finditer(text, floor, end):
        at = match.start("mark")
        formula = text[at : at + 12].lower().startswith("in witness")
        if formula or _SIGNING_LINE.search(text, at, min(end, at + 1500)):
            line = max(start, text.rfind("\n", 0, at) + 1)
            if "/" in text[at : at + 2]:
                return _block_start(text, line, floor)
            return line if at - line < 8 else at
    signing = list(_SIGNING_LINE.finditer(text, max(floor, end - 3000), end))
    if len(signing) >= 2 and signing[1].start() - signing[0].start() < 400:
        return _block_start(text, signing[0].start(), floor)
    return None


_TITLE_WORD = re.compile(
    r"(?i)\b(?:agreement|contract|lease|terms|conditions|amendment|addendum|policy|deed|memorandum|note|guaranty|order|plan|undertaking|letter)\b"
)
_NOT_TITLE = re.compile(
    r"(?i)confidential|^\W*exhibit\b|^\W*ex-|execution|omitted|redacted|pursuant|securities and exchange|source:|\*\*\*"
)


def _block_start(text: str, line: int, floor: int) -> int:
    """Where a signature block starts whose first signing line is ``line``: at the party's name in the short lines above it."""
    start = text.rfind("\n\n", floor, line) + 2
    if not floor < start <= line or line - start > 300:
        sentence = text.rfind(". ", max(floor, line - 400), line) + 2
        return sentence if sentence > 2 and "\n" not in text[sentence:line] else line
    before = text.rfind("\n\n", floor, start - 2) + 2
    lone = (
        start == line
        and floor < before < start
        and start - before < 100
        and not text[before:start].strip().endswith((".", ";"))
    )
    return before if lone else start


def title_line(text: str, start: int, end: int) -> str:
    """The title of a part: the first line at its top that names an agreement, else what "This ... Agreement" calls it."""
    short: list[str] = []
    for words in re.split(r"\n+| {3,}", text[start:end][:3000]):
        words = " ".join(words.split()).strip(" *_#")
        if 3 <= len(words) <= 120 and not _NOT_TITLE.search(words) and not words.endswith((",", ";")):
            if _TITLE_WORD.search(words) and not _PREAMBLE.search(words):
                return words
            short.append(words)
    named = re.search(
        r"(?i)\bthis\s+((?:[\w&,'’/-]+\s+){0,8}?(?:agreement|contract|lease|amendment|deed|licen[cs]e))\b",
        text[start:end],
    )
    return " ".join(named[1].split()) if named else short[0] if short else ""

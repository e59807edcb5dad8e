"""Read names of companies and people: where a name starts and ends, its legal form, where it is organised, and when two names are one.

``parties.py`` and ``signatures.py`` build on this; nothing here knows a contract's structure.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

_FORMS = (
    r"(?:L\.\s?L\.\s?C\.?|LLC|L\.\s?L\.\s?P\.?|LLP|L\.\s?P\.?(?![A-Za-z])|LP(?![A-Za-z])|P\.\s?L\.\s?C\.?|PLC|plc|Plc|P\.\s?C\.(?![A-Za-z])|Inc(?:orporated)?\b\.?|INC(?:ORPORATED)?\b\.?|"
    r"Ltd\b\.?|LTD\b\.?|Limited\b|LIMITED\b|Corp(?:oration)?\b\.?|CORP(?:ORATION)?\b\.?|Co\b\.(?:,?\s*(?:Ltd|Inc|LTD|INC|LLC|L\.P)\b\.?)?|CO\b\.(?:,?\s*(?:LTD|INC|LLC)\b\.?)?|"
    r"Company\b|COMPANY\b|GmbH\b(?:\s*&\s*Co\.?\s*KG)?|gGmbH\b|UG\b|AG\b|A\.G\.|SE\b|KGaA\b|KG\b|OHG\b|e\.\s?V\.|S\.\s?A\.\s?(?:S\.|R\.L\.|de\s+C\.\s?V\.)?|SA\b|SAS\b|S\.A\.S\.|SARL\b|S\.\s?[àaÀA]\.?\s?[rR]\.?\s?[lL]\.?|"
    r"S\.\s?p\.\s?A\.?|SpA\b|S\.\s?r\.\s?l\.?|Srl\b|S\.L\.|B\.\s?V\.|BV\b|N\.\s?V\.|NV\b|A/S\b|ApS\b|A\.\s?B\.(?![A-Za-z])|AB\b|ASA\b|AS\b(?=[\s,(]*(?:a|an|\())|Oyj?\b|Pty\b\.?\s*(?:Ltd|Limited)\b\.?|PTY\b\.?\s*(?:LTD|LIMITED)\b\.?|Pte\b\.?\s*(?:Ltd|Limited)\b\.?|"
    r"PTE\b\.?\s*(?:LTD|LIMITED)\b\.?|K\.\s?K\.|Kabushiki\s+Kaisha|Sdn\.?\s*Bhd\.?|Berhad|Tbk\b|S/A\b|S\.C\.|Ltda\b\.?|G\.I\.E\.|U\.?S\.?A\.,?\s*Inc\.?|"
    r"Trust\b|TRUST\b|Bank\b|BANK\b|N\.\s?A\.(?![A-Za-z])|Association\b|ASSOCIATION\b|University\b|UNIVERSITY\b|Partnership\b|PARTNERSHIP\b|Partners\b|PARTNERS\b|Foundation\b|FOUNDATION\b|Institute\b|INSTITUTE\b|"
    r"Fund\b|FUND\b|Funds\b|Holdings\b|HOLDINGS\b|Group\b|GROUP\b|Authority\b|College\b|Hospital\b|Society\b|Ministry\b|有限公司|股份有限公司|公司)"
)
_SURE_FORMS = re.compile(
    r"(?:\b(?:LLC|L\.\s?L\.\s?C|LLP|L\.\s?L\.\s?P|LP|L\.\s?P|PLC|plc|Plc|Inc|INC|Incorporated|INCORPORATED|Ltd|LTD|Limited|LIMITED|Corp|CORP|Corporation|CORPORATION|Co|CO|Company|COMPANY|GmbH|AG|SE|KG|KGaA|UG|SA|SAS|SARL|SpA|Srl|BV|NV|AB|ASA|Oyj?|Pty|PTY|Pte|PTE|Bhd|Berhad|Tbk|Ltda|Kaisha)\b|"
    r"\bS\.\s?A\b|\bS\.\s?p\.\s?A|\bB\.\s?V\b|\bN\.\s?V\b|\bN\.\s?A\b|A/S\b|ApS\b|K\.\s?K\b|S/A\b|公司)"
)
_FORM_RUN = re.compile(rf"(?<![\w&’'-])(?:{_FORMS}|(?<=,\s)inc\b\.?)(?:,?[ \n]{{1,2}}(?:{_FORMS}))*")
_SOFT = re.compile(
    r"(?:Trust|TRUST|Bank|BANK|Company|COMPANY|Association|ASSOCIATION|University|UNIVERSITY|Partnership|PARTNERSHIP|Partners|PARTNERS|Foundation|FOUNDATION|Institute|INSTITUTE|Funds?|FUND|"
    r"Holdings|HOLDINGS|Group|GROUP|Authority|College|Hospital|Society|Ministry|Limited|Co\.?|S\.?E\.?|U\.?S\.?A\.?),?$"
)
_NAME_TOKEN = re.compile(
    r"(?:[(]?[A-Z0-9][\w&'’/+!@-]*(?:\.[\w&'’/+!@-]+)*[)]?|&|[a-z]{1,2}[A-Z0-9][\w.-]*|[a-z][\w-]*\.(?:com|net|org|[a-z]{2,3})|[a-z]-[\w-]+|(?:[A-Z]\.){1,4}|[^\W\d_a-zA-Z][\w.-]*|[A-Z][a-z]{0,2}\.)$"
)
_LINK = frozenset(
    [
        "of",
        "for",
        "de",
        "del",
        "della",
        "la",
        "le",
        "van",
        "von",
        "der",
        "den",
        "des",
        "di",
        "da",
        "do",
        "y",
        "e",
        "et",
        "und",
        "in",
        "the",
        "on",
    ]
)
_BREAK = frozenset(
    ["AND", "BEHALF", "BETWEEN", "AMONG", "BY", "THIS", "AGREEMENT", "Agreement", "Between", "Among", "By", "And", "WITH", "FROM", "TO", "The", "THE", "This", "To", "From", "With", "For", "FOR",
     "WHEREAS", "Whereas", "NOW", "In", "Whereby", "Date:", "Name:", "Title:", "Attn:", "Attention:", "If", "President", "Director", "Manager", "CEO", "Address:"]
)  # fmt: skip
_CJK_COMPANY = re.compile(r"[\u4e00-\u9fff（）]{2,24}公司")
PERSON = re.compile(
    r"(?:(?:Mr|Ms|Mrs|Dr|Prof|MR|MS|MRS|DR)\.?\s+)?(?:(?:[A-Z]\.\s?){1,3}|[A-Z][\w'’-]+\s+)(?:(?:[A-Z]\.|[A-Z][\w'’-]*|\([A-Z][a-z]+\)|de|van|von|der|la|del|bin)\s+){0,4}?[A-Z][\w'’-]+"
    r"(?:\s+(?:[A-Z]\.|[A-Z][\w'’-]+)){0,3}(?:,?\s+(?:Jr|Sr|JR|SR|II|III|IV|M\.D|Ph\.?D|MD|PhD|Esq)\b\.?)?"
)
_LEADING = re.compile(
    r"^(?:\W*(?:\(?(?:\d{1,2}|[a-z]|[ivx]{1,4})[.)]\s+(?=\S)|(?:(?:by|BY|By)\s+(?:and\s+|AND\s+)?(?:between|among|BETWEEN|AMONG|Between)\b|between|BETWEEN|Between|among|AMONG|Among|and|AND|And|on\s+(?:the\s+)?(?:one|other)\s+(?:hand|part)|of\s+the\s+(?:one|other|first|second)\s+part|"
    r"the\s+(?:undersigned|following)|each\s+of|both|with|from|is|are|party|parties|PARTIES|to|as\s+follows|collectively|individually|OF\s+THE\s+(?:ONE|OTHER|FIRST|SECOND|THIRD)\s+PART|-|–|—|●|•|:)(?=\W|$)))+\W*"
)
_STOP = re.compile(
    r"""\s*(?:[,;]?\s*\((?![A-Z][\w\s]{0,20}\)\s*(?:Inc|Ltd|LLC|Limited|Co|Corp|GmbH|PLC|plc|Pty|B\.V|S\.A))|,?\s+(?:an?|the|one\s+of)\s+(?=[\w\s.-]{0,60}(?:corporation|company|partnership|trust|individual|LLC|entity|person|association|bank|organi[sz]ation|limited|firm|resident|natural|fund|university|institut|subsidiary|affiliate|division|foundation|society|citizen|business|series|proprietor|authority|agency|municipal|corporate|body|joint|société|national|wholly|duly|privately|publicly|Delaware|non-?profit|state|public|private|statutory|Massachusetts))|
      ,?\s+(?:with|having|whose|which|located|incorporated|organi[sz]ed|registered|existing|duly|acting|doing\s+business|represented|formed|established|maintaining|residing|principally|on\s+behalf|as\s+(?:the\s+)?[a-z]+|at\s+\d|of\s+(?:\d|[A-Z][\w\s]+,\s)|who|for\s+(?:itself|the\s+personal|and\s+on)|and\s+(?:its|his|her|their|each|any|all)\b|in\s+its|not\s+(?:in|individually)|solely|by\s+and|being|hereinafter|hereafter|referred|together|collectively|individually|including|effective|dated|made|entered|is\b|are\b|was\b|has\b|shall\b|will\b|hereby|dba|d/b/a|DBA|a/k/a|f/k/a|formerly|t/a|trading\s+as|Suite|address)|
      ,\s+(?=\d|[A-Z][\w\s]+,\s|c/o|P\.?\s?O|\#)|\s+[-–—]\s|;|:|\n\s*\n|\s+of\s+(?=\d))""",
    re.VERBOSE,
)
_ORGANISED = re.compile(
    r"(?:(?:organi[sz]ed|incorporated|existing|established|registered|formed|created|constituted|chartered)\s+(?:and\s+(?:existing|registered|validly\s+existing|in\s+good\s+standing)\s+)?(?:pursuant\s+to|under|in|by)\s+(?:and\s+by\s+virtue\s+of\s+)?(?:the\s+)?(?:laws?\s+of\s+)?(?:the\s+)?(?:State|Commonwealth|Province|Republic|Kingdom|Grand\s+Duchy|laws?)?\s*(?:of\s+)?(?:the\s+)?"
    r"(?P<law>[A-Z][\w.’']*(?:\s+(?:of|and|the)\s+[A-Z][\w.’']*|\s+[A-Z][\w.’']*){0,4}))"
    r"|\b(?:a|an|A|AN)\s+(?P<adj>[A-Z][\w.]*(?:\s+(?:[A-Z][\w.]*|and|of)){0,3})\s+(?:general\s+|limited\s+|statutory\s+|business\s+|professional\s+|public\s+|private\s+|stock\s+|non-?profit\s+|not-for-profit\s+|public\s+benefit\s+|domestic\s+|joint[\s-]stock\s+|publicly\s+traded\s+|for[\s-]profit\s+|close\s+|S\s+|banking\s+)*(?:corporation|Corporation|CORPORATION|company|Company|COMPANY|limited|LLC|L\.L\.C|partnership|Partnership|trust|Trust|bank|association|corp|liability|stock|entity|business|institution|university|non-?profit|organi[sz]ation)"
)
_ADJECTIVES = {
    "german": "Germany", "french": "France", "dutch": "Netherlands", "swiss": "Switzerland", "israeli": "Israel", "english": "England", "british": "United Kingdom",
    "canadian": "Canada", "australian": "Australia", "chinese": "China", "japanese": "Japan", "italian": "Italy", "spanish": "Spain", "irish": "Ireland",
    "belgian": "Belgium", "danish": "Denmark", "swedish": "Sweden", "norwegian": "Norway", "finnish": "Finland", "korean": "South Korea", "indian": "India",
    "brazilian": "Brazil", "mexican": "Mexico", "austrian": "Austria", "luxembourg": "Luxembourg", "bermudian": "Bermuda", "prc": "China", "people's republic of china": "China",
    "polish": "Poland", "scottish": "Scotland", "united states of america": "United States", "cayman": "Cayman Islands",
}  # fmt: skip
_NO_PLACE = frozenset(
    [
        "limited",
        "private",
        "public",
        "business",
        "section",
        "act",
        "companies act",
        "non",
        "general",
        "mutual",
        "federal",
        "stock",
        "",
    ]
)
_NAME_BEGIN = re.compile(r"[A-Z0-9]|[a-z]{1,2}[A-Z0-9]|[a-z]+\d|[a-z][\w-]*\.[a-z]{2,3}\b|[a-z]-|[^\W\d_a-zA-Z]")
_FORM_WORDS = re.compile(
    r"(?i)\b(?:inc|incorporated|l\.?\s?l\.?\s?c|ltd|limited|corp|corporation|co|company|gmbh|ag|se|kg|kgaa|ug|s\.?a\.?s?|sarl|s\.?p\.?a|s\.?r\.?l|b\.?v|n\.?v|plc|p\.l\.c|l\.?p|l\.?l\.?p|"
    r"pty|pte|sdn|bhd|berhad|oy|oyj|ab|as|a/s|aps|k\.?k|n\.?a|ltda|tbk|the|and|of)\b\.?"
)


def entities(text: str, start: int = 0, end: int | None = None) -> Iterator[tuple[int, int]]:
    """Where names of companies stand in ``text[start:end]``: from each legal form back over the words that can belong to a name.

    >>> line = "between Deutsche Bank Securities Inc. and Bank of America, N.A."
    >>> [line[a:b] for a, b in entities(line)]
    ['Deutsche Bank Securities Inc.', 'Bank of America, N.A.']
    """
    end = len(text) if end is None else end
    held: tuple[int, int] | None = None
    for match in _FORM_RUN.finditer(text, start, end):
        left = _name_start(text, max(start, match.start() - 160), match.start())
        if left is None:
            continue
        if held is not None and held[0] < left and held[1] > left:
            left = held[0]
        if held is not None and held[1] <= left:
            yield held
        held = (left, match.end())
    if held is not None:
        yield held
    for match in _CJK_COMPANY.finditer(text, start, end):
        yield match.span()


def _name_start(text: str, floor: int, form: int) -> int | None:
    """Where the name that ends in the legal form at ``form`` starts; None if no word before the form belongs to it."""
    start: int | None = None
    position = form
    for count in range(13):
        right = position
        while right > floor and text[right - 1] in " \t\n":
            right -= 1
        if "\n\n" in text[right:position] or right <= floor:
            break
        left = right
        while left > floor and text[left - 1] not in " \t\n":
            left -= 1
        token = text[left:right]
        bare = token.rstrip(",")
        if (token != bare and count > 0) or bare in _BREAK:
            break
        if token != bare and text[left - 2 : left].strip() == "" and bare.isdecimal():
            break
        if bare.lower() == "and" and start is not None:
            before = re.search(r"(?:^|[^\w\s])\s*([A-Z][\w-]*)\s*$", text[max(floor, left - 40) : left])
            if not before or count != 1:
                break
            start = left - len(before[0]) + before[0].index(before[1])
            break
        if bare in _LINK:
            position = left
            continue
        opened = bare.startswith("(") and not bare.endswith(")")
        if opened or not _NAME_TOKEN.match(bare) or (_FORM_RUN.fullmatch(bare) and not _SOFT.search(bare)):
            break
        start = position = left
    return start


def normalised(name: str) -> str:
    """A name for comparison: letters and digits, small, without accents, punctuation and legal form.

    >>> normalised("The Acme  Tools, Inc.") == normalised("ACME TOOLS LLC") == "acme tools"
    True
    """
    plain = unicodedata.normalize("NFKD", name.replace("&", " and ").replace("’", "'"))
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    bare = _FORM_WORDS.sub(" ", plain)
    words = re.sub(r"[^\w]+", " ", bare.replace("'", "")).lower().split()
    return " ".join(words) or " ".join(re.sub(r"[^\w]+", " ", plain).lower().split())


def legal_form(name: str) -> str:
    """The legal form that a name ends in ("LLC", "GmbH", "Co., Ltd."); empty if it shows none."""
    match = re.search(rf"(?:,?\s{_FORMS})+\s*$", " " + name.strip())
    return match[0].strip(" ,") if match else ""


def is_company(name: str) -> bool:
    """Whether the name shows a legal form that only companies carry."""
    return bool(_SURE_FORMS.search(name))


def organised_in(words: str) -> str:
    """Where the words say that a company is organised ("a Delaware corporation" gives Delaware); empty if they do not."""
    match = _ORGANISED.search(words)
    if not match:
        return ""
    place = " ".join((match["law"] or match["adj"] or "").split()).strip(" .,")
    place = re.sub(r"^(?:State|Commonwealth|Province|Republic|Laws?)\s+of\s+", "", place)
    place = re.sub(
        r"\s+(?:Limited|Liability|Company|Corporation|Public|Private|General|Stock|Business|Joint|Having|With|Whose)\b.*",
        "",
        place,
    )
    if place.lower() in _NO_PLACE:
        return ""
    return _ADJECTIVES.get(place.lower(), place.title() if place.isupper() and len(place) > 3 else place)


def leading_name(words: str) -> tuple[int, int] | None:
    """Where the name at the beginning of ``words`` stands, past "and", "(1)", "by and between"; None if there is none."""
    lead = _LEADING.match(words)
    start = lead.end() if lead else len(words) - len(words.lstrip(" ,;.\n\t-–—"))
    the = re.match(r"(?:the|THE|The)\s+(?=[A-Z])", words[start:])
    start += the.end() if the else 0
    rest = words[start : start + 400]
    named = next(entities(rest, 0, min(len(rest), 170)), None)
    stop = _STOP.search(rest)
    if named and named[0] == 0 and (is_company(rest[: named[1]]) or not stop or named[1] >= stop.start() - 1):
        end = named[1]
    else:
        end = stop.start() if stop else len(rest)
    name = rest[:end].rstrip(" ,;:\n\t-–—")
    if not name or len(name) > 120 or not _NAME_BEGIN.match(name):
        return None
    letters = re.findall(r"[^\W\d_][\w'’.-]*", name)
    small = sum(word[0].islower() and word not in _LINK and word != "and" for word in letters)
    if not letters or len(letters) > 14 or small > (1 if named and named[0] == 0 else 0) + 0.2 * len(letters):
        return None
    return start, start + len(name)

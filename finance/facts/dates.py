"""Find dates in a sentence, whole, partly blank or redacted, and reckon with dates.

"March 1, 2020", "7th day of September, 1999", "31 July 2013", "2020-03-01", "3/1/20", "twenty-third day of May, 2006",
"March __, 2018", "[ ], 2020". What a date is for is said by ``contract_dates`` and ``terms``.
"""

from __future__ import annotations

import calendar
import datetime
import re
from dataclasses import dataclass

from .numbers import ORDINAL_SUFFIX, ORDINAL_WORD, ordinal
from .types import Duration

CERTAIN, AMBIGUOUS = 0.97, 0.7
FIRST_YEAR, LAST_YEAR = 1900, 2199

_MONTHS = [
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"
]  # fmt: skip
_MONTH = (
    r"(?P<month{n}>January|February|March|April|May|June|July|August|September|October|November|December"
    r"|JANUARY|FEBRUARY|MARCH|APRIL|MAY|JUNE|JULY|AUGUST|SEPTEMBER|OCTOBER|NOVEMBER|DECEMBER"
    r"|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec|JAN|FEB|MAR|APR|JUN|JUL|AUG|SEPT|SEP|OCT|NOV|DEC)\b\.?"
)
_BLANK = (
    r"(?:(?<!_)(?<!_ )_(?: ?_)*+|\[[^\[\]A-Za-z0-9]{0,20}+\]|(?<!\*)\*{1,12}+|(?<![●•])[●•]{1,6}+"
    r"|(?<!\.)\.{4,40}+)"
)
_YEAR = (
    r"(?:(?P<year{n}>(?:19|20|21)\d\d)|'(?P<short{n}>\d\d)|(?P<openyear{n}>(?:19|20)(?:\d(?=[_ \[])|) ?"
    + _BLANK
    + r"|"
    + _BLANK
    + r"))"
)
_DAY = rf"(?:(?P<day{{n}}>\d{{1,2}}){ORDINAL_SUFFIX}?|(?P<dayword{{n}}>(?i:{ORDINAL_WORD}))(?: ?\(\d{{1,2}}{ORDINAL_SUFFIX}?\))?|(?P<openday{{n}}>{_BLANK}{ORDINAL_SUFFIX}?))"
_JOIN = r"(?: ?,? ?(?:in the year |the year |A\.?D\.? )?(?:of )?,? ?)"


def _numbered(template: str, n: int) -> str:
    return template.replace("{n}", str(n))


_MONTH_FIRST = re.compile(
    rf"(?<![A-Za-z0-9]){_numbered(_MONTH, 1)} ?(?:the )?(?:{_numbered(_DAY, 1)})?(?i: days?)?\.?{_JOIN}{_numbered(_YEAR, 1)}(?![\d/])"
)
_DAY_FIRST = re.compile(
    rf"(?<![\d./$-]){_numbered(_DAY, 2)}(?: ?\(\d{{1,2}}\))? ?-?(?:(?i:days?),? )?(?:(?i:of) )?,? ?(?:[A-Z][a-z]{{2,5}}day,? )?{_numbered(_MONTH, 2)},?[ -]?(?:(?i:day) of)?{_JOIN}{_numbered(_YEAR, 2)}(?![\d/])"
)
_NO_YEAR = re.compile(rf"(?<![\d./$-])\d{{1,2}}{ORDINAL_SUFFIX} day of {_numbered(_MONTH, 3)}")
_OPEN_MONTH = re.compile(
    rf"(?:(?<=as of)|(?<=this)|(?<=dated)|(?<=made)|{_BLANK}{ORDINAL_SUFFIX}? ?(?:days? of ?)?(?:{_BLANK})?|\bdays? of ?(?:{_BLANK})?) ?,? ?"
    rf"(?:(?P<year4>(?:19|20)\d\d)(?![\d/])|(?:19|20) ?\d?{_BLANK})"
)
_OPEN_NUMERIC = re.compile(
    rf"(?<![\d/])(?P<month7>\d{{1,2}})/(?:{_BLANK}/(?:(?P<year7>(?:19|20)\d\d)\b|(?:19|20)?\d?{_BLANK})|\d{{1,2}}/(?:19|20)?\d?{_BLANK})"
)
_NUMERIC = re.compile(
    r"(?<![\d./$-])(?P<first>\d{1,2})(?P<mark>[/.-])(?P<second>\d{1,2})(?P=mark)(?P<year5>(?:19|20|21)\d\d|\d\d)(?![\d/]|[.-]\d)"
)
_ISO = re.compile(
    r"(?<!\d)(?P<year6>(?:19|20|21)\d\d)(?:-(?P<month6>\d\d)-(?P<day6>\d\d)(?!\d)|[年] ?(?P<cmonth>\d{1,2}) ?月 ?(?P<cday>\d{1,2}) ?日)"
)
_BLANK_ALONE = re.compile(r"(?<!_)_ ?_(?: ?_)*+|\[[^\[\]A-Za-z0-9]{0,20}\]|(?<!\*)\*{2,12}")
_GATE = re.compile(
    r"(?:19|20|21)\d|\d[/.-]\d|_ ?_|\[|\*|'\d\d|\b(?:[Jj]an|JAN|Feb|FEB|Mar|MAR|Apr|APR|Ma[yY]|MAY|Ju[nl]|JU[NL]|Aug|AUG|Sep|SEP|Oct|OCT|Nov|NOV|Dec|DEC)"
)


@dataclass(frozen=True)
class DateHit:
    """A date at ``start``..``end`` of a sentence. ``value`` None: a part of it is blank or redacted (``redacted`` says which);
    ``year`` and ``month`` are what is known then. ``note`` says what is odd."""

    start: int
    end: int
    value: datetime.date | None
    confidence: float
    redacted: bool = False
    year: int | None = None
    month: int | None = None
    note: str = ""


def prefers_day_first(text: str) -> bool:
    """Whether "3/4/2020" is 3 April here: the contract writes "4 March 2020" more often than "March 4, 2020"."""
    head = text[:200_000]
    day_first = len(
        re.findall(
            r"\b\d{1,2}(?:st|nd|rd|th)? (?:of )?(?:January|February|March|April|May|June|July|August|September|October|November|December)\b",
            head,
        )
    )
    month_first = len(
        re.findall(
            r"\b(?:January|February|March|April|May|June|July|August|September|October|November|December) \d{1,2}\b",
            head,
        )
    )
    return day_first > month_first


def find_dates(text: str, *, day_first: bool = False) -> tuple[DateHit, ...]:
    """Every date in ``text`` (white space collapsed), in order; ``day_first`` decides ambiguous numeric dates.

    >>> [str(hit.value) for hit in find_dates("from the 7th day of September, 1999 to March 1, 2020 or 2021-05-06")]
    ['1999-09-07', '2020-03-01', '2021-05-06']
    >>> find_dates("dated as of March __, 2018")[0].value is None
    True
    """
    if not _GATE.search(text):
        return ()
    hits: list[DateHit] = []
    for match in _DAY_FIRST.finditer(text):
        _keep(hits, _named(match, 2))
    for match in _MONTH_FIRST.finditer(text):
        _keep(hits, _named(match, 1))
    for match in _ISO.finditer(text):
        month, day = match["month6"] or match["cmonth"], match["day6"] or match["cday"]
        _keep(hits, _dated(match, int(match["year6"]), int(month), int(day), CERTAIN))
    for match in _NUMERIC.finditer(text):
        _keep(hits, _numeric(match, day_first))
    for match in _OPEN_MONTH.finditer(text):
        year = int(match["year4"]) if match["year4"] else None
        _keep(hits, DateHit(match.start(), match.end(), None, 0.9, "*" in match.group(), year))
    for match in _OPEN_NUMERIC.finditer(text):
        year = int(match["year7"]) if match["year7"] else None
        _keep(hits, DateHit(match.start(), match.end(), None, 0.9, "*" in match.group(), year, int(match["month7"])))
    for match in _NO_YEAR.finditer(text):
        _keep(hits, DateHit(match.start(), match.end(), None, 0.8, False, None, _month(match["month3"])))
    hits.sort(key=lambda hit: hit.start)
    return tuple(hits)


def _keep(hits: list[DateHit], hit: DateHit | None) -> None:
    if hit is not None and not any(hit.start < other.end and other.start < hit.end for other in hits):
        hits.append(hit)


def _named(match: re.Match[str], n: int) -> DateHit | None:
    month = _month(match[f"month{n}"])
    year = _year(match, n)
    day_text = match[f"day{n}"] or match[f"dayword{n}"]
    day = ordinal(day_text) if day_text else None
    open_year = match[f"openyear{n}"]
    if open_year is not None and day is None and not match[f"openday{n}"] and not re.match("19|20", open_year):
        return None
    if year is None or day is None:
        return DateHit(match.start(), match.end(), None, 0.9, "*" in match.group(), year, month)
    return _dated(match, year, month, day, CERTAIN)


def _month(name: str) -> int:
    return next(number for number, full in enumerate(_MONTHS, start=1) if full.startswith(name[:3].lower()))


def _year(match: re.Match[str], n: int) -> int | None:
    if match[f"year{n}"]:
        return int(match[f"year{n}"])
    return _century(int(match[f"short{n}"])) if match[f"short{n}"] else None


def _century(short: int) -> int:
    return 1900 + short if short >= 60 else 2000 + short


def _dated(match: re.Match[str], year: int, month: int, day: int, confidence: float, note: str = "") -> DateHit | None:
    try:
        value = datetime.date(year, month, day)
    except ValueError:
        return None
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    return DateHit(match.start(), match.end(), value, confidence, False, year, month, note)


def _numeric(match: re.Match[str], day_first: bool) -> DateHit | None:
    first, second = int(match["first"]), int(match["second"])
    year = int(match["year5"])
    if year < 100:
        if match["mark"] == ".":
            return None  # "9.2.10" is a clause number
        year = _century(year)
    if first > 12 or second > 12 or first == second:
        day, month = (first, second) if first > 12 else (second, first)
        return _dated(match, year, month, day, CERTAIN)
    day, month = (first, second) if day_first or match["mark"] == "." else (second, first)
    order = "day/month" if (day, month) == (first, second) else "month/day"
    return _dated(match, year, month, day, AMBIGUOUS, f"read as {order}")


def find_blank(text: str, start: int = 0) -> re.Match[str] | None:
    """The first blank or redaction at or after ``start``: "____", "[***]", "[ ]"."""
    return _BLANK_ALONE.search(text, start)


def show(date: datetime.date) -> str:
    """A date as the outputs write it: "1 March 2020"."""
    return f"{date.day} {calendar.month_name[date.month]} {date.year}"


def add(date: datetime.date, length: Duration, sign: int = 1) -> datetime.date | None:
    """``date`` plus (or, with ``sign`` -1, minus) ``length``; None outside the calendar.

    Months keep the day of the month, or take the month's last day where it is shorter. Business days are Monday to Friday,
    without holidays. Fractions of a month count as 30 days a month, of a day as a whole day.

    >>> str(add(datetime.date(2020, 1, 31), Duration(1, "month")))
    '2020-02-29'
    >>> str(add(datetime.date(2020, 1, 3), Duration(1, "business_day")))
    '2020-01-06'
    """
    value = length.value
    try:
        if length.unit in ("month", "quarter", "year"):
            months = value * {"month": 1, "quarter": 3, "year": 12}[length.unit]
            whole = int(months)
            index = date.year * 12 + date.month - 1 + sign * whole
            year, month = divmod(index, 12)
            day = min(date.day, calendar.monthrange(year, month + 1)[1])
            return datetime.date(year, month + 1, day) + datetime.timedelta(days=sign * round((months - whole) * 30))
        if length.unit == "business_day":
            left, current = round(value), date
            while current.weekday() >= 5 and left:  # a weekend is no business day: count from the one that borders it
                current -= datetime.timedelta(days=sign)
            weeks, left = divmod(left, 5)
            current += datetime.timedelta(weeks=sign * weeks)
            while left:
                current += datetime.timedelta(days=sign)
                left -= current.weekday() < 5
            return current
        days = {"hour": value / 24, "day": value, "week": value * 7}[length.unit]
        return date + datetime.timedelta(days=sign * (int(days) + (days > int(days))))
    except (ValueError, OverflowError, calendar.IllegalMonthError):
        return None

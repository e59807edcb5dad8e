"""Names of jurisdictions in plain form: US states, countries, provinces, and the cities that courts and arbitrations sit in.

``find_jurisdictions`` reads "the laws of the Commonwealth of Massachusetts" as "Massachusetts", "courts of London" as "England and
Wales": the name a playbook compares with.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from .numbers import lowered

_STATES = (
    "Alabama Alaska Arizona Arkansas California Colorado Connecticut Delaware Florida Georgia Hawaii Idaho Illinois Indiana Iowa Kansas Kentucky "
    "Louisiana Maine Maryland Massachusetts Michigan Minnesota Mississippi Missouri Montana Nebraska Nevada New_Hampshire New_Jersey New_Mexico "
    "New_York North_Carolina North_Dakota Ohio Oklahoma Oregon Pennsylvania Rhode_Island South_Carolina South_Dakota Tennessee Texas Utah Vermont "
    "Virginia Washington West_Virginia Wisconsin Wyoming Puerto_Rico Guam"
)
_COUNTRIES = (
    "Afghanistan Albania Algeria Andorra Angola Argentina Armenia Aruba Australia Austria Azerbaijan Bahamas Bahrain Bangladesh Barbados Belarus Belgium Belize "
    "Bermuda Bolivia Botswana Brazil Brunei Bulgaria Cambodia Cameroon Canada Chile Colombia Costa_Rica Croatia Cuba Curaçao Cyprus Denmark Ecuador "
    "Egypt El_Salvador Estonia Ethiopia Fiji Finland France Germany Ghana Gibraltar Greece Guatemala Guernsey Honduras Hungary Iceland India Indonesia "
    "Iran Iraq Ireland Israel Italy Jamaica Japan Jersey Jordan Kazakhstan Kenya Kuwait Laos Latvia Lebanon Liberia Liechtenstein Lithuania Luxembourg "
    "Malaysia Malta Mauritius Mexico Moldova Monaco Mongolia Montenegro Morocco Mozambique Myanmar Namibia Nepal Netherlands New_Zealand Nicaragua "
    "Nigeria Norway Oman Pakistan Panama Papua_New_Guinea Paraguay Peru Philippines Poland Portugal Qatar Romania Rwanda Samoa Saudi_Arabia Senegal Serbia "
    "Seychelles Singapore Slovakia Slovenia South_Africa South_Korea Spain Sri_Lanka Sweden Switzerland Taiwan Tanzania Thailand Tunisia Turkey Uganda Ukraine "
    "United_Arab_Emirates Uruguay Uzbekistan Venezuela Vietnam Zambia Zimbabwe Scotland Northern_Ireland Macau European_Union"
)
_PROVINCES = {
    "Canada": "Alberta British_Columbia Manitoba New_Brunswick Newfoundland Nova_Scotia Ontario Prince_Edward_Island Quebec Saskatchewan",
    "Australia": "New_South_Wales Queensland South_Australia Tasmania Victoria Western_Australia",
}
_OTHER_NAMES = {
    "people's republic of china": "China", "prc": "China", "p.r.c.": "China", "p.r. china": "China", "p. r. china": "China", "pr china": "China", "mainland china": "China",
    "china": "China", "republic of china": "Taiwan", "hong kong sar": "Hong Kong", "hong kong special administrative region": "Hong Kong", "hong kong": "Hong Kong",
    "england and wales": "England and Wales", "england & wales": "England and Wales", "england": "England and Wales", "english": "England and Wales",
    "wales": "England and Wales", "great britain": "England and Wales", "united kingdom": "United Kingdom", "u.k.": "United Kingdom", "uk": "United Kingdom",
    "district of columbia": "District of Columbia", "washington, d.c.": "District of Columbia", "washington d.c.": "District of Columbia", "washington, dc": "District of Columbia",
    "united states of america": "United States", "united states": "United States", "u.s.a.": "United States", "usa": "United States", "u.s.": "United States",
    "federal republic of germany": "Germany", "korea": "South Korea", "republic of korea": "South Korea", "holland": "Netherlands", "cayman islands": "Cayman Islands",
    "british virgin islands": "British Virgin Islands", "virgin islands": "US Virgin Islands", "isle of man": "Isle of Man", "marshall islands": "Marshall Islands",
    "republic of ireland": "Ireland", "czech republic": "Czech Republic", "czechia": "Czech Republic", "dominican republic": "Dominican Republic", "difc": "DIFC (Dubai)",
    "dubai international financial centre": "DIFC (Dubai)", "russia": "Russia", "russian federation": "Russia", "québec": "Quebec, Canada", "macao": "Macau",
    "massachussets": "Massachusetts", "massachussetts": "Massachusetts", "pennyslvania": "Pennsylvania", "calfornia": "California", "swiss": "Switzerland",
    "swedish": "Sweden", "german": "Germany", "french": "France", "dutch": "Netherlands", "israeli": "Israel", "chinese": "China", "japanese": "Japan", "belgian": "Belgium",
    "italian": "Italy", "spanish": "Spain", "indian": "India", "irish": "Ireland", "danish": "Denmark", "finnish": "Finland", "norwegian": "Norway", "austrian": "Austria",
    "scottish": "Scotland", "scots": "Scotland", "australian": "Australia", "canadian": "Canada", "singaporean": "Singapore", "brazilian": "Brazil", "mexican": "Mexico",
    "british": "United Kingdom", "luxembourgish": "Luxembourg", "portuguese": "Portugal", "polish": "Poland", "turkish": "Turkey", "emirate of dubai": "United Arab Emirates",
}  # fmt: skip
_CITIES = {
    "London": "England and Wales", "Manchester": "England and Wales", "Edinburgh": "Scotland", "Belfast": "Northern Ireland", "Dublin": "Ireland", "Paris": "France",
    "Geneva": "Switzerland", "Zurich": "Switzerland", "Zürich": "Switzerland", "Basel": "Switzerland", "Stockholm": "Sweden", "Vienna": "Austria", "Munich": "Germany",
    "Frankfurt": "Germany", "Berlin": "Germany", "Hamburg": "Germany", "Düsseldorf": "Germany", "Amsterdam": "Netherlands", "Rotterdam": "Netherlands",
    "The Hague": "Netherlands", "Brussels": "Belgium", "Milan": "Italy", "Rome": "Italy", "Madrid": "Spain", "Barcelona": "Spain", "Copenhagen": "Denmark",
    "Oslo": "Norway", "Helsinki": "Finland", "Tel Aviv": "Israel", "Tel-Aviv": "Israel", "Haifa": "Israel", "Jerusalem": "Israel", "Dubai": "United Arab Emirates",
    "Abu Dhabi": "United Arab Emirates", "Beijing": "China", "Shanghai": "China", "Shenzhen": "China", "Guangzhou": "China", "Tokyo": "Japan", "Osaka": "Japan", "Seoul": "South Korea",
    "Taipei": "Taiwan", "Mumbai": "India", "New Delhi": "India", "Delhi": "India", "Bangalore": "India", "Chennai": "India", "Sydney": "New South Wales, Australia",
    "Melbourne": "Victoria, Australia", "Toronto": "Ontario, Canada", "Ottawa": "Ontario, Canada", "Montreal": "Quebec, Canada", "Vancouver": "British Columbia, Canada",
    "Calgary": "Alberta, Canada", "Moscow": "Russia", "New York City": "New York", "Manhattan": "New York", "Los Angeles": "California", "San Francisco": "California",
    "San Diego": "California", "Santa Clara": "California", "San Jose": "California", "Palo Alto": "California", "Orange County": "California", "Chicago": "Illinois",
    "Cook County": "Illinois", "Boston": "Massachusetts", "Dallas": "Texas", "Houston": "Texas", "Austin": "Texas", "Seattle": "Washington", "King County": "Washington",
    "Wilmington": "Delaware", "Atlanta": "Georgia", "Denver": "Colorado", "Miami": "Florida", "Philadelphia": "Pennsylvania", "Pittsburgh": "Pennsylvania",
    "Phoenix": "Arizona", "Las Vegas": "Nevada", "Detroit": "Michigan", "Minneapolis": "Minnesota", "Cleveland": "Ohio", "Salt Lake City": "Utah", "Tampa": "Florida",
    "Orlando": "Florida", "Baltimore": "Maryland", "St. Louis": "Missouri", "Nashville": "Tennessee", "São Paulo": "Brazil", "Mexico City": "Mexico", "Johannesburg": "South Africa",
}  # fmt: skip
_DEMONYMS = frozenset(
    [
        "english",
        "swiss",
        "swedish",
        "german",
        "french",
        "dutch",
        "israeli",
        "chinese",
        "japanese",
        "belgian",
        "italian",
        "spanish",
        "indian",
        "irish",
        "danish",
        "finnish",
        "norwegian",
        "austrian",
        "scottish",
        "scots",
        "australian",
        "canadian",
        "singaporean",
        "brazilian",
        "mexican",
        "british",
        "luxembourgish",
        "portuguese",
        "polish",
        "turkish",
    ]
)
_OF_LAW = re.compile(
    r" (?:(?:substantive|civil|private|commercial|contract|federal|national|material|domestic) ){0,2}(?:laws?|courts?|legislation|code)\b"
)


@dataclass(frozen=True)
class JurisdictionHit:
    """A jurisdiction named at ``start``..``end``; ``city`` where the words name only a city in it."""

    start: int
    end: int
    name: str
    city: bool = False


@cache
def _names() -> dict[str, tuple[str, bool]]:
    names: dict[str, tuple[str, bool]] = {}
    for plain in (*_STATES.split(), *_COUNTRIES.split()):
        plain = plain.replace("_", " ")
        names[plain.lower()] = (plain, False)
    for country, provinces in _PROVINCES.items():
        for plain in provinces.split():
            plain = plain.replace("_", " ")
            names[plain.lower()] = (f"{plain}, {country}", False)
    names |= {other: (plain, False) for other, plain in _OTHER_NAMES.items()}
    names |= {city.lower(): (plain, True) for city, plain in _CITIES.items()}
    return names


@cache
def _pattern() -> re.Pattern[str]:
    forms = "|".join(re.escape(form).replace(r"\ ", " ") for form in sorted(_names(), key=len, reverse=True))
    return re.compile(rf"(?:(?<![\w-])|(?<=\bof))(?:{forms})(?![\w-])")


def find_jurisdictions(text: str) -> tuple[JurisdictionHit, ...]:
    """Every jurisdiction in ``text``, in order. A city or county before its state counts once, as the state.

    >>> [hit.name for hit in find_jurisdictions("courts of Santa Clara County, California; laws of England; Toronto, Ontario")]
    ['California', 'England and Wales', 'Ontario, Canada']
    """
    lower = lowered(text)
    hits: list[JurisdictionHit] = []
    for match in _pattern().finditer(lower):
        if not text[match.start()].isupper():
            continue
        name, city = _names()[match.group()]
        if match.group() in _DEMONYMS and not _OF_LAW.match(lower, match.end()):
            continue  # "in English" is a language, "English law" a jurisdiction
        hit = JurisdictionHit(match.start(), match.end(), name, city)
        last = hits[-1] if hits else None
        between = lower[last.end : hit.start] if last else ""
        if last is not None and re.fullmatch(
            r",? ?(?:county|city)?,? ?(?:(?:in )?(?:the )?(?:state|province) of ?)?", between
        ):
            if last.city and not city and (last.name == name or last.name.endswith(name) or name in ("United States",)):
                hits[-1] = JurisdictionHit(
                    last.start, hit.end, last.name if last.name.endswith(name) or name == "United States" else name
                )
                continue
            if (not city and last.name.endswith(f", {name}")) or (
                name in ("United States", "United Kingdom") and not last.city
            ):
                hits[-1] = JurisdictionHit(last.start, hit.end, last.name)
                continue
            if last.city and not city:
                hits[-1] = JurisdictionHit(last.start, hit.end, name)
                continue
        if last is not None and last.name == name and re.fullmatch(r",? ?(?:and|&|or)?,? ?", between):
            hits[-1] = JurisdictionHit(last.start, hit.end, name)
            continue
        hits.append(hit)
    return tuple(hits)


def is_us_state(name: str) -> bool:
    """Whether a plain name is a state or territory of the United States."""
    return name.replace(" ", "_") in _STATES.split()


def within(narrow: str, wide: str) -> bool:
    """Whether one jurisdiction lies in the other by its plain name, or is the same.

    >>> within("Ontario, Canada", "Canada"), within("England", "England and Wales"), within("Kansas", "Arkansas")
    (True, True, False)
    """
    narrow, wide = narrow.casefold(), wide.casefold()
    return narrow == wide or narrow.endswith(f", {wide}") or narrow in wide.split(" and ")


def plain_names(text: str) -> frozenset[str]:
    """The jurisdictions that a short answer names, each plain: "Province of Ontario, Canada" -> {"Ontario, Canada"}."""
    return frozenset(hit.name for hit in find_jurisdictions(text))

"""What names of columns and files say: words of the field in English and German, and units written into headers."""

from __future__ import annotations

import re

from .units import known

TIME = re.compile(r"time|date|stamp|zeit|datum|^ts$|^t$", re.IGNORECASE)
MACHINE = re.compile(
    r"machine|maschine|asset|equipment|device|anlage|aggregat|turbine|engine|pump|motor$|^unit|unit_?(nr|number|id)|serial",
    re.IGNORECASE,
)
IDENTIFIER = re.compile(r"(?:^|_| )(?:id|nr|no|number|name)$|id$", re.IGNORECASE)
TAG = re.compile(
    r"^(tag|sensor|signal|variable|channel|parameter|point|metric|measure|messstelle|kanal)", re.IGNORECASE
)
VALUE = re.compile(r"^(value|wert|reading|val|messwert)", re.IGNORECASE)
QUALITY = re.compile(r"(?:^|_| |\.)(?:quality|qual|status|valid|q|confidence|qualit(?:ä|ae)t)$", re.IGNORECASE)
RUNNING = re.compile(r"run|state|status|mode|operat|betrieb|zustand|on_?off", re.IGNORECASE)
RUNNING_WORDS = re.compile(
    r"^(run|running|on|in operation|operating|production|producing|work|working|ein|an|betrieb|läuft|true|active|auto)$",
    re.IGNORECASE,
)
STOPPED_WORDS = re.compile(r"shut ?down|stop|off|standby|idle|out of serv|steht|aus$", re.IGNORECASE)
COUNTER = re.compile(r"count|hours|cycle|total|zähler|zaehler|stunden|odometer|mileage|wear", re.IGNORECASE)
LIFE_COUNTER = re.compile(
    r"(run|operat|service|betriebs).*(hours|stunden|h$)|cycles?$|hours$|betriebsstunden", re.IGNORECASE
)
SETTING = re.compile(r"set_?point|setting|(?:^|_)sp$|soll|target|command|demand|recipe|(?:^|_)dmd$", re.IGNORECASE)
CURRENT = re.compile(r"current|strom|amp|power|leistung", re.IGNORECASE)
"""The motor's draw says best whether a machine runs."""
LOAD = re.compile(r"current|strom|amp|speed|rpm|rotat|drehzahl|power|leistung|load", re.IGNORECASE)

ANSWER = re.compile(
    r"fail|anomal|label|change_?point|fault|(?:^|_)rul(?:$|_)|remaining|target$|outlier|defect", re.IGNORECASE
)
"""Columns that hold what is to be foretold: no sensor, or a model would read the answer."""

LOGS = (
    ("failure", re.compile(r"fail|breakdown|ausfall|störung|stoerung", re.IGNORECASE)),
    ("maintenance", re.compile(r"maint|repair|service|wartung|instand", re.IGNORECASE)),
    ("error", re.compile(r"error|alarm|fault|fehler", re.IGNORECASE)),
    ("stop", re.compile(r"stop|downtime|stillstand", re.IGNORECASE)),
    ("order", re.compile(r"order|auftrag", re.IGNORECASE)),
)
MIXED_LOG = re.compile(r"event|log|history|ereignis", re.IGNORECASE)
TRAITS = re.compile(r"machine|asset|equipment|master|stamm|anlage|fleet", re.IGNORECASE)
COMPONENT = re.compile(r"comp|part|bauteil|teil", re.IGNORECASE)
CODE = re.compile(r"code|cause|reason|task|order|error|alarm|action|type|fehler|grund|failure|event", re.IGNORECASE)
NOTE = re.compile(r"note|comment|text|descr|bemerk|remark", re.IGNORECASE)
UNTIL = re.compile(r"end|until|finish|back|due|^to$|ende|bis", re.IGNORECASE)
ORDER = re.compile(r"order|auftrag", re.IGNORECASE)
KIND = re.compile(r"kind|type|category|class|art$", re.IGNORECASE)

_BRACKETS = re.compile(r"\s*[\[({]\s*([^\])}]{1,20})\s*[\])}]\s*$")
_TAILS = (
    (re.compile(r"[_ ](?:deg_?c|celsius|°c|gradc)$", re.IGNORECASE), "degC"),
    (re.compile(r"[_ ](?:deg_?f|fahrenheit|°f)$", re.IGNORECASE), "degF"),
    (re.compile(r"[_ ]k(?:elvin)?$", re.IGNORECASE), "K"),
    (re.compile(r"[_ ]mm_?(?:per_)?s(?:ec)?$", re.IGNORECASE), "mm/s"),
    (re.compile(r"[_ ]in_?(?:per_)?s(?:ec)?$", re.IGNORECASE), "in/s"),
    (re.compile(r"[_ ]m_?(?:per_)?s2$", re.IGNORECASE), "m/s2"),
    (re.compile(r"[_ ]rad_?(?:per_)?s$", re.IGNORECASE), "rad/s"),
    (re.compile(r"[_ ]m3_?(?:per_)?h$", re.IGNORECASE), "m3/h"),
    (re.compile(r"[_ ]l_?(?:per_)?min$", re.IGNORECASE), "l/min"),
    (re.compile(r"[_ ](?:pct|percent)$", re.IGNORECASE), "%"),
)
_PLAIN_TAIL = re.compile(r"[_ ]([A-Za-z%]{1,5})$")
_AMBIGUOUS = frozenset(
    {"c", "f", "d", "t", "m", "in", "min", "g", "h", "a", "v", "w", "n", "l", "s", "j", "1", "hours"}
)
"""Endings that are units and as often the last letter of a name."""

LIMITS: dict[str, tuple[float | None, float | None]] = {
    "degC": (-60.0, 500.0),
    "degF": (-76.0, 932.0),
    "K": (200.0, 800.0),
    "%": (0.0, 100.0),
    "rpm": (0.0, None),
    "bar": (0.0, None),
    "psi": (0.0, None),
    "kPa": (0.0, None),
    "mm/s": (0.0, None),
    "in/s": (0.0, None),
    "A": (0.0, None),
    "kW": (0.0, None),
    "m3/h": (0.0, None),
    "l/min": (0.0, None),
}
"""What a reading in a unit can hardly lie outside of, proposed for a person to check."""


def unit_in(header: str) -> tuple[str, str]:
    """The name without its unit, and the unit: as it is spelt in brackets, else by this project's name; "" where none is told.

    >>> unit_in("Temp [°C]"), unit_in("vib_mm_s"), unit_in("pressure_bar"), unit_in("phase_a")
    (('Temp', 'degC'), ('vib', 'mm/s'), ('pressure', 'bar'), ('phase_a', ''))
    """
    bracketed = _BRACKETS.search(header)
    if bracketed:
        unit = known(bracketed[1])
        return header[: bracketed.start()].strip() or header, unit.name if unit else bracketed[1].strip()
    for pattern, name in _TAILS:
        found = pattern.search(header)
        if found and found.start():
            return header[: found.start()], name
    plain = _PLAIN_TAIL.search(header)
    if plain and plain.start() and plain[1].casefold() not in _AMBIGUOUS:
        unit = known(plain[1])
        if unit:
            return header[: plain.start()], unit.name
    return header, ""

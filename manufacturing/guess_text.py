"""A guess as the text of a plant file: TOML with a comment on each line that was guessed, and proposals that a person turns on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .guess_types import Guess, GuessedLog, GuessedSensor

MAX_COMMENT = 160


def plant_text(guess: Guess) -> str:
    """The plant file of a guess; ``dsapp manufacturing check`` reads it as it stands."""
    parts = [
        _head(guess),
        _readings(guess),
        "# Sensors. low and high are physical limits: a reading outside them cannot be, and is masked.\n",
    ]
    parts += [_sensor(sensor) for sensor in guess.sensors]
    parts += [_running(guess), _clock(guess)]
    parts += [_log(log) for log in guess.logs]
    if guess.traits[0]:
        parts.append(
            f"# Facts of each machine.\n[traits]\nfiles = [{_quoted(guess.traits[0])}]\nmachine = {_quoted(guess.traits[1])}\n"
        )
    parts += [_components(guess), _REST]
    return "\n".join(part for part in parts if part)


def _quoted(text: str) -> str:
    """A TOML string."""
    return json.dumps(text.replace("\x7f", ""), ensure_ascii=False)


def _listed(texts: tuple[str, ...]) -> str:
    return "[" + ", ".join(map(_quoted, texts)) + "]"


def _comment(text: str) -> str:
    """A text from a stranger's file on one line, without control characters."""
    plain = "".join(sign if sign.isprintable() else " " for sign in text)
    return plain if len(plain) <= MAX_COMMENT else plain[: MAX_COMMENT - 3] + "..."


def _head(guess: Guess) -> str:
    lines = [
        "# A plant file, guessed from the data. Read it line by line: what is wrong here is wrong everywhere. Each key is explained in docs/plant-file.md.",
        *(f"# LOOK: {_comment(doubt)}" for doubt in guess.doubts),
        "format = 1",
        f"name = {_quoted(guess.name[:100])}",
        "# Machines of one class share a model: pump, compressor, turbofan ...",
        'asset_class = "machine"',
        "# The zone of times that carry no offset, such as Europe/Berlin.",
        'time_zone = "UTC"',
    ]
    return "\n".join(lines) + "\n"


def _readings(guess: Guess) -> str:
    why = guess.why
    lines = ["[readings]", f"files = {_listed(guess.files)}"]
    lines += [_line("layout", _quoted(guess.layout), why.get("layout", ""))]
    lines += [_line("machine", _quoted(guess.machine), why.get("machine", ""))]
    lines += [_line("time", _quoted(guess.time), why.get("time", ""))]
    lines += [f"time_format = {_quoted(guess.time_format)}"]
    if guess.layout == "long":
        lines += [f"sensor = {_quoted(guess.tag)}", f"value = {_quoted(guess.value)}"]
    if guess.separator:
        lines += [
            _line("separator", _quoted(guess.separator), why["separator"]),
            _line("decimal", _quoted(guess.decimal), why["decimal"]),
        ]
    lines += [
        _line(
            "interval_s",
            f"{guess.interval_s:.10g}" if guess.interval_s % 1 else f"{guess.interval_s:.1f}",
            why.get("interval_s", ""),
        )
    ]
    if guess.states:
        lines += ["# Words that stand in number columns."]
        lines += [
            "states = { "
            + ", ".join(f"{_quoted(word)} = {_quoted(state)}" for word, state in list(guess.states.items())[:40])
            + " }"
        ]
    lines += ['# rename = { "old name" = "new name" }']
    return "\n".join(lines) + "\n"


def _line(key: str, value: str, why: str) -> str:
    return f"{key} = {value}" + (f"  # {_comment(why)}" if why else "")


def _sensor(sensor: GuessedSensor) -> str:
    seen = f"  # seen: {sensor.seen[0]:.6g} to {sensor.seen[1]:.6g}" if sensor.seen else ""
    words = f"; words in it: {', '.join(sensor.words)}" if sensor.words else ""
    lines = ["[[sensors]]", f"name = {_quoted(sensor.name)}{_comment(seen + words) if seen or words else ''}"]
    if sensor.column != sensor.name:
        lines.append(f"column = {_quoted(sensor.column)}")
    lines.append(f"unit = {_quoted(sensor.unit)}" if sensor.unit else '# unit = ""')
    if sensor.role != "measure":
        lines.append(f"role = {_quoted(sensor.role)}")
    if sensor.quality:
        lines.append(f"quality = {_quoted(sensor.quality)}")
    low, high = _limits(sensor)
    lines += [f"# low = {low}", f"# high = {high}"]
    return "\n".join(lines) + "\n"


def _limits(sensor: GuessedSensor) -> tuple[float, float]:
    """What the unit allows, widened to what was seen."""
    least, most = sensor.seen or (0.0, 0.0)
    low = sensor.low if sensor.low is not None and sensor.low <= least else _beyond(least) if least < 0 else 0.0
    return low, sensor.high if sensor.high is not None and sensor.high >= most else _beyond(most)


def _beyond(value: float) -> float:
    """A round number well beyond what was seen, on the same side of zero."""
    return float(f"{max(abs(value) * 3, 1.0):.1g}") * (-1.0 if value < 0 else 1.0)


def _running(guess: Guess) -> str:
    if guess.running_column:
        return f"# {_comment(guess.why['running'])}\n[running]\ncolumn = {_quoted(guess.running_column)}\nvalues = {_listed(guess.running_values)}\n"
    if guess.running_sensor:
        return f"# {_comment(guess.why['running'])}\n[running]\nsensor = {_quoted(guess.running_sensor)}\nabove = {guess.running_above}\n"
    return '# No column tells when machines run, so they are taken to run always. Idle nights then look like readings.\n# [running]\n# sensor = "current"\n# above = 1.0\n'


def _clock(guess: Guess) -> str:
    lines = [
        "# What a life is counted in: cycles, running_hours or calendar_hours.",
        "[clock]",
        f"unit = {_quoted(guess.clock_unit)}",
    ]
    if guess.clock_column:
        lines.append(_line("column", _quoted(guess.clock_column), guess.why["clock"]))
    return "\n".join(lines) + "\n"


def _log(log: GuessedLog) -> str:
    lines = [
        "[[logs]]",
        f"files = [{_quoted(log.file)}]",
        f"machine = {_quoted(log.machine)}",
        f"time = {_quoted(log.time)}",
    ]
    lines += [f"time_format = {_quoted(log.time_format)}"] if log.time_format != "iso" else []
    lines += (
        [f"kind = {_quoted(log.kind)}  # by the file's name"]
        if log.kind
        else [f"kind_column = {_quoted(log.kind_column)}"]
    )
    if log.kinds:
        lines.append("kinds = { " + ", ".join(f"{_quoted(word)} = {_quoted(kind)}" for word, kind in log.kinds) + " }")
    for key in ("until", "code", "component", "note"):
        if getattr(log, key):
            lines.append(f"{key} = {_quoted(getattr(log, key))}")
    return "\n".join(lines) + "\n"


def _components(guess: Guess) -> str:
    names = guess.components[:50]
    head = (
        "# What fails and can be serviced, and what that costs without lost production (the currency is under [costs]).\n"
        "# These numbers are only proportions (a failure costs five planned services): put in yours.\n"
    )
    tables = [
        f"[[components]]\nname = {_quoted(name[:100])}\nplanned_cost = 1.0\nfailure_cost = 5.0\nplanned_hours = 4.0\nfailure_hours = 20.0\n"
        for name in names or ("",)
    ]
    action = (
        '# What a maintenance action restores: new, partly or nothing. Without a line it restores nothing.\n# [[actions]]\n# name = "replace bearing"\n'
        f'# component = {_quoted(names[0] if names else "")}\n# restores = "new"\n'
    )
    return head + "\n".join(tables) + "\n" + action


_REST = """# Money, people and time. Everything below may be left out.
# [costs]
# currency = "EUR"
# line_minute = 20.0
# buffer_minutes = 60.0

# [calendar]
# production = [{ days = "Mon-Fri", hours = "06:00-22:00" }]
# service = [{ days = "Sat", hours = "08:00-16:00" }]

# [[crew]]
# hours_per_day = 16.0
# days = "Mon-Fri"

# [alarms]
# budget_per_week = 10
"""

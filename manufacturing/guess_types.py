"""What a guess holds: the choices, the reason of each, and what a person should look at first."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class GuessedSensor:
    """One sensor: its name, column, unit and role, with the smallest and largest value seen."""

    name: str
    column: str
    unit: str = ""
    role: str = "measure"
    quality: str = ""
    low: float | None = None
    high: float | None = None
    seen: tuple[float, float] | None = None
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class GuessedLog:
    """One log beside the readings; ``kind`` "" where ``kind_column`` says it by row, in ``kinds``' words."""

    file: str
    machine: str
    time: str
    time_format: str = "iso"
    kind: str = ""
    kind_column: str = ""
    kinds: tuple[tuple[str, str], ...] = ()
    until: str = ""
    code: str = ""
    component: str = ""
    note: str = ""


@dataclass
class Guess:
    """What was guessed. ``why`` gives the reason of each choice by its key; ``doubts`` is what a person should look at first."""

    name: str
    files: tuple[str, ...] = ()
    layout: str = "wide"
    machine: str = ""
    time: str = ""
    time_format: str = "iso"
    tag: str = ""
    value: str = ""
    separator: str = ""
    decimal: str = ""
    interval_s: float = 3600.0
    sensors: list[GuessedSensor] = field(default_factory=list)
    states: dict[str, str] = field(default_factory=dict)
    running_column: str = ""
    running_values: tuple[str, ...] = ()
    running_sensor: str = ""
    running_above: float = 0.0
    clock_column: str = ""
    clock_unit: str = "running_hours"
    logs: list[GuessedLog] = field(default_factory=list)
    traits: tuple[str, str] = ("", "")
    components: tuple[str, ...] = ()
    why: dict[str, str] = field(default_factory=dict)
    doubts: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The plant file, ready to be saved."""
        from .guess_text import plant_text

        return plant_text(self)

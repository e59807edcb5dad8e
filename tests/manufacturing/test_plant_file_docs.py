"""docs/plant-file.md names every key of the plant file, every unit that converts, every refusal and the limits as they are; its example is a plant file."""

from __future__ import annotations

import re
import typing
from pathlib import Path

from pydantic import BaseModel

from dsapp.manufacturing.plant import Plant
from dsapp.manufacturing.plant_check import parse
from dsapp.manufacturing.reading import limits
from dsapp.manufacturing.units import UNITS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "plant-file.md").read_text(encoding="utf-8")
EXAMPLE = PAGE.split("```toml\n")[1].split("```")[0]
CODE = set(re.findall(r"`([^`\n]+)`", PAGE.replace(EXAMPLE, "")))
WORDS = CODE | {word for code in CODE for word in re.findall(r"[A-Za-z_]+", code)}


def models(model: type[BaseModel]) -> set[type[BaseModel]]:
    """The model and all models in its fields."""

    def inside(annotation: object) -> set[type[BaseModel]]:
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            return models(annotation)
        return set().union(*(inside(part) for part in typing.get_args(annotation)))

    return {model}.union(*(inside(field.annotation) for field in model.model_fields.values()))


def test_every_key_of_every_table_is_named():
    found = models(Plant)
    assert len(found) > 15
    assert {f"{m.__name__}.{key}" for m in found for key in m.model_fields if key not in WORDS} == set()


def test_every_choice_of_a_key_is_named():
    choices = {
        choice
        for model in models(Plant)
        for field in model.model_fields.values()
        for part in (field.annotation, *typing.get_args(field.annotation))
        if typing.get_origin(part) is typing.Literal
        for choice in typing.get_args(part)
        if isinstance(choice, str) and choice.isidentifier()
    }
    assert len(choices) > 20 and choices - WORDS == set()


def test_the_example_is_a_plant_file_that_shows_every_table():
    plant = parse(EXAMPLE)
    assert plant.model_fields_set == set(Plant.model_fields)


def test_every_unit_and_every_refusal_is_named():
    assert set(UNITS) - CODE == set()
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "manufacturing" / "reading").glob("*.py")]
    codes = {code for text in sources for code in re.findall(r'code="(\w+)"', text)} - {"not_staged"}
    codes |= {code for text in sources for code in re.findall(r'"(\w+_\w+)",\s*(?:f?"|reason)', text)}
    assert codes >= {"corrupt", "no_machines", "database_lost"} and codes - CODE == set()


def test_limits_are_quoted_as_they_are():
    rows = re.findall(r"^\| `(MAX_\w+)` \| ([\d,]+)( GiB| MiB)? \|", PAGE, re.MULTILINE)
    assert len(rows) > 8
    for name, number, unit in rows:
        scale = {"": 1, " MiB": limits.MEBIBYTE, " GiB": limits.GIBIBYTE}[unit]
        assert getattr(limits, name) == int(number.replace(",", "")) * scale, name

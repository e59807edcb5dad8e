"""TOML files are read strictly, and every error of a file is told at once with its line."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, model_validator

from dsapp.core.errors import ConfigError
from dsapp.core.toml_file import (
    MAX_BYTES,
    MAX_TOLD,
    Problem,
    line_of,
    nearest,
    places,
    problems,
    raise_for,
    read_table,
    read_text,
)

TEXT = """# head
format = 1
name = "x # y" # comment
a."b.c".d = 3
multi = \"\"\"
k = 1 \\\"\"\"
\"\"\"
raw = '''
[no.header]
'''
[readings]
states = { "I/O = Timeout" = "missing", Bad = "stopped" }
[[sensors]]
name = "t"
[[sensors]]
name = "u"
good = [
  "a", # x ]
  'b]',
]
[sensors.inner]
z = 1
[calendar]
production = [
  {days = "Mon", hours = "06:00-22:00"},
  {days = "Tue", hours = "06:00-22:00"} ]
"""


class Inner(BaseModel):
    model_config = ConfigDict(extra="forbid")
    low: float = Field(default=0.0, ge=0)
    high: float = 1.0

    @model_validator(mode="after")
    def _order(self) -> Inner:
        if self.low > self.high:
            raise ValueError("low is above high")
        return self


class Outer(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str
    weight: float = 1.0
    parts: tuple[Inner, ...] = Field(default=(), min_length=1)


def told(text: str) -> list[tuple[int, str]]:
    lines = places(text)
    return sorted(
        (line_of(found.place, lines), found.message) for found in problems(Outer, tomllib.loads(text), see="keys.md")
    )


@pytest.mark.parametrize(
    ("place", "line"),
    [
        (("format",), 2),
        (("a", "b.c", "d"), 4),
        (("raw",), 8),
        (("readings", "states", "Bad"), 12),
        (("sensors", 0, "name"), 14),
        (("sensors", 1), 15),
        (("sensors", 1, "good", 1), 19),
        (("sensors", 1, "inner", "z"), 22),
        (("calendar", "production", 1, "hours"), 26),
        (("calendar", "production", 1, "missing"), 26),
        (("nothing", 1), 1),
    ],
)
def test_each_value_has_its_line(place, line):
    assert line_of(place, places(TEXT)) == line


KEYS = st.text("ab.c-_ \"'#=[]{}é", min_size=1, max_size=6)
VALUES = st.recursive(
    st.integers() | st.text("x#]},='\" é", max_size=8) | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _toml(value) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, list):
        return "[\n" + ",\n".join(map(_toml, value)) + "\n]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_quoted(key)} = {_toml(inner)}" for key, inner in value.items()) + "}"
    return str(value)


def _leaves(value, place=()):
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _leaves(inner, (*place, key))
    yield place


@given(st.dictionaries(KEYS, VALUES, max_size=4))
@settings(max_examples=150, deadline=None)
def test_every_place_of_any_table_is_found_on_a_line_of_the_text(table):
    text = "\n".join(f"{_quoted(key)} = {_toml(value)}" for key, value in table.items())
    assert tomllib.loads(text) == table
    found = places(text)
    assert {place for place in _leaves(table) if place} == set(found)
    assert all(1 <= line <= text.count("\n") + 1 for line in found.values())


def test_all_errors_are_told_each_with_its_line_and_a_near_miss():
    text = 'nmae = "x"\nweight = "3"\n[[parts]]\nlow = -1\n[[parts]]\nhihg = 2\nlow = 3\n[[parts]]\nlow = true\n'
    assert told(text) == [
        (1, "the key 'name' is not given"),
        (1, "unknown key 'nmae': did you mean name?"),
        (2, 'weight: input should be a valid number, not "3"'),
        (4, "low: input should be greater than or equal to 0, not -1"),
        (5, "low is above high"),
        (6, "unknown key 'hihg': did you mean high?"),
        (9, "low: input should be a valid number, not true"),
    ]


def test_one_error_names_them_all_in_the_order_of_lines():
    found = [Problem("second", ("b",)), Problem("first", ("a",)), Problem("first", ("a",))]
    with pytest.raises(ConfigError) as error:
        raise_for(found, "p.toml", places("a = 1\nb = 2"))
    assert str(error.value) == "p.toml, line 1: first\np.toml, line 2: second" and error.value.line == 1
    raise_for([], "p.toml", {})


def test_a_file_full_of_errors_is_told_up_to_a_limit():
    with pytest.raises(ConfigError) as error:
        raise_for((Problem(f"no {i}", ()) for i in range(10_000)), "p.toml", {})
    assert len(str(error.value).splitlines()) == MAX_TOLD


@pytest.mark.parametrize(
    ("content", "says", "line"),
    [
        (b"a = 1\nb = \xff\n", "not UTF-8", 2),
        (b"a" * (MAX_BYTES + 1), "larger than 512 KiB", None),
    ],
)
def test_a_file_that_is_no_text_is_refused(tmp_path, content, says, line):
    path = tmp_path / "p.toml"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=says) as error:
        read_text(path, what="plant file")
    assert error.value.line == line and "p.toml" in str(error.value)


def test_a_folder_and_a_missing_file_are_told(tmp_path):
    with pytest.raises(ConfigError, match="not a file"):
        read_text(tmp_path, what="plant file")
    with pytest.raises(ConfigError, match="no such file"):
        read_text(tmp_path / "none.toml", what="plant file")


@pytest.mark.parametrize(
    ("text", "says", "line"),
    [
        ("a = 1\nb = = 2", "not TOML", 2),
        ("a = 1\na = 2\n", "not TOML: Cannot overwrite a value", 2),
        ("a = " + "[" * 100 + "]" * 100, "nested too deeply", None),
        ("a = " + "[" * 5000 + "]" * 5000, "nested too deeply", None),
        ("a = " + "1" * 5000, "not TOML", None),
    ],
)
def test_what_is_no_toml_is_refused(text, says, line):
    with pytest.raises(ConfigError, match=says) as error:
        read_table(text, "p.toml", what="plant file")
    assert line is None or error.value.line == line


def test_a_name_far_from_all_is_sent_to_the_page():
    assert nearest("colour", ["weight"], "docs/keys.md") == ": see docs/keys.md for the names"
    assert nearest("wieght", ["weight", "height"]) == ": did you mean weight?"
    assert nearest("colour", ["weight"]) == ""

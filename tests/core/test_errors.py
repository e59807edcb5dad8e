"""The tree of errors is the one its page draws, says where and what, and survives the way between processes."""

from __future__ import annotations

import pickle
import re

import pytest

from dsapp.core import errors, extras


def test_the_page_draws_the_tree_that_there_is() -> None:
    drawn = [
        (len(line) - len(line.lstrip(" │├└─")), re.findall(r"\w+", line)[0])
        for line in (errors.__doc__ or "").splitlines()
        if re.match(
            r"\s+([│├└─ ]*)(Dsapp|Usage|Config|Input|Bundle|Build|Numeric|MissingExtra|Run|Disk|Worker)\w*", line
        )
    ]
    above: list[tuple[int, str]] = []
    parents = {}
    for depth, name in drawn:
        above = [entry for entry in above if entry[0] < depth]
        parents[name] = above[-1][1] if above else "Exception"
        above.append((depth, name))
    real = {
        name: cls.__bases__[0].__name__
        for name, cls in vars(errors).items()
        if isinstance(cls, type) and issubclass(cls, errors.DsappError)
    }
    assert parents == real


def test_an_error_in_a_file_of_settings_says_where() -> None:
    error = errors.ConfigError("unknown key 'wieght'", path="book.toml", line=12)
    assert str(error) == "book.toml, line 12: unknown key 'wieght'"
    assert str(errors.ConfigError("empty", path="book.toml")) == "book.toml: empty"
    assert str(errors.ConfigError("empty")) == "empty"


def test_an_input_error_crosses_processes_whole() -> None:
    error = errors.InputError("the file is encrypted", code="encrypted", remedy="remove its password")
    back = pickle.loads(pickle.dumps(error))
    assert (str(back), back.code, back.remedy) == ("the file is encrypted", "encrypted", "remove its password")


def test_a_missing_package_is_named_with_the_command_that_adds_it() -> None:
    with pytest.raises(errors.MissingExtraError, match=r"graphs needs the package no_such_thing.*'dsapp\[graphs\]'"):
        extras.need("no_such_thing.part", "graphs", extra="graphs")
    with pytest.raises(errors.MissingExtraError, match="pip install 'no_such_thing'"):
        extras.need("no_such_thing", "graphs")
    assert extras.need("json", "reading").loads("1") == 1
    assert extras.has("json") and not extras.has("no_such_thing") and not extras.has("no_such_thing.part")
    assert extras.installed_version("numpy")[0].isdigit() and extras.installed_version("no-such-thing") == ""

"""Playbooks load or are refused with file and line; the right one is chosen; a starter is a playbook."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from judged import HEAD

from dsapp.core.errors import ConfigError, UsageError
from dsapp.finance.categories import CONTRACT_TYPES
from dsapp.finance.classify import Kind
from dsapp.finance.playbook import choose, load, shipped, starter
from dsapp.finance.playbook_check import MAX_BYTES, parse, places
from dsapp.finance.roles import ROLES

CHECK = """[[check]]
id = "law"
title = "Governing law"
level = "medium"
required = "governing_law"
"""


def kind(contract_type: str) -> Kind:
    return Kind(contract_type, 0.9, "master", 0.9)


def refused(text: str) -> tuple[str, int | None]:
    with pytest.raises(ConfigError) as error:
        parse(text, "mine.toml")
    assert str(error.value).startswith("mine.toml")
    return str(error.value), error.value.line


def line_with(text: str, part: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), start=1) if part in line)


def test_the_playbooks_ship_with_sides_types_and_wording():
    playbooks = {playbook.name: playbook for playbook in shipped()}
    assert {name: playbook.side for name, playbook in playbooks.items()} == {
        "commercial-customer": "customer",
        "commercial-supplier": "supplier",
        "saas-customer": "customer",
        "consumer-terms": "customer",
        "nda": "mutual",
    }
    for playbook in playbooks.values():
        assert playbook.law and any(line.preferred for line in playbook.checks)
        assert all(line.stake for line in playbook.checks)
    assert [name for name, playbook in playbooks.items() if playbook.wants_positions] == ["nda"]


@pytest.mark.parametrize(
    ("extra", "part", "says"),
    [
        ('colour = "red"', "colour", "unknown key 'colour'"),
        ("budget = 0", "budget", "budget"),
        ('contract_types_ = ["nda"]', "contract_types_", "did you mean contract_types"),
    ],
)
def test_a_wrong_key_of_the_head_is_refused_with_its_line(extra, part, says):
    text = f"{HEAD}{extra}\n\n{CHECK}"
    message, line = refused(text)
    assert says in message and line == line_with(text, part)


@pytest.mark.parametrize(
    ("check", "part", "says"),
    [
        ("wieght = 3", "wieght", "did you mean weight"),
        ("preferred = 3", "preferred", "preferred"),
        ('level = "fatal"', 'level = "fatal"', "level"),
    ],
)
def test_a_wrong_key_of_a_check_is_refused_with_its_line(check, part, says):
    text = HEAD + CHECK.replace('level = "medium"\n', "" if "level" in check else 'level = "medium"\n') + check + "\n"
    message, line = refused(text)
    assert says in message and line == line_with(text, part) and "'law'" in message


def threshold(fact: str, op: str, value: str, more: str = "") -> str:
    return f'{HEAD}{CHECK}\n[[check]]\nid = "t"\ntitle = "T"\nlevel = "low"\nfact = "{fact}"\nop = "{op}"\nvalue = {value}\n{more}\n'


@pytest.mark.parametrize(
    ("fact", "op", "value", "says"),
    [
        ("period.cure.ours.days", ">=", "-1", "impossible"),
        ("period.cure.ours.days", "<", "0", "can never hold"),
        ("period.cure.ours.days", ">=", "99999", "impossible"),
        ("period.cure.ours.days", ">=", '"thirty"', "is a number"),
        ("period.cure.ours.days", ">=", "nan", "is a number"),
        ("period.cure.ours.days", ">=", "true", "is a number"),
        ("cap.ours.present", ">=", "true", "yes or no"),
        ("cap.ours.present", "==", "1", "yes or no"),
        ("law.jurisdiction", "<", '"Ohio"', "is a text"),
        ("law.jurisdiction", "in", '"Ohio"', "must be a list"),
        ("law.jurisdiction", "in", "[]", "must be a list"),
        ("cap.ours.amount", "<=", "1000", "currency"),
    ],
)
def test_an_impossible_threshold_is_refused_with_its_line(fact, op, value, says):
    text = threshold(fact, op, value)
    message, line = refused(text)
    assert says in message
    assert line in (line_with(text, f"value = {value}"), line_with(text, f'fact = "{fact}"') - 4)


def test_the_line_of_a_negative_threshold_is_that_of_its_value():
    text = threshold("term.months", "<=", "-3")
    assert refused(text)[1] == line_with(text, "value = -3")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('fact = "period.cure.ours.dayz"\nvalue = 3', "did you mean period.cure.ours.days"),
        ('required = "governing_lore"', "did you mean governing_law"),
        ('position = "nda-99"\ngood = ["entailment"]', "unknown position"),
        ('one_sided = "terminate_at_will"', "unknown right or category"),
        ('unfair = "insurance"', "not an unfair term"),
        ('fact = "term.months"\nop = "~"\nvalue = 3', "unknown comparison"),
        ('fact = "term.months"\nvalue = 3\nunit = "weeks"', "in months"),
        ('position = "nda-4"', "'good' must say"),
        ('position = "nda-4"\ngood = ["entailment"]\nbad = ["entailment"]', "both good and bad"),
        ('required = "insurance"\nforbidden = "exclusivity"', "exactly one of"),
        ("why = 'nothing'", "exactly one of"),
        ('required = "insurance"\nvalue = 3', "belongs to a check with 'fact'"),
    ],
)
def test_unknown_names_and_mixed_lines_are_refused(line, says):
    text = f'{HEAD}{CHECK}\n[[check]]\nid = "x"\ntitle = "X"\nlevel = "low"\n{line}\n'
    message, number = refused(text)
    assert says in message and number is not None and number >= line_with(text, 'id = "x"') - 1


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ('fact = "payment.days"\nop = "<="\nvalue = 30', 'fact = "payment.days"\nop = ">="\nvalue = 45'),
        ('fact = "payment.days"\nop = "=="\nvalue = 30', 'fact = "payment.days"\nop = "!="\nvalue = 30'),
        ('fact = "cap.ours.present"\nvalue = true', 'fact = "cap.ours.present"\nvalue = false'),
        (
            'fact = "law.jurisdiction"\nop = "in"\nvalue = ["Ohio"]',
            'fact = "law.jurisdiction"\nop = "in"\nvalue = ["Texas"]',
        ),
        ('required = "insurance"', 'forbidden = "insurance"'),
        ('position = "nda-4"\ngood = ["entailment"]', 'position = "nda-4"\ngood = ["contradiction"]'),
    ],
)
def test_lines_that_contradict_each_other_are_refused_with_the_second_line(first, second):
    text = HEAD + "".join(
        f'\n[[check]]\nid = "{name}"\ntitle = "T"\nlevel = "low"\n{line}\n'
        for name, line in (("a", first), ("b", second))
    )
    message, line = refused(text)
    assert "'a' and 'b' contradict" in message and line == line_with(text, 'id = "b"') - 1
    apart = text.replace('id = "a"', 'id = "a"\nwhen_we_are = ["discloser"]')
    assert parse(apart.replace('id = "b"', 'id = "b"\nwhen_we_are = ["recipient"]')).checks


def test_a_range_on_one_fact_is_no_contradiction():
    low, high = 'fact = "payment.days"\nop = ">="\nvalue = 30', 'fact = "payment.days"\nop = "<="\nvalue = 45'
    text = HEAD + "".join(
        f'\n[[check]]\nid = "{name}"\ntitle = "T"\nlevel = "low"\n{line}\n' for name, line in (("a", low), ("b", high))
    )
    assert len(parse(text).checks) == 2


def test_two_checks_with_one_id_are_refused():
    text = f"{HEAD}{CHECK}\n{CHECK}"
    message, line = refused(text)
    assert "given twice" in message and line == text.splitlines().index('id = "law"', 8) + 1


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "[" * 100_000,
        "x = " + "9" * 10_000,
        "x." + ".".join("a" * 3000) + " = 1",
        HEAD + "x = 1\nx = 2\n",
        "\x00\x01",
        "#" * (MAX_BYTES + 1),
        "",
        "check = 3",
        "check = [1, 2]",
        HEAD + "check = [{id = 3}]",
        HEAD + CHECK.replace("Governing law", "x" * 5000),
        HEAD + "weight = {a = {b = {c = {d = 1}}}}\n" + CHECK,
    ],
    ids=range(12),
)
def test_hostile_files_are_refused_with_a_plain_error(text):
    with pytest.raises(ConfigError):
        parse(text, "hostile.toml")


def test_a_syntax_error_names_its_line():
    message, line = refused(HEAD + "oops\n" + CHECK)
    assert "not TOML" in message and line == HEAD.count("\n") + 1


@given(st.text(max_size=300))
@settings(max_examples=150, deadline=None)
def test_any_text_is_a_playbook_or_a_config_error(text):
    for candidate in (text, HEAD + text, HEAD + CHECK + text):
        try:
            parse(candidate)
        except ConfigError:
            continue


def test_all_errors_of_a_file_are_told_at_once_each_with_its_line():
    text = f"""{HEAD.replace("law = ", "lwa = ")}
[[check]]
id = "a"
titel = "A"
level = "fatal"
required = "governing_law"

[[check]]
id = "b"
title = "B"
level = "low"
colour = "red"
fact = "period.cure.ours.days"
op = ">="
value = -1
good = ["entailment"]

[[check]]
id = "b"
title = "B again"
level = "low"
required = "insurance"
"""
    message, line = refused(text)
    told = {entry.split(": ", 1)[1]: entry.split(": ", 1)[0] for entry in message.splitlines()}
    expected = {
        "unknown key 'lwa': did you mean law?": line_with(text, "lwa"),
        "the key 'law' is not given": 1,
        "check 'a': unknown key 'titel': did you mean title?": line_with(text, "titel"),
        "check 'a': the key 'title' is not given": line_with(text, 'id = "a"') - 1,
        "check 'b': unknown key 'colour': see docs/playbooks.md for the names": line_with(text, "colour"),
        "check 'b': 'good' belongs to a check with 'position'": line_with(text, 'good = ["entailment"]'),
        "check 'b' is given twice (checks 2 and 3)": text[: text.index("B again")].count("\n"),
    }
    assert {name: told.get(name) for name in expected} == {
        name: f"mine.toml, line {at}" for name, at in expected.items()
    }
    others = sorted(name for name in told if name not in expected)
    assert [name.split(":")[1].split()[0] for name in others] == ["level", "period.cure.ours.days"]
    assert told[others[1]] == f"mine.toml, line {line_with(text, 'value = -1')}"
    assert line == 1


@pytest.mark.parametrize("key", ["title", "level", "id"])
def test_a_missing_key_of_a_check_has_the_line_of_its_table(key):
    text = HEAD + "\n" + "".join(line + "\n" for line in CHECK.splitlines() if not line.startswith(key))
    message, line = refused(text)
    assert f"the key '{key}' is not given" in message and line == line_with(text, "[[check]]")


@pytest.mark.parametrize("key", ["colour", "party_names", "customer", "bus_names", "focus", "x"])
def test_a_name_that_is_no_slip_gets_no_guess(key):
    message, _ = refused(f"{HEAD}{key} = 1\n{CHECK}")
    assert "did you mean" not in message and "docs/playbooks.md" in message


@pytest.mark.parametrize(("key", "meant"), [("uss", "us"), ("bugdet", "budget"), ("contract_type", "contract_types")])
def test_a_slip_of_a_name_is_guessed(key, meant):
    message, _ = refused(f"{HEAD}{key} = 1\n{CHECK}")
    assert f"did you mean {meant}?" in message


def test_a_flood_of_errors_is_cut():
    message, _ = refused(HEAD + "".join(f"zzzz{number} = 1\n" for number in range(20_000)) + CHECK)
    assert len(message.splitlines()) == 100


def test_files_that_are_no_files(tmp_path):
    for path in (tmp_path, tmp_path / "none.toml"):
        with pytest.raises(ConfigError):
            load(path)
    (tmp_path / "latin.toml").write_bytes(HEAD.encode() + b"# caf\xe9\n")
    with pytest.raises(ConfigError) as error:
        load(tmp_path / "latin.toml")
    assert error.value.line == HEAD.count("\n") + 1


def test_lines_are_found_behind_long_strings_and_sub_tables():
    text = 'a = """\nb = 1\n"""\nc = 1\n[[check]]\nid = "x"\n[[check]]\nid = "y"\n[other.deep]\nk = 1\n'
    lines = places(text)
    assert lines[("c",)] == 4 and lines[("check", 1, "id")] == 8 and lines[("other", "deep", "k")] == 10
    assert ("b",) not in lines


def test_the_type_of_contract_and_our_role_choose_the_playbook():
    books = shipped()
    chosen = {
        ("services", "customer"): "commercial-customer",
        ("services", "supplier"): "commercial-supplier",
        ("saas", "customer"): "saas-customer",
        ("saas", "provider"): "commercial-supplier",
        ("nda", "discloser"): "nda",
        ("nda", ""): "nda",
        ("saas", ""): "saas-customer",
        ("terms", ""): "consumer-terms",
        ("terms", "customer"): "consumer-terms",
    }
    for (contract_type, role), name in chosen.items():
        playbook = choose(books, kind(contract_type), role)
        assert playbook is not None and playbook.name == name, (contract_type, role)
    for contract_type in ("lease", "employment", "loan", "other"):
        assert choose(books, kind(contract_type)) is None


def test_a_playbook_for_all_types_fits_any():
    book = parse(HEAD.replace('["services"]', '["*"]') + CHECK)
    assert choose([book], kind("lease")) is book


@pytest.mark.parametrize("side", [*ROLES, "mutual"])
@pytest.mark.parametrize("contract_type", CONTRACT_TYPES)
def test_a_starter_is_a_playbook_for_its_type_and_side(contract_type, side):
    book = parse(starter(contract_type, side), "starter")
    assert book.side == side and book.fits(contract_type) and len(book.checks) > 5


def test_a_starter_of_an_unknown_type_or_side_is_refused():
    for arguments in (("lemonade", "customer"), ("services", "nobody")):
        with pytest.raises(UsageError):
            starter(*arguments)

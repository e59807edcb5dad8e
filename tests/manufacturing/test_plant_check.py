"""A plant file is taken or refused as a whole: every error at once, each with file and line and what to do."""

from __future__ import annotations

import pytest

from dsapp.core.errors import ConfigError
from dsapp.manufacturing.plant import load
from dsapp.manufacturing.plant_check import parse
from dsapp.manufacturing.shifts import days_of, hours_of
from dsapp.manufacturing.units import UNITS, conversion, known

HEAD = 'format = 1\nname = "North"\nasset_class = "pump"\n'
SENSORS = '[[sensors]]\nname = "temp"\nunit = "degC"\n[[sensors]]\nname = "current"\nunit = "A"\n'


def refused(text: str) -> list[tuple[int, str]]:
    with pytest.raises(ConfigError) as error:
        parse(text, "north.toml")
    told = []
    for line in str(error.value).splitlines():
        where, _, message = line.partition(": ")
        assert where.startswith("north.toml, line ")
        told.append((int(where.removeprefix("north.toml, line ")), message))
    return told


def line_with(text: str, part: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), start=1) if part in line)


def test_a_small_file_is_a_plant(tmp_path):
    path = tmp_path / "north.toml"
    path.write_text(HEAD + 'time_zone = "Europe/Berlin"\n' + SENSORS, encoding="utf-8")
    plant = load(path)
    assert plant.name == "North" and [sensor.name for sensor in plant.sensors] == ["temp", "current"]


WRONG = [
    ('[readings]\nseparatr = ";"', "separatr", "did you mean separator?"),
    ('[readings]\nlayout = "long"\nvalue = "v"', "layout", "needs 'sensor'"),
    ('[readings]\nlayout = "long"\nsensor = "s"', "layout", "needs 'value'"),
    ('[readings]\nvalue = "v"', "value = ", "belongs to layout 'long'"),
    ('[readings]\ntime = "machine"', "time = ", "name the same column"),
    ('[readings]\ntime_format = "epoch_sec"', "time_format", "unknown time format 'epoch_sec': did you mean epoch_s"),
    ('[readings]\ntime_format = "DD.MM.YYYY"', "time_format", "or a pattern like %d.%m.%Y"),
    ('[readings]\nfiles = ["../other/*.csv"]', "files", "no pattern of names below the inputs"),
    ("[readings]\nfiles = []", "files", "give 'files'"),
    ('[readings]\nsql = "select 1; drop table x"', "sql", "one query"),
    ('[readings]\nseparator = ";;"', "separator", "one character"),
    ('[readings]\nseparator = ","\ndecimal = ","', "decimal", "the same character"),
    ('[readings]\nencoding = "latin-99"', "encoding", "unknown encoding"),
    ('[readings.states]\n"Bad" = "missing"\nbad = "stopped"', "bad =", "two meanings"),
    ('[readings.states]\n"Bad" = "broken"', "Bad", "'missing', 'stopped' or 'running'"),
    ('[readings.rename]\na = "b"\nb = "a"', "a =", "leads back to itself"),
    ('[running]\ncolumn = "s"\nvalues = ["on"]\nsensor = "current"', "sensor = ", "not both"),
    ('[running]\ncolumn = "s"', "column", "'values' must say"),
    ('[running]\nvalues = ["on"]', "values", "belongs to 'column'"),
    ('[running]\nsensor = "curent"\nabove = 1', "sensor = ", "there is no sensor 'curent': did you mean current?"),
    ("[running]\nabove = 3.0", "above", "belongs to 'sensor'"),
    ('[[logs]]\nfiles = ["f.csv"]', "[[logs]]", "say what the rows are"),
    ('[[logs]]\nfiles = ["f.csv"]\nkind = "failure"\nkind_column = "k"', "kind_column", "give one"),
    ('[[logs]]\nfiles = ["f.csv"]\nkind = "failure"\nkinds = {a = "error"}', "kinds", "'kind_column', which is not given"),
    ('[[actions]]\nname = "swap"\n[[actions]]\nname = "swap"\ncomponent = ""', 'component = ""', ""),
    ('[[actions]]\nname = "swap"\ncomponent = "bearing"', "component", "no component 'bearing'"),
    ('[[actions]]\nname = "swap"\nshare = 0.3', "share", "restores = \"partly\""),
    ('[[components]]\nname = "a"\n[[components]]\nname = "a"', "", "'a' is given twice in components"),
    ("[[components]]\n[[components]]\nplanned_cost = 2", "", "only one component may be without a name"),
    ("[[components]]\nplanned_cost = -2", "planned_cost", "greater than or equal to 0, not -2"),
    ("[[components]]\nfailure_cost = inf", "failure_cost", "inf is no number"),
    ('[[components]]\nskill = "fitter"\n[[crew]]\nskill = "electric"\nhours_per_day = 8', "fitter", "no crew has the skill"),
    ('[[crew]]\nhours_per_day = 8\ndays = "Mo-Fr"', "days", "names no days"),
    ('[calendar]\nproduction = [{days = "Mon", hours = "6-22"}]', "production", "no stretch of hours"),
    ('[calendar]\nservice = [{days = "Mon", hours = "25:00-26:00"}]', "service", "between 00:00 and 24:00"),
    ("[calendar]\nclosed = [{first = 2026-02-02, last = 2026-02-01}]", "closed", "ends (2026-02-01) before it begins"),
    ("[calendar]\nfrozen_days = 40\nhorizon_days = 30", "frozen_days", "nothing could be planned"),
    ("[alarms]\non = 0.5\noff = 0.9", "off", "would close at once"),
    ("[alarms]\nminimum_lead_hours = 200", "minimum_lead_hours", "not below 'maximum_lead_hours'"),
    ("[costs]\nline_minute = true", "line_minute", "valid number, not true"),
    ('[traits]\nfiles = ["t.csv"]\ncolumns = ["age", "age"]', "columns", "given twice"),
]  # fmt: skip


@pytest.mark.parametrize(("tables", "part", "says"), [case for case in WRONG if case[2]])
def test_what_contradicts_itself_is_refused_with_its_line(tables, part, says):
    text = HEAD + SENSORS + tables + "\n"
    told = refused(text)
    assert any(says in message for _, message in told), told
    if part:
        assert (line_with(text, part), True) in [(line, says in message) for line, message in told]


@pytest.mark.parametrize(
    ("sensor", "says"),
    [
        ('name = "t"\nlow = 80\nhigh = 20', "low 80.0 is not below high 20.0"),
        ('name = "t"\nlow = nan', "nan is no number"),
        ('name = "t"\nunit = "degC"\nsource_unit = "bar"', "'bar' does not convert to 'degC'"),
        ('name = "t"\nunit = "degC"\nsource_unit = "degG"', "unknown unit 'degG': did you mean"),
        ('name = "t"\nsource_unit = "degF"', "'source_unit' needs 'unit'"),
        ('name = "t"\nquality = "t"', "its quality column is its own column"),
        ('name = "clock"', "a name that features use"),
        ('name = "log:E1"', "a name that features use"),
        ('name = "t"\ncolumn = "time"', "reads the time column"),
        ('name = "t"\n[[sensors]]\nname = "t"', "'t' is given twice in sensors"),
        ('name = "t"\n[[sensors]]\nname = "u"\ncolumn = "t"', "two sensors read the column 't'"),
        ('name = "t"\nrole = "setting"\nfill = "interpolate"', "fill by 'hold'"),
        ('name = ""', "at least 1 character"),
    ],
)
def test_an_impossible_sensor_is_refused(sensor, says):
    told = refused(f"{HEAD}[[sensors]]\n{sensor}\n")
    assert any(says in message for _, message in told), told


def rule(when: str) -> str:
    return f'{HEAD}{SENSORS}[[rules]]\nid = "r"\nsentence = "S"\nwhen = [{{{when}, op = ">", value = 2.0}}]\n'


@pytest.mark.parametrize(
    ("quantity", "says"),
    [
        ('{formula = "ratio", of = ["temp"]}', "'ratio' is of two sensors, not of 1"),
        ('{formula = "rate", of = ["temp", "current"]}', "'rate' is of one sensor, not of 2"),
        ('{of = ["tmep"]}', "there is no sensor 'tmep': did you mean temp?"),
        ('{formula = "duty", of = ["temp"]}', "a duty is a share of time"),
        ('{of = ["temp"], above = 1.0}', "'above' belongs to the formula 'duty'"),
        ('{of = ["temp"], window_hours = 1.0}', "'window_hours' belongs to"),
    ],
)
def test_a_rule_of_sensors_that_cannot_be_is_refused(quantity, says):
    assert any(says in message for _, message in refused(rule(f"quantity = {quantity}")))


def test_rules_need_ids_of_their_own_and_known_components():
    text = rule('quantity = {of = ["temp"]}')
    told = refused(text + text[text.index("[[rules]]") :].replace('"S"', '"S"\ncomponent = "seal"'))
    assert sorted(message.split(":")[0] for _, message in told) == [
        "'r' is given twice in rules",
        "there is no component 'seal'",
    ]


def test_all_errors_come_at_once_with_the_time_zone_and_unknown_keys():
    told = refused(
        'format = 1\nname = "P"\nasset_class = "x"\ntime_zone = "Europe/Belrin"\ncolour = 3\n'
        '[readings]\nlayout = "long"\nsepparator = ";"\n[[sensors]]\nname = "t"\nlow = "5"\n[running]\nsensor = "u"\n'
    )
    assert [line for line, _ in told] == [4, 5, 7, 7, 8, 11, 13]
    assert "did you mean Europe/Berlin?" in told[0][1]


def test_a_file_without_sensors_or_of_another_format_is_refused():
    assert refused(HEAD) == [(1, "the key 'sensors' is not given")]
    assert "should be 1" in refused(HEAD.replace("format = 1", "format = 2") + SENSORS)[0][1]
    assert any("at least 1 item" in message for _, message in refused(HEAD + "sensors = []\n"))


@pytest.mark.parametrize(
    ("source", "target", "value", "becomes"),
    [
        ("degF", "degC", 212, 100),
        ("degC", "K", 0, 273.15),
        ("psi", "bar", 14.503773773, 1.0),
        ("kPa", "bar", 100, 1),
        ("in/s", "mm/s", 1, 25.4),
        ("rad/s", "rpm", 104.71975512, 1000),
        ("°C", "degF", 100, 212),
        ("1/min", "rad/s", 60, 6.283185307),
        ("mV", "V", 1, 0.001),
    ],
)
def test_units_convert(source, target, value, becomes):
    factor, offset = conversion(source, target) or (0.0, 0.0)
    assert value * factor + offset == pytest.approx(becomes)


def test_units_go_there_and_back():
    for name, unit in UNITS.items():
        assert known(name) is unit
        for other in (found.name for found in UNITS.values() if found.quantity == unit.quantity):
            there, back = conversion(name, other), conversion(other, name)
            assert there and back and back[0] * (there[0] * 7.5 + there[1]) + back[1] == pytest.approx(7.5, abs=1e-6)


def test_units_of_different_things_or_unknown_ones_do_not_convert():
    assert conversion("bar", "degC") is None and conversion("widget", "degC") is None
    assert conversion("widget", "widget") == (1.0, 0.0)


def test_days_and_hours_are_read_as_people_write_them():
    assert (
        days_of("Mon-Fri") == (0, 1, 2, 3, 4)
        and days_of("sat, Sunday") == (5, 6)
        and days_of("Fri-Mon") == (0, 4, 5, 6)
    )
    assert hours_of("06:00-22:00") == (360, 1320) and hours_of("22:00-06:00") == (1320, 1800)
    assert hours_of("00:00-24:00") == (0, 1440)
    for wrong in ("06:00-06:00", "6-22", "06:61-07:00", "24:00-25:00"):
        with pytest.raises(ValueError, match=r"write|empty|between"):
            hours_of(wrong)

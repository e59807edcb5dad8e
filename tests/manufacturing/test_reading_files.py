"""Files of every format and dialect give the same histories; what a plant file says about them is done."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from dsapp.core.errors import ConfigError, UsageError
from dsapp.manufacturing.history import FLAGS, History
from dsapp.manufacturing.plant_check import parse
from dsapp.manufacturing.reading import Staged, stage

HEAD = 'format = 1\nname = "North"\nasset_class = "pump"\n'
SENSORS = '[[sensors]]\nname = "temp"\n[[sensors]]\nname = "vib"\n'
NOW = 1_800_000_000_000_000
ROWS = [
    ("007", "2026-01-01 00:00:00", "20.5", "1.5"),
    ("008", "2026-01-01 00:00:00", "30", "2"),
    ("007", "2026-01-01 01:00:00", "21.25", "1.75"),
    ("008", "2026-01-01 01:00:00", "31", "2.5"),
]


def table(rows=ROWS, separator=",", header=("machine", "time", "temp", "vib")) -> str:
    return "\n".join(separator.join(row) for row in (header, *rows)) + "\n"


def staged(folder: Path, plant: str = HEAD + SENSORS, *inputs: str | Path, now: int = NOW) -> Staged:
    return stage(parse(plant), inputs or [folder / "in"], folder / "out", now=now)


def history(
    folder: Path, name: str, content: str | bytes, plant: str = HEAD + SENSORS, machine: str = "007"
) -> History:
    found = written(folder, name, content, plant)
    assert not found.refusals, found.refusals
    return found.history(machine)


def written(folder: Path, name: str, content: str | bytes, plant: str = HEAD + SENSORS) -> Staged:
    (folder / "in").mkdir(exist_ok=True)
    (folder / "in" / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return staged(folder, plant)


def us(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1_000_000


def check(found: History) -> None:
    """The history of machine 007 of ``ROWS``."""
    assert found.times.tolist() == [us("2026-01-01 00:00:00"), us("2026-01-01 01:00:00")]
    assert found.values.dtype == np.float32 and found.values.tolist() == [[20.5, 1.5], [21.25, 1.75]]
    assert (found.flags == 0).all() and found.sensors == ("temp", "vib")


GERMAN = table([(m, t, a.replace(".", ","), b.replace(".", ",")) for m, t, a, b in ROWS], ";")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", table()),
        ("a.csv", table().replace("\n", "\r\n")),
        ("a.csv", table().replace("\n", "\r")),
        ("a.csv", "\ufeff" + table()),
        ("a.csv", table(separator="\t")),
        ("a.csv", table(separator="|")),
        ("a.csv", GERMAN),
        ("a.csv", "Station: North\nExported: 2026-02-01\n\n" + GERMAN),
        ("a.csv", "\n".join(line + ";" if number else line for number, line in enumerate(GERMAN.splitlines()))),
        ("a.csv", '"machine","time","temp","vib"\n' + "\n".join(",".join(f'"{v}"' for v in row) for row in ROWS)),
        ("a.csv", table().encode("utf-16")),
        ("a.csv", table().encode("utf-16-le")),
        ("a.csv.gz", gzip.compress(table().encode())),
        ("a.csv.gz", gzip.compress(GERMAN.encode("utf-16"))),
        ("a.csv", table(header=("Machine", " TIME ", "Temp", "vib "))),
        ("a[1].csv", table()),
        ("it's.csv", table()),
    ],
)
def test_a_csv_of_any_dialect_is_read(tmp_path, name, content):
    check(history(tmp_path, name, content))


def test_windows_1252_is_read_with_a_note(tmp_path):
    plant = HEAD + '[[sensors]]\nname = "temp"\ncolumn = "Temp °C"\n[[sensors]]\nname = "vib"\n'
    found = written(tmp_path, "a.csv", table(header=("machine", "time", "Temp °C", "vib")).encode("cp1252"), plant)
    check(found.history("007"))
    assert any("Windows-1252" in note for note in found.notes)


def test_parquet_is_read_with_its_types(tmp_path):
    import duckdb

    (tmp_path / "in").mkdir()
    duckdb.connect().execute(
        "COPY (SELECT * FROM (VALUES ('007', TIMESTAMP '2026-01-01 00:00:00', 20.5::FLOAT, 1.5::DOUBLE), "
        "('007', TIMESTAMP '2026-01-01 01:00:00', 21.25::FLOAT, 1.75::DOUBLE)) t(machine, time, temp, vib)) "
        f"TO '{tmp_path / 'in' / 'a.parquet'}' (FORMAT parquet)"
    )
    check(staged(tmp_path).history("007"))


@pytest.mark.parametrize("stamp", ["TIMESTAMPTZ '2026-01-01 02:00:00+01'", "TIMESTAMP_NS '2026-01-01 01:00:00'"])
def test_aware_and_fine_time_stamps_of_parquet_are_moments(tmp_path, stamp):
    import duckdb

    (tmp_path / "in").mkdir()
    target = tmp_path / "in" / "a.parquet"
    duckdb.connect().execute(
        f"COPY (SELECT 7 AS machine, {stamp} AS time, 1 AS temp, true AS vib) TO '{target}' (FORMAT parquet)"
    )
    found = staged(tmp_path).history("7")
    assert found.times.tolist() == [us("2026-01-01 01:00:00")] and found.values.tolist() == [[1.0, 1.0]]


def workbook(path: Path, sheets: dict[str, list[list[object]]]) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)


def test_a_workbook_gives_its_sheets_that_hold_readings(tmp_path):
    (tmp_path / "in").mkdir()
    head = ["machine", "time", "temp", "vib"]
    start = datetime(2026, 1, 1)
    workbook(
        tmp_path / "in" / "a.xlsx",
        {
            "About": [["made by", "historian"]],
            "January": [["Plant North"], [], head, ["007", start, 20.5, 1.5]],
            "February": [head, ["007", start + timedelta(hours=1), 21.25, 1.75], [7, start, 1.0, "I/O Timeout"]],
        },
    )
    found = staged(tmp_path)
    check(found.history("007"))
    assert found.machine("007").files == ("a.xlsx [January]", "a.xlsx [February]")
    assert found.history("7").flags.tolist() == [[0, FLAGS["not_a_number"]]]


def test_a_sheet_is_chosen_by_name_or_refused_with_those_that_are_there(tmp_path):
    (tmp_path / "in").mkdir()
    head = ["machine", "time", "temp", "vib"]
    workbook(tmp_path / "in" / "a.xlsx", {"A": [head, ["1", 45658.0, 1, 2]], "B": [head, ["2", 45658.5, 1, 2]]})
    found = staged(tmp_path, HEAD + SENSORS + '[readings]\nsheet = "B"\n')
    assert [machine.name for machine in found.machines()] == ["2"]
    assert found.history("2").times.tolist() == [us("2025-01-01 12:00:00")]
    found = staged(tmp_path, HEAD + SENSORS + '[readings]\nsheet = "C"\n')
    assert found.refusals[0].code == "columns" and "'A', 'B'" in found.refusals[0].reason


def test_json_lines_are_read_whatever_keys_a_line_lacks(tmp_path):
    lines = [
        '{"machine": "007", "time": "2026-01-01T00:00:00Z", "temp": 20.5, "vib": 1.5}',
        "this is no JSON",
        '{"vib": 1.75, "machine": "007", "time": "2026-01-01T01:00:00Z", "temp": 21.25, "more": [1, 2]}',
        '{"machine": "007", "time": "2026-01-01T02:00:00Z", "vib": 1}',
    ]
    found = written(tmp_path, "a.jsonl", "\n".join(lines))
    kept = found.history("007")
    assert kept.values[:2].tolist() == [[20.5, 1.5], [21.25, 1.75]] and kept.flags[2].tolist() == [FLAGS["missing"], 0]
    assert any("without a readable time" in note for note in found.notes)


LONG = '[readings]\nlayout = "long"\nsensor = "tag"\nvalue = "v"\n'


def test_a_long_table_becomes_rows_by_time(tmp_path):
    text = (
        "machine,time,tag,v\n1,2026-01-01 00:00:00,temp,20\n1,2026-01-01 00:00:00,vib,2\n1,2026-01-01 00:00:00,other,9\n"
        "2,2026-01-01 00:00:00,vib,7\n1,2026-01-01 01:00:00,vib,I/O Timeout\n1,2026-01-01 00:00:00,temp,21\n"
    )
    found = written(tmp_path, "a.csv", text, HEAD + LONG + SENSORS)
    one = found.history("1")
    assert one.times.tolist() == [us("2026-01-01 00:00:00"), us("2026-01-01 01:00:00"), us("2026-01-01 00:00:00")]
    assert one.values[0].tolist() == [20, 2] and one.values[2, 0] == 21
    assert one.flags.tolist() == [[0, 0], [FLAGS["missing"], FLAGS["not_a_number"]], [0, FLAGS["missing"]]]
    assert found.history("2").values[0, 1] == 7
    assert any("tags that the plant file does not name" in note for note in found.notes)


def test_running_and_counter_may_be_tags_of_a_long_table(tmp_path):
    text = (
        "machine,time,tag,v\n1,2026-01-01 00:00:00,state,STOP\n1,2026-01-01 00:00:00,temp,2\n1,2026-01-01 01:00:00,hours,70.5\n"
        "1,2026-01-01 01:00:00,temp,3\n1,2026-01-01 02:00:00,state,run\n"
    )
    plant = HEAD + LONG + SENSORS + '[running]\ncolumn = "state"\nvalues = ["RUN"]\n[clock]\ncolumn = "hours"\n'
    found = written(tmp_path, "a.csv", text, plant).history("1")
    assert found.running is not None and found.running.tolist() == [False, False, True]
    assert found.clock is not None and found.clock[1] == 70.5


def test_the_file_names_the_machine_where_no_column_does(tmp_path):
    plant = HEAD + SENSORS + '[readings]\nmachine = ""\n'
    written(tmp_path, "P-07.csv", "time,temp,vib\n2026-01-01 00:00:00,1,2\n", plant)
    found = written(tmp_path, "P-08.csv.gz", gzip.compress(b"time,temp,vib\n2026-01-01 00:00:00,3,4\n"), plant)
    assert {m.name: found.history(m.name).values.tolist() for m in found.machines()} == {
        "P-07": [[1, 2]],
        "P-08": [[3, 4]],
    }


def test_states_quality_and_words_are_told_apart(tmp_path):
    plant = (
        HEAD
        + '[[sensors]]\nname = "temp"\nquality = "q"\n[[sensors]]\nname = "vib"\n'
        + '[readings.states]\n"I/O Timeout" = "missing"\n"Shutdown" = "stopped"\n'
    )
    text = (
        "machine,time,temp,q,vib\n1,2026-01-01 00:00,1,GOOD,1\n1,2026-01-01 01:00,2,bad,i/o timeout\n"
        "1,2026-01-01 02:00,3,192.0,Shutdown\n1,2026-01-01 03:00,4,,ERR\n1,2026-01-01 04:00,NaN,good,\n"
        "1,2026-01-01 05:00,-inf,good,1e400\n"
    )
    found = written(tmp_path, "a.csv", text, plant)
    one = found.history("1")
    f = FLAGS
    assert one.flags[:, 0].tolist() == [0, f["bad_quality"], 0, 0, f["not_a_number"], f["not_a_number"]]
    assert one.flags[:, 1].tolist() == [0, f["state"], f["state"], f["not_a_number"], f["missing"], f["not_a_number"]]
    assert np.isnan(one.values[one.flags != 0]).all() and one.values[2, 0] == 3
    assert one.running is not None and one.running.tolist() == [True, True, False, False, False, False]
    assert any("'ERR' (1)" in note for note in found.notes)


def test_a_running_column_counts_by_its_words(tmp_path):
    plant = HEAD + SENSORS + '[running]\ncolumn = "state"\nvalues = ["On", "1"]\n'
    text = "machine,time,temp,vib,state\n" + "".join(
        f"1,2026-01-01 0{hour}:00,1,1,{word}\n" for hour, word in enumerate(["on", "off", "", "1.0", "true"])
    )
    found = history(tmp_path, "a.csv", text, plant, "1")
    assert found.running is not None and found.running.tolist() == [True, False, False, True, True]


def test_units_are_converted_and_values_with_a_unit_of_their_own_too(tmp_path):
    plant = (
        HEAD
        + '[[sensors]]\nname = "temp"\nunit = "degC"\nsource_unit = "degF"\n[[sensors]]\nname = "vib"\nunit = "mm/s"\n'
    )
    text = 'machine,time,temp,vib\n1,2026-01-01 00:00,212,"1,234.5"\n1,2026-01-01 01:00,20 °C,1 in/s\n1,2026-01-01 02:00,5 bar,2\n'
    found = written(tmp_path, "a.csv", text, plant)
    one = found.history("1")
    assert one.values[:2].tolist() == [[pytest.approx(100), 1234.5], [20, pytest.approx(25.4)]]
    assert one.flags[2].tolist() == [FLAGS["not_a_number"], 0]
    assert sum("unit of their own" in note for note in found.notes) == 2


@pytest.mark.parametrize(
    ("time_format", "stamps"),
    [
        ("epoch_s", ["1767225600", "1767229200.0"]),
        ("epoch_ms", ["1767225600000", "1767229200000"]),
        ("iso", ["46023", "46023.041666667"]),
        ("iso", ["2026-01-01T00:00:00Z", "2026-01-01T02:00:00+01:00"]),
        ("iso", ["2026-01-01 01:00:00+0100", "2026-01-01 00:00:00-01"]),
        ("%d.%m.%Y %H:%M", ["01.01.2026 00:00", "01.01.2026 01:00"]),
        ("%d/%m/%Y %I:%M %p", ["01/01/2026 12:00 AM", "01/01/2026 01:00 AM"]),
        ("%d.%m.%Y %H:%M %z", ["01.01.2026 01:00 +0100", "01.01.2026 02:00 +0100"]),
    ],
)
def test_times_of_every_form_are_the_same_moments(tmp_path, time_format, stamps):
    text = "machine,time,temp,vib\n" + "".join(f"1,{stamp},1,1\n" for stamp in stamps)
    found = history(tmp_path, "a.csv", text, HEAD + f'[readings]\ntime_format = "{time_format}"\n' + SENSORS, "1")
    assert found.times.tolist() == [us("2026-01-01 00:00:00"), us("2026-01-01 01:00:00")]


def test_cycles_are_steps_of_the_interval(tmp_path):
    text = "machine,time,temp,vib\n1,1,1,1\n1,2,1,1\n"
    plant = HEAD + '[readings]\ntime_format = "cycles"\ninterval_s = 60.0\n' + SENSORS
    assert history(tmp_path, "a.csv", text, plant, "1").times.tolist() == [60_000_000, 120_000_000]


def berlin(folder: Path, stamps: list[str], layout: str = "") -> History:
    header = "machine,time,tag,v\n" if layout else "machine,time,temp,vib\n"
    rows = [f"1,{stamp}\n" if layout else f"1,{stamp},1,1\n" for stamp in stamps]
    return history(
        folder, "a.csv", header + "".join(rows), HEAD + 'time_zone = "Europe/Berlin"\n' + layout + SENSORS, "1"
    )


AUTUMN = [
    "2026-10-25 01:30",
    "2026-10-25 02:00",
    "2026-10-25 02:30",
    "2026-10-25 02:00",
    "2026-10-25 02:30",
    "2026-10-25 03:00",
]
HALF_HOURS = [us("2026-10-24 23:30:00") + 1_800_000_000 * step for step in range(6)]


def test_the_hour_that_comes_twice_is_told_apart_by_order(tmp_path):
    assert berlin(tmp_path, AUTUMN).times.tolist() == HALF_HOURS


def test_the_hour_that_comes_twice_may_stand_newest_first(tmp_path):
    assert berlin(tmp_path, AUTUMN[::-1]).times.tolist() == HALF_HOURS[::-1]


def test_hourly_stamps_repeat_in_the_hour_that_comes_twice(tmp_path):
    found = berlin(tmp_path, ["2026-10-25 01:00", "2026-10-25 02:00", "2026-10-25 02:00", "2026-10-25 03:00"])
    assert np.diff(found.times).tolist() == [3_600_000_000] * 3 and not found.notes


def test_each_tag_of_a_long_table_has_its_own_order(tmp_path):
    found = berlin(tmp_path, [f"{stamp},{tag},1" for tag in ("temp", "vib") for stamp in AUTUMN], LONG)
    assert sorted(found.times.tolist()) == HALF_HOURS and (found.flags == 0).all()


def test_a_time_that_spring_left_out_is_moved_and_noted(tmp_path):
    found = berlin(tmp_path, ["2026-03-29 01:30", "2026-03-29 02:30", "2026-03-29 03:30"])
    assert found.times.tolist() == [us("2026-03-29 00:30:00"), us("2026-03-29 01:30:00"), us("2026-03-29 01:30:00")]
    assert any("spring clock change" in note for note in found.notes)


def test_offsets_win_over_the_plants_zone(tmp_path):
    assert (
        berlin(tmp_path, ["2026-07-01 12:00:00Z", "2026-07-01 14:00"]).times.tolist() == [us("2026-07-01 12:00:00")] * 2
    )


def test_renamed_machines_are_one(tmp_path):
    text = table([("A", "2026-01-01 00:00:00", "1", "1"), ("B", "2026-01-01 01:00:00", "2", "2")])
    found = written(tmp_path, "a.csv", text, HEAD + SENSORS + '[readings.rename]\nA = "B"\n')
    assert [machine.name for machine in found.machines()] == ["B"]
    assert found.history("B").values[:, 0].tolist() == [1, 2] and found.history("B").notes == ("also named A",)


def test_logs_and_traits_lie_beside_the_readings(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "failures.csv").write_text(
        "machine;date;part\n007;2026-01-01 00:30;seal\n007;2026-01-01 00:30;seal\n009;2026-01-02;x\n;2026-01-01;y\n"
    )
    (tmp_path / "in" / "events.csv").write_text(
        "machine,start,end,what,code\n007,2026-01-01 00:00,2026-01-01 00:10,STOP,P1\n007,2026-01-01 00:20,,Alarm,E5\n007,2026-01-01 00:20,,party,x\n"
    )
    (tmp_path / "in" / "machines.csv").write_text("machine,model,age,serial\n007,m3,18,0042\n")
    plant = (
        HEAD
        + SENSORS
        + '[[logs]]\nfiles = ["failures.csv"]\ntime = "date"\nkind = "failure"\ncomponent = "part"\n'
        + '[[logs]]\nfiles = ["events*.csv"]\ntime = "start"\nuntil = "end"\nkind_column = "what"\ncode = "code"\n'
        + 'kinds = {stop = "stop", alarm = "error"}\n[traits]\nfiles = ["machines.csv"]\n'
    )
    found = written(tmp_path, "a.csv", table(), plant)
    assert not found.refusals
    one = found.history("007")
    start = us("2026-01-01 00:00:00")
    assert [(e.time - start, e.kind, e.code, e.component, e.until - e.time) for e in one.events] == [
        (0, "stop", "P1", "", 600_000_000),
        (1_200_000_000, "error", "E5", "", 0),
        (1_800_000_000, "failure", "", "seal", 0),
    ]
    assert one.traits == {"model": "m3", "age": 18.0, "serial": "0042"}
    assert found.history("008").events == () and found.history("008").traits == {}
    said = " ".join(found.notes)
    assert "'party' (1)" in said and "1 machines without readings: 009" in said and "1 of 4 events without" in said


def test_a_machines_digest_is_that_of_its_content_whatever_the_order_of_files(tmp_path):
    one, two = table(ROWS[:2]), table(ROWS[2:])
    for folder, names in (("x", ("a.csv", "b.csv")), ("y", ("b.csv", "a.csv"))):
        (tmp_path / folder / "in").mkdir(parents=True)
        for name, content in zip(names, (one, two), strict=True):
            (tmp_path / folder / "in" / name).write_text(content)
    x, y = staged(tmp_path / "x"), staged(tmp_path / "y")
    assert [m.digest for m in x.machines()] == [m.digest for m in y.machines()]
    (tmp_path / "y" / "in" / "b.csv").write_text(one.replace("20.5", "20.6"))
    z = staged(tmp_path / "y")
    assert [m.digest == n.digest for m, n in zip(x.machines(), z.machines(), strict=True)] == [False, True]


def test_the_store_opens_in_another_process_and_knows_its_machines(tmp_path):
    found = written(tmp_path, "a.csv", table())
    again = Staged.open(found.folder)
    check(again.history("007"))
    assert again.machines() == found.machines() and again.machine("007").rows == 2
    with pytest.raises(KeyError, match="there are 2: 007, 008"):
        again.history("009")


def test_staging_again_replaces_the_store_and_nothing_else(tmp_path):
    written(tmp_path, "a.csv", table())
    (tmp_path / "out" / "mine.txt").write_text("keep")
    found = written(tmp_path, "a.csv", table(ROWS[:1]))
    assert [m.name for m in found.machines()] == ["007"] and (tmp_path / "out" / "mine.txt").exists()
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["mine.txt", "store"]


def test_a_foreign_folder_is_never_emptied(tmp_path):
    (tmp_path / "out" / "store").mkdir(parents=True)
    (tmp_path / "out" / "store" / "thesis.docx").write_text("x")
    with pytest.raises(UsageError, match="in the way"):
        written(tmp_path, "a.csv", table())
    assert (tmp_path / "out" / "store" / "thesis.docx").exists()


def test_a_pattern_of_time_that_is_none_is_an_error_of_the_plant_file(tmp_path):
    with pytest.raises(ConfigError, match="no pattern"):
        written(tmp_path, "a.csv", table(), HEAD + '[readings]\ntime_format = "%Q"\n' + SENSORS)

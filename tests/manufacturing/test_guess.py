"""A first plant file is guessed from the data: it can be read as it stands, says why, and reads the data that it was guessed from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dsapp.core.errors import UsageError
from dsapp.manufacturing.guess import guess
from dsapp.manufacturing.guess_names import unit_in
from dsapp.manufacturing.plant import Plant
from dsapp.manufacturing.plant_check import parse
from dsapp.manufacturing.reading import stage

SAMPLE = Path(__file__).parents[2] / "data_samples" / "sensors"


def rows(number: int, line) -> str:
    return "".join(line(i) + "\n" for i in range(number))


def guessed(folder: Path, content: str | bytes, name: str = "readings.csv") -> Plant:
    (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return parse(guess([folder / name]).text)


def stamp(i: int) -> str:
    return f"2026-01-{1 + i // 24:02d} {i % 24:02d}:00:00"


WIDE = (
    "Machine ID;Timestamp;Temp [°C];vib_mm_s;Motor Current (A);Speed setpoint [rpm];Run hours;vib_mm_s quality;State\n"
    + rows(
        400,
        lambda i: (
            f"P-{i % 2 + 1:02d};{1 + i // 48:02d}.01.2026 {i // 2 % 24:02d}:00;{20 + i % 7},5;{'I/O Timeout' if i % 40 == 7 else f'1,{i % 90}'};"
            f"{'0,1' if i // 2 % 24 < 8 else '12,5'};1500;{100 + i // 2};{'bad' if i % 50 == 3 else 'good'};{'STOP' if i // 2 % 24 < 8 else 'RUN'}"
        ),
    )
)


def test_a_wide_german_export_is_understood(tmp_path):
    text = WIDE.encode("cp1252")
    plant = guessed(tmp_path, text)
    readings = plant.readings
    assert (readings.layout, readings.machine, readings.time) == ("wide", "Machine ID", "Timestamp")
    assert (readings.separator, readings.decimal, readings.time_format) == (";", ",", "%d.%m.%Y %H:%M")
    assert readings.interval_s == 3600 and readings.states == {"I/O Timeout": "missing"}
    sensors = {sensor.name: (sensor.column, sensor.unit, sensor.role, sensor.quality) for sensor in plant.sensors}
    assert sensors == {
        "Temp": ("Temp [°C]", "degC", "measure", ""),
        "vib": ("vib_mm_s", "mm/s", "measure", "vib_mm_s quality"),
        "Motor Current": ("Motor Current (A)", "A", "measure", ""),
        "Speed setpoint": ("Speed setpoint [rpm]", "rpm", "setting", ""),
    }
    assert (plant.running.column, plant.running.values) == ("State", ("RUN",))
    assert (plant.clock.column, plant.clock.unit) == ("Run hours", "running_hours")
    found = stage(plant, [tmp_path / "readings.csv"], tmp_path / "out")
    assert [(m.name, m.rows) for m in found.machines()] == [("P-01", 200), ("P-02", 200)] and not found.refusals
    assert np.nanmean(found.history("P-01").values[:, 0]) > 20


def test_each_choice_says_why_and_limits_are_only_proposed(tmp_path):
    (tmp_path / "readings.csv").write_bytes(WIDE.encode("cp1252"))
    text = guess([tmp_path / "readings.csv"]).text
    assert "# 2 names in 400 rows, such as P-01" in text and "# its words are STOP, RUN" in text
    assert (
        "# low = " in text
        and "# high = " in text
        and all(s.low is None and s.high is None for s in parse(text).sensors)
    )


def test_a_long_table_is_told_by_its_tag_and_value_columns(tmp_path):
    text = "time,asset,tag,value\n" + rows(
        300, lambda i: f"{stamp(i // 6)},{'AB'[i % 2]},{['temp_c', 'TEMP [°C]', 'pressure_bar'][i % 3]},{i % 50}.5"
    )
    plant = guessed(tmp_path, text)
    readings = plant.readings
    assert (readings.layout, readings.sensor, readings.value, readings.machine) == ("long", "tag", "value", "asset")
    assert {(s.column or s.name, s.unit) for s in plant.sensors} == {
        ("temp_c", ""),
        ("TEMP [°C]", "degC"),
        ("pressure_bar", "bar"),
    }
    assert readings.interval_s == 3600
    assert len(stage(plant, [tmp_path / "readings.csv"], tmp_path / "out").machines()) == 2


@pytest.mark.parametrize(
    ("stamps", "wanted"),
    [
        (lambda i: str(1_767_225_600 + 60 * i), "epoch_s"),
        (lambda i: str(1_767_225_600_000 + 60_000 * i), "epoch_ms"),
        (lambda i: f"2026-01-01T00:{i % 60:02d}:00Z", "iso"),
        (lambda i: f"01/{13 + i // 60}/2026 00:{i % 60:02d}", "%m/%d/%Y %H:%M"),
    ],
)
def test_the_form_of_times_is_found(tmp_path, stamps, wanted):
    plant = guessed(tmp_path, "time,temp\n" + rows(120, lambda i: f"{stamps(i)},{i}.5"))
    assert plant.readings.time_format == wanted and plant.readings.machine == "" and plant.readings.interval_s == 60


def test_a_day_that_may_be_a_month_is_doubted(tmp_path):
    (tmp_path / "readings.csv").write_text(
        "time,temp\n" + rows(60, lambda i: f"03/04/2026 {i % 24:02d}:{i % 60:02d},{i}")
    )
    assert any("third of April" in doubt for doubt in guess([tmp_path / "readings.csv"]).doubts)


def test_cycles_stand_for_time_where_there_is_none(tmp_path):
    plant = guessed(tmp_path, "engine,cycle,T24\n" + rows(200, lambda i: f"{i // 50 + 1},{i % 50 + 1},{600 + i}.1"))
    assert (
        plant.readings.time_format == "cycles" and plant.readings.machine == "engine" and plant.clock.unit == "cycles"
    )


def test_a_load_near_zero_tells_when_a_machine_stands(tmp_path):
    plant = guessed(
        tmp_path, "time,current\n" + rows(300, lambda i: f"{stamp(i)},{0.02 if i % 24 < 8 else 10 + i % 3}")
    )
    assert plant.running.sensor == "current" and 0.02 < plant.running.above < 10


def test_answers_are_no_sensors(tmp_path):
    (tmp_path / "readings.csv").write_text(
        "time,temp,RUL,anomaly\n" + rows(60, lambda i: f"{stamp(i)},{i}.5,{60 - i},{i % 2}")
    )
    found = guess([tmp_path / "readings.csv"])
    assert [sensor.name for sensor in parse(found.text).sensors] == ["temp"]
    assert any("RUL, anomaly" in doubt for doubt in found.doubts)


def test_logs_and_machines_beside_the_readings_are_found(tmp_path):
    (tmp_path / "failures.csv").write_text("machine,date,component\nA,2026-01-02,seal\nB,2026-01-03,bearing\n")
    (tmp_path / "event_log.csv").write_text(
        "machine,time,type,text\nA,2026-01-02 00:00,Stop,x\nA,2026-01-03 00:00,Alarm,y\n"
    )
    (tmp_path / "machines.csv").write_text("machine,model\nA,m1\nB,m2\n")
    plant = guessed(tmp_path, "machine,time,temp\n" + rows(60, lambda i: f"{'AB'[i % 2]},{stamp(i)},{i}.5"))
    logs = {log.files[0]: log for log in plant.logs}
    assert logs["failures.csv"].kind == "failure" and logs["failures.csv"].component == "component"
    assert logs["event_log.csv"].kind_column == "type" and logs["event_log.csv"].kinds == {
        "Stop": "stop",
        "Alarm": "error",
    }
    assert plant.traits is not None and plant.traits.files == ("machines.csv",)
    assert [component.name for component in plant.components] == ["seal", "bearing"]
    found = stage(plant, [tmp_path], tmp_path / "out")
    assert [event.kind for event in found.history("A").events] == ["failure", "stop", "error"] or len(
        found.history("A").events
    ) == 3
    assert found.history("B").traits == {"model": "m2"}


def test_the_sample_plant_is_guessed_near_to_its_plant_file(tmp_path):
    plant = parse(guess([SAMPLE]).text)
    assert plant.readings.machine == "pump" and plant.readings.interval_s == 3600
    assert {sensor.column for sensor in plant.sensors} >= {"vibration [mm/s]", "current [A]", "bearing temp [°C]"}
    assert {log.kind for log in plant.logs} == {"failure", "maintenance", "error", "stop", "order"}
    assert plant.running.sensor == "current"
    found = stage(plant, [SAMPLE], tmp_path / "out")
    assert not found.refusals and len(found.machines()) == 13


def test_hostile_names_stay_text(tmp_path):
    header = 'time,"a""]\\n[readings]\\nfiles = [""x",temp,"ev\til # \x7f"\n'
    plant = guessed(tmp_path, header + rows(60, lambda i: f"{stamp(i)},{i},{i},{i}"))
    assert len(plant.sensors) == 3 and plant.readings.files == ("readings.csv",)


def test_files_without_readings_are_told_with_what_was_seen(tmp_path):
    (tmp_path / "a.csv").write_text("name,colour\nx,red\n")
    with pytest.raises(UsageError, match="name, colour"):
        guess([tmp_path / "a.csv"])
    (tmp_path / "b.csv").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    with pytest.raises(UsageError, match="PNG image"):
        guess([tmp_path / "b.csv"])
    with pytest.raises(UsageError, match="does not exist"):
        guess([tmp_path / "none.csv"])
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="no file to look at"):
        guess([tmp_path / "empty"])


def test_ten_thousand_columns_are_looked_at_in_part(tmp_path):
    names = ",".join(f"s{i}" for i in range(10_000))
    (tmp_path / "a.csv").write_text(f"time,{names}\n" + rows(5, lambda i: f"{stamp(i)},{','.join(['1.5'] * 10_000)}"))
    found = guess([tmp_path / "a.csv"])
    assert len(found.sensors) == 200 and any("9,601 more columns" in doubt for doubt in found.doubts)
    parse(found.text)


@pytest.mark.parametrize(
    ("header", "name", "unit"),
    [
        ("Temp [°C]", "Temp", "degC"),
        ("Temp (degF)", "Temp", "degF"),
        ("vib_mm_s", "vib", "mm/s"),
        ("pressure_bar", "pressure", "bar"),
        ("speed rpm", "speed", "rpm"),
        ("flow [widgets/h]", "flow", "widgets/h"),
        ("phase_a", "phase_a", ""),
        ("bar", "bar", ""),
        ("humidity_pct", "humidity", "%"),
    ],
)
def test_units_are_read_from_headers(header, name, unit):
    assert unit_in(header) == (name, unit)

"""Bad input is refused with a code, a reason and a remedy, or noted; the rest is read, and nothing takes memory without bound."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dsapp.core.errors import UsageError
from dsapp.core.job import Refusal
from dsapp.manufacturing.history import FLAGS
from dsapp.manufacturing.plant_check import parse
from dsapp.manufacturing.reading import Staged, limits, stage

PLANT = 'format = 1\nname = "N"\nasset_class = "pump"\n[[sensors]]\nname = "temp"\n[[sensors]]\nname = "vib"\n'
GOOD = "machine,time,temp,vib\n1,2026-01-01 00:00:00,1,2\n1,2026-01-01 01:00:00,1,2\n"
NOW = 1_800_000_000_000_000


def staged(folder: Path, *, plant: str = PLANT) -> Staged:
    return stage(parse(plant), [folder / "in"], folder / "out", now=NOW)


def written(folder: Path, name: str, content: str | bytes, *, plant: str = PLANT) -> Staged:
    (folder / "in").mkdir(exist_ok=True)
    (folder / "in" / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return staged(folder, plant=plant)


def refused(folder: Path, name: str, content: str | bytes, *, plant: str = PLANT) -> Refusal:
    """The refusal of a bad file, beside which a good one is still read whole."""
    (folder / "in").mkdir(exist_ok=True)
    (folder / "in" / "good.csv").write_text(GOOD)
    found = written(folder, name, content, plant=plant)
    assert [(machine.name, machine.rows) for machine in found.machines()] == [("1", 2)]
    (refusal,) = found.refusals
    assert name in refusal.reason and refusal.remedy and refusal.stage == "read" and refusal.path.name == name
    return refusal


PNG = b"\x89PNG\r\n\x1a\n" + b"\x00\x00\x00\rIHDR" + bytes(range(256)) * 20


@pytest.mark.parametrize(
    ("name", "content", "code", "says"),
    [
        ("x.csv", "", "empty", "is empty"),
        ("x.csv", "\n\n\n", "empty", "no header"),
        ("x.csv", "machine,time,temp,vib\n", "no_rows", "a header and no rows"),
        ("x.csv", PNG, "unsupported", "a PNG image"),
        ("x.csv", os.urandom(5000), "unsupported", "binary data"),
        ("x.csv", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "unsupported", "old Office"),
        ("x.csv", "machine,when,temp,vib\n1,2026-01-01,1,2\n", "columns", "no column 'time'"),
        ("x.csv", "mashine,time,temp,vib\n1,2026-01-01,1,2\n", "columns", "did you mean mashine?"),
        ("x.csv", "machine,time,pressure\n1,2026-01-01,1\n", "columns", "no column 'temp' or 'vib'"),
        ("x.csv", "machine,time,temp,temp,vib\n1,2026-01-01,1,2,3\n", "columns_twice", "2 columns called 'temp'"),
        ("x.csv", "machine,time,temp,vib\n" + "1,2026-13-45,1,2\n" * 9, "bad_time", "'2026-13-45'"),
        ("x.csv", "machine,time,temp,vib\n" + "1,1767225600,1,2\n" * 9, "bad_time", "'1767225600'"),
        ("x.csv", "machine,time,temp,vib\n" + ",2026-01-01,1,2\n" * 9, "no_machine", "name no machine"),
        ("x.csv", "machine,time,temp,vib\n" + "1,2026-01-01,high,low\n" * 30, "not_numbers", "'high'"),
        ("x.csv", "machine,time,temp,vib\n" + "1,2026-01-01,1,2,3,4\n" * 30, "broken_lines", "30 of 30 lines"),
        ("x.csv", GOOD.encode() * 2 + b"\0" * 200_000, "binary", "NUL bytes"),
        ("x.csv.gz", gzip.compress(GOOD.encode())[:40], "corrupt", "damaged or cut gzip"),
        ("x.csv.gz", b"\x1f\x8b" + b"no gzip at all", "corrupt", "gzip"),
        ("x.parquet", b"PAR1" + bytes(500), "corrupt", "Parquet"),
        ("x.xlsx", b"PK\x03\x04" + bytes(500), "corrupt", "workbook"),
        ("x.jsonl", "[1, 2]\n", "empty", "no JSON lines"),
        ("x.jsonl", '{"machine": \n{"time"', "corrupt", "no JSON lines"),
        ("x.jsonl", "{" * 50_000, "corrupt", "no JSON lines"),
    ],
)  # fmt: skip
def test_a_bad_file_is_refused_with_its_reason_and_the_rest_is_read(tmp_path, name, content, code, says):
    refusal = refused(tmp_path, name, content)
    assert refusal.code == code and says in refusal.reason, refusal


def test_a_parquet_file_cut_in_half_is_refused_and_leaves_no_row(tmp_path):
    import duckdb

    path = tmp_path / "whole.parquet"
    duckdb.connect().execute(
        "COPY (SELECT 'P' || (i % 3) AS machine, TIMESTAMP '2026-01-01' + INTERVAL (i) MINUTE AS time, random() AS temp, random() AS vib "
        f"FROM range(300000) t(i)) TO '{path}' (FORMAT parquet, ROW_GROUP_SIZE 20000)"
    )
    whole = path.read_bytes()
    assert refused(tmp_path, "half.parquet", whole[: len(whole) // 2]).code == "corrupt"


def test_a_csv_that_breaks_off_is_read_to_there(tmp_path):
    found = written(tmp_path, "x.csv", GOOD + "1,2026-01-0")
    assert found.machine("1").rows == 2 and not found.refusals
    assert any("1 of 3 lines did not fit" in note for note in found.notes)


def test_the_nul_bytes_of_a_power_cut_are_left_out_and_noted(tmp_path):
    found = written(tmp_path, "x.csv", GOOD.encode() + bytes(4096) + b"1,2026-01-01 02:00:00,3,4\n")
    assert found.history("1").values[-1].tolist() == [3, 4] and any("4,096 NUL bytes" in note for note in found.notes)


def test_a_line_without_end_is_refused_within_little_memory(tmp_path):
    path = tmp_path / "in" / "x.csv"
    path.parent.mkdir()
    with open(path, "wb") as out:
        out.write(GOOD.encode())
        out.seek(2 * limits.GIBIBYTE, os.SEEK_CUR)  # a sparse file: two GiB on paper
        out.write(b"\n")
    (refusal,) = staged(tmp_path).refusals
    assert refusal.code in ("long_line", "binary")
    path.write_bytes(b"machine,time,temp,vib\n1," + b"9" * (limits.MAX_LINE_BYTES + 5) + b",1,1\n")
    (refusal,) = staged(tmp_path).refusals
    assert refusal.code == "long_line" and "1 MiB" in refusal.reason


SPACES = """
import re, sys
from pathlib import Path
from dsapp.manufacturing.plant_check import parse
from dsapp.manufacturing.reading import stage
found = stage(parse(Path(sys.argv[1]).read_text()), [sys.argv[2]], sys.argv[3])
print(found.refusals[0].code, int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) // 1024)
"""


def memory_of(folder: Path, path: Path) -> tuple[str, int]:
    """The refusal's code for one file, and the peak of a fresh process in MiB."""
    (folder / "plant.toml").write_text(PLANT)
    done = subprocess.run(
        [sys.executable, "-c", SPACES, folder / "plant.toml", path, folder / "out"],
        capture_output=True,
        text=True,
        check=True,
    )
    code, peak = done.stdout.split()
    return code, int(peak)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="peak memory is read from /proc")
def test_two_gib_of_one_line_take_little_memory(tmp_path):
    path = tmp_path / "x.csv"
    with open(path, "wb") as out:
        out.write(b"machine,time,temp,vib\n1,")
        for _ in range(2048):
            out.write(b"9" * limits.MEBIBYTE)
    code, peak = memory_of(tmp_path, path)
    assert code == "long_line" and peak < 600


def zipped(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


SHEET = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>%s</sheetData></worksheet>'


def book(path: Path, sheet: bytes) -> Path:
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    return zipped(
        path,
        {
            "[Content_Types].xml": b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
            "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{relations}"><sheets><sheet name="A" sheetId="1" r:id="r1"/></sheets></workbook>'.encode(),
            "xl/_rels/workbook.xml.rels": (
                '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
                f'<Relationship Id="r1" Type="{relations}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
            ).encode(),
            "xl/worksheets/sheet1.xml": sheet,
        },
    )


def test_a_workbook_that_is_a_zip_bomb_is_refused(tmp_path):
    (tmp_path / "in").mkdir()
    book(tmp_path / "in" / "x.xlsx", SHEET % (b" " * 300_000_000))
    (refusal,) = staged(tmp_path).refusals
    assert refusal.code == "zip_bomb"


def test_a_workbook_that_lies_about_its_size_is_refused(tmp_path):
    (tmp_path / "in").mkdir()
    path = book(tmp_path / "in" / "x.xlsx", SHEET % (b" " * 50_000_000))
    content = bytearray(path.read_bytes())
    true_size = len(SHEET % (b" " * 50_000_000)).to_bytes(4, "little")
    assert content.count(true_size) == 2
    path.write_bytes(content.replace(true_size, (1000).to_bytes(4, "little")))
    (refusal,) = staged(tmp_path).refusals
    assert refusal.code in ("corrupt", "zip_bomb")


@pytest.mark.skipif(sys.platform != "linux", reason="peak memory is read from /proc")
@pytest.mark.parametrize(
    "rows",
    [
        b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        b"<row r='9000000'><c r='A9000000'><v>1</v></c></row>",
    ],
)
def test_a_workbook_with_one_far_cell_takes_no_memory(tmp_path, rows):
    path = book(tmp_path / "x.xlsx", SHEET % rows)
    code, peak = memory_of(tmp_path, path)
    assert code == "too_large" and peak < 600


def test_a_zip_that_is_no_workbook_and_a_locked_one_are_told(tmp_path):
    (tmp_path / "in").mkdir()
    zipped(tmp_path / "in" / "x.xlsx", {"readings.csv": GOOD.encode()})
    (refusal,) = staged(tmp_path).refusals
    assert refusal.code == "unsupported" and "no workbook" in refusal.reason


def test_ten_thousand_columns_are_read_by_those_that_are_wanted(tmp_path):
    names = [f"s{i}" for i in range(9_996)]
    text = ",".join(["machine", "time", *names, "temp", "vib"]) + "\n"
    text += "".join(f"1,2026-01-01 0{h}:00:00,{'0,' * len(names)}{h},2\n" for h in range(3))
    found = written(tmp_path, "x.csv", text)
    assert not found.refusals and found.history("1").values[:, 0].tolist() == [0, 1, 2]
    many = ",".join(["machine", "time", "temp", *(f"s{i}" for i in range(limits.MAX_COLUMNS))])
    (tmp_path / "more").mkdir()
    assert refused(tmp_path / "more", "y.csv", many + "\n").code == "too_large"


def test_text_in_number_columns_is_masked_and_counted_never_refused(tmp_path):
    rows = "".join(f"1,2026-01-01 {h:02d}:00:00,{'I/O Timeout' if h % 2 else h},{h}\n" for h in range(24))
    found = written(tmp_path, "x.csv", "machine,time,temp,vib\n" + rows)
    assert not found.refusals
    assert found.history("1").flags[:, 0].tolist() == [0, FLAGS["not_a_number"]] * 12
    assert any("12 values are no numbers" in note and "'I/O Timeout' (12)" in note for note in found.notes)


def test_a_dead_sensor_is_no_wrong_file(tmp_path):
    rows = "".join(f"1,2026-01-01 {h:02d}:00:00,Bad,{h}\n" for h in range(24))
    found = written(tmp_path, "x.csv", "machine,time,temp,vib\n" + rows)
    assert not found.refusals and np.isnan(found.history("1").values[:, 0]).all()


def test_one_row_future_dates_and_steps_back_are_kept_as_they_are(tmp_path):
    text = "machine,time,temp,vib\n1,2026-01-01,1,2\n2,2199-01-01,1,2\n3,2026-01-02,1,2\n3,2026-01-01,1,2\n3,2026-01-01,1,2\n"
    found = written(tmp_path, "x.csv", text)
    assert found.machine("1").rows == 1 and not found.history("1").notes
    assert any("1 rows lie in the future (up to 2199-01-01" in note for note in found.history("2").notes)
    assert np.diff(found.history("3").times).tolist() == [-86_400_000_000, 0]


def test_a_few_rows_without_time_or_machine_are_left_out_and_counted(tmp_path):
    found = written(tmp_path, "x.csv", GOOD + "1,soon,1,2\n,2026-01-01,1,2\n1,9999-01-01,1,2\n")
    assert found.machine("1").rows == 2 and not found.refusals
    assert any("2 of 5 rows without a readable time ('soon')" in note for note in found.notes)
    assert any("1 of 5 rows without a machine's name" in note for note in found.notes)


def test_a_column_of_times_is_no_column_of_machines(tmp_path, monkeypatch):
    monkeypatch.setattr("dsapp.manufacturing.reading.staging.MAX_MACHINES", 50)
    rows = "".join(f"m{i},2026-01-01,1,2\n" for i in range(60))
    found = written(tmp_path, "x.csv", "machine,time,temp,vib\n" + rows)
    assert found.refusals[0].code == "too_many_machines" and not found.machines()


def test_no_files_and_no_machines_are_told(tmp_path):
    (tmp_path / "in").mkdir()
    (refusal,) = staged(tmp_path).refusals
    assert refusal.code == "nothing_found" and "*.csv" in refusal.remedy and not staged(tmp_path).machines()
    found = stage(parse(PLANT), [tmp_path / "none.csv"], tmp_path / "out")
    assert found.refusals[0].code == "not_found"
    (tmp_path / "notes.docx").write_text("x")
    found = stage(parse(PLANT), [tmp_path / "notes.docx"], tmp_path / "out")
    assert found.refusals[0].code == "no_pattern"
    assert stage(parse(PLANT), [], tmp_path / "out").refusals[0].code == "no_machines"


def test_a_pipe_and_a_link_to_nothing_are_refused_at_once(tmp_path):
    (tmp_path / "in").mkdir()
    os.mkfifo(tmp_path / "in" / "x.csv")
    (tmp_path / "in" / "y.csv").symlink_to(tmp_path / "gone.csv")
    assert {refusal.code for refusal in staged(tmp_path).refusals} == {"not_a_file", "not_found"}


def test_a_plant_file_with_sql_needs_a_database(tmp_path):
    with pytest.raises(UsageError, match="the inputs name none"):
        written(
            tmp_path, "x.csv", GOOD, plant=PLANT.replace("[[sensors]]", '[readings]\nsql = "readings"\n[[sensors]]', 1)
        )


def test_an_encoding_that_does_not_fit_is_told(tmp_path):
    plant = PLANT.replace("[[sensors]]", '[readings]\nencoding = "utf-8"\n[[sensors]]', 1)
    assert refused(tmp_path, "x.csv", GOOD.encode() + b"1,2026-01-01,\xb0,2\n", plant=plant).code == "encoding"


def test_a_source_refused_half_way_leaves_no_rows_notes_or_machines(tmp_path):
    rows = "".join(f"z{i % 7},2026-01-01 00:00:00,1,2\n" for i in range(300_000))
    bad = "z1,never,1,2\n" * 200_000
    assert refused(tmp_path, "x.csv", "machine,time,temp,vib\n" + rows + bad).code == "bad_time"


LINES = st.lists(st.text(st.sampled_from("1,;\t\"'ab.-: \0é\r{}[]"), max_size=30), max_size=12)


@given(LINES, st.sampled_from(["machine,time,temp,vib", "machine;time;temp;vib", ""]))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_text_at_all_breaks_the_reader(tmp_path, lines, header):
    found = written(tmp_path, "x.csv", "\n".join([header, *lines]))
    assert len(found.refusals) + len(found.machines()) >= 1

"""The sample plant from its files to predictions, incidents, requests and plan, by the bundle that ships."""

from __future__ import annotations

import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from dsapp.core.errors import InputError, UsageError
from dsapp.core.job import Closing, Item, Refusal, Stored
from dsapp.manufacturing.closing import fleet_of
from dsapp.manufacturing.fleet import Fleet
from dsapp.manufacturing.incidents import latest
from dsapp.manufacturing.predict import PredictJob, item_id
from dsapp.manufacturing.requests import COLUMNS

SAMPLE = Path(__file__).parents[2] / "data_samples" / "sensors"
EXPECTED = tomllib.loads((SAMPLE / "expected.toml").read_text(encoding="utf-8"))
FAR = 4_000_000_000_000_000


class Run:
    """A job run item by item, as an executor would."""

    def __init__(self, job: PredictJob, folder: Path, inputs: Path = SAMPLE) -> None:
        self.job, self.folder = job, folder
        self.stored: list[Stored] = []
        self.refused: list[Refusal] = []
        for found in job.find([inputs]):
            if isinstance(found, Refusal):
                self.refused.append(found)
                continue
            (folder / found.id).mkdir(parents=True)
            try:
                self.stored.append(Stored(found, job.do(found, folder / found.id), folder / found.id))
            except InputError as error:
                self.refused.append(Refusal(found.id, found.path, error.code, error.message))

    def fleet(self) -> Fleet:
        return fleet_of(self.job, self._closing())

    def close(self) -> list[str]:
        return list(self.job.close(self._closing(), self.folder))

    def _closing(self) -> Closing:
        return Closing(self.stored, self.refused)


def job(folder: Path, **changes: str) -> PredictJob:
    given = {"plant": str(SAMPLE / "plant.toml"), "stage": str(folder / "readings"), "state": str(folder / "state")}
    return PredictJob(**{**given, **changes})


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("sample")
    return Run(job(folder), folder / "run")


@pytest.fixture(scope="module")
def fleet(run: Run) -> Iterator[Fleet]:
    yield run.fleet()


def test_each_planted_fault_leads_and_its_sensor_is_among_the_reasons(fleet: Fleet) -> None:
    leading = fleet.attention()[: len(EXPECTED["failing"])]
    assert {(machine.machine, outlook.component) for machine, outlook in leading} == {
        (planted["machine"], planted["component"]) for planted in EXPECTED["failing"]
    }
    by = {(machine.machine, outlook.component): outlook for machine, outlook in leading}
    for planted in EXPECTED["failing"]:
        outlook = by[planted["machine"], planted["component"]]
        told = [reason.sensor for reason in outlook.reasons[:3]]
        assert set(told) & set(planted["sensors"]), (planted["machine"], told)


def test_sensor_faults_lower_confidence_and_open_no_incident(fleet: Fleet) -> None:
    by = {machine.machine: machine for machine in fleet.machines}
    for planted in EXPECTED["sensor_fault"]:
        machine = by[planted["machine"]]
        assert all(outlook.score < (outlook.threshold or 1) for outlook in machine.outlooks), planted["machine"]
        if planted["code"] in ("stuck", "unit_jump"):
            assert machine.confidence < 1


def test_healthy_machines_are_left_in_peace(fleet: Fleet) -> None:
    healthy = set(EXPECTED["healthy"][0]["machines"])
    assert not [m.machine for m, o in fleet.attention() if m.machine in healthy and o.score >= (o.threshold or 1)]


def test_a_machine_under_a_new_name_is_told_once_and_not_planned_twice(fleet: Fleet) -> None:
    by = {machine.machine: machine for machine in fleet.machines}
    planted = EXPECTED["renamed"][0]
    assert by[planted["old"]].outlooks == ()
    assert by[planted["new"]].outlooks
    assert any(planted["old"] in note and planted["new"] in note for note in fleet.notes)


def test_the_run_closes_with_requests_and_a_plan_and_the_next_day_doubles_nothing(run: Run, tmp_path: Path) -> None:
    assert "predictions.parquet" in run.close()
    first = (run.folder / "requests.csv").read_text("utf-8-sig").splitlines()
    assert first[0] == ",".join(COLUMNS)
    new = [line for line in first[1:] if ",new," in line]
    assert new and all("P-09" not in line for line in new), "an open order covers P-09"
    state = latest(Path(run.job.state), "Pump hall", FAR)
    assert state is not None and state.plan is not None
    assert {"P-02"} <= {visit.machine for visit in state.plan.visits}
    assert all(visit.first <= visit.day <= visit.last for visit in state.plan.visits)
    again = Run(job(tmp_path, state=run.job.state), tmp_path / "again")
    again.close()
    assert (tmp_path / "again" / "requests.csv").read_text("utf-8-sig").splitlines() == first


def test_a_later_day_updates_and_does_not_ask_anew(tmp_path: Path) -> None:
    state = str(tmp_path / "state")
    before = Run(job(tmp_path / "a", state=state, as_of="2025-11-16T22:00"), tmp_path / "first")
    before.close()
    after = Run(job(tmp_path / "b", state=state), tmp_path / "second")
    after.close()
    asked = [line.split(",")[0] for line in (tmp_path / "first" / "requests.csv").read_text().splitlines()[1:]]
    lines = [line.split(",") for line in (tmp_path / "second" / "requests.csv").read_text().splitlines()[1:]]
    assert asked
    assert not [line for line in lines if line[0] in asked and line[1] == "new"]


def test_another_asset_class_gets_the_age_model_and_says_so(tmp_path: Path) -> None:
    text = (SAMPLE / "plant.toml").read_text(encoding="utf-8")
    plant = tmp_path / "plant.toml"
    plant.write_text(text.replace('asset_class = "centrifugal_pump"', 'asset_class = "screw_compressor"'))
    told = Run(job(tmp_path, plant=str(plant)), tmp_path / "run").fleet()
    every = [outlook for machine in told.machines for outlook in machine.outlooks]
    assert every and all(outlook.basis in ("age", "anomaly", "none") for outlook in every)
    assert all(
        outlook.life is None and "not trained on your failures" in " ".join(outlook.notes)
        for outlook in every
        if outlook.basis != "none"
    )
    alarming = {
        m.machine for m, o in told.attention() if o.basis == "anomaly" and o.threshold and o.score >= o.threshold
    }
    assert {"P-02", "P-03", "P-09"} <= alarming
    assert len(alarming) <= 6, "a season moves every pump and is no fault of one"
    forced = Run(job(tmp_path / "b", plant=str(plant), bundle="pumps"), tmp_path / "forced").fleet()
    assert any("screw_compressor" in reason for machine in forced.machines for reason in machine.refused)


def test_what_cannot_be_used_is_refused_by_name_and_the_rest_goes_on(tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(SAMPLE, data)
    rows = (data / "readings_hall_1.csv").read_text("cp1252").splitlines()
    (data / "readings_hall_9.csv").write_text("\n".join([rows[0], rows[1].replace("P-0", "P-9")]), "cp1252")
    (data / "readings_hall_8.csv").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(500))
    told = Run(job(tmp_path), tmp_path / "run", data)
    assert len(told.stored) == 13
    assert {refusal.code for refusal in told.refused} >= {"too_few_rows"}
    assert any("readings_hall_8.csv" in f"{refusal.path} {refusal.reason}" for refusal in told.refused)
    assert all("/" not in refusal.id for refusal in told.refused)


def test_a_moment_that_is_no_time_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no time"):
        job(tmp_path, as_of="yesterday")


@pytest.mark.parametrize("name", ["a/b", "..", "", "x" * 300, "P 1", "=cmd", "泵-1", "a\nb"])
def test_any_machine_name_makes_a_safe_folder(name: str) -> None:
    made = item_id(name)
    assert made and "/" not in made and not made.startswith(".") and len(made) <= 80
    assert item_id(name) == made
    assert item_id(name) != item_id(name + "'")


def test_items_are_jsonable(run: Run) -> None:
    from dsapp.pipelines.jobs import job_from, job_to

    assert job_from(job_to(run.job)) == run.job
    assert all(isinstance(stored.item, Item) for stored in run.stored)

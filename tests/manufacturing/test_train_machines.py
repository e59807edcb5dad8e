"""Training on a plant's own history: an honest bundle from few failures, refusal without any, the same bundle from the same data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from dsapp.core.errors import InputError, UsageError
from dsapp.manufacturing.evaluation.run import evaluate, set_of
from dsapp.manufacturing.history import Record
from dsapp.manufacturing.model import MachineModel
from dsapp.manufacturing.outlooks import look
from dsapp.manufacturing.quality import check
from dsapp.manufacturing.simulate import histories, simulate
from dsapp.manufacturing.simulated_files import write
from dsapp.manufacturing.train import hazards
from dsapp.manufacturing.train.hazards import Level
from dsapp.manufacturing.train.machines import Origin, train

HALL = simulate(5, 8, 150, tidy=True)
ORIGIN = Origin("presses", "1.0.0", "test", "simulated", "Apache-2.0")


def records() -> Iterator[Record]:
    for history in histories(HALL):
        yield check(history, HALL.plant)


def trained(out: Path, source=records) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hazards, "ROUNDS", 15)
        return train(source, HALL.plant, out, ORIGIN, threads=1)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return trained(tmp_path_factory.mktemp("trained") / "presses")


def test_few_failures_give_a_ranking_without_probability_or_life(bundle: Path) -> None:
    model = MachineModel.open(str(bundle))
    assert model.heads
    assert all(head.num_failures < 20 for head in model.heads)
    machine = look(next(histories(HALL)), HALL.plant, model)
    assert {outlook.component for outlook in machine.outlooks} == {head.component for head in model.heads}
    for outlook in machine.outlooks:
        assert outlook.basis == "ranking"
        assert outlook.life is None
        assert set(outlook.risks.values()) == {None}
        assert any("too few for a probability" in note for note in outlook.notes)
        assert outlook.reasons


def test_the_card_has_figures_beside_the_age_model_and_what_it_saw(bundle: Path) -> None:
    card = MachineModel.open(str(bundle)).bundle.card
    systems = {row["system"] for row in card["figures"]}
    assert systems == {"presses:fp32", "age"}
    assert all(row["low"] <= row["value"] <= row["high"] for row in card["figures"])
    assert len(card["trained_on"]) == 8
    assert sum(card["failures"].values()) > 0


def test_the_same_data_give_the_same_bundle(bundle: Path, tmp_path: Path) -> None:
    again = MachineModel.open(str(trained(tmp_path / "presses")))
    assert again.bundle.hash == MachineModel.open(str(bundle)).bundle.hash


def test_another_plant_is_refused_with_every_reason(bundle: Path) -> None:
    model = MachineModel.open(str(bundle))
    assert model.misfits(HALL.plant) == ()
    sensors = tuple(
        sensor.model_copy(update={"unit": "degF"}) if sensor.name == "bearing_temp" else sensor
        for sensor in HALL.plant.sensors
        if sensor.name != "flow"
    )
    other = HALL.plant.model_copy(update={"asset_class": "fan", "sensors": sensors})
    told = " ".join(model.misfits(other))
    assert "fan" in told and "flow" in told and "degF" in told


def test_values_beyond_the_range_of_training_get_a_ranking(bundle: Path) -> None:
    model = MachineModel.open(str(bundle))
    record = next(records())
    hot = record.values.copy()
    hot[-200:, record.sensors.index("winding_temp")] += 400
    assert model.beyond(record, len(record.times) - 1) == ()
    assert "winding_temp" in model.beyond(replace(record, values=hot), len(record.times) - 1)


def test_without_a_failure_on_record_training_says_what_can_be_done(tmp_path: Path) -> None:
    def whole() -> Iterator[Record]:
        for record in records():
            kept = tuple(replace(life, end="running") for life in record.lives)
            yield replace(record, lives=kept, events=())

    with pytest.raises(InputError, match="nothing to learn failures from") as caught:
        trained(tmp_path / "presses", whole)
    assert caught.value.code == "no_failures"
    assert not (tmp_path / "presses").exists()
    with pytest.raises(InputError) as nothing:
        trained(tmp_path / "presses", lambda: iter(()))
    assert nothing.value.code == "no_machines"


def test_a_folder_that_is_no_bundle_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(UsageError, match="no bundle"):
        trained(tmp_path)


def test_evaluation_leaves_out_what_training_saw_and_fits_nothing(bundle: Path, tmp_path: Path) -> None:
    fresh = simulate(77, 4, 150, prefix="X")
    write(fresh, tmp_path / "mill")
    said: list[str] = []
    rows = evaluate([tmp_path / "mill"], bundle=str(bundle), say=said.append)
    assert rows and {row.set for row in rows} == {"plant"} and {row.split for row in rows} == {"mill"}
    assert {row.system.split(":")[0] for row in rows} <= {"presses", "age"}
    assert all(row.num_groups <= 4 for row in rows)
    assert set_of(tmp_path / "mill", None) == "plant"
    with pytest.raises(UsageError, match="none of the sets"):
        set_of(tmp_path, None)


def test_tails_hold_nine_in_ten_and_too_few_lives_promise_nothing() -> None:
    levels = [Level(str(n), n, (n + 1) / 101) for n in range(100)]
    low, high = hazards.tails(levels)
    inside = np.mean([low <= one.level <= high for one in levels])
    assert 0.9 <= inside <= 0.93
    assert hazards.tails(levels[:10]) == (0.0, 1 - 1e-6)


def test_a_row_is_censored_where_its_part_was_replaced() -> None:
    record = next(record for record in records() if any(life.end == "replaced" for life in record.lives))
    life = next(life for life in record.lives if life.end == "replaced" and life.stop - life.start > 10)
    told = hazards.label(record, life.component, np.array([life.start]))
    assert not told.failed[0]
    assert told.days[0] == pytest.approx((record.times[life.stop] - record.times[life.start]) / 86_400e6)

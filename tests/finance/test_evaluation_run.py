"""Evaluation from labelled files to rows and page, with a model that guesses beside the real rules."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from evaluation_sets import LAW, Guesser, contract, nda, sentence, write

from dsapp.core.errors import ConfigError, UsageError
from dsapp.core.evaluation import METRICS, Row
from dsapp.finance.evaluation import labelled
from dsapp.finance.evaluation.run import READERS, evaluate, score_sets


@pytest.fixture
def folders(tmp_path: Path) -> dict[str, Path]:
    return {
        "cuad": write(tmp_path / "cuad" / "test.jsonl", [contract(n) for n in range(12)]),
        "contract_nli": write(tmp_path / "contract_nli" / "dev.jsonl", [nda(n) for n in range(8)]),
        "unfair_tos": write(
            tmp_path / "unfair_tos" / "test.jsonl",
            [sentence(doc, n) for doc in ("One", "Two", "Three") for n in range(20)],
        ),
    }


def score(folder: Path, name: str, model: Guesser, **given: object) -> list[Row]:
    read = [(name, split, READERS[name](path)) for split, path in labelled.files_of(folder)]
    return score_sets(read, model, given.pop("trained_on", {}), {}, say=lambda line: None, **given)  # type: ignore[arg-type]


def value(rows: list[Row], system: str, metric: str, task: str = "") -> float:
    (row,) = [r for r in rows if (r.system, r.metric) == (system, metric) and task in ("", r.task)]
    return row.value


def test_cuad_rows_stand_beside_their_baselines(folders: dict[str, Path]) -> None:
    rows = score(folders["cuad"], "cuad", Guesser(skill=1.0))
    assert {row.system for row in rows} == {"guesser:fp32", "linear", "rules", "majority"}
    assert {row.split for row in rows} == {"test"}
    assert {(row.task, row.metric) for row in rows if row.system == "guesser:fp32"} == {
        (task, metric) for task, metrics in METRICS["cuad"].items() if task != "facts" for metric in metrics
    }
    assert all(row.low <= row.value <= row.high for row in rows if row.metric in ("accuracy", "micro_f1"))
    assert value(rows, "guesser:fp32", "mean_ap") == value(rows, "guesser:fp32", "macro_f1") == 1.0
    assert value(rows, "guesser:fp32", "aupr") == 1.0
    assert value(rows, "linear", "mean_ap") < 0.9
    assert value(rows, "rules", "mean_ap") > 0.9 > value(rows, "majority", "mean_ap")
    row = next(r for r in rows if r.task == "presence")
    assert (row.num_items, row.num_groups) == (12 * 41, 12)


def test_the_same_seed_gives_the_same_rows(folders: dict[str, Path]) -> None:
    assert score(folders["cuad"], "cuad", Guesser(0.3)) == score(folders["cuad"], "cuad", Guesser(0.3))


def test_nda_rows(folders: dict[str, Path]) -> None:
    rows = score(folders["contract_nli"], "contract_nli", Guesser())
    assert {row.system for row in rows} == {"guesser:fp32", "rules", "majority"}
    assert value(rows, "rules", "accuracy") > value(rows, "guesser:fp32", "accuracy") + 0.2
    assert {row.num_items for row in rows} == {8 * 17}


def test_unfair_rows_count_none_as_a_ninth_class(folders: dict[str, Path]) -> None:
    rows = score(folders["unfair_tos"], "unfair_tos", Guesser())
    assert value(rows, "majority", "micro_f1") == pytest.approx(0.75)
    assert value(rows, "majority", "balanced_accuracy") == 0.5
    assert value(rows, "rules", "micro_f1") > 0.95
    assert value(rows, "rules", "balanced_accuracy") > 0.95
    assert value(rows, "guesser:fp32", "micro_f1") == value(rows, "linear", "micro_f1") < 0.75


def test_a_sentence_whose_level_nobody_aligned_is_left_out_of_risk(tmp_path: Path) -> None:
    rows = [sentence("One", n) for n in range(8)]
    rows[0]["levels"] = {"Unilateral termination": None}
    folder = write(tmp_path / "unfair_tos" / "test.jsonl", rows)
    found = score(folder, "unfair_tos", Guesser())
    assert {row.num_items for row in found if row.task == "risk"} == {7}
    assert {row.num_items for row in found if row.task == "unfair"} == {8}


def test_what_the_bundle_was_trained_on_is_left_out_and_told(folders: dict[str, Path]) -> None:
    seen = [labelled.digest(contract(n)["text"]) for n in range(5)]
    told: list[str] = []
    read = [("cuad", "test", labelled.contracts(folders["cuad"] / "test.jsonl"))]
    rows = score_sets(read, Guesser(), {"cuad": seen}, {}, say=told.append)
    assert {row.num_groups for row in rows} == {7}
    assert any("5 of 12 left out" in line for line in told)
    assert not any(LAW in line for line in told)


def test_nothing_left_gives_no_rows_and_says_so(folders: dict[str, Path]) -> None:
    items = labelled.contracts(folders["cuad"] / "test.jsonl")
    told: list[str] = []
    trained = {"cuad": [labelled.digest(item.text) for item in items]}
    assert score_sets([("cuad", "test", items)], Guesser(), trained, {}, say=told.append) == []
    assert any("nothing to score" in line for line in told)


def test_what_cannot_be_measured_has_no_row(tmp_path: Path) -> None:
    unlabelled = contract(1) | {"spans": [], "answers": {}}
    rows = score(write(tmp_path / "cuad" / "test.jsonl", [unlabelled]), "cuad", Guesser())
    assert {row.metric for row in rows if row.system == "rules"} >= {"accuracy", "micro_f1", "ece"}
    assert not [row for row in rows if row.metric in ("mean_ap", "macro_f1") and row.task in ("clause", "presence")]


def test_facts_are_compared_with_the_answers(folders: dict[str, Path]) -> None:
    from dsapp.finance.facts.types import ContractFacts

    read = [("cuad", "test", labelled.contracts(folders["cuad"] / "test.jsonl"))]
    rows = score_sets(read, Guesser(), {}, {"rules": lambda text: ContractFacts()}, say=lambda line: None)
    facts = [row for row in rows if row.task == "facts"]
    assert [(row.system, row.metric, row.value, row.num_items) for row in facts] == [
        ("rules", "governing_law", 0.0, 12)
    ]


def test_the_page_stands_alone_and_the_rows_are_json(folders: dict[str, Path], tmp_path: Path) -> None:
    rows = score(folders["cuad"], "cuad", Guesser(0.5), out=tmp_path / "out")
    page = (tmp_path / "out" / "evaluation.html").read_text("utf-8")
    assert page.count("<svg") == 3 and "guesser:fp32" in page
    assert "<script" not in page and "src=" not in page and LAW not in page
    stored = json.loads((tmp_path / "out" / "rows.json").read_text("utf-8"))
    assert [row["metric"] for row in stored] == [row.metric for row in rows]


def test_every_file_of_a_folder_is_read_whatever_its_split(tmp_path: Path) -> None:
    folder = write(tmp_path / "cuad" / "autumn.jsonl", [contract(1)])
    (folder / "spring.jsonl.gz").write_bytes(gzip.compress(json.dumps(contract(2)).encode()))
    (folder / "README.md").write_text("not data")
    assert [split for split, _ in labelled.files_of(folder)] == ["autumn", "spring"]
    assert {row.split for row in score(folder, "cuad", Guesser())} == {"autumn", "spring"}


def test_a_folder_that_names_no_set_needs_as(tmp_path: Path) -> None:
    folder = write(tmp_path / "ours" / "all.jsonl", [contract(1)])
    with pytest.raises(UsageError, match="--as"):
        evaluate([folder])
    assert labelled.set_of(folder, "cuad") == "cuad"
    with pytest.raises(UsageError, match="none of the sets"):
        labelled.set_of(folder, "squad")


def test_a_missing_or_empty_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such folder"):
        evaluate([tmp_path / "cuad"])
    (tmp_path / "cuad").mkdir()
    with pytest.raises(UsageError, match=r"no \*\.jsonl"):
        evaluate([tmp_path / "cuad"])


def _broken(change: object) -> dict[str, object]:
    return contract(3) | change  # type: ignore[operator]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"text": "x", "spans": []}, "'title' is missing"),
        (_broken({"text": 5}), "'text' is no text"),
        (_broken({"text": "  "}), "'text' is empty"),
        (_broken({"spans": None}), "'spans' is missing"),
        (_broken({"spans": ["x"]}), "spans\\[0\\]"),
        (_broken({"spans": [{"category": "Weather", "start": 0, "end": 1}]}), "unknown category 'Weather'"),
        (_broken({"spans": [{"category": "Insurance", "start": 0, "end": 10**6}]}), "0 <= start <= end"),
        (_broken({"spans": [{"category": "Insurance", "start": "0", "end": 1}]}), "0 <= start <= end"),
        (_broken({"answers": []}), "'answers' is no object"),
    ],
)
def test_a_wrong_field_is_told_with_file_line_and_field(row: dict[str, object], message: str, tmp_path: Path) -> None:
    folder = write(tmp_path / "cuad" / "test.jsonl", [contract(1), row])
    with pytest.raises(ConfigError, match=f"test.jsonl, line 2.*{message}"):
        labelled.contracts(folder / "test.jsonl")


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (nda(1) | {"annotations": {"nda-99": {"choice": "Entailment"}}}, "unknown hypothesis"),
        (nda(1) | {"annotations": {"nda-1": {"choice": "Perhaps"}}}, "Entailment, Contradiction or NotMentioned"),
        (nda(1) | {"annotations": None}, "'annotations' is missing"),
    ],
)
def test_a_wrong_nda_is_told(row: dict[str, object], message: str, tmp_path: Path) -> None:
    folder = write(tmp_path / "contract_nli" / "dev.jsonl", [row])
    with pytest.raises(ConfigError, match=message):
        labelled.ndas(folder / "dev.jsonl")


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (sentence("One", 0) | {"labels": ["Rudeness"]}, "none of"),
        (sentence("One", 0) | {"levels": {"Unilateral termination": 7}}, "2, 3 or null"),
        (sentence("One", 0) | {"doc": None}, "'doc' is missing"),
    ],
)
def test_wrong_terms_are_told(row: dict[str, object], message: str, tmp_path: Path) -> None:
    folder = write(tmp_path / "unfair_tos" / "test.jsonl", [row])
    with pytest.raises(ConfigError, match=message):
        labelled.terms(folder / "test.jsonl")


@pytest.mark.parametrize("content", [b"{\n", b"[1]\n", b"\xff\xfe\n", b'{"a": 1}\n{"b"\n'])
def test_a_file_that_is_no_json_lines_is_told(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "test.jsonl"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=r"test\.jsonl"):
        labelled.contracts(path)
    packed = tmp_path / "test.jsonl.gz"
    packed.write_bytes(b"no gzip")
    with pytest.raises(ConfigError, match=r"test\.jsonl\.gz"):
        labelled.contracts(packed)


def test_two_contracts_of_one_title_are_refused_with_their_line(tmp_path: Path) -> None:
    row = json.dumps({"title": "One", "text": "This Agreement is made between two parties.", "spans": []})
    path = tmp_path / "test.jsonl"
    path.write_text(f"{row}\n{row}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="title") as error:
        labelled.contracts(path)
    assert error.value.line == 2

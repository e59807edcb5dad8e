"""Training from end to end on a few contracts written here, from a tiny encoder of random weights; and what a recipe and data may be."""

from __future__ import annotations

import gzip
import hashlib
import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from dsapp.core.bundle import Bundle
from dsapp.core.errors import ConfigError, MissingExtraError, UsageError
from dsapp.finance.categories import CONTRACT_TYPES, CUAD, POSITIONS, UNFAIR
from dsapp.finance.model import ContractModel
from dsapp.finance.train import data, train
from dsapp.finance.train import vocabulary as vocabularies
from dsapp.finance.train.recipe import load
from dsapp.finance.train.train import DONE, STAGES, TRAINING_FOLDS

CLAUSES = {
    "Governing Law": "This Agreement is governed by the laws of the State of {place}.",
    "Anti-Assignment": "Neither party may assign this Agreement without the written consent of the other party.",
    "Cap On Liability": "The liability of each party is limited to the fees paid in the {number} months before the claim.",
    "Insurance": "The Supplier maintains insurance of at least {number} million dollars.",
}
FILLER = (
    "The Supplier delivers the goods to the site in {place}.",
    "The Customer pays each invoice within {number} days.",
    "Notices are sent by post to the address in {place}.",
    "Headings are for convenience only.",
)
HELD_OUT_MARK = "Quxbarrow"
POSITION_WORDS = {
    "nda-5": "The Recipient may disclose the information to its employees.",
    "nda-11": "The Recipient shall not reverse engineer any sample.",
    "nda-16": "The Recipient shall return or destroy the information.",
}
UNFAIR_WORDS = {
    "Unilateral change": "we may change these terms at any time without notice.",
    "Arbitration": "any dispute is settled by arbitration in {place}.",
}
RECIPE = """
name = "tiny"
version = "0.1"
[base]
folder = "base"
name = "random-tiny"
[encoder]
min_count = 1
max_tokens = 64
[clauses]
keep = 200
[unfair]
keep = 200
[kind]
keep = 200
[network]
steps = 3
windows = 2
window = 8
nda_share = 0.5
warmup = 1
"""


def names_in_folds(prefix: str, each: int) -> list[str]:
    """Names of which every fold, the held-out one too, gets ``each``."""
    found: dict[int, list[str]] = {fold: [] for fold in range(data.NUM_FOLDS)}
    number = 0
    while any(len(names) < each for names in found.values()):
        name = f"{prefix}{number}"
        number += 1
        fold = data.fold_of(name)
        if len(found[fold]) < each:
            found[fold].append(name)
    return [name for names in found.values() for name in names]


def filled(words: str, draw: random.Random) -> str:
    return words.format(place=draw.choice(["Oregon", "Utah", "Ohio"]), number=draw.choice(["six", "twelve", "thirty"]))


def contract(name: str, draw: random.Random) -> dict[str, Any]:
    clauses = [(category, filled(words, draw)) for category, words in CLAUSES.items() if draw.random() < 0.7]
    plain = [("", filled(words, draw)) for words in FILLER for _ in range(2)]
    pieces = [*clauses, *plain]
    draw.shuffle(pieces)
    kind, title = draw.choice([("Supply", "SUPPLY AGREEMENT"), ("Service", "SERVICES AGREEMENT")])
    if data.fold_of(name) == data.HELD_OUT_FOLD:
        title = f"{HELD_OUT_MARK} {title}"
    text, spans = title, []
    for category, words in pieces:
        start = len(text) + 2
        text += f"\n\n{words}"
        if category:
            spans.append({"category": category, "start": start, "end": len(text)})
    return {"title": name, "text": text, "spans": spans, "contract_type": kind}


def nda(name: str, draw: random.Random) -> dict[str, Any]:
    said = [key for key in POSITION_WORDS if draw.random() < 0.6]
    pieces = [POSITION_WORDS[key] for key in said] + [filled(words, draw) for words in FILLER]
    draw.shuffle(pieces)
    annotations = {
        key: {
            "choice": "Entailment" if key in said else "NotMentioned",
            "evidence": [POSITION_WORDS[key]] if key in said else [],
        }
        for key in POSITION_WORDS
    }
    return {
        "id": name.removeprefix("nda-"),
        "text": "NON-DISCLOSURE AGREEMENT\n\n" + "\n\n".join(pieces),
        "annotations": annotations,
    }


def sentences(document: str, draw: random.Random) -> list[dict[str, Any]]:
    lines = [(label, filled(words, draw)) for label, words in UNFAIR_WORDS.items()]
    lines += [("", filled(words, draw).lower()) for words in FILLER]
    return [
        {
            "doc": document,
            "i": number,
            "text": words,
            "labels": [label] if label else [],
            "levels": {label: draw.choice([2, 3])} if label else {},
        }
        for number, (label, words) in enumerate(lines)
    ]


def write_rows(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(path, "wt", encoding="utf-8") as lines:
        lines.writelines(json.dumps(row) + "\n" for row in rows)
    return path


def write_data(folder: Path) -> list[dict[str, Any]]:
    draw = random.Random(7)
    contracts = [contract(f"{name}_2020_EX-10", draw) for name in names_in_folds("company", 4)]
    write_rows(folder / "cuad/train.jsonl.gz", contracts)
    ndas = [nda(name, draw) for name in names_in_folds("nda-", 3)]
    write_rows(folder / "contract_nli/train.jsonl.gz", ndas[::2])
    write_rows(folder / "contract_nli/dev.jsonl.gz", ndas[1::2])
    terms = [row for name in names_in_folds("Service", 2) for row in sentences(name, draw)]
    write_rows(folder / "unfair_tos/train.jsonl.gz", terms)
    write_rows(folder / "unfair_tos/validation.jsonl.gz", [])
    return contracts


def write_base(folder: Path) -> None:
    """An encoder of random weights in transformers' layout, with a word-piece vocabulary of letters and some words."""
    import torch
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import BertConfig, BertModel

    letters = [chr(code) for code in range(33, 127) if not chr(code).isupper()]
    words = sorted({word.strip(".,{}").lower() for words in (*CLAUSES.values(), *FILLER) for word in words.split()})
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *(f"##{x}" for x in letters)]
    pieces += [word for word in words if word not in pieces]
    tokenizer = Tokenizer(models.WordPiece({piece: n for n, piece in enumerate(pieces)}, unk_token="[UNK]"))
    tokenizer.add_special_tokens(pieces[:5])
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(pieces),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=128,
    )
    BertModel(config).save_pretrained(folder)
    tokenizer.save(str(folder / "tokenizer.json"))


def train_quietly(recipe: Path, folder: Path, out: Path, **options: Any) -> list[str]:
    lines: list[str] = []
    train(recipe, data_folder=folder, out=out, progress=lines.append, **options)
    return lines


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with data, base, recipe.toml, the bundle trained from them, and ``log``."""
    home = tmp_path_factory.mktemp("training")
    write_data(home / "data")
    write_base(home / "base")
    (home / "recipe.toml").write_text(RECIPE, encoding="utf-8")
    lines = train_quietly(home / "recipe.toml", home / "data", home / "bundle")
    (home / "log").write_text("\n".join(lines), encoding="utf-8")
    return home


@pytest.mark.slow
def test_all_stages_give_a_bundle_that_opens_and_scores(trained):
    model = ContractModel.open(trained / "bundle", "torch-fp32")
    text = "SUPPLY AGREEMENT\n\nThis Agreement is governed by the laws of the State of Utah.\n\nHeadings are for convenience only."
    scores = model.score(text)
    assert scores.probabilities.shape == (3, len(CUAD)) and np.isfinite(scores.probabilities).all()
    law = [category.key for category in CUAD].index("governing_law")
    assert int(scores.probabilities_linear[:, law].argmax()) == 1, "four words are learned from a dozen contracts"
    assert len(model.positions(scores)) == len(POSITIONS)
    assert model.unfair(["we may change these terms at any time without notice."])[0].shape == (1, len(UNFAIR))
    assert model.kind_scores(text).shape == (len(CONTRACT_TYPES),)
    assert {"recall", "prevalence", "positions", "unfair", "kind", "ensemble", "linear"} <= model.config.keys()
    share, low, high, count = model.config["recall"]["governing_law"]
    assert 0 <= low <= share <= high <= 1 and count > 0


@pytest.mark.slow
def test_the_card_says_what_it_was_made_from_and_the_held_out_fold_left_no_trace(trained):
    card = Bundle.open(trained / "bundle").card
    assert card["base"] == {
        "name": "random-tiny",
        "from": "a folder that the recipe names",
        "licence": "not stated",
    }
    assert card["recipe"]["network"]["steps"] == 3
    assert str(trained) not in json.dumps(card), "a card tells nothing of the machine it was made on"
    seen = set(card["trained_on"]["cuad"])
    for row in data.rows_of(trained / "data/cuad/train.jsonl.gz"):
        digest = hashlib.sha256(row["text"].encode()).hexdigest()
        assert (digest in seen) == (data.fold_of(row["title"]) != data.HELD_OUT_FOLD)
    for path in (trained / "bundle").rglob("*.json"):
        assert HELD_OUT_MARK.lower() not in path.read_text(encoding="utf-8").lower(), path
    assert all(path.stat().st_mode & 0o044 == 0o044 for path in (trained / "bundle").rglob("*") if path.is_file())


@pytest.mark.slow
def test_the_same_command_again_keeps_every_stage_and_gives_the_same_bundle(trained):
    before = Bundle.open(trained / "bundle").hash
    lines = train_quietly(trained / "recipe.toml", trained / "data", trained / "bundle")
    assert sum("done before, kept" in line for line in lines) == 2 + 2 * (len(TRAINING_FOLDS) + 1)
    assert Bundle.open(trained / "bundle").hash == before


@pytest.mark.slow
def test_only_the_stage_that_is_missing_is_done(trained):
    (trained / "bundle.work/linear-without-2" / DONE).unlink()
    lines = train_quietly(trained / "recipe.toml", trained / "data", trained / "bundle", stages=["linear", "combine"])
    assert [line for line in lines if line.endswith(": done")] == ["linear without-2: done"]


@pytest.mark.slow
def test_stages_of_another_recipe_are_not_taken_for_its_own(trained, tmp_path):
    changed = trained / "changed.toml"
    changed.write_text(RECIPE.replace("steps = 3", "steps = 4"), encoding="utf-8")
    with pytest.raises(UsageError, match=r"network.*--no-resume"):
        train_quietly(changed, trained / "data", trained / "bundle")
    renamed = trained / "renamed.toml"
    renamed.write_text(RECIPE.replace('"0.1"', '"0.2"'), encoding="utf-8")
    work = trained / "bundle.work"
    train_quietly(renamed, trained / "data", tmp_path / "renamed", work=work)
    assert Bundle.open(tmp_path / "renamed").version == "0.2"


@pytest.mark.slow
def test_a_training_can_be_begun_anew(trained, tmp_path):
    stages, runs = ["vocabulary", "linear"], ["without-1"]
    options: dict[str, Any] = {"work": tmp_path / "work", "stages": stages, "runs": runs}
    train_quietly(trained / "recipe.toml", trained / "data", tmp_path / "out", **options)
    lines = train_quietly(trained / "recipe.toml", trained / "data", tmp_path / "out", resume=False, **options)
    assert lines[-1] == "linear without-1: done" and not any("kept" in line for line in lines)


# What is refused, and how it is said


@pytest.fixture
def small(tmp_path: Path) -> Path:
    write_data(tmp_path / "data")
    (tmp_path / "recipe.toml").write_text(RECIPE, encoding="utf-8")
    return tmp_path


def test_an_output_folder_that_holds_something_else_is_not_replaced(small, tmp_path):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis/chapter.md").write_text("mine")
    for out, told in ((tmp_path / "thesis", "holds no bundle"), (tmp_path / "thesis/chapter.md", "is a file")):
        with pytest.raises(UsageError, match=told):
            train(small / "recipe.toml", data_folder=small / "data", out=out)
    assert (tmp_path / "thesis/chapter.md").read_text() == "mine"
    assert not (tmp_path / "thesis.work").exists()


def test_unknown_stages_and_runs(small):
    for options, known in (({"stages": ["vocabulary", "polish"]}, STAGES[-1]), ({"runs": ["without-0"]}, "without-1")):
        with pytest.raises(UsageError, match=known):
            train_quietly(small / "recipe.toml", small / "data", small / "out", **options)
    assert not (small / "out.work").exists()


@pytest.mark.parametrize(
    "line, told",
    [
        ("colour = 1", "colour"),
        ("[network]\nstepps = 1", "network.stepps"),
        ("[network]\nsteps = 0", "network.steps"),
        ("[network]\nsteps = 'many'", "network.steps"),
        ("[base]\nname = 'x'", "folder"),
        ("[encoder]\nmax_tokens = 4096", "encoder.max_tokens"),
        ("= 3", "not TOML"),
    ],
)
def test_a_wrong_recipe_is_refused_with_the_key(tmp_path, line, told):
    path = tmp_path / "wrong.toml"
    path.write_text(f'name = "x"\nversion = "1"\n{line}\n', encoding="utf-8")
    with pytest.raises(ConfigError, match=told) as caught:
        load(path)
    assert caught.value.path == path


def test_a_recipe_without_a_name_and_one_that_does_not_exist(tmp_path):
    (tmp_path / "bare.toml").write_text("", encoding="utf-8")
    with pytest.raises(ConfigError, match="name"):
        load(tmp_path / "bare.toml")
    with pytest.raises(ConfigError, match="contracts"):
        load("no-such-recipe")
    assert load("contracts").name == "contracts"


def test_the_base_is_looked_for_beside_the_recipe(small, monkeypatch):
    assert load(small / "recipe.toml").base.folder == str(small / "base")
    with pytest.raises(ConfigError, match=r"tokenizer\.json"):
        train_quietly(small / "recipe.toml", small / "data", small / "out", stages=["vocabulary"])
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match="train"):
        vocabularies.base_folder()


def test_missing_and_malformed_data_is_told_with_its_line(small):
    path = small / "data/cuad/train.jsonl.gz"
    good = next(data.rows_of(path))
    for row, told in (
        ({**good, "spans": [{"category": "Colour", "start": 0, "end": 4}]}, "colour"),
        ({name: value for name, value in good.items() if name != "text"}, "text"),
        ({**good, "spans": 7}, "form"),
    ):
        write_rows(path, [good, row])
        with pytest.raises(ConfigError, match=told) as caught:
            data.cuad(path)
        assert caught.value.line == 2
    path.write_bytes(b"no gzip")
    with pytest.raises(ConfigError, match="JSON lines"):
        data.cuad(path)
    path.unlink()
    with pytest.raises(ConfigError, match="no such data file"):
        train_quietly(small / "recipe.toml", small / "data", small / "out", stages=["vocabulary"])


def test_the_command_says_what_is_wrong_without_a_traceback(small):
    from dsapp.pipelines.cli import app

    ended = CliRunner().invoke(app, ["finance", "train", "no-such", "--data", str(small)])
    assert isinstance(ended.exception, ConfigError)


# Folds


def test_filings_of_one_company_fall_into_one_fold():
    filings = ["AcmeCorp_19990101_10-K", "ACMECORP_20200202_8-K_EX-10.1", "acmecorp"]
    assert len({data.fold_of(name) for name in filings}) == 1


def test_folds_are_filled_about_evenly():
    counts = np.bincount([data.fold_of(f"Company{number}") for number in range(2000)], minlength=data.NUM_FOLDS)
    assert counts.min() > 300


def test_evidence_is_found_whatever_its_white_space(tmp_path):
    row = {
        "id": "7",
        "text": "NDA\n\nThe Recipient shall\nnot copy  anything.\n\nThe end.",
        "annotations": {"nda-11": {"choice": "Contradiction", "evidence": ["The Recipient shall not copy anything."]}},
    }
    (example,) = data.contract_nli(write_rows(tmp_path / "rows.jsonl.gz", [row, {"id": "8", "text": " "}]))
    (truth,) = example.truths
    assert example.text[truth.start : truth.end].split() == ["The", "Recipient", "shall", "not", "copy", "anything."]
    assert data.CHOICES[example.choices[truth.column]] == "contradiction"
    assert sum(choice != 2 for choice in example.choices) == 1


@pytest.mark.parametrize(
    "start, end, holds",
    [(10, 20, True), (0, 100, True), (16, 30, False), (18, 40, False), (20, 30, False), (12, 14, True)],
)
def test_a_passage_holds_what_it_shares_half_of(start, end, holds):
    assert data.covered(data.Passage(10, 20), start, end) is holds

"""Making and opening bundles; what strangers may put into one is in tests/attacks/test_bundle_attacks.py."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from dsapp.core.bundle import Bundle, Part, check_bundles, find_bundles, write_card
from dsapp.core.errors import BundleFormatError, BundleIntegrityError, UsageError
from dsapp.core.golden import read_golden, write_golden

Make = Callable[..., Bundle]


def test_an_opened_bundle_says_what_it_is(toy_bundle: Make) -> None:
    bundle = toy_bundle(thresholds={"cap": 0.4})
    assert (bundle.name, bundle.version) == ("toy", "1.0")
    assert bundle.config["thresholds"] == {"cap": 0.4}
    assert bundle.card["purpose"] == "a test"
    part = bundle.parts["tagger"]
    assert part.backend == "torch" and part.network == "test_toy"
    assert part.folder == bundle.path / "tagger"
    assert part.golden == bundle.path / "golden" / "tagger.safetensors"


def test_the_hash_changes_with_any_file(toy_bundle: Make) -> None:
    bundle = toy_bundle()
    assert write_card(bundle.path, {"purpose": "a test"}) == bundle.hash == Bundle.open(bundle.path).hash
    (bundle.path / "README.md").write_text("one more file", encoding="utf-8")
    changed = write_card(bundle.path, {"purpose": "a test"})
    assert changed == Bundle.open(bundle.path).hash != bundle.hash


def test_the_card_lists_every_other_file_with_size_and_hash(toy_bundle: Make) -> None:
    bundle = toy_bundle()
    on_disk = {path.relative_to(bundle.path).as_posix() for path in bundle.path.rglob("*") if path.is_file()}
    assert set(bundle.card["files"]) == on_disk - {"card.json"}
    weights = bundle.card["files"]["tagger/model.safetensors"]
    assert weights["bytes"] == (bundle.path / "tagger/model.safetensors").stat().st_size
    assert len(weights["sha256"]) == 64


def test_a_card_needs_a_bundle(tmp_path: Path) -> None:
    with pytest.raises(BundleIntegrityError, match=r"bundle\.json"):
        write_card(tmp_path, {})


def test_bundles_below_a_folder_are_found_and_checked(toy_bundle: Make, tmp_path: Path) -> None:
    good, broken = toy_bundle("good"), toy_bundle("broken")
    (broken.path / "tagger" / "model.safetensors").write_bytes(b"")
    root = tmp_path / "bundles"
    assert find_bundles(root) == [root / "broken", root / "good"]
    first, second = check_bundles(root)
    assert first.bundle is None and "model.safetensors" in first.problem
    assert second.bundle == good and not second.problem
    assert find_bundles(tmp_path / "nowhere") == []


def test_golden_outputs_are_what_the_network_answers(toy_bundle: Make) -> None:
    golden = read_golden(toy_bundle().parts["tagger"])
    assert [len(item["ids"]) for item in golden.inputs] == [3, 5, 9, 17, 30]
    assert [output["each"].shape for output in golden.outputs] == [(3, 4), (5, 4), (9, 4), (17, 4), (30, 4)]


def test_golden_outputs_need_a_few_items(toy_bundle: Make, tmp_path: Path) -> None:
    part = toy_bundle().parts["tagger"]
    with pytest.raises(UsageError, match="at least 3"):
        write_golden(Part(part.name, part.backend, part.network, part.folder), [{"ids": [1]}], tmp_path)


def test_a_bundle_of_another_format_says_which_version_reads_what(toy_bundle: Make) -> None:
    bundle = toy_bundle()
    (bundle.path / "bundle.json").write_text(json.dumps({**bundle.config, "format": 2}), encoding="utf-8")
    write_card(bundle.path, {})
    with pytest.raises(BundleFormatError, match=r"bundle format '2'.*reads format 1"):
        Bundle.open(bundle.path)

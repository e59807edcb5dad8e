"""Builds: made once, made again when damaged or stale, never trusted when they do not fit, and no cache is no obstacle."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dsapp.core import build as builds
from dsapp.core.backends import registry
from dsapp.core.backends.onnx_runtime import OnnxRuntime
from dsapp.core.bundle import Bundle
from dsapp.core.errors import BundleFormatError
from dsapp.core.runtime import Runtime

Make = Callable[..., Bundle]
Items = Callable[..., list[dict[str, np.ndarray]]]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A backend that compiles in no time by keeping what the eager network is; the list gains a word a build."""
    made: list[str] = []

    class Quick(registry.Backend):
        name, precisions, compiles = "quick", ("fp32", "int8"), True

        def versions(self) -> dict[str, str]:
            return {"quick": "1"}

        def build(self, part: Any, precision: str, into: Path) -> None:
            made.append(precision)
            (into / "graph").write_text(precision, encoding="utf-8")

        def open(self, part: Any, build_folder: Path, precision: str, threads: int) -> Any:
            if (build_folder / "graph").read_text(encoding="utf-8") != precision:
                raise ValueError("not the graph")
            return registry.get("torch").open(part, part.folder, "fp32", threads)

    monkeypatch.setattr(registry, "_BACKENDS", {**registry.known(), "quick": Quick()})
    return made


def the_build(cache: Path) -> Path:
    (found,) = [path for path in (cache / "builds").iterdir() if not path.name.startswith(".")]
    return found


def test_a_build_is_made_once_and_told_once(quick: list[str], toy_bundle: Make) -> None:
    bundle, told = toy_bundle(), []
    for _ in range(3):
        with Runtime.open(bundle, "quick-int8", progress=told.append) as runtime:
            assert runtime.variant == "quick-int8"
            assert runtime.builds["tagger"].deviations["whole"] < 1e-5
    assert quick == ["int8"]
    assert len(told) == 2 and "building toy/tagger for quick int8" in told[0] and "built" in told[1]


@pytest.mark.parametrize("damage", ["changed", "missing", "extra", "record", "empty record", "other key"])
def test_a_damaged_or_stale_build_is_made_again(
    damage: str, quick: list[str], toy_bundle: Make, own_cache: Path
) -> None:
    bundle = toy_bundle()
    Runtime.open(bundle, "quick-int8").close()
    folder = the_build(own_cache)
    record = folder / "build.json"
    if damage == "changed":
        (folder / "graph").write_text("ihnt", encoding="utf-8")
    elif damage == "missing":
        (folder / "graph").unlink()
    elif damage == "extra":
        (folder / "more").write_text("x", encoding="utf-8")
    elif damage == "record":
        record.write_text('{"key": 1', encoding="utf-8")
    elif damage == "empty record":
        record.write_text("[]", encoding="utf-8")
    else:
        content = json.loads(record.read_text(encoding="utf-8"))
        content["key"]["versions"]["quick"] = "0"
        record.write_text(json.dumps(content), encoding="utf-8")
    with Runtime.open(bundle, "quick-int8") as runtime:
        assert runtime.variant == "quick-int8"
    assert quick == ["int8", "int8"]
    Runtime.open(bundle, "quick-int8").close()
    assert len(quick) == 2


def test_another_bundle_precision_or_library_is_another_build(
    quick: list[str], toy_bundle: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = toy_bundle()
    Runtime.open(bundle, "quick-int8").close()
    Runtime.open(bundle, "quick-fp32").close()
    Runtime.open(toy_bundle("other", seed=1), "quick-int8").close()
    monkeypatch.setattr(type(registry.get("quick")), "versions", lambda self: {"quick": "2"})
    Runtime.open(bundle, "quick-int8").close()
    assert quick == ["int8", "fp32", "int8", "int8"]


def test_a_build_that_answers_otherwise_is_not_used(
    toy_bundle: Make, toy_items: Items, monkeypatch: pytest.MonkeyPatch
) -> None:
    import onnx

    def sabotage(self: OnnxRuntime, part: Any, precision: str, into: Path) -> None:
        honest(self, part, precision, into)
        model = onnx.load(into / "model.onnx")
        for tensor in model.graph.initializer:
            if list(tensor.dims) == [64]:  # the bias of the wide layer
                tensor.CopyFrom(onnx.numpy_helper.from_array(np.full(64, 3, np.float32), tensor.name))
        onnx.save(model, into / "model.onnx")

    honest = OnnxRuntime.build
    monkeypatch.setattr(OnnxRuntime, "build", sabotage)
    bundle = toy_bundle()
    with Runtime.open(bundle, "onnxruntime-fp32") as runtime, Runtime.open(bundle, "torch-fp32") as reference:
        assert runtime.variant == "torch-fp32"
        assert len(runtime.notes) == 1 and "does not give the golden outputs" in runtime.notes[0]
        items = toy_items(4, 5)
        answers = [list(each.run("tagger", items, cost=lambda item: 5)) for each in (runtime, reference)]
    np.testing.assert_array_equal(answers[0][0]["whole"], answers[1][0]["whole"])


def test_without_golden_outputs_no_build_is_trusted(quick: list[str], toy_bundle: Make) -> None:
    with Runtime.open(toy_bundle(golden=False), "quick-int8") as runtime:
        assert runtime.variant == "torch-fp32"
        assert "no golden outputs" in runtime.notes[0]


def test_a_compiler_that_fails_is_replaced_by_fp32(
    quick: list[str],
    toy_bundle: Make,
    toy_items: Items,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(*_: Any) -> None:
        raise SystemError("no such instruction")

    monkeypatch.setattr(type(registry.get("quick")), "build", fail)
    with Runtime.open(toy_bundle(), "quick-int8") as runtime:
        assert runtime.variant == "torch-fp32"
        assert "SystemError: no such instruction" in runtime.notes[0]
        assert len(list(runtime.run("tagger", toy_items(3), cost=lambda item: 3))) == 1
    assert len([entry for entry in caplog.records if entry.levelname == "WARNING"]) == 1


def test_the_bundle_declares_how_far_a_build_may_deviate(toy_bundle: Make) -> None:
    with Runtime.open(toy_bundle(tolerances={"tagger": {"int8": 1e-6}}), "onnxruntime-int8") as runtime:
        assert runtime.variant == "torch-fp32"
        assert "1e-06 is accepted" in runtime.notes[0]
    for number, wrong in enumerate((0, 2, "a lot", True)):
        bundle = toy_bundle(f"wrong{number}", tolerances={"tagger": {"int8": wrong}})
        with pytest.raises(BundleFormatError, match=r"tolerances\.tagger\.int8"):
            Runtime.open(bundle, "int8")


def cannot_write(code: int) -> Callable[..., None]:
    def fail(*_: Any, **__: Any) -> None:
        raise OSError(code, os.strerror(code))

    return fail


@pytest.mark.parametrize("code", [errno.EROFS, errno.EACCES, errno.ENOSPC])
def test_a_cache_that_cannot_be_written_costs_one_warning(
    code: int, quick: list[str], toy_bundle: Make, own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle, mkdir = toy_bundle(), Path.mkdir

    def refused(path: Path, *given: Any, **named: Any) -> None:
        if own_cache in path.parents:
            cannot_write(code)()
        mkdir(path, *given, **named)

    monkeypatch.setattr(Path, "mkdir", refused)
    runtime = Runtime.open(bundle, "quick-int8")
    assert runtime.variant == "quick-int8"
    assert len(runtime.notes) == 1 and "DSAPP_CACHE" in runtime.notes[0]
    folder = runtime.builds["tagger"].folder
    assert folder.is_dir()
    runtime.close()
    assert not folder.exists()


def test_a_file_in_the_cache_s_place_is_no_obstacle(quick: list[str], toy_bundle: Make, own_cache: Path) -> None:
    bundle = toy_bundle()
    own_cache.write_text("not a folder", encoding="utf-8")
    with Runtime.open(bundle, "quick-int8") as runtime:
        assert runtime.variant == "quick-int8"
    assert own_cache.read_text(encoding="utf-8") == "not a folder"


def test_a_disk_that_fills_while_building_is_no_obstacle(
    quick: list[str], toy_bundle: Make, own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = type(registry.get("quick")).build

    def fills(self: Any, part: Any, precision: str, into: Path) -> None:
        if own_cache in into.parents:
            cannot_write(errno.ENOSPC)()
        real(self, part, precision, into)

    monkeypatch.setattr(type(registry.get("quick")), "build", fills)
    with Runtime.open(toy_bundle(), "quick-int8") as runtime:
        assert runtime.variant == "quick-int8"
    assert [path.name for path in (own_cache / "builds").iterdir() if "lock" not in path.name] == []


BUILDER = """
import sys
from pathlib import Path
sys.path.insert(0, {tests!r})
import conftest
from dsapp.core.bundle import Bundle
from dsapp.core.runtime import Runtime
with Runtime.open(Bundle.open(Path({bundle!r})), "onnxruntime-int8", progress=print) as runtime:
    print("variant", runtime.variant)
"""


def test_two_builders_at_once_make_one_build(toy_bundle: Make, own_cache: Path) -> None:
    code = BUILDER.format(tests=str(Path(__file__).parent), bundle=str(toy_bundle().path))
    started = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) for _ in range(2)]
    printed = [process.communicate(timeout=200)[0] for process in started]
    assert all("variant int8" in text for text in printed)
    assert sum(text.count("building") for text in printed) == 1
    assert the_build(own_cache).is_dir()


def test_a_cached_build_opens_without_torch(toy_bundle: Make) -> None:
    bundle = toy_bundle()
    Runtime.open(bundle, "onnxruntime-int8").close()
    code = f"""
import sys
from pathlib import Path
from dsapp.core.bundle import Bundle
from dsapp.core.runtime import Runtime
import numpy as np
with Runtime.open(Bundle.open(Path({str(bundle.path)!r})), "onnxruntime-int8") as runtime:
    rows = list(runtime.run("tagger", [{{"ids": np.array([9, 9])}}], cost=lambda item: 2))
print(runtime.variant, rows[0]["each"].shape, "torch" in sys.modules, "transformers" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.split() == ["int8", "(2,", "4)", "False", "False"]


def test_what_a_killed_builder_left_is_swept(quick: list[str], toy_bundle: Make, own_cache: Path) -> None:
    old, young = own_cache / "builds" / ".building-old", own_cache / "builds" / ".building-young"
    for folder in (old, young):
        folder.mkdir(parents=True)
    os.utime(old, (1, 1))
    Runtime.open(toy_bundle(), "quick-int8").close()
    assert not old.exists() and young.exists()


def test_where_builds_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DSAPP_CACHE", "/somewhere")
    assert builds.cache_folder() == Path("/somewhere")
    monkeypatch.delenv("DSAPP_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", "/xdg")
    assert builds.cache_folder() == Path("/xdg/dsapp")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert builds.cache_folder().parts[-1] in ("dsapp", "cache")

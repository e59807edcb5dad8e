"""The doctor's verdicts: what it says of a machine, and when it says that something is broken."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from dsapp.core.bundle import BundleCheck
from dsapp.pipelines.cli import doctor, main


@pytest.fixture
def examine(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    def call(*arguments: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["dsapp", "doctor", *arguments])
        with pytest.raises(SystemExit) as left:
            main()
        return int(left.value.code or 0), capsys.readouterr().out

    return call


class Sound:
    """What the doctor reads of an opened bundle."""

    version = "1.2.3"
    hash = "ab" * 32


@pytest.fixture
def bundles(monkeypatch: pytest.MonkeyPatch):
    found: list[BundleCheck] = [BundleCheck(Path("contracts"), Sound())]  # type: ignore[arg-type]
    monkeypatch.setattr("dsapp.core.bundle.check_bundles", lambda root: found)
    return found


def test_a_fit_machine(examine, bundles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DSAPP_CACHE", str(tmp_path / "cache"))
    code, out = examine()
    assert code == 0
    assert out.splitlines()[-1] == "fine"
    assert "bundle finance/contracts: version 1.2.3, hash abababababab" in out
    assert "backend torch: fp32" in out


def test_json(examine, bundles, tmp_path: Path) -> None:
    code, out = examine("--json", "-")
    content = json.loads(out)
    assert content["fine"] is (code == 0)
    assert content["hardware"]["cores"] >= 1
    assert {"name", "state", "detail", "fix"} == set(content["checks"][0])
    examine("--json", str(tmp_path / "doctor.json"))
    assert json.loads((tmp_path / "doctor.json").read_text())["schema"] == "dsapp.doctor/1"


@pytest.mark.parametrize("problem", ["contracts/part.safetensors is not the file that card.json names", None])
def test_a_damaged_or_missing_bundle_is_broken(examine, bundles, problem: str | None) -> None:
    bundles[:] = [BundleCheck(Path("contracts"), None, problem)] if problem else []
    code, out = examine()
    assert code == 1
    assert (problem or "none is installed") in out
    assert "fix: pip install" in out


def test_a_missing_package_is_broken(examine, bundles, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "installed_version", lambda name: "" if name == "lxml" else "1")
    code, out = examine()
    assert code == 1
    assert "not installed: lxml" in out
    assert "fix: pip install lxml" in out


def test_a_missing_backend_is_noted_with_the_command_that_adds_it(
    examine, bundles, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dsapp.core.backends.open_vino.has", lambda name: False)
    monkeypatch.setattr("dsapp.core.backends.registry.has", lambda name: name != "onnxscript")
    checks = {check["name"]: check for check in json.loads(examine("--json", "-")[1])["checks"]}
    expected = {
        "openvino": ("OpenVINO is not installed", "pip install 'dsapp[openvino]'"),
        "onnxruntime": ("onnxscript not installed", "pip install onnxscript"),
    }
    for name, (detail, fix) in expected.items():
        check = checks[f"backend {name}"]
        assert (check["state"], check["detail"], check["fix"]) == ("note", detail, fix)


def test_a_cache_that_cannot_be_written_is_told_and_not_fatal(
    examine, bundles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("DSAPP_CACHE", str(tmp_path / "file" / "cache"))
    code, out = examine()
    assert code == 0
    assert "set DSAPP_CACHE" in out


def test_requirement_names() -> None:
    lines = ["torch>=2.6", "scikit-learn>=1.5", "pypdfium2>=5.0", "foo[bar]>1; python_version < '3'"]
    assert [doctor.requirement_name(line) for line in lines] == ["torch", "scikit-learn", "pypdfium2", "foo"]

"""Names of variants, and which one a machine gets when nobody says."""

from __future__ import annotations

from typing import Any

import pytest

from dsapp.core import hardware
from dsapp.core import variant as variants
from dsapp.core.backends import registry
from dsapp.core.errors import UsageError
from dsapp.core.variant import Variant


def box(*instructions: str) -> hardware.Hardware:
    return hardware.Hardware("p", "x86_64", "Linux", 4, 4, 1 << 34, 1 << 33, instructions)


@pytest.fixture
def only(monkeypatch: pytest.MonkeyPatch):
    """A function: the backends that run here are exactly these."""

    def allow(*names: str, gpu: bool = False) -> None:
        def available(self: Any) -> registry.Obstacle | None:
            return (
                None if self.name in names else registry.Obstacle(f"{self.name} is absent", f"pip install {self.name}")
            )

        for backend in registry.known().values():
            monkeypatch.setattr(type(backend), "available", available)
        monkeypatch.setattr(hardware, "gpu_is_likely", lambda: gpu)

    return allow


@pytest.mark.parametrize(
    ("names", "gpu", "instructions", "wanted"),
    [
        (("torch", "onnxruntime"), False, ("avx512_vnni",), "int8"),
        (("torch", "onnxruntime"), False, ("avx_vnni",), "int8"),
        (("torch", "onnxruntime"), False, ("arm_dotprod",), "int8"),
        (("torch", "onnxruntime"), False, ("avx2",), "fp32"),
        (("torch", "onnxruntime"), False, (), "fp32"),
        (("torch",), False, ("avx512_vnni",), "torch-fp32"),
        (("torch", "onnxruntime", "openvino"), False, ("avx512_vnni", "amx_bf16"), "openvino-bf16"),
        (("torch", "onnxruntime"), False, ("avx512_vnni", "amx_bf16"), "int8"),
        (("torch", "onnxruntime", "cuda"), True, ("avx512_vnni",), "fp16"),
        (("torch", "onnxruntime"), True, ("avx512_vnni",), "int8"),
    ],
)
def test_the_default_follows_the_hardware(only, names, gpu: bool, instructions, wanted: str) -> None:
    only(*names, gpu=gpu)
    assert str(variants.default(box(*instructions))) == wanted


def test_a_precision_means_the_first_backend_that_runs_here(only) -> None:
    only("torch", "onnxruntime", "openvino")
    assert variants.parse("fp32") == Variant("fp32", "onnxruntime")
    assert variants.parse("int8") == Variant("int8", "onnxruntime")
    assert variants.parse("bf16") == Variant("bf16", "openvino")
    only("torch")
    assert variants.parse("bf16") == Variant("bf16", "torch")


def test_a_name_printed_is_a_name_read(only) -> None:
    only(*registry.known(), gpu=True)
    for entry in variants.listed():
        assert variants.parse(str(entry.variant)) == entry.variant


def test_a_variant_that_does_not_run_here_says_what_adds_it(only) -> None:
    only("torch")
    with pytest.raises(UsageError, match="openvino is absent: pip install openvino"):
        variants.parse("openvino-bf16")
    with pytest.raises(UsageError, match=r"unknown variant 'int7'; use auto, .*int8"):
        variants.parse("int7")


def test_an_unknown_backend_names_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"'onnxruntim'.*nearest is 'onnxruntime'"):
        registry.get("onnxruntim")

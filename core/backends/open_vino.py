"""OpenVINO on the CPU: an extra (``dsapp[openvino]``), fp32, bf16 for processors with AMX, int8.

int8 here means weights of 8 bits per output channel and activations quantised while running in groups of 128 channels
of one row: what an item gives does not depend on the batch it runs in, and large channels spoil only their group.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ..bundle import Part
from ..extras import has, installed_version, need
from .onnx_export import MODEL_FILE, compress_weights, export, load_specs
from .registry import Backend, Obstacle, backend, missing_packages

if TYPE_CHECKING:
    import numpy as np

ACTIVATION_GROUP = 128
"""Channels that share one activation scale; 64 measured slower, 192 no faster, and more loses accuracy."""

KEPT_SHAPES = 64
"""Kernels kept for shapes seen before. Batches by length have ever new shapes: with OpenVINO's own 5000, memory grew by 10 MB a contract."""


class OpenVinoProgram:
    """A graph compiled by OpenVINO, with one inference request."""

    raw = False

    def __init__(self, folder: Path, precision: str, threads: int) -> None:
        openvino = need("openvino", "the backend openvino", extra="openvino")
        self.inputs, self.outputs = load_specs(folder)
        settings = {
            "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_NUM_THREADS": threads,
            # left alone it picks bf16 by itself where the processor has it
            "INFERENCE_PRECISION_HINT": "bf16" if precision == "bf16" else "f32",
            "DYNAMIC_QUANTIZATION_GROUP_SIZE": str(ACTIVATION_GROUP if precision == "int8" else 0),
            "CPU_RUNTIME_CACHE_CAPACITY": str(KEPT_SHAPES),
        }
        core = openvino.Core()
        compiled = core.compile_model(core.read_model(folder / MODEL_FILE), "CPU", settings)
        self._taken = {name for port in compiled.inputs for name in port.get_names()}
        self._request = compiled.create_infer_request()

    def __call__(self, batch: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        given = {name: value for name, value in batch.items() if name in self._taken}
        answer = self._request.infer(given, share_inputs=True, share_outputs=True)
        # the request writes its next answer into the same memory
        return {spec.name: answer[spec.name].copy() for spec in self.outputs}


@backend
class OpenVino(Backend):
    """OpenVINO's CPU plugin; ``build`` needs torch and onnx, ``open`` does not."""

    name = "openvino"
    precisions = ("fp32", "bf16", "int8")
    compiles = True

    def available(self) -> Obstacle | None:
        if not has("openvino"):
            return Obstacle("OpenVINO is not installed", "pip install 'dsapp[openvino]'")
        return missing_packages("onnx", "onnxscript")

    def versions(self) -> Mapping[str, str]:
        return {name: installed_version(name) for name in ("openvino", "onnx", "onnxscript", "torch", "transformers")}

    def build(self, part: Part, precision: str, into: Path) -> None:
        export(part, into / MODEL_FILE)
        if precision == "int8":
            compress_weights(into / MODEL_FILE)

    def open(self, part: Part, build_folder: Path, precision: str, threads: int) -> OpenVinoProgram:
        return OpenVinoProgram(build_folder, precision, threads)

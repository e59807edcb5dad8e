"""ONNX Runtime on the CPU: the default of machines without a GPU, at fp32 or dynamic int8."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ..bundle import Part
from ..extras import installed_version
from .onnx_export import MODEL_FILE, export, load_specs, quantise
from .registry import Backend, Obstacle, backend, missing_packages

if TYPE_CHECKING:
    import numpy as np


class OrtProgram:
    """An ONNX graph in a session of its own."""

    raw = False

    def __init__(self, folder: Path, threads: int) -> None:
        import onnxruntime

        self.inputs, self.outputs = load_specs(folder)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # idle threads that spin would take the processor from whoever prepares the next batch
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session = onnxruntime.InferenceSession(folder / MODEL_FILE, options, providers=["CPUExecutionProvider"])
        # an input that the network ignores is not in the graph
        self._taken = {entry.name for entry in self._session.get_inputs()}

    def __call__(self, batch: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        import numpy as np

        names = [spec.name for spec in self.outputs]
        values = self._session.run(names, {name: value for name, value in batch.items() if name in self._taken})
        return {name: np.asarray(value) for name, value in zip(names, values, strict=True)}


@backend
class OnnxRuntime(Backend):
    """ONNX Runtime's CPU provider; ``build`` needs torch, ``open`` does not."""

    name = "onnxruntime"
    precisions = ("fp32", "int8")
    compiles = True

    def available(self) -> Obstacle | None:
        return missing_packages("onnxruntime", "onnx", "onnxscript")

    def versions(self) -> Mapping[str, str]:
        return {
            name: installed_version(name) for name in ("onnxruntime", "onnx", "onnxscript", "torch", "transformers")
        }

    def build(self, part: Part, precision: str, into: Path) -> None:
        if precision == "fp32":
            export(part, into / MODEL_FILE)
            return
        source = into / "fp32.onnx"
        export(part, source)
        quantise(part, source, into / MODEL_FILE)
        source.unlink()

    def open(self, part: Part, build_folder: Path, precision: str, threads: int) -> OrtProgram:
        return OrtProgram(build_folder, threads)

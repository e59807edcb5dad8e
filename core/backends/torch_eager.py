"""Plain PyTorch, nothing compiled: ``torch`` on the CPU (fp32 is the reference of all variants), ``cuda`` on a GPU.

bf16 on the CPU pays only where the processor has AMX; fp16 only on a GPU.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import hardware
from ..bundle import Part
from ..nn.registry import TensorSpec, create, specs_of
from .registry import Backend, Obstacle, backend, missing_packages

if TYPE_CHECKING:
    import numpy as np
    import torch


class EagerProgram:
    """A network on one device at one precision; floats come back as float32."""

    raw = False

    def __init__(self, module: torch.nn.Module, name: str, precision: str, device: str) -> None:
        import torch

        self.inputs, self.outputs = specs_of(module, name)
        self._dtype = {"fp32": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}[precision]
        self._device = device
        self._module = module.to(device=device, dtype=self._dtype)

    def __call__(self, batch: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        import torch

        with torch.inference_mode():
            outputs = self._module(*(self._tensor(batch[spec.name], spec) for spec in self.inputs))
        return {spec.name: _array(value) for spec, value in zip(self.outputs, outputs, strict=True)}

    def _tensor(self, value: Any, spec: TensorSpec) -> torch.Tensor:
        import torch

        tensor = torch.from_numpy(value).to(self._device)
        return tensor.to(self._dtype) if spec.dtype == "float32" else tensor


def _array(value: torch.Tensor) -> np.ndarray:
    return (value.float() if value.is_floating_point() else value).cpu().numpy()


@backend
class Torch(Backend):
    """Eager PyTorch on the CPU."""

    name = "torch"
    precisions = ("fp32", "bf16")

    def available(self) -> Obstacle | None:
        return missing_packages("torch")

    def open(self, part: Part, build_folder: Path, precision: str, threads: int) -> EagerProgram:
        import torch

        torch.set_num_threads(threads)
        return EagerProgram(create(part), part.network, precision, "cpu")


@backend
class Cuda(Backend):
    """Eager PyTorch on the first GPU that computes right."""

    name = "cuda"
    device = "cuda"
    precisions = ("fp16", "bf16", "fp32")

    def available(self) -> Obstacle | None:
        if not hardware.gpu_is_likely():
            return Obstacle("this machine shows no GPU driver")
        gpus, note = hardware.gpus_at_work()
        working = [gpu for gpu in gpus if not gpu.problem]
        return None if working else Obstacle(gpus[0].problem if gpus else note)

    def open(self, part: Part, build_folder: Path, precision: str, threads: int) -> EagerProgram:
        gpus, _ = hardware.gpus_at_work()
        number = next((place for place, gpu in enumerate(gpus) if not gpu.problem), 0)
        return EagerProgram(create(part), part.network, precision, f"cuda:{number}")

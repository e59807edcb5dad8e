"""From a torch network to an ONNX graph, and from there to int8: what the ONNX Runtime and OpenVINO backends build on.

int8 is dynamic: weights per output channel at build time, activations per tensor at run time. A few activation
channels of a transformer are far larger than the rest and cost most of the accuracy; so the graph is first smoothed
(SmoothQuant, Xiao et al. 2023): part of each input channel's range moves into the weights, by ranges seen on the golden
inputs. Last layers before an output stay fp32, they are small and decide.
"""

from __future__ import annotations

import json
import logging
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..batching import Entry, collate
from ..bundle import Part
from ..errors import BuildError
from ..golden import read_golden
from ..nn.registry import TensorSpec, create, specs_of

if TYPE_CHECKING:
    import numpy as np
    import onnx

OPSET = 23
"""The first with a fused Attention operator: ONNX Runtime runs long texts 1.4 times (fp32) and 1.6 times (int8) as fast with it."""
EXAMPLE_ITEMS = 3
"""Items in the batch that is traced: not 1, which an exporter would take for a constant."""

SMOOTHING = 0.7
"""How much of a channel's range moves into the weights: 0 none, 1 all. On MiniLM-L6 0.65 to 0.8 about halve what int8 loses, 0.5 gains nothing."""

SPECS_FILE = "tensors.json"
MODEL_FILE = "model.onnx"


def export(part: Part, path: Path) -> None:
    """Trace the network of ``part`` on golden inputs and write it as one ONNX file, every string axis free; specs beside it.

    Raises:
        BuildError: no golden inputs, or the network cannot be traced.
    """
    import torch

    network = create(part)
    inputs, outputs = specs_of(network, part.network)
    batch = calibration_batch(part, inputs, EXAMPLE_ITEMS)
    example = tuple(torch.from_numpy(batch[spec.name]) for spec in inputs)
    # AUTO lets the tracer decide: an axis that a layer fixes (a width) may carry a name all the same
    free = tuple(
        {axis: torch.export.Dim.AUTO for axis, size in enumerate(spec.shape) if isinstance(size, str)}
        for spec in inputs
    )
    with warnings.catch_warnings(), _quiet("torch.onnx", "onnxscript", "onnx_ir"), torch.no_grad():
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            network,
            example,
            input_names=[spec.name for spec in inputs],
            output_names=[spec.name for spec in outputs],
            dynamo=True,
            dynamic_shapes=free,
            opset_version=OPSET,
            verbose=False,
        )
        if program is None:
            raise BuildError(f"part {part.name!r} cannot be traced")
        program.save(path, external_data=False)
    specs = {"inputs": [spec.as_dict() for spec in inputs], "outputs": [spec.as_dict() for spec in outputs]}
    (path.parent / SPECS_FILE).write_text(json.dumps(specs), encoding="utf-8")


def load_specs(folder: Path) -> tuple[tuple[TensorSpec, ...], tuple[TensorSpec, ...]]:
    """Inputs and outputs as ``export`` wrote them, so that opening a build needs no torch."""
    content = json.loads((folder / SPECS_FILE).read_text(encoding="utf-8"))
    inputs, outputs = ([TensorSpec.from_dict(entry) for entry in content[side]] for side in ("inputs", "outputs"))
    return tuple(inputs), tuple(outputs)


def calibration_batch(
    part: Part, inputs: tuple[TensorSpec, ...], num_items: int | None = None
) -> dict[str, np.ndarray]:
    """The golden inputs of ``part`` (the first ``num_items``), padded into one batch. Raises BuildError if it has none."""
    items = read_golden(part).inputs[:num_items]
    return collate([Entry(number, item, 1) for number, item in enumerate(items)], inputs)[0]


def quantise(part: Part, source: Path, target: Path) -> None:
    """Write the int8 form of the fp32 graph ``source`` to ``target``."""
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    model = onnx.load(source)
    inputs, _ = load_specs(source.parent)
    last = last_layers(model.graph) | stacked_products(model.graph)
    smooth(model, calibration_batch(part, inputs), skip=last)
    with _quiet("root"):
        quantize_dynamic(
            model,
            target,
            per_channel=True,
            weight_type=QuantType.QInt8,
            op_types_to_quantize=["MatMul", "Gemm"],
            nodes_to_exclude=sorted(last),
            extra_options={"MatMulConstBOnly": True},
        )


def compress_weights(path: Path) -> None:
    """Replace each constant matrix of a product in the graph ``path`` by int8 values and a scale per output channel; heads stay."""
    import numpy as np
    import onnx
    from onnx import helper, numpy_helper

    model = onnx.load(path)
    graph = model.graph
    constants = {tensor.name: tensor for tensor in graph.initializer}
    last = last_layers(graph)
    for node in list(graph.node):
        if node.op_type != "MatMul" or node.name in last or node.input[1] not in constants:
            continue
        if len(constants[node.input[1]].dims) != 2:
            continue
        matrix = numpy_helper.to_array(constants[node.input[1]])
        scale = np.maximum(np.abs(matrix).max(axis=0) / 127, 1e-12).astype(np.float32)
        values = np.clip(np.round(matrix / scale), -127, 127).astype(np.int8)
        name = f"{node.name}.weight"
        parts = {"values": values, "scale": scale, "zero": np.zeros(scale.shape, np.int8)}
        graph.initializer.extend(numpy_helper.from_array(value, f"{name}.{key}") for key, value in parts.items())
        restore = helper.make_node("DequantizeLinear", [f"{name}.{key}" for key in parts], [name], axis=1, name=name)
        graph.node.insert(list(graph.node).index(node), restore)
        node.input[1] = name
    _drop_unused(graph)
    onnx.save(model, path)


def _drop_unused(graph: onnx.GraphProto) -> None:
    used = {name for node in graph.node for name in node.input} | {output.name for output in graph.output}
    kept = [tensor for tensor in graph.initializer if tensor.name in used]
    del graph.initializer[:]
    graph.initializer.extend(kept)


def last_layers(graph: onnx.GraphProto) -> set[str]:
    """The names of the matrix products that reach an output of the graph with no other product in between."""
    made_by = {output: node for node in graph.node for output in node.output}
    found: set[str] = set()
    seen: set[str] = set()
    waiting = [output.name for output in graph.output]
    while waiting:
        tensor = waiting.pop()
        node = made_by.get(tensor)
        if node is None or tensor in seen:
            continue
        seen.add(tensor)
        if node.op_type in ("MatMul", "Gemm"):
            found.add(node.name)
        elif node.op_type != "LayerNormalization":
            # beyond a normalisation lies the body of the network, not a head
            waiting += node.input
    return found


def stacked_products(graph: onnx.GraphProto) -> set[str]:
    """The names of products with a constant that is no single matrix (members side by side): ONNX Runtime has no int8 form for them."""
    constants = {tensor.name: len(tensor.dims) for tensor in graph.initializer}
    return {node.name for node in graph.node if node.op_type == "MatMul" and constants.get(node.input[1], 2) != 2}


def smooth(model: onnx.ModelProto, batch: Mapping[str, np.ndarray], *, skip: set[str]) -> None:
    """Move part of the range of each activation channel into the weights that read it, in place; the graph computes the same.

    Works on products of a computed tensor with a constant matrix; ``batch`` shows the ranges; ``skip`` names products to leave.
    """
    import numpy as np
    from onnx import helper, numpy_helper

    graph = model.graph
    constants = {tensor.name: tensor for tensor in graph.initializer}
    readers: dict[str, list[Any]] = {}
    for node in graph.node:
        if node.op_type != "MatMul" or node.name in skip or node.input[1] not in constants:
            continue
        if len(constants[node.input[1]].dims) == 2:
            readers.setdefault(node.input[0], []).append(node)
    ranges = _channel_ranges(model, batch, list(readers))
    for tensor, nodes in readers.items():
        matrices = [numpy_helper.to_array(constants[node.input[1]]) for node in nodes]
        largest = np.maximum(ranges[tensor], 1e-5)
        weight = np.maximum(np.max([np.abs(matrix).max(axis=1) for matrix in matrices], axis=0), 1e-5)
        factor = largest**SMOOTHING / weight ** (1 - SMOOTHING)
        factor = (factor / np.exp(np.log(factor).mean())).astype(np.float32)
        scaled, scale = f"{tensor}.smooth", f"{tensor}.scale"
        graph.initializer.append(numpy_helper.from_array(1 / factor, scale))
        place = min(list(graph.node).index(node) for node in nodes)
        graph.node.insert(place, helper.make_node("Mul", [tensor, scale], [scaled], name=scaled))
        for number, (node, matrix) in enumerate(zip(nodes, matrices, strict=True)):
            name = f"{tensor}.weight{number}"
            graph.initializer.append(numpy_helper.from_array((matrix * factor[:, None]).astype(np.float32), name))
            node.input[0], node.input[1] = scaled, name
    _drop_unused(graph)


def _channel_ranges(
    model: onnx.ModelProto, batch: Mapping[str, np.ndarray], tensors: list[str]
) -> dict[str, np.ndarray]:
    """The largest magnitude of each channel (last axis) of ``tensors`` while the graph runs ``batch``."""
    import numpy as np
    import onnx
    import onnxruntime

    probe = onnx.ModelProto()
    probe.CopyFrom(model)
    probe.graph.output.extend(onnx.helper.make_empty_tensor_value_info(name) for name in tensors)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(probe.SerializeToString(), options, providers=["CPUExecutionProvider"])
    values = [np.asarray(value) for value in session.run(tensors, dict(batch))] if tensors else []
    magnitudes = [np.abs(value).reshape(-1, value.shape[-1]).max(axis=0) for value in values]
    return dict(zip(tensors, magnitudes, strict=True))


@contextmanager
def _quiet(*names: str) -> Iterator[None]:
    """Hold libraries' logs at errors while they work: their notes on passes and missing packages tell a user nothing."""
    loggers = [logging.getLogger(None if name == "root" else name) for name in names]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
